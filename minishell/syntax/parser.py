"""The shell grammar (XCU 2.10): one method per production, one complete command at a time."""
from __future__ import annotations

from minishell.syntax.lexer import (
    AND_OR,
    END,
    NO_WORD,
    NUMBER,
    REDIRECTIONS,
    WORD,
    FixedGrammar,
    Lexer,
)
from minishell.syntax.names import (
    CLOSING_WORDS,
    COMPOUND_OPERANDS,
    COMPOUND_WORDS,
    RESERVED_WORDS,
    append_literal,
)
from minishell.syntax.nodes import (
    AndOrList,
    AsynchronousList,
    CommandList,
    FunctionDefinition,
    HereDocument,
    Literal,
    MalformedText,
    Pipeline,
    RedirectedCommand,
    Redirection,
    SimpleCommand,
    SingleQuoted,
    SubstitutingCommand,
    TimedPipeline,
    Word,
)
from minishell.syntax.source import Source
from minishell.syntax.words import WORD_END

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from minishell.errors import ShellSyntaxError
    from minishell.syntax.lexer import Grammar
    from minishell.syntax.nodes import AnyRedirection, Assignment, Command

LIST_END = frozenset(('\n', END, ')', ';;', ';&', ';;&'))
NO_COMMAND = CLOSING_WORDS | {'!', 'in'}        # words that cannot start a command
BODIES = COMPOUND_WORDS - {'coproc', 'function', 'time'} | {'('}     # of functions
PRODUCTIONS: dict[str, Callable[[Parser], Command]] = {}      # since the first of them
PLAIN_GRAMMAR = FixedGrammar()


