"""Settings of the line editor: on or off, by `bind 'set name off'` or its menu."""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

SETTINGS = {
    'suggestions': 'in grey behind the cursor: what was typed before',
    'highlighting': 'colours of what is typed',
    'lint': 'pitfalls underlined, a sentence below the line',
    'corrections': 'did you mean ...? behind messages',
    'right-prompt': 'PS1_RIGHT',
    'transient-prompt': 'PS1_TRANSIENT behind Enter',
    'expansions': 'what the word at the cursor becomes; how much rm removes',
    'mouse': 'clicks in any terminal; it then selects with Shift only',
    'preview': 'Alt-P: what the pipeline so far prints; fields of it for Tab',
}
OFF = frozenset(('mouse', 'preview'))           # by default; all others are on
PART = 'settings'


class Settings:
    """What has been said: `kept` by the menu, `said` since by commands, which outrank it."""

    __slots__ = ('kept', 'said')

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.said: dict[str, bool] = {}


def settings_of(shell: Shell) -> Settings:
    """Those of a shell, made by the first use."""
    found: Settings = shell.parts.setdefault(PART, Settings())
    return found


def is_on(shell: Shell, name: str) -> bool:
    """Whether a setting is on."""
    settings: Settings | None = shell.parts.get(PART)
    if settings is None:
        return name not in OFF
    said = settings.said.get(name)
    if said is None:
        kept = settings.kept.get(name)
        return name not in OFF if kept is None else kept == 'on'
    return said
