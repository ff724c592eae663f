"""The only wiring: builds a Shell, plugs in what runs text, reads, compiles and runs."""
from __future__ import annotations

import posix
import sys

from minishell.codec import decoded
from minishell.compile.compiler import Compiler
from minishell.environment import import_environment
from minishell.errors import (
    AssignmentError,
    ExpansionError,
    FatalError,
    Interrupted,
    ReadError,
    Return,
    ShellError,
    ShellSyntaxError,
    StopExecuting,
    TooManyError,
    UnsetError,
)
from minishell.state.options import OptionGrammar
from minishell.state.shell import Shell
from minishell.status import NOT_FOUND, NOTHING_RUN
from minishell.syntax.lexer import END
from minishell.syntax.names import decimal
from minishell.syntax.parser import Parser
from minishell.syntax.source import Source
from minishell.system.blocking import print_error, read_file
from minishell.system.signals import SIGINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.kept import KeptText
    from minishell.syntax.lexer import Lexer
    from minishell.syntax.nodes import CommandList

    Depths = tuple[int, int, int, int, int]

LONG_SCRIPTS = range(1 << 12, 1 << 22)  # sizes, in characters, of those whose parse is kept
ENDS = 10               # of input that `set -o ignoreeof` ignores, unless IGNOREEOF says
MOST_TEXTS = 100        # texts of eval, traps, dot scripts that are kept compiled
LONGEST_TEXT = 1 << 14  # of them, in characters
RECURSION_LIMIT = 60_000        # Python frames; pure-Python calls take no C stack (3.11)


def build_shell(arg0: str, environment: dict[bytes, bytes], ignored: int = 0) -> Shell:
    """A shell with its callbacks plugged in and its variables from the environment.

    ignored: a mask of signals, where the launcher has looked (`Signals.enter`).
    """
    sys.setrecursionlimit(RECURSION_LIMIT)
    shell = Shell(arg0)
    shell.status = NOTHING_RUN
    shell.signals.enter(ignored)
    shell.run_text = lambda text, what: run_text(shell, text, what)
    shell.run_file = lambda path: run_file(shell, path)
    shell.expand_text = lambda text: expand_text(shell, text)
    shell.expand_prompt = lambda text: expand_prompt(shell, text)
    shell.expand_words = lambda text: expand_words(shell, text)
    shell.evaluate = lambda text: evaluate(shell, text)
    shell.point_out = lambda error: point_out(shell, error)
    shell.variables.evaluate, shell.variables.expand = shell.evaluate, shell.expand_text
    shell.variables.expand_key = lambda text, given: expand_key(shell, text, given)
    shell.variables.warn = shell.warn
    shell.load_all = load_all
    import_environment(shell, environment)
    shell.always_fork = shell.always_forks = 'MINISHELL_FORK' in shell.variables.values
    hot = shell.variables.values.get('MINISHELL_HOT', '')
    turns = decimal(hot)
    if turns is not None:
        shell.hot = turns
        shell.call_limit = min(shell.call_limit, turns)
    return shell


# -- text that is run -------------------------------------------------------------------


def make_parser(shell: Shell, source: Source, file: bool = False) -> Parser:
    """A parser with the shell's aliases and warnings; for a script `file`, if it is long,
    one that keeps the parse."""
    def warn(message: str, line: int) -> None:
        print_error(f'{shell.place(source.name, line)}warning: {message}')
    parser, grammar = None, OptionGrammar(shell)
    if file and len(source.text) in LONG_SCRIPTS:
        from minishell.parse_cache import parser_with_cache
        parser = parser_with_cache(source, shell.aliases, warn, grammar)
    return parser or Parser(source, shell.aliases, warn, grammar)


def run_source(shell: Shell, source: Source, may_replace: bool = False,
               script: bool = False, file: bool = False) -> int:
    """Read, compile and run, one complete command at a time; returns the last status.

    Raises what the commands raise, and ShellSyntaxError behind the commands before it.
    The rest of a `script` is read even if none of it is to be run any more; the source may
    be a script `file`.
    """
    parser = make_parser(shell, source, file)
    try:
        return run_commands(shell, parser, may_replace, script)
    except ShellSyntaxError as error:
        if script and shell.invocation == 'c' and error.name == shell.name:
            error.runner = error.runner or '-c'
        if script and error.ends is not None and shell.as_bash('conditional errors'):
            error.status = shell.status or error.ends
        raise
    finally:
        parser.finish()


