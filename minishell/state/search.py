"""Command search (XCU 2.9.1.4): from a name to the file that is executed."""
from __future__ import annotations

import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.variables import Variables

REGULAR, DIRECTORY_TYPE, FORMAT = 0o100000, 0o040000, 0o170000  # S_IFREG S_IFDIR S_IFMT
DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
STANDARD_PATH = '/bin:/usr/bin:/usr/sbin:/sbin'     # finds all standard utilities


def is_executable(path: str) -> bool:
    """Whether path is a regular file this process may execute."""
    return _is_file(path) and _may_execute(path)


class Search:
    """PATH look-ups, and the files remembered from them (`hash`)."""

    __slots__ = ('hashed', 'hits', 'remembers', '_variables', '_folders')

    def __init__(self, variables: Variables) -> None:
        self.hashed: dict[str, str] = {}
        self.hits: dict[str, int] = {}
        self.remembers = True           # set -h
        self._variables = variables
        self._folders: list[str] | None = None
        variables.hook('PATH', self._path_changed)

    def _path_changed(self, value: str | None) -> None:
        self._folders = None
        self.forget()

    def forget(self) -> None:
        """Forget all remembered files (`hash -r`)."""
        self.hashed.clear()
        self.hits.clear()

    def forget_relative(self) -> None:
        """Forget what depended on the working directory (`cd`)."""
        for name in [name for name, path in self.hashed.items() if path[0] != '/']:
            del self.hashed[name]

    def folders(self) -> list[str]:
        """The directories of PATH, '' for the current one."""
        if self._folders is None:
            path = self._variables.get('PATH')
            self._folders = path.split(':') if path is not None else []
        return self._folders

    def find(self, name: str) -> str | None:
        """The file to execute for a name without a slash; remembered from now on."""
        if not self.remembers:
            return self.look(name)
        path = self.hashed.get(name)
        if path is not None:
            self.hits[name] += 1
            return path
        path = self.look(name)
        if path is not None:
            self.hashed[name] = path
            self.hits[name] = 1
        return path

    def has_moved(self, name: str, path: str) -> bool:
        """Whether a remembered file is elsewhere by now, or nowhere; what is still there may
        lack its interpreter."""
        if self.hashed.get(name) != path or is_executable(path):
            return False
        del self.hashed[name]
        return True

    def look(self, name: str, folders: list[str] | None = None) -> str | None:
        """The path of a utility, not remembered; one that is not executable only if there is
        no other (executing it then fails with 126).  None if there is none."""
        if not name:
            return None
        unusable = None
        for folder in self.folders() if folders is None else folders:
            path = f'{folder}/{name}' if folder else f'./{name}'
            if self.ignores(path):
                continue
            if _is_file(path):
                if _may_execute(path):
                    return path
                unusable = unusable or path
        return unusable

    def ignores(self, path: str) -> bool:
        """Whether a pattern of EXECIGNORE has a file not looked at, as in bash."""
        patterns = self._variables.values.get('EXECIGNORE')
        if not patterns:
            return False
        from minishell.expand.pattern import compile_pattern
        return any(compile_pattern(pattern).matches(path)
                   for pattern in patterns.split(':') if pattern)


def _is_file(path: str) -> bool:
    try:
        return posix.access(path, posix.F_OK, effective_ids=True) \
            and posix.stat(path).st_mode & FORMAT == REGULAR     # which raises
    except (OSError, ValueError):
        return False


def _may_execute(path: str) -> bool:
    try:
        return posix.access(path, posix.X_OK, effective_ids=True)
    except OSError:
        return False
