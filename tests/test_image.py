"""The start image: written once, never believed when a file has changed."""
from __future__ import annotations

import _imp
import marshal
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / 'minishell'
NAME = f'image.{sys.hexversion:x}'
HEAD = 16                                       # see minishell/image.py


class Copy:
    """A copy of the package to spoil."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / 'minishell'
        shutil.copytree(PACKAGE, self.folder, ignore=shutil.ignore_patterns('__pycache__'))
        self.image = self.folder / '__pycache__' / NAME

    def argv(self, *args: str, options: tuple[str, ...] = ()) -> list[str]:
        return [sys.executable, '-I', '-S', '-X', 'utf8', *options,
                str(self.folder / '__main__.py'), *args]

    def run(self, command: str, options: tuple[str, ...] = (), umask: int = -1,
            user: int | None = None) -> str:
        done = subprocess.run(self.argv('-c', command, options=options), text=True,
                              capture_output=True, check=False, stdin=subprocess.DEVNULL,
                              umask=umask, user=user)
        return f'{done.stdout}{done.stderr}{done.returncode}'

    def plant(self) -> None:
        """Make an image that is whole, and says that it was used: `USED`."""
        data = self.image.read_bytes()
        length = int.from_bytes(data[:8], 'little')
        index = marshal.loads(data[HEAD:HEAD + length])
        code = compile('import posix; posix.write(1, b"used"); posix._exit(7)', '', 'exec')
        new = marshal.dumps((code, *index[1:]))
        own = (self.folder / 'image.py').stat()
        size = len(data) - length + len(new)
        stamp = _imp.source_hash(len(new), b'%d %d %d' % (own.st_size, own.st_mtime_ns, size))
        checksum = _imp.source_hash(int.from_bytes(stamp, 'little', signed=True), new)
        self.image.write_bytes(
            len(new).to_bytes(8, 'little') + checksum + new + data[HEAD + length:])


USED = 'used7'


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


@pytest.fixture
def copy_for_all() -> Iterator[Copy]:
    """One in a folder of its own: another run of pytest closes the one of `tmp_path` to others
    when it starts."""
    with tempfile.TemporaryDirectory() as folder:
        yield Copy(Path(folder))


def sources_opened(copy: Copy, trace: Path) -> list[str]:
    """The files of the package that a start reads (absolute paths): a log for each process,
    or they would break each other's lines in two."""
    subprocess.run(['strace', '-ff', '-e', 'trace=openat,open', '-o', trace,
                    *copy.argv('-c', ': & wait; printf "%s\n" x | cat')],
                   check=True, capture_output=True, stdin=subprocess.DEVNULL)
    lines = [line for path in trace.parent.glob(f'{trace.name}.*')
             for line in path.read_text().splitlines()]
    return [line.split('"')[1] for line in lines
            if f'"{copy.folder}' in line and 'ENOENT' not in line]


def test_the_first_start_writes_it_and_later_ones_read_nothing_else(
    copy: Copy, tmp_path: Path,
) -> None:
    assert copy.run('echo hi') == 'hi\n0'
    assert copy.image.exists()
    written = copy.image.stat()
    assert copy.run('echo hi') == 'hi\n0'
    again = copy.image.stat()           # of which the time of the last access may be another
    assert (again.st_ino, again.st_mtime_ns) == (written.st_ino, written.st_mtime_ns)
    if shutil.which('strace') is None or subprocess.run(
            ['strace', '-o', '/dev/null', 'true'], capture_output=True).returncode:
        pytest.skip('strace is not installed, or may not trace')
    opened = sources_opened(copy, tmp_path / 'trace')
    assert set(opened) == {str(copy.folder / '__main__.py'), str(copy.image)}


