"""Simple commands -> actions (XCU 2.9.1): assignments, words, redirections, dispatch."""
from __future__ import annotations

import sys

from minishell.builtins.registry import BUILTINS, DECLARING, SPECIAL
from minishell.compile.words import (
    compile_all_fields,
    compile_one_fields,
    compile_parts_text,
    compile_text,
    may_have_braces,
)
from minishell.errors import (
    AssignmentError,
    BuiltinError,
    Exit,
    ExpansionError,
    Interrupted,
    RedirectionError,
    ResourceError,
    Return,
    ShellError,
    ShellSyntaxError,
)
from minishell.state.shell import NEVER
from minishell.state.variables import EXPORT
from minishell.syntax.names import assignment_of
from minishell.syntax.nodes import DoubleQuoted, ParameterExpansion, SimpleCommand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.compile.redirections import Spec, Specs
    from minishell.compile.words import Fields, Text
    from minishell.state.shell import Action, Function, Shell
    from minishell.syntax.nodes import Assignment, Node, Part, Word
    from minishell.syntax.source import Source

    Builtin = Callable[[Shell, list[str]], int]
    Assignments = list[tuple[str, Text]]

RUNNING = frozenset(('exec', 'eval', '.', 'source'))     # what they run gets `X=1 exec`'s X
DIRECT = frozenset(('echo', 'printf', 'read'))          # see redirections.run_directly
CONDITIONS = frozenset(('[', 'test'))
_loaded: dict[str, Builtin] = {}        # built-in utilities whose module is loaded


def load_builtin(name: str) -> Builtin:
    """The function of a built-in utility; its module is imported by the first use."""
    run = _loaded.get(name)
    if run is None:
        _, module, function = BUILTINS[name]
        package = __import__('minishell.builtins.' + module, fromlist=[function])
        run = _loaded[name] = getattr(package, function)
    return run


def load_builtins_of(node: Node) -> None:
    """Import the built-in utilities that a command names, before a fork: what a child
    imports is lost with it, and `$(echo)` in a loop would import echo at every turn."""
    for command in node.walk():
        if type(command) is SimpleCommand and command.words:
            name = command.words[0].literal()
            if name in BUILTINS:
                load_builtin(name)


# -- compiling ------------------------------------------------------------------------


def compile_simple(node: SimpleCommand, source: Source, tail: bool = False) -> Action:
    """Action: a simple command.  `tail`: an external utility may replace the process."""
    line = source.line_of(node.pos)
    assignments = compile_assignments(node.assignments, source)
    specs: Specs | None = None
    if node.redirections:
        from minishell.compile.redirections import compile_redirections
        specs = compile_redirections(node.redirections, source)
    if not node.words:
        rest = appended(node.assignments[0]) if len(assignments) == 1 and not specs else ()
        more = (assignments[0][0], compile_parts_text(rest, source, False)) if rest else None
        return _compile_no_words(line, assignments, specs, more)
    words = compile_arguments(node.words, source)

    def text() -> str:
        from minishell.syntax.unparse import unparse
        return unparse(node, one_line=True)

    if assignments or specs is not None:
        def run(shell: Shell) -> int:
            shell.line = line
            argv: list[str] = []
            shell.substitution_status = 0
            for fields in words:
                fields(shell, argv)
            redirections: list[Spec] = []
            if specs is not None:
                try:
                    redirections = specs(shell)
                except ExpansionError as error:
                    # As if expanded in the child: costs an external utility only itself.
                    if not argv or argv[0] in BUILTINS or argv[0] in shell.functions:
                        raise
                    shell.report(error)
                    return finish(shell, error.status)
            if not argv:
                return no_name(shell, assignments, redirections)
            return finish(shell, dispatch(shell, argv, assignments, redirections, tail,
                                          text))
        return run

    def run_plain(shell: Shell) -> int:
        shell.line = line
        argv: list[str] = []
        for fields in words:
            fields(shell, argv)
        if not argv:
            return no_name(shell, assignments, [])
        return finish(shell, dispatch(shell, argv, assignments, (), tail, text))

    def run_empty_possible(shell: Shell) -> int:
        shell.substitution_status = 0
        return run_plain(shell)
    name = node.words[0].literal()
    if name in CONDITIONS and (name == 'test' or node.words[-1].literal() == ']'):
        return _compile_condition(name, line, words, run_plain)
    if name in BUILTINS and name != 'exec':
        return _compile_builtin(name, line, words, run_plain)
    return run_empty_possible if name is None else run_plain


