"""Locks on files: flock(2), record locks of fcntl(2), and /proc/locks.

A lock of flock(2) belongs to an open file description: children and duplicates have it, too.
A record lock belongs to a process and an inode: children do not have it, and it is gone as
soon as the process closes any descriptor of the file.  Neither sees the other.
"""
from __future__ import annotations

import fcntl
from struct import calcsize, pack, unpack

from minishell.system.blocking import read_file
from minishell.system.calls import control_lock, flock

SHARED, EXCLUSIVE, UNLOCK = fcntl.LOCK_SH, fcntl.LOCK_EX, fcntl.LOCK_UN
READ, WRITE, NONE = fcntl.F_RDLCK, fcntl.F_WRLCK, fcntl.F_UNLCK
MODES = {READ: 'read', WRITE: 'write'}
RECORD = 'hhqqi0q'      # struct flock: type, whence, start, length, pid
FROM_START, FROM_HERE = 0, 1        # SEEK_SET, SEEK_CUR


# Locks of the same kinds wait for each other.
MEETING = (('flock',), ('posix', 'ofdlck'))


class Lock:
    """A line of /proc/locks: a lock, or a process that waits for one."""

    __slots__ = ('number', 'waits', 'kind', 'advisory', 'mode', 'pid', 'device', 'inode',
                 'first', 'last')

    def __init__(self, line: str) -> None:
        """Raises ValueError for a line of another form."""
        number, *words = line.split()
        self.number = int(number.rstrip(':'))       # those of one number: holder, waiters
        self.waits = words[0] == '->'
        kind, enforcement, mode, pid, place, first, last = words[self.waits:]
        self.kind = kind.lower()                    # flock posix ofdlck lease …
        self.advisory = enforcement == 'ADVISORY'
        self.mode = mode.lower()                    # read write, of leases others
        self.pid = int(pid)                         # -1: of no process (ofdlck)
        major, minor, inode = place.split(':')
        self.device = int(major, 16), int(minor, 16)
        self.inode = int(inode)
        self.first = int(first)
        self.last = None if last == 'EOF' else int(last)        # the last byte

    def bars(self, wanted: Lock) -> bool:
        """Whether this lock is one that another has to wait for."""
        own = self.kind == wanted.kind == 'posix' and self.pid == wanted.pid
        return (not self.waits and not own and 'write' in (self.mode, wanted.mode)
                and (self.device, self.inode) == (wanted.device, wanted.inode)
                and any(self.kind in kinds and wanted.kind in kinds for kinds in MEETING)
                and (self.last is None or wanted.first <= self.last)
                and (wanted.last is None or self.first <= wanted.last))


def span(first: int, last: int | None) -> str:
    """The bytes of a lock as the kernel writes them: `0-EOF`."""
    return f'{first}-{"EOF" if last is None else last}'


def parse_locks(text: str) -> list[Lock]:
    """The lines of /proc/locks that can be understood."""
    found = []
    for line in text.splitlines():
        try:
            found.append(Lock(line))
        except (ValueError, IndexError):
            pass
    return found


def all_locks() -> list[Lock]:
    """The locks of the system.  Raises OSError."""
    return parse_locks(read_file('/proc/locks').decode('ascii', 'replace'))


def lock_description(fd: int, operation: int, wait: bool) -> None:
    """flock(2).  Raises OSError: BlockingIOError where it would have to wait and may not,
    InterruptedError where a signal came before the lock."""
    flock(fd, operation if wait else operation | fcntl.LOCK_NB)


def lock_record(fd: int, mode: int, wait: bool, start: int | None, length: int) -> None:
    """F_SETLK or F_SETLKW, from a byte or else from the file offset on; a length of 0 goes
    to the end of the file, a negative one covers the bytes before.  Raises OSError."""
    whence = FROM_HERE if start is None else FROM_START
    try:
        control_lock(fd, fcntl.F_SETLKW if wait else fcntl.F_SETLK,
                     pack(RECORD, mode, whence, start or 0, length, 0))
    except PermissionError as error:    # POSIX allows EACCES for EAGAIN
        raise BlockingIOError(*error.args) from None


def blocking_record(fd: int, mode: int, start: int | None, length: int,
                    ) -> tuple[int, int, int | None, int] | None:
    """F_GETLK: the mode, first and last byte (None: to the end) and process of the lock that
    a lock would have to wait for; None if it would be given.  Raises OSError."""
    whence = FROM_HERE if start is None else FROM_START
    record = control_lock(fd, fcntl.F_GETLK, pack(RECORD, mode, whence, start or 0, length, 0))
    mode, _, first, length, pid = unpack(RECORD, record[:calcsize(RECORD)])
    return None if mode == NONE else (mode, first, first + length - 1 if length else None, pid)
