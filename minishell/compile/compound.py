"""Compound commands -> actions (XCU 2.9.3, 2.9.4) and function definitions (2.9.5)."""
from __future__ import annotations

from minishell.builtins.registry import is_special
from minishell.compile.command import compile_command, compile_list
from minishell.compile.pipelines import compile_asynchronous, compile_pipeline
from minishell.compile.simple import load_builtins_of
from minishell.compile.subshell import may_run_here, needs_of
from minishell.compile.words import (
    compile_all_fields,
    compile_pattern_text,
    compile_text,
    static_pattern,
)
from minishell.errors import (
    Break,
    Continue,
    FatalError,
    RedirectionError,
    ResourceError,
    ShellError,
)
from minishell.run.commands import finish
from minishell.run.processes import fork_child, wait_foreground
from minishell.run.subshell import run_here
from minishell.state.shell import INLINED, NEVER, Function
from minishell.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.compile.hot import Turns, TurnsOver
    from minishell.state.shell import Action, Shell
    from minishell.syntax.source import Source

    Matcher = Callable[[Shell, str], bool]


def deferred(node: nodes.Command, source: Source, tail: bool) -> Action:
    """Action that is compiled by its first run: most branches of a script never run."""
    action: Action | None = None

    def run(shell: Shell) -> int:
        nonlocal action
        if action is None:
            action = compile_command(node, source, tail)
        return action(shell)
    return run


def compile_and_or(node: nodes.AndOrList, source: Source, tail: bool) -> Action:
    """Action: && and ||, left to right; only the last may trigger `set -e`."""
    first = compile_command(node.pipelines[0], source)
    last = len(node.pipelines) - 1
    rest = [(operator == '&&', deferred(pipeline, source, tail and index == last),
             index == last)
            for index, (operator, pipeline) in enumerate(
                zip(node.operators, node.pipelines[1:], strict=True), 1)]

    def run(shell: Shell) -> int:
        shell.condition_depth += 1
        inside = True
        try:
            status = shell.status = first(shell)
            for wants_success, pipeline, is_last in rest:
                if shell.pending:
                    shell.run_pending_traps()
                if (status == 0) is wants_success:
                    if is_last:
                        shell.condition_depth -= 1
                        inside = False
                    status = shell.status = pipeline(shell)
        finally:
            if inside:
                shell.condition_depth -= 1
        return status
    return run


def compile_brace_group(node: nodes.BraceGroup, source: Source, tail: bool) -> Action:
    """Action: { list; } (XCU 2.9.4.1)."""
    return compile_list(node.body, source, tail)


def compile_subshell(node: nodes.Subshell, source: Source, tail: bool) -> Action:
    """Action: ( list ) in a child; in place where the process ends with it anyway."""
    line = source.line_of(node.pos)
    body: Action | None = None          # for a child, and for here: each as it is needed,
    here: Action | None = None          # or what is nested would be compiled at each level
    needs: frozenset[str] | None = None
    analysed = loaded = False

    def text() -> str:
        from minishell.syntax.unparse import unparse
        return unparse(node, one_line=True)

    def run(shell: Shell) -> int:
        nonlocal body, here, needs, analysed, loaded
        if tail and shell.subshell and shell.may_replace_process():
            shell.traps.enter_subshell()
            return compile_list(node.body, source, True)(shell)
        if not analysed:
            needs = needs_of(node.body)
            analysed = True
        if needs is not None and may_run_here(shell, needs):
            if here is None:
                here = compile_list(node.body, source)
            return finish(shell, run_here(shell, here))
        if body is None:
            body = compile_list(node.body, source, True)
        if not loaded:
            load_builtins_of(node)
            loaded = True
        launch = shell.launch(True)
        shell.line = line
        try:
            pid = fork_child(shell, body, launch)
        except ResourceError as error:
            shell.report(error)
            return finish(shell, error.status)
        return finish(shell, wait_foreground(shell, [pid], launch, text)[0])
    return run


