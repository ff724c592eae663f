"""Which of many names another one is likely meant to be: slips of the pen, weighed."""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SLIP = 4                # a letter too many, too few, another one
SMALL = 3               # two letters exchanged; one typed twice, or once instead
CASE = 1                # a capital letter, or none
LIMITS = ((5, SLIP), (7, 2 * SMALL))    # up to so many letters no more than this
MOST = 3                # names that are as near


def alike(name: str, others: Iterable[str]) -> list[str]:
    """The names that are nearest, as long as they are near, in their order but for those that
    begin with the name: they come first.  None if the name is among them."""
    if len(name) < 2:
        return []
    limit = next((most for length, most in LIMITS if len(name) <= length), 2 * SLIP)
    letters = set(name.lower())
    found: dict[str, int] = {}
    for other in others:
        if other == name:
            return []
        if abs(len(other) - len(name)) <= limit // SLIP and other not in found \
                and len(letters ^ set(other.lower())) <= limit // 2:
            far = distance(name, other, limit)
            if far <= limit and far < SLIP * len(other):
                found[other] = far
    best = min(found.values(), default=0)
    nearest = [other for other, far in found.items() if far == best]
    nearest.sort(key=lambda other: not other.startswith(name))      # the end may be missing
    return nearest[:MOST]


def distance(name: str, other: str, limit: int) -> int:
    """How far a name is from another; above the limit, by how much is not said.

    The usual table (Damerau, Levenshtein): row by row the cost of what begins each of them.
    """
    once = _costs(name), _costs(other)
    before: list[int] = []
    row = [0]
    for cost in once[1]:
        row.append(row[-1] + cost)
    for i, c in enumerate(name):
        earlier, before = before, row
        row = [before[0] + once[0][i]]
        for j, d in enumerate(other):
            if c == d:
                row.append(before[j])
                continue
            change = CASE if c.lower() == d.lower() else SLIP
            cost = min(before[j] + change, before[j + 1] + once[0][i], row[j] + once[1][j])
            if i and j and c == other[j - 1] and d == name[i - 1]:
                cost = min(cost, earlier[j - 1] + SMALL)
            row.append(cost)
        if min(min(row), min(before)) > limit:      # two letters exchanged: from before
            return limit + 1
    return row[-1]


def _costs(name: str) -> list[int]:
    """What it costs to leave out each letter."""
    return [SMALL if at and c == name[at - 1] else SLIP for at, c in enumerate(name)]
