"""Texts that are being typed, or are wrong: what each character is, and what is open."""
from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from scripts_at_hand import BASH, SH, all_scripts, case_scripts, system_scripts

from minishell.errors import ShellSyntaxError
from minishell.syntax.lexer import FixedGrammar, Lexer
from minishell.syntax.nodes import MalformedText
from minishell.syntax.parser import Parser
from minishell.syntax.partial import Partial, parse_partial
from minishell.syntax.source import Source
from minishell.syntax.spans import Marks, intervals_of, record, spans_of
from minishell.syntax.unparse import unparse

if TYPE_CHECKING:
    from minishell.syntax.nodes import CommandList, Node

PARTS = 8               # of the scripts, for tests side by side
WRONG = {'unread', 'error'}


def text_of(script: bytes) -> str:
    return script.decode('utf-8', 'surrogateescape')


def check(text: str) -> Partial:
    """The spans tile the text, and come from intervals that lie in each other or apart."""
    partial = parse_partial(text)
    around: list[int] = []
    for pos, end, _ in intervals_of(partial):
        while around and around[-1] <= pos:
            around.pop()
        assert not around or end <= around[-1], (text, pos, end)
        around.append(end)
    spans = spans_of(partial)
    assert [pos for pos, _, _ in spans] + [len(text)] == [0] + [end for _, end, _ in spans]
    for pos, end, kind in spans:
        piece = text[pos:end]
        assert piece, (text, pos)
        assert kind != 'comment' or piece[0] == '#' and '\n' not in piece, piece
        assert kind != 'blank' or not piece.strip(' \t\0'), piece
        assert kind != 'newline' or piece == '\n', piece
        assert kind != 'operator' or piece.strip('|&;()!<>=~\\\n') in (
            '', *(f'-{letter}' for letter in 'abcdefghknoprstuvwxzGLNORS'), '-eq', '-ne',
            '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef'), piece
        assert kind != 'unread' or partial.unread >= 0, (text, piece)
    return partial


def parsed(text: str) -> tuple[CommandList | None, str]:
    """The tree as it would be run, or the first error, of backquotes, too."""
    parser = Parser(Source(text), grammar=FixedGrammar(strict=True))
    try:
        return parser.parse_program(), ''
    except ShellSyntaxError as error:
        return None, error.message


# -- real scripts -----------------------------------------------------------------------


@pytest.mark.parametrize('part', range(PARTS))
def test_every_script_at_hand(part: int) -> None:
    """The spans tile it; the tree is the parser's, or the first error is."""
    scripts = all_scripts()[part::PARTS]
    assert len(scripts) > 100
    for script in scripts:
        text = text_of(script)
        partial = check(text)
        tree, message = parsed(text)
        assert [error.message for error in partial.errors][:1] == [message][:bool(message)]
        assert tree is None or tree == partial.tree
        if tree is not None:
            kinds = {kind for _, _, kind in spans_of(partial)}
            assert not kinds & WRONG, text


@pytest.mark.parametrize('part', range(4))
def test_beginnings_of_five_hundred_scripts(part: int) -> None:
    """Each cut somewhere: nothing is raised, and the spans tile what is left."""
    real = sorted(map(text_of, {path.read_bytes() for path in
                                system_scripts(SH) + system_scripts(BASH)}), key=len)
    scripts = [*real, *case_scripts()][:500][part::4]
    assert len(scripts) == 125
    where = random.Random(part)
    for script in scripts:
        check(script[:where.randrange(min(len(script), 8000) + 1)])


EVERYTHING = r"""
# a comment
f() { local x=1; }; function g { :; } >/dev/null 2>&1
if a && ! b || c; then (d; e) | f |& g; elif h; then i & else :; fi; x=1 y+=$z j 2>k <&-
for i in a "$@" ~/b; do case $i in (a|b*) c ;; d) ;& [e]) f; esac; done
while :; do break; done; cat <<E <<-'F' {n}<g; until a; do b; done
 $x `c \`d\` \$e` \$f $(g "h $(i 'j')") \
E
	k
	F
echo "a\"b ${c:-"d$e"} ${f#'g'} $((1+(2))) $(( $h ))" $'i\n' "`j \"k\"`" ${l/m/n} ${#o}
: ${!p} $[q]
[[ -n a && ( b == c* || d =~ ^(e|f)$ ) ]] && ((g++)); for ((h=0;h<1;h++)); do let i=(1+2); done
select j in k; do l < <(m) > >(n); done; time -p o; coproc p { q; }; r \
 s {t,u}{1..3} v[1]=w
"""


