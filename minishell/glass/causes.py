"""What a process waits for in the call that it sleeps in: descriptors, children, time, signals.

Each gives a short phrase, which a table has room for, and the rest of the paragraph.
"""
from __future__ import annotations

import posix
from struct import Struct
from time import clock_gettime

from minishell.course.signalling import names
from minishell.glass.process import listed, named, spent
from minishell.system import descriptions, facts, masks
from minishell.system.blocking import FIFO, FORMAT
from minishell.system.signals import SIGCHLD, SIGKILL, SIGSTOP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from minishell.glass.process import Process
    from minishell.system.descriptions import Held

    Cause = tuple[str, str]             # the phrase, and what comes behind it
    Explain = Callable[[Process, list[int]], Cause]
    Target = tuple[int, bool]           # a descriptor, and whether it is to be written to

TIMESPEC = Struct('qq')         # seconds, nanoseconds; in a timeval, microseconds
POLLFD = Struct('ihh')
POLLIN, POLLOUT = 1, 4
WORD = 64               # bits of a word of an fd_set
MANY_FDS = 8            # descriptors that a phrase may name
MANY_SIGNALS = 20       # of more it is said which are not among them
NEVER_BLOCKED = frozenset((SIGKILL, SIGSTOP))
SOON = 1.0              # seconds: who sleeps no longer looks again and again
TIMER_ABSTIME = 1
P_PID = 1
TERMINALS = ('/dev/pts/', '/dev/tty', '/dev/console')


