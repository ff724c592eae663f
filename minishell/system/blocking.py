"""Reads and writes that wait also where somebody has made the description non-blocking.

O_NONBLOCK belongs to the open file, which other processes have, too: any of them may set it
at any time, and to take it back would be their surprise.  So nothing may be lost or repeated
where it is set, and the shell sleeps as if it was not.
"""
from __future__ import annotations

import posix


def read_some(fd: int, count: int) -> bytes:
    """Up to so many bytes, at least one; none at the end.  Raises OSError."""
    while True:
        try:
            return posix.read(fd, count)
        except BlockingIOError:
            _sleep(fd, False)


def write_all(fd: int, data: bytes) -> None:
    """Write all of data.  Raises OSError."""
    while data:
        try:
            data = data[posix.write(fd, data):]
        except BlockingIOError:
            _sleep(fd, True)


def _sleep(fd: int, writing: bool) -> None:
    from select import POLLIN, POLLOUT, poll
    asked = poll()
    asked.register(fd, POLLOUT if writing else POLLIN)
    asked.poll()
