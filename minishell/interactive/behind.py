"""What is worked out behind the prompt: in a thread, for which nobody waits long.

The thread may hang: in a directory whose server does not answer, for example.  It is left to
itself then, and there is no second one.  It takes no signals, those are for the shell; it
imports nothing, so that the shell may fork meanwhile.  A descriptor that it gets while a
command runs is left alone: `exec 3<file` may have made its number the user's since.
"""
from __future__ import annotations

from _thread import allocate_lock, start_new_thread

from minishell.system.descriptors import close
from minishell.system.signals import before_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Use = Callable[[int, Callable[[int], bytes]], bytes]

PATIENCE = 0.01                         # seconds: most answers come within one thousandth
MOST_KEPT = 100


class Behind:
    """Answers about directories, by a function that may take long."""

    def __init__(self, work: Callable[[str, Use], str]) -> None:
        self._work = work
        self._using = allocate_lock()           # held while a descriptor is used
        self._late = False                      # a command has begun since the thread has
        self._missed = False                    # so it has no answer
        self._known: dict[str, str] = {}        # the last answers, by directory
        self._running = allocate_lock()         # held while there is a thread
        self._shown: tuple[str, str] | None = None      # the answer that is on the screen
        self.poke: Callable[[], None] | None = None     # called in the thread, at its end

    def ask(self, folder: str) -> str:
        """The answer, as far as it is known; a newer one is news."""
        if (self._missed or not self.news()) and self._running.acquire(False):
            self._late = self._missed = False
            unblock = before_fork()             # a thread begins with this mask
            try:
                start_new_thread(self._run, (folder,))
            except RuntimeError:                # no thread to be had
                self._running.release()
            finally:
                unblock()
            if self._running.acquire(True, PATIENCE):
                self._running.release()
        answer = self._known.get(folder, '')
        self._shown = folder, answer
        return answer

    def news(self) -> bool:
        """Whether there is another answer than the one that is shown, or may be had."""
        return self._shown is not None and (
            self._missed or self._known.get(self._shown[0], self._shown[1]) != self._shown[1])

    def leave(self) -> None:
        """A command is about to run: descriptors are its own from here on."""
        if self._running.acquire(False):
            self._running.release()             # there is no thread
            return
        used = self._using.acquire(True, PATIENCE)      # else it hangs with one
        self._late = True
        if used:
            self._using.release()

    def use(self, fd: int, function: Callable[[int], bytes]) -> bytes:
        """In the thread: what a function makes of a descriptor just opened, closed behind it.
        Raises OSError once a command runs."""
        with self._using:
            if self._late:
                raise OSError
            try:
                return function(fd)
            finally:
                if not self._late:
                    close(fd)

    def _run(self, folder: str) -> None:
        try:
            answer = self._work(folder, self.use)
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            if self._late:                      # then it has not been let to see all
                self._missed = True
            else:
                self._known[folder] = answer
        finally:
            self._running.release()
        if self.poke is not None:
            self.poke()
