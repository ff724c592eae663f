"""Job control on a real terminal (XCU 2.11): what the kernel says, not the clock.

The foreground group is asked from the master's side (tcgetpgrp), states come from /proc, and
prompts are numbered, so nothing here waits by sleeping.
"""
from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from waiting import gone, state_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Terminal

    Start = Callable[..., Terminal]

SCREEN = f'{sys.executable} -I -S {Path(__file__).with_name("screen_jobs.py")}'


def canonical(shell: Terminal) -> bool:
    """Whether the terminal is in its usual modes: lines, signals."""
    return bool(termios.tcgetattr(shell.child.child_fd)[3] & termios.ICANON)


def group_of(pid: int) -> int:
    return os.getpgid(pid)


def stop(shell: Terminal) -> str:
    """Type Ctrl-Z; gives what is shown up to the prompt."""
    shell.type('\x1a')
    return shell.prompt()


def groups(shell: Terminal) -> set[int]:
    """The process groups of everything below the shell."""
    return {group_of(pid) for pid, _, _ in shell.descendants()}


def until_started(shell: Terminal, count: int) -> list[int]:
    """Wait until a job has that many living processes, all asleep.  (Ctrl-Z between two
    forks reaches only the first process: in every shell.)"""
    def living() -> list[tuple[int, str]]:
        return [(pid, state) for pid, _, state in shell.descendants() if state != 'Z']
    shell.until_true(lambda: [state for _, state in living()] == ['S'] * count)
    return [pid for pid, _ in living()]


def announced(text: str) -> tuple[int, int]:
    """The job number and the pid of `[1] 12345`."""
    found = re.match(r'\[(\d+)\] (\d+)\n', text)   # its end may be told in the same breath
    assert found, text
    return int(found[1]), int(found[2])


# -- Ctrl-C -------------------------------------------------------------------------------


def test_ctrl_c_ends_the_whole_pipeline_and_not_the_shell(shell: Terminal) -> None:
    shell.type('sleep 100 | cat\n')
    shell.until_running('sleep', 'cat')
    assert groups(shell) == {shell.foreground()} != {shell.pid}
    shell.interrupt()
    shell.prompt()
    assert shell.descendants() == []
    assert shell.foreground() == shell.pid
    assert shell.enter('echo $?') == '130\n'


@pytest.mark.parametrize('line', [
    'while :; do :; done', 'until false; do :; done', 'for i in $(seq 1000000); do :; done',
    'f() { while :; do :; done; }; f', 'while x=$((x+1)); do x=${x#y}; done',
])
def test_ctrl_c_ends_loops_of_builtins(line: str, shell: Terminal) -> None:
    shell.type(f'trap "echo in" USR1; echo on; kill -USR1 $$; {line}\n')
    shell.until('in')
    shell.interrupt()
    shell.prompt()
    assert shell.enter('echo $?') == '130\n'


@pytest.mark.parametrize('line', ['read x', 'wait', 'sleep 100', '(sleep 100; echo no)',
                                  'x=$(sleep 100)', '{ sleep 100; echo no; }',
                                  'f() { sleep 100; echo no; }; f', 'sleep 100; echo no',
                                  'sleep 100 && echo no', 'sleep 100 || echo no',
                                  'cat <<E\n$(sleep 100)\nE'])
def test_ctrl_c_ends_what_sleeps(line: str, shell: Terminal) -> None:
    if line == 'wait':
        announced(shell.enter('sleep 200 &'))
    shell.type(f'{line}\n')
    if 'sleep' in line:
        shell.until_running('sleep')
    shell.until_asleep()
    shell.interrupt()
    assert 'no' not in shell.interrupt_again()
    assert shell.enter('echo $?') == '130\n'
    assert len(shell.descendants()) == (line == 'wait')


def test_ctrl_c_ends_a_script_of_ours(
    shell: Terminal, minishell: list[str], tmp_path: Path,
) -> None:
    (tmp_path / 'script').write_text('sleep 100\necho went on\n')
    shell.type(f'{" ".join(minishell)} script; echo no\n')
    shell.until_running('sleep')
    shell.interrupt()
    assert 'went on' not in shell.prompt()
    assert shell.enter('echo $?') == '130\n'
    assert shell.descendants() == []


