"""The glass box below the prompt."""
from __future__ import annotations

from typing import TYPE_CHECKING

from .test_editor import edited

if TYPE_CHECKING:
    from .test_prompt import Screen

__all__ = ['edited']


def test_below_the_prompt(edited: Screen) -> None:
    edited.child.send('glass on\r')
    edited.until_seen('this shell')
    edited.child.send('sleep 1000 | cat &\r')
    edited.until_seen('which is empty')
    edited.child.send('kill -9 %1; wait\r')
    edited.until_seen('Killed')
    edited.child.send('echo hi')
    edited._read_until(lambda: edited.lines()[-1].endswith('tty')
                       and 'this shell' in edited.lines()[-1], 'only the shell')
    edited.child.send('; glass off\r')
    edited.until('hi', '$')
