"""The signal mask of this process, its alarm, and what /proc says of the signals of others.

Python merges signals of one number: its C handler only sets a mark.  Real-time signals queue,
so those that are blocked are taken from the queue one by one before they are unblocked.
"""
from __future__ import annotations

import _signal
import posix

from minishell.system.blocking import read_file
from minishell.system.signals import DEFAULT, IGNORE, NAMES, RTMAX, RTMIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from minishell.system.signals import Signals

SIGALRM: int = _signal.SIGALRM
LINES = {'caught': 'SigCgt', 'ignored': 'SigIgn', 'blocked': 'SigBlk', 'pending': 'SigPnd'}


def every() -> list[int]:
    """The numbers of all signals that a process can be sent."""
    return [*sorted(NAMES), *range(RTMIN, RTMAX + 1)]


def mask() -> set[int]:
    """The blocked signals."""
    return {int(number) for number in _signal.pthread_sigmask(_signal.SIG_BLOCK, ())}


def pending() -> set[int]:
    """Signals that have come and are blocked."""
    return {int(number) for number in _signal.sigpending()}


def set_mask(signals: Signals, numbers: Iterable[int], once: bool = False) -> bool:
    """Block these signals and no others.  What was queued of those let through is noted first,
    each as often as it has come; or, with `once`, one of each, and if there is any the mask
    stays as it is: whether it is set."""
    wanted = set(numbers)
    came = False
    for number in sorted(mask() - wanted):
        if number < RTMIN or _signal.getsignal(number) in (DEFAULT, IGNORE):
            continue
        while _signal.sigtimedwait([number], 0) is not None:
            signals.pending.append(number)
            came = True
            if once:
                break
    if came and once:
        return False
    _signal.pthread_sigmask(_signal.SIG_SETMASK, wanted)
    return True


def alarm_left() -> float:
    """The seconds until SIGALRM is sent, 0 where none is to be."""
    return float(_signal.getitimer(_signal.ITIMER_REAL)[0])


def set_alarm(seconds: float, repeats: bool) -> float:
    """Have SIGALRM sent behind so many seconds, again and again or once; 0 cancels it.  What
    was left of the one before.  It is not inherited by children."""
    if 0 < seconds < 1e-6:
        seconds = 1e-6                  # 0 would cancel it
    return float(_signal.setitimer(_signal.ITIMER_REAL, seconds, seconds if repeats else 0)[0])


def of_process(pid: int) -> dict[str, list[int]]:
    """The signals a process has caught, ignored, blocked, pending.  Raises OSError."""
    found = dict.fromkeys(LINES, 0)
    for line in read_file(f'/proc/{pid}/status').decode(errors='replace').splitlines():
        key, _, value = line.partition(':')
        if key == 'ShdPnd':
            key = 'SigPnd'
        for name, wanted in LINES.items():
            if key == wanted:
                found[name] |= int(value, 16)
    return {name: [number for number in range(1, RTMAX + 1) if bits >> number - 1 & 1]
            for name, bits in found.items()}


def die_in(seconds: float) -> None:
    """Have this process and its group be killed in so many seconds, unless this is called
    again before; 0: not any more.  It may have inherited a mask that a script has set."""
    def end(number: int, frame: object) -> None:
        posix.kill(0, _signal.SIGKILL)
    _signal.signal(_signal.SIGALRM, end)
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [_signal.SIGALRM])
    _signal.setitimer(_signal.ITIMER_REAL, seconds)
