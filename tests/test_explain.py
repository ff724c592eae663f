"""`explain`: what a command would do, and nothing done."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scripts_at_hand import system_scripts

from minishell.builtins.manual import options_of
from minishell.builtins.registry import BUILTINS, COURSE
from minishell.builtins.shopt import NAMES as SHOPT_NAMES
from minishell.explain.arguments import said_of
from minishell.explain.commands import explain
from minishell.explain.switches import SHOPTS, STATUSES, SWITCHES
from minishell.session import build_shell
from minishell.state.options import LETTERS, NAMES, listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell

    Run = Callable[..., subprocess.CompletedProcess[str]]

# A page of each way in which such lists are written: by hand, by help2man, by pod2man, by
# docbook, by asciidoctor, by mdoc, by docutils, by LLVM; with what misled the reading of some.
PAGES = {
    'grep.1': r"""
.TH GREP 1
.SH NAME
grep \- print lines that match
.SH OPTIONS
.TP
.BR \-i ", " \-\^\-ignore\-case
Ignore case distinctions.
More of it.
.TP
.BI \-A " NUM" "\fR, \fP" \-\^\-after\-context= NUM
Print
.I NUM
lines behind each.
""",
    'sort.1': r"""
.SH NAME
sort \- sort lines of text files
.SH DESCRIPTION
.TP
\fB\-u\fR, \fB\-\-unique\fR
with \fB\-c\fR, check for strict ordering;
without \fB\-c\fR, output only the first of an equal run
.HP
\fB\-f\fR, \fB\-\-ignore\-case\fR
.IP
fold lower case to upper case characters
.PP
The end.
""",
    'wc.1': r"""
.SH "NAME"
wc \- count
.SH "OPTIONS"
.IP "\fB\-l\fR" 4
.IX Item "-l"
print the newline counts, e.g. 3. And so on.
""",
    'cut.1': r"""
