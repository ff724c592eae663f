"""Mutilated cases are run: whatever they do, minishell tells no internal error, dies of no
signal that bash doesn't die of, and ends where bash ends.

    python tests/fuzz_runs.py --seed 1 --count 10000        # as root: it makes namespaces

What is run may do anything, so it is nobody's: a user of its own with no privileges, in
namespaces of its own.  There everything is read-only but a file system of a few megabytes in
memory; there are no other processes and no network; limits bound processes, memory, CPU and
files.  That all this holds is looked at before anything is run.  Process 1 of the namespace
(`Inside`) starts the scripts one by one, each in an empty folder; behind each it kills whatever
is left.
"""
from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from fuzz import shrink
from fuzz_mutations import Mutator
from scripts_at_hand import case_scripts

ROOT = Path(__file__).resolve().parent.parent
BATCH = 500                     # scripts for each namespace
TIME_LIMIT = 2                  # seconds for a script that takes milliseconds
PATIENCE = 20                   # seconds before a script is called hanging
PROCESSES = 40                  # of the user
LIMITS = {
    resource.RLIMIT_AS: 600 << 20, resource.RLIMIT_CPU: PATIENCE,
    resource.RLIMIT_FSIZE: 1 << 20, resource.RLIMIT_NOFILE: 256, resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NPROC: PROCESSES,
}
UTILITIES = """
    cat echo true false sed sort wc head tail tr cut grep ls printf basename dirname
    expr env mkdir rmdir rm touch cp mv ln chmod mkfifo seq tee uniq od date test
    kill id uname paste""".split()      # noqa: SIM905 - a list is one a line
# As root in the namespaces; $1 is a folder, $2 the user.
PREPARE = """
set -e
while read -r _ point _; do
    mount -o remount,bind,ro "$point" 2>/dev/null || :
done </proc/self/mounts
mount -t tmpfs -o size=16m,nr_inodes=4000,mode=700,uid="$2",gid="$2" tmpfs "$1/work"
mount -t tmpfs -o size=4k,nr_inodes=2,mode=755 tmpfs /dev/shm 2>/dev/null || :
folder=$1 user=$2
shift 2
cd "$folder/work"
exec setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs \\
    --inh-caps=-all --bounding-set=-all "$@"
"""
SIGNS = ('internal error', 'Traceback', 'Fatal Python error')


class Unsafe(Exception):        # noqa: N818 - a reason not to begin
    """Something of the sandbox does not hold."""


class Ended(NamedTuple):
    """How a script ended."""

    signal: int                 # that it died of, 0 if none
    hangs: bool
    errors: str                 # what it wrote to standard error


# -- inside -------------------------------------------------------------------------------


def check() -> None:
    """Raises Unsafe if what is run here could do harm or stay behind."""
    if os.getpid() != 1:
        raise Unsafe('not process 1 of a namespace')
    if 0 in (*os.getresuid(), *os.getresgid()) or os.getgroups():
        raise Unsafe('more than an ordinary user')
    with open('/proc/self/status') as file:
        status = dict(line.split(':\t', 1) for line in file.read().splitlines())
    if int(status['CapEff'], 16) or int(status['CapBnd'], 16) or status['NoNewPrivs'] != '1':
        raise Unsafe('privileges are left')
    if [name for name in os.listdir('/proc') if name.isdecimal()] != ['1']:
        raise Unsafe('there are other processes')
    for folder in ('/', '/tmp', '/var/tmp', '/dev/shm', '/run', '/root', str(ROOT)):
        with contextlib.suppress(OSError):
            os.close(os.open(f'{folder}/fuzz-{os.getuid()}', os.O_CREAT | os.O_WRONLY))
            raise Unsafe(f'{folder} can be written to')
    if os.statvfs('.').f_blocks * os.statvfs('.').f_frsize > 32 << 20:
        raise Unsafe('the disk is large')
    with socket.socket() as probe:
        if probe.connect_ex(('8.8.8.8', 53)) == 0 or len(socket.if_nameindex()) > 1:
            raise Unsafe('there is a network')
    _check_limits()


def _check_limits() -> None:
    """In a child: whether the limits bind."""
    pid = os.fork()
    if pid == 0:
        failed = 1
        try:
            limit()
            failed += _more_processes_than(PROCESSES)
            with open('large', 'wb') as file, contextlib.suppress(OSError):
                file.write(bytes(2 << 20))
                file.flush()
                failed += 2
            with contextlib.suppress(MemoryError):
                bytearray(700 << 20)
                failed += 4
            failed -= 1
        finally:
            os._exit(failed)
    failed = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    end_all()
    Path('large').unlink(missing_ok=True)
    if failed:
        raise Unsafe(f'limits do not bind: {failed}')


def _more_processes_than(most: int) -> int:
    """1 if more children can be had; there are never more than one more."""
    for _ in range(most + 1):
        try:
            if os.fork() == 0:
                time.sleep(PATIENCE)
                os._exit(0)
        except BlockingIOError:
            return 0
    return 1


