"""The scripts of bash-completion, run in a child that the user's shell knows nothing of.

The child is a copy of the shell, made when it is first asked; their functions and variables
stay there.  It is nobody's child and in a session of its own, so that neither `ps` nor `wait`
meets it.  It answers one question after the other, and ends with its pipe: when the shell has
ended, or has asked for something that took too long.
"""
from __future__ import annotations

import marshal
import posix
from select import POLLIN, poll
from time import monotonic

from minishell.builtins.completing import Answer, answer
from minishell.errors import ControlFlow, ShellError
from minishell.run.ending import outcome
from minishell.run.tracing import single_quoted
from minishell.system import processes
from minishell.system.descriptors import Pipe, close, leave_terminals
from minishell.system.masks import die_in
from minishell.system.signals import SIGINT, before_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell

    # candidates, where the word starts, its quote, options, whether a specification was found
    Said = tuple[list[str], int, str, list[str], bool]

SCRIPTS = '/usr/share/bash-completion/bash_completion'
HIGHEST = 250           # of the descriptors kept for it
LOADING, ANSWERING = 5, 2       # seconds at most
MOMENT = 50             # milliseconds
LENGTH = 8              # bytes before each message


class Scripts:
    """Asks the child, which is started when it is needed."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._ends: tuple[int, int] | None = None       # (answers, questions)

    def ask(self, line: str, point: int) -> Answer | None:
        """What the scripts say; None if they say nothing, or are not there, or SIGINT came."""
        if not posix.access(SCRIPTS, posix.R_OK):
            return None
        try:
            seconds = ANSWERING
            if self._ends is None:
                self._ends = self._start()
                seconds += LOADING
            _send(self._ends[1], (posix.getcwd(), line, point))
            said = self._receive(seconds)
        except OSError:
            said = None
        if said is None:
            self.end()
            return None
        names, start, quote, options, found = said
        result = Answer(start, point, quote)
        result.candidates, result.options, result.found = names, set(options), found
        return result if found else None

    def end(self) -> None:
        """Have the child end."""
        ends, self._ends = self._ends, None
        for fd in ends or ():
            close(fd)

    def _receive(self, seconds: float) -> Said | None:
        """An answer.  Raises OSError."""
        fd = self._ends[0] if self._ends else -1
        ready = poll()
        ready.register(fd, POLLIN)
        end = monotonic() + seconds
        data = b''
        while len(data) < LENGTH or len(data) < LENGTH + int.from_bytes(data[:LENGTH], 'big'):
            # Python goes on with a poll that a signal ends: Ctrl-C is looked for now and then.
            # (The wakeup pipe is the event loop's, and other signals are its business.)
            while not ready.poll(MOMENT):
                if SIGINT in self._shell.pending or monotonic() > end:
                    return None
            piece = posix.read(fd, 1 << 16)
            if not piece:
                return None
            data += piece
        answered: Said = marshal.loads(data[LENGTH:])
        return answered

    def _start(self) -> tuple[int, int]:
        """Start the child; our ends of its pipes.  Raises OSError."""
        answers, questions = Pipe(), Pipe()
        try:
            answers.raise_ends(HIGHEST)
            questions.raise_ends(HIGHEST)
            unblock = before_fork()     # until no handler of the parent's is left
            try:
                between = processes.fork()
                if not between:
                    try:
                        if not processes.fork():
                            _live(self._shell, unblock, questions, answers)
                    finally:
                        posix._exit(0)
            finally:
                unblock()
            processes.wait(between)
            return answers.take_reading(), questions.take_writing()
        finally:
            answers.close()
            questions.close()


def _live(shell: Shell, unblock: Callable[[], None], questions: Pipe, answers: Pipe) -> None:
    """The child's life, at whose end the caller leaves the process."""
    leave_terminals()
    questions.close_writing()
    answers.close_reading()
    shell.enter_subshell(True)
    unblock()
    shell.set_option('bash', True)
    die_in(LOADING)
    outcome(shell, lambda shell: shell.run_text(f'. {single_quoted(SCRIPTS)}', 'complete'))
    data = b''
    while True:
        die_in(0)
        while len(data) < LENGTH or len(data) < LENGTH + int.from_bytes(data[:LENGTH], 'big'):
            piece = posix.read(questions.reading, 1 << 16)
            if not piece:
                return
            data += piece
        end = LENGTH + int.from_bytes(data[:LENGTH], 'big')
        folder, line, point = marshal.loads(data[LENGTH:end])
        data = data[end:]
        die_in(ANSWERING)
        posix.chdir(folder)
        try:
            said = answer(shell, line, point)
        except (ShellError, ControlFlow):
            said = Answer(point, point, '')
        _send(answers.writing, (said.candidates, said.start, said.quote,
                                sorted(said.options), said.found))


def _send(fd: int, message: tuple[str, str, int] | Said) -> None:
    """Raises OSError."""
    data = marshal.dumps(message)
    data = len(data).to_bytes(LENGTH, 'big') + data
    while data:
        data = data[posix.write(fd, data):]
