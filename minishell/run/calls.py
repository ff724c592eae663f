"""What is being run: FUNCNAME, BASH_SOURCE, BASH_LINENO, `caller`, BASH_COMMAND… (bash).

`shell.calls` has for each function and dot script its name, the file that it is from, and
the command that calls it; the outermost is `main`, the script, if there is one (no text of
-c, no standard input, no prompt).
"""
from __future__ import annotations

import posix

from minishell.syntax.names import integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def funcname(shell: Shell) -> list[str]:
    """Names of functions, `source` of dot scripts; nothing outside functions."""
    return [name for name, _, _ in reversed(shell.calls)] if shell.function_depth else []


def bash_source(shell: Shell) -> list[str]:
    """The files they are from."""
    return [shell.known_file(file) for _, file, _ in reversed(shell.calls)]


def bash_lineno(shell: Shell) -> list[str]:
    """The lines in which they have been called."""
    return [str(at[0]) for _, _, at in reversed(shell.calls)]


def caller(shell: Shell, level: int | None) -> str:
    """What `caller` prints: line, function and file of a call; '' if there is none."""
    lines, files = bash_lineno(shell), bash_source(shell)
    if level is None:
        return f'{lines[0]} {files[1] if len(files) > 1 else "NULL"}' if lines else ''
    names = [name for name, _, _ in reversed(shell.calls)]
    if level + 1 >= len(names):
        return ''
    return f'{lines[level]} {names[level + 1]} {files[level + 1]}'


def bash_command(shell: Shell) -> str:
    """The command being run; in a trap action what that has interrupted."""
    _, node, source = shell.traps.interrupted or shell.at
    if node is None or source is None:
        return ''
    from minishell.syntax.bash_layout import brief_text
    return brief_text(node, source)


def bash_subshell(shell: Shell) -> str:
    """How many subshells there are around."""
    return str(shell.subshells + shell.elided)


def bash_argv(shell: Shell) -> list[str]:
    """The arguments of the calls, those of the innermost first and from their last on."""
    return [word for arguments in reversed(_arguments(shell)) for word in reversed(arguments)]


def bash_argc(shell: Shell) -> list[str]:
    """How many arguments each call has."""
    return [str(len(arguments)) for arguments in reversed(_arguments(shell))]


def _arguments(shell: Shell) -> list[list[str]]:
    """The script's own come first, if they are asked for outside functions (or by extdebug)."""
    if not shell.arguments and not shell.function_depth:
        shell.arguments.append(shell.positional)
    return shell.arguments


def bash_argv0(shell: Shell) -> str:
    """$0"""
    return shell.arg0


def assigned(shell: Shell, name: str, value: str | None) -> None:
    """Take the value that BASH_SUBSHELL or BASH_ARGV0 has been given."""
    if value is None or name not in shell.variables.dynamic:
        return
    shell.variables.values.pop(name, None)
    if name == 'BASH_ARGV0':
        shell.arg0 = value
    else:
        shell.subshells = (integer(value) or 0) - shell.elided


def groups(shell: Shell) -> list[str]:
    """GROUPS: the groups of the user, numbers."""
    return [*map(str, posix.getgroups() or [posix.getgid()])]


def dirstack(shell: Shell) -> list[str]:
    """DIRSTACK: the working directory, and those that pushd has kept."""
    return [shell.variables.get('PWD') or '', *shell.directories]


def histcmd(shell: Shell) -> str:
    """HISTCMD: the number of the command in the history, 0 without one."""
    history = shell.history
    return '0' if history is None else str(history.first + len(history.entries))
