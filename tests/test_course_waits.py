"""What the course's built-in utilities wait for, and signals: acted on at once, in the wait;
then it goes on, or ends with 128+n, as signal(7) says of the call; nothing is lost.

Each wait is known to have begun by the kernel's word that the shell sleeps, behind the line
`go`.
"""
from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from waiting import state_of, until_true

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Start = Callable[..., 'Waiting']

TIMEOUT = 300
LONG = 200_000          # bytes, more than a pipe holds


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """With records of its own: `ipc clean` removes what all ended shells have left."""
    return {**environment, 'XDG_RUNTIME_DIR': environment['HOME']}


class Wait(NamedTuple):
    """A wait: what is done before it, it, what a shell does to end it (a file is locked by the
    test, and unlocked), and whether a signal ends it."""

    before: str
    call: str
    release: str
    ends: bool = False


CHILD = "sh -c 'exec >out 2>&1; exec <ff; read x' &"     # it keeps no output of the shell's
WAITS = {
    'sysread': Wait('exec 3<>ff', 'sysread -i 3 x', 'echo x >ff'),
    'sysread -t': Wait('exec 3<>ff', 'sysread -t 1000 -i 3 x', 'echo x >ff'),
    'syswrite': Wait(f'exec 3<>ff; x=$(printf %{LONG}s x)', 'syswrite -o 3 "$x"',
                     f'head -c {LONG} <ff >out; sysopen -r -o nonblock -u 4 ff; '
                     'sysread -s 70000 -i 4 x 2>&-'),   # if the call was not the first one
    'open for reading': Wait('', 'sysopen -r -u 3 ff', ': >ff'),
    'open for writing': Wait('', 'sysopen -w -u 3 ff', ': <ff'),
    'flock': Wait('exec 3>lock', 'flock 3', ''),
    'flock -w': Wait('exec 3>lock', 'flock -w 1000 3', ''),
    'flock of a file': Wait('', 'flock lock true', ''),
    'lockf': Wait('exec 3>lock', 'lockf 3', ''),
    'sem wait': Wait('sem create $k 0', 'sem wait $k', 'sem post $k', True),
    'sem wait -w': Wait('sem create $k 0', 'sem wait -w 1000 $k', 'sem post $k', True),
    'sem zero': Wait('sem create $k 1', 'sem zero $k', 'sem wait $k', True),
    'mq recv': Wait('mq create $k', 'mq recv -v x $k', 'mq send $k 1 x', True),
    'mq send': Wait('mq create $k; mq set -b 100 $k; mq send $k 1 "$(printf %90s)"',
                    'mq send $k 2 "$(printf %90s)"', 'mq recv -v x $k', True),
    'read': Wait('exec 3<>ff', 'read x <&3', 'echo x >ff'),
    'wait': Wait(CHILD, 'wait $!', 'echo x >ff', True),
    'waitpid': Wait(CHILD, 'waitpid -v x $!', 'echo x >ff', True),
    'posix sem wait': Wait('sem create n$k 0', 'sem wait n$k', 'sem post n$k'),
    'posix mq recv': Wait('mq create n$k', 'mq recv -v x n$k', 'mq send n$k 1 x'),
}
CLEAN = '; '.join(f'{remove} 2>/dev/null' for remove in (
    'sem unlink $k', 'mq rm $k', 'sem unlink n$k', 'mq rm n$k'))


