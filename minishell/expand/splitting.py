"""Field splitting (XCU 2.6.5) and what becomes of a word's segments.

A word expands to *segments*: (text, kind) pairs.  `fields` splits them at IFS characters,
keeps what was quoted, and hands fields that hold pattern characters to pathname expansion.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Segments = list[tuple[str, int]]

LITERAL = 0         # unquoted text of the source: pattern characters count, IFS does not
QUOTED = 1          # quoted text: nothing counts, but there is a field even if it is empty
SPLIT = 2           # the result of an unquoted expansion: both count
BREAK = 3           # the border between two positional parameters: what joins them where
                    # there is no field splitting
JOINED = 4          # the same in bash mode, where the first character of IFS stands between
                    # them and is split like the rest

DEFAULT_IFS = ' \t\n'


def magic(text: str) -> bool:
    """Whether unquoted text asks for pathname expansion."""
    return '*' in text or '?' in text or '[' in text


def may_be_magic(text: str) -> bool:
    """Whether text of a script may ask for it: with `shopt -s extglob`, groups do, too."""
    return magic(text) or '(' in text


ODD_BLANKS = '\v\f\r\x1c\x1d\x1e\x1f'     # blanks of Python's that IFS has not


class Splitter:
    """Field splitting by one value of IFS; made anew when IFS changes."""

    __slots__ = ('ifs', 'white', 'others', 'join', 'marks', 'words')

    def __init__(self, ifs: str | None) -> None:
        self.ifs = DEFAULT_IFS if ifs is None else ifs
        self.white = frozenset(c for c in self.ifs if c in ' \t\n')
        self.others = frozenset(self.ifs) - self.white
        self.join = self.ifs[:1]                # between the parameters of "$*"
        self.words = not any(c.isalnum() for c in self.ifs)     # it splits no word
        self.marks = str.maketrans(dict.fromkeys(self.ifs, '\0'))

    def separates(self, text: str) -> bool:
        """Whether text holds any IFS character."""
        if self.ifs == DEFAULT_IFS:
            return ' ' in text or '\n' in text or '\t' in text
        return any(c in text for c in self.ifs)

    def split(self, text: str) -> list[str]:
        """The fields of one unquoted result on its own."""
        if self.ifs == DEFAULT_IFS:
            text = text.replace('\t', ' ').replace('\n', ' ')
            return [field for field in text.split(' ') if field]
        if len(self.ifs) == 1 and self.others:
            found = text.split(self.ifs)
            if not found[-1]:
                found.pop()             # a separator ends a field, it starts none
            return found
        return [''.join(piece for piece, _ in field)
                for field in self.split_segments([(text, SPLIT)])]

    def split_segments(self, segments: Segments) -> list[Segments]:
        """The fields of a word, each a list of (text, kind) LITERAL or QUOTED.

        An IFS character ends a field; white space around another IFS character, and at
        both ends, belongs to the separator.
        """
        fields: list[Segments] = []
        field: Segments = []
        started = False
        after_white = False         # the last field was ended by white space only
        white, others = self.white, self.others
        for text, kind in segments:
            if kind == JOINED:
                text, kind = self.join, SPLIT
            if kind == SPLIT and self.ifs == DEFAULT_IFS and text.isascii() \
                    and not any(c in text for c in ODD_BLANKS):
                words = text.split()
                if started and text[:1] in white and text:
                    fields.append(field)
                    field, started, after_white = [], False, True
                for index, word in enumerate(words):
                    if index:
                        fields.append(field)
                        field = []
                    field.append((word, LITERAL))
                    started, after_white = True, False
                if words and text[-1] in white:
                    fields.append(field)
                    field, started, after_white = [], False, True
            elif kind == SPLIT:
                pos = 0
                marked = text.translate(self.marks)
                while pos < len(text):
                    end = marked.find('\0', pos)
                    if end < 0:
                        end = len(text)
                    if end > pos:
                        field.append((text[pos:end], LITERAL))
                        started = True
                        after_white = False
                    if end == len(text):
                        break
                    c = text[end]
                    pos = end + 1
                    if c in white:
                        if started:
                            fields.append(field)
                            field, started, after_white = [], False, True
                    elif c in others:
                        if not started and after_white:
                            after_white = False
                        else:
                            fields.append(field)
                            field, started = [], False
            elif kind == BREAK:
                if started:
                    fields.append(field)
                field, started, after_white = [], False, False
            elif text or kind == QUOTED:
                field.append((text, kind))
                started, after_white = True, False
        if started:
            fields.append(field)
        return fields


def fields(segments: Segments, splitter: Splitter, out: list[str],
           pathnames: Callable[[str], list[str] | None] | None) -> None:
    """Append the fields of a word to out; pathnames is None under `set -f`."""
    for field in splitter.split_segments(segments):
        if pathnames is not None:
            for text, kind in field:
                if kind == LITERAL and may_be_magic(text):
                    from minishell.expand.pattern import quote
                    found = pathnames(''.join([
                        text if kind == LITERAL else quote(text) for text, kind in field]))
                    break
            else:
                found = None
            if found is not None:
                out.extend(found)
                continue
        out.append(''.join([text for text, _ in field]))
