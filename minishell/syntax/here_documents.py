"""Here-documents (XCU 2.7.4): their delimiters, and their bodies at the next line.  Loaded by
the first of them."""
from __future__ import annotations

from minishell.syntax.nodes import (
    DollarSingleQuoted,
    DoubleQuoted,
    Escaped,
    Literal,
    SingleQuoted,
    TextNode,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.lexer import Lexer
    from minishell.syntax.nodes import HereDocument, Part
    from minishell.syntax.source import Places

QUOTED = (DoubleQuoted, Escaped, SingleQuoted, DollarSingleQuoted)


def delimiter_of(word: Word, text: str) -> tuple[str, bool]:
    """A here-document's delimiter after quote removal, and whether any of it was quoted.

    Nothing is expanded: an expansion in `word`, a word of `text`, stands for itself.
    """
    literal = word.literal()
    if literal is not None:
        return literal, False
    parts = [inner for part in word.parts
             for inner in (part.parts if type(part) is DoubleQuoted else (part,))]
    texts = [part.text for part in parts if isinstance(part, TextNode)]
    if len(texts) == len(parts):
        return ''.join(texts), True
    source = text[word.pos:word.end]
    quoted = any(type(part) in QUOTED for part in word.parts)
    return _without_quotes(source) if quoted else source.replace('\\\n', ''), quoted


def _without_quotes(text: str) -> str:
    """Quote removal on source text that holds expansions."""
    pieces: list[str] = []
    double = False
    pos = 0
    while pos < len(text):
        c = text[pos]
        if c == '"':
            double = not double
        elif c == "'" and not double:
            close = (text + "'").index("'", pos + 1)
            pieces.append(text[pos + 1:close])
            pos = close
        elif c == '\\' and pos + 1 < len(text):
            pos += 1
            if double and text[pos] not in '$`"\\\n':
                pieces.append(c)
            if text[pos] != '\n':
                pieces.append(text[pos])
        else:
            pieces.append(c)
        pos += 1
    return ''.join(pieces)


# -- bodies ---------------------------------------------------------------------------------


def read_body(lexer: Lexer, node: HereDocument) -> None:
    """Read the lines of a here-document, at the line behind pos; the node gets its body."""
    begin = lexer.pos
    line_number = lexer.source.line_of(begin)
    lines: list[str] = []
    places: Places = []
    size = 0
    whole = True
    while True:
        start = lexer.pos
        line = _read_line(lexer, node, places, size)
        if line.removesuffix('\n') == node.delimiter and (line or not node.delimiter):
            break
        if node.delimiter[:1] == '\t' and lexer.grammar.bash and node.delimiter == \
                lexer.text[start:lexer.pos].removesuffix('\n'):     # before `<<-` strips it
            break
        rest = line[len(node.delimiter):]
        if lexer.substitutions and ')' in rest and line.startswith(node.delimiter) \
                and lexer.text.endswith(rest, 0, lexer.pos):
            lexer.pos -= len(rest)      # as in bash: `EOF)` ends both
            _warn_of_end(lexer, node)
            break
        if not line:
            _warn_of_end(lexer, node)
            whole = False
            break
        if not line.endswith('\n'):
            line += '\n'                # as in bash: the last line is a line, too
        lines.append(line)
        size += len(line)
    body = ''.join(lines)
    if node.quoted or '$' not in body and '`' not in body and '\\' not in body:
        kind = Escaped if node.quoted else Literal
        parts: tuple[Part, ...] = (kind(body, begin, start),) if body else ()
    else:
        inner = lexer.nested(body, line_number, places, whole)
        inner.in_body = True
        parts = tuple(inner.read_quoted_parts('', ''))
        node.source = inner.source
    node.body = Word(parts, begin, start)


def _warn_of_end(lexer: Lexer, node: HereDocument) -> None:
    lexer.warn(f'here-document at line {lexer.source.line_of(node.pos)} '
               f"delimited by end-of-file (wanted `{node.delimiter}')",
               lexer.source.line_of(max(lexer.pos - 1, 0)))     # of its last newline


def _read_line(lexer: Lexer, node: HereDocument, places: Places, size: int) -> str:
    """One line of a here-document with its newline; '' at the end of input.  Behind
    `size` characters of the body, `places` gets what it is in the text."""
    pieces: list[str] = []              # of joined lines
    length = 0
    until = [node.delimiter] if node.quoted else [node.delimiter, '\\\n']
    while True:
        newline = lexer.text.find('\n', lexer.pos)
        while newline < 0 and lexer.extend(until):
            newline = lexer.text.find('\n', lexer.pos)
        end = len(lexer.text) if newline < 0 else newline + 1
        piece = lexer.text[lexer.pos:end]
        lexer.pos = end
        if node.operator == '<<-' and not length:
            piece = piece.lstrip('\t')
        places.append((size + length, end - len(piece)))
        body = piece.removesuffix('\n')
        if node.quoted or body == piece or (len(body) - len(body.rstrip('\\'))) % 2 == 0:
            return ''.join((*pieces, piece))
        pieces.append(body[:-1])        # a line continuation
        length += len(body) - 1
