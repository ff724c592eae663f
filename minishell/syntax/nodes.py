"""Every node of the tree, in grammar order (XCU 2.10.2), then words and their parts.

Nodes are immutable once the parser has returned them; what they consist of may be read when
it is first asked for (the parts of a Word, the commands of a kept CommandList).  `pos` and
`end` are offsets into the text of the Source that the node was parsed from, end behind its
last character; -1 where it was made, not read.  Equality leaves positions out.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from minishell.syntax.source import Source

POSITIONS = {'pos', 'end', 'source'}


class Node:
    """What all nodes can do: be compared, printed and walked."""

    __slots__: tuple[str, ...] = ()

    def fields(self) -> tuple[str, ...]:
        """The names of what the node consists of."""
        return self.__slots__

    if TYPE_CHECKING:
        pos: int
        end: int
    else:
        @property
        def pos(self) -> int:
            """Where a node begins that knows it by what it consists of."""
            return min([node.pos for node in self.below() if node.pos >= 0], default=-1)

        @property
        def end(self) -> int:
            """Where such a node ends."""
            return max([node.end for node in self.below()] or [self.pos])

    def below(self) -> list[Node]:
        """The nodes that the node consists of, in the order of its fields."""
        found: list[Node] = []
        left = [getattr(self, name) for name in reversed(self.fields())]
        while left:
            value = left.pop()
            if isinstance(value, Node):
                found.append(value)
            elif isinstance(value, tuple):
                left.extend(reversed(value))
        return found

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(
            getattr(self, name) == getattr(other, name)
            for name in self.fields() if name not in POSITIONS)

    def __repr__(self) -> str:
        fields = ', '.join(repr(getattr(self, name))
                           for name in self.fields() if name not in POSITIONS)
        return f'{type(self).__name__}({fields})'

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order of the source."""
        # A stack of its own: generators inside each other take C stack, and time for each.
        left: list[Node] = [self]
        while left:
            node = left.pop()
            yield node
            left.extend(reversed(node.below()))


class TextNode(Node):
    """What is text only."""

    __slots__ = ('text', 'pos', 'end')

    def __init__(self, text: str, pos: int = -1, end: int = -1) -> None:
        self.text, self.pos, self.end = text, pos, end

    def fields(self) -> tuple[str, ...]:
        """The names of what the node consists of."""
        return TextNode.__slots__


class CommandList(Node):                # list, compound_list: a; b & c
    """Commands run one after the other (XCU 2.9.3.4)."""

    __slots__ = ('_commands', '_later')

    def __init__(self, commands: tuple[Command, ...] | None,
                 later: Callable[[], tuple[Command, ...]] | None = None) -> None:
        self._commands, self._later = commands, later   # later gives those not read yet

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

    def __init__(self, command: Command, pos: int = -1, end: int = -1) -> None:
        self.command, self.pos, self.end = command, pos, end


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
        self.negated, self.pos = negated, pos


class TimedPipeline(Node):              # time -p a | b
    """A pipeline of bash that tells how long it took."""

    __slots__ = ('command', 'portable', 'pos', 'end')

    def __init__(self, command: Command | None, portable: bool, pos: int = -1,
                 end: int = -1) -> None:
        self.command = command          # None: nothing
        self.portable, self.pos, self.end = portable, pos, end


class SimpleCommand(Node):              # x=1 name arg >file
    """Assignments, words and redirections (XCU 2.9.1)."""

    __slots__ = ('assignments', 'words', 'redirections', 'pos')

    def __init__(self, assignments: tuple[Assignment, ...], words: tuple[Word, ...],
                 redirections: tuple[AnyRedirection, ...], pos: int) -> None:
        self.assignments, self.words = assignments, words
        self.redirections, self.pos = redirections, pos


class Assignment(Node):                 # name=value name[subscript]+=value name=(elements)
    """An assignment word (XCU 2.10.2, rule 7), or one of bash's."""

    __slots__ = ('name', 'value', 'pos', 'append', 'subscript')

    def __init__(self, name: str, value: Word, pos: int, append: bool = False,
                 subscript: Word | None = None) -> None:
        self.name, self.pos, self.subscript = name, pos, subscript
        self.value = value              # perhaps without parts
        self.append = append            # +=


class RedirectedCommand(Node):          # compound_command redirect_list
    """A compound command with redirections (XCU 2.9.4)."""

    __slots__ = ('command', 'redirections')

    def __init__(self, command: Command, redirections: tuple[AnyRedirection, ...]) -> None:
        self.command, self.redirections = command, redirections


