"""Loops and functions that have become Python (compile/hot.py): the same answers as in bash.

Each script changes something while its loop runs that straight code could have taken for
granted.  The whole case suite runs this way, too (test_minishell_the_other_way).
"""
from __future__ import annotations

import ast
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from minishell.compile.compiler import Compiler
from minishell.compile.hot import (
    COMMANDS,
    Hot,
    compile_hot_function,
    compile_hot_turns,
    compile_hot_turns_over,
)
from minishell.session import build_shell, make_parser, run_source
from minishell.state.shell import Function
from minishell.syntax import nodes
from minishell.syntax.source import Source
from minishell.syntax.stored import CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable

TURNS = 'i=0; while [ $i -lt 5 ]; do i=$((i + 1)); {}; done; echo $i $x $y'
COUNTED = 'for ((i = 0; i < 6; i++)); do {}; done; echo $i $x $y $? "${{a[@]}}" "${{!a[@]}}"'
SCRIPTS = [
    TURNS.format(body) for body in (
        'x=$((x + i * 2)); y=$((x / 3 % 4 - 7 << 2 >> 1))',
        'x=$((i++ + ++i)); y=$(((i > 3) + (i < 2 || i == 4) + !i + ~i))',
        'y=$((x = i, x + 1)); : $((z += i)); x=$z',
        'x=$((9223372036854775807 + i)); y=$((x * x * 3 - -i))',
        'y=-$i; x=$(($i - $y)); echo $((3 - $y)) $((x-$i)); [ $i = 4 ] && echo $((3-$y))',
        'x=$((i % 2 ? i / 2 : -i)); y=$((-7 / 2 * i % 4))',
        'x=0$i; echo $((x)) $((x + 1)); y=0x1$i; echo $((y))',
        'x="i + 1"; echo $((x * 2)) $(($x * 2)); y=" $i "; [ $y -eq $i ] && echo eq',
        'x=$x$i; y="$i.$x"; [ "$x" = 12 ] && y= ; echo "<$y>"',
        'x=${i}${y:-none}; y=${x#1}; echo ${#x} ${x%e} ${y+set} ${q-unset}',
        '[ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i',
        '[ "$i" != 3 ] || { x=$i; continue; }; ! [ $i = 4 ] || break; echo $i',
        'for x in a b c; do [ $x = b ] && continue; [ $i = 3 ] && break; echo $i$x; done',
        'for x in a b; do [ $i = 3 ] && continue 2; [ $i = 4 ] && break 2; echo $i$x; done',
        'j=0; until [ $j -ge $i ]; do j=$((j + 1)); y=$y$j; done',
        'case $i in 1|2) x=low ;; [3-4]) x=mid ;; *) x=high; esac; echo $x',
        'case $i in 2) continue ;; 4) break ;; esac; echo $i',
        'if [ $i -eq 1 ]; then x=a; elif [ $i = 2 ]; then x=b; else y=c$i; fi; echo $?',
        'if false; then :; fi; echo $?; false || x=$?; true && y=$? && [ $i -gt 2 ]; echo $?',
        'set -- $i "a b" ""; echo $# "$2" "$@"; shift; x=$1; y=${2-none}',
        '[ $i = 3 ] && set -x; y=$i; [ $i = 4 ] && set +x; :',
        '[ $i = 3 ] && set -a; y=$i; env | grep ^y=',
        '[ $i = 3 ] && IFS=2; x=12$i; [ $x = 12$i ]; echo $? $x; y="$x"; echo $y',
        '[ $i = 3 ] && IFS=-; x=-$i; echo $x "$x" $((-i)); [ $x -lt 0 ]; echo $?',
        'true() { return 7; }; true; echo $?; y=$i; [ $i = 3 ] && unset -f true',
        '[ $i != 3 ] || test() { echo test "$@"; }; test $i = 3; echo $?; unset -f test',
        'x=$i; [ $i = 2 ] && unset x; echo ${x-gone}; echo $((x + 1))',
        '[ $i = 2 ] && x="a b"; [ -z "$x" ]; echo $?; [ -n "$x" ] && echo $x; [ "$x" ]',
        'x=$LINENO; echo $x; echo $LINENO; y=$?',
        'f() { local x=$1; x=$((x + 1)); echo $x; return $x; }; f $i; echo $?',
        'f() { y=$((y + $1)); [ $1 -le 0 ] || f $(($1 - 1)); }; f $i; echo $y',
        'f() { while :; do [ $1 = 3 ] && return 9; return; done; }; f $i; echo $?',
        'f() { echo $# "$@"; }; f "$i" "$@" a"$i"b; [ $i = 2 ] && set -- p q; x=$1',
        'trap "echo trapped $i" USR1; kill -USR1 $$; echo after; trap - USR1',
        '(x=$i; [ $x = 3 ] && exit 4; true); echo $?; y=$(x=7; echo $x$i); echo $y',
        'eval "x=$i; [ \\$x = 3 ] && continue"; echo $x; eval "[ $i = 4 ] && break"; y=$i',
        '((x += i, i % 2)) && echo $x; ((y = i > 3)) || echo $?; ((x / (i - i + 1)))',
        'echo $i >/dev/null; { y=$i; } 2>&1; x=$i echo a; command true && builtin echo b',
        'echo $i >out$i; printf "%s-" $i a b >>out; x=$(cat out$i); y=$(cat out)',
        '[ $i = 3 ] && set -C; echo $i >out; x=$?; echo a $i >|out; y=$(cat out)',
        'echo a >/no/such/file && echo no; x=$x$?; printf b >out/$i || y=$y$?; echo >out',
        'echo() { printf "%s+" $1; }; echo $i >out; [ $i = 3 ] && unset -f echo; y=$(cat out)',
        'echo $((y += i)) >out$y; x=$(echo out*); printf %d "$i" >"out $i"; cat out?*',
        'echo "$i" >&1; echo $i >&2 2>/dev/null; echo $i 1>>out; echo b >out 2>err; cat out',
        ': a$i; x=$_; : b; y=$_; [ $i = 3 ]; echo $_; true c; echo "$_"; x=$((i)); echo "<$_>"',
        'f() { echo in $_; : b$1; }; : a$i; f c$i; echo $_; y=${_%?} x=${_-no}',
        ': $i; x=$((_ + 1)); : $i; [ $_ -gt 2 ] && echo $_; case $_ in "$_") y=$_ ;; esac',
        ': a$i; for x in $_ "$_"; do : $x b; case b in $_) y=$y$x ;; esac; done; echo $_',
        'trap "echo trapped \\${_#$$}" USR1; : q$i; kill -USR1 $$; y=${_#$$}; trap - USR1',
        ': a$i; eval "x=\\$_; : b$i"; echo $_; : c; { echo $_; } >out; : d; y=$(echo $_)',
        ': a$i; (echo $_; : b); echo $_; : c; x=$(echo $_; : d); echo "<$_>"; . ./no || :',
        '[ $i = 4 ] && break; : a$i; [ $i = 2 ] && continue; echo $_',
        '[ $i = 4 ] && exec 3>&1 >out; echo $i; echo in >file; [ $i = 5 ] && cat out >&3',
    )
] + [
    COUNTED.format(body) for body in (
        'a[i]=$((i * 2)); x=$((x + a[i])); ((y += a[i] * a[i / 2]))',
        'a[i]=$i; a[i]+=x; a[$i + 3]=y$i; a[i-1]=z; a[-1]=last',
        'a+=("$i" b$i); a+=($i c) a[9]=$i; a+=([2]=q); a+=(); a+=({1,2} "${a[0]}")',
        'a[i]=$i; ((a[i]++)); ((++a[i], 1)); ((a[i] += 3)); ((a[i] *= a[0])); x=$((a[i]--))',
        'a[i]=$((a[i-1] + a[i-2] + 1)); x=${a[i]}${#a[@]}; y=${#a[*]}-"${a[i]}"-${a[0]}',
        'a[i]=1$i; [ ${a[i]} -gt 12 ] && continue; [ ${#a[@]} -lt 9 ] || break; x=$x${a[i]}',
        'a[i]="p $i  q *"; x=${a[i]}; echo ${a[i]}; echo "${a[i]}"; y=${a[i]%q*}',
        'a[i]=$i; [ $i = 3 ] && unset "a[1]"; echo "${a[1]}"; x=$((a[1] + 1))$#',
        'a[i]=$i; [ $i = 3 ] && unset a; [ $i = 4 ] && a=(p q); echo ${#a[@]} "${a[0]}"',
        'a[i]=$i; [ $i = 2 ] && readonly a; [ $i -lt 2 ] || break; echo ${a[i]}',
        'a[i]=$i; [ $i = 2 ] && declare -i a; a[i]=1+$i; a[i]+=5; a+=(2+2); echo "${a[@]}"',
        'a[i]=x$i; [ $i = 2 ] && declare -u a; a[i]+=y; a+=(z); echo "${a[@]}"',
        'a[i]=$i; [ $i = 2 ] && { unset a; declare -n a=b; }; a[i]=r; echo "${b[@]}"',
        'a[i]=$i; [ $i = 2 ] && { unset a; declare -A a; }; a[i]=k; a[$i]=q; echo ${a[i]}',
        '[ $i = 2 ] && { unset a; a=7; }; echo ${a[0]} ${a[i]} ${#a[@]}; x=$((a[0] + a[i]))',
        'a[i]=$i; (a[i]=sub; a+=(x); echo "${a[@]}"); x=$(a[i]=y; echo "${a[@]}" ${a[i]})',
        'f() { local -a a; a[i]=l$1; a+=(m); echo "${a[@]}" ${#a[@]}; }; f $i; a[i]=g',
        'x=$((a[i++] + 1)); ((a[i] = i++)); ((i, a[x = i] = 3)); y=$((1 ? a[i] : a[i - 9]))',
        'j=i; a[j]=$i; a[" i "]=$i; a[0$i]=o; a[0x$i]=h; x=${a[j]} y=$((a[j] + a[01]))',
        'a[i]=i; b=a[i]; x=$((a[i])) y=$((b)); a[i]=0$i; echo $((a[i]))',
        'a=(5 6) j=$((i % 3)); x=$((a[4/j])); y=$((j % a[0])); ((x += a[4 % j])); ((a[6/j]--))',
        'x=1; ((x += a[i] = i + 1)); ((a[i] = x = i, y += a[x -= 1])); ((y = a[i]++ + a[i]))',
        'a[i]=$((7 / (i + 1))); ((a[i] /= 2)); x=$((6 % a[0])); ((a[i] = 4 / a[9]))',
        ': q$i; a[i]=$_; echo $_; : r; a+=(s); echo "<$_>"; ((a[i] = 1)); echo $_',
        'for ((j = 0; j < i; j++)); do [ $j = 2 ] && continue 2; a[j]=$i$j; echo $_; done',
        'for ((j = 9; ; )); do ((j-- > i)) || break; a[j]=$j; done; for ((;;)); do break; done',
        '[ $i = 2 ] && i=4; for ((x = 1 / (3 - i); x > 0; x--)); do echo $x; done; echo $?',
        '[ $i = 3 ] && set -x; a[i]=$i; a+=(y); [ $i = 4 ] && { set +x; continue; }; :',
        '[ $i = 3 ] && set -a; a[i]=$i; b[i]=$i; env | grep ^[ab]=',
        'set -u; a[i]=$i; echo $((a[i] + 1)) ${a[i]}; [ $i = 4 ] && echo ${a[i + 1]}',
        'trap "a[1]=trapped; i=9" USR1; a[i]=$i; [ $i = 3 ] && kill -USR1 $$; trap - USR1',
    )
] + [
    'declare -A m; for w in a "b c" a "*" "" "b c" @; do m[x$w]+=z; ((n = ${#m[@]})); '
    'echo $n "${m[x$w]}" ${m[x$w]}; done; for i in 1 2 3; do m[$i]=$i; [ $i = 2 ] && '
    'unset m && m[1]=q; echo "${m[$i]}" ${#m[@]} $((m[$i] + 1)); ((m[$i] += 3)); done; '
    'for i in "" @; do m[$i]=x; echo "${m[$i]}" $?; done; echo no',
    'declare -A m; for ((i = 0; i < 9; i++)); do w=k$((i % 4)); ((m[$w]++)); ((m[x] += i)); '
    '((m[$i$w] = i)); ((m[${w%?}]--, 1)); x="a b $i"; ((m[$x]++)); echo $((m[$w] + m[k1])) $? '
    '"${#m[@]}" "${m[$w]}"; [ $i = 5 ] && m[$w]=q; [ $i = 6 ] && m[k3]= ; done; echo ${m[@]}',
    'm=(5 6); for ((i = 0; i < 4; i++)); do k=$i; ((m[$k]++)); echo ${m[$k]}; [ $i = 1 ] && '
    '{ unset m; declare -A m; }; done; echo "${m[@]}" "${!m[@]}"',
    'set -u; for ((i = 0; i < 3; i++)); do ((a[i]++)); echo ${a[i]}; ((b[$i] += 2)); done',
] + [
    f'x=abc y=7; for ((i = 0; i < 4; i++)); do [ $i = 2 ] && {change}; {test} && echo $i; '
    'echo $?; done; echo $x'
    for change in ('x="a*"', 'y="x+1"', 'unset x', 'shopt -s nocasematch', 'y=010', 'LC_ALL=C')
    for test in (
        '[[ $x == a* && $y -eq 7 ]]', '[[ ! $x != *[bc] || -n $y ]]', '[[ -z $x || $y = 7 ]]',
        '[[ $x < b && "$x" > aa ]]', '[[ $x && $y -gt $i && 08 -lt 9 ]]', '[[ 010 -eq 8 ]]',
        '[[ $x == "a*" || $x == A?(b)c ]]', '[[ $y == $x ]]; [[ ${x:1:1} == b ]]',
        '[[ -e $x || $x =~ b ]]', '[[ ${#x} -eq 3 && $((y)) -ge i ]]')
] + [
    f'x="ab c*é" o=1; for ((i = 0; i < 4; i++)); do [ $i = 2 ] && {change}; y={part}; '
    f'echo {part} "{part}" $y; done'
    for change in ('x=', 'unset x', 'o=o1=2', 'x=ABAB')
    for part in ('${x/b/Q}', '${x//[ab]}', '${x/#a/$i}', '${x/%é/e}', '${x:1}', '${x:o:2}',
                 '${x:$i}', '${x:(-2)}', '${x:o++:1}', '${x^}', '${x,,[A]}', '${x^^}', '${x@Q}')
] + [
    'for ((i = 0; i < 3; i += j)); do j=1; echo $((8 / (1 - i))); done; echo no',
    'for ((i = 0; 3 / (2 - i); i++)); do echo $i; done; echo $?',
    'set -e; for ((i = 0; i < 3; i++)); do ((a[i] = i - 1)) || :; done; ((a[1] = 0)); echo no',
] + [
    f'printf "%s\\n" "a:b c:" " d " ":x\\\\" "e\\\\:f:g::" "" h >in; while {read}; do '
    'echo "<$x> <$y> $?"; done <in; echo $? "<$x>"'
    for read in ('read x', 'read -r x', 'read -a x', 'read -ra x y', 'IFS=: read -r -a x',
                 'IFS= read -a x', 'read -a 1x', 'read -a "x[1]"',
                 'read x y', 'IFS= read -r x', 'IFS=: read x y',
                 'IFS=": " read -r x y', 'IFS=:; read x y', 'read -r -- x y',
                 'z=1 read x', 'IFS=: z=1 read x y', 'read 2>/dev/null 1x')
] + [
    'printf "a\\nb\\nc\\n" >in; while read x; do read y; echo $x$y; done <in; readonly y; '
    'while read y; do echo no; done <in; echo $?',
    'printf "a\\nb\\n" >in; read() { command read "$@" && echo mine; }; '
    'while read x; do echo $x; done <in',
    'printf "a:b\\nc\\n" >in; readonly IFS; while IFS=: read x y; do echo "$x $y"; done <in',
    'seq 300 | while read x; do n=$((n + x)); echo $n; done | tail -n 1',
    'trap "echo \\$_" EXIT; set -e; for i in 1 2 3; do : a$i; [ $i -lt 2 ]; done',
    'trap "echo \\$_" EXIT; readonly r=1; for i in 1 2 3; do : a$i; r=$i; done',
    'i=0; while i=$((i + 1)); [ $i -lt 4 ]; do : a$i; done; echo $_; for i in 1; do : b; done; '
    'echo $_; until : c; do :; done; echo $_',
    'f() { : d; }; for i in 1 2; do f x$i; done; echo $_',
    'set -e; for i in 1 2 3; do [ $i = 5 ] || true; ! true; [ $i != 2 ]; echo $i; done',
    'set -e; f() { [ $1 != 3 ]; echo $1; }; for i in 1 2 3 4; do f $i || echo no; done; f 3',
    'set -e; for i in 1 2; do echo a >/no/file || echo $?; done; while :; do echo >/no/f; done',
    'for i in 1 2 3; do echo $i >/dev/full; echo $?; done 2>/dev/null',
    'set -u; for i in 1 2; do echo $i >"$nothing"; done; echo no',
    'set -u; for i in 1 2; do x=$i; echo $x; done; for i in 1 2; do echo $nothing; done',
    'readonly r=1; for i in 1 2 3; do x=$((r + i)); echo $x; r=$i; done',
    'readonly r=1; for i in 1 2 3; do echo $i; : $((i > 1 && (r = 2))); done',
    'readonly i=1; for i in 1 2 3; do echo $i; done',
    'for i in 1 2; do x=$((i / (i - 1))); echo $x; done',
    'for i in 0 2; do echo $((4 / i)); done; echo end',
    'for i in 1 2 3; do for j in a b; do for k in x y; do for l in p q; do for m in r s; do '
    '[ $m$i = r2 ] && continue 3; echo $i$j$k$l$m; done; done; done; done; done',
    'f() { f2 "$@"; }; f2() { [ $# -gt 6 ] && return; f "$@" $#; }; f; echo $?',
    'f() { echo one; f() { echo two; }; }; for i in 1 2 3; do f; done',
    'fib() { if [ $1 -lt 2 ]; then sum=$((sum + $1)); else fib $(($1 - 1)); '
    'fib $(($1 - 2)); fi; }; sum=0; fib 12; echo $sum',
    'x=1; while x=$((x * 3 % 1009)); [ $x -ne 1 ]; do n=$((n + 1)); done; echo $n',
    'i=0; while i=$((i + 1)); case $i in 7) false ;; esac; do echo $i; done; echo $?',
    'get() { if [ -n "${ZSH_VERSION-}" ]; then value=${(P)1}; else eval "value=\\$$1"; fi; }; '
    'x=5; for i in 1 2 3; do get x; done; echo $value',
    'for i in 1 2 3 4; do [ $i = 5 ] && x=${a!} y="${b!}$i"; case $i in "${c!}") ;; esac; done',
    'for i in 1 2 3 4; do if [ $i = 5 ]; then for j in ${a!} "${}"; do :; done; fi; done; echo',
    'for i in 1 2 3; do [ $i != 3 ] || echo "a${b c}"; echo $i; done; echo no',
    'for i in 1 2 3; do read x <in; [ $i = 4 ] && read -q x; done; echo end',
    'i=0; until if [ $i = 3 ]; then true; else i=$((i + 1)); false; fi; do echo $i; done',
]


