"""Tokens on demand (XCU 2.3) and alias substitution (2.3.1).

The lexer looks at one token at a time: `kind` says what it is, and nothing behind it has been
read.  That is what lets a command change how the next line is read.
"""
from __future__ import annotations

from minishell.errors import ShellSyntaxError
from minishell.syntax.names import (
    MOST_DESCRIPTOR,
    RESERVED_WORDS,
    assignment_of,
    decimal,
    is_name,
    is_reference,
)
from minishell.syntax.nodes import (
    Assignment,
    CommandList,
    MalformedText,
    ProcessSubstitution,
    SubstitutingCommand,
    Word,
)
from minishell.syntax.source import Source
from minishell.syntax.words import LAST_CLOSE, WORD_CLOSE, ScannedText, WordReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol

    from minishell.syntax.nodes import ArithmeticExpansion, Command, HereDocument, Part
    from minishell.syntax.source import Places

    class Grammar(Protocol):
        """What options make of the grammar; asked at each token, for a command may set them."""

        @property
        def posix(self) -> bool:
            """`&>` is the two operators of POSIX, and so on."""

        @property
        def strict(self) -> bool:
            """Commands are read to be checked only, as by `set -n`."""

        @property
        def extglob(self) -> bool:
            """Words may hold groups: @(a|b)."""

        @property
        def bash(self) -> bool:
            """Quotes in `"${x-'}'}"` hide a brace, and so on."""

OPERATOR_START = frozenset('\n|&;<>()')
NO_WORD_START = frozenset(('\0', '#'))
OPERATORS = frozenset((
    '&&', '||', ';;', ';&', '<<', '>>', '<&', '>&', '<>', '>|', '|&'))
REDIRECTIONS = frozenset((
    '<', '>', '>|', '>>', '<>', '<&', '>&', '<<', '<<-', '<<<', '&>', '&>>'))
AND_OR = frozenset(('&&', '||'))
LONG_OPERATORS = frozenset(('<<-', '<<<', ';;&', '&>>'))
# Where one of these follows, an operator of one character may be the first of a longer one.
NO_SINGLE = frozenset('\0\\|&;<>(')
WORD = 'word'
NUMBER = 'number'               # an IO_NUMBER or IO_LOCATION
END = 'end of file'
BLOCK = 1 << 15
NO_WORD = Word((), 0, 0)


class FixedGrammar:
    """A grammar that stays as it is."""

    __slots__ = ('posix', 'strict', 'extglob', 'bash')

    def __init__(self, posix: bool = False, strict: bool = False,
                 extglob: bool = False, bash: bool = False) -> None:
        self.posix, self.strict, self.extglob, self.bash = posix, strict, extglob, bash


