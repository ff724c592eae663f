"""Built-in utilities about command names: alias, unalias, command, type, hash (XCU 3)."""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.builtins.registry import BUILTINS, is_special
from minishell.errors import BuiltinError, UsageError
from minishell.run.commands import run_plainly
from minishell.run.tracing import quoted
from minishell.state.search import STANDARD_PATH, is_executable
from minishell.syntax.names import RESERVED_WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

NO_ALIAS_NAME = frozenset(' \t\n;&|()<>$`"\'\\/')      # none of XBD 3.10; never a plain word


def alias(shell: Shell, argv: list[str]) -> int:
    """Define or print aliases (XCU 3, alias)."""
    _, operands = parse_options(argv, 'p')
    if not operands:
        for name in sorted(shell.aliases):
            shell.out.write(_alias_line(shell, name))
        return 0
    status = 0
    for operand in operands:
        name, equals, value = operand.partition('=')
        if equals and name:
            if NO_ALIAS_NAME.isdisjoint(name):
                shell.aliases[name] = value
            else:
                shell.warn(f"alias: `{name}': invalid alias name")
                status = 1
        elif name in shell.aliases:
            shell.out.write(_alias_line(shell, name))
        else:
            shell.warn(f'alias: {operand}: not found')
            status = 1
    return status


def _alias_line(shell: Shell, name: str) -> str:
    value = shell.aliases[name]
    return f'{name}={_in_quotes(value)}\n'


def _in_quotes(value: str) -> str:
    text = quoted(value)
    return text if text[:1] in ("'", '$') else f"'{text}'"


def unalias(shell: Shell, argv: list[str]) -> int:
    """Remove aliases (XCU 3, unalias)."""
    options, operands = parse_options(argv, 'a')
    if 'a' in options:
        shell.aliases.clear()
        return 0
    if not operands:
        raise UsageError('usage: unalias [-a] name [name ...]')
    status = 0
    for name in operands:
        if shell.aliases.pop(name, None) is None:
            shell.warn(f'unalias: {name}: not found')
            status = 1
    return status


def hash_(shell: Shell, argv: list[str]) -> int:
    """Remember, print or forget the places of utilities (XCU 3, hash)."""
    options, operands = parse_options(argv, 'r')
    if 'r' in options:
        shell.search.forget()
    elif not operands:
        if shell.search.hashed:
            shell.out.write('hits\tcommand\n')
        for name, known in shell.search.hashed.items():
            shell.out.write(f'{shell.search.hits[name]:4}\t{known}\n')
    status = 0
    for name in operands:
        if '/' in name or name in shell.functions or name in BUILTINS:
            continue
        shell.search.hashed.pop(name, None)
        path = shell.search.look(name)
        if path is None or not is_executable(path):
            shell.warn(f'hash: {name}: not found')
            status = 1
        else:
            shell.search.hashed[name] = path
            shell.search.hits[name] = 0
    return status


def _folders(shell: Shell, standard: bool) -> list[str]:
    return STANDARD_PATH.split(':') if standard else shell.search.folders()


def command(shell: Shell, argv: list[str]) -> int:
    """Run a utility that is no function, or say what a name is (XCU 3, command)."""
    options, operands = parse_options(argv, 'pvV')
    if not operands:
        return 0
    standard = 'p' in options
    if 'v' in options or 'V' in options:
        status = 0
        for name in operands:
            found = describe(shell, name, standard, brief='V' not in options)
            if found is None:
                if 'V' in options:
                    shell.warn(f'command: {name}: not found')
                status = 1
            else:
                shell.out.write(found + '\n')
        return status
    if standard and operands[0] not in BUILTINS and '/' not in operands[0]:
        from minishell.run.processes import complain, run_program
        path = shell.search.look(operands[0], _folders(shell, True))
        if path is None:
            return complain(shell, operands[0], None)
        return run_program(shell, operands, shell.variables.environment(), [], False,
                           lambda: ' '.join(operands), path)
    return run_plainly(shell, operands)


def builtin(shell: Shell, argv: list[str]) -> int:
    """Run a built-in utility even if a function has its name, as in bash."""
    _, operands = parse_options(argv, '')
    if not operands:
        return 0
    if operands[0] not in BUILTINS:
        raise BuiltinError(f'{operands[0]}: not a shell builtin')
    return run_plainly(shell, operands)


def type_(shell: Shell, argv: list[str]) -> int:
    """Say what command names are (XCU 3, type)."""
    _, operands = parse_options(argv, '')
    status = 0
    for name in operands:
        found = describe(shell, name, False, brief=False)
        if found is None:
            shell.warn(f'type: {name}: not found')
            status = 1
        else:
            shell.out.write(found + '\n')
    return status


def describe(shell: Shell, name: str, standard: bool, brief: bool) -> str | None:
    """What a command name is, as `command -v` (brief) or `command -V` prints it."""
    if name in shell.aliases:
        if brief:
            return 'alias ' + _alias_line(shell, name).rstrip('\n')
        return f"{name} is aliased to `{shell.aliases[name]}'"
    if name in RESERVED_WORDS or name == ']]':
        return name if brief else f'{name} is a shell keyword'
    if name in shell.functions:
        return name if brief else f'{name} is a function'
    if name in BUILTINS:
        special = 'special ' if is_special(name) else ''
        return name if brief else f'{name} is a {special}shell builtin'
    path: str | None
    if '/' in name:
        path = name
    else:
        hashed = shell.search.hashed.get(name)
        if hashed and not standard and not brief and is_executable(hashed):
            return f'{name} is hashed ({hashed})'
        path = shell.search.look(name, _folders(shell, standard))
    if path is None or not is_executable(path):
        return None
    path = _absolute(shell, path)
    return path if brief else f'{name} is {path}'


def _absolute(shell: Shell, path: str) -> str:
    """An absolute pathname of the same file, as `command -v` has to print it."""
    if path[0] == '/':
        return path
    from minishell.builtins.directories import working_directory
    folder = working_directory(shell, False)
    return path if folder is None else f'{folder.rstrip("/")}/{path.removeprefix("./")}'
