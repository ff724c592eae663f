"""The shell's history list as the line editor sees it, and what is suggested from it."""
from __future__ import annotations

from itertools import islice

from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.history import History

from minishell.interactive.asking import Asked
from minishell.interactive.recalling import database_of, folder
from minishell.interactive.still_there import is_gone, paths
from minishell.state.history_database import HistoryDatabase
from minishell.state.settings import is_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle
    from collections.abc import Iterable, Iterator

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.document import Document

    from minishell.interactive.walking import Line
    from minishell.state.history import History as ShellHistory
    from minishell.state.shell import Shell

    Run = tuple[str, int, int]          # a command, how often, its last status

DATABASE = '.db'                        # behind the name of HISTFILE
RUNS, FOLLOWERS = 300, 50               # runs that are looked at
SHOWN, FETCHED = 5, 20                  # of the newest; some may be left out
SETTLED = 0.05                          # seconds until the status is in the history
PAUSE = 0.3             # seconds without a key
MOST_LOOKED_AT = 5_000                  # entries, for a suggestion: about 0.5 ms


class TypedCommands(History):
    """The commands of the shell's history list, as they are at each prompt."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell

    def get_strings(self) -> list[str]:
        """The entries, the oldest first."""
        history = self._shell.history
        return history.entries if history is not None else []

    def load_history_strings(self) -> Iterable[str]:
        """Not asked for: see walking.py."""
        return ()

    def append_string(self, string: str) -> None:
        """Not kept here: the shell enters complete commands into its list."""

    def store_string(self, string: str) -> None:
        """Not kept here either."""


class FromHistory(AutoSuggest):
    """What is likely to be meant by the beginning of a command.

    Commands are ranked by how often they followed the last one and ran in this directory, and
    by whether they went well; then by age.  What was run of both is fetched once a prompt.  One
    that needs a file which is gone is left out, unless a file system does not say so at once.
    """

    def __init__(self, shell: Shell, commands: TypedCommands) -> None:
        self._shell, self._commands = shell, commands
        self._here: list[Run] | None = None
        self._after: list[Run] = []
        self._loop: AbstractEventLoop | None = None
        self._timer: TimerHandle | None = None
        self._gone = Asked(is_gone, lambda: None)

    def begin_prompt(self) -> None:
        """The directory may be another one, and HISTFILE."""
        self._here = None
        self._gone.forget()
        history = self._shell.history
        if history is None:
            return
        file, database = history.follow(), history.database
        if database is not None and database.path != file + DATABASE:
            database.settle()
            database = None
        if file and database is None:
            database = HistoryDatabase(file + DATABASE, lambda: history.entries)
        history.database = database

    def start(self, loop: AbstractEventLoop) -> None:
        """A line is edited, in this event loop."""
        self._loop = loop
        loop.call_later(SETTLED, self.settle)
        self.wait_for_pause()

    def wait_for_pause(self) -> None:
        """Read what HISTFILE has, which may be long, when typing pauses."""
        history = self._shell.history
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._loop is not None and history is not None and not history.is_read():
            self._timer = self._loop.call_later(PAUSE, history.parts)

    def settle(self) -> None:
        """Write down how the last command ended, the prompt having been drawn."""
        history = self._shell.history
        if history is not None and history.database is not None:
            history.database.settle()

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:
        """What could follow; nothing behind blank text."""
        typed = document.text
        if not typed.strip() or not document.is_cursor_at_the_end \
                or not is_on(self._shell, 'suggestions'):
            return None
        text = next(self._can_run(self._ranked(typed)), ('', ''))[0]
        return Suggestion(text[len(typed):]) if text else None

    def ranked(self, typed: str) -> list[tuple[str, str]]:
        """The best commands that begin so and have more, each with a reason."""
        return list(islice(self._can_run(self._ranked(typed)), SHOWN))

    def forget(self, line: Line) -> str | None:
        """Have the command forgotten that is recalled in a line or suggested; gives it, None
        if there is none."""
        history, text = self._shell.history, line.recalled()
        if text is None and line.suggestion is not None and line.suggestion.text:
            text = line.text + line.suggestion.text
        if text is None or history is None:
            return None
        history.forget(text)
        self._here = None
        line.to_typed()
        line.suggestion = self.get_suggestion(line, line.document)
        return text

    def _can_run(self, ranked: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Those of which no file is known to be gone."""
        return (each for each in ranked
                if not any(self._gone.ask(path) for path in paths(self._shell, each[0])))

    def _ranked(self, typed: str) -> list[tuple[str, str]]:
        history = self._shell.history
        database = database_of(history)
        if history is None or database is None:
            return self._newest(typed)
        own = history.own()             # what this shell has run: no more is read for a key
        last = own[-1] if own else ''
        newest: list[str] = []

        def ask() -> None:
            if self._here is None:
                self._here = database.run_here(folder(self._shell), RUNS)
                self._after = database.run_after(last, FOLLOWERS)
            newest[:] = database.newest(typed, FETCHED)
        database.together(ask)
        here, after = _matching(self._here or [], typed), _matching(self._after, typed)
        found = dict.fromkeys([text for text in newest if text != typed])
        found.update(dict.fromkeys(here))
        found.update(dict.fromkeys(after))

        def rank(text: str) -> int:
            times, status = here.get(text) or after.get(text) or (0, 0)
            followed = after[text][0] if text in after else 0
            return 2 * (status != 0) - min(times, 4) - 3 * min(followed, 3)

        def reason(text: str) -> str:
            reasons = [f'here x{here[text][0]}'] if text in here else []
            if text in after:
                reasons.append(f'after {last[:20]}')
            return ', '.join(reasons) or 'typed before'
        return [(text, reason(text)) for text in sorted(found, key=rank)]

    def _newest(self, typed: str) -> list[tuple[str, str]]:
        """Of the history list alone."""
        entries = self._commands.get_strings()
        found = dict.fromkeys([entry for entry in entries[:-MOST_LOOKED_AT - 1:-1]
                               if len(entry) > len(typed) and entry.startswith(typed)])
        return [(text, 'typed before') for text in found][:FETCHED]


def _matching(runs: list[Run], typed: str) -> dict[str, tuple[int, int]]:
    """How often, and the last status, of commands that begin so and have more."""
    return {text: (times, status) for text, times, status in runs
            if len(text) > len(typed) and text.startswith(typed)}


def keep(shell: Shell, history: ShellHistory) -> None:
    """Write down that the last entry is about to run."""
    database = history.database
    if database is None or not history.current or not history.entries:
        return
    database.begin(history.entries[-1], folder(shell))
    notice = database.take_notice()
    if notice:
        shell.warn(notice)
