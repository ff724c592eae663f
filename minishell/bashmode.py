"""What a shell in bash mode begins with, beyond what every shell does."""
from __future__ import annotations

import posix

from minishell.system.signals import SIGQUIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

BASH_VERSION = '5.2.15(1)-minishell'
FORMAT, DIRECTORY = 0o170000, 0o040000      # of a file's mode


def begin_bash_mode(shell: Shell, arg0: str, interactive: bool) -> None:
    """The variables by which scripts know bash; a script has no prompts, whatever the
    environment says."""
    if shell.as_bash('version'):
        from minishell.state.attributes import INDEXED, READONLY
        shell.variables.assign('BASH', arg0 if '/' in arg0 else shell.search.look(arg0) or arg0)
        shell.variables.assign('BASH_VERSION', BASH_VERSION)
        shell.variables.dynamic['BASH_VERSINFO'] = lambda: [
            '5', '2', '15', '1', 'minishell', shell.variables.get('MACHTYPE') or '']
        shell.variables.add_flags('BASH_VERSINFO', READONLY | INDEXED)
    if any(name.startswith('BASH_FUNC_') for name in shell.variables.foreign) \
            and shell.as_bash('functions'):
        from minishell.startfiles import import_functions
        script, shell.name = shell.name, arg0   # of which nothing has been read
        import_functions(shell)
        shell.name = script
    if shell.as_bash('variables of the shell'):
        from minishell.state.attributes import INTEGER, READONLY
        for name in ('PPID', 'UID', 'EUID'):
            shell.variables.add_flags(name, READONLY | INTEGER)
        for name in ('BASHPID', 'HISTCMD', 'OPTIND', 'RANDOM', 'SRANDOM'):
            shell.variables.add_flags(name, INTEGER)
        _begin_directories(shell)
    shell.variables.hook('HISTFILESIZE', lambda value: cut_history(shell, value), True)
    if interactive and shell.as_bash('history file'):
        from minishell.builtins.historylist import keep_as_bash
        keep_as_bash(shell)
    if shell.as_bash('SIGQUIT'):
        shell.signals.ignore_here(SIGQUIT)
    if not interactive and shell.as_bash('prompts'):
        for name in ('PS1', 'PS2'):
            shell.variables.unset(name)


def _begin_directories(shell: Shell) -> None:
    """OLDPWD is exported, though it has no value, and is imported if it is a directory."""
    from minishell.state.attributes import EXPORT
    old = shell.variables.values.get('OLDPWD')
    try:
        if old is not None and posix.stat(old).st_mode & FORMAT != DIRECTORY:
            shell.variables.unset('OLDPWD')
    except (OSError, ValueError):
        shell.variables.unset('OLDPWD')
    shell.variables.add_flags('OLDPWD', EXPORT)


def cut_history(shell: Shell, size: str | None) -> None:
    """HISTFILESIZE has been assigned, or unset."""
    if size:
        from minishell.builtins.historylist import cut_file
        cut_file(shell, size)
