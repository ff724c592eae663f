"""What the course's built-in utilities have in common: options, results, messages."""
from __future__ import annotations

import posix
from errno import EDEADLK, errorcode

from minishell.errors import BuiltinError, UsageError
from minishell.syntax.names import MOST_DESCRIPTOR, decimal, is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

NAMES = {**errorcode, EDEADLK: 'EDEADLK'}       # POSIX's name of two


def failed(what: str, error: OSError, noun: str = '') -> BuiltinError:
    """The error of a system call: `17: No such queue (ENOENT)`, status 2."""
    name = NAMES.get(error.errno or 0, str(error.errno))
    words = f'No such {noun}' if noun and name == 'ENOENT' else posix.strerror(error.errno or 0)
    return BuiltinError(f'{what}: {words} ({name})' if what else f'{words} ({name})', 2)


def give(shell: Shell, options: dict[str, str], text: str) -> None:
    """A result: into the variable of -v, or printed as lines."""
    if 'v' in options:
        assign(shell, options['v'], text)
    else:
        shell.out.write(text + '\n')


def assign(shell: Shell, name: str, text: str) -> None:
    """Assign to a variable that an operand names.  Raises BuiltinError."""
    if not is_name(name):
        raise UsageError(f"`{name}': not a valid identifier")
    shell.variables.assign(name, text)


def seconds_of(text: str) -> float:
    """A time in seconds, perhaps with a fraction.  Raises UsageError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e9 or not text.isascii():
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
    sign, digits = ('-', text[1:]) if text[:1] == '-' else ('', text)
    try:
        value = int(sign + digits, 8 if digits[:1] == '0' and digits.isdigit() else 0)
    except ValueError:
        value = None
    if value is None or not text.isascii() or '_' in text \
            or least is not None and value < least or abs(value) >= 1 << 63:
        raise UsageError(f'{text}: invalid {what}')
    return value
