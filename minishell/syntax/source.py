"""Where source text comes from: its name, its text so far, its line numbers.

A Source grows line by line when it has a reader; the text behind the complete commands
already parsed can be dropped by going on with `rest`.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Reader = Callable[[bool], str]      # (inside a command) -> whole lines; '' at the end
    Places = list[tuple[int, int]]      # offsets, and what they are in the text around

BLOCK = 4096


class Source:
    """A piece of shell source; offsets in nodes refer to its `text`."""

    __slots__ = ('name', 'text', 'first_line', 'reader', 'outer', 'places', '_ended', '_known',
                 '_inserted')

    def __init__(self, text: str, name: str = '', first_line: int = 1,
                 reader: Reader | None = None) -> None:
        self.name = name                # as messages show it
        self.text = text.replace('\0', '')     # as other shells drop it
        self.first_line = first_line
        self.reader = reader
        # Of text taken out of another source, without some of its characters: backquotes and
        # here-documents.  Each place counts up to the next.
        self.outer: Source | None = None
        self.places: Places = []
        # The reader has come to its end, behind text that `extend` still gave: its next call
        # says so without asking, for a terminal that is asked again may give more.
        self._ended = False
        self._known = (0, first_line)   # the offset asked for last, and its line
        self._inserted: list[tuple[int, int]] = []      # (offset, newlines) of aliases

    def extend(self, inside: bool, until: Sequence[str] = ()) -> bool:
        """Read more text, `inside` a command or before one; false at the end of input.

        With `until`, up to what holds one of these, and joined once: a reader may give
        single lines, and a copy of the text for each would take quadratic time.
        """
        if self.reader is None:
            return False
        if self._ended:
            self._ended = False         # a terminal may be asked again
            return False
        more = self.reader(inside)
        if until and more and not any(text in more for text in until):
            pieces = [more]
            while more and not any(text in more for text in until):
                more = self.reader(inside)
                pieces.append(more)
            self._ended = not more
            more = ''.join(pieces)
        self.text += more.replace('\0', '')
        return bool(more)

    def splice(self, start: int, end: int, value: str) -> None:
        """Replace an alias's name by its value (XCU 2.3.1)."""
        newlines = value.count('\n')
        if newlines:
            self._inserted.append((start, newlines))
        self.text = self.text[:start] + value + self.text[end:]

    def typed(self, pos: int) -> int:
        """The offset that `pos` was before aliases were substituted, if the source knows it."""
        return pos

    def extent(self, pos: int, end: int) -> tuple[int, int]:
        """Where what stands from pos to end is in the text that this one was taken out of,
        through all backquotes and here-documents."""
        source = self
        while True:
            end = min(end, len(source.text))        # what is missing there has no place
            pos, end = source.typed(min(pos, end)), source.typed(end)
            if source.outer is None:
                return pos, end
            last = source.place_of(end - 1) + 1 if end > pos else 0
            pos = source.place_of(pos)
            end = max(pos, last)
            source = source.outer

    def place_of(self, pos: int) -> int:
        """Where an offset is in the text around."""
        inside, place = 0, 0
        for before, there in self.places:
            if before > pos:
                break
            inside, place = before, there
        return place + pos - inside

    def rest(self, pos: int) -> Source:
        """The source from `pos` on; nodes parsed so far keep this one."""
        return Source(self.text[pos:], self.name, self.line_of(pos), self.reader)

    def line_of(self, pos: int) -> int:
        """The line number of an offset (counted from where the last question was)."""
        known, line = self._known
        if pos >= known:
            line += self.text.count('\n', known, pos)
        else:
            line -= self.text.count('\n', pos, known)
        self._known = (pos, line)
        for offset, newlines in self._inserted:
            if offset < pos:
                line -= min(newlines, self.text.count('\n', offset, pos))
        return line


def marked(text: str, marks: dict[int, str]) -> str:
    """The text with NULs for what may end a run.  Text that is not ASCII takes a hundred
    times as long, so long text is taken in blocks: few of them are not."""
    if len(text) <= BLOCK or text.isascii():
        return text.translate(marks)
    return ''.join([text[pos:pos + BLOCK].translate(marks)
                    for pos in range(0, len(text), BLOCK)])
