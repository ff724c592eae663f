"""Whether there is a line editor: prompt_toolkit, where it is installed, found and imported."""
from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.interactive.application import LineEditor
    from minishell.state.shell import Shell


def line_editor(shell: Shell, disturbed: Callable[[], bool]) -> LineEditor | None:
    """What edits a line; None if prompt_toolkit is not installed, or no descriptor is to be
    had."""
    version = f'python{sys.version_info[0]}.{sys.version_info[1]}'
    # Under -S sys.path has no site-packages, and sys.prefix is not that of the environment.
    home = sys.executable.rpartition('/')[0].rpartition('/')[0]
    packages = f'{home}/lib/{version}/site-packages'
    if packages not in sys.path:
        sys.path.append(packages)
    try:
        from minishell.interactive.application import LineEditor
        return LineEditor(shell, disturbed)
    except (ImportError, OSError):
        return None
