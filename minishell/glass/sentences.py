"""The steps of a story in words."""
from __future__ import annotations

import re

from minishell.codec import decoded
from minishell.glass.model import READS, WRITES
from minishell.glass.process import spent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.calls import Fact
    from minishell.glass.model import End, Object, Proc
    from minishell.glass.story import Process

LONGEST = 32            # characters of data in a text
SLEEPS = {'pause': 'pause: no signal has come',
          'rt_sigsuspend': 'sigsuspend: no signal has come',
          'rt_sigtimedwait': 'sigwait: no signal has come', 'poll': 'poll: nothing is ready',
          'ppoll': 'poll: nothing is ready', 'select': 'select: nothing is ready',
          'pselect6': 'select: nothing is ready'}


IPC = {'semop': 'the semaphores are not as it wants them', 'msgsnd': 'the queue is full',
       'semtimedop': 'the semaphores are not as it wants them',
       'msgrcv': 'the queue has no such message', 'mq_timedsend': 'the queue is full',
       'mq_timedreceive': 'the queue is empty',
       'futex': 'a semaphore, or a lock in shared memory, is taken'}


DONE = {                # {}: what is behind the name in a step's text
    'shmget': 'has looked for the shared memory of key {}, or made it',
    'semget': 'has looked for the semaphores of key {}, or made them',
    'msgget': 'has looked for the queue of key {}, or made it',
    'msgsnd': 'has sent a message of {}', 'msgrcv': 'has received a message of {}',
    'shmctl': 'has removed shared memory: {}', 'semctl': 'has removed semaphores: {}',
    'msgctl': 'has removed a queue: {}', 'shmat': 'has shared memory in its own from now on',
    'shmdt': 'has no longer that shared memory in its own',
}


def who(proc: Proc) -> str:
    """A process at the beginning of a sentence."""
    return 'The shell' if proc.id == 'sh' else proc.id


def doing_of(process: Process) -> str:
    """What a process of a story is, in a few words."""
    if process['argv']:
        return ' '.join([process['argv'][0].rpartition('/')[2], *process['argv'][1:]])
    return 'the shell' if process['id'] == 'sh' else process['node'][0] if process['node'] \
        else 'a copy'


def side(mode: int) -> str:
    """An end of a pipe."""
    return {READS: 'reading end', WRITES: 'writing end'}.get(mode, 'end')


def data(fact: Fact, longest: int = LONGEST) -> str:
    r"""The data of a read or a write as in C: "2\n"."""
    text = decoded(fact['data'])
    shown = ''.join([ESCAPES.get(c) or (c if c.isprintable() else _escaped(c))
                     for c in text[:longest]])
    more = '\u2026' if fact['n'] > len(fact['data']) or len(text) > longest else ''
    return f'"{shown}"{more}'


def _escaped(character: str) -> str:
    """A control character, or a byte that is no character (codec.py)."""
    code = ord(character)
    return f'\\{code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code:o}'


ESCAPES = {'\n': '\\n', '\t': '\\t', '"': '\\"', '\\': '\\\\', '\r': '\\r', '\33': '\\33'}


def quoted(fact: Fact) -> str:
    """What is written to where the shell's own output goes."""
    return data(fact)


def moved(verb: str, refers: Object, fact: Fact) -> str:
    """read ① 16 B; of several calls write×200 ① 13107200 B."""
    times = f'\u00d7{fact["count"]}' if fact['count'] > 1 else ''
    return f'{verb}{times} {refers.id} {fact["n"]} B'


def _content(fact: Fact) -> str:
    return f': {data(fact, 64)}' if fact['data'] else ''


def _times(fact: Fact) -> str:
    return f' in {fact["count"]} calls' if fact['count'] > 1 else ''


def reads(proc: Proc, refers: Object, fact: Fact) -> str:
    """A read."""
    return f'{who(proc)} reads {fact["n"]} B from {refers.id}{_times(fact)}{_content(fact)}'


def writes(proc: Proc, refers: Object, fact: Fact) -> str:
    """A write."""
    into = 'into' if refers.ringed() else 'to'
    return f'{who(proc)} writes {fact["n"]} B {into} {refers.id}{_times(fact)}{_content(fact)}'


def ends_reading(proc: Proc, refers: Object) -> str:
    """The end of a file."""
    because = ': it is empty, and no process holds its writing end any more' \
        if refers.ringed() else ''
    return f'{who(proc)} comes to the end of {refers.id}{because}'


def finds_no_reader(proc: Proc, refers: Object) -> str:
    """EPIPE."""
    return f'{who(proc)} writes into {refers.id}, which no process can read any more: EPIPE, ' \
        'and the kernel sends it SIGPIPE'


def fork(proc: Proc, child: Proc) -> str:
    """A fork, and why."""
    text = f' for {child.node[0]!r}' if child.node else ''
    why = f' ({child.why.partition("; trace")[0]})' if child.why else ''
    return f'{who(proc)} forks: {child.id} is a copy of it{text}{why}'


def execs(proc: Proc, path: str) -> str:
    """An exec."""
    return f'{who(proc)} becomes {path or "a program"}: {" ".join(proc.argv)}'


def ends(proc: Proc) -> str:
    """An end."""
    end = proc.end or {}
    if 'signal' in end:
        core = ', with a memory dump' if end.get('core') else ''
        return f'{who(proc)} is ended by {end["signal"]}{core}'
    return f'{who(proc)} ends with status {end.get("exit")}; it is a zombie until its parent ' \
        'waits'


