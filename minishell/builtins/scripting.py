"""`history -S`: what was typed in this session as a script that runs by itself."""
from __future__ import annotations

from time import time

from minishell.errors import BuiltinError
from minishell.run.clock import formatted
from minishell.run.tracing import quoted
from minishell.syntax.nodes import FunctionDefinition, SimpleCommand
from minishell.syntax.partial import parse_partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from minishell.state.history import History
    from minishell.state.shell import Shell
    from minishell.syntax.nodes import Node
    from minishell.syntax.partial import Partial

    Run = tuple[str, str, int | None]   # a command, where it ran, its status

LOOKING = frozenset(('history', 'fc', 'explain', 'help'))       # no part of what was done


def script_of(shell: Shell, entries: History, every: bool) -> str:
    """The script: the lines that ended with 0, or `every` one, each in its directory, behind
    the aliases and functions they use.  Raises BuiltinError."""
    if entries.database is None:
        raise BuiltinError('-S: nothing is kept: no line editor, or HISTFILE names no file')
    runs = entries.database.of_session()
    lines: list[str] = []
    parsed: list[Partial] = []
    here = ''
    for number, (text, folder, status) in enumerate(runs):
        partial = parse(shell, text)
        if status is None or status and not every or _looks(partial):
            continue
        if folder != here:
            lines.append(f'cd {quoted(folder)} || exit')
        if partial.errors or partial.openers:
            lines.append('# No command by itself:\n# ' + text.replace('\n', '\n# '))
        else:
            lines.append(text)
            parsed.append(partial)
        here = runs[number + 1][1] if number + 1 < len(runs) else folder
    told = f'# What was typed on {formatted(shell, "%F", time())}' + (
        '' if every else ', as far as it ended with 0')
    text = '\n'.join([f'#!/usr/bin/env {"bash" if shell.bash else "minishell"}', told,
                      *needed(shell, parsed), *lines, ''])
    for error in parse(shell, text).errors:
        raise BuiltinError(f'-S: the lines are no script: {error.message}')
    return text


def parse(shell: Shell, text: str) -> Partial:
    """A text, by the language as it is."""
    return parse_partial(text, shell.aliases, shell.options.posix, 'extglob' in shell.shopts)


def _looks(partial: Partial) -> bool:
    """Whether a line does nothing but look at the history, or have things explained."""
    commands = partial.tree.commands
    return len(commands) == 1 and isinstance(commands[0], SimpleCommand) \
        and bool(commands[0].words) and commands[0].words[0].literal() in LOOKING


def needed(shell: Shell, parsed: Sequence[Partial]) -> list[str]:
    """Definitions of the aliases and functions that lines use and do not define."""
    aliases = {partial.text[start:end] for partial in parsed for start, end in partial.aliases}
    names, defined = set[str](), set[str]()
    todo: list[Node] = [partial.tree for partial in parsed]
    while todo:
        for node in todo.pop().walk():
            if isinstance(node, FunctionDefinition):
                defined.add(node.name)
            elif isinstance(node, SimpleCommand) and node.words:
                name = node.words[0].literal()
                if name is not None and name in shell.functions and name not in names:
                    names.add(name)
                    todo.append(shell.functions[name].node.body)
    from minishell.run.functions import definition
    known = shell.known_aliases()
    return [f'alias {name}={quoted(known[name])}' for name in sorted(aliases & set(known))] \
        + [definition(shell, name) for name in sorted(names - defined)]
