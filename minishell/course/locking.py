"""flock, lockf, locks: locks on files that the shell itself holds.

With flock(1) /proc/locks names a process that has ended; here it names the shell.
"""
from __future__ import annotations

import posix

from minishell.builtins.acting import Trapped
from minishell.course.common import descriptor, failed, give, number, options_of, seconds_of
from minishell.course.sleeping import sleep_in
from minishell.errors import SynopsisError, UsageError
from minishell.syntax.names import is_decimal
from minishell.system import locks as system
from minishell.system.descriptors import close, open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.state.shell import Shell

LONG = {                # the long options of util-linux's flock
    'shared': 's', 'exclusive': 'x', 'unlock': 'u', 'nonblock': 'n', 'nb': 'n', 'close': 'o',
    'no-fork': 'F', 'verbose': 'V', 'timeout': 'w', 'wait': 'w', 'conflict-exit-code': 'E',
    'command': 'c',
}
WITH_ARGUMENT = 'wEc'


def flock(shell: Shell, argv: list[str]) -> int:
    """Lock an open file description, or a file while a command runs: flock(2), with the
    options of util-linux's utility."""
    options, operands = options_of(shell, [argv[0], *_short(shell, argv[1:])], 'sxeunoFV', 'wE')
    if not operands:
        raise UsageError('a file descriptor, or a file and a command, is needed')
    conflict = number(options.get('E', '1'), 'exit status')
    operation = system.EXCLUSIVE
    for letter in options:
        if letter in 'sxeu':
            operation = {'s': system.SHARED, 'u': system.UNLOCK}.get(letter, system.EXCLUSIVE)
    name, command = operands[0], operands[1:]
    if not command and not is_decimal(name):
        raise UsageError(f'{name}: a command is needed, or a file descriptor')
    fd = _opened(shell, name) if command else descriptor(shell, name)

    def lock(wait: bool) -> None:
        system.lock_description(fd, operation, wait)
    try:
        try:
            status = take(shell, lock, 'n' in options, options.get('w'))
        except OSError as error:
            raise failed(name, error) from None
        if status == 1:
            return conflict
        if status or not command:
            return status
        return _run(shell, command, fd, 'o' in options)
    finally:
        if command:
            close(fd)


def _short(shell: Shell, words: list[str]) -> list[str]:
    """Long options as short ones, up to the first operand; `file -c text` as a command."""
    found: list[str] = []
    index = 0
    while index < len(words):
        word = words[index]
        if word[:2] == '--' and word != '--':
            name, _, value = word[2:].partition('=')
            letter = LONG.get(name)
            if letter is None:
                raise SynopsisError(f'{word}: invalid option')
            found.append(f'-{letter}' + value)
        elif word == '--' or word[:1] != '-' or len(word) < 2:
            break
        else:
            found.append(word)
        takes = found[-1][-1] in WITH_ARGUMENT
        index += 1
        if takes and index < len(words):
            found.append(words[index])
            index += 1
    if words[index:index + 1] == ['--']:
        found.append('--')
        index += 1
    rest = words[index:]
    if rest[1:2] in (['-c'], ['--command']):
        if len(rest) != 3:
            raise UsageError('-c: exactly one command argument is needed')
        rest = [rest[0], shell.variables.get('SHELL') or '/bin/sh', '-c', rest[2]]
    return found + rest


def _opened(shell: Shell, path: str) -> int:
    """The file to lock, made where there is none."""
    try:
        return shell.at_once(open_file, path, posix.O_RDONLY | posix.O_CREAT | posix.O_NOCTTY)
    except OSError as error:
        if isinstance(error, IsADirectoryError):
            return open_file(path, posix.O_RDONLY | posix.O_NOCTTY)
        raise failed(path, error) from None


def _run(shell: Shell, command: list[str], fd: int, closes: bool) -> int:
    """Run a command that inherits the locked file, unless it is to be closed there."""
    from minishell.run.commands import run_plainly
    from minishell.system.descriptors import inherit
    if not closes:
        inherit(fd, True)
    return run_plainly(shell, command)