@pytest.mark.parametrize('hot', ['0', '1', '2', '3'])
def test_the_same_as_bash(minishell: list[str], hot: str, tmp_path: Path) -> None:
    bash = shutil.which('bash')
    if bash is None:
        pytest.skip('bash is not installed')
    environment = {**os.environ, 'MINISHELL_HOT': hot, 'LC_ALL': 'C.UTF-8'}
    for number, script in enumerate(SCRIPTS):
        answers = []
        for which, shell in enumerate((minishell, [bash, '--posix'])):
            folder = tmp_path / f'{number}.{which}'
            folder.mkdir()
            (folder / 'script').write_text(script)
            done = subprocess.run([*shell, 'script'], check=False, env=environment,
                                  cwd=folder, capture_output=True, timeout=60)
            answers.append((done.returncode, done.stdout))
        assert answers[0] == answers[1], script


TRANSLATED = [
    'while [ $i -lt 9 ]; do i=$((i + 1)); x="$x-$i"; done',
    'until test "$i" -ge $#; do : $((i++)); case $i in 1) break ;; *) f ${i%0} ;; esac; done',
    'while [ ${#a[@]} -lt 9 ]; do for ((j = 0; j < 2; j++)); do a[j]=$((i + a[j] * j)); done; '
    'a+=("$x${a[i]}"); ((++a[i])); m[$x]+=${m[$x]}; ((n += a[i])); ((a[1] += a[0])); done',
]


