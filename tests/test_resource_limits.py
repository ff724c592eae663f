"""No process, no descriptor to be had: what a command costs then, and what it leaves behind.

RLIMIT_NPROC binds no privileged user: as root the shells run under a number nobody else
uses, in a process namespace that ends with its test, where that can be had.  It is tried
first whether the limit holds; what a script starts is a few processes, all the same, and what
is left of them is ended by pid.  Descriptors run out for everybody; -c reads no file, so 3 is
the first free number.
"""
from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from terminal.conftest import PROMPT, Terminal, hang_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Limited = Callable[..., subprocess.CompletedProcess[str]]

NO_FORK = 'fork: Resource temporarily unavailable'
NO_PIPE = 'pipe: Too many open files'

# A shell looks at itself: with built-in utilities only, for it has no other means.
LOOK = r"""
set -- /proc/$$/fd/*; before="$*"
%s
echo "status $?"
set -- /proc/$$/fd/*; [ "$before" = "$*" ] || echo "descriptors: $before; $*"
read -r children </proc/$$/task/$$/children && echo "children $children"
echo end
"""


# Its first process is a shell of root's; whatever is left dies with it.
NAMESPACE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']


def in_session(argv: list[str], folder: Path,
               **options: object) -> subprocess.CompletedProcess[str]:
    """Run a program in a session of its own, and end what is left of it."""
    try:
        shell = subprocess.Popen(       # type: ignore[call-overload]
            argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', 'TERM': 'dumb'}, **options)
    except FileNotFoundError:
        return subprocess.CompletedProcess(argv, 127, '', '')
    try:
        out, said = shell.communicate(timeout=60)
    finally:
        end_session(shell.pid)
    return subprocess.CompletedProcess(argv, shell.returncode, out, said)


def end_session(leader: int) -> None:
    """Kill what is left of a session, process by process."""
    for pid in session_of(leader):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class User:
    """Somebody whose processes are counted: how to start a shell as that user."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.uid = os.getuid() or 20_000 + os.getpid() % 40_000
        self.alone = os.getuid() == 0           # no other process counts
        self.namespace = NAMESPACE if self.alone and in_session(
            [*NAMESPACE, 'setpriv', '--version'], folder).returncode == 0 else []
        self.folder = folder
        folder.chmod(0o777)
        shutil.copytree(root / 'minishell', folder / 'minishell')
        self.argv: list[str] = []
        for python in (sys.executable, '/usr/bin/python3', '/usr/local/bin/python3'):
            argv = [python, '-I', '-S', '-X', 'utf8', str(folder / 'minishell' / '__main__.py')]
            try:
                if self.run([*argv, '-c', ':']).returncode == 0:
                    self.argv = argv
                    break
            except OSError:
                continue                        # not to be executed by that user

    def run(self, argv: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a program as the user, in a session of its own."""
        change: dict[str, object] = {}
        if self.namespace:
            argv = [*self.namespace, 'sh', '-c', 'setpriv --reuid "$0" --regid "$0" '
                    '--clear-groups "$@"; exit $?', str(self.uid), *argv]
        elif self.alone:
            change = {'user': self.uid, 'group': self.uid, 'extra_groups': []}
        return in_session(argv, self.folder, **change)


@pytest.fixture(scope='module')
def user(root: Path) -> Iterator[User]:
    """A user who can be refused a process; skips where there is none."""
    with tempfile.TemporaryDirectory() as name:
        found = User(Path(name), root)
        if not found.argv:
            pytest.skip('no Python that an unprivileged user may run')
        refused = found.run([*found.argv, '-c', 'ulimit -u 0; /bin/true; echo $?'])
        if refused.stdout != '254\n':
            pytest.skip(f'RLIMIT_NPROC refuses nothing here: {refused}')
        yield found


# -- processes --------------------------------------------------------------------------


@pytest.mark.parametrize('options', ['', '-m'])
@pytest.mark.parametrize('line', [
    '/bin/true', '/bin/true >file', '/bin/true | /bin/cat', '/bin/true 3<p', '(cd /)',
    '/bin/true &', '{ :; } &',
    'f() { /bin/true; }; f', 'eval /bin/true', 'command /bin/true', '/bin/cat <<E\n$x\nE',
    '{ /bin/true; } >file', 'x=1 /bin/true', '. ./dotted', ': | { :; }',
])
def test_without_a_process_the_command_fails_and_the_script_goes_on(
    line: str, options: str, user: User,
) -> None:
    if not (user.folder / 'p').exists():
        os.mkfifo(user.folder / 'p')
    (user.folder / 'dotted').write_text('/bin/true\n')
    ended = user.run([*user.argv, *options.split(), '-c', 'ulimit -u 1\n' * user.alone
                      + 'ulimit -u 0\n' * (not user.alone) + LOOK % line, 'script'])
    assert ended.stdout == 'status 254\nend\n'
    assert re.fullmatch(rf'(script|\./dotted): line [0-9]+: {NO_FORK}\n', ended.stderr)
    assert ended.returncode == 0


@pytest.mark.parametrize(('text', 'out'), [
    ('/bin/true || echo handled $?', 'handled 254\n'),
    ('/bin/true && echo no; echo $?', '254\n'),
    ('if /bin/true; then echo no; else echo else $?; fi', 'else 254\n'),
    ('/bin/true | /bin/cat || echo handled', 'handled\n'),
    ('for i in 1 2; do (/bin/true; :) || echo handled $i; done', 'handled 1\nhandled 2\n'),
    ('set -e; /bin/true; echo no', ''),
    ('set -e; /bin/true | /bin/cat; echo no', ''),
    ('trap "echo bye $?" EXIT; /bin/true', 'bye 0\n'),
])
def test_the_script_can_deal_with_it(text: str, out: str, user: User) -> None:
    ended = user.run([*user.argv, '-c', 'ulimit -u 0\n' + text])
    assert ended.stdout == out
    assert ended.returncode == (254 if 'set -e' in text or 'trap' in text else 0)


@pytest.mark.parametrize('text', ['x=$(/bin/true)', 'echo no $(/bin/true; :)', 'x=$(: | :)'])
def test_a_substitution_ends_the_script(text: str, user: User) -> None:
    """An expansion error (XCU 2.8.1): it must not go on with half a word."""
    ended = user.run([*user.argv, '-c', f'ulimit -u 0\n{text} || echo no\necho no'])
    assert (ended.stdout, ended.returncode) == ('', 1)
    assert ended.stderr == f'minishell: line 2: command substitution: {NO_FORK}\n'


@pytest.mark.parametrize('options', ['', '-m'])
@pytest.mark.parametrize(('line', 'room'), [
    ('/bin/sleep 1000 | /bin/cat', 1), ('/bin/sleep 1000 | /bin/cat | /bin/cat', 2),
    ('/bin/sleep 1000 | :', 1), ('/bin/sleep 1000 | (:)', 1),
    ('read x | /bin/sleep 1000 | /bin/sleep 1000', 2),
    ('/bin/sleep 1000 | /bin/sleep 1000 &', 1),
    ('x=$(/bin/sleep 1000 | /bin/cat)', 1),
    ("sh -c 'trap : TERM HUP INT; exec /bin/sleep 1000' | /bin/cat", 1),
])
def test_what_was_started_of_a_pipeline_is_ended(
    line: str, room: int, options: str, user: User,
) -> None:
    """One process too many in the middle: the rest would wait for ever."""
    if not user.alone:
        pytest.skip("other processes of this user count: where the limit is can't be said")
    script = LOOK % f'{line}\n[ $? = 254 ] || [ "$!" ] || echo odd $?'
    if line.endswith('&'):
        script = LOOK % line
    ended = user.run([*user.argv, *options.split(), '-c',
                      f'ulimit -u {1 + room}\n{script}', 'script'])
    assert ended.stdout in ('status 254\nend\n', 'status 0\nend\n')
    assert re.fullmatch(f'(script: line [0-9]+: {NO_FORK}\n)', ended.stderr), ended.stderr


def test_zombies_make_room(user: User) -> None:
    """Ended background jobs nobody has waited for are reaped before fork is given up."""
    if not user.alone:
        pytest.skip("other processes of this user count: where the limit is can't be said")
    script = ('ulimit -u 2; i=0; while [ $i -lt 20 ]; do i=$((i+1)); { read x; } <p &\n'
              'echo >p; while { read -r a b s c </proc/$!/stat; } 2>/dev/null && '
              '[ $s != Z ]; do :; done\n/bin/true || echo $?; done; echo $i')
    (user.folder / 'p').unlink(missing_ok=True)
    os.mkfifo(user.folder / 'p')
    (user.folder / 'p').chmod(0o666)
    ended = user.run([*user.argv, '-c', script])
    assert (ended.stdout, ended.stderr) == ('20\n', '')


# -- descriptors ------------------------------------------------------------------------


@pytest.fixture
def limited(minishell: list[str], tmp_path: Path) -> Limited:
    """Run text with `ulimit -n N`."""
    def run(limit: int, text: str, *options: str) -> subprocess.CompletedProcess[str]:
        start = f'ulimit -n {limit} || exit 99'
        return in_session([*minishell, *options, '-c', f'{start}\n{text}', 'script'], tmp_path)
    return run


def session_of(pid: int) -> dict[int, str]:
    """The pids and names of the processes left in a session; without zombies that a process 1
    is to wait for, which may be one that waits for none."""
    found = {}
    for stat in Path('/proc').glob('[0-9]*/stat'):
        try:
            name, _, rest = stat.read_text().partition('(')[2].rpartition(')')
        except OSError:
            continue
        state, parent, _, session = rest.split()[:4]
        if session == str(pid) and (state != 'Z' or parent == session):
            found[int(stat.parent.name)] = name
    return found


PIPELINES = [
    'sleep 1000 | cat | cat', '{ sleep 1000; :; } | cat | cat', 'sleep 1000 | : | :',
    '(sleep 1000; :) | cat | cat', 'sleep 1000 | cat | cat &', 'x=$(sleep 1000 | cat | cat)',
    'while :; do sleep 1000; done | cat | cat',
    "sh -c 'trap : TERM HUP INT; sleep 1000; :' | cat | cat",
    'f() { sleep 1000; :; }; f | f | f',
]


@pytest.mark.parametrize('options', ['', '-m'])
@pytest.mark.parametrize('line', PIPELINES)
def test_a_pipe_too_many_in_the_middle_of_a_pipeline(
    line: str, options: str, minishell: list[str], tmp_path: Path,
) -> None:
    """The first stage runs; the second finds no descriptor for its pipe."""
    report = ('echo "status $?" >&2; wait; '
              'read -r children </proc/$$/task/$$/children && echo "children $children" >&2; '
              'echo end >&2; read x')
    with subprocess.Popen(
        [*minishell, *options.split(), '-c', f'ulimit -n 5\n{line}\n{report}', 'script'],
        cwd=tmp_path, text=True, start_new_session=True, env={'PATH': '/usr/bin:/bin'},
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as shell:
        assert shell.stdin is not None and shell.stderr is not None
        said = shell.stderr.readline()
        assert re.fullmatch(f'script: line 2: {NO_PIPE}\n', said)
        assert shell.stderr.readline() == 'status 254\n'
        assert shell.stderr.readline() == 'end\n'
        end = time.monotonic() + 60     # grandchildren are init's to reap
        while len(left := session_of(shell.pid)) > 1:
            if time.monotonic() > end:
                end_session(shell.pid)
                raise AssertionError(left)
        shell.stdin.close()
        assert shell.wait(60) == 1


@pytest.mark.parametrize(('limit', 'line', 'message', 'status'), [
    (4, 'true | cat', NO_PIPE, 254),
    (4, '(: | :)', NO_PIPE, 254),
    (3, '/bin/sh -c : </dev/null', '/dev/null: Too many open files', 1),
    (3, '{ :; } </dev/null', '/dev/null: Too many open files', 1),
    (3, 'cat <<E\nx\nE', 'here-document: Too many open files', 1),
    (4, 'cat <<E | cat\nx\nE', NO_PIPE, 254),
    (3, ': & wait $!', '/dev/null: Too many open files', 1),
    (3, '. ./file', './file: Too many open files', 1),
])
def test_without_descriptors_the_command_fails_and_the_script_goes_on(
    limit: int, line: str, message: str, status: int, limited: Limited, tmp_path: Path,
) -> None:
    (tmp_path / 'file').write_text('')
    ended = limited(limit, f'{line}\necho "status $?"\necho end')
    assert re.fullmatch(rf'script: line [0-9]+: {message}\n', ended.stderr), ended.stderr
    if line.startswith('.'):            # an error of a special built-in ends a script
        assert (ended.stdout, ended.returncode) == ('', 1)
    else:
        assert (ended.stdout, ended.returncode) == (f'status {status}\nend\n', 0)


@pytest.mark.parametrize('limit', range(3, 15))
def test_every_limit_leaves_a_shell_that_works_again(limit: int, limited: Limited) -> None:
    """Whatever fails, nothing stays open, nothing hangs, no internal error shows."""
    lines = ['/bin/true', 'true | cat', '(x=$(/bin/echo hi))', '(exit 3)', '/bin/true & wait',
             'cat <<E\nhello\nE', '/bin/true </dev/null', '{ :; } </dev/null',
             'echo hi | cat | cat | cat', 'read x </dev/null', 'sleep 0 & wait $!',
             'trap : USR1; kill -USR1 $$', '(x=$(cat <<E\nx\nE\n))',
             '{ :; } 3</dev/null', 'echo * >/dev/null',
             'set -m; true | cat; set +m', 'nonexistent 2>/dev/null']
    text = ''
    for line in lines:
        quoted = line.replace("'", "'\\''")
        text += (f'set -- /proc/$$/fd/*; before="$*"\nulimit -Sn {limit}\n'
                 f"command eval '{quoted}'\nulimit -Sn 100\n"
                 'set -- /proc/$$/fd/*; [ "$before" = "$*" ] || echo "$before; $*"\n')
    ended = limited(100, text + 'echo hi | cat | cat; echo end')
    assert ended.stdout.endswith('hi\nend\n')
    kept = [line for line in ended.stdout.splitlines() if line[0] == '/']
    assert set(ended.stdout.splitlines()) - set(kept) <= {'hello', 'hi', 'end'}
    assert len(kept) <= 1               # the wakeup pipe is made once, and stays
    for line in kept:
        before, _, after = line.partition('; ')
        assert {Path(fd).name for fd in after.split()} - {
            Path(fd).name for fd in before.split()} <= {str(n) for n in range(10, 100)}
    assert 'internal' not in ended.stderr and 'Traceback' not in ended.stderr
    assert ended.returncode == 0


# -- at a prompt ------------------------------------------------------------------------


@pytest.fixture
def prompt(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """A shell on a terminal."""
    started: list[Terminal] = []

    def run(argv: list[str], cwd: Path = tmp_path) -> Terminal:
        terminal = Terminal(argv, {**environment, 'PS1': PROMPT}, cwd)
        started.append(terminal)
        assert terminal.prompt() == ''
        return terminal
    yield run
    for terminal in started:
        hang_up(terminal.child)


def test_no_process_at_a_prompt(user: User, prompt: Callable[..., Terminal]) -> None:
    """With job control: the terminal is the shell's again, and nobody is left."""
    if not user.alone or shutil.which('setpriv') is None:
        pytest.skip('needs root and setpriv')
    shell = prompt(['setpriv', f'--reuid={user.uid}', f'--regid={user.uid}',
                    '--clear-groups', *user.argv], user.folder)
    said = f'minishell: {NO_FORK}\n'
    shell.enter('ulimit -Su 1')
    for line in ('cat', 'cat | cat', '(cat)', 'x=$(cat)', 'cat &'):
        shown = shell.enter(line)
        assert shown.replace('command substitution: ', '') == said
        assert shell.enter('echo $?') == ('1\n' if '$' in line else '254\n')
        assert shell.foreground() == shell.pid
    for room, line in ((1, 'cat | cat'), (2, 'cat | cat | cat'), (1, 'cat | cat &')):
        shell.enter(f'ulimit -Su {1 + room}')
        assert shell.enter(line) == said
        assert shell.foreground() == shell.pid
        assert shell.descendants() == []
    assert shell.enter('jobs') == ''
    shell.enter('ulimit -Su 20')
    shell.type('cat | cat\n')
    shell.until_running('cat')
    assert shell.foreground() != shell.pid
    shell.type('\x04')
    shell.prompt()
    assert shell.foreground() == shell.pid


def test_no_descriptor_at_a_prompt(
    minishell: list[str], prompt: Callable[..., Terminal],
) -> None:
    shell = prompt(minishell)
    fds = Path(f'/proc/{shell.pid}/fd')
    shell.enter('true & wait')
    shell.until_asleep()                # it opens the terminal anew to read from it
    before = sorted(os.listdir(fds))
    shell.enter('ulimit -Sn 5')
    for line in ('cat | cat | cat', '{ cat; :; } | cat | cat', 'x=$(cat | cat | cat)',
                 '(cat | cat | cat)'):
        assert NO_PIPE in shell.enter(line)
        assert shell.enter('echo $?') == '254\n'
        assert shell.foreground() == shell.pid
        assert shell.descendants() == []
    assert shell.enter('jobs') == ''
    shell.until_asleep()
    assert sorted(os.listdir(fds)) == before
    shell.enter('ulimit -Sn 100')
    assert shell.enter('echo hi | cat | cat') == 'hi\n'


def test_a_small_limit_loads_the_whole_compiler_first(root: Path) -> None:
    code = """if True:
        import sys
        sys.path.insert(0, '.')
        import minishell.session
        from minishell.compile.loading import load_all
        load_all()
        print(*sys.modules)"""
    loaded = subprocess.run([sys.executable, '-S', '-c', code], cwd=root, check=True,
                            capture_output=True, text=True).stdout.split()
    for package in ('builtins', 'compile', 'expand', 'state', 'syntax', 'system'):
        for path in (root / 'minishell' / package).glob('*.py'):
            if path.stem not in ('__init__',
                                 'abbreviating', 'abbreviations',       # of prompts
                                 'history', 'history_database', 'history_file',
                                 'history_import', 'undoing', 'scripting', 'folders',
                                 'partial', 'spans', 'unfinished',  # of what is typed
                                 'calls', 'descriptions', 'facts', 'locks',     # of the course
                                 'masks', 'sysv', 'packages', 'records', 'sessions',
                                 'sandbox',
                                 'apart', 'callnumbers', 'ptrace', 'seccomp'):  # of traces
                assert f'minishell.{package}.{path.stem}' in loaded
