"""Pitfalls marked in the line where typing pauses, with a sentence below it."""
from __future__ import annotations

from typing import TYPE_CHECKING

from .test_editor import edited, enter
from .test_interrupts import delay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .test_prompt import Screen

__all__ = ['delay', 'edited']
CTRL_A, CTRL_U = '\x01', '\x15'
F1, LEFT, RIGHT = '\x1bOP', '\x1b[D', '\x1b[C'
AT_ROOT = 'new is not set: this removes what is in /'


def underlined(screen: Screen) -> str:
    """What is underlined in the first line with a prompt, of the last ones."""
    row = screen.screen.cursor.y
    cells = screen.screen.buffer[row]
    return ''.join([cells[at].data for at in range(screen.screen.columns)
                    if cells[at].underscore])


def until_underlined(screen: Screen, text: str) -> None:
    """Wait until that is underlined, and the cursor there."""
    screen._read_until(lambda: underlined(screen) == text, text)


def until_warned(screen: Screen, line: str) -> None:
    """Wait until that is below a line; how much rm would remove may be below it."""
    wanted = [line, AT_ROOT]
    screen._read_until(lambda: wanted in (screen.lines()[-2:], screen.lines()[-3:-1]), wanted)


def test_a_mark_and_a_sentence(edited: Screen) -> None:
    edited.child.send('rm -rf "$new/"')
    until_warned(edited, '$ rm -rf "$new/"')
    until_underlined(edited, '"$new/"')
    edited.child.send(' b')             # it stays while one types on
    until_warned(edited, '$ rm -rf "$new/" b')
    edited.child.send(CTRL_U + 'cat f >f')
    edited.until('$ cat f >f', 'f is emptied before the command can read it')
    until_underlined(edited, '>f')
    edited.child.send(CTRL_U)
    edited.until('$')
    enter(edited, 'new=x')
    edited.child.send('cat f >f; rm -r "$new/"')
    edited.until('$ cat f >f; rm -r "$new/"', 'f is emptied before the command can read it')
    until_underlined(edited, '>f')


def test_the_sentence_is_about_what_is_at_the_cursor(edited: Screen) -> None:
    edited.child.send('rm -rf "$new/"; cat f >f')
    edited.until('$ rm -rf "$new/"; cat f >f', 'f is emptied before the command can read it')
    edited.child.send(CTRL_A)
    until_warned(edited, '$ rm -rf "$new/"; cat f >f')


def test_it_is_gone_with_enter(edited: Screen) -> None:
    edited.child.send('echo x$new')
    edited.until('$ echo x$new', 'new is not set: nothing is left of it')
    edited.child.send('\r')
    edited.until('$ echo x$new', 'x', '$')


def test_files_of_redirections(edited: Screen, tmp_path: Path) -> None:
    (tmp_path / 'f').write_text('four')
    edited.child.send('echo >f')
    edited.until('$ echo >f', 'f has 4 bytes: > empties it, >> appends to it')
    until_underlined(edited, '>f')
    edited.child.send(CTRL_U + 'cat <nosuch')
    edited.until('$ cat <nosuch', 'nosuch is not there')
    edited.child.send('\x7f' * 6 + 'f')
    edited.until('$ cat <f')


def test_a_file_that_is_long_in_answering(
    edited: Screen, delay: Callable[..., None], tmp_path: Path,
) -> None:
    """Nothing waits for it; what it says comes later."""
    delay(edited.terminal, 'newfstatat,stat,statx', 'enter', 100_000, '/far/file')
    edited.child.send('cat </far/file; rm -rf "$new/"')
    until_warned(edited, '$ cat </far/file; rm -rf "$new/"')
    edited.child.send(CTRL_A)
    edited.until('$ cat </far/file; rm -rf "$new/"', '/far/file is not there')


# -- F1 -----------------------------------------------------------------------------------


def test_f1_explains_what_is_at_the_cursor(edited: Screen) -> None:
    edited.child.send('cd -P /tmp' + CTRL_A + F1)
    edited.until('$ cd -P /tmp', 'cd: built-in utility: change the working directory',
                 'cd [-L|[-P [-e]] [-@]] [dir]')
    edited.child.send(RIGHT)
    edited.until('$ cd -P /tmp')
    edited.child.send(RIGHT * 3 + F1)
    edited.until('$ cd -P /tmp', '-P  go to the directories they lead to')
    edited.child.send('x')
    edited.until('$ cd -xP /tmp')
    edited.child.send(CTRL_U + '\x0b' + F1)             # nothing is there
    edited.until_seen('F4 settings')
    edited.child.send('echo a\r')
    edited.until('$ echo a', 'a', '$')


def test_f1_where_lint_has_something_to_say(edited: Screen) -> None:
    edited.child.send('echo x$new')
    edited.until('$ echo x$new', 'new is not set: nothing is left of it')
    edited.child.send(LEFT * 2 + F1)
    edited.until('$ echo x$new', '$new: the variable new → not set')
    edited.child.send(LEFT)
    edited.until('$ echo x$new', 'new is not set: nothing is left of it')
