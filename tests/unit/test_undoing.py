"""What is kept of the lines that can be undone, and how much."""
from __future__ import annotations

import pytest

from minishell.session import build_shell
from minishell.state import undoing
from minishell.state.undoing import Undoing


@pytest.fixture
def lines() -> list[Undoing]:
    """Nothing run yet."""
    return [Undoing(build_shell('minishell', {b'PATH': b'/bin'}))]


def run(kept: Undoing, *lines: str) -> Undoing:
    for line in lines:
        kept.begin(line)
        kept._shell.run_text(line, 'eval')
        kept.end()
    return kept


def changed(kept: Undoing) -> list[str]:
    """The lines that can be undone, with what they have changed."""
    return [' '.join([done.line, *[f'{change.kind}:{change.name}' for change in done.changes]])
            for done in kept._done]


def test_only_lines_that_change_anything(lines: list[Undoing]) -> None:
    kept = run(lines[0], ':', 'x=1', 'echo $x >/dev/null', 'x=1', '(x=2; cd /)', 'y=$(x=3)',
               'set -f', 'set -f', 'f() { :; }', 'unset nothing', 'x=2; x=1', 'hash cat',
               'for i in 1; do :; done; unset i')
    assert changed(kept) == ['x=1 variable:x', 'y=$(x=3) variable:y', 'set -f option:noglob',
                             'f() { :; } function:f']


def test_a_look_at_a_variable_is_no_change(lines: list[Undoing]) -> None:
    """The first search for a command has PATH watched from then on."""
    assert changed(run(lines[0], 'command -v cat >/dev/null', 'export -p >/dev/null')) == []


def test_arrays_are_as_they_were(lines: list[Undoing]) -> None:
    kept = run(lines[0], 'a=(1 2)', 'a[0]=x', 'a+=(y)', 'unset "a[1]"')
    found = [done.changes[0].before[1].texts() for done in kept._done
             if done.changes[0].before is not None]
    assert found == [['1', '2'], ['x', '2'], ['x', '2', 'y']]


def test_no_more_lines_than_so_many(lines: list[Undoing]) -> None:
    kept = run(lines[0], *[f'x={number}' for number in range(undoing.DEPTH + 5)])
    assert len(kept._done) == undoing.DEPTH


def test_no_more_memory_than_so_much(lines: list[Undoing]) -> None:
    kept = run(lines[0], 'a=({1..20000})', *['a+=(x)'] * 20)
    assert 1 < len(kept._done) < 10
    kept = run(kept, 'unset a; printf -v x %20000000d 1', 'x=')
    assert len(kept._done) == 1
