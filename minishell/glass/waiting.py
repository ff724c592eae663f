"""Why a process does not run: what it waits for, since when, and who could wake it.

The kernel is asked: /proc/PID/syscall names the call that it sleeps in and its arguments, which
are read from its memory where they are addresses; pipes, locks, children tell who is at the
other end.  What may not be looked at is left out; nothing is guessed.
"""
from __future__ import annotations

import posix

from minishell.glass import causes, sharing
from minishell.glass.process import SETTLED, Process, named, spent
from minishell.status import is_stop
from minishell.system import facts
from minishell.system.signals import SIGTTIN, SIGTTOU, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.glass.causes import Cause
    from minishell.state.jobs import JobTable

# In these a process with children waits for them, as a rule.
FOR_CHILDREN = frozenset(('wait4', 'waitid', 'poll', 'ppoll', 'select', 'pselect6'))
PAST = {'opens': 'opening', 'reads': 'reading', 'sends': 'sending', 'sleeps': 'sleeping',
        'waits': 'waiting', 'writes': 'writing'}
BY_CALL = {**causes.BY_CALL, **sharing.BY_CALL}
BACKGROUND = {SIGTTIN: 'it is in the background and has read from its terminal',
              SIGTTOU: 'it is in the background and has written to its terminal, or set its '
                       'modes'}
WAKES = '. SIGCONT wakes it: fg, bg or kill -CONT {}; SIGKILL ends it'
WITH_TERMINAL = '. fg gives it the terminal and has it go on; behind bg or kill -CONT it ' \
    'would stop again. SIGKILL ends it'


def reason(pid: int, stopped_by: int = 0) -> str:
    """A paragraph about why a process does not run; '' if there is no such process.
    `stopped_by`: the signal, if its parent has been told of it: the kernel then forgets it."""
    process = Process(pid)
    process.stopped_by = stopped_by
    if not process.stat:
        return ''
    what, more = _cause(process)
    state = process.stat['state']
    if state == 'D' and process.call()[0] not in ('clone', 'clone3', 'vfork'):
        more += '. No signal wakes it before, not even SIGKILL'
    return f'{pid} ({process.name}) {what}{more}.{_adopted(process)}{_since(process)}'


def because(pid: int, stopped_by: int = 0) -> str:
    """Why a process does not run, in a few words."""
    if pid == posix.getpid():
        return 'this shell'
    process = Process(pid)
    process.stopped_by = stopped_by
    if not process.stat:
        return ''
    if process.stat['state'] == 'R':
        what = 'runs'
    elif process.stat['state'] == 'Z' and not _goes_on(process):
        what = f'zombie{_age(process)}: not waited for'
    else:
        what = _cause(process)[0].removeprefix('is ')
    return 'orphan: ' * (process.is_orphan() and process.stat['state'] != 'Z') + what


def stops_of(table: JobTable) -> dict[int, int]:
    """The processes of jobs that are stopped: by which signal, as their shell was told."""
    return {pid: posix.WSTOPSIG(status) for job in table.known().jobs
            for pid, status in zip(job.pids, job.statuses, strict=True)
            if status is not None and is_stop(status)}


def _cause(process: Process) -> Cause:
    """A phrase about what keeps a process from running, and what comes behind it."""
    state = process.stat['state']
    if state == 'Z':
        return _of_zombie(process)
    if state in 'Tt':
        return _of_stopped(process)
    if state not in 'SD':
        return 'waits for nothing', f': it is {facts.STATES.get(state, state)}'
    what, more = _what(process)
    if what:
        return what, more
    name, _ = process.call()
    wchan = facts.text_of(process.pid, 'wchan').strip('0\n')
    if not facts.text_of(process.pid, 'syscall'):
        return 'sleeps', ': in what only its owner may see'
    return 'sleeps' + f' in {name or wchan}' * bool(name or wchan), ''


def _what(process: Process) -> Cause:
    """What a process does in the call that it sleeps in; '' where that is not known."""
    name, arguments = process.call()
    explain = BY_CALL.get(name)
    try:
        return explain(process, arguments) if explain is not None else ('', '')
    except OSError:                     # what it is about has gone meanwhile
        return '', ''


def _since(process: Process) -> str:
    """For how long it has not run."""
    state = process.stat['state']
    if state not in 'SDTt':
        return ''
    seconds = process.asleep()
    if seconds is None:
        return ''
    if state in 'SD' and (process.looks_again or process.has_timer()):
        return f' It wakes up now and then to look, last {spent(seconds)} ago.'
    return f' It has not run for {spent(seconds)}.'


def _adopted(process: Process) -> str:
    if not process.is_orphan() or process.stat['state'] == 'Z':
        return ''
    return f' It is an orphan: its parent has ended, and {named(int(process.stat["ppid"]))} ' \
        'has adopted it, to wait for it one day.'


def _goes_on(process: Process) -> bool:
    """Whether it is the first thread only that has ended."""
    return process.stat['state'] == 'Z' and int(process.stat['threads']) > 1


def _age(process: Process) -> str:
    age = process.asleep()
    return '' if age is None else f' for {spent(age)}'


def _of_zombie(process: Process) -> Cause:
    if _goes_on(process):
        others = int(process.stat['threads']) - 1
        return 'has ended its first thread', f', and {others} others go on'
    status, ppid = facts.ending_of(process.pid), int(process.stat['ppid'])
    how = ''
    if status is not None:
        number = status & 0x7F
        how = f' by SIG{name_of(number)}' if number else f' with status {status >> 8 & 0xFF}'
    return 'is a zombie', f': it has ended{how}, and its parent {named(ppid)} has not waited ' \
        f'for it{_age(process)}. It goes when that does, by wait or by ending itself; ' \
        f'`why {ppid}` says what that does instead'


def _of_stopped(process: Process) -> Cause:
    was = _was(_what(process)[0])
    was = f'. When it was stopped it was {was}' * bool(was)
    if process.stat['state'] == 't':
        tracer = int(facts.field_of(process.pid, 'TracerPid') or 0)
        who = f', {named(tracer)}' if tracer else ''
        return f'is stopped by its tracer{who}', f', which has it go on{was}'
    number = (facts.ending_of(process.pid) or 0) & 0x7F or process.stopped_by
    if not number:
        return 'is stopped by a signal', WAKES.format(process.pid) + was
    what = f'is stopped by SIG{name_of(number)}'
    if number in BACKGROUND:
        return what, f': {BACKGROUND[number]}{WITH_TERMINAL}'
    return what, WAKES.format(process.pid) + was


def before_stop(pids: list[int]) -> Iterator[str]:
    """What stopped processes, or the children that they wait for, were doing: `cat was reading
    from descriptor 0, /dev/pts/1, the terminal`.  Never blocks."""
    todo, patience = pids[::-1], SETTLED
    while todo:
        process = Process(todo.pop(), True)
        patience = process.settle(patience)
        name, _ = process.call()        # none: news of a child came before its own stop
        children = process.children() if not name or name in FOR_CHILDREN else []
        todo += children[::-1]
        was = '' if children else _was(_what(process)[0])
        if was:
            yield f'{process.name} was {was}'


def _was(what: str) -> str:
    verb, blank, rest = what.partition(' ')
    return PAST.get(verb, verb) + blank + rest
