"""Locks in words: who of many holders is waited for."""
from __future__ import annotations

from typing import TYPE_CHECKING

from minishell.course.locking import line_of
from minishell.glass import full
from minishell.system.locks import parse_locks

if TYPE_CHECKING:
    import pytest

# 11 and 12 share a file, for which 13 waits; 14 has another, for which 15 waits.
TEXT = """\
1: FLOCK  ADVISORY  READ  11 08:01:99 0 EOF
2: FLOCK  ADVISORY  READ  12 08:01:99 0 EOF
2: -> FLOCK  ADVISORY  WRITE 13 08:01:99 0 EOF
3: POSIX  ADVISORY  WRITE 14 08:01:98 0 9
3: -> POSIX  ADVISORY  WRITE 15 08:01:98 5 5
"""


def test_all_holders_of_a_shared_lock() -> None:
    every = parse_locks(TEXT)
    said = [line_of(lock, every, 'f') for lock in every]
    assert said == ['flock read 11 f 0-EOF', 'flock read 12 f 0-EOF',
                    'flock write 13 f 0-EOF waits for 11, 12',
                    'posix write 14 f 0-9', 'posix write 15 f 5-5 waits for 14']


def test_whom_processes_have_to_do_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full.locks, 'all_locks', lambda: parse_locks(TEXT))
    assert [line.split()[2] for line in full._locks([13])] == ['11', '12', '13']
    assert [line.split()[2] for line in full._locks([11])] == ['11', '13']
    assert [line.split()[2] for line in full._locks([15])] == ['14', '15']
    assert full._locks([16]) == []
