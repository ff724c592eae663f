"""The lessons of docs/course are true: `demo` types them, on a terminal, and they give what
they show; as whoever runs the tests and as another user, in any locale."""
from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect  # type: ignore[import-untyped]
import pytest

from minishell.course.lessons import Lesson
from minishell.course.transcripts import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
COURSE = ROOT / 'docs' / 'course'
PAGES = sorted(COURSE.glob('[0-9]*.md'))
LOCALES = ['C', 'C.UTF-8', *(name for name in ('fr_FR.utf8', 'fr_FR.UTF-8') if name in
           subprocess.run(['locale', '-a'], capture_output=True, text=True).stdout.split())]
TIMEOUT = 300

every_page = pytest.mark.parametrize('page', PAGES, ids=[page.stem for page in PAGES])


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """With a folder of its own for what is temporary."""
    folder = Path(environment['HOME'], 'tmp')
    folder.mkdir()
    return {**environment, 'TMPDIR': str(folder)}


def needs(page: Path) -> None:
    """Skip a lesson for which something is not installed."""
    typed = [part.typed for part in Lesson(str(COURSE), page.name).parts()
             if isinstance(part, Step)]
    assert typed
    if any(line.startswith('cc ') for line in typed) and not shutil.which('cc'):
        pytest.skip('no C compiler')
    if any(re.search(r'\b(sem|shm) ', line) for line in typed):
        pytest.importorskip('posix_ipc', reason='the extra `course` is not installed')
        pytest.importorskip('sysv_ipc', reason='the extra `course` is not installed')


def perform(argv: list[str], environment: dict[str, str], folder: Path) -> str:
    """What a lesson shows on a terminal; it ends with status 0."""
    child = pexpect.spawn(argv[0], argv[1:], env=environment, cwd=str(folder), echo=False,
                          timeout=TIMEOUT, encoding='utf-8', codec_errors='surrogateescape')
    child.expect(pexpect.EOF)
    child.wait()            # close() would send SIGHUP to one that is still ending
    child.close()
    shown = str(child.before).replace('\r\n', '\n')
    if re.search(r'; \d+ not compared\n$', shown):
        pytest.skip('nobody may trace here: the traces of the lesson have not been compared')
    if child.exitstatus != 0:
        pytest.fail(f'{shown}\nstatus {child.exitstatus}, signal {child.signalstatus}',
                    pytrace=False)
    return shown


@every_page
@pytest.mark.usefixtures('objects_of_the_course')
def test_a_lesson(page: Path, minishell: list[str], environment: dict[str, str],
                  tmp_path: Path) -> None:
    needs(page)
    environment['LC_ALL'] = LOCALES[int(page.name[:2]) % len(LOCALES)]
    shown = perform([*minishell, '-c', 'demo -y "$1"', 'sh', page.name[:2].lstrip('0')],
                    environment, tmp_path)
    count = len(re.findall(r'^\$ ', shown, re.MULTILINE))
    assert shown.endswith(f'{count} of {count} commands gave what the page shows\n')
    assert os.listdir(environment['TMPDIR']) == []


@every_page
@pytest.mark.usefixtures('objects_of_the_course')
def test_a_lesson_as_another_user(page: Path, minishell: list[str], other: list[str],
                                  environment: dict[str, str]) -> None:
    needs(page)
    environment['LC_ALL'] = LOCALES[(int(page.name[:2]) + 1) % len(LOCALES)]
    folder = Path(environment['TMPDIR'])
    perform([*other, *minishell, '-c', 'demo -y "$1"', 'sh', page.stem.partition('-')[2]],
            environment, folder)
    assert os.listdir(folder) == []


@pytest.mark.parametrize('lesson', ['alarm', 'eintr'])
def test_an_alarm_may_come_before_the_wait(lesson: str, minishell: list[str], tmp_path: Path,
                                           environment: dict[str, str]) -> None:
    """The shell stands still behind each timer that it sets, longer than an alarm of a second
    takes: no line of the lesson hangs, or shows something else."""
    traced = ['strace', '-f', '-o', str(tmp_path / 'log'), '-e', 'trace=setitimer',
              '-e', 'inject=setitimer:delay_exit=1200000']
    if not shutil.which('strace') or not shutil.which('cc') or subprocess.run(
            [*traced, 'true'], check=False, capture_output=True).returncode:
        pytest.skip('strace is not there or may not trace, or there is no C compiler')
    done = subprocess.run([*traced, *minishell, '-c', f'demo -y {lesson}'], check=False,
                          env=environment, cwd=tmp_path, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=TIMEOUT)
    assert done.returncode == 0, done.stdout
    assert 'ITIMER_REAL' in (tmp_path / 'log').read_text()


@pytest.fixture
def other(minishell: list[str], environment: dict[str, str]) -> Iterator[list[str]]:
    """What has a program run as an ordinary user, who has a folder of his own: those of pytest
    are for its user alone."""
    if os.geteuid():
        pytest.skip('only root can be another user; the lessons have run as this one')
    try:
        user = pwd.getpwnam('nobody')
    except KeyError:
        pytest.skip('there is no user nobody')
    words = ['setpriv', f'--reuid={user.pw_uid}', f'--regid={user.pw_gid}', '--clear-groups']
    if not shutil.which('setpriv'):
        pytest.skip('there is no setpriv')
    done = subprocess.run([*words, *minishell, '-c', ':'], check=False, capture_output=True,
                          cwd='/')
    if done.returncode:
        pytest.skip('this checkout, or its Python, is not for other users')
    with tempfile.TemporaryDirectory(prefix='minishell-other-', dir='/tmp') as folder:
        os.chown(folder, user.pw_uid, user.pw_gid)
        environment |= {'HOME': folder, 'TMPDIR': folder}
        yield words


def test_an_installation_has_the_lessons(tmp_path: Path, environment: dict[str, str]) -> None:
    """Files as pip puts them: the package, and what pyproject.toml says of data."""
    package = tmp_path / 'lib' / 'python3.x' / 'site-packages' / 'minishell'
    shutil.copytree(ROOT / 'minishell', package, ignore=shutil.ignore_patterns('__pycache__'))
    for folder, globs in tomllib.loads((ROOT / 'pyproject.toml').read_text())[
            'tool']['setuptools']['data-files'].items():
        (tmp_path / folder).mkdir(parents=True)
        for path in [path for glob in globs for path in ROOT.glob(glob)]:
            shutil.copy(path, tmp_path / folder)
    installed = tmp_path / 'share' / 'minishell' / 'course'
    for path in (COURSE, COURSE / 'programs'):
        assert {file.name for file in path.iterdir() if file.is_file()} \
            <= {file.name for file in installed.rglob('*')}
    done = subprocess.run(
        [sys.executable, '-I', '-S', '-X', 'utf8', 'minishell/__main__.py', '-c',
         'demo -y lseek && demo -x fifo && cmp lecteur.c "$1"/programs/lecteur.c', 'sh',
         installed], cwd=package.parent, env=environment, capture_output=True, text=True,
        check=False)
    assert (done.stderr, done.returncode) == ('', 0), done


@every_page
def test_a_page_has_its_parts(page: Path) -> None:
    text = page.read_text()
    parts = ['**The question.**', '```console', '**What comes, and why.**',
             '**The course text, and Linux.**', '**Exercise.**', '<details><summary>Answer']
    places = [text.find(part) for part in parts]
    assert places == sorted(places)
    assert places[0] > 0
    assert text.startswith(f'# {int(page.stem[:2])}. ')
