"""What is asked in a thread: answers in time, late ones, and none."""
from __future__ import annotations

import threading

from minishell.interactive.asking import Asked, taken_out


def test_each_name_is_asked_once_until_it_is_forgotten() -> None:
    asked = []

    def answer(name: str) -> int:
        asked.append(name)
        return len(name)
    questions = Asked(answer, lambda: None)
    for times in (1, 2):
        while questions.ask('four') is None:    # beside other work it may be late
            pass
        assert questions.ask('four') == 4
        assert asked == ['four'] * times
        questions.forget()


def test_a_late_answer_is_told() -> None:
    """And while it is waited for nothing else is asked, and nobody waits."""
    may_answer, poked = threading.Event(), threading.Event()

    def answer(name: str) -> int:
        may_answer.wait()
        return 1
    questions = Asked(answer, poked.set)
    assert questions.ask('slow') is None
    assert questions.ask('other') is None
    may_answer.set()
    assert poked.wait(60)
    assert questions.ask('slow') == 1
    assert questions.late_answers == 1


def test_who_comes_first() -> None:
    waiting = ['x']
    assert taken_out(waiting)
    assert not taken_out(waiting)
