"""Arithmetic expansion: expressions → closures `(shell) -> int` (XCU 2.6.4).

Where the expression holds other expansions it is parsed once around them, and their text is
used as a number if it is one; else the text is substituted and parsed, as the standard
describes it.
"""
from __future__ import annotations

from minishell.compile.operators import BINARY, TRUTH, UNARY
from minishell.errors import ArithmeticSyntaxError, ExpansionError, UnsetError
from minishell.syntax.arithmetic import (
    NUMBER,
    OPERAND,
    ArithmeticNode,
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
    describe,
    parse_arithmetic,
)
from minishell.syntax.names import HIGH, LOW, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.compile.operators import Operator
    from minishell.state.shell import Shell, Text

    Closure = Callable[[Shell], int]
    Compiled = int | Closure            # an int where the value is known already

MAXIMUM_DEPTH = 1024                    # of values that are expressions: bash's
CACHE_SIZE = 500
TOO_DEEP = 'expression nested too deeply'
QUOTED = frozenset('$`"\'[]\\')
SHORT = 200                             # a text this short is not nested deeply


# Entry points

def compile_arithmetic(pieces: Sequence[str | Text]) -> Closure:
    """Closure for the inside of `$((…))`: literal text and expansions (XCU 2.6.4).

    A syntax error is raised by the closure, as an ExpansionError.
    """
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if len(texts) == len(pieces):
        return _compile_literal(''.join(texts))

    def substitute(shell: Shell) -> int:
        depth, texts = 0, []
        for piece in pieces:
            text = piece if isinstance(piece, str) else piece(shell)
            if isinstance(piece, str):
                depth += piece.count('[') - piece.count(']')
            elif depth > 0:
                text = quoted_in_subscript(text)
            texts.append(text)
        return evaluate(shell, ''.join(texts))

    return _compile_template(pieces) or substitute


def evaluate(shell: Shell, text: str) -> int:
    """The value of an expression whose text is known only now (XCU 2.6.4)."""
    try:
        return _compile_cached(text, 0)(shell)
    except RecursionError:
        raise ExpansionError(TOO_DEEP) from None


# Text → closure

_cache: dict[tuple[str, int], Closure] = {}


def _compile_cached(text: str, depth: int) -> Closure:
    closure = _cache.get((text, depth))
    if closure is None:
        if len(_cache) >= CACHE_SIZE:
            _cache.clear()
        closure = _cache[text, depth] = _compile_text(text, depth)
    return closure


def _compile_text(text: str, depth: int) -> Closure:
    """Closure for a whole text; `depth` counts the variables it was reached through."""
    try:
        tree = parse_arithmetic(text)
    except ArithmeticSyntaxError as error:
        return _failing(str(error))
    return closure_of(0 if tree is None else Compiler(text, depth).compile(tree))


def _compile_literal(text: str) -> Closure:
    try:
        closure = _compile_text(text, 0)
    except RecursionError:
        return _failing(TOO_DEEP)
    return closure if len(text) <= SHORT else _guarded(closure)


def _constant(number: int) -> Closure:
    return lambda shell: number


def _failing(message: str) -> Closure:
    def run(shell: Shell) -> int:
        raise ExpansionError(message)
    return run


def _guarded(closure: Closure) -> Closure:
    """Turn Python's own limit into an error of the shell."""
    def run(shell: Shell) -> int:
        try:
            return closure(shell)
        except RecursionError:
            raise ExpansionError(TOO_DEEP) from None
    return run


def number_of(text: str) -> int | None:
    """The number that a text plainly is, None if it must be looked at closely."""
    try:
        number = int(text)
    except ValueError:
        return None
    # int() takes more than the shell does: '1_0', ' 7', '010', digits of other scripts.
    return number if str(number) == text and LOW <= number <= HIGH else None


# Expansions inside the expression

def _compile_template(pieces: Sequence[str | Text]) -> Closure | None:
    """Closure that takes each expansion for one operand, None if that is not sure.

    It is right for expansions that give plain numbers; for others the closure falls
    back to the text.  Each expansion is run once, and before anything is evaluated.
    """
    template = ''.join(
        [piece if isinstance(piece, str) else OPERAND for piece in pieces])
    expansions = [piece for piece in pieces if not isinstance(piece, str)]
    if not stand_alone(template, len(expansions)):
        return None
    numbers = [0] * len(expansions)     # set right before each evaluation
    try:
        tree = parse_arithmetic(template, len(expansions))
        assert tree is not None
        closure = closure_of(Compiler(template, 0, numbers).compile(tree))
    except (ArithmeticSyntaxError, RecursionError):
        return None
    literals = template.split(OPERAND)
    # In x-$y a negative number would make the operator --: only the text can tell.
    signless = [literal.endswith('-') for literal in literals[:-1]]

    def run(shell: Shell) -> int:
        texts = [expansion(shell) for expansion in expansions]
        for index, text in enumerate(texts):
            number = number_of(text)
            if number is None or number < 0 and signless[index]:
                return evaluate(shell, fill_text(template, texts))
            numbers[index] = number
        return closure(shell)

    expansion = expansions[0]

    def run_one(shell: Shell) -> int:
        text = expansion(shell)
        number = number_of(text)
        if number is None or number < 0 and signless[0]:
            return evaluate(shell, fill_text(template, (text,)))
        numbers[0] = number
        return closure(shell)

    if len(expansions) == 1:
        run = run_one
    return run if len(template) <= SHORT else _guarded(run)


