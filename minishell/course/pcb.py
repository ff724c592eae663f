"""pcb: what the kernel keeps about a process, its process control block."""
from __future__ import annotations

import posix

from minishell.builtins.options import parse_options
from minishell.codec import decoded
from minishell.course.common import failed, no_process
from minishell.course.describing import aligned, fds, pids_of
from minishell.course.signalling import names
from minishell.system import facts, masks
from minishell.system.blocking import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

TICKS = 'SC_CLK_TCK'


def pcb(shell: Shell, argv: list[str]) -> int:
    """Show processes as the kernel knows them: IDs, state and why, priority, memory, times;
    -e the environment, -f descriptors, -m segments of memory, -s signals, too."""
    options, operands = parse_options(argv, 'efms')
    pids = [pid for operand in operands for pid in pids_of(shell, operand)] \
        or [posix.getpid()]
    shell.control.note_keys()           # which this shell may have blocked for itself
    for number, pid in enumerate(pids):
        lines = [''] * bool(number) + _lines(pid)
        try:
            lines += _more(pid, options)
        except OSError as error:        # another user's; or it has ended
            raise failed(str(pid), error) from None
        finally:
            shell.out.write('\n'.join(lines) + '\n')
        if 'f' in options:
            fds(shell, ['fds', str(pid)])
    return 0


def _more(pid: int, options: dict[str, str]) -> list[str]:
    """What -s, -m and -e ask for.  Raises OSError."""
    lines: list[str] = []
    if 's' in options:
        lines += [f'{state} {names(numbers)}'
                  for state, numbers in masks.of_process(pid).items()]
    if 'm' in options:
        lines += aligned([
            (each.kind, each.addresses, each.rights, str(each.inode), each.file)
            for each in facts.segments_of(pid)])
    if 'e' in options:
        environment = decoded(read_file(f'/proc/{pid}/environ'))
        lines += [entry for entry in environment.split('\0') if entry]
    return lines


def _lines(pid: int) -> list[str]:
    stat, status = facts.stat_of(pid), facts.status_of(pid)
    if not stat or not status:
        raise no_process(str(pid))
    ticks = posix.sysconf(TICKS)
    user, system = int(stat['user']) / ticks, int(stat['system']) / ticks
    state = facts.STATES.get(stat['state'], stat['state'])
    why = facts.because(pid, stat)
    return [
        f"pid {pid}  parent {stat['ppid']}  group {stat['group']}  session {stat['session']}  "
        f"terminal {facts.terminal_name(int(stat['tty']))}",
        f"name {stat['name']}  command {facts.command_line(pid) or '-'}",
        f"state {stat['state']}: {state}" + (f', {why}' if why else ''),
        f"priority {stat['priority']}  nice {stat['nice']}  threads {stat['threads']}",
        f"memory {status.get('VmRSS', '0 kB')} resident, {status.get('VmSize', '0 kB')} in all",
        f'time {user:.2f} s user, {system:.2f} s system',
        f"switches {status.get('voluntary_ctxt_switches', '0')} voluntary, "
        f"{status.get('nonvoluntary_ctxt_switches', '0')} not",
    ]
