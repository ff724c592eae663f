"""Consequences of errors: the whole table of XCU 2.8.1, wherever an error may happen.

A row of the table is a class of errors; each of its commands fails in every context.  What
must follow comes from the table alone.  dash and `bash --posix` are asked, too; where they
are known to do something else, GOES_ON and its like say so.
"""
from __future__ import annotations

import re
import shlex
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]
    Ask = Callable[..., subprocess.CompletedProcess[str]]

EXITS, STAYS, MAY_EXIT = 'exits', 'stays', 'may exit'
SHELLS = ('minishell', 'dash', 'bash')
PREPARED = 'readonly r=1; unset x; f() { echo called; }\n'


class Row(NamedTuple):
    """A row of the table: what a script does, and whether the shell must say something."""

    consequence: str
    message: bool
    errors: tuple[str, ...]


TABLE = {
    'syntax': Row(EXITS, True, (
        'eval fi', "eval 'echo \"'", "eval ')'", "eval '{ :;'", '. ./syntax')),
    'special': Row(EXITS, False, (
        'set -o nosuch', 'set -Z', '. /nosuch', '. nosuch', 'readonly 1x', 'export 1x',
        'unset r', 'shift x', 'exec /nosuch', 'exec nosuch', 'trap -Z INT')),
    'other': Row(STAYS, False, (
        'cd /nosuch', 'cd -Z', 'read 1x </dev/null', 'read r </dev/null', 'getopts', 'umask x',
        'ulimit -Z', 'kill -s NOSUCH 1', 'alias nosuch', 'unalias nosuch',
        'type nosuch >/dev/null', 'hash nosuch', 'command -v nosuch', 'wait 99999999',
        'test a b', '[ a', 'printf %d x >/dev/null', 'cat /nosuch', 'false', 'trap : NOSUCH')),
    'redirection, special': Row(EXITS, True, (
        ': </nosuch', ': >/nosuch/x', 'exec 3</nosuch', 'eval : </nosuch', 'set a <&9',
        'x=1 export x </nosuch', '. ./empty </nosuch', 'set -C; : >empty')),
    'redirection, compound': Row(MAY_EXIT, True, (
        '{ :; } </nosuch', '( : ) </nosuch', 'if :; then :; fi </nosuch',
        'while false; do :; done >/nosuch/x', 'for i in 1; do :; done <&9',
        'case x in x) ;; esac </nosuch')),
    'redirection, function': Row(MAY_EXIT, True, (
        'f </nosuch', 'f >/nosuch/x', 'f <&9', 'x=1 f </nosuch')),
    'redirection, other': Row(STAYS, True, (
        'cd . </nosuch', 'cat </nosuch', 'cat <&9', 'echo >/nosuch/x', 'test a </nosuch',
        '</nosuch', 'x=1 </nosuch', 'nosuch </nosuch')),
    'assignment': Row(EXITS, True, (
        'r=2', 'x=1 r=2', 'r=2 :', 'r=2 cd .', 'r=2 cat', 'r=2 f', 'readonly r=2',
        'export r=2', 'for r in 1; do :; done', ': $((r = 2))', 'y= r=$y </dev/null')),
    'expansion': Row(EXITS, True, (
        ': ${x?}', 'cd ${x?}', 'cat ${x:?word}', 'f ${x?}', 'x=${x?}', ': $((1 / 0))',
        'echo "${x!y}"', 'for i in ${x?}; do :; done', 'case ${x?} in *) ;; esac',
        'case x in ${x?}) ;; esac', ': <${x?}', 'cd . <${x?}', '{ :; } <${x?}',
        'set -u; echo $x', 'set -u; echo $((x)) >&2', ': "${x?"word"}"', ': $((1 +))')),
    'not found': Row(MAY_EXIT, True, (
        'nosuch', '/nosuch/x', 'x=1 nosuch', 'nosuch </dev/null')),
}

