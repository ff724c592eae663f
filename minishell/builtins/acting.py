"""Signals while `read` waits (XCU 2.12)."""
from __future__ import annotations

from minishell.status import SIGNAL_BASE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell


class Trapped(Exception):   # noqa: N818 - no error
    """A signal that has a trap ends `read`, once that has run: in POSIX mode, and where
    `siginterrupt` says so."""


def acting(shell: Shell) -> Callable[[], object]:
    """How `read` acts on signals while it waits (XCU 2.12); that may raise Trapped, with an
    exit status."""
    def act() -> None:
        ends = None if shell.options.posix else shell.parts.get('siginterrupt', ())
        for number in shell.act():
            if ends is None or number in ends:
                raise Trapped(SIGNAL_BASE + number)
    return act if shell.options.posix or 'siginterrupt' in shell.parts else shell.act
