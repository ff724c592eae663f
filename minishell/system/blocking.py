"""Reads and writes that wait also where somebody has made the description non-blocking.

O_NONBLOCK belongs to the open file, which other processes have, too: any of them may set it
at any time, and to take it back would be their surprise.  So nothing may be lost or repeated
where it is set, and the shell sleeps as if it was not.
"""
from __future__ import annotations

import posix

from minishell.codec import encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

BLOCK, LARGE = 65536, 1 << 20           # what a pipe holds; for files
FIFO, FORMAT = 0o010000, 0o170000


def read_some(fd: int, count: int) -> bytes:
    """Up to so many bytes, at least one; none at the end.  Raises OSError."""
    while True:
        try:
            return posix.read(fd, count)
        except BlockingIOError:
            _sleep(fd, False)


def read_all(fd: int) -> bytes:
    """Everything that can be read from a descriptor, to its end.  Raises OSError."""
    blocks = [read_some(fd, BLOCK)]
    while blocks[-1]:
        blocks.append(read_some(fd, BLOCK))
    return b''.join(blocks)


def read_file(path: str) -> bytes:
    """All of a file.  Raises OSError."""
    fd = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    blocks = []
    try:
        while block := read_some(fd, LARGE):
            blocks.append(block)
    finally:
        posix.closerange(fd, fd + 1)    # without errors: nothing was written
    return b''.join(blocks)


def write_file(path: str, data: bytes) -> None:
    """Write to a file that is there.  Raises OSError."""
    fd = posix.open(path, posix.O_WRONLY | posix.O_CLOEXEC)
    try:
        posix.write(fd, data)
    finally:
        posix.closerange(fd, fd + 1)


def make_blocking(fd: int) -> None:
    """Take back O_NONBLOCK, for all who have the open file.  Raises OSError."""
    if not posix.get_blocking(fd):
        posix.set_blocking(fd, True)


def make_terminals_blocking() -> None:
    """Take back the O_NONBLOCK that a command has left on the terminal: the next one would
    find its input `temporarily unavailable`."""
    for fd in (0, 1, 2):
        try:
            if not posix.get_blocking(fd) and posix.isatty(fd):
                posix.set_blocking(fd, True)
        except OSError:                 # closed
            pass


def write_all(fd: int, data: bytes) -> None:
    """Write all of data.  Raises OSError."""
    while data:
        try:
            data = data[posix.write(fd, data):]
        except BlockingIOError:
            _sleep(fd, True)


class Output:
    """Standard output of built-in utilities: collected, then written at once."""

    __slots__ = ('pieces', 'fd')

    def __init__(self, fd: int = 1) -> None:
        self.pieces: list[str] = []
        self.fd = fd

    def write(self, text: str) -> None:
        """Add text to what the next flush writes."""
        self.pieces.append(text)

    def flush(self) -> None:
        """Write what has been collected.  Raises OSError."""
        data = encoded(''.join(self.pieces))
        self.pieces.clear()
        if data:
            try:
                data = data[posix.write(self.fd, data):]
            except BlockingIOError:
                pass
            write_all(self.fd, data)


def print_error(text: str) -> None:
    """Write one line to standard error; nothing can be done if that fails."""
    try:
        write_all(2, encoded(text + '\n'))
    except OSError:
        pass


def write_message(fd: int, data: bytes, look: Callable[[], object]) -> None:
    """Write all of data where a signal may end that: `look` acts on signals that have come;
    from here on the handler does, which sees where we are (`in_message`).  Raises OSError."""
    look()
    write_all(fd, data)


def in_message(frame: FrameType | None) -> bool:
    """Whether a frame is within write_message."""
    for _ in range(3):
        if frame is None or frame.f_code is write_message.__code__:
            break
        frame = frame.f_back
    return frame is not None and frame.f_code is write_message.__code__


def _sleep(fd: int, writing: bool) -> None:
    from select import POLLIN, POLLOUT, poll
    asked = poll()
    asked.register(fd, POLLOUT if writing else POLLIN)
    asked.poll()


def reopen(fd: int) -> int | None:
    """A pipe, a FIFO or a terminal opened anew, non-blocking for us alone: `poll` promises
    nothing where others read, too.  None where it is something else, or another user's."""
    try:
        if posix.fstat(fd).st_mode & FORMAT == FIFO or posix.isatty(fd):
            return posix.open(f'/proc/self/fd/{fd}', posix.O_RDONLY | posix.O_NONBLOCK
                              | posix.O_NOCTTY | posix.O_CLOEXEC)
    except OSError:
        pass
    return None
