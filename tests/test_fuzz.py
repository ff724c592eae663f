"""Random scripts, the same every time: minishell does as dash and bash if these agree."""
from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fuzz
import fuzz_bytes
import fuzz_runs
import fuzz_sandbox
import pytest
from fuzz_bash import BashWriter
from fuzz_mutations import Mutator
from fuzz_scripts import Writer
from test_cases import CASES, parse_file

SEEDS = range(150)
BASH_SEEDS = range(100)         # of scripts in the language of bash
READ = int(os.environ.get('MINISHELL_FUZZ', '500'))     # mutilated scripts
RUN = READ // 2

pytestmark = pytest.mark.skipif(
    not all(shutil.which(shell[0]) for shell in fuzz.REFERENCES),
    reason='dash and bash are needed to compare with')


def test_minishell_agrees_where_dash_and_bash_do() -> None:
    assert [fuzz.report(seed) for outcome in fuzz.search(SEEDS, workers=1)
            for seed in outcome.wrong] == []


def test_minishell_agrees_with_bash_on_its_language() -> None:
    outcomes = list(fuzz.search(BASH_SEEDS, workers=1, maker=BashWriter))
    assert [fuzz.report(seed, BashWriter)
            for outcome in outcomes for seed in outcome.wrong] == []
    assert sum(outcome.agreed for outcome in outcomes) > len(BASH_SEEDS) * .9


def test_the_references_run_and_agree_on_most_scripts() -> None:
    texts = [Writer(seed).script() for seed in SEEDS[:25]]
    dash, bash = (fuzz.together(reference, texts) for reference in fuzz.REFERENCES)
    assert None not in dash
    assert sum(ds == bs for ds, bs in zip(dash, bash, strict=True)) > len(texts) / 2


def test_a_script_depends_only_on_its_seed() -> None:
    assert Writer(7).script() == Writer(7).script() != Writer(8).script()
    assert BashWriter(7).script() == BashWriter(7).script() != BashWriter(8).script()


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


# -- scripts that are run in a sandbox ----------------------------------------------------


@pytest.fixture(scope='module')
def made() -> Iterator[fuzz_sandbox.Sandbox]:
    """A sandbox; skips where there can be none."""
    try:
        with fuzz_sandbox.sandbox() as made:
            yield made
    except fuzz_sandbox.Unsafe as reason:
        pytest.skip(f'nothing can be run safely here: {reason}')


def job(*texts: str, how: int = 0, **options: Any) -> fuzz_runs.Job:
    """A job with these scripts, which takes no more time than it must."""
    scripts = [fuzz_runs.Script(seed, how, text) for seed, text in enumerate(texts)]
    return fuzz_runs.Job(scripts, **{'tell': True, 'quick': 2, 'patience': 2, **options})


def test_recombined_cases_are_run(made: fuzz_sandbox.Sandbox) -> None:
    """No internal error, no death by a signal, no hang that bash has not, too."""
    scripts = [fuzz_runs.script_of(2_000_000 + number) for number in range(RUN)]
    outcome = fuzz_runs.run_job(made, fuzz_runs.Job(scripts))
    assert outcome.wrong == []
    assert outcome.tally['run'] == RUN
    assert outcome.tally['printed'] > RUN * .6
    assert outcome.tally['syntax error'] < RUN * .1


def test_what_is_recombined_depends_only_on_the_seed() -> None:
    assert fuzz_runs.script_of(7) == fuzz_runs.script_of(7)
    assert fuzz_runs.script_of(7).text != fuzz_runs.script_of(8).text


def test_cases_do_in_the_sandbox_what_they_should(made: fuzz_sandbox.Sandbox) -> None:
    cases = [case for path in sorted(CASES.glob('*/*.test')) for case in parse_file(path).cases]
    cases = [case for case in cases[::20] if not case.known_failure]
    told = fuzz_runs.run_job(made, job(*[case.script for case in cases])).told
    other = [(case.title, told[number]) for number, case in enumerate(cases)
             if (told[number]['status'], told[number]['out']) != (
                 case.expected_of('minishell').status, case.expected_of('minishell').stdout)]
    assert len(other) < len(cases) / 20, other      # times, the user's rights


@pytest.mark.parametrize(('plant', 'wrong'), [
    ('internal', 'tells internal error: RuntimeError: planted'),
    ('signal', 'dies of signal 11'), ('hang', 'hangs')])
@pytest.mark.parametrize('how', range(3))
def test_what_is_planted_is_found(plant: str, wrong: str, how: int,
                                  made: fuzz_sandbox.Sandbox) -> None:
    seconds = 3 if plant == 'hang' else 20
    outcome = fuzz_runs.run_job(made, job(
        'echo a\n', 'echo b\nexec 2>/dev/null\n: x\necho c\n', 'echo d\n', how=how,
        plant=plant, quick=seconds, patience=seconds, tries=50 if plant != 'hang' else 0))
    assert [(each['seed'], each['wrong'].partition(' (')[0]) for each in outcome.wrong] == [
        (1, wrong)]
    assert ': x' in outcome.wrong[0]['small']
    assert 'echo b' not in outcome.wrong[0]['small'] or plant == 'hang'
    assert [outcome.told[seed]['out'] for seed in (0, 2)] == ['a\n', 'd\n']


def test_what_bash_does_too_is_no_fault(made: fuzz_sandbox.Sandbox) -> None:
    outcome = fuzz_runs.run_job(made, job(
        'kill -SEGV $$', 'while :; do :; done', "(kill -ABRT $(exec sh -c 'echo $PPID')); :",
        quick=3))
    assert outcome.wrong == []
    assert [told['status'] for told in outcome.told.values()] == [-11, -9, 0]


def test_nothing_of_a_script_survives_it(made: fuzz_sandbox.Sandbox) -> None:
    """Nor binds it the next one: processes, files, what cannot be removed by its owner."""
    outcome = fuzz_runs.run_job(made, job(
        'trap "" TERM HUP; i=0; while [ $i -lt 40 ]; do setsid /bin/sleep 1000 & i=$((i + 1)); '
        'done 2>/dev/null; echo x >../../left; mkdir d; >d/f; chmod 0 d; cd ..; chmod 0 .',
        'echo ../../*; ps -e -o comm= | sort | tr -s "\\n" " "; id -u; umask', quick=20))
    assert re.fullmatch(rf'\.\./\.\./left \.\./\.\./tmp\w+\n(.* )?ps .*{made.user}\n0022\n',
                        str(outcome.told[1]['out'])), outcome.told
    assert 'sleep' not in str(outcome.told[1]['out'])
    assert made.user not in owners()


def owners() -> set[int]:
    """Whose processes there are."""
    found = set()
    for path in Path('/proc').glob('[0-9]*'):
        with contextlib.suppress(OSError):      # it has ended meanwhile
            found.add(path.stat().st_uid)
    return found