def integer(value: int) -> int:
    """An argument as the C int that it is."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


# -- data -------------------------------------------------------------------------------


def _data(verb: str) -> Explain:
    """read, write and the like, of the descriptor that is the first argument."""
    def explain(process: Process, arguments: list[int]) -> Cause:
        return _transfer(process, integer(arguments[0]), verb)
    return explain


def _transfer(process: Process, fd: int, verb: str) -> Cause:
    """`verb`: reads from, writes to, waits for a connection on …"""
    one = process.held(fd)
    if one is None:
        return f'{verb} descriptor {fd}, which may not be looked at', ''
    writing = verb.startswith(('writes', 'waits for room'))
    what = f'{verb} descriptor {fd}, {one.link}'
    if one.is_pipe():
        return _of_pipe(process, one, writing, what)
    if one.link.startswith(TERMINALS):
        return what + ', the terminal', ': it takes no more, since Ctrl-S perhaps; Ctrl-Q ' \
            'wakes it' if writing else ': a line that is typed there wakes it'
    return what, ''


def _of_pipe(process: Process, one: Held, writing: bool, what: str) -> Cause:
    """Of an end of a pipe: how full it is, and who is at the other end."""
    filling = descriptions.filling(one)
    if filling is not None:
        what += f', which holds {filling[0]} of {filling[1]} bytes' if writing or filling[0] \
            else ', which is empty'
    if process.brief:
        return what, ''
    readers, writers = descriptions.holders(one)
    others = [pid for pid in (readers if writing else writers) if pid != process.pid]
    own = process.pid in (readers if writing else writers)
    verb, end = ('reads', 'a reading') if writing else ('writes', 'the writing')
    never = f'it holds {end} end itself: {"SIGPIPE" if writing else "the end"} never comes'
    if not others:
        return what, f'. Nobody {"else " * (not writing)}that can be seen ' \
            f'{verb} {"from" if writing else "to"} it' + f', but {never}' * own
    text = f'. It goes on when {listed(others, "or")} {verb}'
    if not writing:
        text += f'; {never}' if own else \
            ', or closes it' if len(others) == 1 else ', or all of them close it'
    return what, text


def _splices(process: Process, arguments: list[int]) -> Cause:
    """splice: it waits where there is nothing to read, else where there is no room."""
    source = process.held(integer(arguments[0]))
    waits = source is not None and source.is_pipe() \
        and (descriptions.filling(source) or (0, 0))[0] == 0
    return _transfer(process, integer(arguments[0 if waits else 2]),
                     'reads from' if waits else 'writes to')


def _opens(place: int) -> Explain:
    """open and openat: of a FIFO without a partner; the path is that argument."""
    def explain(process: Process, arguments: list[int]) -> Cause:
        path = process.path(arguments[place])
        if not path:
            return 'opens a file', ', as a FIFO whose other end nobody has opened'
        if process.brief:
            return f'opens {path}; if that is a FIFO, nobody has opened the other end', ''
        whole = path if path[:1] == '/' else f'/proc/{process.pid}/cwd/{path}'
        try:
            fifo = posix.stat(whole).st_mode & FORMAT == FIFO
        except OSError:
            fifo = False
        if not fifo:
            return f'opens {path}', ''
        writing = arguments[place + 1] & posix.O_ACCMODE == posix.O_WRONLY
        verb, other = ('writing', 'reading') if writing else ('reading', 'writing')
        return (f'opens the FIFO {path} for {verb}, and nobody has opened the other end',
                f': who opens it for {other} wakes it')
    return explain


# -- one of several descriptors -------------------------------------------------------------


def _polls(process: Process, arguments: list[int]) -> Cause:
    """poll: descriptors, how many, milliseconds."""
    limit = integer(arguments[2])
    return _ready(process, _polled(process, arguments), None if limit < 0 else limit / 1000)


def _polls_by_time(process: Process, arguments: list[int]) -> Cause:
    """ppoll: descriptors, how many, a time."""
    return _ready(process, _polled(process, arguments), time_at(process, arguments[2], 1e9))


def _polled(process: Process, arguments: list[int]) -> list[Target]:
    data = process.memory(arguments[0], min(POLLFD.size * arguments[1], 4096))
    found = []
    for start in range(0, len(data) - POLLFD.size + 1, POLLFD.size):
        fd, events, _ = POLLFD.unpack_from(data, start)
        if fd >= 0:
            found.append((fd, bool(events & POLLOUT) and not events & POLLIN))
    return found


def _selects(unit: float) -> Explain:
    """select and pselect6: how many, sets to read from and to write to, others, a time."""
    def explain(process: Process, arguments: list[int]) -> Cause:
        count = min(arguments[0], 1 << 16)
        targets = [(fd, writing) for address, writing in ((arguments[1], False),
                                                          (arguments[2], True))
                   for fd in _members(process, address, count)]
        return _ready(process, targets, time_at(process, arguments[4], unit))
    return explain


def _members(process: Process, address: int, count: int) -> Iterator[int]:
    """The descriptors of an fd_set."""
    data = process.memory(address, (count + WORD - 1) // WORD * (WORD // 8)) if address else b''
    bits = int.from_bytes(data, 'little')
    return (fd for fd in range(count) if bits >> fd & 1)


def _epolls(process: Process, arguments: list[int]) -> Cause:
    """epoll_wait: an epoll descriptor, which lists the others, events, how many,
    milliseconds."""
    lines = facts.text_of(process.pid, f'fdinfo/{integer(arguments[0])}').splitlines()
    words = [line.split() for line in lines if line.startswith('tfd:')]
    targets = [(int(each[1]), int(each[3], 16) & (POLLIN | POLLOUT) == POLLOUT)
               for each in words if len(each) > 3]
    limit = integer(arguments[3])
    return _ready(process, targets, None if limit < 0 else limit / 1000)


def _ready(process: Process, targets: list[Target], seconds: float | None) -> Cause:
    """Of descriptors of which one is to be ready, so many seconds at most."""
    process.looks_again = seconds is not None and seconds <= SOON
    limit = '' if seconds is None or process.looks_again else f', {spent(seconds)} at most'
    seen: list[tuple[int, bool, Held | None]] = []
    signals = False
    for fd, writing in targets:
        one = process.held(fd)
        if one is not None and not writing and process.wakes_itself(one):
            signals = True              # it is told of them by this
        else:
            seen.append((fd, writing, one))
    if not seen:
        if signals:
            what, more = _for_signal(process)
            return what + limit, more
        return 'waits for a time' if seconds is None else _asleep(seconds, process), ''
    if len(seen) == 1:
        fd, writing, _ = seen[0]
        what, more = _transfer(process, fd, 'waits for room on' if writing else
                               'waits for input on')
    else:
        listing = ', '.join([str(fd) if one is None else f'{fd} ({one.link})'
                             for fd, _, one in seen[:MANY_FDS]])
        left = ', …' * (len(seen) > MANY_FDS)
        what, more = f'waits for one of {len(seen)} descriptors: {listing}{left}', ''
    return what + limit, more + ('. A signal that it handles wakes it, too'
                                 if signals and not process.brief else '')


# -- children ---------------------------------------------------------------------------------


def _waits(process: Process, arguments: list[int]) -> Cause:
    """wait4: of one child, of a group, or of any."""
    wanted = integer(arguments[0])
    return _for_children(process, [wanted] if wanted > 0 else process.children())


def _waits_by_kind(process: Process, arguments: list[int]) -> Cause:
    """waitid."""
    return _for_children(process, [arguments[1]] if arguments[0] == P_PID
                         else process.children())


def _for_children(process: Process, children: list[int]) -> Cause:
    if not children:
        return 'waits for children, and has none', ', unless it traces others'
    number = 'its child' if len(children) == 1 else 'one of its children'
    return f'waits for {number} {listed(children)} to end', ': `why` of that says more'


def _makes(process: Process, arguments: list[int]) -> Cause:
    """vfork, and clone as it: the child has the parent's memory until it lets go of it."""
    children = process.children()
    which = f' {named(children[-1])}' if children else ''
    return f'waits until its child{which} runs a program, or ends', \
        ' (vfork): until then the child has its memory'


