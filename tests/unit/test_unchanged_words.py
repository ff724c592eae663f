"""Of which words it is said what they become, and which names are taken for set."""
from __future__ import annotations

import pytest

from minishell.explain.words import changed_by
from minishell.syntax.partial import parse_partial

pytest.importorskip('prompt_toolkit')


@pytest.mark.parametrize(('text', 'changed'), [
    ('echo $x', False), ('x=5; echo $x', True), ('read x; echo "$x"', True),
    ('x=5; echo $y', False), ('local x=$1; echo $x', True), ('for x in a; do echo $x', True),
    ('f() { echo $1', True), ('echo $1', False), ('echo $?', False), ('true; echo $?', True),
    ('false || echo $?', True), ('a=(1 2); echo ${a[0]}', True), ('true; echo $HOME', False),
    ('ls *.c', False), ('cd d; ls *.c', True), ('cd d && ls /tmp/*', False),
    ('ls *; cd d', False), ('cd d*', False), ('cd d; echo $HOME', False), ('rm -r d', False),
    ('cd d && rm -r e', True), ('cd d && rm -r /e', False), ('x=d; rm -r $x', True),
    ('echo $((x++)) "${new:=7}"', False),
])
def test_what_runs_before_may_change_them(text: str, changed: bool) -> None:
    from minishell.interactive.becoming import _at, _is_changed, _is_removal
    whole = text + {'for': '; done', 'f()': '; }'}.get(text.split()[0], '')
    partial = parse_partial(whole, {})
    found = _at(partial, len(text))
    assert found is not None
    command, word, source = found
    removal = _is_removal(command)
    words = command.words if removal else [word] if word is not None else []
    assert _is_changed(partial, command, words, source, removal) == changed


def test_operands_that_have_expansions_behind_the_name() -> None:
    tree = parse_partial('local z=$1 y; export a="$b" c; printf -v d x', {}).tree
    assert {'z', 'y', 'a', 'c', 'd'} <= changed_by(tree)
