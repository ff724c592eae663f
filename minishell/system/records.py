"""Records of what a shell has made and is to be removed by somebody: a file for each shell.

They are in a folder in $XDG_RUNTIME_DIR, or in /dev/shm, that nobody but its user may enter.
A file's name says whose it is, by process number and start time: a number alone may be
another's by now.  The subshells of a shell write to its record as well, so the folder is locked
meanwhile.
"""
from __future__ import annotations

import posix
from fcntl import LOCK_EX, flock

from minishell.codec import decoded, encoded
from minishell.system.blocking import FORMAT, read_file, write_all
from minishell.system.descriptors import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Owner = tuple[int, int]     # process number, start time in ticks since the machine's

PARENT = '/dev/shm'
DIRECTORY = 0o040000            # S_IFDIR


def folder() -> str:
    """The folder of this user: where the session says, if it was told to this process."""
    runtime = decoded(posix.environ.get(b'XDG_RUNTIME_DIR', b''))
    if runtime[:1] == '/':
        return f'{runtime}/minishell'
    return f'{PARENT}/minishell-{posix.geteuid()}'


def owner(pid: int) -> Owner | None:
    """Who a process is; None if there is none."""
    try:
        stat = read_file(f'/proc/{pid}/stat').rpartition(b')')[2].split()
    except OSError:
        return None
    return pid, int(stat[19])


def add(pid: int, line: str) -> None:
    """Add a line to the record of a process; nothing can be done where there can be none."""
    who = owner(pid) or owner(posix.getpid())
    lock = _locked(True) if who is not None else None
    if lock is None or who is None:
        return
    try:
        _append(_path(who), line)
    finally:
        close(lock)


def change(who: Owner, stays: Callable[[str], bool]) -> None:
    """Keep only some lines of a record; one without lines goes."""
    lock = _locked(False)
    if lock is None:
        return
    try:
        before = lines(who)
        after = [line for line in before if stays(line)]
        if after == before:
            return
        new = _path(who) + '.new'
        if after:
            _append(new, ''.join(after))
            posix.rename(new, _path(who))
        else:
            posix.unlink(_path(who))
            posix.rmdir(folder())       # fails while there are others
    except OSError:
        pass
    finally:
        close(lock)


def lines(who: Owner) -> list[str]:
    """The lines of a record."""
    if not _is_safe():
        return []
    try:
        return decoded(read_file(_path(who))).splitlines(keepends=True)
    except OSError:
        return []


def owners() -> list[Owner]:
    """Whose records there are, of shells that have ended, too."""
    if not _is_safe():
        return []
    found = []
    for name in posix.listdir(folder()):
        pid, _, start = name.partition('-')
        if pid.isdigit() and start.isdigit():
            found.append((int(pid), int(start)))
    return sorted(found)


def are_there() -> bool:
    """Whether there may be any."""
    return posix.access(folder(), posix.F_OK)


def lives(who: Owner) -> bool:
    """Whether a process has not ended."""
    return owner(who[0]) == who


def _path(who: Owner) -> str:
    return f'{folder()}/{who[0]}-{who[1]}'


def _is_safe() -> bool:
    """Whether the folder is there and nobody else may enter it: others could have us remove
    what they like."""
    try:
        found = posix.lstat(folder())
    except OSError:
        return False
    return found.st_mode & FORMAT == DIRECTORY and found.st_uid == posix.geteuid() \
        and not found.st_mode & 0o077


def _locked(make: bool) -> int | None:
    """The folder, locked until the descriptor is closed; None where it cannot be."""
    while True:
        if make:
            try:
                posix.mkdir(folder(), 0o700)
            except OSError:
                pass
        if not _is_safe():
            return None
        try:
            fd = posix.open(folder(), posix.O_RDONLY | posix.O_DIRECTORY | posix.O_CLOEXEC)
        except OSError:
            return None
        taken = False
        try:
            flock(fd, LOCK_EX)
            taken = posix.fstat(fd).st_nlink > 0    # nobody has removed it before we had it
            if taken:
                return fd
        except OSError:
            return None
        finally:
            if not taken:               # or this process would wait for itself the next time
                close(fd)


def _append(path: str, text: str) -> None:
    try:
        fd = posix.open(path, posix.O_WRONLY | posix.O_CREAT | posix.O_APPEND | posix.O_CLOEXEC,
                        0o600)
    except OSError:
        return
    try:
        write_all(fd, encoded(text))
    except OSError:
        pass
    finally:
        close(fd)
