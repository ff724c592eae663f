"""Patterns with the groups of ksh and bash: ?(a|b) *(…) +(…) @(…) !(…) (`shopt -s extglob`).

A part of a pattern takes a set of places in the text to the set of those where what it
matches may end; there is nothing to backtrack into.
"""
from __future__ import annotations

from minishell.expand.pattern import CharacterSet, bracket, compile_pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from minishell.expand.pattern import Pattern

    Item: TypeAlias = 'str | CharacterSet | Group | Wildcard'

GROUP_STARTS = '?*+@!'
CACHE_SIZE = 200


class Wildcard:
    """`*`, or `?`."""

    __slots__ = ('several',)

    def __init__(self, several: bool) -> None:
        self.several = several


class Group:
    """`?(a|b)` and the others: the character before the parenthesis, and the patterns; of
    `*([0-9]|x)` and `+(…)` also what each repetition is one character of."""

    __slots__ = ('kind', 'alternatives', 'repeated')

    def __init__(self, kind: str, alternatives: list[list[Item]]) -> None:
        self.kind = kind
        self.alternatives = alternatives
        self.repeated = _of_one_character(alternatives) if kind in '*+' else None


def _of_one_character(alternatives: list[list[Item]]) -> list[str | CharacterSet] | None:
    """What matches the one character that each of the patterns is of; None if one is not."""
    found: list[str | CharacterSet] = []
    for items in alternatives:
        item = items[0] if len(items) == 1 else None
        if not isinstance(item, CharacterSet) and (not isinstance(item, str) or len(item) > 1):
            return None
        found.append(item)
    return found


def _parse(pattern: str, pos: int, closers: str, unclosed: set[int],
           ) -> tuple[list[Item], int]:
    """The parts of a pattern up to one of `closers`, and where that is, or the end.

    `unclosed`: where groups begin that nothing closes; those in them would else be tried
    2**depth times."""
    items: list[Item] = []
    while pos < len(pattern) and pattern[pos] not in closers:
        c = pattern[pos]
        pos += 1
        if c in GROUP_STARTS and pattern.startswith('(', pos) and pos not in unclosed:
            group, end = _parse_group(pattern, c, pos + 1, unclosed)
            if group is not None:
                items.append(group)
                pos = end
                continue
            unclosed.add(pos)
        if c in '*?':
            items.append(Wildcard(c == '*'))
            continue
        if c == '[':
            members, pos = bracket(pattern, pos - 1)
            if members is not None:
                items.append(members)
                continue
        elif c == '\\' and pos < len(pattern):
            c = pattern[pos]
            pos += 1
        items.append(c)
    return _joined(items), pos


def _joined(items: list[Item]) -> list[Item]:
    """The parts of a pattern, characters side by side as one text."""
    joined: list[Item] = []
    run: list[str] = []
    for item in items:
        if isinstance(item, str):
            run.append(item)
            continue
        if run:
            joined.append(''.join(run))
            run = []
        joined.append(item)
    return [*joined, ''.join(run)] if run else joined


def _parse_group(pattern: str, kind: str, pos: int, unclosed: set[int],
                 ) -> tuple[Group | None, int]:
    """The group whose inside begins at pos, and where it ends; None if it does not."""
    alternatives = []
    while True:
        items, pos = _parse(pattern, pos, '|)', unclosed)
        alternatives.append(items)
        if pos == len(pattern):
            return None, pos
        pos += 1
        if pattern[pos - 1] == ')':
            return Group(kind, alternatives), pos


