"""Recombined cases are run: whatever they do, minishell tells no internal error, dies of no
signal that no other shell dies of, and ends where bash ends.

    python tests/fuzz_runs.py --seed 1 --count 10000        # as root: it makes namespaces

They run in a sandbox (`fuzz_sandbox.py`).  Process 1 of its namespace (`Inside`) starts the
scripts one by one, each in an empty folder: as a file, with -c, or on standard input; with
subshells as processes, with everything hot, with options.
"""
from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import queue
import re
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple, NoReturn

from fuzz import shrink
from fuzz_recombined import Recombiner
from fuzz_sandbox import Sandbox, Unsafe, check, end_all, limit, sandbox

BATCH = 500                     # scripts for each namespace
PATH = '/usr/bin:/bin'
KINDS = 3                       # a file, -c, standard input
VARIANTS: tuple[tuple[dict[str, str], list[str]], ...] = (
    ({}, []), ({'MINISHELL_FORK': '1'}, []), ({'MINISHELL_HOT': '0'}, []), ({}, ['-x']),
    ({}, ['-m']), ({'LC_ALL': 'C'}, ['-o', 'posix']), ({'MINISHELL_HOT': '0'}, ['-eu']),
    ({'MINISHELL_FORK': '1', 'CDPATH': '/:.', 'ENV': './f', 'PS4': '$(echo $x) '}, ['-ix']))
SIGNS = ('internal error', 'Traceback', 'Fatal Python error')
DEATHS = re.compile('Segmentation fault|Bus error|Aborted|Illegal instruction')
# Built-ins of the course that wait for others; bash has none of them.
WAITING = re.compile(r'\b(?:mq|sem|flock|lockf|pause|sysread|syswrite|sysopen|waitpid)\b')
# bash ignores SIGQUIT; it and dash take the 99999 of `trap 99999 INT` for an action, ksh for a
# condition, as XCU trap has it.
REFERENCES = ('bash', 'dash', *(['ksh'] if Path('/bin/ksh').exists() else []))
PLANTS = ('internal', 'signal', 'hang')
TOLD = 'told'                   # a file: what minishell itself knows of an internal error


class Script(NamedTuple):
    """What is run."""

    seed: int
    how: int                    # in which way, and with what variant
    text: str


@dataclass
class Job:
    """What is done in a namespace."""

    scripts: list[Script]
    plant: str = ''             # a fault that is to be found: one of PLANTS
    quick: float = 1            # seconds for a script that takes milliseconds
    patience: float = 10        # seconds before a script is called hanging
    tries: int = 300            # to make a script smaller
    tell: bool = False          # also how those end that are not wrong


class Ended(NamedTuple):
    """How a script ended."""

    status: int                 # -N: the shell died of signal N
    hangs: bool
    out: str
    errors: str                 # what it wrote to standard error
    told: str = ''              # of an internal error


@dataclass
class Outcome:
    """What became of a job."""

    wrong: list[dict[str, str]] = field(default_factory=list)
    told: dict[int, dict[str, str | int]] = field(default_factory=dict)
    tally: dict[str, int] = field(default_factory=dict)


# -- inside -------------------------------------------------------------------------------


