"""`read` on a terminal: without echo, by characters, and its modes afterwards."""
from __future__ import annotations

import os
import signal
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect  # type: ignore[import-untyped]
import pytest
from waiting import until_true

from .conftest import TIMEOUT, hang_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Terminal

    Start = Callable[..., Terminal]

USUAL = termios.ECHO | termios.ICANON | termios.ISIG


def modes(child: pexpect.spawn) -> int:
    """Which of the usual modes the terminal has."""
    flags = termios.tcgetattr(child.child_fd)[3] & USUAL
    assert isinstance(flags, int)
    return flags


def reading(terminal: Terminal, command: str, missing: int) -> None:
    """Type a command that reads; wait until these modes are gone."""
    terminal.type(command + '\n')
    terminal.until_true(lambda: modes(terminal.child) == USUAL & ~missing)


@pytest.fixture
def echoing(start: Start) -> Terminal:
    """A shell that shows its first prompt, the terminal with echo."""
    terminal = start(echo=True)
    terminal.prompt()
    return terminal


@pytest.mark.parametrize(('command', 'missing', 'typed', 'shown'), [
    ('read -s x', termios.ECHO, 'ab\x7fc\n', '<ac>'),
    ('read -rs x </dev/tty', termios.ECHO, 'abc\n', '<abc>'),
    ('read -u 3 -s x 3</dev/tty', termios.ECHO, 'abc\n', '<abc>'),
    ('read -n 1 x', termios.ICANON, 'a', 'a<a>'),
    ('read -n 1 x', termios.ICANON, 'é', 'é<é>'),
    ('read -n 3 x', termios.ICANON, 'a\r', 'a\n<a>'),
    ('read -N 3 x', termios.ICANON, 'a\rb', 'a\nb<a\nb>'),
    ('read -d q x', termios.ICANON, 'a\rbq', 'a\nbq<a\nb>'),
    ('read -s -n 2 x', termios.ECHO | termios.ICANON, 'ab', '<ab>'),
    ('read -s -t 100 x', termios.ECHO, 'ab\n', '<ab>'),
    ('(read -s x; echo "<$x>"); :', termios.ECHO, 'ab\n', '<ab>\n<>'),
    ('while read -sn 1 x && [ $x != q ]; do :; done', termios.ECHO | termios.ICANON, 'abq',
     '<q>'),
])
def test_read_changes_the_modes(
    command: str, missing: int, typed: str, shown: str, echoing: Terminal,
) -> None:
    before = termios.tcgetattr(echoing.child.child_fd)
    line = f'{command}; printf "<$x>\\n"'
    reading(echoing, line, missing)
    echoing.type(typed)
    assert echoing.prompt() == f'{line}\n{shown}\n'
    assert termios.tcgetattr(echoing.child.child_fd) == before


@pytest.mark.parametrize('command', ['read -s x', 'read -sn 5 x', 'f() { read -sN 5 x; }; f',
                                     '(read -s x)', 'read -s x | :', 'x=$(read -s x)'])
def test_ctrl_c_brings_the_modes_back(command: str, echoing: Terminal) -> None:
    before = termios.tcgetattr(echoing.child.child_fd)
    missing = termios.ECHO if 'n' not in command.lower() else termios.ECHO | termios.ICANON
    reading(echoing, command, missing)
    echoing.type('se')
    echoing.interrupt()
    echoing.prompt()
    assert termios.tcgetattr(echoing.child.child_fd) == before
    assert echoing.enter('echo $?') in ('echo $?\n130\n', 'echo $?\n0\n')


def test_a_timeout_brings_the_modes_back(echoing: Terminal) -> None:
    before = termios.tcgetattr(echoing.child.child_fd)
    echoing.type('read -s -n 5 -t 0.1 x; echo $?\n')
    assert echoing.prompt().endswith('\n142\n')
    assert termios.tcgetattr(echoing.child.child_fd) == before


def test_a_trap_that_leaves_brings_the_modes_back(echoing: Terminal) -> None:
    echoing.enter("trap 'exit 3' USR1")
    reading(echoing, 'read -s x', termios.ECHO)
    os.kill(echoing.pid, signal.SIGUSR1)
    # The modes are looked at while the shell is still there: a zombie keeps no terminal.
    echoing.child.expect(pexpect.EOF)
    assert modes(echoing.child) == USUAL
    assert echoing.end() == 3


@pytest.fixture
def script(
    minishell: list[str], environment: dict[str, str], tmp_path: Path,
) -> Iterator[pexpect.spawn]:
    """A script that reads without echo, started by dash, which leaves the modes alone."""
    (tmp_path / 'script').write_text('echo "[$$]"; read -s x; echo "<$x>"\n')
    child = pexpect.spawn('dash', ['-i'], env={**environment, 'PS1': '[prompt]'},
                          cwd=str(tmp_path), timeout=TIMEOUT, encoding='utf-8')
    child.delaybeforesend = None
    child.expect_exact('[prompt]')
    child.send(' '.join([*minishell, 'script']) + '\n')
    child.expect(r'\[(\d+)\]')
    wait_for_modes(child, USUAL & ~termios.ECHO)
    yield child
    hang_up(child)


def wait_for_modes(child: pexpect.spawn, wanted: int) -> None:
    """Wait until the terminal has these of the usual modes."""
    until_true(lambda: modes(child) == wanted)


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP, signal.SIGINT,
                                    signal.SIGUSR1])
def test_a_signal_that_ends_a_script_brings_the_modes_back(
    number: int, script: pexpect.spawn,
) -> None:
    os.kill(int(script.match.group(1)), number)
    script.expect_exact('[prompt]')
    assert modes(script) == USUAL


def test_a_signal_cannot_slip_in_before_the_read_sleeps(script: pexpect.spawn) -> None:
    # In a bare read(2) it could: one that comes just before has its handler run only behind it.
    # The wakeup pipe, which poll(2) watches too, has the byte by then.
    wchan = Path(f'/proc/{script.match.group(1)}/wchan')
    until_true(lambda: 'poll' in wchan.read_text(), wchan.read_text)
    script.send('text\n')
    script.expect_exact('<text>')


def test_a_script_that_is_stopped_brings_the_modes_back(script: pexpect.spawn) -> None:
    script.send('\x1a')
    script.expect_exact('[prompt]')
    assert modes(script) == USUAL
    script.send('fg\n')
    wait_for_modes(script, USUAL & ~termios.ECHO)
    script.send('text\n')
    script.expect_exact('<text>')
    script.expect_exact('[prompt]')
    assert modes(script) == USUAL


def test_options_of_readline_are_accepted(echoing: Terminal) -> None:
    for options in ('-e', '-i text'):
        echoing.type(f'read {options} x; echo "<$x>"\nabc\n')
        assert echoing.prompt().endswith('<abc>\n')


@pytest.mark.parametrize('terminal', ['dumb', 'xterm'])
@pytest.mark.parametrize('typed', ['', "echo 'open"])
def test_a_prompt_waits_as_long_as_tmout_says(start: Start, terminal: str, typed: str) -> None:
    shell = start('--bash', TERM=terminal)
    shell.prompt()
    shell.enter("trap 'echo bye' EXIT")
    shell.type(f'TMOUT=1\n{typed}\n')
    shell.until('\atimed out waiting for input: auto-logout')
    shell.until('bye')
    assert shell.end() == 0
