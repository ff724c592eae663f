"""echo and printf (XCU 3).

Widths and precisions count bytes, as in the standard and in bash.  Bytes from 0x80 are
written as surrogate escapes: adjacent ones that form a character become it on output.
Floating-point numbers are Python's, so doubles.
"""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError, UsageError
from minishell.syntax.words import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

SIMPLE = {'a': '\a', 'b': '\b', 'e': '\x1b', 'E': '\x1b', 'f': '\f', 'n': '\n', 'r': '\r',
          't': '\t', 'v': '\v', '\\': '\\'}
HEXADECIMAL = {'x': 2, 'u': 4, 'U': 8}          # how many digits at most
DIGITS = '0123456789'
HEX_DIGITS = '0123456789abcdefABCDEF'
BLANKS = ' \t\n\v\f\r'
LARGEST = 2 ** 31 - 1                           # width, precision
CACHE_SIZE = 128                                # parsed formats
USAGE = 'usage: printf [-v var] format [arguments]'


def echo(shell: Shell, argv: list[str]) -> int:
    """Write the arguments (XCU 3, echo); -n, -e and -E as in bash."""
    index, newline, escapes = 1, '\n', False
    while index < len(argv):
        word = argv[index]
        if len(word) < 2 or word[0] != '-' or word.strip('neE') != '-':
            break
        for letter in word[1:]:
            if letter == 'n':
                newline = ''
            else:
                escapes = letter == 'e'
        index += 1
    text = ' '.join(argv[index:])
    if escapes and '\\' in text:
        text, stopped, _ = expand_escapes(text, False)
        if stopped:
            newline = ''
    shell.out.write(text + newline)
    return 0


def byte_text(value: int) -> str:
    """One byte as text."""
    value &= 0xff
    return chr(value) if value < 0x80 else chr(0xdc00 + value)


def character(code: int) -> str:
    """A character as text; what is none, as the bytes of UTF-8's first definition."""
    if code < 0xd800 or 0xe000 <= code <= 0x10ffff:
        return chr(code)
    if code > 0x7fffffff:
        return ''
    count = 3 if code < 0x10000 else 4 if code < 0x200000 else 5 if code < 0x4000000 else 6
    parts = [0x80 | code >> 6 * shift & 0x3f for shift in range(count - 2, -1, -1)]
    return ''.join(map(byte_text, [0xff00 >> count | code >> 6 * (count - 1), *parts]))


def _scan(text: str, pos: int, digits: str, limit: int = LARGEST) -> int:
    """Where a run of digits that begins at pos ends."""
    end = min(len(text), pos + limit)
    while pos < end and text[pos] in digits:
        pos += 1
    return pos


def _escape(text: str, pos: int) -> tuple[str | None, int]:
    """What `\\` and text[pos:] stand for, and where it ends; None if nothing special."""
    c = text[pos:pos + 1]
    if c in SIMPLE:
        return SIMPLE[c], pos + 1
    if c in HEXADECIMAL:
        end = _scan(text, pos + 1, HEX_DIGITS, HEXADECIMAL[c])
        if end > pos + 1:
            code = int(text[pos + 1:end], 16)
            return byte_text(code) if c == 'x' else character(code), end
    return None, pos


def _octal(text: str, pos: int) -> tuple[str, int]:
    """The byte of up to three octal digits; none are 0."""
    end = _scan(text, pos, '01234567', 3)
    return byte_text(int(text[pos:end] or '0', 8)), end


def _missing(c: str) -> str:
    return f'missing {"hex" if c == "x" else "unicode"} digit for \\{c}'


def expand_escapes(text: str, octal: bool) -> tuple[str, bool, list[str]]:
    """Expand the escape sequences of `echo -e` and, with octal, of %b (XCU 3, printf).

    Returns the text, whether `\\c` ended it, and warnings.
    """
    pieces: list[str] = []
    warnings: list[str] = []
    pos = 0
    while True:
        at = text.find('\\', pos)
        if at < 0:
            return ''.join([*pieces, text[pos:]]), False, warnings
        pieces.append(text[pos:at])
        c = text[at + 1:at + 2]
        if c == 'c':
            return ''.join(pieces), True, warnings
        if c == '0':
            piece, pos = _octal(text, at + 2)
        elif octal and '1' <= c <= '7':
            piece, pos = _octal(text, at + 1)
        else:
            expanded, pos = _escape(text, at + 1)
            piece = '\\' if expanded is None else expanded
            if expanded is None and c in HEXADECIMAL:
                warnings.append(_missing(c))
        pieces.append(piece)


