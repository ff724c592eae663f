"""posix_ipc and sysv_ipc: imported by the first utility that needs them, and their errors."""
from __future__ import annotations

from errno import EACCES, EEXIST, EINVAL, EMFILE, ENFILE, ENOENT
from typing import Any

from minishell.errors import BuiltinError
from minishell.system.packages import package


def library(name: str) -> Any:
    """A package of the extra `course`.  Raises BuiltinError where it is not installed."""
    try:
        return package(name)
    except ImportError:
        raise BuiltinError(f'{name} is not installed: pip install {name}', 2) from None


class posix_errors:     # noqa: N801 - used as a statement
    """A block in which the errors of posix_ipc are those of the system: BlockingIOError where a
    call would wait or has waited long enough, InterruptedError, OSError."""

    def __init__(self, ipc: Any) -> None:
        self._ipc = ipc

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        ipc = self._ipc
        if isinstance(error, ValueError | OverflowError):
            raise OSError(EINVAL, '') from None
        if isinstance(error, OSError) and error.errno is None:      # it has words only
            raise OSError(ENFILE if 'system' in str(error) else EMFILE, str(error)) from None
        if not isinstance(error, ipc.Error):
            return
        if isinstance(error, ipc.BusyError):
            raise BlockingIOError from None
        if isinstance(error, ipc.SignalError):
            raise InterruptedError from None
        if isinstance(error, ipc.ExistentialError):
            exists = 'already' in str(error)
            raise OSError(EEXIST if exists else ENOENT, str(error)) from None
        if isinstance(error, ipc.PermissionsError):
            raise PermissionError(EACCES, str(error)) from None
        raise BuiltinError(str(error), 2) from None
