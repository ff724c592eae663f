"""PROMPT_GIT: the branch in the prompt, from files that may be hostile, slow, or not there."""
from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from minishell.interactive.behind import Behind
from minishell.interactive.repository import described

from .conftest import Terminal, hang_up
from .test_prompt import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.interactive.behind import Use

    Start = Callable[..., Terminal]

COMMIT = '0123456789abcdef0123456789abcdef01234567'


def repository(folder: Path, head: str = 'ref: refs/heads/main\n', **files: str) -> Path:
    """Make what of a repository is looked at."""
    git = folder / '.git'
    for name, text in [('HEAD', head), *files.items()]:
        path = git / name.replace('__', '/')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def shown_of(folder: str, ceilings: Sequence[str] = ()) -> str:
    """What a folder's repository shows, all descriptors closed behind it."""
    before = {*os.listdir('/proc/self/fd')}
    shown = described(folder, Behind(lambda folder, use: '').use, ceilings)
    assert not {*os.listdir('/proc/self/fd')} - before
    return shown


# -- what is read -------------------------------------------------------------------------


@pytest.mark.parametrize(('head', 'files', 'shown'), [
    ('ref: refs/heads/main\n', {}, 'main'),
    ('ref: refs/heads/fix/a b', {}, 'fix/a b'),
    (COMMIT + '\n', {}, '01234567'),
    (COMMIT + '\n', {'BISECT_LOG': ''}, '01234567|bisect'),
    ('ref: refs/heads/main\n', {'MERGE_HEAD': COMMIT}, 'main|merge'),
    ('ref: refs/heads/main\n', {'CHERRY_PICK_HEAD': COMMIT}, 'main|cherry-pick'),
    ('ref: refs/heads/main\n', {'REVERT_HEAD': COMMIT}, 'main|revert'),
    (COMMIT, {'rebase-merge__head-name': 'refs/heads/topic\n', 'rebase-merge__msgnum': '2\n',
              'rebase-merge__end': '5\n'}, 'topic|rebase 2/5'),
    (COMMIT, {'rebase-apply__next': '1', 'rebase-apply__last': '3'}, '01234567|rebase 1/3'),
    ('ref: refs/heads/' + 'x' * 100, {}, 'x' * 60 + '…'),
    # what no repository has
    ('', {}, ''), ('x\n', {}, ''), ('ref: refs/heads/.invalid\n', {}, ''),
    ('\0' * 5000, {}, ''), ('root:x:0:0:secret', {}, ''), ('ref: /etc/passwd', {}, ''),
    ('\udcff', {}, ''),
])
def test_what_a_repository_shows(
    head: str, files: dict[str, str], shown: str, tmp_path: Path,
) -> None:
    (tmp_path / 'deep' / 'down').mkdir(parents=True)
    repository(tmp_path, '', **files)
    (tmp_path / '.git' / 'HEAD').write_bytes(head.encode(errors='surrogateescape'))
    assert shown_of(str(tmp_path)) == shown_of(str(tmp_path / 'deep' / 'down')) == shown


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / 'empty').mkdir()
    assert shown_of(str(tmp_path / 'empty'), [str(tmp_path)]) == ''
    assert shown_of(str(tmp_path / 'gone')) == shown_of('') == shown_of('\0') == ''


def test_a_ceiling(tmp_path: Path) -> None:
    (repository(tmp_path) / 'a' / 'b').mkdir(parents=True)
    assert shown_of(str(tmp_path / 'a' / 'b'), ['', str(tmp_path)]) == ''
    assert shown_of(str(tmp_path), ['', str(tmp_path)]) == 'main'


def test_a_worktree_and_a_submodule(tmp_path: Path) -> None:
    repository(tmp_path / 'real', worktrees__w__HEAD='ref: refs/heads/other\n')
    place = tmp_path / 'real' / '.git' / 'worktrees' / 'w'
    for name, pointer in ('w', place), ('s', '../real/.git/worktrees/w'):
        (tmp_path / name).mkdir()
        (tmp_path / name / '.git').write_text(f'gitdir: {pointer}\n')
        assert shown_of(str(tmp_path / name)) == 'other'


@pytest.mark.parametrize('name', ['HEAD', 'MERGE_HEAD', 'rebase-merge/msgnum', ''])
def test_what_is_no_file_is_not_waited_for(name: str, tmp_path: Path) -> None:
    """A FIFO, where opening one would block."""
    repository(tmp_path, rebase__x='')
    (tmp_path / '.git' / 'rebase-merge').mkdir()
    if name:
        (tmp_path / '.git' / name).unlink(missing_ok=True)
        os.mkfifo(tmp_path / '.git' / name)
    else:
        (tmp_path / '.git').rename(tmp_path / 'git')
        os.mkfifo(tmp_path / '.git')
    assert shown_of(str(tmp_path), [str(tmp_path.parent)]) in ('main|rebase', 'main|merge', '')


