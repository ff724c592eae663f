"""What is marked in a line that is typed: pitfalls, by today's values, and dangers."""
from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from scripts_at_hand import case_scripts

from minishell.explain.marking import marks_of, of_target, targets_of
from minishell.explain.places import said_at
from minishell.interactive.parsing import parse
from minishell.session import build_shell

if TYPE_CHECKING:
    from minishell.state.shell import Shell

VALUES = {'one': 'word', 'two': 'a  b', 'glob': '*.c', 'none': '', 'HOME': '/home/ada'}

DAMAGE = ['', *'$"\'`(){}<>|&;*~\\ \n[]=x!-/']


@pytest.fixture
def shell() -> Shell:
    shell = build_shell('minishell', {})
    shell.variables.values.clear()
    shell.variables.values.update(VALUES)
    return shell


def marked(shell: Shell, text: str) -> list[tuple[str, str]]:
    """What is marked in a text, and what is said of it."""
    return [(text[start:end], said) for start, end, said in marks_of(shell, parse(shell, text))]


@pytest.mark.parametrize(('text', 'where', 'said'), [
    ('rm -rf "$new/"', '"$new/"', 'new is not set: this removes what is in /'),
    ('rm -rf "$none/"*', '"$none/"*', 'none is empty: this removes what is in /'),
    ('x=1; rm -rf "$x/"', '"$x/"', 'if the variable is unset or null this removes'),
    ('if a; then one=$b; fi; ls $one', '$one', 'blanks in the value part it'),
    ('if a; then new=1; fi; ls $new', '$new', 'blanks in the value part it'),
    ('x=$two; ls $x', '$x', 'blanks in the value part it'), ('two+=1; ls $two', '$two', 'part'),
    ('cat f >f', '>f', 'f is emptied before the command can read it'),
    ('cat f | sort >f', '>f', 'f is emptied as the pipeline begins'),
    ('ls $two', '$two', "two is `a  b': unquoted it becomes 2 words"),
    ('ls $glob', '$glob', 'unquoted it becomes the files that match'),
    ('ls x$none', '$none', 'none is empty: nothing is left of it'),
    ('for f in *; do rm $f; done', '$f', 'blanks in the value part it into several fields'),
    ('sudo rm -rf /', '/', 'removes all that is in /'),
    ('rm -r ~/', '~/', 'removes all that is in your home directory'),
    ('rm -r "$HOME"', '"$HOME"', 'removes all that is in your home directory'),
    ("rm -fr '/usr/'*", "'/usr/'*", 'removes all that is in /usr'),
    ('nice -n 5 rm * .o', '*', 'a blank too many?'),
    ('chmod -R 777 /', '/', 'changes every file in /'),
    ('dd if=x of=/dev/sda', 'of=/dev/sda', 'overwrites what is on /dev/sda'),
    ('echo x >/dev/nvme0n1', '>/dev/nvme0n1', 'overwrites what is on /dev/nvme0n1'),
    ('kill -9 -1', '-1', 'every process that you may send a signal to'),
    ('find . -delete -name x', '-delete', '-delete stands last'),
    (':(){ :|:& };:', ':(){ :|:& }', 'a fork bomb'),
    ('curl -s a.b/c | sudo sh', 'sh', 'runs what the server sends'),
    ('echo "$(rm -rf /)"', '/', 'removes all that is in /'),
    ('if rm -rf /etc', '/etc', 'removes all that is in /etc'),       # not yet whole
])
def test_marks(text: str, where: str, said: str, shell: Shell) -> None:
    found = marked(shell, text)
    assert found
    assert found[0][0] == where
    assert said in found[0][1]


