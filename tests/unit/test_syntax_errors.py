"""Wrong programs: what the message says, where, and whether more input could help."""
from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from minishell.errors import ShellSyntaxError
from minishell.syntax.lexer import FixedGrammar
from minishell.syntax.nodes import CommandList, MalformedText
from minishell.syntax.parser import Parser
from minishell.syntax.source import Source
from minishell.syntax.unparse import unparse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]


def parse(text: str) -> CommandList:
    return Parser(Source(text, 'name')).parse_program()


def error_of(text: str, strict: bool = False) -> ShellSyntaxError:
    parser = Parser(Source(text, 'name'), grammar=FixedGrammar(strict=strict))
    with pytest.raises(ShellSyntaxError) as caught:
        parser.parse_program()
    return caught.value


def unexpected(token: str, hint: str = '') -> str:
    return f"syntax error near unexpected token `{token}'" + (f' (wanted {hint})' * bool(hint))


def ended(hint: str = '') -> str:
    return 'syntax error: unexpected end of file' + (f' (wanted {hint})' * bool(hint))


def unclosed(wanted: str, what: str) -> str:
    return (f"unexpected EOF while looking for matching `{wanted}' "
            f'(to close the {what} opened here)')


def end_of(what: str, line: int = 1) -> str:
    return f"the end of `{what}' of line {line}"


def close(wanted: str, what: str, line: int = 1) -> str:
    return f"`{wanted}' to close `{what}' of line {line}"


def after(wanted: str, what: str, line: int = 1) -> str:
    return f"`{wanted}' after `{what}' of line {line}"


def seen_from(line: int, message: str) -> str:
    """A message at a line names other lines only."""
    return message.replace(f' of line {line})', ')')


# the program, the message, then at which text it points and what was open there
WRONG: list[tuple[str, str, str, str]] = [
    (')', unexpected(')'), ')', ''),
    ('a )', unexpected(')'), ')', ''),
    ('()', unexpected(')', end_of('(')), ')', '()'),
    ('{ }', unexpected('}', end_of('{')), '}', '{ }'),
    ('{ a;; }', unexpected(';;', close('}', '{')), ';; }', '{ a;; }'),
    ('{ a; )', unexpected(')', close('}', '{')), ')', '{ a; )'),
    ('( a; }', unexpected('}', close(')', '(')), '}', '( a; }'),
    ('}', unexpected('}'), '}', ''),
    ('fi', unexpected('fi'), 'fi', ''),
    ('then', unexpected('then'), 'then', ''),
    ('elif', unexpected('elif'), 'elif', ''),
    ('do', unexpected('do'), 'do', ''),
    ('esac', unexpected('esac'), 'esac', ''),
    ('in', unexpected('in'), 'in', ''),
    ('if a; fi', unexpected('fi', after('then', 'if')), 'fi', 'if a; fi'),
    ('if a; then; fi', unexpected(';', end_of('if')), '; fi', 'if a; then; fi'),
    ('if; then a; fi', unexpected(';', end_of('if')), '; then a; fi', 'if; then a; fi'),
    ('if a; do', unexpected('do', after('then', 'if')), 'do', 'if a; do'),
    ('if a; then b; done', unexpected('done', close('fi', 'if')), 'done', 'if a; then b; done'),
    ('if a; then b; else c; else', unexpected('else', close('fi', 'if')), 'else',
     'if a; then b; else c; else'),
    ('while a; then', unexpected('then', after('do', 'while')), 'then', 'while a; then'),
    ('until a; do b; fi', unexpected('fi', close('done', 'until')), 'fi', 'until a; do b; fi'),
    ('for 1 do', "syntax error: `1' is not a valid variable name", '1 do', 'for 1 do'),
    ('for $x in', unexpected('$x', end_of('for')), '$x in', 'for $x in'),
    ('for x; a', unexpected('a', after('do', 'for')), 'a', 'for x; a'),
    ('for x a; do', unexpected('a', after('do', 'for')), 'a; do', 'for x a; do'),
    ('for x in a b do c; done', unexpected('done', after('do', 'for')), 'done',
     'for x in a b do c; done'),
    ('case a on', unexpected('on', after('in', 'case')), 'on', 'case a on'),
    ('case a in |', unexpected('|', end_of('case')), '|', 'case a in |'),
    ('case a in b c', unexpected('c', end_of('case')), 'c', 'case a in b c'),
    ('case a in b) ;; ;;', unexpected(';;', end_of('case')), ';;', 'case a in b) ;; ;;'),
    ('case a in b) fi', unexpected('fi', close('esac', 'case')), 'fi', 'case a in b) fi'),
    ('case a in b) esac)', unexpected(')'), ')', ''),
    ('| a', unexpected('|'), '| a', ''),
    ('a | | b', unexpected('|'), '| b', ''),
    ('a ;; b', unexpected(';;'), ';; b', ''),
    ('a & & b', unexpected('&'), '& b', ''),
    ('; a', unexpected(';'), '; a', ''),
    ('a | ! b', unexpected('!'), '! b', ''),
    ('! | a', unexpected('|'), '| a', ''),
    ('a <\nb', unexpected('newline'), '\nb', ''),
    ('a > >b', unexpected('>'), '>b', ''),
    ('a <<;', unexpected(';'), ';', ''),
    ('a 2>;', unexpected(';'), ';', ''),
    ('f(a)', unexpected('a', close(')', 'f()')), 'a)', 'f(a)'),
    ('f() a', unexpected('a', after('{', 'f()')), 'a', 'f() a'),
    ('"f"() { a; }', unexpected('('), '() { a; }', ''),
    ('echo x=()', unexpected('('), '()', ''),
    ('x=1 f() { a; }', unexpected('('), '() { a; }', ''),
    ('>a f() { b; }', unexpected('('), '() { b; }', ''),
    ('{ a; } b', unexpected('b'), 'b', ''),
    ('$(a;;)', unexpected(';;', close(')', '$(')), ';;)', '$(a;;)'),
    ('$(if a)', unexpected(')', after('then', 'if')), ')', 'if a)'),
    ('$((a);;)', unexpected(';;', close(')', '$(')), ';;)', '$((a);;)'),
    ("a 'b\nc' 'd'\n)", unexpected(')'), ')', ''),
    ('f() {\n if a; then\n  b\n }\n', unexpected('}', close('fi', 'if', 2)), '}\n',
     'if a; then\n  b\n }\n'),
    ('while a; do\n if b; then c\n done\n', unexpected('done', close('fi', 'if', 2)), 'done\n',
     'if b; then c\n done\n'),
]

