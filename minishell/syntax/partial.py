"""Parsing that goes on behind errors: a tree of what is there, and what is still open.

For whoever looks at text that is being typed, or is wrong: highlighting, completion, lint.
`parse_partial` never raises; every offset it gives is one of the text as it was typed, with
aliases, NULs, backquotes and here-documents where they stand.
"""
from __future__ import annotations

from minishell.errors import ShellSyntaxError
from minishell.syntax.lexer import AND_OR, END, WORD, FixedGrammar, Lexer
from minishell.syntax.nodes import (
    CommandList,
    CommandSubstitution,
    HereDocument,
    MalformedText,
    ProcessSubstitution,
)
from minishell.syntax.parser import Parser
from minishell.syntax.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from minishell.syntax.lexer import Grammar
    from minishell.syntax.lexer import Lexer as AnyLexer
    from minishell.syntax.nodes import ArithmeticExpansion, Command, Node, Part, Word
    from minishell.syntax.source import Places

    # Where a token begins and ends, its kind, its Word if it is one, the source of the Word
    Token = tuple[int, int, str, Word | None, Source]
    Opener = tuple[str, int]            # what is open: `if`, `$(`, `"`, `<<EOF`, and where

PIPES = frozenset(('|', '|&'))
SEPARATORS = AND_OR | PIPES | {'\n', ';', '&'}
OPENERS = ('$((', '<<-', '$(', '${', '$[', "$'", '((', '<(', '>(', '<<')
CLOSERS = {
    'if': ('then', 'elif', 'else', 'fi'), 'while': ('do', 'done'), 'until': ('do', 'done'),
    'for': ('do', 'done', '}'), 'select': ('do', 'done', '}'), '{': ('}',), '(': (')',),
    '$(': (')',), 'case': (';;', ';&', ';;&', 'esac'), '[[': (']]',)}
MOST_FAILURES = 50      # at one token, before what is being read is given up


def parse_partial(text: str, aliases: Mapping[str, str] | None = None,
                  posix: bool = False, extglob: bool = False) -> Partial:
    """Parse a text to its end, whatever is wrong with it (XCU 2.10); with what aliases and
    options make of it."""
    source = TypedSource(text)
    if '\0' in text:                    # which no source has
        source.outer = Source('')
        source.outer.text = text
        places = [(0, 0)]
        pieces = text.split('\0')
        for piece in pieces[:-1]:
            inside, place = places[-1]
            places.append((inside + len(piece), place + len(piece) + 1))
        source.places = places
    parser = PartialParser(source, aliases, FixedGrammar(posix, extglob=extglob))
    tree = parser.parse_all()
    return Partial(text, tree, source, parser.lexer.notes)


class Partial:
    """What there is of a text: `tree` with MalformedText where it makes no sense, `errors`
    in their order, `openers` from the outermost to the innermost, `tokens`."""

    def __init__(self, text: str, tree: CommandList, source: Source, notes: Notes) -> None:
        self.text = text
        self.tree = tree
        self.errors = notes.errors
        self.openers = notes.all_openers()
        self.tokens = notes.tokens
        self.aliases = notes.aliases    # where words are that aliases were substituted for
        self.unread = notes.unread      # the offset behind which nothing was read, or -1
        self._source = source

    def nodes(self) -> Iterator[tuple[Node, Source]]:
        """All nodes, outer ones first, with the source that their offsets refer to."""
        return nodes_of(self.tree, self._source)

    def extent(self, node: Node, source: Source) -> tuple[int, int]:
        """Where a node is in the text."""
        pos, end = source.extent(node.pos, node.end)
        return pos, min(end, len(self.text))


def nodes_of(node: Node, source: Source) -> Iterator[tuple[Node, Source]]:
    """The node and all below it, with their sources."""
    todo = [(node, source)]
    while todo:
        node, source = todo.pop()
        yield node, source
        inside = source
        if isinstance(node, CommandSubstitution | ProcessSubstitution):
            inside = node.source
        elif isinstance(node, HereDocument):
            inside = node.source or source
            todo += [(part, inside) for part in reversed(node.body.parts)]
            continue
        todo += [(inner, inside) for inner in reversed(node.below())]