class Inside:
    """Process 1: runs scripts with minishell, by a fork of what it has imported, and bash."""

    def __init__(self, root: Path, job: Job) -> None:
        self.root, self.job, self.patience = root, job, job.patience
        self.folder = root                      # of the script that runs
        self.main = str(root / 'minishell' / '__main__.py')
        sys.path.insert(0, str(root))
        from minishell.cli import main
        from minishell.compile.loading import load_all
        self.minishell = main
        if job.plant:
            self.plant(job.plant)
        load_all()                      # every script would, else
        self.hear_internal_errors()
        self.tally = dict.fromkeys(
            ('run', 'printed', 'status 0', 'syntax error', 'not found', 'hang'), 0)
        gc.freeze()

    def hear_internal_errors(self) -> None:
        """A script can redirect standard error: have internal errors written down, too."""
        from minishell import cli
        from minishell.state.shell import Shell
        warn, complain = Shell.warn, cli.complain

        def tell(message: str) -> None:
            if message.startswith(SIGNS[0]):
                frame = traceback.extract_tb(sys.exc_info()[2])[-1]
                with contextlib.suppress(OSError), open(self.folder / TOLD, 'a') as file:
                    file.write(f'{message} ({Path(frame.filename).name}:{frame.lineno})\n')

        def warn_and_tell(shell: Shell, message: str) -> None:
            tell(message)
            warn(shell, message)

        def complain_and_tell(message: str, arg0: str = '') -> None:
            tell(message)
            complain(message, arg0)
        Shell.warn = warn_and_tell      # type: ignore[method-assign]
        cli.complain = complain_and_tell

    def plant(self, kind: str) -> None:
        """Make `:` with an argument go wrong."""
        from minishell.builtins import plain
        right = plain.colon

        def wrong(shell: object, argv: list[str]) -> int:
            if len(argv) == 1:
                return right(shell, argv)       # type: ignore[arg-type]
            if kind == 'internal':
                raise RuntimeError('planted')
            if kind == 'signal':
                os.kill(os.getpid(), signal.SIGSEGV)
            while True:
                time.sleep(1)
        plain.colon = wrong             # type: ignore[assignment]

    def run(self, shell: str, script: Script, seconds: float) -> Ended:
        """Run a script in a new folder."""
        self.folder = folder = Path(tempfile.mkdtemp(dir='.')).resolve()
        cwd = folder / 'w'
        cwd.mkdir()
        data = script.text.encode('utf-8', 'surrogateescape')
        path = folder / 'case.sh'
        path.write_bytes(data)
        kind = script.how % KINDS
        args = [str(path)] if kind == 0 else ['-c', script.text.replace('\0', '')] \
            if kind == 1 else []
        pid = os.fork()
        if pid == 0:
            self._become(shell, script, args, cwd, str(path) if kind == 2 else os.devnull)
        handle = os.pidfd_open(pid)
        hangs = not select.select([handle], [], [], seconds)[0]
        os.close(handle)
        status = -signal.SIGKILL if hangs else os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        end_all()
        texts = []
        for name in ('out', 'err', TOLD):
            with contextlib.suppress(OSError):
                texts.append((folder / name).read_bytes()[:1 << 16].decode(
                    errors='backslashreplace'))
        self._remove(folder)
        return Ended(status, hangs, *texts)

    def _become(self, shell: str, script: Script, args: list[str], cwd: Path,
                stdin: str) -> NoReturn:
        """In the child: the shell."""
        try:
            os.setsid()
            os.chdir(cwd)
            os.umask(0o022)
            for number in (signal.SIGPIPE, signal.SIGXFSZ):     # which Python ignores
                signal.signal(number, signal.SIG_DFL)
            err = os.open('../err', os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            out = os.open('../out', os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            for target, source in enumerate((os.open(stdin, os.O_RDONLY), out, err)):
                os.dup2(source, target)
            os.closerange(3, 256)
            limit()
            more, options = VARIANTS[script.how // KINDS % len(VARIANTS)]
            environment = {
                'PATH': f'{self.root}/bin:{PATH}', 'HOME': str(cwd), 'LC_ALL': 'C.UTF-8',
                'TERM': 'dumb', 'SH': f'{self.root}/sh/{shell}'} | more
            if shell in REFERENCES:
                os.execve(f'/bin/{shell}', [shell, *options, *args], environment)
            # What the shell looks at is posix.environ; os.environ is a view of it.
            os.environ.clear()
            os.environ.update(environment)
            sys.argv = [self.main, *options, *args]
            sys.orig_argv = [sys.executable, '-I', '-S', '-X', 'utf8', *sys.argv]
            self.minishell(sys.argv)
        finally:
            os._exit(70)

    def _remove(self, folder: Path) -> None:
        for path, _, _ in os.walk(folder):
            with contextlib.suppress(OSError):
                os.chmod(path, 0o700)
        shutil.rmtree(folder, ignore_errors=True)

    def count(self, ended: Ended) -> None:
        """Note what a script did, to see whether it did anything."""
        self.tally['run'] += 1
        for what, holds in (
                ('printed', ended.out), ('status 0', ended.status == 0),
                ('syntax error', 'syntax error' in ended.errors),
                ('not found', 'not found' in ended.errors), ('hang', ended.hangs)):
            self.tally[what] += bool(holds)

    def problem(self, script: Script, ours: Ended | None = None) -> str:
        """What is wrong with what minishell does; '' if nothing is."""
        quick = self.job.quick
        if ours is None:
            ours = self.run('minishell', script, quick)
        if ours.told:
            return 'tells ' + ours.told.partition('\n')[0]
        for sign in SIGNS:
            if sign in ours.errors and sign not in script.text:
                at = ours.errors.index(sign)
                return 'tells ' + ours.errors[at:at + 300].partition('\n')[0] \
                    if sign == SIGNS[0] else 'tells ' + ours.errors[at:][-300:]
        if ours.hangs:
            return self.hang(script)
        dead = ''.join(DEATHS.findall(ours.errors)[:1])
        if ours.status >= 0 and not dead:
            return ''
        for shell in (*REFERENCES, 'minishell') * 2:        # twice: chance may decide
            other = self.run(shell, script, quick)
            same = other.hangs or other.status == ours.status < 0 \
                or ours.status >= 0 and dead in DEATHS.findall(other.errors)
            if same != (shell == 'minishell'):
                return ''
        return f'dies of signal {-ours.status}' if ours.status < 0 else f'says {dead}'

    def hang(self, script: Script) -> str:
        """What is wrong with a script that goes on too long: chance may decide."""
        if WAITING.search(script.text):
            return ''
        for _ in range(2):
            if self.run('bash', script, self.job.quick).hangs \
                    or not self.run('minishell', script, self.patience).hangs:
                return ''
        return 'hangs'

    def smallest(self, script: Script, wrong: str) -> str:
        """The smallest part of a script that is still wrong in the same way."""
        def same(text: str) -> bool:
            return self.problem(script._replace(text=text))[:40] == wrong[:40]
        self.patience = self.job.quick          # it would take minutes, else
        tries = self.job.tries // 5 if wrong == 'hangs' else self.job.tries
        try:
            return shrink(script.text, same, tries, ('\n', ' ', ''))
        finally:
            self.patience = self.job.patience

    def results(self) -> Iterator[dict[str, object]]:
        """What is to be said about each script."""
        for script in self.job.scripts:
            ended = self.run('minishell', script, self.job.quick)
            self.count(ended)
            if self.job.tell:
                yield {'seed': script.seed, 'status': ended.status, 'out': ended.out,
                       'errors': ended.errors}
            wrong = self.problem(script, ended)
            if wrong:
                yield {'seed': script.seed, 'how': script.how, 'wrong': wrong,
                       'small': self.smallest(script, wrong)}
        yield {'end': self.tally}


def inside() -> None:
    """Process 1's life: reads a job, prints a line of JSON for each thing to be said."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    try:
        check()
    except Unsafe as reason:
        sys.exit(str(reason))
    said = json.load(sys.stdin)
    job = Job([Script(*each) for each in said.pop('scripts')], **said)
    for result in Inside(Path(__file__).resolve().parent.parent, job).results():
        print(json.dumps(result), flush=True)


# -- outside ------------------------------------------------------------------------------


def script_of(seed: int) -> Script:
    """The script of a seed, and how it is run."""
    return Script(seed, seed % (KINDS * len(VARIANTS)), Recombiner(seed).script())


def run_job(made: Sandbox, job: Job, number: int = 0) -> Outcome:
    """Run scripts in namespaces of their own.  Raises Unsafe."""
    said = made.run('import fuzz_runs\nfuzz_runs.inside()', json.dumps(asdict(job)),
                    120 + 5 * len(job.scripts), number)
    outcome = Outcome()
    for line in said.splitlines():
        result = json.loads(line)
        if 'wrong' in result:
            outcome.wrong.append(result)
        elif 'end' in result:
            outcome.tally = result['end']
        else:
            outcome.told[result.pop('seed')] = result
    return outcome


def search(seeds: Sequence[int], jobs: int, plant: str = '') -> Iterator[Outcome]:
    """Run the scripts of seeds, batch by batch."""
    numbers: queue.Queue[int] = queue.Queue()
    for number in range(jobs):
        numbers.put(number)

    def run(batch: Sequence[int]) -> Outcome:
        number = numbers.get()
        try:
            return run_job(made, Job([script_of(seed) for seed in batch], plant), number)
        finally:
            numbers.put(number)
    with sandbox() as made, ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(run, [seeds[at:at + BATCH] for at in range(0, len(seeds), BATCH)])


def main() -> None:
    """Look for what goes wrong from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seed', type=int, default=0, help='the first seed')
    parser.add_argument('--count', type=int, default=1000, help='how many scripts')
    parser.add_argument('--jobs', type=int, default=1, help='how many at a time')
    parser.add_argument('--plant', choices=PLANTS, default='', help='a fault to be found')
    parser.add_argument('--show', action='store_true', help='only print the first script')
    options = parser.parse_args()
    if options.show:
        sys.stdout.buffer.write(script_of(options.seed).text.encode(errors='surrogateescape'))
        return
    wrong = 0
    tally: dict[str, int] = {}
    seeds = range(options.seed, options.seed + options.count)
    for outcome in search(seeds, options.jobs, options.plant):
        for each in outcome.wrong:
            wrong += 1
            print(f'#### seed {each["seed"]}, how {each["how"]}\n{each["small"]!r}\n'
                  f'## {each["wrong"]}\n', flush=True)
        for what, number in outcome.tally.items():
            tally[what] = tally.get(what, 0) + number
    print(', '.join(f'{what}: {number}' for what, number in tally.items()), f'wrong: {wrong}',
          sep=', ')
    sys.exit(os.EX_OK if not wrong else 1)


if __name__ == '__main__':
    main()
