"""Tree → text as bash's `declare -f`, `type` and exported functions have it, to the blank.

Words stand as they do in the source, but for substitutions, which are laid out, and `$'…'`,
which is decoded.  The layout is that of bash 5.2, oddities included: `a & b` stays on a line,
the bodies of here-documents stand where their command ends.
"""
from __future__ import annotations

from minishell.syntax.names import RESERVED_WORDS
from minishell.syntax.nodes import (
    AndOrList,
    ArithmeticCommand,
    ArithmeticFor,
    Assignment,
    AsynchronousList,
    BraceGroup,
    CaseClause,
    CommandList,
    CommandSubstitution,
    Conditional,
    ConditionalCommand,
    CoprocessCommand,
    DollarSingleQuoted,
    DoubleQuoted,
    ForClause,
    FunctionDefinition,
    HereDocument,
    IfClause,
    MalformedText,
    ParameterChange,
    ParameterExpansion,
    Pipeline,
    ProcessSubstitution,
    RedirectedCommand,
    SelectClause,
    SimpleCommand,
    SingleQuoted,
    Subshell,
    SubstitutingCommand,
    TimedPipeline,
    UntilClause,
    WhileClause,
)
from minishell.syntax.unparse import unparse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from minishell.syntax.nodes import AnyRedirection, Command, Node, Redirection, Word
    from minishell.syntax.source import Source

INDENT = 4


def function_text(node: FunctionDefinition, source: Source) -> str:
    """The definition of a function, as `declare -f` prints it."""
    writer = BashWriter(source)
    writer.add(f'{"function " if node.name in RESERVED_WORDS else ""}{node.name} () \n')
    writer.add('{ \n')
    writer.function_body(node)
    return ''.join(writer.pieces)


def exported_text(node: FunctionDefinition, source: Source) -> str:
    """The same without the name and with less indentation, as children get it."""
    writer = BashWriter(source)
    writer.indent, writer.depth = 0, 1
    writer.add('() { ')
    writer.function_body(node)
    return ''.join(writer.pieces)


def command_text(node: Node, source: Source) -> str:
    """A command, as it stands in a substitution."""
    writer = BashWriter(source)
    writer.function = 0
    writer.write(node)
    writer.here_documents()
    return ''.join(writer.pieces)


def script_text(node: Node, source: Source) -> str:
    """A command of a script, as `--pretty-print` has it."""
    writer = BashWriter(source)
    writer.function, writer.keyword = 0, ''
    writer.write(node)
    writer.here_documents()
    return ''.join(writer.pieces)


def brief_text(node: Node, source: Source) -> str:
    """A command as BASH_COMMAND has it: of some, what stands before their bodies."""
    writer = BashWriter(source)
    if isinstance(node, ForClause):
        return writer.for_head(node)
    if isinstance(node, CaseClause):
        return writer.case_head(node)
    return command_text(node, source)


