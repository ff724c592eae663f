"""Simple commands, run: what their expanded words name, and around it (XCU 2.9.1)."""
from __future__ import annotations

from minishell.builtins.registry import BUILTINS, NUMBERED, RUNS, SPECIAL
from minishell.errors import (
    AssignmentError,
    Exit,
    RedirectionError,
    ResourceError,
    Return,
    ShellError,
    ShellSyntaxError,
    UnsetError,
)
from minishell.run.utilities import behind_path, call_builtin, ends_script, load_builtin
from minishell.state.attributes import EXPORT
from minishell.state.shell import NEVER
from minishell.status import alone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.run.redirections import Spec
    from minishell.state.shell import Action, Builtin, Function, Shell, Text

    Assignments = Sequence['Assigned']



class Assigned:
    """`name=text`, expanded when it is stored; arrays have others (`run/elements.py`)."""

    __slots__ = ('name', 'text')

    def __init__(self, name: str, text: Text) -> None:
        self.name = name
        self.text = text

    def store(self, shell: Shell) -> None:
        """Set the variable.  Raises AssignmentError."""
        shell.variables.assign(self.name, self.text(shell))

    def temporary(self, shell: Shell) -> str | None:
        """The value where it is for one command; None if there can be none."""
        return self.text(shell)

    def shown(self) -> str:
        """What `set -x` shows before the value."""
        return self.name + '='

    def with_text(self, text: Text) -> Assigned:
        """This assignment, of another text."""
        return Assigned(self.name, text)


class Appended(Assigned):
    """`name+=text` (bash)."""

    __slots__ = ()

    def store(self, shell: Shell) -> None:
        """Set the variable.  Raises AssignmentError."""
        shell.variables.append(self.name, self.text(shell))

    def temporary(self, shell: Shell) -> str:
        """The value where it is for one command."""
        return (shell.variables.get(self.name) or '') + self.text(shell)

    def shown(self) -> str:
        """What `set -x` shows before the value."""
        return self.name + '+='

    def with_text(self, text: Text) -> Assigned:
        """This assignment, of another text."""
        return Appended(self.name, text)


def finish(shell: Shell, status: int) -> int:
    """The end of a command whose failure `set -e` and the ERR trap look at."""
    if status and not shell.condition_depth:
        if shell.errors_trapped:
            from minishell.run.watching import failed
            failed(shell, status)
        if shell.options.errexit:
            shell.status = status
            raise Exit(shell.run_exit_trap(status, True))
    return status


def in_condition(shell: Shell, action: Action) -> int:
    """Run what `set -e` does not look at."""
    shell.condition_depth += 1
    try:
        return action(shell)
    finally:
        shell.condition_depth -= 1


def dispatch(shell: Shell, argv: list[str], assignments: Assignments,
             redirections: Sequence[Spec], tail: bool) -> int:
    """Run expanded words: a function, a built-in or an external utility (XCU 2.9.1.4)."""
    name = argv[0]
    function = shell.functions.get(name)
    try:
        if function is not None:
            if not assignments and not redirections:
                return call_function(shell, function, argv)
            return surrounded(shell, assignments, redirections,
                              lambda: call_function(shell, function, argv))
        if name in BUILTINS:
            row = BUILTINS[name]
            special = row.kind == SPECIAL
            run = load_builtin(name)
            if not assignments and not redirections:
                return call_builtin(shell, run, argv, special)
            if special and (not shell.bash or stays(shell, argv, assignments)):
                return run_special(shell, run, argv, assignments, redirections)
            if row.traits & NUMBERED and len(redirections) == 1:
                if not assignments:
                    return _run_numbered(shell, run, argv, redirections)
                if redirections[0][1] == '<<':
                    return surrounded(shell, assignments, (), lambda: _run_numbered(
                        shell, run, argv, redirections))
            return surrounded(shell, assignments, redirections,
                              lambda: call_builtin(shell, run, argv, special))
        if name[:1] == '%' and shell.options.monitor:       # a job, as in bash
            return dispatch(shell, ['fg', name], assignments, redirections, tail)
        course = behind_path(shell, name)
        if course is not None:
            return surrounded(shell, assignments, redirections,
                              lambda: call_builtin(shell, course, argv, False))
        from minishell.run.processes import run_program
        if not assignments:
            return run_program(shell, argv, shell.variables.environment(),
                               list(redirections), tail)
        environment = child_environment(shell, assignments)
        if 'PATH' in environment and any(each.name == 'PATH' for each in assignments):
            from minishell.run.tracing import constants
            expanded = constants(assignments, environment)      # each once only
            return surrounded(shell, expanded, (), lambda: run_program(
                shell, argv, environment, list(redirections), tail))
        return run_program(shell, argv, environment, list(redirections), tail)
    except (RedirectionError, ResourceError) as error:
        shell.report(error)
        return error.status
    finally:
        shell.keep_redirections = False     # `exec` without any keeps no other command's
        shell.variables.values['_'] = argv[-1]


