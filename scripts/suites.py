"""Readers of other projects' shell tests, for scripts/conformance.

    cases(tree) -> [(name, run)]        run(shell, folder) -> True, False or None (skipped),
                                            or those of several cases by their names
`tree` is a project's own source tree; `shell` is one path; `folder` is empty at the start.
Messages differ from shell to shell: their wording is compared by no suite.
"""
from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

Run = Callable[[Path, Path], 'bool | None | dict[str, bool]']
Cases = list[tuple[str, Run]]
Result = tuple[int | None, bytes]
LIMIT = 20                              # seconds for a case
ROOT = os.geteuid() == 0
UNSET = '\0'                            # what an environment variable must not have


def execute(argv: list[str], folder: Path, stdin: bytes = b'', limit: int = LIMIT,
            both: bool = False, **environment: str) -> Result:
    """Status (None: the time ran out) and output of a command in a session of its own."""
    env = {'PATH': os.environ['PATH'], 'HOME': str(folder), 'TMPDIR': str(folder),
           'LC_ALL': 'C.UTF-8', 'TERM': 'dumb', **environment}
    env = {name: value for name, value in env.items() if value != UNSET}
    if ROOT and shutil.which('setpriv'):        # root, too, is held to file permissions
        argv = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--', *argv]
    with subprocess.Popen(argv, cwd=folder, env=env, start_new_session=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT if both else subprocess.DEVNULL) as process:
        status: int | None
        try:
            out, _ = process.communicate(stdin, limit)
            status = process.returncode
        except subprocess.TimeoutExpired:
            out, status = b'', None
        end_session(process.pid)
    return status, out


def end_session(session: int) -> None:
    """Kill what is left of a case's session, all that it has started meanwhile, too."""
    while members := members_of(session):
        for number in (signal.SIGSTOP, signal.SIGKILL):     # what is stopped starts nothing
            for pid in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)


def members_of(session: int) -> list[int]:
    """The processes of a session; not those that are dead already."""
    pids = []
    for entry in Path('/proc').iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                state, _, _, own = (entry / 'stat').read_text().rpartition(')')[2].split()[:4]
                if int(own) == session and state != 'Z':
                    pids.append(int(entry.name))
    return pids


def build(tools: Path, sources: Iterable[Path], standard: str = 'gnu11') -> None:
    """Compile the small C programs that a suite's tests call."""
    tools.mkdir(parents=True, exist_ok=True)
    for source in sources:
        if not (tools / source.stem).exists():
            subprocess.run([os.environ.get('CC', 'cc'), '-w', f'-std={standard}',
                            '-o', str(tools / source.stem), str(source)], check=True)


# -- smoosh: NAME.test, with NAME.out and NAME.ec beside it -----------------------------


def smoosh(tree: Path, tools: Path) -> Cases:
    """As its own runner does; no .ec means status 0, no .out that any output will do."""
    build(tools, (tree / 'tests' / 'util').glob('*.c'))
    return [(test.stem, partial(run_smoosh, test, tools))
            for test in sorted((tree / 'tests' / 'shell').glob('*.test'))]


def run_smoosh(test: Path, tools: Path, shell: Path, folder: Path) -> bool:
    """Whether status and standard output are those beside the test."""
    status, out = execute([str(shell), str(test)], folder, TEST_SHELL=str(shell),
                          TEST_UTIL=str(tools), LOGNAME=os.environ.get('LOGNAME', 'root'))
    ec, wanted = test.with_suffix('.ec'), test.with_suffix('.out')
    if status is not None and status < 0:
        status = 128 - status
    return status == (int(ec.read_text()) if ec.exists() else 0) \
        and (not wanted.exists() or out == wanted.read_bytes())


# -- mrsh: scripts that do as dash does, and conformance/NAME.sh with NAME.stdout ---------