def _compile_builtin(name: str, line: int, words: list[Fields], otherwise: Action) -> Action:
    """Action: a built-in utility called by its name, unless a function hides it."""
    special = BUILTINS[name][0] == SPECIAL
    words = words[1:]

    def run(shell: Shell) -> int:
        if name in shell.functions or shell.options.xtrace:
            return otherwise(shell)
        shell.line = line
        argv = [name]
        for fields in words:
            fields(shell, argv)
        status = call_builtin(shell, _loaded.get(name) or load_builtin(name), argv, special)
        return finish(shell, status) if status else 0
    return run


def _compile_condition(name: str, line: int, words: list[Fields], otherwise: Action) -> Action:
    """Action: `[` or `test`, the usual conditions without a call of the utility: a loop
    counting with `[` and `$((…))` takes 0.7 of the time."""
    words = words[1:-1] if name == '[' else words[1:]
    last = ']' if name == '[' else ''
    closing = [last] if last else []
    known: Callable[[list[str]], int] | None = None

    def run(shell: Shell) -> int:
        nonlocal known
        if name in shell.functions or shell.options.xtrace:
            return otherwise(shell)
        if known is None:
            load_builtin(name)
            known = sys.modules['minishell.builtins.testing'].decide
        shell.line = line
        operands: list[str] = []
        for fields in words:
            fields(shell, operands)
        status = known(operands)
        if status < 0:
            status = call_builtin(shell, load_builtin(name), [name, *operands, *closing], False)
        else:
            shell.variables.values['_'] = last or (operands[-1] if operands else name)
        return finish(shell, status) if status else 0
    return run


def _compile_no_words(line: int, assignments: Assignments, specs: Specs | None,
                      more: tuple[str, Text] | None) -> Action:
    def run(shell: Shell) -> int:
        shell.line = line
        shell.substitution_status = 0
        expanded: list[Spec] = []
        if specs is not None:           # redirected in a subshell environment (XCU 2.9.1.3)
            variables = shell.variables.fork()
            try:
                expanded = specs(shell)
            finally:
                shell.variables.join(variables)
        return no_name(shell, assignments, expanded)

    if more is not None:
        appending, rest = more

        def append(shell: Shell) -> int:
            if shell.options.xtrace or shell.options.nounset:
                return run(shell)
            shell.line = line
            shell.substitution_status = 0
            shell.variables.append(appending, rest(shell))
            shell.variables.values['_'] = ''
            return 0
        return append
    if len(assignments) == 1 and specs is None:
        name, text = assignments[0]

        def run_one(shell: Shell) -> int:
            if shell.options.xtrace:
                return run(shell)
            shell.line = line
            shell.substitution_status = 0
            shell.variables.assign(name, text(shell))
            shell.variables.values['_'] = ''
            status = shell.substitution_status
            return finish(shell, status) if status else 0
        return run_one
    return run


def compile_assignments(nodes: Sequence[Assignment], source: Source) -> Assignments:
    """Name and text closure of each assignment."""
    return [(node.name, compile_text(node.value, source) if node.name.isidentifier()
             else _no_array(node)) for node in nodes]


def _no_array(node: Assignment) -> Text:
    def text(shell: Shell) -> str:
        raise ExpansionError(f'{node.name}: arrays are not supported', 2)
    return text


def appended(node: Assignment) -> Sequence[Part]:
    """What `x+=text` or `x=$x…` puts behind the variable's value; none where it is not that,
    or could change the variable itself."""
    first, *rest = node.value.parts or (None,)
    if type(first) is not ParameterExpansion or first.parameter != node.name \
            or first.operator and (first.operator != '-' or first.word and first.word.parts):
        return ()
    return rest if all(map(is_plain, rest)) else ()


def is_plain(part: Part) -> bool:
    """Whether nothing depends on how often, or when, a part of a word is expanded."""
    if type(part) is DoubleQuoted:
        return all(map(is_plain, part.parts))
    return type(part) is ParameterExpansion and not part.operator or hasattr(part, 'text')


def compile_arguments(words: Sequence[Word], source: Source) -> list[Fields]:
    """The words of a command; behind a declaration utility those that look like
    assignments are expanded like them (XCU 2.9.1.1)."""
    index = 0
    while words[index].literal() == 'command' and index + 1 < len(words):
        index += 1
    if words[index].literal() not in DECLARING:
        return compile_all_fields(words, source)
    closures = compile_all_fields(words[:index + 1], source)
    for word in words[index + 1:]:
        if may_have_braces(word):
            from minishell.compile.braces import compile_braces
            closures.append(compile_braces(word, source, _compile_declaring))
        else:
            closures.append(_compile_declaring(word, source))
    return closures


