"""What `complete` and `compgen` choose from: a function for each action, `(shell, word)` to the
candidates that begin with the word, in bash's order."""
from __future__ import annotations

import posix

from minishell.builtins.helping import TOPICS
from minishell.builtins.registry import BUILTINS
from minishell.builtins.shopt import NAMES as SHOPTS
from minishell.expand.tilde import expand_tilde
from minishell.state.attributes import ARRAYS, EXPORT
from minishell.state.completions import completions_of
from minishell.state.disabled import defined, disabled, is_disabled
from minishell.state.linekeys import FUNCTIONS
from minishell.state.options import NAMES as OPTIONS
from minishell.state.options import UNLISTED, listed
from minishell.state.search import DIRECTORY_TYPE, FORMAT, is_executable
from minishell.syntax.breaking import dequoted
from minishell.system.blocking import read_file
from minishell.system.signals import NAMES as SIGNALS
from minishell.system.signals import RTMAX, RTMIN, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from minishell.state.jobs import Job
    from minishell.state.shell import Shell

KEYWORDS = ('if', 'then', 'else', 'elif', 'fi', 'case', 'esac', 'for', 'select', 'while',
            'until', 'do', 'done', 'in', 'function', 'time', '{', '}', '!', '[[', ']]',
            'coproc')
AT = {'+': 'PWD', '-': 'OLDPWD'}         # what ~+ and ~- stand for

# -- files ------------------------------------------------------------------------------


def files(shell: Shell, word: str) -> list[str]:
    """Pathnames; the folder keeps its tilde."""
    folder, slash, begin = word.rpartition('/')
    folder += slash
    try:
        names = posix.listdir(path_of(shell, folder) or '.')
    except (OSError, ValueError):
        return []
    if begin[:1] == '.':
        names += ['.', '..']
    return [folder + name for name in names if name.startswith(begin)]


def path_of(shell: Shell, text: str) -> str:
    """The pathname that text with a tilde at its start means."""
    if text[:1] != '~':
        return text
    user, slash, rest = text[1:].partition('/')
    home = shell.variables.get(AT[user]) if user in AT else \
        expand_tilde(user, shell.variables.get('HOME'))
    return text if home is None else home + slash + rest


def is_folder(shell: Shell, text: str) -> bool:
    """Whether a candidate is a directory, or a link to one."""
    try:
        return posix.stat(path_of(shell, text)).st_mode & FORMAT == DIRECTORY_TYPE
    except (OSError, ValueError):
        return False


def folders(shell: Shell, word: str) -> list[str]:
    """Pathnames of directories."""
    return [name for name in files(shell, word) if is_folder(shell, name)]


def commands(shell: Shell, word: str) -> list[str]:
    """Whatever can be a command's name."""
    if '/' in word:
        return [name for name in files(shell, word)
                if is_folder(shell, name) or is_executable(path_of(shell, name))]
    found = [*shell.known_aliases(), *KEYWORDS, *_functions(shell), *_enabled(shell)]
    found = _matching(found, word)
    for folder in shell.search.folders():
        try:
            names = posix.listdir(folder or '.')
        except (OSError, ValueError):
            continue
        found += [name for name in names if name.startswith(word)
                  and is_executable(f'{folder or "."}/{name}')]
    return found


# -- names of the system --------------------------------------------------------------------


def users(shell: Shell, word: str) -> list[str]:
    """Users; `~` before the name stays."""
    import pwd
    tilde = '~' if word[:1] == '~' else ''
    return [tilde + name for name in _matching(
        (entry.pw_name for entry in pwd.getpwall()), word.removeprefix('~'))]


def groups(shell: Shell, word: str) -> list[str]:
    """Groups."""
    import grp
    return _matching((entry.gr_name for entry in grp.getgrall()), word)


def services(shell: Shell, word: str) -> list[str]:
    """Services of the network: of each the first of its names that fits."""
    found = []
    for line in _lines('/etc/services'):
        fields = line.partition('#')[0].split()
        found += _matching([*fields[:1], *fields[2:]], word)[:1]
    return found


