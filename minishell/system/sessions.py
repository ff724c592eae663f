"""A program that leads a session of its own, its standard input and output pipes of ours.

It has no terminal, so no key reaches it.  What it starts, and that starts, is in its session,
until it makes one of its own: so all of it is found and ended by the session's number, which is
no other process's as long as one of them is left.
"""
from __future__ import annotations

import _signal
import posix

from minishell.system import processes
from minishell.system.blocking import write_all
from minishell.system.descriptors import close
from minishell.system.facts import stat_of
from minishell.system.processes import SPAWN_DUP2
from minishell.system.signals import SIGKILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from minishell.system.descriptors import Descriptors

LOOKS = 10_000          # at most, for processes that have been killed and are not gone yet


class Session:
    """A program and the pipes that lead to it, until `end`."""

    # The cells: its input, which stays open here, too, or to write to a program that has ended
    # were SIGPIPE; what we write to; what we read from.
    __slots__ = ('_descriptors', '_cells', 'pid')

    def __init__(self, descriptors: Descriptors, argv: list[str],
                 environment: Mapping[str, str]) -> None:
        """Start a program by its pathname, with no descriptors but the standard ones, every
        signal at its default and none blocked.  Raises OSError."""
        self._descriptors = descriptors
        ends: list[int] = []            # not kept yet
        self._cells: list[list[int]] = []
        try:
            ends += posix.pipe()
            ends += posix.pipe()
            for _ in range(3):
                self._cells.append(descriptors.keep(ends.pop(0)))
            self.pid = _spawn(argv, environment, self._cells[0][0], ends[0])
        except OSError:
            self._close()
            raise
        finally:
            for end in ends:
                close(end)

    def _close(self) -> None:
        for cell in self._cells:
            self._descriptors.release(cell)

    def write(self, data: bytes) -> None:
        """Write to its input."""
        write_all(self._cells[1][0], data)

    @property
    def output(self) -> int:
        """The descriptor of what it and its children print."""
        return self._cells[2][0]

    def end(self) -> None:
        """Kill all processes of the session, and close the pipes."""
        for _ in range(LOOKS):
            found = [pid for pid in _processes() if _is_of(pid, self.pid)]
            if not found:
                break
            for pid in found:
                try:
                    processes.signal_any(pid, SIGKILL)
                except OSError:         # it has gone; or is another user's
                    pass
            posix.sched_yield()
        processes.wait(self.pid)
        self._close()


def _spawn(argv: list[str], environment: Mapping[str, str], source: int, output: int) -> int:
    """Start the program; returns its pid.  Raises OSError.

    What it is not to inherit is close-on-exec meanwhile: posix_spawn closes no descriptor that
    is above a limit (`ulimit -n`) which has been lowered since.
    """
    inherited = [fd for fd in _inherited() if fd > 2]
    for fd in inherited:
        posix.set_inheritable(fd, False)
    try:
        return posix.posix_spawn(
            argv[0], argv, environment, setsid=True, setsigmask=(),
            setsigdef=_signal.valid_signals(), file_actions=[
                (SPAWN_DUP2, source, 0), (SPAWN_DUP2, output, 1), (SPAWN_DUP2, output, 2)])
    finally:
        for fd in inherited:
            posix.set_inheritable(fd, True)


def _inherited() -> list[int]:
    """The descriptors that a program executed by this process gets."""
    found = []
    for name in posix.listdir('/proc/self/fd'):
        try:
            if posix.get_inheritable(int(name)):
                found.append(int(name))
        except OSError:                 # that of the list
            pass
    return found


def _processes() -> list[int]:
    return [int(name) for name in posix.listdir('/proc') if name.isdigit()]


def _is_of(pid: int, session: int) -> bool:
    """Whether a process that has not ended is of a session."""
    stat = stat_of(pid)
    return stat.get('session') == str(session) and stat['state'] not in 'ZX'
