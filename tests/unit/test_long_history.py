"""A long history list: what HISTFILE has is read when it is needed, not for the first keys."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip('sqlite3')
pytest.importorskip('prompt_toolkit')

from minishell.interactive.recalling import older
from minishell.interactive.typing_history import FromHistory, TypedCommands
from minishell.session import build_shell
from minishell.state.history import History
from minishell.state.history_database import HistoryDatabase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from minishell.state.shell import Shell


class Timer:
    """What is to be called later."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call, self.cancelled = call, False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """An event loop whose time the test makes pass."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []

    def call_later(self, seconds: float, call: Callable[[], object]) -> Timer:
        self.timers.append(Timer(call))
        return self.timers[-1]

    def pass_time(self) -> None:
        due, self.timers = self.timers, []
        for timer in due:
            if not timer.cancelled:
                timer.call()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """The next shell of a user who has typed two commands, as the database has it."""
    file = tmp_path / 'h'
    file.write_text('echo file\necho new\n')
    HistoryDatabase(f'{file}.db').add_older(['echo old', 'echo new'])
    shell = build_shell('minishell', {})
    shell.variables.values['HISTFILE'] = str(file)
    shell.history = History(shell.variables)
    return shell


def begun(shell: Shell) -> tuple[FromHistory, History]:
    """What suggests, at the first prompt."""
    suggestions = FromHistory(shell, TypedCommands(shell))
    suggestions.begin_prompt()
    assert shell.history is not None
    return suggestions, shell.history


def test_the_first_keys_read_nothing(shell: Shell) -> None:
    suggestions, history = begun(shell)
    assert [text for text, _ in suggestions.ranked('ec')] == ['echo new', 'echo old']
    back = older(shell, 'ec')
    assert [next(back), next(back)] == ['echo new', 'echo old']
    assert not history.is_read()
    assert list(back) == ['echo file']          # behind all others
    assert history.is_read()


def test_what_is_entered_comes_behind_what_is_read(shell: Shell) -> None:
    _, history = begun(shell)
    history.add('echo mine')
    assert history.entries == ['echo file', 'echo new', 'echo mine']
    assert history.own() == ['echo mine']


def test_it_is_read_when_typing_pauses(shell: Shell) -> None:
    suggestions, history = begun(shell)
    loop = Loop()
    suggestions.start(loop)                     # type: ignore[arg-type]
    first = loop.timers[-1]
    suggestions.wait_for_pause()                # behind a key
    assert first.cancelled and not history.is_read()
    loop.pass_time()
    assert history.is_read()
    suggestions.wait_for_pause()
    assert loop.timers == []
