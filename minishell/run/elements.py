"""Assignments of arrays, run: `name[subscript]=value`, `name=(…)` (bash)."""
from __future__ import annotations

from minishell.run.commands import Assigned
from minishell.state.elements import (
    assign_at,
    assign_elements,
    assign_key,
    assign_words,
    is_associative,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.elements import Element
    from minishell.state.shell import Shell, Text


class ElementAssigned(Assigned):
    """`name[subscript]=text`, or `+=`.  The value is expanded before the subscript."""

    __slots__ = ('key', 'index', 'append', 'source')

    def __init__(self, name: str, key: Text, index: Callable[[Shell], int], append: bool,
                 text: Text, source: Callable[[], str]) -> None:
        super().__init__(name, text)
        self.key = key                  # the subscript, if the array is associative
        self.index = index              # the subscript, if it is indexed
        self.append = append
        self.source = source            # `name[subscript]`

    def store(self, shell: Shell) -> None:
        """Set the element.  Raises AssignmentError, ExpansionError."""
        variables = shell.variables
        text = self.text(shell)
        if is_associative(variables, self.name):
            assign_key(variables, self.name, self.key(shell), text, self.append, self.source)
        else:
            assign_at(variables, self.name, self.index(shell), text, self.append,
                      lambda: self.source().partition('[')[2][:-1])

    def temporary(self, shell: Shell) -> None:
        """There are no elements in an environment: the command runs without."""
        shell.warn(f"`{self.source()}': not a valid identifier")

    def shown(self) -> str:
        """What `set -x` shows before the value."""
        return self.source() + ('+=' if self.append else '=')

    def with_text(self, text: Text) -> Assigned:
        """This assignment, of another text."""
        return ElementAssigned(self.name, self.key, self.index, self.append, text, self.source)


class CompoundAssigned(Assigned):
    """`name=(…)`, or `+=`."""

    __slots__ = ('words', 'pairs', 'elements', 'append', 'source')

    def __init__(self, name: str, words: Callable[[Shell], list[str]] | None,
                 pairs: Callable[[Shell], list[Element]] | None,
                 elements: Callable[[Shell], list[Element]], append: bool, text: Text,
                 source: Callable[[], str]) -> None:
        super().__init__(name, text)    # the text is '': `set -x` shows the source
        self.words = words              # the elements' texts, if none has a subscript
        self.pairs = pairs              # keys and texts in turn, if none has
        self.elements = elements
        self.append = append
        self.source = source            # `(…)`

    def store(self, shell: Shell) -> None:
        """Set the variable.  Raises AssignmentError, ExpansionError."""
        if self.pairs is not None and is_associative(shell.variables, self.name):
            pairs = self.pairs(shell)
            self.text(shell)
            assign_elements(shell.variables, self.name, pairs, self.append)
        elif self.words is not None:
            words = self.words(shell)
            self.text(shell)
            assign_words(shell.variables, self.name, words, self.append)
        else:
            elements = self.elements(shell)
            self.text(shell)
            assign_elements(shell.variables, self.name, elements, self.append)

    def temporary(self, shell: Shell) -> str:
        """The value in the environment of a command, which has no arrays."""
        self.text(shell)
        return self.source()

    def shown(self) -> str:
        """What `set -x` shows before the value."""
        return self.name + ('+=' if self.append else '=') + self.source()

    def with_text(self, text: Text) -> Assigned:
        """This assignment, with another text, which is run for what it shows."""
        return CompoundAssigned(self.name, self.words, self.pairs, self.elements,
                                self.append, text, self.source)