# The context of an error -> a script; `next` is what an error that exits must prevent.
CONTEXTS = {
    'script': '{error}\necho next\n',
    'list': '{error} || echo next\n',
    'condition': 'if {error}\nthen :\nfi\necho next\n',
    'eval': "eval {quoted}'\necho next'\n",
    'dot': '. ./dotted{number}\n',
    'function': 'g() {{ {error}\necho next\n}}\ng\n',
    'loop': 'for i in 1\ndo {error}\necho next\ndone\n',
    'trap': "trap 'echo trap' EXIT\n{error}\necho next\n",
    'command': 'command {error}\necho next\n',
    'subshell': '({error}\necho next\n)\necho after $(($? > 0))\n',
    'substitution': 'y=$( {error}\necho next\n)\ns=$?; echo $y; echo after $((s > 0))\n',
    'pipeline': ': | {{ {error}\necho next\n}}\necho after $(($? > 0))\n',
    'background': '{{ {error}\necho next\n}} & wait $!\necho after $(($? > 0))\n',
}
SUBSHELLS = ('subshell', 'substitution', 'pipeline', 'background')
# What `command` may stand before: not an assignment, a redirection, a compound command.
AFTER_COMMAND = re.compile(r'(?!(?:if|while|for|case)\b)[a-z./:\[]+( [^;]*)?')

# Who does otherwise: the contexts in which a shell goes on, all of them if none is named.
GOES_ON: dict[tuple[str, str], tuple[str, ...]] = {
    ('dash', 'set -u; echo $((x)) >&2'): (),        # its set -u is not for arithmetic
    ('bash', 'readonly 1x'): (), ('bash', 'export 1x'): (),
    ('bash', 'unset r'): (), ('bash', 'shift x'): (), ('bash', "eval 'echo \"'"): (),
    # Special built-ins do not end it where a status is asked for.
    ('bash', 'set -Z'): ('condition', 'list'),
    ('bash', 'set -o nosuch'): ('condition', 'list'),
    ('bash', 'trap -Z INT'): ('condition', 'list'),
    # It drops the complete command, and goes on behind it.
    ('bash', 'r=2 cd .'): ('script', 'condition', 'eval', 'dot', 'trap'),
    ('bash', 'r=2 cat'): ('script', 'condition', 'eval', 'dot', 'trap'),
    ('bash', 'r=2 f'): ('script', 'condition', 'eval', 'dot', 'trap'),
}
# Interactive shells: what else is known.
EXITS_INTERACTIVE = (
    ('dash', 'script', 'special'), ('dash', 'command', 'special'),      # exec that fails
    ('bash', 'dot', 'special'), ('bash', 'dot', 'redirection, special'))
MORE_IS_RUN = (('bash', 'eval', 'expansion'),)
# Redirections without a command, as a pipeline's command: status 0.
ZERO = (('bash', '</nosuch'), ('bash', 'x=1 </nosuch'))
# exec that fails ends bash without the EXIT trap.
NO_TRAP = (('bash', 'exec /nosuch'),)


@pytest.fixture
def ask(tmp_path: Path, environment: dict[str, str], minishell: list[str]) -> Ask:
    """Run a shell in a folder of its own; a script with all that it needs."""
    folder = tmp_path / 'cwd'
    folder.mkdir()
    (folder / 'empty').touch()
    (folder / 'syntax').write_text('fi\n')
    started = {'minishell': minishell, 'dash': ['dash'], 'bash': ['bash', '--posix']}

    def run(shell: str, script: str, dotted: tuple[str, ...] = (), interactive: bool = False,
            ) -> subprocess.CompletedProcess[str]:
        if shutil.which(started[shell][0]) is None:
            pytest.skip(f'{shell} is not installed')
        (folder / 'script').write_text(script)
        for number, error in enumerate(dotted):
            (folder / f'dotted{number}').write_text(f'{error}\necho next\n')
        argv = [*started[shell], '-i' if interactive else './script']
        ours, theirs = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET if shell == 'dash' else socket.SOCK_STREAM)
        with ours, theirs:
            for line in script.splitlines(True) if interactive else ():
                ours.send(line.encode())    # dash must not read ahead: it would drop that
            ours.shutdown(socket.SHUT_WR)
            return subprocess.run(
                argv, stdin=theirs, cwd=folder, timeout=60, check=False, text=True,
                env=environment | {'PS1': '', 'PS2': ''}, capture_output=True,
                start_new_session=True)
    return run


