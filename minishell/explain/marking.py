"""Which pitfalls are worth a mark while a line is typed: by the values of the moment."""
from __future__ import annotations

from minishell.expand.splitting import SPLIT, fields, magic
from minishell.explain import pitfalls
from minishell.explain.values import of_one_field
from minishell.explain.words import MOVING, becomes, changed_by, plain_value
from minishell.syntax.nodes import (
    DoubleQuoted,
    ParameterExpansion,
    Redirection,
    SimpleCommand,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell
    from minishell.syntax.nodes import Node
    from minishell.syntax.partial import Partial

    Mark = tuple[int, int, str]         # where it begins, ends, and what is said of it
    Target = tuple[int, int, str, str]  # where, the operator, the pathname

# What is often meant where one sees what comes of it: backquotes, $( ) split into fields, `==`
# in test, a status that local hides.
MEANT = frozenset((2006, 2046, 2155, 3014))
UNQUOTED, AT_ROOT = 2086, 2115
SPECIAL = ('/dev/', '/proc/', '/sys/')
BLANKS = ' \t\n'
LONGEST_VALUE = 30          # characters of one that is shown


def marks_of(shell: Shell, partial: Partial) -> list[Mark]:
    """The marks of a text, from the left."""
    tree = partial.tree
    changed = changed_by(tree)
    found: list[Mark] = []
    blanks = shell.variables.values.get('IFS', BLANKS)
    single = of_one_field(tree, lambda name: _known(shell, name), BLANKS + blanks)
    for code, node, source, sentence in pitfalls.of(tree, partial._source, single):
        if code in (UNQUOTED, AT_ROOT):
            sentence = _by_value(shell, code, node, changed, sentence)
        start, end = partial.extent(node, source)
        if sentence and code not in MEANT and end > start:
            found.append((start, end, sentence))
    return sorted(found, key=lambda mark: (mark[0], -mark[1]))


def targets_of(shell: Shell, partial: Partial) -> list[Target]:
    """The files that redirections read, or empty, as far as their names are plain, and nothing
    that comes before makes another file of them."""
    changed = changed_by(partial.tree)
    found: list[Target] = []
    moves = False
    for node, source in partial.nodes():
        if isinstance(node, SimpleCommand) and node.words:
            moves = moves or node.words[0].literal() in MOVING
        if isinstance(node, Redirection) and node.operator in ('<', '>', '&>'):
            path = (becomes(shell, node.target, changed, False) or [''])[0]
            if path and not path.startswith(SPECIAL) and not (moves and path[0] != '/') \
                    and (node.operator != '<' or partial.text.count(path) == 1):
                start, end = partial.extent(node, source)
                found.append((start, end, node.operator, path))
    return found


def of_target(shell: Shell, target: Target, size: int) -> list[Mark]:
    """What is said of such a file, by its size: 0 if it is no regular one, -1 if there is
    none."""
    start, end, operator, path = target
    if operator == '<':
        return [(start, end, f'{path} is not there')] if size < 0 else []
    if size <= 0:
        return []
    if shell.options.noclobber:
        return [(start, end, f'{path} is there, and set -C: this fails; >| empties it')]
    count = '1 byte' if size == 1 else f'{size:,} bytes'
    return [(start, end, f'{path} has {count}: > empties it, >> appends to it')]


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


def _known(shell: Shell, name: str) -> bool | None:
    """Whether a variable is one field by its value; None if it is null or unset."""
    value = plain_value(shell, name)
    if not value:
        return None if value is not None else name in shell.variables.dynamic
    return not _split(shell, name, value)


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
