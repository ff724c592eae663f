"""A story, version 1: what happened while a command was traced, as plain values.

`weave` makes it of what the kernel and the shell have told; whatever shows it (text, SVG, HTML,
JSON) reads nothing else.  Times are seconds from the start of the trace; the order is that of
`seq`.  What can be derived is not in it: a zombie is from `died` to `reaped`.
"""
from __future__ import annotations

VERSION = 1
# The kinds of steps.
KINDS = (
    'fork', 'exec', 'exit', 'reap', 'wait', 'pipe', 'open', 'dup2', 'close', 'read', 'write',
    'eof', 'epipe', 'block', 'wake', 'signal.send', 'signal.pending', 'signal.merged',
    'signal.delivered', 'signal.ignored', 'stop', 'continue', 'pgrp', 'tty', 'job', 'expand',
    'lock', 'ipc', 'end')
RINGS = '\u2460\u2461\u2462\u2463\u2464\u2465\u2466\u2467\u2468\u2469' \
    '\u246a\u246b\u246c\u246d\u246e\u246f\u2470\u2471\u2472\u2473'      # ① to ⑳

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict

    Ended = dict[str, 'int | str | bool']       # exit; or signal and core

    # `from` is no name of an attribute.
    Segment = TypedDict('Segment', {
        'from': float, 'to': float,
        'state': str,                   # asleep, stopped
        'why': str,                     # read ①: it is empty
        'evidence': str})               # model, sampled

    class Process(TypedDict):
        """A process: the shell, or one that came from it while it was traced."""

        id: str                         # sh, or P1 ... in the order of the forks
        pid: int
        ppid: int
        pgid: int
        parent: str | None              # an id
        argv: list[str]                 # of the last exec; none: a copy of the shell
        node: tuple[str, int, int] | None       # the source, from where to where it runs it
        born: float
        exec: float | None
        died: float | None
        reaped: float | None
        end: Ended | None               # None: it outlives the trace
        segs: list[Segment]

    class Holders(TypedDict):
        """Who held the ends of a pipe from a time on."""

        t: float
        readers: list[str]
        writers: list[str]
        fill: int                       # bytes that are in it

    class Object(TypedDict):
        """What descriptors refer to."""

        id: str                         # ① ... for pipes and FIFOs, else a short name
        kind: str                       # pipe, fifo, file, tty
        name: str | None                # its path
        bytes: int                      # written to it, in all
        holders: list[Holders]          # a line for each change

    class Foreground(TypedDict):
        """Who was in the terminal's foreground group from a time on."""

        t: float
        procs: list[str]                # who has the terminal from then on

    class Step(TypedDict):
        """Something that a process did, or that befell it."""

        seq: int                        # from 1
        t: float
        p: str                          # whose step it is
        k: str                          # one of KINDS
        obj: str | None                 # the id of an object
        to: str | None                  # the id of another process
        text: str                       # in the golden form: close ①r
        say: str                        # a sentence
        conf: str                       # exact, sampled, inferred
        fds: dict[str, str] | None      # its visible descriptors behind it, if it changed them

    class Story(TypedDict):
        """The whole."""

        version: int
        command: str                    # the text that was traced
        engine: str                     # ptrace, samples
        incomplete: list[str]           # contradictions, and what could not be known
        notes: list[str]
        stops: int                      # of ptrace
        duration: float                 # seconds
        status: int
        pipestatus: list[int]
        procs: list[Process]
        objects: list[Object]
        tty: list[Foreground]
        steps: list[Step]


def ring(number: int) -> str:
    """The name of a pipe, from 0: ①."""
    return RINGS[number] if number < len(RINGS) else f'({number + 1})'
