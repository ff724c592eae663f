"""The lanes of a trace's picture from top to bottom: the terminal, the shell, processes below
those that forked them, each pipe between who writes to it and who reads.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:

    from minishell.glass.story import Holders, Object, Process, Story

TOP = 40                # of the first lane, below the ruler
BAR = 12                # height of a process's bar
TUBE = 16               # and of a pipe
HOLDER = 5              # and of a line that says who holds an end
MOST_LANES = 12         # more processes share lanes
MOVES = {'read': 'readers', 'eof': 'readers', 'write': 'writers', 'epipe': 'writers'}
ENDS = ('writers', 'readers')


class Lane:
    """A strip of the picture: kind terminal, process, pipe; y is its top."""

    __slots__ = ('kind', 'members', 'y', 'height', 'thin', 'lines')

    def __init__(self, kind: str, members: list[str], height: float = 46) -> None:
        self.kind, self.members = kind, members
        self.y, self.height = 0.0, height
        self.thin = False               # a process without words: there are too many
        self.lines = dict.fromkeys(ENDS, 1)     # of a pipe: how many can stand at each end

    @property
    def bar(self) -> float:
        """The middle of a bar or tube."""
        if self.kind == 'pipe':
            return self.y + 6 + HOLDER * self.lines['writers'] + TUBE / 2
        return self.y + (self.height / 2 if self.thin or self.kind == 'terminal' else 24)


def stacked(story: Story, pipes: dict[str, Object]) -> list[Lane]:
    """The lanes, the topmost first, with their places."""
    rows = _rows(story['procs'])
    lanes = [Lane('process', row) for row in rows]
    for lane in lanes[MOST_LANES + 1:]:
        lane.thin, lane.height = True, 9
    places = {member: place for place, row in enumerate(rows) for member in row}
    above: dict[int, list[Lane]] = {}           # pipes by the lane they stand above
    users = _users(story)
    for pipe in pipes.values():
        place = _place_of(pipe, users, places)
        if not lanes[place].thin:
            _add_pipe(above.setdefault(place, []), pipe, pipes, len(places) > len(rows))
    stack = [Lane('terminal', [], 38)] * bool(story['tty'])
    for place, lane in enumerate(lanes):
        stack += [*above.get(place, []), lane]
    y = float(TOP)
    for lane in stack:
        lane.y = y
        y += lane.height
    return stack


def _rows(procs: list[Process]) -> list[list[str]]:
    """The processes of each lane: children below their parents in the order of forks; if there
    are many, those that have ended leave their lane to others as far from the shell."""
    children: dict[str | None, list[Process]] = {}
    known = {one['id'] for one in procs}
    for one in procs:
        parent = one['parent'] if one['parent'] in known else None
        children.setdefault(parent, []).append(one)
    rows: list[list[Process]] = []
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


def _users(story: Story) -> dict[tuple[str | None, str], str]:
    """Who is the first to write to each pipe, and to read from it."""
    users: dict[tuple[str | None, str], str] = {}
    for step in story['steps']:
        if step['k'] in MOVES:
            users.setdefault((step['obj'], MOVES[step['k']]), step['p'])
    return users


def _place_of(pipe: Object, users: dict[tuple[str | None, str], str],
              places: dict[str, int]) -> int:
    """Which process's lane a pipe stands above: the lower of its writer's and reader's; of one
    that nobody uses, who holds its ends last."""
    lowest = 0
    for end in ENDS:
        last = next((names[-1] for one in reversed(pipe['holders'])
                     if (names := held_by(one, end))), '')
        lowest = max(lowest, places.get(users.get((pipe['id'], end), last), 0))
    return lowest or min(1, max(places.values()))


def _add_pipe(lanes: list[Lane], pipe: Object, pipes: dict[str, Object], share: bool) -> None:
    """Give a pipe a lane: one that an earlier pipe has left, if lanes are scarce."""
    held = pipe['holders']
    for lane in lanes if share else []:
        if pipes[lane.members[-1]]['holders'][-1]['t'] < held[0]['t']:
            lane.members.append(pipe['id'])
            break
    else:
        lane = Lane('pipe', [pipe['id']])
        lanes.append(lane)
    for end in ENDS:
        rows = [row for _, _, _, row in holdings(held, end)]
        lane.lines[end] = max([lane.lines[end], *(row + 1 for row in rows)])
    lane.height = 14 + TUBE + HOLDER * sum(lane.lines.values())


def holdings(held: list[Holders], end: str) -> list[tuple[str, int, int | None, int]]:
    """Who holds an end, from which entry to which (None: to the end), in which line; a line is
    free again when its holder closes."""
    spans: list[tuple[str, int, int | None, int]] = []
    since: dict[str, tuple[int, int]] = {}      # entry and line, by the holder
    for place, one in enumerate(held):
        names = held_by(one, end)
        for name in [name for name in since if name not in names]:
            start, row = since.pop(name)
            spans.append((name, start, place, row))
        for name in names:
            if name not in since:
                taken = {row for _, row in since.values()}
                since[name] = place, min(set(range(len(taken) + 1)) - taken)
    return spans + [(name, start, None, row) for name, (start, row) in since.items()]


def held_by(held: Holders, end: str) -> list[str]:
    """Who holds the readers' or the writers' end."""
    return held['readers'] if end == 'readers' else held['writers']


