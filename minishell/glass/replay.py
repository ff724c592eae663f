"""Facts replayed one by one: the world as it becomes by them, and the steps of the story.

What each kind of fact changes is in `lives.py` (processes) and `flows.py` (descriptors, data).
"""
from __future__ import annotations

from minishell.glass import flows, lives, sentences
from minishell.glass.model import End, Object, Proc, World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.glass.calls import Fact
    from minishell.glass.story import Foreground, Step
    from minishell.glass.telling import Told

    Change = Callable[['Replay', Proc, Fact], None]

EVIDENT = 0.0003        # seconds below which nobody is said to have slept
MOST_CONTRADICTIONS = 5
TICK = 1e-6             # seconds between two facts, at least
CHANGES: dict[str, Change] = {**lives.CHANGES, **flows.CHANGES}
# What befalls a process while it waits; at anything else it waits no longer.
WAITING = frozenset(('wait', 'reap', 'block', 'signal.pending', 'signal.merged',
                     'signal.delivered', 'signal.ignored', 'stop', 'continue'))


class Replay:
    """The world as far as the facts have been replayed, and the steps."""

    def __init__(self, start: float, meanings: dict[int, Told]) -> None:
        self.world = World()
        self.steps: list[Step] = []
        self.foreground: list[Foreground] = []
        self.contradictions: list[str] = []
        self.time = -TICK
        self._start = start
        self.meanings = meanings        # what the shell has told of a fact, by its id()
        self.group = 0                  # the terminal's foreground group
        self.noted: list[str] = []
        self.deaf: list[str] = []       # whose calls are not seen

    def fact(self, fact: Fact) -> None:
        """Replay a fact."""
        self.time = max(self.time + TICK, self.at(fact['t']))
        proc = self.world.proc(fact['pid'])
        if fact['k'] == 'start':
            self._begin(fact)
        elif proc is None:              # nobody has forked it: the fact was lost
            self.world.add(fact['pid'], self.world.procs[0], self.time)
            self.fact(fact)
            return
        else:
            if proc.fresh and fact['k'] != 'told group':     # it leaves that of its parent
                proc.fresh = False
                self.look_at_terminal()
            change = CHANGES.get(fact['k'])
            if change is not None:
                change(self, proc, fact)
        self.world.note(self.time)

    def contradict(self, fact: Fact, why: str) -> None:
        """A fact that cannot have happened has."""
        if len(self.contradictions) < MOST_CONTRADICTIONS:
            self.contradictions.append(why)

    def at(self, time: float) -> float:
        """A time of a fact, from the start of the trace."""
        return max(0.0, time - self._start)

    def step(self, proc: Proc, kind: str, text: str, say: str, refers: Object | None = None,
             to: Proc | None = None, conf: str = 'exact', time: float | None = None) -> None:
        """Add a step, at this time unless it began at another."""
        shown = proc.shown()
        changed = shown if shown != proc.told and time is None else None
        if changed is not None:
            proc.told = shown
        if refers is not None:
            refers.shown = True
        if kind not in WAITING:
            proc.waits = None
        self.steps.append({
            'seq': 0, 't': self.time if time is None else time, 'p': proc.id, 'k': kind,
            'obj': refers.id if refers is not None else None,
            'to': to.id if to is not None else None, 'text': text, 'say': say, 'conf': conf,
            'fds': changed})

    def slept(self, proc: Proc, since: float, why: str, evidence: str,
              refers: Object | None = None, who: str = '') -> None:
        """A process has been asleep until now."""
        if self.time - since < EVIDENT:
            return
        proc.segments.append({'from': since, 'to': self.time, 'state': 'asleep', 'why': why,
                              'evidence': evidence})
        self.step(proc, 'block', f'asleep: {why}', sentences.asleep(proc, why, who), refers,
                  conf='inferred' if evidence == 'model' else evidence, time=since)

    def _begin(self, fact: Fact) -> None:
        shell = self.world.add(fact['pid'], None, 0.0)
        shell.group = fact['group']
        for fd, kind, mode, link, device, inode, cloexec in fact['held']:
            refers = self.world.find(kind, device, inode, link, False)
            if not cloexec and not refers.id:
                name = {'tty': 'tty', 'file': link.rpartition('/')[2]}.get(kind) or {
                    0: 'stdin', 1: 'stdout', 2: 'stderr'}.get(fd, kind)
                self.world.show(refers, name)
                refers.shown = fd <= 2
            self.world.put(shell, fd, End(refers, mode, cloexec, cloexec))
        if fact['foreground'] > 0:
            self.give_terminal(fact['foreground'])

    def in_foreground(self) -> list[str]:
        """Who has the terminal."""
        return self.foreground[-1]['procs'] if self.foreground else []

    def give_terminal(self, group: int) -> None:
        """A group has the terminal from now on."""
        self.group = group
        self.look_at_terminal()

    def look_at_terminal(self) -> None:
        """Who is in the foreground may have changed."""
        if not self.group:
            return
        names = [proc.id for proc in self.world.members(self.group)]
        if names != self.in_foreground():
            self.foreground.append({'t': self.time, 'procs': names})

    def cut_short(self, proc: Proc) -> None:
        """It is stopped no longer."""
        since, proc.stopped = proc.stopped, None
        if since is not None:
            proc.segments.append({'from': since, 'to': self.time, 'state': 'stopped',
                                  'why': 'stopped by a signal', 'evidence': 'exact'})

    def finish(self, last: float, status: int | None) -> None:
        """The trace ends: with `$?`, or because the shell becomes a program."""
        self.time = max(self.time, self.at(last))
        if status is not None:
            self.step(self.world.procs[0], 'end', f'$?={status}', sentences.result(status))
        for proc in self.world.procs:
            if proc.died is None:
                self.cut_short(proc)
        for proc in self.world.procs:
            proc.segments.sort(key=lambda segment: segment['from'])

    def check(self) -> None:
        """Say whose calls have not been seen."""
        if self.deaf:
            self.contradictions.append(f'the calls of {" and ".join(self.deaf)} are not seen: '
                                       'the shell has not forked it itself')

    def notes(self, stops: int, held: float) -> list[str]:
        """What the page says besides."""
        alive = [proc.id for proc in self.world.procs[1:] if proc.died is None]
        notes = self.noted
        if self.world.procs[0].executed is not None:
            notes.append('The shell becomes a program: nobody is there to see more.')
        if alive:
            verb = 'goes' if len(alive) == 1 else 'go'
            notes.append(f'{" and ".join(alive)} {verb} on behind the trace.')
        for proc in self.world.procs[1:]:
            parent = proc.parent
            if proc.died is not None and proc.reaped is None and parent is not None \
                    and parent.died is None:
                who = 'the shell' if parent.id == 'sh' else parent.id
                notes.append(f'{proc.id} is a zombie: {who} has not waited for it.')
        if stops:
            notes.append(f'{stops} stops, which took {held * 1000:.0f} ms at least: times are '
                         'those of a command that is watched.')
        return notes
