"""Lines from descriptors that others read, too: no byte more than the line is taken."""
from __future__ import annotations

import posix

from minishell.system.blocking import read_some

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

REGULAR, FORMAT = 0o100000, 0o170000
ESPIPE = 29
START, CURRENT = 0, 1
BLOCK = 4096
LARGEST = 1 << 20
AHEAD = 65536                           # what a pipe holds


def read_line(fd: int, delimiter: bytes,
              wait: Callable[[], None] | None) -> tuple[bytes, bool]:
    """The bytes up to the delimiter, which is taken but not returned, and whether it came.

    Of a file in blocks, the offset moved behind the line; byte by byte from what has no
    offset.  `wait` is called before a read that may sleep; it may raise.  Raises OSError.
    """
    start = offset_of(fd)
    if start < 0:
        return _read_line_by_bytes(fd, delimiter, wait)
    pieces: list[bytes] = []            # each as long as all before it
    pos, size = start, BLOCK
    while block := posix.pread(fd, size, pos):
        end = block.find(delimiter)
        if end >= 0:
            posix.lseek(fd, pos + end + 1, START)
            return b''.join((*pieces, block[:end])), True
        pieces.append(block)
        pos += len(block)
        size = min(pos - start, LARGEST)
    posix.lseek(fd, pos, START)
    return b''.join(pieces), False


class ReadAhead:
    """Lines of a descriptor that nobody else reads, taken in blocks; or of a text."""

    __slots__ = ('fd', '_data', '_pos')

    def __init__(self, fd: int, data: bytes = b'') -> None:
        self.fd = fd                    # -1: there is only the text
        self._data = data
        self._pos = 0

    def take(self, delimiter: bytes) -> bytes | None:
        """The next line if all of it is here, as `read_line` gives it."""
        end = self._data.find(delimiter, self._pos)
        if end < 0:
            return None
        line = self._data[self._pos:end]
        self._pos = end + 1
        return line

    def read_line(self, delimiter: bytes) -> tuple[bytes, bool]:
        """The next line without its delimiter, and whether it had one; reads on as far as it
        must.  Raises OSError."""
        if (line := self.take(delimiter)) is not None:
            return line, True
        pieces = [self._data[self._pos:]]
        self._data, self._pos = b'', 0
        while block := read_some(self.fd, AHEAD) if self.fd >= 0 else b'':
            end = block.find(delimiter)
            if end >= 0:
                self._data, self._pos = block, end + 1
                return b''.join((*pieces, block[:end])), True
            pieces.append(block)
        return b''.join(pieces), False


def offset_of(fd: int) -> int:
    """Where a file is read next; -1 for what is read once only, such as pipes, terminals
    and those devices that answer 0 always."""
    try:
        offset = posix.lseek(fd, 0, CURRENT)
    except OSError as error:
        if error.errno == ESPIPE:
            return -1
        raise
    if not offset and posix.fstat(fd).st_mode & FORMAT != REGULAR:
        return -1
    return offset


def _read_line_by_bytes(fd: int, delimiter: bytes,
                        wait: Callable[[], None] | None) -> tuple[bytes, bool]:
    line = bytearray()
    while True:
        if wait is None:
            byte = read_some(fd, 1)
        else:
            wait()
            try:
                byte = posix.read(fd, 1)
            except BlockingIOError:     # somebody was quicker, or Ctrl-C has dropped it
                continue
        if byte == delimiter or not byte:
            return bytes(line), bool(byte)
        line += byte
