"""Assignments of arrays -> closures: `name[subscript]=value`, `name=(…)`."""
from __future__ import annotations

from minishell.compile.elements import compile_subscript, source_of
from minishell.compile.words import compile_all_fields, compile_text
from minishell.errors import SubscriptError
from minishell.run.declarations import Operand
from minishell.run.elements import CompoundAssigned, ElementAssigned
from minishell.state.elements import is_associative
from minishell.syntax.array_nodes import CompoundValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.compile.compiler import Compiler
    from minishell.compile.words import Fields
    from minishell.run.commands import Assigned
    from minishell.state.elements import Element
    from minishell.state.shell import Shell, Text
    from minishell.syntax.nodes import Assignment


def compile_array_assignment(node: Assignment, compiler: Compiler) -> Assigned:
    """`name[subscript]=value` or `name=(…)`, before a command or without one."""
    if node.subscript is not None:
        key, index = compile_subscript(node.name, node.subscript, compiler)
        if node.value.parts and type(node.value.parts[0]) is CompoundValue:
            return ElementAssigned(node.name, key, index, node.append, _no_member(node),
                                   lambda: f'{node.name}[{source_of(node.subscript)}]')
        return ElementAssigned(node.name, key, index, node.append,
                               compile_text(node.value, compiler),
                               lambda: f'{node.name}[{source_of(node.subscript)}]')
    value = node.value.parts[-1]
    assert isinstance(value, CompoundValue)
    return CompoundAssigned(node.name, _compile_words(value, compiler),
                            _compile_pairs(value, compiler),
                            _compile_elements(value, compiler), node.append, _nothing,
                            lambda: source_of(value))


def compile_operand(node: Assignment, compiler: Compiler) -> Fields:
    """Fields: the operand of a declaration utility that is such an assignment."""
    name, append = node.name, node.append
    plus = '+=' if append else '='
    if node.subscript is not None:
        key, value = compile_text(node.subscript, compiler), compile_text(node.value, compiler)

        def of_element(shell: Shell, out: list[str]) -> None:
            subscript, text = key(shell), value(shell)
            out.append(Operand(f'{name}[{subscript}]{plus}{text}', name, subscript, append,
                               text, None))
        return of_element
    compound = node.value.parts[-1]
    assert isinstance(compound, CompoundValue)
    given = _compile_elements(compound, compiler)
    pairs = _compile_pairs(compound, compiler)
    source = ''

    def of_elements(shell: Shell, out: list[str]) -> None:
        nonlocal source
        source = source or name + plus + source_of(compound)
        keyed = is_associative(shell.variables, name) or any(
            word[:1] == '-' and 'A' in word for word in out)
        out.append(Operand(source, name, None, append, None,
                           (pairs if keyed and pairs else given)(shell)))
    return of_elements


def compile_compound_text(node: CompoundValue, compiler: Compiler, quoted: bool) -> Text:
    """Text: `(…)` where a text is wanted: its source."""
    text = source_of(node)
    return lambda shell: text


def _no_member(node: Assignment) -> Text:
    """Text: none, for `name[subscript]=(…)` is wrong."""
    def text(shell: Shell) -> str:
        raise SubscriptError(f'{node.name}[{source_of(node.subscript)}]: '
                             'cannot assign list to array member')
    return text


def _nothing(shell: Shell) -> str:
    return ''


def _compile_words(node: CompoundValue, compiler: Compiler,
                   ) -> Callable[[Shell], list[str]] | None:
    """The texts of elements of which none has a subscript; else None."""
    if any(element.subscript is not None for element in node.elements):
        return None
    closures = compile_all_fields(
        [element.value for element in node.elements], compiler, False)

    def words(shell: Shell) -> list[str]:
        out: list[str] = []
        for fields in closures:
            fields(shell, out)
        return out
    return words


def _compile_pairs(node: CompoundValue, compiler: Compiler,
                   ) -> Callable[[Shell], list[Element]] | None:
    """Keys and texts in turn, each of one word as it is; None if one has a subscript."""
    if any(element.subscript is not None for element in node.elements):
        return None
    texts: list[Text] = []

    def pairs(shell: Shell) -> list[Element]:
        if not texts:                   # few of all `a=(…)` are of associative arrays
            texts.extend([compile_text(element.value, compiler) for element in node.elements])
        return [(None, False, text(shell)) for text in texts]
    return pairs


def _compile_elements(node: CompoundValue, compiler: Compiler,
                      ) -> Callable[[Shell], list[Element]]:
    """Subscripts and texts of elements: all are expanded before one is assigned."""
    closures: list[Callable[[Shell], list[Element]]] = []
    for element in node.elements:
        if element.subscript is None:
            closures += map(_without_subscript,
                            compile_all_fields([element.value], compiler, False))
        else:
            closures.append(_with_subscript(compile_text(element.subscript, compiler),
                                            element.append,
                                            compile_text(element.value, compiler)))
    return lambda shell: [element for given in closures for element in given(shell)]


def _without_subscript(fields: Fields) -> Callable[[Shell], list[Element]]:
    def given(shell: Shell) -> list[Element]:
        out: list[str] = []
        fields(shell, out)
        return [(None, False, text) for text in out]
    return given


def _with_subscript(key: Text, append: bool, text: Text) -> Callable[[Shell], list[Element]]:
    return lambda shell: [(key(shell), append, text(shell))]