def mrsh(tree: Path, tools: Path) -> Cases:
    """The scripts that its build runs; those of undefined behaviour are left out."""
    found: Cases = []
    for folder, run in ((tree / 'test', run_as_dash),
                        (tree / 'test' / 'conformance', run_conforming)):
        listed = [line for line in (folder / 'meson.build').read_text().splitlines()
                  if '#' not in line]
        found += [(script.stem, partial(run, script)) for script in sorted(folder.glob('*.sh'))
                  if any(f"'{script.name}'" in line for line in listed)
                  and '.undefined.' not in script.name]
    return found


def run_as_dash(script: Path, shell: Path, folder: Path) -> bool:
    """Whether the shell does as dash."""
    results = []
    for each in (str(shell), 'dash'):
        shutil.rmtree(folder / 'work', ignore_errors=True)
        (folder / 'work').mkdir()
        results.append(execute([each, str(script)], folder / 'work'))
    return results[0] == results[1]


def run_conforming(script: Path, shell: Path, folder: Path) -> bool:
    """Whether it succeeds, or fails where it is named .fail."""
    status, out = execute([str(shell), str(script)], folder)
    wanted = script.with_suffix('.stdout')
    good = status == 0 and (not wanted.exists()
                            or out.rstrip(b'\n') == wanted.read_bytes().rstrip(b'\n'))
    return status is not None and good != ('.fail.' in script.name)


# -- busybox: NAME.tests prints NAME.right, messages among it -----------------------------


RACES = ('exitcode_trap2', 'exitcode_trap6')    # a signal against a fork, in ash too


def yash(tree: Path, tools: Path) -> Cases:
    """Its tests for any POSIX shell; a file holds up to 200 cases."""
    tests = tree / 'tests'
    build(tools, [tests / f'{name}.c' for name in ('checkfg', 'ptwrap', 'resetsig')])
    return [(test.stem, partial(run_yash, test, tools))
            for test in sorted(tests.glob('*-p.tst'))]


def run_yash(test: Path, tools: Path, shell: Path, folder: Path) -> dict[str, bool]:
    """By yash's own runner, on a terminal where a file asks for one."""
    for path in (test, test.with_name('run-test.sh'), test.with_name('signal.sh'),
                 *tools.iterdir()):
        (folder / path.name).symlink_to(path)
    terminal = ['./ptwrap'] if '%REQUIRETTY%' in test.read_text() else []
    execute([*terminal, './resetsig', 'bash', '--posix', './run-test.sh', str(shell),
             test.name], folder, limit=5 * LIMIT)
    report = (folder / test.name).with_suffix('.trs')
    results = re.findall('^%%% (PASSED|FAILED): (.*)', report.read_text(errors='replace'),
                         re.MULTILINE) if report.exists() else []
    return {name: result == 'PASSED' for result, name in results}


def busybox(kind: str, tree: Path, tools: Path) -> Cases:
    """ash_test or hush_test; an error message is equal to any other."""
    tests = tree / 'shell'
    programs = [tests / 'ash_test' / f'{name}.c' for name in ('recho', 'zecho', 'printenv')]
    build(tools, programs, 'gnu89')
    return [(f'{test.parent.name}/{test.stem}', partial(run_busybox, test, tools))
            for test in sorted((tests / f'{kind}_test').glob(f'{kind}-*/*.tests'))
            if os.access(test, os.X_OK) and test.with_suffix('.right').exists()]


def run_busybox(test: Path, tools: Path, shell: Path, folder: Path) -> bool | None:
    """Whether the output is the one beside the test."""
    if b'memleak' in test.read_bytes() or test.stem in RACES:   # memleak: hush's own utility
        return None
    here = shutil.copytree(test.parent, folder / test.parent.name)
    status, out = execute(
        [str(shell), f'./{test.name}'], here, both=True, THIS_SH=str(shell),
        limit=90 if 'slow' in here.name else LIMIT, CONFIG_FEATURE_FANCY_ECHO='y',
        PATH=f'{tools}:{os.environ["PATH"]}', LC_ALL='')
    wanted = test.with_suffix('.right').read_bytes()
    return status is not None \
        and without_messages(out, shell) == without_messages(wanted, shell)


