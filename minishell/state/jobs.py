"""Background jobs: their processes, and the statuses kept for `wait` (XCU 2.11)."""
from __future__ import annotations

from minishell.status import exit_status
from minishell.system import processes

KEPT = 1024         # statuses of ended jobs that nobody has waited for yet


class Job:
    """Processes started together; `statuses` holds None for those still alive."""

    __slots__ = ('number', 'pids', 'statuses', 'text')

    def __init__(self, number: int, pids: list[int], text: str) -> None:
        self.number = number            # the job number of %n
        self.pids = pids                # the last one is $!
        self.statuses: list[int | None] = [None] * len(pids)    # wait statuses
        self.text = text                # as `jobs` shows it

    def ended(self) -> bool:
        """Whether none of its processes is alive."""
        return None not in self.statuses

    def status(self) -> int:
        """The exit status of its last process, once that has ended."""
        return exit_status(self.statuses[-1] or 0)


class JobTable:
    """The background jobs of this process."""

    __slots__ = ('jobs', '_kept')

    def __init__(self) -> None:
        self.jobs: list[Job] = []               # alive, or ended and not yet reported
        self._kept: dict[int, int] = {}         # pid -> exit status, oldest first

    def add(self, pids: list[int], text: str) -> Job:
        """Register a job just started; reaps what has ended meanwhile, so that a script
        which never waits leaves no zombies."""
        self.poll()
        self.drop_ended()
        job = Job(max([job.number for job in self.jobs], default=0) + 1, pids, text)
        self.jobs.append(job)
        return job

    def poll(self) -> None:
        """Reap every process that has ended: signals merge, deaths must not."""
        for job in self.jobs:
            for index, pid in enumerate(job.pids):
                if job.statuses[index] is None:
                    job.statuses[index] = processes.poll(pid)
            if job.ended():
                self._kept[job.pids[-1]] = job.status()
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]

    def drop_ended(self) -> list[Job]:
        """Take the ended jobs out of the table; their statuses stay for `wait`."""
        ended = [job for job in self.jobs if job.ended()]
        if ended:
            self.jobs = [job for job in self.jobs if not job.ended()]
        return ended

    def by_pid(self, pid: int) -> Job | None:
        """The job one of whose processes is pid."""
        for job in self.jobs:
            if pid in job.pids:
                return job
        return None

    def take_status(self, pid: int) -> int | None:
        """The kept exit status of an ended process, given once; None if unknown."""
        return self._kept.pop(pid, None)

    def peek_status(self, pid: int) -> int | None:
        """The same without taking it."""
        return self._kept.get(pid)

    def clear(self) -> None:
        """After fork: the jobs are the parent's children, not ours."""
        self.jobs = []
        self._kept = {}
