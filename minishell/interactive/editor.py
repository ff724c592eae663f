"""The line editor: prompt_toolkit on the shell's history; the only module that imports it."""
from __future__ import annotations

import posix
import sys
from codecs import getincrementaldecoder
from select import select

from minishell.codec import encoded
from minishell.system.blocking import reopen, write_all
from minishell.system.descriptors import close, duplicate_high
from minishell.system.signals import SIGINT, SIGQUIT, SIGTSTP, SIGWINCH
from minishell.system.terminal import Modes, window_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable
    from typing import Any

    from minishell.state.shell import Shell


LOOP_NEEDS = 3                          # descriptors, of asyncio
MOST_BYTES = 1024                       # of a paste, before it is shown


def line_editor(shell: Shell, disturbed: Callable[[], bool]) -> \
        Callable[[str], str | None] | None:
    """What edits a line, behind a prompt; None if prompt_toolkit is not installed.

    `edit` returns None once it has been `disturbed`; the next call goes on with what has been
    typed, unless that was by SIGINT.  Raises EOFError, OSError.
    """
    version = f'python{sys.version_info[0]}.{sys.version_info[1]}'
    home = sys.executable.rpartition('/')[0].rpartition('/')[0]     # with -S, sys.prefix
    packages = f'{home}/lib/{version}/site-packages'                # is another's
    if packages not in sys.path:
        sys.path.append(packages)       # with -S nobody has put it there
    try:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.data_structures import Size
        from prompt_toolkit.document import Document
        from prompt_toolkit.formatted_text import ANSI
        from prompt_toolkit.history import History
        from prompt_toolkit.input.vt100 import Vt100Input
        from prompt_toolkit.key_binding import KeyBindings
        from prompt_toolkit.output.vt100 import Vt100_Output
    except ImportError:
        return None
    from asyncio import get_running_loop

    class ShellHistory(History):
        """The commands of the shell's history list, as they are at each prompt."""

        async def load(self) -> AsyncGenerator[str, None]:
            """The entries, the newest first."""
            for entry in reversed(self.get_strings()):
                yield entry

        def get_strings(self) -> list[str]:
            """The entries, the oldest first."""
            return shell.history.entries if shell.history is not None else []

        def load_history_strings(self) -> Iterable[str]:
            """Not asked for: see load."""
            return self.get_strings()

        def append_string(self, string: str) -> None:
            """Not kept here: the shell enters complete commands into its list."""

        def store_string(self, string: str) -> None:
            """Not kept here either."""

    try:
        screen: Any = Screen(shell.descriptors.keep(duplicate_high(2)))
    except OSError:
        return None
    output = Vt100_Output(screen, lambda: Size(*screen.size()), enable_cpr=False,
                          term=shell.variables.get('TERM'))
    signals = shell.signals
    keyboard = Vt100Input(sys.stdin)
    reader = Keyboard(shell)
    keyboard.stdin_reader = reader                  # type: ignore[assignment]
    keyboard.raw_mode = reader.raw_mode             # type: ignore[method-assign]
    keys = KeyBindings()
    session: PromptSession[str | None] = PromptSession(
        history=ShellHistory(), input=keyboard, output=output, key_bindings=keys)
    app, begun = session.app, Document()

    for key, number in (('c-c', SIGINT), ('c-\\', SIGQUIT), ('c-z', SIGTSTP)):
        @keys.add(key)
        def press(event: object, number: int = number) -> None:
            """What the terminal would do, were it not for the editor's modes."""
            signals.press(number)

    def look() -> None:
        """Act on the signals that have come."""
        nonlocal begun
        if SIGWINCH in signals.drain():
            app._on_resize()
        if disturbed() and app.future is not None and not app.future.done():
            interrupted = SIGINT in signals.pending
            begun = Document() if interrupted else session.default_buffer.document
            app.erase_when_done = not interrupted
            app.exit(result=None)

    def start() -> None:
        """Keep the event loop from handling signals: they are noted as elsewhere.  It watches
        the wakeup pipe, and one that has come before is found by the first look."""
        loop = get_running_loop()
        loop.add_signal_handler = lambda *arguments: None       # type: ignore[method-assign]
        loop.add_reader(signals.wakeup(), look)
        loop.call_soon(look)

    def edit(prompt: str) -> str | None:
        nonlocal begun
        text, begun = begun, Document()
        app.erase_when_done = False
        if signals.wakeup() < 0:
            raise OSError
        see_to_descriptors()
        # The prompt begins a line, and what a command has left in front of the cursor stays:
        # a line's width of blanks ends in the next one, if the cursor was not at the left.
        screen.write(' ' * screen.size()[1] + '\r')
        return session.prompt(
            ANSI(prompt), default=text, handle_sigint=False, pre_run=start)
    return edit


