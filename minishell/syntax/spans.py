r"""What each character of a text is: spans that cover it without gap or overlap.

The kinds, for highlighting and for whoever wants to say what stands where:

    blank newline comment continuation      between tokens
    operator redirection descriptor         `&&` `;` `(`, `>>`, the 2 of `2>`
    reserved command word assignment        `if`, the name of a command, others, `x=`
    function variable alias                 f of `f()`, i of `for i`, what aliases replace
    quote quoted escape tilde               `"`, what is between two of them, `\$`, `~user`
    parameter arithmetic substitution       `$x` `${x…}`, `((…))`, the ends of `$(…)` `<(…)`
    delimiter here-document                 `EOF` in both places, what is between them
    error unread                            what cannot stand there, what was not read
"""
from __future__ import annotations

from bisect import bisect_right

from minishell.syntax.array_nodes import (
    ArrayElement,
    CompoundValue,
    ElementExpansion,
    IndirectExpansion,
    SubscriptsExpansion,
)
from minishell.syntax.lexer import NUMBER, REDIRECTIONS, WORD
from minishell.syntax.names import RESERVED_WORDS
from minishell.syntax.nodes import (
    ArithmeticCommand,
    ArithmeticExpansion,
    ArithmeticFor,
    Assignment,
    CommandSubstitution,
    ConditionalCommand,
    DollarSingleQuoted,
    DoubleQuoted,
    Escaped,
    ForClause,
    FunctionDefinition,
    HereDocument,
    Literal,
    ParameterChange,
    ParameterExpansion,
    ParameterLength,
    ProcessSubstitution,
    SimpleCommand,
    SingleQuoted,
    TildePrefix,
    Word,
)
from minishell.syntax.partial import parse_partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from minishell.syntax.nodes import Node
    from minishell.syntax.partial import Partial
    from minishell.syntax.source import Source

    Span = tuple[int, int, str]         # where it begins, ends, and what it is

LIST = 'list'           # what holds tokens: the whole, and the inside of substitutions
PARAMETERS = (ParameterExpansion, ParameterLength, ParameterChange, IndirectExpansion,
              ElementExpansion, SubscriptsExpansion)
SUBSTITUTIONS = (CommandSubstitution, ProcessSubstitution)
ARITHMETIC = (ArithmeticExpansion, ArithmeticCommand)
BLANKS = frozenset(' \t\0')


def record(text: str, aliases: Mapping[str, str] | None = None,
           posix: bool = False, extglob: bool = False) -> list[Span]:
    """The spans of a text, whatever is wrong with it."""
    return spans_of(parse_partial(text, aliases, posix, extglob))


def spans_of(partial: Partial) -> list[Span]:
    """The spans of a text that has been parsed."""
    return _flat(partial.text, intervals_of(partial))


def intervals_of(partial: Partial) -> list[Span]:
    """Spans that may lie in each other, from the left, outer ones first."""
    marks = Marks(partial)
    for node, source in partial.nodes():
        marks.command(node, source)
        marks.look()
    marks.tokens()
    found = marks.lists + [(pos, end, kind) for (pos, end), kind in marks.kinds.items()]
    return sorted(found, key=lambda span: (span[0], -span[1]))


