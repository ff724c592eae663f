"""Tab: what completes the line, by the engine behind `complete`, as the editor shows it."""
from __future__ import annotations

from prompt_toolkit.completion import Completion

from minishell.builtins.candidates import files, is_folder, without_quotes
from minishell.builtins.completing import Answer, answer, by_default
from minishell.builtins.registry import BUILTINS, COURSE
from minishell.errors import ControlFlow, Interrupted, ShellError
from minishell.explain.manual import manual_of
from minishell.explain.words import becomes
from minishell.interactive.arguments import FOLDERS_TOO, options, proposals, started
from minishell.interactive.fields import Fields
from minishell.interactive.parsing import parse
from minishell.interactive.recalling import database_of, folder
from minishell.interactive.scripted import Scripts
from minishell.syntax.breaking import METACHARACTERS, dequoted, place_in
from minishell.syntax.names import RESERVED_WORDS
from minishell.syntax.nodes import SimpleCommand
from minishell.system.signals import SIGINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.document import Document

    from minishell.builtins.completing import Command
    from minishell.interactive.arguments import Meanings
    from minishell.state.shell import Shell

MOST = 200                              # in a menu: of 20,000 it would take half a second
WAYS = ('cd', 'pushd')
VISITS, VISITED = 5_000, 20              # commands that are looked at, folders at most
FEW = 24                # commands whose manual pages are read for a line on each
SPECIAL = frozenset(' \t\n\\\'"`$&|;()<>*?[]#~!{}')   # what a file's name is quoted for


class Completer:
    """Finds candidates: what `complete` has said comes first, then what is known of the
    command here, the scripts of bash-completion, its manual page, and files."""

    def __init__(self, shell: Shell, tell: Callable[[str], None]) -> None:
        self._shell = shell
        self._tell = tell               # says something below the line
        self._scripts = Scripts(shell)
        self._fields = Fields(shell, tell)
        self._options: dict[tuple[str, str], Meanings] = {}     # of commands, subcommands

    def completions(self, document: Document) -> list[Completion]:
        """Candidates, each with what stands behind it: a blank, a slash, a closing quote.

        Functions of scripts run for it (`complete -F`).  An error of one is told below the
        line; Ctrl-C leaves the line, as it does elsewhere.
        """
        shell, line, point = self._shell, document.text, document.cursor_position
        fields = self._fields.of(document.text_before_cursor)
        if fields is not None:
            return [Completion(text, -length, display=shown, display_meta=values)
                    for text, length, shown, values in fields]
        try:
            found = answer(shell, line, point)
            found, meanings, source = self._known(found, line, point)
        except Interrupted:
            shell.pending.append(SIGINT)
            return []
        except ShellError as error:
            self._tell(error.message)
            return []
        except ControlFlow:             # `exit` in a function
            return []
        names = found.candidates
        if not names:
            return _behind_variables(shell, found, line[found.start:point])
        if len(names) > MOST:
            self._tell(f'… {len(names) - MOST:,} more')
        elif source and len(names) > 1:
            self._tell(source)
        return [Completion(
            _text(shell, found, name), found.start - point,
            display=_last(name) if 'filenames' in found.options else name,
            display_meta=meanings.get(name.rstrip('= '), '')) for name in names[:MOST]]

    def _known(self, found: Answer, line: str, point: int) -> tuple[Answer, Meanings, str]:
        """The candidates, what they are, and who says so, if that is worth a line."""
        word, command = line[found.start:point], found.command
        if found.found:
            name = command.name if command is not None else ''
            return found, self._options_of(name, '', word), ''
        if line[:found.start].rstrip(' ')[-1:] in ('<', '>') or word[:1] in ('$', '`'):
            return found, {}, ''        # a file that is redirected to, a variable
        if command is not None:
            inner = started(command)
            if inner.name:
                return self._argument(found, inner, word, line, point)
            found.candidates = sorted(set(by_default(self._shell, word, True)))
            found.options.discard('filenames')
        names = found.candidates
        if 'filenames' in found.options:        # a value that is assigned
            return found, {}, ''
        return found, {name: self._of_command(name, len(names) <= FEW) for name in names}, ''

    def _argument(self, found: Answer, command: Command, word: str, line: str, point: int,
                  ) -> tuple[Answer, Meanings, str]:
        """The same for an argument of a command."""
        shell, name = self._shell, command.name
        whole = _whole(shell, found, line, point)
        if whole is not None:
            return whole, {}, ''
        sub = next((each for each in command.words[1:command.index] if each[:1] != '-'), '')
        meanings = proposals(shell, command, word)
        if meanings:
            found.candidates, found.options = list(meanings), set()
            if name in FOLDERS_TOO:
                found.options.add('filenames')
            return found, meanings, ''
        own = name in BUILTINS or name in COURSE or name in shell.functions
        said = None if own else self._scripts.ask(line, point)
        source = ''
        if said is not None and said.candidates:
            found, source = said, 'bash-completion'
        if word[:1] in ('-', '+') and len(word) > 0:
            meanings = self._options_of(name, sub, word)
            more = [each for each in meanings if each.startswith(word)
                    and each not in found.candidates and each + '=' not in found.candidates]
            if more:
                found.candidates = [*found.candidates, *more]
                source += ', ' * bool(source) + (
                    'synopsis' if own else f'manual page of {name}')
        if not found.candidates and 'filenames' in found.options:
            found.candidates = _any_case(shell, word)
        if not found.candidates and name in WAYS and word:
            meanings = visited(shell, without_quotes(shell, word))
            found.candidates, found.options = list(meanings), {'filenames'}
        return found, meanings, source

    def _options_of(self, name: str, sub: str, word: str) -> Meanings:
        """What the options of a command mean, if it is one of them that is being typed."""
        if word[:1] not in ('-', '+'):
            return {}
        key = name, sub
        if key not in self._options:
            self._options[key] = options(self._shell, name, sub, '')
        return self._options[key]

    def _of_command(self, name: str, by_page: bool) -> str:
        """What a command is."""
        shell = self._shell
        if name in shell.known_aliases():
            return f'alias: {shell.known_aliases()[name]}'
        if name in shell.functions:
            return 'function'
        row = BUILTINS.get(name) or COURSE.get(name)
        if row is not None:
            return row.description
        if name in RESERVED_WORDS:
            return 'reserved word'
        manual = manual_of(name.rpartition('/')[2], shell.variables.get('MANPATH')) \
            if by_page else None
        return manual.summary if manual is not None else ''


