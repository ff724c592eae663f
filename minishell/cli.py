"""The command line: decides what to run, and how (XCU 3, sh)."""
from __future__ import annotations

import gc
import posix
import sys

from minishell.codec import encoded, is_binary
from minishell.errors import BuiltinError, ReadError, UsageError
from minishell.session import LONG_SCRIPTS, build_shell, decode, read_script, run_script
from minishell.state.options import LETTERS, NAMES, named
from minishell.syntax.names import decimal
from minishell.syntax.source import Source
from minishell.system.blocking import make_blocking, read_some, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from minishell.state.shell import Shell

MANY_OBJECTS = 1_000_000
VERSION = '0.1.0'
USAGE = """\
usage: minishell [options] [file [argument...]]
       minishell [options] -c string [name [argument...]]
       minishell [options] -s [argument...]

Options, as for set, with - on and with + off:
  -a allexport   -b notify    -B braceexpand -C noclobber -e errexit  -f noglob
  -h hashall     -k keyword   -m monitor     -n noexec    -p privileged
  -P physical    -t onecmd    -u nounset     -v verbose   -x xtrace
  -E errtrace    -T functrace -H histexpand (of bash: `!` at a prompt)
  -o NAME        -O NAME: options of shopt; without a name they are printed
At start only:
  -c string      run the string           -i  interactive: prompt, survive errors
  -s             read standard input      --  end of options
  -l, --login    a login shell: reads profile files; its jobs get SIGHUP when it ends
  --noprofile    without profile files
  --norc         without ~/.config/minishell/rc.sh, in bash mode ~/.bashrc
  --rcfile FILE, --init-file FILE          instead of these and of ENV
  --bash         bash mode: its ways where it departs from POSIX   --posix
  -D, --dump-strings, --dump-po-strings     print the strings $"..." of the script
  --pretty-print                            print the script, laid out anew
  --trace=FILE   trace the script, as trace -o FILE does
  --noediting, --no-editor                 a plain line reader at the prompt
  --help         this text                --version
"""
BLOCK = 65536
SCRIPT = 255            # the descriptor of a script, as in bash: `{x}>f` begins with 10
LONG = frozenset((      # of bash, which takes them with one hyphen, too
    'dump-po-strings', 'dump-strings', 'init-file', 'login', 'noediting', 'noprofile', 'norc',
    'posix', 'pretty-print', 'rcfile', 'verbose'))
SETTINGS = frozenset((      # of the environment, that hold options
    b'SHELLOPTS', b'BASHOPTS', b'POSIXLY_CORRECT', b'IGNOREEOF', b'BASH_COMPAT'))
NOT_SUPPORTED = ('--debug', '--debugger', '--restricted', '--rpm-requires',
                 '--wordexp')
BASH_LICENCE = 'This is minishell {} in bash mode: no part of GNU bash.\n'
STAT_IGNORED = 30       # the field of /proc/PID/stat, counted behind the name
LAUNCHERS = ('', 'sh', 'dash', 'bash', 'busybox')


class CommandLine:
    """What the arguments say."""

    __slots__ = ('changes', 'shopts', 'listed', 'dumped', 'command', 'stdin', 'interactive',
                 'editor', 'login', 'profile', 'rc', 'file', 'trace', 'arg0', 'operands')

    def __init__(self) -> None:
        self.changes: list[tuple[str, bool]] = []
        self.shopts: list[tuple[str, bool]] = []        # -O, +O
        self.listed: list[str] = []     # -O, +O, -o, +o without a name: what they print
        self.dumped = ''                # --dump-strings, --dump-po-strings, --pretty-print
        self.command = False            # -c
        self.stdin = False              # -s
        self.interactive: bool | None = None        # None: if it talks to a terminal
        self.editor = True
        self.login = False              # -l: its jobs end with it
        self.profile = self.rc = True   # unless --noprofile, --norc
        self.file = ''                  # --rcfile
        self.trace = ''                 # --trace: the file for the story
        self.arg0 = ''                  # by what name the shell was started
        self.operands: list[str] = []


