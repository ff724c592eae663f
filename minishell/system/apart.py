"""A process apart: no child of this one, in a session of its own, with few descriptors."""
from __future__ import annotations

import _signal
import posix

from minishell.system.descriptors import close
from minishell.system.processes import any_changed
from minishell.system.signals import SIGCHLD, before_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NoReturn

# What does not end it: it is in nobody's way.
IGNORED = (_signal.SIGINT, _signal.SIGQUIT, _signal.SIGHUP, _signal.SIGPIPE, _signal.SIGTSTP,
           _signal.SIGTTIN, _signal.SIGTTOU, _signal.SIGUSR1, _signal.SIGUSR2,
           _signal.SIGALRM)
# What one does not see that looks at others now and then, for it may not trace them.
UNKNOWN = 'what programs read, write, open and close is not known, and sleeps are sampled'


def start_apart(run: Callable[[], object], kept: Iterable[int]) -> int:
    """Run a function in a copy of this process that keeps these descriptors, 0, 1 and 2 being
    /dev/null; returns its ID.  Raises OSError.

    It is the child of a child that has ended, so nobody waits for it by chance; the SIGCHLD of
    that one is taken away, unless other children have news, too.
    """
    reading, writing = posix.pipe()
    unblock = before_fork()
    try:
        known = SIGCHLD in _signal.sigpending()
        child = posix.fork()
        if not child:
            _begin(run, kept, writing)
        posix.waitpid(child, 0)
        if not known and _signal.sigtimedwait([SIGCHLD], 0) is not None and any_changed():
            posix.kill(posix.getpid(), SIGCHLD)
    finally:
        unblock()
        close(writing)
        told = posix.read(reading, 32)
        close(reading)
    if not told:
        raise ChildProcessError
    return int(told)


def _begin(run: Callable[[], object], kept: Iterable[int], writing: int) -> NoReturn:
    try:
        posix.setsid()
        if not posix.fork():
            posix.write(writing, str(posix.getpid()).encode())
            _settle(kept)
            run()
    finally:
        posix._exit(0)


def _settle(kept: Iterable[int]) -> None:
    for number in _signal.valid_signals() - {_signal.SIGKILL, _signal.SIGSTOP}:
        handled = _signal.SIG_IGN if number in IGNORED else _signal.SIG_DFL
        _signal.signal(number, handled)
    _signal.set_wakeup_fd(-1)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())
    null = posix.open('/dev/null', posix.O_RDWR)
    for fd in (0, 1, 2):
        if fd != null:
            posix.dup2(null, fd)
    first = 3
    for fd in sorted(kept):
        posix.closerange(first, fd)
        first = fd + 1
    posix.closerange(first, posix.sysconf('SC_OPEN_MAX'))
    posix.chdir('/')


def make_bell() -> int:
    """A descriptor that one process rings and another one hears (eventfd(2)).  Raises
    OSError."""
    return posix.eventfd(0, posix.EFD_CLOEXEC)


def ring(fd: int, value: int) -> None:
    """Ring a bell."""
    posix.eventfd_write(fd, value)


def hear(fd: int) -> int:
    """Wait until a bell has been rung: the sum of the values."""
    return posix.eventfd_read(fd)


def readable_within(fd: int, seconds: float) -> bool:
    """Wait until a bell has been rung or there is something to read, so many seconds at most;
    whether it is so."""
    from select import POLLIN, poll
    asked = poll()
    asked.register(fd, POLLIN)
    return bool(asked.poll(seconds * 1000))


def append(fd: int, data: bytes, write: Callable[[int, bytes], int] = posix.write) -> None:
    """Write data to a file, in one piece unless that is full.  Raises OSError, also
    where the file would be too large for `ulimit -f`: SIGXFSZ would end this process."""
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, [_signal.SIGXFSZ])
    try:
        done = 0
        while done < len(data):
            done += write(fd, data[done:] if done else data)
    except OSError:
        if _signal.SIGXFSZ in _signal.sigpending():
            _signal.sigtimedwait([_signal.SIGXFSZ], 0)
        raise
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def append_record(log: int, data: bytes) -> None:
    """Append to a log, as `append` does, in one call that the filter of a trace lets through:
    pwrite(2), which appends where the file is open for that.  Raises OSError."""
    append(log, data, lambda fd, rest: posix.pwrite(fd, rest, 0))


def make_log() -> int:
    """A file without a name to which several processes append.  Raises OSError."""
    fd = posix.memfd_create('log', posix.MFD_CLOEXEC)
    from fcntl import F_GETFL, F_SETFL, fcntl
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | posix.O_APPEND)
    return fd
