"""`enable` of bash: which built-in utilities there are, and which hide programs."""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.builtins.registry import BUILTINS, COURSE, SPECIAL, row_of
from minishell.errors import BuiltinError
from minishell.run.processes import run_program
from minishell.state.disabled import disable, disabled, enable, is_disabled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def enable_(shell: Shell, argv: list[str]) -> int:
    """Enable or disable built-in utilities, or list them."""
    options, names = parse_options(argv, 'adnps', 'f')
    if 'f' in options:
        raise BuiltinError(f'cannot open shared object {options["f"]}: built-in utilities are '
                           'not loaded from files here')
    if not names or 'p' in options:
        _list(shell, options)
        return 0
    status = 0
    for name in names:
        if name not in BUILTINS and name not in COURSE:
            shell.warn(f'enable: {name}: not a shell builtin')
            status = 1
        elif 'd' in options:
            shell.warn(f'enable: {name}: not dynamically loaded')
            status = 1
        elif 'n' in options:
            disable(shell, name, _run_program)
        else:
            enable(shell, name)
    return status


def _list(shell: Shell, options: dict[str, str]) -> None:
    # Those of the course are no part of bash's list, until one of them is disabled.
    for name in sorted({*BUILTINS, *disabled(shell)}):
        off = is_disabled(shell, name)
        if 's' in options and row_of(name).kind != SPECIAL and name != 'source':
            continue
        if 'a' in options or off is ('n' in options):
            shell.out.write(f'enable {"-n " if off else ""}{name}\n')


def _run_program(shell: Shell, argv: list[str]) -> int:
    """What runs instead of a disabled utility."""
    return run_program(shell, argv, shell.variables.environment(), [], False)
