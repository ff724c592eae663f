"""Open file descriptions, as /proc and kcmp(2) show them."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from minishell.system import descriptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[list[int]]:
    """A file opened twice, and a duplicate of the first."""
    path = tmp_path / 'f'
    path.write_text('0123456789')
    first = os.open(path, os.O_RDONLY)
    fds = [first, os.open(path, os.O_WRONLY | os.O_APPEND), os.dup(first)]
    yield fds
    for fd in fds:
        os.close(fd)


def held(fds: list[int]) -> list[descriptions.Held]:
    return [descriptions.Held(os.getpid(), fd) for fd in fds]


def numbers(found: list[descriptions.Held]) -> list[int]:
    given = descriptions.numbered(found)
    if 0 in given:
        pytest.skip('kcmp(2) is not allowed here')
    return given


def test_a_duplicate_shares_the_description(opened: list[int]) -> None:
    os.lseek(opened[2], 7, os.SEEK_SET)
    found = held(opened)
    assert numbers(found) == [1, 2, 1]
    assert [one.offset for one in found] == [7, 0, 7]
    assert [one.mode() for one in found] == ['r', 'w,append', 'r']
    assert len({one.inode for one in found}) == 1


def test_so_does_a_child(opened: list[int]) -> None:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    try:
        assert numbers([descriptions.Held(os.getpid(), opened[0]),
                        descriptions.Held(pid, opened[0]),
                        descriptions.Held(pid, opened[1])]) == [1, 1, 2]
    finally:
        os.close(reading)
        os.close(writing)
        os.waitpid(pid, 0)


def test_who_holds_a_pipe_and_what_is_in_it() -> None:
    reading, writing = os.pipe()
    other = os.open(f'/proc/self/fd/{writing}', os.O_RDWR)
    os.write(writing, b'abc')
    try:
        pipe = descriptions.Held(os.getpid(), reading)
        assert pipe.is_pipe()
        assert descriptions.holders(pipe) == ([os.getpid()], [os.getpid()])
        inside, capacity = descriptions.filling(pipe) or (0, 0)
        assert inside == 3
        assert capacity >= 4096
        os.close(writing)
        os.close(other)
        assert descriptions.holders(pipe) == ([os.getpid()], [])
    finally:
        os.close(reading)


def test_the_holders_of_a_fifo_by_two_names(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'a')
    os.link(tmp_path / 'a', tmp_path / 'b')
    first = os.open(tmp_path / 'a', os.O_RDONLY | os.O_NONBLOCK)
    second = os.open(tmp_path / 'b', os.O_WRONLY)
    try:
        found = descriptions.Held(os.getpid(), first)
        assert descriptions.holders(found) == ([os.getpid()], [os.getpid()])
        assert found.mode() == 'r,nonblock'
    finally:
        os.close(first)
        os.close(second)


def test_all_descriptors_of_a_process(opened: list[int]) -> None:
    found = {one.fd: one for one in descriptions.descriptors_of(os.getpid())}
    assert found.keys() >= set(opened)
    assert found[opened[0]].link.endswith('/f')
