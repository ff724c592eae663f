"""Variables (XCU 2.5.3), their attributes, function scopes, the environment of children.

`values` is flat: reading is one dict look-up.  Attributes are kept apart in `flags`, which
has no entry for an ordinary variable, so that a write costs two look-ups.  `local` saves the
outer binding and the end of the function puts it back: look-up never walks scopes.
"""
from __future__ import annotations

from minishell.errors import AssignmentError
from minishell.syntax.names import integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Compute = Callable[[], str]
    # value, flags, and what else belongs to it: how it is computed, or option_offset
    Binding = tuple[str | None, int, Compute | int | None]

EXPORT = 1          # passed to children
READONLY = 2
HOOKED = 4          # the shell wants to know when it changes


class Variables:
    """The variables of one shell execution environment."""

    __slots__ = ('values', 'flags', 'dynamic', 'hooks', 'foreign', 'allexport',
                 'option_offset',
                 '_environment', '_scopes', '_functions')

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.flags: dict[str, int] = {}         # may name variables that have no value
        self.dynamic: dict[str, Compute] = {}   # computed when read: LINENO
        self.hooks: dict[str, Callable[[str | None], None]] = {}
        self.foreign: dict[str, str] = {}       # environment entries that are no names
        self.allexport = False                  # set -a
        self.option_offset = 0                  # of getopts, inside the word OPTIND names
        self._environment: dict[str, str] | None = None
        # What local variables hide, for each function and each command with assignments
        # that is running; None as long as it hides nothing.
        self._scopes: list[dict[str, Binding] | None] = []
        self._functions: list[int] = []         # the indices there that are functions'

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

    def append(self, name: str, text: str) -> None:
        """Set a variable to its value with text behind it.  Raises AssignmentError.

        Python lengthens a string in place if nothing else refers to it: n pieces are put
        together in the time of n, not of n squared.
        """
        value = self.values.pop(name, None) if name not in self.flags else None
        if value is None or self.allexport:
            self.assign(name, (value or self.get(name) or '') + text)
            return
        value += text
        self.values[name] = value

    def unset(self, name: str) -> None:
        """Remove a variable and its attributes.  Raises AssignmentError if readonly.

        As in bash: one that is local to the function being run stays so; that of a function
        around it goes, and the one it hides is seen again.
        """
        flags = self.flags.get(name, 0)
        if flags & READONLY:
            raise AssignmentError(f'{name}: cannot unset: readonly variable')
        index = self._home(name)
        if index >= 0 and (not self._functions or index != self._functions[-1]):
            scope = self._scopes[index]
            assert scope is not None
            self._bind(name, scope.pop(name))
            return
        if index < 0:
            self.dynamic.pop(name, None)
        self._bind(name, (None, flags & HOOKED, None))

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
            stays = True
            for name, flags in self.flags.items():
                if flags & EXPORT:
                    if name in values:
                        environment[name] = values[name]
                    elif name in self.dynamic:
                        environment[name] = self.dynamic[name]()
                        stays = False
            for scope in reversed(self._scopes):
                if scope:               # hidden only by variables that children see
                    for name, (value, flags, _) in scope.items():
                        if flags & EXPORT and value is not None:
                            environment.setdefault(name, value)
            if not stays:
                return environment
            self._environment = environment
        return self._environment

    # -- subshell environments in this process ---------------------------------------

    def fork(self) -> tuple[object, ...]:
        """Go on with copies; returns what `join` puts back."""
        kept = (self.values, self.flags, self.dynamic, self._environment, self._scopes,
                self._functions, self.option_offset)
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
         self._functions, offset) = kept        # type: ignore[assignment]
        for name, changed in self.hooks.items():
            value = self.values.get(name)
            if copies.get(name) != value:
                changed(value)
        self.option_offset = offset     # type: ignore[assignment]

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
            scope[name] = (self.values.get(name), self.flags.get(name, 0),
                           self.dynamic.pop(name, None))

    def _home(self, name: str) -> int:
        """The innermost scope that has a variable of this name; -1 if it is global."""
        for index in range(len(self._scopes) - 1, -1, -1):
            scope = self._scopes[index]
            if scope and name in scope:
                return index
        return -1

    def declared(self, name: str) -> bool:
        """Whether there is such a variable, perhaps one without a value."""
        return name in self.values or self.flags.get(name, HOOKED) != HOOKED \
            or name in self.dynamic or self._home(name) >= 0

    def locals(self) -> list[str]:
        """The names of the variables of the function being run, sorted."""
        return sorted(self._scopes[self._functions[-1]] or ())

    def assign_global(self, name: str, value: str | None, flags: int) -> None:
        """Set the variable that all local ones of the name hide, or give it attributes.

        Raises AssignmentError if it is readonly.
        """
        for scope in self._scopes:
            if scope and name in scope:
                old, outer, state = scope[name]
                if value is not None and outer & READONLY:
                    raise AssignmentError(f'{name}: readonly variable')
                scope[name] = (old if value is None else value, outer | flags, state)
                self._environment = None
                return
        if value is not None:
            self.assign(name, value)
        self.add_flags(name, flags)

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

        Raises AssignmentError if it is readonly, or a readonly global variable is hidden.
        """
        index = self._functions[-1]
        if self.flags.get(name, 0) & READONLY and self._home(name) in (-1, index):
            raise AssignmentError(f'{name}: readonly variable')
        scope = self._scope(index)
        if name in scope:
            return
        scope[name] = (self.values.get(name), self.flags.get(name, 0), self.option_offset
                       if name == 'OPTIND' else self.dynamic.pop(name, None))
        for temporary in self._scopes[index + 1:]:      # `X=1 local Y` has a scope, too
            if temporary and name in temporary:
                scope[name] = temporary.pop(name)
                return                  # `X=1 local X` keeps the value
        around = self._scopes[index - 1] if index and index - 1 not in self._functions else None
        if around and name in around:   # `X=1 f`, in which X becomes local
            scope[name] = around.pop(name)
            return
        self._bind(name, (None, self.flags.get(name, 0) & EXPORT, None))    # as elsewhere

    def _bind(self, name: str, binding: Binding) -> None:
        value, flags, state = binding
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
        if type(state) is int:          # behind the hook, which resets it
            self.option_offset = state
        elif state is not None:
            self.dynamic[name] = state  # type: ignore[assignment]


def shell_level(text: str, change: int) -> int:
    """SHLVL one shell deeper, or less deep; as bash has it, up to 999."""
    given = integer(text)
    if given is None:
        return 1 if change > 0 else 0
    level = max(given + change, 0)
    return level if level < 1000 else 1
