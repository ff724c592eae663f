"""Parameter expansion -> closures (XCU 2.6.2), and the special parameters (XCU 2.5.2)."""
from __future__ import annotations

from minishell.compile.words import compile_segments, compile_text
from minishell.errors import ExpansionError, IndirectionError, ParameterError, UnsetError
from minishell.expand.splitting import BREAK, JOINED, QUOTED, SPLIT
from minishell.syntax.names import decimal, is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.compile.compiler import Compiler
    from minishell.compile.patterns import Change
    from minishell.compile.words import SegmentsClosure
    from minishell.expand.splitting import Segments
    from minishell.state.shell import Shell, Text
    from minishell.syntax.nodes import ParameterExpansion, ParameterLength

    Get = Callable[[Shell], str | None]
    Values = Callable[[Shell], list[str]]

SPECIAL: dict[str, Get] = {
    '#': lambda shell: str(len(shell.positional)),
    '?': lambda shell: str(shell.status),
    '-': lambda shell: shell.option_letters(),
    '$': lambda shell: str(shell.pid),
    '!': lambda shell: shell.last_background,
    '0': lambda shell: shell.arg0,
    # `${!#}`: in POSIX mode ${!} without an empty prefix, else, as in bash, the last parameter
    '!#': lambda shell: shell.last_background if shell.options.posix
    else (shell.positional or (shell.arg0,))[-1],
}


# -- values -------------------------------------------------------------------------


def compile_get(parameter: str) -> Get:
    """The value of a parameter other than @ and *; None if it is unset."""
    if parameter in SPECIAL:
        return SPECIAL[parameter]
    number = decimal(parameter)
    if number is not None:
        index = number - 1
        if index < 0:
            return SPECIAL['0']
        return lambda shell: shell.positional[index] if index < len(shell.positional) \
            else None

    def get(shell: Shell) -> str | None:
        value = shell.variables.values.get(parameter)
        return shell.variables.get(parameter) if value is None else value
    return get


def unset_error(parameter: str) -> ExpansionError:
    """The error of `set -u`."""
    return UnsetError(f'{parameter}: unbound variable')


def join_star(shell: Shell) -> str:
    """The value of "$*": the parameters joined by the first character of IFS."""
    return shell.splitter.join.join(shell.positional)


def join_at(shell: Shell) -> str:
    """The value of $@ where there can be one field only."""
    return ' '.join(shell.positional)


# -- text ---------------------------------------------------------------------------------


def compile_parameter(node: ParameterExpansion, compiler: Compiler, quoted: bool) -> Text:
    """Text: the expansion as one string."""
    parameter, operator = node.parameter, node.operator
    if not operator and is_name(parameter):
        return _compile_variable(parameter)     # most are
    if operator == 'bad':
        return _bad(parameter)
    if operator[:1] in ('#', '%') and operator:
        return _removing_text(node, compiler)
    value: Get
    if parameter in '@*':
        join = join_at if parameter == '@' else join_star
        if not operator:
            return join
        value = lambda shell: join(shell) if shell.positional else None  # noqa: E731
    else:
        value = compile_get(parameter)
        if not operator:
            bare = node.end - node.pos == len(parameter) + 1
            return compile_plain(parameter, value, '$' * bare)
    assert node.word is not None
    word = compile_text(node.word, compiler, quoted)
    return _choosing(parameter, operator, value, word)


def is_last(node: ParameterExpansion) -> bool:
    """Whether this is `${!#}`."""
    return node.parameter == '!' and node.operator == '#' and node.word is not None \
        and not node.word.parts


def _bad(text: str) -> Text:
    element = is_name(text[2:].partition('[')[0]) and '[' in text
    kind = IndirectionError if element else ParameterError

    def run(shell: Shell) -> str:
        raise kind(f'{text}: bad substitution')
    return run


