"""Names, numbers, assignments by their form, tilde-prefixes (XBD 3.216, XCU 2.6.1, 2.10.2)."""
from __future__ import annotations

from minishell.syntax.nodes import (
    Assignment,
    Literal,
    ParameterExpansion,
    TildePrefix,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.nodes import Part

CLOSING_WORDS = frozenset(('then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}', ']]'))
COMPOUND_WORDS = frozenset(('[[', '{', 'case', 'coproc', 'for', 'function', 'if', 'select',
                            'time', 'until', 'while'))
RESERVED_WORDS = CLOSING_WORDS | COMPOUND_WORDS | {'!', 'in'}
NAME_START = frozenset('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_')
NAME = NAME_START | frozenset('0123456789')
DIGITS = frozenset('0123456789')
SPECIAL_PARAMETERS = frozenset('@*#?-$!')

# Behind these words bash takes `name=(…)` for one word.
COMPOUND_OPERANDS = frozenset((
    'alias', 'declare', 'eval', 'export', 'let', 'local', 'readonly', 'typeset'))

MOST_DIGITS = 19                 # of any number below 10 ** 19, which 64 bits hold
LOW, HIGH = -1 << 63, (1 << 63) - 1     # the numbers of the shell have 64 bits with a sign
HUGE = 1 << 64                  # a number too large for every purpose
MOST_DESCRIPTOR = 0x7FFFFFFF    # that of a C int, which also a pid is


class Every(str):
    """Characters that all are in."""

    __slots__ = ()

    def __contains__(self, text: object) -> bool:
        return True


EVERY = Every()


def is_name(text: str) -> bool:
    """Whether text is a name (XBD 3.216)."""
    return text.isascii() and text.isidentifier()


def is_reference(text: str) -> bool:
    """Whether text is a name, or one with a subscript of bash."""
    if is_name(text):
        return True
    name, _, subscript = text.partition('[')
    return subscript[-1:] == ']' and len(subscript) > 1 and is_name(name)


def is_decimal(text: str) -> bool:
    """Whether text is digits; those of other scripts (`٣`) and `²` are none."""
    return text.isascii() and text.isdecimal()


def decimal(text: str) -> int | None:
    """The number that digits are, HUGE if 64 bits don't hold it; None for other text.

    Everything that may be a number in a script comes through here or `integer`: int() takes
    more than digits, and raises ValueError for more than 4,300 of them.
    """
    if not (text.isascii() and text.isdecimal()):
        return None
    if len(text) > MOST_DIGITS:
        text = text.lstrip('0') or '0'
        if len(text) > MOST_DIGITS:
            return HUGE
    return int(text)


def integer(text: str) -> int | None:
    """The number that digits are with blanks around them and a sign, as bash has it; None
    if it is none or 64 bits don't hold it."""
    text = text.lstrip(' \t\n\v\f\r').rstrip(' \t')
    number = decimal(text[1:] if text[:1] in ('+', '-') else text)
    if number is None:
        return None
    if text[0] == '-':
        number = -number
    return number if LOW <= number <= HIGH else None


def wrap(number: int) -> int:
    """Reduce to 64 bits with a sign, as the machine does."""
    return ((number - LOW) & 0xFFFFFFFFFFFFFFFF) + LOW


def append_literal(parts: list[Part], text: str, pos: int = -1, end: int = -1) -> None:
    """Append unquoted text, joined to a Literal before it."""
    if parts and type(parts[-1]) is Literal:
        parts[-1] = Literal(parts[-1].text + text, parts[-1].pos, end)
    else:
        parts.append(Literal(text, pos, end))


def grow_literal(parts: list[Part], text: str, pos: int, end: int) -> None:
    """The same where the Literal is nobody else's yet: it grows in place, and so does its text,
    as Python has it where nothing else refers to that.  (New ones for each character would
    take quadratic time.)"""
    if parts and type(parts[-1]) is Literal:
        last = parts[-1]
        grown, last.text = last.text, ''
        grown += text
        last.text, last.end = grown, end
    else:
        parts.append(Literal(text, pos, end))


def with_tilde(parts: list[Part], colon: bool = False) -> list[Part]:
    """Parts with a leading tilde-prefix made a part of its own (XCU 2.6.1); a colon ends it,
    too, in bash mode."""
    first = parts[0]
    if type(first) is not Literal or first.text[0] != '~':
        return parts
    ends = [end for end in map(first.text.find, '/:' if colon else '/') if end >= 0]
    if not ends:
        if len(parts) > 1:              # quoting or an expansion in the prefix
            return parts
        return [TildePrefix(first.text[1:], first.pos, first.end)]
    end = min(ends)
    middle = _within(first, end)
    return [TildePrefix(first.text[1:end], first.pos, middle),
            Literal(first.text[end:], middle, first.end), *parts[1:]]


def _within(part: Literal, index: int) -> int:
    """The offset of a character of a Literal, a line continuation in it left aside."""
    return -1 if part.pos < 0 else min(part.pos + index, part.end)


def assignment_of(word: Word, joined: int = 0) -> Assignment | None:
    """The assignment that a word is, by its form `name=value` (XCU 2.10.2, rule 7), or one of
    bash's, `name[subscript]=value`; so many characters of the name's are line continuations."""
    literal = word.literal()
    if literal is not None and '=' not in literal or not word.parts:
        return None                     # most words: not even taken apart
    first = word.parts[0]
    if type(first) is not Literal:
        return None
    equals = first.text.find('=')
    name = first.text[:max(equals, 0)].removesuffix('+')
    if not is_name(name):
        if '[' in first.text and is_name(first.text.partition('[')[0]):
            return _element_of(word)
        return None
    rest = first.text[equals + 1:]
    parts: list[Part] = list(word.parts[1:])
    if rest:
        parts.insert(0, Literal(rest, _within(first, equals + 1 + joined), first.end))
    start = word.pos + equals + 1 + joined
    return Assignment(name, Word(tuple(assignment_tildes(parts)), start, word.end), word.pos,
                      len(name) < equals)


def _element_of(word: Word) -> Assignment | None:
    """The assignment that a word is which begins with a name and a bracket."""
    parts = list(word.parts)
    before: list[Part] = []
    depth = 0
    for index, part in enumerate(parts):
        if not isinstance(part, Literal):
            before.append(part)
            continue
        close, depth = _closing_bracket(part.text, depth)
        if close < 0:
            before.append(part)
            continue
        if not part.text.startswith(('=', '+='), close + 1):
            return None
        append = part.text[close + 1] == '+'
        opening = before[0] if before else part
        assert isinstance(opening, Literal)     # it holds the name and the bracket
        name, _, first = opening.text.partition('[')
        if before:
            before[0] = Literal(first, word.pos + len(name) + 1, before[0].end)
            append_literal(before, part.text[:close], part.pos, _within(part, close))
        else:
            before.append(Literal(part.text[len(name) + 1:close],
                                  _within(part, len(name) + 1), _within(part, close)))
        rest = part.text[close + 2 + append:]
        start, middle = _within(part, close + 2 + append), _within(part, close)
        value: list[Part] = parts[index + 1:]
        if rest:
            value.insert(0, Literal(rest, start, part.end))
        inside = [part for part in before if type(part) is not Literal or part.text]
        return Assignment(name, Word(tuple(assignment_tildes(value)), start, word.end),
                          word.pos, append,
                          Word(tuple(inside), word.pos + len(name) + 1, middle))
    return None


def _closing_bracket(text: str, depth: int) -> tuple[int, int]:
    """Where the bracket is that closes the first one, -1 if it is not in this text; and how
    many are open behind it."""
    for index, c in enumerate(text):
        if c == '[':
            depth += 1
        elif c == ']':
            depth -= 1
            if not depth:
                return index, 0
    return -1, depth


def assignment_tildes(parts: list[Part]) -> list[Part]:
    """Parts of an assignment's value: tilde-prefixes also behind each unquoted colon."""
    parts = [_assignment_part(part) for part in parts]
    if not any(type(part) is Literal and '~' in part.text for part in parts):
        return parts
    result: list[Part] = []
    for index, part in enumerate(parts):
        if type(part) is not Literal or '~' not in part.text:
            result.append(part)
            continue
        pieces = part.text.split(':')
        behind = -1                     # index of what follows the piece
        for number, piece in enumerate(pieces):
            start = behind + 1
            behind = start + len(piece)
            if number:
                append_literal(result, ':', _within(part, start - 1), _within(part, start))
            at_start = number > 0 or index == 0
            last = number == len(pieces) - 1
            if piece.startswith('~') and at_start and not (
                    last and '/' not in piece and index < len(parts) - 1):
                slash = piece.find('/')
                prefix = len(piece) if slash < 0 else slash
                result.append(TildePrefix(piece[1:prefix], _within(part, start),
                                          _within(part, start + prefix)))
                start += prefix
                piece = piece[prefix:]
            if piece:
                append_literal(result, piece, _within(part, start),
                               part.end if last else _within(part, behind))
    return result


def _assignment_part(part: Part) -> Part:
    """A part of an assignment's value; the word inside an unquoted `${…}` is one, too."""
    if type(part) is not ParameterExpansion or part.word is None \
            or part.operator[-1] not in '-=+':
        return part
    inner = list(part.word.parts)
    if inner and type(inner[0]) is TildePrefix:         # read as in a plain word
        tilde = inner[0]
        inner[0] = Literal('~' + tilde.user, tilde.pos, tilde.end)
        if len(inner) > 1 and type(inner[1]) is Literal:
            inner[:2] = [Literal('~' + tilde.user + inner[1].text, tilde.pos, inner[1].end)]
    word = Word(tuple(assignment_tildes(inner)), part.word.pos, part.word.end)
    return ParameterExpansion(part.parameter, part.operator, word, part.pos, part.end)
