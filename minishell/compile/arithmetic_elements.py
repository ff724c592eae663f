"""Elements of arrays in arithmetic: `$((a[i] + m[key]))`, `((a[i]++))` (bash)."""
from __future__ import annotations

from minishell.errors import ParameterError, UnsetError
from minishell.state.elements import (
    assign_at,
    assign_key,
    get_at,
    get_key,
    index_of,
    is_associative,
    key_of,
    plain_name,
)
from minishell.syntax.arithmetic import Element, ElementAssignment
from minishell.syntax.names import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.compile.arithmetic import Closure, Compiler
    from minishell.state.shell import Shell
    from minishell.syntax.arithmetic import ElementIncrement

    # The key of an associative array, or the index of every other variable.
    Subscript = Callable[[Shell], int | str]


def compile_element(compiler: Compiler,
                    node: Element | ElementAssignment | ElementIncrement) -> Closure:
    """Closure for `name[subscript]`, what is assigned to it, or an increment."""
    element = node if isinstance(node, Element) else node.element
    subscript = _compile_subscript(compiler, element)
    name = element.name
    given = [0]                         # the old value, where an operator takes it

    if isinstance(node, Element):
        return lambda shell: _read(shell, compiler, name, subscript(shell))
    if isinstance(node, ElementAssignment):
        right = compiler.closure(node.value)
        if not node.operator:
            def assign(shell: Shell) -> int:
                number = right(shell)
                _write(shell, name, subscript(shell), number)
                return number
            return assign
        operate = compiler.join(node.operator, lambda shell: given[0], right, node.pos)
        assert not isinstance(operate, int)

        def change(shell: Shell) -> int:
            key = subscript(shell)
            given[0] = _read(shell, compiler, name, key)
            number = operate(shell)
            _write(shell, name, key, number)
            return number
        return change
    step, postfix = node.step, node.postfix

    def increment(shell: Shell) -> int:
        key = subscript(shell)
        old = _read(shell, compiler, name, key)
        new = wrap(old + step)
        _write(shell, name, key, new)
        return old if postfix else new
    return increment


def _compile_subscript(compiler: Compiler, element: Element) -> Subscript:
    text, name, first = element.text, element.name, element.first
    index = None
    if element.subscript is not None:
        index = compiler.inner(text, first).closure(element.subscript)

    def subscript(shell: Shell) -> int | str:
        if is_associative(shell.variables, name):
            return compiler.filled(key_of(shell.variables, text, False), first)
        if index is not None:
            return index(shell)
        if not text or text in ('@', '*'):
            raise ParameterError(f'{name}[{text}]: bad array subscript')
        return index_of(shell.variables, _unquoted(compiler.filled(text, first)))
    return subscript


def _unquoted(text: str) -> str:
    """The text that `quoted_in_subscript` was given."""
    pieces = text.split('\\\\')
    return '\\'.join([piece.replace('\\', '') for piece in pieces])


def _read(shell: Shell, compiler: Compiler, name: str, key: int | str) -> int:
    """The number that an element is; 0 if it is unset or empty.  `set -u` is about the array:
    `((count[$word]++))` is no error if that has a value."""
    text = get_at(shell.variables, name, key) if isinstance(key, int) \
        else get_key(shell.variables, name, key)
    if text is None and shell.options.nounset \
            and not shell.variables.is_set(plain_name(shell.variables, name)):
        raise UnsetError(f'{name}: unbound variable')
    return compiler.number(shell, text or '')


def _write(shell: Shell, name: str, key: int | str, number: int) -> None:
    if isinstance(key, int):
        assign_at(shell.variables, name, key, str(number), False, lambda: str(key))
    else:
        assign_key(shell.variables, name, key, str(number), False)
