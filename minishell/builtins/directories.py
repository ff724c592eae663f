"""Built-in utilities about directories and files: cd, pwd, mkfifo (XCU 3)."""
from __future__ import annotations

import posix

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError, UsageError
from minishell.state.variables import EXPORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def same_directory(first: str, second: str) -> bool:
    """Whether two paths name one directory."""
    try:
        a, b = posix.stat(first), posix.stat(second)
    except OSError:
        return False
    return (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)


def valid_pwd(path: str | None) -> bool:
    """Whether PWD is absolute, without . and .. and names the working directory."""
    return path is not None and path[:1] == '/' and not any(
        piece in ('.', '..') for piece in path.split('/')) and same_directory(path, '.')


def pwd(shell: Shell, argv: list[str]) -> int:
    """Print the working directory (XCU 3, pwd)."""
    physical = False
    for option in _link_options(argv)[0]:
        physical = option == 'P'
    path = shell.variables.get('PWD')
    if physical or path is None or not valid_pwd(path):
        try:
            path = posix.getcwd()
        except OSError as error:        # it is gone: what it was called is the best answer
            if physical or path is None or path[:1] != '/':
                raise BuiltinError(
                    f'error retrieving current directory: {error.strerror}') from None
    shell.out.write(path + '\n')
    return 0


def _link_options(argv: list[str], more: str = '') -> tuple[list[str], list[str]]:
    """The -L and -P given, in order (the last counts), and the operands."""
    index = 1
    given: list[str] = []
    while index < len(argv) and len(argv[index]) > 1 and argv[index][0] == '-':
        word = argv[index]
        index += 1
        if word == '--':
            break
        for letter in word[1:]:
            if letter not in 'LP' + more:
                raise UsageError(f'-{letter}: invalid option')
            given.append(letter)
    return given, argv[index:]


def cd(shell: Shell, argv: list[str]) -> int:
    """Change the working directory (XCU 3, cd)."""
    options, operands = _link_options(argv, 'e')
    physical = [option for option in options if option in 'LP'][-1:] == ['P']
    if len(operands) > 1:
        raise BuiltinError('too many arguments')
    announce = False
    if not operands:
        home = shell.variables.get('HOME')
        if home is None:
            raise BuiltinError('HOME not set')
        if not home:
            return 0
        target = home
    elif operands[0] == '-':
        old = shell.variables.get('OLDPWD')
        if not old:
            raise BuiltinError('OLDPWD not set')
        target, announce = old, True
    elif not operands[0]:
        raise BuiltinError('null directory')
    else:
        target = operands[0]
        found = _in_cdpath(shell, target)
        if found is not None:
            announce = found[1]
            target = found[0]
    _change(shell, target, physical, 'e' in options)
    if announce:
        shell.out.write((shell.variables.get('PWD') or '') + '\n')
    return 0


def _in_cdpath(shell: Shell, target: str) -> tuple[str, bool] | None:
    """The directory found through CDPATH, and whether to print it."""
    cdpath = shell.variables.get('CDPATH')
    first = target.split('/', 1)[0]
    if not cdpath or target[0] == '/' or first in ('.', '..'):
        return None
    for folder in cdpath.split(':'):
        path = target if not folder else folder.rstrip('/') + '/' + target
        try:
            if posix.stat(path).st_mode & 0o170000 == 0o040000:
                return path, bool(folder)
        except OSError:
            pass
    return None


def _change(shell: Shell, target: str, physical: bool, check: bool) -> None:
    old = shell.variables.get('PWD')
    if old is None or old[:1] != '/':
        old = _physical() or old
    if physical:
        path = target
    else:
        path = target if target[0] == '/' or old is None \
            else old.rstrip('/') + '/' + target
        path = _canonical(path, target)
    try:
        posix.chdir(path)
    except OSError as error:
        try:                            # PWD may lie, or the path be too long
            if path == target or error.errno not in (2, 36):
                raise
            posix.chdir(target)
            physical = True
        except OSError:
            raise BuiltinError(f'{target}: {error.strerror}') from None
    except ValueError:
        raise BuiltinError(f'{target!r}: not a file name') from None
    shell.search.forget_relative()
    variables = shell.variables
    if old is not None:
        variables.assign('OLDPWD', old)
        variables.add_flags('OLDPWD', EXPORT)
    new = _physical() if physical else path
    if new is not None:
        variables.assign('PWD', new)
    elif check:
        raise BuiltinError('error retrieving current directory')


def _physical() -> str | None:
    try:
        return posix.getcwd()
    except OSError:
        return None


def _canonical(path: str, target: str) -> str:
    """An absolute path without . and .. (XCU 3, cd, step 8)."""
    kept: list[str] = []
    for piece in path.split('/'):
        if piece == '..':
            if kept:
                before = '/' + '/'.join(kept)
                try:
                    if posix.stat(before).st_mode & 0o170000 != 0o040000:
                        raise BuiltinError(f'{target}: Not a directory')
                except OSError as error:
                    raise BuiltinError(f'{target}: {error.strerror}') from None
                kept.pop()
        elif piece not in ('', '.'):
            kept.append(piece)
    double = path.startswith('//') and not path.startswith('///')
    return ('//' if double else '/') + '/'.join(kept)


def mkfifo(shell: Shell, argv: list[str]) -> int:
    """Make FIFOs (XCU 3, mkfifo); errors are the kernel's own, in words."""
    options, operands = parse_options(argv, '', 'm')
    if not operands:
        raise UsageError('missing operand')
    mode = None
    if 'm' in options:
        from minishell.builtins.limits import parse_mode
        mode = parse_mode(options['m'], 0o666)
        if mode is None:
            raise BuiltinError(f'invalid mode: {options["m"]}')
    status = 0
    for path in operands:
        try:
            if mode is None:
                posix.mkfifo(path, 0o666)
            else:
                posix.mkfifo(path, mode & 0o666)
                posix.chmod(path, mode)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else 'not a file name'
            shell.warn(f'mkfifo: {path}: {reason}')
            status = 1
    return status
