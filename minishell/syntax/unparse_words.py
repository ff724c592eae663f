"""Words and their parts → text that parses to the same (XCU 2.2, 2.6)."""
from __future__ import annotations

from minishell.syntax.array_nodes import (
    ArrayElement,
    CompoundValue,
    ElementExpansion,
    IndirectExpansion,
    SubscriptsExpansion,
)
from minishell.syntax.names import is_name
from minishell.syntax.nodes import (
    ArithmeticExpansion,
    CommandSubstitution,
    DollarSingleQuoted,
    DoubleQuoted,
    Escaped,
    Literal,
    ParameterChange,
    ParameterExpansion,
    ParameterLength,
    ProcessSubstitution,
    SingleQuoted,
    TildePrefix,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.layout import Writer, Writers
    from minishell.syntax.nodes import Part

ESCAPES = {'\\': '\\\\', "'": "\\'", '\n': '\\n', '\t': '\\t', '\r': '\\r', '\a': '\\a',
           '\b': '\\b', '\f': '\\f', '\v': '\\v', '\x1b': '\\e'}


def write_word(writer: Writer, node: Word) -> None:
    """Parts side by side (XCU 2.3)."""
    writer.parts(node.parts)


def write_literal(writer: Writer, node: Literal) -> None:
    """Text that needs no quoting where it stands."""
    writer.add(node.text)


def write_escaped(writer: Writer, node: Escaped) -> None:
    r"""\c (XCU 2.2.1)."""
    writer.add(''.join(['\\' + c for c in node.text]))


def write_single_quoted(writer: Writer, node: SingleQuoted) -> None:
    """'text' (XCU 2.2.2)."""
    writer.add(f"'{node.text}'")


def write_dollar_single_quoted(writer: Writer, node: DollarSingleQuoted) -> None:
    """$'text' (XCU 2.2.4)."""
    writer.add("$'" + ''.join([_dollar_quoted(c) for c in node.text]) + "'")


def _dollar_quoted(c: str) -> str:
    if c in ESCAPES:
        return ESCAPES[c]
    if c < ' ' or c == '\x7f':
        return f'\\{ord(c):03o}'
    if '\udc80' <= c <= '\udcff':       # a byte that is no character
        return f'\\{ord(c) - 0xDC00:03o}'
    return c


def write_double_quoted(writer: Writer, node: DoubleQuoted) -> None:
    """ "parts" (XCU 2.2.3)."""
    writer.add('"')
    writer.parts(node.parts)
    writer.add('"')


def write_tilde_prefix(writer: Writer, node: TildePrefix) -> None:
    """~user (XCU 2.6.1)."""
    writer.add('~' + node.user)


def write_parameter_expansion(writer: Writer, node: ParameterExpansion) -> None:
    """$name ${name:-word} (XCU 2.6.2)."""
    if node.operator == 'bad':          # the parameter is all of its source text
        writer.add(node.parameter)
    elif node.word is not None:
        writer.add(f'${{{node.parameter}{node.operator}')
        writer.write(node.word)
        writer.add('}')
    elif len(node.parameter) == 1 or is_name(node.parameter):
        writer.add('$' + node.parameter)
    else:
        writer.add(f'${{{node.parameter}}}')


def write_parameter_length(writer: Writer, node: ParameterLength) -> None:
    """${#name} (XCU 2.6.2)."""
    writer.add(f'${{#{node.parameter}}}')


def write_command_substitution(writer: Writer, node: CommandSubstitution) -> None:
    """$(list), or in backquotes, where a backslash quotes $ ` and itself (XCU 2.6.3)."""
    if node.backquoted:
        mark = len(writer.pieces)
        writer.inside('', lambda: writer.write(node.body), '')
        text = writer.cut(mark).replace('\\', '\\\\').replace('`', '\\`')
        writer.add(f'`{text}`')
    else:
        writer.inside('$(', lambda: writer.parenthesised(node.body), ')')


def write_arithmetic_expansion(writer: Writer, node: ArithmeticExpansion) -> None:
    """$((parts)); a dollar sign must not meet what stands behind it (XCU 2.6.4)."""
    writer.add('$((')
    writer.parts([Literal(_apart(part.text)) if type(part) is Literal else part
                  for part in node.parts])
    writer.add('))')


def _apart(text: str) -> str:
    """Dollar signs apart from what stands behind them; between two `'` they are so already."""
    pieces = text.split("'")
    return "'".join([piece if number % 2 and number < len(pieces) - 1
                     else piece.replace('$', '$""') for number, piece in enumerate(pieces)])


def write_parameter_change(writer: Writer, node: ParameterChange) -> None:
    """${name/pattern/string} and other changes of bash's."""
    writer.add('${')
    write_inside_braces(writer, node)
    writer.add('}')


def write_indirect_expansion(writer: Writer, node: IndirectExpansion) -> None:
    """${!name…} of bash."""
    writer.add('${!')
    if isinstance(node.parameter, ElementExpansion):
        write_inside_element(writer, node.parameter, node.part)
    else:
        write_inside_braces(writer, node.part)
    writer.add('}')


def write_element_expansion(writer: Writer, node: ElementExpansion) -> None:
    """${name[subscript]…} of bash."""
    writer.add('${')
    write_inside_element(writer, node, node.part)
    writer.add('}')


def write_subscripts_expansion(writer: Writer, node: SubscriptsExpansion) -> None:
    """${!name[@]} of bash."""
    writer.add(f'${{!{node.name}[{node.all}]}}')


def write_compound_value(writer: Writer, node: CompoundValue) -> None:
    """(value [subscript]=value) of bash."""
    writer.add('(')
    writer.spaced(node.elements)
    writer.add(')')


def write_array_element(writer: Writer, node: ArrayElement) -> None:
    """A word in the parentheses of an array."""
    if node.subscript is not None:
        writer.add('[')
        writer.write(node.subscript)
        writer.add(']+=' if node.append else ']=')
    writer.write(node.value)


def write_inside_element(writer: Writer, node: ElementExpansion, part: Part) -> None:
    """The inside of braces, with a subscript behind the parameter: `${a[1]-word}`."""
    writer.add('#' * (type(part) is ParameterLength) + node.name + '[')
    writer.write(node.subscript)
    writer.add(']')
    if isinstance(part, ParameterExpansion | ParameterChange):
        write_inside_braces(writer, part, False)


def write_inside_braces(writer: Writer, node: Part, named: bool = True) -> None:
    """A parameter, unless it stands there already, its operator and what follows, without the
    braces."""
    if isinstance(node, ParameterExpansion):
        writer.add(node.parameter * named + node.operator)
        if node.word is not None:
            writer.write(node.word)
        return
    assert isinstance(node, ParameterChange)
    if node.operator[0] == '!':
        writer.add(f'!{node.parameter}{node.operator[1:]}')
        return
    writer.add(node.parameter * named + node.operator)
    writer.spaced(node.words, '/' if node.operator[0] == '/' else ':')


def write_process_substitution(writer: Writer, node: ProcessSubstitution) -> None:
    """<(list) and >(list) of bash."""
    writer.inside(f'{node.operator}(', lambda: writer.parenthesised(node.body), ')')


WORD_WRITERS: Writers = {
    Word: write_word,
    Literal: write_literal,
    Escaped: write_escaped,
    SingleQuoted: write_single_quoted,
    DollarSingleQuoted: write_dollar_single_quoted,
    DoubleQuoted: write_double_quoted,
    TildePrefix: write_tilde_prefix,
    ParameterExpansion: write_parameter_expansion,
    ParameterLength: write_parameter_length,
    CommandSubstitution: write_command_substitution,
    ArithmeticExpansion: write_arithmetic_expansion,
    ParameterChange: write_parameter_change,
    IndirectExpansion: write_indirect_expansion,
    ElementExpansion: write_element_expansion,
    SubscriptsExpansion: write_subscripts_expansion,
    CompoundValue: write_compound_value,
    ArrayElement: write_array_element,
    ProcessSubstitution: write_process_substitution,
}
