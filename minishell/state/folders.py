"""Where the user's files of the shell are (XDG base directories)."""
from __future__ import annotations

import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def folder_of(values: Mapping[str, str], variable: str, usual: str) -> str:
    """The folder that a variable names, or the usual one below HOME, for files of ours; ''
    where neither is an absolute pathname, or HOME is nowhere: no shell makes that (users who
    are to have none have /nonexistent)."""
    folder = values.get(variable) or ''
    if folder[:1] != '/':
        home = values.get('HOME') or ''
        try:
            posix.stat(home)
        except (OSError, ValueError):
            return ''
        if home[:1] != '/':
            return ''
        folder = f'{home}/{usual}'
    return f'{folder}/minishell'


def make_folder(path: str) -> None:
    """Make a folder and those above it, for nobody else.  Raises OSError, ValueError."""
    try:
        posix.mkdir(path, 0o700)
    except FileExistsError:
        pass
    except FileNotFoundError:
        for at in [at for at, c in enumerate(path) if c == '/' and at]:
            try:
                posix.mkdir(path[:at], 0o700)
            except OSError:             # it is there; if not, the last one says why
                pass
        posix.mkdir(path, 0o700)
