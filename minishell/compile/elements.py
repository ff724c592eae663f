"""Arrays of bash -> closures: `${name[subscript]…}`.

A subscript is two closures, the key of an associative array and the index of every other
variable: which of them is wanted may change from one run to the next.
"""
from __future__ import annotations

from minishell.compile.numbers import compile_number
from minishell.compile.parameter_changes import compile_bounds, compile_change_of, substring
from minishell.compile.parameters import compile_several, length_of, split_before
from minishell.compile.patterns import compile_removal
from minishell.compile.words import compile_segments, compile_text
from minishell.errors import SubscriptError, UnsetError
from minishell.expand.splitting import QUOTED, SPLIT
from minishell.run.declarations import declaration, letters, pairs_of
from minishell.state.arrays import AssociativeArray, IndexedArray
from minishell.state.attributes import ARRAYS
from minishell.state.elements import (
    array_of,
    assign_at,
    assign_key,
    elements,
    get_at,
    is_associative,
    plain_name,
    subscripts,
)
from minishell.syntax.nodes import ParameterChange, ParameterExpansion, ParameterLength

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.compile.compiler import Compiler
    from minishell.compile.parameters import Get, Values
    from minishell.compile.words import SegmentsClosure
    from minishell.expand.splitting import Segments
    from minishell.state.shell import Shell, Text
    from minishell.syntax.array_nodes import (
        CompoundValue,
        ElementExpansion,
        SubscriptsExpansion,
    )
    from minishell.syntax.nodes import Word

    Index = Callable[[Shell], int]

ALL = ('@', '*')


# -- subscripts -------------------------------------------------------------------------


def source_of(node: Word | CompoundValue | None) -> str:
    """The text of a subscript or value, on one line."""
    from minishell.syntax.unparse import unparse
    assert node is not None
    return unparse(node, one_line=True)


def compile_subscript(name: str, subscript: Word, compiler: Compiler) -> tuple[Text, Index]:
    """The key and the index that a subscript is."""
    key = compile_text(subscript, compiler)
    literal = subscript.literal()
    if not subscript.parts or literal == '' or literal in ALL:
        def wrong(shell: Shell) -> int:
            raise SubscriptError(f'{name}[{literal or ""}]: bad array subscript')
        return key, wrong
    return key, compile_number(subscript.parts, compiler)


def compile_get_element(node: ElementExpansion, compiler: Compiler) -> Get:
    """The value of `name[subscript]`; None if it is unset."""
    name = node.name
    key, index = compile_subscript(name, node.subscript, compiler)

    def get(shell: Shell) -> str | None:
        variables = shell.variables
        array = variables.others.get(name)
        if type(array) is IndexedArray:
            number = index(shell)
            return array.get(number) if number >= 0 else get_at(variables, name, number)
        if type(array) is not AssociativeArray:
            if not is_associative(variables, name):
                return get_at(variables, name, index(shell))
            array = array_of(variables, name)
            if type(array) is not AssociativeArray:
                return None
        text = key(shell)
        if not text:
            shell.warn(f'{name}: bad array subscript')
        return array.get(text)
    return get


# -- expansions: one element --------------------------------------------------------------


def compile_element(node: ElementExpansion, compiler: Compiler, quoted: bool) -> Text:
    """Text: an expansion of an element, or of all, as one string."""
    if node.subscript.literal() in ALL:
        return _all_text(node, compiler, quoted)
    get, part = compile_get_element(node, compiler), node.part
    label = _label(node)
    if isinstance(part, ParameterLength):
        return _length(node, compiler)
    if isinstance(part, ParameterExpansion) and part.operator[:1] not in ('', '#', '%'):
        return _choosing(node, part, get, compiler, quoted)

    def missing(shell: Shell) -> str:
        if shell.options.nounset:
            raise UnsetError(f'{label()}: unbound variable')
        return ''

    def value(shell: Shell) -> str:
        found = get(shell)
        return missing(shell) if found is None else found
    if isinstance(part, ParameterExpansion):
        if not part.operator:
            return value
        change = compile_removal(part, compiler)
    else:
        assert isinstance(part, ParameterChange)
        if part.operator in ('@A', '@a'):
            return _about(node.name, part.operator, get)
        change = compile_change_of(part, compiler)

    def changed(shell: Shell) -> str:
        found = get(shell)              # once: the subscript may be `i++`
        return missing(shell) if found is None else change(shell, found)
    return changed


