"""printf (XCU 3)."""
from __future__ import annotations

from minishell.builtins.escapes import HEX_DIGITS, SIMPLE, expand_escapes, scan
from minishell.builtins.formats import (
    DIGITS,
    TOO_LARGE,
    cut,
    format_float,
    format_integer,
    pad,
    parse_format,
    usual,
)
from minishell.builtins.options import parse_options
from minishell.codec import decoded, encoded
from minishell.errors import BuiltinError, SynopsisError, UsageError
from minishell.syntax.names import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.builtins.formats import Conversion, Piece, Usual
    from minishell.state.shell import Shell

BLANKS = ' \t\n\v\f\r'
CACHE_SIZE = 128                                # parsed formats


def printf(shell: Shell, argv: list[str]) -> int:
    """Write formatted output (XCU 3, printf); -v assigns it to a variable instead."""
    options, operands = parse_options(argv, '', 'v')
    variable = options.get('v')
    if variable is not None and not is_name(variable) and (
            variable[-1:] != ']' or variable[-2:] == '[]'
            or not is_name(variable.partition('[')[0])):
        raise UsageError(f"`{variable}': not a valid identifier")
    if not operands:
        raise SynopsisError('')
    known = _formats.get(operands[0])
    if known is None:
        if len(_formats) >= CACHE_SIZE:
            _formats.clear()
        parsed = parse_format(operands[0])
        known = _formats[operands[0]] = parsed, usual(parsed)
    pieces, quick = known
    if quick is not None:
        text = quick.format(operands[1:])
        if text is not None:            # half the time
            if variable is None:
                shell.out.write(text)
            else:
                _assign(shell, variable, text)
            return 0
    formatter = Formatter(shell, argv[0], operands[1:], variable is None)
    if variable is None:
        try:
            formatter.run(pieces)
        finally:
            formatter.write()
    else:
        formatter.run(pieces)
        _assign(shell, variable, ''.join(formatter.out))
    return formatter.status


def _assign(shell: Shell, variable: str, text: str) -> None:
    """Assign up to a NUL; bytes that together are a character become one."""
    value = text.partition('\0')[0] if text.isascii() else \
        decoded(encoded(text).partition(b'\0')[0])
    if variable[-1:] == ']':
        from minishell.state.elements import assign_reference
        assign_reference(shell.variables, variable, value)
    else:
        shell.variables.assign(variable, value)


_formats: dict[str, tuple[list[Piece], Usual | None]] = {}


class Formatter:
    """One run of printf: its arguments, its output, its status."""

    __slots__ = ('shell', 'name', 'words', 'writes', 'base', 'next', 'used', 'out', 'written',
                 'held', 'turn', 'status')

    def __init__(self, shell: Shell, name: str, words: list[str], writes: bool) -> None:
        self.shell = shell
        self.name = name
        self.words = words
        self.writes = writes    # lines before a message are written before it, as in bash
        self.base = 0           # arguments used up by earlier turns
        self.next = 0           # the next argument without a number, from base
        self.used = 0           # how many this turn used, from base
        self.out: list[str] = []
        self.written = 0        # how many of them have been written
        self.held = ''          # but for a part of a line
        self.turn = 0           # where in it this turn's output begins
        self.status = 0

    def write(self, lines: bool = False) -> None:
        """Write what has not been written yet; `lines`: no part of a line."""
        if self.writes:
            text = self.held + ''.join(self.out[self.written:])
            self.written = len(self.out)
            end = text.rfind('\n') + 1 if lines else len(text)
            self.held = text[end:]
            self.shell.out.write(text[:end])

    def run(self, pieces: list[Piece]) -> None:
        """Use the format as often as there are arguments for it."""
        while self._run_once(pieces) and self.used:
            self.base += self.used
            if self.base >= len(self.words):
                break
            self.next = self.used = 0

    def _run_once(self, pieces: list[Piece]) -> bool:
        """Use the format once; false if `\\c` ends all output."""
        self.turn = len(self.out)
        for piece in pieces:
            if isinstance(piece, str):
                self.out.append(piece)
            elif isinstance(piece, tuple):
                self._tell(piece[0])
            elif piece.error:
                raise BuiltinError(piece.error)
            elif not self._convert(piece):
                return False
        return True

    def _take(self, number: int) -> str | None:
        """The argument with a number, the next one for 0; None if there is none."""
        if not number:
            self.next += 1
            number = self.next
        self.used = max(self.used, number)
        index = self.base + number - 1
        return self.words[index] if index < len(self.words) else None

    def _tell(self, message: str) -> None:
        self.write(True)
        if self.writes:
            self.shell.out.flush()
        self.shell.warn(f'{self.name}: {message}')

    def _warn(self, message: str) -> None:
        self._tell(message)
        self.status = 1

    def _convert(self, spec: Conversion) -> bool:
        flags, width, precision = spec.flags, spec.width, spec.precision
        if spec.plain:
            self.out.append(self._take(0) or '')
            return True
        if spec.width_argument is not None:
            width = self._integer(self._take(spec.width_argument) or '', False)
            if width < 0:
                flags, width = flags + '-', -width
        if spec.precision_argument is not None:
            precision = self._integer(self._take(spec.precision_argument) or '', False)
            precision = None if precision < 0 else precision
        word = self._take(spec.number)
        text, going_on = word or '', True
        letter = spec.letter
        if letter == 'n':
            self._store_count(text)
            return True
        if precision is not None and precision >= TOO_LARGE and letter in 'bcqQsT':
            precision = None            # no text is that long
        if width >= TOO_LARGE or precision is not None and precision >= TOO_LARGE:
            raise BuiltinError('field width or precision too large')
        if letter in 'diouxX':
            number = self._integer(text, letter not in 'di')
            self.out.append(format_integer(number, letter, flags, width, precision))
            return True
        if letter in 'aAeEfFgG':
            value = self._float(text)
            self.out.append(format_float(value, letter, flags, width, precision))
            return True
        if letter == 'b':
            text, stopped, warnings = expand_escapes(text, True)
            going_on = not stopped
            for warning in warnings:
                self._tell(warning)
        elif letter == 'c':
            text = cut(text, 1) or '\0'
            precision = None
        elif letter == 'q':
            text = quote_for_input(text)
        elif letter == 'Q':
            text = quote_for_input(text if precision is None else cut(text, precision))
            precision = None
        elif letter == 'T':
            text = _format_time(self.shell, spec.time_format, -1 if word is None
                                else self._integer(word, False))
        if precision is not None:
            text = cut(text, precision)
        self.out.append(pad(text, width, '-' in flags))
        return going_on

    def _store_count(self, name: str) -> None:
        """%n of bash: assign how many bytes this turn has written; without a name nothing."""
        if name and not is_name(name):
            raise BuiltinError(f"`{name}': not a valid identifier")
        if name:
            written = encoded(''.join(self.out[self.turn:]))
            self.shell.variables.assign(name, str(len(written)))

    # -- numbers ---------------------------------------------------------------------

    def _integer(self, text: str, unsigned: bool) -> int:
        """An argument as C reads it: decimal, octal, hexadecimal, or 'c for a character."""
        if not text:
            return 0
        if text[0] in '\'"':
            return _code(self.shell, text)
        value, end = scan_integer(text)
        if end < len(text):
            self._warn(f'{text}: {_invalid(text)}')
        low, high = (1 - 2 ** 64, 2 ** 64 - 1) if unsigned else (-2 ** 63, 2 ** 63 - 1)
        if not low <= value <= high:
            self._out_of_range(text)
            return high if unsigned or value > 0 else low
        return value % 2 ** 64 if unsigned else value

    def _out_of_range(self, text: str) -> None:
        status = self.status
        self._warn(f'warning: {text}: Numerical result out of range')
        if self.shell.as_bash('printf range'):
            self.status = status

    def _float(self, text: str) -> float:
        if not text:
            return 0.0
        if text[0] in '\'"':
            return float(_code(self.shell, text))
        value, end = scan_float(text)
        if end < len(text):
            self._warn(f'{text}: {_invalid(text)}')
        if value in (float('inf'), -float('inf')) and 'n' not in text.lower():
            self._out_of_range(text)
        return value


