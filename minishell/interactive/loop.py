"""The prompt: reads command lines from a terminal, with an editor or plainly."""
from __future__ import annotations

import posix

from minishell.errors import Interrupted, ReadError
from minishell.session import decode, run_interactive
from minishell.state.shell import print_error
from minishell.syntax.source import Source
from minishell.system.lines import read_line
from minishell.system.signals import SIGHUP, SIGINT, SIGQUIT, SIGTERM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell


def run(shell: Shell, editor: bool, monitor_given: bool, login: bool) -> int:
    """Be an interactive shell until the end of input; returns the exit status."""
    shell.interactive = shell.options.interactive = True
    shell.name = shell.name.rpartition('/')[2]      # in messages, as in bash
    signals = shell.signals
    signals.locked = frozenset()                # XCU trap: only in scripts
    for number in (SIGQUIT, SIGTERM):
        signals.ignore_here(number)
    if shell.options.posix and SIGINT in signals.ignored_at_entry:
        signals.ignore_here(SIGINT)             # XCU 2.12: so do its children
    else:
        signals.handle_here(SIGINT)             # even if ignored at entry, as in bash: a
    if SIGHUP not in signals.ignored_at_entry:  # prompt is made for Ctrl-C
        signals.handle_here(SIGHUP)
    if shell.options.monitor or not monitor_given:
        shell.set_option('monitor', True)
        if shell.control.terminal is None:
            print_error(f'{shell.name}: no job control in this shell')
            shell.set_option('monitor', False)
    values = shell.variables.values
    values.setdefault('PS1', default_prompt(shell))
    values.setdefault('PS2', '> ')
    reader = None
    if editor and posix.isatty(0) and posix.isatty(1) and \
            shell.variables.get('TERM') not in (None, '', 'dumb'):
        from minishell.interactive.editor import editor_reader
        reader = editor_reader(shell)
    if reader is None:
        reader = plain_reader(shell)
    source = Source('', shell.name, 1, reader)
    status = run_interactive(shell, source, lambda: before_prompt(shell))
    if login:
        from minishell.state.jobcontrol import hang_up
        hang_up(shell)
    if shell.options.monitor:
        shell.control.leave()
    return status


def default_prompt(shell: Shell) -> str:
    """`user@host dir $ `, worked out whenever it is shown."""
    return '\\u@\\h \\w \\$ '


def prompt_text(shell: Shell, inside: bool) -> str:
    """PS1, or PS2 inside a command, expanded (XCU 2.5.3)."""
    text = shell.variables.get('PS2' if inside else 'PS1') or ''
    from minishell.interactive.prompt import decode_prompt
    return decode_prompt(shell, text)


def before_prompt(shell: Shell) -> None:
    """What happens between two commands: ended background jobs are told."""
    shell.notify()


def plain_reader(shell: Shell) -> Callable[[bool], str]:
    """A reader that lets the terminal do the editing: for dumb terminals and pexpect."""
    def wait() -> None:
        while not shell.signals.wait_readable(0):
            if SIGINT in shell.signals.pending:
                shell.signals.forget(SIGINT)
                raise Interrupted()
            shell.run_pending_traps()

    def read(inside: bool) -> str:
        posix.write(2, prompt_text(shell, inside).encode('utf-8', 'surrogateescape'))
        try:
            data, found = read_line(0, b'\n', wait)
        except OSError as error:
            from errno import EBADF
            if error.errno == EBADF:    # closed by a command
                return ''
            raise ReadError(f'standard input: {error.strerror}') from None
        if not found and not data:
            print_error('')
        return decode(data) + '\n' * (found or bool(data))
    return read
