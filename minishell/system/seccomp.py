"""A seccomp filter by which a process stops for its tracer at some system calls.

It is inherited by all that comes from the process, cannot be taken off again, and without a
tracer those calls fail with ENOSYS: so it is installed only by a process whose tracer has said
that it is to be killed with it (PTRACE_O_EXITKILL), and the tracer stays until the last one of
them has ended.
"""
from __future__ import annotations

import posix
from ctypes import addressof, c_int, c_ulong, create_string_buffer
from errno import EACCES
from struct import pack

from minishell.system.blocking import read_file
from minishell.system.callnumbers import TRANSFERS, architecture, numbers
from minishell.system.calls import checked, declare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_SET_NO_NEW_PRIVS, PR_SET_PTRACER = 38, 0x59616D61
RET_ALLOW, RET_TRACE = 0x7FFF0000, 0x7FF00000
LOAD, EQUAL, RETURN, MASKED = 0x20, 0x15, 0x06, 0x54      # classic BPF
AT_NUMBER, AT_MACHINE, AT_ARGUMENTS = 0, 4, 16

F_DUPFD, F_SETFD, F_DUPFD_CLOEXEC = 0, 2, 1030
F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW = 6, 7, 37, 38
TIOCSPGRP = 0x5410
CLONE_UNTRACED = 0x00800000     # the child has no tracer, who has the filter all the same
FUTEX_WAIT, FUTEX_WAIT_BITSET = 0, 9        # of a futex that processes share, not threads
# Calls of which only some are looked at: by an argument, masked.
BY_ARGUMENT: dict[str, tuple[int, int, Sequence[int]]] = {
    'fcntl': (1, 0xFFFFFFFF, (
        F_DUPFD, F_SETFD, F_DUPFD_CLOEXEC, F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW)),
    'ioctl': (1, 0xFFFFFFFF, (TIOCSPGRP,)),
    'clone': (0, CLONE_UNTRACED, (CLONE_UNTRACED,)),
    'futex': (1, 0xFFFFFEFF, (FUTEX_WAIT, FUTEX_WAIT_BITSET)),     # but for the clock's bit
}

_prctl = declare('prctl', c_int, c_int, c_ulong, c_ulong, c_ulong, c_ulong)


def make_filter(transfers: bool, machine: str = '') -> bytes:
    """The instructions of a filter for a machine, by default this one; `transfers`: reads and
    writes, too.  Nothing where the numbers of the calls are not known."""
    known = numbers(machine)
    if not known:
        return b''
    plain = [number for name, number in known.items()
             if name not in BY_ARGUMENT and (transfers or name not in TRANSFERS)]
    tests: list[tuple[int, int, int | None, int]] = [      # code, k, if true, if false
        (LOAD, AT_MACHINE, 0, 0), (EQUAL, architecture(machine), 1, 0),
        (RETURN, RET_ALLOW, 0, 0), (LOAD, AT_NUMBER, 0, 0),
        *((EQUAL, number, None, 0) for number in plain)]
    for name, (place, mask, values) in BY_ARGUMENT.items():
        tests += [(EQUAL, known[name], 0, 3 + len(values)),
                  (LOAD, AT_ARGUMENTS + 8 * place, 0, 0), (MASKED, mask, 0, 0),
                  *((EQUAL, value, None, 0) for value in values), (RETURN, RET_ALLOW, 0, 0)]
    tests.append((RETURN, RET_ALLOW, 0, 0))
    end = len(tests)                    # the instruction that stops
    tests.append((RETURN, RET_TRACE, 0, 0))
    return b''.join([pack('=HBBI', code, end - place - 1 if true is None else true, false, k)
                     for place, (code, k, true, false) in enumerate(tests)])


def install(instructions: bytes) -> None:
    """Install a filter in this process.  Without the capability to do so it gains no
    privileges any more by what it executes (a set-user-ID bit).  Raises OSError."""
    code = create_string_buffer(instructions, len(instructions))
    program = create_string_buffer(pack('=HxxxxxxQ', len(instructions) // 8, addressof(code)))
    for again in (False, True):
        try:
            checked(_prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, addressof(program), 0, 0))
            return
        except OSError as error:
            if error.errno != EACCES or again:
                raise
        checked(_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def allow_tracer(pid: int) -> None:
    """Let a process that is no ancestor trace this one, where Yama asks for that."""
    _prctl(PR_SET_PTRACER, pid, 0, 0, 0)


def tracer_of(pid: int) -> int:
    """Who traces a process; 0 if nobody does."""
    for line in read_file(f'/proc/{pid}/status').splitlines():
        if line.startswith(b'TracerPid:'):
            return int(line[10:])
    return 0


def is_traced() -> bool:
    """Whether somebody traces this process."""
    try:
        return tracer_of(posix.getpid()) != 0
    except OSError:                     # no /proc
        return False
