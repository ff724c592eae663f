"""Trees as values that `marshal` takes, and back: the parse of a script kept for its next run.

A node becomes a tuple of its class's number and its fields, a tuple a list.  A long list of
commands becomes bytes of its own, which are read when it is first run: most function bodies
and branches never are.  Words not taken apart yet stay so.
"""
from __future__ import annotations

import marshal

from minishell.syntax import array_nodes, nodes
from minishell.syntax.nodes import CommandList, Node, TextNode, Word
from minishell.syntax.source import Source
from minishell.syntax.words import ScannedText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Value = Any                         # what marshal takes
    Fields = tuple[Any, ...]

CLASSES: tuple[Callable[..., Node], ...] = tuple(
    kind for kind in {**vars(nodes), **vars(array_nodes)}.values()
    if isinstance(kind, type) and issubclass(kind, Node)
    and kind not in (Node, TextNode, nodes.ArrayPart))
NUMBERS = {kind: number for number, kind in enumerate(CLASSES)}
LITERAL_WORD, LATER_WORD, LATER_VALUE, LATER_LIST, OWN_SOURCE, NESTED_SOURCE = range(-6, 0)
LONG = 400                              # bytes of a list that is left for later
DEEPEST = 200           # values inside each other: each takes C stack when marshal reads it


class Encoder:
    """Encodes nodes parsed from one source, the script's text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._depth = 0

    def encode(self, value: object) -> Value:
        """The value of a node or field.  Raises ValueError for trees that are too deep."""
        if self._depth > DEEPEST:
            raise ValueError
        self._depth += 1
        encoded = self._encode(value)
        self._depth -= 1
        return encoded

    def _encode(self, value: object) -> Value:
        if isinstance(value, Word):
            return self._word(value)
        if isinstance(value, CommandList):
            commands = [self.encode(command) for command in value.commands]
            encoded = NUMBERS[CommandList], commands
            data = marshal.dumps(commands) if commands else b''
            return (LATER_LIST, data) if len(data) >= LONG else encoded
        if isinstance(value, Node):
            return (NUMBERS[type(value)],
                    *[self.encode(getattr(value, name)) for name in value.fields()])
        if isinstance(value, tuple):
            return [self.encode(item) for item in value]
        if isinstance(value, Source):
            if value is self.source:
                return (OWN_SOURCE,)
            return NESTED_SOURCE, value.text, value.first_line
        return value

    def _word(self, word: Word) -> Value:
        literal = word.literal()
        if literal and (word.later or word.parts[0].pos == word.pos):
            return LITERAL_WORD, word.pos, word.end, literal
        text = getattr(word.later, '__self__', None)
        if not word.known() and isinstance(text, ScannedText) and text.source is self.source:
            plain = word.later == text.word_parts
            return LATER_WORD if plain else LATER_VALUE, word.pos, word.end
        return NUMBERS[Word], self.encode(word.parts), word.pos, word.end


class Decoder:
    """Decodes nodes; `text` is that of the source they were parsed from."""

    def __init__(self, text: ScannedText) -> None:
        self.text = text

    def decode(self, fields: Fields) -> Any:
        """The node (or a field that is a source) with these fields."""
        kind = fields[0]
        if kind >= 0:
            return CLASSES[kind](*[
                self.decode(field) if type(field) is tuple else
                self._items(field) if type(field) is list else field
                for field in fields[1:]])
        if kind == LITERAL_WORD:
            return Word(None, *fields[1:])
        if kind == LATER_WORD:
            return Word(None, fields[1], fields[2], self.text.word_parts)
        if kind == LATER_LIST:
            return CommandList(None, lambda: self._items(marshal.loads(fields[1])))
        if kind == LATER_VALUE:
            return Word(None, fields[1], fields[2], self.text.value_parts)
        source = self.text.source
        if kind == OWN_SOURCE:
            return source
        return Source(fields[1], source.name, fields[2])

    def _items(self, values: list[Value]) -> tuple[Any, ...]:
        return tuple([self.decode(value) if type(value) is tuple else
                      self._items(value) if type(value) is list else value
                      for value in values])
