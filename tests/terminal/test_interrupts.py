"""Ctrl-C at any moment reaches the whole job: at random ones, and between any two calls.

MINISHELL_INTERRUPTS=500 in the environment makes that many tries of each row.
"""
from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect  # type: ignore[import-untyped]
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Terminal

    Start = Callable[..., Terminal]

TRIES = int(os.environ.get('MINISHELL_INTERRUPTS', '10'))
STRACE = shutil.which('strace')
LONG = '/bin/sleep 1000'
LINES = {
    'program': LONG, 'subshell': f'({LONG})', 'redirected': f'{LONG} >/dev/null',
    'pipeline': f'{LONG} | {LONG}', 'three': f'{LONG} | {{ {LONG}; }} | ({LONG}; :)',
    'function': f'f() {{ {LONG}; }}; f', 'substitution': f'echo $({LONG})',
    'loop': f'while :; do {LONG}; done',
}
TURNS = {
    'program': '/bin/true', 'subshell': '(/bin/true)', 'a process': '(ulimit -c 0)',
    'nothing': ':', 'no process': '(exit 0)', 'pipeline': '/bin/true | /bin/true',
    'substitution': 'x=$(/bin/true)', 'forked substitution': 'x=$(ulimit -c 0)',
    'redirected': '/bin/true >/dev/null', 'function': 'f',
}


def died(terminal: Terminal) -> int:
    """Wait until the shell has died of a signal; gives its number."""
    terminal.child.expect(pexpect.EOF)
    terminal.child.wait()       # close() would send SIGHUP to one that is still ending
    terminal.child.close()
    number = terminal.child.signalstatus
    assert isinstance(number, int)
    return number


# -- random moments -------------------------------------------------------------------------


@pytest.mark.parametrize('turn', TURNS)
def test_a_loop_of_a_script_ends_at_once(turn: str, start: Start) -> None:
    moments = random.Random(turn)
    for _ in range(TRIES):
        terminal = start('-c', 'f() { /bin/true; }; echo go; '
                         f'while :; do {TURNS[turn]}; done')
        terminal.until('go')
        time.sleep(moments.random() / 30)
        terminal.interrupt()
        assert died(terminal) == signal.SIGINT


@pytest.mark.parametrize('line', LINES)
def test_what_has_just_been_entered_ends_at_once(line: str, shell: Terminal) -> None:
    moments = random.Random(line)
    for _ in range(TRIES):
        shell.type(LINES[line] + '\n')
        time.sleep(moments.random() / 80)
        shell.interrupt()
        shell.prompt()
        assert shell.enter('echo $?').endswith('130\n')
        assert shell.descendants() == []


@pytest.mark.parametrize('turn', ['nothing', 'no process', 'a process'])
def test_a_loop_at_the_prompt_ends_at_once(turn: str, shell: Terminal) -> None:
    """Of commands that the shell or a copy of it runs.  (While a program that has just ended
    is not yet reaped the terminal is a dead group's: a Ctrl-C then is nobody's.)"""
    moments = random.Random(turn)
    for _ in range(TRIES):
        shell.type(f'echo go; while :; do {TURNS[turn]}; done\n')
        shell.until('go')
        time.sleep(moments.random() / 30)
        shell.interrupt()
        shell.prompt()
        assert shell.enter('echo $?').endswith('130\n')


@pytest.mark.parametrize('key, shown', [('\x1a', 'Stopped'), ('\x1c', 'Quit')])
@pytest.mark.parametrize('editor', [True, False])
def test_a_key_behind_enter_is_for_the_job(
        editor: bool, key: str, shown: str, start: Start) -> None:
    """Ctrl-Z and Ctrl-\\, from the moment on in which the terminal takes them for signals: the
    editor has read Enter, the job is not there yet."""
    moments = random.Random(key)
    terminal = start(TERM='xterm' if editor else 'dumb', PS1='$ ')
    if not editor:
        terminal.until('$ ')
    for _ in range(TRIES):
        terminal.until_asleep()
        if editor:
            terminal.until_true(lambda: not stops(terminal))
        before = bytes_read(terminal)
        terminal.type(LONG + '\r')
        if editor:
            terminal.until_true(lambda: stops(terminal))
        else:                       # the line has been read
            terminal.until_true(                                    # type: ignore[misc]
                lambda before=before: bytes_read(terminal) > before + len(LONG))
        time.sleep(moments.random() / 80)
        terminal.type(key)
        terminal.until(shown)
        if not editor:
            terminal.until('$ ')
    terminal.type('exit\rexit\r')
    terminal.child.expect(pexpect.EOF)