class Waiting:
    """A script that has come to its wait."""

    def __init__(self, argv: list[str], folder: Path, environment: Mapping[str, str],
                 key: str) -> None:
        self.process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=folder, env={**environment, 'k': key}, start_new_session=True)

    def until_asleep(self) -> None:
        until_true(lambda: state_of(self.process.pid) == 'S')

    def line(self, expected: str) -> None:
        assert self.process.stdout is not None
        line = b''
        while not line.endswith(b'\n'):
            assert select.select([self.process.stdout], [], [], TIMEOUT)[0], line
            byte = os.read(self.process.stdout.fileno(), 1)
            assert byte, line
            line += byte
        if line.decode() != expected + '\n':
            self.kill_group()
            raise AssertionError((line, self.process.communicate()))

    def signal(self, name: str) -> None:
        self.process.send_signal(getattr(signal, f'SIG{name}'))

    def kill_group(self) -> None:
        """Kill it, or what is left of its process group."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def end(self) -> tuple[int, str, str]:
        """Its status, and what it has said since."""
        output, errors = self.process.communicate(timeout=TIMEOUT)
        self.kill_group()               # at once: later its number may be another's
        return self.process.returncode, output.decode(), errors.decode()


class Place:
    """A folder with a FIFO `ff` and a file `lock`, locked; and a key."""

    def __init__(self, minishell: list[str], environment: Mapping[str, str], folder: Path,
                 ) -> None:
        self._minishell = minishell
        self._environment = environment
        self._folder = folder
        self._started: list[Waiting] = []
        self.key = str(0x90000 + os.getpid())
        os.mkfifo(folder / 'ff')
        self._lock = os.open(folder / 'lock', os.O_RDWR | os.O_CREAT)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        fcntl.lockf(self._lock, fcntl.LOCK_EX)

    def start(self, wait: Wait, before: str = '', behind: str = 'echo "then $?"') -> Waiting:
        """Start a script that waits; it is asleep."""
        script = f'{wait.before}\n{before}\necho go\n{wait.call}\n{behind}'
        waiting = Waiting([*self._minishell, '-c', script], self._folder, self._environment,
                          self.key)
        self._started.append(waiting)
        waiting.line('go')
        waiting.until_asleep()
        return waiting

    def run(self, script: str) -> None:
        subprocess.run([*self._minishell, '-c', script], cwd=self._folder, timeout=TIMEOUT,
                       env={**self._environment, 'k': self.key}, check=False)

    def release(self, wait: Wait) -> None:
        """Let what is waited for happen."""
        if wait.release:
            self.run(wait.release)
        else:
            fcntl.flock(self._lock, fcntl.LOCK_UN)
            fcntl.lockf(self._lock, fcntl.LOCK_UN)

    def end(self) -> None:
        for waiting in self._started:
            if waiting.process.returncode is None:
                waiting.kill_group()
                waiting.process.communicate()
        os.close(self._lock)
        self.run(CLEAN)


@pytest.fixture
def place(minishell: list[str], environment: dict[str, str], tmp_path: Path) -> Iterator[Place]:
    made = Place(minishell, environment, tmp_path)
    yield made
    made.end()


def waits(choose: Callable[[Wait], bool] = lambda wait: True) -> pytest.MarkDecorator:
    try:
        import posix_ipc
    except ImportError:
        skip = pytest.mark.skip(reason='the extra `course` is not installed')
    else:
        skip = pytest.mark.skipif(not posix_ipc, reason='')
    return pytest.mark.parametrize('wait', [
        pytest.param(wait, id=name, marks=[skip] if 'posix' in name else [])
        for name, wait in WAITS.items() if choose(wait)])


@waits()
def test_it_waits_for_what_it_says(wait: Wait, place: Place) -> None:
    waiting = place.start(wait)
    place.release(wait)
    assert waiting.end() == (0, 'then 0\n', '')


@waits()
@pytest.mark.parametrize('name', ['INT', 'TERM'])
def test_a_signal_ends_the_script(wait: Wait, name: str, place: Place) -> None:
    waiting = place.start(wait)
    waiting.signal(name)
    assert waiting.end() == (-getattr(signal, f'SIG{name}'), '', '')


@waits(lambda wait: not wait.ends)
def test_a_trap_runs_at_once_and_it_waits_on(wait: Wait, place: Place) -> None:
    """Each signal comes while the one before has just been acted on: as likely as not between
    the look and the sleep."""
    waiting = place.start(wait, 'trap "echo T" USR1')
    for _ in range(20):
        waiting.signal('USR1')
        waiting.line('T')
    place.release(wait)
    assert waiting.end() == (0, 'then 0\n', '')


@waits(lambda wait: wait.ends)
def test_a_trapped_signal_ends_it(wait: Wait, place: Place) -> None:
    """Again and again; what is waited for is there for the one that waits on.  (A signal that
    came before the call would have it wait: only the kernel could tell the two apart.)"""
    waiting = place.start(wait, 'trap "echo T" USR1',
                          f'while s=$?; echo "then $s"; [ $s = 138 ]; do {wait.call}; done')
    for _ in range(20):
        waiting.signal('USR1')
        waiting.line('T')
        waiting.line('then 138')
        waiting.until_asleep()
    place.release(wait)
    assert waiting.end() == (0, 'then 0\n', '')


@waits()
def test_siginterrupt_has_a_trapped_signal_end_it(wait: Wait, place: Place) -> None:
    """Whatever the call is; taken back, it is as without it."""
    waiting = place.start(
        wait, 'trap "echo T" USR1; siginterrupt USR2 USR1',
        f'echo "ended $?"; {wait.call}; echo "ended $?"; siginterrupt -r USR1; '
        f'trap "echo goes on" USR1; {wait.call}; echo "then $?"')
    for _ in range(2):
        waiting.signal('USR1')
        waiting.line('T')
        waiting.line('ended 138')
        waiting.until_asleep()
    for _ in range(5 * (not wait.ends)):
        waiting.signal('USR1')
        waiting.line('goes on')
    place.release(wait)
    assert waiting.end() == (0, 'then 0\n', '')


@waits()
def test_a_trap_may_end_the_script(wait: Wait, place: Place) -> None:
    waiting = place.start(wait, 'trap "echo T; exit 7" USR1')
    waiting.signal('USR1')
    assert waiting.end() == (7, 'T\n', '')


@waits()
def test_stopped_and_continued_it_waits_on(wait: Wait, place: Place) -> None:
    waiting = place.start(wait)
    for _ in range(3):
        waiting.signal('STOP')
        until_true(lambda: state_of(waiting.process.pid) == 'T')
        waiting.signal('CONT')
    place.release(wait)
    assert waiting.end() == (0, 'then 0\n', '')


def test_every_byte_is_written_once(place: Place, tmp_path: Path) -> None:
    """However many signals come meanwhile."""
    wait = Wait('exec 3<>ff; x=$(seq 50000)', 'syswrite -o 3 -c n "$x"', '')
    waiting = place.start(wait, 'trap "echo T" USR1', 'echo "then $? $n"')
    fd = os.open(tmp_path / 'ff', os.O_RDONLY)
    text = b''
    wanted = '\n'.join(map(str, range(1, 50001))).encode()
    while len(text) < len(wanted):
        if len(wanted) - len(text) > 100_000:           # more than the pipe holds: it waits
            waiting.signal('USR1')
            waiting.line('T')
        text += os.read(fd, 10_000)
    os.close(fd)
    assert text == wanted
    assert waiting.end() == (0, f'then 0 {len(wanted)}\n', '')


def test_no_lock_is_held_by_who_has_been_told_of_none(place: Place, tmp_path: Path) -> None:
    wait = Wait('exec 3>lock', 'flock -w 0.05 3', '')
    waiting = place.start(wait, '', 'echo "then $?"; read x <ff')
    waiting.line('then 1')
    place.release(wait)
    with (tmp_path / 'lock').open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_fifo_for_both_does_not_wait(place: Place) -> None:
    waiting = place.start(Wait('', 'sysopen -rw -u 3 ff; echo "opened $?"; sysread -i 3 x', ''))
    waiting.line('opened 0')
