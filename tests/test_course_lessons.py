"""The lessons of docs/course are true: what they have typed gives what they show.

In a block of ```console, `$ ` begins a line that is typed, and what it gives stands below.
There P1, P2 … are numbers, each the same wherever it stands; `...` is any text in a line, and
any lines where it is one.  The programs beside the lessons are in the folder.
"""
from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
COURSE = ROOT / 'docs' / 'course'
LESSONS = sorted(COURSE.glob('[0-9]*.md'))
PROMPT = '\x01'
KEYS = (17, 18, 217, 218)       # which the lessons have from the course's texts


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """With records of its own: `ipc clean` removes what all ended shells have left."""
    return {**environment, 'XDG_RUNTIME_DIR': environment['HOME']}


@pytest.fixture
def alone() -> Iterator[None]:
    """No other run on this machine uses these keys at the same time."""
    path = Path(tempfile.gettempdir()) / f'minishell-lessons-{os.getuid()}.lock'
    with path.open('w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        remove()
        yield
        remove()


def remove() -> None:
    for key in KEYS:
        for option in ('-Q', '-M', '-S'):
            subprocess.run(['ipcrm', option, str(key)], check=False, capture_output=True)
    for name in ('lsinf1252', 'left', 's'):
        Path(f'/dev/shm/sem.{name}').unlink(missing_ok=True)


def transcript(text: str) -> list[tuple[str, str]]:
    """What is typed, and what is shown then."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r'^```console\n(.*?)^```$', text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines(keepends=True):
            if line.startswith('$ '):
                found.append((line[2:], ''))
            else:
                found[-1] = found[-1][0], found[-1][1] + line
    return found


def pattern(expected: list[str]) -> re.Pattern[str]:
    """What matches all that is shown, prompts between."""
    seen: set[str] = set()

    def part(match: re.Match[str]) -> str:
        text = match.group()
        if text == '...':
            return '.*'
        if re.fullmatch(r'P\d+', text):
            if text in seen:
                return f'(?P={text})(?![0-9a-f])'
            seen.add(text)
            return rf'(?P<{text}>[0-9a-f]+)'
        return re.escape(text)
    shown = []
    for text in expected:
        text = re.sub(r'(?m)^\.\.\.\n', '\x02', text)
        text = re.sub(r'P\d+\b|\.\.\.|\x02|[^P.\x02]+|.', part, text, flags=re.DOTALL)
        shown.append(text.replace('\x02', '(?:.*\n)*?'))
    return re.compile(PROMPT.join(['(?:.*\n)*?', *shown, '[^\x01]*']))     # `exit`


@pytest.mark.parametrize('lesson', LESSONS, ids=[lesson.stem for lesson in LESSONS])
@pytest.mark.usefixtures('alone')
def test_a_lesson(lesson: Path, minishell: list[str], environment: dict[str, str],
                  tmp_path: Path) -> None:
    text = lesson.read_text()
    lines = transcript(text)
    assert lines
    if any(line.startswith('cc ') for line, _ in lines) and not shutil.which('cc'):
        pytest.skip('no C compiler')
    if re.search(r'^\$ .*\b(sem|shm) ', text, re.MULTILINE):
        pytest.importorskip('posix_ipc', reason='the extra `course` is not installed')
        pytest.importorskip('sysv_ipc', reason='the extra `course` is not installed')
    for program in (COURSE / 'programs').iterdir():
        shutil.copy(program, tmp_path)
    (tmp_path / 'bin').mkdir()
    words = ' '.join(f"'{word}'" for word in minishell)
    (tmp_path / 'bin' / 'minishell').write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    (tmp_path / 'bin' / 'minishell').chmod(0o755)
    done = subprocess.run(
        [*minishell, '-i'], input=''.join(line for line, _ in lines), text=True, check=False,
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
        env={**environment, 'PATH': f'{tmp_path}/bin:{environment["PATH"]}', 'PS1': PROMPT,
             'PYTHONIOENCODING': 'utf-8'})
    if not pattern([shown for _, shown in lines]).fullmatch(done.stdout):
        given = done.stdout.split(PROMPT)[1:]
        wrong = [f'$ {line}{found}' for (line, _), found in zip(lines, given, strict=False)]
        pytest.fail(f'{lesson.name} shows something else:\n' + ''.join(wrong), pytrace=False)


@pytest.mark.parametrize('lesson', LESSONS, ids=[lesson.stem for lesson in LESSONS])
def test_a_page_has_its_parts(lesson: Path) -> None:
    text = lesson.read_text()
    parts = ['**The question.**', '```console', '**What comes, and why.**',
             '**The course text, and Linux.**', '**Exercise.**', '<details><summary>Answer']
    places = [text.find(part) for part in parts]
    assert places == sorted(places)
    assert places[0] > 0
    assert text.startswith(f'# {int(lesson.stem[:2])}. ')
