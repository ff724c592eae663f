"""The command history list (XCU 3, sh and fc), of an interactive shell or, as in bash, of a
script that asks for one: `set -o history`, `history`.

An entry is the text of one complete command as it was typed; entries are numbered from 1.
With HISTFILE set a prompt appends each to that file at once; without it nothing is kept.  A
shell that starts cuts the file down to HISTSIZE entries.
"""
from __future__ import annotations

import posix

from minishell.state.history_file import HistoryFile, entry_of
from minishell.syntax.names import decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.history_database import HistoryDatabase
    from minishell.state.variables import Variables

DEFAULT_SIZE = 500                      # POSIX demands 128
CHOOSING = ('HISTCONTROL', 'HISTIGNORE')        # see history_rules.py


class History:
    """The commands entered so far, the oldest ones forgotten beyond HISTSIZE."""

    __slots__ = ('first', 'begun', 'current', 'unsaved', 'known', 'database', '_entries',
                 '_typed', '_variables', '_path', '_file')

    def __init__(self, variables: Variables, prompts: bool = True) -> None:
        self._entries: list[str] | None = None if prompts else []
        self.begun = 1                  # the number of the first entry that is of this shell
        self.first = 1                  # the number of entries[0]
        self.current = False            # the last entry is the command being run
        self.unsaved = 0                # entries that `history -a` has not written yet
        self.known = 0                  # lines of HISTFILE that `history -n` need not read
        self.database: HistoryDatabase | None = None    # of a line editor
        self._typed: list[str] = []     # lines of the command being read
        self._variables = variables
        self._path: str | None = None   # what HISTFILE was; of a script, None
        self._file: HistoryFile | None = None       # what that names, if it will do

    @property
    def entries(self) -> list[str]:
        """The commands; what HISTFILE has is read when they are first asked for."""
        if self._entries is None:
            self._begin_file()
            self._entries = []
            self._load()
        elif 'HISTSIZE' in self._variables.values:
            self._limit()
        return self._entries

    def is_read(self) -> bool:
        """Whether what HISTFILE has is in the list."""
        return self._entries is not None

    def own(self) -> list[str]:
        """The commands of this shell; nothing is read for it."""
        return self.entries[max(self.begun - self.first, 0):] if self.is_read() else []

    def parts(self) -> tuple[list[str], list[str]]:
        """The commands of this shell, and those before them."""
        entries = self.entries
        count = max(self.begun - self.first, 0)
        return entries[count:], entries[:count]

    def recording(self, read: Callable[[bool], str]) -> Callable[[bool], str]:
        """A reader that notes what is read; it gives single lines."""
        rest = ''

        def read_line(inside: bool) -> str:
            nonlocal rest
            text = rest or read(inside)
            line, newline, rest = text.partition('\n')
            line += newline
            self._typed.append(line)
            return line
        return read_line

    def typed(self) -> str:
        """What has been read of the next command."""
        return ''.join(self._typed)

    def end_command(self, kept: bool = True) -> None:
        """What was read since the last call becomes an entry, unless it is blank."""
        text = ''.join(self._typed).removesuffix('\n')
        self._typed.clear()
        if kept and text.strip():
            self.enter(text)
        else:
            self.current = False

    def enter(self, text: str) -> None:
        """Make a command that is about to run an entry, as HISTCONTROL and HISTIGNORE say."""
        values = self._variables.values
        chosen: str | None = text
        if any(name in values for name in CHOOSING):
            from minishell.state.history_rules import chosen_entry
            chosen = chosen_entry(text, self.entries, values)
        self.current = chosen is not None
        if chosen is not None:
            self.add(chosen)

    def add(self, text: str) -> None:
        """Put a command at the end of the list."""
        entries = self.entries
        entry = text if self._path is None and not self.has_times() else entry_of(text)
        entries.append(entry)
        self.unsaved += 1
        self._limit()
        file = self._named()
        if file is not None:
            file.append(entry, self.has_times())

    def has_times(self) -> bool:
        """Whether files have the times of entries (HISTTIMEFORMAT)."""
        return 'HISTTIMEFORMAT' in self._variables.values

    def take_current(self) -> None:
        """Forget the command being run: fc is replaced by what it runs."""
        if not self.current:
            return
        self.current = False
        if self.entries:
            self.entries.pop()
            self.unsaved = max(self.unsaved - 1, 0)
        file = self._named()
        if file is not None:
            file.take_back()

    def clear(self) -> None:
        """Forget all; what is kept in files stays."""
        self.entries.clear()
        self.first = self.begun = 1
        self.current = False
        self.unsaved = 0

    def forget(self, text: str) -> None:
        """Remove a command wherever it is kept."""
        own, earlier = self.parts()
        self.unsaved = max(self.unsaved - own.count(text), 0)
        self.begun -= earlier.count(text)
        self.entries[:] = [entry for entry in self.entries if entry != text]
        file = self._named()
        if file is not None:
            file.remove(text, self.has_times())
        if self.database is not None:
            self.database.forget(text)

    def saved(self) -> None:
        """`history -a` has written what is new."""
        self.known += self.unsaved
        self.unsaved = 0

    def appends_to(self, path: str) -> bool:
        """Whether each entry is put into a file at once."""
        return self._file is not None and path == self._path

    def follow(self) -> str:
        """The absolute name of the file that each entry is put into at once; '' if none.

        That is the one which HISTFILE names at the moment: once it has been assigned, that
        gets what this shell has entered, as bash writes it at its end.
        """
        self._begin_file()
        path = self._variables.get('HISTFILE') or ''
        if path != self._path:
            entries = self.entries      # what the other one has
            self._path = path
            self._file = None
            if path:
                file = HistoryFile(absolute(path))
                try:
                    file.extend(entries[len(entries) - min(self.unsaved, len(entries)):],
                                self.has_times())
                except (OSError, ValueError):
                    return ''
                self._file = file
        return self._file.path if self._file is not None else ''

    def _named(self) -> HistoryFile | None:
        """The file, while HISTFILE names it."""
        return self._file if self._path == self._variables.get('HISTFILE') else None

    def begin(self) -> None:
        """`set -o history` in a script: take what HISTFILE has."""
        path = self._variables.get('HISTFILE')
        if path and not self.entries:
            try:
                found = HistoryFile(path).read(self.has_times())
            except (OSError, ValueError):
                return
            self.entries.extend(found)
            self.known = len(found)
            self._limit()

    def _limit(self) -> bool:
        """Forget the oldest commands beyond HISTSIZE; true if there were any."""
        entries = self._entries or []
        text = self._variables.get('HISTSIZE') or ''
        size = decimal(text)
        if size is None:
            if text[:1] == '-' and decimal(text[1:]) is not None:
                return False            # no limit
            size = DEFAULT_SIZE
        surplus = len(entries) - size
        if surplus <= 0:
            return False
        del entries[:surplus]
        self.first += surplus
        return True

    def _begin_file(self) -> None:
        """Note which file HISTFILE names at first; without one there is none."""
        if self._path is not None or self._entries is not None:
            return
        self._path = self._variables.get('HISTFILE') or ''
        if self._path:
            file = HistoryFile(absolute(self._path))
            try:
                file.make()
            except (OSError, ValueError):
                return                  # the list works without a file
            self._file = file

    def _load(self) -> None:
        """Take what earlier shells have left in the file."""
        file = self._file
        if file is None:
            return
        try:
            self.entries.extend(file.load(self.has_times()))
        except (OSError, ValueError):
            return                      # no descriptor to be had; what is added has one perhaps
        if self._limit():
            file.cut(len(self.entries), self.has_times())
        self.first = 1
        self.begun = len(self.entries) + 1


def absolute(path: str) -> str:
    """A name that stays the same file's when the directory is changed."""
    if path[:1] == '/':
        return path
    try:
        return f'{posix.getcwd()}/{path}'
    except OSError:                     # the directory is gone
        return path
