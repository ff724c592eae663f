"""Built-in utilities about what a process may do: umask, ulimit (XCU 3)."""
from __future__ import annotations

import posix
import sys
from errno import EINVAL

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError, SynopsisError, UsageError
from minishell.syntax.names import decimal, is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

WHO = {'u': 0o700, 'g': 0o070, 'o': 0o007, 'a': 0o777}
PIPE = -1               # no limit of the kernel's: what a pipe takes in one piece
LARGEST = 1 << 64       # below which limits are
BLOCK = 512
PERMISSIONS = {'r': 0o444, 'w': 0o222, 'x': 0o111, 'X': 0, 's': 0, 't': 0}
# letter -> (number of the limit, what it is, its unit in words, in bytes or 1;
# negative: never another one), as listed
RESOURCES = {
    'R': (15, 'real-time non-blocking time', 'microseconds', 1),
    'c': (4, 'core file size', 'blocks', BLOCK),
    'd': (2, 'data seg size', 'kbytes', 1024),
    'e': (13, 'scheduling priority', '', 1),
    'f': (1, 'file size', 'blocks', BLOCK),
    'i': (11, 'pending signals', '', 1),
    'l': (8, 'max locked memory', 'kbytes', 1024),
    'm': (5, 'max memory size', 'kbytes', 1024),
    'n': (7, 'open files', '', 1),
    'p': (PIPE, 'pipe size', '512 bytes', -512),
    'q': (12, 'POSIX message queues', 'bytes', 1),
    'r': (14, 'real-time priority', '', 1),
    's': (3, 'stack size', 'kbytes', 1024),
    't': (0, 'cpu time', 'seconds', 1),
    'u': (6, 'max user processes', '', 1),
    'v': (9, 'virtual memory', 'kbytes', 1024),
    'x': (10, 'file locks', '', 1),
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


def _wrong_symbol(text: str) -> str:
    """What is wrong with a symbolic mode."""
    for clause in text.split(','):
        rest = clause.lstrip(''.join(WHO))
        if rest[:1] not in ('+', '-', '='):
            return f"`{rest[:1]}': invalid symbolic mode operator"
        for c in rest:
            if c not in '+-=ugo' and c not in PERMISSIONS:
                return f"`{c}': invalid symbolic mode character"
    return f"`{text}': invalid symbolic mode"


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
            raise BuiltinError(_wrong_symbol(operand))
        new = ~allowed & 0o777
    posix.umask(new)
    if 'S' in options and shell.as_bash('umask'):
        shell.out.write(symbolic(~new & 0o777) + '\n')
    return 0


def ulimit(shell: Shell, argv: list[str]) -> int:
    """Print or set resource limits (XCU 3, ulimit); both limits unless -H or -S.  As in bash
    each letter may have a limit of its own behind it."""
    options, letters, operands = _parse(argv)
    if len(operands) + any(each for _, each in letters) + ('a' in options) > 1 and operands \
            and not shell.as_bash('ulimit'):
        raise UsageError('too many arguments')
    if 'a' in options:
        for letter in RESOURCES:
            shell.out.write(_line(shell, letter, _which(options)))
        return 0
    for letter, operand in letters or [('f', operands[0] if operands else None)]:
        if operand is not None:
            _limit(shell, letter, operand, options)
        elif len(letters) > 1:
            shell.out.write(_line(shell, letter, _which(options)))
        else:
            shell.out.write(_value(shell, letter, _which(options)) + '\n')
    return 0


def _parse(argv: list[str]) -> tuple[str, list[tuple[str, str | None]], list[str]]:
    """The letters H, S and a that are given; those of limits, each with what stands behind it;
    the operands.  Raises UsageError."""
    options = ''
    letters: list[tuple[str, str | None]] = []
    index = 1
    while index < len(argv) and len(argv[index]) > 1 and argv[index][0] == '-':
        word = argv[index]
        index += 1
        if word == '--':
            break
        for at, letter in enumerate(word[1:], 2):
            if letter in 'HSa':
                options += letter
                continue
            if letter not in RESOURCES:
                raise SynopsisError(f'-{letter}: invalid option')
            operand = word[at:] or None
            if operand is None and index < len(argv) and argv[index][:1] != '-':
                operand = argv[index]
                index += 1
            letters.append((letter, operand))
            break
    if letters and letters[-1][1] is None and index < len(argv):        # `-f -- 42`
        letters[-1] = (letters[-1][0], argv[index])
        index += 1
    return options, letters, argv[index:]


def _limits(letter: str) -> tuple[int, int]:
    if RESOURCES[letter][0] == PIPE:
        return 4096, 4096
    import resource
    soft, hard = resource.getrlimit(RESOURCES[letter][0])       # of 64 bits, as if signed
    return soft % LARGEST if soft != -1 else -1, hard % LARGEST if hard != -1 else -1


def _value(shell: Shell, letter: str, which: int) -> str:
    return _shown(_limits(letter)[which], _unit(shell, RESOURCES[letter][3]))


def _line(shell: Shell, letter: str, which: int) -> str:
    """A line of `ulimit -a`."""
    _, what, unit, _ = RESOURCES[letter]
    about = f'({unit}, -{letter})' if unit else f'(-{letter})'
    return f'{what:<20} {about:>19} {_value(shell, letter, which)}\n'


def _limit(shell: Shell, letter: str, operand: str, options: str) -> None:
    """Set a limit.  Raises BuiltinError."""
    import resource
    number, what, _, unit = RESOURCES[letter]
    soft, hard = _limits(letter)
    value = _wanted(operand, _unit(shell, unit), soft, hard)
    if letter == 'n':
        shell.load_all()                # later there may be no descriptor to read code with
    elif letter == 'f':                 # Python would keep the half of a module's code
        sys.dont_write_bytecode = True
    both = ('H' in options) == ('S' in options)
    try:
        if number == PIPE:
            raise OSError(EINVAL, posix.strerror(EINVAL))
        resource.setrlimit(number, (
            _signed(value if both or 'S' in options else soft),
            _signed(value if both or 'H' in options else hard)))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else \
            'Operation not permitted'           # Python words it otherwise
        raise BuiltinError(f'{what}: cannot modify limit: {reason}') from None


def _signed(value: int) -> int:
    """A limit as Python takes it."""
    return value if value < LARGEST >> 1 else value - LARGEST


def _unit(shell: Shell, unit: int) -> int:
    """The blocks of XCU 3, ulimit; bash counts kilobytes, but for what a pipe takes."""
    return 1024 if unit == BLOCK and shell.as_bash('ulimit') else abs(unit)


def _which(options: str) -> int:
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
    if number * unit >= LARGEST - 1:
        raise BuiltinError(f'{text}: limit out of range')
    return number * unit