class MalformedText(TextNode):          # what `…` holds where it is no list of commands
    """Text with a syntax error, run up to it where it stands (XCU 2.6.3)."""


class CoprocessCommand(Node):           # coproc name command
    """A command that runs beside the shell, of bash, a pipe leading each way."""

    __slots__ = ('name', 'command', 'pos', 'end')

    def __init__(self, name: Word | None, command: Command, pos: int = -1,
                 end: int = -1) -> None:
        self.name, self.command, self.pos, self.end = name, command, pos, end


class SubstitutingCommand(Node):        # command
    """A command with process substitutions in it, of bash: they end behind it."""

    __slots__ = ('command',)

    def __init__(self, command: Command) -> None:
        self.command = command


class FileText(Node):                   # $(<target)
    """What bash substitutes for a redirection alone: the text of the file."""

    __slots__ = ('redirection',)

    def __init__(self, redirection: Redirection) -> None:
        self.redirection = redirection


class BraceGroup(Node):                 # { list; }
    """Commands run in the current environment (XCU 2.9.4.1)."""

    __slots__ = ('body', 'pos', 'end')

    def __init__(self, body: CommandList, pos: int = -1, end: int = -1) -> None:
        self.body, self.pos, self.end = body, pos, end


class Subshell(Node):                   # ( list )
    """Commands run in a subshell environment (XCU 2.9.4.1)."""

    __slots__ = ('body', 'pos', 'end')

    def __init__(self, body: CommandList, pos: int = -1, end: int = -1) -> None:
        self.body, self.pos, self.end = body, pos, end


class ForClause(Node):                  # for name in words; do body; done
    """The for loop (XCU 2.9.4.2)."""

    __slots__ = ('name', 'words', 'body', 'pos', 'end')

    def __init__(self, name: str, words: tuple[Word, ...] | None, body: CommandList,
                 pos: int = -1, end: int = -1) -> None:
        self.name, self.body, self.pos, self.end = name, body, pos, end
        self.words = words              # None without `in`: "$@"


class SelectClause(ForClause):          # select name in words; do body; done
    """The menu of bash."""


class CaseClause(Node):                 # case word in items esac
    """The case conditional (XCU 2.9.4.3)."""

    __slots__ = ('word', 'items', 'pos', 'end')

    def __init__(self, word: Word, items: tuple[CaseItem, ...], pos: int,
                 end: int = -1) -> None:
        self.word, self.items, self.pos, self.end = word, items, pos, end


class CaseItem(Node):                   # a|b) body ;;
    """One branch of a case conditional."""

    __slots__ = ('patterns', 'body', 'terminator', 'pos', 'end')

    def __init__(self, patterns: tuple[Word, ...], body: CommandList, terminator: str,
                 pos: int = -1, end: int = -1) -> None:
        self.patterns, self.body, self.pos, self.end = patterns, body, pos, end
        self.terminator = terminator    # ';;' or ';&'


class IfClause(Node):                   # if a; then b; elif c; then d; else e; fi
    """The if conditional (XCU 2.9.4.4)."""

    __slots__ = ('branches', 'otherwise', 'pos', 'end')

    def __init__(self, branches: tuple[tuple[CommandList, CommandList], ...],
                 otherwise: CommandList | None, pos: int = -1, end: int = -1) -> None:
        self.branches = branches        # (condition, body) of if and each elif
        self.otherwise, self.pos, self.end = otherwise, pos, end


class WhileClause(Node):                # while condition; do body; done
    """The while loop (XCU 2.9.4.5)."""

    __slots__ = ('condition', 'body', 'pos', 'end')

    def __init__(self, condition: CommandList, body: CommandList, pos: int,
                 end: int = -1) -> None:
        self.condition, self.body, self.pos, self.end = condition, body, pos, end


class UntilClause(WhileClause):         # until condition; do body; done
    """The until loop (XCU 2.9.4.6)."""


class FunctionDefinition(Node):         # name() body
    """A function definition command (XCU 2.9.5)."""

    __slots__ = ('name', 'body', 'pos', 'end')

    def __init__(self, name: str, body: Command, pos: int = -1, end: int = -1) -> None:
        self.name, self.pos, self.end = name, pos, end
        self.body = body                # a compound command, perhaps redirected


class ConditionalCommand(Node):         # [[ expression ]]
    """The conditional command of bash."""

    __slots__ = ('expression', 'pos', 'end')

    def __init__(self, expression: Conditional, pos: int = -1, end: int = -1) -> None:
        self.expression, self.pos, self.end = expression, pos, end


