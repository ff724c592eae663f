"""The parse of a long script file, kept for its next run in the user's cache directory.

`$XDG_CACHE_HOME/minishell` (or `~/.cache/minishell`, if there is a `~/.cache`) holds a file
for each text: named by a hash of it, with the text itself to be sure of it.  The first run
leaves an empty file, the second the parse; what is older makes room.  A `configure` of
54,000 lines is parsed in 0.67 s, and read from here in 0.05.

Nobody else may be able to write there: whoever can decides what the scripts do.  So the
folder and the file must be this user's own and nobody else's to write, and no symbolic
links.  A file comes into being under another name, so that a reader finds all of it or none.

A folder of that name may be anybody's: ours has the file CACHEDIR.TAG, which it got when it
was empty, and only there anything is read, written, or removed: files with names and first
bytes as ours have them.  Nor is it made in the folder of somebody else, as by root with HOME
kept.
"""
from __future__ import annotations

import _imp
import marshal
import posix
import sys

from minishell.codec import decoded, encoded
from minishell.state.search import DIRECTORY_TYPE, FORMAT, REGULAR
from minishell.syntax import parser
from minishell.syntax.lexer import END
from minishell.syntax.parser import Parser
from minishell.syntax.stored import Decoder, Encoder
from minishell.system.descriptors import close, close_written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from minishell.syntax.lexer import Grammar
    from minishell.syntax.nodes import CommandList
    from minishell.syntax.source import Source
    from minishell.syntax.stored import Fields

    # Where a complete command begins -> where it ends, whether at the end of the input, it
    Commands = dict[int, tuple[int, bool, Fields]]

SYNTAX = ('arrays', 'compound', 'conditional', 'dollarquote', 'here_documents', 'lexer',
          'names', 'nodes', 'parameters', 'parser', 'source', 'stored', 'words')
HEAD = b'minishell: a parse\n'          # then a checksum, and the rest
TAG = 'CACHEDIR.TAG'                    # https://bford.info/cachedir/
TAG_TEXT = b"""Signature: 8a477f597d28d172789f06886806bc55
# This folder was made by minishell, which removes files from it. It may be removed.
"""
NAME = '0123456789abcdef'               # the digits of the names, of 16
MOST_FILES = 256
MOST_BYTES = 1 << 26
OTHERS_MAY_WRITE = 0o022
SAFELY = posix.O_NOFOLLOW | posix.O_CLOEXEC


class CachingParser(Parser):
    """A parser that knows the complete commands of its source, or keeps them."""

    def __init__(self, source: Source, aliases: Mapping[str, str],
                 warn: Callable[[str, int], None], grammar: Grammar, folder: str) -> None:
        super().__init__(source, aliases, self._warn, grammar)
        self.lexer.keeps = True
        self._print = warn
        self._source = source
        self._whole = source.text       # until an alias is substituted, or more is read
        self._folder = folder
        self._pid = posix.getpid()      # a subshell has its own parts to run
        self._known: Commands = {}
        self._parsed: list[tuple[int, int, bool, CommandList]] | None = None
        self._text = encoded(source.text)
        self._bash = grammar.bash
        self._name = name_of(self._text, self._bash)
        self._look()

    def _warn(self, message: str, line: int) -> None:
        self._parsed = None             # the next run must print it, too
        self._print(message, line)

    def parse_complete_command(self) -> CommandList | None:
        """The next command, as Parser has it."""
        lexer = self.lexer
        begin, grammar = lexer.pos, lexer.grammar
        if lexer.text is not self._whole or lexer.aliases or grammar.posix \
                or grammar.strict or grammar.extglob or grammar.bash != self._bash:
            return super().parse_complete_command()     # the text means something else
        found = self._known.get(begin)
        if found is not None:
            lexer.restart()
            if lexer.text is self._whole:
                lexer.pos = found[0]
                lexer.kind = END if found[1] else '\n'
                lexer.literal = None
                commands: CommandList = Decoder(lexer.scanned).decode(found[2])
                return commands
        node = super().parse_complete_command()
        if self._parsed is not None and node is not None and lexer.text is self._whole:
            self._parsed.append((begin, lexer.pos, lexer.kind == END, node))
        return node

    def finish(self) -> None:
        """Keep what has been parsed."""
        super().finish()
        parsed, self._parsed = self._parsed, None
        if not parsed or posix.getpid() != self._pid:
            return
        encode = Encoder(self._source).encode
        try:
            commands = {begin: (end, last, encode(node)) for begin, end, last, node in parsed}
            content = marshal.dumps((self._text, commands))
        except (ValueError, RecursionError, MemoryError):   # too deep for it, or too large
            return
        folder = open_folder(self._folder)
        if folder >= 0:
            try:
                _write(folder, self._name, HEAD + _imp.source_hash(0, content) + content)
                _make_room(folder)
            except (OSError, MemoryError):
                pass                    # no room, no descriptor: nothing is lost
            finally:
                close(folder)

    def _look(self) -> None:
        """Read what an earlier run has left; the first one's is only that it was there."""
        folder = open_folder(self._folder)
        if folder < 0:
            return
        try:
            content = _read(folder, self._name)
            if content is None:
                _write(folder, self._name, HEAD)
                _make_room(folder)
                return
        except OSError:
            return
        finally:
            close(folder)
        start = len(HEAD) + 8
        if content.startswith(HEAD + _imp.source_hash(0, content[start:])):
            text, commands = marshal.loads(content[start:])
            if text == self._text:
                self._known = commands
                return
        self._parsed = []


