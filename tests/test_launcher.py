"""scripts/minishell as its users meet it, in a checkout of its own."""
from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

BASE_PYTHON: str = getattr(sys, '_base_executable', sys.executable)


@pytest.fixture
def fresh(root: Path, tmp_path: Path, environment: dict[str, str]) -> Path:
    """A checkout that was never started, in a path with a space, without a network."""
    checkout = tmp_path / 'a checkout'
    for folder in ('scripts', 'minishell'):
        shutil.copytree(root / folder, checkout / folder,
                        ignore=shutil.ignore_patterns('__pycache__'))
    shutil.copy(root / 'pyproject.toml', checkout)
    environment |= {'MINISHELL_PYTHON': BASE_PYTHON, 'PIP_NO_INDEX': '1',
                    'PIP_CONFIG_FILE': os.devnull}
    return checkout


@pytest.fixture
def checkout(fresh: Path) -> Path:
    """A checkout with what the first start leaves behind, less the packages."""
    (fresh / '.venv' / 'libexec').mkdir(parents=True)
    (fresh / '.venv' / 'libexec' / 'minishell').symlink_to(BASE_PYTHON)
    stamp(fresh, newer_than=fresh / 'pyproject.toml')
    return fresh


def stamp(checkout: Path, newer_than: Path) -> None:
    ready = checkout / '.venv' / 'ready'
    ready.touch()
    moment = newer_than.stat().st_mtime + 1
    os.utime(ready, (moment, moment))


COURSE = ('posix_ipc', 'sysv_ipc')


def wheels(folder: Path, names: Sequence[str] = ('prompt_toolkit', *COURSE)) -> None:
    """Packages that pip takes for those that pyproject.toml asks for."""
    for name in names:
        wheel(folder, name)


