"""Programs and subshells as processes: spawned, forked, replaced; what a child does first.

A plain external command is spawned (posix_spawn: 0.9 ms where fork and exec from Python take
1.9); what goes on in Python is forked.  `Stage` closures start one command of a pipeline, a
substitution or a background job.
"""
from __future__ import annotations

import posix

from minishell.codec import is_binary
from minishell.errors import Break, Interrupted, ResourceError
from minishell.run.ending import conclude
from minishell.status import (
    CANNOT_EXECUTE,
    SIGNAL_BASE,
    Finished,
    PipelineStatus,
    Started,
    exit_status,
    signal_of,
)
from minishell.system import processes
from minishell.system.signals import SIGCHLD, SIGINT, before_fork, survives

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn, TypeVar

    from minishell.run.redirections import Spec
    from minishell.state.jobcontrol import Launch
    from minishell.state.shell import Action, Shell
    from minishell.syntax.nodes import Node
    from minishell.syntax.source import Source
    from minishell.system.descriptors import Action as DescriptorAction

    Begun = Started | Finished      # what has come of a command that was to be started

    T = TypeVar('T')
    What = tuple[Node, Source] | None       # what is started, for who watches


class Start:
    """How a command is started, and why so: `events` and `explain` can say it.

    Never changed: the reasons are the constants here and of compile/pipelines.py.
    """

    __slots__ = ('how', 'why')

    def __init__(self, how: str, why: str) -> None:
        self.how = how                  # one of NONE, EXEC, SPAWN, FORK
        self.why = why

    def __repr__(self) -> str:
        return f'{self.how}: {self.why}'


NONE, EXEC, SPAWN, FORK = 'none', 'exec', 'spawn', 'fork'
PROGRAM = Start(SPAWN, 'a program')
LAST = Start(EXEC, 'the last command: nothing is left for the shell to do')
AT_GATE = Start(FORK, 'under job control it waits until its group has the terminal')
WATCHED = Start(FORK, 'a program; trace sees it from its first step on')
OPENS = Start(FORK, 'opening its files may keep it waiting, or means others there')
SUBSHELL = Start(FORK, 'commands of the shell run in a copy of it')
COPIED = Start(NONE, 'nothing in it can be seen from outside but what it prints: a copy of the '
               'variables will do')


def start_of_program(shell: Shell, specs: list[Spec], tail: bool, launch: Launch | None
                     ) -> Start:
    """How a program in the foreground is started here and now."""
    if tail:
        return LAST
    if launch is not None and launch.must_fork():
        return AT_GATE
    if shell.events is not None and shell.events.forks:
        return WATCHED
    if specs:
        from minishell.run.redirections import may_block
        if may_block(specs):
            return OPENS
    return PROGRAM


# -- external utilities ---------------------------------------------------------------


def find_program(shell: Shell, name: str) -> str | None:
    """The file to execute for a command name (XCU 2.9.1.4)."""
    return name if '/' in name else shell.search.find(name)


def run_program(shell: Shell, argv: list[str], environment: Mapping[str, str],
                specs: list[Spec], tail: bool, path: str | None = None) -> int:
    """Run an external utility in the foreground, by default what the name in argv finds;
    returns its exit status."""
    tail = tail and not _stays(shell) and shell.may_replace_process()
    launch = None if tail else shell.launch(True)
    start = start_of_program(shell, specs, tail, launch)
    if start is LAST:
        return _redirect_and_replace(shell, argv, environment, specs, path)
    if start is WATCHED:
        path = path or find_program(shell, argv[0])     # to be remembered here
    if start is not PROGRAM:
        begun: Begun = fork_child(shell, lambda shell: _redirect_and_replace(
            shell, argv, environment, specs, path), launch, start)
    elif specs:
        from minishell.run.redirections import plan
        from minishell.system.descriptors import close_owned
        actions = plan(shell, specs)
        try:
            begun = spawn_program(shell, argv, environment, actions, launch, path)
        finally:
            close_owned(actions, shell.events)
    else:
        begun = spawn_program(shell, argv, environment, (), launch, path)
    if isinstance(begun, Finished):
        return begun.status
    return wait_foreground(shell, [begun], launch)[0]


def _stays(shell: Shell) -> bool:
    """Whether this is a shell that is traced: it is to see the end of the last command, too."""
    return shell.events is not None and shell.events.forks and not shell.subshell


