"""Lines taken apart as completion does it: at separators that are not quoted, whatever the
grammar makes of them (bash).

The line may be unfinished: what is open at its end reaches to the end.
"""
from __future__ import annotations

WHITE = frozenset(' \t\n')
METACHARACTERS = '()<>;&| \t\n'
OPENING, CLOSING = '({', ')}'
COMMAND_ENDS = ';|&({`\n'
ESCAPABLE = frozenset('$`"\\\n')
QUOTING = frozenset('\\\'"`$')     # what may begin something that hides separators


def dequoted(text: str, quote: str = '') -> str:
    """Text without its quotes, inside of one perhaps; one that is open is closed by the end."""
    if not is_quoted(text):
        return text
    pieces: list[str] = []
    pos = 0
    while pos < len(text):
        c = text[pos]
        pos += 1
        if c == '\\':
            following = text[pos:pos + 1]
            if quote == "'" or quote == '"' and following not in ESCAPABLE:
                pieces.append(c)
            pieces.append(following)
            pos += 1
        elif quote and c == quote:
            quote = ''
        elif not quote and c in '\'"':
            quote = c
        else:
            pieces.append(c)
    return ''.join(pieces)


def is_quoted(text: str) -> bool:
    """Whether text has quotes."""
    return '\\' in text or "'" in text or '"' in text


def end_of_quoted(text: str, pos: int) -> int:
    """The offset behind what begins at pos: quotes, backquotes, `$(…)` or `${…}`, or else one
    character; beyond the end of the text if that is not closed."""
    c = text[pos]
    if c == '\\':
        return pos + 2
    if c == "'":
        escapes = text[pos - 1:pos] == '$'
        pos += 1
        while pos < len(text) and text[pos] != "'":
            pos += 2 if escapes and text[pos] == '\\' else 1
        return pos + 1
    if c in '"`':
        pos += 1
        while pos < len(text) and text[pos] != c:
            pos = pos + 1 if text[pos] in '\'"' else end_of_quoted(text, pos)
        return pos + 1
    if c == '$' and text[pos + 1:pos + 2] in ('(', '{'):
        return _end_of_nested(text, pos + 1)
    return pos + 1


def _end_of_nested(text: str, pos: int) -> int:
    opening = text[pos]
    closing = CLOSING[OPENING.index(opening)]
    depth = 0
    while pos < len(text):
        c = text[pos]
        if c in (opening, closing):
            depth += 1 if c == opening else -1
            pos += 1
            if not depth:
                return pos
        else:
            pos = end_of_quoted(text, pos)
    return len(text) + 1


def next_separator(text: str, pos: int, separators: str, quotes: bool = True) -> int:
    """The offset of the next separator that is not quoted, or of the end; `quotes`: they may
    be separators themselves."""
    while pos < len(text):
        c = text[pos]
        if c in separators and (quotes or c not in '\'"') and c != '\\':
            return pos
        pos = end_of_quoted(text, pos) if c in QUOTING else pos + 1
    return len(text)


def split_words(text: str, ifs: str) -> list[str]:
    """The words of text with their quotes, separated as IFS says."""
    words: list[str] = []
    pos = _behind_white(text, 0, ifs)
    while pos < len(text):
        end = next_separator(text, pos, ifs)
        words.append(text[pos:end])
        pos = _behind_white(text, end, ifs)
        if text[pos:pos + 1] and text[pos] in ifs:
            pos = _behind_white(text, pos + 1, ifs)
    return [word for word in words if word]


def _behind_white(text: str, pos: int, ifs: str) -> int:
    while pos < len(text) and text[pos] in WHITE and text[pos] in ifs:
        pos += 1
    return pos


def command_words(text: str, separators: str, point: int) -> tuple[list[str], int]:
    """COMP_WORDS and COMP_CWORD: the words of a command, separators that are not white being
    words as well, and the index of that in which point is."""
    others = ''.join(c for c in separators if c not in WHITE and c not in '\'"')
    words: list[str] = []
    index = -1
    pos = _behind_white(text, 0, separators)
    end = 0
    while pos < len(text):
        end = behind = next_separator(text, pos, separators, False)
        if end == pos:
            while text[end:end + 1] and text[end] in others:
                end += 1
            behind = end
            if text[end:end + 1].strip():       # there the next word is that of point
                behind -= 1
        if index < 0 and point < pos:
            index = len(words)
            words.append('')
        elif index < 0 and point <= behind:
            index = len(words)
        words.append(text[pos:end])
        pos = _behind_white(text, end, separators)
    if index < 0:
        index = len(words)
        words.append('')
    return words, index


class Place:
    """Where in a line point is."""

    __slots__ = ('begin', 'start', 'quote')

    def __init__(self, begin: int, start: int, quote: str) -> None:
        self.begin = begin              # of the command's text
        self.start = start              # of the word's, behind a quote that is open
        self.quote = quote              # that quote, or ''


def place_in(line: str, point: int, separators: str) -> Place:
    """The command and the word in which point is; both may be inside a substitution."""
    line = line[:point]
    begin = start = pos = 0
    while pos < point:
        c = line[pos]
        end = end_of_quoted(line, pos)
        if end <= point:
            pos = end
            if c in COMMAND_ENDS and (c != '{' or line[end:end + 1] in WHITE):
                begin = start = end
            elif c in separators and c not in '\'"':
                start = pos - 1 if c == '@' else end    # which names a host
            continue
        inside = _substitution_in(line, pos + 1) if c == '"' else pos
        if inside < point and (line[inside] == '`' or line.startswith('$(', inside)):
            begin = start = pos = inside + (1 if line[inside] == '`' else 2)
        elif c in '\'"':
            return Place(begin, pos + 1, c)
        else:
            break                       # `${` or a backslash
    return Place(begin, start, '')


def _substitution_in(line: str, pos: int) -> int:
    """Inside double-quotes that are open: the offset of what else is, or of the end."""
    while pos < len(line):
        end = pos + 1 if line[pos] in '\'"' else end_of_quoted(line, pos)
        if end > len(line):
            return pos
        pos = end
    return len(line)
