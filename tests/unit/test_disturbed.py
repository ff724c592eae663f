"""What a prompt looks for while a line is typed: a signal between any two steps is not lost."""
from __future__ import annotations

import pytest

from minishell.interactive.loop import disturbed
from minishell.session import build_shell
from minishell.system.signals import SIGCHLD


class Pending(list[int]):
    """Signals noted; another one comes behind the so many-th question about them."""

    def __init__(self, questions: int, number: int) -> None:
        super().__init__()
        self.left, self.number = questions, number

    def __contains__(self, number: object) -> bool:
        found = super().__contains__(number)
        self.left -= 1
        if self.left == 0 and not super().__contains__(self.number):
            self.append(self.number)
        return found


@pytest.mark.parametrize('questions', range(1, 4))
def test_a_child_that_ends_meanwhile(
    questions: int, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """This look or the next asks for it: its byte in the wakeup pipe brings that."""
    shell = build_shell('minishell', {})
    pending = shell.signals.pending = Pending(questions, SIGCHLD)
    polled: list[bool] = []
    monkeypatch.setattr(type(shell.jobs), 'poll', lambda self: polled.append(True))
    disturbed(shell)
    came = pending.left <= 0
    disturbed(shell)
    assert bool(polled) is came
    assert came or questions > 2
