"""Ctrl-R where a search takes as long as the test wants: no key waits for it, and what Enter
runs has been found by the query that is there."""
from __future__ import annotations

import fcntl
import os
import sys
import termios
from typing import TYPE_CHECKING

import pytest

from .conftest import Terminal, hang_up
from .test_editor import enter
from .test_prompt import DOWN, UP, Screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip('prompt_toolkit')
CTRL_G, CTRL_R = '\x07', '\x12'
# A search finds nothing before there is a file with the name of its query, or `all`.
SLOW = """
import os, sys
sys.path.insert(0, sys.argv.pop(1))
from minishell.interactive import pager
search = pager.search
def slow(shell, query):
    while not os.path.exists(query) and not os.path.exists('all'):
        yield []
    yield from search(shell, query)
pager.search = slow
from minishell.cli import main
main(sys.argv)
"""


@pytest.fixture
def slow(environment: dict[str, str], tmp_path: Path, minishell: list[str]) -> Iterator[Screen]:
    """A prompt with such a search, behind three commands."""
    script = tmp_path / 'slow.py'
    script.write_text(SLOW)
    folder = minishell[-1].rpartition('/minishell/')[0]
    terminal = Terminal(
        [sys.executable, '-X', 'utf8', str(script), folder],
        {**environment, 'TERM': 'xterm', 'PS1': '$ ', 'PS2': '> ', 'HISTFILE': 'h'}, tmp_path)
    screen = Screen(terminal)
    screen.until('$')
    for text in ('one', 'on', 'two'):
        enter(screen, f'echo {text}', text)
    yield screen
    hang_up(terminal.child)


def unread(screen: Screen) -> int:
    """How many bytes have been typed and not been read."""
    fd = os.open(f'/proc/{screen.terminal.pid}/fd/0', os.O_RDWR | os.O_NOCTTY)
    try:
        return int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, bytes(4)), sys.byteorder)
    finally:
        os.close(fd)


def test_no_key_waits(slow: Screen) -> None:
    slow.child.send(CTRL_R + 'on')
    slow.until_seen('search: on\n')
    slow.until_seen('searching')
    slow.child.send('e' + DOWN)
    slow.until_seen('search: one\n')
    slow.child.send('\x7f\x7f\x7f')
    slow.until_seen('search:   @cwd')
    slow.child.send(CTRL_G)
    slow.until('$ echo two', 'two', '$')
    slow.child.send('x')
    slow.until('$ x')


def test_enter_runs_what_the_query_finds_that_is_there(slow: Screen, tmp_path: Path) -> None:
    (tmp_path / 'tw').touch()
    slow.child.send(CTRL_R + 'tw')
    slow.until_seen('1/1')
    slow.child.send('\x15one')              # finds nothing so far
    slow.until_seen('searching')
    slow.child.send('\recho ahead\r')       # the latter is for the next prompt
    slow.terminal.until_true(lambda: unread(slow) == len('echo ahead\r'))
    (tmp_path / 'one').touch()
    slow.until('$ echo one', 'one', '$ echo ahead', 'ahead', '$')


def test_moves_are_made_when_there_is_something_to_move_to(
    slow: Screen, tmp_path: Path,
) -> None:
    slow.child.send(CTRL_R + 'o')
    slow.until_seen('searching')
    slow.child.send(DOWN + DOWN + DOWN + DOWN + UP + '\t')
    slow.terminal.until_true(lambda: not unread(slow))
    (tmp_path / 'all').touch()
    slow.until('$ echo on')


def test_ctrl_c_ends_the_wait_of_enter(slow: Screen) -> None:
    slow.child.send(CTRL_R + 'one')
    slow.until_seen('searching')
    slow.child.send('\r')
    slow.terminal.until_true(lambda: not unread(slow))
    slow.child.send('\x03')
    slow.until('two', '$', '$')
    enter(slow, 'echo still', 'still')
