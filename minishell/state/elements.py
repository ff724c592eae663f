"""Arrays, their elements, name references and attributes that change values (bash).

Loaded by the first of them.  A *reference* is the text of one: `name` or `name[subscript]`,
as `read`, `printf -v`, `unset` and name references have it.  A subscript is a text: the key of
an associative array, an arithmetic expression for every other variable; one that is no array
is its own element 0.
"""
from __future__ import annotations

from minishell.errors import AssignmentError, BuiltinError, ElementError, SubscriptError
from minishell.expand.letters import capitalized, lower_case, upper_case
from minishell.state.arrays import AssociativeArray, IndexedArray, Reference
from minishell.state.attributes import (
    ARRAYS,
    ASSOCIATIVE,
    CAPITAL,
    CONVERTED,
    EXPORT,
    INDEXED,
    INTEGER,
    LOWER,
    READONLY,
    REFERENCE,
    UNASSIGNED,
    UPPER,
)
from minishell.syntax.names import is_name, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from minishell.state.arrays import Array, Elements
    from minishell.state.variables import Variables

    Key = TypeVar('Key', int, str)

    # Subscript or None, whether to append, text: what stands in the parentheses of `a=(…)`.
    Element = tuple[str | None, bool, str]

EXPANDED = frozenset('$`\\"\'')     # what makes a subscript another text
MOST_REFERENCES = 8             # from one to the next; more are taken for a circle, as in bash


# -- what a name stands for -----------------------------------------------------------------


def split_reference(text: str) -> tuple[str, str | None] | None:
    """Name and subscript (None without one) of a reference; None if it is no reference."""
    if is_name(text):
        return text, None
    name, bracket, subscript = text.partition('[')
    if bracket and subscript[-1:] == ']' and len(subscript) > 1 and is_name(name):
        return name, subscript[:-1]
    return None


def resolve(variables: Variables, name: str) -> str:
    """The reference that a name stands for: the name itself if it is that of no name
    reference, '' if the references go in a circle, of which bash's warning tells."""
    found = name
    for _ in range(MOST_REFERENCES):
        other = variables.others.get(found)
        if type(other) is not Reference:
            return found
        found = other.target
        if found[-1:] == ']':
            base, bracket, rest = found.partition('[')
            return resolve(variables, base) + bracket + rest
    variables.warn(f'warning: {name}: circular name reference')
    return ''


def plain_name(variables: Variables, name: str) -> str:
    """The variable that a name stands for."""
    return resolve(variables, name).partition('[')[0] if name in variables.others else name


def array_name(variables: Variables, name: str) -> str:
    """The variable that a name stands for where an array is assigned.  Raises
    AssignmentError for a reference to an element."""
    target = resolve(variables, name) if name in variables.others else name
    if target[-1:] == ']':
        raise SubscriptError(f"`{target}': not a valid identifier")
    return target


# -- reading ----------------------------------------------------------------------------------


def get_other(variables: Variables, name: str) -> str | None:
    """The value of a variable that is an array (its element 0) or a name reference."""
    other = variables.others[name]
    if type(other) is IndexedArray:
        return other.get(0)
    if type(other) is AssociativeArray:
        return other.get('0')
    target = resolve(variables, name)
    if target:
        return get_reference(variables, target)
    outer: list[str | None] = []        # as in bash: `local -n x=x` is the outer one
    variables.with_global(name, lambda: outer.append(variables.values.get(name)))
    return outer[0]


def get_reference(variables: Variables, text: str) -> str | None:
    """The value of a reference, of all elements that of `${name[*]}`; None if it is unset, or
    no reference."""
    found = split_reference(text)
    if found is None:
        return None
    name, subscript = found
    if subscript is None:
        return variables.get(name)
    if subscript in ('@', '*'):
        texts = elements(variables, name)
        return ' '.join(texts) if texts else None
    return get_element(variables, name, subscript)


def array_of(variables: Variables, name: str) -> Array | None:
    """The elements of a variable, not to be changed; None if it has none, as text has."""
    array = variables.others.get(name)
    if array is None:
        computed = variables.dynamic[name]() if name in variables.dynamic else ''
        if isinstance(computed, str):
            return None
        return IndexedArray(computed) if isinstance(computed, list) else computed
    if isinstance(array, Reference):
        target = plain_name(variables, name)
        return array_of(variables, target) if target else None
    return array


def elements(variables: Variables, name: str) -> list[str]:
    """The values of `${name[@]}`."""
    array = array_of(variables, name)
    if array is not None:
        return array.texts()
    value = variables.get(name)
    return [] if value is None else [value]


def subscripts(variables: Variables, name: str) -> list[str]:
    """The values of `${!name[@]}`."""
    array = array_of(variables, name)
    if array is not None:
        return list(map(str, array.keys()))
    return [] if variables.get(name) is None else ['0']


