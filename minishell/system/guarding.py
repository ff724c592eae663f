"""Signals while the terminal has other modes, which must not stay so behind a utility."""
from __future__ import annotations

import _signal
import posix

from minishell.system.signals import DEFAULT, ENDING, SIGTSTP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.system.signals import Signals


def guard(signals: Signals, leave: Callable[[], None], enter: Callable[[], None],
          ) -> Callable[[], None]:
    """Until what is returned is called: signals that would end this process are noted, and
    where it is stopped by a key, `leave` is called before and `enter` behind."""
    before = signals.ending
    guarded, signals.guarded = signals.guarded, True
    signals.end_by([number for number in ENDING
                    if number in before or _signal.getsignal(number) == DEFAULT])
    stops = _signal.getsignal(SIGTSTP) == DEFAULT

    def stop(number: int, frame: object) -> None:
        leave()
        _signal.signal(SIGTSTP, DEFAULT)
        posix.kill(posix.getpid(), SIGTSTP)         # here we are stopped
        _signal.signal(SIGTSTP, stop)
        enter()
    if stops:
        _signal.signal(SIGTSTP, stop)

    def undo() -> None:
        signals.guarded = guarded
        signals.end_by(list(before))
        if stops:
            _signal.signal(SIGTSTP, DEFAULT)
    return undo
