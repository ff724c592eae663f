"""Tab: what completes the line, by the engine behind `complete`, as the editor shows it."""
from __future__ import annotations

from prompt_toolkit.completion import Completion

from minishell.builtins.candidates import is_folder
from minishell.builtins.completing import answer
from minishell.builtins.registry import BUILTINS, COURSE
from minishell.errors import ControlFlow, Interrupted, ShellError
from minishell.system.signals import SIGINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.document import Document

    from minishell.builtins.completing import Answer
    from minishell.state.shell import Shell

MOST = 200                              # in a menu: of 20,000 it would take half a second
SPECIAL = frozenset(' \t\n\\\'"`$&|;()<>*?[]#~!{}')   # what a file's name is quoted for


def completions(shell: Shell, document: Document, tell: Callable[[str], None],
                ) -> list[Completion]:
    """Candidates, each with what stands behind it: a blank, a slash, a closing quote.

    Functions of scripts run for it (`complete -F`).  An error of one is told below the line;
    Ctrl-C leaves the line, as it does elsewhere.
    """
    point = document.cursor_position
    try:
        found = answer(shell, document.text, point)
    except Interrupted:
        shell.pending.append(SIGINT)
        return []
    except ShellError as error:
        tell(error.message)
        return []
    except ControlFlow:                 # `exit` in a function
        return []
    if len(found.candidates) > MOST:
        tell(f'… {len(found.candidates) - MOST:,} more')
    return [Completion(
        _text(shell, found, candidate), found.start - point,
        display=_last(candidate) if 'filenames' in found.options else candidate,
        display_meta=_meaning(found, candidate)) for candidate in found.candidates[:MOST]]


def _text(shell: Shell, found: Answer, candidate: str) -> str:
    """A candidate as it is put into the line."""
    behind = '' if 'nospace' in found.options else ' '
    if 'filenames' in found.options:
        if is_folder(shell, candidate):
            behind = '' if candidate[-1:] == '/' else '/'
        if 'noquote' not in found.options:
            candidate = quoted(candidate, found.quote)
    return candidate + (found.quote if behind == ' ' else '') + behind


def _meaning(found: Answer, candidate: str) -> str:
    """What a built-in utility does."""
    row = BUILTINS.get(candidate) or COURSE.get(candidate) if not found.found else None
    return row.description if row is not None else ''


def quoted(name: str, quote: str) -> str:
    """A file's name as it is typed, inside of a quote that is open, or outside."""
    if quote == "'":
        return name.replace("'", "'\\''")
    special = frozenset('\\"`$') if quote else SPECIAL
    start = 1 if name[:1] == '~' and not quote else 0     # a home directory it is to stay
    return name[:start] + ''.join([f'\\{c}' if c in special else c for c in name[start:]])


def _last(path: str) -> str:
    """A file's name without the folder."""
    folder, slash, name = path.rstrip('/').rpartition('/')
    return name + path[len(folder) + len(slash) + len(name):]
