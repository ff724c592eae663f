"""Abbreviations: words that the line editor replaces as they are typed (`abbr`, as in fish)."""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

MARKER = '%'            # where --set-cursor puts the cursor
PART = 'abbreviations'


class Abbreviation:
    """What stands for a word, by default for the name of a command."""

    __slots__ = ('name', 'text', 'anywhere', 'regex', 'function', 'marker')

    def __init__(self, name: str, text: str = '', anywhere: bool = False, regex: str = '',
                 function: str = '', marker: str = '') -> None:
        """`regex`: what the word matches, instead of the name; `function`: what prints the
        text; `marker`: what stands where the cursor is to be; '' if there is none."""
        self.name, self.text, self.anywhere = name, text, anywhere
        self.regex, self.function, self.marker = regex, function, marker

    def matches(self, word: str) -> bool:
        """Whether it is for this word."""
        if not self.regex:
            return word == self.name
        import re
        return re.fullmatch(self.regex, word) is not None


def abbreviations(shell: Shell) -> dict[str, Abbreviation]:
    """Those there are, by name, in the order of their definition."""
    found: dict[str, Abbreviation] = shell.parts.setdefault(PART, {})
    return found


def abbreviation_of(shell: Shell, word: str, is_command: bool) -> Abbreviation | None:
    """What is for a word, the one defined last first."""
    for each in reversed(abbreviations(shell).values()):
        if (is_command or each.anywhere) and each.matches(word):
            return each
    return None
