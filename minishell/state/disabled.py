"""Built-in utilities that `enable -n` has disabled (bash): a program is run instead.

Whatever runs a command looks among the functions first, so that a *stand-in* there for each of
them is all that has to be known elsewhere: nothing asks, as long as nothing is disabled.
"""
from __future__ import annotations

from minishell.state.shell import INLINED, Function
from minishell.syntax.nodes import BraceGroup, CommandList, FunctionDefinition
from minishell.syntax.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell

    Program = Callable[[Shell, list[str]], int]


class StandIn(Function):
    """The function that runs the program of a name."""

    __slots__ = ()

    def __init__(self, name: str, file: str, program: Program) -> None:
        node = FunctionDefinition(name, BraceGroup(CommandList(())))
        super().__init__(node, Source('', file), lambda shell: program(
            shell, [name, *shell.positional]), lambda function, shell: None)
        self.analysed = True            # it needs a process


def disabled(shell: Shell) -> dict[str, StandIn]:
    """The stand-ins of what is disabled."""
    return shell.parts.get('disabled') or {}


def is_disabled(shell: Shell, name: str) -> bool:
    """Whether a built-in utility is disabled."""
    return name in disabled(shell)


def disable(shell: Shell, name: str, program: Program) -> None:
    """Have a program run in the place of a built-in utility."""
    stand_in = shell.parts.setdefault('disabled', {}).setdefault(
        name, StandIn(name, shell.arg0, program))
    shell.functions.setdefault(name, stand_in)
    if name in INLINED:
        shell.look_plain()


def enable(shell: Shell, name: str) -> None:
    """Have a built-in utility again."""
    disabled(shell).pop(name, None)
    if isinstance(shell.functions.get(name), StandIn):
        del shell.functions[name]
        if name in INLINED:
            shell.look_plain()


def defined(shell: Shell) -> dict[str, Function]:
    """The functions that somebody has defined."""
    return {name: function for name, function in shell.functions.items()
            if type(function) is not StandIn}


def restore(shell: Shell, name: str) -> None:
    """Have the stand-in of a name again behind the function that hid it."""
    if is_disabled(shell, name):
        shell.functions.setdefault(name, disabled(shell)[name])
