"""Tree → text for the nodes that only bash has; loaded when one of them is written."""
from __future__ import annotations

from minishell.syntax.nodes import (
    ArithmeticCommand,
    ArithmeticFor,
    Conditional,
    ConditionalCommand,
    IndirectExpansion,
    MalformedText,
    ParameterChange,
    ParameterExpansion,
    ProcessSubstitution,
    SelectClause,
    SubstitutingCommand,
    TimedPipeline,
    UnsupportedCommand,
)
from minishell.syntax.unparse import write_named_list, write_parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from minishell.syntax.nodes import Node, Part
    from minishell.syntax.unparse import Writer


def write_conditional_command(writer: Writer, node: ConditionalCommand) -> None:
    """[[ expression ]] of bash."""
    writer.add('[[ ')
    writer.write(node.expression)
    writer.add(' ]]')


def write_conditional(writer: Writer, node: Conditional) -> None:
    """An expression; parentheses wherever it holds others."""
    if len(node.operands) == 1:
        writer.add(node.operator + ' ')
        writer.write(node.operands[0])
    elif isinstance(node.operands[0], Conditional):
        writer.add('( ')
        writer.spaced(node.operands, f' {node.operator} ')
        writer.add(' )')
    else:
        writer.spaced(node.operands, f' {node.operator} ')


def write_arithmetic_command(writer: Writer, node: ArithmeticCommand) -> None:
    """((parts)) of bash."""
    writer.add('((')
    write_parts(writer, node.parts)
    writer.add('))')


def write_arithmetic_for(writer: Writer, node: ArithmeticFor) -> None:
    """for ((first; condition; next)); do list; done of bash."""
    writer.add('for ((')
    for index, parts in enumerate(node.expressions):
        if index:
            writer.add(';')
        write_parts(writer, parts)
    writer.add(')); do')
    writer.block(node.body, 'done')


def write_select_clause(writer: Writer, node: SelectClause) -> None:
    """select name in words; do list; done of bash."""
    writer.add('select')
    write_named_list(writer, node)


def write_unsupported_command(writer: Writer, node: UnsupportedCommand) -> None:
    """What is an error when it is run."""
    writer.add(node.text)


def write_parameter_change(writer: Writer, node: ParameterChange) -> None:
    """${name/pattern/string} and other changes of bash's."""
    writer.add('${')
    write_inside_braces(writer, node)
    writer.add('}')


def write_indirect_expansion(writer: Writer, node: IndirectExpansion) -> None:
    """${!name…} of bash."""
    writer.add('${!')
    write_inside_braces(writer, node.part)
    writer.add('}')


def write_substituting_command(writer: Writer, node: SubstitutingCommand) -> None:
    """A command with process substitutions in it."""
    writer.write(node.command)


def write_timed_pipeline(writer: Writer, node: TimedPipeline) -> None:
    """time -p pipeline."""
    writer.add('time -p' if node.portable else 'time')
    if node.command is not None:
        writer.add(' ')
        writer.write(node.command)


def write_malformed_text(writer: Writer, node: MalformedText) -> None:
    """What stands in backquotes and is no list of commands."""
    writer.add(node.text)


def write_process_substitution(writer: Writer, node: ProcessSubstitution) -> None:
    """<(list) and >(list) of bash."""
    writer.inside(f'{node.operator}(', lambda: writer.parenthesised(node.body), ')')


def write_inside_braces(writer: Writer, node: Part) -> None:
    """A parameter, its operator and what follows, without the braces."""
    if isinstance(node, ParameterExpansion):
        writer.add(node.parameter + node.operator)
        if node.word is not None:
            writer.write(node.word)
        return
    assert isinstance(node, ParameterChange)
    if node.operator[0] == '!':
        writer.add(f'!{node.parameter}{node.operator[1:]}')
        return
    operator = node.operator
    if operator.startswith(('[', '#[')):
        writer.add('#' * (operator[0] == '#') + node.parameter + operator.removeprefix('#'))
        writer.spaced(node.words, '')
        writer.add(']' * len(node.words))
        return
    writer.add(node.parameter + operator)
    writer.spaced(node.words, '/' if node.operator[0] == '/' else ':')


EXTENDED: dict[type[Node], Callable[[Writer, Any], None]] = {
    ConditionalCommand: write_conditional_command,
    Conditional: write_conditional,
    ArithmeticCommand: write_arithmetic_command,
    ArithmeticFor: write_arithmetic_for,
    ParameterChange: write_parameter_change,
    IndirectExpansion: write_indirect_expansion,
    MalformedText: write_malformed_text,
    SubstitutingCommand: write_substituting_command,
    TimedPipeline: write_timed_pipeline,
    SelectClause: write_select_clause,
    UnsupportedCommand: write_unsupported_command,
    ProcessSubstitution: write_process_substitution,
}
