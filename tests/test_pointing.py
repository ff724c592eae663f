"""On a terminal the line and a caret stand below the message of an error; else they do not."""
from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONG = f'echo {"a" * 100} ${{u?long}} {"b" * 100}'
# text → the lines below the message
POINTED = [
    ('x=1\necho "a${x}b $((x + 1/0)) c"',
     '    echo "a${x}b $((x + 1/0)) c"\n'
     '                          ^\n'),
    ('set -u; echo "${a:-${b}}"',
     '    set -u; echo "${a:-${b}}"\n'
     '                       ^~~~\n'),
    ('echo $((1+)) end',
     '    echo $((1+)) end\n'
     '             ^\n'),
    ('echo $((7 * 08))',
     '    echo $((7 * 08))\n'
     '                ^~\n'),
    ('echo ${x!} end',
     '    echo ${x!} end\n'
     '         ^~~~~\n'),
    ('readonly r=1; for i in 1 2; do\n  r=2; done',
     '      r=2; done\n'
     '      ^~~\n'),
    ('cat <<E\none\ntwo ${u?is not there}\nE',
     '    two ${u?is not there}\n'
     '        ^~~~~~~~~~~~~~~~~\n'),
    ('case ${u?nothing} in\nx) echo;; esac',
     '    case ${u?nothing} in\n'
     '         ^~~~~~~~~~~~\n'),
    ('if true; then\n echo a\n )\nfi',
     '   1 | if true; then\n'
     '     | ~~\n'
     '   3 |  )\n'
     '     |  ^\n'),
    ('{ echo; ) }',
     '    { echo; ) }\n'
     '    ~       ^\n'),
    ('echo "abc\ndef',
     '    echo "abc\n'
     '         ^\n'),
    ('while :\ndo echo',
     '    while :\n'
     '    ~~~~~\n'),
    ('(( 3 + 4/0 ))',
     '    (( 3 + 4/0 ))\n'
     '             ^\n'),
    ('[[ 1/0 -eq 2 ]]',
     '    [[ 1/0 -eq 2 ]]\n'
     '         ^\n'),
    ('for ((i=0; i<3/0; i++)); do :; done',
     '    for ((i=0; i<3/0; i++)); do :; done\n'
     '                   ^\n'),
    ('echo `echo ${u?in backquotes}` x',
     '    echo `echo ${u?in backquotes}` x\n'
     '               ^~~~~~~~~~~~~~~~~~\n'),
    ('echo $(echo ${u?in substitution}) x',
     '    echo $(echo ${u?in substitution}) x\n'
     '                ^~~~~~~~~~~~~~~~~~~~\n'),
    ('eval "echo; echo \\${u?in eval}"',
     '    echo; echo ${u?in eval}\n'
     '               ^~~~~~~~~~~~\n'),
    ('trap "echo \\${u?in trap}" EXIT',
     '    echo ${u?in trap}\n'
     '         ^~~~~~~~~~~~\n'),
    ('f() { echo x; echo ${u?in function}; }; f',
     '    f() { echo x; echo ${u?in function}; }; f\n'
     '                       ^~~~~~~~~~~~~~~~\n'),
    ('a[1/0]=3',
     '    a[1/0]=3\n'
     '        ^\n'),
    ('echo 日本語 ${u?wide}',
     '    echo 日本語 ${u?wide}\n'
     '                ^~~~~~~~~\n'),
    ('\techo e\u0301\x01 ${u?tab}',
     '     echo e\u0301? ${u?tab}\n'
     '             ^~~~~~~~\n'),
    (LONG,
     f'    ...{"a" * 24} ${{u?long}} {"b" * 34}...\n'
     f'    {" " * 28}^~~~~~~~~\n'),
    ('x=abc; echo ${x:1:-9}',
     '    x=abc; echo ${x:1:-9}\n'
     '                ^~~~~~~~~\n'),
    ('echo ${u?one} ${u?two}',
     '    echo ${u?one} ${u?two}\n'
     '         ^~~~~~~~\n'),
    ('shopt -s failglob\necho /nowhere*', ''),
    ('cd /nowhere', ''),         # of a utility, which says enough
    ('cat </nowhere', ''),
]


def on_terminal(argv: list[str], environment: dict[str, str], columns: int = 80) -> str:
    """What a program writes to standard error where that is a terminal."""
    ours, theirs = os.openpty()
    os.set_inheritable(theirs, True)
    subprocess.run(['stty', 'cols', str(columns), '-opost'], stdin=theirs, check=True)
    subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, stderr=theirs, check=False,
                   stdout=subprocess.DEVNULL, timeout=60)
    os.close(theirs)
    text = b''
    try:
        while piece := os.read(ours, 4096):
            text += piece
    except OSError:             # EIO: all of it has been read
        pass
    os.close(ours)
    return text.decode()


@pytest.mark.parametrize(('text', 'below'), POINTED)
@pytest.mark.parametrize('hot', ['', '0'])
def test_a_caret(text: str, below: str, hot: str, minishell: list[str],
                 environment: dict[str, str]) -> None:
    shown = on_terminal([*minishell, '-c', text, 'sh'], {**environment, 'MINISHELL_HOT': hot})
    message, _, rest = shown.partition('\n')
    assert message.startswith(('sh: ', '/nowhere: '))
    assert rest == below


def test_a_file_that_is_sourced_is_named(minishell: list[str], environment: dict[str, str],
                                         tmp_path: Path) -> None:
    path = tmp_path / 'file'
    path.write_text('echo 1\n\necho ${u?in file}\n')
    assert on_terminal([*minishell, '-c', f'\n. {path}', 'sh'], environment) == (
        f'{path}: line 3: u: in file\n    echo ${{u?in file}}\n         ^~~~~~~~~~~~\n')


def test_no_caret_without_a_terminal_or_room(
        minishell: list[str], environment: dict[str, str],
        run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    argv = [*minishell, '-c', 'echo $((1/0))', 'sh']
    assert run(argv).stderr.count('\n') == 1
    assert on_terminal(argv, environment, 20).count('\n') == 1