def get_element(variables: Variables, name: str, subscript: str) -> str | None:
    """The value of `${name[subscript]}`; None if there is none.  A wrong subscript is told."""
    if is_associative(variables, name):
        key = key_of(variables, subscript)
        if not key:
            variables.warn(f'{name}: bad array subscript')
        return get_key(variables, name, key)
    return get_at(variables, name, index_of(variables, subscript))


def get_key(variables: Variables, name: str, key: str) -> str | None:
    """The element of an associative array; None if there is none."""
    array = array_of(variables, name)
    return array.get(key) if isinstance(array, AssociativeArray) else None


def get_at(variables: Variables, name: str, index: int) -> str | None:
    """The element of an indexed array, or of a text; negative numbers count from the end."""
    array = array_of(variables, name)
    if isinstance(array, IndexedArray):
        if index >= 0 or (index := index + array.end()) >= 0:
            return array.get(index)
    elif index == 0:
        return variables.get(name)
    elif index > 0:
        return None
    variables.warn(f'{name}: bad array subscript')
    return None


def is_associative(variables: Variables, name: str) -> bool:
    """Whether subscripts of a variable are keys."""
    flags = variables.flags.get(name, 0)
    if flags & REFERENCE:
        flags = variables.flags.get(plain_name(variables, name), 0)
    return flags & ASSOCIATIVE != 0


def index_of(variables: Variables, subscript: str) -> int:
    """The number that a subscript is.  Raises ExpansionError."""
    if '$' in subscript or '`' in subscript:
        subscript = variables.expand(subscript)
    return variables.evaluate(subscript.replace('"', ''))


def key_of(variables: Variables, subscript: str, given: bool = True) -> str:
    """The key that the text of a subscript means, `given` to a utility or not: expanded as in
    a script, without its quotes.  Raises ExpansionError."""
    return subscript if EXPANDED.isdisjoint(subscript) \
        else variables.expand_key(subscript, given)


# -- writing ----------------------------------------------------------------------------------


def assign_other(variables: Variables, name: str, value: str, append: bool) -> None:
    """Set a variable that has one of bash's attributes, or is an array: its element 0."""
    flags = variables.flags.get(name, 0)
    if flags & REFERENCE:
        if name not in variables.others:
            refer(variables, name, value)
            return
        target = resolve(variables, name)
        if target:
            assign_reference(variables, target, value, append)
        elif variables.scoped():
            variables.with_global(name, lambda: _assign_outer(variables, name, value))
        else:
            error = SubscriptError(f'{name}: circular name reference')
            error.reported = True       # resolve has warned
            raise error
        return
    if flags & UNASSIGNED:
        return
    variables.check_writable(name)
    if flags & ASSOCIATIVE:
        _put(variables, name, own_keys(variables, name), '0', value, append)
    elif flags & INDEXED:
        _put(variables, name, own_indexed(variables, name), 0, value, append)
    else:
        old = variables.get(name) if append else None
        if variables.allexport:
            variables.flags[name] = flags | EXPORT
        variables.store(name, converted(variables, flags, value, old or ''))


def _assign_outer(variables: Variables, name: str, value: str) -> None:
    if name not in variables.others:
        variables.assign(name, value)


def assign_reference(variables: Variables, text: str, value: str, append: bool = False) -> None:
    """Set what a reference means.  Raises AssignmentError, also if it is none."""
    found = split_reference(text)
    if found is None:
        raise BuiltinError(f"`{text}': not a valid identifier")
    name, subscript = found
    if subscript is not None:
        assign_element(variables, name, subscript, value, append)
    elif append:
        variables.append(name, value)
    else:
        variables.assign(name, value)


def assign_element(variables: Variables, name: str, subscript: str, value: str,
                   append: bool = False) -> None:
    """`name[subscript]=value` or `+=`.  Raises AssignmentError."""
    if is_associative(variables, name):
        assign_key(variables, name, key_of(variables, subscript), value, append)
    elif subscript in ('', '@', '*'):
        raise SubscriptError(f'{name}[{subscript}]: bad array subscript')
    else:
        assign_at(variables, name, index_of(variables, subscript), value, append,
                  lambda: subscript)


def _check_writable(variables: Variables, name: str) -> None:
    if variables.flags.get(name, 0) & READONLY:
        raise SubscriptError(f'{name}: readonly variable')


def assign_key(variables: Variables, name: str, key: str, value: str, append: bool,
               label: Callable[[], str] | None = None) -> None:
    """Set an element of an associative array; `label` says in a message how the script names
    it.  Raises AssignmentError."""
    name = plain_name(variables, name)
    _check_writable(variables, name)
    if not key:
        raise SubscriptError(f'{label() if label else name + "[]"}: bad array subscript')
    _put(variables, name, own_keys(variables, name), key, value, append)


