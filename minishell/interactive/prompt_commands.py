"""What bash runs and shows around a command line: PROMPT_COMMAND, PS0."""
from __future__ import annotations

from minishell.codec import encoded
from minishell.errors import ShellError
from minishell.run.prompt import decode_prompt
from minishell.session import recover
from minishell.state.elements import elements
from minishell.system.blocking import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def run_prompt_commands(shell: Shell) -> None:
    """Run PROMPT_COMMAND, or each of its elements; `$?` and `$_` stay.  What is wrong with one
    is told: raised, it would come back with every prompt."""
    variables = shell.variables
    for text in elements(variables, 'PROMPT_COMMAND'):
        status, last = shell.status, variables.get('_')
        try:
            shell.run_text(text, 'PROMPT_COMMAND')
        except ShellError as error:
            recover(shell)
            shell.report(error)
        shell.status = status
        variables.values['_'] = last or ''


def show_before(shell: Shell) -> None:
    """Show PS0, behind a line that has been read."""
    try:
        write_all(2, encoded(decode_prompt(
            shell, shell.variables.get('PS0') or '', 'PS0')))
    except OSError:
        pass