def test_a_child_that_handles_ctrl_c_lets_the_script_go_on(
    shell: Terminal, minishell: list[str], tmp_path: Path,
) -> None:
    """Wait and cooperative exit: what counts is how the child ends."""
    (tmp_path / 'script').write_text(       # a trap that has come and gone changes nothing
        "trap : INT; trap - INT; sh -c 'trap \"exit 3\" INT; echo ready; sleep 100'\n"
        'echo went on $?\n')
    shell.type(f'{" ".join(minishell)} script\n')
    shell.until('ready')
    shell.until_running('sleep')
    shell.interrupt()
    assert shell.prompt().endswith('went on 3\n')
    assert shell.enter('echo $?') == '0\n'


def test_ctrl_c_does_not_reach_background_jobs(shell: Terminal) -> None:
    _, pid = announced(shell.enter('sleep 100 &'))
    shell.type('cat\n')
    shell.until_running('cat')
    shell.interrupt()
    shell.prompt()
    assert not gone(pid)
    assert shell.enter('kill %1; wait %1; echo $?').endswith('\n143\n')


def test_ctrl_backslash(shell: Terminal) -> None:
    shell.enter('ulimit -c 0')
    shell.type('sleep 100\n')
    shell.until_running('sleep')
    shell.type('\x1c')
    assert 'Quit' in shell.prompt()
    assert shell.enter('echo $?') == '131\n'


# -- Ctrl-Z, bg, fg, jobs -----------------------------------------------------------------


def test_a_full_screen_program_comes_back_as_it_was(shell: Terminal) -> None:
    shell.type(f'{SCREEN}\n')
    shell.until('screen foreground')
    (pid, _, _), = shell.descendants()
    assert shell.foreground() == pid == group_of(pid)
    assert not canonical(shell)
    assert stop(shell).endswith(f'[1]+  Stopped                 {SCREEN}\n')
    assert state_of(pid) == 'T'
    assert canonical(shell)             # the program did not restore them: we did
    assert shell.foreground() == shell.pid
    assert shell.enter('echo $?') == '148\n'
    for key in 'abc':
        shell.type('fg\n')
        shell.until(f'{SCREEN}')
        shell.until_true(lambda: not canonical(shell) and state_of(pid) == 'S')
        shell.type(key)
        shell.until(f'key {key} raw foreground')
        assert shell.foreground() == pid
        stop(shell)
        assert canonical(shell)
    shell.type('fg\n')
    shell.until_true(lambda: not canonical(shell) and state_of(pid) == 'S')
    shell.type('q')
    shell.prompt()
    assert canonical(shell)
    assert shell.foreground() == shell.pid
    assert shell.enter('echo $?; jobs') == '0\n'


def test_what_bg_resumes_is_the_last_background_process(shell: Terminal) -> None:
    shell.enter("sh -c 'kill -s STOP $$; exit 17'")
    assert shell.enter('bg').startswith('[1]+ sh -c')
    assert shell.enter('wait $!; echo $?').endswith('17\n')


def test_a_script_with_job_control_does_not_tell_of_stops(
    shell: Terminal, minishell: list[str], tmp_path: Path,
) -> None:
    (tmp_path / 'script').write_text("sh -c 'kill -s STOP $$'; echo $?; kill -s KILL %1\n")
    assert shell.enter(f'{" ".join(minishell)} -m script') == '147\n'


@pytest.mark.parametrize(('line', 'name', 'leave'), [
    ('less text', 'less', 'q'), ('cat text | less', 'less', 'q'),
    ('vi text', 'vi', ':q!\r'),
    ('f() { less text; }; f', 'less', 'q'),
])
def test_real_full_screen_programs(
    line: str, name: str, leave: str, start: Start, tmp_path: Path,
) -> None:
    if shutil.which(name) is None:
        pytest.skip(f'{name} is not installed')
    (tmp_path / 'text').write_text(''.join(f'line {i}\n' for i in range(200)))
    shell = start('--no-editor', TERM='xterm', LESS='-X')
    shell.prompt()
    shell.type(f'{line}\n')

    def drawn() -> None:
        shell.until_true(lambda: not canonical(shell) and shell.foreground() != shell.pid)
        shell.until('line 2')
        shell.until_true(lambda: all(
            state in 'SZ' for _, _, state in shell.descendants()))
    for _ in range(3):
        drawn()
        shell.type('\x1a')
        shell.until('Stopped')
        shell.prompt()
        assert canonical(shell)
        assert shell.foreground() == shell.pid
        shell.type('fg\n')
    drawn()
    shell.type(leave)
    shell.prompt()
    assert canonical(shell)
    assert shell.descendants() == []


