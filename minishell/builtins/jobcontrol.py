"""Built-in utilities about jobs: jobs, fg, bg, disown, suspend (XCU 2.11, 3)."""
from __future__ import annotations

import posix

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError, Interrupted
from minishell.state.jobcontrol import tell_end
from minishell.state.joblines import RUNNING, elsewhere, line, state
from minishell.status import signal_of
from minishell.syntax.names import decimal
from minishell.system.processes import signal_self
from minishell.system.signals import SIGINT, SIGSTOP, STOPS

TAB = '\t'
TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.jobs import Job, JobTable
    from minishell.state.shell import Shell


def find_job(table: JobTable, text: str) -> Job:
    """The job that a job ID names (XBD 3.182): %n, %%, %+, %-, %string, %?string.

    Raises BuiltinError if there is none, or more than one.
    """
    order = table.current()
    key = text.removeprefix('%')
    if key in ('', '%', '+', '-'):
        found = order[1:2] or order[:1] if key == '-' else order[:1]
        if not found:
            raise BuiltinError(f'{text or "current"}: no such job')
        return found[0]
    number = decimal(key)
    if number is not None:
        found = [job for job in table.jobs if job.number == number]
    elif key[0] == '?':
        found = [job for job in table.jobs if key[1:] in job.text]
    else:
        found = [job for job in table.jobs if job.text.startswith(key)]
    if len(found) > 1:
        raise BuiltinError(f'{key.removeprefix("?")}: ambiguous job spec')
    if not found:
        raise BuiltinError(f'{text}: no such job')
    return found[0]


def jobs(shell: Shell, argv: list[str]) -> int:
    """List the jobs (XCU 3, jobs)."""
    if argv[1:2] == ['-x']:
        return _run_with_groups(shell, argv[2:])
    options, operands = parse_options(argv, 'lpnrs')
    shell.jobs.poll()
    table = shell.jobs.known()
    chosen = [find_job(table, operand) for operand in operands] if operands \
        else list(table.jobs)
    for job in chosen:
        words = state(job)
        if 'r' in options and words != RUNNING or 's' in options and not job.stopped() \
                or 'n' in options and job.told == words:
            continue
        if 'p' in options:
            shell.out.write(f'{job.pids[0]}\n')
        else:
            shell.out.write(line(shell, job, 'l' in options) + '\n')
        job.told = words
    for job in chosen:
        if job.ended():
            table.remove(job)
    return 0


def _run_with_groups(shell: Shell, words: list[str]) -> int:
    """`jobs -x`: run a command, each job ID that is an argument of it replaced by the process
    group, as in bash."""
    from minishell.run.tracing import quoted
    shell.jobs.poll()
    table = shell.jobs.known()
    argv = []
    for word in words:
        try:
            job = find_job(table, word) if word[:1] == '%' else None
        except BuiltinError:
            job = None
        argv.append(str(job.group or posix.getpgrp()) if job else word)
    return shell.run_text(' '.join(map(quoted, argv)), 'jobs')


def _of_controlled(shell: Shell, argv: list[str]) -> list[str]:
    """The operands of fg and bg, without job control of no interest.  Raises BuiltinError."""
    if not shell.options.monitor:
        raise BuiltinError('no job control')
    return parse_options(argv, '')[1]


def _controlled(shell: Shell, operand: str) -> Job:
    """The job of an operand of fg or bg.  Raises BuiltinError."""
    shell.jobs.poll()
    job = find_job(shell.jobs, operand)
    if not job.group:
        raise BuiltinError(f'job {job.number} started without job control')
    if job.ended():
        raise BuiltinError(f'{operand or "current"}: job has terminated')
    return job


def _will_stop(shell: Shell, job: Job) -> bool:
    """Whether a stop signal is on its way to a job (`kill -s STOP %; fg`): a process takes it
    when it runs next.  News of one that has taken it meanwhile is there when this returns."""
    from minishell.system.masks import of_process
    coming: set[int] = set()
    for pid in job.alive():
        try:
            coming.update(of_process(pid)['pending'])
        except OSError:
            pass                        # no /proc: as if nothing were on its way
    shell.jobs.poll()
    return not coming.isdisjoint((SIGSTOP, *STOPS))


def fg(shell: Shell, argv: list[str]) -> int:
    """Continue a job in the foreground (XCU 3, fg)."""
    operands = _of_controlled(shell, argv)
    job = _controlled(shell, operands[0] if operands else '')
    shell.out.write(job.text + elsewhere(shell, job, TAB) + '\n')
    shell.out.flush()
    shell.jobs.touch(job)
    control = shell.control
    control.resume(job, True, _will_stop(shell, job))
    control.wait(shell, job, resumed=True)
    if job.ended():
        shell.jobs.take_status(job.pids[-1])    # known no more (XCU 3, fg)
        if signal_of(job.statuses[-1] or 0) == SIGINT and shell.interactive \
                and not shell.traps.actions.get(SIGINT):
            raise Interrupted()         # the rest of the line is dropped
        tell_end(shell, job, True)
    return job.status()


def bg(shell: Shell, argv: list[str]) -> int:
    """Continue jobs in the background (XCU 3, bg)."""
    operands = _of_controlled(shell, argv)
    status = 0
    for operand in operands or ['']:
        try:
            job = _controlled(shell, operand)
        except BuiltinError as error:
            shell.warn(f'bg: {error.message}')
            status = 1
            continue
        order = shell.jobs.current()
        mark = '+' if order[:1] == [job] else '-' if order[1:2] == [job] else ' '
        if _will_stop(shell, job) or job.stopped():
            shell.control.resume(job, False)
            shell.jobs.touch(job)
            shell.last_background = str(job.pids[-1])
        elif not shell.options.posix:   # there it is no error and has no effect
            shell.warn(f'bg: job {job.number} already in background')
            continue
        shell.out.write(f'[{job.number}] {job.text}\n' if shell.options.posix
                        else f'[{job.number}]{mark} {job.text} &'
                        f'{elsewhere(shell, job, TAB)}\n')
    return status


# -- other shells' extensions ------------------------------------------------------------


def disown(shell: Shell, argv: list[str]) -> int:
    """Forget jobs, or only spare them SIGHUP (-h), as in bash."""
    options, operands = parse_options(argv, 'har')
    table = shell.jobs
    table.poll()
    status = 0
    if operands:
        chosen = []
        for operand in operands:
            try:
                chosen.append(_of_pid(table, operand) or find_job(table, operand))
            except BuiltinError as error:
                shell.warn(f'disown: {error.message}')
                status = 1
    elif 'a' in options or 'r' in options:
        chosen = [job for job in table.jobs if 'r' not in options or not job.stopped()]
    else:
        chosen = [find_job(table, '')]
    for job in chosen:
        if 'h' in options:
            job.hup = False
        else:
            table.remove(job)
    return status


def _of_pid(table: JobTable, operand: str) -> Job | None:
    """The job of a process; None if the operand is no number.  Raises BuiltinError."""
    pid = decimal(operand)
    job = None if pid is None else table.by_pid(pid)
    if pid is not None and job is None:
        raise BuiltinError(f'{operand}: no such job')
    return job


def suspend(shell: Shell, argv: list[str]) -> int:
    """Stop this shell until it is continued, as in bash."""
    options, _ = parse_options(argv, 'f')
    if not shell.options.monitor and 'f' not in options:
        raise BuiltinError('cannot suspend: no job control')
    signal_self(SIGSTOP)
    return 0