def run_commands(shell: Shell, parser: Parser, may_replace: bool = False,
                 script: bool = False, kept: KeptText | None = None, known: int = 0,
                 status: int = 0) -> int:
    """Run what a parser reads, as run_source does; returns the last status, `status` if it is
    nothing.  The commands may be `kept`, behind so many that are `known`."""
    lexer = parser.lexer
    depths = depths_of(shell)
    counted = script and shell.invocation != 'c'
    plain = True                        # lines are read without history expansion
    ended = False
    while True:
        try:
            if ended:
                node = None
            elif shell.options.verbose or shell.options.history:
                if plain and shell.options.histexpand and shell.options.history and counted:
                    parser, plain = expanding_parser(shell, lexer), False
                    lexer = parser.lexer
                node = parse_specially(shell, parser, script)
            else:
                node = parser.parse_complete_command()
        except ShellSyntaxError as error:
            if not error.in_array:
                raise
            from minishell.run.failures import survive_array
            status, kept = survive_array(shell, error, script), None
            lexer.drop_line()
            continue
        if node is None:
            if kept is not None:
                kept.end(shell, known)
            return status
        ended = lexer.kind == END and lexer.source.reader is None
        if not node.commands or shell.options.noexec and not shell.interactive:
            continue
        shell.commands += counted
        tail = may_replace and lexer.at_end()
        try:
            compiler = Compiler(lexer.source, shell.as_bash('lines'))
            action = compiler.command(node, tail)
            if kept is not None:
                if kept.add(shell, known, action, lexer):
                    known += 1
                else:
                    kept = None
            status = shell.status = action(shell)
        except StopExecuting:
            if not script:
                raise
            status = shell.status = 0
            recover(shell)
        except ExpansionError as error:
            status = survive(shell, error, depths)
        except AssignmentError as error:
            status = survive(shell, error, depths)
        if shell.options.onecmd and script and not shell.invocation:
            return status


def expanding_parser(shell: Shell, lexer: Lexer) -> Parser:
    """A parser of the rest of a script, in which `!!` and the like are replaced (`set -H`)."""
    from minishell.builtins.historylist import begin
    from minishell.run.expandinglines import expanding_source
    begin(shell)
    source = expanding_source(shell, lexer.source.rest(lexer.pos), lambda: parser.lexer.source)
    parser = Parser(source, shell.aliases, lexer.warn, OptionGrammar(shell))
    return parser


def parse_specially(shell: Shell, parser: Parser, script: bool) -> CommandList | None:
    """The next complete command, its text written to standard error (`set -v`), or into the
    history list (`set -o history` in the file of a script)."""
    lexer = parser.lexer
    try:
        return parser.parse_complete_command()
    finally:
        text = lexer.text[lexer.begin:lexer.pos]
        if text and shell.options.verbose:
            shell.tell(text.removesuffix('\n'))
        if script and shell.options.history and shell.invocation != 'c' and text.strip('\n'):
            from minishell.builtins.historylist import enter
            enter(shell, text)


def run_text(shell: Shell, text: str, what: str) -> int:
    """Run the operands of eval, or the action of a trap, in the current environment."""
    at, nested = shell.at, what != 'exit trap'
    shell.nesting += nested
    try:
        return run_again(shell, text, shell.name, at[0])
    except FatalError as error:
        shell.report(error)             # while it is known where that is
        raise
    except ShellSyntaxError as error:
        if not error.runner and error.name == shell.name:
            error.runner, error.name = what, shell.calls[-1][1] if shell.calls else shell.name
        raise
    finally:
        shell.nesting -= nested
        shell.at = at


def run_again(shell: Shell, text: str, name: str, line: int, file: bool = False) -> int:
    """Run a text of eval or a trap, or a dot script `file`, as run_source does.

    What comes again at the same place is kept compiled, from the second time on: what comes
    once would only be more for the garbage collector to see.
    """
    key = text, line, name
    kept = shell.texts.get(key)
    if kept is None or not kept.fits(shell):
        options = shell.options
        if key not in shell.texts or options.verbose or options.noexec:
            if len(shell.texts) >= MOST_TEXTS:
                shell.texts.clear()
            if len(text) < LONGEST_TEXT:
                shell.texts[key] = None
            return run_source(shell, Source(text, name, line), file=file)
        from minishell.state.kept import KeptText
        kept = shell.texts[key] = KeptText(shell)
    return run_kept(shell, kept, text, name, line, file)


def run_kept(shell: Shell, kept: KeptText, text: str, name: str, line: int,
             file: bool) -> int:
    """Run what is kept of a text while it would be read the same way, then the rest, and keep
    that."""
    depths = depths_of(shell)
    status = known = 0
    for action in kept.actions:         # a run inside of this one may add some
        if known and not kept.fits(shell):
            break
        known += 1
        try:
            status = shell.status = action(shell)
        except ExpansionError as error:
            status = survive(shell, error, depths)
        except AssignmentError as error:
            status = survive(shell, error, depths)
    else:
        if kept.complete:
            return status
    if known:
        text, pos, line = kept.ends[known - 1]
        text, file = text[pos:], False
    parser = make_parser(shell, Source(text, name, line), file)
    try:
        return run_commands(shell, parser, kept=kept, known=known, status=status)
    finally:
        parser.finish()


