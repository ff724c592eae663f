"""Objects of inter-process communication: what operands name, and what this shell has made.

An operand is a number (a System V key), @N (an identifier, as ipcs shows it) or else a POSIX
name.  Nothing is removed when a shell ends; so a shell keeps a record of what it has made and
not removed, with its process number and start time, in a folder of its user's beside the
objects themselves: both are gone when the machine starts anew.  A shell that was killed leaves
its record, too.  (A kill between the making and the record leaves an object without one.)
"""
from __future__ import annotations

import posix
from errno import EINVAL

from minishell.course.common import number
from minishell.errors import UsageError
from minishell.syntax.names import is_decimal
from minishell.system import records
from minishell.system.blocking import FORMAT
from minishell.system.calls import KEYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell

SHARED = '/dev/shm'     # where the C library keeps POSIX semaphores and segments
QUEUES = '/dev/mqueue'  # and the kernel POSIX queues, if that is mounted
LONGEST = 250           # bytes of a POSIX name
REGULAR = 0o100000      # S_IFREG


class Named:
    """What an operand names."""

    __slots__ = ('text', 'key', 'id', 'name')

    def __init__(self, text: str) -> None:
        """Raises UsageError."""
        self.text = text
        self.key: int | None = None     # System V: a key, or
        self.id: int | None = None      # an identifier
        self.name = ''                  # POSIX: without its slash
        if text[:1] == '@':
            self.id = number(text[1:], 'identifier')
        elif text[:1].isdigit() and text.isascii():
            key = number(text, 'key')
            if key >= KEYS:
                raise UsageError(f'{text}: invalid key')
            self.key = key if key < KEYS >> 1 else key - KEYS       # key_t has a sign
        else:
            self.name = text.removeprefix('/')
            if self.name in ('', '.', '..') or '/' in self.name or '\0' in self.name \
                    or len(self.name.encode('utf-8', 'surrogateescape')) > LONGEST:
                raise UsageError(f'{text}: invalid name')

    def is_posix(self) -> bool:
        """Whether it is a POSIX object."""
        return bool(self.name)

    def find(self, get: Callable[[int], int]) -> int:
        """The identifier of a System V object, `get` giving that of a key.  Raises OSError,
        and UsageError for 0 (IPC_PRIVATE), with which a new object would be made."""
        if self.id is not None:
            return self.id
        if not self.key:
            raise UsageError(f'{self.text}: a private object is named by its identifier, @N')
        return get(self.key)


def mode_of(options: dict[str, str], default: int = 0o600) -> int:
    """The permissions of -m, octal, less the umask (as open(2) does it)."""
    text = options.get('m')
    if text is None:
        return default
    if not is_decimal(text) or set(text) & set('89') or int(text, 8) > 0o777:
        raise UsageError(f'{text}: invalid mode')
    umask = posix.umask(0)
    posix.umask(umask)
    return int(text, 8) & ~umask


# -- what this shell has made ---------------------------------------------------------------


class Made:
    """A line of a record: `queue 17 @5`, `sem lsinf1252 1234` (an inode)."""

    __slots__ = ('kind', 'text', 'mark')

    def __init__(self, kind: str, text: str, mark: str) -> None:
        self.kind = kind                # queue, sem, segment
        self.text = text                # the operand
        self.mark = mark                # tells it from a later object of this name

    def line(self) -> str:
        """The line in the record."""
        return f'{self.kind} {self.mark} {self.text}\n'

    def shown(self) -> str:
        """As users know it."""
        return f'{self.kind} {self.text}'

    def exists(self) -> bool:
        """Whether it has not been removed, by whomever."""
        if self.mark[:1] == '@':
            from minishell.system.sysv import facts_of
            try:
                return facts_of(self.kind, int(self.mark[1:])) is not None
            except OSError:
                return False
        return self.mark == inode_of(self.kind, self.text)


def place_of(kind: str, name: str) -> str:
    """The file of a POSIX semaphore or segment."""
    return f'{SHARED}/{"sem." if kind == "sem" else ""}{name}'


def look(kind: str, name: str) -> None:
    """See that a file where a POSIX semaphore or segment should be is none of another type,
    and no semaphore of no bytes: to open a FIFO would wait for its other end, to touch memory
    that is not there end the shell by SIGBUS.  Raises OSError."""
    try:
        found = posix.lstat(place_of(kind, name))
    except OSError:                     # the C library says why; it may keep them elsewhere
        return
    if found.st_mode & FORMAT != REGULAR or kind == 'sem' and not found.st_size:
        raise OSError(EINVAL, '')


def inode_of(kind: str, name: str) -> str:
    """The inode of a POSIX object, in digits; '' if there is no such object."""
    try:
        if kind == 'queue':             # their file system need not be mounted
            return _inode_of_queue(name)
        return str(posix.stat(place_of(kind, name)).st_ino)
    except OSError:
        return ''


def _inode_of_queue(name: str) -> str:
    from minishell.course.libraries import library, posix_errors
    ipc = library('posix_ipc')
    with posix_errors(ipc):
        queue = ipc.MessageQueue('/' + name)
    try:
        return str(posix.fstat(queue.mqd).st_ino)
    finally:
        queue.close()


def note_made(shell: Shell, kind: str, text: str, identifier: int | None = None) -> None:
    """Put an object into the record of this shell; before its first one, put records away of
    shells that have ended, where nothing is left of what they made."""
    owner = records.owner(shell.pid)
    if owner not in records.owners():
        for other in records.owners():
            if not records.lives(other):
                records.change(other, is_left)
    mark = inode_of(kind, text) if identifier is None else f'@{identifier}'
    records.add(shell.pid, Made(kind, text, mark).line())


def note_removed(kind: str, text: str, identifier: int | None = None) -> None:
    """Take what has been removed out of the records, whichever it is in."""
    def stays(line: str) -> bool:
        made = parse(line)
        if made is None or made.kind != kind:
            return made is not None
        return made.text != text if identifier is None else made.mark != f'@{identifier}'
    for owner in records.owners():
        records.change(owner, stays)


def is_left(line: str) -> bool:
    """Whether the object of a line is still there."""
    made = parse(line)
    return made is not None and made.exists()


def parse(line: str) -> Made | None:
    """A line of a record; None if it is none."""
    words = line.rstrip('\n').split(' ', 2)
    return Made(words[0], words[2], words[1]) if len(words) == 3 else None


def left_by(owner: records.Owner) -> list[Made]:
    """What a shell has made and is still there."""
    return [made for line in records.lines(owner) if (made := parse(line)) and made.exists()]


def left_behind(shell: Shell) -> str:
    """What this shell leaves: `sem lsinf1252, queue 17`; '' if nothing."""
    owner = records.owner(shell.pid)
    return ', '.join(made.shown() for made in left_by(owner)) if owner else ''
