"""What jobs inherit, whose modes the terminal has, and what is said of jobs; as bash 5.2."""
from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import termios
from typing import TYPE_CHECKING

import pytest
from waiting import gone, state_of

from .test_job_control import announced, canonical, stop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal

    Start = Callable[..., Terminal]

STOPS = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)


def stops_in(pid: int, name: str) -> list[int]:
    """The stop signals in one of the sets of /proc/PID/status."""
    with open(f'/proc/{pid}/status') as file:
        mask = int(re.findall(rf'{name}:\s*(\w+)', file.read())[0], 16)
    return [number for number in (*STOPS, signal.SIGSTOP) if mask >> number - 1 & 1]


def ignored_by(pid: int) -> list[int]:
    """Which of a terminal's stop signals a process ignores."""
    return stops_in(pid, 'SigIgn')


def numbered(text: str) -> str:
    """The lines of `jobs -l` with PID for numbers of processes."""
    return re.sub(r' +\d+(?= +(\||[A-Z]))', ' PID', text)


# -- stop signals that were ignored at entry ---------------------------------------------------


@pytest.mark.parametrize('options', [[], ['-i', '+m'], ['-i']])
def test_a_prompts_children_can_be_stopped(options: list[str], start: Start) -> None:
    """tmux leaves them ignored, and `less &` would die of an I/O error."""
    shell = start(*options, ignored=STOPS)
    shell.prompt()
    for line in ('sleep 100', 'sleep 100 | cat', '(sleep 100; :)', 'f() { sleep 100; }; f'):
        shell.type(f'{line}\n')
        shell.until_running('sleep')
        assert [ignored_by(pid) for pid, name, _ in shell.descendants() if name == 'sleep'] == [
            []], line
        shell.interrupt()
        shell.prompt()
    if '+m' not in options:
        _, pid = announced(shell.enter('cat &'))
        shell.until_true(lambda: state_of(pid) == 'T')
        shell.enter('kill -9 %1')
    shell.type('exec sleep 100\n')
    shell.until_true(lambda: 'sleep' in open(f'/proc/{shell.pid}/comm').read())  # noqa: SIM115
    assert ignored_by(shell.pid) == []


def test_what_its_user_ignores_stays_ignored(start: Start) -> None:
    shell = start(ignored=STOPS)
    shell.prompt()
    shell.enter("trap '' TSTP")
    for count, expected in enumerate(([signal.SIGTSTP], []), 1):
        _, pid = announced(shell.enter('sleep 100 &'))
        shell.until_running(*['sleep'] * count)     # before, it is a copy of the shell
        assert ignored_by(pid) == expected
        shell.enter('trap - TSTP')
    assert ignored_by(shell.pid) == list(STOPS)
    shell.enter('kill %1 %2; wait')


@pytest.mark.parametrize('options', [[], ['-m']])
def test_a_scripts_children_ignore_what_it_did(
    options: list[str], start: Start, tmp_path: Path,
) -> None:
    (tmp_path / 'script').write_text('sleep 100\n:\n')
    shell = start(*options, 'script', ignored=STOPS)
    shell.until_running('sleep')
    (pid, _, _), = shell.descendants()
    assert ignored_by(pid) == list(STOPS)


def test_a_prompt_in_the_background_stops_although_it_was_to_ignore_that(
    shell: Terminal, minishell: list[str],
) -> None:
    _, pid = announced(shell.enter(
        f"(trap '' TTIN; PS1='inner$((1 + 1))> ' exec {' '.join(minishell)} -i) &"))
    shell.until_true(lambda: state_of(pid) == 'T')
    assert shell.foreground() == shell.pid
    shell.type('fg\n')
    shell.until('inner2> ')
    shell.type('exit\n')
    shell.prompt()


@pytest.mark.parametrize('line', ['x=$(sleep 100)', 'x=$(sleep 100; :)', 'x=$(sleep 100 | cat)',
                                  'cat <(sleep 100; :)'])
def test_a_substitution_is_not_stopped(line: str, shell: Terminal) -> None:
    """It is in the shell's group, and nobody could continue it."""
    shell.type(f'{line}\n')
    shell.until_running('sleep')
    (pid,) = (pid for pid, name, _ in shell.descendants() if name == 'sleep')
    assert ignored_by(pid) == list(STOPS)
    if line.startswith('x'):
        shell.type('\x1a')
        shell.interrupt()
    else:
        os.kill(pid, signal.SIGKILL)
    shell.prompt()
    assert shell.enter('jobs') == ''