class Conditional(Node):                # a == b* && -n $c
    """An expression of a conditional command."""

    __slots__ = ('operator', 'operands', 'pos', 'end')

    def __init__(self, operator: str, operands: tuple[Word | Conditional, ...],
                 pos: int = -1, end: int = -1) -> None:
        self.operator = operator        # && || ! over expressions, the others over words
        self.operands, self.pos, self.end = operands, pos, end


class ArithmeticCommand(Node):          # ((parts))
    """The arithmetic command of bash."""

    __slots__ = ('parts', 'pos', 'end')

    def __init__(self, parts: tuple[Part, ...], pos: int = -1, end: int = -1) -> None:
        self.parts, self.pos, self.end = parts, pos, end


class ArithmeticFor(Node):              # for ((first; condition; next)); do body; done
    """The arithmetic for loop of bash."""

    __slots__ = ('expressions', 'body', 'pos', 'end')

    def __init__(self, expressions: tuple[tuple[Part, ...], ...], body: CommandList,
                 pos: int = -1, end: int = -1) -> None:
        self.expressions = expressions  # three, each perhaps without parts
        self.body, self.pos, self.end = body, pos, end


class Redirection(Node):                # 2>target
    """A redirection to a file or descriptor (XCU 2.7)."""

    __slots__ = ('descriptor', 'operator', 'target', 'pos')

    def __init__(self, descriptor: int | str | None, operator: str, target: Word,
                 pos: int) -> None:
        self.descriptor = descriptor    # None: the operator's own, 0 or 1; or '{name}'
        self.operator = operator        # < > >| >> <> <& >&
        self.target, self.pos = target, pos


class HereDocument(Node):               # 0<<delimiter
    """A here-document (XCU 2.7.4); the lexer sets `body` and `source` at the next newline."""

    __slots__ = ('descriptor', 'operator', 'delimiter', 'quoted', 'body', 'pos', 'end',
                 'source')

    def __init__(self, descriptor: int | str | None, operator: str, delimiter: str,
                 quoted: bool, body: Word, pos: int = -1, end: int = -1) -> None:
        self.descriptor = descriptor    # None: 0; or '{name}'
        self.operator = operator        # << or <<-
        self.delimiter = delimiter      # after quote removal
        self.quoted = quoted            # the delimiter had quotes: the body is literal
        self.body = body                # parts as inside double quotes
        self.pos, self.end = pos, end   # end is behind the delimiter, before the body
        self.source: Source | None = None       # what the parts of the body refer to

    def fields(self) -> tuple[str, ...]:
        """The names of what the node consists of."""
        return self.__slots__[:-1]


class Word(Node):                       # a'b'"$c"
    """A word: parts side by side (XCU 2.3).

    Most words of a script are never expanded, so one whose end is certain without it is
    taken apart when its parts are first asked for.
    """

    __slots__ = ('_parts', 'pos', 'end', 'later')

    def __init__(self, parts: tuple[Part, ...] | None, pos: int, end: int,
                 later: str | Callable[[int], tuple[Part, ...]] = '') -> None:
        self._parts, self.pos = parts, pos
        self.end = end                  # offset behind the word
        # Without parts: its text if it is a Literal, else what reads the word at an offset;
        # it stays when that has been done.
        self.later = later

    @property
    def parts(self) -> tuple[Part, ...]:
        """What stands side by side in the word."""
        if self._parts is None:
            later = self.later
            self._parts = (Literal(later, self.pos, self.end),) if isinstance(later, str) \
                else later(self.pos)
        return self._parts

    def fields(self) -> tuple[str, ...]:
        """The names of what the node consists of."""
        return ('parts', 'pos', 'end')

    def known(self) -> bool:
        """Whether the word has been taken apart."""
        return self._parts is not None

    def literal(self) -> str | None:
        """The text of a word that is unquoted and has nothing to expand, else None."""
        later = self.later
        if type(later) is not str:
            return None
        if later:
            return later
        parts = self.parts
        return parts[0].text if len(parts) == 1 and type(parts[0]) is Literal else None


class Literal(TextNode):                # abc
    """Unquoted text without expansions; may hold pattern characters."""

    __slots__ = ()


class Escaped(TextNode):                # \c
    """Characters quoted by a backslash each, without the backslashes (XCU 2.2.1)."""

    __slots__ = ()


class SingleQuoted(TextNode):           # 'text'
    """Text in single-quotes (XCU 2.2.2)."""

    __slots__ = ()


