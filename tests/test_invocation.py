"""How the shell is started: operands, options, scripts, environment (XCU 3, sh)."""
from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

MAY_NOT_READ = [                # root may read everything, unless it gives that up
    'setpriv', '--bounding-set', '-dac_override,-dac_read_search'] if os.geteuid() == 0 else []


@pytest.fixture
def folder(tmp_path: Path, run: Run) -> Path:
    """Where `run` runs programs."""
    return tmp_path / 'cwd'


def executable(path: Path, text: str) -> Path:
    """Write a file that may be executed."""
    path.write_text(text)
    path.chmod(0o755)
    return path


# -- operands ---------------------------------------------------------------------------


@pytest.mark.parametrize(('args', 'expected'), [
    (['-c', 'echo "$0" $# "$*"'], 'minishell 0 \n'),
    (['-c', 'echo "$0" $# "$*"', 'name'], 'name 0 \n'),
    (['-c', 'echo "$0" $# "$*"', 'name', 'a b', 'c'], 'name 2 a b c\n'),
    (['-c', 'echo "$0" $# "$*"', 'name', '-e', '--'], 'name 2 -e --\n'),
    (['-c', '--', 'echo "$0"', 'name'], 'name\n'),
    (['-c', '-e', 'echo "$-"'], None),
    (['-ce', 'echo "$-"'], None),
    (['-ec', 'echo "$-"'], None),
    (['-c', ''], ''),
    (['-c', '\n\n  # nothing\n'], ''),
    (['-c', 'echo a\necho b'], 'a\nb\n'),
    (['-c', '-u', '--', 'echo "$0$1"', '--', '-c'], '---c\n'),
    (['-s', '-c', 'echo "$0" $#', 'a', 'b'], 'a 1\n'),
])
def test_dash_c(args: list[str], expected: str | None, run: Run, minishell: list[str],
                ) -> None:
    ended = run([*minishell, *args])
    assert (ended.stderr, ended.returncode) == ('', 0)
    if expected is None:
        assert 'e' in ended.stdout
    else:
        assert ended.stdout == expected


def test_a_file_and_its_arguments(run: Run, minishell: list[str], folder: Path) -> None:
    (folder / 'script').write_text('echo "$0" $# "$*"; cat')
    for args in (['script'], ['--', 'script'], ['-', 'script'], ['+e', 'script']):
        ended = run([*minishell, *args, '-x', 'a b', '--'], stdin='input\n')
        assert (ended.stdout, ended.stderr) == ('script 3 -x a b --\ninput\n', '')
    ended = run([*minishell, str(folder / 'script')])
    assert ended.stdout == f'{folder}/script 0 \n'


def test_a_file_named_like_an_option(run: Run, minishell: list[str], folder: Path) -> None:
    (folder / '-c').write_text('echo "$0"')
    assert run([*minishell, '--', '-c']).stdout == '-c\n'


def test_a_script_is_found_in_path(run: Run, minishell: list[str], folder: Path,
                                   environment: dict[str, str]) -> None:
    """Without a slash: first here, then where commands are looked for (XCU 3, sh)."""
    (folder / 'bin').mkdir()
    executable(folder / 'bin' / 'found', 'echo in PATH')
    environment['PATH'] = f'{folder}/bin:{environment["PATH"]}'
    assert run([*minishell, 'found'], env=environment).stdout == 'in PATH\n'
    (folder / 'found').write_text('echo here')
    assert run([*minishell, 'found'], env=environment).stdout == 'here\n'


def test_standard_input_without_operands(run: Run, minishell: list[str]) -> None:
    ended = run(minishell, stdin='echo "$0" $#')
    assert (ended.stdout, ended.stderr, ended.returncode) == ('minishell 0\n', '', 0)


# -- options ----------------------------------------------------------------------------


