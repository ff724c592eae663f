"""Pages of lessons taken apart, and compared with what comes."""
from __future__ import annotations

import pytest

from minishell.course.transcripts import Comparison, Step, foretold, parts_of


@pytest.mark.parametrize(('shown', 'given', 'holds'), [
    ('[1] P1\n', '[1] 4711\n', True),
    ('P1 P1\n', '12 12\n', True),
    ('P1 P1\n', '12 13\n', False),
    ('P1 P2\n', '12 12\n', True),
    ('P1 P1\n', '12 123\n', False),
    ('a ... b\n', 'a x y b\n', True),
    ('a ... b\n', 'a x\ny b\n', False),
    ('a\n...\nb\n', 'a\nb\n', True),
    ('a\n...\nb\n', 'a\n1\n2\nb\n', True),
    ('a.c\n', 'abc\n', False),
    ('', 'a\n', False),
    ('a\n', 'a', False),
    ('Pa\n', 'Pa\n', True),
])
def test_what_a_page_shows(shown: str, given: str, holds: bool) -> None:
    assert Comparison().holds(shown, given) is holds


def test_numbers_are_kept_from_step_to_step() -> None:
    comparison = Comparison()
    assert comparison.holds('P1\n', '12\n')
    assert not comparison.holds('P1 P2\n', '13 12\n')
    assert comparison.holds('P1 P2\n', '12 13\n')
    assert not comparison.holds('P2\n', '12\n')


@pytest.mark.parametrize(('answer', 'right'), [
    ('[1] 7\nhello', True), ('[1] P1\nhello\n', True), (' [1]  7\n\nhello', True),
    ('hello', False), ('', False),
])
def test_an_answer(answer: str, right: bool) -> None:
    assert foretold(answer, '[1] P1\nhello\n', '[1] 4711\nhello\n') is right


def test_parts_of_a_page() -> None:
    parts = parts_of('# 1. A\n\n```console\n$ a\nb\n$ c\n```\nmiddle\n```c\n$ no\n```\n'
                     '```console\n$ d\n```\n')
    assert [(part.typed, part.shown) if isinstance(part, Step) else part for part in parts] \
        == ['# 1. A\n\n', ('a\n', 'b\n'), ('c\n', ''), 'middle\n```c\n$ no\n```\n',
            ('d\n', '')]
