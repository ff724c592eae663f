"""The nodes of arrays (bash): elements in expansions, the values of assignments; and those of
indirect expansions."""
from __future__ import annotations

from minishell.syntax.nodes import ArrayPart, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.nodes import Part, Word


class ElementExpansion(ArrayPart):           # ${name[subscript]} ${#name[@]} ${name[@]/a/b}
    """An expansion of an element of an array, or of all (bash)."""

    __slots__ = ('name', 'subscript', 'part', 'pos', 'end')

    def __init__(self, name: str, subscript: Word, part: Part, pos: int,
                 end: int = -1) -> None:
        self.name = name
        self.subscript = subscript      # @ or * for all
        self.part = part                # what is done with them, as if `name` were a text
        self.pos, self.end = pos, end


class SubscriptsExpansion(ArrayPart):        # ${!name[@]}
    """The subscripts of an array (bash)."""

    __slots__ = ('name', 'all', 'pos', 'end')

    def __init__(self, name: str, all: str, pos: int,
                 end: int = -1) -> None:
        self.name = name
        self.all = all                  # @ or *
        self.pos, self.end = pos, end


class CompoundValue(ArrayPart):              # (value [subscript]=value)
    """What makes a variable an array; a part of an assignment's value (bash)."""

    __slots__ = ('elements', 'pos', 'end')
    is_value = True

    def __init__(self, elements: tuple[ArrayElement, ...], pos: int,
                 end: int = -1) -> None:
        self.elements = elements
        self.pos, self.end = pos, end


class ArrayElement(Node):               # value [subscript]=value [subscript]+=value
    """One word in the parentheses of an array."""

    __slots__ = ('subscript', 'append', 'value', 'pos')

    def __init__(self, subscript: Word | None, append: bool, value: Word, pos: int) -> None:
        self.pos = pos
        self.subscript = subscript
        self.append = append
        self.value = value


class IndirectExpansion(ArrayPart):     # ${!name} ${!name:-word}
    """An expansion of the parameter that another one's value names (bash)."""

    __slots__ = ('parameter', 'part', 'pos', 'end')

    def __init__(self, parameter: str | ArrayPart, part: Part, pos: int = -1,
                 end: int = -1) -> None:
        self.parameter, self.pos, self.end = parameter, pos, end
        self.part = part        # the expansion that is applied to what the name leads to
