"""Whatever the shell itself waits for, a signal gets through at once (XCU 2.12).

Python takes up a system call again behind a signal (PEP 475).  Each wait is known to have
begun by the kernel's word that the shell sleeps, behind the line `go`.
"""
from __future__ import annotations

import errno
import os
import resource
import select
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from waiting import state_of, until_true

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[..., 'Waiting']

TIMEOUT = 60
TRIES = 5
LONG = 200_000          # bytes, more than a pipe holds

READERS = {             # wait for somebody to open the FIFO `ff` for writing
    'read': 'read x <ff', 'a brace group': '{ read x; } <ff', 'a function': 'f() { :; }; f <ff',
    'a subshell': '(read x) <ff', 'exec': 'exec 3<ff', 'exec to the input': 'exec <ff',
    'dot': '. ./ff', 'the text of a file': 'x=$(<ff)', 'if': 'if :; then :; fi <ff',
    'while': 'while read x; do :; done <ff', 'for': 'for i in 1; do :; done <ff',
    'case': 'case a in a) ;; esac <ff', 'nothing': '<ff',
    'colon': ': <ff', 'eval': 'eval : <ff',
    'command': 'command : <ff', 'a program': '/bin/cat <ff', 'a variable': 'exec {fd}<ff',
    'an arithmetic command': '((1)) <ff', 'a condition': '[[ a ]] <ff',
    'read -n': 'read -n 2 x <ff',
    'a second redirection': ': 3</dev/null 4<ff', 'a substitution': 'x=$(: <ff)',
}
WRITERS = {             # for somebody to open it for reading
    'echo': 'echo x >ff', 'printf': 'printf x >ff', 'appended': 'echo x >>ff',
    'over': 'echo x >|ff',
    'set -C': 'set -C; : >ff', 'a brace group': '{ echo x; } >ff', 'exec': 'exec 3>ff',
    'a function': 'f() { echo x; }; f >ff', 'a subshell': '(echo x) >ff', 'nothing': '>ff',
    'while': 'while echo x; do break; done >ff', 'for': 'for i in 1; do echo $i; done >ff',
    'both': 'echo x &>ff', 'a hot loop': 'i=0; while [ $i -lt 300 ]; do i=$((i + 1)); '
    'if [ $i = 290 ]; then echo x >ff; fi; done',
}
SLEEPERS = {            # for what never comes
    'the input': 'exec 3<>ff; read x <&3', 'with a limit': 'exec 3<>ff; read -t 1000 x <&3',
    'echo into a full pipe': 'exec 3<>ff; while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaa; done >&3',
    'printf into a full pipe': f'exec 3<>ff; printf %{LONG}s x >&3',
    'a here-document into a full pipe':
        f'exec 3<>ff; x=$(printf %{LONG}s x); cat <<E >&3\n$x\nE',
    'several pieces': f'exec 3<>ff; {{ printf %{LONG}s x; echo y; }} >&3',
}
MESSAGES = {            # of the shell itself into a full pipe: no trap runs meanwhile
    'errors': 'exec 3<>ff; while :; do no_such_command; done 2>&3',
    'errors of a built-in': 'exec 3<>ff; type $(seq 50000) 2>&3',
    'a trace': 'exec 3<>ff; { set -x; while :; do :; done; } 2>&3',
    'a script shown': f'exec 3<>ff; x=$(printf %{LONG}s x); {{ set -v; eval ": $x"; }} 2>&3',
    'a menu': 'exec 3<>ff; select x in $(seq 50000); do :; done 2>&3',
    'times of a pipeline': 'exec 3<>ff; while :; do time :; done 2>&3',
    'an expansion error': 'exec 3<>ff; while :; do (: ${x?not set}); done 2>&3',
    'in a copy': 'exec 3<>ff; (while :; do no_such_command; done 2>&3; :)',
}
COMPUTATIONS = {        # what takes seconds: before it, it, how to tell that it was cut short
    'braces': ('', ': {1..3000000} ${y=}', '[ ! "${y+1}" ]'),
    'splitting':        # by blanks it is one call of Python's
        ('x=$(seq 500000); IFS=0123456789', ': $x ${y=}', '[ ! "${y+1}" ]'),
    'replacing': ('x=$(printf %20000000s "")', ': ${x//[ab ]/ab} ${y=}', '[ ! "${y+1}" ]'),
    'arithmetic': ('x=$(printf "+1%.0s" {1..1500000})', ': $((1$x)) ${y=}', '[ ! "${y+1}" ]'),
    'words': ('x=$(printf "a%s " {1..1000000})', 'eval "y= $x"', '[ ! "${y+1}" ]'),
    'printf': ('x=$(seq 2000000)', 'printf "%s %d\\n" $x $x >out', '[ ! -s out ]'),
    'kill -l': ('x=$(printf "15 %.0s" {1..500000})', 'kill -l $x >out', '[ ! -s out ]'),
    'type': ('x=$(printf "cd %.0s" {1..500000})', 'type $x >out', '[ ! -s out ]'),
    'export': ('x=$(printf "a%s=1 " {1..3000000})', 'export $x a=last', '[ "$a" != last ]'),
    'a function': ('x=$(seq 3000000); f() { local a=1; : $x; y=; }', 'f', '[ ! "${y+1}" ]'),
}
IN_A_CHILD = {          # it is the child that waits, and the shell for the child
    '(read x) <ff', '/bin/cat <ff', 'x=$(<ff)', 'x=$(: <ff)', '(echo x) >ff',
    SLEEPERS['a here-document into a full pipe'], MESSAGES['in a copy']}
