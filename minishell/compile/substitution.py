"""Command substitution -> text (XCU 2.6.3)."""
from __future__ import annotations

import posix

from minishell.compile.command import compile_command
from minishell.compile.pipelines import Plumbing, compile_stage
from minishell.compile.processes import wait_foreground
from minishell.compile.subshell import collect_here, may_elide, needs_of
from minishell.errors import ExpansionError, ResourceError
from minishell.system.descriptors import open_pipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.compile.words import Text
    from minishell.state.shell import Action, Shell
    from minishell.syntax.nodes import Command, CommandSubstitution

BLOCK = 65536


def compile_substitution(node: CommandSubstitution) -> Text:
    """Text: what the commands print, without the newlines at its end."""
    commands = node.body.commands
    if not commands:
        return _nothing
    body: Command = commands[0] if len(commands) == 1 else node.body
    stage = compile_stage(body, node.source)
    needs = needs_of(body)
    compiled: Action | None = None

    def run_here(shell: Shell) -> str:
        nonlocal compiled
        if compiled is None:
            compiled = compile_command(node.body, node.source)
        line = shell.line
        text, status = collect_here(shell, compiled)
        shell.substitution_status = shell.status = status
        shell.line = line
        return text.rstrip('\n').replace('\0', '')

    def run(shell: Shell) -> str:
        if needs is not None and may_elide(shell, needs):
            return run_here(shell)
        line = shell.line
        try:
            read_end, write_end = open_pipe()
        except OSError as error:
            raise ExpansionError(f'command substitution: {error.strerror}') from None
        try:
            try:
                pid = stage(shell, Plumbing(-1, write_end, read_end, False, None))
            except ResourceError as error:
                raise ExpansionError(f'command substitution: {error.message}') from None
            finally:
                posix.close(write_end)
            data = read_all(read_end)
        finally:
            posix.close(read_end)
        status = wait_foreground(shell, [pid], None, _no_text)[0]
        shell.substitution_status = shell.status = status
        shell.line = line
        return data.rstrip(b'\n').replace(b'\0', b'').decode('utf-8', 'surrogateescape')
    return run


def _no_text() -> str:
    return ''


def _nothing(shell: Shell) -> str:
    shell.substitution_status = shell.status = 0
    return ''


def read_all(fd: int) -> bytes:
    """Everything that can be read from a descriptor, to its end."""
    blocks = [posix.read(fd, BLOCK)]
    while blocks[-1]:
        blocks.append(posix.read(fd, BLOCK))
    return b''.join(blocks)
