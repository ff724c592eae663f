"""The start image: the code of all modules in one file, beside their .pyc files.

Python finds, checks and reads modules one by one, 0.15 to 0.25 ms each.  From the image,
those that every start needs run one after the other, and a later import reads its part; all
are without what only readers and checkers of the source want (`_lean`):
`minishell -c :` takes 16.7 ms this way, 19.5 without, and a bare Python 14.0.

The image is written by the first start that finds none, or one that does not hold: as with
.pyc files, a source file's time (here in nanoseconds) and size must be what they were.
A disk that was full, or lost its power, may have left anything in it: each part has a
checksum (0.05 ms for what every start needs).

    offset  bytes   what
    0       8       the length of the index
    8       8       the checksum of the index; its key is that of the size and the time of this
                    file, image.py, and the size of the image
    16              the index: this module's own code comes first, which `__main__.py` runs to
                    call `load`; then the modules that every start needs
                    the other modules, one after the other
"""
import marshal
import posix
import sys
from _imp import source_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    # A module: name, file, its time in ns and size, whether it is a package
    Entry = tuple[str, str, int, int, bool]
    # and where its code is in the image: start, length, and its checksum
    Later = tuple[Entry, int, int, bytes]

HEAD = 16                               # bytes before the index
# What every start imports, with what these import: some of it late, or by its name.
NEEDED = ('minishell.cli', 'minishell.compile.simple', 'minishell.run.ending')
OTHERS_MAY_WRITE = 0o022
DIRECTORY, LINK, FORMAT = 0o040000, 0o120000, 0o170000
STALE = 60              # seconds after which a file that is not whole has no writer any more


class Image:
    """What `load` has read, a finder of the modules that are imported later (PEP 302)."""

    def __init__(self, path: str, identity: tuple[int, int], later: 'dict[str, Later]') -> None:
        self.path = path
        self.identity = identity
        self.later = later

    def find_spec(self, name: str, path: 'Sequence[str] | None' = None,
                  target: 'ModuleType | None' = None) -> 'ModuleSpec | None':
        """The module's spec; None if the image has not got it, no longer holds for it, or
        has been replaced."""
        found = self.later.get(name)
        if found is None:
            return None
        entry, start, length, checksum = found
        try:
            fd = posix.open(self.path, posix.O_RDONLY | posix.O_CLOEXEC | posix.O_NONBLOCK)
        except OSError:
            return None
        try:
            if _identity(fd) != self.identity:
                return None
            data = posix.pread(fd, length, start)
            if not _is_as(posix.stat(entry[1]), entry) or source_hash(0, data) != checksum:
                posix.unlink(self.path)         # the next start makes another
                return None
        except OSError:
            return None
        finally:
            posix.closerange(fd, fd + 1)
        spec = spec_of(entry, self)
        spec.loader_state = data
        return spec

    def create_module(self, spec: 'ModuleSpec') -> None:
        """Python's own way will do."""

    def exec_module(self, module: 'ModuleType') -> None:
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
         index: 'tuple[CodeType, str, list[tuple[Entry, CodeType]], dict[str, Later]]') -> bool:
    """Put the modules of the image in place; whether it holds: if not, nothing is done."""
    _, where, first, later = index
    if where != folder or not all(holds(entry) for entry, _ in first):
        return False
    modules = sys.modules
    image = Image(path_of(folder), _identity(fd), later)
    create = type(sys)
    for entry, code in first:
        name = entry[0]
        module = create(name)
        spec = spec_of(entry, image)
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


def spec_of(entry: 'Entry', image: Image) -> 'ModuleSpec':
    """The spec of a module that a finder has."""
    spec = type(sys.__spec__)(entry[0], image, origin=entry[1], is_package=entry[4])  # type: ignore[arg-type]
    if entry[4]:
        spec.submodule_search_locations = [entry[1].rpartition('/')[0]]
    return spec


