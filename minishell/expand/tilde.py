"""Tilde expansion (XCU 2.6.1): what stands for `~` and `~user`."""
from __future__ import annotations


def expand_tilde(user: str, home: str | None) -> str | None:
    """What `~user` expands to; None if it stays as it is (XCU 2.6.1).

    For an empty user that is home, the value of HOME; an unset HOME is left to the shell
    by the standard.
    """
    if not user:
        return home
    import pwd
    try:
        return pwd.getpwnam(user).pw_dir
    except (KeyError, ValueError):      # ValueError: not a name any system could hold
        return None