UNFINISHED: list[tuple[str, str, str, str]] = [
    ('(a', ended(close(')', '(')), '', '(a'),
    ('( (', ended(close(')', '(')), '', '('),
    ('{ a', ended(close('}', '{')), '', '{ a'),
    ('{ a }', ended(close('}', '{')), '', '{ a }'),
    ('if a\n', ended(after('then', 'if')), '', 'if a\n'),
    ('if a; then b', ended(close('fi', 'if')), '', 'if a; then b'),
    ('if a; then b; elif c', ended(after('then', 'if')), '', 'if a; then b; elif c'),
    ('if a; then b; else', ended(close('fi', 'if')), '', 'if a; then b; else'),
    ('while a', ended(after('do', 'while')), '', 'while a'),
    ('until a; do', ended(close('done', 'until')), '', 'until a; do'),
    ('for', ended(end_of('for')), '', 'for'),
    ('for x', ended(after('do', 'for')), '', 'for x'),
    ('for x in a', ended(after('do', 'for')), '', 'for x in a'),
    ('for x do a', ended(close('done', 'for')), '', 'for x do a'),
    ('case', ended(end_of('case')), '', 'case'),
    ('case a', ended(after('in', 'case')), '', 'case a'),
    ('case a in', ended(close('esac', 'case')), '', 'case a in'),
    ('case a in b', ended(end_of('case')), '', 'case a in b'),
    ('case a in b) c', ended(close('esac', 'case')), '', 'case a in b) c'),
    ('case a in b) c;;', ended(close('esac', 'case')), '', 'case a in b) c;;'),
    ('a |', ended(), '', ''),
    ('a &&\n\n', ended(), '', ''),
    ('a >', ended(), '', ''),
    ('a <<', ended(), '', ''),
    ('f(', ended(close(')', 'f()')), '', 'f('),
    ('f()', ended(after('{', 'f()')), '', 'f()'),
    ('f() { a; ', ended(close('}', '{')), '', '{ a; '),
    ('a; "b\n', unclosed('"', 'double-quoted string'), '"b\n', '"b\n'),
    ("a 'b", unclosed("'", 'single-quoted string'), "'b", "'b"),
    ("a $'b\\'", unclosed("'", "$'…' string"), "$'b\\'", "$'b\\'"),
    ('a `b', unclosed('`', 'command substitution'), '`b', '`b'),
    ('${a', unclosed('}', 'parameter expansion'), '${a', '${a'),
    ('${a-"b}"', unclosed('}', 'parameter expansion'), '${a-"b}"', '${a-"b}"'),
    ('"${a-b"', unclosed('"', 'double-quoted string'), '"', '"'),
    ('$((1', unclosed('))', 'arithmetic expansion'), '$((1', '$((1'),
    ('$((1)', unclosed('))', 'arithmetic expansion'), '$((1)', '$((1)'),    # XCU 2.6.4
    ('"a$(b', ended(close(')', '$(')), '', '$(b'),
    ('a "$(b "c)"', ended(close(')', '$(')), '', '$(b "c)"'),
]


