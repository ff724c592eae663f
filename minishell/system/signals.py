"""Signals: their names, the one handler, and what children inherit (XCU 2.12, 2.15 trap).

Who does what with a signal the script has no trap for:

  signal            script        interactive shell     child           `&` child (no -m)
  SIGINT            noted         noted: drops the line default         ignored
  SIGQUIT           default       ignored               entry state     ignored
  SIGTERM           default       ignored               entry state     entry state
  SIGPIPE           entry state   noted: but a write    entry state     entry state
                                  error is only told
  SIGCHLD           default; noted from the first job   default         default
  SIGHUP, SIGUSR1 … entry state   noted: ends the shell entry state     entry state
  SIGWINCH          entry state   noted: the editor     entry state     entry state
  a terminal's stops entry state  ignored, with -m      default, in a substitution ignored
  the others        entry state   entry state           entry state     entry state

With -m a script is in this like a prompt, but for what was ignored at entry: that stays so.

A script notes SIGINT rather than dying of it at once, and ends at the next checkpoint; unless
a terminal has sent it to a child, too, that the script waits for, and the child handles it and
goes on: then so does the script (but in POSIX mode, and not where it wants the child's output:
half a word is of no use).  Whether the child does, the handler asks the kernel when the signal
comes: a child that has only just ended, or would have died of it, has not dealt with it.

The handler notes the number and does nothing else; traps run, and signals end the shell, at
checkpoints between commands.  Python's C handler also writes the number to the wakeup pipe, so
that a shell that sleeps in `poll` on the pipe wakes up: there is no moment between looking and
sleeping in which a signal could be missed.  (Python restarts a bare waitpid or read, PEP 475.)
Real-time signals queue, and Python calls the handler once for several that came together: as
soon as one has a trap they are counted by their bytes.

What cannot be polled, an open of a FIFO, a write into a full pipe, is called with `act` set
(`Shell.at_once`), and only there a handler raises: Python runs it before it restarts the call,
and it acts on the signal itself; what a trap or the end of the shell raises ends the call.  A
signal before the call has been acted on by then, one within it interrupts it.  One that comes
in between, while Python takes the call's arguments apart, waits for the call's end.  A
foreground command is waited for with an `act` that sees only what ends the shell by way of its
EXIT trap (`or_end` of run/processes.py).

What does not sleep but computes for long is left by a timer (system/overdue.py).
"""
from __future__ import annotations

import _signal
import posix

from minishell.system.blocking import in_message
from minishell.system.overdue import Overdue, importing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

    from minishell.system.events import Events

SIGINT: int
SIGQUIT: int
SIGTERM: int
SIGCHLD: int
SIGINT, SIGQUIT, SIGTERM, SIGCHLD = (
    _signal.SIGINT, _signal.SIGQUIT, _signal.SIGTERM, _signal.SIGCHLD)
SIGPIPE, SIGXFSZ, SIGKILL, SIGSTOP, SIGCONT = (
    _signal.SIGPIPE, _signal.SIGXFSZ, _signal.SIGKILL, _signal.SIGSTOP, _signal.SIGCONT)
SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH = (
    _signal.SIGHUP, _signal.SIGTSTP, _signal.SIGTTIN, _signal.SIGTTOU, _signal.SIGWINCH)
STOPS = frozenset((SIGTSTP, SIGTTIN, SIGTTOU))      # a terminal's
DEFAULT, IGNORE = _signal.SIG_DFL, _signal.SIG_IGN

# What ends a script after its EXIT trap has run: bash's list without SIGINT, which is noted
# anyway, and without faults of the machine, which cannot be survived that long.
ENDING: tuple[int, ...] = (
    SIGHUP, SIGPIPE, SIGTERM, SIGXFSZ, _signal.SIGALRM, _signal.SIGUSR1, _signal.SIGUSR2,
    _signal.SIGXCPU, _signal.SIGVTALRM)
# What a prompt has to note: there is a terminal to be put in order first.
NOTED_AT_PROMPT = frozenset(ENDING) - {SIGTERM, SIGXFSZ}

