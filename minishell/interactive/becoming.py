"""What the word at the cursor becomes, and how many files `rm` would remove: a line below.

Looked at where typing pauses.  Plain parameters are known at once; files are looked for in a
child, for they may be many, or somewhere that does not answer.  No command is run for it: a
word with a command substitution is left alone; and as values that are evaluated may hold
one, as in `x='a[$(date)]'; echo $((x))`, the child is in a sandbox where it can run none.
"""
from __future__ import annotations

import posix

from minishell.codec import decoded, encoded
from minishell.explain.words import MOVING, becomes, changed_by, plain_value, steps
from minishell.run.prompt import caret_notation
from minishell.state.settings import is_on
from minishell.syntax.nodes import (
    ArrayPart,
    CommandSubstitution,
    DoubleQuoted,
    ParameterChange,
    ParameterExpansion,
    ParameterLength,
    ProcessSubstitution,
    SimpleCommand,
    TextNode,
    TildePrefix,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle
    from collections.abc import Callable, Sequence

    from minishell.interactive.sandboxed import Run
    from minishell.state.shell import Shell
    from minishell.syntax.partial import Partial
    from minishell.syntax.source import Source

NAME = 'expansions'     # the setting
PAUSE = 0.3             # seconds without a key
LONGEST = 2_000         # characters of a text that is looked at: about 5 ms
EXPANDING = frozenset('$*?[{~')
PATTERN = frozenset('*?[')
OF_COMMANDS = frozenset('?!_')           # parameters that each command sets
MANY = 6                # fields that are shown
LONG = 30               # characters of one
OFTEN = 1_000           # files, behind which their number is said
FORMAT, FOLDER = 0o170000, 0o040000     # S_IFMT, S_IFDIR
SECRETS = ('pass', 'secret', 'token', 'key', 'credential', 'auth')
PLAIN = (Word, TextNode, DoubleQuoted, TildePrefix)
PARAMETERS = (ParameterChange, ParameterExpansion, ParameterLength)


class Becoming:
    """What is said, of the text as it was when typing paused last."""

    def __init__(self, shell: Shell, parse: Callable[[str], Partial],
                 cursor: Callable[[], int], redraw: Callable[[], None]) -> None:
        self._shell, self._parse = shell, parse
        self._cursor, self._redraw = cursor, redraw
        self._loop: AbstractEventLoop | None = None
        self._timer: TimerHandle | None = None
        self._run: Run | None = None
        self._text = self._said = ''

    def start(self, loop: AbstractEventLoop) -> None:
        """A line is edited, in this event loop."""
        self._loop = loop

    def changed(self, text: str) -> None:
        """The text is another one: look at it when it has been left alone for a moment."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._loop is not None and len(text) <= LONGEST \
                and (not EXPANDING.isdisjoint(text) or 'rm ' in text):
            self._timer = self._loop.call_later(PAUSE, self._look, text)

    def said(self, text: str) -> str:
        """The sentence about a text."""
        return self._said if text == self._text else ''

    def end(self) -> None:
        """The line is edited no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._stop()

    def _stop(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            for fd in run.open():
                if self._loop is not None and not self._loop.is_closed():
                    self._loop.remove_reader(fd)
            run.end()

    def _look(self, text: str) -> None:
        """Say what is known at once, and have the rest found out."""
        self._stop()
        if not is_on(self._shell, NAME):
            return
        partial, cursor = self._parse(text), self._cursor()
        found = _at(partial, cursor)
        if found is None:
            return
        command, word, source = found
        removal = _is_removal(command)
        words = command.words if removal else [word] if word is not None else []
        if _is_changed(partial, command, words, source, removal):
            return
        if removal:
            self._ask(text, command.words, lambda shell: count(shell, command, source))
        elif word is not None and _may_be_shown(word):
            fields = becomes(self._shell, word)
            if fields is None:
                self._ask(text, (word,), lambda shell: expand(shell, word, source))
            else:
                self._say(text, sentence(source.text[word.pos:word.end], fields))

    def _say(self, text: str, said: str) -> None:
        if said or self.said(text):
            self._text, self._said = text, caret_notation(said)
            self._redraw()

    def _ask(self, text: str, words: Sequence[Word], work: Callable[[Shell], int]) -> None:
        """Have a child say it; where there is no sandbox, of plain words only."""
        from minishell.interactive.sandboxed import Run
        loop = self._loop
        if loop is None:
            return
        try:
            plain = all(_is_plain(self._shell, word) for word in words)
            run = self._run = Run(self._shell, work, strict=not plain, programs=False)
        except OSError:
            return

        def read(fd: int) -> None:
            if not run.read(fd):
                loop.remove_reader(fd)
                if run.is_over() and self._run is run:
                    self._stop()
                    *_, last = decoded(run.output).rstrip('\n').split('\n')
                    some = last and (run.late or run.cut)
                    self._say(text, f'more than {last}' if some else last)
        for fd in run.open():
            loop.add_reader(fd, read, fd)


def _at(partial: Partial, cursor: int) -> tuple[SimpleCommand, Word | None, Source] | None:
    """The innermost command at the cursor, and its word there."""
    found = None
    if partial.errors or partial.openers:
        return None
    for node, source in partial.nodes():
        if isinstance(node, SimpleCommand) and node.words:
            pos, end = partial.extent(node, source)
            if pos <= cursor <= end:
                here = [word for word in node.words if _holds(partial, word, source, cursor)]
                found = node, here[-1] if here else None, source
    return found


def _is_changed(partial: Partial, command: SimpleCommand, words: Sequence[Word],
                source: Source, removal: bool) -> bool:
    """Whether what runs before a command may have words become something else by then."""
    start = partial.extent(command, source)[0]
    changed = changed_by(partial.tree)
    if partial.text[:start].strip():
        changed |= OF_COMMANDS
    moves = any(isinstance(node, SimpleCommand) and node.words
                and node.words[0].literal() in MOVING and partial.extent(node, where)[0] < start
                for node, where in partial.nodes())
    for word in words:
        text = source.text[word.pos:word.end]
        if moves and text[:1] not in ('/', '~', '-') and (
                removal or not PATTERN.isdisjoint(text)) and word is not command.words[0]:
            return True
        if any(str(getattr(part, 'parameter', getattr(part, 'name', ''))) in changed
               and str(getattr(part, 'operator', ''))[-1:] != '=' for part in word.walk()):
            return True
    return False


def _holds(partial: Partial, word: Word, source: Source, cursor: int) -> bool:
    pos, end = partial.extent(word, source)
    return pos <= cursor <= end


def _is_plain(shell: Shell, word: Word) -> bool:
    """Whether nothing of a word is evaluated but plain parameters, braces and patterns."""
    return all(isinstance(part, PLAIN) or isinstance(part, ParameterExpansion)
               and not part.operator and plain_value(shell, part.parameter) is not None
               for part in word.walk())


def _may_be_shown(word: Word) -> bool:
    """Whether a word is one that becomes something without a command, and is no secret."""
    if not steps(word):
        return False
    for part in word.walk():
        name = getattr(part, 'parameter', getattr(part, 'name', ''))
        if isinstance(part, CommandSubstitution | ProcessSubstitution) or (
                isinstance(part, (*PARAMETERS, ArrayPart))
                and any(secret in str(name).lower() for secret in SECRETS)):
            return False
    return True


def sentence(text: str, fields: Sequence[str]) -> str:
    """What is said of a word that becomes fields; '' if it is what is typed."""
    if list(fields) == [text]:
        return ''
    shown = [field if len(field) <= LONG else field[:LONG - 1] + '…'
             for field in fields[:MANY]]
    if len(fields) == 1:
        return f'{text} → {shown[0] or "an empty field"}'
    if not fields:
        return f'{text} → nothing'
    more = ' …' * (len(fields) > MANY)
    return f'{text} → {len(fields):,}: {" ".join(shown)}{more}'


# -- in the child ----------------------------------------------------------------------------


def expand(shell: Shell, word: Word, source: Source) -> int:
    """Print what is said of a word."""
    text, fields = source.text[word.pos:word.end], _fields(shell, word, source)
    said = sentence(text, fields)
    if not said and not EXPANDING.isdisjoint(text):
        said = f'{text} matches no file'
    posix.write(1, encoded(said))
    return 0


def _fields(shell: Shell, word: Word, source: Source) -> list[str]:
    from minishell.compile.compiler import Compiler
    from minishell.compile.words import compile_fields
    fields: list[str] = []
    compile_fields(word, Compiler(source))(shell, fields)
    return fields


def _is_removal(command: SimpleCommand) -> bool:
    words = [word.literal() for word in command.words[:2]]
    return words[0] == 'rm' and len(words) > 1


def count(shell: Shell, command: SimpleCommand, source: Source) -> int:
    """Print what `rm` would remove, again and again while it is counted."""
    operands: list[str] = []
    unknown = False
    for word in command.words[1:]:
        if any(isinstance(part, CommandSubstitution) for part in word.walk()):
            unknown = True
        else:
            operands += _fields(shell, word, source)
    deep = any(word[:1] == '-' and ('r' in word.lower() if word[:2] != '--' else
                                    word == '--recursive') for word in operands)
    left = [word for word in operands if word[:1] != '-']
    files = folders = missing = 0
    if not left:
        return 0
    todo = left[::-1]
    while todo:
        path = todo.pop()
        try:
            if deep and posix.lstat(path).st_mode & FORMAT == FOLDER:
                folders += 1
                with posix.scandir(path) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            todo.append(entry.path)
                        else:
                            files += 1
                            if files % OFTEN == 0:
                                _tell(files, folders, 0, unknown)
            else:
                posix.lstat(path)
                files += 1
        except (OSError, ValueError):
            missing += 1
    _tell(files, folders, missing, unknown)
    return 0


def _tell(files: int, folders: int, missing: int, unknown: bool) -> None:
    parts = [f'{files:,} file{"s" * (files != 1)}'] * (files > 0 or not folders) + [
        f'{folders:,} folder{"s" * (folders != 1)}'] * (folders > 0)
    notes = [f'{missing:,} not there'] * (missing > 0) + ['and what $(…) gives'] * unknown
    posix.write(1, encoded(f'{", ".join([" in ".join(parts), *notes])}\n'))
