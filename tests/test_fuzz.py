"""Random scripts, the same every time: minishell does as dash and bash if these agree."""
from __future__ import annotations

import os
import shutil

import fuzz
import fuzz_bytes
import fuzz_runs
import pytest
from fuzz_mutations import Mutator
from fuzz_scripts import Writer

SEEDS = range(150)
READ = int(os.environ.get('MINISHELL_FUZZ', '500'))     # mutilated scripts
RUN = READ // 2

pytestmark = pytest.mark.skipif(
    not all(shutil.which(shell[0]) for shell in fuzz.REFERENCES),
    reason='dash and bash are needed to compare with')


def test_minishell_agrees_where_dash_and_bash_do() -> None:
    assert [fuzz.report(seed) for outcome in fuzz.search(SEEDS, workers=1)
            for seed in outcome.wrong] == []


def test_the_references_run_and_agree_on_most_scripts() -> None:
    texts = [Writer(seed).script() for seed in SEEDS[:25]]
    dash, bash = (fuzz.together(reference, texts) for reference in fuzz.REFERENCES)
    assert None not in dash
    assert sum(ds == bs for ds, bs in zip(dash, bash, strict=True)) > len(texts) / 2


def test_a_script_depends_only_on_its_seed() -> None:
    assert Writer(7).script() == Writer(7).script() != Writer(8).script()


def test_a_wrong_shell_is_noticed() -> None:
    assert fuzz.disagrees('echo a\n', ('/bin/echo',))
    assert not fuzz.disagrees('echo a\n')


def test_what_is_wrong_is_shown_small() -> None:
    assert fuzz.shrink('a b\nc d e\nf\n', lambda text: 'd' in text) == 'd'


def test_mutilated_scripts_are_read() -> None:
    """Whatever the bytes: a tree, which can be stored and written back, or a syntax error."""
    first = 1_000_000
    assert list(fuzz_bytes.search(range(first, first + READ), READ // 10)) == []


def test_what_is_mutilated_depends_only_on_the_seed() -> None:
    assert Mutator(7).mutated() == Mutator(7).mutated() != Mutator(8).mutated()


def test_mutilated_cases_are_run() -> None:
    """No internal error, no death by a signal, no hang that bash has not, too."""
    first = 2_000_000
    try:
        with fuzz_runs.sandbox() as sandbox:
            assert sandbox.batch(range(first, first + RUN)) == []
    except fuzz_runs.Unsafe as reason:
        pytest.skip(f'nothing can be run safely here: {reason}')
