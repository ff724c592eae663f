"""What PS0, PS1, PS2, PS4 become at a terminal, asked of bash and of minishell."""
from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from .conftest import Terminal, hang_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIRECTORIES = [                 # what is set before \w and \W are shown
    'HOME=/', 'HOME=//', 'HOME=/usr/', 'HOME=/usr', 'HOME=/u', 'HOME=', 'unset HOME',
    'unset PWD', 'PWD=', 'PWD=/', 'PWD=//', 'PWD=/usr/', 'PWD=/usr//lib', 'PWD=relative',
    'PWD=/a/b/c/d/e', 'PROMPT_DIRTRIM=1', 'PROMPT_DIRTRIM=2', 'PROMPT_DIRTRIM=" 3"',
    'PROMPT_DIRTRIM=x', 'PROMPT_DIRTRIM=-1', 'PROMPT_DIRTRIM=9', 'HOME=/a/b', 'cd /usr/lib',
    'unset PROMPT_DIRTRIM', "PWD=$'/a\\e[31mb\\177c\\nd\\te'", "PWD='/$x`x`\\w\"'", 'cd ~',
    'cd /; HOME=/',
]
FORMS = [
    r'\w|\W', r'\!|\#|!|!!', r'\18|\1|\12|\08|\x41', r'\777|\377', r'\000|\400', r'\044x|\134w',
    r'\140echo a\140', r'\303\251', r'\"|"|\\|\\$x', r'`echo \"a\"`|$(echo "a")', r'\q\z|\?',
    r'\[a\]', r'\D{%%}|\D{%', r'\j|\$|\u', r'$x|\$x|${x}', '\\', r'a\nb\rc', r'\e|\a',
    r'\D', r'$((1+2))|$(echo $x)', r'\ $x', r'\!',
]
LINES = [                       # what is typed to see the numbers in all prompts
    ':', '', '# nothing', 'if :', 'then :', 'fi', ' echo "', 'two"', 'fi', 'echo ${PS1@P}',
    'set +o history', ':', 'set -o history', ':', 'set -x', ':', 'set +x',
    'HISTCONTROL=ignorespace', ' : hidden', ':', 'PROMPT_COMMAND=\'echo "<${y@P}>"\'', ':',
    'history -c', ':', 'set -o posix', ': !', ':',
]


@pytest.fixture
def shells(
    minishell: list[str], environment: dict[str, str], tmp_path: Path,
) -> Iterator[list[Terminal]]:
    """A prompt of bash, and one of minishell."""
    if 'version 5.2' not in subprocess.run(
            [shutil.which('bash') or 'false', '--version'], capture_output=True, text=True,
            check=False).stdout:
        pytest.skip('no bash 5.2')
    options = ['--norc', '--noprofile']
    env = {**environment, 'PS1': '', 'HISTFILE': str(tmp_path / 'none')}
    started = [Terminal(['bash', *options, '--noediting'], env, tmp_path),
               Terminal([*minishell, '--bash', *options, '--no-editor', '-i'], env, tmp_path)]
    yield started
    for terminal in started:
        hang_up(terminal.child)


def shown(shell: Terminal, form: str, before: str = ':') -> str:
    """What a form shows as PS1, behind a command."""
    quoted = form.replace("'", "'\\''")
    shell.type(f"{before}; PS1='@<''{quoted}''>@'\n")
    shell.until('@<')
    return shell.until('>@')


def test_forms(shells: list[Terminal]) -> None:
    """Each with and without promptvars, and in POSIX mode, which has `!`, too."""
    bash, ours = shells
    for setting in ('x=$y\\w', 'shopt -u promptvars', 'set -o posix', 'shopt -s promptvars'):
        for form in FORMS:
            expected = shown(bash, form, setting)
            assert shown(ours, form, setting) == expected, (setting, form)


def test_directories(shells: list[Terminal]) -> None:
    bash, ours = shells
    for setting in DIRECTORIES:
        expected = shown(bash, r'\w|\W', setting)
        assert shown(ours, r'\w|\W', setting) == expected, setting


def test_numbers(shells: list[Terminal]) -> None:
    """`\\!` and `\\#` in every prompt, while commands are entered, kept or not, and wrong."""
    found = []
    for shell in shells:
        shell.type(r"y='\!,\#'; PS0='{0 \!,\#}' PS2='{2 \!,\#}>>' PS4='{4 \!,\#}' "
                   r"PS1='{1 \!,\#}>>'" + '\n')
        shell.until('>>')
        screens = []
        for line in LINES:
            shell.type(line + '\n')
            screens.append([text for text in shell.until('>>').split('\n')
                            if 'syntax error' not in text and 'shell: `' not in text
                            and 'bash: `' not in text and text[:4] != '    '])
        found.append(screens)
    for line, expected, ours in zip(LINES, *found, strict=True):
        assert ours == expected, line
