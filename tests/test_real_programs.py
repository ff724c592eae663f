"""Programs others wrote, unchanged: they do under minishell what they do under dash.

Shell scripts that the system comes with, and `configure` as autoconf generates it. What is
not installed is skipped. MINISHELL_PACKAGES may name a folder of unpacked source packages:
each of them that has a `configure` is configured, too (minutes, not seconds).
"""
from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

DASH = shutil.which('dash')
needs_dash = pytest.mark.skipif(DASH is None, reason='dash is not installed')
AUTOMAKE = '/usr/share/automake-1.16/'
AUTOCONF = Path('/usr/share/autoconf/build-aux')
SYSTEM_PATH = '/usr/bin:/bin:/usr/sbin:/sbin'
GIT_CORE = '/usr/lib/git-core'
NAMES = {'GIT_CONFIG_GLOBAL': '/dev/null', 'GIT_CONFIG_NOSYSTEM': '1',
         'GIT_AUTHOR_NAME': 'a', 'GIT_AUTHOR_EMAIL': 'a@example.org',
         'GIT_COMMITTER_NAME': 'c', 'GIT_COMMITTER_EMAIL': 'c@example.org',
         'GIT_AUTHOR_DATE': '2001-01-01T00:00:00Z',
         'GIT_COMMITTER_DATE': '2001-01-01T00:00:00Z',
         'FILTER_BRANCH_SQUELCH_WARNING': '1'}

