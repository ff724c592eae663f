"""make_environment.py GROUP: make the checkout's .venv whole for '' or for 'test'.

Several may run at once, and any may be killed: work goes on under a lock that the
kernel drops with the process, and a group's stamp (`ready`, `ready-test`) is made last.
The lock is on a file that nobody else can open: anybody may lock what he can read.
A stamp newer than pyproject.toml says that all is there that pyproject.toml asks for.
"""
import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / '.venv'
PYTHON = VENV / 'bin' / 'python'
NAMED = VENV / 'libexec' / 'minishell'      # Python under the name that ps shows
ENV = VENV / 'libexec' / 'env'              # one that can block signals, if there is one
LOCK = ROOT / '.venv.lock'
COURSE = 'course'       # the extra whose lack costs a few built-in utilities only
PATIENCE = 60           # seconds for another to set up; then go on without
PROJECT = ROOT / 'pyproject.toml'
SAME_VERSION = f'import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})'


def main(group: str) -> None:
    """Bring .venv up to date for one group of requirements."""
    os.chdir(ROOT)      # a lost working directory would stop pip
    os.umask(os.umask(0o022) | 0o022)   # nobody else may write what runs at every start
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    wait_for(lock)
    stamp = VENV / (f'ready-{group}' if group else 'ready')
    if is_current(stamp):
        return
    say('setting up .venv, once ...')
    if not (VENV / 'ready').exists() or not works(NAMED, SAME_VERSION):
        make_venv()
    if not install(requirements(group)):
        if group:
            sys.exit(1)
        say('going on without prompt_toolkit: scripts run, the prompt cannot')
        say('to try again: rm -r .venv')
    elif not install(extra(COURSE)):    # a compiler may be needed for them
        say(f'going on without {" and ".join(extra(COURSE))}: sem, mq and shm say so')
    touch(VENV / 'ready')
    touch(stamp)


def wait_for(lock: int) -> None:
    """Take a lock that another first start may hold.  Raises OSError if it does for long."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise OSError(f'another set-up holds {LOCK}') from None
            time.sleep(0.05)


def is_current(stamp: Path) -> bool:
    """Say whether the group was made whole after pyproject.toml last changed."""
    return (stamp.exists() and works(NAMED)
            and stamp.stat().st_mtime > PROJECT.stat().st_mtime)


def works(python: Path, code: str = '') -> bool:
    """Say whether a Python is there and runs `code`: its base may have been removed."""
    try:
        return subprocess.run([python, '-I', '-S', '-c', code], check=False,
                              capture_output=True).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    """Make an environment from nothing; pip is not copied into it, which costs 7 s."""
    subprocess.run(
        [sys.executable, '-I', '-m', 'venv', '--clear', '--without-pip', VENV],
        check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    NAMED.parent.mkdir()
    NAMED.symlink_to('../bin/python')
    env = shutil.which('env')
    if env and blocks_signals(env):
        ENV.symlink_to(env)


def blocks_signals(env: str) -> bool:
    """Say whether this `env` can start a program with SIGINT blocked: GNU's of 2019 can."""
    code = 'import signal as s, sys; sys.exit(2 not in s.pthread_sigmask(s.SIG_BLOCK, []))'
    return subprocess.run([env, '--block-signal=INT', PYTHON, '-I', '-S', '-c', code],
                          check=False, capture_output=True).returncode == 0


def requirements(group: str) -> list[str]:
    """What pyproject.toml asks for."""
    project = tomllib.loads(PROJECT.read_text())['project']
    needed: list[str] = project['dependencies']
    return needed + extra(group) if group else needed


def extra(name: str) -> list[str]:
    """What an extra of pyproject.toml asks for."""
    project = tomllib.loads(PROJECT.read_text())['project']
    wanted: list[str] = project['optional-dependencies'][name]
    return wanted


def install(wanted: list[str]) -> bool:
    """Install packages; say in one line why it failed."""
    pip = [sys.executable, '-I', '-m', 'pip', '--python', str(PYTHON)]
    if importlib.util.find_spec('pip') is None:
        pip = [str(PYTHON), '-I', '-m', 'pip']
        if subprocess.run([PYTHON, '-I', '-m', 'ensurepip'], check=False,
                          capture_output=True).returncode:
            say(f'{sys.executable} has neither pip nor ensurepip')
            return False
    done = subprocess.run(
        [*pip, '--quiet', '--disable-pip-version-check', '--no-input', '--retries', '1',
         '--timeout', '20', 'install', *wanted],
        check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, env={**os.environ, 'PIP_USER': '0'})
    if done.returncode:
        say('pip: ' + (done.stdout.strip().splitlines() or ['failed'])[-1])
    return done.returncode == 0


def touch(stamp: Path) -> None:
    """Make a stamp a second newer than pyproject.toml: sh may compare whole seconds."""
    stamp.touch()
    newest = max(time.time(), PROJECT.stat().st_mtime + 1)
    os.utime(stamp, (newest, newest))


def say(message: str) -> None:
    """Tell the user what takes the time."""
    print(f'minishell: {message}', file=sys.stderr, flush=True)


if __name__ == '__main__':
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, subprocess.CalledProcessError) as error:
        say(f'no .venv: {error}')
        sys.exit(1)