.SH "NAME"
cut \- remove sections
.SH "OPTIONS"
.PP
\fB\-d\fR \fIDELIM\fR
.RS 4
use DELIM instead of TAB
.RE
.sp
\fB\-f\fP, \fB\-\-fields\fP=\fILIST\fP
.RS 4
Don\(cqt print other fields.
.RE
""",
    'find.1': r"""
.Dd today
.Sh NAME
.Nm find
.Nd walk a file hierarchy
.Sh DESCRIPTION
.Bl -tag -width indent
.It Fl name Ar pattern
True if the last component of the pathname matches
.Ar pattern .
.It Fl Fl help , Fl h
Help.
.El
""",
    'tail.1': r"""
.de1 INDENT
. RS \\$1
..
.SH NAME
tail \- the end
.SH OPTIONS
.sp
\fB\-n\fP \fIlines\fP
.INDENT 0.0
.INDENT 3.5
So many lines.  Or less.
.UNINDENT
.UNINDENT
.sp
\fB–follow\fP
.INDENT 0.0
.INDENT 3.5
Wait for more.
.UNINDENT
.UNINDENT
.INDENT 0.0
.TP
.B \-s=<seconds>
Wait for so long in the given order.
.INDENT 7.0
.INDENT 3.5
.sp
.nf
=none \- not at all
.fi
.UNINDENT
.UNINDENT
.UNINDENT
""",
    'od.1': r"""
.SH NAME
od \- dump
.SH DESCRIPTION
Options:
.HP
\fB\-a\fR                  \- Name characters (default=no)
.HP
\fB\-t=\fR<type>           \- Choose a type:
.TP
=c
\-   characters
.HP
\fB\-\-format=\fR<type>       \- Its long name, see \fB\-t\fR
.IP
Others:
.HP
\fB\-v\fR                  \- Write all
""",
    'nl.1': r"""
.SH NAME
nl \- number lines
.SH NOTES
.IP "\-w\fIwidth\fP or \-\-width=\fIwidth\fP"
As wide as that.
.TP
.BI \-s text
Behind the number.
.IP "\fB\-p\fR" 4
.PD 0
.IP "\fB\-\-no\-renumber\fR" 4
.IP "\fB\-\fR" 4
.PD
Go on.
.TP
\-p or \-\-pages
Not reached.
.TP
.B \-\-zeros
.TQ
.B \-\-no\-zeros
Fill with zeros.
The \fB\-\-no\-zeros\fR option turns that off.  And more.
.TP
\-d or \-\-delimiter
Between pages.
""",
    'dd.1': r"""
.SH NAME
dd \- convert
.SH OPTIONS
.TP
.B \-1 (or \-\-fast) to \-9 (or \-\-best)
Set the size.
.TP
.BR \-q
Say nothing.
""",
    'fmt.1': r"""
.SH NAME
fmt \- format
.SH OPTIONS
.TP
.B \-n \-\-no\-name
Keep no name.
.TP
.B \-# \-\-fast
Set the speed by the digit #.
""",
    'nice.1': r"""
.SH NAME
nice \- be nice
.SH OPTIONS
.TP
\fB\-n\fR, \fB\-\-adjustment\fR=[\-]\fIN\fR
add N
""",
    'stty.1': r"""
.SH NAME
stty \- modes
.SH OPTIONS
.TP
.BR \-0 " ... " \-3
Select a level.
.TP
.B \-4
One more.
""",
    'same.1': '.so man1/sort.1\n',
}
UNIQUE = ('with -c, check for strict ordering; without -c, output only the first of an '
          'equal run')
TO_ALL = 'SIGINT from the terminal to P1 P2 P3 and the shell, which are one process group'


@pytest.fixture
def pages(tmp_path: Path) -> str:
    folder = tmp_path / 'pages' / 'man1'
    folder.mkdir(parents=True)
    for name, text in PAGES.items():
        (folder / name).write_text(text)
    return str(tmp_path / 'pages')


@pytest.fixture
def shell() -> Shell:
    return build_shell('test', {b'PATH': b'/usr/bin:/bin', b'HOME': b'/home/me'})


def explained(shell: Shell, text: str, **variables: str) -> str:
    for name, value in variables.items():
        shell.variables.assign(name, value)
    return '\n'.join(explain(shell, text, False)[0])


def said(minishell: list[str], run: Run, environment: dict[str, str], pages: str,
         *words: str, setup: str = '') -> subprocess.CompletedProcess[str]:
    return run([*minishell, '-c', setup + 'explain "$@"', 'x', *words],
               env={**environment, 'MANPATH': pages})


def test_a_pipeline(minishell: list[str], run: Run, environment: dict[str, str], pages: str,
                    tmp_path: Path) -> None:
    (tmp_path / 'cwd' / 'f').write_text('b x\na x\n')
    folders = [shutil.which(name, path='/usr/bin:/bin') for name in ('grep', 'sort', 'wc')]
    done = said(minishell, run, {**environment, 'PATH': '/usr/bin:/bin'}, pages,
                'grep x f | sort -uf | wc -l')
    grep, sort, wc = folders
    assert done.stdout == f"""\
  grep x f | sort -uf | wc -l
  └──P1──┘ ① └──P2──┘ ② └─P3┘
  P1  grep  {grep}  print lines that match
      f            a file of 8 bytes
                   0←the shell's  1→①  2→the shell's
  P2  sort  {sort}  sort lines of text files
      -u           {UNIQUE}
      -f           fold lower case to upper case characters
                   0←①  1→②  2→the shell's
  P3  wc  {wc}  count
      -l           print the newline counts, e.g. 3
                   0←②  1→the shell's  2→the shell's
      shell        pipe ×2  spawn ×3  wait ×3
      Ctrl-C       {TO_ALL}
      $?           that of P3, the last; PIPESTATUS has P1 P2 P3
"""
    assert (done.returncode, done.stderr) == (0, '')


@pytest.mark.parametrize(('command', 'lines'), [
    ('grep -iA3 x', ['-i           Ignore case distinctions',
                     '-A NUM       Print NUM lines behind each']),
    ('grep --after=3 x', ['--after NUM  Print NUM lines behind each']),
    ('grep -A 3 -i', ['-A NUM       Print NUM lines behind each',
                      '-i           Ignore case distinctions']),
    ('grep -- -i', []),
    ('cut -d: -f 1', ['-d DELIM     use DELIM instead of TAB',
                      "-f LIST      Don't print other fields"]),
    ('find . -name x -h', ['-name pattern True if the last component of the pathname matches '
                           'pattern', '-h           Help']),
    ('tail -n 3 --follow -s=none', [
        '-n lines     So many lines', '--follow     Wait for more',
        '-s seconds   Wait for so long in the given order']),
    ('od -av --format=c -t=c', [
        '-a           Name characters (default=no)', '-v           Write all',
        '--format type Its long name, see -t', '-t type      Choose a type:']),
    ('nl -w3 -s: -p --no-zeros --zeros -d x', [
        '-w width     As wide as that', '-s text      Behind the number',
        '-p           Go on', '--no-zeros   Fill with zeros. The --no-zeros option turns that '
        'off', '--zeros      Fill with zeros', '-d           Between pages']),
    ('grep -q x', ['-q           the manual does not say']),
    ('dd -5q x', ['-5           Set the size', '-q           Say nothing']),
    ('fmt -7', ['-7           Set the speed by the digit #']),
    ('nice -5 x', ['-5           add N']),
    ('nice -n 5 x', ['-n N         add N']),
    ('stty -2 -4', ['-2           Select a level', '-4           One more']),
    ('cut -5', ['-5           the manual does not say']),
])
def test_options(shell: Shell, pages: str, command: str, lines: list[str]) -> None:
    shown = explained(shell, command, MANPATH=pages).split('\n')
    assert [line.strip() for line in shown if line.strip()[:1] == '-'] == lines


@pytest.mark.parametrize(('command', 'lines'), [
    ('kill -9 %1', ['-9           SIGKILL is signal 9: cannot be caught',
                    '%1           a job; there is none of this name now']),
    ('kill -s TERM -- -44 0', ['-s TERM      SIGTERM is signal 15',
                               '-44          all processes of the process group 44',
                               "0            all processes of the shell's own process group"]),
    ('kill -0 5', ['-0           no signal: the status tells']),
    ('kill -l 9', ['-l           list the names', '9            SIGKILL is signal 9']),
    ('read -r -t 5 x', ['-r           a backslash', '-t 5         give up after']),
    ('read -rt5 x', ['-r           a backslash', '-t 5         give up after']),
    ('set -euo pipefail', ['-e           end at', '-u           parameters that are not set',
                           '-o pipefail  the status of a pipeline is that of the last']),
    ('set +eo errexit', ['+e           off: end at', '+o errexit   off: end at']),
    ('set -- -e', ['--           what follows are positional parameters']),
    ('trap "" INT', ["''           ignored", 'INT          SIGINT is signal 2']),
    ('trap - SIGINT EXIT', ['-            as it was by default',
                            'SIGINT       SIGINT is signal 2',
                            'EXIT         the end of the shell']),
    ('trap -- "echo x" ERR', ['echo x       commands that are run when',
                              'ERR          a command that fails']),
    ('trap -p INT', ['-p           print', 'INT          SIGINT']),
    ('wait -n', ['-n           for one of them']),
    ('ulimit -Sn 10', ['-S           the soft limit', '-n           open descriptors',
                       '10           the new limit']),
    ('export -n x', ['-n           no longer']),
    ('flock -n 9', ['-n           do not wait']),
    ('flock --timeout 3 f -c ls', ['--timeout 3  wait no longer',
                                   '-c           a command line']),
    ('mq send -n 17 12 x', ['-n           with send and recv: do not wait']),
    ("printf -v x '%-5s|%q|%(%H)T%%' a", ['-v x         assign', '%-5s         a string',
                                         '%q           a string, quoted',
                                         '%(%H)T       a time', '%%           a percent sign']),
    ('[ -f x -a ! a = b ]', ['-f x         it is a regular file', '-a           both are true',
                             '!            turns round', '=            they are the same']),
    ('test -n = -n', ['=            they are the same']),
    ('declare +x -ri v', ['+x           not, or no longer: handed on', '-r           readonly',
                          '-i           values are arithmetic']),
    ('popd -n +2', ['-n           leave the working', '+2           the entry at this place']),
    ('fc -l -5', ['-l           list', '-5           the command that is 5 before']),
    ('echo -ne -x', ['-n           without a newline', '-e           with escape']),
    ('umask 077', ['077          new files have at most the mode 600, directories 700']),
    ('shopt -s nullglob nosuch', ['-s           turn on',
                                  'nullglob     a pattern that matches no file becomes nothing',
                                  'nosuch       no option of shopt']),
    ('shopt -so pipefail', ['-s           turn on', '-o           options of set',
                            'pipefail     the status of a pipeline']),
    ('abbr --set-cursor=@ m', ['--set-cursor=@ the cursor is']),
    ('cd -', ['-            to the directory before this one']),
    ('read -Z', ['-Z           no option of read']),
    ('read -t', ['-t timeout   give up']), ('set -o', ['-o           an option by its name']),
    ('read -$(x) y', []), ('printf $x', []), ('kill', []),
    ('cd() { echo; }; cd -P', ['shell  echo']),
])
def test_arguments_of_built_in_utilities(shell: Shell, command: str, lines: list[str]) -> None:
    found, _ = explain(shell, command, False)
    begun = [line.strip() for line in found if line[:6].isspace() and line[6:7].strip()
             and not re.match(r' +(beware|\$\?|-?\$\(?x)', line)]
    assert len(begun) == len(lines), begun
    for said, wanted in zip(begun, lines, strict=True):
        assert said.startswith(wanted)


@pytest.mark.parametrize(('command', 'said'), [
    ('wait $!', 'that of the last process it is asked for'), ('[ a ]', '0 if it is true, 1'),
    ('cd /', '0 if it has done what it says'), ('/bin/true', 'that of the command: 128+n'),
    ('sem wait s', '0; 1 if it would have to wait'),
    ('cd() { :; }; cd', 'that of the command')])
def test_statuses(shell: Shell, command: str, said: str) -> None:
    line = explained(shell, command).rstrip('\n').split('\n')
    assert [each for each in line if each.startswith('      $?  ')][-1].split(None, 1)[1] \
        .startswith(said)


def test_statuses_are_of_utilities() -> None:
    assert {*STATUSES} <= {*BUILTINS, *COURSE}


def test_values_do_not_move_the_cursor(shell: Shell) -> None:
    said = explained(shell, 'cat "$x" <$x', x='a\x1b]\nb\x9b')
    assert '→ <a^[]^JbM-^[>' in said
    assert '\x1b' not in said + explained(shell, 'echo \x1b[1m; if \x1b')


def test_fifos(shell: Shell, tmp_path: Path) -> None:
    """One that is there, and one that the text itself makes."""
    os.mkfifo(tmp_path / 'ff')
    for text, name in ((f'cat <{tmp_path}/ff', f'{tmp_path}/ff'),
                       ('mkfifo gg; { cat; } <gg', 'gg')):
        assert f'0: {name} opened for reading: a FIFO, so it waits until {name} is opened ' \
            'for writing, too' in explained(shell, text)
    assert 'so it waits' not in explained(shell, 'mkfifo gg; cat 3<>gg <f')


def test_every_option_of_every_built_in_utility(shell: Shell) -> None:
    """An option is said, whatever the utility does with its words."""
    options = [(name, option) for name in {**BUILTINS, **COURSE} for option in options_of(name)
               if option not in ('-', '--', '+N', '-N')]
    assert len(options) > 330
    for name, option in options:
        words = [option, *['pipefail'] * (1 if name in ('test', '[') else 3)]
        assert any(shown.startswith(option) and not said.startswith('no option')
                   for _, shown, said in said_of(shell, name, words)), (name, option)


def test_names_of_options() -> None:
    assert {*SHOPTS} == {*SHOPT_NAMES}
    assert {*map(listed, NAMES)} == {*SWITCHES} | {
        listed(long) for letter, long in LETTERS.items() if f'-{letter}' in options_of('set')}


def test_a_page_that_names_another(shell: Shell, pages: str, tmp_path: Path) -> None:
    (tmp_path / 'same').write_text('#!/bin/sh\n')
    (tmp_path / 'same').chmod(0o755)
    shown = explained(shell, 'same -u', MANPATH=pages, PATH=str(tmp_path))
    assert 'sort lines of text files' in shown
    assert 'check for strict ordering' in shown


@pytest.mark.parametrize(('command', 'line'), [
    ('$x', 'the variable x; field splitting at the characters of IFS; pathname expansion '
           '→ <a> <b>'),
    ('"$x"', 'the variable x in double-quotes, so it is not split; quote removal → <a b>'),
    ('~/y', '~: the home directory → </home/me/y>'),
    ('${x:-y}', 'the variable x: the word behind :- where it is unset or null; field splitting '
                'at the characters of IFS; pathname expansion'),
    ('$((x=1))', 'the value of the expression; field splitting at the characters of IFS; '
                 'pathname expansion'),
    ('*.c', 'pathname expansion'),
    ('{a,b}', 'brace expansion: a word for each of what the braces list'),
    ('$RANDOM', 'the variable RANDOM; field splitting at the characters of IFS; pathname '
                'expansion'),
    ('"$unset"', 'the variable unset in double-quotes, so it is not split; quote removal → <>'),
    ('$unset', 'the variable unset; field splitting at the characters of IFS; pathname '
               'expansion → nothing, no field at all'),
])
def test_words(shell: Shell, command: str, line: str) -> None:
    assert f'{command:<12} {line}' in explained(shell, f'echo {command}', x='a b')


def test_what_the_text_itself_changes_is_not_said(shell: Shell) -> None:
    shown = explained(shell, 'x=1; echo "$x" "$y"; read y', x='a', y='b')
    assert '→ <1>' in shown
    assert '→ <a>' not in shown
    assert '→ <b>' not in shown
    assert '→' not in explained(shell, 'f() { echo "$1"; }')
    assert '→' not in explained(shell, 'echo "${00}"')


@pytest.mark.parametrize(('command', 'line'), [
    ('x 2>&1 >f', "0←the shell's  1→f  2→the shell's"),
    ('x >f 2>&1', "0←the shell's  1→f  2→f"),
    ('x <a >>b 2>/dev/null', '0←a  1→b  2→/dev/null'),
    ('x 3>&1 1>&2 2>&3 3>&-', "0←the shell's  1→the shell's  2→the shell's"),
    ('x 3>f 2>&3', "0←the shell's  1→the shell's  2→f  3→f"),
    ('x <&-', "1→the shell's  2→the shell's"),
    ('a |& x', "0←①  1→the shell's  2→the shell's"),
    ('a |& b', "0←the shell's  1→①  2→①"),
    ('x &>f', "0←the shell's  1→f  2→f"),
    ('x <<E\nE', "0←<<E  1→the shell's  2→the shell's"),
    ('nice -n 5 ls', 'runs         the command: in its own place, by exec: the process stays'),
    ('find . -exec ls {} +', 'runs         what follows -exec: in a child of find, for each '
                             'file (;) or for many at once (+)'),
])
def test_descriptors(shell: Shell, command: str, line: str) -> None:
    assert line in [each.strip() for each in explained(shell, command).split('\n')]


@pytest.mark.parametrize(('command', 'code'), [
    ('ls $x', 2086), ('ls $(x)', 2046), ('cd x; y', 2164), ('rm -r "$x/"*', 2115),
    ('local x=$(y)', 2155), ('read x', 2162), ('x 2>&1 >f', 2069), ('sort f >f', 2094),
    ('sudo x >f', 2024), ('for i in $(ls); do :; done', 2045), ('x=`y`', None),
    ('echo `y`', 2006), ('x | while read -r y; do :; done', 2031), ('[$x = 1 ]', 1035),
    ('x = 5', 2283), ('$x=5', 2281), ('trap : KILL', 2173), ('exec x; y', 2093),
    ('[ a == b ]', 3014), ('{ cd x; y; }', 2164), ('echo "$(cd x; y)"', 2164),
    ('sort f | uniq >f', 2094), ('rm -rf /usr', 2114), ('cd x', None), ('exec x', None),
    ('ls "$x"', None), ('ls "$(x)"', None), ('cd x || exit', None), ('rm -r "$x"', None),
    ('rm -r "${x:?}/"*', None), ('local x', None), ('read -r x', None), ('x >f 2>&1', None),
    ('sort f >g', None), ('echo f >f', None), ('if cd x; then :; fi', None),
    ('x | { read -r y; }', None), ('[ "$x" = 1 ]', None), ('x=5', None), ('trap : INT', None),
    ('exec >f', None), ('[[ a == b ]]', None), ('echo $?', None), ('set -- $x', None),
])
def test_pitfalls(shell: Shell, command: str, code: int | None) -> None:
    shown = explained(shell, command)
    assert ('(SC' in shown) == (code is not None)
    assert code is None or f'(SC{code})' in shown


@pytest.mark.parametrize(('term', 'part'), [
    (('-s', 'INT'), 'SIGINT is signal 2: Ctrl-C'), (('-s', '9'), 'SIGKILL'),
    (('-s', 'RTMIN+1'), 'real-time'), (('errno', '11'), 'EAGAIN is error 11'),
    (('EPIPE',), 'EPIPE is error 32'), (('137',), '128+9: ended by SIGKILL'),
    (('127',), 'not found'), (('0',), 'success'), (('/proc/locks',), '-> is one that waits'),
    (('/proc/1/fd',), 'descriptors'), (('masqué',), 'blocked'), (('zombie',), 'not waited'),
    (('tube', 'nommé'), 'fifo'),
])
def test_terms(minishell: list[str], run: Run, term: tuple[str, ...], part: str) -> None:
    done = run([*minishell, '-c', 'explain "$@"', 'x', *term])
    assert part in done.stdout
    assert (done.returncode, done.stdout.count('\n')) == (0, 1)


def test_wrong_use(minishell: list[str], run: Run) -> None:
    done = run([*minishell, '-c', 'explain; echo $?; explain -q; echo $?; explain -s XYZ'])
    assert (done.stdout, done.returncode) == ('2\n2\n', 1)
    assert 'explain: XYZ: no signal' in done.stderr


def test_a_syntax_error_is_shown_where_it_is(minishell: list[str], run: Run) -> None:
    done = run([*minishell, '-c', 'explain "$1"', 'x', 'if true; fi'])
    assert done.returncode == 2
    assert done.stdout.startswith('  if true; fi\n           ^ ')


def test_nothing_is_run_or_touched(minishell: list[str], run: Run, tmp_path: Path) -> None:
    if shutil.which('strace') is None:
        pytest.skip('strace is not installed')
    log = tmp_path / 'log'
    command = 'rm -rf $(touch z) `touch y` ${x=$(touch w)} $((v=1)) >u <(touch t); ls | cat >s'
    script = 'hash ls; hash >a; explain "$1" >b; hash >c; echo "$x$v" >d'
    done = run(['strace', '-f', '-o', str(log), '-e', 'trace=process,file', *minishell, '-c',
                script, 'x', command])
    assert done.returncode == 0, done.stderr
    folder = tmp_path / 'cwd'
    assert sorted(os.listdir(folder)) == ['a', 'b', 'c', 'd']
    assert (folder / 'a').read_text() == (folder / 'c').read_text()
    assert (folder / 'd').read_text() == '\n'
    calls = log.read_text()
    assert calls.count('execve(') == 1
    assert 'fork(' not in calls
    assert 'clone' not in calls


def test_real_scripts(shell: Shell) -> None:
    paths = system_scripts()[:60]
    assert paths
    for path in paths:
        text = path.read_text(errors='surrogateescape')
        explain(shell, text, True)
        for line in text.split('\n')[:20]:
            explain(shell, line, False)
