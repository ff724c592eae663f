"""The grammar: many spellings → one tree → one text (XCU 2.10)."""
from __future__ import annotations

import pytest

from minishell.errors import ShellSyntaxError
from minishell.syntax.nodes import (
    AndOrList,
    ArithmeticCommand,
    Assignment,
    AsynchronousList,
    BraceGroup,
    CaseClause,
    CaseItem,
    CommandList,
    CommandSubstitution,
    Conditional,
    ConditionalCommand,
    DoubleQuoted,
    ForClause,
    FunctionDefinition,
    HereDocument,
    IfClause,
    Literal,
    Node,
    ParameterExpansion,
    Pipeline,
    RedirectedCommand,
    Redirection,
    SimpleCommand,
    SingleQuoted,
    Subshell,
    TildePrefix,
    UntilClause,
    WhileClause,
    Word,
)
from minishell.syntax.parser import Parser
from minishell.syntax.source import Source
from minishell.syntax.unparse import unparse


def parse(text: str) -> CommandList:
    return Parser(Source(text)).parse_program()


def word(part: str | Node) -> Word:
    return Word((Literal(part) if isinstance(part, str) else part,), 0, 0)    # type: ignore[arg-type]


def simple(*words: str | Node) -> SimpleCommand:
    return SimpleCommand((), tuple(word(each) for each in words), (), 0)


def items(*commands: Node) -> CommandList:
    return CommandList(commands)    # type: ignore[arg-type]


A, B, C, D = (simple(name) for name in 'abcd')

