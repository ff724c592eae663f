"""Which parts of words that are about arrays may expand to several fields."""
from __future__ import annotations

from minishell.syntax.array_nodes import (
    CompoundValue,
    ElementExpansion,
    IndirectExpansion,
    SubscriptsExpansion,
)
from minishell.syntax.nodes import ParameterExpansion, ParameterLength

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.nodes import ArrayPart, Part


def several_if_quoted(part: ArrayPart, left: list[Part]) -> bool:
    """Whether a part inside double-quotes may; the parts inside it are added to `left`."""
    if isinstance(part, SubscriptsExpansion):
        return part.all == '@'
    if isinstance(part, ElementExpansion):
        if part.subscript.literal() == '@' and type(part.part) is not ParameterLength:
            return True
        if isinstance(part.part, ParameterExpansion) and part.part.word is not None:
            left += part.part.word.parts
        return False
    return isinstance(part, IndirectExpansion)


def several(part: ArrayPart) -> bool:
    """Whether an unquoted part may."""
    if isinstance(part, ElementExpansion):
        if type(part.part) is ParameterLength:
            return False
        return part.subscript.literal() in ('@', '*') or \
            isinstance(part.part, ParameterExpansion) and part.part.word is not None \
            and part.part.operator[0] not in '#%'
    return not isinstance(part, CompoundValue)