class Notes:
    """What the parser and its lexers, nested ones too, have come across."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.errors: list[ShellSyntaxError] = []
        self.aliases: list[tuple[int, int]] = []
        self.openers: dict[int, str] = {}
        self.unread = -1

    def fail(self, error: ShellSyntaxError, source: Source, construct: str) -> None:
        """Note an error, unless it only follows from the one before."""
        pos = source.extent(error.pos, error.pos)[0]
        opened = -1 if error.opened < 0 else source.extent(error.opened, error.opened)[0]
        before = self.errors[-1] if self.errors else None
        if error.incomplete and opened >= 0:
            self.openers.setdefault(opened, construct or _opener(source.text, error.opened))
        if before is None or not before.incomplete and before.pos != pos:
            self.errors.append(ShellSyntaxError(error.message, pos, error.line, error.name,
                                                opened, error.incomplete))

    def all_openers(self) -> list[Opener]:
        """What is open at the end of the text, in its order; an operator that wants another
        command, too."""
        if self.tokens and (not self.errors or self.errors[-1].incomplete):
            last = [token for token in self.tokens if token[2] not in ('\n', WORD)][-1:]
            for start, _, kind, _, _ in last:
                if kind in AND_OR | PIPES and all(
                        token[2] == '\n' for token in self.tokens if token[0] > start):
                    self.openers.setdefault(start, kind)
        return [(construct, pos) for pos, construct in sorted(self.openers.items())]


def _opener(text: str, pos: int) -> str:
    """What opens at an offset, as it is written."""
    found = [opener for opener in OPENERS if text.startswith(opener, pos)]
    end = pos
    while text[end:end + 1].isalpha():          # a reserved word
        end += 1
    return found[0] if found else text[pos:end] or text[pos:pos + 1]


class TypedSource(Source):
    """A source that knows where the text comes from that aliases have brought."""

    __slots__ = ('_values',)

    def __init__(self, text: str, name: str = '', first_line: int = 1) -> None:
        super().__init__(text, name, first_line)
        # The outermost values: where each begins and ends, and the same of its name
        self._values: list[tuple[int, int, int, int]] = []

    def splice(self, start: int, end: int, value: str) -> None:
        """Replace an alias's name by its value (XCU 2.3.1)."""
        grown = len(value) - (end - start)
        if self._values and start < self._values[-1][1]:
            first, last, typed, typed_end = self._values[-1]
            self._values[-1] = first, last + grown, typed, typed_end
        else:
            self._values.append((start, end + grown, self.typed(start), self.typed(end)))
        super().splice(start, end, value)

    def typed(self, pos: int) -> int:
        """The offset before aliases were substituted; the end of a name inside its value."""
        for first, last, _, typed_end in reversed(self._values):
            if pos >= last:
                return pos - last + typed_end
            if pos > first:
                return typed_end
        return pos


class PartialLexer(Lexer):
    """A lexer that notes its tokens, and takes words apart at once."""

    def __init__(self, source: Source, aliases: Mapping[str, str],
                 parse: Callable[[AnyLexer, int], CommandList],
                 warn: Callable[[str, int], None], grammar: Grammar) -> None:
        super().__init__(source, aliases, parse, warn, grammar)
        self.notes = Notes()

    def advance(self) -> None:
        """Read the next token."""
        if self._blank_ends:
            self._advance_behind_alias()
        else:
            self._advance_slowly(self.pos)

    def _advance_slowly(self, pos: int) -> None:
        super()._advance_slowly(pos)
        self.pos = min(self.pos, len(self.text))
        kind = self.kind
        if kind != END:
            end = self.start + 1 if kind == '\n' else self.pos
            self.note(kind, self.start, end, self.word if kind == WORD else None)

    def note(self, kind: str, start: int, end: int, word: Word | None = None) -> None:
        """Note a token, where it is in the text as it was typed."""
        place, behind = self.source.extent(start, end)
        if behind > place:
            self.notes.tokens.append((place, behind, kind, word, self.source))

    def fail(self, error: ShellSyntaxError) -> None:
        """Note what is wrong."""
        self.notes.fail(error, self.source, '')

    def substitute_alias(self) -> bool:
        """Replace an alias, as Lexer does; its word is then no token, and is noted no more."""
        place = self.source.extent(self.start, self.pos)
        index = len(self.notes.tokens) - 1
        if not super().substitute_alias():
            return False
        if self.notes.tokens[index:] and self.notes.tokens[index][:2] == place:
            del self.notes.tokens[index]
        if place[1] > place[0]:
            self.notes.aliases.append(place)
        return True

    def nested(self, text: str, line: int, places: Places, whole: bool) -> AnyLexer:
        """A lexer over text taken out of the source; it is not whole, and may go on, if its
        backquotes are not closed."""
        if whole and places:
            opened = places[0][1] - 1
            whole = self.source.extent(opened, opened)[0] not in self.notes.openers
        lexer = super().nested(text, line, places, whole)
        assert isinstance(lexer, PartialLexer)
        lexer.notes = self.notes
        return lexer

    def read_single_quoted(self, parts: list[Part]) -> None:
        """Read it; without a closing quote, up to the end of the text and not beyond."""
        super().read_single_quoted(parts)
        self.pos = min(self.pos, len(self.text))

    def read_backquoted(self, quoted: bool) -> CommandSubstitution:
        """Read it; without a closing backquote, up to the end of the text and not beyond."""
        part = super().read_backquoted(quoted)
        self.pos = min(self.pos, len(self.text))
        return part

    def read_arithmetic(self, start: int) -> ArithmeticExpansion | None:
        """Read it; None, and nothing is noted, if it turns out to be commands."""
        notes = self.notes
        before = len(notes.tokens), len(notes.errors), len(notes.aliases), {**notes.openers}
        arithmetic = super().read_arithmetic(start)
        if arithmetic is None:
            del notes.tokens[before[0]:], notes.errors[before[1]:], notes.aliases[before[2]:]
            notes.openers = before[3]
        return arithmetic

    def _read_here_documents(self) -> None:
        pending = self.pending
        super()._read_here_documents()
        begins = [node.body.pos for node in pending[1:]] + [self.pos]
        for node, behind in zip(pending, begins, strict=True):
            end = node.body.end
            if end == behind:
                place = self.source.extent(node.pos, node.pos)[0]
                self.notes.openers.setdefault(place, node.operator + node.delimiter)
            newline = int(self.text[end:behind].endswith('\n'))
            self.note('delimiter', end, behind - newline)
            self.note('\n', behind - newline, behind)


