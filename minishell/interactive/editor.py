"""Whether there is a line editor: prompt_toolkit imported, behind the first prompt."""
from __future__ import annotations

from minishell.interactive.keyboard import Keyboard
from minishell.interactive.screen import Screen, sign_for
from minishell.system.descriptors import duplicate_high

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.interactive.application import LineEditor
    from minishell.interactive.prompts import Prompt
    from minishell.state.shell import Shell


def line_editor(shell: Shell, disturbed: Callable[[], bool],
                prompt: Prompt) -> LineEditor | None:
    """What edits a line; None if prompt_toolkit is not installed, or no descriptor is to be
    had.

    The prompt is shown before anything is imported, and the terminal is in the editor's modes
    by then: what is typed meanwhile is kept, and shown by the editor.
    """
    try:
        screen = Screen(shell.descriptors.keep(duplicate_high(2)), sign_for(shell))
    except OSError:
        return None
    keyboard = Keyboard(shell)
    keyboard.begin()
    screen.show_early(prompt)

    def load() -> LineEditor:
        from minishell.interactive.application import LineEditor
        return LineEditor(shell, disturbed, keyboard, screen)
    try:
        from minishell.interactive.library import importing
        return importing(load)
    except (ImportError, OSError):
        screen.take_back()
        keyboard.give_up()
        return None
    except BaseException:
        keyboard.give_up()
        raise
