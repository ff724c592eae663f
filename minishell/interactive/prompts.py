"""The prompts: their texts, and the variables that tell of the command before.

    PS1_RIGHT         at the right end of the prompt's last line, until Enter
    PS1_TRANSIENT     what becomes of PS1 and PS1_RIGHT behind Enter
    PROMPT_STATUS     how the last command ended, if not with 0: `1`, `SIGINT`, `0|141 SIGPIPE`
    PROMPT_DURATION   how long it took, if that was two seconds or more
    PROMPT_GIT        the branch here, if PS1 or PS1_RIGHT speaks of it
"""
from __future__ import annotations

from time import monotonic

from minishell.errors import ShellSyntaxError
from minishell.interactive.behind import Behind
from minishell.interactive.marks import AS_USUAL, OUTPUT, PROMPT, are_taken, directory, ended
from minishell.interactive.repository import described
from minishell.run.prompt import caret_notation, decode_prompt
from minishell.state.joblines import place
from minishell.state.settings import is_on
from minishell.status import SIGNAL_BASE, statuses_of
from minishell.system.signals import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.errors import ShellError
    from minishell.interactive.behind import Use
    from minishell.interactive.suggesting import Suggestions
    from minishell.state.shell import Shell

LONG = 2                                # seconds, from which on a duration is told
MANY_LINES, MANY = 20, 2_000            # behind which what is open is not named any more
GIT, WORKING = 'PROMPT_GIT', '\\w'
CYAN, MAGENTA, RED, YELLOW = '36', '35', '31', '33'


class Prompt:
    """One prompt as it is shown."""

    __slots__ = ('text', 'right', 'final', 'marks', 'first')

    def __init__(self, text: str, right: str = '', final: str | None = None,
                 marks: str = '', first: str = '') -> None:
        self.text, self.right = text, right
        self.final = final              # what is left of it behind Enter, if it changes
        self.marks = marks              # what the terminal is told before it
        self.first = first              # and before the line is begun


class Prompts:
    """The prompts of one interactive shell."""

    def __init__(self, shell: Shell, edited: bool) -> None:
        self._shell = shell
        self._begun: float | None = None        # when the last command did, till it is told
        self._status_before: int | None = None  # what was there when it did
        self._status: int | None = None         # of that, until the terminal is told
        self._repository: Behind | None = None
        self._edited = edited
        self._suggestions: Suggestions | None = None
        self._suggest()
        values = shell.variables.values
        values.setdefault('PS1', default_prompt(edited and 'NO_COLOR' not in values))
        self.tell: Callable[[str], None] | None = None  # the terminal, if it is to be told
        self.typed = self._before = ''  # lines of the command that is being read, the last
        self._names_open = 'PS2' not in values
        values.setdefault('PS2', '> ')

        def changed(value: str | None) -> None:
            self._names_open = False
        shell.variables.hook('PS2', changed)

    # -- what has been typed ----------------------------------------------------------

    def begin_reading(self) -> None:
        """The first line of a command is about to be read."""
        self._before, self.typed = self.typed, ''

    def add(self, line: str) -> None:
        """A line of it has been read."""
        if not self.typed and self._suggestions is not None:
            self._suggestions.forget()
        self.typed += line

    def fixed(self) -> str:
        """The command before with what was likely meant; '' if nothing else was."""
        return self.suggestions().fixed(self._before)

    def slip(self, typed: str) -> str:
        """What is likely wrong with lines that are not whole; '' if nothing is."""
        return self.suggestions().slip(typed)

    def suggestions(self) -> Suggestions:
        """What has been suggested; loaded by the first mistake."""
        if self._suggestions is None:
            from minishell.interactive.suggesting import Suggestions
            self._suggestions = Suggestions(self._shell, self._edited)
        return self._suggestions

    def _suggest(self) -> None:
        """Have a line behind messages that says what was likely meant."""
        shell, point_out = self._shell, self._shell.point_out

        def behind_message(message: str) -> None:
            if not is_on(shell, 'corrections'):
                return
            try:
                self.suggestions().hint(message, self.typed)
            except (ImportError, OSError):      # no descriptor to be had
                pass

        def behind_error(error: ShellError) -> None:
            point_out(error)
            try:
                if isinstance(error, ShellSyntaxError) and is_on(shell, 'corrections'):
                    self.suggestions().point_out(self.typed, str(error))
            except (ImportError, OSError):
                pass
        shell.parts['hint'], shell.point_out = behind_message, behind_error

    # -- the command before -----------------------------------------------------------

    def begin_command(self) -> None:
        """A command is about to run."""
        if self.tell is not None:
            self.tell(OUTPUT)
        if self._repository is not None:
            self._repository.leave()
        self._begun, self._status_before = monotonic(), self._shell.status

    def end_command(self) -> None:
        """It has ended, if there was one: set the variables that tell of it."""
        shell = self._shell
        statuses = took = ''
        if self._begun is not None:
            self._status = int(shell.status)
            took = duration(monotonic() - self._begun)
            statuses = status_words(
                [self._status] if shell.status is self._status_before else stages(shell.status))
            self._begun = None
        values = shell.variables.values
        values['PROMPT_STATUS'], values['PROMPT_DURATION'] = statuses, took

    def news(self) -> bool:
        """Whether the prompt that is shown tells what is no longer true."""
        return self._repository is not None and self._repository.news()

    def watch(self, poke: Callable[[], None]) -> None:
        """Have `poke` called, by another thread, when there may be news."""
        if self._repository is not None:
            self._repository.poke = poke

    def _look_around(self) -> None:
        """Set PROMPT_GIT, where a prompt speaks of it: as much as is known at once."""
        shell = self._shell
        values = shell.variables.values
        if GIT not in values.get('PS1', '') and GIT not in values.get('PS1_RIGHT', ''):
            return
        if self._repository is None:
            def look(folder: str, use: Use) -> str:
                ceilings = values.get('GIT_CEILING_DIRECTORIES', '')
                return described(folder, use, ceilings.split(':'))
            self._repository = Behind(look)
        values[GIT] = caret_notation(self._repository.ask(place(shell)))

    # -- their texts ------------------------------------------------------------------

    def plain(self, inside: bool) -> str:
        """PS1, or PS2 inside a command."""
        self._status = None
        if not inside:
            self._look_around()
            return self._expanded('PS1')
        name = self._open(self.typed)
        return self._expanded('PS2') if name is None else name

    def edited(self, inside: bool) -> Prompt:
        """The same with all that a line editor shows; each is expanded once."""
        shell = self._shell
        values = shell.variables.values
        if inside:
            return Prompt(self.plain(True))
        marks = first = ''
        if are_taken(values.get('TERM') or ''):
            marks = (ended(self._status) if self._status is not None else '') \
                + directory(place(shell)) + PROMPT
            first = AS_USUAL if signal_name(self._status or 0) else ''
        text, right = self.plain(False), self._expanded('PS1_RIGHT')
        final = self._expanded('PS1_TRANSIENT') if 'PS1_TRANSIENT' in values else None
        return Prompt(text, right, final, marks, first)

    def continuations(self) -> Callable[[str], str]:
        """What gives PS2 behind lines that are being typed; where it is the user's, it is
        expanded once."""
        second: str | None = None

        def continuation(typed: str) -> str:
            nonlocal second
            name = self._open(self.typed + typed)
            if name is None and second is None:
                second = self._expanded('PS2')
            return (second or '') if name is None else name
        return continuation

    def _open(self, typed: str) -> str | None:
        """What is open behind some lines, as PS2 names it if nobody has set PS2."""
        shell = self._shell
        if not self._names_open or shell.options.posix or len(typed) > MANY \
                or typed.count('\n') > MANY_LINES:
            return None
        try:
            from minishell.interactive.parsing import parse
            from minishell.syntax.unfinished import unfinished
        except (ImportError, OSError):          # no descriptor to be had
            return None
        return caret_notation(unfinished(parse(shell, typed))) + '> '

    def _expanded(self, name: str) -> str:
        text = self._shell.variables.get(name)
        return decode_prompt(self._shell, text, name[:3]) if text else ''


