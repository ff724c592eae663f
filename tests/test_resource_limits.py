"""Processes or descriptors run out: a message, a status, nothing left behind."""
from __future__ import annotations

import os
import resource
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

NOBODY = 65534      # root has no limit of processes
COUNT = 'ls /proc/$$/fd | wc -l'


def children(folder: str = '/proc') -> set[int]:
    """The `sleep 4321`s of this machine, alive or zombies."""
    found = set()
    for pid in filter(str.isdigit, os.listdir(folder)):
        try:
            with open(f'{folder}/{pid}/cmdline', 'rb') as file:
                if b'4321' in file.read().split(b'\0'):
                    found.add(int(pid))
        except OSError:
            pass
    return found


@pytest.fixture(params=['', 'set -m; '], ids=['one group', 'set -m'])
def monitor(request: pytest.FixtureRequest) -> str:
    """Without and with job control."""
    return str(request.param)


# -- descriptors ----------------------------------------------------------------------------

# Each needs more descriptors than there are, after it has started something.
LINES = {
    'pipeline': 'sleep 4321 | sleep 4321 | cat',
    'built-ins': 'while read x; do :; done <&0 | { sleep 4321; } | cat',
    'background': 'sleep 4321 | sleep 4321 | cat & wait',
    'negated': '! : | : | : || true; (exit 254)',
}


@pytest.mark.parametrize('line', LINES)
def test_no_descriptor_for_a_pipe(
    line: str, run: Run, minishell: list[str], monitor: str,
) -> None:
    """Between the first stage and the last: what has been started is ended and reaped."""
    before = children()
    turn = f'ulimit -S -n 5\n{LINES[line]}\necho $?; ulimit -S -n 40; ls /proc/$$/fd\n'
    warm = 'sleep 0 | cat; sleep 0 & wait\n'        # what is opened once is open
    ended = run([*minishell, '-c', monitor + warm + turn + 'echo turn\n' + turn
                 + 'true | true; echo on $?'], timeout=60, stdin='')
    first, _, second = ended.stdout.partition('turn\n')
    assert second == first + 'on 0\n'
    assert first.split()[0] == ('0' if line == 'background' else '254')
    assert 'pipe: Too many open files' in ended.stderr
    assert children() == before


@pytest.mark.parametrize(('text', 'told'), [
    ('x=$(echo a | cat)', 'command substitution: '), ('echo "$(cat </dev/null)"', ''),
])
def test_no_descriptor_for_a_substitution(text: str, told: str, run: Run,
                                          minishell: list[str]) -> None:
    """It ends a script, as every expansion error does; a prompt goes on."""
    script = f'ulimit -n 4\n{text}\necho on\n'
    ended = run([*minishell, '-c', script])
    assert (ended.stdout, ended.returncode) == ('', 1)
    assert told + 'Too many open files' in ended.stderr.replace('pipe: ', '')
    ended = run([*minishell, '-i'], stdin=script)
    assert ended.stdout.endswith('on\n')


@pytest.mark.parametrize('text', ['cat <<E\ntext\nE', ': </dev/null', '/bin/true </dev/null'])
def test_no_descriptor_for_a_redirection(text: str, run: Run, minishell: list[str]) -> None:
    ended = run([*minishell, '-c', f'ulimit -S -n 3\n{text}\n'
                 'echo $?; ulimit -S -n 20; /bin/echo on'])
    if text[0] == ':':                  # a special built-in: XCU 2.8.1
        assert (ended.stdout, ended.returncode) == ('', 1)
    else:
        assert ended.stdout == '1\non\n'
    assert 'Too many open files' in ended.stderr


# -- processes --------------------------------------------------------------------------------


@pytest.fixture
def poor(minishell: list[str], environment: dict[str, str],
         ) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run a script as a user who may have but two more processes than the shell."""
    if os.getuid() != 0:
        pytest.skip('a user of our own would need root')
    # Nobody else's user id, for processes count by user; it may read this checkout.
    reading = '-all,+dac_override,+dac_read_search'
    become = ['setpriv', f'--reuid={NOBODY - 1 - os.getpid() % 1000}', '--clear-groups',
              f'--inh-caps={reading}', f'--ambient-caps={reading}']

    def start(text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*become, *minishell, '-c', text], env=environment, text=True, check=False,
            capture_output=True, timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (3, 3)))
    try:
        if start('echo up').stdout != 'up\n':
            pytest.skip('another user cannot run this Python')
        probe = ('p=; for i in 1 2 3; do sleep 4321 >/dev/null 2>&1 & p="$p $!"; done; '
                 'kill -9 $p; wait')
        if start(probe).stderr == '':
            pytest.skip('the limit of processes is not kept here')
    except (OSError, subprocess.SubprocessError):
        pytest.skip('no process can be started as another user')
    return start


@pytest.mark.parametrize('text', [
    'sleep 4321 | sleep 4321 | sleep 4321 | cat', '{ sleep 4321; } | (sleep 4321) | : | :',
    'while :; do :; done | while :; do :; done | while :; do :; done | cat',
])
def test_no_process_for_a_stage(
    text: str, poor: Callable[[str], subprocess.CompletedProcess[str]], monitor: str,
) -> None:
    ended = poor(f'{monitor}{text}\necho $?; true | true; echo $?')
    assert ended.stdout.split()[-1] == '0'
    assert ended.stdout.split()[0] in ('254', '126')
    assert 'Resource temporarily unavailable' in ended.stderr
    assert not children()


@pytest.mark.parametrize('text', ['(echo a)', '/bin/true', 'x=$(/bin/true)', ': & :',
                                  '{ /bin/true; } >/dev/null'])
def test_no_process_for_one_command(
    text: str, poor: Callable[[str], subprocess.CompletedProcess[str]],
) -> None:
    ended = poor(f"trap 'kill $a $b' EXIT; sleep 4321 & a=$!; sleep 4321 & b=$!\n{text}\n"
                 'echo on')
    if text[0] == 'x':
        assert ended.stdout == ''
    else:
        assert ended.stdout == 'on\n'
    assert 'Resource temporarily unavailable' in ended.stderr
