"""Patterns -> closures (XCU 2.14): `case`, `[[ == ]]`, `${x#pattern}`."""
from __future__ import annotations

from minishell.compile.words import compile_segments, static_pattern
from minishell.expand.pattern import compile_pattern, quote
from minishell.expand.splitting import QUOTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.compile.compiler import Compiler
    from minishell.expand.groups import GroupPattern
    from minishell.expand.pattern import Pattern
    from minishell.expand.splitting import Segments
    from minishell.state.shell import Shell, Text
    from minishell.syntax.nodes import ParameterExpansion, Word

    Matcher = Callable[[Shell, str], bool]
    Change = Callable[[Shell, str], str]


def compile_pattern_text(word: Word, compiler: Compiler) -> Text:
    """Text: the word as pattern text, quoted characters behind backslashes (XCU 2.14)."""
    static = static_pattern(word.parts)
    if static is not None:
        return lambda shell: static
    segments = compile_segments(word.parts, compiler, False)

    def run(shell: Shell) -> str:
        pieces: Segments = []
        segments(shell, pieces)
        return ''.join([quote(text) if kind == QUOTED else text for text, kind in pieces])
    return run


def compiled(shell: Shell, text: str) -> Pattern | GroupPattern:
    """The compiled form of pattern text, with groups under `shopt -s extglob`."""
    if '(' not in text or 'extglob' not in shell.shopts:
        return compile_pattern(text)
    from minishell.expand.groups import compile_groups
    return compile_groups(text)


def compile_matcher(word: Word, compiler: Compiler) -> Matcher:
    """Whether a string matches a pattern of case; a constant one is compiled once."""
    static = static_pattern(word.parts)
    if static is not None and '(' not in static:
        matches = compile_pattern(static).matches
        return lambda shell, value: matches(value) \
            if not shell.odd_matching or value.isascii() and not shell.nocasematch \
            else match_oddly(shell, static, value)
    text = compile_pattern_text(word, compiler)

    def matches_text(shell: Shell, value: str) -> bool:
        pattern = text(shell)
        if '(' in pattern or shell.odd_matching:
            return match_oddly(shell, pattern, value)
        return compile_pattern(pattern).matches(value)
    return matches_text


def match_oddly(shell: Shell, pattern: str, value: str, groups: bool = False) -> bool:
    """Whether a string matches where characters are bytes, case does not count (`shopt -s
    nocasematch`), or there are `groups` (extglob); loads the module for that."""
    from minishell.expand.characters import matches
    if shell.nocasematch:
        pattern, value = pattern.lower(), value.lower()
    return matches(pattern, value, shell.bytewise, groups or 'extglob' in shell.shopts)


def compile_removal(node: ParameterExpansion, compiler: Compiler) -> Change:
    """What # ## % %% do to one value; a constant pattern is compiled once."""
    operator = node.operator
    prefix, longest = operator[0] == '#', len(operator) == 2
    word = node.word
    assert word is not None
    static = static_pattern(word.parts)
    if static is not None and '(' not in static:
        pattern = compile_pattern(static)
        remove = pattern.remove_prefix if prefix else pattern.remove_suffix

        def change_statically(shell: Shell, value: str) -> str:
            if shell.bytewise and not value.isascii():
                return remove_bytes(shell, static, value, prefix, longest)
            return remove(value, longest)
        return change_statically
    text = compile_pattern_text(word, compiler)

    def change(shell: Shell, value: str) -> str:
        if shell.bytewise and not value.isascii():
            return remove_bytes(shell, text(shell), value, prefix, longest)
        pattern = compiled(shell, text(shell))
        if prefix:
            return pattern.remove_prefix(value, longest)
        return pattern.remove_suffix(value, longest)
    return change


def remove_bytes(shell: Shell, pattern: str, value: str, prefix: bool, longest: bool) -> str:
    """# ## % %% where characters are bytes; the module is loaded by the first."""
    from minishell.expand.characters import remove
    return remove(pattern, value, prefix, longest, 'extglob' in shell.shopts)
