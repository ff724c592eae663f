"""Variables (XCU 2.5.3), their attributes, function scopes, the environment of children.

A variable is *plain* if it is a text without attributes.  The rule that makes most variables
quick: every text is in `values`, so a name found there is its value; an attribute is in
`flags`, so a name that is not there may be stored to in `values`.  Whoever finds otherwise
calls the method (`get`, `assign`): arrays and name references are never in `values`, and
always in `flags`.

`local` saves the outer binding and the end of the function puts it back: look-up never walks
scopes.
"""
from __future__ import annotations

from minishell.errors import AssignmentError
from minishell.state.attributes import ARRAYS, EXPORT, HOOKED, READONLY, REFERENCE, SIMPLE
from minishell.syntax.names import integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.arrays import Array, AssociativeArray, Reference

    Compute = Callable[[], str | list[str] | AssociativeArray]
    Value = str | Array | Reference
    # value, flags, and what else belongs to it: how it is computed, or option_offset
    Binding = tuple[Value | None, int, Compute | int | None]
    Kept = tuple[dict[str, str], dict[str, Array | Reference], dict[str, int],
                 dict[str, Compute], set[str] | None, dict[str, str] | None,
                 list[dict[str, Binding] | None], list[int], int, dict[str, str],
                 dict[str, int]]


