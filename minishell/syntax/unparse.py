"""Tree → text that parses to an equal tree (XCU 2.10), for jobs and for people.

Compound commands are laid out over lines as bash's `declare -f` does it, or on one line
(always inside words).  Here-documents keep the one freedom they need: their bodies are
written when the line that has the operator ends.
"""
from __future__ import annotations

from minishell.syntax.names import RESERVED_WORDS, is_name
from minishell.syntax.nodes import (
    AndOrList,
    ArithmeticExpansion,
    Assignment,
    AsynchronousList,
    BraceGroup,
    CaseClause,
    CaseItem,
    CommandList,
    CommandSubstitution,
    DollarSingleQuoted,
    DoubleQuoted,
    Escaped,
    ForClause,
    FunctionDefinition,
    HereDocument,
    IfClause,
    Literal,
    ParameterExpansion,
    ParameterLength,
    Pipeline,
    ProcessSubstitution,
    RedirectedCommand,
    Redirection,
    SimpleCommand,
    SingleQuoted,
    Subshell,
    TildePrefix,
    UntilClause,
    WhileClause,
    Word,
)
from minishell.syntax.words import NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from minishell.syntax.nodes import Command, Node, Part

INDENT = '    '
ESCAPES = {'\\': '\\\\', "'": "\\'", '\n': '\\n', '\t': '\\t', '\r': '\\r', '\a': '\\a',
           '\b': '\\b', '\f': '\\f', '\v': '\\v', '\x1b': '\\e'}


def unparse(node: Node, one_line: bool = False) -> str:
    """Shell source for any node, without a newline at its end (XCU 2.10)."""
    writer = Writer(one_line)
    writer.write(node)
    writer.write_bodies()
    return ''.join(writer.pieces)


class Writer:
    """The text so far, and what decides how to go on."""

    __slots__ = ('pieces', 'flat', 'depth', 'pending')

    def __init__(self, flat: bool) -> None:
        self.pieces: list[str] = []
        self.flat = flat                # everything on one line
        self.depth = 0                  # of indentation
        self.pending: list[HereDocument] = []       # bodies the line's end must bring

    def add(self, text: str) -> None:
        """Append text as it is."""
        self.pieces.append(text)

    def write(self, node: Node) -> None:
        """Append a node."""
        writer = WRITERS.get(type(node))
        if writer is None:              # a node that only bash has
            from minishell.syntax.unparse_extended import EXTENDED
            writer = EXTENDED[type(node)]
        writer(self, node)

    def newline(self) -> None:
        """End the line, and indent the next one."""
        self.write_bodies()
        self.pieces.append('\n' + INDENT * self.depth)

    def write_bodies(self) -> None:
        """The bodies of the here-documents of this line, each with its delimiter."""
        pending, self.pending = self.pending, []
        for node in pending:
            text = self._body_text(node)
            if text and text[-1] != '\n':           # the end of the input had ended it
                text += '\n'
            endless = '\n' in node.delimiter        # no line can be it
            if not endless:
                text += node.delimiter
            if node.operator == '<<-':
                text = '\t' + text.replace('\n', '\n\t')
                text = text[:-1] if endless else text
            self.pieces.append('\n' + text)
            if endless:
                break                   # nothing was left for the others

    def _body_text(self, node: HereDocument) -> str:
        if node.quoted:
            return ''.join([part.text for part in node.body.parts])    # type: ignore[union-attr]
        mark = len(self.pieces)
        self.inside('', lambda: write_parts(self, node.body.parts), '')
        return self.cut(mark)

    def inside(self, opener: str, write: Callable[[], None], closer: str) -> None:
        """Write all on one line, as words need it, with its here-documents before closer."""
        flat, pending = self.flat, self.pending
        self.flat, self.pending = True, []
        self.pieces.append(opener)
        write()
        if self.pending:
            self.write_bodies()
            closer = '\n' + closer
        self.pieces.append(closer)
        self.flat, self.pending = flat, pending

    def cut(self, mark: int) -> str:
        """Take back the text from a place on."""
        text = ''.join(self.pieces[mark:])
        del self.pieces[mark:]
        return text

    # -- lists ------------------------------------------------------------------

    def commands(self, commands: Sequence[Command], flat: bool) -> None:
        """Commands, with what stands between them."""
        previous: Command | None = None
        for command in commands:
            if previous is not None:
                self.separate(previous, flat)
            self.write(command)
            previous = command

    def separate(self, previous: Command, flat: bool) -> None:
        """What must stand between a command and the next one, or a reserved word."""
        if not flat:
            self.newline()
        else:
            self.pieces.append(' ' if type(previous) is AsynchronousList else '; ')

    def condition(self, opener: str, body: CommandList, closer: str) -> None:
        """`if a; then`: a list that stays on the line."""
        self.pieces.append(opener + ' ')
        self.commands(body.commands, True)
        self.separate(body.commands[-1], True)
        self.pieces.append(closer)

    def block(self, body: CommandList, closer: str) -> None:
        """A list on lines of its own, then the reserved word that closes it."""
        if self.flat:
            self.pieces.append(' ')
            self.commands(body.commands, True)
        else:
            self.depth += 1
            self.newline()
            self.commands(body.commands, False)
            self.depth -= 1
        self.separate(body.commands[-1], self.flat)
        self.pieces.append(closer)

    def spaced(self, nodes: Sequence[Node], between: str = ' ') -> None:
        """Nodes with blanks between them."""
        for index, node in enumerate(nodes):
            if index:
                self.pieces.append(between)
            self.write(node)

    def parenthesised(self, body: CommandList) -> None:
        """What stands behind a parenthesis; a second one would make another token of it."""
        mark = len(self.pieces)
        self.commands(body.commands, True)
        if self.pieces[mark:] and self.pieces[mark][:1] == '(':
            self.pieces[mark] = ' ' + self.pieces[mark]


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
    writer.add(node.name + '=')
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


# -- words --------------------------------------------------------------------------------


def write_word(writer: Writer, node: Word) -> None:
    """Parts side by side (XCU 2.3)."""
    write_parts(writer, node.parts)


def write_parts(writer: Writer, parts: Sequence[Part]) -> None:
    """Parts; braces where the text behind a parameter would be taken for its name."""
    for index, part in enumerate(parts):
        if type(part) is ParameterExpansion and not part.operator \
                and index + 1 < len(parts):
            after = parts[index + 1]
            if type(after) is Literal and after.text[0] in NAME:
                writer.add(f'${{{part.parameter}}}')
                continue
        writer.write(part)


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
    write_parts(writer, node.parts)
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
    write_parts(writer, [Literal(part.text.replace('$', '$""')) if type(part) is Literal
                         else part for part in node.parts])
    writer.add('))')


WRITERS: dict[type[Node], Callable[[Writer, Any], None]] = {
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
}
