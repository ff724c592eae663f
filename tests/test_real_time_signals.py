"""Real-time signals queue: of a burst that comes together each has its trap run, whatever the
shell is doing; other signals merge."""
from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from test_interrupted_waits import writer_of
from waiting import state_of, until_true

TIMEOUT = 60
BURST = {signal.SIGRTMIN + 1: 300, signal.SIGRTMIN + 2: 7, signal.SIGUSR1: 5}
SCRIPT = """
trap 'a=$((a+1))' RTMIN+1; trap 'b=$((b+1))' RTMIN+2; trap 'c=$((c+1))' USR1
a=0 b=0 c=0; mkfifo ff hh go; exec 3<>ff
echo go
{}
read x <go
echo "$a $b $c"
"""
# What the shell does when the burst comes; it goes on behind all traps.
DOING = {
    'a loop': 'until [ $a$b$c = 30071 ]; do :; done',
    'wait': 'sleep 1000 & until [ $a$b$c = 30071 ]; do wait $!; done; kill $!',
    'read': 'read x <&3',
    'a call that is made at once': 'sysread -i 3 x',
    'an open': 'read x <hh',
    'pause': 'pause',
    'a program': 'cat <hh >/dev/null',
    'a substitution': 'x=$(cat <hh)',
    'a subshell with a trap of its own':
        "(trap 'a=$((a+1))' RTMIN+1; kill -s RTMIN+1 $BASHPID; echo $a >own); read x <&3",
}


def until(pid: int, states: str) -> None:
    until_true(lambda: state_of(pid) in states)


@pytest.mark.parametrize('doing', DOING)
def test_each_of_a_burst(doing: str, minishell: list[str], environment: dict[str, str],
                         tmp_path: Path) -> None:
    shell = subprocess.Popen([*minishell, '-c', SCRIPT.format(DOING[doing])], text=True,
                             cwd=tmp_path, env=environment, stdout=subprocess.PIPE)
    try:
        assert shell.stdout is not None
        assert shell.stdout.readline() == 'go\n'
        if doing != 'a loop':
            until(shell.pid, 'S')
        shell.send_signal(signal.SIGSTOP)
        until(shell.pid, 'T')
        for number, times in BURST.items():
            for _ in range(times):
                shell.send_signal(number)
        shell.send_signal(signal.SIGCONT)
        for name in (*(['hh'] if '<hh' in DOING[doing] else []), 'ff', 'go'):
            fd = writer_of(tmp_path / name)
            os.write(fd, b'x\n')
            os.close(fd)
        assert shell.communicate(timeout=TIMEOUT) == ('300 7 1\n', None)
    finally:
        shell.kill()
        shell.wait()
    if 'own' in doing:
        assert (tmp_path / 'own').read_text() == '1\n'


def test_in_a_rain_of_others(minishell: list[str], environment: dict[str, str],
                             tmp_path: Path) -> None:
    """Sent as fast as can be, while the shell runs: handlers come inside each other."""
    script = """
        trap 'a=$((a+1))' RTMIN+1; trap : USR1 USR2; a=0; echo go
        until [ -e done ] && [ $a -ge 500 ]; do :; done; echo $a
    """
    shell = subprocess.Popen([*minishell, '-c', script], text=True, cwd=tmp_path,
                             env=environment, stdout=subprocess.PIPE)
    try:
        assert shell.stdout is not None
        assert shell.stdout.readline() == 'go\n'
        for _ in range(500):
            for _ in range(20):
                os.kill(shell.pid, signal.SIGUSR1)
                os.kill(shell.pid, signal.SIGUSR2)
            os.kill(shell.pid, signal.SIGRTMIN + 1)
        (tmp_path / 'done').touch()
        assert shell.communicate(timeout=TIMEOUT) == ('500\n', None)
    finally:
        shell.kill()
        shell.wait()
