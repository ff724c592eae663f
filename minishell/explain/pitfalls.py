"""What is likely not meant: pitfalls, each with the number that ShellCheck knows it by."""
from __future__ import annotations

from minishell.expand.splitting import magic
from minishell.explain import dangers
from minishell.explain.values import DECLARING
from minishell.syntax.nodes import (
    CommandList,
    CommandSubstitution,
    DoubleQuoted,
    ForClause,
    FunctionDefinition,
    HereDocument,
    Literal,
    ParameterExpansion,
    Pipeline,
    RedirectedCommand,
    SimpleCommand,
    WhileClause,
)
from minishell.syntax.partial import nodes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.explain.dangers import Pitfall
    from minishell.syntax.nodes import AnyRedirection, Command, Node, Part, Word
    from minishell.syntax.source import Source

NOT_TRAPPED = frozenset(('KILL', 'STOP', 'SIGKILL', 'SIGSTOP', '9', '19'))
SPLITTING_IS_MEANT = frozenset(('set', 'eval', 'for'))


def of(command: Node, source: Source, single: frozenset[int], last: bool = True
       ) -> Iterator[Pitfall]:
    """The pitfalls of commands and of all in them; `single`: the expansions, by id(), that are
    one field anyhow; `last`: nothing stands behind them."""
    followed = set() if last else {id(command)}
    for node, where in nodes_of(command, source):
        if isinstance(node, CommandList):
            followed.update(map(id, node.commands[:-1]))
        elif isinstance(node, SimpleCommand):
            yield from of_simple(node, where, single, id(node) not in followed)
        elif isinstance(node, ForClause):
            yield from of_for(node, where)
        elif isinstance(node, Pipeline):
            yield from dangers.of_stages(node, where)
            yield from of_pipeline(node, where)
        elif isinstance(node, FunctionDefinition):
            yield from dangers.of_function(node, where)


def of_simple(node: SimpleCommand, source: Source, single: frozenset[int], last: bool
              ) -> Iterator[Pitfall]:
    """The pitfalls of one simple command; `last`: nothing stands behind it in its list."""
    yield from dangers.of_words(node, source)
    yield from dangers.of_redirections(node, source)
    words = [word.literal() for word in node.words]
    name = words[0] if words else None
    yield from _of_names(node, source, words)
    yield from _of_words(node, source, name, single)
    yield from _of_redirections(node, source, words)
    if name == 'cd' and len(words) > 1 and not last:
        yield 2164, node, source, ('if this cd fails the commands behind it run where the '
                                   'shell is: cd … || exit')
    if name == 'rm' and any(word is not None and word[:1] == '-' and 'r' in word
                            for word in words[1:]):
        for word in node.words[1:]:
            if _begins_at_root_if_unset(word):
                yield 2115, word, source, ('if the variable is unset or null this removes '
                                           'what is in /: ${name:?}/')
    if name in DECLARING and any(
            isinstance(part, CommandSubstitution) for word in node.words[1:]
            for part in _parts(word)):
        yield 2155, node, source, (f'the status is that of {name}: a failure of the '
                                   'substitution is lost')
    if name == 'read' and not any(word is not None and word[:1] == '-' and 'r' in word
                                  for word in words[1:]):
        yield 2162, node, source, 'without -r, backslashes in the input are taken away'
    if name == 'trap' and NOT_TRAPPED.intersection(word for word in words[2:] if word):
        yield 2173, node, source, 'KILL and STOP cannot be caught or ignored'
    if name == 'exec' and len(words) > 1 and not last:
        yield 2093, node, source, 'what stands behind it never runs, unless exec fails'


def _of_names(node: SimpleCommand, source: Source, words: list[str | None]
              ) -> Iterator[Pitfall]:
    name = words[0] if words else None
    first = node.words[0].parts[0] if node.words and node.words[0].parts else None
    if name is not None and name[:1] == '[' and len(name) > 1 and name != '[[' \
            or isinstance(first, Literal) and first.text == '[' \
            and len(node.words[0].parts) > 1:
        yield 1035, node.words[0], source, '`[` is the name of a utility: a blank must follow'
    if len(words) > 1 and words[1] == '=' and name is not None and '/' not in name:
        yield 2283, node.words[1], source, (f'runs {name} with the argument =: no blanks '
                                            'around the = of an assignment')
    if isinstance(first, ParameterExpansion) and len(node.words[0].parts) > 1:
        second = node.words[0].parts[1]
        if isinstance(second, Literal) and second.text[:1] == '=':
            yield 2281, node.words[0], source, 'an assignment has no $ before the name'
    if name in ('test', '[') and '==' in words:
        yield 3014, node, source, '`==` is no operator of test: `=`'


