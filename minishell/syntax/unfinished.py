"""What is open at the end of a text, in words: for the prompt of the next line."""
from __future__ import annotations

from minishell.syntax.spans import spans_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.partial import Partial

QUOTES = {'"': 'dquote', "'": 'quote', "$'": 'quote', '`': 'backquote'}
BEGINS = frozenset(('if', 'while', 'until', 'for', 'select', 'case', '{'))
GOES_ON = frozenset(('then', 'elif', 'else', 'do', 'in'))
ENDS = frozenset(('fi', 'done', 'esac', '}'))


def unfinished(partial: Partial) -> str:
    """What is open, from the outermost to the innermost: `if then`, `dquote $(`, `EOF`."""
    if not partial.openers:
        return ''
    parts = _parts(partial)
    names: list[str] = []
    for opener, pos in partial.openers:
        if opener[:2] == '<<':
            names.append(opener[2:].removeprefix('-'))
        else:
            names.append(QUOTES.get(opener, opener))
            if pos in parts:
                names.append(parts[pos])
    return ' '.join(names)


def _parts(partial: Partial) -> dict[int, str]:
    """Where compound commands begin that are open, and which part of them has been begun."""
    text = partial.text
    parts: dict[int, str] = {}
    begun: list[int] = []
    for pos, end, kind in spans_of(partial):
        if kind != 'reserved':
            continue
        word = text[pos:end]
        if word in BEGINS:
            begun.append(pos)
        elif word in GOES_ON and begun:
            parts[begun[-1]] = word
        elif word in ENDS and begun:
            parts.pop(begun.pop(), None)
    return parts
