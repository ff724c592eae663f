"""Pathname expansion and tilde expansion; bash is asked about a folder of odd names."""
from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from minishell.expand.pathname import collation, expand_pathname
from minishell.expand.tilde import expand_tilde

if TYPE_CHECKING:
    from pathlib import Path

BASH = shutil.which('bash')

FILES = ['a/x', 'a-b/x', 'a/.h', 'd/x/y', 'd/e/y', '.hid/x', '.p', '..q', 'f.c', 'g.c', 'h.o',
         'a*b', 'a\\*b', '[x', 'b[', ']', 'sp ace', 'new\nline', 'é', 'ü.c', '-n', 'Z', '~',
         'bad\udce9', 'bad\udcffx', 'bad\ufffd', '𝄞']

# Each line is pattern text, as an unquoted expansion has it.
PATTERNS = r"""
* */ .* .*/ */. */.. */x */* */*/ */*/* **/x a/* a//* a/./* ./* ././*.c d/../*/x
*.c *.[ch] ?.c [fg].c [!f].c [^f].c [[:alpha:]].c *[[:punct:]]* .[!.]* .[.]* ..* .?* ?h* [.]h*
[!a]hid [a-z]*/x a[-]b/x *[/]x \a* a\*b* a\\\** \[* \[x* *\[ b[*[ []]* *]* [-]n
~* link* link*/ link/* l[i]nk/x dangling* d[a]ngling dang*/ loop* loop*/ f.c/* f.c*/
none/* none*/x */none a*/none/* x*y */*y d/*/y d/?/y d/[xe]/y d/*/../*/y *é bad? bad?? bad*
*ace new?line new* ? ?? ??? ???? [Z] [[:upper:]] [z-a]* *\ * /bi[n] //bi[n] /*/../bi[n]/s[h]
""".split()       # noqa: SIM905


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of odd names, also the working directory."""
    for name in FILES:
        path = os.path.join(tmp_path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w'):
            pass
    (tmp_path / 'link').symlink_to('a')
    (tmp_path / 'dangling').symlink_to('nowhere')
    (tmp_path / 'loop').symlink_to('loop')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.skipif(BASH is None, reason='bash is not installed')
def test_as_in_bash(folder: Path) -> None:
    assert BASH is not None
    script = ('shopt -s nullglob; IFS=; while read -r p; do '
              "set -- $p; printf '%s\\0' \"$@\" ''; done")
    answer = subprocess.run(
        [BASH, '--norc', '-c', script], input='\n'.join(PATTERNS) + '\n', check=True,
        env={'LC_ALL': 'C.UTF-8', 'PATH': os.defpath}, cwd=folder, capture_output=True,
        encoding='utf-8', errors='surrogateescape', timeout=60).stdout
    pos = 0
    words = answer.split('\0')
    wrong = []
    for pattern in PATTERNS:
        end = words.index('', pos)
        expected, pos = words[pos:end], end + 1
        if expand_pathname(pattern) != expected:
            wrong.append((pattern, expand_pathname(pattern), expected))
    assert wrong == []
    assert pos == len(words) - 1


@pytest.mark.parametrize(('pattern', 'expected'), [
    ('*.c', ['f.c', 'g.c', 'ü.c']),
    ('.*', ['..q', '.hid', '.p']),                      # never . and ..
    ('.*/', ['.hid/']),
    ('*/x', ['a-b/x', 'a/x', 'd/x', 'link/x']),          # by the whole pathname: - before /
    ('dang*', ['dangling']),
    ('dang*/', []),
    ('loop*', ['loop']),
    ('*\\/y', []),
    ('d\\/*/y', ['d/e/y', 'd/x/y']),                     # a quoted slash is a slash
    ('a\\\\\\**', ['a\\*b']),
    ('*.c\\', []),                                       # a lone backslash is a character
])
def test_matches(folder: Path, pattern: str, expected: list[str]) -> None:
    assert expand_pathname(pattern) == expected


@pytest.mark.parametrize('pattern', ['', '[', '[x', 'f.c', 'f\\.c', '\\*', 'a/[', '\\[a]', '/'])
def test_nothing_to_expand(folder: Path, pattern: str) -> None:
    assert expand_pathname(pattern) == []


def test_names_that_are_not_utf8_pass_and_sort_as_bytes(folder: Path) -> None:
    assert expand_pathname('bad*') == ['bad\udce9', 'bad\ufffd', 'bad\udcffx']
    found = expand_pathname('*')
    assert found == sorted(found, key=os.fsencode)
    assert found != sorted(found)       # lone surrogates sort elsewhere as code points


def test_whatever_fails_does_not_match(folder: Path) -> None:
    for pattern in ['x' * 5000 + '*/y', '*' + 'x' * 5000, '*/' * 5000, 'a' * 300 + '/*',
                    'nul\0*', 'nul\0/*', '*/nul\0', '\ud800*/x', '\ud800/*', '[a]' * 500]:
        assert expand_pathname(pattern) == []


def test_literal_components_need_search_permission_only(
        folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[str] = []
    import posix

    from minishell.expand import pathname

    class Recorder:
        lstat = staticmethod(posix.lstat)

        @staticmethod
        def listdir(path: str) -> list[str]:
            listed.append(path)
            return posix.listdir(path)

        @staticmethod
        def scandir(path: str) -> object:
            listed.append(path)
            return posix.scandir(path)

    monkeypatch.setattr(pathname, 'posix', Recorder)
    assert expand_pathname('d/x/../*/y') == ['d/x/../e/y', 'd/x/../x/y']
    assert listed == ['d/x/../']


@pytest.mark.skipif(os.geteuid() == 0, reason='root may read everything')
def test_unreadable_folders_do_not_match(folder: Path) -> None:
    (folder / 'a').chmod(0o100)
    assert expand_pathname('a/*') == []
    assert expand_pathname('[a]/x') == ['a/x']


def test_the_order_may_be_a_locale_s(folder: Path) -> None:
    assert expand_pathname('[Zf]*', str.lower) == ['f.c', 'Z']
    assert expand_pathname('[Zf]*') == ['Z', 'f.c']


def test_collation() -> None:
    assert collation('C') is None
    assert collation('POSIX') is None
    assert collation('C.UTF-8') is None
    assert collation('no_SUCH.locale') is None


def test_a_large_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f'f{number}.{"c" if number % 2 else "o"}' for number in range(4000)]
    for name in names:
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert expand_pathname('*') == sorted(names)
    assert expand_pathname('*.c') == sorted(name for name in names if name.endswith('c'))


# -- tilde --------------------------------------------------------------------------------


def test_tilde_alone_is_home() -> None:
    assert expand_tilde('', '/some/where') == '/some/where'
    assert expand_tilde('', '') == ''
    assert expand_tilde('', None) == pwd.getpwuid(os.getuid()).pw_dir


def test_tilde_user() -> None:
    user = pwd.getpwuid(0)
    assert expand_tilde(user.pw_name, '/some/where') == user.pw_dir


@pytest.mark.parametrize('user', ['no such user', 'nul\0', '\udce9', '\ud800', '+', '1'])
def test_tilde_of_an_unknown_user(user: str) -> None:
    assert expand_tilde(user, '/some/where') is None
