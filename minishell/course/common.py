"""What the course's built-in utilities have in common: options, results, messages."""
from __future__ import annotations

import posix
from errno import EDEADLK, ESRCH, errorcode

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError, UsageError
from minishell.syntax.names import MOST_DESCRIPTOR, decimal, is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

NAMES = {**errorcode, EDEADLK: 'EDEADLK'}       # POSIX's name of two
HEXADECIMAL = frozenset('0123456789abcdefABCDEF')


def options_of(shell: Shell, argv: list[str], flags: str, with_argument: str = '',
               ) -> tuple[dict[str, str], list[str]]:
    """Options and operands, as parse_options gives them, the variable of -v being assignable.
    Raises UsageError, AssignmentError."""
    options, operands = parse_options(argv, flags, with_argument)
    if 'v' in options:
        assignable(shell, options['v'])
    return options, operands


def failed(what: str, error: OSError, noun: str = '') -> BuiltinError:
    """The error of a system call: `17: No such queue (ENOENT)`, status 2."""
    name = NAMES.get(error.errno or 0, str(error.errno))
    if str(error.filename).startswith('/proc/'):        # it tells of what may well be there
        what, noun = str(error.filename), ''
    words = f'No such {noun}' if noun and name == 'ENOENT' else posix.strerror(error.errno or 0)
    return BuiltinError(f'{what}: {words} ({name})' if what else f'{words} ({name})', 2)


def no_process(what: str) -> BuiltinError:
    """The error where /proc has nothing of a process: there is none; or no /proc."""
    try:
        posix.stat('/proc/self')
    except OSError as error:
        return failed('/proc', error)
    return failed(what, ProcessLookupError(ESRCH, ''))


def give(shell: Shell, options: dict[str, str], text: str) -> None:
    """A result: into the variable of -v, or printed as lines."""
    if 'v' in options:
        assign(shell, options['v'], text)
    else:
        shell.out.write(text + '\n')


def assignable(shell: Shell, name: str) -> None:
    """See that an operand names a variable that takes a result: before the call whose result
    it is, for what that takes away (a message, a child's status) would be nobody's.  Raises
    UsageError, AssignmentError."""
    if not is_name(name):
        raise UsageError(f"`{name}': not a valid identifier")
    shell.variables.check_writable(name)


def assign(shell: Shell, name: str, text: str) -> None:
    """Assign to a variable that an operand names.  Raises UsageError, AssignmentError."""
    assignable(shell, name)
    shell.variables.assign(name, text)


def seconds_of(text: str) -> float:
    """A time in seconds, perhaps with a fraction.  Raises UsageError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e9 or not text.isascii() or '_' in text or text != text.strip():
        raise UsageError(f'{text}: invalid number of seconds')
    return seconds


def descriptor(shell: Shell, text: str) -> int:
    """A descriptor's number, not one of the shell's own.  Raises UsageError."""
    fd = decimal(text)
    if fd is None or fd > MOST_DESCRIPTOR or shell.descriptors.is_own(fd):
        raise UsageError(f'{text}: invalid file descriptor')
    return fd


def process_of(shell: Shell, text: str) -> int:
    """A process by its ID, or by its job (the one `$!` would give); this one for no text.
    Raises UsageError, BuiltinError."""
    if not text:
        return posix.getpid()
    if text[:1] == '%':
        from minishell.builtins.jobcontrol import find_job
        return find_job(shell.jobs, text).pids[-1]
    pid = decimal(text)
    if pid is None or not 0 < pid <= MOST_DESCRIPTOR:
        raise UsageError(f'{text}: invalid process ID')
    return pid


def number(text: str, what: str, least: int | None = 0) -> int:
    """A whole number as in C, `0x` and `0` before others than decimal ones.  Raises
    UsageError."""
    digits = text.removeprefix('-')
    base = 16 if digits[:2] in ('0x', '0X') else 8 if digits[:1] == '0' else 10
    digits = digits[2:] if base == 16 else digits
    try:
        value = int(digits, base) if HEXADECIMAL.issuperset(digits) else None
    except ValueError:                  # none, or such as 08
        value = None
    if value is not None and text[:1] == '-':
        value = -value
    if value is None or least is not None and value < least or abs(value) >= 1 << 63:
        raise UsageError(f'{text}: invalid {what}')
    return value
