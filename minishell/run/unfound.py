"""Programs that cannot be run: what is said, the status, `command_not_found_handle` of bash.

Whoever has redirections that are not in force yet gives them as descriptor actions.
"""
from __future__ import annotations

import posix
from errno import EACCES, ENOENT, ENOEXEC, ENOTDIR

from minishell.status import CANNOT_EXECUTE, NOT_FOUND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from minishell.state.shell import Shell
    from minishell.system.descriptors import Action as DescriptorAction

DIRECTORY = 0o040000
HANDLER = 'command_not_found_handle'    # a function


def handle(shell: Shell, argv: list[str]) -> int:
    """In a process that ends with it: call the function that handles a name that is nowhere,
    or say so; returns the status."""
    if HANDLER not in shell.functions:
        return complain(shell, argv[0], None)
    shell.positional = argv
    return shell.run_text(f'{HANDLER} "$@"', 'eval')


def handle_with(shell: Shell, actions: Sequence[DescriptorAction], argv: list[str]) -> int:
    """In a child: the same with the command's redirections in force."""
    for target, source, _ in actions:
        shell.descriptors.apply((target, source, False), [])
    return handle(shell, argv)


def complain(shell: Shell, name: str, error: OSError | None) -> int:
    """Say why a program cannot be run; returns the status, 126 or 127 (XCU 2.8.2)."""
    if error is None:
        if not name.isprintable():      # the carriage returns of a script written elsewhere
            from minishell.run.tracing import dollar_quoted
            name = dollar_quoted(name)
        nowhere = not shell.variables.get('PATH') and shell.as_bash('syntax errors')
        shell.warn(f'{name}: {"No such file or directory" if nowhere else "command not found"}')
        return NOT_FOUND
    if error.errno == ENOENT or error.errno == ENOTDIR:
        exists = error.errno == ENOENT and _mode(name)
        shell.warn(f'{name}: cannot execute: required file not found' if exists
                   else f'{name}: {error.strerror}')
        return CANNOT_EXECUTE if error.errno == ENOTDIR and shell.as_bash('no folder') \
            else NOT_FOUND
    reason = error.strerror
    if error.errno == EACCES and _mode(name) & 0o170000 == DIRECTORY:
        reason = 'Is a directory'
    elif error.errno == ENOEXEC:
        reason = 'cannot execute binary file: Exec format error'
    shell.warn(f'{name}: {reason}')
    return CANNOT_EXECUTE


def _mode(path: str) -> int:
    try:
        return posix.stat(path).st_mode
    except OSError:
        return 0


def complain_with(shell: Shell, actions: Sequence[DescriptorAction], name: str,
                  error: OSError | None) -> int:
    """Say why a program did not start, with its redirections in force; its status."""
    if not actions:
        return complain(shell, name, error)
    saved = shell.descriptors.begin()
    try:
        try:
            for target, source, _ in actions:
                shell.descriptors.apply((target, source, False), saved)
        except OSError:
            pass                        # no descriptor left: say it here
        return complain(shell, name, error)
    finally:
        shell.descriptors.undo(saved)
