"""Prompt strings: the backslash escapes of bash's PS1, then expansion once; PS4, `${x@P}`."""
from __future__ import annotations

import posix

from minishell.run.clock import formatted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

TIMES = {'d': '%a %b %d', 't': '%H:%M:%S', 'T': '%I:%M:%S', '@': '%I:%M %p', 'A': '%H:%M'}
FIXED = {'n': '\n', 'r': '\r', 'a': '\a', 'e': '\x1b', '[': '', ']': '', '\\': '\\'}
OCTAL = frozenset('01234567')


def decode_prompt(shell: Shell, text: str, which: str = '') -> str:
    """A prompt as it is shown; `which` of PS0, PS1, PS2, for the numbers in it: anything else
    is shown while a command runs.

    What an escape gives (a directory's name, say) is not expanded again: a directory named
    `$(reboot)` is shown, not run.
    """
    expands = 'promptvars' in shell.shopts or shell.options.posix
    if shell.options.posix and '!' in text:
        text = _with_numbers(text)
    if '\\' in text:
        text = _without_escapes(shell, text, which, expands)
    return shell.expand_text(text) if expands else text


def _without_escapes(shell: Shell, text: str, which: str, quotes: bool) -> str:
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
        if letter in OCTAL:             # a byte, by three digits; it may be a `$`
            digits = text[pos + 1:pos + 4]
            if len(digits) == 3 and set(digits) <= OCTAL:
                start = pos + 4
                pieces.append(_byte(int(digits, 8) & 0xFF))
            else:
                start = pos + 1
                pieces.append('\\')
            continue
        shown: str | None
        if letter == 'D' and text[pos + 2:pos + 3] == '{':
            close = text.find('}', pos)
            start = close + 1 if close > 0 else len(text)
            shown = formatted(shell, text[pos + 3:start - 1 if close > 0 else start] or '%X')
        else:
            shown = _escape(shell, letter, which)
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


def _byte(value: int) -> str:
    """A byte as text has it; several may be a character of UTF-8."""
    return '' if not value else chr(value) if value < 0x80 else chr(0xDC00 + value)


def _escape(shell: Shell, letter: str, which: str) -> str | None:
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
    if letter == '#':
        return str(shell.commands + bool(which))
    if letter == '!':
        return str(_history_number(shell, which))
    if letter in 'vV':
        version = shell.variables.get('BASH_VERSION') or '0.1.0'
        numbers = version.partition('(')[0]
        return numbers if letter == 'V' else numbers.rpartition('.')[0]
    if letter == 's':
        return 'bash' if shell.options.bash else 'minishell'
    return None


def _user() -> str:
    import pwd
    try:
        return pwd.getpwuid(posix.geteuid()).pw_name
    except KeyError:
        return 'I have no name!'        # as in bash


def _terminal() -> str:
    """The last part of the terminal's name, as `\\l` has it."""
    try:
        return posix.ttyname(0).rpartition('/')[2]
    except OSError:
        return 'tty'


def _with_numbers(text: str) -> str:
    """With escapes for what `!` and `!!` mean in a prompt (XCU 2.5.3, PS1)."""
    pieces: list[str] = []
    start = 0
    while start < len(text):
        length = 2 if text[start] == '\\' or text.startswith('!!', start) else 1
        piece = text[start:start + length]
        pieces.append({'!': '\\!', '!!': '!'}.get(piece, piece))
        start += length
    return ''.join(pieces)


def _history_number(shell: Shell, which: str) -> int:
    """The number that the command has in the history list, or will have; as in bash, while it
    runs, that of the list's last one."""
    history = shell.history
    if history is None or not shell.options.history:
        return 1
    number = history.first + len(history.entries)
    return number if which in ('PS1', 'PS2') else max(number - 1, 1)


def _directory(shell: Shell, letter: str) -> str:
    """The working directory, `~` for HOME; its last part; of a deep one what PROMPT_DIRTRIM
    leaves.  Control characters in it are shown: they are not for the terminal."""
    path = shell.variables.get('PWD')
    home = shell.variables.get('HOME')
    if path is None:
        try:
            path = posix.getcwd()
        except OSError:
            path = '.'
    if letter == 'W' and path != home:
        if path not in ('/', '//'):
            path = path.rpartition('/')[2]
    elif home and home != '/' and (path + '/').startswith(home + '/'):
        path = '~' + path[len(home):]
    return caret_notation(_trimmed(path, shell.variables.get('PROMPT_DIRTRIM') or ''))


def caret_notation(text: str) -> str:
    """Text with its control characters as `^X`, those behind 127 as `M-^X`; tabs stay."""
    if text.isprintable():
        return text
    return ''.join(['^' + chr(ord(c) ^ 64) if (c < ' ' or c == '\x7f') and c != '\t' else
                    'M-^' + chr(ord(c) - 64) if '\x80' <= c < '\xa0' else c for c in text])


def in_one_line(text: str) -> str:
    """The same, tabs as `^I`: names are not to move a terminal's cursor."""
    return caret_notation(text).replace('\t', '^I')


def _trimmed(path: str, most: str) -> str:
    """The last parts of a path, as many as PROMPT_DIRTRIM says; not if that is no shorter."""
    try:
        count = int(most)
    except ValueError:
        return path
    before = path.find('/') + 1 if path[:1] == '~' else 0
    behind = len(path)
    if count <= 0 or path[:1] == '~' and not before or path.count('/', before) < count:
        return path
    for _ in range(count):
        behind = path.rindex('/', before, behind)
    return path[:before] + '...' + path[behind:] if behind - before > 3 else path
