"""The traces of the lessons: the same each time; ten of them as pages in a browser."""
from __future__ import annotations

import os
from pathlib import Path

import pytest
from course_stories import PAGES, Told, typed
from test_course_lessons import needs

from minishell.course.transcripts import Comparison
from minishell.system.apart import UNKNOWN

RUNS = int(os.environ.get('MINISHELL_STORIES') or 3)
every_page = pytest.mark.parametrize('told', PAGES, ids=[told.name for told in PAGES])


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """With a folder of its own for what is temporary."""
    folder = Path(environment['HOME'], 'tmp')
    folder.mkdir()
    return {**environment, 'TMPDIR': str(folder)}


@every_page
def test_a_story_is_the_same_each_time(told: Told, minishell: list[str],
                                       environment: dict[str, str]) -> None:
    needs(told.page)
    lines = [step.typed.rstrip('\n') for step in told.traces]
    given, _ = typed(told, lines * RUNS, minishell, environment)
    for number, text in enumerate(given):
        if UNKNOWN in text:
            pytest.skip('nobody may trace here')
        shown = told.traces[number % len(lines)].shown
        assert Comparison().holds(shown, text), f'{shown}is shown, and given is\n{text}'


def test_most_lessons_show_a_trace() -> None:
    assert len(PAGES) >= 28
