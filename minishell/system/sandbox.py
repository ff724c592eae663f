"""A process that can look and cannot touch: Landlock, and a filter of system calls.

Landlock refuses what changes files: writing, cutting, making, renaming, removing; devices,
connections and signals to the outside, too, where the kernel knows how.  It has no word for
modes, owners, times and attributes of files; so of all system calls only those pass that are
known to change nothing outside of the process.  Both are inherited, by exec as well, and
nobody gets rid of them; nor does exec give rights any more (no_new_privs).

The process must have no descriptor but those that it may write to.
"""
from __future__ import annotations

import posix
from ctypes import Structure, byref, c_int, c_long, c_uint64, c_ulong, sizeof
from struct import pack

from minishell.system.calls import LIBRARY, checked, declare
from minishell.system.descriptors import close
from minishell.system.seccomp import (
    AT_ARGUMENTS,
    AT_MACHINE,
    AT_NUMBER,
    EQUAL,
    LOAD,
    PR_SET_NO_NEW_PRIVS,
    RET_ALLOW,
    RETURN,
    install,
)

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446     # on all machines
VERSION = 1             # the flag that asks which Landlock there is
BELOW = 1               # LANDLOCK_RULE_PATH_BENEATH
OLDEST = 3              # knows truncate(2) and O_TRUNC
WRITE_FILE, TRUNCATE, IOCTL = 1 << 1, 1 << 14, 1 << 15
CHANGES = WRITE_FILE | TRUNCATE | 0b111111111 << 4 | 1 << 13    # make, remove, rename
TCP = 0b11              # bind, connect
SCOPES = 0b11           # abstract Unix sockets, signals
NULL = '/dev/null'

MACHINE, AUDIT_MACHINE = 'x86_64', 0xC000003E       # whose numbers are known here
FOREIGN = 0x40000000    # from here on they are those of x32
ALLOWED = {
    'read': 0, 'write': 1, 'open': 2, 'close': 3, 'stat': 4, 'fstat': 5, 'lstat': 6,
    'poll': 7, 'lseek': 8, 'mmap': 9, 'mprotect': 10, 'munmap': 11, 'brk': 12,
    'rt_sigaction': 13, 'rt_sigprocmask': 14, 'rt_sigreturn': 15, 'pread64': 17,
    'pwrite64': 18, 'readv': 19, 'writev': 20, 'access': 21, 'pipe': 22, 'select': 23,
    'sched_yield': 24, 'mremap': 25, 'msync': 26, 'mincore': 27, 'madvise': 28, 'dup': 32,
    'dup2': 33, 'pause': 34, 'nanosleep': 35, 'getitimer': 36, 'alarm': 37, 'setitimer': 38,
    'getpid': 39, 'sendfile': 40, 'clone': 56, 'fork': 57, 'vfork': 58, 'execve': 59,
    'exit': 60, 'wait4': 61, 'uname': 63, 'getdents': 78, 'getcwd': 79, 'chdir': 80,
    'fchdir': 81, 'readlink': 89, 'umask': 95, 'gettimeofday': 96, 'getrlimit': 97,
    'getrusage': 98, 'sysinfo': 99, 'times': 100, 'getuid': 102, 'getgid': 104,
    'geteuid': 107, 'getegid': 108, 'getppid': 110, 'getpgrp': 111, 'getgroups': 115,
    'getresuid': 118, 'getresgid': 120, 'getpgid': 121, 'getsid': 124, 'capget': 125,
    'rt_sigpending': 127, 'rt_sigtimedwait': 128, 'rt_sigsuspend': 130, 'sigaltstack': 131,
    'statfs': 137, 'fstatfs': 138, 'getpriority': 140, 'sched_getparam': 143,
    'sched_getscheduler': 145, 'sched_get_priority_max': 146, 'sched_get_priority_min': 147,
    'prctl': 157, 'arch_prctl': 158, 'gettid': 186, 'readahead': 187, 'getxattr': 191,
    'lgetxattr': 192, 'fgetxattr': 193, 'listxattr': 194, 'llistxattr': 195,
    'flistxattr': 196, 'time': 201, 'futex': 202, 'sched_getaffinity': 204,
    'epoll_create': 213, 'getdents64': 217, 'set_tid_address': 218, 'restart_syscall': 219,
    'fadvise64': 221, 'timer_create': 222, 'timer_settime': 223, 'timer_gettime': 224,
    'timer_getoverrun': 225, 'timer_delete': 226, 'clock_gettime': 228, 'clock_getres': 229,
    'clock_nanosleep': 230, 'exit_group': 231, 'epoll_wait': 232, 'epoll_ctl': 233,
    'waitid': 247, 'openat': 257, 'newfstatat': 262, 'readlinkat': 267, 'faccessat': 269,
    'pselect6': 270, 'ppoll': 271, 'set_robust_list': 273, 'get_robust_list': 274,
    'splice': 275, 'tee': 276, 'vmsplice': 278, 'epoll_pwait': 281, 'timerfd_create': 283,
    'eventfd': 284, 'timerfd_settime': 286, 'timerfd_gettime': 287, 'signalfd4': 289,
    'eventfd2': 290, 'epoll_create1': 291, 'dup3': 292, 'pipe2': 293, 'preadv': 295,
    'pwritev': 296, 'getcpu': 309, 'getrandom': 318, 'memfd_create': 319,
    'membarrier': 324,
    'copy_file_range': 326, 'preadv2': 327, 'pwritev2': 328, 'statx': 332, 'rseq': 334,
    'clone3': 435, 'close_range': 436, 'openat2': 437, 'faccessat2': 439, 'epoll_pwait2': 441,
}
PROGRAMS = frozenset(('clone', 'clone3', 'execve', 'fork', 'vfork'))
# Those of which only some requests pass: number, which argument, its values.
IN_PART = (
    # ioctl: TCGETS, TIOCGPGRP, TIOCGWINSZ, FIONREAD, FIONCLEX, FIOCLEX
    (16, 1, (0x5401, 0x540F, 0x5413, 0x541B, 0x5450, 0x5451)),
    (72, 1, (0, 1, 2, 3, 4, 5, 1030, 1032)),        # fcntl: what is about no other process
    (302, 0, (0,)))                                 # prlimit64: of this process