def take(shell: Shell, lock: Callable[[bool], None], at_once: bool,
         seconds: str | None) -> int:
    """Take a lock: 0, 1 where it is another's and may not be waited for (any longer), or
    128+n.  Raises OSError, UsageError."""
    limit = None if seconds is None else seconds_of(seconds)
    try:
        lock(False)
        return 0
    except BlockingIOError:
        if at_once or limit == 0:
            return 1
    try:
        sleep_in(shell, lambda: lock(True), True, limit)
    except TimeoutError:
        return 1
    except Trapped as trapped:
        return int(trapped.args[0])
    return 0


# -- record locks ---------------------------------------------------------------------------


def lockf(shell: Shell, argv: list[str]) -> int:
    """Lock bytes of a file for this process: lockf(3), fcntl(2)."""
    options, operands = options_of(shell, argv, 'rnut', 'wslv')
    if len(operands) != 1:
        raise UsageError('one file descriptor is needed')
    fd = descriptor(shell, operands[0])
    start = number(options['s'], 'offset') if 's' in options else None
    length = number(options.get('l', '0'), 'length', None)
    mode = system.READ if 'r' in options else system.WRITE
    try:
        if 't' in options:
            return _test(shell, options, fd, mode, start, length)
        if 'u' in options:
            system.lock_record(fd, system.NONE, False, start, length)
            return 0
        return take(shell, lambda wait: system.lock_record(fd, mode, wait, start, length),
                    'n' in options, options.get('w'))
    except OSError as error:
        raise failed(operands[0], error) from None


def _test(shell: Shell, options: dict[str, str], fd: int, mode: int, start: int | None,
          length: int) -> int:
    """Tell of the lock that is in the way (F_GETLK): 1; 0 if none is."""
    found = system.blocking_record(fd, mode, start, length)
    if found is None:
        if 'v' in options:
            give(shell, options, '')
        return 0
    held, first, last, pid = found
    give(shell, options, f'{system.MODES[held]} {system.span(first, last)} pid {pid}')
    return 1


# -- /proc/locks ----------------------------------------------------------------------------


def locks(shell: Shell, argv: list[str]) -> int:
    """List the locks of the system, or those of files or of a process, in words."""
    options, operands = options_of(shell, argv, '', 'pv')
    pid = number(options['p'], 'process ID', 1) if 'p' in options else None
    names: dict[tuple[int, int, int], str] = {}
    for path in operands:
        try:
            found = posix.stat(path)
        except OSError as error:
            raise failed(path, error) from None
        names[posix.major(found.st_dev), posix.minor(found.st_dev), found.st_ino] = path
    try:
        every = system.all_locks()
    except OSError as error:
        raise failed('/proc/locks', error) from None
    lines = []
    for lock in every:
        place = *lock.device, lock.inode
        if pid not in (None, lock.pid) or operands and place not in names:
            continue
        lines.append(line_of(lock, every, names.get(place, '')))
    if lines or 'v' in options:
        give(shell, options, '\n'.join(lines))
    return 0


def line_of(lock: system.Lock, every: Sequence[system.Lock], path: str = '') -> str:
    """A lock in words; who of all locks holds the ones that it waits for."""
    line = f'{lock.kind} {lock.mode} {lock.pid} {path or path_of(lock)} ' \
        f'{system.span(lock.first, lock.last)}'
    if not lock.waits:
        return line
    holders = sorted({other.pid for other in every if other.bars(lock)})
    return f'{line} waits for {", ".join(map(str, holders)) or "?"}'


def path_of(lock: system.Lock) -> str:
    """The name under which its process has the file open; else the file's numbers."""
    place = f'/proc/{lock.pid}/fd'
    try:
        for fd in posix.listdir(place):
            found = posix.stat(f'{place}/{fd}')
            if (posix.major(found.st_dev), posix.minor(found.st_dev), found.st_ino) == (
                    *lock.device, lock.inode):
                return posix.readlink(f'{place}/{fd}')
    except OSError:                     # it has ended, or is another user's
        pass
    return f'{lock.device[0]:x}:{lock.device[1]:x}:{lock.inode}'
