"""Traps that others fall into: line editors and shells in Python (docs/testing.md)."""
from __future__ import annotations

import os
import random
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import hang_up
from .test_editor import edited, enter, first_prompt, screen
from .test_interrupts import delay
from .test_prompt import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Terminal

    Start = Callable[..., Terminal]

__all__ = ['delay', 'edited', 'screen']
STARTS = int(os.environ.get('MINISHELL_STARTS', '12'))
LATEST = 0.15           # seconds of processor time: the editor is loaded by then
ESCAPE, CTRL_L, CTRL_U = '\x1b', '\x0c', '\x15'


def used(pid: int) -> float:
    """The seconds of processor time that a process has had."""
    return int(Path(f'/proc/{pid}/schedstat').read_text().split()[0]) / 1e9


def has_come_to(pid: int, moment: float) -> bool:
    """Whether it has had so much time, or waits, for a key if nothing else."""
    state = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
    return state == 'S' or used(pid) > moment


def test_no_key_is_lost_while_the_shell_starts(start: Start) -> None:
    """Typed at any moment of it, by the processor time that it has had."""
    pytest.importorskip('prompt_toolkit')
    moments = random.Random('starts')
    for _ in range(STARTS):
        shown = Screen(start(echo=True, TERM='xterm', PS1='$ '))
        for key in 'echo hello':
            moment = used(shown.child.pid) + moments.uniform(0, LATEST / 5)
            shown.terminal.until_true(partial(has_come_to, shown.child.pid, moment))
            shown.child.send(key)
        shown.until('$ echo hello')
        shown.child.send('\r')
        shown.until('hello', '$')
        hang_up(shown.child)


def test_what_is_typed_while_the_shell_starts_is_for_the_command(start: Start) -> None:
    """With a newline, as everywhere."""
    pytest.importorskip('prompt_toolkit')
    shown = Screen(start(echo=True, TERM='xterm', PS1='$ '))
    shown.child.send('od -An -c\rhello\r')
    shown.terminal.until_running('od')
    shown.child.send('\x04echo on\r')
    shown.until('   h   e   l   l   o  \\n', '$ echo on', 'on', '$')


def test_signals_are_seen_at_every_prompt(edited: Screen) -> None:
    """Not only while the first line is typed."""
    enter(edited, "trap 'echo window $((n = n + 1))' WINCH; trap 'echo child' CHLD")
    for turn in range(3):
        edited.child.send('/bin/true\r')
        edited.until('child', '$')
        os.kill(edited.child.pid, signal.SIGWINCH)
        edited.until(f'window {2 * turn + 1}', '$')
        edited.child.send('half')
        edited.until('$ half')
        os.kill(edited.child.pid, signal.SIGWINCH)
        edited.until(f'window {2 * turn + 2}', '$ half')
        edited.child.send(CTRL_U)
        edited.until(f'window {2 * turn + 2}', '$')


def test_a_terminal_that_a_program_has_left_non_blocking(
    screen: Screen, tmp_path: Path,
) -> None:
    (tmp_path / 'set').write_text('import os\nos.set_blocking(0, False)\n')
    screen.child.send(f'{sys.executable} ./set; echo "<$?>"\r')
    screen.until('<0>', '$')
    screen.child.send('cat; echo "cat: $?"\r')
    screen.terminal.until_running('cat')
    screen.child.send('\x04')
    screen.until('cat: 0', '$')


def test_output_into_a_line_is_cleared_away_with_ctrl_l(edited: Screen, tmp_path: Path) -> None:
    """What a job in the background writes lands where the cursor is."""
    os.mkfifo(tmp_path / 'fifo')
    edited.child.send('cat fifo &\r')
    edited.until_seen('[1]')
    edited.until('$')
    edited.child.send('echo half')
    edited.until('$ echo half')
    (tmp_path / 'fifo').write_text('news\n')
    edited.until_seen('news')
    edited.child.send(CTRL_L)
    edited.until('$ echo half')
    assert edited.lines() == ['$ echo half']
    edited.child.send('\r')
    edited.until_seen('\nhalf\n')


def test_escape_of_vi_waits_for_no_other_key(start: Start) -> None:
    shown = first_prompt(start, '-o', 'vi')
    shown.child.send('echo ab')
    shown.until('$ echo ab')
    before = shown.screen.cursor.x
    shown.child.send(ESCAPE)
    shown._read_until(lambda: shown.screen.cursor.x == before - 1, 'the cursor on the b')


def test_a_file_server_that_does_not_answer(
    edited: Screen, delay: Callable[..., None], tmp_path: Path,
) -> None:
    """No key waits for it, nor the next line; what it says at last is shown."""
    enter(edited, 'cd /')
    answer = 1_000_000_000              # microseconds: beyond all patience
    delay(edited.terminal, 'newfstatat,stat,statx', 'enter', answer, '/far/program')
    edited.child.send('/far/program abc')
    edited.until('$ /far/program abc')
    edited.child.send('\x7f' * 3 + 'xyz')
    edited.until('$ /far/program xyz')
    edited.child.send(CTRL_U + 'echo on\r')
    edited.until('$ echo on', 'on', '$')
    enter(edited, '(ulimit -c 0; echo forked)', 'forked')