class Conversion:
    """%[n$][flags][width][.precision]letter; `*` and `*m$` are numbers of arguments.

    An argument's number is 0 for the next one.  A conversion with an `error` raises it.
    """

    __slots__ = ('number', 'flags', 'width', 'width_argument', 'precision',
                 'precision_argument', 'letter', 'time_format', 'error', 'plain')

    def __init__(self) -> None:
        self.number = self.width = 0
        self.flags = self.letter = self.time_format = self.error = ''
        self.precision: int | None = None
        self.plain = False                      # just %s
        self.width_argument: int | None = None
        self.precision_argument: int | None = None


if TYPE_CHECKING:
    Piece = str | tuple[str] | Conversion       # text, a warning, a conversion


def parse_format(text: str) -> list[Piece]:
    """The format as text, warnings (one-tuples) and conversions (XBD 5)."""
    pieces: list[Piece] = []
    literal: list[str] = []
    pos, size = 0, len(text)
    while pos < size:
        if text[pos] == '\\':
            pos = _parse_format_escape(text, pos + 1, literal, pieces)
        elif text[pos] != '%':
            start = pos
            while pos < size and text[pos] not in '\\%':
                pos += 1
            literal.append(text[start:pos])
        elif text.startswith('%%', pos):
            literal.append('%')
            pos += 2
        else:
            if literal:
                pieces.append(''.join(literal))
                literal.clear()
            conversion, pos = _parse_conversion(text, pos)
            pieces.append(conversion)
    if literal:
        pieces.append(''.join(literal))
    return pieces


def _parse_format_escape(text: str, pos: int, literal: list[str],
                         pieces: list[Piece]) -> int:
    c = text[pos:pos + 1]
    if '0' <= c <= '7':
        piece, end = _octal(text, pos)
    elif c and c in '"\'?':
        piece, end = c, pos + 1
    else:
        expanded, end = _escape(text, pos)
        piece = '\\' if expanded is None else expanded
        if expanded is None and c in HEXADECIMAL:
            pieces.append((_missing(c),))
    literal.append(piece)
    return end


def _parse_conversion(text: str, start: int) -> tuple[Conversion, int]:
    """The conversion whose `%` is at start, and where it ends."""
    found = Conversion()
    pos = _scan(text, start + 1, DIGITS)
    if text.startswith('$', pos) and pos > start + 1:
        found.number = min(int(text[start + 1:pos][:9]), LARGEST)
        start = pos
    pos = _scan(text, start + 1, "#0- +'")
    found.flags = text[start + 1:pos]
    found.width_argument, width, pos = _parse_count(text, pos)
    found.width = width or 0
    if text.startswith('.', pos):
        found.precision_argument, found.precision, pos = _parse_count(text, pos + 1)
        if found.precision is None:
            found.precision = 0
    if text.startswith('(', pos):
        end = text.find(')', pos)
        if end > 0 and text.startswith('T', end + 1):
            found.time_format, found.letter = text[pos + 1:end], 'T'
            return found, end + 2
    else:
        pos = _scan(text, pos, 'hjlztL')
    found.letter = text[pos:pos + 1]
    found.plain = text.startswith('%s', start)
    if not found.letter:
        found.error = f"`{text[start:]}': missing format character"
    elif found.letter not in 'diouxXcsbqQaAeEfFgG':
        found.error = f"`{found.letter}': invalid format character"
    return found, pos + 1


def _parse_count(text: str, pos: int) -> tuple[int | None, int | None, int]:
    """A width or precision: the number of its argument, its value, where it ends."""
    if not text.startswith('*', pos):
        end = _scan(text, pos, DIGITS)
        value = min(int(text[pos:end][:10]), LARGEST) if end > pos else None
        return None, value, end
    end = _scan(text, pos + 1, DIGITS)
    if end > pos + 1 and text.startswith('$', end):
        return int(text[pos + 1:end][:9]), None, end + 1
    return 0, None, pos + 1


# -- printf ------------------------------------------------------------------------------------


def printf(shell: Shell, argv: list[str]) -> int:
    """Write formatted output (XCU 3, printf); -v assigns it to a variable instead."""
    options, operands = parse_options(argv, '', 'v')
    variable = options.get('v')
    if variable is not None and not is_name(variable):
        raise UsageError(f"`{variable}': not a valid identifier")
    if not operands:
        raise UsageError(USAGE)
    formatter = Formatter(shell, argv[0], operands[1:])
    pieces = _formats.get(operands[0])
    if pieces is None:
        if len(_formats) >= CACHE_SIZE:
            _formats.clear()
        pieces = _formats[operands[0]] = parse_format(operands[0])
    if variable is None:
        try:
            formatter.run(pieces)
        finally:
            shell.out.write(''.join(formatter.out))
    else:
        formatter.run(pieces)
        value = _bytes(''.join(formatter.out)).partition(b'\0')[0]
        shell.variables.assign(variable, value.decode('utf-8', 'surrogateescape'))
    return formatter.status


