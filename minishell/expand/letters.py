"""Upper and lower case of texts: `${x^^}`, `declare -u` (bash)."""
from __future__ import annotations


def upper_case(text: str) -> str:
    """The text with each character's upper-case form, where that is one character."""
    if text.isascii():
        return text.upper()
    return ''.join([next(form for form in (c.upper(), c.title(), c) if len(form) == 1)
                    for c in text])


def lower_case(text: str) -> str:
    """The text with each character's lower-case form, whatever stands around it."""
    return text.lower() if text.isascii() else ''.join([c.lower()[0] for c in text])


def other_case(text: str) -> str:
    """The text with lower case in place of upper case, and upper case of lower."""
    return ''.join([lower_case(c) if c.isupper() else upper_case(c) for c in text])


def capitalized(text: str) -> str:
    """The text with its first character in upper case, the others in lower case."""
    return upper_case(text[:1]) + lower_case(text[1:])
