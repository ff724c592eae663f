"""`why`: every kind of waiting, and who could end it; the kernel is asked until it says so."""
from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from test_glass import pytestmark, start, until

from minishell.glass.process import _last_run
from minishell.glass.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from test_glass import Start

__all__ = ['pytestmark', 'start']
LONG = r'16 min \d+ s'      # 1000 seconds, of which some may be over


def python(start: Start, code: str, **options: object) -> subprocess.Popen[bytes]:
    """A program of Python."""
    return start(sys.executable, '-c', code, **options)


@pytest.fixture
def key() -> Iterator[int]:
    """A key of System V that no other test has; what is left of it is removed."""
    made = 0x60000 + os.getpid()
    yield made
    for option in ('-Q', '-S', '-M'):
        subprocess.run(['ipcrm', option, str(made)], check=False, capture_output=True)


# -- signals --------------------------------------------------------------------------------


def test_a_signal(start: Start) -> None:
    waiting = python(start, """
import os, signal
signal.signal(signal.SIGUSR1, print)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
os.kill(os.getpid(), signal.SIGUSR2)
signal.pause()""")
    assert until(waiting.pid, r'\(pause\)').partition(') ')[2] == (
        'waits for a signal (pause). It handles INT USR1; it blocks USR2, of which USR2 has '
        'come and is pending.')


def test_no_signal_that_it_handles(start: Start) -> None:
    waiting = python(start, 'import signal\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\n'
                            'signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n'
                            'signal.pthread_sigmask(signal.SIG_UNBLOCK, [10])\nsignal.pause()')
    assert 'It handles none: one that comes ends it, or does nothing; it blocks all but USR1.' \
        in until(waiting.pid, r'\(pause\)')


def test_a_signal_that_is_taken(start: Start) -> None:
    waiting = python(start, 'from signal import SIG_BLOCK, pthread_sigmask, sigtimedwait\n'
                            'pthread_sigmask(SIG_BLOCK, [10, 12])\n'
                            'sigtimedwait([10, 12], 1000)')
    assert re.search(rf'to take \(sigwait\): USR1 USR2, {LONG} at most\.',
                     until(waiting.pid, 'sigwait'))


def test_stopped_and_continued(start: Start) -> None:
    """A sleep that was interrupted is another call of the kernel's, with the same arguments."""
    sleeper = start('sleep', '1000')
    until(sleeper.pid, 'sleeps for')
    sleeper.send_signal(signal.SIGSTOP)
    assert re.search(r'is stopped by (SIGSTOP|a signal)\. SIGCONT wakes it: fg, bg or kill '
                     r'-CONT \d+; SIGKILL ends it\. When it was stopped it was sleeping for 16',
                     until(sleeper.pid, 'When it was stopped it was sleeping'))
    sleeper.send_signal(signal.SIGCONT)
    assert 'sleeps for 16 min 40 s' in until(sleeper.pid, r'\) sleeps for 16 min 40 s')


def test_a_zombie_says_how_it_has_ended(start: Start) -> None:
    ended = start('sh', '-c', 'exit 3')
    assert 'it has ended with status 3, and its parent' in until(ended.pid, 'zombie')
    killed = start('sleep', '1000')
    killed.kill()
    said = until(killed.pid, 'zombie')
    assert 'it has ended by SIGKILL, and its parent' in said
    assert f'`why {os.getpid()}` says what that does instead' in said


def test_a_first_thread_that_has_ended(start: Start) -> None:
    waiting = python(start, 'import ctypes, threading, time\n'
                            'threading.Thread(target=time.sleep, args=(1000,)).start()\n'
                            'ctypes.CDLL(None).pthread_exit(None)')
    assert 'has ended its first thread, and 1 others go on.' in until(waiting.pid, 'ended')


# -- data and time ----------------------------------------------------------------------


def test_a_point_in_time(start: Start) -> None:
    sleeper = python(start, 'import time; time.sleep(1000)')
    assert re.search(rf'sleeps (for {LONG}|until a point in time, {LONG} from now)[,:] .*the '
                     'clock wakes it, or a signal', until(sleeper.pid, 'sleeps (for|until)'))


