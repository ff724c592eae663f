"""Locks on files, and calls that a signal or the tick ends."""
from __future__ import annotations

import errno
import os
import signal
from typing import TYPE_CHECKING

import pytest

from minishell.system import calls, locks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SAMPLE = """\
1: FLOCK  ADVISORY  WRITE 13505 fe:00:2359887 0 EOF
1: -> FLOCK  ADVISORY  WRITE 13721 fe:00:2359887 0 EOF
2: POSIX  ADVISORY  READ 77 08:01:12 10 14
3: OFDLCK ADVISORY  READ -1 00:06:1 0 0
a line of the future
"""


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path / 'f', os.O_RDWR | os.O_CREAT, 0o600)
    yield fd
    os.close(fd)


def in_child(act: Callable[[], str]) -> str:
    """What a child says, which has no record locks of ours."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writing, act().encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(pid, 0)
    said = os.read(reading, 1000).decode()
    os.close(reading)
    return said


def test_the_lines_of_proc_locks() -> None:
    held, waiter, record, open_file = locks.parse_locks(SAMPLE)
    assert (held.waits, waiter.waits, held.number, waiter.number) == (False, True, 1, 1)
    assert (record.kind, record.mode, record.pid, record.device, record.inode) == (
        'posix', 'read', 77, (8, 1), 12)
    assert locks.span(record.first, record.last) == '10-14'
    assert locks.span(held.first, held.last) == '0-EOF'
    assert (open_file.kind, open_file.pid, open_file.last) == ('ofdlck', -1, 0)


@pytest.mark.parametrize(('start', 'length', 'bytes_locked'), [
    (10, 5, (10, 14)), (10, 0, (10, None)), (10, -3, (7, 9)), (None, 2, (4, 5)),
    (None, -4, (0, 3)),
])
def test_a_record_lock_covers_its_bytes(
    file: int, start: int | None, length: int, bytes_locked: tuple[int, int | None],
) -> None:
    os.lseek(file, 4, os.SEEK_SET)
    locks.lock_record(file, locks.WRITE, False, start, length)
    found = in_child(lambda: repr(locks.blocking_record(file, locks.READ, 0, 0)))
    assert found == repr((locks.WRITE, *bytes_locked, os.getpid()))


def test_a_record_lock_of_another_is_not_given(file: int) -> None:
    locks.lock_record(file, locks.WRITE, False, 0, 0)

    def ask() -> str:
        try:
            locks.lock_record(file, locks.READ, False, 0, 0)
        except BlockingIOError:
            return 'blocked'
        return 'given'
    assert in_child(ask) == 'blocked'
    locks.lock_record(file, locks.NONE, False, 0, 0)
    assert in_child(ask) == 'given'


def test_the_tick_ends_a_call_that_sleeps(file: int) -> None:
    locks.lock_record(file, locks.WRITE, False, 0, 0)

    def wait() -> str:
        with calls.Tick(0.01):
            try:
                locks.lock_record(file, locks.WRITE, True, 0, 0)
            except InterruptedError:
                return 'ended'
        return 'given'
    assert in_child(wait) == 'ended'


def test_the_tick_leaves_no_handler_and_no_signal() -> None:
    before = [signal.getsignal(number) for number in calls.TICKS]
    with calls.Tick(0.001):
        signal.pause()
    assert [signal.getsignal(number) for number in calls.TICKS] == before


def test_a_trap_has_its_signal_for_itself() -> None:
    heard: list[int] = []
    before = signal.signal(calls.TICKS[0], lambda number, frame: heard.append(number))
    try:
        with calls.Tick(0.001):
            signal.pause()
        assert heard == []
    finally:
        signal.signal(calls.TICKS[0], before)


def test_calls_do_what_they_are_called_for(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path / 'new')
    fd = calls.open_path(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        assert not os.get_inheritable(fd)
        assert calls.write(fd, b'abcdef') == 6
        assert calls.write(fd, b'X', 1) == 1
        assert calls.read(fd, 10) == b''
        assert calls.read(fd, 3, 0) == b'aXc'
        assert os.lseek(fd, 0, os.SEEK_CUR) == 6
    finally:
        os.close(fd)
    with pytest.raises(OSError) as caught:
        calls.read(fd, 1)
    assert caught.value.errno == errno.EBADF
