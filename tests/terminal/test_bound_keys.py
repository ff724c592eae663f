"""Keys that `bind` and an inputrc have given another meaning: as in bash."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .test_bash_keys import begun, screen
from .test_editor import edited, enter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal
    from .test_prompt import Screen

    Start = Callable[..., Terminal]

__all__ = ['edited', 'screen']
CTRL_A, CTRL_E, CTRL_G, CTRL_T, CTRL_U = '\x01', '\x05', '\x07', '\x14', '\x15'


def check(screen: Screen, keys: str, *shown: str) -> None:
    """Type keys; wait for the last lines, and have an empty line."""
    screen.child.send(keys)
    screen.until(*shown)
    screen.child.send('\x0b' + CTRL_U)
    screen.until('$')


@pytest.mark.parametrize(('said', 'keys', 'line'), [
    ("""'"\\C-g": "text"'""", 'a \x07b', 'a textb'),
    ("""'"\\C-g": "ab\\C-hc"'""", CTRL_G, 'ac'),
    ("""'"\\C-g": "\\C-t\\C-t"' '"\\C-t": "xy"'""", CTRL_G, 'xyxy'),
    ("""'"\\C-a": end-of-line' '"\\C-g": beginning-of-line'""", 'ab\x07X\x01Y', 'XabY'),
    ("""'"\\C-t": backward-kill-word'""", 'one two' + CTRL_T + '|', 'one |'),
    ("""'Control-g: unix-word-rubout'""", 'one two' + CTRL_G + '|', 'one |'),
    ("""'"\\ez": "with Alt"'""", '\x1bz', 'with Alt'),
    ("""'"\\e[24~": "F12"' '"\\C-xb": "b"'""", '\x1b[24~\x18b', 'F12b'),
    ("-r '\\C-t'", 'ab\x14', 'ab'),
])
def test_macros_and_functions(said: str, keys: str, line: str, screen: Screen) -> None:
    enter(screen, f'bind {said}')
    check(screen, keys, f'$ {line}')


def test_a_macro_with_enter(screen: Screen) -> None:
    enter(screen, """bind '"\\C-g": "echo ab\\n"'""")
    screen.child.send(CTRL_G)
    screen.until('$ echo ab', 'ab', '$')


def test_commands_on_the_line(screen: Screen) -> None:
    enter(screen, "bind -x '\"\\C-t\": echo \"<$READLINE_LINE>\"; READLINE_LINE=changed "
                  "READLINE_POINT=2; false'")
    screen.child.send('abc' + CTRL_T)
    screen.until('<abc>', '$ changed')
    check(screen, 'X', '$ chXanged')
    enter(screen, 'echo "$?$READLINE_LINE"', '0')


def test_a_command_that_reads_and_one_that_changes_nothing(edited: Screen) -> None:
    screen = edited
    enter(screen, "bind 'set lint off' 'set expansions off'")
    enter(screen, "bind -x '\"\\C-t\": read -r -p name: x; READLINE_LINE+=$x'")
    enter(screen, "bind -x '\"\\C-g\": :'")
    screen.child.send('ab' + CTRL_T)
    screen.until('name:')
    screen.child.send('cd\r')
    screen.until('name:cd', '$ abcd')
    check(screen, CTRL_A + 'x' + CTRL_G + 'y', '$ xyabcd')


def test_keys_of_vi(screen: Screen) -> None:
    enter(screen, 'set -o vi')
    enter(screen, """bind -m vi-command '"z": "iin command mode"'""")
    enter(screen, """bind -m vi-insert '"\\C-g": "inserted"'""")
    screen.child.send('a' + CTRL_G)
    screen.until('$ ainserted')
    screen.child.send(CTRL_U)           # not Ctrl-K: that begins a digraph here
    screen.until('$')
    screen.child.send('\x1bz')
    screen.until('$ in command mode')


@pytest.mark.parametrize('shell', ['minishell', 'bash'])
def test_the_users_inputrc(shell: str, start: Start, tmp_path: Path) -> None:
    (tmp_path / 'rc').write_text(
        '# mine\n"\\C-g": "macro"\n$if mode=vi\n"\\C-t": "vi"\n$else\n'
        '"\\C-t": "emacs"\n$endif\n'
        'set completion-ignore-case on\n$if Bash\n"\\ez": end-of-line\n$endif\n')
    other = begun(start, shell, INPUTRC=str(tmp_path / 'rc'))
    other.child.send(CTRL_G + CTRL_T + CTRL_A + '\x1bz|')
    other.until('$ macroemacs|')


# -- ours alone -----------------------------------------------------------------------------


def test_a_macro_that_leads_to_itself(edited: Screen) -> None:
    enter(edited, """bind '"\\C-g": "a\\C-g"'""")
    edited.child.send(CTRL_G + CTRL_A + 'X')
    edited.until_seen('$ Xaaa')
    edited.child.send('\x0b' + CTRL_U)
    edited.until('$')
    enter(edited, 'echo on', 'on')


def test_a_command_with_an_error_leaves_the_line(edited: Screen) -> None:
    enter(edited, "bind -x '\"\\C-t\": echo $((1 / 0))'")
    edited.child.send('abc' + CTRL_T)
    edited.until_seen('division by 0')
    edited.until('$ abc')
    edited.child.send('d')
    edited.until('$ abcd')