def holds(entry: 'Entry') -> bool:
    """Whether a module's source is what it was."""
    try:
        return _is_as(posix.stat(entry[1]), entry)
    except OSError:
        return False


def _is_as(found: 'posix.stat_result', entry: 'Entry') -> bool:
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
        self.order: list[str] = [str(__package__)]     # imported with us

    def find_spec(self, name: str, path: 'Sequence[str] | None' = None,
                  target: 'ModuleType | None' = None) -> 'ModuleSpec | None':
        """What Python finds, its loader watched."""
        spec = self.finder.find_spec(name, path, target)
        if spec is not None and hasattr(spec.loader, 'get_code'):
            run = spec.loader.exec_module       # type: ignore[union-attr]

            def exec_module(module: 'ModuleType') -> None:
                run(module)
                self.order.append(name)
            spec.loader.exec_module = exec_module       # type: ignore[union-attr, method-assign]
        return spec


def write_while_importing(folder: str) -> None:
    """Import what every start needs, and write an image; not where that can't be done, or
    the package is not ours: root would leave files that its owner could not remove."""
    found = _found(folder)
    umask = posix.umask(0o022)          # nobody else may write what is written here
    posix.umask(umask | 0o022)
    ours = posix.stat(folder).st_uid == posix.geteuid()
    import resource
    # Under `ulimit -f` Python would leave half of what it writes.
    sys.dont_write_bytecode |= not ours or resource.getrlimit(
        resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY
    if False not in [_mend(f'{path}/__pycache__', ours) for path in _folders(folder)]:
        sys.pycache_prefix = None
    recorder = Recorder()
    sys.meta_path.insert(0, recorder)
    try:
        for name in NEEDED:
            __import__(name)
    finally:
        sys.meta_path.remove(recorder)
    if not sys.dont_write_bytecode and _found(folder) == found:
        _write(folder, recorder.order)  # no other first start has been faster
    posix.umask(umask)


def _found(folder: str) -> tuple[int, int] | None:
    """What image is there."""
    try:
        found = posix.stat(path_of(folder))
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _folders(folder: str) -> list[str]:
    names = [name for name in posix.listdir(folder) if '.' not in name and name[:1] != '_']
    return [folder, *[f'{folder}/{name}' for name in names]]


def _mend(cache: str, ours: bool) -> bool:
    """Whether nobody else may write to a folder where Python keeps its files; what others may
    have written to one of ours by now is removed.  Python itself does not look."""
    try:
        found = posix.lstat(cache)
        if is_safe(found):
            return True
        if not ours or found.st_uid != posix.geteuid() or found.st_mode & FORMAT != DIRECTORY:
            return False
        posix.chmod(cache, found.st_mode & 0o755)
        for name in posix.listdir(cache):
            if not is_safe(posix.lstat(f'{cache}/{name}')):
                posix.unlink(f'{cache}/{name}')
    except OSError as error:
        return isinstance(error, FileNotFoundError)
    return True


def is_safe(found: 'posix.stat_result') -> bool:
    """Whether nobody but root and who runs may write to a file or folder."""
    return not found.st_mode & OTHERS_MAY_WRITE and found.st_uid in (0, posix.geteuid()) \
        and found.st_mode & FORMAT != LINK


def _write(folder: str, order: list[str]) -> None:
    """Write an image that runs the modules named, in that order, and has the others of the
    package."""
    order = [name for name in order if name != '__future__']        # nothing in it imports that
    first = [part for name in order if (part := part_of(name)) is not None]
    own = part_of(__name__)
    if own is None:
        return
    others = [part for name in _modules(folder, str(__package__)) if name not in order
              and (part := part_of(name)) is not None]
    later: dict[str, Later] = {entry[0]: (entry, 0, 0, b'') for entry, _ in others}
    codes = [marshal.dumps(code) for _, code in others]
    while True:                         # until the offsets in the index fit its own length
        index = marshal.dumps((own[1], folder, first, later))
        start = HEAD + len(index)
        placed: dict[str, Later] = {}
        for (entry, _), code in zip(others, codes, strict=True):
            placed[entry[0]] = (entry, start, len(code), source_hash(0, code))
            start += len(code)
        if placed == later:
            break
        later = placed
    length = len(index)
    stamp = source_hash(length, b'%d %d %d' % (own[0][3], own[0][2], start))
    checksum = source_hash(int.from_bytes(stamp, 'little', signed=True), index)
    put(path_of(folder), b''.join([length.to_bytes(8, 'little'), checksum, index, *codes]))


def part_of(name: str, lean: bool = True) -> 'tuple[Entry, CodeType] | None':
    """A module's entry and its code; None if it can't be had.  The modules of others may look
    at their own annotations: they are not to be `lean`."""
    from importlib.util import find_spec
    try:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            return None
        found = posix.stat(spec.origin)
        if lean:
            text: str | None = spec.loader.get_source(name)     # type: ignore[union-attr]
            code = None if text is None else _lean(text, spec.origin)
        else:
            code = spec.loader.get_code(name)       # type: ignore[union-attr]
    except (ImportError, OSError, AttributeError, SyntaxError):
        return None
    if code is None:
        return None
    is_package = spec.submodule_search_locations is not None
    return (name, spec.origin, found.st_mtime_ns, found.st_size, is_package), code


def _lean(text: str, path: str) -> 'CodeType':
    """The code of a module without annotations, docstrings and assertions, an eighth of what
    a start would load."""
    from ast import parse
    tree = parse(text)
    _drop_annotations(tree.body)
    tree.body = [node for node in tree.body     # nothing else of it is used
                 if getattr(node, 'module', None) != '__future__']
    code: CodeType = compile(tree, path, 'exec', dont_inherit=True, optimize=2)
    return code


def _drop_annotations(body: 'list[ast.stmt]') -> None:
    import ast
    for index, node in enumerate(body):
        if isinstance(node, ast.AnnAssign):
            body[index] = ast.copy_location(
                ast.Assign([node.target], node.value) if node.value else ast.Pass(), node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
            given = node.args
            for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs,
                        *filter(None, (given.vararg, given.kwarg))):
                arg.annotation = None
        for name in ('body', 'orelse', 'handlers', 'finalbody', 'cases'):
            _drop_annotations(getattr(node, name, []))


def _modules(folder: str, package: str) -> list[str]:
    names = []
    for file in sorted(posix.listdir(folder)):
        if file.endswith('.py') and not file.startswith('__'):
            names.append(f'{package}.{file[:-3]}')
        elif '.' not in file and not file.startswith('__'):
            names.append(f'{package}.{file}')
            names.extend(_modules(f'{folder}/{file}', f'{package}.{file}'))
    return names


def put(path: str, data: bytes) -> None:
    """Write a file so that others see nothing or all of it, and nobody else may write it."""
    partial = f'{path}.{posix.getpid()}'
    try:
        _remove_stale(path)
        fd = posix.open(partial, posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL
                        | posix.O_CLOEXEC, 0o644)
    except OSError:
        return                          # a checkout that can't be written to: next time, too
    try:
        try:
            done = posix.write(fd, data)
        finally:
            posix.close(fd)
        if done == len(data):
            posix.rename(partial, path)
            return
    except OSError:
        pass                            # no room
    try:
        posix.unlink(partial)
    except OSError:
        pass


def _remove_stale(path: str) -> None:
    """Remove what writers left that were killed.  Raises OSError."""
    from time import time
    folder, _, image = path.rpartition('/')
    for name in posix.listdir(folder):
        start, _, pid = name.rpartition('.')
        if start == image and pid.isdecimal():
            found = posix.lstat(f'{folder}/{name}')
            if is_safe(found) and found.st_mtime < time() - STALE:
                posix.unlink(f'{folder}/{name}')
