"""Where `set -x` writes: BASH_XTRACEFD of bash."""
from __future__ import annotations

from minishell.codec import encoded
from minishell.syntax.names import MOST_DESCRIPTOR, decimal
from minishell.system.blocking import write_message
from minishell.system.descriptors import close, is_open

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def tell(shell: Shell, line: str) -> None:
    """Write a line of `set -x` to standard error, or where BASH_XTRACEFD says."""
    value = shell.variables.values.get('BASH_XTRACEFD', '')
    if value != shell.traced_to:
        _changed(shell, value)
    fd = decimal(value)
    if fd is None or fd > MOST_DESCRIPTOR or not is_open(fd):
        shell.tell(line)
        return
    try:
        write_message(fd, encoded(line + '\n'), shell.end_computation)
    except OSError:
        pass


def _changed(shell: Shell, value: str) -> None:
    """BASH_XTRACEFD has been set or unset: as in bash what was written to before is closed,
    and a value that is no open descriptor is told."""
    before, shell.traced_to = decimal(shell.traced_to), value
    if before is not None and 2 < before <= MOST_DESCRIPTOR \
            and not shell.descriptors.is_own(before):
        close(before)
    fd = decimal(value)
    if value and (fd is None or fd > MOST_DESCRIPTOR or not is_open(fd)):
        shell.warn(f'BASH_XTRACEFD: {value}: invalid value for trace file descriptor')
