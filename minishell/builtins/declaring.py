"""Built-in utilities that change variables and options: export, readonly, local, set,
unset (XCU 2.15)."""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError, StopExecuting, UsageError
from minishell.run.tracing import quoted
from minishell.state.options import parse_set
from minishell.state.variables import EXPORT, READONLY
from minishell.syntax.names import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def _declare(shell: Shell, operands: list[str], flag: int) -> int:
    """Give attributes, and values where operands have them; all operands are tried."""
    wrong = ''
    for operand in operands:
        name, equals, value = operand.partition('=')
        if not is_name(name):
            wrong = wrong or operand
            continue
        if equals:
            shell.variables.assign(name, value)
        shell.variables.add_flags(name, flag)
    if wrong:
        raise BuiltinError(f"`{wrong}': not a valid identifier")
    return 0


def _print_flagged(shell: Shell, command: str, flag: int) -> int:
    if shell.as_bash('export'):
        from minishell.builtins.attributes import print_declared
        return print_declared(shell, 'x' if flag == EXPORT else 'r')
    for name in shell.variables.flagged(flag):
        value = shell.variables.values.get(name)
        text = name if value is None else f'{name}={quoted(value)}'
        shell.out.write(f'{command} {text}\n')
    return 0


def export(shell: Shell, argv: list[str]) -> int:
    """Mark variables for the environment of children (XCU 2.15, export)."""
    options, operands = parse_options(argv, 'fpn')
    if 'f' in options:
        raise UsageError('-f: functions cannot be exported')
    if not operands:
        return _print_flagged(shell, 'export', EXPORT)
    if 'n' in options:
        for operand in operands:
            name, equals, value = operand.partition('=')
            if equals:
                shell.variables.assign(name, value)
            shell.variables.clear_export(name)
        return 0
    return _declare(shell, operands, EXPORT)


def readonly(shell: Shell, argv: list[str]) -> int:
    """Mark variables so that they cannot change (XCU 2.15, readonly)."""
    options, operands = parse_options(argv, 'fp')
    if 'f' in options:
        raise UsageError('-f: functions cannot be readonly')
    if not operands:
        return _print_flagged(shell, 'readonly', READONLY)
    return _declare(shell, operands, READONLY)


def local(shell: Shell, argv: list[str]) -> int:
    """Make variables local to the function being run, unset unless a value is given (an
    extension that dash and bash share); `-` makes the options local."""
    if not shell.function_depth:
        raise BuiltinError('can only be used in a function')
    if len(argv) == 1 or argv[1][:1] in ('-', '+') and argv[1] != '-':
        from minishell.builtins.attributes import declare
        return declare(shell, argv)
    status = 0
    for operand in argv[1:]:
        if operand == '-':
            shell.keep_options()
            continue
        name, equals, value = operand.partition('=')
        if not is_name(name):
            shell.warn(f"local: `{operand}': not a valid identifier")
            status = 1
            continue
        shell.variables.make_local(name)
        if equals:
            shell.variables.assign(name, value)
    return status


def set_(shell: Shell, argv: list[str]) -> int:
    """Set options and positional parameters, or print variables (XCU 2.15, set)."""
    args = argv[1:]
    if not args:
        for name in sorted(shell.variables.values):
            shell.out.write(f'{name}={quoted(shell.variables.values[name])}\n')
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
    options, operands = parse_options(argv, 'fv')
    if len(options) > 1:
        raise BuiltinError('cannot simultaneously unset a function and a variable')
    for name in operands:
        if 'f' in options:
            shell.functions.pop(name, None)
            shell.look_plain()
            continue
        if 'v' not in options and name in shell.functions \
                and not shell.variables.declared(name):
            del shell.functions[name]
            shell.look_plain()
        elif is_name(name):
            shell.variables.unset(name)
        elif name[-1:] == ']' and is_name(name.partition('[')[0]):
            _unset_element(shell, name)
        elif 'v' in options:        # else it might have been a function's
            raise BuiltinError(f"`{name}': not a valid identifier")
    return 0


def _unset_element(shell: Shell, operand: str) -> None:
    """`unset 'name[subscript]'`: a variable without elements is its own first, as in bash."""
    name, _, subscript = operand[:-1].partition('[')
    if not shell.variables.declared(name) or not subscript:
        return
    if subscript not in ('@', '*') and shell.evaluate(subscript) == 0:
        shell.variables.unset(name)
        return
    raise BuiltinError(f'{name}: not an array variable')
