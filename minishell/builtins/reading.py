"""Built-in utilities that take input apart: read, getopts (XCU 3)."""
from __future__ import annotations

import posix

from minishell.builtins.acting import Trapped, acting
from minishell.builtins.options import parse_options
from minishell.codec import decoded, encoded
from minishell.errors import AssignmentError, BuiltinError, SynopsisError, UsageError
from minishell.expand.splitting import DEFAULT_IFS
from minishell.syntax.names import MOST_DESCRIPTOR, decimal, is_name
from minishell.system.lines import read_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.expand.splitting import Splitter
    from minishell.state.shell import Shell

    Builtin = Callable[[Shell, list[str]], int]
    Assign = Callable[[str, str], None]
    Characters = list[tuple[str, bool]]     # (character, quoted by a backslash)


BLANKS = {ord('\t'): ' ', ord('\n'): ' '}
LIMITED = ('t', 'n', 'N', 's', 'd')     # options that builtins/limited.py is for

# -- read -----------------------------------------------------------------------------


def read(shell: Shell, argv: list[str]) -> int:
    """Read a line into variables (XCU 3, read); it takes no byte more than the line."""
    try:
        return _read(shell, argv)
    except Trapped as trapped:
        return int(trapped.args[0])
    except AssignmentError as error:    # 1 is the end of the file
        error.status = _wrong(shell)
        raise
    except BuiltinError as error:
        if type(error) is BuiltinError and error.status == 2:
            error.status = _wrong(shell)
        raise


def _read(shell: Shell, argv: list[str]) -> int:
    options, names = parse_options(argv, 'ers', 'adipunNt')
    if 'a' in options:
        names = [options['a']]
    wrong = next((name for name in names if not is_name(name) and (
        'a' in options or not _is_element(name))), None)
    if wrong is not None and wrong is names[0]:
        raise BuiltinError(f"`{wrong}': not a valid identifier", 2)
    fd = _descriptor(options.get('u', '0')) or shell.input
    if 'p' in options and posix.isatty(fd):
        shell.tell(options['p'], '')
    delimiter = encoded(options['d'])[:1] or b'\0' \
        if 'd' in options else b'\n'
    raw = 'r' in options
    if 'TMOUT' in shell.variables.values and 't' not in options:
        from minishell.builtins.limited import usual_timeout
        options.update(usual_timeout(shell, fd))
    try:
        if options.keys().isdisjoint(LIMITED):
            data, ended = read_record(shell, fd, delimiter, raw)
            status = 0 if ended else 1
        else:
            from minishell.builtins.limited import limited
            taken = limited(shell, fd, delimiter, options, read_record)
            if isinstance(taken, int):
                return taken
            data, status = taken
    except OSError as error:
        if 'u' in options and shell.as_bash('read'):
            raise BuiltinError(f'{fd}: invalid file descriptor: {error.strerror}') from None
        given = options.get('u', '0')   # not where it may have been put meanwhile
        raise BuiltinError(f'read error: {given}: {error.strerror}', 2) from None
    if 'a' in options:
        return _take_array(shell, data, status, options['a'], raw, shell.splitter,
                           'N' in options)
    if wrong is not None:
        names = names[:names.index(wrong) + 1]  # those before it are assigned, as elsewhere
    _take_apart(shell, data, names, _assigner(shell, names), raw, shell.splitter,
                'N' in options)
    if wrong is None:
        return status
    shell.variables.unset(wrong)
    raise BuiltinError(f"`{wrong}': not a valid identifier", 2)


def _wrong(shell: Shell) -> int:
    """The status for a bad operand: not 1, which says that the end has come (XCU 3)."""
    return 1 if shell.as_bash('read') else 2


def _is_element(text: str) -> bool:
    """Whether an operand is `name[subscript]`."""
    if text[-1:] != ']':
        return False
    from minishell.state.elements import split_reference
    return split_reference(text) is not None


def _assigner(shell: Shell, names: list[str]) -> Assign:
    """What sets the variables, or elements, that operands name."""
    if not any(name[-1:] == ']' for name in names):
        return shell.variables.assign
    from minishell.state.elements import assign_reference
    return lambda name, text: assign_reference(shell.variables, name, text)


