"""What a shell may find around it: blocked signals, no /proc, a user whom nobody knows."""
from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT = 60


@pytest.mark.parametrize('blocked', [{signal.SIGCHLD}, signal.valid_signals()],
                         ids=['SIGCHLD', 'all'])
@pytest.mark.parametrize('options', [[], ['--bash'], ['-m'], ['installed']])
def test_children_are_waited_for_with_their_signal_blocked(
    blocked: set[signal.Signals], options: list[str], minishell: list[str], root: Path,
    environment: dict[str, str], tmp_path: Path,
) -> None:
    """Who starts the shell may have SIGCHLD blocked; its children end while it waits."""
    if options == ['installed']:
        options = []
        minishell = [sys.executable, '-c', f'import sys; sys.path.insert(0, {str(root)!r})\n'
                     'from minishell.cli import console; console()']
    script = """
mkfifo go; (read -r x <go; exit 5) & echo >go; wait $!; echo $?
(read -r x <go; exit 6) & echo >go; wait; (exit 3); echo $?; sh -c 'exit 4' | cat; echo $?
grep -c SigBlk.*0000$ /proc/$$/status"""
    done = subprocess.run(
        [*minishell, *options, '-c', script], env=environment, cwd=tmp_path, text=True,
        capture_output=True, timeout=TIMEOUT, check=False,
        preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, blocked))
    assert done.stdout == f'5\n3\n0\n{int(len(blocked) == 1)}\n'
    assert done.stderr == ''


def test_a_child_that_may_take_no_longer_is_killed_with_alarms_blocked(root: Path) -> None:
    """As the one that runs the scripts of bash-completion, behind `sigmask -b ALRM`."""
    code = """import os, signal
from minishell.system.masks import die_in
os.setsid()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
die_in(0.01)
while True:
    signal.pause()"""
    done = subprocess.run([sys.executable, '-c', code], cwd=root, timeout=TIMEOUT, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.fixture
def without_proc(minishell: list[str]) -> list[str]:
    """What runs a shell where nothing is mounted on /proc."""
    words = ['unshare', '-mi', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh']
    if not shutil.which('unshare') or subprocess.run(
            [*words, 'true'], capture_output=True, check=False).returncode:
        pytest.skip('nothing can be mounted here')
    return [*words, *minishell]


def test_scripts_run_without_proc(without_proc: list[str], environment: dict[str, str],
                                  tmp_path: Path) -> None:
    script = """
trap 'echo T' USR1; kill -s USR1 $$; echo $(echo a | cat) $((1 + 1)) >f; cat f
(exit 3) & wait $!; echo $?; set -m; sleep 100 & kill %1; wait %1; echo $?"""
    for options in [], ['--bash']:
        done = subprocess.run([*without_proc, *options, '-c', script], env=environment,
                              cwd=tmp_path, text=True, capture_output=True, timeout=TIMEOUT,
                              check=False)
        assert done.stdout == 'T\na 2\n3\n143\n'


@pytest.mark.parametrize('line', [
    'pcb', 'fds', 'signals', 'pcb 1', 'fds 1', 'signals 1', 'pcb -s $$', 'locks', 'why 1',
    'glass', 'glass 1', 'sleep 100 & kill $!; why $!',
    '(trace true 2>&1; exit 2) | grep recorder >&2; exit 2'])
def test_what_looks_at_proc_says_that_it_is_not_there(
    line: str, without_proc: list[str], environment: dict[str, str],
) -> None:
    done = subprocess.run([*without_proc, '-c', line], env=environment, text=True,
                          capture_output=True, timeout=TIMEOUT, check=False)
    assert (done.stdout, done.returncode) == ('', 2)
    assert 'No such file or directory' in done.stderr
    assert '/proc' in done.stderr


def test_objects_are_made_and_used_without_proc(
    without_proc: list[str], environment: dict[str, str], tmp_path: Path,
) -> None:
    """There is no record of what has been made, as nobody knows who the shell is."""
    script = """
mq create 5; mq send 5 1 a; mq recv 5; sem create 6 1; sem wait 6; sem wait -n 6; echo $?
mq create 7; fds 2>/dev/null; exec 4>f; echo a >&4; cat f; ipc clean; mq rm 5
flock -n f echo locked; mq stat 7; echo $?"""
    done = subprocess.run(
        [*without_proc, '-c', script], cwd=tmp_path, text=True, capture_output=True,
        env={**environment, 'XDG_RUNTIME_DIR': str(tmp_path)}, timeout=TIMEOUT, check=False)
    assert done.stdout == '1 a\n1\na\nlocked\n2\n'
    assert '/proc/sysvipc/msg: No such file or directory (ENOENT)' in done.stderr


@pytest.fixture
def stranger(minishell: list[str]) -> list[str]:
    """What runs a program as a user of whom nobody knows."""
    if os.geteuid():
        pytest.skip('only root can be another user')
    words = ['setpriv', '--reuid=3999999', '--regid=3999999', '--clear-groups']
    if not shutil.which('setpriv') or subprocess.run(
            [*words, *minishell, '-c', ':'], cwd='/', capture_output=True,
            check=False).returncode:
        pytest.skip('there is no setpriv, or this checkout is not for other users')
    return words


@pytest.mark.parametrize('shell', ['minishell', 'bash'])
def test_a_user_whom_nobody_knows(shell: str, stranger: list[str], minishell: list[str],
                                  tmp_path: Path) -> None:
    """As in a container that is run with any number for its user; in a directory below one
    that is closed to him."""
    words = [*stranger, *([*minishell, '--bash'] if shell == 'minishell' else ['bash'])]
    closed = tmp_path / 'closed'
    (closed / 'open').mkdir(parents=True)
    closed.chmod(0)
    script = """echo ~ ~/x "${HOME-unset}"; P='\\u'; echo "${P@P}"
        cd .; echo $?; (cd ..) 2>/dev/null; echo $?; pwd; cd ~; echo $? $PWD"""
    try:
        done = subprocess.run(
            [*words, '-c', script], cwd='/', text=True, capture_output=True, check=False,
            env={'PATH': os.defpath}, timeout=TIMEOUT,
            preexec_fn=lambda: os.chdir(closed / 'open'))
    finally:
        closed.chmod(0o700)
    where = str(closed / 'open')
    assert done.stdout == f'/ //x unset\nI have no name!\n0\n1\n{where}\n0 /\n'


@pytest.mark.parametrize('options', ['-e', '-m', '-f', '-em'])
def test_what_of_a_process_is_for_its_user_only(
    options: str, stranger: list[str], minishell: list[str],
) -> None:
    done = subprocess.run(
        [*stranger, *minishell, '-c', f'pcb {options} {os.getpid()}'], cwd='/', text=True,
        capture_output=True, check=False, timeout=TIMEOUT)
    assert done.stdout.startswith(f'pid {os.getpid()} ')
    assert done.stderr.endswith(': Permission denied (EACCES)\n')
    assert done.returncode == 2


@pytest.mark.parametrize('limit', range(5, 9))
def test_started_with_few_descriptors_no_message_wants_another_one(
    limit: int, minishell: list[str], environment: dict[str, str], tmp_path: Path,
) -> None:
    """What was not loaded before the limit came cannot be loaded to say something."""
    done = subprocess.run(
        [*minishell, '-c', 'nosuch >f 2>&1; echo $?; cd nosuch; echo $?; cat <nosuch; echo $?'],
        env=environment, cwd=tmp_path, text=True, capture_output=True, check=False,
        timeout=TIMEOUT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
    assert 'internal error' not in done.stderr
    assert done.stdout == '127\n1\n1\n'
