"""Fields of what comes out of a pipe, for awk, cut and jq."""
from __future__ import annotations

import json

import pytest

from minishell.interactive import fields
from minishell.interactive.fields import Fields, read_json
from minishell.session import build_shell
from minishell.state.settings import settings_of

PS = """\
USER  PID COMMAND
root    1 init
ada  4211 sh -c x
"""
PASSWD = 'root:x:0:/root\nada:x:1000:/home/ada\n'
JSON = json.dumps({'items': [{'name': 'a', 'size': 1, 'a b': None}, {'name': 'b', 'ok': True}],
                   'total': 2, 'of': {'x': [1]}})


@pytest.fixture
def of(monkeypatch: pytest.MonkeyPatch) -> Fields:
    """With previews, and samples that are made up."""
    shell = build_shell('minishell', {})
    settings_of(shell).said['preview'] = True
    samples = {'ps': PS, 'cat passwd': PASSWD, 'cat json': JSON, 'true': ''}
    monkeypatch.setattr(Fields, '_sample_of', lambda self, text: samples[text])
    return Fields(shell, lambda text: None)


@pytest.mark.parametrize(('typed', 'offered'), [
    ("ps | awk '{print $", [('1', 0, 'USER, root, ada'), ('2', 0, 'PID, 1, 4211'),
                            ('3', 0, 'COMMAND, init, sh'), ('4', 0, '-c'), ('5', 0, 'x')]),
    ("ps | awk '{print $1, $3", [('3', 1, 'COMMAND, init, sh')]),
    ("cat passwd | awk -F: '{ print $", [('1', 0, 'root, ada'), ('2', 0, 'x'),
                                         ('3', 0, '0, 1000'), ('4', 0, '/root, /home/ada')]),
    ("cat passwd | mawk -F '[:/]' '$5", [('5', 1, 'root, home')]),
    ('cat passwd | cut -d: -f', [('1', 0, 'root, ada'), ('2', 0, 'x'), ('3', 0, '0, 1000'),
                                 ('4', 0, '/root, /home/ada')]),
    ("cat passwd | cut -d ':' -f 1,3", [('3', 1, '0, 1000')]),
    ('cat passwd | cut --delimiter=: --fields=2-4', [('4', 1, '/root, /home/ada')]),
    ('cat passwd | cut -f', [('1', 0, 'root:x:0:/root, ada:x:1000:/home/ada')]),
    ('cat json | jq ', [('.items', 0, '[2]'), ('.total', 0, '2'), ('.of', 0, '{…}')]),
    ('cat json | jq .', [('items', 0, '[2]'), ('total', 0, '2'), ('of', 0, '{…}')]),
    ('cat json | jq -r .t', [('total', 1, '2')]),
    ('cat json | jq .items', [('items', 5, '[2]')]),
    ('cat json | jq .items.', [('[]', 0, 'each element')]),
    ("cat json | jq -r '.items[].", [('name', 0, 'a, b'), ('size', 0, '1'),
                                     ('"a b"', 0, 'null'), ('ok', 0, 'true')]),
    ("cat json | jq '.items[] | .n", [('name', 1, 'a, b')]),
    ("cat json | jq '.items[] | select(.ok) | .s", [('size', 1, '1')]),
    ("cat json | jq '.items | map(.s", [('size', 1, '1')]),
    ("cat json | jq '{x: .of.", [('x', 0, '[1]')]),
    ("cat json | jq 'keys | .", []),
    ('true | jq .', []), ("true | awk '{print $", []),
    ('cat json | jq . fi', None), ('cat json | jq fi', None), ('cut -f', None),
    ('ps | sort -k', None), ('ps || cut -f', None), ("echo 'a|b' cut -f", None),
])
def test_offered(typed: str, offered: list[tuple[str, int, str]] | None, of: Fields) -> None:
    found = of.of(typed)
    assert offered == (None if found is None else [
        (text, length, values) for text, length, _, values in found])


def test_off_by_default() -> None:
    assert Fields(build_shell('minishell', {}), print).of("ps | awk '{print $") is None


@pytest.mark.parametrize('text', [JSON, '{"a": [1, 2.5e3, -1], "b": "\\u00e9\\n\\"", "c": {}}',
                                  '[]', '[[[]]]', '"x"', '12', 'null', ' { } ', '[true,false]'])
def test_json_whole(text: str) -> None:
    assert read_json(text) == [json.loads(text)]
    assert read_json(f'{text}\n{text} ') == [json.loads(text)] * 2


def test_json_cut_short_anywhere() -> None:
    """What there is of it; nothing raises."""
    for end in range(len(JSON)):
        found = read_json(JSON[:end])
        assert len(found) == (end > 0)
    assert read_json('{"a": 1, "b": [{"c": 2}, {"c"') == [{'a': 1, 'b': [{'c': 2}, {}]}]
    assert read_json('[' * 100_000) != []
    for wrong in ('}', '{1: 2}', '{"a" 1}', '[1 2]', 'x', '', '{"a": x}'):
        read_json(wrong)


def test_many_columns_and_long_values() -> None:
    row = ' '.join(map(str, range(1000)))
    assert len(list(fields._columns([row.split()]))) == 1000
    assert fields._values(iter(['x' * 100])) == 'x' * 47 + '…'
    assert fields._values(iter(['a\x1b[31m'])) == 'a^[[31m'