def test_one_of_several_descriptors(start: Start) -> None:
    waiting = python(start, 'import os, select; reading, _ = os.pipe()\n'
                            'select.select([0, reading], [], [], 1000)', stdin=subprocess.PIPE)
    assert re.search(r'waits for one of 2 descriptors: 0 \(pipe:\[\d+\]\), 3 \(pipe:\[\d+\]\), '
                     f'{LONG} at most', until(waiting.pid, 'one of 2'))


@pytest.mark.parametrize('code', [
    'select.select([0], [], [])',
    'e = select.epoll(); e.register(0, select.EPOLLIN); e.poll()',
    'p = select.poll(); p.register(0, select.POLLIN); p.poll()'])
def test_one_descriptor(code: str, start: Start) -> None:
    waiting = python(start, f'import select; {code}', stdin=subprocess.PIPE)
    assert re.search(r'waits for input on descriptor 0, pipe:\[\d+\], which is empty\. It goes '
                     rf'on when {os.getpid()} \(.*\) writes, or closes it',
                     until(waiting.pid, 'waits for input'))


def test_room_in_a_pipe(start: Start) -> None:
    writing = python(start, 'import os, select; os.set_blocking(1, False)\n'
                            'try:\n while True: os.write(1, b"x" * 4096)\n'
                            'except BlockingIOError: select.select([], [1], [])',
                     stdout=subprocess.PIPE)
    assert 'waits for room on descriptor 1, pipe:[' in until(
        writing.pid, 'holds 65536 of 65536 bytes')


def test_a_connection_and_what_comes_from_it(start: Start) -> None:
    listening = python(start, 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0))\n'
                              's.listen(); s.accept()')
    assert re.search(r'waits for somebody to connect to descriptor 3, socket:\[\d+\]\.',
                     until(listening.pid, 'connect'))
    reading = python(start, 'import socket; a, b = socket.socketpair(); a.recv(1)')
    assert re.search(r'waits for data from descriptor 3, socket:\[\d+\]\.',
                     until(reading.pid, 'waits for data'))


def test_a_child_that_is_to_run_a_program(start: Start, tmp_path: Path) -> None:
    """It opens a FIFO first, and its parent waits for it to be done with its memory."""
    os.mkfifo(tmp_path / 'ff')
    parent = python(start, "import os; os.posix_spawn('/bin/true', ['true'], {}, file_actions=["
                           "(os.POSIX_SPAWN_OPEN, 0, 'ff', os.O_RDONLY, 0)])")
    said = until(parent.pid, r'waits until its child \d+ \(.*\) runs a program, or ends')
    child = int(re.findall(r'child (\d+)', said)[0])
    assert 'opens the FIFO ff for reading' in until(child, 'opens the FIFO')
    assert 'No signal wakes it' not in said
    os.kill(child, signal.SIGKILL)


def test_the_shell_itself_waits_for_a_signal(start: Start, minishell: list[str]) -> None:
    """wait, pause and the like sleep on a pipe that the handlers write to."""
    shell = start(*minishell, '-c', 'sleep 1000 & echo $!; wait', stdout=subprocess.PIPE)
    assert shell.stdout is not None
    child = int(shell.stdout.readline())
    said = until(shell.pid, 'would send SIGCHLD')
    assert f'waits for a child to end, or for another signal: {child} (' in said
    assert 'pipe:' not in said
    os.kill(child, signal.SIGKILL)
    pausing = start(*minishell, '-c', 'trap : USR1; pause -t 1000')
    assert re.search(rf'waits for a signal, {LONG} at most\. It handles .*USR1',
                     until(pausing.pid, 'waits for a signal, '))


# -- what is shared -----------------------------------------------------------------------


def test_a_lock_of_bytes(start: Start, tmp_path: Path) -> None:
    code = 'import fcntl, time; f = open("file", "a+b")\n' \
        'fcntl.lockf(f, fcntl.LOCK_{}, 5, 2); time.sleep(1000)'
    holder = python(start, code.format('EX'))
    until(holder.pid, 'sleeps (for|until)')
    for which, kind in (('EX', 'an exclusive'), ('SH', 'a shared')):
        waiter = python(start, code.format(which).replace('a+b', 'r+b'))
        assert re.search(rf'waits for {kind} lock on bytes 2-6 of descriptor 3, '
                         rf'{tmp_path}/file: {holder.pid} \(.*\) has it\.',
                         until(waiter.pid, 'has it'))


