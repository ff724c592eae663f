"""What `complete` has said: how the arguments of each command are completed (bash)."""
from __future__ import annotations

from minishell.state.arrays import in_buckets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.state.shell import Shell

# What stands for a command: for all that have no specification, for an empty line, and for
# the name of a command itself.
DEFAULT, EMPTY, INITIAL = '_DefaultCmD_', '_EmptycmD_', '_InitialWorD_'
OPTIONS = ('bashdefault', 'default', 'dirnames', 'filenames', 'noquote', 'nosort', 'nospace',
           'plusdirs')
BUCKETS = 512           # of bash's table, in whose order `complete -p` lists
TAB = 9


class Specification:
    """What may stand there; None: nothing is said about it."""

    __slots__ = ('actions', 'options', 'pattern', 'words', 'prefix', 'suffix', 'excluded',
                 'command', 'function')

    def __init__(self) -> None:
        self.actions: set[str] = set()          # -A
        self.options: set[str] = set()          # -o
        self.pattern: str | None = None         # -G
        self.words: str | None = None           # -W
        self.prefix: str | None = None          # -P
        self.suffix: str | None = None          # -S
        self.excluded: str | None = None        # -X
        self.command: str | None = None         # -C
        self.function: str | None = None        # -F

    def copy(self) -> Specification:
        """Another one that says the same."""
        other = Specification()
        for name in self.__slots__:
            setattr(other, name, getattr(self, name))
        other.actions, other.options = set(self.actions), set(self.options)
        return other


class Quotes:
    """Those of a line that is being completed, in whose words they still are."""

    __slots__ = ('open', 'any')

    def __init__(self, quote: str, any_at_all: bool) -> None:
        self.open = quote               # the one around the word that is completed, or ''
        self.any = any_at_all


class Completions:
    """The specifications by command, and what is being completed."""

    __slots__ = ('specifications', 'current', 'name', 'line', 'kind', 'key')

    def __init__(self) -> None:
        self.specifications: dict[str, Specification] = {}
        self.current: Specification | None = None       # which `compopt` changes
        self.name = ''                  # of the command whose it is
        self.line: Quotes | None = None         # of the line that is being completed
        self.kind, self.key = 0, 0      # COMP_TYPE, COMP_KEY

    def in_order(self) -> Iterator[tuple[str, Specification]]:
        """All of them in bash's order."""
        for name in in_buckets(list(self.specifications), BUCKETS):
            yield name, self.specifications[name]


def completions_of(shell: Shell) -> Completions:
    """Those of a shell, made by the first use."""
    found = shell.parts.get('completions')
    if found is None:
        found = shell.parts['completions'] = Completions()
    return found
