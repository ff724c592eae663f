"""The golden form of a story: per process the steps in order, nothing that varies by chance."""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.story import Step, Story

LEFT_OUT = frozenset(('block', 'wake', 'pgrp', 'tty'))


def golden(story: Story) -> str:
    """A line for each process that has steps; several reads or writes in a row are one.

    Left out are sleeps, groups and the terminal, SIGCHLD, the /dev/null of `&`, and the lines
    in which a prompt tells of jobs.
    """
    lines = []
    for process in story['procs']:
        steps = [step for step in story['steps']
                 if step['p'] == process['id'] and _counts(step)]
        lines.append(f'{process["id"]} ' + ' | '.join(_folded(steps)) + '\n')
    return ''.join(lines)


def _counts(step: Step) -> bool:
    notice = step['p'] == 'sh' and step['text'][:2] == '"['
    return step['k'] not in LEFT_OUT and step['text'] != 'SIGCHLD' and not notice \
        and step['obj'] != 'null'


def _folded(steps: list[Step]) -> list[str]:
    texts: list[str] = []
    last: tuple[str, str | None] | None = None
    for step in steps:
        key = (step['k'], step['obj']) if step['k'] in ('read', 'write') else None
        if key is not None and key == last:
            texts[-1] = f'{step["k"]}\u00d7{step["obj"]}'
        else:
            texts.append(step['text'])
        last = key
    return texts
