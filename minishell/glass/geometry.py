"""Where everything of a trace's picture is, in pixels: a lane for each process, pipe and the
terminal from top to bottom, the steps from left to right.

Time is order, not scale: each step has room for its mark and its label, a long time is a little
wider than a short one, and a very long one is a break.
"""
from __future__ import annotations

from bisect import bisect_right
from math import log2
from unicodedata import combining, east_asian_width

from minishell.glass.condensing import condensed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from minishell.glass.condensing import Step, Story

LEFT = 222.0            # of the first step; before it stand the heads of the lanes
STEP = 17               # between steps at least
TOP = 40                # of the first lane, below the ruler
BAR = 12                # height of a process's bar
TUBE = 16               # and of a pipe
HOLDER = 5              # and of a line that says who holds an end
SIZE, SMALL = 11, 9.5   # of letters
ADVANCE = 0.6021        # of a letter of a monospaced font, by its size
PAD = 11                # between labels
LONGEST, OF_TEXT = 26, 16        # letters of a label, of one that is a text
MOST_LANES = 12         # more processes share lanes
BREAK = 0.05            # seconds that may be a break
BREAK_WIDTH = 64
QUIET = frozenset(('close', 'block', 'wake', 'pgrp', 'tty', 'expand'))
FROM_ABOVE = frozenset(('read', 'eof', 'signal.delivered'))     # arrows end at their marks
MOVES = {'read': 'readers', 'eof': 'readers', 'write': 'writers', 'epipe': 'writers'}


class Label:
    """A text and its place: the left end of its baseline."""

    __slots__ = ('x', 'y', 'text', 'size', 'kind', 'seq')

    def __init__(self, x: float, y: float, text: str, size: float = SIZE, kind: str = '',
                 seq: int = 0) -> None:
        self.x, self.y, self.text, self.size = x, y, text, size
        self.kind, self.seq = kind, seq         # of its step

    @property
    def width(self) -> float:
        """Pixels."""
        return measured(self.text, self.size)


class Lane:
    """A strip of the picture: kind terminal, process, pipe; y is its top."""

    __slots__ = ('kind', 'members', 'y', 'height', 'thin', 'rows')

    def __init__(self, kind: str, members: list[str], height: float = 46) -> None:
        self.kind, self.members = kind, members
        self.y, self.height = 0.0, height
        self.thin = False               # a process without words: there are too many
        self.rows: dict[tuple[str, str, str], int] = {}     # pipe, end, process: which line

    @property
    def bar(self) -> float:
        """The middle of a bar or tube."""
        if self.kind == 'pipe':
            return self.y + 6 + HOLDER * self.count('writers') + TUBE / 2
        return self.y + (self.height / 2 if self.thin or self.kind == 'terminal' else 24)

    def count(self, end: str) -> int:
        """How many lines of holders of an end there are."""
        return 1 + max([row for key, row in self.rows.items() if key[1] == end], default=0)