def run_file(shell: Shell, path: str) -> int:
    """Run a dot script; messages name it while it runs."""
    try:
        text = shell.at_once(read_script, path)
    except OSError as error:
        raise FatalError(f'{path}: {error.strerror}') from None
    name, at, loops = shell.name, shell.at, shell.loop_depth
    shell.name = path
    shell.nesting += 1
    shell.calls.append(('source', path, at))
    try:
        return run_again(shell, text, path, 1, True)
    except FatalError as error:
        shell.report(error)
        raise
    finally:
        shell.nesting -= 1
        shell.calls.pop()
        shell.name, shell.at, shell.loop_depth = name, at, loops


def read_script(path: str) -> str:
    """The text of a script.  Raises OSError."""
    return decode(read_file(path))


def decode(data: bytes) -> str:
    """Source text from bytes: NULs are dropped, bytes that are no UTF-8 kept apart."""
    return decoded(data.replace(b'\0', b''))


def evaluate(shell: Shell, text: str) -> int:
    """The value of an arithmetic expression (XCU 2.6.4).  Raises ExpansionError."""
    from minishell.compile.arithmetic import evaluate
    return evaluate(shell, text)


def load_all() -> None:
    """Import every module: later there may be no descriptor to read code with."""
    from minishell.compile.loading import load_all
    load_all()


def expand_prompt(shell: Shell, text: str) -> str:
    """A prompt as it is shown (PS1, PS2, PS4)."""
    if '$' not in text and '`' not in text and '\\' not in text:
        return text
    from minishell.run.prompt import decode_prompt
    return decode_prompt(shell, text)


def expand_text(shell: Shell, text: str) -> str:
    """Text expanded as inside double-quotes (ENV)."""
    if '$' not in text and '`' not in text and '\\' not in text:
        return text
    from minishell.compile.texts import expand_text
    return expand_text(shell, text)


def point_out(shell: Shell, error: ShellError) -> None:
    """Show on a terminal where an error is that is about a text, not about a utility."""
    if isinstance(error, FatalError | ShellSyntaxError):
        from minishell.pointing import point_out
        point_out(shell, error)


def expand_words(shell: Shell, text: str) -> list[str]:
    """The words of text expanded (compgen -W)."""
    from minishell.compile.texts import expand_words
    return expand_words(shell, text)


def expand_key(shell: Shell, text: str, given: bool) -> str:
    """The text of a subscript that is a key, expanded as in a script (bash); one that a
    utility was `given` has been expanded already if `shopt -s assoc_expand_once` says so.
    Raises ExpansionError, ShellSyntaxError."""
    if given and 'assoc_expand_once' in shell.shopts:
        return text
    from minishell.compile.words import compile_text
    from minishell.syntax.parser import subscript_of
    source = Source(text, shell.name, shell.line)
    return compile_text(subscript_of(text), Compiler(source))(shell)


# -- the main loop ------------------------------------------------------------------------


def run_script(shell: Shell, source: Source, may_replace: bool = False,
               before: Callable[[Shell], None] | None = None, file: bool = False) -> int:
    """Run a script to its end; returns the exit status of the shell, the EXIT trap run."""
    from minishell.run.ending import conclude

    def run(shell: Shell) -> int:
        if before is not None:
            before(shell)
        return run_source(shell, source, may_replace, True, file)
    return conclude(shell, run)


def depths_of(shell: Shell) -> Depths:
    """How deep in loops, functions and conditions the shell is."""
    return (shell.loop_depth, shell.function_depth, shell.condition_depth,
            shell.source_depth, len(shell.trap_status))


def survive(shell: Shell, error: ShellError, depths: Depths) -> int:
    """An error in an expansion or an assignment ends a script (XCU 2.8.1), of bash only the
    line, unless it is about a parameter that is not set.  Raises it, or returns `$?`."""
    lines = shell.invocation == 'c' if shell.interactive else \
        error.lines or shell.as_bash('expansion errors')
    if not lines or shell.subshell or shell.elided:
        raise error                     # a subshell ends, also if it is in eval
    if type(error) is UnsetError and not shell.interactive:
        if shell.invocation == 'c' and not shell.options.errexit:
            error.status = NOT_FOUND
        raise error
    from minishell.run.failures import ends_here
    if ends_here(shell, error) or type(error) is TooManyError and (
            shell.nesting or shell.invocation == 'c'):
        raise error
    (shell.loop_depth, shell.function_depth, shell.condition_depth, shell.source_depth,
     known) = depths
    del shell.trap_status[known:]
    shell.out.pieces.clear()
    shell.report(error)
    return shell.status


