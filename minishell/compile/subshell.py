"""Subshell environments without a process (XCU 2.13).

`$(f x)` and `(x=1; test …)` need a copy of the shell, not a child: where everything that
will run is known not to reach outside this process, it runs here on copies of the state,
which are dropped afterwards.  A fork from Python costs 1.5 ms; this costs 10 us.

What a process could tell apart goes to a child as ever: other utilities, pipelines, `&`,
redirections of standard output (its descriptor is not the place where a substitution is
collected), and every built-in utility not named in PLAIN.  `needs_of` decides that when a
command is compiled, as far as it can; `may_elide` looks up the functions when it runs.
"""
from __future__ import annotations

from minishell.builtins.registry import COPIED, COPIED_PRINTS, named
from minishell.run.subshell import Collected
from minishell.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from minishell.state.shell import Shell

SILENT = named(COPIED)
PLAIN = named(COPIED | COPIED_PRINTS)     # `command -v` and `set --` only: see _collect_simple
DEEPEST = 300           # nodes inside each other: each subshell looks at all that is inside


def needs_of(node: nodes.Command, text: str) -> frozenset[str] | None:
    """The commands that a node may run, all of which must be functions or PLAIN; None if it
    needs a process whatever they are: as its text asks for the process ID."""
    names: set[str] = set()
    here = 'BASHPID' not in text and _collect(node, names, DEEPEST)
    return frozenset(names) if here else None


def _collect(node: nodes.Command | None, names: set[str], depth: int) -> bool:
    if depth < 0:
        return False
    depth -= 1
    if isinstance(node, nodes.SimpleCommand):
        return _collect_simple(node, names)
    if isinstance(node, nodes.CommandList):
        return _collect_all(node.commands, names, depth)
    if isinstance(node, nodes.AndOrList):
        return _collect_all(node.pipelines, names, depth)
    if isinstance(node, nodes.Pipeline):
        commands = node.commands
        return len(commands) == 1 and _collect(commands[0], names, depth)
    if isinstance(node, (nodes.ConditionalCommand, nodes.ArithmeticCommand)):
        return True
    if isinstance(node, (nodes.BraceGroup, nodes.Subshell, nodes.ForClause,
                         nodes.ArithmeticFor)):
        return _collect(node.body, names, depth)
    if isinstance(node, (nodes.WhileClause, nodes.UntilClause)):
        return _collect(node.condition, names, depth) and _collect(node.body, names, depth)
    if isinstance(node, nodes.CaseClause):
        return _collect_all([item.body for item in node.items], names, depth)
    if isinstance(node, nodes.IfClause):
        pairs = [command for branch in node.branches for command in branch]
        return _collect_all(pairs, names, depth) and (
            node.otherwise is None or _collect(node.otherwise, names, depth))
    if isinstance(node, nodes.RedirectedCommand):
        return _keeps_output(node.redirections) and _collect(node.command, names, depth)
    return False


def _collect_all(commands: Sequence[nodes.Command], names: set[str], depth: int) -> bool:
    for command in commands:    # noqa: SIM110 (a generator for all() would take C stack)
        if not _collect(command, names, depth):
            return False
    return True


def _collect_simple(node: nodes.SimpleCommand, names: set[str]) -> bool:
    if not _keeps_output(node.redirections):
        return False
    if not node.words:
        return True
    literals = [word.literal() for word in node.words[:2]]
    if literals[0] is None or literals[0] == 'command' and literals[1:] not in (
            ['-v'], ['-V']) or literals[0] == 'set' and literals[1:] != ['--']:
        return False
    names.add(literals[0])
    return True


def _keeps_output(redirections: Sequence[nodes.AnyRedirection]) -> bool:
    """Whether none of them has to do with standard output."""
    for node in redirections:
        if type(node) is nodes.Redirection:
            descriptor = node.descriptor
            if descriptor is None:
                descriptor = 0 if node.operator[0] == '<' else 1
            if descriptor == 1 or node.operator[1:] == '&' and node.target.literal() in (
                    None, '1', '1-'):
                return False
        elif node.descriptor == 1:
            return False
        if type(node.descriptor) is str:
            return False                # it would stay open
    return True


def may_run_here(shell: Shell, needs: frozenset[str]) -> bool:
    """Whether a `( … )` needs no process.

    Inside what is collected it must have none.  Elsewhere a child that prints may die of
    SIGPIPE, which we must not; and under job control it can be stopped.
    """
    return type(shell.out) is Collected or not shell.options.monitor and may_elide(
        shell, needs, SILENT)


def may_elide(shell: Shell, needs: frozenset[str], plain: frozenset[str] = PLAIN,
              seen: frozenset[str] = frozenset()) -> bool:
    """Whether all that would run is known, and needs no process."""
    if shell.always_fork:
        return False
    functions = shell.functions
    for name in needs:
        function = functions.get(name)
        if function is None:
            if name not in plain:
                return False
        elif name not in seen:
            if not function.analysed:
                node = function.node
                function.needs = needs_of(node.body, function.source.text[node.pos:node.end])
                function.analysed = True
            if function.needs is None or not may_elide(
                    shell, function.needs, plain, seen | {name}):
                return False
    return True
