"""Text and bytes: UTF-8, bytes that are none kept apart (PEP 383), so that nothing is lost."""
from __future__ import annotations


def encoded(text: str) -> bytes:
    """The bytes that text stands for."""
    return text.encode('utf-8', 'surrogateescape')


def decoded(data: bytes) -> str:
    """Bytes as text."""
    return data.decode('utf-8', 'surrogateescape')


def byte_text(value: int) -> str:
    """One byte as text."""
    value &= 0xff
    return chr(value) if value < 0x80 else chr(0xdc00 + value)


def character(code: int) -> str:
    """A character as text; what is none, as the bytes of UTF-8's first definition."""
    if code < 0xd800 or 0xe000 <= code <= 0x10ffff:
        return chr(code)
    if code > 0x7fffffff:
        return ''
    count = 3 if code < 0x10000 else 4 if code < 0x200000 else 5 if code < 0x4000000 else 6
    parts = [0x80 | code >> 6 * shift & 0x3f for shift in range(count - 2, -1, -1)]
    return ''.join(map(byte_text, [0xff00 >> count | code >> 6 * (count - 1), *parts]))


def is_binary(start: bytes) -> bool:
    """Whether a file that begins so is no script: an object file, or NULs in the first line."""
    return start[:4] == b'\x7fELF' or b'\0' in start.partition(b'\n')[0]
