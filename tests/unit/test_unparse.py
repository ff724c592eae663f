"""unparse: the layout, and that what it writes parses to an equal tree."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minishell.errors import ShellSyntaxError
from minishell.syntax.lexer import FixedGrammar
from minishell.syntax.nodes import CommandList
from minishell.syntax.parser import Parser
from minishell.syntax.source import Source
from minishell.syntax.unparse import unparse

CASES = sorted((Path(__file__).resolve().parent.parent / 'cases').rglob('*.test'))


def parse(text: str) -> CommandList:
    parser = Parser(Source(text), grammar=FixedGrammar(extglob='extglob' in text))
    return parser.parse_program()


def check(text: str) -> None:
    """Both layouts parse to the same tree, and are written the same again."""
    tree = parse(text)
    for one_line in (False, True):
        written = unparse(tree, one_line)
        again = parse(written)
        assert again == tree, written
        assert unparse(again, one_line) == written


# -- the layout -------------------------------------------------------------------------


@pytest.mark.parametrize('text', [
    'a b\nc &\nd | e && f >g',
    """\
if a; then
    b
elif c & d; then
    e
    f
else
    g
fi""",
    """\
while a; b; do
    until c; do
        d &
    done
done""",
    """\
for x in a b; do
    for y; do
        c
    done
done""",
    """\
case $x in
    a | b)
        c
        d
    ;;
    (esac)
        e
    ;&
    *)
    ;;
esac""",
    """\
{
    a
} | (
    b
) >c && (
    (
        d
    )
)""",
    """\
f() {
    a
} >b
g() (
    c
)""",
    """\
! if a; then
    b
fi | c &""",
    """\
if {
    a
}; then
    b
fi""",
    'x=$(if a; then b; fi) "$(f() { c & }; while d; do e; done)"',
    """\
cat <<A 3<<-'B' | while read x; do
a $x
A
	b $x
	B
    echo $x
done""",
    """\
f() {
    cat <<E
  a
E
    b <<E &
c
E
}""",
    """\
x=$(cat <<E
a
E
) b""",
    """\
case x in
    a)
        cat <<E
b
E
    ;;
esac""",
    """\
if a <<E; then
b
E
    c