def test_a_pipeline_whose_leader_has_ended(shell: Terminal) -> None:
    shell.type(f'echo x | {SCREEN}\n')
    shell.until('screen foreground')
    (pid,) = until_started(shell, 1)
    leader = group_of(pid)
    assert leader != pid and gone(leader)
    assert shell.foreground() == leader
    stop(shell)
    assert shell.foreground() == shell.pid
    assert shell.enter('jobs') == f'[1]+  Stopped                 echo x | {SCREEN}\n'
    shell.type('fg\n')
    shell.until_true(lambda: shell.foreground() == leader and state_of(pid) == 'S')
    shell.type('k')
    shell.until('key k raw foreground')
    shell.type('q')
    shell.prompt()
    assert shell.descendants() == []


@pytest.mark.parametrize(('before', 'line', 'count'), [
    ('', 'cat | cat | cat | cat | cat', 5), ('', "sh -c 'cat'", 2), ('', '(cat)', 1),
    ('', "sh -c 'cat; true'", 2), ('', '(cat; true)', 2), ('f() { cat; }', 'f | cat', 3),
    ('f() { cat; }', 'f', 1), ('', '{ cat; } | cat', 2), ('', '(cat) | (cat)', 2),
    ('', 'while cat; do break; done | cat', 3),
    ('', 'cat | while read x; do echo $x; done', 2),
])
def test_stopped_resumed_in_both_ways_and_ended(
    before: str, line: str, count: int, shell: Terminal,
) -> None:
    shell.enter(before)
    shell.type(f'{line}\n')
    living = until_started(shell, count)
    text = 'cat' if line == 'f' else line
    assert stop(shell) == f'\n[1]+  Stopped                 {text}\n'
    assert shell.foreground() == shell.pid
    shell.until_true(lambda: {state_of(pid) for pid in living} == {'T'})    # grandchildren
    (group,) = {group_of(pid) for pid in living}
    # In the background it reads the terminal: SIGTTIN stops it again.
    assert shell.enter('bg').startswith(f'[1]+ {text} &\n')
    shell.until_true(lambda: 'T' in {state_of(pid) for pid in living})
    shell.type('fg\n')
    shell.until_true(lambda: shell.foreground() == group
                     and not {'T', 'R'} & {state_of(pid) for pid in living})
    shell.type('typed\n')
    shell.until('typed')
    shell.type('\x04')
    shell.prompt()
    assert shell.descendants() == []
    assert shell.foreground() == shell.pid
    assert shell.enter('jobs; echo $?') == '0\n'


def test_a_nested_shell_has_jobs_of_its_own(
    shell: Terminal, minishell: list[str],
) -> None:
    shell.type(f"PS1='inner> ' {' '.join(minishell)}\n")
    shell.until('inner> ')
    (inner, _, _), = shell.descendants()
    assert shell.foreground() == inner
    shell.type('sleep 100\n')
    shell.until_running('sleep')
    assert shell.foreground() not in (inner, shell.pid)
    shell.type('\x1a')
    shell.until('[1]+  Stopped                 sleep 100')
    shell.until('inner> ')
    assert shell.foreground() == inner
    shell.type('kill -9 %1; suspend\n')
    shell.prompt()
    assert shell.foreground() == shell.pid
    assert state_of(inner) == 'T'
    # It has been killed: a zombie, if the inner shell stopped before it had reaped it.
    shell.until_true(lambda: {found[2] for found in shell.descendants()
                              if found[1] == 'sleep'} <= {'Z'})
    shell.type('fg\n')
    shell.until_true(lambda: shell.foreground() == inner and state_of(inner) == 'S')
    shell.type('echo $((40 + 2))\n')
    shell.until('42')
    shell.type('exit 7\n')
    shell.prompt()
    assert shell.enter('echo $?') == '7\n'
    assert shell.descendants() == []


# -- the terminal's foreground group --------------------------------------------------------


