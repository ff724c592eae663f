"""Open file descriptions, which POSIX calls so and the course open file objects: what
descriptors of processes refer to, which of them share one, and who holds a pipe (/proc)."""
from __future__ import annotations

import posix
from array import array
from ctypes import c_int, c_long, c_ulong
from errno import ESRCH
from fcntl import F_GETPIPE_SZ, fcntl, ioctl
from termios import FIONREAD

from minishell.system.blocking import FIFO, FORMAT, read_file
from minishell.system.calls import LIBRARY, checked
from minishell.system.descriptors import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KCMP_FILE = 0
# The number of kcmp(2) by machine, the C library having no function for it.
KCMP = {'x86_64': 312, 'i386': 349, 'i686': 349, 'aarch64': 272, 'riscv64': 272, 'arm': 378,
        'ppc64le': 354, 's390x': 343, 'loongarch64': 272}
PATH_ONLY = 0o10000000          # O_PATH
FLAGS = ((posix.O_APPEND, 'append'), (posix.O_NONBLOCK, 'nonblock'), (posix.O_SYNC, 'sync'))


class Held:
    """A descriptor of a process, and the open file description it refers to."""

    __slots__ = ('pid', 'fd', 'link', 'bits', 'offset', 'device', 'inode', 'type', 'lock')

    def __init__(self, pid: int, fd: int, ask: bool = True) -> None:
        """`ask`: its file system, too, which may not answer.  Raises OSError."""
        place = f'/proc/{pid}/fd/{fd}'
        self.pid = pid
        self.fd = fd
        self.link = posix.readlink(place)       # its path, or such as pipe:[1234]
        facts = dict(line.split(':', 1) for line in read_file(
            f'/proc/{pid}/fdinfo/{fd}').decode('ascii', 'replace').splitlines() if ':' in line)
        self.bits = int(facts.get('flags', '0'), 8)
        self.offset = int(facts.get('pos', '0'))
        self.lock = facts.get('lock', '').lower()       # as /proc/locks says it
        self.device = self.inode = self.type = 0
        if ask or self.link[:1] != '/':
            found = posix.stat(place)
            self.device, self.inode = found.st_dev, found.st_ino
            self.type = found.st_mode & FORMAT

    def reads(self) -> bool:
        """Whether it is open for reading."""
        return not self.bits & PATH_ONLY and self.bits & posix.O_ACCMODE != posix.O_WRONLY

    def writes(self) -> bool:
        """Whether it is open for writing."""
        return not self.bits & PATH_ONLY and self.bits & posix.O_ACCMODE != posix.O_RDONLY

    def mode(self) -> str:
        """r, w or rw, and the flags that can change: `w,append`."""
        access = 'r' * self.reads() + 'w' * self.writes() or 'path'
        return ','.join([access, *(name for flag, name in FLAGS if self.bits & flag == flag)])

    def is_pipe(self) -> bool:
        """Whether it is an end of a pipe or a FIFO."""
        return self.type == FIFO


def descriptors_of(pid: int) -> list[Held]:
    """The descriptors of a process, by number.  Raises OSError."""
    found = []
    for fd in sorted(map(int, posix.listdir(f'/proc/{pid}/fd'))):
        try:
            found.append(Held(pid, fd))
        except FileNotFoundError:       # closed meanwhile, as the one that lists them
            pass
    return found


def share(first: Held, second: Held) -> bool:
    """Whether two descriptors refer to one open file description: kcmp(2) says it.  Raises
    OSError where the kernel or the owner does not let it."""
    if (first.device, first.inode) != (second.device, second.inode):
        return False
    number = KCMP.get(posix.uname().machine)
    if number is None:
        raise OSError(ESRCH, 'kcmp(2) is not known for this machine')
    call = LIBRARY.syscall
    call.restype = c_long
    return checked(call(c_long(number), c_int(first.pid), c_int(second.pid), c_int(KCMP_FILE),
                        c_ulong(first.fd), c_ulong(second.fd))) == 0


def numbered(held: Sequence[Held]) -> list[int]:
    """The number of each one's open file description, from 1 on: equal for those that share
    it; 0 where that cannot be known."""
    numbers: list[int] = []
    for index, one in enumerate(held):
        number = max(numbers, default=0) + 1
        for other in range(index):
            try:
                if share(held[other], one):
                    number = numbers[other]
                    break
            except OSError:
                number = 0
                break
        numbers.append(number)
    return numbers


def holders(pipe: Held) -> tuple[list[int], list[int]]:
    """The processes that can read from a pipe, and those that can write to it; those of
    other users cannot be seen."""
    reading: list[int] = []
    writing: list[int] = []
    for pid in _pids():
        for one in ends_in(pid, pipe):
            if one.reads() and pid not in reading:
                reading.append(pid)
            if one.writes() and pid not in writing:
                writing.append(pid)
    return reading, writing


def lockers(file: Held, kind: str) -> list[int]:
    """The processes that hold a lock of a kind (flock, ofdlck) on a file: all that share the
    open file description; those of other users cannot be seen."""
    return [pid for pid in _pids()
            if any(f' {kind} ' in one.lock for one in ends_in(pid, file))]


def _pids() -> Iterator[int]:
    for name in sorted((name for name in posix.listdir('/proc') if name.isdigit()), key=int):
        yield int(name)


def ends_in(pid: int, pipe: Held) -> Iterator[Held]:
    """The descriptors of a process that are ends of a pipe, or refer to the same file."""
    try:
        numbers = posix.listdir(f'/proc/{pid}/fd')
    except OSError:                     # it has ended, or is another user's
        return
    anonymous = pipe.link.startswith('pipe:')
    for number in numbers:
        try:
            link = posix.readlink(f'/proc/{pid}/fd/{number}')
            if link == pipe.link or not anonymous and link[:1] == '/':
                one = Held(pid, int(number))
                if (one.device, one.inode) == (pipe.device, pipe.inode):
                    yield one
        except OSError:                 # closed meanwhile
            pass


def filling(pipe: Held) -> tuple[int, int] | None:
    """How many bytes are in a pipe, and how many it takes; None where that cannot be seen.
    The pipe of another process is opened for a moment."""
    own = pipe.pid == posix.getpid()
    try:
        fd = pipe.fd if own else posix.open(
            f'/proc/{pipe.pid}/fd/{pipe.fd}',
            posix.O_RDONLY | posix.O_NONBLOCK | posix.O_CLOEXEC)
    except OSError:
        return None
    try:
        count = array('i', [0])
        ioctl(fd, FIONREAD, count)
        return count[0], int(fcntl(fd, F_GETPIPE_SZ))
    except OSError:
        return None
    finally:
        if not own:
            close(fd)
