"""Special built-in utilities that steer what is run (XCU 2.15): break, continue, return,
exit, eval, dot, exec, shift."""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.errors import (
    Break,
    BuiltinError,
    Continue,
    Exit,
    Return,
    ShellError,
    ShellSyntaxError,
    SynopsisError,
    TooManyError,
    UsageError,
)
from minishell.status import NOT_FOUND, SIGNAL_BASE, alone
from minishell.syntax.names import integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def _operands(argv: list[str]) -> list[str]:
    """The operands of a utility without options; `--` is stepped over.  Raises SynopsisError
    for `--help`, as no other utility is asked."""
    if argv[1:2] == ['--help']:
        raise SynopsisError('')
    return argv[2:] if argv[1:2] == ['--'] else argv[1:]


def _count(shell: Shell, argv: list[str]) -> int:
    """The operand of break, continue and shift, by default 1.  Raises UsageError if it is no
    number."""
    operands = _operands(argv)
    if not operands:
        return 1
    count = integer(operands[0])
    if count is None:
        raise UsageError(f'{operands[0]}: numeric argument required')
    if len(operands) > 1:
        raise _too_many(shell, argv)
    return count


def _too_many(shell: Shell, argv: list[str]) -> ShellError:
    """What too many operands raise; in bash mode they cost the line."""
    if shell.as_bash('special errors'):
        return TooManyError(f'{argv[0]}: too many arguments')
    return BuiltinError('too many arguments')


def _levels(shell: Shell, argv: list[str]) -> int:
    """The loops to leave, 0 outside loops."""
    _operands(argv)
    if shell.as_bash('special errors'):
        levels = _levels_of_bash(shell, argv)
    else:
        levels = _count(shell, argv)
        if levels < 1:
            raise BuiltinError(f'{argv[-1]}: loop count out of range')
    loops = shell.loop_depth
    if levels > loops and shell.outer_loops and 'BASH_COMPAT' in shell.variables.values:
        from minishell.state.dialect import older_than
        if older_than(44, shell.shopts):        # a function may leave the loops around it
            loops = shell.loops()
    if loops:
        return min(levels, loops)
    if not shell.began_in_loop() or not shell.substitution and shell.as_bash('break'):
        return _not_in_a_loop(shell, argv)
    # Without a loop of its own a subshell of a loop's body ends: what was to be left out
    # is left out, `(cd "$dir" || continue; rm -r *)`.
    return 1


def _levels_of_bash(shell: Shell, argv: list[str]) -> int:
    """The operand as bash takes it: outside loops not at all; a number below 1 leaves all
    loops, what is no number the shell."""
    if not shell.loops():
        return 1
    try:
        levels = _count(shell, argv)
    except UsageError as error:
        shell.warn(f'{argv[0]}: {error.message}')
        raise Exit(SIGNAL_BASE | shell.status) from None
    if levels < 1:
        shell.warn(f'{argv[0]}: {argv[-1]}: loop count out of range')
        raise Break(shell.loop_depth, 1)
    return levels


def _not_in_a_loop(shell: Shell, argv: list[str]) -> int:
    shell.warn(f"{argv[0]}: only meaningful in a `for', `while', or `until' loop")
    return 0


def break_(shell: Shell, argv: list[str]) -> int:
    """Leave enclosing loops (XCU 2.15, break)."""
    levels = _levels(shell, argv)
    shell.status = 0
    if levels:
        raise Break(levels)
    return 0


def continue_(shell: Shell, argv: list[str]) -> int:
    """Go on with the next turn of an enclosing loop (XCU 2.15, continue)."""
    levels = _levels(shell, argv)
    shell.status = 0
    if levels:
        raise Continue(levels)
    return 0


def _status(shell: Shell, argv: list[str]) -> int:
    """The operand of exit and return, by default `$?`; in a trap action the one before."""
    operands = _operands(argv)
    if not operands:
        if shell.trap_status:
            status, depth = shell.trap_status[-1]
            if argv[0] == 'exit' or depth == shell.function_depth:
                return status
        return shell.status
    number = integer(operands[0])
    if number is None:
        raise UsageError(f'{operands[0]}: numeric argument required')
    if len(operands) > 1:
        raise _too_many(shell, argv)
    return number & 0xFF


def return_(shell: Shell, argv: list[str]) -> int:
    """Leave a function or dot script (XCU 2.15, return)."""
    try:
        status = _status(shell, argv)
    except SynopsisError:
        raise
    except UsageError as error:
        if not shell.as_bash('special errors'):
            raise
        shell.warn(f'{argv[0]}: {error.message}')
        status = error.status
    if not shell.may_return():
        raise UsageError("can only `return' from a function or sourced script")
    raise Return(status)


def exit_(shell: Shell, argv: list[str]) -> int:
    """Leave the shell (XCU 2.15, exit)."""
    try:
        status = _status(shell, argv)
    except SynopsisError:
        raise
    except BuiltinError as error:
        shell.warn(f'{argv[0]}: {error.message}')
        status = error.status
    if not shell.may_leave():
        return 1
    if 'login_shell' in shell.shopts:
        from minishell.run.logout import read_logout
        read_logout(shell)
    raise Exit(shell.run_exit_trap(status, True))


def logout(shell: Shell, argv: list[str]) -> int:
    """Leave a login shell (bash)."""
    if 'login_shell' not in shell.shopts:
        raise BuiltinError("not login shell: use `exit'")
    return exit_(shell, argv)


def eval_(shell: Shell, argv: list[str]) -> int:
    """Run the operands as commands (XCU 2.15, eval)."""
    try:
        status = shell.run_text(' '.join(_commands(shell, argv)), 'eval')
        return alone(status)            # PIPESTATUS is about the eval
    except ShellSyntaxError as error:
        return _survive(shell, error)


