"""While a line is typed: signals, redirected standard streams, the window, what is typed ahead.

Most of it with the editor and with the plain reader: `reader` is the argument that decides.
"""
from __future__ import annotations

import os
import signal
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .test_prompt import UP, Screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from .conftest import Terminal

    Start = Callable[..., Terminal]


@pytest.fixture(params=['--editor', '--no-editor'])
def screen(request: pytest.FixtureRequest, start: Start) -> Screen:
    """The first prompt, of the editor and of the plain reader."""
    return first_prompt(start, *([] if request.param == '--editor' else [request.param]))


@pytest.fixture
def edited(start: Start) -> Screen:
    """The first prompt, of the editor."""
    return first_prompt(start)


def first_prompt(start: Start, *args: str) -> Screen:
    """Start a shell with short prompts."""
    pytest.importorskip('prompt_toolkit')
    shown = Screen(start(*args, echo=True, TERM='xterm', PS1='$ ', PS2='> '))
    shown.until('$')
    return shown


def enter(screen: Screen, line: str, *shown: str) -> None:
    """Type a line; wait for what it shows and the next prompt."""
    screen.child.send(line + '\r')
    screen.until(f'$ {line}', *shown, '$')


def ended_by(screen: Screen) -> int | None:
    """The signal the shell has ended by."""
    screen.until_end()
    signalled = screen.child.signalstatus
    assert signalled is None or isinstance(signalled, int)
    return signalled


def states(terminal: Terminal) -> list[str]:
    """The states of the shell's descendants."""
    return [state for _, _, state in terminal.descendants()]


# -- signals ----------------------------------------------------------------------------


def test_the_shell_and_its_jobs_end_by_sighup(screen: Screen, tmp_path: Path) -> None:
    job = background(screen, tmp_path)
    os.kill(screen.child.pid, signal.SIGHUP)
    assert ended_by(screen) == signal.SIGHUP
    assert job.read() == b'hung up\n'


def test_a_terminal_that_goes_ends_the_shell_and_its_jobs(
    screen: Screen, tmp_path: Path,
) -> None:
    job = background(screen, tmp_path)
    screen.child.send('half')
    screen.until_seen('half')
    screen.child.ptyproc.fileobj.close()        # child.close would send SIGHUP itself
    screen.child.ptyproc.closed = screen.child.closed = True
    assert job.read() == b'hung up\n'
    screen.terminal.until_true(lambda: ended(screen.child.pid))
    assert os.WTERMSIG(os.waitpid(screen.child.pid, 0)[1]) == signal.SIGHUP


def background(screen: Screen, tmp_path: Path) -> IO[bytes]:
    """A job that says when it gets SIGHUP: to a FIFO that ends with it."""
    os.mkfifo(tmp_path / 'news')
    (tmp_path / 'job').write_text(
        "trap 'echo hung up; exit' HUP; echo ready >&2; while :; do sleep 1 & wait; done")
    screen.child.send('sh job >news &\r')
    fd = os.open(tmp_path / 'news', os.O_RDONLY | os.O_NONBLOCK)    # should there be no shell
    screen.until_seen('ready')
    os.set_blocking(fd, True)
    return os.fdopen(fd, 'rb')


