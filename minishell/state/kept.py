"""Texts of `eval`, of traps and of dot scripts that stay compiled while they come again."""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Action, Shell
    from minishell.syntax.lexer import Lexer

    End = tuple[str, int, int]          # the text as aliases left it, an offset, its line


class KeptText:
    """The complete commands of a text, as far as it has been run: it may have been left by
    `return`, or a run of it goes on."""

    __slots__ = ('actions', 'ends', 'complete', '_aliases', '_options')

    def __init__(self, shell: Shell) -> None:
        self.actions: list[Action] = []
        self.ends: list[End] = []       # where each of them ends
        self.complete = False           # nothing is behind the last
        self._aliases = shell.aliases.copy()
        self._options = _options_of(shell)

    def fits(self, shell: Shell) -> bool:
        """Whether commands would be read and compiled as these were: each may set an alias or
        an option, for the next to be read by."""
        return shell.aliases == self._aliases and _options_of(shell) == self._options

    def add(self, shell: Shell, number: int, action: Action, lexer: Lexer) -> bool:
        """Keep a command that has been read, of this number, unless the text has been run
        inside of itself up to there; false if it fits no longer what is kept."""
        if not self.fits(shell):
            return False
        if number == len(self.actions):
            self.actions.append(action)
            self.ends.append((lexer.text, lexer.pos, lexer.source.line_of(lexer.pos)))
        return True

    def end(self, shell: Shell, number: int) -> None:
        """Nothing has been found behind so many commands."""
        self.complete |= number == len(self.actions) and self.fits(shell)


def _options_of(shell: Shell) -> tuple[bool, ...]:
    """What options say of how commands are read (`syntax/lexer.py`, Grammar) and compiled; and
    `set -v`, for what is shown as it is read is read each time."""
    options = shell.options
    return (shell.bash, options.posix, options.noexec, options.verbose,
            'extglob' in shell.shopts)
