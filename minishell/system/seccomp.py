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
    from collections.abc import Iterator, Mapping, Sequence

    Instruction = tuple[int, int, str, str]     # code, k, a label if true, one if false

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_SET_NO_NEW_PRIVS, PR_SET_PTRACER = 38, 0x59616D61
RET_ALLOW, RET_TRACE = 0x7FFF0000, 0x7FF00000
LOAD, EQUAL, AT_LEAST, RETURN, MASKED = 0x20, 0x15, 0x35, 0x06, 0x54      # classic BPF
LABEL, ALLOW, TRACE = -1, 'allow', 'trace'
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
    wanted = {number: name if name in BY_ARGUMENT else TRACE for name, number in known.items()
              if transfers or name not in TRANSFERS}
    code: list[Instruction] = [
        (LOAD, AT_MACHINE, '', ''), (EQUAL, architecture(machine), '', ALLOW),
        (LOAD, AT_NUMBER, '', ''), *_search(sorted(wanted), wanted)]
    for name, (place, mask, values) in BY_ARGUMENT.items():
        code += [(LABEL, 0, name, ''), (LOAD, AT_ARGUMENTS + 8 * place, '', ''),
                 (MASKED, mask, '', ''), *((EQUAL, value, TRACE, '') for value in values),
                 (RETURN, RET_ALLOW, '', '')]
    code += [(LABEL, 0, ALLOW, ''), (RETURN, RET_ALLOW, '', ''),
             (LABEL, 0, TRACE, ''), (RETURN, RET_TRACE, '', '')]
    return _assembled(code)


def _search(numbers: Sequence[int], wanted: Mapping[int, str]) -> Iterator[Instruction]:
    """Where a call leads whose number has been loaded, by bisection: as it is installed the
    kernel has a filter run for each call that there is, and that is half of what it costs."""
    if len(numbers) == 1:
        yield EQUAL, numbers[0], wanted[numbers[0]], ALLOW
        return
    middle = len(numbers) // 2
    yield AT_LEAST, numbers[middle], f'from {numbers[middle]}', ''
    yield from _search(numbers[:middle], wanted)
    yield LABEL, 0, f'from {numbers[middle]}', ''
    yield from _search(numbers[middle:], wanted)


def _assembled(code: Sequence[Instruction]) -> bytes:
    """Instructions whose jumps lead to labels, '' to the next one, as the kernel wants them."""
    places: dict[str, int] = {}
    kept: list[Instruction] = []
    for instruction in code:
        if instruction[0] == LABEL:
            places[instruction[2]] = len(kept)
        else:
            kept.append(instruction)
    return b''.join([pack('=HBBI', kind, *(places[label] - place - 1 if label else 0
                                           for label in labels), k)
                     for place, (kind, k, *labels) in enumerate(kept)])


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
