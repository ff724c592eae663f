"""Tree → text that parses to an equal tree (XCU 2.10), for jobs and for people.

Compound commands are laid out over lines as bash's `declare -f` does it, or on one line
(always inside words).  Here-documents keep the one freedom they need: their bodies are
written when the line that has the operator ends.
"""
from __future__ import annotations

from minishell.syntax.layout import Writer
from minishell.syntax.names import RESERVED_WORDS
from minishell.syntax.nodes import (
    AndOrList,
    ArithmeticCommand,
    ArithmeticFor,
    Assignment,
    AsynchronousList,
    BraceGroup,
    CaseClause,
    CaseItem,
    CommandList,
    Conditional,
    ConditionalCommand,
    CoprocessCommand,
    ForClause,
    FunctionDefinition,
    HereDocument,
    IfClause,
    MalformedText,
    Pipeline,
    ProcessSubstitution,
    RedirectedCommand,
    Redirection,
    SelectClause,
    SimpleCommand,
    Subshell,
    SubstitutingCommand,
    TimedPipeline,
    UntilClause,
    WhileClause,
)
from minishell.syntax.unparse_words import WORD_WRITERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.layout import Writers
    from minishell.syntax.nodes import Node


def unparse(node: Node, one_line: bool = False) -> str:
    """Shell source for any node, without a newline at its end (XCU 2.10)."""
    writer = Writer(one_line, WRITERS)
    writer.write(node)
    writer.write_bodies()
    return ''.join(writer.pieces)


# -- commands -----------------------------------------------------------------------------


def write_command_list(writer: Writer, node: CommandList) -> None:
    """A; b (XCU 2.9.3.4)."""
    writer.commands(node.commands, writer.flat)


def write_asynchronous_list(writer: Writer, node: AsynchronousList) -> None:
    """A & (XCU 2.9.3.2)."""
    writer.write(node.command)
    writer.add(' &')


def write_and_or_list(writer: Writer, node: AndOrList) -> None:
    """A && b || c (XCU 2.9.3)."""
    writer.write(node.pipelines[0])
    for operator, pipeline in zip(node.operators, node.pipelines[1:], strict=True):
        writer.add(f' {operator} ')
        writer.write(pipeline)


def write_pipeline(writer: Writer, node: Pipeline) -> None:
    """! a | b (XCU 2.9.2)."""
    if node.negated:
        writer.add('! ')
    writer.spaced(node.commands, ' | ')


def write_simple_command(writer: Writer, node: SimpleCommand) -> None:
    """Assignments, words, redirections; a redirection keeps a word from being a reserved
    one (XCU 2.9.1)."""
    if not node.assignments and node.words and node.words[0].literal() in RESERVED_WORDS:
        writer.spaced((*node.redirections, *node.words))
    else:
        writer.spaced((*node.assignments, *node.words, *node.redirections))


def write_assignment(writer: Writer, node: Assignment) -> None:
    """name=value (XCU 2.10.2, rule 7)."""
    writer.add(node.name)
    if node.subscript is not None:
        writer.add('[')
        writer.write(node.subscript)
        writer.add(']')
    writer.add('+=' if node.append else '=')
    writer.write(node.value)


def write_redirected_command(writer: Writer, node: RedirectedCommand) -> None:
    """A compound command with redirections (XCU 2.9.4)."""
    writer.write(node.command)
    writer.add(' ')
    writer.spaced(node.redirections)


def write_brace_group(writer: Writer, node: BraceGroup) -> None:
    """{ list; } (XCU 2.9.4.1)."""
    writer.add('{')
    writer.block(node.body, '}')


def write_subshell(writer: Writer, node: Subshell) -> None:
    """( list ) (XCU 2.9.4.1)."""
    if writer.flat:
        writer.add('(')
        writer.parenthesised(node.body)
        writer.add(')')
    else:
        writer.add('(')
        writer.block(node.body, ')')


def write_for_clause(writer: Writer, node: ForClause) -> None:
    """for name in words; do list; done (XCU 2.9.4.2)."""
    writer.add('for')
    write_named_list(writer, node)


def write_named_list(writer: Writer, node: ForClause) -> None:
    """What stands behind `for`, and `select`."""
    writer.add(f' {node.name}')
    if node.words is not None:
        writer.add(' in')
        for word in node.words:
            writer.add(' ')
            writer.write(word)
    writer.add('; do')
    writer.block(node.body, 'done')


def write_case_clause(writer: Writer, node: CaseClause) -> None:
    """case word in items esac (XCU 2.9.4.3)."""
    writer.add('case ')
    writer.write(node.word)
    writer.add(' in')
    writer.depth += 1
    for item in node.items:
        if writer.flat:
            writer.add(' ')
        else:
            writer.newline()
        writer.write(item)
    writer.depth -= 1
    if writer.flat:
        writer.add(' ')
    else:
        writer.newline()
    writer.add('esac')


