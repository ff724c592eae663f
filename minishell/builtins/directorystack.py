"""`pushd`, `popd` and `dirs` of bash: the directories to go back to."""
from __future__ import annotations

from minishell.builtins.directories import change, working_directory
from minishell.errors import BuiltinError, SynopsisError
from minishell.syntax.names import decimal, is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def _stack(shell: Shell) -> list[str]:
    """The working directory, by the name it had if it has been removed, and below it those
    to go back to."""
    return _stack_below(shell, working_directory(shell, False))


def _stack_below(shell: Shell, working: str | None) -> list[str]:
    return [working or shell.variables.get('PWD') or '.', *shell.directories]


def directory_at(shell: Shell, number: str) -> str | None:
    """What `~N`, `~+N` and `~-N` are, counted as by `dirs`; None if there is none."""
    stack = _stack(shell)
    index = decimal(number.lstrip('+-'))
    if index is None or index >= len(stack):
        return None
    return stack[-1 - index if number[0] == '-' else index]


def _index(shell: Shell, operand: str, size: int) -> int:
    """The place that +N, from the top, or -N, from the bottom, names."""
    number = decimal(operand[1:])
    if number is None:
        raise SynopsisError(f'{operand}: invalid number')
    if number >= size:
        raise BuiltinError('directory stack empty' if size < 2
                           else f'{operand}: directory stack index out of range')
    return number if operand[0] == '+' else size - 1 - number


def _go_and_show(shell: Shell, stack: list[str], old: str | None) -> int:
    """Change the directory to the first of the stack, and print all of it like `dirs`."""
    if change(shell, ['cd', '--', stack[0]], old):
        raise BuiltinError(f'{stack[0]}: No such file or directory')
    shell.directories = stack[1:]
    if shell.options.physical:          # then the kernel may not know where that is
        return dirs(shell, ['dirs'])
    return _print(shell, [shell.variables.get('PWD') or '.', *shell.directories])


def _is_number(operand: str) -> bool:
    return operand[:1] in ('+', '-') and operand != '--' and len(operand) > 1


def pushd(shell: Shell, argv: list[str]) -> int:
    """Go to a directory, and keep the one left; without operand the top two change places."""
    stays, operands = _operands(argv)
    if len(operands) > 1:
        raise BuiltinError('too many arguments')
    old = working_directory(shell, False)
    stack = _stack_below(shell, old)
    if stack[0] == '.':                 # to be kept, but there would be no way back
        raise BuiltinError('error retrieving current directory: No such file or directory')
    if stays:
        return _push_below(shell, stack, operands)
    if not operands:
        if len(stack) < 2:
            raise BuiltinError('no other directory')
        stack[:2] = stack[1], stack[0]
    elif _is_number(operands[0]):
        index = _index(shell, operands[0], len(stack))
        stack = stack[index:] + stack[:index]
    else:
        stack.insert(0, operands[0])
    return _go_and_show(shell, stack, old)


def _operands(argv: list[str]) -> tuple[bool, list[str]]:
    """Whether there is -n, by which the working directory stays; and the operands."""
    operands = argv[1:]
    stays = False
    while operands and operands[0] in ('-n', '--'):
        if operands.pop(0) == '--':
            break
        stays = True
    return stays, operands


def _push_below(shell: Shell, stack: list[str], operands: list[str]) -> int:
    """`pushd -n`: what is below the working directory changes."""
    if not operands:
        return 0
    if _is_number(operands[0]):
        index = _index(shell, operands[0], len(stack))
        shell.directories = (stack[index:] + stack[:index])[1:]
        return 0
    shell.directories = [operands[0], *stack[1:]]
    return dirs(shell, ['dirs'])


def popd(shell: Shell, argv: list[str]) -> int:
    """Go back to the directory below the top, or remove another one."""
    old = working_directory(shell, False)
    stack = _stack_below(shell, old)
    stays, operands = _operands(argv)
    if operands and not _is_number(operands[0]):
        raise SynopsisError(f'{operands[0]}: invalid argument')
    if operands and decimal(operands[0][1:]) is None:
        raise SynopsisError(f'{operands[0]}: invalid number')
    if len(stack) < 2:
        raise BuiltinError('directory stack empty')
    index = _index(shell, operands[0], len(stack)) if operands else int(stays)
    del stack[index]
    if index == 0 and not stays:
        return _go_and_show(shell, stack, old)
    shell.directories = stack[1:]
    return dirs(shell, ['dirs'])


def dirs(shell: Shell, argv: list[str]) -> int:
    """Print the directories, or one of them; -c forgets them."""
    long = lines = numbers = False
    wanted = ''
    for operand in argv[1:]:
        if operand == '--':
            break
        if _is_number(operand) and is_decimal(operand[1:]):
            wanted = operand
        elif operand[:1] != '-' or operand.strip('clpv') != '-':
            raise SynopsisError(f'{operand}: invalid number' if operand[:1] == '-'
                                else f'{operand}: invalid option')
        elif 'c' in operand:
            shell.directories = []
            return 0
        else:
            long = long or 'l' in operand
            numbers = numbers or 'v' in operand
            lines = lines or numbers or 'p' in operand
    if not (long or wanted or lines):
        return _print(shell, _stack(shell))
    shown = _stack(shell) if long else _with_tildes(shell, _stack(shell))
    if wanted:
        shell.out.write(shown[_index(shell, wanted, len(shown))] + '\n')
    elif lines:
        for number, path in enumerate(shown):
            shell.out.write(f'{number:2}  {path}\n' if numbers else path + '\n')
    else:
        shell.out.write(' '.join(shown) + '\n')        # -l
    return 0


def _print(shell: Shell, stack: list[str]) -> int:
    shell.out.write(' '.join(_with_tildes(shell, stack)) + '\n')
    return 0


def _with_tildes(shell: Shell, paths: list[str]) -> list[str]:
    """Paths with ~ for HOME."""
    home = shell.variables.get('HOME') or '/'
    if home == '/':
        return paths
    return ['~' + path[len(home):] if path == home or path.startswith(home + '/') else path
            for path in paths]
