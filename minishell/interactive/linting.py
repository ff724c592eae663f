"""Pitfalls and dangers of what is typed: looked for where typing pauses, never within a key."""
from __future__ import annotations

import posix

from minishell.interactive.asking import Asked
from minishell.state.search import FORMAT, REGULAR
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
        self._files = Asked(size_of, self._look_again)
        self._text = ''                 # what the marks are of
        self._marks: list[Mark] = []

    def start(self, loop: AbstractEventLoop, text: str) -> None:
        """A line is edited, in this event loop."""
        self._loop, self._text, self._marks = loop, '', []
        self._files.forget()
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
            from minishell.explain.marking import marks_of, of_target, targets_of
            partial = self._parse(text)
            marks = marks_of(self._shell, partial)
            for target in targets_of(self._shell, partial):
                size = self._files.ask(target[3])
                if size is not None:
                    marks += of_target(self._shell, target, size)
            marks.sort(key=lambda mark: mark[0])
        except (ImportError, OSError):          # no descriptor to be had
            return
        before, self._text, self._marks = self.marks(text), text, marks
        if marks != before:
            self._redraw()

    def _look_again(self) -> None:
        """There is an answer about a file; called in another thread."""
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(lambda: self._look(self._text))
        except RuntimeError:            # the line has just been entered
            pass


def size_of(path: str) -> int:
    """The size of a regular file, 0 of another one; -1 if there is none."""
    try:
        found = posix.stat(path)
    except (OSError, ValueError):
        return -1
    return found.st_size if found.st_mode & FORMAT == REGULAR else 0