def prepare_read(words: list[str], splitter: Splitter | None) -> Builtin | None:
    """What `read` does with these operands, its options decided once (compile/hot.py);
    None if they ask for more than lines.  `splitter` is that of `IFS=… read`."""
    try:
        options, names = parse_options(['read', *words], 'rs', 'adpunNt')
    except UsageError:                  # to be told when it is run
        return None
    array = options.get('a', '')
    if array:
        names = [array]
    if not options.keys() <= {'r', 'a'} or not names or not all(map(is_name, names)):
        return None
    raw = 'r' in options

    def run(shell: Shell, argv: list[str]) -> int:
        if 'TMOUT' in shell.variables.values:
            return read(shell, argv)
        try:
            data, ended = read_record(shell, shell.input, b'\n', raw)
        except Trapped as trapped:
            return int(trapped.args[0])
        except OSError as error:
            raise BuiltinError(f'read error: 0: {error.strerror}', 2) from None
        status = 0 if ended else 1
        if not array:
            _take_apart(shell, data, names, shell.variables.assign, raw,
                        splitter or shell.splitter, False)
            return status
        try:
            return _take_array(shell, data, status, array, raw, splitter or shell.splitter,
                               False)
        except AssignmentError as error:
            error.status = _wrong(shell)
            raise
    return run


def _take_apart(shell: Shell, data: bytes, names: list[str], assign: Assign, raw: bool,
                splitter: Splitter, whole: bool) -> None:
    """Assign what has been read; `whole`: without field splitting."""
    if b'\0' in data:
        data = data.replace(b'\0', b'')
    text = decoded(data)
    plain = raw or '\\' not in text
    if text.isascii():
        if plain and not whole:
            separator = _only_separator(splitter.ifs, text)
            if separator is not None and names:
                _assign_plainly(assign, names, text, separator)
                return
            if names and splitter.ifs == DEFAULT_IFS:
                _assign_between_blanks(assign, names, text)
                return
    elif shell.bytewise:
        from minishell.expand.characters import as_bytes
        text = as_bytes(text)
    if not names:
        assign('REPLY', text if plain else ''.join(
            [c for c, _ in _unescaped(text)]))
        return
    characters = [(c, False) for c in text] if raw else _unescaped(text)
    if whole:
        for name in names:
            assign(name, ''.join([c for c, _ in characters]))
            characters = []
    else:
        _assign_fields(assign, names, characters, splitter)


def _descriptor(text: str) -> int:
    fd = decimal(text)
    if fd is None or fd > MOST_DESCRIPTOR:
        raise BuiltinError(f'{text}: invalid file descriptor specification', 2)
    return fd


def read_record(shell: Shell, fd: int, delimiter: bytes, raw: bool) -> tuple[bytes, bool]:
    """The bytes up to the delimiter, which is dropped, and whether it was found.

    Unless raw, a backslash joins the next line.
    """
    record, ended = _read_line(shell, fd, delimiter)
    while ended and not raw and record.endswith(b'\\') \
            and (len(record) - len(record.rstrip(b'\\'))) % 2:
        record = record[:-1] if delimiter == b'\n' else record + delimiter
        if shell.interactive and posix.isatty(fd):
            from minishell.run.prompt import decode_prompt
            shell.tell(decode_prompt(shell, shell.variables.get('PS2') or '', 'PS2'), '')
        data, ended = _read_line(shell, fd, delimiter)
        record += data
    return record, ended


def _read_line(shell: Shell, fd: int, delimiter: bytes) -> tuple[bytes, bool]:
    """One record; while traps or a prompt want signals, sleep where these wake us."""
    ahead = shell.ahead
    if ahead is not None and ahead.fd == fd:
        line = ahead.take(delimiter)
        if line is not None:
            return line, True
    signals = shell.signals
    if signals.handles_any():
        act = acting(shell)

        def wait() -> None:
            while not signals.wait_readable(fd):
                act()
        return shell.at_once(read_line, fd, delimiter, wait, act=act)
    if ahead is not None and ahead.fd == fd:
        return shell.at_once(ahead.read_line, delimiter)
    return shell.at_once(read_line, fd, delimiter, None)    # only for SIGINT


