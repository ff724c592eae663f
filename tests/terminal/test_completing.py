"""What completes a line: the engine is asked what bash's line editor asks.

A completion function notes what it is told; bash is asked at a terminal, by a TAB, our engine
directly: it needs none.
"""
from __future__ import annotations

import json
import shutil
import subprocess
import sys
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pytest
from waiting import state_of, until_true

from .conftest import hang_up
from .test_interrupts import bytes_read

if TYPE_CHECKING:
    pass

ROOT = Path(__file__).resolve().parent.parent.parent
needs_bash = pytest.mark.skipif(shutil.which('bash') is None, reason='bash is not installed')
NOTING = r"""
_note() {
    [ -e note ] || { declare -p COMP_LINE COMP_POINT COMP_CWORD COMP_WORDS COMP_TYPE COMP_KEY
                     printf '<%s>' "$@"; } >note
    COMPREPLY=()
}
complete -F _note foo
"""
# § is where the cursor is, if not at the end.
LINES = [
    'foo ', 'foo a', 'foo a ', 'foo  a  b', 'foo a:b', 'foo a=b', 'foo --x=', 'foo --x=y',
    'foo a@b', "foo 'a b", "foo 'a b' c", 'foo "a b', 'foo "a b" c', 'foo a\\ b', 'foo a\\ ',
    'foo $HO', 'foo ${HO', 'foo $(bar', 'echo; foo a', 'a=1 foo b', 'echo x | foo a',
    'foo a | foo b', 'foo a; ', 'foo x >f', 'foo x > f', 'foo x >f y', 'foo x 2>&1 y',
    'foo a & foo b', 'foo {a', 'foo {a,b', 'foo a{b,c', 'foo ~', 'foo ~/x', 'foo a::b',
    'foo a::', 'foo ::', 'foo a= ', 'foo (x', 'foo "x $HO', "foo a'b c'd", 'foo a"b c',
    "foo a'b", 'foo \\', 'foo a\\', '/bin/foo x', './foo x', "foo '", 'foo "', 'foo -',
    'foo -a -b', '{ foo x', '( foo x', 'foo x && foo y', 'foo a<b', 'foo <a', 'foo a,b',
    'foo a%b', 'foo é b', 'foo é', 'foo a§b', 'foo §a b', 'foo a§ b', 'foo a §b',
    'foo a  §  b', 'foo §', 'foo a § ', 'foo aé§b c', "foo 'a§b' c", 'foo a; echo § b',
    'foo a:§b:c', 'foo a:§ b', 'foo [a', 'foo a]', 'foo #x', 'foo !x', 'foo a=:b', 'foo a:=b',
    "foo 'a' 'b'", 'foo a>b c', 'foo a>>b', 'foo a|foo', 'foo a;foo b', 'A=1 B=2 foo c',
    "A='x y' foo c", 'foo  ', 'fo', 'foo', ' foo', 'bar x',
]
ENGINE = r"""
import json, os, sys
sys.path.insert(0, sys.argv[1])
from minishell.builtins.completing import answer
from minishell.session import build_shell
shell = build_shell('minishell', dict(os.environb))
shell.set_option('bash', True)
shell.run_text(sys.argv[2], 'eval')
found = []
for line in json.loads(sys.argv[3]):
    if os.path.exists('note'):
        os.unlink('note')
    point = line.index('§') if '§' in line else len(line)
    what = answer(shell, line.replace('§', ''), point)
    text = open('note').read() if os.path.exists('note') else None
    found.append([text, what.candidates, sorted(what.options),
                  what.start, what.end, what.quote])
print(json.dumps(found))
"""


def ask_engine(setup: str, lines: list[str], folder: Path) -> list[list[object]]:
    """What the engine says to each line, and what the function has noted."""
    done = subprocess.run(
        [sys.executable, '-I', '-S', '-X', 'utf8', '-c', ENGINE, str(ROOT), setup,
         json.dumps(lines)], cwd=folder, env=surroundings(folder), capture_output=True,
        text=True, check=False, timeout=120)
    assert not done.stderr
    found: list[list[object]] = json.loads(done.stdout)
    return found


def surroundings(folder: Path) -> dict[str, str]:
    """The environment."""
    return {'PATH': '/usr/bin:/bin:/usr/sbin:/sbin', 'TERM': 'dumb', 'INPUTRC': '/dev/null',
            'LC_ALL': 'C.UTF-8', 'HOME': str(folder)}


