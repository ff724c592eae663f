"""The controlling terminal (XBD 11): its foreground process group and its modes."""
from __future__ import annotations

import _signal
import posix
import termios
from errno import EINTR, ENXIO

from minishell.system.descriptors import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from minishell.system.signals import Signals


DISABLED = b'\0'        # no key, as a terminal's special character
CHARACTER_DEVICE, FORMAT = 0o020000, 0o170000


class Terminal:
    """The controlling terminal, through a descriptor of the shell's own (a cell)."""

    __slots__ = ('_cell', '_signals', 'modes')

    def __init__(self, cell: list[int], signals: Signals) -> None:
        self._cell = cell
        self._signals = signals         # whose `events` are told
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

    def give(self, group: int, then: Callable[[], None] | None = None) -> None:
        """Make a process group the foreground one, and do something else right behind it.

        SIGTTOU is blocked meanwhile: whoever calls this may be in the background just now.
        That the group or the terminal has gone is no error: nobody is there to care.
        """
        before = _signal.pthread_sigmask(_signal.SIG_BLOCK, [_signal.SIGTTOU])
        try:
            try:
                posix.tcsetpgrp(self.fd, group)
                if self._signals.events is not None:
                    self._signals.events.tell('terminal', group=group)
            except OSError:
                pass
            if then is not None:
                then()
        finally:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, before)

    def get_modes(self) -> list[Any] | None:
        """The terminal's modes; None if it has gone."""
        try:
            return termios.tcgetattr(self.fd)
        except termios.error:
            return None

    def set_modes(self, modes: list[Any] | None) -> None:
        """Set the terminal's modes, once what was written has been sent; at once, if a signal
        comes meanwhile (Ctrl-S may have stopped the output)."""
        if modes is None:
            return
        before = _signal.pthread_sigmask(_signal.SIG_BLOCK, [_signal.SIGTTOU])
        try:
            try:
                termios.tcsetattr(self.fd, termios.TCSADRAIN, modes)
            except termios.error as error:
                if error.args[0] == EINTR:
                    termios.tcsetattr(self.fd, termios.TCSANOW, modes)
        except termios.error:
            pass
        finally:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


class Modes:
    """The modes of a descriptor's terminal for a while, if it is one: without echo; not by
    lines but each byte at once; keys without `keys` sending no signals, but for the
    interrupting one if `interrupt`.  Enter is a newline always."""

    __slots__ = ('_fd', '_before', '_wanted')

    def __init__(self, fd: int, echo: bool, lines: bool, keys: bool = True,
                 interrupt: bool = True) -> None:
        self._fd = fd
        try:
            self._before: list[Any] = termios.tcgetattr(fd)
            self._wanted: list[Any] = termios.tcgetattr(fd)
        except termios.error:
            self._before = self._wanted = []
            return
        modes = self._wanted
        if not echo:
            modes[3] &= ~termios.ECHO
        if not lines:
            modes[0] &= ~(termios.INLCR | termios.IGNCR)
            modes[0] |= termios.ICRNL
            modes[3] &= ~termios.ICANON
            modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
        if not keys:
            modes[0] &= ~termios.IXON
            modes[3] &= ~termios.IEXTEN
            self._stops(False)
            if not interrupt:
                modes[6][termios.VINTR] = DISABLED

    def _stops(self, on: bool) -> None:
        for key in (termios.VSUSP, termios.VQUIT):
            self._wanted[6][key] = self._before[6][key] if on else DISABLED

    def let_stop(self, on: bool) -> None:
        """Have Ctrl-Z and Ctrl-\\ send their signals from now on, or not."""
        if self._wanted:
            self._stops(on)
            self.set()

    def set(self) -> None:
        """Have them so.  From the background that stops the process, as it should."""
        self._change(self._wanted)

    def restore(self) -> None:
        """Have them as before."""
        self._change(self._before)

    def _change(self, modes: list[Any]) -> None:
        try:
            if modes:
                termios.tcsetattr(self._fd, termios.TCSANOW, modes)
        except termios.error:
            pass                        # it has gone

    def __enter__(self) -> None:
        self.set()

    def __exit__(self, *exception: object) -> None:
        self.restore()


def open_terminal() -> int | None:
    """A descriptor of the controlling terminal, close-on-exec; None without one."""
    try:
        return posix.open('/dev/tty', posix.O_RDWR | posix.O_CLOEXEC)
    except OSError:                     # there may be no such file, in a bare chroot
        return _standard_terminal()


def _standard_terminal() -> int | None:
    """The controlling terminal where a standard descriptor is it: a new descriptor."""
    for fd in 2, 1, 0:
        try:
            posix.tcgetpgrp(fd)         # an error if it is another session's, too
            return posix.dup(fd)
        except OSError:
            pass
    return None


def window_size(fd: int) -> tuple[int, int]:
    """Columns and lines of a terminal's window; 0 where that is not known."""
    try:
        columns, lines = posix.get_terminal_size(fd)
    except OSError:
        return 0, 0
    return columns, lines


def has_gone(fd: int) -> bool:
    """Whether a descriptor's terminal has been hung up, or its other end closed.  A read has
    then an error (EIO) or, a moment later, the end of input."""
    from select import POLLHUP, poll
    try:
        if posix.fstat(fd).st_mode & FORMAT != CHARACTER_DEVICE:
            return False                # the end of a pipe is nothing special
    except OSError:
        return False
    looking = poll()
    looking.register(fd, 0)
    return any(events & POLLHUP for _, events in looking.poll(0))


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


def foreground_group() -> int:
    """The foreground process group of the controlling terminal.  Raises OSError."""
    fd = open_terminal()
    if fd is None:
        raise OSError(ENXIO, '')
    try:
        return posix.tcgetpgrp(fd)
    finally:
        close(fd)
