"""The line editor: several lines, colours, suggestions, pastes, the keys of vi."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .test_editor import edited, enter
from .test_prompt import UP

if TYPE_CHECKING:
    from pathlib import Path

    from .test_prompt import Screen

__all__ = ['edited']
RIGHT, LEFT, ESCAPE = '\x1b[C', '\x1b[D', '\x1b'


def colours(screen: Screen, row: int) -> str:
    """The first letters of the colours of a row's characters; a blank where there is none."""
    cells = screen.screen.buffer[row]
    text = screen.screen.display[row].rstrip()
    return ''.join(['' if cells[at].fg is None else ' ' if cells[at].fg == 'default'
                    else cells[at].fg[0] for at in range(len(text))]).rstrip()


# -- several lines ----------------------------------------------------------------------


@pytest.mark.parametrize('lines', [
    ['if true; then', 'echo yes', 'fi'], ['for i in 1', 'do', 'echo yes', 'done'],
    ['{', 'echo yes', '}'], ['(', 'echo yes', ')'], ['echo \\', 'yes'],
    ['case x in', 'x)', 'echo yes ;;', 'esac'], ['f() {', 'echo yes', '}; f'],
    ['true &&', 'echo yes'], ['echo yes |', 'cat'], ['cat <<E', 'yes', 'E'],
    ['echo $(', 'echo yes', ')'], ['echo `echo', 'echo yes`'], ['[[ a &&', 'a ]]; echo yes'],
    ['while', 'false', 'do :; done; echo yes'], ['x=$((1', '+1)); echo yes'],
])
def test_enter_goes_on_with_what_is_open(lines: list[str], edited: Screen) -> None:
    shown = []
    for number, line in enumerate(lines):
        edited.child.send(line + '\r')
        shown.append(('> ' if number else '$ ') + line)
        edited.until(*shown, *(['yes', '$'] if number == len(lines) - 1 else ['>']))


def test_what_is_wrong_is_run_at_once(edited: Screen) -> None:
    """What can be added would not make it right."""
    enter(edited, 'fi; if true', "minishell: syntax error near unexpected token `fi'",
          '    fi; if true', '    ^~')


def test_lines_typed_before_can_be_changed(edited: Screen) -> None:
    edited.child.send('for i in a b\rdo echo $i\r')
    edited.until('$ for i in a b', '> do echo $i', '>')
    edited.child.send(UP + UP + RIGHT * 20 + ' c')
    edited.until('$ for i in a b c', '> do echo $i', '>')
    edited.child.send('\x1b[B' * 2 + 'done\r')
    edited.until('$ for i in a b c', '> do echo $i', '> done', 'a', 'b', 'c', '$')


def test_a_command_of_several_lines_comes_back_whole(edited: Screen) -> None:
    edited.child.send('for i in 1\rdo echo $i\rdone\r')
    edited.until('> done', '1', '$')
    edited.child.send(UP)
    edited.until('$ for i in 1', '> do echo $i', '> done')
    edited.child.send('\r')
    edited.until('> done', '1', '$')


def test_escape_enter_begins_a_line(edited: Screen) -> None:
    edited.child.send('echo a' + ESCAPE + '\recho b')
    edited.until('$ echo a', '> echo b')
    edited.child.send('\r')
    edited.until('> echo b', 'a', 'b', '$')


def test_enter_in_the_middle_runs_the_whole_line(edited: Screen) -> None:
    edited.child.send('echo abc' + LEFT * 2 + '\r')
    edited.until('$ echo abc', 'abc', '$')


# -- pastes -----------------------------------------------------------------------------


@pytest.mark.parametrize(('paste', 'shown'), [
    ('$ echo a', ['$ echo a']),                         # with the prompt it stood behind
    ('echo a\x07\x1b[2J', ['$ echo a[2J']),             # no key, no sequence
    ('echo a\recho b', ['$ echo a', '> echo b', '2 lines pasted: Enter runs them']),
])
def test_a_paste_waits_for_enter(paste: str, shown: list[str], edited: Screen) -> None:
    edited.child.send(f'{ESCAPE}[200~{paste}{ESCAPE}[201~')
    edited.until(*shown)


def test_a_paste_without_brackets(edited: Screen) -> None:
    text = 'x' * 6000
    edited.child.send(f'x={text}\r')
    edited.until_seen('\n$\n')
    enter(edited, 'echo ${#x}', '6000')


# -- colours ----------------------------------------------------------------------------


def test_what_is_typed_has_the_colours_of_what_it_is(edited: Screen) -> None:
    edited.child.send('if nosuch "a$x" 2>f; then echo # c')
    edited.until('$ if nosuch "a$x" 2>f; then echo # c')
    wanted = '  mm rrrrrr bbggb cc c mmmm bbbb bbb'
    edited._read_until(lambda: colours(edited, 0) == wanted, wanted)


def test_no_color(start: object) -> None:
    from .test_prompt import Screen as Shown
    shown = Shown(start(echo=True, TERM='xterm', PS1='$ ', NO_COLOR='1'))  # type: ignore[operator]
    shown.until('$')
    shown.child.send('if nosuch')
    shown.until('$ if nosuch')
    assert colours(shown, 0) == ''


