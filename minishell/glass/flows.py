"""Facts of descriptors and data, replayed: who has which end, what flows, who sleeps for it."""
from __future__ import annotations

from minishell.glass import sentences
from minishell.glass.model import CAPACITY, READS, WRITES, End, Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.calls import Fact
    from minishell.glass.model import Proc
    from minishell.glass.replay import Change, Replay

ACCESS = {0: READS, 1: WRITES, 2: READS | WRITES}      # of O_ACCMODE
CLOEXEC = 0o2000000
LOWEST_OWN = 10         # the shell's own descriptors


def _pipe(replay: Replay, proc: Proc, fact: Fact) -> None:
    """A pipe; in copies of the shell only those that it tells of are shown."""
    refers = replay.world.made('pipe', fact.get('object'))
    meaning = replay.meanings.get(id(fact))
    private = proc.is_copy() and (meaning is None or meaning['use'] == 'gate')
    for name, mode in (('r', READS), ('w', WRITES)):
        replay.world.put(proc, fact[name], End(refers, mode, fact['cloexec'], private))
    if not private:
        replay.world.show(refers)
        replay.step(proc, 'pipe', f'pipe {refers.id}', sentences.makes_pipe(proc, refers),
                    refers)


def _open(replay: Replay, proc: Proc, fact: Fact) -> None:
    """A file is opened; in copies of the shell, by a redirection that it tells of."""
    kind, device, inode, _ = fact['object']
    flags, path = fact['flags'], fact['path']
    mode = ACCESS.get(flags & 3, READS)
    private = proc.is_copy() and id(fact) not in replay.meanings and kind != 'fifo'
    unsaid = proc.is_copy() and path == '/dev/null'     # what & reads from
    private = (private or kind == 'other') and not unsaid
    refers = replay.world.find(kind, device, inode, path, True)
    if not private:
        replay.world.show(refers, 'tty' if kind == 'tty' else path.rpartition('/')[2])
    if kind == 'fifo':
        since = replay.at(fact['t0'])
        state = refers.at(since)
        others = state and state['writers' if mode == READS else 'readers']
        if not others:
            replay.slept(proc, since,
                         f'open {refers.id}: nobody has opened the other end', 'model',
                         refers)
    replay.world.put(proc, fact['fd'], End(refers, mode, bool(flags & CLOEXEC), private))
    if not private and not unsaid:
        replay.step(proc, 'open', f'open {refers.id}', sentences.opens(proc, refers, mode),
                    refers)


def _opening(replay: Replay, proc: Proc, fact: Fact) -> None:
    """It was never opened."""
    name = fact['path'].rpartition('/')[2]
    replay.slept(proc, replay.at(fact['t0']),
                 f'open {name}: nobody has opened the other end', 'model')


def _text(replay: Replay, proc: Proc, fact: Fact) -> None:
    """A here-document, in a file without a name."""
    if fact['fd'] >= 0:
        refers = replay.world.show(Object('file', 'here-document', False), 'here-document')
        replay.world.put(proc, fact['fd'], End(refers, READS, True, False))


def _dup(replay: Replay, proc: Proc, fact: Fact) -> None:
    """A descriptor is copied; the shell keeps copies of its own, which are not shown."""
    fd, new = fact['fd'], fact['new']
    source = proc.table.get(fd)
    if source is None:
        replay.world.drop(proc, new)
        return
    if fd == new:
        return
    kept = proc.is_copy() and fact['cloexec'] and new >= LOWEST_OWN
    end = End(source.object, source.mode, fact['cloexec'], kept or not source.object.id)
    replay.world.put(proc, new, end)
    if end.private or not source.object.id:
        return
    refers = source.object
    name = refers.id if refers.ringed() else source.name()
    replay.step(proc, 'dup2', f'{name}\u2192{new}', sentences.dups(proc, source, fd, new),
                refers)


def _cloexec(replay: Replay, proc: Proc, fact: Fact) -> None:
    end = proc.table.get(fact['fd'])
    if end is not None:
        end.cloexec = fact['on']


def _close(replay: Replay, proc: Proc, fact: Fact) -> None:
    """Descriptors are closed; steps are those that are ends of pipes."""
    first: int = fact['fd']
    last = int(fact.get('last') or first)
    for fd in [fd for fd in proc.table if first <= fd <= last]:
        end = replay.world.drop(proc, fd)
        assert end is not None
        if not end.private and end.object.ringed():
            replay.step(proc, 'close', f'close {end.name()}', sentences.closes(
                proc, end, fd), end.object)


