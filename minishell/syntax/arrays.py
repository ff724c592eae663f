"""Assignments of arrays: `name[subscript]=value`, `name=(…)` (bash).  Loaded by the first."""
from __future__ import annotations

from minishell.syntax.array_nodes import ArrayElement, CompoundValue
from minishell.syntax.names import assignment_of, assignment_tildes, is_name
from minishell.syntax.nodes import Assignment, Word
from minishell.syntax.parameters import read_subscript

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.errors import ShellSyntaxError
    from minishell.syntax.lexer import Lexer


# -- assignments ------------------------------------------------------------------------


def element_assignment(lexer: Lexer) -> Assignment | None:
    """`name[subscript]=value` or `+=` where the current word begins, to its end; None if it is
    something else, and the word stays as it is."""
    start, end = lexer.start, lexer.pos
    bracket = lexer.text.find('[', start)
    name = lexer.text[start:bracket]
    if not is_name(name):
        return None
    found = _read_subscripted(lexer, bracket)
    if found is None:
        lexer.pos = end
        return None
    subscript, append, value = found
    if not value.parts and lexer.chars[lexer.pos:lexer.pos + 1] == '(':
        compound = compound_value(lexer)        # wrong, which is told when it is run
        value = Word((compound,), compound.pos, compound.end)
    return Assignment(name, value, start, append, subscript)


def _read_subscripted(lexer: Lexer, bracket: int) -> tuple[Word, bool, Word] | None:
    """Subscript, whether to append, and value of `[subscript]+=value`."""
    lexer.pos = bracket + 1
    subscript = read_subscript(lexer, False)
    if subscript is None:
        return None
    append = lexer.text.startswith('+=', lexer.pos)
    if not append and not lexer.text.startswith('=', lexer.pos):
        return None
    lexer.pos += 2 if append else 1
    start = lexer.pos
    parts = assignment_tildes(lexer.read_parts(''))
    return subscript, append, Word(tuple(parts), start, lexer.pos)


def compound_assignment(lexer: Lexer) -> Assignment | None:
    """`name=(…)` or `name+=(…)` with its parenthesis at pos, to its end."""
    assignment = assignment_of(lexer.word)
    if assignment is None or assignment.value.parts or lexer.chars[lexer.pos - 1] != '=':
        return assignment
    start = lexer.start
    value = compound_value(lexer)
    lexer.start = start
    return Assignment(assignment.name, Word((value,), value.pos, value.end), assignment.pos,
                      assignment.append)


def compound_operand(lexer: Lexer, word: Word) -> Word | None:
    """The operand `name=(…)` of `declare`, whose parenthesis is the current token, to its end;
    None if the word before it asks for none."""
    assignment = assignment_of(word)
    if assignment is None or assignment.value.parts or assignment.subscript is not None \
            or word.end != lexer.start or lexer.chars[lexer.start - 1] != '=':
        return None
    lexer.pos = lexer.start
    value = compound_value(lexer)
    lexer.advance()
    return Word((*word.parts, value), word.pos, value.end)


def compound_value(lexer: Lexer) -> CompoundValue:
    """`(…)` from its parenthesis at pos to behind the one that closes it: words and newlines.

    Raises ShellSyntaxError for other tokens.
    """
    opened = lexer.pos
    lexer.pos += 1
    elements: list[ArrayElement] = []
    while True:
        lexer.advance()
        while lexer.kind == '\n':
            lexer.advance()
        if lexer.kind == ')':
            return CompoundValue(tuple(elements), opened, lexer.pos)
        if lexer.at_end_of_file():
            _fail(lexer, lexer.unclosed('array', ')', opened))
            return CompoundValue(tuple(elements), opened, lexer.pos)
        if not lexer.at_word():
            _fail(lexer, lexer.error(
                f"syntax error near unexpected token `{lexer.describe()}' (wanted `)')",
                lexer.start, opened))
            continue
        end = lexer.pos
        found: tuple[Word | None, bool, Word] | None = _read_subscripted(lexer, lexer.start) \
            if lexer.chars[lexer.start] == '[' else None
        if found is None:
            lexer.pos = end
            found = None, False, lexer.word
        elements.append(ArrayElement(*found, lexer.start))


def _fail(lexer: Lexer, error: ShellSyntaxError) -> None:
    error.in_array = True
    lexer.fail(error)
