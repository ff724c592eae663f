"""The built-in utility `undo`: the shell's state as it was before the last line."""
from __future__ import annotations

import posix

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError, UsageError
from minishell.run.declarations import elements_of, letters
from minishell.run.functions import hand_on
from minishell.run.prompt import caret_notation
from minishell.run.tracing import in_quotes, quoted
from minishell.state.arrays import AssociativeArray, IndexedArray, Reference
from minishell.state.options import listed
from minishell.state.traps import condition_name, look
from minishell.state.undoing import (
    ALIAS,
    DIRECTORY,
    FUNCTION,
    OPTION,
    PARAMETERS,
    SHOPT,
    STACK,
    TRAP,
    VARIABLE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from minishell.state.shell import Shell
    from minishell.state.undoing import Change, Done, Row, Undoing

LONG = 70               # characters of a line that is told


def undo(shell: Shell, argv: list[str]) -> int:
    """Put back what the last line has changed of the shell's state; `-r`: make it again; `-l`:
    say what would be put back."""
    options, operands = parse_options(argv, 'lr')
    if operands:
        raise UsageError('too many arguments')
    undoing: Undoing | None = shell.parts.get('undo')
    if undoing is None or not shell.interactive and 'l' not in options:
        raise BuiltinError('there is no prompt whose lines could be undone')
    if shell.function_depth or shell.variables.scoped():
        raise BuiltinError('not in a function, nor with assignments before it')
    again = 'r' in options
    if shell.interactive:               # else it is a child that looks
        undoing.settle()
    done = undoing.last(again)
    if done is None:
        raise BuiltinError(f'nothing to {"be done again" if again else "undo"}')
    changes = [change if again else change.reversed() for change in done.changes]
    status = 0 if 'l' in options else put(shell, changes)
    _tell(shell, done, changes, again)
    if 'l' not in options:
        undoing.move(again)
    return status


def _tell(shell: Shell, done: Done, changes: list[Change], again: bool) -> None:
    shell.out.write(f'{"behind" if again else "before"}: {_short(done.line)}\n')
    for change in changes:
        if change.name != 'OLDPWD':     # which cd has changed, too
            shell.out.write(f'    {_short(command(change))}\n')
    shell.out.write('Files stay as they are.\n')


def _short(text: str) -> str:
    text = caret_notation(' '.join(text.split()))
    return text if len(text) <= LONG else text[:LONG - 3] + '...'


# -- a change as a command that makes it -----------------------------------------------------


def command(change: Change) -> str:
    """A command that makes a change."""
    name, row = change.name, change.behind
    if change.kind == VARIABLE:
        return f'unset {name}' if row is None else _declaration(name, *row)
    if change.kind == OPTION:
        return f'set {"-" if row and row[0] else "+"}o {listed(name)}'
    if change.kind == SHOPT:
        return f'shopt -{"s" if row else "u"} {name}'
    if change.kind == TRAP:
        return f'trap {in_quotes(row[0]) if row else "-"} {condition_name(name)}'
    if row is None:
        undone = {FUNCTION: 'unset -f', ALIAS: 'unalias', DIRECTORY: 'unset'}
        return f'{undone[change.kind]} {name}'
    value = row[0]
    if change.kind == DIRECTORY:
        return f'cd {quoted(value or "")}'
    if change.kind == FUNCTION:
        from minishell.syntax.bash_layout import function_text
        return function_text(value.node, value.source)
    if change.kind == ALIAS:
        return f'alias {name}={quoted(value)}'
    if change.kind == PARAMETERS:
        return ' '.join(['set --', *map(quoted, value[0])])
    return ' '.join(['# pushd:', *value]) if value else 'dirs -c'


def _declaration(name: str, value: str | None, other: Any, flags: int | None,
                 computed: Any) -> str:
    attributes = letters(flags or 0)
    text = '' if value is None else '=' + quoted(value)
    if isinstance(other, IndexedArray | AssociativeArray):
        text = '=' + elements_of(other)
    elif isinstance(other, Reference):
        text = '=' + quoted(other.target)
    declare = f'declare -{attributes} ' if attributes else '' if text else 'declare '
    return declare + name + text


# -- a change made ---------------------------------------------------------------------------


def put(shell: Shell, changes: list[Change]) -> int:
    """Make changes; returns a status, what cannot be changed having been told."""
    status = 0
    for change in changes:
        name, row = change.name, change.behind
        if change.kind == DIRECTORY and not _go(shell, row):
            status = 1
        elif change.kind in (VARIABLE, DIRECTORY):
            value, other, flags, computed = row or (None, None, None, None)
            shell.variables.put(name, other if value is None else value, flags or 0, computed)
        elif change.kind == FUNCTION:
            function, flags = row or (None, None)
            _put(shell.functions, name, function)
            _put(shell.variables.functions, name, flags)
            hand_on(shell, name)
        elif change.kind == ALIAS:
            _put(shell.known_aliases(), name, row and row[0])
        elif change.kind == TRAP:
            shell.control.note_keys()
            if row is None:
                shell.traps.reset(name)
            else:
                shell.traps.set(name, row[0])
        elif change.kind == PARAMETERS and row is not None:
            shell.positional, shell.positional_set = row[0][0][:], row[0][1]
        elif change.kind == STACK and row is not None:
            shell.directories[:] = row[0]
    _put_options(shell, changes)
    look(shell)
    return status


def _put_options(shell: Shell, changes: list[Change]) -> None:
    """Options, twice: one may change another."""
    for change in changes * 2:
        on = change.behind is not None and bool(change.behind[0])
        if change.kind == OPTION and getattr(shell.options, change.name) is not on:
            shell.set_option(change.name, on)
        elif change.kind == SHOPT and (change.name in shell.shopts) is not on:
            shell.set_shopt(change.name, on)


def _put(table: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        table.pop(name, None)
    else:
        table[name] = value


def _go(shell: Shell, row: Row) -> bool:
    """Change the working directory to what PWD was; false if that cannot be."""
    folder = row[0] if row is not None else None
    try:
        if folder:
            posix.chdir(folder)
    except (OSError, ValueError) as error:
        why = getattr(error, 'strerror', None) or str(error)
        shell.warn(f'undo: cd: {folder}: {why}')
        return False
    return True
