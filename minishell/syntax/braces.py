"""Brace expansion of bash: one word -> the words it stands for, `a{b,c}` -> `ab` `ac`.

It is about the text of a word: all other expansions come later.  What is quoted, and every
other expansion in the word, is a piece that has no braces, commas or dots; but as in bash a
brace that is left open inside `${…}` is closed by one behind it.  Loaded by the first word
with braces.
"""
from __future__ import annotations

from minishell.syntax.names import NAME, append_literal, integer, with_tilde
from minishell.syntax.nodes import (
    Escaped,
    Literal,
    ParameterChange,
    ParameterExpansion,
    TildePrefix,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from minishell.syntax.nodes import Part

    Pieces = Sequence[str | Part]       # characters, and what has no braces; or a str alone

MOST = 1 << 22          # words; more would only fill the memory
LETTERS = frozenset('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')


class TooManyWords(Exception):  # noqa: N818
    """A word stands for more words than can be wanted."""


def expand_braces(word: Word, text: str) -> list[str | Word] | None:
    """The words that a word of the source `text` stands for; those without quotes and
    expansions may come as their text.  None if there is nothing to expand.

    Raises TooManyWords.
    """
    pieces: list[str | Part] = []
    for part in word.parts:
        if type(part) is Literal:
            pieces += part.text
        elif type(part) is TildePrefix:
            pieces += '~' + part.user
        else:
            pieces.append(part)
    if _opening(pieces) < 0:
        return None
    found = _expand(pieces)
    if len(found) == 1 and len(found[0]) == len(pieces):
        return None                     # `{1..x}`
    return [result if type(result) is str and result[:1] != '~'
            else Word(_parts(result, text), word.pos, word.end)
            for result in found if result]


def _expand(pieces: Pieces) -> list[Pieces]:
    begin = _opening(pieces)
    if begin < 0:
        return [_joined(pieces)]
    end = _closing(pieces, begin + 1)
    inside, behind = pieces[begin + 1:end], pieces[end + 1:]
    middle: list[Pieces] = []
    if ',' in inside:
        for alternative in _alternatives(inside):
            middle += _expand(alternative)
    else:
        sequence = _sequence(inside)
        if sequence is not None:
            middle = sequence
        elif behind:
            middle = [_joined(pieces[begin:end + 1])]
        else:
            return [_joined(pieces)]
    before = _joined(pieces[:begin])
    after = _expand(behind)
    if len(middle) * len(after) > MOST:
        raise TooManyWords
    if len(after) == 1 and not after[0] and not before:
        return middle
    return [_together(_together(before, piece), last) for piece in middle for last in after]


def _joined(pieces: Pieces) -> Pieces:
    """The pieces as one string, if they are characters all."""
    if isinstance(pieces, str):
        return pieces
    texts = [piece for piece in pieces if isinstance(piece, str)]
    return ''.join(texts) if len(texts) == len(pieces) else pieces


def _together(one: Pieces, other: Pieces) -> Pieces:
    if type(one) is str and type(other) is str:
        return one + other
    return [*one, *other]


# -- where braces are ------------------------------------------------------------------


def _opening(pieces: Pieces) -> int:
    """The first brace that one behind it closes; -1 if there is none."""
    last = len(pieces) - 1
    level = 0                           # of braces that `${…}` has left open
    for index, piece in enumerate(pieces):
        if not isinstance(piece, str):
            level += _left_open(piece)
        elif level:
            level += (piece == '{') - (piece == '}')
        elif piece == '{' and index < last and (index or pieces[1] != '}') \
                and _closing(pieces, index + 1) >= 0:
            return index
    return -1


def _left_open(part: Part) -> int:
    """How many braces a part leaves open: `${x-{a}` is over at its first `}`."""
    if type(part) is ParameterExpansion:
        words = [part.word] if part.word else []
    elif type(part) is ParameterChange:
        words = list(part.words)
    else:                               # `${a[1]-{}`
        inner = getattr(part, 'part', None)
        return 0 if inner is None else _left_open(inner)
    return sum(inner.text.count('{') if type(inner) is Literal else _left_open(inner)
               for word in words for inner in word.parts)


def _closing(pieces: Pieces, start: int) -> int:
    """The brace that closes one before `start`: with a comma or two dots between."""
    level = 0
    separated = False
    for index in range(start, len(pieces)):
        piece = pieces[index]
        if not isinstance(piece, str):
            level += _left_open(piece)
        elif piece == '{':
            level += 1
        elif piece == '}':
            if level:
                level -= 1
            elif separated:
                return index
        elif not level and (piece == ',' or piece == '.' and index + 2 < len(pieces)
                            and pieces[index + 1] == '.' and pieces[index + 2] != '}'):
            separated = True
    return -1


def _alternatives(pieces: Pieces) -> Iterator[Pieces]:
    """What stands between the commas that are in no braces."""
    level = start = 0
    for index, piece in enumerate(pieces):
        if not isinstance(piece, str):
            level += _left_open(piece)
        elif piece == '{':
            level += 1
        elif piece == '}' and level:
            level -= 1
        elif piece == ',' and not level:
            yield pieces[start:index]
            start = index + 1
    yield pieces[start:]


# -- sequences -----------------------------------------------------------------------------


def _sequence(pieces: Pieces) -> list[Pieces] | None:
    """The terms of `first..last` or `first..last..step`; None if it is no sequence."""
    text = _joined(pieces)
    if type(text) is not str:
        return None
    first, _, rest = text.partition('..')
    last, stepped, step_text = rest.partition('..')
    step = _number(step_text) if stepped else 1
    if step is None:
        return None
    begin, end = _number(first), _number(last)
    if begin is not None and end is not None:
        padded = any(len(text) > 1 and text[0] == '0' or len(text) > 2 and text[:2] == '-0'
                     for text in (first, last))
        width = max(len(first), len(last)) if padded else 0
        return [f'{number:0{width}d}' for number in _range(begin, end, step)]
    if first in LETTERS and last in LETTERS:
        return [chr(code) if code != 92 else [Escaped('')]      # as in bash: it quotes
                for code in _range(ord(first), ord(last), step)]
    return None


def _number(text: str) -> int | None:
    return None if text.strip() != text else integer(text)


def _range(begin: int, end: int, step: int) -> range:
    step = abs(step) or 1
    numbers = range(begin, end + 1, step) if begin <= end else range(begin, end - 1, -step)
    if (numbers[-1] - begin) // numbers.step >= MOST:
        raise TooManyWords
    return numbers


# -- back to words ---------------------------------------------------------------------------


def _parts(pieces: Pieces, text: str) -> tuple[Part, ...]:
    """The parts of a new word."""
    parts: list[Part] = []
    for piece in pieces:
        if not isinstance(piece, str):
            parts.append(piece)
            continue
        last = parts[-1] if parts else None
        if type(last) is ParameterExpansion and piece in NAME \
                and text[last.pos + 1:last.pos + 2] not in ('{', '\\') \
                and last.parameter[0] in NAME and not last.parameter[0].isdigit():
            parts[-1] = ParameterExpansion(last.parameter + piece, '', None, last.pos,
                                           last.end)
        else:                           # `{$a,b}c` is `$ac` and `bc`
            append_literal(parts, piece)
    return tuple(with_tilde(parts)) if pieces[0] == '~' else tuple(parts)
