"""What was typed before, as the line editor recalls it: this shell's commands, then those of
all, from the database; from the history list alone where there is none."""
from __future__ import annotations

from time import time

from minishell.run.clock import formatted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from minishell.state.history import History
    from minishell.state.history_database import HistoryDatabase
    from minishell.state.shell import Shell

FILTERS = ('@cwd', '@fail', '@session', '@today')
DATE = '%F'
PAGE = 100              # commands that are fetched at a time
PART = 5_000            # that are searched at a time: about 1 ms


class Found:
    """A command that has been found, and its last run; None of what is not known of that."""

    __slots__ = ('text', 'start', 'duration', 'status', 'folder')

    def __init__(self, text: str, start: int | None = None, duration: int | None = None,
                 status: int | None = None, folder: str | None = None) -> None:
        """Times are in microseconds."""
        self.text = text
        self.start, self.duration = start, duration
        self.status, self.folder = status, folder


def database_of(history: History | None) -> HistoryDatabase | None:
    """The database, if it can be asked."""
    database = history.database if history is not None else None
    return database if database is not None and database.is_there() else None


def folder(shell: Shell) -> str:
    """Where a command runs, as the database knows it."""
    return shell.variables.get('PWD') or ''


def older(shell: Shell, prefix: str) -> Iterator[str]:
    """The commands that begin so, the newest first: those of this shell, then all others.

    Each is there once.  But without a prefix those of this shell are there as they were typed,
    a repeated one once in a row.
    """
    history = shell.history
    if history is None:
        return
    seen: set[str] = set()
    last = ''
    for text in reversed(history.own()):
        if text.startswith(prefix) and text != last and not (prefix and text in seen):
            last = text
            yield text
        seen.add(text)
    database = database_of(history)
    before: int | None = None
    while database is not None:
        page = database.page(prefix, before, PAGE)
        for text, _ in page:
            if text not in seen:
                seen.add(text)
                yield text
        if len(page) < PAGE:
            break
        before = page[-1][1]
    for text in reversed(history.parts()[1]):
        if text.startswith(prefix) and text not in seen:
            seen.add(text)
            yield text


def search(shell: Shell, query: str) -> Iterator[list[Found]]:
    """The commands that have all words of a query in them, one in which no letter is a capital
    in any case, and pass its filters; the newest first, each once.

    Each turn looks through a part of all, in a few milliseconds, and may find nothing.
    """
    history = shell.history
    if history is None:
        return
    words, filters = _apart(query)
    seen: set[str] = set()
    is_new = _since_midnight(shell) if '@today' in filters else lambda found: True
    for part in _parts(shell, history, words, filters):
        new = []
        for found in part:
            if found.text not in seen:
                seen.add(found.text)
                if (found.status or '@fail' not in filters) and is_new(found):
                    new.append(found)
        yield new


def _parts(shell: Shell, history: History, words: list[str],
           filters: list[str]) -> Iterator[list[Found]]:
    """What has the words, a part of all commands after the other."""
    database = database_of(history)
    if database is not None:
        before: int | None = None
        here = folder(shell) if '@cwd' in filters else None
        while True:
            rows, before = database.search(words, here, '@fail' in filters,
                                           '@session' in filters, before)
            if database.is_locked():
                break                   # what the list has is better than nothing
            yield [Found(*row) for row in rows]
            if before is None:
                return
    own, earlier = history.parts()
    if set(filters) - {'@session'}:
        return                          # nothing is known of them
    texts = own if filters else earlier + own
    for end in range(len(texts), 0, -PART):
        yield [Found(text) for text in reversed(texts[max(end - PART, 0):end])
               if all(word in (text.lower() if word == word.lower() else text)
                      for word in words)]


def _since_midnight(shell: Shell) -> Callable[[Found], bool]:
    """What says of a command whether its last run was begun today."""
    today = formatted(shell, DATE, time())
    return lambda found: found.start is not None \
        and formatted(shell, DATE, found.start / 1e6) == today


def _apart(query: str) -> tuple[list[str], list[str]]:
    """The words and the filters of a query; one that is being typed is neither."""
    pieces = query.split()
    filters = [piece for piece in pieces if piece in FILTERS]
    words = [piece for piece in pieces if piece not in FILTERS]
    if words and words[-1] == pieces[-1] and query[-1:].strip() \
            and any(name.startswith(words[-1]) for name in FILTERS):
        words.pop()
    return words, filters
