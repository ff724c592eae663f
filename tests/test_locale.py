"""A locale that sorts otherwise than by bytes, made for the test (LC_COLLATE, XBD 7.3.2)."""
from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

NAME = 'en_US.UTF-8'


@pytest.fixture
def english(tmp_path: Path) -> dict[str, str]:
    """Variables for a locale that sorts as English dictionaries do."""
    if not shutil.which('localedef') or not Path('/usr/share/i18n/locales/en_US').exists():
        pytest.skip('no localedef to make a locale with')
    subprocess.run(['localedef', '-i', 'en_US', '-f', 'UTF-8', str(tmp_path / NAME)],
                   check=True, timeout=60, capture_output=True)
    return {'LOCPATH': str(tmp_path), 'LC_ALL': NAME}


def test_pathnames_are_sorted_by_the_locale(
    run: Run, minishell: list[str], environment: dict[str, str], english: dict[str, str],
) -> None:
    script = (': >a; : >B; : >b; : >A; : >é; : >z; echo *; LC_ALL=C; echo *; '
              'unset LC_ALL; LC_COLLATE=en_US.UTF-8; echo *; LC_COLLATE=; LANG=C; echo *')
    expected = 'a A b B é z\nA B a b z é\na A b B é z\nA B a b z é\n'
    for shell in (['bash'], minishell):
        assert run([*shell, '-c', script], env=environment | english).stdout == expected


def test_strings_are_compared_by_the_locale(
    run: Run, minishell: list[str], environment: dict[str, str], english: dict[str, str],
) -> None:
    """POSIX.1-2024: test s1 > s2 is true if s1 collates after s2 in the current locale."""
    script = 'test a \\< B; echo $?; test B \\> é; echo $?; LC_ALL=C; test a \\< B; echo $?'
    ended = run([*minishell, '-c', script], env=environment | english)
    assert ended.stdout == '0\n1\n1\n'
