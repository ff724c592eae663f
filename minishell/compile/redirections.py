"""Redirections -> specs -> descriptor actions (XCU 2.7).

Three stages: the redirection as parsed; its *spec* (descriptor, operator, expanded target);
the opened *action* of `system/descriptors.py`, which the shell applies to itself and undoes,
or passes to a child.
"""
from __future__ import annotations

import posix
from errno import EEXIST

from minishell.compile.simple import call_builtin
from minishell.compile.words import (
    compile_parts_text,
    compile_text,
    may_have_braces,
    static_parts,
)
from minishell.errors import RedirectionError
from minishell.state.search import FORMAT, REGULAR
from minishell.state.shell import Output
from minishell.syntax.names import MOST_DESCRIPTOR, decimal, is_decimal
from minishell.syntax.nodes import HereDocument, Literal
from minishell.system.descriptors import (
    CLOSE,
    close,
    close_owned,
    is_open,
    is_open_for,
    open_file,
    open_text,
    raise_high,
)
from minishell.system.lines import ReadAhead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.compile.simple import Builtin
    from minishell.compile.words import Text
    from minishell.state.shell import Shell
    from minishell.syntax.nodes import AnyRedirection, Word
    from minishell.syntax.source import Source
    from minishell.system.descriptors import Action, Saved

    Spec = tuple[int, str, str]         # descriptor, operator, expanded target
    Specs = Callable[[Shell], list[Spec]]

FIFO = 0o010000                         # S_IFIFO
WRITE = posix.O_WRONLY | posix.O_CREAT
FLAGS = {
    '<': posix.O_RDONLY,
    '>': WRITE | posix.O_TRUNC,
    '>|': WRITE | posix.O_TRUNC,
    '>>': WRITE | posix.O_APPEND,
    '<>': posix.O_RDWR | posix.O_CREAT,
}


class Unmoved(str):
    """A word such as `3-` that is no descriptor to be moved."""


def compile_redirections(nodes: Sequence[AnyRedirection], source: Source) -> Specs:
    """A closure that expands the targets of redirections, in order."""
    parts = []
    for node in nodes:
        operator = '<<' if isinstance(node, HereDocument) else node.operator
        named = node.descriptor
        fd = named if type(named) is int else 0 if operator[0] == '<' else 1
        if type(named) is str:
            from minishell.compile.located import Located
            fd = Located(named)
        if isinstance(node, HereDocument):
            static = static_parts(node.body.parts)
            text = compile_parts_text(node.body.parts, source, True)
        else:
            static = static_parts(node.target.parts)
            text = compile_text(node.target, source)
            if operator[1:] == '&':
                if operator == '>&' and node.descriptor in (None, 1):
                    operator = '&>'     # may name a file: bash's `>&file`
                if static is None and not _ends_in_dash(node.target):
                    text = _unmoved(text)
            elif operator == '<<<':     # bash's here-string
                operator = '<<'
                static, text = None if static is None else static + '\n', _line(text)
            if operator != '<<' and may_have_braces(node.target):
                from minishell.compile.braces import compile_target
                static, text = None, compile_target(node.target, source)
        parts.append((fd, operator, text, static))
    if all(static is not None for _, _, _, static in parts):
        constant = [(fd, operator, static or '') for fd, operator, _, static in parts]
        return lambda shell: constant
    return lambda shell: [(fd, operator, text(shell)) for fd, operator, text, _ in parts]


def _ends_in_dash(word: Word) -> bool:
    last = word.parts[-1]
    return type(last) is Literal and last.text[-1] == '-'


def _unmoved(text: Text) -> Text:
    """Text: a descriptor that is expanded; `>&$x` moves none, whatever x is."""
    def run(shell: Shell) -> str:
        target = text(shell)
        return Unmoved(target) if target[-1:] == '-' and moved_from(target) else target
    return run


def _line(text: Text) -> Text:
    return lambda shell: text(shell) + '\n'


def open_spec(shell: Shell, spec: Spec) -> list[Action]:
    """Open what a spec names; most specs give one action.  Raises RedirectionError."""
    fd, operator, target = spec
    if type(fd) is not int:
        from minishell.compile.located import open_located
        return open_located(shell, spec)
    if operator == '<<':
        try:
            return [(fd, open_text(target), True)]
        except OSError as error:
            raise RedirectionError(f'here-document: {error.strerror}') from None
    if operator == '&>>':
        return [(1, _open(shell, '>>', target), True), (2, 1, False)]
    if operator in ('<&', '>&', '&>'):
        return _duplicate(shell, fd, operator, target)
    return [(fd, _open(shell, operator, target), True)]


