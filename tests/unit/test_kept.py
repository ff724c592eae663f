"""Which texts stay compiled: those that come again, as far as they have been run."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from minishell import session
from minishell.session import LONGEST_TEXT, MOST_TEXTS, build_shell

if TYPE_CHECKING:
    from minishell.state.shell import Shell
    from minishell.syntax.parser import Parser
    from minishell.syntax.source import Source


@pytest.fixture
def shell() -> Shell:
    return build_shell('test', {})


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that have been parsed."""
    texts: list[str] = []
    make_parser = session.make_parser

    def make(shell: Shell, source: Source, file: bool = False) -> Parser:
        texts.append(source.text)
        return make_parser(shell, source, file)
    monkeypatch.setattr(session, 'make_parser', make)
    return texts


@pytest.mark.parametrize('text', ['x=1', 'x=1; y=2', 'x=1\ny=2\n', 'x=1\n\n# end', ''])
def test_a_text_is_parsed_twice(shell: Shell, parsed: list[str], text: str) -> None:
    for _ in range(5):
        assert shell.run_text(text, 'eval') == 0
    assert parsed == [text, text]


def test_what_is_behind_return_is_parsed_once_it_is_reached(shell: Shell,
                                                            parsed: list[str]) -> None:
    shell.run_text('f() { eval "$text"; }', 'eval')
    shell.variables.assign('text', 'x=1\nreturn $n\ny=2\n')
    shell.variables.assign('n', '3')
    del parsed[:]
    for _ in range(5):
        shell.run_text('f', 'eval')
    assert [text for text in parsed if text != 'f'] == [shell.variables.get('text')] * 2
    assert shell.status == 3 and shell.variables.get('y') is None


def test_behind_a_new_alias_the_rest_is_parsed(shell: Shell, parsed: list[str]) -> None:
    text = 'x=1\n$define\ny=2\n'
    for define in ('', '', '', 'alias a=b'):
        shell.variables.assign('define', define)
        shell.run_text(text, 'eval')
    assert parsed == [text, text, 'y=2\n']


def test_what_is_kept_is_bounded(shell: Shell, parsed: list[str]) -> None:
    for n in range(3 * MOST_TEXTS):
        shell.run_text(f'x={n}', 'eval')
    assert len(shell.texts) <= MOST_TEXTS
    long = '#' * LONGEST_TEXT
    shell.run_text(long, 'eval')
    assert all(text != long for text, _, _ in shell.texts)
