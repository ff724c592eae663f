"""The C library's regular expressions."""
from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minishell.errors import RegexError
from minishell.expand import regex


def search(pattern: str, text: str) -> str | None:
    found = regex.search(pattern, text, 'C.UTF-8', 'C.UTF-8')
    return found[0] if found else None


@given(st.text('ab\\.[]*^$+?(){}|-1é', max_size=10))
def test_what_is_quoted_matches_itself(text: str) -> None:
    assert search('^' + regex.quoted(text) + '$', text) == text


@pytest.mark.parametrize('pattern', ['(', '[', 'a{2,1}', '[[:no:]]', '[b-a]', 'a{99999999999}'])
def test_what_is_none(pattern: str) -> None:
    for _ in range(2):
        with pytest.raises(RegexError):
            search(pattern, 'a')


def test_only_so_many_are_kept() -> None:
    for number in range(3 * regex.MOST):
        assert search(f'x{number}y', f'axx{number}yb') == f'x{number}y'
    assert len(regex._compiled) <= regex.MOST


@pytest.mark.parametrize(('pattern', 'inside'), [
    ('', False), ('[', True), ('[]', True), ('[^]', True), ('[a]', False), ('[]]', False),
    ('\\[', False), ('\\\\[', True), ('[[:alpha:]', True), ('[[:alpha:]]', False),
    ('[a][', True),
    ('[[.].]', True), ('[[.].]]', False), ('a[b', True), ('[[]', False)])
def test_brackets(pattern: str, inside: bool) -> None:
    assert regex.is_in_brackets(pattern) is inside


def test_locales() -> None:
    assert search('^.$', 'é') == 'é'
    assert regex.search('^..$', 'é', 'C', 'C') == ['é']
    assert regex.search('^..$', 'é', 'no_SUCH', 'no_SUCH') == ['é']
    assert search('.', '\udcff\udcfea') == 'a'


@pytest.mark.skipif(not shutil.which('bash'), reason='bash is needed to compare with')
@given(st.lists(st.tuples(st.text('ab[]()*+?|^$.\\-', max_size=7), st.text('ab-]', max_size=6)),
                min_size=50, max_size=50))
@settings(max_examples=10, deadline=None)
def test_any_expression_matches_as_in_bash(pairs: list[tuple[str, str]]) -> None:
    script = ('while IFS= read -r -d "" p && IFS= read -r -d "" s; do\n'
              '[[ $s =~ $p ]]; s=$?; [ $s = 2 ] && BASH_REMATCH=\n'
              'printf "%s %s\\0" $s "$BASH_REMATCH"; done')
    given_ = ''.join(f'{pattern}\0{text}\0' for pattern, text in pairs)
    answers = subprocess.run(
        ['bash', '-c', script], input=given_, text=True, capture_output=True, check=True,
        env={'LC_ALL': 'C.UTF-8'}, timeout=60).stdout.split('\0')[:-1]
    got = []
    for pattern, text in pairs:
        try:
            found = search(pattern, text)
            got.append(f'{int(found is None)} {found or ""}')
        except RegexError:
            got.append('2 ')
    assert got == answers
