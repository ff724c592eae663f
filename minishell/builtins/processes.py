"""Built-in utilities about processes: kill, times (XCU 2.15, 3)."""
from __future__ import annotations

import posix

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError, SynopsisError
from minishell.state.jobcontrol import send
from minishell.status import SIGNAL_BASE
from minishell.syntax.names import MOST_DESCRIPTOR, decimal, is_decimal
from minishell.system import signals
from minishell.system.processes import signal_any
from minishell.system.signals import SIGCONT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

ACTIONS = {             # by default; all others terminate
    'core': ('QUIT', 'ILL', 'TRAP', 'ABRT', 'BUS', 'FPE', 'SEGV', 'XCPU', 'XFSZ', 'SYS'),
    'ignore': ('CHLD', 'URG', 'WINCH'),
    'stop': ('STOP', 'TSTP', 'TTIN', 'TTOU'),
    'continue': ('CONT',),
}


# -- kill -----------------------------------------------------------------------------


def kill(shell: Shell, argv: list[str]) -> int:
    """Send a signal to processes (XCU 3, kill)."""
    args = argv[1:]
    if args[:1] in (['-l'], ['-L']):
        operands = args[2:] if args[1:2] == ['--'] else args[1:]
        if args[0] == '-L' and not shell.as_bash('kill -L'):
            return _describe_signals(shell, operands)
        return _list_signals(shell, operands)
    number, args = _signal_option(args)
    if args[:1] == ['--']:
        args = args[1:]
    if not args:
        raise SynopsisError('')
    status = 0
    shell.jobs.poll()                   # or `kill -0` would find our own zombies alive
    for operand in args:
        try:
            _send(shell, operand, number)
        except OSError as error:
            shell.warn(f'kill: ({operand}) - {error.strerror}')
            status = 1
        except BuiltinError as error:
            shell.warn(f'kill: {error.message}')
            status = 1
    return status


def _signal_option(args: list[str]) -> tuple[int, list[str]]:
    """The signal asked for (TERM by default) and the arguments behind it."""
    if not args or args[0] == '--' or args[0][:1] != '-':
        return signals.SIGTERM, args
    word = args[0]
    if word in ('-s', '-n'):
        if len(args) < 2:
            raise BuiltinError(f'{word}: option requires an argument')
        return _signal(args[1]), args[2:]
    if (word[:2] == '-s' or word[:2] == '-n' and is_decimal(word[2:])) \
            and signals.number_of(word[1:]) is None:
        return _signal(word[2:]), args[1:]
    return _signal(word[1:]), args[1:]


def _signal(text: str) -> int:
    number = decimal(text)
    if number is not None and number <= signals.RTMAX:
        return number
    number = 0 if text.lower() in ('exit', 'null') else signals.number_of(text)
    if number is None:
        raise BuiltinError(f'{text}: invalid signal specification')
    return number


def _send(shell: Shell, operand: str, number: int) -> None:
    """Send a signal to what an operand names: a job, a process or (negative) a group."""
    if operand[:1] == '%':
        from minishell.builtins.jobcontrol import find_job
        job = find_job(shell.jobs, operand)     # a subshell's copy of the table may be old
        stopped = job.stopped()
        try:
            send(job, number, shell.events)
        except ProcessLookupError as error:
            raise BuiltinError(f'({job.group or job.pids[0]}) - {error.strerror}') from None
        if stopped and number in (signals.SIGTERM, signals.SIGHUP):
            send(job, SIGCONT, shell.events)          # or it would never know
        elif number == SIGCONT:
            job.resume()
        return
    pid = decimal(operand.removeprefix('-'))
    if pid is None or pid > MOST_DESCRIPTOR:
        raise BuiltinError(f'{operand}: arguments must be process or job IDs' if operand
                           else "`': not a pid or valid job spec")
    signal_any(-pid if operand[0] == '-' else pid, number, shell.events)


def _list_signals(shell: Shell, operands: list[str]) -> int:
    """`kill -l`: all names, or names and numbers translated."""
    if not operands:
        numbers = (*sorted(signals.NAMES), *range(signals.RTMIN, signals.RTMAX + 1))
        if shell.as_bash('kill -l'):
            cells = [f'{number:2}) SIG{signals.name_of(number)}' for number in numbers]
            lines = ['\t'.join(cells[start:start + 5]) for start in range(0, len(cells), 5)]
            lines[-1] += '\t' * (len(cells) % 5 > 0)
        else:
            lines = [signals.name_of(number) for number in numbers]
        shell.out.write('\n'.join(lines) + '\n')
        return 0
    status = 0
    for operand in operands:
        try:
            shell.out.write(_translated(operand) + '\n')
        except BuiltinError as error:
            shell.warn(f'kill: {error.message}')
            status = 1
    return status


def _describe_signals(shell: Shell, operands: list[str]) -> int:
    """`kill -L`: number, name, default action and meaning of signals, of all by default."""
    status = 0
    for operand in operands or map(str, (*sorted(signals.NAMES), signals.RTMIN,
                                         signals.RTMAX)):
        try:
            number = _signal(operand)
            name = _translated(str(number)) if number else 'EXIT'
        except BuiltinError as error:
            shell.warn(f'kill: {error.message}')
            status = 1
            continue
        words = signals.describe(number) if number else 'no signal: whether there is a process'
        shell.out.write(f'{number:2} {name:9} {_action(number):9} {words}\n')
    return status


def _action(number: int) -> str:
    """What a signal does where nobody has said anything about it (signal(7))."""
    if number == 0:
        return 'nothing'
    return next((word for word, names in ACTIONS.items()
                 if signals.name_of(number) in names), 'terminate')


def _translated(operand: str) -> str:
    """The name of a signal number or of an exit status above 128; the number of a name."""
    number = decimal(operand)
    if number is None:
        return str(_signal(operand))
    if number > SIGNAL_BASE:
        number -= SIGNAL_BASE
    name = signals.name_of(number) if number else 'EXIT'
    if is_decimal(name):
        raise BuiltinError(f'{operand}: invalid signal specification')
    return name


# -- times --------------------------------------------------------------------------------


def times(shell: Shell, argv: list[str]) -> int:
    """Print the processor time of the shell and of its children (XCU 2.15, times)."""
    parse_options(argv, '')
    used = posix.times()

    def shown(seconds: float) -> str:
        return f'{int(seconds // 60)}m{seconds % 60:.3f}s'
    shell.out.write(f'{shown(used.user)} {shown(used.system)}\n'
                    f'{shown(used.children_user)} {shown(used.children_system)}\n')
    return 0
