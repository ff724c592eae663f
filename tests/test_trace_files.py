"""What `trace -o` writes, of commands that really run."""
from __future__ import annotations

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING

import pytest
from test_trace_svg import covered

from minishell.glass.geometry import Geometry
from minishell.glass.svg import write_svg

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = {
    'pipeline': 'printf "b\\na\\n" | sort | cat',
    'background': '(exit 7) & wait $!; :',
    'fifo': 'mkfifo ff; cat <ff & echo hi >ff; wait',
    'substitution': 'x=$(echo a | cat); echo "$x"',
    'sigpipe': 'yes | head -1',
    'no process': 'x=1',
    'killed': "sh -c 'kill -s TERM $$'",
    'loop': 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do /bin/true; done',
    'hostile': "echo '</script><svg onload=x>' | cat",
}


@pytest.mark.parametrize('command', COMMANDS.values(), ids=COMMANDS)
def test_real_stories(minishell: list[str], tmp_path: Path, command: str) -> None:
    """No word covers another, and each step has its place, in pictures of real runs, too."""
    subprocess.run([*minishell, '-c', 'trace -o F.json "$1"', 'sh', command], cwd=tmp_path,
                   capture_output=True, timeout=300, check=False)
    story = json.loads((tmp_path / 'F.json').read_text())
    svg = write_svg(story)
    assert covered(svg) == []
    geometry = Geometry(story)
    assert sum(step['count'] for step in geometry.steps) == len(story['steps'])
    assert all(f'href="#{step["seq"]}"' in svg for step in geometry.steps)
    times = [step['t'] for step in story['steps']]
    assert times == sorted(times)


@pytest.mark.skipif(shutil.which('git') is None, reason='there is no git')
def test_git_status(minishell: list[str], environment: dict[str, str], tmp_path: Path) -> None:
    """The same output and status, a small page, and what watching it has cost."""
    def run(*argv: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=60,
                              env={**environment, 'HOME': str(tmp_path), 'LC_ALL': 'C'})
        assert done.returncode == 0, done.stderr
        return done
    run('git', 'init', '-q', 'r')
    for number in range(100):
        (tmp_path / 'r' / f'file {number}').write_text('text\n')
    run('git', '-C', 'r', 'add', '.')
    (tmp_path / 'r' / 'file 7').write_text('other text\n')
    expected = run('git', '-C', 'r', 'status').stdout
    done = run(*minishell, '-c', """
        trace -o F.json 'git -C r status'; trace -o F.html 'git -C r status' >again""")
    assert done.stdout == (tmp_path / 'again').read_text() == expected
    assert 'modified:   file 7' in expected
    story = json.loads((tmp_path / 'F.json').read_text())
    assert story['procs'][1]['end'] == {'exit': 0}
    assert story['incomplete'] == [] or story['engine'] == 'samples'
    if story['engine'] == 'ptrace':
        assert re.match(rf'{story["stops"]} stops, which took \d+ ms at least',
                        story['notes'][-1])
    assert (tmp_path / 'F.html').stat().st_size < 5_000_000


@pytest.mark.parametrize('command', COMMANDS.values(), ids=COMMANDS)
def test_files(minishell: list[str], tmp_path: Path, command: str) -> None:
    for name in ('F.svg', 'F.html', 'F.perfetto.json'):
        (tmp_path / 'ff').unlink(missing_ok=True)
        done = subprocess.run([*minishell, '-c', f'trace -o {name} "$1"', 'sh', command],
                              cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert 'cannot be told' not in done.stderr
        text = (tmp_path / name).read_text()
        if name == 'F.svg':
            ElementTree.fromstring(text)
        elif name == 'F.html':
            assert text.count('<script') == 2
            assert '<ol id="story">\n<li id="1">' in text
        else:
            assert json.loads(text)['traceEvents']
