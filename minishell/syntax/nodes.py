"""Every node of the tree, in grammar order (XCU 2.10.2), then words and their parts.

Nodes are immutable once the parser has returned them.  `pos` is an offset into the text of
the Source that the node was parsed from; equality leaves positions out.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import MethodType

    from minishell.syntax.source import Source

POSITIONS = {'pos', 'end', 'source'}


class Node:
    """What all nodes can do: be compared, printed and walked."""

    __slots__: tuple[str, ...] = ()

    def fields(self) -> tuple[str, ...]:
        """The names of what the node consists of."""
        return self.__slots__

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(
            getattr(self, name) == getattr(other, name)
            for name in self.fields() if name not in POSITIONS)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        fields = ', '.join(repr(getattr(self, name))
                           for name in self.fields() if name not in POSITIONS)
        return f'{type(self).__name__}({fields})'

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order of the source."""
        # A stack of its own: generators inside each other take C stack, and time for each
        # level at each node.
        left: list[object] = [self]
        while left:
            value = left.pop()
            if isinstance(value, Node):
                yield value
                left.extend([getattr(value, name) for name in reversed(value.fields())])
            elif isinstance(value, tuple):
                left.extend(reversed(value))


class CommandList(Node):                # list, compound_list: a; b & c
    """Commands run one after the other (XCU 2.9.3.4)."""

    __slots__ = ('_commands', '_later')

    def __init__(self, commands: tuple[Command, ...] | None,
                 later: Callable[[], tuple[Command, ...]] | None = None) -> None:
        self._commands = commands
        self._later = later             # what gives commands that have not been read yet

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands, in their order."""
        if self._commands is None:
            assert self._later is not None
            self._commands = self._later()
        return self._commands

    def fields(self) -> tuple[str, ...]:
        """The names of what the node consists of."""
        return ('commands',)


class AsynchronousList(Node):           # and_or '&'
    """A command run without being waited for (XCU 2.9.3.2)."""

    __slots__ = ('command', 'pos', 'end')

    def __init__(self, command: Command, pos: int, end: int) -> None:
        self.command = command          # an and-or list, pipeline or command
        self.pos = pos
        self.end = end                  # offset of the &


class AndOrList(Node):                  # a && b || c
    """Pipelines joined by && and ||, left to right (XCU 2.9.3)."""

    __slots__ = ('pipelines', 'operators')

    def __init__(self, pipelines: tuple[Command, ...], operators: tuple[str, ...]) -> None:
        self.pipelines = pipelines      # two or more
        self.operators = operators      # '&&' or '||', one fewer


class Pipeline(Node):                   # ! a | b
    """Commands joined by pipes, perhaps negated (XCU 2.9.2)."""

    __slots__ = ('commands', 'negated', 'pos')

    def __init__(self, commands: tuple[Command, ...], negated: bool, pos: int) -> None:
        self.commands = commands        # one only if negated
        self.negated = negated
        self.pos = pos


class TimedPipeline(Node):              # time -p a | b
    """A pipeline of bash that tells how long it took."""

    __slots__ = ('command', 'portable')

    def __init__(self, command: Command | None, portable: bool) -> None:
        self.command = command          # None: nothing
        self.portable = portable        # in the format of POSIX


class SimpleCommand(Node):              # x=1 name arg >file
    """Assignments, words and redirections (XCU 2.9.1)."""

    __slots__ = ('assignments', 'words', 'redirections', 'pos')

    def __init__(self, assignments: tuple[Assignment, ...], words: tuple[Word, ...],
                 redirections: tuple[AnyRedirection, ...], pos: int) -> None:
        self.assignments = assignments
        self.words = words
        self.redirections = redirections
        self.pos = pos


class Assignment(Node):                 # name=value
    """An assignment word (XCU 2.10.2, rule 7)."""

    __slots__ = ('name', 'value', 'pos')

    def __init__(self, name: str, value: Word, pos: int) -> None:
        self.name = name
        self.value = value              # perhaps without parts
        self.pos = pos


class RedirectedCommand(Node):          # compound_command redirect_list
    """A compound command with redirections (XCU 2.9.4)."""

    __slots__ = ('command', 'redirections', 'pos')

    def __init__(self, command: Command, redirections: tuple[AnyRedirection, ...],
                 pos: int) -> None:
        self.command, self.redirections = command, redirections
        self.pos = pos


class MalformedText(Node):              # what `…` holds where it is no list of commands
    """Text with a syntax error, run up to it where it stands (XCU 2.6.3)."""

    __slots__ = ('text',)

    def __init__(self, text: str) -> None:
        self.text = text


class UnsupportedCommand(Node):         # coproc command
    """What bash has and this shell has not, its name first: an error when it is run."""

    __slots__ = ('text', 'pos')

    def __init__(self, text: str, pos: int) -> None:
        self.text, self.pos = text, pos


class SubstitutingCommand(Node):        # command
    """A command with process substitutions in it, of bash: they end behind it."""

    __slots__ = ('command',)

    def __init__(self, command: Command) -> None:
        self.command = command


class FileText(Node):                   # $(<target)
    """What bash substitutes for a redirection alone: the text of the file."""

    __slots__ = ('redirection',)

    def __init__(self, redirection: AnyRedirection) -> None:
        self.redirection = redirection


class BraceGroup(Node):                 # { list; }
    """Commands run in the current environment (XCU 2.9.4.1)."""

    __slots__ = ('body', 'pos')

    def __init__(self, body: CommandList, pos: int) -> None:
        self.body = body
        self.pos = pos


class Subshell(Node):                   # ( list )
    """Commands run in a subshell environment (XCU 2.9.4.1)."""

    __slots__ = ('body', 'pos')

    def __init__(self, body: CommandList, pos: int) -> None:
        self.body = body
        self.pos = pos


class ForClause(Node):                  # for name in words; do body; done
    """The for loop (XCU 2.9.4.2)."""

    __slots__ = ('name', 'words', 'body', 'pos')

    def __init__(self, name: str, words: tuple[Word, ...] | None, body: CommandList,
                 pos: int) -> None:
        self.name = name
        self.words = words              # None without `in`: "$@"
        self.body = body
        self.pos = pos


class SelectClause(ForClause):          # select name in words; do body; done
    """The menu of bash."""


class CaseClause(Node):                 # case word in items esac
    """The case conditional (XCU 2.9.4.3)."""

    __slots__ = ('word', 'items', 'pos')

    def __init__(self, word: Word, items: tuple[CaseItem, ...], pos: int) -> None:
        self.word = word
        self.items = items
        self.pos = pos


class CaseItem(Node):                   # a|b) body ;;
    """One branch of a case conditional."""

    __slots__ = ('patterns', 'body', 'terminator')

    def __init__(self, patterns: tuple[Word, ...], body: CommandList,
                 terminator: str) -> None:
        self.patterns = patterns
        self.body = body                # perhaps without commands
        self.terminator = terminator    # ';;' or ';&'


class IfClause(Node):                   # if a; then b; elif c; then d; else e; fi
    """The if conditional (XCU 2.9.4.4)."""

    __slots__ = ('branches', 'otherwise', 'pos')

    def __init__(self, branches: tuple[tuple[CommandList, CommandList], ...],
                 otherwise: CommandList | None, pos: int) -> None:
        self.branches = branches        # (condition, body) of if and each elif
        self.otherwise = otherwise      # after else
        self.pos = pos


class WhileClause(Node):                # while condition; do body; done
    """The while loop (XCU 2.9.4.5)."""

    __slots__ = ('condition', 'body', 'pos')

    def __init__(self, condition: CommandList, body: CommandList, pos: int) -> None:
        self.condition = condition
        self.body = body
        self.pos = pos


class UntilClause(WhileClause):         # until condition; do body; done
    """The until loop (XCU 2.9.4.6)."""


class FunctionDefinition(Node):         # name() body
    """A function definition command (XCU 2.9.5)."""

    __slots__ = ('name', 'body', 'pos', 'end')

    def __init__(self, name: str, body: Command, pos: int, end: int) -> None:
        self.name = name
        self.body = body                # a compound command, perhaps redirected
        self.pos = pos
        self.end = end                  # offset behind the body


class ConditionalCommand(Node):         # [[ expression ]]
    """The conditional command of bash."""

    __slots__ = ('expression', 'pos')

    def __init__(self, expression: Conditional, pos: int) -> None:
        self.expression = expression
        self.pos = pos


class Conditional(Node):                # a == b* && -n $c
    """An expression of a conditional command."""

    __slots__ = ('operator', 'operands')

    def __init__(self, operator: str, operands: tuple[Word | Conditional, ...]) -> None:
        self.operator = operator        # && || ! over expressions, the others over words
        self.operands = operands


class ArithmeticCommand(Node):          # ((parts))
    """The arithmetic command of bash."""

    __slots__ = ('parts', 'pos')

    def __init__(self, parts: tuple[Part, ...], pos: int) -> None:
        self.parts = parts              # as in an ArithmeticExpansion
        self.pos = pos


class ArithmeticFor(Node):              # for ((first; condition; next)); do body; done
    """The arithmetic for loop of bash."""

    __slots__ = ('expressions', 'body', 'pos')

    def __init__(self, expressions: tuple[tuple[Part, ...], ...], body: CommandList,
                 pos: int) -> None:
        self.expressions = expressions  # three, each perhaps without parts
        self.body = body
        self.pos = pos


class Redirection(Node):                # 2>target
    """A redirection to a file or descriptor (XCU 2.7)."""

    __slots__ = ('descriptor', 'operator', 'target', 'pos')

    def __init__(self, descriptor: int | str | None, operator: str, target: Word,
                 pos: int) -> None:
        self.descriptor = descriptor    # None: the operator's own, 0 or 1; or '{name}'
        self.operator = operator        # < > >| >> <> <& >&
        self.target = target
        self.pos = pos


class HereDocument(Node):               # 0<<delimiter
    """A here-document (XCU 2.7.4); the lexer sets `body` at the next newline."""

    __slots__ = ('descriptor', 'operator', 'delimiter', 'quoted', 'body', 'pos')

    def __init__(self, descriptor: int | str | None, operator: str, delimiter: str,
                 quoted: bool, body: Word, pos: int) -> None:
        self.descriptor = descriptor    # None: 0; or '{name}'
        self.operator = operator        # << or <<-
        self.delimiter = delimiter      # after quote removal
        self.quoted = quoted            # the delimiter had quotes: the body is literal
        self.body = body                # parts as inside double quotes
        self.pos = pos


class Word(Node):                       # a'b'"$c"
    """A word: parts side by side (XCU 2.3).

    Most words of a script are never expanded, so one whose end is certain without it is
    taken apart when its parts are first asked for.
    """

    __slots__ = ('_parts', 'pos', 'end', '_later')

    def __init__(self, parts: tuple[Part, ...] | None, pos: int, end: int,
                 later: str | Callable[[int], tuple[Part, ...]] = '') -> None:
        self._parts = parts
        self.pos = pos
        self.end = end                  # offset behind the word
        # Without parts: its text if it is a Literal, else what reads the word at an offset.
        self._later = later

    @property
    def parts(self) -> tuple[Part, ...]:
        """What stands side by side in the word."""
        if self._parts is None:
            later = self._later
            self._parts = (Literal(later),) if type(later) is str else later(self.pos)  # type: ignore[operator]
        return self._parts

    def fields(self) -> tuple[str, ...]:
        """The names of what the node consists of."""
        return ('parts', 'pos', 'end')

    def known(self) -> bool:
        """Whether the word has been taken apart."""
        return self._parts is not None

    def unread(self) -> MethodType | None:
        """What reads the word if it has not been taken apart."""
        later = self._later
        return later if self._parts is None and type(later) is not str else None  # type: ignore[return-value]

    def literal(self) -> str | None:
        """The text of a word that is unquoted and has nothing to expand, else None."""
        later = self._later
        if type(later) is str and later:
            return later
        parts = self._parts
        if parts is not None and len(parts) == 1 and type(parts[0]) is Literal:
            return parts[0].text
        return None


class Literal(Node):                    # abc
    """Unquoted text without expansions; may hold pattern characters."""

    __slots__ = ('text',)

    def __init__(self, text: str) -> None:
        self.text = text


class Escaped(Node):                    # \c
    """Characters quoted by a backslash each (XCU 2.2.1)."""

    __slots__ = ('text',)

    def __init__(self, text: str) -> None:
        self.text = text                # without the backslash


class SingleQuoted(Node):               # 'text'
    """Text in single-quotes (XCU 2.2.2)."""

    __slots__ = ('text',)

    def __init__(self, text: str) -> None:
        self.text = text


class DollarSingleQuoted(Node):         # $'text'
    """Text in dollar-single-quotes, its escapes already decoded (XCU 2.2.4)."""

    __slots__ = ('text',)

    def __init__(self, text: str) -> None:
        self.text = text


class DoubleQuoted(Node):               # "parts"
    """Parts in double-quotes (XCU 2.2.3); its Literals are quoted text."""

    __slots__ = ('parts',)

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self.parts = parts


class TildePrefix(Node):                # ~user
    """A tilde-prefix (XCU 2.6.1)."""

    __slots__ = ('user',)

    def __init__(self, user: str) -> None:
        self.user = user                # '' for the own HOME


class ParameterExpansion(Node):         # $name ${name:-word}
    """A parameter expansion (XCU 2.6.2)."""

    __slots__ = ('parameter', 'operator', 'word', 'pos')

    def __init__(self, parameter: str, operator: str, word: Word | None, pos: int) -> None:
        self.parameter = parameter      # a name, digits, or one of @ * # ? - $ ! 0
        self.operator = operator        # '' or :- - := = :? ? :+ + # ## % %%
        self.word = word                # behind the operator; None without one
        self.pos = pos


class ParameterLength(Node):            # ${#name}
    """The length of a parameter's value in characters (XCU 2.6.2)."""

    __slots__ = ('parameter', 'pos')

    def __init__(self, parameter: str, pos: int) -> None:
        self.parameter = parameter
        self.pos = pos


