"""Pipelines, run: stages joined by pipes (XCU 2.9.2).

Who closes what: the shell closes a pipe's writing end when the stage that writes to it has
been started, the reading end when its reader has, so that each is open in one process; a
forked stage closes the other end of its own pipes before it does anything else, or a reader
would never see the end of its input.  A spawned one gets no more than it is given.
"""
from __future__ import annotations

import posix

from minishell.errors import RedirectionError, ResourceError
from minishell.run.processes import pids_of, wait_substituted
from minishell.system import processes
from minishell.system.descriptors import Pipe, move
from minishell.system.signals import SIGINT, SIGQUIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.run.processes import Begun, What
    from minishell.state.jobcontrol import Launch
    from minishell.state.shell import Action, Shell
    from minishell.system.descriptors import Action as DescriptorAction
    from minishell.system.events import Events

    Stage = Callable[[Shell, 'Plumbing'], Begun]


class Plumbing:
    """What one stage gets: its pipes, and whether it runs in the background."""

    __slots__ = ('source', 'sink', 'background', 'launch', 'other', 'substitution', 'process')

    def __init__(self, source: Pipe | None, sink: Pipe | None, background: bool,
                 launch: Launch | None, other: Pipe | None = None,
                 substitution: bool = False, process: bool = False) -> None:
        self.source = source            # the pipe it reads from
        self.sink = sink                # the one it writes to
        self.background = background
        self.launch = launch            # its process group, under job control
        self.other = other              # a pipe that it must not keep open
        self.substitution = substitution
        self.process = process          # there must be one: `$!` names it

    def connect(self, events: Events | None) -> None:
        """In a forked stage: make the pipe ends standard input and output.  Raises
        ResourceError."""
        source, sink = self.source, self.sink
        if sink is not None:
            sink.close_reading()
        if source is not None:
            source.close_writing()
        try:
            if source is not None:
                move(source.take_reading(), 0, events)
            if sink is not None:
                move(sink.take_writing(), 1, events)
        except OSError as error:
            raise ResourceError(f'pipe: {error.strerror}') from None
        if self.other is not None:
            self.other.close()

    def actions(self) -> list[DescriptorAction]:
        """The descriptor actions that give a spawned stage its ends."""
        actions: list[DescriptorAction] = []
        if self.source is not None:
            actions.append((0, self.source.reading, False))
        if self.sink is not None:
            actions.append((1, self.sink.writing, False))
        return actions


def start_pipeline(shell: Shell, stages: Sequence[Stage], background: bool,
                   launch: Launch | None, last: Pipe | None = None,
                   what: What = None) -> list[Begun]:
    """Start all stages, joined by pipes.  `last`: the pipe behind the last, which stays the
    caller's.

    Raises ResourceError if pipes or processes run out: what was started has then been ended
    and reaped; so it has where anything else is raised.
    """
    begun: list[Begun] = []
    source: Pipe | None = None
    sink: Pipe | None = None
    if launch is not None:
        launch.shared = len(stages) > 1
    try:
        for place, stage in enumerate(stages[:-1]):
            sink = Pipe(shell.events, '|', what, place)
            begun.append(stage(shell, Plumbing(source, sink, background, launch, last)))
            if source is not None:
                source.close_reading()
            sink.close_writing()
            source, sink = sink, None
        begun.append(stages[-1](shell, Plumbing(
            source, last, background, launch,
            substitution=last is not None and len(stages) == 1)))
        if source is not None:
            source.close_reading()
    except BaseException as error:      # a signal may end it, too, in an open of a FIFO
        for pipe in (source, sink):
            if pipe is not None:
                pipe.close()
        processes.end(pids_of(begun))
        if launch is not None:
            launch.abandon()
        if isinstance(error, OSError):
            raise ResourceError(f'pipe: {error.strerror}') from None
        raise
    return begun


def run_last_here(shell: Shell, stages: Sequence[Stage], last: Action) -> list[int]:
    """A pipeline whose last command runs in this shell (`shopt -s lastpipe`); returns the
    exit statuses."""
    try:
        pipe = Pipe(shell.events, '|')
    except OSError as error:
        raise ResourceError(f'pipe: {error.strerror}') from None
    descriptors = shell.descriptors
    saved = descriptors.begin()
    begun: list[Begun] = []
    try:
        try:
            begun = start_pipeline(shell, stages, False, None, pipe)
        finally:
            pipe.close_writing()
        descriptors.apply((0, pipe.take_reading(), True), saved)
        status = last(shell)
    finally:
        descriptors.undo(saved)
        statuses = wait_substituted(shell, begun)
    return [*statuses, status]


def status_of(shell: Shell, statuses: Sequence[int]) -> int:
    """The exit status of a pipeline: that of its last command; under `set -o pipefail` of the
    last that failed, if one did (XCU 2.9.2)."""
    if shell.options.pipefail:
        for status in reversed(statuses):
            if status:
                return status
    return statuses[-1]


def enter_background(shell: Shell, piped: bool) -> None:
    """What `&` changes in the child without job control (XCU 2.9.3.2, 2.12)."""
    for number in (SIGINT, SIGQUIT):
        shell.signals.ignore(number)
    if not piped:
        try:
            move(posix.open('/dev/null', posix.O_RDONLY), 0)
        except OSError as error:
            raise RedirectionError(f'/dev/null: {error.strerror}') from None


def leave_coprocesses(shell: Shell) -> None:
    """As in bash, a subshell has not its parent's ends of coprocesses' pipes, unless its output
    is substituted: who reads there would wait for its end, too."""
    if shell.descriptors.when_closed is not None:
        for job in shell.jobs.coprocesses:
            job.leave()
