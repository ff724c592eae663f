"""The start image: written once, never believed when a file has changed."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / 'minishell'
NAME = f'image.{sys.hexversion:x}'


class Copy:
    """A copy of the package to spoil."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / 'minishell'
        shutil.copytree(PACKAGE, self.folder, ignore=shutil.ignore_patterns('__pycache__'))
        self.image = self.folder / '__pycache__' / NAME

    def argv(self, *args: str, options: tuple[str, ...] = ()) -> list[str]:
        return [sys.executable, '-I', '-S', '-X', 'utf8', *options,
                str(self.folder / '__main__.py'), *args]

    def run(self, command: str, options: tuple[str, ...] = ()) -> str:
        done = subprocess.run(self.argv('-c', command, options=options), text=True,
                              capture_output=True, check=False, stdin=subprocess.DEVNULL)
        return f'{done.stdout}{done.stderr}{done.returncode}'


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def sources_opened(copy: Copy, trace: Path) -> list[str]:
    """The files of the package that a start reads (absolute paths)."""
    subprocess.run(['strace', '-f', '-e', 'trace=openat,open', '-o', trace,
                    *copy.argv('-c', ': & wait; printf "%s\n" x | cat')],
                   check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return [line.split('"')[1] for line in trace.read_text().splitlines()
            if f'"{copy.folder}' in line and 'ENOENT' not in line]


def test_the_first_start_writes_it_and_later_ones_read_nothing_else(
    copy: Copy, tmp_path: Path,
) -> None:
    assert copy.run('echo hi') == 'hi\n0'
    assert copy.image.exists()
    written = copy.image.stat()
    assert copy.run('echo hi') == 'hi\n0'
    assert copy.image.stat() == written
    if shutil.which('strace') is None:
        pytest.skip('strace is not installed')
    opened = sources_opened(copy, tmp_path / 'trace')
    assert set(opened) == {str(copy.folder / '__main__.py'), str(copy.image)}


def test_what_is_loaded_is_the_same_with_and_without(copy: Copy) -> None:
    def modules(image: bool) -> dict[str, tuple[str, object]]:
        program = (
            'import sys; sys.argv = ["minishell", "-c", "exit"]; import posix\n'
            'def leave(status):\n'
            '    for name, m in sorted(sys.modules.items()):\n'
            '        if name.startswith("minishell"):\n'
            '            print(name, m.__file__, m.__package__, m.__spec__.name,\n'
            '                  m.__spec__.origin, getattr(m, "__path__", None))\n'
            '    sys.stdout.flush(); exit(status)\n'
            'exit, posix._exit = posix._exit, leave\n'
            'import runpy; runpy.run_path(sys.path.pop(), run_name="__main__")\n')
        options = [] if image else ['-X', 'importtime']
        main = str(copy.folder / '__main__.py')
        done = subprocess.run(
            [sys.executable, '-I', '-S', *options, '-c',
             f'import sys; sys.path.append({main!r})\n{program}'],
            text=True, capture_output=True, check=True, stdin=subprocess.DEVNULL)
        return dict(line.split(' ', 1) for line in done.stdout.splitlines())     # type: ignore[misc]
    copy.run(':')
    first = modules(image=False)
    again = modules(image=True)
    assert again == first
    assert 'minishell.cli' in first


@pytest.mark.parametrize('changed', ['cli.py', 'builtins/printing.py'])
def test_a_changed_module_is_seen_at_once(copy: Copy, changed: str) -> None:
    copy.run('echo hi; printf x')
    with open(copy.folder / changed, 'a') as file:
        file.write('\nimport posix\nposix.write(2, b"changed\\n")\n')
    assert 'changed' in copy.run('echo hi; printf x')
    assert 'changed' in copy.run('echo hi; printf x')


def test_a_change_of_the_same_size_is_seen(copy: Copy) -> None:
    copy.run(':')
    cli = copy.folder / 'cli.py'
    text = cli.read_text()
    assert "'minishell {VERSION}" in text
    cli.write_text(text.replace("'minishell {VERSION}", "'MINISHELL {VERSION}"))
    done = subprocess.run(copy.argv('--version'), capture_output=True, text=True, check=True)
    assert done.stdout.startswith('MINISHELL')


@pytest.mark.parametrize('length', [0, 3, 8, 9, 5000, 300_000])
def test_a_damaged_image_is_replaced(copy: Copy, length: int) -> None:
    copy.run(':')
    whole = copy.image.read_bytes()
    copy.image.write_bytes(whole[:length])
    assert copy.run('echo hi') == 'hi\n0'
    assert len(copy.image.read_bytes()) == len(whole)


def test_garbage_is_replaced(copy: Copy) -> None:
    copy.run(':')
    copy.image.write_bytes((20).to_bytes(8, 'little') + b'\0garbage, not an image')
    assert copy.run('echo hi') == 'hi\n0'
    assert copy.run('echo hi') == 'hi\n0'
    assert copy.image.stat().st_size > 100_000


def test_a_moved_package_gets_an_image_of_its_own(copy: Copy, tmp_path: Path) -> None:
    copy.run(':')
    moved = tmp_path / 'elsewhere'
    moved.mkdir()
    shutil.copytree(copy.folder, moved / 'minishell')
    shutil.rmtree(copy.folder)
    copy.folder = moved / 'minishell'
    assert copy.run('printf "%s\n" hi | cat') == 'hi\n0'


def test_an_image_that_is_replaced_under_a_running_shell(copy: Copy) -> None:
    copy.run(':')
    with subprocess.Popen(copy.argv('-s'), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as shell:
        assert shell.stdin is not None and shell.stdout is not None
        shell.stdin.write('echo ready\n')
        shell.stdin.flush()
        assert shell.stdout.readline() == 'ready\n'
        data = copy.image.read_bytes()
        copy.image.unlink()
        copy.image.write_bytes(b'x' * len(data))
        out, _ = shell.communicate('printf "%03d\n" 7; umask 022; trap "echo bye" EXIT\n')
    assert out == '007\nbye\n'


def test_where_nothing_can_be_written(copy: Copy) -> None:
    (copy.folder / '__pycache__').touch()       # not even a folder: for root, too
    assert copy.run('echo hi') == 'hi\n0'
    assert copy.run('printf hi', options=('-B',)) == 'hi0'


def test_many_first_starts_at_once(copy: Copy) -> None:
    shells = [subprocess.Popen(copy.argv('-c', 'printf "%s\n" hi | cat'), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
              for _ in range(8)]
    for shell in shells:
        assert shell.communicate()[0] == 'hi\n'
    assert [name for name in os.listdir(copy.image.parent) if name.startswith('image.3')] \
        == [NAME]
