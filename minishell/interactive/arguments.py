"""What the arguments of commands are, where `complete` has not said it: jobs, signals, names.

Each function gives the candidates, and what each of them is in a few words.
"""
from __future__ import annotations

import posix
import re

from minishell.builtins.candidates import candidates, folders, without_quotes
from minishell.builtins.completing import Command
from minishell.builtins.helping import TOPICS
from minishell.builtins.registry import BUILTINS, COURSE
from minishell.codec import decoded
from minishell.state.joblines import state
from minishell.system.blocking import read_file
from minishell.system.facts import command_line, status_of
from minishell.system.signals import NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from minishell.state.shell import Shell

    Meanings = dict[str, str]           # candidate -> what it is
    Kind = Callable[[Shell, Command, str], Meanings]

# What another command is behind, options and assignments between: which take an argument.
PREFIXES = {
    'builtin': '', 'command': '', 'doas': 'uC', 'env': 'uCS', 'exec': 'a', 'explain': '',
    'ionice': 'cn', 'nice': 'n', 'nohup': '', 'setsid': '', 'stdbuf': 'ioe',
    'strace': 'abeEIoOpPsSuX', 'sudo': 'CDghpRrtTuU', 'time': 'fo', 'watch': 'n',
    'xargs': 'adEILnPs'}
LONG_VALUE = 40         # characters of a variable's value that are shown
TARGET = re.compile(r'^([^\s:#=.%][^\s:#=%]*)\s*:(?!=)', re.MULTILINE)
MAKEFILES = ('GNUmakefile', 'makefile', 'Makefile')


def _of(action: str, meaning: str = '') -> Kind:
    """The kind that is an action of `complete`."""
    return lambda shell, command, word: dict.fromkeys(candidates(shell, action, word), meaning)


def jobs(shell: Shell, command: Command, word: str) -> Meanings:
    """Job IDs: %1."""
    shell.jobs.poll()
    return _beginning(word, {f'%{job.number}': f'{state(job)}: {job.text}'
                             for job in reversed(shell.jobs.jobs)})


def processes(shell: Shell, command: Command, word: str) -> Meanings:
    """Job IDs, and process IDs of this user."""
    found = jobs(shell, command, word)
    user, own = posix.getuid(), posix.getpid()
    for name in posix.listdir('/proc'):
        if name.startswith(word) and name.isdecimal() and int(name) != own:
            owner = status_of(int(name)).get('Uid', '').split()[:1]
            line = command_line(int(name)) if owner == [str(user)] else ''
            if line:
                found[name] = line
    return found


def signals(shell: Shell, command: Command, word: str) -> Meanings:
    """The names of signals, without SIG."""
    from minishell.explain.terms import SIGNALS
    known = {name: SIGNALS[name][1] if name in SIGNALS else '' for name in NAMES.values()}
    return _beginning(word.removeprefix('SIG') if word != 'SIG' else '', known)


def to_kill(shell: Shell, command: Command, word: str) -> Meanings:
    """A signal behind the hyphen, or whom to send it."""
    if command.before() == '-s':
        return signals(shell, command, word)
    if word[:1] == '-':
        return {f'-{name}': meaning
                for name, meaning in signals(shell, command, word[1:]).items()}
    return processes(shell, command, word)


def to_trap(shell: Shell, command: Command, word: str) -> Meanings:
    """Conditions, behind the action."""
    if command.index < 2 and command.before() != '-p':
        return {}
    return _beginning(word, {'EXIT': 'the end of the shell', 'DEBUG': 'before each command',
                             'ERR': 'a command has failed', 'RETURN': 'the end of a function',
                             **signals(shell, command, word)})


def variables(shell: Shell, command: Command, word: str) -> Meanings:
    """The names of variables, with their values."""
    if '-f' in command.words[1:command.index]:
        return functions(shell, command, word)
    return {name: _short(shell.variables.get(name) or '')
            for name in candidates(shell, 'variable', word)}


def functions(shell: Shell, command: Command, word: str) -> Meanings:
    """The names of functions."""
    return dict.fromkeys(candidates(shell, 'function', word), 'function')


def options_of_set(shell: Shell, command: Command, word: str) -> Meanings:
    """The names of `set -o`, and whether they are on."""
    if command.before() not in ('-o', '+o'):
        return {}
    return {name: 'on' if getattr(shell.options, name.replace('-', '_')) else 'off'
            for name in candidates(shell, 'setopt', word)}


def shopts(shell: Shell, command: Command, word: str) -> Meanings:
    """The names of `shopt`, and whether they are on."""
    return {name: 'on' if name in shell.shopts else 'off'
            for name in candidates(shell, 'shopt', word)}


def aliases(shell: Shell, command: Command, word: str) -> Meanings:
    """The names of aliases, with what they stand for."""
    known = shell.known_aliases()
    return {name: _short(known[name]) for name in candidates(shell, 'alias', word)}


def builtins(shell: Shell, command: Command, word: str) -> Meanings:
    """Built-in utilities, and what they do."""
    return _beginning(word, {name: row.description
                             for name, row in (*BUILTINS.items(), *COURSE.items())})


def topics(shell: Shell, command: Command, word: str) -> Meanings:
    """What `help` knows."""
    return {**_beginning(word, dict.fromkeys(TOPICS, '')), **builtins(shell, command, word)}


def commands(shell: Shell, command: Command, word: str) -> Meanings:
    """The names of commands."""
    return _of('command')(shell, command, word)


def directories(shell: Shell, command: Command, word: str) -> Meanings:
    """Folders."""
    return dict.fromkeys(folders(shell, without_quotes(shell, word)), '')


