"""What the shell itself waits for at a prompt: Ctrl-C ends it, and nothing ends the shell."""
from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pexpect  # type: ignore[import-untyped]
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal

TRIES = 5
COMPUTING = 0.05        # seconds of processor time
SURVIVES = "sh -c 'trap : INT; sleep 1000; echo got'"
WANTED = [              # lines that want the output of what survives Ctrl-C
    f'x=$({SURVIVES})', f'x=`{SURVIVES}`', f'echo "$({SURVIVES})"', f'/bin/echo $({SURVIVES})',
    "x=$(sh -c 'trap \"exit 3\" INT; sleep 1000')", 'x=$(trap : INT; sleep 1000; echo got)',
    "x=$(sleep 1000 | sh -c 'trap \"\" INT; tail')", f'x=$(: | {{ {SURVIVES}; }})',
    f'x=$(echo $({SURVIVES}))', f'x=$({SURVIVES}; echo more)', f'(x=$({SURVIVES}); echo $x)',
    f'f() {{ local x=$({SURVIVES}); echo $x; }}; f', f'x=$({SURVIVES}) || echo failed',
    f'for x in $({SURVIVES}); do echo $x; done', f'while x=$({SURVIVES}); do break; done',
    f'eval "x=\\$({SURVIVES})"', f'cat <<< "$({SURVIVES})"', f'echo a | {{ x=$({SURVIVES}); }}',
]


@pytest.mark.parametrize('line', [
    'read x <ff', 'echo x >ff', '{ read x; } <ff', 'f() { :; }; f >ff', '(read x) <ff',
    'exec 3<ff', 'exec 3>ff', '. ./ff', 'x=$(<ff)', 'x=$(read y <ff)', 'cat <ff',
    'bind -f ff', 'ln -s ff ff.svg; trace -o ff.svg :',
    'cat <ff | cat', 'while read x; do :; done <ff',
    'exec 4<>ff; printf %200000s x >&4', 'read x </dev/zero',
    'read -t 1000 x </dev/zero', 'exec 4<>ff; while :; do echo aaaaaaaaaaaa; done >&4',
    'while :; do no_such_command; done 2>&4', '{ set -x; while :; do :; done; } 2>&4',
    'for x in $(seq 50000); do no_such_command; done 2>&4',
    'f() { while :; do ${x?}; done; }; while :; do (f); done 2>&4',
    'select x in $(seq 50000); do :; done 2>&4', 'type $(seq 50000) 2>&4',
    'set -o posix; read x <ff', 'trap : USR1; echo x >ff', 'read -n 3 x', 'read -s x', 'read x',
])
def test_an_interrupt_ends_it(line: str, shell: Terminal, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'ff')
    if '2>&4' in line:
        line = 'exec 4<>ff; ' + line        # a full pipe, in the end
    shell.type(f'echo go; {line}; echo went on\n')
    shell.until('go')
    if '/dev/zero' not in line:
        shell.until_asleep()
    shell.interrupt()
    # The process that it hit may have ended by itself.
    shown = shell.interrupt_again() if '(f)' in line else shell.prompt()
    assert 'went on' not in shown
    assert shell.enter('echo $?').endswith('130\n')
    shell.until_true(lambda: shell.descendants() == [])
    shell.type('read x; echo "<$x>"\n')         # with echo and lines as before
    shell.type('abc\n')
    assert '<abc>' in shell.prompt()


@pytest.mark.parametrize('line', [
    ': {1..3000000} ${y=}', ': ${x//[15]/ab} ${y=}', '{ : {1..3000000}; } >f; y=',
    'f() { local PS1=no IFS=0123456789; : $x; y=; }; f', 'eval ": $x"; y=',
])
def test_an_interrupt_ends_a_computation(line: str, start: Callable[..., Terminal]) -> None:
    """It has used processor time; nothing of it is left behind.  Where the key comes too late,
    as it may on a busy machine, another shell is asked."""
    for _ in range(TRIES):
        shell = start()
        shell.prompt()
        shell.enter('x=$(seq 3000000)')
        shell.type(f'echo go; {line}\n')
        shell.until('go\r\n')
        begin = shell.used()
        shell.until_true(                                               # type: ignore[misc]
            lambda shell=shell, begin=begin: shell.used() > begin + COMPUTING
            or bool(shell.child.buffer) or not shell.silent())
        shell.interrupt()
        shell.prompt()
        shown = shell.enter('echo $? ${y-unset}')
        if shown == '130 unset\n':
            break
    assert shown == '130 unset\n'


