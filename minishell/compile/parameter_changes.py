"""Expansions that change a value -> closures: replacing, substrings, letter case, `@Q`."""
from __future__ import annotations

from minishell.compile.elements import compile_element, elements
from minishell.compile.numbers import compile_number
from minishell.compile.parameters import compile_get, compile_plain, compile_several
from minishell.compile.patterns import compile_pattern_text, compiled
from minishell.compile.words import compile_segments
from minishell.errors import ExpansionError
from minishell.expand.splitting import QUOTED
from minishell.state.variables import EXPORT, READONLY
from minishell.syntax.names import SPECIAL_PARAMETERS, is_decimal, is_name
from minishell.syntax.nodes import IndirectExpansion, ParameterChange, ParameterExpansion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.compile.compiler import Compiler
    from minishell.compile.parameters import Values
    from minishell.compile.patterns import Change
    from minishell.compile.words import SegmentsClosure, Text
    from minishell.expand.splitting import Segments
    from minishell.state.shell import Shell
    from minishell.syntax.nodes import Word

    Replacement = list[str | None]      # None stands for what was matched

NEGATIVE = 'substring expression < 0'


def compile_change(node: ParameterChange, compiler: Compiler, quoted: bool) -> Text:
    """Text: the expansion as one string."""
    if node.operator in ('[', '#['):
        return compile_element(node, compiler)
    if node.operator[:2] == '#[':
        return lambda shell: str(len(elements(shell, node.parameter)))
    values = _compile_values(node, compiler)
    if values is None and node.operator in ('@A', '@a'):
        return _about(node)
    if values is not None:
        if _joins(node):
            return lambda shell: shell.splitter.join.join(values(shell))
        return lambda shell: ' '.join(values(shell))
    value = compile_plain(node.parameter, compile_get(node.parameter))
    change = _compile_change(node, compiler)
    get = compile_get(node.parameter)

    def run(shell: Shell) -> str:
        found = get(shell)
        return value(shell) if found is None else change(shell, found)
    return run


def compile_change_segments(node: ParameterChange, compiler: Compiler,
                            quoted: bool) -> SegmentsClosure:
    """Segments: the expansion where it may give several fields."""
    values = _compile_values(node, compiler)
    assert values is not None
    return compile_several('*' if _joins(node) else '@', quoted, values)


def _joins(node: ParameterChange) -> bool:
    """Whether in double-quotes the values become one field, as those of $*."""
    return node.parameter == '*' or node.operator in ('!*', '[*]', '![*]')


def _compile_values(node: ParameterChange, compiler: Compiler) -> Values | None:
    """The values of an expansion that is about several parameters, else None."""
    operator, prefix = node.operator, node.parameter
    if operator in ('!*', '!@'):
        return lambda shell: sorted(name for name in shell.variables.values
                                    if name.startswith(prefix))
    if operator in ('[@]', '[*]'):
        return lambda shell: elements(shell, prefix)
    if operator in ('![@]', '![*]'):
        return lambda shell: [str(index) for index in range(len(elements(shell, prefix)))]
    if node.parameter not in '@*':
        return None
    if operator == ':':
        return _compile_slice(node, compiler)
    if operator == '@A':
        return lambda shell: [f'set -- {" ".join(map(_quote, shell.positional))}']
    if operator == '@a':
        return lambda shell: ['' for _ in shell.positional]
    change = _compile_change(node, compiler)
    return lambda shell: [change(shell, value) for value in shell.positional]


def _compile_change(node: ParameterChange, compiler: Compiler) -> Change:
    operator = node.operator
    if operator == ':':
        return _compile_substring(node, compiler)
    if operator[0] == '/':
        return _compile_replacing(node, compiler)
    if operator[0] == '@':
        transform = TRANSFORM[operator[1]]
        return lambda shell, value: transform(value)
    return _compile_case(node, compiler)


# -- indirect ---------------------------------------------------------------------------


