"""The shell grammar (XCU 2.10): one method per production, one complete command at a time."""
from __future__ import annotations

from minishell.syntax.lexer import AND_OR, END, NUMBER, REDIRECTIONS, WORD, Lexer, delimiter_of
from minishell.syntax.names import CLOSING_WORDS, RESERVED_WORDS, is_name
from minishell.syntax.nodes import (
    AndOrList,
    AsynchronousList,
    BraceGroup,
    CaseClause,
    CaseItem,
    CommandList,
    ForClause,
    FunctionDefinition,
    HereDocument,
    IfClause,
    Pipeline,
    RedirectedCommand,
    Redirection,
    SelectClause,
    SimpleCommand,
    Subshell,
    UntilClause,
    WhileClause,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from minishell.syntax.nodes import AnyRedirection, Assignment, Command
    from minishell.syntax.source import Source

LIST_END = frozenset(('\n', END, ')', ';;', ';&', ';;&'))
NO_COMMAND = CLOSING_WORDS | {'!', 'in'}        # words that cannot start a command
NO_WORD = Word((), 0, 0)


class Parser:
    """Parses a source, command by command; `aliases` is consulted as it goes."""

    def __init__(self, source: Source, aliases: Mapping[str, str] | None = None,
                 warn: Callable[[str, int], None] = lambda message, line: None) -> None:
        self._open: list[tuple[str, int]] = []      # constructs being read, outermost first
        self.lexer = Lexer(source, {} if aliases is None else aliases, self._parse_inner, warn)

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
            self._substitute_aliases()
            if lexer.kind in ('\n', END):   # an alias may stand for nothing
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
                raise self.unexpected(')' if opened >= 0 else '')
            return commands
        finally:
            self.lexer, self._open = outer, opens

    # -- errors -------------------------------------------------------------------

    def unexpected(self, wanted: str = '') -> Exception:
        """The error for the current token: what was found, wanted, and where it opened."""
        from minishell.syntax.unexpected import unexpected
        return unexpected(self.lexer, self._open[-1] if self._open else None, wanted)

    def expect(self, reserved: str) -> None:
        """Step over the reserved word that must come now; it closes the open construct."""
        lexer = self.lexer
        if lexer.literal != reserved:
            raise self.unexpected(reserved)
        lexer.advance()

    def skip_newlines(self) -> None:
        """linebreak."""
        while self.lexer.kind == '\n':
            self.lexer.advance()

    def skip_linebreak(self) -> None:
        """linebreak before a command, which may be an alias that begins with newlines."""
        lexer = self.lexer
        while lexer.kind == '\n':
            lexer.advance()
        if lexer.aliases:
            self._substitute_aliases()
            if lexer.kind == '\n':
                self.skip_linebreak()

    # -- lists ----------------------------------------------------------------------

    def parse_list(self, top: bool = False) -> CommandList:
        """list, or compound_list where newlines separate too (top is false)."""
        lexer = self.lexer
        commands: list[Command] = []
        while True:
            pos = lexer.start
            command = self.parse_and_or()
            if lexer.kind == '&':
                command = AsynchronousList(command, pos, lexer.start)
                lexer.advance()
            elif lexer.kind == ';':
                lexer.advance()
            elif lexer.kind != '\n' or top:
                commands.append(command)
                break
            commands.append(command)
            if top:
                if lexer.kind in ('\n', END):
                    break
            elif lexer.kind == '\n':
                lexer.advance()
            if self._at_list_end(top):
                break
        return CommandList(tuple(commands))

    def _at_list_end(self, top: bool = False) -> bool:
        """Whether the current token can only end a list (aliases are substituted first)."""
        lexer = self.lexer
        if top:
            self._substitute_aliases()
        elif lexer.aliases or lexer.kind == '\n':
            self.skip_linebreak()
        return lexer.literal in CLOSING_WORDS if lexer.kind == WORD else lexer.kind in LIST_END

    def parse_compound_list(self, closer: str, empty: bool = False) -> CommandList:
        """compound_list, up to `closer`, which is left for the caller."""
        if self._at_list_end():
            if empty and self.lexer.kind == closer:
                return CommandList(())
            raise self.unexpected(closer if self.lexer.kind == END else '')
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
        self._substitute_aliases()
        negated = lexer.literal == '!'
        first: Command
        if negated:
            from minishell.syntax.extended import skip_negations
            negated, empty = skip_negations(self)
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
                from minishell.syntax.extended import with_errors
                commands[-1] = with_errors(commands[-1], lexer.start)
            lexer.advance()
            self.skip_linebreak()
            commands.append(self.parse_command())
        return Pipeline(tuple(commands), negated, pos)

    # -- commands ---------------------------------------------------------------------

    def _substitute_aliases(self) -> None:
        """Alias substitution at the place of a command name; reserved words come first."""
        lexer = self.lexer
        while lexer.aliases:
            literal = lexer.literal
            if literal is None or literal in COMPOUND or literal in CLOSING_WORDS \
                    or not lexer.substitute_alias():
                return

    def _substitute_next_alias(self, *reserved: str) -> None:
        """Alias substitution behind a value with a blank at its end, but of these words."""
        lexer = self.lexer
        while lexer.literal not in reserved and lexer.substitute_next_alias():
            self.skip_newlines()

    def parse_command(self) -> Command:
        """command: simple, compound with redirections, or a function definition."""
        lexer = self.lexer
        if lexer.aliases:
            self._substitute_aliases()
        kind = lexer.kind
        if kind == WORD:
            name = lexer.literal
            if name is not None:
                production = COMPOUND.get(name)
                if production is not None:
                    seen = lexer.substituted
                    command = self.parse_redirected(production(self))
                    return command if lexer.substituted == seen else lexer.enclosing(command)
                if name in NO_COMMAND:
                    raise self.unexpected()
        elif kind == '(':
            return self.parse_redirected(self.parse_parenthesis())
        elif kind != NUMBER and kind not in REDIRECTIONS:
            raise self.unexpected()
        return self.parse_simple_command()

    def parse_redirected(self, command: Command) -> Command:
        """compound_command redirect_list."""
        lexer = self.lexer
        pos = lexer.start
        if lexer.kind != NUMBER and lexer.kind not in REDIRECTIONS:
            return command
        redirections: list[AnyRedirection] = []
        while lexer.kind == NUMBER or lexer.kind in REDIRECTIONS:
            redirections.append(self.parse_redirection())
        return RedirectedCommand(command, tuple(redirections), pos)

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
            elif kind == '(' and words and words[0].literal() == 'let':
                from minishell.syntax.extended import with_parentheses
                words[-1] = with_parentheses(self, words[-1])
            else:
                break
        command = SimpleCommand(tuple(assignments), tuple(words), tuple(redirections), pos)
        return command if lexer.substituted == lexer.enclosed else lexer.enclosing(command)

    def parse_function_definition(self, word: Word, pos: int) -> Command:
        """function_definition, from the `(` behind the name on."""
        lexer = self.lexer
        name = word.literal()
        if name is None:
            raise self.unexpected()
        self._open.append((f'{name}()', pos))
        lexer.advance()
        if lexer.kind != ')':
            raise self.unexpected(')')
        lexer.advance()
        self.skip_newlines()
        body: Command
        if lexer.kind == '(':
            body = self.parse_parenthesis()
        else:
            production = None if lexer.literal in NO_BODY else COMPOUND.get(lexer.literal or '')
            if production is None:
                raise self.unexpected('{')
            body = production(self)
        self._open.pop()
        redirected = self.parse_redirected(body)
        return FunctionDefinition(name, redirected, pos, lexer.start)

    def parse_parenthesis(self) -> Command:
        """subshell, or the arithmetic command of bash."""
        command = None
        if self.lexer.text[self.lexer.pos:self.lexer.pos + 1] == '(':
            from minishell.syntax.extended import parse_arithmetic_command
            command = parse_arithmetic_command(self)
        return command or self.parse_subshell()

    def parse_brace_group(self) -> Command:
        """brace_group."""
        pos = self.opening('{')
        body = self.parse_compound_list('}')
        self.expect('}')
        self._open.pop()
        return BraceGroup(body, pos)

    def opening(self, construct: str) -> int:
        """Note the construct that the current token opens, and step over it."""
        pos = self.lexer.start
        self._open.append((construct, pos))
        self.lexer.advance()
        return pos

    def closed(self) -> None:
        """Note that the construct opened last is complete."""
        self._open.pop()

    def parse_subshell(self) -> Command:
        """subshell."""
        pos = self.opening('(')
        body = self.parse_compound_list(')')
        if self.lexer.kind != ')':
            raise self.unexpected(')')
        self._open.pop()
        self.lexer.advance()
        return Subshell(body, pos)

    def parse_for_clause(self) -> Command:
        """for_clause, and select of bash."""
        lexer = self.lexer
        construct = lexer.literal or ''
        pos = self.opening(construct)
        if lexer.kind == '(' and lexer.text[lexer.pos:lexer.pos + 1] == '(' \
                and construct == 'for':
            from minishell.syntax.extended import parse_arithmetic_for
            return parse_arithmetic_for(self, pos)
        self._substitute_next_alias()
        name = lexer.literal
        if name is None:
            raise self.unexpected()
        if not is_name(name):
            raise lexer.error(f"syntax error: `{name}' is not a valid variable name",
                              lexer.start, pos)
        lexer.advance()
        self._substitute_next_alias('in', 'do')
        words: tuple[Word, ...] | None = None
        if lexer.kind == ';':
            lexer.advance()
            self.skip_newlines()
        else:
            self.skip_newlines()
            if lexer.literal == 'in':
                lexer.advance()
                words = self._parse_word_list()
        clause = ForClause if construct == 'for' else SelectClause
        return clause(name, words, self.parse_do_group(construct), pos)

    def _parse_word_list(self) -> tuple[Word, ...]:
        """wordlist sequential_sep."""
        lexer = self.lexer
        words: list[Word] = []
        while lexer.kind == WORD:
            if lexer.aliases and lexer.substitute_next_alias():
                continue
            words.append(lexer.word)
            lexer.advance()
        if lexer.kind == ';':
            lexer.advance()
        elif lexer.kind != '\n':
            raise self.unexpected('do' if lexer.kind == END else '')
        self.skip_newlines()
        return tuple(words)

    def parse_do_group(self, construct: str) -> CommandList:
        """do_group, in `for` and `select` perhaps in braces, as in bash; it ends the construct
        opened last."""
        lexer = self.lexer
        self._substitute_next_alias('do')
        self._substitute_aliases()
        closer = 'done'
        if lexer.literal == '{' and construct in ('for', 'select'):
            closer = '}'
        elif lexer.literal != 'do':
            raise self.unexpected('do')
        lexer.advance()
        body = self.parse_compound_list(closer)
        self.expect(closer)
        self._open.pop()
        return body

    def parse_while_clause(self) -> Command:
        """while_clause, until_clause."""
        name = self.lexer.literal or ''
        clause = WhileClause if name == 'while' else UntilClause
        pos = self.opening(name)
        condition = self.parse_compound_list('do')
        return clause(condition, self.parse_do_group(name), pos)

    def parse_if_clause(self) -> Command:
        """if_clause."""
        lexer = self.lexer
        pos = self.opening('if')
        branches: list[tuple[CommandList, CommandList]] = []
        otherwise = None
        while True:
            condition = self.parse_compound_list('then')
            self.expect('then')
            branches.append((condition, self.parse_compound_list('fi')))
            if (closer := lexer.literal) != 'elif':
                break
            lexer.advance()
        if closer == 'else':
            lexer.advance()
            otherwise = self.parse_compound_list('fi')
        self.expect('fi')
        self._open.pop()
        return IfClause(tuple(branches), otherwise, pos)

    def parse_case_clause(self) -> Command:
        """case_clause."""
        lexer = self.lexer
        pos = self.opening('case')
        if lexer.kind != WORD:
            raise self.unexpected()
        word = lexer.word
        lexer.advance()
        self._substitute_next_alias('in')
        self.skip_newlines()
        self.expect('in')
        self.skip_newlines()
        items: list[CaseItem] = []
        while lexer.literal != 'esac':
            items.append(self.parse_case_item())
        lexer.advance()
        self._open.pop()
        return CaseClause(word, tuple(items), pos)

    def parse_case_item(self) -> CaseItem:
        """case_item: pattern_list `)` and its commands, with the newlines behind."""
        lexer = self.lexer
        if lexer.kind == '(':
            lexer.advance()
        patterns: list[Word] = []
        while True:
            if lexer.kind != WORD:
                raise self.unexpected('' if patterns or lexer.kind != END else 'esac')
            patterns.append(lexer.word)
            lexer.advance()
            if lexer.kind != '|':
                break
            lexer.advance()
        if lexer.kind != ')':
            raise self.unexpected()
        lexer.advance()
        self.skip_newlines()
        body = CommandList(()) if self._at_list_end() else self.parse_list()
        terminator = ';;'
        if lexer.kind in (';;', ';&', ';;&'):
            terminator = lexer.kind
            lexer.advance()
            self.skip_newlines()
        elif lexer.literal != 'esac':
            raise self.unexpected('esac')
        return CaseItem(tuple(patterns), body, terminator)

    # -- redirections -------------------------------------------------------------------

    def parse_redirection(self) -> AnyRedirection:
        """io_redirect."""
        lexer = self.lexer
        pos = lexer.start
        descriptor = lexer.descriptor()
        operator = lexer.kind
        lexer.advance()
        if lexer.kind == NUMBER and operator in ('<&', '>&'):       # `>&2>f`: as bash
            lexer.kind = WORD
        if lexer.kind != WORD:
            raise self.unexpected()
        word = lexer.word
        if operator == '<<' or operator == '<<-':
            delimiter, quoted = delimiter_of(word, lexer.text)
            here = HereDocument(descriptor, operator, delimiter, quoted, NO_WORD, pos)
            lexer.pending.append(here)
            lexer.advance()
            return here
        lexer.advance()
        return Redirection(descriptor, operator, word, pos)


def _extended(name: str) -> Callable[[Parser], Command]:
    """A production that only bash has; its module is loaded by its first use."""
    def parse(parser: Parser) -> Command:
        from minishell.syntax import extended
        command: Command = getattr(extended, name)(parser)
        return command
    return parse


NO_BODY = ('coproc', 'function', 'time')        # no compound commands
COMPOUND: dict[str, Callable[[Parser], Command]] = {
    '{': Parser.parse_brace_group, 'for': Parser.parse_for_clause,
    'case': Parser.parse_case_clause, 'if': Parser.parse_if_clause,
    'while': Parser.parse_while_clause, 'until': Parser.parse_while_clause,
    '[[': _extended('parse_conditional'), 'function': _extended('parse_function'),
    'time': _extended('parse_time'), 'select': Parser.parse_for_clause,
    'coproc': _extended('parse_coprocess'),
}
