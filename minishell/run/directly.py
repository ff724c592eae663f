"""Redirected built-in utilities, run without a descriptor being moved (XCU 2.7)."""
from __future__ import annotations

from minishell.codec import encoded
from minishell.run.redirections import check_access, open_spec, open_target
from minishell.run.utilities import call_builtin
from minishell.syntax.names import is_decimal
from minishell.system.blocking import Output
from minishell.system.descriptors import close, close_written, is_open
from minishell.system.lines import ReadAhead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.run.redirections import Spec
    from minishell.state.shell import Builtin, Shell


OF_LINES = ('-r', '-a', '-ra')      # options of `read` that need no descriptor


def run_into_file(shell: Shell, run: Builtin, argv: list[str], operator: str,
                  path: str) -> int:
    """Run `echo … >file` and the like, as run_directly has it.  Raises RedirectionError."""
    fd = open_target(shell, operator, path)
    outer, shell.out = shell.out, Output(fd)
    try:
        status = call_builtin(shell, run, argv, False)
    except BaseException:
        close(fd)
        raise
    finally:
        shell.out = outer
        if shell.events is not None:
            shell.events.tell('close', fd=fd)
    return _close_written(shell, fd, argv[0], status)


def run_directly(shell: Shell, run: Builtin, argv: list[str],
                 spec: Spec) -> int | None:
    """Run `echo … >file`, `read … <file` and the like: the utility is told what descriptor
    to use, and the shell's own stay as they are: half the system calls.  None if it isn't
    that simple.  Raises RedirectionError.
    """
    fd, operator, target = spec
    if operator == '&>' and is_decimal(target):
        operator = '>&'
    reads = argv[0] == 'read'
    if fd != (0 if reads else 1) or operator in ('<>', '&>') \
            or reads is not (operator[0] == '<') \
            or reads and shell.signals.handles_any():   # a trap action would read elsewhere
        return None
    opened = -1
    outer, outer_input, outer_ahead = shell.out, shell.input, shell.ahead
    if operator == '<<' and all(word[:1] != '-' or word in OF_LINES for word in argv):
        shell.ahead = ReadAhead(-1, encoded(target))
        fd = -1                         # the text is here: why ask the kernel to keep it?
        if shell.events is not None:
            shell.events.tell('text', fd=fd, size=len(encoded(target)))
    elif operator[1:] == '&':
        if len(target) != 1 or not '0' <= target <= '9' or not is_open(int(target)):
            return None
        fd = int(target)
        check_access(shell, operator, fd, target)
    else:
        fd = opened = open_spec(shell, spec)[0][1]
    try:
        if reads:
            shell.input = fd
        else:
            shell.out = Output(fd)
        status = call_builtin(shell, run, argv, False)
    except BaseException:
        if opened >= 0:
            close(opened)
        raise
    finally:
        shell.out, shell.input, shell.ahead = outer, outer_input, outer_ahead
        if opened >= 0 and shell.events is not None:
            shell.events.tell('close', fd=opened)
    if opened >= 0:
        if not reads:
            return _close_written(shell, opened, argv[0], status)
        close(opened)
    return status


def _close_written(shell: Shell, fd: int, name: str, status: int) -> int:
    """Close the file that a utility has written to; an error, of a file server or a quota,
    is a write error of the utility.  Returns its status."""
    try:
        close_written(fd)
    except OSError as error:
        shell.warn(f'{name}: write error: {error.strerror}')
        return status or 1
    return status
