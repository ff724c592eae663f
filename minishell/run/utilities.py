"""Built-in utilities, run."""
from __future__ import annotations

from minishell.builtins.registry import BEFORE_PATH, CONDITION, COURSE, row_of
from minishell.errors import (
    AssignmentError,
    BuiltinError,
    Exit,
    Interrupted,
    ResourceError,
    ShellError,
    SynopsisError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Builtin, Shell

LOADED: dict[str, Builtin] = {}        # built-in utilities whose module is loaded


def load_builtin(name: str) -> Builtin:
    """The function of a built-in utility; its module is imported by the first use."""
    run = LOADED.get(name)
    if run is None:
        row = row_of(name)
        place = row.module if '.' in row.module else 'builtins.' + row.module
        package = __import__('minishell.' + place, fromlist=[row.function])
        run = LOADED[name] = getattr(package, row.function)
    return run


def behind_path(shell: Shell, name: str) -> Builtin | None:
    """The utility of the course that a name means where PATH has no program of it."""
    if name in COURSE and name not in shell.parts.get('disabled', ()) and (
            COURSE[name].traits & BEFORE_PATH or shell.search.find(name) is None):
        return load_builtin(name)
    return None


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
        shell.variables.values['_'] = argv[-1]
        if '--help' in argv[1:2] and not row_of(argv[0]).traits & CONDITION:
            load_builtin('help')(shell, ['help', argv[0]])
            flush_quietly(shell)
            return 2
        if error.message:
            shell.warn(f'{argv[0]}: {error.message}')
        if isinstance(error, SynopsisError):
            shell.tell(f'{argv[0]}: usage: {row_of(argv[0]).synopsis}')
        if special and ends_script(shell, error):
            raise Exit(error.status) from None
        return error.status
    except ResourceError as error:      # of `command program`
        shell.report(error)
        return error.status
    except AssignmentError as error:
        flush_quietly(shell)
        shell.variables.values['_'] = argv[-1]
        if special and ends_script(shell, error):
            raise
        from minishell.run.failures import tell
        tell(shell, error)
        return error.status
    except OSError as error:
        out.pieces.clear()
        shell.take_write_error(error)
        shell.warn(f'{argv[0]}: write error: {error.strerror}')
        return 1


def ends_script(shell: Shell, error: ShellError) -> bool:
    """Whether an error of a special built-in utility ends the shell (XCU 2.8.1)."""
    return not shell.interactive and not error.lines and not shell.as_bash('special errors')


def flush_quietly(shell: Shell) -> None:
    """Write what a built-in printed before it failed."""
    try:
        shell.at_once(shell.out.flush)
    except OSError as error:
        shell.out.pieces.clear()
        shell.take_write_error(error)
