"""The line editor: prompt_toolkit on the shell's history; the only module that imports it."""
from __future__ import annotations

import sys

from minishell.errors import Interrupted
from minishell.system.signals import SIGCHLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

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
        from prompt_toolkit.application import run_in_terminal
        from prompt_toolkit.formatted_text import ANSI
        from prompt_toolkit.history import History
    except ImportError:
        return None
    from asyncio import get_running_loop

    from minishell.interactive.loop import prompt_text

    class ShellHistory(History):
        """The commands of the shell's history list, as they are at each prompt."""

        async def load(self) -> AsyncGenerator[str, None]:
            """The entries, the newest first."""
            for entry in reversed(self.get_strings()):
                yield entry

        def get_strings(self) -> list[str]:
            """The entries, the oldest first."""
            return shell.history.entries if shell.history is not None else []

        def load_history_strings(self) -> Iterable[str]:
            """Not asked for: see load."""
            return self.get_strings()

        def append_string(self, string: str) -> None:
            """Not kept here: the shell enters complete commands into its list."""

        def store_string(self, string: str) -> None:
            """Likewise."""

    session: PromptSession[str] = PromptSession(history=ShellHistory())

    def watch_jobs() -> None:
        """`set -b`: what a job does while a line is edited is told at once, above it."""
        def look() -> None:
            shell.jobs.poll()
            if shell.jobs.changed:
                run_in_terminal(shell.notify)

        def note() -> None:
            if SIGCHLD not in shell.signals.pending:
                shell.signals.pending.append(SIGCHLD)   # for its trap
            look()
        if shell.options.notify:
            get_running_loop().add_signal_handler(SIGCHLD, note)
            look()                      # one may have ended before there was the handler

    def read(inside: bool) -> str:
        try:
            line = session.prompt(ANSI(prompt_text(shell, inside)), pre_run=watch_jobs)
        except KeyboardInterrupt:
            raise Interrupted() from None
        except EOFError:
            return ''
        finally:
            shell.signals.take_back()
        return line.replace('\0', '') + '\n'
    return read
