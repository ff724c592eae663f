"""Pattern matching notation (XCU 2.14): `case`, `${x#pattern}`, pathname expansion.

*Pattern text* is a str in which a backslash quotes the next character.  Everything but `*`
matches exactly one character, so a pattern is a list of fixed-length segments with a star
between each two; the leftmost fit of each segment is always right, and there is nothing to
backtrack into.  No `re`: importing it costs more than most scripts ever match.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SPECIAL = frozenset('*?[]\\-!^:.=()|+@')
QUOTING = str.maketrans({c: '\\' + c for c in SPECIAL})
CACHE_SIZE = 512
LONGEST_NAME = 64       # of classes and collating elements: no more is searched for their end

# Character classes as glibc has them in UTF-8 locales (XBD 7.3.1), but for combining marks
# and format characters; digits of other scripts are letters, no-break spaces punctuation.
NO_BREAK = '\xa0\u2007\u202f'
CLASSES: dict[str, Callable[[str], bool]] = {
    'alnum': lambda c: c.isalpha() or c.isdecimal(),
    'alpha': lambda c: c.isalpha() or (c.isdecimal() and c > '\x7f'),
    'ascii': str.isascii,
    'blank': lambda c: c == '\t' or CLASSES['space'](c) and not CLASSES['cntrl'](c),
    'cntrl': lambda c: c < ' ' or '\x7f' <= c < '\xa0' or c in '\u2028\u2029',
    'digit': lambda c: '0' <= c <= '9',
    'graph': lambda c: c.isprintable() and c != ' ' or c in NO_BREAK,
    'lower': str.islower,
    'print': lambda c: CLASSES['graph'](c) or CLASSES['space'](c) and not CLASSES['cntrl'](c),
    'punct': lambda c: CLASSES['graph'](c) and not CLASSES['alnum'](c),
    'space': lambda c: c.isspace() and c not in NO_BREAK and not '\x1c' <= c <= '\x1f'
    and c != '\x85',
    'upper': str.istitle,
    'word': lambda c: c == '_' or CLASSES['alnum'](c),
    'xdigit': lambda c: c in '0123456789abcdefABCDEF',
}


# -- pattern text -----------------------------------------------------------------------


def quote(text: str) -> str:
    """Pattern text that matches exactly `text` (XCU 2.14.1, quoting)."""
    return text if SPECIAL.isdisjoint(text) else text.translate(QUOTING)


def unquote(pattern: str) -> str:
    """The text a pattern without special characters stands for."""
    if '\\' not in pattern:
        return pattern
    pieces = []
    start = 0
    while True:
        at = pattern.find('\\', start)
        if at < 0 or at == len(pattern) - 1:        # a lone backslash stands for itself
            pieces.append(pattern[start:])
            return ''.join(pieces)
        pieces.append(pattern[start:at] + pattern[at + 1])
        start = at + 2


def has_magic(text: str) -> bool:
    """Whether pattern text holds an unquoted `*`, `?` or `[` (XCU 2.14.3)."""
    if '*' not in text and '?' not in text and '[' not in text:
        return False
    if '\\' not in text:
        return True
    quoted = False
    for c in text:
        if quoted:
            quoted = False
        elif c == '\\':
            quoted = True
        elif c in '*?[':
            return True
    return False


# -- bracket expressions ----------------------------------------------------------------


class CharacterSet(dict[str, bool]):
    """What a bracket expression matches: `self[c]`, computed once per character."""

    __slots__ = ('members', 'ranges', 'classes', 'negated')

    def __init__(self, members: set[str], ranges: list[tuple[str, str]],
                 classes: list[Callable[[str], bool]], negated: bool) -> None:
        super().__init__(dict.fromkeys(members, not negated))
        self.members = frozenset(members)
        self.ranges = ranges
        self.classes = classes
        self.negated = negated

    def __missing__(self, c: str) -> bool:
        found = any(low <= c <= high for low, high in self.ranges) \
            or any(belongs(c) for belongs in self.classes)
        self[c] = found is not self.negated
        return self[c]

    @property
    def listed(self) -> bool:
        """Whether `members` is all there is to it."""
        return not self.ranges and not self.classes


def bracket(pattern: str, start: int) -> tuple[CharacterSet | None, int]:
    """The bracket expression whose `[` is at start, and where it ends (XBD 9.3.5).

    None if it is not closed: then `[` is an ordinary character.
    """
    size = len(pattern)
    pos = start + 1
    negated = pattern.startswith(('!', '^'), pos)
    if negated:
        pos += 1
    first = pos
    if pattern.find(']', first + 1) < 0:    # the usual `[` that nothing closes
        return None, start + 1
    members: set[str] = set()
    ranges: list[tuple[str, str]] = []
    classes: list[Callable[[str], bool]] = []
    while pos < size:
        if pattern[pos] == ']' and pos > first:
            return CharacterSet(members, ranges, classes, negated), pos + 1
        kind, low, pos = _bracket_element(pattern, pos)
        if kind == ':':
            if low in CLASSES:              # one that does not exist has no members
                classes.append(CLASSES[low])
        elif kind != '=' and pattern.startswith('-', pos) \
                and not pattern.startswith(']', pos + 1):
            kind, high, after = _bracket_element(pattern, pos + 1)
            if kind in (':', '='):          # not an end of a range: the `[` is
                high, after = '[', pos + 2
            pos = after
            _add_range(low, high, members, ranges)
        else:
            members.update(low)
    return None, start + 1


def _bracket_element(pattern: str, pos: int) -> tuple[str, str, int]:
    """One element of a bracket expression: kind, text, where it ends.

    The kind is ':' for a class, '=' for an equivalence class, '.' for any other character;
    the text is empty for a collating element that no locale here has.
    """
    c = pattern[pos:pos + 1]
    kind = pattern[pos + 1:pos + 2]
    if c == '\\' and kind:
        return '.', kind, pos + 2
    if c == '[' and kind and kind in ':.=':
        end = pattern.find(kind + ']', pos + 2, pos + 2 + LONGEST_NAME)
        name = pattern[pos + 2:end]
        plain = name.replace('-', 'a').isalnum()
        if end < 0:
            pass
        elif kind == ':':
            if plain or not name:
                return ':', name, end + 2
        elif len(name) == 1 or name[:1] == '\\' and len(name) == 2:
            return kind, name[-1], end + 2
        elif kind == '.' and plain:
            from minishell.expand.collating import character
            return '.', character(name), end + 2
    return '.', c, pos + 1


def _add_range(low: str, high: str, members: set[str],
               ranges: list[tuple[str, str]]) -> None:
    if not low or not high or low > high:       # XBD 9.3.5: undefined; no members
        return
    if ord(high) - ord(low) < 256:
        members.update(map(chr, range(ord(low), ord(high) + 1)))
    else:
        ranges.append((low, high))


# -- segments -----------------------------------------------------------------------------


class LiteralSegment:
    """A run of ordinary characters, perhaps empty."""

    __slots__ = ('text', 'length')

    def __init__(self, text: str) -> None:
        self.text = text
        self.length = len(text)

    def fits(self, text: str, pos: int) -> bool:
        """Whether it matches at pos; pos + length is within the text."""
        return text.startswith(self.text, pos)

    def find(self, text: str, start: int, end: int) -> int:
        """The leftmost match within text[start:end], or -1."""
        return text.find(self.text, start, end)

    def rfind(self, text: str, start: int, end: int) -> int:
        """The rightmost match within text[start:end], or -1."""
        return text.rfind(self.text, start, end)


class MixedSegment:
    """Ordinary characters, `?` and bracket expressions, each at its offset.

    A `?` is just a gap.  The longest literal run is looked for first.
    """

    __slots__ = ('items', 'length', 'run', 'offset')

    def __init__(self, items: list[tuple[int, str | CharacterSet]], length: int) -> None:
        self.items = items
        self.length = length
        self.run, self.offset = '', 0
        for offset, item in items:
            if isinstance(item, str) and len(item) > len(self.run):
                self.run, self.offset = item, offset

    def fits(self, text: str, pos: int) -> bool:
        """Whether it matches at pos; pos + length is within the text."""
        for offset, item in self.items:
            if isinstance(item, str):
                if not text.startswith(item, pos + offset):
                    return False
            elif not item[text[pos + offset]]:
                return False
        return True

    def find(self, text: str, start: int, end: int) -> int:
        """The leftmost match within text[start:end], or -1."""
        last = end - self.length
        if not self.run:
            for pos in range(start, last + 1):
                if self.fits(text, pos):
                    return pos
            return -1
        offset, limit = self.offset, last + self.offset + len(self.run)
        at = text.find(self.run, start + offset, max(limit, 0))
        while at >= 0:
            if self.fits(text, at - offset):
                return at - offset
            at = text.find(self.run, at + 1, limit)
        return -1

    def rfind(self, text: str, start: int, end: int) -> int:
        """The rightmost match within text[start:end], or -1."""
        last = end - self.length
        if not self.run:
            for pos in range(last, start - 1, -1):
                if self.fits(text, pos):
                    return pos
            return -1
        offset, size = self.offset, len(self.run)
        at = text.rfind(self.run, start + offset, max(last + offset + size, 0))
        while at >= 0:
            if self.fits(text, at - offset):
                return at - offset
            at = text.rfind(self.run, start + offset, at + size - 1)
        return -1


Segment = LiteralSegment | MixedSegment


def _segments(pattern: str) -> list[Segment]:
    """What stands between the stars; the first and the last may be empty."""
    segments: list[Segment] = []
    items: list[tuple[int, str | CharacterSet]] = []
    literal: list[str] = []
    length = 0                      # of the segment as far as read

    def end_literal() -> None:
        if literal:
            items.append((length - len(literal), ''.join(literal)))
            literal.clear()

    def end_segment() -> None:
        end_literal()
        if not length:
            segments.append(LiteralSegment(''))
        elif len(items) == 1 and isinstance(items[0][1], str) \
                and len(items[0][1]) == length:
            segments.append(LiteralSegment(items[0][1]))
        else:
            segments.append(MixedSegment(items.copy(), length))
        items.clear()

    pos, size = 0, len(pattern)
    while pos < size:
        c = pattern[pos]
        pos += 1
        if c == '*':
            end_segment()
            length = 0
            continue
        if c == '?':
            end_literal()
        elif c == '[':
            members, pos = bracket(pattern, pos - 1)
            if members is None:
                literal.append(c)
            else:
                end_literal()
                items.append((length, members))
        else:
            if c == '\\' and pos < size:
                c = pattern[pos]
                pos += 1
            literal.append(c)
        length += 1
    end_segment()
    return segments


# -- patterns -----------------------------------------------------------------------------


class Pattern:
    """A compiled pattern (XCU 2.14).

    `matches(text)` says whether the whole text matches; it is a plain function or str
    method, chosen once by the shape of the pattern.  `literal` is the only text matched if
    there are no special characters, else None.
    """

    __slots__ = ('matches', 'literal', '_first', '_middle', '_last')

    matches: Callable[[str], bool]

    def __init__(self, pattern: str) -> None:
        first, *rest = _segments(pattern)
        self._first = first
        self._last: Segment | None = rest.pop() if rest else None
        self._middle = [segment for segment in rest if segment.length]
        self.literal = first.text if self._last is None \
            and isinstance(first, LiteralSegment) else None
        self.matches = _matcher(first, self._middle, self._last)

    def remove_prefix(self, text: str, longest: bool) -> str:
        """The text without the smallest or largest prefix that matches (XCU 2.6.2)."""
        pos, size = self._first.length, len(text)
        if pos > size or not self._first.fits(text, 0):
            return text
        last = self._last
        if last is None:
            return text[pos:]
        for segment in self._middle:
            pos = segment.find(text, pos, size)
            if pos < 0:
                return text
            pos += segment.length
        pos = last.rfind(text, pos, size) if longest else last.find(text, pos, size)
        return text if pos < 0 else text[pos + last.length:]

    def remove_suffix(self, text: str, longest: bool) -> str:
        """The text without the smallest or largest suffix that matches (XCU 2.6.2)."""
        first = self._first
        last = first if self._last is None else self._last
        end = len(text) - last.length
        if end < 0 or not last.fits(text, end):
            return text
        if self._last is None:
            return text[:end]
        for segment in reversed(self._middle):
            end = segment.rfind(text, 0, end)
            if end < 0:
                return text
        pos = first.find(text, 0, end) if longest else first.rfind(text, 0, end)
        return text if pos < 0 else text[:pos]


    def search(self, text: str, start: int) -> tuple[int, int] | None:
        """The first and longest match at `start` or behind it: where it begins and ends."""
        size, last = len(text), self._last
        begin = self._first.find(text, start, size)
        if begin < 0:
            return None
        pos = begin + self._first.length
        if last is None:
            return begin, pos
        for segment in self._middle:
            pos = segment.find(text, pos, size)
            if pos < 0:
                return None
            pos += segment.length
        pos = last.rfind(text, pos, size)
        return None if pos < 0 else (begin, pos + last.length)


def _matcher(first: Segment, middle: list[Segment],
             last: Segment | None) -> Callable[[str], bool]:
    """The cheapest function that does what a pattern of this shape needs."""
    before = first.text if isinstance(first, LiteralSegment) else None
    if last is None:
        return _fixed_matcher(first)
    after = last.text if isinstance(last, LiteralSegment) else None
    if not middle and before is not None and after is not None:
        if not before:
            return (lambda text: text.endswith(after)) if after else (lambda text: True)
        if not after:
            return lambda text: text.startswith(before)
    if before == after == '' and len(middle) == 1:
        inner = middle[0]
        if isinstance(inner, LiteralSegment):
            part = inner.text
            return lambda text: part in text
        if inner.length == 1 and inner.items:
            members = inner.items[0][1]
            if isinstance(members, CharacterSet) and members.listed:
                chars = members.members         # *[!0-9]*: what scripts ask of numbers
                if members.negated:
                    return lambda text: not chars.issuperset(text)
                return lambda text: not chars.isdisjoint(text)
        return lambda text: inner.find(text, 0, len(text)) >= 0

    def matches(text: str) -> bool:
        pos, end = first.length, len(text) - last.length
        if end < pos or not first.fits(text, 0) or not last.fits(text, end):
            return False
        for segment in middle:
            pos = segment.find(text, pos, end)
            if pos < 0:
                return False
            pos += segment.length
        return True
    return matches


def _fixed_matcher(segment: Segment) -> Callable[[str], bool]:
    """Patterns without a star."""
    if isinstance(segment, LiteralSegment):
        return segment.text.__eq__
    length = segment.length
    if length == 1:
        if not segment.items:
            return lambda text: len(text) == 1
        members = segment.items[0][1]
        assert isinstance(members, CharacterSet)
        if members.listed and not members.negated:
            return members.members.__contains__
        return lambda text: len(text) == 1 and members[text]
    return lambda text: len(text) == length and segment.fits(text, 0)


_compiled: dict[str, Pattern] = {}


def compile_pattern(pattern: str) -> Pattern:
    """The compiled form of pattern text; the last ones are kept (XCU 2.14)."""
    found = _compiled.get(pattern)
    if found is None:
        if len(_compiled) >= CACHE_SIZE:
            _compiled.clear()
        found = _compiled[pattern] = Pattern(pattern)
    return found
