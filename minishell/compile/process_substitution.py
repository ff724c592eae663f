"""Process substitution of bash -> text: /dev/fd/N, a pipe to commands that run meanwhile.

The pipes end with the command that has them in its words; as in bash nothing
waits for the processes.
"""
from __future__ import annotations

from minishell.compile.compiler import Compiler
from minishell.compile.pipelines import compile_stage
from minishell.errors import ExpansionError, ResourceError
from minishell.run.pipelines import Plumbing
from minishell.run.processes import pids_of
from minishell.system.descriptors import (
    LOWEST_OWN,
    Pipe,
    close,
    duplicate_for_children,
    inherit,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Action, Shell, Text
    from minishell.syntax.nodes import Command, ProcessSubstitution, SubstitutingCommand

LOWEST = 60             # out of the way of scripts that choose numbers themselves


def compile_process_substitution(node: ProcessSubstitution, outer: Compiler,
                                 quoted: bool) -> Text:
    """Text: the name of our end of the pipe."""
    commands = node.body.commands
    body: Command = commands[0] if len(commands) == 1 else node.body
    stage = compile_stage(body, outer.inside(node))
    reading = node.operator == '<'

    def run(shell: Shell) -> str:
        at = shell.at
        others = shell.substituted.copy()
        try:
            pipe = Pipe(shell.events, node.operator + '(', (node, node.source))
            plumbing = Plumbing(None if reading else pipe, pipe if reading else None, False,
                                None, substitution=True, process=True)
            try:
                for fd in others:       # an end of another's pipe would keep that open
                    inherit(fd, False)
                pid, = pids_of([stage(shell, plumbing)])
                shell.jobs.leave(pid, True)
                shell.last_background = str(pid)
                shell.substituted.append(_raised(
                    pipe.reading if reading else pipe.writing))
                if shell.events is not None:
                    shell.events.tell('dup', source=pipe.reading if reading else pipe.writing,
                                      target=shell.substituted[-1])
            finally:
                pipe.close()
                for fd in others:
                    inherit(fd, True)
        except OSError as error:
            raise ExpansionError(f'process substitution: {error.strerror}') from None
        except ResourceError as error:
            raise ExpansionError(f'process substitution: {error.message}') from None
        shell.at = at
        return f'/dev/fd/{shell.substituted[-1]}'
    return run


def _raised(fd: int) -> int:
    """A duplicate of our end of a pipe at a high number, which children inherit.  Raises
    OSError."""
    for lowest in (LOWEST, LOWEST_OWN):
        try:
            return duplicate_for_children(fd, lowest)
        except OSError:                 # `ulimit -n` is that low
            continue
    return duplicate_for_children(fd, 3)


def compile_substituting(node: SubstitutingCommand, compiler: Compiler, tail: bool) -> Action:
    """Action: a command, behind which the pipes in its words end."""
    command = compiler.command(node.command)

    def run(shell: Shell) -> int:
        before = len(shell.substituted)
        try:
            return command(shell)
        finally:
            while len(shell.substituted) > before:
                ours = shell.substituted.pop()
                close(ours)             # the commands may have closed it
                if shell.events is not None:
                    shell.events.tell('close', fd=ours)
            shell.jobs.poll()
    return run
