"""Input nobody means: a message and a status, never a traceback, a crash or a hang.

What is huge goes to a file where reading it byte by byte is not the point.  Timeouts are
generous: they tell a hang from a slow machine, and quadratic time from linear.
"""
from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ended = subprocess.CompletedProcess[str]
    Run = Callable[..., Ended]

MEGABYTE = 1_000_000
BAD = '\udcff\udc80'        # bytes that are no UTF-8, as text


@pytest.fixture
def ended(run: Run, minishell: list[str]) -> Callable[..., Ended]:
    """Run `minishell ARGS...`: whatever happens, it ends by itself and without a crash.

    Where a recursion had no end, its memory has one.
    """
    limit = ['sh', '-c', 'ulimit -v 3000000 || exit 99; exec "$@"', 'sh']

    def start(*args: str, stdin: str = '', timeout: float = 60) -> Ended:
        result = run([*limit, *minishell, *args], stdin=stdin, timeout=timeout)
        for sign in ('Traceback', 'internal error', 'Exception', 'File "'):
            assert sign not in result.stderr
        assert result.returncode >= 0
        return result
    return start


@pytest.fixture
def file(tmp_path: Path, run: Run) -> Callable[[str], str]:
    """Write a script file; gives its name."""
    def write(text: str) -> str:
        (tmp_path / 'cwd' / 'script').write_bytes(text.encode('utf-8', 'surrogateescape'))
        return 'script'
    return write


def closed(minishell: list[str], which: str, *args: str) -> list[str]:
    """The words that start the shell with descriptors closed."""
    return ['sh', '-c', f'exec "$@" {which}', 'sh', *minishell, *args]


# -- bytes --------------------------------------------------------------------------------


def test_nul_bytes_in_a_script_are_dropped(
    ended: Callable[..., Ended], file: Callable[[str], str],
) -> None:
    text = 'echo a\necho "b\0c"\n\0\0echo d\0\n'
    for result in (ended(stdin=text), ended(file(text))):
        assert (result.stdout, result.stderr) == ('a\nbc\nd\n', '')


def test_nul_bytes_in_the_first_line_make_a_binary_file(
    ended: Callable[..., Ended], file: Callable[[str], str],
) -> None:
    result = ended(file('echo a\0\n'))
    assert (result.stdout, result.returncode) == ('', 126)
    assert result.stderr == 'minishell: script: cannot execute binary file\n'


def test_nul_bytes_in_data(ended: Callable[..., Ended]) -> None:
    result = ended('-c', 'x=$(printf "a\\0b"); echo "$x"; printf "a\\0b\\n" | '
                         '{ read y; echo "$y"; }')
    assert result.stdout == 'ab\nab\n'


@pytest.mark.parametrize('text', [
    f'x={BAD}; echo "$x" ${{#x}} "${{x#?}}" "${{x%?}}"',
    f"echo '{BAD}' 2 '\udc80' '\udcff'",
    'echo "$1" ${#1} "${1#?}" "${1%?}"',
    'x=$(printf "%s" "$1"); set -- "$x"; echo "$1" ${#1} "${1#?}" "${1%?}"',
    f'read -r x y <<E\n{BAD} 2 \udc80 \udcff\nE\necho "$x" $y',
    f'cat <<E\n{BAD} 2 \udc80 \udcff\nE',
    f'eval "f() {{ echo {BAD} 2 \udc80 \\$1; }}"; f "\udcff"',
    f'export x={BAD}; sh -c \'printf "%s" "$x"\'; echo " 2 \udc80 \udcff"',
])
def test_what_is_not_utf8_passes(text: str, ended: Callable[..., Ended]) -> None:
    for result in (ended('-c', text, 'name', BAD), ended('-s', BAD, stdin=text + '\n')):
        assert (result.stdout, result.stderr) == (f'{BAD} 2 \udc80 \udcff\n', '')


