"""Arithmetic in commands and words -> closures: `$((…))`, `((…))`, `${x:n}`, `${x[n]}`."""
from __future__ import annotations

from minishell.compile.arithmetic import compile_arithmetic, evaluate
from minishell.compile.words import static_part
from minishell.errors import AssignmentError, ExpansionError, UnsetError
from minishell.run.commands import finish
from minishell.syntax.nodes import (
    ArithmeticCommand,
    Escaped,
    Literal,
    SingleQuoted,
)
from minishell.syntax.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.compile.compiler import Compiler
    from minishell.state.shell import Action, Shell, Text
    from minishell.syntax.nodes import ArithmeticExpansion, ArithmeticFor, Part

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
        static = _as_quoted(part) or static_part(part)
        pieces.append(compiler.part(part, True) if static is None else static)
    return pieces


def _as_quoted(part: Part) -> str | None:
    """What quoting in a subscript is to an expression, which is expanded as in double-quotes
    (XCU 2.6.4): single-quotes and most backslashes are characters, and wrong."""
    if isinstance(part, SingleQuoted):
        return f"'{part.text}'"
    return f'\\{part.text}' if isinstance(part, Escaped) and part.text not in '$`"\\' else None


def compile_watched_number(node: ArithmeticCommand, compiler: Compiler) -> Number:
    """The value of `((…))`, which `set -x` shows; 1 if it is left out."""
    pieces = _pieces(node.parts, compiler)
    value = compile_arithmetic(pieces)
    at = compiler.at(node)
    fixed = None if any(not isinstance(piece, str) for piece in pieces) \
        else f'(( {"".join(map(str, pieces))} ))'

    def number(shell: Shell) -> int:
        if not shell.watched:
            return value(shell)
        from minishell.run.tracing import show
        from minishell.run.watching import before
        if not before(shell, at):
            return 1
        if fixed is not None:
            show(shell, fixed)
            return value(shell)
        text = ''.join([piece if isinstance(piece, str) else piece(shell) for piece in pieces])
        show(shell, f'(( {text} ))')
        return evaluate(shell, text)
    return number


def as_command(parts: Sequence[Part], pos: int) -> ArithmeticCommand:
    """One of the expressions of `for ((…))`: a command to those who watch, without the
    blanks before it."""
    if parts and isinstance(parts[0], Literal):
        text = parts[0].text.lstrip(' \t\n')
        end = parts[0].end
        parts = (Literal(text, end - len(text), end), *parts[1:])
    return ArithmeticCommand(tuple(parts), pos, pos)


def asks_for_line(parts: Sequence[Part]) -> bool:
    """Whether LINENO stands in an expression."""
    return any('LINENO' in str(getattr(part, 'text', getattr(part, 'parameter', '')))
               for part in parts)


def left_out(node: ArithmeticFor, compiler: Compiler) -> Callable[[Shell], bool]:
    """What tells those who watch of an expression of `for ((…))` that is not there; false if
    the loop is to end."""
    at = compiler.at(node)[0], as_command((Literal('1', 0, 1),), 0), Source('1')

    def tell(shell: Shell) -> bool:
        from minishell.run.watching import before
        return before(shell, at)
    return tell


def compile_arithmetic_command(node: ArithmeticCommand, compiler: Compiler,
                               tail: bool) -> Action:
    """Action: `(( … ))`; 0 if the value is not 0, and 1 for an error."""
    value = compile_watched_number(node, compiler)
    at = compiler.at(node)

    def run(shell: Shell) -> int:
        shell.at = at
        try:
            status = 0 if value(shell) else 1
        except UnsetError:
            raise
        except ExpansionError as error:
            shell.warn(f'((: {error.message}')
            shell.point_out(error)
            status = 1
        except AssignmentError as error:
            from minishell.run.failures import tell
            tell(shell, error)
            status = 1
        return finish(shell, status)
    return run
