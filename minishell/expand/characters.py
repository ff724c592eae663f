"""What a character is (LC_CTYPE, XBD 7.3.1): one of UTF-8, or in the C locale a byte.

Text is kept as UTF-8 decodes it whatever the locale says, so that the same bytes are always
the same text.  Only what counts or takes apart characters asks for bytes, when the locale
wants them and the text is not ASCII.
"""
from __future__ import annotations

from minishell.codec import decoded, encoded
from minishell.expand.pattern import compile_pattern
from minishell.expand.splitting import SPLIT, Splitter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.expand.groups import GroupPattern
    from minishell.expand.pattern import Pattern
    from minishell.expand.splitting import Segments


def as_bytes(text: str) -> str:
    """The text with a character for each byte; its encoding stays the same."""
    return text if text.isascii() else encoded(text).decode(
        'ascii', 'surrogateescape')


def from_bytes(text: str) -> str:
    """The text as it is kept: the reverse of as_bytes."""
    return text if text.isascii() else decoded(encoded(text))


def _compiled(pattern: str, groups: bool) -> Pattern | GroupPattern:
    if not groups:
        return compile_pattern(pattern)
    from minishell.expand.groups import compile_groups
    return compile_groups(pattern)


def matches(pattern: str, text: str, bytewise: bool = True, groups: bool = False) -> bool:
    """Whether a text, or its bytes, match pattern text (XCU 2.14)."""
    if bytewise:
        pattern, text = as_bytes(pattern), as_bytes(text)
    return _compiled(pattern, groups).matches(text)


def remove(pattern: str, text: str, prefix: bool, longest: bool, groups: bool) -> str:
    """A text without the bytes at one end that match (XCU 2.6.2)."""
    compiled = _compiled(as_bytes(pattern), groups)
    change = compiled.remove_prefix if prefix else compiled.remove_suffix
    return from_bytes(change(as_bytes(text), longest))


class ByteSplitter(Splitter):
    """Field splitting where each byte of IFS is a character; only for an IFS beyond ASCII."""

    __slots__ = ()

    def __init__(self, ifs: str) -> None:
        super().__init__(as_bytes(ifs))

    def separates(self, text: str) -> bool:
        """Whether text holds any IFS character."""
        return super().separates(as_bytes(text))

    def split_segments(self, segments: Segments) -> list[Segments]:
        """The fields of a word."""
        return [[(from_bytes(text), kind) for text, kind in field]
                for field in super().split_segments([
                    (as_bytes(text) if kind == SPLIT else text, kind)
                    for text, kind in segments])]