def _redirect_and_replace(shell: Shell, argv: list[str], environment: Mapping[str, str],
                          specs: list[Spec], path: str | None) -> int:
    if specs:
        from minishell.run.redirections import apply
        apply(shell, specs)
    path = path or find_program(shell, argv[0])
    if path is None:
        from minishell.run.unfound import handle
        return handle(shell, argv)
    return replace_process(shell, argv, environment, path)


def spawn_program(shell: Shell, argv: list[str], environment: Mapping[str, str],
                  actions: Sequence[DescriptorAction], launch: Launch | None,
                  path: str | None = None) -> Begun:
    """Start a program.  If that fails the message has gone where the command's standard
    error goes.  Raises ResourceError."""
    path = path or find_program(shell, argv[0])
    if path is None:
        from minishell.run.unfound import HANDLER, complain_with, handle_with
        if HANDLER in shell.functions:
            return fork_child(shell, lambda shell: handle_with(shell, actions, argv), launch)
        return Finished(complain_with(shell, actions, argv[0], None))
    try:
        return spawn(shell, path, argv, environment, actions, launch)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and 'checkhash' in shell.shopts \
                and shell.search.has_moved(argv[0], path):
            return spawn_program(shell, argv, environment, actions, launch)
        if _is_no_program(error):
            script = script_argv(shell, path, argv)
            if script is not None:
                return spawn(shell, script[0], script, environment, actions, launch)
        if _at_limit(error):
            raise ResourceError(f'fork: {error.strerror}') from None
        from minishell.run.unfound import complain_with
        return Finished(complain_with(shell, actions, path, error))


def spawn(shell: Shell, path: str, argv: list[str], environment: Mapping[str, str],
          actions: Sequence[DescriptorAction], launch: Launch | None,
          start: Start = PROGRAM, what: What = None) -> Started:
    """posix_spawn with what the shell's state asks for; a second time, as `fork`.

    Raises OSError.
    """
    group = None if launch is None else launch.group
    reset = shell.signals.own_ignored and shell.signals.for_children(launch is not None)
    environment = {**environment, '_': path}
    if reset:
        shell.control.note_keys()
    try:
        pid = processes.spawn(path, argv, environment, actions, reset, group)
    except OSError as error:
        if not _at_limit(error):
            raise
        shell.jobs.poll(False)
        pid = processes.spawn(path, argv, environment, actions, reset, group)
    if shell.events is not None:
        shell.events.tell('spawn', child=pid, start=start, what=what, path=path, argv=argv,
                          actions=actions, group=group)
    if launch is not None:
        launch.started(pid)
    return Started(pid)


def _at_limit(error: OSError) -> bool:
    """Whether there are no more processes, or no memory for one."""
    from errno import EAGAIN, ENOMEM  # 130 names: a start does without these 0.1 ms
    return error.errno in (EAGAIN, ENOMEM)


def _is_no_program(error: OSError) -> bool:
    """Whether the file is one that the kernel cannot execute: perhaps a script."""
    from errno import ENOEXEC
    return error.errno == ENOEXEC


def replace_process(shell: Shell, argv: list[str], environment: Mapping[str, str],
                    path: str | None = None) -> int:
    """Become the program; returns an exit status only if that fails."""
    path = path or find_program(shell, argv[0])
    if path is None:
        from minishell.run.unfound import complain
        return complain(shell, argv[0], None)
    shell.control.note_keys()
    shell.signals.before_exec()
    if environment:                     # not of `exec -c`
        environment = {**environment, '_': path}
    try:
        processes.replace(path, argv, environment, shell.events)
    except OSError as error:
        if _is_no_program(error):
            script = script_argv(shell, path, argv)
            if script is not None:
                processes.replace(script[0], script, environment, shell.events)
        shell.signals.exec_failed()
        from minishell.run.unfound import complain
        return complain(shell, path, error)
    except ValueError:                  # Python wants a first word
        shell.signals.exec_failed()
        shell.warn(f'{path}: cannot execute: Invalid argument')
        return CANNOT_EXECUTE
    return 0


def script_argv(shell: Shell, path: str, argv: list[str]) -> list[str] | None:
    """How to run a file that the kernel cannot execute, as a script (XCU 2.9.1.6); None
    if it is binary."""
    try:
        fd = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:
        return None
    from minishell.system.descriptors import close
    try:
        start = posix.read(fd, 256)
    except OSError:
        return None
    finally:
        close(fd)
    if is_binary(start):
        return None
    return [*shell.restart, path, *argv[1:]]


