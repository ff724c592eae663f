"""System V message queues and semaphore sets, and /proc/sysvipc.

By the C library itself: sysv_ipc opens no object by its identifier, has sets of one semaphore
only, and no MSG_NOERROR.  Calls that sleep end with InterruptedError (see calls.py).
"""
from __future__ import annotations

from ctypes import (
    Structure,
    byref,
    c_int,
    c_long,
    c_short,
    c_size_t,
    c_ssize_t,
    c_uint,
    c_ulong,
    c_ushort,
    c_void_p,
    create_string_buffer,
    sizeof,
)
from errno import ENOSYS
from sys import byteorder

from minishell.system.blocking import read_file
from minishell.system.calls import checked, declare

CREATE, EXCLUSIVE, NO_WAIT = 0o1000, 0o2000, 0o4000         # IPC_CREAT, IPC_EXCL, IPC_NOWAIT
REMOVE, SET, STAT = 0, 1, 2                                 # IPC_RMID, IPC_SET, IPC_STAT
TRUNCATE = 0o10000                                          # MSG_NOERROR
UNDO = 0x1000                                               # SEM_UNDO
GET_PID, GET_VALUE, GET_ALL, GET_WAITING, GET_WAITING_ZERO = 11, 12, 13, 14, 15
SET_VALUE, SET_ALL = 16, 17
LARGEST = 65536         # bytes: what a message is received into by default, more than msgmax
FILES = {'queue': 'msg', 'sem': 'sem', 'segment': 'shm'}

_msgget = declare('msgget', c_int, c_int, c_int)
_msgsnd = declare('msgsnd', c_int, c_int, c_void_p, c_size_t, c_int)
_msgrcv = declare('msgrcv', c_ssize_t, c_int, c_void_p, c_size_t, c_long, c_int)
_msgctl = declare('msgctl', c_int, c_int, c_int, c_void_p)
_semget = declare('semget', c_int, c_int, c_int, c_int)
_semop = declare('semop', c_int, c_int, c_void_p, c_size_t)
_semctl = declare('semctl', c_int, c_int, c_int, c_int, c_void_p)
_shmget = declare('shmget', c_int, c_int, c_size_t, c_int)
_shmctl = declare('shmctl', c_int, c_int, c_int, c_void_p)


class _Permissions(Structure):          # struct ipc_perm of machines with 64 bits
    _fields_ = [('key', c_int), ('uid', c_uint), ('gid', c_uint), ('cuid', c_uint),
                ('cgid', c_uint), ('mode', c_uint), ('seq', c_ushort), ('pad', c_ushort),
                ('unused', c_ulong * 2)]


class _Queue(Structure):                # struct msqid_ds
    _fields_ = [('permissions', _Permissions), ('sent', c_long), ('received', c_long),
                ('changed', c_long), ('bytes', c_ulong), ('messages', c_ulong),
                ('most', c_ulong), ('sender', c_int), ('receiver', c_int),
                ('unused', c_ulong * 2)]


class _Operation(Structure):            # struct sembuf
    _fields_ = [('index', c_ushort), ('change', c_short), ('flags', c_short)]


# -- message queues -------------------------------------------------------------------------


def get_queue(key: int, flags: int = 0) -> int:
    """msgget(2): an identifier.  Raises OSError."""
    return checked(_msgget(key, flags))


def send(queue: int, kind: int, text: bytes, wait: bool) -> None:
    """msgsnd(2).  Raises OSError: BlockingIOError where the queue is full and it may not
    wait."""
    message = create_string_buffer(kind.to_bytes(sizeof(c_long), byteorder, signed=True) + text)
    checked(_msgsnd(queue, message, len(text), 0 if wait else NO_WAIT))


def receive(queue: int, kind: int, size: int | None, truncate: bool, wait: bool,
            ) -> tuple[int, bytes]:
    """msgrcv(2): the type and text of a message.  Raises OSError: ENOMSG where there is none
    and it may not wait, E2BIG where it is longer than `size` and may not be cut off."""
    length = LARGEST if size is None else size
    message = create_string_buffer(sizeof(c_long) + length)
    flags = (TRUNCATE if truncate else 0) | (0 if wait else NO_WAIT)
    got = checked(_msgrcv(queue, message, length, kind, flags))
    taken = message.raw[:sizeof(c_long) + got]
    return (int.from_bytes(taken[:sizeof(c_long)], byteorder, signed=True),
            taken[sizeof(c_long):])


