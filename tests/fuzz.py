"""Random scripts on minishell, dash and bash --posix.

Where the two agree on standard output and the exit status, minishell should agree, too:

    python tests/fuzz.py --seed 1 --count 1000

prints, for each script where it doesn't, the seed, the script made small, and what each did.
With --splice the scripts are those of the cases, mutilated; with --bash they are in the
language of bash (`fuzz_bash.py`), which is asked twice, and minishell is in bash mode.
MINISHELL='mksh' in the environment asks another shell instead.
"""
from __future__ import annotations

import argparse
import contextlib
import functools
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from fuzz_bash import BashWriter
from fuzz_scripts import FILES, Writer
from fuzz_splices import Splicer

MAIN = Path(__file__).resolve().parent.parent / 'minishell' / '__main__.py'
MINISHELL = (shlex.split(os.environ.get('MINISHELL', ''))
             or [sys.executable, '-I', '-S', '-X', 'utf8', str(MAIN)])
REFERENCES = (('dash',), ('bash', '--posix'))
BATCH = 25                      # scripts that share a process
TIME_LIMIT = 300                # seconds for a process
CPU_LIMIT = 5
LARGEST_FILE = 1 << 20
MARKER = re.compile(r'\n@@(\d+) (\d+)\n')

Result = tuple[str, int]        # standard output, exit status
Maker = type[Writer] | type[Splicer]
Shell = Sequence[str]


def asked(maker: Maker) -> tuple[Sequence[Shell], Shell]:
    """The references for scripts of this kind, and minishell as it is compared with them."""
    if maker is BashWriter:
        return (('bash',), ('bash',)), (*MINISHELL, '--bash')
    return REFERENCES, MINISHELL


def limit() -> None:
    """Keep what a script that has gone wrong can do small: it runs in the child."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT, CPU_LIMIT))


def prepare(folder: Path) -> None:
    """Make the folder a script starts in."""
    (folder / 'd').mkdir(parents=True)
    for name in FILES:
        (folder / name).write_text('')
    (folder / 'g').write_text('p g1 g2\n: g3\n')


def run(shell: Sequence[str], text: str, folder: Path) -> Result | None:
    """Run a script; None if it did not end in time or wrote too much."""
    script = folder.parent / f'{folder.name}.sh'
    script.write_text(text)
    environment = {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8'}
    with open(folder.parent / f'{folder.name}.out', 'w+b') as out:
        process = subprocess.Popen(
            [*shell, str(script)], cwd=folder, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, preexec_fn=limit)
        try:
            process.wait(TIME_LIMIT)
        except subprocess.TimeoutExpired:
            return None
        finally:                # whatever the script has left behind
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        out.seek(0)
        return out.read().decode(errors='backslashreplace'), process.returncode


def alone(shell: Sequence[str], text: str) -> Result | None:
    """What a shell does with a script in a process of its own."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / 'w'
        prepare(folder)
        return run(shell, text, folder)


def together(shell: Sequence[str], texts: Sequence[str]) -> list[Result | None]:
    """What a shell does with scripts in one process, each in a subshell environment."""
    with tempfile.TemporaryDirectory() as root:
        lines = []
        for number, text in enumerate(texts):
            prepare(Path(root) / f'w{number}')
            (Path(root) / f's{number}').write_text(text)
            lines.append(f"(cd {root}/w{number}; . {root}/s{number})\n"
                         f"printf '\\n@@%d %d\\n' {number} $?\n")
        folder = Path(root) / 'w'
        folder.mkdir()
        done = run(shell, ''.join(lines), folder)
    results: list[Result | None] = [None] * len(texts)
    pieces = MARKER.split(done[0]) if done else []
    for output, number, status in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=False):
        results[int(number)] = output, int(status)
    return results


def disagrees(text: str, shell: Shell = MINISHELL,
              references: Sequence[Shell] = REFERENCES) -> bool:
    """Tell whether the references agree on a script, and the shell doesn't with them."""
    first, second = (alone(reference, text) for reference in references)
    return first is not None and first == second and alone(shell, text) != first


def is_read(text: str) -> bool:
    """Whether a script is no syntax error in bash: what is made smaller must not become one."""
    return not subprocess.run(['bash', '-n', '-O', 'extglob'], check=False, capture_output=True,
                              input=text.encode(errors='surrogateescape')).stderr


def shrink(text: str, wrong: Callable[[str], bool], tries: int = 300,
           separators: Sequence[str] = ('\n', ' ')) -> str:
    """Delete lines, then words, perhaps characters (''), as long as the script stays wrong."""
    for separator in separators:
        parts = text.split(separator) if separator else list(text)
        size = max(len(parts) // 2, 1)
        while size and tries:
            at = 0
            while at < len(parts) and tries:
                shorter = parts[:at] + parts[at + size:]
                tries -= 1
                if wrong(separator.join(shorter)):
                    parts = shorter
                else:
                    at += size
            size //= 2
        text = separator.join(parts)
    return text


class Outcome(NamedTuple):
    """What became of a batch of scripts."""

    agreed: int                 # scripts on which the references agree
    wrong: list[int]            # seeds of those on which minishell then stands alone


def compare(seeds: Sequence[int], maker: Maker = Writer) -> Outcome:
    """Run a batch of scripts on all shells."""
    texts = [maker(seed).script() for seed in seeds]
    references, shell = asked(maker)
    dash, bash = (together(reference, texts) for reference in references)
    ours = together(shell, texts)
    agreed = [(seed, text, ds == our)
              for seed, text, ds, bs, our in zip(seeds, texts, dash, bash, ours, strict=True)
              if ds is not None and ds == bs]
    return Outcome(len(agreed), [seed for seed, text, same in agreed
                                 if not same and disagrees(text, shell, references)])


def search(seeds: Sequence[int], workers: int = 2,
           maker: Maker = Writer) -> Iterator[Outcome]:
    """Compare scripts, batch by batch."""
    batches = [seeds[at:at + BATCH] for at in range(0, len(seeds), BATCH)]
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(functools.partial(compare, maker=maker), batches)


def report(seed: int, maker: Maker = Writer) -> str:
    """Say what the shells do with the smallest script that still shows it."""
    references, shell = asked(maker)

    def wrong(text: str) -> bool:
        return (maker is not BashWriter or is_read(text)) \
            and disagrees(text, shell, references)
    text = shrink(maker(seed).script(), wrong)
    they, we = alone(references[0], text), alone(shell, text)
    return f'#### seed {seed}\n{text.rstrip()}\n## they: {they}\n## we:   {we}\n'


def main() -> None:
    """Look for disagreements from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seed', type=int, default=0, help='the first seed')
    parser.add_argument('--count', type=int, default=1000, help='how many scripts')
    parser.add_argument('--splice', action='store_true', help='mutilate the cases')
    parser.add_argument('--bash', action='store_true', help='in the language of bash')
    parser.add_argument('--show', action='store_true', help='only print the first script')
    options = parser.parse_args()
    maker = Splicer if options.splice else BashWriter if options.bash else Writer
    if options.show:
        print(maker(options.seed).script(), end='')
        return
    agreed = wrong = 0
    for outcome in search(range(options.seed, options.seed + options.count), maker=maker):
        agreed += outcome.agreed
        wrong += len(outcome.wrong)
        for seed in outcome.wrong:
            print(report(seed, maker), flush=True)
    print(f'{options.count} scripts, {agreed} with one answer, {wrong} disagreements')
    sys.exit(os.EX_OK if not wrong else 1)


if __name__ == '__main__':
    main()