NAMES: dict[int, str] = {       # number -> name without SIG
    getattr(_signal, name): name[3:]
    for name in dir(_signal)
    if name.startswith('SIG') and name[3] != '_'
    and name not in ('SIGCLD', 'SIGPOLL', 'SIGRTMIN', 'SIGRTMAX', 'SIGIOT')
}
# Python ignores these itself: how they were at entry, only the launcher can know.
PYTHONS = frozenset((SIGPIPE, SIGXFSZ))
MOST_QUEUED = 65536     # signals that wait for their traps: as many as the pipe may hold
NAP = 0.02          # seconds between two looks, where there is no descriptor to sleep on
RTMIN: int = _signal.SIGRTMIN
RTMAX: int = _signal.SIGRTMAX


def name_of(number: int) -> str:
    """The name of a signal without SIG, RTMIN+n or RTMAX-n for a real-time one."""
    name = NAMES.get(number)
    if name is None:
        if number < RTMIN or number > RTMAX:
            return str(number)
        middle = (RTMIN + RTMAX) // 2
        base, offset = ('RTMIN', number - RTMIN) if number <= middle \
            else ('RTMAX', number - RTMAX)
        name = base + (f'{offset:+d}' if offset else '')
    return name


def number_of(name: str) -> int | None:
    """The number of a signal from its name, with or without SIG, in either case."""
    if not name.isascii():              # or `ıNT` would be INT
        return None
    name = name.upper().removeprefix('SIG')
    for number, known in NAMES.items():
        if known == name:
            return number
    aliases: dict[str, int] = {'CLD': SIGCHLD, 'POLL': _signal.SIGIO, 'IOT': _signal.SIGABRT,
               'RTMIN': RTMIN, 'RTMAX': RTMAX}
    if name in aliases:
        return aliases[name]
    for number in range(RTMIN, RTMAX + 1) if name.startswith('RTM') else ():
        if name in (f'RTMIN+{number - RTMIN}', f'RTMAX-{RTMAX - number}'):
            return number
    return None


def signals_before_shell() -> None:
    """Let SIGINT end this process, for there is no shell yet, unless it is ignored; and have
    SIGCHLD come, whoever had it blocked."""
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [SIGCHLD])
    if _signal.getsignal(SIGINT) is _signal.default_int_handler:
        _signal.signal(SIGINT, DEFAULT)


