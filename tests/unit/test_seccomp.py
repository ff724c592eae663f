"""The filter by which a traced process stops: run here, instruction by instruction."""
from __future__ import annotations

from struct import iter_unpack

import pytest

from minishell.system.callnumbers import ARCHITECTURES, NUMBERS, TRANSFERS
from minishell.system.seccomp import (
    BY_ARGUMENT,
    CLONE_UNTRACED,
    F_DUPFD,
    RET_ALLOW,
    RET_TRACE,
    TIOCSPGRP,
    make_filter,
)

MACHINES = pytest.mark.parametrize('machine', sorted(NUMBERS))


def run(code: bytes, number: int, machine: int, arguments: tuple[int, ...] = (0, 0, 0)) -> int:
    """What a filter says of a system call: classic BPF, as far as it is used."""
    data = {0: number, 4: machine}
    for place, value in enumerate(arguments):
        data[16 + 8 * place] = value & 0xFFFFFFFF
    instructions = list(iter_unpack('=HBBI', code))
    place = accumulator = 0
    while True:
        operation, true, false, k = instructions[place]
        place += 1
        if operation == 0x20:
            accumulator = data[k]
        elif operation == 0x54:
            accumulator &= k
        elif operation == 0x15:
            place += true if accumulator == k else false
        elif operation == 0x35:
            place += true if accumulator >= k else false
        else:
            assert operation == 0x06
            return int(k)


@MACHINES
def test_all_that_is_looked_at_and_nothing_else(machine: str) -> None:
    code, known = make_filter(True, machine), NUMBERS[machine]
    assert len(code) % 8 == 0
    assert len(set(known.values())) == len(known)
    plain = {number for name, number in known.items() if name not in BY_ARGUMENT}
    for number in range(500):
        expected = RET_TRACE if number in plain else RET_ALLOW
        if number not in known.values() or number in plain:
            assert run(code, number, ARCHITECTURES[machine]) == expected
        assert run(code, number, 0x40000003) == RET_ALLOW       # 32 bits
        assert run(code, 0x40000000 | number, ARCHITECTURES[machine]) == RET_ALLOW      # x32


@MACHINES
def test_calls_of_which_some_are_looked_at(machine: str) -> None:
    code, known, kind = make_filter(True, machine), NUMBERS[machine], ARCHITECTURES[machine]
    assert run(code, known['fcntl'], kind, (3, F_DUPFD)) == RET_TRACE
    assert run(code, known['fcntl'], kind, (3, 1)) == RET_ALLOW         # F_GETFD
    assert run(code, known['fcntl'], kind, (3, 1 << 32 | 1)) == RET_ALLOW
    assert run(code, known['ioctl'], kind, (0, TIOCSPGRP)) == RET_TRACE
    assert run(code, known['ioctl'], kind, (0, 0x5401)) == RET_ALLOW    # TCGETS
    assert run(code, known['clone'], kind, (CLONE_UNTRACED | 17,)) == RET_TRACE
    assert run(code, known['clone'], kind, (0x01200011,)) == RET_ALLOW     # fork
    assert run(code, known['futex'], kind, (0, 0)) == RET_TRACE
    assert run(code, known['futex'], kind, (0, 0x189)) == RET_ALLOW     # of threads
    assert run(code, known['futex'], kind, (0, 0x109)) == RET_TRACE     # by the wall clock


@MACHINES
def test_without_reads_and_writes(machine: str) -> None:
    code, known = make_filter(False, machine), NUMBERS[machine]
    for name, number in known.items():
        if name in TRANSFERS:
            assert run(code, number, ARCHITECTURES[machine]) == RET_ALLOW
    assert run(code, known['close'], ARCHITECTURES[machine]) == RET_TRACE


def test_an_unknown_machine() -> None:
    assert make_filter(True, 'm68k') == b''
