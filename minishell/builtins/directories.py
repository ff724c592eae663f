"""Built-in utilities about directories and files: cd, pwd, mkfifo (XCU 3)."""
from __future__ import annotations

import posix
from errno import EACCES, ENAMETOOLONG, ENOTDIR

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError, SynopsisError, UsageError
from minishell.state.attributes import EXPORT
from minishell.state.search import DIRECTORY_TYPE, FORMAT
from minishell.system.descriptors import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

PIECES = 15         # components of 255 bytes that are no longer than PATH_MAX together


def same_directory(first: str, second: str) -> bool:
    """Whether two paths name one directory."""
    try:
        a, b = posix.stat(first), posix.stat(second)
    except OSError:
        return False
    return (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)


def valid_pwd(path: str | None) -> bool:
    """Whether PWD is absolute, without . and .. and names the working directory."""
    return path is not None and path[:1] == '/' and not (
        '/.' in path and any(piece in ('.', '..') for piece in path.split('/'))
    ) and same_directory(path, '.')


def working_directory(shell: Shell, physical: bool) -> str | None:
    """The working directory as `pwd` prints it; None if it cannot be found out."""
    path = shell.variables.get('PWD')
    if not physical and valid_pwd(path):
        return path
    return _physical()


def pwd(shell: Shell, argv: list[str]) -> int:
    """Print the working directory (XCU 3, pwd)."""
    physical = shell.options.physical
    for option in _link_options(argv)[0]:
        physical = option == 'P'
    path = working_directory(shell, physical)
    if path is None and not physical and shell.as_bash('pwd'):
        path = shell.variables.get('PWD')
    if path is None:
        raise BuiltinError('error retrieving current directory: No such file or directory')
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
                raise SynopsisError(f'-{letter}: invalid option')
            given.append(letter)
    return given, argv[index:]


def cd(shell: Shell, argv: list[str]) -> int:
    """Change the working directory (XCU 3, cd)."""
    return change(shell, argv, working_directory(shell, False))


def change(shell: Shell, argv: list[str], old: str | None) -> int:
    """What cd does, from the working directory `old`, as working_directory gives it."""
    options, operands = _link_options(argv, 'e')
    links = [option for option in options if option in 'LP'][-1:]
    physical = links == ['P'] or not links and shell.options.physical
    check = physical and 'e' in options
    before = shell.variables.get('OLDPWD')
    try:
        target, announce = _destination(shell, operands)
        try:
            _change(shell, target, physical, old)
        except BuiltinError:
            named = shell.variables.get(target) if 'cdable_vars' in shell.shopts else None
            if not named:
                raise
            _change(shell, named, physical, old)
            announce = True
    except BuiltinError as error:
        if check:
            error.status = 2        # 1 says that only PWD could not be determined
        raise
    if check and _physical() is None:
        raise BuiltinError('error retrieving current directory')
    if announce:
        here = shell.variables.get('PWD') or ''
        if before is not None and operands == ['-'] and shell.as_bash('cd -'):
            here = before               # as it was given
        shell.out.write(here + '\n')
    return 0


def _destination(shell: Shell, operands: list[str]) -> tuple[str, bool]:
    """Where to go, and whether to print it (steps 1 to 6)."""
    if len(operands) > 1:
        raise BuiltinError('too many arguments')
    announce = False
    if not operands:
        target = shell.variables.get('HOME')
        if target is None:
            raise BuiltinError('HOME not set')
    elif operands[0] == '-':
        target = shell.variables.get('OLDPWD')
        if target is None or not target and not shell.as_bash('cd -'):
            raise BuiltinError('OLDPWD not set')
        announce = True
    elif not operands[0]:
        if not shell.as_bash('cd'):
            raise BuiltinError('null directory')
        target = ''
    else:
        target = operands[0]
    target = target or '.'
    found = _in_cdpath(shell, target)
    return (target, announce) if found is None else (found[0], announce or found[1])