def wait_foreground(shell: Shell, begun: Sequence[Begun], launch: Launch | None,
                    whole: Node | None = None,
                    members: Callable[[], list[str]] | None = None) -> list[int]:
    """Wait for the commands of a foreground job; returns their exit statuses.
    `whole`: what messages show if it is not the command being run; `members`: the texts of
    several.

    Raises Interrupted if the job died of the user's SIGINT at a prompt.
    """
    whole = whole or shell.at[1]            # traps may run meanwhile
    if launch is None:
        statuses = _wait_in_our_group(shell, begun)
        result = [exit_status(status) for status in statuses]
    else:
        from minishell.state.jobs import Job
        job = Job(pids_of(begun), _text(whole), launch.group, members=members)
        launch.release(shell.signals)
        shell.control.wait(shell, job)
        statuses = [status or 0 for status in job.statuses]
        result = [exit_status(status) for status in statuses]
        if job.stopped():
            result[-1] = job.status()
            if shell.interactive and shell.loops():
                raise Break(shell.loops(), result[-1])  # or each turn stops one more job
            return result
        dead = statuses if shell.loops() else statuses[-1:]     # one of a pipeline ends a loop
        if any(signal_of(status) == SIGINT for status in dead):
            if not shell.interactive:       # as if it were in our group
                if launch.terminal is not None and SIGINT not in shell.pending:
                    shell.pending.append(SIGINT)
            elif not shell.traps.actions.get(SIGINT):
                raise Interrupted(PipelineStatus(SIGNAL_BASE + SIGINT, result))
    if shell.traps.actions.get(SIGCHLD):
        from minishell.state.traps import note_children
        note_children(shell, len(begun) - (launch is not None and len(pids_of(begun))))
    if result[-1] > SIGNAL_BASE or len(begun) > 1 and shell.options.pipefail:
        _tell_end(shell, begun, statuses, whole, members)
    if shell.has_jobs():
        shell.notify()
    return result


def _tell_end(shell: Shell, begun: Sequence[Begun], statuses: list[int], whole: Node | None,
              members: Callable[[], list[str]] | None) -> None:
    """Say what ended a foreground job, if it was a signal."""
    if any(map(signal_of, statuses)):
        from minishell.state.jobcontrol import tell_end
        from minishell.state.jobs import Job
        own = posix.getpid()            # what needed no process was ours
        job = Job([one.pid if isinstance(one, Started) else own for one in begun],
                  _text(whole), members=members)
        job.statuses = [*statuses]
        tell_end(shell, job, True)


def _text(node: Node | None) -> str:
    if node is None:
        return ''
    from minishell.syntax.unparse import unparse
    return unparse(node, one_line=True)


def pids_of(begun: Sequence[Begun]) -> list[int]:
    """The processes among what has been started."""
    return [one.pid for one in begun if isinstance(one, Started)]


def send_on(shell: Shell, begun: Sequence[Begun]) -> bool:
    """Processes that a terminal's Ctrl-C reaches together with us have just been started: one
    that came meanwhile may have missed some of them, and is sent on.  Whether one was."""
    if SIGINT not in shell.pending or not _keys_reach_us():
        return False
    for pid in pids_of(begun):
        processes.signal(pid, SIGINT, shell.events)
    return True


def _wait_in_our_group(shell: Shell, begun: Sequence[Begun]) -> list[int]:
    """Wait for processes that a terminal's Ctrl-C reaches together with us; returns their
    wait statuses.

    Wait and cooperative exit: a SIGINT that the last of them has survived is dealt with.  It
    must have come while that one ran, and found it ready: so the handler asks at once, and
    the child is kept from vanishing until we know that none has come (WNOWAIT).
    """
    signals, last = shell.signals, begun[-1]
    signals.watched = last.pid if isinstance(last, Started) and signals.cooperates() else None
    if send_on(shell, begun):
        signals.survived = isinstance(last, Started) and survives(last.pid, SIGINT)
    statuses = _wait_for_all(shell, begun)
    if SIGINT in shell.pending and signals.survived and signal_of(statuses[-1]) != SIGINT \
            and not (shell.traps.actions.get(SIGINT) or shell.options.posix) \
            and _keys_reach_us():
        signals.forget(SIGINT)
    return statuses