EPERM = 1
GREATER, REFUSE = 0x25, 0x00050000 | EPERM          # of the filter: BPF, what it says


class _Ruleset(Structure):
    _fields_ = [('files', c_uint64), ('net', c_uint64), ('scoped', c_uint64)]


class _Below(Structure):
    _pack_ = 1
    _fields_ = [('access', c_uint64), ('folder', c_int)]


def missing() -> str:
    """What a sandbox cannot be had without; '' if it can."""
    if posix.uname().machine != MACHINE:
        return f'the system calls of {MACHINE}'
    return '' if _landlock() >= OLDEST else f'Landlock (version {OLDEST}, Linux 6.2)'


def _landlock() -> int:
    """The version of Landlock; 0 where there is none."""
    return max(int(_call(CREATE_RULESET, None, 0, VERSION)), 0)


def _call(number: int, *arguments: object) -> int:
    call = LIBRARY.syscall
    call.restype = c_long
    result = call(c_long(number), *[
        c_long(each) if isinstance(each, int) else each for each in arguments])
    return int(result)


def limit() -> None:
    """Have this process and its children use little: seconds, bytes of memory, no core."""
    import resource
    for kind, most in ((resource.RLIMIT_CPU, 2), (resource.RLIMIT_AS, 1 << 30),
                       (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or hard > most:
            resource.setrlimit(kind, (most, most))


def enter(programs: bool = True) -> None:
    """Be in the sandbox from now on; unless `programs` may be run, alone.  Raises OSError,
    being in none or in a part of it."""
    prctl = declare('prctl', c_int, c_int, c_ulong, c_ulong, c_ulong, c_ulong)
    checked(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _restrict_files()
    install(_filter(programs))


def _restrict_files() -> None:
    version = _landlock()
    devices = IOCTL if version >= 5 else 0
    rules = _Ruleset(CHANGES | devices, TCP if version >= 4 else 0,
                     SCOPES if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else sizeof(rules)
    ruleset = checked(_call(CREATE_RULESET, byref(rules), size, 0))
    try:
        null = posix.open(NULL, posix.O_RDONLY | posix.O_CLOEXEC)
        try:
            rule = _Below(WRITE_FILE | TRUNCATE | devices, null)
            checked(_call(ADD_RULE, ruleset, BELOW, byref(rule), 0))
        finally:
            close(null)
        checked(_call(RESTRICT_SELF, ruleset, 0))
    finally:
        close(ruleset)


def _filter(programs: bool) -> bytes:
    """The program that sees each system call."""
    code = [(LOAD, 0, 0, AT_MACHINE), (EQUAL, 1, 0, AUDIT_MACHINE), (RETURN, 0, 0, REFUSE),
            (LOAD, 0, 0, AT_NUMBER), (GREATER, 0, 1, FOREIGN - 1), (RETURN, 0, 0, REFUSE)]
    for name, number in ALLOWED.items():
        if name in PROGRAMS and not programs:
            continue
        code += [(EQUAL, 0, 1, number), (RETURN, 0, 0, RET_ALLOW)]
    for number, argument, values in IN_PART:
        tests = [(LOAD, 0, 0, AT_ARGUMENTS + 8 * argument)]
        for value in values:
            tests += [(EQUAL, 0, 1, value), (RETURN, 0, 0, RET_ALLOW)]
        tests.append((RETURN, 0, 0, REFUSE))
        code += [(EQUAL, 0, len(tests), number), *tests]
    code.append((RETURN, 0, 0, REFUSE))
    return b''.join([pack('=HBBI', *instruction) for instruction in code])
