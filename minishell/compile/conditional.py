"""Conditional commands of bash -> actions: `[[ … ]]`."""
from __future__ import annotations

from minishell.compile.arithmetic import evaluate
from minishell.compile.operators import BINARY, OF_TEST
from minishell.compile.patterns import compile_pattern_text, match_oddly
from minishell.compile.words import compile_text
from minishell.errors import (
    AssignmentError,
    BuiltinError,
    ExpansionError,
    RegexError,
    UnsetError,
)
from minishell.expand.pattern import compile_pattern
from minishell.run.commands import finish
from minishell.run.utilities import load_builtin
from minishell.state.attributes import READONLY
from minishell.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.compile.compiler import Compiler
    from minishell.state.shell import Action, Shell, Text
    from minishell.state.variables import Variables

    Condition = Callable[[Shell], bool]

QUOTED = frozenset((
    nodes.Escaped, nodes.SingleQuoted, nodes.DollarSingleQuoted, nodes.DoubleQuoted,
    nodes.TildePrefix))


def compile_conditional(node: nodes.ConditionalCommand, compiler: Compiler,
                        tail: bool) -> Action:
    """Action: `[[ … ]]`; 0 if it holds, 1 if not, 2 for a regular expression that is none."""
    plain = _compile(node.expression, compiler, False)
    at = compiler.at(node)

    def run(shell: Shell) -> int:
        holds = plain
        shell.at = at
        if shell.watched:
            from minishell.run.watching import before
            if not before(shell, at):
                return 0
            holds = _compile(node.expression, compiler, True)
        try:
            status = 0 if holds(shell) else 1
        except RegexError:
            status = 2
        return finish(shell, status)
    return run


def _compile(node: nodes.Conditional, compiler: Compiler, watched: bool,
             negated: bool = False) -> Condition:
    operator = node.operator
    inner = [_compile(operand, compiler, watched, operator == '!')
             for operand in node.operands if isinstance(operand, nodes.Conditional)]
    if operator == '!':
        return lambda shell: not inner[0](shell)
    if operator == '&&':
        return lambda shell: inner[0](shell) and inner[1](shell)
    if operator == '||':
        return lambda shell: inner[0](shell) or inner[1](shell)
    words = [operand for operand in node.operands if isinstance(operand, nodes.Word)]
    left = compile_text(words[0], compiler)
    compiled: Callable[[Text, Text], Condition]
    if len(words) == 1:
        right = left

        def compiled(left: Text, right: Text) -> Condition:
            return _compile_unary(operator, left)
    elif operator in ('=', '==', '!='):
        equal = operator != '!='
        right = (_escaped if watched else compile_pattern_text)(words[1], compiler)

        def compiled(left: Text, right: Text) -> Condition:
            return lambda shell: _matches(shell, left(shell), right(shell)) is equal
    elif operator == '=~':
        right, compiled = _regex(words[1], compiler), _compile_matching
    else:
        right = compile_text(words[1], compiler)

        def compiled(left: Text, right: Text) -> Condition:
            return _compile_binary(operator, left, right)
    if not watched:
        return compiled(left, right)
    shown = f'[[ {"! " * negated}'
    texts = (right,) if len(words) == 1 else (left, right)
    return lambda shell: _show(shell, shown, operator, texts, compiled)


def _show(shell: Shell, shown: str, operator: str, texts: Sequence[Text],
          compiled: Callable[[Text, Text], Condition]) -> bool:
    """Whether a condition on texts holds, which `set -x` shows."""
    from minishell.run.tracing import show
    expanded = [text(shell) for text in texts]
    words = [text or "''" for text in expanded]
    words.insert(-1, operator)
    show(shell, f'{shown}{" ".join(words)} ]]')
    return compiled(lambda shell: expanded[0], lambda shell: expanded[-1])(shell)


def _escaped(word: nodes.Word, compiler: Compiler) -> Text:
    """A pattern in which each quoted character has a backslash, as `set -x` shows it."""
    parts = [(type(part), compiler.part(part, False)) for part in word.parts]

    def text(shell: Shell) -> str:
        return ''.join([''.join(['\\' + c for c in part(shell)]) if kind in QUOTED
                        else part(shell) for kind, part in parts])
    return text