class ParameterChange(Node):            # ${name/pattern/string} ${name:offset:length}
    """A parameter expansion of bash's that changes the value, or each of $@'s."""

    __slots__ = ('parameter', 'operator', 'words', 'pos')

    def __init__(self, parameter: str, operator: str, words: tuple[Word, ...],
                 pos: int) -> None:
        self.parameter = parameter
        self.operator = operator        # / // /# /% : ^ ^^ , ,, @Q @U @L @u !* !@ [
        self.words = words              # one or two, none behind @ and !
        self.pos = pos


class IndirectExpansion(Node):          # ${!name} ${!name:-word}
    """An expansion of the parameter that another one's value names (bash)."""

    __slots__ = ('parameter', 'part', 'pos')

    def __init__(self, parameter: str, part: Part, pos: int) -> None:
        self.parameter = parameter
        self.part = part        # the expansion that is applied to what the name leads to
        self.pos = pos


class CommandSubstitution(Node):        # $(list) `list`
    """A command substitution (XCU 2.6.3)."""

    __slots__ = ('body', 'backquoted', 'source', 'pos')

    def __init__(self, body: CommandList, backquoted: bool, source: Source, pos: int) -> None:
        self.body = body
        self.backquoted = backquoted
        self.source = source            # what the positions in body refer to
        self.pos = pos