def compile_plain(parameter: str, value: Get, dollar: str = '') -> Text:
    """Text: the value of a parameter other than @ and *; `set -u` looks at it.  As in bash its
    message shows the `dollar` of one without braces that has no name."""
    if is_name(parameter):
        return _compile_variable(parameter)

    def run(shell: Shell) -> str:
        found = value(shell)
        if found is None:
            if shell.options.nounset:
                raise unset_error(dollar + parameter)
            return ''
        return found
    return run


def _compile_variable(name: str) -> Text:
    """Text: the value of a variable; `set -u` looks at it."""
    def get(shell: Shell) -> str:
        found = shell.variables.values.get(name)
        if found is None:
            found = shell.variables.get(name)
            if found is None:
                if shell.options.nounset:
                    raise unset_error(name)
                return ''
        return found
    return get


def compile_length(node: ParameterLength, compiler: Compiler, quoted: bool) -> Text:
    """Text: `${#name}`, in characters."""
    parameter = node.parameter
    if parameter in '@*':
        return lambda shell: str(len(shell.positional))
    value = compile_plain(parameter, compile_get(parameter))

    return lambda shell: str(length_of(shell, value(shell)))


def length_of(shell: Shell, text: str) -> int:
    """The length of a text in characters, or in bytes where characters are bytes."""
    if shell.bytewise and not text.isascii():
        from minishell.expand.characters import as_bytes
        text = as_bytes(text)
    return len(text)


def _choosing(parameter: str, operator: str, value: Get, word: Text) -> Text:
    """Text: - = ? + with or without a colon, the table of XCU 2.6.2."""
    colon = operator[0] == ':'
    kind = operator[-1]

    if kind == '+':
        def run(shell: Shell) -> str:
            found = value(shell)
            return '' if found is None or colon and not found else word(shell)
    elif kind == '-':
        def run(shell: Shell) -> str:
            found = value(shell)
            return word(shell) if found is None or colon and not found else found
    elif kind == '=':
        def run(shell: Shell) -> str:
            found = value(shell)
            if found is None or colon and not found:
                return assign_default(shell, parameter, word)
            return found
    else:
        def run(shell: Shell) -> str:
            found = value(shell)
            if found is None or colon and not found:
                complain(shell, parameter, colon, word)
            return found or ''
    return run


def assign_default(shell: Shell, parameter: str, word: Text) -> str:
    """`${name=word}`.  Raises ExpansionError for what is no variable."""
    if not is_name(parameter):
        raise ParameterError(f'${parameter}: cannot assign in this way')
    text = word(shell)
    shell.variables.assign(parameter, text)
    return text


def complain(shell: Shell, parameter: str, colon: bool, word: Text) -> None:
    """`${name?word}`: raises ExpansionError with the word, or POSIX's message."""
    text = word(shell)
    if not text:
        text = 'parameter null or not set' if colon else 'parameter not set'
    raise UnsetError(f'{parameter}: {text}')


# -- removal of prefixes and suffixes --------------------------------------------------------


def _removing_text(node: ParameterExpansion, compiler: Compiler) -> Text:
    if is_last(node):
        return compile_plain('!#', SPECIAL['!#'])
    from minishell.compile.patterns import compile_removal
    change = compile_removal(node, compiler)
    parameter = node.parameter
    if parameter in '@*':
        def run_all(shell: Shell) -> str:
            changed = [change(shell, value) for value in shell.positional]
            return (shell.splitter.join if parameter == '*' else ' ').join(changed)
        return run_all
    get = compile_get(parameter)
    unset = compile_plain(parameter, get)

    def run(shell: Shell) -> str:
        value = get(shell)
        if value is None:               # no pattern is expanded, as in other shells
            return unset(shell)
        return change(shell, value)
    return run


# -- segments ------------------------------------------------------------------------


def compile_parameter_segments(node: ParameterExpansion, compiler: Compiler,
                               quoted: bool) -> SegmentsClosure:
    """Segments: expansions that may give several fields, or whose word may."""
    operator = node.operator
    if operator[:1] in ('#', '%') and operator:
        if node.parameter not in '@*':
            kind = QUOTED if quoted else SPLIT
            text = _removing_text(node, compiler)
            return lambda shell, out: out.append((text(shell), kind))
        from minishell.compile.patterns import compile_removal
        change = compile_removal(node, compiler)
        return _positional(node.parameter, quoted, change)
    if not operator:
        return _positional(node.parameter, quoted, None)
    return _choosing_segments(node, compiler, quoted)


