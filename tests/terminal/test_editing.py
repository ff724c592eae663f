"""Editing beyond letters: history expansion, undo, the user's editor, quoted keys, pastes."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from .test_editor import enter
from .test_history_database import first_prompt
from .test_prompt import UP, Screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal

    Start = Callable[..., Terminal]

pytest.importorskip('prompt_toolkit')
CTRL_A, CTRL_C, CTRL_U, CTRL_V, CTRL_W = '\x01', '\x03', '\x15', '\x16', '\x17'
EDIT, ESCAPE, UNDO = '\x18\x05', '\x1b', '\x1f'


@pytest.fixture
def screen(start: Start) -> Screen:
    return first_prompt(start)


def type_keys(screen: Screen, keys: str, *shown: str) -> None:
    """Type keys; wait for the last lines that are not empty."""
    screen.child.send(keys)
    screen.until(*shown)


# -- history expansion --------------------------------------------------------------------


def test_what_an_expansion_gives_is_shown_before_it_runs(screen: Screen) -> None:
    enter(screen, 'echo a b', 'a b')
    enter(screen, 'echo !$ $!', 'echo b $!', 'b', )
    enter(screen, '^b^c', 'echo c $!', 'c')
    type_keys(screen, UP, '$ echo c $!')


def test_an_event_that_is_not_there_costs_the_line(screen: Screen) -> None:
    enter(screen, '(exit 3)')
    enter(screen, 'echo x; !nosuch', 'minishell: !nosuch: event not found')
    enter(screen, 'echo $?', '3')
    type_keys(screen, UP + UP, '$ (exit 3)')


def test_histverify_and_histreedit_give_the_line_back(screen: Screen) -> None:
    enter(screen, 'shopt -s histverify histreedit')
    enter(screen, 'echo a', 'a')
    type_keys(screen, '!!\r', '$ !!', '$ echo a')
    type_keys(screen, 'b\r', '$ echo ab', 'ab', '$')
    type_keys(screen, '!nosuch\r', 'minishell: !nosuch: event not found', '$ !nosuch')


def test_alt_circumflex_expands_the_line_where_it_stands(screen: Screen) -> None:
    enter(screen, 'echo a', 'a')
    type_keys(screen, 'time !!' + ESCAPE + '^', '$ time echo a')
    type_keys(screen, UNDO, '$ time !!')
    type_keys(screen, CTRL_U + '!nosuch' + ESCAPE + '^',
              '$ !nosuch', '!nosuch: event not found')


# -- undo ---------------------------------------------------------------------------------


@pytest.mark.parametrize('undo', [UNDO, '\x18\x15'])
def test_undo_and_redo(undo: str, screen: Screen) -> None:
    type_keys(screen, 'echo one two' + CTRL_W + CTRL_W, '$ echo')
    type_keys(screen, undo, '$ echo one')
    type_keys(screen, undo, '$ echo one two')
    type_keys(screen, ESCAPE + UNDO, '$ echo one')
    type_keys(screen, undo + ESCAPE + 'r', '$')


def test_undo_of_a_command_from_before(screen: Screen) -> None:
    enter(screen, 'echo one', 'one')
    type_keys(screen, UP + CTRL_W + 'x', '$ echo x')
    type_keys(screen, ESCAPE + 'r', '$ echo one')
    type_keys(screen, UNDO, '$')


# -- an editor of the user's --------------------------------------------------------------


@pytest.mark.parametrize('variable', ['VISUAL', 'EDITOR'])
def test_the_line_in_an_editor(variable: str, start: Start, tmp_path: Path) -> None:
    """It has the terminal in its usual modes, and is a job in the foreground; what it leaves
    waits for Enter."""
    (tmp_path / 'ed.sh').write_text(
        'stty -a | grep -o " icanon" >modes; ps -o stat= -p $$ | grep -c + >foreground\n'
        'cat "$1" >had; printf "echo one\\necho two\\n" >"$1"; echo shown\n')
    screen = first_prompt(start, **{variable: 'sh ./ed.sh'})
    screen.child.send('(exit 3); echo half' + EDIT)
    screen.until('shown', '$ echo one', '> echo two')
    assert (tmp_path / 'had').read_text() == '(exit 3); echo half\n'
    assert (tmp_path / 'modes').read_text() == ' icanon\n'
    assert (tmp_path / 'foreground').read_text() == '1\n'
    type_keys(screen, '\r', '$ echo one', '> echo two', 'one', 'two', '$')


@pytest.mark.parametrize(('editor', 'shown'), [
    ('false', ()), ('nosuch', ('minishell: nosuch: command not found',)),
    ("'", ('minishell: unexpected EOF',)), ('kill -INT $$; false', ()),
])
def test_an_editor_that_fails_leaves_the_line(
    editor: str, shown: tuple[str, ...], start: Start,
) -> None:
    screen = first_prompt(start, VISUAL=editor)
    enter(screen, '(exit 3)')
    screen.child.send('echo $?' + EDIT)
    if '$$' in editor:
        type_keys(screen, 'echo $?\r', '$ echo $?', '130', '$')
        return
    if shown:
        screen.until_seen(shown[0][:20])
    screen.until('$ echo $?')
    type_keys(screen, '\r', '$ echo $?', '3', '$')


def test_an_editor_that_is_stopped_is_a_job(start: Start, tmp_path: Path) -> None:
    (tmp_path / 'ed.sh').write_text('kill -STOP $$; echo on\n')
    screen = first_prompt(start, VISUAL='sh ./ed.sh')
    screen.child.send('echo half' + EDIT)
    screen.until_seen('Stopped')
    screen.until('$ echo half')
    screen.child.send(CTRL_U + 'fg >f\r')
    screen.until('on', '$')


def test_v_of_vi_opens_the_editor(start: Start) -> None:
    screen = first_prompt(start, EDITOR='sed -i s/one/two/')
    enter(screen, 'set -o vi')
    screen.child.send('echo one' + ESCAPE)
    type_keys(screen, 'v', '$ echo two')


# -- keys and pastes ----------------------------------------------------------------------


def test_ctrl_v_takes_the_next_key_as_it_is(screen: Screen) -> None:
    screen.child.send(f"printf %s '{CTRL_V}\t{CTRL_V}{ESCAPE}{CTRL_V}{CTRL_A}' | od -An -c\r")
    screen.until_seen('\\t 033 001\n')


@pytest.mark.parametrize(('pasted', 'shown'), [
    ('$ echo a\r', ['$ echo a']), ('# echo a', ['$ # echo a']),
    ('echo \x1b[31mred\x07\x00', ['$ echo [31mred']),
    ('a\tb\rc', ['$ a       b', '> c', '2 lines pasted: Enter runs them']),
])
def test_a_paste_waits_for_enter(pasted: str, shown: list[str], screen: Screen) -> None:
    type_keys(screen, f'\x1b[200~{pasted}\x1b[201~', *shown)


def test_a_paste_that_no_terminal_marks(screen: Screen) -> None:
    """Lines run as they come; what is long is not slow for that."""
    screen.child.send(': ' + 'x' * 6000 + '; echo end\r')
    screen.until('end', '$')
    screen.child.send('echo a\recho b\r')
    screen.until('$ echo a', 'a', '$ echo b', 'b', '$')


def test_what_is_typed_ahead_reaches_the_program_as_typed(screen: Screen) -> None:
    screen.child.send('od -An -c\rhello\r')
    screen.terminal.until_running('od')
    screen.child.send('\x04echo on\r')
    screen.until('   h   e   l   l   o  \\n', '$ echo on', 'on', '$')


# -- abbreviations ------------------------------------------------------------------------


@pytest.fixture
def abbreviated(screen: Screen, tmp_path: Path) -> Screen:
    (tmp_path / 'x').write_text(
        "abbr g echo git; abbr -a -p anywhere L '| cat'; abbr -a --set-cursor m 'echo <%> x'\n"
        "dots() { echo \"echo up ${#1}\"; }; abbr -a -r '\\.\\.+' -f dots up\n"
        "abbr -a -f false no\n")
    enter(screen, '. ./x')
    return screen


@pytest.mark.parametrize(('typed', 'shown'), [
    ('g ', '$ echo git'), ('g;', '$ echo git;'), ('x | g|', '$ x | echo git|'),
    ('if g ', '$ if echo git'), ('echo $(g)', '$ echo $(echo git)'),
    ('echo g L ', '$ echo g | cat'), ('m X', '$ echo <X> x'), ('.... ', '$ echo up 4'),
    ('g\x00x', '$ g x'), ('"g ', '$ "g'), ("''g ", "$ ''g"), ('no ', '$ no'),
    ('g ' + UNDO, '$ g'), ('Lg ', '$ Lg'), ('# L ', '$ # L'),
])
def test_an_abbreviation(typed: str, shown: str, abbreviated: Screen) -> None:
    type_keys(abbreviated, typed, shown)


def test_the_history_has_what_an_abbreviation_stands_for(abbreviated: Screen) -> None:
    type_keys(abbreviated, 'g\r', '$ echo git', 'git', '$')
    type_keys(abbreviated, UP, '$ echo git')


# -- jobs and input -----------------------------------------------------------------------


def test_a_job_by_its_number_alone_is_brought_back(screen: Screen) -> None:
    screen.child.send("sh -c 'kill -STOP $$; echo on'\r")
    screen.until_seen('Stopped')
    screen.child.send('%1\r')
    screen.until('on', '$')
    enter(screen, '%1', 'minishell: fg: %1: no such job')
    enter(screen, 'set +m; %1', 'minishell: %1: command not found')


def test_a_job_by_its_number_goes_on_in_the_background(screen: Screen, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'fifo')
    screen.child.send("sh -c 'kill -STOP $$; echo on >fifo'\r")
    screen.until_seen('Stopped')
    screen.child.send('%1 &\r')
    assert (tmp_path / 'fifo').read_text() == 'on\n'
    screen.until_seen("[1]+ sh -c 'kill")


def test_read_e_reads_a_line(screen: Screen) -> None:
    screen.child.send('read -e x; echo "<$x>"\rabc\r')
    screen.until('<abc>', '$')