class Lexer(WordReader):
    """One token at a time over a source.

    `kind` is WORD, NUMBER, END, or an operator's own text ('\\n' for a newline); `word` is
    the Word of a WORD or NUMBER, `literal` the text of a WORD with nothing quoted or to
    expand, else None; `start` is the token's offset, `pos` the one behind it.
    """

    def __init__(self, source: Source, aliases: Mapping[str, str],
                 parse: Callable[[Lexer, int], CommandList],
                 warn: Callable[[str, int], None], grammar: Grammar) -> None:
        super().__init__(ScannedText(source))
        self.aliases = aliases
        self._closers = LAST_CLOSE if source.reader is None else WORD_CLOSE
        self.kind = END
        self.word = NO_WORD
        self.literal: str | None = None
        self.start = 0
        self.begin = 0                  # where the complete command being read begins
        self.keeps = False              # the text that has been read stays in the source
        self._parse = parse             # commands up to a closing parenthesis
        self.warn = warn                # (message, line)
        self.grammar = grammar
        self.in_pattern = False         # behind == in [[ ]], where they always may
        self.substitutions = 0          # how many are being read around pos
        self.substituted = 0            # process substitutions read so far
        self.enclosed = 0       # how many of them belong to commands read completely
        self.pending: list[HereDocument] = []           # bodies still to be read
        # Aliases whose values are being read, outer ones first: where each value begins, and
        # how much of the text is behind it, which no alias in the value changes.
        self._regions: dict[str, tuple[int, int]] = {}
        self._passed: dict[str, list[tuple[int, int]]] = {}     # those read: the spans of each
        self._newest = 0                # how much of the text is behind the last value
        # How much is behind values that end in a blank, outer ones first: the token behind is
        # tried as an alias, too; if it may be a reserved word there, the parser says so.
        self._blank_ends: list[int] = []
        self._candidate = -1

    # -- tokens ---------------------------------------------------------------

    def restart(self) -> None:
        """Forget the commands before pos: between two complete commands."""
        used = self.pos == len(self.text) \
            or self.pos > BLOCK and not self.keeps      # not at every command:
        if self.source.reader is not None and self.pos and used:    # a copy of the rest
            self.source = self.source.rest(self.pos)
            self.pos = 0
            self.take(ScannedText(self.source))
        self.begin = self.pos
        self.substitutions = 0          # an error may have ended them
        self._regions.clear()
        self._passed.clear()
        self._blank_ends.clear()
        self._candidate = -1
        self.not_arithmetic.clear()
        self.started = False

    def drop_line(self) -> None:
        """After a syntax error at a prompt: drop the rest of the line it is in."""
        newline = self.text.find('\n', self.pos)
        if self.kind != '\n':
            self.pos = len(self.text) if newline < 0 else newline + 1
        self.pending.clear()

    def drop_input(self) -> None:
        """After an interrupt at a prompt: drop all that has been typed."""
        self.pos = len(self.text)
        self.pending.clear()

    def at_end(self) -> bool:
        """Whether nothing but blanks and newlines is left of a source without reader."""
        return self.source.reader is None \
            and not self.text[self.pos:self.pos + 100].strip(' \t\n') \
            and not self.text[self.pos:].strip(' \t\n')

    def advance(self) -> None:
        """Read the next token."""
        if self._blank_ends:
            self._advance_behind_alias()
            return
        chars, pos = self.chars, self.pos
        c = chars[pos]
        while c == ' ' or c == '\t':
            pos += 1
            c = chars[pos]
        if c in OPERATOR_START:
            if c == '\n' and not self.pending or c not in '()\n' \
                    and chars[pos + 1] not in NO_SINGLE:
                self.started |= c != '\n'
                self.start = pos        # an operator of one character
                self.pos = pos + 1
                self.literal = None
                self.kind = c
                return
        elif c not in NO_WORD_START:
            end = self.marks.find('\0', pos)
            if chars[end] in self._closers and c != '~':
                # A word of ordinary characters, as most are.
                self.literal = literal = chars[pos:end]
                self.word = Word(None, pos, end, literal)
            else:
                end = -1 if c == '~' and self.reads_as_bash() \
                    else self.scanned.end_of_simple(pos, self._closers)
                self.literal = None
                self.word = Word(None, pos, end, self.scanned.word_parts)
            if end > 0 and (chars[end] not in '<>(' or chars[end] != '(' != chars[end + 1]):
                self.start = pos
                self.pos = end
                self.started = True
                self.kind = WORD
                if chars[end] in '<>':
                    self._check_number()
                return
        self._advance_slowly(pos)

    def reads_groups(self) -> bool:
        """Whether @(a|b) and the like are patterns here."""
        return self.in_pattern or self.grammar.extglob

    def reads_as_bash(self) -> bool:
        """Whether text is read as in bash mode, where that makes a difference."""
        return self.grammar.bash

    def _advance_slowly(self, pos: int) -> None:
        self.pos = pos
        while True:
            text, pos = self.text, self.pos
            c = text[pos:pos + 1]
            while c == ' ' or c == '\t':
                pos += 1
                c = text[pos:pos + 1]
            if c == '#':
                newline = text.find('\n', pos)
                pos = len(text) if newline < 0 else newline
                c = text[pos:pos + 1]
            self.pos = pos
            if c == '\\' and text.startswith('\\\n', pos):
                self.pos = pos + 2
                if self.pos == len(text):
                    self.extend()
                continue
            if c or not self.extend():
                break
        self.start = pos
        if not c:
            self.kind = END
            self.literal = None
            if self.pending:
                self._read_here_documents()
            return
        if c in OPERATOR_START and (c not in '<>' or self.chars[pos + 1] != '('):
            self.literal = None
            self._read_operator(c)
            return
        self.started = True
        self.word = word = self.read_word()
        self.kind = WORD
        self.literal = word.literal()
        after = self.text[self.pos:self.pos + 1]
        if after == '<' or after == '>':
            self._check_number()

    def _check_number(self) -> None:
        """Before < or >, digits are an IO_NUMBER, `{name}` an IO_LOCATION: the variable that
        gets or has the number (XCU 2.3, rule 2 of 2.10.1)."""
        literal = self.literal or ''
        number = decimal(literal)
        if number is not None and number <= MOST_DESCRIPTOR \
                or literal[:1] == '{' and literal[-1:] == '}' and is_reference(literal[1:-1]):
            self.kind = NUMBER
            self.literal = None

    def descriptor(self) -> int | str | None:
        """Step over an IO_NUMBER or IO_LOCATION before an operator, if there is one."""
        if self.kind != NUMBER:
            return None
        text = self.word.literal() or '0'
        self.advance()
        return text if text[0] == '{' else decimal(text)

    def _read_operator(self, c: str) -> None:
        self.pos += 1
        if c == '\n':
            self.kind = c
            if self.pending:
                self._read_here_documents()
            return
        self.started = True
        if c in '()':
            self.kind = c
            return
        next_ = self.text[self.pos:self.pos + 1]
        if next_ == '\\':
            self.skip_continuations()
            next_ = self.text[self.pos:self.pos + 1]
        two = c + next_
        if two not in OPERATORS and (two != '&>' or self.grammar.posix):
            self.kind = c
            return
        self.pos += 1
        self.kind = two
        if two == '<<' or two == ';;' or two == '&>':
            self.skip_continuations()
            three = two + self.text[self.pos:self.pos + 1]
            if three in LONG_OPERATORS:
                self.pos += 1
                self.kind = three

    def assignment(self) -> Assignment | None:
        """The assignment that the current word is (XCU 2.10.2, rule 7)."""
        chars, start, end = self.chars, self.start, self.pos
        equals = chars.find('=', start, end)
        name = chars[start:equals] if equals > start else ''
        named = name != '' and is_name(name)
        if not named:
            if chars.find('[', start, end) > 0:
                from minishell.syntax.arrays import element_assignment
                element = element_assignment(self)
                if element is not None:
                    return element
            if name[-1:] != '+' and '\\\n' not in name:
                return None
        if chars[end] == '(':
            from minishell.syntax.arrays import compound_assignment
            return compound_assignment(self)
        literal = self.literal
        if named and literal is not None and len(literal) == end - start and '~' not in literal:
            text = chars[equals + 1:end]        # not taken apart before it is expanded
            value = Word(None if text else (), equals + 1, end, text)
        elif named and literal is None and self.word.later:
            value = Word(None, equals + 1, end, self.scanned.value_parts)
        else:
            return assignment_of(self.word, 2 * name.count('\\\n'))
        return Assignment(name, value, start)

    def at_word(self) -> bool:
        """Whether the current token is a word."""
        return self.kind == WORD

    def at_end_of_file(self) -> bool:
        """Whether there is no token any more."""
        return self.kind == END

    def describe(self) -> str:
        """The current token as messages show it."""
        if self.kind == '\n':
            return 'newline'
        if self.kind == END:
            return END
        return self.text[self.start:self.pos]

    # -- process substitutions ---------------------------------------------------

    def read_process_substitution(self, parts: list[Part]) -> bool:
        """Append the `<(list)` or `>(list)` of bash at pos; false if there is none."""
        start = self.pos
        operator = self.text[start:start + 2]
        if operator != '<(' and operator != '>(':
            return False
        self.pos += 2
        body = self.parse_substitution(start)
        self.substituted += 1
        parts.append(ProcessSubstitution(operator[0], body, self.source, start, self.pos))
        return True

    def enclosing(self, command: Command) -> Command:
        """A command around the process substitutions in its words."""
        self.enclosed = self.substituted
        return SubstitutingCommand(command)

    # -- what is inside words -------------------------------------------------

    def parse_substitution(self, start: int) -> CommandList:
        """Parse commands from pos up to and over the closing parenthesis."""
        token = self.kind, self.word, self.literal, self.start
        outer, self.pending = self.pending, []
        in_body, self.in_body = self.in_body, False
        self.substitutions += 1
        body = self._parse(self, start)
        self.substitutions -= 1
        self.in_body = in_body
        self.pending = self.pending + outer         # bodies that come after this line
        self.kind, self.word, self.literal, self.start = token
        return body

    def read_arithmetic(self, start: int) -> ArithmeticExpansion | None:
        """Read `$((…))` at start; None if it turns out to be commands, whose here-documents are
        announced when they are read as such."""
        pending = self.pending
        arithmetic = super().read_arithmetic(start)
        if arithmetic is None:
            self.pending = pending
        return arithmetic

    def nested(self, text: str, line: int, places: Places, whole: bool) -> Lexer:
        """A lexer like this one over text taken out of the source, all of it or not."""
        source = type(self.source)(text, self.source.name, line)
        source.outer, source.places = self.source, places
        lexer = type(self)(source, self.aliases, self._parse, self.warn, self.grammar)
        lexer.whole = whole or self.whole
        return lexer

    def parse_nested(self, text: str, line: int, places: Places) -> tuple[CommandList, Source]:
        """Parse text taken out of the source (backquotes) to its end.  As in bash and yash,
        an error in it is one of the substitution: of its subshell, when it runs."""
        lexer = self.nested(text, line, places, True)
        try:
            return self._parse(lexer, -1), lexer.source
        except ShellSyntaxError:
            if self.grammar.strict:
                raise
        return CommandList((MalformedText(text, 0, len(text)),)), lexer.source

    # -- aliases ----------------------------------------------------------------

    def substitute_alias(self) -> bool:
        """Replace the current word by its alias's value, if it is one; then the current
        token is the first of the value."""
        name = self.literal
        if name is None or name not in self.aliases:
            return False
        start, end = self.start, self.pos
        if self._comes_from(name, start):
            return False
        value = self.aliases[name]
        blank = value[-1:] in (' ', '\t') and value != ''
        joins = self.text[end:end + 1] in OPERATOR_START - {'\n'}
        spliced = value + ' ' if joins else value   # no operator across the alias's end
        self._newest = behind = len(self.text) - end
        self._regions.pop(name, None)
        self._regions[name] = start, behind
        if blank:
            self._blank_ends.append(behind)
        self.source.splice(start, end, spliced)
        self.take(self.scanned.changed(self.source, start, end))
        self.not_arithmetic.clear()
        self.pos = start
        self.advance()
        return True

    def _comes_from(self, name: str, start: int) -> bool:
        """Whether what stands at start comes from the value of this alias."""
        regions, size = self._regions, len(self.text)
        while regions:
            inner, (first, behind) = regions.popitem()
            if start < size - behind:
                regions[inner] = first, behind
                break
            self._passed.setdefault(inner, []).append((first, size - behind))
        if name in regions:
            return regions[name][0] <= start
        for first, last in reversed(self._passed.get(name, ())):
            if first <= start:          # text may be read twice: `$((` that is no arithmetic
                return start < last
        return False

    def extend(self, until: Sequence[str] = ()) -> bool:
        """Get more text behind what there is (WordReader.extend)."""
        before = len(self.text)
        if self.source.reader is None or not super().extend(until):
            return False
        more = len(self.text) - before
        for name, (first, behind) in self._regions.items():
            self._regions[name] = first, behind + more
        self._newest += more
        self._blank_ends = [behind + more for behind in self._blank_ends]
        return True

    def _advance_behind_alias(self) -> None:
        """Read the next token; it may be the one behind a value that ends in a blank."""
        self._advance_slowly(self.pos)
        ends, left = self._blank_ends, len(self.text) - self.start
        if ends and ends[-1] >= left:
            while ends and ends[-1] >= left:
                ends.pop()
            self._candidate = self.start
            while self.literal not in RESERVED_WORDS and self.substitute_next_alias():
                pass

    def is_reserved(self) -> bool:
        """Whether the current word is a reserved word before it is an alias: in POSIX mode,
        as in other shells (XCU 2.3.1 leaves it open; in bash the alias comes first)."""
        return self.literal in RESERVED_WORDS and self.grammar.posix

    def substitute_next_alias(self) -> bool:
        """Substitute the word behind an alias whose value ends in a blank, if this is it."""
        if self._candidate != self.start or not self.substitute_alias():
            return False
        if self.start < len(self.text) - self._newest:
            self._candidate = self.start    # the value's first word may be an alias, too
        return True

    # -- here-documents -----------------------------------------------------------

    def _read_here_documents(self) -> None:
        """Read the bodies of the pending here-documents, at the line behind pos."""
        from minishell.syntax.here_documents import read_body
        pending, self.pending = self.pending, []
        for node in pending:
            read_body(self, node)