def ended(pid: int) -> bool:
    """Whether a child of ours has ended; it stays."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


@pytest.mark.parametrize('number', [signal.SIGUSR1, signal.SIGALRM, signal.SIGHUP])
def test_a_signal_ends_it_by_its_exit_trap(
    number: int, screen: Screen, tmp_path: Path,
) -> None:
    """And the terminal is as it was before."""
    enter(screen, "trap 'echo bye >bye' EXIT")
    screen.child.send('half')
    screen.until('$ half')
    os.kill(screen.child.pid, number)
    screen.terminal.until_true(lambda: ended(screen.child.pid))
    assert (tmp_path / 'bye').read_text() == 'bye\n'
    assert termios.tcgetattr(screen.child.child_fd)[3] & termios.ICANON
    assert ended_by(screen) == number


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGQUIT, signal.SIGTSTP])
def test_a_prompt_ignores(number: int, screen: Screen) -> None:
    screen.child.send('echo ha')
    screen.until('$ echo ha')
    os.kill(screen.child.pid, number)
    screen.child.send('lf\r')
    screen.until('$ echo half', 'half', '$')


def test_keys_that_would_stop_or_end_it_are_ignored(edited: Screen) -> None:
    edited.child.send('echo ha')
    edited.child.send('\x1a\x1clf\r')
    edited.until('$ echo half', 'half', '$')


@pytest.mark.parametrize('inside', [False, True])
def test_ctrl_c_runs_the_trap_of_int_and_gives_up_the_line(
    inside: bool, screen: Screen,
) -> None:
    enter(screen, "trap 'echo trapped $?' INT; (exit 3)")
    if inside:
        screen.child.send('if true\r')
        screen.until('$ if true', '>')
    screen.child.send('echo half')
    screen.until(('> ' if inside else '$ ') + 'echo half')
    screen.child.send('\x03')
    screen.until('trapped 3', '$')
    enter(screen, 'echo $?', '130')


def test_sigint_gives_up_the_line(edited: Screen) -> None:
    """Once a trap of it is gone, too."""
    enter(edited, 'trap : INT; trap - INT')
    edited.child.send('echo half')
    edited.until('$ echo half')
    os.kill(edited.child.pid, signal.SIGINT)
    edited.until('$ echo half', '$')
    enter(edited, 'echo $?', '130')


def test_ctrl_c_that_is_ignored_leaves_the_line(edited: Screen) -> None:
    enter(edited, "trap '' INT")
    edited.child.send('echo ha\x03lf\r')
    edited.until('$ echo half', 'half', '$')


def test_a_trap_runs_while_a_line_is_typed(edited: Screen) -> None:
    """Above it; what has been typed stays, and so does `$?`."""
    enter(edited, "trap 'echo one $?' USR1; trap 'echo two $?' WINCH; (exit 3)")
    edited.child.send('echo $?, half')
    edited.until('$ echo $?, half')
    edited.child.send('\x1b[D' * 4 + 'an')
    edited.until('$ echo $?, anhalf')
    os.kill(edited.child.pid, signal.SIGUSR1)
    edited.until('one 3', '$ echo $?, anhalf')
    os.kill(edited.child.pid, signal.SIGWINCH)
    edited.until('two 3', '$ echo $?, anhalf')
    edited.child.send('other \r')
    edited.until('$ echo $?, another half', '3, another half', '$')


def test_a_trap_may_run_a_program_while_a_line_is_typed(edited: Screen) -> None:
    enter(edited, "trap '/bin/echo one | cat; (exit 7); printf two' USR1")
    edited.child.send('echo half')
    edited.until('$ echo half')
    os.kill(edited.child.pid, signal.SIGUSR1)
    edited.until('one', 'two⏎', '$ echo half')
    edited.child.send('\r')
    edited.until('$ echo half', 'half', '$')


def test_a_trap_may_leave_while_a_line_is_typed(screen: Screen) -> None:
    enter(screen, "trap 'exit 5' USR1")
    screen.child.send('echo half')
    screen.until('$ echo half')
    os.kill(screen.child.pid, signal.SIGUSR1)
    screen.until_end()
    assert screen.child.exitstatus == 5


def test_children_are_reaped_while_a_line_is_typed(screen: Screen, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'fifo')
    screen.child.send('cat <fifo &\r')
    screen.until_seen('[1]')
    screen.child.send('half')
    screen.until_seen('half')
    (tmp_path / 'fifo').write_text('')
    screen.terminal.until_true(lambda: states(screen.terminal) == [])


# -- standard streams -------------------------------------------------------------------


@pytest.mark.parametrize('redirection', ['>out', '2>out', '>&-', '2>&-', '>out 2>&1',
                                         '>&- 2>&-'])
def test_the_editor_is_seen_wherever_output_goes(redirection: str, edited: Screen) -> None:
    enter(edited, f'exec {redirection}')
    edited.child.send('echo ax\x7f >/dev/tty\r')
    edited.until('$ echo a >/dev/tty', 'a', '$')
    enter(edited, '/bin/echo b >/dev/tty', 'b')
    enter(edited, 'exec >/dev/tty 2>&1')
    enter(edited, 'echo c', 'c')


def test_commands_come_from_where_standard_input_goes(
    screen: Screen, tmp_path: Path,
) -> None:
    (tmp_path / 'file').write_text('read x\nfoo\necho "<$x>"\nexec </dev/tty\n')
    screen.child.send('exec <file\r')
    screen.until_seen('<foo>')
    screen.child.send('echo o$((1 + 1))\r')
    screen.until_seen('o2')


def test_standard_input_that_is_closed_is_the_end(screen: Screen) -> None:
    screen.child.send('exec <&-\r')
    screen.until_end()
    assert screen.child.exitstatus == 0


def test_the_prompt_leaves_what_has_no_newline(edited: Screen) -> None:
    enter(edited, 'printf foo', 'foo⏎')
    enter(edited, 'echo bar', 'bar')
    edited.child.send(f'printf {"x" * 100}\r')
    edited.until('x' * 100, '$')
    enter(edited, 'echo bar', 'bar')


def test_what_is_typed_ahead_is_for_the_command(edited: Screen) -> None:
    edited.child.send('read x; echo "<$x>"\rhello\recho on\r')
    edited.until('<hello>', '$ echo on', 'on', '$')


def test_a_prompt_without_descriptors(screen: Screen) -> None:
    screen.child.send('ulimit -n 4\r')
    screen.until_seen('ulimit -n 4')
    screen.child.send('echo a$((1 + 1))\r')
    screen.until_seen('a2')
    assert 'Traceback' not in '\n'.join(screen.lines())


# -- the window -------------------------------------------------------------------------


def test_columns_and_lines_follow_the_window(screen: Screen) -> None:
    enter(screen, 'echo $LINES,$COLUMNS', '24,100')
    screen.child.setwinsize(20, 90)
    screen.child.send('\r')
    screen.until('$', '$')
    enter(screen, 'echo $LINES,$COLUMNS', '20,90')
    enter(screen, 'stty cols 80; echo $COLUMNS', '80')
    enter(screen, 'COLUMNS=7; echo $COLUMNS; (stty rows 21); echo $LINES,$COLUMNS', '7',
          '21,80')
    enter(screen, 'env | grep -c -e COLUMNS -e LINES', '0')
    enter(screen, 'unset COLUMNS; readonly LINES; stty rows 22')
    enter(screen, 'echo $LINES,$COLUMNS', '21,80')


# -- the line ---------------------------------------------------------------------------


def test_a_pasted_text_is_one_line_until_enter(edited: Screen) -> None:
    edited.child.send('\x1b[200~echo a\recho b\r\x1b[201~')
    edited.until('$ echo a', '> echo b', '2 lines pasted: Enter runs them')
    edited.child.send('\r')
    edited.until('$ echo a', '> echo b', 'a', 'b', '$')
    edited.child.send(UP)
    edited.until('$ echo b')


@pytest.mark.parametrize('text', ['x' * 250, '語' * 120, 'e\u0301' * 70])
def test_lines_longer_than_the_window(text: str, edited: Screen) -> None:
    edited.child.send(f'x={text}y\x7f\r')
    edited.until_seen('\n$\n')
    edited.child.send('echo ${#x}\r')
    edited.until('$ echo ${#x}', str(len(text)), '$')


def test_ctrl_d_behind_text_is_nothing(edited: Screen) -> None:
    edited.child.send('echo ab\x04')
    edited.until('$ echo ab')
    edited.child.send('\x1b[D\x04\r')
    edited.until('$ echo a', 'a', '$')


# -- messages ---------------------------------------------------------------------------


def test_messages_about_what_is_typed_name_no_line(screen: Screen, tmp_path: Path) -> None:
    """But those about files do."""
    for command in ('nonsuch', '(nonsuch)', 'nonsuch | cat', 'x=$(nonsuch)', 'eval nonsuch',
                    'f() { nonsuch; }; f', 'trap nonsuch USR1; kill -USR1 $$'):
        enter(screen, command, 'minishell: nonsuch: command not found')
    enter(screen, 'fi', "minishell: syntax error near unexpected token `fi'",
          '    fi', '    ^~')
    enter(screen, 'echo <nonsuch', 'minishell: nonsuch: No such file or directory')
    (tmp_path / 'file').write_text('\nnonsuch\nfi\n')
    enter(screen, '. ./file', './file: line 2: nonsuch: command not found',
          "./file: line 3: syntax error near unexpected token `fi'", '    fi', '    ^~')