class Marks:
    """Collects what is known of the text, by the places."""

    def __init__(self, partial: Partial) -> None:
        self.partial = partial
        self.text = partial.text
        self.open = {pos for _, pos in partial.openers}
        self.kinds: dict[tuple[int, int], str] = {}
        self.lists: list[Span] = []
        self.words: list[tuple[Node, Source, str]] = []     # parts to look at, and where
        self.seen: set[tuple[int, int]] = set()
        self.inner: set[int] = set()            # words that parts of words hold, by id()
        self.names: dict[int, str] = {}         # where words of a kind begin
        self.behind: dict[int, str] = {}        # where the word before begins
        self.conditions: list[tuple[int, int]] = []
        self.delimiters: set[int] = set()       # where they end
        self.parentheses: set[int] = set()      # of arithmetic, which are no tokens

    def mark(self, pos: int, end: int, source: Source, kind: str) -> tuple[int, int]:
        """Mark what stands in a source."""
        pos, end = source.extent(pos, end)
        end = min(end, len(self.text))
        if end > pos:
            self.kinds[pos, end] = kind
        return pos, end

    def command(self, node: Node, source: Source) -> None:
        """What a node that is no part of a word says of the words it holds."""
        if isinstance(node, Word):
            place = source.extent(node.pos, node.end)
            if place not in self.seen and id(node) not in self.inner:
                self.words.append((node, source, 'word'))
        elif isinstance(node, SimpleCommand):
            if node.words:
                self.take(node.words[0], source, 'command')
        elif isinstance(node, Assignment):
            self.take(node.value, source, 'word')
            self.mark(node.pos, node.value.pos, source, 'assignment')
            self.seen.add(source.extent(node.pos, node.end))
        elif isinstance(node, HereDocument):
            self.delimiters.add(source.extent(node.pos, node.end)[1])
            self.seen.add(self.mark(node.body.pos, node.body.end, source, 'here-document'))
            if not node.quoted:
                self.words += [(part, node.source or source, 'here-document')
                               for part in node.body.parts]
        elif isinstance(node, ArrayElement):
            if node.subscript is not None:
                self.mark(node.pos, node.end, source, 'word')
        elif isinstance(node, ForClause):
            self.behind[source.extent(node.pos, node.end)[0]] = 'variable'
        elif isinstance(node, FunctionDefinition):
            word = source.text.startswith('function', node.pos) and node.name != 'function'
            (self.behind if word else self.names)[source.extent(node.pos, node.end)[0]] \
                = 'function'
        elif isinstance(node, ConditionalCommand):
            self.conditions.append(source.extent(node.pos, node.end))
        elif isinstance(node, ArithmeticFor):
            found = [part for parts in node.expressions for part in parts]
            self.words += [(part, source, 'arithmetic') for part in found]
            pos = source.text.find('((', node.pos)
            close = source.text.find('))', max([pos, *(part.end for part in found)])) + 2
            pos, _ = self.mark(pos, close if close > 1 else node.end, source, 'arithmetic')
            self.parentheses.add(pos)
        elif isinstance(node, ArithmeticCommand):
            self.words.append((node, source, 'word'))

    def take(self, word: Word, source: Source, kind: str) -> None:
        """A word of a kind."""
        self.seen.add(source.extent(word.pos, word.end))
        self.words.append((word, source, kind))

    def look(self) -> None:
        """Look at the words that have been taken, and at what they hold."""
        while self.words:
            self.word(*self.words.pop())

    def word(self, node: Node, source: Source, kind: str) -> None:
        """A word, or a part of one, in what is of a kind."""
        if isinstance(node, Literal):
            return
        below = kind if kind in ('quoted', 'here-document', 'arithmetic') else 'word'
        if isinstance(node, Word):
            self.inner.add(id(node))
            self.mark(node.pos, node.end, source, kind)
            below = kind
        elif isinstance(node, Escaped | TildePrefix):
            self.mark(node.pos, node.end, source,
                      'escape' if isinstance(node, Escaped) else 'tilde')
        elif isinstance(node, SingleQuoted | DollarSingleQuoted | DoubleQuoted):
            self.quoted(node, source)
            below = 'quoted'
        elif isinstance(node, ARITHMETIC):
            pos, _ = self.mark(node.pos, node.end, source, 'arithmetic')
            self.parentheses.add(pos)
            below = 'arithmetic'
        elif isinstance(node, PARAMETERS):
            self.mark(node.pos, node.end, source, 'parameter')
        elif isinstance(node, CompoundValue):
            pos, _ = self.mark(node.pos, node.pos + 1, source, 'operator')
            last = node.end if pos in self.open else node.end - 1
            self.lists.append((*source.extent(node.pos + 1, last), LIST))
        elif isinstance(node, SUBSTITUTIONS):
            self.substitution(node, source)
            return
        self.words += [(inner, source, below) for inner in node.below()]

    def quoted(self, node: Node, source: Source) -> None:
        """Quotes, and what is between them."""
        pos, end = self.mark(node.pos, node.end, source, 'quoted')
        width = 2 if isinstance(node, DollarSingleQuoted) else 1
        self.mark(node.pos, node.pos + width, source, 'quote')
        if pos not in self.open:
            self.mark(node.end - 1, node.end, source, 'quote')

    def substitution(self, node: CommandSubstitution | ProcessSubstitution,
                     source: Source) -> None:
        """`$(`, `)` and the list between them, whose commands are looked at as all others."""
        pos, _ = self.mark(node.pos, node.end, source, 'substitution')
        begin = node.pos + 1
        if isinstance(node, ProcessSubstitution) or not node.backquoted:
            begin = source.text.index('(', begin) + 1       # perhaps behind a continued line
        closed = pos not in self.open
        pos, end = source.extent(begin, node.end)
        if closed:
            end, _ = self.mark(node.end - 1, node.end, source, 'substitution')
        self.lists.append((pos, max(pos, end), LIST))

    def tokens(self) -> None:
        """What the tokens say that no word has said."""
        wrong = {error.pos for error in self.partial.errors if not error.incomplete}
        before = ''
        places = sorted(self.kinds)
        for pos, end, kind, word, source in sorted(
                self.partial.tokens, key=lambda token: token[:2]):
            if kind == '(' and pos in self.parentheses:
                continue
            if kind == WORD and word is not None:
                name = self.word_kind(pos, end, word, before)
                if self.read_again(pos, end, places):
                    continue            # `a[b c]=d`, whose first word was `a[b`
                if name in ('word', 'delimiter') and (pos, end) not in self.seen \
                        and (pos, end) not in self.kinds:
                    self.words.append((word, source, name))
                    self.look()
            elif kind == NUMBER:
                name = 'descriptor'
            elif kind in REDIRECTIONS:
                name = 'redirection'
            elif kind == '\n':
                name = 'newline'
            else:
                name = kind if kind == 'delimiter' else 'operator'
            before = self.behind.get(pos, '')
            if pos in wrong:
                name = 'error'
            if name == 'error' or (pos, end) not in self.kinds:
                self.kinds[pos, end] = name
        for pos, end in self.partial.aliases:
            self.kinds[pos, end] = 'alias'

    def read_again(self, pos: int, end: int, places: list[tuple[int, int]]) -> bool:
        """Whether a word goes on behind what was a token at first."""
        index = bisect_right(places, (pos, len(self.text)))
        while index < len(places) and places[index][0] < end:
            if places[index][1] > end:
                return True
            index += 1
        return False

    def word_kind(self, pos: int, end: int, word: Word, before: str) -> str:
        """The kind of a word by its place."""
        if end in self.delimiters:
            return 'delimiter'
        if before or pos in self.names:
            return before or self.names[pos]
        if (pos, end) in self.seen or (pos, end) in self.kinds:
            return 'word'
        if word.literal() in RESERVED_WORDS | {'-p', '--'}:
            return 'reserved'
        inside = any(first < pos and end < last for first, last in self.conditions)
        return 'operator' if inside else 'word'


