"""The line that is edited, and Up from it: through what was typed before."""
from __future__ import annotations

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.clipboard import ClipboardData
from prompt_toolkit.document import Document
from prompt_toolkit.selection import PasteMode, SelectionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prompt_toolkit.auto_suggest import AutoSuggest
    from prompt_toolkit.history import History


class Line(Buffer):
    """A buffer that fetches what was typed before when it is wanted, one command at a time:
    there may be a million of them.

    Up shows those that begin as what stands before the cursor.  What is changed in one of them
    is there again on the way back, until a line is entered.
    """

    def __init__(self, name: str, older: Callable[[str], Iterator[str]], history: History,
                 suggestions: AutoSuggest, accept: Callable[[Buffer], bool]) -> None:
        """`older`: the commands that begin so, the newest first."""
        self._older_than_typed = older
        self.by_prefix = True
        super().__init__(name=name, history=history, auto_suggest=suggestions,
                         accept_handler=accept)

    def reset(self, document: Document | None = None, append_to_history: bool = False) -> None:
        """Begin a line."""
        super().reset(document, append_to_history)
        self._walked: list[str] = []    # what is typed, then the commands on the way back
        self._at = 0                    # where in them we are
        self._typed = Document()
        self._older: Iterator[str] = iter(())

    def load_history_if_not_yet_loaded(self) -> None:
        """Nothing is loaded before it is wanted."""

    def history_backward(self, count: int = 1) -> None:
        """To an older command."""
        self._go(count)

    def history_forward(self, count: int = 1) -> None:
        """To a newer one, or back to what is typed."""
        self._go(-count)

    def paste_clipboard_data(self, data: ClipboardData,
                             paste_mode: PasteMode = PasteMode.EMACS, count: int = 1) -> None:
        """Put in what was cut: a whole line of vi as a line only beside other lines."""
        if data.type == SelectionType.LINES and '\n' not in self.text + data.text:
            data = ClipboardData(data.text)
        super().paste_clipboard_data(data, paste_mode, count)

    def to_oldest(self) -> None:
        """To the first command of all."""
        self._begin()
        self._walked += self._older
        self._show(len(self._walked) - 1)

    def to_typed(self) -> None:
        """Back to what is typed."""
        self._go(-self._at)

    def recalled(self) -> str | None:
        """The command that we are at, as it was."""
        return self._walked[self._at] if self._at else None

    def newer(self) -> str | None:
        """The command that came behind the one we are at."""
        return self._walked[self._at - 1] if self._at > 1 else None

    def undo_all(self) -> None:
        """Undo all changes of the line, be it typed or a command from before."""
        text = self._walked[self._at] if self._at else ''
        while self.text != text and self._undo_stack:
            self.undo()

    def go_to_history(self, index: int) -> None:
        """To a command by its place in the history list (`G` of vi)."""
        entries = self.history.get_strings()
        if 0 <= index < len(entries):
            self._begin()
            self._walked.append(entries[index])
            self._show(len(self._walked) - 1)

    def _begin(self) -> None:
        """Note what is there: all on the way, and where it begins."""
        if not self._at:
            self._typed = self.document
            prefix = self.document.text_before_cursor if self.by_prefix else ''
            self._walked, self._older = [''], self._older_than_typed(prefix)
        self._walked[self._at] = self.text

    def _go(self, steps: int) -> None:
        self._begin()
        wanted = self._at + steps
        while len(self._walked) <= wanted:
            text = next(self._older, None)
            if text is None:
                break
            if text != self.text:
                self._walked.append(text)
        self._show(min(max(wanted, 0), len(self._walked) - 1))

    def _show(self, wanted: int) -> None:
        if wanted == self._at:
            return
        backwards, self._at = wanted > self._at, wanted
        text = self._walked[wanted]
        if not wanted:
            self.document = self._typed
        else:                           # Down is to go on behind a first line
            first = -1 if backwards else text.find('\n')
            self.document = Document(text, len(text) if first < 0 else first)
