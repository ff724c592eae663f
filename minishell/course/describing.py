"""pipe and fds: pipes made at the prompt, and what descriptors refer to."""
from __future__ import annotations

import posix

from minishell.builtins.jobcontrol import find_job
from minishell.course.common import assign, failed, no_process, number, options_of
from minishell.errors import UsageError
from minishell.run.prompt import in_one_line
from minishell.syntax.names import is_name
from minishell.system import descriptions
from minishell.system.descriptors import LOWEST_OWN, close, make_pipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell
    from minishell.system.descriptions import Held

HEADER: tuple[str, ...] = ('FD', 'OBJECT', 'MODE', 'OFFSET', 'WHAT')


def pipe(shell: Shell, argv: list[str]) -> int:
    """Make a pipe: pipe(2).  Its ends have the lowest free numbers and are inherited."""
    options, operands = options_of(shell, argv, 'n', 'c')
    if len(operands) != 2 or not all(map(is_name, operands)):
        raise UsageError('two variables are needed, for the end to read from and the other')
    capacity = number(options['c'], 'capacity', 1) if 'c' in options else None
    try:
        ends = make_pipe('n' not in options, capacity, shell.events)
    except OSError as error:
        raise failed('', error) from None
    except OverflowError:
        raise UsageError(f'{capacity}: invalid capacity') from None
    try:
        for name, end in zip(operands, ends, strict=True):
            assign(shell, name, str(end))
    except BaseException:               # a readonly variable: nobody would know of the pipe
        for end in ends:
            close(end)
        raise
    return 0


# -- fds ------------------------------------------------------------------------------------


def fds(shell: Shell, argv: list[str]) -> int:
    """Show the descriptors of processes, and the open file descriptions they refer to."""
    options, operands = options_of(shell, argv, 't', 'v')
    pids = [pid for operand in operands for pid in pids_of(shell, operand)] \
        or [posix.getpid()]
    held: list[Held] = []
    for pid in pids:
        try:
            held += [one for one in descriptions.descriptors_of(pid)
                     if not _is_own(shell, one)]
        except FileNotFoundError:
            raise no_process(str(pid)) from None
        except OSError as error:
            raise failed(str(pid), error) from None
    numbers = descriptions.numbered(held)
    draw = _drawn if 't' in options else _listed
    lines = draw(held, numbers, len(pids) > 1)
    if 'v' in options:
        assign(shell, options['v'], '\n'.join(lines))
    else:
        shell.out.write('\n'.join(lines) + '\n')
    return 0


def pids_of(shell: Shell, operand: str) -> list[int]:
    """The processes that an operand names, `%JOB` or a process ID."""
    if operand[:1] != '%':
        return [number(operand, 'process ID', 1)]
    shell.jobs.poll()
    return find_job(shell.jobs.known(), operand).alive()


def _is_own(shell: Shell, one: Held) -> bool:
    """Whether it is a descriptor that the shell keeps for itself, which scripts do not see."""
    return one.pid == posix.getpid() and (
        shell.descriptors.is_own(one.fd)
        or one.fd >= LOWEST_OWN and bool(one.bits & posix.O_CLOEXEC))


def what(one: Held) -> str:
    """What a descriptor refers to, in words."""
    if not one.is_pipe():
        return one.link
    reading, writing = descriptions.holders(one)
    text = f'{one.link}  readers {_pids(reading)}  writers {_pids(writing)}'
    filling = descriptions.filling(one)
    return text if filling is None else f'{text}  {filling[0]}/{filling[1]} bytes'


def _pids(pids: list[int]) -> str:
    return ','.join(map(str, pids)) or 'none'


def _row(one: Held, description: int) -> tuple[str, ...]:
    offset = '-' if one.is_pipe() else str(one.offset)
    return str(one.fd), _name(description), one.mode(), offset, what(one)


def _name(description: int) -> str:
    return f'#{description}' if description else '?'


def _listed(held: list[Held], numbers: list[int], several: bool) -> list[str]:
    """A line for each descriptor, below the names of the columns."""
    rows = [HEADER, *(_row(*each) for each in zip(held, numbers, strict=True))]
    if several:
        rows = [('PID', *rows[0]), *((str(one.pid), *row) for one, row in zip(
            held, rows[1:], strict=True))]
    return aligned(rows)


def aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows as lines, in columns."""
    rows = [tuple(map(in_one_line, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ['  '.join([cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
                      ).rstrip() for row in rows]


def _drawn(held: list[Held], numbers: list[int], several: bool) -> list[str]:
    """descriptor → open file description → inode, each of these named once in full."""
    seen: set[int] = set()
    inodes: dict[tuple[int, int], int] = {}
    rows: list[tuple[str, ...]] = [('DESCRIPTOR', '', 'OPEN FILE', '', 'INODE')]
    for one, description in zip(held, numbers, strict=True):
        name = f'{one.pid}: {one.fd}' if several else str(one.fd)
        place = one.device, one.inode
        known = description in seen and description != 0
        seen.add(description)
        if known:
            rows.append((name, '───▶', _name(description), '', ''))
            continue
        offset = '' if one.is_pipe() else f' at {one.offset}'
        inode = f'{one.inode} {what(one)}' if place not in inodes \
            else f'{one.inode} (see fd {inodes[place]})'
        inodes.setdefault(place, one.fd)
        rows.append((name, '───▶', f'{_name(description)} {one.mode()}{offset}', '───▶', inode))
    return aligned(rows)
