r"""Job control (XCU 2.11): process groups, the terminal, foreground and background.

Under `set -m` every job is a process group of its own.  A job that gets the terminal, or has
several members, is forked, never spawned, and its members wait at a gate, all signals
blocked, until every one of them is in the group and the terminal is the group's.  So:

- A member that reads the terminal in its first instant is in the foreground already.
- Ctrl-C (Ctrl-Z) after the hand-over finds all members: a signal for a process group misses
  who has not joined it yet.  It stays pending until they have passed the gate.
- Ctrl-C before the hand-over is the shell's.  The shell has noted it when tcsetpgrp returns,
  and sends it on to the group before it opens the gate.  So are Ctrl-Z and Ctrl-\, which
  the shell ignores: it blocks them meanwhile, for a blocked signal is kept even if ignored;
  at a prompt from Enter on, until any process is started.
- A background member that stops the group by reading the terminal stops all the others.
- Should the shell die meanwhile, the gate opens by itself: it is the end of a pipe.

When the last member has ended, the terminal still is the dead group's, and a Ctrl-C is nobody's
until the shell takes the terminal back.  That is the first thing it does; a job that is
one forked shell gives the terminal back itself before it ends.
"""
from __future__ import annotations

import posix
from errno import ESRCH

from minishell.errors import AssignmentError
from minishell.state.jobs import Job
from minishell.state.traps import is_ending
from minishell.status import signal_of
from minishell.system import processes
from minishell.system.blocking import print_error
from minishell.system.descriptors import Pipe
from minishell.system.signals import (
    SIGCHLD,
    SIGCONT,
    SIGHUP,
    SIGINT,
    SIGPIPE,
    SIGQUIT,
    SIGTERM,
    SIGTSTP,
    SIGTTIN,
    SIGTTOU,
    STOPS,
    block,
    pending_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell
    from minishell.system.events import Events
    from minishell.system.signals import Signals
    from minishell.system.terminal import Terminal

UNTOLD = (SIGINT, SIGPIPE)
KEYS = (SIGQUIT, SIGTSTP)       # what a prompt ignores and a terminal sends
ATTEMPTS = 16       # to be in the foreground: SIGTTIN stops nobody in an orphaned group


class Launch:
    """One job being started: its process group, and whether it gets the terminal."""

    __slots__ = ('group', 'terminal', 'shared', '_control', '_gate', '_mask')

    def __init__(self, terminal: Terminal | None, control: JobControl) -> None:
        self.group = 0                  # none yet: the first process leads it
        self.terminal = terminal        # of a foreground job
        self.shared = False             # the job has several members
        self._control = control
        self._gate: Pipe | None = None
        self._mask: Callable[[], None] | None = None    # restores the mask of signals

    def must_fork(self) -> bool:
        """Whether its processes cannot be spawned: they have to wait at the gate."""
        return self.shared or self.terminal is not None

    def before_fork(self) -> None:
        """In the shell: see that there is a gate, if this job needs one.  Raises OSError."""
        if self._gate is None and self.must_fork():
            self._gate = Pipe(self._control.signals.events, 'gate')
            if self.terminal is not None:
                self._mask = self._control.take_keys()

    def in_child(self) -> None:
        """In the child, all signals being blocked: join the group, wait at the gate."""
        processes.join_group(0, self.group or posix.getpid(), self._control.signals.events)
        if self._gate is not None:
            self._gate.close_writing()
            posix.read(self._gate.reading, 1)   # its end: the shell has closed the other end
            self._gate.close_reading()

    def unblock(self) -> None:
        """In the shell and in the child: have the mask of signals as it was."""
        if self._mask is not None:
            self._mask()
            self._mask = None

    def started(self, pid: int) -> None:
        """In the shell: put the child into the group, should it not have come to that yet."""
        self.group = self.group or pid
        try:
            processes.join_group(pid, self.group, self._control.signals.events)
        except OSError:
            pass                        # spawned: it has executed its program, or has died

    def release(self, signals: Signals) -> None:
        """All members are there: hand the terminal over and open the gate."""
        if self.terminal is not None:
            self.terminal.give(self.group)
            for number in self._control.take_typed():
                processes.signal_group(self.group, number, signals.events)
        self.abandon()

    def abandon(self) -> None:
        """Open the gate; also where the job has not been started whole, and its members have
        been ended."""
        if self._gate is not None:
            self._gate.close()
            self._gate = None
        self.unblock()

    def before_exit(self) -> None:
        """In a forked shell that is the whole job, all signals being blocked: give the
        terminal back, so that there is no moment in which it belongs to nobody.

        The job has it: the shell takes it back only when we have ended or stopped, and now
        nothing stops us.  In the background we do not have it.
        """
        terminal = self.terminal
        if terminal is not None and not self.shared \
                and terminal.foreground() == posix.getpgrp():
            terminal.give(self._control.group)


class JobControl:
    """What the shell knows of its terminal while the option monitor is on."""

    __slots__ = ('terminal', 'group', 'typed', 'signals', '_original', '_unblock')

    def __init__(self, signals: Signals) -> None:
        self.signals = signals
        self.terminal: Terminal | None = None
        self.group = posix.getpgrp()    # the shell's own
        self.typed: list[int] = []      # of KEYS, behind Enter: for the first job of the line
        self._original = 0              # the terminal's group before an interactive shell
        self._unblock: Callable[[], None] | None = None     # KEYS, which have been blocked

    def enable(self, shell: Shell) -> None:
        """`set -m`: find the terminal and see that stop signals do not stop the shell."""
        shell.signals.handle_children()
        from minishell.system.terminal import Terminal, open_terminal
        fd = open_terminal() if self.terminal is None else None
        if fd is not None:
            try:
                cell = shell.descriptors.keep(fd)
            except OSError:
                return                  # no descriptor is to be had: as without a terminal
            self.terminal = Terminal(cell, shell.signals)
            if shell.interactive:
                self._come_to_foreground(self.terminal)
            elif self.terminal.foreground() != posix.getpgrp():
                self.terminal = None    # a script in the background leaves it alone
        for number in STOPS:
            if self.terminal is not None and number not in shell.traps.actions:
                shell.signals.ignore_here(number)

    def disable(self, shell: Shell) -> None:
        """`set +m`."""
        for number in STOPS:
            shell.signals.leave_alone(number)

    def _come_to_foreground(self, terminal: Terminal) -> None:
        """Wait until the shell is in the foreground; then lead a group of its own."""
        for _ in range(ATTEMPTS):
            owner = terminal.foreground()
            if owner in (0, posix.getpgrp()):
                break
            processes.signal_group(0, SIGTTIN)  # stops us until someone says fg, if anyone can
        self._original = owner
        try:
            processes.join_group(0, 0, self.signals.events)
        except PermissionError:
            pass                        # a session leader leads its group already
        self.group = posix.getpgrp()
        terminal.give(self.group)

    def leave(self) -> None:
        """At the end: the terminal goes back to the group we had it from."""
        if self.terminal is not None and self._original not in (0, self.group):
            self.terminal.give(self._original)

    def launch(self, foreground: bool) -> Launch:
        """Start a job in a process group of its own."""
        return Launch(self.terminal if foreground else None, self)

    # -- Ctrl-Z and Ctrl-\ between Enter and the job ----------------------------------

    def hold_keys(self, signals: Signals) -> None:
        """Behind Enter: have them kept, where the shell ignores them."""
        if self._unblock is None:
            self._unblock = block(filter(signals.is_ignored, KEYS))

    def take_keys(self) -> Callable[[], None]:
        """Keep them until what is returned is called: a foreground job is being started."""
        unblock, self._unblock = self._unblock, None
        return unblock or block(KEYS)

    def take_typed(self) -> list[int]:
        """The signals of keys typed before the job got the terminal: meant for the job."""
        typed = [*pending_of(KEYS), *self.typed]
        self.typed.clear()
        return [SIGINT, *typed] if SIGINT in self.signals.pending else typed

    def note_keys(self) -> None:
        """Another process is about to be started, which must not have them blocked; or they get
        a trap.  What was kept is still for the first foreground job."""
        if self._unblock is not None:
            self.typed[:] = pending_of(KEYS)
            self._unblock()
            self._unblock = None

    def drop_keys(self) -> None:
        """Another line is about to be read: nothing is kept."""
        self.note_keys()
        self.typed.clear()

    # -- the foreground ---------------------------------------------------------------

    def wait(self, shell: Shell, job: Job, resumed: bool = False) -> None:
        """Wait until a foreground job ends or stops, then take the terminal back.

        SIGCHLD has the handler: a change between the look and the sleep leaves a byte in
        the wakeup pipe, and the sleep ends at once.
        """
        signals, table = shell.signals, shell.jobs
        table.waited = job
        if signals.events is not None:
            signals.events.tell('wait', children=job.alive())
        while True:
            table.poll()
            if resumed and job.stopped() and set(job.stops()) <= {SIGTTIN, SIGTTOU}:
                resumed = False         # it used the terminal just before it had it
                self._continue(job)
            if job.ended() or job.stopped():
                break
            if signals.pending and is_ending(shell):
                # The shell is to end, perhaps for its terminal has gone: nobody waits for the
                # job any more, and it gets SIGHUP like the others of the table.
                if not job.number:
                    table.add(job)
                shell.run_pending_traps()
            if shell.options.notify and shell.interactive and table.changed:
                notify(shell)
            signals.sleep()
        table.waited = None
        if self.terminal is not None:
            self._take_back(self.terminal, job)
        follow_window(shell)
        if not shell.traps.actions.get(SIGCHLD):
            signals.forget(SIGCHLD)
        if job.stopped():
            self._stopped(shell, job)
        elif job.number:
            table.remove(job)

    def _take_back(self, terminal: Terminal, job: Job) -> None:
        """Take the terminal back from a foreground job, and see to its modes.

        What a job that ends well has done with stty was meant, and the shell's modes from
        now on; unless it has been in the background: that one has seen the terminal while a
        line was being edited, and may have taken the editor's raw modes for the ones to
        restore (less does, started with `&`).  Modes of its own a job has only when it stops
        in the foreground.
        """
        terminal.give(self.group)
        if job.stopped():
            job.modes = terminal.get_modes()
        elif not job.number and all(
                signal_of(status or 0) in (0, SIGPIPE) for status in job.statuses):
            terminal.modes = terminal.get_modes()
            return
        terminal.set_modes(terminal.modes)

    def _stopped(self, shell: Shell, job: Job) -> None:
        from minishell.state.joblines import place, state
        if job.number:
            shell.jobs.touch(job)
        else:
            job.folder = place(shell)
            shell.jobs.add(job)
        job.told = state(job)
        if shell.interactive:           # a script with set -m says nothing, as in bash
            tell_stop(shell, job, '\n')

    def hang_up(self, shell: Shell) -> None:
        """SIGHUP to every job that wants it; a stopped one must run to receive it."""
        for job in shell.jobs.jobs:
            if job.hup and not job.ended():
                try:
                    send(job, SIGHUP, self.signals.events)
                    send(job, SIGCONT, self.signals.events)
                except OSError:
                    pass                    # it has just ended

    def resume(self, job: Job, foreground: bool, will_stop: bool = False) -> None:
        """Continue a job; in the foreground it gets the terminal and its own modes first.

        A key typed before that is sent to it behind SIGCONT, which would undo a stop: so it
        would that of a Ctrl-Z typed between the two calls.  A job that runs gets no SIGCONT, as
        in bash, unless it `will_stop` by a signal sent before; else nothing is done in between.
        """
        terminal = self.terminal if foreground else None
        if terminal is None:
            self._continue(job)
            return
        unblock = self.take_keys()
        try:
            if job.modes is not None:
                terminal.set_modes(job.modes)
            goes_on = will_stop or job.stops()
            terminal.give(job.group, (lambda: self._continue(job)) if goes_on else None)
            for number in self.take_typed():
                send(job, number, self.signals.events)
        except ProcessLookupError:
            pass                        # it has ended just now
        finally:
            unblock()

    def _continue(self, job: Job) -> None:
        job.resume()
        try:
            send(job, SIGCONT, self.signals.events)
        except ProcessLookupError:
            pass                        # it has ended just now


def follow_window(shell: Shell) -> None:
    """COLUMNS and LINES of a prompt are its terminal's, looked at when a line is to be typed
    and when a foreground job has ended (bash's checkwinsize)."""
    terminal = shell.control.terminal
    if not shell.interactive:
        return
    from minishell.system.terminal import window_size
    columns, lines = window_size(0 if terminal is None else terminal.fd)
    variables = shell.variables
    for name, size in (('COLUMNS', columns), ('LINES', lines)):
        if size and variables.values.get(name) != str(size):
            try:
                variables.assign(name, str(size))
            except AssignmentError:
                pass                    # readonly: so be it


def send(job: Job, number: int, events: Events | None) -> None:
    """Send a signal to a whole job.  Raises OSError; ProcessLookupError if it has ended: its
    IDs may be somebody else's by now."""
    if job.ended():
        raise ProcessLookupError(ESRCH, 'No such process')
    if job.group:
        processes.signal_group(job.group, number, events)
    else:
        for pid in job.alive():
            processes.signal_any(pid, number, events)


def tell_end(shell: Shell, job: Job, foreground: bool) -> None:
    """Say what ended a job, where bash says it.

      of a foreground job, a script     the signal, with the command, as an error
      the same, for SIGTERM             the signal
      of a background job, a script     the same error, but for SIGTERM; with set -m then
                                        the line that `jobs` would show
      of a foreground job, a prompt     the signal
      of a background job, a prompt     the line that `jobs` would show

    Nothing is said of SIGINT and SIGPIPE in the foreground and in a script, in a substitution
    and at a prompt without job control.  A signal with a trap is no error.
    """
    from minishell.state.joblines import core, notice, processes, state, words
    monitor = shell.options.monitor
    job.told = state(job)
    if shell.substitution or shell.interactive and not monitor:
        return
    status = _deciding(shell, job)
    number = signal_of(status)
    if not shell.interactive and number not in (0, *UNTOLD, SIGTERM) \
            and number not in shell.traps.actions:
        shell.warn(processes(shell, job))
    elif foreground:
        if number not in (0, *UNTOLD):
            print_error(f'{words(status)} {core(status)}'.rstrip())
    elif monitor and (shell.interactive or number and not shell.options.posix):
        print_error(notice(shell, job))


def tell_stop(shell: Shell, job: Job, before: str = '') -> None:
    """Say at a prompt that a job has stopped, and what else is said there of it."""
    from minishell.state.joblines import notice
    print_error(before + notice(shell, job))
    if 'stopped' in shell.parts:
        shell.parts['stopped'](job)


def _deciding(shell: Shell, job: Job) -> int:
    """The wait status that a job's exit status is of."""
    statuses = [status or 0 for status in job.statuses]
    if shell.options.pipefail:
        return next((failed for failed in reversed(statuses) if failed), 0)
    return statuses[-1]


def notify(shell: Shell) -> None:
    """Tell the user of background jobs that have ended or stopped since the last time."""
    from minishell.state.joblines import state
    table = shell.jobs
    changed = sorted(table.changed, key=lambda job: job.number)
    table.changed.clear()
    for job in changed:
        if job.told == state(job):
            continue
        if job.ended():
            tell_end(shell, job, False)
            job.over()
        elif job.stopped() and shell.options.monitor and shell.interactive:
            tell_stop(shell, job)
        job.told = state(job)
    if shell.interactive:
        table.drop_ended()              # as he has been told
