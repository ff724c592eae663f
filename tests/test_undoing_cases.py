"""Whatever a script changes of the shell's state, `undo` knows how to put back.

The scripts of cases run in a shell as if each part between blank lines were a line of a prompt;
then all that is kept is put back, and the state must be that of the beginning.
"""
from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from test_cases import CASES, parse_file

if TYPE_CHECKING:
    from pathlib import Path

EVERY = 40              # of the cases one in so many, another one with each size of the suite
DRIVER = """if True:
    import json, os, signal, sys
    sys.path.insert(0, sys.argv[1])
    from minishell.builtins.undoing import command, put
    from minishell.compile.loading import load_all
    from minishell.session import build_shell
    from minishell.state.undoing import Undoing, _changes, _tables

    def differences(script):
        'What is different in the end, and whether anything was in between.'
        shell = build_shell('minishell', dict(os.environb))
        undoing = Undoing(shell)
        first = {kind: [table.copy() for table in tables]
                 for kind, tables in _tables(shell).items()}
        for line in script.split('\\n\\n'):
            undoing.begin(line)
            try:
                shell.run_text(line, 'eval')
            except BaseException:
                pass
            if shell.subshell:
                os._exit(0)
            while shell.variables.scoped():
                shell.variables.pop_scope()
            undoing.end()
        for done in reversed(undoing._done):
            changes = [change.reversed() for change in done.changes]
            put(shell, changes)
            for change in done.changes + changes:
                command(change)
        left = [f'{change.kind} {change.name}: {change.before} {change.behind}'
                for change in _changes(first, _tables(shell))]
        return [bool(undoing._done), left]

    load_all()
    found = []
    for number, script in enumerate(json.load(sys.stdin)):
        ends = os.pipe()
        reading, writing = (os.dup2(end, end + 500, False) for end in ends)
        for end in ends:                # which are numbers that scripts use
            os.close(end)
        pid = os.fork()
        if not pid:
            os.setsid()
            signal.alarm(20)
            os.mkdir(str(number))
            os.chdir(str(number))
            null = os.open('/dev/null', os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(null, fd)
            try:
                said = differences(script)
            except BaseException as error:
                said = [True, [repr(error)]]
            os.write(writing, json.dumps(said).encode())
            os._exit(0)
        os.close(writing)
        os.waitpid(pid, 0)
        try:
            os.killpg(pid, 9)
        except OSError:
            pass
        os.set_blocking(reading, False)     # who has left the group has it open, too
        try:
            said = os.read(reading, 1 << 16)
        except BlockingIOError:
            said = b''
        os.close(reading)
        found.append(json.loads(said) if said else None)
    json.dump(found, sys.stdout)
"""


def test_scripts_of_cases(root: Path, tmp_path: Path) -> None:
    scripts = [(f'{path.name}: {case.title}', case.script)
               for path in sorted(CASES.glob('*/*.test')) if path.parent.name != 'dialects'
               for case in parse_file(path).cases][::EVERY]
    done = subprocess.run(
        [sys.executable, '-I', '-S', '-X', 'utf8', '-c', DRIVER, str(root)], cwd=tmp_path,
        input=json.dumps([script for _, script in scripts]), capture_output=True, text=True,
        check=True, timeout=600, env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8',
                                      'HOME': str(tmp_path)})
    found = json.loads(done.stdout)
    wrong = {title: said[1] for (title, _), said in zip(scripts, found, strict=True)
             if said is not None and said[1]}
    assert wrong == {}
    assert sum(said is not None and said[0] for said in found) > len(scripts) // 3
