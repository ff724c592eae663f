"""The command history of a prompt: fc, HISTFILE, and the line editor's arrow keys."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from .test_prompt import UP, Screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal

    Start = Callable[..., Terminal]


def test_fc_lists_and_repeats_what_was_typed(shell: Terminal) -> None:
    shell.enter('echo one')
    shell.enter('x=two')
    assert shell.enter('fc -l') == '1\techo one\n2\tx=two\n'
    assert shell.enter('fc -s one=three ec') == 'echo three\nthree\n'
    assert shell.enter('fc -ln -2') == '\tfc -l\n\techo three\n'


def test_an_interrupted_line_is_not_entered(shell: Terminal) -> None:
    shell.enter('echo one')
    shell.type('if true\n')
    shell.until('[more]')
    shell.interrupt()
    shell.prompt()
    assert shell.enter('fc -ln 1') == '\techo one\n'


def test_fc_takes_an_editor_on_the_terminal(shell: Terminal) -> None:
    shell.enter('echo one')
    assert shell.enter("fc -e 'sed -i s/one/two/'") == 'echo two\ntwo\n'
    assert shell.enter('fc -e false; echo $?') == '1\n'
    assert shell.enter('fc -l 1') == '1\techo one\n2\techo two\n'


def test_histfile_passes_commands_to_the_next_shell(start: Start, tmp_path: Path) -> None:
    file = tmp_path / 'history'
    first = start(HISTFILE=str(file))
    first.prompt()
    first.type("echo 'a\n")
    first.until('[more]')
    first.enter("b'")
    first.type('exec true\n')
    first.end()
    assert file.stat().st_mode & 0o777 == 0o600
    second = start(HISTFILE=str(file))
    second.prompt()
    assert second.enter('fc -s echo') == "echo 'a\nb'\na\nb\n"
    assert second.enter('fc -l') == "1\techo 'a\n\tb'\n2\texec true\n3\techo 'a\n\tb'\n"


def test_env_is_read_by_a_prompt(start: Start, tmp_path: Path) -> None:
    (tmp_path / 'rc').write_text('x=$((x + 1)); alias hi="echo hi"; HISTFILE=$HOME/h\n')
    terminal = start(ENV='$HOME/../rc')
    terminal.prompt()
    assert terminal.enter('hi $x') == 'hi 1\n'
    assert terminal.enter('fc -l') == '1\thi $x\n'
    assert terminal.enter('cat "$HOME/h"') == 'hi $x\nfc -l\ncat "$HOME/h"\n'


def test_an_error_in_the_env_file_does_not_end_the_shell(
    start: Start, tmp_path: Path,
) -> None:
    (tmp_path / 'rc').write_text('x=1\n: ${nothing?so}\nx=2\n')
    terminal = start(ENV=str(tmp_path / 'rc'))
    assert 'nothing: so' in terminal.prompt()
    assert terminal.enter('echo $x') == '1\n'


def test_the_editor_shows_the_same_list(start: Start, tmp_path: Path) -> None:
    """Earlier shells' commands, those of several lines, and what fc has run."""
    pytest.importorskip('prompt_toolkit')
    (tmp_path / 'h').write_text('echo old\n')
    screen = Screen(start(TERM='xterm', PS1='$ ', PS2='> ', HISTFILE=str(tmp_path / 'h')))
    screen.until('$')
    screen.child.send(UP + '\r')
    screen.until('$ echo old', 'old', '$')
    screen.child.send('if true; then\r')
    screen.until('>')
    screen.child.send('echo yes; fi\r')
    screen.until('yes', '$')
    screen.child.send(UP + '\r')
    screen.until('yes', '$')
    screen.child.send('fc -s old=new 1\r')
    screen.until('echo new', 'new', '$')
    screen.child.send(UP)
    screen.until('$ echo new')


@pytest.mark.parametrize('path', ['fifo', '/dev/zero', '/dev/full', '/dev/tty', '.'])
def test_histfile_that_is_no_file_holds_nothing_up(
    path: str, start: Start, tmp_path: Path,
) -> None:
    os.mkfifo(tmp_path / 'fifo')
    shell = start(HISTFILE=path)
    shell.prompt()
    assert shell.enter('echo one') == 'one\n'
    assert shell.enter('fc -ln 1') == '\techo one\n'


def test_histfile_whose_last_line_has_no_end(start: Start, tmp_path: Path) -> None:
    (tmp_path / 'h').write_text('echo one\necho two')
    shell = start(HISTFILE='h')
    shell.prompt()
    assert shell.enter('fc -ln 1') == '\techo one\n\techo two\n'
    assert (tmp_path / 'h').read_text() == 'echo one\necho two\nfc -ln 1\n'


def test_a_home_that_is_nowhere_is_not_made(start: Start, tmp_path: Path) -> None:
    pytest.importorskip('prompt_toolkit')
    home = tmp_path / 'none'
    screen = Screen(start(TERM='xterm', PS1='$ ', PS2='> ', HOME=str(home)))
    screen.until('$')
    screen.child.send('echo "file: ${HISTFILE-unset}"\r')
    screen.until('$ echo "file: ${HISTFILE-unset}"', 'file: unset', '$')
    assert not home.exists()
