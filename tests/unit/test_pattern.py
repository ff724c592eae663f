"""Pattern matching: examples, removal against its definition, and bash as oracle."""
from __future__ import annotations

import shutil
import subprocess
import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from minishell.expand.pattern import (
    CLASSES,
    SPECIAL,
    Pattern,
    compile_pattern,
    has_magic,
    quote,
    unquote,
)

BASH = shutil.which('bash')
needs_bash = pytest.mark.skipif(BASH is None, reason='bash is not installed')

# For each (pattern, subject) one character: does `case` match?
CASE = """
while IFS= read -r -d '' p && IFS= read -r -d '' s; do
    case $s in $p) printf 1;; *) printf 0;; esac
done
"""
# For each (pattern, subject) the four removals.
REMOVE = """
while IFS= read -r -d '' p && IFS= read -r -d '' s; do
    printf '%s\\0' "${s#$p}" "${s##$p}" "${s%$p}" "${s%%$p}"
done
"""


def bash(script: str, words: list[str]) -> str:
    """What bash prints when it reads words that end in NUL."""
    assert BASH is not None
    return subprocess.run(
        [BASH, '--norc', '-c', script], input=''.join(word + '\0' for word in words),
        env={'LC_ALL': 'C.UTF-8'}, check=True, capture_output=True, timeout=60,
        encoding='utf-8', errors='surrogateescape').stdout


def matches(pattern: str, subject: str) -> bool:
    return Pattern(pattern).matches(subject)


# -- pattern text -------------------------------------------------------------------


@pytest.mark.parametrize('text', [
    '', 'plain', '*', '?', '[a]', '\\', 'a\\', '\\*', ']', '-', '!', '^', 'a/b', 'é*',
    '[[:alpha:]]', '@(a|b)', 'bad\udce9*', '\n*'])
def test_quoted_text_matches_itself_only(text: str) -> None:
    quoted = quote(text)
    assert unquote(quoted) == text
    assert not has_magic(quoted)
    assert Pattern(quoted).literal == text
    assert matches(quoted, text)
    assert not matches(quoted, text + 'x')
    assert not matches(quoted, 'x' + text)


def test_quoting_protects_inside_brackets() -> None:
    for c in sorted(SPECIAL):
        assert matches('[x' + quote(c) + 'z]', c)
    assert not matches('[a' + quote('-') + 'z]', 'b')
    assert matches('[' + quote('!') + 'a]', 'a')
    assert matches('[a' + quote(']') + 'b]', 'b')


def test_text_without_special_characters_is_returned_as_it_is() -> None:
    text = 'nothing special/here'
    assert quote(text) is text
    assert unquote(text) is text


@pytest.mark.parametrize(('text', 'expected'), [
    ('abc', False), ('*', True), ('a?', True), ('[', True), (']', False), ('\\*', False),
    ('\\\\*', True), ('\\[a]', False), ('\\?\\*x[', True), ('a\\', False), ('', False)])
def test_has_magic(text: str, expected: bool) -> None:
    assert has_magic(text) is expected


@pytest.mark.parametrize(('pattern', 'expected'), [
    ('a\\*b', 'a*b'), ('\\\\', '\\'), ('a\\', 'a\\'), ('\\a\\b\\', 'ab\\'), ('', '')])
def test_unquote(pattern: str, expected: str) -> None:
    assert unquote(pattern) == expected


# -- brackets: what POSIX says and bash does ------------------------------------------------


BRACKETS = r"""
[a  []  []a]  [!]a]  [^]a]  [a\]b]  [\]a]  [\!a]  [\^a]  [!\!a]  [a\-z]  [a-\z]  [\a-z]
[[:alpha:]  [[:foo:]]  [[:foo:]a]  [![:foo:]]  [[:alpha:]-z]  [a-[:alpha:]]
[a-[:digit:]z]  [[=b=]a]  [[.a.]]  [[.-.]]  [[.].]]  [[=]=]]  [[.a.]-[.c.]]  [[.a.]-c]
[[=a=]-c]  [a-]  [-a]  [a-c-e]  [b-a]  [b-ac]  [cb-a]  [!b-a]  [!cb-a]  [[:alpha:
[[:digit:]a]  [[\:digit:]]  [\[:digit:]]  [a/b]  [[]  [[a]  []-a]  []-c]  []]  [!]  [!]]
[!!]  [[!]]  \  a\  [\]  [a\]  [a\\]  [\\]  [\\-a]  [--a]  [a--]  [+--]  [!-a]  [!a-]
[]-]  [a-z-9]  [[.a.]b  [[=a=]b  [[.ab.]]  [[=ab=]]  [[:DIGIT:]]  [[::]]  [[==]]  [.a.]
[=a=]  [:a:]  [:alpha:]  *[a  [a*  [a?  ?[a  [a[b]  [a[b]]  [[a]b]  [é]  [à-ü]  [!a]  [^a]
[a^]  [a!]  [\a]  [a-\]]  [+-\]]  [!\]a]  []\a]  [[=a=  [[.-.]-0]  [+-[.-.]]  [a-[.c.]]
[a-[=c=]]  [\[.a.]]  [a-c  [[:digit:][:upper:]]  [![:digit:][:upper:]]
[[:digit:]-[:upper:]]  [Ā-一]
""".split()       # noqa: SIM905
SUBJECTS = [
    '', 'a', 'b', 'c', 'd', 'z', '-', '!', '^', ']', '[', '\\', ':', '.', '=', '/', '0', '5',
    'A', 'Z', 'é', 'ü', 'e', 'n', '+', ' ', '\t', '\n', '_', '[a', '[]', '[!]', 'a\\', '[\\]',
    '[a]', '[a\\]', 'a]', 'b]', '[b]', '[[', '[[:alpha:', '[:', '[a*', '[ax', 'x[a', '[[.a.]b',
    '[[=a=]b', 'ab]', '-]', '5]', 'd]', ':]', 'c]', '=]', 'l]', '[[:foo:]]', 'l', '[aa]', '[ab',
    '[a[b]', '[a[b]]', 'ab', '[a-c', '[a-]', '中', 'Ā', '\x7f', '~']


