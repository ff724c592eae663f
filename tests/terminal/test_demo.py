"""`demo` at a prompt: step by step, left by Ctrl-C, and nothing of this shell is changed."""
from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Terminal

STATE = ('set +o; trap; pwd; umask; jobs; fds -v x; echo "$x" | sed "s/ .*//"; '
         'echo $r $w $OLDPWD')


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """With a folder of its own for what is temporary."""
    folder = Path(environment['HOME'], 'tmp')
    folder.mkdir()
    return {**environment, 'TMPDIR': str(folder)}


@pytest.fixture(autouse=True)
def nothing_is_left(environment: dict[str, str], shell: Terminal) -> Iterator[None]:
    yield
    assert os.listdir(environment['TMPDIR']) == []
    assert shell.descendants() == []


def test_step_by_step(shell: Terminal) -> None:
    """A line is shown, and run behind Enter."""
    shell.type('demo lseek\n')
    assert '31. A pipe has no offset' in shell.until('$ pipe r w; sysseek -u $r 0')
    shell.until('echo "$? $ERRNO"')
    shell.type('\n')
    assert '(ESPIPE)\n2 29\n' in shell.until('$ printf')
    shell.type('\n')
    assert '0123 1234' in shell.until('# the answer: ')
    shell.type('\n')
    assert shell.prompt().endswith('# lesson 31: 2 of 2 commands gave what the page shows\n')
    assert shell.enter('echo $?') == '0\n'


@pytest.mark.parametrize('key', ['q\n', '\x04', '\x03'])
def test_it_is_left(key: str, shell: Terminal) -> None:
    shell.type('demo lseek\n')
    shell.until('"$? $ERRNO"')
    shell.type('\n')
    shell.until('$ printf')
    shell.type(key)
    shell.prompt()
    assert shell.enter('echo $?') == ('130\n' if key == '\x03' else '1\n')


def hanging(environment: dict[str, str], folder: Path) -> dict[str, str]:
    """Variables with which the lesson `sigpipe` hangs in its first line, in `yes`."""
    (folder / 'bin').mkdir()
    (folder / 'bin' / 'yes').write_text('#!/bin/sh\necho hangs >&2\nsleep 1000 &\nwait\n')
    (folder / 'bin' / 'yes').chmod(0o755)
    return {'PATH': f'{folder}/bin:{environment["PATH"]}'}


def test_ctrl_c_ends_a_line_that_hangs(start: Callable[..., Terminal], tmp_path: Path,
                                       environment: dict[str, str]) -> None:
    """And whatever the lesson has started."""
    shell = start(**hanging(environment, tmp_path))
    shell.prompt()
    shell.type('demo -y sigpipe\n')
    shell.until('hangs')
    shell.until_running('sleep', 'yes')
    shell.interrupt()
    shell.prompt()
    assert shell.enter('echo $?') == '130\n'
    assert shell.descendants() == []
    assert os.listdir(environment['TMPDIR']) == []


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_that_ends_the_shell_ends_the_lesson(
    number: int, minishell: list[str], environment: dict[str, str], tmp_path: Path,
) -> None:
    changed = {**environment, **hanging(environment, tmp_path)}
    with subprocess.Popen([*minishell, '-c', 'demo -y sigpipe'], env=changed,
                          stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        assert 'hangs\n' in iter(one.stdout.readline, '')
        one.send_signal(number)
    assert one.returncode == -number
    assert os.listdir(environment['TMPDIR']) == []


@pytest.mark.parametrize('lesson', ['pipe', 'dup', 'sigpipe', 'flock'])
def test_nothing_of_this_shell_is_changed(lesson: str, shell: Terminal) -> None:
    """Its jobs go on, its traps, options, descriptors, variables stay; and nothing of it is
    in the lesson's shell."""
    shell.enter('exec 3</dev/null 4>/dev/null; set -u; trap "echo T" USR1; trap "" PIPE; '
                'umask 077; alias echo=false; pipe() { false; }; r=1 w=2 OLDPWD=/; ulimit -c 0')
    shell.enter('sleep 1000 &')
    shell.until_running('sleep')
    before = shell.enter(STATE)
    shown = shell.enter(f'demo -y {lesson}')
    assert re.search(r'# lesson \d+: (\d+) of \1 commands gave', shown), shown
    assert shell.enter(STATE) == before
    assert shell.enter('jobs -p | wc -l').strip() == '1'
    shell.enter('kill %1; wait')


def test_a_trap_runs_meanwhile(shell: Terminal) -> None:
    shell.enter('trap "echo trapped" USR1')
    shell.type('demo lseek\n')
    shell.until('"$? $ERRNO"')
    os.kill(shell.pid, signal.SIGUSR1)
    shell.until('trapped')
    shell.type('q\n')
    shell.prompt()


def test_what_will_come_is_asked_and_marked(shell: Terminal) -> None:
    shell.type('demo --predict lseek\n')
    shell.until('ends your answer.')
    shell.type('minishell: sysseek: 3:  Illegal seek (ESPIPE)\n2 29\n\n')
    shell.until('# foretold')
    shell.until('ends your answer.')
    shell.type('4567\n\n')
    shell.until('# not what you have foretold')
    shell.until('# the answer: ')
    shell.type('\n')
    assert shell.prompt().endswith('the page shows; you have foretold 1 of 2\n')


def test_lines_and_programs(shell: Terminal, tmp_path: Path) -> None:
    assert shell.enter('demo -s 31').startswith('pipe r w; sysseek -u $r 0; echo')
    assert shell.enter('demo -x pipe') == 'pipe.c\n'
    assert (tmp_path / 'pipe.c').read_text().count('hello')
    assert shell.enter('demo -x fifo').split() \
        == ['ecrivain.c', 'emetteur.py', 'lecteur.c', 'recepteur.py']
    assert 'demo: pipe.c: File exists (EEXIST)' in shell.enter('demo -x pipe; echo $?')


@pytest.mark.usefixtures('objects_of_the_course')
def test_objects_of_others_are_left_alone(shell: Terminal) -> None:
    folder = Path('/dev/shm')
    if not os.access(folder, os.W_OK):
        pytest.skip('no /dev/shm')
    ours = folder / 'sem.lsinf1252'
    ours.touch(exist_ok=False)
    shown = shell.enter('demo -y semaphores; echo $?')
    assert 'sem lsinf1252' in shown
    assert shown.endswith('\n2\n')
    assert ours.exists()