def without_messages(printed: bytes, shell: Path) -> list[bytes]:
    """The lines, each error message made the same, without what some add to messages."""
    names = '|'.join(map(re.escape, {str(shell), shell.name, 'minishell', 'ash', 'hush', 'sh',
                                     'SHELL'}))
    utilities = r'\.|exec|eval|export|readonly|unset|shift|trap|getopts|read' \
        '|command substitution'
    message = re.compile(
        rf'(?:(?:[EW]: )?(?:{names}|{utilities}|\./[\w./-]+)(?:\[\d+\])?:(?:\w+:)?(?:\d+:)? '
        r'|[^\s:]+: (?:[\w.-]+: )?(?:line )?\d+: '
        r'|(?=Illegal option -|[\w./-]+:? not found))(.*)'.encode())
    death = re.compile(rb'(?:\S+: line \d+: +\d+ )?'
                       rb'(?:Killed|Hangup|Terminated|Aborted)(?: \(core dumped\))?(?: +\S.*)?')
    added = re.compile(rb"(?:.*: )?`.*'|\w+: usage: .*")
    process_name = re.compile(f'(/proc/N/comm: )(?:{names})'.encode())
    lines: list[bytes] = []
    for line in printed.rstrip(b'\n').split(b'\n'):
        found = message.fullmatch(line)
        if death.fullmatch(line):       # bash adds the command that was killed, dash nothing
            lines.append(b'<death>')
            continue
        if found and b' warning: ' in line:
            continue
        if lines[-1:] == [b'<message>'] and added.fullmatch(found[1] if found else line):
            continue
        lines.append(b'<message>' if found else process_name.sub(rb'\1<shell>', line))
    return lines


# -- oils: spec/NAME.test.sh, cases with directives below ---------------------------------

LEFT_OUT = re.compile('ysh-|hay|spec-harness-bug|errexit-osh|strict-options|osh-bugs'
                      '|zsh-assoc')
DIRECTIVE = re.compile(r'## +(?:((?:OK|BUG)(?:-\d)?|N-I)\s+([\w+/]+)\s+)?([\w-]+):\s*(.*)')
Wanted = dict[str, str]


class Spec:
    """One case: its code, what it should do, and what each shell does otherwise."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.code = ''
        self.wanted: Wanted = {}
        self.shells: dict[str, tuple[str, Wanted]] = {}


def oils(portable: bool, tree: Path, tools: Path) -> Cases:
    """The cases about sh and bash; `portable`: those which dash and bash both pass."""
    tools.mkdir(parents=True, exist_ok=True)
    for script in (tree / 'spec' / 'bin').iterdir():
        code = HELPERS.get(script.name) or script.read_text()
        if script.suffix == '.py':      # for Python 2, but plain enough
            code = f'#!{sys.executable} -IS\n' + code.removeprefix('#!/usr/bin/env python2')
        (tools / script.name).write_text(code)
        (tools / script.name).chmod(0o755)
    found: Cases = []
    for path in sorted((tree / 'spec').glob('*.test.sh')):
        if LEFT_OUT.match(path.name):
            continue
        about, specs = parse_oils(path.read_bytes().decode('utf-8', 'surrogateescape'))
        if about.get('suite') == 'disabled':
            continue
        shells = {name.partition('-')[0] for name in about.get('compare_shells', '').split()}
        for number, spec in enumerate(specs):
            if not portable or {'bash', 'dash'} <= shells \
                    and not {'bash', 'dash'} & spec.shells.keys() \
                    and not re.search(r'\b(ba|da)sh\b', spec.code):
                found.append((f'{path.name[:-8]}/{number} {spec.title}',
                              partial(run_oils, spec, 'legacy_tmp_dir' in about, tree, tools)))
    return found


HELPERS = {'argv.py': """import os, sys
def show(word):                         # as Python 2 shows bytes
    return repr(os.fsencode(word))[1:]
