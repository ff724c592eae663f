"""System calls that a signal ends, as in C: Python would take them up again (PEP 475).

A call here that sleeps ends with InterruptedError, and the caller acts on the signal knowing
what the call has done: a lock that was given, bytes that were written are never lost on the
way.  A signal that comes between the caller's last look and the sleep would leave a mark in
this process only, and the sleep would go on; so a tick, a signal every 100 ms, ends it.
"""
from __future__ import annotations

import _signal
import posix
from ctypes import (
    CDLL,
    POINTER,
    Structure,
    byref,
    c_char_p,
    c_int,
    c_int64,
    c_long,
    c_size_t,
    c_ssize_t,
    c_uint,
    c_void_p,
    create_string_buffer,
    get_errno,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ctypes import Array, c_char
    from typing import Any

TICK = 0.1              # seconds
MONOTONIC = 1           # CLOCK_MONOTONIC
TICKS = (_signal.SIGURG, _signal.SIGWINCH)      # nobody minds one of them more
KEYS = 1 << 32          # System V keys have 32 bits
LIBRARY = CDLL(None, use_errno=True)


def declare(name: str, result: Any, *parameters: Any) -> Any:
    """A function of the C library with its types.  Raises AttributeError if it has none."""
    function = getattr(LIBRARY, name)
    function.restype, function.argtypes = result, parameters
    return function


def declare_large(name: str, result: Any, *parameters: Any) -> Any:
    """The variant of a function whose offsets have 64 bits, where there are two."""
    try:
        return declare(name + '64', result, *parameters)
    except AttributeError:
        return declare(name, result, *parameters)


_open = declare_large('open', c_int, c_char_p, c_int, c_uint)
_read = declare('read', c_ssize_t, c_int, c_void_p, c_size_t)
_write = declare('write', c_ssize_t, c_int, c_void_p, c_size_t)
_pread = declare_large('pread', c_ssize_t, c_int, c_void_p, c_size_t, c_int64)
_pwrite = declare_large('pwrite', c_ssize_t, c_int, c_void_p, c_size_t, c_int64)
_flock = declare('flock', c_int, c_int, c_int)
_fcntl = declare_large('fcntl', c_int, c_int, c_int, c_void_p)


def checked(result: int) -> int:
    """What a call has given.  Raises OSError where that is -1."""
    if result == -1:
        number = get_errno()
        raise OSError(number, posix.strerror(number))
    return result


def open_path(path: bytes, flags: int, mode: int) -> int:
    """open(2), close-on-exec.  Raises OSError."""
    return checked(_open(path, flags | posix.O_CLOEXEC, mode))


def read(fd: int, count: int, offset: int | None = None) -> bytes:
    """read(2), or pread(2) at an offset.  Raises OSError."""
    buffer: Array[c_char] = create_string_buffer(count)
    got = _read(fd, buffer, count) if offset is None else _pread(fd, buffer, count, offset)
    return buffer.raw[:checked(got)]


def write(fd: int, data: bytes, offset: int | None = None) -> int:
    """write(2), or pwrite(2) at an offset: how many bytes.  Raises OSError."""
    return checked(_write(fd, data, len(data)) if offset is None
                   else _pwrite(fd, data, len(data), offset))


def flock(fd: int, operation: int) -> None:
    """flock(2).  Raises OSError."""
    checked(_flock(fd, operation))


def control_lock(fd: int, command: int, record: bytes) -> bytes:
    """fcntl(2) with a struct flock; gives what is in it behind the call.  Raises OSError."""
    buffer = create_string_buffer(record, len(record))
    checked(_fcntl(fd, command, buffer))
    return buffer.raw


class _Time(Structure):
    _fields_ = [('seconds', c_long), ('nanoseconds', c_long)]


class _Times(Structure):
    _fields_ = [('interval', _Time), ('first', _Time)]


class _Event(Structure):                # struct sigevent
    _fields_ = [('value', c_void_p), ('number', c_int), ('notify', c_int),
                ('rest', c_int * 12)]


class Tick:
    """The tick, in a `with`; the calls of the block then end every so many seconds.

    A timer of POSIX, for that of alarm(2) is the script's.  It is not inherited by children.
    Where the system has none the calls are ended by signals that come while they sleep.
    Its signal is let through in the block, if there is none that is not blocked.
    """

    def __init__(self, seconds: float = TICK) -> None:
        self._seconds = seconds
        self._timer: c_void_p | None = None
        self._number = 0
        self._before: Any = None
        self._opened = False            # its signal is blocked outside

    def __enter__(self) -> None:
        blocked = _signal.pthread_sigmask(_signal.SIG_BLOCK, ())
        numbers = [each for each in TICKS if not callable(_signal.getsignal(each))]
        number = next((each for each in numbers if each not in blocked), 0)
        opened = not number             # one that is pending would be lost
        if opened:
            pending = _signal.sigpending()
            number = next((each for each in numbers if each not in pending), 0)
        timer = c_void_p()
        if number == 0:
            return
        try:
            create = declare('timer_create', c_int, c_int, POINTER(_Event), POINTER(c_void_p))
            start = declare('timer_settime', c_int, c_void_p, c_int, POINTER(_Times), c_void_p)
        except AttributeError:          # an old C library
            return
        if create(MONOTONIC, byref(_Event(None, number, 0)), byref(timer)):
            return
        self._timer, self._number = timer, number
        self._before = _signal.signal(number, _nothing)
        self._opened = opened
        if opened:
            _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [number])
        span = _Time(int(self._seconds), int(self._seconds % 1 * 1e9))
        start(timer, 0, byref(_Times(span, span)), None)

    def __exit__(self, *error: object) -> None:
        if self._timer is None:
            return
        declare('timer_delete', c_int, c_void_p)(self._timer)
        if self._opened:
            _signal.pthread_sigmask(_signal.SIG_BLOCK, [self._number])
        if _signal.getsignal(self._number) is _nothing:     # no trap has been set meanwhile
            _signal.signal(self._number, self._before)


def _nothing(number: int, frame: object) -> None:
    """The handler of the tick: that there is one ends the call."""
