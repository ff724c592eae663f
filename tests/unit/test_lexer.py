"""Tokens, here-documents and aliases (XCU 2.3, 2.7.4, 2.3.1)."""
from __future__ import annotations

import pytest

from minishell.syntax.lexer import END, NUMBER, WORD, FixedGrammar, Lexer
from minishell.syntax.nodes import (
    ArithmeticExpansion,
    CommandSubstitution,
    DollarSingleQuoted,
    DoubleQuoted,
    Escaped,
    HereDocument,
    Literal,
    ParameterExpansion,
    ParameterLength,
    SingleQuoted,
    TildePrefix,
    Word,
)
from minishell.syntax.parser import Parser
from minishell.syntax.source import Source
from minishell.syntax.unparse import unparse


def lexer(text: str) -> Lexer:
    return Parser(Source(text)).lexer


def tokens(text: str) -> list[str]:
    """Each token as text; numbers and words that are neither are told by a prefix."""
    reader = lexer(text)
    found = []
    while True:
        reader.advance()
        if reader.kind == END:
            return found
        text = unparse(reader.word) if reader.kind in (WORD, NUMBER) else reader.kind
        found.append({WORD: 'w:', NUMBER: 'n:'}.get(reader.kind, '') + text)


def parts(text: str) -> tuple[object, ...]:
    reader = lexer(text)
    reader.advance()
    assert reader.kind == WORD
    assert reader.pos == len(text)
    return reader.word.parts


# -- tokens ---------------------------------------------------------------------------


@pytest.mark.parametrize(('text', 'expected'), [
    ('', ''),
    ('a', 'w:a'),
    (' \ta \t b', 'w:a w:b'),
    ('a;b', 'w:a ; w:b'),
    ('a;;b', 'w:a ;; w:b'),
    ('a;&b', 'w:a ;& w:b'),
    ('a;;;b', 'w:a ;; ; w:b'),
    ('a&b', 'w:a & w:b'),
    ('a&&&b', 'w:a && & w:b'),
    ('a|||b', 'w:a || | w:b'),
    ('(a)', '( w:a )'),
    ('((a))', '( ( w:a ) )'),
    ('a>b', 'w:a > w:b'),
    ('a>|b', 'w:a >| w:b'),
    ('a>>b', 'w:a >> w:b'),
    ('a>&b', 'w:a >& w:b'),
    ('a<>b', 'w:a <> w:b'),
    ('a<&b', 'w:a <& w:b'),
    ('a<<b', 'w:a << w:b'),
    ('a<<-b', 'w:a <<- w:b'),
    ('a<< -b', 'w:a << w:-b'),
    ('a>>>b', 'w:a >> > w:b'),
    ('2>b', 'n:2 > w:b'),
    ('2<b', 'n:2 < w:b'),
    ('2 >b', 'w:2 > w:b'),
    ('12>b', 'n:12 > w:b'),
    ('2147483647>b', 'n:2147483647 > w:b'),
    ('2147483648>b', 'w:2147483648 > w:b'),
    ('9' * 5000 + '>b', 'w:' + '9' * 5000 + ' > w:b'),
    ('2a>b', 'w:2a > w:b'),
    ('a2>b', 'w:a2 > w:b'),
    (r'\2>b', r'w:\2 > w:b'),
    ('"2">b', 'w:"2" > w:b'),
    ('²>b', 'w:² > w:b'),
    ('2&b', 'w:2 & w:b'),
    ('>2>b', '> n:2 > w:b'),
    ('2\\\n>b', 'n:2 > w:b'),
    ('1\\\n2>b', 'n:12 > w:b'),
    ('#a', ''),
    ('a #b', 'w:a'),
    ('a#b', 'w:a#b'),
    ('a;#b', 'w:a ;'),
    ('""#b', 'w:""#b'),
    ("a # it's", 'w:a'),
    ('a \\\n#b', 'w:a'),
    ('# a \\', ''),
    ('a\\\nb', 'w:ab'),
    ('a \\\n b', 'w:a w:b'),
    ('\\\na', 'w:a'),
    ('a&\\\n&b', 'w:a && w:b'),
    ('a<\\\n<\\\n-b', 'w:a <<- w:b'),
    ('a \\\n', 'w:a'),
    ('a\\\n', 'w:a'),
    ('$\\\nx', 'w:$x'),
    ('$\\\n{x\\\n:\\\n-\\\ny\\\n}', 'w:${x:-y}'),
    ('$x\\\ny', 'w:$xy'),
    ('a{b}c', 'w:a{b}c'),
    ('a=b', 'w:a=b'),
    ('a!b', 'w:a!b'),
    ('a~b', 'w:a~b'),
    ('a\rb', 'w:a\rb'),
    ('a\xa0b\u3000c', 'w:a\xa0b\u3000c'),
    ('a\x0bb\x0cc', 'w:a\x0bb\x0cc'),
    ('\udcffa', 'w:\udcffa'),
    ('$', 'w:$'),
    ('a$ b', 'w:a$ w:b'),
    ('a\\', 'w:a\\\\'),
])
def test_tokens(text: str, expected: str) -> None:
    assert ' '.join(tokens(text)) == expected


