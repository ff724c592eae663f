"""`select` of bash -> action: a menu, and the choice that is read."""
from __future__ import annotations

import posix

from minishell.compile.compound import misnamed
from minishell.compile.words import compile_all_fields
from minishell.errors import AssignmentError, Continue
from minishell.run.loops import breakable, continued, leave_readonly, shown_words
from minishell.run.utilities import call_builtin, load_builtin
from minishell.status import keeping
from minishell.syntax.names import decimal, integer, is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.compile.compiler import Compiler
    from minishell.state.shell import Action, Shell
    from minishell.syntax.nodes import SelectClause

PROMPT = '#? '
WIDTH = 80              # of what is no terminal
TAB = 8


def compile_select(node: SelectClause, compiler: Compiler, tail: bool) -> Action:
    """Action: the body for each choice; 1 at the end of the input, 0 for an empty menu."""
    if not is_name(node.name):
        return misnamed(node, compiler)
    words = None if node.words is None else compile_all_fields(node.words, compiler)
    body = compiler.list(node.body)
    at = compiler.at(node)

    def turns(shell: Shell) -> int:
        shell.at = at
        if shell.watched:
            from minishell.run import tracing, watching
            tracing.show(shell, f'select {node.name} in {shown_words(node)}')
            if not watching.before(shell, at):
                return 0
        status = keeping(shell.status, 0)
        items: list[str] = []
        if words is None:
            items += shell.positional
        else:
            for fields in words:
                fields(shell, items)
        show = True
        while items:
            reply = _choice(shell, items, show)
            if reply is None:
                return _end(shell)
            number = integer(reply) or 0
            chosen = items[number - 1] if 0 < number <= len(items) else ''
            try:
                shell.variables.assign(node.name, chosen)
            except AssignmentError as error:
                leave_readonly(shell, error)
            try:
                status = body(shell)
            except Continue as leave:
                status = continued(shell, leave)
            show = not shell.variables.get('REPLY')
        return status
    return breakable(turns)


def _end(shell: Shell) -> int:
    """The newline behind the prompt, at the end of the input."""
    shell.out.write('\n')
    try:
        shell.at_once(shell.out.flush)
    except OSError as error:
        shell.take_write_error(error)
        shell.warn(f'select: write error: {error.strerror}')
    return 1


def _choice(shell: Shell, items: list[str], show: bool) -> str | None:
    """What is read as REPLY, None at the end of the input; an empty line shows the menu."""
    while True:
        if show:
            shell.tell(menu(items, _width(shell)))
        prompt = shell.variables.get('PS3')
        shell.tell(PROMPT if prompt is None else prompt, '')
        if call_builtin(shell, load_builtin('read'), ['read'], False):
            return None
        reply = shell.variables.get('REPLY')
        if reply:
            return reply
        show = True


def _width(shell: Shell) -> int:
    """How many columns there are: COLUMNS, or those of the terminal."""
    columns = decimal(shell.variables.get('COLUMNS') or '')
    if columns:
        return columns
    try:
        return posix.get_terminal_size(2).columns or WIDTH
    except OSError:
        return WIDTH


def menu(items: list[str], width: int) -> str:
    """The items with their numbers, in columns as bash has them, without the last newline."""
    digits = len(str(len(items)))
    lengths = [len(item) for item in items]
    column = max(lengths) + digits + 4          # `10) item  `
    rows = -(-len(items) // max(width // column, 1))
    if rows == 1:
        rows = len(items)
    lines = []
    for row in range(rows):
        line = ''
        end = start = 0                 # of what has been written, of the column
        for index in range(row, len(items), rows):
            line += _gap(end, start)
            number = str(index + 1).rjust(len(str(rows)) if index == row else digits)
            line += f'{number}) {items[index]}'
            end = start + len(number) + 2 + lengths[index]
            start += column
        lines.append(line)
    return '\n'.join(lines)


def _gap(start: int, end: int) -> str:
    """Tabs and blanks from one column to another."""
    tabs = end // TAB - start // TAB
    if tabs <= 0:
        return ' ' * (end - start)
    return '\t' * tabs + ' ' * (end % TAB)
