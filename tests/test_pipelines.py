"""Pipelines over real files: byte for byte what dash prints, as a script and when typed."""
from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect  # type: ignore[import-untyped]
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DASH = shutil.which('dash') or '/bin/sh'
LICENSE = Path('/usr/share/common-licenses/GPL-3')
ENVIRONMENT = {
    'PATH': '/usr/bin:/bin:/usr/sbin:/sbin', 'HOME': '/nonexistent', 'LC_ALL': 'C.UTF-8',
    'TERM': 'dumb', 'PS1': '<$((prompts = prompts + 1))>', 'PS2': '[more]', 'prompts': '0',
}

PIPELINES = [
    # external utilities only
    'grep you license | sort -uf | wc -l',
    'grep -c the license | cat',
    'cat license | wc',
    'sort license | uniq -c | sort -rn | head -5',
    'cut -d: -f7 /etc/passwd | sort | uniq -c | sort -rn | sed "s/^ *//"',
    'tr -cs A-Za-z "\\n" <license | tr A-Z a-z | sort | uniq -c | sort -k1,1rn -k2 | head',
    'sed -n "1,20p" license | awk "{ n += NF } END { print n }"',
    "awk -F: '$3 < 100 { print $1 }' /etc/passwd | sort -r | tail -3",
    "awk '{ print length($0) }' license | sort -n | tail -1",
    'head -c 3000 license | tail -c 100 | od -c | sed 3q | cut -c1-40',
    'grep -n software license | cut -d: -f1 | paste -s -d, - | fold -w 40 | cat -n',
    'head -20 license | rev | rev | nl -ba | tail -n +5',
    'find . -type f | sort | xargs wc -c | tail -1',
    'find /etc -maxdepth 1 -name "pass*" 2>/dev/null | sort | sed 1q',
    'printf "%s\\n" c b a | sort | tee sorted | tr "\\n" " " | cat - sorted | wc -c',
    'seq 100 | sed -n "$ p" | xargs -I@ echo "<@>"',
    'seq 20000 | sort -r | sort -n | awk "NR % 5000 == 0" | xargs',
    'yes minishell | head -3 | tr a-z A-Z',
    'tail -n 3 license | comm -12 - license 2>/dev/null | wc -l',
    'cat license license license | gzip -c | gunzip -c | cmp -s - license; echo $?',
    'dd if=license bs=64 count=3 2>/dev/null | tr -d "\\n" | wc -c',
    'grep -v "^ *$" license | sed "s/^ *//; s/ .*//" | sort -f | uniq -di | head -20 | wc -l',
    # built-in utilities at any stage
    'echo one two three | wc -w',
    'printf "%s %s\\n" a 1 b 2 c 3 | while read x y; do echo "$y$x"; done | sort',
    'echo left | cat | { read word; echo "[$word]"; }',
    'cat license | while read -r line; do case $line in *GNU*) echo "$line";; esac; done'
    ' | head -4',
    'echo -n 2>/dev/null | wc -c | tr -d 0',
    'cat license | read first; echo "$? ${first-unset}"',
    'true | false | true; echo $?',
    'echo x | false; echo $?',
    '! echo x | false; echo $?',
    ': | cat; echo | cat',
    'cd / | pwd | grep -c .',
    'umask | tr 0-7 +',
    'x=1; x=2 | :; echo $x | cat',
    'export shown=yes; env | grep "^shown" | cut -d= -f2',
    'value=mine env | grep "^value=" | cat; echo ${value-none}',
    'set -- a b c; echo "$# $2" | cat; shift; echo "$@" | cat',
    'test -f license | cat; [ -d . ] | cat; echo $?',
    'type cd | wc -l; command -v cat | wc -l',
    # compound commands at any stage
    '{ head -1 license; tail -1 license; } | sed "s/^ *//" | sort',
    '( cd / && ls -d etc ) | tr e E; pwd | wc -l',
    'for i in 1 2 3; do echo "$i $i"; done | cut -d" " -f2 | tac',
    'i=0; while [ $i -lt 300 ]; do echo $i; i=$((i + 1)); done | tail -2',
    'until false; do echo again; done 2>/dev/null | head -2',
    'seq 3 | for i in a b c; do read n; echo "$i$n"; done | paste -s -',
    'seq 4 | if read x; then cat; else echo none; fi | tr 2-4 b-d',
    'echo word | case $(cat) in w*) echo yes;; *) echo no;; esac | cat',
    'seq 6 | ( read a; read b; echo "$((a + b))"; cat ) | sed 2q',
    '{ echo out; echo err >&2; } 2>&1 >/dev/null | cat',
    '{ { echo out; echo err >&2; } 3>&1 1>&2 2>&3 | sed s/^/1:/; } 2>&1 | sort',
    '{ cat license | grep -c a; } | { read n; test "$n" -gt 100 && echo many; }',
    'exec 3>&1; { echo a; echo b >&3; } | sed s/^/x/ | cat >kept; cat kept; exec 3>&-',
    # functions at any stage
    'up() { tr a-z A-Z; }; head -2 license | up | sed "s/^ *//"',
    'each() { while read -r w; do "$@" "$w"; done; }; seq 3 | each echo n | each printf "%s;"',
    'words() { tr -cs A-Za-z "\\n"; }; words <license | sort -u | grep -c "^[A-Z]"',
    'f() { [ "$1" -eq 0 ] || { echo $1; f $(($1 - 1)); }; }; f 20 | sort -n | head -3 | xargs',
    'f() { echo "$@"; return 3; }; f a b | cat; f | :; echo $?; : | f; echo $?',
    'f() ( echo sub; exit 4 ); f | tr s S; : | f; echo $?',
    # substitutions, here-documents, lists, background
    'echo "$(cat license | wc -l)" "$(echo a | tr a b | tr b c)" | tr " " -',
    'echo `cat license | head -1` | cat',
    'n=$(grep -c . license | tr -d " "); echo $((n * 2)) | cat',
    'set -- $(cut -d: -f1 /etc/passwd | sort | head -2); echo "$1" "$2" | cat',
    'true && echo a | cat || echo b | cat; false && echo a | cat || echo b | cat',
    'seq 5 | cat >five & wait; cat five | paste -s -',
    'sleep 0 | cat & wait $!; echo $?',
    'cat <license | cat >copy; cmp copy license; echo $?',
    'sort <<A | head -1; cat <<B | tr b B\nz\ny\nA\nbb\nB',
    'seq 3 |\n sed 1d |\n\n cat',
    'cat /dev/null | wc -c; cat license | : ; echo $?',
    'seq 100000 | { head -1 >/dev/null; exit 7; }; echo $?',
    'cat missing 2>/dev/null | cat; echo $?; cat missing 2>&1 >/dev/null | grep -c missing',
]


