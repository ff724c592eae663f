"""Commands -> actions: finds the compile function of a node; rare ones are loaded late."""
from __future__ import annotations

from minishell.compile.simple import compile_simple
from minishell.syntax.nodes import CommandList, SimpleCommand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Action, Shell
    from minishell.syntax.nodes import Command
    from minishell.syntax.source import Source


def compile_command(node: Command, source: Source, tail: bool = False) -> Action:
    """Action: any command.  `tail`: the process has nothing to do after it."""
    if type(node) is SimpleCommand:
        return compile_simple(node, source, tail)
    if type(node) is CommandList:
        return compile_list(node, source, tail)
    from minishell.compile.compound import COMPILERS
    return COMPILERS[type(node)](node, source, tail)


def compile_list(node: CommandList, source: Source, tail: bool = False) -> Action:
    """Action: commands one after the other (XCU 2.9.3.4); traps run between them."""
    last = len(node.commands) - 1
    commands = [compile_command(command, source, tail and index == last)
                for index, command in enumerate(node.commands)]
    if not commands:
        return lambda shell: 0
    if last == 0:
        only = commands[0]

        def run_one(shell: Shell) -> int:
            status = shell.status = only(shell)
            if shell.pending:
                shell.run_pending_traps()
            return status
        return run_one

    def run(shell: Shell) -> int:
        status = 0
        for command in commands:
            status = shell.status = command(shell)
            if shell.pending:
                shell.run_pending_traps()
        return status
    return run
