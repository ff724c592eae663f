"""Ctrl-R: a list of what was typed before, searched while one types.

The line above stays what it was until a command is chosen: Enter runs it, Tab and Right put it
into the line to be changed, Esc and Ctrl-G go back, Shift-Del has one forgotten.  A click
chooses, and puts what it has chosen into the line when it comes again.

The search is made in parts, between keys: none of them waits for it, but Enter and its like,
which are about what the query finds.  Ctrl-C ends that, too.
"""
from __future__ import annotations

from time import monotonic, time

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import ConditionalContainer, HSplit, Window
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl
from prompt_toolkit.layout.processors import AfterInput, BeforeInput

from minishell.interactive.highlighting import LINE_END
from minishell.interactive.mouse import ListControl
from minishell.interactive.recalling import FILTERS, search
from minishell.run.clock import formatted
from minishell.system.signals import SIGINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Handle
    from collections.abc import Callable, Iterator

    from prompt_toolkit.filters import Filter
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding.key_bindings import KeyBindingsBase
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent
    from prompt_toolkit.layout import Container

    from minishell.interactive.recalling import Found
    from minishell.state.shell import Shell

QUERY = 'HISTORY'                       # the buffer's name
MOST = 200                              # commands in the list
ROWS = 12                               # of it that are shown
TURN = 0.002                            # seconds of a search until keys are looked for
SPANS = (('y', 365 * 86_400), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1))
MOVES = {'c-r': 1, 'c-n': 1, 'down': 1, 'c-s': -1, 'c-p': -1, 'up': -1,
         'pagedown': ROWS, 'pageup': -ROWS}


