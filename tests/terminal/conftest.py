"""A shell on a terminal of its own: numbered prompts, and the kernel asked, not the clock."""
from __future__ import annotations

import os
import select
import signal
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect  # type: ignore[import-untyped]
import pytest
from waiting import state_of, until_true

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PROMPT = '<$((prompts = prompts + 1))>'
TIMEOUT = 60
ENDING = 0.2            # seconds of processor time: more than a line takes that is given up


class Terminal:
    """A shell that is typed at; `n` is the number of the prompt it shows."""

    def __init__(self, argv: list[str], env: dict[str, str], cwd: Path,
                 echo: bool = False, ignored: Sequence[int] = ()) -> None:
        def ignore() -> None:
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)
        self.child = pexpect.spawn(argv[0], argv[1:], env=env, cwd=str(cwd), echo=echo,
                                   timeout=TIMEOUT, encoding='utf-8', dimensions=(24, 100),
                                   codec_errors='surrogateescape',
                                   preexec_fn=ignore)
        self.child.delaybeforesend = None
        self.n = 0
        self.pid: int = self.child.pid

    def prompt(self) -> str:
        """Wait for the next prompt; gives what was shown before it."""
        self.n += 1
        return self.until(f'<{self.n}>')

    def until(self, text: str) -> str:
        """Wait for text; gives what was shown before it."""
        self.child.expect_exact(text)
        shown = self.child.before
        assert isinstance(shown, str)
        return shown.replace('\r\n', '\n')

    def type(self, text: str) -> None:
        """Type without Enter."""
        self.child.send(text)

    def enter(self, line: str) -> str:
        """Type a line; gives what is shown until the next prompt."""
        self.type(line + '\n')
        return self.prompt()

    def interrupt(self) -> None:
        """Type Ctrl-C."""
        self.child.send('\x03')

    def interrupt_again(self) -> str:
        """Type Ctrl-C again while what runs goes on, by the processor time that it uses, until
        the prompt is there: a signal for a process group that has just ended is lost, in every
        shell.  Gives what was shown before the prompt."""
        self.n += 1
        begin, again = self.used(), False
        for _ in range(TIMEOUT):
            if self.child.expect_exact([f'<{self.n}>', pexpect.TIMEOUT], timeout=1) == 0:
                break
            if self.used() > begin + ENDING:
                self.interrupt()
                begin, again = self.used(), True
        shown = str(self.child.before)
        return shown + self.count_anew() if again else shown

    def count_anew(self) -> str:
        """Number the prompts from 1,000 on (or 2,000, …), `$?` as it is: of several Ctrl-C
        one may be for the prompt, and each of those shows another one."""
        shown = ''
        for _ in range(10):         # a Ctrl-C that comes late drops what has been typed
            self.n += 1000
            self.type(f'status=$?; prompts={self.n - 1}; (exit $status)\n')
            found = self.child.expect_exact([f'<{self.n}>', pexpect.TIMEOUT], timeout=20)
            shown += str(self.child.before)
            if found == 0:
                break
        return shown

    def end(self) -> int:
        """Wait until the shell has ended; gives its exit status."""
        self.child.expect(pexpect.EOF)
        self.child.wait()       # close() would send SIGHUP to one that is still ending
        self.child.close()
        assert self.child.signalstatus is None
        status = self.child.exitstatus
        assert isinstance(status, int)
        return status

    # -- asking the kernel --------------------------------------------------------------

    def used(self) -> float:
        """The seconds of processor time of the shell and of the children it has reaped."""
        fields = Path(f'/proc/{self.pid}/stat').read_text().rpartition(')')[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf('SC_CLK_TCK')

    def descendants(self) -> list[tuple[int, str, str]]:
        """pid, name and state of every process below the shell."""
        found = []
        todo = [self.pid]
        while todo:
            pid = todo.pop()
            try:
                children = Path(f'/proc/{pid}/task/{pid}/children').read_text().split()
            except OSError:
                continue
            for child in map(int, children):
                try:
                    stat = Path(f'/proc/{child}/stat').read_text()
                except OSError:
                    continue
                name = stat[stat.index('(') + 1:stat.rindex(')')]
                found.append((child, name, stat[stat.rindex(')') + 2]))
                todo.append(child)
        return found

    def until_running(self, *names: str) -> None:
        """Wait until programs of these names run below the shell and sleep."""
        self.until_true(lambda: not Counter(names) - Counter(
            name for _, name, state in self.descendants() if state == 'S'))

    def until_asleep(self) -> None:
        """Wait until the shell itself sleeps: in a read, a wait, a select."""
        self.until_true(lambda: state_of(self.pid) == 'S')

    def until_true(self, condition: Callable[[], bool]) -> None:
        """Wait until the kernel says so."""
        until_true(condition, self.descendants, TIMEOUT)

    def foreground(self) -> int:
        """The foreground process group of the terminal."""
        return os.tcgetpgrp(self.child.child_fd)

    def silent(self) -> bool:
        """Whether there is nothing to read from the terminal."""
        return not select.select([self.child.child_fd], [], [], 0)[0]


def hang_up(child: pexpect.spawn) -> None:
    """Close a terminal; its shell has ended then, killed if it does not end by itself."""
    try:
        child.close(force=True)
    except pexpect.ExceptionPexpect:    # it has been killed, and is slow to die
        child.wait()


@pytest.fixture
def start(
    minishell: list[str], environment: dict[str, str], tmp_path: Path,
) -> Iterator[Callable[..., Terminal]]:
    """Start a shell on a terminal; it is ended at the latest with the test."""
    started: list[Terminal] = []

    def run(*args: str, echo: bool = False, ignored: Sequence[int] = (),
            words: list[str] = minishell, **changes: str | None) -> Terminal:
        given = {**environment, 'PS1': PROMPT, 'PS2': '[more]', **changes}
        env = {name: value for name, value in given.items() if value is not None}
        terminal = Terminal([*words, *args], env, tmp_path, echo, ignored)
        started.append(terminal)
        return terminal

    yield run
    for terminal in started:
        if not terminal.child.closed:
            hang_up(terminal.child)


@pytest.fixture
def shell(start: Callable[..., Terminal]) -> Terminal:
    """A shell that shows its first prompt, the terminal a dumb one without echo."""
    terminal = start()
    assert terminal.prompt() == ''
    return terminal
