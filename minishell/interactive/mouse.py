"""Clicks of the mouse: they put the cursor into the line, and take from menus and lists.

Who tells of them: a terminal that knows where prompts are (marks.py: `click_events`), which
keeps all else, as selecting, to itself; any other one only where the setting `mouse` is on, for
then it selects only with Shift.  A click names a place of the screen, so the terminal is asked
which place the cursor has.  Nobody waits for the answer: what is typed behind Enter meanwhile
is for the command, and could not be told from it in time.
"""
from __future__ import annotations

from prompt_toolkit.data_structures import Point
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.mouse_events import MouseButton, MouseEvent, MouseEventType
from prompt_toolkit.output.vt100 import Vt100_Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding.key_bindings import NotImplementedOrNone
    from prompt_toolkit.key_binding.key_processor import KeyPress

    from minishell.interactive.screen import Screen

WHERE = '\x1b[6n'                       # DSR: asks for the cursor's row and column
PRESSED = '\x1b[<0;'                    # the left button, without other keys
DIGITS = 5                              # of a number that is believed
MOST = 2                                # clicks that wait for an answer: a double one


class MouseOutput(Vt100_Output):
    """An output that has presses told and, unlike prompt_toolkit's, no motion."""

    def enable_mouse_support(self) -> None:
        """Have them told, in the form of SGR."""
        self.write_raw('\x1b[?1000h\x1b[?1006h')

    def disable_mouse_support(self) -> None:
        """No more."""
        self.write_raw('\x1b[?1006l\x1b[?1000l')


class ListControl(FormattedTextControl):
    """The rows of a list, of which one is chosen by a click."""

    def __init__(self, rows: Callable[[], StyleAndTextTuples], clicked: Callable[[int], None],
                 focusable: bool = False) -> None:
        """`clicked` is told the number of the row, from 0."""
        super().__init__(rows, focusable=focusable, show_cursor=False)
        self._clicked = clicked

    def mouse_handler(self, mouse_event: MouseEvent) -> NotImplementedOrNone:
        """Tell of it."""
        if mouse_event.event_type == MouseEventType.MOUSE_DOWN:
            self._clicked(mouse_event.position.y)
        return None


class Clicks:
    """What the terminal tells of the mouse, and answers; none of it is a key."""

    def __init__(self, screen: Screen, app: Callable[[], Application[Any]]) -> None:
        self._screen, self._app = screen, app
        # Not yet answered, the first one first: column, row of the screen, and the cursor's
        # row in what we have drawn.
        self._asked: list[tuple[int, int, int]] = []

    def begin(self) -> None:
        """A line is edited: what was not answered before it never is."""
        self._asked = []

    def told(self, press: KeyPress) -> bool:
        """Take it, if it is one."""
        if press.key == Keys.Vt100MouseEvent:
            if press.data.startswith(PRESSED) and press.data.endswith('M'):
                self._clicked(_numbers(press.data[len(PRESSED):-1]))
        elif press.key == Keys.CPRResponse:
            self._answered(_numbers(press.data[2:-1]))
        else:
            return False
        return True

    def _clicked(self, numbers: list[int]) -> None:
        """The column and row of a click: ask where the cursor is."""
        if len(numbers) == 2:
            cursor = self._app().renderer._cursor_pos.y
            self._asked = [*self._asked, (numbers[0], numbers[1], cursor)][-MOST:]
            self._screen.write(WHERE)

    def _answered(self, numbers: list[int]) -> None:
        """The cursor's row and column: so the place of the click in what we have drawn."""
        app = self._app()
        if not self._asked or not numbers or not app.is_running or app.is_done:
            return
        column, row, cursor = self._asked.pop(0)
        at = Point(column - 1, row - numbers[0] + cursor)
        act = app.renderer.mouse_handlers.mouse_handlers[at.y][at.x]
        act(MouseEvent(at, MouseEventType.MOUSE_DOWN, MouseButton.LEFT, frozenset()))
        if app.current_buffer.complete_state is not None:       # menus act on the release
            act(MouseEvent(at, MouseEventType.MOUSE_UP, MouseButton.LEFT, frozenset()))
        app.invalidate()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(';') if 0 < len(number) <= DIGITS]
