"""Prompt strings: the backslash escapes of bash's PS1, then expansion once; PS4, `${x@P}`."""
from __future__ import annotations

import posix

from minishell.run.clock import formatted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

TIMES = {'d': '%a %b %d', 't': '%H:%M:%S', 'T': '%I:%M:%S', '@': '%I:%M %p', 'A': '%H:%M'}
FIXED = {'n': '\n', 'r': '\r', 'a': '\a', 'e': '\x1b', '[': '', ']': '', '\\': '\\'}


def decode_prompt(shell: Shell, text: str) -> str:
    """A prompt as it is shown.

    What an escape gives (a directory's name, say) is not expanded again: a directory named
    `$(reboot)` is shown, not run.
    """
    expands = 'promptvars' in shell.shopts or shell.options.posix
    if '\\' in text:
        text = _without_escapes(shell, text, expands)
    return shell.expand_text(text) if expands else text


def _without_escapes(shell: Shell, text: str, quotes: bool) -> str:
    """The text with its escapes replaced by what they stand for, in quotes if it is going to
    be expanded."""
    pieces: list[str] = []
    start = 0
    while True:
        pos = text.find('\\', start)
        if pos < 0 or pos + 1 >= len(text):
            break
        pieces.append(text[start:pos])
        start = pos + 2
        letter = text[pos + 1]
        if letter in FIXED:             # as in bash, `\\$x` is `$x`
            pieces.append(FIXED[letter])
            continue
        if letter in '01234567':
            digits = text[pos + 1:pos + 4]
            while not set(digits) <= set('01234567'):
                digits = digits[:-1]
            start = pos + 1 + len(digits)
            shown: str | None = chr(int(digits, 8) & 0xFF)
        elif letter == 'D' and text[pos + 2:pos + 3] == '{':
            close = text.find('}', pos)
            start = close + 1 if close > 0 else len(text)
            shown = formatted(shell, text[pos + 3:start - 1 if close > 0 else start] or '%X')
        else:
            shown = _escape(shell, letter)
        if shown is None:
            pieces.append('\\' + letter)
        else:
            pieces.append(_quoted(shown) if quotes else shown)
    pieces.append(text[start:])
    return ''.join(pieces)


def _quoted(text: str) -> str:
    for c in '\\$`':
        text = text.replace(c, '\\' + c)
    return text


def _escape(shell: Shell, letter: str) -> str | None:
    """What an escape stands for; None if it is none."""
    if letter == 'u':
        return _user()
    if letter in 'hH':
        host = posix.uname().nodename
        return host.partition('.')[0] if letter == 'h' else host
    if letter in 'wW':
        return _directory(shell, letter)
    if letter == '$':
        return '#' if posix.geteuid() == 0 else '$'
    if letter in TIMES:
        return formatted(shell, TIMES[letter])
    if letter == 'j':
        return str(len(shell.jobs.jobs))
    if letter == 'l':
        return _terminal()
    if letter in '!#':
        history = shell.history
        return '1' if history is None else str(
            history.first + len(history.entries) - history.current)
    if letter in 'vV':
        version = shell.variables.get('BASH_VERSION') or '0.1.0'
        numbers = version.partition('(')[0]
        return numbers if letter == 'V' else numbers.rpartition('.')[0]
    if letter == 's':
        return 'bash' if shell.bash else 'minishell'
    return None


def _user() -> str:
    import pwd
    try:
        return pwd.getpwuid(posix.geteuid()).pw_name
    except KeyError:
        return str(posix.geteuid())


def _terminal() -> str:
    """The last part of the terminal's name, as `\\l` has it."""
    try:
        return posix.ttyname(0).rpartition('/')[2]
    except OSError:
        return 'tty'


def _directory(shell: Shell, letter: str) -> str:
    """The working directory; its last part; of a deep one what PROMPT_DIRTRIM leaves."""
    path = shell.variables.get('PWD') or ''
    home = shell.variables.get('HOME') or ''
    if home and (path == home or path.startswith(home.rstrip('/') + '/')):
        path = '~' + path[len(home.rstrip('/')):]
    if letter == 'W':
        return path.rpartition('/')[2] if '/' in path.rstrip('/') else path
    from minishell.syntax.names import decimal
    count = decimal(shell.variables.get('PROMPT_DIRTRIM') or '') or 0
    first, *names = path.split('/')
    if not count or len(names) <= count:
        return path
    short = '/'.join([first + '/...' if first else '...', *names[-count:]])
    return short if len(short) < len(path) else path
