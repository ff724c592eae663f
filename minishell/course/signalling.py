"""signals, sigmask, pause, alarm, siginterrupt: signals of this process."""
from __future__ import annotations

from math import floor
from time import monotonic

from minishell.builtins.acting import Trapped
from minishell.course.common import (
    assign,
    failed,
    give,
    no_process,
    options_of,
    process_of,
    seconds_of,
)
from minishell.course.sleeping import act
from minishell.errors import BuiltinError, UsageError
from minishell.syntax.names import decimal
from minishell.system import masks
from minishell.system.calls import TICK
from minishell.system.signals import SIGCHLD, SIGKILL, SIGSTOP, name_of, number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from minishell.state.shell import Shell

NEVER_BLOCKED = {SIGCHLD: 'the shell waits for its children by it',
                 SIGKILL: 'cannot be blocked', SIGSTOP: 'cannot be blocked'}


def names(numbers: Iterable[int]) -> str:
    """Signals by their names; `-` for none."""
    return ' '.join(map(name_of, sorted(numbers))) or '-'


def signal_of(text: str) -> int:
    """A signal's number from its name or number.  Raises UsageError."""
    number = decimal(text)
    if number is None:
        number = number_of(text)
    if number not in masks.every():
        raise UsageError(f'{text}: invalid signal specification')
    return number


# -- what there is --------------------------------------------------------------------------


def signals(shell: Shell, argv: list[str]) -> int:
    """Print what a process does with signals: a line for each state (proc_pid_status(5))."""
    options, operands = options_of(shell, argv, '', 'v')
    if len(operands) > 1:
        raise UsageError('too many arguments')
    pid = process_of(shell, operands[0] if operands else '')
    what = operands[0] if operands else str(pid)
    shell.control.note_keys()           # which it may have blocked for itself
    try:
        found = masks.of_process(pid)
    except (FileNotFoundError, ProcessLookupError):
        raise no_process(what) from None
    except OSError as error:
        raise failed(what, error) from None
    give(shell, options, '\n'.join(f'{state:7} {names(numbers)}'
                                   for state, numbers in found.items()))
    return 0


def sigmask(shell: Shell, argv: list[str]) -> int:
    """Print or change the signals that are blocked: sigprocmask(2), sigpending(2)."""
    options, operands = options_of(shell, argv, 'busp', 'v')
    ways = [letter for letter in options if letter in 'busp']
    shell.control.note_keys()           # or their end would put back the mask from before
    if len(ways) > 1:
        raise UsageError(f'-{ways[0]} and -{ways[1]}: not together')
    if not ways or ways == ['p']:
        if operands:
            raise UsageError('-b, -u or -s is needed')
        give(shell, options, names(masks.pending() if ways else masks.mask()))
        return 0
    chosen = {signal_of(text) for text in operands}
    if not chosen and ways != ['s']:
        raise UsageError('a signal is needed')
    if ways != ['u']:
        for number in sorted(chosen & NEVER_BLOCKED.keys()):
            raise BuiltinError(f'{name_of(number)}: {NEVER_BLOCKED[number]}', 2)
    before = masks.mask()
    masks.set_mask(shell.signals, {'b': before | chosen, 'u': before - chosen,
                                   's': chosen}[ways[0]])
    return 0


def siginterrupt(shell: Shell, argv: list[str]) -> int:
    """Have a trapped signal end every wait, or only those that signal(7) says."""
    options, operands = options_of(shell, argv, 'r', 'v')
    chosen = {signal_of(text) for text in operands}
    before: frozenset[int] = shell.parts.get('siginterrupt', frozenset())
    if not chosen:
        if 'r' in options:
            raise UsageError('a signal is needed')
        give(shell, options, names(before))
        return 0
    shell.parts['siginterrupt'] = before - chosen if 'r' in options else before | chosen
    return 0


# -- waiting for one ------------------------------------------------------------------------


def pause(shell: Shell, argv: list[str]) -> int:
    """Sleep until a trap has run: pause(2), sigsuspend(2) with -m, sleep(3) with -t.

    A signal is noted by its handler and leaves a byte in the pipe that is slept on, so none
    is lost between the look and the sleep.  With -m it is let through only in here, so none
    can have come, and its trap have run, before there was a wait.
    """
    options, operands = options_of(shell, argv, '', 'mtv')
    if operands:
        raise UsageError('too many arguments')
    if 'v' in options and 't' not in options:
        raise UsageError('-v: -t is needed')
    limit = seconds_of(options['t']) if 't' in options else None
    end = None if limit is None else monotonic() + limit
    shell.control.note_keys()
    before = masks.mask()
    status = 0
    try:
        if 'm' not in options or masks.set_mask(shell.signals, _blocked(options['m']), True):
            _sleep(shell, end)
        act(shell, False)               # before the mask is put back, as handlers run
    except TimeoutError:
        pass
    except Trapped as trapped:
        status = int(trapped.args[0])
    finally:
        if 'm' in options:
            masks.set_mask(shell.signals, before)
    if 'v' in options and end is not None:
        assign(shell, options['v'], str(_whole(end - monotonic()) if status else 0))
    return status


def _blocked(text: str) -> set[int]:
    """The signals of -m: names with commas between them, `-` for none."""
    return set() if text == '-' else {signal_of(name) for name in text.split(',')}


def _sleep(shell: Shell, end: float | None) -> None:
    """Sleep until a trap has run.  Raises Trapped, TimeoutError, what the trap raises."""
    without_pipe = shell.signals.wakeup() < 0           # then look again soon
    while True:
        act(shell, False)
        left = None if end is None else max(end - monotonic(), 0)
        if left == 0:
            raise TimeoutError
        try:
            shell.signals.sleep(left if not without_pipe else min(left or TICK, TICK))
        except TimeoutError:
            pass


def alarm(shell: Shell, argv: list[str]) -> int:
    """Have SIGALRM sent: alarm(2), setitimer(2); print what was left of the alarm before."""
    options, operands = options_of(shell, argv, 'i', 'v')
    if len(operands) > 1:
        raise UsageError('too many arguments')
    if not operands:
        if 'i' in options:
            raise UsageError('a number of seconds is needed')
        left = masks.alarm_left()
    else:
        seconds = seconds_of(operands[0])
        if seconds and shell.interactive and masks.SIGALRM not in shell.traps.actions:
            raise BuiltinError('ALRM would end this shell: set a trap first', 2)
        left = masks.set_alarm(seconds, 'i' in options)
    if left or 'v' in options:
        give(shell, options, str(_whole(left)))
    return 0


def _whole(seconds: float) -> int:
    """Seconds that are left as alarm(2) gives them: to the nearest, and 1 at least."""
    return max(floor(seconds + 0.5), 1) if seconds > 0 else 0