# A script and its operands; they find the files of `furnish`.  The comparison is with what
# dash does, so that a script that only complains is a test as well: of its complaint.
SCRIPTS = [
    '/usr/bin/zcat words.gz',
    '/usr/bin/zcat <words.gz',
    '/usr/bin/zcat words.gz nothing.gz',
    '/usr/bin/gunzip -k words.gz',
    '/usr/bin/gunzip -c -- words.gz',
    '/usr/bin/gunzip --help',
    '/usr/bin/uncompress words.gz',
    '/usr/bin/zgrep -n three words.gz words',
    '/usr/bin/zgrep -c e words.gz',
    '/usr/bin/zgrep -l -e two -e nine words.gz other.gz',
    '/usr/bin/zgrep -h -i TWO words.gz other.gz',
    '/usr/bin/zgrep -f patterns words.gz',
    '/usr/bin/zgrep nothing words.gz',
    "/usr/bin/zgrep 'it'\"'\"'s $HOME' words.gz",
    '/usr/bin/zgrep --help',
    '/usr/bin/zgrep --context=1 three words.gz',
    '/usr/bin/zegrep t(wo|hree) words.gz',
    '/usr/bin/zfgrep . words.gz',
    '/usr/bin/zdiff words.gz other.gz',
    '/usr/bin/zdiff -u words words.gz',
    '/usr/bin/zcmp words.gz words',
    '/usr/bin/zcmp words.gz other',
    '/usr/bin/zforce packed',
    '/usr/bin/zmore --help',
    '/usr/bin/gzexe --version',
    '/usr/bin/gzexe script',
    '/usr/bin/bzgrep three words',
    '/usr/bin/bzdiff words other',
    '/usr/bin/xzgrep -n three words',
    '/usr/bin/xzgrep -L three words other',
    '/usr/bin/xzdiff words other',
    '/usr/bin/zipgrep -h',
    '/usr/bin/egrep -c t(wo|hree) words',
    '/usr/bin/fgrep -x two words',
    '/usr/bin/rgrep three .',
    '/usr/bin/which.debianutils -a sh cat no-such-program',
    '/usr/bin/which.debianutils',
    '/usr/bin/savelog -c 3 words',
    '/usr/bin/savelog -p -n -l other',
    '/usr/bin/savelog -h',
    '/usr/bin/lesspipe',
    '/usr/bin/lesspipe words.gz',
    '/usr/bin/neqn --help',
    '/usr/bin/nroff --help',
    '/usr/bin/ncurses6-config --libs --cflags --version',
    '/usr/bin/xml2-config --cflags --libs --version',
    '/usr/bin/libpng16-config --cflags --ldflags --version',
    '/usr/bin/libgcrypt-config --libs --api-version',
    '/usr/bin/gpgrt-config --list-all',
    '/usr/bin/pg_config --help',
    '/usr/bin/pg_buildext supported-versions',
    '/usr/bin/x86_64-linux-gnu-python3.11-config --includes --libs',
    '/usr/bin/dpkg-realpath /usr/../bin/sh',
    '/usr/bin/dpkg-maintscript-helper supports rm_conffile',
    '/usr/bin/c99-gcc --version',
    '/usr/bin/c89-gcc -std=c99 x.c',
    '/usr/bin/gettext.sh --help',
    '/usr/bin/gettextize --help',
    '/usr/bin/xdg-user-dir DOCUMENTS',
    '/usr/bin/strace-log-merge',
    '/usr/bin/gdb-add-index nothing',
    '/usr/bin/ucf --help',
    '/usr/bin/ucfr --help',
    '/usr/bin/autoconf --version',
    '/usr/share/misc/config.guess',
    '/usr/share/misc/config.guess --time-stamp',
    '/usr/share/misc/config.sub amd64-linux',
    '/usr/share/misc/config.sub sun4-sunos4.1.3 extra',
    '/usr/share/misc/config.sub arm-none-linux-gnueabihf',
    '/usr/share/misc/config.sub no-such-machine',
    f'{AUTOMAKE}install-sh -c -m 640 words other dir',
    f'{AUTOMAKE}install-sh -d a/b/c d/e',
    f'{AUTOMAKE}install-sh -c -T words dir',
    f'{AUTOMAKE}install-sh -C words copy',
    f'{AUTOMAKE}install-sh nothing dir',
    f'{AUTOMAKE}mkinstalldirs -m 755 a/b a/c',
    f'{AUTOMAKE}mdate-sh words',
    f'{AUTOMAKE}missing no-such-program --version',
    f'{AUTOMAKE}missing automake-1.99 --gnu',
    f'{AUTOMAKE}missing true',
    f'{AUTOMAKE}compile cat -c words -o out.o',
    f'{AUTOMAKE}compile --version',
    f'{AUTOMAKE}depcomp --help',
    f'{AUTOMAKE}ylwrap --help',
    f'{AUTOMAKE}ar-lib --help',
    f'{AUTOMAKE}py-compile --help',
    f'{AUTOMAKE}test-driver --test-name t --log-file t.log --trs-file t.trs --'
    ' sh -c exit\\ 77',
    f'{AUTOMAKE}tap-driver.sh --test-name t --log-file t.log --trs-file t.trs'
    ' --color-tests no -- sh tap',
    '/usr/share/gettext/config.rpath x86_64-pc-linux-gnu',
    f'{GIT_CORE}/git-submodule status',
    f'{GIT_CORE}/git-submodule -h',
    f'{GIT_CORE}/git-filter-branch -f --msg-filter tr\\ a-z\\ A-Z HEAD',
    f'{GIT_CORE}/git-filter-branch -f --tree-filter rm\\ -f\\ other HEAD',
    f'{GIT_CORE}/git-filter-branch --no-such-option',
    f'{GIT_CORE}/git-request-pull HEAD~1 .',
    f'{GIT_CORE}/git-request-pull',
    f'{GIT_CORE}/git-merge-octopus HEAD~1 -- HEAD side',
    f'{GIT_CORE}/git-merge-resolve HEAD~1 -- HEAD side',
    f'{GIT_CORE}/git-bisect start HEAD HEAD~1',
    f'{GIT_CORE}/git-mergetool',
    f'{GIT_CORE}/git-subtree split --prefix=dir',
    f'{GIT_CORE}/git-quiltimport --patches nothing',
    '/usr/share/git-core/templates/hooks/commit-msg.sample words',
    '/usr/share/git-core/templates/hooks/pre-commit.sample',
    '/usr/share/git-core/templates/hooks/update.sample refs/heads/x 0 1',
    '/usr/share/git-core/templates/hooks/pre-push.sample origin url',
]


class Outcome(NamedTuple):
    """What a run of a program shows and leaves."""

    status: int
    stdout: bytes
    stderr: bytes
    files: dict[str, bytes]


def furnish(folder: Path) -> None:
    """The files that the scripts are run on."""
    folder.mkdir()
    words = b"one\ntwo\nthree\nit's $HOME\n\\back\n"
    other = b'one\ntwo and a half\nnine\n'
    for name, data in ('words', words), ('other', other):
        (folder / name).write_bytes(data)
        (folder / f'{name}.gz').write_bytes(gzip.compress(data, mtime=0))
        os.utime(folder / name, (10 ** 9, 10 ** 9))
    (folder / 'packed').write_bytes(gzip.compress(other, mtime=0))
    (folder / 'patterns').write_text('two\nback\n')
    (folder / 'script').write_text('#!/bin/sh\necho packed "$@"\n')
    (folder / 'script').chmod(0o755)
    (folder / 'tap').write_text('echo 1..2; echo ok 1; echo "not ok 2 - no # TODO"\n')
    (folder / 'dir').mkdir()


