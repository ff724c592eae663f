"""The built-in utility that bash and ksh have for arithmetic: let."""
from __future__ import annotations

from minishell.errors import BuiltinError, ExpansionError, SynopsisError, UnsetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def let(shell: Shell, argv: list[str]) -> int:
    """Evaluate each operand; 0 if the value of the last is not 0 (an extension)."""
    if argv[1:2] == ['--help']:
        raise SynopsisError('')
    operands = argv[2:] if argv[1:2] == ['--'] else argv[1:]
    if not operands:
        raise BuiltinError('expression expected')
    value = 0
    try:
        for operand in operands:
            value = shell.evaluate(operand)
    except UnsetError:
        raise
    except ExpansionError as error:
        raise BuiltinError(error.message) from None
    return 0 if value else 1
