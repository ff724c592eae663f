"""HISTFILE, shared by several shells."""
from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from minishell.state.history_file import HistoryFile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize('entry', [
    'a', 'a b', 'a\nb', 'a\\', 'a\\\nb\\', '\udcff', 'é', ' a ', 'a\\ '])
def test_what_is_appended_is_loaded(entry: str, tmp_path: Path) -> None:
    file = HistoryFile(str(tmp_path / 'h'))
    assert file.load() == []
    for text in (entry, 'z', entry):
        file.append(text)
    assert file.load() == [entry, 'z', entry]
    assert (tmp_path / 'h').stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize('data', [b'a\nb', b'a\nb\\', b'a\nb\\\n'])
def test_a_last_line_without_its_end(data: bytes, tmp_path: Path) -> None:
    (tmp_path / 'h').write_bytes(data)
    file = HistoryFile(str(tmp_path / 'h'))
    assert file.load() == ['a', data.decode().split('\n', 1)[1].rstrip('\n')]
    if not data.endswith(b'\\\n'):
        file.append('c')
        assert (tmp_path / 'h').read_bytes() == data + b'\nc\n'


def test_bytes_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / 'h').write_bytes(b'\xff\xfe\n' * 3)
    file = HistoryFile(str(tmp_path / 'h'))
    file.cut(2)
    assert (tmp_path / 'h').read_bytes() == b'\xff\xfe\n' * 2


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / 'real').write_text('a\nb\n')
    (tmp_path / 'h').symlink_to('real')
    file = HistoryFile(str(tmp_path / 'h'))
    file.cut(1)
    file.append('c')
    assert (tmp_path / 'h').is_symlink()
    assert (tmp_path / 'real').read_text() == 'b\nc\n'


@pytest.mark.parametrize('path', ['fifo', '/dev/zero', '/dev/full', '/dev/null', '/dev/tty',
                                  '.', 'no/file', '', 'a\0b'])
def test_what_is_no_file_is_left_alone(path: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'fifo')
    file = HistoryFile(str(tmp_path / path) if path else path)
    with pytest.raises((OSError, ValueError)):
        file.load()
    if '\0' not in path:
        file.append('a')
        file.cut(1)
        file.take_back()


def test_shells_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / 'h'
    path.write_text('old\n' * 2000)
    code = ('import sys; from minishell.state.history_file import HistoryFile as H\n'
            'h = H(sys.argv[1]); n = int(sys.argv[2])\n'
            'n == 2 and h.cut(1)\n'
            'for i in range(200): h.append(f"{n} {i}")')
    started = [subprocess.Popen([sys.executable, '-c', code, path, str(n)]) for n in range(4)]
    assert [process.wait(timeout=300) for process in started] == [0] * 4
    entries = HistoryFile(str(path)).load()
    for n in range(4):
        mine = [entry for entry in entries if entry.startswith(f'{n} ')]
        assert mine == [f'{n} {i}' for i in range(200)] or n != 2 and set(mine) < {
            f'{n} {i}' for i in range(200)}     # others' may have been cut: one entry is left
    assert entries[-1] != 'old'


def test_what_was_appended_last_is_taken_back(tmp_path: Path) -> None:
    file, other = (HistoryFile(str(tmp_path / 'h')) for _ in range(2))
    file.append('a')
    file.append('b')
    file.take_back()
    assert file.load() == ['a']
    file.append('c')
    other.append('d')
    file.take_back()                    # it is not the last one any more
    assert file.load() == ['a', 'c', 'd']
