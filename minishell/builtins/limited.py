"""read with a limit (`-n` and `-N` characters, `-t` seconds) and in other modes of a terminal
than its usual ones (`-s`, `-n`, `-N`, `-d`), as bash has them."""
from __future__ import annotations

import posix
from time import monotonic

from minishell.builtins.acting import acting
from minishell.errors import BuiltinError
from minishell.state.search import FORMAT, REGULAR
from minishell.syntax.names import HUGE, decimal, is_decimal
from minishell.system.blocking import reopen
from minishell.system.descriptors import close
from minishell.system.lines import START, offset_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell

    ReadRecord = Callable[[Shell, int, bytes, bool], tuple[bytes, bool]]

TIMED_OUT = 142                         # 128 + SIGALRM, as in bash
MOST_COUNT = 0x7FFFFFFF                 # bytes, in a C int of bash
BLOCK = 1024                            # bytes of a read; between two looks at the clock
DAY = 86_400                            # seconds: a sleep the kernel takes


class Limits:
    """What `read` was told to stop at, apart from the delimiter."""

    def __init__(self, options: dict[str, str]) -> None:
        self.exact = 'N' in options     # the delimiter is a character like others
        count = options.get('N', options.get('n'))
        self.count = None if count is None else _count(count)
        self.seconds = _seconds(options['t']) if 't' in options else None


def _count(text: str) -> int:
    count = decimal(text)
    if count is None or count > MOST_COUNT:
        raise BuiltinError(f'{text}: invalid number', 2)
    return count


def _seconds(text: str) -> float:
    text = text or '0'
    if not is_decimal(text.replace('.', '', 1)) or float(text) >= HUGE >> 1:
        raise BuiltinError(f'{text}: invalid timeout specification', 2)
    return float(text)


def usual_timeout(shell: Shell, fd: int) -> dict[str, str]:
    """The option -t that TMOUT stands for in bash mode; none for a file."""
    seconds = shell.variables.values['TMOUT']
    try:
        if shell.as_bash('TMOUT') and float(seconds) > 0 and is_decimal(
                seconds.replace('.', '', 1)) and posix.fstat(fd).st_mode & FORMAT != REGULAR:
            return {'t': seconds}
    except (ValueError, OSError):
        pass
    return {}


def limited(shell: Shell, fd: int, delimiter: bytes, options: dict[str, str],
            read_record: ReadRecord) -> tuple[bytes, int] | int:
    """What was read, and the status of `read`; that alone if nothing was to be read (`-t 0`).

    Without echo (`-s`), or not by lines (`-n`, `-N`, `-d`), the modes of a terminal come back
    however the read ends: with a line, SIGINT, a trap that leaves, a signal that a script dies
    of.  They are the usual ones, too, while the shell is stopped.  Raises OSError.
    """
    limits = Limits(options)
    if limits.seconds == 0:
        return 0 if readable(fd) else 1

    def run() -> tuple[bytes, int]:
        if limits.count is not None or limits.seconds is not None:
            return read_limited(shell, fd, delimiter, 'r' in options, limits)
        data, ended = read_record(shell, fd, delimiter, 'r' in options)
        return data, 0 if ended else 1
    if options.keys().isdisjoint(('s', 'n', 'N', 'd')) or not posix.isatty(fd):
        return run()
    from minishell.system.guarding import guard
    from minishell.system.terminal import Modes
    modes = Modes(fd, 's' not in options, options.keys().isdisjoint(('n', 'N', 'd')))
    undo = guard(shell.signals, modes.restore, modes.set)
    try:
        modes.set()
        return run()
    finally:
        try:
            modes.restore()
        finally:                        # a signal may have cut that short; there is no second
            modes.restore()
            undo()


def readable(fd: int) -> bool:
    """Whether a read would not have to wait (`-t 0`)."""
    from select import POLLIN, poll
    asked = poll()                      # select() takes no descriptor above 1023
    asked.register(fd, POLLIN)
    return bool(asked.poll(0))


class File:
    """The bytes of a file one by one, taken in blocks: they are there, whatever the time."""

    def __init__(self, shell: Shell, fd: int, start: int) -> None:
        self._shell, self._fd = shell, fd
        self._start = start             # of the block
        self._block = b''
        self._used = 0                  # of it

    def take(self) -> bytes:
        """The next byte; none at the end.  Raises OSError."""
        if self._used == len(self._block):
            self._start += self._used
            self._block, self._used = b'', 0
            self._block = self._shell.at_once(posix.pread, self._fd, BLOCK, self._start,
                                              act=acting(self._shell))
        byte = self._block[self._used:self._used + 1]
        self._used += len(byte)
        return byte

    def leave(self) -> None:
        """Have the next reader begin behind what has been taken."""
        posix.lseek(self._fd, self._start + self._used, START)


class Stream:
    """The bytes of what is no file one by one, as they come."""

    def __init__(self, shell: Shell, fd: int, seconds: float | None) -> None:
        self._shell = shell
        self._deadline = None if seconds is None else monotonic() + seconds
        self._own = None if seconds is None else reopen(fd)     # never waits in a read
        self._fd = fd if self._own is None else self._own
        self._taken = 0

    def take(self) -> bytes:
        """The next byte; none at the end.  Raises TimeoutError, OSError."""
        shell, deadline = self._shell, self._deadline
        self._taken += 1
        if not self._taken % BLOCK and deadline is not None and monotonic() > deadline:
            raise TimeoutError          # there is always something: `</dev/zero`
        if self._own is None and (deadline is not None or shell.signals.handles_any()):
            _wait(shell, self._fd, deadline)
        while True:
            try:
                return shell.at_once(posix.read, self._fd, 1, act=acting(shell))
            except BlockingIOError:     # nothing is there yet, or somebody was quicker
                _wait(shell, self._fd, deadline)

    def leave(self) -> None:
        """Close what has been opened."""
        if self._own is not None:
            close(self._own)


def read_limited(shell: Shell, fd: int, delimiter: bytes, raw: bool,
                 limits: Limits) -> tuple[bytes, int]:
    """What was read, and the status of `read`.  Raises OSError."""
    start = offset_of(fd) if limits.count != 1 else -1      # for one that would be more calls
    source = File(shell, fd, start) if start >= 0 else Stream(shell, fd, limits.seconds)
    try:
        return _read(source, delimiter, raw, limits)
    finally:
        source.leave()


def _read(source: File | Stream, delimiter: bytes, raw: bool,
          limits: Limits) -> tuple[bytes, int]:
    record = bytearray()
    characters = following = 0          # following: bytes that complete a character
    escaped = False
    while limits.count is None or characters < limits.count or following:
        try:
            byte = source.take()
        except TimeoutError:
            return bytes(record), TIMED_OUT
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
    while True:
        left = None if deadline is None else max(deadline - monotonic(), 0)
        try:
            if shell.signals.wait_readable(fd, None if left is None else min(left, DAY)):
                return
            acting(shell)()
        except TimeoutError:
            if left is not None and left <= DAY:
                raise
