"""System calls that a process enters and leaves → facts.

A fact is a dict of plain values: `k` its kind, `pid` the process, `t` when it was told (seconds
of the monotonic clock), and what it is about:

  start      held ppid group foreground      the shell, as the trace begins
  fork       child
  exec       path argv deaf lost narrow      deaf: its calls are not seen; recorder.py
  wait       t0                              it begins to wait for children
  reap       child status t0
  exit       status                          a wait status; `dead` when it is a zombie
  pipe       r w cloexec object
  open       fd path flags object t0         object: kind, device, inode, mode
  opening    path flags                      a FIFO that was never opened
  dup        fd new cloexec
  close      fd
  cloexec    fd on
  read write fd n data t0 count              n bytes, in so many calls; 0 is the end of a file,
                                             a negative one an error of a write
  cut        fd name t0 ended                it is within a read or a write, where it has
                                             ended, been stopped, or the recording ends
  kill       target number t0 blocked merged
  signal     number code sender ignored      it is delivered, or would be
  stop       number
  continue
  group      child group
  tty        group
  sleep      name t0 seconds                 it has slept, as it asked to
  lock       fd name t0 holder verb which    verb: lock, unlock; which: bytes, ` shared`;
                                             holder: who had it as it was asked for
  ipc        name t0 text slept left         text: what it was about; left: so many calls more
                                             that are not told
  asleep     t0 why                          of samples, as is `gone`
"""
from __future__ import annotations

import posix
from errno import EAGAIN, EINTR, ENOMSG, errorcode
from struct import unpack_from
from time import monotonic