@pytest.mark.parametrize(('options', 'text', 'expected', 'status'), [
    ('-e', 'false; echo no', '', 1),
    ('-e', '! true; false || :; echo on', 'on\n', 0),
    ('-o errexit', 'false; echo no', '', 1),
    ('+e', 'false; echo on', 'on\n', 0),
    ('-e +e', 'false; echo on', 'on\n', 0),
    ('+e -e', 'false; echo on', '', 1),
    ('-e +o errexit', 'false; echo on', 'on\n', 0),
    ('-u', 'echo a; echo $unset; echo no', 'a\n', 1),
    ('-o nounset', 'echo $unset; echo no', '', 1),
    ('-f', 'echo *', '*\n', 0),
    ('-o noglob', 'echo *', '*\n', 0),
    ('-f +f', 'echo *', 'one\n', 0),
    ('-a', 'x=1; env | grep ^x=', 'x=1\n', 0),
    ('-o allexport', 'x=1; env | grep ^x=', 'x=1\n', 0),
    ('-C', 'echo a >f; echo b >f; echo $?; cat f', '1\na\n', 0),
    ('-o noclobber', 'echo a >f; echo b >|f; cat f', 'b\n', 0),
    ('-n', 'echo no', '', 0),
    ('-n', 'echo no; (', '', 2),
    ('-n', 'echo no >made', '', 0),
    ('-o noexec', 'echo no', '', 0),
    ('-eu', 'echo "$-" | tr -cd eu', 'eu', 0),
    ('-e -u -f', 'echo "$-" | tr -cd efu', 'efu', 0),
    ('-euo noglob', 'echo "$-" | tr -cd efu', 'efu', 0),
    ('-oo errexit noglob', 'echo "$-" | tr -cd ef', 'ef', 0),
])
def test_options(options: str, text: str, expected: str, status: int, run: Run,
                 minishell: list[str], folder: Path) -> None:
    (folder / 'one').touch()
    outside = folder.parent / 'script'
    outside.write_text(text + '\n')
    ways = (['-c', text], [str(outside)], ['-s'])
    for way in ways:
        ended = run([*minishell, *options.split(), *way], stdin=text + '\n')
        assert (ended.stdout, ended.returncode) == (expected, status)
        assert 'Traceback' not in ended.stderr
        (folder / 'f').unlink(missing_ok=True)
    assert not (folder / 'made').exists()


def test_xtrace(run: Run, minishell: list[str]) -> None:
    ended = run([*minishell, '-x', '-c', 'x=1; echo "a b" | cat; set +x; echo end'])
    assert ended.stdout == 'a b\nend\n'
    assert sorted(ended.stderr.splitlines()) == [
        '+ cat', "+ echo 'a b'", '+ set +x', '+ x=1']


def test_verbose(run: Run, minishell: list[str]) -> None:
    text = 'echo a # said\nfor i in 1 2\ndo echo $i; done\n'
    ended = run([*minishell, '-v'], stdin=text)
    assert (ended.stdout, ended.stderr) == ('a\n1\n2\n', text)


def test_verbose_shows_lines_before_they_run(run: Run, minishell: list[str]) -> None:
    ended = run([*minishell, '-v', '-c', 'echo a >&2\necho b >&2'])
    assert ended.stderr == 'echo a >&2\na\necho b >&2\nb\n'


@pytest.mark.parametrize('args', [
    ['-Z'], ['--nonsense'], ['-o', 'nonsense'], ['-eZ'], ['+Z'], ['-c'], ['-e', '-c'],
    ['-c', '-e'], ['--helper'], ['---'], ['-e-'],
])
def test_what_is_no_option(args: list[str], run: Run, minishell: list[str]) -> None:
    ended = run([*minishell, *args], stdin='echo no')
    assert (ended.stdout, ended.returncode) == ('', 2)
    assert ended.stderr.startswith('minishell: ')
    assert 'usage: minishell' in ended.stderr


def test_help_and_version(run: Run, minishell: list[str]) -> None:
    shown = run([*minishell, '--help'])
    assert (shown.stderr, shown.returncode) == ('', 0)
    assert shown.stdout.startswith('usage: minishell [options] [file [argument...]]\n')
    shown = run([*minishell, '--version'])
    assert (shown.stderr, shown.returncode) == ('', 0)
    name, version = shown.stdout.split()
    assert name == 'minishell'
    assert version[0].isdigit()


def test_help_and_version_on_a_full_device(minishell: list[str]) -> None:
    for option in ('--help', '--version'):
        with open('/dev/full', 'w') as full:
            ended = subprocess.run([*minishell, option], stdout=full, text=True,
                                   stderr=subprocess.PIPE, timeout=60, check=False)
        assert (ended.stderr, ended.returncode) == (
            'minishell: write error: No space left on device\n', 1)


# -- scripts as programs ------------------------------------------------------------------


def test_a_script_names_minishell(run: Run, minishell: list[str], folder: Path) -> None:
    """Linux takes no script as an interpreter's interpreter only if too deep: it may be."""
    words = ' '.join(minishell)
    wrapper = executable(folder / 'shell', f'#!/bin/sh\nexec {words} "$@"\n')
    script = executable(folder / 'script', f'#!{wrapper}\necho "$0" "$1"; exit 3\n')
    ended = run([str(script), 'a b'])
    assert (ended.stdout, ended.stderr, ended.returncode) == (f'{script} a b\n', '', 3)
    ended = run([*minishell, '-c', './script x; echo $?; ./script y | cat'])
    assert ended.stdout == './script x\n3\n./script y\n'
    executable(folder / 'traced', f'#!{wrapper} -e\nfalse\necho no\n')
    assert run(['./traced']).returncode == 1