class Parser:
    """Parses a source, command by command; `aliases` is consulted as it goes."""

    LEXER = Lexer

    def __init__(self, source: Source, aliases: Mapping[str, str] | None = None,
                 warn: Callable[[str, int], None] = lambda message, line: None,
                 grammar: Grammar = PLAIN_GRAMMAR) -> None:
        self._open: list[tuple[str, int]] = []      # constructs being read, outermost first
        self.broken = -1               # the offset of the last token that newlines may precede
        self.lexer = self.LEXER(source, {} if aliases is None else aliases, self._parse_inner,
                                warn, grammar)

    # -- entry points -----------------------------------------------------------

    def parse_complete_command(self) -> CommandList | None:
        """complete_command: the next one, empty for a blank line; None at the end of input.

        Raises ShellSyntaxError; nothing behind the offending line has been read then.
        """
        lexer = self.lexer
        lexer.restart()
        self._open.clear()
        try:
            lexer.advance()
            if lexer.kind == END:
                return None
            if lexer.aliases:           # one may stand for nothing
                self.substitute_aliases()
            if lexer.kind in ('\n', END):
                return CommandList(())
            commands = self.parse_list(top=True)
        except RecursionError:
            raise lexer.error('syntax error: commands nested too deeply',
                              lexer.pos) from None
        if lexer.kind not in ('\n', END):
            raise self.unexpected()
        return commands

    def parse_program(self) -> CommandList:
        """program: the whole source as one list (for tools that do not run it)."""
        return CommandList(tuple(command for complete in iter(self.parse_complete_command, None)
                                 for command in complete.commands))

    def finish(self) -> None:
        """No more commands are asked for: leave no cycle to the garbage collector."""
        del self.lexer

    def _parse_inner(self, lexer: Lexer, opened: int) -> CommandList:
        """The inside of a substitution: `$(` … `)` on the same text (opened is its offset),
        or a nested text to its end (opened is -1)."""
        outer, self.lexer = self.lexer, lexer
        opens, self._open = self._open, []
        try:
            if opened >= 0:
                self._open.append(('$(', opened))
            lexer.advance()
            commands = self.parse_compound_list(')' if opened >= 0 else END, empty=True)
            if lexer.kind != (')' if opened >= 0 else END):
                self.fail(self.unexpected(')' if opened >= 0 else ''))
            return commands
        finally:
            self.lexer, self._open = outer, opens

    # -- errors -------------------------------------------------------------------

    def fail(self, error: ShellSyntaxError) -> None:
        """What is wrong ends the parsing; a partial parser notes it, and goes on as if what is
        missing stood there."""
        raise error

    def unexpected(self, wanted: str = '') -> ShellSyntaxError:
        """The error for the current token: what was found, wanted, and where it opened."""
        from minishell.syntax.unexpected import unexpected
        return unexpected(self.lexer, self._open, wanted, self.broken == self.lexer.start)

    def expect(self, reserved: str) -> int:
        """Step over the reserved word that must come now; its end."""
        lexer = self.lexer
        if lexer.literal != reserved:
            self.fail(self.unexpected(reserved))
            return lexer.start
        end = lexer.pos
        lexer.advance()
        return end

    def opening(self, construct: str) -> int:
        """Note the construct that the current token opens, and step over it."""
        pos = self.lexer.start
        self._open.append((construct, pos))
        self.lexer.advance()
        return pos

    def closed(self) -> None:
        """Note that the construct opened last is complete."""
        self._open.pop()

    def skip_newlines(self) -> None:
        """linebreak."""
        while self.lexer.kind == '\n':
            self.lexer.advance()
        self.broken = self.lexer.start

    def skip_linebreak(self) -> None:
        """linebreak before a command, which may be an alias that begins with newlines."""
        lexer = self.lexer
        while lexer.kind == '\n':
            lexer.advance()
        if lexer.aliases:
            self.substitute_aliases()
            if lexer.kind == '\n':
                self.skip_linebreak()
        self.broken = lexer.start

    # -- lists ----------------------------------------------------------------------

    def parse_list(self, top: bool = False) -> CommandList:
        """list, or compound_list where newlines separate too (top is false)."""
        lexer = self.lexer
        commands: list[Command] = []
        while True:
            pos = lexer.start
            command = self.parse_and_or()
            if lexer.kind == '&':
                command = AsynchronousList(command, pos, lexer.pos)
                lexer.advance()
            elif lexer.kind == ';':
                lexer.advance()
            elif lexer.kind != '\n' or top:
                commands.append(command)
                if not top:
                    self.broken = lexer.start
                break
            commands.append(command)
            if top:
                if lexer.kind in ('\n', END):
                    break
            elif lexer.kind == '\n':
                lexer.advance()
            if self.at_list_end(top):
                break
        return CommandList(tuple(commands))

    def at_list_end(self, top: bool = False) -> bool:
        """Whether the current token can only end a list (aliases are substituted first)."""
        lexer = self.lexer
        if top:
            if lexer.aliases:
                self.substitute_aliases()
        else:
            self.skip_linebreak()
        return lexer.literal in CLOSING_WORDS if lexer.kind == WORD else lexer.kind in LIST_END

    def parse_compound_list(self, closer: str, empty: bool = False) -> CommandList:
        """compound_list, up to `closer`, which is left for the caller."""
        if self.at_list_end():
            if not empty or self.lexer.kind != closer:
                self.fail(self.unexpected(closer if self.lexer.kind == END else ''))
                start = self.lexer.start
                return CommandList((MalformedText('', start, start),))
            return CommandList(())
        return self.parse_list()

    def parse_and_or(self) -> Command:
        """and_or: pipelines joined by && and ||."""
        lexer = self.lexer
        first = self.parse_pipeline()
        if lexer.kind not in AND_OR:
            return first
        pipelines = [first]
        operators: list[str] = []
        while lexer.kind in AND_OR:
            operators.append(lexer.kind)
            lexer.advance()
            self.skip_linebreak()
            pipelines.append(self.parse_pipeline())
        return AndOrList(tuple(pipelines), tuple(operators))

    def parse_pipeline(self) -> Command:
        """pipeline: commands joined by |, perhaps behind !."""
        lexer = self.lexer
        pos = lexer.start
        if lexer.aliases:
            self.substitute_aliases()
        negated = lexer.literal == '!'
        first: Command
        if negated:
            negated, empty = self._skip_negations()
            first = empty or self.parse_command()
        elif lexer.kind == WORD and lexer.literal not in RESERVED_WORDS:
            first = self.parse_simple_command()         # most are
        else:
            first = self.parse_command()
        if lexer.kind not in ('|', '|&') and not negated:
            return first
        commands = [first]
        while lexer.kind in ('|', '|&'):
            if lexer.kind == '|&':
                commands[-1] = with_errors(commands[-1], lexer.start)
            lexer.advance()
            self.skip_linebreak()
            commands.append(self.parse_command())
        return Pipeline(tuple(commands), negated, pos)

    def _skip_negations(self) -> tuple[bool, Command | None]:
        """Step over `!`, in bash perhaps several; whether that negates, and the command that is
        nothing where no pipeline follows."""
        lexer = self.lexer
        negated = False
        pos = end = lexer.start
        while lexer.literal == '!':
            negated = not negated
            end = lexer.pos
            lexer.advance()
        if lexer.kind not in ('\n', ';', ')', END):
            return negated, None
        nothing: Command = SimpleCommand((), (), (), end)
        return True, nothing if negated else Pipeline((nothing,), True, pos)

    def parse_time(self) -> Command:
        """`time [-p] [pipeline]` of bash, whose POSIX mode leaves `time -x` to the utility."""
        lexer = self.lexer
        text, pos = lexer.text, lexer.pos
        while text[pos:pos + 1] in (' ', '\t'):
            pos += 1
        if text[pos:pos + 1] == '-' and lexer.grammar.posix or text[pos:pos + 2] == '()':
            return self.parse_simple_command()
        pos, end = lexer.start, lexer.pos
        lexer.advance()
        portable = lexer.literal == '-p'
        if portable:
            end = lexer.pos
            lexer.advance()
        if lexer.literal == '--':
            portable = True             # as in bash
            end = lexer.pos
            lexer.advance()
        if lexer.kind in LIST_END or lexer.kind in (';', '&', '&&', '||'):
            return TimedPipeline(None, portable, pos, end)
        command = self.parse_pipeline()
        if type(command) is TimedPipeline:      # told once
            portable = portable or command.portable
            return TimedPipeline(command.command, portable, pos, command.end)
        return TimedPipeline(command, portable, pos, command.end)

    # -- commands ---------------------------------------------------------------------

    def substitute_aliases(self) -> None:
        """Alias substitution at the place of a command name or reserved word."""
        lexer = self.lexer
        while lexer.aliases and lexer.literal is not None \
                and not lexer.is_reserved() and lexer.substitute_alias():
            pass

    def substitute_next_alias(self, *reserved: str) -> None:
        """Alias substitution behind a value with a blank at its end, but of these words."""
        lexer = self.lexer
        while lexer.literal not in reserved and lexer.substitute_next_alias():
            self.skip_newlines()

    def parse_command(self) -> Command:
        """command: simple, compound with redirections, or a function definition."""
        lexer = self.lexer
        if lexer.aliases:
            self.substitute_aliases()
        kind = lexer.kind
        if kind == WORD:
            name = lexer.literal
            if name is not None:
                if name in COMPOUND_WORDS:
                    seen = lexer.substituted
                    command = self.parse_redirected(self.parse_compound_command(name))
                    return command if lexer.substituted == seen else lexer.enclosing(command)
                if name in NO_COMMAND:
                    raise self.unexpected()
        elif kind == '(':
            return self.parse_redirected(self.parse_compound_command('('))
        elif kind != NUMBER and kind not in REDIRECTIONS:
            raise self.unexpected()
        return self.parse_simple_command()

    def parse_compound_command(self, opener: str) -> Command:
        """compound_command, or what bash has in its place, by the token it begins with."""
        if opener == 'function':
            return self.parse_function()
        if opener == 'time':
            return self.parse_time()
        if not PRODUCTIONS:
            from minishell.syntax import compound
            PRODUCTIONS.update(compound.PRODUCTIONS)
        return PRODUCTIONS[opener](self)

    def parse_redirected(self, command: Command) -> Command:
        """compound_command redirect_list."""
        lexer = self.lexer
        if lexer.kind != NUMBER and lexer.kind not in REDIRECTIONS:
            if lexer.aliases:           # a reserved word may come now: `{ …; } fi`
                self.substitute_aliases()
            return command
        redirections: list[AnyRedirection] = []
        while lexer.kind == NUMBER or lexer.kind in REDIRECTIONS:
            redirections.append(self.parse_redirection())
        return RedirectedCommand(command, tuple(redirections))

    def parse_simple_command(self) -> Command:
        """simple_command, or function_definition where `(` follows the first word."""
        lexer = self.lexer
        pos = lexer.start
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirections: list[AnyRedirection] = []
        aliases = lexer.aliases
        advance = lexer.advance
        while True:
            kind = lexer.kind
            if kind == WORD:
                if aliases and (
                        lexer.substitute_next_alias()
                        or (not words and (assignments or redirections)
                            and lexer.substitute_alias())):
                    continue
                word = lexer.word
                if words:
                    words.append(word)
                    advance()
                    continue
                assignment = lexer.assignment()
                advance()
                if assignment is not None:
                    assignments.append(assignment)
                    continue
                if lexer.kind == '(' and not assignments and not redirections:
                    return self.parse_function_definition(word, pos)
                words.append(word)
            elif kind == NUMBER or kind in REDIRECTIONS:
                redirections.append(self.parse_redirection())
            elif kind == '(' and words and words[0].literal() in COMPOUND_OPERANDS:
                words[-1] = self._with_parentheses(words[0].literal() or '', words[-1])
            else:
                break
        command = SimpleCommand(tuple(assignments), tuple(words), tuple(redirections), pos)
        return command if lexer.substituted == lexer.enclosed else lexer.enclosing(command)

    def parse_function_definition(self, word: Word, pos: int) -> Command:
        """function_definition, from the `(` behind the name on."""
        lexer = self.lexer
        name = self._function_name(word)
        if name is None:
            raise self.unexpected()
        self._open.append((f'{name}()', pos))
        lexer.advance()
        if lexer.kind == ')':
            lexer.advance()
        else:
            self.fail(self.unexpected(')'))
        return self._parse_function_body(name, pos)

    def _function_name(self, word: Word) -> str | None:
        """The name of a function; in bash mode, where a wrong one is told when the definition
        is run, its source."""
        name = word.literal()
        return self.lexer.text[word.pos:word.end] \
            if name is None and self.lexer.grammar.bash else name

    def parse_function(self) -> Command:
        """`function name compound-command`, with or without `()` behind the name."""
        pos = self.opening('function')
        lexer = self.lexer
        name = self._function_name(lexer.word) if lexer.kind == WORD else None
        if name is None:
            raise self.unexpected()
        lexer.advance()
        if lexer.kind == '(' and lexer.text[lexer.pos:].lstrip(' \t')[:1] == ')':
            lexer.advance()
            lexer.advance()
        return self._parse_function_body(name, pos)

    def _parse_function_body(self, name: str, pos: int) -> Command:
        """function_body, perhaps behind newlines."""
        lexer = self.lexer
        self.skip_newlines()
        if lexer.literal != '{':
            self.skip_linebreak()       # the body may be an alias
        opener = lexer.literal or lexer.kind
        if opener in BODIES:
            body = self.parse_compound_command(opener)
        else:
            self.fail(self.unexpected('{'))
            body = MalformedText('', lexer.start, lexer.start)
        self.closed()
        body = self.parse_redirected(body)
        return FunctionDefinition(name, body, pos, body.end)

    def _with_parentheses(self, utility: str, word: Word) -> Word:
        """The operand, of `let` or `declare`, that goes on with the parenthesis behind its
        `=`."""
        lexer = self.lexer
        if utility not in ('alias', 'eval', 'let'):
            from minishell.syntax.arrays import compound_operand
            operand = compound_operand(lexer, word)
            if operand is None:
                raise self.unexpected()
            return operand
        if lexer.start != word.end or not lexer.text[:word.end].endswith('='):
            raise self.unexpected()
        lexer.pos = lexer.start
        parts = list(word.parts)
        depth = 0
        while True:
            parts += lexer.read_parts('')
            c = lexer.text[lexer.pos:lexer.pos + 1]
            if not depth and c != '(':
                break
            if c == '' and not lexer.extend() or c == '\n':
                lexer.advance()
                raise self.unexpected(')')
            depth += (c == '(') - (c == ')')
            append_literal(parts, c, lexer.pos, lexer.pos + 1)
            lexer.pos += len(c)
        end = lexer.pos
        lexer.advance()
        return Word(tuple(parts), word.pos, end)

    # -- redirections -------------------------------------------------------------------

    def parse_redirection(self) -> AnyRedirection:
        """io_redirect."""
        lexer = self.lexer
        pos = lexer.start
        descriptor = lexer.descriptor()
        operator = lexer.kind
        if operator == '<&' or operator == '>&':
            start = lexer.pos
            while lexer.text.startswith((' ', '\t'), start):
                start += 1
            if lexer.text.startswith('-', start) \
                    and lexer.text[start + 1:start + 2] not in WORD_END:
                lexer.pos = start + 1   # `>&-a` is `>&-` and a word, as in bash
                lexer.advance()
                return Redirection(descriptor, operator,
                                   Word(None, start, start + 1, '-'), pos)
            lexer.advance()
            if lexer.kind == NUMBER:    # `>&2>f`: as bash
                lexer.kind = WORD
        else:
            lexer.advance()
        if lexer.kind != WORD:
            self.fail(self.unexpected())
            return Redirection(descriptor, operator, Word((), lexer.start, lexer.start), pos)
        word = lexer.word
        if operator == '<<' or operator == '<<-':
            from minishell.syntax.here_documents import delimiter_of
            delimiter, quoted = delimiter_of(word, lexer.text)
            here = HereDocument(descriptor, operator, delimiter, quoted, NO_WORD, pos, word.end)
            lexer.pending.append(here)
            lexer.advance()
            return here
        lexer.advance()
        return Redirection(descriptor, operator, word, pos)


def with_errors(command: Command, pos: int) -> Command:
    """The command before `|&`: its standard error goes where its output does."""
    if type(command) is FunctionDefinition:
        return command                  # it prints nothing
    if type(command) is SubstitutingCommand:
        return SubstitutingCommand(with_errors(command.command, pos))
    errors = Redirection(2, '>&', Word((Literal('1'),), pos, pos), pos)
    if type(command) is SimpleCommand:
        return SimpleCommand(command.assignments, command.words,
                             (*command.redirections, errors), command.pos)
    if type(command) is RedirectedCommand:
        return RedirectedCommand(command.command, (*command.redirections, errors))
    return RedirectedCommand(command, (errors,))


def subscript_of(text: str) -> Word:
    """A subscript known only when it is used (`${!x}` where x is `a[1]`)."""
    from minishell.syntax.parameters import read_subscript
    lexer = Parser(Source(text + ']')).lexer
    subscript = read_subscript(lexer, True)
    if subscript is None or lexer.pos <= len(text):
        return Word((SingleQuoted(text, 0, len(text)),), 0, len(text))
    return subscript