class Geometry:
    """The places of a story: lanes, the steps that are shown and their x, labels, breaks."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.steps = condensed(story)
        self.procs: dict[str, Any] = {one['id']: one for one in story['procs']}
        self.pipes: dict[str, Any] = {one['id']: one for one in story['objects']
                                      if one['kind'] in ('pipe', 'fifo') and one['holders']}
        self.end_time = max([story.get('duration') or 0.0,
                             *(step['until'] for step in self.steps)])
        self._users: dict[tuple[str, str], str] = {}    # who first writes to and reads a pipe
        self.makers: dict[str, str] = {}                # of pipes
        for step in self.story['steps']:
            if step['k'] in MOVES:
                self._users.setdefault((step['obj'], MOVES[step['k']]), step['p'])
            elif step['k'] == 'pipe':
                self.makers[step['obj']] = step['p']
        self.lanes: list[Lane] = []
        self.lane_of: dict[str, Lane] = {}
        self._make_lanes()
        self.xs: list[float] = []               # of the steps
        self.breaks: list[tuple[float, float, float]] = []      # from x, to x, seconds
        self.labels: list[Label] = []
        self._times: list[float] = []           # for x_of: times, and their x
        self._places: list[float] = []
        self._by_process: dict[tuple[str, float], float] = {}
        self._lives: dict[tuple[str, str], float] = {}
        self._place_steps()
        self.handovers = self._handovers()      # x, who gives the terminal, to whom
        self.right = max(self._places, default=LEFT) + 34       # where what goes on ends
        self._place_notes()
        self.width = max([self.right, *(one.x + one.width for one in self.labels)]) + 16
        self.height = self.lanes[-1].y + self.lanes[-1].height + 8 if self.lanes else TOP

    # -- lanes --------------------------------------------------------------------------------

    def _make_lanes(self) -> None:
        rows = _rows(self.story['procs'])
        lanes = [Lane('process', row) for row in rows]
        for lane in lanes[MOST_LANES + 1:]:
            lane.thin, lane.height = True, 9
        places = {member: place for place, row in enumerate(rows) for member in row}
        above: dict[int, list[Lane]] = {}       # pipes by the lane they stand above
        for name, ends in self.pipes.items():
            place = self._place_of(name, places)
            if lanes[place].thin:
                continue
            lane = self._shared(above.setdefault(place, []), name, len(places) > len(rows))
            for end in ('writers', 'readers'):
                for row, holder in enumerate(_seen(held[end] for held in ends['holders'])):
                    lane.rows[name, end, holder] = row
            lines = lane.count('writers') + lane.count('readers')
            lane.height = 14 + TUBE + HOLDER * lines
        if self.story['tty']:
            self.lanes.append(Lane('terminal', [], 38))
        for place, lane in enumerate(lanes):
            self.lanes += [*above.get(place, []), lane]
        y = float(TOP)
        for lane in self.lanes:
            lane.y = y
            y += lane.height
            self.lane_of |= dict.fromkeys(lane.members, lane)

    def _place_of(self, name: str, places: dict[str, int]) -> int:
        """Which process's lane a pipe stands above: the lower of its writer's and reader's."""
        holders = self.pipes[name]['holders']
        lowest = 0
        for end in ('writers', 'readers'):
            last = next((held[end][-1] for held in reversed(holders) if held[end]), '')
            lowest = max(lowest, places.get(self._users.get((name, end), last), 0))
        return lowest or min(1, max(places.values()))

    def _shared(self, lanes: list[Lane], name: str, share: bool) -> Lane:
        """A lane for a pipe: one that an earlier pipe has left, if lanes are scarce."""
        for lane in lanes if share else []:
            if self.pipes[lane.members[-1]]['holders'][-1]['t'] < \
                    self.pipes[name]['holders'][0]['t']:
                lane.members.append(name)
                return lane
        lanes.append(Lane('pipe', [name]))
        return lanes[-1]

    def _handovers(self) -> list[tuple[float, Lane | None, list[str]]]:
        """Where the terminal gets another group; one that loses a member is the same."""
        by_time = {one['t']: one['procs'] for one in self.story['tty']}
        found: list[tuple[float, Lane | None, list[str]]] = []
        for step, x in zip(self.steps, self.xs, strict=True):
            if step['k'] == 'tty' and step['t'] in by_time:
                found.append((x, self.lane_of.get(step['p']), by_time[step['t']]))
        return found

    # -- steps --------------------------------------------------------------------------------

    def _place_steps(self) -> None:
        """Give each step its x: behind the one before it, and behind the labels of its lane."""
        ends: dict[tuple[int, str], float] = {}         # where rows of labels are free again
        usual = _usual(self.steps)
        x, last = float(LEFT - STEP), 0.0
        for step in self.steps:
            passed = step['t'] - last
            is_break = bool(self.xs) and passed > BREAK and passed > 20 * usual
            start = x
            x += BREAK_WIDTH + 20 if is_break else \
                STEP + min(6 * log2(1 + max(passed, 0) / usual), 36) * bool(self.xs)
            lane = self.lane_of.get(step['p'])
            under = self._note_of(step)
            text = '' if lane is None or lane.thin else label_of(step)
            for row, words in (('over', text), ('under', under)):
                if words:
                    x = max(x, ends.get((id(lane), row), 0))
            if is_break:
                self.breaks.append((start + 10, x - 10, passed))
            self._anchor(step['t'], x)
            self.xs.append(x)
            if step['k'] in ('block', 'stop'):
                self._by_process[step['p'], step['t']] = x
            self._by_process.setdefault((step['p'], step['t']), x)
            if step['k'] in ('fork', 'exec', 'exit', 'reap'):
                self._lives[step['k'], step['to'] or step['p']] = x
            if text and lane is not None:
                at = x + (5 if step['k'] in FROM_ABOVE else -2)
                self.labels.append(Label(at, lane.y + 14, text, SIZE, step['k'], step['seq']))
                ends[id(lane), 'over'] = at + self.labels[-1].width + PAD
            if under:
                ends[id(lane), 'under'] = x + measured(under, SMALL) + 8
            child = self.lane_of.get(step['to'] or '')
            if step['k'] == 'fork' and child is not None and len(child.members) > 1 \
                    and not child.thin:
                x = self._named(step, child, x, ends)
            if step['count'] > 1:
                x += STEP
                self._anchor(step['until'], x)
            last = step['until']

    def _named(self, step: Step, lane: Lane, x: float,
               ends: dict[tuple[int, str], float]) -> float:
        """The name of a process at its birth, in a lane that it shares."""
        x = max(x, ends.get((id(lane), 'over'), 0))
        self.xs[-1] = self._places[-1] = x
        self._by_process[step['p'], step['t']] = self._lives['fork', step['to']] = x
        mine = self.labels[-1]
        if mine.seq == step['seq']:
            mine.x = x - 2
            ends[id(self.lane_of[step['p']]), 'over'] = x + mine.width + PAD
        self.labels.append(Label(x, lane.y + 14, step['to'], SIZE, 'name', step['seq']))
        ends[id(lane), 'over'] = x + self.labels[-1].width + PAD
        return x

    def _anchor(self, t: float, x: float) -> None:
        self._times.append(max(t, self._times[-1] if self._times else t))
        self._places.append(x)

    def _note_of(self, step: Step) -> str:
        """What will stand below the bar from a step on."""
        lane = self.lane_of.get(step['p'])
        if lane is None or lane.thin:
            return ''
        one = self.procs[step['p']]
        if step['k'] == 'exit':
            return zombie(one)
        if step['k'] in ('block', 'stop'):
            for seg in one['segs']:
                if seg['from'] == step['t']:
                    return short(seg['why'], 44)
        return ''

    def _place_notes(self) -> None:
        """Put reasons and zombies below the bars, cut where the next one begins."""
        for lane in self.lanes:
            if lane.kind != 'process' or lane.thin:
                continue
            notes = []
            for one in (self.procs[member] for member in lane.members):
                notes += [(self.x_of(seg['from'], one['id']), short(seg['why'], 44))
                          for seg in one['segs']]
                if one['died'] is not None and zombie(one):
                    notes.append((self.x_of(one['died'], one['id']), zombie(one)))
            notes.sort()
            ends = [x for x, _ in notes[1:]] + [1e9] * bool(notes)
            for (x, text), end in zip(notes, ends, strict=True):
                text = short(text, int((end - x - 4) / (SMALL * ADVANCE)))
                if len(text) > 2:
                    self.labels.append(Label(x + 2, lane.y + 41, text, SMALL, 'why'))

    def x_of(self, t: float, process: str = '') -> float:
        """Where a time is: at the step of a process then, if there is one."""
        exact = self._by_process.get((process, t))
        if exact is not None:
            return exact
        place = bisect_right(self._times, t)
        if not place:
            return LEFT - STEP
        if self._times[place - 1] == t or place == len(self._times):
            first = place - 1
            while first and self._times[first - 1] == t:
                first -= 1
            return self._places[first] if self._times[place - 1] == t else self.right
        before, behind = self._times[place - 1:place + 1]
        share = (t - before) / (behind - before)
        return self._places[place - 1] + share * (self._places[place] - self._places[place - 1])


    def life(self, kind: str, process: str) -> float | None:
        """Where a process's fork, exec, exit, reap is; None if it is not in the story."""
        names = {'fork': 'born', 'exec': 'exec', 'exit': 'died', 'reap': 'reaped'}
        t = self.procs[process][names[kind]]
        if t is None:
            return None
        x = self._lives.get((kind, process))
        return self.x_of(t, process) if x is None else x


