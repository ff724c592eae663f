"""Tables of the shell as associative arrays of bash: BASH_ALIASES, BASH_CMDS.

What is put into such an array goes to the table; what is taken out of it stays there, as in
bash.  Its order is that of bash's own hash table, from which the array is made.
"""
from __future__ import annotations

from minishell.state.arrays import AssociativeArray, in_buckets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell

ALIAS_BUCKETS, COMMAND_BUCKETS = 64, 256
NO_ALIAS_NAME = frozenset(' \t\n;&|()<>$`"\'\\/')      # none of XBD 3.10; never a plain word


def bash_aliases(shell: Shell) -> AssociativeArray:
    """BASH_ALIASES: what `alias` knows."""
    def put(name: str, value: str) -> None:
        if NO_ALIAS_NAME.isdisjoint(name):
            shell.known_aliases()[name] = value
        else:
            shell.warn(f"`{name}': invalid alias name")
    return _array(shell.known_aliases(), ALIAS_BUCKETS, put)


def bash_cmds(shell: Shell) -> AssociativeArray:
    """BASH_CMDS: what `hash` knows."""
    def put(name: str, path: str) -> None:
        shell.search.hashed[name] = path
        shell.search.hits[name] = 0
    return _array(shell.search.hashed, COMMAND_BUCKETS, put)


def _array(table: dict[str, str], size: int,
           put: Callable[[str, str], None]) -> AssociativeArray:
    array = AssociativeArray()
    for key in in_buckets(list(table), size):
        array.set(key, table[key])
    array.order(size)
    array.put = put
    return array
