"""The file format notation (XBD 5) that printf reads, and the values it writes.

Widths and precisions count bytes, as in the standard and in bash.  Floating-point numbers are
Python's, so doubles.
"""
from __future__ import annotations

from minishell.builtins.escapes import (
    HEXADECIMAL,
    escape,
    missing_digits,
    octal_byte,
    scan,
)
from minishell.codec import decoded, encoded
from minishell.syntax.names import decimal

TYPE_CHECKING = False
DIGITS = '0123456789'
TOO_LARGE = 1 << 27     # a width or precision; what is written is in memory at once


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


class Usual:
    """A format of %s and %d, as most are, in Python's own notation, which is that of C."""

    __slots__ = ('template', 'letters')

    def __init__(self, template: str, letters: str) -> None:
        self.template = template
        self.letters = letters

    def format(self, words: list[str]) -> str | None:
        """The output; None if the words are not as usual either: too few or too many, not
        ASCII, no plain numbers."""
        letters = self.letters
        if len(words) != len(letters):
            return None
        values: list[str | int] = []
        for letter, word in zip(letters, words, strict=True):
            if not word.isascii():
                return None
            if letter == 's':
                values.append(word)
            elif word.isdigit() and len(word) < 18 and (word[0] != '0' or word == '0'):
                values.append(int(word))
            else:
                return None
        return self.template % tuple(values)


def usual(pieces: list[Piece]) -> Usual | None:
    """The pieces of a format as a Usual, None if there is more in it."""
    template = letters = ''
    for piece in pieces:
        if isinstance(piece, str):
            template += piece.replace('%', '%%')
        elif isinstance(piece, tuple) or piece.error or piece.number \
                or piece.letter not in 'sd' \
                or piece.flags.strip('-' if piece.letter == 's' else '-+ 0') \
                or piece.width_argument is not None or piece.width >= TOO_LARGE \
                or piece.precision_argument is not None or (
                    piece.precision is not None and piece.letter == 'd'):
            return None
        else:
            width = piece.width or ''
            precision = '' if piece.precision is None else f'.{piece.precision}'
            template += f'%{piece.flags}{width}{precision}{piece.letter}'
            letters += piece.letter
    return Usual(template, letters)


def _parse_format_escape(text: str, pos: int, literal: list[str],
                         pieces: list[Piece]) -> int:
    c = text[pos:pos + 1]
    if '0' <= c <= '7':
        piece, end = octal_byte(text, pos)
    elif c and c in '"\'?':
        piece, end = c, pos + 1
    else:
        expanded, end = escape(text, pos)
        piece = '\\' if expanded is None else expanded
        if expanded is None and c in HEXADECIMAL:
            pieces.append((missing_digits(c),))
    literal.append(piece)
    return end


def _parse_conversion(text: str, start: int) -> tuple[Conversion, int]:
    """The conversion whose `%` is at start, and where it ends."""
    found = Conversion()
    pos = scan(text, start + 1, DIGITS)
    if text.startswith('$', pos) and pos > start + 1:
        found.number = decimal(text[start + 1:pos]) or 0
        start = pos
    pos = scan(text, start + 1, "#0- +'")
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
        pos = scan(text, pos, 'hjlztL')
    found.letter = text[pos:pos + 1]
    found.plain = text.startswith('%s', start)
    if found.number == 0 and text[start:start + 1] == '$':
        found.error = "`$': invalid format character"
    elif not found.letter:
        found.error = f"`{text[start:]}': missing format character"
    elif found.letter not in 'diouxXcsbnqQaAeEfFgG':
        found.error = f"`{found.letter}': invalid format character"
    return found, pos + 1


def _parse_count(text: str, pos: int) -> tuple[int | None, int | None, int]:
    """A width or precision: the number of its argument, its value, where it ends."""
    if not text.startswith('*', pos):
        end = scan(text, pos, DIGITS)
        value = decimal(text[pos:end])
        return None, None if value is None else min(value, TOO_LARGE), end
    end = scan(text, pos + 1, DIGITS)
    if end > pos + 1 and text.startswith('$', end):
        return decimal(text[pos + 1:end]), None, end + 1
    return 0, None, pos + 1


# -- values --------------------------------------------------------------------------------


def cut(text: str, count: int) -> str:
    """The first bytes of a text."""
    if text.isascii():
        return text[:count]
    return decoded(encoded(text)[:count])


def pad(text: str, width: int, left: bool) -> str:
    """The text with blanks up to a width."""
    missing = width - (len(text) if text.isascii() else len(encoded(text)))
    if missing <= 0:
        return text
    return text + ' ' * missing if left else ' ' * missing + text


def _pad_number(prefix: str, digits: str, flags: str, width: int, zeros: bool) -> str:
    """A number with its sign or 0x in front of padding zeros."""
    if zeros and '0' in flags and '-' not in flags:
        digits = digits.rjust(width - len(prefix), '0')
    return pad(prefix + digits, width, '-' in flags)


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
