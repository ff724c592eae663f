"""Expansions that change a value -> closures: replacing, substrings, letter case, `@Q`."""
from __future__ import annotations

from minishell.compile.numbers import compile_number
from minishell.compile.parameters import (
    compile_get,
    compile_plain,
    compile_several,
    split_before,
    unset_error,
)
from minishell.compile.patterns import compile_pattern_text, compiled
from minishell.compile.words import compile_part_segments, compile_segments, static_parts
from minishell.errors import ExpansionError, IndirectionError
from minishell.expand.letters import lower_case, other_case, upper_case
from minishell.expand.pattern import Pattern
from minishell.expand.splitting import BREAK, QUOTED, SPLIT
from minishell.run.tracing import single_quoted
from minishell.state.attributes import REFERENCE
from minishell.syntax.array_nodes import ElementExpansion, IndirectExpansion
from minishell.syntax.names import SPECIAL_PARAMETERS, is_decimal, is_name
from minishell.syntax.nodes import ParameterChange, ParameterExpansion, SingleQuoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.compile.compiler import Compiler
    from minishell.compile.parameters import Values
    from minishell.compile.patterns import Change
    from minishell.compile.words import SegmentsClosure
    from minishell.expand.splitting import Segments
    from minishell.state.shell import Shell, Text
    from minishell.syntax.nodes import Part, Word

    Replacement = list[str | None]      # None stands for what was matched
    # (shell, how many there are, whether of a list) -> from, to
    Bounds = Callable[[Shell, int, bool], tuple[int, int]]

NEGATIVE = 'substring expression < 0'


def compile_change(node: ParameterChange, compiler: Compiler, quoted: bool) -> Text:
    """Text: the expansion as one string."""
    values = compile_values(node, compiler)
    if values is None and node.operator in ('@A', '@a'):
        return _about(node)
    if values is not None:
        if _joins(node):
            return lambda shell: shell.splitter.join.join(values(shell))
        return lambda shell: ' '.join(values(shell))
    value = compile_plain(node.parameter, compile_get(node.parameter))
    change = compile_change_of(node, compiler)
    get = compile_get(node.parameter)

    def run(shell: Shell) -> str:
        found = get(shell)
        return value(shell) if found is None else change(shell, found)
    return run


def compile_change_segments(node: ParameterChange, compiler: Compiler,
                            quoted: bool) -> SegmentsClosure:
    """Segments: the expansion where it may give several fields."""
    values = compile_values(node, compiler)
    assert values is not None
    if node.operator == '@A':
        return _setting_segments(node.parameter, quoted)
    return compile_several('*' if _joins(node) else '@', quoted, values, True)


def _joins(node: ParameterChange) -> bool:
    """Whether in double-quotes the values become one field, as those of $*."""
    return node.parameter == '*' or node.operator == '!*'


def compile_values(node: ParameterChange, compiler: Compiler) -> Values | None:
    """The values of an expansion that is about several parameters, else None."""
    operator, prefix = node.operator, node.parameter
    if operator in ('!*', '!@'):
        return lambda shell: [name for name in shell.variables.names()
                              if name.startswith(prefix) and shell.variables.is_set(name)]
    if node.parameter not in '@*':
        return None
    if operator == ':':
        return _compile_slice(node, compiler)
    if operator == '@A':
        return lambda shell: [text for text in [_setting(shell)] if text]
    if operator == '@a':
        return lambda shell: ['' for _ in shell.positional]
    change = compile_change_of(node, compiler)
    return lambda shell: [change(shell, value) for value in shell.positional]


def quoted_values(node: ParameterChange, compiler: Compiler) -> Values | None:
    """The fields of `"${@…}"` alone in double-quotes; None if it is not so simple."""
    if node.operator == '@A' or node.parameter != '@' and node.operator != '!@':
        return None
    return compile_values(node, compiler)


def compile_change_of(node: ParameterChange, compiler: Compiler) -> Change:
    """What the operator does to one value."""
    operator = node.operator
    if operator == ':':
        return _compile_substring(node, compiler)
    if operator[0] == '/':
        return _compile_replacing(node, compiler)
    if operator == '@P':
        return _prompt
    if operator[0] == '@':
        transform = TRANSFORM[operator[1]]
        return lambda shell, value: transform(value)
    return _compile_case(node, compiler)


# -- indirect ---------------------------------------------------------------------------


