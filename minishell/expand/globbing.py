"""Pathname expansion with the options of bash: nullglob and the like, and GLOBIGNORE.

A path of directories ends in a slash, so that what comes next is put behind it.
"""
from __future__ import annotations

import posix

from minishell.errors import NoMatchError
from minishell.expand.groups import GroupPattern, compile_groups
from minishell.expand.pathname import (
    byte_matches,
    exists,
    list_folders,
    quoted_slash,
    sort_paths,
)
from minishell.expand.pattern import Pattern, compile_pattern, has_magic, unquote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Matches = Callable[[str], bool]

# The options of `shopt` that are looked at here.
OPTIONS = frozenset(('dotglob', 'extglob', 'failglob', 'globstar', 'nocaseglob', 'nullglob'))
ALL_DOTS = 'all dots'               # `shopt -u globskipdots`: .* matches . and ..


def expand_specially(pattern: str, options: frozenset[str], ignored: str,
                     collate: Callable[[str], Any] | None, bytewise: bool,
                     ) -> list[str] | None:
    """The existing pathnames that match, sorted; None where the word stays as it is.
    `ignored`: GLOBIGNORE.  Raises NoMatchError (failglob)."""
    found = _Finder(options, bool(ignored), bytewise).find(pattern)
    if found is None:
        return None
    if ignored:
        unwanted = [_path_matcher(each, options, bytewise) for each in _listed(ignored)]
        found = [path for path in found if path.rpartition('/')[2] not in ('.', '..')
                 and not any(matches(path) for matches in unwanted)]
    if not found and 'failglob' in options:
        raise NoMatchError(f'no match: {unquote(pattern)}')
    return sort_paths(found, collate) if found or 'nullglob' in options else None


def _matcher(pattern: str, options: frozenset[str], bytewise: bool, names: bool) -> Matches:
    """`names`: those that begin with a period are not matched by others."""
    groups = 'extglob' in options
    folded = 'nocaseglob' in options
    compiled = (compile_groups if groups else compile_pattern)(
        pattern.lower() if folded else pattern)
    matches = compiled.matches
    if names and isinstance(compiled, GroupPattern):
        matches = compiled.matches_name
    if folded:
        return lambda text: matches(text.lower())
    return byte_matches(pattern, matches) if bytewise and not groups else matches


def _path_matcher(pattern: str, options: frozenset[str], bytewise: bool) -> Matches:
    """Matches pathnames as pathname expansion does: only a slash is a slash; but a `*` at the
    end stands for all that follows, as in bash."""
    if '(' in pattern and 'extglob' in options:         # slashes may be in groups
        return _matcher(pattern, options, bytewise, False)
    pieces = [_matcher(quoted_slash(piece), options, bytewise, False)
              for piece in pattern.split('/')]
    deeper = pattern[-1:] == '*' and pattern[-2:] != '\\*'

    def matches(path: str) -> bool:
        names = path.split('/')
        if deeper:
            names = names[:len(pieces)]
        return len(names) == len(pieces) and all(
            piece(name) for piece, name in zip(pieces, names, strict=True))
    return matches


def _listed(ignored: str) -> list[str]:
    """The patterns of GLOBIGNORE: between colons, but those in brackets or quoted."""
    patterns, start, pos = [], 0, 0
    while pos < len(ignored):
        c = ignored[pos]
        if c == '\\':
            pos += 1
        elif c == '[':
            close = ignored.find(']', pos + 2)
            pos = ignored.find(']', close + 1) if ignored.startswith('[:', pos + 1) and \
                ignored.startswith(':]', close - 1) and ignored.find(']', close + 1) > 0 \
                else max(close, pos)
        elif c == ':':
            patterns.append(ignored[start:pos])
            start = pos + 1
        pos += 1
    return [pattern for pattern in (*patterns, ignored[start:]) if pattern]


class _Finder:
    """One pathname expansion."""

    def __init__(self, options: frozenset[str], hidden: bool, bytewise: bool) -> None:
        self.options = options
        self.hidden = hidden or 'dotglob' in options    # names that begin with a period count
        self.bytewise = bytewise

    def find(self, pattern: str) -> list[str] | None:
        """The pathnames, in no order; None if nothing is special."""
        paths = ['']
        special = False
        tested = True                   # what is in paths exists
        pieces = pattern.split('/')
        for index, piece in enumerate(pieces):
            last = index == len(pieces) - 1
            if not last:
                piece = quoted_slash(piece)
            end = '' if last else '/'
            compiled = self.special(piece)
            if compiled is None:
                literal = unquote(piece)
                paths = [path + literal + end for path in paths]
                tested = tested and not literal
                continue
            if piece == '**' and 'globstar' in self.options:
                if not last and pieces[index + 1] == '**':      # as if there were one
                    special = True
                    continue
                paths = self.all_below(paths, pieces[index + 1:], special)
            else:
                matches = _matcher(piece, self.options, self.bytewise, not self.hidden)
                paths = [path + name + end for path in paths
                         for name in self.names(path, piece, not last) if matches(name)]
            special = tested = True
            if not paths:
                break
        if not special:
            return None
        if not tested:
            paths = [path for path in paths if exists(path)]
        return [path for path in paths if path]

    def special(self, piece: str) -> Pattern | GroupPattern | None:
        """The pattern of a component that is none for itself alone."""
        groups = 'extglob' in self.options
        compiled = (compile_groups if groups else compile_pattern)(piece) \
            if has_magic(piece) or groups and '(' in piece else None
        return None if compiled is None or compiled.literal is not None else compiled

    def names(self, path: str, piece: str, deeper: bool) -> list[str]:
        """The entries of a directory that a component may match."""
        try:
            names = list_folders(path) if deeper else posix.listdir(path or '.')
        except (OSError, ValueError):
            return []
        period = piece.startswith(('.', '\\.'))
        groups = 'extglob' in self.options and '(' in piece     # they look at periods
        if not self.hidden and not period and not groups:
            return [name for name in names if name[0] != '.']
        return ['.', '..', *names] if period and ALL_DOTS in self.options else names

    def all_below(self, paths: list[str], behind: list[str], special: bool) -> list[str]:
        """What `**` stands for: the paths and all directories below them, or, if nothing is
        `behind`, all that is there."""
        found = []
        for path in paths:
            if not path or exists(path):        # with a slash it is a directory
                found.append(path if behind or not special else path.rstrip('/'))
                found += self.below(path, not behind, behind == [''])
        return found

    def below(self, path: str, files: bool, links: bool) -> list[str]:
        """All directories below one, with a slash, or all that is there; those that links
        name only if asked for, and not what is in them."""
        found: list[str] = []
        left = [path]
        while left:
            folder = left.pop()
            try:
                with posix.scandir(folder or '.') as entries:
                    for entry in entries:
                        if entry.name[0] == '.' and not self.hidden:
                            continue
                        if entry.is_dir(follow_symlinks=False):
                            left.append(f'{folder}{entry.name}/')
                            found.append(folder + entry.name + ('' if files else '/'))
                        elif links and entry.is_dir():
                            found.append(f'{folder}{entry.name}/')
                        elif files:
                            found.append(folder + entry.name)
            except (OSError, ValueError):
                continue
        return found
