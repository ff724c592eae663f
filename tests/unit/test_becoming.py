"""Of which words it is said what they become."""
from __future__ import annotations

import pytest

from minishell.interactive.becoming import Becoming, _is_plain, sentence
from minishell.interactive.parsing import parse
from minishell.session import build_shell
from minishell.syntax.nodes import SimpleCommand


@pytest.mark.parametrize(('text', 'said'), [
    ('echo plain', ''), ('echo $x', '$x → 5'), ('echo $x z', ''), ("echo '$x'", ''),
    ('echo $PASSWORD', ''), ('echo "$PASSWORD"x', ''), ('echo ${PASSWORD%g}', ''),
    ('echo ${#PASSWORD}', ''), ('echo ${!PASSWORD}', ''), ('echo ${api_key}', ''),
    ('echo $(touch made)', ''), ('echo *$(touch made)', ''), ('echo "*.c', ''),
    ('cat <(touch made)*', ''), ('echo `touch made`', ''), ('echo $((`touch made`))', ''),
    ('for i in *', ''), ('x=$x', ''), ('echo *', 'asked'), ('echo ${x%5}', 'asked'),
    ('rm x', 'asked'), ('rm', ''), ('rm ', ''), ('echo a | rm -r d', 'asked'),
    ('rm "x', ''), ('(rm x', ''), ('rmdir *', 'asked'),
])
def test_said_or_asked(text: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of a text; a child is asked for what needs more than plain parameters."""
    shell = build_shell('minishell', {})
    shell.run_text('x=5 PASSWORD=hidden api_key=hidden', 'eval')
    asked: list[str] = []
    becoming = Becoming(shell, lambda text: parse(shell, text), lambda: len(text),
                        lambda: None)
    monkeypatch.setattr(Becoming, '_ask', lambda self, text, words, work: asked.append(text))
    becoming._look(text)
    assert ('asked' if asked else becoming.said(text)) == said
    assert becoming.said(text + ' ') == ''


@pytest.mark.parametrize(('word', 'plain'), [
    ('*.c', True), ('a{1,2}', True), ('~/x', True), ('"$x"*', True), ("'a'\\*", True),
    ('$((x))', False), ('${x@P}', False), ('${a[x]}', False), ('${!x}', False), ('$a', False),
    ('$RANDOM*', False), ('${x:=y}*', False), ('$(x)', False),
])
def test_what_needs_no_sandbox(word: str, plain: bool) -> None:
    shell = build_shell('minishell', {})
    shell.run_text('x=5; a=(1 2)', 'eval')
    partial = parse(shell, f'echo {word}')
    node = next(node for node, _ in partial.nodes() if isinstance(node, SimpleCommand))
    assert _is_plain(shell, node.words[1]) is plain


def test_sentences() -> None:
    assert sentence('a', ['a']) == ''
    assert sentence('$x', []) == '$x → nothing'
    assert sentence('"$x"', ['']) == '"$x" → an empty field'
    assert sentence('*', [str(number) for number in range(12345)]) == (
        '* → 12,345: 0 1 2 3 4 5 …')
    assert sentence('$x', ['y' * 100]) == '$x → ' + 'y' * 29 + '…'
