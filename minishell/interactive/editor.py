"""The line editor: prompt_toolkit with history in memory; the only module that imports it."""
from __future__ import annotations

import sys

from minishell.errors import Interrupted
from minishell.system.signals import SIGINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell


def editor_reader(shell: Shell) -> Callable[[bool], str] | None:
    """A reader with line editing; None if prompt_toolkit is not installed."""
    version = f'python{sys.version_info[0]}.{sys.version_info[1]}'
    home = sys.executable.rpartition('/')[0].rpartition('/')[0]     # with -S, sys.prefix
    packages = f'{home}/lib/{version}/site-packages'                # is another's
    if packages not in sys.path:
        sys.path.append(packages)       # with -S nobody has put it there
    try:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.formatted_text import ANSI
        from prompt_toolkit.history import InMemoryHistory
    except ImportError:
        return None
    from minishell.interactive.loop import prompt_text
    session: PromptSession[str] = PromptSession(history=InMemoryHistory())

    def read(inside: bool) -> str:
        try:
            line = session.prompt(ANSI(prompt_text(shell, inside)))
        except KeyboardInterrupt:
            raise Interrupted() from None
        except EOFError:
            return ''
        finally:
            shell.signals.handle(SIGINT)        # prompt_toolkit has put its own there
        return line.replace('\0', '') + '\n'
    return read
