"""The picture of a trace: everything is in it, in its place, and nothing covers a word."""
from __future__ import annotations

import json
import random
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from glass_stories import BACKGROUND, CTRL_C, CTRL_Z, FIFO, PIPELINE, SITUATIONS, YES, told

from minishell.glass.condensing import MOST, condensed
from minishell.glass.geometry import STEP, Geometry
from minishell.glass.lettering import SIZE, measured, short
from minishell.glass.moments import moments
from minishell.glass.palette import inert
from minishell.glass.perfetto import write_perfetto
from minishell.glass.stacking import holdings
from minishell.glass.svg import BAND, HEAD, Picture, write_svg

NAMESPACE = '{http://www.w3.org/2000/svg}'
EVERY = pytest.mark.parametrize('story', SITUATIONS.values(), ids=SITUATIONS)


def loop(turns: int) -> dict[str, Any]:
    """A loop that runs a program in each turn."""
    lines = []
    for turn in range(1, turns + 1):
        who = f'P{turn}'
        lines += [f'sh fork {who}: true', f'{who} exec true', 'sh wait', f'{who} exit 0',
                  f'sh reap {who}']
    return told('for i in 1 2 3; do true; done',
                '\n'.join(f'{place * .3:.1f} {line}' for place, line in enumerate(lines)))


def crowd(number: int) -> dict[str, Any]:
    """Processes that are all there at once."""
    everyone = [f'P{place}' for place in range(1, number + 1)]
    lines = [*(f'sh fork {who}: sleep 1' for who in everyone),
             *(f'{who} exec sleep 1' for who in everyone),
             *(f'{who} exit 0' for who in everyone), *(f'sh reap {who}' for who in everyone)]
    return told('sleep 1 & sleep 1', '\n'.join(f'{t} {line}' for t, line in enumerate(lines)))