def texts(context: str, errors: tuple[str, ...]) -> list[str]:
    """The context with each error in it."""
    return [CONTEXTS[context].format(error=error, quoted=shlex.quote(error), number=number)
            for number, error in enumerate(errors)]


def consequence_of(row: str, error: str, context: str) -> str:
    """What the table says; for what is run by `command`, note 1 below it."""
    if context == 'command':
        if error in ('exec /nosuch', 'exec nosuch'):
            return MAY_EXIT         # not by note 1; but every shell does
        if row in ('special', 'redirection, special') or error.startswith((
                'readonly ', 'export ')):
            return STAYS
        if row == 'syntax':         # an error of eval, which does not exit; or one of syntax
            return MAY_EXIT
    return TABLE[row].consequence


def outputs(context: str, exits: bool) -> str:
    """What a script prints."""
    if context in SUBSHELLS:
        inside = '' if exits else 'next\n'
        return (inside or '\n' * (context == 'substitution')) + f'after {exits:d}\n'
    return '' if exits else 'next\n'


def check(shell: str, context: str, row: str, error: str, exited: bool) -> None:
    """Whether a shell did what it must, or what we know it does instead."""
    consequence = consequence_of(row, error, context)
    if consequence == MAY_EXIT and shell == 'minishell' and 'exec' not in error:
        consequence = STAYS
    if (shell, error) in GOES_ON and context != 'command':
        contexts = GOES_ON[shell, error]
        assert exited is not (not contexts or context in contexts)
    elif consequence != MAY_EXIT:
        assert exited is (consequence == EXITS)


def errors_of(context: str, row: str) -> tuple[str, ...]:
    """The errors to try: all of them where it is cheap, else a few."""
    errors = TABLE[row].errors
    if context == 'command':
        errors = tuple(error for error in errors if AFTER_COMMAND.fullmatch(error))
    return errors if context in ('script', 'command', *SUBSHELLS) else errors[:3]


EVERYWHERE = [(context, row) for context in CONTEXTS for row in TABLE
              if errors_of(context, row)]


@pytest.mark.parametrize(('context', 'row'), [
    pair for pair in EVERYWHERE if pair[0] not in SUBSHELLS])
@pytest.mark.parametrize('shell', SHELLS)
def test_in_a_script(shell: str, context: str, row: str, ask: Ask) -> None:
    errors = errors_of(context, row)
    for error, text in zip(errors, texts(context, errors), strict=True):
        ended = ask(shell, PREPARED + text, errors)
        trap = 'trap\n' if context == 'trap' and (shell, error) not in NO_TRAP else ''
        exited = ended.stdout == trap and ended.returncode > 0
        assert exited or (ended.stdout, ended.returncode) == ('next\n' + trap, 0), ended
        check(shell, context, row, error, exited)
        assert ended.stderr or not TABLE[row].message or (shell, error) in GOES_ON


@pytest.mark.parametrize(('context', 'row'), [
    pair for pair in EVERYWHERE if pair[0] in SUBSHELLS])
@pytest.mark.parametrize('shell', SHELLS)
def test_in_a_subshell(shell: str, context: str, row: str, ask: Ask) -> None:
    """What would end the shell ends the subshell with a status that is not 0."""
    errors = errors_of(context, row)
    ended = ask(shell, PREPARED + 'echo ==\n'.join(texts(context, errors)))
    assert ended.returncode == 0
    for error, output in zip(errors, ended.stdout.split('==\n'), strict=True):
        exited = output == outputs(context, True)
        assert exited or output == outputs(context, False), error
        check(shell, context, row, error, exited)


