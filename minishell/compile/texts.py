"""Text that is expanded outside of commands: PS4, ENV, the words of `compgen -W`."""
from __future__ import annotations

from minishell.compile.compiler import Compiler
from minishell.compile.words import PLAIN, compile_fields, compile_parts_text
from minishell.errors import ShellError, ShellSyntaxError
from minishell.syntax.breaking import dequoted, split_words
from minishell.syntax.names import with_tilde
from minishell.syntax.nodes import Word
from minishell.syntax.parser import Parser
from minishell.syntax.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

NOT_ALIASED: dict[str, str] = {}


def expand_text(shell: Shell, text: str) -> str:
    """Text expanded as inside double-quotes; one that is wrong stays, and that is told."""
    lexer = Parser(Source(text, shell.name, shell.line), NOT_ALIASED).lexer
    status = shell.status
    try:
        parts = lexer.read_quoted_parts('', '"')
        return compile_parts_text(parts, Compiler(lexer.source), True)(shell)
    except ShellError as error:
        shell.report(error)
        return text
    finally:
        shell.status = status


def expand_words(shell: Shell, text: str) -> list[str]:
    """The fields of text that IFS takes apart, expanded as words are, but for pathnames.
    Raises ExpansionError."""
    found: list[str] = []
    noglob, shell.options.noglob = shell.options.noglob, True
    try:
        for piece in split_words(text, shell.splitter.ifs):
            if piece and PLAIN.issuperset(piece):
                found.append(piece)
                continue
            lexer = Parser(Source(piece, shell.name, shell.line), NOT_ALIASED).lexer
            try:
                parts = lexer.read_parts('\0')
            except ShellSyntaxError:    # quotes that are open end here, substitutions do not
                found += [] if '$' in piece or '`' in piece else [dequoted(piece)]
                continue
            if piece[0] == '~':
                parts = with_tilde(parts, shell.bash)
            compile_fields(Word(tuple(parts), 0, len(piece)), Compiler(lexer.source))(
                shell, found)
    finally:
        shell.options.noglob = noglob
    return found
