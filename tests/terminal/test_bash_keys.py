"""Keys that do the same in bash's line editor: what they leave in the line, there and here."""
from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .test_editor import edited, enter
from .test_lint import F1, until_warned
from .test_prompt import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Terminal

    Start = Callable[..., Terminal]

__all__ = ['edited']
ALT, CTRL_A, CTRL_E, CTRL_W, CTRL_X = '\x1b', '\x01', '\x05', '\x17', '\x18'
MARK, UNDO, YANK, BACKSPACE = '\x00', '\x1f', '\x19', '\x7f'
EMACS = [
    ('a b c' + CTRL_A + ALT + 'd', ' b c'),
    ('a b c d' + CTRL_A + ALT + '2' + ALT + 'd', ' c d'),
    ('a--b_c' + CTRL_A + ALT + 'd', '--b_c'),
    ('a--b_c' + ALT + 'b|', 'a--b_|c'),
    ('a--b_c' + ALT + BACKSPACE, 'a--b_'),
    ('one two' + CTRL_A + ALT + 'f|', 'one| two'),
    ('one two' + CTRL_A + ALT + '2' + ALT + 'f|', 'one two|'),
    ('one two three' + ALT + '2' + ALT + 'b|', 'one |two three'),
    ('one two' + CTRL_A + ALT + '-' + ALT + 'b|', 'one| two'),
    ('ab cd' + ALT + 't', 'cd ab'), ('ab cd ef' + CTRL_A + ALT + 't', 'ab cd ef'),
    ('ab cd' + ALT + 'b' + ALT + 't|', 'cd ab|'),
    ('ab, cd; ef' + ALT + 't', 'ab, ef; cd'), ('ab' + ALT + 't', 'ab'),
    ('foo bar' + ALT + 'b' + ALT + 'u|', 'foo BAR|'),
    ('foo bar' + CTRL_A + ALT + '2' + ALT + 'c', 'Foo Bar'),
    ('foo BAR' + ALT + '-' + ALT + 'l|', 'foo bar|'),
    ('fOO_bAR 1st' + CTRL_A + ALT + '3' + ALT + 'c|', 'Foo_Bar 1st|'),
    ('one two three\x02\x02' + CTRL_X + BACKSPACE, 'ee'),
    ('x' + ALT + '~y', 'xy'),
    ('one' + MARK + 'two', 'onetwo'),
    ('one two' + CTRL_A + MARK + ALT + 'f' + CTRL_W + CTRL_E + YANK, ' twoone'),
    ('one two' + CTRL_A + MARK + ALT + 'f' + CTRL_X + CTRL_X + '|', '|one two'),
    ('one two' + MARK + '\x02\x02' + BACKSPACE, 'one wo'),
    ('abc' + UNDO, ''), ('a' * 25 + UNDO, 'a' * 20), ('ab cd' + CTRL_W + UNDO, 'ab cd'),
    ('ab\x0b\x15' + YANK, 'ab'), ('ab cd' + CTRL_W + '\x0b\x15' + YANK, 'ab '),
    ('[e]tc' + CTRL_X + '*', '[e]tc'), ('/[e]tc/[p]asswd' + CTRL_X + '*', '/etc/passwd'),
]
VI = [
    ('foo bar\x1b0dd', ''), ('foo bar\x1b0yy$p', 'foo barfoo bar'),
    ('foo bar\x1bddP', 'foo bar'), ('foo bar\x1b03rX', 'XXX bar'),
    ('foo bar\x1b9rX', 'foo baX'), ('foo bar\x1b05~', 'FOO Bar'),
    ('foo bar\x1b0cwx\x1bw.', 'x x'),
    ('foo bar\x1b0fb2x', 'foo r'), ('foo\x1b0ix\x1bu', 'foo'),
]


FAULTY = """
import sys
sys.path.insert(0, sys.argv[1])
from minishell.cli import main
from minishell.explain import places
places.said_at = lambda *arguments: 1 / 0
main(['minishell'])
"""


@pytest.fixture(params=['minishell', 'bash'])
def screen(request: pytest.FixtureRequest, start: Start) -> Screen:
    """A prompt of ours, and of bash."""
    return begun(start, request.param)


def begun(start: Start, shell: str, **changes: str) -> Screen:
    """A prompt of this shell."""
    pytest.importorskip('prompt_toolkit')
    words = {}
    if shell == 'bash':
        bash = shutil.which('bash')
        if bash is None:
            pytest.skip('bash is not installed')
        words['words'] = [bash, '--norc', '--noprofile', '-i']
    shown = Screen(start(echo=True, TERM='xterm', PS1='$ ', PS2='> ', HISTFILE='',
                         **{'INPUTRC': '/dev/null', **changes}, **words))
    shown.until('$')
    if shell == 'minishell':
        enter(shown, "bind 'set lint off' 'set expansions off'")
    shown.clear()
    return shown


def check(screen: Screen, rows: list[tuple[str, str]], emptying: str) -> None:
    for keys, line in rows:
        screen.child.send(keys)
        screen.until(f'$ {line}'.rstrip())
        screen.child.send(emptying)
        screen.until('$')


def test_emacs(screen: Screen) -> None:
    check(screen, EMACS, CTRL_E + '\x15')


def test_vi(screen: Screen) -> None:
    screen.child.send('set -o vi\r')
    screen.until('$ set -o vi', '$')
    screen.clear()
    check(screen, VI, '\x1bcc')


def test_a_command_of_vi_waits_for_its_second_key(edited: Screen) -> None:
    """Longer than Esc waits for whether it begins another key: until lint has looked."""
    enter(edited, 'set -o vi')
    for first, then, line in (('d', 'd', '$'), ('F', '$i|', '$ rm -rf "|$new/"'),
                              ('r', 'X', '$ rm -rf "$new/X')):
        edited.child.send('rm -rf "$new/"z\x1b')
        edited.until('$ rm -rf "$new/"z')
        edited.child.send('x' + first)
        until_warned(edited, '$ rm -rf "$new/"')
        edited.child.send(then)
        edited.until(line)
        edited.child.send('\x1bcc')
        edited.until('$')


REGISTERS = [
    ('foo bar\x1b0"adw"aP', 'foo bar'), ('foo bar\x1b0"adw"bdw"bP"aP', 'bafoo r'),
    ('foo bar\x1b0dw"adwP', 'foo'), ('foo bar\x1b0dw"_dwP', 'foo'),
    ('foo bar\x1b0"ayw"Ayw0"aP', 'foo foo foo bar'),
    ('foo bar\x1b0"zp"+ywP', 'foo foo bar'), ('foo bar\x1b0"acwx\x1bw.', 'x x'),
    ('foo bar\x1b0"ax"axx"aP', 'o bar'),
]


def test_registers_of_vi(edited: Screen) -> None:
    enter(edited, 'set -o vi')
    check(edited, REGISTERS, '\x1bcc')


def test_what_raises_leaves_the_line(start: Start) -> None:
    """Should a key find a fault in the shell, it is told, and one types on."""
    pytest.importorskip('prompt_toolkit')
    folder = Path(__file__).resolve().parents[2]
    shown = Screen(start(words=[sys.executable, '-c', FAULTY, str(folder)], echo=True,
                         TERM='xterm', PS1='$ ', PS2='> '))
    shown.until('$')
    shown.child.send('echo a' + F1)
    shown.until('$ echo a', 'internal error: ZeroDivisionError: division by zero')
    shown.child.send('b\r')
    shown.until('$ echo ab', 'ab', '$')
