"""`shopt` of bash: options that `set` does not know, and with -o those that it does."""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError
from minishell.state.options import UNLISTED, listed, named, turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.state.shell import Shell

# Those of bash 5.2.  No effect have, for now, most about completion by hand, the mail,
# older versions (compat…), jobs at the end, the line editor and messages (gnu_errfmt).
NAMES = (
    'autocd', 'assoc_expand_once', 'cdable_vars', 'cdspell', 'checkhash', 'checkjobs',
    'checkwinsize', 'cmdhist', 'compat31', 'compat32', 'compat40', 'compat41', 'compat42',
    'compat43', 'compat44', 'complete_fullquote', 'direxpand', 'dirspell', 'dotglob',
    'execfail', 'expand_aliases', 'extdebug', 'extglob', 'extquote', 'failglob',
    'force_fignore', 'globasciiranges', 'globskipdots', 'globstar', 'gnu_errfmt',
    'histappend', 'histreedit', 'histverify', 'hostcomplete', 'huponexit', 'inherit_errexit',
    'interactive_comments', 'lastpipe', 'lithist', 'localvar_inherit', 'localvar_unset',
    'login_shell', 'mailwarn', 'no_empty_cmd_completion', 'nocaseglob', 'nocasematch',
    'noexpand_translation', 'nullglob', 'patsub_replacement', 'progcomp', 'progcomp_alias',
    'promptvars', 'restricted_shell', 'shift_verbose', 'sourcepath', 'varredir_close',
    'xpg_echo',
)
FIXED = frozenset(('login_shell', 'restricted_shell'))      # set by how the shell was started
NO_OPTION = ('50', '51', '52')      # versions of bash, the newest last
NEWEST = NO_OPTION[-1]
VERSIONS = frozenset([name for name in NAMES if name.startswith('compat')])     # one at a time


def shopt(shell: Shell, argv: list[str]) -> int:
    """Set or print options."""
    options, operands = parse_options(argv, 'pqsuo')
    if 's' in options and 'u' in options:
        raise BuiltinError('cannot set and unset shell options simultaneously')
    known = _set_options(shell) if 'o' in options else {
        name: name in shell.shopts for name in operands or NAMES if name in NAMES}
    if operands and ('s' in options or 'u' in options):
        return _change(shell, operands, known, 's' in options, 'o' in options)
    status = 0
    for name in operands or list(known):
        on = known.get(name)
        if on is None:
            _complain(shell, name, 'o' in options)
            status = 1
            continue
        if operands and not on:
            status = 1
        elif not operands and ('s' in options and not on or 'u' in options and on):
            continue
        if 'q' in options:
            continue
        if 'p' not in options:
            shell.out.write(f'{name:<15}\t{"on" if on else "off"}\n')
        elif 'o' in options:
            shell.out.write(f'set {"-" if on else "+"}o {name}\n')
        else:
            shell.out.write(f'shopt -{"s" if on else "u"} {name}\n')
    return status


def _change(shell: Shell, names: list[str], known: dict[str, bool], on: bool,
            of_set: bool) -> int:
    status = 0
    for name in names:
        if name not in known:
            _complain(shell, name, of_set)
            status = 1
        elif of_set:
            turn(shell, named(name), on)
        elif name not in FIXED:
            if name in VERSIONS:
                shell.variables.assign('BASH_COMPAT', name[-2:] if on else NEWEST)
            else:
                shell.set_shopt(name, on)
    return status


def be_version(shell: Shell, value: str | None) -> None:
    """Have the option on that BASH_COMPAT stands for; none of them for a version that has no
    option, or none."""
    shell.shopts -= VERSIONS
    if not value:
        return
    digits = value[0] + value[-1] if value[1:-1] in ('', '.') else ''
    if f'compat{digits}' in VERSIONS:
        shell.set_shopt(f'compat{digits}', True)
    elif digits not in NO_OPTION:
        shell.warn(f'BASH_COMPAT: {value}: compatibility value out of range')


def _complain(shell: Shell, name: str, of_set: bool) -> None:
    kind = 'option name' if of_set else 'shell option name'
    shell.warn(f'shopt: {name}: invalid {kind}')


def _set_options(shell: Shell) -> dict[str, bool]:
    return {listed(name): on for name, on in _values(shell) if name not in UNLISTED}


def _values(shell: Shell) -> Iterator[tuple[str, bool]]:
    for name in shell.options.__slots__:
        yield name, getattr(shell.options, name)
