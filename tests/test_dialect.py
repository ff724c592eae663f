"""docs/differences.md and minishell/state/dialect.py: what bash mode does as bash does.

As a command this file writes the document's column "bash mode" anew:

    python tests/test_dialect.py --update
"""
from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from minishell.state.dialect import AS_BASH, BY_SHOPT, FOLLOWING, names_bash  # noqa: E402
from minishell.state.options import SHOPTS_ON  # noqa: E402

DOCUMENT = ROOT / 'docs' / 'differences.md'
ROWS = (*AS_BASH.values(), *BY_SHOPT.values(), *FOLLOWING)
COLUMN = 3              # of the bash mode, behind what, bash and minishell
CELL = re.compile(r'(?<!\\)\|')


def with_column(text: str) -> tuple[str, list[str]]:
    """The document with its column written anew, and the rows that have bash's way."""
    lines = text.split('\n')
    as_bash = []
    first = next(index for index, line in enumerate(lines) if line.startswith('| what |'))
    for index in range(first + 2, lines.index('', first)):
        cells = CELL.split(lines[index])
        what = cells[1].strip()
        found = what.startswith(ROWS)
        cells[1 + COLUMN] = ' as bash ' if found else ' the same '
        lines[index] = '|'.join(cells)
        as_bash += [what] * found
    return '\n'.join(lines), as_bash


def test_the_document_says_what_the_table_says() -> None:
    text = DOCUMENT.read_text()
    expected, rows = with_column(text)
    assert text == expected, 'run python tests/test_dialect.py --update'
    for start in ROWS:
        assert len([row for row in rows if row.startswith(start)]) == 1, start


def test_what_is_asked_is_in_the_table() -> None:
    asked = {key for path in (ROOT / 'minishell').rglob('*.py')
             for key in re.findall(r"as_bash\('([^']+)'\)", path.read_text())}
    assert asked == AS_BASH.keys()
    assert BY_SHOPT.keys() <= SHOPTS_ON


def test_a_first_line_names_bash() -> None:
    for line in ('#!/bin/bash', '#! /usr/local/bin/bash -eu', '#!/usr/bin/env bash',
                 '#!/usr/bin/env -S A=1 bash -x', '#!bash'):
        assert names_bash(line.encode() + b'\necho\n'), line
    for line in ('#!/bin/sh', '#!/bin/sh bash', '#!/usr/bin/env sh', '#!', '#!/usr/bin/env',
                 '#!/bin/bashful', 'bash', ' #!/bin/bash', '#!/usr/bin/env python bash'):
        assert not names_bash(line.encode() + b'\n#!/bin/bash\n'), line


if __name__ == '__main__' and sys.argv[1:] == ['--update']:
    DOCUMENT.write_text(with_column(DOCUMENT.read_text())[0])
