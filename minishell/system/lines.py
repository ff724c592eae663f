"""Lines from descriptors that others read, too: no byte more than the line is taken."""
from __future__ import annotations

import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

REGULAR, FORMAT = 0o100000, 0o170000
BLOCK = 4096


def read_line(fd: int, delimiter: bytes,
              wait: Callable[[], None] | None) -> tuple[bytes, bool]:
    """The bytes up to the delimiter, which is taken but not returned, and whether it came.

    From a regular file in blocks, the offset put back behind the line before anyone else
    can read; byte by byte from everything else.  `wait` is called before a read that may
    sleep; it may raise.  Raises OSError.
    """
    if posix.fstat(fd).st_mode & FORMAT == REGULAR:
        pieces = []
        while block := posix.read(fd, BLOCK):
            line, found, rest = block.partition(delimiter)
            pieces.append(line)
            if found:
                if rest:
                    posix.lseek(fd, -len(rest), 1)
                return b''.join(pieces), True
        return b''.join(pieces), False
    line_so_far = bytearray()
    while True:
        if wait is not None:
            wait()
        byte = posix.read(fd, 1)
        if byte == delimiter or not byte:
            return bytes(line_so_far), bool(byte)
        line_so_far += byte
