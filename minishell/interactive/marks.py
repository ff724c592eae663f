"""What is told to the terminal itself, unseen: the working directory (OSC 7), and what is
prompt, command and output (OSC 133).

So a terminal can open a window in the same directory, jump from prompt to prompt, select a
command's output, or mark what has failed.  Only to terminals that skip what they do not know:
by TERM, as none is asked.
"""
from __future__ import annotations

import posix

from minishell.codec import encoded

TAKERS = ('xterm', 'screen', 'tmux', 'rxvt', 'alacritty', 'foot', 'kitty', 'wezterm', 'konsole',
          'gnome', 'vte', 'st-', 'contour', 'ghostty', 'iterm', 'mintty', 'mlterm')
UNRESERVED = frozenset(b'/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
PROMPT = '\x1b]133;A;click_events=1\x1b\\'      # clicks in it are to be told: mouse.py
TYPED = '\x1b]133;B\x1b\\'              # behind the prompt
# Behind a program that died with the terminal as it needed it: the mouse and the window's focus
# are not told of, the usual screen, no inserting, letters instead of line drawing.
AS_USUAL = ''.join([f'\x1b[?{mode}l' for mode in (1000, 1002, 1003, 1006, 1004, 1047)]) \
    + '\x1b[4l\x1b(B\x0f'
OUTPUT = '\x1b]133;C\x1b\\'             # the command is about to run


def are_taken(term: str) -> bool:
    """Whether a terminal of this kind can be told."""
    return term.startswith(TAKERS) or term == 'st'


def ended(status: int) -> str:
    """A command has ended."""
    return f'\x1b]133;D;{status}\x1b\\'


def directory(path: str) -> str:
    """The working directory, as a URL of this host."""
    place = ''.join([chr(byte) if byte in UNRESERVED else f'%{byte:02X}'
                     for byte in encoded(path)])
    return f'\x1b]7;file://{posix.uname().nodename}{place}\x1b\\'
