"""Reads and writes of traced processes: told one by one, and summed up where they are many; and
calls of IPC, of which those behind many are only counted."""
from __future__ import annotations

from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.calls import Note

MOST = 200              # told by process and descriptor, or call; then they are summed up


class Sum:
    """Transfers of one kind by one process and descriptor."""

    __slots__ = ('told', 'count', 'bytes', 'since')

    def __init__(self) -> None:
        self.told = 0
        self.count = self.bytes = 0     # of those that have only been counted
        self.since = 0.0


class Transfers:
    """Which have been told, and how many have not."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._sums: dict[tuple[int, int, str], Sum] = {}

    def is_told(self, process: int, fd: int, kind: str, result: int) -> bool:
        """Whether a read or a write is to be told, or has been counted: the ends of files and
        errors are always told."""
        key = process, fd, kind
        known = self._sums.get(key)
        if known is None:
            known = self._sums[key] = Sum()
        if result <= 0:
            self._tell(key)
            return True
        if known.told < MOST:
            known.told += 1
            return True
        if not known.count:
            known.since = monotonic()
        known.count += 1
        known.bytes += result
        return False

    def _tell(self, key: tuple[int, int, str]) -> None:
        known = self._sums.get(key)
        if known is not None and known.count:
            process, fd, kind = key
            self._note(kind, process, fd=fd, n=known.bytes, data=b'', t0=known.since,
                       count=known.count, t=known.since)
            known.count = known.bytes = 0

    def forget(self, process: int, fd: int) -> None:
        """A descriptor becomes another one: tell what has been counted."""
        for kind in ('read', 'write'):
            self._tell((process, fd, kind))
            self._sums.pop((process, fd, kind), None)

    def flush(self, process: int | None = None, ended: bool = False) -> None:
        """Tell what has been counted, of all or of one process, which may have ended."""
        for key in list(self._sums):
            if process in (None, key[0]):
                self._tell(key)
                if ended:
                    del self._sums[key]


class Exchanges:
    """How many calls of IPC, by name, each process has made."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._counts: dict[tuple[int, str], int] = {}

    def is_told(self, process: int, name: str) -> bool:
        """Whether a call is to be told, or has been counted."""
        name = 'semop' if name == 'semtimedop' else name    # the C library's way to call it
        count = self._counts[process, name] = self._counts.get((process, name), 0) + 1
        return count <= MOST

    def flush(self, process: int | None = None) -> None:
        """Tell how many have been left out, of all or of one process, which has ended."""
        for key in [key for key in self._counts if process in (None, key[0])]:
            left = self._counts.pop(key) - MOST
            if left > 0:
                self._note('ipc', key[0], name=key[1], t0=monotonic(), slept=False, left=left,
                           text=f'{key[1]} ×{left} left out')
