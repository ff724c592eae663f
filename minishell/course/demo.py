"""demo: the lessons of the course at the prompt, run and compared with what they show."""
from __future__ import annotations

import posix

from minishell.builtins.options import parse_options
from minishell.builtins.reading import read_record
from minishell.codec import decoded
from minishell.course.common import failed
from minishell.course.lessons import Lesson, find, lessons
from minishell.course.stage import Ended, Stage
from minishell.course.transcripts import Comparison, Step, foretold
from minishell.errors import BuiltinError, UsageError
from minishell.system.apart import UNKNOWN
from minishell.system.guarding import guard
from minishell.system.signals import SIGPIPE, before_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

LEAVE = 'q'
KEYS = 'Enter: on; q and Enter, or Ctrl-D: leave'
ANSWER = '<details>'    # what a page hides
MARKS = ('**', '<details>', '</details>', '<summary>', '</summary>')


class Left(Exception):      # noqa: N818 - no error
    """The user has had enough."""


def demo(shell: Shell, argv: list[str]) -> int:
    """List lessons, or run one: its lines are typed to a shell of its own; or print the lines,
    or copy its programs."""
    options, operands = parse_options(
        ['-p' if word == '--predict' else word for word in argv], 'lpsxy')
    if 'l' in options:
        if operands:
            raise UsageError('-l takes no operands')
        return _list(shell)
    if len(operands) != 1:
        raise UsageError('one lesson is needed (demo -l lists them)')
    lesson = find(operands[0])
    if 's' in options:
        shell.out.write(''.join(lesson.typed()))
        return 0
    if 'x' in options:
        return _copy(shell, lesson)
    if there := lesson.objects():
        words = ', '.join(made.shown() for made in there)
        raise BuiltinError(f'{words}: somebody has made what the lesson would make, and remove '
                           '(ipc lists it)', 2)
    return Performance(shell, lesson, 'y' not in options, 'p' in options).run()


def _list(shell: Shell) -> int:
    for lesson in lessons():
        others = ', '.join(lesson.names())
        shell.out.write(f'{lesson.number:2} {lesson.title} ({others})\n')
    return 0


def _copy(shell: Shell, lesson: Lesson) -> int:
    """Copy the programs of a lesson here, over no file that is there."""
    from shutil import copyfileobj, copymode
    status = 0
    for path in lesson.programs():
        name = path.rpartition('/')[2]
        try:
            with open(path, 'rb') as source, open(name, 'xb') as target:
                copyfileobj(source, target)
            copymode(path, name)
        except OSError as error:
            shell.warn(f'demo: {failed(name, error).message}')
            status = 2
        else:
            shell.out.write(name + '\n')
    return status


class Performance:
    """A lesson that is run, and how it goes."""

    def __init__(self, shell: Shell, lesson: Lesson, waits: bool, asks: bool) -> None:
        self._shell = shell
        self._lesson = lesson
        self._waits = waits
        self._asks = asks
        self._comparison = Comparison()
        self._steps = self._right = 0   # commands compared; as the page shows
        self._unknown = 0               # traces where nobody may trace
        self._asked = self._foretold = 0

    def run(self) -> int:
        """0 if all is as the page shows, 1 if not, or if it has been left.

        A signal that ends this shell is acted on in the lesson, which is then ended first;
        one that comes while it is being ended, behind that.
        """
        signals = self._shell.signals
        undo = guard(signals, lambda: None, lambda: None)
        try:
            shown = self._play()
        except BrokenPipeError:         # SIGPIPE would have ended us
            if SIGPIPE in signals.pending and SIGPIPE not in self._shell.traps.actions \
                    and not self._shell.interactive:
                signals.die(SIGPIPE)
            raise
        finally:
            undo()
        return self._conclude() if shown else 1

    def _play(self) -> bool:
        """Run the lesson; whether to its end."""
        lesson = self._lesson
        stage = Stage(self._shell, lesson)
        try:
            stage.until_prompt(lambda text: None)
            if self._waits:
                self._show(f'# {KEYS}\n')
            for part in lesson.parts():
                if isinstance(part, str):
                    self._tell(part)
                else:
                    self._perform(stage, part)
        except Left:
            return False
        except Ended:
            self._show("\n# the lesson's shell has ended\n")
            return False
        finally:
            unblock = before_fork()
            try:
                stage.end()
            finally:
                unblock()
        return True

    def _conclude(self) -> int:
        words = f'# lesson {self._lesson.number}: {self._right} of {self._steps} commands ' \
            'gave what the page shows'
        if self._unknown:
            words += f'; {self._unknown} not compared'
        if self._asks:
            words += f'; you have foretold {self._foretold} of {self._asked}'
        self._show(words + '\n')
        return 0 if self._right == self._steps else 1

    def _perform(self, stage: Stage, step: Step) -> None:
        """Type a line, and compare."""
        self._show('$ ' + step.typed.removesuffix('\n'))
        answer = ''
        if self._asks:
            self._show('\n')
            answer = self._ask()
        elif self._waits:
            self._await_enter()
        else:
            self._show('\n')
        given = stage.type(step.typed, self._show)
        if given and not given.endswith('\n'):
            self._show('\n')
        if UNKNOWN in given:
            self._unknown += 1
            self._show('# not compared: nobody may trace here, so little is known\n')
            return
        self._steps += 1
        if self._comparison.holds(step.shown, given):
            self._right += 1
            if given:
                self._show('# as the page shows\n')
        else:
            shown = ''.join(f'#   {line}\n' for line in step.shown.splitlines())
            self._show(f'# the page shows something else{":" if shown else ": nothing"}\n'
                       + shown)
        if self._asks:
            self._asked += 1
            right = foretold(answer, step.shown, given)
            self._foretold += right
            self._show(f'# {"foretold" if right else "not what you have foretold"}\n')

    # -- the terminal -------------------------------------------------------------------

    def _show(self, text: str) -> None:
        self._shell.out.write(text)
        self._shell.at_once(self._shell.out.flush)

    def _tell(self, text: str) -> None:
        """Print prose; what the page hides, behind Enter."""
        before, hidden, answer = text.partition(ANSWER)
        self._show(_plain(before))
        if hidden:
            if self._waits:
                self._show('# the answer: ')
                self._await_enter()
            self._show(_plain(answer))

    def _await_enter(self) -> None:
        """Raises Left."""
        if self._line().strip() == LEAVE:
            raise Left

    def _ask(self) -> str:
        """What the user says that will come."""
        self._show('# what will come? An empty line ends your answer.\n')
        lines = []
        while line := self._line():
            lines.append(line + '\n')
        return ''.join(lines)

    def _line(self) -> str:
        """A line of standard input.  Raises Left at its end."""
        fd = self._shell.input
        try:
            data, found = read_record(self._shell, fd, b'\n', True)
        except OSError as error:
            raise failed('standard input', error) from None
        if not posix.isatty(fd):        # nobody has seen the line
            self._show('\n')
        if not found:
            if posix.isatty(fd):
                self._show('\n')
            raise Left
        return decoded(data)


def _plain(text: str) -> str:
    """Prose without marks."""
    for mark in MARKS:
        text = text.replace(mark, '')
    return text
