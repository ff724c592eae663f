"""The built-in utility `trace`: commands run, and what became of them told step by step."""
from __future__ import annotations

import posix

from minishell.codec import encoded
from minishell.errors import BuiltinError, SynopsisError, UsageError
from minishell.glass.recording import Recording
from minishell.glass.weave import weave
from minishell.system import descriptors
from minishell.system.apart import append

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.glass.story import Story
    from minishell.state.shell import Shell

NAME = 'traced'         # of the part of the shell that says that it is traced
# What a file's name ends with → the module and function that make its text.
FORMATS = {'.perfetto.json': ('perfetto', 'write_perfetto'), '.json': ('', ''),
           '.html': ('html', 'write_html'), '.svg': ('svg', 'write_svg')}
WRITE = posix.O_WRONLY | posix.O_CREAT | posix.O_TRUNC
WIDTH = 80              # columns, where there is no terminal


class Wanted:
    """What the options say."""

    __slots__ = ('file', 'as_is', 'transfers', 'everything', 'predict', 'golden')

    def __init__(self) -> None:
        self.file = ''
        self.as_is = False              # no process is forked that the shell can do without
        self.transfers = True           # reads and writes are recorded
        self.everything = False
        self.predict = False
        self.golden = False             # the golden form is printed


def trace(shell: Shell, argv: list[str]) -> int:
    """Run commands as eval does, and tell what their processes did; `$?` and all else is as
    without it."""
    wanted, words = _parse(argv)
    text = ' '.join(words)
    if not text.strip():
        raise SynopsisError('a command is needed')
    if shell.parts.get(NAME):
        shell.warn('trace: this shell is traced already: the other trace shows the command')
        return shell.run_text(text, 'trace')
    return run_traced(shell, text, wanted, lambda: shell.run_text(text, 'trace'))


def trace_shell(shell: Shell, command: str, path: str, run: Callable[[], int]) -> int:
    """Trace a script to its end: `minishell --trace=FILE`.  Raises BuiltinError."""
    wanted = Wanted()
    wanted.file = path
    _check(path)
    return run_traced(shell, command, wanted, run)


def _parse(argv: list[str]) -> tuple[Wanted, list[str]]:
    """Options and the command's words.  Raises SynopsisError, UsageError."""
    wanted, words = Wanted(), argv[1:]
    while words and words[0][:1] == '-' and words[0] != '-':
        word = words.pop(0)
        if word == '--':
            break
        if word == '--as-is':
            wanted.as_is = True
        elif word == '--no-io':
            wanted.transfers = False
        elif word == '--all':
            wanted.everything = True
        elif word == '--predict':
            wanted.predict = True
        elif word == '-g':
            wanted.golden = True
        elif word[:2] == '-o':
            if not word[2:] and not words:
                raise SynopsisError('-o: option requires an argument')
            wanted.file = word[2:] or words.pop(0)
            _check(wanted.file)
        else:
            raise SynopsisError(f'{word}: invalid option')
    return wanted, words


def _check(path: str) -> None:
    """Raises UsageError where a name does not say what its file is to be."""
    if not _format(path):
        raise UsageError(f'{path}: a file of a trace ends in .html, .svg, .json or '
                         '.perfetto.json')


def _format(path: str) -> str:
    return next((ending for ending in FORMATS if path.endswith(ending)), '')


def run_traced(shell: Shell, text: str, wanted: Wanted, run: Callable[[], int]) -> int:
    """Run something, of this text, while it is traced, and show the story; where no recorder
    can be had it is run without.  Raises BuiltinError, and what it raises."""
    answers = _ask(shell) if wanted.predict else {}
    cell = None
    if wanted.file:                     # here: the commands may change the directory
        try:
            cell = shell.descriptors.keep(shell.at_once(
                descriptors.open_file, wanted.file, WRITE, 0o666))
        except OSError as error:
            raise BuiltinError(f'{wanted.file}: {error.strerror}') from None
    shell.at_once(shell.out.flush)
    try:
        recording = Recording(shell, wanted.transfers, wanted.everything)
    except OSError as error:
        if cell is not None:
            shell.descriptors.release(cell)
        place = f'{error.filename}: ' if error.filename else ''
        shell.warn(f'trace: no recorder can be had: {place}{error.strerror}')
        return run()
    return Performance(shell, text, wanted, recording, cell, answers).run(run)


