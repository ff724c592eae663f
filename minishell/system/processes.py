"""Processes: started by spawn or fork, waited for by their pids."""
from __future__ import annotations

import posix

from minishell.system.signals import SIGKILL, SIGSTOP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from minishell.system.descriptors import Action
    from minishell.system.events import Events

CONTINUED = 0xFFFF              # the wait status of a child that SIGCONT has continued
SPAWN_DUP2, SPAWN_CLOSE = posix.POSIX_SPAWN_DUP2, posix.POSIX_SPAWN_CLOSE


def spawn(path: str, argv: list[str], environment: Mapping[str, str],
          actions: Sequence[Action] = (), reset: Iterable[int] = (),
          group: int | None = None) -> int:
    """Start a program as a child with a list of descriptor actions; returns its pid.

    Handled signals get their default disposition by exec, ignored ones stay ignored unless
    they are named in `reset`.  `group` is the process group to join, 0 for one of its own.
    Raises OSError with exec's errno.
    """
    if not actions and not reset and group is None:
        return posix.posix_spawn(path, argv, environment)
    file_actions = [(SPAWN_CLOSE, target) if source < 0 else (SPAWN_DUP2, source, target)
                    for target, source, _ in actions]
    if group is None:
        return posix.posix_spawn(path, argv, environment, setsigdef=reset,
                                 file_actions=file_actions)
    return posix.posix_spawn(path, argv, environment, setsigdef=reset, setpgroup=group,
                             file_actions=file_actions)


def fork() -> int:
    """fork(2).  Raises OSError."""
    return posix.fork()


def replace(path: str, argv: list[str], environment: Mapping[str, str],
            events: Events | None = None) -> None:
    """execve(2): returns only by raising OSError."""
    if events is not None:
        events.tell('exec', path=path, argv=argv)
    try:
        posix.execve(path, argv, environment)
    except OSError as error:
        if events is not None:
            events.tell('exec failed', path=path, error=error.strerror)
        raise


def wait(pid: int, events: Events | None = None) -> int:
    """Wait until a child ends; returns its wait status (0 if it is not our child)."""
    try:
        status = posix.waitpid(pid, 0)[1]
    except ChildProcessError:       # SIGCHLD was ignored at entry: nobody knows any more
        return 0
    if events is not None:
        events.tell('reap', child=pid, status=status)
    return status


def signal(pid: int, number: int, events: Events | None = None) -> None:
    """Send a signal to a child that has not been reaped; to one of another user, perhaps."""
    try:
        signal_any(pid, number, events)
    except PermissionError:
        pass


def signal_self(number: int) -> None:
    """Send a signal to this process."""
    posix.kill(posix.getpid(), number)


def signal_any(pid: int, number: int, events: Events | None = None) -> None:
    """kill(2): to a process, to a group where pid is negative, to our own where it is 0.
    Raises OSError."""
    if events is not None:
        events.tell('send', to=pid, number=number)
    posix.kill(pid, number)


def signal_group(group: int, number: int, events: Events | None = None) -> None:
    """Send a signal to a process group, 0 being our own.  Raises OSError."""
    if events is not None:
        events.tell('send', to=-group, number=number)
    posix.killpg(group, number)


def join_group(pid: int, group: int, events: Events | None = None) -> None:
    """setpgid(2): have a process, 0 being this one, in a process group, 0 being one of its
    own.  Raises OSError."""
    posix.setpgid(pid, group)
    if events is not None:
        events.tell('group', child=pid, group=group)


def await_end(pid: int) -> None:
    """Wait until a child has ended, and leave it to be reaped."""
    try:
        posix.waitid(posix.P_PID, pid, posix.WEXITED | posix.WNOWAIT)
    except ChildProcessError:
        pass


def await_end_or(pid: int, fd: int, seconds: float) -> bool:
    """Wait until a child has ended, and leave it, or a descriptor can be read from; false if
    neither has come in so many seconds.  Raises OSError."""
    from select import POLLIN, poll
    child = posix.pidfd_open(pid)
    try:
        ends = poll()
        ends.register(child, POLLIN)
        ends.register(fd, POLLIN)
        return bool(ends.poll(seconds * 1000))
    finally:
        posix.close(child)


def end(pids: Sequence[int]) -> None:
    """Kill children that have only just been started, with what they have started since,
    and reap them."""
    for pid in pids:
        posix.kill(pid, SIGSTOP)        # it starts nothing more
        posix.waitid(posix.P_PID, pid, posix.WSTOPPED | posix.WEXITED | posix.WNOWAIT)
        _kill_tree(pid)
        wait(pid)


def _kill_tree(pid: int) -> None:
    try:
        posix.kill(pid, SIGSTOP)
        fd = posix.open(f'/proc/{pid}/task/{pid}/children', posix.O_RDONLY)
        children = posix.read(fd, 65536).split()
        posix.close(fd)
        for child in children:
            _kill_tree(int(child))
    except OSError:
        pass                            # it has gone, or there is no such file
    try:
        posix.kill(pid, SIGKILL)        # SIGTERM may be ignored, and we must not hang
    except OSError:
        pass


def any_changed() -> int:
    """The pid of some child with news, which stays to be taken; 0 if there is none."""
    try:
        info = posix.waitid(posix.P_ALL, 0, posix.WEXITED | posix.WSTOPPED
                            | posix.WCONTINUED | posix.WNOHANG | posix.WNOWAIT)
    except ChildProcessError:
        return 0
    return info.si_pid if info is not None else 0


def any_ended() -> int:
    """Wait until some child has ended, and leave it to be reaped: its pid; 0 if there is no
    child."""
    try:
        info = posix.waitid(posix.P_ALL, 0, posix.WEXITED | posix.WNOWAIT)
    except ChildProcessError:
        return 0
    return info.si_pid if info is not None else 0


def poll(pid: int, events: Events | None = None) -> int | None:
    """What is new of a child: its wait status if it has ended or stopped, CONTINUED, or
    None."""
    try:
        changed, status = posix.waitpid(
            pid, posix.WNOHANG | posix.WUNTRACED | posix.WCONTINUED)
    except ChildProcessError:
        return 0
    if changed and events is not None:
        events.tell('reap', child=pid, status=status)
    return status if changed else None
