"""Shell: the shell execution environment (XCU 2.13), passed to every closure.

It holds state and says how errors are shown; what runs text (`eval`, `.`, traps) is put in by
`session.py`, so that nothing here needs the parser or the compiler.
"""
from __future__ import annotations

import posix

from minishell.codec import encoded
from minishell.errors import ShellSyntaxError
from minishell.expand.splitting import Splitter
from minishell.state.options import SHOPTS_ON, Options
from minishell.state.variables import Variables
from minishell.system.blocking import Output, print_error, write_message
from minishell.system.signals import SIGPIPE, Signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from minishell.errors import ShellError
    from minishell.state.history import History
    from minishell.state.jobcontrol import JobControl, Launch
    from minishell.state.jobs import JobTable
    from minishell.state.kept import KeptText
    from minishell.state.search import Search
    from minishell.state.traps import Traps
    from minishell.syntax.nodes import FunctionDefinition, Node
    from minishell.syntax.source import Source
    from minishell.system.descriptors import Descriptors
    from minishell.system.events import Events, Subscriber
    from minishell.system.lines import ReadAhead

    Action = Callable[['Shell'], int]
    Text = Callable[['Shell'], str]
    Builtin = Callable[['Shell', list[str]], int]
    SortKey = Callable[[str], Any]
    At = tuple[int, Node | None, Source | None]     # the line, the command, the text
    T = TypeVar('T')

MANY_SPLITTERS = 16
HOT = 100               # after so many turns or calls a loop or function is compiled anew
NEVER = -1 << 62        # what the count is set to then: it doesn't come to HOT again
# Hot code does these itself, so a function of such a name must be looked for (look_plain).
INLINED = frozenset(('[', 'test', 'true', 'false', ':', 'break', 'continue', 'return'))


class Function:
    """A shell function; its body is compiled by the first call, and again when it is hot."""

    __slots__ = ('node', 'source', 'run', 'calls', 'heat', 'analysed', 'needs')

    def __init__(self, node: FunctionDefinition, source: Source, run: Action,
                 heat: Callable[[Function, Shell], None]) -> None:
        self.node = node
        self.source = source
        self.run = run
        self.calls = 0
        self.heat = heat                # makes `run` another one
        self.analysed = False           # whether `needs` is known (compile/subshell.py)
        self.needs: frozenset[str] | None = None