def test_file_names_that_are_not_utf8(ended: Callable[..., Ended]) -> None:
    result = ended('-c', f"""
        >"{BAD}"; >"a{BAD}"; echo *; echo a?? a[{BAD}]*; for f in *; do echo "$f"; done
        mkdir "d{BAD}"; cd "d{BAD}"; echo "${{PWD##*/}}"; pwd | sed 's,.*/,,'
        echo data >"{BAD}"; cat *; . ./*; /bin/ls; test -f "{BAD}" && echo yes""")
    assert result.stdout == (
        f'a{BAD} {BAD}\na{BAD} a{BAD}\na{BAD}\n{BAD}\nd{BAD}\nd{BAD}\ndata\n{BAD}\nyes\n')
    assert result.stderr.count('\n') == 1      # data: command not found


def test_characters_split_between_reads(ended: Callable[..., Ended],
                                        file: Callable[[str], str]) -> None:
    for shift in range(4):
        text = 'x' * shift + 'ü€𝄞' * 30000
        for result in (ended(file(f'echo {text}\n')), ended(stdin=f'echo {text}\n')):
            assert result.stdout == text + '\n'


# -- huge ------------------------------------------------------------------------------


def test_a_word_of_a_megabyte(ended: Callable[..., Ended]) -> None:
    word = 'x' * MEGABYTE
    assert ended(stdin=f'echo {word}\n').stdout == word + '\n'
    result = ended(stdin=f'y={word}; echo ${{#y}}; y=${{y%x}}${{y#"$y"}}; echo ${{#y}}\n'
                         'case $y in *z) echo no;; *) echo $y | wc -c;; esac\n')
    assert result.stdout == '1000000\n999999\n1000000\n'