print('[' + ', '.join(map(show, sys.argv[1:])) + ']')
""", 'read_from_fd.py': """import os, sys
for word in sys.argv[1:]:
    try:
        data = os.read(int(word), 1024)
    except OSError as error:
        sys.exit(f'FATAL: Error reading from fd {word}: {error}')
    os.write(1, word.encode() + b': ' + data)
"""}


def parse_oils(text: str) -> tuple[Wanted, list[Spec]]:
    """A file's own keys, and its cases."""
    about: Wanted = {}
    specs: list[Spec] = []
    lines = [line for line in io.StringIO(text, newline='\n')
             if line.startswith('##') or not line.lstrip().startswith('#')]
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        match = DIRECTIVE.match(line)
        if line.startswith('####'):
            specs.append(Spec(line[4:].strip()))
        elif match:
            word, shells, key, value = match.groups()
            if key in ('STDOUT', 'STDERR'):
                start, key = at, key.lower()
                while at < len(lines) and not lines[at].startswith('##'):
                    at += 1
                value = ''.join(lines[start:at])
            elif key in ('stdout', 'stderr'):
                value += '\n'
            if not specs:
                about[key] = value
            elif key == 'code':
                specs[-1].code = value
            elif word:
                for shell in shells.split('/'):
                    specs[-1].shells.setdefault(shell, (word, {}))[1][key] = value
            else:
                specs[-1].wanted[key] = value
        elif specs and not (line.startswith('##') or specs[-1].wanted or specs[-1].shells):
            specs[-1].code += line
    return about, specs


def run_oils(spec: Spec, inner: bool, tree: Path, tools: Path, shell: Path,
             folder: Path) -> bool | None:
    """A shell passes by doing what is wanted, or what the file allows bash to do."""
    if 'python2' in spec.code and not python2():
        return None
    called = folder / 'bin' / 'bash'    # what cases ask $SH for: all take bash's part
    called.parent.mkdir()
    called.symlink_to(shell)
    work = folder / 'work'
    (work / '_tmp' if inner else work).mkdir(parents=True)
    if 'cd $REPO_ROOT' in spec.code:    # some write there: a folder like it
        (folder / 'tree' / '_tmp' / 'spec-tmp').mkdir(parents=True)
        for path in tree.iterdir():
            (folder / 'tree' / path.name).symlink_to(path)
        tree = folder / 'tree'
    result = execute([str(shell)], work, spec.code.encode('utf-8', 'surrogateescape'),
                     TMP=str(work), SH='bash', REPO_ROOT=str(tree), HOME=UNSET, TMPDIR=UNSET,
                     TERM=UNSET, PATH=f'{called.parent}:{tools}:{os.environ["PATH"]}')
    word, changed = spec.shells.get('bash', ('', {}))
    kept = {key: value for key, value in spec.wanted.items() if key.removesuffix('-json')
            not in {other.removesuffix('-json') for other in changed}}
    return fits(spec.wanted, result) \
        or word.startswith('OK') and fits({**kept, **changed}, result)


@functools.cache
def python2() -> bool:
    """Whether there is a Python 2: a name alone may be there without it."""
    return shutil.which('python2') is not None and subprocess.run(
        ['python2', '-c', ''], capture_output=True, check=False).returncode == 0


def fits(wanted: Wanted, result: Result) -> bool:
    """Whether status and standard output are as wanted."""
    status, out = result
    text = wanted.get('stdout')
    if 'stdout-json' in wanted:
        text = json.loads(wanted['stdout-json'])
    return status == int(wanted.get('status', 0)) \
        and (text is None or out == text.encode('utf-8', 'surrogateescape'))


SUITES: dict[str, tuple[str, Callable[[Path, Path], Cases]]] = {     # name: tree, reader
    'smoosh': ('smoosh', smoosh),
    'mrsh': ('mrsh', mrsh),
    'oils, POSIX part': ('oils', partial(oils, True)),
    'busybox ash': ('busybox', partial(busybox, 'ash')),
    'busybox hush': ('busybox', partial(busybox, 'hush')),
    'oils': ('oils', partial(oils, False)),
    'yash, POSIX part': ('yash', yash),
}
