"""The history database, shared by several shells."""
from __future__ import annotations

import os
import resource
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from minishell.state import history_database
from minishell.state.history_database import HistoryDatabase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

sqlite3 = pytest.importorskip('sqlite3')


@pytest.fixture
def base(tmp_path: Path) -> HistoryDatabase:
    return HistoryDatabase(str(tmp_path / 'history.db'))


def ran(base: HistoryDatabase, text: str, folder: str = '/', status: int | None = 0) -> None:
    base.begin(text, folder)
    if status is not None:
        base.end(status)


def open_ones() -> list[str]:
    return os.listdir('/proc/self/fd')


@pytest.mark.parametrize('text', ['a', 'a\nb', 'é', 'a\udcff', "it's", '%_*'])
def test_what_is_run_is_found(text: str, base: HistoryDatabase) -> None:
    before = open_ones()
    ran(base, 'z')
    ran(base, text, '/a b\udcfe')
    assert base.newest(text[:1], 5) == [text]
    assert base.newest('', 5) == [text, 'z']
    assert base.run_here('/a b\udcfe', 5) == [(text, 1, 0)]
    assert base.run_after('z', 5) == [(text, 1, 0)]
    assert open_ones() == before
    assert os.stat(base.path).st_mode & 0o777 == 0o600


def test_the_newest_come_first_and_each_once(base: HistoryDatabase) -> None:
    for text in ('a1', 'a2', 'a1', 'b'):
        ran(base, text)
    assert base.newest('a', 5) == ['a1', 'a2']
    assert base.newest('a', 1) == ['a1']


def test_a_prefix_that_many_have(base: HistoryDatabase) -> None:
    """They are walked by age, not sorted."""
    base.add_older([f'a{number}' for number in range(600)])
    ran(base, 'b')
    ran(base, 'a7')
    assert base.newest('a', 3) == ['a7', 'a599', 'a598']


def test_what_was_not_found_is_not_offered_until_it_is(base: HistoryDatabase) -> None:
    ran(base, 'gti', status=127)
    assert base.newest('g', 5) == base.run_here('/', 5) == []
    ran(base, 'gti', status=1)
    assert base.newest('g', 5) == ['gti']
    assert base.run_here('/', 5) == [('gti', 2, 1)]


def test_what_has_not_ended_is_kept(base: HistoryDatabase) -> None:
    ran(base, 'exec true', status=None)
    assert base.newest('e', 5) == ['exec true']


def test_what_followed_is_of_the_same_session(base: HistoryDatabase) -> None:
    other = HistoryDatabase(base.path)
    for number in range(3):
        ran(base, 'git add')
        ran(other, f'other {number}')
        ran(base, 'git commit')
    assert base.run_after('git add', 5) == [('git commit', 3, 0)]


def test_a_command_is_forgotten(base: HistoryDatabase) -> None:
    ran(base, 'secret')
    ran(base, 'b')
    base.forget('secret')
    assert base.newest('', 5) == ['b']
    assert base.run_here('/', 5) == [('b', 1, 0)]


def test_all_is_forgotten_and_the_file_stays(base: HistoryDatabase) -> None:
    ran(base, 'a')
    base.clear()
    assert base.newest('', 5) == []
    assert os.path.exists(base.path)
    ran(base, 'b')
    assert base.newest('', 5) == ['b']


def test_older_ones_stand_before_all_others(base: HistoryDatabase) -> None:
    ran(base, 'new')
    base.add_older(['a', 'b', 'new'])
    base.add_older(['oldest'])
    assert base.newest('', 5) == ['new', 'b', 'a', 'oldest']


def test_a_new_one_begins_with_older_commands(base: HistoryDatabase) -> None:
    for _ in range(2):
        other = HistoryDatabase(base.path, lambda: ['a', 'b', 'a'])
        ran(other, 'c')
        assert base.newest('', 5) == ['c', 'a', 'b']


# -- trouble ----------------------------------------------------------------------------


def test_a_damaged_file_is_put_aside(base: HistoryDatabase) -> None:
    again = HistoryDatabase(base.path, lambda: ['old'])
    ran(again, 'a')
    with open(base.path, 'wb') as file:
        file.write(b'no database' * 1000)
    ran(again, 'b')
    assert again.newest('', 5) == ['b', 'old']
    aside = [name for name in os.listdir(os.path.dirname(base.path)) if 'damaged' in name]
    assert again.take_notice() == f'history: {base.path}: damaged; put aside as {aside[0]}'
    assert again.take_notice() == ''


