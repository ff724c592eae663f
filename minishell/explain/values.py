"""Which expansions give one field whatever happens, as far as the text itself says so: of
variables whose values are numbers, or words without blanks and pattern characters.

The text is gone through once, in the order in which it runs.  What a loop or function sets
counts where it begins only if every value that the text gives to that variable is such a one.
"""
from __future__ import annotations

from minishell.expand.splitting import magic
from minishell.explain.words import ARITHMETIC, MOVING, TEXTS, assigned_in, set_in
from minishell.syntax.nodes import (
    AndOrList,
    ArithmeticExpansion,
    ArithmeticFor,
    AsynchronousList,
    CaseClause,
    CommandSubstitution,
    CoprocessCommand,
    DoubleQuoted,
    ForClause,
    FunctionDefinition,
    IfClause,
    Literal,
    ParameterExpansion,
    ParameterLength,
    Pipeline,
    ProcessSubstitution,
    SelectClause,
    SimpleCommand,
    Subshell,
    TildePrefix,
    WhileClause,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from minishell.syntax.nodes import Assignment, Node, Part, Word

    # Of a value: True if it is one field, whatever it is; None if it is null or there is none;
    # False if it may be more, or nobody knows.
    Known = bool | None
    Given = tuple[str, Known | Sequence[Part], bool]    # a variable, its value, whether that is
                                                        # only appended
    Variables = dict[str, Known]
NUMBERS = frozenset('?#$!-')                    # parameters that are never split in practice
COUNTED = frozenset(('BASHPID', 'COLUMNS', 'EPOCHSECONDS', 'EUID', 'LINENO', 'LINES', 'OPTIND',
                     'PPID', 'RANDOM', 'SECONDS', 'SHLVL', 'SRANDOM', 'UID'))
POSITIONAL = '123456789@*'
DECLARING = frozenset(('local', 'declare', 'typeset', 'export', 'readonly'))
KEEPING = frozenset(('export', 'readonly'))     # of these: a name alone stays what it is
READING = frozenset(('read', 'mapfile', 'readarray', 'getopts', 'printf'))
APART = (Subshell, AsynchronousList, CoprocessCommand, CommandSubstitution, ProcessSubstitution)
ROUNDS = 8              # of going through all values: longer chains of them are not followed


def of_one_field(tree: Node, initial: Callable[[str], Known], blanks: str) -> frozenset[int]:
    """The expansions, by id(), of a tree that begins with what `initial` says of variables;
    `blanks`: what separates fields."""
    flow = _Flow(tree, initial, blanks)
    flow.run(tree, {})
    return frozenset(flow.found)


def given_by(node: Node) -> list[Given]:
    """The variables that a node itself sets, and to what."""
    if isinstance(node, SimpleCommand):
        return _by_command(node) if node.words else \
            [_assigned(each) for each in node.assignments]
    if isinstance(node, SelectClause):
        return [('REPLY', False, False)]
    if isinstance(node, ARITHMETIC):
        return [(name, True, False) for name in set_in(node)]
    return []


def _assigned(node: Assignment) -> Given:
    return node.name, False if node.subscript is not None else node.value.parts, node.append


def _by_command(node: SimpleCommand) -> list[Given]:
    words = [word.literal() or '' for word in node.words]
    name, operands = words[0], words[1:]
    if name in DECLARING:
        return [given for word in node.words[1:] for given in _declared(word, name)]
    if name in ('set', 'shift'):
        return [(digit, False, False) for digit in POSITIONAL]
    if name in READING:
        return [(word, False, False) for word in [*operands, 'REPLY', 'OPTARG']]
    if name == 'unset':
        return [(word, None, False) for word in operands]
    if name == 'let':
        return [(found, True, False) for word in node.words[1:]
                for found in assigned_in(word.parts)]
    return [('PWD', False, False), ('OLDPWD', False, False)] if name in MOVING else []


def _declared(word: Word, utility: str) -> list[Given]:
    parts = word.parts
    first = parts[0].text if parts and isinstance(parts[0], Literal) else ''
    name, equals, rest = first.partition('=')
    if not equals:
        return [] if utility in KEEPING or name[:1] == '-' else [(name, None, False)]
    value = (Literal(rest), *parts[1:]) if rest else parts[1:]
    return [(name.removesuffix('+'), value, name[-1:] == '+')]


def _integers(node: Node) -> list[str]:
    """The variables whose values a command makes integers, whatever is assigned to them."""
    if not isinstance(node, SimpleCommand):
        return []
    words = [word.literal() or '' for word in node.words]
    if not DECLARING.isdisjoint(words[:1]) and any(
            word[:1] == '-' and 'i' in word for word in words[1:]):
        return [given[0] for word in node.words[1:] for given in _declared(word, '')]
    return []


class _Flow:
    """What is known of variables on the way through a text."""

    def __init__(self, tree: Node, initial: Callable[[str], Known], blanks: str) -> None:
        self._initial = initial
        self._blanks = frozenset(blanks)
        self.found: set[int] = set()
        self._functions: set[str] = set()
        self._integers: set[str] = set()
        self._repeated: set[str] = set()        # variables that are set in loops
        self._called: set[str] = set()          # and in functions
        self._always: set[str] = set()  # no value of theirs in the text is of several fields
        self._find_always(self._collect(tree))

    def _collect(self, tree: Node) -> list[Given]:
        """What the text gives to variables, wherever it stands."""
        given: list[Given] = []
        todo = [(tree, False, False)]
        while todo:
            node, repeated, called = todo.pop()
            found = given_by(node)
            self._integers.update(_integers(node))
            repeated = repeated or isinstance(node, ForClause | WhileClause | ArithmeticFor)
            if isinstance(node, FunctionDefinition):
                self._functions.add(node.name)
                called = True
            elif isinstance(node, ForClause):
                found += [(node.name, word.parts, False) for word in node.words or ()] \
                    or [(node.name, False, False)]
            elif isinstance(node, ParameterExpansion) and node.operator[-1:] == '=':
                found.append((node.parameter, node.word.parts if node.word else None, False))
            for name, value, _ in found:
                if name == 'IFS' and isinstance(value, tuple):
                    self._blanks |= {c for part in value if isinstance(part, TEXTS)
                                     for c in part.text}
                if repeated:
                    self._repeated.add(name)
                if called:
                    self._called.add(name)
            given += found
            todo += [(part, repeated, called) for part in node.below()]
        return given

    def _find_always(self, given: list[Given]) -> None:
        names = {name for name, _, _ in given}
        self._always = names
        for _ in range(ROUNDS):
            known: Variables = {name: name in self._always for name in names}
            several = {name for name, value, _ in given if name not in self._integers
                       and self._value(value, known) is False}
            if several.isdisjoint(self._always):
                return
            self._always = self._always - several
        self._always = set()

    # -- values -------------------------------------------------------------------------------

    def _look(self, name: str, known: Variables) -> Known:
        return known[name] if name in known else self._initial(name)

    def _value(self, value: Known | Sequence[Part], known: Variables) -> Known:
        if value is None or isinstance(value, bool):
            return value
        kinds = {self._part(part, known) for part in value}
        return False if False in kinds else True if True in kinds else None

    def _part(self, part: Part, known: Variables) -> Known:
        if isinstance(part, TEXTS):
            if magic(part.text) or not self._blanks.isdisjoint(part.text):
                return False
            return True if part.text else None
        if isinstance(part, DoubleQuoted):
            return self._value(part.parts, known)
        if isinstance(part, ParameterExpansion):
            return self._parameter(part, known)
        if isinstance(part, TildePrefix):
            return not part.user
        return isinstance(part, ParameterLength | ArithmeticExpansion)

    def _parameter(self, part: ParameterExpansion, known: Variables) -> Known:
        operator = part.operator
        name = part.parameter
        value = True if name in NUMBERS else self._look(name, known)
        word = self._value(part.word.parts, known) if part.word is not None else None
        if operator[-1:] == '+':
            return None if value is None else word
        return word if value is None and operator[-1:] in ('-', '=') else value

    # -- commands -----------------------------------------------------------------------------

    def run(self, node: Node, known: Variables) -> None:
        """Go through a node, from what is known before it to what is known behind it."""
        if isinstance(node, APART) or isinstance(node, Pipeline) and len(node.commands) > 1:
            for part in node.below():
                self.run(part, known.copy())
        elif isinstance(node, FunctionDefinition):
            inside = {name: name in self._always for name in self._called | self._always}
            self.run(node.body, {**known, **inside, **dict.fromkeys(POSITIONAL, False)})
        elif isinstance(node, AndOrList):
            self.run(node.pipelines[0], known)
            for pipeline in node.pipelines[1:]:
                self._either(known, [self._after(pipeline, known)])
        elif isinstance(node, IfClause):
            self._if(node, known)
        elif isinstance(node, CaseClause):
            self._case(node, known)
        elif isinstance(node, ForClause | WhileClause | ArithmeticFor):
            self._loop(node, known)
        elif isinstance(node, SimpleCommand):
            self._simple(node, known)
        else:
            self._below(node, known)
            self._set(given_by(node), known)
            if isinstance(node, ParameterExpansion):
                self._expansion(node, known)

    def _below(self, node: Node, known: Variables) -> None:
        for part in node.below():
            self.run(part, known)

    def _expansion(self, node: ParameterExpansion, known: Variables) -> None:
        value = self._parameter(node, known)
        if value is True:
            self.found.add(id(node))
        if node.operator[-1:] == '=':
            known[node.parameter] = value

    def _simple(self, node: SimpleCommand, known: Variables) -> None:
        if not node.words:
            for each in node.assignments:
                self._below(each, known)
                self._set([_assigned(each)], known)
            for redirection in node.redirections:
                self.run(redirection, known)
            return
        self._below(node, known)        # what is assigned is for the command alone
        if node.words[0].literal() in self._functions:
            for name in self._called:
                known[name] = name in self._always
        self._set(given_by(node), known)

    def _set(self, given: Iterable[Given], known: Variables) -> None:
        for name, value, append in given:
            new = self._value(value, known) if name not in self._integers else True
            old = self._look(name, known) if append else None
            known[name] = False if False in (old, new) else new if old is None else old

    def _after(self, node: Node, known: Variables) -> Variables:
        """What is known behind a node, were it to run."""
        known = known.copy()
        self.run(node, known)
        return known

    def _either(self, known: Variables, others: list[Variables]) -> None:
        """Things are as is known, or as one of the others has it."""
        for name in {name for other in others for name in other}:
            values = [self._look(name, each) for each in (known, *others)]
            known[name] = False if False in values else None if None in values else True

    def _if(self, node: IfClause, known: Variables) -> None:
        ends = []
        for condition, body in node.branches:
            self.run(condition, known)
            ends.append(self._after(body, known))
        if node.otherwise is not None:
            self.run(node.otherwise, known)
        self._either(known, ends)

    def _case(self, node: CaseClause, known: Variables) -> None:
        self.run(node.word, known)
        ends: list[Variables] = []
        for item in node.items:
            for pattern in item.patterns:
                self.run(pattern, known)
            begun = known.copy()
            if ends:                    # ;& leads here from the one before
                self._either(begun, ends[-1:])
            ends.append(self._after(item.body, begun))
        if any(pattern.literal() == '*' for item in node.items for pattern in item.patterns):
            known.update(ends.pop())
        self._either(known, ends)

    def _loop(self, node: ForClause | WhileClause | ArithmeticFor, known: Variables) -> None:
        values: list[Known] = []
        if isinstance(node, ForClause):
            for word in node.words or ():
                self.run(word, known)
                values.append(self._value(word.parts, known))
        self._set(given_by(node), known)
        for name in self._repeated:
            known[name] = self._look(name, known) if name in self._always else False
        if isinstance(node, WhileClause):
            self.run(node.condition, known)
        inside = known.copy()
        if isinstance(node, ForClause):
            inside[node.name] = bool(values) and all(values)
        self.run(node.body, inside)
        if values and all(values):      # it has run
            known.update(inside)
        else:
            self._either(known, [inside])