def _code(shell: Shell, text: str) -> int:
    """The code of the character after a quote; 0 if there is none."""
    code = ord(text[1:2] or '\0') if not shell.bytewise else (encoded(text[1:2]) or b'\0')[0]
    return code - 0xdc00 if 0xdc80 <= code <= 0xdcff else code


def _invalid(text: str) -> str:
    if text[0] == '0' and text[1:2] in tuple(DIGITS):
        return 'invalid octal number'
    return 'invalid hex number' if text[:2] == '0x' else 'invalid number'


def scan_integer(text: str) -> tuple[int, int]:
    """The value of an integer constant of C and where it ends, (0, 0) if there is none."""
    start = scan(text, 0, BLANKS)
    negative = text[start:start + 1] == '-'
    if text[start:start + 1] in ('-', '+'):
        start += 1
    base, digits = 10, DIGITS
    if text[start:start + 2] in ('0x', '0X') and text[start + 2:start + 3] in tuple(HEX_DIGITS):
        base, digits, start = 16, HEX_DIGITS, start + 2
    elif text.startswith('0', start):
        base, digits = 8, '01234567'
    end = scan(text, start, digits)
    if end == start:
        return 0, 0
    figures = text[start:end].lstrip('0') or '0'
    value = int(figures, base) if len(figures) < 30 else 2 ** 99    # out of range anyway
    return -value if negative else value, end


def scan_float(text: str) -> tuple[float, int]:
    """The value of a floating-point constant of C and where it ends, or (0.0, 0)."""
    start = scan(text, 0, BLANKS)
    limit = scan(text, start, '+-.0123456789abcdefinptxyABCDEFINPTXY')
    for end in range(limit, start, -1):
        part = text[start:end].lower()
        try:
            return (float.fromhex if 'x' in part else float)(part), end
        except ValueError:
            continue
        except OverflowError:
            return float('-inf' if part[0] == '-' else 'inf'), end
    return 0.0, 0


# -- the conversions of bash ------------------------------------------------------------------


def _format_time(shell: Shell, pattern: str, seconds: int) -> str:
    """%(pattern)T: a time in seconds since the Epoch; -1 and -2 are now."""
    from minishell.run.clock import formatted
    return formatted(shell, pattern or '%X', None if seconds in (-1, -2) else seconds)


QUOTED_BY_BACKSLASH = frozenset(' \t\n\'"\\|&;()<>!{}*[]?^$`,')
NAMED_CONTROLS = {c: '\\' + letter for letter, c in SIMPLE.items()} | {"'": "\\'"}


def _unprintable(c: str) -> bool:
    return c < ' ' or '\x7f' <= c < '\xa0' or '\ud800' <= c <= '\udfff'


def quote_for_input(text: str) -> str:
    """The text as a word the shell reads back (bash's printf %q)."""
    if not text:
        return "''"
    if any(_unprintable(c) for c in text):
        octal = [NAMED_CONTROLS.get(c) or (
            ''.join(f'\\{byte:03o}' for byte in encoded(c)) if _unprintable(c) else c)
            for c in text]
        return "$'" + ''.join(octal) + "'"
    return ''.join([
        '\\' + c if c in QUOTED_BY_BACKSLASH or c == '#' and not at
        or c == '~' and (not at or text[at - 1] in ':=') else c for at, c in enumerate(text)])