def _length(node: ElementExpansion, compiler: Compiler) -> Text:
    """Text: `${#name[subscript]}`; a subscript before the first element is an error here, and
    so is a null key."""
    key, index = compile_subscript(node.name, node.subscript, compiler)

    def wrong() -> SubscriptError:
        return SubscriptError(f'{source_of(node.subscript)}]: bad array subscript')

    def length(shell: Shell) -> str:
        array = array_of(shell.variables, node.name)
        if not isinstance(array, AssociativeArray):
            end = 1 if array is None else array.end()
            if (number := index(shell)) < -end:
                raise wrong()
            text = get_at(shell.variables, node.name, number)
        else:
            subscript = key(shell)
            if not subscript:
                raise wrong()
            text = array.get(subscript)
        if shell.options.nounset and (array is None or text is None and not     # as in bash
                                      shell.variables.is_set(
                                          plain_name(shell.variables, node.name))):
            raise UnsetError(f'{node.name}: unbound variable')
        return str(length_of(shell, text or ''))
    return length


def _label(node: ElementExpansion) -> Callable[[], str]:
    return lambda: f'{node.name}[{source_of(node.subscript)}]'


def _choosing(node: ElementExpansion, part: ParameterExpansion, get: Get, compiler: Compiler,
              quoted: bool) -> Text:
    """Text: - = ? + on an element."""
    assert part.word is not None
    kind, colon = part.operator[-1], part.operator[0] == ':'
    if kind in '=?':
        otherwise = _otherwise(node, part, compiler, quoted)
    else:
        otherwise = compile_text(part.word, compiler, quoted)

    def run(shell: Shell) -> str:
        found = get(shell)
        missing = found is None or colon and not found
        if kind == '+':
            return '' if missing else otherwise(shell)
        return otherwise(shell) if missing else found or ''
    return run


def _otherwise(node: ElementExpansion, part: ParameterExpansion, compiler: Compiler,
               quoted: bool) -> Text:
    """Text: what `=` assigns to an element that is missing; of `?` an error."""
    assert part.word is not None
    word, label = compile_text(part.word, compiler, quoted), _label(node)
    kind = part.operator[-1]
    key, index = compile_subscript(node.name, node.subscript, compiler)
    why = 'parameter null or not set' if part.operator[0] == ':' else 'parameter not set'

    def run(shell: Shell) -> str:
        text = word(shell)
        if kind == '?':
            raise UnsetError(f'{label()}: {text or why}')
        if is_associative(shell.variables, node.name):
            assign_key(shell.variables, node.name, key(shell), text, False)
        else:
            assign_at(shell.variables, node.name, index(shell), text, False,
                      lambda: source_of(node.subscript))
        return text
    return run


def _about(name: str, operator: str, get: Get) -> Text:
    """Text: `${name[subscript]@A}` and `@a`: of the variable, with this value."""
    def run(shell: Shell) -> str:
        from minishell.run.tracing import single_quoted
        variables = shell.variables
        target = plain_name(variables, name)
        flags = letters(variables.flags.get(target, 0))
        found = get(shell)
        if operator == '@a':
            return flags if variables.declared(name) else ''
        if found is None:
            return f'declare -{flags} {target}' if flags else ''
        return f'declare -{flags} {target}={single_quoted(found)}' if flags \
            else f'{target}={single_quoted(found)}'
    return run


# -- expansions: all elements ---------------------------------------------------------------


def compile_element_segments(node: ElementExpansion, compiler: Compiler,
                             quoted: bool) -> SegmentsClosure:
    """Segments: an expansion that may give several fields, or whose word may."""
    literal = node.subscript.literal()
    if literal not in ALL:
        return _choosing_segments(node, compiler, quoted)
    part = node.part
    if isinstance(part, ParameterExpansion) and part.operator[:1] not in ('', '#', '%'):
        return _choosing_segments(node, compiler, quoted)
    values = compile_values(node, compiler)
    operator = getattr(part, 'operator', '')
    if operator == '@A':
        return _declaration_segments(values, quoted)
    return compile_several(literal or '', quoted, values, operator not in ('', '@K'))