def furnish_repository(folder: Path) -> None:
    """The same as a git repository with two branches."""
    (folder / 'dir' / 'file').write_text('x\n')
    script = """
        git init -q -b main . && git add . && git commit -q -m first
        git checkout -q -b side && echo side >side && git add side && git commit -q -m side
        git checkout -q main && echo more >>words && git commit -q -a -m second
    """
    subprocess.run(['/bin/sh', '-ec', script], cwd=folder, env=surroundings(folder),
                   check=True, capture_output=True)


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a script."""
    return {'PATH': f'{SYSTEM_PATH}:{GIT_CORE}', 'HOME': str(folder), 'TERM': 'dumb',
            'LC_ALL': 'C.UTF-8', 'TZ': 'UTC', **NAMES}


def contents(folder: Path) -> dict[str, bytes]:
    """The files below a folder; of git's own only the branches, which name the rest."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob('*')) if path.is_file()
        and (path.parts[len(folder.parts)] != '.git' or '/refs/heads/' in str(path))
    }


def run_script(shell: list[str], line: str, folder: Path) -> Outcome:
    """Run a line of SCRIPTS in a furnished folder."""
    line, _, stdin = line.partition(' <')
    words = [word.replace('\\ ', ' ') for word in re.split(r'(?<!\\) ', line)]
    furnish(folder)
    if 'git' in words[0]:
        furnish_repository(folder)
    for path in folder.iterdir():       # gzip keeps it
        os.utime(path, (10 ** 9, 10 ** 9))
    with open(folder / stdin if stdin else os.devnull, 'rb') as source:
        done = subprocess.run([*shell, *words], stdin=source, capture_output=True,
                              cwd=folder, env=surroundings(folder), check=False, timeout=60)
    return Outcome(done.returncode, done.stdout, done.stderr, contents(folder))


def without_chance(text: bytes) -> bytes:
    """Messages without what shells word differently, and without times."""
    text = re.sub(rb'(?m)^(\S+: )(?:line )?[0-9]+: ', rb'\1', text)
    text = text.replace(b': command not found\n', b': not found\n')
    text = re.sub(rb'\b[0-9]{2}:[0-9]{2}:[0-9]{2}\b', b'HH:MM:SS', text)
    # git-filter-branch counts by samples: how many have been rewritten, as of some seconds ago
    text = re.sub(rb'\([0-9]+(?=/[0-9]+\) \([0-9]+ seconds)', b'(N', text)
    return re.sub(rb'\b[0-9]+ (?=seconds|predicted)', b'N ', text)


def is_shell_script(path: str) -> bool:
    """Whether there is a script for sh at a path."""
    try:
        with open(path, 'rb') as file:
            return re.match(rb'#! ?/(usr/)?bin/(env )?(da)?sh\b', file.readline()) is not None
    except OSError:
        return False


@needs_dash
@pytest.mark.parametrize('line', SCRIPTS)
def test_script_of_the_system(line: str, minishell: list[str], tmp_path: Path) -> None:
    script = line.split()[0]
    if not is_shell_script(script):
        pytest.skip(f'{script} is not there, or not a script for sh')
    assert DASH is not None
    folder = tmp_path / 'cwd'
    expected = run_script([DASH], line, folder)
    folder.rename(tmp_path / 'dash')
    found = run_script(minishell, line, folder)
    assert (found.status, without_chance(found.stdout)) \
        == (expected.status, without_chance(expected.stdout)), found.stderr
    assert without_chance(found.stderr) == without_chance(expected.stderr)
    assert found.files == expected.files


# -- configure ------------------------------------------------------------------------------

