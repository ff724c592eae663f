"""What is typed, as the line editor reads it."""
from __future__ import annotations

import posix
from codecs import getincrementaldecoder
from select import select

from minishell.system.blocking import reopen
from minishell.system.descriptors import close
from minishell.system.signals import SIGINT
from minishell.system.terminal import Modes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

ENTERS = b'\r\n\x0f'     # Ctrl-O runs the line, too
STOPS = ENTERS + b'\3\5'               # behind Ctrl-X Ctrl-E an editor may read
MOST_BYTES = 1024                       # of a paste, before it is shown


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
        self._early: Modes | None = None    # set, but not yet asked for
        self._entered = False               # Enter is the last byte read
        self._decode = getincrementaldecoder('utf-8')('surrogateescape').decode

    def begin(self) -> None:
        """Set the modes that `raw_mode` gives next: while the editor is being loaded."""
        self._early = self.raw_mode()
        self._early.set()

    def give_up(self) -> None:
        """There is no editor: have the modes as they were."""
        if self._early is not None:
            self._early.restore()

    def raw_mode(self) -> Modes:
        """The terminal's modes while a line is edited."""
        if self._early is not None:
            early, self._early = self._early, None
            return early
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
                if SIGINT in self._pending:     # what there is has been typed behind Ctrl-C
                    break
                byte = posix.read(0 if fd is None else fd, 1)
                data += byte
                if not byte or byte in STOPS:
                    self.closed = not byte
                    self._enter(byte != b'' and byte in ENTERS)
                    break
        except BlockingIOError:         # Ctrl-C has dropped it since
            pass
        except OSError:                 # the terminal has gone
            self.closed = True
        finally:
            if fd is not None:
                close(fd)
        return '' if SIGINT in self._pending else self._decode(data)
