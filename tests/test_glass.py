"""`why` and `glass`: what processes wait for; the kernel is asked until it says so."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from minishell.glass.process import Process
from minishell.glass.table import family, session, table
from minishell.glass.waiting import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[..., subprocess.Popen[bytes]]

pytestmark = pytest.mark.skipif(
    os.uname().machine != 'x86_64' or not Path('/proc/self/syscall').exists(),
    reason='the numbers of system calls are known for x86_64 only')


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a program that is killed in the end."""
    begun: list[subprocess.Popen[bytes]] = []

    def run(*argv: str, **options: object) -> subprocess.Popen[bytes]:
        begun.append(subprocess.Popen(argv, cwd=tmp_path, **options))  # type: ignore[call-overload]
        return begun[-1]
    yield run
    for process in begun:
        process.kill()
        process.wait()


def until(pid: int, text: str) -> str:
    """Wait until `why` says a text of a process; the whole of it without the time."""
    end = time.monotonic() + 60
    while not re.search(text, said := reason(pid)):
        assert time.monotonic() < end, (said, text)
        time.sleep(0.01)
    return re.sub(r' It has not run for .*', '', said)


def test_an_empty_and_a_full_pipe(start: Start) -> None:
    reading, writing = os.pipe()
    reader = start('cat', stdin=reading)
    name = Path(f'/proc/{os.getpid()}/comm').read_text().strip()
    assert re.fullmatch(
        rf'{reader.pid} \(cat\) reads from descriptor 0, pipe:\[\d+\], which is empty\. It '
        rf'goes on when {os.getpid()} \({name}\) writes, or closes it\.',
        until(reader.pid, 'reads from'))
    reader.kill()
    reader.wait()
    writer = start('yes', stdout=writing)
    assert re.fullmatch(
        rf'{writer.pid} \(yes\) writes to descriptor 1, pipe:\[\d+\], which holds 65536 of '
        rf'65536 bytes\. It goes on when {os.getpid()} \({name}\) reads\.',
        until(writer.pid, 'holds 65536'))
    os.close(reading)
    os.close(writing)


def test_a_writing_end_that_the_reader_holds_itself(start: Start) -> None:
    reading, writing = os.pipe()
    reader = start('cat', stdin=reading, pass_fds=[writing])
    os.close(reading)
    os.close(writing)
    assert 'it holds the writing end itself: the end never comes' in until(
        reader.pid, 'Nobody else that can be seen writes')


def test_several_at_the_other_end(start: Start, tmp_path: Path) -> None:
    """Any of them may write, and all of them have to close it; a shared lock has more than one
    holder."""
    reading, writing = os.pipe()
    reader = start('cat', stdin=reading)
    os.close(reading)
    others = [start('sleep', '1000', stdout=writing) for _ in range(2)]
    os.close(writing)
    for other in others:
        until(other.pid, 'sleeps for')
    names = ' or '.join(f'{pid} (sleep)' for pid in sorted(each.pid for each in others))
    assert f'It goes on when {names} writes, or all of them close it.' in until(
        reader.pid, r' or \d+ \(sleep\) writes')
    (tmp_path / 'file').touch()
    holders = [start('flock', '-s', '-F', 'file', 'sleep', '1000') for _ in range(2)]
    for holder in holders:
        until(holder.pid, 'sleeps for')
    assert re.search(r': \d+ \(sleep\) and \d+ \(sleep\) have it', until(
        start('flock', 'file', 'true').pid, ' have it'))


def test_since_when_by_the_clock_of_the_right_processor(start: Start) -> None:
    """Those of two processors are seconds apart; where it may run it last ran, wherever this
    process does."""
    at_home = os.sched_getaffinity(0)
    for processor in sorted(at_home)[:2]:
        sleeper = start('sh', '-c', 'kill -STOP $$; exec sleep 1000')
        os.waitpid(sleeper.pid, os.WUNTRACED)
        os.sched_setaffinity(sleeper.pid, {processor})
        os.kill(sleeper.pid, 18)
        begun = time.monotonic()
        until(sleeper.pid, 'sleeps for')
        for here in sorted(at_home)[:2]:
            os.sched_setaffinity(0, {here})
            try:
                said = Process(sleeper.pid).asleep()
                after = time.monotonic()
            finally:
                os.sched_setaffinity(0, at_home)
            assert said is not None
            assert said <= after - begun + 0.1      # less where others took the processor


def test_a_fifo_without_a_partner(start: Start, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'ff')
    for argv, verb, other in ((('cat', 'ff'), 'reading', 'writing'),
                              (('sh', '-c', 'echo >ff'), 'writing', 'reading')):
        process = start(*argv)
        assert until(process.pid, 'the FIFO') == (
            f'{process.pid} ({argv[0]}) opens the FIFO ff for {verb}, and nobody has opened '
            f'the other end: who opens it for {other} wakes it.')
        process.kill()
        process.wait()


