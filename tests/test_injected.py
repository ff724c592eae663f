"""What the kernel may do at any system call: a signal, an error (strace's `inject`).

Each call that a shell makes has it once, in a run of its own: nothing is left to chance.
"""
from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

Call = tuple[str, int]              # its name, and which of that name it is


class Tracer:
    """Runs programs under strace."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def run(self, argv: list[str], *options: str) -> subprocess.CompletedProcess[str]:
        """Run a program with some of strace's options."""
        return subprocess.run(
            ['strace', '-e', 'signal=none', *options, *argv], text=True, check=False,
            stdin=subprocess.DEVNULL, capture_output=True, cwd=self.folder, timeout=60,
            env=self.environment)

    def calls(self, argv: list[str], behind: str) -> list[Call]:
        """The calls of a program behind the first whose line matches, but its last."""
        log = self.folder / 'strace.log'
        assert self.run(argv, '-o', str(log)).returncode == 0
        lines = log.read_text().splitlines()
        counts: Counter[str] = Counter()
        found: list[Call] = []
        begun = False
        for line in lines:
            name = line.partition('(')[0]
            counts[name] += 1
            if begun and name.isidentifier() and name != 'exit_group':
                found.append((name, counts[name]))
            begun = begun or re.search(behind, line) is not None
        assert found
        return found


@pytest.fixture
def tracer(tmp_path: Path, environment: dict[str, str]) -> Tracer:
    """Skips where there is no strace, or it may not trace."""
    found = Tracer(tmp_path, environment)
    if shutil.which('strace') is None or found.run(['true'], '-o', '/dev/null').returncode:
        pytest.skip('strace is not there or may not trace')
    return found


@pytest.mark.parametrize(('name', 'number'), [('INT', 2), ('TERM', 15), ('HUP', 1)])
@pytest.mark.parametrize('script', [': $((1 + 1))', '. /dev/null; echo hi >/dev/null'])
def test_a_signal_at_any_moment_of_a_start(
    name: str, number: int, script: str, tracer: Tracer, minishell: list[str],
) -> None:
    """From our first statement on: the shell dies of it, or has come to its end."""
    dies_at_each(tracer, [*minishell, '-c', script], r'image\.', name, number)


def test_an_interrupt_at_any_moment_of_pythons_start(tracer: Tracer, root: Path) -> None:
    """From the moment on when Python has a handler of its own: nothing of Python's is seen."""
    if not (root / '.venv' / 'libexec' / 'env').exists():
        pytest.skip('no env that can block signals was there when .venv was made')
    handler = r'rt_sigaction\(SIGINT, \{sa_handler=0x.*ONSTACK'
    dies_at_each(tracer, [str(root / 'scripts' / 'minishell'), '-c', ':'], handler, 'INT', 2)


def dies_at_each(
    tracer: Tracer, argv: list[str], behind: str, name: str, number: int,
) -> None:
    """Send a signal at each call behind one that matches: the program dies of it, silently."""
    tracer.run(argv, '-o', '/dev/null')         # the image is there now

    def interrupted(call: Call) -> tuple[Call, bool, int, str]:
        log = tracer.folder / f'{call[0]}.{call[1]}'
        done = tracer.run(argv, '-o', str(log), '-e', f'signal=SIG{name}', '-e',
                          f'inject={call[0]}:signal=SIG{name}:when={call[1]}')
        return call, f'--- SIG{name} ' in log.read_text(), done.returncode, done.stderr
    calls = tracer.calls(argv, behind)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(interrupted, calls))
    # Where the kernel puts its memory, Python asks for it in one piece more or fewer: the last
    # mmap or munmap of one run may be missing in another.
    missing = [call for call, came, *_ in done if not came]
    assert len(missing) <= 2 and {call[0] for call in missing} <= {'mmap', 'munmap', 'brk'}
    for call, came, status, said in done:
        assert (call, status, said) == (call, -number if came else 0, '')


# -- calls that fail ----------------------------------------------------------------------