def test_what_every_start_needs_is_loaded_at_once(copy: Copy) -> None:
    """What is in the first part of the image, but for what runs the command itself."""
    copy.run(':')
    done = subprocess.run(
        [sys.executable, '-I', '-S', '-v', str(copy.folder / '__main__.py'), '-c', ':'],
        text=True, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    data = copy.image.read_bytes()
    index = marshal.loads(data[16:16 + int.from_bytes(data[:8], 'little')])
    later = set(index[3])
    imported = set(re.findall(r"import '(minishell[\w.]*)'", done.stderr))
    assert imported & later == {'minishell.builtins.plain'}


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


def test_a_changed_loader_is_seen_at_once(copy: Copy) -> None:
    """What reads the image is in the image itself."""
    copy.run(':')
    loader = copy.folder / 'image.py'
    loader.write_text(loader.read_text() + '\nposix.write(2, b"changed\\n")\n')
    for _ in range(3):
        assert copy.run('echo hi') == 'hi\nchanged\n0'


def test_a_changed_module_that_is_loaded_late_gets_into_a_new_image(copy: Copy) -> None:
    copy.run(':')
    with open(copy.folder / 'builtins' / 'printing.py', 'a') as file:
        file.write('\nimport posix\nposix.write(2, b"changed\\n")\n')
    first = copy.image.stat()
    for _ in range(3):
        assert copy.run('echo hi') == 'hi\nchanged\n0'
    written = copy.image.stat()
    assert written != first
    assert copy.run('echo hi') == 'hi\nchanged\n0'
    assert copy.image.stat() == written


# -- who may write it ---------------------------------------------------------------------


def others_may_write(folder: Path) -> list[str]:
    return [str(path) for path in [folder, *folder.rglob('*')]
            if not path.is_symlink() and path.stat().st_mode & 0o022]


@pytest.mark.parametrize('umask', [0, 0o002, 0o020, 0o077])
def test_nobody_else_may_write_what_the_first_start_writes(copy: Copy, umask: int) -> None:
    assert others_may_write(copy.folder) == []
    assert copy.run('umask; echo "$(echo hi)" | cat', umask=umask) == f'{umask:04o}\nhi\n0'
    assert others_may_write(copy.folder) == []
    assert stat.S_IMODE(copy.image.stat().st_mode) == 0o644 & ~umask
    copy.plant()
    assert copy.run(':', umask=umask) == USED


@pytest.mark.parametrize('umask', [0, 0o022])
def test_a_changed_module_leaves_nothing_for_others_to_write(copy: Copy, umask: int) -> None:
    copy.run(':', umask=umask)
    for path in copy.folder.rglob('*.py'):
        os.utime(path, (1, 1))
    assert copy.run('umask 0; echo hi; printf hi; pwd >/dev/null; :', umask=umask) == 'hi\nhi0'
    assert others_may_write(copy.folder) == []


@pytest.mark.parametrize('mode', [0o664, 0o646, 0o666])
def test_an_image_that_others_may_write_is_not_used(copy: Copy, mode: int) -> None:
    copy.run(':')
    copy.plant()
    copy.image.chmod(mode)
    assert copy.run('echo hi') == 'hi\n0'
    assert stat.S_IMODE(copy.image.stat().st_mode) == 0o644        # it is a new one
    assert copy.run('echo hi') == 'hi\n0'


@pytest.mark.parametrize('mode', [0o775, 0o757, 0o777, 0o1777])
def test_nor_one_in_a_folder_that_others_may_write(copy: Copy, mode: int) -> None:
    """Nor what else is there: Python would believe a .pyc file of anybody's."""
    copy.run(':')
    copy.plant()
    cache = copy.image.parent
    planted = next(cache.glob('cli.*.pyc'))
    source = (copy.folder / 'cli.py').stat()
    code = compile('import posix; posix.write(1, b"used"); posix._exit(7)', 'cli.py', 'exec')
    head = planted.read_bytes()[:8]
    planted.write_bytes(head + int(source.st_mtime).to_bytes(4, 'little')
                        + source.st_size.to_bytes(4, 'little') + marshal.dumps(code))
    planted.chmod(0o666)
    cache.chmod(mode)
    for _ in range(2):
        assert copy.run('echo hi') == 'hi\n0'
    assert others_may_write(copy.folder) == []
    copy.plant()
    assert copy.run(':') == USED


@pytest.mark.skipif(os.getuid() != 0, reason='only root can give files away')
def test_only_root_and_who_runs_are_believed(copy_for_all: Copy) -> None:
    copy = copy_for_all
    for path in (copy.folder, *copy.folder.parents):
        if path.stat().st_uid == os.getuid() and not path.stat().st_mode & 1:
            path.chmod(path.stat().st_mode | 0o055)
    copy.run(':')
    copy.plant()
    someone, other = 23456, 23457
    probe = subprocess.run([sys.executable, '-I', '-S', '-c', ''], user=someone, check=False,
                           capture_output=True)
    if probe.returncode:
        pytest.skip('no Python that everybody may run')
    assert copy.run(':', user=someone) == USED          # root's
    os.chown(copy.image, someone, -1)
    assert copy.run(':', user=someone) == USED
    assert copy.run('echo hi', user=other) == 'hi\n0'
    assert copy.run('echo hi') == 'hi\n0'               # root does not believe others
    copy.run(':')
    copy.plant()
    os.chown(copy.image.parent, someone, -1)
    assert copy.run(':', user=someone) == USED
    assert copy.run('echo hi', user=other) == 'hi\n0'
    assert copy.run('echo hi') == 'hi\n0'


@pytest.mark.skipif(os.getuid() != 0, reason='only root can run what belongs to others')
def test_root_leaves_nothing_in_the_checkout_of_a_user(copy: Copy) -> None:
    for path in [copy.folder, *copy.folder.rglob('*')]:
        os.chown(path, 23456, 23456)
    assert copy.run('echo hi') == 'hi\n0'
    assert not list(copy.folder.rglob('__pycache__'))


@pytest.mark.parametrize('kind', ['link', 'fifo', 'folder'])
def test_what_is_no_file_is_replaced_or_left(copy: Copy, kind: str, tmp_path: Path) -> None:
    copy.run(':')
    copy.plant()
    moved = copy.image.rename(tmp_path / 'moved')
    if kind == 'link':
        copy.image.symlink_to(moved)
    elif kind == 'fifo':
        os.mkfifo(copy.image, 0o600)
    else:
        copy.image.mkdir()
    for _ in range(2):
        assert copy.run('echo hi') == 'hi\n0'


def test_what_killed_writers_left_is_removed(copy: Copy) -> None:
    copy.run(':')
    old = copy.image.with_name(f'{NAME}.4711')
    new, other = copy.image.with_name(f'{NAME}.4712'), copy.image.with_name(f'{NAME}.mine')
    for path in (old, new, other):
        path.touch(0o644)
    os.utime(old, (time.time() - 100, time.time() - 100))
    copy.image.unlink()
    copy.run(':')
    assert [path.exists() for path in (old, new, other)] == [False, True, True]


def test_a_full_disk_leaves_no_part_of_it(copy: Copy) -> None:
    copy.run(':')
    copy.image.unlink()
    script = 'ulimit -f 100; trap "" XFSZ; exec "$@"'
    done = subprocess.run(['sh', '-c', script, 'sh', *copy.argv('-c', 'echo hi')], text=True,
                          capture_output=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ('hi\n', '', 0)
    assert not list(copy.image.parent.glob(f'{NAME}*'))


# -- damage -------------------------------------------------------------------------------


@pytest.mark.parametrize('length', [0, 3, 8, 9, 15, 16, 17, 5000, 300_000])
def test_a_damaged_image_is_replaced(copy: Copy, length: int) -> None:
    copy.run(':')
    whole = copy.image.read_bytes()
    copy.image.write_bytes(whole[:length])
    assert copy.run('echo hi') == 'hi\n0'
    assert copy.image.stat().st_size > 0.9 * len(whole)


@pytest.mark.parametrize('start', [0, 8, 16, 5000, 600_000])
def test_one_that_ends_in_zeros_is_replaced(copy: Copy, start: int) -> None:
    copy.run(':')
    whole = copy.image.read_bytes()
    copy.image.write_bytes(whole[:start] + bytes(len(whole) - start))
    for _ in range(2):
        assert copy.run('echo hi | cat; printf %s hi; test -e /') == 'hi\nhi0'
    assert copy.image.stat().st_size > 0.9 * len(whole)


MUTATIONS = int(os.environ.get('MINISHELL_MUTATIONS', '500'))
MUTATE = r"""
import ast, os, posix, random, sys
folder, image, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.path.insert(0, folder.rpartition('/')[0])
tree = ast.parse(open(folder + '/__main__.py').read())
tree.body = [node for node in tree.body if getattr(node, 'name', '') == 'start_from_image']
names = {'sys': sys}
exec(compile(tree, 'main', 'exec'), names)
whole = open(image, 'rb').read()

def put(data):
    with open(image + '.new', 'wb') as file:
        file.write(data)
    os.rename(image + '.new', image)

def mutated(whole):
    kind, at = random.randrange(8), random.randrange(len(whole))
    end = min(len(whole), at + random.choice((1, 2, 8, 512, 4096, 100_000)))
    if kind == 0:
        return whole[:at]
    if kind == 1:
        return whole[:at] + bytes(len(whole) - at)
    if kind == 2:
        return whole[:at] + bytes(end - at) + whole[end:]
    if kind == 3:
        return whole[:at] + bytes([whole[at] ^ 1 << random.randrange(8)]) + whole[at + 1:]
    if kind == 4:
        return whole[:at] + random.randbytes(end - at) + whole[end:]
    if kind == 5:
        return whole[:at] + whole[end:]
    if kind == 6:
        return whole[:at] + whole[at:end] + whole[at:]
    at = random.randrange(20)
    return whole[:at] + bytes([random.randrange(256)]) + whole[at + 1:]

held = refused = 0
def loaded():
    finder = sys.meta_path.pop(0)
    assert type(finder).__name__ == 'Image', finder
    return finder

assert names['start_from_image'](folder)
right = {}
finder = loaded()
for name in finder.later:
    right[name] = finder.find_spec(name).loader_state
random.seed(count)
for number in range(count):
    data = mutated(whole)
    put(data)
    if not names['start_from_image'](folder):
        refused += 1
        continue
    finder = loaded()
    good = 0
    for name in finder.later:
        spec = finder.find_spec(name)
        assert spec is None or spec.loader_state == right[name], (number, name)
        good += spec is not None
    assert data == whole or good < len(right) and not os.path.exists(image), number
    held += 1
print(held + refused, held > 0, refused > 0)
"""


def test_mutated_images_give_what_is_right_or_nothing(copy: Copy) -> None:
    """All of it in one process, for a crash would be its end; MINISHELL_MUTATIONS=100000 is
    for once (minutes)."""
    copy.run(':')
    done = subprocess.run([sys.executable, '-I', '-S', '-c', MUTATE, str(copy.folder),
                           str(copy.image), str(MUTATIONS)], text=True, check=False,
                          capture_output=True, stdin=subprocess.DEVNULL)
    assert (done.stdout, done.stderr) == (f'{MUTATIONS} True True\n', '')
    assert done.returncode == 0


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
