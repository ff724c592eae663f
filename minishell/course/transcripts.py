"""Pages of lessons taken apart, and what they show compared with what comes.

In a block of ```console, `$ ` begins a line that is typed, and what it gives stands below.
There P1, P2 … are numbers, each the same wherever it stands, or themselves, as `trace` calls
processes; `...` is any text in a line, and any lines where it is one.
"""
from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Part: TypeAlias = 'str | Step'

BEGIN, END, TYPED = '```console\n', '```\n', '$ '
NUMBER = r'P\d+'
ANY_LINES = '\x02'      # stands for `...` that is a line of its own


class Step:
    """A line that is typed, with its newline, and the text that is shown then."""

    __slots__ = ('typed', 'shown')

    def __init__(self, typed: str, shown: str = '') -> None:
        self.typed = typed
        self.shown = shown


def parts_of(text: str) -> list[Part]:
    """The parts of a page in their order: prose, and steps."""
    parts: list[Part] = []
    inside = False
    for line in text.splitlines(keepends=True):
        last = parts[-1] if parts else ''
        if inside and line == END or not inside and line == BEGIN:
            inside = not inside
        elif inside and line.startswith(TYPED):
            parts.append(Step(line.removeprefix(TYPED)))
        elif inside and isinstance(last, Step):
            last.shown += line
        elif parts and isinstance(last, str):
            parts[-1] = last + line
        else:
            parts.append(line)
    return parts


class Comparison:
    """What a page shows against what comes, step by step: its numbers are kept."""

    __slots__ = ('_known',)

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def holds(self, shown: str, given: str) -> bool:
        """Whether what was given is what the page shows."""
        found = re.fullmatch(_pattern(shown, self._known), given)
        if found is not None:
            self._known.update({name: number for name, number in found.groupdict().items()
                                if number is not None})
        return found is not None


def foretold(answer: str, shown: str, given: str) -> bool:
    """Whether an answer says what comes: blanks count once, numbers of the page not at all."""
    wanted = _words(answer)
    return wanted == _words(given) or re.fullmatch(
        _pattern(_words(shown), None), wanted) is not None


def _words(text: str) -> str:
    """Lines without the blanks that are too many, and without empty ones."""
    lines = [' '.join(line.split()) + '\n' for line in text.splitlines()]
    return ''.join(line for line in lines if line != '\n')


def _pattern(shown: str, known: dict[str, str] | None) -> str:
    """The regular expression for a text of a page; `known`: its numbers so far, none if any
    will do each time."""
    named: set[str] = set()

    def part(match: re.Match[str]) -> str:
        text = match.group()
        if text == '...':
            return '.*'
        if text == ANY_LINES:
            return '(?:.*\n)*?'
        if not re.fullmatch(NUMBER, text):
            return re.escape(text)
        if known is None:
            return r'\S+'
        if text in known:
            return f'(?:{known[text]}(?![0-9a-f])|{text})'
        if text in named:
            return f'(?:(?P={text})(?![0-9a-f])|{text})'
        named.add(text)
        return f'(?:(?P<{text}>[0-9a-f]+)|{text})'
    marked = re.sub(r'(?m)^\.\.\.\n', ANY_LINES, shown)
    return re.sub(rf'{NUMBER}\b|\.\.\.|[^P.{ANY_LINES}]+|.', part, marked, flags=re.DOTALL)
