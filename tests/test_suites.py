"""Programs that come with a test suite: it has the same results on minishell as on dash.

MINISHELL_SUITES names a folder of unpacked source trees; the suite of each that has one of
the files below is run (minutes, not seconds). Results so far: docs/conformance.md.
"""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

DASH = shutil.which('dash')
TREES = os.environ.get('MINISHELL_SUITES', '')
TIME_LIMIT = 3600               # seconds for one command


class Suite(NamedTuple):
    """How to run the suite of a source tree, and what to compare of what it prints."""

    file: str                       # that tells such a tree from others
    commands: tuple[str, ...]       # $SH is the shell, $TREES the folder of the trees
    result: str                     # a regular expression for a line about a test
    folder: str = '.'               # where to run them


TAP = r'(not )?ok .*'

# The first whose file is there counts. What modernish says of a test depends on what it
# finds a shell can do; only that no test fails is the same for all.
SUITES = (
    Suite('bin/modernish', ('$SH bin/modernish --test',), r'.* - FAIL.*|Out of .*'),
    Suite('lib/bootstrap.sh', ('./shellspec --shell $SH --format tap',), TAP),
    Suite('spec/spec_helper.sh',
          ('$TREES/shellspec/shellspec +q --shell $SH --format tap',), TAP),
    Suite('shunit2', ('./test_runner -s $SH',), r'test\w+|Ran .*|OK.*|FAILED.*|ASSERT.*'),
    Suite('test/sharness.t', ('$SH ./sharness.t',), TAP, 'test'),
    Suite('configure', ('$SH ./configure', 'make SHELL=$SH', 'make check SHELL=$SH'),
          r'([A-Z]+|# [A-Z]+): .*| *\d+: .*\b(ok|FAILED|skipped|failure)\b.*'),
)


def known_trees() -> list[ParameterSet]:
    """The trees with a suite, as parameters of a test."""
    folders = sorted(path for path in Path(TREES).iterdir() if path.is_dir()) if TREES else []
    return [pytest.param(tree, next(suite for suite in SUITES if (tree / suite.file).exists()),
                         id=tree.name)
            for tree in folders if any((tree / suite.file).exists() for suite in SUITES)]


def results(tree: Path, suite: Suite, shell: str, work: Path) -> list[str]:
    """Run a suite with a shell in a copy of the tree; the lines about its tests, sorted."""
    shutil.copytree(tree, work, symlinks=True)
    environment = {
        'PATH': '/usr/bin:/bin:/usr/sbin:/sbin', 'HOME': str(work.parent), 'LC_ALL': 'C.UTF-8',
        'TERM': 'dumb', 'FORCE_UNSAFE_CONFIGURE': '1',
        'SHELL': shell, 'CONFIG_SHELL': shell, 'SHELL_PATH': shell, 'MSH_SHELL': shell}
    began, output = time.monotonic(), ''
    for command in suite.commands:
        words = command.replace('$SH', shell).replace('$TREES', TREES).split()
        output = subprocess.run(
            words, cwd=work / suite.folder, env=environment, timeout=TIME_LIMIT, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors='replace').stdout
    lines = [line.replace(shell, '$SH') for line in output.splitlines()]
    found = sorted(line for line in lines if re.fullmatch(suite.result, line))
    print(f'{tree.name} on {shell}: {len(found)} lines, {time.monotonic() - began:.0f} s')
    return found


@pytest.mark.skipif(DASH is None, reason='dash is not installed')
@pytest.mark.parametrize(('tree', 'suite'), known_trees() or [pytest.param(
    None, None, marks=pytest.mark.skip(reason='MINISHELL_SUITES names no source trees'))])
def test_a_suite_has_the_results_of_dash(
    tree: Path, suite: Suite, minishell: list[str], tmp_path: Path,
) -> None:
    assert DASH is not None
    shell = tmp_path / 'minishell'
    shell.write_text(f'#!/bin/sh\nexec {" ".join(minishell)} "$@"\n')
    shell.chmod(0o755)
    expected = results(tree, suite, DASH, tmp_path / 'on-dash')
    assert expected
    assert results(tree, suite, str(shell), tmp_path / 'on-minishell') == expected