def compile_indirect(node: IndirectExpansion, compiler: Compiler, quoted: bool) -> Text:
    """Text: `${!name}`; the parameter that is meant is known only when it runs."""
    value = compile_get(node.parameter)
    compiled: dict[str, Text] = {}

    def run(shell: Shell) -> str:
        parameter = value(shell)
        if parameter is None:
            raise ExpansionError(f'{node.parameter}: invalid indirect expansion')
        text = compiled.get(parameter)
        if text is None:
            if not (is_name(parameter) or parameter in SPECIAL_PARAMETERS
                    or is_decimal(parameter)):
                raise ExpansionError(f'{parameter}: invalid variable name')
            text = compiled[parameter] = _compile_of(node, parameter, compiler, quoted)
        return text(shell)
    return run


def _compile_of(node: IndirectExpansion, parameter: str, compiler: Compiler,
                quoted: bool) -> Text:
    part = node.part
    if isinstance(part, ParameterExpansion):
        return compiler.part(ParameterExpansion(
            parameter, part.operator, part.word, part.pos), quoted)
    assert isinstance(part, ParameterChange)
    return compiler.part(ParameterChange(
        parameter, part.operator, part.words, part.pos), quoted)


# -- substrings -------------------------------------------------------------------------


def _compile_bounds(node: ParameterChange, compiler: Compiler,
                    ) -> Callable[[Shell, int, bool], tuple[int, int]]:
    """Where a substring of `size` things begins and ends; the same if it is empty."""
    offset = compile_number(node.words[0].parts, compiler)
    length = compile_number(node.words[1].parts, compiler) if len(node.words) > 1 else None
    name = node.parameter

    def bounds(shell: Shell, size: int, list_: bool) -> tuple[int, int]:
        begin = offset(shell)
        if begin < 0:
            begin += size
        count = size if length is None else length(shell)
        if begin < 0 or begin > size:
            return 0, 0
        if count < 0:
            end = size + count
            if list_ or end < begin:
                raise ExpansionError(f'{name if list_ else count}: {NEGATIVE}')
            return begin, end
        return begin, begin + count
    return bounds


def _compile_substring(node: ParameterChange, compiler: Compiler) -> Change:
    bounds = _compile_bounds(node, compiler)

    def change(shell: Shell, value: str) -> str:
        if shell.bytewise and not value.isascii():
            from minishell.expand.characters import as_bytes, from_bytes
            value = as_bytes(value)
            begin, end = bounds(shell, len(value), False)
            return from_bytes(value[begin:end])
        begin, end = bounds(shell, len(value), False)
        return value[begin:end]
    return change


def _compile_slice(node: ParameterChange, compiler: Compiler) -> Values:
    """`${@:offset:length}`; $0 stands before the first."""
    bounds = _compile_bounds(node, compiler)

    def values(shell: Shell) -> list[str]:
        begin, end = bounds(shell, len(shell.positional) + 1, True)
        return [shell.arg0, *shell.positional][begin:end]
    return values


# -- replacing --------------------------------------------------------------------------


def _compile_replacing(node: ParameterChange, compiler: Compiler) -> Change:
    pattern_text = compile_pattern_text(node.words[0], compiler)
    replacement: Callable[[Shell], Replacement] = lambda shell: []      # noqa: E731
    if len(node.words) > 1 and node.words[1].parts:
        replacement = _compile_replacement(node.words[1], compiler)
    kind = node.operator[1:]

    def change(shell: Shell, value: str) -> str:
        text = pattern_text(shell)
        if shell.bytewise and not value.isascii():
            from minishell.expand.characters import as_bytes, from_bytes
            return from_bytes(replace(shell, as_bytes(value), as_bytes(text)))
        return replace(shell, value, text)

    def replace(shell: Shell, value: str, text: str) -> str:
        new = replacement(shell)
        if not text and kind in ('', '/'):
            return value
        subject = value
        if shell.nocasematch:
            subject, text = value.lower(), text.lower()
        pattern = compiled(shell, text)
        if kind == '%':
            rest = value[:len(pattern.remove_suffix(subject, True))]
            if rest == value and not pattern.matches(''):
                return value
            return rest + _replaced(new, value[len(rest):])
        pieces: list[str] = []
        pos = 0
        while True:
            found = pattern.search(subject, pos)
            if found is None or kind == '#' and found[0]:
                break
            begin, end = found
            if begin == end and pos and pos == len(value):
                break                   # nothing behind a match that reached the end
            pieces += [value[pos:begin], _replaced(new, value[begin:end])]
            pos = end
            if kind != '/' or pos >= len(value):
                break
            if begin == end:            # an empty match: a character further on
                pieces.append(value[pos])
                pos += 1
        return ''.join(pieces) + value[pos:]
    return change


