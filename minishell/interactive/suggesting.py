"""What was likely meant: a second line behind a message, and the line put right on a key.

The first line of a message is as in scripts.  The second one goes to a terminal only.
"""
from __future__ import annotations

import posix
import re

from minishell.builtins.candidates import ACTIONS, candidates
from minishell.builtins.manual import options_of
from minishell.codec import decoded
from minishell.interactive.parsing import is_command, parse
from minishell.likeness import alike
from minishell.run.prompt import caret_notation
from minishell.state.completions import OPTIONS
from minishell.syntax.names import RESERVED_WORDS
from minishell.syntax.spans import spans_of
from minishell.system.blocking import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from minishell.state.shell import Shell

KEY = ' (Alt-Enter)'
PLAIN = re.compile(r'[\w./+:@%,-]+')
NO_FILE = 'No such file or directory'
NO_INTERPRETER = 'required file not found'


def _commands(shell: Shell) -> list[str]:
    return candidates(shell, 'command', '')


def _signals(shell: Shell) -> list[str]:
    names = candidates(shell, 'signal', '')
    return [*[name.removeprefix('SIG') for name in names], *names]


def _folders(shell: Shell, about: str) -> list[str]:
    """Those beside a path, as far as they need no quotes."""
    path = _wrong(about)
    folder, slash, _ = path.rpartition('/')
    return [name for name in candidates(shell, 'directory', folder + slash)
            if PLAIN.fullmatch(name)]


def _option_names(shell: Shell, about: str) -> Iterable[str]:
    """Those of `set`, or of `complete` and its like."""
    utility = about.split(': ')[0]
    return candidates(shell, 'setopt', '') if utility == 'set' else OPTIONS


def _other_case(shell: Shell, about: str) -> list[str]:
    """The option in the other case, if a built-in utility has that."""
    utility, _, option = about.rpartition(': ')
    other = option.swapcase()
    return [other] * (other in options_of(utility))


def _named(shell: Shell, about: str) -> list[str]:
    """What utilities look for that know names."""
    utility = about.split(': ')[0]
    return candidates(shell, 'alias', '') if utility in ('alias', 'unalias') else \
        _commands(shell) if utility in ('type', 'hash') else []


def _wrong(about: str) -> str:
    return about.rpartition(': ')[2]


# By how messages end: what could be meant; given what stands before that in the message.
KINDS: dict[str, Callable[[Shell, str], Iterable[str]]] = {
    'command not found': lambda shell, about: _commands(shell),
    'invalid option name': _option_names,
    'invalid shell option name': lambda shell, about: candidates(shell, 'shopt', ''),
    'invalid action name': lambda shell, about: ACTIONS,
    'invalid option': _other_case,
    'invalid signal specification': lambda shell, about: _signals(shell),
    'unbound variable': lambda shell, about: candidates(shell, 'variable', ''),
    'not a shell builtin': lambda shell, about: candidates(shell, 'builtin', ''),
    'not found': _named,
}
WANTED = re.compile(r"unexpected token `(.*)' \(wanted `(.*)' after")


class Suggestions:
    """What has been said about a command line."""

    def __init__(self, shell: Shell, key: bool) -> None:
        """`key`: there is a line editor, which has one for it."""
        self._shell = shell
        self._key = key
        self._fix: tuple[str, str] | None = None    # what is wrong in the line, and is meant

    def forget(self) -> None:
        """Another line has been read."""
        self._fix = None

    def hint(self, message: str, line: str) -> None:
        """Say behind a message about a line what was likely meant."""
        about, _, kind = message.rpartition(': ')
        names = _folders if kind == NO_FILE and about[:4] == 'cd: ' else KINDS.get(kind)
        if names is not None and posix.isatty(2):
            wrong = _wrong(about)
            self._tell(wrong, alike(wrong, names(self._shell, about)), line)
        elif kind == NO_INTERPRETER and posix.isatty(2):
            name = interpreter(about.removesuffix(': cannot execute'))
            if name:
                reason = ': its lines end in CR LF' if name[-1] == '\r' else ''
                self._shell.tell(f"{self._shell.name}: there is no `{caret_notation(name)}', "
                                 f'which its first line names{reason}')

    def point_out(self, line: str, message: str) -> None:
        """The same behind a syntax error: a misspelt reserved word may be the reason, even one
        that is the name of a command (`od`)."""
        if posix.isatty(2):
            found = WANTED.search(message)
            if found and alike(found[1], [found[2]]):
                self._tell(found[1], [found[2]], line)
                return
            for word in self._unknown(line):
                meant = alike(word, sorted(RESERVED_WORDS))
                if meant:
                    self._tell(word, meant, line)
                    return

    def _tell(self, wrong: str, meant: list[str], line: str) -> None:
        if not meant:
            return
        if self._fix is None:
            self._fix = wrong, meant[0]
        shell = self._shell
        names = ' or '.join([f"`{caret_notation(name)}'" for name in meant])
        key = KEY if self._key and _is_in(wrong, line) else ''
        shell.tell(f'{shell.name}: did you mean {names}?{key}')

    def fixed(self, line: str) -> str:
        """A command line with what was likely meant; '' if there is nothing to say.

        What a child has found wrong, a stage of a pipeline, is looked for once more.
        """
        fix = self._fix
        if fix is None:
            for word in self._unknown(line):
                meant = alike(word, _commands(self._shell))
                if meant:
                    fix = word, meant[0]
                    break
        if fix is None or not _is_in(fix[0], line):
            return ''
        right = fix[1]
        return re.sub(_pattern(fix[0]), lambda found: right, line, count=1).rstrip('\n')

    def slip(self, typed: str) -> str:
        """What is said of a text that goes on in another line, if it does so by mistake: `don`
        is no `done`."""
        for word in self._unknown(typed):
            meant = alike(word, sorted(RESERVED_WORDS))
            if meant:
                return f"{word}: did you mean `{meant[0]}'?"
        return ''

    def _unknown(self, line: str) -> list[str]:
        """The words of a command line that name commands which are not there."""
        shell = self._shell
        words = [line[pos:end] for pos, end, kind in spans_of(parse(shell, line))
                 if kind == 'command']
        return [word for word in words if not is_command(shell, word) and '/' not in word]


def interpreter(path: str) -> str:
    """What the first line of a script names; '' if there is no such line."""
    try:
        line = read_file(path).partition(b'\n')[0]
    except OSError:
        return ''
    return decoded(line[2:256].strip(b' \t').split(b' ')[0]) if line[:2] == b'#!' else ''


def _pattern(word: str) -> str:
    return rf'(?<!\w){re.escape(word)}(?![\w-])'


def _is_in(word: str, line: str) -> bool:
    return re.search(_pattern(word), line) is not None