class Pager:
    """The list, and which of it is chosen."""

    def __init__(self, shell: Shell, size: Callable[[], tuple[int, int]],
                 redraw: Callable[[], None], leave: Callable[[str | None, bool], None]) -> None:
        """`size`: lines and columns of the screen; `leave` closes it: with a command, and
        whether that is to be run."""
        self.leave = leave
        self._shell, self._size, self._redraw = shell, size, redraw
        self._found: list[Found] = []   # of the query as it is
        self._search: Iterator[list[Found]] | None = None       # what is still to be found
        self._moves: list[int] = []     # for which not enough has been found
        self._next: Handle | None = None        # the search going on between keys
        self._loop: AbstractEventLoop | None = None
        self._at = self._top = 0        # the one that is chosen, the first one shown
        self._clicked: Found | None = None      # the one that was clicked last
        self.query = Buffer(name=QUERY, on_text_changed=lambda _: self._begin_search())

    def begin(self, query: str, loop: AbstractEventLoop | None) -> None:
        """Open it; the search goes on in this event loop."""
        self._loop = loop
        self.query.reset(Document(query))
        self._begin_search()

    def end(self) -> None:
        """It is closed."""
        self.pause()
        self._search = self._clicked = None

    def pause(self) -> None:
        """The event loop is about to end."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def go_on(self, loop: AbstractEventLoop) -> None:
        """If it was open, it is open once more, with another event loop."""
        self._loop = loop
        if self._search is not None:
            self._go_on()

    def _begin_search(self) -> None:
        self.end()
        self._found, self._moves = [], []
        self._at = self._top = 0
        self._search = search(self._shell, self.query.text)
        self._go_on()

    def _go_on(self) -> None:
        """Search for a moment, and see to it that this is taken up again."""
        shown = len(self._found)
        until = monotonic() + TURN
        while self._search is not None:
            self._search_part()
            if monotonic() >= until:
                break
        if self._search is not None and self._loop is not None:
            self._next = self._loop.call_soon(self._go_on)
        if shown < self.rows() or self._search is None:
            self._redraw()

    def _search_part(self) -> None:
        part = next(self._search, None) if self._search is not None else None
        self._found += part or []
        if part is None or len(self._found) >= MOST:
            del self._found[MOST:]
            self.end()
        while self._moves and self._can_move(self._moves[0]):
            self._move(self._moves.pop(0))

    def move(self, rows: int) -> None:
        """Choose another one, as soon as it has been found."""
        if self._moves or not self._can_move(rows):
            self._moves.append(rows)
        else:
            self._move(rows)

    def _can_move(self, rows: int) -> bool:
        return self._search is None or self._at + rows < len(self._found)

    def _move(self, rows: int) -> None:
        self._at = min(max(self._at + rows, 0), max(len(self._found) - 1, 0))

    def _click(self, row: int) -> None:
        """Choose the one in a row; the second click puts it into the line."""
        index = self._top + row
        if index >= len(self._found):
            return
        self._moves = []
        again = index == self._at and self._found[index] is self._clicked
        self._at, self._clicked = index, self._found[index]
        if again:
            self.leave(self._clicked.text, False)

    def chosen(self) -> str | None:
        """The command that is chosen, searched for until it has been found; None if nothing
        was, or behind Ctrl-C."""
        while self._search is not None and (self._moves or not self._found):
            if SIGINT in self._shell.signals.pending:
                return None
            self._search_part()
        return self._found[self._at].text if self._found else None

    def forget(self) -> None:
        """Have the chosen command forgotten."""
        history, text = self._shell.history, self.chosen()
        if history is not None and text is not None:
            history.forget(text)
            del self._found[self._at]
            self._move(0)

    # -- how it is drawn ------------------------------------------------------------------

    def container(self, is_open: Filter) -> Container:
        """The query, the list, and what is known of the command chosen."""
        query = BufferControl(
            self.query, include_default_input_processors=False,
            input_processors=[BeforeInput('search: '), AfterInput(self._help)])
        return ConditionalContainer(HSplit([
            Window(query, height=1),
            Window(ListControl(self._rows, self._click), dont_extend_height=True),
            Window(FormattedTextControl(self._details), height=1)]), filter=is_open)

    def _help(self) -> StyleAndTextTuples:
        return [] if self.query.text else [('', '  '), ('class:sh.notice', ' '.join(FILTERS))]

    def rows(self) -> int:
        """How many of the list are shown."""
        return max(min(ROWS, self._size()[0] - 4), 1)

    def _rows(self) -> StyleAndTextTuples:
        rows = self.rows()
        self._top = min(max(self._top, self._at - rows + 1), self._at)
        lines: StyleAndTextTuples = []
        now = time()
        for index in range(self._top, min(self._top + rows, len(self._found))):
            found = self._found[index]
            chosen = 'class:sh.chosen' if index == self._at else ''
            failed = f'{found.status:>4} ' if found.status else '     '
            lines += [(chosen or 'class:sh.notice', f'{_age(found, now):>4}'),
                      (chosen or 'class:sh.status', failed),
                      (chosen, found.text.replace('\n', LINE_END) + '\n')]
        return lines[:-1] + [(lines[-1][0], lines[-1][1][:-1])] if lines else []

    def _details(self) -> StyleAndTextTuples:
        if not self._found:
            return [('class:sh.notice', 'searching' if self._search else 'nothing found')]
        found = self._found[self._at]
        pieces = []
        if found.start is not None:
            pieces.append(formatted(self._shell, '%F %R', found.start / 1e6))
        if found.duration is not None and found.duration >= 1e6:
            pieces.append(f'took {found.duration / 1e6:.1f} s')
        if found.status:
            pieces.append(f'status {found.status}')
        if found.folder:
            pieces.append(f'in {found.folder}')
        count = f'{self._at + 1}/{len(self._found)}{"+" * self._is_more()}'
        return [('class:sh.notice', '  '.join([count, *pieces]))]

    def _is_more(self) -> bool:
        return self._search is not None or len(self._found) == MOST


def pager_keys(pager: Pager) -> KeyBindingsBase:
    """What keys do while it is open."""
    keys = KeyBindings()
    searching = has_focus(QUERY)
    at_end = Condition(lambda: pager.query.document.is_cursor_at_the_end)

    for name, rows in MOVES.items():
        @keys.add(name, filter=searching)
        def move(event: KeyPressEvent, rows: int = rows) -> None:
            """Choose another one; rows are pages beyond the first."""
            pager.move(event.arg * (rows if abs(rows) == 1 else rows // ROWS * pager.rows()))

    @keys.add('enter', filter=searching)
    def run(event: KeyPressEvent) -> None:
        """Run the command."""
        pager.leave(pager.chosen(), True)

    @keys.add('tab', filter=searching)
    @keys.add('right', filter=searching & at_end)
    def edit(event: KeyPressEvent) -> None:
        """Have it in the line."""
        pager.leave(pager.chosen(), False)

    @keys.add('s-delete', filter=searching)
    def forget(event: KeyPressEvent) -> None:
        """Keep it no longer."""
        pager.forget()

    @keys.add('escape', filter=searching, eager=True)
    @keys.add('c-g', filter=searching)
    def back(event: KeyPressEvent) -> None:
        """Leave the line as it was."""
        pager.leave(None, False)

    @keys.add('<bracketed-paste>', filter=searching)
    def paste(event: KeyPressEvent) -> None:
        """What is pasted is looked for, in one line."""
        pager.query.insert_text(' '.join(event.data.split()))
    return keys


def _age(found: Found, now: float) -> str:
    """How long ago it was begun, in its largest unit."""
    if found.start is None:
        return ''
    seconds = max(int(now - found.start / 1e6), 0)
    return next((f'{seconds // span}{unit}' for unit, span in SPANS if seconds >= span), '0s')
