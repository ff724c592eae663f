"""Which pitfalls are worth a mark while a line is typed: by the values of the moment."""
from __future__ import annotations

from minishell.expand.splitting import SPLIT, fields, magic
from minishell.explain import pitfalls
from minishell.explain.words import changed_by, plain_value
from minishell.syntax.nodes import DoubleQuoted, ParameterExpansion, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell
    from minishell.syntax.nodes import Node
    from minishell.syntax.partial import Partial

    Mark = tuple[int, int, str]         # where it begins, ends, and what is said of it

# What is often meant where one sees what comes of it: backquotes, $( ) split into fields, `==`
# in test, a status that local hides.
MEANT = frozenset((2006, 2046, 2155, 3014))
UNQUOTED, AT_ROOT = 2086, 2115
LONGEST_VALUE = 30          # characters of one that is shown


def marks_of(shell: Shell, partial: Partial) -> list[Mark]:
    """The marks of a text, from the left."""
    tree = partial.tree
    changed = changed_by(tree)
    found: list[Mark] = []
    for code, node, source, sentence in pitfalls.of(tree, partial._source):
        if code in (UNQUOTED, AT_ROOT):
            sentence = _by_value(shell, code, node, changed, sentence)
        start, end = partial.extent(node, source)
        if sentence and code not in MEANT and end > start:
            found.append((start, end, sentence))
    return sorted(found, key=lambda mark: (mark[0], -mark[1]))


def _by_value(shell: Shell, code: int, node: Node, changed: frozenset[str],
              sentence: str) -> str:
    """What is said of an expansion whose value is known; '' if that does no harm."""
    part = _expansion(node)
    name = part.parameter if part is not None else ''
    if part is None or name in changed:
        return sentence
    if part.operator or name in shell.variables.dynamic:
        return ''
    value = plain_value(shell, name)
    if value is None:
        return sentence
    if not value:
        state = 'is empty' if shell.variables.is_set(name) else 'is not set'
        return f'{name} {state}: ' + ('this removes what is in /' if code == AT_ROOT else
                                      'nothing is left of it')
    return '' if code == AT_ROOT else _split(shell, name, value)


def _split(shell: Shell, name: str, value: str) -> str:
    found: list[str] = []
    fields([(value, SPLIT)], shell.splitter, found, None)
    cut = value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE - 1] + '…'
    shown = f"{name} is `{cut}'".replace('\n', '⏎')
    if magic(value):
        return f'{shown}: unquoted it becomes the files that match; "${name}" stays as it is'
    if len(found) != 1:
        return f'{shown}: unquoted it becomes {len(found)} words; "${name}" is one'
    return ''


def _expansion(node: Node) -> ParameterExpansion | None:
    """The expansion that a pitfall is about: the node, or what its word begins with."""
    while isinstance(node, (Word, DoubleQuoted)):
        node = node.parts[0]
    return node if isinstance(node, ParameterExpansion) else None
