"""The shell's history list as the line editor sees it: to go back in, and what it suggests."""
from __future__ import annotations

from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.history import History

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.document import Document

    from minishell.state.shell import Shell

MOST_LOOKED_AT = 5_000                  # entries, for a suggestion: about 0.5 ms


class TypedCommands(History):
    """The commands of the shell's history list, as they are at each prompt."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell

    async def load(self) -> AsyncGenerator[str, None]:
        """The entries, the newest first."""
        for entry in reversed(self.get_strings()):
            yield entry

    def get_strings(self) -> list[str]:
        """The entries, the oldest first."""
        history = self._shell.history
        return history.entries if history is not None else []

    def load_history_strings(self) -> Iterable[str]:
        """Not asked for: see load."""
        return self.get_strings()

    def append_string(self, string: str) -> None:
        """Not kept here: the shell enters complete commands into its list."""

    def store_string(self, string: str) -> None:
        """Not kept here either."""


class FromHistory(AutoSuggest):
    """The newest command that begins as what has been typed."""

    def __init__(self, commands: TypedCommands) -> None:
        self._commands = commands

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:
        """What could follow; nothing behind blank text."""
        typed = document.text
        if not typed.strip() or not document.is_cursor_at_the_end:
            return None
        entries = self._commands.get_strings()
        for entry in entries[:-MOST_LOOKED_AT - 1:-1]:
            if len(entry) > len(typed) and entry.startswith(typed):
                return Suggestion(entry[len(typed):])
        return None
