"""Words and assignments -> Python, for `compile/hot.py`.

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
from minishell.compile.hot_arithmetic import (
    UNKNOWN,
    Opaque,
    PythonExpression,
    known,
)
from minishell.compile.operators import NAMES
from minishell.compile.simple import appended, is_of_text, is_plain
from minishell.compile.words import (
    is_one_word,
    static_part,
    static_parts,
)
from minishell.errors import ArithmeticSyntaxError
from minishell.expand.splitting import may_be_magic
from minishell.state.arrays import AssociativeArray, IndexedArray
from minishell.state.attributes import ASSOCIATIVE, INDEXED
from minishell.syntax.arithmetic import OPERAND, Element, parse_arithmetic
from minishell.syntax.array_nodes import CompoundValue, ElementExpansion
from minishell.syntax.names import assignment_of, decimal, is_name
from minishell.syntax.nodes import (
    ArithmeticExpansion,
    DoubleQuoted,
    Escaped,
    Literal,
    ParameterChange,
    ParameterExpansion,
    ParameterLength,
    SingleQuoted,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FunctionType

    from minishell.compile.compiler import Compiler
    from minishell.state.shell import At, Shell
    from minishell.syntax.array_nodes import ArrayElement
    from minishell.syntax.nodes import Assignment, Command, Part, SimpleCommand

FLUSH = "if last is not None: values['_'], last = last, None"
PLACES = 1 << 70        # from here on numbers are those of `PythonWriter.begin`
DEEPEST = 60            # levels of indentation; Python takes 100
REMOVING = frozenset(('#', '##', '%', '%%'))
CHOOSING = frozenset(('-', ':-', '+', ':+'))
ALL = ('@', '*')


class PythonWriter:
    """Lines of Python, and the objects they refer to by name."""

    def __init__(self, compiler: Compiler, shell: Shell) -> None:
        self.compiler = compiler
        self.shell = shell
        self.lines: list[str] = []
        self.depth = 1
        self.objects: dict[str, object] = {
            'UNKNOWN': UNKNOWN, 'known': known, 'IndexedArray': IndexedArray,
            'AssociativeArray': AssociativeArray, **NAMES}
        self.places: dict[int, At] = {}
        self.numbered: set[str] = set()     # what has n_ and s_ variables
        self.count = 0
        self.sealed = False                 # the command has had an effect
        self.asked: set[str] = set()        # names whose number this command knows
        self.arrays: dict[str, str] = {}    # what this command has arrays in, by their names

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

    def begin(self, node: Command) -> None:
        """Note which command is being run; a number stands for it until all is compiled."""
        number = PLACES + len(self.places)
        self.places[number] = self.compiler.at(node)
        self.add(f'shell.at = {number}')

    def defined(self, text: str) -> Callable[..., int]:
        """The function `run` of a text, with the commands for their numbers: a constant is
        read faster than what has a name."""
        names: dict[str, FunctionType] = {}
        exec(compile(text, '<hot>', 'exec'), self.objects, names)
        run = names['run']
        constants = [self.places.get(each, each) if type(each) is int else each
                     for each in run.__code__.co_consts]
        run.__code__ = run.__code__.replace(co_consts=tuple(constants))
        return run

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

    # -- elements ----------------------------------------------------------------------

    def array(self, name: str, associative: bool) -> str:
        """An array of this kind."""
        array = self.arrays.get(name)
        if array is None:
            array = self.arrays[name] = self.fresh()
            self.add(f'{array} = others.get({name!r})')
            kind = 'AssociativeArray' if associative else 'IndexedArray'
            self.require(f'type({array}) is {kind}')
        return array

    def require_own(self, name: str, associative: bool) -> None:
        """An array's elements may be set at once: it has no other attribute, and nobody else
        has the array."""
        kind = ASSOCIATIVE if associative else INDEXED
        self.require(f'flags[{name!r}] == {kind} '
                     f'and (variables.own is None or {name!r} in variables.own)')

    def number_in(self, array: str, place: str, unset: bool = False) -> str:
        """The number that an element plainly is; if `unset` it may be missing, and is 0."""
        text, found, number = self.fresh(), self.fresh(), self.fresh()
        self.add(f'{text} = {array}.get({place})')
        if unset:
            self.require(f'{text} or {text} is None and not shell.options.nounset')
            self.add(f'if {text} is None: {text} = "0"')
        self.add(f'{found}, {number} = known({text})')
        self.require(f'{found} is {text}')
        return number

    def is_associative(self, name: str) -> bool:
        """Whether to write code for keys: the variable's kind now, which may change."""
        return self.shell.variables.flags.get(name, 0) & ASSOCIATIVE != 0

    def place(self, name: str, subscript: Word) -> tuple[str, str]:
        """An array, and the index or key in it that a subscript is."""
        literal = subscript.literal()
        if literal in ALL or literal is not None and not literal.strip():
            raise Opaque
        place = self.fresh()
        if self.is_associative(name):
            array = self.array(name, True)
            self.add(f'{place} = {self.text(subscript.parts)}')
            self.require(place)
        else:
            array = self.array(name, False)
            self.add(f'{place} = {self.arithmetic(subscript.parts)}')
            self.require(f'{place} >= 0')
        return array, place

    def element(self, part: ElementExpansion) -> str:
        """The text of `${name[subscript]}`, which is set."""
        if type(part.part) is not ParameterExpansion or part.part.operator:
            raise Opaque
        array, place = self.place(part.name, part.subscript)
        text = self.fresh()
        self.add(f'{text} = {array}.get({place})')
        self.require(f'{text} is not None')
        return text

    def element_number(self, part: ElementExpansion) -> str:
        """The number that `${name[subscript]}` plainly is, or `${#name[@]}`."""
        if is_count(part):
            return f'len({self.array(part.name, self.is_associative(part.name))})'
        if type(part.part) is not ParameterExpansion or part.part.operator:
            raise Opaque
        return self.number_in(*self.place(part.name, part.subscript))

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
        if type(part) is ElementExpansion:
            return f'str({self.element_number(part)})' if is_count(part) else self.element(part)
        if type(part) is ParameterChange:
            return self._changed_by(part)
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

    def _changed_by(self, part: ParameterChange) -> str:
        """`${name/pattern/string}`, `${name:offset:length}` and the like, of words on which
        nothing depends how often they are expanded."""
        if part.operator[0] not in '/:^,' or not is_name(part.parameter):
            raise Opaque
        for word in part.words:
            if part.operator == ':':
                self.arithmetic(word.parts)
            elif static_parts(word.parts) is None:
                raise Opaque
        if self.sealed:                     # an offset that assigns
            raise Opaque
        from minishell.compile.parameter_changes import compile_change_of
        text = self.parameter(part.parameter)
        return f'{self.refer(compile_change_of(part, self.compiler))}(shell, {text})'

    # -- assignments -------------------------------------------------------------------

    def store(self, name: str, text: str) -> None:
        """Assign a variable; attributes are the business of the method of Variables."""
        self.add(f'if {name!r} in flags:')
        self.add('    ' + FLUSH)            # it may evaluate an expression
        self.add(f'    variables.assign({name!r}, {text})')
        self.add(f'else: values[{name!r}] = {text}')

    def assignment(self, node: SimpleCommand, status: str) -> None:
        """One assignment without a command."""
        if len(node.assignments) > 1:
            raise Opaque
        if not is_of_text(node.assignments[0]):
            self.array_assignment(node.assignments[0])
            self.add("last = ''")
            self.add(f'{status} = 0')
            return
        name, parts = node.assignments[0].name, node.assignments[0].value.parts
        if node.assignments[0].append and not parts:
            raise Opaque
        if len(parts) == 1 and not node.assignments[0].append \
                and type(parts[0]) is ArithmeticExpansion:
            number = self.arithmetic(parts[0].parts)
            self.add(f'n_{name} = {number}')
            self.add(f's_{name} = str(n_{name})')
            self.numbered.add(name)
            self.store(name, f's_{name}')
        elif rest := appended(node.assignments[0]):
            text = self.text(rest)
            self.add(f'if {name!r} in flags:')
            self.add('    ' + FLUSH)
            self.add(f'variables.append({name!r}, {text})')
        else:
            text = self.fresh()
            self.add(f'{text} = {self.text(parts)}')
            self.store(name, text)
        self.add("last = ''")
        self.add(f'{status} = 0')

    def array_assignment(self, node: Assignment) -> None:
        """`name[subscript]=text` or `name+=(word …)` of an array that is there."""
        value = node.value.parts
        if node.subscript is not None:
            if value and type(value[0]) is CompoundValue:
                raise Opaque
            text = self.fresh()
            self.add(f'{text} = {self.text(value)}')
            array, place = self.place(node.name, node.subscript)
            if node.append:
                self.add(f'{(old := self.fresh())} = {array}.get({place})')
                text = f'{text} if {old} is None else {old} + {text}'
            self.require_own(node.name, self.is_associative(node.name))
            self.add(f'{array}.set({place}, {text})')
            return
        compound = value[-1]
        if not node.append or type(compound) is not CompoundValue \
                or self.is_associative(node.name) \
                or any(map(is_odd_element, compound.elements)):
            raise Opaque
        fields = [self.field(element.value) for element in compound.elements]
        array = self.array(node.name, False)
        self.require_own(node.name, False)
        self.add(f'{array}.extend([{", ".join(fields)}])')

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
        elif type(part) is ParameterExpansion and part.parameter not in '#?' \
                or type(part) is ElementExpansion and not is_count(part) \
                or type(part) is ParameterChange:
            text = self.part(part)
            if not text.isidentifier():
                self.add(f'{(field := self.fresh())} = {text}')
                text = field
            self.require(f'{text}.isalnum()')       # nothing splits it, it is no pattern
            return text
        elif type(part) not in (DoubleQuoted, SingleQuoted, Escaped, ArithmeticExpansion,
                                ParameterLength, ParameterExpansion, ElementExpansion):
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
        keys = {inner.first for inner in tree.walk() if isinstance(inner, Element)
                and inner.text == OPERAND and self.is_associative(inner.name)}
        operands: list[str] = []
        for literal, part in zip(template.split(OPERAND), expansions, strict=False):
            if len(operands) in keys:
                operands.append(self.key(part))
                continue
            operands.append(self.operand_of(part))
            if literal.endswith('-'):       # a negative number would make it `--`
                self.require(f'{operands[-1]} >= 0')
        return PythonExpression(self, operands).write(tree)

    def key(self, part: Part) -> str:
        """The text of an expansion that is the key of an element in an expression."""
        text = self.fresh()
        self.add(f'{text} = {self.part(part)}')
        self.require(f'{text}.isalnum()')   # the same when it is read as an expression
        return text

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
        if type(part) is ParameterLength:
            return self.part(part).removeprefix('str')
        return self.operand_of(part)

    def operand_of(self, part: Part) -> str:
        """The number that the value of a parameter or an element is."""
        if type(part) is ElementExpansion:
            return self.element_number(part)
        if type(part) is not ParameterExpansion or part.operator \
                or part.parameter in '@*-$!0':
            raise Opaque
        return self.number(part.parameter)


def is_declaring(name: str) -> bool:
    """Whether words behind a utility that look like assignments are expanded as such."""
    return name in BUILTINS and bool(BUILTINS[name].traits & DECLARES)


def is_count(part: ElementExpansion) -> bool:
    """Whether an expansion is `${#name[@]}`."""
    return type(part.part) is ParameterLength and part.subscript.literal() in ALL


def is_odd_element(element: ArrayElement) -> bool:
    """Whether a word in `(…)` is more than one of a command: `[subscript]=value`, braces."""
    return element.subscript is not None or not is_one_word(element.value)