def _unescaped(text: str) -> Characters:
    """Characters with backslashes removed, noting what they quoted."""
    characters: Characters = []
    quoted = False
    for c in text:
        if quoted:
            if c != '\n':               # joins lines also where it is not the delimiter
                characters.append((c, True))
            quoted = False
        elif c == '\\':
            quoted = True
        else:
            characters.append((c, False))
    return characters


def _assign_fields(assign: Assign, names: list[str], characters: Characters,
                   splitter: Splitter) -> None:
    """Field splitting as for read: what is left over goes to the last variable."""
    start = _skip_white(characters, 0, splitter)
    for name in names[:-1]:
        end = start
        while end < len(characters) and not _separates(characters[end], splitter):
            end += 1
        assign(name, _text(characters, start, end))
        start = _skip_separator(characters, end, splitter)
    assign(names[-1], _rest(characters, start, splitter))


def _take_array(shell: Shell, data: bytes, status: int, name: str, raw: bool,
                splitter: Splitter, whole: bool) -> int:
    """`read -a`: each field becomes an element."""
    from minishell.state.elements import assign_words, check_indexed
    check_indexed(shell.variables, name)
    text = decoded(data.replace(b'\0', b''))
    if shell.bytewise and not text.isascii():
        from minishell.expand.characters import as_bytes
        text = as_bytes(text)
    if whole:
        fields = [text]
    elif raw or '\\' not in text:
        fields = splitter.split(text) if splitter.ifs else [text] if text else []
    else:
        fields = []
        characters = _unescaped(text)
        start = _skip_white(characters, 0, splitter)
        while start < len(characters):
            end = start
            while end < len(characters) and not _separates(characters[end], splitter):
                end += 1
            fields.append(_text(characters, start, end))
            start = _skip_separator(characters, end, splitter)
    assign_words(shell.variables, name, fields, False)
    return status


def _only_separator(ifs: str, text: str) -> str | None:
    """The one character of IFS that matters in text, '' if none does; None if more do."""
    if ifs == DEFAULT_IFS:
        return None if '\t' in text or '\n' in text else ' '
    return ifs if len(ifs) < 2 else None


def _assign_between_blanks(assign: Assign, names: list[str], text: str) -> None:
    """Assign the fields of text that has no quoted characters, split by the default IFS."""
    text = text.strip(DEFAULT_IFS)
    blanks = text.translate(BLANKS)
    pos = 0
    for name in names[:-1]:
        end = blanks.find(' ', pos)
        if end < 0:
            end = len(text)
        assign(name, text[pos:end])
        while blanks.startswith(' ', end):
            end += 1
        pos = end
    assign(names[-1], text[pos:])


def _assign_plainly(assign: Assign, names: list[str], text: str, separator: str) -> None:
    """Assign the fields of text that has no quoted characters and one separator, which takes
    a third of the time."""
    if not separator:
        assign(names[0], text)
        for name in names[1:]:
            assign(name, '')
        return
    white = separator in ' \t\n'
    if white:
        text = text.strip(separator)
    for name in names[:-1]:
        field, _, text = text.partition(separator)
        assign(name, field)
        if white:
            text = text.lstrip(separator)
    if text.endswith(separator) and text.find(separator) == len(text) - 1:
        text = text[:-1]                # one field only, and its separator
    assign(names[-1], text)


def _rest(characters: Characters, start: int, splitter: Splitter) -> str:
    """The last variable's value: without white space at its end, and without the
    separator if there is one field only."""
    end = len(characters)
    while end > start and _is_white(characters[end - 1], splitter):
        end -= 1
    field = start
    while field < end and not _separates(characters[field], splitter):
        field += 1
    if _skip_separator(characters, field, splitter) >= end:
        end = field
    return _text(characters, start, end)


def _text(characters: Characters, start: int, end: int) -> str:
    text = ''.join([c for c, _ in characters[start:end]])
    if text.isascii():
        return text
    from minishell.expand.characters import from_bytes
    return from_bytes(text)


