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
        self._early = ''                # the prompt, if it has been shown before the editor

    def show_early(self, prompt: str) -> None:
        """Show a prompt which the editor will draw once more at the same place; not one of
        which it is unknown how many lines it takes."""
        lines = visible(prompt).split('\n')
        if all(_most_columns(line) < self.size()[1] for line in lines):
            self.begin_line()
            self.write(prompt)
            self._early = prompt

    def take_back(self) -> None:
        """Remove it: there is no editor."""
        if self.goes_back():
            self.write('\x1b[J')

    def goes_back(self) -> bool:
        """Whether there has been such a prompt; the cursor is at its beginning then."""
        if not self._early:
            return False
        rows = visible(self._early).count('\n')
        self.write('\r' + f'\x1b[{rows}A' * bool(rows))
        self._early = ''
        return True

    def begin_line(self) -> None:
        """Put the cursor at the beginning of a line: what a command has left in front of it
        stays.  A line's width of blanks ends in the next one, if it was not at the left."""
        self.write(' ' * self.size()[1] + '\r')

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


def visible(text: str) -> str:
    """Text without what moves a terminal's cursor or changes its colours."""
    pieces = text.split('\x1b')
    shown = [pieces[0]]
    for piece in pieces[1:]:
        end = 1
        if piece[:1] == '[':            # up to a letter
            while end < len(piece) and not '@' <= piece[end] <= '~':
                end += 1
            end += 1
        elif piece[:1] == ']':          # a title: up to BEL, or ESC \
            end = piece.find('\a') + 1 or len(piece)
        shown.append(piece[end:])
    return ''.join(shown).replace('\r', '')


def _most_columns(text: str) -> int:
    return len(text) if text.isascii() else 2 * len(text)