from minishell.codec import decoded
from minishell.glass.arguments import (
    IPC,
    LOCKS,
    WAITING,
    WAITING_LOCKS,
    exchanged,
    lock_by_fcntl,
    lock_by_flock,
)
from minishell.glass.places import holder, is_fifo, object_of
from minishell.glass.transfers import Exchanges, Transfers
from minishell.system import facts, ptrace
from minishell.system.callnumbers import numbers
from minishell.system.seccomp import (
    CLONE_UNTRACED,
    F_DUPFD,
    F_DUPFD_CLOEXEC,
    F_SETFD,
    TIOCSPGRP,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from minishell.system.ptrace import Tracer

    Fact = dict[str, Any]
    Note = Callable[..., None]
    Arguments = tuple[int, ...]

MARK = 0x6D736874       # rung by the shell: the end of the recording
SHOWN = 64              # bytes of data that are kept
EPIPE = -32
FIRST_REAL_TIME = 32     # signals from here on queue
ENDINGS = ('.so', '.pyc', '.pth', '/gconv-modules.cache')
# What the dynamic linker, the C library and language runtimes open close-on-exec: nobody asked.
UNASKED = ('/lib', '/usr/lib', '/usr/share/locale', '/usr/share/zoneinfo', '/etc/ld.so',
           '/proc/', '/sys/', '/dev/urandom', '/etc/localtime', '/usr/share/terminfo',
           '/usr/local/lib', '/etc/nsswitch', '/etc/passwd', '/etc/group', '/etc/locale')
ALWAYS_UNASKED = ('/proc/self/maps', '/proc/filesystems', '/etc/ld.so', '/usr/lib/locale',
                  '/usr/share/locale')
SLEEPS = frozenset(('nanosleep', 'clock_nanosleep', 'pause', 'rt_sigsuspend',
                    'rt_sigtimedwait', 'poll', 'ppoll', 'select', 'pselect6'))
# Of these some are over at once, and yet late where others have the processor.
AT_ONCE = (SLEEPS | WAITING) - {'nanosleep', 'clock_nanosleep', 'pause', 'rt_sigsuspend',
                                'futex'}
SHORT = 0.001           # a call that is over sooner has not been slept in
NOT_NOW = (-EAGAIN, -ENOMSG)            # of a call that is not to wait
WNOHANG, WNOWAIT = 1, 0x01000000
CLD_EXITED, CLD_KILLED, CLD_DUMPED = 1, 2, 3


class Tracee:
    """A thread that is traced, and what it is just doing."""

    __slots__ = ('pid', 'process', 'name', 'arguments', 'since', 'path', 'stopped', 'again',
                 'pending', 'holder', 'switches', 'unasked', 'left')

    def __init__(self, pid: int, process: int) -> None:
        self.pid = pid
        self.process = process          # the ID of its process, that of its first thread
        self.name = ''                  # the call it is in
        self.arguments: Arguments = ()
        self.since = 0.0
        self.path = ''                  # of an open or exec
        self.stopped = False
        self.pending = False            # the signal that it sends was pending before
        self.holder = 0                 # who has the lock that it wants
        self.again = False              # the kernel goes on with the call: since counts
        self.switches = 0               # as the call began
        self.unasked = False            # what it has just opened nobody asked for
        self.left = False               # a first thread that has ended before others


class Calls:
    """The calls of all that are traced, and what has been summed up of them."""

    def __init__(self, tracer: Tracer, shell: int, note: Note) -> None:
        self._tracer = tracer
        self._shell = shell
        self._note = note
        self._names = {number: name for name, number in numbers().items()}
        self._transfers = Transfers(note)
        self._exchanges = Exchanges(note)
        self.ended = False              # the shell has rung
        self.everything = False         # what nobody asked for, too

    # -- entered --------------------------------------------------------------------------

    def entered(self, tracee: Tracee, number: int, arguments: Arguments) -> bool:
        """A call begins; whether its end is to be seen."""
        name = self._names.get(number, '')
        if name == 'restart_syscall':
            tracee.since = tracee.since or monotonic()
            return bool(tracee.name)
        if not name:
            tracee.name = ''
            return False
        again = tracee.again and tracee.name == name
        tracee.name, tracee.arguments, tracee.again = name, arguments, False
        if not again or not tracee.since:
            tracee.since = monotonic()
            if name in AT_ONCE:
                tracee.switches = facts.switches_of(tracee.pid)
        begin = BEGIN.get(name)
        return begin(self, tracee) if begin is not None else True

    def _close(self, tracee: Tracee) -> bool:
        """No error keeps it from being closed; one that was not open the replay knows."""
        tracee.unasked = False
        self._note('close', tracee.process, fd=_int(tracee.arguments[0]))
        self._transfers.forget(tracee.process, _int(tracee.arguments[0]))
        tracee.name = ''
        return False

    def _open(self, tracee: Tracee) -> bool:
        arguments = tracee.arguments
        place = arguments[0 if tracee.name in ('open', 'creat') else 1]
        path = tracee.path = decoded(self._tracer.text(tracee.pid, place))
        if not self.everything and (_is_library(path) or self._is_unasked(tracee)):
            tracee.name, tracee.unasked = '', True
            return False
        return True

    def _begin_read(self, tracee: Tracee) -> bool:
        """Not the head of a library, which the dynamic linker reads: a stop less for each."""
        if tracee.unasked:
            tracee.unasked = False
            try:
                path = posix.readlink(f'/proc/{tracee.pid}/fd/{_int(tracee.arguments[0])}')
            except OSError:             # it could not be opened
                return True
            if _is_library(path):
                tracee.name = ''
                return False
        return True

    def _is_unasked(self, tracee: Tracee) -> bool:
        path = tracee.path
        return path.startswith(ALWAYS_UNASKED) or path.startswith(UNASKED) \
            and '/fd/' not in path and bool(self._flags(tracee) & posix.O_CLOEXEC)

    def _exec(self, tracee: Tracee) -> bool:
        place = tracee.arguments[0 if tracee.name == 'execve' else 1]
        tracee.path = decoded(self._tracer.text(tracee.pid, place))
        return False

    def _wait(self, tracee: Tracee) -> bool:
        options = tracee.arguments[2 if tracee.name == 'wait4' else 3]
        if not options & WNOHANG:
            self._note('wait', tracee.process)
        return True

    def _write(self, tracee: Tracee) -> bool:
        """The shell's last: its bell."""
        if tracee.pid == self._shell and tracee.name == 'write' and tracee.arguments[2] == 8:
            data = self._tracer.memory(tracee.pid, tracee.arguments[1], 8)
            if len(data) == 8 and unpack_from('=Q', data)[0] == MARK:
                self.ended = True
        return True

    def _kill(self, tracee: Tracee) -> bool:
        target, number = _sent(tracee)
        tracee.pending = target > 0 and has_signal(target, number, 'ShdPnd', 'SigPnd')
        return True

    def _lock(self, tracee: Tracee) -> bool:
        """flock, and fcntl where it waits for a lock: who has it."""
        tracee.holder = 0
        fd, operation, address = tracee.arguments[:3]
        if tracee.name == 'flock':
            kind, (verb, which) = 'flock', lock_by_flock(operation)
        elif operation & 0xFFFFFFFF in WAITING_LOCKS:
            kind, (verb, which) = 'posix', lock_by_fcntl(self._memory(tracee), address)
        else:
            return True
        if verb == 'lock':
            tracee.holder = holder(tracee.process, _int(fd), kind, which.endswith(' shared'))
        return True

    def _sleep(self, tracee: Tracee) -> bool:
        if tracee.name in ('poll', 'ppoll') and tracee.process == self._shell:
            tracee.name = ''
            return False
        return True

    # -- left -----------------------------------------------------------------------------

    def left(self, tracee: Tracee, result: int) -> None:
        """A call has ended with a result, negative if it is an error."""
        name = tracee.name
        if not name:
            return
        if result in ptrace.RESTARTS:
            tracee.again = True
            return
        tracee.since = tracee.since or monotonic()
        leave = LEAVE.get(name)
        try:
            if leave is not None:
                leave(self, tracee, result)
            elif name in IPC:
                self._exchanged(tracee, result)
            elif name in SLEEPS and _has_slept(tracee):
                self._note('sleep', tracee.process, name=name, t0=tracee.since,
                           seconds=self._seconds(tracee, name))
        finally:
            tracee.name = ''

    def _seconds(self, tracee: Tracee, name: str) -> float | None:
        """How long it has asked to sleep, where it has."""
        place = {'nanosleep': 0, 'clock_nanosleep': 2}.get(name)
        if place is None or name == 'clock_nanosleep' and tracee.arguments[1] & 1:
            return None
        data = self._tracer.memory(tracee.pid, tracee.arguments[place], 16)
        if len(data) < 16:
            return None
        seconds, nanoseconds = unpack_from('=qq', data)
        return float(seconds + nanoseconds / 1e9)

    def _opened(self, tracee: Tracee, result: int) -> None:
        path, tracee.path = tracee.path, ''
        if result < 0:
            return
        self._transfers.forget(tracee.process, result)
        self._note('open', tracee.process, fd=result, path=path, flags=self._flags(tracee),
                   object=object_of(tracee.process, result), t0=tracee.since)

    def _flags(self, tracee: Tracee) -> int:
        arguments = tracee.arguments
        if tracee.name == 'creat':
            return posix.O_CREAT | posix.O_WRONLY | posix.O_TRUNC
        if tracee.name == 'openat2':
            data = self._tracer.memory(tracee.pid, arguments[2], 8)
            return int(unpack_from('=Q', data)[0]) if len(data) == 8 else 0
        return arguments[1 if tracee.name == 'open' else 2] & 0xFFFFFFFF

    def _piped(self, tracee: Tracee, result: int) -> None:
        if result < 0:
            return
        reading, writing = unpack_from('=ii', self._tracer.memory(
            tracee.pid, tracee.arguments[0], 8))
        flags = tracee.arguments[1] if tracee.name == 'pipe2' else 0
        for fd in (reading, writing):
            self._transfers.forget(tracee.process, fd)
        self._note('pipe', tracee.process, r=reading, w=writing,
                   object=object_of(tracee.process, reading),
                   cloexec=bool(flags & posix.O_CLOEXEC))

    def _dupped(self, tracee: Tracee, result: int) -> None:
        if result < 0:
            return
        self._transfers.forget(tracee.process, result)
        self._note('dup', tracee.process, fd=_int(tracee.arguments[0]), new=result,
                   cloexec=tracee.name == 'dup3'
                   and bool(tracee.arguments[2] & posix.O_CLOEXEC))

    def _controlled(self, tracee: Tracee, result: int) -> None:
        """fcntl: a copy, a lock, a descriptor that is inherited or not."""
        if result < 0:
            return
        fd, command = _int(tracee.arguments[0]), tracee.arguments[1] & 0xFFFFFFFF
        if command in (F_DUPFD, F_DUPFD_CLOEXEC):
            self._transfers.forget(tracee.process, result)
            self._note('dup', tracee.process, fd=fd, new=result,
                       cloexec=command == F_DUPFD_CLOEXEC)
        elif command == F_SETFD:
            self._note('cloexec', tracee.process, fd=fd, on=bool(tracee.arguments[2] & 1))
        elif command in LOCKS:
            self._has_locked(tracee, *lock_by_fcntl(self._memory(tracee),
                                                    tracee.arguments[2]))

    def _locked(self, tracee: Tracee, result: int) -> None:
        if result == 0:
            self._has_locked(tracee, *lock_by_flock(tracee.arguments[1]))

    def _has_locked(self, tracee: Tracee, verb: str, which: str) -> None:
        self._note('lock', tracee.process, fd=_int(tracee.arguments[0]), name=tracee.name,
                   t0=tracee.since, holder=tracee.holder, verb=verb, which=which)

    def _exchanged(self, tracee: Tracee, result: int) -> None:
        """A call of IPC is over, done or with an error; how a C library waits in a futex,
        and for what, is its own business, but for the sleep."""
        name = tracee.name
        slept = name in WAITING and _has_slept(tracee)
        if result in NOT_NOW and name != 'semtimedop':
            return
        if result == -EINTR or result in NOT_NOW:
            self._note_sleep(tracee, False)
            return
        if not slept and name == 'futex':
            return
        text = exchanged(self._memory(tracee), name, tracee.arguments, result)
        if text and (slept or self._exchanges.is_told(tracee.process, name)):
            text = f'{name} {errorcode.get(-result, "")}' if result < 0 else text
            self._note('ipc', tracee.process, name=name, t0=tracee.since, text=text,
                       slept=slept)

    def _memory(self, tracee: Tracee) -> Callable[[int, int], bytes]:
        return lambda address, count: self._tracer.memory(tracee.pid, address, count)

    def _read(self, tracee: Tracee, result: int) -> None:
        if result >= 0:
            self._transfer(tracee, 'read', _int(tracee.arguments[0]), result)

    def _wrote(self, tracee: Tracee, result: int) -> None:
        if result >= 0 or result == EPIPE:
            self._transfer(tracee, 'write', _int(tracee.arguments[0]), result)

    def _moved(self, tracee: Tracee, result: int) -> None:
        """sendfile, splice, copy_file_range: read here, written there."""
        arguments = tracee.arguments
        source, target = (1, 0) if tracee.name == 'sendfile' else (0, 2)
        if result >= 0:
            self._transfer(tracee, 'read', _int(arguments[source]), result, False)
        if result > 0 or result == EPIPE:
            self._transfer(tracee, 'write', _int(arguments[target]), result, False)

    def _transfer(self, tracee: Tracee, kind: str, fd: int, result: int,
                  shown: bool = True) -> None:
        if self._transfers.is_told(tracee.process, fd, kind, result):
            data = self._data(tracee, result) if result > 0 and shown else b''
            self._note(kind, tracee.process, fd=fd, n=result, data=data, t0=tracee.since,
                       count=1)

    def _data(self, tracee: Tracee, length: int) -> bytes:
        """The first bytes that were read or written."""
        address = tracee.arguments[1]
        if tracee.name in ('readv', 'writev'):
            place = self._tracer.memory(tracee.pid, address, 16)
            if len(place) < 16:
                return b''
            address, first = unpack_from('=QQ', place)
            length = min(length, first)
        return self._tracer.memory(tracee.pid, address, min(length, SHOWN))

    def _ranged(self, tracee: Tracee, result: int) -> None:
        """close_range: as far as a process may have descriptors."""
        first, last, flags = [value & 0xFFFFFFFF for value in tracee.arguments[:3]]
        if result == 0 and not flags:
            self._note('close', tracee.process, fd=first, last=min(last, 1 << 20))

    def _reaped(self, tracee: Tracee, result: int) -> None:
        if result <= 0:
            return
        place, status = tracee.arguments[1], None
        if place:
            data = self._tracer.memory(tracee.pid, place, 4)
            status = unpack_from('=i', data)[0] if len(data) == 4 else None
        self._note('reap', tracee.process, child=result, status=status, t0=tracee.since)

    def _reaped_by_kind(self, tracee: Tracee, result: int) -> None:
        """waitid: what it says is in a siginfo."""
        if result < 0 or tracee.arguments[3] & WNOWAIT or not tracee.arguments[2]:
            return
        data = self._tracer.memory(tracee.pid, tracee.arguments[2], 28)
        if len(data) < 28:
            return
        code, child, _, value = unpack_from('=i4xiii', data, 8)
        if child and code in (CLD_EXITED, CLD_KILLED, CLD_DUMPED):
            status = value << 8 if code == CLD_EXITED else value
            self._note('reap', tracee.process, child=child, status=status, t0=tracee.since)

    def _killed(self, tracee: Tracee, result: int) -> None:
        """A signal has been sent: `blocked` it waits there; `merged` with one that did."""
        target, number = _sent(tracee)
        if result == 0 and number:
            self._note('kill', tracee.process, target=target, number=number, t0=tracee.since,
                       merged=tracee.pending and number < FIRST_REAL_TIME,
                       blocked=target > 0 and has_signal(target, number, 'SigBlk'))

    def _grouped(self, tracee: Tracee, result: int) -> None:
        if result == 0:
            child = _int(tracee.arguments[0]) or tracee.process
            self._note('group', tracee.process, child=child,
                       group=_int(tracee.arguments[1]) or child)

    def _session(self, tracee: Tracee, result: int) -> None:
        if result > 0:
            self._note('group', tracee.process, child=tracee.process, group=result,
                       session=True)

    def _terminal(self, tracee: Tracee, result: int) -> None:
        if result == 0 and tracee.arguments[1] & 0xFFFFFFFF == TIOCSPGRP:
            data = self._tracer.memory(tracee.pid, tracee.arguments[2], 4)
            if len(data) == 4:
                self._note('tty', tracee.process, group=unpack_from('=i', data)[0])

    def flush(self) -> None:
        """Tell all that has only been counted."""
        self._transfers.flush()
        self._exchanges.flush()

    def _clone(self, tracee: Tracee) -> bool:
        """A child is made of which its maker may ask that nobody trace it: it would have the
        filter, and the calls that this looks at would be missing.  So it is traced."""
        tracee.name = ''
        flags = tracee.arguments[0]
        if flags & CLONE_UNTRACED:
            self._tracer.set_first_argument(tracee.pid, flags & ~CLONE_UNTRACED)
        return False

    def _clone_by_structure(self, tracee: Tracee) -> bool:
        """clone3, which has its flags in memory, in the first word."""
        tracee.name = ''
        address = tracee.arguments[0]
        data = self._tracer.memory(tracee.pid, address, 8)
        flags = unpack_from('=Q', data)[0] if len(data) == 8 else 0
        if flags & CLONE_UNTRACED:
            self._tracer.set_word(tracee.pid, address, flags & ~CLONE_UNTRACED)
        return False

    # -- ends -----------------------------------------------------------------------------

    def cut(self, tracee: Tracee) -> None:
        """A thread ends, perhaps within a call."""
        self._note_sleep(tracee, True)
        tracee.name = ''
        if tracee.pid == tracee.process:
            self._transfers.flush(tracee.process, True)
            self._exchanges.flush(tracee.process)

    def interrupted(self, tracee: Tracee) -> None:
        """A thread is stopped within a call, or the recording ends: it has slept until now, and
        may go on with the call, and sleep anew."""
        if tracee.name and tracee.since:
            self._note_sleep(tracee, False)
            tracee.since = 0.0

    def _note_sleep(self, tracee: Tracee, ended: bool) -> None:
        name, process = tracee.name, tracee.process
        if name in ('read', 'readv', 'write', 'writev'):
            self._note('cut', process, fd=_int(tracee.arguments[0]), name=name,
                       t0=tracee.since, ended=ended)
        elif name in ('open', 'openat') and is_fifo(process, tracee.path):
            self._note('opening', process, path=tracee.path, t0=tracee.since)
        elif name in SLEEPS:
            self._note('sleep', process, name=name, t0=tracee.since,
                       seconds=self._seconds(tracee, name), cut=True)
        elif name in WAITING:
            self._note('ipc', process, name=name, t0=tracee.since, text=name, slept=True,
                       cut=True)
        elif name in ('flock', 'fcntl') and tracee.holder:
            self._note('lock', process, fd=_int(tracee.arguments[0]), name=name,
                       t0=tracee.since, holder=tracee.holder, cut=True)

    def executed(self, tracee: Tracee) -> None:
        """A process has become another program."""
        tracee.name = ''
        self._transfers.flush(tracee.process)


def _is_library(path: str) -> bool:
    """Whether a file is one that is loaded, not read."""
    return path.endswith(ENDINGS) or '.so.' in path


def _has_slept(tracee: Tracee) -> bool:
    """Whether a thread has slept in the call that it leaves: one switch is that to the stop."""
    return monotonic() - tracee.since >= SHORT and (
        tracee.name not in AT_ONCE or facts.switches_of(tracee.pid) > tracee.switches + 1)


def _sent(tracee: Tracee) -> tuple[int, int]:
    """To whom a signal is sent, and which."""
    arguments = tracee.arguments
    return _int(arguments[0]), _int(arguments[2 if tracee.name == 'tgkill' else 1])


def has_signal(pid: int, number: int, *sets: str) -> bool:
    """Whether a signal is in one of these sets of a process."""
    return number > 0 and any(int(facts.field_of(pid, each) or '0', 16) >> number - 1 & 1
                              for each in sets)


def _int(value: int) -> int:
    """An argument as the C int that it is."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


BEGIN: dict[str, Callable[[Calls, Tracee], bool]] = {
    'clone': Calls._clone, 'clone3': Calls._clone_by_structure, 'close': Calls._close,
    'open': Calls._open, 'creat': Calls._open, 'openat': Calls._open,
    'openat2': Calls._open, 'execve': Calls._exec, 'execveat': Calls._exec,
    'wait4': Calls._wait, 'waitid': Calls._wait, 'read': Calls._begin_read,
    'write': Calls._write,
    'poll': Calls._sleep, 'ppoll': Calls._sleep, 'kill': Calls._kill, 'tkill': Calls._kill,
    'tgkill': Calls._kill, 'fcntl': Calls._lock, 'flock': Calls._lock,
}
LEAVE: dict[str, Callable[[Calls, Tracee, int], None]] = {
    'open': Calls._opened, 'creat': Calls._opened, 'openat': Calls._opened,
    'openat2': Calls._opened, 'pipe': Calls._piped, 'pipe2': Calls._piped,
    'dup': Calls._dupped, 'dup2': Calls._dupped, 'dup3': Calls._dupped,
    'fcntl': Calls._controlled, 'flock': Calls._locked, 'read': Calls._read,
    'readv': Calls._read, 'write': Calls._wrote, 'writev': Calls._wrote,
    'sendfile': Calls._moved, 'splice': Calls._moved, 'copy_file_range': Calls._moved,
    'close_range': Calls._ranged, 'wait4': Calls._reaped, 'waitid': Calls._reaped_by_kind,
    'kill': Calls._killed, 'tkill': Calls._killed, 'tgkill': Calls._killed,
    'setpgid': Calls._grouped, 'setsid': Calls._session, 'ioctl': Calls._terminal,
}