def parse_command_line(args: list[str]) -> CommandLine:
    """Take the arguments apart.  Raises UsageError."""
    line = CommandLine()
    index = 0
    while index < len(args):
        word = args[index]
        if len(word) < 2 and word != '-' or word[0] not in '-+':
            break
        index += 1
        if word in ('-', '--'):
            break
        if word.startswith('--') or word[1:] in LONG:
            word = '--' + word.lstrip('-')
            index = take_long_option(line, word, args, index)
            continue
        on = word[0] == '-'
        for letter in word[1:]:
            if letter in 'oO' and index >= len(args):
                line.listed.append(word[0] + letter)
            elif letter == 'D':
                line.dumped = '--dump-strings'
            elif letter == 'o':
                if index >= len(args) or named(args[index]) not in NAMES:
                    name = args[index] if index < len(args) else ''
                    raise UsageError(f'{name}: invalid option name')
                line.changes.append((named(args[index]), on))
                index += 1
            elif letter == 'O':
                from minishell.builtins.shopt import NAMES as SHOPTS
                name = args[index] if index < len(args) else ''
                if name not in SHOPTS:
                    raise UsageError(f'{name}: invalid shell option name')
                line.shopts.append((name, on))
                index += 1
            elif letter == 'c':
                line.command = True         # +c too, as everywhere
            elif letter == 's':
                line.stdin = on
            elif letter == 'i':
                line.interactive = on
            elif letter in LETTERS:
                line.changes.append((LETTERS[letter], on))
            elif letter == 'l':
                line.login = on
            else:
                raise UsageError(f'{word[0]}{letter}: invalid option')
    line.operands = args[index:]
    return line


def take_long_option(line: CommandLine, word: str, args: list[str], index: int) -> int:
    """An option that begins with --; returns where the next word is.  Raises UsageError."""
    if word in ('--bash', '--posix', '--verbose'):
        line.changes.append((word[2:], True))
    elif word in ('--no-editor', '--noediting'):
        line.editor = False
    elif word == '--login':
        line.login = True
    elif word == '--norc':
        line.rc = False
    elif word == '--noprofile':
        line.profile = False
    elif word in ('--rcfile', '--init-file'):
        if index == len(args):
            raise UsageError(f'{word}: option requires an argument')
        line.file = args[index]
        index += 1
    elif word in ('--dump-strings', '--dump-po-strings', '--pretty-print'):
        line.dumped = word
    elif word.startswith('--trace='):
        line.trace = word.partition('=')[2]
    elif word in NOT_SUPPORTED:
        raise UsageError(f'{word}: not supported')
    else:
        raise UsageError(f'{word}: invalid option')
    return index


def main(argv: list[str]) -> NoReturn:
    """Run the shell with sys.argv; ends the process."""
    # Python does not start on a directory: the launcher has put it on another descriptor.
    if 'stdin' in sys._xoptions:
        aside = int(sys._xoptions['stdin'])
        from minishell.system.descriptors import move
        move(aside, 0)
    # Trees are big and have no cycles, and what a command leaves has hardly any: with
    # Python's own threshold (700) parsing 10,000 lines took 1.7 times as long, with 100,000
    # 1.1 times.
    gc.set_threshold(MANY_OBJECTS)
    args = argv[1:]
    arg0, ignored = 'minishell', 0
    while args and args[0][:7] in ('--arg0=', '--stat=', '--envs='):    # the launcher's
        option, _, value = args.pop(0).partition('=')
        if option == '--arg0':
            arg0 = value                # that of a link comes last
        elif option == '--stat':
            ignored = take_over(value)
        elif value:
            take_back(value)
    as_bash = args[:1] == ['--bash'] or arg0.rpartition('/')[2] == 'bash'
    if args[as_bash and args[:1] == ['--bash']:][:1] == ['--version']:
        finish(lambda: say(version(as_bash)))
    if args[as_bash and args[:1] == ['--bash']:][:1] == ['--help']:
        finish(lambda: say(USAGE))
    finish(lambda: start(args, arg0, ignored))


