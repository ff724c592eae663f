"""Built-in utilities about jobs: jobs, fg, bg, wait, disown, suspend (XCU 2.11, 3)."""
from __future__ import annotations

import posix

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError
from minishell.state.jobcontrol import tell_death
from minishell.status import NOT_FOUND, SIGNAL_BASE
from minishell.system.signals import SIGCHLD, SIGSTOP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.jobs import Job
    from minishell.state.shell import Shell


def find_job(shell: Shell, text: str) -> Job:
    """The job that a job ID names (XBD 3.182): %n, %%, %+, %-, %string, %?string.

    Raises BuiltinError if there is none, or more than one.
    """
    table = shell.jobs.known()
    order = table.current()
    key = text.removeprefix('%')
    if key in ('', '%', '+', '-'):
        found = order[1:2] or order[:1] if key == '-' else order[:1]
        if not found:
            raise BuiltinError(f'{text or "current"}: no such job')
        return found[0]
    if key.isdigit() and key.isascii():
        found = [job for job in table.jobs if job.number == int(key)]
    elif key[0] == '?':
        found = [job for job in table.jobs if key[1:] in job.text]
    else:
        found = [job for job in table.jobs if job.text.startswith(key)]
    if len(found) > 1:
        raise BuiltinError(f'{text}: ambiguous job spec')
    if not found:
        raise BuiltinError(f'{text}: no such job')
    return found[0]


def jobs(shell: Shell, argv: list[str]) -> int:
    """List the jobs (XCU 3, jobs)."""
    options, operands = parse_options(argv, 'lpnrs')
    shell.jobs.poll()
    table = shell.jobs.known()
    chosen = [find_job(shell, operand) for operand in operands] if operands \
        else list(table.jobs)
    for job in chosen:
        state = job.describe()
        if 'r' in options and state != 'Running' or 's' in options and not job.stopped() \
                or 'n' in options and job.told == state:
            continue
        if 'p' in options:
            shell.out.write(f'{job.pids[0]}\n')
        else:
            shell.out.write(table.line(job, 'l' in options) + '\n')
        job.told = state
    for job in chosen:
        if job.ended():
            table.remove(job)
    return 0


def _controlled(shell: Shell, operand: str) -> Job:
    """The job of an operand of fg or bg.  Raises BuiltinError."""
    shell.jobs.poll()
    job = find_job(shell, operand)
    if not job.group:
        raise BuiltinError(f'job {job.number} started without job control')
    if job.ended():
        raise BuiltinError(f'{operand or "current"}: job has terminated')
    return job


def fg(shell: Shell, argv: list[str]) -> int:
    """Continue a job in the foreground (XCU 3, fg)."""
    _, operands = parse_options(argv, '')
    if not shell.options.monitor:
        raise BuiltinError('no job control')
    job = _controlled(shell, operands[0] if operands else '')
    shell.out.write(job.text + '\n')
    shell.out.flush()
    shell.jobs.touch(job)
    control = shell.control
    control.resume(job, True)
    control.wait(shell, job)
    if not job.stopped():
        shell.status = job.status()
        tell_death(shell, job.pids[-1], job.statuses[-1] or 0, job.text)
    return job.status()


def bg(shell: Shell, argv: list[str]) -> int:
    """Continue jobs in the background (XCU 3, bg)."""
    _, operands = parse_options(argv, '')
    if not shell.options.monitor:
        raise BuiltinError('no job control')
    status = 0
    for operand in operands or ['']:
        try:
            job = _controlled(shell, operand)
        except BuiltinError as error:
            shell.warn(f'bg: {error.message}')
            status = 1
            continue
        if job.stopped():
            shell.control.resume(job, False)
            shell.jobs.touch(job)
            shell.last_background = str(job.pids[-1])
        elif not shell.options.posix:   # there it is no error and has no effect
            shell.warn(f'bg: job {job.number} already in background')
            continue
        mark = '+' if shell.jobs.current()[:1] == [job] else '-'
        shell.out.write(f'[{job.number}] {job.text}\n' if shell.options.posix
                        else f'[{job.number}]{mark} {job.text} &\n')
    return status


# -- wait -----------------------------------------------------------------------------


