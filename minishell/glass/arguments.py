"""What calls about locks and System V IPC are about: their arguments, in a process's memory."""
from __future__ import annotations

from struct import calcsize, unpack_from

from minishell.system.locks import FROM_START, NONE, READ, RECORD, span
from minishell.system.seccomp import F_OFD_SETLK, F_OFD_SETLKW, F_SETLK, F_SETLKW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Memory = Callable[[int, int], bytes]        # an address, a number of bytes

WAITING_LOCKS = (F_SETLKW, F_OFD_SETLKW)
LOCKS = (F_SETLK, F_OFD_SETLK, *WAITING_LOCKS)
LOCK_SH, LOCK_UN = 1, 8
OPERATION = '=Hhh'      # struct sembuf: number, what is added, flags
SHORT_ENOUGH = 4        # operations of one call that are told
IPC_RMID, SHM_RDONLY = 0, 0o10000
CONTROL = {'shmctl': 1, 'msgctl': 1, 'semctl': 2}       # which argument is the command
WAITING = frozenset(('semop', 'semtimedop', 'msgsnd', 'msgrcv', 'mq_timedsend',
                     'mq_timedreceive', 'futex'))
IPC = WAITING | frozenset(('shmget', 'semget', 'msgget', 'shmat', 'shmdt', *CONTROL))


def lock_by_flock(operation: int) -> tuple[str, str]:
    """What it does, lock or unlock, and which bytes and mode: '' for the whole file, alone."""
    if operation & LOCK_UN:
        return 'unlock', ''
    return 'lock', ' shared' * bool(operation & LOCK_SH)


def lock_by_fcntl(memory: Memory, address: int) -> tuple[str, str]:
    """The same of a record lock: `lock`, ` 0-4 shared`."""
    data = memory(address, calcsize(RECORD))
    if len(data) < calcsize(RECORD):
        return 'lock', ''
    mode, whence, first, length, _ = unpack_from(RECORD, data)
    if length < 0:
        first, length = first + length, -length
    place = f' {span(first, first + length - 1 if length else None)}' \
        if whence == FROM_START and (first or length) else ''
    return 'unlock' if mode == NONE else 'lock', place + ' shared' * (mode == READ)


def exchanged(memory: Memory, name: str, arguments: Sequence[int], result: int) -> str:
    """A call of IPC as a step: `shmget 217`, `msgsnd type 12, 5 B`, `semop -1`; its name where
    more is not known, '' where it is not told.  A key has been agreed on; an ID is chance."""
    if name in CONTROL:
        command = arguments[CONTROL[name]] & 0xFF       # without IPC_64
        return f'{name} IPC_RMID' if command == IPC_RMID else ''
    if name in ('shmget', 'semget', 'msgget'):
        return f'{name} {arguments[0] & 0xFFFFFFFF or "IPC_PRIVATE"}'
    if name == 'shmat':
        return name + ' SHM_RDONLY' * bool(arguments[2] & SHM_RDONLY)
    if name in ('msgsnd', 'msgrcv'):
        data = memory(arguments[1], 8)
        if len(data) == 8 and result >= 0:
            count = arguments[2] if name == 'msgsnd' else result
            return f'{name} type {unpack_from("=q", data)[0]}, {count} B'
    elif name in ('semop', 'semtimedop'):
        count = arguments[2]
        data = memory(arguments[1], 6 * count) if count <= SHORT_ENOUGH else b''
        if count and len(data) == 6 * count:
            changes = [unpack_from(OPERATION, data, 6 * place)[:2] for place in range(count)]
            return 'semop ' + ', '.join([
                f'{change:+}' + f' of {number}' * (number != 0) if change else
                'until 0' + f' of {number}' * (number != 0) for number, change in changes])
    return name
