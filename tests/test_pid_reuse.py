"""Process IDs that are given again, and the shell as process 1: in a pid namespace of its own,
where the kernel can be told which number comes next.
"""
from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

CHOOSE = 'echo 100 >/proc/sys/kernel/ns_last_pid'
# `next N`: the next process gets the pid N; `gone PID`: wait until the shell has reaped it.
PREFIX = """
next() { echo $(($1 - 1)) >/proc/sys/kernel/ns_last_pid; }
gone() { while kill -0 $1 2>/dev/null; do :; done; }
"""


@pytest.fixture(scope='session')
def namespace() -> list[str]:
    """The words that run a program as process 1 of a pid namespace, where root may choose
    pids."""
    words = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']
    if shutil.which('unshare') is None:
        pytest.skip('there is no unshare')
    for way in (words, [*words, '--user', '--map-root-user']):
        if subprocess.run([*way, 'sh', '-c', CHOOSE], capture_output=True,
                          check=False).returncode == 0:
            return way
    pytest.skip('no pid namespace to be had, or not as root of it')


@pytest.fixture
def script(namespace: list[str], run: Run, minishell: list[str]) -> Callable[..., str]:
    """Run a script, not as process 1; gives its output, errors too."""
    def start(text: str, *options: str) -> str:
        result = run([*namespace, 'sh', '-c', '"$@" 2>&1; exit $?', 'sh', *minishell,
                      *options, '-c', PREFIX + text], timeout=30)
        assert result.stderr == ''
        return result.stdout
    return start


# -- reuse ----------------------------------------------------------------------------------


@pytest.mark.parametrize('again', [
    'exec 9< <(echo $BASHPID >out); read x <&9',     # a child that is in no job
    'sh -c "echo \\$\\$" >out', '(sh -c :; echo $BASHPID) >out', 'x=$(sh -c "echo \\$\\$")',
    'sh -c "echo \\$\\$" >out & gone $!', 'sh -c "echo \\$\\$" | cat >out',
])
def test_the_pid_of_an_ended_job_is_another_childs(
    again: str, script: Callable[..., str],
) -> None:
    """The job's status stays its own, and looking for news comes to an end."""
    assert script(f"""
        (exit 3) & p=$!
        gone $p
        next $p; {again}
        [ -e out ] || {{ echo ${{x-$p}} >out; }}
        read seen <out; [ "$seen" = $p ] || echo "not given again: $p, $seen"
        sleep 0 & wait $!
        wait $p; echo $?
    """) == ('0\n' if again.endswith('gone $!') else '3\n')     # $p is the new job's now


def test_kill_does_not_signal_the_group_of_an_ended_job(script: Callable[..., str]) -> None:
    out = script("""
        true & p=$!
        gone $p
        next $p; sleep 100 & [ $! = $p ] || echo "not given again: $!"
        kill %1; echo $?
        kill -0 $p; echo $?
        kill %2; wait %2; echo $?
    """, '-o', 'posix', '-m')
    assert out.splitlines()[1:] == ['1', '0', '143']
    assert out.splitlines()[0].endswith('- No such process')


def test_a_job_ended_long_ago_is_refused_too(script: Callable[..., str]) -> None:
    for options in ((), ('-m',)):
        out = script('true & gone $!; kill %1; echo $?; kill -0 %1; echo $?', *options)
        assert [line for line in out.splitlines() if 'such' not in line] == ['1', '1'], out


def test_a_group_lives_on_without_its_leader(script: Callable[..., str]) -> None:
    assert script("""
        set -o posix
        mkfifo f
        true | sleep 100 & p=$!
        while read -r line </proc/$p/stat && set -- $line && g=$5 && [ -e /proc/$g ]; do
            jobs >/dev/null
        done
        kill %1; echo $?
        wait $p; echo $?
    """, '-m') == '0\n143\n'


def test_the_pid_of_a_job_waited_for_is_given_to_a_new_one(script: Callable[..., str]) -> None:
    assert script("""
        (exit 3) & p=$!
        wait $p; echo $?
        next $p; (exit 4) & [ $! = $p ] || echo "not given again: $!"
        (exit 5) &
        wait $p; echo $?
        wait $p 2>/dev/null; echo $?
        wait $!; echo $?
    """) == '3\n4\n127\n5\n'


def test_disown_and_a_reused_pid(script: Callable[..., str]) -> None:
    """What is reaped on behalf of a disowned job is not taken from a new one."""
    assert script("""
        true & p=$!
        disown %1
        gone $p
        next $p; (exit 6) & [ $! = $p ] || echo "not given again: $!"
        wait $p; echo $?
    """) == '6\n'


# -- process 1 --------------------------------------------------------------------------------

# Leaves an orphan, which ends at once; then waits until the children of process 1 are these.
ORPHAN = """
sh -c 'sh -c "exit 7" & exit 0'
while read -r children </proc/1/task/1/children; [ "$children" != "$$" ]; do :; done
echo done
"""


@pytest.mark.parametrize('line', [
    'sh orphan', 'true | sh orphan', '(sh orphan; :)',
    'sh orphan & wait', 'sh orphan & wait $!', 'sh orphan & wait -n',
    'mkfifo f; sh orphan >f & read x <f; echo $x; wait',
    'set -m; sh orphan', 'set -m; sh orphan & wait', 'set -m; true | sh orphan',
])
def test_process_1_reaps_orphans(
    line: str, namespace: list[str], run: Run, minishell: list[str],
) -> None:
    # The subshell is one more child in between, but only it is process 1's.
    text = f'cat >orphan <<"E"\n{ORPHAN}E\n{line}\n:\n'
    if line.startswith('('):
        text = text.replace('"$$"', '"$PPID"')
    result = run([*namespace, *minishell, '-c', text], timeout=60)
    assert [row for row in result.stdout.splitlines() if row] == ['done'], result


def test_process_1_keeps_the_statuses_of_its_own(
    namespace: list[str], run: Run, minishell: list[str],
) -> None:
    result = run([*namespace, *minishell, '-c', """
        echo "$$"
        (exit 4) & p=$!; (exit 5) & q=$!
        sh -c 'sh -c "exit 7" & exit 3'; echo $?
        (exit 1) | sh -c 'sh -c : & sleep 0.1; exit 2' | (exit 3); echo "${PIPESTATUS[@]}"
        (sleep 0.2; exit 8) | (exit 9); echo "${PIPESTATUS[@]}"
        wait $q; echo $?; wait $p; echo $?
        echo $(sh -c 'sh -c : & exit 6'; echo $?)
    """.replace('${PIPESTATUS[@]}', '$PIPESTATUS')], timeout=60)
    assert result.stdout == '1\n3\n1\n8\n5\n4\n6\n', result
    assert result.stderr == ''


def test_a_subshell_of_process_1_is_no_process_1(
    namespace: list[str], run: Run, minishell: list[str],
) -> None:
    result = run([*namespace, *minishell, '-c', '(sh -c "exit 3"; echo $?; true | false); :'])
    assert result.stdout == '3\n'


def test_orphans_are_reaped_by_a_shell_that_was_another_program(
    run: Run, minishell: list[str],
) -> None:
    """`exec`: it has a child that it did not start."""
    result = run(['sh', '-c', 'sleep 0 & exec "$@"', 'sh', *minishell, '-c', """
        : & wait
        while read -r children </proc/$$/task/$$/children; [ "$children" ]; do
            : & wait
        done"""])
    assert (result.stdout, result.stderr) == ('', ''), sys.version
