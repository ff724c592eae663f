"""Races: many jobs while signals rain; waits interrupted by traps; the end of the shell.

MINISHELL_STRESS=5000 runs the stress at full length (the default fits 2 slow cores).
"""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

JOBS = int(os.environ.get('MINISHELL_STRESS', '600'))
LIMIT = 60 + JOBS // 10

# Sends each signal in turn, at up to 1 kHz in all, until the shell has gone: the pause
# belongs to the rain, nothing waits for it.  Says when each has been sent.
RAIN = """
import os, signal, sys, time
shell = int(sys.argv[1])
numbers = [getattr(signal, 'SIG' + name) for name in sys.argv[2:]]
try:
    while True:
        for number in numbers:
            os.kill(shell, number)
            time.sleep(0.001)
        if sys.stdout:
            print('all', flush=True)
            sys.stdout = None
except ProcessLookupError:
    pass
"""
ORDERS = {
    'forward': 'order=$(seq 1 $jobs)',
    'backward': 'order=$(seq $jobs -1 1)',
    'shuffled': 'order=$(seq 1 $jobs |'
                'awk "{ print \\$1 * 7919 % $jobs, \\$1 }" | sort -n | cut -d" " -f2)',
}
STRESS = r"""
u=0 v=0 c=0 a=0 w=0
trap 'u=$((u+1))' USR1; trap 'v=$((v+1))' USR2; trap 'c=$((c+1))' CHLD
trap 'a=$((a+1))' ALRM; trap 'w=$((w+1))' WINCH
echo raining; read started
i=0
while [ $i -lt $jobs ]; do
    i=$((i+1))
    (exit $((i % 251))) &
    eval "pid$i=$!"
done
"""
WAIT = r"""
lost=0
for i in $order; do
    eval "pid=\$pid$i"
    while :; do
        wait $pid; status=$?
        # A trap ends wait with 128+n; the job's status is still to come.  As statuses go up
        # to 250, only a second look tells: the status is given once.
        case $status in 138|140|142|145|156)
            kill -0 $pid 2>/dev/null && continue
            [ $((i % 251)) = $status ] && break
            continue;;
        esac
        break
    done
    [ $status = $((i % 251)) ] || { lost=$((lost+1)); echo "job $i: $status" >&2; }
done
trap '' USR1 USR2 CHLD ALRM WINCH
echo lost $lost
echo left $(ps -o stat= --ppid $$ | grep -c Z)
ls /proc/$$/fd >descriptors     # no pipe of its own: only what stays open counts
echo descriptors $(wc -l <descriptors)
echo traps $((u > 0)) $((v > 0)) $((c > 0)) $((a > 0)) $((w > 0))
"""


