"""The compiler's table: each node that is run or expanded has a function that is there."""
from __future__ import annotations

from importlib import import_module

import pytest

from minishell.compile.compiler import COMMANDS, PARTS, SEVERAL
from minishell.syntax import nodes
from minishell.syntax.array_nodes import ArrayElement
from minishell.syntax.stored import CLASSES

# Compiled with what holds them
INNER = {
    ArrayElement, nodes.Assignment, nodes.CaseItem, nodes.CommandList, nodes.Conditional,
    nodes.HereDocument, nodes.Redirection, nodes.Word,
}


@pytest.mark.parametrize('place', sorted({*COMMANDS.values(), *PARTS.values(),
                                          *SEVERAL.values()}))
def test_the_functions_named_exist(place: tuple[str, str]) -> None:
    module, name = place
    found = getattr(import_module('minishell.compile.' + module), name)
    assert found.__module__ == 'minishell.compile.' + module


def test_every_node_is_in_one_table() -> None:
    assert not COMMANDS.keys() & PARTS.keys()
    names = {node.__name__ for node in CLASSES}
    assert {*COMMANDS, *PARTS, *(node.__name__ for node in INNER)} == names
    assert SEVERAL.keys() <= PARTS.keys()
