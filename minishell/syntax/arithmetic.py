"""The expressions between `$((` and `))`: nodes and parser (XCU 2.6.4).

The operators are those of C on integers (XCU 1.1.2.1), with bash's `**` and
`base#digits`.  The parser goes by operator precedence with a stack of its own: nesting
is limited by memory, not by Python's recursion.  Messages have the shape of bash's.
"""
from __future__ import annotations

from minishell.errors import ArithmeticSyntaxError
from minishell.syntax.nodes import Node

OPERAND = '\0'          # stands in a text for what is known only at run time

BLANKS = ' \t\n'
NAME_START = frozenset('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_')
DIGITS = frozenset('0123456789')
NAME = NAME_START | DIGITS
NUMBER = NAME | frozenset('#@')
DIGIT_ORDER = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_'

COMMA, ASSIGNMENT, CONDITIONAL = 1, 2, 3
POWER, PREFIX = 14, 15
PRECEDENCE = {
    ',': COMMA, '||': 4, '&&': 5, '|': 6, '^': 7, '&': 8, '==': 9, '!=': 9,
    '<': 10, '<=': 10, '>': 10, '>=': 10, '<<': 11, '>>': 11, '+': 12, '-': 12,
    '*': 13, '/': 13, '%': 13, '**': POWER,
}
ASSIGNMENTS = frozenset(
    ('=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '^=', '|='))
SYMBOLS = frozenset(PRECEDENCE) | ASSIGNMENTS | frozenset('?:)')


class ArithmeticNode(Node):
    """An expression."""

    __slots__ = ()


class Constant(ArithmeticNode):         # 10, 012, 0xa, 2#1010
    """An integer constant, not yet reduced to 64 bits with a sign."""

    __slots__ = ('value',)

    def __init__(self, value: int) -> None:
        self.value = value


class Variable(ArithmeticNode):         # name
    """The value of a variable."""

    __slots__ = ('name',)

    def __init__(self, name: str) -> None:
        self.name = name


class Element(ArithmeticNode):          # name[subscript]
    """The value of an element of an array (bash)."""

    __slots__ = ('name', 'subscript', 'text', 'first')

    def __init__(self, name: str, subscript: ArithmeticNode | None, text: str,
                 first: int) -> None:
        self.name = name
        self.subscript = subscript      # None: blank, or no expression (it may be a key)
        self.text = text                # of the subscript
        self.first = first              # the number of the first OPERAND in it


class Operand(ArithmeticNode):          # $name, $(command): see OPERAND
    """The `index`-th value that is given at run time."""

    __slots__ = ('index',)

    def __init__(self, index: int) -> None:
        self.index = index


class Unary(ArithmeticNode):            # -operand
    """A prefix operator and its operand."""

    __slots__ = ('operator', 'operand')

    def __init__(self, operator: str, operand: ArithmeticNode) -> None:
        self.operator = operator        # + - ! ~
        self.operand = operand


class Binary(ArithmeticNode):           # left + right
    """Two operands; `,` `&&` `||` among the operators."""

    __slots__ = ('operator', 'left', 'right', 'pos')

    def __init__(self, operator: str, left: ArithmeticNode, right: ArithmeticNode,
                 pos: int) -> None:
        self.operator = operator
        self.left = left
        self.right = right
        self.pos = pos                  # offset of the right operand


class Choice(ArithmeticNode):      # condition ? then : otherwise
    """The conditional expression."""

    __slots__ = ('condition', 'then', 'otherwise')

    def __init__(self, condition: ArithmeticNode, then: ArithmeticNode,
                 otherwise: ArithmeticNode) -> None:
        self.condition = condition
        self.then = then
        self.otherwise = otherwise


class ElementAssignment(ArithmeticNode):    # name[subscript] += value
    """An assignment to an element of an array (bash)."""

    __slots__ = ('element', 'operator', 'value', 'pos')

    def __init__(self, element: Element, operator: str, value: ArithmeticNode,
                 pos: int) -> None:
        self.element = element
        self.operator = operator
        self.value = value
        self.pos = pos


class ElementIncrement(ArithmeticNode):     # ++name[subscript], name[subscript]--
    """An increment or decrement of an element."""

    __slots__ = ('element', 'step', 'postfix')

    def __init__(self, element: Element, step: int, postfix: bool) -> None:
        self.element = element
        self.step = step
        self.postfix = postfix


class VariableAssignment(ArithmeticNode):   # name += value
    """An assignment, perhaps compound."""

    __slots__ = ('name', 'operator', 'value', 'pos')

    def __init__(self, name: str, operator: str, value: ArithmeticNode,
                 pos: int) -> None:
        self.name = name
        self.operator = operator        # what stands before =, perhaps ''
        self.value = value
        self.pos = pos                  # offset of the value


class Increment(ArithmeticNode):        # ++name, name--
    """An increment or decrement (bash; optional in POSIX)."""

    __slots__ = ('name', 'step', 'postfix')

    def __init__(self, name: str, step: int, postfix: bool) -> None:
        self.name = name
        self.step = step                # 1 or -1
        self.postfix = postfix          # the value is that before the change


def parse_arithmetic(text: str, operands: int = 0) -> ArithmeticNode | None:
    """The tree of an expression, None if it is blank (XCU 2.6.4).

    The first `operands` OPERAND characters each stand for an Operand.
    """
    return _Parser(text, operands).parse()


class _Parser:
    """Reads an operand, then operators up to the next operand, and so on."""

    def __init__(self, text: str, operands: int, read: int = 0) -> None:
        self.text = text
        self.pos = 0
        self.last = 0                   # where the token before `pos` began
        self.operands = operands
        self.operands_read = read
        self.values: list[ArithmeticNode] = []
        # Operators that wait for their right operand: symbol, precedence, offset of
        # that operand.  `(` and `?` have precedence 0: nothing reduces across them.
        self.pending: list[tuple[str, int, int]] = []

    def parse(self) -> ArithmeticNode | None:
        if not self.peek():
            return None
        self.read_operand()
        while self.read_operator():
            self.read_operand()
        self.reduce(COMMA)
        if self.pending:
            raise self.unclosed()
        return self.values[0]

    # Characters

    def peek(self) -> str:
        """The next character that is no blank, '' at the end."""
        text, pos = self.text, self.pos
        while text[pos:pos + 1] and text[pos] in BLANKS:
            pos += 1
        self.pos = pos
        return text[pos:pos + 1]

    def advance(self, length: int) -> str:
        """Take a token of this length."""
        self.last = self.pos
        self.pos += length
        return self.text[self.last:self.pos]

    def take(self, characters: frozenset[str]) -> str:
        """Take the token made of all such characters from here."""
        text, end = self.text, self.pos
        while text[end:end + 1] in characters:
            end += 1
        return self.advance(end - self.pos)

    def name_follows(self, pos: int) -> bool:
        """Whether a name begins at `pos`, after blanks."""
        return self.text[pos:].lstrip(BLANKS)[:1] in NAME_START

    # Where an operand is expected

    def read_operand(self) -> None:
        """Read prefix operators, opening parentheses and one operand."""
        while True:
            char = self.peek()
            if char in NAME_START:
                self.values.append(self.variable())
            elif char in DIGITS:
                self.values.append(Constant(self.number()))
            elif char == OPERAND and self.operands_read < self.operands:
                self.advance(1)
                self.values.append(Operand(self.operands_read))
                self.operands_read += 1
            elif char and char in '+-' and self.is_increment(char):
                step = 1 if self.advance(2) == '++' else -1
                self.peek()
                target = self.variable()
                self.values.append(Increment(target.name, step, False)
                                   if isinstance(target, Variable)
                                   else ElementIncrement(target, step, False))
            elif char and char in '+-!~(':
                self.push(self.advance(1), PREFIX if char != '(' else 0)
                continue
            else:
                raise self.operand_expected(char)
            return

    def variable(self) -> Variable | Element:
        """Take a name, perhaps with a subscript behind it."""
        name = self.take(NAME)
        if self.text[self.pos:self.pos + 1] != '[':
            return Variable(name)
        depth, end = 0, self.pos
        while True:
            char = self.text[end:end + 1]
            if not char:
                self.pos = len(self.text)
                raise self.error('bad array subscript')
            depth += (char == '[') - (char == ']')
            if not depth:
                break
            end += 2 if char == '\\' else 1
        inside, first = self.text[self.pos + 1:end], self.operands_read
        self.operands_read += inside.count(OPERAND)
        self.pos = end + 1
        try:
            subscript = _Parser(inside, self.operands, first).parse()
        except ArithmeticSyntaxError:
            subscript = None
        return Element(name, subscript, inside, first)

    def is_increment(self, char: str) -> bool:
        """Whether ++ or -- is one operator here: `--x` is, `--5` is two signs."""
        return (self.text.startswith(char * 2, self.pos)
                and self.name_follows(self.pos + 2))

    def operand_expected(self, char: str) -> ArithmeticSyntaxError:
        before = self.text[self.last:self.last + 1]
        if char in (':', '') and before in ('?', ':') and self.pending:
            return self.error('expression expected')
        return self.error('syntax error: operand expected')

    def number(self) -> int:
        """Take a constant: decimal, octal, hexadecimal or base#digits."""
        token = self.take(NUMBER)
        prefix, separator, digits = token.partition('#')
        value = self.plain_number(prefix, token)
        if not separator:
            return value
        if prefix.startswith('0') or '#' in digits:
            raise self.bad_number('invalid number', token)
        if not 2 <= value <= 64:
            raise self.bad_number('invalid arithmetic base', token)
        if not digits:
            raise self.bad_number('invalid integer constant', token)
        return self.digits(digits, value, token)

    def plain_number(self, number: str, token: str) -> int:
        if number[:2] in ('0x', '0X'):
            return self.digits(number[2:], 16, token)
        return self.digits(number, 8 if number.startswith('0') else 10, token)

    def digits(self, digits: str, base: int, token: str) -> int:
        """The value of these digits modulo 2**64, as bash has it."""
        value = 0
        for digit in digits.lower() if base <= 36 else digits:
            weight = DIGIT_ORDER.index(digit)
            if weight >= base:
                raise self.bad_number('value too great for base', token)
            value = (value * base + weight) & 0xFFFFFFFFFFFFFFFF
        return value

    # Where an operator is expected

    def read_operator(self) -> bool:
        """Read what may follow an operand; False if none but the end comes after it."""
        while True:
            symbol = self.symbol()
            if symbol in ('++', '--'):
                self.postfix(1 if symbol == '++' else -1)
            elif symbol == ')':
                self.reduce(COMMA)
                if not self.pending or self.pending[-1][0] != '(':
                    raise self.unclosed()
                self.pending.pop()
                self.advance(1)
            elif not symbol:
                return False
            else:
                self.infix(symbol)
                return True

    def symbol(self) -> str:
        """The operator at the next position, '' at the end of the text."""
        char, text, pos = self.peek(), self.text, self.pos
        if char and char in '+-' and text.startswith(char * 2, pos):
            if text[self.last] in NAME_START:
                return char * 2
            if self.name_follows(pos + 2):
                raise self.unclosed()
            return char
        for length in (3, 2, 1):
            if text[pos:pos + length] in SYMBOLS:
                return text[pos:pos + length]
        if char in NAME or char in ('(', '!', '~', OPERAND):
            raise self.unclosed()
        if char:
            raise self.error('syntax error: invalid arithmetic operator')
        return ''

    def postfix(self, step: int) -> None:
        target = self.values[-1]
        if isinstance(target, Element):
            self.advance(2)
            self.values[-1] = ElementIncrement(target, step, True)
            return
        if not isinstance(target, Variable):
            symbol = self.text[self.pos:self.pos + 2]
            raise self.error(f'{symbol}: assignment requires lvalue')
        self.advance(2)
        self.values[-1] = Increment(target.name, step, True)

    def infix(self, symbol: str) -> None:
        """Reduce what binds tighter than this operator, then let it wait."""
        if symbol in ASSIGNMENTS:
            self.reduce(ASSIGNMENT + 1)
            if (not isinstance(self.values[-1], Variable | Element)
                    or self.text[self.last] not in NAME_START):     # (x) = 1
                raise self.error('attempted assignment to non-variable')
            precedence = ASSIGNMENT
        elif symbol == '?':
            self.reduce(CONDITIONAL + 1)
            precedence = 0
        elif symbol == ':':
            self.reduce(COMMA)
            if not self.pending or self.pending[-1][0] != '?':
                raise self.unclosed()
            self.pending.pop()
            precedence = CONDITIONAL
        else:
            precedence = PRECEDENCE[symbol]
            self.reduce(precedence + 1 if precedence == POWER else precedence)
        self.advance(len(symbol))
        self.push(symbol, precedence)

    # The stack

    def push(self, symbol: str, precedence: int) -> None:
        self.peek()
        self.pending.append((symbol, precedence, self.pos))

    def reduce(self, precedence: int) -> None:
        """Give waiting operators of this or a higher precedence their operands."""
        values, pending = self.values, self.pending
        while pending and pending[-1][1] >= precedence:
            symbol, own, pos = pending.pop()
            right = values.pop()
            if own == PREFIX:
                values.append(Unary(symbol, right))
                continue
            left = values.pop()
            if own == CONDITIONAL:
                values.append(Choice(values.pop(), left, right))
            elif isinstance(left, Variable) and own == ASSIGNMENT:
                values.append(VariableAssignment(left.name, symbol[:-1], right, pos))
            elif isinstance(left, Element) and own == ASSIGNMENT:
                values.append(ElementAssignment(left, symbol[:-1], right, pos))
            else:
                values.append(Binary(symbol, left, right, pos))

    # Errors

    def unclosed(self) -> ArithmeticSyntaxError:
        """The error for what can follow no operand here: say what is still open."""
        barriers = [symbol for symbol, precedence, _ in self.pending if not precedence]
        if not barriers:
            return self.error('syntax error in expression')
        if barriers[-1] == '(':
            return self.error("missing `)'")
        return self.error("`:' expected for conditional expression")

    def error(self, reason: str) -> ArithmeticSyntaxError:
        """An error at the next token; at the end of the text, at the last one."""
        pos = self.pos if self.pos < len(self.text) else self.last
        return ArithmeticSyntaxError(describe(self.text, reason, self.text[pos:]))

    def bad_number(self, reason: str, token: str) -> ArithmeticSyntaxError:
        return ArithmeticSyntaxError(describe(self.text[:self.pos], reason, token))


def describe(expression: str, reason: str, token: str) -> str:
    """The words for an error in an expression, in bash's shape."""
    expression = expression.lstrip(BLANKS)
    return f'{expression}: {reason} (error token is "{token}")'
