"""mq: message queues, System V by key or identifier, POSIX by name (posix_ipc)."""
from __future__ import annotations

import posix
from errno import E2BIG, EMFILE, ENOMSG
from typing import Any

from minishell.builtins.acting import Trapped
from minishell.codec import decoded, encoded
from minishell.course.common import failed, give, number, options_of, seconds_of
from minishell.course.libraries import library, posix_errors
from minishell.course.objects import Named, mode_of, note_made, note_removed
from minishell.course.sleeping import sleep_in, sleep_in_slices, try_at_once
from minishell.errors import BuiltinError, UsageError
from minishell.system import sysv
from minishell.system.blocking import read_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell

    Operation = Callable[[Shell, Named, dict[str, str], list[str]], int]

NOUN = 'queue'
MOST_TYPE = (1 << 63) - 1


def mq(shell: Shell, argv: list[str]) -> int:
    """Make, use and remove message queues: msgget(2), msgsnd(2), msgrcv(2), msgctl(2);
    mq_open(3), mq_send(3), mq_receive(3)."""
    operation = argv[1] if len(argv) > 1 else ''
    if operation not in OPERATIONS:
        raise UsageError(f'one of {", ".join(OPERATIONS)} is needed')
    flags, with_argument, least, most, system_v, by_name = OPERATIONS[operation]
    # A type may be negative: that is no option.
    options, operands = options_of(shell, argv[1:], flags, with_argument)
    if not least <= len(operands) <= most:
        raise UsageError(f'{operation}: wrong number of operands')
    named = Named(operands[0])
    try:
        return (by_name if named.is_posix() else system_v)(shell, named, options, operands[1:])
    except Trapped as trapped:
        return int(trapped.args[0])
    except (TimeoutError, BlockingIOError):
        return 1
    except OSError as error:
        if error.errno == ENOMSG:       # -n, and none is there
            return 1
        if error.errno == E2BIG:        # its usual words are about arguments of programs
            raise BuiltinError(f'{named.text}: Message longer than the size (E2BIG)', 2
                               ) from None
        if error.errno == EMFILE and named.is_posix():
            raise BuiltinError(f'{named.text}: More descriptors, or bytes of queues, than '
                               'ulimit -n, or -q, allows (EMFILE)', 2) from None
        raise failed(named.text, error, NOUN) from None


def _text(operands: list[str]) -> bytes:
    """The message: an operand, or standard input to its end."""
    return encoded(operands[0]) if operands else read_all(0)


def _limit(options: dict[str, str]) -> float | None:
    return seconds_of(options['w']) if 'w' in options else None


def _give_message(shell: Shell, options: dict[str, str], kind: int, text: bytes) -> None:
    """`12 text`; C programs often send the NUL behind it, too."""
    give(shell, options, f'{kind} {decoded(text.replace(bytes(1), b""))}')


# -- System V -------------------------------------------------------------------------------


