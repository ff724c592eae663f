"""What other shells have kept of their histories: the files of bash, zsh and fish."""
from __future__ import annotations

import posix

from minishell.codec import decoded
from minishell.state.history_file import check_regular
from minishell.syntax.names import is_decimal
from minishell.system.blocking import read_file

FISH = b'- cmd: '
META = 0x83             # zsh: the byte behind it is changed by 32


def usual_files(home: str, data: str) -> list[tuple[str, str]]:
    """The shells and where their files are; `data`: XDG_DATA_HOME, or ''."""
    return [('bash', f'{home}/.bash_history'), ('zsh', f'{home}/.zsh_history'),
            ('zsh', f'{home}/.zhistory'), ('zsh', f'{home}/.histfile'),
            ('fish', f'{data or home + "/.local/share"}/fish/fish_history')]


def commands_of(path: str) -> list[str]:
    """The commands in a history file, the oldest first, by the form that it has.  Raises
    OSError, ValueError."""
    check_regular(posix.stat(path))
    data = read_file(path).replace(b'\0', b'')
    if data.startswith(FISH):
        return [_of_fish(line.removeprefix(FISH)) for line in data.split(b'\n')
                if line.startswith(FISH)]
    lines = data.split(b'\n')
    if any(map(_is_stamped, lines[:2])) or 'zsh' in path or 'zhistory' in path:
        return _of_zsh(lines)
    return _of_bash(decoded(data).split('\n'))


def _is_stamped(line: bytes) -> bool:
    """Whether a line begins as one of zsh's EXTENDED_HISTORY: `: time:duration;`"""
    start, semicolon, _ = line.partition(b';')
    numbers = start.removeprefix(b': ').split(b':')
    return bool(semicolon) and start[:2] == b': ' and len(numbers) == 2 \
        and all(number.strip().isdigit() for number in numbers)


def _of_fish(text: bytes) -> str:
    """A command of fish: a backslash is doubled, a newline `\\n`."""
    pieces = decoded(text).split('\\\\')
    return '\\'.join([piece.replace('\\n', '\n') for piece in pieces])


def _of_zsh(lines: list[bytes]) -> list[str]:
    """Commands of zsh: a backslash at the end of a line continues it."""
    found: list[str] = []
    text = b''
    for line in lines:
        if not text and _is_stamped(line):
            line = line.partition(b';')[2]
        text += line
        if line.endswith(b'\\'):
            text = text[:-1] + b'\n'
            continue
        found.append(decoded(_unmetafied(text)))
        text = b''
    return [entry for entry in found if entry.strip()]


def _unmetafied(text: bytes) -> bytes:
    first, *others = text.split(bytes([META]))
    return first + b''.join([bytes([piece[0] ^ 32]) + piece[1:] for piece in others if piece])


def _of_bash(lines: list[str]) -> list[str]:
    """Commands of bash: a line each; with times (`#1700000000`), all lines up to the next."""
    stamped = any(_is_time(line) for line in lines[:1])
    found: list[str] = []
    begun = False
    for line in lines:
        if stamped and _is_time(line):
            begun = False
        elif begun:
            found[-1] += '\n' + line
        elif line.strip():
            found.append(line)
            begun = stamped
    return [entry.rstrip('\n') for entry in found]


def _is_time(line: str) -> bool:
    return line[:1] == '#' and is_decimal(line[1:])