def waits(proc: Proc) -> str:
    """It begins to wait."""
    return f'{who(proc)} waits for its children'


def reaps(proc: Proc, child: Proc) -> str:
    """A child is reaped."""
    return f'{who(proc)} takes the status of {child.id}, which is gone with that'


def told_of_stop(proc: Proc, child: Proc, name: str) -> str:
    """wait says that a child has stopped."""
    return f'{who(proc)} is told that {child.id} has been stopped by {name}'


def joins(proc: Proc, child: Proc, leader: str, session: bool) -> str:
    """setpgid, setsid."""
    if session:
        return f'{who(proc)} begins a session of its own'
    whose = 'its own' if leader == child.id else f'that of {leader}'
    subject = 'itself' if child is proc else child.id
    return f'{who(proc)} puts {subject} into a process group: {whose}'


def gives_terminal(proc: Proc, names: list[str]) -> str:
    """tcsetpgrp."""
    return f'{who(proc)} gives the terminal to {" and ".join(names) or "a group of nobody"}: ' \
        'keys such as Ctrl-C reach these'


def makes_pipe(proc: Proc, refers: Object) -> str:
    """A pipe."""
    return f'{who(proc)} makes the pipe {refers.id}, and has both its ends'


def opens(proc: Proc, refers: Object, mode: int) -> str:
    """An open."""
    how = {READS: 'for reading', WRITES: 'for writing'}.get(mode, 'for reading and writing')
    name = f'{refers.id} ({refers.name})' if refers.ringed() else refers.name
    return f'{who(proc)} opens {name} {how}'


def dups(proc: Proc, end: End, fd: int, new: int) -> str:
    """dup2."""
    what = f'the {side(end.mode)} of {end.object.id}' if end.object.ringed() else end.object.id
    return f'{who(proc)} makes descriptor {new} a copy of {fd}: {what}'


def closes(proc: Proc, end: End, fd: int) -> str:
    """A close."""
    left = end.object.writers if end.mode & WRITES else end.object.readers
    rest = f'; {" and ".join(left)} still have it' if len(left) > 1 else \
        f'; {next(iter(left))} still has it' if left else '; it was the last'
    return f'{who(proc)} closes its {side(end.mode)} of {end.object.id} (descriptor {fd}){rest}'


def sends(proc: Proc, name: str, to: str, group: bool) -> str:
    """kill."""
    return f'{who(proc)} sends {name} to {"the group " * group}{to}'


def receives(proc: Proc, text: str, name: str) -> str:
    """A signal is delivered."""
    by = text.partition(' by ')[2]
    return f'{who(proc)} receives {name}' + (f' from {by}' if by else '')


def ignores(proc: Proc, name: str) -> str:
    """A signal that is ignored."""
    return f'{who(proc)} ignores {name}: nothing comes of it'


def keeps(proc: Proc, name: str) -> str:
    """A signal is pending."""
    return f'{who(proc)} has {name} blocked: it is pending until that changes'


def merges(proc: Proc, name: str) -> str:
    """A signal comes a second time."""
    return f'{who(proc)} has {name} pending already: the two become one'


def stops(proc: Proc, name: str) -> str:
    """A stop."""
    return f'{who(proc)} is stopped by {name}'


def goes_on(proc: Proc) -> str:
    """SIGCONT."""
    return f'{who(proc)} goes on'


def asleep(proc: Proc, why: str, others: str) -> str:
    """It sleeps."""
    by = f' (at the other end: {others})' if others else ''
    return f'{who(proc)} sleeps in {why}{by}'


def sleep(fact: Fact) -> str:
    """Why a process sleeps that has asked for it; '' where it has not."""
    if fact['name'] in ('nanosleep', 'clock_nanosleep'):
        seconds = fact['seconds']
        return 'sleep' if seconds is None else f'sleep {spent(seconds)}'
    return SLEEPS.get(fact['name'], '')


def locks(proc: Proc, verb: str, name: str, which: str) -> str:
    """A lock is taken, or given up."""
    place, shared, _ = which.partition(' shared')
    what = f'the bytes{place} of {name}' if place else name
    return f'{who(proc)} has {verb}ed {what}' + ', shared with other readers' * bool(shared)


def exchanges(proc: Proc, name: str, text: str, waited: bool) -> str:
    """A call of IPC is over."""
    what = text.partition(' ')[2]
    done = DONE.get(name, '')
    if name == 'semop' or name == 'semtimedop':
        done = 'has waited until a semaphore is {}' if what[:1] == 'u' else \
            'has changed a semaphore by {}'
        what = what.removeprefix('until ')
    if not done or not what and '{}' in done or re.fullmatch('E[A-Z0-9]+', what):
        done, what = f'has called {name}' + ': {}' * bool(what), what
    return f'{who(proc)} {done.format(what)}' + ', for which it has waited' * waited


def left_out(proc: Proc, name: str, count: int) -> str:
    """Calls that are not told one by one."""
    return f'{who(proc)} has called {name} {count} times more: they are left out'


def needs_none(proc: Proc, what: str, why: str) -> str:
    """No process."""
    return f'{who(proc)} needs no process for {what!r}: {why}'


def traps(proc: Proc, condition: str, action: str) -> str:
    """A trap's action begins."""
    return f'{who(proc)} runs what its trap on {condition} says: {action}'


def job(proc: Proc, number: int, members: list[str], text: str) -> str:
    """A job in the table."""
    return f'{who(proc)} has job {number}, {" and ".join(members)}: {text}'


def result(status: int) -> str:
    """The end of it all."""
    return f'The shell goes on: $? is {status}'