@pytest.mark.parametrize(('text', 'expected'), [
    ('echo ' + 'x ' * (MEGABYTE // 2) + ' | wc -w\n', '500000\n'),
    ('set -- ' + 'x ' * (MEGABYTE // 2) + '; echo $#\n', '500000\n'),
    ('echo end #' + '#' * MEGABYTE + '\n', 'end\n'),
    (' ' * MEGABYTE + 'echo end\n', 'end\n'),
    ('\n' * MEGABYTE + 'echo end\n', 'end\n'),
    ('\\\n' * (MEGABYTE // 20) + 'echo end\n', 'end\n'),
    ('echo "$(' + ' ' * MEGABYTE + 'echo end)"\n', 'end\n'),
    (': $((' + '1 + ' * (MEGABYTE // 20) + '1)); echo end\n', 'end\n'),
    ('echo end; ' + ':;' * 100_000 + '\n', 'end\n'),
    (': ' + '$x' * 100_000 + '; echo end\n', 'end\n'),
    ('x=' + '"a"\'b\'\\c' * 50_000 + '; echo ${#x}\n', '150000\n'),
    ('true ' + '&& true ' * 20_000 + '&& echo end\n', 'end\n'),
], ids=range(12))
def test_a_line_of_a_megabyte(
    text: str, expected: str, ended: Callable[..., Ended], file: Callable[[str], str],
) -> None:
    result = ended(file(text))
    assert (result.stdout, result.stderr, result.returncode) == (expected, '', 0)


LONG = ''.join(f'{n:07}\n' for n in range(60_000))


@pytest.mark.parametrize(('text', 'expected'), [
    (f"echo '{LONG}' | wc -c", '480001'), (f'echo "{LONG}" | wc -c', '480001'),
    (f'cat <<E | wc -c\n{LONG}E', '480000'), (f"cat <<'E' | wc -c\n{LONG}E", '480000'),
    (f'cat <<-E | wc -c\n\t{LONG}\tE', '480000'),
    (f'x=`echo {LONG} | wc -w`; echo $x', '60000'),
], ids=range(6))
def test_long_constructs_on_standard_input_take_linear_time(
    text: str, expected: str, ended: Callable[..., Ended],
) -> None:
    """Standard input is read line by line: a copy of all text for each would be slow."""
    result = ended(stdin=f'echo a{text[:0]}\n{text}\nread x\nline\necho "$x"\n')
    if expected == '60000':
        assert result.stdout.splitlines()[0] == 'a'     # lines 2… are commands
        return
    assert (result.stdout, result.stderr) == (f'a\n{expected}\nline\n', '')


def test_a_here_document_of_five_megabytes(
    ended: Callable[..., Ended], file: Callable[[str], str],
) -> None:
    body = LONG * 11
    script = file(f'cat <<E | wc -c\n{body}E\nwc -l <<"E"\n{body}E\ntrue <<E\n{body}E\n'
                  f'echo $?\n{{ read x; echo $x; }} <<E\n{body}E\n')
    result = ended(script)
    assert (result.stdout, result.stderr) == ('5280000\n660000\n0\n0000000\n', '')


def test_arguments_that_are_too_long(ended: Callable[..., Ended]) -> None:
    result = ended('-c', """
        x=$(head -c 3000000 /dev/zero | tr "\\0" x)
        /bin/true "$x"; echo $?; : | /bin/true "$x"; echo $?; (exec /bin/true "$x"); echo $?
        echo "$x" | wc -c; echo ${#x}; echo alive""")
    assert result.stdout == '126\n126\n126\n3000001\n3000000\nalive\n'
    assert result.stderr == 'minishell: line 3: /bin/true: Argument list too long\n' * 3


@pytest.mark.parametrize(('piece', 'count'), [
    ('@(', 60), ('@(a|', 500), ('+([', 60), ('[', 20_000), ('[!', 20_000), ('[[:a', 20_000),
    ('[[.a', 20_000), ('[a-', 20_000), ('[[=', 20_000)])
def test_patterns_that_nothing_closes(
    piece: str, count: int, ended: Callable[..., Ended], file: Callable[[str], str],
) -> None:
    """They stand for themselves, and are not tried anew for each of their parts."""
    script = file(f'shopt -s extglob\nx={piece * count!r}\n'
                  'case $x in $x) echo matches; esac\n[[ ${x#$x}${x//$x} ]] || echo gone\n')
    result = ended(script)
    assert (result.stdout, result.stderr) == ('matches\ngone\n', '')


def test_many_escapes_in_one_string(ended: Callable[..., Ended], file: Callable[[str], str],
                                    ) -> None:
    result = ended(file("x=$'" + r'\n' * MEGABYTE + "'\necho ${#x}\n"))
    assert (result.stdout, result.stderr) == (f'{MEGABYTE}\n', '')


# -- deep ------------------------------------------------------------------------------


@pytest.mark.parametrize('text', [
    'f() { f; }; f; echo no', 'f() { f; }; f', 'f() { eval f; }; f; echo no',
    'f() { { f; } >/dev/null; }; f; echo no', 'f() { if f; then :; fi; }; f; echo no',
    'f() { while f; do :; done; }; f; echo no', 'f() { local x=1; f "$@"; }; f 1 2 3; echo no',
    'f() { x=1 f; }; f; echo no', 'f() { ! f && f || f; }; f; echo no',
    'f() { case x in x) f;; esac; }; f; echo no', 'x=\'eval "$x"\'; eval "$x"; echo no',
    'f() { trap f EXIT; f; }; f; echo no', 'f() { g; }; g() { f; }; f; echo no',
    'f() { command eval f; }; f; echo no', 'echo . ./self >self; . ./self; echo no',
    'a=x; f() { : ${a:+$(:)} $((a)); f; }; a=; f; echo no',
])
def test_endless_recursion_is_an_error(text: str, ended: Callable[..., Ended]) -> None:
    result = ended('-c', text)
    assert (result.stdout, result.returncode) == ('', 2)
    assert 'nested too deeply' in result.stderr or 'Too many open files' in result.stderr


def test_a_deep_recursion_that_ends(ended: Callable[..., Ended]) -> None:
    result = ended('-c', 'f() { [ $1 -eq 0 ] || f $(($1 - 1)); }; f 2000; echo $?')
    assert (result.stdout, result.stderr) == ('0\n', '')


DEEP = [
    ('( ', ':', ' )'), ('{ ', ':;', ' }'), ('echo "$(', ':', ')"'), ('echo $(', ':', ')'),
    ('$((', '1', '))'), ('echo ${x:-', 'y', '}'), ('echo "${x:-', 'y', '}"'),
    ('"${x-', 'y', '}"'),
    ('if ', ':', '; then :; fi'), ('while ! ', ':', '; do :; done'),
    ('case x in x) ', ':', ' ;; esac'), ('f() { ', ':', '; }'),
    ('command ', ':', ''), ('{ ', ':', '; } >/dev/null'), ('$((', '1', ' + 1))'),
    (': && ', ':', ''), ('x=', 'y', ''), ('if false; then :; else ', ':', '; fi'),
    ('for x in 1; do ', ':', '; done'), ('for ((;0;)); do ', ':', '; done'),
    ('(( ( ', '1', ' ) ))'), ('${x#', 'y', '}'), ('${x/a/', 'y', '}'), ('! { ', ':', '; }'),
]


@pytest.fixture
def small(minishell: list[str]) -> list[str]:
    """The words that start the shell with a C stack of 256 KB: C code that calls itself for
    each level of something overflows it early."""
    return ['sh', '-c', 'ulimit -s 256 && exec "$@"', 'sh', *minishell]


@pytest.mark.parametrize(('before', 'inside', 'after'), DEEP)
def test_deep_nesting(
    before: str, inside: str, after: str, small: list[str], ended: Callable[..., Ended],
    file: Callable[[str], str], run: Run,
) -> None:
    """50 levels work; 3,000 and 10,000 work or are refused, whatever the stack."""
    for count in (50, 3_000, 10_000):
        start = 'echo ' if before[0] in '$"' else ''
        script = file(f'{start}{before * count}{inside}{after * count}\n')
        result = ended(script)
        if count == 50:
            assert (result.stderr, result.returncode) == ('', 0)
        else:
            assert result.returncode in (0, 1, 2)
            assert result.returncode == 0 or result.stderr.count('\n') == 1
        again = run([*small, script])
        assert (again.stdout, again.stderr, again.returncode) == (
            result.stdout, result.stderr, result.returncode)


@pytest.mark.parametrize(('before', 'link', 'after'), [
    ('y=$((', 'x+', '1))'), ('y=$((', '- ', 'x))'), ('y=$((', '! ', 'x))'), ('((', 'x,', '1))'),
    ('y=$((', 'x?1:', '1))'), ('y=$((', 'y=', 'x))'), ('[ $((', '$i*', '1)) -gt 0 ]'),
    (': "', '$x', '"'), ('case x in ', 'y|', 'y) ;; esac'), ('case x in ', 'y) ;; ', 'esac'),
    ('true ', '&& true ', ''), ('false ', '|| false ', ''), ('', ': $x; ', ':'),
    ('if false; then :; ', 'elif false; then :; ', 'fi'), ('', 'y=$i ', ''), (': ', '$x ', ''),
    ('[[ ', '1 && ', '1 ]]'), ('test ', 'x -a ', 'x'), ('', '{ ', ':'),
    ('y=$((', '(x+', '1'), ('', 'if [ $x ]; then ', ':'), ('', 'for y in 1; do ', ':'),
    ('y=', '"${y:-', 'x'), ('', 'case x in x) ', ':'), ('y=', '$((1+', 'x'), ('[[ ', '( ', '1'),
])
@pytest.mark.parametrize('hot', ['0', '100'])
def test_long_chains_in_a_hot_loop(
    before: str, link: str, after: str, hot: str, minishell: list[str], small: list[str],
    file: Callable[[str], str], run: Run, environment: dict[str, str],
) -> None:
    """Python's compiler takes C stack for each level, too, and its own guard is off."""
    closing = {'{ ': '; }', '(x+': ')', 'if ': '; fi', 'for': '; done', '"${': '}"', '( ': ' )',
               'cas': ';; esac', '$((': '))'}.get(link[:3], '')
    end = {'(x+': '))', '( ': ' ]]'}.get(link, '')
    for count in (300, 300 if closing else 10_000):
        text = f'{before}{link * count}{after}{closing * count}{end}'
        script = file(f'x=1; for i in 1 2 3; do {text}; done; echo end $x\n')
        for argv in (minishell, small):
            result = run([*argv, script], env={**environment, 'MINISHELL_HOT': hot})
            assert (result.stdout, result.stderr, result.returncode) == ('end 1\n', '', 0) or (
                result.returncode == 2 and 'nested too deeply' in result.stderr)


def test_endless_aliases_end(ended: Callable[..., Ended]) -> None:
    result = ended(stdin="alias a=b b=c c=a d='d ' e='e e'\na\nd d d\ne\necho $?\n")
    assert result.stdout == '127\n'
    assert [line.split(': ')[2] for line in result.stderr.splitlines()] == ['a', 'd', 'e']


def test_deep_eval(ended: Callable[..., Ended]) -> None:
    result = ended('-c', 'e="echo deep"; i=0\nwhile [ $i -lt 200 ]; do e="eval $e"; '
                         'i=$((i + 1)); done; $e; eval "eval \'eval \\"echo a\\"\'"')
    assert (result.stdout, result.stderr) == ('deep\na\n', '')


# -- standard descriptors that are not there ---------------------------------------------


WORK = """
exec 9>result; cat /proc/self/status 9>&- >/dev/null; echo a | cat >&9; x=$(echo b)
echo "$x" >&9; cat <<E >&9
c
E
(echo d; :) >&9; { echo e; } >&9; read y <<E; echo "$y" >&9
f
E
/bin/echo g >&9; echo h >&9 & wait; exit 7
"""


@pytest.mark.parametrize('which', [
    '<&-', '>&-', '2>&-', '<&- >&-', '>&- 2>&-', '<&- 2>&-', '<&- >&- 2>&-',
])
def test_started_with_descriptors_closed(
    which: str, run: Run, minishell: list[str], tmp_path: Path,
    file: Callable[[str], str],
) -> None:
    for args in (['-c', WORK], [file(WORK)]):
        result = run(closed(minishell, which, *args))
        assert (result.stdout, result.stderr, result.returncode) == ('', '', 7)
        assert (tmp_path / 'cwd' / 'result').read_text() == 'a\nb\nc\nd\ne\nf\ng\nh\n'


def test_started_without_standard_input_there_is_no_script(
    run: Run, minishell: list[str],
) -> None:
    for which in ('<&-', '<&- >&-', '<&- >&- 2>&-'):
        result = run(closed(minishell, which))
        assert (result.stdout, result.stderr, result.returncode) == ('', '', 0)


def test_started_without_standard_output(run: Run, minishell: list[str]) -> None:
    result = run(closed(minishell, '>&-', '-c', 'echo hi'))
    assert (result.stdout, result.returncode) == ('', 1)
    assert result.stderr == 'minishell: line 1: echo: write error: Bad file descriptor\n'


BUILTIN_OUTPUT = [
    'echo hi', 'printf hi', 'pwd', 'set', 'export -p', 'readonly -p; readonly x; readonly -p',
    'type cd', 'command -v cd', 'umask', 'ulimit', 'trap : USR1; trap', 'times', 'kill -l',
    'alias a=b; alias', 'set -o', 'set +o', 'hash ls; hash',
]


@pytest.mark.parametrize('line', BUILTIN_OUTPUT)
@pytest.mark.parametrize(('target', 'reason'), [
    ('&-', 'Bad file descriptor'), ('/dev/full', 'No space left on device'),
])
def test_output_that_cannot_be_written(
    line: str, target: str, reason: str, ended: Callable[..., Ended],
) -> None:
    command = line.rpartition('; ')
    name = command[2].split()[0]
    before = f'{command[0]}; ' if command[0] else ''
    for text in (f'{before}{command[2]} >{target}; exit $?',
                 f'{before}{{ {command[2]}; }} >{target}; exit $?',
                 f'{before}exec >{target}; {command[2]}'):
        result = ended('-c', text)
        assert result.stdout == ''
        assert result.stderr.endswith(f'minishell: line 1: {name}: write error: {reason}\n')
        assert result.returncode == 1


def test_the_end_of_a_menu_that_cannot_be_written(ended: Callable[..., Ended]) -> None:
    result = ended('-c', 'select x in a; do :; done 2>&- </dev/null >/dev/full; echo $?\n'
                         'select x in a; do :; done </dev/null >&- 2>&-; echo $?\n'
                         'select x in a; do :; done </dev/null >/dev/full')
    assert (result.stdout, result.returncode) == ('1\n1\n', 1)
    assert result.stderr.endswith('minishell: line 3: select: write error: '
                                  'No space left on device\n')


def test_a_failed_write_is_not_written_later(ended: Callable[..., Ended]) -> None:
    result = ended('-c', 'echo lost >/dev/full; echo kept; echo lost >&-; echo kept')
    assert result.stdout == 'kept\nkept\n'


def test_a_broken_pipe_with_sigpipe_ignored(ended: Callable[..., Ended]) -> None:
    result = ended('-c', """trap "" PIPE
        { while echo y; do :; done; } | head -n 1; { yes 2>/dev/null; } | head -n 1""")
    assert (result.stdout, result.returncode) == ('y\ny\n', 0)
    assert result.stderr == 'minishell: line 2: echo: write error: Broken pipe\n'


# -- limits ------------------------------------------------------------------------------


def test_sixteen_descriptors_are_enough(ended: Callable[..., Ended], run: Run,
                                        file: Callable[[str], str]) -> None:
    text = """ulimit -n 16
        for i in 1 2 3 4 5; do
            echo a | cat | cat | cat | cat | cat
            { { { { echo b; } 3>f; } 4>g; } 5>h; } 2>i
            x=$(echo c | cat $(echo f) -); echo "$x"; cat <<E
d
E
            cat 9<<E <&9
e
E
            (:) | :; : & wait; . ./dotted
        done
        exec 3>f 4>f 5>f; echo g | cat; echo end"""
    run(['sh', '-c', 'echo echo f >dotted'])
    for result in (ended('-c', text), ended(file(text))):
        assert result.stderr == ''
        assert result.stdout == 'a\nb\nc\nd\ne\nf\n' * 5 + 'g\nend\n'


@pytest.mark.parametrize('text', [
    'ulimit -n 16; f() { { f; } 3>/dev/null; }; f; echo end',
    'ulimit -n 4; { echo x; } >f; echo end', 'ulimit -n 4; echo a | cat | cat',
    'ulimit -n 3; x=$(echo a); echo end', 'ulimit -n 3; cat <<E\na\nE\necho end',
    'ulimit -n 3; . ./nothing; echo end', 'ulimit -n 3; for i in *; do :; done; echo end',
    'ulimit -n 16; { echo a; } 20>f; echo end', 'ulimit -n 16; exec 17>f; echo no',
    'ulimit -n 0; echo a >f; echo end', 'ulimit -n 0; echo *; (:); echo a | cat',
])
def test_too_few_descriptors_are_an_error(text: str, ended: Callable[..., Ended]) -> None:
    result = ended('-c', text)
    assert 'no' not in result.stdout.split()
    assert result.stderr == '' or result.stderr.startswith('minishell: line ')


def test_file_size_limit(ended: Callable[..., Ended]) -> None:
    result = ended('-c', '(ulimit -f 1; [ "$(ulimit -f)" = 1 ] || exit 99; i=0; '
                         'while [ $i -lt 1000 ] && echo 0123456789abcdef; do i=$((i + 1)); '
                         'done >f); echo $?; wc -c <f')
    assert result.stdout.split()[0] == '153'        # SIGXFSZ
    assert int(result.stdout.split()[1]) in (512, 1024)


@pytest.mark.parametrize('limit', [0, 1])
@pytest.mark.parametrize('size', [0, 1, 600, 5_000, 70_000, 500_000])
def test_here_documents_are_no_files_that_are_limited(
    size: int, limit: int, ended: Callable[..., Ended],
) -> None:
    """As in other shells, where they are pipes."""
    start = f'ulimit -f {limit}; [ "$(ulimit -f)" = {limit} ] || exit 99\n'
    text = f'{"x" * (size - 1)}\n' if size else ''
    result = ended(stdin=f'{start}cat <<E | wc -c\n{text}E\n'
                         f'{{ read -r a; wc -c; }} <<E\n{text}second\nE\n'
                         f'while read -r a; do echo $a; done <<E | wc -c\n{text}1\n2\nE\n'
                         f'cat <<E\nas well\nE\n')
    assert result.stderr == ''
    behind = '7' if size else '0'
    assert result.stdout.split() == [str(size), behind, str(size + 4), 'as', 'well']


def test_a_here_document_that_no_pipe_takes(ended: Callable[..., Ended]) -> None:
    """Costs the command; a signal does not end the shell."""
    text = 'x' * 3_000_000
    result = ended(stdin=f'ulimit -f 1\ncat <<E || echo "failed $?"\n{text}\nE\necho end\n')
    assert (result.stdout, result.returncode) == ('failed 1\nend\n', 0)
    assert re.fullmatch('minishell: line 2: here-document: File too large\n', result.stderr)


# A text of 128 MB: too much under the limit, and an end by itself where that did not hold.
NO_MEMORY = """ulimit -v 150000; [ "$(ulimit -v)" = 150000 ] || exit 99
grow() { x=0123456789abcdef; i=0; while [ $i -lt 23 ]
do x=$x$x; i=$((i + 1)); done; echo "grown to ${#x}"; }
"""


def test_no_memory_is_an_error(ended: Callable[..., Ended]) -> None:
    result = ended('-c', NO_MEMORY + 'grow; echo no')
    assert (result.stdout, result.returncode) == ('', 2)
    assert result.stderr == 'minishell: line 3: out of memory\n'


def test_no_memory_at_a_prompt_costs_the_line(ended: Callable[..., Ended]) -> None:
    result = ended('-i', stdin=NO_MEMORY + 'grow; echo no\necho still here $?\n')
    assert (result.stdout, result.returncode) == ('still here 2\n', 0)
    assert 'minishell: out of memory\n' in result.stderr


@pytest.mark.parametrize(('command', 'out'), [
    ('y=$(grow)', '2'), ('(grow; echo no)', '2'), ('y=$(echo a; (grow); echo $?)', '0 a 2'),
    ('y=$(y=$(grow); echo $?; exit 3)', '3 2'), ('f() { (grow); return $?; }; f', '2'),
    ('grow | cat', '0'), ('for i in 1 2; do (grow); done', '2'), ('set -e; (grow) || :', '0'),
    ('x=$(printf %65536d 1); x=$x$x$x$x; x=$x$x$x$x; x=$x$x$x$x; x=$x$x$x$x; '
     'echo $x$x$x | wc -c; y=', '0'),
])
def test_no_memory_in_a_subshell_costs_the_subshell(
    command: str, out: str, ended: Callable[..., Ended],
) -> None:
    """Whether it is a process or not."""
    result = ended('-c', f'{NO_MEMORY}{command}\necho $? $y')
    assert (result.stdout.split()[-len(out.split()):], result.returncode) == (out.split(), 0)
    assert 'grown' not in result.stdout
    assert set(result.stderr.splitlines()) <= {f'minishell: line {n}: out of memory'
                                               for n in (3, 4)}


# -- files and folders that are not what they should be ------------------------------------


def test_what_is_no_script(ended: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / 'cwd' / 'folder').mkdir()
    for args, status in (
        (('folder',), 126), (('-c', '. ./folder; echo no'), 1),
        (('-c', './folder; exit $?'), 126), (('missing',), 127), (('./missing',), 127),
        (('-c', '. ./missing; echo no'), 1), (('-c', '. missing; echo no'), 1),
        (('/dev/null',), 0), (('-c', '. /dev/null'), 0), (('/dev/null/x',), 126),
    ):
        result = ended(*args)
        assert (result.stdout, result.returncode) == ('', status)
        assert result.stderr.count('\n') == (status > 0)


def test_a_script_that_vanishes_or_grows(ended: Callable[..., Ended],
                                         file: Callable[[str], str]) -> None:
    """The script file stays open; what is appended while it runs is run, too."""
    result = ended(file('rm -f script\necho still here\n'))
    assert (result.stdout, result.stderr) == ('still here\n', '')
    result = ended(file('echo "echo more" >>script\n' + ': a line\n' * 20_000))
    assert (result.stdout, result.stderr) == ('more\n', '')


def test_a_working_directory_that_vanishes(ended: Callable[..., Ended]) -> None:
    result = ended('-c', """mkdir gone && cd gone && rmdir ../gone
        echo *; echo a | cat; x=$(echo b); echo $x; (echo c); /bin/echo d; true >f; echo $?""")
    assert result.stdout == '*\na\nb\nc\nd\n1\n'
    assert result.stderr == 'minishell: line 2: f: No such file or directory\n'


def test_started_in_a_directory_that_is_gone(run: Run, minishell: list[str]) -> None:
    words = ' '.join(minishell)
    result = run(['sh', '-c', f"mkdir gone; cd gone; rmdir ../gone; {words} -c 'echo a; cd /; "
                              "pwd'"])
    assert (result.stdout, result.returncode) == ('a\n/\n', 0)
    assert 'Traceback' not in result.stderr


def test_path_without_anything_useful(ended: Callable[..., Ended]) -> None:
    result = ended('-c', """
        for PATH in "" : /nonexistent /etc/passwd:/dev/null "$(printf '\\377')" ::: ; do
            nonexistent; echo $?; done""")
    assert result.stdout == '127\n' * 6
    assert result.stderr.count('nonexistent: ') == 6


@pytest.mark.parametrize('text', [
    'exit 99999999999999999999', 'exit -1', 'exit abc', 'return 5', 'break 99999999999999',
    'shift 99999999999999999999', 'f() { return 99999999999; }; f', 'continue 0',
    'echo $((99999999999999999999))', 'echo $((1 / 0))', 'echo $((1 % 0))', 'umask 99999',
    'echo $((-9223372036854775808 / -1))', 'echo $((1 << 99999999999))', 'ulimit -n abc',
    'kill -99 $$', 'kill 99999999999999999999', 'wait abc', 'wait 99999999999999999999',
    'cd a b', 'test 1 2', '[ a', 'printf', 'printf %', 'printf %z', 'printf %d abc',
    'printf "%99999999999d"', 'printf %.99999999999s x', 'read 1x', 'getopts', 'trap x 999',
    'trap x -1', 'unset -Z', 'set -Z', 'set -o nonsense', 'export 1=2', 'readonly 1', 'fg',
    'bg', 'jobs %9', 'kill %9', 'wait %9', 'alias =', 'unalias nothing', 'command', 'eval',
    'exec -Z', 'exec nonexistent', 'cd ""', 'cd /nonexistent', 'hash nonexistent', '.',
    '. nonexistent', 'type nonexistent', 'umask u=q', 'ulimit -Z', 'times x', 'local x',
    'echo ${}', 'echo ${a b}', 'echo ${x?}', 'echo ${1:?}', ': ${1=x}', 'echo ${#x#y}',
    'echo 99999999999>f', 'echo <&99999999999', 'echo >&nonsense', 'exec <nonexistent',
    'echo <nonexistent', 'echo >/nonexistent/x', 'read x <.', 'kill -0 0x', 'kill', 'kill -l x',
    'getopts ab 1x', 'OPTIND=abc; getopts a x', 'OPTIND=-5; getopts a x -a', 'PS4=$(; set -x',
    'IFS=; set -- $*', 'unset IFS PATH HOME PWD OLDPWD; cd; cd -', 'HOME=; cd',
    'readonly PWD; cd /', 'readonly x; x=1', 'readonly OPTIND; getopts a x -a',
    'readonly x; read x <<E\na\nE', 'readonly x; for x in 1; do :; done', 'x=~nonexistent',
    'set -u; echo $x', 'set -u; echo ${#x}', 'set -u; echo "$@" $*', 'set -e; false | false',
])
def test_built_in_utilities_misused(text: str, ended: Callable[..., Ended]) -> None:
    for result in (ended('-c', text), ended('-c', f'({text}\n); :'),
                   ended('-c', f'command {text}')):
        assert all(line.startswith('minishell: ') or ': usage: ' in line
                   for line in result.stderr.splitlines())
