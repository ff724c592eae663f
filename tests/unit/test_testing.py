"""test and [: every condition that matters, answered by bash."""
from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from minishell.builtins.testing import test as run_test
from minishell.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

BASH = shutil.which('bash')


class FakeVariables:
    others: dict[str, object] = {}
    flags: dict[str, int] = {}

    def get(self, name: str) -> str | None:
        return {'HOME': '/', 'empty': ''}.get(name)


class FakeOptions:
    errexit = False
    hashall = True


class FakeShell:
    variables = FakeVariables()
    options = FakeOptions()
    collation = None
    positional = ('one',)


def run(*words: str) -> tuple[int, str]:
    """The status of a condition, and the message if there is one."""
    argv = list(words)
    try:
        return run_test(FakeShell(), argv), ''  # type: ignore[arg-type]
    except UsageError as error:
        return error.status, f'{argv[0]}: {error.message}'


# Each line is the operands of test; '' is an empty one.
BY_COUNT = """

''
a
!
-f
(
! ''
! a
-n ''
-n -n
-z -z
-q x
a b
'' ''
x =
( )
! -f
! !
-a ''
-a -a
a = b
a == a
a != b
a =~ b
a -q b
a b c
-f -f -f
( x y
( '' )
( a )
( ! )
( = )
( -d )
-a -o -a
'' -o ''
a -a ''
! = !
! = ''
! -a ''
! -o ''
! -n ''
! a =
! x y
! ! ''
! ( )
-n = -n
1 -eq
! a = b
( -n '' )
( ! a )
( 1 2 )
( a = b
( -f ) )
( 1 ) 2
a b c d
a = b c
! 1 2 3
! ! ! a
! ! a !
! ( a )
-n a -n b
-d ) -o x
a -a b -a c
a -o '' -a ''
( a = b ) -o c
! a = b -a c
a b c d e
a = a -a
a = a -a -n
a = a -a b =
a = a b = b
( a = a
( a = a -o b
( a = a x
( a = a -a b = b )
! ( a = a -a b = b )
( ( a ) )
( ( a ) -a b )
x -a y -a
a = a ) b c
( a ) ) b
! a -a ! b
! ! ! a = a
-f -a x = x
-n -a -n -a x
= = = -o b
= -a = -a =
a = a -o -q
a = a -o -q x y
'' -a -q x
'' -a 1 -eq x
a -o 1 -eq x
! 1 2 3 4
1 -lt 2 3
"""[1:-1].split('\n')       # noqa: SIM905

NUMBERS = [
    [left, operator, right] for operator in ('-eq', '-ne', '-lt', '-le', '-gt', '-ge')
    for left in ('1', '-1', ' +2 ', '010', '\t3')
    for right in ('1', '2', '10', '9223372036854775807')
] + [[number, '-eq', '0'] for number in (
    '', 'x', '1x', '0x1', '- 1', '1 2', '1_0', '٣', '-0', '+', '-', '--1', '\v0', '0\n', ' ',
    '9223372036854775808', '-9223372036854775808', '-9223372036854775809',
    '00000000000000000000000000', '9' * 5000, '1.0', '1e3')]

STRINGS = [[left, operator, right] for operator in ('<', '>', '=', '!=')
           for left in ('a', 'é', '') for right in ('b', 'z', 'aa', 'a')]

FILES = [[operator, name] for operator in
         ['-' + letter for letter in 'abcdefghkprsuwxLNOGS']
         for name in ('file', 'empty', 'folder', 'link', 'dangling', 'fifo', 'none', '',
                      'file/x', '/dev/null', 'sticky', 'setid', 'program', 'fresh')
         ] + [[left, operator, right] for operator in ('-nt', '-ot', '-ef')
              for left in ('file', 'old', 'none', 'link')
              for right in ('file', 'old', 'none', './file', 'folder')
              ] + [['-t', number] for number in ('x', '', '9999', '-1', '9' * 20)
                   ] + [['-o', 'errexit'], ['-o', 'hashall'], ['-o', 'none']]