def _in_cdpath(shell: Shell, target: str) -> tuple[str, bool] | None:
    """The directory found through CDPATH, and whether to print it."""
    cdpath = shell.variables.get('CDPATH')
    first = target.split('/', 1)[0]
    if not cdpath or target[0] == '/' or first in ('.', '..'):
        return None
    for folder in cdpath.split(':'):
        path = target if not folder else folder.rstrip('/') + '/' + target
        try:
            if posix.stat(path).st_mode & FORMAT == DIRECTORY_TYPE:
                return path, bool(folder)
        except (OSError, ValueError):
            pass
    return None


def _change(shell: Shell, target: str, physical: bool, old: str | None) -> None:
    """Steps 7 to 10: go there, set PWD and OLDPWD.

    A relative name begins at the working directory, whatever PWD says.  If that has been
    removed, there is only its name, if we knew it, and what the kernel makes of the target.
    """
    variables = shell.variables
    trusting = old is None and shell.as_bash('removed directory')
    old = old or _removed(variables.get('PWD'))
    path = target
    try:
        if old is not None and not physical:
            path = _canonical(target if target[0] == '/' else old.rstrip('/') + '/' + target,
                              trusting)
        elif target[0] == '/' and not physical:
            path = _canonical(target)
        else:
            physical = True
        try:
            _enter(path, old)
        except FileNotFoundError:
            if path == target:
                raise
            posix.chdir(target)         # as bash: not by name, but by links
            physical = True
    except OSError as error:
        if not target.isprintable():
            from minishell.run.tracing import dollar_quoted
            target = dollar_quoted(target)
        raise BuiltinError(f'{target}: {error.strerror}') from None
    except ValueError:
        raise BuiltinError(f'{target!r}: not a file name') from None
    shell.search.forget_relative()
    new = _physical() if physical else path
    if new is not None:
        variables.assign('PWD', new)
    if old is None:
        variables.unset('OLDPWD')       # nobody knows a way back
    else:
        variables.assign('OLDPWD', old)
        variables.add_flags('OLDPWD', EXPORT)


def _removed(path: str | None) -> str | None:
    """The name of a directory that is no more; None if there is something of that name."""
    try:
        if path is not None and path[:1] == '/':
            posix.stat(path)
    except FileNotFoundError:
        return path
    except OSError:
        pass
    return None


def _enter(path: str, old: str | None) -> None:
    """chdir, also where the name is longer than PATH_MAX (step 9).  Raises OSError."""
    try:
        posix.chdir(path)
    except OSError as error:
        if error.errno not in (EACCES, ENAMETOOLONG):
            raise
        start = (old or '').rstrip('/') + '/'
        if f'{path}/'.startswith(start):        # what is above need not be searchable
            path = path[len(start):] or '.'
        fd = _open_in_pieces(path)
        try:
            posix.fchdir(fd)
        finally:
            close(fd)


def _open_in_pieces(path: str) -> int:
    """A descriptor of a directory, however long its name is.  Raises OSError."""
    flags = posix.O_PATH | posix.O_DIRECTORY | posix.O_CLOEXEC
    fd = posix.open('/' if path[:1] == '/' else '.', flags)
    pieces = [piece for piece in path.split('/') if piece]
    for index in range(0, len(pieces), PIECES):
        try:
            next_fd = posix.open('/'.join(pieces[index:index + PIECES]), flags, dir_fd=fd)
        finally:
            close(fd)
        fd = next_fd
    return fd


def _need_directory(path: str) -> None:
    """Raises OSError if path is none."""
    try:
        mode = posix.stat(path).st_mode
    except OSError as error:
        if error.errno != ENAMETOOLONG:
            raise
        close(_open_in_pieces(path))
    else:
        if mode & FORMAT != DIRECTORY_TYPE:
            raise OSError(ENOTDIR, 'Not a directory')


def _physical() -> str | None:
    try:
        return posix.getcwd()
    except OSError:
        return None


def _canonical(path: str, trusting: bool = False) -> str:
    """An absolute path without . and .. (step 8), before which there must be directories
    unless that is trusted.  Raises OSError."""
    kept: list[str] = []
    for piece in path.split('/'):
        if piece == '..':
            if kept:
                if not trusting:
                    _need_directory('/' + '/'.join(kept))
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
        from minishell.builtins.limits import current_umask, parse_mode
        mode = parse_mode(options['m'], 0o666, current_umask())
        if mode is None or mode > 0o777:
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
