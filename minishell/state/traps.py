"""Traps (XCU 2.15, trap): conditions, their actions, and when they run.

An action runs at a checkpoint between commands, never inside a signal handler.  `$?` is the
same before and after it.
"""
from __future__ import annotations

from minishell.errors import Exit, Interrupted, Return, ShellSyntaxError
from minishell.syntax.names import decimal
from minishell.system import signals as system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.options import Options
    from minishell.state.shell import At, Shell
    from minishell.syntax.nodes import Node
    from minishell.system.signals import Signals

EXIT = 0            # the condition EXIT; the others are signal numbers, and of bash
DEBUG, ERR, RETURN = range(system.RTMAX + 1, system.RTMAX + 4)
NAMES = {EXIT: 'EXIT', DEBUG: 'DEBUG', ERR: 'ERR', RETURN: 'RETURN'}
TEXTS = {EXIT: 'exit trap', DEBUG: 'debug trap', ERR: 'error trap', RETURN: 'return trap'}
NUMBERS = {name: number for number, name in NAMES.items()}
WATCHED = -1 << 63  # the limit that every count of calls has come to


def condition_name(condition: int) -> str:
    """EXIT, DEBUG…, or a signal's name without SIG."""
    return NAMES.get(condition) or system.name_of(condition)


def is_signal(condition: int) -> bool:
    """Whether it is a signal's number."""
    return EXIT < condition <= system.RTMAX


def conditions() -> list[int]:
    """All conditions but SIGKILL and SIGSTOP, for which there is no choice."""
    numbers = sorted((EXIT, *system.NAMES, *range(system.RTMIN, RETURN + 1)))
    return [number for number in numbers if number not in (system.SIGKILL, system.SIGSTOP)]


def condition_of(text: str) -> int | None:
    """The condition that a word names: EXIT, 0, INT, SIGINT, 2…; None if none."""
    number = decimal(text)
    if number is not None:
        return number if number == EXIT or number in system.NAMES \
            or system.RTMIN <= number <= system.RTMAX else None
    if not text.isascii():              # or `exıt` would be EXIT
        return None
    number = NUMBERS.get(text.upper())
    return system.number_of(text) if number is None else number


class Traps:
    """The actions of one shell execution environment."""

    __slots__ = ('actions', 'inherited', 'in_script', 'running', 'interrupted', 'staged',
                 'excused', 'frames', '_signals')

    def __init__(self, signals: Signals) -> None:
        self.actions: dict[int, str] = {}       # '' ignores the signal
        self.inherited: dict[int, str] = {}     # the parent's: what `trap` prints at first
        self.in_script = True           # false in an interactive shell
        self.running: list[int] = []    # the conditions whose actions are being run
        self.interrupted: At | None = None      # the command that the first of them has
        self.staged: Node | None = None         # what this process is of a pipeline
        self.excused: At | None = None          # whose failure is none to the ERR trap
        self.frames: dict[int, bool] = {}       # watched calls: whether there was one before
        self._signals = signals

    def set(self, condition: int, action: str) -> None:
        """Trap a condition.  A signal ignored at entry stays so, silently (XCU trap)."""
        self.inherited = {}
        if condition == EXIT:
            self.actions[condition] = action
            self._watch_exit()
            return
        if condition in self._signals.locked:
            return
        self.actions[condition] = action
        if condition in (system.SIGKILL, system.SIGSTOP) or not is_signal(condition):
            return
        if action:
            self._signals.handle(condition)
        elif condition == system.SIGCHLD:
            self._signals.handle_children()     # ignored, no status could be waited for
        else:
            self._signals.ignore(condition)
        if condition in self._signals.ending:   # the EXIT trap was first: this one has it now
            self._watch_exit()

    def reset(self, condition: int) -> None:
        """Give a condition its default action."""
        self.inherited = {}
        self.actions.pop(condition, None)
        if is_signal(condition) and condition not in (
                system.SIGKILL, system.SIGSTOP, *self._signals.locked):
            self._signals.default(condition)
        self._watch_exit()

    def _watch_exit(self) -> None:
        """While a script has an EXIT trap, signals that end it run the trap, as in bash."""
        if self.in_script:
            self._signals.end_by([
                number for number in system.ENDING
                if self.actions.get(EXIT) and number not in self.actions
                and number not in self._signals.ignored_at_entry])

    def enter_subshell(self, options: Options) -> None:
        """In a subshell traps are reset, ignored signals stay ignored (XCU 2.12), and bash's
        traps are inherited by `set -E` and `set -T`."""
        self.inherited = dict(self.actions) or self.inherited
        kept = [ERR] * options.errtrace + [DEBUG, RETURN] * options.functrace
        self.actions = {condition: action for condition, action in self.actions.items()
                        if not action and condition != EXIT or condition in kept}

    def shown(self) -> dict[int, str]:
        """What `trap` prints: the parent's actions until one is set in a subshell, and in
        a script what was ignored when it began (XCU 2.15, trap)."""
        actions = self.inherited or self.actions
        if self.in_script and self._signals.ignored_at_entry:
            return {**dict.fromkeys(self._signals.ignored_at_entry, ''), **actions}
        return actions

    def any_set(self) -> bool:
        """Whether any action is waiting for its condition: this process must stay."""
        return any(self.actions.values())


