"""The golden form of a story: per process the steps in order, nothing that varies by chance.

Processes and pipes are numbered anew: in a story they have their numbers in the order of time,
here P1 comes before its children and those before P1's next brother.  Which child ends first,
and whether before it is waited for, is chance: a reap is told behind the next wait.
"""
from __future__ import annotations

import re

from minishell.glass.sentences import LONGEST
from minishell.glass.story import RINGS, ring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from minishell.glass.story import Process, Step, Story

LEFT_OUT = frozenset(('block', 'wake', 'pgrp', 'tty'))
NAMING = frozenset(('fork', 'reap', 'job', 'signal.send', 'signal.delivered'))  # processes
PID = re.compile(r'\b[0-9]{4,}\b')
BETWEEN, INDENT = ' | ', '   | '


def golden(story: Story) -> str:
    """A line for each process that has steps; several reads or writes in a row are one.

    Left out are sleeps, groups and the terminal, SIGCHLD, the /dev/null of `&`, the lines in
    which a prompt tells of jobs, and the futex that the C library calls only where it waits.
    PIDs in what is written are names.
    """
    return ''.join([f'{name} {BETWEEN.join(texts)}\n' for name, texts in _rows(story)])


def wrapped(story: Story, width: int, shown: Callable[[str], str]) -> str:
    """The golden form in lines of so many columns, where a step is not longer, each step as
    the terminal can show it; and what could not be known."""
    lines = []
    for name, steps in _rows(story):
        texts = list(map(shown, steps))
        line = f'{name} {texts[0]}' if texts else name
        for text in texts[1:]:
            if len(line) + len(BETWEEN) + len(text) > width:
                lines.append(line)
                line = INDENT + text
            else:
                line += BETWEEN + text
        lines.append(line)
    lines += [shown(f'incomplete: {text}') for text in story['incomplete']]
    return '\n'.join(lines) + '\n'


def _rows(story: Story) -> Iterator[tuple[str, list[str]]]:
    """The processes and the texts of their steps."""
    procs = list(_with_children(story['procs'], story['procs'][0]))
    names = {process['id']: f'P{number}' if number else 'sh'
             for number, process in enumerate(procs)}
    order = list(names)
    names.update({str(process['pid']): names[process['id']] for process in procs})
    rings: dict[str, str] = {}          # of the story → here
    for process in procs:
        steps = [step for step in story['steps']
                 if step['p'] == process['id'] and _counts(step)]
        steps = [step for place, step in enumerate(steps)
                 if not _is_unseen(steps[place:place + 3])]
        yield names[process['id']], _folded(_waits_first(steps, order), names, rings)


def _with_children(procs: list[Process], process: Process) -> Iterator[Process]:
    """A process, and behind it its children, each with its own."""
    yield process
    for child in procs:
        if child['parent'] == process['id']:
            yield from _with_children(procs, child)


def _counts(step: Step) -> bool:
    text = step['text']
    notice = step['p'] == 'sh' and text[:2] == '"['
    return step['k'] not in LEFT_OUT and text.removesuffix(' ignored') != 'SIGCHLD' \
        and not notice and step['obj'] != 'null' and text.partition(' ')[0] != 'futex'


def _is_unseen(steps: list[Step]) -> bool:
    """Whether the first of three steps is the end of a pipe for a process that a signal ends
    before it comes back from the read: which of a group's members dies first is chance."""
    return [step['k'] for step in steps] == ['eof', 'signal.delivered', 'exit'] \
        and steps[2]['text'][:1] == '\u2020'


def _waits_first(steps: list[Step], order: list[str]) -> list[Step]:
    """Steps, with the reaps behind their wait; those without one before the last step."""
    rest: list[Step] = []
    reaps: list[Step] = []
    for step in steps:
        if step['k'] == 'reap':         # of a stop, too
            reaps.append(step)
            continue
        place = _before_signals(rest)
        known = place > 0 and rest[place - 1]['k'] == 'wait'
        if step['k'] == 'wait':
            if not known:
                rest.insert(place, step)
            continue
        if known or step['k'] in ('end', 'exit'):
            reaps.sort(key=lambda step: order.index(step['to'] or 'sh'))
            rest += reaps
            reaps = []
        rest.append(step)
    return rest + reaps


def _before_signals(steps: list[Step]) -> int:
    """The place before the last signals that others have sent: these may come at any time."""
    place = len(steps)
    while place and steps[place - 1]['k'] == 'signal.delivered' \
            and steps[place - 1]['to'] != steps[place - 1]['p']:
        place -= 1
    return place


def _folded(steps: list[Step], names: dict[str, str], rings: dict[str, str]) -> list[str]:
    """The texts, of reads and writes in a row one: into how many a program parts them is
    chance where it copies what comes."""
    texts: list[str] = []
    last: tuple[str, str | None, bool] | None = None
    for step in steps:
        key = (step['k'], step['obj'], step['text'][:1] == '"') \
            if step['k'] in ('read', 'write') else None
        text = _renamed(step, names, rings)
        if key is not None and key == last:
            texts[-1] = _joined(texts[-1], text)
        else:
            texts.append(text)
        last = key
    return texts


def _renamed(step: Step, names: dict[str, str], rings: dict[str, str]) -> str:
    """Its text with the names of the golden form."""
    text, refers = step['text'], step['obj'] or ''
    if text[:1] == '"':
        return _without_pids(text, names)
    if step['k'] in NAMING:
        return re.sub(r'\bP\d+\b', lambda match: names.get(match.group(), match.group()), text)
    if refers and refers[0] in RINGS + '(':
        if refers not in rings:
            rings[refers] = ring(len(rings))
        return text.replace(refers, rings[refers])
    return text


def _without_pids(text: str, names: dict[str, str]) -> str:
    """Data with the names of processes for their PIDs, but for short ones, which may be any
    number.  Where data is cut off, the length of a PID says where: it ends behind the last."""
    last = 0

    def name(match: re.Match[str]) -> str:
        nonlocal last
        last = match.end() if match.group() in names else last
        return names.get(match.group(), match.group())
    named = PID.sub(name, text)
    return PID.sub(name, text[:last]) + '"\u2026' if last and text[-1] != '"' else named


def _joined(text: str, more: str) -> str:
    """Two reads, or writes, as one: their bytes, or their data."""
    if text[:1] != '"':
        *words, count, unit = re.sub('\u00d7[0-9]+', '', text).split(' ')
        return ' '.join([*words, str(int(count) + int(more.split(' ')[-2])), unit])
    if text[-1] != '"':                 # there is more than is shown already
        return text
    inside = text[1:-1] + more[1:].rstrip('\u2026').removesuffix('"')
    characters = re.findall(r'\\[0-7]+|\\.|.', inside)
    cut = len(characters) > LONGEST or more[-1] != '"'
    return f'"{"".join(characters[:LONGEST])}"' + '\u2026' * cut
