"""What the line editor keeps of each command, and suggests from it."""
from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .test_editor import enter
from .test_prompt import UP, Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Terminal

    Start = Callable[..., Terminal]

sqlite3 = pytest.importorskip('sqlite3')
pytest.importorskip('prompt_toolkit')
RIGHT, ESCAPE, DOWN = '\x1b[C', '\x1b', '\x1b[B'
BASE = 'h.db'
# A shell that waits longer than a second for another one that has the history locked.
PATIENT = """
import sys
sys.path.insert(0, sys.argv[1])
from minishell.cli import main
from minishell.state import history_database
history_database.PATIENCE = 60
main(['minishell'])
"""


@pytest.fixture
def screen(start: Start) -> Screen:
    return first_prompt(start)


def first_prompt(start: Start, **changes: Any) -> Screen:
    """A shell whose history is kept."""
    shown = Screen(start(echo=True, **{'TERM': 'xterm', 'PS1': '$ ', 'PS2': '> ',
                                       'HISTFILE': 'h', **changes}))
    shown.until('$')
    return shown


def rows(path: Path) -> list[tuple[str, int | None, str]]:
    """The commands run, their statuses and folders."""
    with closing(sqlite3.connect(path)) as base:
        return list(base.execute(
            'SELECT text, run.status, path FROM run JOIN command ON command.id = command '
            'JOIN dir ON dir.id = run.dir ORDER BY run.id'))


def test_each_command_is_kept_with_how_it_ended(screen: Screen, tmp_path: Path) -> None:
    enter(screen, 'cd /; (exit 3)')
    enter(screen, 'nosuch', 'minishell: nosuch: command not found')
    enter(screen, 'set +o history; echo a', 'a')
    enter(screen, 'echo b; set -o history', 'b')
    screen.child.send('exec true\r')
    screen.until_end()
    here = str(tmp_path)
    assert rows(tmp_path / BASE) == [
        ('cd /; (exit 3)', 3, here), ('nosuch', 127, '/'), ('set +o history; echo a', 0, '/'),
        ('exec true', None, '/')]


@pytest.mark.parametrize('name', ['', '/dev/null'])
def test_nothing_is_kept_where_histfile_names_no_file(
    name: str, start: Start, tmp_path: Path,
) -> None:
    screen = first_prompt(start, HISTFILE=name)
    enter(screen, 'echo a', 'a')
    enter(screen, 'HISTFILE=x; echo b', 'b')
    enter(screen, 'echo c; unset HISTFILE', 'c')
    enter(screen, 'echo d', 'd')
    assert [row[0] for row in rows(tmp_path / 'x.db')][-1] == 'echo c; unset HISTFILE'
    assert (tmp_path / 'x').read_text() == \
        'echo a\nHISTFILE=x; echo b\necho c; unset HISTFILE\n'
    assert not os.path.lexists(f'{name or tmp_path}.db')


def test_who_names_no_histfile_has_one(start: Start, tmp_path: Path) -> None:
    """For nobody else to read; it is not for programs that are run."""
    screen = first_prompt(start, HISTFILE=None)
    enter(screen, 'echo a', 'a')
    enter(screen, 'env | grep -c HISTFILE', '0')
    folder = tmp_path / 'home/.local/state/minishell'
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / 'history').read_text() == 'echo a\nenv | grep -c HISTFILE\n'
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
    assert len(rows(folder / 'history.db')) == 2


def test_a_start_file_may_say_that_nothing_is_kept(start: Start, tmp_path: Path) -> None:
    (tmp_path / 'rc').write_text('unset HISTFILE\n')
    screen = first_prompt(start, HISTFILE=None, ENV=str(tmp_path / 'rc'))
    enter(screen, 'echo a', 'a')
    assert not list((tmp_path / 'home/.local/state/minishell').iterdir())


def test_redirections_and_children_meet_no_descriptor_of_it(
    screen: Screen, tmp_path: Path,
) -> None:
    enter(screen, 'exec 3>e 4>f 5>g')
    enter(screen, 'echo a >&3; echo b >&4; echo c >&5')
    enter(screen, 'ls -l /proc/self/fd | grep -c history', '0')
    enter(screen, '(ls -l /proc/self/fd; :) | grep -c history', '0')
    assert [(tmp_path / name).read_text() for name in 'efg'] == ['a\n', 'b\n', 'c\n']
    assert len(rows(tmp_path / BASE)) == 4


def test_a_file_that_cannot_be_written_is_told_once(start: Start, tmp_path: Path) -> None:
    (tmp_path / BASE).mkdir()
    screen = first_prompt(start)
    screen.child.send('echo a\r')
    screen.until_seen('minishell: history: /')
    screen.until('a', '$')
    enter(screen, 'echo b', 'b')


def test_history_c_empties_the_list_and_history_w_the_rest(
    screen: Screen, tmp_path: Path,
) -> None:
    """Not `history -c` alone: with -a and -r it is in many a PROMPT_COMMAND."""
    enter(screen, 'echo a', 'a')
    enter(screen, 'history -a; history -c; history -r')
    assert len(rows(tmp_path / BASE)) == 2
    enter(screen, 'history -c')
    enter(screen, 'history -w')
    enter(screen, 'echo b', 'b')
    assert [row[0] for row in rows(tmp_path / BASE)] == ['echo b']


def test_history_d_removes_every_trace(screen: Screen, tmp_path: Path) -> None:
    enter(screen, ': secret')
    enter(screen, 'history -d 1')
    assert [row[0] for row in rows(tmp_path / BASE)] == ['history -d 1']