def operands(line: str) -> list[str]:
    return ['' if word == "''" else word for word in line.split()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ('file', 'old', 'sticky', 'setid', 'program', 'fresh'):
        (tmp_path / name).write_text('x')
    (tmp_path / 'empty').touch()
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'link').symlink_to('folder')
    (tmp_path / 'dangling').symlink_to('nowhere')
    os.mkfifo(tmp_path / 'fifo')
    os.utime(tmp_path / 'file', (100, 100))
    os.utime(tmp_path / 'old', (50, 50))
    os.utime(tmp_path / 'fresh', (50, 100))
    (tmp_path / 'sticky').chmod(0o1644)
    (tmp_path / 'setid').chmod(0o6755)
    (tmp_path / 'program').chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.skipif(BASH is None, reason='bash is not installed')
@pytest.mark.parametrize('table', [
    [operands(line) for line in BY_COUNT], NUMBERS, STRINGS, FILES,
], ids=['count', 'numbers', 'strings', 'files'])
def test_as_in_bash(table: list[list[str]], folder: Path) -> None:
    assert BASH is not None
    script = """
    while IFS= read -r -d '' n; do
        set --
        for ((; n; n--)); do IFS= read -r -d '' word; set -- "$@" "$word"; done
        message=$(test "$@" 2>&1)
        printf '%s\\0' "$?" "${message#* line *: }"
    done
    """
    fields = [field for words in table for field in (str(len(words)), *words)]
    answer = subprocess.run(
        [BASH, '--norc', '-c', script, 'bash'], input='\0'.join([*fields, '']), check=True,
        env={'LC_ALL': 'C.UTF-8'}, cwd=folder, capture_output=True, timeout=60,
        encoding='utf-8', errors='surrogateescape').stdout.split('\0')
    expected = list(zip(map(int, answer[:-1:2]), answer[1::2], strict=True))
    got = [run('test', *words) for words in table]
    assert [(words, *pair) for words, *pair in zip(table, got, expected, strict=True)
            if pair[0] != pair[1]] == []


def test_brackets() -> None:
    assert run('[', 'a', '=', 'a', ']') == (0, '')
    assert run('[', ']') == (1, '')
    assert run('[', ']', ']') == (0, '')
    assert run('[', 'a', '=', 'b', ']') == (1, '')
    assert run('[') == (2, "[: missing `]'")
    assert run('[', 'a') == (2, "[: missing `]'")
    assert run('[', 'a', '=', 'a', ']', ']') == (2, '[: too many arguments')


def test_text_that_is_not_utf8_is_compared_by_bytes() -> None:
    assert run('test', '\udce9', '=', '\udce9') == (0, '')
    assert run('test', '\udcff', '>', '\ufffd') == (0, '')
    assert run('test', '\udce9', '<', '\ufffd') == (0, '')


def test_variables_that_are_set() -> None:
    assert run('test', '-v', 'HOME') == (0, '')
    assert run('test', '-v', 'empty') == (0, '')
    assert run('test', '-v', 'none') == (1, '')
    assert run('test', '-v', '1') == (0, '')
    assert run('test', '-v', '2') == (1, '')


def test_terminals() -> None:
    master, slave = os.openpty()
    try:
        assert run('test', '-t', str(slave)) == (0, '')
        assert run('test', '-t', f' {slave} ') == (0, '')
    finally:
        os.close(master)
        os.close(slave)


def test_sockets(folder: Path) -> None:
    import socket
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind('socket')
        assert run('test', '-S', 'socket') == (0, '')
        assert run('test', '-S', 'file') == (1, '')


def test_what_is_no_pathname_does_not_exist() -> None:
    for operator in ('-e', '-r', '-L', '-d'):
        assert run('test', operator, 'nul\0') == (1, '')
        assert run('test', operator, 'x' * 5000) == (1, '')
    assert run('test', 'nul\0', '-ef', 'nul\0') == (1, '')
    assert run('test', 'nul\0', '-nt', 'nul\0') == (1, '')