def stand_alone(template: str, count: int) -> bool:
    """Whether no operand is part of a longer token, such as `1$x` or `16#$x`."""
    if template.count(OPERAND) != count:            # a NUL in the source
        return False
    forbidden = NUMBER | {OPERAND}
    pos = template.find(OPERAND)
    while pos >= 0:
        if pos and template[pos - 1] in NUMBER or (
                template[pos + 1:pos + 2] in forbidden):
            return False
        pos = template.find(OPERAND, pos + 1)
    return True


def fill(template: str, texts: Sequence[str]) -> str:
    """The template with the texts in the places of its operands."""
    literals = template.split(OPERAND)
    return literals[0] + ''.join(
        [text + literal for text, literal in zip(texts, literals[1:], strict=False)])


def fill_text(template: str, texts: Sequence[str]) -> str:
    """The same with texts that are no numbers: in a subscript, which may be a key, nothing
    of them is special."""
    if '[' not in template:
        return fill(template, texts)
    depth, quoted = 0, []
    for literal, text in zip(template.split(OPERAND), texts, strict=False):
        depth += literal.count('[') - literal.count(']')
        quoted.append(quoted_in_subscript(text) if depth > 0 else text)
    return fill(template, quoted)


def quoted_in_subscript(text: str) -> str:
    """A text with a backslash before each character that subscripts would be read by."""
    return text if QUOTED.isdisjoint(text) else ''.join(
        ['\\' + c if c in QUOTED else c for c in text])


# Nodes → closures

class Compiler:
    """Compiles the nodes of one text; constants are folded on the way."""

    def __init__(self, text: str, depth: int, numbers: list[int] | None = None,
                 first: int = 0) -> None:
        self.text = text
        self.depth = depth
        self.numbers = [] if numbers is None else numbers
        self.first = first              # the number of the first OPERAND of the text

    def closure(self, node: ArithmeticNode) -> Closure:
        """A closure for a node."""
        return closure_of(self.compile(node))

    def inner(self, text: str, first: int) -> Compiler:
        """The compiler of a part of the text, whose first OPERAND has this number."""
        return Compiler(text, self.depth, self.numbers, first)

    def filled(self, text: str, first: int) -> str:
        """A part of the text with the numbers in the places of its operands."""
        return fill(text, [str(number) for number in self.numbers[first:]])

    def number(self, shell: Shell, text: str) -> int:
        """The number that a value stands for."""
        number = number_of(text) if text else 0
        return value_of(shell, text, self.depth + 1) if number is None else number

    def compile(self, node: ArithmeticNode) -> Compiled:
        if isinstance(node, Constant):
            return wrap(node.value)
        if isinstance(node, Variable):
            return _variable(node.name, self.depth)
        if isinstance(node, Binary):
            return self.binary(node)
        if isinstance(node, Unary):
            return _prefix(node.operator, self.compile(node.operand))
        if isinstance(node, VariableAssignment):
            value = self.compile(node.value)
            if node.operator:
                old = _variable(node.name, self.depth)
                value = self.join(node.operator, old, value, node.pos)
            return _assignment(node.name, value)
        if isinstance(node, Increment):
            return self.increment(node)
        if isinstance(node, Choice):
            return _conditional(self.compile(node.condition), self.compile(node.then),
                                self.compile(node.otherwise))
        if isinstance(node, Element | ElementAssignment | ElementIncrement):
            from minishell.compile.arithmetic_elements import compile_element
            return compile_element(self, node)
        assert isinstance(node, Operand)
        return _operand(self.numbers, node.index)

    def binary(self, node: Binary) -> Compiled:
        """Compile a+b+c+… in a loop: sums of thousands of terms are real."""
        spine = [node]
        while isinstance(spine[-1].left, Binary):
            spine.append(spine[-1].left)
        compiled = self.compile(spine[-1].left)
        for each in reversed(spine):
            right = self.compile(each.right)
            compiled = self.join(each.operator, compiled, right, each.pos)
        return compiled

    def join(self, operator: str, left: Compiled, right: Compiled,
             pos: int) -> Compiled:
        """One operator with its operands; `pos` is the offset of the right one."""
        if operator in LOGICAL:
            return LOGICAL[operator](left, right)
        binary = BINARY[operator]
        if binary.failure:
            return self.partial(binary, left, right, pos)
        if isinstance(left, int) and isinstance(right, int):
            return wrap(int(binary.call(left, right)))
        if binary.result == TRUTH:
            return _comparison(binary.call, left, right)
        return _total(binary.call, left, right)

    def partial(self, operator: Operator, left: Compiled, right: Compiled,
                pos: int) -> Compiled:
        """An operator that may fail: the message shows its right operand."""
        operate, reason = operator.call, operator.failure
        if isinstance(left, int) and isinstance(right, int):
            try:
                return wrap(operate(left, right))
            except ArithmeticError:
                pass                        # an error only if it is evaluated
        text, numbers, first_number = self.text, self.numbers, self.first
        left, right = closure_of(left), closure_of(right)

        def run(shell: Shell) -> int:
            first, second = left(shell), right(shell)
            try:
                return wrap(operate(first, second))
            except ArithmeticError:
                given = [str(number) for number in numbers[first_number:]]
                token = fill(text[pos:], given[text.count(OPERAND, 0, pos):])
                raise ExpansionError(
                    describe(fill(text, given), reason, token)) from None
        return run

    def increment(self, node: Increment) -> Closure:
        """++ and --, which bash has and POSIX leaves open."""
        name, step = node.name, node.step
        read = _variable(name, self.depth)
        if not node.postfix:
            return _assignment(name, _total(BINARY['+'].call, read, step))

        def run(shell: Shell) -> int:
            number = read(shell)
            shell.variables.assign(name, str(wrap(number + step)))
            return number
        return run


