"""Built-in utilities that change variables and options: export, readonly, local, set,
unset (XCU 2.15)."""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.errors import AssignmentError, BuiltinError, StopExecuting
from minishell.run.tracing import listed, quoted
from minishell.state.attributes import (
    ASSOCIATIVE,
    EXPORT,
    INDEXED,
    READONLY,
    SIMPLE,
    UNASSIGNED,
)
from minishell.state.options import keep_options, parse_set
from minishell.syntax.names import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

ALWAYS_SET = ('BASH_ARGC', 'BASH_ARGV', 'BASH_LINENO', 'BASH_SOURCE')


def _declare(shell: Shell, command: str, operands: list[str], flag: int,
             kind: int = 0) -> int:
    """Give attributes, and values where operands have them; all operands are tried.  What has
    a value becomes an array of that `kind`."""
    variables = shell.variables
    wrong = ''
    status = 0
    for operand in operands:
        name, equals, value = operand.partition('=')
        if shell.as_bash('special assignments'):
            variables.keep_temporary(name)
        if is_name(name) and type(operand) is str and not (kind and equals) \
                and variables.flags.get(name, 0) <= SIMPLE:
            if equals:
                variables.assign(name, value)
            variables.add_flags(name, flag)
        elif not _declare_other(shell, command, operand, flag | kind):
            wrong = wrong or operand
    if wrong:
        raise BuiltinError(f"`{wrong}': not a valid identifier")
    return status


def _declare_other(shell: Shell, command: str, text: str, flags: int) -> bool:
    """An operand of bash's: `name+=value`, `name=(…)`, or one with other attributes; false if
    it is none.  Raises AssignmentError."""
    from minishell.builtins.attributes import declare_now
    from minishell.run.declarations import operand_of
    operand = operand_of(text)
    if not is_name(operand.name) or operand.subscript is not None:
        return False
    declare_now(shell, operand, flags)
    return True


def _print_flagged(shell: Shell, command: str, flag: int, kind: int = 0) -> int:
    variables = shell.variables
    if shell.as_bash('export') and not kind:
        from minishell.builtins.attributes import print_declared
        return print_declared(shell, 'x' if flag == EXPORT else 'r')
    for name in variables.flagged(flag):
        if kind and not variables.flags[name] & kind \
                or flag == READONLY and name in variables.dynamic:
            continue                    # nobody has declared SHELLOPTS
        value = variables.values.get(name)
        if value is None and variables.flags[name] & ~SIMPLE:
            from minishell.run.declarations import declaration
            shell.out.write(declaration(variables, name) + '\n')
            continue
        text = name if value is None else f'{name}={quoted(value)}'
        shell.out.write(f'{command} {text}\n')
    return 0


def export(shell: Shell, argv: list[str]) -> int:
    """Mark variables for the environment of children (XCU 2.15, export)."""
    options, operands = parse_options(argv, 'aAfpn')
    if 'f' in options:
        return _of_functions(shell, argv[0], operands, EXPORT, 'n' in options)
    if not operands:
        return _print_flagged(shell, 'export', EXPORT, _kind(options))
    _forget_elements(argv)
    if 'n' in options:
        for operand in operands:
            name, equals, value = operand.partition('=')
            if equals:
                shell.variables.assign(name, value)
            shell.variables.remove_flags(name, EXPORT)
        return 0
    return _declare(shell, 'export', operands, EXPORT, _kind(options))


def readonly(shell: Shell, argv: list[str]) -> int:
    """Mark variables so that they cannot change (XCU 2.15, readonly)."""
    options, operands = parse_options(argv, 'aAfnp')
    if 'f' in options:
        return _of_functions(shell, argv[0], operands, READONLY, False)
    kind = _kind(options)
    if 'n' in options and operands:     # accepted, as in bash, where it does nothing
        return 0
    if not operands:
        return _print_flagged(shell, 'readonly', READONLY, kind)
    _forget_elements(argv)
    return _declare(shell, 'readonly', operands, READONLY, kind)


def _kind(options: dict[str, str]) -> int:
    """The kind of array that -a and -A are about."""
    return ASSOCIATIVE if 'A' in options else INDEXED if 'a' in options else 0