# spellings, the tree of them all, its one line
TABLE: list[tuple[list[str], Node, str]] = [
    (['a', 'a\n', '\n\na', ' a ', 'a;', 'a # b', 'a\\\n', '# b\na', 'a\n#b\n'], A, 'a'),
    (['a b', 'a\tb', 'a \\\nb', 'a\\\n b'], simple('a', 'b'), 'a b'),
    (["'a' $b", "'a'  ${b}"],
     simple(SingleQuoted('a'), ParameterExpansion('b', '', None, 0)), "'a' $b"),
    (['a&', 'a &', 'a &\n'], AsynchronousList(A, 0, 0), 'a &'),
    (['a&&b', 'a && b', 'a &&\n\n # c\n b'], AndOrList((A, B), ('&&',)), 'a && b'),
    (['a||b&&c', 'a ||\nb &&\nc'], AndOrList((A, B, C), ('||', '&&')), 'a || b && c'),
    (['a||b&'], AsynchronousList(AndOrList((A, B), ('||',)), 0, 0), 'a || b &'),
    (['a|b', 'a |\n\nb', 'a | # c\nb'], Pipeline((A, B), False, 0), 'a | b'),
    (['! a', '!\\\n a', '! \\\na'], Pipeline((A,), True, 0), '! a'),
    (['! a|b|c'], Pipeline((A, B, C), True, 0), '! a | b | c'),
    (['a && ! b|c'], AndOrList((A, Pipeline((B, C), True, 0)), ('&&',)),
     'a && ! b | c'),

    (['x=1 a', 'x=1  a', 'x=1 \\\na'],
     SimpleCommand((Assignment('x', word('1'), 0),), (word('a'),), (), 0), 'x=1 a'),
    (['x='], SimpleCommand((Assignment('x', Word((), 0, 0), 0),), (), (), 0), 'x='),
    (['x=~:~b/c'], SimpleCommand((Assignment('x', Word((
        TildePrefix(''), Literal(':'), TildePrefix('b'), Literal('/c')), 0, 0), 0),),
        (), (), 0), 'x=~:~b/c'),
    (['a x=1', 'a  x=1'], simple('a', 'x=1'), 'a x=1'),
    (['1=2'], simple('1=2'), '1=2'),
    (['=2'], simple('=2'), '=2'),
    (['a>b', 'a >b', 'a > b', '>b a', 'a >\\\nb'], SimpleCommand(
        (), (word('a'),), (Redirection(None, '>', word('b'), 0),), 0), 'a >b'),
    (['x=1 a 2>&1 <b c', '2>&1 x=1 <b a c', 'x=1 a c 2>& 1 <b', '02>&1 <b x=1 a c'],
     SimpleCommand((Assignment('x', word('1'), 0),), (word('a'), word('c')),
                   (Redirection(2, '>&', word('1'), 0),
                    Redirection(None, '<', word('b'), 0)), 0), 'x=1 a c 2>&1 <b'),
    (['>&2>b', '>&2 >b'], SimpleCommand((), (), (
        Redirection(None, '>&', word('2'), 0), Redirection(None, '>', word('b'), 0)), 0),
     '>&2 >b'),
    (['<<E\nb\nE', '<<E\nb\nE\n', '<< E\nb\nE', '<<\\\nE\nb\nE', '<<E # c\nb\nE'],
     SimpleCommand((), (), (HereDocument(None, '<<', 'E', False, word('b\n'), 0),), 0),
     '<<E\nb\nE'),
    (['>f if', '>f  if'], SimpleCommand(
        (), (word('if'),), (Redirection(None, '>', word('f'), 0),), 0), '>f if'),
    (['x=1 if'], SimpleCommand(
        (Assignment('x', word('1'), 0),), (word('if'),), (), 0), 'x=1 if'),
    (['a if then { } ! in'], simple('a', 'if', 'then', '{', '}', '!', 'in'),
     'a if then { } ! in'),
    (['>f in', '>f  in'], SimpleCommand(
        (), (word('in'),), (Redirection(None, '>', word('f'), 0),), 0), '>f in'),
    (['{a'], simple('{a'), '{a'),
    (['"if"'], simple(DoubleQuoted((Literal('if'),))), '"if"'),

    (['{ a;}', '{ a\n}', '{\na;\n}', '{ # b\na\n\n}'], BraceGroup(items(A), 0), '{ a; }'),
    (['{ a&}', '{ a &\n}'], BraceGroup(items(AsynchronousList(A, 0, 0)), 0), '{ a & }'),
    (['{ a;b;}', '{ a\nb\n}', '{ a;\nb; }'], BraceGroup(items(A, B), 0), '{ a; b; }'),
    (['(a)', '( a )', '(\na\n)', '(a;)'], Subshell(items(A), 0), '(a)'),
    (['( (a) )', '((a) )'], Subshell(items(Subshell(items(A), 0)), 0), '( (a))'),
    (['((a))'], ArithmeticCommand((Literal('a'),), 0), '((a))'),
    (['[[ a = b ]]', '[[ a =\tb ]]'], ConditionalCommand(
        Conditional('=', (word('a'), word('b'))), 0), '[[ a = b ]]'),
    (['(a)>b', '(a) > b'], RedirectedCommand(
        Subshell(items(A), 0), (Redirection(None, '>', word('b'), 0),)), '(a) >b'),
    (['{ a;}|(b)&&c'], AndOrList((
        Pipeline((BraceGroup(items(A), 0), Subshell(items(B), 0)), False, 0), C),
        ('&&',)), '{ a; } | (b) && c'),

    (['for x in b c;do a;done', 'for x in b c\ndo a\ndone', 'for x\nin b c;\n\ndo\na\ndone',
      'for x in b \\\n c; do a; done'],
     ForClause('x', (word('b'), word('c')), items(A), 0), 'for x in b c; do a; done'),
    (['for x do a;done', 'for x;do a;done', 'for x\ndo a;done', 'for x;\ndo a;done'],
     ForClause('x', None, items(A), 0), 'for x; do a; done'),
    (['for x in;do a;done', 'for x in\ndo a;done'],
     ForClause('x', (), items(A), 0), 'for x in; do a; done'),
    (['for x in do;do a;done'], ForClause('x', (word('do'),), items(A), 0),
     'for x in do; do a; done'),
    (['for in in in;do a;done'], ForClause('in', (word('in'),), items(A), 0),
     'for in in in; do a; done'),

    (['case b in esac', 'case b in\n\nesac', 'case b\nin esac'],
     CaseClause(word('b'), (), 0), 'case b in esac'),
    (['case b in x)a;;esac', 'case b in (x) a;; esac', 'case b in x)a\nesac',
      'case b in\nx )\n\na\n\n;;\n\nesac', 'case b in x)a;esac', 'case b in x)a;;# c\nesac'],
     CaseClause(word('b'), (CaseItem((word('x'),), items(A), ';;'),), 0),
     'case b in x) a ;; esac'),
    (['case b in x|y);;z)a;&*)esac', 'case b in x | y) ;; (z) a ;& *) ;; esac'],
     CaseClause(word('b'), (CaseItem((word('x'), word('y')), items(), ';;'),
                            CaseItem((word('z'),), items(A), ';&'),
                            CaseItem((word('*'),), items(), ';;')), 0),
     'case b in x | y) ;; z) a ;& *) ;; esac'),
    (['case b in (esac) a;; esac'],
     CaseClause(word('b'), (CaseItem((word('esac'),), items(A), ';;'),), 0),
     'case b in (esac) a ;; esac'),
    (['case in in in) a;; esac'],
     CaseClause(word('in'), (CaseItem((word('in'),), items(A), ';;'),), 0),
     'case in in in) a ;; esac'),
    (['case b in if) a;; for) c;; esac'],
     CaseClause(word('b'), (CaseItem((word('if'),), items(A), ';;'),
                            CaseItem((word('for'),), items(C), ';;')), 0),
     'case b in if) a ;; for) c ;; esac'),

    (['if a;then b;fi', 'if a\nthen b\nfi', 'if\na\nthen\n\nb\n\nfi', 'if a; then b; fi;'],
     IfClause(((items(A), items(B)),), None, 0), 'if a; then b; fi'),
    (['if a;then b;else c;fi', 'if a\nthen b\nelse\nc\nfi'],
     IfClause(((items(A), items(B)),), items(C), 0), 'if a; then b; else c; fi'),
    (['if a&then b;elif c;then d;else a&fi'],
     IfClause(((items(AsynchronousList(A, 0, 0)), items(B)), (items(C), items(D))),
              items(AsynchronousList(A, 0, 0)), 0),
     'if a & then b; elif c; then d; else a & fi'),
    (['while a;do b;done', 'while a\nb\ndo c\ndone'][:1], WhileClause(items(A), items(B), 0),
     'while a; do b; done'),
    (['while a;b;do c;done', 'while a\nb\ndo c\ndone', 'while\na;b\ndo\nc;done'],
     WhileClause(items(A, B), items(C), 0), 'while a; b; do c; done'),
    (['until a;do b;done', 'until a\ndo\nb;done'], UntilClause(items(A), items(B), 0),
     'until a; do b; done'),
    (['if if a;then b;fi then c;fi', 'if if a; then b; fi; then c; fi',
      'if\nif a\nthen b\nfi\nthen c\nfi'],
     IfClause(((items(IfClause(((items(A), items(B)),), None, 0)), items(C)),), None, 0),
     'if if a; then b; fi; then c; fi'),
    (['{ (a)}', '{ (a) }', '{ (a);}'], BraceGroup(items(Subshell(items(A), 0)), 0),
     '{ (a); }'),

    (['f(){ a;}', 'f ( ) { a; }', 'f()\n\n{ a; }'],
     FunctionDefinition('f', BraceGroup(items(A), 0), 0, 0), 'f() { a; }'),
    (['f()(a)'], FunctionDefinition('f', Subshell(items(A), 0), 0, 0), 'f() (a)'),
    (['f() if a; then b; fi'], FunctionDefinition(
        'f', IfClause(((items(A), items(B)),), None, 0), 0, 0), 'f() if a; then b; fi'),
    (['f() { a; } >b', 'f() { a; }>b'], FunctionDefinition('f', RedirectedCommand(
        BraceGroup(items(A), 0), (Redirection(None, '>', word('b'), 0),)), 0, 0),
     'f() { a; } >b'),
    (['f() { a; }&'], AsynchronousList(FunctionDefinition(
        'f', BraceGroup(items(A), 0), 0, 0), 0, 0), 'f() { a; } &'),

    (['$(a;b)', '$(a\nb)', '$( a ; b )', '$(\na\n\nb # )\n)'],
     simple(CommandSubstitution(items(A, B), False, Source(''), 0)), '$(a; b)'),
    (['`a;b`', '`a\nb`', '` a ; b `'],
     simple(CommandSubstitution(items(A, B), True, Source(''), 0)), '`a; b`'),
]


