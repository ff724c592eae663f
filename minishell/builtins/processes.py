"""Built-in utilities about processes: kill, wait, jobs, times (XCU 2.15, 3)."""
from __future__ import annotations

import posix

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError, UsageError
from minishell.status import NOT_FOUND, SIGNAL_BASE
from minishell.system import signals
from minishell.system.signals import SIGCHLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.jobs import Job
    from minishell.state.shell import Shell


# -- kill -----------------------------------------------------------------------------


def kill(shell: Shell, argv: list[str]) -> int:
    """Send a signal to processes (XCU 3, kill)."""
    args = argv[1:]
    if args[:1] in (['-l'], ['-L']):
        return _list_signals(shell, args[1:])
    number, args = _signal_option(args)
    if args[:1] == ['--']:
        args = args[1:]
    if not args:
        raise UsageError('usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ...')
    status = 0
    shell.jobs.poll()                   # or `kill -0` would find our own zombies alive
    for operand in args:
        try:
            for pid in _targets(shell, operand):
                posix.kill(pid, number)
        except OSError as error:
            shell.warn(f'kill: ({operand}) - {error.strerror}')
            status = 1
        except BuiltinError as error:
            shell.warn(f'kill: {error.message}')
            status = 1
    return status


def _signal_option(args: list[str]) -> tuple[int, list[str]]:
    """The signal asked for (TERM by default) and the arguments behind it."""
    if not args or args[0] == '--' or args[0][:1] != '-' or len(args[0]) < 2:
        return signals.SIGTERM, args
    word = args[0]
    if word in ('-s', '-n'):
        if len(args) < 2:
            raise UsageError(f'{word}: option requires an argument')
        return _signal(args[1]), args[2:]
    if word[:2] in ('-s', '-n') and signals.number_of(word[1:]) is None:
        return _signal(word[2:]), args[1:]
    return _signal(word[1:]), args[1:]


def _signal(text: str) -> int:
    if text.isdigit() and text.isascii() and int(text) <= signals.RTMAX:
        return int(text)
    number = 0 if text.upper() in ('EXIT', 'NULL') else signals.number_of(text)
    if number is None:
        raise BuiltinError(f'{text}: invalid signal specification')
    return number


def _targets(shell: Shell, operand: str) -> list[int]:
    """The pids (negative: groups) that an operand names."""
    if operand[:1] == '%':
        job = find_job(shell, operand)
        if job is None:
            raise BuiltinError(f'{operand}: no such job')
        return [pid for pid, status in zip(job.pids, job.statuses, strict=True)
                if status is None]
    digits = operand.removeprefix('-')
    if not digits.isdigit() or not digits.isascii():
        raise BuiltinError(f'{operand}: arguments must be process or job IDs')
    return [int(operand)]


def _list_signals(shell: Shell, operands: list[str]) -> int:
    """`kill -l`: all names, or names and numbers translated."""
    if not operands:
        names = [signals.NAMES[number] for number in sorted(signals.NAMES)]
        shell.out.write('\n'.join(names) + '\n')
        return 0
    for operand in operands:
        if operand.isdigit() and operand.isascii():
            number = int(operand)
            if number > SIGNAL_BASE:
                number -= SIGNAL_BASE
            if number == 0:
                shell.out.write('EXIT\n')
                continue
            name = signals.name_of(number)
            if name.isdigit():
                raise BuiltinError(f'{operand}: invalid signal specification')
            shell.out.write(name + '\n')
        else:
            shell.out.write(f'{_signal(operand)}\n')
    return 0


# -- jobs and wait ----------------------------------------------------------------------


def find_job(shell: Shell, text: str) -> Job | None:
    """The job that a job ID names (XBD 3.182): %n, %%, %+, %-, %string, %?string."""
    jobs = shell.jobs.jobs
    key = text[1:]
    if key in ('', '%', '+'):
        return jobs[-1] if jobs else None
    if key == '-':
        return jobs[-2] if len(jobs) > 1 else jobs[-1] if jobs else None
    if key.isdigit():
        return next((job for job in jobs if job.number == int(key)), None)
    found = [job for job in jobs if (
        key[1:] in job.text if key[0] == '?' else job.text.startswith(key))]
    if len(found) > 1:
        raise BuiltinError(f'{text}: ambiguous job spec')
    return found[0] if found else None


