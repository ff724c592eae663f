"""Memory: little more than Python's own, and no more after long than after a while.

MINISHELL_MEMORY=N multiplies the lengths: 10 gives a million turns, 100,000 commands and
10,000 jobs (minutes).
"""
from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

TIMES = max(1, int(os.environ.get('MINISHELL_MEMORY', '1')))
PEAK = """peak() { while read -r name value; do case $name in VmHWM:) echo ${value% kB};; esac
done </proc/$$/status; }
"""
KILOBYTES = 1500        # that a heap may grow by; a leak of 16 bytes a turn is more


def test_start(run: Run, minishell: list[str]) -> None:
    status = '[print(line[6:]) for line in open("/proc/self/status") if line[:5] == "VmHWM"]'
    run([*minishell, '-c', ':'])        # a first start compiles the modules
    bare = run([sys.executable, '-I', '-S', '-c', status])
    ours = run([*minishell, '-c', PEAK + 'peak'])
    assert int(ours.stdout) <= 1.5 * int(bare.stdout.split()[0])


@pytest.mark.parametrize(('turns', 'body'), [
    (100_000, 'x=$x$i; [ ${#x} -gt 50 ] && x=; case $x in *9) y=$((i * 2));; esac'),
    (30_000, 'f $i "$x"; eval "x=$i"; set -- $i a b; shift'),
    (20_000, 'x=$(echo $i); (y=$x; false) || z="${x#1}"; read -r w <f'),
    (10_000, 'echo $i >/dev/null; for w in a b c; do IFS=$w; done; trap : USR1; unset w'),
    (500, '/bin/true; true | cat; x=$(/bin/echo $i)'),
    (500, '/bin/true & [ $((i % 50)) = 0 ] && wait'),
    (500, ': & wait $!'),
])
def test_flat(turns: int, body: str, run: Run, minishell: list[str]) -> None:
    """All the turns need no more than the first fifth of them."""
    script = PEAK + f"""echo text >f; f() {{ local a=$1; r=$a; }}
    go() {{ n=$1; while [ $i -lt $n ]; do i=$((i + 1)); {body}; done; }}
    i=0; go {turns * TIMES // 5}; wait; unset IFS; peak; go {turns * TIMES}; unset IFS; peak
    """
    ended = run([*minishell, '-c', script], timeout=60 + 600 * TIMES)
    assert ended.stderr == ''
    first, last = map(int, ended.stdout.split())
    assert last <= first + KILOBYTES