def test_newlines_are_tokens_comments_end_before_them() -> None:
    assert tokens('a # b\n\nc') == ['w:a', '\n', '\n', 'w:c']


# -- words ------------------------------------------------------------------------------


def word(*inside: object) -> Word:
    return Word(inside, 0, 0)    # type: ignore[arg-type]


def parameter(name: str, operator: str = '', *inside: object) -> ParameterExpansion:
    return ParameterExpansion(name, operator, word(*inside) if operator else None, 0)


@pytest.mark.parametrize(('text', 'expected'), [
    ('a', [Literal('a')]),
    (r'\a\ ', [Escaped('a'), Escaped(' ')]),
    ("a'b c'd", [Literal('a'), SingleQuoted('b c'), Literal('d')]),
    ("''", [SingleQuoted('')]),
    ("'a\\'", [SingleQuoted('a\\')]),
    ('""', [DoubleQuoted(())]),
    ('$"a"', [DoubleQuoted((Literal('a'),))]),
    (r'"a\b\$\"\\\`"', [DoubleQuoted((Literal('a\\b'), Escaped('$'), Escaped('"'),
                                      Escaped('\\'), Escaped('`')))]),
    ('"a\\\nb"', [DoubleQuoted((Literal('ab'),))]),
    ('"a\'b"', [DoubleQuoted((Literal("a'b"),))]),
    ('"$\'b\'"', [DoubleQuoted((Literal("$'b'"),))]),
    (r"$'a\n\'\x41\101\u00e9\e\cA\z'",
     [DollarSingleQuoted("a\n'AAé\x1b\x01\\z")]),
    (r"$'\303\251\xff'", [DollarSingleQuoted('é\udcff')]),
    (r"$'a\0b'c", [DollarSingleQuoted('a'), Literal('c')]),
    ('$x', [parameter('x')]),
    ('${x}', [parameter('x')]),
    ('$xy', [parameter('xy')]),
    ('${x}y', [parameter('x'), Literal('y')]),
    ('$x-y', [parameter('x'), Literal('-y')]),
    ('$10', [parameter('1'), Literal('0')]),
    ('${10}', [parameter('10')]),
    ('$@$*$#$?$-$$$!$0', [parameter(name) for name in '@*#?-$!0']),
    ('${#}', [parameter('#')]),
    ('${#x}', [ParameterLength('x', 0)]),
    ('${#10}', [ParameterLength('10', 0)]),
    ('${##}', [ParameterLength('#', 0)]),
    ('${#-}', [ParameterLength('-', 0)]),
    ('${#-x}', [parameter('#', '-', Literal('x'))]),
    ('${#:-x}', [parameter('#', ':-', Literal('x'))]),
    ('${##x}', [parameter('#', '#', Literal('x'))]),
    ('${#%x}', [parameter('#', '%', Literal('x'))]),
    ('${x-}', [parameter('x', '-')]),
    ('${x:=a b}', [parameter('x', ':=', Literal('a b'))]),
    ('${x:?a;b|c}', [parameter('x', ':?', Literal('a;b|c'))]),
    ('${x+a\n#b}', [parameter('x', '+', Literal('a\n#b'))]),
    ('${x##*/}', [parameter('x', '##', Literal('*/'))]),
    ('${x%"}"}', [parameter('x', '%', DoubleQuoted((Literal('}'),)))]),
    ("${x%'}'}", [parameter('x', '%', SingleQuoted('}'))]),
    (r'${x%\}}', [parameter('x', '%', Escaped('}'))]),
    ('${x-{a}b}', [parameter('x', '-', Literal('{a')), Literal('b}')]),
    ('${x-${y-z}}', [parameter('x', '-', parameter('y', '-', Literal('z')))]),
    ('${x-~/y}', [parameter('x', '-', TildePrefix(''), Literal('/y'))]),
    ('"${x-~/y}"', [DoubleQuoted((parameter('x', '-', Literal('~/y')),))]),
    ('"${x-\'y\'}"', [DoubleQuoted((parameter('x', '-', Literal("'y'")),))]),
    ('"${x#\'y\'}"', [DoubleQuoted((parameter('x', '#', SingleQuoted('y')),))]),
    ('"${x-"y z"}"', [DoubleQuoted((
        parameter('x', '-', DoubleQuoted((Literal('y z'),))),))]),
    (r'"${x-\}\"\a}"', [DoubleQuoted((
        parameter('x', '-', Escaped('}'), Escaped('"'), Literal('\\a')),))]),
    ('~', [TildePrefix('')]),
    ('~user/x', [TildePrefix('user'), Literal('/x')]),
    ('~"user"', [Literal('~'), DoubleQuoted((Literal('user'),))]),
    ('~$x', [Literal('~'), parameter('x')]),
    ('a~', [Literal('a~')]),
    (r'\~', [Escaped('~')]),
    ('$((1 + (2)))', [ArithmeticExpansion((Literal('1 + (2)'),), 0)]),
    ('$((x$y"1"))', [ArithmeticExpansion((Literal('x'), parameter('y'), Literal('1')), 0)]),
    ('$((\n1\n))', [ArithmeticExpansion((Literal('\n1\n'),), 0)]),
])
def test_words(text: str, expected: list[object]) -> None:
    assert list(parts(text)) == expected


