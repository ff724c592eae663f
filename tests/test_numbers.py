"""Whatever stands where a number is wanted: a message and a status, nothing of Python's."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

NUMBERS = [
    '²', '٣', '1٣', '９', '-1', '+1', '-', '+', '', ' 1', '1 ', '1e9', '0x10', '1.5', '1_0',
    '2147483647', '2147483648', '4294967296', '9223372036854775807', '9223372036854775808',
    '-9223372036854775808', '-9223372036854775809', '18446744073709551616',
    '0' * 5000 + '1', '9' * 5000, '-' + '9' * 5000,
]
WHERE = [
    'wait "$n"', 'wait -n "$n"', 'kill -0 "$n"', 'kill -s "$n" 0x', 'kill -"$n" 0x',
    'kill -l "$n"', 'shift "$n"', '(exit "$n")', '(return "$n")', 'f() { return "$n"; }; f',
    'for i in 1; do break "$n"; done', 'for i in 1 2; do continue "$n"; done',
    'trap - "$n"', 'trap "" "$n"', 'trap "$n"', 'trap -p "$n"',
    'OPTIND=$n; getopts ab x -a -b', 'a=abc; echo "${a:$n}" "${a:$n:$n}" "${@:$n}"',
    'echo x >&"$n"', 'read x <&"$n"', 'eval "exec $n>f"', 'eval "{fd}>&$n"',
    'fd=$n; exec {fd}>&-',
    'echo "$((n))"', 'echo "$(($n))"', 'echo "$((1 << n))" "$((2 ** n))"', '((n++)); echo "$n"',
    'umask "$n"', 'ulimit -c "$n"', 'ulimit -n "$n"', 'printf "%d %s\n" "$n" "$n"',
    'printf "%*d\n" "$n" 1', 'printf "%.*s\n" "$n" abc', 'printf "%${n}d\n" 1',
    'printf "%.${n}s\n" 1', 'printf "%$n\\$s\n" 1',
    'printf "%c %x %o %e\n" "$n" "$n" "$n" "$n"',
    '[ "$n" -eq 1 ]', '[ 1 -lt "$n" ]', '[[ $n -eq 1 ]]', '[ -t "$n" ]', '[ -v "$n" ]',
    'test "$n"', 'HISTSIZE=$n; history', 'fc -l "$n"', 'history "$n"', 'RANDOM=$n; SECONDS=$n',
    'echo abc | read -n "$n" x', 'echo abc | read -N "$n" x', 'read -t "$n" x </dev/null',
    'read -u "$n" x', 'TMOUT=$n; read x </dev/null', 'fg "%$n"', 'jobs "%$n"', 'bg "$n"',
    'disown "$n"', 'disown "%$n"', 'pushd "+$n"', 'popd "-$n"', 'dirs "+$n"', 'cd "-$n"',
    'set -- a b; eval "echo \\${$n}"', 'eval "echo \\${#$n}"', 'eval "echo \\${$n-x}"',
    'eval "echo {1..$n}" | wc -c', 'eval "echo {$n..1}" | wc -c', 'let n', 'let "x=$n"',
    'LINENO=$n; echo $LINENO', 'SHLVL=$n; $MINISHELL -c :', 'local x=$n', 'exit "$n"',
    'command exit "$n"', 'set -- 1; shift "$n" 2>/dev/null; echo $#',
    'suspend "$n"', 'times "$n"',
    'PS4=$n; set -x; :', 'umask -S "$n"', 'type "$n"', 'hash "$n"', 'alias "$n"', 'eval "$n<f"',
    'declare -i i=1; i=$n; echo "$i"', 'a=$n; a+=1; echo "${#a}"',
    'cat <<<"$n" | wc -c', '[[ a =~ a{$n} ]]', '$n',
    'sleep 0 & wait "$!" "$n"', 'MINISHELL_HOT=$n; echo',
]


@pytest.mark.parametrize('where', WHERE)
def test_a_number_like_no_other(where: str, run: Run, minishell: list[str]) -> None:
    """Each in a subshell of its own: a status that a shell chooses, and no internal error."""
    script = f"""
        ulimit -v 3000000
        for n do
            ( {where} ) </dev/null >/dev/null
            echo "$?"
        done"""
    if where.startswith('eval "echo {'):
        numbers = [number for number in NUMBERS if len(number) != 10]    # gigabytes of words
    else:
        numbers = NUMBERS
    done = run([*minishell, '-c', script, 'sh', *numbers], timeout=60)
    statuses = [int(line) for line in done.stdout.split()]
    assert len(statuses) == len(numbers), done.stderr[-500:]
    for sign in ('Traceback', 'internal error', 'Exception', 'File "'):
        assert sign not in done.stderr
    assert [(number, status) for number, status in zip(numbers, statuses, strict=True)
            if status > 128 and not where.startswith(('kill', '(exit', 'exit', 'comm', '(ret',
                                                      'f()', 'suspend'))] == []
