"""What is so behind each step: the cells of a table of processes and one of pipes, as changes.

A cell is a number: row by row, first the processes, then the pipes.
"""
from __future__ import annotations

from bisect import bisect_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.glass.geometry import Geometry
    from minishell.glass.story import Holders, Process

    Event = tuple[int, float, int, str]         # step, time, cell, text

PROCESS = ('state', 'because', '0', '1', '2', 'more')
PIPE = ('can read', 'can write', 'in it')
STANDARD = ('0', '1', '2')
NONE = '–'


def moments(geometry: Geometry) -> list[dict[int, str]]:
    """The cells that each step changes, the first one from empty tables."""
    steps = geometry.steps
    changes: list[dict[int, str]] = [{} for _ in steps]
    if not steps:
        return changes
    untils: list[float] = []
    own: dict[tuple[str, float], int] = {}
    for index, step in enumerate(steps):
        untils.append(max(step['until'], untils[-1] if untils else 0))
        own[step['p'], step['t']] = index

    def place(t: float, process: str = '') -> int:
        """The first step behind which something of that time is so."""
        exact = own.get((process, t))
        return exact if exact is not None else min(bisect_left(untils, t), len(steps) - 1)

    events: list[Event] = []
    rows = {name: len(PROCESS) * row for row, name in enumerate(geometry.shown)}
    for name, one in geometry.shown.items():
        for t, state, why in _states(one, geometry.end_time, geometry.is_orphan(one)):
            index = place(t, name if t > one['born'] else one['parent'] or '')
            events += [(index, t, rows[name], state), (index, t, rows[name] + 1, why)]
    events += _descriptors(geometry, rows)
    base = len(PROCESS) * len(rows)
    for row, pipe in enumerate(geometry.shown_pipes.values()):
        for held in pipe['holders']:
            index = place(held['t'])
            for column, text in enumerate(_ends(held)):
                events.append((index, held['t'], base + len(PIPE) * row + column, text))
    events.sort(key=lambda event: event[:2])
    now: dict[int, str] = {}
    for index, _, cell, text in events:
        if now.get(cell, '') != text:
            now[cell] = changes[index][cell] = text
    return changes


def _states(one: Process, last: float, orphan: bool) -> Iterator[tuple[float, str, str]]:
    """From when on a process is in which state, and why."""
    yield one['born'], 'R runs', ''
    for seg in one['segs']:
        yield seg['from'], 'S asleep' if seg['state'] == 'asleep' else 'T stopped', seg['why']
        if seg['to'] is not None and (seg['to'] < last or one['died'] is not None):
            yield seg['to'], 'R runs', ''
    if one['died'] is not None:
        end = one['end'] or {}
        how = f'exit {end["exit"]}' if 'exit' in end else str(end.get('signal', 'ended'))
        if orphan:
            yield one['died'], 'gone', f'{how}; init has waited for it'
        else:
            yield one['died'], 'Z zombie', f'{how}; {one["parent"]} has not waited for it'
        if one['reaped'] is not None:
            yield one['reaped'], 'gone', how


def _descriptors(geometry: Geometry, rows: dict[str, int]) -> Iterator[Event]:
    """The descriptors of each process from its birth on, as far as they are known."""
    held: dict[str, dict[str, str] | None] = {}
    for index, step in enumerate(geometry.steps):
        name, child = step['p'], step['to'] or ''
        if step['fds'] is not None and name in rows:
            held[name] = step['fds']
            yield from _written(index, step['t'], rows[name], step['fds'])
        if step['k'] == 'fork' and child in rows:
            held[child] = held.get(name)
            yield from _written(index, step['t'], rows[child], held[child])
        if step['k'] == 'exit' and name in rows:
            yield from _written(index, step['t'], rows[name], {})


def _written(index: int, t: float, row: int,
             fds: dict[str, str] | None) -> Iterator[Event]:
    """A row's cells of descriptors."""
    texts = ['?'] * 3 + [''] if fds is None else [
        *(_arrow(fds[fd]) if fd in fds else NONE for fd in STANDARD),
        ', '.join(f'{fd} {_arrow(what)}' for fd, what in fds.items() if fd not in STANDARD)]
    for column, text in enumerate(texts, 2):
        yield index, t, row + column, text


def _arrow(what: str) -> str:
    """①r is ←①, ①w is →①; else what it is."""
    if len(what) > 1 and not what[-2].isascii() or what[:1] == '(':
        return {'r': '←', 'w': '→'}.get(what[-1], '') + what.removesuffix('r').removesuffix('w')
    return what


def _ends(held: Holders) -> tuple[str, str, str]:
    """Who can read from a pipe, who can write to it, what is in it."""
    readers, writers = held['readers'], held['writers']
    if not readers and not writers:
        return NONE, NONE, NONE
    return ' '.join(readers) or 'nobody', ' '.join(writers) or 'nobody', f'{held["fill"]} B'
