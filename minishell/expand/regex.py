"""Extended regular expressions (XBD 9.4) as the C library has them: the longest of the leftmost
matches, the locale's characters and ranges, and its extensions (`\\b`, `\\<`, `\\w`, `\\s`).

Loaded by the first `=~`.  Python's `re` means other things by the same text, and backtracks:
`^(a+)+$` against 40 letters would take days.
"""
from __future__ import annotations

import ctypes

from minishell.codec import decoded, encoded
from minishell.errors import RegexError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

REG_EXTENDED, REG_ICASE = 1, 2
LC_CTYPE_MASK, LC_COLLATE_MASK = 1 << 0, 1 << 3     # as on Linux, in each C library
ROOM = 256              # bytes for a regex_t: 64 are needed
MOST = 64               # expressions that are kept
LIBC = ctypes.CDLL(None)
IS_GLIBC = hasattr(LIBC, 'gnu_get_libc_version')
OFFSET = ctypes.c_int if IS_GLIBC else ctypes.c_ssize_t     # regoff_t
LIBC.newlocale.restype = LIBC.uselocale.restype = ctypes.c_void_p
LIBC.newlocale.argtypes = ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p
LIBC.uselocale.argtypes = (ctypes.c_void_p,)


class Span(ctypes.Structure):
    """regmatch_t: bytes."""

    _fields_ = (('start', OFFSET), ('end', OFFSET))


class Regex:
    """A compiled expression; freed with the object."""

    __slots__ = ('_compiled', '_locale', '_count')

    def __init__(self, text: bytes, locale: int, flags: int) -> None:
        self._compiled: Any = None
        self._locale = locale
        self._count = 1 + _groups(text.decode('latin-1'))
        compiled = ctypes.create_string_buffer(ROOM)
        before = LIBC.uselocale(locale)
        try:
            if LIBC.regcomp(compiled, text, flags):
                raise RegexError
        finally:
            LIBC.uselocale(before)
        self._compiled = compiled

    def __del__(self) -> None:
        if self._compiled is not None:
            LIBC.regfree(self._compiled)

    def search(self, text: bytes) -> list[bytes]:
        """What matches in text, the first and longest, and what its groups match; empty if
        nothing does."""
        spans = (Span * self._count)()
        before = LIBC.uselocale(self._locale)
        try:
            if LIBC.regexec(self._compiled, text, self._count, spans, 0):
                return []
        finally:
            LIBC.uselocale(before)
        return [text[span.start:span.end] if span.start >= 0 else b'' for span in spans]


_locales: dict[tuple[str, str], int] = {}
_compiled: dict[tuple[bytes, int, int], Regex] = {}


def search(pattern: str, text: str, characters: str, order: str,
           ignore_case: bool = False) -> list[str]:
    """What of text matches, in the locales of LC_CTYPE and LC_COLLATE, then what the groups
    do; empty if nothing does.  Raises RegexError."""
    locale = _locales.get((characters, order)) or _new_locale(characters, order)
    key = encoded(pattern), locale, REG_EXTENDED | REG_ICASE * ignore_case
    regex = _compiled.get(key)
    if regex is None:
        if len(_compiled) >= MOST:
            del _compiled[next(iter(_compiled))]
        regex = _compiled[key] = Regex(*key)
    found = regex.search(encoded(text))
    return [decoded(piece) for piece in found]


def _new_locale(characters: str, order: str) -> int:
    """A locale object; of what is not installed the C locale."""
    names = [encoded(name) for name in (characters, order)]
    made = LIBC.newlocale(LC_CTYPE_MASK, names[0], None) \
        or LIBC.newlocale(LC_CTYPE_MASK, b'C', None)
    made = LIBC.newlocale(LC_COLLATE_MASK, names[1], made) or made
    _locales[characters, order] = made
    return int(made)


def quoted(text: str) -> str:
    """An expression that matches exactly text."""
    return ''.join(['\\' + c if c in '\\.[]*^$+?(){}|' else c for c in text])


def is_in_brackets(pattern: str) -> bool:
    """Whether a bracket expression is open at the end: a backslash is no quote there."""
    pos = 0
    while (pos := pattern.find('[', pos)) >= 0:
        escapes = pos - len(pattern[:pos].rstrip('\\'))
        pos = pos + 1 if escapes % 2 else _behind_brackets(pattern, pos)
        if pos > len(pattern):
            return True
    return False


def _behind_brackets(pattern: str, pos: int) -> int:
    """Where the bracket expression at pos has ended; beyond the pattern if it is open."""
    pos += 1
    pos += pattern.startswith('^', pos)
    pos += pattern.startswith(']', pos)
    while not pattern.startswith(']', pos):
        if pos >= len(pattern):
            break
        mark = pattern[pos + 1:pos + 2] if pattern[pos] == '[' else ''
        end = pattern.find(mark + ']', pos + 2) if mark and mark in '.:=' else -1
        pos = end + 2 if end >= 0 else pos + 1
    return pos + 1


def _groups(pattern: str) -> int:
    """How many parentheses a pattern opens."""
    count = pos = 0
    while pos < len(pattern):
        c = pattern[pos]
        count += c == '('
        pos = _behind_brackets(pattern, pos) if c == '[' else pos + 1 + (c == '\\')
    return count