def run_interactive(shell: Shell, source: Source, before_prompt: Callable[[], None],
                    begin: Callable[[Shell], None] | None = None,
                    before_command: Callable[[], None] = lambda: None) -> int:
    """Run commands as they are typed, behind what `begin` runs (the file of ENV); errors cost
    the line, not the shell."""
    from minishell.run.ending import TOO_DEEP, conclude
    from minishell.state.history import History
    history = shell.history = History(shell.variables)
    shell.options.history = True        # until `set +o history`
    if source.reader is not None:
        source.reader = history.recording(source.reader)
    parser = make_parser(shell, source)
    lexer = parser.lexer
    ignored = 0         # ends of input in a row

    def run_next() -> bool:
        """Read and run a complete command; false if the shell is to be left."""
        nonlocal ignored
        before_prompt()
        node = parser.parse_complete_command()
        history.end_command(shell.options.history and (
            not shell.options.nolog or not only_functions(node)))
        shell.leave_asked = max(shell.leave_asked - 1, 0)
        if node is None:
            if not shell.may_leave():
                return True
            most = decimal(shell.variables.get('IGNOREEOF') or '')
            if not shell.options.ignoreeof or ignored >= (ENDS if most is None else most):
                if 'login_shell' in shell.shopts:
                    from minishell.run.logout import read_logout
                    read_logout(shell)
                return False
            ignored += 1
            print_error('Use "exit" to leave the shell.')
            return True
        ignored = 0
        if shell.pending:               # Ctrl-C behind Enter: the line is not run
            shell.run_pending_traps()
        if node.commands:
            before_command()
            shell.commands += 1
            shell.status = Compiler(lexer.source, shell.as_bash('lines')).command(node)(shell)
        if shell.pending:
            shell.run_pending_traps()
        if shell.subshell:              # a child that `fork` has made
            return False
        return not shell.options.onecmd

    def survive_next() -> bool:
        """Run the next command; false at the end.  An error costs the command only."""
        try:
            return run_next()
        except ReadError:
            raise                       # the end (XCU 2.8.1, note 5)
        except ShellError as error:
            if shell.subshell:
                raise
            recover(shell)
            history.end_command(shell.options.history)
            if isinstance(error, ShellSyntaxError):
                (lexer.drop_input if error.incomplete else lexer.drop_line)()
            shell.report(error)
        except (RecursionError, MemoryError) as error:
            if shell.subshell:
                raise
            recover(shell)
            lexer.drop_line()
            shell.status = 2
            shell.warn(TOO_DEEP if isinstance(error, RecursionError) else 'out of memory')
        return True

    def run(shell: Shell) -> int:
        begun = False
        while True:
            try:
                if not begun:
                    begun = True
                    (begin or read_env)(shell)
                if not survive_next():
                    return shell.status
            except Interrupted as interrupted:
                if shell.subshell:
                    raise
                shell.signals.forget(SIGINT)
                shell.status = interrupted.status
                history.end_command(False)
                lexer.drop_input()
                recover(shell)
                if not interrupted.shown:
                    end_line()
    status = conclude(shell, run)
    if shell.subshell:                  # the rest of the way is the parent's
        posix._exit(status & 0xFF)
    return status


def end_line() -> None:
    """Behind the ^C that a terminal shows; another one ends it, if the terminal is stopped."""
    try:
        print_error('')
    except Interrupted:
        pass


def read_env(shell: Shell) -> None:
    """Run the file that ENV names, as an interactive shell begins (XCU 2.5.3, ENV)."""
    value = shell.variables.get('ENV')
    if value and not shell.options.privileged \
            and posix.getuid() == posix.geteuid() and posix.getgid() == posix.getegid():
        read_first(shell, shell.expand_text(value))


def read_first(shell: Shell, *paths: str) -> None:
    """Run the first of the files that is there, as the shell begins; errors cost no more than
    the file."""
    for path in paths:
        if not posix.access(path, posix.R_OK):
            continue
        shell.source_depth += 1
        try:
            shell.run_file(path)
        except Return:
            pass
        except ShellError as error:
            shell.report(error)
            recover(shell)
        finally:
            shell.source_depth = 0
        return


def only_functions(node: CommandList | None) -> bool:
    """Whether a complete command does nothing but define functions (`set -o nolog`)."""
    from minishell.syntax.nodes import FunctionDefinition
    return node is not None and bool(node.commands) and all(
        type(command) is FunctionDefinition for command in node.commands)


def recover(shell: Shell) -> None:
    """Leave every loop, function and condition that an error has unwound."""
    shell.loop_depth = shell.function_depth = shell.condition_depth = 0
    shell.source_depth = 0
    shell.trap_status.clear()
    shell.out.pieces.clear()
