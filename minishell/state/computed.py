"""Variables of bash whose value is computed when it is read: RANDOM, SECONDS and others.

An assignment to RANDOM or SECONDS is where the numbers start from; `unset` makes each of
them an ordinary variable.
"""
from __future__ import annotations

import posix

from minishell.syntax.names import integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.variables import Variables


SEED_FOR_0 = 123459876      # 0 would stay 0
MANY = 100


class Generator:
    """Scripts that assign to RANDOM count on bash's numbers: those of Park and Miller's
    generator, the halves of each joined by exclusive or."""

    __slots__ = ('_state', '_last')

    def __init__(self, seed: int) -> None:
        self._state, self._last = seed & 0xffffffff, 0

    def next(self) -> int:
        """A number from 0 to 32767, never the last one."""
        number = self._last
        while number == self._last:
            high, low = divmod(self._state or SEED_FOR_0, 127773)
            state = 16807 * low - 2836 * high
            self._state = state if state >= 0 else state + 0x7fffffff
            number = (self._state >> 16 ^ self._state & 0xffff) & 32767
        self._last = number
        return number


class Computed:
    """The computed variables of one shell execution environment."""

    def __init__(self, variables: Variables, started: float) -> None:
        self._variables = variables
        self._started = started
        self._seconds = 0               # SECONDS then
        self._generators: dict[int, Generator] = {}     # by the subshell: each has its own

    def assigned(self, name: str, value: str | None) -> None:
        """Take the value that RANDOM or SECONDS has been given; the others' is ignored."""
        if value is None or name not in self._variables.dynamic:
            return
        self._variables.values.pop(name, None)
        number = integer(value) or 0
        if name == 'RANDOM':
            self._generators[self._place()] = Generator(number)
        elif name == 'SECONDS':
            self._seconds, self._started = number, posix.times().elapsed

    def random(self) -> str:
        """RANDOM: a number from 0 to 32767; no secrets can be made of it."""
        place = self._place()
        generator = self._generators.get(place)
        if generator is None:
            generator = Generator(int.from_bytes(posix.urandom(4), 'little'))
            if len(self._generators) > MANY:
                self._generators.clear()
            self._generators[place] = generator
        return str(generator.next())

    def _place(self) -> int:
        """The process; of a subshell environment without one something else."""
        own = self._variables.own
        return posix.getpid() if own is None else -id(own)

    def seconds(self) -> str:
        """SECONDS: since the shell started, or more since it was assigned to."""
        return str(self._seconds + int(posix.times().elapsed - self._started))

    def epochseconds(self) -> str:
        """EPOCHSECONDS: the time."""
        import time
        return str(int(time.time()))

    def bashpid(self) -> str:
        """BASHPID: the process, that of a subshell too."""
        return str(posix.getpid())

    def epochrealtime(self) -> str:
        """EPOCHREALTIME: the time, with microseconds."""
        import time
        now = time.time_ns() // 1000
        return f'{now // 1_000_000}.{now % 1_000_000:06}'

    def srandom(self) -> str:
        """SRANDOM: 32 bits that nobody can guess."""
        return str(int.from_bytes(posix.urandom(4), 'little'))

    def hostname(self) -> str:
        """HOSTNAME."""
        return posix.uname().nodename

    def hosttype(self) -> str:
        """HOSTTYPE: the kind of machine."""
        return posix.uname().machine

    def ostype(self) -> str:
        """OSTYPE: linux-gnu, or as the system calls itself."""
        name = posix.uname().sysname.lower()
        return 'linux-gnu' if name == 'linux' else name

    def machtype(self) -> str:
        """MACHTYPE: both in the form of GNU."""
        return f'{self.hosttype()}-pc-{self.ostype()}'

    def shell(self) -> str:
        """SHELL: the login shell of the user, unless the environment has one."""
        import pwd
        try:
            return pwd.getpwuid(posix.getuid()).pw_shell or '/bin/sh'
        except KeyError:
            return '/bin/sh'

    def uid(self) -> str:
        """UID: the real user."""
        return str(posix.getuid())

    def euid(self) -> str:
        """EUID: the effective user."""
        return str(posix.geteuid())
