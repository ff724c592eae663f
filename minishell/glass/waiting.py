"""Why a process does not run: what it waits for, since when, and who could wake it.

The kernel is asked: /proc/PID/syscall names the call that it sleeps in and its arguments, which
are read from its memory where they are addresses; pipes, locks, children tell who is at the
other end.  What may not be looked at is left out; nothing is guessed.
"""
from __future__ import annotations

import posix
from _thread import allocate_lock, start_new_thread
from struct import Struct
from time import sleep

from minishell.codec import decoded
from minishell.system import descriptions, facts
from minishell.system.blocking import FIFO, FORMAT, read_file
from minishell.system.descriptors import close
from minishell.system.locks import all_locks
from minishell.system.masks import of_process
from minishell.system.signals import SIGSTOP, SIGTSTP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from minishell.system.descriptions import Held

    Explain = Callable[['Process', list[int]], str]

LONGEST_PATH = 4096
TIMESPEC = Struct('qq')         # seconds, nanoseconds
POLLFD = Struct('ihh')
MANY_FDS = 8            # descriptors that a poll may name in a sentence
SETTLED = 200           # milliseconds that processes may take to stop
SETTLING = 50           # of them behind the signal
STOPS = frozenset((SIGSTOP, SIGTSTP))
ANY_CHILD = 0xFFFFFFFF
P_ALL = 0
WRITES = frozenset(('write', 'writev'))
# In these a process with children waits for them, as a rule.
FOR_CHILDREN = frozenset(('wait4', 'waitid', 'poll', 'ppoll', 'select', 'pselect6'))
PAST = {'opens': 'opening', 'reads': 'reading', 'sends': 'sending', 'sleeps': 'sleeping',
        'waits': 'waiting', 'writes': 'writing'}
TERMINALS = ('/dev/pts/', '/dev/tty', '/dev/console')


class Process:
    """A process that is looked at; `brief`: neither at a file system, which may not answer, nor
    at the descriptors of all others."""

    __slots__ = ('pid', 'brief', 'stat', 'name')

    def __init__(self, pid: int, brief: bool = False) -> None:
        self.pid, self.brief = pid, brief
        self.stat = facts.stat_of(pid)          # nothing if there is no such process
        self.name = self.stat.get('name', '')

    def call(self) -> tuple[str, list[int]]:
        """The call it sleeps in, and its arguments; '' where that is not known."""
        words = facts.text_of(self.pid, 'syscall').split()
        if len(words) < 7 or not words[0].isdecimal() or posix.uname().machine != 'x86_64':
            return '', []
        return facts.SLEEPING.get(int(words[0]), ''), [int(word, 16) for word in words[1:7]]

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
    """When a thread was last given a processor, in seconds of the clock of that one."""
    for line in sched.splitlines():
        if line.startswith('se.exec_start'):
            return float(line.rpartition(':')[2]) / 1000
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


def reason(pid: int) -> str:
    """A paragraph about why a process does not run; '' if there is no such process."""
    process = Process(pid)
    if not process.stat:
        return ''
    state = process.stat['state']
    who = f'{pid} ({process.name})'
    parent = named(int(process.stat['ppid']))
    if state == 'Z':
        return (f'{who} is a zombie: it has ended, and its parent {parent} has not waited for '
                'it. It goes when that does, by wait or by ending itself.')
    if state in 'Tt':
        by = 'its tracer' if state == 't' else 'a signal'
        was = _was(_what(process))
        return (f'{who} is stopped by {by}. SIGCONT wakes it: fg, bg or kill -CONT {pid}; '
                'SIGKILL ends it.' + f' When it was stopped it was {was}' * bool(was))
    if state not in 'SD':
        return f'{who} waits for nothing: it is {facts.STATES.get(state, state)}.'
    what = _what(process)
    if not what:
        name, _ = process.call()
        wchan = facts.text_of(pid, 'wchan').strip('0\n')
        what = 'sleeps' + f' in {name or wchan}' * bool(name or wchan) + '.'
    seconds = process.asleep()
    since = '' if seconds is None else f' It has not run for {spent(seconds)}.'
    return f'{who} {what}{since}'


