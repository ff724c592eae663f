"""The variables that a shell begins with (XCU 2.5.3): those of the environment, and those that
are computed whenever they are read."""
from __future__ import annotations

import posix

from minishell.codec import decoded
from minishell.state.options import NAMES, UNLISTED, listed
from minishell.status import statuses_of
from minishell.system.blocking import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.arrays import AssociativeArray
    from minishell.state.computed import Computed
    from minishell.state.shell import Shell
    from minishell.state.variables import Variables

ASSIGNED = ('RANDOM', 'SECONDS', 'EPOCHSECONDS', 'EPOCHREALTIME', 'BASHPID')   # and go on
COMPUTED = (*ASSIGNED, 'UID', 'EUID', 'HOSTNAME', 'HOSTTYPE', 'MACHTYPE', 'OSTYPE', 'SHELL',
            'SRANDOM')
NOT_IMPORTED = ('BASHPID', 'BASHOPTS', 'EPOCHREALTIME', 'EPOCHSECONDS', 'LINENO', 'PIPESTATUS',
                'RANDOM', 'SHELLOPTS', 'SRANDOM', 'FUNCNAME', 'BASH_SOURCE', 'BASH_LINENO',
                'BASH_COMMAND', 'BASH_SUBSHELL', 'BASH_ARGC', 'BASH_ARGV', 'BASH_ARGV0',
                'GROUPS', 'DIRSTACK', 'HISTCMD', 'BASH_ALIASES', 'BASH_CMDS')
CALLS = ('FUNCNAME', 'BASH_SOURCE', 'BASH_LINENO', 'BASH_COMMAND', 'BASH_ARGC', 'BASH_ARGV',
         'GROUPS', 'DIRSTACK', 'HISTCMD')
TABLES = ('BASH_ALIASES', 'BASH_CMDS')
SET_CALLS = ('BASH_SUBSHELL', 'BASH_ARGV0')     # that can be assigned to
WORD_BREAKS = ' \t\n"\'@><=;|&(:'    # COMP_WORDBREAKS, unless a script sets it


def import_environment(shell: Shell, environment: dict[bytes, bytes]) -> None:
    """Variables at start (XCU 2.5.3)."""
    from minishell.state.attributes import ASSOCIATIVE, EXPORT, READONLY, UNASSIGNED
    from minishell.state.variables import shell_level
    from minishell.syntax.names import is_name
    variables = shell.variables
    values = variables.values
    for key, data in environment.items():
        name = decoded(key)
        value = decoded(data)
        if is_name(name):
            values[name] = value
            variables.flags[name] = variables.flags.get(name, 0) | EXPORT
        elif name:                      # `=x` cannot be handed on: posix_spawn refuses it
            variables.foreign[name] = value
    if values.get('LC_CTYPE') == 'C.UTF-8' and not values.get('LC_ALL'):
        _forget_coercion(shell)
    shell.locale_changed()
    variables.assign('SHLVL', str(shell_level(values.get('SHLVL', ''), 1)))
    variables.add_flags('SHLVL', EXPORT)
    values['IFS'] = ' \t\n'
    values['PPID'] = str(posix.getppid())
    if 'PS4' not in values or posix.geteuid() == 0:     # it may hold commands; as in bash
        values['PS4'] = '+ '
    values['OPTIND'] = values['OPTERR'] = '1'
    variables.dynamic['LINENO'] = lambda: str(shell.line)
    variables.flags['LINENO'] = variables.flags['SRANDOM'] = UNASSIGNED
    variables.dynamic['PIPESTATUS'] = lambda: list(map(str, statuses_of(shell.status)))
    variables.dynamic['COMP_WORDBREAKS'] = lambda: WORD_BREAKS
    for name in CALLS:
        variables.dynamic[name] = _calls(shell, name)
        variables.flags[name] = UNASSIGNED
    variables.assigners['DIRSTACK'] = lambda index, value: _assign_directory(
        shell, index, value)
    for name in SET_CALLS:
        variables.dynamic[name] = _calls(shell, name)
        variables.hook(name, _set_calls(shell, name), True)
    variables.hook('FUNCNEST', shell.look_watched)
    variables.dynamic['SHELLOPTS'] = lambda: ':'.join(
        listed(name) for name in NAMES if name not in UNLISTED and getattr(shell.options, name))
    for name in TABLES:
        variables.dynamic[name] = _table(shell, name)
        variables.flags[name] = ASSOCIATIVE
    variables.dynamic['BASHOPTS'] = lambda: ':'.join(sorted(shell.shopts))
    variables.flags['SHELLOPTS'] = variables.flags['BASHOPTS'] = READONLY
    for name, option in (('POSIXLY_CORRECT', 'posix'), ('IGNOREEOF', 'ignoreeof')):
        variables.hook(name, _switch(shell, option))
    variables.hook('BASH_COMPAT', lambda value: _be_version(shell, value))
    variables.hook('OPTIND', lambda value: _restart_getopts(variables))
    variables.hook('GLOBIGNORE', lambda value: _ignore_globs(shell, value))
    _add_computed(variables)
    for name in NOT_IMPORTED:
        values.pop(name, None)
    values.setdefault('_', shell.arg0)      # from now on each command's last word
    variables.flags.pop('_', None)
    if 'FUNCNEST' in values:
        shell.look_watched()
    if 'SECONDS' in values:             # as in bash it counts on from there
        variables.hooks['SECONDS'](values['SECONDS'])
    if 'PATH' not in values:
        from minishell.state.search import DEFAULT_PATH
        values['PATH'] = DEFAULT_PATH
    pwd = values.get('PWD', '')
    if pwd[:1] != '/' or not _names_here(pwd):
        try:
            values['PWD'] = posix.getcwd()
        except OSError:
            values.pop('PWD', None)
    variables.add_flags('PWD', EXPORT)


