"""Tab where `complete` has said nothing: what is known here, bash-completion, manuals."""
from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from minishell.interactive import scripted
from minishell.interactive.scripted import Scripts
from minishell.session import build_shell

from .test_editor import edited, enter
from .test_prompt import Screen

if TYPE_CHECKING:
    from .conftest import Start

__all__ = ['edited']

SLOW = """
_quick() { COMPREPLY=(quick-$1-$2); _known=1; }
_slow() { sleep 100; }
complete -F _quick quick
complete -F _slow slow
"""


def children() -> set[int]:
    """The children of this process."""
    return {int(pid) for pid in Path(
        f'/proc/{os.getpid()}/task/{os.getpid()}/children').read_text().split()}


def copies(mark: str) -> list[int]:
    """The processes that have a descriptor of a pipe open."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            if any(os.readlink(path) == mark for path in Path(f'/proc/{pid}/fd').iterdir()):
                found.append(int(pid))
        except OSError:             # it has gone, or is somebody else's
            continue
    return found


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scripts:
    """Asks a file of ours instead of bash-completion's."""
    (tmp_path / 'completions').write_text(SLOW)
    monkeypatch.setattr(scripted, 'SCRIPTS', str(tmp_path / 'completions'))
    monkeypatch.setattr(scripted, 'LOADING', 60)
    monkeypatch.setattr(scripted, 'ANSWERING', 60)
    return Scripts(build_shell('minishell', dict(os.environb)))


def test_scripts_answer_in_a_child_of_nobody(scripts: Scripts) -> None:
    before = children()
    for line in ('quick a', 'quick b'):
        said = scripts.ask(line, len(line))
        assert said is not None
        assert said.candidates == [f'quick-quick-{line[-1]}']
    assert children() <= before
    assert '_quick' not in scripts._shell.functions
    assert scripts._ends is not None
    assert scripts.ask('unknown a', 9) is None
    scripts.end()


def test_the_child_has_no_terminal_and_ends_with_the_shell(scripts: Scripts) -> None:
    scripts.ask('quick a', 7)
    assert scripts._ends is not None
    mark = os.readlink(f'/proc/self/fd/{scripts._ends[0]}')
    other, = [pid for pid in copies(mark) if pid != os.getpid()]
    assert os.getsid(other) == other
    held = [os.readlink(path) for path in Path(f'/proc/{other}/fd').iterdir()]
    assert not [place for place in held if 'tty' in place or 'pts' in place]
    assert held.count('/dev/null') >= 3
    scripts.end()
    end = time.monotonic() + 60
    while Path(f'/proc/{other}/fd/0').exists():         # not of a zombie
        assert time.monotonic() < end
        time.sleep(0.01)


