"""Prompt strings: the backslash escapes that bash's PS1 knows, then expansion once."""
from __future__ import annotations

import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def decode_prompt(shell: Shell, text: str) -> str:
    """A prompt as it is shown.

    What an escape gives (a directory's name, say) is not expanded again: a directory named
    `$(reboot)` is shown, not run.
    """
    pieces: list[str] = []
    start = pos = 0
    while True:
        pos = text.find('\\', pos)
        if pos < 0 or pos + 1 >= len(text):
            break
        shown = _escape(shell, text[pos + 1])
        if shown is None:
            pos += 2
            continue
        pieces.append(shell.expand_text(text[start:pos]))
        pieces.append(shown)
        start = pos = pos + 2
    pieces.append(shell.expand_text(text[start:]))
    return ''.join(pieces)


def _escape(shell: Shell, letter: str) -> str | None:
    if letter == 'u':
        import pwd
        try:
            return pwd.getpwuid(posix.geteuid()).pw_name
        except KeyError:
            return str(posix.geteuid())
    if letter in 'hH':
        host = posix.uname().nodename
        return host.partition('.')[0] if letter == 'h' else host
    if letter in 'wW':
        return _directory(shell, letter)
    if letter == '$':
        return '#' if posix.geteuid() == 0 else '$'
    simple = {'n': '\n', 'r': '\r', 'a': '\a', 'e': '\x1b', '[': '', ']': '',
              's': 'minishell'}
    return simple.get(letter)


def _directory(shell: Shell, letter: str) -> str:
    path = shell.variables.get('PWD') or ''
    home = shell.variables.get('HOME') or ''
    if home and (path == home or path.startswith(home.rstrip('/') + '/')):
        path = '~' + path[len(home.rstrip('/')):]
    if letter == 'W' and '/' in path.rstrip('/'):
        path = path.rstrip('/').rpartition('/')[2]
    return path
