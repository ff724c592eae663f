"""`history` of bash: the list of commands printed and changed."""
from __future__ import annotations

import posix

from minishell.builtins.options import parse_options
from minishell.codec import encoded
from minishell.errors import BuiltinError, TooManyError
from minishell.run.clock import formatted
from minishell.run.historyexpansion import HistoryExpansionError, expand_history
from minishell.state.history import DEFAULT_SIZE, History
from minishell.state.history_file import HistoryFile
from minishell.syntax.names import decimal, integer
from minishell.system.blocking import write_all
from minishell.system.descriptors import close, close_written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

FILES = 'anrw'


def history_of(shell: Shell) -> History:
    """The list; a script has one from its first use on."""
    if shell.history is None:
        shell.history = History(shell.variables, False)
    return shell.history


def keep_as_bash(shell: Shell) -> None:
    """As an interactive bash begins: there is a file for the history."""
    values = shell.variables.values
    values.setdefault('HISTFILE', f'{values.get("HOME", "")}/.bash_history')


def cut_file(shell: Shell, size: str) -> None:
    """HISTFILESIZE has been assigned: that cuts the file."""
    count, path = decimal(size), shell.variables.get('HISTFILE')
    if count is not None and path:
        HistoryFile(path).cut(count)


def begin(shell: Shell) -> None:
    """A script keeps what it runs: have the list, with what HISTFILE has."""
    if shell.history is None:
        for name in ('HISTSIZE', 'HISTFILESIZE'):
            if not shell.variables.is_set(name):
                shell.variables.assign(name, str(DEFAULT_SIZE))
        history_of(shell).begin()


def enter(shell: Shell, text: str) -> None:
    """Make the command that a script runs next an entry."""
    begin(shell)
    entries = history_of(shell)
    if 'cmdhist' not in shell.shopts:
        for line in text.rstrip('\n').split('\n'):
            entries.enter(line)
    elif 'lithist' in shell.shopts:
        entries.enter(text.rstrip('\n'))
    else:
        from minishell.syntax.oneline import on_one_line
        entries.enter(on_one_line(text))


def history(shell: Shell, argv: list[str]) -> int:
    """Print the list, or change it."""
    options, operands = _options(shell, argv)
    if len([letter for letter in options if letter in FILES]) > 1:
        raise BuiltinError('cannot use more than one of -anrw')
    entries = history_of(shell)
    if 'c' in options:
        entries.clear()
        if not operands:
            return 0
    if 's' in options:
        if operands:
            entries.take_current()
            entries.add(' '.join(operands))
        return 0
    if 'p' in options:
        return _expand(shell, entries, operands)
    if 'i' in options:
        return _import(shell, entries, operands)
    if 'S' in options:
        return _write_script(shell, entries, operands)
    if 'd' in options:
        return _delete(entries, options['d'])
    for letter in FILES:
        if letter in options:
            path = operands[0] if operands else shell.variables.get('HISTFILE') or ''
            return _with_file(entries, letter, path)
    if not options:
        _print(shell, entries, operands)
    return 0


def _options(shell: Shell, argv: list[str]) -> tuple[dict[str, str], list[str]]:
    """-i and -S are ours."""
    return parse_options(argv, 'acnpsrw' if shell.bash else 'aicnpsrwS', 'd')


