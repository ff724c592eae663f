"""The controlling terminal (XBD 11): its foreground process group and its modes."""
from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import posix
import termios

from minishell.system.descriptors import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Terminal:
    """The controlling terminal, through a descriptor of the shell's own (a cell)."""

    __slots__ = ('_cell', 'modes')

    def __init__(self, cell: list[int]) -> None:
        self._cell = cell
        self.modes = self.get_modes()   # as the shell wants them

    @property
    def fd(self) -> int:
        """Its descriptor at the moment."""
        return self._cell[0]

    def foreground(self) -> int:
        """The foreground process group; 0 if the terminal has gone."""
        try:
            return posix.tcgetpgrp(self.fd)
        except OSError:
            return 0

    def give(self, group: int) -> None:
        """Make a process group the foreground one.

        SIGTTOU is blocked meanwhile: whoever calls this may be in the background just now.
        That the group or the terminal has gone is no error: nobody is there to care.
        """
        before = _signal.pthread_sigmask(_signal.SIG_BLOCK, [_signal.SIGTTOU])
        try:
            posix.tcsetpgrp(self.fd, group)
        except OSError:
            pass
        finally:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, before)

    def get_modes(self) -> list[Any] | None:
        """The terminal's modes; None if it has gone."""
        try:
            return termios.tcgetattr(self.fd)
        except termios.error:
            return None

    def set_modes(self, modes: list[Any] | None) -> None:
        """Set the terminal's modes, once what was written has been sent."""
        if modes is None:
            return
        before = _signal.pthread_sigmask(_signal.SIG_BLOCK, [_signal.SIGTTOU])
        try:
            termios.tcsetattr(self.fd, termios.TCSADRAIN, modes)
        except termios.error:
            pass
        finally:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def open_terminal() -> int | None:
    """A descriptor of the controlling terminal, close-on-exec; None without one."""
    try:
        return posix.open('/dev/tty', posix.O_RDWR | posix.O_CLOEXEC)
    except OSError:
        return None


def keys_reach_us() -> bool:
    """Whether Ctrl-C at a terminal sends SIGINT to our own process group."""
    fd = open_terminal()
    if fd is None:
        return False
    try:
        return posix.tcgetpgrp(fd) == posix.getpgrp()
    except OSError:
        return False                    # it has gone
    finally:
        close(fd)