def closure_of(compiled: Compiled) -> Closure:
    """A closure in any case."""
    return _constant(compiled) if isinstance(compiled, int) else compiled


def _variable(name: str, depth: int) -> Closure:
    """The value of a variable; unset or empty it is 0 (XCU 2.6.4)."""
    def run(shell: Shell) -> int:
        try:
            text = shell.variables.values[name]
            number = int(text)
        except (KeyError, ValueError):
            return _read(shell, name, depth)
        if str(number) == text and LOW <= number <= HIGH:       # see number_of
            return number
        return _read(shell, name, depth)
    return run


def _read(shell: Shell, name: str, depth: int) -> int:
    """The value of a variable that holds no plain number."""
    text = shell.variables.get(name)
    if text is None and shell.options.nounset:
        raise UnsetError(f'{name}: unbound variable')
    number = number_of(text) if text else 0
    return value_of(shell, text or '', depth + 1) if number is None else number


def value_of(shell: Shell, text: str, depth: int) -> int:
    """The number a variable stands for: its text is an expression, as in bash."""
    if depth <= MAXIMUM_DEPTH:
        try:
            return _compile_cached(text, depth)(shell)
        except RecursionError:          # Python's limit came first
            pass
    raise ExpansionError(describe(text, 'expression recursion level exceeded', text))


def _operand(numbers: list[int], index: int) -> Closure:
    return lambda shell: numbers[index]


def _assignment(name: str, value: Compiled) -> Closure:
    value = closure_of(value)

    def run(shell: Shell) -> int:
        number = value(shell)
        shell.variables.assign(name, str(number))
        return number
    return run


def _prefix(operator: str, operand: Compiled) -> Compiled:
    if operator == '+':
        return operand
    operate = UNARY[operator][0]
    if isinstance(operand, int):
        return wrap(int(operate(operand)))

    def run(shell: Shell) -> int:
        return wrap(int(operate(operand(shell))))
    return run


def _total(operate: Callable[[int, int], int], left: Compiled,
           right: Compiled) -> Closure:
    """An operator that has a result for all operands."""
    left = closure_of(left)
    if isinstance(right, int):
        def run(shell: Shell) -> int:
            number = operate(left(shell), right)
            return number if LOW <= number <= HIGH else wrap(number)
    else:
        def run(shell: Shell) -> int:
            number = operate(left(shell), right(shell))
            return number if LOW <= number <= HIGH else wrap(number)
    return run


def _comparison(operate: Callable[[int, int], int], left: Compiled,
                right: Compiled) -> Closure:
    """A comparison: 1 or 0."""
    left = closure_of(left)
    if isinstance(right, int):
        def run(shell: Shell) -> int:
            return 1 if operate(left(shell), right) else 0
    else:
        def run(shell: Shell) -> int:
            return 1 if operate(left(shell), right(shell)) else 0
    return run


# Operators that do not evaluate all operands, or not for their value

def _and(left: Compiled, right: Compiled) -> Compiled:
    if isinstance(left, int):
        return _truth(right) if left else 0
    right = closure_of(right)
    return lambda shell: 1 if left(shell) and right(shell) else 0


def _or(left: Compiled, right: Compiled) -> Compiled:
    if isinstance(left, int):
        return 1 if left else _truth(right)
    right = closure_of(right)
    return lambda shell: 1 if left(shell) or right(shell) else 0


def _truth(compiled: Compiled) -> Compiled:
    if isinstance(compiled, int):
        return 1 if compiled else 0
    return lambda shell: 1 if compiled(shell) else 0


def _comma(left: Compiled, right: Compiled) -> Compiled:
    if isinstance(left, int):
        return right
    right = closure_of(right)

    def run(shell: Shell) -> int:
        left(shell)
        return right(shell)
    return run


def _conditional(condition: Compiled, then: Compiled, otherwise: Compiled) -> Compiled:
    if isinstance(condition, int):
        return then if condition else otherwise
    then, otherwise = closure_of(then), closure_of(otherwise)
    return lambda shell: then(shell) if condition(shell) else otherwise(shell)


LOGICAL = {'&&': _and, '||': _or, ',': _comma}
