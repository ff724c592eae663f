"""Pathname expansion (XCU 2.6.6, 2.14.3).

A pattern is taken apart at its slashes.  Components without special characters are never
listed, only tested, so that search permission is enough for them.  Whatever the file system
refuses does not match: no exception leaves this module.
"""
from __future__ import annotations

import posix

from minishell.codec import encoded
from minishell.expand.pattern import compile_pattern, has_magic, unquote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from minishell.expand.pattern import Pattern

    Component = tuple[str, Pattern | None, bool]


def expand_pathname(pattern: str, collate: Callable[[str], Any] | None = None,
                    bytewise: bool = False) -> list[str]:
    """The existing pathnames that match, sorted; [] if there is none (XCU 2.6.6).

    `.` and `..` are matched by no special character.  Without special characters the
    result is empty: there is nothing to expand.  collate is the sort key of a locale that
    does not sort by code point (see `collation`).  Characters are bytes if `bytewise`.
    """
    if '*' not in pattern and '?' not in pattern and ']' not in pattern:
        return []                       # the command `[`, most of the time
    components = _components(pattern)
    paths = [''] if components else []
    tested = True                       # what is in paths exists
    for text, special, deeper in components:
        if special is not None:
            matches = special.matches
            if bytewise:
                matches = byte_matches(text, matches)
            paths = _list_matches(paths, text, matches, deeper)
            tested = True
        else:
            paths = [path + text for path in paths]
            if text.strip('/'):         # slashes come after directories only
                tested = False
        if not paths:
            return []
    if not tested:
        paths = [path for path in paths if exists(path)]
    return sort_paths(paths, collate)


def collation(locale: str) -> Callable[[str], Any] | None:
    """The sort key of a locale, None for code point order; changes LC_COLLATE (XBD 7.3.2)."""
    if locale.partition('.')[0] in ('', 'C', 'POSIX'):
        return None
    import _locale
    try:
        _locale.setlocale(_locale.LC_COLLATE, locale)
    except (_locale.Error, ValueError):  # type: ignore[attr-defined]   # unknown: like C
        return None

    def key(path: str) -> tuple[str, str]:
        return _locale.strxfrm(path), path      # what compares equal still has an order
    return key


# -- patterns ---------------------------------------------------------------------------


def _components(pattern: str) -> list[Component]:
    """The pattern as (text, special, deeper); [] if there is nothing special in it.

    Components without special characters are joined, slashes and all, and have no pattern
    in `special`.  `deeper` says that only directories can match.
    """
    components: list[Component] = []
    literal = ''
    found = False
    pieces = pattern.split('/')
    for index, piece in enumerate(pieces):
        deeper = index < len(pieces) - 1
        if deeper:
            piece = quoted_slash(piece)
        special = compile_pattern(piece) if has_magic(piece) else None
        if special is None or special.literal is not None:
            literal += unquote(piece)
        else:
            if literal:
                components.append((literal, None, False))
                literal = ''
            components.append((piece, special, deeper))
            found = True
        if deeper:
            literal += '/'
    if literal:
        components.append((literal, None, False))
    return components if found else []


def quoted_slash(piece: str) -> str:
    """What is before a slash, without the backslash that quotes it: it is one all the same."""
    return piece[:-1] if (len(piece) - len(piece.rstrip('\\'))) % 2 else piece


# -- the file system ----------------------------------------------------------------------


def byte_matches(pattern: str, matches: Callable[[str], bool]) -> Callable[[str], bool]:
    """What says whether a name matches where each byte of it is a character, as in the C
    locale; of an ASCII name `matches` says it."""
    from minishell.expand.characters import matches as match_bytes
    return lambda name: matches(name) if name.isascii() else match_bytes(pattern, name)


def _list_matches(folders: list[str], text: str, matches: Callable[[str], bool],
                  deeper: bool) -> list[str]:
    """The entries of each folder that match one component."""
    hidden = text.startswith(('.', '\\.'))      # only a literal period matches a period
    found: list[str] = []
    for folder in folders:
        try:
            if deeper:
                names = list_folders(folder)
            else:
                names = posix.listdir(folder or '.')
        except (OSError, ValueError):           # ValueError: not a pathname at all
            continue
        if not hidden:
            names = [name for name in names if name[0] != '.']
        found += [folder + name for name in names if matches(name)]
    return found


def list_folders(path: str) -> list[str]:
    """The entries that are directories or symbolic links to one."""
    names: list[str] = []
    with posix.scandir(path or '.') as entries:
        for entry in entries:
            try:
                if entry.is_dir():
                    names.append(entry.name)
            except OSError:                     # a link in a circle, for example
                pass
    return names


def exists(path: str) -> bool:
    """Whether there is something of this name, be it a link to nothing."""
    try:
        posix.lstat(path)
    except (OSError, ValueError):
        return False
    return True


def sort_paths(paths: list[str], collate: Callable[[str], Any] | None) -> list[str]:
    """In the order of the locale; by bytes where names are not UTF-8."""
    if collate is None and not '\n'.join(paths).isascii():
        paths.sort(key=encoded)
    else:
        paths.sort(key=collate)
    return paths
