"""What the shell tells those who watch: its own steps with processes and descriptors."""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Steps = list[list[Any]]

ROOT = Path(__file__).resolve().parent.parent

# A shell that writes what it tells to a file which its children have, too.
WATCHED = """
import os, sys
sys.path.insert(0, sys.argv[1])
from json import dumps
from minishell.session import build_shell, run_script
from minishell.syntax.source import Source
log = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
log = os.dup2(log, 60)
def shown(value):
    if isinstance(value, tuple) and len(value) == 2 and hasattr(value[1], 'text'):
        node, source = value
        return type(node).__name__
    return getattr(value, 'how', value if isinstance(value, (int, str, list)) else repr(value))
def write(event):
    facts = {name: shown(value) for name, value in event.facts.items()}
    os.write(log, dumps([event.pid, event.kind, facts]).encode() + b'\\n')
shell = build_shell('sh', dict(os.environb))
{before}
shell.watch(write)
status = run_script(shell, Source(sys.argv[3], 'sh'))
assert shell.events is not None or {dropped}
os._exit(status)
"""


@pytest.fixture
def steps(tmp_path: Path) -> Callable[..., tuple[Steps, str]]:
    """Run a script in a watched shell; gives its own steps, then those of the others, with
    pids by name (sh, P1 …), and what it printed."""
    def run(script: str, before: str = '', dropped: bool = False) -> tuple[Steps, str]:
        log = tmp_path / 'log'
        log.unlink(missing_ok=True)
        code = WATCHED.replace('{before}', before).replace('{dropped}', str(dropped))
        ended = subprocess.run(
            [sys.executable, '-I', '-c', code, str(ROOT), str(log), script],
            capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False,
            env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8'}, stdin=subprocess.DEVNULL)
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        names = {lines[0][0]: 'sh'}
        for _, kind, facts in lines:
            if kind in ('fork', 'spawn'):
                names[facts['child']] = f'P{len(names)}'
        for line in lines:
            line[0] = names[line[0]]
            for fact in ('child', 'parent', 'to'):
                if fact in line[2]:
                    line[2][fact] = names.get(line[2][fact], line[2][fact])
        return lines, ended.stdout + ended.stderr
    return run


def of(steps: Steps, who: str, *kinds: str) -> list[str]:
    """What one process has done, in words."""
    found = []
    for name, kind, facts in steps:
        if name == who and (not kinds or kind in kinds):
            said = [str(facts[fact]) for fact in (
                'use', 'place', 'child', 'how', 'start', 'what', 'source', 'target', 'fd',
                'status', 'condition') if fact in facts]
            found.append(' '.join([kind, *said]))
    return found


def test_a_pipeline(steps: Callable[..., tuple[Steps, str]]) -> None:
    found, printed = steps('/bin/cat f | /usr/bin/sort -u | wc -l')
    del printed
    said = of(found, 'sh', 'pipe', 'spawn', 'reap')
    assert said[:5] == [
        'pipe | 0 Pipeline', 'spawn P1 spawn SimpleCommand',
        'pipe | 1 Pipeline', 'spawn P2 spawn SimpleCommand', 'spawn P3 spawn SimpleCommand']
    assert sorted(said[5:]) == ['reap P1 256', 'reap P2 0', 'reap P3 0']


def test_every_end_of_a_pipe_is_closed(steps: Callable[..., tuple[Steps, str]]) -> None:
    found, _ = steps('{ cd /; } | { cd /; } | { cd /; }; x=$(ulimit -c); cat <(ulimit -c)'
                     ' >/dev/null; wait')
    held: set[object] = set()
    pipes = 0
    for name, kind, facts in found:
        if name != 'sh':
            continue
        if kind == 'pipe':
            pipes += 1
            assert held.isdisjoint((facts['reading'], facts['writing']))
            held |= {facts['reading'], facts['writing']}
        elif kind == 'open':
            held.add(facts['fd'])
        elif kind == 'dup':
            held.add(facts['target'])
        elif kind == 'close':
            held.remove(facts['fd'])
    assert (pipes, held) == (4, set())
    for child, read, write in (('P1', [], [1]), ('P2', [0], [1]), ('P3', [0], [])):
        assert [facts['target'] for name, kind, facts in found
                if name == child and kind == 'dup'] == read + write


def test_what_needs_no_process_says_why(steps: Callable[..., tuple[Steps, str]]) -> None:
    found, printed = steps('(x=1); echo $(echo a; echo b); echo b | wc -l; read x <<E\nyy\nE\n'
                           'cat <<E\nyy\nE\necho a >g; x=$(<g)\n')
    assert printed.split() == ['a', 'b', '1', 'yy']
    assert of(found, 'sh', 'none', 'text') == [
        'none none Subshell', 'none none CommandSubstitution', 'none none SimpleCommand',
        'text -1', *[step for step in of(found, 'sh', 'text') if step != 'text -1'],
        'none none CommandSubstitution']


def test_a_fork_says_why_and_the_child_goes_on(steps: Callable[..., tuple[Steps, str]]) -> None:
    found, _ = steps('{ cd /; } | exec /bin/cat')
    assert of(found, 'sh', 'fork') == ['fork P1 fork BraceGroup', 'fork P2 fork SimpleCommand']
    assert of(found, 'P1', 'born') == ['born']
    assert [facts['parent'] for name, kind, facts in found if kind == 'born'] == ['sh', 'sh']
    assert of(found, 'P2')[-1] == 'exec'


def test_redirections(steps: Callable[..., tuple[Steps, str]]) -> None:
    found, _ = steps('{ :; } >g; echo a >g; ls >g')
    kinds = [(kind, facts['path'] if kind == 'open' else '') for name, kind, facts in found
             if name == 'sh' and kind in ('open', 'dup', 'close', 'spawn')]
    assert kinds == [
        ('open', 'g'), ('dup', ''), ('close', ''), ('dup', ''),
        ('open', 'g'), ('close', ''), ('open', 'g'), ('spawn', ''), ('close', '')]


def test_signals_and_traps(steps: Callable[..., tuple[Steps, str]]) -> None:
    found, printed = steps('trap "echo t" USR1; kill -USR1 $$; trap "echo e" EXIT')
    assert printed == 't\ne\n'
    assert of(found, 'sh', 'send', 'noted', 'trap', 'trapped') == [
        'send', 'noted', 'trap USR1', 'trapped USR1', 'trap EXIT', 'trapped EXIT']


def test_jobs(steps: Callable[..., tuple[Steps, str]]) -> None:
    found, _ = steps('set -m; ulimit -c 0 | ulimit -c 0 & wait; (ulimit -c 0)')
    assert of(found, 'sh', 'fork', 'job', 'group', 'reap')[:3] == [
        'fork P1 fork SimpleCommand', 'group P1', 'fork P2 fork SimpleCommand']
    assert [facts['number'] for _, kind, facts in found if kind == 'job'] == [1]
    assert len(of(found, 'sh', 'reap')) == 3


def test_who_raises_is_dropped_and_told(steps: Callable[..., tuple[Steps, str]]) -> None:
    found, printed = steps('/bin/true; /bin/true; echo end', 'shell.watch(lambda e: 1 / 0)')
    assert 'events are watched no more: ZeroDivisionError' in printed
    assert printed.count('ZeroDivisionError') == 1 and 'end\n' in printed
    assert len(of(found, 'sh', 'spawn')) == 2
