"""The wakeup pipe: for each signal that comes Python's C handler writes a byte, its number."""
from __future__ import annotations

import _signal
import posix
from fcntl import F_DUPFD_CLOEXEC, fcntl

from minishell.system.descriptors import LOWEST_OWN, close


def make_ends() -> tuple[int, ...]:
    """The ends of a new one; none where there are no descriptors."""
    try:
        ends = posix.pipe()
    except OSError:
        return ()
    high: list[int] = []
    try:
        for end in ends:
            high.append(fcntl(end, F_DUPFD_CLOEXEC, LOWEST_OWN))
            posix.set_blocking(high[-1], False)
    except OSError:                 # not below: scripts may write to those numbers
        for end in high:
            close(end)
        return ()
    finally:
        for end in ends:
            close(end)
    _signal.set_wakeup_fd(high[1], warn_on_full_buffer=False)
    return tuple(high)


def moved(fd: int, ends: tuple[int, ...]) -> tuple[int, ...]:
    """The ends with another number for one of them.  Raises OSError."""
    new = fcntl(fd, F_DUPFD_CLOEXEC, fd + 1)
    ends = tuple([new if end == fd else end for end in ends])
    _signal.set_wakeup_fd(ends[1], warn_on_full_buffer=False)
    close(fd)
    return ends


def close_ends(ends: tuple[int, ...]) -> None:
    """In a child: the pipe is the parent's."""
    _signal.set_wakeup_fd(-1)
    for end in ends:
        close(end)


def put_back(ends: tuple[int, ...], numbers: bytes, below: int) -> None:
    """Have the pipe say what it has said, without what has been counted, the numbers from
    `below` on: who has looked for signals, and is about to sleep on it, wakes up."""
    try:
        posix.write(ends[1], bytes({number for number in numbers if number < below}) or b'\0')
    except OSError:                 # it is full again
        pass
