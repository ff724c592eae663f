"""The prompt on a real terminal: what is shown, what Ctrl-C and Ctrl-D do."""
from __future__ import annotations

import os
import pwd
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect  # type: ignore[import-untyped]
import pyte
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Terminal

    Start = Callable[..., Terminal]


# -- prompts ----------------------------------------------------------------------------


def test_a_command_and_the_next_prompt(shell: Terminal) -> None:
    assert shell.enter('echo hi') == 'hi\n'
    assert shell.enter('') == ''
    assert shell.enter('echo $?; false') == '0\n'
    assert shell.enter('echo $?') == '1\n'


@pytest.mark.parametrize('lines', [
    ['if true; then', 'echo yes', 'fi'], ['for i in 1', 'do', 'echo yes', 'done'],
    ['{', 'echo yes', '}'], ['(', 'echo yes', ')'], ['echo \\', 'yes'],
    ['case x in', 'x)', 'echo yes ;;', 'esac'], ['f() {', 'echo yes', '}; f'],
    ['true &&', 'echo yes'], ['echo yes |', 'cat'], ['cat <<E', 'yes', 'E'],
    ['echo $(', 'echo yes', ')'], ["echo 'yes'\\", ''], ['echo `echo', 'echo yes`'],
    ['echo "$(cat <<E', 'yes', 'E', ')"'], ['echo ${x:-', '}yes'], ['while', 'false',
                                                                   'do :; done; echo yes'],
])
def test_ps2_inside_a_construct(lines: list[str], shell: Terminal) -> None:
    for line in lines[:-1]:
        shell.type(line + '\n')
        assert shell.until('[more]') == ''
    assert shell.enter(lines[-1]).strip() == 'yes'


def test_ps2_inside_a_line_that_read_joins(shell: Terminal) -> None:
    shell.type('read x; echo "<$x>"\n')
    shell.type('a\\\n')
    assert shell.until('[more]') == ''
    assert shell.enter('b') == '<ab>\n'
    shell.type('read -r x; echo "<$x>"\n')
    assert shell.enter('a\\') == '<a\\>\n'


def test_prompts_are_expanded_but_not_what_they_expand_to(
    start: Start, tmp_path: Path,
) -> None:
    """A folder named like a command substitution is shown, not run."""
    name = '$(touch made)`touch made`'
    (tmp_path / name).mkdir()
    terminal = start(PS1='<$x>\\w>')
    terminal.until('>')
    terminal.type(f"x='$y'; cd '{name}'\n")
    terminal.until(f'<$y>{tmp_path}/{name}>')
    assert not (tmp_path / name / 'made').exists()


def test_prompts_go_to_standard_error(shell: Terminal, tmp_path: Path) -> None:
    shell.type('exec 2>file\n')
    shell.type('echo done\n')
    shell.until('done\r\n')
    assert f'<{shell.n + 1}>' in (tmp_path / 'file').read_text()


# -- errors do not end it -----------------------------------------------------------------


@pytest.mark.parametrize(('line', 'status'), [
    ('fi', 2), ('nonexistent', 127), (': ${x?no}', 1), ('echo $((1 / 0))', 1),
    ('readonly x=1; x=2', 1), ('. ./nothing', 1), ('exec <nothing', 1),
    ('exec nonexistent', 127), ('set -u; echo $nothing', 1), (')', 2),
    ('readonly r=1; for r in 1; do :; done', 1), ('return 3', 2),
    ('f() { : ${x?no}; }; f; echo no', 1), ('export 1=2', 1), ('break', 0),
    ('f() { f; }; f', 2), ('unset -Z', 2), ('echo <nothing', 1), ('cd nothing', 1),
    ('while :; do : ${x?no}; done', 1), ('eval "("', 2), ('eval fi; echo no', 2),
])
def test_errors_do_not_end_it(line: str, status: int, shell: Terminal) -> None:
    shown = shell.enter(line)
    assert 'Traceback' not in shown
    assert shown.count('minishell: ') == (status > 0) or line == 'break'
    assert shell.enter('echo "$?"') == f'{status}\n'
    assert shell.enter('echo alive | cat') == 'alive\n'


def test_set_e_ends_it(shell: Terminal) -> None:
    shell.type('set -e\nfalse\n')
    assert shell.end() == 1


