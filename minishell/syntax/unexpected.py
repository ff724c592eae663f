"""The error for a token that cannot stand where it does; loaded by the first."""
from __future__ import annotations

from minishell.syntax.lexer import END

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.errors import ShellSyntaxError
    from minishell.syntax.lexer import Lexer

OPENING_WORDS = frozenset(('then', 'do', 'in', '{'))


def unexpected(lexer: Lexer, constructs: list[tuple[str, int]], wanted: str,
               broken: bool) -> ShellSyntaxError:
    """What was found and wanted, and the construct being read with its offset, the last;
    newlines may precede the token if it is `broken`.

    The line of that is named if it is another one.
    """
    opened, hint = -1, ''
    if constructs:
        name, opened = constructs[-1]
        line = lexer.source.line_of(opened)
        where = f' of line {line}' if line != lexer.source.line_of(lexer.start) else ''
        what = 'the end of '
        if wanted:
            what = f"`{wanted}' {'after' if wanted in OPENING_WORDS else 'to close'} "
        hint = f" (wanted {what}`{name}'{where})"
    elif wanted:
        hint = f" (wanted `{wanted}')"
    if lexer.kind == END:
        error = lexer.error(f'syntax error: unexpected end of file{hint}', lexer.start,
                            opened, incomplete=True)
        if constructs and constructs[0][0] == '$(':
            error.in_bash = "unexpected EOF while looking for matching `)'"
        elif not broken and lexer.text[lexer.start - 1:lexer.start] != '\n':
            error.in_bash = "syntax error near unexpected token `newline'"
        return error
    if lexer.kind == '(':
        hint = _of_bash(lexer.text, lexer.start) or hint
    return lexer.error(
        f"syntax error near unexpected token `{lexer.describe()}'{hint}",
        lexer.start, opened)


def _of_bash(text: str, pos: int) -> str:
    """What the parenthesis at pos would begin in bash; '' if nothing."""
    word = '' if text[pos - 1:pos].isspace() else (text[:pos].split() or [''])[-1]
    if word[-1:] in ('@', '?', '*', '+', '!'):
        return ' (shopt -s extglob before this line makes it a pattern)'
    return ''
