"""Exit statuses (XCU 2.8.2) and the decoding of wait statuses."""
from __future__ import annotations

USAGE = 2
CANNOT_EXECUTE = 126
NOT_FOUND = 127
SIGNAL_BASE = 128          # $? of a process ended by signal n is 128+n


class Started:
    """A command that runs as a process."""

    __slots__ = ('pid',)

    def __init__(self, pid: int) -> None:
        self.pid = pid


class Finished:
    """A command that has needed no process, or could not be had one: its exit status."""

    __slots__ = ('status',)

    def __init__(self, status: int) -> None:
        self.status = status


class PipelineStatus(int):
    """The exit status of a pipeline of several commands, with those of all of them."""

    def __new__(cls, status: int, statuses: list[int]) -> PipelineStatus:
        """The status that `$?` shows."""
        self = super().__new__(cls, status)
        self.statuses = statuses
        return self

    statuses: list[int]


NOTHING_RUN = PipelineStatus(0, [])     # of a shell that has not run anything
AFTER_FAILURE = PipelineStatus(0, [1])  # of `if false; then …; fi`


def alone(status: int) -> int:
    """An exit status without those of the commands of a pipeline that it is the last of."""
    return status if type(status) is int else int(status)


def statuses_of(status: int) -> list[int]:
    """The statuses of all commands of the pipeline that a status is that of."""
    return status.statuses if isinstance(status, PipelineStatus) else [status]


def keeping(before: int, status: int) -> int:
    """The exit status of a compound command, the last pipeline in which, or before which, had
    the one `before`: PIPESTATUS is about that."""
    if before == status:
        return before
    if before == 1 and status == 0 and type(before) is int:
        return AFTER_FAILURE            # by far the most frequent
    return PipelineStatus(status, statuses_of(before))


def inverted(status: int) -> int:
    """The exit status of a command behind `!`; PIPESTATUS has its own."""
    return keeping(status, 0 if status else 1)


def exit_status(wait_status: int) -> int:
    """The `$?` of a raw status word from waitpid (XCU 2.8.2); a stop counts as its
    signal."""
    signal = wait_status & 0x7F
    if signal == 0:
        return wait_status >> 8 & 0xFF
    if signal == 0x7F:                              # stopped
        return SIGNAL_BASE + (wait_status >> 8 & 0xFF)
    return SIGNAL_BASE + signal


def is_stop(wait_status: int) -> bool:
    """Whether a status word says that the process has stopped."""
    return wait_status & 0xFF == 0x7F


def signal_of(wait_status: int) -> int:
    """The signal that ended a process, 0 if it exited."""
    signal = wait_status & 0x7F
    return 0 if signal == 0x7F else signal