def _what(process: Process) -> str:
    """What a process does in the call that it sleeps in; '' where that is not known."""
    name, arguments = process.call()
    explain = CALLS.get(name)
    return explain(process, arguments) if explain is not None else ''


def before_stop(pids: list[int]) -> Iterator[str]:
    """What stopped processes, or the children that they wait for, were doing: `cat was reading
    from descriptor 0, /dev/pts/1, the terminal`.  Never blocks."""
    todo, patience = pids[::-1], SETTLED
    while todo:
        process = Process(todo.pop(), True)
        patience = process.settle(patience)
        name, _ = process.call()        # none: news of a child came before its own stop
        children = process.children() if not name or name in FOR_CHILDREN else []
        todo += children[::-1]
        was = '' if children else _was(_what(process)).partition('. ')[0].removesuffix('.')
        if was:
            yield f'{process.name} was {was}'


def _was(what: str) -> str:
    verb, blank, rest = what.partition(' ')
    return PAST.get(verb, verb) + blank + rest


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


# -- by the call --------------------------------------------------------------------------


def _data(name: str) -> Explain:
    """read and write, of a descriptor."""
    def explain(process: Process, arguments: list[int]) -> str:
        fd = arguments[0] & 0x7FFFFFFF
        one = process.held(fd)
        verb = 'writes to' if name in WRITES else 'reads from'
        if one is None:
            return f'{verb} descriptor {fd}, which may not be looked at.'
        what = f'{verb} descriptor {fd}, {one.link}'
        if one.is_pipe():
            return what + _of_pipe(process, one, name in WRITES)
        if one.link.startswith(TERMINALS):
            wakes = ': a line that is typed wakes it' if name == 'read' \
                else ', which takes no more: Ctrl-Q may wake it'
            return what + ', the terminal' + wakes * (not process.brief) + '.'
        return what + '.'
    return explain


def _of_pipe(process: Process, one: Held, writing: bool) -> str:
    """Of an end of a pipe: how full it is, and who is at the other end."""
    readers, writers = ([], []) if process.brief else descriptions.holders(one)
    filling = descriptions.filling(one)
    text = ''
    if filling is not None:
        text = f', which holds {filling[0]} of {filling[1]} bytes' if writing or filling[0] \
            else ', which is empty'
    if process.brief:
        return text + '.'
    others = [pid for pid in (readers if writing else writers) if pid != process.pid]
    own = process.pid in (readers if writing else writers)
    verb, end = ('reads', 'a reading') if writing else ('writes', 'the writing')
    never = f'it holds {end} end itself: {"SIGPIPE" if writing else "the end"} never comes'
    if not others:
        text += f'. Nobody {"else " * (not writing)}that can be seen ' \
            f'{verb} {"from" if writing else "to"} it' + f', but {never}' * own
    else:
        text += f'. It goes on when {listed(others, "or")} {verb}'
        if not writing:
            text += f'; {never}' if own else \
                ', or closes it' if len(others) == 1 else ', or all of them close it'
    return text + '.'


def _opens(place: int) -> Explain:
    """open and openat: of a FIFO without a partner; the path is that argument."""
    def explain(process: Process, arguments: list[int]) -> str:
        path = process.path(arguments[place])
        if not path:
            return 'opens a file, as a FIFO whose other end nobody has opened.'
        if process.brief:
            return f'opens {path}; if that is a FIFO, nobody has opened the other end.'
        whole = path if path[:1] == '/' else f'/proc/{process.pid}/cwd/{path}'
        try:
            fifo = posix.stat(whole).st_mode & FORMAT == FIFO
        except OSError:
            fifo = False
        if not fifo:
            return f'opens {path}.'
        writing = arguments[place + 1] & posix.O_ACCMODE == posix.O_WRONLY
        verb, other = ('writing', 'reading') if writing else ('reading', 'writing')
        return (f'opens the FIFO {path} for {verb}, and nobody has opened the other end: who '
                f'opens it for {other} wakes it.')
    return explain