@needs_bash
def test_bracket_expressions_as_in_bash() -> None:
    pairs = [(pattern, subject) for pattern in BRACKETS for subject in SUBJECTS]
    answers = bash(CASE, [word for pair in pairs for word in pair])
    assert len(answers) == len(pairs)
    wrong = [(pair, answer) for pair, answer in zip(pairs, answers, strict=True)
             if matches(*pair) is not (answer == '1')]
    assert wrong == []


def test_equivalence_class_of_one_character() -> None:
    # bash 5.2 lets [[=a=]] match the text [a], too; dash has no equivalence classes.
    assert matches('[[=a=]]', 'a')
    assert not matches('[[=a=]]', '[a]')
    assert not matches('[[=a=]]', '=')


@needs_bash
def test_character_classes_as_in_bash() -> None:
    characters = [*map(chr, range(1, 0x180)), *'ΑαЖж中٣\u2003\u2007\u2028\u202f\u3000€ǅ']
    names = [name for name in CLASSES if name != 'lower']       # ǅ is lower in glibc
    pairs = [(f'[[:{name}:]]', c) for name in names for c in characters if c != '\xad']
    answers = bash(CASE, [word for pair in pairs for word in pair])
    wrong = [pair for pair, answer in zip(pairs, answers, strict=True)
             if matches(*pair) is not (answer == '1')]
    assert wrong == []


def test_lower_case() -> None:
    assert [c for c in 'aAéÉß1' if matches('[[:lower:]]', c)] == ['a', 'é', 'ß']


def test_invalid_bytes_are_characters() -> None:
    assert matches('a?b', 'a\udce9b')
    assert matches('*\udce9', 'caf\udce9')
    assert matches('[!a]', '\udce9')
    assert not matches('[[:alpha:]]', '\udce9')


# -- shapes --------------------------------------------------------------------------------


@pytest.mark.parametrize(('pattern', 'yes', 'no'), [
    ('', [''], ['a']),
    ('abc', ['abc'], ['ab', 'abcd', '']),
    ('*', ['', 'a', 'a\nb'], []),
    ('**', ['', 'ab'], []),
    ('?', ['a', '\n', '中'], ['', 'ab']),
    ('??*', ['ab', 'abc'], ['a', '']),
    ('*??', ['ab', 'abc'], ['a', '']),
    ('pre*', ['pre', 'prefix'], ['pr', 'xpre']),
    ('*suf', ['suf', 'xsuf'], ['uf', 'sufx']),
    ('a*a', ['aa', 'aba'], ['a', 'ab']),
    ('ab*ba', ['abba', 'abxba'], ['aba']),
    ('*mid*', ['mid', 'amidb'], ['mi', '']),
    ('*[0-9]*', ['1', 'a1b'], ['', 'ab']),
    ('a*b*c', ['abc', 'axxbyyc', 'abcbc'], ['acb', 'ab', 'abcd']),
    ('*a?c*', ['abc', 'xxaacyy', 'aaabc'], ['ac', 'abd']),
    ('*ab*abc', ['ababc', 'abxabc'], ['abc']),
    ('[ab]?[cd]', ['axc', 'b\nd'], ['xac', 'axcd', 'ac']),
    ('*.[ch]', ['x.c', '.h'], ['x.o', 'x.cc']),
])
def test_shapes(pattern: str, yes: list[str], no: list[str]) -> None:
    compiled = Pattern(pattern)
    assert [text for text in yes if not compiled.matches(text)] == []
    assert [text for text in no if compiled.matches(text)] == []