def _positional(parameter: str, quoted: bool, change: Change | None) -> SegmentsClosure:
    """Segments: $@ and $* (XCU 2.5.2), perhaps each changed."""
    if change is None:
        return compile_several(parameter, quoted, lambda shell: shell.positional)
    return compile_several(parameter, quoted, lambda shell: [
        change(shell, value) for value in shell.positional], True)


def compile_several(parameter: str, quoted: bool, values: Values,
                    changed: bool = False) -> SegmentsClosure:
    """Segments: values as of $@ or $* (XCU 2.5.2), perhaps each changed."""
    kind = QUOTED if quoted else SPLIT

    if quoted and parameter == '*':
        if changed:
            return _joined_to_be_split(values)

        def join(shell: Shell, out: Segments) -> None:
            out.append((shell.splitter.join.join(values(shell)), QUOTED))
        return join

    def run(shell: Shell, out: Segments) -> None:
        splitter = shell.splitter
        border = JOINED if not quoted and splitter.others \
            and shell.as_bash('unquoted parameters') else BREAK
        between = ' ' if parameter == '@' else splitter.join
        first = True
        for value in values(shell):
            if not first:
                out.append((between, border))
            first = False
            out.append((value, kind))
    return run


def split_before(text: str, border: str, shell: Shell, out: Segments) -> None:
    """Append a text of which `"${a[@]@A}"` and the like are: as in bash what stands before the
    end of the border is not quoted, and split at blanks if IFS is null."""
    end = text.index(border) + len(border) if border in text else len(text)
    before = text[:end]
    for index, word in enumerate([before] if shell.splitter.ifs else before.split(' ')):
        if index:
            out.append((' ', BREAK))
        out.append((word, SPLIT))
    if end < len(text):
        out.append((text[end:], QUOTED))


def _joined_to_be_split(values: Values) -> SegmentsClosure:
    """Segments: `${*#x}` in the same double-quotes as a `$@`: as in bash what joins the values
    is split there, and null ones go where it is white space."""
    def run(shell: Shell, out: Segments) -> None:
        first = True
        for value in values(shell):
            if not first:
                out.append((shell.splitter.join, SPLIT))
            first = False
            if value:
                out.append((value, QUOTED))
    return run


def _choosing_segments(node: ParameterExpansion, compiler: Compiler,
                       quoted: bool) -> SegmentsClosure:
    """Segments: - = ? + whose word keeps its own quoting and fields."""
    parameter, operator, word = node.parameter, node.operator, node.word
    assert word is not None
    colon, kind = operator[0] == ':', operator[-1]
    several = parameter in '@*'
    # Only one of the two is compiled: a word may hold further expansions, each of which would
    # be compiled twice for every level.
    text = inner = None
    if kind in '=?':
        text = compile_text(word, compiler, quoted)
    elif word.parts:
        inner = compile_segments(word.parts, compiler, quoted, True)
    if several:
        own = _positional(parameter, quoted, None)
        value: Get = lambda shell: join_at(shell) if shell.positional else None  # noqa: E731
    else:
        get = value = compile_get(parameter)
        result = QUOTED if quoted else SPLIT

        def own(shell: Shell, out: Segments) -> None:
            out.append((get(shell) or '', result))

    def run(shell: Shell, out: Segments) -> None:
        found = value(shell)
        missing = found is None or colon and not found
        if kind == '+' and missing:
            return
        if kind == '+' or kind == '-' and missing:
            if inner is not None:
                inner(shell, out)
            elif quoted:
                out.append(('', QUOTED))        # a null word in quotes is a field
            return
        if missing and text is not None:
            if kind == '?':
                complain(shell, parameter, colon, text)
            out.append((assign_default(shell, parameter, text),
                        QUOTED if quoted else SPLIT))
            return
        own(shell, out)
    return run