class BashWriter:
    """The text so far, and what decides how to go on."""

    def __init__(self, source: Source) -> None:
        self.pieces: list[str] = []
        self.source = source
        self.function = 1               # inside how many functions
        self.keyword = 'function '      # before the name of one in another
        self.depth, self.indent = 0, INDENT
        self.skip = False               # the next command stands on the line
        self.pending: list[HereDocument] = []
        self.in_quotes = False          # in double-quotes, where the text of $'…' stands bare
        self.wrote_bodies = False       # a line has just been ended by a here-document

    def add(self, text: str) -> None:
        """Append text."""
        if text:
            self.pieces.append(text)

    def line(self, text: str) -> None:
        """Begin a line."""
        self.add('\n' + ' ' * self.depth + text)

    def semicolon(self) -> None:
        """A semicolon, unless the text ends with what separates already."""
        if self.pieces[-1][-1:] not in ('&', '\n'):
            self.add(';')

    def here_documents(self, between: str = '') -> None:
        """What stands between commands, and the bodies that have to be written before."""
        self.add(between)
        pending, self.pending = self.pending, []
        if pending:
            self.add('\n')
            for node in pending:
                self.add(body_of(node) + node.delimiter + '\n')
            if between:
                self.add(' ')
            self.wrote_bodies = True

    # -- lists ------------------------------------------------------------------

    def write(self, node: Node) -> None:
        """A command, on a line that is indented unless something stands there."""
        if type(node) in LISTS:
            LISTS[type(node)](self, node)
            return
        if type(node) is SubstitutingCommand:
            self.write(node.command)
            return
        if self.skip:
            self.skip = False
        else:
            self.add(' ' * self.depth)
        self.rest(node)

    def rest(self, node: Node) -> None:
        """The same behind the indentation."""
        while type(node) is SubstitutingCommand:
            node = node.command
        WRITERS[type(node)](self, node)

    def beside(self, node: Node) -> None:
        """A command that goes on on the line."""
        self.skip = True
        self.write(node)

    def block(self, node: Node) -> None:
        """Commands one step further in."""
        self.depth += self.indent
        self.write(node)
        self.here_documents()
        self.depth -= self.indent

    def command_list(self, node: CommandList) -> None:
        """a; b & c"""
        last = len(node.commands) - 1
        for index, command in enumerate(node.commands):
            self.write(command)
            if index:
                self.here_documents()
            if index == last:
                break
            if type(command) is AsynchronousList:
                self.add(' ')
                self.skip = True
            else:
                self._separate(command)

    def _separate(self, command: Command) -> None:
        lines = not self.function and \
            self.source.text[command.end:].lstrip(' \t')[:1] in '\n#'
        if self.pending:
            self.here_documents()
        elif self.wrote_bodies:
            self.wrote_bodies = False
        elif not lines:
            self.add(';')
        if lines:
            self.add('\n')
            self.skip = True
        elif self.function:
            self.add('\n')
        else:
            self.add(' ')
            self.skip = True

    def asynchronous(self, node: AsynchronousList) -> None:
        """a &"""
        self.write(node.command)
        self.here_documents(' &')

    def and_or(self, node: AndOrList) -> None:
        """a && b || c"""
        self.write(node.pipelines[0])
        for operator, pipeline in zip(node.operators, node.pipelines[1:], strict=True):
            self.here_documents(f' {operator} ')
            self.beside(pipeline)
        self.here_documents()

    def pipeline(self, node: Pipeline) -> None:
        """! a | b"""
        if node.negated:
            self.add('' if self.skip else ' ' * self.depth)
            self.add('! ')
            self.skip = True
        self.write(node.commands[0])
        for command in node.commands[1:]:
            self.here_documents(' |')
            self.add(' ')
            self.beside(command)
        self.here_documents()

    # -- commands -----------------------------------------------------------------

    def timed(self, node: TimedPipeline) -> None:
        """time -p a | b"""
        self.add('time -p ' if node.portable else 'time ')
        if node.command is not None:
            self.beside(node.command)

    def simple(self, node: SimpleCommand) -> None:
        """a=1 b >c"""
        self.add(' '.join([*map(self.assignment, node.assignments),
                           *map(self.word, node.words)]))
        if node.redirections:
            if node.words or node.assignments:
                self.add(' ')
            self.redirections(node.redirections)

    def redirected(self, node: RedirectedCommand) -> None:
        """A compound command with redirections."""
        self.rest(node.command)
        self.add(' ')
        self.redirections(node.redirections)

    def brace_group(self, node: BraceGroup) -> None:
        """{ a; b; }"""
        self.add('{ ')
        if not self.function:
            self.beside(node.body)
            self.here_documents()
            self.semicolon()
            self.add(' }')
            return
        self.add('\n')
        self.block(node.body)
        self.line('}')

    def subshell(self, node: Subshell) -> None:
        """( a; b )"""
        self.add('( ')
        self.beside(node.body)
        self.here_documents()
        self.add(' )')

    def do_group(self, body: CommandList) -> None:
        """a; done"""
        self.block(body)
        self.semicolon()
        self.line('done')

    def for_clause(self, node: ForClause) -> None:
        """for x in a b; do c; done, and select"""
        self.add(self.for_head(node) + ';')
        self.line('do\n')
        self.do_group(node.body)

    def for_head(self, node: ForClause) -> str:
        """for x in a b"""
        words = '"$@"' if node.words is None else ' '.join(map(self.word, node.words))
        return f'{"select" if type(node) is SelectClause else "for"} {node.name} in {words}'

    def arithmetic_for(self, node: ArithmeticFor) -> None:
        """for ((a; b; c)) do d; done"""
        texts = [self.parts(parts).lstrip() or '1' for parts in node.expressions]
        self.add(f'for (({"; ".join(texts)}))')
        self.line('do\n')
        self.do_group(node.body)

    def while_clause(self, node: WhileClause) -> None:
        """while a; do b; done, and until"""
        self.add('until ' if type(node) is UntilClause else 'while ')
        self.beside(node.condition)
        self.here_documents()
        self.semicolon()
        self.add(' do\n')
        self.do_group(node.body)

    def if_clause(self, node: IfClause) -> None:
        """if a; then b; else c; fi"""
        self.branches(node, 0)

    def branches(self, node: IfClause, index: int) -> None:
        """The branches from one on: what bash makes of `elif` is an `if` inside of `else`."""
        condition, body = node.branches[index]
        self.add('if ')
        self.beside(condition)
        self.here_documents()
        self.semicolon()
        self.add(' then\n')
        self.block(body)
        if index + 1 < len(node.branches):
            self.semicolon()
            self.line('else\n')
            self.depth += self.indent
            self.add(' ' * self.depth)
            self.branches(node, index + 1)
            self.depth -= self.indent
        elif node.otherwise is not None:
            self.semicolon()
            self.line('else\n')
            self.block(node.otherwise)
        self.semicolon()
        self.line('fi')

    def case_clause(self, node: CaseClause) -> None:
        """case a in b | c) d ;; esac"""
        self.add(self.case_head(node))
        self.depth += self.indent
        for item in node.items:
            self.line(' | '.join(map(self.word, item.patterns)))
            self.add(')\n')
            if item.body.commands:
                self.block(item.body)
            self.line(item.terminator)
        self.depth -= self.indent
        self.line('esac')

    def case_head(self, node: CaseClause) -> str:
        """case a in"""
        return f'case {self.word(node.word)} in '

    def arithmetic(self, node: ArithmeticCommand) -> None:
        """((a))"""
        self.add(f'(({self.parts(node.parts)}))')

    def conditional(self, node: ConditionalCommand) -> None:
        """[[ a ]]"""
        self.add(f'[[ {self.expression(node.expression)} ]]')

    def expression(self, node: Conditional) -> str:
        """A conditional expression, in parentheses where the source has them."""
        operator = node.operator
        if operator == '!':
            text = f'! {self.operand(node.operands[0])}'
        elif len(node.operands) == 1:
            text = f'{operator} {self.operand(node.operands[0])}'
        else:
            text = f' {operator} '.join(map(self.operand, node.operands))
        source = self.source.text
        if source[:node.pos].rstrip()[-1:] == '(' and source[node.end:].lstrip()[:1] == ')':
            return f'( {text} )'
        return text

    def operand(self, node: Conditional | Word) -> str:
        """What an operator of a conditional expression stands for."""
        return self.expression(node) if isinstance(node, Conditional) else self.word(node)

    def function_definition(self, node: FunctionDefinition) -> None:
        """function a () { b }"""
        self.add(f'{self.keyword}{node.name} () \n{" " * self.depth}{{ \n')
        self.function += 1
        self.function_body(node)
        self.function -= 1

    def function_body(self, node: FunctionDefinition) -> None:
        """The body in braces, as it always is; its redirections behind them."""
        body = node.body
        redirections: Sequence[AnyRedirection] = ()
        if type(body) is RedirectedCommand and type(body.command) is BraceGroup:
            redirections = body.redirections
            body = body.command
        self.block(body.body if type(body) is BraceGroup else body)
        self.add('\n' + ' ' * (self.depth if self.indent else 0) + '}')
        if redirections:
            self.add(' ')
            self.redirections(redirections)

    def coprocess(self, node: CoprocessCommand) -> None:
        """coproc NAME a"""
        self.add(f'coproc {"COPROC" if node.name is None else self.word(node.name)} ')
        self.beside(node.command)

    def malformed(self, node: MalformedText) -> None:
        """What is no command."""
        self.add(node.text)

    # -- redirections ---------------------------------------------------------------

    def redirections(self, nodes: Sequence[AnyRedirection]) -> None:
        """Redirections with blanks between them; here-documents are noted for later."""
        self.add(' '.join([self.redirection(node) for node in nodes]))
        self.pending += [node for node in nodes if type(node) is HereDocument]

    def redirection(self, node: AnyRedirection) -> str:
        """2> file"""
        operator, given = node.operator, node.descriptor
        if isinstance(node, HereDocument):
            quote = "'" if node.quoted else ''
            delimiter = node.delimiter.replace("'", "'\\''")
            return f'{"" if given in (None, 0) else given}{operator}{quote}{delimiter}{quote}'
        target = self.word(node.target)
        if operator in ('<&', '>&'):
            return duplication(node, target)
        usual = 0 if operator in ('<', '<<<') else 1
        if operator == '<>' and given is None:
            given = 0
        number = '' if given in (None, usual) or operator[0] == '&' else str(given)
        return f'{number}{operator} {target}'

    # -- words ----------------------------------------------------------------------

    def assignment(self, node: Assignment) -> str:
        """a=b, a[1]+=(c d)"""
        subscript = '' if node.subscript is None else f'[{self.word(node.subscript)}]'
        return f'{node.name}{subscript}{"+" * node.append}={self.word(node.value)}'

    def parts(self, parts: Sequence[Node]) -> str:
        """Parts, with what stands between them in the source."""
        if not parts:
            return ''
        return self.span(parts[0].pos, parts[-1].end, parts)

    def word(self, word: Word) -> str:
        """A word as in the source; `a=(b c)` with single blanks."""
        if not 0 <= word.pos < word.end <= len(self.source.text):
            return unparse(word, one_line=True)
        text = self.source.text[word.pos:word.end]
        if not ('(' in text or '\\' in text or "$'" in text or '$"' in text):
            return text                 # nothing in it stands otherwise
        if len(word.parts) and type(word.parts[-1]).__name__ == 'CompoundValue':
            value = word.parts[-1]
            inner = ' '.join([self.span(element.pos, element.end, element.below())
                              for element in value.below()])
            return f'{self.span(word.pos, value.pos, word.parts[:-1])}({inner})'
        return self.span(word.pos, word.end, word.parts)

    def span(self, pos: int, end: int, nodes: Sequence[Node]) -> str:
        """What stands from pos to end in the source, nodes being inside of it."""
        text = self.source.text
        pieces: list[str] = []
        for node in nodes:
            if node.pos < pos or node.end > end:
                continue
            pieces.append(text[pos:node.pos].replace('\\\n', ''))
            if type(node) is DoubleQuoted and ''.join(pieces)[-1:] == '$':      # $"text"
                pieces = [''.join(pieces)[:-1]]
            pieces.append(self.part(node))
            pos = node.end
        pieces.append(text[pos:end].replace('\\\n', ''))
        return ''.join(pieces)

    def part(self, node: Node) -> str:
        """A part of a word."""
        if isinstance(node, CommandSubstitution | ProcessSubstitution):
            if isinstance(node, CommandSubstitution) and node.backquoted:
                return self.source.text[node.pos:node.end]
            opener = '$(' if isinstance(node, CommandSubstitution) else f'{node.operator}('
            body = command_text(node.body, self.source)
            return f'{opener}{" " * body.startswith("(")}{body})'
        if isinstance(node, SingleQuoted):
            return self.source.text[node.pos:node.end]
        if isinstance(node, DollarSingleQuoted):
            return ''.join([f'\\{c}' if c in '$`"\\}' else c for c in node.text]) \
                if self.in_quotes else "'" + node.text.replace("'", "'\\''") + "'"
        outer = self.in_quotes
        self.in_quotes = isinstance(node, DoubleQuoted) or outer and not (
            isinstance(node, ParameterChange)
            or isinstance(node, ParameterExpansion) and node.operator[:1] in ('#', '%'))
        text = self.span(node.pos, node.end, node.below())
        self.in_quotes = outer
        return text