def test_time_children_signals_and_stops(start: Start) -> None:
    sleeper = start('sleep', '1000')
    assert until(sleeper.pid, 'sleeps for') == (
        f'{sleeper.pid} (sleep) sleeps for 16 min 40 s, as it has asked to: the clock wakes '
        'it, or a signal.')
    sleeper.send_signal(19)
    assert '. SIGCONT wakes it' in until(sleeper.pid, 'is stopped by ')
    parent = start('sh', '-c', 'sleep 1000; :')
    said = until(parent.pid, r'waits for its child \d+ \(sleep\) to end')
    child = int(re.findall(r'child (\d+)', said)[0])
    os.kill(child, 9)
    parent.wait()


def test_a_zombie_and_nobody(start: Start) -> None:
    ended = start('true')
    assert 'it has ended with status 0, and its parent' in until(ended.pid, 'is a zombie')
    ended.wait()
    assert reason(ended.pid) == ''


@pytest.mark.skipif(not shutil.which('flock'), reason='there is no program flock')
def test_a_lock(start: Start, tmp_path: Path) -> None:
    (tmp_path / 'file').touch()
    holder = start('flock', 'file', 'sleep', '1000')
    until(holder.pid, 'waits for its child')
    waiter = start('flock', 'file', 'true')
    assert re.search(rf'waits for an exclusive lock on descriptor 3, {tmp_path}/file: '
                     rf'{holder.pid} \(flock\) and \d+ \(sleep\) have it',
                     until(waiter.pid, 'have it'))
    os.kill(int(Path(f'/proc/{holder.pid}/task/{holder.pid}/children').read_text()), 9)


def test_why(minishell: list[str],
                     run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """Jobs, the current one, and what is wrong."""
    done = run([*minishell, '-c', r"""
        set -m; sleep 1000 & while read -r c </proc/$!/comm; [ "$c" != sleep ]; do :; done
        while :; do x=$(why); case $x in *'sleeps for'*) break;; esac; done
        echo "${x%%.*}" | sed "s/^$!/P/"; why %1 >/dev/null; echo $?
        kill %1; wait; why; echo $?; why 99999999; echo $?; why -x; echo $?"""])
    assert done.stdout == ('P (sleep) sleeps for 16 min 40 s, as it has asked to: the clock '
                           'wakes it, or a signal\n0\n2\n2\n2\n')
    assert 'No such process' in done.stderr
    assert 'there is no job' in done.stderr


def test_a_pipeline_and_a_zombie(start: Start, tmp_path: Path) -> None:
    """Pipes have one number in all rows; a zombie has an age and no descriptors."""
    fifo = tmp_path / 'fifo'        # keeps it alive for as long as sh might reap it
    os.mkfifo(fifo)
    parent = start('sh', '-c', 'sleep 1000 | cat & true <"$0" & exec sleep 2000', str(fifo),
                   stdin=subprocess.DEVNULL, start_new_session=True)
    until(parent.pid, 'sleeps for 33 min')
    os.close(os.open(fifo, os.O_WRONLY))
    children = family([parent.pid])
    assert children[0] == parent.pid
    for pid, text in zip(children[1:], ('sleeps for', 'which is empty', 'zombie'), strict=True):
        until(pid, text)
    lines = table(children)
    rows = [re.split(r'  +', line) for line in lines]
    assert rows[0] == ['PID', 'PPID', 'PGID', 'S', 'DOING', 'BECAUSE', 'DESCRIPTORS']
    assert [row[3:5] for row in rows[1:]] == [
        ['S', 'sleep 2000'], ['S', 'sleep 1000'], ['S', 'cat'], ['Z', '(sh)']]
    assert rows[1][5] == 'sleeps for 33 min 20 s'
    assert rows[2][5] == 'sleeps for 16 min 40 s'
    assert '1→①' in rows[2]
    assert '0←①' in rows[3]
    assert re.fullmatch(r'zombie( for .*)?: not waited for', rows[4][5])
    assert '1>(1)' in table(children, False)[2]
    for pid in children[:0:-1]:
        os.kill(pid, 9)


def test_the_orphans_of_a_session(start: Start) -> None:
    """Not the one of them that the shell itself comes from: `(tests &)` makes such a one."""
    leader = start('sh', '-c', '(sh -c "sleep 1000; :" & echo $!); exec sleep 2000',
                   stdout=subprocess.PIPE, start_new_session=True)
    assert leader.stdout is not None
    orphan = int(leader.stdout.readline())
    said = until(orphan, r'waits for its child \d+ \(sleep')
    child = int(re.findall(r'child (\d+)', said)[0])
    until(leader.pid, 'sleeps for 33 min')      # so whoever has started the orphan has ended
    assert session(leader.pid) == [leader.pid, orphan, child]
    assert session(child) == [child]
    for pid in (orphan, child):
        os.kill(pid, 9)


def test_glass(minishell: list[str],
                     run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = run([*minishell, '-c', r"""
        sleep 23456 & while read -r c </proc/$!/comm; [ "$c" != sleep ]; do :; done
        glass >out; grep -c -e 'this shell' -e 'sleep 23456' out; glass $! >out; wc -l <out
        kill $!; wait; glass %1; echo $?; glass on; echo $?; glass 99999999; echo $?"""])
    assert done.stdout == '2\n2\n1\n1\n2\n'
    assert 'there is no prompt' in done.stderr
    assert 'No such process' in done.stderr