@pytest.mark.parametrize('key, shown', [('\x1a', 'Stopped'), ('\x1c', 'Quit'), ('\x03', '')])
@pytest.mark.parametrize('job', ['running', 'stopped'])
def test_a_key_behind_fg_is_for_the_job(
        job: str, key: str, shown: str, shell: Terminal) -> None:
    """Also before the job has the terminal."""
    moments = random.Random(key)
    for _ in range(TRIES):
        shell.enter(f'{LONG} &')
        shell.until_running('sleep')
        if job == 'stopped':
            shell.enter('kill -STOP %%; wait')
        shell.until_asleep()
        before = bytes_read(shell)
        shell.type('fg\n')
        shell.until_true(                                           # type: ignore[misc]
            lambda before=before: bytes_read(shell) > before + 2)
        time.sleep(moments.random() / 500)
        shell.type(key)
        assert shown in shell.prompt()
        number = {'\x1a': signal.SIGTSTP, '\x1c': signal.SIGQUIT, '\x03': signal.SIGINT}[key]
        assert shell.enter('echo $?').endswith(f'{128 + number}\n')
        shell.enter('kill -9 %% 2>/dev/null; wait -f')


def stops(terminal: Terminal) -> bool:
    """Whether Ctrl-Z is a signal, as the terminal's modes are just now."""
    characters = termios.tcgetattr(terminal.child.child_fd)[6]
    return characters[termios.VSUSP] == b'\x1a'


def bytes_read(terminal: Terminal | pexpect.spawn) -> int:
    """How many bytes a shell has read so far, by the kernel's account."""
    counted = Path(f'/proc/{terminal.pid}/io').read_text().split()
    return int(counted[counted.index('rchar:') + 1])


# -- between calls --------------------------------------------------------------------------

CALLS = {       # system call: microseconds of delay
    'setpgid': 200_000, 'ioctl': 30_000, 'pipe2': 200_000, 'execve': 200_000, 'read': 30_000,
    'close': 10_000, 'clone,clone3,vfork,fork': 200_000, 'rt_sigaction': 10_000,
    'rt_sigprocmask': 30_000, 'wait4,waitid': 200_000, 'exit_group': 200_000,
    'kill': 100_000,
}
EDITOR_CALLS = {
    'write': 30_000, 'epoll_wait,epoll_pwait': 30_000, 'select,pselect6,poll,ppoll': 30_000,
}


@pytest.fixture
def delay() -> Iterator[Callable[[Terminal, str, str], None]]:
    """Have the shell and its children wait before (or behind) each of some calls; those about
    a path alone, if there is one."""
    if STRACE is None or subprocess.run([STRACE, '-o', '/dev/null', 'true'], check=False,
                                        capture_output=True).returncode:
        pytest.skip('strace is not installed, or may not trace')
    started = []

    def run(terminal: Terminal, calls: str, where: str, microseconds: int = 0,
            path: str = '') -> None:
        microseconds = microseconds or (CALLS | EDITOR_CALLS)[calls]
        tracer = subprocess.Popen(
            [str(STRACE), '-f', '-qq', '-o', '/dev/null', '-e', f'trace={calls}',
             '-e', f'inject={calls}:delay_{where}={microseconds}',
             *(['-P', path] if path else []), '-p', str(terminal.pid)],
            start_new_session=True)
        started.append(tracer)
        terminal.until_true(lambda: tracer.poll() is not None or 'TracerPid:\t0\n' not in
                            Path(f'/proc/{terminal.pid}/status').read_text())
        if tracer.poll() is not None:       # a child it may trace, perhaps, but no other
            pytest.skip('strace may not trace what runs')

    yield run                   # not to be ended earlier: the signal might end with it
    for tracer in started:
        tracer.terminate()
        tracer.wait()


def held(terminal: Terminal) -> set[int]:
    """The pids of the shell and of those below it that the tracer holds."""
    found = {pid for pid, _, state in terminal.descendants() if state == 't'}
    try:
        state = Path(f'/proc/{terminal.pid}/stat').read_text().rpartition(')')[2].split()[0]
    except OSError:
        return found
    return found | {terminal.pid} if state == 't' else found


def interrupt_when_held(terminal: Terminal, times: int) -> None:
    """Type Ctrl-C once the tracer holds somebody for the n-th time."""
    for _ in range(times):
        terminal.until_true(lambda: bool(held(terminal)) or at_rest(terminal))
        if at_rest(terminal):
            break
        now = held(terminal)        # nobody, if it went on meanwhile; it may be the last one
        terminal.until_true(                                        # type: ignore[misc]
            lambda now=now: held(terminal) != now or at_rest(terminal))
    terminal.interrupt()


def at_rest(terminal: Terminal) -> bool:
    """Whether all that is to run runs, and sleeps."""
    states = [(name, state) for _, name, state in terminal.descendants()]
    return any(name == 'sleep' for name, _ in states) and all(
        state == 'S' for _, state in states) and not held(terminal)


