"""Arithmetic -> Python expressions, for `compile/hot_words.py`.

Of an array's elements, those of plain indexed arrays are read and written here; what an
element is in any other case, its closure knows.
"""
from __future__ import annotations

from minishell.compile.operators import BEYOND, BINARY, RING, TRUTH, UNARY
from minishell.syntax.arithmetic import (
    OPERAND,
    Binary,
    Choice,
    Constant,
    Element,
    ElementAssignment,
    ElementIncrement,
    Increment,
    Operand,
    Unary,
    Variable,
    VariableAssignment,
)
from minishell.syntax.names import HIGH, LOW, wrap
from minishell.syntax.nodes import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.compile.hot_words import PythonWriter
    from minishell.syntax.arithmetic import ArithmeticNode

UNKNOWN = '\0'          # the text of a number that is not known: no variable's value
DEEPEST_EXPRESSION = 30     # operators inside each other, each up to three parentheses:
                            # 150 overflow a C stack of 256 KB


class Opaque(Exception):      # noqa: N818 - control flow
    """What is left to the closure."""


def known(text: str | None) -> tuple[str, int]:
    """The text and its number; UNKNOWN where it is not plainly a number."""
    try:
        number = int(text or '')
    except ValueError:
        return UNKNOWN, 0
    if str(number) == text and LOW <= number <= HIGH:       # see number_of
        return text, number
    return UNKNOWN, 0


