"""The functions and dot scripts being run: FUNCNAME, BASH_SOURCE, BASH_LINENO, `caller` (bash).

`shell.calls` has for each its name, the file that it is from, and the line of the call; the
outermost is `main`, the script, if there is one (no text of -c, no standard input, no prompt).
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def funcname(shell: Shell) -> list[str]:
    """Names of functions, `source` of dot scripts; nothing outside functions."""
    return [name for name, _, _ in reversed(shell.calls)] if shell.function_depth else []


def bash_source(shell: Shell) -> list[str]:
    """The files they are from."""
    files = [file for _, file, _ in reversed(shell.calls)]
    if files and shell.calls[0][2]:     # no script
        elsewhere = 'environment' if shell.invocation == 'c' else 'main'
        files = [elsewhere if file == shell.arg0 else file for file in files]
    return files


def bash_lineno(shell: Shell) -> list[str]:
    """The lines in which they have been called."""
    return [str(line) for _, _, line in reversed(shell.calls)]


def caller(shell: Shell, level: int | None) -> str:
    """What `caller` prints: line, function and file of a call; '' if there is none."""
    lines, files = bash_lineno(shell), bash_source(shell)
    if level is None:
        return f'{lines[0]} {files[1] if len(files) > 1 else "NULL"}' if lines else ''
    names = [name for name, _, _ in reversed(shell.calls)]
    if level + 1 >= len(names):
        return ''
    return f'{lines[level]} {names[level + 1]} {files[level + 1]}'