# -- Ctrl-C -----------------------------------------------------------------------------


def test_ctrl_c_abandons_the_line(shell: Terminal) -> None:
    shell.type('echo half')
    shell.interrupt()
    shell.prompt()
    assert shell.enter('echo $?') == '130\n'


def test_ctrl_c_at_an_empty_prompt(shell: Terminal) -> None:
    for _ in range(3):
        shell.interrupt()
        shell.prompt()
    assert shell.enter('echo alive') == 'alive\n'


def test_ctrl_c_inside_a_construct(shell: Terminal) -> None:
    shell.type('if true; then\n')
    shell.until('[more]')
    shell.type('echo no; fi; echo "')
    shell.interrupt()
    shell.prompt()
    assert shell.enter('echo $?') == '130\n'


@pytest.mark.parametrize('loop', [
    'while :; do :; done', 'until false; do x=$((x + 1)); done',
    'f() { while :; do :; done; }; f',
    'while :; do /bin/true; done', 'while :; do (:); done', 'while :; do : | :; done',
    'while :; do x=$(echo a); done', 'eval "while :; do :; done"',
])
def test_ctrl_c_ends_a_loop(loop: str, shell: Terminal) -> None:
    shell.type(f'echo begin; {loop}; echo no\n')
    shell.until('begin\r\n')
    shell.interrupt()
    # What it hit may have ended by itself.
    shown = shell.interrupt_again() if set(loop) & set('/|(') else shell.prompt()
    assert 'no' not in shown
    assert shell.enter('echo $?') == '130\n'
    assert not [state for _, _, state in shell.descendants() if state == 'Z']


@pytest.mark.parametrize('command', ['read x', 'sleep 100 & wait', 'sleep 100 & wait $!',
                                     'while read x; do :; done'])
def test_ctrl_c_ends_a_builtin_that_sleeps(command: str, shell: Terminal) -> None:
    shell.type(f'echo begin; {command}; echo no\n')
    shell.until('begin\r\n')
    shell.until_asleep()
    shell.interrupt()
    assert 'no' not in shell.prompt()
    assert shell.enter('echo $?') == '130\n'
    shell.type('kill $! 2>/dev/null\n')
    shell.prompt()


@pytest.mark.parametrize('command', [
    'sleep 100', 'sleep 100 | cat', 'cat | sleep 100', '(sleep 100)', '{ sleep 100; } | cat',
    'x=$(sleep 100)', 'f() { sleep 100; }; f', 'sleep 100 | { cat; }',
])
def test_ctrl_c_ends_the_whole_job(command: str, shell: Terminal) -> None:
    shell.type(command + '\n')
    shell.until_running('sleep')
    if 'cat' in command:
        shell.until_running('sleep', 'cat')
    shell.interrupt()
    shell.prompt()
    status = shell.enter('echo $?')
    assert status == ('0\n' if command == 'sleep 100 | { cat; }' and status == '0\n'
                      else '130\n')
    assert shell.descendants() == []
    assert shell.foreground() == os.getpgid(shell.pid)


def test_ctrl_c_runs_the_trap(shell: Terminal) -> None:
    shell.enter("trap 'echo trapped' INT")
    shell.type('echo begin; while :; do case $x in trapped) break;; esac; done\n')
    shell.until('begin\r\n')
    shell.interrupt()
    shell.until('trapped\r\n')
    shell.child.sendintr()


# -- Ctrl-D -----------------------------------------------------------------------------


def test_ctrl_d_leaves(shell: Terminal) -> None:
    shell.enter('(exit 7)')
    shell.child.sendeof()
    assert shell.end() == 7


def test_ctrl_d_does_not_leave_with_ignoreeof(shell: Terminal) -> None:
    """Ten in a row do, lest a terminal that is gone be asked for ever."""
    shell.enter('set -o ignoreeof')
    for _ in range(2):
        for _ in range(10):
            shell.type('\x04')
            assert 'exit' in shell.prompt()
        assert shell.enter('echo on') == 'on\n'
    for _ in range(10):
        shell.type('\x04')
        shell.prompt()
    shell.type('\x04')
    assert shell.end() == 0


def test_ctrl_d_runs_the_exit_trap(shell: Terminal) -> None:
    shell.enter("trap 'echo bye' EXIT")
    shell.child.sendeof()
    shell.until('bye\r\n')
    assert shell.end() == 0