def _add_computed(variables: Variables) -> None:
    """The variables that bash computes; the module is loaded by the first use of one."""
    started = posix.times().elapsed
    loaded: list[Computed] = []

    def load() -> Computed:
        if not loaded:
            from minishell.state.computed import Computed
            loaded.append(Computed(variables, started))
        return loaded[0]

    def compute(name: str) -> Callable[[], str]:
        return lambda: str(getattr(load(), name.lower())())

    def assigned(name: str) -> Callable[[str | None], None]:
        return lambda value: load().assigned(name, value)
    for name in COMPUTED:
        variables.dynamic[name] = compute(name)
    for name in ASSIGNED:
        variables.hook(name, assigned(name), True)


def _calls(shell: Shell, name: str) -> Callable[[], str | list[str]]:
    """One of the variables about what is run; the module is loaded by its first use."""
    def compute() -> str | list[str]:
        from minishell.run import calls
        value: str | list[str] = getattr(calls, name.lower())(shell)
        return value
    return compute


def _be_version(shell: Shell, value: str | None) -> None:
    from minishell.builtins.shopt import be_version
    be_version(shell, value)


def _switch(shell: Shell, option: str) -> Callable[[str | None], None]:
    """Have an option on as long as a variable is set."""
    return lambda value: shell.set_option(option, value is not None)


def _table(shell: Shell, name: str) -> Callable[[], AssociativeArray]:
    """One of the tables that are arrays; the module is loaded by its first use."""
    def compute() -> AssociativeArray:
        from minishell.run import tables
        return tables.bash_aliases(shell) if name == 'BASH_ALIASES' else tables.bash_cmds(shell)
    return compute


def _set_calls(shell: Shell, name: str) -> Callable[[str | None], None]:
    def assigned(value: str | None) -> None:
        from minishell.run import calls
        calls.assigned(shell, name, value)
    return assigned


def _assign_directory(shell: Shell, index: int, value: str) -> None:
    """An element of DIRSTACK is set: not the first, the working directory."""
    if 0 < index <= len(shell.directories):
        shell.directories[index - 1] = value


def _ignore_globs(shell: Shell, value: str | None) -> None:
    """GLOBIGNORE turns `shopt dotglob` on, and off when it is unset, as in bash."""
    if value != '':
        shell.set_shopt('dotglob', value is not None)


def _restart_getopts(variables: Variables) -> None:
    variables.option_offset = 0


def _names_here(path: str) -> bool:
    if '/.' in path and any(piece in ('.', '..') for piece in path.split('/')):
        return False
    try:
        there, here = posix.stat(path), posix.stat('.')
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)


def _forget_coercion(shell: Shell) -> None:
    """Python sets LC_CTYPE in a C locale (PEP 538): not what our children were given."""
    try:
        data = read_file('/proc/self/environ')
    except OSError:
        return
    for entry in data.split(b'\0'):
        if entry.startswith(b'LC_CTYPE='):
            shell.variables.values['LC_CTYPE'] = decoded(entry[9:])
            return
    del shell.variables.values['LC_CTYPE']
    del shell.variables.flags['LC_CTYPE']