# -- the terminal's modes ---------------------------------------------------------------------


def test_modes_of_a_job_that_was_in_the_background_are_not_adopted(shell: Terminal) -> None:
    """It may have taken the editor's raw modes for those to restore."""
    _, pid = announced(shell.enter("sh -c 'read x; stty raw -isig' &"))
    shell.until_true(lambda: state_of(pid) == 'T')
    shell.type('fg\n')
    shell.until_true(lambda: shell.foreground() == pid and state_of(pid) == 'S')
    shell.type('\n')
    shell.prompt()
    assert canonical(shell)
    shell.type('sleep 100\n')
    shell.until_running('sleep')
    shell.interrupt()
    shell.prompt()


def test_modes_of_a_job_that_stopped_are_not_adopted(shell: Terminal) -> None:
    shell.type("sh -c 'kill -s STOP $$; stty raw'\n")
    shell.prompt()
    shell.enter('fg')
    assert canonical(shell)


@pytest.mark.parametrize('line', [
    "sh -c 'stty raw; kill -9 $$'", "sh -c 'stty raw; kill -9 $$' | cat",
    "sh -c 'stty raw; kill -STOP $$' | cat",
])
def test_modes_of_a_job_that_ends_badly_are_not_adopted(line: str, shell: Terminal) -> None:
    shell.type(f'{line}\n')
    if 'STOP' in line:
        shell.until_true(lambda: 'T' in [state for _, _, state in shell.descendants()])
        os.killpg(shell.foreground(), signal.SIGSTOP)
    shell.prompt()
    assert canonical(shell)
    shell.enter('kill -9 %1')


@pytest.mark.parametrize('line', [
    'stty -ixon', 'true | stty -ixon </dev/tty', 'yes | (stty -ixon </dev/tty)',
])
def test_what_is_set_with_stty_stays(line: str, shell: Terminal) -> None:
    def flow_control() -> bool:
        return bool(termios.tcgetattr(shell.child.child_fd)[0] & termios.IXON)
    assert flow_control()
    shell.enter(line)
    assert not flow_control()
    shell.type('sleep 100\n')
    shell.until_running('sleep')
    stop(shell)
    assert not flow_control()
    shell.enter('stty ixon')
    assert flow_control()
    shell.type('fg\n')                  # gets those it stopped with
    shell.until_true(lambda: not flow_control())
    shell.interrupt()
    shell.prompt()
    assert flow_control()


def test_less_started_in_the_background_of_an_editing_shell(
    start: Start, tmp_path: Path,
) -> None:
    pytest.importorskip('prompt_toolkit')
    if shutil.which('less') is None:
        pytest.skip('less is not installed')
    (tmp_path / 'text').write_text(''.join(f'line {i}\n' for i in range(200)))
    shell = start(TERM='xterm', PS1='$ ', LESS='-X')
    shell.until_true(lambda: not canonical(shell))      # the editor's
    shell.type('less text &\r')
    shell.until_true(lambda: any(
        (name, state) == ('less', 'T') for _, name, state in shell.descendants()))
    (pid,) = (pid for pid, name, _ in shell.descendants() if name == 'less')
    shell.until_true(lambda: not canonical(shell) and shell.foreground() == shell.pid)
    shell.type('fg\r')
    shell.until_true(lambda: shell.foreground() == pid and state_of(pid) == 'S')
    shell.until('line 2')
    shell.type('q')
    shell.until_true(lambda: gone(pid) and shell.foreground() == shell.pid)
    shell.until_true(lambda: not canonical(shell))
    shell.type('sleep 100\r')
    shell.until_running('sleep')
    assert canonical(shell)
    shell.interrupt()
    shell.until_true(lambda: shell.descendants() == [])


# -- what jobs shows --------------------------------------------------------------------------


def test_the_long_form_shows_each_process(shell: Terminal) -> None:
    announced(shell.enter('sleep 98 | sleep 99 | cat &'))
    assert numbered(shell.enter('jobs -l')) == (
        '[1]+ PID Running                 sleep 98\n'
        ' PID                       | sleep 99\n'
        ' PID                       | cat &\n')
    assert shell.enter('jobs') == '[1]+  Running                 sleep 98 | sleep 99 | cat &\n'
    shell.enter('kill %1; wait')


