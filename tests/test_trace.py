"""`trace`: what processes do, recorded, put in order, told: the golden form of commands."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from minishell.glass.golden import golden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from minishell.glass.story import Story

    Trace = Callable[..., 'Traced']

LINES = 'b x\na x\nB x\nA x\nzz\n'
PIPELINE = 'grep x f | sort -uf | wc -l'
FORM = """\
sh pipe ① | fork P1 | close ①w | pipe ② | fork P2 | close ①r | close ②w | fork P3 | close ②r \
| wait | reap P1 | reap P2 | reap P3 | $?=0
P1 close ①r | ①→1 | close ①w | exec grep | open f | read f 19 B | write ① 16 B | close ①w \
| exit 0
P2 close ②r | ①→0 | close ①r | ②→1 | close ②w | exec sort | read ① 16 B | EOF ① \
| write ② 8 B | close ①r | close ②w | exit 0
P3 ②→0 | close ②r | exec wc | read ② 8 B | EOF ② | "2\\n" | close ②r | exit 0
"""
USERS = [pytest.param(0, id='root', marks=pytest.mark.skipif(
             os.getuid() != 0, reason='these tests are not run by root')),
         pytest.param(65534, id='user')]


class Traced:
    """A script that has run, and the story of its trace."""

    def __init__(self, ended: subprocess.CompletedProcess[str], path: Path) -> None:
        self.stdout = ended.stdout
        self.stderr = ended.stderr
        self.status = ended.returncode
        self.story: Story = json.loads(path.read_text()) if path.exists() else None

    def line(self, name: str) -> str:
        """What one process has done, in the golden form."""
        lines = dict(line.split(' ', 1) for line in golden(self.story).splitlines())
        return lines[name]

    def asleep(self, name: str) -> list[str]:
        """Why a process has slept."""
        return [segment['why'] for process in self.story['procs'] if process['id'] == name
                for segment in process['segs'] if segment['state'] == 'asleep']


@pytest.fixture(params=USERS)
def trace(request: pytest.FixtureRequest, minishell: list[str],
          environment: dict[str, str]) -> Iterator[Trace]:
    """Traces commands in a script, by root and by another user: `trace COMMANDS`, with what
    comes behind; the story goes into a file."""
    if os.getuid() == 0 and request.param:
        as_user: dict[str, Any] = {'user': request.param, 'group': request.param,
                                   'extra_groups': []}
    else:
        as_user = {}
    with tempfile.TemporaryDirectory(prefix='minishell-traced-', dir='/tmp') as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / 'f').write_text(LINES)
        yield from runner(minishell, environment, folder, as_user)


def runner(minishell: list[str], environment: dict[str, str], folder: Path,
           as_user: dict[str, Any]) -> Iterator[Trace]:
    begun: list[subprocess.Popen[str]] = []

    def run(commands: str, behind: str = '', options: str = '', before: str = '',
            **others: Any) -> Traced:
        path = folder / 'story.json'
        path.unlink(missing_ok=True)
        script = f"{before}\ntrace -o story.json {options} '{commands}'\n{behind}"
        process = subprocess.Popen(
            [*minishell, '-c', script], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, text=True, cwd=folder, start_new_session=True,
            env={**environment, 'LC_ALL': 'C', 'HOME': '/'}, **as_user, **others)
        begun.append(process)
        out, err = process.communicate(timeout=60)
        return Traced(subprocess.CompletedProcess((), process.returncode, out, err), path)
    probe = run(':')
    assert probe.status == 0, probe.stderr
    if probe.story['engine'] != 'ptrace':
        pytest.skip(f'ptrace cannot be had: {probe.story["incomplete"]}')
    yield run
    for process in begun:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


@pytest.mark.parametrize('run', range(3))
def test_a_pipeline(trace: Trace, run: int) -> None:
    traced = trace(PIPELINE, 'echo $? ${PIPESTATUS[@]}')
    assert golden(traced.story) == FORM
    assert (traced.stdout, traced.stderr) == ('2\n0 0 0 0\n', '')
    assert traced.story['incomplete'] == []


def test_causes_come_before_effects(trace: Trace) -> None:
    steps = trace(PIPELINE).story['steps']
    places = {(step['p'], step['text']): step['seq'] for step in steps}
    assert [step['seq'] for step in steps] == list(range(1, len(steps) + 1))
    assert sorted(step['t'] for step in steps) == [step['t'] for step in steps]
    for first, then in (
            (('sh', 'fork P1'), ('P1', 'close ①r')),
            (('P1', 'write ① 16 B'), ('P2', 'read ① 16 B')),
            (('P1', 'close ①w'), ('P2', 'EOF ①')), (('P2', 'exit 0'), ('sh', 'reap P2'))):
        assert places[first] < places[then]
