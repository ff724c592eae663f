"""What was likely meant: the second line of a message, at a terminal, and Alt-Enter."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .test_prompt import Screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal

    Start = Callable[..., Terminal]


MEANT = [                       # a line, its message, what is meant
    ('gerp x', 'gerp: command not found', 'grep'),
    ('exoprt x', 'exoprt: command not found', 'export'),
    ('great', 'great: command not found', 'greet'),
    ('set -o pipefial', 'set: pipefial: invalid option name', 'pipefail'),
    ('shopt -s extglbo', 'shopt: extglbo: invalid shell option name', 'extglob'),
    ('trap : INTT', 'trap: INTT: invalid signal specification', 'INT'),
    ('trap : SIGTREM', 'trap: SIGTREM: invalid signal specification', 'SIGTERM'),
    ('kill -TREM $$', 'kill: TREM: invalid signal specification', 'TERM'),
    ('(set -u; echo $somthing)', 'somthing: unbound variable', 'something'),
    ('builtin exoprt', 'builtin: exoprt: not a shell builtin', 'export'),
    ('type gerp', 'type: gerp: not found', 'grep'),
    ('alias lll', 'alias: lll: not found', 'll'),
    ('complete -A fnction x', 'complete: fnction: invalid action name', 'function'),
    ('complete -o nospac x', 'complete: nospac: invalid option name', 'nospace'),
]


@pytest.mark.parametrize(('line', 'message', 'meant'), MEANT)
def test_a_second_line_says_what_was_meant(
    line: str, message: str, meant: str, shell: Terminal,
) -> None:
    shell.enter('greet() { :; }; something=1; alias ll=ls')
    lines = [shown for shown in shell.enter(line).splitlines() if shown[:1] != ' ']
    assert lines == [f'minishell: {message}', f"minishell: did you mean `{meant}'?"]


@pytest.mark.parametrize('line', ['xylophone', 'set -o nothing', 'trap : NONE', 'kill -FOO 1'])
def test_nothing_is_said_where_nothing_is_near(line: str, shell: Terminal) -> None:
    assert len(shell.enter(line).splitlines()) == 1


@pytest.mark.parametrize('line', [f'{line} 2>messages' for line, _, _ in MEANT[:4]] + [
    f'"$SH" -c \'{MEANT[0][0]}\''])
def test_only_a_terminal_is_told(line: str, shell: Terminal, tmp_path: Path) -> None:
    shown = shell.enter('greet() { :; }; ' + line)
    assert 'mean' not in shown
    if (tmp_path / 'messages').exists():
        assert len((tmp_path / 'messages').read_text().splitlines()) == 1


def test_a_misspelt_reserved_word(shell: Terminal) -> None:
    shown = shell.enter('whlie true; do :; done').splitlines()
    assert 'syntax error near unexpected token' in shown[0]
    assert shown[-1] == "minishell: did you mean `while'?"


def test_an_option_in_the_other_case(shell: Terminal) -> None:
    assert "did you mean `-r'?" in shell.enter('read -R x')
    assert 'mean' not in shell.enter('read -Z x; cd -q /')


def test_an_interpreter_that_is_not_there(shell: Terminal, tmp_path: Path) -> None:
    for name, line in ('dos', b'#!/bin/sh\r\necho\r\n'), ('other', b'#! /nowhere/sh -x\n'):
        (tmp_path / name).write_bytes(line)
        (tmp_path / name).chmod(0o755)
    assert shell.enter('./dos').splitlines()[1:] == [
        "minishell: there is no `/bin/sh^M', which its first line names: "
        'its lines end in CR LF']
    assert shell.enter('./other').splitlines()[1:] == [
        "minishell: there is no `/nowhere/sh', which its first line names"]


def test_a_folder_beside_it(shell: Terminal, tmp_path: Path) -> None:
    """If its name can be typed as it is."""
    (tmp_path / 'here' / 'Documents').mkdir(parents=True)
    (tmp_path / 'here' / 'with blank').mkdir()
    (tmp_path / 'here' / 'Documentz.txt').touch()
    assert shell.enter('cd here/Documets').splitlines()[1:] == [
        "minishell: did you mean `here/Documents'?"]
    for line in ("cd 'here/withblank'", 'cd nowhere', 'cd here/x/y', 'cd "$SH"; cat hree'):
        assert 'mean' not in shell.enter(line)


@pytest.mark.parametrize(('line', 'fixed'), [
    ('cd /tpm', 'cd /tmp'),
    ('gerp x /dev/null', 'grep x /dev/null'), ('kill -TREM $$', 'kill -TERM $$'),
    ('set -o pipefial', 'set -o pipefail'), ('ehco a-ehco ehco', 'echo a-ehco ehco'),
    ('whlie false; do :; done', 'while false; do :; done'),
    ('true | gerp x | cat', 'true | grep x | cat'), ('cd -p .', 'cd -P .'),
    ('set -u; echo $HOEM', 'set -u; echo $HOME'), ('trap : INTT', 'trap : INT'),
    ('shopt -s extglbo', 'shopt -s extglob'),
    ('for i in a; od :; done', 'for i in a; do :; done'),
])
def test_alt_enter_puts_the_line_right(line: str, fixed: str, start: Start) -> None:
    """And does not run it."""
    pytest.importorskip('prompt_toolkit')
    screen = Screen(start(TERM='xterm', PS1='$ ', PS2='> '))
    screen.until('$')
    screen.child.send(line + '\r')
    screen.until_seen("'? (Alt-Enter)\n")
    screen.until('$')
    screen.child.send('\x1b\r')
    screen.until(f'$ {fixed}')
    screen.child.send(' #\r')
    screen.until_seen(f'$ {fixed} #\n')
    screen.until('$')               # typed before, Enter would be another key
    screen.child.send('\x1b\r')
    screen.child.send('echo on')
    screen.until('$', '> echo on')


@pytest.mark.parametrize(('lines', 'said'), [
    (['for i in 1 2; do', 'echo $i', 'don'], "don: did you mean `done'?"),
    (['if true', 'thne echo a'], "thne: did you mean `then'?"),
])
def test_a_line_that_goes_on_by_mistake(lines: list[str], said: str, start: Start) -> None:
    """It is said below the line, until that changes."""
    pytest.importorskip('prompt_toolkit')
    screen = Screen(start(TERM='xterm', PS1='$ ', PS2='> '))
    screen.until('$')
    screen.child.send('\r'.join([*lines, '']))
    screen.until(f'$ {lines[0]}', *[f'> {line}' for line in lines[1:]], '>', said)
    screen.child.send('x')
    screen.until(f'$ {lines[0]}', *[f'> {line}' for line in lines[1:]], '> x')
    screen.child.send('\x03')
    screen.until('> x', '$')