@pytest.mark.parametrize('text', [
    '${', '${}', '${-', '${x', '${x-', '$(', '$((', '$((1)', '`', "'", '"', "$'", "$'\\",
    '"${x-"', '"$(', '`\\', '"`', '$(echo `', '${x-`', '"\\', '"$\\\n(',
])
def test_open_words_are_told(text: str) -> None:
    from minishell.errors import ShellSyntaxError
    if text == '${}':
        assert parts(text) == (ParameterExpansion('${}', 'bad', None, 0),)
        return
    with pytest.raises(ShellSyntaxError) as caught:
        parts(text)
    assert caught.value.incomplete


@pytest.mark.parametrize(('text', 'expected'), [
    ('$(a)', '$(a)'),
    ('$()', '$()'),
    ('$(\n a ; b\n)', '$(a; b)'),
    ('$(a;)', '$(a)'),
    ('$((a);b)', '$( (a); b)'),
    ('$( (a))', '$( (a))'),
    ('$((a) )', '$( (a))'),
    ('$(case x in x) y;; esac)', '$(case x in x) y ;; esac)'),
    ('$(case x in (x) y;; esac)', '$(case x in x) y ;; esac)'),
    ('$(a # )\n)', '$(a)'),
    ("$(a ')')", "$(a ')')"),
    ('"$(a ")")"', '"$(a ")")"'),
    ('`a`', '`a`'),
    ('``', '``'),
    (r'`a \`b\``', r'`a \`b\``'),
    (r'`a \`b \\\`c\\\`\``', r'`a \`b \\\`c\\\`\``'),
    (r'`a \$b \\$c`', r'`a $b \\$c`'),
    (r'"`a \"b\"`"', '"`a "b"`"'),
    (r'"`a "b"`"', '"`a "b"`"'),
    (r'`a \"b`', r'`a \\"b`'),
])
def test_substitutions_as_they_are_written_back(text: str, expected: str) -> None:
    found = parts(text)
    assert unparse(word(*found)) == expected
    inner = found[0].parts[0] if type(found[0]) is DoubleQuoted else found[0]
    assert type(inner) is CommandSubstitution
    assert inner.backquoted == ('`' in text)