def _separates(character: tuple[str, bool], splitter: Splitter) -> bool:
    return not character[1] and character[0] in splitter.ifs


def _is_white(character: tuple[str, bool], splitter: Splitter) -> bool:
    return not character[1] and character[0] in splitter.white


def _skip_white(characters: Characters, pos: int, splitter: Splitter) -> int:
    while pos < len(characters) and _is_white(characters[pos], splitter):
        pos += 1
    return pos


def _skip_separator(characters: Characters, pos: int, splitter: Splitter) -> int:
    """Step over white space, at most one other IFS character, and white space again."""
    pos = _skip_white(characters, pos, splitter)
    if pos < len(characters) and _separates(characters[pos], splitter):
        pos = _skip_white(characters, pos + 1, splitter)
    return pos


# -- getopts ----------------------------------------------------------------------------


def getopts(shell: Shell, argv: list[str]) -> int:
    """Parse the next option of the positional parameters or operands (XCU 3, getopts)."""
    try:
        return _getopts(shell, argv)
    except AssignmentError as error:    # 1 is the end of the options
        error.status = max(error.status, _wrong(shell))
        raise


def _getopts(shell: Shell, argv: list[str]) -> int:
    _, operands = parse_options(argv, '')
    if len(operands) < 2:
        raise SynopsisError('')
    letters, name = operands[:2]
    words = operands[2:] if len(operands) > 2 else shell.positional
    silent = letters.startswith(':')
    index = decimal(shell.variables.get('OPTIND') or '') or 1
    if index > MOST_DESCRIPTOR:
        index = 1
    offset = shell.variables.option_offset
    word = words[index - 1] if index <= len(words) else ''
    if offset == 0 or offset >= len(word):
        offset = 1
        if len(word) < 2 or word[0] != '-' or word == '--':
            index = min(index + (word == '--'), len(words) + 1)
            return _no_more_options(shell, name, index)
    letter = word[offset]
    offset += 1
    at_end = offset >= len(word)
    place = (index + 1, 0) if at_end else (index, offset)       # of the next letter
    wants = letter != ':' and letters.find(letter)
    if letter == ':' or wants < 0:
        _finish(shell, name, '?', *place)
        _tell_wrong(shell, silent, letter, 'illegal option')
    elif letters[wants + 1:wants + 2] != ':':
        shell.variables.unset('OPTARG')
        _finish(shell, name, letter, *place)
    elif at_end and index >= len(words):
        _finish(shell, name, ':' if silent else '?', index + 1, 0)
        _tell_wrong(shell, silent, letter, 'option requires an argument')
    else:
        shell.variables.assign('OPTARG', words[index] if at_end else word[offset:])
        _finish(shell, name, letter, index + 1 + at_end, 0)
    return 0


def _tell_wrong(shell: Shell, silent: bool, letter: str, what: str) -> None:
    """Say what is wrong with an option; where the script does that itself, OPTARG has it."""
    if silent:
        shell.variables.assign('OPTARG', letter)
        return
    shell.variables.unset('OPTARG')
    if shell.variables.get('OPTERR') != '0':
        shell_message(shell, f'{what} -- {letter}')


def _finish(shell: Shell, name: str, value: str, index: int, offset: int,
            status: int = 2) -> None:
    """The next letter is at `index`, `offset`; the name has this one, or the error `status`."""
    shell.variables.assign('OPTIND', str(index))
    shell.variables.option_offset = offset       # behind the assignment, whose hook resets it
    if not is_name(name):
        raise BuiltinError(f"`{name}': not a valid identifier", _wrong(shell))
    try:
        shell.variables.assign(name, value)
    except AssignmentError as error:
        error.status = status
        raise


def _no_more_options(shell: Shell, name: str, index: int) -> int:
    shell.variables.unset('OPTARG')
    _finish(shell, name, '?', index, 0, 1)
    return 1


def shell_message(shell: Shell, text: str) -> None:
    """getopts names the script, not itself."""
    shell.tell(f'{shell.arg0}: {text}')