@pytest.mark.parametrize('line', [
    './plain "a b"; echo $?', './plain "a b" | cat; echo 3', '(./plain "a b"; echo $?)',
    'x=$(./plain "a b"); echo "$x"; echo 3', './plain "a b" & wait $!; echo $?',
    'PATH=$PWD; plain "a b"; echo $?', '(exec ./plain "a b"); echo $?',
    'command ./plain "a b"; echo $?',
])
def test_a_script_without_an_interpreter_runs(
    line: str, run: Run, minishell: list[str], folder: Path,
) -> None:
    """ENOEXEC: minishell itself runs it (XCU 2.9.1.6), afresh."""
    executable(folder / 'plain', 'echo "$1" ${unexported-unset} $exported; exit 3\n')
    ended = run([*minishell, '-c', 'unexported=1; export exported=2; ' + line])
    assert (ended.stdout, ended.stderr) == ('a b unset 2\n3\n', '')


@pytest.mark.parametrize('words', [['-m', 'minishell'], ['minishell/__main__.py']])
def test_such_a_script_is_run_from_any_directory(
    words: list[str], run: Run, root: Path, folder: Path,
) -> None:
    """However the shell itself was found."""
    plain = executable(folder / 'plain', 'echo "$1"\n')
    ended = run([sys.executable, *words, '-c', f'cd /; {plain} here'], cwd=root)
    assert (ended.stdout, ended.stderr) == ('here\n', '')


def test_an_empty_executable_is_an_empty_script(
    run: Run, minishell: list[str], folder: Path,
) -> None:
    executable(folder / 'empty', '')
    ended = run([*minishell, '-c', './empty; echo $?; ./empty | cat; exec ./empty'])
    assert (ended.stdout, ended.stderr, ended.returncode) == ('0\n', '', 0)


def test_a_binary_file_is_not_a_script(run: Run, minishell: list[str], folder: Path,
                                       ) -> None:
    (folder / 'binary').write_bytes(b'\x7fELF\0\0\0junk\n')
    (folder / 'binary').chmod(0o755)
    for line in ('./binary; exit $?', './binary', 'exec ./binary', './binary | cat; exit 126'):
        ended = run([*minishell, '-c', line])
        assert ended.returncode == 126
        assert 'cannot execute binary file' in ended.stderr


@pytest.mark.parametrize(('words', 'status', 'reason'), [
    ('nonexistent', 127, 'nonexistent: command not found'),
    ('./nonexistent', 127, './nonexistent: No such file or directory'),
    ('""', 127, ': command not found'),
    ('./folder', 126, './folder: Is a directory'),
    ('./folder/', 126, './folder/: Is a directory'),
    ('./plain', 126, './plain: Permission denied'),
    ('./interpreted', 127, './interpreted: cannot execute: required file not found'),
    ('./plain/below', 127, './plain/below: Not a directory'),
    ('./loop', 126, './loop: Too many levels of symbolic links'),
])
@pytest.mark.parametrize('frame', [
    '{}; exit $?', '{}', '(exec {})', ': | {}', '({}; exit $?)', 'x=$({})',
    '{} & wait $!', '{} 3>&1', 'command {}',
])
def test_what_cannot_be_executed(
    words: str, status: int, reason: str, frame: str, run: Run,
    minishell: list[str], folder: Path,
) -> None:
    (folder / 'folder').mkdir()
    (folder / 'plain').write_text('echo no\n')
    (folder / 'loop').symlink_to('loop')
    executable(folder / 'interpreted', '#!/nonexistent/interpreter\n')
    ended = run([*minishell, '-c', frame.format(words)])
    assert (ended.stdout, ended.returncode) == ('', status)
    if 'exec' in frame and reason.endswith(': command not found'):
        reason = f"exec: {reason.replace('command ', '')}"
    assert ended.stderr == f'minishell: line 1: {reason}\n'


@pytest.mark.parametrize(('script', 'on_input'), [
    ('f() { eval ")"; }; f; cd -z; f() { cd -z; }; f', ''), ('f() { nosuch; }; f', 'input'),
    ('f() { ${x?y}; }; f', 'input'), ('echo a\nfi', ''), ('echo b; if', ''), ('if\n', ''),
    ('fi', 'input'),
])
def test_messages_of_bash_mode_say_where(script: str, on_input: str, run: Run,
                                         minishell: list[str]) -> None:
    """Functions of -c and of standard input have files of their own names in bash."""
    arguments, text = (['-s'], script) if on_input else (['-c', script], '')
    found = run(['bash', *arguments], stdin=text)
    ours = run([*minishell, '--arg0=bash', *arguments], stdin=text)
    assert ours.stderr == found.stderr


