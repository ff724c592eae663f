"""Arrays of bash -> closures: `name[subscript]=value`, `name=(…)`, `${name[subscript]…}`.

A subscript is two closures, the key of an associative array and the index of every other
variable: which of them is wanted may change from one run to the next.
"""
from __future__ import annotations

from minishell.compile.numbers import compile_number
from minishell.compile.parameter_changes import compile_bounds, compile_change_of, substring
from minishell.compile.parameters import compile_several, length_of
from minishell.compile.patterns import compile_removal
from minishell.compile.words import (
    compile_all_fields,
    compile_segments,
    compile_text,
)
from minishell.errors import SubscriptError, UnsetError
from minishell.expand.splitting import QUOTED, SPLIT
from minishell.run.declarations import Operand, declaration, letters, pairs_of
from minishell.run.elements import CompoundAssigned, ElementAssigned
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
from minishell.syntax.array_nodes import CompoundValue
from minishell.syntax.nodes import ParameterChange, ParameterExpansion, ParameterLength

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.compile.compiler import Compiler
    from minishell.compile.parameters import Get, Values
    from minishell.compile.words import Fields, SegmentsClosure
    from minishell.expand.splitting import Segments
    from minishell.run.commands import Assigned
    from minishell.state.elements import Element
    from minishell.state.shell import Shell, Text
    from minishell.syntax.array_nodes import ElementExpansion, SubscriptsExpansion
    from minishell.syntax.nodes import Assignment, Word

    Index = Callable[[Shell], int]

ALL = ('@', '*')


# -- assignments ------------------------------------------------------------------------


def compile_array_assignment(node: Assignment, compiler: Compiler) -> Assigned:
    """`name[subscript]=value` or `name=(…)`, before a command or without one."""
    if node.subscript is not None:
        key, index = _compile_subscript(node.name, node.subscript, compiler)
        return ElementAssigned(node.name, key, index, node.append,
                               compile_text(node.value, compiler),
                               lambda: f'{node.name}[{_source(node.subscript)}]')
    value = node.value.parts[-1]
    assert isinstance(value, CompoundValue)
    return CompoundAssigned(node.name, _compile_words(value, compiler),
                            _compile_elements(value, compiler), node.append, _nothing,
                            lambda: _source(value))


def compile_operand(node: Assignment, compiler: Compiler) -> Fields:
    """Fields: the operand of a declaration utility that is such an assignment."""
    name, append = node.name, node.append
    plus = '+=' if append else '='
    if node.subscript is not None:
        key, value = compile_text(node.subscript, compiler), compile_text(node.value, compiler)

        def of_element(shell: Shell, out: list[str]) -> None:
            subscript, text = key(shell), value(shell)
            out.append(Operand(f'{name}[{subscript}]{plus}{text}', name, subscript, append,
                               text, None))
        return of_element
    compound = node.value.parts[-1]
    assert isinstance(compound, CompoundValue)
    given = _compile_elements(compound, compiler)

    def of_elements(shell: Shell, out: list[str]) -> None:
        out.append(Operand(name + plus + _source(compound), name, None, append, None,
                           given(shell)))
    return of_elements


def compile_compound_text(node: CompoundValue, compiler: Compiler, quoted: bool) -> Text:
    """Text: `(…)` where a text is wanted: its source."""
    text = _source(node)
    return lambda shell: text


def _nothing(shell: Shell) -> str:
    return ''


def _source(node: Word | CompoundValue | None) -> str:
    from minishell.syntax.unparse import unparse
    assert node is not None
    return unparse(node, one_line=True)


def _compile_words(node: CompoundValue, compiler: Compiler,
                   ) -> Callable[[Shell], list[str]] | None:
    """The texts of elements of which none has a subscript; else None."""
    if any(element.subscript is not None for element in node.elements):
        return None
    closures = compile_all_fields(
        [element.value for element in node.elements], compiler, False)

    def words(shell: Shell) -> list[str]:
        out: list[str] = []
        for fields in closures:
            fields(shell, out)
        return out
    return words


def _compile_elements(node: CompoundValue, compiler: Compiler,
                      ) -> Callable[[Shell], list[Element]]:
    """Subscripts and texts of elements: all are expanded before one is assigned."""
    closures: list[Callable[[Shell], list[Element]]] = []
    for element in node.elements:
        if element.subscript is None:
            closures += map(_without_subscript,
                            compile_all_fields([element.value], compiler, False))
        else:
            closures.append(_with_subscript(compile_text(element.subscript, compiler),
                                            element.append,
                                            compile_text(element.value, compiler)))
    return lambda shell: [element for given in closures for element in given(shell)]


def _without_subscript(fields: Fields) -> Callable[[Shell], list[Element]]:
    def given(shell: Shell) -> list[Element]:
        out: list[str] = []
        fields(shell, out)
        return [(None, False, text) for text in out]
    return given


def _with_subscript(key: Text, append: bool, text: Text) -> Callable[[Shell], list[Element]]:
    return lambda shell: [(key(shell), append, text(shell))]


# -- subscripts -------------------------------------------------------------------------


def _compile_subscript(name: str, subscript: Word, compiler: Compiler) -> tuple[Text, Index]:
    """The key and the index that a subscript is."""
    key = compile_text(subscript, compiler)
    literal = subscript.literal()
    if not subscript.parts or literal is not None and not literal.strip() or literal in ALL:
        def wrong(shell: Shell) -> int:
            raise SubscriptError(f'{name}[{literal or ""}]: bad array subscript')
        return key, wrong
    return key, compile_number(subscript.parts, compiler)


def compile_get_element(node: ElementExpansion, compiler: Compiler) -> Get:
    """The value of `name[subscript]`; None if it is unset."""
    name = node.name
    key, index = _compile_subscript(name, node.subscript, compiler)

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
        return array.get(key(shell))
    return get