def most_of(queue: int) -> int:
    """How many bytes a queue takes (msg_qbytes).  Raises OSError."""
    return int(_facts(queue).most)


def _facts(queue: int) -> _Queue:
    if sizeof(c_long) != 8:
        raise OSError(ENOSYS, 'Not known for machines of 32 bits')
    facts = _Queue()
    checked(_msgctl(queue, STAT, byref(facts)))
    return facts


def change_queue(queue: int, mode: int | None, most: int | None) -> None:
    """IPC_SET: other permissions, another limit in bytes.  Raises OSError."""
    facts = _facts(queue)
    if mode is not None:
        facts.permissions.mode = mode
    if most is not None:
        facts.most = most
    checked(_msgctl(queue, SET, byref(facts)))


def remove_queue(queue: int) -> None:
    """IPC_RMID: at once, whoever waits.  Raises OSError."""
    checked(_msgctl(queue, REMOVE, None))


# -- sets of semaphores -----------------------------------------------------------------


def get_set(key: int, count: int = 0, flags: int = 0) -> int:
    """semget(2): an identifier.  Raises OSError."""
    return checked(_semget(key, count, flags))


def operate(semaphores: int, index: int, change: int, wait: bool, undo: bool) -> None:
    """semop(2): add to a semaphore, or wait until 0 where `change` is 0.  Raises OSError:
    BlockingIOError where it would have to wait and may not."""
    flags = (0 if wait else NO_WAIT) | (UNDO if undo else 0)
    checked(_semop(semaphores, byref(_Operation(index, change, flags)), 1))


def values_of(semaphores: int, count: int) -> list[int]:
    """GETALL: the values of a set's semaphores.  Raises OSError."""
    values = (c_ushort * count)()
    checked(_semctl(semaphores, 0, GET_ALL, byref(values)))
    return list(values)


def set_values(semaphores: int, values: list[int]) -> None:
    """SETALL.  Raises OSError."""
    array = (c_ushort * len(values))(*values)
    checked(_semctl(semaphores, 0, SET_ALL, byref(array)))


def waiting_for(semaphores: int, index: int) -> tuple[int, int]:
    """GETNCNT and GETZCNT: how many wait for more, and for 0.  Raises OSError."""
    return (checked(_semctl(semaphores, index, GET_WAITING, None)),
            checked(_semctl(semaphores, index, GET_WAITING_ZERO, None)))


def last_user(semaphores: int, index: int) -> int:
    """GETPID: the process that changed a semaphore last; 0 if none has.  Raises OSError."""
    return checked(_semctl(semaphores, index, GET_PID, None))


def remove_set(semaphores: int) -> None:
    """IPC_RMID.  Raises OSError."""
    checked(_semctl(semaphores, 0, REMOVE, None))


# -- shared memory, what sysv_ipc lacks ------------------------------------------------


def get_segment(key: int, size: int, flags: int = 0) -> int:
    """shmget(2): an identifier.  Raises OSError."""
    return checked(_shmget(key, size, flags))


def remove_segment(segment: int) -> None:
    """IPC_RMID: it goes with the last who detaches it.  Raises OSError."""
    checked(_shmctl(segment, REMOVE, None))


# -- /proc/sysvipc ------------------------------------------------------------------------


def table(kind: str) -> list[dict[str, int]]:
    """The objects of a kind (queue, sem, segment): the columns of /proc/sysvipc, with `id` for
    the identifier, and `perms` as a number.  Raises OSError."""
    head, *lines = read_file(f'/proc/sysvipc/{FILES[kind]}').decode('ascii').splitlines()
    names = ['id' if name in ('msqid', 'semid', 'shmid') else name for name in head.split()]
    perms = names.index('perms')
    return [{name: int(text, 8 if index == perms else 10) for index, (name, text) in enumerate(
        zip(names, line.split(), strict=True))} for line in lines]


def facts_of(kind: str, identifier: int) -> dict[str, int] | None:
    """The line of one object; None if there is none.  Raises OSError."""
    return next((row for row in table(kind) if row['id'] == identifier), None)
