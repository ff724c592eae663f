"""The kept parse of script files: used the third time, never believed when it should not be."""
from __future__ import annotations

import _imp
import marshal
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from minishell.parse_cache import (
    HEAD,
    MOST_FILES,
    TAG,
    TAG_TEXT,
    CachingParser,
    open_folder,
)
from minishell.syntax.lexer import FixedGrammar
from minishell.syntax.nodes import Node
from minishell.syntax.parser import Parser
from minishell.syntax.source import Source
from minishell.syntax.stored import Decoder, Encoder

PADDING = ''.join(f'f{number}() {{\n    echo "$1 {number}" ${{x#a}} >/dev/null\n}}\n'
                  for number in range(100))
SCRIPT = PADDING + """\
echo "first $0 $LINENO"
x=$(f1; echo in)
echo "$x"; cat <<E
$x $((1 + 2))
E
"""


class Scripts:
    """A folder of scripts and the cache that their shells use."""

    def __init__(self, minishell: list[str], folder: Path) -> None:
        self.minishell = minishell
        self.folder = folder
        self.base = folder / 'cache'
        self.base.mkdir()
        self.cache = self.base / 'minishell'
        self.environment = {'PATH': '/usr/bin:/bin', 'XDG_CACHE_HOME': str(self.base),
                            'LC_ALL': 'C.UTF-8'}

    def write(self, text: str, name: str = 'script') -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def run(self, *args: object, **environment: str) -> str:
        done = subprocess.run(
            [*self.minishell, *map(str, args)], cwd=self.folder, text=True, check=False,
            env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return f'{done.stdout}{done.returncode}'

    def files(self) -> list[Path]:
        return sorted(path for path in self.cache.iterdir() if path.name != TAG)

    def only(self) -> Path:
        [path] = self.files()
        return path

    def doctor(self, old: bytes, new: bytes) -> None:
        """Change the trees, but not the text, of the only file: what shows is its use."""
        text, commands = marshal.loads(self.only().read_bytes()[len(HEAD) + 8:])
        trees = marshal.dumps(commands)
        assert old in trees and len(old) == len(new)
        content = marshal.dumps((text, marshal.loads(trees.replace(old, new))))
        self.only().write_bytes(HEAD + _imp.source_hash(0, content) + content)


@pytest.fixture
def scripts(minishell: list[str], tmp_path: Path) -> Scripts:
    return Scripts(minishell, tmp_path)


def bash(scripts: Scripts, path: Path) -> str:
    done = subprocess.run(['bash', path], env=scripts.environment, cwd=scripts.folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return f'{done.stdout}{done.returncode}'


def test_noted_kept_used(scripts: Scripts) -> None:
    path = scripts.write(SCRIPT)
    wanted = bash(scripts, path)
    assert scripts.run(path) == wanted
    assert scripts.only().read_bytes() == HEAD
    assert scripts.run(path) == wanted
    kept = scripts.only().stat()
    assert kept.st_size > len(SCRIPT)
    assert kept.st_mode & 0o7777 == 0o600
    assert scripts.cache.stat().st_mode & 0o7777 == 0o700
    assert scripts.run(path) == wanted
    assert scripts.only().stat().st_mtime_ns == kept.st_mtime_ns
    scripts.doctor(b'first ', b'FIRST ')
    assert scripts.run(path) == wanted.replace('first', 'FIRST')


def test_for_dot_scripts_too_and_their_functions(scripts: Scripts) -> None:
    scripts.write(PADDING + 'g() { echo "g of line $LINENO: $1"; nosuch; }\n', 'library')
    path = scripts.write('. ./library; g 1\ntype g f7\n')
    first = scripts.run(path)
    assert f'g of line {PADDING.count(chr(10)) + 1}: 1\n' in first
    assert 'line 301: nosuch: command not found' in first
    assert scripts.run(path) == scripts.run(path) == first
    assert scripts.only().stat().st_size > 0


@pytest.mark.parametrize('end', ['exit 3\n', 'kill -9 $$\n', '! "', 'exec /bin/echo end\n',
                                 '(exit 4)\n', '${x?no}\n', 'alias f1="echo alias"\nf1\n'])
def test_whatever_ends_the_script(scripts: Scripts, end: str) -> None:
    path = scripts.write(SCRIPT + end)
    first = scripts.run(path)
    for _ in range(3):
        assert scripts.run(path) == first


def test_commands_behind_an_exit_are_parsed_when_they_are_needed(scripts: Scripts) -> None:
    path = scripts.write(SCRIPT + '[ "$1" ] && exit\necho behind\nif\n')
    for _ in range(3):
        assert scripts.run(path, 1).endswith('in 3\n0')
    error = scripts.run(path)
    assert 'behind\n' in error
    assert 'syntax error' in error
    assert scripts.run(path) == error


def test_aliases_make_the_text_mean_something_else(scripts: Scripts) -> None:
    library = scripts.write(PADDING + 'word=one\necho "$word"\nsay "$word"\n', 'library')
    path = scripts.write(f"""
        say() {{ echo function $1; }}
        [ "$1" ] && alias say='echo a longer alias' word=x
        . {library}
        unalias -a
        . {library}
        """)
    plain, changed = scripts.run(path), scripts.run(path, 1)
    assert plain == 'one\nfunction one\n' * 2 + '0'
    assert changed == 'one\na longer alias one\none\nfunction one\n0'
    for _ in range(2):
        assert scripts.run(path) == plain
        assert scripts.run(path, 1) == changed


def test_aliases_of_the_script_itself(scripts: Scripts) -> None:
    path = scripts.write(PADDING + """
        alias hi='echo a long text for a short name'
        hi 1
        hi 2
        unalias hi
        echo end
        """)
    for _ in range(4):
        assert scripts.run(path) == ('a long text for a short name 1\n'
                                     'a long text for a short name 2\nend\n0')


def test_options_and_warnings(scripts: Scripts) -> None:
    path = scripts.write(SCRIPT + 'cat <<E\nno end\n')
    for option in ('-v', '-x', '-n', '-e'):
        first = scripts.run(option, path)
        assert (option == '-n') != ('in 3\n' in first)
        assert 'warning: here-document' in first
        for _ in range(3):
            assert scripts.run(option, path) == first
    posix = scripts.write(PADDING + 'echo x &>file; wait; echo "[$(cat file)]"\n', 'posix')
    for _ in range(3):
        assert scripts.run(posix) == '[x]\n0'
        assert scripts.run('-o', 'posix', posix).replace('x\n', '', 1) == '[]\n0'


def test_a_script_that_grows(scripts: Scripts) -> None:
    text = PADDING + 'echo echo more >>"$0"\necho last line'
    for ending in ('', '\n'):
        for _ in range(3):
            path = scripts.write(text + ending)
            if ending:
                assert scripts.run(path) == 'last line\nmore\n0'
            else:
                assert scripts.run(path) == 'last lineecho more\n0'


def test_another_text_is_another_file(scripts: Scripts) -> None:
    path = scripts.write(SCRIPT)
    for _ in range(3):
        scripts.run(path)
    scripts.write(SCRIPT.replace('first', 'other'))
    assert scripts.run(path).startswith('other')
    assert len(scripts.files()) == 2


def test_a_hash_in_common_is_not_enough(scripts: Scripts) -> None:
    path = scripts.write(SCRIPT)
    for _ in range(2):
        scripts.run(path)
    kept = scripts.only().read_bytes()
    scripts.only().unlink()
    scripts.write(SCRIPT.replace('first', 'other'))
    scripts.run(path)
    scripts.only().write_bytes(kept)
    assert scripts.run(path).startswith('other')
    assert scripts.only().read_bytes() != kept          # it has taken its place


@pytest.mark.parametrize('spoil', [
    lambda data: data[:-1], lambda data: data[:100], lambda data: data[:8], lambda data: b'x',
    lambda data: b'', lambda data: bytes(len(data)), lambda data: data[8:],
    lambda data: data[:60] + bytes(len(data) - 60), lambda data: data + b'x',
    lambda data: data[:-50] + bytes([data[-50] ^ 1]) + data[-49:],
    lambda data: bytes([data[0] ^ 1]) + data[1:]])
def test_a_spoilt_file_is_replaced(scripts: Scripts, spoil: object) -> None:
    path = scripts.write(SCRIPT)
    wanted = scripts.run(path)
    scripts.run(path)
    kept = scripts.only().read_bytes()
    scripts.only().write_bytes(spoil(kept))     # type: ignore[operator]
    assert scripts.run(path) == wanted
    assert scripts.only().read_bytes() == kept


MUTATIONS = int(os.environ.get('MINISHELL_MUTATIONS', '500'))


def mutated(data: bytes, random: Random) -> bytes:
    """The same with some damage."""
    at = random.randrange(len(data))
    end = min(len(data), at + random.choice((1, 2, 8, 512, 4096)))
    return random.choice((
        data[:at], data[:at] + bytes(len(data) - at), data[:at] + bytes(end - at) + data[end:],
        data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1:],
        data[:at] + random.randbytes(end - at) + data[end:], data[:at] + data[end:],
        data[:end] + data[at:]))


def test_a_mutated_file_gives_what_is_right_or_nothing(scripts: Scripts) -> None:
    """In this process: a crash would be seen."""
    def known() -> object:
        return CachingParser(Source(SCRIPT, 'name'), {}, lambda message, line: None,
                             FixedGrammar(), str(scripts.cache))._known
    path = scripts.write(SCRIPT)
    scripts.run(path)
    scripts.run(path)
    file, random = scripts.only(), Random(MUTATIONS)
    whole, right = file.read_bytes(), known()
    assert right
    for number in range(MUTATIONS):
        data = mutated(whole, random)
        file.write_bytes(data)
        assert known() == (right if data == whole else {}), number


def test_what_others_may_write_is_not_read(scripts: Scripts, tmp_path: Path) -> None:
    path = scripts.write(SCRIPT)
    wanted = scripts.run(path)
    scripts.run(path)
    scripts.doctor(b'first ', b'FIRST ')
    assert scripts.run(path) != wanted
    file = scripts.only()
    for target, mode in ((file, 0o620), (file, 0o602), (scripts.cache, 0o770),
                         (scripts.cache, 0o707)):
        before = target.stat().st_mode & 0o7777
        target.chmod(mode)
        assert scripts.run(path) == wanted
        target.chmod(before)
    assert scripts.run(path) != wanted
    moved = file.rename(tmp_path / 'moved')
    file.symlink_to(moved)
    assert scripts.run(path) == wanted
    file.unlink()
    os.mkfifo(file, 0o600)
    assert scripts.run(path) == wanted
    file.unlink()
    moved.rename(file)
    elsewhere = scripts.cache.rename(tmp_path / 'elsewhere')
    scripts.cache.symlink_to(elsewhere)
    assert scripts.run(path) == wanted
    if os.getuid() == 0:
        scripts.cache.unlink()
        elsewhere.rename(scripts.cache)
        assert scripts.run(path) != wanted
        os.chown(file, 12345, -1)
        assert scripts.run(path) == wanted
        os.chown(file, 0, -1)
        os.chown(scripts.cache, 12345, -1)
        assert scripts.run(path) == wanted


def test_no_cache_folder_no_cache(scripts: Scripts) -> None:
    path = scripts.write(SCRIPT)
    wanted = scripts.run(path, MINISHELL_CACHE='0')
    shutil.rmtree(scripts.base)
    home = scripts.folder / 'home'
    home.mkdir()
    for base in ('', 'relative', str(scripts.base)):
        assert scripts.run(path, XDG_CACHE_HOME=base, HOME=str(home)) == wanted
    assert not list(home.iterdir())
    assert not (scripts.folder / 'relative').exists()
    assert not scripts.base.exists()
    (home / '.cache').mkdir()
    assert scripts.run(path, XDG_CACHE_HOME='', HOME=str(home)) == wanted
    assert len(list((home / '.cache' / 'minishell').iterdir())) == 2


def test_short_scripts_strings_and_standard_input_leave_nothing(scripts: Scripts) -> None:
    short = scripts.write('echo hi\n')
    assert scripts.run(short) == 'hi\n0'
    assert scripts.run('-c', SCRIPT).endswith('in 3\n0')
    assert not scripts.cache.exists()


@pytest.mark.parametrize(('before', 'inside', 'after'), [
    ('if :; then ', 'echo in', '; fi'), ('{ ', 'echo in;', ' }'), ('( ', 'echo in', ' )'),
    ('${x:-', 'in', '}'), ('"${x:-', 'in', '}"'), ('$((1+', '1', '))'), ('f() { ', ':;', ' }'),
    ('case x in x) ', 'echo in', ';; esac'), ('"$(echo ', 'in', ')"'),
    ('{ ', 'echo in;', ' } </dev/null'),
])
def test_what_is_nested_deeply(
    before: str, inside: str, after: str, scripts: Scripts, minishell: list[str],
) -> None:
    """Too deep for marshal, or for a small C stack, is not kept: all runs are the same."""
    small = ['sh', '-c', 'ulimit -s 256 && exec "$@"', 'sh', *minishell]
    start = 'echo ' if before[0] in '$"' else ''
    for count in (20, 35, 50, 100, 400, 2000, 5000, 9000):
        path = scripts.write(f'{PADDING}{start}{before * count}{inside}{after * count}\n')
        answers = []
        for scripts.minishell in (minishell, minishell, minishell, small):
            answers.append(scripts.run(path))
        assert answers == [answers[0]] * 4
        if count == 20:
            assert scripts.only().stat().st_size > len(PADDING)


def test_a_full_disk_costs_nothing(scripts: Scripts) -> None:
    path = scripts.write(SCRIPT)
    wanted = scripts.run(path)
    run = scripts.write(f'ulimit -f 1; trap "" XFSZ; . {path}\n', 'run')
    assert scripts.run(run) == wanted.replace(str(path), str(run))
    assert scripts.only().read_bytes() == HEAD


def our_folder(scripts: Scripts, count: int) -> None:
    """A cache folder with files as ours are: the older, the smaller their names."""
    scripts.cache.mkdir(mode=0o700)
    (scripts.cache / TAG).write_bytes(TAG_TEXT)
    for number in range(count):
        old = scripts.cache / f'{number:016x}'
        old.write_bytes(HEAD)
        old.chmod(0o600)
        os.utime(old, (number, number))


def test_the_oldest_make_room(scripts: Scripts) -> None:
    our_folder(scripts, MOST_FILES + 10)
    path = scripts.write(SCRIPT)
    scripts.run(path)
    names = {file.name for file in scripts.files()}
    assert len(names) == MOST_FILES
    assert f'{10:016x}' not in names
    assert f'{11:016x}' in names


def test_only_our_own_files_make_room(scripts: Scripts, tmp_path: Path) -> None:
    """By name, by their first bytes, by owner, no links: whatever else is there stays."""
    our_folder(scripts, MOST_FILES + 10)
    elsewhere = tmp_path / 'elsewhere'
    elsewhere.write_bytes(HEAD)
    others = [scripts.cache / name for name in (
        'letter', '0123', 'f' * 17, 'F' * 16, 'f' * 16 + '.txt', 'f' * 16 + '.1x',
        '0' * 15 + '.', 'notes.2')]
    for path in others:
        path.write_bytes(HEAD)
    link, text, folder, writable, owned = (scripts.cache / (c * 16) for c in 'abcde')
    link.symlink_to(elsewhere)
    text.write_text('my text')
    folder.mkdir()
    for path in (writable, owned):
        path.write_bytes(HEAD)
    writable.chmod(0o622)
    if os.getuid() == 0:
        os.chown(owned, 12345, -1)
    for path in (*others, link, text, folder, writable, owned):
        os.utime(path, (1, 1), follow_symlinks=False)
    scripts.run(scripts.write(SCRIPT))
    left = {path.name for path in scripts.files()}
    assert {path.name for path in (*others, link, text, folder, writable)} <= left
    assert (owned.name in left) is (os.getuid() == 0)
    assert elsewhere.exists()
    assert f'{9:016x}' not in left


@pytest.mark.parametrize('linked', [False, True])
def test_a_folder_of_that_name_that_is_not_ours_is_left_alone(
    linked: bool, scripts: Scripts, tmp_path: Path,
) -> None:
    """A project's, say, where XDG_CACHE_HOME or a linked ~/.cache leads to the projects."""
    project = tmp_path / 'projects' / 'minishell'
    project.mkdir(parents=True, mode=0o700)
    for number in range(MOST_FILES + 44):
        (project / f'{number:016x}').write_bytes(HEAD)
    before = sorted((path.name, path.stat().st_mtime_ns) for path in project.iterdir())
    path = scripts.write(SCRIPT)
    if linked:
        (tmp_path / '.cache').symlink_to(project.parent)
        environment = {'HOME': str(tmp_path), 'XDG_CACHE_HOME': ''}
    else:
        environment = {'XDG_CACHE_HOME': str(project.parent)}
    for _ in range(3):
        assert scripts.run(path, **environment) == bash(scripts, path)
    assert sorted((path.name, path.stat().st_mtime_ns) for path in project.iterdir()) == before


def test_an_empty_folder_becomes_ours(scripts: Scripts) -> None:
    """Left by a shell that was killed when it had made it."""
    scripts.cache.mkdir(mode=0o700)
    scripts.run(scripts.write(SCRIPT))
    assert (scripts.cache / TAG).read_bytes() == TAG_TEXT
    assert scripts.only().read_bytes() == HEAD


def test_a_tag_that_is_not_ours(scripts: Scripts, tmp_path: Path) -> None:
    path = scripts.write(SCRIPT)
    (tmp_path / 'tag').write_bytes(TAG_TEXT)
    scripts.cache.mkdir(mode=0o700)
    tag = scripts.cache / TAG
    for text in (b'', TAG_TEXT[:44], TAG_TEXT + b'x', TAG_TEXT.replace(b'mini', b'maxi')):
        tag.write_bytes(text)
        scripts.run(path)
        assert scripts.files() == []
    tag.unlink()
    tag.symlink_to(tmp_path / 'tag')
    scripts.run(path)
    assert scripts.files() == []


@pytest.mark.skipif(os.getuid() != 0, reason='only root can be in the folder of a user')
def test_root_makes_no_folder_in_that_of_a_user(scripts: Scripts) -> None:
    """As with sudo, which may keep HOME: the user could not write there any more."""
    path = scripts.write(SCRIPT)
    os.chown(scripts.base, 12345, 12345)
    assert scripts.run(path) == bash(scripts, path)
    assert list(scripts.base.iterdir()) == []
    scripts.cache.mkdir()
    os.chown(scripts.cache, 12345, 12345)
    assert scripts.run(path) == bash(scripts, path)
    assert list(scripts.cache.iterdir()) == []


def test_many_at_once(scripts: Scripts) -> None:
    path = scripts.write(SCRIPT)
    wanted = scripts.run(path)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: scripts.run(path), range(24))) == {wanted}
    assert scripts.only().stat().st_size > 0


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    assert open_folder(str(tmp_path / 'a' / 'b')) == -1
    (tmp_path / 'file').touch()
    assert open_folder(str(tmp_path / 'file')) == -1


