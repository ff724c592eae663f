"""ptrace(2): a process that is told of others' system calls, signals, forks and ends."""
from __future__ import annotations

import posix
from ctypes import (
    Structure,
    addressof,
    byref,
    c_int,
    c_long,
    c_size_t,
    c_ulong,
    c_void_p,
    create_string_buffer,
)
from struct import Struct

from minishell.system.calls import checked, declare

CONT, SYSCALL, DETACH, LISTEN = 7, 24, 17, 0x4208
SETOPTIONS, GETEVENTMSG, GETSIGINFO = 0x4200, 0x4201, 0x4202
POKEDATA, GETREGSET, SETREGSET = 5, 0x4204, 0x4205
NT_PRSTATUS = 1
# Where the first argument of a call is among the registers.
FIRST_ARGUMENT = {'x86_64': 112, 'aarch64': 0}
SEIZE, INTERRUPT, GET_SYSCALL_INFO = 0x4206, 0x4207, 0x420E

# Events, as a wait status has them.
FORK, VFORK, CLONE, EXEC, EXIT, SECCOMP, STOP = 1, 2, 3, 4, 6, 7, 128
OPTIONS = 1 | 2 | 4 | 8 | 0x10 | 0x40 | 0x80    # SYSGOOD, and all these events
EXITKILL = 0x100000
SYSCALL_STOP = 0x85                             # SIGTRAP and SYSGOOD's bit

ENTRY, LEAVING, FILTERED = 1, 2, 3              # of a system call: what the stop is about
ANY_KIND = 0x40000000                           # __WALL: threads, too
RESTARTS = frozenset((-512, -513, -514, -516))  # the kernel goes on with it by itself

_ptrace = declare('ptrace', c_long, c_long, c_int, c_void_p, c_void_p)
_readv = declare('process_vm_readv', c_long, c_int, c_void_p, c_ulong, c_void_p, c_ulong,
                 c_ulong)
_CALL, _LEFT, _WORD = Struct('=7Q'), Struct('=q'), Struct('=Q')
_SIGNAL = Struct('=iiiii')


class _Place(Structure):
    _fields_ = [('address', c_void_p), ('length', c_size_t)]


class Tracer:
    """What this process does as the tracer of others; all of it raises OSError."""

    __slots__ = ('_buffer', '_memory', '_here', '_there', '_message')

    def __init__(self) -> None:
        self._buffer = create_string_buffer(128)
        self._memory = create_string_buffer(4096)
        self._here, self._there = _Place(), _Place()
        self._message = c_ulong()

    def seize(self, pid: int, options: int) -> None:
        """Become the tracer of a process that runs, and stop it."""
        checked(_ptrace(SEIZE, pid, None, c_void_p(options)))
        checked(_ptrace(INTERRUPT, pid, None, None))

    def interrupt(self, pid: int) -> None:
        """Have a process stop."""
        checked(_ptrace(INTERRUPT, pid, None, None))

    def set_options(self, pid: int, options: int) -> None:
        """Set the options of a stopped process."""
        checked(_ptrace(SETOPTIONS, pid, None, c_void_p(options)))

    def resume(self, request: int, pid: int, number: int = 0) -> None:
        """Have a stopped process go on, perhaps with a signal."""
        checked(_ptrace(request, pid, None, c_void_p(number)))

    def message(self, pid: int) -> int:
        """What an event is about: a process, a status."""
        checked(_ptrace(GETEVENTMSG, pid, None, byref(self._message)))
        return self._message.value

    def call(self, pid: int) -> tuple[int, tuple[int, ...]]:
        """The system call at which a process stops: ENTRY or FILTERED, and its number and
        arguments; LEAVING, and its result."""
        checked(_ptrace(GET_SYSCALL_INFO, pid, c_void_p(96), self._buffer))
        raw = self._buffer.raw
        if raw[0] == LEAVING:
            return LEAVING, _LEFT.unpack_from(raw, 24)
        return raw[0], _CALL.unpack_from(raw, 24)

    def set_first_argument(self, pid: int, value: int) -> None:
        """Change the first argument of the call at whose beginning a process stops."""
        registers = create_string_buffer(512)
        place = _Place(addressof(registers), len(registers))
        checked(_ptrace(GETREGSET, pid, c_void_p(NT_PRSTATUS), byref(place)))
        _WORD.pack_into(registers, FIRST_ARGUMENT[posix.uname().machine], value)
        checked(_ptrace(SETREGSET, pid, c_void_p(NT_PRSTATUS), byref(place)))

    def set_word(self, pid: int, address: int, value: int) -> None:
        """Change 8 bytes of a stopped process's memory."""
        checked(_ptrace(POKEDATA, pid, c_void_p(address), c_void_p(value)))

    def signal(self, pid: int) -> tuple[int, int, int]:
        """The signal that is about to be delivered: its number, its code (si_code), and who
        has sent it where a process has."""
        checked(_ptrace(GETSIGINFO, pid, None, self._buffer))
        number, _, code, _, sender = _SIGNAL.unpack_from(self._buffer.raw)
        return number, code, sender

    def memory(self, pid: int, address: int, length: int) -> bytes:
        """A piece of a process's memory, 4096 bytes at most, or what there is of it.  It is
        read up to the end of a page first, for the next one need not be there."""
        length = min(length, 4096)
        first = min(length, 4096 - address % 4096)
        data = self._piece(pid, address, first)
        if first < length and len(data) == first:
            data += self._piece(pid, address + first, length - first)
        return data

    def _piece(self, pid: int, address: int, length: int) -> bytes:
        self._here.address = addressof(self._memory)
        self._here.length = self._there.length = length
        self._there.address = address
        got = _readv(pid, byref(self._here), 1, byref(self._there), 1, 0)
        return self._memory.raw[:got] if got > 0 else b''

    def text(self, pid: int, address: int) -> bytes:
        """The string at an address, up to its NUL."""
        found = b''
        while len(found) < 4096:
            piece = self._piece(pid, address, 256 - address % 256)
            found += piece.partition(b'\0')[0]
            if not piece or b'\0' in piece:
                break
            address += len(piece)
        return found


def next_stop() -> tuple[int, int]:
    """Wait for a traced process: its ID and wait status.  Raises ChildProcessError where there
    is none left."""
    return posix.waitpid(-1, ANY_KIND)
