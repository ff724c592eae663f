"""A signal that a long computation keeps waiting is acted on within it.

Signals are acted on between commands and where the shell sleeps; `echo {1..9000000}` comes to
neither for seconds.  So a signal that ends the command or the shell starts a timer of
processor time when it is noted.  Where the timer finds it still there, what it asks for is
raised; but only where the code that runs does nothing but compute (COMPUTING), so that
nothing is left half-done.  Elsewhere the timer goes on.
"""
from __future__ import annotations

import _signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

FIRST, NEXT = 0.05, 0.01        # seconds
IMPORTS = frozenset(('importlib._bootstrap', '_frozen_importlib'))
COMPUTING_PACKAGES = ('minishell.expand.', 'minishell.syntax.')
COMPUTING = frozenset(f'minishell.{name}' for name in (
    'compile.words', 'compile.braces', 'compile.parameters', 'compile.arithmetic',
    'compile.operators', 'compile.array_assignments',
    'compile.elements', 'compile.numbers', 'compile.parameter_changes', 'compile.patterns',
    'run.tracing', 'builtins.options', 'builtins.plain',
    'builtins.declaring', 'builtins.attributes', 'builtins.lookup', 'builtins.escapes',
    'builtins.printing', 'builtins.formats', 'builtins.formatting', 'builtins.arithmetic',
    'builtins.testing', 'builtins.reading', 'builtins.processes', 'builtins.history'))


class Overdue:
    """The timer, of SIGPROF; it isn't inherited by children, but is by what replaces us."""

    __slots__ = ('_end',)

    def __init__(self, end: Callable[[bool], bool]) -> None:
        self._end = end         # see Signals.end

    def start(self) -> None:
        """A signal has come: give the shell time to look at it; unless it uses SIGPROF."""
        if _signal.getsignal(_signal.SIGPROF) == _signal.SIG_DFL:
            _signal.signal(_signal.SIGPROF, self._expired)
            _signal.setitimer(_signal.ITIMER_PROF, FIRST, NEXT)

    def stop(self) -> None:
        """No more of it; SIGPROF ends the process, as before."""
        if _signal.getsignal(_signal.SIGPROF) == self._expired:
            _signal.setitimer(_signal.ITIMER_PROF, 0)
            _signal.signal(_signal.SIGPROF, _signal.SIG_DFL)

    def _expired(self, number: int, frame: FrameType | None) -> None:
        if not importing(frame) and not self._end(computes(frame)):
            self.stop()


def computes(frame: FrameType | None) -> bool:
    """Whether what a frame runs may be left at any point."""
    while frame is not None and not _module(frame).startswith('minishell.'):
        frame = frame.f_back            # of a library that we call
    return frame is not None and (
        _module(frame) in COMPUTING or _module(frame).startswith(COMPUTING_PACKAGES))


def importing(frame: FrameType | None) -> bool:
    """Whether a module is being loaded: no handler may load another meanwhile, for then
    Python 3.11 no longer knows of its own locks (KeyError in `acquire`)."""
    while frame is not None:
        if _module(frame) in IMPORTS:
            return True
        frame = frame.f_back
    return False


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get('__name__'))