def default_prompt(coloured: bool) -> str:
    """`user@host dir branch [status] duration $ `, as a value of PS1."""
    def part(text: str, colour: str) -> str:
        return f'\\[\\e[{colour}m\\]{text}\\[\\e[m\\]' if coloured else text
    told = [
        f'${{{name}:+ {part(text, colour)}}}' for name, text, colour in (
            (GIT, '$PROMPT_GIT', MAGENTA), ('PROMPT_STATUS', '[$PROMPT_STATUS]', RED),
            ('PROMPT_DURATION', '$PROMPT_DURATION', YELLOW))]
    return f'\\u@\\h {part(WORKING, CYAN)}{"".join(told)} \\$ '


def stages(status: int) -> list[int]:
    """The statuses of the commands of the pipeline that a line has ended with; the line's own
    where they are those of an earlier one, or behind `!`."""
    statuses = statuses_of(status)
    last = [each for each in statuses if each][-1:]         # with `set -o pipefail`
    return statuses if status in (*statuses[-1:], *last) else [int(status)]


def status_words(statuses: list[int]) -> str:
    """How the commands of a pipeline ended, with the signals by name; '' if all with 0."""
    if not any(statuses):
        return ''
    names = [signal_name(status) for status in statuses]
    if len(names) == 1:
        return names[0] or str(statuses[0])
    numbers = '|'.join(map(str, statuses))
    return ' '.join([numbers, *dict.fromkeys(filter(None, names))])


def signal_name(status: int) -> str:
    """The signal that a status tells of; '' if it is another."""
    name = name_of(status - SIGNAL_BASE) if status > SIGNAL_BASE else ''
    return '' if name.isdigit() or not name else 'SIG' + name


def duration(seconds: float) -> str:
    """A time in the units that matter; '' if it was short."""
    if seconds < LONG:
        return ''
    if seconds < 10:
        return f'{seconds:.1f}s'
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f'{hours}h{minutes:02}m'
    return f'{minutes}m{rest:02}s' if minutes else f'{rest}s'
