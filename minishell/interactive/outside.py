"""What is done outside of the line editor's event loop, the terminal in its usual modes: the
line in an editor of the user's (Ctrl-X Ctrl-E)."""
from __future__ import annotations

import posix

from minishell.codec import decoded, encoded
from minishell.errors import ShellError
from minishell.run.tracing import quoted
from minishell.system.blocking import read_file, write_all
from minishell.system.descriptors import close_written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

DEFAULT_EDITOR = 'vi'


def edited(shell: Shell, text: str) -> str:
    """A text as $VISUAL, or $EDITOR, leaves it, which is a job as any other; the text itself
    if that fails, or is stopped."""
    import tempfile
    values = shell.variables
    program = values.get('VISUAL') or values.get('EDITOR') or DEFAULT_EDITOR
    status = shell.status               # is not the editor's
    try:
        fd, path = tempfile.mkstemp(prefix='minishell.', suffix='.sh')
        try:
            write_all(fd, encoded(text + '\n'))
            close_written(fd)
            if shell.run_text(f'{program} {quoted(path)}', 'the editor'):
                return text
            return decoded(read_file(path).replace(b'\0', b'')).removesuffix('\n')
        finally:
            posix.unlink(path)
    except OSError as error:
        shell.warn(f'{program}: {error.strerror}')
    except ShellError as error:         # a value that is no command
        shell.report(error)
    finally:
        shell.status = status
    return text
