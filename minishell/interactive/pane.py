"""The glass box below the prompt (`glass on`): the shell's processes, as they change."""
from __future__ import annotations

from time import process_time

from prompt_toolkit.filters import Condition, is_done
from prompt_toolkit.layout import ConditionalContainer, Window
from prompt_toolkit.layout.controls import FormattedTextControl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

    from minishell.state.shell import Shell

LINES = 12              # at most


class Pane:
    """The lines, looked at anew while a line is edited."""

    def __init__(self, shell: Shell, redraw: Callable[[], None]) -> None:
        self._shell = shell
        self._redraw = redraw
        self._lines: list[str] = []
        self._loop: AbstractEventLoop | None = None     # of the line that is edited

    def container(self) -> ConditionalContainer:
        """Where it is drawn."""
        return ConditionalContainer(
            Window(FormattedTextControl(lambda: '\n'.join(self._lines)), wrap_lines=False,
                   style='class:sh.notice', dont_extend_height=True),
            filter=~is_done & Condition(self.is_on))

    def is_on(self) -> bool:
        """Whether it is wanted."""
        return bool(self._shell.parts.get('glass'))

    def start(self, loop: AbstractEventLoop) -> None:
        """Begin to look, in the event loop of a line that is edited; it ends with that."""
        self._loop = loop
        if self.is_on():
            self._look(loop)

    def switch(self) -> None:
        """Have it, or no more."""
        self._shell.parts['glass'] = not self.is_on()
        if self.is_on() and self._loop is not None:
            self._look(self._loop)

    def _look(self, loop: AbstractEventLoop) -> None:
        if not self.is_on():
            return
        from minishell.glass.table import pause, session, table
        from minishell.glass.waiting import stops_of
        begun = process_time()
        lines = table(session(self._shell.pid), not self._shell.bytewise,
                      stops=stops_of(self._shell.jobs))
        if len(lines) > LINES:
            lines = [*lines[:LINES - 1], f'... {len(lines) - LINES + 1} more']
        if lines != self._lines:
            self._lines = lines
            self._redraw()
        loop.call_later(pause(process_time() - begun), self._look, loop)