# -- trees there and back -------------------------------------------------------------------


def same(one: object, other: object, sources: tuple[Source, Source]) -> bool:
    """Whether two trees are the same, positions and all."""
    if isinstance(one, Node):
        return type(one) is type(other) and all(
            same(getattr(one, name), getattr(other, name), sources) for name in one.fields())
    if isinstance(one, tuple):
        return isinstance(other, tuple) and len(one) == len(other) and all(
            same(*pair, sources) for pair in zip(one, other, strict=True))
    if isinstance(one, Source):
        assert isinstance(other, Source)
        return other is sources[1] if one is sources[0] else \
            (one.text, one.name, one.first_line) == (other.text, other.name, other.first_line)
    return one == other


def test_every_case_of_this_suite_there_and_back(root: Path) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    count = 0
    for path in sorted((root / 'tests' / 'cases').rglob('*.test')):
        for text in path.read_bytes().decode('utf-8', 'surrogateescape').split('\n#### '):
            source, copy = Source(text, 'name'), Source(text, 'name')
            parser = Parser(source)
            nodes = []
            try:
                while (node := parser.parse_complete_command()) is not None:
                    nodes.append(node)
            except Exception:  # noqa: BLE001, S110      # the cases hold errors, and results
                pass
            values = marshal.loads(marshal.dumps([Encoder(source).encode(node)
                                                  for node in nodes]))
            decoder = Decoder(Parser(copy).lexer.scanned)
            decoded = tuple([decoder.decode(value) for value in values])
            assert same(tuple(nodes), decoded, (source, copy))
            count += len(nodes)
    sys.setrecursionlimit(limit)
    assert count > 5_000
