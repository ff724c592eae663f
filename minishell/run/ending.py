"""The end of a shell: errors become statuses, the EXIT trap runs, a signal may be why."""
from __future__ import annotations

from minishell.errors import Break, Continue, Exit, Interrupted, Return, ShellError
from minishell.status import SIGNAL_BASE
from minishell.system.signals import SIGINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Action, Shell

TOO_DEEP = 'commands nested too deeply'


def conclude(shell: Shell, run: Action) -> int:
    """Run an action to the end of the shell: errors are reported, the EXIT trap runs.  Returns
    the exit status."""
    def run_and_look(shell: Shell) -> int:
        if shell.pending:               # came while we were being started
            shell.run_pending_traps()
        shell.status = status = run(shell)
        if shell.pending:               # SIGINT in the last command: not to be lost
            shell.run_pending_traps()
        return status
    before = outcome(shell, run_and_look)
    if shell.signals.fatal:
        shell.signals.look()
    for _ in range(len(shell.signals.pending)):     # not to end the EXIT trap, too
        if shell.pending:
            outcome(shell, lambda shell: len(shell.run_pending_traps()))
    if shell.signals.fatal:
        before = shell.status           # `$?` in the trap is the last command's
    status = before
    if not shell.options.noexec or shell.interactive:
        status = outcome(shell, lambda shell: shell.run_exit_trap(before))
    ending = shell.signals.fatal or shell.interrupted and SIGINT    # perhaps the trap's end
    if not ending and shell.signals.stop_noting():
        ending = SIGINT                 # it came after the last command, or in the EXIT trap
    if ending:                          # so that our parent sees what ended us
        shell.signals.die(ending)
    return status


def outcome(shell: Shell, run: Action) -> int:
    """Run an action; whatever it raises becomes an exit status, with its message; unless a
    signal is why that cannot be told."""
    try:
        return _told(shell, run)
    except (Exit, Return) as leave:
        return leave.status
    except (Break, Continue):
        return shell.status
    except Interrupted:
        shell.interrupted = True
        return SIGNAL_BASE + SIGINT


def _told(shell: Shell, run: Action) -> int:
    try:
        return run(shell)
    except ShellError as error:
        shell.report(error)
        return shell.status
    except RecursionError:
        shell.warn(TOO_DEEP)
        return 2
    except MemoryError:
        shell.warn('out of memory')
        return 2
    except Exception as error:
        if 'MINISHELL_DEBUG' in shell.variables.values:
            import traceback
            traceback.print_exc()
        shell.warn(f'internal error: {type(error).__name__}: {error}')
        return 2
