"""What the word at the cursor becomes, and how much `rm` removes: below the line."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .test_editor import edited, enter

if TYPE_CHECKING:
    from pathlib import Path

    from .test_prompt import Screen

__all__ = ['edited']
CTRL_U, CTRL_A = '\x15', '\x01'


@pytest.fixture
def screen(edited: Screen, tmp_path: Path) -> Screen:
    """A prompt in a folder with a few files."""
    for name in ('a.c', 'b.c', 'main.h'):
        (tmp_path / name).touch()
    (tmp_path / 'd' / 'e').mkdir(parents=True)
    for number in range(1203):
        (tmp_path / 'd' / 'e' / str(number)).touch()
    (tmp_path / 'd' / 'link').symlink_to('/usr')
    enter(edited, 'x=5 HOME=/h; a=(1 2 3)')
    return edited


def says(screen: Screen, line: str, *said: str) -> None:
    """Type a line; wait for what is said below it, once more where a busy machine took too
    long."""
    screen.child.send(CTRL_U + line)
    screen._read_until(lambda: screen.lines()[-1 - len(said):] == [f'$ {line}', *said] or
                       screen.lines()[-2:-1] == [f'$ {line}'] and bool(
                           screen.child.send(' \x7f')) and False, said)


@pytest.mark.parametrize(('line', 'said'), [
    ('ls *.c', '*.c → 2: a.c b.c'), ('ls *.zz', '*.zz matches no file'),
    ('echo $x', '$x → 5'), ('echo "<$x>"', '"<$x>" → <5>'), ('ls ~/y', '~/y → /h/y'),
    ('echo {1..9}', '{1..9} → 9: 1 2 3 4 5 6 …'), ('echo ${a[@]}', '${a[@]} → 3: 1 2 3'),
    ('echo $((x * 3))', '$((x * 3)) → 15'), ('echo ${x:+$x$x}', '${x:+$x$x} → 55'),
    ('echo x | cat *.h', '*.h → main.h'),
    ('rm -r d', '1,204 files in 2 folders'), ('rm *.c nothing', '2 files, 1 not there'),
    ('rm a.c $(echo b.c)', '1 file, and what $(…) gives'), ('rm -i main.h', '1 file'),
])
def test_said(line: str, said: str, screen: Screen) -> None:
    says(screen, line, said)


def test_nothing_is_changed_by_it(screen: Screen) -> None:
    says(screen, 'echo $((x++)) "${new:=7}"', '"${new:=7}" → 7')
    screen.child.send(CTRL_U + 'echo $x ${new-unset}\r')
    screen.until_seen('5 unset')


def test_switched_off(screen: Screen) -> None:
    enter(screen, "bind 'set expansions off'")
    screen.child.send('rm -r $new/d; echo *.c')     # which lint has a word for
    screen._read_until(lambda: len(screen.lines()) > 1 and 'new' in screen.lines()[-1]
                       and '$ rm' not in screen.lines()[-1], 'lint')
    assert '→' not in '\n'.join(screen.lines())


def test_a_line_that_is_run_meanwhile(screen: Screen) -> None:
    """Its child is ended, and `wait` and `jobs` know nothing of it."""
    for _ in range(3):
        screen.child.send('rm -r /usr /etc /proc')
        screen.child.send(CTRL_U + 'echo *.c; jobs; wait\r')
        screen.until('a.c b.c', '$')
    screen.terminal.until_true(lambda: screen.terminal.descendants() == [])
