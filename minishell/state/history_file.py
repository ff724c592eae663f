"""HISTFILE: the commands of earlier shells, and of those that run beside this one.

An entry is a line; a backslash at its end joins the next one to it.  A line that begins with
`#` and a digit, as bash writes it if HISTTIMEFORMAT is set, says when the next entry was made;
where the file begins with one, all lines up to the next are one entry while that is set.  Each
is appended at once, so that `exec` or a crash loses none.  Only a regular file will do: reading
a FIFO or a device would wait, or never end.  Whatever fails costs the file, never the command.

Several shells share it: who writes holds a lock (fcntl), the one that cuts the file down from
before it reads until it has written.  A lock that another program keeps for long is not waited
for; then nothing is cut, and what is appended is in one write at the end.
"""
from __future__ import annotations

import posix
from time import time

from minishell.codec import decoded, encoded
from minishell.syntax.names import is_decimal
from minishell.system.blocking import write_all
from minishell.system.descriptors import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

REGULAR, FORMAT = 0o100000, 0o170000
START, END = 0, 2
MOST = 1 << 22          # bytes that are read, from the end
ATTEMPTS, PAUSE = 20, 0.01              # to have the lock


class Entry(str):
    """An entry that knows when it was made, in seconds since the Epoch."""

    __slots__ = ('time',)
    time: float


def entry_of(text: str, made: float | None = None) -> Entry:
    """An entry, by default one that is made now."""
    entry = Entry(text)
    entry.time = time() if made is None else made
    return entry


class HistoryFile:
    """A history file, opened anew for each use: it may be replaced."""

    __slots__ = ('path', '_patient', '_written')

    def __init__(self, path: str) -> None:
        self.path = path
        self._patient = True            # nobody has kept the lock for long
        self._written = (0, 0)          # the file's size before and behind the last entry

    def make(self) -> None:
        """Make the file if there is none, and see whether it can be read.  Raises OSError,
        ValueError."""
        close(self._open_to_read())

    def load(self, apart: bool = False) -> list[str]:
        """The entries; the file is made if there is none.  `apart`: told apart by their times,
        if they have any.  Raises OSError, ValueError."""
        fd = self._open_to_read()
        try:
            return _entries(fd, apart)
        finally:
            close(fd)

    def read(self, apart: bool = False) -> list[str]:
        """The entries of a file that is there, as `load` gives them.  Raises OSError,
        ValueError."""
        posix.stat(self.path)
        return self.load(apart)

    def write(self, entries: list[str], times: bool = False) -> None:
        """Make these the entries, with their times perhaps.  Raises OSError, ValueError."""
        fd = self._open(posix.O_WRONLY | posix.O_TRUNC)
        try:
            write_all(fd, _text(entries, times))
        finally:
            close(fd)

    def extend(self, entries: list[str], times: bool = False) -> None:
        """Add entries, with their times perhaps.  Raises OSError, ValueError."""
        fd = self._open(posix.O_WRONLY | posix.O_APPEND)
        try:
            write_all(fd, _text(entries, times))
        finally:
            close(fd)

    def cut(self, count: int, times: bool = False) -> None:
        """Leave the last entries in the file, with their times perhaps."""
        self._leave(lambda entries: entries[len(entries) - count:], times)

    def remove(self, text: str, times: bool = False) -> None:
        """Leave all entries but those of this text; all where they are too many to be read."""
        def others(entries: list[str]) -> list[str]:
            return [entry for entry in entries if entry != text]
        try:
            if posix.stat(self.path).st_size <= MOST:
                self._leave(others, times)
        except (OSError, ValueError):
            pass

    def _leave(self, choose: Callable[[list[str]], list[str]], times: bool) -> None:
        """Leave some of the entries.

        In place, as it may be a link, or others have it open: whoever reads without a lock
        meanwhile finds these entries, some of them twice.
        """
        try:
            posix.stat(self.path)      # nothing is made
            fd = self._open(posix.O_RDWR)
        except (OSError, ValueError):
            return
        try:
            if self._lock(fd):
                kept = _text(choose(_entries(fd, times)), times)
                if len(kept) <= posix.lseek(fd, 0, END) and \
                        posix.pwrite(fd, kept, 0) == len(kept):
                    posix.truncate(fd, len(kept))
        except OSError:
            pass
        finally:
            close(fd)

    def append(self, entry: str, times: bool = False) -> None:
        """Add an entry, with its time perhaps, on a line of its own; all of it, or nothing."""
        try:
            fd = self._open(posix.O_RDWR | posix.O_APPEND)
        except OSError:
            return
        try:
            locked = self._lock(fd)
            size = posix.fstat(fd).st_size
            data = _text([entry], times)
            if size and posix.pread(fd, 1, size - 1) != b'\n':
                data = b'\n' + data     # somebody's last line has no newline
            if size + len(data) > largest():
                return                  # a write would be SIGXFSZ
            if posix.write(fd, data) == len(data):
                self._written = (size, size + len(data))
            elif locked:
                posix.truncate(fd, size)        # the disk is full
        except OSError:
            pass
        finally:
            close(fd)

    def take_back(self) -> None:
        """Remove the entry appended last, if it still is the last one."""
        before, behind = self._written
        try:
            fd = self._open(posix.O_RDWR)
        except OSError:
            return
        try:
            if self._lock(fd) and posix.fstat(fd).st_size == behind:
                posix.truncate(fd, before)
        except OSError:
            pass
        finally:
            close(fd)

    def _open_to_read(self) -> int:
        try:
            return self._open(posix.O_RDWR)
        except PermissionError:
            return self._open(posix.O_RDONLY)

    def _open(self, flags: int) -> int:
        """A descriptor of it.  Raises OSError, ValueError."""
        try:                            # opening alone may have effects, on a device
            check_regular(posix.stat(self.path))
        except FileNotFoundError:
            flags |= posix.O_CREAT
        fd = posix.open(self.path, flags | posix.O_CLOEXEC | posix.O_NONBLOCK
                        | posix.O_NOCTTY, 0o600)
        try:
            check_regular(posix.fstat(fd))     # it may be another one by now
        except OSError:
            close(fd)
            raise
        return fd

    def _lock(self, fd: int) -> bool:
        """Lock the file until it is closed; false if somebody else keeps it."""
        posix.lseek(fd, 0, START)       # from where on it is locked
        for _ in range(ATTEMPTS if self._patient else 1):
            try:
                posix.lockf(fd, posix.F_TLOCK, 0)
            except (BlockingIOError, PermissionError):
                from time import sleep
                sleep(PAUSE)
            except OSError:             # there are no locks
                return False
            else:
                self._patient = True
                return True
        self._patient = False
        return False


