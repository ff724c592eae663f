"""Whether the commands of what is typed are there: asked of file systems in a thread, for one
of them may not answer, and no key waits for it.

Like that of behind.py the thread is left to itself if it hangs, and there is no second one.  It
takes no signals, opens and imports nothing.
"""
from __future__ import annotations

from _thread import allocate_lock, start_new_thread

from minishell.interactive.behind import PATIENCE
from minishell.interactive.parsing import is_known, is_there
from minishell.system.signals import before_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell


class Existing:
    """Answers about names, until they are forgotten."""

    def __init__(self, shell: Shell, poke: Callable[[], None]) -> None:
        """`poke` is called in the thread when there is an answer that nobody waited for."""
        self._shell = shell
        self._poke = poke
        self._answers: dict[str, bool] = {}
        self._running = allocate_lock()         # held while there is a thread
        self._late = False                      # nobody waits for it any more
        self.late_answers = 0

    def forget(self) -> None:
        """Another line is about to be typed: commands may have come and gone."""
        self._answers = {}                      # what hangs will answer into the old one

    def is_command(self, name: str) -> bool:
        """Whether a word names what can be run, or a folder; true as long as that is not
        known."""
        if is_known(self._shell, name):
            return True
        if name in self._answers:
            return self._answers[name]
        if 'EXECIGNORE' in self._shell.variables.values:        # its patterns want imports
            self._answers[name] = is_there(self._shell, name)
        elif self._running.acquire(False):
            self._ask(name)
        return self._answers.get(name, True)

    def _ask(self, name: str) -> None:
        self._late = False
        unblock = before_fork()                 # a thread begins with this mask
        try:
            start_new_thread(self._run, (name, self._answers))
        except RuntimeError:                    # no thread to be had
            self._answers[name] = True
            self._running.release()
            return
        finally:
            unblock()
        if self._running.acquire(True, PATIENCE):
            self._running.release()
        else:
            self._late = True

    def _run(self, name: str, answers: dict[str, bool]) -> None:
        try:
            answers[name] = is_there(self._shell, name)
        finally:
            self._running.release()
        if self._late:
            self.late_answers += 1
            self._poke()
