"""Texts of a picture: how wide they are, how they are cut, durations."""
from __future__ import annotations

from unicodedata import combining, east_asian_width

SIZE, SMALL, TINY = 11, 9.5, 8.5        # of letters, in pixels
ADVANCE = 0.6021        # of a letter of a monospaced font, by its size


def measured(text: str, size: float) -> float:
    """The width of a text in a monospaced font, in pixels; that of a ringed number is two
    letters."""
    return size * ADVANCE * sum(cells(char) for char in text)


def cells(char: str) -> int:
    """Letters that a character is wide."""
    if combining(char):
        return 0
    return 2 if east_asian_width(char) in 'WF' or '①' <= char <= '⑳' else 1


def short(text: str, longest: int) -> str:
    """A text of so many letters at most."""
    if sum(map(cells, text)) <= longest:
        return text
    kept, room = '', longest - 1
    for char in text:
        room -= cells(char)
        if room < 0:
            break
        kept += char
    return kept.rstrip() + '…'


def lasting(seconds: float) -> str:
    """A duration in a picture."""
    if seconds < 1:
        return f'{seconds * 1000:.1f} ms' if seconds < 0.1 else f'{seconds * 1000:.0f} ms'
    return f'{seconds:.2f} s' if seconds < 60 else f'{seconds / 60:.1f} min'
