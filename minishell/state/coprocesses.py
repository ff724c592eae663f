"""Coprocesses of bash: jobs with which the shell talks through two pipes.

NAME[0] is the descriptor of what they print, NAME[1] that of what they read, NAME_PID their
process.  As in bash all this ends when the shell takes note of their end, between commands.
"""
from __future__ import annotations

from minishell.errors import AssignmentError
from minishell.state.attributes import ARRAYS, READONLY
from minishell.state.elements import assign_element, bind_array
from minishell.state.jobs import Job
from minishell.system.descriptors import CLOSE, close, is_open

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


class Coprocess(Job):
    """A coprocess as a job."""

    __slots__ = ('name', 'ends', '_shell')

    def __init__(self, shell: Shell, pid: int, text: str, group: int, name: str,
                 ends: list[int]) -> None:
        super().__init__([pid], text, group, shell.variables.get('PWD') or '')
        self.name = name
        self.ends = ends                # the descriptors of its output, its input
        self._shell = shell

    def assign(self) -> None:
        """Set NAME and NAME_PID; nothing if NAME is readonly, as in bash."""
        variables, name = self._shell.variables, self.name
        if variables.flags.get(name, 0) & READONLY:
            self._shell.warn(f'{name}: readonly variable')
            return
        if not variables.flags.get(name, 0) & ARRAYS:
            from minishell.state.arrays import IndexedArray
            bind_array(variables, name, IndexedArray())
        for index, end in enumerate(self.ends):
            assign_element(variables, name, str(index), str(end))
        try:
            variables.assign(f'{name}_PID', str(self.pids[0]))
        except AssignmentError as error:
            self._shell.warn(error.message)

    def closed(self, fd: int) -> None:
        """Take note of a descriptor that a redirection of `exec` has closed: its element is
        -1 from then on."""
        if fd in self.ends and not is_open(fd):
            self.ends[self.ends.index(fd)] = CLOSE
            self.assign()

    def leave(self) -> None:
        """In a subshell: its descriptors are the parent's."""
        for end in self.ends:
            if end != CLOSE:
                close(end)

    def over(self) -> None:
        """It has ended, and the shell has seen it: the descriptors and variables go."""
        others = self._shell.jobs.coprocesses
        if self not in others:
            return
        others.remove(self)
        self.leave()
        for name in (self.name, f'{self.name}_PID'):
            try:
                self._shell.variables.unset(name)
            except AssignmentError as error:
                self._shell.warn(error.message)
