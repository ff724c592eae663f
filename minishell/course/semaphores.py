"""sem: semaphores, POSIX by name (posix_ipc), System V by key or identifier."""
from __future__ import annotations

from errno import EFBIG
from typing import Any

from minishell.builtins.acting import Trapped
from minishell.course.common import failed, give, number, options_of, seconds_of
from minishell.course.libraries import library, posix_errors
from minishell.course.objects import (
    Named,
    look,
    mode_of,
    note_made,
    note_removed,
    place_of,
)
from minishell.course.sleeping import sleep_in, sleep_in_slices, try_at_once
from minishell.errors import UsageError
from minishell.system import sysv
from minishell.system.blocking import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

NOUN = 'semaphore'
OPTIONS = {             # of each operation: flags, and those with an argument
    'create': ('x', 'm'), 'wait': ('nu', 'wi'), 'post': ('u', 'i'), 'zero': ('n', 'wi'),
    'value': ('', 'iv'), 'unlink': ('', ''),
}
MOST = (1 << 31) - 1    # SEM_VALUE_MAX
MOST_SYSTEM_V = 32767   # SEMVMX


def sem(shell: Shell, argv: list[str]) -> int:
    """Make, use and remove semaphores: sem_open(3), sem_wait(3) …; semget(2), semop(2)."""
    operation = argv[1] if len(argv) > 1 else ''
    if operation == 'rm':
        operation = 'unlink'
    if operation not in OPTIONS:
        raise UsageError(f'one of {", ".join(OPTIONS)} is needed')
    options, operands = options_of(shell, argv[1:], *OPTIONS[operation])
    if not operands or len(operands) > 1 and operation != 'create':
        raise UsageError(f'{operation}: one semaphore is needed')
    named = Named(operands[0])
    values = [number(text, 'value') for text in operands[1:]]
    try:
        if named.is_posix():
            return _posix(shell, operation, named, options, values)
        return _system_v(shell, operation, named, options, values)
    except Trapped as trapped:
        return int(trapped.args[0])
    except (TimeoutError, BlockingIOError):
        return 1
    except OSError as error:
        if error.errno == EFBIG:
            raise UsageError(f'{options["i"]}: the set has fewer semaphores') from None
        raise failed(named.text, error, NOUN) from None


# -- POSIX ------------------------------------------------------------------------------------


def _posix(shell: Shell, operation: str, named: Named, options: dict[str, str],
           values: list[int]) -> int:
    """Raises Trapped, TimeoutError, BlockingIOError, OSError."""
    wrong = [letter for letter in options if letter in 'ui']
    if wrong or operation == 'zero':
        what = f'-{wrong[0]}' if wrong else operation
        raise UsageError(f'{named.text}: {what}: only semaphores of System V have that')
    if len(values) > 1 or any(each > MOST for each in values):
        raise UsageError(f'{named.text}: one value is needed, at most {MOST}')
    ipc = library('posix_ipc')
    with posix_errors(ipc):
        if operation == 'create':
            return _make_posix(shell, ipc, named, options, *values)
        if operation == 'unlink':
            ipc.unlink_semaphore('/' + named.name)
            note_removed('sem', named.name)
            return 0
        look('sem', named.name)
        semaphore = ipc.Semaphore('/' + named.name)
    try:
        if operation == 'post':
            with posix_errors(ipc):
                semaphore.release()
        elif operation == 'value':
            value = str(semaphore.value)
            waiting = _waiting(named)
            give(shell, options, value if 'v' in options or not waiting
                 else f'{value}, {waiting} waiting')
        else:
            _wait(shell, ipc, semaphore, options)
    finally:
        semaphore.close()
    return 0


def _make_posix(shell: Shell, ipc: Any, named: Named, options: dict[str, str],
                value: int = 0) -> int:
    """Open a semaphore, made if there is none: only then it has been made by us."""
    while True:
        try:
            ipc.Semaphore('/' + named.name, ipc.O_CREX, mode_of(options), value).close()
        except ipc.ExistentialError:
            if 'x' in options:
                raise
        else:
            note_made(shell, 'sem', named.name)
            return 0
        try:
            look('sem', named.name)
            ipc.Semaphore('/' + named.name).close()
            return 0
        except ipc.ExistentialError:    # removed meanwhile
            pass