def duplication(node: Redirection, target: str) -> str:
    """1>&2, with both numbers."""
    given = node.descriptor
    if target == '-':
        return f'{(0 if node.operator[0] == "<" else 1) if given is None else given}>&-'
    number = target.removesuffix('-').isdigit()
    if given is None and not number and '$' not in target and '`' not in target:
        return f'&> {target}'
    if given is None:
        given = (0 if node.operator == '<&' else 1) if number else ''
    return f'{given}{node.operator}{target}'


def body_of(node: HereDocument) -> str:
    """The lines of a here-document."""
    source = getattr(node, 'source', None)
    if source is not None and source.text:
        text: str = source.text
        return text
    return ''.join([getattr(part, 'text', '') for part in node.body.parts])


LISTS: dict[type[Node], Callable[[BashWriter, Any], None]] = {
    CommandList: BashWriter.command_list,
    AsynchronousList: BashWriter.asynchronous,
    AndOrList: BashWriter.and_or,
    Pipeline: BashWriter.pipeline,
}
WRITERS: dict[type[Node], Callable[[BashWriter, Any], None]] = {
    TimedPipeline: BashWriter.timed,
    SimpleCommand: BashWriter.simple,
    RedirectedCommand: BashWriter.redirected,
    BraceGroup: BashWriter.brace_group,
    Subshell: BashWriter.subshell,
    ForClause: BashWriter.for_clause,
    SelectClause: BashWriter.for_clause,
    ArithmeticFor: BashWriter.arithmetic_for,
    WhileClause: BashWriter.while_clause,
    UntilClause: BashWriter.while_clause,
    IfClause: BashWriter.if_clause,
    CaseClause: BashWriter.case_clause,
    ArithmeticCommand: BashWriter.arithmetic,
    ConditionalCommand: BashWriter.conditional,
    FunctionDefinition: BashWriter.function_definition,
    CoprocessCommand: BashWriter.coprocess,
    MalformedText: BashWriter.malformed,
}
