"""Ctrl-C, Ctrl-Z and Ctrl-\\ at every form of a foreground command, typed at the editor: the
prompt is there again, and what was run and what `$?` is are as in bash."""
from __future__ import annotations

import os
import select
import shutil
import signal
import termios
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pexpect  # type: ignore[import-untyped]
import pytest
from waiting import state_of

from .conftest import hang_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar('T')
TIMEOUT = 60
LONG = '/bin/sleep 1000'
KEYS = {'Ctrl-C': '\x03', 'Ctrl-Z': '\x1a', 'Ctrl-\\': '\x1c'}
MOST_PRESSED = 3        # times, until Ctrl-C is
# A line, and the programs that run when the key is pressed; `next` is written where it goes on.
FORMS = {
    'program': LONG, 'redirected': f'{LONG} >/dev/null', 'with an assignment': f'X=1 {LONG}',
    'here-string': f'{LONG} <<<x', 'negated': f'! {LONG}', 'timed': f'time {LONG}',
    'through command': f'command {LONG}', 'through env': f'env {LONG}',
    'through sh': f"sh -c '{LONG}; :'", 'expanded name': 'x=sleep; /bin/$x 1000',
    'subshell': f'({LONG})', 'subshell with more': f'({LONG}; :)',
    'exec in a subshell': f'(exec {LONG})', 'subshell in a subshell': f'( ( {LONG}; : ); : )',
    'braces': f'{{ {LONG}; }}', 'braces with more': f'{{ {LONG}; next; }}',
    'braces redirected': f'{{ {LONG}; }} >/dev/null',
    'pipeline': f'{LONG} | {LONG}', 'pipeline of three': f'{LONG} | {LONG} | {LONG}',
    'behind a built-in': f': | {LONG}', 'before braces': f'{LONG} | {{ {LONG}; }}',
    'before a subshell': f'{LONG} | ({LONG}; :)',
    'before a loop': f'{LONG} | while read x; do :; done',
    'before &&': f'{LONG} && next', 'before ||': f'{LONG} || next', 'behind &&': f': && {LONG}',
    'behind ||': f'false || {LONG}', 'first of a list': f'{LONG}; next',
    'last of a list': f':; {LONG}', 'condition of if': f'if {LONG}; then next; fi',
    'in if': f'if :; then {LONG}; fi', 'condition of while': f'while {LONG}; do next; done',
    'in while': f'while :; do {LONG}; done', 'in for': f'for i in 1 2; do {LONG}; done',
    'in for (( ))': f'for ((i = 0; i < 2; i++)); do {LONG}; done',
    'in case': f'case x in x) {LONG};; esac', 'function': f'f() {{ {LONG}; }}; f',
    'function with more': f'f() {{ {LONG}; next; }}; f', 'eval': f"eval '{LONG}'",
    'file': '. ./long', 'substitution': f'x=$({LONG})',
}
RUNNING = {'pipeline': 2, 'pipeline of three': 3, 'before braces': 2, 'before a subshell': 2}
IGNORED = {('substitution', 'Ctrl-Z')}          # so Ctrl-C is pressed behind it
DIFFERENT = {                   # what is written here, and why bash's is not wanted
    ('negated', 'Ctrl-C'): (['130'], 'Ctrl-C gives up the line; bash turns 130 round to 0'),
    ('condition of if', 'Ctrl-C'): (['130'], 'so it does here, where bash has found the '
                                             'condition false: 0'),
    ('condition of while', 'Ctrl-Z'): (['148'], 'the stop has ended the loop; bash says what '
                                                'the last turn gave, 0 if there was none'),
    ('behind a built-in', 'Ctrl-Z'): (['148'], 'the status of a stop, as elsewhere; 128 in '
                                               'bash, that of no signal'),
}