NEVER_SET = '9' * 9     # a positional parameter


def _compile_target(node: IndirectExpansion, compiler: Compiler) -> Callable[[Shell], Part]:
    """What `${!name…}` expands in the end; the parameter is known only when it runs."""
    parameter = node.parameter
    if isinstance(parameter, str):
        value, label = compile_get(parameter), parameter
    else:
        assert isinstance(parameter, ElementExpansion)
        value, label = compiler.part(parameter, True), parameter.name
    known: dict[str, Part] = {}

    def target(shell: Shell) -> Part:
        if isinstance(parameter, str) and parameter in shell.variables.others:
            from minishell.state.arrays import Reference
            other = shell.variables.others[parameter]
            if type(other) is Reference:        # `${!r}` of a name reference: its name
                return SingleQuoted(other.target)
        found = value(shell)
        if not found and (found is None or parameter is not label):
            if not label.isdigit() and (not shell.variables.declared(label)
                                        or shell.variables.flags.get(label, 0) & REFERENCE):
                raise IndirectionError(f'{label}: invalid indirect expansion')
            found = NEVER_SET
        part = known.get(found)
        if part is None:
            part = known[found] = _expansion_of(node.part, found)
        return part
    return target


def _expansion_of(part: Part, text: str) -> Part:
    """The expansion with another parameter, given as text.  Raises ExpansionError."""
    if is_name(text) or text in SPECIAL_PARAMETERS or is_decimal(text):
        return _of_parameter(part, text)
    from minishell.syntax.parser import subscript_of
    name, _, rest = text.partition('[')
    if rest[-1:] != ']' or len(rest) == 1 or not is_name(name):
        raise IndirectionError(f'{text}: invalid variable name')
    return ElementExpansion(name, subscript_of(rest[:-1]), _of_parameter(part, name), 0)


def _of_parameter(part: Part, parameter: str) -> Part:
    if isinstance(part, ParameterExpansion):
        return ParameterExpansion(parameter, part.operator, part.word, part.pos)
    assert isinstance(part, ParameterChange)
    return ParameterChange(parameter, part.operator, part.words, part.pos)


def compile_indirect(node: IndirectExpansion, compiler: Compiler, quoted: bool) -> Text:
    """Text: `${!name}`."""
    target = _compile_target(node, compiler)
    compiled: dict[int, Text] = {}          # by the identity of parts that stay

    def run(shell: Shell) -> str:
        part = target(shell)
        text = compiled.get(id(part))
        if text is None:
            text = compiler.part(part, quoted)
            if type(part) is not SingleQuoted:
                compiled[id(part)] = text
        return text(shell)
    return run


def compile_indirect_segments(node: IndirectExpansion, compiler: Compiler,
                              quoted: bool) -> SegmentsClosure:
    """Segments: `${!name}`, which may be all elements of an array."""
    target = _compile_target(node, compiler)
    compiled: dict[int, SegmentsClosure] = {}

    def run(shell: Shell, out: Segments) -> None:
        part = target(shell)
        segments = compiled.get(id(part))
        if segments is None:
            segments = compile_part_segments(part, compiler, quoted, False) \
                if not quoted or _is_list(part) else _whole(compiler.part(part, True))
            if type(part) is not SingleQuoted:
                compiled[id(part)] = segments
        segments(shell, out)
    return run


def _whole(text: Text) -> SegmentsClosure:
    """Segments: a field, even a null one."""
    return lambda shell, out: out.append((text(shell), QUOTED))


def _is_list(part: Part) -> bool:
    """Whether an expansion in double-quotes may be no field at all."""
    if isinstance(part, ElementExpansion):
        return part.subscript.literal() == '@'
    return getattr(part, 'parameter', '') == '@'


# -- substrings -------------------------------------------------------------------------


def compile_bounds(node: ParameterChange, compiler: Compiler, label: str = '') -> Bounds:
    """Where a substring of `size` things begins and ends; the same if it is empty.  Wrong
    expressions are told as those of `label`, else of the parameter."""
    name = node.parameter
    offset, *lengths = (_named(compile_number(word.parts, compiler), label or name)
                        if static_parts(word.parts) is not None
                        else compile_number(word.parts, compiler) for word in node.words)
    length = lengths[0] if lengths else None

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
                what = count
                raise ExpansionError(f'{what}: {NEGATIVE}')
            return begin, end
        return begin, begin + count
    return bounds