class Shell:
    """One shell execution environment."""

    def __init__(self, arg0: str = 'minishell') -> None:
        self.arg0 = arg0                        # $0
        self.name = arg0                        # before messages: $0 or a dot script
        self.positional: list[str] = []         # $1 $2 …
        self.positional_set = False             # by `set`, in the dot script being run
        self.status = 0                         # $?
        self.at: At = (0, None, None)           # the command being run
        self.pid = posix.getpid()               # $$, the same in subshells
        self.last_background: str | None = None     # $!
        self.commands = 0                       # typed ones, or the script's, that have begun
        self.subshell = self.substitution = False   # a copy of the shell; for its output
        self.directories: list[str] = []        # of pushd, below the working directory
        self.substituted: list[int] = []        # our ends of process substitutions
        self.elided = 0         # subshells that run in this process, inside each other
        self.subshells = 0      # those that are processes (BASH_SUBSHELL)
        self.hot = self.call_limit = HOT            # a call that comes to the limit asks
        self.always_fork = self.always_forks = False    # tests make every copy a process
        self.calls: list[tuple[str, str, At]] = []      # what is being run: run/calls.py
        self.plain = True                       # see look_plain
        self.watched = False    # each command says what it is (set -x, DEBUG): no short ways
        self.errors_trapped = self.trapped = False  # a trap on ERR; on DEBUG, ERR, RETURN
        self.arguments: list[list[str]] = []    # of calls, by extdebug, the script's first
        self.interactive = False                # prompts, and survives errors
        self.typed = False                      # commands are typed; also in its subshells
        self.invocation = ''                    # 'c' for -c, as bash shows it in $-
        self.variables = Variables()
        self.options = Options()
        self.shopts = set(SHOPTS_ON)            # the options of `shopt` that are on
        self.globbing: frozenset[str] = frozenset()     # those about pathname expansion
        self.bash = False                       # bash mode: state/dialect.py
        self.signals = Signals()
        self.signals.end = self.end_computation
        self.pending = self.signals.pending     # truthy: run_pending_traps has work
        self.functions: dict[str, Function] = {}
        self.aliases: dict[str, str] = {}       # all aliases, or none of them: then they are
        self.hidden_aliases: dict[str, str] = {}        # hidden (shopt -u expand_aliases)
        self.out = Output()
        self.input = 0                          # the standard input of `read`
        self.ahead: ReadAhead | None = None     # lines of it before `read` asks for them
        self.splitter = Splitter(None)
        self._splitters: dict[str | None, Splitter] = {}        # by IFS
        self.texts: dict[tuple[str, int, str], KeptText | None] = {}    # session.run_again
        self.loop_depth = 0                     # enclosing loops that break can leave
        self.looped_at: int | None = None       # function_depth, if a subshell began in one
        self.outer_loops = self.function_depth = 0      # loops around functions, and these
        # For the ends of functions: options that `local -` has kept, traps to be told.
        self.at_return: list[tuple[int, dict[str, bool] | int]] = []
        self.source_depth = self.condition_depth = 0    # dot scripts; > 0: no errexit (set -e)
        self.trap_status: list[tuple[int, int]] = []    # $?, function_depth as traps began
        self.substitution_status = 0            # of the last command substitution
        self.keep_redirections = False          # `exec` wants its redirections to stay
        self.interrupted = False                # SIGINT is what ends this shell
        self.leave_asked = 0    # for so many commands `exit` does not warn of stopped jobs
        self.tracing, self.traced_to = False, ''    # PS4 is expanded; BASH_XTRACEFD then
        self.nesting = 0                        # substitutions, eval, dot scripts around
        self.restart: list[str] = []            # argv prefix that starts this shell again
        self.history: History | None = None     # of an interactive shell
        self.parts: dict[str, Any] = {}         # what few scripts have: state/completions.py …
        self._descriptors: Descriptors | None = None
        self._jobs: JobTable | None = None
        self._search: Search | None = None
        self._control: JobControl | None = None
        self._traps: Traps | None = None
        self.bytewise = False                   # characters are bytes: no UTF-8 locale
        self.nocasematch = self.odd_matching = False    # shopt; that or bytewise
        self._collation: tuple[SortKey | None] | None = None
        self.variables.hook('IFS', self._ifs_changed)
        for name in ('LANG', 'LC_ALL', 'LC_COLLATE', 'LC_CTYPE'):
            self.variables.hook(name, self.locale_changed)
        # put in by session.py
        self.run_text: Callable[[str, str], int]        # (text, what it is)
        self.run_file: Callable[[str], int]             # a dot script
        self.expand_text: Callable[[str], str]          # as in double-quotes: ENV
        self.expand_prompt: Callable[[str], str]        # PS4, PS1
        self.expand_words: Callable[[str], list[str]]   # all but pathname expansion
        self.evaluate: Callable[[str], int]             # an arithmetic expression
        self.point_out: Callable[[ShellError], None]    # where it is, on a terminal
        self.load_all: Callable[[], None]               # every module, before it is needed

    def _ifs_changed(self, value: str | None) -> None:
        splitter = self._splitters.get(value)       # `IFS=: read` sets it twice a turn
        if self.bytewise and value is not None and not value.isascii():
            from minishell.expand.characters import ByteSplitter
            splitter = ByteSplitter(value)
        elif splitter is None:
            splitter = self._splitters[value] = Splitter(value)
            if len(self._splitters) > MANY_SPLITTERS:
                self._splitters.clear()
        self.splitter = splitter
        self.look_plain()

    def look_plain(self) -> None:
        """Whether all is as usual (what compile/hot.py asks before each command).  To be
        called when options, IFS or functions have changed."""
        self.plain = not (self.watched or self.options.allexport or self.options.keyword
                          or self.nocasematch or '-' in self.splitter.ifs) \
            and self.splitter.words and self.functions.keys().isdisjoint(INLINED)

    def look_watched(self, value: str | None = None) -> None:
        """See who watches, as that may have changed."""
        from minishell.state.traps import look
        look(self)

    def locale_changed(self, value: str | None = None) -> None:
        """Take the locale from the variables (XBD 8.2); LC_MESSAGES changes nothing."""
        self._collation = None
        locale = self.locale('LC_CTYPE')
        codeset = locale.partition('.')[2].partition('@')[0].lower()
        bytewise = codeset not in ('utf-8', 'utf8')
        if bytewise is not self.bytewise:
            self.bytewise = bytewise
            self.odd_matching = bytewise or self.nocasematch
            self._ifs_changed(self.variables.get('IFS'))

    def locale(self, category: str) -> str:
        """The name of a category's locale (XBD 8.2)."""
        values = self.variables.values
        return values.get('LC_ALL') or values.get(category) or values.get('LANG') or 'C'

    @property
    def collation(self) -> SortKey | None:
        """The sort key of the locale (LC_COLLATE), None for the order of bytes."""
        if self._collation is None:
            from minishell.expand.pathname import collation
            self._collation = collation(self.locale('LC_COLLATE')),
        return self._collation[0]

    def pathnames(self, pattern: str) -> list[str] | None:
        """Pathname expansion (XCU 2.6.6), None where the word stays as it is; the module is
        loaded by the first pattern.  Raises NoMatchError (shopt -s failglob)."""
        ignored = self.variables.values.get('GLOBIGNORE', '')
        if not self.globbing and not ignored:
            from minishell.expand.pathname import expand_pathname
            return expand_pathname(pattern, self.collation, self.bytewise) or None
        from minishell.expand.globbing import expand_specially
        return expand_specially(pattern, self.globbing, ignored, self.collation, self.bytewise)

    # -- made when first needed: most scripts need few of them ----------------------

    @property
    def descriptors(self) -> Descriptors:
        """The descriptors the shell keeps for itself."""
        if self._descriptors is None:
            from minishell.system.descriptors import Descriptors
            self._descriptors = Descriptors(self.signals)
        return self._descriptors

    @property
    def jobs(self) -> JobTable:
        """The background jobs."""
        if self._jobs is None:
            from minishell.state.jobs import JobTable
            self._jobs = JobTable(self.signals)
        return self._jobs

    @property
    def control(self) -> JobControl:
        """Process groups and the terminal, for `set -m`."""
        if self._control is None:
            from minishell.state.jobcontrol import JobControl
            self._control = JobControl(self.signals)
        return self._control

    @property
    def search(self) -> Search:
        """Command search in PATH."""
        if self._search is None:
            from minishell.state.search import Search
            self._search = Search(self.variables)
            self._search.remembers = self.options.hashall
        return self._search

    @property
    def traps(self) -> Traps:
        """The traps."""
        if self._traps is None:
            from minishell.state.traps import Traps
            self._traps = Traps(self.signals)
            self._traps.in_script = not self.interactive
        return self._traps

    # -- who watches ----------------------------------------------------------------

    @property
    def events(self) -> Events | None:
        """Those who watch what is done with processes and descriptors; None, as a rule."""
        return self.signals.events

    def watch(self, subscriber: Subscriber) -> Callable[[], None]:
        """Have a subscriber told all events from now on; returns what ends that."""
        signals = self.signals
        if signals.events is None:
            from minishell.system.events import Events

            def end() -> None:
                signals.events = None
            signals.events = Events(self.warn, end)
        return signals.events.subscribe(subscriber)

    # -- questions ------------------------------------------------------------------

    def as_bash(self, key: str) -> bool:
        """Whether to do as bash does by default what `key` is about, which the table of
        state/dialect.py has (tests/test_dialect.py)."""
        return self.bash

    def known_aliases(self) -> dict[str, str]:
        """The aliases, substituted or not."""
        return self.aliases if 'expand_aliases' in self.shopts else self.hidden_aliases

    @property
    def line(self) -> int:
        """The line of the command being run."""
        return self.at[0]

    def option_letters(self) -> str:
        """The value of `$-`."""
        return self.options.letters() + self.invocation

    def loops(self) -> int:
        """How many loops are being run, those around functions too."""
        return self.loop_depth + self.outer_loops

    def began_in_loop(self) -> bool:
        """Whether break and continue end this subshell, as it stands in the body of a loop."""
        return self.looped_at == self.function_depth

    def leave_loops(self) -> None:
        """Begin a subshell: the loops around it are its parent's."""
        if self.loop_depth:
            self.looped_at = self.function_depth
        elif not self.began_in_loop():
            self.looped_at = None
        self.loop_depth = 0

    def may_return(self) -> bool:
        """Whether `return` has something to return from."""
        return self.function_depth > 0 or self.source_depth > 0

    def may_replace_process(self) -> bool:
        """Whether the last command may take this process over instead of a child."""
        if self._traps is not None and self._traps.any_set() or self.interactive:
            return False
        if self.pending:                # SIGINT: the program is not to be run at all
            self.run_pending_traps()
        return True

    def set_option(self, name: str, on: bool) -> None:
        """Set an option of the table and what depends on it."""
        setattr(self.options, name, on)
        if name == 'monitor':
            if on:
                self.control.enable(self)
            elif self._control is not None:
                self._control.disable(self)
        elif name == 'allexport':
            self.variables.allexport = on
            self.look_plain()
        elif on and name in ('vi', 'emacs'):
            setattr(self.options, 'emacs' if name == 'vi' else 'vi', False)
        elif name == 'keyword':
            self.look_plain()
        elif name in ('xtrace', 'functrace', 'errtrace'):
            self.look_watched()
        elif name == 'privileged' and not on:   # a set-user-ID shell is one no longer
            if posix.getgid() != posix.getegid():
                posix.setgid(posix.getgid())
            if posix.getuid() != posix.geteuid():
                posix.setuid(posix.getuid())
        elif name == 'hashall' and self._search is not None:
            self._search.remembers = on
        elif name == 'posix':           # there `{a,b}` is a word like others (XCU 2.6)
            self.options.braceexpand = not on
        elif name == 'interactive_comments':
            (self.shopts.add if on else self.shopts.discard)(name)
        if name in ('bash', 'posix'):
            self._set_dialect(self.options.bash and not self.options.posix, name)

    def _set_dialect(self, bash: bool, option: str) -> None:
        """Begin bash mode, or end it, by an option of `set`."""
        if bash is not self.bash:
            from minishell.state.dialect import BY_SHOPT, KEPT_BY_POSIX
            self.bash = bash
            for name in BY_SHOPT:
                if option == 'posix' and name in KEPT_BY_POSIX[bash]:
                    continue
                self.set_shopt(name, not bash or name == 'expand_aliases' and self.interactive)

    def set_shopt(self, name: str, on: bool) -> None:
        """Set an option of `shopt` and what depends on it."""
        (self.shopts.add if on else self.shopts.discard)(name)
        if name == 'expand_aliases':
            shown, hidden = self.aliases, self.hidden_aliases
            if not on:
                shown, hidden = hidden, shown
            shown.update(hidden)
            hidden.clear()
        elif 'glob' in name:
            from minishell.expand.globbing import ALL_DOTS, OPTIONS
            self.globbing = OPTIONS & self.shopts
            if 'globskipdots' not in self.shopts:
                self.globbing |= {ALL_DOTS}
        elif name == 'nocasematch':
            self.nocasematch = on
            self.odd_matching = on or self.bytewise
            self.look_plain()
        elif name == 'interactive_comments':
            self.options.interactive_comments = on
        elif name == 'extdebug':
            self.set_option('functrace', on)
            self.set_option('errtrace', on)
            if on and not self.arguments:
                self.arguments.append(self.positional)

    # -- transitions ----------------------------------------------------------------

    def become_interactive(self) -> None:
        """Prompt, or at least survive errors, from now on."""
        self.interactive = self.options.interactive = self.typed = True
        self.name = self.own_name()     # in messages, as in bash
        if self.bash:
            self.set_shopt('expand_aliases', True)
        self.signals.survive()

    def launch(self, foreground: bool) -> Launch | None:
        """The process group of a job about to start; None without job control."""
        return self.control.launch(foreground) if self.options.monitor else None

    def may_leave(self) -> bool:
        """Whether exit is to be obeyed: with stopped jobs only the second time running."""
        if not self.interactive or self._jobs is None or self.leave_asked:
            return True
        self._jobs.poll()               # one may have been ended since the last prompt
        if not any(job.stopped() for job in self._jobs.jobs):
            return True
        print_error('There are stopped jobs.')
        self.leave_asked = 2
        return False

    def adopts(self) -> bool:
        """Whether this is process 1, to which orphans come: nobody else will reap them."""
        return self.pid == 1 and not self.subshell

    def has_jobs(self) -> bool:
        """Whether a script has jobs in the background, whose ends may have to be told."""
        return self._jobs is not None and bool(self._jobs.jobs) and not self.interactive

    def notify(self) -> None:
        """Tell of background jobs that have ended or stopped."""
        if self._jobs is not None:
            self._jobs.poll()
            if self._jobs.changed:
                from minishell.state.jobcontrol import notify
                notify(self)

    def run_pending_traps(self) -> list[int]:
        """Checkpoint: act on the signals noted so far; returns those that had traps."""
        from minishell.state.traps import run_pending_traps
        return run_pending_traps(self)

    def end_computation(self, may: bool = True) -> bool:
        """Whether a signal has come that ends the command or the shell; if the command may be
        left just here, that is raised (system/overdue.py)."""
        if not self.pending:
            return False
        from minishell.state.traps import ending
        number = ending(self)
        if number and may:
            self.pending.remove(number)     # before traps of others
            self.pending.insert(0, number)
            self.run_pending_traps()
        return bool(number)

    def at_once(self, call: Callable[..., T], *args: object,
                act: Callable[[], object] | None = None) -> T:
        """Make a call that may sleep: signals that come meanwhile are acted on in it, what
        that raises ends it (see system/signals.py)."""
        signals = self.signals
        outer, signals.act = signals.act, act or self.act
        try:
            if self.pending:
                signals.act()
            return call(*args)
        finally:
            signals.act = outer

    def act(self) -> list[int]:
        """Act on signals in the middle of a built-in utility or a redirection: traps have the
        input and output that commands have.  Returns the signals that had traps."""
        signals = self.signals
        act, signals.act = signals.act, None
        out, given = self.out, self.input
        self.out, self.input = Output(), 0
        try:
            return self.run_pending_traps()
        finally:
            self.out, self.input = out, given
            signals.act = act

    def take_write_error(self, error: OSError) -> None:
        """At a prompt it is an error like others that nobody reads an output: no SIGPIPE."""
        if isinstance(error, BrokenPipeError) and self.interactive \
                and not self.traps.actions.get(SIGPIPE):
            self.signals.forget(SIGPIPE)

    def run_exit_trap(self, status: int, in_call: bool = False) -> int:
        """Run the EXIT trap, perhaps before a call is left; returns the exit status."""
        if self._traps is None or in_call and (self.elided or not self.may_return()):
            return status
        from minishell.state.traps import run_exit_trap
        return run_exit_trap(self, status, in_call)

    def enter_subshell(self, own_group: bool = False, goes_on: bool = False) -> None:
        """Become a subshell environment, in the child after fork (XCU 2.13); as a job, of its
        own process group; going on where its parent is, within the same loops, redirections."""
        self.subshell = True
        self.substitution = False
        self.subshells, self.elided = self.subshells + self.elided + 1, 0
        if not goes_on:
            self.trap_status = []       # exit there does not end a trap's action
            self.leave_loops()
            self.out = Output()
            if self._descriptors is not None:
                self._descriptors.in_child()
        self.interactive = False
        self.options.monitor = False
        if self._traps is not None:
            self._traps.enter_subshell(self.options)
            if self.trapped:
                self.look_watched()
        self.signals.in_child(own_group)
        if self._jobs is not None:
            self._jobs.clear()

    # -- messages -------------------------------------------------------------------

    def warn(self, message: str) -> None:
        """Print `name: line N: message` to standard error, as bash does; the line only where
        there are lines: what is typed has none, but the files it reads (`.`, ENV) have."""
        name = self.calls[-1][1] if self.calls else self.name
        self.tell(self.place(name, self.line) + message)
        if 'hint' in self.parts:                # at a prompt
            self.parts['hint'](message)

    def tell(self, text: str, end: str = '\n') -> None:
        """Write a line, or a prompt without its end, to standard error.  A signal that ends the
        command or the shell ends this, too: it may wait for a reader for ever."""
        try:
            write_message(2, encoded(text + end), self.end_computation)
        except OSError:
            pass

    def place(self, name: str, line: int, runner: str = '') -> str:
        """What a message begins with; `runner`: what has run the text, `eval: `."""
        if self.typed and name == self.own_name() and runner in ('', '-c: ', 'eval: '):
            return f'{name}: '
        if self.bash and self.calls and not self.typed:
            name = self.known_file(name)
        return f'{name}: {runner}line {line}: ' if line or runner else f'{name}: '

    def own_name(self) -> str:
        """The name of what is in no file (-c, standard input, a prompt), and of a script."""
        return self.arg0.rpartition('/')[2] if self.typed else self.arg0

    def known_file(self, name: str) -> str:
        """A file of functions as BASH_SOURCE has it: -c and standard input are none."""
        return name if name != self.own_name() or self.calls and not self.calls[0][2][0] else \
            'environment' if self.invocation == 'c' else 'main'

    def report(self, error: ShellError) -> None:
        """Show an error; `$?` becomes its status.  A syntax error knows its own place."""
        self.status = error.status
        if error.reported:
            return
        error.reported = True
        if not isinstance(error, ShellSyntaxError):
            self.warn(error.message)
        elif self.as_bash('syntax errors'):
            self.tell(error.shown_as_bash(self.place), '')
        else:
            self.tell(self.place(error.name, error.line) + error.message)
        self.point_out(error)
