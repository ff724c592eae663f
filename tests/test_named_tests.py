"""docs/testing.md is true: the tests that it names are there."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PAGE = TESTS.parent / 'docs' / 'testing.md'
NAMED = sorted(set(re.findall(r'`([\w/]+\.py)::(\w+)`', PAGE.read_text())))


def test_the_page_was_read() -> None:
    assert len(NAMED) > 20


@pytest.mark.parametrize(('file', 'name'), NAMED)
def test_it_is_there(file: str, name: str) -> None:
    assert f'\ndef {name}(' in (TESTS / file).read_text()
