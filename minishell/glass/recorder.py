"""The recorder: a process apart that is told by the kernel what a shell and its children do.

It seizes the shell and follows all that comes from it.  The shell stops at every system call,
for a filter could never be taken off again; its children, which have one, only at those that
are looked at.  At the end it lets the shell go, hands over the facts, and stays as keeper: what
has a filter would find those calls missing (ENOSYS) without a tracer.  Should the recorder be
killed, its children end with it (PTRACE_O_EXITKILL); the shell does not.

Nothing that goes wrong here may hurt those that are traced: every stop is answered, whatever
became of its fact.
"""
from __future__ import annotations

import posix
from errno import ENOENT, ENOSYS
from marshal import dumps
from time import monotonic

from minishell.glass.calls import Calls, Tracee, has_signal
from minishell.glass.places import kind_of
from minishell.system import facts, ptrace
from minishell.system.apart import hear
from minishell.system.blocking import write_all
from minishell.system.callnumbers import numbers
from minishell.system.descriptors import close
from minishell.system.signals import STOPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.calls import Fact

SIGTRAP, SIGCHLD, SIGSTOP = 5, 17, 19
STOPPING = STOPS | {SIGSTOP}
SET_USER = 0o4000        # S_ISUID
NARROW = b'\x7fELF\x01'
CLOEXEC = 0o2000000      # O_CLOEXEC, as /proc shows it
MOST_FACTS = 100_000    # some 100 MB, until they are a story
LIVES = frozenset(('fork', 'exec', 'exit', 'dead', 'reap'))     # told twice as long
READY = b'ready\n'      # the shell is seized; anything else says why it cannot be


