"""The steps of a story that a picture has room for: floods folded, the middle of a very long
one left out.  The story itself (JSON) keeps them all.
"""
from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from minishell.glass.story import Story

    # A step of a story, and what is said of it here: count, until, signal, from.
    Shown = dict[str, Any]

FLOODS = ('read', 'write')
FLOOD = 4               # so many alike in a row are one
TURNS = ('read', 'write', 'block')
LONGEST_TURN = 8        # steps: a writer and a reader take turns in two
MOST = 3000             # steps of a picture
FIRST = 2000            # of them before what is left out


def condensed(story: Story) -> list[Shown]:
    """The steps to show, in order: `count` steps each, until the time `until`; those of signals
    with their `signal` and who it is `from`."""
    steps = []
    for run in _runs(_with_signals(story)):
        if len(run) < FLOOD:
            steps += [step | {'count': 1, 'until': step['t']} for step in run]
        else:
            steps.append(_folded(run, ''))
    steps.sort(key=lambda step: int(step['seq']))
    steps = _without_turns(steps)
    if len(steps) <= MOST:
        return steps
    gap = steps[FIRST:len(steps) - (MOST - FIRST)]
    count = sum(step['count'] for step in gap)
    return [*steps[:FIRST],
            gap[0] | {'k': 'gap', 'obj': None, 'to': None, 'fds': None, 'count': count,
                      'until': gap[-1]['until'], 'text': f'{count} steps',
                      'say': f'{count} steps are not shown here; trace -o FILE.json has them.'},
            *steps[-(MOST - FIRST):]]


def _with_signals(story: Story) -> list[Shown]:
    """The steps, those of signals with name and sender; SIGCHLD is from who changed last."""
    parents = {one['id']: one['parent'] for one in story['procs']}
    changed: dict[str | None, str] = {}         # by the parent
    steps: list[Shown] = []
    for step in story['steps']:
        kind, shown = step['k'], dict(step)
        if kind in ('exit', 'stop', 'continue'):
            changed[parents.get(step['p'])] = step['p']
        if kind.startswith('signal.'):
            name = re.search(r'SIG[A-Z]+[0-9+-]*', step['text'])
            sender = re.search(r' by (\w+)', step['text'])
            shown['signal'] = name[0] if name else ''
            shown['from'] = changed.get(step['p'], '') if shown['signal'] == 'SIGCHLD' else \
                sender[1] if sender else ''
        steps.append(shown)
    return steps


def _runs(steps: list[Shown]) -> list[list[Shown]]:
    """Steps in runs: reads or writes of one process and object with nothing between them that
    this process does, or another one with this object."""
    runs: list[list[Shown]] = []
    by_process: dict[str, list[Shown]] = {}      # the run that may go on
    by_object: dict[str, list[Shown]] = {}
    for step in steps:
        run = by_process.get(step['p'])
        obj = step['obj']
        if (run is not None and step['k'] in FLOODS and obj and run[-1]['k'] == step['k']
                and by_object.get(obj) is run):
            run.append(step)
            continue
        run = by_process[step['p']] = [step]
        if obj:
            by_object[obj] = run
        runs.append(run)
    return runs


def _without_turns(steps: list[Shown]) -> list[Shown]:
    """What processes do in turns, over and over, as one turn."""
    keys = [(step['p'], step['k'], step['obj']) if step['k'] in TURNS else step['seq']
            for step in steps]
    kept: list[Shown] = []
    at = 0
    while at < len(steps):
        length, times = _turns(keys, at) if steps[at]['k'] in TURNS else (1, 1)
        if times < FLOOD:
            kept.append(steps[at])
            at += 1
            continue
        end = at + length * times
        kept += [_folded(steps[place:end:length], ' in turns')
                 for place in range(at, at + length)]
        at = end
    return kept


def _turns(keys: list[object], at: int) -> tuple[int, int]:
    """How long the turn is that begins at a place, and how often it comes."""
    for length in range(2, LONGEST_TURN + 1):
        end = at + length
        while end < len(keys) and keys[end] == keys[end - length]:
            end += 1
        if end - at >= FLOOD * length:
            return length, (end - at) // length
    return 1, 1


def _folded(run: list[Shown], how: str) -> Shown:
    """Many steps alike as one: `write ① 6× 49152 B`."""
    first = run[0]
    count = sum(step.get('count', 1) for step in run)
    total = sum(int(found[1]) for step in run
                if (found := re.search(r'(\d+) B', step['text'])))
    size = f' {total} B' * bool(total)
    more = f' – and so on, {count} times{how}' + f',{size} in all' * bool(size)
    what = f'{first["k"]} {first["obj"]}' if first['k'] in FLOODS else first['text']
    return first | {
        'count': count, 'until': run[-1].get('until', run[-1]['t']),
        'text': f'{what} {count}×{size}', 'say': first['say'] + more}
