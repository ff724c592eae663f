"""The file that keeps what was chosen in the menu of settings: lines `set name on`."""
from __future__ import annotations

import posix

from minishell.state.folders import folder_of, make_folder
from minishell.state.settings import SETTINGS, settings_of
from minishell.system.blocking import read_file, write_all
from minishell.system.descriptors import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

MODE = 'editing-mode'
VALUES = {**dict.fromkeys(SETTINGS, ('on', 'off')), MODE: ('emacs', 'vi')}
LONGEST = 10_000        # bytes
REGULAR, FORMAT = 0o100000, 0o170000        # S_IFREG, S_IFMT


def path_of(shell: Shell) -> str:
    """The file; '' where there is neither XDG_CONFIG_HOME nor HOME."""
    folder = folder_of(shell.variables.values, 'XDG_CONFIG_HOME', '.config')
    return folder and f'{folder}/settings'


def read_settings(shell: Shell) -> None:
    """Take what is kept; what is wrong with the file is told, and nothing of it is taken."""
    path = path_of(shell)
    try:
        kept = _read(path)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        if path:
            shell.warn(f'{path}: {getattr(error, "strerror", None) or error}: ignored')
        return
    settings_of(shell).kept = kept
    if MODE in kept:
        shell.set_option(kept[MODE], True)


def _read(path: str) -> dict[str, str]:
    """What a file says.  Raises OSError, ValueError."""
    found = posix.stat(path)
    if found.st_mode & FORMAT != REGULAR or found.st_size > LONGEST:
        raise ValueError('not a short file')
    return _values(read_file(path))


def _values(data: bytes) -> dict[str, str]:
    """What the lines say.  Raises ValueError."""
    kept: dict[str, str] = {}
    for number, line in enumerate(data.decode('ascii', 'replace').split('\n'), 1):
        words = line.split()
        if not words or words[0][0] == '#':
            continue
        if len(words) != 3 or words[0] != 'set' or words[2] not in VALUES.get(words[1], ()):
            raise ValueError(f'line {number}: not a setting')
        kept[words[1]] = words[2]
    return kept


def write_settings(shell: Shell, name: str) -> None:
    """Keep one that has been changed, beside what other shells have kept: they see the file as
    it was or as it is to be.  Raises OSError, ValueError."""
    path = path_of(shell)
    make_folder(path.rpartition('/')[0])
    kept = settings_of(shell).kept
    try:
        kept = {**_read(path), name: kept[name]}
    except (OSError, ValueError):       # it is not there, or wrong
        pass
    lines = [f'set {each} {value}\n' for each, value in kept.items()]
    partial = f'{path}.{posix.getpid()}'
    fd = posix.open(partial, posix.O_WRONLY | posix.O_CREAT | posix.O_TRUNC | posix.O_CLOEXEC
                    | posix.O_NOFOLLOW, 0o600)
    try:
        try:
            write_all(fd, ''.join(['# Written by the menu of F4\n', *lines]).encode())
        finally:
            close(fd)
        posix.rename(partial, path)
    except OSError:
        posix.unlink(partial)
        raise
