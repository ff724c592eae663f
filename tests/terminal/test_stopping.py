"""What a job was doing when it stopped: a line behind its notice."""
from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .test_editor import edited

if TYPE_CHECKING:
    from .test_prompt import Screen

__all__ = ['edited']


def is_told() -> bool:
    """Whether the kernel says in which call a child of ours is."""
    with subprocess.Popen(['sleep', '60']) as child:
        try:
            return bool(Path(f'/proc/{child.pid}/syscall').read_text())
        except OSError:
            return False
        finally:
            child.kill()


pytestmark = pytest.mark.skipif(
    os.uname().machine != 'x86_64' or not is_told(),
    reason='the numbers of system calls are known for x86_64 only, and may not be asked for')


def end_job(edited: Screen) -> None:
    """Have no stopped job at the end."""
    edited.child.send('kill -9 %1\r')
    edited._read_until(lambda: edited.terminal.descendants() == [], 'no job')


@pytest.mark.parametrize(('line', 'names', 'said'), [
    ('sleep 1000', ['sleep'], 'sleep was sleeping for 16 min 40 s'),
    ('cat', ['cat'], r'cat was reading from descriptor 0, /dev/pts/\d+, the terminal'),
    ('cat | grep x', ['cat', 'grep'],
     r'cat was reading from descriptor 0, /dev/pts/\d+, the terminal; grep was read.*\.\.\.'),
    ("sh -c 'sleep 1000; :'", ['sh', 'sleep'], 'sleep was sleeping for 16 min 40 s'),
    ('(sleep 1000; :)', ['sleep'], 'sleep was sleeping for 16 min 40 s'),
    ('cat ff', ['cat'], 'cat was opening ff; if that is a FIFO, nobody has opened the other '
                        'end'),
])
def test_ctrl_z(line: str, names: list[str], said: str, edited: Screen, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'ff')
    edited.child.send(line + '\r')
    edited.terminal.until_running(*names)
    edited.terminal.until_true(lambda: all(
        state == 'S' for *_, state in edited.terminal.descendants()))
    edited.child.send('\x1a')
    edited.until_seen('Stopped')
    edited._read_until(lambda: edited.lines()[-1] == '$', line)
    *_, notice, shown, _ = edited.lines()
    assert notice == f'[1]+  Stopped                 {line}'
    assert re.fullmatch(' {6}' + said, shown)
    end_job(edited)


def test_a_job_in_the_background(edited: Screen) -> None:
    edited.child.send('cat &\r')
    edited._read_until(lambda: 'T' in [state for *_, state in edited.terminal.descendants()],
                       'cat is stopped')
    edited.child.send('\r')
    edited.until_seen('      cat was reading from descriptor 0')
    edited.child.send('why %1 | fold -s\r')
    edited.until_seen('is stopped by SIGTTIN: it is in the background')
    edited.child.send('glass %1 | cut -c 1-200\r')
    edited.until_seen('stopped by SIGTTIN  ')
    end_job(edited)


def test_why_says_it_too(edited: Screen) -> None:
    edited.child.send('sleep 1000\r')
    edited.terminal.until_running('sleep')
    edited.child.send('\x1a')
    edited.until_seen('was sleeping')
    edited.child.send('why %1 | fold -s\r')
    edited.until_seen('When it was stopped it was sleeping')
    end_job(edited)