def test_every_beginning_of_a_text_with_everything() -> None:
    assert not parse_partial(EVERYTHING).errors
    for end in range(len(EVERYTHING)):
        partial = check(EVERYTHING[:end])
        for error in partial.errors:    # `{ a; } 2`, before the > behind it
            assert error.incomplete or EVERYTHING[error.pos:end].split() == [
                EVERYTHING[error.pos:end]], EVERYTHING[:end]


def test_every_end_of_it() -> None:
    for pos in range(len(EVERYTHING)):
        check(EVERYTHING[pos:])


def test_a_text_with_everything_less_one_character() -> None:
    for pos in range(0, len(EVERYTHING), 3):
        check(EVERYTHING[:pos] + EVERYTHING[pos + 1:])


@pytest.mark.parametrize('text', [
    opener * 3000 for opener in (
        '(', '{ ', '$(', '`', '"$(', '${x-', '$((', 'if ', '<(', '((', 'case x in a) ', 'f() ',
        '! ', 'a | ', '[[ ( ', 'a && ', "'")])
def test_what_is_too_deep(text: str) -> None:
    check(text)
    check(text + '\n)\nfi\n')


@pytest.mark.parametrize(('opener', 'closer'), [
    ('${x-', '}'), ('"${x-', '}"'), ('${x/', '/}'), ('$(a ${x-', '})'),
    ('a=(${x-', '})'), ('$((1+', '))')])
