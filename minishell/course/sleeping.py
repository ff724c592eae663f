"""Calls that sleep, and signals: a trap's action runs at once, then the call begins anew, or
ends the utility with 128+n, as signal(7) says of it.

The handler only notes a signal; what has been done by then is known when it is acted on, so
nothing is lost: no lock is held by a utility that says it has none.  Between the look at what
was noted and the sleep the tick of system/calls.py keeps watch.
"""
from __future__ import annotations

from time import monotonic

from minishell.builtins.acting import Trapped
from minishell.status import SIGNAL_BASE
from minishell.system.calls import TICK, Tick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from minishell.state.shell import Shell

    T = TypeVar('T')


def sleep_in(shell: Shell, call: Callable[[], T], restarts: bool,
             seconds: float | None = None) -> T:
    """What `call` gives, however often a signal interrupts it.

    Raises Trapped with a status where a trapped signal ends it, TimeoutError behind so many
    seconds, what the traps raise, and OSError.
    """
    end = None if seconds is None else monotonic() + seconds
    with Tick(TICK if seconds is None else min(TICK, max(seconds, 0.001))):
        while True:
            act(shell, restarts)
            if end is not None and monotonic() >= end:
                raise TimeoutError
            try:
                return call()
            except InterruptedError:
                pass


def sleep_in_slices(shell: Shell, call: Callable[[float], T], restarts: bool,
                    seconds: float | None = None) -> T:
    """The same for a call that takes the seconds it may last, and then raises
    BlockingIOError."""
    end = None if seconds is None else monotonic() + seconds
    while True:
        act(shell, restarts)
        left = TICK if end is None else min(TICK, end - monotonic())
        if left <= 0:
            raise TimeoutError
        try:
            return call(left)
        except (BlockingIOError, InterruptedError):
            pass


def try_at_once(shell: Shell, call: Callable[[], T]) -> T:
    """What a call that does not sleep gives.  Raises BlockingIOError, OSError, and what traps
    raise: the C library may say that a signal has interrupted it even so."""
    while True:
        try:
            return call()
        except InterruptedError:
            act(shell, True)


def act(shell: Shell, restarts: bool) -> None:
    """Act on the signals that have been noted.  Raises Trapped, and what the traps raise."""
    if not shell.signals.pending:
        return
    for number in shell.act():
        if not restarts or number in shell.parts.get('siginterrupt', ()):
            raise Trapped(SIGNAL_BASE + number)