@pytest.mark.parametrize('line', [
    '{}', 'true | {}', '{} | cat', '({})', 'f() {{ {}; }}; f', 'exec 3>&1; {}', '{} 2>/dev/tty',
    'true | true | true | true | {}', '{{ {}; }}', 'if {}; then :; fi', 'nice {}',
    "sh -c '{}'", 'true; true; {}', '{} &&  true', '! {}',
])
def test_a_job_owns_the_terminal_in_its_first_instant(line: str, shell: Terminal) -> None:
    assert shell.foreground() == shell.pid
    for _ in range(5):
        assert shell.enter(line.format(f'{SCREEN} report')) == 'foreground\n'
        assert shell.foreground() == shell.pid


def test_background_jobs_do_not(shell: Terminal) -> None:
    announced(shell.enter(f'{SCREEN} report >out &'))
    assert shell.enter('wait; cat out').endswith('background\n')


def test_a_background_cat_stops_and_fg_revives_it(shell: Terminal) -> None:
    _, pid = announced(shell.enter('cat &'))
    shell.until_true(lambda: state_of(pid) == 'T')
    assert '[1]+  Stopped                 cat\n' in shell.enter('jobs')
    shell.type('fg\n')
    shell.until_true(lambda: state_of(pid) == 'S' and shell.foreground() == pid)
    shell.type('line\n\x04')
    assert 'line\n' in shell.prompt()


def test_thousand_jobs_that_read_at_once_are_never_stopped(shell: Terminal) -> None:
    """A job reads the terminal in its first instant: in the background SIGTTIN stops it."""
    shell.type('i=0; trap "echo on" USR1; kill -USR1 $$; while [ $i -lt 1000 ]; do '
               'head -n1 >/dev/null || break; i=$((i+1)); '
               'case $i in *00) echo $i; esac; done\n')
    shell.until('on\r\n')
    for _ in range(4):                  # a terminal's line holds 4096 characters
        shell.type('\n' * 250)
    for jobs in range(100, 1001, 100):
        assert shell.until(f'{jobs}\r\n') == ''
    assert shell.prompt() == ''
    assert shell.enter('jobs') == ''


# -- the user is told -------------------------------------------------------------------


def test_the_classic_transcript(shell: Terminal, tmp_path: Path) -> None:
    (tmp_path / 'prog').write_text(
        "#!/bin/sh\none=0 two=0\ntrap 'one=$((one+1)); echo one >>seen' USR1\n"
        "trap 'two=$((two+1)); echo two >>seen' USR2\n"
        'trap \'echo "USR1 $one, USR2 $two"; exit\' TERM\n'
        'echo ready >>seen\nwhile :; do sleep 0.01; done\n')
    (tmp_path / 'prog').chmod(0o755)
    seen = tmp_path / 'seen'

    def lines() -> int:
        return len(seen.read_text().splitlines()) if seen.exists() else 0
    _, pid = announced(shell.enter('./prog &'))
    shell.until_true(lambda: lines() == 1)
    for count, name in enumerate(['USR1', 'USR2', 'USR1', 'USR1', 'USR2'], 2):
        assert shell.enter(f'kill -s SIG{name} {pid}') == ''
        shell.until_true(lambda count=count: lines() == count)  # type: ignore[misc]
    shell.type(f'kill -s TERM {pid}; wait\n')
    shown = shell.prompt()
    assert shown == 'USR1 3, USR2 2\n[1]+  Done                    ./prog\n'


def test_thirty_signals_of_which_some_merge(shell: Terminal) -> None:
    shell.enter("n=0; trap 'n=$((n+1))' USR1")
    shell.enter('i=0; while [ $i -lt 30 ]; do kill -s USR1 $$; i=$((i+1)); done')
    assert 1 <= int(shell.enter('echo $n')) <= 30
    shell.enter("n=0; sh -c 'i=0; while [ $i -lt 30 ]; do kill -s USR1 '$$'; i=$((i+1));"
                " done'")
    assert 1 <= int(shell.enter('echo $n')) <= 30


@pytest.mark.parametrize(('line', 'told'), [
    ('true', 'Done                   '), ('exit 3', 'Exit 3                 '),
    ("sh -c 'exit 4'", 'Exit 4                 '),
    ("exec sh -c 'kill $$'", 'Terminated             '),
    ("exec sh -c 'kill -9 $$'", 'Killed                 '),
    ("exec sh -c 'kill -HUP $$'", 'Hangup                 '),
])
def test_jobs_that_end_are_told_before_the_next_prompt(
    line: str, told: str, shell: Terminal, tmp_path: Path,
) -> None:
    os.mkfifo(tmp_path / 'go')          # or it could end before the prompt of its own line
    _, pid = announced(shell.enter(f'{{ read x; {line}; }} <go &'))
    (tmp_path / 'go').write_text('\n')
    shell.until_true(lambda: gone(pid))
    assert shell.enter('') == f'[1]+  {told} {{ read x; {line}; }} <go\n'
    assert shell.enter('jobs') == ''


