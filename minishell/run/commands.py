"""Simple commands, run: what their expanded words name, and around it (XCU 2.9.1)."""
from __future__ import annotations

import posix

from minishell.builtins.registry import BUILTINS, NUMBERED, RUNS, SPECIAL
from minishell.codec import encoded
from minishell.errors import (
    AssignmentError,
    BuiltinError,
    Exit,
    Interrupted,
    RedirectionError,
    ResourceError,
    Return,
    ShellError,
    ShellSyntaxError,
)
from minishell.state.shell import NEVER, Output
from minishell.state.variables import EXPORT
from minishell.syntax.names import is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.run.redirections import Spec
    from minishell.state.shell import Assignments, Builtin, Function, Shell

LOADED: dict[str, Builtin] = {}        # built-in utilities whose module is loaded


def load_builtin(name: str) -> Builtin:
    """The function of a built-in utility; its module is imported by the first use."""
    run = LOADED.get(name)
    if run is None:
        row = BUILTINS[name]
        package = __import__('minishell.builtins.' + row.module, fromlist=[row.function])
        run = LOADED[name] = getattr(package, row.function)
    return run


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
        from minishell.run.tracing import trace
        assignments = trace(shell, assignments, argv)
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
            if special:
                return run_special(shell, run, argv, assignments, redirections)
            if row.traits & NUMBERED and not assignments and len(redirections) == 1:
                status = run_directly(shell, run, argv, redirections[0])
                if status >= 0:
                    return status
            return surrounded(shell, assignments, redirections,
                              lambda: call_builtin(shell, run, argv, False))
        from minishell.run.processes import run_program
        if not assignments:
            return run_program(shell, argv, shell.variables.environment(),
                               list(redirections), tail, text)
        environment = child_environment(shell, assignments)
        if 'PATH' in environment and any(name == 'PATH' for name, _ in assignments):
            from minishell.run.tracing import constants
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
        from minishell.run.tracing import trace
        assignments = trace(shell, assignments, [])
    status = 0
    if redirections:
        from minishell.run.redirections import apply
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
        from minishell.run.redirections import apply
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
        from minishell.run.redirections import apply
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
        runs = BUILTINS[argv[0]].traits & RUNS
        for name, text in assignments:
            shell.variables.assign(name, text(shell))
            if runs and not shell.variables.flags.get(name, 0) & EXPORT:
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
    function.calls += 1
    if function.calls >= shell.hot:
        function.calls = NEVER
        function.heat(function, shell)
    run = function.run
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
    from minishell.run.processes import run_program
    return run_program(shell, argv, shell.variables.environment(), [], tail,
                       lambda: ' '.join(argv))


# -- output and input of built-in utilities without a descriptor moved -------------------


def run_into_file(shell: Shell, run: Builtin, argv: list[str], operator: str,
                  path: str) -> int:
    """Run `echo … >file` and the like, as run_directly has it.  Raises RedirectionError."""
    from minishell.run.redirections import open_target
    from minishell.system.descriptors import close
    fd = open_target(shell, operator, path)
    outer, shell.out = shell.out, Output(fd)
    try:
        status = call_builtin(shell, run, argv, False)
    except BaseException:
        close(fd)
        raise
    finally:
        shell.out = outer
    return _close_written(shell, fd, argv[0], status)


def run_directly(shell: Shell, run: Builtin, argv: list[str], spec: Spec) -> int:
    """Run `echo … >file`, `read … <file` and the like: the utility is told what descriptor
    to use, and the shell's own stay as they are: half the system calls.  -1 if it isn't
    that simple.  Raises RedirectionError.
    """
    from minishell.run.redirections import check_access, open_spec
    from minishell.system.descriptors import close, is_open
    fd, operator, target = spec
    if operator == '&>' and is_decimal(target):
        operator = '>&'
    reads = argv[0] == 'read'
    if fd != (0 if reads else 1) or operator in ('<>', '&>') \
            or reads is not (operator[0] == '<') \
            or reads and shell.signals.handles_any():   # a trap action would read elsewhere
        return -1
    opened = -1
    outer, outer_input, outer_ahead = shell.out, shell.input, shell.ahead
    if operator == '<<' and all(word[:1] != '-' or word == '-r' for word in argv):
        from minishell.system.lines import ReadAhead
        shell.ahead = ReadAhead(-1, encoded(target))
        fd = -1                         # the text is here: why ask the kernel to keep it?
    elif operator[1:] == '&':
        if len(target) != 1 or not '0' <= target <= '9' or not is_open(int(target)):
            return -1
        fd = int(target)
        check_access(shell, operator, fd, target)
    else:
        fd = opened = open_spec(shell, spec)[0][1]
    try:
        if reads:
            shell.input = fd
        else:
            shell.out = Output(fd)
        status = call_builtin(shell, run, argv, False)
    except BaseException:
        if opened >= 0:
            close(opened)
        raise
    finally:
        shell.out, shell.input, shell.ahead = outer, outer_input, outer_ahead
    if opened >= 0:
        if not reads:
            return _close_written(shell, opened, argv[0], status)
        close(opened)
    return status


def _close_written(shell: Shell, fd: int, name: str, status: int) -> int:
    """Close the file that a utility has written to; an error, of a file server or a quota,
    is a write error of the utility.  Returns its status."""
    try:
        posix.close(fd)
    except InterruptedError:            # it is closed, and nothing is said of the data
        pass
    except OSError as error:
        shell.warn(f'{name}: write error: {error.strerror}')
        return status or 1
    return status