def _forget_elements(argv: list[str]) -> None:
    if type(argv[-1]) is not str:
        from minishell.run.declarations import forget_elements
        forget_elements(argv)


def _of_functions(shell: Shell, command: str, names: list[str], flag: int,
                  takes_away: bool) -> int:
    """`export -f`, `readonly -f`: mark functions, or print those that are marked."""
    from minishell.run.functions import mark_all, print_functions
    if not names:
        return print_functions(shell, [], False, flag)
    return mark_all(shell, command, names, 0 if takes_away else flag, flag if takes_away else 0)


def local(shell: Shell, argv: list[str]) -> int:
    """Make variables local to the function being run, unset unless a value is given (an
    extension that dash and bash share); `-` makes the options local."""
    if not shell.function_depth:
        raise BuiltinError('can only be used in a function')
    variables = shell.variables
    if len(argv) == 1 or argv[1][:1] in ('-', '+') and argv[1] != '-':
        from minishell.builtins.attributes import declare
        return declare(shell, argv)
    status = 0
    operands = argv[1:]
    _forget_elements(argv)
    for operand in operands:
        if operand == '-':
            keep_options(shell)
            continue
        name, equals, value = operand.partition('=')
        if not is_name(name) or type(operand) is not str or variables.flags.get(name):
            from minishell.builtins.attributes import declare_one
            from minishell.run.declarations import operand_of
            if not declare_one(shell, 'local', operand_of(operand), 0, 0, True, False):
                status = 1
            continue
        try:
            variables.make_local_text(name, value if equals else None,
                                      'localvar_inherit' in shell.shopts)
        except AssignmentError as error:
            shell.warn(f'{argv[0]}: {error.message}')
            status = 1
    return status


def set_(shell: Shell, argv: list[str]) -> int:
    """Set options and positional parameters, or print variables (XCU 2.15, set)."""
    args = argv[1:]
    if not args:
        variables = shell.variables
        if shell.as_bash('set'):
            from minishell.run.declarations import all_assignment_lines
            from minishell.run.functions import print_functions
            shell.out.write(all_assignment_lines(shell, listed))
            print_functions(shell, [], False)
        elif variables.others:
            from minishell.run.declarations import assignment_line
            for name in variables.names():
                shell.out.write(assignment_line(variables, name))
        else:
            for name in sorted(variables.values):
                shell.out.write(f'{name}={quoted(variables.values[name])}\n')
        return 0
    operands, given = parse_set(shell, args)
    if given:
        shell.positional = operands
        shell.positional_set = True
    if shell.options.noexec and not shell.interactive:
        raise StopExecuting()
    return 0


def unset(shell: Shell, argv: list[str]) -> int:
    """Remove variables or functions (XCU 2.15, unset)."""
    options, operands = parse_options(argv, 'fnv')
    if 'f' in options and len(options) > 1:
        raise BuiltinError('cannot simultaneously unset a function and a variable')
    status = 0
    for name in operands:
        try:
            _unset(shell, options, name)
        except (AssignmentError, BuiltinError) as error:
            from minishell.run.utilities import ends_script
            if ends_script(shell, error):
                raise BuiltinError(error.message) from None
            shell.warn(f'unset: {error.message}')
            status = 1
    return status


def _unset(shell: Shell, options: dict[str, str], name: str) -> None:
    """Remove one of them.  Raises AssignmentError, BuiltinError."""
    if 'f' in options or 'v' not in options and name in shell.functions \
            and not shell.variables.declared(name):
        from minishell.run.functions import remove
        remove(shell, name)
    elif is_name(name):
        if name in ALWAYS_SET and shell.variables.flags.get(name, 0) & UNASSIGNED:
            raise BuiltinError(f'{name}: cannot unset')
        if name in shell.variables.others and 'n' not in options:
            from minishell.state.elements import unset_reference
            unset_reference(shell.variables, name)
        else:
            shell.variables.unset(name, 'localvar_unset' in shell.shopts)
    elif name[-1:] == ']' and is_name(name.partition('[')[0]):
        from minishell.state.elements import unset_reference
        unset_reference(shell.variables, name)
    elif 'v' in options:        # else it might have been a function's
        raise BuiltinError(f"`{name}': not a valid identifier")