def limit() -> None:
    """Bound what this process and its children can take."""
    for what, most in LIMITS.items():
        resource.setrlimit(what, (most, most))


def end_all() -> None:
    """Kill every other process of the namespace and reap it: they are all children of 1."""
    while os.getpid() == 1:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        try:
            while os.waitpid(-1, 0):
                pass
        except ChildProcessError:
            return


class Inside:
    """Process 1: runs scripts with minishell, by a fork of what it has imported, and bash."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.main = str(root / 'minishell' / '__main__.py')
        self.start = [sys.executable, '-I', '-S', '-X', 'utf8', self.main]
        sys.path.insert(0, str(root))
        from minishell.cli import main
        from minishell.compile.simple import load_all
        load_all()                      # every script would, else
        self.minishell = main
        self.environment = {
            'PATH': str(root / 'bin'), 'LC_ALL': 'C.UTF-8', 'TERM': 'dumb',
            'SH': ' '.join(self.start),
        }

    def run(self, shell: str, data: bytes, seconds: float = TIME_LIMIT, how: int = 0) -> Ended:
        """Run a script in a new folder: a file, with -c, or on standard input."""
        folder = Path(tempfile.mkdtemp(dir='.')).resolve()
        cwd = folder / 'w'
        cwd.mkdir()
        script = folder / 'case.sh'
        script.write_bytes(data)
        args = [str(script)] if how == 0 else \
            ['-c', data.replace(b'\0', b'').decode('utf-8', 'surrogateescape')] \
            if how == 1 else []
        pid = os.fork()
        if pid == 0:
            self._become(shell, args, cwd, str(script) if how == 2 else os.devnull)
        status, hangs = self._wait(pid, seconds)
        end_all()
        with open(folder / 'err', 'rb') as file:
            errors = file.read(1 << 16)
        self._remove(folder)
        return Ended(os.WTERMSIG(status) if os.WIFSIGNALED(status) and not hangs else 0, hangs,
                     errors.decode(errors='replace'))

    def _become(self, shell: str, args: list[str], cwd: Path, stdin: str) -> NoReturn:
        """In the child: the shell."""
        try:
            os.setsid()
            os.chdir(cwd)
            err = os.open('../err', os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            out = os.open('../out', os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            for target, source in enumerate((os.open(stdin, os.O_RDONLY), out, err)):
                os.dup2(source, target)
            os.closerange(3, 256)
            limit()
            os.environ.clear()
            os.environ.update(self.environment, HOME=str(cwd))
            if shell == 'bash':
                os.environ['SH'] = 'bash'
                os.execv('/bin/bash', ['bash', *args])
            sys.argv = [self.main, *args]
            sys.orig_argv = [*self.start, *args]
            import posix
            posix.environ.clear()       # what the shell looks at
            posix.environ.update(os.environb)
            self.minishell(sys.argv)
        finally:
            os._exit(70)

    def _wait(self, pid: int, seconds: float) -> tuple[int, bool]:
        """The wait status of the shell, and whether it took too long."""
        deadline = time.monotonic() + seconds
        pause = 0.001
        while True:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                return status, False
            if time.monotonic() > deadline:
                return 0, True
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)

    def _remove(self, folder: Path) -> None:
        for path, _, _ in os.walk(folder):
            with contextlib.suppress(OSError):
                os.chmod(path, 0o700)
        shutil.rmtree(folder, ignore_errors=True)

    def problem(self, data: bytes, how: int) -> str:
        """What is wrong with what minishell does; '' if nothing is."""
        ours = self.run('minishell', data, TIME_LIMIT, how)
        for sign in SIGNS:
            if sign in ours.errors and sign.encode() not in data:
                at = ours.errors.index(sign)
                return 'tells ' + ours.errors[at:at + 300].partition('\n')[0] \
                    if sign == SIGNS[0] else 'tells ' + ours.errors[at:][-300:]
        if not ours.signal and not ours.hangs:
            return ''
        theirs = self.run('bash', data, TIME_LIMIT, how)
        if ours.signal:
            return '' if theirs.signal == ours.signal or theirs.hangs \
                else f'dies of signal {ours.signal}'
        if theirs.hangs or not self.run('minishell', data, PATIENCE, how).hangs:
            return ''
        return 'hangs'

    def smallest(self, data: bytes, wrong: str, how: int) -> bytes:
        """The smallest part of a script that is still wrong in the same way."""
        tries = 60 if wrong == 'hangs' else 400

        def same(text: str) -> bool:
            found = self.problem(text.encode('utf-8', 'surrogateescape'), how)
            return found[:40] == wrong[:40]
        text = shrink(data.decode('utf-8', 'surrogateescape'), same, tries, ('\n', ' ', ''))
        return text.encode('utf-8', 'surrogateescape')


def inside(root: Path, seeds: range) -> None:
    """Process 1's life; prints a line of JSON for each script that is wrong, then `end`."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    try:
        check()
    except Unsafe as reason:
        print(json.dumps({'unsafe': str(reason)}), flush=True)
        return
    runner = Inside(root)
    for seed in seeds:
        data, how = script_of(seed), seed % 3
        wrong = runner.problem(data, how)
        if wrong:
            small = runner.smallest(data, wrong, how).decode('utf-8', 'surrogateescape')
            print(json.dumps({'seed': seed, 'wrong': wrong, 'small': small}), flush=True)
    print(json.dumps({'end': len(seeds)}), flush=True)


