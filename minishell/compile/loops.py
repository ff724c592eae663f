"""Loops -> actions (XCU 2.9.4): while, until, for, and the `for ((…))` of bash."""
from __future__ import annotations

from minishell.compile.compound import compile_condition, misnamed
from minishell.compile.words import compile_all_fields
from minishell.errors import AssignmentError, Continue
from minishell.run.loops import (
    NoNumber,
    begin_turn,
    breakable,
    continued,
    counting,
    leave_readonly,
)
from minishell.state.shell import NEVER
from minishell.status import keeping
from minishell.syntax import nodes
from minishell.syntax.names import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.compile.compiler import Compiler
    from minishell.compile.hot import Turns, TurnsOver
    from minishell.state.shell import Action, Shell


def compile_while(node: nodes.WhileClause | nodes.UntilClause, compiler: Compiler,
                  tail: bool) -> Action:
    """Action: while and until (XCU 2.9.4.5, 2.9.4.6); 0 if the body never ran."""
    condition = compile_condition(node.condition, compiler)
    body = compiler.list(node.body)
    until = isinstance(node, nodes.UntilClause)
    made = 0            # turns, of all times that the loop was run
    hot: Turns | None = None

    def turns(shell: Shell) -> int:
        nonlocal made, hot
        status = 0
        while True:
            if made >= shell.hot:
                from minishell.compile.hot import compile_hot_turns
                made, hot = NEVER, compile_hot_turns(node, compiler, shell)
            if hot is not None:
                return hot(shell, status)
            try:
                while ((decided := condition(shell)) == 0) is not until:
                    status = body(shell)
                    made += 1
                    if made >= shell.hot:
                        break
                else:
                    return keeping(decided, status)
            except Continue as leave:
                made += 1
                status = continued(shell, leave)
    return breakable(turns)


def compile_for(node: nodes.ForClause, compiler: Compiler, tail: bool) -> Action:
    """Action: for … done (XCU 2.9.4.2)."""
    name = node.name
    if not is_name(name):
        return misnamed(node, compiler)
    words = None if node.words is None else compile_all_fields(node.words, compiler)
    body = compiler.list(node.body)
    at = compiler.at(node)
    made = 0
    hot: TurnsOver | None = None

    def turns(shell: Shell) -> int:
        nonlocal made, hot
        shell.at = at
        status = keeping(shell.status, 0)
        values: list[str] = []
        if words is None:
            values += shell.positional
        else:
            for fields in words:
                fields(shell, values)
        made += len(values)
        if made >= shell.hot:
            from minishell.compile.hot import compile_hot_turns_over
            made, hot = NEVER, compile_hot_turns_over(node, compiler, shell)
        if hot is not None:
            return hot(shell, values, status)
        for value in values:
            try:
                if not shell.watched:
                    try:
                        shell.variables.assign_turn(name, value)
                    except AssignmentError as error:
                        leave_readonly(shell, error)
                elif not begin_turn(shell, node, at, value):
                    continue
                status = body(shell)
            except Continue as leave:
                status = continued(shell, leave)
        return status
    return breakable(turns)


def compile_arithmetic_for(node: nodes.ArithmeticFor, compiler: Compiler,
                           tail: bool) -> Action:
    """Action: `for ((…))`; a condition left out is true."""
    from minishell.compile.numbers import (
        as_command,
        asks_for_line,
        compile_watched_number,
        left_out,
    )
    at = compiler.at(node)
    first, condition, following = [
        counting(compile_watched_number(as_command(parts, node.pos), compiler),
                 at if asks_for_line(parts) else None)
        if parts else None for parts in node.expressions]
    missing = left_out(node, compiler)
    body = compiler.list(node.body)
    made = 0            # turns, of all times that the loop was run
    hot: Turns | None = None

    def turns(shell: Shell) -> int:
        nonlocal made, hot
        shell.at = at
        status = keeping(shell.status, 0)
        try:
            if first is not None:
                first(shell)
            elif shell.watched:
                missing(shell)
            while condition(shell) if condition is not None else \
                    not shell.watched or missing(shell):
                try:
                    status = body(shell)
                except Continue as leave:
                    status = continued(shell, leave)
                made += 1
                if made >= shell.hot:
                    from minishell.compile.hot import compile_hot_turns_counted
                    made, hot = NEVER, compile_hot_turns_counted(node, compiler, shell)
                if hot is not None:
                    return hot(shell, status)
                if following is not None:
                    following(shell)
                elif shell.watched:
                    missing(shell)
        except NoNumber:
            return 1
        return status
    return breakable(turns)
