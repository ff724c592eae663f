"""File descriptors: the shell's own, kept high; redirections applied and undone (XCU 2.7).

Redirections become a flat list of actions (target, source, owned): make `target` a copy of
`source`, or close it where source is CLOSE; an `owned` source is the shell's to close.
Python opens everything close-on-exec, so a child gets what the list gives it and no more.
"""
from __future__ import annotations

import _signal
import posix
from errno import EBADF, EFBIG, EINVAL, EMFILE
from fcntl import (
    F_DUPFD,
    F_DUPFD_CLOEXEC,
    F_GETFD,
    F_GETFL,
    F_GETPIPE_SZ,
    F_SETPIPE_SZ,
    fcntl,
)

from minishell.codec import encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.system.events import Events
    from minishell.system.signals import Signals

    Action = tuple[int, int, bool]
    Saved = list[tuple[int, int]]       # (target, its copy kept high or CLOSE), in order

CLOSE = -1
LOWEST_OWN = 10         # POSIX leaves scripts 0 to 9 (XCU 2.7)


def close(fd: int) -> None:
    """Close a descriptor of the shell's own: the kernel does so even where it reports an
    error, of data that others have written (a full quota, a file server that is gone)."""
    try:
        posix.close(fd)
    except OSError:
        pass


def close_written(fd: int) -> None:
    """Close a file that has been written to.  Raises OSError where the kernel says only now
    that the data could not be kept."""
    try:
        posix.close(fd)
    except InterruptedError:            # it is closed, and nothing is said of the data
        pass


def is_open(fd: int) -> bool:
    """Whether a descriptor is open."""
    try:
        fcntl(fd, F_GETFD)
    except (OSError, OverflowError):
        return False
    return True


def is_open_for(fd: int, reading: bool) -> bool:
    """Whether a descriptor is open for reading, or else for writing."""
    try:
        access = fcntl(fd, F_GETFL) & posix.O_ACCMODE
    except (OSError, OverflowError):
        return False
    return access in (posix.O_RDWR, posix.O_RDONLY if reading else posix.O_WRONLY)


def duplicate_high(fd: int, lowest: int = LOWEST_OWN) -> int:
    """A duplicate out of the script's way, from `lowest` on if that can be; close-on-exec.
    Raises OSError."""
    try:
        return int(fcntl(fd, F_DUPFD_CLOEXEC, lowest))
    except OSError as error:
        if error.errno == EBADF:
            raise
        if lowest != LOWEST_OWN:
            return duplicate_high(fd)
    try:
        return int(fcntl(fd, F_DUPFD_CLOEXEC, 3))       # `ulimit -n` is that low
    except OSError:                     # or lower, which the kernel calls EINVAL
        raise OSError(EMFILE, posix.strerror(EMFILE)) from None


def duplicate_for_children(fd: int, lowest: int = LOWEST_OWN) -> int:
    """A duplicate that children inherit, at a number from `lowest` on.  Raises OSError."""
    try:
        return int(fcntl(fd, F_DUPFD, lowest))
    except OSError as error:
        if error.errno == EINVAL:       # `ulimit -n` is below
            raise OSError(EMFILE, posix.strerror(EMFILE)) from None
        raise


def make_pipe(blocking: bool, capacity: int | None, events: Events | None,
              ) -> tuple[int, int]:
    """pipe(2) as a script wants it: the lowest free numbers, inherited by children; perhaps
    O_NONBLOCK, or so many bytes (F_SETPIPE_SZ).  Raises OSError, nothing being open."""
    ends = posix.pipe2(0 if blocking else posix.O_NONBLOCK)
    try:
        if capacity is not None:
            fcntl(ends[0], F_SETPIPE_SZ, capacity)
    except OSError:
        for end in ends:
            close(end)
        raise
    if events is not None:
        events.tell('pipe', reading=ends[0], writing=ends[1], use='pipe', what=None, place=0)
    return ends


def inherit(fd: int, by_children: bool) -> None:
    """Have a descriptor inherited by what is executed, or not.  Raises OSError."""
    posix.set_inheritable(fd, by_children)


def leave_terminals() -> None:
    """In a child: have a session of one's own, and no descriptor of a terminal, nor of the
    event loop that was made before the fork; 0, 1 and 2 are /dev/null.  Raises OSError."""
    posix.setsid()
    null = posix.open('/dev/null', posix.O_RDWR | posix.O_CLOEXEC)
    for fd in (0, 1, 2):
        posix.dup2(null, fd)
    for name in posix.listdir('/proc/self/fd'):
        try:
            place = posix.readlink(f'/proc/self/fd/{name}')
        except OSError:                 # that of the list itself
            continue
        if place.startswith(('/dev/pts/', '/dev/tty', '/dev/ptmx', 'anon_inode:[eventpoll]')):
            close(int(name))


def close_inherited() -> None:
    """In a child: close what programs would inherit but 0, 1 and 2.  Raises OSError."""
    for name in posix.listdir('/proc/self/fd'):
        try:
            if int(name) > 2 and posix.get_inheritable(int(name)):
                close(int(name))
        except OSError:                 # that of the list itself
            pass