class DollarSingleQuoted(TextNode):     # $'text'
    """Text in dollar-single-quotes, its escapes already decoded (XCU 2.2.4)."""

    __slots__ = ()


class DoubleQuoted(Node):               # "parts"
    """Parts in double-quotes (XCU 2.2.3); its Literals are quoted text."""

    __slots__ = ('parts', 'pos', 'end')

    def __init__(self, parts: tuple[Part, ...], pos: int = -1, end: int = -1) -> None:
        self.parts, self.pos, self.end = parts, pos, end


class TildePrefix(Node):                # ~user
    """A tilde-prefix (XCU 2.6.1)."""

    __slots__ = ('user', 'pos', 'end')

    def __init__(self, user: str, pos: int = -1, end: int = -1) -> None:
        self.user, self.pos, self.end = user, pos, end  # '' for the own HOME


class ParameterExpansion(Node):         # $name ${name:-word}
    """A parameter expansion (XCU 2.6.2)."""

    __slots__ = ('parameter', 'operator', 'word', 'pos', 'end')

    def __init__(self, parameter: str, operator: str, word: Word | None, pos: int,
                 end: int = -1) -> None:
        self.parameter = parameter      # a name, digits, or one of @ * # ? - $ ! 0
        self.operator = operator        # '' or :- - := = :? ? :+ + # ## % %%
        self.word = word                # behind the operator; None without one
        self.pos, self.end = pos, end


class ParameterLength(Node):            # ${#name}
    """The length of a parameter's value in characters (XCU 2.6.2)."""

    __slots__ = ('parameter', 'pos', 'end')

    def __init__(self, parameter: str, pos: int = -1, end: int = -1) -> None:
        self.parameter, self.pos, self.end = parameter, pos, end


class ParameterChange(Node):            # ${name/pattern/string} ${name:offset:length}
    """A parameter expansion of bash's that changes the value, or each of $@'s."""

    __slots__ = ('parameter', 'operator', 'words', 'pos', 'end')

    def __init__(self, parameter: str, operator: str, words: tuple[Word, ...],
                 pos: int = -1, end: int = -1) -> None:
        self.parameter = parameter
        self.operator = operator        # / // /# /% : ^ ^^ , ,, @Q @U @L @u !* !@
        self.words = words              # one or two, none behind @ and !
        self.pos, self.end = pos, end


class ArrayPart(Node):
    """A part of a word that is about an array, or indirect (array_nodes.py)."""

    __slots__ = ()
    is_value = False        # of an assignment, in parentheses


class CommandSubstitution(Node):        # $(list) `list`
    """A command substitution (XCU 2.6.3)."""

    __slots__ = ('body', 'backquoted', 'source', 'pos', 'end')

    def __init__(self, body: CommandList, backquoted: bool, source: Source, pos: int,
                 end: int = -1) -> None:
        self.body, self.backquoted = body, backquoted
        self.source = source            # what the positions in body refer to
        self.pos, self.end = pos, end


class ProcessSubstitution(Node):        # <(list) >(list)
    """A process substitution of bash: a name that commands write to or read from."""

    __slots__ = ('operator', 'body', 'source', 'pos', 'end')

    def __init__(self, operator: str, body: CommandList, source: Source, pos: int,
                 end: int = -1) -> None:
        self.operator = operator        # < or >
        self.body, self.source, self.pos, self.end = body, source, pos, end


class ArithmeticExpansion(Node):        # $((parts))
    """Parts as in double-quotes, whose text is parsed when compiled (XCU 2.6.4)."""

    __slots__ = ('parts', 'pos', 'end')

    def __init__(self, parts: tuple[Part, ...], pos: int = -1, end: int = -1) -> None:
        self.parts, self.pos, self.end = parts, pos, end


if TYPE_CHECKING:
    Command = (CommandList | AsynchronousList | AndOrList | Pipeline | SimpleCommand
               | RedirectedCommand | BraceGroup | Subshell | ForClause | CaseClause | IfClause
               | WhileClause | FunctionDefinition | ConditionalCommand | ArithmeticCommand
               | ArithmeticFor | SubstitutingCommand | TimedPipeline | FileText
               | MalformedText | CoprocessCommand)
    AnyRedirection = Redirection | HereDocument
    Part = (Literal | Escaped | SingleQuoted | DollarSingleQuoted | DoubleQuoted
            | TildePrefix | ParameterExpansion | ParameterLength | CommandSubstitution
            | ProcessSubstitution | ArithmeticExpansion | ParameterChange | ArrayPart)