@pytest.mark.parametrize('times', [1, 2, 3])
@pytest.mark.parametrize('where', ['enter', 'exit'])
@pytest.mark.parametrize('calls', ['ioctl', 'kill', 'rt_sigprocmask'])
@pytest.mark.parametrize('key, shown', [('\x1a', 'Stopped'), ('\x03', '')])
def test_between_calls_of_fg(
    key: str, shown: str, calls: str, where: str, times: int, shell: Terminal,
    delay: Callable[[Terminal, str, str], None],
) -> None:
    shell.enter(f'{LONG} &')
    shell.until_running('sleep')
    delay(shell, calls, where)
    shell.type('fg\n')
    shell.until('\n')               # what it says right before it gives the terminal away
    for _ in range(times):
        shell.until_true(lambda: bool(held(shell)) or shell.foreground() != shell.pid)
        now = held(shell)
        shell.until_true(lambda now=now: held(shell) != now             # type: ignore[misc]
                         or shell.foreground() != shell.pid and not now)
    shell.type(key)
    assert shown in shell.prompt()
    number = {'\x1a': signal.SIGTSTP, '\x03': signal.SIGINT}[key]
    assert shell.enter('echo $?').endswith(f'{128 + number}\n')


def test_a_job_that_reads_just_before_fg_gives_it_the_terminal(
    shell: Terminal, delay: Callable[..., None],
) -> None:
    """That stops it, behind the look at its state: it is continued, not told as stopped."""
    shell.enter("dash -c 'trap \"read x; echo got-\\$x; exit 3\" USR1; while :; do "
                "sleep 1000; done' &")
    shell.until_running('dash', 'sleep')
    reader = next(pid for pid, name, _ in shell.descendants() if name == 'dash')
    delay(shell, 'ioctl', 'enter', 300_000)
    shell.type('fg\n')
    shell.until('\n')               # what it says right before it gives the terminal away
    shell.until_true(lambda: shell.pid in held(shell) or shell.foreground() != shell.pid)
    os.killpg(reader, signal.SIGUSR1)       # sleep dies of it
    shell.until_true(lambda: shell.foreground() == reader and (
        {pid: state for pid, _, state in shell.descendants()}.get(reader) == 'S'))
    shell.type('text\n')
    assert 'got-text' in shell.prompt()
    assert shell.enter('echo $?').endswith('3\n')


@pytest.mark.parametrize('times', [1, 4])
@pytest.mark.parametrize('where', ['enter', 'exit'])
@pytest.mark.parametrize('calls', sorted(CALLS.keys() - {'kill'}))
@pytest.mark.parametrize('line', ['program', 'pipeline', 'three'])
def test_between_calls_at_the_prompt(
    line: str, calls: str, where: str, times: int, shell: Terminal,
    delay: Callable[[Terminal, str, str], None],
) -> None:
    delay(shell, calls, where)
    shell.type(LINES[line] + '\n')
    interrupt_when_held(shell, times)
    shell.prompt()
    assert shell.enter('echo $?').endswith('130\n')
    shell.until_true(lambda: shell.descendants() == [])


@pytest.mark.parametrize('times', [1, 4])
@pytest.mark.parametrize('where', ['enter', 'exit'])
@pytest.mark.parametrize('calls', sorted(CALLS.keys() - {'kill'}))
@pytest.mark.parametrize('line', ['program', 'subshell', 'pipeline', 'substitution'])
def test_between_calls_in_a_script(
    line: str, calls: str, where: str, times: int, start: Start,
    delay: Callable[[Terminal, str, str], None],
) -> None:
    terminal = start('-c', f'echo go; read x; {LINES[line]}; echo went on')
    terminal.until('go')
    terminal.until_asleep()
    delay(terminal, calls, where)
    terminal.type('\n')
    interrupt_when_held(terminal, times)
    terminal.child.expect(pexpect.EOF)
    assert 'went on' not in terminal.child.before
    terminal.child.wait()
    terminal.child.close()
    assert terminal.child.signalstatus == signal.SIGINT


@pytest.mark.parametrize('times', [1, 2, 3, 5, 8])
@pytest.mark.parametrize('where', ['enter', 'exit'])
@pytest.mark.parametrize('calls', ['ioctl', 'read', 'write', 'close', 'epoll_wait,epoll_pwait',
                                   'select,pselect6,poll,ppoll', 'clone,clone3,vfork,fork'])
def test_between_calls_at_the_editor(
    calls: str, where: str, times: int, start: Start,
    delay: Callable[[Terminal, str, str], None],
) -> None:
    """While the editor has the terminal, or just about to give it back: what was entered does
    not run, or it ends."""
    terminal = start(TERM='xterm', PS1='$ ')
    terminal.until('$')
    terminal.until_asleep()
    delay(terminal, calls, where)
    terminal.type(LINES['program'] + '\r')
    interrupt_when_held(terminal, times)
    terminal.type(' echo done$((1 + 1))\r')     # the first byte may be taken to be older
    terminal.until('done2')
    terminal.until_true(lambda: terminal.descendants() == [])