def pages(shell: Shell, command: Command, word: str) -> Meanings:
    """Manual pages, with their sections."""
    from minishell.explain.manual import FOLDERS
    found: Meanings = {}
    if word:
        for folder in FOLDERS:
            for section in '18567234':
                for name in _names(f'{folder}/man{section}'):
                    title, _, rest = name.removesuffix('.gz').rpartition('.')
                    if title.startswith(word):
                        found.setdefault(title, f'section {rest}')
    return found


def targets(shell: Shell, command: Command, word: str) -> Meanings:
    """What the makefile here makes."""
    for name in MAKEFILES:
        try:
            text = decoded(read_file(name))
        except OSError:
            continue
        return _beginning(word, dict.fromkeys(TARGET.findall(text), name))
    return {}


def subcommands_of_git(shell: Shell, command: Command, word: str) -> Meanings:
    """The commands that git's manual page lists, in the place of one."""
    if any(each[:1] != '-' for each in command.words[1:command.index]):
        return {}
    from minishell.explain.manual import commands_of
    return _beginning(word, commands_of('git'))


def hosts(shell: Shell, command: Command, word: str) -> Meanings:
    """Names of machines: /etc/hosts, and those that ssh knows."""
    home = shell.variables.get('HOME') or ''
    user, at, begin = word.rpartition('@')
    names = dict.fromkeys(candidates(shell, 'hostname', begin), '/etc/hosts')
    for line in _lines(f'{home}/.ssh/config'):
        words = line.split()
        if words[:1] and words[0].lower() == 'host':
            names |= {name: '.ssh/config' for name in words[1:] if not set(name) & set('*?!')}
    for line in _lines(f'{home}/.ssh/known_hosts'):
        if line[:1] not in ('|', '#', '@', ''):
            names |= {name.strip('[]').partition(']')[0]: 'known to ssh'
                      for name in line.split()[0].split(',')}
    return {user + at + name: meaning for name, meaning in _beginning(begin, names).items()}


KINDS: dict[str, Kind] = {
    **dict.fromkeys(('bg', 'disown', 'fg', 'jobs'), jobs),
    **dict.fromkeys(('cd', 'pushd', 'rmdir'), directories),
    **dict.fromkeys(('declare', 'export', 'local', 'read', 'readonly', 'typeset', 'unset'),
                    variables),
    **dict.fromkeys(('hash', 'type', 'which'), commands),
    **dict.fromkeys(('alias', 'unalias'), aliases),
    **dict.fromkeys(('ssh', 'sftp', 'ping', 'host', 'dig', 'traceroute', 'telnet'), hosts),
    **dict.fromkeys(('chown', 'id', 'passwd', 'su'), _of('user', 'user')),
    'chgrp': _of('group', 'group'), 'enable': builtins, 'git': subcommands_of_git,
    'help': topics, 'kill': to_kill, 'man': pages, 'make': targets, 'pcb': processes,
    'set': options_of_set, 'shopt': shopts, 'trap': to_trap, 'wait': processes,
    'waitpid': processes, 'fds': processes,
}
FOLDERS_TOO = frozenset(('cd', 'pushd', 'rmdir'))       # whose candidates are files' names


def started(command: Command) -> Command:
    """The command that `sudo`, `env` and their like start, their options and assignments
    left out; without a name where that is what is being typed."""
    words, at = command.words, 0
    while at < command.index and words[at] in PREFIXES:
        taking = PREFIXES[words[at]]
        at += 1
        while at < command.index and (words[at][:1] == '-' or '=' in words[at][1:]):
            at += 1 + (len(words[at]) == 2 and words[at][1] in taking)
    if not at:
        return command
    at = min(at, command.index)
    name = '' if at == command.index else words[at]
    return Command(name, command.line, command.point, words[at:], command.index - at)


def proposals(shell: Shell, command: Command, word: str) -> Meanings:
    """The candidates for an argument of a command that is known here, if it is."""
    kind = KINDS.get(command.name)
    if kind is None or command.name in shell.functions:
        return {}
    return kind(shell, command, word)


def options(shell: Shell, name: str, sub: str, word: str) -> Meanings:
    """The options of a command that begin with a word: of a built-in utility by its synopsis,
    of others by the manual page, also that of its subcommand."""
    if name in shell.functions:
        return {}
    row = BUILTINS.get(name) or COURSE.get(name)
    if row is not None and name not in ('test', '[', 'kill', 'printf'):
        return _beginning(word, _by_synopsis(row.synopsis))
    from minishell.explain.manual import manual_of
    base = name.rpartition('/')[2]
    places = shell.variables.get('MANPATH')
    manual = (manual_of(f'{base}-{sub}', places) if sub else None) or manual_of(base, places)
    if manual is None:
        return {}
    return {each: option.sentence for each, option in manual.options.items()
            if each.startswith(word) and each[0] == '-' and each not in ('-', '--')}


def _by_synopsis(synopsis: str) -> Meanings:
    """`[-ab] [-n name]` -> -a, -b, -n."""
    found: Meanings = {}
    for letters, argument in re.findall(r'(?<![\w-])-([A-Za-z0-9]+)((?: [a-z]\w*(?=\]))?)',
                                        synopsis):
        for letter in letters:
            found.setdefault(f'-{letter}', argument.strip())
    return found


def _beginning(word: str, meanings: Meanings) -> Meanings:
    return {name: meaning for name, meaning in meanings.items() if name.startswith(word)}


def _short(value: str) -> str:
    value = ''.join([c if c >= ' ' else ' ' for c in value])
    return value if len(value) <= LONG_VALUE else value[:LONG_VALUE - 3] + '...'


def _names(folder: str) -> list[str]:
    try:
        return posix.listdir(folder)
    except OSError:
        return []


def _lines(path: str) -> Iterable[str]:
    try:
        return decoded(read_file(path)).splitlines()
    except OSError:
        return []
