"""`set -x` shows, byte for byte, what it shows in bash."""
from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

PLACE = re.compile(r'^(bash|minishell): line 1: |(?<=kill -USR1 )[0-9]+', re.MULTILINE)
SCRIPTS = r"""
x=1; echo $x "a b" '' $'a\nb' 'it'"'"'s'
a=1 b=2 env >/dev/null
a="x y" b=; a=1 b=$a true; c=$a$b d=$c; a=2 e=$a f=$e env >/dev/null; f() { :; }; a=3 f
echo $(echo $(echo in)) `echo bq`
for i in a "b c" $(echo 1); do echo $i; done
set -- p 'q r'; for i do :; done; for i in; do :; done
case abc in a*) echo m;; esac; x='a b'; case $x in a*) ;; esac; case "$x"y in a*) ;; esac
[[ a == a* && -n $x ]] && echo y
[[ ! -f /nonexist || 1 -lt 2 ]]; [[ a =~ b ]]; [[ abc == "a*" ]]
x='a b' y=6; [[ $x == "a b" ]]; [[ $x != *"b"* ]]; [[ "" ]]; [[ -z $x ]]; [[ $y -gt 2 ]]
[[ a < b ]]; [[ $x =~ ^"a "b$ ]]; [[ ! $x ]]; [[ a == a && ! b == a ]]; [[ $x == $y ]]
((1+2)); ((x = 3, x++)); (( $x + 1 )); ((1/0))
y=3; for ((i=0;i<2;i++)); do echo $i; done; for (( i=$y; i < 5; i++ )); do :; done
f() { echo in $1; }; f arg; f() { echo $(echo in f); eval 'echo e'; }; f
(echo sub; echo $(echo x)); { echo grp; } >/dev/null
while [ "$y" != xx ]; do y=x$y; done; until true; do :; done; if true; then echo t; fi
x=$(echo a b); export y=$x z; readonly q=1; export A=1 B; readonly C='x y'
declare z=1 w='p q'; typeset v=2; g() { local l=5 m='6 7'; }; g
echo "$(echo 'q r')" *.nomatch
echo on; set +x; echo off; set -x; echo on
PS4='$x> '; x=5; echo hi
PS4='+$(echo p) '; echo hi; PS4=; echo hi; PS4='XY'; echo $(echo hi)
PS4='é '; echo $(echo hi)
eval 'echo ev'; eval 'x=$(echo nested $(echo deep))'
echo 'echo sourced $(echo cs)' >f; . ./f; . /dev/null
unset x; echo ${x:-dflt}
echo é $'\e' $'\x01' '!' 'a=b' 'a~' '~' '#' 'a#' '{' '}' '[a]' 'a,b' '%' '+' '-' ':' '@' '^' '/'
echo a= =a "x=~y" x:~ a~b _ = 'é è' $'\t' $'\x7f' $'a\u2028b' '\' "a'b" 'a"b' 'a$b'
exec 3</dev/null; exec 3<&-
trap 'echo t' EXIT; trap 'echo T' USR1; kill -USR1 $$
true && false || true; ! true; ! false
cat <<<"a b"
x=5; x=a$x; x=$x$x; let z=1+1; printf '%s\n' "a b"
test a = 'b c'; [ "" ]; command echo c; builtin echo b
set -- 1 2; shift; echo $# "$@"
i=0; while [ $i -lt 120 ]; do i=$((i + 1)); done; f() { :; }; for i in 1 2 3; do f $i; done
x=$((1 + 2)); : ${x:=4} $((x += 1)); echo $x
>f; <f; 2>/dev/null echo e
if [[ -d / ]]; then (( 1 )); fi >/dev/null
""".strip('\n').split('\n')


@pytest.mark.skipif(not shutil.which('bash'), reason='bash is needed to compare with')
@pytest.mark.parametrize('script', SCRIPTS)
def test_as_in_bash(script: str, run: Run, minishell: list[str]) -> None:
    expected, found = (run([*shell, '-xc', script]) for shell in (['bash'], minishell))
    assert PLACE.sub('', found.stderr) == PLACE.sub('', expected.stderr)
    assert found.stdout == expected.stdout
