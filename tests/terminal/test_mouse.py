"""Clicks of the mouse, as terminals tell of them; and sequences that are no text."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .test_editor import enter
from .test_history_database import first_prompt
from .test_prompt import DOWN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal
    from .test_prompt import Screen

    Start = Callable[..., Terminal]

pytest.importorskip('prompt_toolkit')
CTRL_R, F4 = '\x12', '\x1bOS'


def click(screen: Screen, column: int, row: int) -> None:
    """Press and release the left button at a place of the screen, both counted from 0."""
    for end in 'Mm':
        screen.child.send(f'\x1b[<0;{column + 1};{row + 1}{end}')


def put(screen: Screen, column: int, row: int, then: int | None = None) -> None:
    """Click, and wait until the cursor is there, or in another column `then`."""
    click(screen, column, row)
    wanted = column if then is None else then, row
    cursor = screen.screen.cursor
    screen._read_until(lambda: (cursor.x, cursor.y) == wanted, wanted)


@pytest.fixture
def screen(start: Start) -> Screen:
    """A prompt that is not at the top of the screen; its terminal says where the cursor is."""
    shown = first_prompt(start, HISTFILE='')
    enter(shown, 'echo a', 'a')
    return shown


@pytest.mark.parametrize(('column', 'then', 'text'), [
    (len('$ echo '), None, 'echo Xone two'), (len('$ echo one t'), None, 'echo one tXwo'),
    (90, len('$ echo one two'), 'echo one twoX'), (0, len('$ '), 'Xecho one two'),
])
def test_the_cursor_goes_where_one_clicks(
    column: int, then: int | None, text: str, screen: Screen,
) -> None:
    screen.child.send('echo one two\x02')
    screen.until('$ echo one two')
    put(screen, column, 2, then)
    screen.child.send('X')
    screen.until(f'$ {text}')


def test_in_lines_wide_characters_and_lines_of_the_terminal(screen: Screen) -> None:
    screen.child.send("echo '日本語\r" + 'b' * 110)
    screen.until('> ' + 'b' * 98, 'b' * 12)
    put(screen, len("$ echo '") + 4, 2)
    screen.child.send('X')
    screen._read_until(lambda: "$ echo '日本X語" in ''.join(screen.lines()).replace(
        '本 ', '本').replace('日 ', '日'), 'X')
    put(screen, 3, 4)
    screen.child.send('Y')
    screen.until('> ' + 'b' * 98, 'bbbY' + 'b' * 9)


def test_a_candidate_is_taken_from_the_menu(screen: Screen, tmp_path: Path) -> None:
    for name in ('fa', 'fb', 'fc'):
        (tmp_path / name).touch()
    screen.child.send('echo f\t')
    screen.until_seen(' fc\n')
    row = next(number for number, line in enumerate(screen.screen.display) if ' fb' in line)
    click(screen, screen.screen.display[row].index('fb'), row)
    screen.until('$ echo fb')


def clicked(screen: Screen, text: str, times: int = 1) -> None:
    """Click at the last row in which a text is."""
    row = max(number for number, line in enumerate(screen.screen.display) if text in line)
    for _ in range(times):
        click(screen, 20, row)


def until_chosen(screen: Screen, text: str) -> None:
    """Wait until the row that is chosen has a text."""
    def chosen() -> str:
        return next((line for number, line in enumerate(screen.screen.display)
                     if screen.screen.buffer[number][7].reverse), '')
    screen._read_until(lambda: text in chosen(), text)


def test_a_command_is_chosen_in_the_list_of_ctrl_r(screen: Screen) -> None:
    """By a click; the next one on it puts it into the line, and nothing runs."""
    for text in 'bcd':
        enter(screen, f'echo {text}', text)
    screen.child.send(CTRL_R)
    screen.until_seen('1/4')
    until_chosen(screen, 'echo d')
    clicked(screen, 'echo d')           # chosen before, but not by a click
    clicked(screen, 'echo b')
    screen.until_seen('3/4')
    until_chosen(screen, 'echo b')
    screen.child.send(DOWN)
    until_chosen(screen, 'echo a')
    clicked(screen, 'echo b')
    until_chosen(screen, 'echo b')
    clicked(screen, 'echo b')
    screen.until('$ echo b')
    screen.child.send('X\r')
    screen.until('$ echo bX', 'bX', '$')


def test_a_double_click_in_the_list_of_ctrl_r(screen: Screen) -> None:
    """Its second half does not wait until the first one is answered."""
    for text in 'bcd':
        enter(screen, f'echo {text}', text)
    screen.child.send(CTRL_R + 'echo')
    screen.until_seen('1/4')
    clicked(screen, 'echo c', 2)
    screen.until('$ echo c')


def test_a_click_beside_the_list_of_ctrl_r(screen: Screen) -> None:
    """Into what is searched it puts the cursor; the line and the last row are no commands."""
    screen.child.send('half' + CTRL_R + '\x15echo')
    screen.until_seen('1/1')
    for text in ('$ half', '1/1'):
        clicked(screen, text, 2)
    row = next(number for number, line in enumerate(screen.screen.display)
               if 'search: echo' in line)
    put(screen, len('search: ec'), row)
    screen.child.send('X')
    screen.until_seen('search: ecXho')
    screen.until_seen('nothing found')
    clicked(screen, 'nothing found', 2)
    screen.child.send('\x07')
    screen.until('$ half')


def test_a_setting_is_switched_in_the_menu(screen: Screen) -> None:
    """By the second click on it."""
    screen.child.send(F4)
    screen.until_seen('on  suggestions')
    until_chosen(screen, 'suggestions')
    clicked(screen, 'lint')
    until_chosen(screen, 'lint')
    screen.until_seen('on  lint')
    clicked(screen, 'lint')
    screen.until_seen('off  lint')
    clicked(screen, 'corrections', 2)
    screen.until_seen('off  corrections')
    clicked(screen, 'Space switches', 2)
    clicked(screen, 'suggestions')
    until_chosen(screen, 'suggestions')
    screen.until_seen('on  suggestions')
    screen.until_seen('off  lint')


@pytest.mark.parametrize('sequence', [
    '\x1b[<0;4;2m', '\x1b[<64;4;1M', '\x1b[<2;9;9M', '\x1b[<35;4;1M', '\x1b[<0M', '\x1b[<;;M',
    f'\x1b[<0;{"9" * 20};1M', '\x1b[96;14;13M', '\x1b[M !!', '\x1b[5;3R', '\x1b[99;77R',
    '\x1b[27;9;77~', '\x1b[97;5u', '\x1b[?62;22c', '\x1b[I', '\x1b[O',
])
@pytest.mark.parametrize('mode', ['emacs', 'vi'])
def test_no_sequence_becomes_text(sequence: str, mode: str, screen: Screen) -> None:
    enter(screen, f'set -o {mode}')
    screen.child.send('echo ab' + sequence)
    screen.child.send('c\r')
    screen.until('$ echo abc', 'abc', '$')


def test_a_click_in_two_parts(screen: Screen) -> None:
    """What Esc begins is else a key of its own when nothing follows for a while."""
    screen.child.send('echo ab\x1b[<0')
    screen.until('$ echo ab')
    screen.child.send(';8;3M')
    screen._read_until(lambda: screen.screen.cursor.x == 7, 'the cursor there')
    screen.child.send('c')
    screen.until('$ echo cab')


def test_of_vi_no_command_takes_it(screen: Screen) -> None:
    enter(screen, 'set -o vi')
    screen.child.send('echo ab\x1b')
    screen.until('$ echo ab')
    screen.child.send('r')
    click(screen, 40, 3)
    screen.child.send('X')
    screen.until('$ echo aX')


def test_who_is_told(start: Start) -> None:
    """By default nothing is switched on that would take the terminal's selection away."""
    terminal = start(TERM='xterm', PS1='$ ')
    begun = terminal.until('\x1b]133;B\x1b\\')
    assert '\x1b]133;A;click_events=1\x1b\\' in begun and '\x1b[?1000' not in begun
    terminal.type("bind 'set mouse on'\r")
    terminal.until('\x1b[?1000h\x1b[?1006h')
    terminal.type('echo a\r')
    terminal.until('\x1b[?1006l\x1b[?1000l')
    terminal.until('\x1b]133;C')
