"""Jobs: their processes and states, and the statuses kept for `wait` (XCU 2.11).

A job's state is derived from its processes', never stored.  Every child that is not waited
for at once is registered here once, and reaped here only.

A process ID is ours until the process has been reaped: from then on the kernel may give the
number to anybody.  So is the ID of a process group that one of our unreaped children is in.
Whoever sends a signal polls first, and asks `Job.ended` or `Job.lives` then.
"""
from __future__ import annotations

import posix

from minishell.status import exit_status, is_stop
from minishell.system import processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from minishell.state.coprocesses import Coprocess
    from minishell.system.events import Events
    from minishell.system.signals import Signals

MANY = 256
KEPT = 32768        # statuses of ended jobs nobody has waited for; POSIX: CHILD_MAX or more


class Job:
    """Processes started together."""

    __slots__ = ('number', 'pids', 'statuses', 'text', 'members', 'group', 'folder', 'told',
                 'hup', 'modes')

    def __init__(self, pids: list[int], text: str, group: int = 0, folder: str = '',
                 members: Callable[[], list[str]] | None = None) -> None:
        self.number = 0                 # the job number of %n, once it is in the table
        self.pids = pids                # in the order of the pipeline; the last one is $!
        self.statuses: list[int | None] = [None] * len(pids)    # wait statuses, also of stops
        self.text = text                # as `jobs` shows it
        self.members = members or (lambda: [text])      # the texts of its processes
        self.group = group              # its process group, 0 if it is the shell's
        self.folder = folder            # the working directory it was started in
        self.told = ''                  # the state its user has been told
        self.hup = True                 # gets SIGHUP when the shell does
        self.modes: list[Any] | None = None     # the terminal's, once it stopped there

    def ended(self) -> bool:
        """Whether none of its processes is left."""
        return all(status is not None and not is_stop(status) for status in self.statuses)

    def stopped(self) -> bool:
        """Whether some of its processes are stopped, and none runs."""
        return None not in self.statuses and any(
            is_stop(status) for status in self.statuses if status is not None)

    def alive(self) -> list[int]:
        """The pids of the processes that have not ended."""
        return [pid for pid, status in zip(self.pids, self.statuses, strict=True)
                if status is None or is_stop(status)]

    def lives(self, pid: int) -> bool:
        """Whether pid is a process of this job that has not been reaped.  If it is not, the
        kernel may have given the number to another."""
        return any(pid == own and (status is None or is_stop(status))
                   for own, status in zip(self.pids, self.statuses, strict=True))

    def poll(self, events: Events | None = None) -> None:
        """Take the news of its processes: signals merge, deaths must not."""
        for index, pid in enumerate(self.pids):
            status = self.statuses[index]
            while status is None or is_stop(status):
                news = processes.poll(pid, events)
                if news is None:
                    break
                if news == processes.CONTINUED:
                    status, self.told = None, ''
                else:
                    status = news
                self.statuses[index] = status

    def stops(self) -> list[int]:
        """The signals that its stopped processes have been stopped by."""
        return [posix.WSTOPSIG(status) for status in self.statuses
                if status is not None and is_stop(status)]

    def resume(self) -> None:
        """Note that it has been continued, before the kernel says so."""
        for index, status in enumerate(self.statuses):
            if status is not None and is_stop(status):
                self.statuses[index] = None
        self.told = ''

    def over(self) -> None:
        """It has ended, and is told or forgotten: what a coprocess leaves is put away."""

    def status(self) -> int:
        """The exit status: its last process's; 128+n while stopped by signal n."""
        if self.stopped():
            return next(exit_status(status) for status in reversed(self.statuses)
                        if status is not None and is_stop(status))
        return exit_status(self.statuses[-1] or 0)


