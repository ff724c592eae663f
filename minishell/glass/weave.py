"""Facts → a story: descriptor tables replayed, causes before effects, names given, checked.

A pure function of what has been recorded: nobody is asked anything here.
"""
from __future__ import annotations

from minishell.glass.order import Order
from minishell.glass.replay import Replay
from minishell.glass.story import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from minishell.glass.calls import Fact
    from minishell.glass.model import Object, Proc
    from minishell.glass.story import Process, Step, Story
    from minishell.glass.telling import Told

# Of what shells tell: what the kernel does not.
KEPT = ('text', 'wait', 'none', 'job', 'trap', 'group')


def weave(command: str, facts: Sequence[Fact], told: Sequence[Told], statuses: Sequence[int],
          engine: str = 'ptrace', stops: int = 0, troubles: Sequence[str] = (),
          held: float = 0.0) -> Story:
    """The story of a command from what has been recorded; `statuses`: `$?`, and behind it those
    of a pipeline's commands; `held`: seconds that the stops have taken."""
    start = facts[0]['t']               # what comes before it in time is of no interest
    facts = [fact for fact in facts if fact['t'] >= start]
    told = [each for each in told if each['t'] >= start]
    becomes = told[-1] if told and told[-1]['k'] == 'exec' \
        and told[-1]['pid'] == facts[0]['pid'] else None
    if becomes is not None:             # the shell: nobody was there to see it
        facts.append({**becomes, 'conf': 'inferred'})
    replay = Replay(start, _meanings(facts, told))
    order = Order(replay.world, [*facts, *(
        {**each, 'k': 'told ' + each['k']} for each in told if each['k'] in KEPT)])
    order.run(replay.fact, replay.contradict)
    replay.finish(max([fact['t'] for fact in facts] + [each['t'] for each in told]),
                  None if becomes is not None else statuses[0])
    steps = _numbered(replay.steps)
    replay.check()
    deaf = [replay.world.name(each['pid']) for each in told
            if each['k'] == 'born' and not each.get('filtered', True)]
    if deaf and engine == 'ptrace':
        troubles = [*troubles, f'the calls of {" and ".join(deaf)} are not seen: there is no '
                    'seccomp, or nobody traces it']
    return {
        'version': VERSION, 'command': command, 'engine': engine,
        'incomplete': [*troubles, *replay.contradictions], 'notes': replay.notes(stops, held),
        'stops': stops, 'duration': replay.time, 'status': statuses[0],
        'pipestatus': list(statuses[1:]),
        'procs': [_process(proc, facts[0]['ppid']) for proc in replay.world.procs],
        'objects': [{'id': refers.id, 'kind': refers.kind, 'name': _name(refers),
                     'bytes': refers.total, 'holders': refers.history}
                    for refers in replay.world.objects if refers.shown],
        'tty': replay.foreground, 'steps': steps}


def _name(refers: Object) -> str | None:
    return None if refers.kind == 'pipe' and refers.whole else refers.name


def _process(proc: Proc, outer: int) -> Process:
    parent = proc.parent
    return {
        'id': proc.id, 'pid': proc.pid, 'ppid': parent.pid if parent is not None else outer,
        'pgid': proc.group, 'parent': parent.id if parent is not None else None,
        'argv': proc.argv, 'node': proc.node, 'born': proc.born, 'exec': proc.executed,
        'died': proc.died, 'reaped': proc.reaped, 'end': proc.end, 'segs': proc.segments}


def _numbered(steps: list[Step]) -> list[Step]:
    """Steps in order: one that was noted when it was over has its place by its time."""
    later = [step for step in steps if step['k'] == 'block']
    rest = [step for step in steps if step['k'] != 'block']
    later.sort(key=lambda step: step['t'])
    merged: list[Step] = []
    for step in rest:
        while later and later[0]['t'] < step['t']:
            merged.append(later.pop(0))
        merged.append(step)
    merged += later
    for number, step in enumerate(merged, 1):
        step['seq'] = number
    return merged


def _meanings(facts: Sequence[Fact], told: Sequence[Told]) -> dict[int, Told]:
    """What the shell has told of a fact, by the fact's identity: which pipes, files and
    processes are a script's.  It tells right behind the call, so it means the last of its kind
    until then."""
    left: dict[tuple[object, ...], list[Fact]] = {}
    for fact in facts:
        kind = fact['k']
        if kind in ABOUT:
            left.setdefault((kind, fact['pid'], fact.get(ABOUT[kind])), []).append(fact)
    found: dict[int, Told] = {}
    for each in told:
        kind = {'spawn': 'fork'}.get(each['k'], each['k'])
        if kind in ABOUT:
            about = each[ABOUT[kind]] if kind != 'pipe' else None
            before = [fact for fact in left.get((kind, each['pid'], about), ())
                      if kind == 'fork' or fact['t'] <= each['t']]
            if before:
                found[id(before[-1])] = each
                left[kind, each['pid'], about] = [
                    fact for fact in left[kind, each['pid'], about] if fact['t'] > each['t']]
    return found


# The kinds of facts that are told, too, and what they have to have in common.
ABOUT = {'pipe': '', 'open': 'path', 'fork': 'child'}
