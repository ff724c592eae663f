"""Variables with elements -> closures: PIPESTATUS, BASH_REMATCH."""
from __future__ import annotations

from minishell.compile.numbers import compile_number
from minishell.errors import ExpansionError, UnsetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.compile.compiler import Compiler
    from minishell.compile.words import Text
    from minishell.state.shell import Shell
    from minishell.syntax.nodes import ParameterChange

SEVERAL = ('BASH_REMATCH', 'PIPESTATUS')        # variables with elements


def elements(shell: Shell, name: str) -> list[str]:
    """The elements of a variable; one without a subscript is its own first."""
    if name == 'PIPESTATUS':
        return shell.pipe_statuses()
    value = shell.variables.get(name)
    if name == 'BASH_REMATCH' and shell.matched and shell.matched[0] is value:
        return shell.matched
    return [] if value is None else [value]


def compile_element(node: ParameterChange, compiler: Compiler) -> Text:
    """Text: `${name[n]}` or `${#name[n]}`; negative numbers count from the end."""
    name, length = node.parameter, node.operator[0] == '#'
    number = compile_number(node.words[0].parts, compiler)

    def run(shell: Shell) -> str:
        values = elements(shell, name)
        index = number(shell)
        if index < 0:
            index += len(values)
            if index < 0 or name not in SEVERAL:
                raise ExpansionError(f'{name}: bad array subscript')
        text = ''
        if index < len(values):
            text = values[index]
        elif shell.options.nounset:
            raise UnsetError(f'{name}[{index}]: unbound variable')
        return str(len(text)) if length else text
    return run
