"""bash-completion, the package, under minishell as under bash: it loads, each of its files
does, and its functions reply the same, called by hand and by our engine."""
from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal.test_completing import ENGINE, surroundings
from tests.test_cases import MINISHELL

PACKAGE = Path('/usr/share/bash-completion')
MAIN, FILES = PACKAGE / 'bash_completion', PACKAGE / 'completions'
ROOT = Path(__file__).resolve().parent.parent
PARTS = 8
pytestmark = pytest.mark.skipif(
    not MAIN.exists() or shutil.which('bash') is None,
    reason='bash-completion or bash is not installed (Debian: apt-get install bash-completion)')

LOAD = r"""
. "$MAIN"; echo $?; complete -p; declare -F
for file do
    (. "$file"; echo "$file $?"; complete -p; declare -F) 2>&1
done
"""
# Call the function that completes a command by hand, as `complete` would.
REPLY = r"""
. "$MAIN"
reply() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_TYPE=9 COMP_KEY=9
    COMP_POINT=${#COMP_LINE} COMPREPLY=()
    complete -p "$1" >/dev/null 2>&1 || _completion_loader "$1"
    local spec=$(complete -p "$1")
    local function=${spec#*-F } previous=${COMP_WORDS[COMP_CWORD-1]}
    "${function%% *}" "$1" "${COMP_WORDS[COMP_CWORD]}" "$previous" 2>/dev/null
    echo "== $* ($spec) $?"
    printf '<%s>\n' "${COMPREPLY[@]}" | LC_ALL=C sort
}
while read -r line; do
    [[ $line == *_ ]] && words=(${line%_} '') || words=($line)
    reply "${words[@]}"
done <lines
"""
LINES = [       # `_` at the end stands for a word that is still empty
    'git _', 'git chec', 'git checkout _', 'git checkout si', 'git log --on', 'git add _',
    'git remote _', 'git config user.', 'git push origin _', 'git diff main..', 'git --gi',
    'tar x', 'tar xf _', 'tar -', 'tar czf x.tgz _', 'tar --ex', 'tar -xf wo',
    'ssh -', 'ssh -o _', 'ssh -o Strict', 'ssh -p', 'ssh local',
    'apt _', 'apt ins', 'apt install --', 'apt-get -', 'apt-cache sh',
    'kill -', 'kill -s _', 'kill -l _', 'make _', 'make c', 'make -', 'make -C _',
    'cd _', 'cd d', 'cd ./d', 'cd dir/', 'find _', 'find . -', 'find . -type _',
    'find . -user roo', 'find . -na', 'chown roo', 'chmod +', 'cat wo', 'ls --co', 'umount /',
    'export HO', 'declare -', 'dd if', 'sudo kil', 'man -', 'cp -', 'bash -',
    'complete -A f', 'rsync --del', 'gzip _', 'sed --',
]


def run(shell: list[str], script: str, folder: Path, *operands: str) -> str:
    """Run a script; what it prints, with errors."""
    done = subprocess.run(
        [*shell, '-c', script, 'sh', *operands], cwd=folder, text=True, timeout=600,
        env={**surroundings(folder), 'MAIN': str(MAIN)}, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


@pytest.mark.parametrize('part', range(PARTS))
def test_each_file_loads_as_in_bash(part: int, tmp_path: Path) -> None:
    paths = [str(path) for path in sorted(FILES.iterdir()) if path.is_file()][part::PARTS]
    assert len(paths) > 20
    expected = run(['bash'], LOAD, tmp_path, *paths)
    assert expected.startswith('0\n')
    assert run([*MINISHELL, '--bash'], LOAD, tmp_path, *paths) == expected


@pytest.fixture
def furnished(tmp_path: Path) -> Path:
    """A folder with files, a Makefile and a git repository."""
    folder = tmp_path / 'folder'
    (folder / 'dir' / 'inside').mkdir(parents=True)
    for name in 'words', 'words.tar.gz', 'two words', 'x.c':
        (folder / name).touch()
    (folder / 'Makefile').write_text('all:\n\ttrue\nclean:\n\ttrue\n')
    subprocess.run(
        ['git', '-c', 'user.name=a', '-c', 'user.email=a@example.org', 'init', '-q', '-b',
         'main', '.'], cwd=folder, env=surroundings(folder), check=True)
    subprocess.run('git add . && git -c user.name=a -c user.email=a@example.org commit -q -m x '
                   '&& git branch side && git tag v1 && git remote add origin /nowhere',
                   shell=True, cwd=folder, env=surroundings(folder), check=True)
    (folder / 'lines').write_text(''.join(line + '\n' for line in LINES))
    return folder


def replies(text: str) -> dict[str, str]:
    """What REPLY printed, by lines."""
    return {part.partition('\n')[0]: part.partition('\n')[2] for part in text.split('== ')}


def test_functions_reply_by_hand_as_in_bash(furnished: Path) -> None:
    expected = replies(run(['bash'], REPLY, furnished))
    assert len(expected) == len(LINES) + 1
    assert replies(run([*MINISHELL, '--bash'], REPLY, furnished)) == expected


def test_the_engine_has_their_replies(furnished: Path) -> None:
    expected = {head.partition(' (')[0]: sorted(set(body[1:-2].split('>\n<')))
                for head, body in replies(run(['bash'], REPLY, furnished)).items() if body}
    lines = [line.removesuffix('_') for line in LINES]
    done = subprocess.run(
        [sys.executable, '-I', '-S', '-X', 'utf8', '-c', ENGINE, str(ROOT), f'. {MAIN}',
         json.dumps(lines)], cwd=furnished, env=surroundings(furnished), capture_output=True,
        text=True, check=True, timeout=120)
    for line, (_, found, options, *_rest) in zip(lines, json.loads(done.stdout), strict=True):
        if 'default' not in options or expected[line] != ['']:     # files come in then
            assert found == [word for word in expected[line] if word], line
