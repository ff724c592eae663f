"""The built-in utilities `why` and `glass`."""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.course.common import no_process
from minishell.course.describing import pids_of
from minishell.errors import BuiltinError, UsageError
from minishell.glass.waiting import reason, stops_of
from minishell.run.prompt import in_one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def why(shell: Shell, argv: list[str]) -> int:
    """Say why processes do not run: what each waits for, since when, who could wake it; of
    the current job without operands."""
    _, operands = parse_options(argv, '')
    if not operands:
        shell.jobs.poll()
        if not shell.jobs.known().jobs:
            raise UsageError('usage: why [pid|%job ...]; there is no job')
        operands = ['%+']
    shell.jobs.poll(False)
    stops = stops_of(shell.jobs)
    for operand in operands:
        pids = pids_of(shell, operand)
        if not pids:
            raise BuiltinError(f'{operand}: the job has ended')
        for pid in pids:
            text = reason(pid, stops.get(pid, 0))
            if not text:
                raise no_process(str(pid))
            shell.out.write(in_one_line(text) + '\n')
    return 0


def glass(shell: Shell, argv: list[str]) -> int:
    """Show processes as a table: this shell's and their children, or those that are named;
    `on` and `off`: the same below the prompt, as it changes; -f: on the whole screen."""
    options, operands = parse_options(argv, 'f')
    if operands in (['on'], ['off']):
        if not shell.interactive:
            raise BuiltinError(f'{operands[0]}: there is no prompt')
        shell.parts['glass'] = operands == ['on']
        return 0
    from minishell.glass.table import family, session, table
    shell.jobs.poll(False)
    named: list[int] = []
    for operand in operands:
        pids = pids_of(shell, operand)
        if not pids:
            raise BuiltinError(f'{operand}: the job has ended')
        named += pids
    if 'f' in options:
        from minishell.glass.full import watch
        shell.at_once(shell.out.flush)
        return watch(shell, lambda: family(named) if operands else session(shell.pid))
    pids = family(named) if operands else session(shell.pid)
    lines = table(pids, not shell.bytewise, stops=stops_of(shell.jobs))
    if len(lines) == 1:
        raise no_process(operands[0] if operands else str(shell.pid))
    shell.out.write('\n'.join(lines) + '\n')
    return 0