class Variables:
    """The variables of one shell execution environment."""

    __slots__ = ('values', 'flags', 'dynamic', 'hooks', 'hooked', 'foreign',
                 'allexport', 'option_offset', 'others', 'own', 'evaluate', 'expand',
                 'expand_key', 'warn', 'functions', 'assigners', '_environment', '_scopes',
                 '_functions')

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.others: dict[str, Array | Reference] = {}  # values that are no texts
        self.flags: dict[str, int] = {}         # may name variables that have no value
        self.dynamic: dict[str, Compute] = {}   # computed when read: LINENO
        self.hooks: dict[str, Callable[[str | None], None]] = {}
        self.hooked: list[str] = []             # those whose values copies may change
        self.foreign: dict[str, str] = {}       # environment entries that are no names
        # what takes the elements that scripts assign of a computed array: DIRSTACK
        self.assigners: dict[str, Callable[[int, str], None]] = {}
        self.functions: dict[str, int] = {}     # the attributes of functions that have any
        self.allexport = False                  # set -a
        self.option_offset = 0                  # of getopts, inside the word OPTIND names
        # put in by session.py: an arithmetic expression; text as in double-quotes, as a key;
        # a message
        self.evaluate: Callable[[str], int]
        self.expand: Callable[[str], str]
        self.expand_key: Callable[[str, bool], str]
        self.warn: Callable[[str], None]
        # The arrays that may be changed as they are; None: all, this is no copy.
        self.own: set[str] | None = None
        self._environment: dict[str, str] | None = None
        # What local variables hide, for each function and each command with assignments
        # that is running; None as long as it hides nothing.
        self._scopes: list[dict[str, Binding] | None] = []
        self._functions: list[int] = []         # the indices there that are functions'

    # -- one variable -----------------------------------------------------------

    def get(self, name: str) -> str | None:
        """The value, of an array that of its element 0; None if unset."""
        value = self.values.get(name)
        if value is not None:
            return value
        if name in self.dynamic:
            computed = self.dynamic[name]()
            if isinstance(computed, str):
                return computed
            return (computed[0] if computed else None) if isinstance(computed, list) \
                else computed.get('0')
        if name in self.others:
            from minishell.state.elements import get_other
            return get_other(self, name)
        return None

    def assign(self, name: str, value: str) -> None:
        """Set a variable, of an array the element 0.  Raises AssignmentError if it is
        readonly, ExpansionError if an integer's value is no expression."""
        flags = self.flags.get(name)
        if flags is None and not self.allexport:
            self.values[name] = value
            return
        flags = flags or 0
        if flags > SIMPLE:
            from minishell.state.elements import assign_other
            assign_other(self, name, value, False)
            return
        self.check_writable(name)
        if self.allexport and not flags & EXPORT:
            self.flags[name] = flags = flags | EXPORT
        self.store(name, value)

    def assign_turn(self, name: str, value: str) -> None:
        """Set the variable of a loop: as in bash, a name reference stands for each of the
        values in turn.  Raises AssignmentError."""
        if self.flags.get(name, 0) & REFERENCE:
            from minishell.state.elements import refer
            refer(self, name, value)
        else:
            self.assign(name, value)

    def check_writable(self, name: str) -> None:
        """Raises AssignmentError if a variable is readonly."""
        if self.flags.get(name, 0) & READONLY:
            raise AssignmentError(f'{name}: readonly variable')

    def store(self, name: str, value: str) -> None:
        """Set a variable that is no array, whatever its attributes are."""
        self.values[name] = value
        flags = self.flags.get(name, 0)
        if flags & EXPORT:
            self._environment = None
        if flags & HOOKED:
            self.hooks[name](value)

    def append(self, name: str, text: str) -> None:
        """Set a variable to its value with text behind it; add to an integer.  Raises
        AssignmentError, ExpansionError.

        Python lengthens a string in place if nothing else refers to it: n pieces are put
        together in the time of n, not of n squared.
        """
        if self.flags.get(name, 0) > SIMPLE:
            from minishell.state.elements import assign_other
            assign_other(self, name, text, True)
            return
        value = self.values.pop(name, None) if name not in self.flags else None
        if value is None or self.allexport:
            self.assign(name, (value or self.get(name) or '') + text)
            return
        value += text
        self.values[name] = value

    def unset(self, name: str, stays: bool = False) -> None:
        """Remove a variable and its attributes.  Raises AssignmentError if readonly.

        As in bash: one that is local to the function being run stays so; that of a function
        around it goes, and the one it hides is seen again, unless it `stays` local, too.
        """
        flags = self.flags.get(name, 0)
        if flags & READONLY:
            raise AssignmentError(f'{name}: cannot unset: readonly variable')
        index = self._home(name)
        if index >= 0 and (not self._functions or index != self._functions[-1]) and not stays:
            scope = self._scopes[index]
            assert scope is not None
            self._bind(name, scope.pop(name))
            return
        if index < 0 and name != 'PIPESTATUS':      # which the next command would set again
            self.dynamic.pop(name, None)
        self._bind(name, (None, flags & HOOKED, None))

    def add_flags(self, name: str, flags: int) -> None:
        """Give a variable attributes; it need not have a value."""
        self.flags[name] = self.flags.get(name, 0) | flags
        if flags & EXPORT:
            self._environment = None

    def remove_flags(self, name: str, flags: int) -> None:
        """Take attributes away (`export -n`, `declare +x`)."""
        self.flags[name] = self.flags.get(name, 0) & ~flags
        if flags & EXPORT:
            self._environment = None

    def hook(self, name: str, changed: Callable[[str | None], None],
             computed: bool = False) -> None:
        """Have `changed(value or None)` called when the variable is set or unset; a computed
        one keeps no value that could differ in copies."""
        self.hooks[name] = changed
        if not computed:
            self.hooked.append(name)
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
                    elif flags & REFERENCE:     # as in bash, the name that it stands for
                        environment[name] = getattr(self.others.get(name), 'target', '')
                    elif name in self.dynamic and not flags & ARRAYS:
                        environment[name] = self.get(name) or ''
                        stays = False
            for scope in reversed(self._scopes):
                if scope:               # hidden only by variables that children see
                    for name, (value, flags, _) in scope.items():
                        if flags & EXPORT and type(value) is str:
                            environment.setdefault(name, value)
            if not stays:
                return environment
            self._environment = environment
        return self._environment

    # -- subshell environments in this process ---------------------------------------

    def fork(self) -> Kept:
        """Go on with copies; returns what `join` puts back."""
        kept = (self.values, self.others, self.flags, self.dynamic, self.own,
                self._environment, self._scopes, self._functions, self.option_offset,
                self.foreign, self.functions)
        self.functions = self.functions.copy()
        self.values = self.values.copy()
        self.others = self.others.copy()
        self.flags = self.flags.copy()
        self.dynamic = self.dynamic.copy()
        self.own = set()
        self._scopes = [scope and scope.copy() for scope in self._scopes]
        self._functions = self._functions.copy()
        return kept

    def join(self, kept: Kept) -> None:
        """Drop the copies; who has hooked a variable that differs in them is told."""
        copies = self.values
        (self.values, self.others, self.flags, self.dynamic, self.own,
         self._environment, self._scopes, self._functions, self.option_offset,
         self.foreign, self.functions) = kept
        was, now = copies.get, self.values.get
        for name in self.hooked:
            if was(name) != now(name):
                offset = self.option_offset     # which the hook of OPTIND resets
                self.hooks[name](now(name))
                self.option_offset = offset

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
            scope[name] = (self._value(name), self.flags.get(name, 0),
                           self.dynamic.pop(name, None))

    def scoped(self) -> bool:
        """Whether a function is being run, or a command with temporary assignments."""
        return bool(self._scopes)

    def put(self, name: str, value: Value | None, flags: int,
            computed: Compute | None) -> None:
        """Have a variable as it was, whatever it is; without value and attributes: none."""
        self.dynamic.pop(name, None)
        self._bind(name, (value, flags, computed))

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

    def is_set(self, name: str) -> bool:
        """Whether there is a value: a text, an array of at least no element, or computed."""
        return name in self.values or name in self.others or name in self.dynamic

    def names(self) -> list[str]:
        """The names of all variables that have a value or an attribute, sorted."""
        return sorted({*self.values, *self.dynamic,
                       *(name for name, flags in self.flags.items() if flags != HOOKED)})

    def locals(self) -> list[str]:
        """The names of the variables of the function being run, sorted."""
        return sorted(self._scopes[self._functions[-1]] or ())

    def with_global(self, name: str, act: Callable[[], None]) -> None:
        """Do something with the variable that all local ones hide (`declare -g`)."""
        for scope in self._scopes:
            if scope and name in scope:
                inner = (self._value(name), self.flags.get(name, 0),
                         self.dynamic.pop(name, None))
                self._bind(name, scope[name])
                try:
                    act()
                finally:
                    scope[name] = (self._value(name), self.flags.get(name, 0),
                                   self.dynamic.pop(name, None))
                    self._bind(name, inner)
                return
        act()

    def _scope(self, index: int) -> dict[str, Binding]:
        scope = self._scopes[index]
        if scope is None:
            scope = self._scopes[index] = {}
        return scope

    def assign_temporarily(self, name: str, value: str) -> None:
        """Set and export a variable until the end of the innermost scope (XCU 2.9.1.2)."""
        self.save(name)
        if name in self.others and self.flags[name] & ARRAYS:   # which is hidden
            self._bind(name, (None, self.flags[name] & EXPORT, None))
        self.assign(name, value)
        self.add_flags(name, EXPORT)

    def make_local(self, name: str, inherit: bool = False) -> None:
        """Give the function being run a variable of its own (`local`), unset at first, or as
        the one that it hides is (`local -I`, and where that is a temporary assignment).

        Raises AssignmentError if a readonly global variable would be hidden.
        """
        index = self._functions[-1]
        flags = self.flags.get(name, 0)
        if flags & READONLY and self._home(name) == -1:
            raise AssignmentError(f'{name}: readonly variable')
        scope = self._scope(index)
        if name in scope:
            return
        home = self._home(name)
        value = self._value(name) if flags else self.values.get(name)
        scope[name] = (value, flags, self.option_offset
                       if name == 'OPTIND' else self.dynamic.pop(name, None))
        for temporary in self._scopes[index + 1:]:      # `X=1 local Y` has a scope, too
            if temporary and name in temporary:
                scope[name] = temporary.pop(name)
                return                  # `X=1 local X` keeps the value
        around = self._scopes[index - 1] if index and index - 1 not in self._functions else None
        if around and name in around:   # `X=1 f`, in which X becomes local
            scope[name] = around.pop(name)
            return
        if inherit or home >= 0 and home not in self._functions:    # `X=1 g`, in which f runs
            if self.own is not None:
                self.own.discard(name)
            if name in self.others:
                self.others[name] = self.others[name].copy()
            return
        if flags:
            self._bind(name, (None, flags & EXPORT, None))      # as elsewhere
        else:
            self.flags.pop(name, None)
            self.values.pop(name, None)
            if self.own is not None:
                self.own.discard(name)

    def make_local_text(self, name: str, text: str | None, inherit: bool) -> None:
        """Give the function being run a variable of its own without attributes, and a value
        if there is one.  Raises as make_local and assign."""
        self.make_local(name, inherit)
        if text is not None:
            self.assign(name, text)
        elif name not in self.flags and name not in self.values:
            self.flags[name] = 0        # declared, without a value

    def keep_temporary(self, name: str) -> None:
        """Have a temporary assignment stay behind its command (`X=1 eval 'export X'`)."""
        home = self._home(name)
        if home >= 0 and home not in self._functions:
            scope = self._scopes[home]
            assert scope is not None
            del scope[name]

    def changed(self) -> None:
        """Make the environment of children anew for the next."""
        self._environment = None

    def _value(self, name: str) -> Value | None:
        value = self.values.get(name)
        return self.others.get(name) if value is None else value

    def _bind(self, name: str, binding: Binding) -> None:
        value, flags, state = binding
        if not flags and state is None and not self.flags.get(name) \
                and name not in self.others and (value is None or type(value) is str):
            self.flags.pop(name, None)      # most of them: texts, and not exported
            if self.own is not None:
                self.own.discard(name)
            if value is None:
                self.values.pop(name, None)
            else:
                self.values[name] = value
            return
        was = self.flags.get(name, 0)
        hooked = flags | was & HOOKED
        self.values.pop(name, None)
        self.others.pop(name, None)
        if isinstance(value, str):
            self.values[name] = value
        elif value is not None:
            self.others[name] = value
        if self.own is not None:
            self.own.discard(name)
        if hooked:
            self.flags[name] = hooked
        else:
            self.flags.pop(name, None)
        if (flags | was) & EXPORT:
            self._environment = None
        if hooked & HOOKED:
            self.hooks[name](self.get(name))
        if isinstance(state, int):      # behind the hook, which resets it
            self.option_offset = state
        elif state is not None:
            self.dynamic[name] = state


def shell_level(text: str, change: int) -> int:
    """SHLVL one shell deeper, or less deep; as bash has it, up to 999."""
    given = integer(text)
    if given is None:
        return 1 if change > 0 else 0
    level = max(given + change, 0)
    return level if level < 1000 else 1