@pytest.mark.parametrize('line', WANTED)
def test_an_interrupt_that_a_substitution_survives(line: str, shell: Terminal) -> None:
    """The command that wants its output is not run with half a word; a variable stays as it
    was (as in dash; bash assigns the half)."""
    shell.type(f'{line}; echo went on\n')
    shell.until_running(*[name for name in ('sleep', 'tail') if name in line])
    shell.interrupt()
    assert shell.prompt().strip() == ''
    assert shell.enter('echo $? ${x-unset}') == '130 unset\n'
    assert shell.descendants() == []


@pytest.mark.parametrize('line', WANTED)
def test_a_script_ends_where_a_substitution_survives(
    line: str, start: Callable[..., Terminal],
) -> None:
    terminal = start('-c', f'{line}; echo went on')
    terminal.until_running(*[name for name in ('sleep', 'tail') if name in line])
    terminal.interrupt()
    assert died(terminal) == ('', signal.SIGINT)


def test_a_script_ends_that_alone_gets_sigint(
    start: Callable[..., Terminal], tmp_path: Path,
) -> None:
    """Behind the substitution, whose child it waits for."""
    os.mkfifo(tmp_path / 'ff')
    terminal = start('-c', "x=$(sh -c 'trap \"\" INT; echo go >&2; cat ff'); echo went on")
    terminal.until('go\r\n')
    fd = os.open(tmp_path / 'ff', os.O_WRONLY)
    terminal.until_asleep()
    os.kill(terminal.pid, signal.SIGINT)
    os.close(fd)
    assert died(terminal) == ('', signal.SIGINT)


def test_a_trap_runs_behind_a_substitution_that_survives(shell: Terminal) -> None:
    shell.enter("trap 'echo T' INT")
    shell.type(f'x=$({SURVIVES}); echo "went on <$x> $?"\n')
    shell.until_running('sleep')
    shell.interrupt()
    assert shell.prompt() == 'T\nwent on <got> 0\n'


def died(terminal: Terminal) -> tuple[str, int]:
    """Wait until the shell has died of a signal; gives what was shown, and its number."""
    terminal.child.expect(pexpect.EOF)
    terminal.child.wait()       # close() would send SIGHUP to one that is still ending
    terminal.child.close()
    return terminal.child.before, terminal.child.signalstatus


@pytest.mark.parametrize('line', ['echo x >&5', 'printf x >&5', '{ echo x; } >&5', 'pwd >&5'])
def test_a_pipe_without_a_reader(line: str, shell: Terminal, tmp_path: Path) -> None:
    """A write error; children die of SIGPIPE as elsewhere."""
    os.mkfifo(tmp_path / 'ff')
    shell.enter('sleep 100 <ff & exec 5>ff; kill $!; wait')
    shown = shell.enter(line)
    assert shown.endswith(f'{line.strip("{ ").split()[0]}: write error: Broken pipe\n')
    assert shell.enter('echo $?') == '1\n'
    shell.enter('(echo x; echo y) >&5 2>/dev/null; (exec /bin/echo x) >&5')
    assert shell.enter('echo $?') == '141\n'


def test_a_trap_runs_while_the_shell_waits(shell: Terminal, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'ff')
    shell.enter('trap "echo trapped" USR1')
    shell.type('echo go; echo x >ff\n')
    shell.until('go')
    shell.until_asleep()
    os.kill(shell.pid, 10)
    shell.until('trapped')
    fd = os.open(tmp_path / 'ff', os.O_RDONLY | os.O_NONBLOCK)
    shell.prompt()
    assert os.read(fd, 10) == b'x\n'
    os.close(fd)
    assert shell.enter('echo $?') == '0\n'
