"""The compound commands that bash adds: `[[ … ]]`, `(( … ))`, `for ((…))`, `function`, `|&`.

Loaded by the first of them; each function is a production of `syntax/parser.py`.
"""
from __future__ import annotations

from minishell.syntax.lexer import END, NUMBER, REDIRECTIONS, WORD
from minishell.syntax.names import append_literal, is_name
from minishell.syntax.nodes import (
    ArithmeticCommand,
    ArithmeticExpansion,
    ArithmeticFor,
    Assignment,
    Conditional,
    ConditionalCommand,
    FunctionDefinition,
    Literal,
    Pipeline,
    RedirectedCommand,
    Redirection,
    SimpleCommand,
    SubstitutingCommand,
    TimedPipeline,
    UnsupportedCommand,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.lexer import Lexer
    from minishell.syntax.nodes import Command, Part
    from minishell.syntax.parser import Parser

UNARY = frozenset('-' + letter for letter in 'abcdefghknoprstuvwxzGLNORS')
BINARY = frozenset(('=', '==', '!=', '=~', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge',
                    '-nt', '-ot', '-ef'))


# -- [[ … ]] ----------------------------------------------------------------------------


def parse_conditional(parser: Parser) -> Command:
    """`[[ expression ]]`: no field splitting, no pathname expansion in its words."""
    pos = parser.opening('[[')
    expression = _parse_or(parser)
    parser.expect(']]')
    parser.closed()
    return ConditionalCommand(expression, pos)


def _parse_or(parser: Parser) -> Conditional:
    left = _parse_and(parser)
    while parser.lexer.kind == '||':
        _advance(parser)
        left = Conditional('||', (left, _parse_and(parser)))
    return left


def _parse_and(parser: Parser) -> Conditional:
    left = _parse_primary(parser)
    while parser.lexer.kind == '&&':
        _advance(parser)
        left = Conditional('&&', (left, _parse_primary(parser)))
    return left


def _advance(parser: Parser) -> None:
    parser.lexer.advance()
    parser.skip_newlines()


def _parse_primary(parser: Parser) -> Conditional:
    lexer = parser.lexer
    parser.skip_newlines()
    if lexer.kind == '(':
        _advance(parser)
        inner = _parse_or(parser)
        if lexer.kind != ')':
            raise parser.unexpected(')')
        _advance(parser)
        return inner
    word = _operand(parser)
    literal = word.literal()
    if literal == '!':
        parser.skip_newlines()
        return Conditional('!', (_parse_primary(parser),))
    operator = lexer.word.literal() if lexer.kind == WORD else lexer.kind
    if literal in UNARY and (operator not in BINARY or lexer.kind == WORD):
        return _finish(parser, Conditional(literal or '', (_operand(parser),)))
    if operator not in BINARY:
        return _finish(parser, Conditional('-n', (word,)))
    if operator == '=~':
        right = _read_regex(lexer)
        lexer.advance()
    else:
        lexer.advance()
        right = _operand(parser)
    return _finish(parser, Conditional(operator or '', (word, right)))


def _finish(parser: Parser, node: Conditional) -> Conditional:
    parser.skip_newlines()
    return node


def _operand(parser: Parser) -> Word:
    lexer = parser.lexer
    if lexer.kind not in (WORD, NUMBER) or lexer.word.literal() == ']]':
        raise parser.unexpected(']]' if lexer.kind == END else '')
    word = lexer.word
    lexer.advance()
    return word


def _read_regex(lexer: Lexer) -> Word:
    """The word behind `=~`: operators are ordinary in it, and blanks in parentheses."""
    while lexer.text[lexer.pos:lexer.pos + 1] in (' ', '\t'):
        lexer.pos += 1
    start = lexer.pos
    parts: list[Part] = []
    depth = 0
    while True:
        parts += lexer.read_parts('')
        c = lexer.text[lexer.pos:lexer.pos + 1]
        if c in '\n' or c in ' \t;&' and not depth or c == ')' and not depth:
            return Word(tuple(parts), start, lexer.pos)
        depth += (c == '(') - (c == ')')
        append_literal(parts, c)
        lexer.pos += 1


# -- arithmetic -------------------------------------------------------------------------


def parse_arithmetic_command(parser: Parser) -> Command | None:
    """`(( expression ))`, at its first parenthesis; None where these are subshells."""
    inside = _read_double_parentheses(parser.lexer)
    if inside is None:
        return None
    pos = parser.lexer.start
    parser.lexer.advance()
    return ArithmeticCommand(inside.parts, pos)


def _read_double_parentheses(lexer: Lexer) -> ArithmeticExpansion | None:
    start = lexer.start
    if start in lexer.not_arithmetic:
        return None
    return lexer.read_arithmetic(start)


def parse_arithmetic_for(parser: Parser, pos: int) -> Command:
    """`for ((first; condition; next))`, at its first parenthesis."""
    lexer = parser.lexer
    inside = _read_double_parentheses(lexer)
    if inside is None:
        raise parser.unexpected()
    expressions: list[list[Part]] = [[]]
    for part in inside.parts:
        if type(part) is not Literal:
            expressions[-1].append(part)
            continue
        for index, text in enumerate(part.text.split(';')):
            if index:
                expressions.append([])
            if text.strip():
                expressions[-1].append(Literal(text))
    if len(expressions) != 3:
        raise parser.unexpected()
    lexer.advance()
    if lexer.kind == ';':
        lexer.advance()
    parser.skip_newlines()
    body = parser.parse_do_group('for')
    return ArithmeticFor(tuple(tuple(parts) for parts in expressions), body, pos)


def with_parentheses(parser: Parser, word: Word) -> Word:
    """The operand of `let` that goes on with the parenthesis behind its `=`."""
    lexer = parser.lexer
    if lexer.start != word.end or not lexer.text[:word.end].endswith('='):
        raise parser.unexpected()
    lexer.pos = lexer.start
    parts = list(word.parts)
    depth = 0
    while True:
        parts += lexer.read_parts('')
        c = lexer.text[lexer.pos:lexer.pos + 1]
        if not depth and c != '(':
            break
        if c == '' and not lexer.extend() or c == '\n':
            lexer.advance()
            raise parser.unexpected(')')
        depth += (c == '(') - (c == ')')
        append_literal(parts, c)
        lexer.pos += len(c)
    end = lexer.pos
    lexer.advance()
    return Word(tuple(parts), word.pos, end)


# -- function ---------------------------------------------------------------------------


def parse_function(parser: Parser) -> Command:
    """`function name compound-command`, with or without `()` behind the name."""
    from minishell.syntax.parser import COMPOUND, NO_BODY
    pos = parser.opening('function')
    lexer = parser.lexer
    name = lexer.word.literal() if lexer.kind == WORD else None
    if name is None:
        raise parser.unexpected()
    lexer.advance()
    if lexer.kind == '(' and lexer.text[lexer.pos:].lstrip(' \t')[:1] == ')':
        lexer.advance()
        lexer.advance()
    parser.skip_newlines()
    if lexer.kind == '(':
        body = parser.parse_parenthesis()
    elif lexer.literal in COMPOUND and lexer.literal not in NO_BODY:
        body = COMPOUND[lexer.literal or ''](parser)
    else:
        raise parser.unexpected('{')
    parser.closed()
    return FunctionDefinition(name, parser.parse_redirected(body), pos, lexer.start)


# -- ! ----------------------------------------------------------------------------------


def skip_negations(parser: Parser) -> tuple[bool, Command | None]:
    """Step over `!`, in bash perhaps several; whether that negates, and the command that is
    nothing where no pipeline follows."""
    lexer = parser.lexer
    negated, pos = False, lexer.start
    while lexer.literal == '!':
        negated = not negated
        lexer.advance()
    if lexer.kind not in ('\n', ';', ')', END):
        return negated, None
    nothing: Command = SimpleCommand((), (), (), pos)
    return True, nothing if negated else Pipeline((nothing,), True, pos)


# -- what is not supported --------------------------------------------------------------


def parse_coprocess(parser: Parser) -> Command:
    """`coproc [name] command`, an error when it is run; POSIX mode has no such word."""
    from minishell.syntax.parser import COMPOUND
    lexer = parser.lexer
    if lexer.posix():
        return parser.parse_simple_command()
    pos = parser.opening('coproc')
    if lexer.kind == WORD and lexer.literal not in COMPOUND:
        lexer.advance()                 # the name, or that of a utility
    if lexer.kind == '(' or lexer.literal in COMPOUND:
        parser.parse_command()
    elif lexer.kind in (WORD, NUMBER) or lexer.kind in REDIRECTIONS:
        parser.parse_simple_command()
    parser.closed()
    return UnsupportedCommand(lexer.text[pos:lexer.start].rstrip(), pos)


def element_assignment(lexer: Lexer) -> Assignment | None:
    """`name[subscript]=value`, perhaps with `+=`: an error when it is run."""
    text = lexer.text[lexer.start:lexer.pos]
    name = text[:text.find('=')].removesuffix('+')
    if name[-1:] != ']' or not is_name(name.partition('[')[0]):
        return None
    return Assignment(name, Word((Literal(text[text.find('=') + 1:]),), lexer.start, lexer.pos),
                      lexer.start)


# -- time -------------------------------------------------------------------------------


def parse_time(parser: Parser) -> Command:
    """`time [-p] [pipeline]`; as bash has it, POSIX mode leaves `time -x` to the utility."""
    from minishell.syntax.parser import LIST_END
    lexer = parser.lexer
    text, pos = lexer.text, lexer.pos
    while text[pos:pos + 1] in (' ', '\t'):
        pos += 1
    if text[pos:pos + 1] == '-' and lexer.posix() or text[pos:pos + 2] == '()':
        return parser.parse_simple_command()
    lexer.advance()
    portable = lexer.literal == '-p'
    if portable:
        lexer.advance()
    if lexer.literal == '--':
        lexer.advance()
    nothing = lexer.kind in LIST_END or lexer.kind in (';', '&', '&&', '||')
    return TimedPipeline(None if nothing else parser.parse_pipeline(), portable)


# -- |& ---------------------------------------------------------------------------------


def with_errors(command: Command, pos: int) -> Command:
    """The command before `|&`: its standard error goes where its output does."""
    if type(command) is FunctionDefinition:
        return command                  # it prints nothing
    if type(command) is SubstitutingCommand:
        return SubstitutingCommand(with_errors(command.command, pos))
    errors = Redirection(2, '>&', Word((Literal('1'),), pos, pos), pos)
    if type(command) is SimpleCommand:
        return SimpleCommand(command.assignments, command.words,
                             (*command.redirections, errors), command.pos)
    if type(command) is RedirectedCommand:
        return RedirectedCommand(command.command, (*command.redirections, errors), command.pos)
    return RedirectedCommand(command, (errors,), pos)
