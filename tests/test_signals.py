"""Signals (XCU 2.12): every signal in every place, measured by bash and dash.

A cell is: signal x place x disposition x mode.  In each place the signal goes once to a
program there (`child`) and once to the shell environment itself that runs there (`self`).
All places of a signal are run by one shell; what each printed, with `$?`, is compared.
Where bash does otherwise, DIFFERENCES says why, and dash is the witness or the standard is.
"""
from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STOPPING = ('TSTP', 'TTIN', 'TTOU')         # by default they stop: nothing to wait for
SIGNALS = ('HUP', 'INT', 'QUIT', 'ABRT', 'USR1', 'USR2', 'PIPE', 'ALRM', 'TERM', 'CHLD',
           'CONT', 'URG', 'WINCH', 'XCPU', 'VTALRM', 'PROF', 'IO',
           f'{signal.SIGRTMIN + 1}', 'KILL', *STOPPING)
DISPOSITIONS = ('default', 'ignored', 'trapped')
MODES = ('script', 'interactive')

CHILD = "sh -c 'kill -{} $$; echo lived'"
SELF = "{{ sh -c 'kill -{} $PPID'; echo lived; }}"
PLACES = {
    'foreground child': CHILD,
    'background child': CHILD + ' & wait $!',
    'pipeline child': CHILD + ' | cat',
    'pipeline end child': 'true | ' + CHILD,
    'subshell child': '(' + CHILD + '; echo "then $?")',
    'substitution child': 'x=$(' + CHILD + '); echo "$x" $?',
    'background self': SELF + ' & wait $!',
    'pipeline self': SELF + ' | cat',
    'pipeline end self': 'true | ' + SELF,
    'subshell self': '(' + SELF + ')',
    'substitution self': 'x=$(' + SELF + '); echo "$x" $?',
    'foreground self': SELF,                # the last: it may be the shell's end
}

# (mode, disposition, signal, place; '*' is any): what differs from bash, and why.
COOPERATIVE = (
    'wait and cooperative exit: the program that was waited for has ended well, so SIGINT was '
    'its affair; bash --posix does the same in scripts, where other shells (and ours, unless '
    'a terminal has sent it) end')
ONCE = (
    'signals merge: one trap for what arrived at once (as dash); bash counts children, and '
    'with --posix its wait returns for SIGCHLD too')
DIFFERENCES: dict[tuple[str, str, str, str], str] = {
    ('script', 'default', 'INT', '*'): COOPERATIVE,
    ('script', 'trapped', 'INT', 'substitution child'):
        'that a program in $( ) died of SIGINT is no SIGINT for the shell (as dash)',
    ('script', 'trapped', 'INT', '*'): COOPERATIVE,     # in subshells, which reset the trap
    ('interactive', 'default', 'INT', 'subshell self'):
        'bash dies of a SIGINT that comes between its fork and its wait, and not later',
    ('interactive', 'trapped', 'INT', '*'): COOPERATIVE,
    ('interactive', 'default', 'INT', 'foreground self'):
        'SIGINT to the prompt itself ends its line, whatever the program did',
    ('interactive', 'default', 'INT', 'substitution child'):
        'a program dead of SIGINT that the prompt did not get is a status (as dash)',
    ('interactive', 'default', 'INT', '*'): COOPERATIVE,
    ('script', 'default', 'QUIT', '*'):
        'bash ignores SIGQUIT even in scripts; the standard and dash do not',
    ('*', '*', 'CHLD', '*'): ONCE,
    ('interactive', 'ignored', '*', '*'):
        'XCU trap: only a non-interactive shell cannot trap what was ignored at entry; bash '
        'keeps some signals ignored at a prompt and not others',
    ('interactive', 'default', 'HUP', '*'):
        'SIGHUP sent by a program in $( ) is acted on when the command has ended (as dash)',
    ('interactive', 'trapped', 'HUP', 'substitution self'):
        'a subshell resets traps, also the one of $( ) (XCU 2.12, dash)',
}
# Whether these are seen depends on who of bash and its child is quicker.
RACES = {key for key in DIFFERENCES if key[2] in ('INT', 'HUP')}

Cells = dict[tuple[str, str, str, str], str]


def script(name: str, disposition: str) -> str:
    """All places of one signal, each behind a line with its name."""
    lines = ['ulimit -c 0', 'PS1= PS2=']
    if disposition != 'default':            # ignored at entry, it must stay ignored
        lines.append(f"trap 'echo trapped' {name}")
    for place, text in PLACES.items():
        lines += [f'echo "#{place}"', text.format(name), 'echo "= $?"']
    return '\n'.join(lines) + '\n'


def cells(argv: list[str], env: dict[str, str],
          only: Callable[[str, str, str], bool]) -> Cells:
    """What a shell does in the cells of some modes, dispositions and signals."""
    def run(mode: str, disposition: str, name: str) -> Cells:
        options = ['-i'] if mode == 'interactive' else ['-s']
        command = [*argv, *options]
        if disposition == 'ignored':
            command = ['sh', '-c', f'trap "" {name}; exec "$@"', 'sh', *command]
        ended = subprocess.run(
            command, input=script(name, disposition), env=env, text=True, timeout=60,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
            start_new_session=True)
        found: Cells = {}
        for block in ended.stdout.split('#')[1:]:
            place, _, shown = block.partition('\n')
            found[mode, disposition, name, place] = shown
        found[mode, disposition, name, 'end'] = str(ended.returncode)
        return found

    every = [(mode, disposition, name) for mode, disposition, name in product(
        MODES, DISPOSITIONS, SIGNALS) if only(mode, disposition, name)]
    table: Cells = {}
    with ThreadPoolExecutor(3) as pool:
        for found in pool.map(lambda cell: run(*cell), every):
            table |= found
    return table