@pytest.mark.parametrize(('spelling', 'tree', 'text'), [
    (spelling, tree, text) for spellings, tree, text in TABLE for spelling in spellings])
def test_many_spellings_one_tree_one_text(spelling: str, tree: Node, text: str) -> None:
    parsed = parse(spelling)
    assert parsed == items(tree)
    assert unparse(parsed, one_line=True) == text
    assert parse(text) == parsed


def test_lists_go_over_lines() -> None:
    assert parse('a;b\nc&d\n\ne') == items(
        A, B, AsynchronousList(C, 0, 0), D, simple('e'))


def test_complete_commands_end_with_their_line() -> None:
    parser = Parser(Source('a; b &\n\n{ c\n}\n# d\n'))
    found = []
    while (command := parser.parse_complete_command()) is not None:
        found.append(unparse(command, one_line=True))
    assert [line for line in found if line] == ['a; b &', '{ c; }']


def test_trees_that_differ() -> None:
    for one, other in [('a', 'b'), ('a', 'a b'), ('a &', 'a'), ('! a', 'a'), ('(a)', '{ a;}'),
                       ('$(a)', '`a`'), ("'a'", 'a'), (r'\a', 'a'), ('${x-}', '$x'),
                       ('cat <<E\nE', "cat <<'E'\nE"), ('cat <<E\nE', 'cat <<-E\nE'),
                       ('for x do a; done', 'for x in; do a; done'), ('a>b', 'a>>b'),
                       ('while a; do b; done', 'until a; do b; done'), ('1>a', '>a')]:
        assert parse(one) != parse(other), (one, other)


