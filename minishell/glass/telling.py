"""What the shell and its copies tell of themselves while they are traced: the meaning of what
the kernel shows (which command, which `|`, why a process, what needs none).

The shell notes it in memory.  A copy of it appends to a file without a name that both have, a
record in one write; and as soon as it is born it has the recorder see its calls.
"""
from __future__ import annotations

import posix
from marshal import dumps, loads
from struct import pack, unpack_from

from minishell.glass.places import object_of
from minishell.system import seccomp
from minishell.system.apart import append_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from minishell.state.shell import Shell
    from minishell.system.events import Event

    Told = dict[str, Any]

LONGEST = 2000          # characters of a command's text that are kept


class Telling:
    """A subscriber to the shell's events."""

    def __init__(self, shell: Shell, log: list[int], instructions: bytes) -> None:
        self._shell = shell
        self._pid = posix.getpid()
        self._log = log                 # the cell of the file's descriptor
        self._instructions = instructions       # of the filter; none: nobody traces
        self._filtered = False
        self.told: list[Told] = []
        self.at_exec: Callable[[], None] | None = None      # this process is to be a program

    def __call__(self, event: Event) -> None:
        """Note an event.  Whatever raises here drops the subscriber, and the user is told."""
        values = {name: plain(value) for name, value in event.facts.items()}
        if event.kind in ('fork', 'spawn') and values.get('what') is None:
            values['what'] = plain(self._shell.at[1:])
        fd = values.get({'open': 'fd', 'pipe': 'reading'}.get(event.kind, ''))
        if fd is not None:
            values['object'] = object_of(event.pid, fd)
        told = {'k': event.kind, 'pid': event.pid, 't': event.time, **values}
        if event.pid == self._pid:
            self.told.append(told)
            if event.kind == 'exec' and self.at_exec is not None:
                self.at_exec()
            return
        if event.kind == 'born' and self._instructions and not self._filtered:
            told['filtered'] = self._filtered = self._filter()
        data = dumps(told)
        try:
            append_record(self._log[0], pack('=I', len(data)) + data)
        except OSError:                 # `ulimit -f`: what it means is not known then
            pass

    def _filter(self) -> bool:
        """In a copy of the shell: stop at system calls, if the recorder has it; whether it
        does.  It had its first stop if it has, and is to be killed with the recorder."""
        try:
            if seccomp.is_traced():
                seccomp.install(self._instructions)
                return True
        except OSError:
            pass
        return False

    def all_told(self) -> list[Told]:
        """What all have told until now, in the order of time."""
        data = b''
        while block := posix.pread(self._log[0], 1 << 20, len(data)):
            data += block
        others, place = [], 0
        while place + 4 <= len(data):
            length, = unpack_from('=I', data, place)
            if place + 4 + length > len(data):
                break                   # the limit has cut it off
            others.append(loads(data[place + 4:place + 4 + length]))
            place += 4 + length
        return sorted(self.told + others, key=lambda told: float(told['t']))


def plain(value: object) -> Any:
    """A fact of an event as a plain value."""
    if value is None or isinstance(value, int | float | str):
        return value
    if isinstance(value, list | tuple):
        if len(value) == 2 and hasattr(value[0], 'pos') and hasattr(value[1], 'text'):
            node, source = value
            return [source.text[node.pos:node.end][:LONGEST], node.pos, node.end]
        return [plain(each) for each in value]
    how = getattr(value, 'how', None)
    return [how, getattr(value, 'why', '')] if how is not None else None