def test_who_finds_it_damaged_later_keeps_the_new_one(
    base: HistoryDatabase, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another shell puts it aside and begins anew just before we would."""
    ran(base, 'a')
    with open(base.path, 'wb') as file:
        file.write(b'no database' * 1000)
    other, put_aside = HistoryDatabase(base.path), base._put_aside

    def late(identity: tuple[int, int]) -> bool:
        ran(other, 'b')
        return put_aside(identity)
    monkeypatch.setattr(HistoryDatabase, '_put_aside', lambda self, identity: (
        late if self is base else put_aside)(identity))
    ran(base, 'c')
    assert base.newest('', 5) == ['c', 'b']


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each connection has waited at most, seconds; none waits that long here."""
    asked: list[float] = []
    really = HistoryDatabase._open

    def noting(self: HistoryDatabase, patience: float) -> object:
        asked.append(patience)
        return really(self, min(patience, 0.01))
    monkeypatch.setattr(HistoryDatabase, '_open', noting)
    return asked


def locked(base: HistoryDatabase, how: str) -> closing[Any]:
    """What keeps the database locked until it is closed."""
    connection = sqlite3.connect(base.path, isolation_level=None)
    connection.execute(f'BEGIN {how}')
    return closing(connection)


def test_what_finds_it_locked_is_written_later_and_that_is_told_once(
    base: HistoryDatabase, patience: list[float],
) -> None:
    ran(base, 'a')
    with locked(base, 'IMMEDIATE'):
        ran(base, 'b', status=3)
        told = base.take_notice()
        assert told == f'history: {base.path}: locked: written as soon as it is not'
        ran(base, 'c')
        assert base.take_notice() == ''
        base.forget('c')
        assert base.newest('', 5) == ['a']
    ran(base, 'd')
    assert base.newest('', 5) == ['d', 'b', 'a']
    assert base.run_here('/', 5) == [('d', 1, 0), ('b', 1, 3), ('a', 1, 0)]
    assert base.of_session() == [('a', '/', 0), ('b', '/', 3), ('d', '/', 0)]
    with locked(base, 'IMMEDIATE'):
        ran(base, 'e')
        assert base.take_notice()       # told anew: it was well in between
        base.clear()
    base.settle()
    assert base.newest('', 5) == []


def test_no_key_waits_for_one_that_is_locked(
    base: HistoryDatabase, patience: list[float],
) -> None:
    """Behind Enter it is waited for once; what is read, not at all to speak of."""
    ran(base, 'a')
    base.settle()
    with locked(base, 'EXCLUSIVE'):
        patience.clear()
        for ask in (lambda: base.newest('', 5), lambda: base.page('', None, 5),
                    lambda: base.search(['a'], None, False, False, None),
                    lambda: base.together(lambda: None), base.settle):
            ask()
        assert set(patience) == {history_database.FOR_A_KEY}
        assert base.newest('', 5) == []
        patience.clear()
        ran(base, 'b')
        ran(base, 'c')
        assert patience == [history_database.PATIENCE, history_database.FOR_A_KEY]
    base.settle()
    assert base.newest('', 5) == ['c', 'b', 'a']


def test_what_is_lost_at_the_end_is_told(base: HistoryDatabase, patience: list[float]) -> None:
    ran(base, 'a')
    base.leave()
    assert base.take_notice() == ''
    with locked(base, 'IMMEDIATE'):
        ran(base, 'b')
        base.take_notice()
        base.leave()
        assert patience[-1] == history_database.AT_THE_END
        told = base.take_notice()
        assert told == f'history: {base.path}: locked: the last commands are not kept'


def a_folder(base: HistoryDatabase) -> None:
    os.makedirs(base.path)


def a_fifo(base: HistoryDatabase) -> None:
    os.mkfifo(base.path)


def a_link_to_itself(base: HistoryDatabase) -> None:
    os.symlink(base.path, base.path)


def a_newer_one(base: HistoryDatabase) -> None:
    ran(base, 'a')
    with closing(sqlite3.connect(base.path)) as connection:
        connection.execute('PRAGMA user_version = 99')


def one_at_its_limit(base: HistoryDatabase) -> None:
    ran(base, 'a')
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, LIMIT[1]))


LIMIT = resource.getrlimit(resource.RLIMIT_FSIZE)


@pytest.mark.parametrize('spoil', [a_folder, a_fifo, a_link_to_itself, a_newer_one,
                                   one_at_its_limit])
def test_what_cannot_be_used_is_told_once(
    spoil: Callable[[HistoryDatabase], None], base: HistoryDatabase,
) -> None:
    spoil(base)
    try:
        ran(base, 'b')
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, LIMIT)
    assert base.take_notice().startswith(f'history: {base.path}: ')
    ran(base, 'c')
    assert base.newest('', 5) == []
    assert base.take_notice() == ''


def test_one_on_a_full_disk_is_told_once(tmp_path: Path) -> None:
    """A disk of 64 KiB, in a mount namespace of its own."""
    script = ('mount -t tmpfs -o size=64k none "$1" && exec "$2" -c "$3" "$1"')
    done = subprocess.run(
        ['unshare', '-rm', 'sh', '-c', script, 'sh', str(tmp_path), sys.executable, FULL],
        capture_output=True, text=True, cwd=os.getcwd(), timeout=60)
    if 'mount' in done.stderr or 'unshare' in done.stderr:
        pytest.skip(done.stderr)
    assert done.stderr == ''
    assert done.stdout == f'history: {tmp_path}/h.db: database or disk is full\n'