CONFIGURE_AC = r"""
AC_INIT([sample], [1.2], [nobody@example.org])
AC_CONFIG_SRCDIR([main.c])
AC_CONFIG_AUX_DIR([aux])
AC_CONFIG_HEADERS([config.h])
AC_CANONICAL_HOST
AC_PROG_CC
AC_PROG_INSTALL
AC_PROG_LN_S
AC_PROG_MKDIR_P
AC_PROG_AWK
AC_PROG_SED
AC_PATH_PROG([NOTHING], [no-such-program], [none])
AC_CHECK_HEADERS([unistd.h sys/stat.h no/such.h])
AC_CHECK_FUNCS([strdup no_such_function])
AC_CHECK_TYPES([long long, struct nothing])
AC_CHECK_DECLS([strtok_r, nothing_declared], [], [], [[#include <string.h>]])
AC_CHECK_SIZEOF([long])
AC_SEARCH_LIBS([cos], [m])
AC_C_BIGENDIAN
AC_ARG_ENABLE([extra], [AS_HELP_STRING([--enable-extra], [more])],
    [], [enable_extra=no])
AC_ARG_WITH([name], [AS_HELP_STRING([--with-name=NAME], [its name])],
    [], [with_name="it's a \"name\" with \$dollars & \\backslashes"])
AC_CACHE_CHECK([for arithmetic], [sample_cv_sum], [sample_cv_sum=`expr 40 + 2`])
AS_IF([test "x$enable_extra" = xyes], [AC_DEFINE([EXTRA], [1], [Extra.])])
AS_CASE([$host_os], [*linux*], [kind=linux], [kind=other])
AC_DEFINE_UNQUOTED([KIND], ["$kind $sample_cv_sum"], [What this is.])
AC_SUBST([kind])
AC_SUBST([with_name])
AC_CONFIG_LINKS([linked.c:main.c])
AC_CONFIG_FILES([Makefile])
AC_CONFIG_FILES([script], [chmod +x script])
AC_CONFIG_COMMANDS([stamp], [echo "$kind" >stamp], [kind='$kind'])
AC_OUTPUT
"""
MAKEFILE_IN = r"""
SHELL = @SHELL@
CC = @CC@
CFLAGS = @CFLAGS@
prefix = @prefix@
MKDIR_P = @MKDIR_P@
INSTALL = @INSTALL@

all: main
main: linked.c config.h
	$(CC) $(CFLAGS) $(CPPFLAGS) -I. -o $@ linked.c @LIBS@
check: all
	@n=0; for word in a 'b c' "d"; do n=$$((n + 1)); echo "$$n:$$word"; done
	@if ./main | grep -q "linux 42"; then echo PASS; else echo FAIL; exit 1; fi
	@./script 'an operand'
install: all
	$(MKDIR_P) $(DESTDIR)/bin && $(INSTALL) main $(DESTDIR)/bin
"""
SOURCES = {
    'configure.ac': CONFIGURE_AC,
    'Makefile.in': MAKEFILE_IN,
    'main.c': '#include <stdio.h>\n#include "config.h"\n'
              'int main(void) { return puts(KIND) < 0; }\n',
    'script.in': '#! @SHELL@\n# @configure_input@\necho "@kind@ $1"\n'
                 "cat <<'end'\n@with_name@\nend\n",
}


