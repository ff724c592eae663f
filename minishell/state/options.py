"""The options of `set` (XCU 2.15) and of the command line: one table."""
from __future__ import annotations

from minishell.errors import SynopsisError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

NAMES = {           # long name -> letter of `set -o`, '' if it has none; in `set -o` order
    'allexport': 'a', 'bash': '', 'braceexpand': 'B', 'emacs': '', 'errexit': 'e',
    'errtrace': 'E', 'functrace': 'T', 'hashall': 'h', 'histexpand': 'H', 'history': '',
    'ignoreeof': '', 'interactive': 'i', 'interactive_comments': '', 'keyword': 'k',
    'monitor': 'm', 'noclobber': 'C', 'noexec': 'n',
    'noglob': 'f', 'nolog': '', 'notify': 'b', 'nounset': 'u', 'onecmd': 't', 'physical': 'P',
    'pipefail': '', 'posix': '', 'privileged': 'p', 'stdin': 's', 'verbose': 'v', 'vi': '',
    'xtrace': 'x',
}
LETTERS = {letter: name for name, letter in NAMES.items() if letter}
AT_START_ONLY = frozenset(('interactive', 'stdin'))     # set cannot change them
UNLISTED = AT_START_ONLY | {'bash'}     # by `set -o`: other shells have none of these
SHOPTS_ON = frozenset((                 # by default; in bash mode those of dialect.py are off
    'checkhash', 'checkwinsize', 'cmdhist', 'complete_fullquote', 'expand_aliases',
    'extquote', 'force_fignore', 'globasciiranges', 'globskipdots', 'hostcomplete',
    'inherit_errexit', 'interactive_comments', 'patsub_replacement', 'progcomp',
    'promptvars', 'shift_verbose', 'sourcepath',
))
DASH_ORDER = 'abefhikmnptuvxBCEHPTs'                    # the order of letters in $-


class Options:
    """One bool for each option of the table."""

    __slots__ = tuple(NAMES)

    allexport: bool
    bash: bool
    braceexpand: bool
    emacs: bool
    errexit: bool
    errtrace: bool
    functrace: bool
    hashall: bool
    histexpand: bool
    history: bool
    ignoreeof: bool
    interactive: bool
    interactive_comments: bool
    keyword: bool
    monitor: bool
    noclobber: bool
    noexec: bool
    noglob: bool
    nolog: bool
    notify: bool
    nounset: bool
    onecmd: bool
    physical: bool
    pipefail: bool
    posix: bool
    privileged: bool
    stdin: bool
    verbose: bool
    vi: bool
    xtrace: bool

    def __init__(self) -> None:
        for name in NAMES:
            setattr(self, name, False)
        self.hashall = self.braceexpand = self.interactive_comments = True

    def letters(self) -> str:
        """The value of `$-` (XCU 2.5.2)."""
        return ''.join([letter for letter in DASH_ORDER if getattr(self, LETTERS[letter])])


def named(text: str) -> str:
    """The option that a word of people names: interactive-comments."""
    return '' if '_' in text else text.replace('-', '_')


def listed(name: str) -> str:
    """The word of people that an option has: interactive-comments."""
    return name.replace('_', '-')


def parse_set(shell: Shell, args: list[str]) -> tuple[list[str], bool]:
    """Set options from the arguments of `set` (XCU 2.15, set).

    Returns the arguments behind them, and whether the positional parameters are given
    (by an operand or `--`).  Raises UsageError before any option is changed.
    """
    changes: list[tuple[str, bool]] = []
    index = 0
    explicit = False
    while index < len(args):
        word = args[index]
        if word == '+':                 # ignored, as everywhere
            index += 1
            continue
        if word in ('--', '-') or word[:1] not in ('-', '+'):
            if word == '--':
                explicit = True
                index += 1
            elif word == '-':           # obsolescent: turns off -v and -x
                changes += [('verbose', False), ('xtrace', False)]
                index += 1
                explicit = index < len(args)
            break
        index += 1
        for letter in word[1:]:
            on = word[0] == '-'
            if letter == 'o' and index == len(args):
                changes.append(('', on))        # `set -o`: print them
            elif letter == 'o':
                name = named(args[index])
                index += 1
                if name not in NAMES or name in AT_START_ONLY:
                    raise UsageError(f'{name}: invalid option name')
                changes.append((name, on))
            elif letter in LETTERS and LETTERS[letter] not in AT_START_ONLY:
                changes.append((LETTERS[letter], on))
            else:
                raise SynopsisError(f'{word[0]}{letter}: invalid option')
    for name, on in changes:
        if name:
            turn(shell, name, on)
        else:
            write_options(shell, on)
    return args[index:], explicit or index < len(args)


VARIABLES = {'ignoreeof': ('IGNOREEOF', '10'), 'posix': ('POSIXLY_CORRECT', 'y')}


def turn(shell: Shell, name: str, on: bool) -> None:
    """Set an option, and in bash mode the variable that says the same (startfiles.py)."""
    shell.set_option(name, on)
    variable, value = VARIABLES.get(name, ('', ''))
    if variable in shell.variables.hooks:
        if on:
            shell.variables.assign(variable, value)
        else:
            shell.variables.unset(variable)


def write_options(shell: Shell, for_people: bool) -> None:
    """`set -o`: for people; `set +o`: to be read back (XCU 2.15, set)."""
    for name in NAMES:
        if name not in UNLISTED:
            on = getattr(shell.options, name)
            shell.out.write(f'{listed(name):<15}\t{"on" if on else "off"}\n' if for_people
                            else f'set {"-" if on else "+"}o {listed(name)}\n')


def keep_options(shell: Shell) -> None:
    """`local -`: have the options as they are now when the function ends."""
    depth = shell.function_depth
    if not any(level == depth and isinstance(kept, dict) for level, kept in shell.at_return):
        shell.at_return.append((depth, {
            name: getattr(shell.options, name) for name in shell.options.__slots__}))


class OptionGrammar:
    """The grammar that the shell's options ask for at the moment."""

    __slots__ = ('shell',)

    def __init__(self, shell: Shell) -> None:
        self.shell = shell

    @property
    def posix(self) -> bool:
        """`set -o posix`."""
        return self.shell.options.posix

    @property
    def strict(self) -> bool:
        """`set -n`: commands are read to be checked only."""
        return self.shell.options.noexec

    @property
    def bash(self) -> bool:
        """Bash mode."""
        return self.shell.as_bash('quotes in braces')

    @property
    def extglob(self) -> bool:
        """`shopt -s extglob`: words may hold groups."""
        return 'extglob' in self.shell.shopts
