"""Where nobody may trace: what the shell tells as facts, and samples of what /proc shows.

The recorder then looks a hundred times a second at all that comes from the shell: what has come
and gone in between it does not see.
"""
from __future__ import annotations

from marshal import dumps
from time import monotonic

from minishell.system import facts
from minishell.system.apart import readable_within
from minishell.system.blocking import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.calls import Fact
    from minishell.glass.telling import Told

PERIOD = 0.01           # seconds between two looks
MOST = 20_000           # facts


class Sampler:
    """What has been seen of the processes below one."""

    def __init__(self, shell: int, bell: int, results: int) -> None:
        self._shell = shell
        self._bell = bell
        self._results = results
        self._seen: dict[int, tuple[str, str]] = {}     # command line, why it sleeps
        self._since: dict[int, float] = {}
        self._facts: list[Fact] = []

    def run(self) -> None:
        """Look until the shell rings, or has ended."""
        while not readable_within(self._bell, PERIOD) and facts.stat_of(self._shell) \
                and len(self._facts) < MOST:
            self._look()
        self._look()
        now = monotonic()
        for pid in self._seen:
            self._sleep_ends(pid, now)
        try:
            write_all(self._results, dumps([self._facts, [], 0, 0.0]))
        except OSError:                 # nobody wants it any more
            pass

    def _look(self) -> None:
        now = monotonic()
        found: list[tuple[int, int]] = []
        todo = [self._shell]
        while todo:
            parent = todo.pop()
            for word in facts.text_of(parent, f'task/{parent}/children').split():
                found.append((parent, int(word)))
                todo.append(int(word))
        for parent, pid in found:
            self._see(parent, pid, now)
        for pid in self._seen.keys() - {pid for _, pid in found}:
            self._sleep_ends(pid, now)
            self._facts.append({'k': 'gone', 'pid': pid, 't': now})
            del self._seen[pid]

    def _see(self, parent: int, pid: int, now: float) -> None:
        stat = facts.stat_of(pid)
        if not stat:
            return
        words = facts.text_of(pid, 'cmdline')
        before = self._seen.get(pid)
        why = facts.because(pid, stat) or 'asleep' if stat['state'] in 'SD' else ''
        if before is None:
            self._facts.append({'k': 'fork', 'pid': parent, 't': now, 'child': pid,
                                'conf': 'sampled'})
        elif words and before[0] and words != before[0]:
            self._facts.append({'k': 'exec', 'pid': pid, 't': now, 'conf': 'sampled',
                                'path': '', 'argv': words.split('\0')[:-1]})
        if before is None or before[1] != why:
            self._sleep_ends(pid, now)
            if why:
                self._since[pid] = now
        self._seen[pid] = words, why

    def _sleep_ends(self, pid: int, now: float) -> None:
        since = self._since.pop(pid, None)
        if since is not None:
            self._facts.append({'k': 'asleep', 'pid': pid, 't': now, 't0': since,
                                'why': self._seen[pid][1]})


def facts_of(told: list[Told], sampled: list[Fact]) -> list[Fact]:
    """What has been told and seen as facts; of what is known from both, as it was told."""
    failed = {(each['pid'], each['path']) for each in told if each['k'] == 'exec failed'}
    made: list[Fact] = []
    for each in told:
        kind, values = each['k'], {'pid': each['pid'], 't': each['t']}
        if kind == 'pipe':
            values |= {'r': each['reading'], 'w': each['writing'], 'cloexec': True,
                       'object': each['object']}
        elif kind in ('fork', 'spawn'):
            values |= {'child': each['child']}
        elif kind == 'dup':
            values |= {'fd': each['source'], 'new': each['target'], 'cloexec': False}
        elif kind == 'open':
            values |= {'fd': each['fd'], 'path': each['path'], 'object': each['object'],
                       'flags': FLAGS.get(each['object'][3], 0) | CLOEXEC, 't0': each['t']}
        elif kind == 'exec' and (each['pid'], each['path']) not in failed:
            values |= {'path': each['path'], 'argv': each['argv']}
        elif kind == 'group':
            child = each['child'] or each['pid']
            values |= {'child': child, 'group': each['group'] or child}
        elif kind == 'send':
            values |= {'target': each['to'], 'number': each['number'], 't0': each['t']}
        elif kind in ('close', 'reap', 'terminal'):
            values |= each
        else:
            continue
        made.append({**values, 'k': KINDS.get(kind, kind)})
    known = {fact['child'] for fact in made if fact['k'] == 'fork'}
    ended = {fact['child'] for fact in made if fact['k'] == 'reap'}
    executed = {fact['pid'] for fact in made if fact['k'] == 'exec'}
    return made + [fact for fact in sampled if not (
        fact['k'] == 'fork' and fact['child'] in known
        or fact['k'] == 'exec' and fact['pid'] in executed
        or fact['k'] == 'gone' and fact['pid'] in ended)]


KINDS = {'spawn': 'fork', 'send': 'kill', 'terminal': 'tty'}
FLAGS = {4: 0, 2: 1, 6: 2}      # how a descriptor is open → O_ACCMODE
CLOEXEC = 0o2000000
