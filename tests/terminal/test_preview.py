"""Alt-P: what the pipeline so far prints, below the line."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from minishell.system import sandbox

from .test_editor import edited

if TYPE_CHECKING:
    from pathlib import Path

    from .test_prompt import Screen

__all__ = ['edited']
pytestmark = pytest.mark.skipif(bool(sandbox.missing()), reason='no Landlock')
F5 = '\x1b[15~'
ALT_P, CTRL_U = '\x1bp', '\x15'


@pytest.fixture
def screen(edited: Screen) -> Screen:
    """A prompt with previews."""
    edited.child.send("bind 'set preview on'\r")
    edited.until("$ bind 'set preview on'", '$')
    return edited


def shows(screen: Screen, *lines: str, key: str = ALT_P) -> None:
    """Wait until a preview shows these; ask once more where a busy machine took too long."""
    def are_there() -> bool:
        if '... ended: it took too long' in screen.lines():
            screen.child.send(key * 2)
            screen.until_seen('preview of')
        return screen.lines()[-len(lines):] == list(lines)
    screen._read_until(are_there, lines)


def test_off_until_it_is_switched_on(edited: Screen) -> None:
    edited.child.send('echo hi' + ALT_P)
    edited.until('$ echo hi', "preview is off: F4, or bind 'set preview on'")


def test_while_a_line_is_typed(screen: Screen) -> None:
    screen.child.send("printf '%s\\n' b a c | sort" + ALT_P)
    shows(screen, "$ printf '%s\\n' b a c | sort", "preview of: printf '%s\\n' b a c | sort",
          'a', 'b', 'c')
    screen.child.send(' -r | head -1')          # it stays while more is typed
    screen.until("$ printf '%s\\n' b a c | sort -r | head -1",
                 "preview of: printf '%s\\n' b a c | sort", 'a', 'b', 'c')
    screen.child.send(ALT_P)
    shows(screen, "preview of: printf '%s\\n' b a c | sort -r | head -1", 'c')
    screen.child.send(ALT_P)                    # again: off
    screen.until("$ printf '%s\\n' b a c | sort -r | head -1")
    screen.child.send(ALT_P)
    shows(screen, 'c')
    screen.child.send('\r')                     # nothing of it stays behind Enter
    screen.until("$ printf '%s\\n' b a c | sort -r | head -1", 'c', '$')


def test_with_the_keys_of_vi(screen: Screen) -> None:
    screen.child.send('set -o vi\r')
    screen.until('$ set -o vi', '$')
    screen.child.send('echo hi' + F5)
    shows(screen, '$ echo hi', 'preview of: echo hi', 'hi', key=F5)


def test_more_than_fits(screen: Screen) -> None:
    screen.child.send('seq 1000' + ALT_P)
    shows(screen, 'preview of: seq 1000', *map(str, range(1, 9)), '... 992 lines more')


def test_what_takes_too_long_is_ended(screen: Screen) -> None:
    screen.child.send('cat | sleep 1000' + CTRL_U)
    screen.child.send('awk "BEGIN { while (1) ; }"' + ALT_P)
    screen.until('$ awk "BEGIN { while (1) ; }"', 'preview of: awk "BEGIN { while (1) ; }"',
                 '... ended: it took too long')
    screen._read_until(lambda: screen.terminal.descendants() == [], 'no process')


def test_enter_ends_it(screen: Screen) -> None:
    screen.child.send('yes | awk "{ while (1) ; }"' + ALT_P + CTRL_U)
    screen.child.send('echo next; jobs; wait\r')
    screen.until_seen('next')
    screen.until('next', '$')
    assert screen.terminal.descendants() == []


def test_only_what_reads(screen: Screen, tmp_path: Path) -> None:
    (tmp_path / 'f').write_text('kept')
    screen.child.send('rm f' + ALT_P)
    screen.until('$ rm f', 'no preview: rm is none of the commands that are known to read only')
    screen.child.send(CTRL_U + "awk 'BEGIN { system(\"rm f\") }'" + ALT_P)
    shows(screen, "! rm: cannot remove 'f': Operation not permitted")
    assert os.listdir(tmp_path / '.')
    assert (tmp_path / 'f').read_text() == 'kept'


def test_no_descriptor_is_left(screen: Screen) -> None:
    """And what the user's descriptors are for is not written to."""
    screen.child.send('exec 3>&1; ls -l /proc/$$/fd | wc -l\r')
    screen._read_until(lambda: screen.lines()[-2].isdigit() and screen.lines()[-1] == '$',
                       'a number')

    def count() -> int:
        return len(os.listdir(f'/proc/{screen.child.pid}/fd'))
    counts = []
    for _ in range(3):
        screen.child.send(CTRL_U + 'echo a' + ALT_P)
        shows(screen, 'preview of: echo a', 'a')
        counts.append(count())
        screen.child.send(ALT_P)
        screen.until('$ echo a')
    assert len(set(counts)) == 1


def test_fields_of_the_pipe_so_far(screen: Screen, tmp_path: Path) -> None:
    (tmp_path / 'f').write_text('name:1\nother:2\n')
    (tmp_path / 'j').write_text('{"first": {"inner": 1}}')
    for line, name, values in (('cat f | cut -d: -f', '2', '1, 2'),
                               ("cat f | awk -F: '{print $", '$1', 'name, other')):
        screen.child.send(line + '\t\t')

        def is_there(name: str = name, values: str = values) -> bool:
            if not any('name, other' in each for each in screen.lines()):
                screen.child.send('\t')         # a busy machine took too long
            return any(each.split()[:1] == [name] and values in each for each in screen.lines())
        screen._read_until(is_there, line)
        screen.child.send('\x03')
        screen._read_until(lambda: screen.lines()[-1] == '$', 'a prompt')
    for typed, line in (('cat j | jq .f', '$ cat j | jq .first'),
                        ('.', '$ cat j | jq .first.inner')):
        screen.child.send(typed + '\t')

        def is_complete(line: str = line) -> bool:
            if 'in time' in screen.lines()[-1]:
                screen.child.send('\t')
            return screen.lines()[-1] == line
        screen._read_until(is_complete, line)
    screen.child.send(CTRL_U + 'rm f | cut -f\t')
    screen.until('$ rm f | cut -f',
                 'no fields: rm is none of the commands that are known to read only')