def wait(shell: Shell, argv: list[str]) -> int:
    """Wait for background jobs (XCU 3, wait); a trapped signal ends it at once."""
    options, operands = parse_options(argv, 'nf', 'p')
    table = shell.jobs
    if 'n' in options:
        return _wait_next(shell, operands)
    if not operands:
        waiting = list(table.jobs)
        interrupted = sleep_until(shell, lambda: all(_settled(job) for job in waiting))
        if not interrupted:
            for job in waiting:
                if job.ended() and job in table.jobs and not shell.interactive:
                    table.remove(job)
        return interrupted
    status = 0
    for operand in operands:
        status = _wait_operand(shell, operand)
        if status < 0:
            return -status
    return status


def _settled(job: Job) -> bool:
    """Whether there is nothing to wait for: it has ended, or stopped."""
    return job.ended() or job.stopped()


def _wait_operand(shell: Shell, operand: str) -> int:
    """The exit status of what an operand names; negative if a signal came first."""
    table = shell.jobs
    if operand[:1] == '%':
        try:
            job: Job | None = find_job(shell, operand)
        except BuiltinError as error:
            shell.warn(f'wait: {error.message}')
            return NOT_FOUND
        pid = job.pids[-1] if job is not None else 0
    elif operand.isdigit() and operand.isascii():
        pid = int(operand)
        job = table.by_pid(pid)
    else:
        raise BuiltinError(f"`{operand}': not a pid or valid job spec")
    if job is None:
        kept = table.take_status(pid)
        if kept is None:
            if not shell.options.posix:     # there it is as if it had ended with 127
                shell.warn(f'wait: pid {pid} is not a child of this shell')
            return NOT_FOUND
        return kept
    found = job
    interrupted = sleep_until(shell, lambda: _settled(found))
    if interrupted:
        return -interrupted
    if job.ended():
        if job in table.jobs:
            table.remove(job)
        table.take_status(pid)
        if not shell.interactive:
            tell_death(shell, pid, job.statuses[-1] or 0, job.text)
    return job.status()


def _wait_next(shell: Shell, operands: list[str]) -> int:
    """`wait -n`: the status of the job that ends first; 127 if there is none."""
    table = shell.jobs
    waiting = [job for job in table.jobs if not operands or any(
        operand[:1] == '%' and find_job(shell, operand) is job
        or operand.isdigit() and int(operand) in job.pids for operand in operands)]
    for operand in operands:
        if operand[:1] != '%' and not operand.isdigit():
            raise BuiltinError(f"`{operand}': not a pid or valid job spec", NOT_FOUND)
    if not waiting:
        return NOT_FOUND
    interrupted = sleep_until(shell, lambda: any(job.ended() for job in waiting))
    if interrupted:
        return interrupted
    job = next(job for job in waiting if job.ended())
    table.remove(job)
    table.take_status(job.pids[-1])
    return job.status()


def sleep_until(shell: Shell, done: Callable[[], bool]) -> int:
    """Sleep until jobs have changed as wanted; 0, or 128+n if signal n came first.

    SIGCHLD has had the handler since the first job was started: a death between the look
    and the sleep leaves a byte in the wakeup pipe, and the sleep ends at once; so does a
    signal with a trap that comes after `pending` was looked at.
    """
    table, signals = shell.jobs, shell.signals
    while True:
        table.poll()
        # A signal that came before the last death comes first (XCU 2.12): `kill -USR1
        # $PPID; exit` gives 138, not the status.
        arrived = [number for number in signals.pending if number != SIGCHLD]
        if signals.pending:
            shell.run_pending_traps()
        if arrived:
            return SIGNAL_BASE + arrived[0]
        if done():
            return 0
        signals.sleep()


# -- other shells' extensions ------------------------------------------------------------


def disown(shell: Shell, argv: list[str]) -> int:
    """Forget jobs, or only spare them SIGHUP (-h), as in bash."""
    options, operands = parse_options(argv, 'har')
    table = shell.jobs
    table.poll()
    if operands:
        chosen = [table.by_pid(int(operand)) or find_job(shell, operand)
                  if operand.isdigit() else find_job(shell, operand) for operand in operands]
    elif 'a' in options or 'r' in options:
        chosen = [job for job in table.jobs if 'r' not in options or not job.stopped()]
    else:
        chosen = [find_job(shell, '')]
    for job in chosen:
        if 'h' in options:
            job.hup = False
        else:
            table.remove(job)
    return 0


def suspend(shell: Shell, argv: list[str]) -> int:
    """Stop this shell until it is continued, as in bash."""
    options, _ = parse_options(argv, 'f')
    if not shell.options.monitor and 'f' not in options:
        raise BuiltinError('cannot suspend: no job control')
    posix.kill(posix.getpid(), SIGSTOP)
    return 0