def test_told_at_once_with_set_b(shell: Terminal, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'fifo')
    shell.enter('set -b')
    announced(shell.enter('cat fifo >/dev/null &'))
    shell.until_asleep()
    (tmp_path / 'fifo').write_text('')
    shell.until('[1]+  Done                    cat fifo')


def test_numbers_and_marks(shell: Terminal) -> None:
    pids = [announced(shell.enter(f'sleep {100 + n} &'))[1] for n in range(3)]
    assert shell.enter('jobs') == (
        '[1]   Running                 sleep 100 &\n'
        '[2]-  Running                 sleep 101 &\n'
        '[3]+  Running                 sleep 102 &\n')
    assert shell.enter('jobs -p') == ''.join(f'{pid}\n' for pid in pids)
    shell.enter('kill %-; wait %2')
    assert gone(pids[1])
    shell.enter('kill -9 %?102; wait %3')
    assert shell.enter('kill %sleep; wait %1; echo $?').split()[-1] == '143'
    assert shell.descendants() == []


def test_wait_n_gives_the_first_to_end(shell: Terminal) -> None:
    announced(shell.enter('sleep 100 &'))
    shown = shell.enter("sh -c 'exit 7' & wait -n; echo status $?")
    assert 'status 7\n' in shown
    shell.enter('kill %1; wait')


def test_leaving_with_stopped_jobs_warns_once(shell: Terminal) -> None:
    shell.type('cat\n')
    shell.until_running('cat')
    stop(shell)
    (pid, _, _), = shell.descendants()
    assert shell.enter('exit') == 'There are stopped jobs.\n'
    assert shell.enter('true') == ''
    assert shell.enter('exit') == 'There are stopped jobs.\n'
    shell.type('exit 3\n')
    assert shell.end() == 3
    shell.until_true(lambda: gone(pid))     # an orphaned stopped group gets SIGHUP, SIGCONT


@pytest.mark.parametrize('options', [[], ['--noprofile', '-l']])     # a profile sets PS1
def test_only_a_login_shell_takes_its_jobs_along(options: list[str], start: Start) -> None:
    shell = start(*options, '-i')
    shell.prompt()
    job = 'sleep 100 <>/dev/null >&0 2>&0 &'            # the terminal can be closed
    _, first = announced(shell.enter(job))
    _, second = announced(shell.enter(job))
    shell.enter('disown -h %2')
    shell.type('exit 3\n')
    assert shell.end() == 3
    if options:
        shell.until_true(lambda: gone(first))
    else:
        assert not gone(first)
        os.kill(first, signal.SIGKILL)
    assert not gone(second)
    os.kill(second, signal.SIGKILL)


def test_a_disowned_job_is_not_told_and_leaves_no_zombie(shell: Terminal) -> None:
    _, pid = announced(shell.enter('sleep 100 &'))
    assert shell.enter('disown %1; jobs') == ''
    assert shell.enter(f'kill {pid}') == ''
    shell.until_true(lambda: gone(pid))
    assert shell.enter('true') == ''
    shell.until_true(lambda: shell.descendants() == [] or bool(shell.enter('true')))


def test_kill_reaches_a_subshell_just_started(shell: Terminal) -> None:
    """The prompt ignores SIGTERM; its child must not, not even in its first instant."""
    for _ in range(20):
        shell.type('(sleep 100) & kill $!; wait $!; echo status $?\n')
        assert 'status 143\n' in shell.prompt()
    assert shell.descendants() == []


# -- the end of the terminal -----------------------------------------------------------------