_formats: dict[str, list[Piece]] = {}


def _bytes(text: str) -> bytes:
    return text.encode('utf-8', 'surrogateescape')


class Formatter:
    """One run of printf: its arguments, its output, its status."""

    __slots__ = ('shell', 'name', 'words', 'base', 'next', 'used', 'out', 'status')

    def __init__(self, shell: Shell, name: str, words: list[str]) -> None:
        self.shell = shell
        self.name = name
        self.words = words
        self.base = 0           # arguments used up by earlier turns
        self.next = 0           # the next argument without a number, from base
        self.used = 0           # how many this turn used, from base
        self.out: list[str] = []
        self.status = 0

    def run(self, pieces: list[Piece]) -> None:
        """Use the format as often as there are arguments for it."""
        while self._run_once(pieces) and self.used:
            self.base += self.used
            if self.base >= len(self.words):
                break
            self.next = self.used = 0

    def _run_once(self, pieces: list[Piece]) -> bool:
        """Use the format once; false if `\\c` ends all output."""
        for piece in pieces:
            if isinstance(piece, str):
                self.out.append(piece)
            elif isinstance(piece, tuple):
                self.shell.warn(f'{self.name}: {piece[0]}')
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

    def _warn(self, message: str) -> None:
        self.shell.warn(f'{self.name}: {message}')
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
            width = min(width, LARGEST)
        if spec.precision_argument is not None:
            precision = self._integer(self._take(spec.precision_argument) or '', False)
            precision = None if precision < 0 else min(precision, LARGEST)
        word = self._take(spec.number)
        text, going_on = word or '', True
        letter = spec.letter
        if width == LARGEST or precision == LARGEST and letter not in 'bcqQsT':
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
                self.shell.warn(f'{self.name}: {warning}')
        elif letter == 'c':
            text = _cut(text, 1) or '\0'
            precision = None
        elif letter == 'q':
            text = quote_for_input(text)
        elif letter == 'Q':
            text = quote_for_input(text if precision is None else _cut(text, precision))
            precision = None
        elif letter == 'T':
            text = _format_time(spec.time_format, -1 if word is None
                                else self._integer(word, False))
        if precision is not None:
            text = _cut(text, precision)
        self.out.append(_pad(text, width, '-' in flags))
        return going_on

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
            self._warn(f'warning: {text}: Numerical result out of range')
            return high if unsigned or value > 0 else low
        return value % 2 ** 64 if unsigned else value

    def _float(self, text: str) -> float:
        if not text:
            return 0.0
        if text[0] in '\'"':
            return float(_code(self.shell, text))
        value, end = scan_float(text)
        if end < len(text):
            self._warn(f'{text}: {_invalid(text)}')
        if value in (float('inf'), -float('inf')) and 'n' not in text.lower():
            self._warn(f'warning: {text}: Numerical result out of range')
        return value


def _code(shell: Shell, text: str) -> int:
    """The code of the character after a quote; 0 if there is none."""
    code = ord(text[1:2] or '\0') if not shell.bytewise else (_bytes(text[1:2]) or b'\0')[0]
    return code - 0xdc00 if 0xdc80 <= code <= 0xdcff else code


def _invalid(text: str) -> str:
    if text[0] == '0' and text[1:2] in tuple(DIGITS):
        return 'invalid octal number'
    return 'invalid hex number' if text[:2] == '0x' else 'invalid number'


def scan_integer(text: str) -> tuple[int, int]:
    """The value of an integer constant of C and where it ends, (0, 0) if there is none."""
    start = _scan(text, 0, BLANKS)
    negative = text[start:start + 1] == '-'
    if text[start:start + 1] in ('-', '+'):
        start += 1
    base, digits = 10, DIGITS
    if text[start:start + 2] in ('0x', '0X') and text[start + 2:start + 3] in tuple(HEX_DIGITS):
        base, digits, start = 16, HEX_DIGITS, start + 2
    elif text.startswith('0', start):
        base, digits = 8, '01234567'
    end = _scan(text, start, digits)
    if end == start:
        return 0, 0
    figures = text[start:end].lstrip('0') or '0'
    value = int(figures, base) if len(figures) < 30 else 2 ** 99    # out of range anyway
    return -value if negative else value, end