@pytest.mark.parametrize('name', ['./nofile', 'no/file', 'nofile'])
def test_a_dot_script_that_is_not_there(name: str, run: Run, minishell: list[str]) -> None:
    found = run(['bash', '-c', f'. {name}'])
    ours = run([*minishell, '--bash', '-c', f'. {name}'])
    assert ours.stderr.partition('line 1: ')[2] == found.stderr.partition('line 1: ')[2]
    assert ours.returncode == found.returncode == 1


def test_a_script_file_that_cannot_be_run(run: Run, minishell: list[str], folder: Path,
                                          ) -> None:
    (folder / 'folder').mkdir()
    (folder / 'binary').write_bytes(b'\x7fELF\0\0\0junk\n')
    for name, status, reason in (
        ('missing', 127, 'No such file or directory'), ('', 127, 'No such file'),
        ('./missing', 127, 'No such file'), ('folder', 126, 'Is a directory'),
        ('binary', 126, 'cannot execute binary file'), ('folder/', 126, 'Is a directory'),
        ('binary/x', 126, 'Not a directory'), ('a' * 5000, 126, 'File name too long'),
    ):
        ended = run([*minishell, name])
        assert (ended.stdout, ended.returncode) == ('', status)
        assert ended.stderr.startswith(f'minishell: {name}: {reason}')
        assert ended.stderr.count('\n') == 1


def test_an_unreadable_script(run: Run, minishell: list[str], folder: Path) -> None:
    (folder / 'script').write_text('echo no\n')
    (folder / 'script').chmod(0)
    ended = run([*MAY_NOT_READ, *minishell, 'script'])
    assert (ended.stdout, ended.stderr, ended.returncode) == (
        '', 'minishell: script: Permission denied\n', 126)


# -- the environment --------------------------------------------------------------------


def test_odd_names_are_passed_on(run: Run, minishell: list[str]) -> None:
    """A variable whose name is none cannot be used here, but must not be lost (2.5.3)."""
    odd = {'a b': 'c', 'x-y': '1', '1': 'one', 'BASH_FUNC_f%%': '() { echo no; }',
           'dot.ted': 'a=b', 'ümlaut': 'ö', 'byte': '\udcff', 'newline': 'a\nb'}
    for line in ('/usr/bin/env -0', '/usr/bin/env -0; :', '(/usr/bin/env -0; :)',
                 '/usr/bin/env -0 | cat', 'exec /usr/bin/env -0', 'x=1 /usr/bin/env -0'):
        ended = run([*minishell, '-c', line], env=odd)
        seen = dict(entry.split('=', 1) for entry in ended.stdout.split('\0')[:-1])
        assert odd.items() <= seen.items()
        assert seen.keys() - odd.keys() <= {'PWD', 'SHLVL', '_', 'OLDPWD', 'x'}


EXECVE = """
import ctypes, sys
count = int(sys.argv[1])
argv, entries = ([word.encode('utf-8', 'surrogateescape') for word in words]
                 for words in (sys.argv[2 + count:], sys.argv[2:2 + count]))
ctypes.CDLL(None).execve(argv[0], (ctypes.c_char_p * (len(argv) + 1))(*argv),
                         (ctypes.c_char_p * (len(entries) + 1))(*entries))
"""


@pytest.mark.parametrize(('entries', 'passed'), [
    (['=x'], ''), (['='], ''), (['=='], ''), (['=a=b', 'v=1'], 'v=1\n'),
    (['no', 'v=1'], 'v=1\n'), ([''], ''), (['v', 'v=1'], 'v=1\n'), (['v=1', 'v=1'], 'v=1\n'),
    (['\udcff=\udcfe'], '\udcff=\udcfe\n'), (['v==\udcff='], 'v==\udcff=\n'),
    (['v=' + 'x' * 100_000], 'v=' + 'x' * 100_000 + '\n'),
    (['v' * 100_000 + '=x'], 'v' * 100_000 + '=x\n'),
    ([f'v{number}=1' for number in range(20_000)],
     ''.join(f'v{number}=1\n' for number in range(20_000))),
    *[([f'{name}=\udcff'], f'{name}=\udcff\n')
      for name in ('LC_ALL', 'LC_CTYPE', 'LC_COLLATE', 'LANG', 'HOME', 'TERM', 'CDPATH')],
], ids=lambda value: ascii(value)[:20])
def test_odd_entries_of_the_environment(
    entries: list[str], passed: str, run: Run, minishell: list[str],
) -> None:
    """What no execve would take is not passed on; nothing is an internal error."""
    script = ('/usr/bin/env >f; (/usr/bin/env; :) | cmp f - && [[ a =~ [[:alpha:]] ]] && '
              'case b in [a-c]) echo * ~ >/dev/null; esac && '
              'exec grep -a -v "^SHLVL=\\|^PWD=\\|^_=" f')
    ended = run([sys.executable, '-c', EXECVE, str(len(entries)), *entries, *minishell, '-c',
                 script])
    assert (ended.stderr, ended.stdout) == ('', passed)
    assert ended.returncode == (not passed)


