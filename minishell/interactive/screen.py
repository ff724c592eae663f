"""The terminal that the line editor writes to."""
from __future__ import annotations

from minishell.codec import encoded
from minishell.system.blocking import write_all
from minishell.system.descriptors import close, duplicate_high
from minishell.system.terminal import window_size

LOOP_NEEDS = 3                          # descriptors, of asyncio


def see_to_descriptors() -> None:
    """Raises OSError unless an event loop can be made: where that fails half-way, asyncio
    leaves messages."""
    taken: list[int] = []
    try:
        for _ in range(LOOP_NEEDS):
            taken.append(duplicate_high(0))
    finally:
        for fd in taken:
            close(fd)


class Screen:
    """A terminal for output, as a file object has it: the shell's own descriptor, so that the
    prompt is seen wherever `exec` has sent standard output and error."""

    encoding = 'utf-8'

    def __init__(self, cell: list[int]) -> None:
        self._cell = cell

    def fileno(self) -> int:
        """The descriptor at the moment."""
        return self._cell[0]

    def size(self) -> tuple[int, int]:
        """Its lines and columns, the usual ones if they are not known."""
        columns, lines = window_size(self._cell[0])
        return lines or 24, columns or 80

    def isatty(self) -> bool:
        """It was one when we began."""
        return True

    def write(self, text: str) -> None:
        """Write all of it; if the terminal has gone, reading will tell."""
        try:
            write_all(self._cell[0], encoded(text))
        except OSError:
            pass

    def flush(self) -> None:
        """Nothing is kept back."""