ENDLESS = READERS | WRITERS | SLEEPERS | MESSAGES
SIGNALS = {'INT': -signal.SIGINT, 'TERM': -signal.SIGTERM, 'HUP': -signal.SIGHUP}


class Waiting:
    """A script that has come to its wait."""

    def __init__(self, argv: list[str], folder: Path, environment: dict[str, str],
                 stdin: int = subprocess.DEVNULL) -> None:
        self.process = subprocess.Popen(
            argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
            env=environment, start_new_session=True)

    def until_asleep(self) -> None:
        """Wait for the line `go`, and until the shell sleeps behind it."""
        self.line(b'go\n')
        until_true(lambda: state_of(self.process.pid) == 'S')

    def until_computing(self) -> None:
        """Wait for the line `go`, and until the shell has used some processor time since, or
        has ended."""
        self.line(b'go\n')
        stat = Path(f'/proc/{self.process.pid}/stat')

        def used() -> int:
            return int(stat.read_text().rpartition(')')[2].split()[11])     # 1/100 s, user
        begin = used()
        until_true(lambda: used() >= begin + 5 or self.process.poll() is not None)

    def line(self, expected: bytes) -> None:
        """Read a line as soon as it is written; no byte more is taken."""
        assert self.process.stdout is not None
        line = b''
        while not line.endswith(b'\n'):
            byte = read(self.process.stdout.fileno(), 1)
            assert byte, line
            line += byte
        assert line == expected

    def signal(self, name: str, all_of_us: bool = False) -> None:
        """Send a signal to the shell, or to its whole group as a terminal does."""
        number = getattr(signal, f'SIG{name}')
        if all_of_us:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def end(self) -> tuple[int, bytes, bytes]:
        """Its status, and what it said since."""
        output, errors = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, output, errors