# -- expansions: one element --------------------------------------------------------------


def compile_element(node: ElementExpansion, compiler: Compiler, quoted: bool) -> Text:
    """Text: an expansion of an element, or of all, as one string."""
    if node.subscript.literal() in ALL:
        return _all_text(node, compiler, quoted)
    get, part = compile_get_element(node, compiler), node.part
    label = _label(node)
    if isinstance(part, ParameterLength):
        return _length(node, get, compiler)
    if isinstance(part, ParameterExpansion) and part.operator[:1] not in ('', '#', '%'):
        return _choosing(node, part, get, compiler, quoted)

    def value(shell: Shell) -> str:
        found = get(shell)
        if found is None:
            if shell.options.nounset:
                raise UnsetError(f'{label()}: unbound variable')
            return ''
        return found
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
        found = get(shell)
        return value(shell) if found is None else change(shell, found)
    return changed


def _length(node: ElementExpansion, get: Get, compiler: Compiler) -> Text:
    """Text: `${#name[subscript]}`; a subscript before the first element is an error here."""
    index = _compile_subscript(node.name, node.subscript, compiler)[1]

    def length(shell: Shell) -> str:
        array = array_of(shell.variables, node.name)
        if not isinstance(array, AssociativeArray):
            end = 1 if array is None else array.end()
            if (number := index(shell)) < -end:
                raise SubscriptError(f'{_source(node.subscript)}]: bad array subscript')
            text = get_at(shell.variables, node.name, number)
        else:
            text = get(shell)
        if text is None and shell.options.nounset:
            raise UnsetError(f'{node.name}: unbound variable')
        return str(length_of(shell, text or ''))
    return length


def _label(node: ElementExpansion) -> Callable[[], str]:
    return lambda: f'{node.name}[{_source(node.subscript)}]'


def _choosing(node: ElementExpansion, part: ParameterExpansion, get: Get, compiler: Compiler,
              quoted: bool) -> Text:
    """Text: - = ? + on an element."""
    assert part.word is not None
    word = compile_text(part.word, compiler, quoted)
    kind, colon, label = part.operator[-1], part.operator[0] == ':', _label(node)
    key, index = _compile_subscript(node.name, node.subscript, compiler)

    def run(shell: Shell) -> str:
        found = get(shell)
        missing = found is None or colon and not found
        if kind == '+':
            return '' if missing else word(shell)
        if not missing:
            return found or ''
        text = word(shell)
        if kind == '=':
            if is_associative(shell.variables, node.name):
                assign_key(shell.variables, node.name, key(shell), text, False)
            else:
                assign_at(shell.variables, node.name, index(shell), text, False,
                          lambda: _source(node.subscript))
        elif kind == '?':
            text = text or ('parameter null or not set' if colon else 'parameter not set')
            raise UnsetError(f'{label()}: {text}')
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
    values = _compile_values(node, compiler)
    return compile_several(literal or '', quoted, values)


def compile_subscripts_segments(node: SubscriptsExpansion, compiler: Compiler,
                                quoted: bool) -> SegmentsClosure:
    """Segments: `${!name[@]}`."""
    name = node.name
    return compile_several(node.all, quoted, lambda shell: subscripts(shell.variables, name))


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
    values = _compile_values(node, compiler)
    if isinstance(part, ParameterChange) and part.operator == '@A':
        return lambda shell: ' '.join(values(shell))
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


def _declarations(name: str, joins: bool) -> Values:
    """`${name[@]@A}`: in quotes several words, as bash has them; `${name[*]@A}`: one."""
    about = _about(name, '@A', lambda shell: shell.variables.get(name))

    def values(shell: Shell) -> list[str]:
        variables = shell.variables
        target = plain_name(variables, name)
        if not variables.declared(target):
            return []
        if not variables.flags.get(target, 0) & ARRAYS:
            return [about(shell)]
        text = declaration(variables, target)
        return [text] if joins else text.split(' ', 2)
    return values


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


def _compile_values(node: ElementExpansion, compiler: Compiler) -> Values:
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
            return _declarations(name, node.subscript.literal() == '*')
        if operator in ABOUT_ALL:
            return ABOUT_ALL[operator](name)
        if operator == ':':
            return _compile_slice(name, node.subscript.literal() or '', part, compiler)
        change = compile_change_of(part, compiler)
    return lambda shell: [change(shell, text) for text in elements(shell.variables, name)]


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
    part = node.part
    literal = node.subscript.literal()
    assert isinstance(part, ParameterExpansion) and part.word is not None
    colon, kind = part.operator[0] == ':', part.operator[-1]
    result = QUOTED if quoted else SPLIT
    if literal in ALL:
        get, name = _joined(node, quoted), node.name
        own = compile_several(literal or '', quoted,
                              lambda shell: elements(shell.variables, name))
    else:
        get = compile_get_element(node, compiler)

        def own(shell: Shell, out: Segments) -> None:
            out.append((get(shell) or '', result))
    if kind in '=?':
        text = _choosing(node, part, get, compiler, quoted)

        def run_text(shell: Shell, out: Segments) -> None:
            found = get(shell)
            if found is None or colon and not found:
                out.append((text(shell), result))
            else:
                own(shell, out)
        return run_text
    word = part.word.parts
    inner = compile_segments(word, compiler, quoted, True) if word else None

    def run(shell: Shell, out: Segments) -> None:
        found = get(shell)
        missing = found is None or colon and not found
        if missing is (kind == '-'):
            if inner is not None:
                inner(shell, out)
            elif quoted:
                out.append(('', QUOTED))        # a null word in quotes is a field
        elif kind == '-':
            own(shell, out)
    return run