def script_of(seed: int) -> bytes:
    """The script of a seed; what has been tried with `fuzz_bytes.py` is another."""
    sources = tuple(script.encode('utf-8', 'surrogateescape') for script in case_scripts())
    return Mutator(seed, sources).mutated()


# -- outside ------------------------------------------------------------------------------


class Sandbox:
    """A folder from which namespaces are started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.user = 20_000 + os.getpid() % 40_000       # nobody's
        folder.chmod(0o755)
        (folder / 'work').mkdir()
        for name in ('minishell', 'tests'):
            shutil.copytree(ROOT / name, folder / name,
                            ignore=shutil.ignore_patterns('__pycache__', 'terminal'))
        (folder / 'scripts').mkdir()
        binaries = folder / 'bin'
        binaries.mkdir()
        for name in UTILITIES:
            path = shutil.which(name)
            if path:
                (binaries / name).symlink_to(path)
        (binaries / 'sleep').write_text('#!/bin/sh\nexec /bin/sleep 0.05\n')
        (binaries / 'sleep').chmod(0o755)
        for path in (folder, *folder.rglob('*')):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)

    def python(self) -> str:
        """A Python that the user may run.  Raises Unsafe if there is none."""
        for path in (sys.executable, '/usr/bin/python3', '/usr/local/bin/python3'):
            try:
                done = subprocess.run(
                    [path, '-I', '-c', 'import sys; sys.exit(sys.version_info < (3, 11))'],
                    user=self.user, group=self.user, extra_groups=[], cwd='/', check=False,
                    capture_output=True, timeout=60)
            except OSError:
                continue
            if done.returncode == 0:
                return path
        raise Unsafe('no Python that an ordinary user may run')

    def batch(self, seeds: range) -> list[dict[str, str]]:
        """Run scripts in namespaces of their own.  Raises Unsafe."""
        python = self.python()
        argv = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', '--net', '--ipc',
                '--uts', '--', 'sh', '-c', PREPARE, 'sh', str(self.folder), str(self.user),
                python, '-I', '-X', 'utf8', '-c',
                'import sys; sys.path.insert(0, sys.argv[1]); import fuzz_runs as f; '
                'f.inside(f.Path(sys.argv[2]), range(int(sys.argv[3]), int(sys.argv[4])))',
                str(self.folder / 'tests'), str(self.folder), str(seeds.start), str(seeds.stop)]
        try:
            done = subprocess.run(
                argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd='/',
                timeout=120 + 5 * len(seeds), check=False, start_new_session=True,
                env={'PATH': '/usr/sbin:/usr/bin:/sbin:/bin'})
        except subprocess.TimeoutExpired as error:      # the namespace has ended with it
            raise Unsafe(f'scripts {seeds} took too long: {error.stdout}') from None
        found = [json.loads(line) for line in done.stdout.splitlines()]
        if not found or 'end' not in found[-1]:
            why = found[-1].get('unsafe', '') if found else ''
            raise Unsafe(why or f'no namespace: {done.returncode} {done.stdout[-500:]} '
                         f'{done.stderr[-1000:]}')
        return found[:-1]


@contextlib.contextmanager
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that has been tried out.  Raises Unsafe where there can be none."""
    if os.geteuid() != 0 or not (shutil.which('unshare') and shutil.which('setpriv')):
        raise Unsafe('needs root, unshare and setpriv')
    with tempfile.TemporaryDirectory() as name:
        made = Sandbox(Path(name))
        made.batch(range(0))
        yield made


def main() -> None:
    """Look for what goes wrong from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seed', type=int, default=0, help='the first seed')
    parser.add_argument('--count', type=int, default=1000, help='how many scripts')
    parser.add_argument('--show', action='store_true', help='only print the first script')
    options = parser.parse_args()
    if options.show:
        sys.stdout.buffer.write(script_of(options.seed))
        return
    wrong = 0
    with sandbox() as made:
        end = options.seed + options.count
        for start in range(options.seed, end, BATCH):
            for each in made.batch(range(start, min(start + BATCH, end))):
                wrong += 1
                print(f'#### seed {each["seed"]}\n{each["small"]!r}\n## {each["wrong"]}\n',
                      flush=True)
    print(f'{options.count} scripts, {wrong} wrong')
    sys.exit(os.EX_OK if not wrong else 1)


if __name__ == '__main__':
    main()