@pytest.mark.parametrize('text', TRANSLATED)
def test_plain_commands_call_no_closure(
    text: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of these, nothing is left to closures while all is as usual."""
    deferred: Callable[..., Callable[..., int]] = Compiler.deferred
    called = []

    def watched(*node: object) -> Callable[..., int]:
        action = deferred(*node)

        def run(shell: object) -> int:
            called.append(node)
            return action(shell)
        return run

    shell = build_shell('minishell', {})
    shell.positional = ['a', 'b', 'c']
    run_source(shell, Source('i=0 x=k j=0 n=0; a=(1 2); declare -A m; m[k]=1; '
                            'f() { y=$1; }', 'test'))
    source = Source(text, 'test')
    node = make_parser(shell, source).parse_complete_command()
    assert node is not None
    loop = node.commands[0]
    assert isinstance(loop, nodes.WhileClause | nodes.UntilClause)
    monkeypatch.setattr(Compiler, 'deferred', watched)
    run = compile_hot_turns(loop, Compiler(source), shell)
    f = shell.functions['f']
    body = compile_hot_function(f.node.body, Compiler(f.source), shell)
    assert run is not None
    assert body is not None
    f.run = body
    assert run(shell, 0) == 0
    assert not called


# Together every node there is, and every operator of words and of arithmetic
EVERY_NODE = [
    'a=1 b=$a f x >out 2>&1 <in', 'f & g', 'a && ! b || c | d', '{ a; (b); }', 'x=`(`',
    'f <(a) >(b)', 'for x in a $b; do c; done; for x do c; done',
    '[[ -n $a && ! b == c* ]]; [[ a < b || $a -eq 08 || a =~ b ]]',
    'case $x in a|b*) c ;; $d) e ;& (*) f ;;& esac', 'cat <<E 3<<-"F"\n$x `y`\nE\nF\n',
    'if a; then b; elif c; then d; else e; fi', 'until a; do b; done; while a; do b; done',
    'g() { a; } >out', '((x += 1))', 'for ((i = 0; i < 3; i++)); do a; done',
    'select x in a $b; do c; done', 'coproc a',
    'echo a\\b\'c\'$\'d\'"e$f"~ ~root/x *.c $(g) `h` $((1 + $x)) <(i)',
    'time a; time -p b | c; x=$[1]; let x=(1+2)', 'x=~ y=~root:~ z=~nobody/x; cd ~; : ~/$x',
    'break 2; continue $x; return; return 300; return $?', 'command -v x; builtin y; [ a b c d',
    'test; [ ]; [ ! ]; [ ! a = b ]; [ "$@" ]; test "$@" = a; [ -n "$@" ]; [ $x -eq 08 ]',
    'read; read -r x y; read -t 1 x; IFS=: read x; IFS=$x y=1 read x; read $x; read -q x 1y',
    'echo a >$x; printf $y >>z; echo 2>a; echo a >&2; test a >b', 'local x=$a y; export a=~/b',
    'a=(1 $b [2]=c [d]+=e); a[1]=x a[$i]+=y; declare -A a=([x]=1) b[1]=2; a+=x',
    'x=$((y)) z=1; x=$((a)); x=$((1 +)); x=$((08)); x=$((a b)); x=$(( )); x=$(($y$z)) '
    'x=$((1$y))',
] + [f'x={before}{expansion}{before}; : {expansion} "{expansion}"; '
     f'[ {expansion} = "{expansion}" ]; for x in {expansion}; do :; done; '
     f'case {expansion} in "{expansion}"|{expansion}) ;; esac'
     for before in ('', 'a') for expansion in (
         *('${%s%s}' % (name, operator)      # noqa: UP031
           for name in ('a', '10', '@', '*', '#', '?', '$', '!', '0')
           for operator in ('', '-b', ':-b', '+b', ':+b', '=b', ':=b', '?b', ':?b', '#b', '##b',
                            '%b', '%%b', '-$b', '#$b', '%"$b"', '/b/c', '//b', '/#b/c', '/%b',
                            ':1', ':1:2', '^', '^^', ',', ',,b', '@Q', '@U', '@z', '!', '[1]',
                            '[@]', '[*]', '^b', ' ', '(b)', '[@]-b', '[1]:=c', '[@]:1',
                            '[*]/b/c', '[i]^', '[@]@A')),
         '${#a}', '${#1}', '${#@}', '${##}', '${#?}', '${#a[1]}', '${#a[@]}', '${!a}', '${!a*}',
         '${!a@}', '${!a[@]}', '${!a[1]-b}', '${!a-b}', '${!1}', '${}', '${(P)1}', '${a!}',
         '${a b}', '${#a#b}', '${#=}', '${1a}', '${-a-}', '$a$b', '$1', '$', '$((a))')
] + [f'x=$(({expression})); (({expression})); [ $(({expression})) -gt 1 ]' for expression in (
    *(f'{left}{operator}{right}'
      for left in ('a', '1', '$b', '$1') for right in ('c', '0', '$b')
      for operator in ('+', '-', '*', '/', '%', '**', '<<', '>>', '&', '|', '^', '<', '<=', '>',
                       '>=', '==', '!=', '&&', '||', ',', '? 1 :', '=', '+=', '-=', '*=', '/=',
                       '%=', '<<=', '>>=', '&=', '^=', '|=')),
    *(f'{prefix}{operand}' for prefix in ('+', '-', '!', '~', '++', '--')
      for operand in ('a', '1', '$b', '(a)', '-a', '--a', '- -1')),
    'a[1] += 2', '++a[b]', 'a[$b]--', 'a[c d]', 'a++', 'a--',
    '1++', '(a)', '((a))', '1 ? a', '"a"', "'a'", 'a[1]', '2#101',
    '65#1', '0x', '09', '$(b)', '${b}', '${b!}', '${#b}', '$@', '$#', '$?', '$$', '$-', '$!',
    'a = b = c', 'a ? b : c ? d : e', '- a ** 2', 'a / (b - b)', 'a % (c ? 1 : 0)', '9' * 30)
]


def test_every_node_can_be_hot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is in a loop or function, it is written in Python or left to its closure: no
    way of writing code ends in an error, which `Hot.compile` would have to hide."""
    monkeypatch.setattr(Hot, 'compile', lambda hot, write, parameters, result: (
        write(), hot.compiled(parameters, result))[1])
    seen: set[type] = set()
    for text in EVERY_NODE:
        for command in (text, f'if {text}\nthen {text}\nfi'):
            shell = build_shell('minishell', {})
            shell.functions['f'] = function(parsed('f() { :; }')[0], Source(''))
            for loop in (f'while {command}\ndo {command}\ndone',
                         f'for i in 1; do {command}\ndone'):
                node, source = parsed(loop)
                compiler = Compiler(source)
                seen.update(type(inner) for inner in node.walk())
                if isinstance(node, nodes.ForClause):
                    assert compile_hot_turns_over(node, compiler, shell) is not None, loop
                else:
                    assert isinstance(node, nodes.WhileClause)
                    assert compile_hot_turns(node, compiler, shell) is not None, loop
            node, source = parsed(f'g() {{ {command}\n}}')
            assert isinstance(node, nodes.FunctionDefinition)
            assert compile_hot_function(node.body, Compiler(source), shell) is not None, command
            seen.add(type(node))
    assert seen >= set(CLASSES) - {nodes.FileText}      # whose substitution is parsed later


def function(node: nodes.Command, source: Source) -> Function:
    """A function that is only looked at."""
    assert isinstance(node, nodes.FunctionDefinition)
    return Function(node, source, lambda shell: 0, lambda function, shell: None)


def parsed(text: str) -> tuple[nodes.Command, Source]:
    """The first command of a text, and where it comes from."""
    source = Source(text + '\n', 'test')
    parser = make_parser(build_shell('minishell', {}), source)
    command = parser.parse_complete_command()
    assert command is not None
    found = command.commands[0]
    if isinstance(found, nodes.SubstitutingCommand):    # for process substitutions
        found = found.command
    return found, parser.lexer.source


@pytest.mark.parametrize('failure', [AssertionError, KeyError, RecursionError, MemoryError])
def test_what_cannot_be_written_stays_a_closure(
    failure: type[Exception], monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*arguments: object) -> None:
        raise failure
    monkeypatch.setattr(Hot, 'list', fails)
    monkeypatch.setitem(COMMANDS, nodes.BraceGroup, fails)
    shell = build_shell('minishell', {})
    shell.hot = 0
    run_source(shell, Source('f() { x=$x$1; }; for i in 1 2; do f $i; done\n'
                             'while [ $i -lt 4 ]; do i=$((i + 1)); f $i; done\n', 'test'))
    assert shell.variables.get('x') == '1234'


def test_what_python_cannot_take_stays_a_closure(minishell: list[str]) -> None:
    """Nested deeper than Python allows: the answer is the same."""
    deep = 'x=$((' + '(' * 300 + 'x' + ' + 1)' * 300 + '))'
    loops = ''.join(f'for v{n} in 1; do ' for n in range(30)) + 'x=$((x + 1)); ' + 'done; ' * 30
    ifs = 'if [ $x -ge 0 ]; then ' * 90 + 'x=$((x + 1)); ' + 'fi; ' * 90
    script = f'x=0; for i in 1 2 3; do {deep}; {loops} {ifs} done; echo $x'
    done = subprocess.run([*minishell, '-c', script], check=False, capture_output=True,
                          timeout=60, env={**os.environ, 'MINISHELL_HOT': '0'})
    assert (done.stdout, done.stderr) == (b'906\n', b'')


# Where what hot code has bound to local variables is bound anew: in a subshell environment
# that runs in this process, which puts it back before anything outside goes on.
REBOUND = [
    ('state/shell.py', '__init__', 'pending'), ('state/shell.py', '__init__', 'variables'),
    ('state/variables.py', '__init__', 'flags'), ('state/variables.py', '__init__', 'others'),
    ('state/variables.py', '__init__', 'values'),
    ('state/variables.py', 'fork', 'flags'), ('state/variables.py', 'fork', 'others'),
    ('state/variables.py', 'fork', 'values'),
    ('state/variables.py', 'join', 'flags'), ('state/variables.py', 'join', 'others'),
    ('state/variables.py', 'join', 'values'),
    ('system/signals.py', '__init__', 'pending'),
]


def test_what_hot_code_has_bound_is_bound_once() -> None:
    """See the head of compile/hot.py."""
    def visit(node: ast.AST, within: str) -> None:
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.Attribute) and not isinstance(inner.ctx, ast.Load) \
                    and inner.attr in ('values', 'others', 'flags', 'pending', 'variables'):
                found.add((file, within, inner.attr))
            visit(inner, inner.name if isinstance(inner, ast.FunctionDef) else within)

    found: set[tuple[str, str, str]] = set()
    package = Path(__file__).parent.parent / 'minishell'
    for folder in ('state', 'system', 'run', 'compile', 'interactive'):
        for path in (package / folder).glob('*.py'):
            file = f'{folder}/{path.name}'
            visit(ast.parse(path.read_text()), '')
    file = 'session.py'
    visit(ast.parse((package / file).read_text()), '')
    assert sorted(found) == REBOUND