# -- here-documents --------------------------------------------------------------------


def here_documents(text: str) -> list[tuple[str, bool, str]]:
    """Delimiter, whether it was quoted, and the body as it would be written."""
    node = Parser(Source(text)).parse_program()
    return [(here.delimiter, here.quoted, unparse(here.body)
             if not here.quoted else here.body.parts[0].text if here.body.parts else '')
            for here in node.walk() if isinstance(here, HereDocument)]


@pytest.mark.parametrize(('text', 'expected'), [
    ('<<E\na\nE', [('E', False, 'a\n')]),
    ('<<E\na\nE\n', [('E', False, 'a\n')]),
    ('<<E\nE', [('E', False, '')]),
    ('<<E\n E\nE \nE', [('E', False, ' E\nE \n')]),
    ('<<-E\n\t\ta\n \tb\n\tE', [('E', False, 'a\n \tb\n')]),
    ('<<-E\n\ta\\\n\tb\nE', [('E', False, 'a\tb\n')]),
    ("<<-'E'\n\ta\\\n\tb\nE", [('E', True, 'a\\\nb\n')]),
    ('<<E\na\\\nE\nE', [('E', False, 'aE\n')]),
    ('<<E\na\\\\\nE', [('E', False, 'a\\\\\n')]),
    ('<<\\E\na\\\nE', [('E', True, 'a\\\n')]),
    ("<<'E F'\n$a\nE F", [('E F', True, '$a\n')]),
    ('<<"E"F\n$a\nEF', [('EF', True, '$a\n')]),
    ('<<""\na\n\n', [('', True, 'a\n')]),
    ('<<A <<B\na\nA\nb\nB', [('A', False, 'a\n'), ('B', False, 'b\n')]),
    ('a <<A | b <<B\na\nA\nb\nB', [('A', False, 'a\n'), ('B', False, 'b\n')]),
    ('$(a <<A\na\nA\n) <<B\nb\nB', [('A', False, 'a\n'), ('B', False, 'b\n')]),
    ('<<E\na\nb', [('E', False, 'a\nb\n')]),
    ('<<E\n`a`$x"$(b)"\\$\\x\nE', [('E', False, '`a`$x"$(b)"\\$\\x\n')]),
    ('<<E\n$(cat <<F\na\nF\n)\nE', [('E', False, '$(cat <<F\na\nF\n)\n'),
                                     ('F', False, 'a\n')]),
    # Nothing is expanded in a delimiter; an expansion in it stands for itself.
    ('<<$x\n$y\n$x', [('$x', False, '$y\n')]),
    ('<<a"$x"\n$y\na$x', [('a$x', True, '$y\n')]),
    ('<<a"$x"\'b\'"\\$\\c"\\d\n$y\na$xb$\\cd', [('a$xb$\\cd', True, '$y\n')]),
    ('<<~x\na\n~x', [('~x', False, 'a\n')]),
    ('<<$(a b)\na\n$(a b)', [('$(a b)', False, 'a\n')]),
    ("<<$'a\\tb'\nx\na\tb", [('a\tb', True, 'x\n')]),
    ('<<E\\\nF\na\nEF', [('EF', False, 'a\n')]),
    ('<<$\\\nx\na\n$x', [('$x', False, 'a\n')]),
    # What looked like arithmetic and was not must not ask for its bodies twice.
    ('$(( $(cat <<A) ); b)\na\nA', [('A', False, 'a\n')]),
])
def test_here_documents(text: str, expected: list[tuple[str, bool, str]]) -> None:
    assert here_documents(text) == expected


def test_a_here_document_that_ends_with_the_input_is_warned_of() -> None:
    warnings = []
    parser = Parser(Source('a\ncat <<E\nb\n'), None,
                    lambda message, line: warnings.append((message, line)))
    parser.parse_program()
    assert warnings == [("here-document at line 2 delimited by end-of-file (wanted `E')",
                         3)]


# -- aliases ---------------------------------------------------------------------------