def test_branches_as_git_makes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git = ['git', '-C', str(tmp_path), '-c', 'user.name=x', '-c', 'user.email=x']
    monkeypatch.setenv('HOME', str(tmp_path))       # no settings of the user's, and no
    for name in [name for name in os.environ if name.startswith('GIT_')]:
        monkeypatch.delenv(name)                    # repository of who runs this in a hook
    try:
        subprocess.run([*git, 'init', '-q', '-b', 'first'], check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip('no git')
    assert shown_of(str(tmp_path)) == 'first'
    subprocess.run([*git, 'commit', '-q', '--allow-empty', '-m', 'x'], check=True)
    subprocess.run([*git, 'checkout', '-q', '-b', 'second/third'], check=True)
    assert shown_of(str(tmp_path)) == 'second/third'
    subprocess.run([*git, 'checkout', '-q', '--detach'], check=True)
    commit = subprocess.run([*git, 'rev-parse', 'HEAD'], check=True, capture_output=True)
    assert shown_of(str(tmp_path)) == commit.stdout.decode()[:8]


# -- when it is read -----------------------------------------------------------------------


def test_what_takes_long_is_news_later() -> None:
    """The first answer is what was known, the next one is there when the thread has ended;
    while it hangs there is no second one."""
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    asked = []

    def work(folder: str, use: Use) -> str:
        asked.append(folder)
        begun.set()
        assert go_on.wait(60)
        return folder.upper()
    behind = Behind(work)
    behind.poke = ended.set
    assert behind.ask('a') == behind.ask('b') == behind.ask('a') == ''
    assert begun.wait(60)
    assert not behind.news() and asked == ['a']
    go_on.set()
    assert ended.wait(60)
    assert behind.news()
    assert behind.ask('a') == 'A' and not behind.news()
    assert asked == ['a']               # the news is what was asked for
    ended.clear()
    assert behind.ask('b') in ('', 'B')
    assert ended.wait(60)
    assert behind.ask('b') == 'B' and not behind.news()


def test_an_answer_that_a_command_has_cut_off_is_sought_again() -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work(folder: str, use: Use) -> str:
        begun.set()
        assert go_on.wait(60)
        return folder.upper()
    behind = Behind(work)
    behind.poke = ended.set
    assert behind.ask('a') == ''
    assert begun.wait(60)
    behind.leave()
    assert behind.ask('a') == '' and not behind.news()
    go_on.set()
    assert ended.wait(60)
    assert behind.news()
    ended.clear()
    assert behind.ask('a') in ('', 'A')
    assert ended.wait(60)
    assert behind.ask('a') == 'A' and not behind.news()


@pytest.mark.parametrize('hangs', ['before', 'within'])
def test_a_descriptor_is_left_alone_once_a_command_runs(hangs: str, tmp_path: Path) -> None:
    """Its number may be one that the command has taken: it is neither read nor closed."""
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    (tmp_path / 'mine').write_text('mine')
    (tmp_path / 'theirs').write_text('theirs')
    fd = os.open(tmp_path / 'mine', os.O_RDONLY)
    read = []

    def hang(fd: int) -> bytes:
        if hangs == 'within':
            read.append(os.read(fd, 9))
        begun.set()
        assert go_on.wait(60)
        return b''

    def work(folder: str, use: Use) -> str:
        if hangs == 'before':
            hang(fd)
        with contextlib.suppress(OSError):
            use(fd, lambda fd: os.read(fd, 9) if hangs == 'before' else hang(fd))
        return ''
    behind = Behind(work)
    behind.poke = ended.set
    behind.ask('a')
    assert begun.wait(60)
    behind.leave()
    theirs = os.open(tmp_path / 'theirs', os.O_RDONLY)
    os.dup2(theirs, fd)
    go_on.set()
    while not behind._running.acquire(timeout=1):
        pass
    assert os.read(fd, 9) == b'theirs'
    assert read == ([b'mine'] if hangs == 'within' else [])
    os.close(fd)
    os.close(theirs)


def test_what_fails_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise RuntimeError
    monkeypatch.setattr('minishell.interactive.behind.start_new_thread', refuse)
    behind = Behind(lambda folder, use: folder.upper())
    assert behind.ask('a') == behind.ask('a') == ''


# -- at the prompt -------------------------------------------------------------------------


def test_the_branch_in_the_prompt(start: Start, tmp_path: Path) -> None:
    """Of the directory it stands in; its name is neither code nor for the terminal."""
    pytest.importorskip('prompt_toolkit')
    repository(tmp_path / 'r', 'ref: refs/heads/$(touch made)`touch made`\x1b[31m\\w\n')
    screen = Screen(start(TERM='xterm', PS1='${PROMPT_GIT:-none} $ ',
                          PS1_TRANSIENT='${PROMPT_GIT:-none} % '))
    screen.until('none $')
    screen.child.send('cd r\r')
    screen.until('$(touch made)`touch made`^[[31m\\w $')
    screen.child.send("printf 'ref: refs/heads/b' >.git/HEAD\r")
    screen.until('b $')
    screen.child.send('cd ..\r')
    screen.until('b % cd ..', 'none $')
    assert not list(tmp_path.rglob('made'))


def test_the_prompt_is_redrawn_when_the_answer_comes(
    minishell: list[str], environment: dict[str, str], tmp_path: Path,
) -> None:
    """What has been typed stays, and the prompt did not wait.  The thread is held by strace
    where it opens HEAD, until that is killed."""
    pytest.importorskip('prompt_toolkit')
    head = repository(tmp_path) / '.git' / 'HEAD'
    strace = ['strace', '-D', '-f', '-qq', '-o', '/dev/null', '-P', str(head)]
    try:
        subprocess.run([*strace, 'true'], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip('no strace')
    terminal = Terminal(
        [*strace, '-e', 'inject=openat:delay_enter=1000000000', *minishell],
        {**environment, 'TERM': 'xterm', 'PS1': '${PROMPT_GIT:-none} $ '},
        tmp_path, echo=True)
    screen = Screen(terminal)
    screen.until('none $')
    screen.child.send('echo one\r')
    screen.until('none $ echo one', 'one', 'none $')
    screen.child.send('echo half')
    screen.until('none $ echo half')
    status = Path(f'/proc/{terminal.pid}/status').read_text()
    os.kill(int(status.partition('TracerPid:')[2].split()[0]), signal.SIGKILL)
    screen.until('one', 'main $ echo half')
    screen.child.send('way\r')
    screen.until('main $ echo halfway', 'halfway', 'main $')
    hang_up(terminal.child)
