"""The sh scripts of this system parse exactly when dash accepts them with -n."""
from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from scripts_at_hand import system_scripts as scripts

from minishell.errors import ShellSyntaxError
from minishell.session import decode
from minishell.syntax.parser import Parser
from minishell.syntax.source import Source
from minishell.syntax.unparse import unparse

if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.syntax.nodes import CommandList

    Run = Callable[..., subprocess.CompletedProcess[str]]

WRITTEN_BACK = 400      # scripts whose trees are compared; that takes longer than parsing

# Scripts on which dash and minishell disagree: the end of the path, and why.
DIFFERENCES: dict[str, str] = {}
MOST_DIFFERENCES = 0    # it may only fall

pytestmark = pytest.mark.skipif(shutil.which('dash') is None, reason='dash is the measure')


def parse(text: str) -> CommandList:
    return Parser(Source(text)).parse_program()


def accepted_by(argv: list[str]) -> bool:
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def test_each_script_parses_exactly_when_dash_or_bash_accepts_it() -> None:
    assert len(scripts()) > 10
    differ = []
    for path in scripts():
        message = ''
        try:
            parse(decode(path.read_bytes()))
        except ShellSyntaxError as error:
            message = f'line {error.line}: {error.message}'
        if message and accepted_by(['dash', '-n', str(path)]):
            differ.append(f'{path}: {message}')
        elif not message and not accepted_by(['dash', '-n', str(path)]) \
                and not accepted_by(['bash', '-n', str(path)]):
            differ.append(f'{path}: dash and bash refuse it')
    known = [line for line in differ if line.split(':')[0].endswith(tuple(DIFFERENCES))]
    assert [line for line in differ if line not in known] == []
    assert len(known) <= MOST_DIFFERENCES


def test_scripts_written_back_parse_to_the_same_tree() -> None:
    written = 0
    for path in scripts():
        try:
            tree = parse(decode(path.read_bytes()))
        except ShellSyntaxError:
            continue
        for one_line in (False, True):
            assert parse(unparse(tree, one_line)) == tree, path
        written += 1
        if written == WRITTEN_BACK:
            break
    assert written > 10


def test_the_shell_itself_agrees(run: Run, minishell: list[str]) -> None:
    """Some whole, and the same cut in the middle of a compound command."""
    longest = sorted(scripts(), key=lambda path: path.stat().st_size)[-5:]
    for path in longest:
        result = run([*minishell, '-n', str(path)])
        assert (result.returncode == 0) == accepted_by(['dash', '-n', str(path)]), path
        assert result.returncode or not result.stderr
        text = decode(path.read_bytes()) + '\nif :; then\n'
        result = run([*minishell, '-n'], stdin=text)
        assert result.returncode == 2
        assert result.stderr.startswith('minishell: line ')