def check(text: str, message: str, at: str, opened: str, incomplete: bool) -> None:
    error = error_of(text)
    line = 1 + text[:error.pos].count('\n')
    assert error.message == seen_from(line, message)
    assert text[error.pos:] == at
    assert (text[error.opened:] if error.opened >= 0 else '') == opened
    assert error.line == line
    assert (error.name, error.status, error.incomplete) == ('name', 2, incomplete)


@pytest.mark.parametrize(('text', 'message', 'at', 'opened'), WRONG)
def test_wrong(text: str, message: str, at: str, opened: str) -> None:
    check(text, message, at, opened, False)


@pytest.mark.parametrize(('text', 'message', 'at', 'opened'), UNFINISHED)
def test_unfinished(text: str, message: str, at: str, opened: str) -> None:
    check(text, message, at, opened, True)


@pytest.mark.parametrize(('text', 'message', 'line'), [
    ('a\n`if b`', ended(after('then', 'if', 2)), 2),
    ('`"`', unclosed('"', 'double-quoted string'), 1),
    ('`a \\`b`', unclosed('`', 'command substitution'), 1),
    ('`$(`', ended(close(')', '$(')), 1),
    ('`cat <<E\n$(\nE\n`', ended(close(')', '$(', 2)), 3),
    ('cat <<E\na\n$(b\nE\n', ended(close(')', '$(', 3)), 4),
    ('cat <<E\n${a\nE\n', unclosed('}', 'parameter expansion'), 2),
])
def test_more_input_does_not_help_what_is_taken_out_whole(
        text: str, message: str, line: int) -> None:
    error = error_of(text, strict=True)
    assert (error.message, error.line, error.incomplete) == (
        seen_from(line, message), line, False)


@pytest.mark.parametrize('text', ['if b', '"', "'", '$(', '${', 'a; fi', 'cat <<E\n$(\nE\n'])
def test_what_backquotes_hold_is_kept_with_its_error(text: str) -> None:
    tree = parse(f'x `{text}` y\n')
    assert [node.text for node in tree.walk() if isinstance(node, MalformedText)] == [text]
    assert unparse(tree) == f'x `{text}` y'


def test_a_here_document_without_end_may_still_be_finished() -> None:
    assert error_of('cat <<E\n$(a').incomplete


PROGRAMS = [
    'if a b ; then c ; elif ! d && e | f ; then g & else h ; fi >i 2>&1 <<E\n$x $( a b ) \nE\n',
    'for x in a "b c" $( d e ) ` f g ` ; do { h ; i ; } ; ( j ) ; done\n',
    "case 'a b' in ( a | b ) c ;; \"d e\" ) f ;& * ) esac ; while a ; do b ; done\n",
    'f() { x=" a $( b \' c \' ${y:- "d e" } ) " ; $(( 1 + ( 2 ) )) ; }\n',
    'a || b &\n\n until c # d\n do\n e \\\n f\n done <<-A <<"B C"\n\t${x- y }\n\tA\n${\nB C\n',
    "cat <<E | { a $'b c' ; }\n` d \" e \" ` $(( 1 + $( f ) ))\nE\ng\n",
]


@pytest.mark.parametrize('program', PROGRAMS)
def test_what_stops_between_words_is_unfinished_never_wrong(program: str) -> None:
    parse(program)
    unfinished = 0
    for end, c in enumerate(program):
        if c in ' \n':
            try:
                parse(program[:end])
            except ShellSyntaxError as error:
                assert error.incomplete, (program[:end], error.message)
                unfinished += 1
    assert unfinished > 5


