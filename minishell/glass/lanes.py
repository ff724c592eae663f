"""A story as text: a lane for each process where there is room for them, else sentences."""
from __future__ import annotations

from minishell.glass.sentences import doing_of
from minishell.glass.story import RINGS
from minishell.glass.waiting import spent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.story import Process, Step, Story

TIME, LANE = 9, 15      # columns of the time and of a lane
PLAIN = {'\u2192': '->', '\u2020': '+', '\u00d7': 'x', '\u2026': '...', '\u2502': '|',
         **{ring: f'({number})' for number, ring in enumerate(RINGS, 1)}}


def text_of(story: Story, width: int, rings: bool = True, everything: bool = False) -> str:
    """The lines of a story for a terminal of so many columns; `rings`: it can show more than
    ASCII."""
    steps = [step for step in story['steps'] if everything or step['text'] != 'SIGCHLD']
    lanes = len(story['procs'])
    lines = _head(story)
    lines += _lanes(story['procs'], steps) if width >= TIME + LANE * lanes \
        else [_sentence(step) for step in steps]
    lines += [f'incomplete: {text}' for text in story['incomplete']]
    lines += [f'note: {text}' for text in story['notes']]
    text = '\n'.join([line.rstrip() for line in lines]) + '\n'
    if not rings:
        for character, plain in PLAIN.items():
            text = text.replace(character, plain)
        text = text.encode('ascii', 'replace').decode()
    return text


def _count(number: int, what: str) -> str:
    if number == 1:
        return f'1 {what}'
    return f'{number} {what}es' if what.endswith('s') else f'{number} {what}s'


def _head(story: Story) -> list[str]:
    pipes = [each for each in story['objects'] if each['id'][:1] in RINGS + '(']
    how = 'seen by ptrace' if story['engine'] == 'ptrace' else \
        'told by the shell and sampled, for nobody may trace it'
    return [story['command'],
            f'{_count(len(story["procs"]) - 1, "process")}, {_count(len(pipes), "pipe")}, '
            f'{spent(story["duration"])}, $? {story["status"]}; {how}', '']


def _time(step: Step) -> str:
    """Milliseconds, or seconds."""
    time = step['t']
    return f'{time * 1000:.1f}' if time < 100 else f'{time:.2f}s'


def _sentence(step: Step) -> str:
    return f'{_time(step):>7}  {step["say"]}'


def _lanes(procs: list[Process], steps: list[Step]) -> list[str]:
    places = {process['id']: place for place, process in enumerate(procs)}
    lines = [_row('ms', [process['id'] for process in procs]),
             _row('', [doing_of(process) for process in procs])]
    born = {process['id']: process['born'] for process in procs}
    died = {process['id']: process['died'] for process in procs}
    for step in steps:
        cells = []
        for name in places:
            end = died[name]
            lives = born[name] <= step['t'] and (end is None or end >= step['t'])
            cells.append(step['text'] if name == step['p'] else '\u2502' * lives)
        lines.append(_row(_time(step), cells))
    return lines


def _row(time: str, cells: list[str]) -> str:
    return f'{time:>{TIME - 2}}  ' + ''.join(
        [_short(cell).ljust(LANE) for cell in cells])


def _short(text: str) -> str:
    text = text.removeprefix('signal ').replace('asleep: ', '\u2026 ')
    return text if len(text) < LANE else text[:LANE - 2] + '\u2026'
