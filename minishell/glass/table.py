"""Processes as a table: who is whose child, in which group, doing what, and why not."""
from __future__ import annotations

import posix

from minishell.course.describing import aligned
from minishell.glass.process import Process
from minishell.glass.waiting import because
from minishell.system import descriptions, facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from minishell.system.descriptions import Held

HEADER = ('PID', 'PPID', 'PGID', 'S', 'DOING', 'BECAUSE', 'DESCRIPTORS')
PERIOD = 0.5            # seconds between two looks, at least
SHARE = 50              # a look takes one part in so many of the time: 2 % of a core
LONG_COMMAND = 28       # characters of a command line that are shown
LONG_REASON = 60
RINGS = '\u2460\u2461\u2462\u2463\u2464\u2465\u2466\u2467\u2468\u2469'      # ① to ⑩
TERMINALS = ('/dev/pts/', '/dev/tty', '/dev/console')


def pause(cost: float) -> float:
    """The seconds until the next look, behind one that took so many of a processor."""
    return max(PERIOD, SHARE * cost)


def family(pids: Iterable[int]) -> list[int]:
    """Processes and all that come from them, each behind its parent."""
    found: list[int] = []

    def add(pid: int) -> None:
        if pid not in found and facts.stat_of(pid):
            found.append(pid)
            for child in Process(pid).children():
                add(child)
    for pid in pids:
        add(pid)
    return found


def session(leader: int) -> list[int]:
    """A shell's family, and the orphans of its session with theirs: those whose parent is in
    another one, which has adopted them.  One from which the shell itself comes is not its."""
    of = facts.stat_of(leader).get('session')
    found = family([leader])
    known = {*found, *_ancestors(leader)}
    orphans = []
    for name in sorted((name for name in posix.listdir('/proc') if name.isdecimal()), key=int):
        stat = facts.stat_of(int(name))
        if stat.get('session') == of != name and int(name) not in known \
                and facts.stat_of(int(stat['ppid'])).get('session') != of:
            orphans.append(int(name))
    return found + family(orphans)


def _ancestors(pid: int) -> set[int]:
    found: set[int] = set()
    while (pid := int(facts.stat_of(pid).get('ppid', 0))) and pid not in found:
        found.add(pid)
    return found


def table(pids: Sequence[int], rings: bool = True, longest: int = LONG_REASON,
          stops: Mapping[int, int] | None = None) -> list[str]:
    """The lines of a table of processes; `rings`: pipes are numbered by ① rather than (1);
    `longest`: characters of a reason; `stops`: by which signals some are stopped."""
    rows: list[tuple[str, ...]] = [HEADER]
    pipes: dict[str, str] = {}
    for pid in pids:
        stat = facts.stat_of(pid)
        if stat:                        # it may have ended meanwhile
            why = _short(because(pid, (stops or {}).get(pid, 0)), longest)
            rows.append(_row(pid, stat, pipes, rings, why))
    return aligned(rows)


def _row(pid: int, stat: dict[str, str], pipes: dict[str, str], rings: bool,
         why: str) -> tuple[str, ...]:
    foreground = stat['group'] == stat['foreground']
    doing = facts.command_line(pid) or f'({stat["name"]})'
    return (str(pid), stat['ppid'], stat['group'] + '+' * foreground, stat['state'],
            _short(doing, LONG_COMMAND), why, _ends(pid, pipes, rings))


def _short(text: str, length: int) -> str:
    text = ''.join([c if c >= ' ' else '?' for c in text])
    return text if len(text) <= length else text[:length - 3] + '...'


def _ends(pid: int, pipes: dict[str, str], rings: bool) -> str:
    """The standard descriptors, and ends of pipes."""
    try:
        held = descriptions.descriptors_of(pid)
    except OSError:                     # it has ended, or is another user's
        return '-'
    return '  '.join([f'{one.fd}{_arrow(one, rings)}{_name(one, pipes, rings)}' for one in held
                      if one.fd <= 2 or one.is_pipe() and pid != posix.getpid()])


def _arrow(one: Held, rings: bool) -> str:
    if one.reads() and one.writes():
        return '\u2194' if rings else '<>'
    if one.writes():
        return '\u2192' if rings else '>'
    return '\u2190' if rings else '<'


def _name(one: Held, pipes: dict[str, str], rings: bool) -> str:
    """What a descriptor refers to; a pipe by its number in this table."""
    if one.link.startswith(TERMINALS):
        return 'tty'
    if not one.link.startswith('pipe:'):
        return one.link.rpartition('/')[2] or one.link
    if one.link not in pipes:
        count = len(pipes)
        pipes[one.link] = RINGS[count] if rings and count < len(RINGS) else f'({count + 1})'
    return pipes[one.link]