def hosts(shell: Shell) -> list[str]:
    """The names in the file HOSTFILE, or /etc/hosts."""
    found = []
    for line in _lines(shell.variables.get('HOSTFILE') or '/etc/hosts'):
        fields = line.partition('#')[0].split()
        found += fields[1:] if fields and fields[0][0].isdigit() else fields
    return found


def _lines(path: str) -> list[str]:
    try:
        return read_file(path).decode('utf-8', 'surrogateescape').split('\n')
    except (OSError, ValueError):
        return []


# -- names of the shell ---------------------------------------------------------------------


def _functions(shell: Shell) -> list[str]:
    return sorted(defined(shell))


def _enabled(shell: Shell) -> list[str]:
    return [name for name in sorted(BUILTINS) if not is_disabled(shell, name)]


def _variables(shell: Shell) -> list[str]:
    return [name for name in shell.variables.names()
            if shell.variables.is_set(name) and (name != 'FUNCNAME' or shell.function_depth)]


def _exported(shell: Shell) -> list[str]:
    return [name for name in shell.variables.flagged(EXPORT) if shell.variables.is_set(name)]


def _arrays(shell: Shell) -> list[str]:
    variables = shell.variables
    return [name for name in _variables(shell) if variables.flags.get(name, 0) & ARRAYS
            or name in variables.dynamic and type(variables.dynamic[name]()) is list]


def _signals(shell: Shell) -> list[str]:
    names = ['EXIT']
    for number in range(1, RTMAX + 1):
        known = number in SIGNALS or number >= RTMIN
        names.append(f'SIG{name_of(number)}' if known else f'SIGJUNK({number})')
    return [*names, 'DEBUG', 'ERR', 'RETURN']


def _options(shell: Shell) -> list[str]:
    return [listed(name) for name in OPTIONS if name not in UNLISTED]


def _jobs(shell: Shell, wanted: Callable[[Job], bool]) -> list[str]:
    shell.jobs.poll()
    return [job.text.split(' ')[0] for job in reversed(shell.jobs.jobs) if wanted(job)]


def _matching(names: Iterable[str], word: str) -> list[str]:
    return [name for name in names if name.startswith(word)]


LISTS: dict[str, Callable[[Shell], Iterable[str]]] = {
    'alias': lambda shell: sorted(shell.known_aliases()),
    'arrayvar': _arrays,
    'binding': lambda shell: FUNCTIONS,
    'builtin': lambda shell: sorted(BUILTINS),
    'disabled': lambda shell: sorted(disabled(shell)),
    'enabled': _enabled,
    'export': _exported,
    'function': _functions,
    'helptopic': lambda shell: TOPICS,
    'hostname': hosts,
    'job': lambda shell: _jobs(shell, lambda job: True),
    'keyword': lambda shell: KEYWORDS,
    'running': lambda shell: _jobs(shell, lambda job: not job.ended() and not job.stopped()),
    'setopt': _options,
    'shopt': lambda shell: SHOPTS,
    'signal': _signals,
    'stopped': lambda shell: _jobs(shell, lambda job: job.stopped()),
    'variable': _variables,
}
SEARCHES: dict[str, Callable[[Shell, str], list[str]]] = {
    'command': commands, 'file': files, 'user': users, 'group': groups, 'service': services,
    'directory': folders,
}
ACTIONS = (*LISTS, *SEARCHES)           # in the order in which bash looks


def candidates(shell: Shell, action: str, word: str, again: bool = False) -> list[str]:
    """Those of an action; `again`: it is compgen that asks, for a function that has perhaps
    quoted the word itself."""
    if action in LISTS:
        return _matching(LISTS[action](shell), dequoted(word))
    word = without_quotes(shell, word)
    quotes = completions_of(shell).line
    if again and action == 'file' and quotes is not None and quotes.any:
        word = dequoted(word, quotes.open)
    return SEARCHES[action](shell, word)


def without_quotes(shell: Shell, word: str) -> str:
    """The word of a line that is being completed without its quotes; any other as it is."""
    quotes = completions_of(shell).line
    return word if quotes is None else dequoted(word, quotes.open)
