"""Traces that lessons of docs/course show, typed to a shell as demo has it."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from minishell.course.lessons import Lesson
from minishell.course.transcripts import Step

if TYPE_CHECKING:
    from minishell.glass.story import Story

ROOT = Path(__file__).resolve().parent.parent
COURSE = ROOT / 'docs' / 'course'
TRACE = 'trace -g '
TIMEOUT = 300
# Types lines to a lesson's shell: what each gives, and the story that one has left.
DRIVER = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from minishell.course.lessons import find
from minishell.course.stage import Stage
from minishell.session import build_shell
shell = build_shell('sh', dict(os.environb))
shell.restart, lines = json.load(sys.stdin)
stage = Stage(shell, find(sys.argv[2]))
try:
    stage.until_prompt(lambda text: None)
    given = [stage.type(line + '\\n', lambda text: None) for line in lines]
    path = stage.folder + '/story.json'
    story = json.load(open(path)) if os.path.exists(path) else None
finally:
    stage.end()
json.dump([given, story], sys.stdout)
"""


class Told:
    """A lesson: the lines that must have been typed before its traces, and these."""

    def __init__(self, page: Path) -> None:
        self.page = page
        self.name = page.stem
        steps = [part for part in Lesson(str(COURSE), page.name).parts()
                 if isinstance(part, Step)]
        self.traces = [step for step in steps if TRACE in step.typed]
        last = steps.index(self.traces[-1]) if self.traces else 0
        self.before = [step.typed.rstrip('\n') for step in steps[:last]
                       if step not in self.traces]


PAGES = [told for page in sorted(COURSE.glob('[0-9]*.md')) if (told := Told(page)).traces]


def typed(told: Told, lines: list[str], minishell: list[str],
          environment: dict[str, str]) -> tuple[list[str], Story | None]:
    """What lines give behind those that come before the lesson's traces, and the story."""
    number = told.name.partition('-')[0].lstrip('0')
    process = subprocess.Popen(
        [sys.executable, '-X', 'utf8', '-c', DRIVER, str(ROOT), number], text=True,
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        encoding='utf-8', errors='surrogateescape')
    try:
        out, _ = process.communicate(json.dumps([minishell, told.before + lines]), TIMEOUT)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)      # the lesson's shell is ended, too
            process.wait()
    assert process.returncode == 0
    given, story = json.loads(out)
    return given[len(told.before):], story
