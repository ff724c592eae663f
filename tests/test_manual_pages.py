"""Manual pages of the system: most commands have options there, with a sentence each."""
from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from minishell.explain.manual import FOLDERS
from minishell.interactive.arguments import options
from minishell.session import build_shell

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMANDS, FEW = 200, 50


def commands_with_pages() -> Iterator[str]:
    """Programs in the usual folders that have a page of their own."""
    pages = {name.partition('.')[0] for folder in FOLDERS for section in ('man1', 'man8')
             if Path(folder, section).is_dir() for name in os.listdir(Path(folder, section))}
    programs = {name for folder in ('/usr/bin', '/bin', '/usr/sbin', '/sbin')
                if Path(folder).is_dir() for name in os.listdir(folder)}
    yield from sorted(pages & programs)


def test_most_commands_have_options_with_sentences() -> None:
    found = [*commands_with_pages()]
    if len(found) < FEW:
        pytest.skip('hardly any manual pages are installed')
    shell = build_shell('minishell', {})
    chosen = found[::max(len(found) // COMMANDS, 1)][:COMMANDS]
    described = [name for name in chosen if any(options(shell, name, '', '-').values())]
    assert len(described) >= 0.8 * len(chosen), set(chosen) - set(described)