def _create(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    if named.key is None:
        raise UsageError(f'{named.text}: an identifier cannot be chosen')
    try:
        made = sysv.get_queue(named.key, sysv.CREATE | sysv.EXCLUSIVE | mode_of(options))
    except FileExistsError:
        if 'x' in options:
            raise
        return 0
    note_made(shell, NOUN, named.text if named.key else f'@{made}', made)
    if not named.key:                   # IPC_PRIVATE: only its identifier leads to it
        give(shell, options, f'@{made}')
    return 0


def _send(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    kind = number(operands[0], 'type', 1)
    text = _text(operands[1:])
    queue = named.find(sysv.get_queue)
    try:
        sysv.send(queue, kind, text, False)
    except BlockingIOError:
        if 'n' in options:
            raise
        sleep_in(shell, lambda: sysv.send(queue, kind, text, True), False, _limit(options))
    return 0


def _receive(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    kind = number(operands[0], 'type', None) if operands else 0
    size = number(options['s'], 'size') if 's' in options else None
    if size is not None and size > sysv.LARGEST:
        raise UsageError(f'{size}: a size is at most {sysv.LARGEST}')
    queue = named.find(sysv.get_queue)

    def receive(wait: bool) -> tuple[int, bytes]:
        return sysv.receive(queue, kind, size, 't' in options, wait)
    try:
        taken = receive(False)
    except OSError as error:
        if error.errno != ENOMSG or 'n' in options:
            raise
        taken = sleep_in(shell, lambda: receive(True), False, _limit(options))
    _give_message(shell, options, *taken)
    return 0


def _stat(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    queue = named.find(sysv.get_queue)
    facts = sysv.facts_of(NOUN, queue)
    if facts is None:
        raise FileNotFoundError(2, '')
    give(shell, options, f'{named.text} @{queue}: {queue_in_words(facts)}, '
         f'mode {facts["perms"]:03o}, last sender {facts["lspid"] or "none"}, '
         f'last receiver {facts["lrpid"] or "none"}')
    return 0


def queue_in_words(facts: dict[str, int]) -> str:
    """A line of /proc/sysvipc/msg: `1 message, 19 bytes`."""
    return f'{counted(facts["qnum"])}, {facts["cbytes"]} bytes'


def counted(messages: int) -> str:
    """`1 message`, `2 messages`."""
    return f'{messages} message' + 's' * (messages != 1)


def _set(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    if not options:
        raise UsageError('-m mode or -b bytes is needed')
    sysv.change_queue(named.find(sysv.get_queue), mode_of(options) if 'm' in options else None,
                      number(options['b'], 'number of bytes') if 'b' in options else None)
    return 0


def _remove(shell: Shell, named: Named, options: dict[str, str], operands: list[str]) -> int:
    queue = named.find(sysv.get_queue)
    sysv.remove_queue(queue)
    note_removed(NOUN, named.text, queue)
    return 0


# -- POSIX ----------------------------------------------------------------------------------


def _opened(ipc: Any, named: Named) -> Any:
    with posix_errors(ipc):
        return ipc.MessageQueue('/' + named.name)


def _create_posix(shell: Shell, named: Named, options: dict[str, str],
                  operands: list[str]) -> int:
    ipc = library('posix_ipc')
    while True:
        try:
            with posix_errors(ipc):
                ipc.MessageQueue('/' + named.name, ipc.O_CREX, mode_of(options)).close()
        except FileExistsError:
            if 'x' in options:
                raise
        else:
            note_made(shell, NOUN, named.name)
            return 0
        try:
            _opened(ipc, named).close()
            return 0
        except FileNotFoundError:       # removed meanwhile
            pass


def _send_posix(shell: Shell, named: Named, options: dict[str, str],
                operands: list[str]) -> int:
    ipc = library('posix_ipc')
    priority = number(operands[0], 'priority')
    text = _text(operands[1:])
    queue = _opened(ipc, named)

    def send(seconds: float) -> None:
        with posix_errors(ipc):
            queue.send(text, seconds, priority)
    try:
        _posix_wait(shell, send, options)
    finally:
        queue.close()
    return 0


def _receive_posix(shell: Shell, named: Named, options: dict[str, str],
                   operands: list[str]) -> int:
    if operands and operands[0] != '0' or options.keys() & {'s', 't'}:
        raise UsageError(f'{named.text}: POSIX queues give the message of the highest '
                         'priority, whole')
    ipc = library('posix_ipc')
    queue = _opened(ipc, named)

    def receive(seconds: float) -> tuple[bytes, int]:
        with posix_errors(ipc):
            text, priority = queue.receive(seconds)
            return text, priority
    try:
        text, priority = _posix_wait(shell, receive, options)
    finally:
        queue.close()
    _give_message(shell, options, priority, text)
    return 0


def _posix_wait(shell: Shell, call: Callable[[float], Any], options: dict[str, str]) -> Any:
    """Try at once, then wait; signals begin the call anew (signal(7))."""
    try:
        return try_at_once(shell, lambda: call(0))
    except BlockingIOError:
        if 'n' in options:
            raise
    return sleep_in_slices(shell, call, True, _limit(options))


def _stat_posix(shell: Shell, named: Named, options: dict[str, str],
                operands: list[str]) -> int:
    ipc = library('posix_ipc')
    queue = _opened(ipc, named)
    try:
        mode = posix.fstat(queue.mqd).st_mode & 0o777
        give(shell, options, f'{named.text}: {counted(queue.current_messages)}, at most '
             f'{queue.max_messages} of {queue.max_message_size} bytes, mode {mode:03o}')
    finally:
        queue.close()
    return 0


def _set_posix(shell: Shell, named: Named, options: dict[str, str],
               operands: list[str]) -> int:
    raise UsageError(f'{named.text}: nothing of a POSIX queue can be changed')


def _remove_posix(shell: Shell, named: Named, options: dict[str, str],
                  operands: list[str]) -> int:
    ipc = library('posix_ipc')
    with posix_errors(ipc):
        ipc.unlink_message_queue('/' + named.name)
    note_removed(NOUN, named.name)
    return 0


# flags, options with an argument, how many operands, what does it
OPERATIONS: dict[str, tuple[str, str, int, int, Operation, Operation]] = {
    'create': ('x', 'mv', 1, 1, _create, _create_posix),
    'send': ('n', 'w', 2, 3, _send, _send_posix),
    'recv': ('nt', 'swv', 1, 2, _receive, _receive_posix),
    'stat': ('', 'v', 1, 1, _stat, _stat_posix),
    'set': ('', 'mb', 1, 1, _set, _set_posix),
    'rm': ('', '', 1, 1, _remove, _remove_posix),
}
