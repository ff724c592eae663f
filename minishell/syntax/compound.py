"""The compound commands (XCU 2.9.4), those of bash among them: a function for each production.

Loaded by the first of them; `syntax/parser.py` has what stands around and inside of them.
"""
from __future__ import annotations

from minishell.syntax.lexer import END, WORD
from minishell.syntax.names import COMPOUND_WORDS, RESERVED_WORDS, is_name
from minishell.syntax.nodes import (
    ArithmeticCommand,
    ArithmeticExpansion,
    ArithmeticFor,
    BraceGroup,
    CaseClause,
    CaseItem,
    CommandList,
    CoprocessCommand,
    ForClause,
    IfClause,
    Literal,
    SelectClause,
    Subshell,
    UntilClause,
    WhileClause,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.syntax.lexer import Lexer
    from minishell.syntax.nodes import Command, Part
    from minishell.syntax.parser import Parser

WORD_ENDS = ('', ' ', '\t', '\n', ';', '&', '|', '(', ')', '<', '>')


# -- grouping ---------------------------------------------------------------------------


def parse_parenthesis(parser: Parser) -> Command:
    """subshell, or the arithmetic command of bash."""
    command = None
    if parser.lexer.text[parser.lexer.pos:parser.lexer.pos + 1] == '(':
        command = parse_arithmetic_command(parser)
    return command or parse_subshell(parser)


def parse_brace_group(parser: Parser) -> Command:
    """brace_group."""
    pos = parser.opening('{')
    body = parser.parse_compound_list('}')
    end = parser.expect('}')
    parser.closed()
    return BraceGroup(body, pos, end)


def parse_subshell(parser: Parser) -> Command:
    """subshell."""
    pos = parser.opening('(')
    body = parser.parse_compound_list(')')
    end = expect_parenthesis(parser, ')')
    parser.closed()
    return Subshell(body, pos, end)


def expect_parenthesis(parser: Parser, wanted: str = '') -> int:
    """Step over the closing parenthesis that must come now; its end."""
    lexer = parser.lexer
    if lexer.kind != ')':
        parser.fail(parser.unexpected(wanted))
        return lexer.start
    end = lexer.pos
    lexer.advance()
    return end


# -- loops ----------------------------------------------------------------------------


def parse_for_clause(parser: Parser) -> Command:
    """for_clause, and select of bash."""
    lexer = parser.lexer
    construct = lexer.literal or ''
    pos = parser.opening(construct)
    if lexer.kind == '(' and lexer.text[lexer.pos:lexer.pos + 1] == '(' \
            and construct == 'for':
        return parse_arithmetic_for(parser, pos)
    parser.substitute_next_alias()
    name = lexer.literal or ''
    if lexer.kind == WORD and lexer.grammar.bash and not is_name(name):
        name = lexer.text[lexer.start:lexer.pos]        # wrong, which is told when it is run
    elif lexer.literal is None:
        parser.fail(parser.unexpected())
    elif not is_name(name):
        parser.fail(lexer.error(f"syntax error: `{name}' is not a valid variable name",
                                lexer.start, pos))
    if lexer.kind == WORD:
        lexer.advance()
    parser.substitute_next_alias('in', 'do')
    adjacent = lexer.literal == 'do'        # no alias there
    words: tuple[Word, ...] | None = None
    if lexer.kind == ';':
        lexer.advance()
        parser.skip_newlines()
    else:
        parser.skip_newlines()
        if lexer.literal == 'in':
            lexer.advance()
            words = _parse_word_list(parser)
    if not adjacent:
        parser.substitute_aliases()
    clause = ForClause if construct == 'for' else SelectClause
    return clause(name, words, *parse_do_group(parser, construct, pos))


def _parse_word_list(parser: Parser) -> tuple[Word, ...]:
    """wordlist sequential_sep."""
    lexer = parser.lexer
    words: list[Word] = []
    while lexer.kind == WORD:
        if lexer.aliases and lexer.substitute_next_alias():
            continue
        words.append(lexer.word)
        lexer.advance()
    if lexer.kind == ';':
        lexer.advance()
    elif lexer.kind != '\n':
        parser.fail(parser.unexpected('do' if lexer.kind == END else ''))
    parser.skip_newlines()
    return tuple(words)


def parse_do_group(parser: Parser, construct: str, pos: int) -> tuple[CommandList, int, int]:
    """do_group, in `for` and `select` perhaps in braces, as in bash; it ends the construct
    opened last, at pos.  Its commands, pos and end of the construct."""
    lexer = parser.lexer
    parser.substitute_next_alias('do')
    closer = 'done'
    if lexer.literal == '{' and construct in ('for', 'select'):
        closer = '}'
    if lexer.literal == 'do' or closer == '}':
        lexer.advance()
    else:
        parser.fail(parser.unexpected('do'))
    body = parser.parse_compound_list(closer)
    end = parser.expect(closer)
    parser.closed()
    return body, pos, end


def parse_while_clause(parser: Parser) -> Command:
    """while_clause, until_clause."""
    name = parser.lexer.literal or ''
    clause = WhileClause if name == 'while' else UntilClause
    pos = parser.opening(name)
    condition = parser.parse_compound_list('do')
    return clause(condition, *parse_do_group(parser, name, pos))


# -- conditionals ---------------------------------------------------------------------


def parse_if_clause(parser: Parser) -> Command:
    """if_clause."""
    lexer = parser.lexer
    pos = parser.opening('if')
    branches: list[tuple[CommandList, CommandList]] = []
    otherwise = None
    while True:
        condition = parser.parse_compound_list('then')
        parser.expect('then')
        branches.append((condition, parser.parse_compound_list('fi')))
        if (closer := lexer.literal) != 'elif':
            break
        lexer.advance()
    if closer == 'else':
        lexer.advance()
        otherwise = parser.parse_compound_list('fi')
    end = parser.expect('fi')
    parser.closed()
    return IfClause(tuple(branches), otherwise, pos, end)


def parse_case_clause(parser: Parser) -> Command:
    """case_clause."""
    lexer = parser.lexer
    pos = parser.opening('case')
    word = Word((), lexer.start, lexer.start)
    if lexer.kind == WORD:
        word = lexer.word
        lexer.advance()
    else:
        parser.fail(parser.unexpected())
    parser.substitute_next_alias('in')
    parser.skip_newlines()
    parser.expect('in')
    parser.skip_newlines()
    items: list[CaseItem] = []
    while lexer.literal != 'esac' and (lexer.kind != END or not items):
        items.append(parse_case_item(parser))
    end = parser.expect('esac')
    parser.closed()
    return CaseClause(word, tuple(items), pos, end)


def parse_case_item(parser: Parser) -> CaseItem:
    """case_item: pattern_list `)` and its commands, with the newlines behind."""
    lexer = parser.lexer
    pos = lexer.start
    if lexer.kind == '(':
        lexer.advance()
    patterns: list[Word] = []
    while True:
        if lexer.kind != WORD:
            parser.fail(parser.unexpected('' if patterns or lexer.kind != END else 'esac'))
            patterns.append(Word((), lexer.start, lexer.start))
            break
        patterns.append(lexer.word)
        lexer.advance()
        if lexer.kind != '|':
            break
        lexer.advance()
    end = expect_parenthesis(parser)
    parser.skip_newlines()
    body = CommandList(()) if parser.at_list_end() else parser.parse_list()
    terminator = ';;'
    if lexer.kind in (';;', ';&', ';;&'):
        terminator = lexer.kind
        end = lexer.pos
        lexer.advance()
        parser.skip_newlines()
    else:
        end = max(end, body.end)
        if lexer.literal != 'esac':
            parser.fail(parser.unexpected('esac'))
    return CaseItem(tuple(patterns), body, terminator, pos, end)


# -- arithmetic -----------------------------------------------------------------------


def parse_arithmetic_command(parser: Parser) -> Command | None:
    """`(( expression ))`, at its first parenthesis; None where these are subshells."""
    inside = _read_double_parentheses(parser.lexer)
    if inside is None:
        return None
    parser.lexer.advance()
    return ArithmeticCommand(inside.parts, inside.pos, inside.end)


def _read_double_parentheses(lexer: Lexer) -> ArithmeticExpansion | None:
    start = lexer.start
    if start in lexer.not_arithmetic:
        return None
    return lexer.read_arithmetic(start)


def parse_arithmetic_for(parser: Parser, opened: int) -> Command:
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
        pos = part.pos
        for index, text in enumerate(part.text.split(';')):
            if index:
                expressions.append([])
            if text.strip():
                expressions[-1].append(Literal(text, pos, pos + len(text)))
            pos += len(text) + 1
    if len(expressions) != 3:
        error = parser.unexpected()
        error.in_bash = 'syntax error: arithmetic expression required' \
            if len(expressions) < 3 else "syntax error: `;' unexpected"
        parser.fail(error)
        expressions = [*expressions, [], []][:3]
    lexer.advance()
    adjacent = lexer.kind == WORD
    if lexer.kind == ';':
        lexer.advance()
    parser.skip_newlines()
    if not adjacent:
        parser.substitute_aliases()
    return ArithmeticFor(tuple(tuple(parts) for parts in expressions),
                         *parse_do_group(parser, 'for', opened))


# -- coprocesses ------------------------------------------------------------------------


def parse_coprocess(parser: Parser) -> Command:
    """`coproc [name] command` of bash, whose POSIX mode has no such word; only a compound
    command has a name before it."""
    lexer = parser.lexer
    if lexer.grammar.posix:
        return parser.parse_simple_command()
    pos = parser.opening('coproc')
    name = None
    if lexer.kind == WORD and lexer.literal not in COMPOUND_WORDS and _compound_follows(lexer):
        name = lexer.word
        lexer.advance()
    command = parser.parse_command()
    parser.closed()
    return CoprocessCommand(name, command, pos, command.end)


def _compound_follows(lexer: Lexer) -> bool:
    """Whether a compound command follows on the current word."""
    text, pos = lexer.text, lexer.pos
    while text[pos:pos + 1] in (' ', '\t') or text[pos:pos + 2] == '\\\n':
        pos += 1 + (text[pos] == '\\')
    end = pos
    while text[end:end + 1] not in WORD_ENDS:
        end += 1
    word = text[pos:end]
    seen: set[str] = set()
    while word in lexer.aliases and word not in seen:
        seen.add(word)
        word = (lexer.aliases[word].split() or [''])[0]
    return word in RESERVED_WORDS or (word or text[pos:pos + 1])[:1] == '('


# -- all of them -----------------------------------------------------------------------


def _parse_conditional(parser: Parser) -> Command:
    from minishell.syntax.conditional import parse_conditional
    return parse_conditional(parser)


PRODUCTIONS: dict[str, Callable[[Parser], Command]] = {
    '(': parse_parenthesis, '{': parse_brace_group,
    'for': parse_for_clause, 'select': parse_for_clause,
    'while': parse_while_clause, 'until': parse_while_clause,
    'if': parse_if_clause, 'case': parse_case_clause,
    '[[': _parse_conditional, 'coproc': parse_coprocess,
}