class Signals:
    """The dispositions of this process and the signals noted so far."""

    __slots__ = ('pending', 'ignored_at_entry', 'locked', 'own_ignored', 'act', 'fatal',
                 'watched', 'survived', 'ends', '_handled', 'ending', '_own', '_on_terminal',
                 'end', 'events', '_overdue', '_looking', 'guarded', '_queues',
                 '_counting', '_again')

    def __init__(self) -> None:
        self.pending: list[int] = []            # arrived, not yet acted on, in order
        self.ignored_at_entry: frozenset[int] = frozenset()
        self.locked: frozenset[int] = frozenset()   # those, in a script: not to be trapped
        self.own_ignored: set[int] = set()      # by a prompt for itself: children do not
        self.act: Callable[[], object] | None = None  # at once: in a call that may sleep
        # Whether what is pending ends the command or the shell: then, if it may, it raises.
        self.end: Callable[[bool], bool] | None = None
        self.events: Events | None = None       # who watches: system/events.py
        self.fatal = 0                          # the signal that is ending this shell
        self.watched: int | None = None         # the child that SIGINT reaches, too
        self.survived = False                   # it has dealt with every SIGINT noted
        self._handled: set[int] = set()
        self.ending: set[int] = set()   # noted, to end the shell by way of its EXIT trap
        # Without a trap the shell itself wants these handled (true) or ignored.
        self._own: dict[int, bool] = {}
        self.ends: tuple[int, ...] = ()         # of the wakeup pipe, once there is one
        self._queues = False            # one that queues has a trap: see `drain`
        self._counting = self._again = False    # see `_count`
        self._on_terminal: bool | None = None   # not looked yet
        self._overdue: Overdue | None = None
        self._looking = False                   # a handler does, see _may_act
        self.guarded = False                   # see system/guarding.py

    def enter(self, ignored: int = 0) -> None:
        """At start: note what was ignored, undo what Python has set up for itself.

        ignored: a mask; bit n - 1 says that signal n was ignored before Python began.
        """
        self.ignored_at_entry = self.locked = frozenset(
            number for number in (*NAMES, *range(RTMIN, RTMAX + 1))
            if (ignored >> number - 1 & 1 if number in PYTHONS
                else number != SIGCHLD and _signal.getsignal(number) == IGNORE))
        for number in PYTHONS.difference(self.locked):
            _signal.signal(number, DEFAULT)
        _signal.signal(SIGCHLD, DEFAULT)    # ignored, the kernel would keep no statuses
        if SIGINT not in self.ignored_at_entry:
            _signal.signal(SIGINT, self._note)
            self._own[SIGINT] = True

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number == SIGINT:
            self.survived = self.watched is not None and survives(self.watched, SIGINT) \
                and (self.survived or SIGINT not in self.pending)
        if self.events is not None:
            self.events.note(number)
        if self._queues:
            self._count()
        if number not in self.pending and not (self._queues and self._counts(number)):
            self.pending.append(number)     # they merge, as in the kernel: `pending` must not
                                            # grow faster than slow traps empty it
        if self.act is not None:
            # That of a write comes before its error, which counts if anything goes on.
            if (number != SIGPIPE or number in self.ending) and self._may_act(frame):
                self.act()
        elif self.end is not None and (number == SIGINT or number in ENDING):
            if in_message(frame):       # which perhaps nobody reads
                self.end(True)
            if self._overdue is None:
                self._overdue = Overdue(self.end)
            self._overdue.start()

    def look(self) -> None:
        """Run the handlers of signals that came together with one whose handler has raised:
        Python (3.11) would do so only when another one comes."""
        _signal.pthread_sigmask(_signal.SIG_BLOCK, ())

    def _may_act(self, frame: FrameType | None) -> bool:
        """Whether no module is being loaded.  A handler within another one here leaves its
        signal to that one, which has yet to act: to look takes longer the more handlers are
        inside each other, and in a rain of signals only the stack would put an end to that."""
        if self._looking:
            return False
        self._looking = True
        try:
            return not importing(frame)
        finally:
            self._looking = False

    def _stop_timer(self) -> None:
        if self._overdue is not None:
            self._overdue.stop()

    def handle(self, number: int) -> None:
        """Have a signal noted from now on, for a trap."""
        self._stop_timer()
        if number >= RTMIN:
            self._open_wakeup()
            self._queues = bool(self.ends)
        self._handled.add(number)
        _signal.signal(number, self._note)
        self.own_ignored.discard(number)

    def handle_here(self, number: int) -> None:
        """Have a signal noted for the shell itself, whatever traps come and go."""
        self._own[number] = True
        self.handle(number)

    def handle_children(self) -> None:
        """Have SIGCHLD noted, from the first background job on."""
        if SIGCHLD not in self._own:        # a trap may handle it, and may be taken back
            self.handle_here(SIGCHLD)

    def end_by(self, numbers: list[int]) -> None:
        """Have these signals (and no others) end the shell by way of its EXIT trap."""
        for number in self.ending.difference(numbers, self._handled):
            if _signal.getsignal(number) == self._note:
                _signal.signal(number, DEFAULT)
        for number in numbers:
            _signal.signal(number, self._note)
        self.ending = set(numbers)

    def ignore(self, number: int) -> None:
        """Ignore a signal from now on, in children too."""
        self._stop_timer()
        _signal.signal(number, IGNORE)
        self.own_ignored.discard(number)
        self._handled.discard(number)

    def ignore_here(self, number: int) -> None:
        """Ignore a signal in this process, but in its children only if it was so at entry."""
        self._own[number] = False
        if number not in self.own_ignored:
            self.ignore(number)
            if number not in self.ignored_at_entry:
                self.own_ignored.add(number)

    def survive(self) -> None:
        """In an interactive shell, wherever its commands come from."""
        for number in (SIGQUIT, SIGTERM):
            self.ignore_here(number)

    def begin_job_control(self) -> None:
        """In an interactive shell: who has started it had its reasons to ignore a terminal's
        stop signals, but they are for jobs (as in bash; tmux leaves them ignored)."""
        for number in STOPS & self.ignored_at_entry:
            _signal.signal(number, DEFAULT)
        self.ignored_at_entry -= STOPS
        self.locked -= STOPS

    def leave_alone(self, number: int) -> None:
        """The shell itself has no wish for a signal any more."""
        self._own.pop(number, None)
        if number in self.own_ignored:
            self.own_ignored.discard(number)
            self.default(number)

    def default(self, number: int) -> None:
        """Give a signal the disposition it has without a trap."""
        own = self._own.get(number)
        if own:
            self.handle(number)
        elif own is False:
            self.ignore(number)
            self.own_ignored.add(number)
        else:
            _signal.signal(number, DEFAULT)
            self._handled.discard(number)

    def cooperates(self) -> bool:
        """Whether there is a terminal whose Ctrl-C might reach us; it is looked for once."""
        if self._on_terminal is None:
            try:
                posix.close(posix.open('/dev/tty', posix.O_RDONLY | posix.O_NOCTTY))
                self._on_terminal = True
            except OSError:
                self._on_terminal = False
        return self._on_terminal

    def handles_any(self) -> bool:
        """Whether any signal has a handler: then a blocking call must be a poll."""
        return bool(self._handled) or self.guarded

    def is_ignored(self, number: int) -> bool:
        """Whether a signal is ignored in this process."""
        return bool(_signal.getsignal(number) == IGNORE)

    def forget(self, number: int) -> None:
        """Drop a noted signal that has been acted on."""
        while number in self.pending:
            self.pending.remove(number)

    def wait_readable(self, fd: int, seconds: float | None = None) -> bool:
        """Sleep until fd can be read (true) or a signal was noted (false).

        Raises TimeoutError when so many seconds have passed.
        """
        self._open_wakeup()
        while not self.pending:
            if fd in self._poll([fd], seconds) and not self.pending:
                return True
        return False

    def sleep(self, seconds: float | None = None) -> None:
        """Sleep until a signal arrives, or has arrived since the last sleep ended; raises
        TimeoutError behind so many seconds.

        The first time there is no sleep, only a pipe from now on: a signal that came after
        the caller looked, but before the pipe was there, would have left no byte in it.
        """
        if not self.ends:
            self._open_wakeup()
            if self.ends:
                return
        self._poll([], seconds)

    def _open_wakeup(self) -> None:
        """Make the wakeup pipe, when first needed; without descriptors there is none."""
        if not self.ends:
            from minishell.system.wakeup import make_ends
            self.ends = make_ends()

    def move_end(self, fd: int) -> None:
        """Move an end of the wakeup pipe from a number that a script wants: the numbers of
        signals would be written to the script's file.  Raises OSError."""
        from minishell.system.wakeup import moved
        self.ends = moved(fd, self.ends)

    def wakeup(self) -> int:
        """The descriptor that an event loop not ours is to watch: it can be read when a signal
        has come.  -1 if there is none to be had."""
        self._open_wakeup()
        return self.ends[0] if self.ends else -1

    def drain(self) -> bytes:
        """Empty the wakeup pipe; returns the numbers of the signals that have come.  Those of
        signals that queue are counted here, as often as they stand in it."""
        numbers = b''
        act = self.act
        if self._queues:                # what a handler raises would lose what has been read
            self.act = None
        try:
            while self.ends and (block := posix.read(self.ends[0], 512)):
                numbers += block
                if self._queues and len(self.pending) < MOST_QUEUED:
                    self.pending.extend(filter(self._counts, block))
        except OSError:                 # it is empty
            pass
        finally:
            self.act = act
        return numbers

    def _counts(self, number: int) -> bool:
        return number >= RTMIN and number in self._handled

    def _count(self) -> None:
        """Count what queues.  A handler within another one here leaves that to the other, which
        looks again: in a rain of signals they would be inside each other without end."""
        from minishell.system.wakeup import put_back
        self._again = True
        while self._again and not self._counting:
            self._counting = True
            self._again = False
            put_back(self.ends, self.drain(), RTMIN)
            self._counting = False

    def press(self, number: int) -> None:
        """Do as a terminal whose key for this signal has been typed, where its modes have let
        the key through: the shell is alone in the foreground.  It is not to stop."""
        if _signal.getsignal(number) != DEFAULT:
            posix.kill(posix.getpid(), number)

    def _poll(self, fds: list[int], seconds: float | None = None) -> list[int]:
        """What of fds can be read, once anything can or a signal has come.

        Raises TimeoutError.
        """
        from select import POLLIN, poll
        asked = poll()                  # select() takes no descriptor above 1023
        for fd in fds:
            asked.register(fd, POLLIN)
        if not self.ends:               # look again soon
            ready = [fd for fd, _ in asked.poll((NAP if seconds is None else seconds) * 1000)]
            if not ready and seconds is not None:
                raise TimeoutError
            return ready
        wakeup = self.ends[0]
        asked.register(wakeup, POLLIN)
        ready = [fd for fd, _ in asked.poll(None if seconds is None else seconds * 1000)]
        if not ready:
            raise TimeoutError
        if wakeup in ready:
            self.drain()
        return ready

    def for_children(self, own_group: bool) -> set[int]:
        """The signals that the shell ignores for itself and children do not.

        A child in the shell's own group (a substitution) must not be stopped by the terminal
        under job control: nobody could continue it.
        """
        return self.own_ignored if own_group else self.own_ignored - STOPS

    def in_child(self, own_group: bool = False) -> None:
        """After fork: no signal is handled any more, each gets its entry disposition (see
        for_children); only SIGINT is still noted, for a subshell is a script.

        `before_fork` has blocked all signals: what `pending` holds came to the parent, and
        what comes to us waits until the dispositions are ours.
        """
        self._stop_timer()
        noted = self._own.get(SIGINT) is True or SIGINT in self.own_ignored
        for number in self._handled | self.ending | self.for_children(own_group):
            if number != SIGINT or number in self.own_ignored:
                _signal.signal(number, DEFAULT)
        if noted and _signal.getsignal(SIGINT) != IGNORE:
            _signal.signal(SIGINT, self._note)
        if self.guarded:
            _signal.signal(SIGTSTP, DEFAULT)
            self.guarded = False
        self._handled.clear()
        self.ending.clear()
        self.own_ignored.clear()
        self._own = {SIGINT: True} if noted else {}
        self.act = None
        self.pending.clear()
        self._queues = False
        if self.ends:
            from minishell.system.wakeup import close_ends
            close_ends(self.ends)
            self.ends = ()

    def before_exec(self) -> None:
        """Let nothing get lost: a signal that was noted is nobody's after exec, so we die of it
        now; later ones must find the default disposition."""
        self._stop_timer()
        for number in self.own_ignored:
            _signal.signal(number, DEFAULT)
        for number in self.ending:
            _signal.signal(number, DEFAULT)
            if number in self.pending:
                self.die(number)
        if self.stop_noting():
            self.die(SIGINT)

    def stop_noting(self) -> bool:
        """Let SIGINT kill this process from now on, if it was only noted; whether one was."""
        if SIGINT in self._handled or _signal.getsignal(SIGINT) != self._note:
            return False
        _signal.signal(SIGINT, DEFAULT)     # Python runs the handler of what came before
        return SIGINT in self.pending

    def exec_failed(self) -> None:
        """Take back what before_exec has done."""
        for number in self.own_ignored:
            _signal.signal(number, IGNORE)
        for number in self.ending:
            _signal.signal(number, self._note)
        if self._own.get(SIGINT) and _signal.getsignal(SIGINT) == DEFAULT:
            _signal.signal(SIGINT, self._note)

    def die(self, number: int) -> None:
        """End this process by a signal, so that its parent sees what happened."""
        _signal.signal(number, DEFAULT)
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [number])
        posix.kill(posix.getpid(), number)


