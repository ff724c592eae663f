"""`trace` at a prompt on a real terminal: Ctrl-C, Ctrl-Z, jobs; the kernel is asked."""
from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from minishell.glass.golden import golden

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Terminal

CTRL_Z = '\x1a'


@pytest.fixture
def traced(start: Callable[..., Terminal], tmp_path: Path) -> Terminal:
    """A shell at its first prompt that may trace; the story goes to a file."""
    shell = start('--no-editor', LC_ALL='C')
    shell.prompt()
    shell.enter('trace -o probe.json :')
    story = json.loads((tmp_path / 'probe.json').read_text())
    if story['engine'] != 'ptrace':
        pytest.skip(f'ptrace cannot be had: {story["incomplete"]}')
    return shell


def told(tmp_path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The story, and the golden form by process."""
    story = json.loads((tmp_path / 'story.json').read_text())
    assert story['incomplete'] == []
    return story, dict(line.split(' ', 1) for line in golden(story).splitlines())


def foreground(story: dict[str, Any]) -> list[list[str]]:
    """Who has had the terminal, one after the other; a group that is just being left by one
    of its members is none of its own."""
    found: list[list[str]] = []
    for line in story['tty']:
        if not found or not set(line['procs']) <= set(found[-1]):
            found.append(line['procs'])
    return found


def test_ctrl_c_ends_the_job_and_not_the_shell(traced: Terminal, tmp_path: Path) -> None:
    traced.type("trace -o story.json 'sleep 100 | cat'\n")
    traced.until_running('sleep', 'cat')
    traced.interrupt()
    traced.prompt()
    assert traced.enter('echo $? ${PIPESTATUS[@]}') == '130 130 130\n'
    story, lines = told(tmp_path)
    end = 'signal SIGINT by tty (SI_KERNEL) | †SIGINT'
    assert lines['P1'] == f'close ①r | ①→1 | close ①w | exec sleep | {end}'
    assert lines['P2'] == f'①→0 | close ①r | exec cat | {end}'
    assert 'SIGINT' not in lines['sh'].replace('=†SIGINT', '')
    assert foreground(story) == [['sh'], ['P1', 'P2'], ['sh']]
    name = Path(f'/proc/{traced.pid}/comm').read_text().strip()     # of the recorder, too
    assert [process for process in traced.descendants() if process[1] != name] == []


def test_ctrl_z_and_fg(traced: Terminal, tmp_path: Path) -> None:
    traced.enter('mkfifo gate')
    traced.type("trace -o story.json 'cat gate | cat'\n")
    traced.until_running('cat', 'cat')
    traced.until_true(lambda: {state for _, name, state in traced.descendants()
                               if name == 'cat'} == {'S'})
    time.sleep(0.05)                    # a call that is over within a millisecond is no sleep
    traced.type(CTRL_Z)
    traced.prompt()
    assert traced.enter('echo $?') == '148\n'
    story, lines = told(tmp_path)
    for name in ('P1', 'P2'):
        assert lines[name].endswith('signal SIGTSTP by tty (SI_KERNEL) | stop SIGTSTP')
        process = next(each for each in story['procs'] if each['id'] == name)
        assert [segment['state'] for segment in process['segs']][-2:] == ['asleep', 'stopped']
    assert 'P1 stopped' in lines['sh']
    assert 'P1 and P2 go on behind the trace.' in story['notes']
    traced.type('fg\n')
    traced.until_running('cat', 'cat')
    (tmp_path / 'gate').write_text('hi\n')
    assert traced.prompt().endswith('hi\n')
    assert traced.enter('echo $?') == '0\n'


def test_a_fifo(traced: Terminal, tmp_path: Path) -> None:
    traced.enter('mkfifo ff')
    asleep = 'while read l </proc/$!/stat; do case $l in (*") S "*) break; esac; done'
    shown = traced.enter(f"trace -o story.json 'cat <ff & {asleep}; echo hi >ff; wait'")
    assert 'hi\n' in shown
    story, lines = told(tmp_path)
    assert lines['P1'] == 'open ① | ①→0 | close ①r | exec cat | read ① 3 B | "hi\\n" | EOF ① ' \
        '| close ①r | exit 0'
    process = next(each for each in story['procs'] if each['id'] == 'P1')
    assert process['segs'][0]['why'] == 'open ①: nobody has opened the other end'


def test_a_job_in_the_background(traced: Terminal, tmp_path: Path) -> None:
    traced.enter("trace -o story.json '(sleep .1; exit 7) & wait $!'")
    assert traced.enter('echo $?') == '7\n'
    _, lines = told(tmp_path)
    assert lines == {'sh': 'fork P1 | [1] P1 | wait | reap P1=7 | $?=7',
                     'P1': 'fork P2 | wait | reap P2 | exit 7', 'P2': 'exec sleep | exit 0'}