def test_functions_do_not_come_from_the_environment(run: Run, minishell: list[str]) -> None:
    ended = run([*minishell, '-c', 'f'], env={'BASH_FUNC_f%%': '() { echo no; }',
                                              'f': '() { echo no; }'})
    assert (ended.stdout, ended.returncode) == ('', 127)


@pytest.mark.parametrize('locale', [
    {}, {'LANG': 'C'}, {'LC_ALL': 'C'}, {'LANG': 'POSIX'}, {'LC_CTYPE': 'C'},
    {'LC_CTYPE': 'C.UTF-8'}, {'LC_CTYPE': 'POSIX', 'LANG': 'C.UTF-8'},
    {'LC_ALL': ''}, {'LC_ALL': '', 'LC_CTYPE': ''}, {'LC_ALL': '', 'LC_CTYPE': 'C.UTF-8'},
])
def test_the_locale_is_passed_on_as_it_was(
    locale: dict[str, str], run: Run, minishell: list[str],
) -> None:
    """Python sets LC_CTYPE where the locale is C (PEP 538); children must not see it."""
    for line in ('/usr/bin/env', '/usr/bin/env; :', 'echo "LC_CTYPE=$LC_CTYPE"'):
        ended = run([*minishell, '-c', line], env=locale)
        seen = dict(entry.split('=', 1) for entry in ended.stdout.splitlines())
        if 'echo' in line:
            assert seen['LC_CTYPE'] == locale.get('LC_CTYPE', '')
        else:
            assert {key: value for key, value in seen.items()
                    if key.startswith('L')} == locale


def test_variables_at_start(run: Run, minishell: list[str], folder: Path) -> None:
    ended = run(
        [*minishell, '-c', 'printf "%s|" "$IFS" "$OPTIND" "$PS4" "$PWD"; test $PPID -gt 1'],
        env={'IFS': 'x', 'OPTIND': '7', 'PWD': '/nonexistent'})
    assert ended.stdout == f' \t\n|1|+ |{folder}|'
    assert ended.returncode == 0


def test_a_logical_pwd_is_kept(run: Run, minishell: list[str], folder: Path) -> None:
    (folder / 'link').symlink_to('.')
    for given, expected in ((f'{folder}/link', f'{folder}/link'), ('.', str(folder)),
                            (f'{folder}/link/.', str(folder)), ('/', str(folder))):
        ended = run([*minishell, '-c', 'echo "$PWD"; pwd'], env={'PWD': given})
        assert ended.stdout == f'{expected}\n' * 2


def test_arguments_that_are_not_utf8(run: Run, minishell: list[str]) -> None:
    ended = run([*minishell, '-c', 'printf "%s|" "$0" "$@"; /usr/bin/printf "<%s>" "$@"',
                 'a\udcff', '\udc80', 'ü', ''])
    assert ended.stdout == 'a\udcff|\udc80|ü||<\udc80><ü><>'


# -- bash mode ----------------------------------------------------------------------------


IN_BASH_MODE = 'X=1 :; echo "${X-bash}"'


@pytest.mark.parametrize(('options', 'expected'), [
    ([], '1\n'), (['--bash'], 'bash\n'), (['-o', 'bash'], 'bash\n'),
    (['--arg0=/x/bash'], 'bash\n'), (['--arg0=-bash'], 'bash\n'), (['--arg0=bashful'], '1\n'),
    (['--bash', '--posix'], '1\n'), (['--posix', '--bash'], '1\n'),
    (['--bash', '+o', 'bash'], '1\n'), (['--arg0=sh', '--bash'], '1\n'),
])
def test_bash_mode_by_name_and_option(options: list[str], expected: str, run: Run,
                                      minishell: list[str]) -> None:
    assert run([*minishell, *options, '-c', IN_BASH_MODE]).stdout == expected


def test_bash_mode_by_a_first_line(run: Run, minishell: list[str], folder: Path) -> None:
    (folder / 'script').write_text(f'#!/bin/bash\n{IN_BASH_MODE}\n')
    (folder / 'other').write_text('#!/bin/sh\n. ./script\n')
    assert run([*minishell, 'script']).stdout == 'bash\n'
    assert run([*minishell, 'other']).stdout == '1\n'
    assert run([*minishell, '+o', 'bash', 'script']).stdout == '1\n'
    assert run([*minishell, '--arg0=sh', 'script']).stdout == '1\n'
    assert run([*minishell, '-c', '. ./script']).stdout == '1\n'