@pytest.mark.parametrize(('aliases', 'text', 'expected'), [
    ({'a': 'b'}, 'a', 'b'),
    ({'a': 'b'}, 'x a', 'x a'),
    ({'a': 'b'}, 'a; a & a | a && a', 'b; b & b | b && b'),
    ({'a': 'b'}, r'\a', r'\a'),
    ({'a': 'b'}, '"a"', '"a"'),
    ({'a': 'b'}, 'x=1 a', 'x=1 b'),
    ({'a': 'b'}, '>f a', 'b >f'),
    ({'a': 'a x'}, 'a y', 'a x y'),
    ({'a': 'b x', 'b': 'a y'}, 'a', 'a y x'),
    ({'a': 'x ', 'b': 'c'}, 'a b b', 'x c b'),
    ({'a': 'x ', 'b': 'y ', 'c': 'z'}, 'a b c c', 'x y z c'),
    ({'a': ''}, 'a b', 'b'),
    ({'a': ''}, 'a', ''),
    ({'a': 'b; c'}, 'a d', 'b; c d'),
    ({'a': 'b |'}, 'a c', 'b | c'),
    ({'a': 'if'}, 'a b; then c; fi', 'if b; then c; fi'),
    ({'if': 'b'}, 'if c', 'b c'),
    ({'in': 'b', 'a': 'do'}, 'for b in c; a d; done', 'for b in c; do d; done'),
    ({'a': 'b'}, '$(a) `a` "$(a)"', '$(b) `b` "$(b)"'),
    ({'a': "'b"}, "a c'", "'b c'"),
    ({'a': 'b'}, 'a() { a; }', 'b() { b; }'),
    ({'a': 'b'}, 'case a in a) a;; esac', 'case a in a) b ;; esac'),
    ({'a': 'b'}, 'for a in a; do a; done', 'for a in a; do b; done'),
    ({'a': '! b'}, 'a c', '! b c'),
    ({'a': '# b'}, 'a c\nd', 'd'),
])
def test_aliases(aliases: dict[str, str], text: str, expected: str) -> None:
    assert unparse(Parser(Source(text), aliases).parse_program(), True) == expected


# -- reading on demand --------------------------------------------------------------------


@pytest.mark.parametrize(('lines', 'used'), [
    (['a\n', 'b\n'], 1),
    (['a; b\n', 'c\n'], 1),
    (['a \\\n', 'b\n', 'c\n'], 2),
    (['{ a\n', '}\n', 'c\n'], 2),
    (['a &&\n', '\n', 'b\n', 'c\n'], 3),
    (['"a\n', 'b"\n', 'c\n'], 2),
    (['cat <<E\n', 'a\n', 'E\n', 'c\n'], 3),
    (["cat <<'E'\n", 'a\n', 'E\n', 'c\n'], 3),
    (['x=$(cat <<E\n', 'a\n', 'E\n', ')\n', 'c\n'], 4),
    (['f()\n', '\n', '{ a\n', '}\n', 'c\n'], 4),
    (['# a\n', 'b\n'], 1),
])
def test_no_line_is_read_behind_a_complete_command(lines: list[str], used: int) -> None:
    rest = list(lines)
    parser = Parser(Source('', '', 1, lambda inside: rest.pop(0) if rest else ''))
    parser.parse_complete_command()
    assert len(lines) - len(rest) == used


def test_the_reader_is_told_whether_a_command_goes_on() -> None:
    asked = []
    lines = ['\n', 'if a\n', 'then b\n', 'fi\n', '']

    def read(inside: bool) -> str:
        asked.append(inside)
        return lines.pop(0)
    parser = Parser(Source('', '', 1, read))
    while parser.parse_complete_command() is not None:
        pass
    assert asked == [False, False, True, True, False]


def test_a_reserved_word_behind_a_blank_is_an_alias_where_do_is_wanted() -> None:
    aliases = {'forx': 'for x in 1; ', 'for': '\n do'}
    parser = Parser(Source('forx for echo; done'), aliases, grammar=FixedGrammar(posix=True))
    assert unparse(parser.parse_program(), True) == 'for x in 1; do echo; done'
