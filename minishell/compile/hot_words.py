"""Words, arithmetic and conditions -> Python expressions, for `compile/hot.py`.

What is written is straight code for the usual case.  It begins with questions (`require`):
is the variable set, is its value a number, does it need no splitting?  A no leaves the
whole command to its closure, so nothing may have an effect before the last question;
`sealed` watches over that.

A variable's number is kept beside the text that it was read from, in local variables
`n_NAME` and `s_NAME`: while the text is the same object, it need not be parsed again, and a
number just computed is never parsed at all.  The text stays what counts.
"""
from __future__ import annotations

from minishell.builtins.registry import BUILTINS, DECLARES
from minishell.compile.arithmetic import stand_alone
from minishell.compile.operators import (
    BEYOND,
    BINARY,
    NAMES,
    OF_TEST,
    RING,
    TRUTH,
    UNARY,
)
from minishell.compile.simple import is_plain
from minishell.compile.words import static_part, static_parts
from minishell.errors import ArithmeticSyntaxError
from minishell.expand.splitting import may_be_magic
from minishell.syntax.arithmetic import (
    OPERAND,
    Binary,
    Choice,
    Constant,
    Increment,
    Operand,
    Unary,
    Variable,
    VariableAssignment,
    parse_arithmetic,
)
from minishell.syntax.names import HIGH, LOW, assignment_of, decimal, is_name, wrap
from minishell.syntax.nodes import (
    ArithmeticExpansion,
    DoubleQuoted,
    Escaped,
    Literal,
    Node,
    ParameterExpansion,
    ParameterLength,
    SingleQuoted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from minishell.compile.compiler import Compiler
    from minishell.syntax.arithmetic import ArithmeticNode
    from minishell.syntax.nodes import Part, Word

UNKNOWN = '\0'          # the text of a number that is not known: no variable's value
FLUSH = "if last is not None: values['_'], last = last, None"
DEEPEST = 60            # levels of indentation; Python takes 100
DEEPEST_EXPRESSION = 30     # operators inside each other, each up to three parentheses:
                            # 150 overflow a C stack of 256 KB
REMOVING = frozenset(('#', '##', '%', '%%'))
CHOOSING = frozenset(('-', ':-', '+', ':+'))


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


class PythonWriter:
    """Lines of Python, and the objects they refer to by name."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.lines: list[str] = []
        self.depth = 1
        self.objects: dict[str, object] = {
            'UNKNOWN': UNKNOWN, 'known': known, **NAMES}
        self.numbered: set[str] = set()     # what has n_ and s_ variables
        self.count = 0
        self.sealed = False                 # the command has had an effect
        self.asked: set[str] = set()        # names whose number this command knows

    def add(self, line: str) -> None:
        """Write a line at the present depth."""
        self.lines.append('    ' * self.depth + line)

    def fresh(self) -> str:
        """The name of a new local variable."""
        self.count += 1
        return f't{self.count}'

    def refer(self, value: object) -> str:
        """A name for an object."""
        self.count += 1
        name = f'k{self.count}'
        self.objects[name] = value
        return name

    def require(self, condition: str) -> None:
        """Go on only if this holds.  Raises Opaque if it is too late to ask."""
        if self.sealed or self.depth > DEEPEST:
            raise Opaque
        self.add(f'if {condition}:')
        self.depth += 1

    # -- parameters --------------------------------------------------------------------

    def parameter(self, name: str) -> str:
        """The text of a parameter that is set."""
        if name == '#':
            return 'str(len(shell.positional))'
        if name == '?':
            return 'str(shell.status)'
        text = self.fresh()
        if is_name(name):
            self.add(f'{text} = {self.get(name)}')
            self.require(f'{text} is not None')
            return text
        self.add(f'{text} = shell.positional[{self._positional(name)}]')
        return text

    def get(self, name: str) -> str:
        """The text of a variable; None if it must be asked of Variables."""
        if name == '_':
            raise Opaque                    # it may be in `last`
        return f'get({name!r})'

    def _positional(self, name: str) -> int:
        """The index of a positional parameter that is set."""
        number = decimal(name)
        if not number:
            raise Opaque
        self.require(f'len(shell.positional) >= {number}')
        return number - 1

    def number(self, name: str) -> str:
        """The number that a parameter's value plainly is."""
        if name == '#':
            return 'len(shell.positional)'
        if name == '?':
            return 'shell.status'
        if name not in self.asked:
            text = self.fresh()
            if is_name(name):
                self.add(f'{text} = {self.get(name)}')
            else:
                self.add(f'{text} = shell.positional[{self._positional(name)}]')
            self.add(f'if {text} is not s_{name}: s_{name}, n_{name} = known({text})')
            self.require(f'{text} is s_{name}')
            self.asked.add(name)
            self.numbered.add(name)
        return f'n_{name}'

    # -- text --------------------------------------------------------------------------

    def text(self, parts: Sequence[Part]) -> str:
        """The parts without field splitting and pathname expansion."""
        return self.join([self.part(part) for part in parts])

    def join(self, pieces: list[str]) -> str:
        """The concatenation of expressions."""
        if len(pieces) < 3:
            return ' + '.join(pieces) or "''"
        return f"''.join(({', '.join(pieces)}))"

    def part(self, part: Part) -> str:
        """The text of one part."""
        static = static_part(part)
        if static is not None:
            return repr(static)
        if type(part) is DoubleQuoted:
            return self.text(part.parts)
        if type(part) is ArithmeticExpansion:
            return f'str({self.arithmetic(part.parts)})'
        if type(part) is ParameterLength and part.parameter not in '@*':
            if part.parameter in '#?':
                raise Opaque
            text = self.parameter(part.parameter)
            self.require(f'{text}.isascii()')
            return f'str(len({text}))'
        if type(part) is not ParameterExpansion or part.parameter in '@*-$!0':
            raise Opaque
        if not part.operator:
            return self.parameter(part.parameter)
        word = None if part.word is None else static_parts(part.word.parts)
        if word is None:                    # that of a bad substitution, too
            raise Opaque
        return self._changed(part, word)

    def _changed(self, part: ParameterExpansion, word: str) -> str:
        """`${name#pattern}`, `${name-word}` and the like, where the word is constant."""
        if part.operator in REMOVING:
            from minishell.compile.patterns import compile_removal
            text = self.parameter(part.parameter)
            change = self.refer(compile_removal(part, self.compiler))
            return f'{change}(shell, {text})'
        if part.operator not in CHOOSING or not is_name(part.parameter):
            raise Opaque
        text = self.fresh()
        self.add(f'{text} = {self.get(part.parameter)}')
        self.add(f'if {text} is None: {text} = variables.get({part.parameter!r})')
        there = text if part.operator[0] == ':' else f'{text} is not None'
        if part.operator[-1] == '-':
            return f'({text} if {there} else {word!r})'
        return f'({word!r} if {there} else "")'

    # -- fields ------------------------------------------------------------------------

    def arguments(self, words: Sequence[Word], declaring: bool) -> str:
        """The fields of words, as items of a list."""
        items = []
        for word in words:
            assignment = assignment_of(word) if declaring else None
            if assignment is not None:
                if assignment.append or assignment.subscript is not None:
                    raise Opaque
                items.append(repr(assignment.name + '=') + ' + '
                             + self.text(assignment.value.parts))
            else:
                items.append(self.field(word))
        return ', '.join(items)

    def field(self, word: Word) -> str:
        """A word that expands to exactly one field, or `*` and the list it expands to."""
        parts = word.parts
        if len(parts) == 1 and type(parts[0]) is DoubleQuoted:
            inner = parts[0].parts
            if len(inner) == 1 and type(inner[0]) is ParameterExpansion \
                    and inner[0].parameter == '@' and not inner[0].operator:
                return '*shell.positional'
        return self.join([self._field_part(part) for part in parts])

    def last(self, words: Sequence[Word]) -> None:
        """`$_`: the last word, one of which nothing depends on how often it is expanded."""
        word = words[-1]
        text = word.literal()
        if text is None and not all(map(is_plain, word.parts)):
            raise Opaque
        if text is not None:
            field = repr(text)
        elif [getattr(part, 'parameter', '') for part in word.parts] == ['#']:
            field = self.text(word.parts)
        else:
            field = self.field(word)
        if field[:1] == '*':
            raise Opaque
        self.add(f'last = {field}')

    def _field_part(self, part: Part) -> str:
        if type(part) is Literal:
            if may_be_magic(part.text):
                raise Opaque
        elif type(part) is ParameterExpansion and part.parameter not in '#?':
            text = self.part(part)
            if part.operator:
                self.add(f'{(field := self.fresh())} = {text}')
                text = field
            self.require(f'{text}.isalnum()')       # nothing splits it, it is no pattern
            return text
        elif type(part) not in (DoubleQuoted, SingleQuoted, Escaped, ArithmeticExpansion,
                                ParameterLength, ParameterExpansion):
            raise Opaque
        return self.part(part)

    # -- arithmetic --------------------------------------------------------------------

    def arithmetic(self, parts: Sequence[Part]) -> str:
        """An expression's value, an int of 64 bits (XCU 2.6.4)."""
        pieces = [static_part(part) for part in parts]
        template = ''.join([OPERAND if piece is None else piece for piece in pieces])
        expansions = [part for part, piece in zip(parts, pieces, strict=True)
                      if piece is None]
        if expansions and not stand_alone(template, len(expansions)):
            raise Opaque
        try:
            tree = parse_arithmetic(template, len(expansions))
        except ArithmeticSyntaxError:
            raise Opaque from None
        if tree is None:
            return '0'
        operands = []
        for literal, part in zip(template.split(OPERAND), expansions, strict=False):
            if type(part) is not ParameterExpansion or part.operator \
                    or part.parameter in '@*-$!0':
                raise Opaque
            operands.append(self.number(part.parameter))
            if literal.endswith('-'):       # a negative number would make it `--`
                self.require(f'{operands[-1]} >= 0')
        return PythonExpression(self, operands).write(tree)

    def operand(self, word: Word) -> str:
        """The number that a word of `test` is."""
        parts = word.parts
        if len(parts) == 1 and type(parts[0]) is DoubleQuoted:
            parts = parts[0].parts
        static = static_parts(parts)
        if static is not None:
            if static.isdigit() and static.isascii() and len(static) < 18:
                return str(int(static))
            raise Opaque
        if len(parts) != 1:
            raise Opaque
        part = parts[0]
        if type(part) is ArithmeticExpansion:
            return self.arithmetic(part.parts)
        if type(part) is ParameterExpansion and not part.operator \
                and part.parameter not in '@*-$!0':
            return self.number(part.parameter)
        if type(part) is ParameterLength:
            return self.part(part).removeprefix('str')
        raise Opaque

    # -- test --------------------------------------------------------------------------

    def condition(self, words: Sequence[Word]) -> str:
        """Whether the operands of `test` hold."""
        literals = [word.literal() for word in words]
        if len(words) == 4 and literals[0] == '!' and (
                literals[2] in OF_TEST or literals[2] in ('=', '!=')):
            return f'not ({self.condition(words[1:])})'
        if len(words) == 3 and literals[1] in OF_TEST:
            left, right = self.operand(words[0]), self.operand(words[2])
            return BINARY[OF_TEST[literals[1] or '']].python.format(left, right)
        if len(words) == 3 and literals[1] in ('=', '!='):
            left, right = self.field(words[0]), self.field(words[2])
            if '*shell.positional' in (left, right):
                raise Opaque
            if literals[0] is None and literals[2] is None:
                self.add(f'{(text := self.fresh())} = {left}')
                self.require(f'{text}.isascii()')
                left = text
            return f'{left} {"==" if literals[1] == "=" else "!="} {right}'
        if len(words) == 2 and literals[0] in ('-n', '-z'):
            operand = self.field(words[1])
            if operand == '*shell.positional':
                raise Opaque
            return f"{operand} {'!=' if literals[0] == '-n' else '=='} ''"
        raise Opaque

    def match(self, word: str, pattern: Word) -> str:
        """Whether a pattern matches the word."""
        text = pattern.literal()
        if text == '*':
            return 'True'
        static = static_parts(pattern.parts)
        if static is not None and static.isalnum() and static.isascii():
            return f'{word} == {static!r}'
        from minishell.compile.patterns import compile_matcher
        if static is None:
            self.add(FLUSH)                 # it may hold `$_`
        return f'{self.refer(compile_matcher(pattern, self.compiler))}(shell, {word})'


class PythonExpression:
    """An arithmetic expression: first what has to be known, then one Python expression."""

    def __init__(self, writer: PythonWriter, operands: list[str]) -> None:
        self.writer = writer
        self.operands = operands
        self.assigned: list[str] = []
        self.failing = False                # it may divide by 0

    def write(self, tree: ArithmeticNode) -> str:
        """The value; what is assigned in it is stored behind it."""
        writer = self.writer
        if is_deep(tree):
            raise Opaque
        self._ask(tree)
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
        for inner in node.walk():
            if isinstance(inner, Variable | VariableAssignment | Increment):
                self.writer.number(inner.name)
                if not isinstance(inner, Variable):
                    self.assigned.append(inner.name)
        for inner in node.walk():
            if isinstance(inner, Binary | VariableAssignment) \
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


def is_declaring(name: str) -> bool:
    """Whether words behind a utility that look like assignments are expanded as such."""
    return name in BUILTINS and bool(BUILTINS[name].traits & DECLARES)