def test_bash_mode_goes_with_posix_mode(run: Run, minishell: list[str]) -> None:
    script = f'set -o bash; {IN_BASH_MODE}; unset X; set -o posix; {IN_BASH_MODE}; unset X' \
        f'; set +o posix; {IN_BASH_MODE}; set +o bash; {IN_BASH_MODE}'
    assert run([*minishell, '-c', script]).stdout == 'bash\n1\nbash\n1\n'


@pytest.mark.parametrize(('options', 'expected'), [
    ([], ''), (['-l'], 'profile\n'), (['--bash'], 'env\n'),
    (['--bash', '-l'], 'bash_profile\nenv\n'), (['--bash', '-l', '-p'], 'bash_profile\n'),
    (['--bash', '-login', '-noprofile'], 'env\n'), (['--bash', '-i', '-norc'], ''),
    (['--bash', '-i', '-rcfile', '~/env'], 'env\n'),
    (['--bash', '--login', '--noprofile'], 'env\n'), (['--bash', '-i'], 'bashrc\n'),
    (['--bash', '-i', '--norc'], ''), (['--bash', '-i', '--rcfile', 'env'], 'env\n'),
    (['--bash', '--posix'], ''), (['--arg0=-bash'], 'bash_profile\nenv\n'),
    (['--bash', '-i', '-l'], 'bash_profile\n'), (['--bash', '-p'], ''), (['-i'], 'profile\n'),
    (['--bash', '--posix', '-i'], 'profile\n'), (['-i', '--rcfile', 'env'], 'env\n'),
])
def test_start_files(options: list[str], expected: str, run: Run, minishell: list[str],
                     folder: Path, environment: dict[str, str]) -> None:
    for name in ('profile', 'bash_profile', 'bashrc'):
        (folder / f'.{name}').write_text(f'echo {name}\n')
    (folder / 'env').write_text('echo env\n')
    env = {**environment, 'HOME': str(folder), 'BASH_ENV': './env', 'ENV': './.profile'}
    assert run([*minishell, *options, '-c', ':'], env=env).stdout == expected


@pytest.mark.parametrize(('options', 'expected'), [
    (['-i'], 'env\nrc\n'), (['-i', '-l'], 'profile\nenv\nrc\n'), ([], ''),
    (['-i', '--norc'], 'env\n'), (['-i', '--posix'], 'env\n'), (['-i', '-p'], ''),
    (['-i', '--rcfile', 'other'], 'other\n'), (['-i', '--bash', '--norc'], ''),
    (['-i', '-l', '--noprofile'], 'env\nrc\n'), (['-l'], 'profile\n'),
])
@pytest.mark.parametrize('config', ['.config', 'elsewhere'])
def test_rc_sh(options: list[str], expected: str, config: str, run: Run, minishell: list[str],
               folder: Path, environment: dict[str, str]) -> None:
    """Of an interactive shell, behind ENV; what is wrong with it costs the file alone."""
    (folder / config / 'minishell').mkdir(parents=True)
    for name, path in (('profile', '.profile'), ('env', 'env'), ('other', 'other'),
                       ('rc', f'{config}/minishell/rc.sh')):
        (folder / path).write_text(f'echo {name}\nfi\necho no\n' if name == 'rc'
                                   else f'echo {name}\n')
    env = {**environment, 'HOME': str(folder), 'ENV': './env'}
    if config != '.config':
        env['XDG_CONFIG_HOME'] = str(folder / config)
    done = run([*minishell, *options, '-c', ':'], env=env)
    assert (done.stdout, done.returncode) == (expected, 0)
    assert ("rc.sh: line 2: syntax error near unexpected token `fi'" in done.stderr) \
        == ('rc' in expected)


@pytest.mark.parametrize('shell', ['minishell', 'bash'])
@pytest.mark.parametrize(('options', 'text', 'expected'), [
    (['-l', '-c', 'exit 3'], '', 'out\ntrap\n'), (['-l', '-c', 'logout'], '', 'out\ntrap\n'),
    (['-l', '-c', '(exit 3); f() { exit; }; f'], '', 'out\ntrap\n'),
    (['-l', '-c', ':'], '', 'trap\n'),
    (['-l', '-c', 'exec true'], '', ''), (['-c', 'exit 3'], '', 'trap\n'),
    (['-l', '-c', 'exit 3; echo no'], '', 'out\ntrap\n'), (['-l', '-s'], 'exit', 'out\ntrap\n'),
    (['-l', '-s'], ':', 'trap\n'), (['-l', '-i', '-s'], ':', 'out\ntrap\n'),
])
def test_a_login_shell_that_is_left_reads_bash_logout(
        shell: str, options: list[str], text: str, expected: str, run: Run,
        minishell: list[str], folder: Path, environment: dict[str, str]) -> None:
    """In bash mode, before the EXIT trap; subshells do not."""
    command = ['bash'] if shell == 'bash' else [*minishell, '--bash']
    (folder / '.bash_logout').write_text('echo out; exit 7\n')
    (folder / 'env').write_text('trap "echo trap" EXIT\n')
    env = {**environment, 'HOME': str(folder), 'BASH_ENV': './env'}
    if '-i' in options:
        text = '. ./env\n' + text
    ended = run([*command, '--noprofile', *options], stdin=text, env=env)
    assert ended.stdout == expected