def test_ctrl_d_inside_a_construct_does_not_leave(shell: Terminal) -> None:
    shell.type('if true; then\n')
    shell.until('[more]')
    shell.child.sendeof()
    assert 'unexpected end of file' in shell.prompt()
    assert shell.enter('echo $?') == '2\n'


def test_ctrl_d_in_a_quote_is_one_ctrl_d(shell: Terminal) -> None:
    shell.type("echo 'open\n")
    shell.until('[more]')
    shell.type('more\n')
    shell.until('[more]')
    shell.child.sendeof()
    assert 'unexpected EOF' in shell.prompt()
    assert shell.enter('echo $?') == '2\n'


def test_exit_leaves(shell: Terminal) -> None:
    shell.type('exit 3\n')
    assert shell.end() == 3


def test_the_terminal_gone_ends_it(shell: Terminal) -> None:
    shell.child.ptyproc.fileobj.close()
    shell.until_true(lambda: not shell.child.isalive())


# -- the plain reader and the editor --------------------------------------------------------


def test_no_editor(start: Start) -> None:
    """Where there could be an editor: nothing but text is sent to the terminal."""
    terminal = start('--no-editor', TERM='xterm')
    assert terminal.prompt() == ''
    assert terminal.enter('echo hi') == 'hi\n'


def test_a_user_sees_who_and_where(start: Start, tmp_path: Path) -> None:
    """The default prompt: user@host dir $."""
    terminal = start(PS1=None, PS2=None)
    sign = '#' if os.geteuid() == 0 else '$'
    user = pwd.getpwuid(os.geteuid()).pw_name
    prompt = f'{user}@{os.uname().nodename.partition(".")[0]} '
    terminal.until(f'{prompt}{tmp_path} {sign} ')
    terminal.type('cd; echo "<$PS2>"\n')
    assert terminal.until(f'{prompt}~ ') == '<> >\n'
    terminal.until(f'{sign} ')      # how long it took is before it, on a busy machine


# -- the editor, on a terminal that pyte emulates ---------------------------------------------


SUGGESTION = 'brightblack'


class Screen:
    """What a terminal shows: pyte fed with what the shell writes, its questions answered."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.child = terminal.child
        self.screen = pyte.Screen(100, 24)
        self.stream = pyte.Stream(self.screen)
        setattr(self.screen, 'write_process_input', self.child.send)    # noqa: B010

    def lines(self) -> list[str]:
        """The lines that are not empty, without what the editor suggests."""
        shown = list(self.screen.display)
        row, column = self.screen.cursor.y, self.screen.cursor.x
        if self.screen.buffer[row][column].fg == SUGGESTION:
            shown[row] = shown[row][:column]
        return [line.rstrip() for line in shown if line.strip()]

    def suggestion(self) -> str:
        """What the editor suggests behind the cursor."""
        row, column = self.screen.cursor.y, self.screen.cursor.x
        cells = self.screen.buffer[row]
        return ''.join([cells[at].data for at in range(column, self.screen.columns)
                        if cells[at].fg == SUGGESTION])

    def until(self, *last: str) -> None:
        """Wait until these are the last lines that are not empty."""
        self._read_until(lambda: self.lines()[-len(last):] == list(last), last)

    def until_words(self, *last: str) -> None:
        """The same, however many blanks are before and between their words."""
        self._read_until(lambda: [' '.join(line.split()) for line in self.lines()[-len(last):]]
                         == list(last), last)

    def until_seen(self, text: str) -> None:
        """Wait until a text is there, somewhere."""
        self._read_until(lambda: text in '\n'.join(['', *self.lines(), '']), text)

    def clear(self) -> None:
        """Have the prompt `$` alone on the screen, before more is typed: while a program runs,
        Ctrl-R and others are keys of the terminal itself."""
        self.child.send('clear')
        self.until('$ clear')
        self.child.send('\r')
        self._read_until(lambda: self.lines() == ['$'], 'the prompt alone')

    def until_quiet(self) -> None:
        """Wait until the shell sleeps and has written what it has to write."""
        def quiet() -> bool:
            if self.terminal.silent():
                self.terminal.until_asleep()
                return self.terminal.silent()
            self.stream.feed(self.child.read_nonblocking(4096, timeout=0))
            return False
        self.terminal.until_true(quiet)

    def _read_until(self, condition: Callable[[], bool], wanted: object) -> None:
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, (self.lines(), wanted)
            try:
                self.stream.feed(self.child.read_nonblocking(4096, timeout=1))
            except pexpect.TIMEOUT:
                pass

    def until_end(self) -> None:
        """Wait until the shell has ended."""
        self.child.expect(pexpect.EOF)
        self.child.wait()       # close() would send SIGHUP to one that is still ending
        self.child.close()


@pytest.fixture
def screen(start: Start) -> Screen:
    """The editor's first prompt."""
    pytest.importorskip('prompt_toolkit')
    shown = Screen(start(TERM='xterm', PS1='$ ', PS2='> '))
    shown.until('$')
    return shown


