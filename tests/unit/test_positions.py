"""Where nodes stand: pos and end of every node and part, in the text of its source."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scripts_at_hand import case_scripts

from minishell.errors import ShellSyntaxError
from minishell.syntax.nodes import (
    Assignment,
    CommandList,
    CommandSubstitution,
    Escaped,
    HereDocument,
    Literal,
    Node,
    ParameterExpansion,
    ProcessSubstitution,
    SingleQuoted,
    Word,
)
from minishell.syntax.parser import Parser
from minishell.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator


def placed(node: Node, source: Source) -> Iterator[tuple[Node, Source, Node | None]]:
    """All nodes with the source that their places refer to, and the node around them."""
    todo: list[tuple[Node, Source, Node | None]] = [(node, source, None)]
    while todo:
        node, source, outer = todo.pop()
        yield node, source, outer
        for inner in node.below():
            if isinstance(node, CommandSubstitution | ProcessSubstitution):
                todo.append((inner, node.source, node if node.source is source else None))
            elif isinstance(node, HereDocument):
                todo += [(part, node.source or source, None) for part in node.body.parts]
            else:
                todo.append((inner, source, node))


@pytest.mark.parametrize(('text', 'kind', 'wanted'), [
    ('a; b & c', CommandList, ['a; b & c']),
    ('a && b || c;', 'AndOrList', ['a && b || c']),
    ('! a | b # c', 'Pipeline', ['! a | b']),
    ('time -p a', 'TimedPipeline', ['time -p a']),
    ('x=1 >f a 2>&1; b', 'SimpleCommand', ['x=1 >f a 2>&1', 'b']),
    ('a=1 b= c=$x', Assignment, ['a=1', 'b=', 'c=$x']),
    ('(a; b) >f; c', 'RedirectedCommand', ['(a; b) >f']),
    ('{ a; } ; b', 'BraceGroup', ['{ a; }']),
    ('( a ) ; b', 'Subshell', ['( a )']),
    ('for i in a b; do c; done >f', 'ForClause', ['for i in a b; do c; done']),
    ('select i do c; done', 'SelectClause', ['select i do c; done']),
    ('for ((;;)) do c; done', 'ArithmeticFor', ['for ((;;)) do c; done']),
    ('((a+1)); b', 'ArithmeticCommand', ['((a+1))']),
    ('case a in b) c;; (d|e) ;& f) g; esac', 'CaseItem', ['b) c;;', '(d|e) ;&', 'f) g']),
    ('case a in b) c;; esac >f', 'CaseClause', ['case a in b) c;; esac']),
    ('if a; then b; elif c; then d; else e; fi; f', 'IfClause',
     ['if a; then b; elif c; then d; else e; fi']),
    ('until a; do b; done; c', 'UntilClause', ['until a; do b; done']),
    ('f() { a; } >g ; b', 'FunctionDefinition', ['f() { a; } >g']),
    ('function f { a; }\nb', 'FunctionDefinition', ['function f { a; }']),
    ('[[ -n a && ( b == c ) ]]', 'Conditional', ['-n a && ( b == c', '-n a', 'b == c']),
    ('[[ ! a ]]; b', 'ConditionalCommand', ['[[ ! a ]]']),
    ('a 2>b {n}<c <&-', 'Redirection', ['2>b', '{n}<c', '<&-']),
    ("cat 3<<'E' f\na\nE\n", 'HereDocument', ["3<<'E'"]),
    ("a 'b c' d", SingleQuoted, ["'b c'"]),
    (r'a\b "c\$"', Escaped, [r'\b', r'\$']),
    ("a $'b\\n' c", 'DollarSingleQuoted', ["$'b\\n'"]),
    ('a "b $c"d', 'DoubleQuoted', ['"b $c"']),
    ('a b"c d"e', Literal, ['a', 'b', 'c d', 'e']),
    ('x=~:~d/e a~ ~b/c', 'TildePrefix', ['~b', '~', '~d']),
    ('a $x${y}${z:-$w}"$@"$1', ParameterExpansion,
     ['$x', '${y}', '${z:-$w}', '$w', '$@', '$1']),
    ('a ${#x} "${#}"', 'ParameterLength', ['${#x}']),
    ('a ${x/b/c}${x:1:2}${x@Q}${!x*}', 'ParameterChange',
     ['${x/b/c}', '${x:1:2}', '${x@Q}', '${!x*}']),
    ('a ${!x} b', 'IndirectExpansion', ['${!x}']),
    ('a $(b $(c) ) `d`', CommandSubstitution, ['$(b $(c) )', '$(c)', '`d`']),
    ('a <(b) >(c)', 'ProcessSubstitution', ['<(b)', '>(c)']),
    ('a $((b + $c))$[d]', 'ArithmeticExpansion', ['$((b + $c))', '$[d]']),
])
def test_the_text_of_a_node(text: str, kind: type[Node] | str, wanted: list[str]) -> None:
    source = Source(text)
    tree = Parser(source).parse_program()
    found = [source.text[node.pos:node.end] for node, where, _ in placed(tree, source)
             if where is source and type(node).__name__ == getattr(kind, '__name__', kind)]
    if kind is CommandList:
        found = found[:1]
    assert sorted(found) == sorted(wanted)


def test_the_body_of_a_here_document() -> None:
    text = "cat <<A <<'B'\na $x\nA\nb\nB\nc\n"
    tree = Parser(Source(text)).parse_program()
    bodies = [node.body for node in tree.walk() if isinstance(node, HereDocument)]
    assert [text[body.pos:body.end] for body in bodies] == ['a $x\n', 'b\n']


@pytest.mark.parametrize(('text', 'inside'), [
    (r'a `b \`c $d\` \\\\\$e`', ['$d', '$e']),
    ('cat <<-E\n\t\ta $b\n\t$c\n\tE\n', ['$b', '$c']),
    ('cat <<E\na\\\nb $c \\\\$d `e \\$f`\nE\n', ['$c', '$d', '$f']),
    ('x="`a \\"$b\\"`"', ['$b']),
])
def test_places_of_text_that_was_taken_out(text: str, inside: list[str]) -> None:
    source = Source(text)
    tree = Parser(source).parse_program()
    found = []
    for node, where, _ in placed(tree, source):
        if type(node) is ParameterExpansion:
            pos, end = where.extent(node.pos, node.end)
            found.append(text[pos:end])
    assert sorted(found) == sorted(inside)


def test_in_every_case_of_this_suite() -> None:
    """A node lies in the one around it, and Literals are what stands there."""
    seen = 0
    for script in case_scripts():
        source = Source(script)
        try:
            tree = Parser(source).parse_program()
        except (ShellSyntaxError, ValueError):
            continue
        for node, where, outer in placed(tree, source):
            if isinstance(node, CommandList) and not node.commands or node.pos < 0:
                continue
            assert 0 <= node.pos <= node.end <= len(where.text), (script, node)
            if outer is not None and outer.pos >= 0:
                assert outer.pos <= node.pos <= node.end <= outer.end, (script, node, outer)
            text = where.text[node.pos:node.end]
            if type(node) is Literal and '\\\n' not in text and '"' not in text:
                assert text.replace('\t', '') == node.text.replace('\t', ''), (script, node)
            if type(node) is ParameterExpansion:        # nothing stands for the x of x+=1
                assert text[:1] in ('', '$') and text != '$', (script, node)
            if isinstance(node, Word):
                ends = [part.end for part in node.parts]
                assert [part.pos for part in node.parts[1:]] == ends[:-1] or not all(
                    part.pos >= 0 for part in node.parts), (script, node)
            seen += 1
    assert seen > 10_000