def test_an_interactive_bash_has_a_history_file(run: Run, minishell: list[str],
                                                environment: dict[str, str]) -> None:
    env = {**environment, 'HOME': '/h'}
    script = ['-i', '-c', 'echo "$HISTFILE"; test -o emacs; echo $?']
    assert run([*minishell, '--bash', '--norc', *script], env=env).stdout \
        == '/h/.bash_history\n0\n'
    assert run([*minishell, *script], env=env).stdout == '\n0\n'


def test_bash_and_its_version(run: Run, minishell: list[str], folder: Path) -> None:
    (folder / 'script').write_text('#!/bin/bash\necho $BASH_VERSION\n')
    script = 'echo "${BASH-unset} ${BASH_VERSION-unset}"'
    assert run([*minishell, '-c', script]).stdout == 'unset unset\n'
    assert run([*minishell, '--arg0=/x/bash', '-c', script]).stdout \
        == '/x/bash 5.2.15(1)-minishell\n'
    assert run([*minishell, 'script']).stdout == '5.2.15(1)-minishell\n'


@pytest.mark.parametrize('shell', ['minishell', 'bash'])
@pytest.mark.parametrize(('entry', 'text', 'expected'), [
    ('BASH_FUNC_f%%', '() { echo one; }', 'one\n'),
    ('BASH_FUNC_f%%', '() { echo two; }; echo no', 'none\n'),
    ('BASH_FUNC_f%%', '() { echo three;', 'none\n'),
    ('BASH_FUNC_f%%', '() { echo four; } >/dev/null', ''),
    ('BASH_FUNC_f%%', ' () { echo five; }', 'none\n'),
    ('BASH_FUNC_f%%', '() {', 'none\n'),
    ('BASH_FUNC_f%%', '() { :; }\necho no', ''),
    ('BASH_FUNC_f%%', '() { case x in x) echo six;; esac; }', 'six\n'),
    ('BASH_FUNC_f', '() { echo no; }', 'none\n'),
    ('BASH_FUNC_%%', '() { echo no; }', 'none\n'),
    ('BASH_FUNC_echo no;f%%', '() { echo no; }', 'none\n'),
])
def test_functions_of_the_environment(shell: str, entry: str, text: str, expected: str,
                                      run: Run, minishell: list[str], folder: Path,
                                      environment: dict[str, str]) -> None:
    """Only a definition of the function that the entry names is run, in bash mode."""
    script = 'f || echo none\n'
    (folder / 'script').write_text('#!/bin/bash\n' + script)
    env = {**environment, entry: text}
    command = ['bash'] if shell == 'bash' else minishell
    assert run([*command, 'script'], env=env).stdout == expected
    if shell == 'minishell':
        assert run([*command, '-c', script], env=env).stdout == 'none\n'
        assert run([*command, '--bash', '-p', '-c', script], env=env).stdout == 'none\n'


BROUGHT = {
    'BASH_FUNC_f%%': '() { nosuch; /nosuch/x\n'
                     'cd /nosuch; echo "$LINENO ${BASH_SOURCE[*]}"; caller 0; }',
    'BASH_FUNC_open%%': '() { if', 'BASH_FUNC_two%%': '() { :; }; two',
    'BASH_FUNC_a/b%%': '() { :; }', 'BASH_FUNC_wrong%%': '() { ) ; }'}


@pytest.mark.parametrize('script', [
    'f; env | grep -c "^BASH_FUNC_"', '(f); g() { f; nosuch; }; g; a/b',
    'shopt -s extdebug; declare -F f',
])
def test_what_is_said_of_functions_of_the_environment(
        script: str, run: Run, minishell: list[str], folder: Path,
        environment: dict[str, str]) -> None:
    """Where they are from is no file, and their first line is 0; what is wrong stays there."""
    (folder / 'script').write_text(script)
    env = {**environment, **BROUGHT}
    for operands in (['-c', script], ['script']):
        ours = run([*minishell, '--arg0=bash', *operands], env=env)
        bash = run(['bash', *operands], env=env)
        assert (ours.stdout, ours.stderr) == (bash.stdout, bash.stderr)


