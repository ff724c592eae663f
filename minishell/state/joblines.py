"""Jobs in words: the lines of `jobs`, notices, messages of deaths (XCU 3, jobs)."""
from __future__ import annotations

import posix

from minishell.state.jobs import Job
from minishell.status import exit_status, is_stop, signal_of
from minishell.system.signals import describe, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

WIDTH = 23          # of the state, as in bash
STOPPED = 'Stopped'
RUNNING = 'Running'


def state(job: Job, standard: bool = False) -> str:
    """A job's state in words; the standard's, in POSIX mode."""
    if job.stopped():
        stop = next(status for status in reversed(job.statuses)
                    if status is not None and is_stop(status))
        return f'{STOPPED} (SIG{name_of(posix.WSTOPSIG(stop))})' if standard else STOPPED
    return words(job.statuses[-1] or 0, standard) if job.ended() else RUNNING


def words(status: int, standard: bool = False) -> str:
    """What became of a process."""
    if is_stop(status):
        return describe(posix.WSTOPSIG(status))        # Stopped (tty input)
    if number := signal_of(status):
        return describe(number)
    if code := exit_status(status):
        return f'Done({code})' if standard else f'Exit {code}'
    return 'Done'


def core(status: int | None) -> str:
    """What is said of a process that has left a file core."""
    return '(core dumped) ' if status and signal_of(status) and status & 0x80 else ''


def line(shell: Shell, job: Job, long: bool = False) -> str:
    """How `jobs` shows a job, as bash does: one line, or with `long` one for each process."""
    order = shell.jobs.known().current()
    mark = '+' if order[:1] == [job] else '-' if order[1:2] == [job] else ' '
    if long:
        shown = processes(shell, job)
    else:
        shown = f' {state(job, shell.options.posix):<{WIDTH}} '
        if job.ended():
            shown += core(job.statuses[-1])
        shown += job.text
    end = '' if job.stopped() or job.ended() else ' &'
    return f'[{job.number}]{mark} {shown}{end}{elsewhere(shell, job, "  ")}'


def notice(shell: Shell, job: Job) -> str:
    """What a user is told when a job has ended or stopped."""
    here = place(shell)
    now = f'\n(wd now: {_polite(shell, here)})' if job.folder != here else ''
    return line(shell, job) + now


def elsewhere(shell: Shell, job: Job, blank: str) -> str:
    """Where a job was started, if it was not here."""
    return f'{blank}(wd: {_polite(shell, job.folder)})' if job.folder != place(shell) else ''


def processes(shell: Shell, job: Job) -> str:
    """The processes of a job, each with its pid; their states where they are not alike."""
    standard = shell.options.posix
    running = not job.stopped() and not job.ended()
    lines: list[str] = []
    for pid, status, text in zip(job.pids, job.statuses, job.members(), strict=True):
        text, newline, _ = text.partition('\n')
        text += '...' * bool(newline)           # a message is a line
        shown = RUNNING if running else words(status or 0, standard)
        if not lines:
            lines.append(f'{pid:5} {shown:<{WIDTH}} {core(status)}{text}')
        elif status == job.statuses[0]:
            lines.append(f'     {pid:5} {"":<{WIDTH - 1}}| {text}')
        else:
            lines.append(f'     {pid:5} {shown:<{WIDTH}} {core(status)}| {text}')
    return '\n'.join(lines)


def place(shell: Shell) -> str:
    """The working directory, for messages."""
    return shell.variables.get('PWD') or ''


def _polite(shell: Shell, folder: str) -> str:
    """A directory's name with ~ for HOME."""
    home = shell.variables.get('HOME') or '/'
    if home != '/' and (folder == home or folder.startswith(home + '/')):
        return '~' + folder[len(home):]
    return folder
