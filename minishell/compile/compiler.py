"""The compiler: which function makes the closure of a node; the only file that knows.

Each is asked for by the node's type and imported by the first of its kind, so that the files
of compile/ need not import each other where commands, words and expansions nest.
"""
from __future__ import annotations

import sys

from minishell.syntax import array_nodes, nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from minishell.compile.words import SegmentsClosure
    from minishell.state.shell import Action, At, Shell, Text
    from minishell.syntax.source import Source

    Place = tuple[str, str]             # a module of compile/, a function there

# (node, compiler, tail) -> Action
COMMANDS: dict[type, Place] = {
    nodes.SimpleCommand: ('simple', 'compile_simple'),
    nodes.Pipeline: ('pipelines', 'compile_pipeline'),
    nodes.AsynchronousList: ('pipelines', 'compile_asynchronous'),
    nodes.AndOrList: ('compound', 'compile_and_or'),
    nodes.BraceGroup: ('compound', 'compile_brace_group'),
    nodes.Subshell: ('compound', 'compile_subshell'),
    nodes.IfClause: ('compound', 'compile_if'),
    nodes.CaseClause: ('compound', 'compile_case'),
    nodes.RedirectedCommand: ('compound', 'compile_redirected'),
    nodes.FunctionDefinition: ('compound', 'compile_function'),
    nodes.CoprocessCommand: ('coprocess', 'compile_coprocess'),
    nodes.ForClause: ('loops', 'compile_for'),
    nodes.WhileClause: ('loops', 'compile_while'),
    nodes.UntilClause: ('loops', 'compile_while'),
    nodes.ArithmeticFor: ('loops', 'compile_arithmetic_for'),
    nodes.SelectClause: ('selecting', 'compile_select'),
    nodes.ArithmeticCommand: ('numbers', 'compile_arithmetic_command'),
    nodes.ConditionalCommand: ('conditional', 'compile_conditional'),
    nodes.TimedPipeline: ('timing', 'compile_timed'),
    nodes.FileText: ('file_text', 'compile_file_text'),
    nodes.MalformedText: ('substitution', 'compile_malformed'),
    nodes.SubstitutingCommand: ('process_substitution', 'compile_substituting'),
}
# (part, compiler, quoted) -> Text
PARTS: dict[type, Place] = {
    nodes.Literal: ('words', 'compile_constant'),
    nodes.Escaped: ('words', 'compile_constant'),
    nodes.SingleQuoted: ('words', 'compile_constant'),
    nodes.DollarSingleQuoted: ('words', 'compile_constant'),
    nodes.DoubleQuoted: ('words', 'compile_double_quoted'),
    nodes.TildePrefix: ('words', 'compile_tilde'),
    nodes.ParameterExpansion: ('parameters', 'compile_parameter'),
    nodes.ParameterLength: ('parameters', 'compile_length'),
    nodes.ParameterChange: ('parameter_changes', 'compile_change'),
    array_nodes.IndirectExpansion: ('parameter_changes', 'compile_indirect'),
    array_nodes.ElementExpansion: ('elements', 'compile_element'),
    array_nodes.SubscriptsExpansion: ('elements', 'compile_subscripts'),
    array_nodes.CompoundValue: ('elements', 'compile_compound_text'),
    nodes.ArithmeticExpansion: ('numbers', 'compile_arithmetic_expansion'),
    nodes.CommandSubstitution: ('substitution', 'compile_substitution'),
    nodes.ProcessSubstitution: ('process_substitution', 'compile_process_substitution'),
}
# (part, compiler, quoted) -> SegmentsClosure, of parts that may expand to several fields
SEVERAL: dict[type, Place] = {
    nodes.ParameterExpansion: ('parameters', 'compile_parameter_segments'),
    nodes.ParameterChange: ('parameter_changes', 'compile_change_segments'),
    array_nodes.IndirectExpansion: ('parameter_changes', 'compile_indirect_segments'),
    array_nodes.ElementExpansion: ('elements', 'compile_element_segments'),
    array_nodes.SubscriptsExpansion: ('elements', 'compile_subscripts_segments'),
}

_found: dict[Place, Callable[..., Any]] = {}


class Compiler:
    """Makes the closures of what has been read from one source."""

    __slots__ = ('source',)

    def __init__(self, source: Source) -> None:
        self.source = source

    def command(self, node: nodes.Command, tail: bool = False) -> Action:
        """Action: any command.  `tail`: the process has nothing to do after it."""
        if type(node) is nodes.CommandList:
            return self.list(node, tail)
        action: Action = _function(COMMANDS[type(node)])(node, self, tail)
        return action

    def part(self, part: nodes.Part, quoted: bool) -> Text:
        """Text: one part of a word; `quoted`: inside double-quotes or a here-document."""
        text: Text = _function(PARTS[type(part)])(part, self, quoted)
        return text

    def several(self, part: nodes.Part, quoted: bool) -> SegmentsClosure:
        """Segments: a part that may expand to several fields."""
        segments: SegmentsClosure = _function(SEVERAL[type(part)])(part, self, quoted)
        return segments

    def at(self, node: nodes.Node) -> At:
        """Where a command is: what `Shell.at` is set to as it begins."""
        return self.source.line_of(node.pos), node, self.source

    def deferred(self, node: nodes.Command, tail: bool = False) -> Action:
        """Action that is compiled by its first run: most branches of a script never run."""
        action: Action | None = None

        def run(shell: Shell) -> int:
            nonlocal action
            if action is None:
                action = self.command(node, tail)
            return action(shell)
        return run

    def list(self, node: nodes.CommandList, tail: bool = False) -> Action:
        """Action: commands one after the other (XCU 2.9.3.4); traps run between them."""
        last = len(node.commands) - 1
        commands = [self.command(command, tail and index == last)
                    for index, command in enumerate(node.commands)]
        if not commands:
            return lambda shell: 0
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


def _function(place: Place) -> Callable[..., Any]:
    """The function at a place; its module is imported by the first use."""
    function = _found.get(place)
    if function is None:
        module = 'minishell.compile.' + place[0]
        __import__(module)
        function = _found[place] = getattr(sys.modules[module], place[1])
    return function