@pytest.fixture
def start(minishell: list[str], environment: dict[str, str],
          tmp_path: Path) -> Iterator[Start]:
    """Start a script in a folder with a FIFO `ff`; it is asleep."""
    os.mkfifo(tmp_path / 'ff')
    started: list[Waiting] = []

    def run(script: str, *options: str, stdin: int = subprocess.DEVNULL,
            computing: bool = False) -> Waiting:
        waiting = Waiting([*minishell, *options, '-c', script], tmp_path, environment, stdin)
        started.append(waiting)
        if computing:
            waiting.until_computing()
        else:
            waiting.until_asleep()
        return waiting

    yield run
    for waiting in started:
        try:
            os.killpg(waiting.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        waiting.process.communicate()


def read(fd: int, count: int) -> bytes:
    """Read what comes, within a time."""
    assert select.select([fd], [], [], TIMEOUT)[0]
    return os.read(fd, count)


def reader_of(fifo: Path) -> int:
    """Open a FIFO for reading."""
    fd = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(fd, True)
    return fd


def writer_of(fifo: Path) -> int:
    """Open a FIFO for writing once somebody reads it, within a time."""
    found: list[int] = []

    def has_reader() -> bool:
        try:
            found.append(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            assert error.errno == errno.ENXIO
        return bool(found)
    until_true(has_reader)
    return found[0]


@pytest.mark.parametrize(('name', 'status'), SIGNALS.items())
@pytest.mark.parametrize('script', ENDLESS.values(), ids=ENDLESS)
def test_a_signal_ends_it(script: str, name: str, status: int, start: Start) -> None:
    waiting = start(f'echo go\n{script}\necho went on')
    waiting.signal(name, script in IN_A_CHILD)
    assert waiting.end() == (status, b'', b'')


@pytest.mark.parametrize('script', ENDLESS.values(), ids=ENDLESS)
def test_an_exit_trap_has_its_say(script: str, start: Start) -> None:
    waiting = start(f'trap "echo bye" EXIT; echo go\n{script}\necho went on')
    waiting.signal('TERM', script in IN_A_CHILD)
    assert waiting.end()[:2] == (-signal.SIGTERM, b'bye\n')


@pytest.mark.parametrize(('name', 'status'), SIGNALS.items())
@pytest.mark.parametrize(('before', 'script', 'check'), COMPUTATIONS.values(), ids=COMPUTATIONS)
def test_a_signal_ends_a_computation(
    before: str, script: str, check: str, name: str, status: int, start: Start,
) -> None:
    script = f"{before}\ntrap '{check} && echo cut' EXIT; echo go\n{script}\necho went on"
    assert cut_short(start, script, name, b'cut\n') == (status, b'cut\n', b'')


def cut_short(start: Start, script: str, name: str, said: bytes) -> tuple[int, bytes, bytes]:
    """How a script ends that gets a signal while it computes; where it does not begin by what
    it then says, the signal came too late, as it may on a busy machine: done again."""
    for _ in range(TRIES):
        waiting = start(script, computing=True)
        waiting.signal(name)
        ended = waiting.end()
        if ended[1].startswith(said):
            break
    return ended


def test_a_trap_waits_for_the_end_of_a_computation(start: Start) -> None:
    script = 'trap \'echo "T$y"\' INT; echo go; : {1..500000} ${y=1}; echo went on'
    assert cut_short(start, script, 'INT', b'T') == (0, b'T1\nwent on\n', b'')


def test_who_uses_the_signal_of_the_timer(start: Start) -> None:
    """It is the script's, before and behind an interrupt."""
    script = ('trap "echo T" PROF; echo go; (: {1..3000000}); echo $?; kill -s PROF $$; '
              'trap - PROF; kill -s PROF $$')
    assert cut_short(start, script, 'PROF', b'T\n0') == (-signal.SIGPROF, b'T\n0\nT\n', b'')


@pytest.mark.parametrize('script', [
    script for script in READERS.values() if script not in IN_A_CHILD])
def test_a_trap_runs_at_once_and_the_reader_waits_on(
    script: str, start: Start, tmp_path: Path,
) -> None:
    waiting = start(f'trap "echo T" USR1; echo go\n{script}\necho "then $?"')
    for _ in range(3):
        waiting.signal('USR1')
        waiting.line(b'T\n')
    fd = writer_of(tmp_path / 'ff')     # it still waits for this
    try:
        os.write(fd, b':\n')
    except BrokenPipeError:             # it needed no more than the open
        pass
    os.close(fd)
    assert waiting.end() == (0, b'then 0\n', b'')


@pytest.mark.parametrize('script', [
    script for script in WRITERS.values() if script not in IN_A_CHILD])
def test_a_trap_runs_at_once_and_the_writer_waits_on(
    script: str, start: Start, tmp_path: Path,
) -> None:
    waiting = start(f'trap "echo T" USR1; echo go\n{script}\necho "then $?"')
    for _ in range(3):
        waiting.signal('USR1')
        waiting.line(b'T\n')
    fd = reader_of(tmp_path / 'ff')
    assert waiting.end() == (0, b'then 0\n', b'')
    os.close(fd)


@pytest.mark.parametrize('script', [
    f'printf %{LONG}s x >&3', f'x=$(printf %{LONG}s x); echo "$x" >&3',
    f'x=$(printf %{LONG}s x); cat >&3 <<E\n$x\nE'])
def test_nothing_is_lost_or_written_twice(script: str, start: Start, tmp_path: Path) -> None:
    """The trap's commands have the standard output of the script, not of the utility."""
    here = 'cat' not in script          # else the shell waits for a program (XCU 2.12)
    waiting = start(f'trap "echo T" USR1; exec 3<>ff; echo go\n{script}\necho "then $?"')
    for _ in range(3 * here):
        waiting.signal('USR1')
        waiting.line(b'T\n')
    fd = reader_of(tmp_path / 'ff')
    text = b''
    while len(text) < LONG + (script[0] == 'x'):
        text += read(fd, 65536)
    os.close(fd)
    assert text.strip(b'\n') == b' ' * (LONG - 1) + b'x'
    assert waiting.end() == (0, b'then 0\n', b'')


@pytest.mark.parametrize('action', ['exit 7', 'echo T; exit 7', 'kill -TERM $$'])
@pytest.mark.parametrize('script', ['echo x >ff', 'read x <ff', 'exec 3<ff', '. ./ff',
                                    f'exec 3<>ff; printf %{LONG}s x >&3'])
def test_a_trap_may_end_it(script: str, action: str, start: Start) -> None:
    waiting = start(f'trap "{action}" USR1; echo go\n{script}\necho went on')
    waiting.signal('USR1')
    status, output, errors = waiting.end()
    assert (status, errors) == (-signal.SIGTERM if 'TERM' in action else 7, b'')
    assert output == (b'T\n' if 'echo' in action else b'')


@pytest.mark.parametrize('script', ['read x <&3', 'read -r x y <&3', 'read -t 1000 x <&3',
                                    'read -n 5 x <&3', '{ read x; } <&3'])
def test_in_posix_mode_a_trap_ends_read(script: str, start: Start, tmp_path: Path) -> None:
    """With a status that names the signal; what has come of the line is dropped."""
    waiting = start(f'set -o posix; trap "echo T" USR1; x=old; exec 3<>ff; printf abc >&3\n'
                    f'echo go; {script}\necho "$? $x"; read x <&3; echo "$x"')
    waiting.signal('USR1')
    waiting.line(b'T\n')
    waiting.line(b'138 old\n')
    fd = writer_of(tmp_path / 'ff')
    os.write(fd, b'new\n')
    assert waiting.end() == (0, b'new\n', b'')
    os.close(fd)


def test_read_with_a_time_limit_ends_on_endless_input(
    run: Callable[..., subprocess.CompletedProcess[str]], minishell: list[str],
) -> None:
    script = 'read -t 0.2 x </dev/zero; echo $?; read -t 0.2 -n 3 x </dev/zero; echo $?'
    assert run([*minishell, '-c', script]).stdout.split()[0] == '142'


def test_a_time_limit_holds_where_another_reader_is_quicker(
    minishell: list[str], environment: dict[str, str], tmp_path: Path,
) -> None:
    """Both are told of a byte, one gets it; the other still has its limit."""
    script = tmp_path / 'reader'
    script.write_text('read -t 3 -n 1 x; echo $?\n')
    readable, writable = os.pipe()
    rounds = 0
    for _ in range(20):
        readers = [subprocess.Popen([*minishell, str(script)], stdin=readable,
                                    stdout=subprocess.PIPE, env=environment) for _ in range(4)]
        for reader in readers:
            until_asleep(reader)
        early = any(reader.poll() is not None for reader in readers)    # a busy machine
        os.write(writable, b'xxxx' if early else b'x')
        said = sorted(reader.communicate(timeout=TIMEOUT)[0] for reader in readers)
        while select.select([readable], [], [], 0)[0]:
            os.read(readable, 4)
        rounds += not early
        assert early or said == [b'0\n', b'142\n', b'142\n', b'142\n']
        if rounds == 5:
            break
    assert rounds > 0
    os.close(readable)
    os.close(writable)


def until_asleep(reader: subprocess.Popen[bytes]) -> None:
    """Wait until a shell is in poll(2), by the kernel's word, or has ended."""
    wchan = Path(f'/proc/{reader.pid}/wchan')
    until_true(lambda: 'poll' in wchan.read_text() or reader.poll() is not None)


@pytest.mark.parametrize(('action', 'output', 'status'), [
    ('echo T', b'T\nnext\n', 0), ('exit 5', b'', 5)])
def test_a_trap_while_a_script_waits_for_its_next_line(
    action: str, output: bytes, status: int, minishell: list[str], tmp_path: Path,
    environment: dict[str, str],
) -> None:
    ends = os.pipe()
    waiting = Waiting(minishell, tmp_path, environment, ends[0])
    os.write(ends[1], f'trap "{action}" USR1; echo go\n'.encode())
    waiting.until_asleep()
    waiting.signal('USR1')
    if output:
        waiting.line(b'T\n')
    os.write(ends[1], b'echo next\n')
    os.close(ends[1])
    os.close(ends[0])
    assert waiting.end() == (status, output[2:], b'')


@pytest.mark.parametrize(('name', 'status'), SIGNALS.items())
@pytest.mark.parametrize('begun', [b'', b'echo half', b'cat <<E\nhalf\n', b'if :; then\n'])
def test_a_signal_while_a_script_waits_for_its_next_line(
    name: str, status: int, begun: bytes, minishell: list[str], tmp_path: Path,
    environment: dict[str, str],
) -> None:
    ends = os.pipe()
    waiting = Waiting(minishell, tmp_path, environment, ends[0])
    os.write(ends[1], b'echo go\n' + begun)
    waiting.until_asleep()
    waiting.signal(name)
    assert waiting.end() == (status, b'', b'')
    os.close(ends[1])
    os.close(ends[0])


# -- O_NONBLOCK, set by somebody else -------------------------------------------------------


@pytest.mark.parametrize(('script', 'output'), [
    ('read x; read y; echo "$x $y"', 'one two\n'),
    ('while read x; do echo $x; done', 'one\ntwo\nthree\n'),
    ('x=$(while read x; do echo $x; done); echo $x', 'one two three\n'),
    ('read -n 5 x; echo $x; read -d w y; echo $y', 'one\nt\n'),
    ('read -t 1000 x; echo $x', 'one\n'),
    ('while read x; do echo $x; done | { read y; echo $y; }', 'one\n'),
    ('f() { while IFS= read -r x; do echo "$x"; done; }; f | sort', 'one\nthree\ntwo\n'),
])
def test_input_that_is_not_blocking(
    script: str, output: str, minishell: list[str], environment: dict[str, str],
) -> None:
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    process = subprocess.Popen([*minishell, '-c', script], stdin=read_end, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env=environment)
    for piece in (b'on', b'e\ntw', b'o\nthree\n'):
        time.sleep(0.03)                # so that it has to wait, mostly
        os.write(write_end, piece)
    os.close(write_end)
    assert process.communicate(timeout=TIMEOUT)[0] == output
    os.close(read_end)


def test_a_script_from_input_that_is_not_blocking(
    minishell: list[str], environment: dict[str, str],
) -> None:
    """Blocking reads are enabled (XCU 3, sh, STDIN), for the commands inside, too."""
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    process = subprocess.Popen(minishell, stdin=read_end, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=environment)
    for piece in (b'echo o', b'ne\nread x; echo $x\n', b'two\n', b'cat\n', b'three\n'):
        time.sleep(0.03)
        os.write(write_end, piece)
    os.close(write_end)
    assert process.communicate(timeout=TIMEOUT)[0] == 'one\ntwo\nthree\n'
    os.close(read_end)


@pytest.mark.parametrize('script', [
    f'printf "%{LONG}s" x', f'x=$(printf "%{LONG}s" x); printf %s "$x"',
    f'{{ printf "%{LONG}s" x; }} | {{ read -r x; printf %{LONG}s "$x"; }}',
    f'i=0; while [ $i -lt {LONG // 100} ]; do i=$((i + 1)); printf %100s x; done',
])
def test_output_that_is_not_blocking(
    script: str, minishell: list[str], environment: dict[str, str],
) -> None:
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    process = subprocess.Popen([*minishell, '-c', script], stdout=write_end,
                               stderr=subprocess.PIPE, env=environment)
    os.close(write_end)
    count = 0
    while block := read(read_end, 4096):
        count += len(block)
    assert (count, process.communicate(timeout=TIMEOUT)[1]) == (LONG, b'')
    assert process.returncode == 0
    os.close(read_end)


# -- many descriptors -----------------------------------------------------------------------


def test_descriptors_above_1023(minishell: list[str], environment: dict[str, str]) -> None:
    """Where select() ends: the shell's own and those it waits for are all higher."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1500:
        pytest.skip(f'only {hard} descriptors are allowed')
    script = ('trap "echo T" USR1; exec 1200</dev/null; read -t 9 x <&1200; echo $?; '
              'sleep 0 & wait $!; echo $?; echo a | { read -t 9 x; echo $x; }; '
              'kill -USR1 $$; exec {fd}</dev/null; read -t 9 -u $fd x; echo $?; '
              'read -t 0 -u 1200; echo $?; read -n 1 -u 1200; echo $?')

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1500, hard))
        null = os.open('/dev/null', os.O_RDONLY)
        for fd in range(null + 1, 1100):
            os.dup2(null, fd)
    done = subprocess.run(
        [*minishell, '-c', script], preexec_fn=fill, close_fds=False, text=True, check=False,
        capture_output=True, env=environment, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
    assert (done.stdout.split(), done.stderr) == (['1', '0', 'a', 'T', '1', '0', '1'], '')
