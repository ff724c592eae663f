"""Mutilated scripts are parsed: a tree or a syntax error, whatever the bytes are.

    python tests/fuzz_bytes.py --seed 1 --count 100000

Each input is read whole and line by line, as at a prompt, with aliases, in POSIX mode and
as `-n` reads it, compiled, written back and stored; every so many go to `minishell -n`, too.
"""
from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from fuzz import MINISHELL, shrink  # noqa: E402
from fuzz_mutations import Mutator  # noqa: E402

from minishell.compile.compiler import Compiler  # noqa: E402
from minishell.errors import ShellSyntaxError  # noqa: E402
from minishell.session import RECURSION_LIMIT, decode  # noqa: E402
from minishell.syntax.lexer import FixedGrammar  # noqa: E402
from minishell.syntax.parser import Parser  # noqa: E402
from minishell.syntax.source import Source  # noqa: E402
from minishell.syntax.stored import Decoder, Encoder  # noqa: E402
from minishell.syntax.unparse import unparse  # noqa: E402
from minishell.syntax.words import ScannedText  # noqa: E402

TIME_LIMIT = 10                 # seconds for an input that takes milliseconds
MEMORY = 2 << 30
EVERY = 1000                    # how many inputs there are for one process
PREFIX = 40                     # bytes at the end of which an input is cut everywhere
ALIASES = {'echo': 'echo ', 'if': 'x', 'a': 'b', 'b': 'a c', 'x': 'if', 'e': '', 'f': 'f\n',
           'cat': 'cat <<E\n', 'then': '(', 'l': 'ls|', 'set': "'", 'local': '$('}


class Hang(Exception):      # noqa: N818 - no error of the input
    """An input took too long."""


def _alarm(number: int, frame: FrameType | None) -> None:
    raise Hang


def lines_of(text: str) -> Callable[[bool], str]:
    """A reader that gives a text line by line."""
    lines = iter(text.splitlines(keepends=True))
    return lambda inside: next(lines, '')


def parse(text: str, aliases: Mapping[str, str] | None, posix: bool, strict: bool) -> None:
    """Read a text whole, as the options of the lexer want it."""
    Parser(Source(text), aliases, grammar=FixedGrammar(posix, strict)).parse_program()


def typed(text: str) -> int:
    """Read as at a prompt, which goes on behind a syntax error; how many there were."""
    parser = Parser(Source('', 'typed', 1, lines_of(text)), dict(ALIASES))
    lexer = parser.lexer
    errors = 0
    while True:
        try:
            if parser.parse_complete_command() is None:
                return errors
        except ShellSyntaxError as error:
            errors += 1
            (lexer.drop_input if error.incomplete else lexer.drop_line)()


def run_through(text: str) -> None:
    """All that is done to an input before it is run.  Raises what it must not raise."""
    typed(text)
    for aliases, posix, strict in ((ALIASES, False, False), (None, True, False),
                                   (None, False, True)):
        try:
            parse(text, aliases, posix, strict)
        except ShellSyntaxError:
            pass
    source, warnings = Source(text), []
    parser = Parser(source, None, lambda message, line: warnings.append(message))
    try:
        tree = parser.parse_program()
    except ShellSyntaxError:
        return
    Compiler(source).command(tree)
    decoded = Decoder(ScannedText(source)).decode(Encoder(source).encode(tree))
    assert decoded == tree, 'stored it differs'
    if warnings:
        return                  # a here-document that nothing ends can stand nowhere else
    for one_line in (False, True):
        written = unparse(tree, one_line)
        try:
            again = Parser(Source(written)).parse_program()
        except ShellSyntaxError as error:
            raise AssertionError(f'written back it is no script: {written!r}') from error
        assert again == tree, f'written back it is another script: {written!r}'


def problem(data: bytes) -> str:
    """What goes wrong with an input; '' if nothing does."""
    signal.setitimer(signal.ITIMER_REAL, TIME_LIMIT)
    try:
        run_through(decode(data))
    except Hang:
        return f'took more than {TIME_LIMIT} seconds'
    except Exception as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        frames = traceback.extract_tb(error.__traceback__)
        last = frames[-1]
        return f'{type(error).__name__} at {Path(last.filename).name}:{last.lineno}: {error}'
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return ''


def problem_of_process(data: bytes) -> str:
    """The same with `minishell -n`."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / 'script'
        script.write_bytes(data)
        environment = {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8'}
        for argv in ([str(script)], []):
            with open(script, 'rb') as stdin:
                try:
                    done = subprocess.run([*MINISHELL, '-n', *argv], stdin=stdin, cwd=folder,
                                          capture_output=True, env=environment,
                                          timeout=6 * TIME_LIMIT, check=False)
                except subprocess.TimeoutExpired:
                    return f'-n {argv}: took too long'
            errors = done.stderr.decode(errors='replace')
            if done.returncode not in (0, 2, 126) or 'internal error' in errors \
                    or 'Traceback' in errors:
                return f'-n {argv}: status {done.returncode}: {errors[-500:]}'
    return ''


def inputs(seed: int) -> Iterator[bytes]:
    """The inputs of a seed: one, and for some seeds every beginning of it near its end."""
    data = Mutator(seed).mutated()
    yield data
    if seed % 20 == 0:
        for end in range(max(len(data) - PREFIX, 0), len(data)):
            yield data[:end]


def search(seeds: range, processes: int = EVERY) -> Iterator[tuple[int, bytes, str]]:
    """Look at inputs; gives for each that is wrong the seed, the input and what is wrong.

    A copy of every `processes`-th goes to a process of its own, too.
    """
    before = signal.signal(signal.SIGALRM, _alarm)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(RECURSION_LIMIT)
    try:
        for seed in seeds:
            for data in inputs(seed):
                wrong = problem(data)
                if wrong:
                    yield seed, data, wrong
            if seed % processes == 0:
                data = Mutator(seed).mutated()
                wrong = problem_of_process(data)
                if wrong:
                    yield seed, data, wrong
    finally:
        sys.setrecursionlimit(limit)
        signal.signal(signal.SIGALRM, before)


def kind_of(wrong: str) -> str:
    """What two failures have in common that have one cause."""
    return wrong.split(': ')[0]


def smallest(data: bytes, wrong: str) -> bytes:
    """The smallest part of an input that is still wrong in the same way."""
    kind = kind_of(wrong)
    look = problem_of_process if wrong.startswith('-n') else problem

    def same(text: str) -> bool:
        return kind_of(look(text.encode('utf-8', 'surrogateescape'))) == kind
    text = shrink(data.decode('utf-8', 'surrogateescape'), same, 1000, ('\n', ' ', ''))
    return text.encode('utf-8', 'surrogateescape')


def main() -> None:
    """Look for what goes wrong from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seed', type=int, default=0, help='the first seed')
    parser.add_argument('--count', type=int, default=10_000, help='how many seeds')
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    found: dict[str, int] = {}
    for seed, data, wrong in search(range(options.seed, options.seed + options.count)):
        kind = kind_of(wrong)
        found[kind] = found.get(kind, 0) + 1
        if found[kind] <= 3:            # the others are the same, most likely
            print(f'#### seed {seed}\n{smallest(data, wrong)!r:.2000}\n## {wrong:.400}\n',
                  flush=True)
    print(f'{options.count} seeds, {sum(found.values())} wrong: {found}')
    sys.exit(os.EX_OK if not found else 1)


if __name__ == '__main__':
    main()