def remove(pattern: Pattern, text: str) -> list[str]:
    return [pattern.remove_prefix(text, False), pattern.remove_prefix(text, True),
            pattern.remove_suffix(text, False), pattern.remove_suffix(text, True)]


@pytest.mark.parametrize(('pattern', 'text', 'expected'), [
    ('*/', '/usr/lib/x', ['usr/lib/x', 'x', '/usr/lib/x', '/usr/lib/x']),
    ('/*', '/usr/lib/x', ['usr/lib/x', '', '/usr/lib', '']),
    ('*', 'abc', ['abc', '', 'abc', '']),
    ('?', 'abc', ['bc', 'bc', 'ab', 'ab']),
    ('', 'abc', ['abc'] * 4),
    ('abcd', 'abc', ['abc'] * 4),
    ('abc', 'abc', [''] * 4),
    ('.*', 'a.tar.gz', ['a.tar.gz', 'a.tar.gz', 'a.tar', 'a']),
    ('*[!a-z]', 'ab1cd2ef', ['cd2ef', 'ef', 'ab1cd2ef', 'ab1cd2ef']),
    ('a*b*', 'aabab', ['ab', '', 'aab', '']),
    ('*a*', 'xaxa', ['xa', '', 'xax', '']),
])
def test_removal(pattern: str, text: str, expected: list[str]) -> None:
    assert remove(Pattern(pattern), text) == expected


# -- any pattern ------------------------------------------------------------------------------


pieces = st.sampled_from([
    '*', '*', '?', 'a', 'b', 'ab', '-', '[ab]', '[!a]', '[a-c]', '[^b-]', '[[:alpha:]]',
    '[![:alpha:]]', '\\*', '\\a', '\\\\', '[]a]', '[a', ']', 'é', '\n', '[\\]b]', '.'])
patterns = st.lists(pieces, max_size=7).map(''.join)
texts = st.text('abc-*]\\é\n.[', max_size=9)


@given(pattern=patterns, text=texts)
@settings(max_examples=300, deadline=None)
def test_removal_is_what_its_definition_says(pattern: str, text: str) -> None:
    compiled = compile_pattern(pattern)
    prefixes = [i for i in range(len(text) + 1) if compiled.matches(text[:i])]
    suffixes = [i for i in range(len(text) + 1) if compiled.matches(text[i:])]
    assert remove(compiled, text) == [
        text[min(prefixes):] if prefixes else text,
        text[max(prefixes):] if prefixes else text,
        text[:max(suffixes)] if suffixes else text,
        text[:min(suffixes)] if suffixes else text]


@needs_bash
@given(pairs=st.lists(st.tuples(patterns, texts), min_size=300, max_size=300))
@settings(max_examples=10, deadline=None, phases=[Phase.generate],
          suppress_health_check=[HealthCheck.large_base_example,
                                 HealthCheck.data_too_large, HealthCheck.too_slow])
def test_any_pattern_matches_as_in_bash(pairs: list[tuple[str, str]]) -> None:
    answers = bash(CASE, [word for pair in pairs for word in pair])
    assert [pair for pair, answer in zip(pairs, answers, strict=True)
            if matches(*pair) is not (answer == '1')] == []


@needs_bash
@given(pairs=st.lists(st.tuples(patterns, texts), min_size=200, max_size=200))
@settings(max_examples=5, deadline=None, phases=[Phase.generate],
          suppress_health_check=[HealthCheck.large_base_example,
                                 HealthCheck.data_too_large, HealthCheck.too_slow])
def test_any_removal_is_as_in_bash(pairs: list[tuple[str, str]]) -> None:
    answers = bash(REMOVE, [word for pair in pairs for word in pair]).split('\0')[:-1]
    got = [text for pattern, subject in pairs
           for text in remove(Pattern(pattern), subject)]
    assert got == answers


# -- cost --------------------------------------------------------------------------------------


@pytest.mark.parametrize('pattern', [
    '*a*a*a*a*a*a*a*a*b', '*?*?*?*?*?*?b', '*[a-z]*[a-z]*[a-z]*[a-z]b*', '*a?a?a?a?a?b*'])
def test_no_pattern_explodes(pattern: str) -> None:
    text = 'a' * 10_000
    compiled = Pattern(pattern)
    start = time.process_time()
    assert not compiled.matches(text)
    assert remove(compiled, text) == [text] * 4
    assert time.process_time() - start < 10     # a backtracking matcher needs ages


def test_the_cache_is_bounded() -> None:
    from minishell.expand import pattern as module
    for number in range(3 * module.CACHE_SIZE):
        assert compile_pattern(f'{number}*').matches(f'{number}x')
    assert len(module._compiled) <= module.CACHE_SIZE
    assert compile_pattern('same*') is compile_pattern('same*')