def test_a_bash_prompt_goes_on_behind_a_syntax_error_in_a_text(
        run: Run, minishell: list[str], folder: Path) -> None:
    (folder / 'wrong').write_text('echo in; fi\n')
    lines = ('f() { echo "${BASH_SOURCE[0]}"; caller 0; eval "if"; echo "f $?"; }; f; echo on\n'
             '. ./wrong; echo "on $?"; eval "eval \'(\'; echo on"\n'
             'trap "done" USR1; kill -USR1 $$; echo on\n')
    ours, bash = (run([*shell, '--norc', '-i'], stdin=lines)
                  for shell in ([*minishell, '--arg0=bash'], ['bash']))
    assert ours.stdout == bash.stdout


@pytest.mark.parametrize('options', [
    ['--rcfile'], ['--restricted'], ['--debugger'], ['--none'], ['-O', 'none']])
def test_options_that_are_refused(options: list[str], run: Run, minishell: list[str]) -> None:
    ended = run([*minishell, *options])
    assert ended.returncode == 2
    assert ended.stderr.startswith('minishell: ')


@pytest.mark.parametrize('options', [['--dump-strings'], ['--dump-po-strings'], ['-D']])
def test_dumped_strings(options: list[str], run: Run, minishell: list[str]) -> None:
    script = 'echo $"hi" "a" $"b\nc"; x=$(echo $"in $x"); exit 3'
    ended, bash = (run([*shell, *options, '-c', script]) for shell in (minishell, ['bash']))
    assert (ended.returncode, ended.stderr) == (0, '')
    assert ended.stdout.replace(':2\n', ':3\n') == bash.stdout.replace(':2\n', ':3\n')


def test_options_that_variables_say_too(run: Run, minishell: list[str]) -> None:
    script = 'show() { set -o | grep -e ^posix -e ^ign\n' \
        'echo "$POSIXLY_CORRECT $IGNOREEOF"; }\n' \
        'set -o posix -o ignoreeof; show; unset POSIXLY_CORRECT IGNOREEOF; show\n' \
        'POSIXLY_CORRECT= IGNOREEOF=3; show; set +o posix +o ignoreeof; show\n' \
        'shopt -so posix; show'
    ended, bash = (run([*shell, '-c', script]) for shell in ([*minishell, '--bash'], ['bash']))
    assert ended.stdout == bash.stdout


def test_pretty_print(run: Run, minishell: list[str]) -> None:
    """A script is printed, none of it run; behind a syntax error nothing."""
    for script in ('if true;then echo a>f;fi\nf(){ x=1;g(){ :;};};for i in a b;do :;done',
                   'case x in a)b;;esac # c\n\n\necho "$(echo  a;b)" &', 'cat <<X|b\na\nX\nc',
                   'echo a\n)\necho b'):
        ended, bash = (run([*shell, '--pretty-print'], stdin=script + '\n') for shell in (
            [*minishell, '--bash'], ['bash']))
        assert ended.stdout.split() == bash.stdout.split()
        assert ended.returncode == bash.returncode


@pytest.mark.parametrize('option', ['-D', '--dump-po-strings', '--pretty-print'])
def test_a_script_to_be_printed_that_cannot_be_read(
    option: str, run: Run, minishell: list[str],
) -> None:
    for name, status, reason in (('missing', 127, 'No such file or directory'),
                                 ('/', 126, 'Is a directory')):
        ended = run([*minishell, option, name])
        assert (ended.stdout, ended.stderr, ended.returncode) == (
            '', f'minishell: {name}: {reason}\n', status)


@pytest.mark.parametrize(('option', 'status'), [
    ('-D', 1), ('--pretty-print', 1), ('-o', 0), ('+O', 0)])
def test_what_is_printed_instead_of_running_cannot_be_written(
    option: str, status: int, run: Run, minishell: list[str],
) -> None:
    """Of listed options the error is told, as by bash, and the script runs."""
    command = ['sh', '-c', 'exec "$@" >/dev/full', 'sh', *minishell, option]
    ended = run(command, stdin='exit; $"a"\n')
    assert ended.stderr == 'minishell: write error: No space left on device\n'
    assert ended.returncode == status


@pytest.mark.parametrize('option', ['-O', '+O', '-o', '+o'])
def test_options_without_a_name_are_listed(option: str, run: Run, minishell: list[str]) -> None:
    ended, bash = (run([*shell, option], stdin='') for shell in (
        [*minishell, '--bash'], ['bash']))
    assert ended.stdout.split()[:4] == bash.stdout.split()[:4]
    assert ended.returncode == 0


def test_version_in_bash_mode(run: Run, minishell: list[str]) -> None:
    for command in ([*minishell, '--bash'], [*minishell, '--arg0=/bin/bash']):
        first = run([*command, '--version']).stdout.splitlines()[0]
        assert first.startswith('GNU bash, version 5.2.15(1)-minishell (')