def prepare(folder: Path) -> Path:
    """A folder with the file that the pipelines read."""
    folder.mkdir()
    if LICENSE.exists():
        shutil.copy(LICENSE, folder / 'license')
    else:
        (folder / 'license').write_text(''.join(
            f'  Line {n}: you may copy the GNU software {n % 7}\n' for n in range(700)))
    return folder


def run_script(shell: list[str], line: str, folder: Path) -> tuple[int, bytes, bytes]:
    """Run a pipeline from a script file; what it leaves behind is part of the result."""
    script = folder.parent / f'{folder.name}.sh'
    script.write_text(line + '\n')
    ended = subprocess.run(
        [*shell, str(script)], cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=60, check=False)
    left = b''.join(path.name.encode() + b'\0' + path.read_bytes()
                    for path in sorted(folder.iterdir()) if path.name != 'license')
    return ended.returncode, ended.stdout + left, ended.stderr


@pytest.mark.parametrize('line', PIPELINES)
def test_a_script_prints_what_dash_prints(
    line: str, minishell: list[str], tmp_path: Path,
) -> None:
    expected = run_script([DASH], line, prepare(tmp_path / 'dash'))
    assert run_script(minishell, line, prepare(tmp_path / 'minishell')) == expected


@pytest.fixture(scope='module')
def prompt(
    minishell: list[str], tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Callable[[str], str], Path]]:
    """Types lines at one prompt after the other; gives what is shown until the next."""
    folder = prepare(tmp_path_factory.mktemp('typed') / 'folder')
    child = pexpect.spawn(
        minishell[0], [*minishell[1:]], cwd=str(folder), env=ENVIRONMENT, echo=False,
        timeout=60, encoding='utf-8', dimensions=(24, 200))
    child.delaybeforesend = None
    number = 1
    child.expect_exact('<1>')
    assert child.before == ''

    def enter(text: str) -> str:
        nonlocal number
        number += 1
        child.send(text + '\n')
        child.expect_exact(f'<{number}>')
        shown = child.before.replace('[more]', '').replace('\r\n', '\n')
        assert isinstance(shown, str)
        return shown

    yield enter, folder
    child.sendeof()
    child.expect(pexpect.EOF)
    child.wait()            # close() would send SIGHUP to one that is still ending
    child.close()
    assert (child.exitstatus, child.signalstatus) == (0, None)


@pytest.mark.parametrize('line', PIPELINES)
def test_what_is_typed_prints_what_dash_prints(
    line: str, prompt: tuple[Callable[[str], str], Path], tmp_path: Path,
) -> None:
    enter, folder = prompt
    _, expected, errors = run_script([DASH], line, prepare(tmp_path / 'dash'))
    assert errors == b''
    shown = enter(f'({line})' if ' & ' in line else line)     # no `[1] 4711` at a prompt
    left = ''.join(path.name + '\0' + path.read_text()
                   for path in sorted(folder.iterdir()) if path.name != 'license')
    for path in folder.iterdir():
        if path.name != 'license':
            path.unlink()
    assert shown + left == expected.decode()


def test_the_list_covers_what_it_says() -> None:
    stages = [line.count(' | ') + 1 for line in PIPELINES]
    assert len(PIPELINES) >= 60
    assert max(stages) >= 6


def test_no_pipeline_leaves_a_process(minishell: list[str], tmp_path: Path) -> None:
    """All lines in one script, which then looks for children of its own."""
    folder = prepare(tmp_path / 'all')
    script = ''.join(f'({line}\n) >/dev/null 2>&1\n' for line in PIPELINES)
    script += f'exec {sys.executable} -c "import os\nprint(os.waitpid(-1, 0))"\n'
    (tmp_path / 'all.sh').write_text(script)
    ended = subprocess.run(
        [*minishell, str(tmp_path / 'all.sh')], cwd=folder, env=ENVIRONMENT,
        stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    assert b'ChildProcessError' in ended.stderr
    assert ended.stdout == b''