SCRIPTS = {
    'redirections': """
        echo a >f; echo b >>f; { echo c; echo d; } >g; cat <f; /bin/echo e >h; read x <f
        echo "$x"; : >i; command exec 3<f; read y <&3; echo $y; command exec 3<&-
        { read z; } <f; while read z; do :; done <f; echo $z; echo e >&2; set -C; echo q >|f
        printf x >|f; f() { echo "$1"; }; f 1 >|f; eval "echo x >|f"; command exec 4>|f
        echo z >&4""",
    'here-documents': """
        cat <<E
hello $((1 + 1))
E
        read x <<E
line
E
        { read x; cat; } <<E
a
b
E
        while read x; do echo $x; done <<E
1
2
E
        """,
    'subshells': """
        (x=$(/bin/echo a)); (y=$(echo b; /bin/echo c)); (echo d; /bin/true); (exit 3)
        echo a | cat; echo b | { read x; echo "$x"; }; seq 3 | while read x; do echo $x; done
        { echo c; } | tr a-z A-Z; ! true | false""",
    'jobs': """
        /bin/true & wait $!; { echo a; } & wait; (exit 4) & wait $!; trap "echo t" USR1
        kill -USR1 $$; /bin/true & wait; nosuch; ./script""",
    'directories': """
        mkdir -p d/e; cd d; pwd; cd e; cd -; cd ..; echo *; for i in d/*; do echo $i; done
        command . ./lib; command -v ls; umask 022; [ script -nt lib ]; ulimit -n 9""",
}
FUNCTIONS = {
    'close': 'EIO', 'open': 'EIO', 'read': 'EIO', 'pread': 'EIO', 'write': 'ENOSPC',
    'pwrite': 'ENOSPC', 'dup2': 'EMFILE', 'pipe': 'EMFILE', 'fstat': 'EIO', 'lseek': 'EIO',
    'fcntl': 'EMFILE', 'memfd_create': 'ENOMEM', 'getcwd': 'EIO', 'posix_spawn': 'EAGAIN',
    'fork': 'EAGAIN', 'set_inheritable': 'EIO', 'set_blocking': 'EIO', 'chdir': 'EIO',
    'access': 'EIO', 'execve': 'EIO',
}


class Failing:
    """Runs scripts one of whose calls fails."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder
        self.root = root
        self.count = 0

    def run(self, script: str, function: str, number: int,
            error: str) -> subprocess.CompletedProcess[str]:
        """Run a script whose N-th call of a function has an error."""
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        (folder / 'lib').write_text('echo lib\n')
        (folder / 'script').write_text('#!/bin/sh\necho script\n')
        (folder / 'script').chmod(0o755)
        return subprocess.run(
            [sys.executable, '-I', '-S', '-X', 'utf8', str(self.root / 'tests/failing.py'),
             function, str(number), error, str(self.folder / 'log'), str(self.root), script],
            cwd=folder, text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
            env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8'}, check=False)

    def calls(self, script: str, function: str) -> int:
        """How often a script calls a function."""
        log = self.folder / 'log'
        log.unlink(missing_ok=True)
        self.run(script, function, 0, 'EIO')
        return log.stat().st_size if log.exists() else 0


@pytest.fixture
def failing(tmp_path: Path, root: Path) -> Failing:
    """A runner of scripts one of whose calls fails."""
    return Failing(tmp_path, root)


@pytest.mark.parametrize('function', FUNCTIONS)
@pytest.mark.parametrize('name', SCRIPTS)
def test_a_call_that_fails_is_a_message_at_most(
    name: str, function: str, failing: Failing,
) -> None:
    """No internal error, no hang: the script comes to its end, or says why it doesn't."""
    script = SCRIPTS[name] + '\n/bin/echo the end'
    for number in range(1, failing.calls(script, function) + 1):
        done = failing.run(script, function, number, FUNCTIONS[function])
        assert 'internal error' not in done.stderr, number
        assert 'Traceback' not in done.stderr, number
        assert done.stdout.endswith('the end\n') \
            or set(done.stderr.splitlines()) - {'e'}, number
        assert done.returncode in (0, 1, 126, 254), number


@pytest.mark.parametrize(('command', 'status'), [
    ('echo x >f', 1), ('printf x >>f', 1), ('echo x >|f', 1), ('false >f', 1),
    ('read x <lib', 0), ('cat <lib', 0), ('cat <<E\nx\nE', 0), ('{ echo x; } >f', 0),
])
@pytest.mark.parametrize('error', ['EIO', 'ENOSPC', 'EDQUOT', 'EINTR'])
def test_a_file_that_cannot_be_closed(
    command: str, status: int, error: str, failing: Failing,
) -> None:
    """A file server or a quota may say only then that the data is lost."""
    done = failing.run(f'{command}\necho "then $?"', 'close', 1, error)
    name = command.split()[0]
    if error == 'EINTR':
        status = int(name == 'false')
    assert done.stdout.splitlines()[-1] == f'then {status}'
    assert done.returncode == 0
    if status and error != 'EINTR' and name != 'false':
        assert re.fullmatch(f'minishell: line 1: {name}: write error: .+\n', done.stderr)
    else:
        assert done.stderr == ''


def test_a_loop_that_writes_to_a_file_that_cannot_be_closed(failing: Failing) -> None:
    """In straight code, too."""
    script = 'i=0; while [ $i -lt 300 ]; do i=$((i + 1)); echo $i >f || echo "no $i"; done'
    done = failing.run(script, 'close', 250, 'EIO')
    assert done.stdout == 'no 250\n'
    assert done.stderr.startswith('minishell: line 1: echo: write error: ')


def test_a_descriptor_whose_number_is_too_high_to_be_put_back(failing: Failing) -> None:
    done = failing.run('exec 8>f; { ulimit -n 5; } 8>g; echo here; { echo x >&8; }; cat f g; '
                       'echo end', 'close', 0, 'EIO')
    assert done.stdout == 'here\nend\n'
    assert done.stderr == 'minishell: line 1: 8: Bad file descriptor\n'
