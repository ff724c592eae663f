"""History expansion of lines as they are read: `!!`, `!$`, `^old^new` replaced, and shown
before they run, as in bash (`set -H`)."""
from __future__ import annotations

from minishell.run.historyexpansion import HistoryExpansionError, expand_line
from minishell.syntax.partial import parse_partial
from minishell.syntax.source import Source
from minishell.system.blocking import print_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.history import History
    from minishell.state.shell import Shell

    Reader = Callable[[bool], str]

HERE_DOCUMENT = '<<'


def expanding(shell: Shell, read: Reader, waiting: list[str],
              script: Callable[[], Source] | None = None) -> Reader:
    """A reader whose lines have no history expansions any more; those of a script are behind
    what its source has at that time of a command (of what is typed, the history has it).

    A line whose expansions fail is given up; one that is only to be shown (`:p`) becomes an
    entry.  With `shopt -s histverify` what they give is `waiting` to be edited, with histreedit
    what has failed.
    """
    def read_line(inside: bool) -> str:
        text = read(inside)
        history = shell.history
        if not may_expand(shell, text) or history is None:
            return text
        try:
            found, shown_only = expanded(shell, history, text,
                                         script().text if script else history.typed())
        except HistoryExpansionError as error:
            if script:
                source = script()
                shell.tell(shell.place(source.name, source.line_of(len(source.text)))
                           + str(error))
            else:
                shell.warn(str(error))
            if 'histreedit' in shell.shopts:
                waiting.append(text.removesuffix('\n'))
            return again(inside)
        if found == text and not shown_only:
            return text
        line = found.removesuffix('\n')
        if 'histverify' in shell.shopts and not shown_only:
            waiting.append(line)
            return again(inside)
        print_error(line)
        if shown_only:
            history.enter(line)
            return again(inside)
        return found

    def again(inside: bool) -> str:
        return read_line(inside) if inside else '\n'
    return read_line


def lines_of(text: str, reader: Reader | None) -> Reader:
    """A reader that gives the lines of a text, one by one, then those of the other."""
    lines = iter(text.splitlines(keepends=True))

    def read_line(inside: bool) -> str:
        line = next(lines, '')
        return line if line or reader is None else reader(inside)
    return read_line


def expanding_source(shell: Shell, source: Source, command: Callable[[], Source]) -> Source:
    """The source of a script, read by lines that are expanded; what `command` gives has the
    text of the complete command that is being read."""
    read = lines_of(source.text, source.reader)
    return Source('', source.name, source.first_line, expanding(shell, read, [], command))


def may_expand(shell: Shell, text: str) -> bool:
    """Whether there may be a history expansion in a text."""
    return shell.options.histexpand and shell.options.history and (
        '!' in text or text[:1] == '^' or '\n^' in text)


def expanded(shell: Shell, history: History, text: str, before: str) -> tuple[str, bool]:
    """Lines that are read next, `before` which a command has begun, expanded; and whether they
    are only to be shown.  Raises HistoryExpansionError."""
    done = ''
    shown_only = False
    lines = text.split('\n')
    for index, line in enumerate(lines):
        quote = open_quote(shell, before + done)
        if quote != HERE_DOCUMENT and ('!' in line or line[:1] == '^'):
            line, shown = expand_line(
                line, history.entries, history.first, 'extglob' in shell.shopts, quote,
                shell.options.posix, 'interactive_comments' in shell.shopts)
            shown_only = shown_only or shown
        done += line + '\n' * (index < len(lines) - 1)
    return done, shown_only


def open_quote(shell: Shell, text: str) -> str:
    """The quote that is open at the end of a text; `<<`: a here-document; '' if none is."""
    if not text:
        return ''
    openers = parse_partial(text, shell.aliases, shell.options.posix,
                            'extglob' in shell.shopts).openers
    last = openers[-1][0] if openers else ''
    return HERE_DOCUMENT if last.startswith(HERE_DOCUMENT) else \
        last[-1:] if last[-1:] in ('"', "'") else ''
