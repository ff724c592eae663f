"""History expansion: `!!`, `!$`, `^old^new`, at a prompt and for `history -p` (as in bash).

An *event* is an entry of the history list, its words are chosen by number, the text by
modifiers: `!grep:2-$:s/a/b/`.
"""
from __future__ import annotations

import functools

from minishell.syntax.breaking import end_of_quoted
from minishell.syntax.names import is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

NO_EVENT = frozenset(' \t\n\r=')        # behind `!`, which is itself then
DESIGNATORS = '^$*-%'
ENDS = frozenset(' \t\n:^$*%;&()|<>')   # of the text of an event
COMMENT_BEHIND = ' \t\n;&()|<>'
OPERATORS = ('<<<', '<<-', '<<', '>>', '&&', '||', ';;', '|&', '>&', '<&', '&>')


class HistoryExpansionError(Exception):
    """There is no such event, no such word, or nothing to replace: says which and why."""


def expand_history(text: str, entries: list[str], first: int, extglob: bool = False) -> str:
    """Text with its history expansions replaced; under extglob `!(` is a pattern's.  Raises
    HistoryExpansionError."""
    expander = _Expander(text, entries, first)
    expander.extglob = extglob
    if text[:1] == '^':
        return expander.quickly()
    return expander.run()


def words_of(text: str) -> list[str]:
    """The words of an entry; operators are words as well."""
    words: list[str] = []
    pos = 0
    while pos < len(text):
        if text[pos] in ' \t\n':
            pos += 1
            continue
        start = pos
        if text[pos] in ';&()|<>':
            found = next((each for each in OPERATORS if text.startswith(each, pos)), text[pos])
            pos += len(found)
        else:
            while pos < len(text) and text[pos] not in ' \t\n;&()|<>':
                pos = end_of_quoted(text, pos)
        words.append(text[start:pos])
    return words


def expand_line(line: str, entries: list[str], first: int, extglob: bool, quote: str,
                posix: bool, comments: bool) -> tuple[str, bool]:
    """A line that is typed, expanded; and whether it is only to be shown (`:p`).

    `quote`: the one that is open where it begins; `comments`: there are such.  In POSIX mode
    nothing is expanded in double-quotes.  Raises HistoryExpansionError.
    """
    expander = _Expander(line, entries, first)
    expander.extglob, expander.posix, expander.comments = extglob, posix, comments
    text = expander.quickly() if line[:1] == '^' and not quote else expander.run(quote)
    return text, expander.shown_only