def version(as_bash: bool) -> str:
    """What `--version` prints; in bash mode what scripts look for comes first."""
    if not as_bash:
        return f'minishell {VERSION}\n'
    from minishell.bashmode import BASH_VERSION
    return f'GNU bash, version {BASH_VERSION} ({posix.uname().machine}-pc-linux-gnu)\n' \
        + BASH_LICENCE.format(VERSION)


def take_over(stat: str) -> int:
    """Take the launcher's name in `ps`, given its line of /proc/PID/stat, unless it is a
    shell's; returns the mask of the signals it found ignored, 0 if the line is unusable."""
    name, closing, rest = stat.partition('(')[2].rpartition(')')
    fields = rest.split()
    ignored = decimal(''.join(fields[STAT_IGNORED:STAT_IGNORED + 1]))
    if not closing or ignored is None:
        return 0
    if name not in LAUNCHERS:
        set_process_name(name)
    return ignored


def take_back(entries: str) -> None:
    """Put entries into the environment that the launcher's shell has dropped."""
    for entry in encoded(entries).split(b'\1')[:-1]:
        name, equals, value = entry.partition(b'=')
        if equals:
            posix.environ.setdefault(name, value)


def set_process_name(name: str) -> None:
    """Go by this name in `ps` and `pgrep`; without /proc nothing happens."""
    try:
        write_file('/proc/self/comm', encoded(name))
    except OSError:
        pass


def console() -> NoReturn:
    """The installed command `minishell`."""
    from minishell.system.signals import signals_before_shell
    signals_before_shell()            # as __main__.py does
    main([sys.argv[0], f'--arg0={sys.argv[0]}', *sys.argv[1:]])


def finish(run: Callable[[], int]) -> NoReturn:
    """End the process with a status; nothing of Python's own is left to do."""
    status = 2
    try:
        status = run()
    except Exception as error:          # before there is a shell that would tell
        complain(f'internal error: {type(error).__name__}: {error}')
    finally:
        posix._exit(status & 0xFF)


def say(text: str) -> int:
    """Print to standard output; 1 if that fails."""
    try:
        posix.write(1, text.encode())
    except OSError as error:
        complain(f'write error: {error.strerror}')
        return 1
    return 0


def complain(message: str, arg0: str = '') -> None:
    """An error before there is a shell, which goes by the name of bash if it has that."""
    from minishell.system.blocking import print_error
    name = arg0 if arg0.rpartition('/')[2] in ('bash', '-bash') else 'minishell'
    print_error(f'{name}: {message}')


def start(args: list[str], arg0: str, ignored: int) -> int:
    """Run what the arguments ask for; returns the exit status."""
    try:
        line = parse_command_line(args)
        if line.command and not line.operands:
            raise UsageError('-c: option requires an argument')
    except UsageError as error:
        complain(error.message, arg0)
        posix.write(2, USAGE.encode())
        return error.status
    name = arg0.rpartition('/')[2].removeprefix('-')
    if name in ('sh', 'bash'):
        line.changes.insert(0, ('posix' if name == 'sh' else name, True))
    line.login |= arg0[:1] == '-'
    line.arg0 = launched = arg0.removeprefix('-')
    operands = line.operands
    text = path = None
    if line.command:
        text = operands.pop(0)
        arg0 = operands.pop(0) if operands else arg0
    elif operands and not line.stdin:
        path = arg0 = operands.pop(0)
    shell = build_shell(arg0, posix.environ, ignored)
    shell.positional = operands
    shell.restart = restart_argv()
    shell.options.stdin = text is None and path is None
    interactive = line.interactive
    if interactive is None:
        interactive = shell.options.stdin and posix.isatty(0) and posix.isatty(2)
    if shell.adopts():
        shell.signals.handle_children()
    if interactive:
        shell.signals.begin_job_control()
    shell.interactive = interactive and shell.options.stdin
    shell.options.emacs = interactive   # unless vi is asked for
    for name, on in line.changes:
        shell.set_option(name, on)
    for name, on in line.shopts:
        shell.set_shopt(name, on)
    if line.login:
        shell.shopts.add('login_shell')
    if not SETTINGS.isdisjoint(posix.environ):
        from minishell.startfiles import import_settings
        import_settings(shell)
    if shell.bash:
        from minishell.bashmode import begin_bash_mode
        begin_bash_mode(shell, launched, interactive)
    for listed in line.listed:
        show_options(shell, listed)
    if line.dumped:
        return print_script(shell, line, text, path)

    def run() -> int:
        return run_shell(shell, line, text, path, interactive)
    if not line.trace:
        return run()
    if interactive:
        complain('--trace: not at a prompt, where there is the utility trace', launched)
        return 2
    from minishell.glass.trace import trace_shell
    try:
        return trace_shell(shell, text or ' '.join([arg0, *operands]), line.trace, run)
    except BuiltinError as error:
        complain(f'--trace: {error.message}', launched)
        return error.status


