"""The built-in utilities that do nothing: `:` (XCU 2.15), true, false."""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def colon(shell: Shell, argv: list[str]) -> int:
    """`:` (XCU 2.15, colon)."""
    return 0


def true(shell: Shell, argv: list[str]) -> int:
    """`true` (XCU 3, true)."""
    return 0


def false(shell: Shell, argv: list[str]) -> int:
    """`false` (XCU 3, false)."""
    return 1
