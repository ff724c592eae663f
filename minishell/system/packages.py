"""Where packages are that are installed for the shell: with -S nobody has put it on Python's
path, and sys.prefix is another Python's."""
from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


def packages() -> str:
    """The folder site-packages of the environment that this Python is of."""
    home = sys.executable.rpartition('/')[0].rpartition('/')[0]
    return f'{home}/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages'


def make_known() -> None:
    """Put it on Python's path."""
    folder = packages()
    if folder not in sys.path:
        sys.path.append(folder)


def package(name: str) -> ModuleType:
    """Import a package by its name.  Raises ImportError."""
    make_known()
    return __import__(name)