class JobTable:
    """The jobs of this process that are not in the foreground."""

    __slots__ = ('jobs', 'waited', 'changed', 'dead', 'adopts', 'coprocesses', '_recent',
                 '_by_pid', '_kept', '_disowned', '_named', 'named', '_parent', '_signals')

    def __init__(self, signals: Signals) -> None:
        self._signals = signals                 # whose `events` are told
        self.jobs: list[Job] = []               # in the order of their numbers
        self.coprocesses: list[Coprocess] = []  # those that run; in a subshell, its parent's
        self.waited: Job | None = None          # one in the foreground, perhaps not in `jobs`
        self.changed: list[Job] = []            # ended or stopped: to be told
        self.dead = 0                           # children for which a trap on SIGCHLD is to run
        self.adopts = posix.getpid() == 1       # orphans become children of this process
        self._recent: list[Job] = []            # by last use: %+ and %- are found from the end
        self._by_pid: dict[int, Job] = {}
        self._kept: dict[int, int] = {}         # pid -> wait status, oldest first
        self._disowned: set[int] = set()        # children in no job
        self._named: set[int] = set()           # those whose pids were `$!`
        self.named = 0                          # the last of these
        self._parent: JobTable | None = None    # in a subshell, the parent's jobs

    def add(self, job: Job) -> Job:
        """Register a job.  Ended ones are dropped when they get many: a script may never
        ask for them."""
        if len(self.jobs) > MANY:
            self.drop_ended()
        for pid in job.pids:
            self._kept.pop(pid, None)           # the kernel has used the number again
            self._disowned.discard(pid)
            self._by_pid[pid] = job
        job.number = max([other.number for other in self.jobs], default=0) + 1
        self.jobs.append(job)
        self._recent.append(job)
        if self._signals.events is not None:
            self._signals.events.tell('job', number=job.number, pids=job.pids, group=job.group,
                                      text=job.text)
        return job

    def leave(self, pid: int, named: bool = False) -> None:
        """Note a child that is in no job and only reaped; the status of a `named` one is
        kept, `wait $!` asks for it."""
        self._kept.pop(pid, None)
        self._disowned.add(pid)
        if named:
            self._named.add(pid)
            self.named = pid

    def left(self, pid: int = 0) -> bool:
        """Whether a child named, by default the last one, is running: its status will be
        kept."""
        return (pid or self.named) in self._named

    def known(self) -> JobTable:
        """The jobs to list: this shell's, or its parent's as they were at the fork."""
        if self._parent is not None and not self.jobs:
            return self._parent
        return self

    def touch(self, job: Job) -> None:
        """Make a job the current one."""
        self._recent.remove(job)
        self._recent.append(job)

    def current(self) -> list[Job]:
        """The jobs, the current one (%+) first, then the previous one (%-): stopped jobs
        come before running ones, later ones before earlier."""
        recent = self._recent[::-1]
        return [job for job in recent if job.stopped()] + [
            job for job in recent if not job.stopped()]

    def remove(self, job: Job) -> None:
        """Forget a job."""
        self.jobs.remove(job)
        self._recent.remove(job)
        if job in self.changed:
            self.changed.remove(job)
        for pid in job.pids:
            if self._by_pid.get(pid) is job:
                del self._by_pid[pid]
        if job.ended():
            job.over()
        self._disowned.update(job.alive())      # still to be reaped, or zombies would stay

    def poll(self, strangers: bool = True) -> None:
        """Take all news of the jobs, looping until there is none.

        The kernel is asked which child has news, so that this costs nothing for the jobs
        without.  A child that nobody here has started (its parent has died, and we are
        process 1; or we were its parent before exec) is only reaped; but where children have
        been started that are in no job yet, `strangers` must be false.
        """
        if not self.jobs and not self._disowned and not self.adopts and self.waited is None:
            return
        while pid := processes.any_changed():
            if strangers or pid in self._disowned or self._owner(pid) is not None:
                self._take(pid)
            else:
                for job in self.jobs:
                    self._take_news(job)
                break
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]

    def reap_until(self, last: int, own: dict[int, int | None]) -> None:
        """As process 1: wait until a child has ended, and leave it; meanwhile take the news of
        the jobs and reap orphans.  The statuses of children that are keys of `own`, for
        which the caller is waiting, too, are put there."""
        while (pid := processes.any_ended()) not in (0, last):
            if pid in own:
                own[pid] = processes.wait(pid, self._signals.events)
            else:
                self._take(pid)

    def _take(self, pid: int) -> None:
        """Take the news of a child."""
        job = self._owner(pid)
        if job is not None:
            self._take_news(job)
            return
        status = processes.poll(pid, self._signals.events)
        if status is not None and not is_stop(status) and status != processes.CONTINUED:
            self._disowned.discard(pid)
            self.dead += 1
            if pid in self._named:
                self._named.remove(pid)
                self._kept[pid] = status

    def _owner(self, pid: int) -> Job | None:
        """The job that a child of ours is in."""
        for job in (self._by_pid.get(pid), self.waited):
            if job is not None and job.lives(pid):
                return job
        return None

    def _take_news(self, job: Job) -> None:
        if not job.ended():
            alive = len(job.alive())
            job.poll(self._signals.events)
            self.dead += alive - len(job.alive())
            if job.ended() and job.number:
                self._kept[job.pids[-1]] = job.statuses[-1] or 0
            if job.number and (job.ended() or job.stopped()) and job not in self.changed:
                self.changed.append(job)

    def drop_ended(self) -> list[Job]:
        """Take the ended jobs out of the table; their statuses stay for `wait`."""
        ended = [job for job in self.jobs if job.ended()]
        for job in ended:
            self.remove(job)
        return ended

    def by_pid(self, pid: int) -> Job | None:
        """The job one of whose processes is pid."""
        return self._by_pid.get(pid)

    def take_status(self, pid: int, keep: bool = False) -> int | None:
        """The kept exit status of an ended process, given once unless it is to be kept for
        ever; None if unknown."""
        kept = self._kept.get(pid) if keep else self._kept.pop(pid, None)
        return None if kept is None else exit_status(kept)

    def take_wait_status(self, pid: int = 0) -> tuple[int, int] | None:
        """The process, by default that which ended first, and its kept wait status, given once;
        None if unknown."""
        pid = pid or next(iter(self._kept), 0)
        return (pid, self._kept.pop(pid)) if pid in self._kept else None

    def clear(self) -> None:
        """After fork: the jobs are the parent's children, not ours; but a subshell may list
        them until it starts its own (`jobs | cat`)."""
        if self.jobs:
            parent = JobTable(self._signals)
            parent.jobs, parent._recent = self.jobs, self._recent
            self._parent = parent
        self.jobs = []
        self.changed = []
        self.dead = 0
        self.waited = None
        self.adopts = False
        self._recent = []
        self._by_pid = {}
        self._kept = {}
        self._disowned = set()
        self._named = set()
