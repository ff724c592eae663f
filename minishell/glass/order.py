"""Facts in the order in which they can have happened.

The recorder is told of stops one after the other, so a read may be noted before the write that
it is of.  Each process's own facts are in order; between processes a fact waits for what must
have come before it: who forks before who is born, a write before its bytes are read, a write
that succeeds before the last reader closes, the last writer's close before the end of the file,
an end before it is reaped.  What waits in vain is a contradiction, and told.
"""
from __future__ import annotations

from heapq import heappop, heappush

from minishell.glass.model import READS, WRITES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from minishell.glass.calls import Fact
    from minishell.glass.model import End, Object, Proc, World

    Replay = Callable[[Fact], None]
    Contradict = Callable[[Fact, str], None]

BEHIND = ('dead', 'gone', 'asleep')     # what may be noted behind a process's end
AHEAD = 40              # facts of a writer that are looked at for a write


class Order:
    """The facts that are left, by process."""

    def __init__(self, world: World, facts: Iterable[Fact]) -> None:
        self._world = world
        self._queues: dict[int, list[Fact]] = {}
        for fact in facts:
            self._queues.setdefault(fact['pid'], []).append(fact)
        self._ending = {pid for pid, queue in self._queues.items()
                        if any(fact['k'] in ('exit', 'dead') for fact in queue)}
        self._heap: list[tuple[float, int]] = []
        for pid, queue in self._queues.items():
            queue.sort(key=_time)
            queue.reverse()             # the next one is the last
            heappush(self._heap, (_time(queue[-1]), pid))

    def run(self, replay: Replay, contradict: Contradict) -> None:
        """Replay all facts."""
        waiting: list[int] = []         # processes whose next fact must wait
        while True:
            pid = next((pid for pid in waiting if not self._hindrance(pid)), None)
            if pid is not None:
                waiting.remove(pid)
            elif self._heap:
                _, pid = heappop(self._heap)
                if self._hindrance(pid):
                    waiting.append(pid)
                    continue
            elif waiting:
                waiting.sort(key=lambda pid: _time(self._queues[pid][-1]))
                pid = waiting.pop(0)
                contradict(self._queues[pid][-1], self._hindrance(pid))
            else:
                return
            queue = self._queues[pid]
            replay(queue.pop())
            if queue:
                heappush(self._heap, (_time(queue[-1]), pid))

    def _hindrance(self, pid: int) -> str:
        """What the next fact of a process waits for; '' if it can happen."""
        fact = self._queues[pid][-1]
        proc = self._world.proc(pid)
        kind = fact['k']
        if kind == 'start':
            return ''
        if proc is None or proc.died is not None and kind not in BEHIND:
            return 'nobody has forked it'
        if kind in ('read', 'write'):
            end = proc.table.get(fact['fd'])
            return _of_transfer(proc, fact, end) if end is not None else ''
        if kind == 'reap':
            child = self._world.proc(fact['child'])
            if (child is None or child.died is None) and fact['child'] in self._ending \
                    and _is_end(fact['status']):
                return f'{self._world.name(fact["child"])} has not ended'
            return ''
        return self._of_close(proc, fact)

    def _of_close(self, proc: Proc, fact: Fact) -> str:
        """Whether the last reader of a pipe would close it before a write that succeeded."""
        for refers in _last_read(proc, fact):
            for other in self._world.alive.values():
                if other is not proc and refers.writers.get(other.id) \
                        and self._writes(other, refers, float(fact['t'])):
                    return f'{other.id} has written to {refers.id} since'
        return ''

    def _writes(self, proc: Proc, refers: Object, before: float) -> bool:
        queue = self._queues.get(proc.pid, [])
        for fact in queue[:-AHEAD - 1:-1]:
            if fact['k'] == 'write' and fact['n'] > 0 and fact['t0'] < before:
                end = proc.table.get(fact['fd'])
                if end is not None and end.object is refers:
                    return True
        return False


def _time(fact: Fact) -> float:
    """When it happened: a signal or a message is sent before the call returns."""
    early = fact['k'] == 'kill' or fact['k'] == 'ipc' and not fact['slept']
    return float(fact['t0'] if early else fact['t'])


def _is_end(status: int | None) -> bool:
    """Whether a wait status is of an end."""
    return status is None or status & 0xFF != 0x7F and status != 0xFFFF


def _of_transfer(proc: Proc, fact: Fact, end: End) -> str:
    refers, count = end.object, fact['n']
    if not refers.ringed() or refers.loose:
        return ''
    if fact['k'] == 'read' and end.mode & READS:
        if count > 0 and refers.fill < count:
            return f'{count} bytes are read and only {refers.fill} are in {refers.id}'
        if count == 0 and refers.writers:
            who = ' and '.join(refers.writers)
            return f'{refers.id} ends for {proc.id}, and {who} can still write to it'
    elif count < 0 and end.mode & WRITES and refers.readers:
        who = ' and '.join(refers.readers)
        return f'{proc.id} finds nobody who reads {refers.id}, and {who} can'
    return ''


def _last_read(proc: Proc, fact: Fact) -> list[Object]:
    """The pipes that nobody could read any more behind a fact."""
    kind = fact['k']
    if kind == 'close':
        numbers = range(fact['fd'], int(fact.get('last') or fact['fd']) + 1)
        gone = [end for fd, end in proc.table.items() if fd in numbers]
    elif kind == 'dup':
        gone = [end for fd, end in proc.table.items() if fd == fact['new'] and fd != fact['fd']]
    elif kind == 'exit':
        gone = list(proc.table.values())
    elif kind == 'exec':
        gone = [end for end in proc.table.values() if end.cloexec]
    else:
        return []
    found = []
    for end in gone:
        refers = end.object
        own = sum(other.object is refers and bool(other.mode & READS) for other in gone)
        if end.mode & READS and refers.ringed() and refers not in found \
                and refers.readers == {proc.id: own}:
            found.append(refers)
    return found
