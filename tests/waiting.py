"""Waiting for what other processes do: the kernel is asked, again and again."""
from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT = 300           # seconds, on a machine that is very busy: then something is wrong
BETWEEN = 0.001         # seconds between looks: the processor is for those who are waited for


def state_of(pid: int) -> str:
    """R, S, T…; empty when the process has gone."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
    except OSError:
        return ''


def gone(pid: int) -> bool:
    """Whether a process has ended; its parent may not have looked yet."""
    return state_of(pid) in ('', 'Z', 'X')


def until_true(condition: Callable[[], bool], found: Callable[[], object] = str,
               timeout: float = TIMEOUT) -> None:
    """Wait until a condition holds; `found` tells what is to be seen where it never does."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, found()
        time.sleep(BETWEEN)
