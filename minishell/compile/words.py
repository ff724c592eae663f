"""Words -> closures: what a word expands to, decided as far as possible while compiling.

A *fields* closure appends the fields of a word (XCU 2.6: all expansions); a *text* closure
gives one string (no field splitting, no pathname expansion); a *segments* closure appends the
(text, kind) pieces that `expand/splitting.py` turns into fields.
"""
from __future__ import annotations

from minishell.expand.splitting import LITERAL, QUOTED, SPLIT, fields, magic, may_be_magic
from minishell.syntax.names import DIGITS, assignment_of, is_name
from minishell.syntax.nodes import (
    ArrayPart,
    DollarSingleQuoted,
    DoubleQuoted,
    Escaped,
    Literal,
    ParameterChange,
    ParameterExpansion,
    ProcessSubstitution,
    SingleQuoted,
    TildePrefix,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.compile.compiler import Compiler
    from minishell.expand.splitting import Segments
    from minishell.state.shell import Shell, Text
    from minishell.syntax.nodes import Part, Word

    Fields = Callable[[Shell, list[str]], None]
    SegmentsClosure = Callable[[Shell, Segments], None]

ONE_FIELD = (TildePrefix, ProcessSubstitution)      # expansions that are never split
PLAIN_QUOTED = (Escaped, SingleQuoted, DollarSingleQuoted)
STATIC = (Literal, *PLAIN_QUOTED)
# Characters that mean nothing in a word: no braces, patterns, assignments, tilde-prefixes.
PLAIN = frozenset('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:,%')


# -- constants ----------------------------------------------------------------------


def static_part(part: Part) -> str | None:
    """The text of a part that never changes, None for an expansion."""
    if isinstance(part, STATIC):
        return part.text
    if isinstance(part, DoubleQuoted):
        return static_parts(part.parts)
    return None


def static_parts(parts: Sequence[Part]) -> str | None:
    """The text of parts that never change, None if one of them is an expansion."""
    texts: list[str] = []
    for part in parts:
        text = static_part(part)
        if text is None:
            return None
        texts.append(text)
    return ''.join(texts)


# -- text -----------------------------------------------------------------------------


def compile_text(word: Word, compiler: Compiler, quoted: bool = False) -> Text:
    """Text: the word without field splitting and pathname expansion, quotes removed."""
    literal = word.literal()
    if literal is not None:
        return lambda shell: literal    # not even taken apart
    return compile_parts_text(word.parts, compiler, quoted)


def compile_parts_text(parts: Sequence[Part], compiler: Compiler, quoted: bool) -> Text:
    """Text: the parts of a word, here-document or double-quotes, joined."""
    if len(parts) == 1:
        return compiler.part(parts[0], quoted)
    static = static_parts(parts)
    if static is not None:
        return lambda shell: static
    texts = [compiler.part(part, quoted) for part in parts]
    if len(texts) == 2:
        first, second = texts
        return lambda shell: first(shell) + second(shell)
    return lambda shell: ''.join([text(shell) for text in texts])


def compile_constant(part: Part, compiler: Compiler, quoted: bool) -> Text:
    """Text: a part that never changes."""
    static = static_part(part) or ''
    return lambda shell: static


def compile_double_quoted(part: DoubleQuoted, compiler: Compiler, quoted: bool) -> Text:
    """Text: what stands in double-quotes."""
    return compile_parts_text(part.parts, compiler, True)


def compile_tilde(part: TildePrefix, compiler: Compiler, quoted: bool) -> Text:
    """Text: a tilde-prefix; it stays as it is for an unknown user (XCU 2.6.1)."""
    user = part.user

    def run(shell: Shell) -> str:
        found = _tilde(shell, user)
        return '~' + user if found is None else found
    return run


def _tilde(shell: Shell, user: str) -> str | None:
    if not user:
        home = shell.variables.get('HOME')
        if home is not None:
            return home
    elif user in ('+', '-'):            # of bash: no login names
        return shell.variables.get('PWD' if user == '+' else 'OLDPWD')
    elif user[-1] in DIGITS and user.lstrip('+-').isdecimal():
        from minishell.builtins.directorystack import directory_at
        return directory_at(shell, user)
    from minishell.expand.tilde import expand_tilde
    return expand_tilde(user, shell.variables.get('HOME'))


def _tilde_segments(part: TildePrefix) -> SegmentsClosure:
    """Segments: a tilde-prefix inside an expansion's word; split only if it stays."""
    user = part.user

    def run(shell: Shell, out: Segments) -> None:
        found = _tilde(shell, user)
        out.append(('~' + user, SPLIT) if found is None else (found, QUOTED))
    return run


# -- patterns ---------------------------------------------------------------------------


def static_pattern(parts: Sequence[Part]) -> str | None:
    """Pattern text (quoted characters behind backslashes) of parts that never change."""
    from minishell.expand.pattern import quote
    texts: list[str] = []
    for part in parts:
        text = static_part(part)
        if text is None:
            return None
        texts.append(text if type(part) is Literal else quote(text))
    return ''.join(texts)


# -- fields -------------------------------------------------------------------------------


def may_have_braces(word: Word) -> bool:
    """Whether a word may stand for several, by brace expansion."""
    text = ''
    for part in word.parts:
        if type(part) is Literal:
            text += part.text
        elif type(part) is TildePrefix:
            text += part.user
    return '{' in text and '}' in text and (',' in text or '..' in text)


def compile_fields(word: Word, compiler: Compiler, tildes: bool = True) -> Fields:
    """Fields: all expansions of a word (XCU 2.6); `tildes`: in bash mode also that of `x=~`."""
    literal = word.literal()
    if literal is not None and PLAIN.issuperset(literal):
        return _constant(literal)       # not even taken apart
    if len(word.parts) != 1 or isinstance(word.parts[0], (Literal, TildePrefix)):
        if may_have_braces(word):
            from minishell.compile.braces import compile_braces
            return compile_braces(word, compiler, compile_one_fields)
        if tildes and has_assignment_tilde(word):
            return _with_tildes(word, compiler)
    return compile_one_fields(word, compiler)


def compile_one_fields(word: Word, compiler: Compiler) -> Fields:
    """Fields: all expansions of a word but that of braces (XCU 2.6)."""
    return _compile_fields_of(word.parts, compiler)


def _with_tildes(word: Word, compiler: Compiler) -> Fields:
    """Fields: a word like `x=~`, whose tilde is expanded in bash mode."""
    plain = compile_one_fields(word, compiler)
    assignment = assignment_of(word)
    assert assignment is not None
    value = assignment.value
    name = Literal(assignment.name + ('+=' if assignment.append else '='), word.pos, value.pos)
    expanded = _compile_fields_of((name, *value.parts), compiler)
    return lambda shell, out: (expanded if shell.as_bash('tildes') else plain)(shell, out)


def is_one_word(word: Word) -> bool:
    """Whether a word is expanded in one way, neither to several first nor like another."""
    return not may_have_braces(word) and not has_assignment_tilde(word)


def has_assignment_tilde(word: Word) -> bool:
    """Whether a word is like an assignment whose value has an unquoted tilde."""
    first = word.parts[0] if word.parts else None
    if type(first) is not Literal or '=' not in first.text:
        return False
    return any(type(part) is Literal and '~' in part.text for part in word.parts) \
        and is_name(first.text.partition('=')[0].removesuffix('+'))


def _compile_fields_of(parts: Sequence[Part], compiler: Compiler) -> Fields:
    one = _compile_fields_of_one(parts[0], compiler) if len(parts) == 1 else None
    if one is not None:
        return one
    static = static_parts(parts)
    if static is not None:
        pattern = static_pattern(parts) if any(
            type(part) is Literal and may_be_magic(part.text) for part in parts) else None
        return _constant(static) if pattern is None else _globbed(static, pattern)
    if all(_is_one_field(part) for part in parts):
        text = compile_parts_text(parts, compiler, False)
        return lambda shell, out: out.append(text(shell))
    segments = compile_segments(parts, compiler, False)

    def run(shell: Shell, out: list[str]) -> None:
        pieces: Segments = []
        segments(shell, pieces)
        fields(pieces, shell.splitter, out, None if shell.options.noglob else shell.pathnames)
    return run


def _compile_fields_of_one(part: Part, compiler: Compiler) -> Fields | None:
    """Fields: a part that is all of a word; None where it is no different from others."""
    if isinstance(part, STATIC):
        return None if type(part) is Literal else _constant(part.text)
    if type(part) is not DoubleQuoted:
        if (type(part) is not ParameterExpansion or part.parameter not in '@*'
                and part.operator in ('', '#', '##', '%', '%%', 'bad')) \
                and not changes_several(part):
            return _splitting(compiler.part(part, False), type(part) in ONE_FIELD)
    elif len(part.parts) == 1:
        inner = part.parts[0]
        if type(inner) is ParameterExpansion and not inner.operator:
            if inner.parameter == '@':
                return lambda shell, out: out.extend(shell.positional)
            text = compiler.part(inner, True)
            return lambda shell, out: out.append(text(shell))
        if type(inner) is ParameterChange or isinstance(inner, ArrayPart):
            values = compiler.values(inner)
            if values is not None:
                return lambda shell, out: out.extend(values(shell))
    return None


def compile_all_fields(words: Sequence[Word], compiler: Compiler,
                       tildes: bool = True) -> list[Fields]:
    """Fields closures of several words."""
    return [compile_fields(word, compiler, tildes) for word in words]


def _constant(text: str) -> Fields:
    return lambda shell, out: out.append(text)


def _globbed(text: str, pattern: str) -> Fields:
    def run(shell: Shell, out: list[str]) -> None:
        found = None if shell.options.noglob else shell.pathnames(pattern)
        if found is None:
            out.append(text)
        else:
            out.extend(found)
    return run


def _splitting(text: Text, whole: bool) -> Fields:
    """Fields: one unquoted expansion on its own, the most frequent word of all."""
    if whole:
        return lambda shell, out: out.append(text(shell))

    def run(shell: Shell, out: list[str]) -> None:
        value = text(shell)
        splitter = shell.splitter
        if value.isalnum() and splitter.words:          # most values: nothing to look for
            out.append(value)
            return
        if not magic(value) and not shell.globbing:
            if not splitter.separates(value):
                if value:
                    out.append(value)
                return
            out.extend(splitter.split(value))
            return
        fields([(value, SPLIT)], splitter, out,
               None if shell.options.noglob else shell.pathnames)
    return run


def _is_one_field(part: Part) -> bool:
    """Whether a part never splits, never vanishes, and holds no pattern characters."""
    if isinstance(part, Literal):
        return not may_be_magic(part.text)
    if isinstance(part, DoubleQuoted):
        return not may_hold_several(part.parts)
    return type(part) in PLAIN_QUOTED or type(part) in ONE_FIELD


def may_hold_several(parts: Sequence[Part]) -> bool:
    """Whether a part inside double-quotes can expand to several fields, or to none."""
    left = list(parts)                  # a stack of its own: nesting takes no C stack
    while left:
        part = left.pop()
        if type(part) is ParameterExpansion:
            if part.parameter == '@':
                return True
            if part.word is not None:
                left += part.word.parts
        elif type(part) is ParameterChange:
            if changes_several(part) and part.operator != '!*' and part.parameter != '*':
                return True
        elif isinstance(part, ArrayPart):
            from minishell.compile.array_parts import several_if_quoted
            if several_if_quoted(part, left):
                return True
        elif type(part) is DoubleQuoted:
            left += part.parts
    return False


def changes_several(part: Part) -> bool:
    """Whether an expansion of bash's may give several fields: it is about all positional
    parameters, a list of names, all elements, or has a word that may."""
    if type(part) is ParameterChange:
        return part.parameter in '@*' or part.operator in ('!*', '!@')
    if isinstance(part, ArrayPart):
        from minishell.compile.array_parts import several
        return several(part)
    return False


def _is_indirect(part: Part) -> bool:
    if not isinstance(part, ArrayPart):
        return False
    from minishell.syntax.array_nodes import IndirectExpansion
    return isinstance(part, IndirectExpansion)


# -- segments -------------------------------------------------------------------------------


def compile_segments(parts: Sequence[Part], compiler: Compiler, quoted: bool,
                     in_expansion: bool = False) -> SegmentsClosure:
    """Segments: parts side by side; unquoted text inside an expansion's word is split."""
    return _side_by_side([compile_part_segments(part, compiler, quoted, in_expansion)
                          for part in parts])


def _side_by_side(closures: list[SegmentsClosure]) -> SegmentsClosure:
    if len(closures) == 1:
        return closures[0]

    def run(shell: Shell, out: Segments) -> None:
        for closure in closures:
            closure(shell, out)
    return run


def compile_part_segments(part: Part, compiler: Compiler, quoted: bool,
                          in_expansion: bool) -> SegmentsClosure:
    """Segments: one part."""
    if type(part) is DoubleQuoted:
        return _double_quoted_segments(part, compiler)
    if type(part) is ParameterExpansion and (
            part.parameter in '@*' or part.operator not in ('', 'bad')) \
            or changes_several(part):
        return compiler.several(part, quoted)
    if type(part) is TildePrefix and in_expansion and not quoted:
        return _tilde_segments(part)
    kind = QUOTED if quoted else SPLIT
    if type(part) is Literal:
        kind = QUOTED if quoted else SPLIT if in_expansion else LITERAL
    elif type(part) in PLAIN_QUOTED or type(part) in ONE_FIELD:
        kind = QUOTED
    text = compiler.part(part, quoted)
    return lambda shell, out: out.append((text(shell), kind))


def _quoted_segments(part: Part, beside: Sequence[Part], compiler: Compiler) -> SegmentsClosure:
    """Segments: a part of a double-quoted string; `${*#x}` is one field there unless `$@` is
    beside it, which `${!x}` may or may not be."""
    if may_hold_several([part]) or may_hold_several(
            [other for other in beside if not _is_indirect(other)]):
        return compile_part_segments(part, compiler, True, False)
    text = compiler.part(part, True)
    return lambda shell, out: out.append((text(shell), QUOTED))


def _double_quoted_segments(part: DoubleQuoted, compiler: Compiler) -> SegmentsClosure:
    if not may_hold_several(part.parts):
        text = compile_parts_text(part.parts, compiler, True)
        return lambda shell, out: out.append((text(shell), QUOTED))
    segments = _side_by_side([_quoted_segments(inner, part.parts, compiler)
                              for inner in part.parts])
    if all(type(inner) is ParameterExpansion and inner.parameter == '@'
           and inner.operator not in (':-', '-', ':=', '=')
           or changes_several(inner) for inner in part.parts):
        return segments                 # "$@" without parameters is no field at all

    def run(shell: Shell, out: Segments) -> None:
        before = len(out)
        segments(shell, out)
        if not any(kind == QUOTED for _, kind in out[before:]):
            out.append(('', QUOTED))
    return run
