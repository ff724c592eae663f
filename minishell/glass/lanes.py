"""A story as text: a lane for each process where there is room for them, else sentences."""
from __future__ import annotations

from minishell.glass.process import spent
from minishell.glass.sentences import doing_of
from minishell.glass.story import RINGS
from minishell.run.prompt import caret_notation, in_one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.story import Process, Step, Story

TIME, LANE, WIDEST = 9, 15, 60      # columns of the time, and of a lane: at least, at most
PLAIN = {'\u2192': '->', '\u2020': '+', '\u00d7': 'x', '\u2026': '...', '\u2502': '|',
         **{ring: f'({number})' for number, ring in enumerate(RINGS, 1)}}


def text_of(story: Story, width: int, rings: bool = True, everything: bool = False) -> str:
    """The lines of a story for a terminal of so many columns; `rings`: it can show more than
    ASCII."""
    steps = _folded([step for step in story['steps']
                     if everything or step['text'] != 'SIGCHLD'])
    if not rings:
        steps = [_plain(step) for step in steps]
    lines = _head(story)
    lines += _lanes(story['procs'], steps, width, rings) \
        if width >= TIME + LANE * len(story['procs']) else [_sentence(step) for step in steps]
    lines += [in_one_line(f'incomplete: {text}') for text in story['incomplete']]
    lines += [in_one_line(f'note: {text}') for text in story['notes']]
    text = '\n'.join([line.rstrip() for line in lines]) + '\n'
    return text if rings else in_ascii(text)


def _folded(steps: list[Step]) -> list[Step]:
    """Steps of which several reads or writes in a row are one."""
    folded: list[Step] = []
    row: list[Step] = []                # the last one of `folded` stands for
    for step in steps:
        like = bool(row) and step['text'][-2:] == ' B' and _kind(step) == _kind(row[0])
        row = [*row, step] if like else [step]
        if not like:
            folded.append(step)
            continue
        count = sum(int(each['text'].split()[-2]) for each in row)
        copy = row[0].copy()
        copy['text'] = f'{step["k"]}\u00d7{len(row)} {step["obj"]} {count} B'
        copy['say'] = f'{step["p"]} {step["k"]}s {len(row)} times, {count} B in all: ' \
            f'{step["obj"]}'
        folded[-1] = copy
    return folded


def _kind(step: Step) -> tuple[str, str, str | None]:
    """What reads or writes in a row have in common."""
    return step['p'], step['k'], step['obj']


def _plain(step: Step) -> Step:
    copy = step.copy()
    copy['text'], copy['say'] = in_ascii(step['text']), in_ascii(step['say'])
    return copy


def in_ascii(text: str) -> str:
    """A text for a terminal that shows nothing else."""
    for character, plain in PLAIN.items():
        text = text.replace(character, plain)
    return text.encode('ascii', 'replace').decode()


def _count(number: int, what: str) -> str:
    if number == 1:
        return f'1 {what}'
    return f'{number} {what}es' if what.endswith('s') else f'{number} {what}s'


def _head(story: Story) -> list[str]:
    pipes = [each for each in story['objects'] if each['id'][:1] in RINGS + '(']
    how = 'seen by ptrace' if story['engine'] == 'ptrace' else \
        'told by the shell and sampled, for nobody may trace it'
    return ['\n'.join(map(caret_notation, story['command'].split('\n'))),
            f'{_count(len(story["procs"]) - 1, "process")}, {_count(len(pipes), "pipe")}, '
            f'{spent(story["duration"])}, $? {story["status"]}; {how}', '']


def _time(step: Step) -> str:
    """Milliseconds, or seconds."""
    time = step['t']
    return f'{time * 1000:.1f}' if time < 100 else f'{time:.2f}s'


def _sentence(step: Step) -> str:
    return f'{_time(step):>7}  {in_one_line(step["say"])}'


def _lanes(procs: list[Process], steps: list[Step], width: int, rings: bool) -> list[str]:
    bar, end = '\u2502' if rings else '|', '\u2026' if rings else '.'
    rows = [('ms', [process['id'] for process in procs]),
            ('', [in_one_line(doing_of(process)) for process in procs])]
    for step in steps:
        cells = []
        for process in procs:
            died = process['died']
            lives = process['born'] <= step['t'] and (died is None or died >= step['t'])
            cells.append(_said(step) if process['id'] == step['p'] else bar * lives)
        rows.append((_time(step), cells))
    widths = _widths([max(map(len, column)) + 1 for column in zip(
        *(cells for _, cells in rows), strict=True)], width - TIME)
    return [f'{time:>{TIME - 2}}  ' + ''.join([
        _short(cell, columns - 1, end).ljust(columns)
        for cell, columns in zip(cells, widths, strict=True)]) for time, cells in rows]


def _widths(needed: list[int], room: int) -> list[int]:
    """The columns of lanes: what is left of the room goes to those that need it, in turn."""
    widths = [LANE] * len(needed)
    room -= sum(widths)
    while room > 0:
        short = [place for place, columns in enumerate(widths)
                 if columns < min(needed[place], WIDEST)]
        if not short:
            break
        for place in short[:room]:
            widths[place] += 1
        room -= len(short)
    return widths


def _said(step: Step) -> str:
    return in_one_line(step['text'].removeprefix('signal ').removeprefix('asleep: '))


def _short(text: str, longest: int, end: str) -> str:
    return text if len(text) <= longest else text[:longest - 1] + end
