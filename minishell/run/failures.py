"""Errors that cost no more than a command or a line, in bash mode."""
from __future__ import annotations

from minishell.errors import Exit, ShellError, ShellSyntaxError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def tell(shell: Shell, error: ShellError) -> None:
    """Show an error behind which the script goes on; under `set -e` a hard one ends it."""
    shell.report(error)
    if ends_here(shell, error):
        raise Exit(shell.run_exit_trap(error.status, True)) from None


def ends_here(shell: Shell, error: ShellError) -> bool:
    """Whether bash would leave the shell where it tells of an error: its `set -e` asks for
    no condition then, unless that is in an eval or a file."""
    return error.hard and shell.options.errexit \
        and (error.lines or shell.as_bash('expansion errors')) \
        and not shell.interactive and not (shell.condition_depth and shell.nesting)


def survive_array(shell: Shell, error: ShellSyntaxError, script: bool) -> int:
    """A syntax error in `a=(…)` costs bash the line only, unless its end is missing.  Raises
    it, or returns `$?`."""
    if not shell.as_bash('array errors'):
        raise error
    error.status = 1
    if error.incomplete:
        raise error
    if script and shell.invocation == 'c' and error.name == shell.arg0:
        error.runner = '-c'
    shell.report(error)
    return error.status
