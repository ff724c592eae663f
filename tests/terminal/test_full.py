"""`glass -f`: processes on the whole screen."""
from __future__ import annotations

import os
import re
import signal
import termios
from typing import TYPE_CHECKING, Any

import pexpect  # type: ignore[import-untyped]
import pyte
import pytest

from minishell.glass.full import Screen as Shown
from minishell.glass.table import pause

from .test_prompt import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Terminal

ENTER, LEAVE = '\x1b[?1049h', '\x1b[?1049l'


@pytest.fixture
def full(shell: Terminal) -> Screen:
    """A prompt, without a line editor."""
    return Screen(shell)


def modes(screen: Screen) -> list[Any]:
    found = termios.tcgetattr(screen.child.child_fd)
    return [*found[:6], *found[6][:termios.VTIME]]


def until_left(screen: Screen) -> None:
    """Wait until the other screen is left and there is a prompt."""
    screen.terminal.until(LEAVE)
    screen.terminal.prompt()


def test_what_it_shows(full: Screen) -> None:
    before = modes(full)
    full.terminal.enter('mkfifo tube; cat <tube | sort & exec 9>lock; flock 9')
    full.child.send('glass -f\r')
    full.until_seen('q leaves')
    full.until_seen('opens the FIFO tube')
    full.until_seen('reads from')
    # On an overlay the kernel says the inode of the file below it.
    lock = rf'(?m)^LOCKS\nflock write {full.terminal.pid} \S+ 0-EOF$'
    full._read_until(lambda: bool(re.search(lock, '\n'.join(full.lines()))), lock)
    lines = full.lines()
    assert lines[0].startswith('glass: 3 processes; q leaves')
    assert lines[1].split() == ['PID', 'PPID', 'PGID', 'S', 'DOING', 'BECAUSE', 'DESCRIPTORS']
    text = '\n'.join(lines)
    assert 'this shell' in text
    assert re.search('PID +BLOCKED +PENDING +CAUGHT +IGNORED', text)
    assert modes(full) != before
    full.child.send('q')
    until_left(full)
    assert modes(full) == before


def test_it_changes_as_processes_do(full: Screen) -> None:
    full.child.send('sleep 23456 & glass -f\r')
    full.until_seen('sleeps for')
    assert full.lines()[0].startswith('glass: 2 processes')
    pid = next(pid for pid, name, _ in full.terminal.descendants() if name == 'sleep')
    os.kill(pid, signal.SIGSTOP)
    full.until_seen('stopped by SIGSTOP')
    os.kill(pid, signal.SIGKILL)
    full.until_seen('glass: 1 process;')
    full._read_until(lambda: 'sleep 23456' not in '\n'.join(full.lines()), 'one process')
    full.child.send('q')
    until_left(full)


@pytest.mark.parametrize('key', ['\x03', 'q', 'Q', '\x04'])
def test_keys_that_leave(full: Screen, key: str) -> None:
    before = modes(full)
    full.child.send('glass -f\r')
    full.until_seen('this shell')
    full.child.send('\x1a\x1b[B\x1b[Azx')         # others do nothing
    full.child.send(key)
    until_left(full)
    assert modes(full) == before


def test_a_job_only(full: Screen) -> None:
    full.child.send('sleep 23456 & sleep 34567 & glass -f %1\r')
    full.until_seen('sleep 23456')
    full.until_seen('glass: 1 process;')
    assert 'this shell' not in '\n'.join(full.lines())
    full.child.send('q')
    until_left(full)


def test_it_scrolls(full: Screen) -> None:
    full.terminal.enter('for i in 1 2 3 4 5 6 7 8 9; do sleep 23456 & done')
    full.child.send('glass -f\r')
    full.until_seen('arrows move')
    full.until_seen('PPID')
    full.child.send('\x1b[6~')
    full._read_until(lambda: 'PPID' not in '\n'.join(full.lines())
                     and 'CAUGHT' in '\n'.join(full.lines()), 'the lines below')
    assert 'arrows move' in full.lines()[0]
    full.child.send('\x1b[5~')
    full.until_seen('PPID')
    full.child.send('q')
    until_left(full)


def test_a_window_that_changes(full: Screen) -> None:
    full.child.send('glass -f\r')
    full.until_seen('this shell')
    full.screen.resize(24, 40)
    full.child.setwinsize(24, 40)
    full._read_until(lambda: 'this shell' not in '\n'.join(full.lines())
                     and 'PPID' in '\n'.join(full.lines()), 'a narrow window')
    full._read_until(lambda: all(len(line) < 40 for line in full.lines()), 'shorter lines')
    full.child.send('q')
    until_left(full)


def test_a_script_that_is_ended(start: Callable[..., Terminal]) -> None:
    """The terminal is as before when a signal has ended the shell."""
    terminal = start('-c', 'read x; glass -f; echo no')
    before = termios.tcgetattr(terminal.child.child_fd)
    terminal.type('\n')
    terminal.until('this shell')
    os.kill(terminal.pid, signal.SIGTERM)
    terminal.until(LEAVE)
    terminal.child.expect(pexpect.EOF)
    assert 'no' not in terminal.child.before
    assert termios.tcgetattr(terminal.child.child_fd) == before


def test_without_a_terminal(minishell: list[str],
                            run: Callable[..., Any]) -> None:
    done = run(['setsid', '-w', *minishell, '-c', 'glass -f; echo $?'])
    assert 'there is no terminal' in done.stderr
    assert done.stdout == '1\n'


# -- what is written ------------------------------------------------------------------------


def test_only_what_changes_is_written() -> None:
    screen = pyte.Screen(20, 5)
    stream = pyte.Stream(screen)
    shown = Shown()
    size = 20, 5
    first = shown.change(['\aHEAD', 'one', 'two'], size)
    assert '\x1b[2J' in first
    stream.feed(first)
    assert [line.rstrip() for line in screen.display] == ['HEAD', 'one', 'two', '', '']
    assert screen.buffer[0][0].bold
    assert shown.change(['\aHEAD', 'one', 'two'], size) == ''
    changed = shown.change(['\aHEAD', 'three'], size)
    assert 'HEAD' not in changed
    stream.feed(changed)
    assert [line.rstrip() for line in screen.display] == ['HEAD', 'three', '', '', '']
    shown.forget()
    assert '\x1b[2J' in shown.change(['\aHEAD', 'three'], size)


def test_lines_are_cut_and_harmless() -> None:
    screen = pyte.Screen(10, 3)
    stream = pyte.Stream(screen)
    lines = ['日本語日本語', '\x1b[31m\x9b2J\udce9', '0123456789ab']
    stream.feed(Shown().change(lines, (10, 3)))
    assert [line.rstrip() for line in screen.display] == [
        '日本語日', '?[31m?2J?', '012345678']


def test_a_look_takes_one_part_in_fifty() -> None:
    assert pause(0) == pause(0.01) == 0.5
    assert pause(0.1) == 5
