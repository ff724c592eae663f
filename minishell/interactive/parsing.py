"""What is typed, parsed as far as it goes, and whether its commands are there."""
from __future__ import annotations

import posix

from minishell.builtins.registry import BUILTINS, COURSE
from minishell.state.search import DIRECTORY_TYPE, FORMAT, is_executable
from minishell.syntax.partial import parse_partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell
    from minishell.syntax.partial import Partial

QUOTING = frozenset('$`"\'\\*?[~')       # and what expansions begin with


def parse(shell: Shell, text: str) -> Partial:
    """What there is of a text, by the language as it is at the moment."""
    return parse_partial(text, shell.aliases, shell.options.posix, 'extglob' in shell.shopts)


def is_whole(shell: Shell, text: str) -> bool:
    """Whether Enter behind this text runs it: nothing is open, or it cannot be closed."""
    if (len(text) - len(text.rstrip('\\'))) % 2:
        return False                    # it joins the next line
    partial = parse(shell, text)
    return not partial.openers or not all(error.incomplete for error in partial.errors)


def is_command(shell: Shell, name: str) -> bool:
    """Whether a word names what can be run, or a folder; true where expansions decide."""
    return is_known(shell, name) or is_there(shell, name)


def is_known(shell: Shell, name: str) -> bool:
    """Whether that can be said without a look at files."""
    return not name.isascii() or not name.isprintable() \
        or not QUOTING.isdisjoint(name) or name in BUILTINS or name in COURSE \
        or name in shell.functions or name in shell.aliases


def is_there(shell: Shell, name: str) -> bool:
    """Whether there is such a program, or folder.  It may take long, where a file server does
    not answer."""
    if '/' in name:
        return is_executable(name) or _is_folder(name)
    return shell.search.look(name) is not None


def _is_folder(name: str) -> bool:
    try:
        return posix.stat(name).st_mode & FORMAT == DIRECTORY_TYPE
    except OSError:
        return False