def see_to_descriptors() -> None:
    """Raises OSError unless an event loop can be made: where that fails half-way, asyncio
    leaves messages."""
    taken: list[int] = []
    try:
        for _ in range(LOOP_NEEDS):
            taken.append(duplicate_high(0))
    finally:
        for fd in taken:
            close(fd)


class Keyboard:
    """Reads what is typed, and no byte behind a line: what has been typed ahead may be for the
    command, not for the next prompt.

    Ctrl-C is no byte but a signal, as everywhere: typed behind Enter it is for the command
    just entered, whose terminal it may reach before the modes are back.  What is typed behind
    it is for the next prompt; what came before has been dropped.  Ctrl-Z and Ctrl-\\ are keys
    of the editor, but behind Enter signals, too; should the line go on (within a paste, say)
    they are keys again.
    """

    def __init__(self, shell: Shell) -> None:
        self.closed = False
        self._signals, self._control = shell.signals, shell.control
        self._pending = shell.signals.pending
        self._modes: Modes | None = None    # while a line is edited
        self._entered = False               # Enter is the last byte read
        self._decode = getincrementaldecoder('utf-8')('surrogateescape').decode

    def raw_mode(self) -> Modes:
        """The terminal's modes while a line is edited."""
        self._modes = Modes(0, echo=False, lines=False, keys=False,
                            interrupt=not self._signals.is_ignored(SIGINT))
        self._entered = False
        return self._modes

    def _enter(self, entered: bool) -> None:
        """Enter is the last byte read, or no longer."""
        if self._modes is not None and entered != self._entered:
            if entered:
                self._control.hold_keys(self._signals)
            self._modes.let_stop(entered)
            if not entered:
                self._control.drop_keys()
            self._entered = entered

    def read(self) -> str:
        """What there is, up to the end of a line, without waiting."""
        self._enter(False)
        data = b''
        fd = reopen(0)
        try:
            while len(data) < MOST_BYTES and SIGINT not in self._pending \
                    and select([0], [], [], 0)[0]:
                byte = posix.read(0 if fd is None else fd, 1)
                data += byte
                if not byte or byte in b'\r\n\3':
                    self.closed = not byte
                    self._enter(byte in (b'\r', b'\n'))
                    break
        except BlockingIOError:         # Ctrl-C has dropped it since
            pass
        except OSError:                 # the terminal has gone
            self.closed = True
        finally:
            if fd is not None:
                close(fd)
        return '' if SIGINT in self._pending else self._decode(data)


class Screen:
    """A terminal for output, as a file object has it: the shell's own descriptor, so that the
    prompt is seen wherever `exec` has sent standard output and error."""

    encoding = 'utf-8'

    def __init__(self, cell: list[int]) -> None:
        self._cell = cell

    def fileno(self) -> int:
        """The descriptor at the moment."""
        return self._cell[0]

    def size(self) -> tuple[int, int]:
        """Its lines and columns, the usual ones if they are not known."""
        columns, lines = window_size(self._cell[0])
        return lines or 24, columns or 80

    def isatty(self) -> bool:
        """It was one when we began."""
        return True

    def write(self, text: str) -> None:
        """Write all of it; if the terminal has gone, reading will tell."""
        try:
            write_all(self._cell[0], encoded(text))
        except OSError:
            pass

    def flush(self) -> None:
        """Nothing is kept back."""
