"""read with a limit: `-n` and `-N` characters, `-t` seconds, as bash has them."""
from __future__ import annotations

import posix
from time import monotonic

from minishell.errors import BuiltinError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

TIMED_OUT = 142                         # 128 + SIGALRM, as in bash


class Limits:
    """What `read` was told to stop at, apart from the delimiter."""

    def __init__(self, options: dict[str, str]) -> None:
        self.exact = 'N' in options     # the delimiter is a character like others
        count = options.get('N', options.get('n'))
        self.count = None if count is None else _count(count)
        self.seconds = _seconds(options['t']) if 't' in options else None


def _count(text: str) -> int:
    if not text.isdigit() or not text.isascii():
        raise BuiltinError(f'{text}: invalid number', 2)
    return int(text)


def _seconds(text: str) -> float:
    if not text.replace('.', '', 1).isdigit() or not text.isascii():
        raise BuiltinError(f'{text}: invalid timeout specification', 2)
    return float(text)


def readable(fd: int) -> bool:
    """Whether a read would not have to wait (`-t 0`)."""
    from select import select
    return bool(select([fd], [], [], 0)[0])


def read_limited(shell: Shell, fd: int, delimiter: bytes, raw: bool,
                 limits: Limits) -> tuple[bytes, int]:
    """What was read, and the status of `read`.  Raises OSError."""
    deadline = None if limits.seconds is None else monotonic() + limits.seconds
    record = bytearray()
    characters = following = 0          # following: bytes that complete a character
    escaped = False
    while limits.count is None or characters < limits.count or following:
        try:
            _wait(shell, fd, deadline)
        except TimeoutError:
            return bytes(record), TIMED_OUT
        byte = posix.read(fd, 1)
        if not byte:
            return bytes(record), 1
        if byte == delimiter and not escaped and not limits.exact:
            return bytes(record), 0
        if not raw and byte == b'\\' and not escaped:
            escaped = True
            record += byte
            continue
        if escaped and byte == b'\n':   # a line continuation
            del record[-1]
        else:
            record += byte
            following = following - 1 if following else _continuation(byte[0])
            characters += not following
        escaped = False
    return bytes(record), 0


def _continuation(byte: int) -> int:
    """How many bytes follow the first one of a character in UTF-8."""
    return 0 if byte < 0xC0 else 1 if byte < 0xE0 else 2 if byte < 0xF0 else 3


def _wait(shell: Shell, fd: int, deadline: float | None) -> None:
    """Sleep until there is something to read; raises TimeoutError."""
    while not shell.signals.wait_readable(
            fd, None if deadline is None else max(deadline - monotonic(), 0)):
        shell.run_pending_traps()
