"""What is typed, as keys of prompt_toolkit."""
from __future__ import annotations

import sys

from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.key_binding.key_processor import KeyPress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.interactive.keyboard import Keyboard
    from minishell.system.terminal import Modes

MANY = 32               # letters that are no typing
LONGEST = 32            # characters of an escape sequence
ESCAPE = '\x1b'


class KeyPresses(Vt100Input):
    """The keyboard as an input of prompt_toolkit.

    Many letters at once, as of a paste that the terminal does not mark, are one key, that
    inserts them all: one by one each takes 70 µs.
    """

    def __init__(self, keyboard: Keyboard, inserts: Callable[[], bool]) -> None:
        """`inserts`: whether a letter that is typed next is put into the text."""
        super().__init__(sys.stdin)
        self._keyboard, self._inserts = keyboard, inserts
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
        return keys

    def forget(self) -> None:
        """What has been typed so far is not the beginning of a key."""
        self._last = ''
        self.vt100_parser.reset()

    @property
    def closed(self) -> bool:
        """Whether the terminal has gone."""
        return self._keyboard.closed
