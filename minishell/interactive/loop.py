"""The prompt: reads command lines from a terminal, with an editor or plainly.

While a line is typed the shell reacts to signals as they come, not with Enter: traps run,
children that have ended are reaped, SIGHUP ends it.  The editor knows nothing of this: it
gives up where `disturbed` says so, and is called again, with what has been typed so far, when
`attend` has done what there is to do.  So that runs outside of the editor's event loop, the
terminal in its usual modes.
"""
from __future__ import annotations

import posix

from minishell.codec import encoded
from minishell.errors import Exit, Interrupted, ReadError
from minishell.session import decode, run_interactive
from minishell.state.folders import folder_of, make_folder
from minishell.state.jobcontrol import follow_window
from minishell.syntax.names import decimal
from minishell.syntax.source import Source
from minishell.system.blocking import (
    make_terminals_blocking,
    print_error,
    reopen,
    write_all,
)
from minishell.system.descriptors import close
from minishell.system.lines import read_line
from minishell.system.signals import (
    NOTED_AT_PROMPT,
    SIGCHLD,
    SIGHUP,
    SIGINT,
    SIGWINCH,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.interactive.application import LineEditor
    from minishell.interactive.prompts import Prompts
    from minishell.state.jobs import Job
    from minishell.state.shell import Shell

    Reader = Callable[[bool], str]


def run(shell: Shell, editor: bool, given: set[str], login: bool,
        begin: Callable[[Shell], None]) -> int:
    """Be an interactive shell until the end of input, behind the start files that `begin`
    reads; returns the exit status.  `given`: the options of which the command line speaks."""
    shell.become_interactive()
    set_signals(shell)
    if shell.options.monitor or 'monitor' not in given:
        shell.set_option('monitor', True)
        if shell.control.terminal is None:
            print_error(f'{shell.name}: no job control in this shell')
            shell.set_option('monitor', False)
    if 'histexpand' not in given:
        shell.set_option('histexpand', True)
    edited = editor and posix.isatty(0) and posix.isatty(2) and \
        shell.variables.get('TERM') not in (None, '', 'dumb')
    from minishell.interactive.prompts import Prompts
    prompts = Prompts(shell, edited)
    follow_window(shell)
    reader, waiting = plain_reader(shell, prompts), list[str]()
    if edited:
        from minishell.interactive.settings_file import read_settings
        read_settings(shell)
        reader = edited_reader(shell, reader, prompts, waiting)
        shell.parts['stopped'] = tell_doing
        name_history_file(shell.variables.values)
    reader = expanding_later(shell, keeping_keys(shell, reader), waiting)
    source = Source('', shell.name, 1, noting(reader, prompts))
    status = run_interactive(shell, source, lambda: before_prompt(shell, prompts), begin,
                             lambda: before_command(shell, prompts))
    if shell.history is not None and shell.history.database is not None:
        shell.history.database.leave()
        notice = shell.history.database.take_notice()
        if notice:
            shell.warn(notice)
    tell_left(shell)
    if login:
        shell.control.hang_up(shell)
    if shell.options.monitor:
        shell.control.leave()
    return status


def name_history_file(values: dict[str, str]) -> None:
    """Set HISTFILE, if nobody has: whoever has a line editor wants to find again what was
    typed.  `unset HISTFILE` in a start file is a word against it."""
    if 'HISTFILE' not in values:
        folder = folder_of(values, 'XDG_STATE_HOME', '.local/state')
        try:
            make_folder(folder)
        except (OSError, ValueError):
            return
        values['HISTFILE'] = f'{folder}/history'


def tell_doing(job: Job) -> None:
    """Say what a job was doing that has stopped, behind the notice of that."""
    try:
        from minishell.interactive.stopping import tell_doing
    except (ImportError, OSError):      # no descriptor to be had
        return
    tell_doing(job)


def tell_left(shell: Shell) -> None:
    """Say what objects of inter-process communication the shell has made and leaves."""
    from minishell.system.records import are_there
    if are_there():
        from minishell.course.objects import left_behind
        left = left_behind(shell)
        if left:
            print_error(f'left behind: {left} (ipc clean)')


def set_signals(shell: Shell) -> None:
    """How a prompt takes signals (system/signals.py has the table)."""
    signals = shell.signals
    signals.locked = frozenset()                # XCU trap: only in scripts
    if shell.options.posix and SIGINT in signals.ignored_at_entry:
        signals.ignore_here(SIGINT)             # XCU 2.12: so do its children
    else:
        signals.handle_here(SIGINT)             # as in bash, even if it was ignored at entry
    for number in NOTED_AT_PROMPT - signals.ignored_at_entry:
        signals.handle_here(number)
    signals.handle_here(SIGWINCH)


def before_prompt(shell: Shell, prompts: Prompts) -> None:
    """What happens between two commands: jobs that have ended are told, PROMPT_COMMAND runs."""
    make_terminals_blocking()
    if 'undo' in shell.parts:
        shell.parts['undo'].end()
    if shell.history is not None and shell.history.database is not None:
        shell.history.database.end(shell.status)
    prompts.end_command()
    shell.notify()
    if shell.variables.is_set('PROMPT_COMMAND'):
        from minishell.interactive.prompt_commands import run_prompt_commands
        run_prompt_commands(shell)


def before_command(shell: Shell, prompts: Prompts) -> None:
    """What happens behind a line that has been read."""
    if shell.history is not None and shell.history.database is not None:
        from minishell.interactive.typing_history import keep
        keep(shell, shell.history)
    if 'PS0' in shell.variables.values:
        from minishell.interactive.prompt_commands import show_before
        show_before(shell)
    begin_undoing(shell, prompts.typed)
    prompts.begin_command()


def begin_undoing(shell: Shell, line: str) -> None:
    """Keep the state before a line, for `undo`."""
    if 'undo' not in shell.parts:
        try:
            from minishell.state.undoing import Undoing
        except (ImportError, OSError):  # no descriptor to be had
            return
        shell.parts['undo'] = Undoing(shell)
    shell.parts['undo'].begin(line)


# -- signals, while a line is typed -------------------------------------------------------


def disturbed(shell: Shell) -> bool:
    """Whether there is anything to do before more is typed; reaps ended children."""
    signals = shell.signals
    seen = [number for number in (SIGCHLD, SIGWINCH) if number in signals.pending]
    for number in seen:         # none but these, and before the look: what comes is noted anew
        if not shell.traps.actions.get(number):
            signals.forget(number)
    if SIGCHLD in seen:
        shell.jobs.poll()
    return bool(signals.pending) or shell.options.notify and bool(shell.jobs.changed)


def attend(shell: Shell, newline: bool) -> None:
    """Do it: run traps, tell of jobs (`set -b`), end by a signal.

    Raises Interrupted for SIGINT: whatever its trap does, the line is given up, as in bash.
    """
    if time_to_type(shell):
        from minishell.system.masks import SIGALRM
        if SIGALRM in shell.signals.pending:
            print_error('\atimed out waiting for input: auto-logout')
            raise Exit(shell.status)
    interrupted = SIGINT in shell.signals.pending
    if interrupted and newline:
        print_error('')                 # behind the ^C that the terminal shows
    follow_window(shell)
    if not shell.traps.actions.get(SIGINT):
        shell.signals.forget(SIGINT)        # behind the traps of the others
    shell.run_pending_traps()
    if shell.options.notify:
        shell.notify()
    if interrupted:
        raise Interrupted(shown=True)


def end_of_input(shell: Shell) -> str:
    """No line: Ctrl-D, or the terminal has gone.  That ends the shell as SIGHUP does, which
    will be on its way; unless that is ignored or has a trap."""
    from minishell.system.terminal import has_gone
    if has_gone(0) and SIGHUP not in shell.signals.ignored_at_entry \
            and SIGHUP not in shell.traps.actions:
        shell.signals.pending.append(SIGHUP)
        shell.run_pending_traps()
    return ''


# -- readers --------------------------------------------------------------------------------


def keeping_keys(shell: Shell, reader: Reader) -> Reader:
    """A reader behind whose lines Ctrl-Z and Ctrl-\\ are for the job to be started."""
    def read(inside: bool) -> str:
        shell.control.drop_keys()
        seconds = time_to_type(shell)
        if not seconds:
            return reader(inside)
        from minishell.system.masks import SIGALRM, set_alarm
        set_alarm(seconds, False)
        try:
            return reader(inside)
        finally:
            set_alarm(0, False)
            shell.signals.forget(SIGALRM)       # which came behind the line
    return read


def noting(reader: Reader, prompts: Prompts) -> Reader:
    """A reader that notes for the next prompt what is read."""
    def read(inside: bool) -> str:
        if not inside:
            prompts.begin_reading()
        line = reader(inside)
        prompts.add(line)
        return line
    return read


def time_to_type(shell: Shell) -> int:
    """How many seconds TMOUT gives a line in bash mode; 0 if it does not."""
    seconds = shell.variables.get('TMOUT') or ''
    return decimal(seconds) or 0 if seconds and shell.as_bash('TMOUT') else 0


def expanding_later(shell: Shell, reader: Reader, waiting: list[str]) -> Reader:
    """A reader that replaces history expansions (`set -H`), from the first `!` or `^` on."""
    expand: Reader | None = None

    def read(inside: bool) -> str:
        nonlocal expand
        if expand is None:
            text = reader(inside)
            if '!' not in text and '^' not in text:
                return text
            from minishell.run.expandinglines import expanding
            first = [text]
            expand = expanding(
                shell, lambda inside: first.pop() if first else reader(inside), waiting)
        return expand(inside)
    return read


def edited_reader(shell: Shell, plain: Reader, prompts: Prompts,
                  waiting: list[str]) -> Reader:
    """A reader with line editing, if prompt_toolkit is installed; else the plain one, which
    also serves while standard input is no terminal (`exec <file`).  What is `waiting` is in the
    line that it begins."""
    editor: LineEditor | None = None
    absent = False

    def read(inside: bool) -> str:
        nonlocal editor, absent
        while not absent and posix.isatty(0):
            follow_window(shell)
            prompt = prompts.edited(inside)
            if editor is None:          # not before the start files: they may say much
                take_inputrc(shell)
                from minishell.interactive.editor import line_editor
                editor = line_editor(
                    shell, lambda: disturbed(shell) or prompts.news(), prompt)
                if editor is None:
                    absent = True
                    break
                editor.fixed, editor.slip = prompts.fixed, prompts.slip
            prompts.watch(editor.look)
            if waiting:
                editor.begin_with(waiting.pop())
            try:
                line = editor.edit(prompt, prompts.continuations())
            except EOFError:
                return end_of_input(shell)
            except OSError:             # no descriptors, for example
                break
            if line is not None:
                if not inside:
                    prompts.tell = editor.tell_terminal if prompt.marks else None
                return line.replace('\0', '') + '\n'
            try:
                attend(shell, False)
                editor.act()
            except Interrupted:
                editor.give_up()
                raise
        return plain(inside)
    return read


def take_inputrc(shell: Shell) -> None:
    """Take the user's file of key bindings, if there is one."""
    values = shell.variables.values
    if posix.access(values.get('INPUTRC') or f'{values.get("HOME", "")}/.inputrc', posix.R_OK):
        from minishell.builtins.binding import take_inputrc
        take_inputrc(shell)


def plain_reader(shell: Shell, prompts: Prompts) -> Reader:
    """A reader that lets the terminal do the editing: for dumb terminals and pexpect.

    A key that sends a signal also drops what has been typed: a read that `poll` has promised
    not to sleep would then sleep, and Python would take it up again behind the signal.
    """
    def wait() -> None:
        shell.control.drop_keys()       # they have dropped what was typed before them
        while not shell.signals.wait_readable(0):
            if disturbed(shell):
                attend(shell, True)
        shell.control.hold_keys(shell.signals)

    def read_terminal() -> tuple[bytes, bool]:
        fd = reopen(0)
        if fd is None:
            return read_line(0, b'\n', wait)
        try:
            return read_line(fd, b'\n', wait)
        finally:
            close(fd)

    def read(inside: bool) -> str:
        follow_window(shell)
        show(prompts.plain(inside))
        try:
            data, found = read_terminal()
        except OSError as error:
            from errno import EBADF, EIO
            if error.errno == EIO:
                end_of_input(shell)     # if the terminal has gone we do not come back
            if error.errno == EBADF:    # closed by a command
                return ''
            raise ReadError(f'standard input: {error.strerror}') from None
        if not data and not found:
            end_of_input(shell)
            print_error('')
        return decode(data) + '\n' * (found or bool(data))
    return read


def show(prompt: str) -> None:
    """Write a prompt to standard error (XCU 2.5.3, PS1), if that can be written to."""
    try:
        write_all(2, encoded(prompt))
    except OSError:
        pass
