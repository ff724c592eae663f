"""A sandbox for scripts that may do anything: they can do no harm there and leave nothing.

What is run is nobody's: a user of its own with no privileges, in namespaces of its own.  There
everything is read-only but a file system of a few megabytes in memory; there are no other
processes and no network; limits bound processes, memory, CPU and files.  `check` looks whether
all this holds before anything is run.  Process 1 of the namespace runs a program of ours, which
starts what is to be tried out and ends by `end_all` whatever is left of it; the namespace ends
with process 1, and process 1 with the thread that made it.
"""
from __future__ import annotations

import contextlib
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

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = 24                  # of the user, process 1 among them
MEMORY = 256 << 20
LARGEST_FILE = 1 << 20
CPU = 15                        # seconds; what goes on is called hanging before
LIMITS = {
    resource.RLIMIT_AS: MEMORY, resource.RLIMIT_CPU: CPU, resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: LARGEST_FILE, resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_NPROC: PROCESSES,
}
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
NAMESPACES = ('setpriv', '--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child',
              '--mount-proc', '--net', '--ipc', '--uts', '--')


class Unsafe(Exception):        # noqa: N818 - a reason not to begin
    """Something of the sandbox does not hold."""


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
            with contextlib.suppress(OSError), open('large', 'wb', buffering=0) as file:
                failed += 2 * (file.write(bytes(2 * LARGEST_FILE)) > LARGEST_FILE)
            with contextlib.suppress(MemoryError):
                bytearray(MEMORY)
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
                time.sleep(CPU)
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


# -- outside ------------------------------------------------------------------------------


class Sandbox:
    """A folder from which namespaces are started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.user = 20_000 + os.getpid() % 40_000       # nobody's; `number` is added
        folder.chmod(0o755)
        (folder / 'work').mkdir()
        for name in ('minishell', 'tests'):
            shutil.copytree(ROOT / name, folder / name,
                            ignore=shutil.ignore_patterns('__pycache__', 'terminal'))
        (folder / 'scripts').mkdir()
        self.python = self.find_python()
        shell = [self.python, '-I', '-S', '-X', 'utf8', str(folder / 'minishell/__main__.py')]
        subprocess.run([*shell, '-c', ':'], check=True, stdin=subprocess.DEVNULL, env={})
        self.program('bin/sleep', 'exec /bin/sleep 0.05')
        self.program('sh/minishell', f'exec {" ".join(shell)} "$@"')
        for name in ('bash', 'dash'):
            self.program(f'sh/{name}', f'exec /bin/{name} "$@"')
        for path in (folder, *folder.rglob('*')):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)

    def program(self, name: str, text: str) -> None:
        """Make an executable file."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\n{text}\n')
        path.chmod(0o755)

    def find_python(self) -> str:
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

    def run(self, code: str, stdin: str, seconds: float, number: int = 0) -> str:
        """Run Python code as process 1 of new namespaces, what it prints.  Raises Unsafe.

        `number` tells those apart that run at the same time: processes are counted by user.
        """
        argv = [*NAMESPACES, 'sh', '-c', PREPARE, 'sh', str(self.folder),
                str(self.user + number), self.python, '-I', '-X', 'utf8', '-c',
                'import sys; sys.path.insert(0, sys.argv[1])\n' + code,
                str(self.folder / 'tests')]
        try:
            done = subprocess.run(
                argv, input=stdin, capture_output=True, text=True, cwd='/', timeout=seconds,
                check=False, start_new_session=True,
                env={'PATH': '/usr/sbin:/usr/bin:/sbin:/bin'})
        except subprocess.TimeoutExpired as error:      # the namespace has ended with it
            raise Unsafe(f'it took too long: {error.stdout!r}') from None
        if done.returncode:
            raise Unsafe(f'status {done.returncode}: {done.stdout[-500:]}{done.stderr[-1000:]}')
        return done.stdout


@contextlib.contextmanager
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that has been tried out.  Raises Unsafe where there can be none."""
    if os.geteuid() != 0 or not (shutil.which('unshare') and shutil.which('setpriv')):
        raise Unsafe('needs root, unshare and setpriv')
    with tempfile.TemporaryDirectory() as name:
        made = Sandbox(Path(name))
        made.run('import fuzz_sandbox as f\n'
                 'try: f.check()\n'
                 'except f.Unsafe as reason: sys.exit(str(reason))', '', 60)
        yield made
