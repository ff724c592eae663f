"""The history database: when and where each command ran, and how it ended.

It stands beside HISTFILE, which stays bash's text file: what `history` and `fc` show comes
from there; what the line editor suggests and finds, from here.  It is opened anew for each use,
and nothing of the user's runs meanwhile: no child gets a descriptor of it, and no redirection
can hit one.

A rollback journal without fsync: a shell that is killed loses nothing, and opening takes
0.1 ms, where a write-ahead log would be written back, with fsync, whenever the last shell
closes it.  Whatever fails costs the entry, never the command; it is told once.  What finds it
locked by another shell waits for the next transaction, whole and in its order.
"""
from __future__ import annotations

import posix
from errno import EFBIG
from time import time

from minishell.codec import decoded, encoded
from minishell.state.history_file import check_regular, largest
from minishell.system.descriptors import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from sqlite3 import Connection
    from typing import Any

    Write = Callable[[Connection], None]
    # A command: start, duration (microseconds), status, directory of a run, if they are known.
    Row = tuple[str, int | None, int | None, int | None, str | None]

PATIENCE = 0.25         # seconds for another shell to have written, behind Enter
FOR_A_KEY = 0.01        # behind other keys
AT_THE_END = 1.0        # when nothing can be written later
MARGIN = 1 << 20        # bytes that a transaction may add
FEW = 500               # commands with a prefix that are sorted rather than walked
BEHIND = b'\xff' * 8    # sorts behind all text, nearly
LAST = 1 << 62          # behind all runs
COMMANDS, RUNS = 10_000, 1_500          # that a part of a search looks at
FOUND_AT_ONCE = 100                     # commands, at most
VERSION = 1
STANDARD_ERROR = 2
SCHEMA = """
CREATE TABLE command(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, last INTEGER NOT NULL,
                     n INTEGER NOT NULL, status INTEGER);
CREATE INDEX command_last ON command(last DESC, text, status);
CREATE TABLE dir(id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE run(id INTEGER PRIMARY KEY AUTOINCREMENT, command INTEGER NOT NULL,
                 start INTEGER NOT NULL, duration INTEGER, status INTEGER,
                 dir INTEGER NOT NULL, session INTEGER NOT NULL);
CREATE INDEX run_command ON run(command, id);
CREATE INDEX run_dir ON run(dir, id);
CREATE INDEX run_session ON run(session, id);
CREATE INDEX run_failed ON run(id) WHERE status > 0;
PRAGMA user_version = 1;
"""
TEXT = 'CAST(? AS TEXT)'                # of bytes, which need not be UTF-8
WITH_PREFIX = f'text >= {TEXT} AND text < {TEXT}'
ROW = 'SELECT c.text, r.start, r.duration, r.status, d.path'
DIR = 'LEFT JOIN dir AS d ON d.id = r.dir'
FOUND = 'coalesce(status, 0) NOT IN (126, 127)'


class Run:
    """A command that has been begun."""

    __slots__ = ('begun', 'row')

    def __init__(self, begun: float) -> None:
        self.begun = begun              # in seconds
        self.row = 0                    # that it has, once it is written