def _commands(shell: Shell, argv: list[str]) -> list[str]:
    """The operands of eval and dot, which have no options; bash says so."""
    if argv[1:2] and argv[1][:1] == '-' and shell.as_bash('eval'):
        return parse_options(argv, '')[1]
    return _operands(argv)


def _survive(shell: Shell, error: ShellSyntaxError, freely: bool = False) -> int:
    """A syntax error in what eval or dot run ends the script, or drops the line that is typed;
    in bash mode it ends them alone, and in a script what runs `freely` always."""
    if not shell.as_bash('special errors') and (shell.interactive or not freely):
        raise error
    shell.report(error)
    return error.status


def dot(shell: Shell, argv: list[str]) -> int:
    """Run a file in this environment (XCU 2.15, dot); operands become `$1`…, as in bash."""
    operands = _commands(shell, argv)
    if not operands:
        raise SynopsisError('filename argument required')
    freely = argv[0] == 'source'        # which is no utility of XCU
    path = _find_dot_script(shell, operands[0], freely and not shell.options.posix)
    if path is None:
        return _no_dot_script(shell, operands[0])
    outer, shell.positional_set = shell.positional, False
    if len(operands) > 1:
        shell.positional = operands[1:]
    shell.source_depth += 1
    try:
        return _run_file(shell, path, operands[1:])
    except ShellSyntaxError as error:
        return _survive(shell, error, freely)
    finally:
        shell.source_depth -= 1
        if len(operands) > 1 and not shell.positional_set:
            shell.positional = outer


def _run_file(shell: Shell, path: str, operands: list[str]) -> int:
    """Run a dot script, and behind it the RETURN trap."""
    try:
        if shell.call_limit < 0:
            from minishell.run.watching import run_watched_file
            status = run_watched_file(shell, path, operands)
        else:
            status = shell.run_file(path)
    except Return as leave:
        status = leave.status
    if shell.trapped:
        from minishell.run.watching import returned
        returned(shell)
    return alone(status)                # PIPESTATUS is about the dot


def _find_dot_script(shell: Shell, name: str, here: bool) -> str | None:
    """A readable file, searched for in PATH if the name has no slash, and then `here`."""
    import posix

    from minishell.state.search import DIRECTORY_TYPE, FORMAT
    paths = [name]
    if '/' not in name:
        folders = shell.search.folders() if 'sourcepath' in shell.shopts else []
        paths = [f'{folder or "."}/{name}' for folder in folders]
        if here or shell.as_bash('dot'):
            paths.append(name)
    for path in paths:
        try:
            if posix.stat(path).st_mode & FORMAT != DIRECTORY_TYPE and posix.access(
                    path, posix.R_OK, effective_ids=True):
                return path
        except (OSError, ValueError):
            pass
    return None


def _no_dot_script(shell: Shell, name: str) -> int:
    """Say that a dot script cannot be read; bash names no utility there."""
    why = _why_no_dot_script(name)
    if not shell.as_bash('special errors') or why == 'is a directory':
        raise BuiltinError(f'{name}: {why}')
    shell.warn(f'{name}: No such file or directory' if '/' not in name else f'{name}: {why}')
    return 1


def _why_no_dot_script(name: str) -> str:
    """What is wrong with a dot script that cannot be read."""
    if '/' not in name:
        return 'file not found'
    import posix

    from minishell.system.descriptors import close
    try:
        close(posix.open(name, posix.O_RDONLY | posix.O_CLOEXEC | posix.O_NONBLOCK))
    except OSError as error:
        return str(error.strerror)
    except ValueError:
        return 'not a file name'
    return 'is a directory'


def exec_(shell: Shell, argv: list[str]) -> int:
    """Become another program, or keep the redirections (XCU 2.15, exec)."""
    options, operands = parse_options(argv, 'cl', 'a')
    if not operands:
        shell.keep_redirections = True
        return 0
    from minishell.run.processes import find_program, replace_process
    environment = {} if 'c' in options else shell.variables.environment()
    if 'c' not in options:              # no shell is added
        from minishell.state.variables import shell_level
        level = shell_level(environment.get('SHLVL') or shell.variables.get('SHLVL') or '', -1)
        environment = environment | {'SHLVL': str(level)}
    name = options.get('a', operands[0])
    words = ['-' + name if 'l' in options else name, *operands[1:]]
    path = find_program(shell, operands[0])
    if path is None:
        shell.warn(f'exec: {operands[0]}: not found')
        status = NOT_FOUND
    else:
        status = replace_process(shell, words, environment, path)
    if not shell.interactive and (
            'execfail' not in shell.shopts or shell.subshell or shell.elided):
        if path is not None and shell.as_bash('exec'):
            from minishell.state.traps import EXIT
            shell.traps.reset(EXIT)     # bash has given up its traps for the program
        raise Exit(status)
    shell.keep_redirections = True      # what was redirected stays so, by XCU 2.15
    return status


def shift(shell: Shell, argv: list[str]) -> int:
    """Drop positional parameters (XCU 2.15, shift)."""
    try:
        count = _count(shell, argv)
    except UsageError as error:
        if type(error) is SynopsisError or not shell.as_bash('special errors'):
            raise
        raise BuiltinError(error.message) from None
    if count < 0:
        raise BuiltinError(f'{argv[-1]}: shift count out of range')
    if count > len(shell.positional):
        if 'shift_verbose' in shell.shopts:
            shell.warn(f'{argv[0]}: {count}: shift count out of range')
        return 1
    shell.positional = shell.positional[count:]
    return 0
