"""Command substitution -> text (XCU 2.6.3)."""
from __future__ import annotations

from minishell.codec import decoded
from minishell.compile.compiler import Compiler
from minishell.compile.pipelines import compile_stage, may_start_here
from minishell.compile.subshell import may_elide, needs_of
from minishell.errors import ExpansionError, ResourceError
from minishell.run.pipelines import start_pipeline, status_of
from minishell.run.processes import COPIED, NONE, Start, or_end, send_on, wait_substituted
from minishell.run.subshell import collect_here
from minishell.syntax.nodes import FileText, Pipeline, SimpleCommand, SubstitutingCommand
from minishell.system.blocking import read_all
from minishell.system.descriptors import Pipe
from minishell.system.signals import SIGINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.run.pipelines import Stage
    from minishell.state.shell import Action, Shell, Text
    from minishell.syntax.nodes import Command, CommandSubstitution, MalformedText

READ = Start(NONE, 'the shell reads the file itself')


def compile_substitution(node: CommandSubstitution, outer: Compiler, quoted: bool) -> Text:
    """Text: what the commands print, without the newlines at its end."""
    compiler = outer.inside(node)
    commands = node.body.commands
    if not commands:
        return _nothing
    body: Command = commands[0] if len(commands) == 1 else node.body
    quick = False
    if not _has_words(body):
        from minishell.compile.file_text import as_file_text, needs_no_child
        body = as_file_text(body)
        if type(body) is FileText:
            quick = needs_no_child(body)
    stages = [compile_stage(command, compiler) for command in (
        body.commands if type(body) is Pipeline and may_start_here(body) else (body,))]
    needs = needs_of(body, outer.source.text[node.pos:node.end])
    here = _compile_here(node, body, compiler, READ if quick else COPIED)
    started = _compile_started(node, stages, lambda: compile_stage(body, compiler))

    def substitute(shell: Shell) -> str:
        if needs is not None and may_elide(shell, needs) \
                or quick and not shell.always_fork and not shell.watched:
            return here(shell)
        return started(shell)

    def run(shell: Shell) -> str:
        if not shell.options.errexit or 'inherit_errexit' in shell.shopts:
            return substitute(shell)
        shell.options.errexit = False   # bash mode: it begins without `set -e`
        try:
            return substitute(shell)
        finally:
            shell.options.errexit = True
    return run


def _compile_here(node: CommandSubstitution, body: Command, compiler: Compiler,
                  start: Start) -> Text:
    """Text: what the commands print, run in this process."""
    compiled: Action | None = None

    def run(shell: Shell) -> str:
        nonlocal compiled
        if compiled is None:
            compiled = compiler.command(body)
        if shell.events is not None:
            shell.events.tell('none', start=start, what=(node, node.source))
        at = shell.at
        shell.nesting += 1
        try:
            text, status = collect_here(shell, compiled)
        finally:
            shell.nesting -= 1
        shell.substitution_status = shell.status = status
        shell.at = at
        if '\0' in text:
            text = without_nulls(shell, text)
        return text.rstrip('\n')
    return run


def _compile_started(node: CommandSubstitution, stages: Sequence[Stage],
                     whole: Callable[[], Stage]) -> Text:
    """Text: what the commands print, as processes."""
    what = (node, node.source)

    def run(shell: Shell) -> str:
        at = shell.at
        try:
            pipe = Pipe(shell.events, '$(', what)
        except OSError as error:
            raise ExpansionError(f'command substitution: {error.strerror}') from None
        try:
            try:
                used = stages
                if shell.always_fork and len(stages) > 1:   # its traps are those of a copy
                    used = [whole()]
                begun = start_pipeline(shell, used, False, None, pipe, what)
            except ResourceError as error:
                if len(stages) == 1:
                    raise ExpansionError(f'command substitution: {error.message}') from None
                shell.report(error)     # of the pipeline inside, not the substitution
                shell.substitution_status = error.status
                return ''
            finally:
                pipe.close_writing()
            send_on(shell, begun)
            try:
                data = or_end(shell, read_all, pipe.reading)
            except OSError as error:
                raise ExpansionError(f'command substitution: {error.strerror}') from None
        finally:
            pipe.close()
        statuses = wait_substituted(shell, begun)
        if SIGINT in shell.pending and not shell.traps.actions.get(SIGINT):
            shell.run_pending_traps()   # the command with half a word in it is not run
        shell.substitution_status = shell.status = status_of(shell, statuses)
        shell.at = at
        text = decoded(data)
        if '\0' in text:
            text = without_nulls(shell, text)
        return text.rstrip('\n')
    return run


def without_nulls(shell: Shell, text: str) -> str:
    """Output without the characters that no variable can hold; as bash it says so."""
    shell.warn('warning: command substitution: ignored null byte in input')
    return text.replace('\0', '')


def _has_words(node: Command) -> bool:
    """Whether there is more than redirections, perhaps of the text of a file."""
    if type(node) is SubstitutingCommand:
        return _has_words(node.command)
    return type(node) is not SimpleCommand or bool(node.words or node.assignments)


def _nothing(shell: Shell) -> str:
    shell.substitution_status = shell.status = 0
    return ''


def compile_malformed(node: MalformedText, compiler: Compiler, tail: bool) -> Action:
    """Action: commands with a syntax error among them, each run as it is read."""
    at = compiler.source.first_line, node, compiler.source

    def run(shell: Shell) -> int:
        shell.at = at
        return shell.run_text(node.text, 'command substitution')
    return run
