"""Elements of arrays: `name[subscript]=value`.  Loaded by the first of them."""
from __future__ import annotations

from minishell.syntax.names import is_name
from minishell.syntax.nodes import Assignment, Literal, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.lexer import Lexer


def element_assignment(lexer: Lexer) -> Assignment | None:
    """`name[subscript]=value`, perhaps with `+=`: an error when it is run."""
    text = lexer.text[lexer.start:lexer.pos]
    name = text[:text.find('=')].removesuffix('+')
    if name[-1:] != ']' or not is_name(name.partition('[')[0]):
        return None
    value = text[text.find('=') + 1:]
    start = lexer.pos - len(value)
    return Assignment(name, Word((Literal(value, start, lexer.pos),), start, lexer.pos),
                      lexer.start)