def _write_script(shell: Shell, entries: History, operands: list[str]) -> int:
    """-S: what was typed in this session as a script, printed, or a file that can be run; with
    `all`, also what failed."""
    from minishell.builtins.scripting import script_of
    every = operands[-1:] == ['all']
    names = operands[:-1] if every else operands
    if len(names) > 1:
        raise TooManyError('history: too many arguments')
    text = script_of(shell, entries, every)
    if not names:
        shell.out.write(text)
        return 0
    flags = posix.O_WRONLY | posix.O_CREAT | posix.O_CLOEXEC | (
        posix.O_EXCL if shell.options.noclobber else posix.O_TRUNC)
    try:
        fd = posix.open(names[0], flags, 0o777)
        try:
            write_all(fd, encoded(text))
        except BaseException:
            close(fd)
            raise
        close_written(fd)
    except (OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or 'Invalid argument'
        raise BuiltinError(f'{names[0]}: {reason}') from None
    return 0


def _import(shell: Shell, entries: History, paths: list[str]) -> int:
    """-i: have the line editor find what other shells have kept."""
    from minishell.state.history_import import commands_of, usual_files
    if entries.database is None:
        raise BuiltinError('-i: nothing is kept: no line editor, or HISTFILE names no file')
    values = shell.variables
    usual = usual_files(values.get('HOME') or '', values.get('XDG_DATA_HOME') or '')
    status = 0
    for name, path in [(path, path) for path in paths] or usual:
        try:
            texts = commands_of(path)
        except FileNotFoundError as error:
            if paths:
                shell.warn(f'history: {path}: {error.strerror}')
                status = 1
            continue
        except (OSError, ValueError) as error:
            shell.warn(f'history: {path}: {getattr(error, "strerror", None) or error}')
            status = 1
            continue
        entries.database.add_older(texts)
        notice = entries.database.take_notice()
        if notice:
            raise BuiltinError(notice.removeprefix('history: '))
        shell.out.write(f'{name}: {len(texts):,} commands\n')
    return status


def _print(shell: Shell, entries: History, operands: list[str]) -> None:
    """The last entries with their numbers, and perhaps their times."""
    texts = entries.entries
    count = len(texts)
    if operands:
        number = integer(operands[0])
        if number is None:
            raise BuiltinError(f'{operands[0]}: numeric argument required')
        if len(operands) > 1:
            raise TooManyError('history: too many arguments')
        count = min(abs(number), count)
    form = shell.variables.get('HISTTIMEFORMAT') or ''
    for index in range(len(texts) - count, len(texts)):
        time = ''
        if form:
            stamp = getattr(texts[index], 'time', None)
            time = '??' if stamp is None else formatted(shell, form, stamp)
        shell.out.write(f'{entries.first + index:5}  {time}{texts[index]}\n')


def _delete(entries: History, text: str) -> int:
    first, dash, last = text[:1], '', ''
    rest, dash, last = text[1:].partition('-')
    begin = _index(entries, first + rest, text)
    end = begin if not dash else _index(entries, last, text if integer(last) is None else last)
    if end < begin:
        return 1
    if entries.database is not None:
        for entry in entries.entries[begin:end + 1]:
            entries.database.forget(entry)
    del entries.entries[begin:end + 1]
    if end == len(entries.entries):
        entries.current = False
    return 0


def _index(entries: History, text: str, shown: str) -> int:
    """Where in the list an offset is.  Raises BuiltinError."""
    number = integer(text)
    count = len(entries.entries)
    index = -1 if number is None else count + number if number < 0 else number - entries.first
    if not 0 <= index < count:
        raise BuiltinError(f'{shown}: history position out of range')
    return index


def _with_file(entries: History, letter: str, path: str) -> int:
    """-a, -n, -r, -w; without a name of a file nothing is written, nothing can be read."""
    if not path:
        unsaved = entries.unsaved
        if letter == 'a':
            entries.saved()
        return int(unsaved > 0 if letter == 'a' else letter != 'w')
    file = HistoryFile(path)
    texts = entries.entries
    try:
        if letter == 'w':
            file.write(texts, entries.has_times())
            if entries.database is not None and entries.appends_to(path) \
                    and len(texts) <= entries.current:
                entries.database.clear()        # behind `history -c`: all is to go
        elif letter == 'a' and entries.appends_to(path):
            pass                        # they are there
        elif letter == 'a' and entries.unsaved:
            file.extend(texts[len(texts) - min(entries.unsaved, len(texts)):],
                        entries.has_times())
            entries.saved()
        elif letter != 'a':
            found = file.read(entries.has_times())
            texts += found[entries.known if letter == 'n' else 0:]
            if letter == 'n':
                entries.unsaved += max(len(found) - entries.known, 0)
            entries.known = len(found)
            entries.current = False
    except (OSError, ValueError) as error:
        if letter == 'a':
            reason = getattr(error, 'strerror', None) or 'Invalid argument'
            raise BuiltinError(f'{path}: cannot create: {reason}') from None
        return 1
    return 0


def _expand(shell: Shell, entries: History, operands: list[str]) -> int:
    """-p: history expansion, shown."""
    if operands:
        entries.take_current()
    status = 0
    for operand in operands:
        try:
            shell.out.write(_expanded(shell, operand, entries) + '\n')
        except HistoryExpansionError:
            shell.warn(f'history: {operand}: history expansion failed')
            status = 1
    return status


def _expanded(shell: Shell, text: str, entries: History) -> str:
    return expand_history(text, entries.entries, entries.first, 'extglob' in shell.shopts)