def _rows(procs: list[Any]) -> list[list[str]]:
    """The processes of each lane: children below their parents in the order of forks; if there
    are many, those that have ended leave their lane to others as far from the shell."""
    children: dict[str | None, list[Any]] = {}
    known = {one['id'] for one in procs}
    for one in procs:
        parent = one['parent'] if one['parent'] in known else None
        children.setdefault(parent, []).append(one)
    rows: list[list[Any]] = []
    depths: list[int] = []
    stack = [(one, 0) for one in reversed(children.get(None, []))]
    while stack:
        one, depth = stack.pop()
        stack += [(child, depth + 1) for child in reversed(children.get(one['id'], []))]
        for row, its in zip(rows, depths, strict=True):
            end = row[-1]['reaped']
            if len(procs) > MOST_LANES + 1 and its == depth and end is not None \
                    and end < one['born']:
                row.append(one)
                break
        else:
            rows.append([one])
            depths.append(depth)
    return [[one['id'] for one in row] for row in rows]


def _seen(groups: Iterable[list[str]]) -> list[str]:
    """Names in the order of their first appearance."""
    return list(dict.fromkeys(name for group in groups for name in group))


def _usual(steps: list[Step]) -> float:
    """The median of the times between steps, in seconds; more than 0."""
    times = [step['t'] for step in steps]
    gaps = sorted(b - a for a, b in zip(times, times[1:], strict=False) if b > a)
    return float(gaps[len(gaps) // 2]) if gaps else 1e-3


def measured(text: str, size: float) -> float:
    """The width of a text in a monospaced font, in pixels; that of a ringed number is two
    letters."""
    return size * ADVANCE * sum(cells(char) for char in text)


def cells(char: str) -> int:
    """Letters that a character is wide."""
    if combining(char):
        return 0
    return 2 if east_asian_width(char) in 'WF' or '①' <= char <= '⑳' else 1


def short(text: str, longest: int) -> str:
    """A text of so many letters at most."""
    if sum(map(cells, text)) <= longest:
        return text
    kept, room = '', longest - 1
    for char in text:
        room -= cells(char)
        if room < 0:
            break
        kept += char
    return kept.rstrip() + '…'


def label_of(step: Step) -> str:
    """What stands above a step's mark; '' where the picture says it without words."""
    kind = step['k']
    if kind in QUIET or step.get('signal') == 'SIGCHLD':
        return ''
    if kind.startswith('signal.') and step.get('signal'):
        fate = kind.removeprefix('signal.')
        return str(step['signal']) + f' {fate}' * (fate in ('pending', 'merged'))
    return short(step['text'], OF_TEXT if step['text'][:1] == '"' else LONGEST)


def zombie(one: Any) -> str:
    """The words below a process that has ended."""
    if one['died'] is None or one['reaped'] is None:
        return 'zombie: not waited for' if one['died'] is not None else ''
    return f'zombie {lasting(one["reaped"] - one["died"])}'


def lasting(seconds: float) -> str:
    """A duration in a picture."""
    if seconds < 1:
        return f'{seconds * 1000:.1f} ms' if seconds < 0.1 else f'{seconds * 1000:.0f} ms'
    return f'{seconds:.2f} s' if seconds < 60 else f'{seconds / 60:.1f} min'