def check_regular(stat: posix.stat_result) -> None:
    """Raises OSError unless it is a regular file's."""
    if stat.st_mode & FORMAT != REGULAR:
        raise OSError('not a regular file')


def largest() -> int:
    """The size of file that this process may write (`ulimit -f`)."""
    from resource import RLIM_INFINITY, RLIMIT_FSIZE, getrlimit
    limit = getrlimit(RLIMIT_FSIZE)[0]
    return MOST << 32 if limit == RLIM_INFINITY else limit


def _entries(fd: int, apart: bool = False) -> list[str]:
    """The entries in a file, the oldest first; perhaps told apart by their times.  Raises
    OSError."""
    size = posix.fstat(fd).st_size
    start = max(size - MOST, 0)
    data = b''
    while len(data) < size - start and \
            (block := posix.pread(fd, size - start - len(data), start + len(data))):
        data += block
    if start:
        data = data.partition(b'\n')[2]         # the first line is not whole
    lines = decoded(data.replace(b'\0', b'')).split('\n')
    if not lines[-1]:
        lines.pop()
    apart = apart and bool(lines) and _is_time(lines[0])
    entries: list[str] = []
    entry = ''
    made: float | None = None           # when the next one was
    now = time()
    for line in lines:
        if not (entry or made is not None or apart or line[:1] == '#' or line[-1:] in '\\ '):
            entries.append(entry_of(line, now))         # most are like this
        elif not entry and _is_time(line):
            made = _time_of(line)
        elif line.endswith('\\'):
            entry += line[:-1] + '\n'
        else:
            entry += line.removesuffix(' ') if _is_marked(line) else line
            if made is None and apart and entries:
                last = entries.pop()
                entry, made = f'{last}\n{entry}', getattr(last, 'time', None)
            entries.append(entry_of(entry, now if made is None else made))
            entry, made = '', None
    if entry:                           # a line that was to go on
        entries.append(entry_of(entry.removesuffix('\n') + '\\', made))
    return entries


def _is_time(line: str) -> bool:
    return line[:1] == '#' and is_decimal(line[1:2])


def _time_of(line: str) -> float:
    end = 1
    while is_decimal(line[end:end + 1]):
        end += 1
    return float(line[1:end])


def _is_marked(line: str) -> bool:
    return line.rstrip(' ').endswith('\\')


def _text(entries: list[str], times: bool) -> bytes:
    """Entries as they are written to the file, perhaps told apart by their times."""
    pieces = []
    for entry in entries:
        made = getattr(entry, 'time', None) if times else None
        pieces.append(_lines(entry) if made is None else encoded(f'#{int(made)}\n{entry}\n'))
    return b''.join(pieces)


def _lines(entry: str) -> bytes:
    """An entry as it is written to the file where times tell none apart."""
    lines = entry.replace('\n', '\\\n')
    if _is_marked(lines):               # not to be taken for a mark of ours
        lines += ' '
    return encoded(lines + '\n')