UP, DOWN, LEFT = '\x1b[A', '\x1b[B', '\x1b[D'


def test_editor_line(screen: Screen) -> None:
    screen.child.send('echo hx' + '\x7f' + 'i\r')
    screen.until('$ echo hi', 'hi', '$')
    screen.child.send('ech a' + LEFT * 2 + 'o\r')
    screen.until('$ echo a', 'a', '$')


def test_editor_set_b(screen: Screen, tmp_path: Path) -> None:
    """A job that ends while a line is edited is told at once, and the line stays."""
    os.mkfifo(tmp_path / 'fifo')
    screen.child.send("set -b; trap 'n=x$n' CHLD\r")
    screen.until("$ set -b; trap 'n=x$n' CHLD", '$')
    for _ in range(2):
        screen.child.send('cat fifo >/dev/null &\r')
        screen.until('$')
        screen.child.send('echo on')
        screen.until('$ echo on')
        (tmp_path / 'fifo').write_text('')
        screen.until('[1]+  Done                    cat fifo >/dev/null', '$ echo on')
        screen.child.send('e\r')
        screen.until('one', '$')
    screen.child.send('echo $n\r')
    screen.until('$ echo $n', 'xx', '$')


def test_editor_history(screen: Screen) -> None:
    screen.child.send('echo one\r')
    screen.until('$ echo one', 'one', '$')
    screen.child.send('echo two\r')
    screen.until('$ echo two', 'two', '$')
    screen.child.send(UP * 2)
    screen.until('$ echo one')
    screen.child.send('\r')
    screen.until('$ echo one', 'one', '$')


def test_editor_ctrl_c_abandons_the_line(screen: Screen) -> None:
    screen.child.send('echo half')
    screen.until('$ echo half')
    screen.child.send('\x03')
    screen.until('$ echo half', '$')
    screen.child.send('echo $?\r')
    screen.until('$ echo $?', '130', '$')


def test_editor_several_lines(screen: Screen) -> None:
    screen.child.send('if true; then\r')
    screen.until('$ if true; then', '>')
    screen.child.send('echo yes\r')
    screen.until('> echo yes', '>')
    screen.child.send('fi\r')
    screen.until('> fi', 'yes', '$')


def test_editor_ctrl_c_reaches_a_program(screen: Screen) -> None:
    screen.child.send('sleep 100\r')
    screen.until('$ sleep 100')
    screen.terminal.until_running('sleep')
    screen.child.send('\x03')
    screen.until('$')
    screen.child.send('echo $?\r')
    screen.until('130', '$')


def test_editor_signals_are_taken_back(screen: Screen) -> None:
    """The editor's event loop takes the wakeup descriptor, and leaves none: the death of a
    later job's process has to be heard all the same."""
    for number in '123':
        screen.child.send(f'/bin/echo {number} | cat\r')
        screen.until(f'$ /bin/echo {number} | cat', number, '$')
    screen.child.send('sleep 100 | cat\r')
    screen.until('$ sleep 100 | cat')
    screen.terminal.until_running('sleep', 'cat')       # a signal reaches whom it finds
    screen.child.send('\x03')
    screen.until('$')
    screen.child.send('echo $?\r')
    screen.until('130', '$')
    screen.child.send("trap 'echo caught' USR1; kill -USR1 $$\r")
    screen.until('caught', '$')
    screen.child.send('kill -USR1 $$\r')
    screen.until('$ kill -USR1 $$', 'caught', '$')
