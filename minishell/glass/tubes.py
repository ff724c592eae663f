"""Pipes as tubes between processes: who holds their ends, and what is in them."""
from __future__ import annotations

from math import log2

from minishell.glass.bars import NAME, several
from minishell.glass.lettering import SMALL, TINY, measured, short
from minishell.glass.stacking import HOLDER, TUBE, held_by, holdings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.shapes import Sheet
    from minishell.glass.stacking import Lane
    from minishell.glass.story import Holders

FULL = 65536            # bytes of a pipe


def draw_head(sheet: Sheet, lane: Lane) -> None:
    """Which pipe a lane is, at its left."""
    first = sheet.geometry.pipes[lane.members[0]]
    name = 'pipe' if first['kind'] == 'pipe' else f'FIFO {first["name"] or ""}'
    small = f'{first["bytes"]} B in all'
    if len(lane.members) > 1:
        name, small = f'{len(lane.members)} pipes', 'one after the other'
    mark = several(lane.members)
    sheet.words('heads', 15 if len(mark) == 1 else 8, lane.bar + 5, mark,
                15 if len(mark) == 1 else SMALL)
    left = max(NAME, 14 + measured(mark, SMALL) if len(mark) > 1 else 0)
    sheet.words('heads', left, lane.bar, short(name, 18))
    sheet.words('heads', left, lane.bar + 12, short(small, 18), SMALL, 'muted')


def draw_pipe(sheet: Sheet, lane: Lane, name: str) -> None:
    """A tube: its water, who holds its ends, who made it."""
    place = sheet.geometry
    held = place.pipes[name]['holders']
    over = not held[-1]['readers'] and not held[-1]['writers']
    if place.left_out(held[0]['t'], held[-1]['t'] if over else None):
        return
    xs = [place.x_of(one['t']) for one in held]
    xs.append(xs[-1] if over else place.right)
    top = lane.bar - TUBE / 2
    sheet.rectangle('tubes', xs[0], top, xs[-1] - xs[0], TUBE, f'tube{sheet.sampled}', 7)
    _deserted(sheet, held, xs, top, _water(sheet, held, xs, top))
    for side, base, down in (('writers', top - 4, -HOLDER),
                             ('readers', top + TUBE + 4, HOLDER)):
        sheet.words('words', xs[0] - measured(side, TINY) - 6, base + 3, side, TINY, 'muted')
        for holder, start, stop, row in holdings(held, side):
            y, end = base + down * row, xs[-1 if stop is None else stop]
            colour = sheet.colours.get(holder, 'c0')
            sheet.line('tubes', xs[start], y, end, y, f'holder {colour}')
            if stop is not None:
                sheet.circle('tubes', end, y, 2.6, f'dot {colour}')
    maker = place.makers.get(name, '')
    if maker in place.lane_of:
        sheet.line('behind', xs[0], place.lane_of[maker].bar, xs[0], top + TUBE / 2,
                   f'l {sheet.colours[maker]}')


def _water(sheet: Sheet, held: list[Holders], xs: list[float], top: float) -> list[float]:
    """What is in a pipe: the level by the logarithm of the bytes.  Returns where the numbers
    in it end."""
    start, ends = 0, []
    for place, one in enumerate(held):
        if place + 1 < len(held) and held[place + 1]['fill'] == one['fill']:
            continue
        x, width = xs[start], xs[place + 1] - xs[start]
        start = place + 1
        if not one['fill'] or width < .3:
            continue
        level = min(TUBE, 4 + (TUBE - 4) * log2(1 + one['fill']) / log2(FULL + 1))
        sheet.rectangle('tubes', x, top + TUBE - level, width, level, 'water')
        text = f'{one["fill"]} B'
        if one['readers'] and measured(text, SMALL) + 8 < width:
            sheet.words('words', x + 5, top + 11.5, text, SMALL, 'level')
            ends.append(x + 5 + measured(text, SMALL))
    return ends


def _deserted(sheet: Sheet, held: list[Holders], xs: list[float], top: float,
              taken: list[float]) -> None:
    """The words in a tube that one side has left, behind the numbers in it."""
    for side, other, style in (('writers', 'readers', 'dry'), ('readers', 'writers', 'lost')):
        places = [place for place, one in enumerate(held) if not held_by(one, side)
                  and held_by(one, other)]
        if not places or not any(held_by(one, side) for one in held[:places[0]]):
            continue
        end = xs[places[-1] + 1]
        start = max([xs[places[0]], *(x for x in taken if x < end)]) + 7
        lost = f': {held[places[-1]]["fill"]} B lost' \
            if side == 'readers' and held[places[-1]]['fill'] else ''
        for text in (f'no {side[:-1]} left{lost}', f'no {side[:-1]}{lost}', lost[2:],
                     f'no {side[:-1]}'):
            if text and start + measured(text, SMALL) + 4 <= end:
                sheet.words('words', start, top + 11.5, text, SMALL, style)
                break