def test_ten_shells_of_which_half_are_killed(
    start: Start, tmp_path: Path, root: Path,
) -> None:
    """What each has shown is there, in its order, each session's by itself."""
    words = [sys.executable, '-I', '-S', '-X', 'utf8', '-c', PATIENT, str(root)]
    screens = [first_prompt(start, words=words) for _ in range(10)]
    for turn in range(3):
        for number, screen in enumerate(screens):
            screen.child.send(f': {number} {turn}; echo o$((1 + 1))\r')
        for screen in screens:
            screen.until_seen(f'{turn}; echo o$((1 + 1))\no2\n$\n')
    for number, screen in enumerate(screens):
        screen.child.send(f': {number} last; kill -9 $$\r' if number % 2 else 'exit\r')
        screen.until_end()
    with closing(sqlite3.connect(tmp_path / BASE)) as base:
        assert list(base.execute('PRAGMA integrity_check')) == [('ok',)]
        found = list(base.execute(
            'SELECT group_concat(text, "|") FROM (SELECT session, text FROM run JOIN command '
            'ON command.id = command ORDER BY run.id) GROUP BY session'))
    tail = '; echo o$((1 + 1))'
    assert sorted(row[0] for row in found) == [
        '|'.join([f': {number} {turn}{tail}' for turn in range(3)]
                 + [f': {number} last; kill -9 $$' if number % 2 else 'exit'])
        for number in range(10)]
    lines = (tmp_path / 'h').read_text().splitlines()
    assert len(lines) == 40 and len(set(lines)) == 36


# -- suggestions ------------------------------------------------------------------------


def takes(screen: Screen, typed: str, command: str, *shown: str) -> None:
    """The suggestion behind what is typed is this one."""
    screen.child.send(typed)
    screen._read_until(lambda: screen.suggestion() == command.removeprefix(typed), command)
    screen.child.send(RIGHT + '\r')
    screen.until(f'$ {command}', *shown, '$')


def test_what_was_run_here_comes_before_what_is_newer(start: Start, tmp_path: Path) -> None:
    (tmp_path / 'd').mkdir()
    screen = first_prompt(start)
    enter(screen, 'cd d')
    enter(screen, 'echo here', 'here')
    enter(screen, 'cd ..')
    enter(screen, 'echo there', 'there')
    enter(screen, 'cd d')
    takes(screen, 'ec', 'echo here', 'here')


def test_what_followed_comes_first(screen: Screen) -> None:
    for _ in range(2):
        enter(screen, ': add')
        enter(screen, 'echo commit', 'commit')
    for _ in range(2):
        enter(screen, 'echo other', 'other')
    enter(screen, ': add')
    takes(screen, 'ec', 'echo commit', 'commit')


def test_a_command_of_several_lines_is_suggested_on_one(screen: Screen) -> None:
    screen.child.send('for i in 1; do\recho x\rdone\r')
    screen.until_seen('\nx\n$')
    screen.child.send('fo')
    wanted = 'r i in 1; do⏎ echo x⏎ done'
    screen._read_until(lambda: screen.suggestion() == wanted, wanted)
    screen.child.send(RIGHT)
    screen.until('$ for i in 1; do', '> echo x', '> done')


def test_the_menu_of_suggestions_has_reasons(screen: Screen) -> None:
    enter(screen, ': add')
    enter(screen, 'echo a', 'a')
    enter(screen, ': add')
    screen.child.send('ec' + ESCAPE + '/')
    screen.until_seen('here x1, after : add')
    screen.child.send('\t\r')
    screen.until_seen('$ echo a\na\n$\n')


def test_suggestions_can_be_switched_off(screen: Screen) -> None:
    enter(screen, 'echo a', 'a')
    screen.child.send(ESCAPE + 'o')
    screen.until_seen('suggestions off')
    for typed, line in (('ech', '$ ech\n'), ('o', '$ echo\n')):
        screen.child.send(typed)
        screen.until_seen(line)
        assert screen.suggestion() == ''


def test_what_was_not_found_is_not_suggested(screen: Screen) -> None:
    enter(screen, 'echoo a', 'minishell: echoo: command not found',
          "minishell: did you mean `echo'? (Alt-Enter)")
    enter(screen, 'echo b', 'b')
    enter(screen, 'echoo c', 'minishell: echoo: command not found',
          "minishell: did you mean `echo'? (Alt-Enter)")
    takes(screen, 'ec', 'echo b', 'b')


def test_up_finds_what_begins_as_what_is_typed(screen: Screen) -> None:
    for text in 'abc':
        enter(screen, f'echo {text}', text)
    enter(screen, ': else')
    screen.child.send('echo' + UP + UP)
    screen.until_seen('$ echo b\n')
    screen.child.send(DOWN + DOWN)
    screen.until_seen('$ echo\n')


# -- other shells -----------------------------------------------------------------------


def test_history_i_brings_over_what_other_shells_have_kept(
    screen: Screen, tmp_path: Path,
) -> None:
    home = tmp_path / 'home'
    (home / '.bash_history').write_text('echo of bash\n')
    (home / '.zsh_history').write_text(': 1700000000:0;echo of zsh\n')
    (home / '.local/share/fish').mkdir(parents=True)
    (home / '.local/share/fish/fish_history').write_text('- cmd: echo of fish\n  when: 1\n')
    screen.child.send('history -i\r')
    screen.until('fish: 1 commands', '$')
    screen.child.send('\x12echo of')
    screen.until_seen('1/3')
    screen.child.send('\x07')
    screen.until('$')
    enter(screen, 'history -i nosuch', 'minishell: history: nosuch: No such file or directory')