def test_the_long_form_says_where_processes_differ(shell: Terminal) -> None:
    """As long as one runs the job does."""
    _, pid = announced(shell.enter("sh -c 'exit 3' | sleep 99 &"))
    first = int(shell.enter('jobs -p'))
    shell.until_true(lambda: gone(first))
    assert numbered(shell.enter('jobs -l')) == (
        "[1]+ PID Running                 sh -c 'exit 3'\n"
        ' PID Running                 | sleep 99 &\n')
    shell.enter('kill -STOP %1')
    shell.until_true(lambda: state_of(pid) == 'T')
    assert numbered(shell.enter('jobs -l')).endswith(
        "[1]+ PID Exit 3                  sh -c 'exit 3'\n"
        ' PID Stopped (signal)        | sleep 99\n')
    shell.enter('kill -9 %1; wait')


@pytest.mark.parametrize(('line', 'long', 'standard'), [
    ('cat', 'Stopped (tty input)    ', 'Stopped (SIGTTIN)      '),
    ('stty tostop; echo hi >/dev/tty', 'Stopped (tty output)   ', 'Stopped (SIGTTOU)      '),
    ("sh -c 'kill -s STOP $$'", 'Stopped (signal)       ', 'Stopped (SIGSTOP)      '),
    ("sh -c 'kill -s TSTP $$'", 'Stopped                ', 'Stopped (SIGTSTP)      '),
])
def test_why_a_job_has_stopped(line: str, long: str, standard: str, shell: Terminal) -> None:
    line = f'{{ {line}; }}' if ';' in line else line
    _, pid = announced(shell.enter(f'{line} &'))
    shell.until_true(lambda: state_of(pid) == 'T')
    assert f'[1]+  Stopped                 {line}\n' in shell.enter('jobs')
    assert f'{pid} {long} ' in shell.enter('jobs -l')
    assert f'[1]+  {standard} {line}\n' in shell.enter('set -o posix; jobs')
    shell.enter('kill -9 %1; wait; stty -tostop')


def test_where_a_job_was_started(shell: Terminal) -> None:
    announced(shell.enter('HOME=$PWD; sleep 100 &'))
    assert shell.enter('cd /; jobs') == '[1]+  Running                 sleep 100 &  (wd: ~)\n'
    shell.type('fg\n')
    assert shell.until('\n').endswith('sleep 100\t(wd: ~)\r')
    shell.until_running('sleep')
    assert stop(shell) == '\n[1]+  Stopped                 sleep 100  (wd: ~)\n(wd now: /)\n'
    assert shell.enter('bg') == '[1]+ sleep 100 &\t(wd: ~)\n'
    assert shell.enter('cd ~; jobs') == '[1]+  Running                 sleep 100 &\n'
    shell.enter('kill %1; wait')


def test_posix_mode_says_done_with_the_status(shell: Terminal, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'go')
    shell.enter('set -o posix')
    _, pid = announced(shell.enter("sh -c 'read x; exit 3' <go &"))
    (tmp_path / 'go').write_text('')
    shell.until_true(lambda: gone(pid))
    assert shell.enter('jobs') == "[1]+  Done(3)                 sh -c 'read x; exit 3' <go\n"


# -- what is told, and when -------------------------------------------------------------------


def test_set_b_tells_while_a_command_runs(shell: Terminal, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'fifo')
    shell.enter('set -b')
    announced(shell.enter('cat fifo &'))
    shell.type('sleep 100\n')
    shell.until_running('sleep', 'cat')
    (tmp_path / 'fifo').write_text('')
    shell.until('[1]+  Done                    cat fifo')
    assert [name for _, name, _ in shell.descendants()] == ['sleep']
    shell.interrupt()
    shell.prompt()


@pytest.mark.parametrize(('line', 'statuses'), [
    ('sleep 100 | sleep 200', '130 130'),
    ('(sleep 100; exit 3) | sleep 100 | cat', '130 130 130'),
])
def test_pipestatus_of_an_interrupted_pipeline(
    line: str, statuses: str, shell: Terminal,
) -> None:
    shell.type(f'{line}\n')
    shell.until_running(*re.findall('sleep|cat', line))    # all have joined the group
    shell.until_asleep()
    shell.interrupt()
    shell.prompt()
    assert shell.enter('echo ${PIPESTATUS[@]}') == f'{statuses}\n'