def flood(number: int) -> dict[str, Any]:
    """A pipe that is read and written in turns that never come again, so that nothing folds."""
    lines = ['sh pipe ①', 'sh fork P1: yes', 'sh fork P2: cat']
    for turn in range(number // 3):
        lines += ['P1 write ① 100 B', 'P2 read ① 100 B', f'P2 open {turn}']
    return told('yes | cat', '\n'.join(f'{t} {line}' for t, line in enumerate(lines)))


@EVERY
def test_no_label_covers_another(story: dict[str, Any]) -> None:
    labels = Geometry(story).labels
    assert len(labels) > 5
    for one in labels:
        for other in labels:
            if one is not other and one.y == other.y and one.x <= other.x:
                assert one.x + one.width <= other.x + .01, (one.text, other.text)


def invented(seed: int) -> dict[str, Any]:
    """A story in which everything happens in no sensible order."""
    chance = random.Random(seed)
    alive, ended, lines = ['sh'], [], []
    held: dict[str, list[str]] = {'sh': []}
    parents: dict[str, str] = {}
    pipes = list('①②③④⑤⑥⑦⑧⑨⑩⑪⑫')
    filled = dict.fromkeys(pipes, 0)
    asleep: list[str] = []
    count, t = 0, 0.0
    for _ in range(chance.randrange(20, 200)):
        t += chance.choice([.001, .01, .5, 3, 200])
        who = chance.choice(alive)
        what = chance.choice(['fork', 'fork', 'pipe', 'close', 'write', 'read', 'exec', 'exit',
                              'reap', 'block', 'signal', 'tty', 'EOF', 'text'])
        ends = held[who]
        if who in asleep:
            asleep.remove(who)
            text = 'wake'
        elif what == 'fork':
            count += 1
            text = f'fork P{count}: x'
            alive.append(f'P{count}')
            held[f'P{count}'], parents[f'P{count}'] = list(ends), who
        elif what == 'pipe' and pipes:
            name = pipes.pop(0)
            ends += [name + 'r', name + 'w']
            text = f'pipe {name}'
        elif what == 'close' and ends:
            text = f'close {ends.pop(chance.randrange(len(ends)))}'
        elif what == 'write' and any(end[1] == 'w' for end in ends):
            name = next(end[0] for end in ends if end[1] == 'w')
            size = chance.choice([1, 100, 65536])
            filled[name] += size
            text = f'write {name} {size} B'
        elif what in ('read', 'EOF') and any(end[1] == 'r' for end in ends):
            name = next(end[0] for end in ends if end[1] == 'r')
            size, filled[name] = filled[name], 0
            text = f'read {name} {size} B' if size else f'EOF {name}'
        elif what == 'exec' and who != 'sh':
            text = 'exec ' + chance.choice(['a', 'program with arguments', '日本語'])
        elif what == 'exit' and who != 'sh':
            alive.remove(who)
            ended.append(who)
            text = chance.choice(['exit 0', '†SIGINT'])
        elif what == 'reap' and any(parents[one] == who for one in ended):
            one = next(one for one in ended if parents[one] == who)
            ended.remove(one)
            text = f'reap {one}'
        elif what == 'block':
            asleep.append(who)
            text = 'block ' + chance.choice(['wait: for a child', 'a very long reason ' * 4])
        elif what == 'signal':
            text = f'SIGINT by {chance.choice(["tty", "kernel", "sh"])}'
        elif what == 'tty':
            text = f'tty {"+".join(chance.sample(alive, min(3, len(alive))))}'
        else:
            text = '"' + 'x' * chance.randrange(40) + '"'
        lines.append(f'{t:.3f} {who} {text}')
    return told('x', '\n'.join(lines))


LATE = told('echo a | cat', """
    1 sh pipe ①
    2 sh fork P1: echo a
    3 sh fork P2: cat
    4 sh close ①w
    5 P1 write ① 2 B
    6 P1 exit 0
    7 sh reap P1
    8 sh close ①r
    9 P2 exec cat
    10 P2 close ①w
    11 P2 read ① 2 B
    12 P2 EOF ①""")


def covered(svg: str) -> list[tuple[str | None, str | None]]:
    """The words that cover one another."""
    root = ElementTree.fromstring(svg)
    boxes = []
    for text in root.iter(NAMESPACE + 'text'):
        if text.get('class') in ('number', 'on chip', 'cap'):
            continue
        size = float(text.get('font-size') or SIZE)
        x, y = float(text.get('x') or 0), float(text.get('y') or 0)
        boxes.append((x, y - .7 * size, x + measured(text.text or '', size), y, text.text))
    assert len(boxes) > 3
    boxes.sort(key=lambda box: box[:2])
    found = []
    for place, (_, top, right, bottom, text) in enumerate(boxes):
        for left2, top2, _, bottom2, other in boxes[place + 1:]:
            if right <= left2 + .1:
                break
            if top < bottom2 and top2 < bottom:
                found.append((text, other))
    return found


@pytest.mark.parametrize('story', [*SITUATIONS.values(), LATE], ids=[*SITUATIONS, 'late'])
def test_no_word_covers_another(story: dict[str, Any]) -> None:
    assert covered(write_svg(story)) == []


@pytest.mark.parametrize('seed', range(40))
def test_random_stories(seed: int) -> None:
    story = invented(seed)
    assert covered(write_svg(story)) == []
    geometry = Geometry(story)
    assert all(b - a > STEP - .01 for a, b in zip(geometry.xs, geometry.xs[1:], strict=False))
    for change in moments(geometry):
        assert all(cell >= 0 for cell in change)


@EVERY
def test_time_runs_to_the_right(story: dict[str, Any]) -> None:
    xs = Geometry(story).xs
    assert len(xs) == len(condensed(story))
    assert all(b - a > STEP - .01 for a, b in zip(xs, xs[1:], strict=False))


@EVERY
def test_everything_is_within_the_picture(story: dict[str, Any]) -> None:
    geometry = Geometry(story)
    assert all(one.x + one.width <= geometry.width for one in geometry.labels)
    assert all(geometry.lanes[0].y <= one.y <= geometry.height for one in geometry.labels)
    for lane, below in zip(geometry.lanes, geometry.lanes[1:], strict=False):
        assert lane.y + lane.height <= below.y


@EVERY
def test_every_step_is_a_link_with_its_sentence(story: dict[str, Any]) -> None:
    root = ElementTree.fromstring(write_svg(story))
    titles = {link.get('href'): title.text for link in root.iter(NAMESPACE + 'a')
              if (title := link.find(NAMESPACE + 'title')) is not None}
    assert titles == {f'#{step["seq"]}': step['say'] for step in condensed(story)}


@EVERY
def test_words_have_the_width_that_was_measured(story: dict[str, Any]) -> None:
    """In any font: two letters and more are set to it."""
    root = ElementTree.fromstring(write_svg(story))
    words = [text for text in root.iter(NAMESPACE + 'text') if text.get('textLength')]
    assert len(words) > 10
    for text in words:
        size = float(text.get('font-size') or SIZE)
        wanted = measured(text.text or '', size)
        assert abs(float(text.get('textLength') or 0) - wanted) < .06


def test_pipes_stand_between_their_processes() -> None:
    lanes = [lane.members or [lane.kind] for lane in Geometry(PIPELINE).lanes]
    assert lanes == [['terminal'], ['sh'], ['P1'], ['①'], ['P2'], ['②'], ['P3']]
    lanes = [lane.members for lane in Geometry(FIFO).lanes[1:]]
    assert lanes == [['sh'], ['①'], ['P1'], ['P2']]


def test_children_stand_below_their_parent() -> None:
    story = told('(a; b) & c', """
        1 sh fork P1: (a; b)
        2 sh fork P2: c
        3 P1 fork P3: a""")
    assert [lane.members for lane in Geometry(story).lanes] == [['sh'], ['P1'], ['P3'], ['P2']]


def test_who_holds_an_end_from_when_to_when() -> None:
    held = Geometry(PIPELINE).pipes['①']['holders']
    at = {(step['p'], step['text']): step['t'] for step in PIPELINE['steps']}
    assert [(name, held[start]['t'], held[end or 0]['t'], line)
            for name, start, end, line in holdings(held, 'writers')] == [
        ('sh', at['sh', 'pipe ①'], at['sh', 'close ①w'], 0),
        # It has it twice, as 4 and as 1, until exec: one line.
        ('P1', at['sh', 'fork P1'], at['P1', 'close ①w'], 1)]
    # The shell's line is free again when P2, behind it, is gone.
    assert [(name, line) for name, _, _, line in holdings(held, 'readers')] == [
        ('P1', 1), ('sh', 0), ('P2', 1)]


def test_the_key_reaches_each_process_of_the_group() -> None:
    svg = write_svg(CTRL_C)
    assert svg.count('class="key"') == 1
    assert svg.count('class="head bolt"') == 2
    assert '>^C<' in svg
    assert '>^Z<' in write_svg(CTRL_Z)


def test_what_a_full_pipe_loses_is_said() -> None:
    svg = write_svg(YES)
    assert '65536 B lost' in svg
    assert 'write' in svg and '8× 65536 B' in svg


def test_floods_fold() -> None:
    steps = condensed(YES)
    assert [(step['count'], step['text']) for step in steps if step['k'] == 'write'
            and step['obj']] == [(8, 'write ① 8× 65536 B'), (1, 'write ① 8192 B')]
    assert sum(step['count'] for step in steps) == len(YES['steps'])


def test_turns_fold() -> None:
    lines = ['sh pipe ①', 'sh fork P1: a', 'sh fork P2: b']
    lines += ['P1 write ① 10 B', 'P2 read ① 10 B', 'P2 block read ①: it is empty'] * 50
    story = told('a | b', '\n'.join(f'{t} {line}' for t, line in enumerate(lines)))
    assert [step['text'] for step in condensed(story)[3:]] == [
        'write ① 50× 500 B', 'read ① 50× 500 B', 'read ①: it is empty 50×']
    assert sum(step['count'] for step in condensed(story)) == len(story['steps'])


def test_a_long_time_is_a_break() -> None:
    assert [text for _, _, text in Geometry(CTRL_C).breaks] == ['1.13 s']
    assert Geometry(PIPELINE).breaks == []


def test_processes_one_after_the_other_share_a_lane() -> None:
    geometry = Geometry(loop(40))
    assert [len(lane.members) for lane in geometry.lanes] == [1, 40]
    labels = [label.text for label in geometry.labels]
    assert all(f'P{place}' in labels for place in range(1, 41))
    assert '40 processes' in write_svg(loop(40))


def test_a_crowd_is_thin() -> None:
    lanes = Geometry(crowd(40)).lanes
    assert len(lanes) == 41
    assert sum(lane.thin for lane in lanes) == 28
    assert sum(lane.height for lane in lanes) < 900


def test_a_very_long_story_is_cut() -> None:
    story = flood(100_000)
    steps = condensed(story)
    assert len(steps) == MOST + 1
    assert sum(step['count'] for step in steps) == len(story['steps'])
    assert [step['k'] for step in steps].count('gap') == 1
    assert len(write_svg(story)) < 3_500_000


def test_a_long_picture_is_in_bands() -> None:
    geometry = Geometry(loop(40))
    parts = Picture(geometry).bands
    assert len(parts) > 3
    assert [start for start, _ in parts[1:]] == [end for _, end in parts[:-1]]
    assert parts[-1][1] == geometry.width
    for start, end in parts:
        assert 0 < end - start <= BAND - HEAD
    root = ElementTree.fromstring(write_svg(loop(40)))
    assert 0 < int(root.get('width') or 0) <= BAND
    uses = [use.get('href') for use in root.iter(NAMESPACE + 'use')]
    assert uses == ['#picture', '#heads'] * len(parts)
    assert len(Picture(Geometry(BACKGROUND)).bands) == 1


def test_bands_cut_no_word_if_there_is_a_place() -> None:
    geometry = Geometry(PIPELINE)
    cuts = [end for _, end in Picture(geometry).bands[:-1]]
    assert len(cuts) == 1
    assert not [one.text for one in geometry.labels if one.x < cuts[0] < one.x + one.width]


def test_what_is_left_out_leaves_a_gap() -> None:
    story = loop(1000)
    geometry = Geometry(story)
    assert [text for _, _, text in geometry.breaks] == ['2000 steps']
    left, right, _ = geometry.breaks[0]
    svg = write_svg(story)
    bars = [float(x) for x in re.findall(r'class="full c[1-8]" x="([0-9.]+)"', svg)]
    assert len(bars) > 500
    assert not [x for x in bars if left + 5 < x < right]


def test_a_story_of_nothing() -> None:
    svg = write_svg(told('x=1', ''))
    assert 'the shell' in svg
    ElementTree.fromstring(svg)


@pytest.mark.parametrize('text', [
    '</script><script>alert(1)</script>', 'a & b < c > d "e" \'f\'', '\x00\x1b[31m\udce9\ufffe',
    '</svg>', ']]>'])
def test_commands_are_inert(text: str) -> None:
    story = told('x', f'1 sh fork P1: x\n2 P1 exec {text}\n3 P1 open {text}')
    story['command'] = text
    story['procs'][1]['argv'] = [text]
    root = ElementTree.fromstring(write_svg(story))
    assert {element.tag.removeprefix(NAMESPACE) for element in root.iter()} == {
        'svg', 'style', 'defs', 'pattern', 'path', 'g', 'rect', 'circle', 'text', 'a', 'title'}


def test_inert() -> None:
    assert inert('<&>"\'') == '&lt;&amp;&gt;&quot;&#39;'
    assert inert('\x1b\udce9é\t') == '\\x1b\\xe9é\t'


def test_nothing_is_asked_of_the_network() -> None:
    urls = set(re.findall(r'\w+://[^"\s)<]*', write_svg(PIPELINE)))
    assert urls == {'http://www.w3.org/2000/svg'}


def test_short() -> None:
    assert short('read ① 16 B', 40) == 'read ① 16 B'
    assert short('abcdef', 4) == 'abc…'
    assert short('日本語', 5) == '日本…'
    assert measured('①', 10) == measured('日', 10) == measured('ab', 10)


@EVERY
def test_perfetto(story: dict[str, Any]) -> None:
    events = json.loads(write_perfetto(story))['traceEvents']
    assert {event['ph'] for event in events} >= {'M', 'X', 'i', 's', 'f'}
    assert sum(event['ph'] == 'i' for event in events) == len(story['steps'])
    assert all(event.get('dur', 0) >= 0 for event in events)


def test_slices_of_a_process_nest() -> None:
    """A sample may be later than the end that it did not see."""
    story = told('x', '1 sh fork P1: x\n2 P1 block a\n3 P1 exit 0\n4 sh wait')
    assert story['procs'][1]['segs'][0]['to'] == .004
    slices = [event for event in json.loads(write_perfetto(story))['traceEvents']
              if event['ph'] == 'X' and event['pid'] == 4201]
    assert [round(event['ts'] + event['dur']) for event in slices] == [3000, 3000]
