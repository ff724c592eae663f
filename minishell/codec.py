"""Text and bytes: UTF-8, bytes that are none kept apart (PEP 383), so that nothing is lost."""
from __future__ import annotations


def encoded(text: str) -> bytes:
    """The bytes that text stands for."""
    return text.encode('utf-8', 'surrogateescape')


def decoded(data: bytes) -> str:
    """Bytes as text."""
    return data.decode('utf-8', 'surrogateescape')
