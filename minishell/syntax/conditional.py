"""Conditional expressions: what stands in `[[ … ]]`.  Loaded by the first of them."""
from __future__ import annotations

from minishell.syntax.lexer import END, NUMBER, WORD
from minishell.syntax.names import grow_literal, with_tilde
from minishell.syntax.nodes import Conditional, ConditionalCommand, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.lexer import Lexer
    from minishell.syntax.nodes import Command, Part
    from minishell.syntax.parser import Parser

UNARY = frozenset('-' + letter for letter in 'abcdefghknoprstuvwxzGLNORS')
LOGICAL = frozenset(('&&', '||', ')', '\n'))      # what may follow on an operand alone
BINARY = frozenset(('=', '==', '!=', '=~', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge',
                    '-nt', '-ot', '-ef'))
# what bash says
WRONG = 'syntax error in conditional expression'
WRONG_TOKEN = "unexpected token `{}' in conditional command"
WRONG_ARGUMENT = "unexpected argument `{}' to conditional"
NO_OPERATOR = 'conditional binary operator expected'


def parse_conditional(parser: Parser) -> Command:
    """`[[ expression ]]`: no field splitting, no pathname expansion in its words."""
    pos = parser.opening('[[')
    expression = _parse_or(parser)
    if parser.lexer.literal == ']]':
        end = parser.expect(']]')
    else:
        _fail(parser, WRONG, f"{WRONG}: unexpected token `{{}}'", ']]')
        end = parser.lexer.start
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
            _fail(parser, "expected `)'", "unexpected token `{}', expected `)'", ')')
        return inner
    word = _operand(parser, WRONG_TOKEN if lexer.literal != ']]' else '')
    literal = word.literal()
    if literal == '!':
        parser.skip_newlines()
        inner = _parse_primary(parser)
        return Conditional('!', (inner,), word.pos, inner.end)
    operator = lexer.word.literal() if lexer.kind == WORD else lexer.kind
    if literal in UNARY and (operator not in BINARY or lexer.kind == WORD):
        return _finish(parser, literal or '', _operand(
            parser, f'{WRONG_ARGUMENT} unary operator'), pos=word.pos)
    if operator not in BINARY:
        if lexer.kind not in LOGICAL and lexer.literal != ']]':
            _fail(parser, NO_OPERATOR, f"unexpected token `{{}}', {NO_OPERATOR}", ']]')
        return _finish(parser, '-n', word, pos=word.pos)
    if operator == '=~':
        right = _read_regex(lexer)
        lexer.advance()
    else:
        lexer.in_pattern = operator in ('=', '==', '!=')
        lexer.advance()
        lexer.in_pattern = False
        right = _operand(parser, f'{WRONG_ARGUMENT} binary operator')
    return _finish(parser, operator or '', word, right, pos=word.pos)


def _finish(parser: Parser, operator: str, *operands: Word, pos: int) -> Conditional:
    parser.skip_newlines()
    return Conditional(operator, operands, pos, operands[-1].end)


def _operand(parser: Parser, in_bash: str) -> Word:
    lexer = parser.lexer
    if lexer.kind not in (WORD, NUMBER) or lexer.word.literal() == ']]':
        _fail(parser, '', in_bash, ']]' if lexer.kind == END else '')
        return Word((), lexer.start, lexer.start)
    word = lexer.word
    lexer.advance()
    return word


def _fail(parser: Parser, of_word: str, of_token: str, wanted: str) -> None:
    """The error for the current token; what bash says of a word, and of another token, behind
    which it then takes its input to be at its end."""
    lexer = parser.lexer
    error = parser.unexpected(wanted)
    token = lexer.describe()
    if lexer.kind == END:               # bash thinks a newline before it
        broken = parser.broken == lexer.start or lexer.text[:lexer.start].endswith('\n')
        token = 'EOF' if broken else 'newline'
    is_word = lexer.kind in (WORD, NUMBER) and token != ']]'
    error.in_bash = of_word if is_word else of_token.format(token)
    error.ends = 2 if lexer.pos == len(lexer.text) and lexer.kind in (END, '\n') else 0
    parser.fail(error)


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
                parts = with_tilde(parts, lexer.reads_as_bash())
            return Word(tuple(parts), start, lexer.pos)
        depth += (c == '(') - (c == ')')
        grow_literal(parts, c, lexer.pos, lexer.pos + 1)
        lexer.pos += 1