@pytest.mark.parametrize('command', [
    '(x=1)', '(exit 3)', ': $(x=1; exit 3)', '(: ${unset?no})', '(return 2)', 'unset x', 'f',
    'local x', 'readonly y=1', 'export x', 'eval x=1', 'IFS=:', 'x=1 true', 'x=1 f',
    'unset IFS', 'trap : USR1; kill -USR1 $$', '. /dev/null', 'read x </dev/null', 'set -- a b',
])
def test_what_hot_code_has_bound_stays(command: str) -> None:
    shell = build_shell('minishell', {})
    run_source(shell, Source('f() { local x=2 IFS; x=3; }\n', 'test'))
    bound = shell.variables, shell.variables.values, shell.variables.flags, shell.pending
    run_source(shell, Source(command + '\n', 'test'))
    now = shell.variables, shell.variables.values, shell.variables.flags, shell.pending
    assert all(new is old for new, old in zip(now, bound, strict=True))
    assert shell.pending is shell.signals.pending


@pytest.mark.parametrize(('command', 'back'), [
    ('set -x', 'set +x'), ('set -a', 'set +a'), ('set -k', 'set +k'), ('IFS=a', 'unset IFS'),
    ('IFS=-', 'IFS=" "'), ('test() { :; }', 'unset -f test'),
    ('true() { :; }', 'unset -f true'),
    ('shopt -s nocasematch', 'shopt -u nocasematch'),
])
def test_hot_code_is_told_what_is_not_plain(command: str, back: str) -> None:
    shell = build_shell('minishell', {})
    assert shell.plain
    run_source(shell, Source(command + '\n', 'test'))
    assert not shell.plain
    assert shell.watched is (command == 'set -x')
    run_source(shell, Source(back + '\n', 'test'))
    assert shell.plain
    assert not shell.watched


@pytest.mark.parametrize('trap', ['trap "n=$((n + 1))" ERR', 'set -E; trap "n=$((n + 1))" ERR',
                                  'trap : DEBUG', 'trap : RETURN', 'shopt -s extdebug'])
def test_functions_become_hot_where_calls_are_watched(trap: str) -> None:
    shell = build_shell('minishell', {})
    run_source(shell, Source(f'f() {{ x=$((x + 1)); }}; {trap}\nf; f; f\n', 'test'))
    cold = shell.functions['f'].run
    run_source(shell, Source('while [ $x -lt 300 ]; do f; done\n', 'test'))
    assert shell.functions['f'].run is not cold
    assert shell.variables.get('x') == '300'
