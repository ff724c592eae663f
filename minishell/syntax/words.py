"""Quoting and the inside of words (XCU 2.2, 2.6): text -> parts.

WordReader reads one word at `pos` and knows nothing of tokens.  Runs of ordinary characters
are found by one `str.find` in `marks`, a copy of the text in which every character that may
end a run is a NUL (`str.translate` makes it at about 1 ns a character; importing `re` would
cost as much as starting Python).
"""
from __future__ import annotations

from minishell.errors import ShellSyntaxError
from minishell.syntax.names import (
    DIGITS,
    EVERY,
    NAME,
    NAME_START,
    SPECIAL_PARAMETERS,
    assignment_tildes,
    grow_literal,
    is_name,
    with_tilde,
)
from minishell.syntax.nodes import (
    ArithmeticExpansion,
    CommandSubstitution,
    DoubleQuoted,
    Escaped,
    Literal,
    ParameterExpansion,
    SingleQuoted,
    Word,
)
from minishell.syntax.source import marked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from minishell.syntax.nodes import CommandList, Part
    from minishell.syntax.source import Places, Source

WORD_MARKS = str.maketrans(dict.fromkeys(' \t\n|&;<>()$`\\"\'', '\0'))
QUOTE_MARKS = str.maketrans(dict.fromkeys('$`\\"', '\0'))
WORD_CLOSE = frozenset(' \t\n|&;<>()')
WORD_END = WORD_CLOSE.union(('', '\0'))
LAST_CLOSE = WORD_CLOSE.union('\0')        # of a text that nothing can come behind


class ScannedText:
    """A text and what finds the way in it; reads words whose end is known already."""

    __slots__ = ('source', 'text', 'chars', 'marks', '_quote_marks')

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.chars = self.text + '\0'   # what any offset up to the end may index
        self.marks = marked(self.chars, WORD_MARKS)
        self._quote_marks = ''

    @property
    def quote_marks(self) -> str:
        """The characters with those marked that mean something in double-quotes."""
        if not self._quote_marks:
            self._quote_marks = marked(self.chars, QUOTE_MARKS)
        return self._quote_marks

    def changed(self, source: Source, start: int, end: int) -> ScannedText:
        """The text of a source where something else stands from start to end."""
        changed = ScannedText.__new__(ScannedText)
        changed.source, changed.text = source, source.text
        changed.chars = source.text + '\0'
        behind = self.marks[end:]
        new = changed.chars[start:len(changed.chars) - len(behind)]
        changed.marks = self.marks[:start] + marked(new, WORD_MARKS) + behind
        changed._quote_marks = ''
        return changed

    def word_parts(self, pos: int) -> tuple[Part, ...]:
        """The parts of the word at pos, which holds no commands."""
        reader = WordReader(self, pos)
        return reader.read_word().parts

    def value_parts(self, pos: int) -> tuple[Part, ...]:
        """The parts of an assignment's value at pos, which holds no commands."""
        reader = WordReader(self, pos)
        parts = reader.read_parts('')
        return tuple(assignment_tildes(parts) if '~' in self.text[pos:reader.pos] else parts)

    def end_of_simple(self, pos: int, closers: frozenset[str]) -> int:
        """The end of the word at pos, before one of the closers; -1 if that is not certain
        without reading it: it holds commands, arithmetic or backslashes, or is not complete."""
        chars, find = self.chars, self.marks.find
        while True:
            pos = find('\0', pos)
            c = chars[pos]
            if c in closers:
                return pos
            if c == '"':
                close = chars.find('"', pos + 1)
                if not _is_simple(chars[pos + 1:close]):
                    return -1
            elif c == "'":
                close = chars.find("'", pos + 1)
            elif c == '$':
                close = pos + 1
                c = chars[close]
                if c == '{':
                    close = chars.find('}', pos)
                    if find('\0', pos + 2) < close \
                            or chars.count('[', pos, close) != chars.count(']', pos, close):
                        return -1
                elif c not in NAME and c not in SPECIAL_PARAMETERS:
                    return -1
            else:
                return -1
            if close < 0:
                return -1
            pos = close + 1


