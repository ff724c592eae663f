"""A signal that comes while another is being acted on: its trap ends the wait, too.

The driver sends SIGUSR1 just there, behind the look at what was noted before: in the reaping
that SIGCHLD asks for.
"""
from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

DRIVER = """
import os, signal, sys
sys.path.insert(0, sys.argv.pop(1))
from minishell import cli
from minishell.state.jobs import JobTable
from minishell.system.signals import Signals
poll, sleep, sent = JobTable.poll, Signals.sleep, []

def asleep(signals, *rest):
    if os.path.exists('go'):
        with open('go', 'w'):               # now a child ends
            os.unlink('go')
    sleep(signals, *rest)

def late(table, *rest):
    poll(table, *rest)
    if sys._getframe(1).f_code.co_name == 'run_pending_traps' and not sent:
        sent.append(signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGUSR1)

JobTable.poll, Signals.sleep = late, asleep
cli.main(sys.argv)
"""
# `$p` ends when the script wants it; the other child as soon as the shell sleeps.
SCRIPT = """
trap 'echo T' USR1
(read x <ff) & p=$!
(read x <go) &
{}; echo "then $?"
echo >ff; wait
"""


@pytest.mark.parametrize('wait', ['wait $p', 'waitpid $p', 'pause'])
def test_a_signal_behind_the_look(wait: str, root: Path, environment: dict[str, str],
                                  tmp_path: Path) -> None:
    for name in ('ff', 'go'):           # not by the script: it would wait for mkfifo, too
        os.mkfifo(tmp_path / name)
    done = subprocess.run(
        [sys.executable, '-I', '-S', '-c', DRIVER, str(root), '-c', SCRIPT.format(wait)],
        text=True, check=False, capture_output=True, cwd=tmp_path, env=environment, timeout=60)
    assert (done.stdout, done.stderr, done.returncode) == ('T\nthen 138\n', '', 0)
