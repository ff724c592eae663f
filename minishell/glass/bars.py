"""Processes as bars, and the terminal's lane, on the sheet of a picture."""
from __future__ import annotations

from minishell.glass.geometry import LEFT
from minishell.glass.lettering import SMALL, measured, short
from minishell.glass.stacking import BAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.shapes import Sheet
    from minishell.glass.stacking import Lane
    from minishell.glass.story import Process

START = LEFT - 34       # where what has been before the trace begins
ROOM = 22               # small letters beside a name
NAME = 48               # where names stand


def draw_terminal(sheet: Sheet, lane: Lane) -> None:
    """Whose the terminal is, from when to when."""
    y, place = lane.bar - 7, sheet.geometry
    sheet.path('heads', 'icon', 14, y, 'h24v14h-24zm4 4h2m2 0h2m2 0h2m2 0h2'
               'm-14 3h2m2 0h2m2 0h2m2 0h2m-12 3.5h12')
    sheet.words('heads', NAME, y + 5, 'terminal', style='name')
    sheet.words('heads', NAME, y + 17, 'foreground group', SMALL, 'muted')
    changes = place.story['tty']
    known = changes[0]['t'] < place.steps[0]['t'] if place.steps else True
    owners = [(START, changes[0]['procs'] if known else ['sh'])]    # who gives it away has it
    for x, giver, group in place.handovers:
        owners.append((x, group))
        if giver is not None:
            sheet.arrow('behind', x, giver.bar - BAR / 2, lane.bar + 7, 'plain')
    ends = [*(x for x, _ in owners[1:]), place.right]
    for (x, group), end in zip(owners, ends, strict=True):
        if not group or end - x < 1:
            continue
        colour = 'c0' if 'sh' in group else sheet.colours.get(group[0], 'c0')
        sheet.rectangle('bars', x, y, end - x, 14, f'full {colour}')
        room = end - x - 8
        text = '+'.join(group)
        if group == ['sh'] and measured('the shell', SMALL) < room:
            text = 'the shell'
        text = short(text, int(room / measured('m', SMALL)))
        if len(text) > 1:
            sheet.words('words', x + 5, y + 10.5, text, SMALL, 'on')


def draw_head(sheet: Sheet, lane: Lane) -> None:
    """Who a lane is about, at its left."""
    first = sheet.geometry.procs[lane.members[0]]
    colour = sheet.colours[first['id']]
    if lane.thin:
        sheet.words('heads', 14, lane.y + 7.5, several(lane.members), 8, 'muted')
        return
    name = 'the shell' if first['id'] == 'sh' else _named(first)
    chip = several(lane.members)
    width = max(28, measured(chip, 11) + 8)
    sheet.rectangle('heads', 10, lane.y + 10, width, 17, f'full {colour}', 4)
    sheet.centred('heads', 10 + width / 2, lane.y + 22.5, chip, 'on chip')
    small = f'pid {first["pid"]}'
    if len(lane.members) > 1:
        left, low = 20 + width, 14.0
        name, small = f'{len(lane.members)} processes', f'one after the other, {name}'
    else:
        left, low = NAME, NAME
        if first['id'] != 'sh':
            small = f'{small} · group {first["pgid"]}'
            small = small if len(small) <= ROOM else f'{first["pid"]}, group {first["pgid"]}'
    room = LEFT - 46
    sheet.words('heads', left, lane.y + 20, short(name, int((room - left) / measured('m', 11))),
                style='name')
    sheet.words('heads', low, lane.y + (32 if low == NAME else 40),
                short(small, int((room - low) / measured('m', SMALL))), SMALL, 'muted')


def _named(one: Process) -> str:
    """A process by its program, or by the text it runs."""
    text = ' '.join(one['argv']) or (one['node'][0] if one['node'] else '') or 'subshell'
    return ' '.join(text.split())


def draw_process(sheet: Sheet, lane: Lane, one: Process) -> None:
    """A process's bar: a copy of the shell, the program, sleep, stops, zombie."""
    place, name = sheet.geometry, one['id']
    if place.left_out(one['born'], one['reaped']):
        return
    colour = sheet.colours[name]
    born = START if name == 'sh' else place.life('fork', name) or LEFT
    ran = born if name == 'sh' else place.life('exec', name)
    died, reaped = place.life('exit', name), place.life('reap', name)
    end = place.right if died is None else died
    height = 5 if lane.thin else BAR
    x = born
    for seg in sorted(one['segs'], key=lambda seg: float(seg['from'])):
        start = place.x_of(seg['from'], name)
        goes_on = died is None and (seg['to'] is None or seg['to'] >= place.end_time)
        stop = end if goes_on else min(place.x_of(seg['to'], name), end)
        if stop < start or place.left_out(seg['from'], seg['to']):  # seen only behind its end
            continue
        _runs(sheet, lane, (x, start), ran, height, colour)
        style = 'asleep' if seg['state'] == 'asleep' else 'stopped'
        guess = ' guessed' * (seg['evidence'] == 'sampled')
        sheet.line('bars', start, lane.bar, stop, lane.bar, f'{style}{guess} {colour}')
        x = max(x, stop)
    _runs(sheet, lane, (x, end), ran, height, colour)
    if died is not None and not place.is_orphan(one):
        until = place.right if reaped is None else reaped
        sheet.rectangle('bars', died, lane.bar - height / 2 + 1.5, until - died, height - 3,
                        'zombie')
    parent = place.lane_of.get(one['parent'] or '')
    if parent is not None and name != 'sh':
        sheet.arrow('behind', born, parent.bar + BAR / 2, lane.bar - height / 2, f'l {colour}')
        sheet.circle('before', born, parent.bar, 3.5, f'hole {colour}')
        if reaped is not None:
            sheet.line('behind', reaped, lane.bar - BAR / 2, reaped, parent.bar,
                       f'reaped {colour}')
            sheet.circle('before', reaped, parent.bar, 3.5, f'hole {colour}')


def _runs(sheet: Sheet, lane: Lane, span: tuple[float, float], ran: float | None, height: float,
          colour: str) -> None:
    """A span of time on a processor: pale before exec, full behind it."""
    start, end = span
    turn = end if ran is None else min(max(ran, start), end)
    for x1, x2, kind in ((start, turn, 'copy'), (turn, end, 'full')):
        if x2 - x1 > .05:
            sheet.rectangle('bars', x1, lane.bar - height / 2, x2 - x1, height,
                            f'{kind} {colour}{sheet.sampled}')


def several(names: list[str]) -> str:
    """The first and the last of names."""
    return names[0] if len(names) == 1 else f'{names[0]}–{names[-1]}'
