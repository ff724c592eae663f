"""The file that prompt_toolkit is imported from: believed only if it is whole and ours."""
from __future__ import annotations

import sys
from pathlib import Path

import pytest

from minishell.interactive import library

MODULE = 'only_here'


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file, which holds a module."""
    folder = tmp_path / 'cache'
    folder.mkdir(mode=0o755)
    source = tmp_path / f'{MODULE}.py'
    source.write_text('import typing\nclass Two(typing.NamedTuple):\n    a: int\n    b: int\n'
                      'value = Two(3, 4).a + Two(3, 4).b\n')
    monkeypatch.setattr(library, '_path', lambda: str(folder / 'editor'))
    monkeypatch.setattr(library, 'BARE', ())
    monkeypatch.setattr(sys, 'dont_write_bytecode', False)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert library.importing(load) == 7
    return folder / 'editor'


def load() -> int:
    """What the module says; it is loaded anew."""
    sys.modules.pop(MODULE, None)
    value = __import__(MODULE).value
    assert isinstance(value, int)
    return value


def loader() -> str:
    """What has loaded the module."""
    return type(sys.modules[MODULE].__loader__).__name__


def test_a_module_comes_from_the_file(kept: Path) -> None:
    assert kept.stat().st_mode & 0o777 == 0o644
    assert library.importing(load) == 7
    assert loader() == 'Library'


def test_a_module_that_has_changed_does_not_and_the_file_is_written_anew(
    kept: Path, tmp_path: Path,
) -> None:
    (tmp_path / f'{MODULE}.py').write_text('value = 12\n')
    assert library.importing(load) == 12
    assert not kept.exists()
    sys.modules.pop(MODULE)
    assert library.importing(load) == 12
    assert library.importing(load) == 12
    assert loader() == 'Library'


@pytest.mark.parametrize('damage', [
    'truncated', 'empty', 'a byte', 'writable', 'folder', 'link'])
def test_a_file_that_is_not_whole_or_anybodys_is_not_believed(damage: str, kept: Path) -> None:
    data = kept.read_bytes()
    if damage == 'truncated':
        kept.write_bytes(data[:-1])
    elif damage == 'empty':
        kept.write_bytes(b'')
    elif damage == 'a byte':
        kept.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    elif damage == 'writable':
        kept.chmod(0o666)
    elif damage == 'folder':
        kept.parent.chmod(0o777)
    else:
        kept.rename(kept.parent / 'other')
        kept.symlink_to('other')
    assert library.importing(load) == 7
    assert loader() != 'Library'


def test_where_something_is_missing_all_is_imported(monkeypatch: pytest.MonkeyPatch,
                                                    kept: Path) -> None:
    """What was left out may be wanted by another version."""
    monkeypatch.setattr(library, 'BARE', ('html',))
    sys.modules.pop('html', None)

    def wanting() -> str:
        from html import escape
        return escape('<')
    assert library.importing(wanting) == '&lt;'
    assert 'ssl' not in sys.modules or sys.modules['ssl'] is not None
