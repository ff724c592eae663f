"""Subshell environments (XCU 2.13): how many processes they take, and signals in them."""
from __future__ import annotations

import re
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def started(run: Run, minishell: list[str], tmp_path: Path) -> Callable[[str], int]:
    """How many processes a script starts."""
    if not shutil.which('strace') \
            or run(['strace', '-o', '/dev/null', 'true']).returncode:
        pytest.skip('strace is not there or may not trace')

    def count(text: str) -> int:
        log = tmp_path / 'log'
        run(['strace', '-f', '-e', 'trace=fork,vfork,clone,clone3', '-o', str(log),
             *minishell, '-c', text + '\n:'])
        return len(re.findall(r'(?:fork|clone3?)(?:\(.*| resumed>.*) = [1-9]\d*$',
                              log.read_text(), re.MULTILINE))
    return count


@pytest.mark.parametrize(('text', 'processes'), [
    (':', 0), ('/bin/true', 1), ('x=$(echo a)', 0), ('x=$(date)', 1), ('x=`date`', 1),
    ('(x=1; test $x)', 0), ('(date)', 1), ('date | cat | cat', 3), ('echo a | cat', 1),
    ('x=$(echo a | cat)', 1), ('x=$(date | cat)', 2), ('echo a | { read x; }', 1),
    ('(:) | cat', 2),
    ('f() { local y=$1; echo $y; }; x=$(f $(f a))', 0),
    ('f() { date; }; x=$(f)', 2), ('f() { eval "$1"; }; x=$(f :)', 1),
    ('for i in 1 2 3; do x=$(printf %s $i); done', 0), ('x=$(command -v sh)', 0),
    ('x=$( (echo a) )', 0), ('(echo a)', 1), ('set -m; x=$( (echo a) )', 0), ('set -m; (:)', 1),
    ('x=$(for i in a b; do echo $i; done; (exit 3))', 0), ('x=$(cd / && pwd)', 1),
    ('x=$(trap - INT)', 1), ('x=$(echo a >&2)', 1), ('x=$(exec true)', 1),
    ('echo () { :; }; x=$(echo)', 0), ('date &', 1), ('x=$(: & wait)', 2),
])
def test_processes_started(text: str, processes: int, started: Callable[[str], int]) -> None:
    assert started(text) == processes


def test_the_switch_for_the_comparison_makes_processes(
    started: Callable[[str], int], environment: dict[str, str],
) -> None:
    environment['MINISHELL_FORK'] = '1'
    assert started('x=$(echo a); (:)') == 2


# What the copy did is not to be seen behind it; `state` prints all there is to see.
STATE = r"""
state() { set; export -p; alias; trap; umask; pwd; echo "$# $* $- $?" "$(set +o)"; }
a=1 b=2; export b; readonly c=3; set -- p q; f() { echo f; }; IFS=' 	'; OPTIND=1
before=$(state)
"""


@pytest.mark.parametrize('body', [
    'a=2; unset b; export a; readonly a d=4', 'set -- x y z; shift; OPTIND=2', 'unset -f f',
    'IFS=:; echo $a; unset IFS', 'PATH=/nowhere; LC_ALL=C', 'getopts ab o -a -b; exit 3',
    'f=1; f; : ${e:=5} $((g = 6))', 'for i in 1 2; do a=$i; done', 'c=4', ': ${nope?}',
    'local z; echo', 'return 4', 'break; continue', 'exit',
])
@pytest.mark.parametrize(
    'frame', ['x=$({})', '({}) >o', 'f2() {{ local l=1 b; ({}); }}; f2 >o'])
def test_nothing_of_the_copy_is_left(body: str, frame: str, run: Run, minishell: list[str],
                                     ) -> None:
    text = (f'{STATE}\n{frame.format(body)}\nunset x; unset -f f2; PPID=$PPID\n'
            'rm -f o; after=$(unset before; state | grep -v "^_=")\n'
            'before=$(echo "$before" | grep -v "^_="); '
            '[ "$before" = "$after" ] || { echo "$before" >b; echo "$after" | diff b -; }')
    ended = run([*minishell, '-c', text.replace('PPID=$PPID\n', '')])
    assert ended.stdout == ''


@pytest.mark.parametrize(('text', 'out', 'status'), [
    # A trap runs behind the substitution, not in it.
    ("trap 'echo trap $x' USR1; x=1; send; f() { k; x=2; echo in; }; y=$(f); echo $y",
     'trap 1\nin\n', 0),
    ("trap 'echo bye' EXIT; send; f() { k; while :; do :; done; }; y=$(f); echo no",
     'bye\n', -10),
    ('send; f() { k; while :; do :; done; }; (f); echo no', '', -10),
])
def test_signals_in_a_copy(text: str, out: str, status: int, run: Run, minishell: list[str],
                           tmp_path: Path) -> None:
    """`k` waits until another process has sent SIGUSR1, with nothing but what runs here."""
    text = text.replace('k;', f'while [ ! -e {tmp_path}/sent ]; do :; done;')
    text = f'send() {{ {{ kill -USR1 $$; : >{tmp_path}/sent; }} & }}; {text}'
    ended = run([*minishell, '-c', text])
    assert (ended.stdout, ended.returncode) == (out, status)


@pytest.mark.parametrize('trap', ['', "trap 'echo trap' INT; "])
def test_sigint_ends_a_loop_in_a_copy(trap: str, minishell: list[str],
                                      environment: dict[str, str]) -> None:
    text = trap + 'x=$(getopts a o -z; while :; do :; done); echo $?'
    with subprocess.Popen([*minishell, '-c', text], env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as shell:
        assert shell.stderr is not None and shell.stdout is not None
        assert 'z' in shell.stderr.readline()       # getopts' message: it is in the copy
        shell.send_signal(signal.SIGINT)
        assert shell.stdout.read() == ('trap\n130\n' if trap else '')
        assert shell.wait(60) == (0 if trap else -signal.SIGINT)