def run_shell(shell: Shell, line: CommandLine, text: str | None, path: str | None,
              interactive: bool) -> int:
    """Run a string, a script file, or what comes from standard input."""
    if text is not None:
        shell.invocation = 'c'
        shell.variables.values['BASH_EXECUTION_STRING'] = text
        if interactive:
            shell.become_interactive()
        return run_script(shell, Source(text, shell.name), True, start_files(shell, line))
    if path is not None:
        return run_file(shell, path, interactive, line)
    if interactive:
        from minishell.interactive.loop import run
        given = {name for name, _ in line.changes}
        begin = start_files(shell, line)
        assert begin is not None
        return run(shell, line.editor, given, line.login, begin)
    return run_script(shell, Source('', shell.arg0, 1, stdin_reader(shell)), False,
                      start_files(shell, line))


def print_script(shell: Shell, line: CommandLine, text: str | None, path: str | None) -> int:
    """Print a script, or its strings, instead of running it.  Returns the exit status."""
    from minishell.dumping import dump, print_anew
    try:
        script = text if text is not None else read_script(path or '/dev/stdin')
    except OSError as error:
        return complain_of_script(path or 'standard input', error, line.arg0)
    source = Source(script, shell.arg0 if text is None else '-c')
    status = print_anew(shell, source) if line.dumped == '--pretty-print' \
        else dump(shell, source, line.dumped == '--dump-po-strings')
    return write_collected(shell) or status


def complain_of_script(path: str, error: OSError, arg0: str) -> int:
    """Say why there is no script to be read; returns the status (XCU 3, sh)."""
    from errno import ENOENT
    complain(f'{path}: {error.strerror}', arg0)
    return 127 if error.errno == ENOENT else 126


def show_options(shell: Shell, option: str) -> None:
    """What `-O`, `+O`, `-o`, `+o` without a name print."""
    if option[1] == 'O':
        from minishell.builtins.shopt import shopt
        shopt(shell, ['shopt', '-p'] if option[0] == '+' else ['shopt'])
    else:
        from minishell.state.options import write_options
        write_options(shell, option[0] == '-')
    write_collected(shell)


def write_collected(shell: Shell) -> int:
    """Write what has been printed before any command; 1 if that fails."""
    try:
        shell.out.flush()
    except OSError as error:
        complain(f'write error: {error.strerror}')
        return 1
    return 0


def start_files(shell: Shell, line: CommandLine) -> Callable[[Shell], None] | None:
    """What reads the files that come before the commands; None if there are none."""
    if not (line.login or shell.bash or line.interactive or shell.interactive):
        return None
    from minishell.startfiles import StartFiles
    files = StartFiles()
    files.login, files.profile, files.rc = line.login, line.profile, line.rc
    files.file = line.file
    return files


def restart_argv() -> list[str]:
    """What starts this shell again, from whatever directory, up to its own arguments."""
    given = len(sys.orig_argv) - len(sys.argv) + 1
    words = [sys.executable, *sys.orig_argv[1:given]]
    if words[-1][:1] != '/':
        if words[-2] == '-m':           # found where Python has looked for modules
            words[-2:] = [sys.argv[0]]
        else:
            try:
                words[-1] = f'{posix.getcwd()}/{words[-1]}'
            except OSError:             # the directory has been removed
                pass
    return words


# -- script files ---------------------------------------------------------------------