def _wait(shell: Shell, ipc: Any, semaphore: Any, options: dict[str, str]) -> None:
    """sem_wait(3), sem_trywait(3) or sem_timedwait(3)."""
    def acquire(seconds: float) -> None:
        with posix_errors(ipc):
            semaphore.acquire(seconds)
    try:
        try_at_once(shell, lambda: acquire(0))
        return
    except BlockingIOError:
        if 'n' in options:
            raise
    limit = seconds_of(options['w']) if 'w' in options else None
    sleep_in_slices(shell, acquire, True, limit)


def _waiting(named: Named) -> int:
    """How many wait for it: the C library of GNU keeps that behind the value, where longs
    have 64 bits; others do not say."""
    try:
        data = read_file(place_of('sem', named.name))
    except OSError:
        return 0
    return int.from_bytes(data[4:8], 'little') if len(data) == 32 else 0


# -- System V -----------------------------------------------------------------------------


def _system_v(shell: Shell, operation: str, named: Named, options: dict[str, str],
              values: list[int]) -> int:
    """Raises Trapped, TimeoutError, BlockingIOError, OSError."""
    if operation == 'create':
        return _make_system_v(shell, named, options, values or [0])
    identifier = named.find(sysv.get_set)
    if operation == 'unlink':
        sysv.remove_set(identifier)
        note_removed('sem', named.text, identifier)
        return 0
    index = number(options.get('i', '0'), 'index')
    if operation == 'value':
        _tell(shell, options, identifier, index)
        return 0
    change = {'wait': -1, 'post': 1, 'zero': 0}[operation]

    def operate(wait: bool) -> None:
        sysv.operate(identifier, index, change, wait, 'u' in options)
    try:
        operate(False)
        return 0
    except BlockingIOError:
        if 'n' in options:
            raise
    limit = seconds_of(options['w']) if 'w' in options else None
    sleep_in(shell, lambda: operate(True), False, limit)
    return 0


def _make_system_v(shell: Shell, named: Named, options: dict[str, str],
                   values: list[int]) -> int:
    """A set with its values.  They are set behind the making (semget(2) gives none): who
    opens the set between the two finds 0."""
    if named.key is None:
        raise UsageError(f'{named.text}: an identifier cannot be chosen')
    if any(value > MOST_SYSTEM_V for value in values):
        raise UsageError(f'{max(values)}: a value is at most {MOST_SYSTEM_V}')
    try:
        made = sysv.get_set(named.key, len(values),
                            sysv.CREATE | sysv.EXCLUSIVE | mode_of(options))
    except FileExistsError:
        if 'x' in options:
            raise
        sysv.get_set(named.key, len(values))
        return 0
    note_made(shell, 'sem', named.text if named.key else f'@{made}', made)
    sysv.set_values(made, values)
    if not named.key:
        give(shell, options, f'@{made}')
    return 0


def _tell(shell: Shell, options: dict[str, str], identifier: int, index: int) -> None:
    """The values of a set, or of one of its semaphores, and who waits."""
    facts = sysv.facts_of('sem', identifier)
    values = sysv.values_of(identifier, facts['nsems'] if facts else index + 1)
    chosen = range(len(values)) if 'i' not in options else [index]
    if 'i' in options and index >= len(values):
        raise UsageError(f'{index}: the set has {len(values)} semaphores')
    text = ' '.join(str(values[each]) for each in chosen)
    waiting = [sysv.waiting_for(identifier, each) for each in chosen]
    more, zero = (sum(column) for column in zip(*waiting, strict=True))
    if 'v' not in options:
        text += f', {more} waiting' if more else ''
        text += f', {zero} waiting for 0' if zero else ''
    give(shell, options, text)