class GroupPattern:
    """A pattern with groups; does what `Pattern` does."""

    __slots__ = ('items', 'literal')

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.literal = None

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        return len(text) in _Match(text, False).run(self.items, {0})

    def matches_name(self, name: str) -> bool:
        """Whether a whole file name matches; a leading period is matched by a period only."""
        return len(name) in _Match(name, name[:1] == '.').run(self.items, {0})

    def remove_prefix(self, text: str, longest: bool) -> str:
        """The text without the smallest or largest prefix that matches (XCU 2.6.2)."""
        ends = _Match(text, False).run(self.items, {0})
        return text[(max if longest else min)(ends):] if ends else text

    def remove_suffix(self, text: str, longest: bool) -> str:
        """The text without the smallest or largest suffix that matches (XCU 2.6.2)."""
        match, size = _Match(text, False), len(text)
        starts = range(size + 1) if longest else range(size, -1, -1)
        return next((text[:start] for start in starts
                     if size in match.run(self.items, {start})), text)

    def search(self, text: str, start: int) -> tuple[int, int] | None:
        """The first and longest match at `start` or behind it: where it begins and ends."""
        match = _Match(text, False)
        for begin in range(start, len(text) + 1):
            ends = match.run(self.items, {begin})
            if ends:
                return begin, max(ends)
        return None


class _Match:
    """A text that patterns are matched with; `period`: its first character, a period, is
    matched by itself alone."""

    __slots__ = ('text', 'size', 'first')

    def __init__(self, text: str, period: bool) -> None:
        self.text = text
        self.size = len(text)
        self.first = 0 if period else -1        # where no wildcard matches

    def run(self, items: list[Item], places: set[int]) -> set[int]:
        """Where the items, matched from one of these places on, may end."""
        for item in items:
            if not places:
                break
            places = self.step(item, places)
        return places

    def step(self, item: Item, places: set[int]) -> set[int]:
        """Where one item, matched from one of these places on, may end."""
        text, size, first = self.text, self.size, self.first
        if isinstance(item, str):
            return {place + len(item) for place in places if text.startswith(item, place)}
        if isinstance(item, CharacterSet):
            return {place + 1 for place in places
                    if place < size and place != first and item[text[place]]}
        if isinstance(item, Group):
            return self.group(item, places)
        if not item.several:
            return {place + 1 for place in places if place < size and place != first}
        free = [place for place in places if place != first]
        return places.union(range(min(free), size + 1)) if free else places

    def group(self, group: Group, places: set[int]) -> set[int]:
        """Where a group, matched from one of these places on, may end."""
        kind = group.kind
        if kind == '!':
            found = set()
            for place in places:
                every = range(place, self.size + 1) if place != self.first else {place}
                found |= set(every) - self.any(group, {place})
            return found
        if group.repeated is not None:
            found = self.runs(group.repeated, places)
            return found | places if kind == '*' else found
        found = self.any(group, places)
        new = found - places if kind in '*+' else set()
        while new:
            new = self.any(group, new) - found
            found |= new
        return found | places if kind in '?*' else found

    def runs(self, items: list[str | CharacterSet], places: set[int]) -> set[int]:
        """Where one or more characters may end of which each matches one of the items."""
        found: set[int] = set()
        end = -1
        for place in sorted(places):
            if place >= end:            # else the run of an earlier place goes on over it
                end = place
                while end < self.size and self.is_one(items, end):
                    end += 1
                found.update(range(place + 1, end + 1))
        return found

    def is_one(self, items: list[str | CharacterSet], place: int) -> bool:
        """Whether the character there matches one of the items."""
        c = self.text[place]
        for item in items:
            if item == c if isinstance(item, str) else place != self.first and item[c]:
                return True
        return False

    def any(self, group: Group, places: set[int]) -> set[int]:
        """Where one of the patterns of a group may end."""
        return {end for items in group.alternatives for end in self.run(items, places)}


_compiled: dict[str, Pattern | GroupPattern] = {}


def compile_groups(pattern: str) -> Pattern | GroupPattern:
    """The compiled form of pattern text that may hold groups."""
    found = _compiled.get(pattern)
    if found is None:
        if len(_compiled) >= CACHE_SIZE:
            _compiled.clear()
        items = _parse(pattern, 0, '', set())[0]
        found = GroupPattern(items) if any(type(item) is Group for item in items) \
            else compile_pattern(pattern)
        _compiled[pattern] = found
    return found