@pytest.fixture(scope='module')
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source package with a configure that autoconf has generated."""
    for program in 'autoconf', 'autoheader', 'cc', 'make':
        if shutil.which(program) is None:
            pytest.skip(f'{program} is not installed')
    folder = tmp_path_factory.mktemp('package')
    for name, text in SOURCES.items():
        (folder / name).write_text(text)
    (folder / 'aux').mkdir()
    for name in 'config.guess', 'config.sub', 'install-sh':
        if not (AUTOCONF / name).exists():
            pytest.skip(f'autoconf has no {name} here')
        shutil.copy(AUTOCONF / name, folder / 'aux')
    for program in 'autoconf', 'autoheader':
        subprocess.run([program], cwd=folder, check=True, capture_output=True, timeout=60)
    return folder


@pytest.fixture
def one_word(minishell: list[str], tmp_path: Path) -> str:
    """minishell as CONFIG_SHELL wants it: one path."""
    path = tmp_path / 'minishell'
    path.write_text(f'#!/bin/sh\nexec {" ".join(minishell)} "$@"\n')
    path.chmod(0o755)
    return str(path)


def build(package: Path, shell: str, work: Path, steps: Iterable[str]) -> str:
    """Run the steps with a shell in a copy of the package; returns what they print."""
    shutil.copytree(package, work, symlinks=True)
    environment = {'PATH': SYSTEM_PATH, 'HOME': '/nonexistent', 'LC_ALL': 'C',
                   'CONFIG_SHELL': shell, 'DESTDIR': str(work / 'installed')}
    output = ''
    for step in steps:
        done = subprocess.run(
            step.replace('$SH', shell).split(), cwd=work, env=environment, timeout=1800,
            check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        output += f'{step}: {done.returncode}\n{done.stdout}'
        assert done.returncode == 0, output
    return output.replace(shell, '$SH')


def log_lines(work: Path, shell: str) -> list[str]:
    """config.log without what two runs of one shell differ in, and what `set` quotes."""
    text = (work / 'config.log').read_text().replace(shell, '$SH').replace("'", '')
    text = re.sub(r'/tmp/cc\w+', '/tmp/cc', text)
    text = re.sub(r'(?m)^(configure|config\.status):\d+: ', r'\1: ', text)
    return [line for line in text.splitlines() if not line.startswith('on ')]


def compare(package: Path, shell: str, tmp_path: Path, steps: list[str]) -> None:
    """Build with dash and with another shell: same words, same files."""
    assert DASH is not None
    work = tmp_path / 'work'
    expected = build(package, DASH, work, steps)
    work.rename(tmp_path / 'dash')
    found = build(package, shell, work, steps)
    assert found == expected
    before, after = tmp_path / 'dash', work
    if (before / 'config.log').exists():
        assert log_lines(after, shell) == log_lines(before, DASH)
    original = contents(package)
    names = {name for name in contents(before)
             if name not in original and 'configure.' not in name
             and name not in ('config.log', 'config.status')
             and not name.endswith(('.o', 'main'))}
    assert names.issuperset(('Makefile',))
    for name in names:
        assert result(after / name, shell) == result(before / name, DASH), name


def result(path: Path, shell: str) -> str:
    """A file that configure wrote; without LINENO, dash has it number a copy of itself."""
    text = path.read_text(errors='surrogateescape').replace(shell, '$SH')
    return text.replace('configure.lineno', 'configure')


@needs_dash
def test_configure_and_make(package: Path, one_word: str, tmp_path: Path) -> None:
    compare(package, one_word, tmp_path, [
        '$SH ./configure --enable-extra', '$SH ./config.status', 'make', 'make check',
        'make install'])


@needs_dash
def test_configure_in_a_trace(package: Path, minishell: list[str], tmp_path: Path) -> None:
    """It says, answers and makes the same as without; the page is below 5 MB."""
    outcomes = []
    for name, words in (('bare', ['sh', '-c']), ('traced', [*minishell, '-c'])):
        folder = tmp_path / name
        folder.mkdir()
        command = f'{package}/configure --no-create'
        if name == 'traced':
            command = f"trace -o ../F.html '{command}'"
        outcomes.append(subprocess.run([*words, command], cwd=folder, capture_output=True,
                                       timeout=300, env=surroundings(tmp_path)))
    bare, traced = outcomes
    assert (traced.returncode, traced.stdout, traced.stderr) == (0, bare.stdout, bare.stderr)
    page = (tmp_path / 'F.html').read_text()
    assert len(page) < 5_000_000
    assert page.count('<script') == 2
    assert {*os.listdir(tmp_path / 'traced')} == {*os.listdir(tmp_path / 'bare')}


def test_configure_help_and_errors(package: Path, one_word: str, tmp_path: Path) -> None:
    compare_output(package, one_word, tmp_path, ['./configure', '--help'])
    compare_output(package, one_word, tmp_path, ['./configure', '--version'])
    compare_output(package, one_word, tmp_path, ['./configure', '--no-such-option'])
    compare_output(package, one_word, tmp_path, ['./configure', '--host=no-such-machine'])


def compare_output(package: Path, shell: str, tmp_path: Path, words: list[str]) -> None:
    """Run configure with dash and another shell: same words, same status."""
    assert DASH is not None
    outcomes = []
    for name in DASH, shell:
        work = tmp_path / 'work'
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(package, work)
        done = subprocess.run(
            [name, *words], cwd=work, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False, timeout=60,
            env={'PATH': SYSTEM_PATH, 'HOME': '/nonexistent', 'LC_ALL': 'C',
                 'CONFIG_SHELL': name})
        outcomes.append((done.returncode, done.stdout, done.stderr.replace(name, '$SH')))
    assert outcomes[1] == outcomes[0]


def unpacked_packages() -> list[Path]:
    """The source packages that MINISHELL_PACKAGES offers."""
    folder = os.environ.get('MINISHELL_PACKAGES')
    return sorted(path.parent for path in Path(folder).glob('*/configure')) if folder else []


@needs_dash
@pytest.mark.parametrize('tree', unpacked_packages() or [pytest.param(
    None, marks=pytest.mark.skip(reason='MINISHELL_PACKAGES names no source packages'))])
def test_configure_of_a_package(tree: Path, one_word: str, tmp_path: Path) -> None:
    began = time.monotonic()
    compare(tree, one_word, tmp_path, ['$SH ./configure'])
    print(f'{tree.name}: {time.monotonic() - began:.0f} s')
