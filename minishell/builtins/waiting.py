"""The built-in utility wait (XCU 3, wait), with the options of bash."""
from __future__ import annotations

from minishell.builtins.jobcontrol import find_job
from minishell.builtins.options import parse_options
from minishell.errors import AssignmentError, BuiltinError
from minishell.state.jobcontrol import tell_end
from minishell.state.joblines import state
from minishell.status import NOT_FOUND, SIGNAL_BASE
from minishell.syntax.names import MOST_DESCRIPTOR as MOST_PID
from minishell.syntax.names import decimal, is_name
from minishell.system.signals import SIGCHLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.jobs import Job
    from minishell.state.shell import Shell

    Waited = tuple[int, int]        # an exit status, and the pid it is of; 0 if of none


class _Interrupted(Exception):  # noqa: N818
    """A signal came before what was waited for."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


def wait(shell: Shell, argv: list[str]) -> int:
    """Wait for background jobs (XCU 3, wait); a trapped signal ends it at once.

    Under job control a job that stops is not waited for any longer, as in bash: nobody but
    its user could let it go on, and he is waiting himself.
    """
    options, operands = parse_options(argv, 'fn', 'p')
    name = options.get('p')
    if name is not None:
        _unset(shell, name)
    force = 'f' in options or not shell.options.monitor

    def settled(job: Job) -> bool:
        return job.ended() or not force and job.stopped()
    try:
        if 'n' in options:
            status, pid = _wait_next(shell, operands, settled)
        elif operands:
            for operand in operands:
                status, pid = _wait_operand(shell, operand, settled)
        else:
            status, pid = _wait_all(shell, settled)
    except _Interrupted as interrupted:
        return interrupted.status
    if name is not None and pid:
        shell.variables.assign(name, str(pid))
    return status


def _unset(shell: Shell, name: str) -> None:
    """Unset the variable of -p: it stays so if there is no process to name."""
    if not is_name(name):
        raise BuiltinError(f"`{name}': not a valid identifier")
    try:
        shell.variables.unset(name)
    except AssignmentError as error:
        raise BuiltinError(error.message) from None


def _wait_all(shell: Shell, settled: Callable[[Job], bool]) -> Waited:
    """Wait for all jobs; those that have stopped are named."""
    table = shell.jobs
    waiting = list(table.jobs)
    if table.left():                    # a process substitution, which bash waits for, too
        shell.signals.handle_children()
    _sleep_until(shell, lambda: all(map(settled, waiting)) and not table.left())
    shell.notify()
    for job in waiting:
        if job.stopped():
            shell.warn(f'wait: warning: job {job.number}[{job.pids[-1]}] stopped')
        elif job in table.jobs:
            table.remove(job)
    return 0, 0


def _wait_operand(shell: Shell, operand: str, settled: Callable[[Job], bool]) -> Waited:
    """Wait for what an operand names."""
    table = shell.jobs
    if operand[:1] == '%':
        try:
            job: Job | None = find_job(table, operand)
        except BuiltinError as error:
            shell.warn(f'wait: {error.message}')
            return NOT_FOUND, 0
        pid = 0
    else:
        pid = _pid_of(operand)
        job = table.by_pid(pid)
    if job is None:
        if table.left(pid):             # a process substitution
            shell.signals.handle_children()
            _sleep_until(shell, lambda: not table.left(pid))
        kept = table.take_status(pid, shell.as_bash('wait'))
        if kept is None:
            if not shell.options.posix:     # there it is as if it had ended with 127
                shell.warn(f'wait: pid {pid} is not a child of this shell')
            return NOT_FOUND, 0
        return kept, pid
    found = job
    if not pid and job.stopped():
        shell.warn(f'warning: wait_for_job: job {job.number} is stopped')
    _sleep_until(shell, lambda: settled(found))
    return _take(shell, job, pid or job.pids[-1], shell.as_bash('wait'))


def _wait_next(shell: Shell, operands: list[str], settled: Callable[[Job], bool]) -> Waited:
    """`wait -n`: for the job that ends first; 127 if none is left that could."""
    table = shell.jobs
    waiting = [] if operands else list(table.jobs)
    for operand in operands:
        try:
            job = find_job(table, operand) if operand[:1] == '%' \
                else table.by_pid(_pid_of(operand, NOT_FOUND))
        except BuiltinError as error:
            if operand[:1] != '%':
                raise
            shell.warn(f'wait: {error.message}')
            continue
        if job is not None:
            waiting.append(job)
            continue
        pid = _pid_of(operand)
        kept = table.take_status(pid)
        if kept is not None:
            return kept, pid
        shell.warn(f'wait: {operand}: no such job')
    _sleep_until(shell, lambda: any(job.ended() for job in waiting)
                 or all(map(settled, waiting)))
    for job in waiting:
        if job.ended():
            return _take(shell, job, job.pids[-1])
    return NOT_FOUND, 0


def _pid_of(operand: str, status: int = 1) -> int:
    pid = decimal(operand)
    if pid is None or pid > MOST_PID:
        raise BuiltinError(f"`{operand}': not a pid or valid job spec", status)
    return pid


def _take(shell: Shell, job: Job, pid: int, keep: bool = False) -> Waited:
    """The status of a job that has been waited for; if it has ended, nobody else gets it
    unless it is to be kept."""
    if job.ended():
        if job.told != state(job):
            tell_end(shell, job, False)
        if not shell.interactive and not shell.options.monitor:
            shell.notify()              # those that have ended meanwhile
        if job in shell.jobs.jobs:
            shell.jobs.remove(job)
        if not keep:
            shell.jobs.take_status(job.pids[-1])
    return job.status(), pid


def _sleep_until(shell: Shell, done: Callable[[], bool]) -> None:
    """Sleep until jobs have changed as wanted.  Raises _Interrupted if a signal came first.

    SIGCHLD has had the handler since the first job was started: a death between the look
    and the sleep leaves a byte in the wakeup pipe, and the sleep ends at once; so does a
    signal with a trap that comes after `pending` was looked at.
    """
    table, signals = shell.jobs, shell.signals
    if signals.events is not None:
        signals.events.tell('wait', children=[pid for job in table.jobs for pid in job.alive()])
    while True:
        table.poll()
        # A signal that came before the last death comes first (XCU 2.12): `kill -USR1
        # $PPID; exit` gives 138, not the status.
        ran = shell.run_pending_traps() if signals.pending else []
        arrived = [number for number in ran if number != SIGCHLD]
        if arrived:
            raise _Interrupted(SIGNAL_BASE + arrived[0])
        if done():
            return
        signals.sleep()
