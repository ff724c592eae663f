"""sysopen, sysread, syswrite, sysseek: open(2), read(2), write(2), lseek(2) as zsh's module
zsh/system gives them; and pread(2), pwrite(2) by `-p`.

ERRNO is set where a system call has failed.  zsh is silent then; here what is wrong is told.
"""
from __future__ import annotations

import posix
from errno import EINTR

from minishell.builtins.acting import Trapped
from minishell.builtins.options import parse_options
from minishell.codec import decoded, encoded
from minishell.course.common import assign, assignable, descriptor, failed, number, seconds_of
from minishell.course.sleeping import act, sleep_in
from minishell.errors import BuiltinError, ExpansionError, UsageError
from minishell.syntax.names import is_decimal
from minishell.system import calls
from minishell.system.descriptors import close, inherit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from minishell.state.shell import Shell

    T = TypeVar('T')

OPENING = {             # -o of sysopen
    'cloexec': posix.O_CLOEXEC, 'create': posix.O_CREAT, 'creat': posix.O_CREAT,
    'excl': posix.O_EXCL, 'noatime': posix.O_NOATIME, 'nofollow': posix.O_NOFOLLOW,
    'nonblock': posix.O_NONBLOCK, 'ndelay': posix.O_NONBLOCK, 'sync': posix.O_SYNC,
    'truncate': posix.O_TRUNC, 'trunc': posix.O_TRUNC,
}
WHENCE = {'start': 0, 'current': 1, 'end': 2}
BUFFER = 8192
MOST = 1 << 26          # bytes: more is no buffer
WRONG = 1               # parameters, of a call that has failed:
FAILED, NOT_WRITTEN, TIMED_OUT, NOTHING = 2, 3, 4, 5


def _told(shell: Shell, what: str, error: OSError, status: int = FAILED) -> int:
    """Set ERRNO and say what has failed."""
    shell.variables.assign('ERRNO', str(error.errno))
    shell.warn(failed(what, error).message)
    return status


def _checked(check: Callable[..., T], *words: object) -> T:
    """What a look at operands gives; what is wrong there is status 1."""
    try:
        return check(*words)
    except UsageError as error:
        raise BuiltinError(error.message, WRONG) from None


# -- sysopen ------------------------------------------------------------------------------


def sysopen(shell: Shell, argv: list[str]) -> int:
    """Open a file: open(2).  The descriptor is inherited unless -o cloexec is given."""
    options, operands = _checked(parse_options, argv, 'arw', 'mou')
    if len(operands) != 1 or 'u' not in options:
        raise BuiltinError('-u and one file are needed', WRONG)
    writes = 'a' in options or 'w' in options
    flags = posix.O_NOCTTY | (
        posix.O_RDWR if writes and 'r' in options else posix.O_WRONLY if writes
        else posix.O_RDONLY) | (posix.O_APPEND if 'a' in options else 0)
    for name in options.get('o', '').split(','):
        flag = OPENING.get(name.lower().removeprefix('o_'))
        if flag is None and name:
            raise BuiltinError(f'{name}: unsupported option', WRONG)
        flags |= flag or 0
    mode = options.get('m', '666')
    if not is_decimal(mode) or set(mode) & set('89') or len(mode) > 4:
        raise BuiltinError(f'{mode}: invalid mode', WRONG)
    name = options['u']
    target = _checked(descriptor, shell, name) if is_decimal(name) else None
    if target is None:
        _checked(assignable, shell, name)
    path = operands[0]
    try:
        fd = sleep_in(shell, lambda: calls.open_path(encoded(path), flags, int(mode, 8)), True)
    except Trapped as trapped:
        return _ended(shell, trapped)
    except OSError as error:
        return _told(shell, f'sysopen: {path}', error, WRONG)
    return _place(shell, fd, target, name, flags)


def _place(shell: Shell, fd: int, target: int | None, name: str, flags: int) -> int:
    """Give a new descriptor the number that is wanted, or a variable its number."""
    if shell.events is not None:
        shell.events.tell('open', fd=fd, path='', operator='sysopen')
    try:
        if target is None:
            assign(shell, name, str(fd))
            inherit(fd, not flags & posix.O_CLOEXEC)
        elif fd != target:
            shell.descriptors.apply((target, fd, True), None)
            inherit(target, not flags & posix.O_CLOEXEC)
        else:
            inherit(fd, not flags & posix.O_CLOEXEC)
    except BaseException:
        close(fd)
        raise
    return 0


def _ended(shell: Shell, trapped: Trapped) -> int:
    """The status where `siginterrupt` has a signal end a call."""
    shell.variables.assign('ERRNO', str(EINTR))
    return int(trapped.args[0])


