"""The files that a shell reads before its commands, as far as there are any.

A login shell (`-l`, a name that begins with `-`) reads /etc/profile and ~/.profile; in bash
mode instead of the latter the first of ~/.bash_profile, ~/.bash_login and ~/.profile that is
there.  An interactive shell reads what ENV names (XCU 2.5.3), and behind it, unless in POSIX
mode, ~/.config/minishell/rc.sh; in bash mode ~/.bashrc alone, unless it is a login shell.  All
of these give way to `--rcfile FILE`.  A script reads what BASH_ENV names, in bash mode alone,
behind the profiles.  Who runs with another's rights (`-p`, set-user-ID) reads no file that a
variable names.
"""
from __future__ import annotations

import posix

from minishell.codec import decoded
from minishell.compile.compiler import Compiler
from minishell.errors import ShellSyntaxError
from minishell.session import make_parser, read_env, read_first
from minishell.state.attributes import EXPORT
from minishell.state.options import NAMES, UNLISTED, named
from minishell.syntax.nodes import FunctionDefinition
from minishell.syntax.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell
    from minishell.syntax.nodes import CommandList
    from minishell.syntax.parser import Parser

PROFILES = ('.bash_profile', '.bash_login', '.profile')


class StartFiles:
    """Which of them a shell is to read; called with the shell, it does so."""

    __slots__ = ('login', 'profile', 'rc', 'file')

    def __init__(self) -> None:
        self.login = False
        self.profile = True             # unless --noprofile
        self.rc = True                  # unless --norc
        self.file = ''                  # --rcfile: instead of ENV, rc.sh, ~/.bashrc

    def __call__(self, shell: Shell) -> None:
        """Read them."""
        as_bash = shell.as_bash('start files')
        home = (shell.variables.get('HOME') or '').rstrip('/')
        if self.login:
            if self.profile:
                read_first(shell, '/etc/profile')
                paths = [f'{home}/{name}' for name in (PROFILES if as_bash else PROFILES[-1:])]
                read_first(shell, *paths)
        elif shell.interactive and self.rc and (as_bash or self.file):
            read_first(shell, _with_home(shell, self.file) or f'{home}/.bashrc')
        if not as_bash and shell.interactive and not self.file:
            read_env(shell)
            if self.rc and not shell.options.posix and _has_own_rights(shell):
                from minishell.state.folders import folder_of
                folder = folder_of(shell.variables.values, 'XDG_CONFIG_HOME', '.config')
                if folder:
                    read_first(shell, f'{folder}/rc.sh')
        if as_bash and not shell.interactive and _has_own_rights(shell):
            name = shell.variables.get('BASH_ENV')
            if name:
                read_first(shell, _with_home(shell, shell.expand_text(name)))


def _has_own_rights(shell: Shell) -> bool:
    """Whether it runs with those of who has started it, and so may believe the environment."""
    return not shell.options.privileged and posix.getuid() == posix.geteuid() \
        and posix.getgid() == posix.getegid()


def _with_home(shell: Shell, path: str) -> str:
    """The name of a file, a tilde-prefix expanded."""
    if path[:1] != '~':
        return path
    from minishell.expand.tilde import expand_tilde
    user, slash, rest = path[1:].partition('/')
    folder = expand_tilde(user, shell.variables.get('HOME'))
    return path if folder is None else folder + slash + rest


def import_functions(shell: Shell) -> None:
    """Define the functions that the environment brings, as `export -f` of bash hands them on.

    An entry must begin with a line that is a definition of that function and no more; what
    else stands there is not run.
    """
    for entry, text in [*shell.variables.foreign.items()]:
        if not (entry.startswith('BASH_FUNC_') and entry.endswith('%%')
                and text.startswith('() {')) or shell.options.privileged:
            continue
        name = entry[10:-2]
        parser = make_parser(shell, Source(f'{name} {text}', 'environment', 0))
        first = None if '/' in name else _first_list(shell, parser, name)
        node = first.commands[0] if first is not None and len(first.commands) == 1 else None
        if type(node) is FunctionDefinition and node.name == name:
            Compiler(parser.lexer.source, shell.as_bash('lines')).command(node)(shell)
            shell.variables.functions[name] = EXPORT
        else:
            if first is not None:
                shell.warn(f'warning: {name}: ignoring function definition attempt')
            shell.warn(f"error importing function definition for `{name}'")
    shell.status = 0


def _first_list(shell: Shell, parser: Parser, name: str) -> CommandList | None:
    """What the text of a function in the environment begins with; None, behind a message, if
    that is wrong."""
    try:
        return parser.parse_complete_command()
    except ShellSyntaxError as error:
        error.name, error.runner = shell.name, name
        shell.report(error)
        return None


def import_settings(shell: Shell) -> None:
    """Options from SHELLOPTS, BASHOPTS, POSIXLY_CORRECT and IGNOREEOF of the environment; what
    the last two say later, too."""
    variables, environment = shell.variables, posix.environ
    for name in ('SHELLOPTS', 'BASHOPTS'):
        data = environment.get(name.encode())
        if data is None or shell.options.privileged:
            continue
        variables.add_flags(name, EXPORT)
        from minishell.builtins.shopt import FIXED
        from minishell.builtins.shopt import NAMES as SHOPTS
        for option in decoded(data).split(':'):
            if name == 'BASHOPTS' and option in SHOPTS and option not in FIXED:
                shell.set_shopt(option, True)
            elif name == 'SHELLOPTS' and named(option) in NAMES \
                    and named(option) not in UNLISTED:
                shell.set_option(named(option), True)
    if 'POSIXLY_CORRECT' in variables.values:
        shell.set_option('posix', True)
    if 'BASH_COMPAT' in variables.values:
        from minishell.builtins.shopt import be_version
        be_version(shell, variables.values['BASH_COMPAT'])
    if 'IGNOREEOF' in variables.values:
        shell.set_option('ignoreeof', True)
