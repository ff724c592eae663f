"""System V message queues and sets of semaphores."""
from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from minishell.system import sysv

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    not os.path.exists('/proc/sysvipc/msg'), reason='the kernel has no System V IPC')
PRIVATE = 0


@pytest.fixture
def queue() -> Iterator[int]:
    made = sysv.get_queue(PRIVATE, sysv.CREATE | 0o600)
    yield made
    try:
        sysv.remove_queue(made)
    except OSError:
        pass


@pytest.fixture
def three() -> Iterator[int]:
    made = sysv.get_set(PRIVATE, 3, sysv.CREATE | 0o600)
    yield made
    sysv.remove_set(made)


def take(queue: int, kind: int, size: int | None = None, truncate: bool = False,
         ) -> tuple[int, bytes]:
    return sysv.receive(queue, kind, size, truncate, False)


def test_messages_are_taken_by_their_type(queue: int) -> None:
    for kind, text in ((5, b'five'), (12, b'twelve'), (3, b''), (12, b'again')):
        sysv.send(queue, kind, text, False)
    assert take(queue, 12) == (12, b'twelve')
    assert take(queue, -5) == (3, b'')
    assert take(queue, 0) == (5, b'five')
    assert take(queue, -12) == (12, b'again')
    with pytest.raises(OSError) as caught:
        take(queue, 0)
    assert caught.value.errno == errno.ENOMSG


def test_a_message_that_is_too_long_stays_unless_it_may_be_cut(queue: int) -> None:
    sysv.send(queue, 1, b'0123456789', False)
    with pytest.raises(OSError) as caught:
        take(queue, 0, 4)
    assert caught.value.errno == errno.E2BIG
    assert take(queue, 0, 4, True) == (1, b'0123')


def test_a_full_queue(queue: int) -> None:
    sysv.change_queue(queue, 0o640, 100)
    sysv.send(queue, 1, b'x' * 90, False)
    with pytest.raises(BlockingIOError):
        sysv.send(queue, 1, b'x' * 90, False)
    facts = sysv.facts_of('queue', queue)
    assert facts is not None
    assert (facts['perms'], facts['qnum'], facts['cbytes']) == (0o640, 1, 90)
    assert facts['lspid'] == os.getpid()


def test_every_byte_of_a_message_comes(queue: int) -> None:
    text = bytes(range(256)) * 4
    sysv.send(queue, 1 << 40, text, False)
    assert take(queue, 0) == (1 << 40, text)


def test_a_set_has_several_values(three: int) -> None:
    sysv.set_values(three, [1, 2, 3])
    sysv.operate(three, 1, -2, False, False)
    sysv.operate(three, 2, 4, False, False)
    assert sysv.values_of(three, 3) == [1, 0, 7]
    with pytest.raises(BlockingIOError):
        sysv.operate(three, 1, -1, False, False)
    with pytest.raises(BlockingIOError):
        sysv.operate(three, 0, 0, False, False)
    sysv.operate(three, 1, 0, False, False)


def test_what_is_removed_is_gone() -> None:
    made = sysv.get_set(PRIVATE, 1, sysv.CREATE | 0o600)
    assert sysv.facts_of('sem', made) is not None
    sysv.remove_set(made)
    assert sysv.facts_of('sem', made) is None
    with pytest.raises(OSError) as caught:
        sysv.operate(made, 0, 1, False, False)
    assert caught.value.errno in (errno.EINVAL, errno.EIDRM)
