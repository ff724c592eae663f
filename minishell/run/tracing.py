"""`set -x`: commands shown after expansion, quoted so that they can be pasted back."""
from __future__ import annotations

from minishell.syntax.names import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.run.commands import Assigned, Assignments
    from minishell.run.declarations import Operand
    from minishell.state.shell import Shell, Text

SAFE = frozenset('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
                 '@%+=:,./-_')
MARKS = frozenset(' \t\n\'"\\|&;()<>!{}*[]?^$`')


def quoted(text: str) -> str:
    """Text as a shell word that gives it back (also what `set` and `export -p` print)."""
    if text and SAFE.issuperset(text):
        return text
    if text.isprintable() or not any(c < ' ' and c not in '\n\t' or c == '\x7f'
                                     or '\udc80' <= c <= '\udcff' for c in text):
        return in_quotes(text)
    return dollar_quoted(text)


def in_quotes(text: str) -> str:
    """Text in single-quotes; one single-quote alone behind a backslash."""
    return "\\'" if text == "'" else "'" + text.replace("'", "'\\''") + "'"


def shown(text: str) -> str:
    """A word as bash's `set -x` shows it: quoted only where a shell would need it."""
    if not text:
        return "''"
    if not text.isprintable() and any(not c.isprintable() and c not in '\n\t' for c in text):
        return dollar_quoted(text)
    if MARKS.isdisjoint(text) and text[0] not in '~#' and '=~' not in text and ':~' not in text:
        return text
    return in_quotes(text)


def listed(text: str) -> str:
    """A value as bash's `set` lists it."""
    return dollar_quoted(text) if '\n' in text or '\t' in text else shown(text) if text else ''


def single_quoted(text: str) -> str:
    """Text in quotes in any case, as `${x@Q}` has it."""
    if any(c < ' ' or c == '\x7f' or '\udc80' <= c <= '\udcff' for c in text):
        return dollar_quoted(text)
    return in_quotes(text)


def dollar_quoted(text: str) -> str:
    """Text in $'', all that is no graphic character escaped (XCU 2.2.4)."""
    pieces = []
    for c in text:
        code = ord(c)
        if c in "'\\":
            pieces.append('\\' + c)
        elif c in '\n\t\r\a\b\f\v\x1b':
            pieces.append({'\n': '\\n', '\t': '\\t', '\r': '\\r', '\a': '\\a', '\b': '\\b',
                           '\f': '\\f', '\v': '\\v', '\x1b': '\\E'}[c])
        elif code < 32 or code == 127:
            pieces.append(f'\\{code:03o}')
        elif 0xDC80 <= code <= 0xDCFF:
            pieces.append(f'\\{code - 0xDC00:03o}')
        elif not c.isprintable():
            pieces += [f'\\{byte:03o}' for byte in c.encode()]
        else:
            pieces.append(c)
    return "$'" + ''.join(pieces) + "'"


def show(shell: Shell, text: str) -> None:
    """Show a line of `set -x` behind PS4, whose first character stands once more for each
    level of nesting; but not what the expansion of PS4 runs."""
    if shell.tracing or not shell.options.xtrace:
        return
    shell.tracing = True
    try:
        prefix = shell.expand_prompt(shell.variables.get('PS4') or '')
    finally:
        shell.tracing = False
    line = prefix[:1] * shell.nesting + prefix + text
    if not shell.traced_to and 'BASH_XTRACEFD' not in shell.variables.values:
        shell.tell(line)
        return
    from minishell.state.traced import tell
    tell(shell, line)


def trace(shell: Shell, assignments: Assignments, argv: list[str]) -> Assignments:
    """Show a simple command about to run; returns the assignments, each of which is shown when
    it is expanded, for one may change the next, and the command behind the last of them."""
    if not assignments:
        _trace_words(shell, argv)
        return assignments
    return [_traced(assigned, argv if index == len(assignments) else [])
            for index, assigned in enumerate(assignments, 1)]


def _traced(assigned: Assigned, argv: list[str]) -> Assigned:
    text = assigned.text

    def traced(shell: Shell) -> str:
        value = text(shell)
        show(shell, assigned.shown() + (shown(value) if value else ''))
        if argv:
            _trace_words(shell, argv)
        return value
    return assigned.with_text(traced)


def _trace_words(shell: Shell, argv: list[str]) -> None:
    others = [word for word in argv if type(word) is not str]
    if others:                          # `declare a=(1)`: as in bash, the array before it
        for word in others:
            show(shell, _shown_operand(word))   # type: ignore[arg-type]
        argv = [word if type(word) is str else word.name for word in argv]  # type: ignore[attr-defined]
    show(shell, ' '.join(map(shown, argv)))
    if argv[0] in ('export', 'readonly'):
        for word in argv[1:]:
            name, equals, value = word.partition('=')
            if equals and is_name(name):
                show(shell, f'{name}={shown(value) if value else ""}')


def _shown_operand(operand: Operand) -> str:
    if operand.elements is None:
        return str(operand)
    texts = []
    for subscript, append, text in operand.elements or ():
        before = '' if subscript is None else f'[{subscript}]{"+" * append}='
        texts.append(before + single_quoted(text))
    return f'{operand.name}{"+" * operand.append}=({" ".join(texts)})'


def constants(assignments: Assignments, values: dict[str, str]) -> Assignments:
    """Assignments that have been expanded, as constants."""
    return [assigned.with_text(_always(values[assigned.name])) for assigned in assignments]


def _always(value: str) -> Text:
    return lambda shell: value
