"""The traces of the lessons: the same each time; ten of them as pages in a browser."""
from __future__ import annotations

import os
import subprocess
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
@pytest.mark.usefixtures('objects_of_the_course')
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


def test_where_nobody_may_trace_nothing_is_compared(minishell: list[str], tmp_path: Path,
                                                    environment: dict[str, str]) -> None:
    """The lesson's shell is traced itself: it has one tracer only."""
    done = subprocess.run([*minishell, '-c', 'trace -o story.json demo -y pipeline; echo $?'],
                          env=environment, cwd=tmp_path, capture_output=True, text=True,
                          check=False)
    assert done.stdout.endswith('\n# lesson 28: 4 of 4 commands gave what the page shows; '
                                '1 not compared\n0\n'), done
    assert 'sh pipe ① | fork P1 | close ①w | pipe ②' in done.stdout
    assert UNKNOWN in done.stdout
