"""Pipelines, run: stages joined by pipes (XCU 2.9.2)."""
from __future__ import annotations

import posix

from minishell.errors import RedirectionError, ResourceError, ShellError
from minishell.system import processes
from minishell.system.descriptors import close, open_pipe
from minishell.system.signals import SIGINT, SIGQUIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.state.jobcontrol import Launch
    from minishell.state.shell import Action, Shell

    Stage = Callable[[Shell, 'Plumbing'], int]


class Plumbing:
    """What one stage gets: pipe ends (-1: none), and whether it runs in the background."""

    __slots__ = ('stdin', 'stdout', 'unused', 'background', 'launch', 'others',
                 'substitution', 'process')

    def __init__(self, stdin: int, stdout: int, unused: int, background: bool,
                 launch: Launch | None, others: Sequence[int] = (),
                 substitution: bool = False, process: bool = False) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.unused = unused            # the reading end of the pipe it writes to
        self.background = background
        self.launch = launch            # its process group, under job control
        self.others = others            # ends of another pipe, which it must not keep open
        self.substitution = substitution
        self.process = process          # there must be one: `$!` names it


def start_pipeline(shell: Shell, stages: Sequence[Stage], background: bool,
                   launch: Launch | None, last: tuple[int, int] | None = None) -> list[int]:
    """Start all stages, joined by pipes; returns their pids (see compile_stage).  `last`:
    the reading and the writing end of the pipe behind the last.

    Raises ResourceError if pipes or processes run out: what was started has then been ended
    and reaped.
    """
    pids: list[int] = []
    stdin = stdout = unused = -1
    if launch is not None:
        launch.shared = len(stages) > 1
    try:
        for index, stage in enumerate(stages):
            others: tuple[int, ...] = ()
            if index < len(stages) - 1:
                unused, stdout = open_pipe()
                others = last or ()
            elif last is not None:
                pids.append(stage(shell, Plumbing(
                    stdin, last[1], last[0], background, launch,
                    substitution=len(stages) == 1)))
                if stdin >= 0:
                    close(stdin)
                break
            pids.append(stage(shell, Plumbing(
                stdin, stdout, unused, background, launch, others)))
            for fd in (stdin, stdout):
                if fd >= 0:
                    close(fd)
            stdin, stdout, unused = unused, -1, -1
    except (OSError, ShellError) as error:
        for fd in (stdin, stdout, unused):
            if fd >= 0:
                close(fd)
        processes.end([pid for pid in pids if pid > 0])
        if launch is not None:
            launch.abandon()
        if isinstance(error, OSError):
            raise ResourceError(f'pipe: {error.strerror}') from None
        raise
    return pids


def run_last_here(shell: Shell, stages: Sequence[Stage], last: Action) -> list[int]:
    """A pipeline whose last command runs in this shell (`shopt -s lastpipe`); returns the
    exit statuses."""
    from minishell.run.processes import wait_substituted
    try:
        reading, writing = open_pipe()
    except OSError as error:
        raise ResourceError(f'pipe: {error.strerror}') from None
    descriptors = shell.descriptors
    saved = descriptors.begin()
    pids: list[int] = []
    try:
        try:
            pids = start_pipeline(shell, stages, False, None, (reading, writing))
        finally:
            close(writing)
        descriptors.apply((0, reading, True), saved)
        status = last(shell)
    finally:
        descriptors.undo(saved)
        statuses = wait_substituted(shell, pids)
    return [*statuses, status]


def enter_background(shell: Shell, stdin: int) -> None:
    """What `&` changes in the child without job control (XCU 2.9.3.2, 2.12)."""
    for number in (SIGINT, SIGQUIT):
        shell.signals.ignore(number)
    if stdin < 0:
        try:
            fd = posix.open('/dev/null', posix.O_RDONLY)
            if fd != 0:
                posix.dup2(fd, 0)
                close(fd)
            else:
                posix.set_inheritable(0, True)
        except OSError as error:
            raise RedirectionError(f'/dev/null: {error.strerror}') from None
