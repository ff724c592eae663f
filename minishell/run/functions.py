"""Functions as text, and their attributes (bash): readonly, traced, exported to children."""
from __future__ import annotations

from minishell.errors import AssignmentError
from minishell.run.declarations import LETTERS, letters
from minishell.state.attributes import EXPORT, READONLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Function, Shell

ATTRIBUTES = {letter: LETTERS[letter] for letter in 'rtx'}


def definition(shell: Shell, name: str) -> str:
    """The function as a command that defines it."""
    from minishell.syntax.bash_layout import function_text
    function = shell.functions[name]
    return function_text(function.node, function.source)


def declaration_of(shell: Shell, name: str) -> str:
    """`declare -f name`, with the function's attributes."""
    return f'declare -f{letters(shell.variables.functions.get(name, 0))} {name}'


def mark(shell: Shell, name: str, on: int, off: int = 0) -> None:
    """Give a function attributes, or take them away.  Raises AssignmentError."""
    functions = shell.variables.functions
    flags = functions.get(name, 0)
    if off & flags & READONLY:
        raise AssignmentError(f'{name}: readonly function')
    functions[name] = (flags | on) & ~off
    if not functions[name]:
        del functions[name]
    if on & EXPORT and ('=' in name or '/' in name):
        functions[name] &= ~EXPORT
        raise AssignmentError(f'{name}: cannot export')
    if (on | off) & EXPORT:
        hand_on(shell, name)


def hand_on(shell: Shell, name: str) -> None:
    """Give an exported function to children, or no longer one that is not."""
    variables = shell.variables
    foreign = {**variables.foreign}
    entry = f'BASH_FUNC_{name}%%'
    foreign.pop(entry, None)
    if variables.functions.get(name, 0) & EXPORT and name in shell.functions:
        from minishell.syntax.bash_layout import exported_text
        function = shell.functions[name]
        foreign[entry] = exported_text(function.node, function.source)
    variables.foreign = foreign
    variables.changed()


def redefine(shell: Shell, name: str, define: Callable[[], None]) -> int:
    """Define a function that has attributes: it keeps them; not if it is readonly."""
    if shell.variables.functions[name] & READONLY:
        shell.warn(f'{name}: readonly function')
        return 1
    define()
    hand_on(shell, name)
    return 0


def remove(shell: Shell, name: str) -> None:
    """Forget a function.  Raises AssignmentError if it is readonly."""
    flags = shell.variables.functions.get(name, 0)
    if flags & READONLY:
        raise AssignmentError(f'{name}: cannot unset: readonly function')
    if shell.functions.pop(name, None) is not None:
        if 'disabled' in shell.parts:       # perhaps it hid a built-in utility that is
            from minishell.state.disabled import restore
            restore(shell, name)
        shell.look_plain()
    if flags:
        mark(shell, name, 0, flags)


def defined(shell: Shell) -> dict[str, Function]:
    """The functions without what stands for disabled built-in utilities."""
    if 'disabled' not in shell.parts:
        return shell.functions
    from minishell.state.disabled import defined
    return defined(shell)


def print_functions(shell: Shell, names: list[str], brief: bool, wanted: int = 0,
                    declared: bool = False) -> int:
    """Print functions, or in brief their names, perhaps as declarations: those named, or all
    with these attributes."""
    flags = shell.variables.functions
    status = 0
    functions = defined(shell)
    for name in names or sorted(functions):
        if name not in functions:
            status = 1
        elif not names and wanted & ~flags.get(name, 0):
            continue
        elif brief:
            plain = names and not declared
            shell.out.write((_where(shell, name) if plain else declaration_of(shell, name))
                            + '\n')
        else:
            shell.out.write(definition(shell, name) + '\n')
            if flags.get(name, 0) and (declared or not names):
                shell.out.write(declaration_of(shell, name) + '\n')
    return status


def _where(shell: Shell, name: str) -> str:
    """The name, with extdebug the line and the file that it is from, too."""
    if 'extdebug' not in shell.shopts:
        return name
    function = shell.functions[name]
    file = shell.known_file(function.source.name)
    return f'{name} {function.source.line_of(function.node.pos)} {file}'


def mark_all(shell: Shell, command: str, names: list[str], on: int, off: int = 0) -> int:
    """The same for operands of a built-in utility; what is wrong is told."""
    status = 0
    functions = defined(shell)
    for name in names:
        if name not in functions:
            shell.warn(f'{command}: {name}: not a function')
            status = 1
            continue
        try:
            mark(shell, name, on, off)
        except AssignmentError as error:
            shell.warn(f'{command}: {error.message}')
            status = 1
    return status