def assign_at(variables: Variables, name: str, index: int, value: str, append: bool,
              subscript: Callable[[], str]) -> None:
    """Set an element by its number; `subscript` says in a message how the script has it.
    Raises AssignmentError."""
    name = array_name(variables, name)
    flags = variables.flags.get(name, 0)
    if flags & UNASSIGNED:
        if name in variables.assigners:
            variables.assigners[name](index, value)
        return
    if flags & READONLY:
        _check_writable(variables, name)
    array = own_indexed(variables, name)
    if index < 0:
        index += array.end()
        if index < 0:
            raise SubscriptError(f'{name}[{subscript()}]: bad array subscript')
    _put(variables, name, array, index, value, append)


def _put(variables: Variables, name: str, array: Elements[Key], key: Key, value: str,
         append: bool) -> None:
    flags = variables.flags.get(name, 0)
    if append or flags & CONVERTED:
        old = array.get(key) if append else None
        value = converted(variables, flags, value, old or '')
    array.set(key, value)


def assign_elements(variables: Variables, name: str, given: Sequence[Element],
                    append: bool) -> None:
    """`name=(…)` or `name+=(…)`: each element of its own number or key, or the next.  Raises
    AssignmentError."""
    name = array_name(variables, name)
    flags = variables.flags.get(name, 0)
    if flags & UNASSIGNED:
        if name in variables.assigners and not append:
            for index, (_, _, text) in enumerate(given):
                variables.assigners[name](index, text)
        return
    _check_writable(variables, name)
    array: Array
    if append or _shows_table(variables, name):
        array = own_array(variables, name, flags & ASSOCIATIVE != 0)
    else:
        array = AssociativeArray() if flags & ASSOCIATIVE else IndexedArray()
    if not _shows_table(variables, name):
        bind_array(variables, name, array)  # now: subscripts of elements may refer to others
    if isinstance(array, AssociativeArray):
        _fill_keys(variables, name, array, given)
    else:
        _fill(variables, name, array, given)


def check_indexed(variables: Variables, name: str) -> None:
    """Raises AssignmentError if a variable is readonly, BuiltinError if it can't be made an
    indexed array."""
    target = resolve(variables, name)
    if target[-1:] == ']':
        raise BuiltinError(f"`{target}': not a valid identifier")
    variables.check_writable(target)
    if variables.flags.get(target, 0) & ASSOCIATIVE:
        raise BuiltinError(f'{name}: not an indexed array')


def assign_words(variables: Variables, name: str, texts: list[str], append: bool) -> None:
    """`name=(…)` or `name+=(…)` of elements without subscripts.  Raises AssignmentError."""
    flags = variables.flags.get(name, 0)
    if flags & ~INDEXED & ~EXPORT:
        assign_elements(variables, name, [(None, False, text) for text in texts], append)
    elif append:
        own_indexed(variables, name).extend(texts)
    else:
        bind_array(variables, name, IndexedArray(texts))


def _fill(variables: Variables, name: str, array: IndexedArray,
          given: Sequence[Element]) -> None:
    flags = variables.flags.get(name, 0)
    if not flags & CONVERTED and not any(subscript is not None for subscript, _, _ in given):
        array.extend([text for _, _, text in given])
        return
    index = array.end()
    for subscript, append, text in given:
        if subscript is not None:
            if subscript in ('@', '*'):
                variables.warn(f'[{subscript}]={text}: cannot assign to non-numeric index')
                continue
            number = index_of(variables, subscript) if subscript else -1
            index = number + array.end() if number < 0 and subscript else number
            if index < 0:
                variables.warn(f'[{subscript}]={text}: bad array subscript')
                continue
        if append or flags & CONVERTED:
            old = array.get(index) if append else None
            text = converted(variables, flags, text, old or '')
        array.set(index, text)
        index += 1


def _fill_keys(variables: Variables, name: str, array: AssociativeArray,
               given: Sequence[Element]) -> None:
    """Keys in brackets, or else keys and texts in turn."""
    flags = variables.flags.get(name, 0)
    if given and given[0][0] is None:
        texts = [text for _, _, text in given]
        given = [(key, False, text) for key, text in zip(
            texts[::2], texts[1::2] + [''] * (len(texts) % 2), strict=True)]
    for key, append, text in given:
        if key is None:
            variables.warn(
                f'{name}: {text}: must use subscript when assigning associative array')
        elif not key:
            variables.warn(f'[]={text}: bad array subscript')
        else:
            old = array.get(key) if append else None
            array.set(key, converted(variables, flags, text, old or ''))