def compile_subscripts_segments(node: SubscriptsExpansion, compiler: Compiler,
                                quoted: bool) -> SegmentsClosure:
    """Segments: `${!name[@]}`."""
    name = node.name
    return compile_several(node.all, quoted,
                           lambda shell: subscripts(shell.variables, name), True)


def compile_subscripts(node: SubscriptsExpansion, compiler: Compiler, quoted: bool) -> Text:
    """Text: `${!name[@]}` as one string."""
    name, joins = node.name, node.all == '*'

    def run(shell: Shell) -> str:
        return (shell.splitter.join if joins else ' ').join(subscripts(shell.variables, name))
    return run


def _all_text(node: ElementExpansion, compiler: Compiler, quoted: bool) -> Text:
    part, name = node.part, node.name
    if isinstance(part, ParameterLength):
        def count(shell: Shell) -> str:
            array = array_of(shell.variables, name)
            if array is None and shell.options.nounset \
                    and shell.variables.get(name) is None:
                raise UnsetError(f'{name}: unbound variable')
            return str(len(elements(shell.variables, name) if array is None else array))
        return count
    if isinstance(part, ParameterExpansion) and part.operator[:1] not in ('', '#', '%'):
        return _choosing(node, part, _joined(node), compiler, quoted)
    values = compile_values(node, compiler)
    joins = node.subscript.literal() == '*'
    return lambda shell: (shell.splitter.join if joins else ' ').join(values(shell))


def _joined(node: ElementExpansion, quoted: bool = True) -> Get:
    """All elements as one text; None if there are none.  Several null ones are not null
    together if they are not quoted."""
    name, joins = node.name, node.subscript.literal() == '*' and quoted

    def get(shell: Shell) -> str | None:
        texts = elements(shell.variables, name)
        return (shell.splitter.join if joins else ' ').join(texts) if texts else None
    return get


def _declaration(name: str) -> Values:
    """`${name[@]@A}`, `${name[*]@A}`."""
    about = _about(name, '@A', lambda shell: shell.variables.get(name))

    def values(shell: Shell) -> list[str]:
        variables = shell.variables
        target = plain_name(variables, name)
        if not variables.declared(target):
            return []
        if not variables.flags.get(target, 0) & ARRAYS:
            return [about(shell)]
        return [declaration(variables, target)]
    return values


def _declaration_segments(values: Values, quoted: bool) -> SegmentsClosure:
    """Segments: `${name[@]@A}`, and `"${name[*]@A}"` with a `$@` in the same quotes."""
    def run(shell: Shell, out: Segments) -> None:
        for text in values(shell):
            flags = text.partition(' -')[2].partition(' ')[0]
            if not quoted and shell.splitter.ifs:
                out.append((text, SPLIT))
            elif text.startswith('declare -') and 'a' in flags.lower():     # of an array
                split_before(text, '=', shell, out)
            else:
                out.append((text, QUOTED if quoted else SPLIT))
    return run


def _all_pairs(name: str) -> Values:
    """`${name[@]@K}`: subscripts and elements, all in one word."""
    def values(shell: Shell) -> list[str]:
        array = array_of(shell.variables, name)
        if array is None:
            from minishell.run.tracing import single_quoted
            value = shell.variables.get(name)
            return [] if value is None else [single_quoted(value)]
        return [pairs_of(array)] if array else []
    return values


def _attributes(name: str) -> Values:
    """`${name[@]@a}`: the attributes, once for each element."""
    def values(shell: Shell) -> list[str]:
        variables = shell.variables
        target = plain_name(variables, name)
        array = array_of(variables, target)
        text = letters(variables.flags.get(target, 0))
        return [text] * ((text != '') if array is None else len(array))
    return values


