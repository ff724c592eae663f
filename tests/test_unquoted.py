"""Which unquoted expansions are pitfalls, as far as a text itself says what the values are."""
from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from minishell.explain import pitfalls
from minishell.explain.values import COUNTED, of_one_field
from minishell.syntax.partial import parse_partial

if TYPE_CHECKING:
    from pathlib import Path

UNQUOTED = 2086
# A line, and what is marked in it.  No two lines set the same variable.
LINES = [
    ('a1=1; ls $a1', ''), ('a2=x/y.c-1; ls $a2', ''), ("a3='x y'; ls $a3", '$a3'),
    ("a4='*.c'; ls $a4", '$a4'), ('a5=; ls $a5', '$a5'), ('a6=$(b); ls $a6', '$a6'),
    ('a7=$((1 + 2)); ls $a7', ''), ('a8=$? a9=$#$!; ls $a8 $a9', ''), ('ls $? $# $$ $! $-', ''),
    ('b1=1; b2="$b1-$b1"; ls $b2', ''), ('b3=$1; ls $b3', '$b3'), ('ls $1 $b4', '$1 $b4'),
    ('b5=1; b5=$b5/$b5; ls $b5', ''), ('b6=1; b6+=2; ls $b6', ''),
    ("b7=1; b7+=' 2'; ls $b7", '$b7'), ('b8=~; ls $b8', ''), ('b9=${#1}; ls $b9', ''),
    ('ls $UID $LINENO $PWD', '$PWD'), ("c1=a'b'\\ c; ls $c1", '$c1'), ("c2=$'a'; ls $c2", ''),
    ('c3=1 d; ls $c3', '$c3'), ('c4[1]=2; ls $c4', '$c4'), ('c5=(1 2); ls $c5', '$c5'),
    ('for d1 in 1 2; do ls $d1; done; ls $d1', ''), ('for d2 in $(e); do ls $d2; done', '$d2'),
    ('for d3 in *.c; do ls $d3; done', '$d3'), ('for d4; do ls $d4; done', '$d4'),
    ("for d5 in 1 'b c'; do ls $d5; done", '$d5'),
    ('for ((d6 = 0; d6 < 3; d6++)); do ls $d6; done', ''), ('((d7 = 3)); ls $d7', ''),
    ('let d8=3; ls $d8', ''), ('select d9 in a b; do ls $d9; done', ''),
    ('if true; then e1=1; else e1=2; fi; ls $e1', ''),
    ('if true; then e2=1; fi; ls $e2', '$e2'),
    ("if true; then e3=1; else e3='a b'; fi; ls $e3", '$e3'),
    ('if e4=1; then :; fi; ls $e4', ''), ('case $1 in a) e5=1 ;; *) e5=2 ;; esac; ls $e5', ''),
    ('case $1 in a) e6=1 ;; b) e6=2 ;; esac; ls $e6', '$e6'),
    ('e7=1 && ls $e7', ''), ('false && e8=1; ls $e8', '$e8'),
    ('while f0; do f1=1; done; ls $f1', '$f1'),
    ("f2=1; while f0; do ls $f2; f2='a b'; done", '$f2'),
    ("until f0; do f3=1; ls $f3; f3='a b'; done", ''),
    ('while read -r f4; do ls $f4; done', '$f4'), ('f5=1; read -r f5; ls $f5', '$f5'),
    ('getopts ab: f6; ls $f6', '$f6'), ('f7=1; unset f7; ls $f7', '$f7'),
    ('printf -v f8 %s x; ls $f8', '$f8'), ('mapfile f9; ls $f9', '$f9'),
    ('g1() { local g2=1; ls $g2; }', ''), ('g3() { ls $g4; }; g4=1; g3', ''),
    ('g5() { g6=1; }; g5; ls $g6', ''), ("g7() { g8='a b'; }; g8=1; g7; ls $g8", '$g8'),
    ('g9() { ls $1; }', '$1'), ('h1=1; { h1=2; }; ls $h1', ''),
    ("h2=1; (h2='a b'); ls $h2", ''), ("h3=1; h3='a b' | h4; ls $h3", ''),
    ("h5=1; ls \"$(h5='a b'; ls $h5)\" $h5", '$h5'), ('declare -i h6; h6=$1; ls $h6', ''),
    ('readonly h7=5; ls $h7', ''), ('declare h8; h8=1; ls $h8', ''),
    ('export h9="$1"; ls $h9', '$h9'), ('i1=1; export i1; ls $i1', ''),
    ('i2=${i3:-a}; ls $i2', '$i2'), ('i4=1; i5=${i4:-a b}; ls $i5', ''),
    (': "${i6:=1}"; ls $i6', '$i6'), ('coproc { i7=1; }; ls $i7', '$i7'),
    ('i8=1; until i9=$i8; do :; done; ls $i9', ''), ('! j1=1; ls $j1', ''),
    ('j2=1; time ls $j2', ''), ('{ j3=1; } >k; ls $j3', ''),
]


def marked(line: str) -> str:
    """The expansions that are marked."""
    partial = parse_partial(line, None, False, False)
    single = of_one_field(partial.tree, lambda name: name in COUNTED, ' \t\n')
    found = [partial.extent(node, source) for code, node, source, _ in
             pitfalls.of(partial.tree, partial._source, single) if code == UNQUOTED]
    return ' '.join([line[start:end] for start, end in found])


@pytest.mark.parametrize(('line', 'expected'), LINES)
def test_marked(line: str, expected: str) -> None:
    assert marked(line) == expected


def test_other_separators() -> None:
    assert marked('IFS=,; a=1,2; ls $a') == '$a'
    assert marked('IFS=, read -r b; a=1,2; ls $a') == ''


def test_nothing_that_shellcheck_leaves_alone(tmp_path: Path) -> None:
    """What it does not mark has no mark here, either."""
    shellcheck = shutil.which('shellcheck')
    if shellcheck is None:
        pytest.skip('shellcheck is not installed')
    script = tmp_path / 'script'
    script.write_text('\n'.join(['#!/bin/bash', *[line for line, _ in LINES], '']))
    done = subprocess.run([shellcheck, '-f', 'json', '--include=SC2086', script],
                          stdout=subprocess.PIPE, timeout=300)
    theirs = {(each['line'] - 2, each['column'] - 1) for each in json.loads(done.stdout)}
    assert theirs
    missing = [(line, expansion) for number, (line, expected) in enumerate(LINES)
               for expansion in expected.split()
               if (number, line.rindex(expansion)) not in theirs
               and (number, line.index(expansion)) not in theirs]
    assert missing == []
