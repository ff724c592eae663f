"""Going back to what was typed before: Up, Ctrl-R."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .test_editor import enter
from .test_history_database import first_prompt
from .test_prompt import DOWN, LEFT, UP, Screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal

    Start = Callable[..., Terminal]

pytest.importorskip('prompt_toolkit')
CTRL_G, CTRL_O, CTRL_R, ESCAPE, RIGHT = '\x07', '\x0f', '\x12', '\x1b', '\x1b[C'


@pytest.fixture(params=['h', ''])
def screen(request: pytest.FixtureRequest, start: Start) -> Screen:
    """A prompt whose history is kept, and one whose history is not."""
    return first_prompt(start, HISTFILE=request.param)


@pytest.fixture
def kept(start: Start) -> Screen:
    return first_prompt(start)


def type_keys(screen: Screen, keys: str, *shown: str) -> None:
    """Type keys; wait for the last lines that are not empty."""
    screen.child.send(keys)
    screen.until(*shown)


# -- Up -----------------------------------------------------------------------------------


def test_up_leads_back_and_down_to_what_is_typed(screen: Screen) -> None:
    for text in ('a', 'b', 'b', 'c'):
        enter(screen, f'echo {text}', text)
    type_keys(screen, UP, '$ echo c')
    type_keys(screen, UP + UP, '$ echo a')          # a repeated one once
    type_keys(screen, DOWN, '$ echo b')
    type_keys(screen, DOWN + DOWN, '$')
    type_keys(screen, 'x' + DOWN, '$ x')


def test_up_finds_what_begins_as_what_is_before_the_cursor(screen: Screen) -> None:
    for text in 'abb':
        enter(screen, f'echo {text}', text)
    enter(screen, ': other')
    enter(screen, 'echo b', 'b')
    type_keys(screen, 'echoX' + LEFT + UP + UP, '$ echo a')         # each once
    type_keys(screen, UP, '$ echo a')
    screen.child.send(DOWN + DOWN + 'Y')
    screen.until('$ echoYX')


def test_what_is_changed_on_the_way_stays_until_enter(screen: Screen) -> None:
    enter(screen, 'echo a', 'a')
    enter(screen, 'echo b', 'b')
    type_keys(screen, UP + 'X' + UP, '$ echo a')
    type_keys(screen, DOWN, '$ echo bX')
    type_keys(screen, '\r', '$ echo bX', 'bX', '$')
    type_keys(screen, UP + UP, '$ echo b')


def test_up_in_a_command_of_several_lines(screen: Screen) -> None:
    enter(screen, 'echo old', 'old')
    screen.child.send('for i in 1; do\recho x\rdone\r')
    screen.until_seen('\nx\n$')
    type_keys(screen, UP, '$ for i in 1; do', '> echo x', '> done')
    type_keys(screen, UP + UP + UP, '$ echo old')
    type_keys(screen, DOWN, '$ for i in 1; do', '> echo x', '> done')
    type_keys(screen, DOWN + DOWN + DOWN, '$')


def test_this_shells_commands_come_before_those_of_others(
    kept: Screen, start: Start,
) -> None:
    enter(kept, 'echo mine', 'mine')
    other = first_prompt(start)
    enter(other, 'echo theirs', 'theirs')
    type_keys(kept, UP, '$ echo mine')
    type_keys(kept, UP, '$ echo theirs')
    type_keys(other, UP + UP, '$ echo mine')


def test_what_was_not_found_is_found_again(kept: Screen) -> None:
    """It is not suggested, but a slip of the pen is to be mended."""
    enter(kept, 'ecoh a', 'minishell: ecoh: command not found',
          "minishell: did you mean `echo'? (Alt-Enter)")
    type_keys(kept, UP, '$ ecoh a')


def test_the_oldest_of_all_and_back(kept: Screen, tmp_path: Path) -> None:
    for text in 'abc':
        enter(kept, f'echo {text}', text)
    type_keys(kept, 'x' + ESCAPE + '<', '$ x')          # none begins so
    type_keys(kept, '\x7f' + ESCAPE + '<', '$ echo a')
    type_keys(kept, ESCAPE + '>', '$')


def test_ctrl_o_runs_a_command_and_goes_on_to_the_next(screen: Screen) -> None:
    for text in 'abc':
        enter(screen, f'echo {text}', text)
    type_keys(screen, UP + UP + UP, '$ echo a')
    type_keys(screen, CTRL_O, '$ echo a', 'a', '$ echo b')
    type_keys(screen, '\r', '$ echo b', 'b', '$')


def test_vi_goes_through_all_whatever_is_typed(screen: Screen) -> None:
    enter(screen, 'set -o vi')
    enter(screen, 'echo a', 'a')
    enter(screen, 'echo b', 'b')
    type_keys(screen, 'x' + ESCAPE, '$ x')
    type_keys(screen, 'kk', '$ echo a')
    type_keys(screen, 'j', '$ echo b')
    type_keys(screen, 'jj', '$ x')
    type_keys(screen, '1G', '$ set -o vi')


# -- Ctrl-R -------------------------------------------------------------------------------


def test_enter_runs_what_is_chosen(screen: Screen) -> None:
    for text in ('one', 'two', 'One'):
        enter(screen, f'echo {text}', text)
    screen.child.send(CTRL_R)
    screen.until_seen('search:   @cwd @fail @session')
    screen.child.send('one')
    screen.until_seen('1/2')
    screen.child.send(DOWN)
    screen.until_seen('2/2')
    type_keys(screen, '\r', '$ echo one', 'one', '$')
    screen.child.send(CTRL_R + 'ONE')
    screen.until_seen('nothing found')
    screen.child.send('\r')
    type_keys(screen, 'x', '$ x')


@pytest.mark.parametrize('key', ['\t', RIGHT])
def test_a_command_is_put_into_the_line(key: str, screen: Screen) -> None:
    enter(screen, 'echo one', 'one')
    screen.child.send(CTRL_R + 'ne')
    screen.until_seen('1/1')
    type_keys(screen, key, '$ echo one')
    type_keys(screen, 'X\r', '$ echo oneX', 'oneX', '$')


@pytest.mark.parametrize('key', [ESCAPE, CTRL_G])
def test_the_line_is_intact_when_the_list_is_left(key: str, screen: Screen) -> None:
    enter(screen, 'echo one', 'one')
    screen.child.send('half' + LEFT + CTRL_R)
    screen.until_seen('search: half')
    screen.until_seen('nothing found')
    screen.child.send('\x15one')
    screen.until_seen('1/1')
    screen.child.send(key)
    type_keys(screen, 'X', '$ halXf')


def test_words_in_any_order_and_filters(kept: Screen, start: Start, tmp_path: Path) -> None:
    (tmp_path / 'd').mkdir()
    enter(kept, 'cd d')
    enter(kept, 'echo here one', 'here one')
    enter(kept, '(exit 3) #one')
    enter(kept, 'cd ..')
    other = first_prompt(start)
    enter(other, 'echo one there', 'one there')
    for query, count in (('one', 3), ('one echo', 2), ('@cwd one', 1), ('@fail', 1),
                         ('@session one', 2), ('o%e', 0), ('one @f', 3)):
        kept.child.send(CTRL_R + query)
        kept.until_seen(f'search: {query}\n')
        kept.until_seen(f'1/{count}  ' if count else 'nothing found')
        kept.child.send(CTRL_G)
        kept.until('$')
    kept.child.send(CTRL_R + '@fail')
    kept.until_seen('   3 (exit 3) #one\n')
    kept.until_seen('  status 3  in /')
    kept.child.send('\x03')
    kept.until('$')


def test_commands_of_several_lines_and_wide_characters(screen: Screen) -> None:
    screen.child.send("echo '語\r" + '語' * 60 + "'\r")
    screen.until_seen("語'\n")
    screen.until('語' * 50, '語' * 10, '$')
    screen.child.send(CTRL_R + '語')
    screen.until_seen("echo '語⏎ 語語語")
    type_keys(screen, '\t', "$ echo '語", '> ' + '語' * 49, '語' * 11 + "'")


def test_the_list_is_gone_through_in_pages(screen: Screen) -> None:
    for number in range(20):
        screen.child.send(f': {number}.\r')
        screen.until(f'$ : {number}.', '$')
    screen.child.send(CTRL_R + ':')
    screen.until_seen('1/20')
    screen.child.send('\x1b[6~')
    screen.until_seen('13/20')
    screen.child.send('\x1b[5~' + UP)
    screen.until_seen('1/20')
    type_keys(screen, DOWN + CTRL_R + '\t', '$ : 17.')


def test_slash_of_vi_opens_the_list(screen: Screen) -> None:
    enter(screen, 'set -o vi')
    enter(screen, 'echo one', 'one')
    screen.child.send(ESCAPE)
    screen.child.send('/on')
    screen.until_seen('1/1')
    screen.child.send(ESCAPE)
    screen.until('$')
    screen.child.send('/on\r')
    screen.until('$ echo one', 'one', '$')


# -- what comes meanwhile -------------------------------------------------------------------


@pytest.fixture
def told(kept: Screen) -> Screen:
    """A prompt that tells at once of a job; `end` has it end."""
    enter(kept, 'set -b; mkfifo f')
    enter(kept, 'echo one', 'one')
    enter(kept, 'echo two', 'two')
    kept.child.send('read x <f &\r')
    kept.until_seen('[1] ')
    kept.until('$')
    return kept


def end(screen: Screen, tmp_path: Path) -> None:
    """Have the job end; wait until that is told."""
    (tmp_path / 'f').write_text('x\n')
    screen.until_seen('Done')


def test_the_list_stays_when_a_job_is_told(told: Screen, tmp_path: Path) -> None:
    told.child.send('half' + CTRL_R + '\x15echo')
    told.until_seen('1/2')
    told.child.send(DOWN)
    told.until_seen('2/2')
    end(told, tmp_path)
    told.until_seen('search: echo\n')
    told.until_seen('2/2')
    told.child.send(' tw')
    told.until_seen('search: echo tw\n')
    told.until_seen('1/1')
    type_keys(told, CTRL_G, '$ half')


def test_the_menu_stays_when_a_job_is_told(told: Screen, tmp_path: Path) -> None:
    told.child.send('\x1bOS' + DOWN)
    told.until_seen('Space switches')
    end(told, tmp_path)
    told.until_seen('Space switches')
    told.child.send(' ')
    told.until_seen('off  highlighting')
    type_keys(told, 'qx', '$ x')


def test_the_way_back_stays_when_a_job_is_told(told: Screen, tmp_path: Path) -> None:
    type_keys(told, UP + UP, '$ echo two')
    end(told, tmp_path)
    told.until('$ echo two')
    type_keys(told, UP, '$ echo one')
    type_keys(told, DOWN + DOWN + DOWN, '$')


def test_undo_and_the_mode_of_vi_stay_when_a_job_is_told(
    told: Screen, tmp_path: Path,
) -> None:
    enter(told, 'set -o vi')
    type_keys(told, 'echo a b\x1bx', '$ echo a')
    end(told, tmp_path)
    told.until('$ echo a')
    type_keys(told, 'u', '$ echo a b')