FULL = """
import sys
from minishell.state.history_database import HistoryDatabase
base = HistoryDatabase(sys.argv[1] + '/h.db')
for number in range(100):
    base.begin(f'{number}' * 1000, '/')
    base.end(0)
    notice = base.take_notice()
    if notice:
        print(notice)
"""


def test_closed_standard_descriptors_stay_closed(tmp_path: Path) -> None:
    done = subprocess.run(
        ['sh', '-c', 'exec "$@" <&- >&-', 'sh', sys.executable, '-c', CLOSED,
         str(tmp_path / 'h.db')], stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.stderr == "[['a'], [0, 1]]"


CLOSED = """
import os, sys
os.close(0) if os.path.exists('/proc/self/fd/0') else None
os.close(1) if os.path.exists('/proc/self/fd/1') else None
from minishell.state.history_database import HistoryDatabase
base = HistoryDatabase(sys.argv[1])
base.begin('a', '/')
base.end(0)
closed = [fd for fd in (0, 1) if not os.path.exists(f'/proc/self/fd/{fd}')]
sys.stderr.write(str([base.newest('', 2), closed]))
"""


WRITER = """
import sys
from minishell.state import history_database
history_database.PATIENCE = 600         # ten that never pause are not typed at
base = history_database.HistoryDatabase(sys.argv[1])
number = 0
while True:
    base.begin(f'{sys.argv[2]} {number}', '/')
    assert not (notice := base.take_notice()), notice
    print(number, flush=True)
    base.end(0)
    number += 1
"""
WRITERS, LEAST = 10, 10


def test_killed_writers_lose_and_mix_nothing(base: HistoryDatabase) -> None:
    """Each is killed as it writes, once it has said of some that they are written."""
    writers = [subprocess.Popen([sys.executable, '-c', WRITER, base.path, str(name)],
                                stdout=subprocess.PIPE, text=True) for name in range(WRITERS)]
    said = []
    for writer in writers:
        assert writer.stdout is not None
        for _ in range(LEAST):
            assert writer.stdout.readline()
        writer.kill()
        rest = writer.communicate()[0].split()
        said.append(max([LEAST - 1, *map(int, rest)]))
    with sqlite3.connect(base.path) as connection:
        assert connection.execute('PRAGMA integrity_check').fetchall() == [('ok',)]
        for name, last in enumerate(said):
            rows = connection.execute(
                "SELECT text, count(DISTINCT session), count(*) FROM run JOIN command "
                "ON command.id = run.command WHERE text LIKE ? || ' %' GROUP BY command.id "
                'ORDER BY run.id', (str(name),)).fetchall()
            # One more may be written that was not said any more.
            assert [row[0] for row in rows][:last + 1] == [
                f'{name} {number}' for number in range(last + 1)]
            assert len(rows) <= last + 2
            assert {row[1:] for row in rows} == {(1, 1)}


@pytest.mark.parametrize('at_once', [1, 2, 100])
@pytest.mark.parametrize('size', [1, 2, 3, 100])
def test_a_search_in_parts_finds_the_same(
    size: int, at_once: int, base: HistoryDatabase, monkeypatch: pytest.MonkeyPatch,
) -> None:
    for text, status, folder in (
            ('a one', 1, '/'), ('b one', 0, '/'), ('a two', 2, '/d'), ('a one', 0, '/d'),
            ('A three', 3, '/'), ('b one', 4, '/d'), ('a two', 0, '/')):
        ran(base, text, folder, status)
    for name in ('COMMANDS', 'RUNS'):
        monkeypatch.setattr(history_database, name, size)
    monkeypatch.setattr(history_database, 'FOUND_AT_ONCE', at_once)

    def found(*words: str, folder: str | None = None, failed: bool = False,
              here: bool = False) -> list[tuple[str, int | None]]:
        rows: dict[str, int | None] = {}
        before: int | None = None
        while True:
            part, before = base.search(list(words), folder, failed, here, before)
            for text, *_, status, _ in part:
                rows.setdefault(text, status)
            if before is None:
                return list(rows.items())
    everything = [('a two', 0), ('b one', 4), ('A three', 3), ('a one', 0)]
    assert found() == found(here=True) == everything
    assert found('a') == [('a two', 0), ('A three', 3), ('a one', 0)]
    assert found('A') == [('A three', 3)]
    assert found(failed=True) == [('b one', 4), ('A three', 3)]
    assert found(folder='/d') == [('b one', 4), ('a one', 0), ('a two', 2)]
    assert found('o', 'a', folder='/', here=True) == [('a two', 0), ('a one', 1)]
    assert found('none') == found(folder='/nosuch') == []
