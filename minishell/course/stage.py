"""The shell that a lesson is typed to: one of its own.

Not the one that demo is typed to: a lesson sets variables, traps, options and limits, opens
descriptors by their numbers, and makes jobs; it must find none of these, and leave none.  Its
shell begins with nothing of the other's: a folder of its own that is removed behind it,
standard descriptors alone, signals as at login, a few variables.  It leads a session of its
own without a terminal, so no key reaches it: Ctrl-C is for demo, which then ends it and
whatever it has started.  Its input and output are pipes: a program buffers its output there
as in `| cat`, and there is no job control.  (Of a shell that is killed by SIGKILL meanwhile the
folder stays; the lesson's shell ends, for its input does.)
"""
from __future__ import annotations

import posix
from shutil import copy, rmtree
from tempfile import mkdtemp

from minishell.codec import decoded, encoded
from minishell.course.common import failed
from minishell.course.ipc import remove
from minishell.course.lessons import Lesson, files_in, programs
from minishell.course.objects import place_of
from minishell.errors import BuiltinError
from minishell.run.tracing import quoted
from minishell.state.search import STANDARD_PATH
from minishell.system import processes
from minishell.system.sessions import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.course.objects import Made
    from minishell.state.shell import Shell

PROMPT = b'\x01'        # behind a command; no lesson shows such a byte
# What begins in the lesson's folder, whatever umask and folder this shell has.
BEGIN = 'cd -- "$1" && umask 022 && shift && exec "$@"'
OWN = '.lesson'         # a folder beside the programs, which `ls` does not show
BLOCK = 65536


class Ended(Exception):     # noqa: N818 - no error
    """The lesson's shell has ended."""


class Stage:
    """A lesson's shell and its folder, until `end`."""

    __slots__ = ('folder', '_shell', '_lesson', '_environment', '_session', '_ahead')

    def __init__(self, shell: Shell, lesson: Lesson) -> None:
        """Raises BuiltinError."""
        self._shell = shell
        self._lesson = lesson
        self._ahead = b''               # output that has not been asked for yet
        parent = shell.variables.get('TMPDIR') or '/tmp'
        try:
            self.folder = mkdtemp(prefix='minishell-', dir=parent)
        except OSError as error:
            raise failed(parent, error) from None
        self._environment = self._variables()
        try:
            self._furnish()
            self._session = Session(shell.descriptors, [
                '/bin/sh', '-c', BEGIN, 'sh', self.folder, *shell.restart, '-i', '--no-editor'],
                self._environment)
        except OSError as error:
            rmtree(self.folder, True)
            raise failed('the lesson cannot begin', error) from None

    def _furnish(self) -> None:
        """Put the programs into the folder, and what starts this shell again.  Raises
        OSError, BuiltinError."""
        for name in files_in(programs()):
            copy(f'{programs()}/{name}', self.folder)
        path = f'{self.folder}/{OWN}/bin/minishell'
        posix.mkdir(f'{self.folder}/{OWN}')
        posix.mkdir(f'{self.folder}/{OWN}/bin')
        words = ' '.join(map(quoted, self._shell.restart))
        with open(path, 'w', encoding='utf-8', errors='surrogateescape') as file:
            file.write(f'#!/bin/sh\nexec {words} "$@"\n')
        posix.chmod(path, 0o755)

    def _variables(self) -> dict[str, str]:
        """A lesson's variables: its words are English, and UTF-8.  What it makes is recorded
        in its folder: `ipc clean` removes nothing of this user's other shells."""
        own = f'{self.folder}/{OWN}'
        path = self._shell.variables.get('PATH') or STANDARD_PATH
        return {'PATH': f'{own}/bin:{path}', 'HOME': own, 'TMPDIR': self.folder,
                'XDG_RUNTIME_DIR': own, 'LC_ALL': 'C.UTF-8', 'TERM': 'dumb',
                'PYTHONIOENCODING': 'utf-8', 'PS1': decoded(PROMPT), 'PS2': ''}

    # -- typing -------------------------------------------------------------------------

    def type(self, line: str, show: Callable[[str], None]) -> str:
        """Type a line; what comes until the next prompt is shown as it comes, and returned.
        Raises Ended, and what signals raise."""
        self._session.write(encoded(line))
        return self.until_prompt(show)

    def until_prompt(self, show: Callable[[str], None]) -> str:
        """What comes until the next prompt.  Raises Ended, and what signals raise."""
        given = b''
        while True:
            data, prompt, self._ahead = self._ahead.partition(PROMPT)
            if data:
                show(decoded(data))
                given += data
            if prompt:
                return decoded(given)
            self._ahead = self._read()
            if not self._ahead:
                raise Ended

    def _read(self) -> bytes:
        """Some output; none at its end."""
        shell, fd = self._shell, self._session.output
        while not shell.signals.wait_readable(fd):
            shell.act()
        return posix.read(fd, BLOCK)

    # -- the end ------------------------------------------------------------------------

    def end(self) -> None:
        """End the lesson's shell and whatever it has started, and remove what is left."""
        self._session.end()
        if posix.access(f'{self.folder}/{OWN}/minishell', posix.F_OK):      # there are records
            argv = [*self._shell.restart, '-c', 'ipc clean']
            try:
                processes.wait(processes.spawn(argv[0], argv, self._environment))
            except OSError:             # no process can be had
                pass
        for made in self._lesson.objects():
            _remove(made)
        rmtree(self.folder, True)


def _remove(made: Made) -> None:
    """Remove what a program has made, if it can be."""
    try:
        if made.mark[:1] == '@':
            remove(made)
        else:
            posix.unlink(place_of(made.kind, made.text))
    except (OSError, BuiltinError):     # another user's, or gone
        pass
