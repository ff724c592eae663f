"""Signals: handlers inside each other."""
from __future__ import annotations

import signal

import pytest

from minishell.system.signals import Signals


def test_a_handler_that_is_interrupted_while_it_looks_acts_on_both_signals(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """None acts for the inner one, which would look once more, and be interrupted in turn."""
    signals = Signals()
    acted: list[list[int]] = []
    depths: list[int] = []

    def importing(frame: object) -> bool:
        depths.append(len(depths))
        assert len(depths) < 9
        signals._note(signal.SIGUSR2, None)
        return False
    monkeypatch.setattr('minishell.system.signals.importing', importing)
    signals.act = lambda: acted.append(signals.pending.copy())
    signals._note(signal.SIGUSR1, None)
    assert acted == [[signal.SIGUSR1, signal.SIGUSR2]]
    assert depths == [0]
    signals._note(signal.SIGUSR1, None)         # the next one looks again
    assert len(acted) == 2
