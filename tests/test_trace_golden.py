"""The golden form of traces: what is chance is not in it, and `trace -g` prints it."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import test_trace
from test_trace import FORM, PIPELINE

from minishell.glass.golden import golden

if TYPE_CHECKING:
    from test_trace import Trace

trace = test_trace.trace        # the fixture


def test_the_golden_form_is_printed(trace: Trace) -> None:
    traced = trace.start([*trace.minishell, '-c', f"trace -g '{PIPELINE}'"])
    assert traced.stdout == '2\n'
    assert traced.stderr.isascii()
    lines = traced.stderr.splitlines()
    assert max(map(len, lines)) <= 80
    whole = traced.stderr.replace('\n   |', ' |').replace('(1)', '①').replace('(2)', '②')
    assert whole.replace('->', '→') == FORM


def test_processes_are_numbered_by_their_parents(trace: Trace) -> None:
    """Whether P1 forks before the shell does is chance."""
    traced = trace('(cat f; exit 3) | wc -l')
    assert traced.line('sh') == 'pipe ① | fork P1 | close ①w | fork P3 | close ①r | wait ' \
        '| reap P1=3 | reap P3 | $?=0'
    assert traced.line('P1') == 'close ①r | ①→1 | close ①w | fork P2 | wait | reap P2 | exit 3'
    assert traced.line('P2').startswith('exec cat | open f')


@pytest.mark.parametrize('meanwhile', [
    'echo >go; wait $!', 'echo >go; while kill -0 $!; do :; done 2>/dev/null; wait $!',
    'echo >go; waitpid -v s $!'])
def test_a_reap_is_told_behind_the_wait(trace: Trace, meanwhile: str) -> None:
    """Whether a job has ended before it is waited for is chance."""
    traced = trace(f'(read x <go; exit 7) & {meanwhile}', before='mkfifo go')
    steps = [text for text in traced.line('sh').split(' | ') if not text.startswith('kill')]
    assert steps[:2] + steps[-3:] == ['fork P1', '[1] P1', 'wait', 'reap P1=7',
                                      f'$?={0 if "waitpid" in meanwhile else 7}']


def test_who_gets_what_is_sent_to_a_group(trace: Trace) -> None:
    traced = trace('set -m; (trap : USR1; (trap : USR1; kill -s USR1 0; :); :)')
    assert traced.line('P1') == \
        'fork P2 | wait | signal SIGUSR1 by P2 | reap P2 | trap USR1 | exit 0'
    assert traced.line('P2') == 'kill SIGUSR1 P1+P2 | signal SIGUSR1 by P2 | trap USR1 | exit 0'


def test_a_signal_that_is_ignored(trace: Trace) -> None:
    traced = trace("trap '' USR1; kill -s USR1 $$".replace("'", '""'))
    assert traced.line('sh') == 'kill SIGUSR1 sh | SIGUSR1 ignored | $?=0'


def test_the_end_of_a_pipe_that_nobody_comes_to_see() -> None:
    """The writer is dead already when the reader's read comes back, and dies there."""
    def form(*texts: str) -> str:
        kinds = {'E': 'eof', 's': 'signal.delivered', '†': 'exit', 'e': 'exit'}
        steps = [{'p': 'sh', 'k': kinds[text[0]], 'obj': None, 'to': None, 'text': text}
                 for text in texts]
        story: Any = {'procs': [{'id': 'sh', 'pid': 1, 'parent': None}], 'steps': steps}
        return golden(story)
    assert form('EOF ①', 'signal SIGINT', '†SIGINT') == 'sh signal SIGINT | †SIGINT\n'
    assert form('EOF ①', 'exit 0') == 'sh EOF ① | exit 0\n'


def test_pids_in_what_is_written(trace: Trace) -> None:
    traced = trace('echo $$; (echo a; exec sh -c "kill -s KILL \\$\\$"); true')
    texts = traced.line('sh').split(' | ')
    assert texts[0] == '"sh\\n"'
    assert not any(str(process['pid']) in text for text in texts
                   for process in traced.story['procs'] if process['pid'] > 999)


