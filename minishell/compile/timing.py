"""`time` before a pipeline, of bash -> action: how long it took, as TIMEFORMAT has it."""
from __future__ import annotations

from minishell.errors import Exit, Jump
from minishell.syntax.names import is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.compile.compiler import Compiler
    from minishell.state.shell import Action, Shell
    from minishell.syntax.nodes import TimedPipeline

PORTABLE = 'real %2R\nuser %2U\nsys %2S'
FORMAT = '\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS'


def compile_timed(node: TimedPipeline, compiler: Compiler, tail: bool) -> Action:
    """Action: the pipeline; what is told goes to the shell's standard error."""
    action = None if node.command is None else compiler.command(node.command)
    portable = node.portable

    def run(shell: Shell) -> int:
        before = _times()
        try:
            status = 0 if action is None else action(shell)
        except (Exit, Jump):
            tell(shell, before)
            raise
        tell(shell, before)
        return status

    def tell(shell: Shell, before: tuple[float, float, float]) -> None:
        real, user, system = [after - start for after, start in
                              zip(_times(), before, strict=True)]
        text = PORTABLE if portable else shell.variables.get('TIMEFORMAT')
        if text is None:
            text = FORMAT
        if text:
            try:
                shell.tell(_formatted(text, real, user, system))
            except ValueError as error:
                shell.warn(f'TIMEFORMAT: {error}')
    return run


def _times() -> tuple[float, float, float]:
    """The time, and that of the processor for this process and its children."""
    from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
    from time import monotonic
    own, children = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return (monotonic(), own.ru_utime + children.ru_utime, own.ru_stime + children.ru_stime)


def _formatted(text: str, real: float, user: float, system: float) -> str:
    """`%[digits][l]R`, U and S, `%P` and `%%`.  Raises ValueError for others."""
    seconds = {'R': real, 'U': user, 'S': system}
    first, *rest = text.split('%')
    pieces = [first]
    while rest:
        directive = rest.pop(0)
        if not directive and rest:
            pieces.append('%' + rest.pop(0))
            continue
        if not directive:               # the last character
            pieces.append('%')
            continue
        letters = directive
        digits = 3
        if is_decimal(letters[:1]):
            digits, letters = min(int(letters[0]), 3), letters[1:]
        long = letters[:1] == 'l'
        letter, behind = letters[long:long + 1], letters[long + 1:]
        if letter == 'P':
            share = (user + system) * 100 / real if real else 0
            pieces.append(f'{share:.2f}' + behind)
        elif letter in seconds:
            pieces.append(_duration(seconds[letter], digits, long) + behind)
        else:
            raise ValueError(f"`{letter}': invalid format character")
    return ''.join(pieces)


def _duration(seconds: float, digits: int, long: bool) -> str:
    seconds = int(seconds * 10 ** digits) / 10 ** digits        # no rounding up
    if not long:
        return f'{seconds:.{digits}f}'
    minutes = int(seconds // 60)
    return f'{minutes}m{seconds - 60 * minutes:.{digits}f}s'