fi""",
])
def test_layout(text: str) -> None:
    assert unparse(parse(text)) == text


@pytest.mark.parametrize(('text', 'expected'), [
    ('if a\nthen cat <<E\nb\nE\nelse c; fi', 'if a; then cat <<E; else c; fi\nb\nE'),
    ('case x in a) b& ;; c) ;; esac', 'case x in a) b & ;; c) ;; esac'),
    ('{ a & }; (b); for x do c; done', '{ a & }; (b); for x; do c; done'),
    ('f() {\n a\n b &\n}', 'f() { a; b & }'),
])
def test_one_line(text: str, expected: str) -> None:
    assert unparse(parse(text), one_line=True) == expected


def test_any_node_can_be_written() -> None:
    tree = parse('x=~/y if $x ${#x} $((1)) "a$(b)" >z <<E\nE\ncase a in b) c;; esac')
    written = [unparse(node) for node in tree.walk()]
    for text in ('x=~/y', '~', '/y', '$x', '${#x}', '$((1))', '"a$(b)"', 'b', '>z', '<<E\nE',
                 'b)\n    c\n;;'):
        assert text in written


# -- back to the same tree --------------------------------------------------------------


@pytest.mark.parametrize('text', [
    '', '\n', '# a',
    # quoting
    r"\a\'\"\\\ \$ 'a\' ''" + '"" "\'" "\\a\\$\\\\\\`\\"" "$" "a$"',
    "'a\nb' \"c\nd\" \\\\", 'a\\\nb "c\\\nd"', "a'b'\"c\"\\d$'e'$f`g`$((h))~i",
    r"$'\a\b\e\f\n\r\t\v\\\'\"\?' $'\001\177\200\377\xc3\xa9' $'\u20ac\U1F600é' $'a\0b'",
    '$"a" $"" "$"', '\udcff "\udcff" \'\udcff\' $\'\udcff\' \\\udcff',
    'a\x01\x7f\r\xa0', 'é ü "ß"',
    # parameters
    '$x$y ${x}y ${x}_ ${x}1 $x- ${x}"y" ${x}$y $1 ${1}0 $10 ${10} $@$*$#$?$-$$$!$0',
    '"$x$y ${x}y $1 ${1}0"', '${x-}${x:-a}${x=a b}${x:=a}${x?}${x:?a}${x+a}${x:+$y}',
    '${x#a}${x##a}${x%a}${x%%a}${x#"#"}${x%\\%}${x#\\}}',
    '${#}${#x}${##}${#-}${#-x}${##x}${#:-x}',
    '"${x-a b}" "${x-"a b"}" "${x-\'a\'}" "${x#\'a\'}" "${x%"a"}" "${x-\\}\\"\\$}"',
    '${x-\'a\'}${x-"a"}${x-\\a}${x-$\'a\'}${x-`a`}${x-$(a)}${x-$((1))}${x-${y-z}}',
    '${x-a;b|c&d(e)<f>\n#g}', '${x-{a}} "${x-{a}}"', '${x-~} ${x-~/a} x=${x-~:~a} "${x-~}"',
    '"${x[@]}${#x[*]}${x[i+1]}${#x[-1]}${PIPESTATUS[$x]}"',
    '${x!} ${} ${x y} ${x"}"} "${x^^}"', '${x-$} ${x-"$"} "${x-$"a"}"',
    'x=a:~:~b/c:"~" y=~$x z=~"a" ~a/b ~"a" ~$x a~ a:~ \\~',
    # arithmetic
    '$((1)) $((1+(2*3))) $((x)) $(($x)) $((${x}y)) $(("1"+1)) $((\n1 +\n2\n)) $((a<<b|c>d))',
    '$((`a`+$(b)+$((c)))) $((\\$x)) $(($"1")) $((x[1])) $((1, 2)) "$((1+1))" $((\\"))',
    # substitutions
    '$() `` $( ) ` ` $( (a)) $((a);(b)) $((a) ) `(a)` $(a;) $(a&) $(a & b)',
    r'`a \`b \\\`c\\\` \\$d "\\\`e\\\`"\`` "`a "b" \"c\" \\\"d`" `a \"b\" "c" \\ \\\\`',
    r'`\$x \\$x`',
    "`echo 'a\\\\nb' \"\\\\\\$x\"` $(echo 'a\\nb' \"\\$x\")",
    '`cat <<E\na\nE\n` $(cat <<E\na\nE\n)',
    '"$(a "$(b "c")")" "`a`" ${x:-"$(a "b")"}', "$(case x in x) y;; esac) $(a # )\n) $(a ')')",
    '$(if a; then b; fi) $(f() { a; }) $(for x do a; done) $({ a; }) $(! a) $(a | b && c)',
    # redirections and here-documents
    'a >b 2>c <d >>e >|f <>g >&h <&i 2>&- 10>&1 >"$x" >$(b) 2>2 >2 3<3', '>a; <b; >a if; >b !',
    '>a then <b x', 'x=1 >a if', '>a 1', 'echo 1 >a', 'echo \\1>a "1">b',
    'cat <<E\n$x `a` $(b) ${c-"d"} $((1)) \\$ \\` \\\\ \\a "\' \\\nx\nE',
    "cat <<'E'\n$x `a` \\\n\\$\nE",
    'cat <<A <<B; c <<C\na\nA\nb\nB\nc\nC', 'cat <<E | tr a b && c & d\na\nE',
    'cat <<-E\n\ta\n\t\tb\n\tE', 'cat <<-"E"\n\t$a\n\tE', 'cat << -E\na\n-E',
    "cat <<'-E'\na\n-E",
    'cat <<""\na\n\n', "cat <<'a b'\nx\na b\n", "cat <<a\\'b\nx\na'b\n", 'cat <<"$x"\na\n$x\n',
    'cat <<$x\na\n$x\n', 'cat <<`a b`\nc\n`a b`\n', 'cat 3<<E <<4\na\nE\nb\n4',
    'cat <<E\n$(cat <<F\n$x\nF\n)\nE', 'cat <<X\n$(cat <<-X\n\tfoo\n\tX\n)\nX',
    'cat <<E\n$(cat <<-F\n\tE\n\tF\n)\nE', 'cat <<E\n`cat <<F\n$x\nF\n`\nE',
    "cat <<E\n`echo 'a\\\\\nb'`\nE", 'cat <<E\n${x-"}"} ${x-\'}\nE', 'cat <<E\na', 'cat <<E',
    "cat <<'E'\na",
    '{ cat <<E; }\na\nE', 'f() { cat; } <<E\na\nE', '(cat <<E)\na\nE',
    'while cat; do a; done <<E\nb\nE',
    'if cat <<A; then\na\nA\ncat <<B; else\nb\nB\ncat <<C; fi\nc\nC',
    'case $(cat <<E\na\nE\n) in b) c;; esac',
    'x=$(cat <<A) y\na\nA', '"$(cat <<A\na\nA\n)" <<B\nb\nB', '${x-$(cat <<A\na\nA\n)}',
    '$(($(cat <<A\n1\nA\n)+1))', '$(( $(cat <<A\n1\nA\n) ); b)',
    'for x in $(cat <<A\n1\nA\n) <<B\nb\nB\ndo c; done'.replace(' <<B\nb\nB\n', '\n'),
    # commands
    '! a', '! a | b', 'a && ! b || ! c | d &', 'a & b & c', 'a; b', 'x=1 y=2', 'x=1 a y=2',
    'x=',
    'f() { g() (a); g; }', 'f() for x do a; done >b', 'f() case x in x) ;; esac',
    'f.g-h() { a; }',
    '((a) | { b; }) && (c; (d)) &', '{ { a; }; }', '( ( (a) ) )', '(a)>b 2>&1; { a; }<b | c',
    'if a | b && c & d; then e; elif f; then g & else h; fi >i', 'while a & do b & done &',
    'case x in esac', 'case "$x" in a*|[b-c]?) d;; (e) ;; f) g & ;& *) { h; } esac | i',
    'case x in (esac|fi) ;; fi) a;; esac', 'for x in; do a; done',
    'for x in a "$@" $b; do c; done',
    'for in in in in; do a; done', 'echo for if { } ! in', 'a{b,c} [a-z]* ?', 'a=b=c d=e',
])
def test_back_to_the_same_tree(text: str) -> None:
    check(text)


def scripts_of(path: Path) -> list[str]:
    """The scripts of a file of cases: what stands between a title and its directives."""
    text = path.read_text(encoding='utf-8', errors='surrogateescape')
    return [block.partition('\n')[2].partition('\n## ')[0] + '\n'
            for block in ('\n' + text).split('\n#### ')[1:]]


@pytest.mark.parametrize('path', CASES, ids=lambda path: path.stem)
def test_scripts_of_cases(path: Path) -> None:
    scripts = scripts_of(path)
    right = 0
    for script in scripts:
        try:
            parse(script)
        except ShellSyntaxError:
            continue
        check(script)
        right += 1
    assert right > len(scripts) / 2


# -- generated source -------------------------------------------------------------------

# The first choice of each symbol leads to an end; blanks and newlines count.
GRAMMAR = {
    'program': ['‹list›\n', '‹list›\n‹program›'],
    'list': ['‹and_or›', '‹and_or›‹separator›‹list›', '‹and_or›‹separator›‹and_or›'],
    'body': ['‹list›; ', '‹list› & ', '‹list›‹break›', '‹break›‹list›; '],
    'separator': ['; ', ';', ' & ', '‹break›'],
    'break': ['\n', '\n\n', ' # c\n', ' # it\'s "\n'],
    'and_or': ['‹pipeline›', '‹pipeline› && ‹pipeline›', '‹pipeline›||\n‹and_or›'],
    'pipeline': ['‹command›', '! ‹command›', '‹command› | ‹pipeline_rest›',
                 '! ‹command›|\n‹pipeline_rest›'],
    'pipeline_rest': ['‹command›', '‹command› | ‹command›'],
    'command': ['‹simple›', '‹simple›', '‹compound›', '‹compound› ‹redirections›',
                'f() ‹compound›', 'f()\n‹compound› ‹redirections›'],
    'simple': ['‹name›', '‹name› ‹arguments›', 'x=‹word› ‹simple›', 'x=', '>f ‹name›',
               '>f if ‹arguments›', '‹redirections›', '"‹name›" ‹word›'],
    'name': ['a', 'cmd', 'echo'],
    'arguments': ['‹argument›', '‹argument› ‹arguments›', '‹argument›\t\\\n‹arguments›'],
    'argument': ['‹word›', '‹word›', '‹word›', '‹redirection›', 'y=~:‹word›', '‹reserved›'],
    'reserved': ['if', '}', '!', 'esac', 'done', 'in'],
    'redirections': ['‹redirection›', '‹redirection› ‹redirection›'],
    'redirection': ['>‹word›', '2>‹word›', '<‹word›', '>> ‹word›', '0<>‹word›', '3>&2',
                    '<&-', '>|‹word›', '12>‹word›', '‹here›', '‹here›'],
    'here': ['<<E', "<<'E'", '<<-E', '3<<"E"'],
    'compound': [
        '{ ‹body›}', '(‹list›)', '( ‹body›)', 'if ‹body›then ‹body›fi',
        'if ‹body›then‹break›‹body›elif ‹body›then ‹body›else ‹body›fi',
        'while ‹body›do ‹body›done', 'until ‹body›do‹break›‹body›done',
        'for x in ‹words›do ‹body›done', 'for x do ‹body›done', 'for x;\n do ‹body›done',
        'case ‹word› in ‹items›esac', 'case ‹word›\nin\n‹items› (‹word›) ‹list›\nesac'],
    'words': ['; ', '‹word›; ', '‹word› ‹word›\n'],
    'items': ['', '(‹word›) ;;', '‹name›) ‹list› ;;\n‹items›',
              '(esac|‹word›)\n‹body›;& ‹items›', '‹word› | ‹word›)\n;;‹items›'],
    'word': ['a', '‹part›', '‹part›‹part›', '‹part›‹part›‹part›', '~‹part›', 'x:~/‹part›'],
    'part': ['bc', '‹plain›', '‹quoted›', '"‹inside›"', '‹expansion›', '‹expansion›'],
    'plain': ['-', '/.', '1', '*', '[a]', '{', '}', 'a#', '~', '=', ':', ',', '@', '^', '%',
              'é', '\udcff'],
    'quoted': ["''", "'a b'", "'\\'", '\\a', '\\ ', '\\\\', "\\'", '""', "$'\\n\\''",
               "$'\\377a\\1'", '$"a"', "'#'", '\\#'],
    'inside': ['a b', '‹expansion›', '‹inside›‹expansion›', "'", '\\$', '\\"', '\\a', '\\\\',
               'a\\\nb', '\n', '{~', '}#', '‹inside› ‹inside›', '‹quoted_expansion›'],
    'expansion': ['$x', '${y}', '$1', '$10', '${10}', '${#x}', '${##}', '$@', '$$', '$.',
                  '${‹parameter›‹operator›‹braced›}', '$((‹arithmetic›))', '$(‹list›)',
                  '$( ‹body›)', '`‹backquoted›`'],
    'quoted_expansion': ['${x-‹inside_braces›}', '${x:+"‹inside›"}'],
    'parameter': ['x', 'y1', '1', '10', '@', '*', '#', '?', '-', '$', '!', '0'],
    'operator': ['-', ':-', '=', ':=', '?', ':?', '+', ':+', '#', '##', '%', '%%'],
    'braced': ['', 'a', '~/b', 'a b', '"‹inside›"', '\\}', '‹expansion›', '{;|&<>()\n#',
               '‹braced›‹braced›'],
    'inside_braces': ['', "a'", '\\}', '\\"', '"a"', '‹expansion›', '{ ~',
                      '‹inside_braces›‹inside_braces›'],
    'arithmetic': ['1', 'x', '$x', '${x}y', '‹arithmetic› + ‹arithmetic›',
                   '(‹arithmetic›)*2', '"3"', '\n‹arithmetic›', '1<<‹arithmetic›',
                   '‹expansion›', '\\$x'],
    'backquoted': ['a', 'a "b c"', "a 'b' \\$x; b", 'a \\`b "$x"\\`', 'a # c\n', '(a)',
                   'for x do a; done'],
}
LONGEST = 3000


def expand(choices: list[int]) -> str:
    """A program from the grammar; where the choices have run out, the first one each."""
    pieces: list[str] = []
    length = 0
    rest = ['‹program›']
    numbers = iter(choices)
    while rest:
        text, opening, tail = rest.pop().partition('‹')
        pieces.append(text)
        length += len(text)
        if opening:
            symbol, _, tail = tail.partition('›')
            rest.append(tail)
            choice = next(numbers, 0) if length < LONGEST else 0
            rest.append(GRAMMAR[symbol][choice % len(GRAMMAR[symbol])])
    return ''.join(pieces)


def with_bodies(text: str) -> str:
    """Each here-document's body behind the line with its operator."""
    lines = []
    for line in text.split('\n'):
        lines.append(line)
        lines += ['b $x \\$ "', '\tc', 'E'] * len(re.findall('<<-?["\']?E', line))
    return '\n'.join(lines)


