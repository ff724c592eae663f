"""Times in words, in the time zone of TZ as children of the shell see it."""
from __future__ import annotations

import posix

from minishell.codec import encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def formatted(shell: Shell, form: str, stamp: float | None = None) -> str:
    """A time in seconds since the Epoch, by default now, as strftime has it; empty if there is
    no such time."""
    import time
    zone = shell.variables.environment().get('TZ')
    if zone is None:
        posix.unsetenv(b'TZ')
    else:
        posix.putenv(b'TZ', encoded(zone))
    time.tzset()
    try:
        return time.strftime(form, time.localtime(stamp))
    except (OverflowError, OSError, ValueError):
        return ''