def _compile_declaring(word: Word, source: Source) -> Fields:
    assignment = assignment_of(word)
    if assignment is None:
        return compile_one_fields(word, source)
    name, text = assignment.name, compile_text(assignment.value, source)
    return lambda shell, out: out.append(f'{name}={text(shell)}')


# -- running --------------------------------------------------------------------------


def finish(shell: Shell, status: int) -> int:
    """The end of a command whose failure `set -e` looks at."""
    if status and shell.options.errexit and not shell.condition_depth:
        shell.status = status
        raise Exit(status)
    return status


def dispatch(shell: Shell, argv: list[str], assignments: Assignments,
             redirections: Sequence[Spec], tail: bool, text: Callable[[], str]) -> int:
    """Run expanded words: a function, a built-in or an external utility (XCU 2.9.1.4)."""
    name = argv[0]
    function = shell.functions.get(name)
    if shell.options.xtrace:
        from minishell.compile.tracing import trace
        assignments = trace(shell, assignments, argv)
    try:
        if function is not None:
            if not assignments and not redirections:
                return call_function(shell, function, argv)
            return surrounded(shell, assignments, redirections,
                              lambda: call_function(shell, function, argv))
        if name in BUILTINS:
            special = BUILTINS[name][0] == SPECIAL
            run = load_builtin(name)
            if not assignments and not redirections:
                return call_builtin(shell, run, argv, special)
            if special:
                return run_special(shell, run, argv, assignments, redirections)
            if name in DIRECT and not assignments and len(redirections) == 1:
                from minishell.compile.redirections import run_directly
                status = run_directly(shell, run, argv, redirections[0])
                if status >= 0:
                    return status
            return surrounded(shell, assignments, redirections,
                              lambda: call_builtin(shell, run, argv, False))
        from minishell.compile.processes import run_program
        if not assignments:
            return run_program(shell, argv, shell.variables.environment(),
                               list(redirections), tail, text)
        environment = child_environment(shell, assignments)
        if 'PATH' in environment and any(name == 'PATH' for name, _ in assignments):
            from minishell.compile.tracing import constants
            expanded = constants(assignments, environment)      # each once only
            return surrounded(shell, expanded, (), lambda: run_program(
                shell, argv, environment, list(redirections), tail, text))
        return run_program(shell, argv, environment, list(redirections), tail, text)
    except (RedirectionError, ResourceError) as error:
        shell.report(error)
        return error.status
    finally:
        shell.keep_redirections = False     # `exec` without any keeps no other command's
        shell.variables.values['_'] = argv[-1]


def child_environment(shell: Shell, assignments: Assignments) -> dict[str, str]:
    """The environment of an external utility with assignments before it."""
    environment = dict(shell.variables.environment())
    shell.variables.push_scope()        # later values may refer to earlier ones
    try:
        for name, text in assignments:
            value = text(shell)
            shell.variables.assign_temporarily(name, value)
            environment[name] = value
    finally:
        shell.variables.pop_scope()
    return environment


def no_name(shell: Shell, assignments: Assignments, redirections: list[Spec]) -> int:
    """A command without a name: assignments stay, redirections are tried and undone."""
    if shell.options.xtrace and assignments:
        from minishell.compile.tracing import trace
        assignments = trace(shell, assignments, [])
    status = 0
    if redirections:
        from minishell.compile.redirections import apply
        try:
            shell.descriptors.undo(apply(shell, redirections))
        except RedirectionError as error:
            shell.report(error)
            status = error.status
    for name, text in assignments:
        shell.variables.assign(name, text(shell))
    shell.variables.values['_'] = ''
    return finish(shell, status or shell.substitution_status)


def surrounded(shell: Shell, assignments: Assignments, redirections: Sequence[Spec],
               run: Callable[[], int]) -> int:
    """Run a function or regular built-in with assignments and redirections in force for
    as long as it takes."""
    saved = None
    if redirections:
        from minishell.compile.redirections import apply
        saved = apply(shell, list(redirections))
    try:
        if not assignments:
            return run()
        variables = shell.variables
        variables.push_scope()
        try:
            for name, text in assignments:
                variables.assign_temporarily(name, text(shell))
            return run()
        finally:
            variables.pop_scope()
    except ShellError as error:
        if saved is not None:
            shell.report(error)         # while standard error is what it was there
        raise
    finally:
        if saved is not None:
            end_redirections(shell, saved)