@pytest.mark.parametrize('text, given', [
    ('"4201 4200 77777\\n"', '"P1 sh 77777\\n"'), ('"14201 x4201\\n"', '"14201 x4201\\n"'),
    ('"line 1: 4201 Segmen"\u2026', '"line 1: P1"\u2026'), ('"abc"\u2026', '"abc"\u2026')])
def test_data_with_pids(text: str, given: str) -> None:
    story: Any = {'procs': [{'id': 'sh', 'pid': 4200, 'parent': None},
                            {'id': 'P1', 'pid': 4201, 'parent': 'sh'}],
                  'steps': [{'p': 'sh', 'k': 'write', 'obj': 'tty', 'to': None, 'text': text}]}
    assert golden(story).splitlines()[0] == f'sh {given}'


def test_messages_and_semaphores(trace: Trace) -> None:
    """Whether one has to wait for the other is chance, and not told."""
    key = 0x5D000000 + os.getpid()
    traced = trace(f'mq create {key}; mq recv {key} 12 & mq send {key} 5 a; '
                   f'mq send {key} 12 bc; wait; mq rm {key}')
    assert traced.stdout == '12 bc\n'
    assert traced.line('P1') == f'msgget {key} | msgrcv type 12, 2 B | "12 bc\\n" | exit 0'
    assert f'| msgget {key} | msgsnd type 5, 1 B | msgget {key} | msgsnd type 12, 2 B | wait ' \
        in traced.line('sh')
    assert '| msgctl IPC_RMID | ' in traced.line('sh')
    said = [step['say'] for step in traced.story['steps'] if step['k'] == 'ipc']
    assert 'The shell has sent a message of type 5, 1 B' in said
    assert f'The shell has looked for the queue of key {key}, or made it' in said
    assert 'The shell has removed a queue: IPC_RMID' in said
    assert any(text.startswith('P1 has received a message of type 12, 2 B') for text in said)
    traced = trace(f'sem create {key} 0; sem wait {key} & sem post {key}; wait; '
                   f'sem unlink {key}')
    assert traced.line('P1') == f'semget {key} | semop -1 | exit 0'
    assert f'| semget {key} | semop +1 | wait ' in traced.line('sh')
    said = [step['say'] for step in traced.story['steps'] if step['k'] == 'ipc']
    assert 'The shell has changed a semaphore by +1' in said
    assert any(text.startswith('P1 has changed a semaphore by -1') for text in said)


def test_a_call_of_ipc_that_fails(trace: Trace) -> None:
    key = 0x5E000000 + os.getpid()
    traced = trace(f'mq recv {key}')
    assert f'msgget {key} ENOENT' not in traced.line('sh')
    assert 'The shell has called msgget: ENOENT' in [step['say'] for step in
                                                     traced.story['steps']]


def test_many_calls_of_ipc(trace: Trace) -> None:
    """How many have been left out is told where the process ends, or the trace."""
    key = 0x5F000000 + os.getpid()
    traced = trace(f'sem create {key} 0; (for i in {{1..203}}; do sem post {key}; done; :); '
                   f'for i in {{1..202}}; do sem post {key}; done; sem unlink {key}')
    assert '| semget ×3 left out |' in traced.line('P1')
    assert traced.line('P1').endswith('| exit 0')
    assert '| semctl IPC_RMID | semget ×4 left out |' in traced.line('sh')
    assert 'P1 has called semget 3 times more: they are left out' in [
        step['say'] for step in traced.story['steps'] if step['k'] == 'ipc']


def test_locks_without_waiting(trace: Trace) -> None:
    traced = trace('exec 9<>new; lockf -n -s 2 -l 3 9; (lockf -n -s 4 9; lockf -rn -s 5 9); '
                   'lockf -u 9; flock -s 9; flock -u 9')
    assert '| lock new 2-4 | fork P1 | wait | reap P1 | unlock new | lock new shared ' \
        '| unlock new | ' in traced.line('sh')
    assert traced.line('P1') == 'lock new 5-EOF shared | exit 0'