# -- suggestions ------------------------------------------------------------------------


def test_the_newest_command_that_begins_so_is_suggested(edited: Screen) -> None:
    enter(edited, 'echo one', 'one')
    enter(edited, 'echo two', 'two')
    edited.child.send('ec')
    edited._read_until(lambda: edited.suggestion() == 'ho two', 'a suggestion')
    edited.child.send(RIGHT + '\r')
    edited.until('$ echo two', 'two', '$')


# -- the keys of vi -----------------------------------------------------------------------


def test_set_o_vi(edited: Screen) -> None:
    enter(edited, 'set -o vi')
    edited.child.send('echo one two three')
    edited.until('$ echo one two three')
    edited.child.send(ESCAPE)
    edited.child.send('2bdwx')
    edited.until('$ echo one hree')
    edited.child.send('u0wcwTWO' + ESCAPE + '\r')
    edited.until('TWO three', '$')
    enter(edited, 'set -o emacs')
    edited.child.send('echo x' + '\x01' + ': ')
    edited.until('$ : echo x')


@pytest.mark.parametrize(('typed', 'shown'), [
    ('echo a b c' + ESCAPE + '0dw.', '$ b c'),
    ('echo a b c' + ESCAPE + '0wcwX' + ESCAPE + 'w.', '$ echo X X c'),
    ('abcdef' + ESCAPE + '02x.', '$ ef'),
    ('abcdef' + ESCAPE + '0xu.', '$ bcdef'),
    ('abc' + ESCAPE + '0~l.', '$ AbC'),
    ('a1b1c1d' + ESCAPE + '0df1.', '$ c1d'),
    ('a b c d' + ESCAPE + '02cwX' + ESCAPE + 'w.', '$ X X'),
    ('a b c d' + ESCAPE + '02cwX', '$ X c d'),
    ('a-b c' + ESCAPE + '0cWX', '$ X c'),
    ("x 'a b' c" + ESCAPE + "0da'", '$ x  c'),
    ('echo "a b" c' + ESCAPE + '0f"ci"x', '$ echo "x" c'),
    ('echo (a b) c' + ESCAPE + '0fadi(', '$ echo () c'),
    ('a b c d' + ESCAPE + '02dw', '$ c d'),
    ('a b' + ESCAPE + '_', '$ a b two'),
    ('a b' + ESCAPE + '1_x', '$ a b echox'),
    ('echo a b' + ESCAPE + 'cwX' + ESCAPE + 'u', '$ echo a b'),
    ('echo a b' + ESCAPE + '0cwXY Z' + ESCAPE + 'xu', '$ XY Z a b'),
    ('echo a b' + ESCAPE + '0cwXY Z' + ESCAPE + 'xuu', '$ echo a b'),
    ('echo a b' + ESCAPE + 'xxuu', '$ echo a b'),
    ('my_f' + ESCAPE + '\\x', '$ my_function x'),
])
def test_vi_changes(typed: str, shown: str, edited: Screen) -> None:
    enter(edited, 'my_function() { :; }; set -o vi')
    enter(edited, 'echo one two', 'one two')
    edited.child.send(typed)
    edited.until(shown)


def test_vi_comment(edited: Screen) -> None:
    enter(edited, 'set -o vi')
    edited.child.send('echo half' + ESCAPE)
    edited.child.send('#')
    edited.until('$ #echo half', '$')


# -- completion -------------------------------------------------------------------------


@pytest.mark.parametrize(('typed', 'shown'), [
    ('cat one\t', '$ cat one-file'),                    # one: and a blank
    ('cat o\tx', '$ cat one-file x'),
    ('ls fol\tx', '$ ls folder/x'),
    ("cat 'sp\tx", "$ cat 'sp ace' x"),
    ('cat sp\tx', '$ cat sp\\ ace x'),
    ('cat t\tx', '$ cat two-x'),                        # what two have in common
    ('echo $MINE\tx', '$ echo $MINE_ALONE x'),
    ('my_f\tx', '$ my_function x'),
    ('tool al\tx', '$ tool alpha x'),                   # complete -W
    ('if my_f\tx', '$ if my_function x'),
])
def test_tab(typed: str, shown: str, edited: Screen, tmp_path: Path) -> None:
    for name in ('one-file', 'sp ace', 'two-a', 'two-b'):
        (tmp_path / name).write_text('')
    (tmp_path / 'folder').mkdir()
    edited.child.send('MINE_ALONE=1; my_function() { :; }; complete -W "alpha beta" tool\r')
    edited.until_seen('\n$\n')
    edited.child.send(typed)
    edited.until(shown.rstrip())


def test_tab_opens_a_menu_and_goes_through_it(edited: Screen, tmp_path: Path) -> None:
    for name in ('two-a', 'two-b'):
        (tmp_path / name).write_text('')
    edited.child.send('cat two-\t')
    edited.until_seen('two-b')
    edited.child.send('\t\t')
    edited.until_seen('$ cat two-b')
    edited.child.send('x')
    edited.until('$ cat two-b x')
