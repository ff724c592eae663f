"""Variables as text that declares them: `declare -p`, `${x@A}`, `set`; the operands of
declaration utilities (bash)."""
from __future__ import annotations

from minishell.run.tracing import dollar_quoted, quoted
from minishell.state.arrays import AssociativeArray, IndexedArray, Reference
from minishell.state.attributes import (
    ASSOCIATIVE,
    CAPITAL,
    EXPORT,
    INDEXED,
    INTEGER,
    LOWER,
    READONLY,
    REFERENCE,
    TRACED,
    UPPER,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.arrays import Array
    from minishell.state.elements import Element
    from minishell.state.shell import Shell
    from minishell.state.variables import Variables

ALWAYS_NEW = frozenset((        # computed variables that `set` of bash shows behind a use only
    'BASHPID', 'BASH_ARGV0', 'BASH_COMMAND', 'BASH_SUBSHELL', 'COMP_WORDBREAKS',
    'EPOCHREALTIME', 'EPOCHSECONDS', 'HISTCMD', 'LINENO', 'PIPESTATUS', 'RANDOM', 'SECONDS',
    'SRANDOM'))
# In the order in which bash shows them.
LETTERS = {'a': INDEXED, 'A': ASSOCIATIVE, 'i': INTEGER, 'n': REFERENCE, 'r': READONLY,
           't': TRACED, 'x': EXPORT, 'c': CAPITAL, 'l': LOWER, 'u': UPPER}
BARE = frozenset('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
                 '%+=:,./-_')


class Operand(str):
    """An operand that text can't be, `name=(…)` or `name[subscript]=value` with anything in
    them; as text it is what the script says."""

    __slots__ = ('name', 'subscript', 'append', 'value', 'elements')
    name: str
    subscript: str | None
    append: bool
    value: str | None           # None: there is none
    elements: list[Element] | None      # None: it is a text

    def __new__(cls, text: str, name: str, subscript: str | None, append: bool,
                value: str | None, elements: list[Element] | None) -> Operand:
        self = str.__new__(cls, text)
        self.name = name
        self.subscript = subscript
        self.append = append
        self.value = value
        self.elements = elements
        return self


def forget_elements(argv: list[str]) -> None:
    """Of an array that is the last operand `$_` has the name alone, as in bash."""
    last = argv[-1]
    if isinstance(last, Operand) and last.elements is not None:
        argv[-1] = last.name


def operand_of(text: str) -> Operand:
    """An operand `name`, `name=value`, `name[subscript]+=value` taken apart; the name may be
    none."""
    if isinstance(text, Operand):
        return text
    name, equals, value = text.partition('=')
    subscript: str | None = None
    if '[' in name:
        close = _closing(text, len(name.partition('[')[0]))
        if close and text[close + 1:close + 2] in ('', '=', '+'):
            name = text[:close + 1]
            _, equals, value = text[close + 1:].partition('=')
            append = text[close + 1:close + 2] == '+'
            name, _, subscript = name[:-1].partition('[')
            return Operand(text, name, subscript, append, value if equals else None, None)
    append = equals != '' and name[-1:] == '+'
    return Operand(text, name[:-1] if append else name, None, append,
                   value if equals else None, None)


def _closing(text: str, opening: int) -> int:
    """Where the bracket at an offset is closed; 0 if it is not."""
    depth = 0
    for pos in range(opening, len(text)):
        depth += (text[pos] == '[') - (text[pos] == ']')
        if not depth:
            return pos
    return 0


# -- as text ----------------------------------------------------------------------------


def letters(flags: int) -> str:
    """The attributes as `declare` has them; '' if there are none."""
    return ''.join([letter for letter, flag in LETTERS.items() if flags & flag])


def declaration(variables: Variables, name: str) -> str:
    """`declare -a name=(…)`, what `declare -p` prints of a variable."""
    value = value_of(variables, name)
    text = '' if value is None else f'={value}'
    flags = letters(variables.flags.get(name, 0) | kind_of_computed(variables, name))
    return f'declare -{flags or "-"} {name}{text}'


def kind_of_computed(variables: Variables, name: str) -> int:
    """The kind of an array that is computed when it is read."""
    if name in variables.dynamic and type(variables.dynamic[name]()) is list:
        return INDEXED
    return 0


def value_of(variables: Variables, name: str) -> str | None:
    """The value in quotes: "text", or (…) of an array; None without one."""
    other = variables.others.get(name)
    if type(other) is Reference:
        return double_quoted(other.target)
    if type(other) is IndexedArray or type(other) is AssociativeArray:
        return elements_of(other)
    computed = variables.dynamic[name]() if name in variables.dynamic else None
    if isinstance(computed, list | AssociativeArray):
        return elements_of(IndexedArray(computed) if isinstance(computed, list) else computed)
    value = variables.get(name)
    return None if value is None else double_quoted(value)


def elements_of(array: Array) -> str:
    """([subscript]="text" …)"""
    if type(array) is AssociativeArray:
        return '(' + ''.join([f'[{key_text(key)}]={double_quoted(text)} '
                              for key, text in array.items()]) + ')'
    return '(' + ' '.join([f'[{index}]={double_quoted(text)}'
                           for index, text in array.items()]) + ')'


def pairs_of(array: Array) -> str:
    """subscript "text" …, as `${name[@]@K}` has it."""
    if type(array) is AssociativeArray:
        return ''.join([f'{key_text(key)} {double_quoted(text)} '
                        for key, text in array.items()])
    return ' '.join([f'{index} {double_quoted(text)}' for index, text in array.items()])


def key_text(key: str) -> str:
    """A key, in quotes if it needs them."""
    return key if BARE.issuperset(key) or key.isalnum() else double_quoted(key)


def double_quoted(value: str) -> str:
    """A value in double-quotes, or in $'' if it holds control characters."""
    if not value.isprintable():
        return dollar_quoted(value).replace('\\e', '\\E')
    for c in '\\"$`':
        value = value.replace(c, '\\' + c)
    return f'"{value}"'


def assignment_line(variables: Variables, name: str,
                    show: Callable[[str], str] = quoted) -> str:
    """`name=value`, what `set` prints of a variable; '' if there is nothing to print."""
    other = variables.others.get(name)
    if type(other) is IndexedArray or type(other) is AssociativeArray:
        return f'{name}={elements_of(other)}\n'
    value = None if type(other) is Reference else variables.values.get(name)
    return '' if value is None else f'{name}={show(value)}\n'


def all_assignment_lines(shell: Shell, show: Callable[[str], str]) -> str:
    """What `set` prints in bash mode: of what is computed that which is no news."""
    variables = shell.variables
    lines: list[str] = []
    for name in variables.names():
        line = assignment_line(variables, name, show)
        if not line and name in variables.dynamic and name not in ALWAYS_NEW \
                and (name != 'FUNCNAME' or shell.function_depth):
            computed = variables.dynamic[name]()
            value = show(computed) if isinstance(computed, str) else value_of(variables, name)
            line = f'{name}={value}\n'
        lines.append(line)
    return ''.join(lines)
