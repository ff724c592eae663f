"""shm: shared memory, System V by key or identifier (sysv_ipc), POSIX by name (posix_ipc)."""
from __future__ import annotations

import posix
from errno import EACCES, EFAULT, EINVAL
from typing import Any

from minishell.codec import decoded, encoded
from minishell.course.common import failed, give, number, options_of
from minishell.course.libraries import library, posix_errors
from minishell.course.objects import Named, look, mode_of, note_made, note_removed
from minishell.errors import BuiltinError, UsageError
from minishell.system import sysv
from minishell.system.descriptors import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

NOUN = 'segment'
DESTROYED = 0o1000      # SHM_DEST: it goes with the last who detaches it
POPULATE_READ, POPULATE_WRITE = 22, 23      # of madvise(2), since Linux 5.14
OPTIONS = {             # flags, options with an argument, how many operands
    'create': ('x', 'mv', 2), 'attach': ('r', '', 1), 'detach': ('', '', 1),
    'read': ('', 'onv', 1), 'write': ('', 'o', 2), 'stat': ('', 'v', 1), 'rm': ('', '', 1),
}


class Memory:
    """A segment in the memory of this process."""

    def __init__(self, memory: Any, size: int, read_only: bool, identifier: int | None) -> None:
        self._memory = memory           # of sysv_ipc or of the module mmap
        self.size = size                # bytes
        self.read_only = read_only
        self.id = identifier            # of System V

    def read(self, offset: int, count: int) -> bytes:
        """Bytes from an offset on.  Raises OSError."""
        if self.id is None:
            self._populate(POPULATE_READ, offset, count)
            return bytes(self._memory[offset:offset + count])
        return bytes(self._memory.read(count, offset)) if count else b''

    def write(self, offset: int, data: bytes) -> None:
        """Put bytes at an offset.  Raises OSError."""
        if self.id is None:
            self._populate(POPULATE_WRITE, offset, len(data))
            self._memory[offset:offset + len(data)] = data
        elif data:
            self._memory.write(data, offset)

    def _populate(self, advice: int, offset: int, count: int) -> None:
        """Have pages of a POSIX segment there.  One that cannot be, as its folder is full or
        somebody has cut the file, would end the shell by SIGBUS.  Raises OSError."""
        from mmap import PAGESIZE
        begin = offset - offset % PAGESIZE
        try:
            if count:
                self._memory.madvise(advice, begin, offset + count - begin)
        except OSError as error:
            if error.errno == EFAULT:       # else the kernel is too old to say
                raise

    def detach(self) -> None:
        """Take it out of the memory of this process."""
        if self.id is None:
            self._memory.close()
        else:
            self._memory.detach()


def shm(shell: Shell, argv: list[str]) -> int:
    """Make, use and remove shared memory: shmget(2), shmat(2), shmdt(2), shmctl(2);
    shm_open(3), mmap(2)."""
    operation = argv[1] if len(argv) > 1 else ''
    if operation not in OPTIONS:
        raise UsageError(f'one of {", ".join(OPTIONS)} is needed')
    flags, with_argument, count = OPTIONS[operation]
    options, operands = options_of(shell, argv[1:], flags, with_argument)
    if len(operands) != count:
        raise UsageError(f'{operation}: wrong number of operands')
    named = Named(operands[0])
    try:
        return OPERATIONS[operation](shell, named, options, operands[1:])
    except OSError as error:
        if error.errno == EFAULT:
            raise BuiltinError(f'{named.text}: The memory is not there: its folder is full, or '
                               'somebody has cut it (EFAULT)', 2) from None
        raise failed(named.text, error, NOUN) from None


def _attached(shell: Shell) -> dict[str, Memory]:
    """The segments that stay attached, by the operand that they were attached by."""
    found: dict[str, Memory] = shell.parts.setdefault('attached', {})
    return found


