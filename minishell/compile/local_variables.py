"""`local x y=text` and `declare -i x y=text` in functions: names and texts, with no word put
together for the utility and taken apart by it."""
from __future__ import annotations

import sys

from minishell.run.commands import finish
from minishell.run.utilities import call_builtin, load_builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from minishell.state.shell import Action, At, Shell, Text


def compile_local(utility: str, at: At, letters: str, operands: list[tuple[str, Text | None]],
                  otherwise: Action) -> Action:
    """Action: the utility with the letters of its options, and these names, of which some get
    a text; `otherwise` for what is a function, or watched."""
    names = [name for name, _ in operands]

    def run(shell: Shell) -> int:
        if utility in shell.functions or shell.watched:
            return otherwise(shell)
        shell.at = at
        status = declare_texts(shell, utility, letters, names, [
            None if text is None else text(shell) for _, text in operands])
        return finish(shell, status) if status else 0
    return run


def declare_texts(shell: Shell, utility: str, letters: str, names: list[str],
                  texts: Sequence[str | None]) -> int:
    """Run the utility with operands that have been expanded; returns its status."""
    variables = shell.variables
    if not shell.function_depth or variables.allexport \
            or not letters and any(map(variables.flags.get, names)):
        options = ['-' + letters] if letters else []
        return call_builtin(shell, load_builtin(utility),
                            [utility, *options, *map(_operand, names, texts)], False)
    if letters:
        load_builtin('declare')
        attributes = sys.modules['minishell.builtins.attributes']
        status: int = attributes.declare_texts(shell, utility, letters, names, texts)
        variables.values['_'] = _operand(names[-1], texts[-1])
        return status
    inherit = 'localvar_inherit' in shell.shopts
    for name, text in zip(names, texts, strict=True):
        variables.make_local_text(name, text, inherit)
    variables.values['_'] = _operand(names[-1], texts[-1])
    return 0


def _operand(name: str, text: str | None) -> str:
    return name if text is None else f'{name}={text}'