def wait(shell: Shell, argv: list[str]) -> int:
    """Wait for background processes (XCU 3, wait); a trapped signal ends it at once."""
    _, operands = parse_options(argv, '')
    status = 0
    if not operands:
        for job in list(shell.jobs.jobs):
            interrupted = _wait_for(shell, job)
            if interrupted:
                return interrupted
        shell.jobs.drop_ended()
        return 0
    for operand in operands:
        job_wanted = None
        if operand[:1] == '%':
            job_wanted = find_job(shell, operand)
            if job_wanted is None:
                shell.warn(f'wait: {operand}: no such job')
                status = NOT_FOUND
                continue
            pid = job_wanted.pids[-1]
        elif operand.isdigit() and operand.isascii():
            pid = int(operand)
            job_wanted = shell.jobs.by_pid(pid)
        else:
            raise BuiltinError(f"`{operand}': not a pid or valid job spec")
        if job_wanted is not None:
            interrupted = _wait_for(shell, job_wanted)
            if interrupted:
                return interrupted
            status = job_wanted.status()
            shell.jobs.jobs.remove(job_wanted)
            shell.jobs.take_status(pid)
            continue
        kept = shell.jobs.take_status(pid)
        if kept is None:
            shell.warn(f'wait: pid {pid} is not a child of this shell')
            status = NOT_FOUND
        else:
            status = kept
    return status


def _wait_for(shell: Shell, job: Job) -> int:
    """Sleep until a job has ended; returns 0, or 128+n if signal n was trapped.

    SIGCHLD has the handler while we look: a death between the look and the sleep leaves a
    byte in the wakeup pipe, and select returns at once.
    """
    table, state = shell.jobs, shell.signals
    table.poll()
    if job.ended():
        return 0
    own_handler = SIGCHLD not in shell.traps.actions
    if own_handler:
        state.handle(SIGCHLD)
    try:
        while True:
            table.poll()
            if job.ended():
                return 0
            arrived = [number for number in state.pending
                       if number != SIGCHLD or not own_handler]
            if arrived:
                shell.run_pending_traps()
                return SIGNAL_BASE + arrived[0]
            state.pending.clear()
            state.wait_readable(None)
    finally:
        if own_handler:
            state.default(SIGCHLD)
            while SIGCHLD in state.pending:
                state.pending.remove(SIGCHLD)


def jobs(shell: Shell, argv: list[str]) -> int:
    """List background jobs (XCU 3, jobs)."""
    options, operands = parse_options(argv, 'lp')
    table = shell.jobs
    table.poll()
    chosen = table.jobs
    if operands:
        chosen = []
        for operand in operands:
            job = find_job(shell, operand if operand[:1] == '%' else '%' + operand)
            if job is None:
                raise BuiltinError(f'{operand}: no such job')
            chosen.append(job)
    for job in chosen:
        if 'p' in options:
            shell.out.write(f'{job.pids[0]}\n')
            continue
        mark = '+' if job is table.jobs[-1] else '-' if job is table.jobs[-2] else ' '
        pid = f'{job.pids[0]} ' if 'l' in options else ''
        shell.out.write(f'[{job.number}]{mark}  {pid}{describe(job):<24}{job.text}'
                        f'{"" if job.ended() else " &"}\n')
    table.drop_ended()
    return 0


def describe(job: Job) -> str:
    """The state of a job in words (XCU 3, jobs)."""
    if not job.ended():
        return 'Running'
    status = job.status()
    if status > SIGNAL_BASE:
        return signals.describe(status - SIGNAL_BASE)
    return f'Exit {status}' if status else 'Done'


# -- times --------------------------------------------------------------------------------


def times(shell: Shell, argv: list[str]) -> int:
    """Print the processor time of the shell and of its children (XCU 2.15, times)."""
    used = posix.times()

    def shown(seconds: float) -> str:
        return f'{int(seconds // 60)}m{seconds % 60:.3f}s'
    shell.out.write(f'{shown(used.user)} {shown(used.system)}\n'
                    f'{shown(used.children_user)} {shown(used.children_system)}\n')
    return 0
