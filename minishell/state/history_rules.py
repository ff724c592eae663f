"""Which commands become entries of the history list (HISTCONTROL, HISTIGNORE of bash)."""
from __future__ import annotations

from minishell.expand.groups import compile_groups
from minishell.expand.pattern import quote


def chosen_entry(text: str, entries: list[str], values: dict[str, str]) -> str | None:
    """What is entered for a command; None if nothing is.  Earlier entries may go."""
    control = values.get('HISTCONTROL', '').split(':')
    last = entries[-1] if entries else ''
    if 'ignoreboth' in control:
        control += ['ignorespace', 'ignoredups']
    if 'ignorespace' in control and text[:1] == ' ' \
            or 'ignoredups' in control and entries and text == last \
            or _ignored(text, last, values.get('HISTIGNORE', '')):
        return None
    if 'erasedups' in control:
        entries[:] = [entry for entry in entries if entry != text]
    return text


def _ignored(text: str, last: str, patterns: str) -> bool:
    for pattern in _apart(patterns):
        if pattern == '&':
            if text == last:
                return True
        elif pattern and compile_groups(
                pattern.replace('\\&', '\0').replace('&', quote(last)).replace('\0', '&')
                ).matches(text):
            return True
    return False


def _apart(patterns: str) -> list[str]:
    """Patterns at unquoted colons."""
    pieces = ['']
    escaped = False
    for c in patterns:
        if c == ':' and not escaped:
            pieces.append('')
        else:
            pieces[-1] += c
        escaped = c == '\\' and not escaped
    return pieces
