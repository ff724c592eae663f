"""What the kernel says of a process: /proc/PID/stat, status, syscall, wchan, maps (proc(5))."""
from __future__ import annotations

import posix

from minishell.codec import decoded
from minishell.system.blocking import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

STATES = {'R': 'running, or ready to run', 'S': 'sleeping',
          'D': 'sleeping in the kernel, where no signal wakes it',
          'T': 'stopped by a signal', 't': 'stopped by its tracer',
          'Z': 'zombie', 'X': 'dead', 'I': 'idle thread of the kernel', 'P': 'parked'}
# Calls in which processes sleep, by their numbers on x86_64.
SLEEPING = {0: 'read', 1: 'write', 2: 'open', 7: 'poll', 17: 'pread64', 18: 'pwrite64',
            19: 'readv', 20: 'writev', 23: 'select', 34: 'pause', 35: 'nanosleep',
            40: 'sendfile', 42: 'connect', 43: 'accept', 44: 'sendto', 45: 'recvfrom',
            46: 'sendmsg', 47: 'recvmsg', 56: 'clone', 58: 'vfork', 61: 'wait4', 65: 'semop',
            69: 'msgsnd', 70: 'msgrcv', 72: 'fcntl', 73: 'flock', 128: 'rt_sigtimedwait',
            130: 'rt_sigsuspend', 202: 'futex', 219: 'restart_syscall', 220: 'semtimedop',
            230: 'clock_nanosleep', 232: 'epoll_wait', 242: 'mq_timedsend',
            243: 'mq_timedreceive', 247: 'waitid', 257: 'openat', 270: 'pselect6',
            271: 'ppoll', 275: 'splice', 281: 'epoll_pwait', 288: 'accept4', 435: 'clone3'}
OF_A_DESCRIPTOR = frozenset(('read', 'write', 'readv', 'writev', 'fcntl', 'flock'))
# The fields of /proc/PID/stat behind the name, from the third on.
FIELDS = ('state', 'ppid', 'group', 'session', 'tty', 'foreground', 'flags', 'minor',
          'children_minor', 'major', 'children_major', 'user', 'system', 'children_user',
          'children_system', 'priority', 'nice', 'threads')
# The numbers of fields behind the name: the processor it last ran on, and how it has ended or
# by which signal it is stopped, as wait says it.
PROCESSOR, ENDING = 36, 49


def text_of(pid: int, name: str) -> str:
    """A file of a process; '' where there is none, or it may not be read."""
    try:
        return decoded(read_file(f'/proc/{pid}/{name}'))
    except OSError:
        return ''


def status_of(pid: int) -> dict[str, str]:
    """The lines of /proc/PID/status; nothing if there is no such process."""
    lines = [line.partition(':') for line in text_of(pid, 'status').splitlines()]
    return {key: value.strip() for key, _, value in lines}


def field_of(pid: int, name: str) -> str:
    """A line of /proc/PID/status; '' if there is no such line, or process."""
    try:
        text = read_file(f'/proc/{pid}/status')
    except OSError:
        return ''
    _, _, rest = text.partition(f'\n{name}:'.encode())
    return rest.partition(b'\n')[0].strip().decode('ascii', 'replace')


def stat_of(pid: int) -> dict[str, str]:
    """The fields of /proc/PID/stat that FIELDS names, and `name`; nothing if there is no such
    process."""
    name, parenthesis, rest = text_of(pid, 'stat').rpartition(') ')
    if not parenthesis:
        return {}
    return {'name': name.partition('(')[2], **dict(zip(FIELDS, rest.split(), strict=False))}


def processor_of(pid: int) -> int | None:
    """The processor on which a process has last run; None if there is no such process."""
    fields = text_of(pid, 'stat').rpartition(') ')[2].split()
    return int(fields[PROCESSOR]) if len(fields) > PROCESSOR else None


def switches_of(thread: int) -> int:
    """How often a thread has given up its processor of itself, to sleep or to stop; 0 if there
    is no such thread."""
    return int(field_of(thread, 'voluntary_ctxt_switches') or 0)


def threads_of(pid: int) -> list[int]:
    """The IDs of a process's threads; none if there is no such process."""
    try:
        return sorted(map(int, posix.listdir(f'/proc/{pid}/task')))
    except OSError:
        return []


def ending_of(pid: int) -> int | None:
    """The wait status of a zombie, or of a stopped process its last byte's signal; None where
    that is not known."""
    fields = text_of(pid, 'stat').rpartition(') ')[2].split()
    return int(fields[ENDING]) if len(fields) > ENDING else None


def command_line(pid: int) -> str:
    """The arguments of a process, in one line; of a minishell those that are not Python's."""
    words = text_of(pid, 'cmdline').rstrip('\0').split('\0')
    for number, word in enumerate(words):
        if word.endswith('minishell/__main__.py'):
            words = ['minishell', *(each for each in words[number + 1:]
                                    if not each.startswith(('--arg0=', '--stat=')))]
            break
    return ' '.join(' '.join(words).split())


def terminal_name(number: int) -> str:
    """The name of a terminal from the number of its device; `-` if there is none."""
    major, minor = posix.major(number), posix.minor(number)
    if not number:
        return '-'
    if 136 <= major <= 143:
        return f'pts/{minor + 256 * (major - 136)}'
    return f'tty{minor}' if major == 4 else f'{major}:{minor}'


def because(pid: int, stat: dict[str, str]) -> str:
    """Why a process does not run: the call it sleeps in and what that is about; '' if it
    runs."""
    state = stat.get('state', '')
    if state == 'Z':
        return f"its parent {stat['ppid']} has not waited for it"
    if state not in 'SD' or not state:
        return ''
    wchan = text_of(pid, 'wchan').strip('0\n')
    words = text_of(pid, 'syscall').split()
    call = SLEEPING.get(int(words[0]), '') if words[:1] and words[0].isdecimal() \
        and posix.uname().machine == 'x86_64' else ''
    if call in OF_A_DESCRIPTOR:
        call = f'{call}({int(words[1], 16)}): {_link(pid, int(words[1], 16))}'
    return ' '.join(([f'in {call}'] if call else []) + ([f'(wchan {wchan})'] if wchan else []))


def _link(pid: int, fd: int) -> str:
    try:
        return posix.readlink(f'/proc/{pid}/fd/{fd}')
    except OSError:
        return 'a descriptor that may not be looked at'


class Segment:
    """A part of a process's memory: addresses, rights, what it is, its file, device, inode."""

    __slots__ = ('addresses', 'rights', 'kind', 'file', 'device', 'inode')

    def __init__(self, line: str) -> None:
        words = line.split(None, 5)
        self.addresses, self.rights = words[0], words[1]
        self.device = words[3]
        self.inode = int(words[4])
        self.file = words[5] if len(words) > 5 else ''
        self.kind = self._kind()

    def _kind(self) -> str:
        if self.file in ('[heap]', '[stack]'):
            return self.file.strip('[]')
        if self.rights[3:] == 's':
            return 'shared'
        if 'x' in self.rights:
            return 'code'
        return 'data' if 'w' in self.rights else 'constants'


def segments_of(pid: int) -> Iterator[Segment]:
    """The segments of a process's memory, in the order of their addresses.  Raises OSError."""
    for line in decoded(read_file(f'/proc/{pid}/maps')).splitlines():
        yield Segment(line)