def _named(number: Callable[[Shell], int], label: str) -> Callable[[Shell], int]:
    """A number, told as bash does where its expression is wrong."""
    def run(shell: Shell) -> int:
        try:
            return number(shell)
        except ExpansionError as error:
            if type(error) is ExpansionError:
                error.message = f'{label}: {error.message}'
            raise
    return run


def _compile_substring(node: ParameterChange, compiler: Compiler) -> Change:
    bounds = compile_bounds(node, compiler)
    return lambda shell, value: substring(shell, value, bounds)


def substring(shell: Shell, value: str, bounds: Bounds) -> str:
    """The part of a value between bounds, in characters."""
    if shell.bytewise and not value.isascii():
        from minishell.expand.characters import as_bytes, from_bytes
        value = as_bytes(value)
        begin, end = bounds(shell, len(value), False)
        return from_bytes(value[begin:end])
    begin, end = bounds(shell, len(value), False)
    return value[begin:end]


def _compile_slice(node: ParameterChange, compiler: Compiler) -> Values:
    """`${@:offset:length}`; $0 stands before the first."""
    bounds = compile_bounds(node, compiler)

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
        if not value and text[:1] not in ('', '*') and shell.as_bash('empty values'):
            return value
        if not text:
            if kind in ('', '/'):
                return value
            if None not in new:         # `${a[@]/#/x}`: before each
                return ''.join(map(str, new)) + value if kind == '#' \
                    else value + ''.join(map(str, new))
        subject = value
        if shell.nocasematch:
            subject, text = value.lower(), text.lower()
        pattern = compiled(shell, text)
        if kind in ('', '/') and subject is value and isinstance(pattern, Pattern) \
                and pattern.literal and None not in new:        # ordinary characters
            return value.replace(pattern.literal, ''.join(map(str, new)), 1 if not kind else -1)
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


CONVERT: dict[str, Callable[[str], str]] = {'^': upper_case, ',': lower_case, '~': other_case}


# -- transformations ----------------------------------------------------------------------


def _about(node: ParameterChange) -> Text:
    """Text: `${name@A}`, a command that declares the variable, and `${name@a}`, its
    attributes as `declare` has them."""
    name, declares = node.parameter, node.operator == '@A'

    def run(shell: Shell) -> str:
        from minishell.run.declarations import letters
        from minishell.state.elements import plain_name
        variables = shell.variables
        target = plain_name(variables, name)
        value = variables.get(target)
        if value is None and shell.options.nounset and is_name(name):
            raise unset_error(name)
        if not is_name(name) or not variables.declared(target):
            return ''
        flags = letters(variables.flags.get(target, 0))
        if not declares:
            return flags
        text = target if value is None else f'{target}={single_quoted(value)}'
        return f'declare -{flags} {text}' if flags else text if value is not None else ''
    return run


def _setting(shell: Shell) -> str:
    """`${@@A}`, `${*@A}`: the command that sets the positional parameters."""
    texts = list(map(single_quoted, shell.positional))
    return f'set -- {shell.splitter.join.join(texts)}' if texts else ''


def _setting_segments(parameter: str, quoted: bool) -> SegmentsClosure:
    """Segments: the same; it is split between the parameters, and before them."""
    def run(shell: Shell, out: Segments) -> None:
        splitter = shell.splitter
        if not quoted and splitter.ifs:
            out.append((_setting(shell), SPLIT))
            return
        border = (splitter.join, SPLIT) if splitter.ifs or quoted and parameter == '*' \
            else (' ', BREAK)
        for index, value in enumerate(shell.positional):
            if index:
                out += [border, (single_quoted(value), QUOTED)]
            else:
                split_before(f'set -- {single_quoted(value)}', '-- ', shell, out)
    return run


def _prompt(shell: Shell, value: str) -> str:
    """What the value would be as a prompt."""
    from minishell.run.prompt import decode_prompt
    return decode_prompt(shell, value)


def _escaped(value: str) -> str:
    """What the value would be in $'…' (XCU 2.2.4)."""
    from minishell.syntax.dollarquote import decode
    return decode(value)


TRANSFORM: dict[str, Callable[[str], str]] = {
    'E': _escaped, 'K': single_quoted, 'Q': single_quoted, 'k': single_quoted,
    'U': upper_case, 'L': lower_case,
    'u': lambda value: upper_case(value[:1]) + value[1:],
}
