"""getpid: who this process is."""
from __future__ import annotations

import posix

from minishell.builtins.options import parse_options
from minishell.course.common import failed, give
from minishell.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def getpid(shell: Shell, argv: list[str]) -> int:
    """Print IDs, of this very process also in a subshell: getpid(2) and the like."""
    options, operands = parse_options(argv, 'pgst', 'v')
    if operands:
        raise UsageError('too many arguments')
    asked = {'p': posix.getppid, 'g': posix.getpgrp, 's': lambda: posix.getsid(0),
             't': _foreground}
    found = [str(asked[letter]()) for letter in options if letter in asked]
    give(shell, options, ' '.join(found) or str(posix.getpid()))
    return 0


def _foreground() -> int:
    """The foreground process group of the controlling terminal.  Raises BuiltinError."""
    from minishell.system.terminal import foreground_group
    try:
        return foreground_group()
    except OSError as error:
        raise failed('/dev/tty', error) from None