def test_one_that_takes_too_long_is_given_up(scripts: Scripts,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends itself, or is ended by who asks; the next question has another child."""
    monkeypatch.setattr(scripted, 'ANSWERING', 0.5)     # what the child has; we have 60 more
    assert scripts.ask('slow a', 6) is None
    assert scripts._ends is None
    monkeypatch.setattr(scripted, 'ANSWERING', 60)
    assert scripts.ask('quick a', 7) is not None
    monkeypatch.setattr(scripted, 'ANSWERING', 0.5)     # what we have; the child has 60
    assert scripts.ask('slow a', 6) is None
    assert scripts._ends is None
    monkeypatch.setattr(scripted, 'ANSWERING', 60)
    assert scripts.ask('quick a', 7) is not None
    scripts.end()


# -- as they are shown ----------------------------------------------------------------------


PAGE = r"""
.TH FROB 1
.SH NAME
frob \- turn things
.SH OPTIONS
.TP
\fB\-a\fR, \fB\-\-all\fR
all of them
.TP
\fB\-\-around\fR
the other way round
.TP
\fB\-b\fR
back
"""


def tab(screen: Screen, line: str, *below: str) -> None:
    """Type a line and Tab: what is shown then; it is left again."""
    screen.child.send(line + '\t')
    screen.until_words(*below)
    screen.child.send('\x15')
    screen.until('$')


def test_what_is_known_of_commands(edited: Screen, tmp_path: Path) -> None:
    tab(edited, 'kill -US', '$ kill -USR')
    tab(edited, 'kill -ST', '$ kill -ST', '-STKFLT unused',
        '-STOP cannot be caught, blocked or ignored')
    tab(edited, 'set -o err', '$ set -o err', 'errexit off',
        'errtrace off')
    tab(edited, 'sudo set -o vi', '$ sudo set -o vi')
    enter(edited, 'two=2; twofold="a b"')
    tab(edited, 'unset tw\t', '$ unset two', 'two 2',
        'twofold a b')
    enter(edited, "alias lx='ls -l'")
    tab(edited, 'unalias l', '$ unalias lx')
    enter(edited, 'mkdir one; : >ond')
    tab(edited, 'cd on', '$ cd one/')
    enter(edited, "printf 'all: x\\nclean:\\n\\t:\\nclear:\\n' >Makefile")
    tab(edited, 'make cle\t', '$ make clea', 'clean Makefile', 'clear Makefile')


def test_jobs(edited: Screen) -> None:
    edited.child.send('sleep 1000 & sleep 2000 &\r')
    edited.until_seen('[2] ')
    edited.until('$')
    tab(edited, 'fg \t', '$ fg %', '%2 Running: sleep 2000', '%1 Running: sleep 1000')
    edited.child.send('kill -9 %1 %2; wait\r')
    edited.until_seen('[2]+  Killed')


def test_options_of_a_built_in_utility_and_a_manual_page(
        start: Start, tmp_path: Path) -> None:
    pytest.importorskip('prompt_toolkit')
    (tmp_path / 'man' / 'man1').mkdir(parents=True)
    (tmp_path / 'man' / 'man1' / 'frob.1').write_text(PAGE)
    screen = Screen(start(TERM='xterm', PS1='$ ', PS2='> ', MANPATH=str(tmp_path / 'man')))
    screen.until('$')
    enter(screen, 'complete -F nosuch nothing')
    tab(screen, 'frob --a', '$ frob --a', '--all all of them',
        '--around the other way round', 'manual page of frob')
    tab(screen, 'frob -b', '$ frob -b')
    tab(screen, 'sudo -u me frob --ar', '$ sudo -u me frob --around')
    tab(screen, 'cd -', '$ cd -', '-L', '-P', '-e', 'synopsis')


def test_a_file_in_another_case(edited: Screen) -> None:
    enter(edited, ': >ReadMe')
    tab(edited, 'cat rea', '$ cat ReadMe')


@pytest.mark.parametrize(('typed', 'line'), [
    ('true $d/pl', 'true $d/plain/'), ('true "$d/pl', 'true "$d/plain/'),
    ('true ${d}/pl', 'true ${d}/plain/'), ("true '$d/pl", "true '$d/pl"),
    ('true "$d/a', 'true "$d/a b"'), ('true $d/a', 'true $d/a\\ b'),
    ('true $d/plain/../pl', 'true $d/plain/../plain/'), ('cd $d/p', 'cd $d/plain/'),
    ('true >$d/pf', 'true >$d/pfile'), ('$d/pl', '$d/plain/'), ('true $d/x', 'true $d/x'),
    ('true $(x)/pl', 'true $(x)/pl'), ('true ~+/fo', 'true ~+/folder/'), ('x=fo', 'x=folder/'),
    ('x+=fo', 'x+=folder/'), ('PATH=/nosuch:fo', 'PATH=/nosuch:folder/'),
    ('true x=fo', 'true x=folder/'), ('true eq=', 'true eq=x'), ('true co:', 'true co:x'),
])
def test_files_behind_variables_and_assignments(
    typed: str, line: str, edited: Screen, tmp_path: Path,
) -> None:
    """The folder stays as it is typed; a word is all of it where a file's name is."""
    (tmp_path / 'folder' / 'plain').mkdir(parents=True)
    for name in ('folder/pfile', 'folder/a b', 'eq=x', 'co:x'):
        (tmp_path / name).touch()
    enter(edited, "d=folder; bind 'set lint off' 'set expansions off'")
    edited.child.send(typed + '\t')
    edited.until(f'$ {line}')
    edited.child.send('|')
    behind = ' ' * (line != typed and line[-1] != '/')
    edited.until(f'$ {line}{behind}|')
