"""`undo`: what the last line has changed of the shell's state, put back."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal

    Start = Callable[..., Terminal]

END = 'Files stay as they are.\n'


def undone(shell: Terminal, line: str = 'undo') -> list[str]:
    """What an `undo` has said it has done."""
    shown = shell.enter(line)
    assert shown.endswith(END), shown
    return [each.strip() for each in shown.removesuffix(END).splitlines()[1:]]


@pytest.mark.parametrize(('before', 'line', 'commands', 'question'), [
    ('x=1', 'x=2', ['x=1'], 'echo $x'),
    (':', 'x=2', ['unset x'], 'echo ${x-unset}'),
    ('x=1', 'unset x', ['x=1'], 'echo $x'),
    ('x=1', 'export x', ['x=1'], "sh -c 'echo [$x]'; export -p | grep -c ' x='"),
    ('export x=1', 'x=2', ['declare -x x=1'], "sh -c 'echo $x'"),
    ('x=3', 'readonly x', ['x=3'], 'x=3; echo $x'),
    ('declare -i x=3', 'x+=4', ['declare -i x=3'], 'declare -p x'),
    ('a=(1 2)', 'a[1]=x; a+=(y)', ['declare -a a=([0]="1" [1]="2")'], 'declare -p a'),
    ('a=(1 2)', 'for ((i = 0; i < 300; i++)); do a[i]=$i; done',
     ['declare -a a=([0]="1" [1]="2")', 'unset i'], 'declare -p a'),
    ('declare -A m=([k]=v)', 'm[j]=w', ['declare -A m=([k]="v" )'], 'declare -p m'),
    ('a=(1 2)', 'unset a', ['declare -a a=([0]="1" [1]="2")'], 'declare -p a'),
    ('t=3; declare -n r=t', 'unset -n r', ['declare -n r=t'], 'r=4; echo $t'),
    ('f() { echo one; }', 'f() { echo two; }', ['f () {{ echo one }}'], 'f'),
    ('f() { echo one; }', 'unset -f f', ['f () {{ echo one }}'], 'f'),
    (':', 'test() { echo mine; }', ['unset -f test'], 'test x; echo $?'),
    ("alias e='echo 1'", "alias e='echo 2'", ["alias e='echo 1'"], 'e'),
    (':', 'alias e=echo', ['unalias e'], 'alias e 2>&1'),
    (':', 'set -f -o vi; set -C',
     ['set -o emacs', 'set +o noclobber', 'set +o noglob', 'set +o vi'],
     'echo $-; set -o | grep vi'),
    (':', 'set -o posix', ['unset POSIXLY_CORRECT', 'set -o braceexpand', 'set +o posix'],
     'echo {a,b}; set +o | grep posix'),
    (':', 'shopt -s extglob dotglob', ['shopt -u dotglob', 'shopt -u extglob'],
     'shopt extglob dotglob'),
    ("trap 'echo one' USR1", "trap 'echo two' USR1; trap '' HUP",
     ['trap - HUP', "trap 'echo one' USR1"], 'trap; kill -USR1 $$'),
    ('set -- a "b c"', 'set -- x; shift', ["set -- a 'b c'"], 'printf "<%s>" "$@"; echo'),
    ('IFS=:', 'IFS=-', ['IFS=:'], 'x=a:b; echo $x'),
    (':', 'LC_ALL=C', None, 'x=é; echo ${#x}'),
    ('mkdir d', 'cd d', ['cd {here}'], 'pwd; echo ${OLDPWD-none}'),
    ('mkdir d', 'pushd d', ['cd {here}', 'dirs -c'], 'pwd; dirs -p | wc -l'),
])
def test_put_back(before: str, line: str, commands: list[str] | None, question: str,
                  shell: Terminal, tmp_path: Path) -> None:
    """And made again, and put back once more."""
    shell.enter(before)
    was = shell.enter(question)
    shell.enter(line)
    shell.enter('undo -l')
    said = undone(shell)
    if commands is not None:
        whole = [command.format(here=tmp_path) for command in commands]
        assert [full if full.startswith(text.removesuffix('...')) else text
                for text, full in zip(said, whole, strict=True)] == whole
    assert shell.enter(question) == was
    if question[1:2] != '=':            # else that was another line to undo
        undone(shell, 'undo -r')
        undone(shell)
        assert shell.enter(question) == was


def test_one_line_after_the_other(shell: Terminal) -> None:
    for line in ('x=1', 'x=2', 'echo hi', 'x=3'):
        shell.enter(line)
    assert shell.enter('undo') == f'before: x=3\n    x=2\n{END}'
    assert shell.enter('undo') == f'before: x=2\n    x=1\n{END}'
    assert shell.enter('undo -r') == f'behind: x=2\n    x=2\n{END}'
    assert shell.enter('undo -r; echo $x') == f'behind: x=3\n    x=3\n{END}3\n'
    assert shell.enter('undo -r') == 'minishell: undo: nothing to be done again\n'
    assert shell.enter('undo; undo; undo; echo ${x-none}').endswith('none\n')
    assert shell.enter('undo') == 'minishell: undo: nothing to undo\n'
    assert shell.enter('echo $?') == '1\n'


def test_only_a_look(shell: Terminal) -> None:
    shell.enter('x=1')
    said = f'before: x=1\n    unset x\n{END}'
    assert shell.enter('undo -l') == said
    assert shell.enter('undo -l | cat') == said
    assert shell.enter('echo "$(undo -l)"') == said
    assert shell.enter('echo $x') == '1\n'


def test_the_line_itself_so_far(shell: Terminal) -> None:
    assert shell.enter('x=1; undo; echo ${x-none}').endswith(f'unset x\n{END}none\n')


def test_what_prompts_change_is_no_lines_change(shell: Terminal) -> None:
    shell.enter("PROMPT_COMMAND='n=x$n'")
    shell.enter('y=1')
    assert undone(shell) == ['unset y']


def test_files_stay(shell: Terminal, tmp_path: Path) -> None:
    shell.enter('x=1; echo hi >file')
    assert undone(shell) == ['unset x']
    assert (tmp_path / 'file').read_text() == 'hi\n'


def test_a_directory_that_has_gone(shell: Terminal, tmp_path: Path) -> None:
    """The rest is put back, and PWD is true."""
    shell.enter('mkdir d; cd d')
    shell.enter('x=1; cd ..; rmdir d')
    shown = shell.enter('undo; echo $? ${x-none} ${PWD##*/}')
    assert shown.startswith(f'minishell: undo: cd: {tmp_path}/d: No such file or directory\n')
    assert shown.endswith(f'1 none {tmp_path.name}\n')


@pytest.mark.parametrize(('line', 'why'), [
    ('(undo)', 'there is no prompt whose lines could be undone'),
    ('undo | cat', 'there is no prompt whose lines could be undone'),
    ('g() { undo; }; g', 'not in a function, nor with assignments before it'),
    ('x=1 undo', 'not in a function, nor with assignments before it'),
    ('undo now', 'too many arguments'),
])
def test_where_it_cannot_be(line: str, why: str, shell: Terminal) -> None:
    shell.enter('y=1')
    assert f'undo: {why}' in shell.enter(line)
    assert shell.enter('echo $y') == '1\n'


def test_a_line_that_fails_is_undone(shell: Terminal) -> None:
    shell.enter('x=1; y=${nothing?}; z=1')
    assert undone(shell) == ['unset x']
    shell.enter('x=1; sleep() { :; }; kill -INT $$')
    assert undone(shell) == ['unset x', 'unset -f sleep']


def test_children_have_the_environment_as_it_was(shell: Terminal) -> None:
    shell.enter('export A=1; f() { :; }; export -f f')
    assert shell.enter('env | grep -c -e ^A= -e ^BASH_FUNC') == '2\n'
    undone(shell)
    assert shell.enter('env | grep -c -e ^A= -e ^BASH_FUNC') == '0\n'
