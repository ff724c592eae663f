"""Variables (XCU 2.5.3), their attributes, function scopes, the environment of children.

`values` is flat: reading is one dict look-up.  Attributes are kept apart in `flags`, which
has no entry for an ordinary variable, so that a write costs two look-ups.  `local` saves the
outer binding and the end of the function puts it back: look-up never walks scopes.
"""
from __future__ import annotations

from minishell.errors import AssignmentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Binding = tuple[str | None, int]

EXPORT = 1          # passed to children
READONLY = 2
HOOKED = 4          # the shell wants to know when it changes


class Variables:
    """The variables of one shell execution environment."""

    __slots__ = ('values', 'flags', 'dynamic', 'hooks', 'foreign', 'allexport',
                 '_environment', '_scopes', '_functions')

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.flags: dict[str, int] = {}         # may name variables that have no value
        self.dynamic: dict[str, Callable[[], str]] = {}     # computed when read: LINENO
        self.hooks: dict[str, Callable[[str | None], None]] = {}
        self.foreign: dict[str, str] = {}       # environment entries that are no names
        self.allexport = False                  # set -a
        self._environment: dict[str, str] | None = None
        self._scopes: list[dict[str, Binding] | None] = []       # None: nothing saved yet
        self._functions: list[int] = []         # which of them are functions'

    # -- one variable -----------------------------------------------------------

    def get(self, name: str) -> str | None:
        """The value; None if unset."""
        value = self.values.get(name)
        if value is None and name in self.dynamic:
            return self.dynamic[name]()
        return value

    def assign(self, name: str, value: str) -> None:
        """Set a variable.  Raises AssignmentError if it is readonly."""
        flags = self.flags.get(name)
        if flags is None and not self.allexport:
            self.values[name] = value
            return
        flags = flags or 0
        if flags & READONLY:
            raise AssignmentError(f'{name}: readonly variable')
        if self.allexport and not flags & EXPORT:
            self.flags[name] = flags = flags | EXPORT
        self.values[name] = value
        if flags & EXPORT:
            self._environment = None
        if flags & HOOKED:
            self.hooks[name](value)

    def unset(self, name: str) -> None:
        """Remove a variable and its attributes.  Raises AssignmentError if readonly."""
        flags = self.flags.get(name, 0)
        if flags & READONLY:
            raise AssignmentError(f'{name}: cannot unset: readonly variable')
        self.dynamic.pop(name, None)
        self._bind(name, (None, flags & HOOKED))

    def add_flags(self, name: str, flags: int) -> None:
        """Give a variable attributes; it need not have a value."""
        self.flags[name] = self.flags.get(name, 0) | flags
        if flags & EXPORT:
            self._environment = None

    def clear_export(self, name: str) -> None:
        """Take the export attribute away (`export -n`)."""
        self.flags[name] = self.flags.get(name, 0) & ~EXPORT
        self._environment = None

    def hook(self, name: str, changed: Callable[[str | None], None]) -> None:
        """Have `changed(value or None)` called when the variable is set or unset."""
        self.hooks[name] = changed
        self.flags[name] = self.flags.get(name, 0) | HOOKED

    # -- many ---------------------------------------------------------------------

    def flagged(self, flag: int) -> list[str]:
        """The names that have an attribute, sorted."""
        return sorted(name for name, flags in self.flags.items() if flags & flag)

    def environment(self) -> dict[str, str]:
        """What a child gets as environment; not to be changed by the caller."""
        if self._environment is None:
            environment = dict(self.foreign)
            values = self.values
            for name, flags in self.flags.items():
                if flags & EXPORT and name in values:
                    environment[name] = values[name]
            self._environment = environment
        return self._environment

    # -- subshell environments in this process ---------------------------------------

    def fork(self) -> tuple[object, ...]:
        """Go on with copies; returns what `join` puts back."""
        kept = (self.values, self.flags, self.dynamic, self._environment, self._scopes,
                self._functions)
        self.values = self.values.copy()
        self.flags = self.flags.copy()
        self.dynamic = self.dynamic.copy()
        self._scopes = [scope and scope.copy() for scope in self._scopes]
        self._functions = self._functions.copy()
        return kept

    def join(self, kept: tuple[object, ...]) -> None:
        """Drop the copies; who has hooked a variable that differs in them is told."""
        copies = self.values
        (self.values, self.flags, self.dynamic, self._environment, self._scopes,
         self._functions) = kept        # type: ignore[assignment]
        for name, changed in self.hooks.items():
            value = self.values.get(name)
            if copies.get(name) != value:
                changed(value)

    # -- scopes ---------------------------------------------------------------------

    def push_scope(self, function: bool = False) -> None:
        """Enter a function, or a command with temporary assignments."""
        if function:
            self._functions.append(len(self._scopes))
        self._scopes.append(None)

    def pop_scope(self) -> None:
        """Leave it: the bindings saved since push_scope come back."""
        scope = self._scopes.pop()
        if self._functions and self._functions[-1] == len(self._scopes):
            self._functions.pop()
        if scope is not None:
            for name, binding in scope.items():
                self._bind(name, binding)

    def save(self, name: str) -> None:
        """Keep the binding of a variable for the end of the innermost scope."""
        scope = self._scope(-1)
        if name not in scope:
            scope[name] = (self.values.get(name), self.flags.get(name, 0))

    def _scope(self, index: int) -> dict[str, Binding]:
        scope = self._scopes[index]
        if scope is None:
            scope = self._scopes[index] = {}
        return scope

    def assign_temporarily(self, name: str, value: str) -> None:
        """Set and export a variable until the end of the innermost scope (XCU 2.9.1.2)."""
        self.save(name)
        self.assign(name, value)
        self.add_flags(name, EXPORT)

    def make_local(self, name: str) -> None:
        """Give the function being run a variable of its own (`local`), unset at first.

        Raises AssignmentError if the name is readonly.
        """
        if self.flags.get(name, 0) & READONLY:
            raise AssignmentError(f'{name}: readonly variable')
        index = self._functions[-1]
        scope = self._scope(index)
        if name in scope:
            return
        scope[name] = (self.values.get(name), self.flags.get(name, 0))
        for temporary in self._scopes[index + 1:]:      # `X=1 local Y` has a scope, too
            if temporary and name in temporary:
                scope[name] = temporary.pop(name)
                return                  # `X=1 local X` keeps the value
        self._bind(name, (None, self.flags.get(name, 0) & EXPORT))      # as dash and bash do

    def _bind(self, name: str, binding: Binding) -> None:
        value, flags = binding
        hooked = flags | self.flags.get(name, 0) & HOOKED
        if value is None:
            self.values.pop(name, None)
        else:
            self.values[name] = value
        if hooked:
            self.flags[name] = hooked
        else:
            self.flags.pop(name, None)
        self._environment = None
        if hooked & HOOKED:
            self.hooks[name](value)


def shell_level(text: str, change: int) -> int:
    """SHLVL one shell deeper, or less deep; as bash has it, up to 999."""
    text = text.strip(' \t')
    if not text.removeprefix('-').isdigit() or not text.isascii() or len(text) > 4:
        return 1 if change > 0 else 0
    level = max(int(text) + change, 0)
    return level if level < 1000 else 1