@pytest.mark.parametrize('program', PROGRAMS)
def test_what_stops_anywhere_parses_or_has_a_message(program: str) -> None:
    for end in range(len(program)):
        for text in (program[:end], program[end:], program[:end] + program[end + 1:]):
            try:
                parse(text)
            except ShellSyntaxError as error:
                assert error.message
                assert 0 <= error.pos <= len(text)


def test_a_terminal_is_asked_again_after_its_end_of_file() -> None:
    lines = ['if a\n', '', 'b\n', '']
    parser = Parser(Source('', '', 1, lambda inside: lines.pop(0)))
    with pytest.raises(ShellSyntaxError):
        parser.parse_complete_command()
    parser.lexer.drop_input()
    assert parser.parse_complete_command() == parse('b')


def test_nothing_is_read_behind_the_wrong_line() -> None:
    lines = ['a\n', '{ b\n', ') c\n', 'd\n']
    parser = Parser(Source('', '', 1, lambda inside: lines.pop(0)))
    parser.parse_complete_command()
    with pytest.raises(ShellSyntaxError):
        parser.parse_complete_command()
    assert lines == ['d\n']


# -- through the shell --------------------------------------------------------------------


@pytest.mark.parametrize(('text', 'message'), [
    ('echo one; echo two\necho three; )\necho four\n',
     "script: line 2: syntax error near unexpected token `)'"),
    ('echo one; echo two\nif :; then\necho three\n',
     "script: line 4: syntax error: unexpected end of file (wanted `fi' to close `if' of "
     'line 2)'),
    ('echo one; echo two\n\necho "three\n',
     "script: line 3: unexpected EOF while looking for matching `\"' (to close the "
     'double-quoted string opened here)'),
])
def test_commands_before_the_error_run(
        text: str, message: str, run: Run, minishell: list[str], tmp_path: Path) -> None:
    (tmp_path / 'script').write_text(text)
    for arguments, name in [([str(tmp_path / 'script')], str(tmp_path / 'script')),
                            (['-s'], 'minishell'), (['-c', text], 'minishell')]:
        result = run([*minishell, *arguments], stdin=text)
        assert result.stdout == 'one\ntwo\n'
        assert result.stderr == message.replace('script', name, 1) + '\n'
        assert result.returncode == 2


@pytest.mark.parametrize('text', [
    '(' * 10_000, '(' * 10_000 + ':' + ')' * 10_000, 'echo ' + '$(' * 10_000,
    '{ ' * 10_000, '{ ' * 10_000 + ':' + '; }' * 10_000,
    'if ' * 10_000, 'if :; then ' * 10_000 + ':' + '; fi' * 10_000,
    'echo "' + '${x-"' * 10_000, 'echo ' + '"$(echo ' * 10_000, 'echo ' + '${x-' * 10_000,
    'echo $((' + '$((' * 10_000, 'echo $((' + '(' * 10_000, 'f() ' * 10_000,
    'a && ' * 10_000, 'a | ' * 10_000, 'case x in x) ' * 10_000, '! ' * 10_000,
    'while ' * 10_000, 'for x do ' * 10_000, '`' * 9_999, "'" * 9_999, '\\' * 9_999 + ')',
    'cat' + ' <<E' * 10_000 + '; )', '<' * 10_000,
], ids=lambda text: repr(text[:12]))
def test_depth(text: str, run: Run, minishell: list[str]) -> None:
    """10,000 levels are understood or refused."""
    result = run([*minishell, '-n'], stdin=text)
    assert result.stdout == ''
    if result.returncode == 0:
        assert result.stderr == ''
    else:
        assert result.returncode == 2
        assert result.stderr.splitlines()[-1].startswith(
            ('minishell: line 1: syntax error', 'minishell: line 1: unexpected EOF'))


@pytest.mark.parametrize('text', [
    'echo "${#f[[@]} ${g[*]}"', 'echo "${f[[1]}"', 'x="${f[[1]} y"', 'echo "${f[a[b]} c"',
    'echo a${f[[1]} ${g[*]', 'echo "a ${x} ${f[[1]} b ${g[2]}"',
])
def test_a_subscript_that_is_open_is_wrong_before_anything_runs(text: str) -> None:
    """The words are read where they are needed: what their ends are taken from must agree."""
    assert error_of(text).incomplete