def _ask(shell: Shell) -> dict[str, str]:
    from minishell.glass.predicting import ask
    return ask(shell)


class Performance:
    """A text that is run while it is traced."""

    def __init__(self, shell: Shell, text: str, wanted: Wanted, recording: Recording,
                 cell: list[int] | None, answers: dict[str, str]) -> None:
        self._shell = shell
        self._text = text
        self._wanted = wanted
        self._recording: Recording | None = recording
        self._cell = cell               # of the file for the story
        self._answers = answers         # what the user has foretold
        self._forks = shell.always_fork, shell.always_forks

    def run(self, run: Callable[[], int]) -> int:
        """Run it, and show the story.  Raises what it raises."""
        shell = self._shell
        if not self._wanted.as_is:
            shell.always_fork = shell.always_forks = True
        shell.parts[NAME] = True
        status: int = shell.status
        assert self._recording is not None
        # `exec` leaves nobody who could show it later.
        self._recording.telling.at_exec = lambda: self._conclude(0)
        try:
            status = run()
        except BaseException as error:
            status = getattr(error, 'status', status)
            raise
        finally:
            self._conclude(status)
        return status

    def _conclude(self, status: int) -> None:
        """End the recording and show the story, once; whatever fails here costs the story
        only."""
        shell, recording, self._recording = self._shell, self._recording, None
        if recording is None or recording.pid != posix.getpid():
            return                      # a copy of the shell has come here
        del shell.parts[NAME]
        shell.always_fork, shell.always_forks = self._forks
        try:
            recorded = recording.end()
            statuses = [int(status), *getattr(status, 'statuses', (int(status),))]
            story = weave(self._text, recorded.facts, recorded.told, statuses, recorded.engine,
                          recorded.stops, recorded.troubles, recorded.held)
            if self._cell is None:
                _print(shell, story, self._wanted)
            else:
                append(self._cell[0], encoded(written(story, self._wanted.file)))
            if self._wanted.predict:
                from minishell.glass.predicting import mark
                shell.tell(mark(story, self._answers), '')
        except OSError as error:
            shell.warn(f'trace: {self._wanted.file}: {error.strerror}')
        except Exception as error:
            if 'MINISHELL_DEBUG' in shell.variables.values:
                import traceback
                traceback.print_exc()
            shell.warn(f'trace: the story cannot be told: {type(error).__name__}: {error}')
        finally:
            if self._cell is not None:
                shell.descriptors.release(self._cell)
                self._cell = None


def _print(shell: Shell, story: Story, wanted: Wanted) -> None:
    from minishell.glass.lanes import in_ascii, text_of
    from minishell.system.terminal import window_size
    width, rings = window_size(2)[0] or WIDTH, not shell.bytewise
    if wanted.golden:
        from minishell.glass.golden import wrapped
        from minishell.run.prompt import in_one_line
        shell.tell(wrapped(story, width, in_one_line if rings
                           else lambda text: in_ascii(in_one_line(text))), '')
    else:
        shell.tell(text_of(story, width, rings, wanted.everything), '')


def _in_lines(story: Story, ascii_only: bool) -> str:
    """A story as JSON, each process, step and the like in a line of its own."""
    from json import JSONEncoder
    encode = JSONEncoder(ensure_ascii=ascii_only).encode
    parts = []
    for key, value in story.items():
        shown = encode(value) if not isinstance(value, list) or not value else \
            '[\n  ' + ',\n  '.join(map(encode, value)) + '\n ]'
        parts.append(f' {encode(key)}: {shown}')
    return '{\n' + ',\n'.join(parts) + '\n}\n'


def written(story: Story, path: str) -> str:
    """A story as the text of a file, by its name's end."""
    module, function = FORMATS[_format(path)]
    if not module:
        text = _in_lines(story, False)
        try:
            text.encode()
        except UnicodeEncodeError:      # bytes that are no UTF-8 are among the names
            text = _in_lines(story, True)
        return text
    package = __import__(f'minishell.glass.{module}', fromlist=[function])
    return str(getattr(package, function)(story))