@pytest.mark.parametrize('closed', [False, True])
def test_each_part_is_looked_at_once(
    opener: str, closer: str, closed: bool, monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[object] = []
    word = Marks.word

    def count(self: Marks, node: Node, source: Source, kind: str) -> None:
        looked.append(node)
        word(self, node, source, kind)

    monkeypatch.setattr(Marks, 'word', count)
    spans_of(parse_partial(opener * 40 + closer * 40 * closed))
    assert len(looked) >= 40
    assert len(looked) == len(set(map(id, looked)))


# -- kinds ------------------------------------------------------------------------------


def shown(text: str, **aliases: str) -> str:
    """The spans but of blanks, each with the first letters of its kind before it."""
    return ' '.join([f'{kind[:3]}:{text[pos:end]}' for pos, end, kind in record(text, aliases)
                     if kind != 'blank'])


@pytest.mark.parametrize(('text', 'wanted'), [
    ('a b # c', 'com:a wor:b com:# c'),
    ('# a', 'com:# a'),
    ('a#b', 'com:a#b'),
    ('if a; then b; fi', 'res:if com:a ope:; res:then com:b ope:; res:fi'),
    ('echo if', 'com:echo wor:if'),
    ('x=1 y=$z a', 'ass:x= wor:1 ass:y= par:$z com:a'),
    ('a 2>b >>c {n}<d', 'com:a des:2 red:> wor:b red:>> wor:c des:{n} red:< wor:d'),
    ('a=b; c', 'ass:a= wor:b ope:; com:c'),
    ('for i in a; do b; done',
     'res:for var:i res:in wor:a ope:; res:do com:b ope:; res:done'),
    ('f() { a; }', 'fun:f ope:( ope:) res:{ com:a ope:; res:}'),
    ('function f { a; }', 'res:function fun:f res:{ com:a ope:; res:}'),
    ('case a in b) c;; esac', 'res:case wor:a res:in wor:b ope:) com:c ope:;; res:esac'),
    ('! time -p a', 'res:! res:time res:-p com:a'),
    ('[[ a == b && -n $c ]]', 'res:[[ wor:a ope:== wor:b ope:&& ope:-n par:$c res:]]'),
    ('[[ a =~ (b|c) ]]', 'res:[[ wor:a ope:=~ wor:(b|c) res:]]'),
    ('[[ a == @(b|"c") ]]', 'res:[[ wor:a ope:== wor:@(b| quo:" quo:c quo:" wor:) res:]]'),
    ('((a+1))', 'ari:((a+1))'),
    ('a=(b # c\n[d]=$e) f',
     'ass:a= ope:( wor:b com:# c new:\n wor:[ wor:d wor:]= par:$e ope:) com:f'),
    ('a[1]=b ${c[d]} "${#e[@]}"', 'ass:a[ wor:1 ass:]= wor:b par:${c[ wor:d par:]} quo:" '
     'par:${#e[ quo:@ par:]} quo:"'),
    ('for ((a=0;;)) do b; done', 'res:for ari:((a=0;;)) res:do com:b ope:; res:done'),
    ("a'b'\"c$d\"\\e", 'com:a quo:\' quo:b quo:\' quo:" quo:c par:$d quo:" esc:\\e'),
    ("$'a\\n' ~b", "quo:$' quo:a\\n quo:' til:~b"),
    ('a ~ ~b/c', 'com:a til:~ til:~b wor:/c'),
    ('"a $(b "c $(d)")"',
     'quo:" quo:a  sub:$( com:b quo:" quo:c  sub:$( com:d sub:) quo:" sub:) quo:"'),
    ('`a \\`b\\``', 'sub:` com:a esc:\\ sub:` com:b esc:\\ sub:` sub:`'),
    ('"`a \\"$b\\"`"', 'quo:" sub:` com:a esc:\\ quo:" par:$b quo:\\ quo:" sub:` quo:"'),
    ('a <(b) >(c)', 'com:a sub:<( com:b sub:) sub:>( com:c sub:)'),
    ('${a:-b $c}$((d))', 'par:${a:- wor:b  par:$c par:} ari:$((d))'),
    # here-documents
    ('cat <<E\na \\$b $c\nE\nd', 'com:cat red:<< del:E new:\n her:a  esc:\\$ her:b  par:$c '
     'her:\n del:E new:\n com:d'),
    ("cat <<'E'\na \\$b $c\nE",
     "com:cat red:<< quo:' quo:E quo:' new:\n her:a \\$b $c\n del:E"),
    ('cat <<-E\n\ta $(b\n\t)\n\tE\n', 'com:cat red:<<- del:E new:\n her:\ta  sub:$( com:b '
     'new:\n sub:) her:\n del:\tE new:\n'),
    ('a <<E; b\nE', 'com:a red:<< del:E ope:; com:b new:\n del:E'),
    # continued lines
    ('a \\\n b', 'com:a con:\\\n wor:b'),
    ('a\\\nb &\\\n& c', 'com:a\\\nb ope:&\\\n& com:c'),
    # what is no text
    ('a\r\nb\r\n', 'com:a\r new:\n com:b\r new:\n'),
    ('a\0b | "c\0"\0', 'com:a\0b ope:| quo:" quo:c\0 quo:"'),
    ('\udcff $\udcff "\udce4"', 'com:\udcff wor:$\udcff quo:" quo:\udce4 quo:"'),
    # what is wrong
    ('a ) b; c', 'com:a err:) wor:b ope:; com:c'),
    ('fi; a', 'err:fi ope:; com:a'),
    ('if a; then b; done; fi; c', 'res:if com:a ope:; res:then com:b ope:; err:done ope:; '
     'res:fi ope:; com:c'),
])
def test_kinds(text: str, wanted: str) -> None:
    check(text)
    assert shown(text) == wanted


@pytest.mark.parametrize(('text', 'wanted'), [
    ('ll a', 'ali:ll wor:a'),
    ('ll a | ll', 'ali:ll wor:a ope:| ali:ll'),
    ('b; if ll; then a; fi', 'com:b ope:; res:if ali:ll ope:; res:then com:a ope:; res:fi'),
    ('nothing a', 'ali:nothing com:a'),
    ('next ll x', 'ali:next ali:ll wor:x'),
    ("open b' c", "ali:open quo: b quo:' wor:c"),
    ('begin b; fi', 'ali:begin com:b ope:; res:fi'),
    ('`ll a` $(ll)', 'sub:` ali:ll wor:a sub:` sub:$( ali:ll sub:)'),
    ('echo ll', 'com:echo wor:ll'),
])
def test_aliases_stand_where_they_were_typed(text: str, wanted: str) -> None:
    assert shown(text, ll='ls -l', nothing='', next='sudo -n ', open="echo 'a",
                 begin='if true; then') == wanted


def test_nothing_of_this_is_in_the_shell_s_own_lexer() -> None:
    """The hook is a subclass: what runs commands has no place that asks for it."""
    lexer = Parser(Source('a')).lexer
    assert type(lexer) is Lexer
    assert not hasattr(lexer, 'notes')


# -- openers and errors -----------------------------------------------------------------


@pytest.mark.parametrize(('text', 'openers'), [
    ('a', []),
    ('if a; then b', [('if', 0)]),
    ('a; while b; do if c', [('while', 3), ('if', 15)]),
    ('f() { a', [('{', 4)]),
    ('( { case a in b) "c', [('(', 0), ('{', 2), ('case', 4), ('"', 17)]),
    ('echo "a $(b \'c', [('"', 5), ('$(', 8), ("'", 12)]),
    ('a `b "c', [('`', 2), ('"', 5)]),
    ('a `b \\$c \\', [('`', 2)]),
    ('[[ a == @(b|', [('[[', 0), ('(', 9)]),
    ('a ${b:-c', [('${', 2)]),
    ('a $((b', [('$((', 2)]),
    ("a $'b", [("$'", 2)]),
    ('a <(b', [('<(', 2)]),
    ('[[ a ', [('[[', 0)]),
    ('((a', [('((', 0)]),
    ('a=(b', [('(', 2)]),
    ('cat <<E', [('<<E', 4)]),
    ("cat <<A <<-'B'\na\nA\n", [('<<-B', 8)]),
    ('cat <<A\n$(b "c\n', [('<<A', 4), ('$(', 8), ('"', 12)]),
    ('$(cat <<A\nb', [('$(', 0), ('<<A', 6)]),
    ('a &&', [('&&', 2)]),
    ('a | b ||\n# c\n', [('||', 6)]),
    ('{ a |', [('{', 0), ('|', 4)]),
    ('for i in a b', [('for', 0)]),
    ('for i', [('for', 0)]),
    ('a \\\n', []),
])
def test_what_is_open(text: str, openers: list[tuple[str, int]]) -> None:
    partial = check(text)
    assert partial.openers == openers
    assert all(error.incomplete for error in partial.errors)


@pytest.mark.parametrize(('text', 'tree', 'places'), [
    ('a ) b; c\nd', 'a; ) b; c; d', [2]),
    ('if a; then b; c\nfi )\nd', 'if a; then b; c; fi; ); d', [19]),
    ('a; ; b\nc', 'a; ; b; c', [3]),
    ('{ a; ) ; b; }; c', '{ a; ); b; }; c', [5]),
    ('if a; then b; ) c; fi; d', 'if a; then b; ) c; fi; d', [14]),
    ('if a; then { b; fi; c', 'if a; then { b; }; fi; c', [16]),
    ('for 1 in a; do b; done; c', 'for 1 in a; do b; done; c', [4]),
    ('for i in a; b; done; c', 'for i in a; do b; done; c', [12]),
    ('case a in b) c;; ;; d) e;; esac; f', 'case a in b) c ;; ) ;; d) e ;; esac; f', [17]),
    ('a > ; b', 'a >; b', [4]),
    ('f( x; b', 'f() ; x; b', [3]),
    ('a && && b', 'a &&  && b', [5]),
    ('echo $(a ) ) b; c', 'echo $(a); ) b; c', [11]),
    ('a `b )` c; d', 'a `b; )` c; d', [5]),
    ('fi\ndone\nesac\na', 'fi; done; esac; a', [0, 3, 8]),
])
def test_it_goes_on_behind_errors(text: str, tree: str, places: list[int]) -> None:
    partial = check(text)
    assert [error.pos for error in partial.errors] == places
    assert partial.errors[0].message == parsed(text)[1]
    pieces = []
    for command in partial.tree.commands:
        pieces.append(command.text if isinstance(command, MalformedText)
                      else unparse(command, one_line=True))
    assert '; '.join(pieces) == tree


def test_nodes_of_what_was_typed() -> None:
    text = "a 'b' `c \\`d\\`` <<E\n\\\n$e\nE\n"
    partial = parse_partial(text)
    found = {type(node).__name__: text[slice(*partial.extent(node, source))]
             for node, source in partial.nodes()}
    assert found['SingleQuoted'] == "'b'"
    assert found['CommandSubstitution'] == '`d\\`'
    assert found['ParameterExpansion'] == '$e'
