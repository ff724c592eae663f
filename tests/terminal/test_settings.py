"""The menu of settings (F4), the file that keeps them, and `bind 'set name off'`."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from .test_editor import enter
from .test_history_database import first_prompt
from .test_line_editor import colours
from .test_lint import AT_ROOT, until_warned
from .test_prompt import DOWN, UP

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal

    Start = Callable[..., Terminal]

F4, ESCAPE, ALT_O = '\x1bOS', '\x1b', '\x1bo'
CTRL_C, CTRL_R, CTRL_U = '\x03', '\x12', '\x15'
SUGGESTIONS, HIGHLIGHTING, LINT, RIGHT, TRANSIENT, MODE = 0, 1, 2, 4, 5, 9


def file_of(tmp_path: Path) -> Path:
    return tmp_path / 'config' / 'minishell' / 'settings'


def test_switched_as_one_looks(start: Start, tmp_path: Path) -> None:
    screen = first_prompt(start, XDG_CONFIG_HOME=str(tmp_path / 'config'))
    screen.child.send('rm -rf "$new/"')
    until_warned(screen, '$ rm -rf "$new/"')
    screen.child.send(F4)
    screen.until_seen('Space switches')
    screen._read_until(lambda: screen.lines()[1].split()[:2] == ['on', 'suggestions'], 'on')
    screen.child.send(DOWN * HIGHLIGHTING + ' ')
    screen.until_seen('off  highlighting')
    screen._read_until(lambda: colours(screen, 0) == '', 'no colours')
    screen.child.send(DOWN * (LINT - HIGHLIGHTING) + ' ')
    screen.until_seen('off  lint')
    screen.child.send(ESCAPE)
    screen._read_until(lambda: screen.lines()[:1] == ['$ rm -rf "$new/"'] and not any(
        text in '\n'.join(screen.lines()) for text in (AT_ROOT, 'switches')), 'the line')
    assert file_of(tmp_path).read_text().split('\n')[1:] == [
        'set highlighting off', 'set lint off', '']
    assert file_of(tmp_path).stat().st_mode & 0o777 == 0o600
    assert os.listdir(file_of(tmp_path).parent) == ['settings']
    screen.child.send(F4)
    screen.until_seen('off  lint')              # what was chosen last is chosen still
    screen.child.send(' \r')
    until_warned(screen, '$ rm -rf "$new/"')
    assert file_of(tmp_path).read_text().endswith('set lint on\n')


def test_the_keys_of_vi(start: Start, tmp_path: Path) -> None:
    screen = first_prompt(start, XDG_CONFIG_HOME=str(tmp_path / 'config'))
    screen.child.send('echo ab' + F4)
    screen.until_seen('emacs  editing-mode')
    screen.child.send(UP + ' ')
    screen.until_seen('vi  editing-mode')
    screen.child.send('q' + ESCAPE)
    screen.child.send('xa\x08c\r')
    screen.until('$ echo c', 'c', '$')
    again = first_prompt(start, XDG_CONFIG_HOME=str(tmp_path / 'config'))
    enter(again, "set -o | grep '^vi'", 'vi              on')


def test_kept_and_said(start: Start, tmp_path: Path) -> None:
    """What a start file says outranks the file of the menu; a key is for this shell alone."""
    file = file_of(tmp_path)
    file.parent.mkdir(parents=True)
    file.write_text('# mine\n\n set suggestions off\nset transient-prompt off\n')
    (tmp_path / 'rc').write_text("bind 'set suggestions on' 'set right-prompt off'\n"
                                 'PS1_TRANSIENT=t PS1_RIGHT=here\n')
    screen = first_prompt(start, XDG_CONFIG_HOME=str(tmp_path / 'config'), ENV='./rc')
    enter(screen, 'bind -v | grep -e right -e sugg', 'set suggestions on',
          'set right-prompt off')
    screen.child.send('echo a\r')
    screen.until('$ echo a', 'a', '$')
    screen.child.send('echo')
    screen._read_until(lambda: screen.suggestion() == ' a', 'a suggestion')
    screen.child.send(ALT_O)
    screen.until('$ echo', 'suggestions off')
    assert 'suggestions off' in file.read_text()
    screen.child.send(CTRL_U + "bind 'set right-prompt on'; bind 'set transient-prompt on'\r")
    screen.until_seen('here')
    screen.child.send('echo b\r')
    screen.until_seen('\ntecho b\nb\n')


@pytest.mark.parametrize(('key', 'shown'), [(F4, 'Space switches'), (CTRL_R, 'search:')])
def test_ctrl_c_leaves_nothing_of_a_list(key: str, shown: str, start: Start) -> None:
    screen = first_prompt(start)
    screen.child.send('half' + key)
    screen.until_seen(shown)
    screen.child.send(CTRL_C)
    screen.until('$ half', '$')
    enter(screen, 'echo on', 'on')


def test_two_shells_keep_what_each_has_chosen(start: Start, tmp_path: Path) -> None:
    one, other = [first_prompt(start, XDG_CONFIG_HOME=str(tmp_path / 'config'))
                  for _ in range(2)]
    one.child.send(F4 + ' ')
    one.until_seen('off  suggestions')
    other.child.send(F4 + DOWN + ' ')
    other.until_seen('off  highlighting')
    assert file_of(tmp_path).read_text().split('\n')[1:] == [
        'set suggestions off', 'set highlighting off', '']


@pytest.mark.parametrize(('content', 'why'), [
    (b'set lint off\nset nosuch off\n', 'line 2: not a setting'),
    (b'set lint maybe\n', 'line 1: not a setting'), (b'\xff\0\n', 'line 1: not a setting'),
    (b'#' * 20_000, 'not a short file'), (None, 'not a short file'),
])
def test_a_file_that_is_wrong(
    content: bytes | None, why: str, start: Start, tmp_path: Path,
) -> None:
    file = file_of(tmp_path)
    file.parent.mkdir(parents=True)
    if content is None:
        os.mkfifo(file)
    else:
        file.write_bytes(content)
    screen = first_prompt(start, XDG_CONFIG_HOME=str(tmp_path / 'config'))
    said = f'minishell: {file}: {why}: ignored$'
    assert ''.join(screen.lines()).replace(' ', '') == said.replace(' ', '')   # in lines
    screen.child.send('rm -rf "$new/"')
    until_warned(screen, '$ rm -rf "$new/"')


def test_a_file_that_cannot_be_written(start: Start, tmp_path: Path) -> None:
    (tmp_path / 'config').write_text('')
    screen = first_prompt(start, XDG_CONFIG_HOME=str(tmp_path / 'config'))
    assert ':Notadirectory:ignored' in ''.join(screen.lines()).replace(' ', '')
    screen.child.send(F4 + ' ')
    screen.until_seen('off  suggestions')
    screen._read_until(lambda: 'not kept: Not a directory' in screen.lines()[-1], 'why')


def test_a_small_window(start: Start, tmp_path: Path) -> None:
    """What is chosen is seen."""
    screen = first_prompt(start, XDG_CONFIG_HOME=str(tmp_path / 'config'))
    screen.screen.resize(5, 40)
    screen.child.setwinsize(5, 40)
    screen.child.send(F4)
    screen.until_seen('on  highlighting')
    screen.child.send(UP)
    screen.until_seen('emacs  editing-mode')
    screen.child.send(DOWN)
    screen.until_seen('on  suggestions')


def test_a_link_that_leads_nowhere(start: Start, tmp_path: Path) -> None:
    """There is then no folder to be made for the history."""
    (tmp_path / 'home').mkdir(exist_ok=True)
    (tmp_path / 'home' / '.local').symlink_to(tmp_path / 'nowhere')
    screen = first_prompt(start, HOME=str(tmp_path / 'home'), HISTFILE=None)
    enter(screen, 'echo "<$HISTFILE>"', '<>')


def test_no_did_you_mean(start: Start) -> None:
    screen = first_prompt(start)
    enter(screen, 'gerp', 'minishell: gerp: command not found',
          "minishell: did you mean `grep'? (Alt-Enter)")
    enter(screen, "bind 'set corrections off'")
    enter(screen, 'gerp', 'minishell: gerp: command not found')