def _duplicate(shell: Shell, fd: int, operator: str, target: str) -> list[Action]:
    if target == '-':
        return [(fd, CLOSE, False)]
    source = decimal(target)
    if source is not None:
        if source == fd:                # nothing to do, open or not (as everywhere)
            return []
        if source > MOST_DESCRIPTOR or shell.descriptors.is_own(source) or not is_open(source):
            raise RedirectionError(f'{target}: Bad file descriptor')
        _check_access(shell, operator, source, target)
        return [(fd, source, False)]
    moved = moved_from(target)
    if type(target) is Unmoved:
        target = str(target)
    elif moved:
        return [*_duplicate(shell, fd, operator, moved),
                *([(int(moved), CLOSE, False)] if int(moved) != fd else [])]
    if operator != '&>':
        raise RedirectionError(f'{target}: ambiguous redirect')
    return [(1, _open(shell, '>', target), True), (2, 1, False)]


def moved_from(target: str) -> str:
    """The number in bash's `>&n-`, which moves a descriptor; '' if target is none."""
    number = target[:-1]
    return number if target[-1:] == '-' and is_decimal(number) else ''


def _check_access(shell: Shell, operator: str, source: int, target: str) -> None:
    """XCU 2.7.5, 2.7.6: what is duplicated must be open for input, for output.  Only in
    POSIX mode: other shells do not look.  Raises RedirectionError."""
    if shell.options.posix and not is_open_for(source, operator == '<&'):
        raise RedirectionError(
            f"{target}: not open for {'input' if operator == '<&' else 'output'}")


def _open(shell: Shell, operator: str, path: str) -> int:
    if type(path) is not str:           # Ambiguous, of compile/braces.py
        raise RedirectionError(f'{path}: ambiguous redirect')
    try:
        if operator == '>' and shell.options.noclobber:
            return shell.at_once(_open_unclobbered, path)
        return shell.at_once(open_file, path, FLAGS[operator])      # it may be a FIFO
    except OSError as error:
        raise RedirectionError(f'{path}: {error.strerror}') from None
    except ValueError:
        raise RedirectionError(f'{path!r}: not a file name') from None


def _open_unclobbered(path: str) -> int:
    """`>` under `set -C`: never truncates a regular file, not even in a race."""
    try:
        return open_file(path, WRITE | posix.O_EXCL)
    except OSError as error:
        if error.errno != EEXIST:
            raise
    fd = open_file(path, posix.O_WRONLY)
    if posix.fstat(fd).st_mode & FORMAT == REGULAR:
        close(fd)
        raise RedirectionError(f'{path}: cannot overwrite existing file')
    return fd


# -- for the shell itself -----------------------------------------------------------


def apply(shell: Shell, specs: list[Spec]) -> Saved:
    """Redirect the shell itself; `shell.descriptors.undo` puts it back.

    Raises RedirectionError, everything being undone.
    """
    descriptors = shell.descriptors
    saved = descriptors.begin()
    try:
        for spec in specs:
            for action in open_spec(shell, spec):
                try:
                    descriptors.apply(action, saved)
                except OSError as error:
                    raise RedirectionError(f'{action[0]}: {error.strerror}') from None
                except OverflowError:
                    raise RedirectionError(f'{action[0]}: Bad file descriptor') from None
    except BaseException:
        descriptors.undo(saved)
        raise
    return saved


def run_into_file(shell: Shell, run: Builtin, argv: list[str], operator: str,
                  path: str) -> int:
    """Run `echo … >file` and the like, as run_directly has it.  Raises RedirectionError."""
    fd = _open(shell, operator, path)
    outer, shell.out = shell.out, Output(fd)
    try:
        status = call_builtin(shell, run, argv, False)
    except BaseException:
        close(fd)
        raise
    finally:
        shell.out = outer
    return _close_written(shell, fd, argv[0], status)


def _close_written(shell: Shell, fd: int, name: str, status: int) -> int:
    """Close the file that a utility has written to; an error, of a file server or a quota,
    is a write error of the utility.  Returns its status."""
    try:
        posix.close(fd)
    except InterruptedError:            # it is closed, and nothing is said of the data
        pass
    except OSError as error:
        shell.warn(f'{name}: write error: {error.strerror}')
        return status or 1
    return status


