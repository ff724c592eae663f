"""What is asked of file systems while one types, in a thread: one of them may not answer, and
no key waits for it.

Like that of behind.py the thread is left to itself if it hangs, and there is no second one.  It
takes no signals, opens and imports nothing.
"""
from __future__ import annotations

from _thread import allocate_lock, start_new_thread

from minishell.interactive.behind import PATIENCE
from minishell.system.signals import before_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Asked:
    """Answers about names, until they are forgotten."""

    def __init__(self, answer: Callable[[str], int], poke: Callable[[], None]) -> None:
        """`answer` is called in the thread; so is `poke`, behind an answer that nobody has
        waited for."""
        self._answer = answer
        self._poke = poke
        self._answers: dict[str, int] = {}
        self._running = allocate_lock()         # held while there is a thread
        self.late_answers = 0

    def forget(self) -> None:
        """Another line is about to be typed: files may have come and gone."""
        self._answers = {}                      # what hangs will answer into the old one

    def ask(self, name: str) -> int | None:
        """The answer; None as long as there is none."""
        if name not in self._answers and self._running.acquire(False):
            self._start(name)
        return self._answers.get(name)

    def _start(self, name: str) -> None:
        # Who takes it out comes first: the answer, or the end of patience.
        waiting = [name]
        unblock = before_fork()                 # a thread begins with this mask
        try:
            start_new_thread(self._run, (name, self._answers, waiting))
        except RuntimeError:                    # no thread to be had
            self._running.release()
            return
        finally:
            unblock()
        if self._running.acquire(True, PATIENCE):
            self._running.release()
        else:
            taken_out(waiting)

    def _run(self, name: str, answers: dict[str, int], waiting: list[str]) -> None:
        try:
            answers[name] = self._answer(name)
        finally:
            self._running.release()
        if not taken_out(waiting):
            self.late_answers += 1
            self._poke()


def taken_out(waiting: list[str]) -> bool:
    """Take out what is in a list, if it is there still: two threads cannot both do that."""
    try:
        waiting.pop()
    except IndexError:
        return False
    return True