class PythonExpression:
    """An arithmetic expression: first what has to be known, then one Python expression."""

    def __init__(self, writer: PythonWriter, operands: list[str]) -> None:
        self.writer = writer
        self.operands = operands
        self.assigned: list[str] = []
        self.numbers: dict[int, str] = {}   # of elements, by the id of their nodes
        self.failing = False                # it may divide by 0

    def write(self, tree: ArithmeticNode) -> str:
        """The value; what is assigned in it is stored behind it."""
        writer = self.writer
        if is_deep(tree):
            raise Opaque
        self._ask(tree)
        if isinstance(tree, ElementAssignment | ElementIncrement):
            return self._write_element(tree)
        for name in self.assigned:
            writer.require(f'{name!r} not in flags')
        if self.assigned and self.failing:
            raise Opaque                    # the message is the closure's, once only
        value = self.exact(tree)
        if not self.assigned:
            return value
        result = writer.fresh()
        writer.add(f'{result} = {value}')
        for name in dict.fromkeys(self.assigned):
            writer.add(f's_{name} = values[{name!r}] = str(n_{name})')
        writer.sealed = True
        return result

    def _ask(self, node: ArithmeticNode) -> None:
        """Require what the expression reads, and note what it assigns."""
        inside = self._inside(node)
        for inner in inside:
            if isinstance(inner, Variable | VariableAssignment | Increment):
                self.writer.number(inner.name)
                if not isinstance(inner, Variable):
                    self.assigned.append(inner.name)
        for inner in inside:
            if isinstance(inner, Binary | VariableAssignment | ElementAssignment) \
                    and inner.operator in ('/', '%'):
                right = inner.right if isinstance(inner, Binary) else inner.value
                if isinstance(right, Constant):
                    if right.value == 0:
                        raise Opaque
                elif isinstance(right, Variable | Operand):
                    self.failing = True
                    self.writer.require(f'{self.value(right)[0]} != 0')
                else:
                    raise Opaque
        for inner in reversed(inside):      # a subscript before its element
            if isinstance(inner, Element) and not (
                    isinstance(node, ElementAssignment) and inner is node.element):
                self.numbers[id(inner)] = self.writer.number_in(*self._place(inner), True)

    # -- elements ----------------------------------------------------------------------

    def _inside(self, tree: ArithmeticNode) -> list[Node]:
        """All nodes of it but those that keys are made of."""
        found: list[Node] = []
        left: list[Node] = [tree]
        while left:
            found.append(node := left.pop())
            if not isinstance(node, Element) or not self.writer.is_associative(node.name):
                left.extend(reversed(node.below()))
        return found

    def _place(self, node: Element) -> tuple[str, str]:
        """An array and an index in it, which is not negative, nor of anything that the
        expression assigns: it is computed before; or a key."""
        if self.writer.is_associative(node.name):
            if node.text != OPERAND and not node.text.isalnum():
                raise Opaque
            key = self.operands[node.first] if node.text == OPERAND else repr(node.text)
            return self.writer.array(node.name, True), key
        if node.subscript is None or any(
                isinstance(inner, Variable | VariableAssignment | Increment)
                and inner.name in self.assigned for inner in node.subscript.walk()):
            raise Opaque
        array, index = self.writer.array(node.name, False), self.writer.fresh()
        self.writer.add(f'{index} = {self.exact(node.subscript)}')
        self.writer.require(f'{index} >= 0')
        return array, index

    def _write_element(self, node: ElementAssignment | ElementIncrement) -> str:
        """Assign to an element; the value of that."""
        if self.assigned:
            raise Opaque                    # variables are stored elsewhere
        writer, element = self.writer, node.element
        if isinstance(node, ElementAssignment) and node.operator:
            self.numbers[id(element)] = writer.number_in(*self._place(element), True)
        array, index = self._place(element)
        writer.require_own(element.name, writer.is_associative(element.name))
        result = new = writer.fresh()
        if isinstance(node, ElementIncrement):
            old = self.numbers[id(element)]
            value: ArithmeticNode = Binary('+', element, Constant(node.step), 0)
            result = old if node.postfix else new
        else:
            value = node.value if not node.operator else Binary(
                node.operator, element, node.value, node.pos)
        writer.add(f'{new} = {self.exact(value)}')
        writer.add(f'{array}.set({index}, str({new}))')
        writer.sealed = True
        return result

    # -- values ------------------------------------------------------------------------

    def exact(self, node: ArithmeticNode) -> str:
        """A value reduced to 64 bits with a sign."""
        value, exact = self.value(node)
        if exact:
            return value
        number = self.writer.fresh()
        return f'({number} if {LOW} <= ({number} := {value}) <= {HIGH} else wrap({number}))'

    def value(self, node: ArithmeticNode) -> tuple[str, bool]:
        """A Python expression, and whether its value is within 64 bits; if it is not, it
        is right modulo 2**64."""
        if isinstance(node, Constant):
            return str(wrap(node.value)), True
        if isinstance(node, Variable):
            return f'n_{node.name}', True
        if isinstance(node, Operand):
            return self.operands[node.index], True
        if isinstance(node, Element):
            return self.numbers[id(node)], True
        if isinstance(node, Unary):
            return self._unary(node)
        if isinstance(node, Choice):
            return (f'({self.exact(node.then)} if {self.truth(node.condition)}'
                    f' else {self.exact(node.otherwise)})', True)
        if isinstance(node, Increment):
            step = f'n_{node.name} + {node.step}'
            number = self.writer.fresh()
            step = f'({number} if {LOW} <= ({number} := {step}) <= {HIGH} else wrap({number}))'
            if not node.postfix:
                return f'(n_{node.name} := {step})', True
            return (f'(({(old := self.writer.fresh())} := n_{node.name}), '
                    f'(n_{node.name} := {step}), {old})[2]', True)
        if isinstance(node, VariableAssignment):
            new = node.value if not node.operator else Binary(
                node.operator, Variable(node.name), node.value, node.pos)
            return f'(n_{node.name} := {self.exact(new)})', True
        if isinstance(node, Binary):
            return self._binary(node)
        raise Opaque

    def _unary(self, node: Unary) -> tuple[str, bool]:
        if node.operator == '!':
            return f'(0 if {self.truth(node.operand)} else 1)', True
        return UNARY[node.operator][1].format(self.value(node.operand)[0]), False

    def _binary(self, node: Binary) -> tuple[str, bool]:
        if node.operator == ',':
            return f'({self.exact(node.left)}, {self.exact(node.right)})[1]', True
        operator = BINARY.get(node.operator)
        if operator is None or operator.result == TRUTH:
            return f'(1 if {self.truth(node)} else 0)', True
        if not operator.python:
            raise Opaque
        if operator.result == RING:
            return operator.python.format(self.value(node.left)[0],
                                          self.value(node.right)[0]), False
        left, by = self.exact(node.left), node.right
        if operator.failure and isinstance(by, Constant) and 0 < by.value <= HIGH:
            sign = '//' if node.operator == '/' else '%'
            number = self.writer.fresh()
            return (f'({number} {sign} {by.value} if ({number} := {left}) >= 0 '
                    f'else -(-{number} {sign} {by.value}))', True)
        return operator.python.format(left, self.exact(by)), operator.result != BEYOND

    def truth(self, node: ArithmeticNode) -> str:
        """Whether a value is not 0."""
        if isinstance(node, Binary):
            operator = BINARY.get(node.operator)
            if operator is not None and operator.result == TRUTH:
                return operator.python.format(self.exact(node.left), self.exact(node.right))
            if node.operator in ('&&', '||'):
                word = 'and' if node.operator == '&&' else 'or'
                return f'({self.truth(node.left)} {word} {self.truth(node.right)})'
        if isinstance(node, Unary) and node.operator == '!':
            return f'not ({self.truth(node.operand)})'
        return self.exact(node)


def is_deep(tree: ArithmeticNode) -> bool:
    """Whether operators are inside each other too deeply for Python's compiler."""
    level: list[Node] = [tree]
    for _ in range(DEEPEST_EXPRESSION):
        level = [inner for node in level
                 for inner in (getattr(node, name) for name in node.fields())
                 if isinstance(inner, Node)]
        if not level:
            return False
    return True
