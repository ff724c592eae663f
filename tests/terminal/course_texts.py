"""The course's texts, and the programs in them: taken out when a test runs, and repaired where
they cannot run as printed.  Nothing of them is here.

They lie beside the project, in ../shared/course, where that is.
"""
from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / 'shared' / 'course'
GOES_ON = re.compile(r'(static |void |int |char |sigjmp_buf|jmp_buf|volatile |#|//|/\*)')
STANDARD = ''.join(f'#include <{name}.h>\n' for name in (
    'stdio', 'stdlib', 'string', 'unistd', 'fcntl', 'errno', 'error', 'signal', 'sys/types',
    'sys/stat', 'sys/wait', 'sys/ipc', 'sys/msg', 'sys/shm', 'semaphore'))

Repairs = list[tuple[str, str]]         # patterns, each found at least once


@cache
def text(number: str) -> str:
    """A text by its number: 000 slides in Python, 001 processes, 002 signals, semaphores and
    locks, 003 pipes, 004 communication."""
    return next(FOLDER.glob(f'{number}_*.txt')).read_text()


def fence(word: str) -> str:
    """The program of the slides with a word in it."""
    blocks = re.findall(r'(?ms)^```\n(.*?)^```$', text('000'))
    return next(block for block in blocks if word in block)


def braces(number: str, begin: str, index: int = 0) -> str:
    """The C program that begins at the index-th match of a pattern: to its last brace, or in
    004, which has no lines, to that of main."""
    found = list(re.finditer(begin, text(number)))[index]
    rest = text(number)[found.start():]
    depth = 0
    for at, character in enumerate(rest):
        depth += (character == '{') - (character == '}')
        if character == '}' and not depth and 'main' in rest[:at] \
                and (number == '004' or not GOES_ON.match(rest[at + 1:].lstrip())):
            return rest[:at + 1]
    raise ValueError(begin)


def lines(number: str, first: str, last: str = '') -> list[str]:
    """The lines from the one that begins with a text to another one, without that."""
    rest = text(number)[text(number).index('\n' + first) + 1:].splitlines()
    if last:
        return rest[:next(n for n, line in enumerate(rest) if line.startswith(last))]
    return rest


def repaired(program: str, repairs: Repairs) -> str:
    """A program with all places of each pattern replaced."""
    for pattern, replacement in repairs:
        program, count = re.subn(pattern, replacement, program)
        assert count, pattern
    return program


def c(program: str, repairs: Repairs = []) -> str:    # noqa: B006 - never changed
    """A C program of old, with the headers that it needs, repaired."""
    program = re.sub(r'#include *<[^>]*>', '\n', program)
    program = re.sub(r'(#define \w+ \w+)', r'\n\1\n', program)
    program = re.sub('[“”]|« ?| ?»', '"', program)
    return STANDARD + repaired(program, repairs)