class ProcessSubstitution(Node):        # <(list) >(list)
    """A process substitution of bash: a name that commands write to or read from."""

    __slots__ = ('operator', 'body', 'source', 'pos')

    def __init__(self, operator: str, body: CommandList, source: Source, pos: int) -> None:
        self.operator = operator        # < or >
        self.body = body
        self.source = source
        self.pos = pos


class ArithmeticExpansion(Node):        # $((parts))
    """An arithmetic expansion; its text is parsed when compiled (XCU 2.6.4)."""

    __slots__ = ('parts', 'pos')

    def __init__(self, parts: tuple[Part, ...], pos: int) -> None:
        self.parts = parts              # Literals and expansions, as in double quotes
        self.pos = pos


if TYPE_CHECKING:
    Command = (CommandList | AsynchronousList | AndOrList | Pipeline | SimpleCommand
               | RedirectedCommand | BraceGroup | Subshell | ForClause | CaseClause | IfClause
               | WhileClause | FunctionDefinition | ConditionalCommand | ArithmeticCommand
               | ArithmeticFor | SubstitutingCommand | TimedPipeline | FileText
               | MalformedText | UnsupportedCommand)
    AnyRedirection = Redirection | HereDocument
    Part = (Literal | Escaped | SingleQuoted | DollarSingleQuoted | DoubleQuoted
            | TildePrefix | ParameterExpansion | ParameterLength | CommandSubstitution
            | ProcessSubstitution | ArithmeticExpansion | ParameterChange | IndirectExpansion)
