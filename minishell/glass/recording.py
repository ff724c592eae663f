"""A trace from the shell's side: the recorder started, the shell watched, the facts taken."""
from __future__ import annotations

import posix
from marshal import loads
from time import monotonic

from minishell.glass.calls import MARK
from minishell.glass.process import named
from minishell.glass.recorder import READY, Recorder, first_facts
from minishell.glass.telling import Telling
from minishell.system import apart, seccomp
from minishell.system.blocking import read_all
from minishell.system.descriptors import Pipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.calls import Fact
    from minishell.glass.telling import Told
    from minishell.state.shell import Shell

KILLED = 'the recorder has been killed, and what it traced with it: the rest is not known'

LONGEST = 30.0          # seconds until the recorder has said whether it may trace
PATIENCE = 1.0          # seconds until the bell is rung again


class Recorded:
    """What has been recorded: facts of the kernel, what the shell has told, and troubles."""

    __slots__ = ('facts', 'told', 'engine', 'troubles', 'stops', 'held')

    def __init__(self, facts: list[Fact], told: list[Told], engine: str) -> None:
        self.facts = facts
        self.told = told
        self.engine = engine            # ptrace, samples
        self.troubles: list[str] = []   # what could not be known
        self.stops = 0
        self.held = 0.0                 # seconds that the recorder took for them


class Recording:
    """A recording that goes on, until `end`."""

    def __init__(self, shell: Shell, transfers: bool, everything: bool) -> None:
        """Begin: `transfers`: reads and writes, too; `everything`: what programs open
        unasked, too.  Raises OSError where no process or descriptor can be had."""
        self._shell = shell
        self.pid = posix.getpid()       # whose recording it is, not its children's
        self._cells: list[list[int]] = []
        try:
            self._log = self._keep(apart.make_log())
            self._bell = self._keep(apart.make_bell())
            self._first = first_facts(self.pid)
            self.refused = self._start(transfers, everything)
        except OSError:
            self._release()
            raise
        instructions = b'' if self.refused else seccomp.make_filter(transfers)
        self.telling = Telling(shell, self._log, instructions)
        self._unsubscribe = shell.watch(self.telling)
        assert shell.events is not None
        shell.events.forks = True
        self._first['t'] = monotonic()

    def _keep(self, fd: int) -> list[int]:
        cell = self._shell.descriptors.keep(fd)
        self._cells.append(cell)
        return cell

    def _release(self) -> None:
        for cell in self._cells:
            self._shell.descriptors.release(cell)
        self._cells = []

    def _start(self, transfers: bool, everything: bool) -> str:
        """Start the recorder; why it may not trace this shell, '' if it does."""
        pipe = Pipe()
        pid, bell, results = posix.getpid(), self._bell[0], pipe.writing

        def record() -> None:
            recorder = Recorder(pid, bell, results)
            recorder.everything(everything)
            if not recorder.run():
                from minishell.glass.sampling import Sampler
                Sampler(pid, bell, results).run()
        try:
            self._results = self._keep(pipe.take_reading())
            recorder = apart.start_apart(record, (bell, results))
        finally:
            pipe.close_writing()
        seccomp.allow_tracer(recorder)
        apart.ring(bell, 1)
        if not apart.readable_within(self._results[0], LONGEST):
            return 'the recorder does not answer'
        answer = b''
        while not answer.endswith(b'\n') and (byte := posix.read(self._results[0], 1)):
            answer += byte
        if answer == READY:
            return ''
        tracer = seccomp.tracer_of(pid)
        if tracer:
            return f'process {named(tracer)} traces this shell already'
        if not answer:
            return 'the recorder has ended before it began'
        return f'the kernel lets nobody trace this shell ({answer.decode().strip()})'

    def end(self) -> Recorded:
        """End it; the recorder stays for those that go on."""
        if self._shell.events is not None:
            self._shell.events.forks = False
        self._unsubscribe()
        seccomp.allow_tracer(0)
        try:
            apart.ring(self._bell[0], MARK)
            while not apart.readable_within(self._results[0], PATIENCE):
                apart.ring(self._bell[0], MARK)     # should it have failed to take notice
            data = read_all(self._results[0])
            told = self.telling.all_told()
        finally:
            self._release()
        recorded = Recorded([self._first], told, 'samples' if self.refused else 'ptrace')
        facts, troubles, recorded.stops, recorded.held = \
            loads(data) if data else ([], [KILLED] * (not self.refused), 0, 0.0)
        if self.refused or not data:
            from minishell.glass.sampling import facts_of
            facts = facts_of(told, facts)
            if self.refused:
                recorded.troubles.append(f'{self.refused}: {apart.UNKNOWN}')
        recorded.facts += facts
        recorded.troubles += troubles
        return recorded