@pytest.mark.parametrize('row', TABLE)
@pytest.mark.parametrize('shell', SHELLS)
def test_as_a_subshell(shell: str, row: str, ask: Ask) -> None:
    """A command that is a subshell environment of its own costs only itself."""
    for error in TABLE[row].errors:
        if ';' in error or (shell, error) in ZERO:
            continue
        ended = ask(shell, PREPARED + f"""\
: | {error}
echo 1 $(($? > 0))
{error} | :
echo 2 $?
y=$( {error} )
echo 3 $(($? > 0))
{error} & wait $!
echo 4 $(($? > 0))
( {error} )
echo 5 $(($? > 0))
""")
        assert ended.stdout == '1 1\n2 0\n3 1\n4 1\n5 1\n', error


# -- interactive shells --------------------------------------------------------------------

INTERACTIVE = ('script', 'list', 'eval', 'dot', 'function', 'loop', 'command', 'subshell')


@pytest.mark.parametrize(('context', 'row'), [
    pair for pair in EVERYWHERE if pair[0] in INTERACTIVE])
@pytest.mark.parametrize('shell', SHELLS)
def test_in_an_interactive_shell(shell: str, context: str, row: str, ask: Ask) -> None:
    """It goes on behind the command in which the error was."""
    errors = errors_of(context, row)
    ended = ask(shell, PREPARED + ''.join([
        f'{text}set +u +C\necho {number}\n' for number, text in enumerate(
            texts(context, errors))]), errors, True)
    lines = ended.stdout.splitlines()
    assert 'called' not in lines
    if (shell, context, row) in EXITS_INTERACTIVE:
        assert not lines or lines[-1] != str(len(errors) - 1)
        return
    assert [line for line in lines if line.isdigit()] == [
        str(number) for number in range(len(errors))]
    if row == 'expansion' and context in ('list', 'loop', 'function', 'eval'):
        assert ('next' in lines) is ((shell, context, row) in MORE_IS_RUN)
    if context == 'subshell' and consequence_of(row, '', context) != MAY_EXIT \
            and shell != 'bash':        # its subshell of a prompt goes on at some of them
        exits = consequence_of(row, '', context) == EXITS
        for error, after in zip(errors, [line for line in lines if line[:5] == 'after'],
                                strict=True):
            assert (shell, error) in GOES_ON or after == f'after {exits:d}', error


# -- syntax errors of a script itself, which no context can hold ---------------------------


@pytest.mark.parametrize('error', [
    'fi', ')', 'for )', ';;', '| cat', 'echo & && echo', 'f() done', 'echo >', '{ ) }',
    'case x in esac esac'])
@pytest.mark.parametrize('shell', SHELLS)
def test_syntax_errors(shell: str, error: str, ask: Ask) -> None:
    """What is before has been run; a script ends, also from a dot script."""
    text = f"trap 'echo trap' EXIT\necho one\n{error}\necho next\n"
    for script in (text, '. ./dotted0\necho next\n'):
        if shell == 'bash' and script != text:
            continue                    # it goes on behind the dot script
        ended = ask(shell, script, (text,))
        assert ended.stdout == 'one\ntrap\n'
        assert ended.returncode > 0
        assert ended.stderr
    ended = ask(shell, f'{error}\necho next\n', (), True)
    assert ended.stdout == 'next\n'
    assert ended.stderr


# -- commands that cannot be read ----------------------------------------------------------


@pytest.mark.parametrize('options', [(), ('-i',)])
def test_read_errors(options: tuple[str, ...], run: Run, minishell: list[str],
                     environment: dict[str, str]) -> None:
    """No more is run but the EXIT trap, whether interactive or not; 128 by XCU 3, sh."""
    script = "trap 'echo trap' EXIT\nexec </proc/self/mem\necho next\n"
    ended = run([*minishell, *options], stdin=script, env=environment | {'PS1': ''})
    assert (ended.stdout, ended.returncode) == ('trap\n', 128)
    assert ended.stderr


@pytest.mark.parametrize('file', ['/proc/self/mem', '.'])
def test_read_errors_of_a_dot_script(file: str, ask: Ask) -> None:
    """An error of the special built-in utility."""
    script = f'. {file}\necho next\n'
    ended = ask('minishell', script)
    assert (ended.stdout, ended.returncode > 0) == ('', True)
    assert ended.stderr
    assert ask('minishell', script, (), True).stdout == 'next\n'