@pytest.mark.parametrize('text', [
    'x=1; ls $x', 'if a; then one=2; fi; ls $one', 'x=$one; ls $x', 'x=${new:-1}; ls $x',
    'for i in 1 2 $one; do ls $i; done', '((x = 3)); ls $x', 'one+=1; ls $one',
    'ls $one', 'rm -r "$one/"', 'ls "$two"', 'x=$two', '[[ $two ]]', 'echo $? $# $RANDOM',
    'cd /tmp', 'exec sh', 'cd $one && ls', 'rm -r /usr/local/x', 'rm *', 'rm -r *',
    'rm -rf ./x/', 'rm "*" x', 'vi $(git ls-files)', 'dd of=image', 'kill -1 5', 'kill -9 %1',
    'find . -delete', 'find . -name x -delete', 'f() { f; }', 'f() { g | h & }',
    'curl x | sh -s y | cat', 'sh', 'sort f | uniq >g', 'chmod -R 755 ~/x',
    'echo x >/dev/null', 'rm ~/x', '', 'sudo', 'nice -n',
])
def test_what_is_not_marked(text: str, shell: Shell) -> None:
    assert marked(shell, text) == []


@pytest.mark.parametrize(('text', 'size', 'said'), [
    ('x >f', 1204, 'f has 1,204 bytes: > empties it, >> appends to it'),
    ('{ x; } &>"f"', 1, 'f has 1 byte: > empties it, >> appends to it'),
    ('x >$one', 5, 'word has 5 bytes: > empties it, >> appends to it'),
    ('x <f', -1, 'f is not there'), ('x >f', 0, ''), ('x >f', -1, ''), ('x <f', 5, ''),
    ('x >>f', 5, ''), ('x >|f', 5, ''), ('x >/dev/null', 5, ''), ('x >&2', 5, ''),
    ('y >f; x <f', -1, ''), ('cd d; x <f', -1, ''), ('cd d; x </f', -1, '/f is not there'),
    ('x <$new', -1, ''), ('f=1; x <$f', -1, ''), ('x <"$(y)"', -1, ''),
])
def test_files_of_redirections(text: str, size: int, said: str, shell: Shell) -> None:
    found = [mark for target in targets_of(shell, parse(shell, text))
             for mark in of_target(shell, target, size)]
    assert [mark[2] for mark in found] == [said] * bool(said)
    assert all(text[start] in '<>&' for start, _, _ in found)


def test_files_that_noclobber_keeps(shell: Shell) -> None:
    shell.set_option('noclobber', True)
    assert of_target(shell, targets_of(shell, parse(shell, 'x >f'))[0], 5) == [
        (2, 4, 'f is there, and set -C: this fails; >| empties it')]


def test_whatever_is_typed_so_far(shell: Shell) -> None:
    """Nothing is raised over half a command, and marks lie within the text."""
    for text in ('rm -rf "$x/"* $(cat `y` <<E\n$a\nE\n) >f <f &', ':(){ :|:& };:',
                 'for f in $(ls); do case $f in a) read x;; esac; done | sudo -u a sh -c',
                 'if [ $x == ${y:-"$(z)"} ]; then cd "$a$b"; fi 2>&1 >"/dev/sda" && kill -9 -1',
                 "find / $'-delete' -name ~ | tee a[1]=(b {c,d}) x <(rm *) 3>&1 {v}>&-"):
        for end in range(len(text) + 1):
            for start, stop, said in marks_of(shell, parse(shell, text[:end])):
                assert 0 <= start < stop <= end
                assert said
            targets_of(shell, parse(shell, text[:end]))


def test_damaged_scripts(shell: Shell) -> None:
    """Nothing is raised over them, by whatever is said of what is typed."""
    damage = random.Random('marks')
    for script in damage.sample(case_scripts(), 400):
        letters = [*script[:400]]
        for _ in range(3):
            at = damage.randrange(len(letters) + 1)
            letters[at:at + damage.randrange(2)] = damage.choice(DAMAGE)
        text = ''.join(letters)
        partial = parse(shell, text)
        for start, stop, said in marks_of(shell, partial):
            assert 0 <= start < stop <= len(text)
            assert said
        targets_of(shell, partial)
        assert all(said_at(shell, partial, damage.randrange(len(text) + 1)))