def compile_redirected(node: nodes.RedirectedCommand, source: Source, tail: bool) -> Action:
    """Action: a compound command with redirections, undone afterwards."""
    from minishell.compile.read_ahead import names_of, of_file, reads_own_file
    from minishell.compile.redirections import compile_redirections
    from minishell.run.redirections import apply
    command = compile_command(node.command, source)
    specs = compile_redirections(node.redirections, source)
    reading = None
    if reads_own_file(node.redirections):
        reading = names_of(node.command)

    def run(shell: Shell) -> int:
        outer = shell.ahead
        try:
            saved = apply(shell, specs(shell))
        except RedirectionError as error:
            shell.report(error)
            return finish(shell, error.status)
        try:
            shell.ahead = None if reading is None else of_file(shell, reading)
            return command(shell)
        except ShellError as error:
            shell.report(error)         # while standard error is what it was there
            raise
        finally:
            shell.ahead = outer
            shell.descriptors.undo(saved)
    return run


def compile_condition(node: nodes.CommandList, source: Source) -> Action:
    """Action: a condition, whose failure `set -e` does not look at."""
    condition = deferred(node, source, False)

    def run(shell: Shell) -> int:
        shell.condition_depth += 1
        try:
            return condition(shell)
        finally:
            shell.condition_depth -= 1
    return run


def compile_if(node: nodes.IfClause, source: Source, tail: bool) -> Action:
    """Action: if … fi (XCU 2.9.4.4); 0 if no branch was taken."""
    branches = [(compile_condition(condition, source), deferred(body, source, tail))
                for condition, body in node.branches]
    otherwise = None if node.otherwise is None else deferred(node.otherwise, source, tail)

    def run(shell: Shell) -> int:
        for condition, body in branches:
            if condition(shell) == 0:
                return body(shell)
        return 0 if otherwise is None else otherwise(shell)
    return run


def breakable(turns: Action) -> Action:
    """Action: a loop, given what runs its turns; break leaves it with status 0."""
    def run(shell: Shell) -> int:
        shell.loop_depth += 1
        try:
            return turns(shell)
        except Break as leave:
            return leave.leave_loop()
        finally:
            shell.loop_depth -= 1
    return run


def continued(shell: Shell, leave: Continue) -> int:
    """The status of a turn that `continue` has ended; raises it anew for an outer loop.

    A checkpoint, too: `while continue` never comes to the end of a list.
    """
    if leave.levels > 1:
        raise Continue(leave.levels - 1) from None
    if shell.pending:
        shell.run_pending_traps()
    return 0


def compile_while(node: nodes.WhileClause | nodes.UntilClause, source: Source,
                  tail: bool) -> Action:
    """Action: while and until (XCU 2.9.4.5, 2.9.4.6); 0 if the body never ran."""
    condition = compile_condition(node.condition, source)
    body = compile_list(node.body, source)
    until = isinstance(node, nodes.UntilClause)
    made = 0            # turns, of all times that the loop was run
    hot: Turns | None = None

    def turns(shell: Shell) -> int:
        nonlocal made, hot
        status = 0
        while True:
            if made >= shell.hot:
                from minishell.compile.hot import compile_hot_turns
                made, hot = NEVER, compile_hot_turns(node, source, shell)
            if hot is not None:
                return hot(shell, status)
            try:
                while (condition(shell) == 0) is not until:
                    status = body(shell)
                    made += 1
                    if made >= shell.hot:
                        break
                else:
                    return status
            except Continue as leave:
                made += 1
                status = continued(shell, leave)
    return breakable(turns)


def compile_for(node: nodes.ForClause, source: Source, tail: bool) -> Action:
    """Action: for … done (XCU 2.9.4.2)."""
    name = node.name
    words = None if node.words is None else compile_all_fields(node.words, source)
    body = compile_list(node.body, source)
    line = source.line_of(node.pos)
    made = 0
    hot: TurnsOver | None = None

    def turns(shell: Shell) -> int:
        nonlocal made, hot
        shell.line = line
        values: list[str] = []
        if words is None:
            values += shell.positional
        else:
            for fields in words:
                fields(shell, values)
        status = 0
        made += len(values)
        if made >= shell.hot:
            from minishell.compile.hot import compile_hot_turns_over
            made, hot = NEVER, compile_hot_turns_over(node, source, shell)
        if hot is not None:
            return hot(shell, values, status)
        for value in values:
            if shell.options.xtrace:
                shell.trace(f'for {name} in {shown_words(node)}')
            try:
                shell.variables.assign(name, value)
                status = body(shell)
            except Continue as leave:
                status = continued(shell, leave)
        return status
    return breakable(turns)


def shown_words(node: nodes.ForClause) -> str:
    """The words of `for` and `select` as `set -x` shows them."""
    from minishell.syntax.unparse import unparse
    return '"$@"' if node.words is None else ' '.join(map(unparse, node.words))


