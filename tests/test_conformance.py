"""docs/conformance.md: the map from the sections of the standard to their cases."""
from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SECTIONS = [f'2.{number}' for number in range(2, 16)]
SPECIAL = [
    'break', 'colon', 'continue', 'dot', 'eval', 'exec', 'exit', 'export', 'readonly', 'return',
    'set', 'shift', 'times', 'trap', 'unset']
INTRINSIC = [
    'alias', 'bg', 'cd', 'command', 'fc', 'fg', 'getopts', 'hash', 'jobs', 'kill', 'read',
    'type', 'ulimit', 'umask', 'unalias', 'wait']


@pytest.fixture
def table(root: Path) -> dict[str, list[str]]:
    """Section -> the files that test it."""
    text = (root / 'docs' / 'conformance.md').read_text()
    rows = text.partition('| section of XCU |')[2].splitlines()[2:]
    return {section.strip(): re.findall('`([^`]+)`', files) for section, files in (
        row.strip('|').split('|') for row in rows if row.startswith('|'))}


def cases(root: Path) -> Counter[str]:
    """File of cases -> how many it has."""
    return Counter({path.name: len(re.findall('^#### ', path.read_bytes().decode(
        'utf-8', 'surrogateescape'), re.MULTILINE))
        for path in (root / 'tests' / 'cases' / 'posix').glob('*.test')})


def test_every_section_and_utility_is_there(table: dict[str, list[str]]) -> None:
    for section in SECTIONS:
        assert any(row.startswith(section) for row in table), section
    utilities = {name for row in table for name in re.split('[ ,]+', row)}
    assert not {*SPECIAL, *INTRINSIC} - utilities


def test_every_file_is_there_and_has_cases(root: Path, table: dict[str, list[str]]) -> None:
    counts = cases(root)
    named = {file for files in table.values() for file in files}
    assert all(table.values())
    assert {file for file in named if '/' not in file} == set(counts)
    assert all(counts.values())
    assert all((root / file).is_file() for file in named if '/' in file)


def test_there_are_as_many_cases_as_promised(root: Path) -> None:
    assert cases(root).total() >= 1200
