"""Calls that sleep: a signal between the look and the sleep is acted on, too."""
from __future__ import annotations

import fcntl
import os
import signal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from minishell.builtins.acting import Trapped
from minishell.course.sleeping import sleep_in, sleep_in_slices
from minishell.system import calls
from minishell.system.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def shell() -> Iterator[Any]:
    """As much of a shell as is looked at; SIGUSR1 has a trap, which says `ran`."""
    signals = Signals()
    ran: list[int] = []

    def act() -> list[int]:
        came = signals.pending.copy()
        ran.extend(came)
        signals.pending.clear()
        return came
    before = signal.getsignal(signal.SIGUSR1)
    signals.handle(signal.SIGUSR1)
    yield SimpleNamespace(signals=signals, act=act, ran=ran, parts={})
    signal.signal(signal.SIGUSR1, before)


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """A call that sleeps for ever."""
    held, wanted = (os.open(tmp_path / 'f', os.O_RDWR | os.O_CREAT) for _ in range(2))
    fcntl.flock(held, fcntl.LOCK_EX)
    signal.alarm(300)       # it would be the end of the tests
    yield lambda: calls.flock(wanted, fcntl.LOCK_EX)
    signal.alarm(0)
    os.close(held)
    os.close(wanted)


def test_a_signal_just_before_the_sleep(shell: Any, locked: Callable[[], None]) -> None:
    """It is noted, and nobody looks any more; then the tick ends the sleep."""
    came = False

    def call() -> str:
        nonlocal came
        if came:
            return 'done'
        came = True
        os.kill(os.getpid(), signal.SIGUSR1)
        assert shell.signals.pending == [signal.SIGUSR1]
        locked()
        return 'locked'
    assert sleep_in(shell, call, True) == 'done'
    assert shell.ran == [signal.SIGUSR1]


def test_it_ends_what_does_not_begin_anew(shell: Any, locked: Callable[[], None]) -> None:
    def call() -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        locked()
    with pytest.raises(Trapped) as caught:
        sleep_in(shell, call, False)
    assert caught.value.args == (128 + signal.SIGUSR1,)


def test_a_limit_ends_the_sleep(shell: Any, locked: Callable[[], None]) -> None:
    with pytest.raises(TimeoutError):
        sleep_in(shell, locked, True, 0.02)


def test_a_call_that_has_done_its_work_is_not_interrupted(shell: Any) -> None:
    """The signal is for the next look."""
    def call() -> str:
        os.kill(os.getpid(), signal.SIGUSR1)
        return 'locked'
    assert sleep_in(shell, call, False) == 'locked'
    assert (shell.ran, shell.signals.pending) == ([], [signal.SIGUSR1])


def test_slices(shell: Any) -> None:
    given: list[float] = []

    def call(seconds: float) -> str:
        given.append(seconds)
        if len(given) == 1:
            os.kill(os.getpid(), signal.SIGUSR1)
        if len(given) < 3:
            raise BlockingIOError
        return 'done'
    assert sleep_in_slices(shell, call, True) == 'done'
    assert given == [calls.TICK] * 3
    assert shell.ran == [signal.SIGUSR1]
    with pytest.raises(TimeoutError):
        sleep_in_slices(shell, call, True, 0)
