"""prompt_toolkit: found where it is installed, and imported fast.

Python would find, check and read 340 modules one by one, its asyncio among them.  They are
kept in one file beside our own start image (image.py), under the same rules: whoever may write
it decides what every prompt does, so nobody may but root and who runs; a source file's time
and size must be what they were; a checksum covers the rest.  The first prompt writes it.

    offset  bytes   what
    0       8       the checksum of what follows
    8               {name: (entry, code)}, by marshal
"""
from __future__ import annotations

import gc
import marshal
import posix
import sys
from _imp import source_hash

from minishell.image import Image, holds, is_safe, part_of, path_of, put, spec_of
from minishell.system.descriptors import close
from minishell.system.packages import make_known, packages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import TypeVar

    from minishell.image import Entry

    T = TypeVar('T')
    Modules = dict[str, tuple[Entry, bytes]]

HEAD = 8
# Packages of which only modules are needed: their own code would import everything else.
BARE = ('prompt_toolkit', 'prompt_toolkit.shortcuts', 'prompt_toolkit.widgets')
SSL = 'ssl'             # asyncio asks for it, and goes on without: 15 ms


class Library(Image):
    """A finder of modules whose code is in memory (PEP 302)."""

    def __init__(self, modules: Modules) -> None:
        super().__init__('', (0, 0), {})
        self._modules = modules
        self.stale = not modules

    def find_spec(self, name: str, path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's spec; None if its source is not what it was."""
        found = self._modules.get(name)
        if found is None:
            return None
        if not holds(found[0]):
            self.stale = True
            return None
        spec = spec_of(found[0], self)
        spec.loader_state = found[1]
        return spec


def importing(load: Callable[[], T]) -> T:
    """What `load` gives, which imports prompt_toolkit.  Raises ImportError."""
    folder = packages()
    make_known()
    before = set(sys.modules)
    finder = Library(_read())
    sys.meta_path.insert(0, finder)
    collects = gc.isenabled()
    gc.disable()                        # nothing that is loaded is garbage
    try:
        loaded = _without_the_rest(folder, load)
    except ImportError:                 # of a version that wants what we left out, perhaps
        for name in set(sys.modules) - before:
            del sys.modules[name]
        loaded = load()
    finally:
        sys.meta_path.remove(finder)
        if collects:
            gc.enable()
    if finder.stale:
        _keep(sorted(set(sys.modules) - before))
    return loaded


def _without_the_rest(folder: str, load: Callable[[], T]) -> T:
    left_out = {name for name in (SSL, *BARE) if name not in sys.modules}
    create = type(sys)
    for name in left_out - {SSL}:
        module = sys.modules[name] = create(name)
        module.__path__ = [f'{folder}/{name.replace(".", "/")}']
    if SSL in left_out:
        sys.modules[SSL] = None         # type: ignore[assignment]
    try:
        return load()
    finally:
        if SSL in left_out:
            del sys.modules[SSL]        # scripts of Python's may want it


def _is_others(name: str) -> bool:
    """Whether a module is not ours, and its code is in a file."""
    spec = getattr(sys.modules[name], '__spec__', None)     # typing.io has none
    return name.partition('.')[0] != 'minishell' and spec is not None \
        and spec.origin not in (None, 'frozen', 'built-in')


def _path() -> str:
    folder = str(__file__).rpartition('/')[0].rpartition('/')[0]
    return path_of(folder).replace('/image.', '/editor.')


def _read() -> Modules:
    """The modules that are kept; none where the file is not there, or not to be believed."""
    path = _path()
    try:
        kept = posix.stat(path.rpartition('/')[0])
        fd = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC | posix.O_NOFOLLOW
                        | posix.O_NONBLOCK)
        try:
            found = posix.fstat(fd)
            if not is_safe(kept) or not is_safe(found):
                return {}
            checksum = posix.read(fd, HEAD)
            data = posix.read(fd, found.st_size)
        finally:
            close(fd)
    except OSError:
        return {}
    if source_hash(HEAD + len(data), data) != checksum:
        return {}
    modules: Modules = marshal.loads(data)
    return modules


def _keep(names: list[str]) -> None:
    """Keep the modules of these names; not where nobody's files are to be left.  A file that
    does not hold is removed: the next prompt writes another."""
    if sys.dont_write_bytecode or sys.pycache_prefix is not None:
        return
    try:
        posix.unlink(_path())
        return
    except OSError:
        pass                            # there is none
    modules: Modules = {}
    for name in names:
        part = part_of(name, lean=False) if _is_others(name) else None
        if part is not None:
            modules[name] = part[0], marshal.dumps(part[1])
    data = marshal.dumps(modules)
    umask = posix.umask(0o022)
    posix.umask(umask | 0o022)
    put(_path(), source_hash(HEAD + len(data), data) + data)
    posix.umask(umask)