def survives(pid: int, number: int) -> bool:
    """Whether a process handles, ignores or blocks a signal; also of one that has just
    ended: did it then.  True if the kernel does not say."""
    try:
        fd = posix.open(f'/proc/{pid}/status', posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:
        return True
    try:
        lines = posix.read(fd, 8192).splitlines()
    finally:
        posix.close(fd)
    return any(int(line[7:], 16) >> number - 1 & 1 for line in lines
               if line[:7] in (b'SigBlk:', b'SigIgn:', b'SigCgt:'))


def block(numbers: Iterable[int]) -> Callable[[], None]:
    """Block signals; returns what puts the mask back."""
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, numbers)
    return lambda: (_signal.pthread_sigmask(_signal.SIG_SETMASK, before), None)[1]


def pending_of(numbers: Iterable[int]) -> list[int]:
    """Those of some blocked signals that have arrived."""
    arrived = _signal.sigpending()
    return [number for number in numbers if number in arrived]


def before_fork() -> Callable[[], None]:
    """Block all signals; returns what unblocks them, for the parent and the child.

    A signal sent to the child before it has put its dispositions in order would be taken by
    the parent's handlers, or ignored as a prompt ignores it: `(...) & kill $!` would fail.
    """
    return block(_signal.valid_signals())


def describe(number: int) -> str:
    """A signal in words, such as Terminated."""
    return _signal.strsignal(number) or f'Signal {number}'
