"""How text that is written back is laid out: lines, indentation, here-documents."""
from __future__ import annotations

from minishell.syntax.names import NAME
from minishell.syntax.nodes import (
    AsynchronousList,
    HereDocument,
    Literal,
    ParameterExpansion,
    TextNode,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from minishell.syntax.nodes import Command, CommandList, Node, Part

    Writers = Mapping[type[Node], Callable[['Writer', Any], None]]

INDENT = '    '


class Writer:
    """The text so far, and what decides how to go on."""

    __slots__ = ('pieces', 'flat', 'depth', 'pending', '_writers')

    def __init__(self, flat: bool, writers: Writers) -> None:
        self.pieces: list[str] = []
        self.flat = flat                # everything on one line
        self.depth = 0                  # of indentation
        self.pending: list[HereDocument] = []       # bodies the line's end must bring
        self._writers = writers

    def add(self, text: str) -> None:
        """Append text as it is."""
        self.pieces.append(text)

    def write(self, node: Node) -> None:
        """Append a node."""
        self._writers[type(node)](self, node)

    def newline(self) -> None:
        """End the line, and indent the next one."""
        self.write_bodies()
        self.pieces.append('\n' + INDENT * self.depth)

    def write_bodies(self) -> None:
        """The bodies of the here-documents of this line, each with its delimiter."""
        pending, self.pending = self.pending, []
        for node in pending:
            text = self._body_text(node)
            if text and text[-1] != '\n':           # the end of the input had ended it
                text += '\n'
            endless = '\n' in node.delimiter        # no line can be it
            if not endless:
                text += node.delimiter
            if node.operator == '<<-':
                text = '\t' + text.replace('\n', '\n\t')
                text = text[:-1] if endless else text
            self.pieces.append('\n' + text)
            if endless:
                break                   # nothing was left for the others

    def _body_text(self, node: HereDocument) -> str:
        if node.quoted:
            return ''.join([part.text for part in node.body.parts
                            if isinstance(part, TextNode)])
        mark = len(self.pieces)
        self.inside('', lambda: self.parts(node.body.parts), '')
        return self.cut(mark)

    def inside(self, opener: str, write: Callable[[], None], closer: str) -> None:
        """Write all on one line, as words need it, with its here-documents before closer."""
        flat, pending = self.flat, self.pending
        self.flat, self.pending = True, []
        self.pieces.append(opener)
        write()
        if self.pending:
            self.write_bodies()
            closer = '\n' + closer
        self.pieces.append(closer)
        self.flat, self.pending = flat, pending

    def cut(self, mark: int) -> str:
        """Take back the text from a place on."""
        text = ''.join(self.pieces[mark:])
        del self.pieces[mark:]
        return text

    def parts(self, parts: Sequence[Part]) -> None:
        """Parts; braces where the text behind a parameter would be taken for its name."""
        for index, part in enumerate(parts):
            if type(part) is ParameterExpansion and not part.operator \
                    and index + 1 < len(parts):
                after = parts[index + 1]
                if type(after) is Literal and after.text[0] in NAME:
                    self.add(f'${{{part.parameter}}}')
                    continue
            self.write(part)

    # -- lists ------------------------------------------------------------------

    def commands(self, commands: Sequence[Command], flat: bool) -> None:
        """Commands, with what stands between them."""
        previous: Command | None = None
        for command in commands:
            if previous is not None:
                self.separate(previous, flat)
            self.write(command)
            previous = command

    def separate(self, previous: Command, flat: bool) -> None:
        """What must stand between a command and the next one, or a reserved word."""
        if not flat:
            self.newline()
        else:
            self.pieces.append(' ' if type(previous) is AsynchronousList else '; ')

    def condition(self, opener: str, body: CommandList, closer: str) -> None:
        """`if a; then`: a list that stays on the line."""
        self.pieces.append(opener + ' ')
        self.commands(body.commands, True)
        self.separate(body.commands[-1], True)
        self.pieces.append(closer)

    def block(self, body: CommandList, closer: str) -> None:
        """A list on lines of its own, then the reserved word that closes it."""
        if self.flat:
            self.pieces.append(' ')
            self.commands(body.commands, True)
        else:
            self.depth += 1
            self.newline()
            self.commands(body.commands, False)
            self.depth -= 1
        self.separate(body.commands[-1], self.flat)
        self.pieces.append(closer)

    def spaced(self, nodes: Sequence[Node], between: str = ' ') -> None:
        """Nodes with blanks between them."""
        for index, node in enumerate(nodes):
            if index:
                self.pieces.append(between)
            self.write(node)

    def parenthesised(self, body: CommandList) -> None:
        """What stands behind a parenthesis; a second one would make another token of it."""
        mark = len(self.pieces)
        self.commands(body.commands, True)
        if self.pieces[mark:] and self.pieces[mark][:1] == '(':
            self.pieces[mark] = ' ' + self.pieces[mark]