class Session:
    """A shell with line editing, which says before each prompt how the last line ended."""

    def __init__(self, argv: list[str], env: dict[str, str], folder: Path) -> None:
        folder.mkdir()
        (folder / 'long').write_text(LONG + '\n')
        self.log = folder / 'log'
        (folder / 'rc').write_text('exec 9>>./log; next() { echo next >&9; }; ulimit -c 0\n'
                                   "PROMPT_COMMAND='echo $? >&9'; HISTFILE=\n")
        self.child = pexpect.spawn(argv[0], [*argv[1:], '--rcfile', 'rc', '-i'],
                                   env={**env, 'TERM': 'xterm', 'PS1': '$ '}, cwd=str(folder),
                                   encoding='utf-8', codec_errors='replace', echo=False)
        self.child.delaybeforesend = None
        self.told = 0
        self.wait(self.at_prompt)
        self.news()

    def wait(self, condition: Callable[[], T]) -> T:
        """Wait until the kernel, or the log, says so; what the shell shows is read.  Gives
        what has been said."""
        end = time.monotonic() + TIMEOUT
        fd = self.child.child_fd
        while not (said := condition()):
            assert time.monotonic() < end, self.programs()
            if select.select([fd], [], [], 0.005)[0]:
                os.read(fd, 65536)
        return said

    def news(self) -> list[str]:
        """What has been written to the log since the last time."""
        lines = self.log.read_text().splitlines()
        found, self.told = lines[self.told:], len(lines)
        return found

    def said(self) -> list[str]:
        """The same, to be given once more."""
        return self.log.read_text().splitlines()[self.told:] if self.log.exists() else []

    def at_prompt(self) -> bool:
        """Whether a status has been told, and the line is being edited."""
        return any(line.isdigit() for line in self.said()) and self.is_edited()

    def is_edited(self) -> bool:
        """Whether the terminal is the shell's, in the modes of a line editor."""
        fd = self.child.child_fd
        return not termios.tcgetattr(fd)[3] & termios.ICANON \
            and os.tcgetpgrp(fd) == os.getpgid(self.child.pid)

    def programs(self) -> dict[int, tuple[str, int]]:
        """The processes below the shell: name, process group."""
        found, todo = {}, [self.child.pid]
        while todo:
            pid = todo.pop()
            try:
                children = Path(f'/proc/{pid}/task/{pid}/children').read_text().split()
                stat = Path(f'/proc/{pid}/stat').read_text()
            except OSError:
                continue
            todo += map(int, children)
            if pid != self.child.pid:
                name = stat[stat.index('(') + 1:stat.rindex(')')]
                found[pid] = name, int(stat[stat.rindex(')') + 2:].split()[2])
        return found

    def running(self, count: int, but: set[int]) -> set[int]:
        """The programs that run in the foreground, if they are so many; and all that is there
        waits, as does the shell: whatever it had to start has been started."""
        foreground = os.tcgetpgrp(self.child.child_fd)
        there = {pid: name for pid, (name, group) in self.programs().items()
                 if group == foreground}
        found = {pid for pid, name in there.items() if name == 'sleep' and pid not in but}
        waiting = all(state_of(pid) == 'S' for pid in [*there, self.child.pid])
        return found if len(found) == count and waiting else set()

    def outcome(self, line: str, key: str, count: int) -> list[str]:
        """What comes of a line at which a key is pressed: what is written, at last the status;
        `again` where another program runs then."""
        self.child.send(line + '\r')
        seen: set[int] = set()
        found: list[str] = []
        for turn in range(MOST_PRESSED + 1):
            programs = self.wait(
                lambda seen=seen: self.running(count, seen) or self.at_prompt())
            if isinstance(programs, bool):
                break
            if turn:
                found.append('again')
            seen |= programs
            self.child.send(key if turn < MOST_PRESSED else KEYS['Ctrl-C'])
        self.wait(self.at_prompt)
        found += self.news()
        self.clean()
        return found

    def clean(self) -> None:
        """End what is left, stopped or not."""
        for pid in self.programs():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.wait(lambda: not self.programs())
        self.child.send('\r')
        self.wait(self.at_prompt)
        self.news()


@pytest.fixture(scope='module')
def sessions(minishell: list[str], tmp_path_factory: pytest.TempPathFactory,
             ) -> Iterator[dict[str, Session]]:
    """A bash and a minishell, for all rows."""
    pytest.importorskip('prompt_toolkit')
    bash = shutil.which('bash')
    if bash is None:
        pytest.skip('no bash')
    folder = tmp_path_factory.mktemp('forms')
    env = {'PATH': '/usr/bin:/bin', 'HOME': str(folder), 'LC_ALL': 'C.UTF-8'}
    found = {'bash': Session([bash], env, folder / 'bash'),
             'minishell': Session(minishell, env, folder / 'minishell')}
    yield found
    for session in found.values():
        hang_up(session.child)


@pytest.mark.parametrize('key', KEYS)
@pytest.mark.parametrize('form', FORMS)
def test_as_in_bash(form: str, key: str, sessions: dict[str, Session]) -> None:
    keys = KEYS[key] + KEYS['Ctrl-C'] * ((form, key) in IGNORED)
    outcomes = {name: session.outcome(FORMS[form], keys, RUNNING.get(form, 1))
                for name, session in sessions.items()}
    different = DIFFERENT.get((form, key))
    if different is None:
        assert outcomes['minishell'] == outcomes['bash']
    else:
        assert outcomes['minishell'] == different[0]
        assert outcomes['bash'] != different[0]


def test_there_are_41_forms() -> None:
    assert len(FORMS) == 41
    assert {form for form, _ in DIFFERENT} <= set(FORMS)
