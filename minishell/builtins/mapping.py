"""mapfile, readarray: lines into an array (bash)."""
from __future__ import annotations

from minishell.builtins.acting import Trapped, acting
from minishell.builtins.options import parse_options
from minishell.builtins.reading import read_record
from minishell.codec import decoded, encoded
from minishell.errors import BuiltinError, UsageError
from minishell.run.tracing import quoted
from minishell.state.arrays import IndexedArray
from minishell.state.elements import assign_at, bind_array, check_indexed, plain_name
from minishell.syntax.names import MOST_DESCRIPTOR, decimal, is_name
from minishell.system.blocking import read_some

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

BLOCK = 1 << 16                 # bytes of a read
MOST_LINES = 0xFFFFFFFF         # in an unsigned int of bash
QUANTUM = 5000                  # lines from one call of -C to the next


def mapfile(shell: Shell, argv: list[str]) -> int:
    """Read lines into the elements of an array, MAPFILE if none is named."""
    try:
        return _mapfile(shell, argv)
    except Trapped as trapped:
        return int(trapped.args[0])


def _mapfile(shell: Shell, argv: list[str]) -> int:
    options, operands = parse_options(argv, 't', 'dnOsuCc')
    name = operands[0] if operands else 'MAPFILE'
    if not name:
        raise UsageError('empty array variable name')
    if not is_name(name):
        raise BuiltinError(f"`{name}': not a valid identifier")
    count = _number(options.get('n', '0'), 'line count')
    skip = _number(options.get('s', '0'), 'line count')
    origin = _number(options.get('O', '0'), 'array origin')
    quantum = _number(options.get('c', str(QUANTUM)), 'callback quantum')
    if not quantum:
        raise BuiltinError(f'{options["c"]}: invalid callback quantum')
    fd = decimal(options.get('u', '0'))
    if fd is None or fd > MOST_DESCRIPTOR:
        raise BuiltinError(f'{options["u"]}: invalid file descriptor specification')
    check_indexed(shell.variables, name)
    delimiter = encoded(options['d'])[:1] or b'\0' if 'd' in options else b'\n'
    target = plain_name(shell.variables, name)
    if 'O' not in options:
        bind_array(shell.variables, target, IndexedArray())
    callback = options.get('C')
    if not count and callback is None and (shell.ahead is None or shell.ahead.fd != fd):
        given = _all_records(shell, fd or shell.input, delimiter, 't' not in options)
        if 'O' in options:
            _store(shell, target, origin, given[skip:])
        else:
            bind_array(shell.variables, target, IndexedArray(given[skip:]))
        return 0
    lines: list[str] = []
    index = origin
    read = 0
    try:
        while not count or read < count:
            line, ended = read_record(shell, fd or shell.input, delimiter, True)
            if not ended and not line:
                break
            if skip:
                skip -= 1
                continue
            if ended and 't' not in options:
                line += delimiter
            text = _up_to_nul(line)
            read += 1
            if callback is not None and read % quantum == 0:
                _store(shell, target, index, lines)
                index += len(lines)
                lines = []
                shell.run_text(f'{callback} {index} {quoted(text)}', 'mapfile')
            lines.append(text)
            if not ended:
                break
    except OSError as error:
        raise BuiltinError(f'{fd}: invalid file descriptor: {error.strerror}') from None
    _store(shell, target, index, lines)
    return 0


def _all_records(shell: Shell, fd: int, delimiter: bytes, ends: bool) -> list[str]:
    """All lines up to the end of the file, in blocks: nobody else is to have what follows."""
    blocks: list[bytes] = []
    try:
        while block := shell.at_once(read_some, fd, BLOCK, act=acting(shell)):
            blocks.append(block)
    except OSError as error:
        raise BuiltinError(f'{fd}: invalid file descriptor: {error.strerror}') from None
    data = b''.join(blocks)
    if delimiter != b'\0' and b'\0' in data:
        pieces = data.split(delimiter)
        pieces[:-1] = [piece + delimiter * ends for piece in pieces[:-1]]
        return [_up_to_nul(piece) for piece in (pieces if pieces[-1] else pieces[:-1])]
    lines = decoded(data).split(decoded(delimiter))
    last = lines.pop()
    if ends and delimiter != b'\0':
        end = decoded(delimiter)
        lines = [line + end for line in lines]
    return [*lines, last] if last else lines


def _up_to_nul(line: bytes) -> str:
    """A line as text: a NUL ends it, as in C (and bash)."""
    return decoded(line.partition(b'\0')[0])


def _store(shell: Shell, name: str, index: int, lines: list[str]) -> None:
    for number, line in enumerate(lines, index):
        assign_at(shell.variables, name, number, line, False, lambda: '')


def _number(text: str, what: str) -> int:
    number = decimal(text)
    if number is None or number > MOST_LINES:
        raise BuiltinError(f'{text}: invalid {what}')
    return number
