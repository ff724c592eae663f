"""The pictures of docs/pictures come from runs that can be had again."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SVG = '{http://www.w3.org/2000/svg}'


def texts(path: Path) -> str:
    return ''.join([text for element in ElementTree.parse(path).iter(f'{SVG}text')
                    for text in element.itertext()]).replace('\N{NO-BREAK SPACE}', ' ')


def is_as_committed(folder: Path, name: str) -> bool:
    return texts(folder / f'{name}.svg') == texts(ROOT / 'docs' / 'pictures' / f'{name}.svg')


def test_scenes_can_be_drawn(tmp_path: Path) -> None:
    """Two of them: what they show is what the committed pictures show."""
    pytest.importorskip('prompt_toolkit')
    names = ('line', 'wrong')
    for _ in range(3):                  # a busy machine has prompts say how long it took
        done = subprocess.run(
            [sys.executable, str(ROOT / 'scripts' / 'pictures'), '--to', str(tmp_path), *names],
            capture_output=True, text=True, timeout=300)
        if done.returncode == 0 and all(is_as_committed(tmp_path, name) for name in names):
            break
    assert done.returncode == 0, done.stdout + done.stderr
    for name in names:
        assert is_as_committed(tmp_path, name)
    assert 'uniq -c' in texts(tmp_path / 'line.svg')


def test_pictures_are_shown() -> None:
    """Each is on a page, each has a title for who does not see it."""
    pages = ''.join([path.read_text() for path in
                     [ROOT / 'README.md', *(ROOT / 'docs').glob('*.md')]])
    for path in (ROOT / 'docs' / 'pictures').glob('*.svg'):
        assert f'pictures/{path.name}' in pages
        root = ElementTree.parse(path).getroot()
        assert root.findtext(f'{SVG}title') or root.get('aria-label')
