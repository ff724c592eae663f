"""A shell one of whose system calls fails: failing.py FUNCTION N ERROR LOG ROOT SCRIPT

The N-th call of that function of the modules posix or fcntl has the error, in the shell or
the children it forks; with N 0 none has, and the calls are counted into the file LOG.
`close` fails as the kernel's does: the descriptor is closed all the same.
"""
from __future__ import annotations

import errno
import fcntl
import posix
import sys

real_open, real_write, real_close = posix.open, posix.write, posix.close


def main(name: str, number: int, code: int, log: str, root: str, script: str) -> None:
    """Replace the function, then start the shell."""
    module = fcntl if name == 'fcntl' else posix
    real = getattr(module, name)
    armed = False
    calls = 0

    def failing(*args: object, **options: object) -> object:
        nonlocal calls
        if not armed:
            return real(*args, **options)
        calls += 1
        if number == 0:
            fd = real_open(log, posix.O_WRONLY | posix.O_APPEND | posix.O_CREAT, 0o600)
            real_write(fd, b'.')
            real_close(fd)
        elif calls == number:
            if name == 'close':
                real(*args)
            raise OSError(code, posix.strerror(code))
        return real(*args, **options)
    setattr(module, name, failing)
    sys.path.insert(0, root)
    from minishell.cli import main
    armed = True
    main(['minishell', '-c', script])


main(sys.argv[1], int(sys.argv[2]), getattr(errno, sys.argv[3]), *sys.argv[4:])
