"""`set -x`: commands shown after expansion, quoted so that they can be pasted back."""
from __future__ import annotations

from minishell.syntax.names import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.compile.words import Text
    from minishell.state.shell import Assignments, Shell

SAFE = frozenset('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
                 '@%+=:,./-_')
MARKS = frozenset(' \t\n\'"\\|&;()<>!{}*[]?^$`')


def quoted(text: str) -> str:
    """Text as a shell word that gives it back (also what `set` and `export -p` print)."""
    if text and SAFE.issuperset(text):
        return text
    if text.isprintable() or not any(c < ' ' and c not in '\n\t' or c == '\x7f'
                                     or '\udc80' <= c <= '\udcff' for c in text):
        return "'" + text.replace("'", "'\\''") + "'"
    return dollar_quoted(text)


def shown(text: str) -> str:
    """A word as bash's `set -x` shows it: quoted only where a shell would need it."""
    if not text:
        return "''"
    if not text.isprintable() and any(not c.isprintable() and c not in '\n\t' for c in text):
        return dollar_quoted(text).replace('\\e', '\\E')
    if MARKS.isdisjoint(text) and text[0] not in '~#' and '=~' not in text and ':~' not in text:
        return text
    return "'" + text.replace("'", "'\\''") + "'"


def dollar_quoted(text: str) -> str:
    """Text in $'', all that is no graphic character escaped (XCU 2.2.4)."""
    pieces = []
    for c in text:
        code = ord(c)
        if c in "'\\":
            pieces.append('\\' + c)
        elif c in '\n\t\r\a\b\f\v\x1b':
            pieces.append({'\n': '\\n', '\t': '\\t', '\r': '\\r', '\a': '\\a', '\b': '\\b',
                           '\f': '\\f', '\v': '\\v', '\x1b': '\\e'}[c])
        elif code < 32 or code == 127:
            pieces.append(f'\\{code:03o}')
        elif 0xDC80 <= code <= 0xDCFF:
            pieces.append(f'\\{code - 0xDC00:03o}')
        elif not c.isprintable():
            pieces += [f'\\{byte:03o}' for byte in c.encode()]
        else:
            pieces.append(c)
    return "$'" + ''.join(pieces) + "'"


def trace(shell: Shell, assignments: Assignments, argv: list[str]) -> Assignments:
    """Show a simple command about to run; returns the assignments, each of which is shown when
    it is expanded, for one may change the next, and the command behind the last of them."""
    if not assignments:
        _trace_words(shell, argv)
        return assignments
    return [(name, _traced(name, text, argv if index == len(assignments) else []))
            for index, (name, text) in enumerate(assignments, 1)]


def _traced(name: str, text: Text, argv: list[str]) -> Text:
    def traced(shell: Shell) -> str:
        value = text(shell)
        _trace_assignment(shell, name, value)
        if argv:
            _trace_words(shell, argv)
        return value
    return traced


def _trace_words(shell: Shell, argv: list[str]) -> None:
    shell.trace(' '.join(map(shown, argv)))
    if argv[0] in ('export', 'readonly'):
        for word in argv[1:]:
            name, equals, value = word.partition('=')
            if equals and is_name(name):
                _trace_assignment(shell, name, value)


def _trace_assignment(shell: Shell, name: str, value: str) -> None:
    shell.trace(f'{name}={shown(value) if value else ""}')


def constants(assignments: Assignments, values: dict[str, str]) -> Assignments:
    """Assignments that have been expanded, as constants."""
    return [(name, _always(values[name])) for name, _ in assignments]


def _always(value: str) -> Text:
    return lambda shell: value