def scan_float(text: str) -> tuple[float, int]:
    """The value of a floating-point constant of C and where it ends, or (0.0, 0)."""
    start = _scan(text, 0, BLANKS)
    limit = _scan(text, start, '+-.0123456789abcdefinptxyABCDEFINPTXY')
    for end in range(limit, start, -1):
        part = text[start:end].lower()
        try:
            return (float.fromhex if 'x' in part else float)(part), end
        except ValueError:
            continue
        except OverflowError:
            return float('-inf' if part[0] == '-' else 'inf'), end
    return 0.0, 0


# -- fields --------------------------------------------------------------------------------


def _cut(text: str, count: int) -> str:
    """The first bytes of a text."""
    if text.isascii():
        return text[:count]
    return _bytes(text)[:count].decode('utf-8', 'surrogateescape')


def _pad(text: str, width: int, left: bool) -> str:
    missing = width - (len(text) if text.isascii() else len(_bytes(text)))
    if missing <= 0:
        return text
    return text + ' ' * missing if left else ' ' * missing + text


def _pad_number(prefix: str, digits: str, flags: str, width: int, zeros: bool) -> str:
    """A number with its sign or 0x in front of padding zeros."""
    if zeros and '0' in flags and '-' not in flags:
        digits = digits.rjust(width - len(prefix), '0')
    return _pad(prefix + digits, width, '-' in flags)


def _sign(negative: bool, flags: str) -> str:
    return '-' if negative else '+' if '+' in flags else ' ' if ' ' in flags else ''


def format_integer(value: int, letter: str, flags: str, width: int,
                   precision: int | None) -> str:
    """%d %i %o %u %x %X as in C."""
    digits = format(abs(value), 'd' if letter in 'diu' else letter)
    prefix = _sign(value < 0, flags) if letter in 'di' else ''
    if precision is not None:
        digits = '' if value == precision == 0 else digits.rjust(precision, '0')
    if '#' in flags:
        if letter == 'o' and digits[:1] != '0':
            digits = '0' + digits
        elif letter in 'xX' and value:
            prefix = '0' + letter
    return _pad_number(prefix, digits, flags, width, precision is None)


def format_float(value: float, letter: str, flags: str, width: int,
                 precision: int | None) -> str:
    """%a %e %f %g and their upper-case forms as in C."""
    from math import copysign
    prefix, finite = _sign(copysign(1, value) < 0, flags), value - value == 0
    alternate = '#' if '#' in flags else ''
    if not finite:
        digits = 'nan' if value != value else 'inf'
    elif letter in 'aA':
        digits = _hexadecimal(abs(value), precision, alternate)
        prefix += '0x'
    else:
        digits = f'%{alternate}.{6 if precision is None else precision}{letter}' % abs(value)
    if letter.isupper():
        prefix, digits = prefix.upper(), digits.upper()
    return _pad_number(prefix, digits, flags, width, finite)


def _hexadecimal(value: float, precision: int | None, alternate: str) -> str:
    """The digits of %a after 0x, from a positive value."""
    figures, _, exponent = value.hex()[2:].partition('p')
    lead, _, fraction = figures.partition('.')
    if precision is None:
        fraction = fraction.rstrip('0')
    elif precision >= len(fraction):
        fraction = fraction.ljust(precision, '0')
    else:                                       # half to even, as round() does
        number, dropped = int(lead + fraction, 16), 16 ** (len(fraction) - precision)
        number, rest = divmod(number, dropped)
        number += 2 * rest > dropped or 2 * rest == dropped and number % 2
        rounded = format(number, 'x').rjust(precision + 1, '0')
        lead, fraction = rounded[:1], rounded[1:]
    point = '.' if fraction or alternate else ''
    return f'{lead}{point}{fraction}p{exponent}'


def _format_time(pattern: str, seconds: int) -> str:
    """%(pattern)T: a time in seconds since the Epoch; -1 and -2 are now."""
    import time
    try:
        now = time.localtime(time.time() if seconds in (-1, -2) else seconds)
        return time.strftime(pattern or '%X', now)
    except (OverflowError, OSError, ValueError):
        return ''


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
            ''.join(f'\\{byte:03o}' for byte in _bytes(c)) if _unprintable(c) else c)
            for c in text]
        return "$'" + ''.join(octal) + "'"
    return ''.join([
        '\\' + c if c in QUOTED_BY_BACKSLASH or c == '#' and not at
        or c == '~' and (not at or text[at - 1] in ':=') else c for at, c in enumerate(text)])
