"""A process that is looked at: the call it sleeps in, its memory, its descriptors, since when
it has not run (proc(5)).  What may not be looked at is left out; nothing is guessed.
"""
from __future__ import annotations

import posix
from _thread import allocate_lock, start_new_thread
from time import sleep

from minishell.codec import decoded
from minishell.system import descriptions, facts
from minishell.system.blocking import read_file
from minishell.system.descriptors import close
from minishell.system.masks import of_process
from minishell.system.signals import SIGSTOP, SIGTSTP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.system.descriptions import Held

LONGEST_PATH = 4096
SETTLED = 200           # milliseconds that processes may take to stop
SETTLING = 50           # of them behind the signal
STOPS = frozenset((SIGSTOP, SIGTSTP))
# What restart_syscall goes on with, by where the kernel sleeps; elsewhere a sleep.
INTERRUPTED = ('poll', 'futex')
CLOCKS = 16             # the first argument of clock_nanosleep is less, nanosleep's an address
CLOSE_ON_EXEC = 0o2000000       # O_CLOEXEC, as /proc shows it


class Process:
    """A process that is looked at; `brief`: neither at a file system, which may not answer, nor
    at the descriptors of all others."""

    __slots__ = ('pid', 'brief', 'stat', 'name', 'looks_again', 'stopped_by')

    def __init__(self, pid: int, brief: bool = False) -> None:
        self.pid, self.brief = pid, brief
        self.stat = facts.stat_of(pid)          # nothing if there is no such process
        self.name = self.stat.get('name', '')
        self.looks_again = False        # its sleep is one of many short ones
        self.stopped_by = 0             # a signal, if that is known

    def call(self) -> tuple[str, list[int]]:
        """The call it sleeps in, and its arguments; '' where that is not known."""
        words = facts.text_of(self.pid, 'syscall').split()
        if len(words) < 7 or not words[0].isdecimal() or posix.uname().machine != 'x86_64':
            return '', []
        name, arguments = facts.SLEEPING.get(int(words[0]), ''), \
            [int(word, 16) for word in words[1:7]]
        if name == 'restart_syscall':   # SIGSTOP and SIGCONT have come meanwhile
            sleeps = facts.text_of(self.pid, 'wchan')
            name = next((call for call in INTERRUPTED if call in sleeps),
                        'clock_nanosleep' if arguments[0] < CLOCKS else 'nanosleep')
        return name, arguments

    def settle(self, patience: int) -> int:
        """Give it time to stop, so many milliseconds at most; what is left of them.  It may not
        have taken the signal yet that its parent has; and one that is stopped may have to be
        given a processor once more, until when the kernel says of it that it runs."""
        grace = SETTLING
        while patience and grace and facts.text_of(self.pid, 'syscall') == 'running\n':
            stops = facts.stat_of(self.pid).get('state') == 'T' \
                or not STOPS.isdisjoint(_pending(self.pid))
            grace = SETTLING if stops else grace - 1
            sleep(0.001)
            patience -= 1
        return patience

    def memory(self, address: int, length: int) -> bytes:
        """A piece of its memory, or what there is of it; nothing where that is not allowed."""
        try:
            fd = posix.open(f'/proc/{self.pid}/mem', posix.O_RDONLY | posix.O_CLOEXEC)
        except OSError:
            return b''
        try:
            page = 4096 - address % 4096        # the next one need not be there
            data = posix.pread(fd, min(length, page), address)
            if length > page and len(data) == page:
                try:
                    data += posix.pread(fd, length - page, address + page)
                except OSError:
                    pass
            return data
        except (OSError, OverflowError):
            return b''
        finally:
            close(fd)

    def path(self, address: int) -> str:
        """The path that is at an address of its memory; '' where that is not known."""
        text, zero, _ = self.memory(address, LONGEST_PATH).partition(b'\0')
        return decoded(text) if zero else ''

    def held(self, fd: int) -> Held | None:
        """A descriptor of it; None where it may not be looked at."""
        try:
            return descriptions.Held(self.pid, fd, not self.brief)
        except OSError:
            return None

    def wakes_itself(self, one: Held) -> bool:
        """Whether a descriptor that it waits for is one that its handlers of signals write to:
        an end of a pipe of its own, of which it holds the other one, which never waits."""
        if one.link in ('anon_inode:[signalfd]', 'anon_inode:[eventfd]'):
            return True
        return one.link.startswith('pipe:') and any(
            end.writes() and end.bits & (posix.O_NONBLOCK | CLOSE_ON_EXEC) == (
                posix.O_NONBLOCK | CLOSE_ON_EXEC)
            for end in descriptions.ends_in(self.pid, one))

    def has_timer(self) -> bool:
        """Whether a timer of it (timer_create(2)) ends its sleeps, to be begun anew."""
        return bool(facts.text_of(self.pid, 'timers'))

    def is_orphan(self) -> bool:
        """Whether its maker has ended before it: no child begins in a session that is neither
        its parent's nor its own."""
        session = self.stat.get('session', '0')
        parent = facts.stat_of(int(self.stat.get('ppid', 0)))
        return bool(parent) and session not in ('0', str(self.pid), parent['session'])

    def children(self) -> list[int]:
        """Its children, the first first."""
        return [int(word) for word in
                facts.text_of(self.pid, f'task/{self.pid}/children').split()]

    def asleep(self) -> float | None:
        """For how many seconds it has not run; None where the kernel does not say.

        Each processor has a scheduler's clock of its own, seconds or hours apart from another
        one: only that on which it has last run can tell, and it may have run meanwhile.
        """
        then = _last_run(facts.text_of(self.pid, 'sched'))
        processor = facts.processor_of(self.pid)
        if then is None or processor is None:
            return None
        clock = _clock(processor)
        if clock is None or _last_run(facts.text_of(self.pid, 'sched')) != then:
            return None
        return max(clock - then, 0)


def _last_run(sched: str) -> float | None:
    """When a thread was last given a processor, in seconds of the clock of that one; None where
    the kernel has forgotten it, as of one that was moved to another processor in its sleep."""
    for line in sched.splitlines():
        if line.startswith('se.exec_start'):
            return float(line.rpartition(':')[2]) / 1000 or None
    return None


def _clock(processor: int) -> float | None:
    """The time by the scheduler's clock of a processor; None where it cannot be had."""
    times: list[float | None] = []
    done = allocate_lock()

    def look() -> None:
        try:
            posix.sched_setaffinity(0, (processor,))
            times.append(_last_run(decoded(read_file('/proc/thread-self/sched'))))
        except OSError:                 # we may not run there
            pass
        finally:
            done.release()
    done.acquire()
    try:
        start_new_thread(look, ())      # where the shell itself may run is left as it is
    except RuntimeError:                # there are too many
        return None
    done.acquire()
    return times[0] if times else None


def _pending(pid: int) -> list[int]:
    try:
        return of_process(pid)['pending']
    except OSError:                     # it has ended
        return []


def named(pid: int) -> str:
    """A process as a sentence names it."""
    name = facts.stat_of(pid).get('name', '')
    return f'{pid} ({name})' if name else str(pid)


def listed(pids: list[int], conjunction: str = 'and') -> str:
    """Processes in a sentence."""
    names = [named(pid) for pid in pids]
    return f' {conjunction} '.join([', '.join(names[:-1]), names[-1]] if len(names) > 1
                                   else names)


def spent(seconds: float) -> str:
    """A time in words."""
    if seconds < 1:
        return f'{seconds * 1000:.0f} ms'
    if seconds < 60:
        return f'{seconds:.1f} s'
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f'{hours} h {minutes} min' if hours else f'{minutes} min {rest} s'
