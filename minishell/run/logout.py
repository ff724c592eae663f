"""What a login shell reads when it is left: ~/.bash_logout, in bash mode."""
from __future__ import annotations

import posix

from minishell.errors import Return, ShellError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def read_logout(shell: Shell) -> None:
    """Run ~/.bash_logout, once; a subshell that is left is no login shell that is.  An error
    costs the file."""
    if 'login_shell' not in shell.shopts or shell.subshell or shell.elided \
            or 'logout' in shell.parts or not shell.as_bash('start files'):
        return
    shell.parts['logout'] = True
    path = (shell.variables.get('HOME') or '').rstrip('/') + '/.bash_logout'
    if not posix.access(path, posix.R_OK):
        return
    shell.source_depth += 1
    try:
        shell.run_file(path)
    except Return:
        pass
    except ShellError as error:
        shell.report(error)
    finally:
        shell.source_depth -= 1