# -- from intervals to spans ------------------------------------------------------------


def _flat(text: str, intervals: list[Span]) -> list[Span]:
    """Each character to the innermost interval it is in."""
    spans: list[Span] = []
    around: list[tuple[int, str]] = [(len(text), LIST)]     # where they end, and their kinds
    at = 0

    def fill(end: int) -> None:
        nonlocal at
        if end > at:
            kind = around[-1][1]
            if kind == LIST:
                spans.extend(_between(text, at, end))
            else:
                spans.append((at, end, kind))
            at = end

    for pos, end, kind in intervals:
        while around[-1][0] <= pos and len(around) > 1:
            fill(around[-1][0])
            around.pop()
        fill(pos)
        around.append((min(end, around[-1][0]), kind))
    while around:
        fill(around[-1][0])
        around.pop()
    return spans


def _between(text: str, pos: int, last: int) -> list[Span]:
    """What stands between tokens."""
    spans: list[Span] = []
    while pos < last:
        c = text[pos]
        end = pos + 1
        if c in BLANKS:
            while end < last and text[end] in BLANKS:
                end += 1
            kind = 'blank'
        elif c == '#':
            newline = text.find('\n', pos, last)
            end = last if newline < 0 else newline
            kind = 'comment'
        elif c == '\n':
            kind = 'newline'
        elif c == '\\':
            kind = 'continuation' if text.startswith('\n', end) and end < last else 'escape'
            end += kind == 'continuation'
        else:
            while end < last and text[end] not in BLANKS and text[end] != '\n':
                end += 1
            kind = 'unread'
        spans.append((pos, end, kind))
        pos = end
    return spans