def run_directly(shell: Shell, run: Builtin, argv: list[str], spec: Spec) -> int:
    """Run `echo … >file`, `read … <file` and the like: the utility is told what descriptor
    to use, and the shell's own stay as they are: half the system calls.  -1 if it isn't
    that simple.  Raises RedirectionError.
    """
    fd, operator, target = spec
    if operator == '&>' and is_decimal(target):
        operator = '>&'
    reads = argv[0] == 'read'
    if fd != (0 if reads else 1) or operator in ('<>', '&>') \
            or reads is not (operator[0] == '<') \
            or reads and shell.signals.handles_any():   # a trap action would read elsewhere
        return -1
    opened = -1
    outer, outer_input, outer_ahead = shell.out, shell.input, shell.ahead
    if operator == '<<' and all(word[:1] != '-' or word == '-r' for word in argv):
        shell.ahead = ReadAhead(-1, target.encode('utf-8', 'surrogateescape'))
        fd = -1                         # the text is here: why ask the kernel to keep it?
    elif operator[1:] == '&':
        if len(target) != 1 or not '0' <= target <= '9' or not is_open(int(target)):
            return -1
        fd = int(target)
        _check_access(shell, operator, fd, target)
    else:
        fd = opened = open_spec(shell, spec)[0][1]
    try:
        if reads:
            shell.input = fd
        else:
            shell.out = Output(fd)
        status = call_builtin(shell, run, argv, False)
    except BaseException:
        if opened >= 0:
            close(opened)
        raise
    finally:
        shell.out, shell.input, shell.ahead = outer, outer_input, outer_ahead
    if opened >= 0:
        if not reads:
            return _close_written(shell, opened, argv[0], status)
        close(opened)
    return status


# -- for a child that is spawned ------------------------------------------------------


def may_block(specs: list[Spec]) -> bool:
    """Whether opening the files here could keep the shell waiting, or open other files
    than in the child: FIFOs, and /dev/fd/N behind another redirection; or set a variable."""
    for fd, operator, target in specs:
        if type(fd) is not int:
            return True
        if operator[:2] in ('<<', '<&', '>&', '&>') or target == '/dev/null':
            continue
        if target.startswith(('/dev/', '/proc/')):
            return True
        try:
            if posix.stat(target).st_mode & FORMAT == FIFO:
                return True
        except (OSError, ValueError):
            pass
    return False


def plan(shell: Shell, specs: list[Spec], before: Sequence[Action] = ()) -> list[Action]:
    """The actions for a child, behind those `before` (its pipes), all files opened.

    Raises RedirectionError, none being open then.
    """
    actions = list(before)
    high = any(fd > 2 for fd, _, _ in specs)    # a low number may be another's target
    try:
        for spec in specs:
            fd, operator, target = spec
            moved = moved_from(target)
            number = decimal(moved or target) if operator in ('<&', '>&', '&>') else None
            if number is not None:
                given = (fd, operator, moved or target)
                actions.extend(_plan_duplicate(shell, actions, given, number))
                if moved and number != fd:
                    actions.append((number, CLOSE, False))
                continue
            for fd, source, owned in open_spec(shell, spec):
                if high and owned:
                    try:
                        source = raise_high(source)
                    except OSError as error:
                        raise RedirectionError(f'{fd}: {error.strerror}') from None
                actions.append((fd, source, owned))
    except BaseException:
        close_owned(actions)
        raise
    return actions


def _plan_duplicate(shell: Shell, actions: list[Action], spec: Spec,
                    number: int) -> Sequence[Action]:
    """`>&n`, where n may be what an earlier action of the same command makes."""
    fd, operator, target = spec
    if fd == number:
        return ()
    origin, made = number, False
    for done, source, _ in reversed(actions):
        if done == origin:              # 4<f 5<&4 6<&5: back to f
            origin, made = source, True
    if origin == CLOSE:
        raise RedirectionError(f'{target}: Bad file descriptor')
    if made:
        _check_access(shell, operator, origin, target)
        return ((fd, number, False),)
    if any(owned and source == number for _, source, owned in actions):
        raise RedirectionError(f'{target}: Bad file descriptor')
    return open_spec(shell, spec)
