"""`{name}>file` of bash and ksh: a descriptor that the shell chooses, and a variable that gets
its number (XCU 2.10.2, IO_LOCATION).  It stays open behind the command, until `{name}>&-`.
"""
from __future__ import annotations

from fcntl import F_DUPFD, fcntl

from minishell.compile.redirections import open_spec
from minishell.errors import AssignmentError, RedirectionError
from minishell.syntax.names import MOST_DESCRIPTOR, decimal
from minishell.system.descriptors import LOWEST_OWN, close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.compile.redirections import Spec
    from minishell.state.shell import Shell
    from minishell.system.descriptors import Action

NONE = -2               # no descriptor's number, nor CLOSE


class Located(int):
    """The descriptor of a spec that has a variable's name instead."""

    name: str

    def __new__(cls, text: str) -> Located:
        located = super().__new__(cls, NONE)
        located.name = text[1:-1]
        return located


def open_located(shell: Shell, spec: Spec) -> list[Action]:
    """Open what a spec names and assign its number, or close what the variable names; what
    is left to be done is to close what has been moved.  Raises RedirectionError."""
    located, operator, target = spec
    assert isinstance(located, Located)
    name = located.name
    if target == '-' and operator in ('<&', '>&'):
        fd = decimal(shell.variables.get(name) or '')
        if fd is None or fd > MOST_DESCRIPTOR or shell.descriptors.is_own(fd):
            raise RedirectionError(f'{name}: ambiguous redirect')
        close(fd)
        return []
    (_, source, owned), *rest = open_spec(shell, (NONE, operator, target))
    try:
        number = int(fcntl(source, F_DUPFD, LOWEST_OWN))
    except OSError as error:
        raise RedirectionError(f'{name}: {error.strerror}') from None
    finally:
        if owned:
            close(source)
    try:
        shell.variables.assign(name, str(number))
    except AssignmentError as error:
        close(number)
        raise RedirectionError(error.message) from None
    return rest
