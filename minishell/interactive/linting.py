"""Pitfalls and dangers of what is typed: looked for where typing pauses, never within a key."""
from __future__ import annotations

from minishell.state.settings import is_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle
    from collections.abc import Callable

    from minishell.explain.marking import Mark
    from minishell.state.shell import Shell
    from minishell.syntax.partial import Partial

PAUSE = 0.15            # seconds without a key
LONGEST = 5_000         # characters of a text that is looked at: 11 ms


class Lint:
    """The marks of the text as it was when typing paused last."""

    def __init__(self, shell: Shell, parse: Callable[[str], Partial],
                 redraw: Callable[[], None]) -> None:
        self._shell = shell
        self._parse = parse
        self._redraw = redraw
        self._loop: AbstractEventLoop | None = None
        self._timer: TimerHandle | None = None
        self._text = ''                 # what the marks are of
        self._marks: list[Mark] = []

    def start(self, loop: AbstractEventLoop, text: str) -> None:
        """A line is edited, in this event loop."""
        self._loop, self._text, self._marks = loop, '', []
        self.changed(text)

    def changed(self, text: str) -> None:
        """The text is another one: look at it when it has been left alone for a moment."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._loop is not None and text and len(text) <= LONGEST \
                and is_on(self._shell, 'lint'):
            self._timer = self._loop.call_later(PAUSE, self._look, text)

    def marks(self, text: str) -> list[Mark]:
        """What is marked in a text: what was, as far as nothing before its end has changed."""
        if not self._marks or not is_on(self._shell, 'lint'):
            return []
        if text == self._text:
            return self._marks
        return [mark for mark in self._marks if text.startswith(self._text[:mark[1]])]

    def said(self, text: str, cursor: int) -> str:
        """The sentence about what is at the cursor, else about what is marked first."""
        marks = self.marks(text)
        here = [mark for mark in marks if mark[0] <= cursor <= mark[1]]
        return (here or marks)[0][2] if marks else ''

    def _look(self, text: str) -> None:
        try:
            from minishell.explain.marking import marks_of
            marks = marks_of(self._shell, self._parse(text))
        except (ImportError, OSError):          # no descriptor to be had
            return
        before, self._text, self._marks = self.marks(text), text, marks
        if marks != before:
            self._redraw()
