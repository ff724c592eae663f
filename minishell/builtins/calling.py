"""caller: where the function being run was called (bash)."""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.errors import SynopsisError
from minishell.run.calls import caller as called
from minishell.syntax.names import decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def caller(shell: Shell, argv: list[str]) -> int:
    """Print line and file of the call, with a number also the function around it."""
    _, operands = parse_options(argv, '')
    level = decimal(operands[0]) if operands else None
    if operands and level is None:
        raise SynopsisError(f'{operands[0]}: invalid number')
    text = called(shell, level)
    if text:
        shell.out.write(text + '\n')
    return 0 if text else 1