def run_pending_traps(shell: Shell) -> list[int]:
    """Run the actions of the signals noted so far; they may raise Exit and the like.

    Returns the signals that had actions: not what was pending before, for more may have come
    while others were acted on, and who has to end by them would miss those.
    """
    pending = shell.signals.pending
    ran: list[int] = []
    if shell.elided:        # a subshell in this process has no traps; its parent's wait
        if system.SIGINT in pending:
            if shell.traps.actions.get(system.SIGINT):
                raise Exit(130)         # as a child would die of it
            raise Interrupted()
        end_shell(shell)
        return ran
    while pending:
        number = pending.pop(0)
        if number == system.SIGCHLD:
            shell.jobs.poll()
            if shell.options.notify and shell.interactive:
                shell.notify()
        action = shell.traps.actions.get(number)
        if action:
            ran.append(number)
            if number == system.SIGCHLD:
                _run_for_children(shell, action)
            else:
                run_action(shell, action, number)
        elif number == system.SIGINT:
            raise Interrupted()         # a prompt drops its line, a script dies of it
        elif number in system.ENDING and shell.interactive or number in shell.signals.ending:
            if number == system.SIGHUP and shell.interactive:
                shell.control.hang_up(shell)
            if shell.options.monitor and shell.interactive:
                shell.control.leave()
            shell.signals.fatal = number        # and we end by it, after the EXIT trap
            raise Exit(128 + number)
    return ran


def _run_for_children(shell: Shell, action: str) -> None:
    """The trap on SIGCHLD runs once for each child that has ended, as in bash: their signals
    may have merged."""
    pending, table = shell.signals.pending, shell.jobs
    while system.SIGCHLD in pending:
        pending.remove(system.SIGCHLD)
    table.poll()
    count, table.dead = table.dead, 0
    for _ in range(max(count, 1)):
        run_action(shell, action, system.SIGCHLD)


def note_children(shell: Shell, count: int) -> None:
    """Note children that have been waited for, for the trap on SIGCHLD; their signals may have
    been taken by who waited."""
    shell.jobs.dead += count
    if system.SIGCHLD not in shell.signals.pending:
        shell.signals.pending.append(system.SIGCHLD)


def end_shell(shell: Shell) -> None:
    """Act on a noted signal that ends a script by way of its EXIT trap, and on no other."""
    for number in shell.signals.pending:
        if number in shell.signals.ending:
            shell.signals.forget(number)
            shell.signals.fatal = number
            raise Exit(128 + number)


def is_ending(shell: Shell) -> bool:
    """Whether a signal has been noted that ends the shell."""
    return any(_ends_shell(shell, number) for number in shell.signals.pending)


def ending(shell: Shell) -> int:
    """A noted signal that ends the command or the shell; 0 if there is none."""
    interrupts = shell.elided or not shell.traps.actions.get(system.SIGINT)
    for number in shell.signals.pending:
        if number == system.SIGINT and interrupts or _ends_shell(shell, number):
            return number
    return 0


def _ends_shell(shell: Shell, number: int) -> bool:
    return number in shell.signals.ending or (
        number in system.ENDING and shell.interactive and not shell.traps.actions.get(number))


def look(shell: Shell) -> None:
    """See who watches commands, failures and calls (run/watching.py); to be called when traps
    or options have changed that say so."""
    actions, options = shell.traps.actions, shell.options
    debug, error, back = (actions.get(DEBUG, '') != '', actions.get(ERR, '') != '',
                          actions.get(RETURN, '') != '')
    shell.watched = options.xtrace or debug or back     # `return` without short ways
    shell.errors_trapped = error
    shell.trapped = debug or error or back
    shell.call_limit = WATCHED if shell.trapped or 'extdebug' in shell.shopts \
        or shell.variables.get('FUNCNEST') else shell.hot
    shell.always_fork = shell.always_forks or options.errtrace and error \
        or options.functrace and (debug or back)
    shell.look_plain()


def run_action(shell: Shell, action: str, condition: int) -> int:
    """Run one trap action; `$?` is kept around it.  Returns the action's own status."""
    status, at = shell.status, shell.at
    shell.trap_status.append((status, shell.function_depth))
    traps = shell.traps
    interrupted, traps.interrupted = traps.interrupted, traps.interrupted or at
    traps.running.append(condition)
    if shell.events is not None:
        shell.events.tell('trap', condition=condition_name(condition), action=action)
    if condition not in (DEBUG, ERR, RETURN):
        shell.at = 1, *at[1:]           # those of signals have lines of their own
    try:
        own = shell.run_text(action, TEXTS.get(condition, 'trap'))
        shell.status = status
        return own
    except ShellSyntaxError as error:
        if not shell.as_bash('special errors'):
            raise
        shell.report(error)
        shell.status = status
        return error.status
    except Return as leave:
        if not shell.may_return():
            raise Exit(leave.status) from None
        raise
    finally:
        shell.at = at
        traps.interrupted = interrupted
        traps.running.pop()
        shell.trap_status.pop()
        if shell.events is not None:
            shell.events.tell('trapped', condition=condition_name(condition))


def run_exit_trap(shell: Shell, status: int, in_call: bool) -> int:
    """Run the EXIT action once, if there is one; returns the shell's exit status.  What ends
    a call in the action itself has nothing more to run."""
    if in_call and EXIT in shell.traps.running:
        return status
    action = shell.traps.actions.pop(EXIT, None)
    if not action:
        return status
    shell.status = status
    try:
        run_action(shell, action, EXIT)
    except Exit as leave:
        status = leave.status
    shell.traps.actions.pop(EXIT, None)     # what the action has set is not run
    return status