def compile_case(node: nodes.CaseClause, source: Source, tail: bool) -> Action:
    """Action: case … esac (XCU 2.9.4.3); ;& goes on with the next body,
    bash's ;;& with the patterns behind."""
    word = compile_text(node.word, source)
    items = [([compile_matcher(pattern, source) for pattern in item.patterns],
              deferred(item.body, source, tail and item.terminator == ';;'),
              item.terminator)
             for item in node.items]
    line = source.line_of(node.pos)

    def run(shell: Shell) -> int:
        shell.line = line
        shell.substitution_status = 0
        if shell.options.xtrace:
            from minishell.syntax.unparse import unparse
            shell.trace(f'case {unparse(node.word)} in')
        value = word(shell)
        status = 0
        falls = False
        for matchers, body, terminator in items:
            for matches in matchers:
                if falls or matches(shell, value):
                    status = body(shell)
                    if terminator == ';;':
                        return status
                    falls = terminator == ';&'
                    break
        return status
    return run


def compile_matcher(word: nodes.Word, source: Source) -> Matcher:
    """Whether a string matches a pattern of case; a constant one is compiled once."""
    from minishell.expand.pattern import compile_pattern
    static = static_pattern(word.parts)
    if static is not None:
        matches = compile_pattern(static).matches
        return lambda shell, value: matches(value) \
            if not shell.odd_matching or value.isascii() and not shell.nocasematch \
            else match_oddly(shell, static, value)
    text = compile_pattern_text(word, source)
    return lambda shell, value: compile_pattern(text(shell)).matches(value) \
        if not shell.odd_matching or value.isascii() and not shell.nocasematch \
        else match_oddly(shell, text(shell), value)


def match_oddly(shell: Shell, pattern: str, value: str) -> bool:
    """The same where characters are bytes, or case is the same (`shopt -s nocasematch`); the
    module is loaded by the first."""
    from minishell.expand.characters import matches
    if shell.nocasematch:
        pattern, value = pattern.lower(), value.lower()
    return matches(pattern, value, shell.bytewise)


def _heat(function: Function, shell: Shell) -> None:
    from minishell.compile.hot import compile_hot_function
    function.run = compile_hot_function(function, shell) or function.run


def compile_function(node: nodes.FunctionDefinition, source: Source,
                     tail: bool) -> Action:
    """Action: define a function; its body is compiled by the first call."""
    name = node.name
    special = is_special(name)
    line = source.line_of(node.pos) if special else 0
    def first(shell: Shell) -> int:
        defined.run = body = compile_command(node.body, source)
        return body(shell)

    # The same each time: what is compiled stays so.
    defined = Function(node, source, first, _heat)
    def run(shell: Shell) -> int:
        if special and not shell.as_bash('function names'):     # never called (XCU 2.9.1.4)
            shell.line = line
            raise FatalError(f"`{name}': is a special builtin", 2)
        shell.functions[name] = defined
        if name in INLINED:
            shell.look_plain()
        return 0
    return run


def compile_extended(node: nodes.Command, source: Source, tail: bool) -> Action:
    """Action: a compound command that only bash has."""
    from minishell.compile.extended import EXTENDED
    return EXTENDED[type(node)](node, source)


COMPILERS: dict[type, Callable[..., Action]] = {
    nodes.AndOrList: compile_and_or,
    nodes.Pipeline: compile_pipeline,
    nodes.AsynchronousList: compile_asynchronous,
    nodes.RedirectedCommand: compile_redirected,
    nodes.BraceGroup: compile_brace_group,
    nodes.Subshell: compile_subshell,
    nodes.IfClause: compile_if,
    nodes.WhileClause: compile_while,
    nodes.UntilClause: compile_while,
    nodes.ForClause: compile_for,
    nodes.CaseClause: compile_case,
    nodes.FunctionDefinition: compile_function,
    nodes.ConditionalCommand: compile_extended,
    nodes.ArithmeticCommand: compile_extended,
    nodes.ArithmeticFor: compile_extended,
    nodes.FileText: compile_extended,
    nodes.TimedPipeline: compile_extended,
    nodes.SubstitutingCommand: compile_extended,
    nodes.MalformedText: compile_extended,
    nodes.SelectClause: compile_extended,
    nodes.UnsupportedCommand: compile_extended,
}
