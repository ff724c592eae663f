"""A full-screen program that restores nothing: what a shell must put right when it stops.

    screen_jobs.py          raw mode and the alternate screen; a line tells of its first
                            instant, one of every return; q ends it
    screen_jobs.py report   one line: whether it owns the terminal, then the end
"""
from __future__ import annotations

import os
import sys
import termios
import tty


def owns_terminal() -> str:
    """Whether this process group is the terminal's foreground group."""
    return 'foreground' if os.tcgetpgrp(2) == os.getpgrp() else 'background'


def main() -> None:
    """Draw until q is typed; Ctrl-Z works, but the modes are left as they are."""
    first = owns_terminal()
    if sys.argv[1:] == ['report']:
        print(first)
        return
    fd = os.open('/dev/tty', os.O_RDWR)
    modes = termios.tcgetattr(fd)
    tty.setcbreak(fd)
    os.write(fd, f'\x1b[?1049hscreen {first}\n'.encode())
    while (key := os.read(fd, 1)) != b'q':
        mode = 'raw' if not termios.tcgetattr(fd)[3] & termios.ICANON else 'cooked'
        os.write(fd, f'key {key.decode()} {mode} {owns_terminal()}\n'.encode())
    os.write(fd, b'\x1b[?1049l')
    termios.tcsetattr(fd, termios.TCSADRAIN, modes)


if __name__ == '__main__':
    main()
