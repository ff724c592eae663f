"""The colours and lines of a trace's picture, for light and for dark; text made inert.

What `<use>` repeats knows no element around it: selectors stay within the groups of a picture.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.story import Story

COLOURS = 8             # of processes, beside the shell's
LIGHT = {
    'bg': '#ffffff', 'fg': '#0f172a', 'muted': '#5b6b80', 'edge': '#e2e8f0', 'on': '#ffffff',
    'tube': '#e0f2fe', 'tube-edge': '#7dc4ea', 'water': '#38bdf8', 'red': '#d0211c',
    'break': '#eef0f5', 'mark': '#fde68a', 'pale': '#c8cdd5',
    'p0': '#475569', 'p1': '#2563eb', 'p2': '#b45309', 'p3': '#047857', 'p4': '#7c3aed',
    'p5': '#be185d', 'p6': '#0e7490', 'p7': '#4d7c0f', 'p8': '#92400e',
}
DARK = {
    'bg': '#10141f', 'fg': '#e6eaf2', 'muted': '#93a1b8', 'edge': '#252c3d', 'on': '#0b1020',
    'tube': '#163a4d', 'tube-edge': '#2e7ea6', 'water': '#0e7fb8', 'red': '#ff7b72',
    'break': '#1b2130', 'mark': '#5b4a12', 'pale': '#3a4456',
    'p0': '#94a3b8', 'p1': '#6aa5ff', 'p2': '#f5a742', 'p3': '#3ecf97', 'p4': '#b196ff',
    'p5': '#f77fb9', 'p6': '#3cc8e0', 'p7': '#a3d15a', 'p8': '#d9a47c',
}
SHAPES = """
svg.trace{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;\
font-size:11px;background:var(--bg)}
text{fill:var(--fg);white-space:pre}
g.words text{paint-order:stroke;stroke:var(--bg);stroke-width:3px;\
stroke-linejoin:round}
g.words text.on,g.words text.level,g.words text.number,\
g.words text.dry,g.words text.lost{stroke:none}
text.number{text-anchor:middle}
g a{text-decoration:none;cursor:pointer}
.ground{fill:var(--bg)}.edge{stroke:var(--edge);fill:none}.break{fill:var(--break)}
.ruler,.zigzag{stroke:var(--muted);fill:none}.zigzag{stroke:var(--fg);fill:var(--bg)}
text.muted,text.why{fill:var(--muted)}
text.name,text.exec,text.end,\
text.strong{font-weight:700}
text.signal,text.lost{fill:var(--red)}
text.dry,text.lost{font-style:italic}
text.on{fill:var(--on)}
text.chip{text-anchor:middle;font-weight:700}
text.cap{text-anchor:middle;font-weight:700;fill:var(--red)}
.ring{fill:var(--bg);stroke:var(--fg);stroke-width:.9}
.icon{fill:none;stroke:var(--muted)}
.full{fill:var(--c)}.copy{fill:var(--pale);stroke:var(--c)}
.full.sampled,.copy.sampled{fill-opacity:.55;stroke:var(--c);stroke-dasharray:4 3}
.asleep{stroke:var(--c);stroke-width:2.4;stroke-dasharray:2.4 3.6;fill:none}
.asleep.guessed{stroke-dasharray:9 5}
.stopped{stroke:var(--c);stroke-width:9;stroke-dasharray:2 3;fill:none}
.zombie{fill:url(#hatch);stroke:var(--muted);stroke-width:.8}
.l,.plain{stroke:var(--c);stroke-width:1.3;fill:none}.plain{stroke:var(--p0)}
.head.l{fill:var(--c)}.head.plain{fill:var(--p0)}
.reaped{stroke:var(--c);stroke-width:1.4;stroke-dasharray:1.4 2.8;fill:none}
.hole{fill:var(--bg);stroke:var(--c);stroke-width:2}.hole.plain{stroke:var(--p0);stroke-width:1.3}
.hole.red{stroke:var(--red)}
.mark{fill:var(--bg)}.tick{stroke:var(--bg);stroke-width:1.6;fill:none}
.exit,.fatal{stroke:var(--fg);stroke-width:2.4;fill:none}.fatal{stroke:var(--red)}
.tube{fill:var(--tube);stroke:var(--tube-edge)}.tube.sampled{stroke-dasharray:4 3}
.water{fill:var(--water)}
.holder{stroke:var(--c);stroke-width:2.4;fill:none}.dot{fill:var(--c)}.dot.red{fill:var(--red)}
.flow{stroke:var(--c);stroke-width:2.6;fill:none}.head.flow{fill:var(--c);stroke-width:1}
.flow.sampled{stroke-dasharray:3 2}
.nothing{stroke:var(--p0);stroke-dasharray:2 2;fill:none}
.vain{stroke:var(--red);stroke-width:2;stroke-dasharray:3 2;fill:none}
.bolt{stroke:var(--red);stroke-width:2;fill:none}.head.bolt{fill:var(--red);stroke-width:1}
.child{stroke:var(--red);stroke-opacity:.45;fill:none}
.flash{fill:var(--red);stroke:var(--bg);stroke-width:.8}
.key{fill:var(--bg);stroke:var(--red);stroke-width:1.8}
.hit{fill:transparent}
"""


def variables(colours: dict[str, str]) -> str:
    """Colours as CSS variables."""
    return ''.join(f'--{name}:{value};' for name, value in colours.items())


STYLE = (f':root{{color-scheme:light dark;{variables(LIGHT)}}}\n'
         f'@media (prefers-color-scheme:dark){{:root{{{variables(DARK)}}}}}\n'
         f'@media print{{:root{{{variables(LIGHT)}}}}}\n'
         + ''.join(f'.c{number}{{--c:var(--p{number})}}' for number in range(COLOURS + 1))
         + SHAPES)


def colours_of(story: Story) -> dict[str, str]:
    """The classes of the processes' colours; the shell's is c0."""
    return {one['id']: f'c{(place - 1) % COLOURS + 1}' if place else 'c0'
            for place, one in enumerate(story['procs'])}


def inert(text: str) -> str:
    """Text for markup and attributes: no character of it means anything there."""
    for char, entity in (('&', '&amp;'), ('<', '&lt;'), ('>', '&gt;'), ('"', '&quot;'),
                         ("'", '&#39;')):
        text = text.replace(char, entity)
    return ''.join(char if _allowed(char) else f'\\x{ord(char) & 0xFF:02x}' for char in text)


def _allowed(char: str) -> bool:
    """Whether XML has that character."""
    return char in '\t\n' or ' ' <= char < '\x7f' or '\xa0' <= char < '\ud800' or \
        '\ue000' <= char < '\ufffe' or char > '\uffff'
