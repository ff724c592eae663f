"""The course's built-in utilities at a prompt: Ctrl-C, jobs, what is left behind."""
from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect  # type: ignore[import-untyped]
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Terminal


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """With records of its own: `ipc clean` removes what all ended shells have left."""
    return {**environment, 'XDG_RUNTIME_DIR': environment['HOME']}


@pytest.fixture
def key() -> Iterator[str]:
    """One of two keys, with that behind it: nobody else's, in other runs either."""
    yield str(0xD0000 + 2 * os.getpid())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A FIFO `ff`, and a file `lock` that is locked in both ways."""
    os.mkfifo(tmp_path / 'ff')
    with (tmp_path / 'lock').open('w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield tmp_path


LINES = [
    'sysread -i 3 x', 'sysread -t 1000 -i 3 x', 'x=$(printf %70000s); syswrite -o 3 "$x"',
    'sysopen -r -u 4 ff', 'sysopen -w -u 4 ff', 'flock 5', 'flock -w 1000 5',
    'flock lock true', 'lockf 5', 'lockf -w 1000 5', 'sem wait $k', 'sem wait -w 1000 $k',
    'pause', 'pause -t 1000', 'pause -m -',
    'mq recv $k', 'mq recv -w 1000 $k', 'mq send $((k + 1)) 1 "$(printf %90s)"',
]


@pytest.mark.parametrize('line', LINES)
def test_ctrl_c_ends_a_wait(line: str, shell: Terminal, folder: Path, key: str) -> None:
    """And nothing has been taken or locked; the prompt is as before."""
    prepare(line, shell, key)
    try:
        shell.type(f'echo go; {line}; echo went on\n')
        shell.until('go')
        shell.until_asleep()
        shell.interrupt()
        assert 'went on' not in shell.prompt()
        assert shell.enter('echo $?') == '130\n'
        shell.enter('sem post $k; mq send $k 1 x')
        assert shell.enter('sem value $k; mq recv -n $k; locks -p $$ lock') == '1\n1 x\n'
        shell.type('read x; echo "<$x>"\n')
        shell.type('abc\n')
        assert '<abc>' in shell.prompt()
    finally:
        shell.enter('ipc clean')


def prepare(line: str, shell: Terminal, key: str) -> None:
    """Make what the lines wait for."""
    if 'sysopen' not in line:
        shell.enter('exec 3<>ff')
    shell.enter(f'k={key} f=$((k + 1)); exec 5<>lock; sem create $k 0; mq create $k; '
                'mq create $f; mq set -b 100 $f; mq send $f 1 "$(printf %90s)"')


@pytest.mark.parametrize('line', [*LINES, 'sleep 1000 & wait', 'read x', 'waitpid'])
def test_siginterrupt_has_a_trapped_ctrl_c_end_a_wait(
    line: str, shell: Terminal, folder: Path, key: str,
) -> None:
    """And only the wait: what stands behind it is run."""
    prepare(line, shell, key)
    try:
        if line == 'waitpid':
            shell.enter('sleep 1000 &')
        shell.enter('trap "echo T" INT; siginterrupt INT')
        shell.type(f'echo go; {line}; echo "went on $?"\n')
        shell.until('go')
        shell.until_asleep()
        shell.interrupt()
        assert shell.prompt().endswith('T\nwent on 130\n')
        assert shell.enter('locks -p $$ lock; sem value $k; trap - INT') == '0\n'
    finally:
        shell.enter('ipc clean; kill %%')


def test_what_a_shell_leaves_is_told(
    start: Callable[..., Terminal], key: str,
) -> None:
    first = start()
    first.prompt()
    first.enter(f'mq create {key}; (sem create {key} 1); sem create -x {int(key) + 1} 2; '
                f'sem rm {int(key) + 1}')
    first.type('exit\n')
    shown = first.until('(ipc clean)').replace('exit\n', '')
    assert shown == f'left behind: queue {key}, sem {key} '
    assert first.end() == 0
    second = start()
    second.prompt()
    assert f'queue  {key}' in second.enter('ipc').replace('   ', '  ')
    second.enter('ipc clean')
    assert f' {key} ' not in second.enter('ipc')
    second.type('exit\n')
    second.child.expect(pexpect.EOF)
    assert 'left behind' not in second.child.before


def test_jobs_by_their_numbers(shell: Terminal, folder: Path) -> None:
    shell.enter('exec 3<>ff')
    shell.enter('sleep 1000 &')
    shell.until_running('sleep')
    shown = shell.enter('fds %1')
    assert [line.split()[1:3] for line in shown.splitlines()[1:] if line.split()[0] == '3'] \
        == [['#2', 'rw']]          # one open file description is the terminal
    shell.enter('kill %1')


LINE = ('nb=42; fork p; if [ $p = 0 ]; then echo "F $nb"; exit 3; else nb=84; '
        'waitpid $p; echo "P $nb"; fi')


@pytest.mark.parametrize('options', [[], ['--no-editor']])
def test_fork_returns_twice(options: list[str], start: Callable[..., Terminal]) -> None:
    """The child goes on with the rest of the line, and reads no other."""
    shell = start(*options)
    shell.prompt()
    for _ in range(3):
        shown = shell.enter(LINE)
        assert [line for line in shown.split('\n') if line[:2] in ('F ', 'P ')] \
            == ['F 42', 'P 84']
        assert ' exited 3 (status 0x0300)' in shown
    assert 'No child processes (ECHILD)' in shell.enter('waitpid')
    assert shell.enter('echo $nb; jobs') == '84\n'


def test_a_child_of_fork_is_a_job(shell: Terminal) -> None:
    """Of its own process group; a prompt has no trap of its child's death to lose."""
    shell.enter('fork p; [ $p = 0 ] && sleep 1000')
    shown = shell.enter('jobs; [ $(getpid -g) = $p ]; echo $?; waitpid -h $p; echo $?')
    assert 'Running' in shown and 'fork p' in shown and shown.endswith('1\n1\n')
    shell.enter('kill -STOP $p')
    assert ' stopped 19 SIGSTOP (status 0x137f)' in shell.enter('waitpid -u $p')
    shell.enter('kill -CONT $p; kill -9 -$p')
    assert ' killed 9 SIGKILL (status 0x0009)' in shell.enter('waitpid')


def test_what_a_prompt_has_told_waitpid_tells_too(shell: Terminal) -> None:
    shell.enter('(exit 7) & p=$!')
    shell.until_true(lambda: not shell.descendants())
    shell.enter(':')
    assert ' exited 7 (status 0x0700)' in shell.enter('waitpid $p')
    assert 'ECHILD' in shell.enter('waitpid $p')


@pytest.mark.parametrize('line', ['waitpid', 'waitpid -u %s', 'waitpid -v x $p'])
def test_ctrl_c_ends_waitpid(line: str, shell: Terminal) -> None:
    shell.enter('sleep 1000 & p=$!')
    shell.type(f'echo go; {line.replace("%s", "$p")}; echo went on\n')
    shell.until('go')
    shell.until_asleep()
    shell.interrupt()
    assert 'went on' not in shell.prompt()
    assert shell.enter('echo $?') == '130\n'
    shell.enter('kill $p')