def run_special(shell: Shell, run: Builtin, argv: list[str], assignments: Assignments,
                redirections: Sequence[Spec]) -> int:
    """A special built-in: assignments stay; a redirection error ends a script (2.8.1)."""
    saved = None
    if redirections:
        from minishell.compile.redirections import apply, run_directly
        try:
            if argv[0] == ':' and not assignments and len(redirections) == 1 \
                    and run_directly(shell, run, argv, redirections[0]) == 0:
                return 0
            saved = apply(shell, list(redirections))
        except RedirectionError as error:
            shell.report(error)
            if not shell.interactive:
                raise Exit(error.status) from None
            return error.status
    try:
        exported: list[str] = []
        for name, text in assignments:
            shell.variables.assign(name, text(shell))
            if argv[0] in RUNNING and not shell.variables.flags.get(name, 0) & EXPORT:
                shell.variables.add_flags(name, EXPORT)
                exported.append(name)
        status = call_builtin(shell, run, argv, True)
        for name in exported:
            shell.variables.clear_export(name)
        return status
    except ShellError as error:
        if saved is not None:
            shell.report(error)
        raise
    finally:
        if saved is not None:
            end_redirections(shell, saved)


def end_redirections(shell: Shell, saved: list[tuple[int, int]]) -> None:
    """Undo redirections, unless `exec` has made them permanent."""
    if shell.keep_redirections:
        shell.keep_redirections = False
        shell.descriptors.forget(saved)
    else:
        shell.descriptors.undo(saved)


def call_builtin(shell: Shell, run: Builtin, argv: list[str], special: bool) -> int:
    """Run a built-in utility; its errors end a script only if it is a special one."""
    out = shell.out
    try:
        status = run(shell, argv)
        if out.pieces:
            signals = shell.signals     # shell.at_once(out.flush), but this is done often
            signals.act = shell.act
            try:
                if signals.pending:
                    signals.act()
                out.flush()
            finally:
                signals.act = None
        shell.variables.values['_'] = argv[-1]
        return status
    except (Interrupted, Exit) as leave:
        if shell.signals.fatal or isinstance(leave, Interrupted):
            out.pieces.clear()          # half of what it wanted to say
        raise
    except BuiltinError as error:
        flush_quietly(shell)
        shell.warn(f'{argv[0]}: {error.message}')
        if special and not shell.interactive:
            raise Exit(error.status) from None
        return error.status
    except ResourceError as error:      # of `command program`
        shell.report(error)
        return error.status
    except AssignmentError as error:
        flush_quietly(shell)
        if special and not shell.interactive:
            raise
        shell.warn(f'{argv[0]}: {error.message}')
        return error.status
    except OSError as error:
        out.pieces.clear()
        shell.take_write_error(error)
        shell.warn(f'{argv[0]}: write error: {error.strerror}')
        return 1


def flush_quietly(shell: Shell) -> None:
    """Write what a built-in printed before it failed."""
    try:
        shell.at_once(shell.out.flush)
    except OSError as error:
        shell.out.pieces.clear()
        shell.take_write_error(error)


def call_function(shell: Shell, function: Function, argv: list[str]) -> int:
    """Call a function: its own positional parameters and local variables (XCU 2.9.5)."""
    run = function.run
    if run is None:
        from minishell.compile.command import compile_command
        run = function.run = compile_command(function.node.body, function.source)
    function.calls += 1
    if function.calls >= shell.hot:
        from minishell.compile.hot import compile_hot_function
        function.calls = NEVER
        run = function.run = compile_hot_function(function, shell) or run
    outer, loops = shell.positional, shell.loop_depth
    shell.positional = argv[1:]
    shell.loop_depth = 0
    shell.outer_loops += loops
    shell.function_depth += 1
    shell.variables.push_scope(True)
    try:
        return +run(shell)               # PIPESTATUS is about the call, not its pipelines
    except Return as leave:
        return leave.status
    finally:
        shell.variables.pop_scope()
        shell.function_depth -= 1
        shell.outer_loops -= loops
        shell.loop_depth = loops
        shell.positional = outer
        if shell.kept_options:
            shell.restore_options()
        shell.variables.values['_'] = argv[-1]


def run_plainly(shell: Shell, argv: list[str], tail: bool = False) -> int:
    """Run words as `command` does: no functions, no special treatment (XCU command)."""
    name = argv[0]
    if name in BUILTINS:
        try:
            return call_builtin(shell, load_builtin(name), argv, False)
        except ShellSyntaxError as error:       # of `command eval` or `command .`
            shell.report(error)
            return error.status
    from minishell.compile.processes import run_program
    return run_program(shell, argv, shell.variables.environment(), [], tail,
                       lambda: ' '.join(argv))
