"""Where everything of a trace's picture is, in pixels: its lanes, and the steps from left to
right.

Time is order, not scale: each step has room for its mark and its label, a long time is a little
wider than a short one, and a very long one is a break.
"""
from __future__ import annotations

from bisect import bisect_right
from math import inf, log2

from minishell.glass.condensing import condensed
from minishell.glass.lettering import ADVANCE, SIZE, SMALL, lasting, measured, short
from minishell.glass.stacking import MOVES, TOP, Lane, stacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.condensing import Shown
    from minishell.glass.story import Object, Process, Story

LEFT = 222.0            # of the first step; before it stand the heads of the lanes
STEP = 17               # between steps at least
PAD = 9                 # between labels
LONGEST, OF_TEXT = 26, 16        # letters of a label, of one that is a text
BREAK = 0.05            # seconds that may be a break
BREAK_WIDTH, GAP_WIDTH = 64, 110
QUIET = frozenset(('close', 'block', 'wake', 'pgrp', 'tty', 'expand'))
FROM_ABOVE = frozenset(('read', 'eof', 'signal.delivered'))     # arrows end at their marks


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


class Geometry:
    """The places of a story: lanes, the steps that are shown and their x, labels, breaks."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.steps = condensed(story)
        self.procs: dict[str, Process] = {
            one['id']: one for one in story['procs']}
        self.pipes: dict[str, Object] = {
            one['id']: one for one in story['objects'] if one['holders']}
        self.orphans: dict[str, list[Process]] = {}     # by the parent that ends before them
        for one in story['procs']:
            if self.is_orphan(one):
                self.orphans.setdefault(one['parent'] or '', []).append(one)
        self.end_time = max([story.get('duration') or 0.0,
                             *(step['until'] for step in self.steps)])
        self.makers = {step['obj']: step['p'] for step in story['steps'] if step['k'] == 'pipe'}
        self.lanes = stacked(story, self.pipes)
        self.lane_of = {member: lane for lane in self.lanes for member in lane.members}
        self.xs: list[float] = []               # of the steps
        self.breaks: list[tuple[float, float, str]] = []        # from x, to x, how much
        self.gap = inf, -inf                    # the time of what is left out
        self.labels: list[Label] = []
        self._ends: dict[tuple[int, str], float] = {}   # where a lane's rows are free again
        self._times: list[float] = []           # for x_of: times, and their x
        self._places: list[float] = []
        self._by_process: dict[tuple[str, float], float] = {}
        self._lives: dict[tuple[str, str], float] = {}
        self._place_steps()
        # Those that the tables are about.
        self.shown = {name: one for name, one in self.procs.items()
                      if not self.left_out(one['born'], one['reaped'])}
        self.shown_pipes = {name: one for name, one in self.pipes.items() if not self.left_out(
            one['holders'][0]['t'], one['holders'][-1]['t'])}
        self.handovers = self._handovers()      # x, who gives the terminal, to whom
        self.right = max(self._places, default=LEFT) + 34       # where what goes on ends
        self._place_notes()
        self.width = max([self.right, *(one.x + one.width for one in self.labels)]) + 16
        self.height = self.lanes[-1].y + self.lanes[-1].height + 8 if self.lanes else TOP

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
        usual = _usual(self.steps)
        x, last = float(LEFT - STEP), 0.0
        for step in self.steps:
            passed = step['t'] - last
            is_break = bool(self.xs) and passed > BREAK and passed > 20 * usual
            start = x
            x += BREAK_WIDTH + 20 if is_break else \
                STEP + min(3 * log2(max(passed / usual, 1)), 14) * bool(self.xs)
            x = self._free(step, x)
            if is_break:
                self.breaks.append((start + 10, x - 10, lasting(passed)))
            self._note(step, x)
            self._label(step, x)
            if step['k'] == 'gap':
                self.gap = step['t'], step['until']
                self.breaks.append((x, x + GAP_WIDTH, step['text']))
                x += GAP_WIDTH
            if step['count'] > 1:
                x += STEP
                self._anchor(step['until'], x)
            last = step['until']

    def _texts(self, step: Shown) -> list[tuple[Lane, str, str]]:
        """The words of a step: in which lane, over or under the bar."""
        lane = self.lane_of.get(step['p'])
        if lane is None or lane.thin or step['k'] == 'gap':
            return []
        arrow = step['obj'] in self.lane_of or step['to'] in self.lane_of
        texts = [(lane, 'over', label_of(step, arrow)), (lane, 'under', self._note_of(step))]
        child = self.lane_of.get(step['to'] or '')
        if step['k'] == 'fork' and child is not None and len(child.members) > 1:
            # There its name says whom the bar is about.
            texts.append((child, 'over', step['to']))
        if step['k'] == 'exit':
            texts += [(self.lane_of[orphan['id']], 'under', _orphan(orphan))
                      for orphan in self.orphans.get(step['p'], ())]
        return [text for text in texts if text[2] and not text[0].thin]

    def _free(self, step: Shown, x: float) -> float:
        """Where there is room for a step's words, from x on."""
        return max([x, *(self._ends.get((id(lane), row), 0) for lane, row, _ in
                         self._texts(step))])

    def _note(self, step: Shown, x: float) -> None:
        """Keep where a step is, for those who ask by time, by process, by what befell it."""
        self._anchor(step['t'], x)
        self.xs.append(x)
        if step['k'] in ('block', 'stop'):
            self._by_process[step['p'], step['t']] = x
        self._by_process.setdefault((step['p'], step['t']), x)
        if step['k'] in ('fork', 'exec', 'exit', 'reap'):
            self._lives[step['k'], step['to'] or step['p']] = x

    def _label(self, step: Shown, x: float) -> None:
        """Put a step's words where there is room for them; those under a bar come later."""
        for lane, row, text in self._texts(step):
            if row == 'under':
                self._ends[id(lane), row] = x + measured(text, SMALL) + 8
                continue
            named = lane is not self.lane_of[step['p']]
            at = x if named else x + (5 if step['k'] in FROM_ABOVE else -2)
            label = Label(at, lane.y + 14, text, SIZE, 'name' if named else step['k'],
                          step['seq'])
            self.labels.append(label)
            self._ends[id(lane), row] = at + label.width + PAD

    def _anchor(self, t: float, x: float) -> None:
        self._times.append(max(t, self._times[-1] if self._times else t))
        self._places.append(x)

    def _note_of(self, step: Shown) -> str:
        """What will stand below the bar from a step on."""
        lane = self.lane_of.get(step['p'])
        if lane is None or lane.thin:
            return ''
        one = self.procs[step['p']]
        if step['k'] == 'exit':
            return self._zombie(one)
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
                          for seg in one['segs']
                          if not self.left_out(seg['from'], seg['to'])]
                if one['died'] is not None and not self.left_out(one['died'], one['reaped']):
                    notes.append((self.x_of(one['died'], one['id']), self._zombie(one)))
                if self.is_orphan(one):
                    parent = self.procs[one['parent'] or '']
                    notes.append((self.x_of(parent['died'] or 0, parent['id']), _orphan(one)))
            notes = sorted(note for note in notes if note[1])
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


    def is_orphan(self, one: Process) -> bool:
        """Whether its parent ends before it, so that init adopts it and will wait for it."""
        parent = self.procs.get(one['parent'] or '')
        ended = None if parent is None else parent['died']
        return ended is not None and one['reaped'] is None \
            and (one['died'] is None or one['died'] > ended)

    def _zombie(self, one: Process) -> str:
        """The words below a process that has ended."""
        if one['died'] is None or self.is_orphan(one):
            return ''
        return 'zombie: not waited for' if one['reaped'] is None else \
            f'zombie {lasting(one["reaped"] - one["died"])}'

    def left_out(self, begin: float, end: float | None) -> bool:
        """Whether all of a span of time is left out."""
        return begin >= self.gap[0] and end is not None and end <= self.gap[1]

    def life(self, kind: str, process: str) -> float | None:
        """Where a process's fork, exec, exit, reap is; None if it is not in the story."""
        one = self.procs[process]
        t = {'fork': one['born'], 'exec': one['exec'], 'exit': one['died'],
             'reap': one['reaped']}[kind]
        if t is None:
            return None
        x = self._lives.get((kind, process))
        return self.x_of(t, process) if x is None else x


def _usual(steps: list[Shown]) -> float:
    """The median of the times between steps, in seconds; more than 0."""
    times = [step['t'] for step in steps]
    gaps = sorted(b - a for a, b in zip(times, times[1:], strict=False) if b > a)
    return float(gaps[len(gaps) // 2]) if gaps else 1e-3


def label_of(step: Shown, arrow: bool) -> str:
    """What stands above a step's mark, without what its arrow leads to; '' where the picture
    says it without words."""
    kind = step['k']
    if kind in QUIET or step.get('signal') == 'SIGCHLD':
        return ''
    if kind.startswith('signal.') and step.get('signal'):
        fate = kind.removeprefix('signal.')
        return str(step['signal']) + f' {fate}' * (fate in ('pending', 'merged', 'ignored'))
    if arrow and (kind in MOVES or kind == 'fork'):
        return 'fork' if kind == 'fork' else step['text'].replace(f' {step["obj"]}', '')
    return short(step['text'], OF_TEXT if step['text'][:1] == '"' else LONGEST)


def _orphan(one: Process) -> str:
    """The words below a process from the end of its parent on."""
    return f'orphan: {one["parent"]} has ended'