def _replaced(replacement: Replacement, matched: str) -> str:
    return ''.join([matched if piece is None else piece for piece in replacement])


def _compile_replacement(word: Word, compiler: Compiler) -> Callable[[Shell], Replacement]:
    """The string to put in: an unquoted & stands for what was matched, \\& for itself."""
    segments = compile_segments(word.parts, compiler, False)

    def run(shell: Shell) -> Replacement:
        found: Segments = []
        segments(shell, found)
        pieces: Replacement = []
        for text, kind in found:
            if kind == QUOTED or '&' not in text and '\\' not in text:
                pieces.append(text)
            else:
                pieces += _with_matched(text) \
                    if 'patsub_replacement' in shell.shopts else [text]
        return pieces
    return run


def _with_matched(text: str) -> Replacement:
    pieces: Replacement = []
    pos = 0
    while pos < len(text):
        c = text[pos]
        if c == '\\' and text[pos + 1:pos + 2] in ('&', '\\'):
            pos += 1
            pieces.append(text[pos])
        else:
            pieces.append(None if c == '&' else c)
        pos += 1
    return pieces


# -- letters ----------------------------------------------------------------------------


def _compile_case(node: ParameterChange, compiler: Compiler) -> Change:
    """`^`, `,`, `~`: the first character, or all, that match the pattern (by default `?`)."""
    pattern_text = compile_pattern_text(node.words[0], compiler)
    convert, every = CONVERT[node.operator[0]], len(node.operator) == 2

    def change(shell: Shell, value: str) -> str:
        matches = compiled(shell, pattern_text(shell) or '?').matches
        count = len(value) if every else 1
        return ''.join([convert(c) if matches(c) else c for c in value[:count]]) + value[count:]
    return change


def upper_case(text: str) -> str:
    """The text with each character's upper-case form, where that is one character."""
    if text.isascii():
        return text.upper()
    return ''.join([next(form for form in (c.upper(), c.title(), c) if len(form) == 1)
                    for c in text])


def lower_case(text: str) -> str:
    """The text with each character's lower-case form, whatever stands around it."""
    return text.lower() if text.isascii() else ''.join([c.lower()[0] for c in text])


def other_case(text: str) -> str:
    """The text with lower case in place of upper case, and upper case of lower."""
    return ''.join([lower_case(c) if c.isupper() else upper_case(c) for c in text])


CONVERT: dict[str, Callable[[str], str]] = {'^': upper_case, ',': lower_case, '~': other_case}

# -- transformations ----------------------------------------------------------------------


def _about(node: ParameterChange) -> Text:
    """Text: `${name@A}`, a command that declares the variable, and `${name@a}`, its
    attributes as `declare` has them."""
    name, declares = node.parameter, node.operator == '@A'

    def run(shell: Shell) -> str:
        if not is_name(name) or not shell.variables.declared(name):
            return ''
        flags = shell.variables.flags.get(name, 0)
        letters = 'r' * bool(flags & READONLY) + 'x' * bool(flags & EXPORT)
        if not declares:
            return letters
        value = shell.variables.get(name)
        text = name if value is None else f'{name}={_quote(value)}'
        return f'declare -{letters} {text}' if letters else text if value is not None else ''
    return run


def _quote(value: str) -> str:
    """In quotes that the shell takes away again."""
    from minishell.run.tracing import dollar_quoted
    if any(c < ' ' or c == '\x7f' or '\udc80' <= c <= '\udcff' for c in value):
        return dollar_quoted(value)
    return "\\'" if value == "'" else "'" + value.replace("'", "'\\''") + "'"


def _escaped(value: str) -> str:
    """What the value would be in $'…' (XCU 2.2.4)."""
    from minishell.syntax.dollarquote import decode
    return decode(value)


TRANSFORM: dict[str, Callable[[str], str]] = {
    'E': _escaped, 'K': _quote, 'Q': _quote, 'k': _quote, 'U': upper_case, 'L': lower_case,
    'u': lambda value: upper_case(value[:1]) + value[1:],
}
