"""The table of built-in utilities is true."""
from __future__ import annotations

import importlib
import re

import pytest

from minishell.builtins.manual import OPTIONS
from minishell.builtins.registry import (
    BUILTINS,
    CONDITION,
    COURSE,
    FAILS,
    JUMPS,
    SUCCEEDS,
    Utility,
    named,
)
from minishell.state.shell import INLINED

EVERY = {**BUILTINS, **COURSE}


@pytest.mark.parametrize(('name', 'row'), EVERY.items(), ids=list(EVERY))
def test_a_row(name: str, row: Utility) -> None:
    folder = '' if '.' in row.module else 'builtins.'
    module = importlib.import_module(f'minishell.{folder}{row.module}')
    assert callable(getattr(module, row.function))
    assert row.synopsis.split()[0] == name
    assert row.description
    assert row.description[-1] != '.'


def test_what_hot_code_takes_over_and_a_function_may_hide() -> None:
    assert named(CONDITION | SUCCEEDS | FAILS | JUMPS) == INLINED


def test_in_order() -> None:
    assert list(BUILTINS) == sorted(BUILTINS)
    assert list(COURSE) == sorted(COURSE)
    assert COURSE.keys().isdisjoint(BUILTINS)


NOWHERE = {'cd': '@', 'ulimit': 'bkPT'}     # options of other systems


@pytest.mark.parametrize('name', BUILTINS)
def test_help_has_a_line_for_each_option(name: str) -> None:
    synopsis = re.sub(r'\w-\w+', '', BUILTINS[name].synopsis)      # option-name is none
    letters = re.findall(r'-([a-zA-Z@]+)', synopsis)
    if name == 'kill':
        letters = ['snl']
    said = re.findall(r'^-(.)', OPTIONS.get(name, ''), re.MULTILINE)
    assert {*''.join(letters)} - {*NOWHERE.get(name, ''), 'N'} <= {*said}