def wait_substituted(shell: Shell, begun: Sequence[Begun]) -> list[int]:
    """Wait for the processes whose output is substituted; returns their exit statuses.  There
    is no cooperative exit here: a SIGINT that they have survived ends the command that wanted
    the output, too (as in bash and dash)."""
    statuses = _wait_for_all(shell, begun)
    if shell.has_jobs():
        shell.notify()
    return [exit_status(status) for status in statuses]


def _wait_for_all(shell: Shell, begun: Sequence[Begun]) -> list[int]:
    """Wait for processes in our group; returns their wait statuses."""
    signals = shell.signals
    if shell.events is not None:
        shell.events.tell('wait', children=pids_of(begun))
    if shell.adopts():
        return or_end(shell, _wait_adopting, shell, begun)
    if signals.watched is not None:
        or_end(shell, processes.await_end, signals.watched)
        signals.watched = None
    return or_end(shell, _reap, shell, begun)


def _reap(shell: Shell, begun: Sequence[Begun]) -> list[int]:
    return [processes.wait(one.pid, shell.events) if isinstance(one, Started)
            else one.status << 8 for one in begun]


def or_end(shell: Shell, call: Callable[..., T], *args: object) -> T:
    """Make a call that waits for a foreground command.  Of the signals that come meanwhile,
    one that ends the shell by way of its EXIT trap is acted on at once; the traps of others
    have to wait (XCU 2.11)."""
    if not shell.signals.ending:
        return call(*args)
    from minishell.state.traps import end_shell
    return shell.at_once(call, *args, act=lambda: end_shell(shell))


def _wait_adopting(shell: Shell, begun: Sequence[Begun]) -> list[int]:
    """Wait for processes as process 1, to which orphans come: these are reaped meanwhile."""
    own: dict[int, int | None] = dict.fromkeys(pids_of(begun))
    last = begun[-1]
    if isinstance(last, Started):
        shell.jobs.reap_until(last.pid, own)
    shell.signals.watched = None
    for pid in reversed(own):
        if own[pid] is None:
            shell.jobs.reap_until(pid, own)
            own[pid] = processes.wait(pid, shell.events)
    return [own[one.pid] or 0 if isinstance(one, Started) else one.status << 8
            for one in begun]


def _keys_reach_us() -> bool:
    from minishell.system.terminal import keys_reach_us
    return keys_reach_us()


# -- forked subshells -------------------------------------------------------------------


def fork_child(shell: Shell, run: Action, launch: Launch | None = None,
               start: Start = SUBSHELL, what: What = None) -> Started:
    """Run an action in a forked subshell environment.

    Raises ResourceError if no process can be had.
    """
    if launch is not None:
        try:
            launch.before_fork()
        except OSError as error:
            raise ResourceError(f'pipe: {error.strerror}') from None
    shell.control.note_keys()
    unblock = before_fork()
    try:
        pid = fork(shell)
    except OSError as error:
        unblock()
        if launch is not None:
            launch.abandon()
        raise ResourceError(f'fork: {error.strerror}') from None
    if pid:
        unblock()
        if shell.events is not None:
            shell.events.tell('fork', child=pid, start=start, what=what)
        if launch is not None:
            launch.started(pid)
        return Started(pid)
    run_child(shell, run, launch, unblock)


def fork(shell: Shell) -> int:
    """fork(2), once more when ended jobs have been reaped: a zombie counts as a process.

    Raises OSError.
    """
    try:
        pid = processes.fork()
    except OSError:
        shell.jobs.poll(False)
        pid = processes.fork()
    if not pid and shell.events is not None:
        shell.events.forked()           # no signal has been noted since: all are blocked
    return pid


def run_child(shell: Shell, run: Action, launch: Launch | None,
              unblock: Callable[[], None]) -> NoReturn:
    """The child's whole life after fork: it must never return into the parent's code.

    Signals are blocked until all is in order.  What has come until then, as soon as they are
    not, is acted on before the first command (`conclude`).
    """
    status = 1
    try:
        parent = posix.getppid() if shell.events is not None else 0
        if launch is not None:
            launch.in_child()
        shell.enter_subshell(launch is not None)
        if shell.events is not None:    # before any signal can end us
            shell.events.tell('born', parent=parent)
        unblock()
        if launch is not None:
            launch.unblock()
        status = conclude(shell, run)
        if launch is not None:
            unblock = before_fork()
            launch.before_exit()
            unblock()                   # what came for the job meanwhile is not lost
    finally:
        posix._exit(status & 0xFF)