def ask_bash(setup: str, lines: list[str], folder: Path) -> list[str | None]:
    """What the function notes when bash completes each line."""
    (folder / 'setup').write_text(setup)
    bash = pexpect.spawn('bash --norc --noprofile -i', encoding='utf-8', timeout=60,
                         env=surroundings(folder), cwd=str(folder), dimensions=(24, 4000))
    bash.delaybeforesend = None
    bash.setecho(False)
    bash.sendline("PS1=; bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; "
                  "bind 'set completion-query-items -1'; . ./setup; rm setup; echo RE''ADY")
    bash.expect('READY')
    noted: list[str | None] = []
    note = folder / 'note'
    for number, line in enumerate(lines):
        note.unlink(missing_ok=True)
        before, _, behind = line.partition('§')
        typed = before + behind + '\x02' * len(behind) + '\t'
        until_true(lambda: waits_for_keys(bash))        # earlier, a TAB is a blank
        end = bytes_read(bash) + len(typed.encode())
        bash.send(typed)
        until_true(lambda end=end: bytes_read(bash) >= end      # type: ignore[misc]
                   and waits_for_keys(bash))
        bash.sendline(f"\x05\x15echo D''ONE{number}")
        bash.expect(f'DONE{number}')
        noted.append(note.read_text() if note.exists() else None)
    hang_up(bash)
    return noted


def waits_for_keys(bash: pexpect.spawn) -> bool:
    """Whether it edits a line, and sleeps."""
    return state_of(bash.pid) == 'S' \
        and not termios.tcgetattr(bash.child_fd)[3] & termios.ICANON


@needs_bash
def test_what_functions_are_told(tmp_path: Path) -> None:
    expected = ask_bash(NOTING, LINES, tmp_path)
    assert sum(text is not None for text in expected) > 70
    found = [text for text, *_ in ask_engine(NOTING, LINES, tmp_path)]
    assert dict(zip(LINES, found, strict=True)) == dict(zip(LINES, expected, strict=True))


CANDIDATES = {          # line -> candidates and options, the function being _reply
    'foo ': (['a b', 'c'], ['nospace']),
    'bar x': (['x1', 'x2'], []),
    'path/bar x': (['x1', 'x2'], []),
    'loaded x': (['xloaded'], []),
    'other x': (['default'], []),
    'unsorted ': (['b', 'a', 'b'], ['nosort']),
    'plain d': (['dir'], []),
    'nothing d': ([], []),
    'fallback fi': (['file d'], ['default', 'filenames']),
    'variable $ZZ': (['$ZZ1', '$ZZ2'], ['bashdefault']),
    'changed ': (['z'], ['filenames', 'nospace']),
    'if foo ': (['a b', 'c'], ['nospace']),
    'echo "$(foo ': (['a b', 'c'], ['nospace']),
    'echo `foo ': (['a b', 'c'], ['nospace']),
    'quoted "file': (['file d'], []),
    'quoted file\\ ': (['file d'], []),
    '': (['empty'], []),
    'ini': (['initial'], []),
}
SPECIFICATIONS = r"""
mkdir dir; >'file d'; ZZ1=1 ZZ2=2
_reply() { COMPREPLY=('a b' c); }; complete -F _reply -o nospace foo
complete -W 'x1 x2 y' bar
_load() { [ "$1" = loaded ] || { COMPREPLY=(default); return; }
          complete -W 'xloaded other' loaded; return 124; }; complete -D -F _load
complete -o nosort -W 'b a b' unsorted
complete -A file -X '!*d*' -A directory plain
complete -W x nothing
complete -W x -o default fallback
complete -W x -o bashdefault variable
_change() { compopt -o nospace -o filenames; COMPREPLY=(z); }; complete -F _change changed
complete -f quoted
complete -E -W empty; complete -I -W initial
"""


def test_candidates(tmp_path: Path) -> None:
    found = ask_engine(SPECIFICATIONS, list(CANDIDATES), tmp_path)
    assert {line: (each[1], each[2]) for line, each in zip(CANDIDATES, found, strict=True)} \
        == CANDIDATES


def test_what_is_replaced(tmp_path: Path) -> None:
    lines = {'foo a': (4, 5, ''), 'foo a "b c': (7, 10, '"'), 'foo a:b§c': (6, 7, ''),
             "foo 'x": (5, 6, "'"), 'foo a=~/x': (6, 9, ''), 'foo $(bar x': (10, 11, '')}
    found = ask_engine(NOTING, list(lines), tmp_path)
    assert {line: tuple(each[3:]) for line, each in zip(lines, found, strict=True)} == lines


def test_without_specifications(tmp_path: Path) -> None:
    for name in 'file one', 'file two', '.hidden':
        (tmp_path / name).touch()
    (tmp_path / 'dir').mkdir()
    lines = {'cat f': ['file one', 'file two'],
             'cat ': ['.hidden', 'dir', 'file one', 'file two'],
             'echo ~roo': ['~root'], 'unti': ['until'], 'cat .h': ['.hidden'],
             'echo x >d': ['dir'], './d': ['./dir'], 'cat nothing': []}
    found = ask_engine('', list(lines), tmp_path)
    assert {line: each[1] for line, each in zip(lines, found, strict=True)} == lines
