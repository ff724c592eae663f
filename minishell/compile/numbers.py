"""Arithmetic in commands and words -> closures: `$((…))`, `((…))`, `${x:n}`, `${x[n]}`."""
from __future__ import annotations

from minishell.compile.arithmetic import compile_arithmetic, evaluate
from minishell.compile.words import static_part
from minishell.errors import ExpansionError
from minishell.run.commands import finish

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.compile.compiler import Compiler
    from minishell.state.shell import Action, Shell, Text
    from minishell.syntax.nodes import ArithmeticCommand, ArithmeticExpansion, Part

    Number = Callable[[Shell], int]


def compile_arithmetic_expansion(part: ArithmeticExpansion, compiler: Compiler,
                                 quoted: bool) -> Text:
    """Text: the value of `$((…))` in decimal (XCU 2.6.4)."""
    value = compile_number(part.parts, compiler)
    return lambda shell: str(value(shell))


def compile_number(parts: Sequence[Part], compiler: Compiler) -> Number:
    """The value of an expression, some of it perhaps expansions; of nothing it is 0."""
    return compile_arithmetic(_pieces(parts, compiler))


def _pieces(parts: Sequence[Part], compiler: Compiler) -> list[str | Text]:
    """Texts that never change, and closures."""
    pieces: list[str | Text] = []
    for part in parts:
        static = static_part(part)
        pieces.append(compiler.part(part, True) if static is None else static)
    return pieces


def compile_shown_number(parts: Sequence[Part], compiler: Compiler,
                         among_others: bool = False) -> Number:
    """The value of an expression that `set -x` shows as `((…))`; `among_others`: it is one of
    `for ((…))`."""
    pieces = _pieces(parts, compiler)
    value = compile_arithmetic(pieces)

    def number(shell: Shell) -> int:
        if not shell.watched:
            return value(shell)
        text = ''.join([piece if isinstance(piece, str) else piece(shell) for piece in pieces])
        shell.trace(f"(( {text.lstrip(' ') if among_others else text} ))")
        return evaluate(shell, text)
    return number


def compile_arithmetic_command(node: ArithmeticCommand, compiler: Compiler,
                               tail: bool) -> Action:
    """Action: `(( … ))`; 0 if the value is not 0, and 1 for an error."""
    value = compile_shown_number(node.parts, compiler)
    line = compiler.line_of(node.pos)

    def run(shell: Shell) -> int:
        shell.line = line
        try:
            status = 0 if value(shell) else 1
        except ExpansionError as error:
            shell.warn(f'((: {error.message}')
            status = 1
        return finish(shell, status)
    return run
