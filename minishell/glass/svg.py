"""The picture of a trace as SVG: processes are bars, pipes tubes between them, the terminal a
lane; geometry.py says where.  Every step is a link to `#n`, its number.
"""
from __future__ import annotations

from minishell.glass import bars, tubes
from minishell.glass.geometry import LEFT, Geometry
from minishell.glass.lettering import SIZE, SMALL, measured
from minishell.glass.marks import draw_keys, draw_step
from minishell.glass.palette import STYLE, inert
from minishell.glass.shapes import Sheet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.story import Story

RULER = 28              # its height
HATCHING = (
    '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><path d="M1 0V5" stroke="var(--muted)" stroke-width="1.4"/>'
    '</pattern></defs>')


def write_svg(story: Story) -> str:
    """The picture as a file of its own."""
    return drawn(Geometry(story), f'<style>{STYLE}</style>')


def drawn(geometry: Geometry, style: str = '', more: str = '') -> str:
    """The `<svg>` element, with more markup before everything."""
    sheet = Sheet(geometry)
    for layer, part in (('ground', geometry.width), ('heads', LEFT - 46.0)):
        sheet.rectangle(layer, 0, 0, part, geometry.height, 'ground')
    _ruler(sheet)
    for lane in geometry.lanes:
        sheet.line('ground', 0, lane.y, geometry.width, lane.y, 'edge')
        if lane.kind == 'terminal':
            bars.draw_terminal(sheet, lane)
        elif lane.kind == 'pipe':
            tubes.draw_head(sheet, lane)
            for name in lane.members:
                tubes.draw_pipe(sheet, lane, name)
        else:
            bars.draw_head(sheet, lane)
            for name in lane.members:
                bars.draw_process(sheet, lane, geometry.procs[name])
    draw_keys(sheet)
    for step, x in zip(geometry.steps, geometry.xs, strict=True):
        draw_step(sheet, step, x)
    for label in geometry.labels:
        sheet.words('words', label.x, label.y, label.text, label.size, _style(label.kind,
                    label.text), label.seq)
    width, height = round(geometry.width), round(geometry.height)
    layers = '\n'.join(f'<g class="{name}">{"".join(parts)}</g>'
                       for name, parts in sheet.layers.items() if parts)
    return (f'<svg class="trace" xmlns="http://www.w3.org/2000/svg" width="{width}" '
            f'height="{height}" viewBox="0 0 {width} {height}" role="img" '
            f'aria-label="{inert(geometry.story["command"])}: processes, pipes, signals">'
            f'{style}{HATCHING}\n{layers}\n{more}</svg>\n')


def _style(kind: str, text: str) -> str:
    """The class of a label, by the kind of its step."""
    if kind.startswith('signal') or (kind == 'exit' and '†' in text):
        return 'signal'
    return kind if kind in ('exec', 'why', 'name', 'end') else ''


def _ruler(sheet: Sheet) -> None:
    """Times in ms above the lanes, as many as there is room for, and the breaks."""
    place = sheet.geometry
    sheet.line('ground', LEFT - 20, RULER, place.width - 12, RULER, 'ruler')
    sheet.words('ground', LEFT - 40, 20, 'ms', SMALL, 'muted')
    for start, end, text in place.breaks:
        sheet.rectangle('ground', start, RULER, end - start, place.height - RULER, 'break')
        middle = (start + end) / 2
        sheet.words('ground', middle - measured(text, SMALL) / 2, 20, text, SMALL, 'strong')
        sheet.path('ground', 'zigzag', middle - 9, RULER, 'l4 -5 5 10 5 -10 4 5')
    free, last = 0.0, -1.0
    for step, x in zip(place.steps, place.xs, strict=True):
        time = step['t'] * 1000
        text = f'{time:.{1 if time - last > .1 else 2 if time - last > .01 else 3}f}'
        half = measured(text, SMALL) / 2
        if x - half > free and all(x + half < start - 2 or x - half > end + 2
                                   for start, end, _ in place.breaks):
            sheet.line('ground', x, RULER - 3, x, RULER + 3, 'ruler')
            sheet.words('ground', x - half, 20, text, SMALL, 'muted')
            free, last = x + half + SIZE, time
