"""Redirections, run: specs -> descriptor actions (XCU 2.7).

A redirection has three stages: as parsed; its *spec* (descriptor, operator, expanded target);
the opened *action* of `system/descriptors.py`, which the shell applies to itself and undoes,
or passes to a child.

`{name}>file` of bash and ksh (XCU 2.10.2, IO_LOCATION): the shell chooses a descriptor, and a
variable gets its number.  It stays open behind the command, until `{name}>&-`, unless
`shopt -s varredir_close` is on.
"""
from __future__ import annotations

import posix
from errno import EEXIST

from minishell.codec import encoded
from minishell.errors import AssignmentError, RedirectionError
from minishell.state.search import FORMAT, REGULAR
from minishell.syntax.names import MOST_DESCRIPTOR, decimal, is_decimal
from minishell.system.descriptors import (
    CLOSE,
    close,
    close_owned,
    duplicate_for_children,
    is_open,
    is_open_for,
    open_file,
    open_text,
    raise_high,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.state.shell import Shell
    from minishell.system.descriptors import Action, Saved

    Spec = tuple[int, str, str]         # descriptor, operator, expanded target
    Specs = Callable[[Shell], list[Spec]]

FIFO = 0o010000                         # S_IFIFO
NONE = -2               # no descriptor's number, nor CLOSE
WRITE = posix.O_WRONLY | posix.O_CREAT
FLAGS = {
    '<': posix.O_RDONLY,
    '>': WRITE | posix.O_TRUNC,
    '>|': WRITE | posix.O_TRUNC,
    '>>': WRITE | posix.O_APPEND,
    '<>': posix.O_RDWR | posix.O_CREAT,
}


class Ambiguous(str):
    """The word behind a redirection operator, where it stands for several words or none."""


class Unmoved(str):
    """A word such as `3-` that is no descriptor to be moved."""


class Located(int):
    """The descriptor of a spec that has a variable's name instead."""

    name: str

    def __new__(cls, text: str) -> Located:
        located = super().__new__(cls, NONE)
        located.name = text[1:-1]
        return located


def open_spec(shell: Shell, spec: Spec) -> list[Action]:
    """Open what a spec names; most specs give one action.  Raises RedirectionError."""
    fd, operator, target = spec
    if type(fd) is not int:
        return open_located(shell, spec)
    if operator == '<<':
        try:
            made = open_text(target)
        except OSError as error:
            raise RedirectionError(f'here-document: {error.strerror}') from None
        if shell.events is not None:
            shell.events.tell('text', fd=made, size=len(encoded(target)))
        return [(fd, made, True)]
    if operator == '&>>':
        return [(1, open_target(shell, '>>', target), True), (2, 1, False)]
    if operator in ('<&', '>&', '&>'):
        return _duplicate(shell, fd, operator, target)
    return [(fd, open_target(shell, operator, target), True)]


def _duplicate(shell: Shell, fd: int, operator: str, target: str) -> list[Action]:
    if target == '-':
        return [(fd, CLOSE, False)]
    source = decimal(target)
    if source is not None:
        if source == fd:                # nothing to do, open or not (as everywhere)
            return []
        if source > MOST_DESCRIPTOR or shell.descriptors.is_own(source) or not is_open(source):
            raise RedirectionError(f'{target}: Bad file descriptor')
        check_access(shell, operator, source, target)
        return [(fd, source, False)]
    moved = moved_from(target)
    if type(target) is Unmoved:
        target = str(target)
    elif moved:
        return [*_duplicate(shell, fd, operator, moved),
                *([(int(moved), CLOSE, False)] if int(moved) != fd else [])]
    if operator != '&>':
        raise RedirectionError(f'{target}: ambiguous redirect')
    return [(1, open_target(shell, '>', target), True), (2, 1, False)]


def moved_from(target: str) -> str:
    """The number in bash's `>&n-`, which moves a descriptor; '' if target is none."""
    number = target[:-1]
    return number if target[-1:] == '-' and is_decimal(number) else ''


def check_access(shell: Shell, operator: str, source: int, target: str) -> None:
    """XCU 2.7.5, 2.7.6: what is duplicated must be open for input, for output.  Only in
    POSIX mode: other shells do not look.  Raises RedirectionError."""
    if shell.options.posix and not is_open_for(source, operator == '<&'):
        raise RedirectionError(
            f"{target}: not open for {'input' if operator == '<&' else 'output'}")


def open_target(shell: Shell, operator: str, path: str) -> int:
    """Open a file; returns its descriptor.  Raises RedirectionError."""
    if type(path) is Ambiguous:
        raise RedirectionError(f'{path}: ambiguous redirect')
    try:
        if operator == '>' and shell.options.noclobber:
            fd = shell.at_once(_open_unclobbered, path)
        else:
            fd = shell.at_once(open_file, path, FLAGS[operator])    # it may be a FIFO
    except OSError as error:
        raise RedirectionError(f'{path}: {error.strerror}') from None
    except ValueError:
        raise RedirectionError(f'{path!r}: not a file name') from None
    if shell.events is not None:
        shell.events.tell('open', fd=fd, path=path, operator=operator)
    return fd


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


def open_located(shell: Shell, spec: Spec) -> list[Action]:
    """Open what a spec names and assign its number, or close what the variable names; what
    is left to be done is to close what has been moved.  Raises RedirectionError."""
    located, operator, target = spec
    assert isinstance(located, Located)
    from minishell.state.elements import assign_reference, get_reference
    name = located.name
    if target == '-' and operator in ('<&', '>&'):
        fd = decimal(get_reference(shell.variables, name) or '')
        if fd is None or fd > MOST_DESCRIPTOR or shell.descriptors.is_own(fd):
            raise RedirectionError(f'{name}: ambiguous redirect')
        close(fd)
        if shell.descriptors.when_closed is not None:
            shell.descriptors.when_closed(fd)
        return []
    (_, source, owned), *rest = open_spec(shell, (NONE, operator, target))
    try:
        number = duplicate_for_children(source)
    except OSError as error:
        raise RedirectionError(f'{name}: {error.strerror}') from None
    finally:
        if owned:
            close(source)
    try:
        assign_reference(shell.variables, name, str(number))
    except AssignmentError as error:
        close(number)
        raise RedirectionError(error.message) from None
    if 'varredir_close' in shell.shopts:        # it is to be undone, as other redirections are
        spare = duplicate_for_children(number)
        close(number)
        return [(number, spare, True), *rest]
    return rest


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
    except BaseException as error:
        if isinstance(error, RedirectionError):
            shell.report(error)         # where those before it have standard error go
        descriptors.undo(saved)
        raise
    return saved


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


def plan(shell: Shell, specs: list[Spec], before: Sequence[Action] = (),
         tells: bool = True) -> list[Action]:
    """The actions for a child, behind those `before` (its pipes), all files opened.

    Raises RedirectionError, none being open then; who `tells` has it shown.
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
    except BaseException as error:
        if tells and isinstance(error, RedirectionError):
            _report_behind(shell, actions, error)
        close_owned(actions, shell.events)
        raise
    return actions


def _report_behind(shell: Shell, actions: list[Action], error: RedirectionError) -> None:
    """Show an error where the actions before it have standard error go."""
    if all(fd != 2 for fd, _, _ in actions):
        return                          # as everywhere: who catches it does
    saved = shell.descriptors.begin()
    try:
        for fd, source, _ in actions:
            shell.descriptors.apply((fd, source, False), saved)
        shell.report(error)
    except OSError:
        pass                            # no descriptor is left
    finally:
        shell.descriptors.undo(saved)


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
        check_access(shell, operator, origin, target)
        return ((fd, number, False),)
    if any(owned and source == number for _, source, owned in actions):
        raise RedirectionError(f'{target}: Bad file descriptor')
    return open_spec(shell, spec)
