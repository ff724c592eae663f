"""Coprocesses of bash -> closures: commands that run meanwhile, with a pipe each way."""
from __future__ import annotations

from minishell.compile.pipelines import compile_stage
from minishell.compile.words import compile_text
from minishell.errors import ResourceError
from minishell.run.commands import finish
from minishell.run.pipelines import Plumbing
from minishell.run.processes import pids_of
from minishell.status import keeping
from minishell.syntax.names import is_name
from minishell.system.descriptors import Pipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.compile.compiler import Compiler
    from minishell.run.pipelines import Stage
    from minishell.state.coprocesses import Coprocess
    from minishell.state.shell import Action, Shell
    from minishell.syntax.nodes import CoprocessCommand

HIGHEST = 63            # as in bash, numbers are looked for from there down


def compile_coprocess(node: CoprocessCommand, compiler: Compiler, tail: bool) -> Action:
    """Action: start the coprocess and go on; its job is in the table before anybody could
    see that it has ended."""
    stage = compile_stage(node.command, compiler)
    name_of = None if node.name is None else compile_text(node.name, compiler)
    at = compiler.at(node)

    def text(name: str) -> str:
        from minishell.syntax.unparse import unparse
        return f'coproc {name} {unparse(node.command, one_line=True)}'

    def run(shell: Shell) -> int:
        shell.at = at
        jobs = shell.jobs
        name = 'COPROC' if name_of is None else name_of(shell)
        for other in jobs.coprocesses:
            shell.warn(f'warning: execute_coproc: coproc [{other.pids[0]}:{other.name}] '
                       'still exists')
        if not is_name(name):
            shell.warn(f"`{name}': not a valid identifier")
            return finish(shell, 1)
        shell.signals.handle_children()
        try:
            job = start(shell, stage, name, text(name))
        except ResourceError as error:
            shell.report(error)
            return finish(shell, error.status)
        jobs.add(job)
        jobs.coprocesses.append(job)
        shell.descriptors.when_closed = closed(shell)
        job.assign()
        shell.last_background = str(job.pids[0])
        if shell.interactive:
            from minishell.system.blocking import print_error
            print_error(f'[{job.number}] {job.pids[0]}')
        return keeping(shell.status, 0)
    return run


def start(shell: Shell, stage: Stage, name: str, text: str) -> Coprocess:
    """Start the process, and keep our ends of the pipes.  Raises ResourceError, nothing
    being open then."""
    from minishell.state.coprocesses import Coprocess
    pipes: list[Pipe] = []
    launch = shell.launch(False)
    try:
        for use in ('coproc >', 'coproc <'):
            pipes.append(Pipe(shell.events, use))
            pipes[-1].raise_ends(HIGHEST)
        output, given = pipes
        # Its descriptors are close-on-exec; a copy of the shell closes those of the other side.
        plumbing = Plumbing(given, output, True, launch, process=True)
        pid, = pids_of([stage(shell, plumbing)])
        if launch is not None:
            launch.release(shell.signals)
        return Coprocess(shell, pid, text, launch.group if launch is not None else 0, name,
                         [output.take_reading(), given.take_writing()])
    except OSError as error:
        raise ResourceError(f'pipe: {error.strerror}') from None
    finally:
        for pipe in pipes:
            pipe.close()


def closed(shell: Shell) -> Callable[[int], None]:
    """What is to be told of descriptors that `exec` has closed."""
    def tell(fd: int) -> None:
        for job in shell.jobs.coprocesses:
            job.closed(fd)
    return tell
