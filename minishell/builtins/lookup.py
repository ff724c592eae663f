"""Built-in utilities about command names: alias, unalias, command, type (XCU 3)."""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.builtins.registry import BEFORE_PATH, BUILTINS, COURSE, is_special
from minishell.errors import BuiltinError, SynopsisError
from minishell.run.commands import run_plainly
from minishell.run.tables import NO_ALIAS_NAME
from minishell.run.tracing import quoted
from minishell.run.utilities import call_builtin, load_builtin
from minishell.state.search import STANDARD_PATH, is_executable
from minishell.syntax.names import RESERVED_WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.state.shell import Shell

LONG_OPTIONS = {f'{dashes}{word}': f'-{word[0]}' for dashes in ('-', '--')
                for word in ('type', 'path', 'all')}     # of type, from older days


def alias(shell: Shell, argv: list[str]) -> int:
    """Define or print aliases (XCU 3, alias)."""
    options, operands = parse_options(argv, 'p')
    aliases = shell.known_aliases()
    before = 'alias ' if 'p' in options or shell.as_bash('alias') else ''
    if not operands or 'p' in options:
        for name in sorted(aliases):
            shell.out.write(_alias_line(shell, name, before))
    status = 0
    for operand in operands:
        name, equals, value = operand.partition('=')
        if equals and name:
            if NO_ALIAS_NAME.isdisjoint(name):
                aliases[name] = value
            else:
                shell.warn(f"alias: `{name}': invalid alias name")
                status = 1
        elif name in aliases:
            shell.out.write(_alias_line(shell, name, before))
        else:
            shell.warn(f'alias: {operand}: not found')
            status = 1
    return status


def _alias_line(shell: Shell, name: str, before: str) -> str:
    value = shell.known_aliases()[name]
    return f'{before}{"-- " * (before + name[:1] == "alias -")}{name}={_in_quotes(value)}\n'


def _in_quotes(value: str) -> str:
    text = quoted(value)
    return text if text[:1] in ("'", '$', '\\') else f"'{text}'"


def unalias(shell: Shell, argv: list[str]) -> int:
    """Remove aliases (XCU 3, unalias)."""
    options, operands = parse_options(argv, 'a')
    if 'a' in options:
        shell.known_aliases().clear()
        return 0
    if not operands:
        raise SynopsisError('')
    status = 0
    for name in operands:
        if shell.known_aliases().pop(name, None) is None:
            shell.warn(f'unalias: {name}: not found')
            status = 1
    return status


def _folders(shell: Shell, standard: bool) -> list[str]:
    return STANDARD_PATH.split(':') if standard else shell.search.folders()


def command(shell: Shell, argv: list[str]) -> int:
    """Run a utility that is no function, or say what a name is (XCU 3, command)."""
    options, operands = parse_options(argv, 'pvV')
    if not operands:
        return 0
    standard = 'p' in options
    asked = [letter for letter in options if letter in 'vV']
    if asked:
        known = 0
        for name in operands:
            found = next(matches(shell, name, standard), None)
            if found is not None:
                known += 1
                shell.out.write(_in_brief(shell, name, *found) if asked[-1] == 'v'
                                else _in_words(shell, name, *found))
            elif asked[-1] == 'V':
                shell.warn(f'command: {name}: not found')
        return 0 if known else 1
    if standard and operands[0] not in BUILTINS and '/' not in operands[0]:
        from minishell.run.processes import run_program
        from minishell.run.unfound import complain
        path = shell.search.look(operands[0], _folders(shell, True))
        if path is None:
            return complain(shell, operands[0], None)
        return run_program(shell, operands, shell.variables.environment(), [], False, path)
    return run_plainly(shell, operands)


def builtin(shell: Shell, argv: list[str]) -> int:
    """Run a built-in utility even if a function has its name, as in bash."""
    _, operands = parse_options(argv, '')
    if not operands:
        return 0
    name = operands[0]
    if name not in BUILTINS and name not in COURSE or name in shell.parts.get('disabled', ()):
        raise BuiltinError(f'{name}: not a shell builtin')
    if name in COURSE:
        return call_builtin(shell, load_builtin(name), operands, False)
    return run_plainly(shell, operands)


