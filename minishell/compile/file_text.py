"""`$(<file)` of bash: the text of a file, without a program that prints it."""
from __future__ import annotations

from minishell.codec import decoded
from minishell.compile.pipelines import is_pure
from minishell.compile.redirections import compile_redirections
from minishell.errors import RedirectionError
from minishell.run.commands import finish
from minishell.run.redirections import open_spec
from minishell.syntax.nodes import FileText, Redirection, SimpleCommand, SubstitutingCommand
from minishell.system.blocking import read_all
from minishell.system.descriptors import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.compile.compiler import Compiler
    from minishell.state.shell import Action, Shell
    from minishell.syntax.nodes import Command


def as_file_text(node: Command) -> Command:
    """What a substitution runs: a redirection of standard input alone stands for the file."""
    if type(node) is SubstitutingCommand:       # of `$(< <(list))`
        inner = as_file_text(node.command)
        return node if inner is node.command else SubstitutingCommand(inner)
    if type(node) is SimpleCommand and not node.words and not node.assignments \
            and len(node.redirections) == 1:
        only = node.redirections[0]
        if type(only) is Redirection and only.operator == '<' and only.descriptor in (None, 0):
            return FileText(only)
    return node


def compile_file_text(node: FileText, compiler: Compiler, tail: bool) -> Action:
    """Action: print the file."""
    specs = compile_redirections((node.redirection,), compiler)
    at = compiler.at(node.redirection)

    def run(shell: Shell) -> int:
        shell.at = at
        spec = specs(shell)[0]
        try:
            fd = open_spec(shell, spec)[0][1]
            try:
                data = shell.at_once(read_all, fd)
            except OSError as error:
                raise RedirectionError(f'{spec[2]}: {error.strerror}') from None
            finally:
                close(fd)
                if shell.events is not None:
                    shell.events.tell('close', fd=fd)
        except RedirectionError as error:
            shell.report(error)
            return finish(shell, error.status)
        shell.out.write(decoded(data))
        shell.at_once(shell.out.flush)
        return 0
    return run


def needs_no_child(node: FileText) -> bool:
    """Whether expanding the file's name changes nothing: then it is read here, a FIFO, too."""
    return all(map(is_pure, node.redirection.target.parts))
