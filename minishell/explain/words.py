"""What a word goes through, in the order of XCU 2.6, and what it becomes where that can be
said without running anything."""
from __future__ import annotations

from minishell.errors import ArithmeticSyntaxError
from minishell.expand.splitting import LITERAL, QUOTED, SPLIT, fields, magic
from minishell.syntax.arithmetic import (
    OPERAND,
    Increment,
    VariableAssignment,
    parse_arithmetic,
)
from minishell.syntax.array_nodes import (
    CompoundValue,
    ElementExpansion,
    IndirectExpansion,
    SubscriptsExpansion,
)
from minishell.syntax.nodes import (
    ArithmeticCommand,
    ArithmeticExpansion,
    ArithmeticFor,
    Assignment,
    CommandSubstitution,
    DollarSingleQuoted,
    DoubleQuoted,
    Escaped,
    ForClause,
    FunctionDefinition,
    Literal,
    ParameterChange,
    ParameterExpansion,
    ParameterLength,
    ProcessSubstitution,
    SimpleCommand,
    SingleQuoted,
    TildePrefix,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from minishell.expand.splitting import Segments
    from minishell.state.shell import Shell
    from minishell.syntax.nodes import CommandList, Node, Part, Word

SPECIAL = {
    '@': 'all positional parameters', '*': 'all positional parameters',
    '#': 'the number of positional parameters', '?': 'the status of the last command',
    '-': 'the options of the shell', '$': 'the process ID of the shell',
    '!': 'the process ID of the last background job', '0': 'the name of the shell or script',
}
OPERATORS = {
    '-': 'the word behind - where it is unset',
    ':-': 'the word behind :- where it is unset or null',
    '=': 'assigned the word behind = where it is unset',
    ':=': 'assigned the word behind := where it is unset or null',
    '?': 'an error where it is unset', ':?': 'an error where it is unset or null',
    '+': 'the word behind + where it is set', ':+': 'the word behind :+ where it is not null',
    '#': 'without its shortest beginning that matches the pattern',
    '##': 'without its longest beginning that matches the pattern',
    '%': 'without its shortest end that matches the pattern',
    '%%': 'without its longest end that matches the pattern',
    '/': 'its first match of the pattern replaced', '//': 'every match of the pattern replaced',
    '/#': 'a beginning that matches the pattern replaced',
    '/%': 'an end that matches the pattern replaced', ':': 'a part of it, from an offset on',
    '^': 'its first letter in upper case', '^^': 'in upper case',
    ',': 'its first letter in lower case', ',,': 'in lower case',
    '~': 'the case of its first letter changed', '~~': 'the case of its letters changed',
    '@Q': 'quoted so that it can be read back', '@E': "with the escapes of $'…' expanded",
    '@P': 'expanded as a prompt', '@A': 'as the assignment that would make it',
    '@a': 'its attributes', '@U': 'in upper case', '@u': 'its first letter in upper case',
    '@L': 'in lower case', '!*': 'the names of variables that begin so',
    '!@': 'the names of variables that begin so',
}
MOVING = frozenset(('cd', 'pushd', 'popd'))
SETTING = frozenset(('read', 'export', 'readonly', 'local', 'declare', 'typeset', 'unset',
                     'getopts', 'mapfile', 'readarray', 'printf', 'let', 'cd', 'pushd'))
TEXTS = (Literal, Escaped, SingleQuoted, DollarSingleQuoted)
ARITHMETIC = (ArithmeticExpansion, ArithmeticCommand, ArithmeticFor)
LONGEST_VALUE = 60          # characters of a value that is shown


def steps(word: Word, split: bool = True) -> list[str]:
    """What is done with a word, one phrase each; nothing for plain text.  `split`: whether
    fields may come of it."""
    found: list[str] = []
    if split and _has_braces(word.parts):
        found.append('brace expansion: a word for each of what the braces list')
    _expansions(word.parts, '', found)
    unquoted = any(_expands(part) for part in word.parts)
    if split and unquoted:
        found.append('field splitting at the characters of IFS')
    if split and (unquoted or any(type(part) is Literal and magic(part.text)
                                  for part in word.parts)):
        found.append('pathname expansion')
    if any(isinstance(part, (DoubleQuoted, SingleQuoted, Escaped, DollarSingleQuoted))
           for part in word.parts) and found:
        found.append('quote removal')
    return found


def _has_braces(parts: Sequence[Part]) -> bool:
    text = ''.join(part.text if type(part) is Literal else '\0' for part in parts)
    return '{' in text and '}' in text and (',' in text or '..' in text)


def _expands(part: Part) -> bool:
    """Whether the result of an expansion stands unquoted."""
    return not isinstance(part, (Literal, Escaped, SingleQuoted, DollarSingleQuoted,
                                 DoubleQuoted, TildePrefix, ProcessSubstitution))


def _expansions(parts: Sequence[Part], quoted: str, found: list[str]) -> None:
    for part in parts:
        if isinstance(part, DoubleQuoted):
            before = len(found)
            _expansions(part.parts, ' in double-quotes, so it is not split', found)
            if len(found) > before + 1:         # said once
                found[before:-1] = [phrase.removesuffix(
                    ' in double-quotes, so it is not split') for phrase in found[before:-1]]
        elif isinstance(part, TildePrefix):
            found.append(f'~{part.user}: ' + ('the home directory' if not part.user else
                                              f'what ~{part.user} stands for'))
        else:
            phrase = expansion(part)
            if phrase:
                found.append(phrase + quoted)


def expansion(part: Node) -> str:
    """What a part of a word stands for; '' if it is text."""
    if isinstance(part, ParameterExpansion):
        operator = OPERATORS.get(part.operator, '')
        return parameter(part.parameter) + (': ' + operator if operator else '')
    if isinstance(part, ParameterLength):
        return f'the length of {parameter(part.parameter)}'
    if isinstance(part, ParameterChange):
        return f'{parameter(part.parameter)}: {OPERATORS.get(part.operator, "changed")}'
    if isinstance(part, CommandSubstitution):
        return 'what the commands print, without newlines at its end'
    if isinstance(part, ProcessSubstitution):
        return 'the name of a pipe to or from the commands'
    if isinstance(part, ArithmeticExpansion):
        return 'the value of the expression'
    if isinstance(part, ElementExpansion):
        return f'an element of the array {part.name}, or all of them'
    if isinstance(part, SubscriptsExpansion):
        return f'the subscripts of the array {part.name}'
    if isinstance(part, IndirectExpansion):
        return 'the parameter that another one names'
    return 'an array' if isinstance(part, CompoundValue) else ''


def parameter(name: str) -> str:
    """A parameter in words."""
    if name in SPECIAL:
        return SPECIAL[name]
    if name.isdecimal():
        return f'positional parameter {name}'
    return f'the variable {name}'


# -- what it becomes ------------------------------------------------------------------


def changed_by(tree: CommandList) -> frozenset[str]:
    """The parameters that commands may set, by what can be seen of them."""
    found: set[str] = set()
    for node in tree.walk():
        if isinstance(node, Assignment | ForClause):
            found.add(node.name)
        elif isinstance(node, ParameterExpansion) and node.operator[-1:] == '=':
            found.add(node.parameter)
        elif isinstance(node, ARITHMETIC):
            found.update(set_in(node))
        elif isinstance(node, FunctionDefinition):
            found.update('123456789@*#')
        elif isinstance(node, SimpleCommand) and node.words:
            words = [_begin(word) for word in node.words]
            if words[0] in ('set', 'shift', 'getopts'):
                found.update('123456789@*#')
            if words[0] in SETTING:
                found.update(word.partition('=')[0] for word in words[1:])
    return frozenset(found)


def assigned_in(parts: Sequence[Part]) -> list[str]:
    """The variables that an arithmetic expression sets, as far as it is written down."""
    text = ''.join([part.text if isinstance(part, TEXTS) else OPERAND for part in parts])
    try:
        tree = parse_arithmetic(text, text.count(OPERAND))
    except ArithmeticSyntaxError:
        return []
    return [node.name for node in (tree.walk() if tree is not None else ())
            if isinstance(node, VariableAssignment | Increment)]


def set_in(node: ArithmeticExpansion | ArithmeticCommand | ArithmeticFor) -> list[str]:
    """The variables that an arithmetic node sets."""
    if isinstance(node, ArithmeticFor):
        return [name for parts in node.expressions for name in assigned_in(parts)]
    return assigned_in(node.parts)


def _begin(word: Word) -> str:
    """What is plain of a word, from its beginning: all, or what stands before an expansion."""
    first = word.parts[0] if word.parts else None
    return word.literal() or (first.text if isinstance(first, Literal) else '')


def becomes(shell: Shell, word: Word, changed: frozenset[str] = frozenset(),
            split: bool = True) -> list[str] | None:
    """The fields that a word has come to if it is expanded as things are; None where that
    would take running something, or looking at files, or parameters are `changed` by then."""
    if split and _has_braces(word.parts):
        return None
    segments: Segments = []
    if not _segments(shell, word.parts, LITERAL, changed, segments):
        return None
    if not split:
        return [''.join(text for text, _ in segments)]
    if any(kind != QUOTED and magic(text) for text, kind in segments):
        return None
    found: list[str] = []
    fields(segments, shell.splitter, found, None)
    return found


def _segments(shell: Shell, parts: Sequence[Part], kind: int, changed: frozenset[str],
              out: Segments) -> bool:
    for part in parts:
        if isinstance(part, Literal):
            out.append((part.text, kind))
        elif isinstance(part, (Escaped, SingleQuoted, DollarSingleQuoted)):
            out.append((part.text, QUOTED))
        elif isinstance(part, DoubleQuoted):
            if not part.parts:
                out.append(('', QUOTED))
            if not _segments(shell, part.parts, QUOTED, changed, out):
                return False
        elif isinstance(part, ParameterExpansion) and not part.operator:
            value = plain_value(shell, part.parameter)
            if value is None or part.parameter in changed:
                return False
            out.append((value, SPLIT if kind == LITERAL else QUOTED))
        elif isinstance(part, TildePrefix) and not part.user:
            home = plain_value(shell, 'HOME')
            if not home or 'HOME' in changed:
                return False
            out.append((home, QUOTED))
        else:
            return False
    return True


def plain_value(shell: Shell, name: str) -> str | None:
    """The value of a variable that is a plain text, '' if it is unset; None for whatever
    might be worked out when it is asked for."""
    if name.isdecimal() and name.strip('0'):
        place = int(name[:9])
        return shell.positional[place - 1] if place <= len(shell.positional) else ''
    variables = shell.variables
    if not (name[:1].isalpha() or name[:1] == '_') or name in variables.dynamic \
            or name in variables.others:
        return None
    return variables.values.get(name, '')


def shown(values: Sequence[str]) -> str:
    """Fields, each in brackets."""
    return ' '.join(f'<{value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"}>'
                    for value in values) or 'nothing, no field at all'