PROGRAMS = st.lists(st.integers(0, 59), max_size=80).map(expand)


@settings(max_examples=400, deadline=None)
@given(PROGRAMS)
def test_generated_programs(text: str) -> None:
    if '<<' not in text.replace('1<<', ''):
        check(text)
        return
    try:
        parse(with_bodies(text))
    except ShellSyntaxError:        # a body may fall between quotes
        return
    check(with_bodies(text))


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from((
    'a', 'x=', ' ', ' ', '\n', ';', '&', '|', '(', ')', '<', '>', '<<', '-', 'E', '\nE\n',
    '$', '{', '}', '"', "'", '`', '\\', '#', '~', ':', '!', 'if ', ' then ', ' fi ', 'case ',
    ' in ', ' esac', ';;', 'for ', ' do ', ' done', '$(', '$((', '))', '${', '1', '\udcff',
    )), max_size=25).map(''.join))
@example('<<"\nE\n"')
@example('cat <<-"a\nb" <<E\n\tx\ny\n')
@example('<()|&(:)')
@example('c() { :; } |& c')
@example('cat <<-""\n\tx\n\n:\n')
@example("$(('$(')) $(($\"x\" '$y' $\"(\"))")
def test_whatever_parses_is_written_back(text: str) -> None:
    try:
        parse(text)
    except ShellSyntaxError:
        return
    check(text)
