"""The history files of other shells."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from minishell.state.history_import import commands_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(('name', 'data', 'commands'), [
    ('b', b'echo a\n\n  \necho b', ['echo a', 'echo b']),
    ('b', b'#1700000000\necho a\n#1700000001\nfor i in 1\ndo\n\ndone\n', [
        'echo a', 'for i in 1\ndo\n\ndone']),
    ('b', b'# comment\n#12\necho \xff', ['# comment', '#12', 'echo \udcff']),
    ('z', b': 1700000000:0;echo a\n: 1700000001:12;echo b\\\nc;d\n', ['echo a', 'echo b\nc;d']),
    ('.zsh_history', b'echo a\\\nb\necho \xc3\x83\xb4\n', ['echo a\nb', 'echo \u00d4']),
    ('z', b': 1:0;x\n: not: a;stamp\n', ['x', ': not: a;stamp']),
    ('f', b'- cmd: echo a\\nb\n  when: 17\n- cmd: echo \\\\n\n  paths:\n    - x\n', [
        'echo a\nb', 'echo \\n']),
    ('e', b'', []),
])
def test_commands(name: str, data: bytes, commands: list[str], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert commands_of(str(tmp_path / name)) == commands


def test_only_a_file_is_read(tmp_path: Path) -> None:
    for path in ('/dev/zero', str(tmp_path)):
        with pytest.raises(OSError, match='regular'):
            commands_of(path)
