"""What a process waits for that it shares with others: locks, semaphores, message queues,
memory; who has it, or has used it last.
"""
from __future__ import annotations

import posix
from struct import Struct, unpack_from
from time import CLOCK_MONOTONIC, CLOCK_REALTIME, clock_gettime

from minishell.glass.causes import SOON, integer, time_at
from minishell.glass.process import listed, named
from minishell.system import descriptions, facts, sysv
from minishell.system.locks import all_locks, span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.glass.causes import Cause, Explain
    from minishell.glass.process import Process

SEMBUF = Struct('Hhh')          # index, change, flags
MANY = 32               # operations of one semop that are looked at
SEMAPHORES = '/dev/shm/sem.'
# FUTEX_PRIVATE_FLAG: of the threads of one process; FUTEX_CLOCK_REALTIME; the operation that
# ends at a point in time.
PRIVATE, REAL_TIME, OPERATION, WAIT_BITSET = 128, 256, 127, 9
DELETED = ' (deleted)'


# -- locks ----------------------------------------------------------------------------------


def _for_lock(process: Process, arguments: list[int]) -> Cause:
    """fcntl and flock: which lock, and who has it."""
    fd = integer(arguments[0])
    one = process.held(fd)
    place = f'descriptor {fd}' + (f', {one.link}' if one is not None else '')
    try:
        locks = all_locks()
    except OSError:
        locks = []
    mine = next((lock for lock in locks if lock.waits and (
        lock.pid == process.pid or lock.pid < 0 and one is not None
        and lock.inode == one.inode)), None)
    if mine is None or process.brief:
        return f'waits for a lock on {place}', ''
    kind = 'a shared' if mine.mode == 'read' else 'an exclusive'
    part = f'bytes {span(mine.first, mine.last)} of ' if (mine.first, mine.last) != (0, None) \
        else ''
    what = f'waits for {kind} lock on {part}{place}'
    barring = [lock for lock in locks if lock.bars(mine)]
    holders = {lock.pid for lock in barring if lock.kind == 'posix'}
    for other in {lock.kind for lock in barring} - {'posix'}:
        sharing = descriptions.lockers(one, other) if one is not None else []
        holders.update(sharing or [lock.pid for lock in barring if lock.kind == other])
    if process.pid in holders and len(holders) == 1:
        return what, f': {process.pid} has it itself, by another descriptor: a deadlock'
    holders -= {-1, process.pid}
    if not holders:
        return what, '. Who has it cannot be seen. It goes on when the lock is released'
    who = f'{listed(sorted(holders))} {"has" if len(holders) == 1 else "have"} it'
    if any(lock.waits and lock.pid in holders and other.pid == process.pid and other.bars(lock)
           for lock in locks for other in locks):
        return f'{what}: {who}', f', and waits for a lock that {process.pid} has: a deadlock'
    return f'{what}: {who}', '. It goes on when the lock is released, by its holder, or by ' \
        'the end of all that have it'


# -- semaphores and queues of System V ----------------------------------------------------