@pytest.mark.parametrize('waiting', [False, True])
def test_when_the_terminal_vanishes_everybody_gets_sighup(
    waiting: bool, shell: Terminal, tmp_path: Path,
) -> None:
    # Who is in the foreground may be told twice: by the shell, and as its leader ends.
    program = "sh -c 'trap \"trap : HUP; echo hup >>{}; exit\" HUP; echo >>ready; "
    program += "while :; do sleep 0.01; done'"
    shell.enter(f'{program.format("back")} &')
    if waiting:
        shell.type(f'{program.format("front")}\n')
    expected = 1 + waiting
    shell.until_true(lambda: (tmp_path / 'ready').exists() and len(
        (tmp_path / 'ready').read_text().splitlines()) == expected)
    shell.until_asleep()
    pids = [pid for pid, name, _ in shell.descendants() if name == 'sh']
    shell.child.ptyproc.fileobj.close()
    shell.child.closed = shell.child.ptyproc.closed = True
    shell.until_true(lambda: all(gone(pid) for pid in pids))
    _, status = os.waitpid(shell.pid, 0)
    shell.child.terminated = shell.child.ptyproc.terminated = True
    assert os.waitstatus_to_exitcode(status) in (-signal.SIGHUP, 129)
    assert (tmp_path / 'back').read_text() == 'hup\n'
    assert not waiting or (tmp_path / 'front').read_text() == 'hup\n'


def test_sighup_to_the_shell_reaches_stopped_jobs(shell: Terminal) -> None:
    shell.type('cat\n')
    shell.until_running('cat')
    stop(shell)
    (pid, _, _), = shell.descendants()
    os.kill(shell.pid, signal.SIGHUP)
    shell.until_true(lambda: gone(pid))


# -- where the shell was started --------------------------------------------------------------


def test_started_in_the_background_it_waits_for_fg(
    shell: Terminal, minishell: list[str],
) -> None:
    _, pid = announced(shell.enter(
        f"PS1='inner$((1 + 1))> ' {' '.join(minishell)} -i &"))
    shell.until_true(lambda: state_of(pid) == 'T')
    assert shell.foreground() == shell.pid
    shell.type('fg\n')
    shell.until('inner2> ')
    assert shell.foreground() == pid
    shell.type('exit\n')
    shell.prompt()
    assert shell.foreground() == shell.pid


def test_started_by_a_program_without_job_control(
    shell: Terminal, minishell: list[str],
) -> None:
    """Not the leader of its group: it makes one, and gives the terminal back."""
    shell.type(f"sh -c 'PS1=\"inner> \" {' '.join(minishell)}; echo status $?'\n")
    shell.until('inner> ')
    outer = shell.foreground()
    shell.type(f'{SCREEN} report\n')
    shell.until('foreground')
    shell.until('inner> ')
    assert shell.foreground() == outer
    shell.type('exit 4\n')
    assert shell.prompt() == 'status 4\n'
    assert shell.foreground() == shell.pid


def test_a_script_stays_in_one_group(
    shell: Terminal, minishell: list[str], tmp_path: Path,
) -> None:
    (tmp_path / 'script').write_text('sleep 100 & (sleep 100) | cat\n')
    shell.type(f'{" ".join(minishell)} script\n')
    shell.until_running('sleep', 'sleep', 'cat')
    assert groups(shell) == {shell.foreground()}
    sleeping = [pid for pid, name, _ in shell.descendants() if name == 'sleep']
    shell.interrupt()
    shell.prompt()
    def left() -> list[int]:
        return [pid for pid in sleeping if not gone(pid)]
    shell.until_true(lambda: len(left()) < 2)
    (background,) = left()              # the & one ignores SIGINT
    os.kill(background, signal.SIGKILL)


def test_the_terminal_is_found_without_its_file(start: Start, minishell: list[str]) -> None:
    """Without /dev/tty, as in a bare chroot, a standard descriptor is the terminal."""
    strace = ['strace', '-D', '-qq', '-o', '/dev/null', '-P', '/dev/tty',
              '-e', 'inject=openat:error=ENOENT']
    if not shutil.which('strace') or subprocess.run(
            [*strace, 'true'], capture_output=True, check=False).returncode:
        pytest.skip('strace is not there, or may not trace')
    shell = start(words=[*strace, *minishell])
    assert shell.prompt() == ''
    assert shell.enter(': </dev/tty').endswith('/dev/tty: No such file or directory\n')
    assert shell.enter('getpid -t; getpid -t >&2 </dev/null') == f'{shell.pid}\n' * 2
    shell.type('sleep 100\n')
    shell.until_running('sleep')
    assert shell.foreground() != shell.pid
    assert 'Stopped' in stop(shell)
    assert shell.foreground() == shell.pid
