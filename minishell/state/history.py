"""The command history list of an interactive shell (XCU 3, sh and fc).

An entry is the text of one complete command as it was typed; entries are numbered from 1.
With HISTFILE set each is appended to that file at once, so that nothing is lost by `exec` or
a crash; without it nothing is kept.  In the file a backslash at the end of a line joins the
next line to the same entry.  A shell that starts cuts the file down to HISTSIZE entries.
"""
from __future__ import annotations

import posix

from minishell.syntax.names import decimal
from minishell.system.descriptors import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.variables import Variables

DEFAULT_SIZE = 500                      # POSIX demands 128


class History:
    """The commands entered so far, the oldest ones forgotten beyond HISTSIZE."""

    __slots__ = ('first', 'current', '_entries', '_typed', '_variables', '_file', '_written')

    def __init__(self, variables: Variables) -> None:
        self._entries: list[str] | None = None
        self.first = 1                  # the number of entries[0]
        self.current = False            # the last entry is the command being run
        self._typed: list[str] = []     # lines of the command being read
        self._variables = variables
        self._file: str | None = None
        self._written = (0, 0)          # the file's size before and behind the last entry

    @property
    def entries(self) -> list[str]:
        """The commands; what HISTFILE has is read when they are first asked for."""
        if self._entries is None:
            self._entries = []
            self._load(self._variables.get('HISTFILE'))
            self.first = 1
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
            self._append(text)

    def take_current(self) -> None:
        """Forget the command being run: fc is replaced by what it runs."""
        if not self.current:
            return
        self.current = False
        if self.entries:
            self.entries.pop()
        if self._file is None:
            return
        before, behind = self._written
        try:
            if posix.stat(self._file).st_size == behind:        # ours is the last one
                posix.truncate(self._file, before)
        except OSError:
            pass

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

    # -- the file -------------------------------------------------------------------

    def _load(self, path: str | None) -> None:
        """Take what earlier shells have left in HISTFILE; without it there is no file."""
        if not path:
            return
        try:
            fd = posix.open(path, posix.O_RDWR | posix.O_CREAT | posix.O_CLOEXEC, 0o600)
        except (OSError, ValueError):
            return                      # the list works without a file
        try:
            if self._read(fd):
                self._trim(fd)
            self._file = path
        except OSError:                 # a directory, for example
            pass
        finally:
            close(fd)

    def _read(self, fd: int) -> bool:
        """Take what a descriptor has; true if it has more than HISTSIZE commands."""
        data = b''
        while block := posix.read(fd, 1 << 20):
            data += block
        text = data.replace(b'\0', b'').decode('utf-8', 'surrogateescape')
        entry = ''
        for line in text.split('\n')[:-1]:
            if line.endswith('\\'):
                entry += line[:-1] + '\n'
            else:
                if line.endswith('\\ '):
                    line = line[:-1]
                self.entries.append(entry + line)
                entry = ''
        return self._limit()

    def _trim(self, fd: int) -> None:
        """Leave in the file what is in the list, and what has just come in.

        In place, as others may have it open: whoever reads in between finds the commands,
        some of them twice.  Of two shells that start together one does it.
        """
        try:
            posix.lockf(fd, posix.F_TLOCK, 0)
        except OSError:
            return
        read = posix.lseek(fd, 0, 1)
        kept = b''.join([_lines(entry) for entry in self.entries])
        kept += posix.pread(fd, 1 << 20, read)
        if posix.pwrite(fd, kept, 0) == len(kept):
            posix.truncate(fd, len(kept))

    def _append(self, text: str) -> None:
        assert self._file is not None
        data = _lines(text)
        try:
            fd = posix.open(self._file, posix.O_WRONLY | posix.O_APPEND | posix.O_CREAT
                            | posix.O_CLOEXEC, 0o600)
        except OSError:
            return
        try:
            before = posix.fstat(fd).st_size
            posix.write(fd, data)
            self._written = (before, before + len(data))
        except OSError:
            pass
        finally:
            close(fd)


def _lines(entry: str) -> bytes:
    """An entry as it is written to the file."""
    lines = entry.replace('\n', '\\\n')
    if lines.endswith('\\'):            # not to be taken for a mark of ours
        lines += ' '
    return (lines + '\n').encode('utf-8', 'surrogateescape')