class PartialParser(Parser):
    """A parser that goes on behind errors, at the next separator or closing word."""

    LEXER = PartialLexer
    lexer: PartialLexer

    def __init__(self, source: Source, aliases: Mapping[str, str] | None,
                 grammar: Grammar) -> None:
        super().__init__(source, aliases, grammar=grammar)
        self._failed: tuple[Lexer, int] = self.lexer, -1        # where the last error was
        self._failures = 0
        self._wanted = ''

    def parse_all(self) -> CommandList:
        """The whole source as one list."""
        commands: list[Command] = []
        try:
            while (complete := self.parse_complete_command()) is not None:
                commands += complete.commands
        except ShellSyntaxError as error:       # nested too deeply
            lexer = self.lexer
            lexer.notes.fail(error, lexer.source, '')
            lexer.notes.unread = lexer.source.extent(error.pos, error.pos)[0]
        return CommandList(tuple(commands))

    def fail(self, error: ShellSyntaxError) -> None:
        """Note what is wrong; too often at one token, give up what is being read."""
        place = self.lexer, error.pos
        self._failures = self._failures + 1 if place == self._failed else 0
        self._failed = place
        if self._failures > MOST_FAILURES and self.lexer.kind != END:
            raise error
        construct, opened = self._open[-1] if self._open else ('', -1)
        known = opened == error.opened and construct != '$('    # it may be <( or a backquote
        self.lexer.notes.fail(error, self.lexer.source, construct if known else '')

    def parse_compound_list(self, closer: str, empty: bool = False) -> CommandList:
        """compound_list; `closer` is what messages say is wanted while it is read."""
        outer, self._wanted = self._wanted, closer
        commands = super().parse_compound_list(closer, empty)
        self._wanted = outer
        return commands

    def parse_list(self, top: bool = False) -> CommandList:
        """list; what neither belongs to it nor ends it becomes MalformedText."""
        commands = list(super().parse_list(top).commands)
        while not self._may_end(top):
            self.fail(self.unexpected(self._wanted if self._open else ''))
            start = self.lexer.start
            self.lexer.advance()
            commands.append(self._skipped(start))
            if self.lexer.kind in SEPARATORS and (not top or self.lexer.kind != '\n'):
                self.lexer.advance()
            if not self._may_end(top):
                commands += super().parse_list(top).commands
        return CommandList(tuple(commands))

    def _may_end(self, top: bool) -> bool:
        """Whether a list ends at the current token."""
        if not top:
            self.skip_linebreak()
        kind = self.lexer.kind
        return kind == END or (kind == '\n' if top else self._closes())

    def _closes(self) -> bool:
        """Whether the current token goes on with a construct that is being read."""
        lexer = self.lexer
        token = lexer.literal if lexer.kind == WORD else lexer.kind
        return any(token in CLOSERS.get(construct, ()) for construct, _ in self._open)

    def _skipped(self, start: int) -> Command:
        """What has been read from start, and more up to a separator."""
        lexer = self.lexer
        while lexer.kind != END and lexer.kind not in SEPARATORS and not self._closes():
            lexer.advance()
        return MalformedText(lexer.text[start:lexer.start].rstrip(' \t'), start, lexer.start)

    def parse_pipeline(self) -> Command:
        """pipeline; where it is wrong, MalformedText."""
        return self._guarded(super().parse_pipeline)

    def parse_command(self) -> Command:
        """command; where it is wrong, MalformedText."""
        return self._guarded(super().parse_command)

    def _guarded(self, parse: Callable[[], Command]) -> Command:
        opened, wanted = len(self._open), self._wanted
        start = self.lexer.start
        try:
            return parse()
        except ShellSyntaxError as error:
            self.lexer.notes.fail(error, self.lexer.source, '')
            del self._open[opened:]
            self._wanted = wanted
            return self._skipped(start)
