"""The command history list of an interactive shell (XCU 3, sh and fc).

An entry is the text of one complete command as it was typed; entries are numbered from 1.
With HISTFILE set each is appended to that file at once; without it nothing is kept.  A shell
that starts cuts the file down to HISTSIZE entries.
"""
from __future__ import annotations

from minishell.state.history_file import HistoryFile
from minishell.syntax.names import decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.variables import Variables

DEFAULT_SIZE = 500                      # POSIX demands 128


class History:
    """The commands entered so far, the oldest ones forgotten beyond HISTSIZE."""

    __slots__ = ('first', 'current', '_entries', '_typed', '_variables', '_file')

    def __init__(self, variables: Variables) -> None:
        self._entries: list[str] | None = None
        self.first = 1                  # the number of entries[0]
        self.current = False            # the last entry is the command being run
        self._typed: list[str] = []     # lines of the command being read
        self._variables = variables
        self._file: HistoryFile | None = None

    @property
    def entries(self) -> list[str]:
        """The commands; what HISTFILE has is read when they are first asked for."""
        if self._entries is None:
            self._entries = []
            self._load(self._variables.get('HISTFILE'))
        return self._entries

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

    def end_command(self, kept: bool = True) -> None:
        """What was read since the last call becomes an entry, unless it is blank."""
        text = ''.join(self._typed).removesuffix('\n')
        self._typed.clear()
        self.current = kept and bool(text.strip())
        if self.current:
            self.add(text)

    def add(self, text: str) -> None:
        """Put a command at the end of the list."""
        self.entries.append(text)
        self._limit()
        if self._file is not None:
            self._file.append(text)

    def take_current(self) -> None:
        """Forget the command being run: fc is replaced by what it runs."""
        if not self.current:
            return
        self.current = False
        if self.entries:
            self.entries.pop()
        if self._file is not None:
            self._file.take_back()

    def _limit(self) -> bool:
        """Forget the oldest commands beyond HISTSIZE; true if there were any."""
        size = decimal(self._variables.get('HISTSIZE') or '')
        if size is None:
            size = DEFAULT_SIZE
        surplus = len(self.entries) - size
        if surplus <= 0:
            return False
        del self.entries[:surplus]
        self.first += surplus
        return True

    def _load(self, path: str | None) -> None:
        """Take what earlier shells have left in HISTFILE; without it there is no file."""
        if not path:
            return
        file = HistoryFile(path)
        try:
            self.entries.extend(file.load())
        except (OSError, ValueError):
            return                      # the list works without a file
        self._file = file
        if self._limit():
            file.cut(len(self.entries))
        self.first = 1
