"""What the kernel may do at any system call: a signal, an error (strace's `inject`).

Each call that a shell makes has it once, in a run of its own: nothing is left to chance.
"""
from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

Call = tuple[str, int]              # its name, and which of that name it is


class Tracer:
    """Runs programs under strace."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def run(self, argv: list[str], *options: str) -> subprocess.CompletedProcess[str]:
        """Run a program with some of strace's options."""
        return subprocess.run(
            ['strace', '-e', 'signal=none', *options, *argv], text=True, check=False,
            stdin=subprocess.DEVNULL, capture_output=True, cwd=self.folder, timeout=60,
            env=self.environment)

    def calls(self, argv: list[str], behind: str) -> list[Call]:
        """The calls of a program behind the first whose line matches, but its last."""
        log = self.folder / 'strace.log'
        assert self.run(argv, '-o', str(log)).returncode == 0
        lines = log.read_text().splitlines()
        counts: Counter[str] = Counter()
        found: list[Call] = []
        begun = False
        for line in lines:
            name = line.partition('(')[0]
            counts[name] += 1
            if begun and name.isidentifier() and name != 'exit_group':
                found.append((name, counts[name]))
            begun = begun or re.search(behind, line) is not None
        assert found
        return found


@pytest.fixture
def tracer(tmp_path: Path, environment: dict[str, str]) -> Tracer:
    """Skips where there is no strace, or it may not trace."""
    found = Tracer(tmp_path, environment)
    if shutil.which('strace') is None or found.run(['true'], '-o', '/dev/null').returncode:
        pytest.skip('strace is not there or may not trace')
    return found


@pytest.mark.parametrize(('name', 'number'), [('INT', 2), ('TERM', 15), ('HUP', 1)])
@pytest.mark.parametrize('script', [': $((1 + 1))', '. /dev/null; echo hi >/dev/null'])
def test_a_signal_at_any_moment_of_a_start(
    name: str, number: int, script: str, tracer: Tracer, minishell: list[str],
) -> None:
    """From our first statement on: the shell dies of it, or has come to its end."""
    argv = [*minishell, '-c', script]
    tracer.run(argv, '-o', '/dev/null')         # the image is there now

    def interrupted(call: Call) -> tuple[Call, int, str]:
        done = tracer.run(argv, '-o', '/dev/null', '-e',
                          f'inject={call[0]}:signal=SIG{name}:when={call[1]}')
        return call, done.returncode, done.stderr
    with ThreadPoolExecutor(2) as pool:
        for call, status, said in pool.map(interrupted, tracer.calls(argv, r'image\.')):
            assert (call, status, said) == (call, -number, '')
