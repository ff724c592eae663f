"""Built-in utilities about what a process may do: umask, ulimit (XCU 3)."""
from __future__ import annotations

import posix

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError, UsageError
from minishell.syntax.names import decimal, is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

WHO = {'u': 0o700, 'g': 0o070, 'o': 0o007, 'a': 0o777}
PERMISSIONS = {'r': 0o444, 'w': 0o222, 'x': 0o111, 'X': 0, 's': 0, 't': 0}
RESOURCES = {       # letter -> (name of the limit, what it is, its unit in bytes or 1)
    'c': ('CORE', 'core file size (blocks)', 512),
    'd': ('DATA', 'data seg size (kbytes)', 1024),
    'e': ('NICE', 'scheduling priority', 1),
    'f': ('FSIZE', 'file size (blocks)', 512),
    'i': ('SIGPENDING', 'pending signals', 1),
    'l': ('MEMLOCK', 'max locked memory (kbytes)', 1024),
    'm': ('RSS', 'max memory size (kbytes)', 1024),
    'n': ('NOFILE', 'open files', 1),
    'q': ('MSGQUEUE', 'POSIX message queues (bytes)', 1),
    'r': ('RTPRIO', 'real-time priority', 1),
    's': ('STACK', 'stack size (kbytes)', 1024),
    't': ('CPU', 'cpu time (seconds)', 1),
    'u': ('NPROC', 'max user processes', 1),
    'v': ('AS', 'virtual memory (kbytes)', 1024),
}


def parse_mode(text: str, start: int, mask: int = 0) -> int | None:
    """A file mode: octal, or symbolic changes to `start` (XCU 3, chmod); None if wrong.

    Where a clause does not say who, bits of `mask` are not set or cleared.
    """
    if is_decimal(text):
        digits = text.lstrip('0')
        if any(c in '89' for c in digits) or len(digits) > 4:
            return None
        return int(digits or '0', 8)
    mode = start
    for clause in text.split(','):
        who = 0
        index = 0
        while index < len(clause) and clause[index] in WHO:
            who |= WHO[clause[index]]
            index += 1
        named, who = who or 0o777 & ~mask, who or 0o777
        if index == len(clause):
            return None
        while index < len(clause):
            operator = clause[index]
            if operator not in '+-=':
                return None
            index += 1
            bits = 0
            if index < len(clause) and clause[index] in 'ugo':
                part = mode >> {'u': 6, 'g': 3, 'o': 0}[clause[index]] & 7
                bits = part * 0o111
                index += 1
            else:
                while index < len(clause) and clause[index] in PERMISSIONS:
                    bits |= PERMISSIONS[clause[index]]
                    if clause[index] == 'X' and mode & 0o111:
                        bits |= 0o111
                    index += 1
            bits &= named
            mode = {'+': mode | bits, '-': mode & ~bits,
                    '=': mode & ~who | bits}[operator]
    return mode


def symbolic(mode: int) -> str:
    """A mode as u=rwx,g=rx,o=."""
    return ','.join(
        who + '=' + ''.join(letter for letter, bit in (('r', 4), ('w', 2), ('x', 1))
                            if mode >> shift & bit)
        for who, shift in (('u', 6), ('g', 3), ('o', 0)))


def current_umask() -> int:
    """The file mode creation mask."""
    mask = posix.umask(0o777)           # it can only be read by setting it
    posix.umask(mask)
    return mask


def umask(shell: Shell, argv: list[str]) -> int:
    """Print or set the file mode creation mask (XCU 3, umask)."""
    options, operands = parse_options(argv, 'Sp')
    mask = current_umask()
    if not operands:
        text = symbolic(~mask & 0o777) if 'S' in options else f'{mask:04o}'
        prefix = '' if 'p' not in options else 'umask -S ' if 'S' in options else 'umask '
        shell.out.write(prefix + text + '\n')
        return 0
    operand = operands[0]
    if is_decimal(operand[:1]):
        new = parse_mode(operand, 0)
        if new is None:
            raise BuiltinError(f'{operand}: octal number out of range')
        new &= 0o777
    else:
        allowed = parse_mode(operand, ~mask & 0o777)
        if allowed is None:
            raise BuiltinError(f"`{operand}': invalid symbolic mode")
        new = ~allowed & 0o777
    posix.umask(new)
    if 'S' in options and shell.as_bash('umask'):
        shell.out.write(symbolic(~new & 0o777) + '\n')
    return 0


def ulimit(shell: Shell, argv: list[str]) -> int:
    """Print or set resource limits (XCU 3, ulimit); both limits unless -H or -S."""
    import resource
    options, operands = parse_options(argv, 'HSa' + ''.join(RESOURCES))
    letters = [letter for letter in options if letter in RESOURCES]
    if len(operands) > 1 or 'a' in options and operands:
        raise UsageError('too many arguments')
    if 'a' in options:
        for letter, (name, what, unit) in sorted(RESOURCES.items()):
            limits = resource.getrlimit(getattr(resource, 'RLIMIT_' + name))
            shell.out.write(f'{what:<33} (-{letter}) '
                            f'{_shown(limits[_which(options)], _unit(shell, unit))}\n')
        return 0
    for letter in letters or ['f']:
        name, _, unit = RESOURCES[letter]
        unit = _unit(shell, unit)
        number = getattr(resource, 'RLIMIT_' + name)
        soft, hard = resource.getrlimit(number)
        if not operands:
            text = _shown((soft, hard)[_which(options)], unit)
            if len(letters) > 1:
                text = f'{RESOURCES[letter][1]:<33} (-{letter}) {text}'
            shell.out.write(text + '\n')
            continue
        value = _wanted(operands[0], unit, soft, hard)
        if letter == 'n':
            shell.load_all()            # later there may be no descriptor to read code with
        both = ('H' in options) == ('S' in options)
        try:
            resource.setrlimit(number, (
                value if both or 'S' in options else soft,
                value if both or 'H' in options else hard))
        except (OSError, ValueError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else \
                'Numerical result out of range' if isinstance(error, OverflowError) else \
                'Operation not permitted'           # Python words it otherwise
            raise BuiltinError(
                f'{RESOURCES[letter][1]}: cannot modify limit: {reason}') from None
    return 0


def _unit(shell: Shell, unit: int) -> int:
    """The blocks of XCU 3, ulimit; bash counts kilobytes."""
    return 1024 if unit == 512 and shell.as_bash('ulimit') else unit


def _which(options: dict[str, str]) -> int:
    """0 for the soft limit, 1 for the hard one: which is printed."""
    return 1 if 'H' in options and 'S' not in options else 0


def _shown(value: int, unit: int) -> str:
    return 'unlimited' if value < 0 else str(value // unit)


def _wanted(text: str, unit: int, soft: int, hard: int) -> int:
    if text == 'unlimited':
        return -1
    if text in ('hard', 'soft'):
        return hard if text == 'hard' else soft
    number = decimal(text)
    if number is None:
        raise BuiltinError(f'{text}: invalid number')
    return number * unit
