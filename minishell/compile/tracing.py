"""`set -x`: commands shown after expansion, quoted so that they can be pasted back."""
from __future__ import annotations

from minishell.state.shell import print_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.compile.simple import Assignments
    from minishell.compile.words import Text
    from minishell.state.shell import Shell

SAFE = frozenset('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
                 '@%+=:,./-_')


def quoted(text: str) -> str:
    """Text as a shell word that gives it back (also what `set` and `export -p` print)."""
    if text and SAFE.issuperset(text):
        return text
    if text.isprintable() or not any(c < ' ' and c not in '\n\t' or c == '\x7f'
                                     or '\udc80' <= c <= '\udcff' for c in text):
        return "'" + text.replace("'", "'\\''") + "'"
    return dollar_quoted(text)


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
        else:
            pieces.append(c)
    return "$'" + ''.join(pieces) + "'"


def trace(shell: Shell, assignments: Assignments, argv: list[str]) -> Assignments:
    """Print a simple command about to run; returns the assignments as constants, so that
    nothing is expanded twice."""
    prefix = shell.expand_ps4()
    constant: Assignments = []
    words: list[str] = []
    for name, text in assignments:
        value = text(shell)
        constant.append((name, _always(value)))
        words.append(f'{name}={quoted(value) if value else ""}')
    words.extend(quoted(word) for word in argv)
    if not shell.tracing:
        print_error(prefix + ' '.join(words))
    return constant


def constants(assignments: Assignments, values: dict[str, str]) -> Assignments:
    """Assignments that have been expanded, as constants."""
    return [(name, _always(values[name])) for name, _ in assignments]


def _always(value: str) -> Text:
    return lambda shell: value
