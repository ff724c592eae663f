"""Tab behind a pipe: the fields of what comes out of it, for awk, cut and jq.

`ps aux | awk '{print $` offers the columns, each with values of a sample; `| cut -d: -f` the
same; `| jq .` the keys.  The sample is a preview's, and only had where previews are on.
"""
from __future__ import annotations

import re
from functools import partial
from time import monotonic

from minishell.codec import decoded
from minishell.interactive.parsing import parse
from minishell.interactive.preview import NAME, why_not
from minishell.run.prompt import caret_notation
from minishell.state.settings import is_on
from minishell.syntax.partial import PIPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from minishell.state.shell import Shell

    # what is put in, instead of how much before the cursor; what is shown; values of it
    Field = tuple[str, int, str, str]

AWK = re.compile(r"\s*[gm]?awk\s(?:[^']|'[^']*')*'[^']*\$(\d*)$", re.DOTALL)
AWK_SEPARATOR = re.compile(r"\s-F\s*(?:'([^']*)'|\"([^\"]*)\"|(\S+))")
CUT = re.compile(r'\s*cut\s.*?(?:-f\s*|--fields=)(?:[\d,-]*[,-])?(\d*)$', re.DOTALL)
CUT_DELIMITER = re.compile(r"\s(?:-d\s*|--delimiter=)(?:'([^']*)'|\"([^\"]*)\"|\\?(\S))")
JQ = re.compile(r"""\s*jq(?:\s+-\S+)*\s+(?:'([^']*)|((?:\.[\w.\[\]]*)?))$""", re.DOTALL)
PATH = re.compile(r'(?:\.[\w.\[\]]*)?$')
IDENTIFIER = re.compile(r'[A-Za-z_]\w*')
STEP = re.compile(r'\[\d*\]|\.?([A-Za-z_]\w*)')
LOOKED_AT = 50          # lines, or elements of an array of JSON
MOST = 100              # fields that are offered
SHOWN, LONG = 3, 48     # values of a field; characters of them
FRESH = 5.0             # seconds for which a sample is good
MARGIN = 0.5            # seconds that ending what takes too long may take


class Fields:
    """What is offered, and the sample it is taken from."""

    def __init__(self, shell: Shell, tell: Callable[[str], None]) -> None:
        self._shell, self._tell = shell, tell
        self._sample: tuple[str, str, float] | None = None      # of which text, when

    def of(self, typed: str) -> list[Field] | None:
        """What may follow a text; None where it is not about fields of a pipe."""
        if not is_on(self._shell, NAME) or '|' not in typed:
            return None
        pipes = [(start, end) for start, end, kind, _, _ in parse(self._shell, typed).tokens
                 if kind in PIPES]
        if not pipes:
            return None
        start, end = pipes[-1]
        command = typed[end:]
        for pattern, found in ((AWK, _awk), (CUT, _cut), (JQ, _jq)):
            match = pattern.match(command)
            if match is not None:
                sample = self._sample_of(typed[:start].strip())
                return [] if sample is None else found(command, match, sample)[:MOST]
        return None

    def _sample_of(self, text: str) -> str | None:
        """What a pipeline prints; None if it may not be run, and that is told."""
        if self._sample is not None and self._sample[0] == text \
                and monotonic() - self._sample[2] < FRESH:
            return self._sample[1]
        from minishell.interactive.sampling import part_of
        why, part = why_not(self._shell), None
        if not why:
            part, why = part_of(self._shell, text)
        if part is None or part.text != text:
            self._tell(f'no fields: {why or "of a part of the pipeline only"}')
            return None
        from minishell.interactive.sandboxed import SECONDS, Run, run_part
        try:
            run = Run(self._shell, lambda shell: run_part(shell, part))
        except OSError as error:
            self._tell(f'no fields: {error.strerror}')
            return None
        run.finish(SECONDS + MARGIN)
        output = decoded(run.output)
        if run.late:
            self._tell('fields of what came in time: the pipeline takes long')
        else:
            self._sample = text, output, monotonic()
        return output


def _awk(command: str, match: re.Match[str], sample: str) -> list[Field]:
    typed, separator = match[1], _option(AWK_SEPARATOR, command) or ' '
    rows = [line.split() if separator == ' ' else
            line.split(separator) if len(separator) == 1 else _split(separator, line)
            for line in _lines(sample)]
    return [(number, len(typed), f'${number}', values)
            for number, values in _columns(rows) if number.startswith(typed)]


def _split(pattern: str, line: str) -> list[str]:
    try:
        return re.split(pattern, line)
    except re.error:
        return line.split(pattern)


