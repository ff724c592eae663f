"""The picture of a trace as SVG: processes are bars, pipes tubes between them, the terminal a
lane; geometry.py says where.  Every step is a link to `#n`, its number.
"""
from __future__ import annotations

from math import ceil

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
HEAD = int(LEFT) - 46   # width of the names at the left
BAND = 1150             # pixels that a page has room for
LONGEST = 1300          # of what is still one band
SLACK = 150             # by which bands may be longer or shorter than one another
HATCHING = (
    '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><path d="M1 0V5" stroke="var(--muted)" stroke-width="1.4"/>'
    '</pattern></defs>')


def write_svg(story: Story) -> str:
    """The picture as a file of its own; a long one in bands, one below the other."""
    return Picture(Geometry(story)).file()


class Picture:
    """A story that is drawn, in one strip or in bands."""

    def __init__(self, geometry: Geometry) -> None:
        self.geometry = geometry
        self.height = round(geometry.height)
        sheet = _drawn(geometry)
        heads = ''.join(sheet.layers.pop('heads'))
        layers = '\n'.join(f'<g class="{name}">{"".join(parts)}</g>'
                           for name, parts in sheet.layers.items() if parts)
        self._shapes = f'<g id="picture">{layers}</g>\n<g id="heads" class="heads">{heads}</g>'
        self.bands = _bands(geometry, sheet.spans)
        self._width = HEAD + ceil(max(end - start for start, end in self.bands))

    def file(self) -> str:
        """The `<svg>` element with its styles."""
        style = f'<style>{STYLE}</style>'
        if len(self.bands) == 1:
            return self.strip(style)
        rows = ''.join(self._band(start, end, place * self.height)
                       for place, (start, end) in enumerate(self.bands))
        return self._element(self._width, self.height * len(self.bands),
                             f'{style}<defs>{self._shapes}</defs>\n{rows}')

    def strip(self, more: str = '') -> str:
        """The `<svg>` element of the whole in one strip, with more markup."""
        return self._element(round(self.geometry.width), self.height, self._shapes + more)

    def printed(self) -> str:
        """An `<svg>` element for each band of what is drawn in the same document."""
        size = f'width="{self._width}" viewBox="0 0 {self._width} {self.height}"'
        return ''.join(f'<svg class="trace" {size} aria-hidden="true">'
                       f'{self._band(start, end, 0)}</svg>' for start, end in self.bands)

    def _band(self, start: float, end: float, y: int) -> str:
        """A part of the picture behind the heads of the lanes."""
        width = round(end - start, 1)
        return (f'<svg x="{HEAD}" y="{y}" width="{width}" height="{self.height}" '
                f'viewBox="{round(start, 1)} 0 {width} {self.height}"><use href="#picture"/>'
                f'</svg><use href="#heads" y="{y}"/>\n')

    def _element(self, width: int, height: int, content: str) -> str:
        command = inert(self.geometry.story['command'])
        return (f'<svg class="trace" xmlns="http://www.w3.org/2000/svg" width="{width}" '
                f'height="{height}" viewBox="0 0 {width} {height}" role="img" '
                f'aria-label="{command}: processes, pipes, signals">{HATCHING}{content}'
                '</svg>\n')


def _bands(geometry: Geometry, spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """From where to where each band goes: they are about as long as each other, and begin a
    little before a step or behind a word, where few words are cut."""
    if geometry.width <= LONGEST:
        return [(HEAD, geometry.width)]
    count = ceil((geometry.width - HEAD) / (BAND - HEAD - SLACK))
    found = []
    start = float(HEAD)
    for left in range(count, 1, -1):
        end = _cut(geometry, spans, start + (geometry.width - start) / left)
        found.append((start, end))
        start = end
    return [*found, (start, geometry.width)]


def _cut(geometry: Geometry, spans: list[tuple[float, float]], ideal: float) -> float:
    """Where to cut, near a place."""
    words = [(low, high) for low, high in spans
             if low < ideal + SLACK and high > ideal - SLACK]

    def price(cut: float) -> tuple[int, float]:
        return sum(low - 2 < cut < high + 2 for low, high in words) \
            + sum(abs(x - cut) < 7 for x in near), abs(cut - ideal)
    near = [x for x in geometry.xs if abs(x - ideal) < 2 * SLACK]
    places = [*(x - 10 for x in geometry.xs), *(high + 3 for _, high in words)]
    return min([place for place in places if abs(place - ideal) < SLACK] or [ideal], key=price)


def _drawn(geometry: Geometry) -> Sheet:
    """Everything, in layers."""
    sheet = Sheet(geometry)
    for layer, part in (('ground', geometry.width), ('heads', HEAD)):
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
        sheet.words('words', label.x, label.y, label.text, label.size,
                    _style(label.kind, label.text), label.seq)
    return sheet


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
