"""`glass -f`: processes on the whole screen, with their signals, the locks they have or wait
for and the objects of IPC, looked at anew until a key leaves it.
"""
from __future__ import annotations

import posix
import re
from time import process_time

from minishell.codec import encoded
from minishell.course.describing import aligned
from minishell.course.ipc import HEADER as IPC_HEADER
from minishell.course.ipc import by_name, system_v
from minishell.course.locking import line_of
from minishell.course.signalling import names
from minishell.errors import BuiltinError
from minishell.glass.lettering import cells
from minishell.glass.table import pause, table
from minishell.glass.waiting import stops_of
from minishell.system import locks, masks
from minishell.system.blocking import write_all
from minishell.system.guarding import guard
from minishell.system.terminal import Modes, open_terminal, window_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.state.shell import Shell

ENTER = '\x1b[?1049h\x1b[?25l'      # the other screen, without a cursor
LEAVE = '\x1b[0m\x1b[?25h\x1b[?1049l'
SIGNALS = ('PID', 'BLOCKED', 'PENDING', 'CAUGHT', 'IGNORED')
USUAL_SIZE = 80, 24
KEYS = {b'\x1b[A': -1, b'\x1bOA': -1, b'k': -1, b'\x1b[B': 1, b'\x1bOB': 1, b'j': 1,
        b'\x1b[5~': -10, b'\x1b[6~': 10, b' ': 10}      # lines to move by
LEAVING = (b'q', b'Q', b'\x04')
KEY = re.compile(rb'\x1b\[[0-9;]*[@-~]|\x1bO.|.', re.DOTALL)


class Screen:
    """What a terminal shows, so that only what has changed is written to it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = 0, 0

    def forget(self) -> None:
        """Something else has been written there."""
        self._size = 0, 0

    def change(self, lines: Sequence[str], size: tuple[int, int]) -> str:
        """What to write to a terminal of so many columns and lines; `\\a` before a line makes
        it bold."""
        columns, rows = size
        text = ''
        if size != self._size:
            self._size, self._lines, text = size, [], '\x1b[0m\x1b[H\x1b[2J'
        shown = [_cut(line, columns) for line in lines[:rows]]
        for row in range(max(len(shown), len(self._lines))):
            new = shown[row] if row < len(shown) else ''
            if row >= len(self._lines) or new != self._lines[row]:
                strong = new[:1] == '\a'
                text += f'\x1b[{row + 1}H' + '\x1b[1m' * strong + new[strong:] \
                    + '\x1b[0m' * strong + '\x1b[K'
        self._lines = shown
        return text


def _cut(line: str, columns: int) -> str:
    """As much of a line as there is room for; the last column stays free, where some terminals
    would go to the next line.  Control characters are no text."""
    mark = '\a' * (line[:1] == '\a')
    kept, room = mark, columns - 1
    for char in line[len(mark):]:
        char = char if char.isprintable() else '?'
        room -= cells(char)
        if room < 0:
            break
        kept += char
    return kept


def view(shell: Shell, pids: Sequence[int], columns: int) -> list[str]:
    """The lines about processes: the table, signals, locks, IPC; `\\a` before a bold one."""
    rings = not shell.bytewise
    reason = max(columns - 72, 44)
    lines = _section(table(pids, rings, reason, stops_of(shell.jobs)))
    rows: list[tuple[str, ...]] = [SIGNALS]
    for pid in pids:
        try:
            found = masks.of_process(pid)
        except OSError:                 # it has ended
            continue
        if any(found.values()):
            rows.append((str(pid), *(names(found[key]) for key in (
                'blocked', 'pending', 'caught', 'ignored'))))
    lines += _section(aligned(rows))
    lines += _section(['LOCKS', *_locks(pids)])
    lines += _section(aligned([IPC_HEADER, *(
        row for kind in ('queue', 'sem', 'segment')
        for row in (*system_v(kind), *by_name(kind)))]))
    return lines


def _section(lines: list[str]) -> list[str]:
    """A heading and what is under it; nothing, if there is nothing."""
    return ['\a' + lines[0], *lines[1:], ''] if len(lines) > 1 else []


def _locks(pids: Sequence[int]) -> list[str]:
    """The locks that processes have or wait for, and who else is involved."""
    try:
        every = locks.all_locks()
    except OSError:
        return []
    own = [lock for lock in every if lock.pid in pids]
    return [line_of(lock, every) for lock in every if lock.pid in pids
            or any(lock.bars(each) and each.waits or each.bars(lock) and lock.waits
                   for each in own)]


def watch(shell: Shell, find: Callable[[], list[int]]) -> int:
    """Show processes until q; `find` says which.  The terminal is as before, however it ends:
    by a key, Ctrl-C, a trap, a signal that a script dies of.  Raises BuiltinError."""
    fd = open_terminal()
    if fd is None:
        raise BuiltinError('there is no terminal')
    cell = shell.descriptors.keep(fd)
    screen = Screen()
    modes = Modes(cell[0], False, False, False)

    def enter() -> None:
        modes.set()
        screen.forget()
        _write(cell[0], ENTER)

    def leave() -> None:
        _write(cell[0], LEAVE)
        modes.restore()
    undo = guard(shell.signals, leave, enter)
    try:
        enter()
        return _look(shell, find, cell[0], screen)
    finally:
        try:
            leave()
        finally:                        # a signal may have cut that short; there is no second
            modes.restore()
            undo()
            shell.descriptors.release(cell)


def _look(shell: Shell, find: Callable[[], list[int]], fd: int, screen: Screen) -> int:
    """Look, show, wait for a key, again."""
    first = 0                           # the line below the title
    while True:
        begun = process_time()
        shell.jobs.poll(False)
        columns, rows = [number or usual for number, usual in zip(
            window_size(fd), USUAL_SIZE, strict=True)]
        pids = find()
        lines = view(shell, pids, columns)
        first = max(0, min(first, len(lines) - rows + 1))
        title = f'\aglass: {len(pids)} process{"es" * (len(pids) != 1)}; q leaves' \
            + ', arrows move' * (len(lines) >= rows)
        if not _write(fd, screen.change([title, *lines[first:]], (columns, rows))):
            return 0
        for key in _keys(shell, fd, pause(process_time() - begun), screen):
            if key in LEAVING:
                return 0
            first = max(0, min(first + KEYS.get(key, 0), len(lines) - rows + 1))


def _keys(shell: Shell, fd: int, seconds: float, screen: Screen) -> list[bytes]:
    """The keys that are pressed within a time, as the terminal sends them; one that leaves, if
    it has gone.  Signals are acted on."""
    try:
        if shell.signals.wait_readable(fd, seconds):
            return KEY.findall(posix.read(fd, 64)) or [LEAVING[0]]
    except TimeoutError:
        return []
    except OSError:
        return [LEAVING[0]]
    if shell.act():
        screen.forget()                 # a trap may have written
    return []


def _write(fd: int, text: str) -> bool:
    """Whether there is still a terminal to write to."""
    try:
        write_all(fd, encoded(text))
    except OSError:
        return False
    return True
