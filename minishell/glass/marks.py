"""The marks of steps on the bars: bytes that come and go, signals, ends, keys."""
from __future__ import annotations

from minishell.glass.palette import inert
from minishell.glass.stacking import BAR, TUBE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.condensing import Shown
    from minishell.glass.shapes import Sheet
    from minishell.glass.stacking import Lane

KEYS = {'SIGINT': '^C', 'SIGTSTP': '^Z', 'SIGQUIT': '^\\'}      # of the terminal
AT_ONCE = 0.1           # seconds in which one key reaches all of a group
DOTS = frozenset(('pipe', 'dup2', 'open', 'end'))
DRAWN = frozenset(('fork', 'reap', 'exec'))                     # by the bars


def draw_step(sheet: Sheet, step: Shown, x: float) -> None:
    """The mark of a step on its process's bar, and what goes to or comes from a pipe."""
    place = sheet.geometry
    lane = place.lane_of.get(step['p'])
    if lane is None:
        return
    kind, dashed = step['k'], ' sampled' * (step['conf'] == 'sampled')
    tube = place.lane_of.get(step['obj'] or '')
    if tube is not None and tube.kind == 'pipe' and not lane.thin:
        _transfer(sheet, kind, x, lane, tube, sheet.colours[step['p']] + dashed)
    if kind.startswith('signal.'):
        _signal(sheet, step, x, lane)
    elif kind == 'exit':
        sheet.cross('before', x, lane.bar, 6, 'fatal' if '†' in step['text'] else 'exit')
    elif kind in DOTS:
        sheet.circle('before', x, lane.bar, 2.6, f'mark{dashed}')
    elif kind not in DRAWN:
        sheet.line('before', x, lane.bar - 4, x, lane.bar + 4, f'tick{dashed}')
    sheet.add('steps', f'<a href="#{step["seq"]}" tabindex="-1"><title>{inert(step["say"])}'
                       '</title>')
    sheet.rectangle('steps', x - 8, lane.y, 16, lane.height, 'hit')
    sheet.add('steps', '</a>')


def _transfer(sheet: Sheet, kind: str, x: float, lane: Lane, tube: Lane, style: str) -> None:
    """Bytes on their way into a pipe or out of it, an end that is read, a write in vain."""
    down = 1 if tube.y > lane.y else -1
    bar, edge = lane.bar + down * BAR / 2, tube.bar - down * TUBE / 2
    if kind == 'write':
        sheet.arrow('before', x, bar, edge + 2 * down, f'flow {style}')
    elif kind == 'read':
        sheet.arrow('before', x, edge, bar, f'flow {style}')
    elif kind == 'eof':
        middle = bar + 16 * down
        sheet.line('before', x, edge, x, bar, 'nothing')
        sheet.circle('before', x, middle, 4, 'hole plain')
        sheet.path('before', 'plain', x - 4, middle + 4, 'l8 -8')
    elif kind == 'epipe':
        sheet.line('before', x, bar, x, edge, 'vain')
        sheet.cross('before', x, edge, 4, 'fatal')


def _signal(sheet: Sheet, step: Shown, x: float, lane: Lane) -> None:
    """A signal: sent from one to another, reaching one, or noted only."""
    other = step['to'] if step['k'] == 'signal.send' else step['from']
    end = sheet.geometry.lane_of.get(other or '')
    if step['signal'] == 'SIGCHLD':
        if end is not None:
            sheet.line('behind', x, end.bar, x, lane.bar + BAR / 2, 'child')
            sheet.circle('before', x, lane.bar + BAR / 2 + 2, 2, 'dot red')
    elif step['k'] == 'signal.send' and end is not None and end is not lane:
        down = 1 if end.y > lane.y else -1
        sheet.arrow('before', x, lane.bar + down * BAR / 2, end.bar - down * BAR / 2, 'bolt')
    elif step['k'] == 'signal.delivered':
        sheet.path('before', 'flash', x + 2, lane.bar - 9, 'l-6 10h4l-2 8 6 -10h-4z')
    else:
        sheet.circle('before', x, lane.bar, 3.5, 'hole red')


def draw_keys(sheet: Sheet) -> None:
    """Keys of the terminal: a keycap, and an arrow from it to each process it reaches."""
    place = sheet.geometry
    terminal = next((one for one in place.lanes if one.kind == 'terminal'), None)
    y = terminal.bar if terminal is not None else 31.0
    for name, reached in _typed(sheet):
        for process, x in reached:
            lane = place.lane_of.get(process)
            if lane is not None:
                sheet.arrow('before', x, y, lane.bar - BAR / 2, 'bolt')
        x1, x2 = reached[0][1] - 13, reached[-1][1] + 13
        sheet.rectangle('before', x1, y - 10, x2 - x1, 20, 'key', 4)
        sheet.centred('before', (x1 + x2) / 2, y + 4, KEYS.get(name, name), 'cap')


def _typed(sheet: Sheet) -> list[tuple[str, list[tuple[str, float]]]]:
    """The terminal's signals, each with the processes it reaches and where."""
    keys: list[tuple[str, list[tuple[str, float]]]] = []
    first = 0.0
    for step, x in zip(sheet.geometry.steps, sheet.geometry.xs, strict=True):
        if step['k'] != 'signal.delivered' or step['from'] != 'tty':
            continue
        name = str(step['signal'])
        if keys and keys[-1][0] == name and step['t'] - first < AT_ONCE and \
                step['p'] not in dict(keys[-1][1]):
            keys[-1][1].append((step['p'], x))
        else:
            keys.append((name, [(step['p'], x)]))
            first = step['t']
    return keys
