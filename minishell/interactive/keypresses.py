"""What is typed, as keys of prompt_toolkit."""
from __future__ import annotations

import sys

from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from prompt_toolkit.application import Application

    from minishell.interactive.keyboard import Keyboard
    from minishell.system.terminal import Modes

MANY = 32               # letters that are no typing
LONGEST = 32            # characters of an escape sequence
ESCAPE, CLICK = '\x1b', '\x1b[<'


class KeyPresses(Vt100Input):
    """The keyboard as an input of prompt_toolkit.

    Many letters at once, as of a paste that the terminal does not mark, are one key, that
    inserts them all: one by one each takes 70 µs.
    """

    def __init__(self, keyboard: Keyboard, inserts: Callable[[], bool],
                 told: Callable[[KeyPress], bool]) -> None:
        """`inserts`: whether a letter that is typed next is put into the text; `told` takes
        what the terminal says, rather than who types."""
        super().__init__(sys.stdin)
        self._keyboard, self._inserts, self._told = keyboard, inserts, told
        self._last = ''                 # what may be the beginning of an escape sequence

    def raw_mode(self) -> Modes:
        """The terminal's modes while a line is edited."""
        return self._keyboard.raw_mode()

    def read_keys(self) -> list[KeyPress]:
        """The keys that have been pressed."""
        data = self._keyboard.read()
        if len(data) >= MANY and data.isprintable() and ESCAPE not in self._last \
                and not self.vt100_parser._in_bracketed_paste and self._inserts():
            return [KeyPress(data[0], data)]
        self._last = (self._last + data)[-LONGEST:]
        self.vt100_parser.feed(data)
        keys, self._buffer = self._buffer, []
        return [key for key in without_unknown(keys) if not self._told(key)]

    def flush_keys(self) -> list[KeyPress]:
        """The keys that may be beginnings of longer ones, but none of the mouse, which nobody
        types."""
        before, clicked, rest = self._last.rpartition(CLICK)
        return [] if clicked and not rest.strip('0123456789;') else super().flush_keys()

    def forget(self) -> None:
        """What has been typed so far is not the beginning of a key."""
        self._last = ''
        self.vt100_parser.reset()

    @property
    def closed(self) -> bool:
        """Whether the terminal has gone."""
        return self._keyboard.closed


def wait_between_keys(app: Application[Any], behind_escape: Callable[[], float]) -> None:
    """Have a key that others may follow wait for them as long as it takes: `d` for the second
    one.  Esc, which is a key of its own, too, waits some seconds only."""
    processor = app.key_processor
    start = processor._start_timeout

    def begin() -> None:
        if processor._flush_wait_task is not None:
            processor._flush_wait_task.cancel()
        first = processor.key_buffer[:1]
        if first and first[0].key == Keys.Escape:
            app.timeoutlen = behind_escape()
            start()
    processor._start_timeout = begin                # type: ignore[method-assign]


def without_unknown(keys: list[KeyPress]) -> list[KeyPress]:
    """Keys without those of which a control sequence (ECMA-48) has been taken for that nobody
    knows: it would be text, but for its first character."""
    kept: list[KeyPress] = []
    pos = 0
    while pos < len(keys):
        end = _sequence(keys, pos) if keys[pos].key == Keys.Escape else 0
        if not end:
            kept.append(keys[pos])
        pos = end or pos + 1
    return kept


def _sequence(keys: list[KeyPress], pos: int) -> int:
    """Where one that begins at pos ends; 0 where there is none."""
    if pos + 1 == len(keys) or keys[pos + 1].key != '[':
        return 0
    for end in range(pos + 2, len(keys)):
        character = keys[end].key
        if len(character) > 1 or not ' ' <= character <= '~':
            break
        if character >= '@':
            return end + 1
    return 0
