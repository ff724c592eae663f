"""Processes, descriptors and what they refer to, as a trace replays them."""
from __future__ import annotations

from minishell.glass.story import ring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from minishell.glass.story import Ended, Holders, Segment

READS, WRITES = 4, 2
RINGED = frozenset(('pipe', 'fifo'))
CAPACITY = 65536        # bytes that a pipe takes, unless somebody has changed that


class Object:
    """What descriptors refer to."""

    __slots__ = ('id', 'kind', 'name', 'whole', 'fill', 'total', 'loose', 'readers', 'writers',
                 'history', 'shown')

    def __init__(self, kind: str, name: str | None, whole: bool) -> None:
        self.id = ''                    # none: it is not shown
        self.kind = kind
        self.name = name
        self.whole = whole              # all that hold it are traced
        self.fill = 0
        self.total = 0                  # bytes written
        self.loose = False              # what is in it is not known any more
        self.readers: dict[str, int] = {}       # how many descriptors who has
        self.writers: dict[str, int] = {}
        self.history: list[Holders] = []
        self.shown = False

    def ringed(self) -> bool:
        """Whether it is a pipe of this trace, with a number."""
        return self.kind in RINGED and bool(self.id) and self.whole

    def note(self, time: float) -> None:
        """Note who holds it, if that has changed, and how full it is."""
        state: Holders = {'t': time, 'readers': list(self.readers),
                          'writers': list(self.writers),
                          'fill': max(0, min(self.fill, CAPACITY))}
        last = self.history[-1] if self.history else None
        if last is None or {**last, 't': 0} != {**state, 't': 0}:
            if last is not None and last['t'] == time:
                self.history[-1] = state
            else:
                self.history.append(state)

    def at(self, time: float) -> Holders | None:
        """What it was like at a time."""
        return next((state for state in reversed(self.history) if state['t'] <= time), None)


class End:
    """A descriptor: what it refers to, and how."""

    __slots__ = ('object', 'mode', 'cloexec', 'private')

    def __init__(self, refers: Object, mode: int, cloexec: bool, private: bool) -> None:
        self.object = refers
        self.mode = mode                # READS, WRITES, both
        self.cloexec = cloexec
        self.private = private          # the shell keeps it for itself

    def name(self) -> str:
        """As it is shown: ①r, tty, f."""
        if not self.object.ringed():
            return self.object.id
        return self.object.id + {READS: 'r', WRITES: 'w'}.get(self.mode, '')


class Proc:
    """A process."""

    __slots__ = ('id', 'pid', 'parent', 'group', 'argv', 'node', 'born', 'executed', 'died',
                 'reaped', 'end', 'segments', 'table', 'told', 'stopped', 'waits', 'status',
                 'fresh', 'why')

    def __init__(self, name: str, pid: int, parent: Proc | None, born: float) -> None:
        self.id = name
        self.pid = pid
        self.parent = parent
        self.group: int = parent.group if parent is not None else 0
        self.argv: list[str] = []
        self.node: tuple[str, int, int] | None = None
        self.born = born
        self.executed: float | None = None      # what it is until then is a copy of the shell
        self.died: float | None = None
        self.reaped: float | None = None
        self.end: Ended | None = None
        self.segments: list[Segment] = []
        self.table: dict[int, End] = {}
        self.told: dict[str, str] = {}  # its descriptors as the steps have shown them
        self.stopped: float | None = None
        self.waits: float | None = None         # since when it waits for children
        self.status = 0
        self.fresh = parent is not None         # it has done nothing yet
        self.why = ''                   # why there is such a process

    def is_copy(self) -> bool:
        """Whether it is the shell or a copy of it."""
        return self.executed is None and not self.argv

    def shown(self) -> dict[str, str]:
        """Its descriptors, without the shell's own."""
        return {str(fd): end.name() for fd, end in sorted(self.table.items())
                if not end.private and end.object.id}


