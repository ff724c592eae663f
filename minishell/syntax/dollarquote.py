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
    start = pos = reader.pos + 1
    quote = -1
    while True:
        text = reader.text
        if quote < pos:                 # looked for once, not behind each escape
            quote = text.find("'", pos)
        backslash = text.find('\\', pos)
        if backslash >= 0 and (quote < 0 or backslash < quote):
            pos = backslash + 2         # whatever escape it is
        elif quote >= 0:
            reader.pos = quote + 1
            break
        else:
            pos = len(text)
        if pos >= len(text) and not reader.extend():
            reader.pos = quote = len(text)
            reader.fail(reader.unclosed("$'…' string", "'", opened))
            break
    return DollarSingleQuoted(decode(reader.text[start:quote]), opened, reader.pos)


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
        if text[pos + 1:pos + 2] == '{':        # of ksh: the last digits count
            end = _span(text, pos + 2, len(text), HEX)
            value = int(text[pos + 2:end] or '0', 16) & 0xFF
            return byte_text(value), end + text.startswith('}', end)
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
