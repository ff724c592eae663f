"""The start image: the code of all modules in one file, beside their .pyc files.

Python finds, checks and reads modules one by one, 0.15 to 0.25 ms each.  From the image,
those that every start needs run one after the other, and a later import reads its part:
`minishell -c :` takes 16.7 ms this way, 19.5 without, and a bare Python 14.0.

The image is written by the first start that finds none, or one that does not hold: as with
.pyc files, a source file's time (here in nanoseconds) and size must be what they were.
This module's own code comes first in it: `__main__.py` runs that, and calls `load`.
"""
from __future__ import annotations

import marshal
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    # A module: name, file, its time in ns and size, whether it is a package
    Entry = tuple[str, str, int, int, bool]
    Later = tuple[Entry, int, int]      # and where its code is in the image: start, length

LENGTH = 8                              # bytes that say how long the index is


class Image:
    """What `load` has read, a finder of the modules that are imported later (PEP 302)."""

    def __init__(self, path: str, identity: tuple[int, int], later: dict[str, Later]) -> None:
        self.path = path
        self.identity = identity
        self.later = later

    def find_spec(self, name: str, path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's spec; None if the image has not got it, no longer holds for it, or
        has been replaced."""
        found = self.later.get(name)
        if found is None or not _holds(found[0]):
            return None
        entry, start, length = found
        try:
            fd = posix.open(self.path, posix.O_RDONLY | posix.O_CLOEXEC)
        except OSError:
            return None
        try:
            data = posix.pread(fd, length, start) if _identity(fd) == self.identity else None
        finally:
            posix.close(fd)
        spec = _spec(entry, self)
        spec.loader_state = data
        return spec if data is not None else None

    def create_module(self, spec: ModuleSpec) -> None:
        """Python's own way will do."""

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code."""
        spec = module.__spec__
        assert spec is not None and spec.origin is not None
        module.__file__ = spec.origin
        exec(marshal.loads(spec.loader_state), module.__dict__)
        spec.loader_state = None


def path_of(folder: str) -> str:
    """Where the image of the package in a folder is, for this Python."""
    return f'{folder}/__pycache__/image.{sys.hexversion:x}'


def load(folder: str, fd: int,
         index: tuple[CodeType, str, list[tuple[Entry, CodeType]], dict[str, Later]]) -> bool:
    """Put the modules of the image in place; whether it holds: if not, nothing is done."""
    _, where, first, later = index
    if where != folder or not all(_holds(entry) for entry, _ in first):
        return False
    modules = sys.modules
    image = Image(path_of(folder), _identity(fd), later)
    create = type(sys)
    for entry, code in first:
        name = entry[0]
        module = create(name)
        spec = _spec(entry, image)
        module.__dict__.update(__spec__=spec, __loader__=image, __file__=entry[1],
                               __package__=spec.parent)
        if entry[4]:
            module.__path__ = [entry[1].rpartition('/')[0]]
        modules[name] = module
        exec(code, module.__dict__)
        parent, _, last = name.rpartition('.')
        if parent:
            setattr(modules[parent], last, module)
    sys.meta_path.insert(0, image)
    return True


def _spec(entry: Entry, image: Image) -> ModuleSpec:
    spec = type(sys.__spec__)(entry[0], image, origin=entry[1], is_package=entry[4])  # type: ignore[arg-type]
    if entry[4]:
        spec.submodule_search_locations = [entry[1].rpartition('/')[0]]
    return spec


def _holds(entry: Entry) -> bool:
    try:
        found = posix.stat(entry[1])
    except OSError:
        return False
    return found.st_mtime_ns == entry[2] and found.st_size == entry[3]


def _identity(fd: int) -> tuple[int, int]:
    found = posix.fstat(fd)
    return found.st_ino, found.st_mtime_ns


# -- writing ------------------------------------------------------------------------------


class Recorder:
    """Notes in which order modules come to their ends when they are imported: run in that
    order, each finds those it imports."""

    def __init__(self) -> None:
        from importlib.machinery import PathFinder
        self.finder = PathFinder
        self.order: list[str] = ['__future__', str(__package__)]    # imported with us

    def find_spec(self, name: str, path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        """What Python finds, its loader watched."""
        spec = self.finder.find_spec(name, path, target)
        if spec is not None and hasattr(spec.loader, 'get_code'):
            run = spec.loader.exec_module       # type: ignore[union-attr]

            def exec_module(module: ModuleType) -> None:
                run(module)
                self.order.append(name)
            spec.loader.exec_module = exec_module       # type: ignore[union-attr, method-assign]
        return spec


def write_while_importing(folder: str) -> None:
    """Import what every start needs, and write an image; not where that can't be done."""
    recorder = Recorder()
    sys.meta_path.insert(0, recorder)
    try:
        import minishell.cli  # noqa: F401
    finally:
        sys.meta_path.remove(recorder)
    if not sys.dont_write_bytecode and posix.access(f'{folder}/__pycache__', posix.W_OK):
        _write(folder, recorder.order)


def _write(folder: str, order: list[str]) -> None:
    """Write an image that runs the modules named, in that order, and has the others of the
    package."""
    first = [part for name in order if (part := _part(name)) is not None]
    own = _part(__name__)
    if own is None:
        return
    others = [part for name in _modules(folder, str(__package__)) if name not in order
              and (part := _part(name)) is not None]
    later: dict[str, Later] = {entry[0]: (entry, 0, 0) for entry, _ in others}
    codes = [marshal.dumps(code) for _, code in others]
    while True:                         # until the offsets in the index fit its own length
        index = marshal.dumps((own[1], folder, first, later))
        start = LENGTH + len(index)
        placed: dict[str, Later] = {}
        for (entry, _), code in zip(others, codes, strict=True):
            placed[entry[0]] = (entry, start, len(code))
            start += len(code)
        if placed == later:
            break
        later = placed
    _put(path_of(folder), b''.join([len(index).to_bytes(LENGTH, 'little'), index, *codes]))


def _part(name: str) -> tuple[Entry, CodeType] | None:
    """A module's entry and its code; None if it can't be had."""
    from importlib.util import find_spec
    try:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            return None
        found = posix.stat(spec.origin)
        code: CodeType | None = spec.loader.get_code(name)      # type: ignore[union-attr]
    except (ImportError, OSError, AttributeError):
        return None
    if code is None:
        return None
    is_package = spec.submodule_search_locations is not None
    return (name, spec.origin, found.st_mtime_ns, found.st_size, is_package), code


def _modules(folder: str, package: str) -> list[str]:
    names = []
    for file in sorted(posix.listdir(folder)):
        if file.endswith('.py') and not file.startswith('__'):
            names.append(f'{package}.{file[:-3]}')
        elif '.' not in file and not file.startswith('__'):
            names.append(f'{package}.{file}')
            names.extend(_modules(f'{folder}/{file}', f'{package}.{file}'))
    return names


def _put(path: str, data: bytes) -> None:
    """Write a file so that others see nothing or all of it."""
    partial = f'{path}.{posix.getpid()}'
    try:
        fd = posix.open(partial, posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL
                        | posix.O_CLOEXEC, 0o666)
        try:
            whole = posix.write(fd, data) == len(data)
        finally:
            posix.close(fd)
        if whole:
            posix.rename(partial, path)
        else:
            posix.unlink(partial)
    except OSError:
        pass                            # a checkout that can't be written to: next time, too
