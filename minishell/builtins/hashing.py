"""The built-in utility hash (XCU 3, hash), with the options of bash."""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.builtins.registry import BUILTINS
from minishell.errors import BuiltinError
from minishell.run.tracing import quoted
from minishell.state.search import DIRECTORY_TYPE, FORMAT, is_executable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.search import Search
    from minishell.state.shell import Shell


def hash_(shell: Shell, argv: list[str]) -> int:
    """Remember, print or forget the places of utilities (XCU 3, hash)."""
    if not shell.options.hashall:
        raise BuiltinError('hashing disabled')
    options, operands = parse_options(argv, 'dlrt', 'p')
    search = shell.search
    for letter in 'td':
        if letter in options and not operands:
            raise BuiltinError(f'-{letter}: option requires an argument')
    if 'r' in options:
        search.forget()
    elif not operands:
        _print(shell, 'l' in options)
    if 't' in options:
        return _print_named(shell, operands, 'l' in options)
    status = 0
    for name in operands:
        if '/' in name:
            continue
        if 'p' in options:
            _need_file(options['p'])
            _remember(search, name, options['p'])
        elif 'd' in options:
            known = not search.hashed or search.hashed.pop(name, None) is not None
        else:
            known = _look(shell, name)
        if 'p' not in options and not known:
            shell.warn(f'hash: {name}: not found')
            status = 1
    return status


def _remember(search: Search, name: str, path: str) -> None:
    search.hashed[name] = path
    search.hits[name] = 0


def _need_file(path: str) -> None:
    """Refuse a directory; whatever else there is, or will be, may be remembered."""
    import posix
    try:
        directory = posix.stat(path).st_mode & FORMAT == DIRECTORY_TYPE
    except (OSError, ValueError):
        return
    if directory:
        raise BuiltinError(f'{path}: Is a directory')


def _look(shell: Shell, name: str) -> bool:
    """Remember where PATH has a utility, anew; functions and built-in utilities need not be."""
    disabled = shell.parts.get('disabled', {})
    if shell.functions.get(name) is not disabled.get(name) \
            or name in BUILTINS and name not in disabled:
        return True
    shell.search.hashed.pop(name, None)
    path = shell.search.look(name)
    if path is None or not is_executable(path):
        return False
    _remember(shell.search, name, path)
    return True


def _print(shell: Shell, portably: bool) -> None:
    """All that is remembered: with its hits, or as commands that remember it."""
    search = shell.search
    if not search.hashed:
        if not portably and not shell.options.posix:
            shell.out.write('hash: hash table empty\n')
        return
    if not portably:
        shell.out.write('hits\tcommand\n')
    for name, path in search.hashed.items():
        shell.out.write(_command(name, path) if portably
                        else f'{search.hits[name]:4}\t{path}\n')


def _print_named(shell: Shell, names: list[str], portably: bool) -> int:
    """`hash -t`: where these utilities are, of those that are remembered."""
    status = 0
    for name in names:
        path = shell.search.hashed.get(name)
        if path is None:
            shell.warn(f'hash: {name}: not found')
            status = 1
        elif portably:
            shell.out.write(_command(name, path))
        else:
            shell.out.write(f'{name}\t{path}\n' if len(names) > 1 else f'{path}\n')
    return status


def _command(name: str, path: str) -> str:
    return f'builtin hash -p {quoted(path)} {quoted(name)}\n'
