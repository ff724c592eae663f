"""A story as trace event JSON, which Perfetto and chrome://tracing show."""
from __future__ import annotations

from json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from minishell.glass.story import Story


def write_perfetto(story: Story) -> str:
    """Processes as tracks, sleep and stops as slices, steps as instants, forks as flows, what
    is in a pipe as counters; times in microseconds."""
    events: list[dict[str, Any]] = []
    pids = {one['id']: one['pid'] for one in story['procs']}

    def add(kind: str, process: str, t: float, name: str, **more: Any) -> None:
        pid = pids.get(process, 0)
        events.append({'ph': kind, 'pid': pid, 'tid': pid, 'ts': t * 1e6, 'name': name} | more)

    end = max([story['duration'], *(step['t'] for step in story['steps'])])
    for one in story['procs']:
        name = ' '.join(one['argv']) or (one['node'] or ['subshell'])[0]
        add('M', one['id'], 0, 'process_name', args={'name': f'{one["id"]} {name}'})
        died = end if one['died'] is None else one['died']
        add('X', one['id'], one['born'], name, dur=(died - one['born']) * 1e6)
        for seg in one['segs']:
            until = max(min(died if seg['to'] is None else seg['to'], died), seg['from'])
            add('X', one['id'], seg['from'], f'{seg["state"]}: {seg["why"]}',
                dur=(until - seg['from']) * 1e6)
    for step in story['steps']:
        add('i', step['p'], step['t'], step['text'], s='t', args={'say': step['say']})
        if step['k'] == 'fork' and step['to'] in pids:
            flow = {'cat': 'fork', 'id': pids[step['to']]}
            add('s', step['p'], step['t'], 'fork', **flow)
            add('f', step['to'], step['t'], 'fork', bp='e', **flow)
    for pipe in story['objects']:
        for held in pipe['holders']:
            add('C', 'sh', held['t'], f'{pipe["id"]} bytes', args={'bytes': held['fill']})
    return dumps({'traceEvents': events, 'displayTimeUnit': 'ms'}) + '\n'