def wheel(folder: Path, package: str) -> None:
    info = f'{package}-3.99.dist-info'
    files = {
        f'{package}/__init__.py': '',
        f'{info}/METADATA':
            f'Metadata-Version: 2.1\nName: {package}\nVersion: 3.99\n',
        f'{info}/WHEEL':
            'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    }
    record = f'{info}/RECORD'
    files[record] = ''.join(f'{name},,\n' for name in [*files, record])
    name = f'{package}-3.99-py3-none-any.whl'
    with zipfile.ZipFile(folder / name, 'w') as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def replace(path: Path, old: str, new: str) -> None:
    """Change a program of the checkout."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


# --- every start ---------------------------------------------------------------------

def test_a_command(checkout: Path, run: Run) -> None:
    done = run([f'{checkout}/scripts/minishell', '-c', 'echo hi; exit 3'])
    assert (done.stdout, done.stderr, done.returncode) == ('hi\n', '', 3)


def test_arguments_arrive_as_they_are(checkout: Path, run: Run) -> None:
    done = run([f'{checkout}/scripts/minishell', '-c', 'printf "<%s>" "$@"', 'name',
                'a  b', '', '*', '\\', '--'])
    assert done.stdout == '<a  b><><*><\\><-->'


@pytest.mark.parametrize('name', ['scripts/minishell', './scripts/minishell',
                                  'minishell/../scripts/minishell'])
def test_started_by_a_relative_path(name: str, checkout: Path, run: Run) -> None:
    done = run([name, '-c', 'echo hi; cd / && echo there'], cwd=checkout)
    assert (done.stdout, done.stderr) == ('hi\nthere\n', '')


def test_started_from_its_own_folder(checkout: Path, run: Run) -> None:
    for start in (['./minishell'], ['/bin/sh', 'minishell']):
        done = run([*start, '-c', 'echo hi'], cwd=checkout / 'scripts')
        assert done.stdout == 'hi\n'


def test_the_working_directory_stays(
    checkout: Path, run: Run, tmp_path: Path, environment: dict[str, str],
) -> None:
    done = run([f'{checkout}/scripts/minishell', '-c', 'pwd'], cwd=tmp_path / 'cwd',
               env=environment | {'CDPATH': f'{checkout}:/'})
    assert done.stdout == f'{tmp_path}/cwd\n'


def test_started_through_symbolic_links(
    checkout: Path, run: Run, tmp_path: Path,
) -> None:
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'bin' / 'one').symlink_to(checkout / 'scripts' / 'minishell')
    (tmp_path / 'bin' / 'two').symlink_to('one')
    (tmp_path / 'link').symlink_to(checkout)
    for name in ('bin/one', 'bin/two', 'link/scripts/minishell'):
        assert run([tmp_path / name, '-c', 'echo hi']).stdout == 'hi\n'


@pytest.mark.parametrize('path', ['', '/nonexistent', None])
def test_a_link_where_path_has_no_readlink(
    path: str | None, checkout: Path, run: Run, tmp_path: Path, environment: dict[str, str],
) -> None:
    """And where the system has none: Python finds out."""
    (tmp_path / 'link').symlink_to(checkout / 'scripts' / 'minishell')
    if path is None:
        replace(checkout / 'scripts' / 'minishell', '-p readlink', '-p no-readlink')
    else:
        environment['PATH'] = path
    for start in ([tmp_path / 'link'], ['./link'], ['/bin/sh', 'link']):
        done = run([*start, '-c', 'echo "$0" "$@"', 'name', '*'], env=environment, cwd=tmp_path)
        assert (done.stdout, done.stderr) == ('name *\n', '')


def test_a_link_that_nobody_can_follow(checkout: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / 'link').symlink_to(checkout / 'scripts' / 'minishell')
    replace(checkout / 'scripts' / 'minishell', '-p readlink', '-p no-readlink')
    replace(checkout / 'scripts' / 'minishell', '"$python"', 'no-python')
    done = run([tmp_path / 'link', '-c', 'echo no'])
    assert (done.stdout, done.returncode) == ('', 127)
    assert done.stderr == (f'minishell: {tmp_path}/link: neither readlink nor Python is there '
                           'to follow this link\n')


def test_the_name_of_the_shell_is_the_path_it_was_started_by(
    checkout: Path, run: Run, tmp_path: Path, environment: dict[str, str],
) -> None:
    """$0 where neither a script nor `-c string name` gives it (XCU 3, sh, OPERANDS)."""
    launcher, link = checkout / 'scripts' / 'minishell', tmp_path / 'sh'
    link.symlink_to(launcher)
    script = 'echo "$0"; nosuch'
    for path in (launcher, link):
        done = run([path, '-c', script])
        assert done.stdout == f'{path}\n'
        assert done.stderr == f'{path}: line 1: nosuch: command not found\n'
        assert run([path], stdin=script).stdout == f'{path}\n'
        assert run([path, '-c', script, 'name']).stdout == 'name\n'
        done = run([path, '-i'], stdin='nosuch\n', env=environment | {'PS1': ''})
        assert f'\n{path.name}: nosuch: command not found\n' in done.stderr
    (tmp_path / 'cwd' / 'script').write_text(script)
    assert run([link, 'script']).stdout == 'script\n'


def test_a_link_named_sh_sets_posix_mode(
    checkout: Path, run: Run, tmp_path: Path,
) -> None:
    (tmp_path / 'sh').symlink_to(checkout / 'scripts' / 'minishell')
    script = 'case $(set +o) in *"set -o posix"*) echo "posix $*" ;; esac'
    assert run([tmp_path / 'sh', '-c', script, 'x', 'a b']).stdout == 'posix a b\n'
    assert run([checkout / 'scripts' / 'minishell', '-c', script]).stdout == ''


def test_a_directory_as_standard_input(
    checkout: Path, run: Run, environment: dict[str, str],
) -> None:
    """Python itself would refuse to start; 128 is an unrecoverable read error."""
    launcher = str(checkout / 'scripts' / 'minishell')
    done = run(['sh', '-c', 'exec "$0" </', launcher])
    assert (done.stdout, done.returncode) == ('', 128)
    assert done.stderr == f'{launcher}: standard input: Is a directory\n'
    done = run(['sh', '-c', 'exec "$0" -c "$1" </', launcher,
                'read x; test $? -gt 1 && ls /dev/fd/9; ls -d /dev/stdin/usr'])
    assert done.stdout == '/dev/stdin/usr\n'


def test_found_on_path(
    checkout: Path, run: Run, environment: dict[str, str],
) -> None:
    path = f'{checkout}/scripts:{environment["PATH"]}'
    done = run(['/usr/bin/env', 'minishell', '-c', 'echo hi'],
               env=environment | {'PATH': path})
    assert done.stdout == 'hi\n'


def test_a_copy_elsewhere_says_what_is_wrong(
    checkout: Path, run: Run, tmp_path: Path,
) -> None:
    copy = shutil.copy(checkout / 'scripts' / 'minishell', tmp_path)
    done = run([copy, '-c', 'echo hi'])
    assert (done.stdout, done.returncode) == ('', 126)
    assert 'not in the folder scripts of a checkout' in done.stderr


def test_a_script_that_names_the_launcher(
    checkout: Path, run: Run, tmp_path: Path,
) -> None:
    (tmp_path / 'link').symlink_to(checkout)            # no space in a #! line
    script = tmp_path / 'script'
    script.write_text(f'#!{tmp_path}/link/scripts/minishell\n'
                      'printf "<%s>" "$0" "$@"; cat; exit 4\n')
    script.chmod(0o755)
    done = run([script, 'a b', 'c'], stdin='data')
    assert done.stdout == f'<{script}><a b><c>data'
    assert done.returncode == 4


def test_standard_input_is_the_shells(checkout: Path, run: Run) -> None:
    done = run([f'{checkout}/scripts/minishell'],
               stdin='read line\ndata\necho "<$line>"\n')
    assert done.stdout == '<data>\n'


def test_the_environment_passes_unchanged(checkout: Path, run: Run) -> None:
    """Nothing of the launcher's, nor the LC_CTYPE that Python adds in the C locale."""
    given = {'LANG': 'C', 'PATH': '/usr/bin:/bin', 'root': '1', 'python': '2',
             'PYTHONHOME': '/nonexistent', 'PYTHONSTARTUP': '/nonexistent', 'self': '3'}
    done = run([f'{checkout}/scripts/minishell', '-c', '/usr/bin/env'], env=given)
    seen = dict(line.split('=', 1) for line in done.stdout.splitlines())
    for name in ('PWD', 'OLDPWD', 'SHLVL', '_'):        # any shell may set these
        seen.pop(name, None)
    assert seen == given


def test_functions_of_the_environment_arrive(
        checkout: Path, run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    """Entries that are no variables, which dash as the launcher's shell drops."""
    environment['BASH_FUNC_f%%'] = '() { echo "of the environment: $1"; }'
    environment['two.lines'] = 'x\ny\n'
    script = tmp_path / 'script'
    script.write_text('#!/usr/bin/env bash\nf "$1"; env | grep -A2 two.lines\n')
    script.chmod(0o755)
    expected = 'of the environment: a\ntwo.lines=x\ny\n\n'
    if os.path.exists('/bin/bash'):
        assert run([script, 'a']).stdout == expected
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'bin' / 'bash').symlink_to(checkout / 'scripts' / 'minishell')
    environment['PATH'] = f'{tmp_path}/bin:{environment["PATH"]}'
    assert run([script, 'a']).stdout == expected
    assert run([checkout / 'scripts' / 'minishell', '--bash', script, 'a']).stdout == expected


def test_ps_shows_the_shell_by_its_name(checkout: Path, run: Run) -> None:
    done = run([f'{checkout}/scripts/minishell', '-c', 'ps -o comm= -p $$; :'])
    assert done.stdout == 'minishell\n'


def test_ps_shows_a_script_by_its_name(checkout: Path, run: Run, tmp_path: Path) -> None:
    """One that is executed, that is, as with other shells."""
    (tmp_path / 'plain').symlink_to(checkout)           # no space
    (tmp_path / 'link').symlink_to(checkout / 'scripts' / 'minishell')
    script = tmp_path / 'a long name of a script'
    for interpreter in ('plain/scripts/minishell', 'link'):
        script.write_text(f'#!{tmp_path}/{interpreter}\n'
                          'ps -o comm= -p $$; echo "$0 $* $(env | grep MINISHELL_STAT)"\n')
        script.chmod(0o755)
        assert run([script, '--stat=x']).stdout == f'a long name of \n{script} --stat=x \n'
        name = interpreter.rpartition('/')[2]
        assert run([f'{tmp_path}/{interpreter}', script, 'y']).stdout \
            == f'{name}\n{script} y \n'


def test_what_was_ignored_at_the_start_stays_ignored(checkout: Path, run: Run) -> None:
    """SIGPIPE and SIGXFSZ, too, which Python ignores of its own accord (XCU 2.12)."""
    script = ('trap; trap "echo trapped" PIPE; kill -s PIPE $$; kill -s XFSZ $$; '
              "sh -c 'kill -s PIPE $$; echo child'; echo end")
    shell = f'{checkout}/scripts/minishell'
    ignoring = "trap '' PIPE XFSZ; exec \"$@\""
    assert run(['sh', '-c', ignoring, 'sh', shell, '-c', script]).stdout \
        == "trap -- '' PIPE\ntrap -- '' XFSZ\nchild\nend\n"
    assert run([shell, '-c', 'kill -s PIPE $$; echo no']).returncode == -13


def test_nothing_runs_before_the_shell(
    checkout: Path, run: Run, tmp_path: Path,
) -> None:
    if not shutil.which('strace') \
            or run(['strace', '-o', '/dev/null', 'true']).returncode:
        pytest.skip('strace is not there or may not trace')
    log = tmp_path / 'log'
    done = run(['strace', '-f', '-e', 'trace=process', '-o', log,
                f'{checkout}/scripts/minishell', '-c', ':'])
    assert done.returncode == 0
    calls = re.findall(r'^\d+ +(\w+)\("?([^",]*).* = \d+$', log.read_text(),
                       re.MULTILINE)
    assert [Path(path).name for call, path in calls if call == 'execve'] \
        == ['minishell', 'minishell']
    assert not {call for call, _ in calls} & {'fork', 'vfork', 'clone', 'clone3'}


# --- the first start -----------------------------------------------------------------

def test_the_first_start_installs_what_the_prompt_needs(
    fresh: Path, run: Run, tmp_path: Path, environment: dict[str, str],
) -> None:
    wheels(tmp_path)
    environment['PIP_FIND_LINKS'] = str(tmp_path)
    done = run([f'{fresh}/scripts/minishell', '-c', 'read line; echo "$line"'],
               stdin='data\n')
    assert (done.stdout, done.returncode) == ('data\n', 0)
    assert done.stderr == 'minishell: setting up .venv, once ...\n'
    for package in ('prompt_toolkit', *COURSE):
        assert len(list(fresh.glob(f'.venv/lib/python*/site-packages/{package}'))) == 1
    done = run([f'{fresh}/scripts/minishell', '-c', 'echo again'])
    assert (done.stdout, done.stderr) == ('again\n', '')


def test_what_the_course_needs_may_be_missing(
    fresh: Path, run: Run, tmp_path: Path, environment: dict[str, str],
) -> None:
    wheels(tmp_path, ['prompt_toolkit'])
    environment['PIP_FIND_LINKS'] = str(tmp_path)
    done = run([f'{fresh}/scripts/minishell', '-c', 'sem create no; echo $?'])
    assert done.stdout == '2\n'
    assert 'going on without posix_ipc' in done.stderr
    assert done.stderr.endswith('sem: posix_ipc is not installed: pip install posix_ipc\n')
    assert len(list(fresh.glob('.venv/lib/python*/site-packages/prompt_toolkit'))) == 1
    done = run([f'{fresh}/scripts/minishell', '-c', 'echo again'])
    assert (done.stdout, done.stderr) == ('again\n', '')


def test_first_starts_at_the_same_time_without_a_network(
    fresh: Path, environment: dict[str, str],
) -> None:
    replace(fresh / 'scripts' / 'make_environment.py', 'PATIENCE = 60', 'PATIENCE = 600')
    started = [
        subprocess.Popen([f'{fresh}/scripts/minishell', '-c', f'echo {number}'],
                         env=environment, text=True, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for number in range(4)]
    ended = [process.communicate(timeout=600) for process in started]
    assert [out for out, _ in ended] == ['0\n', '1\n', '2\n', '3\n']
    said = ''.join(err for _, err in ended)
    assert said.count('setting up') == 1
    assert said.count('going on without prompt_toolkit') == 1


def test_a_set_up_that_was_killed_is_done_again(fresh: Path, run: Run) -> None:
    (fresh / '.venv' / 'bin').mkdir(parents=True)
    (fresh / '.venv' / 'bin' / 'python3').symlink_to('/nonexistent/python3')
    done = run([f'{fresh}/scripts/minishell', '-c', 'echo hi'])
    assert done.stdout == 'hi\n'
    assert 'setting up' in done.stderr
    assert (fresh / '.venv' / 'ready').exists()


def test_a_python_that_went_away_is_replaced(checkout: Path, run: Run) -> None:
    (checkout / '.venv' / 'libexec' / 'minishell').unlink()
    (checkout / '.venv' / 'libexec' / 'minishell').symlink_to('/nonexistent/python3')
    done = run([f'{checkout}/scripts/minishell', '-c', 'echo hi'])
    assert done.stdout == 'hi\n'
    assert 'setting up' in done.stderr


def test_new_requirements_are_installed(
    fresh: Path, run: Run, tmp_path: Path, environment: dict[str, str],
) -> None:
    run([f'{fresh}/scripts/minishell', '-c', ':'])
    wheels(tmp_path)
    environment['PIP_FIND_LINKS'] = str(tmp_path)
    later = (fresh / '.venv' / 'ready').stat().st_mtime + 10
    os.utime(fresh / 'pyproject.toml', (later, later))
    for said in ('minishell: setting up .venv, once ...\n', ''):
        done = run([f'{fresh}/scripts/minishell', '-c', 'echo hi'])
        assert (done.stdout, done.stderr) == ('hi\n', said)
    assert len(list(fresh.glob('.venv/lib/python*/site-packages/prompt_toolkit'))) == 1


def test_nobody_can_lock_a_start_out(fresh: Path, checkout: Path, run: Run) -> None:
    """Whoever may read a folder may lock it; what the set-up locks is its own."""
    paths = (fresh, fresh / 'pyproject.toml', fresh / 'scripts', fresh / '.venv')
    holders = [os.open(path, os.O_RDONLY) for path in paths]
    for holder in holders:
        fcntl.flock(holder, fcntl.LOCK_EX)
    later = (fresh / '.venv' / 'ready').stat().st_mtime + 10
    os.utime(fresh / 'pyproject.toml', (later, later))
    done = run([f'{fresh}/scripts/minishell', '-c', 'echo hi'])
    assert done.stdout == 'hi\n'
    assert 'setting up' in done.stderr
    for holder in holders:
        os.close(holder)
    lock = fresh / '.venv.lock'
    assert lock.stat().st_mode & 0o7777 == 0o600


@pytest.mark.parametrize('there', [True, False])
def test_a_set_up_that_hangs_is_not_waited_for_for_ever(
    there: bool, fresh: Path, run: Run, request: pytest.FixtureRequest,
) -> None:
    if there:
        request.getfixturevalue('checkout')
        later = (fresh / '.venv' / 'ready').stat().st_mtime + 10
        os.utime(fresh / 'pyproject.toml', (later, later))
    replace(fresh / 'scripts' / 'make_environment.py', 'PATIENCE = 60', 'PATIENCE = 0.2')
    holder = os.open(fresh / '.venv.lock', os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(holder, fcntl.LOCK_EX)
    done = run([f'{fresh}/scripts/minishell', '-c', 'echo hi'])
    os.close(holder)
    assert done.stdout == 'hi\n'
    assert done.stderr == f'minishell: no .venv: another set-up holds {fresh}/.venv.lock\n'


def test_nobody_else_may_write_what_the_set_up_makes(fresh: Path, run: Run) -> None:
    done = run(['sh', '-c', 'umask 0; exec "$@"', 'sh', f'{fresh}/scripts/minishell', '-c',
                'umask; echo hi'])
    assert done.stdout == '0000\nhi\n'
    made = [*(fresh / '.venv').rglob('*'), fresh / '.venv', *fresh.rglob('__pycache__/*'),
            *fresh.rglob('__pycache__')]
    assert len(made) > 20
    assert [path for path in made
            if not path.is_symlink() and path.stat().st_mode & 0o022] == []


def test_no_python(fresh: Path, run: Run, environment: dict[str, str]) -> None:
    done = run([f'{fresh}/scripts/minishell', '-c', 'echo hi'],
               env=environment | {'MINISHELL_PYTHON': '/nonexistent/python'})
    assert (done.stdout, done.returncode) == ('', 127)
    assert done.stderr == ('minishell: Python 3.11 or later is needed; '
                           'not found as: /nonexistent/python\n')


def test_the_system_s_python_comes_first(
    fresh: Path, run: Run, tmp_path: Path, environment: dict[str, str],
) -> None:
    needed = ('import sys, venv; sys.exit(sys.version_info < (3, 11))', 'import pip')
    system = ['/usr/bin/python3', '-I', '-c']
    if any(shutil.which(system[0]) is None or run([*system, code]).returncode
           for code in needed):
        pytest.skip('the system has no Python 3.11 that can install packages')
    del environment['MINISHELL_PYTHON']
    other = tmp_path / 'bin' / 'python3'
    other.parent.mkdir()
    other.symlink_to(BASE_PYTHON)
    done = run([f'{fresh}/scripts/environment', '--python'],
               env=environment | {'PATH': f'{other.parent}:{environment["PATH"]}'})
    assert (done.stdout, done.stderr) == ('/usr/bin/python3\n', '')


def test_a_place_that_cannot_be_written_to(fresh: Path, run: Run) -> None:
    """Root may write anywhere: a file where the folder should be stops root too."""
    (fresh / '.venv').touch()
    done = run([f'{fresh}/scripts/minishell', '-c', 'echo hi'])
    assert (done.stdout, done.returncode) == ('hi\n', 0)
    assert 'no .venv' in done.stderr
    assert 'Traceback' not in done.stderr


# --- SIGINT is held back while Python starts -------------------------------------------

@pytest.mark.parametrize('blocked', [True, False])
@pytest.mark.parametrize('folder', ['a checkout', 'a=b'])
def test_signals_blocked_at_the_start_stay_so(
    blocked: bool, folder: str, checkout: Path, run: Run,
) -> None:
    """Those of whoever starts the shell, but not the launcher's own; env that does it takes
    a path with = for a variable."""
    env = shutil.which('env')
    if not env or run([env, '--block-signal=INT', 'true']).returncode:
        pytest.skip('env cannot block signals here')
    (checkout / '.venv' / 'libexec' / 'env').symlink_to(env)
    checkout = checkout.rename(checkout.parent / folder)
    argv = [f'{checkout}/scripts/minishell', '-c', 'grep SigBlk /proc/self/status; echo $0']
    block = [env, '--block-signal=INT', 'sh', '-c', 'exec "$@"', 'sh']
    done = run(block + argv if blocked else argv)
    assert done.stdout == f'SigBlk:\t{int(blocked) * 2:016x}\n{argv[0]}\n'
    assert done.stderr == ''