def _is_simple(text: str) -> bool:
    """Whether a double-quoted text ends at the next quote, with no commands in it."""
    if '\\' in text or '`' in text:
        return False
    if '$' not in text:
        return True
    if '$(' in text or "'" in text and '${' in text:     # in ${x%'}'} quotes are special
        return False
    depth = 0
    for piece in text.split('${')[1:]:
        depth += 1 - piece.count('}')
        if depth < 0:
            depth = 0
        if '[' in piece and piece.count('[', 0, piece.find('}')) != piece.count(
                ']', 0, piece.find('}')):       # a subscript that goes on behind the brace
            return False
    return not depth


class WordReader:
    """Reads words; the lexer adds tokens, and `parse_substitution` the commands inside."""

    started = False                     # inside a command: a prompt shows PS2
    whole = False                       # no more text can come: the inside of backquotes
    in_body = False                     # in a here-document, where $'…' is none

    def __init__(self, text: ScannedText, pos: int = 0) -> None:
        self.source = text.source
        self.take(text)
        self.pos = pos
        self.not_arithmetic: set[int] = set()   # where `$((` starts a $( and a subshell

    # -- text ---------------------------------------------------------------

    def take(self, text: ScannedText) -> None:
        """Read from this text from now on."""
        self.scanned = text
        self.text, self.chars, self.marks = text.text, text.chars, text.marks

    def extend(self, until: Sequence[str] = ()) -> bool:
        """Get more text behind what there is, `until` what holds one of these if there
        are any; false at the end of input."""
        if not self.source.extend(self.started, until):
            return False
        end = len(self.text)
        self.take(self.scanned.changed(self.source, end, end))
        return True

    def error(self, message: str, pos: int, opened: int = -1,
              incomplete: bool = False) -> ShellSyntaxError:
        """A syntax error at `pos`, in a construct opened at `opened`."""
        error = ShellSyntaxError(message, pos, self.source.line_of(pos), self.source.name,
                                 opened, incomplete and not self.whole)
        error.source = self.source.text
        return error

    def unclosed(self, what: str, wanted: str, opened: int) -> ShellSyntaxError:
        """The error for a quote or substitution that the end of input left open."""
        return self.error(f"unexpected EOF while looking for matching `{wanted}'"
                          f' (to close the {what} opened here)', opened, opened, True)

    def fail(self, error: ShellSyntaxError) -> None:
        """What is wrong ends the reading; a partial parser notes it, and goes on as if what
        is missing stood there."""
        raise error

    def find_or_extend(self, wanted: str, start: int, what: str, opened: int) -> int:
        """The offset of `wanted`, which ends what is opened, at or behind start; reads more
        text as needed."""
        found = self.text.find(wanted, start)
        while found < 0:
            length = len(self.text)
            if not self.extend(wanted):
                self.fail(self.unclosed(what, wanted, opened))
                return length
            found = self.text.find(wanted, length)
        return found

    def skip_continuations(self) -> None:
        """Step over line continuations at pos (XCU 2.2.1)."""
        while self.text.startswith('\\\n', self.pos):
            self.pos += 2
            if self.pos == len(self.text):
                self.extend()

    # -- words --------------------------------------------------------------

    def read_word(self) -> Word:
        """Read the word at pos; it may be empty only if nothing stands there."""
        start = self.pos
        parts = self.read_parts('')
        if parts and self.text[start] == '~':
            parts = with_tilde(parts, self.reads_as_bash())
        return Word(tuple(parts), start, self.pos)

    def read_parts(self, closer: str) -> list[Part]:
        """Read unquoted parts up to the end of the word, or to `closer` in braces."""
        parts: list[Part] = []
        while True:
            text, pos = self.text, self.pos
            end = self.marks.find('\0', pos)
            if closer:
                stop = text.find(closer, pos, end)
                if stop >= 0:
                    end = stop
            if end > pos:
                if parts and type(parts[-1]) is Literal:
                    grow_literal(parts, text[pos:end], pos, end)
                else:
                    parts.append(Literal(text[pos:end], pos, end))
                self.pos = end
            c = text[end:end + 1]
            if c == '(' and closer != '}' and end > pos and text[end - 1] in '?*+@!' \
                    and self.reads_groups():
                self.read_group(parts)
                continue
            if c == closer if closer else c in WORD_END:
                if closer or c not in '<>' or not self.read_process_substitution(parts):
                    return parts
                continue
            if c == '"':
                parts.append(self.read_double_quoted())
            elif c == '$':
                self.read_dollar(parts, False)
            elif c == "'":
                self.read_single_quoted(parts)
            elif c == '\\':
                self.read_backslash(parts)
            elif c == '`':
                parts.append(self.read_backquoted(False))
            elif c:                     # a blank or operator inside braces
                grow_literal(parts, c, end, end + 1)
                self.pos = end + 1
            elif not self.extend():
                return parts            # the caller says what is unclosed

    def reads_groups(self) -> bool:
        """Whether @(a|b) and the like are patterns; the lexer knows."""
        return False

    def reads_as_bash(self) -> bool:
        """Whether text is read as in bash mode; the lexer knows."""
        return False

    def read_group(self, parts: list[Part]) -> None:
        """The parentheses of a group at pos, behind its first character."""
        opened = self.pos
        depth = 0
        while True:
            for part in self.read_parts(')'):
                if type(part) is Literal:
                    depth += part.text.count('(') - part.text.count(')')
                    grow_literal(parts, part.text, part.pos, part.end)
                else:
                    parts.append(part)
            if self.text[self.pos:self.pos + 1] != ')':
                self.fail(self.unclosed('pattern', ')', opened))
                return
            self.pos += 1
            grow_literal(parts, ')', self.pos - 1, self.pos)
            depth -= 1
            if not depth:
                return

    def read_single_quoted(self, parts: list[Part]) -> None:
        """Single-quotes, from the opening one on (XCU 2.2.2)."""
        close = self.find_or_extend("'", self.pos + 1, 'single-quoted string', self.pos)
        parts.append(SingleQuoted(self.text[self.pos + 1:close], self.pos, close + 1))
        self.pos = close + 1

    def read_backslash(self, parts: list[Part]) -> None:
        """An unquoted backslash: quotes the next character, or joins lines (XCU 2.2.1)."""
        c = self.text[self.pos + 1:self.pos + 2]
        if c == '\n':
            self.pos += 2
            if self.pos == len(self.text):
                self.extend()
            return
        end = self.pos + 2 if c else self.pos + 1
        parts.append(Escaped(c or '\\', self.pos, end))
        self.pos = end

    def read_double_quoted(self, escapable: str = '"') -> DoubleQuoted:
        """Double-quotes, from the opening one on (XCU 2.2.3)."""
        opened = self.pos
        self.pos += 1
        parts = self.read_quoted_parts('"', escapable)
        if self.text[self.pos:self.pos + 1] == '"':
            self.pos += 1
        else:
            self.fail(self.unclosed('double-quoted string', '"', opened))
        return DoubleQuoted(tuple(parts), opened, self.pos)

    def read_quoted_parts(self, closer: str, escapable: str) -> list[Part]:
        """Parts as inside double-quotes, up to `closer` or the end of input.

        closer is '"', '}' (the word of an expansion inside double-quotes) or '' (a
        here-document); a backslash quotes $ ` \\ newline and the characters `escapable`.
        """
        parts: list[Part] = []
        hiding = closer == '}' and self.reads_as_bash()
        hidden = -1                     # where a quote ends that hides braces
        while True:
            text, pos = self.text, self.pos
            end = self.scanned.quote_marks.find('\0', pos)
            if closer == '}':
                stop = text.find('}', max(pos, hidden), end)
                if stop >= 0:
                    end = stop
                if hiding and pos > hidden and (quote := text.find("'", pos, end)) >= 0:
                    end = quote
            if end > pos:
                if parts and type(parts[-1]) is Literal:
                    grow_literal(parts, text[pos:end], pos, end)
                else:
                    parts.append(Literal(text[pos:end], pos, end))
                self.pos = end
            c = text[end:end + 1]
            if c and c == closer:
                return parts
            if c == '$':
                behind = text[end + 1:end + 2] if hiding and end > hidden else ''
                self.read_dollar(parts, behind != '"' and (behind != "'" or self.in_body))
            elif c == '\\':
                self._read_quoted_backslash(parts, escapable)
            elif c == '`':
                parts.append(self.read_backquoted(bool(closer) and '"' in escapable))
            elif c == '"' and closer == '}' and '"' in escapable:
                if end < hidden:
                    self.pos = end + 1      # a character that bash removes
                else:
                    parts.append(self.read_double_quoted(EVERY))     # as in bash and ksh
            elif c == "'" and hiding:
                hidden = self._end_of_hidden(end)
                grow_literal(parts, c, end, end + 1)
                self.pos = end + 1
            elif c:
                grow_literal(parts, c, end, end + 1)
                self.pos = end + 1
            elif not self.extend('$`\\"}'):
                return parts

    def _end_of_hidden(self, opened: int) -> int:
        """Where the single-quotes end that hide braces: one quote alone in a here-document
        hides none."""
        if self.in_body:
            return self.text.find("'", opened + 1)
        return self.find_or_extend("'", opened + 1, 'single-quoted string', opened)

    def _read_quoted_backslash(self, parts: list[Part], escapable: str) -> None:
        start = self.pos
        c = self.text[start + 1:start + 2]
        self.pos += 2 if c else 1
        if c == '\n':
            if self.pos == len(self.text):
                self.extend()
        elif c and (c in '$`\\' or c in escapable):
            parts.append(Escaped(c, start, self.pos))
        else:
            grow_literal(parts, '\\' + c, start, self.pos)

    # -- expansions -----------------------------------------------------------

    def read_dollar(self, parts: list[Part], quoted: bool) -> None:
        """A dollar sign: append the expansion it starts, or itself (XCU 2.6)."""
        start = self.pos
        self.pos = pos = start + 1
        text = self.text
        c = text[pos:pos + 1]
        if c == '\\':
            self.skip_continuations()
            text, pos = self.text, self.pos
            c = text[pos:pos + 1]
        if c in NAME_START and c:
            name = self.read_name()
            parts.append(ParameterExpansion(name, '', None, start, self.pos))
        elif c == '{':
            from minishell.syntax.parameters import read_braced
            parts.append(read_braced(self, start, quoted))
        elif c == '(':
            self.pos = pos + 1
            self.skip_continuations()
            if self.text[self.pos:self.pos + 1] == '(' \
                    and start not in self.not_arithmetic:
                arithmetic = self.read_arithmetic(start)
                if arithmetic is not None:
                    parts.append(arithmetic)
                    return
            parts.append(self.read_substitution(start))
        elif c and (c in DIGITS or c in SPECIAL_PARAMETERS):
            self.pos = pos + 1
            parts.append(ParameterExpansion(c, '', None, start, pos + 1))
        elif c == "'" and not quoted:
            from minishell.syntax.dollarquote import read_dollar_single_quoted
            parts.append(read_dollar_single_quoted(self))
        elif c == '[':
            from minishell.syntax.parameters import read_bracketed
            parts.append(read_bracketed(self, start))
        elif c != '"' or quoted:        # $"…" is "…": there are no translations here
            grow_literal(parts, '$', start, start + 1)

    def read_name(self) -> str:
        """The name at pos, which starts with a letter or underscore."""
        text, start = self.text, self.pos
        end = self.marks.find('\0', start)
        if self.chars[end] != '\\' and is_name(text[start:end]):
            self.pos = end              # the whole run of ordinary characters, most often
            return text[start:end]
        pos = start + 1
        while text[pos:pos + 1] in NAME and pos < len(text):
            pos += 1
        self.pos = pos
        if text.startswith('\\\n', pos):        # a line continuation inside the name
            self.skip_continuations()
            if self.text[self.pos:self.pos + 1] in NAME and self.pos < len(self.text):
                return text[start:pos] + self.read_name()
        return text[start:pos]

    def read_parameter(self) -> str:
        """The parameter at pos inside braces; '' if there is none (XCU 2.5)."""
        self.skip_continuations()
        text, pos = self.text, self.pos
        c = text[pos:pos + 1]
        if not c:
            return ''
        if c in NAME_START:
            return self.read_name()
        if c in SPECIAL_PARAMETERS:
            self.pos = pos + 1
            return c
        end = pos
        while text[end:end + 1] in DIGITS and end < len(text):
            end += 1
        self.pos = end
        return text[pos:end]

    def read_substitution(self, start: int) -> CommandSubstitution:
        """`$(list)`, with pos behind the parenthesis (XCU 2.6.3)."""
        body = self.parse_substitution(start)
        return CommandSubstitution(body, False, self.source, start, self.pos)

    def read_process_substitution(self, parts: list[Part]) -> bool:
        """Append the process substitution at pos; false if there is none."""
        return False

    def parse_substitution(self, start: int) -> CommandList:
        """Parse commands from pos up to and over the closing parenthesis."""
        raise NotImplementedError

    def parse_nested(self, text: str, line: int, places: Places) -> tuple[CommandList, Source]:
        """Parse text taken out of the source (backquotes) to its end."""
        raise NotImplementedError

    def read_backquoted(self, quoted: bool) -> CommandSubstitution:
        """Backquotes, from the opening one on; a backslash quotes $ ` and itself."""
        opened = self.pos
        pieces: list[str] = []
        pos = opened + 1
        places = [(0, pos)]             # offsets in the inside, and in the text
        size = 0
        while True:
            close = self.find_or_extend('`', pos, 'command substitution', opened)
            text = self.text
            backslash = text.find('\\', pos, close)
            if backslash < 0:
                pieces.append(text[pos:close])
                break
            c = text[backslash + 1:backslash + 2]
            drop = c and c in '$`\\' or (quoted and c == '"')
            kept = c if drop else '' if c == '\n' else '\\' + c
            pieces.append(text[pos:backslash] + kept)
            size += len(pieces[-1])
            pos = backslash + 2
            if len(kept) < 2:           # nothing is left of a line continuation
                places.append((size - len(kept), pos - len(kept)))
        self.pos = close + 1
        line = self.source.line_of(opened)
        body, source = self.parse_nested(''.join(pieces), line, places)
        return CommandSubstitution(body, True, source, opened, close + 1)

    def read_arithmetic(self, start: int) -> ArithmeticExpansion | None:
        """`$((…))`, with pos at the second parenthesis; None (and pos as it was) if the
        parentheses do not match: then it is a command substitution (XCU 2.6.4)."""
        before = self.pos
        self.pos += 1
        parts: list[Part] = []
        depth = 0
        while True:
            text, pos = self.text, self.pos
            end = self.marks.find('\0', pos)
            if end > pos:
                grow_literal(parts, text[pos:end], pos, end)
            self.pos = end
            c = text[end:end + 1]
            if c == ')' and depth == 0:
                self.pos += 1
                self.skip_continuations()
                if self.text[self.pos:self.pos + 1] == ')':
                    self.pos += 1
                    return ArithmeticExpansion(tuple(parts), start, self.pos)
                if self.pos == len(self.text) and not self.extend():
                    return self._unclosed_arithmetic(parts, start)
                break
            if c == '$':
                self.read_dollar(parts, True)
            elif c == '`':
                parts.append(self.read_backquoted(True))
            elif c == '\\':
                self._read_quoted_backslash(parts, '"')
            elif c == '"':
                self.pos = end + 1      # removed, as if in double-quotes
            elif c == "'" and (close := text.find(c, end + 1)) >= 0:
                # No arithmetic has it, but commands may: a parenthesis in it does not count.
                self.pos = close + 1
                grow_literal(parts, text[end:self.pos], end, self.pos)
            elif c:
                depth += (c == '(') - (c == ')')
                grow_literal(parts, c, end, end + 1)
                self.pos = end + 1
            elif not self.extend():
                return self._unclosed_arithmetic(parts, start)
        self.pos = before
        self.not_arithmetic.add(start)  # nested ones would else be tried 2**depth times
        return None

    def _unclosed_arithmetic(self, parts: list[Part], start: int) -> ArithmeticExpansion:
        self.fail(self.unclosed('arithmetic expansion', '))', start))
        return ArithmeticExpansion(tuple(parts), start, self.pos)
