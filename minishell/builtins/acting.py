"""Signals while `read` waits (XCU 2.12)."""
from __future__ import annotations

from minishell.status import SIGNAL_BASE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell


class Trapped(Exception):   # noqa: N818 - no error
    """In POSIX mode a signal that has a trap ends `read`, once that has run."""


def acting(shell: Shell) -> Callable[[], None]:
    """How `read` acts on signals while it waits (XCU 2.12); that may raise Trapped, with an
    exit status."""
    def act() -> None:
        trapped = next((number for number in shell.signals.pending
                        if shell.traps.actions.get(number)), 0)
        shell.act()
        if trapped:
            raise Trapped(SIGNAL_BASE + trapped)
    return act if shell.options.posix else shell.act