def _create(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    size = number(operands[0], 'size', 1)
    if named.is_posix():
        return _create_posix(shell, named, options, size)
    if named.key is None:
        raise UsageError(f'{named.text}: an identifier cannot be chosen')
    try:
        made = sysv.get_segment(named.key, size,
                                sysv.CREATE | sysv.EXCLUSIVE | mode_of(options))
    except FileExistsError:
        if 'x' in options:
            raise
        sysv.get_segment(named.key, size)       # EINVAL: it is smaller
        return 0
    note_made(shell, NOUN, named.text if named.key else f'@{made}', made)
    if not named.key:
        give(shell, options, f'@{made}')
    return 0


def _create_posix(shell: Shell, named: Named, options: dict[str, str], size: int) -> int:
    ipc = library('posix_ipc')
    try:
        with posix_errors(ipc):
            close(ipc.SharedMemory('/' + named.name, ipc.O_CREX, mode_of(options), size).fd)
    except FileExistsError:
        if 'x' in options:
            raise
        return 0
    note_made(shell, NOUN, named.name)
    return 0


# -- attaching ----------------------------------------------------------------------------


def _attach(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    if named.text in _attached(shell):
        raise BuiltinError(f'{named.text}: attached already', 2)
    _attached(shell)[named.text] = _map(named, 'r' in options)
    return 0


def _detach(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    memory = _attached(shell).pop(named.text, None)
    if memory is None:
        raise OSError(EINVAL, '')
    memory.detach()
    return 0


def _map(named: Named, read_only: bool) -> Memory:
    """Attach a segment.  Raises OSError."""
    if named.is_posix():
        return _map_posix(named, read_only)
    identifier = named.find(_of_key)
    facts = sysv.facts_of(NOUN, identifier)
    ipc = library('sysv_ipc')
    try:
        memory = ipc.attach(identifier, None, ipc.SHM_RDONLY if read_only else 0)
    except ipc.ExistentialError:
        raise FileNotFoundError(2, '') from None
    except ipc.PermissionsError:
        raise PermissionError(EACCES, '') from None
    except (ValueError, OverflowError):         # no such identifier
        raise OSError(EINVAL, '') from None
    except ipc.Error as error:
        raise BuiltinError(f'{named.text}: {error}', 2) from None
    return Memory(memory, facts['size'] if facts else memory.size, read_only, identifier)


def _map_posix(named: Named, read_only: bool) -> Memory:
    ipc = library('posix_ipc')
    from mmap import ACCESS_READ, ACCESS_WRITE, mmap
    look(NOUN, named.name)
    with posix_errors(ipc):
        found = ipc.SharedMemory('/' + named.name, read_only=read_only)
    try:
        size = posix.fstat(found.fd).st_size
        access = ACCESS_READ if read_only else ACCESS_WRITE
        return Memory(mmap(found.fd, size, access=access), size, read_only, None)
    except ValueError:                  # it is empty, yet
        raise OSError(EINVAL, '') from None
    finally:
        close(found.fd)


# -- what is in it ------------------------------------------------------------------------


def _read(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    """Give the string at an offset, to its NUL; or so many bytes, without NULs."""
    offset = number(options.get('o', '0'), 'offset')
    kept = _attached(shell).get(named.text)
    memory = kept or _map(named, True)
    try:
        if offset > memory.size:
            raise UsageError(f'{offset}: the segment has {memory.size} bytes')
        count = memory.size - offset
        if 'n' in options:
            count = min(count, number(options['n'], 'number of bytes'))
        data = memory.read(offset, count)
    finally:
        if kept is None:
            memory.detach()
    data = data.replace(b'\0', b'') if 'n' in options else data.partition(b'\0')[0]
    give(shell, options, decoded(data))
    return 0


def _write(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    """Put a string at an offset, and its NUL if there is room."""
    offset = number(options.get('o', '0'), 'offset')
    data = encoded(operands[0])
    kept = _attached(shell).get(named.text)
    memory = kept or _map(named, False)
    try:
        if memory.read_only:
            raise BuiltinError(f'{named.text}: attached for reading only', 2)
        if offset + len(data) > memory.size:
            raise UsageError(f'{len(data)} bytes at {offset}: '
                             f'the segment has {memory.size} bytes')
        memory.write(offset, data + bytes(offset + len(data) < memory.size))
    finally:
        if kept is None:
            memory.detach()
    return 0


def _stat(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    if named.is_posix():
        ipc = library('posix_ipc')
        with posix_errors(ipc):
            look(NOUN, named.name)
            fd = ipc.SharedMemory('/' + named.name, read_only=True).fd
        try:
            found = posix.fstat(fd)
        finally:
            close(fd)
        give(shell, options,
             f'{named.text}: {found.st_size} bytes, mode {found.st_mode & 0o777:03o}')
        return 0
    identifier = _identifier(shell, named)
    facts = sysv.facts_of(NOUN, identifier)
    if facts is None:
        raise FileNotFoundError(2, '')
    give(shell, options, f'{named.text} @{identifier}: {segment_in_words(facts)}')
    return 0


def segment_in_words(facts: dict[str, int]) -> str:
    """A line of /proc/sysvipc/shm: `1000 bytes, 0 attached, creator 77, mode 750, dest`."""
    return (f'{facts["size"]} bytes, {facts["nattch"]} attached, creator {facts["cpid"]}, '
            f'mode {facts["perms"] & 0o777:03o}' + ', dest' * bool(facts['perms'] & DESTROYED))


def _of_key(key: int) -> int:
    return sysv.get_segment(key, 0)


def _identifier(shell: Shell, named: Named) -> int:
    """That of a segment; also of one that is attached and has been removed: its key is gone.
    Raises OSError."""
    kept = _attached(shell).get(named.text)
    if kept is not None and kept.id is not None:
        return kept.id
    return named.find(_of_key)


def _remove(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    if named.is_posix():
        ipc = library('posix_ipc')
        with posix_errors(ipc):
            ipc.unlink_shared_memory('/' + named.name)
        note_removed(NOUN, named.name)
        return 0
    identifier = _identifier(shell, named)
    sysv.remove_segment(identifier)
    note_removed(NOUN, named.text, identifier)
    return 0


OPERATIONS = {
    'create': _create, 'attach': _attach, 'detach': _detach, 'read': _read, 'write': _write,
    'stat': _stat, 'rm': _remove,
}