class World:
    """All of them."""

    def __init__(self) -> None:
        self.procs: list[Proc] = []     # in the order of their forks, the shell first
        self.alive: dict[str, Proc] = {}        # those that have not ended
        self._touched: dict[Object, None] = {}  # that may have changed
        self.objects: list[Object] = []         # those that are shown
        self._by_pid: dict[int, Proc] = {}
        self._by_inode: dict[tuple[int, int], Object] = {}
        self._rings = 0
        self._ids: set[str] = set()

    def proc(self, pid: int) -> Proc | None:
        """A process by its ID, the last one that has it."""
        return self._by_pid.get(pid)

    def name(self, pid: int) -> str:
        """Its name in the story, or a stranger's ID."""
        found = self._by_pid.get(pid)
        return found.id if found is not None else f'process {pid}'

    def add(self, pid: int, parent: Proc | None, time: float) -> Proc:
        """A process is born, with copies of its parent's descriptors."""
        proc = Proc(f'P{len(self.procs)}' if self.procs else 'sh', pid, parent, time)
        self.procs.append(proc)
        self.alive[proc.id] = proc
        self._by_pid[pid] = proc
        if parent is not None:
            for fd, end in parent.table.items():
                self.put(proc, fd, End(end.object, end.mode, end.cloexec, end.private))
            proc.told = dict(parent.told)
        return proc

    def members(self, group: int) -> list[Proc]:
        """The processes of a group that have not ended.  One that has done nothing yet may be
        about to be put into another."""
        return [proc for proc in self.alive.values() if proc.group == group and not proc.fresh]

    def bury(self, proc: Proc, time: float) -> None:
        """A process has ended: it has no descriptors any more."""
        for fd in list(proc.table):
            self.drop(proc, fd)
        proc.died = time
        self.alive.pop(proc.id, None)

    # -- objects --------------------------------------------------------------------------

    def show(self, refers: Object, name: str = '') -> Object:
        """Have an object shown: a pipe by a number."""
        if not refers.id:
            if refers.kind in RINGED and refers.whole:
                refers.id = ring(self._rings)
                self._rings += 1
            else:
                refers.id = self._free(name or refers.kind, refers.name)
            self._ids.add(refers.id)
            self.objects.append(refers)
        return refers

    def _free(self, name: str, path: str | None) -> str:
        """A name that no other object has: its path where there are two `f`."""
        if name in self._ids and path:
            name = path
        number, found = 1, name
        while found in self._ids:
            number += 1
            found = f'{name} ({number})'
        return found

    def find(self, kind: str, device: int, inode: int, path: str, whole: bool) -> Object:
        """The object of a file, by its device and inode."""
        found = self._by_inode.get((device, inode)) if inode else None
        if found is None and path == '/dev/tty':        # the terminal by another name
            found = next((each for each in self.objects if each.kind == 'tty'), None)
        if found is None:
            found = Object(kind, path, whole)
            if inode:
                self._by_inode[device, inode] = found
        return found

    def made(self, kind: str, place: Sequence[Any] | None) -> Object:
        """A new object; `place`: its kind, device and inode, by which it may be opened again
        (/dev/fd/N)."""
        refers = Object(kind, None, True)
        if place is not None and place[2]:
            self._by_inode[place[1], place[2]] = refers
        return refers

    # -- descriptors ----------------------------------------------------------------------

    def put(self, proc: Proc, fd: int, end: End) -> None:
        """A descriptor becomes this."""
        self.drop(proc, fd)
        proc.table[fd] = end
        self._touched[end.object] = None
        for bit, held in ((READS, end.object.readers), (WRITES, end.object.writers)):
            if end.mode & bit:
                held[proc.id] = held.get(proc.id, 0) + 1

    def drop(self, proc: Proc, fd: int) -> End | None:
        """A descriptor is closed."""
        end = proc.table.pop(fd, None)
        if end is not None:
            self._touched[end.object] = None
            for bit, held in ((READS, end.object.readers), (WRITES, end.object.writers)):
                if end.mode & bit:
                    held[proc.id] -= 1
                    if not held[proc.id]:
                        del held[proc.id]
            # What is in a pipe goes with it; a FIFO's reader may be told of behind its writer.
            if end.object.kind == 'pipe' and not end.object.readers and not end.object.writers:
                end.object.fill = 0
        return end

    def note(self, time: float) -> None:
        """Note who holds the pipes, where that has changed."""
        for refers in self._touched:
            if refers.ringed():
                refers.note(time)
        self._touched.clear()

    def flow(self, refers: Object, count: int) -> None:
        """So many bytes more are in a pipe, or less."""
        refers.fill = max(0, refers.fill + count)
        self._touched[refers] = None
