"""The special built-in utility trap (XCU 2.15)."""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.errors import SynopsisError
from minishell.run.tracing import quoted
from minishell.state.traps import (
    ERR,
    EXIT,
    RETURN,
    condition_name,
    condition_of,
    conditions,
    is_signal,
    look,
)
from minishell.syntax.names import is_decimal
from minishell.system.signals import SIGCHLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def trap(shell: Shell, argv: list[str]) -> int:
    """Set, reset or print the actions of conditions (XCU 2.15, trap)."""
    options, operands = parse_options(argv, 'pl')
    if 'l' in options:
        from minishell.builtins.processes import kill
        return kill(shell, ['kill', '-l'])
    if 'p' in options or not operands:
        return _print(shell, operands, 'p' in options)
    first = operands[0]
    if len(operands) == 1 and condition_of(first) is None:
        error = SynopsisError('')
        error.lines = not shell.options.posix   # a wrong condition does not end the shell
        raise error
    traps = shell.traps
    shell.control.note_keys()
    if len(operands) == 1 or is_decimal(first):
        action: str | None = None       # `trap INT` and `trap 2 INT` reset
    else:
        action = None if first == '-' else first
        operands = operands[1:]
    status = 0
    for operand in operands:
        condition = condition_of(operand)
        if condition is None:
            shell.warn(f'trap: {operand}: invalid signal specification')
            status = 1
            continue
        if action and shell.function_depth and condition in (ERR, RETURN):
            from minishell.run.watching import tell_calls
            tell_calls(shell, condition)
        if action is None:
            traps.reset(condition)
        else:
            if condition == SIGCHLD:
                shell.jobs.poll()
                shell.jobs.dead = 0     # it is for those that end from now on
            traps.set(condition, action)
        if condition > EXIT and not is_signal(condition):
            look(shell)
    return status


def _print(shell: Shell, operands: list[str], asked: bool) -> int:
    """Print traps so that they can be read back; all of them, also default ones, for `-p`
    without operands (XCU 2.15, trap)."""
    actions = shell.traps.shown()
    wanted = sorted(actions)
    if asked and not shell.as_bash('trap -p'):
        wanted = conditions()
    status = 0
    if operands:
        wanted = []
        for operand in operands:
            condition = condition_of(operand)
            if condition is None:       # no error of the utility: a script goes on
                shell.warn(f'trap: {operand}: invalid signal specification')
                status = 1
            else:
                wanted.append(condition)
    for condition in wanted:
        name = condition_name(condition)
        if is_signal(condition) and shell.as_bash('trap'):
            name = 'SIG' + name
        action = actions.get(condition)
        if action is None:
            if not shell.as_bash('trap -p'):
                shell.out.write(f'trap -- - {name}\n')
            continue
        text = quoted(action)
        if text == action:
            text = f"'{text}'"
        shell.out.write(f'trap -- {text} {name}\n')
    return status
