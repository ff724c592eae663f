"""Dollar-single-quotes (XCU 2.2.4): $'…' with the escapes of C."""
from __future__ import annotations

from minishell.codec import byte_text, character, decoded, encoded
from minishell.syntax.nodes import DollarSingleQuoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.words import WordReader

SIMPLE = {'"': '"', "'": "'", '\\': '\\', 'a': '\a', 'b': '\b', 'e': '\x1b', 'E': '\x1b',
          'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '?': '?'}
HEX = '0123456789abcdefABCDEF'


def read_dollar_single_quoted(reader: WordReader) -> DollarSingleQuoted:
    """Read from the opening quote on; escapes give bytes, joined to characters."""
    opened = reader.pos - 1
    reader.pos += 1
    pieces: list[str] = []
    quote = -1
    while True:
        text, pos = reader.text, reader.pos
        if quote < pos:                 # looked for once, not behind each escape
            quote = text.find("'", pos)
        backslash = text.find('\\', pos)
        if backslash >= 0 and (quote < 0 or backslash < quote):
            pieces.append(text[pos:backslash])
            if backslash + 1 >= len(text) and not reader.extend():
                reader.pos = len(text)
                reader.fail(reader.unclosed("$'…' string", "'", opened))
                break
            value, reader.pos = decode_escape(reader.text, backslash + 1)
            pieces.append(value)
        elif quote >= 0:
            pieces.append(text[pos:quote])
            reader.pos = quote + 1
            break
        else:
            pieces.append(text[pos:])
            reader.pos = len(text)
            if not reader.extend():
                reader.fail(reader.unclosed("$'…' string", "'", opened))
                break
    return DollarSingleQuoted(_joined(pieces), opened, reader.pos)


def decode(text: str) -> str:
    """A text with its escape sequences decoded (XCU 2.2.4)."""
    pieces: list[str] = []
    pos = 0
    while (backslash := text.find('\\', pos)) >= 0 and backslash + 1 < len(text):
        pieces.append(text[pos:backslash])
        value, pos = decode_escape(text, backslash + 1)
        pieces.append(value)
    return _joined([*pieces, text[pos:]])


def _joined(pieces: list[str]) -> str:
    text = ''.join(pieces)
    if not text.isascii():           # adjacent bytes may make one character
        text = decoded(encoded(text))
    nul = text.find('\0')            # a NUL ends the string, as in C (and bash)
    return text if nul < 0 else text[:nul]


def decode_escape(text: str, pos: int) -> tuple[str, int]:
    """The value of the escape whose character (behind the backslash) is at pos, and its
    end."""
    c = text[pos]
    if c in SIMPLE:
        return SIMPLE[c], pos + 1
    if c in '01234567':
        end = _span(text, pos, 3, '01234567')
        return byte_text(int(text[pos:end], 8) & 0xFF), end
    if c == 'x':
        end = _span(text, pos + 1, 2, HEX)
        if end == pos + 1:
            return '\\x', end
        return byte_text(int(text[pos + 1:end], 16)), end
    if c in 'uU':
        end = _span(text, pos + 1, 4 if c == 'u' else 8, HEX)
        if end == pos + 1:
            return '\\' + c, end
        code = int(text[pos + 1:end], 16)
        return character(code), end
    if c == 'c' and pos + 1 < len(text):
        after = pos + 2
        if text.startswith('\\\\', pos + 1):
            after += 1
        return _control(text[pos + 1]), after
    return '\\' + c, pos + 1


def _control(c: str) -> str:
    """What Ctrl and a key send, as bash has it: of bytes, the first is changed."""
    if c == '?':
        return '\x7f'
    first, *rest = encoded(c)
    return chr(first & 0x1F) + ''.join(map(byte_text, rest))


def _span(text: str, pos: int, most: int, digits: str) -> int:
    end = pos
    while end < pos + most and end < len(text) and text[end] in digits:
        end += 1
    return end
