"""System calls, counted: what a command costs in the shell itself, beside what dash spends.

A loop of 210 turns is run, then one of 220; the difference is ten times what one turn costs,
free of the start and of what only the first turns do.  The counts are exact, not times.
"""
from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STRACE = shutil.which('strace')
TURNS = 210, 220


@pytest.fixture
def strace() -> str:
    """The program, where it may trace."""
    if STRACE is None or subprocess.run([STRACE, '-o', '/dev/null', 'true'], check=False,
                                        capture_output=True).returncode:
        pytest.skip('strace is not installed, or may not trace')
    return STRACE


@pytest.fixture
def count(tmp_path: Path, strace: str) -> Callable[[list[str], str], Counter[str]]:
    """The system calls that ten turns of a loop add."""

    def run(shell: list[str], body: str) -> Counter[str]:
        found = []
        for turns in TURNS:
            (tmp_path / 'f').write_text('a\nb\n')
            script = f'i=0; while [ $i -lt {turns} ]; do i=$((i + 1)); {body}; done; true'
            log = tmp_path / 'log'
            subprocess.run([strace, '-o', log, *shell, '-c', script], check=True,
                           stdout=subprocess.DEVNULL, timeout=120, cwd=tmp_path,
                           env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8'})
            found.append(Counter(re.findall(
                r'^(\w+)\((?!.*\? ERESTART)', log.read_text(), re.MULTILINE)))
        return found[1] - found[0]
    return run


@pytest.mark.parametrize('body', [
    '/bin/true', 'env', 'A=$i env', '/bin/true <f', '/bin/true >g', '/bin/cat <<E\nx\nE\n:',
    '(exit 3)', '(x=$i; [ $x ])', 'x=$(echo $i)', 'echo a >g', 'echo a >>g', 'echo a >&2',
    'read x <f', ': >g', '{ :; } >g', 'f() { :; }; f', 'eval "x=$i"', 'x=$((i * 2))',
    'case $i in *5) ;; esac', 'set -- a b c', 'printf "%s" $i',
])
def test_no_more_than_dash(body: str, count: Callable[[list[str], str], Counter[str]],
                           minishell: list[str]) -> None:
    dash = shutil.which('dash')
    if dash is None:
        pytest.skip('dash is not installed')
    ours, theirs = count(minishell, body), count([dash], body)
    assert ours.total() <= theirs.total(), (ours, theirs)


@pytest.mark.parametrize(('body', 'most'), [
    # clone, its stack (mmap, munmap), the mask before and after, wait4
    ('/bin/true', 6),
    # the same three times; two pipes, their ends closed; two prlimits of the C library for
    # each dup2 that a child is asked to make
    ('/bin/true | cat | cat', 32),
    # one process, a pipe, read until its end
    ('x=$(/bin/echo a)', 13),
])
def test_what_a_command_costs(body: str, most: int,
                              count: Callable[[list[str], str], Counter[str]],
                              minishell: list[str]) -> None:
    calls = count(minishell, body)
    assert calls.total() <= 10 * most, calls


@pytest.mark.parametrize(('script', 'ahead'), [
    ('seq 30 | while read x; do echo $x; done', True),
    ('seq 30 | while read x; do echo $x; done | cat', True),
    ('while read x; do echo $x; done <f', True),
    ('while read x; do echo $x; done <<E\na\nb\nE', True),
    ('read x <<E\na\nb\nE', True),
    ('seq 30 | { while read x; do echo $x; done; cat; }', False),
    ('seq 30 | while read x; do (echo $x); done', False),
    ('mkfifo p; exec 3<>p; echo a >&3; while read x; do break; done <p', False),
])
def test_read_reads_ahead_where_it_may(script: str, ahead: bool, tmp_path: Path,
                                       minishell: list[str], strace: str) -> None:
    (tmp_path / 'f').write_text('a\nb\n')
    log = tmp_path / 'log'
    subprocess.run([strace, '-f', '-o', log, '-e', 'trace=read', *minishell, '-c', script],
                   check=True, stdout=subprocess.DEVNULL, timeout=60, cwd=tmp_path,
                   stdin=subprocess.DEVNULL, env={'PATH': '/usr/bin:/bin'})
    # A call that another process has broken in two ends behind `<... read resumed>`.
    single = re.findall(r'read(?:\(\d+, | resumed>)".*", 1\) += 1', log.read_text())
    assert (not single) is ahead, single
