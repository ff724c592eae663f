"""Texts that grow by pieces: so large that all would be copied for each piece within days.

The time limits tell those from slow machines, as in test_bad_input.py.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

SIZE = 40_000_000
READING = {             # the line of the file `f` into x
    'read': 'read x <f', 'read to the end': 'read -d "" x <f || :', 'raw': 'read -r x <f',
    'into two': 'read x y <f', 'a loop': 'while read y; do x=$y; done <f',
    'a substitution': 'x=$(cat f)', 'the text of a file': 'x=$(<f)', 'dot': '. ./script',
    'a here-document': '. ./here', 'eval': 'x=$(cat script); eval "$x"',
    'a pattern': 'x=$(cat f); x=${x#*b}; x=${x%%b*}', 'replaced': 'x=$(cat f); x=${x/b/c}',
    'a word of a loop': 'for x in $(cat f); do :; done',
    'a positional': 'set -- $(cat f); x=$1',
}


def file_of(folder: Path, line: str) -> None:
    (folder / 'cwd' / 'f').write_text(line + '\n')
    (folder / 'cwd' / 'script').write_text(f'x={line}\n')
    (folder / 'cwd' / 'here').write_text(f'read x <<E\n{line}\nE\n')


@pytest.mark.parametrize('command', READING.values(), ids=READING)
def test_one_long_line(command: str, minishell: list[str], tmp_path: Path, run: Run) -> None:
    file_of(tmp_path, 'a' * SIZE)
    done = run([*minishell, '-c', f'{command}\necho ${{#x}}'])
    assert (done.stdout, done.stderr) == (f'{SIZE}\n', '')


@pytest.mark.parametrize('how', [
    'minishell script', 'minishell <script', 'minishell -s <script'])
def test_a_script_of_one_long_line(
    how: str, minishell: list[str], tmp_path: Path, run: Run,
) -> None:
    file_of(tmp_path, 'a' * SIZE + '; echo ${#x}')
    done = run(['sh', '-c', how.replace('minishell', '"$@"'), 'sh', *minishell])
    assert (done.stdout, done.stderr) == (f'{SIZE}\n', '')


@pytest.mark.parametrize('piece', ['x+=$a', 'x=$x$a', 'x=${x-}$a', "x+=$a'$'", 'x+=${a}b$i'])
@pytest.mark.parametrize('turns', [
    'while [ $i -lt $n ]; do i=$((i + 1)); PIECE; done',
    'f() { PIECE; }; while [ $i -lt $n ]; do i=$((i + 1)); f; done'])
@pytest.mark.parametrize('hot', ['0', '1000000'])
def test_a_variable_that_grows(
    piece: str, turns: str, hot: str, minishell: list[str], run: Run,
    environment: dict[str, str],
) -> None:
    count = 300_000
    script = f'i=0 n={count}; {turns.replace("PIECE", piece)}; [ ${{#x}} -ge {100 * count} ]'
    done = run([*minishell, '-c', f'a={"a" * 100} {script}'],
               env={**environment, 'MINISHELL_HOT': hot})
    assert (done.returncode, done.stderr) == (0, '')


PIECES = {              # a script of so many pieces, which prints the second text
    'lone dollars': (3_000_000, lambda n: (f'x="{"$ " * n}"; echo ${{#x}}', f'{2 * n}')),
    'joined lines of a here-document': (1_000_000, lambda n: (
        'read x <<E; echo ${#x}\n' + 'abc\\\n' * n + '\nE', f'{3 * n}')),
    'aliases of aliases': (100_000, lambda n: (
        f'i=0; while [ $i -lt {n} ]; do alias a$i=a$((i += 1)); done; alias a$i=echo\n'
        "eval 'a0 end'", 'end')),
    'aliases behind aliases': (60_000, lambda n: (
        "alias b='echo '; alias c='x '\n" + 'b ' + 'c ' * n + '| wc -w', f'{n}')),
}


@pytest.mark.parametrize(('count', 'make'), PIECES.values(), ids=PIECES)
def test_many_pieces(
    count: int, make: Callable[[int], tuple[str, str]], minishell: list[str], tmp_path: Path,
    run: Run,
) -> None:
    script, expected = make(count)
    (tmp_path / 'cwd' / 'script').write_text(script + '\n')
    done = run([*minishell, 'script'])
    assert (done.stdout.strip(), done.stderr) == (expected, '')
