"""`declare` and `typeset` of bash: variables with attributes, and functions, as text.

Of the attributes there are -x and -r; integers, arrays and name references are not.
"""
from __future__ import annotations

from minishell.errors import UsageError
from minishell.run.tracing import dollar_quoted, quoted
from minishell.state.variables import EXPORT, READONLY
from minishell.syntax.names import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

FLAGS = {'x': EXPORT, 'r': READONLY}


def declare(shell: Shell, argv: list[str]) -> int:
    """Declare variables, local ones in a function, or print them."""
    on, off, operands = _options(argv)
    if 'f' in on or 'F' in on:
        for letter in on + off:
            if letter in FLAGS:
                raise UsageError(f'-{letter}: functions have no attributes')
        return _functions(shell, operands, 'F' in on)
    if argv[0] == 'local' and not operands:
        names = shell.variables.locals()
        return _print(shell, '', names, True) if names else 0
    if 'p' in on or not operands:
        return _print(shell, on, operands, 'p' in on)
    added = sum({FLAGS[letter] for letter in on if letter in FLAGS})
    status = 0
    for operand in operands:
        name, equals, value = operand.partition('=')
        if not is_name(name):
            shell.warn(f"{argv[0]}: `{operand}': not a valid identifier")
            status = 1
            continue
        if 'g' in on:
            shell.variables.assign_global(name, value if equals else None, added)
            continue
        if shell.function_depth:
            shell.variables.make_local(name)
        if equals:
            shell.variables.assign(name, value)
        if added:
            shell.variables.add_flags(name, added)
        if 'r' in off and shell.variables.flags.get(name, 0) & READONLY:
            shell.warn(f'{argv[0]}: {name}: readonly variable')
            status = 1
        if 'x' in off:
            shell.variables.clear_export(name)
        if not equals and name not in shell.variables.values:
            shell.variables.add_flags(name, 0)
    return status


def _options(argv: list[str]) -> tuple[str, str, list[str]]:
    """The letters given with -, those with +, and the operands."""
    on = off = ''
    index = 1
    while index < len(argv) and len(argv[index]) > 1 and argv[index][0] in '-+':
        word = argv[index]
        index += 1
        if word == '--':
            break
        for letter in word[1:]:
            if letter not in 'fFgprx':
                raise UsageError(f'{word[0]}{letter}: invalid option')
        if word[0] == '-':
            on += word[1:]
        else:
            off += word[1:]
    return on, off, argv[index:]


def _functions(shell: Shell, names: list[str], brief: bool) -> int:
    status = 0
    for name in names or sorted(shell.functions):
        function = shell.functions.get(name)
        if function is None:
            status = 1
        elif brief:
            shell.out.write(name + '\n' if names else f'declare -f {name}\n')
        else:
            from minishell.syntax.unparse import unparse
            shell.out.write(unparse(function.node) + '\n')
    return status


def _print(shell: Shell, on: str, names: list[str], attributes: bool) -> int:
    """Variables that have all the attributes asked for, or those named."""
    variables = shell.variables
    wanted = [FLAGS[letter] for letter in on if letter in FLAGS]
    status = 0
    for name in names or sorted({*variables.values, *variables.flags}):
        flags = variables.flags.get(name, 0)
        value = variables.get(name)
        if names and value is None and not variables.declared(name):
            shell.warn(f'declare: {name}: not found')
            status = 1
        elif not names and (value is None and not flags & (EXPORT | READONLY)
                            or not all(flags & flag for flag in wanted)):
            continue
        elif attributes or wanted:
            letters = 'r' * bool(flags & READONLY) + 'x' * bool(flags & EXPORT) or '-'
            text = '' if value is None else f'={_in_quotes(value)}'
            shell.out.write(f'declare -{letters} {name}{text}\n')
        elif value is not None:
            shell.out.write(f'{name}={quoted(value)}\n')
    return status


def print_declared(shell: Shell, letter: str) -> int:
    """`export -p` and `readonly -p` of bash: the lines of `declare -p`."""
    return _print(shell, letter, [], True)


def _in_quotes(value: str) -> str:
    """A value in double-quotes, or in $'' if it holds control characters."""
    if not value.isprintable():
        return dollar_quoted(value)
    for c in '\\"$`':
        value = value.replace(c, '\\' + c)
    return f'"{value}"'