def _waits(process: Process, arguments: list[int]) -> str:
    """wait4: of one child, or of any."""
    wanted = arguments[0] & ANY_CHILD
    return _for_children(process, [wanted] if 0 < wanted < 1 << 31 else process.children())


def _waits_by_kind(process: Process, arguments: list[int]) -> str:
    """waitid."""
    return _for_children(process, [arguments[1]] if arguments[0] == posix.P_PID
                         else process.children())


def _for_children(process: Process, children: list[int]) -> str:
    if not children:
        return 'waits for children, and has none.'
    number = 'its child' if len(children) == 1 else 'one of its children'
    return f'waits for {number} {listed(children)} to end: `why` of that says more.'


def _sleeps(place: int) -> Explain:
    """nanosleep and clock_nanosleep: for the time that is at an argument."""
    def explain(process: Process, arguments: list[int]) -> str:
        data = process.memory(arguments[place], TIMESPEC.size)
        if len(data) < TIMESPEC.size:
            return 'sleeps for a time.'
        seconds, nanoseconds = TIMESPEC.unpack(data)
        if place and arguments[1] & 1:          # TIMER_ABSTIME
            return 'sleeps until a point in time.'
        text = f'sleeps for {spent(seconds + nanoseconds / 1e9)}'
        return text + '.' if process.brief else \
            f'{text}, as it has asked to: the clock wakes it, or a signal.'
    return explain


def _for_signal(process: Process, arguments: list[int]) -> str:
    return 'waits for a signal, any that it handles or that ends it.'


def _for_lock(process: Process, arguments: list[int]) -> str:
    """fcntl and flock: who has the lock."""
    fd = arguments[0] & 0x7FFFFFFF
    one = process.held(fd)
    place = f'descriptor {fd}' + (f', {one.link}' if one is not None else '')
    try:
        locks = all_locks()
    except OSError:
        locks = []
    mine = [lock for lock in locks if lock.waits and lock.pid == process.pid]
    holders = sorted({lock.pid for lock in locks if any(lock.bars(each) for each in mine)})
    who = f': {listed(holders)} {"has" if len(holders) == 1 else "have"} it' \
        if holders and min(holders) > 0 else ''
    return f'waits for a lock on {place}{who}. It goes on when the lock is released, which ' \
        "the holder's end does, too."


def _polls(process: Process, arguments: list[int]) -> str:
    """poll and ppoll: of which descriptors."""
    count = arguments[1]
    data = process.memory(arguments[0], POLLFD.size * min(count, MANY_FDS))
    names = []
    for start in range(0, len(data) - POLLFD.size + 1, POLLFD.size):
        fd, _, _ = POLLFD.unpack_from(data, start)
        one = process.held(fd)
        names.append(f'{fd} ({one.link})' if one is not None else str(fd))
    children = process.children()
    listing = ', '.join(names)
    text = f'waits for descriptor {listing}' if count == 1 and names else \
        f'waits for one of {count} descriptors' + f': {listing}' * bool(names)
    if children and 'pipe:' in text:
        text += f'. Its children: {listed(children)}'
    return text + '.'


def _of_ipc(what: str) -> Explain:
    return lambda process, arguments: f'{what} {arguments[0]} (System V): ipc shows it.'


CALLS: dict[str, Explain] = {
    **{name: _data(name) for name in ('read', 'readv', 'write', 'writev')},
    'open': _opens(0), 'openat': _opens(1), 'wait4': _waits, 'waitid': _waits_by_kind,
    'nanosleep': _sleeps(0), 'clock_nanosleep': _sleeps(2), 'pause': _for_signal,
    'rt_sigsuspend': _for_signal, 'rt_sigtimedwait': _for_signal, 'fcntl': _for_lock,
    'flock': _for_lock, 'poll': _polls, 'ppoll': _polls,
    'semop': _of_ipc('waits for the semaphores'),
    'semtimedop': _of_ipc('waits for the semaphores'),
    'msgsnd': _of_ipc('sends to a full message queue,'),
    'msgrcv': _of_ipc('waits for a message of the queue'),
    'futex': lambda process, arguments: 'waits for a lock of its own memory (futex), or a '
                                        'semaphore.',
}
