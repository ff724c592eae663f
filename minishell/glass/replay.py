"""Facts replayed one by one: what each changes, and the step of the story that it is."""
from __future__ import annotations

from minishell.glass import sentences
from minishell.glass.model import CAPACITY, READS, WRITES, End, Object, Proc, World
from minishell.status import exit_status, is_stop, signal_of
from minishell.system.signals import SIGCHLD, SIGPIPE, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from minishell.glass.calls import Fact
    from minishell.glass.story import Foreground, Step
    from minishell.glass.telling import Told

ACCESS = {0: READS, 1: WRITES, 2: READS | WRITES}      # of O_ACCMODE
CLOEXEC = 0o2000000
LOWEST_OWN = 10         # the shell's own descriptors
EVIDENT = 0.0003        # seconds below which nobody is said to have slept
SI_KERNEL, SI_USER = 128, 0
MOST_CONTRADICTIONS = 5
TICK = 1e-6             # seconds between two facts, at least


class Replay:
    """The world as far as the facts have been replayed, and the steps."""

    def __init__(self, start: float, meanings: dict[int, Told]) -> None:
        self.world = World()
        self.steps: list[Step] = []
        self.foreground: list[Foreground] = []
        self.contradictions: list[str] = []
        self.time = -TICK
        self._start = start
        self._meanings = meanings
        self._group = 0                 # the terminal's foreground group
        self._notes: list[str] = []

    def fact(self, fact: Fact) -> None:
        """Replay a fact."""
        self.time = max(self.time + TICK, self._at(fact['t']))
        proc = self.world.proc(fact['pid'])
        if fact['k'] == 'start':
            self._begin(fact)
        elif proc is None:              # nobody has forked it: the fact was lost
            self.world.add(fact['pid'], self.world.procs[0], self.time)
            self.fact(fact)
            return
        else:
            if proc.fresh:
                proc.fresh = False
                self._look_at_terminal()
            change = CHANGES.get(fact['k'])
            if change is not None:
                change(self, proc, fact)
        self.world.note(self.time)

    def contradict(self, fact: Fact, why: str) -> None:
        """A fact that cannot have happened has."""
        if len(self.contradictions) < MOST_CONTRADICTIONS:
            self.contradictions.append(why)

    def _at(self, time: float) -> float:
        return max(0.0, time - self._start)

    # -- steps ----------------------------------------------------------------------------

    def _step(self, proc: Proc, kind: str, text: str, say: str, refers: Object | None = None,
              to: Proc | None = None, conf: str = 'exact', time: float | None = None) -> None:
        shown = proc.shown()
        changed = shown if shown != proc.told and time is None else None
        if changed is not None:
            proc.told = shown
        if refers is not None:
            refers.shown = True
        self.steps.append({
            'seq': 0, 't': self.time if time is None else time, 'p': proc.id, 'k': kind,
            'obj': refers.id if refers is not None else None,
            'to': to.id if to is not None else None, 'text': text, 'say': say, 'conf': conf,
            'fds': changed})

    def _slept(self, proc: Proc, since: float, why: str, evidence: str,
               refers: Object | None = None, who: str = '') -> None:
        """A process has been asleep until now."""
        if self.time - since < EVIDENT:
            return
        proc.segments.append({'from': since, 'to': self.time, 'state': 'asleep', 'why': why,
                              'evidence': evidence})
        self._step(proc, 'block', f'asleep: {why}', sentences.asleep(proc, why, who), refers,
                   conf='inferred' if evidence == 'model' else evidence, time=since)

    # -- processes ------------------------------------------------------------------------

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
            self._give_terminal(fact['foreground'])

    def _fork(self, proc: Proc, fact: Fact) -> None:
        child = self.world.add(fact['child'], proc, self.time)
        meaning = self._meanings.get(id(fact))
        if meaning is not None:
            child.node = tuple(meaning['what']) if meaning.get('what') else None
            child.why = (meaning.get('start') or ['', ''])[1]
        if proc.executed is not None:
            child.executed, child.argv = self.time, list(proc.argv)
        self._step(proc, 'fork', f'fork {child.id}', sentences.fork(proc, child), to=child,
                   conf=fact.get('conf') or 'exact')

    def _exec(self, proc: Proc, fact: Fact) -> None:
        proc.argv = fact['argv']
        proc.executed = self.time
        for fd, end in list(proc.table.items()):
            if end.cloexec:
                self.world.drop(proc, fd)
        name = (fact['argv'] or [fact['path']])[0].rpartition('/')[2]
        if fact.get('lost'):
            self._notes.append(f'{proc.id}: {name} runs without the rights of its set-user-ID '
                               'bit, for it is traced.')
        if fact.get('narrow'):
            self._notes.append(f'{proc.id}: {name} is a program of 32 bits, whose calls are '
                               'not seen.')
        self._step(proc, 'exec', f'exec {name}', sentences.execs(proc, fact['path']),
                   conf=fact.get('conf') or 'exact')

    def _exit(self, proc: Proc, fact: Fact) -> None:
        if proc.died is not None:
            return
        self._cut_short(proc)
        status = proc.status = fact['status']
        number = signal_of(status)
        for fd in list(proc.table):
            self.world.drop(proc, fd)
        proc.died = self.time
        if number:
            core = bool(status & 0x80)
            proc.end = {'signal': f'SIG{name_of(number)}', 'core': core}
            text = f'\u2020SIG{name_of(number)}'
        else:
            proc.end = {'exit': exit_status(status)}
            text = f'exit {exit_status(status)}'
        self._step(proc, 'exit', text, sentences.ends(proc),
                   conf='inferred' if fact['k'] == 'reap' else 'exact')
        self._look_at_terminal()

    def _wait(self, proc: Proc, fact: Fact) -> None:
        """Copies of the shell tell themselves when they wait."""
        copy = proc.is_copy()
        if copy is not fact['k'].startswith('told') or proc.waits is not None:
            return
        proc.waits = self.time
        self._step(proc, 'wait', 'wait', sentences.waits(proc))

    def _reap(self, proc: Proc, fact: Fact) -> None:
        child = self.world.proc(fact['child'])
        status = fact['status']
        if child is None:
            return
        if status is not None and (is_stop(status) or status == 0xFFFF):
            if is_stop(status):
                name = f'SIG{name_of(status >> 8 & 0xFF)}'
                self._waited(proc, child)
                self._step(proc, 'reap', f'{child.id} stopped', sentences.told_of_stop(
                    proc, child, name), to=child)
            return
        self._waited(proc, child)
        child.reaped = self.time
        if status is not None:
            child.status = status
            if child.died is None:      # nobody has seen its end
                self._exit(child, {**fact, 'status': status})
        number = signal_of(child.status)
        result = f'=\u2020SIG{name_of(number)}' if number else \
            f'={exit_status(child.status)}' if child.status else ''
        self._step(proc, 'reap', f'reap {child.id}{result}', sentences.reaps(proc, child),
                   to=child)

    def _waited(self, proc: Proc, child: Proc) -> None:
        """It has waited for news of a child."""
        since, proc.waits = proc.waits, None
        if since is None:
            return
        news = child.stopped if child.died is None else child.died
        if news is not None and news > since:
            self._slept(proc, since, 'wait: no child has ended', 'model')

    def _group_change(self, proc: Proc, fact: Fact) -> None:
        child = self.world.proc(fact['child'])
        if child is None or child.group == fact['group']:
            return
        child.group, child.fresh = fact['group'], False
        leader = self.world.name(fact['group'])
        self._step(proc, 'pgrp', f'group {child.id} {leader}', sentences.joins(
            proc, child, leader, 'session' in fact), to=child)
        self._look_at_terminal()

    def _terminal(self, proc: Proc, fact: Fact) -> None:
        before = self._names()
        self._give_terminal(fact['group'])
        now = self._names()
        if before != now:
            who = '+'.join(now) or 'nobody'
            self._step(proc, 'tty', f'tty {who}', sentences.gives_terminal(proc, now))

    def _names(self) -> list[str]:
        return self.foreground[-1]['procs'] if self.foreground else []

    def _give_terminal(self, group: int) -> None:
        self._group = group
        self._look_at_terminal()

    def _look_at_terminal(self) -> None:
        """Who is in the foreground may have changed."""
        if not self._group:
            return
        names = [proc.id for proc in self.world.members(self._group)]
        if names != self._names():
            self.foreground.append({'t': self.time, 'procs': names})

    def _gone(self, proc: Proc, fact: Fact) -> None:
        """It is not there any more; nobody has seen how it ended."""
        if proc.died is None:
            self._cut_short(proc)
            for fd in list(proc.table):
                self.world.drop(proc, fd)
            proc.died = self.time
            self._step(proc, 'exit', 'gone', f'{proc.id} is gone', conf='sampled')

    def _asleep(self, proc: Proc, fact: Fact) -> None:
        self._slept(proc, self._at(fact['t0']), fact['why'], 'sampled')

    # -- descriptors ----------------------------------------------------------------------

    def _pipe(self, proc: Proc, fact: Fact) -> None:
        refers = Object('pipe', None, True)
        meaning = self._meanings.get(id(fact))
        private = proc.is_copy() and (meaning is None or meaning['use'] == 'gate')
        for name, mode in (('r', READS), ('w', WRITES)):
            self.world.put(proc, fact[name], End(refers, mode, fact['cloexec'], private))
        if not private:
            self.world.show(refers)
            self._step(proc, 'pipe', f'pipe {refers.id}', sentences.makes_pipe(proc, refers),
                       refers)

    def _open(self, proc: Proc, fact: Fact) -> None:
        kind, device, inode, _ = fact['object']
        flags, path = fact['flags'], fact['path']
        mode = ACCESS.get(flags & 3, READS)
        private = proc.is_copy() and id(fact) not in self._meanings and kind != 'fifo'
        unsaid = proc.is_copy() and path == '/dev/null'     # what & reads from
        private = (private or kind == 'other') and not unsaid
        refers = self.world.find(kind, device, inode, path, True)
        if not private:
            self.world.show(refers, 'tty' if kind == 'tty' else path.rpartition('/')[2])
        if kind == 'fifo':
            since = self._at(fact['t0'])
            state = refers.at(since)
            others = state and state['writers' if mode == READS else 'readers']
            if not others:
                self._slept(proc, since,
                            f'open {refers.id}: nobody has opened the other end', 'model',
                            refers)
        self.world.put(proc, fact['fd'], End(refers, mode, bool(flags & CLOEXEC), private))
        if not private and not unsaid:
            self._step(proc, 'open', f'open {refers.id}', sentences.opens(proc, refers, mode),
                       refers)

    def _opening(self, proc: Proc, fact: Fact) -> None:
        """It was never opened."""
        name = fact['path'].rpartition('/')[2]
        self._slept(proc, self._at(fact['t0']),
                    f'open {name}: nobody has opened the other end', 'model')

    def _text(self, proc: Proc, fact: Fact) -> None:
        if fact['fd'] >= 0:
            refers = self.world.show(Object('file', 'here-document', False), 'here-document')
            self.world.put(proc, fact['fd'], End(refers, READS, True, False))

    def _dup(self, proc: Proc, fact: Fact) -> None:
        fd, new = fact['fd'], fact['new']
        source = proc.table.get(fd)
        if source is None:
            self.world.drop(proc, new)
            return
        if fd == new:
            return
        kept = proc.is_copy() and fact['cloexec'] and new >= LOWEST_OWN
        end = End(source.object, source.mode, fact['cloexec'], kept or not source.object.id)
        self.world.put(proc, new, end)
        if end.private or not source.object.id:
            return
        refers = source.object
        name = refers.id if refers.ringed() else source.name()
        self._step(proc, 'dup2', f'{name}\u2192{new}', sentences.dups(proc, source, fd, new),
                   refers)

    def _cloexec(self, proc: Proc, fact: Fact) -> None:
        end = proc.table.get(fact['fd'])
        if end is not None:
            end.cloexec = fact['on']

    def _close(self, proc: Proc, fact: Fact) -> None:
        first: int = fact['fd']
        last = int(fact.get('last') or first)
        for fd in [fd for fd in proc.table if first <= fd <= last]:
            end = self.world.drop(proc, fd)
            assert end is not None
            if not end.private and end.object.ringed():
                self._step(proc, 'close', f'close {end.name()}', sentences.closes(
                    proc, end, fd), end.object)

    # -- reading and writing --------------------------------------------------------------

    def _read(self, proc: Proc, fact: Fact) -> None:
        end = proc.table.get(fact['fd'])
        if end is None or end.private or not end.object.id:
            return
        refers, count, since = end.object, fact['n'], self._at(fact['t0'])
        if refers.ringed():
            state = refers.at(since)
            if state is not None and not state['fill'] and state['writers']:
                self._slept(proc, since, f'read {refers.id}: it is empty', 'model', refers,
                            ' and '.join(state['writers']))
            if count == 0:
                self._step(proc, 'eof', f'EOF {refers.id}', sentences.ends_reading(
                    proc, refers), refers)
                return
            refers.fill = max(0, refers.fill - count)
        elif not count and refers.kind != 'tty':
            return
        if not count:
            self._step(proc, 'eof', f'EOF {refers.id}', sentences.ends_reading(proc, refers),
                       refers)
            return
        self._step(proc, 'read', sentences.moved('read', refers, fact),
                   sentences.reads(proc, refers, fact), refers)

    def _write(self, proc: Proc, fact: Fact) -> None:
        end = proc.table.get(fact['fd'])
        if end is None or end.private or not end.object.id:
            return
        refers, count, since = end.object, fact['n'], self._at(fact['t0'])
        if count < 0:
            self._step(proc, 'epipe', f'EPIPE {refers.id}', sentences.finds_no_reader(
                proc, refers), refers)
            return
        if refers.ringed():
            state = refers.at(since)
            if state is not None and state['fill'] + count > CAPACITY and state['fill']:
                self._slept(proc, since, f'write {refers.id}: it is full', 'model', refers,
                            ' and '.join(state['readers']))
            refers.fill += count
        refers.total += count
        if not count:
            return
        text = sentences.moved('write', refers, fact)
        if not refers.whole and fact['data']:
            text = sentences.quoted(fact)
        self._step(proc, 'write', text, sentences.writes(proc, refers, fact), refers)

    def _cut(self, proc: Proc, fact: Fact) -> None:
        """It has ended, or is, in a read or a write."""
        end = proc.table.get(fact['fd'])
        if end is None or end.private or not end.object.id:
            return
        refers, since = end.object, self._at(fact['t0'])
        if fact['name'].startswith('write'):
            refers.loose = True         # who knows how much of it
            if refers.ringed():
                self._slept(proc, since, f'write {refers.id}: it is full', 'model', refers)
        elif not refers.ringed():
            self._slept(proc, since, f'read {refers.id}: nothing has come', 'model', refers)
        elif not refers.fill:
            self._slept(proc, since, f'read {refers.id}: it is empty', 'model', refers,
                        ' and '.join(refers.writers))

    # -- signals --------------------------------------------------------------------------

    def _kill(self, proc: Proc, fact: Fact) -> None:
        target, name = fact['target'], f'SIG{name_of(fact["number"])}'
        group = -target if target < -1 else proc.group if target == 0 else 0
        to = self.world.proc(abs(target)) if not group else None
        who = '+'.join(each.id for each in self.world.members(group)) if group else \
            self.world.name(target)
        self._step(proc, 'signal.send', f'kill {name} {who}', sentences.sends(
            proc, name, who, bool(group)), to=to)
        if to is not None and to.died is None:
            if fact.get('merged'):
                self._step(to, 'signal.merged', f'{name} merged', sentences.merges(to, name))
            elif fact.get('blocked'):
                self._step(to, 'signal.pending', f'{name} pending', sentences.keeps(to, name))

    def _signal(self, proc: Proc, fact: Fact) -> None:
        number, code, sender = fact['number'], fact['code'], fact['sender']
        name = f'SIG{name_of(number)}'
        if number in (SIGPIPE, SIGCHLD):
            text = name
        elif code == SI_KERNEL:
            text = f'signal {name} by tty (SI_KERNEL)' if self._group else \
                f'signal {name} by the kernel'
        elif code <= SI_USER:
            text = f'signal {name} by {self.world.name(sender)}'
        else:
            text = f'signal {name}'
        self._step(proc, 'signal.delivered', text, sentences.receives(proc, text, name),
                   to=self.world.proc(sender) if code <= SI_USER else None)

    def _stop(self, proc: Proc, fact: Fact) -> None:
        if proc.stopped is None:
            proc.stopped = self.time
            name = f'SIG{name_of(fact["number"])}'
            self._step(proc, 'stop', f'stop {name}', sentences.stops(proc, name))

    def _continue(self, proc: Proc, fact: Fact) -> None:
        if proc.stopped is not None:
            self._cut_short(proc)
            self._step(proc, 'continue', 'continue', sentences.goes_on(proc))

    def _cut_short(self, proc: Proc) -> None:
        """It is stopped no longer."""
        since, proc.stopped = proc.stopped, None
        if since is not None:
            proc.segments.append({'from': since, 'to': self.time, 'state': 'stopped',
                                  'why': 'stopped by a signal', 'evidence': 'exact'})

    # -- others ---------------------------------------------------------------------------

    def _sleep(self, proc: Proc, fact: Fact) -> None:
        why = sentences.sleep(fact)
        if why:
            self._slept(proc, self._at(fact['t0']), why, 'model')

    def _lock(self, proc: Proc, fact: Fact) -> None:
        end = proc.table.get(fact['fd'])
        name = end.name() if end is not None and end.object.id else f'descriptor {fact["fd"]}'
        self._slept(proc, self._at(fact['t0']), f'{fact["name"]} {name}: it is locked', 'model')
        self._step(proc, 'lock', f'lock {name}', sentences.locks(proc, name))

    def _ipc(self, proc: Proc, fact: Fact) -> None:
        self._slept(proc, self._at(fact['t0']), f'{fact["name"]}', 'model')
        self._step(proc, 'ipc', fact['name'], f'{proc.id} has waited in {fact["name"]}.')

    def _none(self, proc: Proc, fact: Fact) -> None:
        why = (fact.get('start') or ['', ''])[1]
        what = (fact.get('what') or [''])[0]
        self._step(proc, 'expand', f'no process: {what}', sentences.needs_none(
            proc, what, why))

    def _job(self, proc: Proc, fact: Fact) -> None:
        members = [self.world.name(pid) for pid in fact['pids']]
        self._step(proc, 'job', f'[{fact["number"]}] {"+".join(members)}', sentences.job(
            proc, fact['number'], members, fact['text']))

    # -- the end --------------------------------------------------------------------------

    def finish(self, last: float, status: int | None) -> None:
        """The trace ends: with `$?`, or because the shell becomes a program."""
        self.time = max(self.time, self._at(last))
        if status is not None:
            self._step(self.world.procs[0], 'end', f'$?={status}', sentences.result(status))
        for proc in self.world.procs:
            if proc.died is None:
                self._cut_short(proc)
        for proc in self.world.procs:
            proc.segments.sort(key=lambda segment: segment['from'])

    def check(self) -> None:
        """Zombies that nobody has reaped, as far as their parents are still there."""
        for proc in self.world.procs[1:]:
            parent = proc.parent
            if proc.died is not None and proc.reaped is None and parent is not None \
                    and parent.died is None and parent is not self.world.procs[0]:
                self.contradict({}, f'{parent.id} has not reaped {proc.id}')

    def notes(self, stops: int) -> list[str]:
        """What the page says besides."""
        alive = [proc.id for proc in self.world.procs[1:] if proc.died is None]
        notes = self._notes
        if self.world.procs[0].executed is not None:
            notes.append('The shell becomes a program: nobody is there to see more.')
        if alive:
            verb = 'goes' if len(alive) == 1 else 'go'
            notes.append(f'{" and ".join(alive)} {verb} on behind the trace.')
        if stops:
            notes.append(f'{stops} stops: times are those of a command that is watched.')
        return notes


CHANGES: dict[str, Any] = {
    'fork': Replay._fork, 'exec': Replay._exec, 'exit': Replay._exit, 'dead': Replay._exit,
    'wait': Replay._wait, 'told wait': Replay._wait, 'reap': Replay._reap,
    'group': Replay._group_change, 'tty': Replay._terminal, 'pipe': Replay._pipe,
    'open': Replay._open, 'opening': Replay._opening, 'told text': Replay._text,
    'dup': Replay._dup, 'cloexec': Replay._cloexec, 'close': Replay._close,
    'read': Replay._read, 'write': Replay._write, 'cut': Replay._cut, 'kill': Replay._kill,
    'signal': Replay._signal, 'stop': Replay._stop, 'continue': Replay._continue,
    'gone': Replay._gone, 'asleep': Replay._asleep, 'sleep': Replay._sleep,
    'lock': Replay._lock, 'ipc': Replay._ipc,
    'told none': Replay._none, 'told job': Replay._job,
}
