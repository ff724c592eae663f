"""Commands run for a look at their output, in a sandbox.

    the shell ── between ── guard ── worker ── programs

The worker is the copy of the shell that runs them, in the sandbox and in a process group that
nothing in it can leave.  The guard ends that group: when the worker has ended, when the time
is over, when the shell closes its end of the pipe `control`, also by its death.  As the
worker's parent it knows that the group's ID is nobody else's by then.  The guard is nobody's
child, so that neither `jobs` nor `wait` meets it.
"""
from __future__ import annotations

import posix
from select import POLLIN, poll
from time import monotonic

from minishell.compile.compiler import Compiler
from minishell.compile.words import compile_fields
from minishell.errors import BuiltinError
from minishell.run.ending import conclude
from minishell.syntax.nodes import (
    CommandSubstitution,
    ProcessSubstitution,
    Redirection,
    SimpleCommand,
)
from minishell.system import processes, sandbox
from minishell.system.blocking import FIFO, FORMAT, print_error
from minishell.system.descriptors import (
    CLOSE,
    Pipe,
    close,
    close_inherited,
    leave_terminals,
    move,
)
from minishell.system.signals import SIGKILL, before_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from minishell.interactive.sampling import Part
    from minishell.state.shell import Action, Shell
    from minishell.syntax.nodes import Word

HIGHEST = 250           # of the descriptors kept for it
SECONDS = 0.3           # the commands may take
SOCKET, DEVICE = 0o140000, 0o020000     # S_IFSOCK, S_IFCHR
MEMORY = 1              # the major number of /dev/null and its like
LATE = b'\0'            # behind the errors: the guard's word
MOST_OUTPUT, MOST_ERRORS = 1 << 16, 1 << 10     # bytes


class Run:
    """Commands that run, and what they have written so far."""

    def __init__(self, shell: Shell, work: Action, seconds: float = SECONDS,
                 strict: bool = True, programs: bool = True) -> None:
        """Start them; unless `strict` also where there is no sandbox to be had; in one they may
        run `programs`, or are built-in utilities and expansions alone.  Raises OSError."""
        self.output, self.errors = b'', b''
        self.cut = False                # more was written than is looked at
        self.late = False               # they have been ended for they took too long
        self.output_fd, self.errors_fd, self._control = _start(
            shell, work, seconds, strict, programs)

    def open(self) -> list[int]:
        """The descriptors from which more may come."""
        return [fd for fd in (self.output_fd, self.errors_fd) if fd >= 0]

    def is_over(self) -> bool:
        """Whether nothing more is of interest."""
        return self.cut or not self.open()

    def read(self, fd: int) -> bool:
        """Read what has come from one of the descriptors; false, and it is closed, if that is
        all."""
        try:
            data = posix.read(fd, MOST_OUTPUT)
        except OSError:
            data = b''
        if fd == self.output_fd:
            self.output += data
            self.cut = len(self.output) > MOST_OUTPUT
            self.output = self.output[:MOST_OUTPUT]
            if not data or self.cut:
                self.output_fd = CLOSE
        else:
            self.late = self.late or data[-1:] == LATE
            self.errors = (self.errors + data.removesuffix(LATE))[:MOST_ERRORS]
            if not data:
                self.errors_fd = CLOSE
        if data and fd in self.open():
            return True
        close(fd)
        return False

    def finish(self, seconds: float) -> None:
        """Read until all is over, or for so many seconds; then end it."""
        end = monotonic() + seconds
        while not self.is_over() and (left := end - monotonic()) > 0:
            ready = poll()
            for fd in self.open():
                ready.register(fd, POLLIN)
            for fd, _ in ready.poll(left * 1000):
                self.read(fd)
        self.end()

    def end(self) -> None:
        """Have it end, if it has not: nothing more is read."""
        for fd in (*self.open(), self._control):
            if fd >= 0:
                close(fd)
        self.output_fd = self.errors_fd = self._control = CLOSE


# -- the processes ---------------------------------------------------------------------------


def _start(shell: Shell, work: Action, seconds: float, strict: bool, programs: bool,
           ) -> tuple[int, int, int]:
    """Start the guard; our ends of its pipes.  Raises OSError."""
    pipes: list[Pipe] = []
    try:
        for _ in range(3):
            pipes.append(Pipe())
            pipes[-1].raise_ends(HIGHEST)
        output, errors, control = pipes
        unblock = before_fork()         # until no handler of the parent's is left
        try:
            between = processes.fork()
            if not between:
                try:
                    if not processes.fork():
                        _guard(lambda: _work(shell, work, strict, programs, unblock, output,
                                             errors), seconds, output, errors, control)
                finally:
                    posix._exit(0)
        finally:
            unblock()
        processes.wait(between)
        return output.take_reading(), errors.take_reading(), control.take_writing()
    finally:
        for pipe in pipes:
            pipe.close()


def _guard(work: Callable[[], None], seconds: float, output: Pipe, errors: Pipe,
           control: Pipe) -> None:
    """The guard's life, all signals being blocked; its caller leaves the process."""
    leave_terminals()
    output.close_reading()
    errors.close_reading()
    control.close_writing()
    worker = processes.fork()
    if not worker:
        control.close_reading()
        work()
    try:
        processes.join_group(worker, worker)
    except OSError:
        pass                            # it has done so itself, and is further
    output.close_writing()
    if not processes.await_end_or(worker, control.reading, seconds):
        posix.write(errors.writing, LATE)
    processes.signal_group(worker, SIGKILL)
    processes.wait(worker)


def _work(shell: Shell, work: Action, strict: bool, programs: bool,
          unblock: Callable[[], None], output: Pipe, errors: Pipe) -> None:
    """The worker's life."""
    try:
        processes.join_group(0, 0)
        move(output.take_writing(), 1)
        move(errors.take_writing(), 2)
        close_inherited()
        shell.enter_subshell(True)
        shell.functions = {}
        try:
            sandbox.limit()
            if strict or not sandbox.missing():
                sandbox.enter(programs)
        except OSError as error:        # nothing is run then
            print_error(f'the sandbox: {error.strerror}')
        else:
            unblock()
            conclude(shell, work)
    finally:
        posix._exit(0)


def run_part(shell: Shell, part: Part) -> int:
    """Run a part of a line, in the worker."""
    compiler = Compiler(part.source)
    for name in _files(shell, part, compiler):
        kind = _kind(name)
        if kind:
            raise BuiltinError(f'{name}: {kind}: reading it may take what is meant for others')
    return compiler.command(part.tree)(shell)


def _files(shell: Shell, part: Part, compiler: Compiler) -> Iterator[str]:
    """What words come to that may name files to be read."""
    for node in part.tree.walk():
        words: tuple[Word, ...] = ()
        if isinstance(node, SimpleCommand):
            words = node.words[1:]
        elif isinstance(node, Redirection):
            words = (node.target,)
        for word in words:
            if not any(isinstance(each, CommandSubstitution | ProcessSubstitution)
                       for each in word.walk()):
                fields: list[str] = []
                compile_fields(word, compiler)(shell, fields)
                yield from fields


def _kind(name: str) -> str:
    """What a file is that is no plain one; '' if it is."""
    try:
        found = posix.stat(name)
    except (OSError, ValueError):
        return ''
    kind = found.st_mode & FORMAT
    if kind == DEVICE and posix.major(found.st_rdev) == MEMORY:
        return ''                       # /dev/null, /dev/zero, ...
    return {FIFO: 'a FIFO', SOCKET: 'a socket', DEVICE: 'a device'}.get(kind, '')