def _read(replay: Replay, proc: Proc, fact: Fact) -> None:
    """It has read: had it to wait, the pipe was empty when it asked."""
    end = proc.table.get(fact['fd'])
    if end is None or end.private or not end.object.id:
        return
    refers, count, since = end.object, fact['n'], replay.at(fact['t0'])
    if refers.ringed():
        state = refers.at(since)
        if state is not None and not state['fill'] and state['writers']:
            replay.slept(proc, since, f'read {refers.id}: it is empty', 'model', refers,
                         ' and '.join(state['writers']))
        if count == 0:
            replay.step(proc, 'eof', f'EOF {refers.id}', sentences.ends_reading(
                proc, refers), refers)
            return
        replay.world.flow(refers, -count)
    elif not count and refers.kind != 'tty':
        return
    elif refers.kind == 'tty':
        replay.slept(proc, since, f'read {refers.id}: nothing has been typed', 'model', refers)
    if not count:
        replay.step(proc, 'eof', f'EOF {refers.id}', sentences.ends_reading(proc, refers),
                    refers)
        return
    replay.step(proc, 'read', sentences.moved('read', refers, fact),
                sentences.reads(proc, refers, fact), refers)


def _write(replay: Replay, proc: Proc, fact: Fact) -> None:
    """It has written: had it to wait, the pipe was full when it asked."""
    end = proc.table.get(fact['fd'])
    if end is None or end.private or not end.object.id:
        return
    refers, count, since = end.object, fact['n'], replay.at(fact['t0'])
    if count < 0:
        replay.step(proc, 'epipe', f'EPIPE {refers.id}', sentences.finds_no_reader(
            proc, refers), refers)
        return
    if refers.ringed():
        state = refers.at(since)
        if state is not None and state['fill'] + count > CAPACITY and state['fill']:
            replay.slept(proc, since, f'write {refers.id}: it is full', 'model', refers,
                         ' and '.join(state['readers']))
        replay.world.flow(refers, count)
    refers.total += count
    if not count:
        return
    text = sentences.moved('write', refers, fact)
    if not refers.whole and fact['data']:
        text = sentences.quoted(fact)
    replay.step(proc, 'write', text, sentences.writes(proc, refers, fact), refers)


def _cut(replay: Replay, proc: Proc, fact: Fact) -> None:
    """It has ended, or is, in a read or a write."""
    end = proc.table.get(fact['fd'])
    if end is None or end.private or not end.object.id:
        return
    refers, since = end.object, replay.at(fact['t0'])
    if fact['name'].startswith('write'):
        refers.loose |= fact['ended']   # who knows how much of it
        if refers.ringed():
            replay.slept(proc, since, f'write {refers.id}: it is full', 'model', refers)
    elif not refers.ringed():
        replay.slept(proc, since, f'read {refers.id}: nothing has come', 'model', refers)
    elif not refers.fill:
        replay.slept(proc, since, f'read {refers.id}: it is empty', 'model', refers,
                     ' and '.join(refers.writers))


def _lock(replay: Replay, proc: Proc, fact: Fact) -> None:
    """It has a lock, or has waited for it until it ended."""
    end = proc.table.get(fact['fd'])
    if end is None and proc.id == 'sh' or end is not None and end.private:
        return                          # a file of the shell's own
    name = end.name() if end is not None and end.object.id else f'descriptor {fact["fd"]}'
    if fact['holder']:
        why = f'{fact["name"]} {name}: {replay.world.name(fact["holder"])} has the lock'
        replay.slept(proc, replay.at(fact['t0']), why, 'sampled')
    if 'cut' not in fact:
        verb, which = fact['verb'], fact['which']
        replay.step(proc, 'lock', f'{verb} {name}{which}',
                    sentences.locks(proc, verb, name, which))


def _ipc(replay: Replay, proc: Proc, fact: Fact) -> None:
    """A call of IPC is over, for which it may have waited."""
    name = fact['name']
    if fact['slept']:
        replay.slept(proc, replay.at(fact['t0']), f'{name}: {sentences.IPC[name]}', 'model')
    if 'cut' not in fact:
        replay.step(proc, 'ipc', fact['text'], sentences.left_out(
            proc, name, fact['left']) if 'left' in fact else sentences.exchanges(
            proc, name, fact['text'], fact['slept']))


CHANGES: dict[str, Change] = {
    'pipe': _pipe, 'open': _open, 'opening': _opening, 'told text': _text, 'dup': _dup,
    'cloexec': _cloexec, 'close': _close, 'read': _read, 'write': _write, 'cut': _cut,
    'lock': _lock, 'ipc': _ipc,
}
