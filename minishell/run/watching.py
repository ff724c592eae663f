"""Who watches commands and calls: the traps DEBUG, ERR, RETURN; extdebug, FUNCNEST.

Nothing of this is looked at while nobody watches: `Shell.watched` has commands ask `before`,
`Shell.call_limit` calls of functions ask `watched_call`, `Shell.errors_trapped` failures.
"""
from __future__ import annotations

from minishell.errors import NestingError, Return
from minishell.state.attributes import TRACED
from minishell.state.traps import DEBUG, ERR, RETURN, look, run_action
from minishell.syntax.names import integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from minishell.state.shell import Action, At, Function, Shell

LEAVES = 2              # the status of a DEBUG trap that returns from the function


def before(shell: Shell, at: At) -> bool:
    """Begin a command: run the DEBUG trap.  False if with `extdebug` that says not to run it.
    Raises Return."""
    shell.at = at
    traps = shell.traps
    return not traps.actions.get(DEBUG) or traps.staged is at[1] or _ask(shell)


def _is_staged(shell: Shell) -> bool:
    """Whether our parent has seen to the command: it is one of its pipeline."""
    return shell.traps.staged is not None and shell.at[1] is shell.traps.staged


def _ask(shell: Shell) -> bool:
    traps = shell.traps
    action = traps.actions.get(DEBUG)
    if not action or DEBUG in traps.running or shell.elided:
        return True
    status = run_action(shell, action, DEBUG)
    if not status or 'extdebug' not in shell.shopts:
        return True
    if status == LEAVES and shell.may_return():
        raise Return(LEAVES)
    return False


def failed(shell: Shell, status: int) -> None:
    """Run the ERR trap behind a command that has failed."""
    shell.status = status
    action = shell.traps.actions.get(ERR)
    if action and ERR not in shell.traps.running and not shell.elided \
            and shell.at is not shell.traps.excused and not _is_staged(shell):
        run_action(shell, action, ERR)


def returned(shell: Shell) -> None:
    """Run the RETURN trap behind a function or dot script."""
    action = shell.traps.actions.get(RETURN)
    running = shell.traps.running
    if action and RETURN not in running and DEBUG not in running and not shell.elided:
        run_action(shell, action, RETURN)


# -- calls ------------------------------------------------------------------------------


def tell_calls(shell: Shell, condition: int) -> None:
    """A trap is set in a function: one on ERR is not for the calls around it, if they fail,
    for they began without; one on RETURN is run behind those that do not ask for it."""
    frames = shell.traps.frames
    for depth in range(1, shell.function_depth + 1):
        asks = frames.get(depth) if condition == ERR else depth in frames
        if not asks and (depth, condition) not in shell.at_return:
            shell.at_return.append((depth, condition))
    shell.at_return.sort(key=lambda entry: entry[0])


def end_call(shell: Shell) -> None:
    """Run the RETURN trap that has been set in the function."""
    if (shell.function_depth, RETURN) in shell.at_return:
        returned(shell)


def watched_call(shell: Shell, function: Function, argv: list[str]) -> Action:
    """Action: the body of a function, with what is around it.  Raises NestingError."""
    most = shell.variables.get('FUNCNEST')
    deepest = most and integer(most) or 0
    if 0 < deepest <= shell.function_depth:
        raise NestingError(
            f'{argv[0]}: maximum function nesting level exceeded ({deepest})')
    call, trapped = shell.at, shell.errors_trapped

    def run(shell: Shell) -> int:
        traced = shell.variables.functions.get(argv[0], 0) & TRACED
        kept = _hide(shell, _not_inherited(shell, traced > 0))
        arguments = _push_arguments(shell, argv[1:])
        shell.traps.frames[shell.function_depth] = trapped
        line = function.source.line_of(function.node.pos)
        try:
            shell.at = line, *call[1:]
            if shell.watched and not _ask(shell):
                status = 0
            else:
                status = shell.status = function.run(shell)
                shell.at = line, *shell.at[1:]
                returned(shell)
        except Return as leave:
            returned(shell)
            status = leave.status
        finally:
            del shell.traps.frames[shell.function_depth]
            if arguments:
                shell.arguments.pop()
            _show(shell, kept)
        # A failure is one of the call's line, and BASH_COMMAND stays what was run last.
        shell.at = call if call[1] is shell.traps.staged else (call[0], *shell.at[1:])
        return status
    return run


def run_at_return(shell: Shell) -> None:
    """Behind a function: put back the options that its `local -` has kept; if it has failed,
    that is not for an ERR trap set in it."""
    while shell.at_return and shell.at_return[-1][0] > shell.function_depth:
        kept = shell.at_return.pop()[1]
        if isinstance(kept, int):
            if kept == ERR:             # for this once: a command begun again is another
                shell.at = shell.traps.excused = shell.at[0], *shell.at[1:]
            continue
        for name in ('posix', *kept):       # first, for another depends on it
            if getattr(shell.options, name) is not kept[name]:
                shell.set_option(name, kept[name])


def run_watched_file(shell: Shell, path: str, operands: list[str]) -> int:
    """Run a dot script.  Raises Return."""
    kept = _hide(shell, () if shell.options.functrace else (DEBUG,))
    arguments = _push_arguments(shell, operands or [path])
    try:
        return shell.run_file(path)
    finally:
        if arguments:
            shell.arguments.pop()
        _show(shell, kept)


def _not_inherited(shell: Shell, traced: bool) -> list[int]:
    """The traps that a function does not have of its caller."""
    options = shell.options
    hidden = [] if traced or options.functrace else [DEBUG, RETURN]
    return hidden if options.errtrace else [*hidden, ERR]


def _hide(shell: Shell, conditions: Iterable[int]) -> dict[int, str]:
    """Take traps away; returns what they were."""
    actions = shell.traps.actions
    kept = {condition: actions.pop(condition) for condition in conditions
            if condition in actions}
    if kept:
        look(shell)
    return kept


def _show(shell: Shell, kept: dict[int, str]) -> None:
    """Put them back, but for those that have been set meanwhile."""
    if kept:
        shell.traps.actions.update({**kept, **shell.traps.actions})
        look(shell)


def _push_arguments(shell: Shell, arguments: list[str]) -> bool:
    """Note the arguments of a call for BASH_ARGV; whether someone wants them."""
    if 'extdebug' not in shell.shopts:
        return False
    shell.arguments.append(arguments)
    return True