class Recorder:
    """What is known of those that are traced, and what has been told."""

    def __init__(self, shell: int, bell: int, results: int) -> None:
        self._shell = shell
        self._bell = bell
        self._results = results
        self._tracer = ptrace.Tracer()
        self._calls = Calls(self._tracer, shell, self.note)
        self._tracees: dict[int, Tracee] = {}
        self._leaving: set[int] = set()     # threads of the shell that are to be let go
        self.facts: list[Fact] = []
        self.troubles: list[str] = []
        self.stops = 0
        self.held = 0.0                 # seconds that the stops have taken, all together
        self._recording = True
        self._full = False
        self._filters = _filters(shell)
        self._narrow: dict[tuple[int, int, int], bool] = {}     # programs that have been seen

    def everything(self, wanted: bool) -> None:
        """Have what programs open unasked noted, too."""
        self._calls.everything = wanted

    def run(self) -> bool:
        """The recorder's whole life; false where it may not trace."""
        try:
            hear(self._bell)            # the shell has allowed it
            if not numbers():
                raise OSError(ENOSYS, f'no system calls are known of {posix.uname().machine}')
            self._tracer.seize(self._shell, ptrace.OPTIONS)
        except OSError as error:
            write_all(self._results, f'{error.strerror}\n'.encode())
            return False
        self._tracees[self._shell] = Tracee(self._shell, self._shell)
        write_all(self._results, READY)
        while True:
            try:
                pid, status = ptrace.next_stop()
            except ChildProcessError:
                break
            begun = monotonic()
            self._answer(pid, status)
            self.held += monotonic() - begun
        self._hand_over()               # the shell has ended, and told nobody
        return True

    def note(self, kind: str, pid: int, **values: object) -> None:
        """Note a fact, at this time unless it says another."""
        if not self._recording:
            return
        if len(self.facts) >= MOST_FACTS:
            if not self._full:
                self.trouble('most of what comes behind a certain point is not recorded: it is '
                             'too much')
            self._full = True
            if kind not in LIVES or len(self.facts) >= 2 * MOST_FACTS:
                return
        self.facts.append({'k': kind, 'pid': pid, 't': monotonic(), **values})

    def trouble(self, text: str) -> None:
        """Something could not be recorded."""
        if len(self.troubles) < 10:
            self.troubles.append(text)

    # -- stops ----------------------------------------------------------------------------

    def _answer(self, pid: int, status: int) -> None:
        """Note what a wait status says, and have the process go on."""
        if status & 0xFF != 0x7F:
            tracee = self._tracees.pop(pid, None)
            self._leaving.discard(pid)
            if tracee is not None and tracee.process == pid and self._recording:
                if tracee.left:
                    self.note('exit', pid, status=status)
                self.note('dead', pid, status=status)
            return
        self.stops += 1
        number, event = status >> 8 & 0xFF, status >> 16
        request, signal = ptrace.CONT, 0
        if not event and number not in (SIGTRAP, ptrace.SYSCALL_STOP):
            signal = number
        try:
            tracee = self._tracees.get(pid) or self._begin(pid)
            if tracee.process == self._shell:
                request = ptrace.SYSCALL
            if pid in self._leaving:
                request = ptrace.DETACH
            elif self._recording or event == ptrace.STOP:
                request = self._note_stop(tracee, number, event, request)
        except Exception as error:      # gone meanwhile; or we have made a mistake
            if not isinstance(error, OSError):
                self.trouble(f'{type(error).__name__}: {error}')
        try:
            self._tracer.resume(request, pid, signal)
        except OSError:                 # it has been killed: its end is told
            pass
        if request == ptrace.DETACH:
            self._tracees.pop(pid, None)
            self._leaving.discard(pid)
            if pid == self._shell:
                self._hand_over()

    def _begin(self, pid: int) -> Tracee:
        """A process, or a thread, that has just been made: it is at its first stop."""
        tracee = Tracee(pid, int(facts.field_of(pid, 'Tgid') or pid))
        self._tracees[pid] = tracee
        if tracee.process != self._shell:
            self._tracer.set_options(pid, ptrace.OPTIONS | ptrace.EXITKILL)
        return tracee

    def _note_stop(self, tracee: Tracee, number: int, event: int, request: int) -> int:
        """Note what a stop is about; returns how the process goes on."""
        pid = tracee.pid
        if event == ptrace.SECCOMP or number == ptrace.SYSCALL_STOP:
            place, values = self._tracer.call(pid)
            if place == ptrace.LEAVING:
                self._calls.left(tracee, values[0])
            elif self._calls.entered(tracee, values[0], values[1:]):
                request = ptrace.SYSCALL
            if self._calls.ended:
                for other in self._tracees.values():
                    if other.process != self._shell:
                        self._calls.interrupted(other)
                self._calls.flush()
                self._recording = self._calls.ended = False
                self._let_go()
                request = ptrace.DETACH
        elif event in (ptrace.FORK, ptrace.VFORK, ptrace.CLONE):
            self._forked(tracee, self._tracer.message(pid))
        elif event == ptrace.EXEC:
            self._executed(tracee)
            if tracee.process == self._shell:   # there is nobody to tell any more
                request = ptrace.DETACH
        elif event == ptrace.EXIT:
            self._calls.cut(tracee)
            if pid == tracee.process:
                # Of a first thread that leaves others it is not known: they may go on, or one
                # of them is to execute a program.
                tracee.left = any(other.process == pid != other.pid
                                  for other in self._tracees.values())
                if not tracee.left:
                    self.note('exit', pid, status=self._tracer.message(pid))
        elif event == ptrace.STOP:
            request = self._group_stop(tracee, number, request)
        elif not event and number != SIGTRAP:
            signal, code, sender = self._tracer.signal(pid)
            of_child = signal == SIGCHLD and code > 0   # nobody is sent that who ignores it
            self.note('signal', tracee.process, number=signal, code=code, sender=sender,
                      ignored=not of_child and has_signal(pid, signal, 'SigIgn'))
        return request

    def _forked(self, tracee: Tracee, child: int) -> None:
        begun = self._tracees.get(child)
        if begun is None:
            process = int(facts.field_of(child, 'Tgid') or child)
        else:
            process = begun.process
        if process == child:            # no thread
            self.note('fork', tracee.process, child=child)

    def _executed(self, tracee: Tracee) -> None:
        """It has become another program; its other threads are gone."""
        former = self._tracer.message(tracee.pid)
        caller = tracee if former == tracee.pid else self._tracees.pop(former, tracee)
        path, tracee.path, tracee.left = caller.path, '', False
        words = facts.text_of(tracee.process, 'cmdline').split('\0')[:-1]
        self._calls.executed(tracee)
        self.note('exec', tracee.process, path=path, argv=words,
                  deaf=_filters(tracee.process) == self._filters,
                  **self._program(tracee.process))

    def _program(self, pid: int) -> dict[str, bool]:
        """What the file of a program says that keeps it from running as it would untraced, or
        from being seen: `lost` its set-user-ID bit has no effect, `narrow` it is one of 32
        bits."""
        try:
            found = posix.stat(f'/proc/{pid}/exe')
            file = found.st_dev, found.st_ino, found.st_mtime_ns
            narrow = self._narrow.get(file)
            if narrow is None:
                narrow = self._narrow[file] = _begins(pid) == NARROW
        except OSError:                 # it is gone
            return {}
        users = facts.field_of(pid, 'Uid').split() if found.st_mode & SET_USER else []
        return {'lost': bool(users) and int(users[1]) != found.st_uid, 'narrow': narrow}

    def _group_stop(self, tracee: Tracee, number: int, request: int) -> int:
        """A stop of the whole process, or its end, or a stop that we have asked for."""
        if number in STOPPING:
            self._calls.interrupted(tracee)
            if not tracee.stopped and tracee.pid == tracee.process:
                self.note('stop', tracee.process, number=number)
            tracee.stopped = True
            return ptrace.LISTEN
        if tracee.stopped and tracee.pid == tracee.process:
            self.note('continue', tracee.process)
        tracee.stopped = False
        return request

    # -- the end --------------------------------------------------------------------------

    def _let_go(self) -> None:
        """Have the shell's other threads stop, to be let go there."""
        for pid, tracee in self._tracees.items():
            if tracee.process == self._shell != pid:
                self._leaving.add(pid)
                try:
                    self._tracer.interrupt(pid)
                except OSError:
                    pass

    def _hand_over(self) -> None:
        """Give the facts to the shell; it may have ended."""
        if self._results < 0:
            return
        data = dumps([self.facts, self.troubles, self.stops, self.held])
        try:
            write_all(self._results, data)
        except OSError:
            pass
        close(self._results)
        close(self._bell)
        self._results, self.facts = -1, []


def _filters(pid: int) -> int:
    """How many seccomp filters a process has; where the kernel does not say, another number for
    each."""
    return int(facts.field_of(pid, 'Seccomp_filters') or -pid)


def _begins(pid: int) -> bytes:
    """The first bytes of a process's program.  Raises OSError."""
    fd = posix.open(f'/proc/{pid}/exe', posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        return posix.read(fd, len(NARROW))
    finally:
        close(fd)


def first_facts(pid: int) -> Fact:
    """What a shell is when its trace begins: its descriptors, its group, its terminal's.
    Raises OSError."""
    from minishell.system.descriptions import descriptors_of
    if posix.readlink('/proc/self') != str(pid):
        raise OSError(ENOENT, '/proc shows the processes of another system')
    held = [[one.fd, kind_of(one.type, one.link), 4 * one.reads() + 2 * one.writes(), one.link,
             one.device, one.inode, bool(one.bits & CLOEXEC)] for one in descriptors_of(pid)]
    stat = facts.stat_of(pid)
    return {'k': 'start', 'pid': pid, 't': monotonic(), 'held': held,
            'ppid': int(stat.get('ppid', 0)), 'group': int(stat.get('group', 0)),
            'foreground': int(stat.get('foreground', -1))}
