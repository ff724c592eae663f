"""What a descriptor of a process refers to, as the recorder asks the kernel."""
from __future__ import annotations

import posix

from minishell.system.locks import MEETING, all_locks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMAT, FIFO, DEVICE, REGULAR = 0o170000, 0o010000, 0o020000, 0o100000
TERMINALS = ('/dev/pts/', '/dev/tty', '/dev/console')


def object_of(pid: int, fd: int) -> list[Any]:
    """What a descriptor refers to: its kind, device, inode, and how it is open (r 4, w 2)."""
    place = f'/proc/{pid}/fd/{fd}'
    try:
        found = posix.stat(place)
        mode = posix.lstat(place).st_mode       # the rights of the link say how it is open
        link = posix.readlink(place)
    except OSError:
        return ['other', 0, 0, 0]
    return [kind_of(found.st_mode, link), found.st_dev, found.st_ino, mode >> 6 & 0o6]


def kind_of(mode: int, link: str) -> str:
    """pipe, fifo, tty, file or other, by the mode of what it is and its name in /proc."""
    if mode & FORMAT == FIFO:
        return 'pipe' if link.startswith('pipe:') else 'fifo'
    if mode & FORMAT == DEVICE:
        return 'tty' if link.startswith(TERMINALS) else 'file'
    return 'file' if mode & FORMAT == REGULAR else 'other'


def is_fifo(pid: int, path: str) -> bool:
    """Whether a path of a process is a FIFO's."""
    try:
        return posix.stat(path if path[:1] == '/' else f'/proc/{pid}/cwd/{path}'
                          ).st_mode & FORMAT == FIFO
    except OSError:
        return False


def holder(pid: int, fd: int, kind: str, shared: bool) -> int:
    """Another process that has a lock on the file of a descriptor which one of a kind, flock
    or posix, has to wait for; 0 if none is known."""
    kinds = next(kinds for kinds in MEETING if kind in kinds)
    try:
        inode = posix.stat(f'/proc/{pid}/fd/{fd}').st_ino
        return next((lock.pid for lock in all_locks() if lock.inode == inode
                     and not lock.waits and lock.pid != pid and lock.kind in kinds
                     and not (shared and lock.mode == 'read')), 0)
    except OSError:
        return 0
