"""What is suggested and found again, and what is no more: files that are gone, commands that
are to be forgotten, folders where one has been; the keys that trace and show processes."""
from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from .test_editor import enter
from .test_history_database import BASE, first_prompt, rows
from .test_prompt import UP

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal
    from .test_prompt import Screen

    Start = Callable[..., Terminal]

pytest.importorskip('prompt_toolkit')
SHIFT_DEL, CTRL_R, CTRL_G, CTRL_U = '\x1b[3;2~', '\x12', '\x07', '\x15'
F2, F3 = '\x1bOQ', '\x1bOR'


@pytest.fixture
def screen(start: Start) -> Screen:
    return first_prompt(start)


def suggested(screen: Screen, typed: str, rest: str) -> None:
    """This is suggested behind what is typed."""
    screen.child.send(CTRL_U + typed)
    screen.until(f'$ {typed}')
    screen._read_until(lambda: screen.suggestion() == rest, rest)


def test_no_line_is_suggested_whose_files_are_gone(screen: Screen, tmp_path: Path) -> None:
    for name in ('one', 'two'):
        (tmp_path / name).mkdir()
        enter(screen, f'cd {tmp_path}/{name}; cd ..')
    suggested(screen, 'cd /', f'{tmp_path}/two; cd ..'[1:])
    (tmp_path / 'two').rmdir()
    screen.child.send(CTRL_U)
    screen.until('$')
    enter(screen, ':')                  # what is there is seen once a line
    suggested(screen, 'cd /', f'{tmp_path}/one; cd ..'[1:])
    screen.child.send(CTRL_U + UP + UP)
    screen.until_words(f'$ cd {tmp_path}/two; cd ..')     # Up has it nevertheless


def kept(tmp_path: Path) -> tuple[list[str], list[str]]:
    """The commands in HISTFILE, and in the database."""
    return (tmp_path / 'h').read_text().splitlines(), [row[0] for row in rows(tmp_path / BASE)]


def test_what_is_suggested_is_forgotten(screen: Screen, tmp_path: Path) -> None:
    for text in (': secret', ': other', ': secret'):
        enter(screen, text)
    suggested(screen, ': s', 'ecret')
    screen.child.send(SHIFT_DEL)
    screen.until('$ : s', 'forgotten: : secret')
    screen._read_until(lambda: screen.suggestion() == '', 'no suggestion')
    assert kept(tmp_path) == ([': other'], [': other'])
    screen.child.send(CTRL_U + UP)
    screen.until('$ : other')
    screen.child.send(CTRL_U + 'history\r')
    screen.until_words('1 : other', '2 history', '$')


def test_what_is_recalled_is_forgotten(screen: Screen, tmp_path: Path) -> None:
    for text in (': one', ': two'):
        enter(screen, text)
    screen.child.send(UP + UP + SHIFT_DEL)
    screen.until('$', 'forgotten: : one')
    assert kept(tmp_path) == ([': two'], [': two'])
    screen.child.send('abc\x01' + SHIFT_DEL)    # where there is none it is Del
    screen.until('$ bc')


def test_what_is_chosen_in_the_list_is_forgotten(screen: Screen, tmp_path: Path) -> None:
    for text in (': one', ': two', ': three'):
        enter(screen, text)
    screen.child.send(CTRL_R + ': t')
    screen.until_seen('1/2')
    screen.child.send(SHIFT_DEL)
    screen.until_seen('1/1')
    screen.until_seen(': two')
    screen.child.send(SHIFT_DEL)
    screen.until_seen('nothing found')
    screen.child.send(SHIFT_DEL + CTRL_G)
    screen.until('$')
    assert kept(tmp_path) == ([': one'], [': one'])


def test_what_ran_today(screen: Screen, tmp_path: Path) -> None:
    for text in (': old', ': new'):
        enter(screen, text)
    with closing(sqlite3.connect(tmp_path / BASE)) as base:
        base.execute('UPDATE run SET start = start - 48 * 3600 * 1000000 WHERE id = 1')
        base.commit()
    screen.child.send(CTRL_R + ': @today')
    screen.until_seen('1/1')
    screen.until_seen(': new')
    screen.child.send(CTRL_U + ': ')
    screen.until_seen('1/2')


def test_the_list_while_another_shell_has_the_database_locked(
    screen: Screen, tmp_path: Path,
) -> None:
    for text in (': one', ': two'):
        enter(screen, text)
    with closing(sqlite3.connect(tmp_path / BASE, 60, isolation_level=None)) as base:
        base.execute('BEGIN EXCLUSIVE')
        screen.child.send(CTRL_R + 'one')
        screen.until_seen('1/1')
        screen.child.send(CTRL_G)
        screen.until('$')


def test_cd_goes_to_where_one_has_been(screen: Screen, tmp_path: Path) -> None:
    for name in ('a/project', 'b/Projects'):
        (tmp_path / name).mkdir(parents=True)
    enter(screen, 'cd a/project')
    enter(screen, ':')
    enter(screen, 'cd ../../b/Projects')
    for _ in range(3):
        enter(screen, ':')
    enter(screen, 'cd /')
    screen.child.send('cd roject\t')
    screen.until_words('$ cd roject', f'Projects {tmp_path}/b x4', f'project {tmp_path}/a x2')
    screen.child.send('\t\t\r')
    screen.until('$')
    enter(screen, 'pwd', f'{tmp_path}/a/project')


def test_the_line_is_traced(screen: Screen) -> None:
    screen.child.send("echo 'a b'" + F2)
    screen.until_seen(r"""$ trace 'echo '\''a b'\'''""" + '\na b\n')
    screen.child.send('clear\r')
    screen._read_until(lambda: screen.lines() == ['$'], 'the prompt alone')
    screen.child.send('if true' + F2)
    screen.until('$ if true', 'F2 traces a whole command')


def test_processes_below_the_prompt(screen: Screen) -> None:
    screen.child.send('echo a' + F3)
    screen.until_seen('this shell')
    screen.child.send(F3)
    screen.until('$ echo a')
