"""Built-in utilities about completion: complete, compgen, compopt (bash)."""
from __future__ import annotations

from minishell.builtins.candidates import ACTIONS, files
from minishell.builtins.completing import COMPGEN, Command, by_default, generate
from minishell.errors import (
    BuiltinError,
    ExpansionError,
    LineError,
    ShellSyntaxError,
    SynopsisError,
    UsageError,
)
from minishell.run.tracing import shown
from minishell.state.completions import (
    DEFAULT,
    EMPTY,
    INITIAL,
    OPTIONS,
    Specification,
    completions_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

LETTERS = {'a': 'alias', 'b': 'builtin', 'c': 'command', 'd': 'directory', 'e': 'export',
           'f': 'file', 'g': 'group', 'j': 'job', 'k': 'keyword', 's': 'service', 'u': 'user',
           'v': 'variable'}
TEXTS = {'G': 'pattern', 'W': 'words', 'P': 'prefix', 'S': 'suffix', 'X': 'excluded',
         'C': 'command', 'F': 'function'}
SPECIAL = {'D': DEFAULT, 'E': EMPTY, 'I': INITIAL}
NO_NAME = frozenset(' \t\n;&|()<>$`"\'\\/')     # in a function's, of -F


class _Given:
    """The arguments of one of them."""

    def __init__(self, argv: list[str], letters: str, signs: str = '-') -> None:
        self.specification = Specification()
        self.flags: list[str] = []      # of `letters`
        self.changes: list[tuple[str, bool]] = []       # -o and +o
        self.said = False               # whether there is anything in the specification
        index = 1
        while index < len(argv):
            word = argv[index]
            if len(word) < 2 or word[0] not in signs:
                break
            index += 1
            if word == '--':
                break
            at = 1
            while at < len(word):
                letter = word[at]
                at += 1
                takes = letter == 'o' or len(signs) == 1 and (letter == 'A' or letter in TEXTS)
                value = ''
                if takes:
                    value = word[at:]
                    if at == len(word):
                        if index == len(argv):
                            raise SynopsisError(f'-{letter}: option requires an argument')
                        value = argv[index]
                        index += 1
                    at = len(word)
                self._take(word[0], letter, value, letters, len(signs) == 1)
        self.operands = argv[index:]

    def _take(self, sign: str, letter: str, value: str, letters: str, whole: bool) -> None:
        specification = self.specification
        if letter == 'o':
            if value not in OPTIONS:
                raise UsageError(f'{value}: invalid option name')
            self.changes.append((value, sign == '-'))
            specification.options.add(value)
            self.said = True
        elif letter in letters:
            self.flags.append(letter)
        elif not whole or letter not in LETTERS and letter not in TEXTS and letter != 'A':
            raise SynopsisError(f'{sign}{letter}: invalid option')
        elif letter in TEXTS:
            if letter == 'F' and not NO_NAME.isdisjoint(value):
                raise UsageError(f"`{value}': not a valid identifier")
            setattr(specification, TEXTS[letter], value)
            self.said = True
        else:
            action = LETTERS.get(letter, value)
            if action not in ACTIONS:
                raise UsageError(f'{value}: invalid action name')
            specification.actions.add(action)
            self.said = True

    def special(self) -> str:
        """What stands for a command: the first of -D, -E and -I."""
        return next((SPECIAL[letter] for letter in 'DEI' if letter in self.flags), '')


def complete(shell: Shell, argv: list[str]) -> int:
    """Say how the arguments of commands are completed, or print that."""
    given = _Given(argv, 'prDEI')
    completions = completions_of(shell)
    special = given.special()
    names = [special] if special else given.operands
    if 'r' in given.flags:
        if not names:
            completions.specifications.clear()
        if not completions.specifications:      # then, as in bash, none is missed
            return 0
        return max([_remove(shell, name) for name in names], default=0)
    if 'p' in given.flags or not names and not given.said:
        if not names:
            for name, specification in completions.in_order():
                shell.out.write(_line(name, specification))
        return max([_print(shell, name) for name in names], default=0)
    if not names:
        raise SynopsisError('')
    for name in names:
        completions.specifications[name] = given.specification
    return 0


def _missing(shell: Shell, utility: str, name: str) -> int:
    shell.warn(f'{utility}: {name}: no completion specification')
    return 1


def _remove(shell: Shell, name: str) -> int:
    if completions_of(shell).specifications.pop(name, None) is None:
        return _missing(shell, 'complete', name)
    return 0


def _print(shell: Shell, name: str) -> int:
    specification = completions_of(shell).specifications.get(name)
    if specification is None:
        return _missing(shell, 'complete', name)
    shell.out.write(_line(name, specification))
    return 0


def _line(name: str, specification: Specification) -> str:
    """A specification as a command that makes it."""
    words = ['complete']
    for option in sorted(specification.options):
        words += ['-o', option]
    words += [f'-{letter}' for letter, action in LETTERS.items()
              if action in specification.actions]
    for action in sorted(specification.actions - set(LETTERS.values())):
        words += ['-A', action]
    for letter, field in TEXTS.items():
        value: str | None = getattr(specification, field)
        if value is not None:
            words += [f'-{letter}', shown(value) if letter == 'F' else _in_quotes(value)]
    return ' '.join([*words, _name(name)]) + '\n'


def _in_quotes(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _name(name: str) -> str:
    for letter, special in SPECIAL.items():
        if name == special:
            return f'-{letter}'
    return shown(name)


def compgen(shell: Shell, argv: list[str]) -> int:
    """Print what completes a word."""
    given = _Given(argv, '')
    if not given.said:
        return 0
    specification = given.specification
    word = given.operands[0] if given.operands else ''
    for letter, field in (('F', 'function'), ('C', 'command')):
        if getattr(specification, field) is not None:
            shell.warn(f'compgen: warning: -{letter} option may not work as you expect')
    try:
        found, _ = generate(shell, specification, Command(COMPGEN), word)
    except ShellSyntaxError:            # of -W
        return 1
    except ExpansionError as error:     # in a script, too, no more than the line is lost
        raise LineError(error.message) from None
    if not found and 'bashdefault' in specification.options:
        found = by_default(shell, word, False)
    if not found and 'default' in specification.options:
        found = files(shell, word)
    shell.out.write(''.join([each + '\n' for each in found]))
    return 0 if found else 1


def compopt(shell: Shell, argv: list[str]) -> int:
    """Change the options of what is being completed, or of commands."""
    given = _Given(argv, 'DEI', '-+')
    completions = completions_of(shell)
    special = given.special()
    names = [special] if special else given.operands
    if not names:
        if completions.current is None:
            raise BuiltinError('not currently executing completion function')
        _change(shell, completions.name, completions.current, given.changes)
        return 0
    status = 0
    for name in names:
        specification = completions.specifications.get(name)
        if specification is None:
            status = _missing(shell, 'compopt', name)
            continue
        _change(shell, name, specification, given.changes)
    return status


def _change(shell: Shell, name: str, specification: Specification,
            changes: list[tuple[str, bool]]) -> None:
    for option, on in changes:
        (specification.options.add if on else specification.options.discard)(option)
    if not changes:
        words = [f'{"-" if option in specification.options else "+"}o {option}'
                 for option in OPTIONS]
        shell.out.write(f'compopt {" ".join(words)} {_name(name)}\n')
