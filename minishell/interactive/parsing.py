"""What is typed, parsed as far as it goes."""
from __future__ import annotations

from minishell.syntax.partial import parse_partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell
    from minishell.syntax.partial import Partial


def parse(shell: Shell, text: str) -> Partial:
    """What there is of a text, by the language as it is at the moment."""
    return parse_partial(text, shell.aliases, shell.options.posix, 'extglob' in shell.shopts)
