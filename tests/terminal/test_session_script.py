"""`history -S`: what was typed in a session as a script."""
from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from .test_editor import enter
from .test_history_database import first_prompt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal

    Start = Callable[..., Terminal]


def test_a_session_as_a_script(start: Start, tmp_path: Path, minishell: list[str]) -> None:
    """It does the same again: in its directories, with the functions and aliases it uses,
    without what failed."""
    (tmp_path / 'rc').write_text("alias say='echo said'\nunused() { :; }\n"
                                 'g() { echo "g $1"; }; f() { g "$1"; }\n')
    (tmp_path / "it's").mkdir()
    screen = first_prompt(start, ENV='./rc')
    enter(screen, 'echo one', 'one')
    enter(screen, 'cd nosuch', 'minishell: cd: nosuch: No such file or directory')
    enter(screen, 'cd "it\'s"; false')              # it failed, and yet it went there
    enter(screen, 'f two; echo "${PWD##*/}"', 'g two', "it's")     # pwd may not fit
    enter(screen, 'cd ..')
    screen.child.send('for i in a b\rdo say $i\rdone\r')
    screen.until('> done', 'said a', 'said b', '$')
    enter(screen, 'history 1', '    7  history 1')
    enter(screen, 'history -S out')
    script = (tmp_path / 'out').read_text().split('\n')
    assert script[0] == '#!/usr/bin/env minishell'
    assert script[1].endswith(', as far as it ended with 0')
    assert script[2:] == [
        "alias say='echo said'", 'f () ', '{ ', '    g "$1"', '}', 'g () ', '{ ',
        '    echo "g $1"', '}', f'cd {tmp_path} || exit', 'echo one',
        f"cd '{tmp_path}/it'\\''s' || exit", 'f two; echo "${PWD##*/}"', 'cd ..',
        'for i in a b', 'do say $i', 'done', '']
    assert (tmp_path / 'out').stat().st_mode & 0o111
    done = subprocess.run([*minishell, tmp_path / 'out'], cwd='/', text=True, check=False,
                          capture_output=True)
    assert (done.stdout, done.stderr, done.returncode) == (
        "one\ng two\nit's\nsaid a\nsaid b\n", '', 0)
    enter(screen, 'history -S all >all; grep -c "cd nosuch" all', '1')


def test_what_cannot_be_written(start: Start) -> None:
    screen = first_prompt(start)
    enter(screen, 'echo a', 'a')
    enter(screen, 'history -S nosuch/f',
          'minishell: history: nosuch/f: No such file or directory')
    enter(screen, 'history -S a b', 'minishell: history: too many arguments')
    enter(screen, 'set -C; >f; history -S f', 'minishell: history: f: File exists')
    enter(screen, 'unset HISTFILE')
    enter(screen, 'history -S', 'minishell: history: -S: nothing is kept: no line editor, or '
          'HISTFILE names no file')