@pytest.mark.parametrize('order', list(ORDERS))
def test_no_job_is_lost_while_signals_rain(
    order: str, minishell: list[str], environment: dict[str, str], tmp_path: Path,
) -> None:
    script = tmp_path / 'script'
    script.write_text(f'jobs={JOBS}\n{ORDERS[order]}\n{STRESS}{WAIT}')
    with subprocess.Popen([*minishell, str(script)], env=environment, text=True, cwd=tmp_path,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as shell:
        assert shell.stdin is not None and shell.stdout is not None
        assert shell.stdout.readline() == 'raining\n'
        with subprocess.Popen([sys.executable, '-c', RAIN, str(shell.pid), 'USR1', 'USR2',
                               'CHLD', 'ALRM', 'WINCH'], stdout=subprocess.PIPE,
                              text=True) as rain:
            try:
                assert rain.stdout is not None and rain.stdout.readline() == 'all\n'
                out, err = shell.communicate('\n', timeout=LIMIT)
            finally:
                rain.kill()
                shell.kill()
    assert err == ''
    found = dict(line.split(' ', 1) for line in out.splitlines())
    assert found['lost'] == '0'
    assert found['left'] == '0'
    assert int(found['descriptors']) <= 8   # 0-2, script, wakeup, "descriptors"
    assert found['traps'] == '1 1 1 1 1'
    assert shell.returncode == 0


def test_wait_is_interrupted_by_a_trap_every_time(
    minishell: list[str], environment: dict[str, str], tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """Each time: above 128, the trap has run, the job is still there."""
    script = tmp_path / 'script'
    script.write_text(
        "n=0; trap 'n=$((n+1))' USR1; trap 'kill $job; exit' TERM\nsleep 1000 & job=$!\n"
        'while :; do wait $job; echo $? $n; done\n')
    times = []
    with subprocess.Popen([*minishell, str(script)], env=environment, text=True,
                          stdout=subprocess.PIPE) as shell:
        assert shell.stdout is not None
        while Path(f'/proc/{shell.pid}/task/{shell.pid}/children').read_text() == '':
            pass                        # the trap is set: the job has been started
        for n in range(1, 1001):
            while 'S' not in Path(f'/proc/{shell.pid}/stat').read_text().rpartition(')')[2]:
                pass                    # it sleeps nowhere but in wait
            before = time.monotonic()
            os.kill(shell.pid, signal.SIGUSR1)
            assert shell.stdout.readline() == f'138 {n}\n'
            times.append(time.monotonic() - before)
        shell.terminate()
        assert shell.wait(30) == 0
    record_property('slowest wait, ms', round(max(times) * 1000, 1))


@pytest.mark.parametrize('operand', ['', '$!', '%%', '-n', '-n $!'])
def test_a_signal_at_any_moment_of_wait(operand: str, run: Run,
                                        minishell: list[str]) -> None:
    """The signal and the death come before, while or after wait looks; none is lost."""
    script = (f'n=0; trap "n=\\$((n+1))" USR1; i=0; while [ $i -lt 200 ]; do\n'
              f'sh -c "kill -USR1 $$; exit 7" & wait {operand}; s=$?\n'
              'case $s in 0|7) ;; 138) wait $! || [ $? = 7 ] || echo lost;; *) echo $s;; esac\n'
              'i=$((i+1)); done; echo $i $n')
    ended = run([*minishell, '-c', script])
    assert ended.stdout == '200 200\n'
    assert ended.stderr == ''


def test_real_time_signals(run: Run, minishell: list[str]) -> None:
    script = ('trap "echo got it" RTMIN+1; kill -RTMIN+1 $$; kill -s SIGRTMIN+1 $$; '
              'kill -l 35; kill -l RTMIN+1; trap - RTMIN+1; trap; '
              "sh -c 'kill -35 $$'; echo $?; kill -l 163")
    ended = run([*minishell, '-c', script])
    assert ended.stdout == 'got it\ngot it\nRTMIN+1\n35\n163\nRTMIN+1\n'


def test_kill_l_names_every_signal(run: Run, minishell: list[str]) -> None:
    names = run([*minishell, '-c', 'kill -l']).stdout.split()
    assert {item.name.removeprefix('SIG') for item in signal.Signals
            if item not in (signal.SIGRTMIN, signal.SIGRTMAX)} <= set(names)
    script = 'for n in ' + ' '.join(names) + '; do kill -l $(kill -l $n); done'
    assert run([*minishell, '-c', script]).stdout.split() == names


# -- EXIT on every way out -------------------------------------------------------------


@pytest.mark.parametrize(('text', 'out', 'status'), [
    ('exit 3', 'bye 3\n', 3), ('', 'bye 0\n', 0), ('false', 'bye 1\n', 1),
    ('f() { exit 4; }; f', 'bye 4\n', 4), ('eval exit 5', 'bye 5\n', 5),
    (': ${x?no}', 'bye 1\n', 1), ('readonly r; r=1', 'bye 1\n', 1),
    ('set -u; echo $nothing', 'bye 1\n', 1), ('set -e; false; echo no', 'bye 1\n', 1),
    ('. /nonexistent/file', 'bye 1\n', 1), ('if', 'bye 2\n', 2),
    ("trap 'exit 6' USR1; kill -USR1 $$", 'bye 6\n', 6),
    ('kill -HUP $$', 'bye 0\n', -1), ('kill -INT $$', 'bye 130\n', -2),
    ('kill -TERM $$', 'bye 0\n', -15), ('kill -USR1 $$; echo no', 'bye 0\n', -10),
    ("sh -c 'exec >&0 2>&0; kill -TERM $PPID; sleep 90'", 'bye 0\n', -15),
    ("x=$(exec 2>&0; sh -c 'kill -ALRM '$$'; sleep 90')", 'bye 0\n', -14),
    ("{ sh -c 'kill -TERM '$$; sleep 90; } >/dev/null 2>&1", 'bye 0\n', -15),
    ('kill -TERM $$ & wait; sleep 90 >&0 2>&0', 'bye 0\n', -15),
    ('kill -KILL $$', '', -9), ('exec true', '', 0),
    ('trap - EXIT; exit 7', '', 7), ("trap 'exit 8' EXIT; exit 1", '', 8),
    ('(exit 9)', 'bye 9\n', 9), ("(trap 'echo sub $?' EXIT; exit 2)", 'sub 2\nbye 2\n', 2),
    ("(trap 'echo sub' EXIT; sh -c 'kill $PPID'; echo no)", 'sub\nbye 143\n', 143),
])
def test_the_exit_trap_runs_on_every_way_out(
    text: str, out: str, status: int, run: Run, minishell: list[str],
) -> None:
    # No program is waited for: `sleep 90` is longer than the run may take.
    ended = run([*minishell, '-c', f"exec </dev/null; trap 'echo bye $?' EXIT\n{text}"])
    assert (ended.stdout, ended.returncode) == (out, status)


@pytest.mark.parametrize(('text', 'out'), [
    ('trap false USR1; true; kill -USR1 $$; echo $?', '0\n'),
    ("trap 'echo $?; false' USR1; (exit 5); kill -USR1 $$; echo $?", '0\n0\n'),
    ("f() { trap 'return 7' USR1; kill -USR1 $$; echo no; }; f; echo $?", '7\n'),
    ("trap 'kill -USR2 $$; echo one' USR1; trap 'echo two' USR2; kill -USR1 $$; echo end",
     'two\none\nend\n'),
    ("trap 'trap \"echo second\" USR1; echo first' USR1; kill -USR1 $$; kill -USR1 $$",
     'first\nsecond\n'),
    ("trap 'exit' USR1; (exit 5); f() { (exit 4); kill -USR1 $$; }; f; echo no", ''),
    ("trap 'echo a' USR1; (kill -USR1 $$; exit 3); echo $?", 'a\n3\n'),
    ("trap 'break' USR1; while :; do kill -USR1 $$; done; echo out", 'out\n'),
    ("mkfifo f; trap 'echo x' CHLD; : <f & trap - CHLD; : >f; wait $!; echo $?", '0\n'),
    ("sleep 0.01 & trap '' CHLD; wait $!; echo $?", '0\n'),
])
def test_status_nesting_and_leaving_in_traps(
    text: str, out: str, run: Run, minishell: list[str],
) -> None:
    assert run([*minishell, '-c', text]).stdout == out
    if 'CHLD' not in text:
        assert run(['bash', '-c', text]).stdout == out


@pytest.mark.parametrize('body', ['(sleep 100; true)', '{ sleep 100; true; }',
                                  'while :; do sleep 100; done', 'sleep 100'])
def test_a_child_just_forked_gets_its_signal(
    body: str, run: Run, minishell: list[str],
) -> None:
    """Neither taken by the parent's trap nor lost before the child has put its own
    dispositions in order."""
    script = (f"trap 'echo parent' TERM; trap '' HUP; i=0; while [ $i -lt 60 ]; do\n"
              f'{body} >&- 2>&- &\n'       # whose own child lives on: it holds no pipe
              'kill -TERM $!; wait $!; [ $? = 143 ] || echo $?; i=$((i+1)); done')
    assert run([*minishell, '-c', script]).stdout == ''
