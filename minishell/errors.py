"""Failures, classed by what follows from them (XCU 2.8.1), and control flow.

Who raises an error says what went wrong; who catches it decides what happens next:
`compile/simple.py` catches what costs one command, `session.py` what costs the script.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class ShellError(Exception):
    """Any failure the shell reports in words; `status` is what `$?` becomes.

    `reported`: the words have been shown, where the redirections in force sent them.
    `hard`: in bash mode `set -e` ends the shell where it is told, whatever is being tested.
    `lines`: it costs a script the line, in bash mode or not: what only bash has is wrong.
    """

    reported = False
    hard = False
    lines = False

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class ShellSyntaxError(ShellError):
    """Shell language syntax error: a script exits, a prompt drops the line (XCU 2.8.1).

    `pos` is the offset of what was found, `opened` that of the construct left open (or
    -1), `incomplete` is true where more input could still make it right.  `source` is the
    text that the offsets are of.

    `in_bash` is what bash says instead, perhaps nothing; `ends`: it takes that for the end of
    its input, with this status if `$?` is 0; `in_array`: in `a=(…)`, which costs it no more
    than the line.
    """

    in_bash: str | None = None
    ends: int | None = None
    in_array = False

    def __init__(self, message: str, pos: int, line: int, name: str = '',
                 opened: int = -1, incomplete: bool = False) -> None:
        super().__init__(message, 2)
        self.pos = pos
        self.line = line
        self.name = name
        self.opened = opened
        self.incomplete = incomplete
        self.source = ''
        self.runner = ''                # what has run the text: eval, a trap

    @property
    def text(self) -> str:
        """The line of the source that it is in."""
        before, behind = self.source[:self.pos], self.source[self.pos:]
        return before.rpartition('\n')[2] + behind.partition('\n')[0]

    def shown_as_bash(self, place: Callable[[str, int, str], str]) -> str:
        """The lines of the message as bash has it, that of the source the last where that has
        gone on; '' if there is none."""
        line, message = self.line, self.message
        for hint in (' (wanted ', ' (to close ', ' (shopt '):
            message = message.partition(hint)[0]
        if message.endswith('unexpected end of file') and self.text:
            line += '`newline' not in (self.in_bash or '')  # one is thought behind it
        message = message.replace("`))'", "`)'") if self.in_bash is None else self.in_bash
        if not message:
            return ''
        where = place(self.name, line, self.runner and self.runner + ': ')
        if ' near unexpected token' not in message:
            return f'{where}{message}\n'
        return f"{where}{message}\n{where}`{self.text}'\n"


class FatalError(ShellError):
    """An error after which a script exits and a prompt drops the line (XCU 2.8.1)."""


class ReadError(FatalError):
    """Commands cannot be read: the shell exits with 128 (XCU 3, sh, EXIT STATUS)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 128)


class ExpansionError(FatalError):
    """Expansion error, such as `${x?word}` or division by zero (XCU 2.8.1)."""


class ParameterError(ExpansionError):
    """What stands in `${…}` means nothing: a bad substitution, name or subscript."""

    hard = True


class UnsetError(ExpansionError):
    """`${x?word}`, or a parameter that is not set under `set -u`."""

    hard = True


class LineError(ExpansionError):
    """What costs a script the line, in bash mode or not."""

    lines = True


class TooManyError(LineError):
    """Operands too many for `break`, `exit` and others: costs bash the line of its file, all
    of a string that it runs."""


class NoMatchError(LineError):
    """`shopt -s failglob`: no pathname matches."""

    hard = True


class NestingError(LineError):
    """FUNCNEST: functions have been called too deep."""


class IndirectionError(ParameterError):
    """`${!x}`, and what x holds is no parameter; `${a[]}`."""

    lines = True


class AssignmentError(FatalError):
    """Variable assignment error: the variable is readonly (XCU 2.8.1)."""

    hard = True


class SubscriptError(AssignmentError):
    """What is assigned is no element of an array, or it is readonly."""

    lines = True


class RedirectionError(ShellError):
    """Redirection error: costs the command; a script too for a special built-in (2.8.1)."""


class ResourceError(ShellError):
    """No process or no pipe can be had for a command: costs the command, and a substitution
    the script, which must not go on with half a word."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 254)


class BuiltinError(ShellError):
    """A built-in utility failed; a script exits only for a special one (XCU 2.8.1)."""


class ElementError(BuiltinError):
    """The operand is no element of an array."""

    lines = True


class UsageError(BuiltinError):
    """Wrong options or operands of a built-in utility: status 2."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 2)


class SynopsisError(UsageError):
    """A wrong option, or operands that are missing: told together with the synopsis; without
    a message the synopsis alone."""


class ArithmeticSyntaxError(Exception):
    """The text between `$((` and `))` is not an expression (XCU 2.6.4)."""


class RegexError(Exception):
    """What stands behind `=~` is no regular expression."""


class ControlFlow(BaseException):
    """Leaves the commands around it without being an error."""


class Jump(ControlFlow):
    """`break n`, `continue n`: of the `levels` enclosing loops the last one gets `status`."""

    def __init__(self, levels: int, status: int = 0) -> None:
        super().__init__()
        self.levels = levels
        self.status = status

    def negate(self) -> int:
        """Note that `!` stands before it; the status that is now its own."""
        self.status = 0 if self.status else 1
        return self.status


class Break(Jump):
    """`break n`: leaves `levels` enclosing loops."""

    def leave_loop(self) -> int:
        """Leave one loop: its status, or on to the next one."""
        if self.levels > 1:
            self.levels -= 1
            raise self
        return self.status


class Continue(Jump):
    """`continue n`: goes on with the next turn of the `levels`-th enclosing loop."""


class Return(ControlFlow):
    """`return n`: leaves the function or dot script with `status`."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


class Exit(ControlFlow):
    """`exit n`, `set -e` or a fatal error: leaves the shell with `status`."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


class StopExecuting(Exit):
    """`set -n` in a script: from here on commands are read, but not executed."""

    def __init__(self) -> None:
        super().__init__(0)


class Interrupted(ControlFlow):
    """SIGINT at a prompt: the command line in progress is given up."""

    def __init__(self, status: int = 130, shown: bool = False) -> None:
        super().__init__()
        self.status = status            # of the pipeline that was interrupted
        self.shown = shown              # the cursor is at the start of a line already
