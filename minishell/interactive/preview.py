"""Alt-P: what the pipeline that is being typed prints, below the line."""
from __future__ import annotations

from prompt_toolkit.filters import Condition, is_done
from prompt_toolkit.layout import ConditionalContainer, Window
from prompt_toolkit.layout.controls import FormattedTextControl

from minishell.codec import decoded
from minishell.run.prompt import caret_notation
from minishell.state.settings import is_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

    from minishell.interactive.sampling import Part
    from minishell.interactive.sandboxed import Run
    from minishell.state.shell import Shell

NAME = 'preview'        # the setting
LINES = 8               # at most
TAB = 8                 # columns
PATIENCE = 1.0          # seconds more than the commands have, for who ends them


class Preview:
    """What is shown, and the commands that run for it."""

    def __init__(self, shell: Shell, tell: Callable[[str], None],
                 redraw: Callable[[], None]) -> None:
        """`tell`: says something below the line."""
        self._shell, self._tell, self._redraw = shell, tell, redraw
        self._lines: list[str] = []
        self._run: Run | None = None
        self._loop: AbstractEventLoop | None = None

    def container(self) -> ConditionalContainer:
        """Where it is drawn."""
        return ConditionalContainer(
            Window(FormattedTextControl(lambda: '\n'.join(self._lines)), wrap_lines=False,
                   style='class:sh.notice', dont_extend_height=True),
            filter=~is_done & Condition(lambda: bool(self._lines)))

    def switch(self, text: str, loop: AbstractEventLoop) -> None:
        """Show what a text prints, or nothing any more; without waiting for it."""
        self.end()
        was, self._lines = self._lines, []
        why = why_not(self._shell)
        if why:
            self._tell(why)
            return
        from minishell.interactive.sampling import part_of
        part, why = part_of(self._shell, text)
        if part is None:
            self._tell(f'no preview: {why}')
        elif not was or was[0] != _heading(part):
            self._start(part, loop)

    def _start(self, part: Part, loop: AbstractEventLoop) -> None:
        from minishell.interactive.sandboxed import SECONDS, Run, run_part
        self._lines = [_heading(part)]
        try:
            run = self._run = Run(self._shell, lambda shell: run_part(shell, part))
        except OSError as error:
            self._tell(f'no preview: {error.strerror}')
            return
        self._loop = loop

        def read(fd: int) -> None:
            if run.read(fd):
                return
            loop.remove_reader(fd)
            if run.is_over():
                finish()

        def finish() -> None:
            if self._run is run:
                self.end()
                self._lines = [_heading(part), *_shown(run)]
                self._redraw()
        for fd in run.open():
            loop.add_reader(fd, read, fd)
        loop.call_later(SECONDS + PATIENCE, finish)

    def end(self) -> None:
        """Have the commands end that still run."""
        run, self._run = self._run, None
        if run is not None:
            for fd in run.open():
                if self._loop is not None and not self._loop.is_closed():
                    self._loop.remove_reader(fd)
            run.end()

    def forget(self) -> None:
        """Show nothing: another line begins."""
        self._lines = []


def why_not(shell: Shell) -> str:
    """Why there is no preview at all; '' if there is."""
    if not is_on(shell, NAME):
        return f"preview is off: F4, or bind 'set {NAME} on'"
    from minishell.system.sandbox import missing
    lacking = missing()
    return f'no preview: this system lacks {lacking}' if lacking else ''


def _heading(part: Part) -> str:
    return f'preview of: {caret_notation(" ".join(part.text.split()))}'


def _shown(run: Run) -> list[str]:
    """The first lines of the output, or what went wrong, and a line on what is left out."""
    output, errors = _lines(run.output), _lines(run.errors)
    lines = output + [f'! {line}' for line in errors]
    more = len(lines) - LINES
    lines = lines[:LINES]
    notes = [f'{more:,} lines more'] * (more > 0) + ['only 64 KiB of it'] * run.cut \
        + ['ended: it took too long'] * run.late
    if not lines:
        lines = ['(nothing)'] * (not run.late)
    return [*lines, *([f'... {", ".join(notes)}'] if notes else [])]


def _lines(data: bytes) -> list[str]:
    text = decoded(data).expandtabs(TAB)
    return [caret_notation(line.rstrip('\r')) for line in text.removesuffix('\n').split('\n')
            ] if text else []
