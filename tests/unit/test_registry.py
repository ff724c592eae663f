"""The table of built-in utilities is true."""
from __future__ import annotations

import importlib
import re

import pytest

from minishell.builtins.manual import options_of
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


@pytest.mark.parametrize('name', EVERY)
def test_help_has_a_line_for_each_option(name: str) -> None:
    synopsis = re.sub(r'\w-\w+', '', EVERY[name].synopsis)      # option-name is none
    options = [f'-{letter}' for letters in re.findall(r'(?<![-\w])-([a-zA-Z@]+)', synopsis)
               for letter in letters] if name != 'kill' else ['-s', '-n', '-l']
    options += re.findall(r'--[a-z][\w-]+', EVERY[name].synopsis)
    said = options_of(name)
    assert {*options} - {f'-{letter}' for letter in NOWHERE.get(name, '')} <= {*said}
    assert all(option.sentence for option in said.values())