class HistoryDatabase:
    """The database as one shell uses it; of no effect where it cannot be had."""

    __slots__ = ('path', 'given_up', '_notice', '_locked', '_told', '_older', '_session',
                 '_run', '_waiting', '_base')

    def __init__(self, path: str, older: Callable[[], list[str]] = list) -> None:
        """`older`: the commands that a new one begins with, the oldest first."""
        self.path = path
        self._older = older
        self.given_up = False           # it cannot be used
        self._notice = ''               # what is to be told
        self._locked = False            # the last try has found it so
        self._told = False              # and that has been told
        self._session = int.from_bytes(posix.urandom(7), 'big')
        self._run: Run | None = None    # the command that runs
        self._waiting: list[Write] = []         # what the next transaction writes
        self._base: Connection | None = None    # while several questions are asked

    def is_there(self) -> bool:
        """Whether there is a file; it is made by what is written."""
        try:
            return posix.stat(self.path).st_size > 0
        except (OSError, ValueError):
            return False

    def is_locked(self) -> bool:
        """Whether another shell kept it so when it was asked last: there was no answer."""
        return self._locked

    # -- what is written ------------------------------------------------------------------

    def begin(self, text: str, folder: str) -> None:
        """A command is about to run."""
        run = self._run = Run(time())
        self._write(lambda base: self._begin(base, run, encoded(text), encoded(folder)))

    def end(self, status: int) -> None:
        """It has ended; that is written with what is written next, or by `settle`: the prompt
        need not wait for it."""
        run, self._run = self._run, None
        if run is not None and not self.given_up:
            duration = max(int((time() - run.begun) * 1e6), 0)
            self._waiting.append(lambda base: _end(base, run.row, status, duration))

    def settle(self) -> None:
        """Write what has been left to be written, unless another shell has it locked."""
        if self._waiting:
            self._transact(FOR_A_KEY)

    def leave(self) -> None:
        """Write it at last, or tell that it is lost."""
        if self._waiting:
            self._transact(AT_THE_END)
        if self._waiting:
            self._notice = 'locked: the last commands are not kept'

    def add_older(self, texts: list[str]) -> None:
        """Add commands of which nothing more is known, the oldest first, before all others."""
        self._write(lambda base: _add_older(base, texts))

    def take_notice(self) -> str:
        """What is to be told of it, once; else nothing."""
        notice, self._notice = self._notice, ''
        return f'history: {self.path}: {notice}' if notice else ''

    def forget(self, text: str) -> None:
        """Remove every trace of a command."""
        def remove(base: Connection) -> None:
            base.execute('DELETE FROM run WHERE command = (SELECT id FROM command WHERE '
                         f'text = {TEXT})', (encoded(text),))
            base.execute(f'DELETE FROM command WHERE text = {TEXT}', (encoded(text),))
        self._write(remove)

    def clear(self) -> None:
        """Remove everything; the file stays."""
        def remove(base: Connection) -> None:
            for table in ('run', 'command', 'dir'):
                base.execute(f'DELETE FROM {table}')
        self._run = None
        self._waiting.clear()
        self._write(remove)

    def _begin(self, base: Connection, run: Run, text: bytes, folder: bytes) -> None:
        base.execute(f'INSERT OR IGNORE INTO dir(path) VALUES({TEXT})', (folder,))
        base.execute(f'INSERT INTO command(text, last, n) VALUES({TEXT}, 0, 1) '
                     'ON CONFLICT(text) DO UPDATE SET n = n + 1', (text,))
        base.execute(
            'INSERT INTO run(command, start, dir, session) VALUES('
            f'(SELECT id FROM command WHERE text = {TEXT}), ?, '
            f'(SELECT id FROM dir WHERE path = {TEXT}), ?)',
            (text, int(run.begun * 1e6), folder, self._session))
        run.row = base.execute('SELECT last_insert_rowid()').fetchone()[0]
        base.execute(f'UPDATE command SET last = ? WHERE text = {TEXT}', (run.row, text))

    # -- what is asked --------------------------------------------------------------------

    def newest(self, prefix: str, count: int) -> list[str]:
        """The newest commands that begin so, none of which was not found."""
        return [text for text, _ in self._page(prefix, f'{FOUND} AND', None, count)]

    def page(self, prefix: str, before: int | None, count: int) -> list[tuple[str, int]]:
        """The newest commands that begin so, each with its last run; of those whose last run
        was before the one given."""
        return self._page(prefix, '', before, count)

    def _page(self, prefix: str, condition: str, before: int | None, count: int,
              ) -> list[tuple[str, int]]:
        begin = encoded(prefix)
        bounds = (begin, begin + BEHIND)
        few = self._asked(f'SELECT count(*) FROM (SELECT 1 FROM command WHERE {WITH_PREFIX} '
                          f'LIMIT {FEW})', bounds)
        if not few:
            return []
        by = 'sqlite_autoindex_command_1' if few[0][0] < FEW else 'command_last'
        return self._asked(
            f'SELECT text, last FROM command INDEXED BY {by} WHERE {WITH_PREFIX} AND '
            f'{condition} last < ? ORDER BY last DESC LIMIT ?',
            (*bounds, _before(before), count))

    def search(self, words: list[str], folder: str | None, failed: bool, here: bool,
               before: int | None) -> tuple[list[Row], int | None]:
        """Look through a part of the commands, the newest first, for those with all these
        words, one without a capital in any case; gives them, and where the next part begins,
        None behind the last.

        With a folder, or `here`: those that ran in it, in this session, by their last run
        there; a command may then come again from a later part.  `failed` leaves out only what
        is known without that run.
        """
        with_words, values = _with_words(words)
        if folder is None and not here:
            first, following = self._part('command', 'last', '1', (), before, COMMANDS)
            rows = self._asked(
                f'{ROW}, c.last FROM command AS c LEFT JOIN run AS r ON r.id = c.last {DIR} '
                f'WHERE c.last < ? AND c.last >= ? AND {"c.status > 0 AND" * failed} '
                f'{with_words} ORDER BY c.last DESC LIMIT {FOUND_AT_ONCE}',
                (_before(before), first, *values))
        else:
            which, of = f'session = {self._session}' if here else '1', []
            if folder is not None:
                which += f' AND dir = (SELECT id FROM dir WHERE path = {TEXT})'
                of.append(encoded(folder))
            first, following = self._part('run', 'id', which, of, before, RUNS)
            rows = self._asked(
                f'{ROW}, p.id FROM (SELECT command, max(id) AS id FROM run WHERE {which} AND '
                'id < ? AND id >= ? GROUP BY command) AS p CROSS JOIN command AS c '
                f'ON c.id = p.command JOIN run AS r ON r.id = p.id {DIR} WHERE {with_words} '
                f'ORDER BY p.id DESC LIMIT {FOUND_AT_ONCE}',
                (*of, _before(before), first, *values))
        if len(rows) == FOUND_AT_ONCE:          # there may be more in this part
            following = rows[-1][-1]
        return [row[:-1] for row in rows], following

    def _part(self, table: str, place: str, which: str, of: Iterable[bytes],
              before: int | None, count: int) -> tuple[int, int | None]:
        """Where a part of so many rows of a table ends, and where the next one begins."""
        rows = self._asked(
            f'SELECT min({place}), count(*) FROM (SELECT {place} FROM {table} WHERE {which} '
            f'AND {place} < ? ORDER BY {place} DESC LIMIT {count})', (*of, _before(before)))
        first, found = rows[0] if rows else (None, 0)
        return first or 0, first if found == count else None

    def run_here(self, folder: str, count: int) -> list[tuple[str, int, int]]:
        """Of the newest runs in a directory: the commands, how often, the last status (0 where
        it is not known)."""
        return self._asked(
            'SELECT text, count(*), coalesce(command.status, 0) FROM (SELECT id, command FROM '
            f'run WHERE dir = (SELECT id FROM dir WHERE path = {TEXT}) ORDER BY id DESC LIMIT '
            f'?) AS r JOIN command ON command.id = r.command WHERE {FOUND} GROUP BY command.id '
            'ORDER BY max(r.id) DESC', (encoded(folder), count))

    def run_after(self, text: str, count: int) -> list[tuple[str, int, int]]:
        """What followed a command in its session, of its newest runs: as run_here."""
        return self._asked(
            'SELECT text, count(*), coalesce(c.status, 0) FROM (SELECT (SELECT command FROM '
            'run AS next WHERE next.session = r.session AND next.id > r.id ORDER BY next.id '
            f'LIMIT 1) AS command FROM run AS r WHERE r.command = (SELECT id FROM command '
            f'WHERE text = {TEXT}) ORDER BY r.id DESC LIMIT ?) AS f JOIN command AS c '
            'ON c.id = f.command WHERE coalesce(c.status, 0) NOT IN (126, 127) '
            'GROUP BY c.id ORDER BY c.last DESC', (encoded(text), count))

    def folders(self, count: int) -> list[tuple[str, int]]:
        """Where the newest commands ran, and how many of them; the most first."""
        return self._asked(
            'SELECT path, count(*) FROM (SELECT dir FROM run ORDER BY id DESC LIMIT ?) '
            'JOIN dir ON dir.id = dir GROUP BY dir ORDER BY count(*) DESC, max(dir) DESC',
            (count,))

    def of_session(self) -> list[tuple[str, str, int | None]]:
        """What this shell has run, in its order: command, directory, status (None while it
        runs)."""
        return self._asked(
            'SELECT text, path, run.status FROM run JOIN command ON command.id = run.command '
            'JOIN dir ON dir.id = run.dir WHERE session = ? ORDER BY run.id', (self._session,))

    # -- the file -------------------------------------------------------------------------

    def together(self, ask: Callable[[], None]) -> None:
        """Ask several questions by one connection; where there is trouble some of them may not
        be asked, or all of them twice."""
        def asking(base: Connection) -> None:
            self._base = base
            try:
                ask()
            finally:
                self._base = None
        self._settle_first()
        if self.is_there():
            self._tried(asking, FOR_A_KEY)

    def _asked(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        """The rows that a query gives; none where there is trouble."""
        if self._base is not None:
            return self._base.execute(query, values).fetchall()
        self._settle_first()
        if not self.is_there():
            return []
        return self._tried(lambda base: base.execute(query, values).fetchall(),
                           FOR_A_KEY) or []

    def _settle_first(self) -> None:
        """Have the answer know of what waits, unless that would be a second wait."""
        if not self._locked:
            self.settle()

    def _write(self, write: Write) -> None:
        """Write; behind what waits, and as soon as the database is not locked."""
        if self.given_up:
            return
        self._waiting.append(write)
        self._transact(FOR_A_KEY if self._told else PATIENCE)
        if self._waiting and not self._told:
            self._told, self._notice = True, 'locked: written as soon as it is not'

    def _transact(self, patience: float) -> None:
        """Write what waits in one transaction, all of it or nothing."""
        def transact(base: Connection) -> None:
            if posix.stat(self.path).st_size + MARGIN > largest():
                raise OSError(EFBIG, posix.strerror(EFBIG))     # it would be SIGXFSZ
            base.execute('PRAGMA journal_mode = TRUNCATE')
            base.execute('BEGIN IMMEDIATE')
            try:
                for write in self._waiting:
                    write(base)
                base.execute('COMMIT')
            except BaseException:
                if base.in_transaction:
                    base.execute('ROLLBACK')
                raise
            self._waiting.clear()
            self._told = False
        self._tried(transact, patience)

    def _tried(self, act: Callable[[Connection], Any], patience: float) -> Any:
        """What comes of it; None where there is trouble.  `patience`: seconds that another
        shell is waited for."""
        if self.given_up:
            return None
        try:
            from _sqlite3 import DatabaseError, Error, OperationalError
        except ImportError:
            self._give_up('this Python has no SQLite')
            return None
        for attempt in range(2):
            identity = 0, 0
            held: list[int] = []
            try:
                _hold_standard(held)
                self._make()
                identity = self._identity()
                base = self._open(patience)
                try:
                    found = act(base)
                finally:
                    base.close()
                self._locked = False
                return found
            except OperationalError as error:
                self._locked = 'locked' in str(error)
                if not self._locked:            # read-only, full: the file is sound
                    self._give_up(str(error))
                return None
            except DatabaseError as error:
                if attempt or not self._put_aside(identity):
                    self._give_up(str(error))
            except (Error, OSError, ValueError) as error:
                self._give_up(getattr(error, 'strerror', None) or str(error))
                return None
            finally:
                for fd in held:
                    close(fd)
        return None

    def _give_up(self, why: str) -> None:
        self.given_up = True
        self._notice = why
        self._waiting.clear()

    def _open(self, patience: float) -> Connection:
        """A connection, the tables being there.  Raises OSError, ValueError, Error."""
        from _sqlite3 import connect
        base: Connection = connect(encoded(self.path), patience, 0, None)
        try:
            base.text_factory = decoded
            base.execute('PRAGMA synchronous = OFF')
            version = base.execute('PRAGMA user_version').fetchone()[0]
            if version == 0:
                self._make_tables(base)
            elif version > VERSION:
                raise ValueError('made by a newer minishell')
        except BaseException:
            base.close()
            raise
        return base

    def _make_tables(self, base: Connection) -> None:
        """Make the tables, unless another shell has done so meanwhile."""
        base.execute('BEGIN IMMEDIATE')
        if base.execute('PRAGMA user_version').fetchone()[0] == 0:
            for statement in SCHEMA.split(';'):
                base.execute(statement)
            _add_older(base, self._older())
        base.execute('COMMIT')

    def _make(self) -> None:
        """Make the file, for nobody else to read.  Raises OSError."""
        try:
            check_regular(posix.stat(self.path))
        except FileNotFoundError:
            close(posix.open(self.path, posix.O_CREAT | posix.O_RDWR | posix.O_CLOEXEC, 0o600))

    def _identity(self) -> tuple[int, int]:
        """Which file it is.  Raises OSError."""
        found = posix.stat(self.path)
        return found.st_dev, found.st_ino

    def _put_aside(self, identity: tuple[int, int]) -> bool:
        """Keep a damaged file under another name; false if that cannot be.  Another shell may
        have done so, and begun a new one."""
        aside = f'{self.path}.damaged-{int(time())}'
        try:
            if self._identity() == identity:
                posix.rename(self.path, aside)
                self._notice = f'damaged; put aside as {aside.rpartition("/")[2]}'
        except OSError:
            return False
        return True


def _hold_standard(held: list[int]) -> None:
    """Open those of the descriptors 0 to 2 that are closed: SQLite would, and leave them.
    Raises OSError."""
    while (fd := posix.open('/dev/null', posix.O_RDWR | posix.O_CLOEXEC)) <= STANDARD_ERROR:
        held.append(fd)
    close(fd)


def _before(run: int | None) -> int:
    return LAST if run is None else run


def _with_words(words: list[str]) -> tuple[str, list[bytes]]:
    """The condition that a command has all words, and its values."""
    conditions, values = ['1'], []
    for word in words:
        whole = encoded(word)
        if word == word.lower():
            for special in (b'\\', b'%', b'_'):
                whole = whole.replace(special, b'\\' + special)
            conditions.append(f"c.text LIKE {TEXT} ESCAPE '\\'")
            values.append(b'%' + whole + b'%')
        else:
            conditions.append(f'instr(c.text, {TEXT})')
            values.append(whole)
    return ' AND '.join(conditions), values


def _add_older(base: Connection, texts: list[str]) -> None:
    first = min(base.execute('SELECT min(last) FROM command').fetchone()[0] or 0, 0)
    base.executemany(
        f'INSERT INTO command(last, text, n) VALUES(?, {TEXT}, 1) '
        'ON CONFLICT(text) DO UPDATE SET n = n + 1',
        ((first - 1 - index, encoded(text))
         for index, text in enumerate(reversed(texts)) if text.strip()))


def _end(base: Connection, run: int, status: int, duration: int) -> None:
    base.execute('UPDATE run SET status = ?, duration = ? WHERE id = ?',
                 (status, duration, run))
    base.execute('UPDATE command SET status = ? WHERE last = ?', (status, run))
