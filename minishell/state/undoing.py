"""What lines typed at a prompt have changed of the shell's state, for `undo` to put back.

Before a line the tables of names are copied, not what they name: an array is copied by who
changes it, as in a subshell environment (`Variables.own`).  Behind the line they are compared,
and what differs is kept.  What changes between two lines, by prompts, is nobody's.
"""
from __future__ import annotations

from minishell.state.attributes import HOOKED
from minishell.state.options import AT_START_ONLY, NAMES
from minishell.state.shell import Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from minishell.state.shell import Shell

    Tables = dict[str, list[dict[Any, Any]]]
    Row = tuple[Any, ...] | None        # what the tables of a kind have for a name

DEPTH = 100             # lines that can be undone
MOST_KEPT = 10_000_000  # characters and elements that these may have changed, but the last one
ELEMENT = 100           # characters that an element of an array counts as
# Variables that change by themselves.
VOLATILE = ('_', 'COLUMNS', 'LINES', 'PROMPT_STATUS', 'PROMPT_DURATION', 'PROMPT_GIT')
# Kinds of changes, in the order in which they are put back and told.
(DIRECTORY, VARIABLE, FUNCTION, ALIAS, OPTION, SHOPT, TRAP, PARAMETERS,
 STACK) = KINDS = ('directory', 'variable', 'function', 'alias', 'option', 'shopt', 'trap',
                   'parameters', 'stack')
OPTIONS = tuple([name for name in NAMES if name not in AT_START_ONLY])


class Change:
    """A name, with its row before the line and behind it."""

    __slots__ = ('kind', 'name', 'before', 'behind')

    def __init__(self, kind: str, name: Any, before: Row, behind: Row) -> None:
        self.kind, self.name = kind, name
        self.before, self.behind = before, behind

    def reversed(self) -> Change:
        """The change that puts it back."""
        return Change(self.kind, self.name, self.behind, self.before)


class Done:
    """What a line has changed."""

    __slots__ = ('line', 'changes', 'size')

    def __init__(self, line: str, changes: list[Change]) -> None:
        self.line, self.changes = line, changes
        self.size = sum(_size(row) for change in changes for row in (change.before,
                                                                     change.behind))


class Undoing:
    """What the lines of an interactive shell have changed, the last one at the end."""

    __slots__ = ('_shell', '_done', '_undone', '_line', '_before')

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._done: list[Done] = []
        self._undone: list[Done] = []
        self._line = ''
        self._before: Tables | None = None      # while a line runs

    def begin(self, line: str) -> None:
        """A line is about to run."""
        self._line = line
        self._before = {kind: [table.copy() for table in tables]
                        for kind, tables in _tables(self._shell).items()}
        self._shell.variables.own = set()

    def end(self) -> None:
        """It has run: keep what it has changed."""
        before, self._before = self._before, None
        changes = _changes(before, _tables(self._shell)) if before is not None else []
        if changes:
            self._shell.variables.own = set()   # whose arrays are kept with the changes
            self._done.append(Done(self._line, changes))
            self._undone.clear()
            while len(self._done) > 1 and (
                    len(self._done) > DEPTH
                    or sum(done.size for done in self._done) > MOST_KEPT):
                del self._done[0]

    def settle(self) -> None:
        """See what the line that runs has changed so far."""
        self.end()
        self.begin(self._line)

    def last(self, again: bool) -> Done | None:
        """What would be undone, or done `again`; None if there is nothing."""
        changes = self._undone if again else self._done
        return changes[-1] if changes else None

    def move(self, again: bool) -> None:
        """It has been; the rest of the line that runs is compared with what there is by now."""
        taken, other = (self._undone, self._done) if again else (self._done, self._undone)
        other.append(taken.pop())
        self.begin(self._line)


def _tables(shell: Shell) -> Tables:
    """The tables of each kind."""
    variables, options = shell.variables, shell.options
    return {
        VARIABLE: [variables.values, variables.others, variables.flags, variables.dynamic],
        FUNCTION: [shell.functions, variables.functions],
        ALIAS: [shell.known_aliases()],
        OPTION: [{name: getattr(options, name) for name in OPTIONS}],
        SHOPT: [dict.fromkeys(shell.shopts, True)],
        TRAP: [shell.traps.actions],
        PARAMETERS: [{'': (shell.positional[:], shell.positional_set)}],
        STACK: [{'': shell.directories[:]}]}


def _changes(before: Tables, behind: Tables) -> list[Change]:
    """What differs, each name once."""
    values, now = before[VARIABLE][0], behind[VARIABLE][0]
    for name in VOLATILE:
        values.pop(name, None)
        if name in now:
            values[name] = now[name]
    found: list[Change] = []
    for kind, tables in before.items():
        names: set[Any] = set()
        for old, new in zip(tables, behind[kind], strict=True):
            if old != new:
                names.update([name for name in old.keys() | new.keys()
                              if old.get(name) != new.get(name)])
        found += [Change(kind, name, _row(kind, tables, name), _row(kind, behind[kind], name))
                  for name in sorted(names)]
    for change in found:
        if change.kind == VARIABLE and change.name == 'PWD':
            change.kind = DIRECTORY
    return sorted(filter(_is_kept, found), key=lambda change: KINDS.index(change.kind))


def _row(kind: str, tables: list[dict[Any, Any]], name: Any) -> Row:
    row = [table.get(name) for table in tables]
    if kind == VARIABLE:                # who looks at it is no change of it
        row[2] = (row[2] or 0) & ~HOOKED or None
    return tuple(row) if any(each is not None for each in row) else None


def _size(row: Row) -> int:
    """How much memory a row takes, roughly."""
    return sum(len(each) * (1 if isinstance(each, str) else ELEMENT)
               for each in row or () if hasattr(each, '__len__'))


def _is_kept(change: Change) -> bool:
    """Whether it is a change, and one that can be put back: not what `enable` is about."""
    return change.before != change.behind and (change.kind != FUNCTION or all(
        row is None or row[0] is None or type(row[0]) is Function
        for row in (change.before, change.behind)))