def compile_values(node: ElementExpansion, compiler: Compiler) -> Values:
    """The texts that an expansion of all elements gives."""
    name, part = node.name, node.part
    if isinstance(part, ParameterExpansion):
        if not part.operator:
            return lambda shell: elements(shell.variables, name)
        change = compile_removal(part, compiler)
    else:
        assert isinstance(part, ParameterChange)
        operator = part.operator
        if operator == '@A':
            return _declaration(name)
        if operator in ABOUT_ALL:
            return ABOUT_ALL[operator](name)
        if operator == ':':
            return _compile_slice(name, node.subscript.literal() or '', part, compiler)
        change = compile_change_of(part, compiler)
    return lambda shell: [change(shell, text) for text in elements(shell.variables, name)]


def quoted_values(node: ElementExpansion, compiler: Compiler) -> Values | None:
    """The fields of `"${name[@]…}"` alone in double-quotes; None if it is not so simple."""
    part = node.part
    if node.subscript.literal() != '@' or not isinstance(
            part, (ParameterExpansion, ParameterChange)) or part.operator == '@A' \
            or isinstance(part, ParameterExpansion) and part.operator[:1] not in ('', '#', '%'):
        return None
    return compile_values(node, compiler)


def _pairs(name: str) -> Values:
    """`${name[@]@k}`: subscripts and elements in turn."""
    def values(shell: Shell) -> list[str]:
        array = array_of(shell.variables, name)
        if array is None:
            return elements(shell.variables, name)
        return [text for key, value in array.items() for text in (str(key), value)]
    return values


ABOUT_ALL: dict[str, Callable[[str], Values]] = {
    '@K': _all_pairs, '@k': _pairs, '@a': _attributes}


def _compile_slice(name: str, subscript: str, part: ParameterChange,
                   compiler: Compiler) -> Values:
    """`${name[@]:offset:length}`: the offset is an index, the length a number of elements; keys
    count from 1, as positional parameters do.  Of what is no array it is a substring."""
    bounds = compile_bounds(part, compiler, f'{name}[{subscript}]')

    def values(shell: Shell) -> list[str]:
        array = array_of(shell.variables, name)
        if type(array) is IndexedArray:
            end = array.end()
            begin, stop = bounds(shell, end, True)
            if len(array) == end:
                return array.texts()[begin:stop]
            found = [text for index, text in array.items() if index >= begin]
            return found[:max(stop - begin, 0)]
        texts = elements(shell.variables, name)
        if type(array) is AssociativeArray:
            begin, stop = bounds(shell, len(texts) + 1, True)
            begin, stop = (begin, stop) if begin else (1, stop + 1)
            return texts[begin - 1:stop - 1] if stop > begin else []
        return [substring(shell, text, bounds) for text in texts]
    return values


def _choosing_segments(node: ElementExpansion, compiler: Compiler,
                       quoted: bool) -> SegmentsClosure:
    """Segments: - = ? + whose word keeps its own quoting and fields."""
    part, name = node.part, node.name
    literal = node.subscript.literal() or ''
    assert isinstance(part, ParameterExpansion) and part.word is not None
    colon, kind = part.operator[0] == ':', part.operator[-1]
    result = QUOTED if quoted else SPLIT
    several = literal in ALL
    get = _joined(node, quoted) if several else compile_get_element(node, compiler)
    all_of = compile_several(literal, quoted, lambda shell: elements(shell.variables, name))
    text: Text | None = None
    inner: SegmentsClosure | None = None
    if kind in '=?':
        text = _otherwise(node, part, compiler, quoted)
    elif part.word.parts:
        inner = compile_segments(part.word.parts, compiler, quoted, True)

    def run(shell: Shell, out: Segments) -> None:
        found = get(shell)              # once: the subscript may be `i++`
        missing = found is None or colon and not found
        if missing is (kind != '+'):
            if text is not None:
                out.append((text(shell), result))
            elif inner is not None:
                inner(shell, out)
            elif quoted:
                out.append(('', QUOTED))        # a null word in quotes is a field
        elif kind != '+':
            if several:
                all_of(shell, out)
            else:
                out.append((found or '', result))
    return run