def _cut(command: str, match: re.Match[str], sample: str) -> list[Field]:
    typed, delimiter = match[1], _option(CUT_DELIMITER, command) or '\t'
    rows = [line.split(delimiter) for line in _lines(sample)]
    return [(number, len(typed), number, values)
            for number, values in _columns(rows) if number.startswith(typed)]


def _option(pattern: re.Pattern[str], command: str) -> str:
    """What an option gives, in one of several quotes; '' without it."""
    match = pattern.search(command)
    return next((each for each in match.groups() if each), '') if match else ''


def _lines(sample: str) -> list[str]:
    return sample.split('\n')[:LOOKED_AT]


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """The numbers of columns, each with its first values."""
    for index in range(max(map(len, rows), default=0)):
        yield str(index + 1), _values(row[index] for row in rows if index < len(row))


def _values(texts: Iterator[str]) -> str:
    found: dict[str, None] = {}
    for text in texts:
        if text.strip():
            found[text.strip()] = None
        if len(found) == SHOWN:
            break
    values = caret_notation(', '.join(found))
    return values if len(values) <= LONG else values[:LONG - 1] + '…'


# -- jq --------------------------------------------------------------------------------------


def _jq(command: str, match: re.Match[str], sample: str) -> list[Field]:
    *filters, last = (match[1] or match[2] or '').split('|')
    values = read_json(sample)
    for text in filters:
        if text.strip()[:7] == 'select(':
            continue
        if PATH.fullmatch(text.strip()) is None:
            return []                   # what comes of that is not known
        values = _at(values, text.strip())
    place = PATH.search(last)
    typed = place[0] if place is not None else ''
    if last[:len(last) - len(typed)].strip() == 'map(':
        values = list(_inside(values, None))
    path, dot, key = typed.rpartition('.')
    values = _at(values, path)
    found: dict[str, list[str]] = {}
    for value in values[:LOOKED_AT]:
        if isinstance(value, dict):
            for name, inner in value.items():
                found.setdefault(name, []).append(_brief(inner))
    begin = '' if dot else '.'
    fields = [(name if IDENTIFIER.fullmatch(name) else f'"{name}"', name) for name in found]
    offered = [(begin + text, len(key), f'.{text}', _values(iter(found[name])))
               for text, name in fields if text.startswith(key)]
    if not key and any(isinstance(value, list) for value in values):
        offered.append((begin + '[]', 0, '.[]', 'each element'))
    return offered


def _at(values: list[Any], path: str) -> list[Any]:
    """What a path leads to."""
    for step in STEP.finditer(path):
        values = list(_inside(values, step[1]))
    return values


def _inside(values: list[Any], name: str | None) -> Iterator[Any]:
    """What is at a key, or in arrays."""
    for value in values:
        if name is None and isinstance(value, list):
            yield from value[:LOOKED_AT]
        elif name is not None and isinstance(value, dict) and name in value:
            yield value[name]


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        return '{…}'
    if isinstance(value, list):
        return f'[{len(value)}]'
    if isinstance(value, bool):
        return str(value).lower()
    return 'null' if value is None else str(value)


def read_json(text: str) -> list[Any]:
    """The values of a JSON text, one behind the other, as far as it goes: of one that is cut
    short, what there is."""
    found: list[Any] = []
    position = 0
    try:
        while len(found) < LOOKED_AT:
            position = _read(text, position, found.append)
    except (ValueError, IndexError, RecursionError):
        pass
    return found


def _read(text: str, position: int, put: Callable[[Any], object]) -> int:
    """Read a value; returns the offset behind it.  `put` gets it as soon as it has begun.
    Raises ValueError, IndexError where the text ends or is none."""
    from json.decoder import JSONDecoder
    position = _skip(text, position)
    if text[position] not in '{[':
        value, position = JSONDecoder().raw_decode(text, position)
        put(value)
        return position
    closer = '}' if text[position] == '{' else ']'
    container: Any = {} if closer == '}' else []
    put(container)
    position = _skip(text, position + 1)
    while text[position] != closer:
        if closer == '}':
            key, position = JSONDecoder().raw_decode(text, position)
            position = _skip(text, position)
            if text[position] != ':' or not isinstance(key, str):
                raise ValueError
            position = _read(text, position + 1, partial(container.__setitem__, key))
        else:
            position = _read(text, position, container.append)
        position = _skip(text, position)
        if text[position] == ',':
            position = _skip(text, position + 1)
        elif text[position] != closer:
            raise ValueError
    return position + 1


def _skip(text: str, position: int) -> int:
    while text[position] in ' \t\n\r':
        position += 1
    return position
