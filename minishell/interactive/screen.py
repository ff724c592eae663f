"""The terminal that the line editor writes to."""
from __future__ import annotations

from minishell.codec import encoded
from minishell.system.blocking import write_all
from minishell.system.descriptors import close, duplicate_high
from minishell.system.terminal import window_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.interactive.prompts import Prompt
    from minishell.state.shell import Shell

LOOP_NEEDS = 3                          # descriptors, of asyncio
PLAIN = ('linux', 'vt', 'cons', 'ansi')         # terminals that have few characters
STRINGS = ']PX^_'                       # OSC, DCS and others begin so, and end with ST


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

    def __init__(self, cell: list[int], sign: str) -> None:
        """`sign` is shown behind output that does not end its line; one column wide."""
        self._cell = cell
        self._sign = sign
        self._early = ''                # the prompt, if it has been shown before the editor

    def show_early(self, prompt: Prompt) -> None:
        """Show a prompt which the editor will draw once more at the same place; not one of
        which it is unknown how many lines it takes."""
        lines = visible(prompt.text).split('\n')
        if all(_most_columns(line) < self.size()[1] for line in lines):
            self.begin_line('', prompt.marks + prompt.text)
            self._early = prompt.text

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

    def begin_line(self, before: str, behind: str) -> None:
        """Put the cursor at the beginning of a line: what a command has left in front of it
        stays.  Something is written before that, and behind it."""
        self.write(before + new_line(self._sign, self.size()[1]) + behind)

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


def new_line(sign: str, columns: int) -> str:
    """What puts the cursor at the beginning of a line, wherever it is: behind text with a sign
    that there was no newline.  The terminal is not asked where: some never answer.

    Sign and blanks are a line's width.  They end in the next line; or, as lines are begun by
    the character that no longer fits, in the same one, if the cursor was at its left.  Then
    the sign is at the left as well, and removed.
    """
    return f'\x1b[0;7m{sign}\x1b[0m{" " * (columns - 1)}\r\x1b[K'


def sign_for(shell: Shell) -> str:
    """The sign behind output that does not end its line, as terminal and locale have it."""
    term = shell.variables.get('TERM') or ''
    return '%' if shell.bytewise or term.startswith(PLAIN) else '⏎'


def visible(text: str) -> str:
    """Text without what moves a terminal's cursor or changes its colours."""
    return ''.join([piece for piece in taken_apart(text)
                    if piece[0] >= ' ' and piece != '\x7f' or piece == '\n'])


def taken_apart(text: str) -> list[str]:
    """The pieces of a prompt: text, and each control character or escape sequence (ECMA-48)."""
    pieces: list[str] = []
    pos = start = 0
    while pos < len(text):
        c = text[pos]
        if c >= ' ' and c != '\x7f':
            pos += 1
            continue
        if pos > start:
            pieces.append(text[start:pos])
        start = pos
        pos = _sequence(text, pos) if c == '\x1b' else pos + 1
        pieces.append(text[start:pos])
        start = pos
    return [*pieces, text[start:]] if pos > start else pieces


def unseen(prompt: str) -> str:
    """What else there is in it for the terminal: titles, for example."""
    return ''.join([piece for piece in taken_apart(prompt)
                    if not is_seen(piece) and piece not in '\t\r'])


def is_seen(piece: str) -> bool:
    """Whether a piece is drawn: text, a newline, colours."""
    return piece[0] >= ' ' and piece != '\x7f' or piece == '\n' \
        or piece[:2] == '\x1b[' and piece[-1:] == 'm'


def with_semicolons(sequence: str) -> str:
    """A sequence that sets colours, without the colons that it may have as well (ISO 8613-6):
    `38:2::1:2:3` for `38;2;1;2;3`, `4:3` for a kind of `4`."""
    if sequence[:1] != '\x1b' or ':' not in sequence:
        return sequence
    parts: list[str] = []
    for part in sequence[2:-1].split(';'):
        first, *others = part.split(':')
        kind = others[0] if others else ''
        parts += [first] + ([kind, *others[-3 if kind == '2' else -1:]]
                            if first in ('38', '48') else [])
    return f'\x1b[{";".join(parts)}m'


def _sequence(text: str, pos: int) -> int:
    """Where the escape sequence at pos ends."""
    kind = text[pos + 1:pos + 2]
    if kind in STRINGS and kind:        # up to BEL, or ESC \
        while pos < len(text) and text[pos] != '\a' and text[pos:pos + 2] != '\x1b\\':
            pos += 1
        return pos + (1 if text[pos:pos + 1] == '\a' else 2)
    pos += 2 if kind == '[' else 1
    last = '@' if kind == '[' else '0'
    while pos < len(text) and ' ' <= text[pos] < last:
        pos += 1
    return pos + 1


def _most_columns(text: str) -> int:
    return len(text) if text.isascii() else 2 * len(text)