def _of_words(node: SimpleCommand, source: Source, name: str | None, single: frozenset[int]
              ) -> Iterator[Pitfall]:
    if name in SPLITTING_IS_MEANT or name in DECLARING:
        return
    for word in node.words[1:] if name is not None else ():
        for part in word.parts:
            if isinstance(part, ParameterExpansion) and id(part) not in single \
                    and part.operator[-1:] != '+':
                text = f'"${part.parameter}"' if not part.operator else '"${…}"'
                yield 2086, part, source, ('unquoted: blanks in the value part it into several '
                                           f'fields, * and ? become files: {text}')
            elif isinstance(part, CommandSubstitution):
                yield 2046, part, source, ('unquoted: the output is split into fields, and '
                                           'these may become files: "$(…)"')
    for word in node.words:
        for part in _parts(word):
            if isinstance(part, CommandSubstitution) and part.backquoted:
                yield 2006, part, source, 'backquotes: $(…) nests, and keeps backslashes'


def _of_redirections(node: SimpleCommand, source: Source, words: list[str | None]
                     ) -> Iterator[Pitfall]:
    files = [each for each in node.redirections if not isinstance(each, HereDocument)]
    for index, each in enumerate(files):
        if each.operator == '>&' and each.descriptor == 2 and each.target.literal() == '1' \
                and any(later.operator in ('>', '>>', '>|') and later.descriptor in (None, 1)
                        for later in files[index + 1:]):
            yield 2069, each, source, ('2 becomes a copy of what 1 is now, not of the file: '
                                       'redirections go from left to right: >file 2>&1')
        target = each.target.literal()
        if target and each.operator in ('>', '>|') and (target in words[1:] or any(
                other.operator == '<' and other.target.literal() == target
                for other in files)) and words[:1] != ['echo'] and words[:1] != ['printf']:
            yield 2094, each, source, (f'{target} is emptied before the command can read it')
        if words[:1] == ['sudo'] and each.operator in ('>', '>>'):
            yield 2024, each, source, ('the shell opens the file, as who it is: '
                                       'sudo has no part in it')


def of_for(node: ForClause, source: Source) -> Iterator[Pitfall]:
    """The pitfalls of the words of a loop."""
    for word in node.words or ():
        for part in word.parts:
            if not isinstance(part, CommandSubstitution):
                continue
            inside = part.body.commands
            if len(inside) == 1 and isinstance(inside[0], SimpleCommand) and inside[0].words \
                    and inside[0].words[0].literal() in ('ls', 'find'):
                yield 2045, part, source, ('names with blanks are split, and newlines in '
                                           'names: a pattern gives each file as one field')


def of_pipeline(node: Pipeline, source: Source) -> Iterator[Pitfall]:
    """The pitfalls of what runs in a process of its own."""
    for command in node.commands[1:]:
        inner = command.command if isinstance(command, RedirectedCommand) else command
        reading = isinstance(inner, WhileClause) or isinstance(inner, SimpleCommand) \
            and inner.words and inner.words[0].literal() in ('read', 'mapfile', 'readarray')
        if reading:
            yield 2031, command, source, ('runs in a copy of the shell: the variables that it '
                                          'sets are gone behind the pipeline')


def _parts(word: Word) -> Iterator[Part]:
    left: list[Part] = list(word.parts)
    while left:
        part = left.pop()
        yield part
        if isinstance(part, DoubleQuoted):
            left += part.parts


def _begins_at_root_if_unset(word: Word) -> bool:
    """Whether a word is "$x/…", and / or /… if x is null."""
    parts = list(word.parts)
    if parts and isinstance(parts[0], DoubleQuoted):
        parts[:1] = parts[0].parts
    if not parts or not isinstance(parts[0], ParameterExpansion) or parts[0].operator:
        return False
    rest = ''.join(part.text if isinstance(part, Literal) else '$' for part in parts[1:])
    return rest[:1] == '/' and (len(rest) == 1 or magic(rest) and '/' not in rest[1:])


def redirections_of(command: Command) -> tuple[AnyRedirection, ...]:
    """The redirections of a command."""
    if isinstance(command, (SimpleCommand, RedirectedCommand)):
        return command.redirections
    return ()