def test_positions_and_lines() -> None:
    source = Source('a\n\n if b\nthen c &\nfi | d\n', 'name', 10)
    tree = Parser(source).parse_program()
    found = {type(node).__name__ + ' ' + unparse(node, one_line=True):
             (source.text[node.pos], source.line_of(node.pos))
             for node in tree.walk() if not isinstance(node, CommandList | Literal)}
    assert found == {
        'SimpleCommand a': ('a', 10), 'Word a': ('a', 10),
        'Pipeline if b; then c & fi | d': ('i', 12),
        'IfClause if b; then c & fi': ('i', 12),
        'SimpleCommand b': ('b', 12), 'Word b': ('b', 12),
        'AsynchronousList c &': ('c', 13), 'SimpleCommand c': ('c', 13),
        'Word c': ('c', 13), 'SimpleCommand d': ('d', 14), 'Word d': ('d', 14)}


def test_nested_arithmetic_that_is_none_takes_no_exponential_time() -> None:
    depth = 25
    tree = parse('$((' * depth + 'a' + ') )' * depth)
    assert sum(type(node) is Subshell for node in tree.walk()) == depth


WORDS = [
    'a', '$a', '${a}', 'a$b.c', '"a b"', '"$a"', '"a $b ${c} d"', '"${a-b}"', '"${a-${b}}"',
    '"${a:-"b c"}"', '"}${a-"b"}"', '"${b} } ${a-${c}"}"', "'a b'", "a'b'$c\"d\"", '~', '~a/b',
    '~$a', 'a=~', 'a=~:~b', 'a=b:~/c:$d', 'a="b c"$d', 'a=${b-~}', "a='b'c", '$1$2$#$?$$',
    '$-', '$!', '$@', '"$@"', '$', '"$"', '$%', '"$%"', '${#a}', '${a#b}', '${a%%"*"}',
    '${a:-b c}', '${a-$b}', '"\\$a"', '\\a', 'a\\\nb', '"a\\\nb"', '$a\\\nb', "$'a\\n'", '$"a"',
    '`a`', '"`a b`"', '$(a b)', '"$(a "b")"', '$((1 + 2))', '"$((a))"', '"a\nb"', "'a\nb'",
    'é', '"é$é"', '${a/b/c}', '"${a:1:2}"', '${!a}', '${', '"${"', '${a', 'a"b', "a'b", '"${a"',
    '=a', '1=a', 'a+=b', 'a#b', '{a,b}', '[!a]*?', '!a', '%1',
]


@pytest.mark.parametrize('before', ['', 'echo ', 'x=1 '])
@pytest.mark.parametrize('word', WORDS)
def test_words_are_the_same_taken_apart_at_once_or_later(word: str, before: str) -> None:
    """Behind the last word of a text more could come, so that it is read at once."""
    found = []
    for text in (before + word, before + word + '\n'):
        try:
            found.append(repr(Parser(Source(text)).parse_program()))
        except ShellSyntaxError as error:
            found.append(error.message)
    assert found[0] == found[1]