def _whole(shell: Shell, found: Answer, line: str, point: int) -> Answer | None:
    """Files that begin as all of the word does: also what is before its = or `:`."""
    start = place_in(line, point, METACHARACTERS).start
    if start >= found.start or found.quote:
        return None
    whole = Answer(start, point, '')
    whole.candidates = sorted(files(shell, without_quotes(shell, line[start:point])))
    whole.options.add('filenames')
    return whole if whole.candidates else None


def _behind_variables(shell: Shell, found: Answer, word: str) -> list[Completion]:
    """Files in a folder that variables name; it stays in the line as it is typed."""
    folder, slash, begin = word.rpartition('/')
    path = _named(shell, folder + slash, found.quote) if '$' in folder else None
    if path is None:
        return []
    name = found.command.name if found.command is not None else ''
    begin = dequoted(begin, found.quote)
    length = len(path)
    names = [each[length:] for each in sorted(files(shell, path + begin))
             if name not in WAYS or is_folder(shell, each)]
    typed = Answer(found.start, found.end, found.quote)
    typed.options.add('filenames')
    return [Completion(_text(shell, typed, each, path), len(folder + slash) - len(word),
                       display=each) for each in names[:MOST]]


def _named(shell: Shell, folder: str, quote: str) -> str | None:
    """The folder that a text with variables names, if nothing has to be run for that."""
    tree = parse(shell, f': {quote}{folder}{quote}').tree
    command = tree.commands[0] if len(tree.commands) == 1 else None
    if quote == "'" or not isinstance(command, SimpleCommand) or len(command.words) != 2:
        return None
    fields = becomes(shell, command.words[1], frozenset(), False)
    return fields[0] if fields else None


def visited(shell: Shell, word: str) -> Meanings:
    """The folders in whose names a word is and where the newest commands ran; those where most
    did first."""
    database = database_of(shell.history)
    wanted = word.lower()
    found: Meanings = {}
    for path, times in database.folders(VISITS) if database is not None else ():
        if wanted in path.rpartition('/')[2].lower() and path != folder(shell) \
                and len(found) < VISITED and is_folder(shell, path):
            found[path] = f'{path.rpartition("/")[0] or "/"}  x{times}'
    return found


def _any_case(shell: Shell, word: str) -> list[str]:
    """Files whose names begin with a word whose letters have another case."""
    folder, slash, begin = without_quotes(shell, word).rpartition('/')
    wanted = begin.lower()
    return sorted(path for path in files(shell, folder + slash)
                  if path[len(folder) + len(slash):].lower().startswith(wanted)
                  and (wanted[:1] == '.' or path[len(folder) + len(slash)] != '.'))


def _text(shell: Shell, found: Answer, candidate: str, folder: str = '') -> str:
    """A candidate as it is put into the line; `folder`: what it is a file in."""
    behind = '' if 'nospace' in found.options else ' '
    if 'filenames' in found.options:
        if is_folder(shell, folder + candidate):
            behind = '' if candidate[-1:] == '/' else '/'
        if 'noquote' not in found.options:
            candidate = quoted(candidate, found.quote)
    return candidate + (found.quote if behind == ' ' else '') + behind


def quoted(name: str, quote: str) -> str:
    """A file's name as it is typed, inside of a quote that is open, or outside."""
    if quote == "'":
        return name.replace("'", "'\\''")
    special = frozenset('\\"`$') if quote else SPECIAL
    start = 1 if name[:1] == '~' and not quote else 0     # a home directory it is to stay
    return name[:start] + ''.join([f'\\{c}' if c in special else c for c in name[start:]])


def _last(path: str) -> str:
    """A file's name without the folder."""
    folder, slash, name = path.rstrip('/').rpartition('/')
    return name + path[len(folder) + len(slash) + len(name):]
