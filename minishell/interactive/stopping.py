"""What a job was doing when it stopped: a line behind its notice, for a terminal."""
from __future__ import annotations

import posix
from itertools import islice

from minishell.glass.waiting import before_stop
from minishell.run.prompt import caret_notation
from minishell.system.blocking import print_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.jobs import Job

MOST = 4                # processes of a job that are looked at
INDENT = 6              # behind it the notice has the job's state
NARROW = 40             # columns, with fewer of which nothing is said


def tell_doing(job: Job) -> None:
    """Say what the processes of a job that has just stopped were doing, in one line."""
    try:
        columns = posix.get_terminal_size(2).columns or 80
    except OSError:
        return                          # standard error is no terminal
    text = caret_notation('; '.join(islice(before_stop(job.alive()), MOST)))
    room = columns - INDENT - 1
    if text and columns >= NARROW:
        print_error(' ' * INDENT + (text if len(text) <= room else text[:room - 3] + '...'))
