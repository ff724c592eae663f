"""The scripts there are to try things on: of the system, of the project, of its cases."""
from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / 'tests' / 'cases'
FOLDERS = ('/etc', '/usr/bin', '/usr/sbin', '/usr/share', '/usr/lib', '/usr/libexec')
SH = re.compile(rb'#! ?/(usr/)?bin/(env )?(da)?sh( -[a-z]+)?[ \t\r]*\n')
BASH = re.compile(rb'#! ?/(usr/)?bin/(env )?bash( -[a-z]+)?[ \t\r]*\n')


def readable_files() -> Iterator[str]:
    """The files of the system that may be scripts, by their names."""
    for top in FOLDERS:
        for folder, _, names in os.walk(top):
            for name in sorted(names):
                path = os.path.join(folder, name)
                if '.' not in name or name.endswith('.sh') or os.access(path, os.X_OK):
                    yield path


@cache
def system_scripts(first_line: re.Pattern[bytes] = SH) -> tuple[Path, ...]:
    """The scripts of the system, by their first line; each content once."""
    found: dict[bytes, Path] = {}
    for name in readable_files():
        path = Path(name)
        try:
            if path.is_symlink() or not path.is_file():
                continue
            with open(path, 'rb') as file:
                start = file.read(64)
                if first_line.match(start):
                    found.setdefault(start + file.read(), path)
        except OSError:
            continue
    return tuple(found.values())


@cache
def case_scripts(folder: str = '') -> tuple[str, ...]:
    """The scripts of the cases, of all folders or of one."""
    found = []
    for path in sorted((CASES / folder).rglob('*.test')):
        for case in path.read_text().split('\n#### ')[1:]:
            found.append(re.split(r'^## ', case.partition('\n')[2], maxsplit=1, flags=re.M)[0])
    return tuple(found)


@cache
def all_scripts() -> tuple[bytes, ...]:
    """Every script at hand: the cases' in the first place."""
    cases = [script.encode('utf-8', 'surrogateescape') for script in case_scripts()]
    own = [path.read_bytes() for path in sorted((ROOT / 'scripts').iterdir()) if path.is_file()]
    fragments = (ROOT / 'tests' / 'fuzz_fragments.txt').read_bytes()
    return (*cases, *own, fragments,
            *[path.read_bytes() for path in system_scripts(SH) + system_scripts(BASH)])