def run_file(shell: Shell, path: str, interactive: bool, line: CommandLine) -> int:
    """Run a script file; 127 if there is none, 126 if it cannot be read (XCU 3, sh).  Unless
    the dialect has been chosen, its first line may do so."""
    from errno import ENOENT
    try:
        fd = shell.at_once(posix.open, path, posix.O_RDONLY | posix.O_CLOEXEC)
        start = shell.at_once(read_some, fd, BLOCK)
    except OSError as error:
        if error.errno == ENOENT and '/' not in path:
            found = shell.search.look(path)
            if found is not None:
                return run_file(shell, found, interactive, line)
        return complain_of_script(path, error, line.arg0)
    except ValueError:
        complain(f'{path!r}: not a file name', line.arg0)
        return 127
    if is_binary(start[:256]):
        complain(f'{path}: cannot execute binary file', line.arg0)
        return 126
    if start[:2] == b'#!' and not any(name in ('bash', 'posix') for name, _ in line.changes):
        from minishell.state.dialect import names_bash
        if names_bash(start):
            shell.set_option('bash', True)
            from minishell.bashmode import begin_bash_mode
            begin_bash_mode(shell, line.arg0, interactive)
    if interactive:
        shell.become_interactive()
    shell.calls.append(('main', shell.arg0, shell.at))
    cell = shell.descriptors.keep(fd, SCRIPT)
    reader = file_reader(shell, cell, start)
    if interactive:
        from minishell.session import run_interactive
        return run_interactive(shell, Source('', shell.arg0, 1, reader), lambda: None,
                               start_files(shell, line))
    from minishell.state.search import FORMAT, REGULAR
    stat = posix.fstat(cell[0])
    if stat.st_mode & FORMAT != REGULAR or stat.st_size not in LONG_SCRIPTS:
        return run_script(shell, Source('', shell.arg0, 1, reader), False,
                          start_files(shell, line))
    text = start + posix.read(cell[0], max(stat.st_size - len(start), 0))
    end = text.rfind(b'\n') + 1
    reader = file_reader(shell, cell, text[end:])          # it may grow
    return run_script(shell, Source(decode(text[:end]), shell.arg0, 1, reader), False,
                      start_files(shell, line), file=True)


def file_reader(shell: Shell, cell: list[int], start: bytes) -> Callable[[bool], str]:
    """A reader of whole lines, in blocks, from the script's descriptor, behind `start`."""
    rest = start
    ended = False

    def read(inside: bool) -> str:
        nonlocal rest, ended
        blocks = [rest]
        while not ended and b'\n' not in blocks[-1]:
            try:
                blocks.append(shell.at_once(read_some, cell[0], BLOCK))
            except OSError as error:
                raise ReadError(f'read error: {error.strerror}') from None
            ended = not blocks[-1]
        rest = b''.join(blocks)
        if ended:
            text, rest = rest, b''
        else:
            end = rest.rindex(b'\n') + 1
            text, rest = rest[:end], rest[end:]
        return decode(text)

    def read_rest() -> None:
        nonlocal rest, ended
        blocks = [rest]
        while not ended:
            blocks.append(shell.at_once(read_some, cell[0], BLOCK))
            ended = not blocks[-1]
        rest = b''.join(blocks)
    shell.parts['rest'] = read_rest
    return read


def stdin_reader(shell: Shell) -> Callable[[bool], str]:
    """A reader of single lines from standard input, no byte more (XCU 3, sh, STDIN).  Traps
    run while it waits for a line."""
    from minishell.system.lines import read_line
    signals = shell.signals
    shell.parts['rest'] = None          # two shells cannot both read it
    try:
        make_blocking(0)
    except OSError:                     # closed
        pass

    def read(inside: bool) -> str:
        try:
            if signals.handles_any():
                while not signals.wait_readable(0):
                    shell.act()
            data, found = shell.at_once(read_line, 0, b'\n', None)
        except OSError as error:
            from errno import EBADF
            if error.errno == EBADF:    # the script has closed it
                return ''
            raise ReadError(f'standard input: {error.strerror}') from None
        return decode(data) + '\n' * found
    return read
