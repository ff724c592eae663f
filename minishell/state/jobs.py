"""Jobs: their processes and states, and the statuses kept for `wait` (XCU 2.11).

A job's state is derived from its processes', never stored.  Every child that is not waited
for at once is registered here once, and reaped here only.
"""
from __future__ import annotations

from minishell.status import STOPPED, exit_status, is_stop, signal_of
from minishell.system import processes
from minishell.system.signals import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MANY = 256
KEPT = 32768        # statuses of ended jobs nobody has waited for; POSIX: CHILD_MAX or more


class Job:
    """Processes started together."""

    __slots__ = ('number', 'pids', 'statuses', 'text', 'group', 'told', 'hup', 'modes')

    def __init__(self, pids: list[int], text: str, group: int = 0) -> None:
        self.number = 0                 # the job number of %n, once it is in the table
        self.pids = pids                # the last one is $!
        self.statuses: list[int | None] = [None] * len(pids)    # wait statuses; stops, too
        self.text = text                # as `jobs` shows it
        self.group = group              # its process group, 0 if it is the shell's
        self.told = ''                  # the state its user has been told
        self.hup = True                 # gets SIGHUP when the shell does
        self.modes: list[Any] | None = None     # of the terminal, when it stopped

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

    def poll(self) -> None:
        """Take the news of its processes: signals merge, deaths must not."""
        for index, pid in enumerate(self.pids):
            status = self.statuses[index]
            while status is None or is_stop(status):
                news = processes.poll(pid)
                if news is None:
                    break
                status = None if news == processes.CONTINUED else news
                self.statuses[index] = status

    def resume(self) -> None:
        """Note that it has been continued, before the kernel says so."""
        for index, status in enumerate(self.statuses):
            if status is not None and is_stop(status):
                self.statuses[index] = None
        self.told = ''

    def status(self) -> int:
        """The exit status: its last process's; 128+n while stopped by signal n."""
        if self.stopped():
            return next(exit_status(status) for status in reversed(self.statuses)
                        if status is not None and is_stop(status))
        return exit_status(self.statuses[-1] or 0)

    def describe(self) -> str:
        """Its state in words (XCU 3, jobs)."""
        if self.stopped():
            return STOPPED
        if not self.ended():
            return 'Running'
        status = self.statuses[-1] or 0
        number = signal_of(status)
        if number:
            core = ' (core dumped)' if status & 0x80 else ''
            return describe(number) + core
        return f'Exit {exit_status(status)}' if status else 'Done'


class JobTable:
    """The jobs of this process that are not in the foreground."""

    __slots__ = ('jobs', '_recent', '_by_pid', '_kept', '_disowned', '_parent')

    def __init__(self) -> None:
        self.jobs: list[Job] = []               # in the order of their numbers
        self._recent: list[Job] = []            # the current job is among the last
        self._by_pid: dict[int, Job] = {}
        self._kept: dict[int, int] = {}         # pid -> exit status, oldest first
        self._disowned: set[int] = set()        # children nobody will ask for
        self._parent: JobTable | None = None    # in a subshell

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
        return job

    def leave(self, pid: int) -> None:
        """Note a child nobody will ask for: it is only reaped."""
        self._disowned.add(pid)

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
        for pid in job.pids:
            if self._by_pid.get(pid) is job:
                del self._by_pid[pid]
        self._disowned.update(job.alive())      # still to be reaped, or zombies would stay

    def poll(self) -> None:
        """Take all news of the jobs, looping until there is none.

        The kernel is asked which child has news, so that this costs nothing for the jobs
        without; if that child is not ours to reap, each job is asked.
        """
        if not self.jobs and not self._disowned:
            return
        while pid := processes.any_changed():
            job = self._by_pid.get(pid)
            if job is None and pid in self._disowned:
                if processes.poll(pid) not in (None, processes.CONTINUED):
                    self._disowned.discard(pid)
                continue
            if job is None:
                for job in self.jobs:
                    self._take_news(job)
                break
            self._take_news(job)
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]

    def _take_news(self, job: Job) -> None:
        if not job.ended():
            job.poll()
            if job.ended():
                self._kept[job.pids[-1]] = job.status()

    def drop_ended(self) -> list[Job]:
        """Take the ended jobs out of the table; their statuses stay for `wait`."""
        ended = [job for job in self.jobs if job.ended()]
        for job in ended:
            self.remove(job)
        return ended

    def by_pid(self, pid: int) -> Job | None:
        """The job one of whose processes is pid."""
        return self._by_pid.get(pid)

    def take_status(self, pid: int) -> int | None:
        """The kept exit status of an ended process, given once; None if unknown."""
        return self._kept.pop(pid, None)

    def line(self, job: Job, long: bool = False) -> str:
        """How `jobs` shows a job, as bash does."""
        order = self.current()
        mark = '+' if order[:1] == [job] else '-' if order[1:2] == [job] else ' '
        state = job.describe()
        end = '' if state != 'Running' else ' &'
        pid = f' {job.pids[0]}' if long else ' '
        return f'[{job.number}]{mark}{pid} {state:<23} {job.text}{end}'

    def clear(self) -> None:
        """After fork: the jobs are the parent's children, not ours; but a subshell may list
        them until it starts its own (`jobs | cat`)."""
        if self.jobs:
            parent = JobTable()
            parent.jobs, parent._recent = self.jobs, self._recent
            self._parent = parent
        self.jobs = []
        self._recent = []
        self._by_pid = {}
        self._kept = {}
        self._disowned = set()
