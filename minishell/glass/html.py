"""A trace as a page of its own: the picture, the state at each step, the story in sentences.

The script only steps through what is there; without scripts all but that is there, too.
"""
from __future__ import annotations

from json import dumps

from minishell.glass.geometry import Geometry
from minishell.glass.moments import PIPE, PROCESS, moments
from minishell.glass.page import LEGEND, SAMPLED, SCRIPT, STYLES
from minishell.glass.palette import STYLE, colours_of, inert
from minishell.glass.svg import Picture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.condensing import Shown
    from minishell.glass.story import Story

MANY = 12               # processes; of more, only those that are there have a row


def write_html(story: Story) -> str:
    """The page."""
    geometry = Geometry(story)
    changes = moments(geometry)
    picture = Picture(geometry)
    cursor = f'<path id="cursor" class="cursor" d="M0 28V{picture.height}"/>'
    sampled = story['engine'] != 'ptrace' or any(
        step['conf'] == 'sampled' for step in geometry.steps)
    steps = [[step['seq'], round(x, 1), [part for cell in change.items() for part in cell]]
             for step, x, change in zip(geometry.steps, geometry.xs, changes, strict=True)]
    data = dumps(steps, separators=(',', ':'), ensure_ascii=True).replace('<', '\\u003c')
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{inert(' '.join(story['command'].split()))} – trace</title>
<style>{STYLE}{STYLES}</style></head>
<body><header><h1>{_command(story)}</h1>
<p class="sub">{_summary(geometry)}</p></header>
{_warnings(story)}
<figure id="figure" tabindex="-1">{picture.strip(cursor)}</figure>
<div class="bands">{picture.printed()}</div>
{LEGEND.format(dashed=SAMPLED if sampled else '')}
<div class="controls"><button id="back" aria-label="one step back">←</button>
<button id="on" aria-label="one step on">→</button>
<input id="slider" type="range" min="0" max="{max(len(steps) - 1, 0)}" value="0" \
aria-label="step"></div>
<p id="now" aria-live="polite"></p>
<div class="below"><section id="moment"><h2 id="when">At the end</h2>
{_tables(geometry, changes)}</section>
<section><h2>The story</h2><ol id="story">
{_sentences(geometry)}</ol></section></div>
{_notes(story)}
<script type="application/json" id="steps">{data}</script>
<script>{SCRIPT if steps else ''}</script>
</body></html>
"""


def _command(story: Story) -> str:
    """The command, in it what each process runs in its colour."""
    text, colours = story['command'], colours_of(story)
    spans: list[tuple[int, int, str]] = []      # from, to, attributes
    for place, one in enumerate(story['procs']):
        node = one['node']
        if not place or not node or not 0 <= node[1] < node[2] <= len(text):
            continue
        crosses = any(start < node[1] < end < node[2] or node[1] < start < node[2] < end
                      or (start, end) == tuple(node[1:]) for start, end, _ in spans)
        if not crosses:
            spans.append((node[1], node[2],
                          f'class="{colours[one["id"]]}" data-id="{inert(one["id"])}"'))
    marks = [(start, 1, -end, f'<span {attributes}>') for start, end, attributes in spans]
    marks += [(end, 0, -start, '</span>') for start, end, _ in spans]
    parts, last = [], 0
    for at, _, _, mark in sorted(marks):
        parts += [inert(text[last:at]), mark]
        last = at
    return ''.join([*parts, inert(text[last:])])


def _summary(geometry: Geometry) -> str:
    """Figures of the whole."""
    story, pipes = geometry.story, len(geometry.pipes)
    parts = [_counted(len(story['procs']) - 1, 'process', 'es') + ' beside the shell',
             _counted(pipes, 'pipe', 's'), _counted(len(story['steps']), 'step', 's'),
             f'status <b>{story["status"]}</b>']
    if len(story['pipestatus']) > 1:
        parts.append('of the stages ' + ' '.join(map(str, story['pipestatus'])))
    if story['engine'] == 'ptrace':
        sampled = sum(step['conf'] == 'sampled' for step in story['steps'])
        parts += [f'{sampled} step{"s" * (sampled > 1)} sampled (dashed)' * bool(sampled)
                  or 'every step exact (ptrace)', 'times as slowed down by watching']
    else:
        parts.append('<b>seen now and then, not followed</b>: what is short is missing')
    return ' · '.join(parts)


def _counted(number: int, what: str, plural: str) -> str:
    return f'{number} {what}{plural * (number != 1)}'


def _warnings(story: Story) -> str:
    """What the story does not know, or contradicts itself about."""
    if not story['incomplete']:
        return ''
    return ('<div class="warning" role="note"><b>This picture is incomplete.</b><ul>'
            + ''.join(f'<li>{inert(text)}</li>' for text in story['incomplete'])
            + '</ul></div>')


def _notes(story: Story) -> str:
    return '<footer><ul>' + ''.join(f'<li>{inert(text)}</li>' for text in story['notes']) \
        + '</ul></footer>' if story['notes'] else ''


def _tables(geometry: Geometry, changes: list[dict[int, str]]) -> str:
    """Processes and pipes as they are at the end; the script shows them at any step."""
    last: dict[int, str] = {}
    for change in changes:
        last |= change
    colours = colours_of(geometry.story)
    heads = [_chip(name, colours[name]) for name in geometry.shown]
    pipes = [ringed(f'{name} {one["name"] or ""}'.strip())
             for name, one in geometry.shown_pipes.items()]
    text = _table('', PROCESS, _rows(heads, PROCESS, last, 0))
    if pipes:
        text += _table('pipe', PIPE, _rows(pipes, PIPE, last, len(heads) * len(PROCESS)))
    return text


def _rows(heads: list[str], columns: tuple[str, ...], cells: dict[int, str],
          first: int) -> list[str]:
    """The rows of a table whose first cell has that number; the first of a row is its state."""
    rows = []
    for head in heads:
        texts = [cells.get(number, '') for number in range(first, first + len(columns))]
        first += len(columns)
        rows.append(f'<tr data-state="{inert(texts[0])}"><th>{head}</th>'
                    f'<td data-state>{ringed(texts[0])}</td>'
                    + ''.join(f'<td>{ringed(text)}</td>' for text in texts[1:]) + '</tr>')
    return rows


def _table(first: str, names: tuple[str, ...], rows: list[str]) -> str:
    many = ' class="many"' if len(rows) > MANY else ''
    header = ''.join(f'<th scope="col">{name}</th>' for name in (first, *names))
    return (f'<table{many}><thead><tr>{header}</tr></thead>'
            f'<tbody>{"".join(rows)}</tbody></table>')


def _chip(name: str, colour: str) -> str:
    return f'<b class="chip {colour}">{inert(name)}</b>'


def ringed(text: str) -> str:
    """Inert text whose ringed numbers are drawn: not every font has them."""
    return ''.join(f'<i class="o" data-n="{ord(char) - 0x245F}">{char}</i>'
                   if '①' <= char <= '⑳' else char for char in inert(text))


def _sentences(geometry: Geometry) -> str:
    """The steps in words, each a line that its number in the URL leads to."""
    colours = colours_of(geometry.story)

    def line(step: Shown) -> str:
        chip = _chip(step['p'], colours.get(step['p'], 'c0'))
        return (f'<li id="{step["seq"]}"><a href="#{step["seq"]}"><span class="t">'
                f'{step["t"] * 1000:.2f}</span>{chip}<span>{ringed(step["say"])}</span></a>'
                '</li>')
    return '\n'.join(map(line, geometry.steps))