# -- time --------------------------------------------------------------------------------------


def time_at(process: Process, address: int, unit: float) -> float | None:
    """The seconds of a timespec, or a timeval; None where there is none."""
    data = process.memory(address, TIMESPEC.size) if address else b''
    if len(data) < TIMESPEC.size:
        return None
    seconds, rest = TIMESPEC.unpack(data)
    return float(seconds + rest / unit)


def _sleeps(place: int) -> Explain:
    """nanosleep and clock_nanosleep: for the time that is at an argument."""
    def explain(process: Process, arguments: list[int]) -> Cause:
        seconds = time_at(process, arguments[place], 1e9)
        if seconds is None:
            return 'sleeps for a time', ''
        if place and arguments[1] & TIMER_ABSTIME:
            try:
                left = seconds - clock_gettime(arguments[0])
            except (OSError, OverflowError):    # a clock of its own
                return 'sleeps until a point in time', ''
            process.looks_again = False
            return f'sleeps until a point in time, {spent(max(left, 0))} from now', \
                ': the clock wakes it, or a signal'
        return _asleep(seconds, process), '' if process.brief else \
            ', as it has asked to: the clock wakes it, or a signal'
    return explain


def _asleep(seconds: float, process: Process) -> str:
    return f'sleeps for {spent(seconds)}'


# -- signals -----------------------------------------------------------------------------------


def _pauses(call: str) -> Explain:
    """pause and sigsuspend."""
    def explain(process: Process, arguments: list[int]) -> Cause:
        what, more = _for_signal(process)
        return f'{what} ({call})', more
    return explain


def _for_signal(process: Process) -> Cause:
    """Which signals can wake a process that waits for one, and which cannot."""
    try:
        sets = masks.of_process(process.pid)
    except OSError:                     # it has ended
        return 'waits for a signal', ''
    usual = set(masks.every())          # not those that the C library uses
    blocked = usual.intersection(sets['blocked'])
    handled = usual.intersection(sets['caught']) - blocked
    children = process.children() if SIGCHLD in handled else []
    what = 'waits for a child to end, or for another signal' if children else \
        'waits for a signal'
    more = f': {listed(children)} would send SIGCHLD' if children else ''
    more += f'. It handles {names(handled)}' if handled else \
        '. It handles none: one that comes ends it, or does nothing'
    if len(blocked) > MANY_SIGNALS:
        more += f'; it blocks all but {names(usual - blocked - NEVER_BLOCKED)}'
    else:
        more += f'; it blocks {names(blocked)}' * bool(blocked)
    waiting = blocked.intersection(sets['pending'])
    if waiting:
        more += f', of which {names(waiting)} has come and is pending'
    return what, more


def _takes_signal(process: Process, arguments: list[int]) -> Cause:
    """sigwait and sigtimedwait: the set is at the first argument."""
    bits = int.from_bytes(process.memory(arguments[0], 8), 'little')
    wanted = [number for number in masks.every() if bits >> number - 1 & 1]
    seconds = time_at(process, arguments[2], 1e9)
    process.looks_again = seconds is not None and seconds <= SOON
    limit = '' if seconds is None or process.looks_again else f', {spent(seconds)} at most'
    some = 'any' if len(wanted) > MANY_SIGNALS else names(wanted)
    return f'waits for a signal to take (sigwait): {some}{limit}', ''


BY_CALL: dict[str, Explain] = {
    **dict.fromkeys(('read', 'readv', 'pread64'), _data('reads from')),
    **dict.fromkeys(('write', 'writev', 'pwrite64'), _data('writes to')),
    'sendfile': _data('writes to'), 'splice': _splices,
    **dict.fromkeys(('recvfrom', 'recvmsg'), _data('waits for data from')),
    **dict.fromkeys(('sendto', 'sendmsg'), _data('waits for room on')),
    **dict.fromkeys(('accept', 'accept4'), _data('waits for somebody to connect to')),
    'connect': _data('waits for an answer to its connecting'),
    'open': _opens(0), 'openat': _opens(1), 'poll': _polls, 'ppoll': _polls_by_time,
    'select': _selects(1e6), 'pselect6': _selects(1e9),
    **dict.fromkeys(('epoll_wait', 'epoll_pwait'), _epolls),
    'wait4': _waits, 'waitid': _waits_by_kind,
    **dict.fromkeys(('clone', 'clone3', 'vfork'), _makes),
    'nanosleep': _sleeps(0), 'clock_nanosleep': _sleeps(2),
    'pause': _pauses('pause'), 'rt_sigsuspend': _pauses('sigsuspend'),
    'rt_sigtimedwait': _takes_signal,
}