def move(fd: int, target: int, events: Events | None = None) -> None:
    """Move a descriptor to a number where children inherit it.  Raises OSError, fd being
    open then."""
    if fd == target:
        posix.set_inheritable(fd, True)
    else:
        posix.dup2(fd, target)
        close(fd)
        if events is not None:
            events.tell('dup', source=fd, target=target)
            events.tell('close', fd=fd)


def raise_high(fd: int, lowest: int = LOWEST_OWN) -> int:
    """Move a descriptor of the shell's own out of the script's way; close-on-exec.

    Raises OSError, fd being closed either way.
    """
    try:
        return duplicate_high(fd, lowest)
    finally:
        close(fd)


def raise_below(fd: int, highest: int) -> int:
    """Move a descriptor of the shell's own to the highest free number, from `highest` down;
    where there is none it stays."""
    for number in range(highest, LOWEST_OWN - 1, -1):
        if not is_open(number):
            try:
                posix.dup2(fd, number, False)
            except OSError:             # `ulimit -n` is that low
                return fd
            close(fd)
            return number
    return fd


def open_file(path: str, flags: int, mode: int = 0o666) -> int:
    """Open for a redirection: close-on-exec and never 0, 1 or 2.  Raises OSError."""
    fd = posix.open(path, flags | posix.O_CLOEXEC, mode)
    return fd if fd > 2 else raise_high(fd)


class Pipe:
    """A pipe of the shell's: both ends close-on-exec, and never 0, 1 or 2.

    Who makes it closes it: an end is CLOSE once it is closed or has been handed on, so that
    `close` may be called at any time, and twice.  A forked child has its own copy of both
    ends, and of this.
    """

    __slots__ = ('reading', 'writing', '_events')

    def __init__(self, events: Events | None = None, use: str = '', what: object = None,
                 place: int = 0) -> None:
        """Raises OSError, nothing being open then.  `use`, `what`, `place`: for who watches."""
        self._events = events
        self.reading, self.writing = posix.pipe()
        if self.reading <= 2 or self.writing <= 2:
            self._raise()
        if events is not None:
            events.tell('pipe', reading=self.reading, writing=self.writing, use=use,
                        what=what, place=place)

    def _raise(self) -> None:
        reading, self.reading = self.reading, CLOSE
        try:
            self.reading = raise_high(reading)
            writing, self.writing = self.writing, CLOSE
            self.writing = raise_high(writing)
        except OSError:
            self.close()
            raise

    def raise_ends(self, highest: int) -> None:
        """Move both ends to the highest numbers that are free, from `highest` down."""
        self.reading = raise_below(self.reading, highest)
        self.writing = raise_below(self.writing, highest)

    def close_reading(self) -> None:
        """Read from it no more: who writes to it then gets SIGPIPE, if nobody else reads."""
        if self.reading != CLOSE:
            self._close(self.take_reading())

    def close_writing(self) -> None:
        """Write to it no more: its readers come to the end, if nobody else writes."""
        if self.writing != CLOSE:
            self._close(self.take_writing())

    def _close(self, fd: int) -> None:
        if self._events is not None:
            self._events.tell('close', fd=fd)
        close(fd)

    def close(self) -> None:
        """Close what is still open of it."""
        self.close_reading()
        self.close_writing()

    def take_reading(self) -> int:
        """The reading end, which is the caller's from now on."""
        end, self.reading = self.reading, CLOSE
        return end

    def take_writing(self) -> int:
        """The writing end, which is the caller's from now on."""
        end, self.writing = self.writing, CLOSE
        return end


def open_text(text: str) -> int:
    """A descriptor from which text can be read: a here-document (XCU 2.7.4).  Raises OSError.

    A file without a name: unlike a pipe it takes any length without a writer, and `read`
    need not take it byte by byte.  A pipe, where the file would be too large for `ulimit -f`.
    """
    data = encoded(text)
    fd = posix.memfd_create('here-document')
    # The kernel sends SIGXFSZ, too, which would be the shell's end.
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, [_signal.SIGXFSZ])
    try:
        done = 0
        while done < len(data):
            done += posix.pwrite(fd, data[done:] if done else data, done)
    except OSError as error:
        close(fd)
        if error.errno != EFBIG:
            raise
        _signal.sigtimedwait([_signal.SIGXFSZ], 0)
        fd = _filled_pipe(data)
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)
    return fd if fd > 2 else raise_high(fd)


def _filled_pipe(data: bytes) -> int:
    """The reading end of a pipe that holds data.  Raises OSError if no pipe holds so much
    (1 MB, as a rule)."""
    read_end, write_end = posix.pipe()
    try:
        if len(data) > fcntl(write_end, F_GETPIPE_SZ):
            fcntl(write_end, F_SETPIPE_SZ, len(data))
        posix.set_blocking(write_end, False)
        if posix.write(write_end, data) != len(data):
            raise BlockingIOError
    except OSError:
        close(read_end)
        raise OSError(EFBIG, posix.strerror(EFBIG)) from None
    finally:
        close(write_end)
    return read_end