def write_case_item(writer: Writer, node: CaseItem) -> None:
    """a | b) list ;; (XCU 2.9.4.3)."""
    if node.patterns[0].literal() == 'esac':        # it would be the end
        writer.add('(')
    writer.spaced(node.patterns, ' | ')
    writer.add(')')
    if writer.flat:
        writer.add(' ')
        writer.commands(node.body.commands, True)
        if node.body.commands:
            writer.add(' ')
    elif node.body.commands:
        writer.depth += 1
        writer.newline()
        writer.commands(node.body.commands, False)
        writer.depth -= 1
        writer.newline()
    else:
        writer.newline()
    writer.add(node.terminator)


def write_if_clause(writer: Writer, node: IfClause) -> None:
    """if a; then b; elif c; then d; else e; fi (XCU 2.9.4.4)."""
    opener = 'if'
    last = len(node.branches) - 1
    for index, (condition, body) in enumerate(node.branches):
        writer.condition(opener, condition, 'then')
        opener = 'elif'
        if index < last:
            writer.block(body, '')
        elif node.otherwise is None:
            writer.block(body, 'fi')
        else:
            writer.block(body, 'else')
            writer.block(node.otherwise, 'fi')


def write_while_clause(writer: Writer, node: WhileClause) -> None:
    """while condition; do list; done (XCU 2.9.4.5)."""
    writer.condition('while', node.condition, 'do')
    writer.block(node.body, 'done')


def write_until_clause(writer: Writer, node: UntilClause) -> None:
    """until condition; do list; done (XCU 2.9.4.6)."""
    writer.condition('until', node.condition, 'do')
    writer.block(node.body, 'done')


def write_function_definition(writer: Writer, node: FunctionDefinition) -> None:
    """name() body (XCU 2.9.5)."""
    if node.name in RESERVED_WORDS or '=' in node.name:     # names that only `function` takes
        writer.add('function ')
    writer.add(f'{node.name}() ')
    writer.write(node.body)


def write_redirection(writer: Writer, node: Redirection) -> None:
    """2>target (XCU 2.7)."""
    if node.descriptor is not None:
        writer.add(str(node.descriptor))
    writer.add(node.operator)
    if node.target.parts and type(node.target.parts[0]) is ProcessSubstitution:
        writer.add(' ')
    writer.write(node.target)


def write_here_document(writer: Writer, node: HereDocument) -> None:
    """0<<delimiter; the body follows at the end of the line (XCU 2.7.4)."""
    if node.descriptor is not None:
        writer.add(str(node.descriptor))
    writer.add(node.operator)
    if node.quoted:
        writer.add("'" + node.delimiter.replace("'", "'\\''") + "'")
    elif node.delimiter[:1] == '-':     # not the operator <<-
        writer.add(' ' + node.delimiter)
    else:
        writer.add(node.delimiter)
    writer.pending.append(node)


def write_arithmetic_command(writer: Writer, node: ArithmeticCommand) -> None:
    """((parts)) of bash."""
    writer.add('((')
    writer.parts(node.parts)
    writer.add('))')


def write_arithmetic_for(writer: Writer, node: ArithmeticFor) -> None:
    """for ((first; condition; next)); do list; done of bash."""
    writer.add('for ((')
    for index, parts in enumerate(node.expressions):
        if index:
            writer.add(';')
        writer.parts(parts)
    writer.add(')); do')
    writer.block(node.body, 'done')


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


def write_timed_pipeline(writer: Writer, node: TimedPipeline) -> None:
    """time -p pipeline."""
    writer.add('time -p' if node.portable else 'time')
    if node.command is not None:
        writer.add(' ')
        writer.write(node.command)


def write_select_clause(writer: Writer, node: SelectClause) -> None:
    """select name in words; do list; done of bash."""
    writer.add('select')
    write_named_list(writer, node)


def write_substituting_command(writer: Writer, node: SubstitutingCommand) -> None:
    """A command with process substitutions in it."""
    writer.write(node.command)


def write_coprocess_command(writer: Writer, node: CoprocessCommand) -> None:
    """coproc name command of bash."""
    writer.add('coproc ')
    if node.name is not None:
        writer.write(node.name)
        writer.add(' ')
    writer.write(node.command)


def write_malformed_text(writer: Writer, node: MalformedText) -> None:
    """What stands in backquotes and is no list of commands."""
    writer.add(node.text)


WRITERS: Writers = {
    CommandList: write_command_list,
    AsynchronousList: write_asynchronous_list,
    AndOrList: write_and_or_list,
    Pipeline: write_pipeline,
    SimpleCommand: write_simple_command,
    Assignment: write_assignment,
    RedirectedCommand: write_redirected_command,
    BraceGroup: write_brace_group,
    Subshell: write_subshell,
    ForClause: write_for_clause,
    CaseClause: write_case_clause,
    CaseItem: write_case_item,
    IfClause: write_if_clause,
    WhileClause: write_while_clause,
    UntilClause: write_until_clause,
    FunctionDefinition: write_function_definition,
    Redirection: write_redirection,
    HereDocument: write_here_document,
    ConditionalCommand: write_conditional_command,
    Conditional: write_conditional,
    ArithmeticCommand: write_arithmetic_command,
    ArithmeticFor: write_arithmetic_for,
    MalformedText: write_malformed_text,
    SubstitutingCommand: write_substituting_command,
    TimedPipeline: write_timed_pipeline,
    SelectClause: write_select_clause,
    CoprocessCommand: write_coprocess_command,
    **WORD_WRITERS,
}
