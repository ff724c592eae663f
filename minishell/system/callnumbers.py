"""The numbers of the system calls that a trace looks at, by machine."""
from __future__ import annotations

import posix

# AUDIT_ARCH_…: what a seccomp filter is told of the machine.
ARCHITECTURES = {'x86_64': 0xC000003E, 'aarch64': 0xC00000B7}
NUMBERS: dict[str, dict[str, int]] = {
    'x86_64': {
        'read': 0, 'write': 1, 'open': 2, 'close': 3, 'poll': 7, 'ioctl': 16, 'readv': 19,
        'writev': 20, 'pipe': 22, 'select': 23, 'shmget': 29, 'shmat': 30, 'shmctl': 31,
        'dup': 32, 'dup2': 33, 'pause': 34,
        'nanosleep': 35, 'sendfile': 40, 'clone': 56, 'execve': 59, 'wait4': 61, 'kill': 62,
        'semget': 64, 'semop': 65, 'semctl': 66, 'shmdt': 67, 'msgget': 68, 'msgsnd': 69,
        'msgrcv': 70, 'msgctl': 71, 'fcntl': 72, 'flock': 73, 'creat': 85,
        'setpgid': 109, 'setsid': 112, 'rt_sigtimedwait': 128, 'rt_sigsuspend': 130,
        'tkill': 200, 'futex': 202, 'restart_syscall': 219, 'semtimedop': 220,
        'clock_nanosleep': 230, 'tgkill': 234, 'mq_timedsend': 242, 'mq_timedreceive': 243,
        'waitid': 247, 'openat': 257, 'pselect6': 270, 'ppoll': 271, 'splice': 275, 'dup3': 292,
        'pipe2': 293, 'execveat': 322, 'copy_file_range': 326, 'clone3': 435,
        'close_range': 436, 'openat2': 437},
    'aarch64': {
        'dup': 23, 'dup3': 24, 'fcntl': 25, 'ioctl': 29, 'flock': 32, 'openat': 56,
        'close': 57, 'pipe2': 59, 'read': 63, 'write': 64, 'readv': 65, 'writev': 66,
        'sendfile': 71, 'pselect6': 72, 'ppoll': 73, 'splice': 76, 'waitid': 95, 'futex': 98,
        'nanosleep': 101, 'clock_nanosleep': 115, 'restart_syscall': 128, 'kill': 129,
        'tkill': 130, 'tgkill': 131, 'rt_sigsuspend': 133, 'rt_sigtimedwait': 137,
        'setpgid': 154, 'setsid': 157, 'mq_timedsend': 182, 'mq_timedreceive': 183,
        'msgget': 186, 'msgctl': 187, 'msgrcv': 188, 'msgsnd': 189, 'semget': 190,
        'semctl': 191, 'semtimedop': 192, 'semop': 193, 'shmget': 194, 'shmctl': 195,
        'shmat': 196, 'shmdt': 197, 'clone': 220,
        'execve': 221, 'wait4': 260, 'execveat': 281, 'copy_file_range': 285, 'clone3': 435,
        'close_range': 436, 'openat2': 437},
}
TRANSFERS = frozenset(('read', 'write', 'readv', 'writev', 'sendfile', 'splice',
                       'copy_file_range'))


def numbers(machine: str = '') -> dict[str, int]:
    """Those of a machine, by default this one, by name; none where they are not known."""
    return NUMBERS.get(machine or posix.uname().machine, {})


def architecture(machine: str = '') -> int:
    """What a filter is told of a machine; 0 where that is not known."""
    return ARCHITECTURES.get(machine or posix.uname().machine, 0)