class _Expander:
    def __init__(self, text: str, entries: list[str], first: int) -> None:
        self.text = text
        self.entries = entries
        self.first = first
        self.pos = 0
        self.extglob = self.posix = self.comments = False
        self.double = False             # inside double-quotes
        self.shown_only = False         # there was a :p
        self.searched = ''              # of !?text?, which % means
        self.substitution = ('', '')    # of the last s, which & repeats

    def run(self, quote: str = '') -> str:
        """The whole text, a quote being open at its beginning."""
        text, out = self.text, ''
        self.double = double = quote == '"'
        if quote == "'":
            self.pos = text.find("'") + 1 or len(text)
            out = text[:self.pos]
        while self.pos < len(text):
            c, following = text[self.pos], text[self.pos + 1:self.pos + 2]
            end = self.pos + 1
            if c == '\\' or c == "'" and not double:
                end = min(end_of_quoted(text, self.pos), len(text))
            elif c == '"':
                self.double = double = not double
            elif c == '#' and self.comments and not double \
                    and (not out or out[-1] in COMMENT_BEHIND):
                end = len(text)
            elif c == '!' and not (double and self.posix) and self.is_event(following, double):
                self.pos += 1
                out += self.expansion(out)
                continue
            out += text[self.pos:end]
            self.pos = end
        return out

    def is_event(self, following: str, double: bool) -> bool:
        """Whether the `!` at pos begins an expansion."""
        before = self.text[max(self.pos - 2, 0):self.pos]
        return following != '' and following not in NO_EVENT and not (
            following == '"' and double or before[-1:] in ('$', '[') or before == '${'
            or following == '(' and self.extglob)

    def quickly(self) -> str:
        """`^old^new^` with all that follows."""
        self.pos = 1
        old, new = self.until('^'), self.until('^')
        return self.modified(self.tried(
            0, 'substitution failed', lambda: self.replaced(
                self.event_at(-1), old, new, False)))

    def expansion(self, before: str) -> str:
        """What stands for an event, the words of it, and modifiers."""
        start = self.pos - 1
        event = self.tried(start, 'event not found', lambda: self.event(before))
        start = self.pos
        return self.modified(
            self.tried(start, 'bad word specifier', lambda: self.chosen(event)))

    def tried(self, start: int, why: str, find: Callable[[], str]) -> str:
        """What is found, or else why not, with the text that asks for it."""
        try:
            return find()
        except HistoryExpansionError as error:
            if error.args:
                raise
            modifier = ':s' if self.text[start] == '^' else ''
            raise HistoryExpansionError(
                f'{modifier}{self.text[start:self.pos]}: {why}') from None

    # -- the event ----------------------------------------------------------------------

    def event(self, before: str) -> str:
        """The entry that is meant; `!#` is the text so far."""
        text, pos = self.text, self.pos
        c = text[pos]
        if c == '!' or c == '#':
            self.pos += 1
            return before if c == '#' else self.event_at(-1)
        sign = c == '-'
        end = pos + sign
        while is_decimal(text[end:end + 1]):
            end += 1
        if end > pos + sign:
            self.pos = end
            number = int(text[pos + sign:end])
            return self.event_at(-number if sign else number - self.first)
        if c in DESIGNATORS or c == ':':
            return self.event_at(-1)
        inside = c == '?'
        self.pos += inside
        start = self.pos
        while self.pos < len(text) and text[self.pos] != '\n' and (
                text[self.pos] != '?' if inside else text[self.pos] not in ENDS
                and not (self.double and text[self.pos] == '"')):
            self.pos += 1
        wanted = text[start:self.pos]
        if inside:
            self.pos += text[self.pos:self.pos + 1] == '?'
            self.searched = wanted
        for entry in reversed(self.entries if wanted else ()):
            if wanted in entry if inside else entry.startswith(wanted):
                return entry
        raise HistoryExpansionError

    def event_at(self, index: int) -> str:
        """An entry by its place."""
        count = len(self.entries)
        index = index if index >= 0 else index + count
        if not 0 <= index < count:
            raise HistoryExpansionError
        return self.entries[index]

    # -- its words ----------------------------------------------------------------------

    def chosen(self, event: str) -> str:
        """The words that are asked for; all of the event if none are."""
        text = self.text
        colon = text[self.pos:self.pos + 1] == ':'
        c = text[self.pos + colon:self.pos + colon + 1]
        if not c or c not in DESIGNATORS and not (colon and is_decimal(c)):
            return event
        self.pos += colon
        words = words_of(event)
        if c == '%':
            self.pos += 1
            return next((word for word in words if self.searched in word), '')
        if c == '*':
            self.pos += 1
            return ' '.join(words[1:])
        last = len(words) - 1
        start = 0 if c == '-' else self.number(last)
        end = start
        if text[self.pos:self.pos + 1] == '*':
            self.pos += 1
            end = last
        elif text[self.pos:self.pos + 1] == '-':
            self.pos += 1
            c = text[self.pos:self.pos + 1]
            end = self.number(last) if c and (c in '^$' or is_decimal(c)) else last - 1
        if start > last + 1 or end > last or start > end + 1 or start > last and end < last:
            raise HistoryExpansionError
        return ' '.join(words[start:end + 1])

    def number(self, last: int) -> int:
        """The index of a word."""
        c = self.text[self.pos]
        if c in '^$':
            self.pos += 1
            return 1 if c == '^' else last
        start = self.pos
        while is_decimal(self.text[self.pos:self.pos + 1]):
            self.pos += 1
        return int(self.text[start:self.pos])

    # -- modifiers ------------------------------------------------------------------------

    def modified(self, found: str) -> str:
        """What modifiers make of it."""
        text = self.text
        while text[self.pos:self.pos + 1] == ':':
            letter = text[self.pos + 1:self.pos + 2]
            if not letter or letter not in 'htrepqxsgaG&':
                raise HistoryExpansionError(f'{letter}: unrecognized history modifier')
            start = self.pos
            self.pos += 2
            every = letter in 'gaG'
            if every:
                letter = text[self.pos:self.pos + 1]
                self.pos += 1
            found = self.tried(start, 'substitution failed', functools.partial(
                self.modify, found, letter, every))
        return found

    def modify(self, found: str, letter: str, every: bool) -> str:
        """One of them."""
        folder, slash, name = found.rpartition('/')
        stem, dot, suffix = name.rpartition('.')
        if letter == 'h':
            return folder if slash else found
        if letter == 't':
            return name
        if letter == 'r':
            return folder + slash + stem if dot else found
        if letter == 'e':
            return dot + suffix if dot else found
        if letter == 'q':
            return _quoted(found)
        if letter == 'x':
            return ' '.join(map(_quoted, found.split()))
        if letter == '&':
            return self.replaced(found, *self.substitution, every)
        if letter == 's':
            delimiter = self.text[self.pos:self.pos + 1]
            self.pos += 1
            return self.replaced(found, self.until(delimiter), self.until(delimiter), every)
        self.shown_only = True          # p
        return found

    def until(self, delimiter: str) -> str:
        """Text up to a delimiter, which a backslash quotes, or to the end."""
        pieces = []
        while self.pos < len(self.text):
            c = self.text[self.pos]
            self.pos += 1
            if c == delimiter:
                break
            if c == '\\' and self.text[self.pos:self.pos + 1] == delimiter:
                c = delimiter
                self.pos += 1
            pieces.append(c)
        return ''.join(pieces)

    def replaced(self, found: str, old: str, new: str, every: bool) -> str:
        """The event with one text replaced by another, in which `&` is the first."""
        old = old or self.substitution[0] or self.searched
        self.substitution = old, new
        if not old or old not in found:
            raise HistoryExpansionError
        new = new.replace('\\&', '\0').replace('&', old).replace('\0', '&')
        return found.replace(old, new, -1 if every else 1)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
