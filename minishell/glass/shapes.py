"""Shapes of a picture as SVG text, in layers."""
from __future__ import annotations

from minishell.glass.lettering import SIZE, cells, measured
from minishell.glass.palette import colours_of, inert

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.geometry import Geometry

# The farthest first.
LAYERS = ('ground', 'behind', 'tubes', 'bars', 'before', 'words', 'steps', 'heads')


class Sheet:
    """What a story's picture is drawn on."""

    def __init__(self, geometry: Geometry) -> None:
        self.geometry = geometry
        self.layers: dict[str, list[str]] = {name: [] for name in LAYERS}
        self.colours = colours_of(geometry.story)
        self.spans: list[tuple[float, float]] = []      # from where to where there are words
        self.sampled = ' sampled' * (geometry.story['engine'] != 'ptrace')

    def add(self, layer: str, markup: str) -> None:
        """Markup as it is."""
        self.layers[layer].append(markup)

    def rectangle(self, layer: str, x: float, y: float, width: float, height: float, style: str,
                  radius: float = 0) -> None:
        """A rectangle; nothing, if its width is negative."""
        corners = f' rx="{_n(radius)}"' * bool(radius)
        self.add(layer, f'<rect class="{style}" {_at(x, y)} width="{_n(max(width, 0))}" '
                        f'height="{_n(height)}"{corners}/>')

    def path(self, layer: str, style: str, x: float, y: float, rest: str) -> None:
        """A path from a point on."""
        self.add(layer, f'<path class="{style}" d="M{_n(x)} {_n(y)}{rest}"/>')

    def line(self, layer: str, x1: float, y1: float, x2: float, y2: float, style: str) -> None:
        """A line that is horizontal or vertical."""
        self.path(layer, style, x1, y1,
                  f'H{_n(x2)}' if y1 == y2 else f'V{_n(y2)}')

    def arrow(self, layer: str, x: float, y1: float, y2: float, style: str) -> None:
        """A vertical line with a head at its end."""
        back = -7 if y2 > y1 else 7
        self.line(layer, x, y1, x, y2 + back, style)
        self.path(layer, f'head {style}', x, y2, f'l-3.5 {back}h7z')

    def cross(self, layer: str, x: float, y: float, size: float, style: str) -> None:
        """Two strokes that cross in a point."""
        twice = _n(2 * size)
        self.path(layer, style, x - 4, y - size, f'l8 {twice}m-8 0l8 -{twice}')

    def circle(self, layer: str, x: float, y: float, radius: float, style: str) -> None:
        """A circle."""
        self.add(layer, f'<circle class="{style}" cx="{_n(x)}" '
                        f'cy="{_n(y)}" r="{_n(radius)}"/>')

    def words(self, layer: str, x: float, y: float, text: str, size: float = SIZE,
              style: str = '', seq: int = 0) -> None:
        """A text of the width that was measured, whatever the font; ringed numbers are drawn.
        With a number: a link to that step."""
        self.spans += [(x, x + measured(text, size))] * (layer != 'heads')
        parts, at = [], x
        for piece in _pieces(text):
            width = measured(piece, size)
            if '①' <= piece <= '⑳':
                parts.append(_ring(at + width / 2, y, ord(piece) - ord('①') + 1, size))
            elif piece.strip():
                start = at + measured(piece[:len(piece) - len(piece.lstrip())], size)
                parts.append(_text(start, y, piece.strip(), size, style))
            at += width
        whole = ''.join(parts)
        self.add(layer, f'<a href="#{seq}" tabindex="-1">{whole}</a>' if seq else whole)

    def centred(self, layer: str, x: float, y: float, text: str, style: str) -> None:
        """A short text around a point."""
        self.add(layer, f'<text class="{style}" {_at(x, y)}>{inert(text)}</text>')


def _n(number: float) -> str:
    """A number as short as it may be written."""
    return f'{number:.1f}'.removesuffix('.0')


def _at(x: float, y: float) -> str:
    return f'x="{_n(x)}" y="{_n(y)}"'


def _text(x: float, y: float, text: str, size: float, style: str) -> str:
    shape = f' class="{style}"' if style else ''
    small = '' if size == SIZE else f' font-size="{size}"'
    length = f' textLength="{_n(measured(text, size))}"' if len(text) > 3 else ''
    return f'<text{shape}{small} {_at(x, y)}{length}>{inert(text)}</text>'


def _ring(x: float, y: float, number: int, size: float) -> str:
    """A ringed number around x."""
    return (f'<circle class="ring" cx="{_n(x)}" cy="{_n(y - size * .35)}" '
            f'r="{_n(size * .54)}"/><text class="number" '
            f'{_at(x, y - size * .06)} font-size="{_n(size * .78)}">{number}</text>')


def _pieces(text: str) -> list[str]:
    """A text cut around its ringed numbers."""
    pieces = ['']
    for char in text:
        if '①' <= char <= '⑳':
            pieces += [char, '']
        else:
            pieces[-1] += char
    return [piece for piece in pieces if any(map(cells, piece))]
