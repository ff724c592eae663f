"""Tilde expansion (XCU 2.6.1): what stands for `~` and `~user`."""
from __future__ import annotations

import posix


def expand_tilde(user: str, home: str | None) -> str | None:
    """What `~user` expands to; None if it stays as it is (XCU 2.6.1).

    For an empty user that is home, the value of HOME; if that is not set, as the standard
    leaves open, the user's directory in the list of users, as in bash: / for one who is in
    none.
    """
    if not user and home is not None:
        return home
    import pwd
    try:
        return (pwd.getpwnam(user) if user else pwd.getpwuid(posix.getuid())).pw_dir
    except (KeyError, ValueError):      # ValueError: not a name any system could hold
        return None if user else '/'
