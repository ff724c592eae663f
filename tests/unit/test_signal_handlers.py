"""Signals: handlers inside each other."""
from __future__ import annotations

import os
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


def test_what_ends_a_script_is_only_noted_unless_a_call_may_sleep() -> None:
    """Raised anywhere else it would leave something half-done."""
    signals = Signals()
    before = signal.getsignal(signal.SIGTERM)
    try:
        signals.end_by([signal.SIGTERM])
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.pending == [signal.SIGTERM]
        signals.handle(signal.SIGTERM)              # a trap is set: no more of the other
        signals.end_by([])
        assert signal.getsignal(signal.SIGTERM) == signals._note
        signals.default(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_the_end_of_a_script_can_be_ended() -> None:
    signals = Signals()
    signals.ending = {signal.SIGTERM}
    signals.fatal = signal.SIGHUP
    signals._note(signal.SIGTERM, None)
    assert signals.pending == [signal.SIGTERM]
