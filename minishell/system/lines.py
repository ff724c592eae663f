"""Lines from descriptors that others read, too: no byte more than the line is taken."""
from __future__ import annotations

import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

REGULAR, FORMAT = 0o100000, 0o170000
ESPIPE = 29
START, CURRENT = 0, 1
BLOCK = 4096


def read_line(fd: int, delimiter: bytes,
              wait: Callable[[], None] | None) -> tuple[bytes, bool]:
    """The bytes up to the delimiter, which is taken but not returned, and whether it came.

    Of a file in blocks, the offset moved behind the line; byte by byte from what has no
    offset.  `wait` is called before a read that may sleep; it may raise.  Raises OSError.
    """
    start = offset_of(fd)
    if start < 0:
        return _read_line_by_bytes(fd, delimiter, wait)
    line = b''
    while block := posix.pread(fd, BLOCK, start + len(line)):
        end = block.find(delimiter)
        if end >= 0:
            line += block[:end]
            posix.lseek(fd, start + len(line) + 1, START)
            return line, True
        line += block
    posix.lseek(fd, start + len(line), START)
    return line, False


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
    read = posix.read
    while True:
        if wait is not None:
            wait()
        byte = read(fd, 1)
        if byte == delimiter or not byte:
            return bytes(line), bool(byte)
        line += byte
