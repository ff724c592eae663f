"""Words -> closures: what a word expands to, decided as far as possible while compiling.

A *fields* closure appends the fields of a word (XCU 2.6: all expansions); a *text* closure
gives one string (no field splitting, no pathname expansion); a *segments* closure appends the
(text, kind) pieces that `expand/splitting.py` turns into fields.
"""
from __future__ import annotations

from minishell.expand.splitting import LITERAL, QUOTED, SPLIT, fields
from minishell.syntax.nodes import (
    ArithmeticExpansion,
    CommandSubstitution,
    DollarSingleQuoted,
    DoubleQuoted,
    Escaped,
    IndirectExpansion,
    Literal,
    ParameterChange,
    ParameterExpansion,
    ParameterLength,
    ProcessSubstitution,
    SingleQuoted,
    TildePrefix,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.expand.splitting import Segments
    from minishell.state.shell import Shell
    from minishell.syntax.nodes import Part, Word
    from minishell.syntax.source import Source

    Text = Callable[[Shell], str]
    Fields = Callable[[Shell, list[str]], None]
    SegmentsClosure = Callable[[Shell, Segments], None]

ONE_FIELD = (TildePrefix, ProcessSubstitution)      # expansions that are never split
PLAIN_QUOTED = (Escaped, SingleQuoted, DollarSingleQuoted)
STATIC = (Literal, *PLAIN_QUOTED)


def magic(text: str) -> bool:
    """Whether unquoted text asks for pathname expansion."""
    return '*' in text or '?' in text or '[' in text


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


def compile_text(word: Word, source: Source, quoted: bool = False) -> Text:
    """Text: the word without field splitting and pathname expansion, quotes removed."""
    return compile_parts_text(word.parts, source, quoted)


def compile_parts_text(parts: Sequence[Part], source: Source, quoted: bool) -> Text:
    """Text: the parts of a word, here-document or double-quotes, joined."""
    static = static_parts(parts)
    if static is not None:
        return lambda shell: static
    if len(parts) == 1:
        return compile_part_text(parts[0], source, quoted)
    texts = [compile_part_text(part, source, quoted) for part in parts]
    if len(texts) == 2:
        first, second = texts
        return lambda shell: first(shell) + second(shell)
    return lambda shell: ''.join([text(shell) for text in texts])


def compile_part_text(part: Part, source: Source, quoted: bool) -> Text:
    """Text: one part."""
    if isinstance(part, (ParameterExpansion, ParameterLength)):
        from minishell.compile.parameters import compile_parameter_text
        return compile_parameter_text(part, source, quoted)
    if isinstance(part, DoubleQuoted):
        return compile_parts_text(part.parts, source, True)
    if isinstance(part, CommandSubstitution):
        from minishell.compile.substitution import compile_substitution
        return compile_substitution(part)
    if isinstance(part, ArithmeticExpansion):
        return compile_arithmetic_text(part, source)
    if isinstance(part, TildePrefix):
        return compile_tilde(part)
    if isinstance(part, (ParameterChange, IndirectExpansion)):
        from minishell.compile.changes import compile_change_text
        return compile_change_text(part, source, quoted)
    if isinstance(part, ProcessSubstitution):
        from minishell.compile.process_substitution import compile_process_substitution
        return compile_process_substitution(part)
    static = static_part(part) or ''
    return lambda shell: static


def compile_tilde(part: TildePrefix) -> Text:
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
    from minishell.expand.tilde import expand_tilde
    return expand_tilde(user, shell.variables.get('HOME'))


def _tilde_segments(part: TildePrefix) -> SegmentsClosure:
    """Segments: a tilde-prefix inside an expansion's word; split only if it stays."""
    user = part.user

    def run(shell: Shell, out: Segments) -> None:
        found = _tilde(shell, user)
        out.append(('~' + user, SPLIT) if found is None else (found, QUOTED))
    return run


def compile_arithmetic_text(part: ArithmeticExpansion, source: Source) -> Text:
    """Text: the value of an arithmetic expansion in decimal (XCU 2.6.4)."""
    from minishell.compile.arithmetic import compile_arithmetic
    pieces: list[str | Text] = []
    for inner in part.parts:
        static = static_part(inner)
        pieces.append(compile_part_text(inner, source, True) if static is None else static)
    value = compile_arithmetic(pieces)
    return lambda shell: str(value(shell))


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


def compile_pattern_text(word: Word, source: Source) -> Text:
    """Text: the word as pattern text, quoted characters behind backslashes (XCU 2.14)."""
    static = static_pattern(word.parts)
    if static is not None:
        return lambda shell: static
    segments = compile_segments(word.parts, source, False)

    def run(shell: Shell) -> str:
        from minishell.expand.pattern import quote
        pieces: Segments = []
        segments(shell, pieces)
        return ''.join([quote(text) if kind == QUOTED else text for text, kind in pieces])
    return run


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


def compile_fields(word: Word, source: Source) -> Fields:
    """Fields: all expansions of a word (XCU 2.6)."""
    if may_have_braces(word):
        from minishell.compile.braces import compile_braces
        return compile_braces(word, source, compile_one_fields)
    return compile_one_fields(word, source)


def compile_one_fields(word: Word, source: Source) -> Fields:
    """Fields: the same without brace expansion."""
    parts = word.parts
    static = static_parts(parts)
    if static is not None:
        pattern = static_pattern(parts) if any(
            type(part) is Literal and magic(part.text) for part in parts) else None
        return _constant(static) if pattern is None else _globbed(static, pattern)
    if len(parts) == 1:
        part = parts[0]
        if type(part) is DoubleQuoted and len(part.parts) == 1:
            inner = part.parts[0]
            if type(inner) is ParameterExpansion and inner.parameter == '@' \
                    and not inner.operator:
                return lambda shell, out: out.extend(shell.positional)
        if type(part) is not DoubleQuoted and (
                type(part) is not ParameterExpansion or part.parameter not in '@*'
                and part.operator in ('', '#', '##', '%', '%%', 'bad')) \
                and not (type(part) is ParameterChange and changes_several(part)):
            return _splitting(compile_part_text(part, source, False),
                              type(part) in ONE_FIELD)
    if all(_is_one_field(part) for part in parts):
        text = compile_parts_text(parts, source, False)
        return lambda shell, out: out.append(text(shell))
    segments = compile_segments(parts, source, False)

    def run(shell: Shell, out: list[str]) -> None:
        pieces: Segments = []
        segments(shell, pieces)
        fields(pieces, shell.splitter, out, None if shell.options.noglob else shell.pathnames)
    return run


def compile_all_fields(words: Sequence[Word], source: Source) -> list[Fields]:
    """Fields closures of several words."""
    return [compile_fields(word, source) for word in words]


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
        if not magic(value):
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
        return not magic(part.text)
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
            if changes_several(part) and part.operator not in ('!*', '[*]', '![*]') \
                    and part.parameter != '*':
                return True
        elif type(part) is DoubleQuoted:
            left += part.parts
    return False


def changes_several(part: ParameterChange) -> bool:
    """Whether an expansion is about all positional parameters, a list of names, or all
    elements."""
    return part.parameter in '@*' or part.operator in (
        '!*', '!@', '[*]', '[@]', '![*]', '![@]')


# -- segments -------------------------------------------------------------------------------


def compile_segments(parts: Sequence[Part], source: Source, quoted: bool,
                     in_expansion: bool = False) -> SegmentsClosure:
    """Segments: parts side by side; unquoted text inside an expansion's word is split."""
    closures = [compile_part_segments(part, source, quoted, in_expansion)
                for part in parts]
    if len(closures) == 1:
        return closures[0]

    def run(shell: Shell, out: Segments) -> None:
        for closure in closures:
            closure(shell, out)
    return run


def compile_part_segments(part: Part, source: Source, quoted: bool,
                          in_expansion: bool) -> SegmentsClosure:
    """Segments: one part."""
    if type(part) is DoubleQuoted:
        return _double_quoted_segments(part, source)
    if type(part) is ParameterExpansion and (
            part.parameter in '@*' or part.operator not in ('', 'bad')):
        from minishell.compile.parameters import compile_parameter_segments
        return compile_parameter_segments(part, source, quoted)
    if type(part) is ParameterChange and changes_several(part):
        from minishell.compile.changes import compile_change_segments
        return compile_change_segments(part, source, quoted)
    if type(part) is TildePrefix and in_expansion and not quoted:
        return _tilde_segments(part)
    kind = QUOTED if quoted else SPLIT
    if type(part) is Literal:
        kind = QUOTED if quoted else SPLIT if in_expansion else LITERAL
    elif type(part) in PLAIN_QUOTED or type(part) in ONE_FIELD:
        kind = QUOTED
    text = compile_part_text(part, source, quoted)
    return lambda shell, out: out.append((text(shell), kind))


def _double_quoted_segments(part: DoubleQuoted, source: Source) -> SegmentsClosure:
    if not may_hold_several(part.parts):
        text = compile_parts_text(part.parts, source, True)
        return lambda shell, out: out.append((text(shell), QUOTED))
    segments = compile_segments(part.parts, source, True)
    if all(type(inner) is ParameterExpansion and inner.parameter == '@'
           and inner.operator not in (':-', '-', ':=', '=')
           or type(inner) is ParameterChange for inner in part.parts):
        return segments                 # "$@" without parameters is no field at all

    def run(shell: Shell, out: Segments) -> None:
        out.append(('', QUOTED))
        segments(shell, out)
    return run