def _matches(shell: Shell, text: str, pattern: str) -> bool:
    if shell.odd_matching or '(' in pattern:
        return match_oddly(shell, pattern, text, True)
    return compile_pattern(pattern).matches(text)


def _before(shell: Shell, first: str, second: str) -> bool:
    """Whether a string sorts before another in the locale (LC_COLLATE)."""
    collate = shell.collation
    if collate is None:
        return first < second
    return bool(collate(first) < collate(second))


def _behind(shell: Shell, first: str, second: str) -> bool:
    return _before(shell, second, first)


def _compile_unary(operator: str, operand: Text) -> Condition:
    if operator == '-n':
        return lambda shell: operand(shell) != ''
    if operator == '-z':
        return lambda shell: operand(shell) == ''
    if operator == '-v':
        return _compile_is_set(operand)
    return lambda shell: _test(shell, operator, operand(shell))


def _compile_is_set(operand: Text) -> Condition:
    def holds(shell: Shell) -> bool:
        from minishell.builtins.testing import is_set
        return is_set(shell, operand(shell), True)
    return holds


def _compile_binary(operator: str, left: Text, right: Text) -> Condition:
    if operator == '<':
        return lambda shell: _before(shell, left(shell), right(shell))
    if operator == '>':
        return lambda shell: _behind(shell, left(shell), right(shell))
    if operator in OF_TEST:
        compare = BINARY[OF_TEST[operator]].call
        return lambda shell: _compare(shell, compare, left(shell), right(shell))
    return lambda shell: _test(shell, left(shell), operator, right(shell))


def _compare(shell: Shell, compare: Callable[[int, int], int], left: str, right: str) -> bool:
    """Compare two expressions; one that is wrong costs no more than this."""
    try:
        return compare(evaluate(shell, left), evaluate(shell, right)) != 0
    except UnsetError:
        raise
    except ExpansionError as error:
        shell.warn(f'[[: {error.message}')
        shell.point_out(error)
    except AssignmentError as error:
        from minishell.run.failures import tell
        tell(shell, error)
    return False


def _test(shell: Shell, *words: str) -> bool:
    """What `test` says of the words."""
    try:
        return load_builtin('test')(shell, ['test', *words]) == 0
    except BuiltinError as error:
        shell.warn(f'[[: {error.message}')
        return False


# -- regular expressions ----------------------------------------------------------------


def _regex(word: nodes.Word, compiler: Compiler) -> Text:
    """An extended regular expression; quoted parts of the word stand for themselves."""
    parts = [(type(part), compiler.part(part, False)) for part in word.parts]

    def text(shell: Shell) -> str:
        from minishell.expand.regex import is_in_brackets, quoted
        pattern = ''
        literal = 'compat31' not in shell.shopts        # there, quotes do not matter
        for kind, part in parts:
            piece = part(shell)
            if literal and kind in QUOTED and not is_in_brackets(pattern):
                piece = quoted(piece)
            pattern += piece
        return pattern
    return text


def _compile_matching(left: Text, pattern: Text) -> Condition:
    """`=~`."""
    def keep(variables: Variables, found: list[str]) -> None:
        from minishell.state.elements import assign_words
        if variables.flags.get('BASH_REMATCH', 0) & READONLY:   # not for us
            variables.remove_flags('BASH_REMATCH', READONLY)
        assign_words(variables, 'BASH_REMATCH', found, False)

    def holds(shell: Shell) -> bool:
        from minishell.expand.regex import search
        text = left(shell)
        found = search(pattern(shell), text,
                       shell.locale('LC_CTYPE'), shell.locale('LC_COLLATE'),
                       shell.nocasematch)
        variables = shell.variables
        if shell.function_depth:        # as in bash, a local one is another
            variables.with_global('BASH_REMATCH', lambda: keep(variables, found))
        else:
            keep(variables, found)
        return bool(found)
    return holds
