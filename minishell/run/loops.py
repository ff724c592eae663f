"""Loops, run: how `break` and `continue` end them and their turns (XCU 2.15)."""
from __future__ import annotations

from minishell.errors import AssignmentError, Break, Continue, ExpansionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Action, At, Shell
    from minishell.syntax.nodes import ForClause


def breakable(turns: Action) -> Action:
    """Action: a loop, given what runs its turns; break leaves it with status 0."""
    def run(shell: Shell) -> int:
        shell.loop_depth += 1
        try:
            return turns(shell)
        except Break as leave:
            return leave.leave_loop()
        finally:
            shell.loop_depth -= 1
    return run


def begin_turn(shell: Shell, node: ForClause, at: At, value: str) -> bool:
    """Set the variable of `for`; false if the turn is left out by who watches (extdebug)."""
    if shell.watched:
        from minishell.run.tracing import show
        from minishell.run.watching import before
        shell.at = at
        show(shell, f'for {node.name} in {shown_words(node)}')
        if not before(shell, at):
            return False
    try:
        shell.variables.assign_turn(node.name, value)
    except AssignmentError as error:
        leave_readonly(shell, error)
    return True


def leave_readonly(shell: Shell, error: AssignmentError) -> None:
    """End a loop whose variable is readonly: that is an error (XCU 2.8.1), in bash mode no more
    than the loop's status.  Raises either."""
    if not shell.as_bash('expansion errors'):
        raise error
    from minishell.run.failures import tell
    tell(shell, error)
    raise Break(1, 1)


def shown_words(node: ForClause) -> str:
    """The words of `for` and `select` as `set -x` shows them."""
    from minishell.syntax.unparse import unparse
    return '"$@"' if node.words is None else ' '.join(map(unparse, node.words))


def continued(shell: Shell, leave: Continue) -> int:
    """The status of a turn that `continue` has ended; raises it anew for an outer loop.

    A checkpoint, too: `while continue` never comes to the end of a list.
    """
    if leave.levels > 1:
        raise Continue(leave.levels - 1, leave.status) from None
    if shell.pending:
        shell.run_pending_traps()
    return leave.status


class NoNumber(Exception):      # noqa: N818 - control flow
    """An expression of `for ((…))` has failed: the loop ends with status 1."""


def counting(number: Callable[[Shell], int], at: At | None) -> Callable[[Shell], int]:
    """An expression of `for ((…))`, evaluated at the line of `at`, if that matters.  Raises
    NoNumber, having told why."""
    def run(shell: Shell) -> int:
        if at is not None:
            shell.at = at
        try:
            return number(shell)
        except ExpansionError as error:
            shell.warn(f'((: {error.message}')
            shell.point_out(error)
        except AssignmentError as error:
            from minishell.run.failures import tell
            tell(shell, error)
        raise NoNumber
    return run
