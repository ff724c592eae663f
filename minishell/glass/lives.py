"""Facts of processes, replayed: forks, ends, groups, signals; the steps that they are."""
from __future__ import annotations

from minishell.glass import sentences
from minishell.status import exit_status, is_stop, signal_of
from minishell.system.calls import TICKS
from minishell.system.signals import (
    SIGCHLD,
    SIGHUP,
    SIGINT,
    SIGPIPE,
    SIGQUIT,
    SIGTSTP,
    SIGTTIN,
    SIGTTOU,
    SIGWINCH,
    name_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.calls import Fact
    from minishell.glass.model import Proc
    from minishell.glass.replay import Change, Replay

SI_KERNEL, SI_USER, SI_TIMER = 128, 0, -2
OF_TERMINALS = frozenset((SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH))


def _fork(replay: Replay, proc: Proc, fact: Fact) -> None:
    """A child is born, with copies of all descriptors."""
    child = replay.world.add(fact['child'], proc, replay.time)
    meaning = replay.meanings.get(id(fact))
    if meaning is not None:
        child.node = tuple(meaning['what']) if meaning.get('what') else None
        child.why = (meaning.get('start') or ['', ''])[1]
    if proc.executed is not None:
        child.executed, child.argv = replay.time, list(proc.argv)
    replay.step(proc, 'fork', f'fork {child.id}', sentences.fork(proc, child), to=child,
                conf=fact.get('conf') or 'exact')


def _exec(replay: Replay, proc: Proc, fact: Fact) -> None:
    """It becomes a program: what is close-on-exec is closed."""
    proc.argv = fact['argv']
    proc.executed = replay.time
    for fd, end in list(proc.table.items()):
        if end.cloexec:
            replay.world.drop(proc, fd)
    name = (fact['argv'] or [fact['path']])[0].rpartition('/')[2]
    if fact.get('deaf'):                # nobody has forked it in our way
        replay.deaf.append(proc.id)
        for end in proc.table.values():
            end.object.loose = True
    if fact.get('lost'):
        replay.noted.append(f'{proc.id}: {name} runs without the rights of its set-user-ID '
                            'bit, for it is traced.')
    if fact.get('narrow'):
        replay.noted.append(f'{proc.id}: {name} is a program of 32 bits, whose calls are '
                            'not seen.')
    replay.step(proc, 'exec', f'exec {name}', sentences.execs(proc, fact['path']),
                conf=fact.get('conf') or 'exact')


def _exit(replay: Replay, proc: Proc, fact: Fact) -> None:
    """It has ended, and is a zombie; a second fact of that says nothing new."""
    if proc.died is not None:
        return
    replay.cut_short(proc)
    status = proc.status = fact['status']
    number = signal_of(status)
    replay.world.bury(proc, replay.time)
    if number:
        core = bool(status & 0x80)
        proc.end = {'signal': f'SIG{name_of(number)}', 'core': core}
        text = f'\u2020SIG{name_of(number)}'
    else:
        proc.end = {'exit': exit_status(status)}
        text = f'exit {exit_status(status)}'
    replay.step(proc, 'exit', text, sentences.ends(proc),
                conf='inferred' if fact['k'] == 'reap' else 'exact')
    replay.look_at_terminal()


def _wait(replay: Replay, proc: Proc, fact: Fact) -> None:
    """Copies of the shell tell themselves when they wait."""
    copy = proc.is_copy()
    if copy is not fact['k'].startswith('told') or proc.waits is not None:
        return
    proc.waits = replay.time
    replay.step(proc, 'wait', 'wait', sentences.waits(proc))


def _reap(replay: Replay, proc: Proc, fact: Fact) -> None:
    """A child's status is taken: of its end, or of a stop."""
    child = replay.world.proc(fact['child'])
    status = fact['status']
    if child is None:
        return
    if status is not None and (is_stop(status) or status == 0xFFFF):
        if is_stop(status):
            name = f'SIG{name_of(status >> 8 & 0xFF)}'
            _waited(replay, proc, child)
            replay.step(proc, 'reap', f'{child.id} stopped', sentences.told_of_stop(
                proc, child, name), to=child)
        return
    _waited(replay, proc, child)
    child.reaped = replay.time
    if status is not None:
        child.status = status
        if child.died is None:      # nobody has seen its end
            _exit(replay, child, {**fact, 'status': status})
    number = signal_of(child.status)
    result = f'=\u2020SIG{name_of(number)}' if number else \
        f'={exit_status(child.status)}' if child.status else ''
    replay.step(proc, 'reap', f'reap {child.id}{result}', sentences.reaps(proc, child),
                to=child)


def _waited(replay: Replay, proc: Proc, child: Proc) -> None:
    """It has waited for news of a child."""
    since, proc.waits = proc.waits, None
    if since is None:
        return
    news = child.stopped if child.died is None else child.died
    if news is not None and news > since:
        replay.slept(proc, since, 'wait: no child has ended', 'model')


def _own_group(replay: Replay, proc: Proc, fact: Fact) -> None:
    """A copy of the shell has joined one before its calls were seen."""
    if fact['child'] == 0:
        _group_change(replay, proc, {**fact, 'child': proc.pid})


def _group_change(replay: Replay, proc: Proc, fact: Fact) -> None:
    child = replay.world.proc(fact['child'])
    if child is None or child.group == fact['group']:
        return
    child.group, child.fresh = fact['group'], False
    leader = replay.world.name(fact['group'])
    replay.step(proc, 'pgrp', f'group {child.id} {leader}', sentences.joins(
        proc, child, leader, 'session' in fact), to=child)
    replay.look_at_terminal()


def _terminal(replay: Replay, proc: Proc, fact: Fact) -> None:
    before = replay.in_foreground()
    replay.give_terminal(fact['group'])
    now = replay.in_foreground()
    if before != now:
        who = '+'.join(now) or 'nobody'
        replay.step(proc, 'tty', f'tty {who}', sentences.gives_terminal(proc, now))


def _gone(replay: Replay, proc: Proc, fact: Fact) -> None:
    """It is not there any more; nobody has seen how it ended."""
    if proc.died is None:
        replay.cut_short(proc)
        replay.world.bury(proc, replay.time)
        replay.step(proc, 'exit', 'gone', f'{proc.id} is gone', conf='sampled')


def _asleep(replay: Replay, proc: Proc, fact: Fact) -> None:
    replay.slept(proc, replay.at(fact['t0']), fact['why'], 'sampled')


def _kill(replay: Replay, proc: Proc, fact: Fact) -> None:
    target, name = fact['target'], f'SIG{name_of(fact["number"])}'
    group = -target if target < -1 else proc.group if target == 0 else 0
    to = replay.world.proc(abs(target)) if not group else None
    who = '+'.join(each.id for each in replay.world.members(group)) if group else \
        replay.world.name(target)
    replay.step(proc, 'signal.send', f'kill {name} {who}', sentences.sends(
        proc, name, who, bool(group)), to=to)
    if to is not None and to.died is None:
        if fact.get('merged'):
            replay.step(to, 'signal.merged', f'{name} merged', sentences.merges(to, name))
        elif fact.get('blocked'):
            replay.step(to, 'signal.pending', f'{name} pending', sentences.keeps(to, name))


def _signal(replay: Replay, proc: Proc, fact: Fact) -> None:
    """A signal is delivered; who has sent it, its code says."""
    number, code, sender = fact['number'], fact['code'], fact['sender']
    name = f'SIG{name_of(number)}'
    if number in TICKS and code == SI_TIMER and proc.executed is None:
        return                          # by which a shell gets out of a call it waits in
    if fact.get('ignored'):             # the kernel tells who traces all the same
        replay.step(proc, 'signal.ignored', f'{name} ignored', sentences.ignores(proc, name))
        return
    if number in (SIGPIPE, SIGCHLD):
        text = name
    elif code == SI_KERNEL:
        text = f'signal {name} by tty (SI_KERNEL)' if replay.group and number in OF_TERMINALS \
            else f'signal {name} by the kernel'
    elif code == SI_TIMER:
        text, sender = f'signal {name} by a timer', 0
    elif code <= SI_USER:
        text = f'signal {name} by {replay.world.name(sender)}'
    else:
        text = f'signal {name}'
    replay.step(proc, 'signal.delivered', text, sentences.receives(proc, text, name),
                to=replay.world.proc(sender) if code <= SI_USER else None)


def _stop(replay: Replay, proc: Proc, fact: Fact) -> None:
    if proc.stopped is None:
        proc.stopped = replay.time
        name = f'SIG{name_of(fact["number"])}'
        replay.step(proc, 'stop', f'stop {name}', sentences.stops(proc, name))


def _continue(replay: Replay, proc: Proc, fact: Fact) -> None:
    if proc.stopped is not None:
        replay.cut_short(proc)
        replay.step(proc, 'continue', 'continue', sentences.goes_on(proc))


def _sleep(replay: Replay, proc: Proc, fact: Fact) -> None:
    why = sentences.sleep(fact)
    if why:
        replay.slept(proc, replay.at(fact['t0']), why, 'model')


def _none(replay: Replay, proc: Proc, fact: Fact) -> None:
    why = (fact.get('start') or ['', ''])[1]
    what = (fact.get('what') or [''])[0]
    replay.step(proc, 'expand', f'no process: {what}', sentences.needs_none(
        proc, what, why))


def _trap(replay: Replay, proc: Proc, fact: Fact) -> None:
    condition = fact['condition']
    replay.step(proc, 'expand', f'trap {condition}', sentences.traps(
        proc, condition, fact['action']))


def _job(replay: Replay, proc: Proc, fact: Fact) -> None:
    members = [replay.world.name(pid) for pid in fact['pids']]
    replay.step(proc, 'job', f'[{fact["number"]}] {"+".join(members)}', sentences.job(
        proc, fact['number'], members, fact['text']))


CHANGES: dict[str, Change] = {
    'fork': _fork, 'exec': _exec, 'exit': _exit, 'dead': _exit, 'wait': _wait,
    'told wait': _wait, 'reap': _reap, 'group': _group_change, 'told group': _own_group,
    'tty': _terminal,
    'kill': _kill, 'signal': _signal, 'stop': _stop, 'continue': _continue, 'gone': _gone,
    'asleep': _asleep, 'sleep': _sleep, 'told none': _none, 'told job': _job,
    'told trap': _trap,
}