def _run_numbered(shell: Shell, run: Builtin, argv: list[str],
                  redirections: Sequence[Spec]) -> int:
    """A built-in utility that can be told which descriptor to use, with its redirection."""
    from minishell.run.directly import run_directly
    status = run_directly(shell, run, argv, redirections[0])
    return status if status is not None else surrounded(
        shell, (), redirections, lambda: call_builtin(shell, run, argv, False))


def child_environment(shell: Shell, assignments: Assignments) -> dict[str, str]:
    """The environment of an external utility with assignments before it."""
    environment = dict(shell.variables.environment())
    shell.variables.push_scope()        # later values may refer to earlier ones
    try:
        for assigned in assignments:
            value = assigned.temporary(shell)
            if value is not None and assign_temporarily(shell, assigned.name, value):
                environment[assigned.name] = value
    finally:
        shell.variables.pop_scope()
    return environment


def assign_temporarily(shell: Shell, name: str, value: str) -> bool:
    """An assignment before a command; in bash mode one that fails costs only itself."""
    try:
        shell.variables.assign_temporarily(name, value)
    except AssignmentError as error:
        if not shell.as_bash('expansion errors'):
            raise
        from minishell.run.failures import tell
        tell(shell, error)
        return False
    return True


def no_name(shell: Shell, assignments: Assignments, redirections: list[Spec]) -> int:
    """A command without a name: assignments stay, redirections are tried and undone."""
    status = 0
    if redirections:
        from minishell.run.redirections import apply
        try:
            shell.descriptors.undo(apply(shell, redirections))
        except RedirectionError as error:
            shell.report(error)
            status = error.status
    for assigned in assignments:
        assigned.store(shell)
    shell.variables.values['_'] = ''
    return finish(shell, status or shell.substitution_status)


def stays(shell: Shell, argv: list[str], assignments: Assignments) -> bool:
    """Whether assignments before a special built-in stay: in bash mode only those to what
    `export` and `readonly` name."""
    if not shell.as_bash('special assignments'):
        return True
    named = [word.partition('=')[0] for word in argv[1:]]
    return argv[0] in ('export', 'readonly') and named[:1] != ['-n'] \
        and any(assigned.name in named for assigned in assignments)


