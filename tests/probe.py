"""What a child really got, as one line of JSON: its group, descriptors, signals.

    probe.py STATUS [FILE]      STATUS is /proc/PID/status as it was before Python started

Python changes dispositions when it starts, so a few lines of sh save the status first; they
are written by `install`, which gives the command `probe [FILE]`.  Without FILE the line is
written to standard output.
"""
from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

GLIBC_OWN = 1 << 32 - 1 | 1 << 33 - 1   # its posix_spawn leaves these two ignored


def install(folder: Path) -> None:
    """Write the command `probe` into a folder."""
    command = folder / 'probe'
    command.write_text(
        f'#!/bin/sh\nexec {sys.executable} -I -S {Path(__file__).resolve()}'
        ' "$(cat /proc/$$/status)" "$@"\n')
    command.chmod(0o755)


def descriptors() -> dict[int, str]:
    """Number and target of every open descriptor."""
    found = {}
    for name in os.listdir('/proc/self/fd'):
        try:
            found[int(name)] = os.readlink(f'/proc/self/fd/{name}')
        except FileNotFoundError:
            pass                        # the listing's own
    return found


def signals(status: str, field: str) -> list[str]:
    """The names of the signals whose bits are set in a line of the status."""
    line = next(line for line in status.splitlines() if line.startswith(field))
    bits = int(line.split()[1], 16) & ~GLIBC_OWN
    return [name_of(number) for number in range(1, 65) if bits & 1 << number - 1]


def name_of(number: int) -> str:
    """A signal's name without SIG."""
    try:
        return signal.Signals(number).name.removeprefix('SIG')
    except ValueError:
        return str(number)


def main(status: str, file: str = '') -> None:
    """Print what this process was given."""
    text = json.dumps({
        'fds': descriptors(), 'pid': os.getpid(), 'ppid': os.getppid(),
        'pgrp': os.getpgrp(), 'session': os.getsid(0),
        'blocked': signals(status, 'SigBlk:'), 'ignored': signals(status, 'SigIgn:'),
    }) + '\n'
    if file:
        Path(file).write_text(text)
    else:
        os.write(1, text.encode())


if __name__ == '__main__':
    main(*sys.argv[1:])
