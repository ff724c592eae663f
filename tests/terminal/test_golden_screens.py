"""Whole screens of what one sees often: errors, deaths, jobs, the list of Ctrl-R, what was cut.

docs/testing.md says which tests show the rest.
"""
from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .test_history_database import first_prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Terminal
    from .test_prompt import Screen

    Start = Callable[..., Terminal]

pytest.importorskip('prompt_toolkit')
CTRL_K, CTRL_R, CTRL_W, CTRL_Y, ALT_Y = '\x0b', '\x12', '\x17', '\x19', '\x1by'


@pytest.fixture
def screen(start: Start) -> Screen:
    """A prompt with the last statuses in it; nothing is kept of what is typed."""
    return first_prompt(start, HISTFILE='', PS1='${PROMPT_STATUS}$ ')


def reversed_text(screen: Screen) -> list[str]:
    """The rows that have anything in reverse: that."""
    rows = [''.join([cells[at].data for at in range(screen.screen.columns)
                     if cells[at].reverse]).rstrip()
            for cells in [screen.screen.buffer[row] for row in range(screen.screen.lines)]]
    return [row for row in rows if row]


def test_what_is_wrong_and_what_was_open(screen: Screen) -> None:
    screen.child.send('if true; fi\r')
    screen.until(
        '$ if true; fi',
        "minishell: syntax error near unexpected token `fi' (wanted `then' after `if')",
        '    if true; fi',
        '    ~~       ^~',
        '$')
    screen.clear()
    screen.child.send('if true\rthen echo\rdone\r')
    screen.until(
        '$ if true',
        '> then echo',
        '> done',
        "minishell: syntax error near unexpected token `done' (wanted `fi' to close `if' of "
        'line 3)',
        '   3 | if true',
        '     | ~~',
        '   5 | done',
        '     | ^~~~',
        '$')


def test_deaths_by_name(screen: Screen) -> None:
    screen.child.send("sh -c 'kill -SEGV $$'\r")
    wanted = ["$ sh -c 'kill -SEGV $$'", 'Segmentation fault', 'SIGSEGV$']
    screen._read_until(lambda: [line.removesuffix(' (core dumped)')     # as the machine is
                                for line in screen.lines()[-3:]] == wanted, wanted)
    screen.child.send('clear\r')
    screen.until('$')
    screen.child.send("(exit 3) | sh -c 'kill -PIPE $$' | true\r")
    screen.until("$ (exit 3) | sh -c 'kill -PIPE $$' | true", '3|141|0 SIGPIPE$')


def test_a_job_has_a_number_and_an_end(screen: Screen) -> None:
    screen.child.send('sleep 1000 &\r')
    screen._read_until(lambda: re.search(r'\n\[1\] \d+\n\$$', '\n'.join(screen.lines()))
                       is not None, '[1] and a process ID')
    screen.child.send('kill %1; wait; echo $?\r')
    screen.until('$ kill %1; wait; echo $?', '[1]+  Terminated              sleep 1000', '0',
                 '$')


def test_the_list_of_what_was_typed(screen: Screen) -> None:
    for text in ('one', 'two', 'One'):
        screen.child.send(f'echo {text}\r')
        screen.until(f'$ echo {text}', text, '$')
    screen.clear()
    screen.child.send(CTRL_R + 'one')
    screen.until('$', 'search: one', '         echo One', '         echo one', '1/2')
    assert reversed_text(screen) == ['         echo One']
    screen.child.send('\x1b[B')
    screen.until('$', 'search: one', '         echo One', '         echo one', '2/2')
    assert reversed_text(screen) == ['         echo one']


def test_what_is_cut_is_put_back(screen: Screen) -> None:
    screen.child.send('echo one two' + CTRL_W)
    screen.until('$ echo one')
    screen.child.send('\x01\x1bf' + CTRL_K)
    screen.until('$ echo')
    screen.child.send(' X' + CTRL_Y)
    screen.until('$ echo X one')
    screen.child.send(ALT_Y)
    screen.until('$ echo Xtwo')


@pytest.mark.parametrize(('keys', 'shown'), [
    (CTRL_W + CTRL_W + CTRL_Y + ' ' + CTRL_Y + ALT_Y, 'one two one two'),
    ('\x1bb\x1bb\x1bd\x1bd' + CTRL_Y, 'one two'),
    (CTRL_W + '\x15' + CTRL_Y, 'one two'),
    ('\x1bb' + CTRL_K + CTRL_W + CTRL_Y, 'one two'),
    (CTRL_W + '\x02\x05' + CTRL_W + CTRL_Y + ALT_Y, 'two'),      # not in a row
    ('\x1b\x7f\x1b\x7f' + CTRL_Y + CTRL_K + CTRL_Y, 'one twoone two'),
])
def test_what_is_cut_in_a_row_is_put_back_as_one(keys: str, shown: str, screen: Screen) -> None:
    """As in bash; where there is nothing to cut, what was cut before stays."""
    screen.child.send('echo one two' + keys)
    screen.until(f'$ echo {shown}')


def test_the_way_back(screen: Screen) -> None:
    line = 'mkdir -p a/b; cd a; pushd b >f; dirs | wc -w; cd - >f; echo ${PWD##*/}; popd >f'
    screen.child.send(line + '\r')
    screen.until_words(f'$ {line}', '2', 'a', '$')