def close_owned(actions: Sequence[Action], events: Events | None) -> None:
    """Close what was opened for a child, once the child has it."""
    for _, source, owned in actions:
        if owned:
            close(source)
            if events is not None:
                events.tell('close', fd=source)


class Descriptors:
    """What the shell keeps open for itself, so that no redirection hits it by accident."""

    __slots__ = ('when_closed', '_own', '_copies', '_signals')

    def __init__(self, signals: Signals) -> None:
        # told of each descriptor that `exec` has redirected, where coprocesses are
        self.when_closed: Callable[[int], None] | None = None
        self._signals = signals                 # have the ends of the wakeup pipe
        self._own: dict[int, list[int]] = {}    # number -> the cell its owner reads it from
        self._copies: dict[int, Saved] = {}     # copy -> the redirections it belongs to

    # -- the shell's own ------------------------------------------------------------

    def keep(self, fd: int, lowest: int = LOWEST_OWN) -> list[int]:
        """Keep a descriptor high; its number is cell[0] from now on, whatever it becomes."""
        high = raise_high(fd, lowest) if fd < lowest else fd
        cell = [high]
        self._own[high] = cell
        return cell

    def release(self, cell: list[int]) -> None:
        """Close a descriptor that was kept."""
        del self._own[cell[0]]
        close(cell[0])

    def is_own(self, fd: int) -> bool:
        """Whether a number is one of the shell's own: closed, as far as scripts can see."""
        return fd in self._own or fd in self._copies or fd in self._signals.ends

    def _make_way(self, fd: int) -> None:
        """Move one of the shell's own descriptors from a number that a script wants."""
        if fd in self._signals.ends:
            self._signals.move_end(fd)
            return
        cell = self._own.pop(fd, None)
        if cell is not None:
            cell[0] = self._moved(fd)
            self._own[cell[0]] = cell
        saved = self._copies.pop(fd, None)
        if saved is not None:
            for index, (target, copy) in enumerate(saved):
                if copy == fd:
                    moved = self._moved(fd)
                    saved[index] = target, moved
                    self._copies[moved] = saved

    def _moved(self, fd: int) -> int:
        """Move a descriptor to a higher number, not to one that is closed for a while."""
        new = int(fcntl(fd, F_DUPFD_CLOEXEC, fd + 1))
        close(fd)
        return new

    # -- redirections in the shell itself ---------------------------------------------

    def apply(self, action: Action, saved: Saved | None) -> None:
        """Carry out one action, noting in `saved` what its target was.

        Raises OSError; an owned source is closed either way.
        """
        target, source, owned = action
        events = self._signals.events
        try:
            if self._own or self._copies or self._signals.ends:
                self._make_way(target)
            if saved is not None and all(target != done for done, _ in saved):
                opened_there = owned and source == target
                copy = CLOSE if opened_there else self._copy(target)
                saved.append((target, copy))
                if copy != CLOSE:
                    self._copies[copy] = saved
            if source == target:
                posix.set_inheritable(target, True)
            elif source == CLOSE:
                close(target)
            else:
                posix.dup2(source, target)
            if events is not None:
                if source == CLOSE:
                    events.tell('close', fd=target)
                else:
                    events.tell('dup', source=source, target=target)
        finally:
            if owned and source != target:
                close(source)
                if events is not None:
                    events.tell('close', fd=source)

    def _copy(self, target: int) -> int:
        """A copy of target kept high, or CLOSE if it is not open."""
        try:
            return duplicate_high(target)
        except OSError as error:
            if error.errno != EBADF:
                raise
            return CLOSE

    def begin(self) -> Saved:
        """Start noting what redirections change; end it with undo or forget."""
        return []

    def undo(self, saved: Saved) -> None:
        """Put back what was there before the redirections noted in `saved`."""
        while saved:
            if self._own or self._copies or self._signals.ends:
                self._make_way(saved[-1][0])    # what is kept may be there, even its own copy
            target, copy = saved.pop()
            if self._signals.events is not None:
                if copy == CLOSE:
                    self._signals.events.tell('close', fd=target)
                else:
                    self._signals.events.tell('dup', source=copy, target=target)
            if copy == CLOSE:
                close(target)               # the commands inside may have closed it already
            else:
                del self._copies[copy]
                try:
                    posix.dup2(copy, target)
                except OSError:
                    # `ulimit -n` is lower now than the number: the descriptor of the
                    # redirection must not stay in its place.
                    close(target)
                close(copy)

    def forget(self, saved: Saved) -> None:
        """Make the redirections noted in `saved` permanent (`exec`)."""
        for _, copy in saved:
            if copy != CLOSE:
                del self._copies[copy]
                close(copy)
        if self.when_closed is not None:
            for target, _ in saved:
                self.when_closed(target)

    def in_child(self) -> None:
        """After fork: nothing is ever undone here, so no copy may keep a pipe open."""
        for copy in self._copies:
            close(copy)
        self._copies.clear()