def meaningful(disposition: str, name: str) -> bool:
    """Stop signals stop by default; SIGKILL can be neither ignored nor trapped."""
    return disposition == 'default' if name == 'KILL' else not (
        disposition == 'default' and name in STOPPING)


@pytest.fixture(scope='module')
def tables(minishell: list[str], tmp_path_factory: pytest.TempPathFactory,
           ) -> Iterator[dict[str, Cells]]:
    """The whole matrix, for each shell."""
    env = {'PATH': '/usr/bin:/bin', 'HOME': str(tmp_path_factory.mktemp('home')),
           'LC_ALL': 'C.UTF-8', 'TERM': 'dumb'}
    launch = f'read -r stat </proc/$$/stat; exec {shlex.join(minishell)} --stat="$stat" "$@"'
    shells = {'minishell': ['sh', '-c', launch, 'sh']}      # as scripts/minishell does
    if shutil.which('bash') and shutil.which('dash'):
        shells |= {'bash': ['bash', '--posix'], 'dash': ['dash']}
    tables = {name: cells(argv, env, lambda mode, disposition, name: meaningful(
        disposition, name)) for name, argv in shells.items()}
    if 'bash' in tables:
        look_again(tables, shells, env)
    yield tables


def look_again(tables: dict[str, Cells], shells: dict[str, list[str]],
               env: dict[str, str]) -> None:
    """Bash answers SIGINT differently when it comes between its fork and its wait: where
    ours is another answer than bash's, bash is asked a few times more."""
    for _ in range(5):
        unlike = frozenset(cell[:3] for cell, shown in tables['minishell'].items()
                  if shown != tables['bash'].get(cell) and explained(cell) is None)
        if not unlike:
            return
        again = cells(shells['bash'], env, lambda *asked, these=unlike: asked in these)
        for cell, shown in again.items():
            if shown == tables['minishell'].get(cell):
                tables['bash'][cell] = shown


def explained(cell: tuple[str, str, str, str]) -> tuple[str, str, str, str] | None:
    """The entry of DIFFERENCES that covers a cell."""
    for key in DIFFERENCES:
        if all(wanted in ('*', given) for wanted, given in zip(key, cell, strict=True)):
            return key
    return None


def test_the_matrix_is_whole(tables: dict[str, Cells]) -> None:
    """No shell hung, and only SIGINT, SIGQUIT, SIGHUP and the like end one early."""
    ours = tables['minishell']
    ended = {(mode, disposition, name) for mode, disposition, name, place in ours
             if place == 'end'}
    assert len(ended) == len(MODES) * sum(
        meaningful(disposition, name) for disposition in DISPOSITIONS for name in SIGNALS)
    for mode, disposition, name in ended:
        missing = [place for place in PLACES
                   if (mode, disposition, name, place) not in ours]
        assert not missing, (mode, disposition, name, missing)


def test_every_cell_is_as_in_bash_or_explained(tables: dict[str, Cells]) -> None:
    """And an explanation that explains nothing has to go."""
    if 'bash' not in tables:
        pytest.skip('bash and dash are not both installed')
    used = set()
    unexplained = {}
    for cell, shown in tables['minishell'].items():
        bash, dash = tables['bash'].get(cell), tables['dash'].get(cell)
        if shown == bash:
            continue
        key = explained(cell)
        if key is None:
            unexplained[cell] = f'minishell {shown!r}, bash {bash!r}, dash {dash!r}'
        else:
            used.add(key)
    assert not unexplained
    assert used | RACES == set(DIFFERENCES)


@pytest.mark.parametrize('disposition', DISPOSITIONS)
@pytest.mark.parametrize('name', [name for name in SIGNALS if name not in ('CHLD', 'KILL')])
def test_programs_get_what_xcu_2_12_says(
    disposition: str, name: str, tables: dict[str, Cells],
) -> None:
    """Without a reference: ignored stays ignored, everything else dies of its default."""
    if not meaningful(disposition, name) \
            or disposition == 'trapped' and name in STOPPING:
        pytest.skip('nothing to compare')
    cell = tables['minishell']['script', disposition, name, 'foreground child']
    number = int(name) if name.isdigit() else signal.Signals[f'SIG{name}']
    lives = disposition == 'ignored' or name in ('CONT', 'URG', 'WINCH')
    assert cell == ('lived\n= 0\n' if lives else f'= {128 + number}\n')


def test_a_prompt_may_reset_what_was_ignored_at_entry(
    minishell: list[str], environment: dict[str, str],
) -> None:
    """XCU trap: that holds for its subshells, and the prompt itself is spared (XCU 3, sh)."""
    script = """PS1= PS2=
trap - TERM; kill -s TERM $$; echo spared
(trap - INT; sh -c 'kill -s INT $$'; echo $?)
kill -s INT $$; echo spared
"""
    command = ['sh', '-c', 'trap "" INT TERM; exec "$@"', 'sh', *minishell, '-o', 'posix']
    ended = subprocess.run([*command, '-i', '+m'], input=script, env=environment, text=True,
                           capture_output=True, check=False, timeout=60)
    assert (ended.stdout, ended.returncode) == ('spared\n130\nspared\n', 0)