def parser_with_cache(source: Source, aliases: Mapping[str, str],
                      warn: Callable[[str, int], None], grammar: Grammar) -> Parser | None:
    """A parser for a script file; None if parses are not kept, or not of this one."""
    folder = folder_of(posix.environ)
    try:
        return CachingParser(source, aliases, warn, grammar, folder) if folder else None
    except OSError:
        return None


def name_of(text: bytes, bash: bool) -> str:
    """The file's name: the text decides on it, and what a tree's form depends on: bash mode,
    Python and the parser's own source files.  Raises OSError where these are not files."""
    package = str(parser.__file__).rpartition('/')[0]
    stats = [posix.stat(f'{package}/{name}.py') for name in SYNTAX]
    version = repr((bash, sys.hexversion, [(stat.st_mtime_ns, stat.st_size) for stat in stats]))
    key = int.from_bytes(_imp.source_hash(0, version.encode()), 'little', signed=True)
    return _imp.source_hash(key, text).hex()


def folder_of(environment: Mapping[bytes, bytes]) -> str:
    """Where parses are kept; '' if nowhere: MINISHELL_CACHE is 0, this is set-user-ID."""
    if environment.get(b'MINISHELL_CACHE') == b'0' or posix.geteuid() != posix.getuid() \
            or posix.getegid() != posix.getgid():
        return ''
    base = environment.get(b'XDG_CACHE_HOME', b'')
    if base[:1] != b'/':
        base = environment.get(b'HOME', b'') + b'/.cache'
    return decoded(base) + '/minishell' if base[:1] == b'/' else ''


def open_folder(path: str) -> int:
    """A descriptor of the folder, made if its parent is there and ours; -1 if it is not the
    one that we have made, or can't be trusted."""
    fd = -1
    try:
        try:
            fd = posix.open(path, posix.O_RDONLY | posix.O_DIRECTORY | SAFELY)
        except FileNotFoundError:
            if posix.stat(path.rpartition('/')[0]).st_uid != posix.geteuid():
                return -1
            posix.mkdir(path, 0o700)
            fd = posix.open(path, posix.O_RDONLY | posix.O_DIRECTORY | SAFELY)
        if _is_ours(posix.fstat(fd), DIRECTORY_TYPE) and _has_tag(fd):
            return fd
    except OSError:
        pass
    if fd >= 0:
        close(fd)
    return -1


def _has_tag(folder: int) -> bool:
    """Whether we have made a folder; an empty one becomes ours.  Raises OSError."""
    text = _read(folder, TAG)
    if text is None and not posix.listdir(folder):
        _write(folder, TAG, TAG_TEXT)
        return True
    return text == TAG_TEXT


def _is_ours(found: posix.stat_result, kind: int) -> bool:
    return found.st_mode & FORMAT == kind and found.st_uid == posix.geteuid() \
        and not found.st_mode & OTHERS_MAY_WRITE


def _read(folder: int, name: str) -> bytes | None:
    """A file's content; None if there is none.  Raises OSError, for others' files, too."""
    try:
        fd = posix.open(name, posix.O_RDONLY | posix.O_NONBLOCK | SAFELY, dir_fd=folder)
    except FileNotFoundError:
        return None
    try:
        found = posix.fstat(fd)
        if not _is_ours(found, REGULAR) or found.st_size > MOST_BYTES:
            raise PermissionError
        blocks = []
        while block := posix.read(fd, 1 << 24):
            blocks.append(block)
        return b''.join(blocks)
    finally:
        close(fd)


def _write(folder: int, name: str, content: bytes) -> None:
    """Put a file in place, all at once.  Raises OSError."""
    new = f'{name}.{posix.getpid()}'
    fd = posix.open(new, posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL | SAFELY, 0o600,
                    dir_fd=folder)
    try:
        try:
            while content:
                content = content[posix.write(fd, content):]
        finally:
            close_written(fd)
        posix.rename(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        posix.unlink(new, dir_fd=folder)
        raise


def _make_room(folder: int) -> None:
    """Remove the oldest of our files where there are too many, or too large ones.  Raises
    OSError."""
    files = []
    for name in posix.listdir(folder):
        text, _, pid = name.partition('.')
        if len(text) != 16 or text.strip(NAME) or pid.strip('0123456789'):
            continue
        try:
            found = posix.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            continue                    # another shell has made room
        if _is_ours(found, REGULAR):
            files.append((found.st_mtime_ns, found.st_size, name))
    total = 0
    for number, (_, size, name) in enumerate(sorted(files, reverse=True)):
        total += size
        if number >= MOST_FILES or total > MOST_BYTES:
            _remove(folder, name)


def _remove(folder: int, name: str) -> None:
    """Remove a file if it begins as ours do.  Raises OSError."""
    try:
        fd = posix.open(name, posix.O_RDONLY | posix.O_NONBLOCK | SAFELY, dir_fd=folder)
        try:
            ours = posix.read(fd, len(HEAD)) == HEAD
        finally:
            close(fd)
        if ours:
            posix.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass                            # another shell has made room
