"""Reading ahead: `cmd | while read x; do …; done` without a system call for each byte.

`read` may take no byte more than its line: what runs next may read on from there.  Where
nothing can, `shell.ahead` takes blocks: the input is a pipe that this stage of a pipeline
alone has, or a file that this command has opened; and what runs is `read` and other built-in
utilities that leave standard input alone, no function, no trap action, no other process.
10,000 lines of a pipe are read in 0.07 s this way, in 0.30 byte by byte (bash: 0.23).
"""
from __future__ import annotations

import posix

from minishell.builtins.registry import NO_INPUT, named
from minishell.state.search import FORMAT, REGULAR
from minishell.syntax import nodes
from minishell.syntax.names import is_name
from minishell.system.lines import ReadAhead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from minishell.state.shell import Shell

LEAVE_ALONE = named(NO_INPUT)
# What starts processes, or changes what the names mean or what standard input is
OTHERS = (
    nodes.AsynchronousList, nodes.CommandSubstitution, nodes.FunctionDefinition,
    nodes.HereDocument, nodes.ProcessSubstitution, nodes.RedirectedCommand, nodes.Redirection,
    nodes.Subshell)


def names_of(node: nodes.Command) -> frozenset[str] | None:
    """The commands that a node runs, all of LEAVE_ALONE; None if there are others, or there
    is nothing to gain."""
    names = set()
    for part in node.walk():
        if isinstance(part, OTHERS) or type(part) is nodes.Pipeline and len(part.commands) > 1:
            return None
        if type(part) is nodes.SimpleCommand and part.words:
            name = part.words[0].literal()
            if name not in LEAVE_ALONE or name == 'read' and not _reads_lines(part.words[1:]):
                return None
            names.add(name)
    return frozenset(names) if 'read' in names else None


def _reads_lines(words: Sequence[nodes.Word]) -> bool:
    return all((text := word.literal()) is not None and (
        text in ('-r', '-a', '-ra') or is_name(text)) for word in words)


def reads_own_file(redirections: Sequence[nodes.AnyRedirection]) -> bool:
    """Whether standard input is a file, or a here-document, that only this command has."""
    inputs = [node for node in redirections
              if node.descriptor == 0 or node.descriptor is None
              and (type(node) is nodes.HereDocument or node.operator[0] == '<')]
    return bool(inputs) and all(
        type(node) is nodes.HereDocument or node.operator in ('<', '<<<')
        for node in inputs)


def of_pipe(shell: Shell, names: frozenset[str]) -> ReadAhead | None:
    """For a forked stage whose standard input is the pipe before it."""
    return ReadAhead(0) if _alone(shell, names) else None


def of_file(shell: Shell, names: frozenset[str]) -> ReadAhead | None:
    """For a command whose standard input has just been opened; None if what it writes can
    change what it reads.  A FIFO is not for it: what is left there is for the next reader."""
    if not _alone(shell, names):
        return None
    try:
        found = posix.fstat(0)
    except OSError:
        return None
    if found.st_mode & FORMAT != REGULAR:
        return None
    for fd in (1, 2):
        try:
            other = posix.fstat(fd)
        except OSError:
            continue
        if (other.st_dev, other.st_ino) == (found.st_dev, found.st_ino):
            return None
    return ReadAhead(0)


def _alone(shell: Shell, names: frozenset[str]) -> bool:
    return not shell.signals.handles_any() and not shell.watched \
        and shell.functions.keys().isdisjoint(names)
