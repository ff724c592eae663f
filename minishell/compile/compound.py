"""Compound commands -> actions (XCU 2.9.3, 2.9.4) and function definitions (2.9.5)."""
from __future__ import annotations

from minishell.builtins.registry import is_special
from minishell.compile.simple import load_builtins_of
from minishell.compile.subshell import may_run_here, needs_of
from minishell.compile.words import compile_text
from minishell.errors import FatalError, RedirectionError, ResourceError, ShellError
from minishell.run.commands import finish
from minishell.run.processes import COPIED, SUBSHELL, fork_child, wait_foreground
from minishell.run.subshell import run_here
from minishell.state.attributes import EXPORT
from minishell.state.shell import INLINED, Function
from minishell.status import keeping
from minishell.syntax import nodes

UNNAMEABLE = frozenset('"\'\\$')       # no function's name has these

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.compile.compiler import Compiler
    from minishell.state.shell import Action, Shell


def compile_and_or(node: nodes.AndOrList, compiler: Compiler, tail: bool) -> Action:
    """Action: && and ||, left to right; only the last may trigger `set -e`."""
    first = compiler.command(node.pipelines[0])
    last = len(node.pipelines) - 1
    rest = [(operator == '&&', compiler.deferred(pipeline, tail and index == last),
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


def compile_brace_group(node: nodes.BraceGroup, compiler: Compiler, tail: bool) -> Action:
    """Action: { list; } (XCU 2.9.4.1)."""
    return compiler.list(node.body, tail)


def compile_subshell(node: nodes.Subshell, compiler: Compiler, tail: bool,
                     whole: nodes.RedirectedCommand | None = None) -> Action:
    """Action: ( list ) in a child; in place where the process ends with it anyway.  `whole`:
    with redirections, by whom the failure is seen to, too."""
    at = compiler.at(whole or node)
    # Compiled for a child, and for this process, when first needed: both at once would compile
    # what is nested twice at each level.
    body: Action | None = None
    here: Action | None = None
    needs: frozenset[str] | None = None
    analysed = loaded = False

    def run(shell: Shell) -> int:
        nonlocal body, here, needs, analysed, loaded
        if tail and ends_with(shell):
            return run_to_end(shell, node, compiler)
        if not analysed:
            needs = needs_of(node.body, compiler.source.text[node.pos:node.end])
            analysed = True
        if needs is not None and may_run_here(shell, needs):
            if here is None:
                here = compiler.list(node.body)
            if shell.events is not None:
                shell.events.tell('none', start=COPIED, what=(node, compiler.source))
            status = run_here(shell, here)
            if status and whole is None:
                shell.at = at
                finish(shell, status)
            return status
        if body is None:
            body = in_copy(compiler.list(node.body, True))
        if not loaded:
            load_builtins_of(node)
            loaded = True
        launch = shell.launch(True)
        shell.at = at
        try:
            begun = fork_child(shell, body, launch, SUBSHELL, (node, compiler.source))
        except ResourceError as error:
            shell.report(error)
            return error.status if whole else finish(shell, error.status)
        status = wait_foreground(shell, [begun], launch)[0]
        return status if whole else finish(shell, status)
    return run


def ends_with(shell: Shell) -> bool:
    """Whether this process, that of a job or a stage, may be that of its last command."""
    return bool(shell.subshell) and shell.may_replace_process()


def run_to_end(shell: Shell, node: nodes.Subshell, compiler: Compiler) -> int:
    """Be the subshell, up to this process's end."""
    shell.traps.enter_subshell(shell.options)
    shell.subshells += 1
    return compiler.list(node.body, True)(shell)


def in_copy(commands: Action) -> Action:
    """Action: what a subshell's process runs."""
    from minishell.run.pipelines import leave_coprocesses

    def run(shell: Shell) -> int:
        leave_coprocesses(shell)
        return commands(shell)
    return run


def compile_redirected(node: nodes.RedirectedCommand, compiler: Compiler, tail: bool) -> Action:
    """Action: a compound command with redirections, undone afterwards."""
    from minishell.compile.read_ahead import names_of, of_file, reads_own_file
    from minishell.compile.redirections import compile_redirections
    from minishell.run.redirections import apply
    subshell = node.command if isinstance(node.command, nodes.Subshell) else None
    if subshell is not None:
        command = compile_subshell(subshell, compiler, False, node)
    else:
        command = compiler.command(node.command)
    at = compiler.at(node)
    specs = compile_redirections(node.redirections, compiler)
    reading = None
    if reads_own_file(node.redirections):
        reading = names_of(node.command)

    def run(shell: Shell) -> int:
        outer, status = shell.ahead, shell.status
        try:
            saved = apply(shell, specs(shell))
        except RedirectionError as error:
            shell.report(error)
            return finish(shell, keeping(status, error.status))
        if tail and subshell is not None and ends_with(shell):
            # kill $! is to end what ( … ) >f & runs; its EXIT trap has the redirections, too.
            shell.ahead = None if reading is None else of_file(shell, reading)
            return run_to_end(shell, subshell, compiler)
        try:
            shell.ahead = None if reading is None else of_file(shell, reading)
            status = command(shell)
        except ShellError as error:
            shell.report(error)         # while standard error is what it was there
            raise
        finally:
            shell.ahead = outer
            shell.descriptors.undo(saved)
        if subshell is not None and status:
            shell.at = at
            finish(shell, status)
        return status
    return run


def compile_condition(node: nodes.CommandList, compiler: Compiler) -> Action:
    """Action: a condition, whose failure `set -e` does not look at."""
    condition = compiler.deferred(node, False)

    def run(shell: Shell) -> int:
        shell.condition_depth += 1
        try:
            return condition(shell)
        finally:
            shell.condition_depth -= 1
    return run


def compile_if(node: nodes.IfClause, compiler: Compiler, tail: bool) -> Action:
    """Action: if … fi (XCU 2.9.4.4); 0 if no branch was taken."""
    branches = [(compile_condition(condition, compiler), compiler.deferred(body, tail))
                for condition, body in node.branches]
    otherwise = None if node.otherwise is None else compiler.deferred(node.otherwise, tail)

    def run(shell: Shell) -> int:
        for condition, body in branches:
            decided = condition(shell)
            if decided == 0:
                return body(shell)
        return keeping(decided, 0) if otherwise is None else otherwise(shell)
    return run


def compile_case(node: nodes.CaseClause, compiler: Compiler, tail: bool) -> Action:
    """Action: case … esac (XCU 2.9.4.3); ;& goes on with the next body,
    bash's ;;& with the patterns behind."""
    from minishell.compile.patterns import compile_matcher
    word = compile_text(node.word, compiler)
    items = [([compile_matcher(pattern, compiler) for pattern in item.patterns],
              compiler.deferred(item.body, tail and item.terminator == ';;'),
              item.terminator)
             for item in node.items]
    at = compiler.at(node)

    def run(shell: Shell) -> int:
        shell.at = at
        shell.substitution_status = 0
        if shell.watched:
            from minishell.run.tracing import show
            from minishell.run.watching import before
            from minishell.syntax.unparse import unparse
            show(shell, f'case {unparse(node.word)} in')
            if not before(shell, at):
                return 0
        last_status = shell.status
        value = word(shell)
        status: int | None = None
        falls = False
        for matchers, body, terminator in items:
            for matches in matchers:
                if falls or matches(shell, value):
                    status = body(shell)
                    if terminator == ';;':
                        return status
                    falls = terminator == ';&'
                    break
        return keeping(last_status, 0) if status is None else status
    return run


def misnamed(node: nodes.ForClause | nodes.FunctionDefinition, compiler: Compiler) -> Action:
    """Action: say that a name is none, as bash does when it comes to it."""
    at = compiler.at(node)

    def run(shell: Shell) -> int:
        shell.at = at
        shell.warn(f"`{node.name}': not a valid identifier")
        return 1
    return run


def compile_function(node: nodes.FunctionDefinition, compiler: Compiler,
                     tail: bool) -> Action:
    """Action: define a function; its body is compiled by the first call."""
    name = node.name
    if not UNNAMEABLE.isdisjoint(name):
        return misnamed(node, compiler)
    special = is_special(name)

    def first(shell: Shell) -> int:
        defined.run = body = compiler.command(node.body)
        return body(shell)

    def heat(function: Function, shell: Shell) -> None:
        from minishell.compile.hot import compile_hot_function
        function.run = compile_hot_function(node.body, compiler, shell) or function.run

    # The same each time: what is compiled stays so.
    defined = Function(node, compiler.source, first, heat)

    def run(shell: Shell) -> int:
        if special and not shell.as_bash('function names'):     # never called (XCU 2.9.1.4)
            shell.at = compiler.at(node)
            raise FatalError(f"`{name}': is a special builtin", 2)
        if name in shell.variables.functions:
            from minishell.run.functions import redefine
            return redefine(shell, name, lambda: shell.functions.update({name: defined}))
        shell.functions[name] = defined
        if name in INLINED:
            shell.look_plain()
        if shell.options.allexport:
            from minishell.run.functions import mark
            mark(shell, name, EXPORT)
        return keeping(shell.status, 0)
    return run
