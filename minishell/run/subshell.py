"""Subshell environments without a process, run (XCU 2.13): on copies of the state.

Which may: compile/subshell.py.
"""
from __future__ import annotations

from minishell.codec import decoded, encoded
from minishell.errors import Break, Continue, Exit, Return, ShellError
from minishell.status import alone
from minishell.system.blocking import Output
from minishell.system.signals import SIGCHLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Action, Shell


class Collected(Output):
    """What built-in utilities print, kept in memory."""

    __slots__ = ()

    def flush(self) -> None:
        """Nothing: the pieces stay until the substitution ends."""

    def text(self) -> str:
        """All of it; bytes that together are a character become one."""
        text = ''.join(self.pieces)
        if not text.isascii():
            text = decoded(encoded(text))
        return text


def collect_here(shell: Shell, run: Action) -> tuple[str, int]:
    """Run the commands of a substitution in a copy; returns what they print, and `$?`."""
    outer, shell.out = shell.out, Collected()
    out = shell.out
    try:
        status = run_here(shell, run, True)
    finally:
        shell.out = outer
    return out.text(), status


def run_here(shell: Shell, run: Action, substitution: bool = False) -> int:
    """Run commands in a copy of the shell execution environment; returns `$?`.

    A signal that arrives meanwhile is acted on behind (`run_pending_traps` waits), but
    SIGINT ends the commands.
    """
    variables = shell.variables.fork()
    functions = shell.functions
    kept = (shell.positional, shell.positional_set, shell.at, shell.status,
            shell.loop_depth, shell.looped_at, shell.function_depth, shell.source_depth,
            shell.condition_depth, shell.substitution_status,
            shell.interactive, shell.subshell, shell.substitution, shell.trap_status,
            shell.at_return)
    shell.trap_status = []
    shell.at_return = []
    shell.functions = functions.copy()
    shell.leave_loops()
    shell.interactive = False
    shell.subshell = True
    shell.substitution = substitution
    shell.elided += 1
    try:
        return alone(run(shell))
    except Return as leave:
        return alone(leave.status)
    except Exit as leave:
        if shell.signals.fatal:
            raise                       # the end of the whole shell
        return alone(leave.status)
    except (Break, Continue):
        return shell.status
    except ShellError as error:
        shell.report(error)
        return shell.status
    except RecursionError:
        shell.warn('commands nested too deeply')
        return 2
    except MemoryError:                 # a process of its own would have ended by it
        shell.warn('out of memory')
        return 2
    finally:
        shell.elided -= 1
        if not shell.elided and shell.traps.actions.get(SIGCHLD):
            from minishell.state.traps import note_children
            note_children(shell, 1)     # as if there had been one
        shell.variables.join(variables)
        changed = shell.functions.keys() != functions.keys()
        shell.functions = functions
        if changed:
            shell.look_plain()
        (shell.positional, shell.positional_set, shell.at, shell.status,
         shell.loop_depth, shell.looped_at, shell.function_depth, shell.source_depth,
         shell.condition_depth, shell.substitution_status,
         shell.interactive, shell.subshell, shell.substitution, shell.trap_status,
         shell.at_return) = kept
