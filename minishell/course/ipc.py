"""ipc: all objects in one table, and the removal of what shells have left behind."""
from __future__ import annotations

import posix

from minishell.course.common import failed, give, options_of
from minishell.course.describing import aligned
from minishell.course.libraries import library
from minishell.course.objects import QUEUES, REGULAR, SHARED, Made, is_left, left_by
from minishell.course.queues import queue_in_words
from minishell.course.segments import segment_in_words
from minishell.errors import BuiltinError, UsageError
from minishell.system import records, sysv
from minishell.system.blocking import FORMAT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.state.shell import Shell

HEADER: tuple[str, ...] = ('KIND', 'NAME', 'ID', 'OWNER', 'MODE', 'WHAT')
LETTERS = {'queue': 'q', 'segment': 'm', 'sem': 's'}


def ipc(shell: Shell, argv: list[str]) -> int:
    """List message queues, shared memory and semaphores; or remove what this shell, and those
    that have ended, have made (`clean`; -f: what running shells have made, too)."""
    if argv[1:2] == ['clean']:
        options, operands = options_of(shell, argv[1:], 'f')
        if operands:
            raise UsageError('clean takes no operands')
        return clean(shell, 'f' in options)
    options, operands = options_of(shell, argv, 'qms', 'v')
    if operands:
        raise UsageError(f'{operands[0]}: only clean can be said')
    rows = [HEADER]
    for kind, letter in LETTERS.items():
        if letter in options or options.keys().isdisjoint('qms'):
            rows += system_v(kind)
            rows += by_name(kind)
    give(shell, options, '\n'.join(aligned(rows)))
    return 0


def system_v(kind: str) -> Iterator[tuple[str, ...]]:
    """The rows of System V objects."""
    try:
        table = sysv.table(kind)
    except FileNotFoundError:           # a kernel without them
        return
    for facts in table:
        if kind == 'queue':
            words = queue_in_words(facts)
        elif kind == 'sem':
            words = _values(facts)
        else:
            words = segment_in_words(facts)
        key = str(facts['key'] & 0xFFFFFFFF) if facts['key'] else 'private'
        yield (kind, key, f'@{facts["id"]}', _user(facts['uid']),
               f'{facts["perms"] & 0o777:03o}', words)


def _values(facts: dict[str, int]) -> str:
    """The values of a set, if they may be read."""
    try:
        return 'values ' + ' '.join(map(str, sysv.values_of(facts['id'], facts['nsems'])))
    except OSError:                     # another user's; or removed meanwhile
        return f'{facts["nsems"]} semaphores'


def by_name(kind: str) -> Iterator[tuple[str, ...]]:
    """The rows of POSIX objects: files of folders that the C library and the kernel have."""
    folder = QUEUES if kind == 'queue' else SHARED
    try:
        names = sorted(posix.listdir(folder))
    except OSError:                     # not mounted
        return
    for name in names:
        semaphore = name.startswith('sem.')
        if kind != 'queue' and semaphore != (kind == 'sem'):
            continue
        try:
            found = posix.lstat(f'{folder}/{name}')
        except OSError:                 # removed meanwhile
            continue
        if found.st_mode & FORMAT == REGULAR:
            words = f'{found.st_size} bytes' if kind == 'segment' else ''
            yield kind, name[4:] if semaphore else name, '-', _user(found.st_uid), \
                f'{found.st_mode & 0o777:03o}', words


def _user(uid: int) -> str:
    from pwd import getpwuid
    try:
        return getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


# -- what is left behind --------------------------------------------------------------------


def clean(shell: Shell, everything: bool) -> int:
    """Remove what this shell and those that have ended have made and not removed."""
    status = 0
    for who in records.owners():
        if not everything and who[0] != shell.pid and records.lives(who):
            continue
        for made in left_by(who):
            try:
                remove(made)
            except OSError as error:
                if isinstance(error, FileNotFoundError):
                    continue            # by somebody else, meanwhile
                shell.warn(f'ipc: {failed(made.shown(), error).message}')
                status = 2
            except BuiltinError as error:
                shell.warn(f'ipc: {error.message}')
                status = 2
        records.change(who, is_left)
    return status


def remove(made: Made) -> None:
    """Remove an object.  Raises OSError, BuiltinError."""
    if made.mark[:1] == '@':
        identifier = int(made.mark[1:])
        {'queue': sysv.remove_queue, 'sem': sysv.remove_set,
         'segment': sysv.remove_segment}[made.kind](identifier)
        return
    package = library('posix_ipc')
    unlink = {'queue': package.unlink_message_queue, 'sem': package.unlink_semaphore,
              'segment': package.unlink_shared_memory}[made.kind]
    try:
        unlink('/' + made.text)
    except package.ExistentialError:
        pass