# -- sysread ------------------------------------------------------------------------------


def sysread(shell: Shell, argv: list[str]) -> int:
    """Read once: read(2), or pread(2) at an offset."""
    options, operands = _checked(parse_options, argv, '', 'ciostp')
    if len(operands) > 1:
        raise BuiltinError('too many arguments', WRONG)
    for name in operands or ['REPLY'] * ('o' not in options):
        _checked(assignable, shell, name)
    if 'c' in options:
        _checked(assignable, shell, options['c'])
    fd = _checked(descriptor, shell, options.get('i', '0'))
    count = _checked(number, options.get('s', str(BUFFER)), 'buffer size')
    if not 0 < count <= MOST:
        raise BuiltinError(f'{count}: invalid buffer size', WRONG)
    offset = _checked(number, options['p'], 'offset') if 'p' in options else None
    out = _checked(descriptor, shell, options['o']) if 'o' in options else None
    limit = _checked(seconds_of, options['t']) if 't' in options else None
    try:
        data = _read(shell, fd, count, offset, limit)
    except TimeoutError:
        return TIMED_OUT
    except Trapped as trapped:
        return _ended(shell, trapped)
    except OSError as error:
        return _told(shell, f'sysread: {fd}', error)
    left = data
    status = 0 if data else NOTHING
    if out is not None and data:
        written, status = _write(shell, 'sysread', out, data, None)
        left = data[written:]
        if status == FAILED:
            status = NOT_WRITTEN
    if 'c' in options:
        assign(shell, options['c'], str(len(left if status == NOT_WRITTEN else data)))
    if out is None or status == NOT_WRITTEN and operands:
        assign(shell, operands[0] if operands else 'REPLY',
               decoded(left.replace(b'\0', b'')))
    return status


def _read(shell: Shell, fd: int, count: int, offset: int | None, limit: float | None) -> bytes:
    """Raises Trapped, TimeoutError, OSError."""
    if limit is not None:
        _await(shell, fd, limit)
    return sleep_in(shell, lambda: calls.read(fd, count, offset), True)


def _await(shell: Shell, fd: int, limit: float) -> None:
    """Sleep until there is something to read.  Raises TimeoutError, Trapped."""
    from time import monotonic
    end = monotonic() + limit
    while True:
        act(shell, True)
        if shell.signals.wait_readable(fd, max(end - monotonic(), 0)):
            return


# -- syswrite -----------------------------------------------------------------------------


def syswrite(shell: Shell, argv: list[str]) -> int:
    """Write: write(2), or pwrite(2) at an offset, until all is written."""
    options, operands = _checked(parse_options, argv, '', 'cop')
    if len(operands) != 1:
        raise BuiltinError('one argument is needed', WRONG)
    if 'c' in options:
        _checked(assignable, shell, options['c'])
    fd = _checked(descriptor, shell, options.get('o', '1'))
    offset = _checked(number, options['p'], 'offset') if 'p' in options else None
    written, status = _write(shell, 'syswrite', fd, encoded(operands[0]), offset)
    if 'c' in options:
        assign(shell, options['c'], str(written))
    return status


def _write(shell: Shell, name: str, fd: int, data: bytes, offset: int | None,
           ) -> tuple[int, int]:
    """How many bytes have been written, and the status."""
    done = 0
    try:
        while done < len(data) or not data:
            at = None if offset is None else offset + done
            rest = data[done:]
            done += sleep_in(shell, lambda: calls.write(fd, rest, at), True)    # noqa: B023
            if not data:
                break
    except Trapped as trapped:
        return done, _ended(shell, trapped)
    except OSError as error:
        return done, _told(shell, f'{name}: {fd}', error)
    return done, 0


# -- sysseek --------------------------------------------------------------------------------


def sysseek(shell: Shell, argv: list[str]) -> int:
    """Set the offset of an open file description: lseek(2)."""
    options, operands = _checked(parse_options, argv, '', 'uw')
    if len(operands) != 1:
        raise BuiltinError('one offset is needed', WRONG)
    fd = _checked(descriptor, shell, options.get('u', '0'))
    whence = options.get('w', 'start')
    found = [number for word, number in WHENCE.items() if whence and word.startswith(whence)]
    if not found:
        raise BuiltinError(f'{whence}: start, current or end is needed', WRONG)
    try:
        offset = shell.evaluate(operands[0])
    except ExpansionError as error:
        raise BuiltinError(error.message, WRONG) from None
    try:
        posix.lseek(fd, offset, found[0])
    except OSError as error:
        return _told(shell, f'sysseek: {fd}', error)
    return 0
