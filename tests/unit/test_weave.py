"""Facts → a story: order, names, and what contradicts itself."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from minishell.glass.golden import golden
from minishell.glass.lanes import text_of
from minishell.glass.weave import weave

if TYPE_CHECKING:
    from minishell.glass.story import Story

    Fact = dict[str, Any]

SH, P1, P2 = 100, 101, 102
HELD = [[0, 'tty', 6, '/dev/pts/1', 1, 7, False], [1, 'tty', 6, '/dev/pts/1', 1, 7, False],
        [10, 'file', 4, '/tmp/script', 1, 8, True]]
# k pid others: of `printf x | cat` with programs, in a time of one second each
FACTS: list[tuple[str, int, dict[str, Any]]] = [
    ('start', SH, {'held': HELD, 'ppid': 1, 'group': SH, 'foreground': SH}),
    ('pipe', SH, {'r': 3, 'w': 4, 'cloexec': True}),
    ('fork', SH, {'child': P1}),
    ('close', SH, {'fd': 4}),
    ('fork', SH, {'child': P2}),
    ('close', SH, {'fd': 3}),
    ('close', P1, {'fd': 3}),
    ('dup', P1, {'fd': 4, 'new': 1, 'cloexec': False}),
    ('close', P1, {'fd': 4}),
    ('exec', P1, {'path': '/bin/printf', 'argv': ['printf', 'x']}),
    ('dup', P2, {'fd': 3, 'new': 0, 'cloexec': False}),
    ('close', P2, {'fd': 3}),
    ('exec', P2, {'path': '/bin/cat', 'argv': ['cat']}),
    ('write', P1, {'fd': 1, 'n': 1, 'data': b'x', 'count': 1}),
    ('read', P2, {'fd': 0, 'n': 1, 'data': b'x', 'count': 1, 't0': 13.0}),
    ('close', P1, {'fd': 1}),
    ('exit', P1, {'status': 0}),
    ('read', P2, {'fd': 0, 'n': 0, 'data': b'', 'count': 1}),
    ('exit', P2, {'status': 0}),
    ('reap', SH, {'child': P1, 'status': 0}),
    ('reap', SH, {'child': P2, 'status': 0}),
]
TOLD = [{'k': 'pipe', 'pid': SH, 't': 1.5, 'use': '|', 'reading': 3, 'writing': 4}]
FORM = """\
sh pipe ① | fork P1 | close ①w | fork P2 | close ①r | reap P1 | reap P2 | $?=0
P1 close ①r | ①→1 | close ①w | exec printf | write ① 1 B | close ①w | exit 0
P2 ①→0 | close ①r | exec cat | read ① 1 B | EOF ① | exit 0
"""


def facts() -> list[Fact]:
    made = []
    for time, (kind, pid, values) in enumerate(FACTS):
        made.append({'k': kind, 'pid': pid, 't': float(time), 't0': float(time), **values})
    return made


def told(given: list[Fact]) -> Story:
    return weave('printf x | cat', given, TOLD, [0, 0, 0])


def test_a_pipeline() -> None:
    story = told(facts())
    assert golden(story) == FORM
    assert story['incomplete'] == []
    pipe = story['objects'][-1]
    assert (pipe['id'], pipe['bytes']) == ('①', 1)
    assert [(line['readers'], line['writers'], line['fill']) for line in pipe['holders']][-4:] \
        == [(['P2'], ['P1'], 1), (['P2'], ['P1'], 0), (['P2'], [], 0), ([], [], 0)]
    assert story['tty'] == [{'t': 0.0, 'procs': ['sh']}, {'t': 6.0, 'procs': ['sh', 'P1']},
                            {'t': 10.0, 'procs': ['sh', 'P1', 'P2']},
                            {'t': 16.0, 'procs': ['sh', 'P2']}, {'t': 18.0, 'procs': ['sh']}]


@pytest.mark.parametrize(
    ('late', 'by'), [(13, 1.5), (15, 3.2), (2, 4.5), (16, 3.5), (18, 2.5)])
def test_facts_that_are_noted_late(late: int, by: float) -> None:
    given = facts()
    for fact in given[late:]:
        if fact['pid'] == given[late]['pid']:
            fact['t'] += by
    story = told(given)
    assert golden(story) == FORM
    assert story['incomplete'] == []


def test_who_sleeps_is_seen_from_the_pipe() -> None:
    given = facts()
    given[14]['t0'] = 12.5              # before the write
    story = told(given)
    assert [(each['from'], each['why']) for each in story['procs'][2]['segs']] == [
        (12.5, 'read ①: it is empty')]
    given[14]['t0'] = 13.5              # behind it: it was not asleep, however long it took
    assert told(given)['procs'][2]['segs'] == []


@pytest.mark.parametrize(('gone', 'why'), [
    (3, '① ends for P2, and sh can still write to it'),
    (8, ''),                            # P1 ends anyway
    (13, '1 bytes are read and only 0 are in ①'),
])
def test_a_fact_that_is_missing_contradicts_the_others(gone: int, why: str) -> None:
    given = facts()
    del given[gone]
    story = told(given)
    assert story['incomplete'] == [why] * bool(why)
    assert story['procs'][0]['id'] == 'sh'


def test_a_write_without_a_reader_while_there_is_one() -> None:
    given = facts()
    given[13]['n'] = -32
    story = told(given[:14])
    assert story['incomplete'] == ['P1 finds nobody who reads ①, and P2 can']


def test_pipes_of_the_shells_own_are_not_shown() -> None:
    given = facts()
    story = weave('x', given, [{**TOLD[0], 'use': 'gate'}], [0])
    assert [each['id'] for each in story['objects']] == ['tty']
    assert all(step['obj'] in (None, 'tty') for step in story['steps'])


def test_a_process_that_is_stopped_and_goes_on_behind_the_trace() -> None:
    given = facts()[:14]
    given.append({'k': 'stop', 'pid': P1, 't': 20.0, 'number': 20})
    story = told(given)
    assert story['procs'][1]['segs'] == [{
        'from': 20.0, 'to': 20.0, 'state': 'stopped', 'why': 'stopped by a signal',
        'evidence': 'exact'}]
    assert story['notes'][0] == 'P1 and P2 go on behind the trace.'


def test_a_fifo_whose_reader_is_told_of_late() -> None:
    fifo = {'path': 'ff', 'object': ['fifo', 1, 9, 0], 'cloexec': False}
    given = [facts()[0], *(
        {'k': kind, 'pid': pid, 't': float(time), 't0': float(time), **values}
        for time, (kind, pid, values) in enumerate((
            ('fork', SH, {'child': P1}), ('exec', P1, {'path': 'cat', 'argv': ['cat', 'ff']}),
            ('open', SH, {**fifo, 'fd': 3, 'flags': 1}),
            ('write', SH, {'fd': 3, 'n': 2, 'data': b'hi', 'count': 1}),
            ('close', SH, {'fd': 3}),
            ('open', P1, {**fifo, 'fd': 3, 'flags': 0}),
            ('read', P1, {'fd': 3, 'n': 2, 'data': b'hi', 'count': 1}),
            ('read', P1, {'fd': 3, 'n': 0, 'data': b'', 'count': 1}),
            ('exit', P1, {'status': 0})), 1))]
    story = told(given)
    assert story['incomplete'] == []
    assert golden(story).splitlines()[1] == 'P1 exec cat | open ① | read ① 2 B | EOF ① | exit 0'


def test_what_nobody_reads_is_gone_with_the_pipe() -> None:
    given = facts()
    del given[17], given[14]
    pipe = told(given)['objects'][-1]
    assert [line['fill'] for line in pipe['holders']][-3:] == [1, 1, 0]
    assert pipe['bytes'] == 1


def test_a_zombie_is_told() -> None:
    story = told(facts()[:-1])
    assert story['incomplete'] == []
    assert 'P2 is a zombie: the shell has not waited for it.' in story['notes']


def test_lanes_and_sentences() -> None:
    given = facts()
    for fact in given[14:]:
        fact['t'] += 1
        fact['t0'] += 1
    given[13:14] = [{**given[13], 't': 13 + step / 8, 't0': 13 + step / 8} for step in range(4)]
    given[17]['n'] = 4
    story = told(given)
    wide, narrow = text_of(story, 54), text_of(story, 53)
    assert 'write×4 ① 4 B' in wide
    assert 'P1 writes 4 times, 4 B in all: ①' in narrow
    assert all(len(line) <= 54 for line in wide.splitlines()[3:])
    assert text_of(story, 54, False).isascii()
    assert 'writex4 (1) 4 B'[:13] in text_of(story, 54, False)
