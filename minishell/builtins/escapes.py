"""The escape sequences of `echo -e` and printf (XCU 3).

Bytes from 0x80 are written as surrogate escapes: adjacent ones that form a character become
it on output.
"""
from __future__ import annotations

from minishell.codec import byte_text, character

SIMPLE = {'a': '\a', 'b': '\b', 'e': '\x1b', 'E': '\x1b', 'f': '\f', 'n': '\n', 'r': '\r',
          't': '\t', 'v': '\v', '\\': '\\'}
HEXADECIMAL = {'x': 2, 'u': 4, 'U': 8}          # how many digits at most
MOST = 2 ** 31 - 1                              # characters of a run
HEX_DIGITS = '0123456789abcdefABCDEF'


def scan(text: str, pos: int, digits: str, limit: int = MOST) -> int:
    """Where a run of digits that begins at pos ends."""
    end = min(len(text), pos + limit)
    while pos < end and text[pos] in digits:
        pos += 1
    return pos


def escape(text: str, pos: int) -> tuple[str | None, int]:
    """What `\\` and text[pos:] stand for, and where it ends; None if nothing special."""
    c = text[pos:pos + 1]
    if c in SIMPLE:
        return SIMPLE[c], pos + 1
    if c in HEXADECIMAL:
        end = scan(text, pos + 1, HEX_DIGITS, HEXADECIMAL[c])
        if end > pos + 1:
            code = int(text[pos + 1:end], 16)
            return byte_text(code) if c == 'x' else character(code), end
    return None, pos


def octal_byte(text: str, pos: int) -> tuple[str, int]:
    """The byte of up to three octal digits; none are 0."""
    end = scan(text, pos, '01234567', 3)
    return byte_text(int(text[pos:end] or '0', 8)), end


def missing_digits(c: str) -> str:
    """The warning for \\x, \\u or \\U without digits."""
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
            piece, pos = octal_byte(text, at + 2)
        elif octal and '1' <= c <= '7':
            piece, pos = octal_byte(text, at + 1)
        else:
            expanded, pos = escape(text, at + 1)
            piece = '\\' if expanded is None else expanded
            if expanded is None and c in HEXADECIMAL:
                warnings.append(missing_digits(c))
        pieces.append(piece)