def type_(shell: Shell, argv: list[str]) -> int:
    """Say what command names are (XCU 3, type); the options are those of bash."""
    argv = [LONG_OPTIONS.get(word, word) for word in argv]
    options, operands = parse_options(argv, 'afpPt')
    form = ([letter for letter in options if letter in 'ptP'] or [''])[-1]
    every, files = 'a' in options, 'P' in options
    status = 0
    for name in operands:
        known = False
        for kind, what in matches(shell, name, False, 'f' not in options, files, not every,
                                  not shell.options.posix):
            known = True
            if form == 't':
                shell.out.write(f'{"file" if kind == "hashed" else kind}\n')
            elif not form:
                shell.out.write(_in_words(shell, name, kind, what))
            elif kind in ('file', 'hashed'):
                shell.out.write(what + '\n')
            if not every:
                break
        if not known:
            status = 1
            if not form:
                shell.warn(f'type: {name}: not found')
    return status


def matches(shell: Shell, name: str, standard: bool, functions: bool = True,
            files: bool = False, remembered: bool = True,
            as_found: bool = False) -> Iterator[tuple[str, str]]:
    """All that a command name could be, what it is first: pairs of a kind and an alias's
    value or a pathname.  `functions`: those too; `files`: nothing else; `remembered`: what
    `hash` knows instead of PATH; `standard`: the PATH that finds all standard utilities;
    `as_found`: pathnames may be relative."""
    as_found = as_found or shell.as_bash('names as found')
    first = name in COURSE and COURSE[name].traits & BEFORE_PATH
    if not files:
        if name in shell.aliases:           # those that are not substituted are nothing
            yield 'alias', shell.aliases[name]
        if name in RESERVED_WORDS:
            yield 'keyword', ''
        disabled = shell.parts.get('disabled', {})
        if functions and shell.functions.get(name) is not disabled.get(name):
            yield 'function', ''
        if (name in BUILTINS or first) and name not in disabled:
            yield 'builtin', ''
    if '/' in name:
        if is_executable(name):
            yield 'file', name if as_found else _absolute(shell, name)
        return
    hashed = shell.search.hashed.get(name) if remembered and not standard else None
    anything = shell.as_bash('file names')
    if hashed and (anything or is_executable(hashed)):      # or PATH would be searched again
        yield 'hashed', hashed
        return
    found = False
    for folder in _folders(shell, standard):
        path = f'{folder or "."}/{name}'
        if is_executable(path) and not shell.search.ignores(path):
            found = True
            yield 'file', path if as_found else _absolute(shell, path)
    if anything and not found:
        path = shell.search.look(name, _folders(shell, standard)) or ''
        if path:
            yield 'file', path
    if name in COURSE and not found and not first and not files \
            and name not in shell.parts.get('disabled', ()):
        yield 'builtin', ''


def _in_brief(shell: Shell, name: str, kind: str, what: str) -> str:
    """The line of `command -v`: what could be used to do the same."""
    if kind == 'alias':
        return 'alias ' + _alias_line(shell, name, '')
    return (what or name) + '\n'


def _in_words(shell: Shell, name: str, kind: str, what: str) -> str:
    """The lines of `type` and `command -V`."""
    if kind == 'alias':
        return f"{name} is aliased to `{what}'\n"
    if kind == 'keyword':
        return f'{name} is a shell keyword\n'
    if kind == 'function':
        from minishell.run.functions import definition
        return f'{name} is a function\n{definition(shell, name)}\n'
    if kind == 'builtin':
        special = shell.options.posix and is_special(name)
        return f'{name} is a {"special " if special else ""}shell builtin\n'
    return f'{name} is hashed ({what})\n' if kind == 'hashed' else f'{name} is {what}\n'


def _absolute(shell: Shell, path: str) -> str:
    """An absolute pathname of the same file, as `command -v` has to print it."""
    if path[0] == '/':
        return path
    from minishell.builtins.directories import working_directory
    folder = working_directory(shell, False)
    return path if folder is None else f'{folder.rstrip("/")}/{path.removeprefix("./")}'