def converted(variables: Variables, flags: int, value: str, old: str) -> str:
    """A value as the attributes want it, put behind the old one or added to it.  Raises
    ExpansionError."""
    if flags & INTEGER:
        number = variables.evaluate(value) + (variables.evaluate(old) if old else 0)
        return str(wrap(number))
    value = old + value
    if flags & LOWER:
        return lower_case(value)
    if flags & UPPER:
        return upper_case(value)
    return capitalized(value) if flags & CAPITAL else value


# -- removing ---------------------------------------------------------------------------------


def unset_reference(variables: Variables, text: str) -> None:
    """`unset` of a variable that may be a name reference, or of an element.  Raises
    AssignmentError, BuiltinError."""
    if text in variables.others:
        text = resolve(variables, text)
    found = split_reference(text)
    if found is not None and found[1] is not None:
        unset_element(variables, found[0], found[1])
    elif found is not None:
        variables.unset(found[0])


def unset_element(variables: Variables, name: str, subscript: str) -> None:
    """`unset 'name[subscript]'`.  Raises AssignmentError, BuiltinError."""
    name = plain_name(variables, name)
    flags = variables.flags.get(name, 0)
    if flags & READONLY:
        raise AssignmentError(f'{name}: cannot unset: readonly variable')
    array = array_of(variables, name)
    if subscript in ('@', '*') and flags & INDEXED:
        bind_array(variables, name, IndexedArray())
    elif array is None:
        if not flags & ARRAYS and variables.declared(name):
            if subscript in ('@', '*') or index_of(variables, subscript) != 0:
                raise ElementError(f'{name}: not an array variable')
            variables.unset(name)
        elif flags & INDEXED and index_of(variables, subscript) < 0:
            raise ElementError(f'[{subscript}]: bad array subscript')
    elif flags & ASSOCIATIVE:
        key = key_of(variables, subscript)
        if not key:
            raise ElementError(f'[{subscript}]: bad array subscript')
        own_keys(variables, name).remove(key)
    else:
        index = index_of(variables, subscript)
        indexed = own_indexed(variables, name)
        if index < 0:
            index += indexed.end()
        if index < 0:
            raise ElementError(f'[{subscript}]: bad array subscript')
        indexed.remove(index)


# -- values that are no texts ---------------------------------------------------------------


def own_indexed(variables: Variables, name: str) -> IndexedArray:
    """The elements of an indexed array, to be changed; a text becomes one."""
    array = own_array(variables, name)
    assert isinstance(array, IndexedArray)
    return array


def own_keys(variables: Variables, name: str) -> AssociativeArray:
    """The elements of an associative array, to be changed."""
    array = own_array(variables, name)
    assert isinstance(array, AssociativeArray)
    return array


def own_array(variables: Variables, name: str, associative: bool = False) -> Array:
    """The elements of a variable, to be changed; one that has none becomes an array."""
    array = variables.others.get(name)
    if type(array) is not IndexedArray and type(array) is not AssociativeArray:
        if _shows_table(variables, name):
            shown = array_of(variables, name)
            assert shown is not None
            return shown
        associative = associative or variables.flags.get(name, 0) & ASSOCIATIVE != 0
        new: Array
        text = variables.get(name)
        if associative:
            new = AssociativeArray()
            if text is not None:
                new.set('0', text)
        else:
            new = IndexedArray() if text is None else IndexedArray([text])
        bind_array(variables, name, new)
        return new
    if variables.own is not None and name not in variables.own:
        variables.others[name] = array = array.copy()
        variables.own.add(name)
    return array


def _shows_table(variables: Variables, name: str) -> bool:
    """Whether a variable is BASH_ALIASES or BASH_CMDS, as the shell has them."""
    return name in variables.dynamic and variables.flags.get(name, 0) & ASSOCIATIVE != 0


def bind_array(variables: Variables, name: str, array: Array) -> None:
    """Make elements a variable's value."""
    variables.values.pop(name, None)
    variables.dynamic.pop(name, None)
    variables.others[name] = array
    kind = ASSOCIATIVE if type(array) is AssociativeArray else INDEXED
    variables.flags[name] = variables.flags.get(name, 0) & ~ARRAYS | kind \
        | (EXPORT if variables.allexport else 0)
    variables.changed()
    if variables.own is not None:
        variables.own.add(name)


def refer(variables: Variables, name: str, target: str) -> None:
    """Make a variable stand for another one, or for an element.  Raises AssignmentError."""
    if split_reference(target) is None:
        raise AssignmentError(f"`{target}': not a valid identifier")
    variables.values.pop(name, None)
    variables.others[name] = Reference(target)
    variables.add_flags(name, REFERENCE)