def test_a_lock_whose_taker_has_ended(start: Start, tmp_path: Path) -> None:
    """It belongs to the open file description, which another process has."""
    holder = start('sh', '-c', 'exec 9>file; python3 -c "import fcntl; fcntl.flock(9, 2)"; '
                               'exec sleep 1000'.replace('python3', sys.executable))
    until(holder.pid, 'sleeps for')
    waiter = python(start, 'import fcntl; fcntl.flock(open("file"), 2)')
    assert f'file: {holder.pid} (sleep) has it.' in until(waiter.pid, 'has it')


def test_a_lock_of_an_open_file_description(start: Start, tmp_path: Path) -> None:
    code = 'import fcntl, struct, time; f = open("file", "a+b")\n' \
        'fcntl.fcntl(f, 38, struct.pack("hhqqi0q", fcntl.F_WRLCK, 0, 0, 0, 0))\n' \
        'time.sleep(1000)'
    holder = python(start, code)
    until(holder.pid, 'sleeps (for|until)')
    waiter = python(start, code)
    assert re.search(rf'exclusive lock on descriptor 3, .*/file: {holder.pid} \(.*\) has it\.',
                     until(waiter.pid, 'has it'))


def test_a_deadlock(start: Start, tmp_path: Path) -> None:
    code = 'import fcntl, sys; a = open(sys.argv[1], "w"); b = open(sys.argv[2], "w")\n' \
        'fcntl.flock(a, 2); sys.stdin.readline(); fcntl.flock(b, 2)'
    both = [start(sys.executable, '-c', code, *names, stdin=subprocess.PIPE)
            for names in (('a', 'b'), ('b', 'a'))]
    for each in both:
        until(each.pid, 'reads from descriptor 0')
    for each in both:
        assert each.stdin is not None
        each.stdin.write(b'\n')
        each.stdin.flush()
    for one, other in (both, both[::-1]):
        assert re.search(rf': {other.pid} \(.*\) has it, and waits for a lock that {one.pid} '
                         r'has: a deadlock\.', until(one.pid, 'a deadlock'))


def test_a_deadlock_with_itself(start: Start) -> None:
    """Two open file descriptions of one process bar each other."""
    waiting = python(start, 'import fcntl; a = open("file", "w"); b = open("file", "w")\n'
                            'fcntl.flock(a, 2); fcntl.flock(b, 2)')
    assert f'file: {waiting.pid} has it itself, by another descriptor: a deadlock.' in until(
        waiting.pid, 'a deadlock')


def test_semaphores_of_system_v(start: Start, minishell: list[str], key: int) -> None:
    subprocess.run([*minishell, '-c', f'sem create {key} 1 0'], check=True)
    waiting = start(*minishell, '-c', f'sem wait -i 1 {key}')
    assert re.search(rf'waits to take 1 from semaphore 1 of the set {key} \(identifier \d+\), '
                     rf'whose value is 0: who adds to it wakes it \(sem post {key}\)\. \d+.* '
                     'was the last that has changed it', until(waiting.pid, 'waits to take'))
    until(waiting.pid, r'It wakes up now and then to look, last \d+ ms ago')
    waiting = start(*minishell, '-c', f'sem zero {key}')
    assert 'waits for 0 in semaphore 0 of the set' in until(waiting.pid, 'whose value is 1:')


def test_message_queues_of_system_v(start: Start, minishell: list[str], key: int) -> None:
    subprocess.run([*minishell, '-c', f'mq create {key}'], check=True)
    waiting = start(*minishell, '-c', f'mq recv {key} 7')
    assert f'(mq send {key} 7 TEXT). Nobody has sent one yet.' in until(
        waiting.pid, 'waits for a message of type 7 of the queue .*, which is empty')
    subprocess.run([*minishell, '-c', f'mq set -b 10 {key}; mq send {key} 5 0123456789'],
                   check=True)
    assert 'which has 1 of other types: who sends one wakes it' in until(
        waiting.pid, r'\d+, which has ended, was the last that has sent one')
    sending = start(*minishell, '-c', f'mq send {key} 5 abc')
    assert f'who receives from it wakes it (mq recv {key}). Nobody has received from it' in \
        until(sending.pid, 'waits to send 3 bytes to the queue .*, which holds 10 of 10 bytes')


