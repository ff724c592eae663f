"""scripts/bench_prompt measures: its table has a figure in each cell."""
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / 'scripts' / 'bench_prompt'


def test_it_measures() -> None:
    pytest.importorskip('prompt_toolkit')
    done = subprocess.run([sys.executable, str(SCRIPT), '--rounds', '1', '--keys', '3',
                           '--history', '10'], check=True, capture_output=True, text=True)
    rows = [[cell.strip() for cell in line.split('|')[1:-1]]
            for line in done.stdout.splitlines() if '|' in line]
    assert rows[0][1] == 'minishell'
    assert [row[0] for row in rows[2:]] == [
        'first prompt', 'first key', 'Enter', 'key', 'key, 95th percentile', 'MB']
    assert all(re.fullmatch(r'[\d.]+ \([\d.]+\)', cell) for row in rows[2:] for cell in row[1:])
