"""`demo` of lessons that show a trace, at a prompt: the trace comes behind Enter."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Terminal

# A lesson, and what one of its traces says.
LESSONS = [
    ('fork', 'P1 exit 3\n'),
    ('pipeline', 'P3 ②→0 | close ②r | exec wc | read ② 6 B | EOF ②'),
    ('close', 'sh pipe ① | fork P1 | close ①w | fork P2'),
    ('trap', 'P1 exec sh | kill SIGUSR1 P1 | SIGUSR1 ignored | exit 3\n'),
    ('sigpipe', '| EPIPE ① | SIGPIPE\n   | †SIGPIPE\n'),
]


@pytest.mark.parametrize(('lesson', 'told'), LESSONS, ids=[row[0] for row in LESSONS])
def test_a_trace_comes_behind_enter(lesson: str, told: str, shell: Terminal) -> None:
    lines = shell.enter(f'demo -s {lesson}').splitlines()
    assert any('trace -g' in line for line in lines)
    shell.type(f'demo {lesson}\n')
    shown = ''
    for number, line in enumerate(lines):
        before = shell.until(f'$ {line}')
        assert number == 0 or '# the page shows something else' not in before
        if number and 'trace' in lines[number - 1]:
            shown += before
        shell.type('\n')
    shown += shell.until('# the answer: ')
    shell.type('\n')
    end = shell.prompt()
    if end.endswith(' not compared\n'):
        pytest.skip('nobody may trace here')
    assert end.endswith(f'{len(lines)} of {len(lines)} commands gave what the page shows\n')
    assert told in shown
    assert shell.enter('echo $?') == '0\n'
