"""sem, mq and shm where they need posix_ipc or sysv_ipc; and many rounds of all of them."""
from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Run = Callable[..., subprocess.CompletedProcess[str]]

pytest.importorskip('posix_ipc', reason='the extra `course` is not installed')
pytest.importorskip('sysv_ipc', reason='the extra `course` is not installed')

TIMEOUT = 300
LENGTH = int(os.environ.get('MINISHELL_IPC', 1))        # of the longer tests; in full 50


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """With records of its own: `ipc clean` removes what all ended shells have left."""
    return {**environment, 'XDG_RUNTIME_DIR': environment['HOME']}


@pytest.fixture
def name() -> Iterator[str]:
    """A name and a key that no other test has; what is left of it is removed."""
    import posix_ipc
    made = f't{os.getpid()}'
    yield made
    for unlink in (posix_ipc.unlink_semaphore, posix_ipc.unlink_shared_memory,
                   posix_ipc.unlink_message_queue):
        try:
            unlink('/' + made)
        except posix_ipc.ExistentialError:
            pass


@pytest.fixture
def key() -> Iterator[int]:
    made = 0x50000 + os.getpid()
    yield made
    for option in ('-Q', '-S', '-M'):
        subprocess.run(['ipcrm', option, str(made)], check=False, capture_output=True)


