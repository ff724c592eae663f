"""getpid, fork, waitpid: this process and its children.

A child of `fork` goes on where its parent is: in the same line, loop, function.  It ends where
the parent would read more from a terminal.
"""
from __future__ import annotations

import posix
from errno import ECHILD

from minishell.course.common import assign, failed, give, options_of
from minishell.errors import BuiltinError, UsageError
from minishell.run import processes
from minishell.state.jobs import Job
from minishell.status import SIGNAL_BASE, is_stop, signal_of
from minishell.syntax.names import MOST_DESCRIPTOR as MOST_PID
from minishell.syntax.names import decimal
from minishell.system.signals import SIGCHLD, before_fork, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def getpid(shell: Shell, argv: list[str]) -> int:
    """Print IDs, of this very process also in a subshell: getpid(2) and the like."""
    options, operands = options_of(shell, argv, 'pgst', 'v')
    if operands:
        raise UsageError('too many arguments')
    asked = {'p': posix.getppid, 'g': posix.getpgrp, 's': lambda: posix.getsid(0),
             't': _foreground}
    found = [str(asked[letter]()) for letter in options if letter in asked]
    give(shell, options, ' '.join(found) or str(posix.getpid()))
    return 0


def _foreground() -> int:
    """The foreground process group of the controlling terminal.  Raises BuiltinError."""
    from minishell.system.terminal import foreground_group
    try:
        return foreground_group()
    except OSError as error:
        raise failed('/dev/tty', error) from None


# -- fork -----------------------------------------------------------------------------------


def fork(shell: Shell, argv: list[str]) -> int:
    """Fork, and go on in both processes: fork(2).  The variable is 0 in the child, in the
    parent the child's ID, or -1 where there is none.

    All signals are blocked until the child has put its own in order: one that is sent to it
    as soon as its ID is known waits, and finds no trap of the parent's.
    """
    operands = options_of(shell, argv, '')[1]
    if len(operands) > 1:
        raise UsageError('too many arguments')
    for name in operands:
        assign(shell, name, '-1')
    if not shell.subshell and 'rest' in shell.parts:
        if shell.parts['rest'] is None:
            raise BuiltinError('the script comes from standard input: two cannot read it', 2)
        shell.parts['rest']()           # or each of the two would get a part of it
    shell.at_once(shell.out.flush)      # or both would write it
    shell.signals.handle_children()
    launch = shell.launch(False)
    shell.control.note_keys()
    unblock = before_fork()
    try:
        pid = processes.fork(shell)
    except OSError as error:
        unblock()
        raise failed('', error) from None
    if not pid:
        if launch is not None:
            launch.in_child()
        parent = posix.getppid()
        shell.enter_subshell(launch is not None, True)
        if shell.events is not None:
            shell.events.tell('born', parent=parent)
        unblock()
    else:
        if launch is not None:
            launch.started(pid)
        shell.jobs.add(Job([pid], ' '.join(argv), launch.group if launch is not None else 0,
                           shell.variables.get('PWD') or ''))
        shell.last_background = str(pid)
        unblock()
        if shell.events is not None:
            shell.events.tell('fork', child=pid, start=processes.SUBSHELL, what=None)
    for name in operands:
        assign(shell, name, str(pid))
    return 0


# -- waitpid --------------------------------------------------------------------------------


def waitpid(shell: Shell, argv: list[str]) -> int:
    """Wait for a child, and say how it has ended: waitpid(2).

    The job table reaps, here as elsewhere: what it has taken at a prompt is still told.  A
    death between the look and the sleep leaves a byte in the pipe that is slept on.
    """
    words = ['--' if word == '-1' else word for word in argv]      # any child: the default
    options, operands = options_of(shell, words, 'hu', 'v')
    operands = [word for word in operands if word != '--']
    if len(operands) > 1:
        raise UsageError('too many arguments')
    wanted = decimal(operands[0]) if operands else 0
    if wanted is None or wanted > MOST_PID or operands and not wanted:
        raise UsageError(f'{operands[0]}: invalid process ID')
    table, signals = shell.jobs, shell.signals
    if shell.events is not None and 'h' not in options:
        shell.events.tell('wait', children=[wanted] if wanted else
                          [pid for job in table.jobs for pid in job.alive()])
    while True:
        table.poll()
        if signals.pending and 'h' not in options:
            arrived = [number for number in shell.act() if number != SIGCHLD]
            if arrived:
                return SIGNAL_BASE + arrived[0]
        found = _take(shell, wanted, 'u' in options)
        if found is not None:
            give(shell, options, f'{found[0]} {_told(found[1])}')
            return 0
        if 'h' in options:
            return 1
        signals.sleep()


def _take(shell: Shell, wanted: int, stopped: bool) -> tuple[int, int] | None:
    """A child, by default any, that has ended (or stopped) and not been told of yet, and its
    wait status; None where there is none so far.  Raises BuiltinError where none will be."""
    table = shell.jobs
    told: dict[int, int] = shell.parts.setdefault('told', {})
    left = False
    for job in list(table.jobs):
        for pid, status in zip(job.pids, job.statuses, strict=True):
            if wanted not in (0, pid) or status is not None and told.get(pid) == status \
                    and not is_stop(status):
                continue
            left = True
            if status is None:
                told.pop(pid, None)
            elif stopped and is_stop(status) and told.get(pid) != status \
                    or not is_stop(status):
                told[pid] = status
                _forget(shell, job, told)
                return pid, status
    if left:
        return None
    found = table.take_wait_status(wanted)
    if found is None:
        raise failed(str(wanted or ''), ChildProcessError(ECHILD, ''))
    return found


def _forget(shell: Shell, job: Job, told: dict[int, int]) -> None:
    """Take a job out of the table if all its processes have ended and been told of."""
    if job.ended() and all(told.get(pid) == status
                           for pid, status in zip(job.pids, job.statuses, strict=True)):
        shell.jobs.remove(job)
        shell.jobs.take_wait_status(job.pids[-1])
        for pid in job.pids:
            del told[pid]


def _told(status: int) -> str:
    """A wait status in words: `killed 9 SIGKILL (status 0x0009)`."""
    number = signal_of(status)
    if is_stop(status):
        number = posix.WSTOPSIG(status)
        what = f'stopped {number} SIG{name_of(number)}'
    elif number:
        what = f'killed {number} SIG{name_of(number)}' + ', core dumped' * bool(status & 0x80)
    else:
        what = f'exited {posix.WEXITSTATUS(status)}'
    return f'{what} (status 0x{status:04x})'
