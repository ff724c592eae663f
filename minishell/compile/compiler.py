"""The compiler: which function makes the closure of a node; the only file that knows.

Each is asked for by the node's type and imported by the first of its kind, so that the files
of compile/ need not import each other where commands, words and expansions nest.
"""
from __future__ import annotations

import sys

from minishell.status import keeping
from minishell.syntax.nodes import (
    ArithmeticCommand,
    Assignment,
    CommandList,
    ConditionalCommand,
    SimpleCommand,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from minishell.compile.parameters import Values
    from minishell.compile.words import SegmentsClosure
    from minishell.state.shell import Action, At, Shell, Text
    from minishell.syntax import nodes
    from minishell.syntax.nodes import CommandSubstitution, Node, ProcessSubstitution
    from minishell.syntax.source import Source

    Place = tuple[str, str]             # a module of compile/, a function there

# A node by the name of its class: the classes of arrays are loaded where some are read.
# (node, compiler, tail) -> Action
COMMANDS: dict[str, Place] = {
    'SimpleCommand': ('simple', 'compile_simple'),
    'Pipeline': ('pipelines', 'compile_pipeline'),
    'AsynchronousList': ('pipelines', 'compile_asynchronous'),
    'AndOrList': ('compound', 'compile_and_or'),
    'BraceGroup': ('compound', 'compile_brace_group'),
    'Subshell': ('compound', 'compile_subshell'),
    'IfClause': ('compound', 'compile_if'),
    'CaseClause': ('compound', 'compile_case'),
    'RedirectedCommand': ('compound', 'compile_redirected'),
    'FunctionDefinition': ('compound', 'compile_function'),
    'CoprocessCommand': ('coprocess', 'compile_coprocess'),
    'ForClause': ('loops', 'compile_for'),
    'WhileClause': ('loops', 'compile_while'),
    'UntilClause': ('loops', 'compile_while'),
    'ArithmeticFor': ('loops', 'compile_arithmetic_for'),
    'SelectClause': ('selecting', 'compile_select'),
    'ArithmeticCommand': ('numbers', 'compile_arithmetic_command'),
    'ConditionalCommand': ('conditional', 'compile_conditional'),
    'TimedPipeline': ('timing', 'compile_timed'),
    'FileText': ('file_text', 'compile_file_text'),
    'MalformedText': ('substitution', 'compile_malformed'),
    'SubstitutingCommand': ('process_substitution', 'compile_substituting'),
}
# (part, compiler, quoted) -> Text
PARTS: dict[str, Place] = {
    'Literal': ('words', 'compile_constant'),
    'Escaped': ('words', 'compile_constant'),
    'SingleQuoted': ('words', 'compile_constant'),
    'DollarSingleQuoted': ('words', 'compile_constant'),
    'DoubleQuoted': ('words', 'compile_double_quoted'),
    'TildePrefix': ('words', 'compile_tilde'),
    'ParameterExpansion': ('parameters', 'compile_parameter'),
    'ParameterLength': ('parameters', 'compile_length'),
    'ParameterChange': ('parameter_changes', 'compile_change'),
    'IndirectExpansion': ('parameter_changes', 'compile_indirect'),
    'ElementExpansion': ('elements', 'compile_element'),
    'SubscriptsExpansion': ('elements', 'compile_subscripts'),
    'CompoundValue': ('array_assignments', 'compile_compound_text'),
    'ArithmeticExpansion': ('numbers', 'compile_arithmetic_expansion'),
    'CommandSubstitution': ('substitution', 'compile_substitution'),
    'ProcessSubstitution': ('process_substitution', 'compile_process_substitution'),
}
# (part, compiler, quoted) -> SegmentsClosure, of parts that may expand to several fields
SEVERAL: dict[str, Place] = {
    'ParameterExpansion': ('parameters', 'compile_parameter_segments'),
    'ParameterChange': ('parameter_changes', 'compile_change_segments'),
    'IndirectExpansion': ('parameter_changes', 'compile_indirect_segments'),
    'ElementExpansion': ('elements', 'compile_element_segments'),
    'SubscriptsExpansion': ('elements', 'compile_subscripts_segments'),
}

VALUES: dict[str, Place] = {
    'ElementExpansion': ('elements', 'quoted_values'),
    'ParameterChange': ('parameter_changes', 'quoted_values'),
}
# The same, by the nodes' types: those that have been asked for
_commands: dict[type, Callable[..., Any]] = {}
_parts: dict[type, Callable[..., Any]] = {}
_several: dict[type, Callable[..., Any]] = {}
_values: dict[type, Callable[..., Any]] = {}


class Compiler:
    """Makes the closures of what has been read from one source.

    In bash mode (`as_bash`) a simple command is at the line where its second word ends, as bash
    knows no sooner what it is, and the lines of a substitution in it count from there.
    """

    __slots__ = ('source', 'as_bash', 'line', '_lines', '_only_line')

    def __init__(self, source: Source, as_bash: bool = False, lines: int = 0) -> None:
        self.source = source
        self.as_bash = as_bash
        self.line = 0           # of the simple command whose words are being compiled
        self._lines = lines     # what is added to those of the source
        # The line of all there is, as most texts of `eval` are one; 0 where there are several.
        self._only_line = 0 if '\n' in source.text else source.first_line + lines

    def inside(self, node: CommandSubstitution | ProcessSubstitution) -> Compiler:
        """A compiler of the commands of a substitution."""
        lines = 0
        if self.line and node.body.commands:
            lines = self.line - node.source.line_of(node.body.commands[0].pos)
        return Compiler(node.source, self.as_bash, lines)

    def command(self, node: nodes.Command, tail: bool = False) -> Action:
        """Action: any command.  `tail`: the process has nothing to do after it."""
        if type(node) is CommandList:
            return self.list(node, tail)
        kind = type(node)
        action: Action = (_commands.get(kind) or _find(kind, _commands, COMMANDS))(
            node, self, tail)
        return action

    def part(self, part: nodes.Part, quoted: bool) -> Text:
        """Text: one part of a word; `quoted`: inside double-quotes or a here-document."""
        kind = type(part)
        text: Text = (_parts.get(kind) or _find(kind, _parts, PARTS))(part, self, quoted)
        return text

    def several(self, part: nodes.Part, quoted: bool) -> SegmentsClosure:
        """Segments: a part that may expand to several fields."""
        kind = type(part)
        segments: SegmentsClosure = (_several.get(kind) or _find(kind, _several, SEVERAL))(
            part, self, quoted)
        return segments

    def values(self, part: nodes.Part) -> Values | None:
        """The fields of a part that stands alone in double-quotes, where they are all there
        is to it: `"${a[@]}"`; None if it isn't known to be so."""
        kind = type(part)
        if kind.__name__ not in VALUES:
            return None
        values: Values | None = (_values.get(kind) or _find(kind, _values, VALUES))(part, self)
        return values

    def at(self, node: nodes.Node) -> At:
        """Where a command is: what `Shell.at` is set to as it begins."""
        source = self.source
        if not self.as_bash:
            return self._only_line or source.line_of(node.pos), node, source
        if self._only_line:
            if type(node) is SimpleCommand:
                self.line = self._only_line
            return self._only_line, node, source
        if type(node) is SimpleCommand:
            self.line = line = source.line_of(_known_at(node, source.text)) + self._lines
            return line, node, source
        read_at_once = isinstance(node, (ArithmeticCommand, ConditionalCommand))
        pos = node.end if read_at_once else node.pos
        return source.line_of(pos) + self._lines, node, source

    def deferred(self, node: nodes.Command, tail: bool = False) -> Action:
        """Action that is compiled by its first run: most branches of a script never run."""
        action: Action | None = None

        def run(shell: Shell) -> int:
            nonlocal action
            if action is None:
                action = self.command(node, tail)
            return action(shell)
        return run

    def list(self, node: CommandList, tail: bool = False) -> Action:
        """Action: commands one after the other (XCU 2.9.3.4); traps run between them."""
        last = len(node.commands) - 1
        commands = [self.command(command, tail and index == last)
                    for index, command in enumerate(node.commands)]
        if not commands:
            return lambda shell: keeping(shell.status, 0)
        if last == 0:
            only = commands[0]

            def run_one(shell: Shell) -> int:
                status = shell.status = only(shell)
                if shell.pending:
                    shell.run_pending_traps()
                return status
            return run_one

        def run(shell: Shell) -> int:
            status = 0
            for command in commands:
                status = shell.status = command(shell)
                if shell.pending:
                    shell.run_pending_traps()
            return status
        return run


def _end_of(node: Node) -> int:
    """Where a word, a redirection or an assignment ends."""
    value = node.value if type(node) is Assignment else node
    return value.end if value.end >= 0 else node.pos


def _known_at(node: SimpleCommand, text: str) -> int:
    """Where it is clear that a simple command begins: at the end of its first part, but if that
    is a word, which might be a function's name, of what follows."""
    words = node.words
    if not words and len(node.assignments) == 1 and not node.redirections:
        return _end_of(node.assignments[0])
    if len(words) > 1 and not node.assignments and not node.redirections:
        return words[1].end
    parts: list[Node] = [*node.assignments, *words, *node.redirections]
    if not parts:                       # the nothing behind `!`
        return node.pos
    first, *rest = sorted(parts, key=lambda part: part.pos)
    if not words or first is not words[0]:
        return _end_of(first)
    if rest:
        return rest[0].end if rest[0] in words else rest[0].pos
    end = first.end
    while text.startswith(('\\\n', ' ', '\t'), end):
        end += 1 if text[end] != '\\' else 2
    return end


def _find(kind: type, found: dict[type, Callable[..., Any]],
          places: dict[str, Place]) -> Callable[..., Any]:
    """The function for a type of nodes, found from now on; its module is imported."""
    name, function = places[kind.__name__]
    module = 'minishell.compile.' + name
    __import__(module)
    found[kind] = getattr(sys.modules[module], function)
    return found[kind]
