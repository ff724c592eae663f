"""What is said of one place of a command line (F1)."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from test_explain import PAGES, UNIQUE

from minishell.explain.places import said_at
from minishell.interactive.parsing import parse
from minishell.session import build_shell

if TYPE_CHECKING:
    from pathlib import Path

    from minishell.state.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    folder = tmp_path / 'man1'
    folder.mkdir()
    for name in ('grep.1', 'sort.1'):
        (folder / name).write_text(PAGES[name])
    (folder / 'git-add.1').write_text('.SH NAME\ngit-add\n.SH OPTIONS\n.TP\n-i\n'
                                      'Ask before each.\n')
    shell = build_shell('test', {b'PATH': b'/usr/bin:/bin', b'MANPATH': str(tmp_path).encode(),
                                 b'two': b'a b', b'HOME': b'/home/me'})
    shell.set_shopt('expand_aliases', True)
    shell.aliases['ll'] = 'ls -l'
    return shell


def at(shell: Shell, text: str) -> list[str]:
    """What is said where `^` stands in a text."""
    cursor = text.index('^')
    text = text.replace('^', '')
    return said_at(shell, parse(shell, text), cursor)


@pytest.mark.parametrize(('text', 'said'), [
    ('c^d /tmp', ['cd: built-in utility: change the working directory',
                  'cd [-L|[-P [-e]] [-@]] [dir]']),
    ('nosuch^', ['nosuch: not found in PATH: status 127']),
    ('^ll', ['ll: alias of `ls -l`']),
    ('sort ^-u f', [f'-u  {UNIQUE}']),
    ('sudo sort ^-u f', [f'-u  {UNIQUE}']),
    ('x=$(grep -^i x f)', ['-i  Ignore case distinctions']),
    ('cd -^P x', ['-P  go to the directories they lead to']),
    ('[ -^d x ]', ['-d x  it is a directory']),
    ('read -^rs x', ['-r  a backslash is a character like others',
                      '-s  what is typed is not shown']),
    ('kill -TER^M 5', ['-TERM  SIGTERM is signal 15: a request to end: what kill sends if no '
                       'signal is named. By default: ends the process. A command that it ends '
                       'has status 143.']),
    ("trap '' US^R1", ['USR1: SIGUSR1 is signal 10: for programs to agree on. By default: ends '
                       'the process. A command that it ends has status 138.']),
    ("trap '^' INT", ["'': ignored, by what is run, too"]),
    ('umask 02^2', ['022: new files have at most the mode 644, directories 755']),
    ('a ^| b', ['|: a pipe: what the left side writes the right side reads; both run at once']),
    ('a ^&& b', ['&&: the right side runs only if the status of the left one is 0']),
    ('x >f 2^>&1', ["2>&1: 2 becomes a copy of 1: the shell's"]),
    ('x ^>f', ['>f: 1: f created, or emptied if it is there']),
    ('x ^>', ['>: a redirection: what is behind it is missing']),
    ('i^f a', ['if: run commands by a condition', 'if COMMANDS; then COMMANDS; '
               '[ elif COMMANDS; then COMMANDS; ]... [ else COMMANDS; ] fi']),
    ('if a; the^n', ['then: what runs if the status is 0']),
    ('echo $t^wo', ['$two: the variable two → <a b>']),
    ('echo "${new^:-x}"', ['${new:-x}: the variable new: the word behind :- where it is '
                           'unset or null → not set']),
    ('two=1; echo $t^wo', ['$two: the variable two']),
    ('echo ~^/x', ['~/x: ~: the home directory → </home/me/x>']),
    ('echo x # y^', ['# y: a comment: up to the end of the line']),
    ('echo $((1^ + 2))', ['$((1 + 2)): an expression: integers, variables without $, operators '
                          'of C']),
    ('x^=1', ['x=: an assignment: no blanks around =; what comes behind it is not split']),
    ('git -p add -^i x', ['-i  Ask before each']), ('grep fo^o', ['foo: an argument of grep']),
    ('diff <^(a) b', ['<(a): the name of a pipe to or from the commands']),
    ('echo "$^(a)"', ['$(a): what the commands print, without newlines at its end']),
    ('echo ${#t^wo}', ['${#two}: the length of the variable two']),
    ('  ^  ', []), ('^', []),
])
def test_places(text: str, said: list[str], shell: Shell) -> None:
    assert at(shell, text) == said


def test_every_place_of_a_line(shell: Shell) -> None:
    text = ('for f in {a,b}* "$x" \'q\' $\'e\' \\c; do [[ $f == *.c && -f $f ]] || '
            'echo $(cat <f `x`) >&2 <<E & done; case $x in (a|b) f() { :; };; esac; '
            '((i++)); a[1]=(x)\n$x\nE\nif (')
    for cursor in range(len(text) + 1):
        lines = said_at(shell, parse(shell, text), cursor)
        assert all(lines)
        assert lines or text[cursor - 1].isspace() and text[cursor].isspace()