def test_semaphores_of_posix(start: Start, tmp_path: Path) -> None:
    ipc = pytest.importorskip('posix_ipc')
    name = f'/why{os.getpid()}'
    semaphore = ipc.Semaphore(name, ipc.O_CREX, 0o600, 0)
    try:
        code = f'import posix_ipc; posix_ipc.Semaphore("{name}").acquire()'
        waiting = python(start, code)
        assert re.search(
            rf'waits for the semaphore {name[1:]}, whose value is 0: who posts it wakes it '
            rf'\(sem post {name[1:]}\)\. {os.getpid()} \(.*\) has it open, too\.',
            until(waiting.pid, f'semaphore {name[1:]}'))
        semaphore.unlink()
        assert 'its name has been removed' in until(waiting.pid, 'removed')
    finally:
        semaphore.close()
        try:
            ipc.unlink_semaphore(name)
        except ipc.ExistentialError:
            pass


def test_message_queues_of_posix(start: Start) -> None:
    ipc = pytest.importorskip('posix_ipc')
    name = f'/why{os.getpid()}'
    queue = ipc.MessageQueue(name, ipc.O_CREX, 0o600, 1, 8, True, True)
    try:
        code = f'import posix_ipc; posix_ipc.MessageQueue("{name}")'
        receiving = python(start, code + '.receive()')
        assert re.search(rf'waits for a message of the POSIX queue {name} \(descriptor \d+\): '
                         rf'who sends one to it wakes it\. .*{os.getpid()} \(.*\) ha(s|ve) it ',
                         until(receiving.pid, 'POSIX queue'))
        receiving.kill()
        receiving.wait()
        queue.send('x')
        sending = python(start, code + '.send("y")')
        assert f'waits for room in the POSIX queue {name}' in until(sending.pid, 'receives')
    finally:
        queue.close()
        ipc.unlink_message_queue(name)


def test_threads(start: Start) -> None:
    waiting = python(start, 'import threading, time\n'
                            'thread = threading.Thread(target=time.sleep, args=(1000,))\n'
                            'thread.start(); thread.join()')
    assert 'waits for one of its threads: a lock, a semaphore or a condition' in until(
        waiting.pid, 'it has 2')
    alone = python(start, 'import threading; lock = threading.Lock(); lock.acquire(True)\n'
                          'lock.acquire()')
    assert 'and has no other thread that could give it' in until(alone.pid, 'futex')


# -- since when ---------------------------------------------------------------------------


def test_names_do_not_move_the_cursor(start: Start, tmp_path: Path,
                                      minishell: list[str]) -> None:
    os.mkfifo(tmp_path / 'a\x1b[1m\nb')
    waiting = start('cat', 'a\x1b[1m\nb')
    until(waiting.pid, 'opens the FIFO')
    said = subprocess.run([*minishell, '-c', f'why {waiting.pid}; glass {waiting.pid}'],
                          capture_output=True, text=True, check=True).stdout
    assert 'opens the FIFO a^[[1m^Jb for reading' in said
    assert '\x1b' not in said
    assert len(said.splitlines()) == 3


def test_what_the_kernel_has_forgotten_is_not_said() -> None:
    """It has no time for a process that it moved to another processor in its sleep."""
    assert _last_run('se.exec_start     :     0.000000\n') is None
    assert _last_run('se.exec_start     :  1500.000000\n') == 1.5


def test_an_orphan_is_marked(start: Start) -> None:
    leader = start('sh', '-c', '(sh -c "sleep 1000; :" & echo $!); exec sleep 2000',
                   stdout=subprocess.PIPE, start_new_session=True)
    assert leader.stdout is not None
    orphan = int(leader.stdout.readline())
    said = until(orphan, r'waits for its child \d+ \(sleep')
    until(leader.pid, 'sleeps for 33 min')      # so whoever has started the orphan has ended
    child = int(re.findall(r'child (\d+)', said)[0])
    assert 'It is an orphan: its parent has ended, and ' in until(orphan, 'orphan')
    assert 'orphan' not in until(child, 'sleeps for 16 min')
    lines = table([orphan, child])
    assert ' orphan: waits for its child ' in lines[1]
    assert 'orphan' not in lines[2]
    for pid in (orphan, child):
        os.kill(pid, signal.SIGKILL)
