"""When it is written how a command ended: with what is written or asked next, or `settle`d."""
from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from minishell.state.history_database import HistoryDatabase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path) -> HistoryDatabase:
    """One in which a command runs."""
    found = HistoryDatabase(str(tmp_path / 'history.db'))
    found.begin('first', '/')
    return found


def statuses(tmp_path: Path) -> list[int | None]:
    """What is in the file."""
    base = sqlite3.connect(tmp_path / 'history.db')
    found = [status for status, in base.execute('SELECT status FROM run ORDER BY id')]
    base.close()
    return found


@pytest.mark.parametrize('act', [
    lambda database: database.settle(), lambda database: database.newest('x', 1),
    lambda database: database.together(lambda: None),
    lambda database: database.add_older(['older']),
])
def test_written_next(act: Callable[[HistoryDatabase], object], database: HistoryDatabase,
                      tmp_path: Path) -> None:
    database.end(3)
    assert statuses(tmp_path) == [None]
    act(database)
    assert statuses(tmp_path) == [3]


def test_with_the_next_command(database: HistoryDatabase, tmp_path: Path) -> None:
    database.end(3)
    database.begin('second', '/')
    assert statuses(tmp_path) == [3, None]
    database.end(0)
    database.settle()
    assert statuses(tmp_path) == [3, 0]


def test_not_if_all_is_cleared(database: HistoryDatabase, tmp_path: Path) -> None:
    database.end(3)
    database.clear()
    database.settle()
    assert statuses(tmp_path) == []


def test_several_questions_by_one_connection(
    database: HistoryDatabase, monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[int] = []
    really = HistoryDatabase._open

    def counting(self: HistoryDatabase, patience: float) -> object:
        opened.append(1)
        return really(self, patience)
    database.end(0)
    database.settle()
    monkeypatch.setattr(HistoryDatabase, '_open', counting)
    answers: list[object] = []
    database.together(lambda: answers.extend([
        database.newest('f', 2), database.run_here('/', 5), database.run_after('first', 5)]))
    assert answers == [['first'], [('first', 1, 0)], []]
    assert opened == [1]
    database.newest('f', 2)
    assert len(opened) > 1
