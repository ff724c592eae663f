"""The switchboard: what the shell does with processes and descriptors, for those who watch.

Nobody does, as a rule: then `shell.events` is None, and all it costs is to ask for that where a
process or a descriptor is made; this module is not even loaded.  Events carry what only the
shell knows (which command, which `|`, why a process); what a program does, and when who sleeps,
the kernel must be asked.

  pipe       reading writing use what place    `use`: '|', '$(', '<(', 'gate'; and which `|`
  fork       child start what                  a copy of the shell; it tells `born` itself
  born       parent
  spawn      child start what path argv actions group
  exec       path argv                         and `exec failed` path error, if it did
  none       start what                        a process that was not needed, and why
  dup        source target                     `target` is a copy of `source` from now on
  close      fd
  open       fd path operator
  text       fd size                           a here-document, in a file without a name; or
                                               in none, fd being -1
  wait       children
  reap       child status                      a wait status: stops and CONTINUED are told, too
  group      child group                       setpgid; child 0 is the teller
  terminal   group                             the foreground group from now on
  job        number pids group text
  send       to number                         kill(2): a group where `to` is negative
  noted      number at                         by the handler, at that time
  trap       condition action                  its action begins; `trapped` when it has ended

`start` is a run.processes.Start, `what` a pair (node, source) or None.  In a forked child the
subscribers are copies: they must know how to say it to the parent.
"""
from __future__ import annotations

import posix
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Subscriber = Callable[['Event'], object]


class Event:
    """Something that has been done, or is about to be (wait, exec, close)."""

    __slots__ = ('kind', 'pid', 'time', 'facts')

    def __init__(self, kind: str, facts: dict[str, object], pid: int) -> None:
        self.kind = kind
        self.pid = pid                  # who did it
        self.time = monotonic()
        self.facts = facts

    def __repr__(self) -> str:
        return f'{self.kind} {self.facts}'


class Events:
    """Those who watch.  One that raises is dropped, and its user told."""

    __slots__ = ('forks', '_pid', '_subscribers', '_complain', '_end', '_noted', '_telling')

    def __init__(self, complain: Callable[[str], None], end: Callable[[], None]) -> None:
        self.forks = False      # programs, too, are forked: who watches is in them at first
        self._pid = posix.getpid()      # asked for once: a call that a recorder would see
        self._subscribers: list[Subscriber] = []
        self._complain = complain
        self._end = end                 # nobody is left
        self._noted: list[tuple[int, float]] = []       # signals, not yet told
        self._telling = False

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Have a subscriber called with every event; returns what ends that."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)
            if not self._subscribers:
                self._end()
        return unsubscribe

    def note(self, number: int) -> None:
        """In a signal handler, where no more may be done: it is told with the next event."""
        self._noted.append((number, monotonic()))

    def forked(self) -> None:
        """In the child, at once: what has been noted is the parent's to tell."""
        self._pid = posix.getpid()
        self._noted.clear()

    def tell(self, kind: str, **facts: object) -> None:
        """Tell an event; not those of the telling itself."""
        if self._telling:
            return
        self._telling = True
        try:
            while self._noted:
                number, at = self._noted.pop(0)
                self._tell(Event('noted', {'number': number, 'at': at}, self._pid))
            self._tell(Event(kind, facts, self._pid))
        finally:
            self._telling = False
        if not self._subscribers:
            self._end()

    def _tell(self, event: Event) -> None:
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(event)
            except Exception as error:
                self._subscribers.remove(subscriber)
                self._complain(f'events are watched no more: {type(error).__name__}: {error}')