def test_wait_warns_of_stopped_jobs(shell: Terminal) -> None:
    shown = shell.enter('( read x ) & wait')
    number, pid = announced(shown)
    assert shown.endswith('[1]+  Stopped                 ( read x )\n'
                          f'minishell: wait: warning: job 1[{pid}] stopped\n')
    assert shell.enter('wait %1; echo $?') == (
        'minishell: warning: wait_for_job: job 1 is stopped\n149\n')
    assert shell.enter('wait $!; echo $?') == '149\n'
    assert shell.enter('wait -n; echo $?; wait -n %1; echo $?') == '127\n127\n'
    assert number == 1
    shell.enter('kill -9 %1; wait')


def test_wait_f_waits_on(shell: Terminal) -> None:
    _, pid = announced(shell.enter("sh -c 'kill -s STOP $$; exit 5' &"))
    shell.until_true(lambda: state_of(pid) == 'T')
    shell.type('wait -f %1; echo $?\n')
    shell.until('is stopped\r\n')
    shell.until_asleep()
    os.kill(pid, signal.SIGCONT)
    assert shell.prompt().endswith('Exit 5                  '
                                   "sh -c 'kill -s STOP $$; exit 5'\n5\n")


def test_what_wait_has_waited_for_is_told_at_once(shell: Terminal) -> None:
    shell.enter('sleep 100 &')
    assert shell.enter('kill %1; wait $!; echo $?; jobs') == (
        '[1]+  Terminated              sleep 100\n143\n')
    shown = shell.enter("sh -c 'exit 4' & wait -n -p v; echo $? $((v == $!))")
    assert shown.endswith("[1]+  Exit 4                  sh -c 'exit 4'\n4 1\n")


def test_without_job_control_a_prompt_says_nothing(shell: Terminal) -> None:
    shell.enter('set +m')
    assert shell.enter("sh -c 'kill -s HUP $$'; echo $?") == '129\n'
    shown = shell.enter("sh -c 'kill -s HUP $$' & wait $!; echo $?")
    assert shown.splitlines()[1:] == ['129']


def test_a_job_continued_with_kill_runs(shell: Terminal) -> None:
    shell.type('sleep 100\n')
    shell.until_running('sleep')
    stop(shell)
    assert shell.enter('kill -s CONT %1; jobs') == '[1]+  Running                 sleep 100 &\n'
    assert shell.enter('(kill %1) 2>&1; jobs') == (
        'minishell: kill: %1: no such job\n'
        '[1]+  Running                 sleep 100 &\n')
    shell.enter('kill %1; wait')

@pytest.mark.parametrize('line', ['cat | cat', 'cat | (read x)', 'cat | cat | cat'])
def test_a_pipeline_in_the_background_stops_as_a_whole(line: str, shell: Terminal) -> None:
    """Also the member that joins the group after another has been stopped."""
    for _ in range(5):
        announced(shell.enter(f'{line} &'))
        shell.until_true(lambda: {state for _, name, state in shell.descendants()} == {'T'})
        shell.enter('jobs')
        shell.enter('kill -9 %1; wait')


def test_fg_leaves_no_status_for_wait(shell: Terminal) -> None:
    _, pid = announced(shell.enter('mkfifo f; cat f & exec 3>f'))
    shell.enter('kill -s STOP %1; exec 3>&-')
    shell.until_true(lambda: state_of(pid) == 'T')
    shell.enter('fg')
    assert shell.enter('wait $!; echo "[$?]"').endswith('[127]\n')


IN_VFORK = """import os
open_fifo = os.POSIX_SPAWN_OPEN, 9, 'f', os.O_RDONLY, 0
os.posix_spawn('/bin/true', ['true'], {}, file_actions=[open_fifo])
"""


@pytest.mark.parametrize('utility', ['fg', 'bg'])
def test_a_job_that_is_about_to_stop_is_continued(
        utility: str, shell: Terminal, tmp_path: Path) -> None:
    """It is in vfork, and takes no stop before its child has opened a FIFO."""
    os.mkfifo(tmp_path / 'f')
    (tmp_path / 'job.py').write_text(IN_VFORK)
    _, pid = announced(shell.enter(f'{sys.executable} -I -S job.py &'))
    shell.until_true(lambda: len(shell.descendants()) == 2 and state_of(pid) == 'D')
    shell.enter('kill -s STOP $!')
    assert stops_in(pid, 'ShdPnd')
    shell.type(f'{utility}; wait $!; echo "[$?]"\n')
    shell.until_true(lambda: not stops_in(pid, 'ShdPnd'))
    (tmp_path / 'f').write_text('')
    assert shell.prompt().endswith('[127]\n' if utility == 'fg' else '[0]\n')