def surrounded(shell: Shell, assignments: Assignments, redirections: Sequence[Spec],
               run: Callable[[], int]) -> int:
    """Run a function or regular built-in with assignments and redirections in force for
    as long as it takes; the former are expanded last (XCU 2.9.1.1), but in bash mode."""
    saved = None
    if assignments and redirections and shell.as_bash('assignments'):
        return surrounded(shell, assignments, (),
                          lambda: surrounded(shell, (), redirections, run))
    if redirections:
        from minishell.run.redirections import apply
        saved = apply(shell, list(redirections))
    try:
        if not assignments:
            return run()
        variables = shell.variables
        variables.push_scope()
        try:
            for assigned in assignments:
                value = assigned.temporary(shell)
                if value is not None:
                    assign_temporarily(shell, assigned.name, value)
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
        from minishell.run.directly import run_directly
        from minishell.run.redirections import apply
        try:
            if argv[0] == ':' and not assignments and len(redirections) == 1 \
                    and run_directly(shell, run, argv, redirections[0]) == 0:
                return 0
            saved = apply(shell, list(redirections))
        except RedirectionError as error:
            shell.report(error)
            if ends_script(shell, error):
                raise Exit(error.status) from None
            return error.status
    try:
        exported: list[str] = []
        runs = BUILTINS[argv[0]].traits & RUNS
        for assigned in assignments:
            name = assigned.name
            try:
                assigned.store(shell)
            except AssignmentError as error:
                if not shell.as_bash('expansion errors'):
                    raise
                from minishell.run.failures import tell
                tell(shell, error)
                continue
            if argv[0] == 'readonly' and shell.as_bash('special assignments'):
                shell.variables.add_flags(name, EXPORT)     # as in bash
            if runs and not shell.variables.flags.get(name, 0) & EXPORT:
                shell.variables.add_flags(name, EXPORT)
                exported.append(name)
        status = call_builtin(shell, run, argv, True)
        for name in exported:
            shell.variables.remove_flags(name, EXPORT)
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


def call_function(shell: Shell, function: Function, argv: list[str]) -> int:
    """Call a function: its own positional parameters and local variables (XCU 2.9.5)."""
    function.calls += 1
    run = function.run
    if function.calls >= shell.call_limit:
        run = _limit_reached(shell, function, argv)
    outer, loops = shell.positional, shell.loop_depth
    shell.positional = argv[1:]
    shell.loop_depth = 0
    shell.outer_loops += loops
    shell.function_depth += 1
    shell.calls.append((argv[0], function.source.name, shell.at))
    shell.variables.push_scope(True)
    try:
        status = run(shell)
        if shell.at_return:
            end_call(shell)
        # PIPESTATUS is about the call, not its pipelines
        return status if type(status) is int else alone(status)
    except Return as leave:
        if shell.at_return:
            end_call(shell)
        return alone(leave.status)
    except ShellError as error:
        _tell_inside(shell, error)
        raise
    finally:
        shell.variables.pop_scope()
        shell.calls.pop()
        shell.function_depth -= 1
        shell.outer_loops -= loops
        shell.loop_depth = loops
        shell.positional = outer
        if shell.at_return:
            from minishell.run.watching import run_at_return
            run_at_return(shell)
        shell.variables.values['_'] = argv[-1]


def _tell_inside(shell: Shell, error: ShellError) -> None:
    """Show an error in a function, whose file is known yet; where it ends a script that has
    `set -e` the EXIT trap sees the calls."""
    shell.report(error)
    from minishell.run.failures import ends_here
    if ends_here(shell, error) or type(error) is UnsetError and shell.options.errexit \
            and not shell.interactive and shell.invocation != 'c':
        raise Exit(shell.run_exit_trap(error.status, True)) from None


def end_call(shell: Shell) -> None:
    """Run what is to be run in a function, as its last."""
    from minishell.run.watching import end_call
    end_call(shell)


def _limit_reached(shell: Shell, function: Function, argv: list[str]) -> Action:
    """What a call is to run: the function that has become hot, or what is watched."""
    if shell.call_limit >= 0 or function.calls >= shell.hot:
        function.calls = NEVER
        function.heat(function, shell)
    if shell.call_limit < 0:
        from minishell.run.watching import watched_call
        return watched_call(shell, function, argv)
    return function.run


def run_plainly(shell: Shell, argv: list[str], tail: bool = False) -> int:
    """Run words as `command` does: no functions, no special treatment (XCU command)."""
    name = argv[0]
    if name in BUILTINS and name not in shell.parts.get('disabled', ()):
        try:
            return call_builtin(shell, load_builtin(name), argv, False)
        except ShellSyntaxError as error:       # of `command eval` or `command .`
            shell.report(error)
            return error.status
    course = behind_path(shell, name)
    if course is not None:
        return call_builtin(shell, course, argv, False)
    from minishell.run.processes import run_program
    return run_program(shell, argv, shell.variables.environment(), [], tail)
