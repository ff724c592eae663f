"""Conditional expressions: what stands in `[[ … ]]`.  Loaded by the first of them."""
from __future__ import annotations

from minishell.syntax.lexer import END, NUMBER, WORD
from minishell.syntax.names import append_literal, with_tilde
from minishell.syntax.nodes import Conditional, ConditionalCommand, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.lexer import Lexer
    from minishell.syntax.nodes import Command, Part
    from minishell.syntax.parser import Parser

UNARY = frozenset('-' + letter for letter in 'abcdefghknoprstuvwxzGLNORS')
BINARY = frozenset(('=', '==', '!=', '=~', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge',
                    '-nt', '-ot', '-ef'))


def parse_conditional(parser: Parser) -> Command:
    """`[[ expression ]]`: no field splitting, no pathname expansion in its words."""
    pos = parser.opening('[[')
    expression = _parse_or(parser)
    end = parser.expect(']]')
    parser.closed()
    return ConditionalCommand(expression, pos, end)


def _parse_or(parser: Parser) -> Conditional:
    left = _parse_and(parser)
    while parser.lexer.kind == '||':
        _advance(parser)
        left = _joined('||', left, _parse_and(parser))
    return left


def _parse_and(parser: Parser) -> Conditional:
    left = _parse_primary(parser)
    while parser.lexer.kind == '&&':
        _advance(parser)
        left = _joined('&&', left, _parse_primary(parser))
    return left


def _joined(operator: str, left: Conditional, right: Conditional) -> Conditional:
    return Conditional(operator, (left, right), left.pos, right.end)


def _advance(parser: Parser) -> None:
    parser.lexer.advance()
    parser.skip_newlines()


def _parse_primary(parser: Parser) -> Conditional:
    lexer = parser.lexer
    parser.skip_newlines()
    if lexer.kind == '(':
        _advance(parser)
        inner = _parse_or(parser)
        if lexer.kind == ')':
            _advance(parser)
        else:
            parser.fail(parser.unexpected(')'))
        return inner
    word = _operand(parser)
    literal = word.literal()
    if literal == '!':
        parser.skip_newlines()
        inner = _parse_primary(parser)
        return Conditional('!', (inner,), word.pos, inner.end)
    operator = lexer.word.literal() if lexer.kind == WORD else lexer.kind
    if literal in UNARY and (operator not in BINARY or lexer.kind == WORD):
        return _finish(parser, literal or '', _operand(parser), pos=word.pos)
    if operator not in BINARY:
        return _finish(parser, '-n', word, pos=word.pos)
    if operator == '=~':
        right = _read_regex(lexer)
        lexer.advance()
    else:
        lexer.in_pattern = operator in ('=', '==', '!=')
        lexer.advance()
        lexer.in_pattern = False
        right = _operand(parser)
    return _finish(parser, operator or '', word, right, pos=word.pos)


def _finish(parser: Parser, operator: str, *operands: Word, pos: int) -> Conditional:
    parser.skip_newlines()
    return Conditional(operator, operands, pos, operands[-1].end)


def _operand(parser: Parser) -> Word:
    lexer = parser.lexer
    if lexer.kind not in (WORD, NUMBER) or lexer.word.literal() == ']]':
        parser.fail(parser.unexpected(']]' if lexer.kind == END else ''))
        return Word((), lexer.start, lexer.start)
    word = lexer.word
    lexer.advance()
    return word


def _read_regex(lexer: Lexer) -> Word:
    """The word behind `=~`: operators are ordinary in it, and blanks in parentheses."""
    lexer.skip_continuations()
    while lexer.text[lexer.pos:lexer.pos + 1] in (' ', '\t'):
        lexer.pos += 1
        lexer.skip_continuations()
    start = lexer.pos
    parts: list[Part] = []
    depth = 0
    while True:
        parts += lexer.read_parts('')
        c = lexer.text[lexer.pos:lexer.pos + 1]
        if c in '\n' or c in ' \t;&' and not depth or c == ')' and not depth:
            if parts and lexer.text[start] == '~':
                parts = with_tilde(parts)
            return Word(tuple(parts), start, lexer.pos)
        depth += (c == '(') - (c == ')')
        append_literal(parts, c, lexer.pos, lexer.pos + 1)
        lexer.pos += 1