def _operates(process: Process, arguments: list[int]) -> Cause:
    """semop and semtimedop: the set, operations, how many."""
    identifier, count = integer(arguments[0]), min(arguments[2], MANY)
    data = process.memory(arguments[1], SEMBUF.size * count)
    name, key = _key('sem', identifier)
    try:
        size = (sysv.facts_of('sem', identifier) or {}).get('nsems', 0)
        values = sysv.values_of(identifier, size)
    except OSError:                     # it may not be read
        values = []
    for index, change, _ in SEMBUF.iter_unpack(data[:len(data) // SEMBUF.size * SEMBUF.size]):
        if index < len(values) and (values[index] + change < 0 if change < 0
                                    else change == 0 and values[index]):
            break
    else:
        return f'waits for semaphores of the set {name}', ''
    wanted = f'to take {-change} from' if change < 0 else 'for 0 in'
    what = f'waits {wanted} semaphore {index} of the set {name}, whose value is {values[index]}'
    done = 'adds to it' if change < 0 else 'takes from it'
    hint = f' (sem post {key})' if change < 0 and key else ''
    return what, f': who {done} wakes it{hint}' + _last(sysv.last_user(identifier, index),
                                                         'has changed it')


def _operates_in_time(process: Process, arguments: list[int]) -> Cause:
    _note_time(process, arguments[3])
    return _operates(process, arguments)


def _note_time(process: Process, address: int, clock: int | None = None) -> None:
    """Whether a sleep that ends behind a time at an address, or at that of a clock, is one of
    many."""
    seconds = time_at(process, address, 1e9)
    if seconds is not None:
        left = seconds if clock is None else seconds - clock_gettime(clock)
        process.looks_again = left < SOON


def _receives(process: Process, arguments: list[int]) -> Cause:
    """msgrcv: the queue, where to, how much, which type."""
    identifier, kind = integer(arguments[0]), arguments[3]
    kind -= (kind >> 63) << 64
    name, key = _key('queue', identifier)
    found = _queue(identifier)
    which = f' of type {kind}' if kind > 0 else f' of a type up to {-kind}' if kind else ''
    count = found.get('qnum', 0)
    there = 'which is empty' if not count else f'which has {count} of other types'
    hint = f' (mq send {key} {kind if kind > 0 else "TYPE"} TEXT)' if key else ''
    return f'waits for a message{which} of the queue {name}, {there}', \
        f': who sends one wakes it{hint}' + _last(found.get('lspid', 0), 'has sent one')


def _sends(process: Process, arguments: list[int]) -> Cause:
    """msgsnd: the queue, the message, how many bytes."""
    identifier = integer(arguments[0])
    name, key = _key('queue', identifier)
    found = _queue(identifier)
    try:
        most = f' of {sysv.most_of(identifier)}'
    except OSError:
        most = ''
    hint = f' (mq recv {key})' if key else ''
    return (f'waits to send {arguments[2]} bytes to the queue {name}, which holds '
            f'{found.get("cbytes", 0)}{most} bytes',
            f': who receives from it wakes it{hint}' + _last(found.get('lrpid', 0),
                                                             'has received from it'))


def _queue(identifier: int) -> dict[str, int]:
    try:
        return sysv.facts_of('queue', identifier) or {}
    except OSError:
        return {}


def _key(kind: str, identifier: int) -> tuple[str, str]:
    """How a sentence names an object of System V, and an operand; '' where it is private."""
    try:
        key = (sysv.facts_of(kind, identifier) or {}).get('key', 0)
    except OSError:
        key = 0
    return (f'{key} (identifier {identifier})', str(key)) if key > 0 else \
        (f'with the identifier {identifier}', f'@{identifier}')


def _last(pid: int, done: str) -> str:
    """Who was the last to use an object."""
    if not pid:
        return f'. Nobody {done} yet'
    gone = '' if facts.stat_of(pid) else ', which has ended,'
    return f'. {named(pid)}{gone} was the last that {done}'


# -- memory and queues of POSIX ---------------------------------------------------------------


def _in_memory(process: Process, arguments: list[int]) -> Cause:
    """futex: a semaphore, a thread, a lock; an address, the operation, a value, a time."""
    address, operation = arguments[0], arguments[1]
    absolute = operation & OPERATION == WAIT_BITSET
    _note_time(process, arguments[3], None if not absolute else
               CLOCK_REALTIME if operation & REAL_TIME else CLOCK_MONOTONIC)
    if process.brief:
        return 'waits for a lock or a semaphore in its memory', ''
    shared = next((segment for segment in _segments_of(process.pid)
                   if segment.rights[3:] == 's' and _is_in(segment.addresses, address)), None)
    if shared is not None:
        return _in_shared(process, shared, address)
    data = process.memory(address, 4)
    value = unpack_from('=i', data)[0] if len(data) == 4 else -1
    threads = facts.threads_of(process.pid)
    if value in threads and value != process.pid and not operation & PRIVATE:
        return f'waits for its thread {value} to end', ''
    if len(threads) > 1:
        return 'waits for one of its threads', \
            f': a lock, a semaphore or a condition in its memory (futex); it has {len(threads)}'
    return 'waits for a lock or a semaphore in its own memory (futex)', \
        ', and has no other thread that could give it'


def _segments_of(pid: int) -> list[facts.Segment]:
    """The segments of a process's memory; none where they may not be looked at, or it ended."""
    try:
        return list(facts.segments_of(pid))
    except OSError:
        return []


def _is_in(addresses: str, address: int) -> bool:
    first, _, last = addresses.partition('-')
    return int(first, 16) <= address < int(last, 16)


def _in_shared(process: Process, segment: facts.Segment, address: int) -> Cause:
    """A semaphore or a lock in memory that others may have, too."""
    others = [pid for pid in _sharing(segment) if pid != process.pid]
    has = 'has' if len(others) == 1 else 'have'
    file = segment.file.removesuffix(DELETED)
    if not file.startswith(SEMAPHORES):
        what = {'/dev/zero': 'which has no name', '': 'which has no name'}.get(file, file)
        return f'waits for a lock or a semaphore in shared memory, {what}', \
            f'. {listed(others)} {has} that, too' if others else '. Nobody else has that'
    data = process.memory(address, 4)
    value = f', whose value is {unpack_from("=i", data)[0]}' if len(data) == 4 else ''
    name = _name_of(segment.inode)
    text = f': who posts it wakes it (sem post {name})' if name else \
        ': who has it open may post it; its name has been removed'
    return f'waits for the semaphore {name or file.removeprefix(SEMAPHORES)}{value}', text + (
        f'. {listed(others)} {has} it open, too' if others
        else '. Nobody else has it open at this moment')


def _name_of(inode: int) -> str:
    """The name of a semaphore of POSIX; '' where it has none any more.  The C library makes one
    under another name, which is the one that its maker's memory shows."""
    folder, _, start = SEMAPHORES.rpartition('/')
    for name in posix.listdir(folder):
        if name.startswith(start) and posix.stat(f'{folder}/{name}').st_ino == inode:
            return name.removeprefix(start)
    return ''


def _sharing(segment: facts.Segment) -> Iterator[int]:
    """The processes that have a file in their memory; others' cannot be seen."""
    for name in posix.listdir('/proc'):
        if name.isdecimal() and any(
                (other.device, other.inode) == (segment.device, segment.inode)
                for other in _segments_of(int(name))):
            yield int(name)


def _of_queue(done: str, who: str) -> Explain:
    """mq_timedreceive and mq_timedsend: a descriptor that refers to a queue of POSIX."""
    def explain(process: Process, arguments: list[int]) -> Cause:
        fd = integer(arguments[0])
        one = process.held(fd)
        _note_time(process, arguments[4], CLOCK_REALTIME)
        what = f'waits {done} the POSIX queue ' + (
            f'{one.link} (descriptor {fd})' if one is not None else f'of descriptor {fd}')
        if one is None or process.brief:
            return what, ''
        readers, writers = descriptions.holders(one)
        others = [pid for pid in (writers if 'sends' in who else readers) if pid != process.pid]
        return what, f': who {who} wakes it. ' + (
            f'{listed(others)} {"has" if len(others) == 1 else "have"} it open for that'
            if others else 'Nobody else that can be seen has it open for that')
    return explain


BY_CALL: dict[str, Explain] = {
    'fcntl': _for_lock, 'flock': _for_lock, 'futex': _in_memory,
    'semop': _operates, 'semtimedop': _operates_in_time, 'msgrcv': _receives, 'msgsnd': _sends,
    'mq_timedreceive': _of_queue('for a message of', 'sends one to it'),
    'mq_timedsend': _of_queue('for room in', 'receives from it'),
}