@pytest.fixture
def shell(run: Run, minishell: list[str]) -> Callable[..., str]:
    def start(script: str, *arguments: object) -> str:
        done = run([*minishell, '-c', script, 'sh', *map(str, arguments)],
                   timeout=TIMEOUT * (1 + LENGTH // 5))
        return done.stdout + done.stderr
    return start


def test_a_posix_semaphore(shell: Callable[..., str], name: str) -> None:
    assert shell("""
        sem create $1 2; sem create $1; sem wait $1; sem value $1; sem wait -n $1
        sem wait -n $1; echo $?; sem wait -w 0.05 $1; echo $?; sem post $1; sem value -v x $1
        echo "<$x>"; [ -f /dev/shm/sem.$1 ] && echo file; sem create -x $1 2>/dev/null; echo $?
        sem unlink $1; sem wait $1 2>&1 | sed "s/$1/N/; s/.*sem: //"
        """, name) == '1\n1\n1\n<1>\nfile\n2\nN: No such semaphore (ENOENT)\n'


def test_a_semaphore_that_is_unlinked_works_on_for_those_who_have_it(
    shell: Callable[..., str], name: str,
) -> None:
    assert shell("""
        sem create $1 0; { sem wait -w 50 $1; echo got it $?; } &
        while [ "$(sem value $1)" != "0, 1 waiting" ]; do :; done
        sem post $1; sem unlink $1; wait; sem value $1 2>/dev/null; echo $?
        """, name) == 'got it 0\n2\n'


@pytest.mark.parametrize('kind', ['key', 'name'])
def test_eight_wait_for_one_semaphore(
    shell: Callable[..., str], key: int, name: str, kind: str,
) -> None:
    """All wait at once; then there is never more than one inside, and everyone gets there."""
    shown = shell("""
        sem create $1 0
        for i in 1 2 3 4 5 6 7 8; do
            for ((j = 0; j < $2; j++)); do
                sem wait $1; mkdir inside || echo two; rmdir inside; echo $i; sem post $1
            done &
        done
        until [ "$(sem value $1)" = '0, 8 waiting' ]; do :; done
        sem post $1; wait; sem value $1; sem unlink $1
        """, key if kind == 'key' else name, 5 * LENGTH)
    assert sorted(shown.split()) == sorted(['1', *'12345678' * (5 * LENGTH)])


def test_a_posix_queue(shell: Callable[..., str], name: str) -> None:
    assert shell("""
        mq create $1; mq create -x $1 2>/dev/null; echo $?
        mq send $1 3 low; mq send $1 9 high; mq recv $1; mq recv $1; mq recv -n $1; echo $?
        mq recv -w 0.05 $1; echo $?; mq stat $1 | sed s/$1/N/; mq recv $1 5 2>/dev/null; echo $?
        mq rm $1; mq rm $1 2>/dev/null; echo $?
        """, name) == ('2\n9 high\n3 low\n1\n1\n'
                       'N: 0 messages, at most 10 of 8192 bytes, mode 600\n2\n2\n')


def test_limits_of_posix_objects_are_errors_with_names(
    shell: Callable[..., str], name: str,
) -> None:
    """posix_ipc has words for some errors, and no number."""
    out = shell('exec 2>&1; (ulimit -q 0; mq create $1; echo $?)', name)
    assert out.endswith('(EMFILE)\n2\n')
    for line in 'sem create $1 1', 'shm create $1 1', 'mq create $1':
        out = shell(f'exec 2>&1; sem value $1; shm stat $1; mq stat $1; ulimit -n 3; {line}; '
                    'echo $?', name)
        assert out.endswith('(EMFILE)\n2\n')


@pytest.mark.parametrize('kind', ['key', 'name'])
def test_shared_memory(
    shell: Callable[..., str], key: int, name: str, kind: str,
) -> None:
    assert shell("""
        exec 2>errors
        shm create $1 100; shm write $1 'je suis le programme p1'; shm read $1
        shm read -o 8 -n 2 $1; shm write -o 8 $1 'LE'; shm read -v x $1; echo "$x"
        shm write -o 90 $1 0123456789a; echo $?
        shm write -o 90 $1 0123456789; shm read -o 95 $1
        shm attach -r $1; shm read -o 8 $1; shm write $1 x; echo $?; shm attach $1; echo $?
        shm detach $1; shm detach $1; echo $?; shm create -x $1 100; echo $?
        shm rm $1; shm read $1; echo $?; sed "s/.*shm: //; s/$1/N/" errors
        """, key if kind == 'key' else name) == """\
je suis le programme p1
le
je suis LE
2
56789
LE
2
2
2
2
2
11 bytes at 90: the segment has 100 bytes
N: attached for reading only
N: attached already
N: Invalid argument (EINVAL)
N: File exists (EEXIST)
N: No such segment (ENOENT)
"""


def test_a_segment_that_somebody_has_cut_is_an_error(
    shell: Callable[..., str], name: str,
) -> None:
    """To touch a page that is no more would end the shell by SIGBUS."""
    assert shell("""
        exec 2>errors; shm create $1 9000; shm attach $1; shm write -o 5000 $1 abc
        shm read -o 5000 $1; : >/dev/shm/$1
        shm read -o 5000 $1; echo $?; shm write -o 5000 $1 x; echo $?; shm read $1; echo $?
        shm detach $1; shm rm $1; grep -c 'shm: .*(EFAULT)' errors
        """, name) == 'abc\n2\n2\n2\n3\n'


def test_files_that_are_no_semaphores_and_segments(
    shell: Callable[..., str], name: str,
) -> None:
    """What anybody may put where the C library keeps them: no SIGBUS, and nothing waits."""
    assert shell("""
        exec 2>errors; s=/dev/shm/sem.$1 m=/dev/shm/$1
        : >$s; for op in value wait post create; do sem $op $1; echo $?; done; rm $s
        mkfifo $s $m; for op in value wait post create; do sem $op $1; echo $?; done
        shm stat $1; echo $?; shm read $1; echo $?; shm write $1 x; echo $?; rm $s $m
        mkdir $m; shm read $1; echo $?; rmdir $m; grep -c '(EINVAL)' errors
        """, name).split() == ['2'] * 12 + ['12']


def test_a_segment_goes_with_the_last_who_detaches_it(
    shell: Callable[..., str], key: int,
) -> None:
    assert shell("""
        shm create $1 1000; shm attach $1; shm write $1 abc; shm rm $1
        shm stat -v x $1; echo "${x#*: }" | sed 's/creator [0-9]*/creator N/'; shm read $1
        x=${x%%:*}; ipc -m | grep -c "${x##* } .*dest"; shm detach $1
        shm stat $1 2>/dev/null; echo $?
        """, key) == ('1000 bytes, 1 attached, creator N, mode 600, dest\nabc\n1\n2\n')


def test_a_mebibyte_checked_byte_by_byte(
    minishell: list[str], run: Run, key: int,
) -> None:
    """Written by the shell, read by Python; and the other way round; and by two shells."""
    import sysv_ipc
    size = 1 << 20
    text = ''.join(chr(33 + i * 7 % 90) for i in range(size - 1))
    script = 'shm create $1 $2; IFS= read -r x; shm write $1 "$x"; shm read $1'
    done = run([*minishell, '-c', script, 'sh', str(key), str(size)], text + '\n')
    assert done.stdout == text + '\n', done.stderr
    memory = sysv_ipc.SharedMemory(key)
    try:
        assert memory.read(size) == text.encode() + b'\0'
        memory.write(text[::-1].encode())
        done = run([*minishell, '-c', 'shm read $1; shm read -o 1048570 $1', 'sh', str(key)])
        assert done.stdout == text[::-1] + '\n' + text[4::-1] + '\n'
        # Two write and read at the same places; behind a text there is a NUL, as in C.
        script = 'shm attach $1; for ((i = 0; i < $2; i += 997)); do shm write -o $i $1 +; ' \
            'shm read -o $i -n 1 -v x $1; [ "$x" = + ] || echo "$i $x"; done'
        both = [subprocess.Popen([*minishell, '-c', script, 'sh', str(key), str(size - 1)],
                                 stdout=subprocess.PIPE, text=True) for _ in range(2)]
        assert [one.communicate(timeout=TIMEOUT)[0] for one in both] == ['', '']
        expected = bytearray(text[::-1].encode() + b'\0')
        for offset in range(0, size - 1, 997):
            expected[offset:offset + 2] = b'+\0'
        assert memory.read(size) == bytes(expected)
    finally:
        memory.detach()
        memory.remove()


@pytest.mark.parametrize('rounds', [
    'mq create $1; mq send $1 1 x; mq recv -v x $1; mq rm $1',
    'sem create $1 1; sem wait $1; sem unlink $1',
    'shm create $1 100; shm write $1 x; shm rm $1',
    'sem create $2 1; sem wait $2; sem unlink $2',
    'mq create $2; mq send $2 1 x; mq recv -v x $2; mq rm $2',
    'shm create $2 100; shm attach $2; shm detach $2; shm rm $2',
])
def test_many_rounds_leave_nothing(
    shell: Callable[..., str], rounds: str, key: int, name: str,
) -> None:
    assert shell(f"""
        for ((i = 0; i < {20 * LENGTH}; i++)); do
            {rounds}; [ $i != 0 ] || before=(/proc/$$/fd/*)
        done
        after=(/proc/$$/fd/*); [ "${{before[*]}}" = "${{after[*]}}" ] || ls -l /proc/$$/fd
        ls "$XDG_RUNTIME_DIR" | grep minishell
        ipc | grep -e " $1 " -e " $2 "; ls /dev/shm | grep "\\b$2\\b"; echo end
        """, key, name) == 'end\n'


def test_two_shells_exchange_messages(
    minishell: list[str], environment: Mapping[str, str], key: int,
) -> None:
    """Both ways at once through one queue; each sees all of the other's, in their order."""
    count = 2000 * LENGTH
    script = """
        n=0 wrong=0
        for ((i = 1; i <= $2; i++)); do
            mq send $1 $3 $i; mq recv -v x $1 $4; [ "$x" = "$4 $i" ] || wrong=$((wrong + 1))
            n=$((n + 1))
        done; echo $n $wrong"""
    subprocess.run([*minishell, '-c', 'mq create $1', 'sh', str(key)], check=True,
                   env=environment)
    both = [subprocess.Popen(
        [*minishell, '-c', script, 'sh', str(key), str(count), *types], env=environment,
        stdout=subprocess.PIPE, text=True) for types in (('1', '2'), ('2', '1'))]
    limit = TIMEOUT * (1 + LENGTH // 5)
    assert [one.communicate(timeout=limit)[0] for one in both] == [f'{count} 0\n'] * 2
    done = subprocess.run([*minishell, '-c', 'mq recv -n $1; echo $?; mq rm $1', 'sh',
                           str(key)], check=True, capture_output=True, text=True,
                          env=environment)
    assert done.stdout == '1\n'


def test_what_a_killed_shell_has_left_is_removed(
    minishell: list[str], shell: Callable[..., str], environment: Mapping[str, str], key: int,
    name: str,
) -> None:
    script = 'for x in $1 $2; do mq create $x; sem create $x; shm create $x 10; done; ' \
        'echo done; read x'
    for _ in range(LENGTH):
        with subprocess.Popen([*minishell, '-c', script, 'sh', str(key), name],
                              env=environment, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as one:
            assert one.stdout is not None
            assert one.stdout.readline() == b'done\n'
            assert shell('ipc clean; mq stat $1 >stat; echo $?', key) == '0\n'
            one.send_signal(signal.SIGKILL)
        assert shell('ipc clean; ipc | grep -e " $1 " -e " $2 "; ls /dev/shm | '
                     'grep "\\b$2\\b"; for x in $1 $2; do mq stat $x; sem value $x; '
                     'shm stat $x; done 2>&1 | grep -c ENOENT', key, name) == '6\n'


def test_many_shells_are_killed_and_one_cleans(
    minishell: list[str], shell: Callable[..., str], environment: Mapping[str, str], key: int,
    name: str,
) -> None:
    """Each has made objects of its own, of all kinds."""
    script = 'for x in $1 $2; do mq create $x; sem create $x; shm create $x 10; done; ' \
        'echo done; kill -9 $$'
    count = 4 * min(LENGTH, 8)          # System V has 128 segments and sets at least
    try:
        for index in range(count):
            done = subprocess.run(
                [*minishell, '-c', script, 'sh', str(key + (index << 24)), f'{name}-{index}'],
                env=environment, stdout=subprocess.PIPE, text=True, check=False)
            assert (done.stdout, done.returncode) == ('done\n', -signal.SIGKILL)
        assert shell('ipc | grep -c -e "$1"', f' {name}-') == f'{count * 2}\n'
        assert shell('ipc clean; echo $?; ipc | grep -e " $1-"; ls /dev/shm | grep "$1-"; '
                     'for ((i = 0; i < $3; i++)); do mq stat $(($2 + (i << 24))); done 2>&1 | '
                     'grep -c ENOENT', name, key, count) == f'0\n{count}\n'
    finally:
        shell('ipc clean')
