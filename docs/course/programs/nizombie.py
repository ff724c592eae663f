"""A handler of SIGCHLD that waits, set before fork or, `late`, behind it (lesson 10)."""
import os
import signal
import sys


def wait_for_all(number, frame):
    """One signal may stand for several children."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def state(pid):
    """The letter that ps shows; '-' where there is no such process."""
    try:
        with open(f'/proc/{pid}/stat') as stat:
            return stat.read().rpartition(') ')[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return '-'


late = sys.argv[1:] == ['late']
if not late:
    signal.signal(signal.SIGCHLD, wait_for_all)
pid = os.fork()
if pid == 0:
    os._exit(0)
if late:
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)       # the child is faster
    signal.signal(signal.SIGCHLD, wait_for_all)
else:
    while state(pid) != '-':
        pass
print('etat du fils :', state(pid))
