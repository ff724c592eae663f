"""How tests start the shell: directly, with nothing of the caller's environment."""
from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
MAIN = ROOT / 'minishell' / '__main__.py'


def pytest_configure() -> None:
    """Under `nohup`, `&`, tmux some may be ignored, or blocked: the shells we start must not
    inherit that.  (What Python itself ignores subprocess has as usual.)"""
    for number in signal.valid_signals() - {signal.SIGPIPE, signal.SIGXFSZ}:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT
                          else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


@pytest.fixture(scope='session')
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(autouse=True)
def dispositions() -> Iterator[None]:
    """A shell made in this process sets how signals are taken; what comes behind it, a write
    into a pipe without a reader for example, would find that."""
    numbers = (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope='session')
def minishell() -> list[str]:
    """The words that start the shell, as scripts/minishell does it in the end; the start
    image is there, and no other worker's first shell is about to replace it: one that has
    begun with an image finds the rest of its modules in that one alone."""
    words = [sys.executable, '-I', '-S', '-X', 'utf8', str(MAIN)]
    with MAIN.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([*words, '-c', ':'], check=True)
    return words


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment with nothing in it by chance; HOME is an empty folder."""
    home = tmp_path / 'home'
    home.mkdir()
    return {
        'PATH': os.defpath.lstrip(':') + ':/usr/sbin:/sbin',
        'HOME': str(home),
        'LC_ALL': 'C.UTF-8',
        'TERM': 'dumb',
    }


@pytest.fixture
def objects_of_the_course() -> Iterator[None]:
    """No other run on this machine has what the course's lessons and programs make, by the
    keys and names of its texts."""
    path = Path(f'/tmp/minishell-lessons-{os.getuid()}.lock')     # whatever TMPDIR is
    with path.open('w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        remove_objects()
        yield
        remove_objects()


def remove_objects() -> None:
    from minishell.course.lessons import OBJECTS
    for kind, name in OBJECTS:
        if kind == 'sem':
            Path(f'/dev/shm/sem.{name}').unlink(missing_ok=True)
        else:
            subprocess.run(['ipcrm', '-Q' if kind == 'queue' else '-M', name], check=False,
                           capture_output=True)


@pytest.fixture
def run(
    tmp_path: Path, environment: dict[str, str],
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program in an empty folder to its end; text passes as bytes would."""
    folder = tmp_path / 'cwd'
    folder.mkdir()

    def start(
        argv: list[str], stdin: str = '', env: Mapping[str, str] = environment,
        cwd: Path = folder, timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            argv, input=stdin, env=env, cwd=cwd, timeout=timeout, check=False,
            capture_output=True, encoding='utf-8', errors='surrogateescape')

    return start
