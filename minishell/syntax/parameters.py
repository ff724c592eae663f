"""Parameter expansions in braces (XCU 2.6.2), and those that bash adds: `${x/a/b}` `${x:1:2}`
`${x^}` `${x@Q}` `${!x}`; `$[…]`.  Loaded by the first brace behind a dollar sign."""
from __future__ import annotations

from minishell.syntax.array_nodes import (
    ElementExpansion,
    IndirectExpansion,
    SubscriptsExpansion,
)
from minishell.syntax.names import DIGITS, NAME_START, grow_literal, with_tilde
from minishell.syntax.nodes import (
    ArithmeticExpansion,
    Literal,
    ParameterChange,
    ParameterExpansion,
    ParameterLength,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.nodes import Part
    from minishell.syntax.words import WordReader

TRANSFORMATIONS = frozenset('AEKLPQUaku')


def read_braced(reader: WordReader, start: int, quoted: bool) -> Part:
    """`${…}`, with pos at the brace (XCU 2.6.2)."""
    reader.pos += 1
    reader.skip_continuations()
    text, inside = reader.text, reader.pos
    if text[inside:inside + 1] == '#':
        reader.pos = inside + 1
        parameter = reader.read_parameter()
        reader.skip_continuations()
        if parameter and reader.text[reader.pos:reader.pos + 1] == '}':
            reader.pos += 1
            return ParameterLength(parameter, start, reader.pos)
        if parameter[:1] in NAME_START and reader.text[reader.pos:reader.pos + 1] == '[':
            length = _read_element_length(reader, start, parameter)
            if length is not None:
                _close_brace(reader, start)
                return length
        reader.pos = inside + 1
        wrong = not parameter and reader.text[inside + 1:inside + 3].find('}') == 1
        parameter = '' if wrong else '#'    # `${#=}` is a length, of nothing
    else:
        parameter = reader.read_parameter()
    part = _read_changed(reader, start, parameter, quoted) if parameter else None
    if part is None:                # an error when it is expanded, as in other shells
        reader.read_parts('}')
        _close_brace(reader, start)
        bad = reader.text[start:reader.pos]
        return ParameterExpansion(bad, 'bad', None, start, reader.pos)
    _close_brace(reader, start)
    return part


def _read_changed(reader: WordReader, start: int, parameter: str, quoted: bool) -> Part | None:
    """What stands between a parameter and the closing brace; None if it is wrong."""
    reader.skip_continuations()
    operator = _read_operator(reader)
    if operator is None:
        return _read_change(reader, start, parameter, quoted)
    word = _read_brace_word(reader, operator, quoted) if operator else None
    return ParameterExpansion(parameter, operator, word, start, reader.pos + 1)


def _close_brace(reader: WordReader, start: int) -> None:
    if reader.text[reader.pos:reader.pos + 1] == '}':
        reader.pos += 1
    else:
        reader.fail(reader.unclosed('parameter expansion', '}', start))


def _read_operator(reader: WordReader) -> str | None:
    """The operator at pos inside braces: '' before }, None if there is none."""
    text, pos = reader.text, reader.pos
    c = text[pos:pos + 1]
    if c == '}':
        return ''
    two = text[pos:pos + 2]
    if two in (':-', ':=', ':?', ':+', '##', '%%'):
        reader.pos = pos + 2
        return two
    if c and c in '-=?+#%':
        reader.pos = pos + 1
        reader.skip_continuations()
        if c in '#%' and reader.text[reader.pos:reader.pos + 1] == c:
            reader.pos += 1
            return c + c
        return c
    if c == ':' and text.startswith('\\\n', pos + 1):
        reader.pos = pos + 1
        reader.skip_continuations()
        c = reader.text[reader.pos:reader.pos + 1]
        if c and c in '-=?+':
            reader.pos += 1
            return ':' + c
    return None


def _read_brace_word(reader: WordReader, operator: str, quoted: bool) -> Word:
    """The word behind an operator, up to the closing brace.

    Inside double-quotes the word of - = ? + is itself double-quoted, a pattern is not, nor is
    a message in bash mode.
    """
    start = reader.pos
    if quoted and operator[0] not in '#%' and not (
            operator[-1] == '?' and reader.reads_as_bash()):
        parts = reader.read_quoted_parts('}', '"}')
    else:
        parts = reader.read_parts('}')
        if parts and reader.text[start] == '~':
            parts = with_tilde(parts)
    return Word(tuple(parts), start, reader.pos)


# -- what bash adds -------------------------------------------------------------------


def _read_change(reader: WordReader, start: int, parameter: str, quoted: bool) -> Part | None:
    """The expansion whose operator stands at pos, up to its brace; None if it is none."""
    text, pos = reader.text, reader.pos
    c = text[pos:pos + 1]
    if parameter == '!' and c and (c in NAME_START or c in DIGITS):
        return _read_indirect(reader, start, quoted)
    words: tuple[Word, ...]
    if c == '/':
        operator, words = _read_replacing(reader)
    elif c == ':':
        reader.pos = pos + 1
        operator, words = c, (_read_until(reader, ':}', True),)
        if reader.text[reader.pos:reader.pos + 1] == ':':
            reader.pos += 1
            words += (_read_until(reader, '}', True),)
        elif not words[0].parts:        # `${x:}`
            return None
    elif c and c in '^,~':
        operator = c * (2 if text.startswith(c, pos + 1) else 1)
        reader.pos = pos + len(operator)
        words = (_read_until(reader, '}'),)
    elif c == '@' and text[pos + 1:pos + 2] in TRANSFORMATIONS \
            and text[pos + 2:pos + 3] == '}':
        reader.pos = pos + 2
        operator, words = text[pos:pos + 2], ()
    elif c == '[' and parameter[0] in NAME_START:
        return _read_element(reader, start, parameter, quoted)
    else:
        return None
    return ParameterChange(parameter, operator, words, start, reader.pos + 1)


def read_subscript(reader: WordReader, lines: bool) -> Word | None:
    """The subscript at pos, behind its bracket, to the one that closes it, and over that;
    None if none does, in this line unless it may go on over `lines`."""
    start = reader.pos
    parts: list[Part] = []
    depth = 0
    while True:
        c = reader.text[reader.pos:reader.pos + 1]
        if c == '' and lines and reader.extend():
            continue
        if c == '' or c == '\n' and not lines:
            return None
        if c == ']' and not depth:
            reader.pos += 1
            return Word(tuple(parts), start, reader.pos - 1)
        if not _read_special(reader, c, parts):
            depth += (c == '[') - (c == ']')
            grow_literal(parts, c, reader.pos, reader.pos + 1)
            reader.pos += 1


def _read_element(reader: WordReader, start: int, name: str, quoted: bool) -> Part | None:
    """`${name[subscript]…}`, with pos at the bracket, up to the brace; None if it is wrong."""
    reader.pos += 1
    subscript = read_subscript(reader, True)
    if subscript is None or not subscript.parts \
            or reader.text[reader.pos:reader.pos + 1] == '[':
        return None
    part = _read_changed(reader, start, name, quoted)
    if part is None:
        return None
    return ElementExpansion(name, subscript, part, start, reader.pos + 1)


def _read_element_length(reader: WordReader, start: int, name: str) -> Part | None:
    """`${#name[subscript]}`, with pos at the bracket, up to the brace."""
    reader.pos += 1
    subscript = read_subscript(reader, True)
    if subscript is None or not subscript.parts \
            or reader.text[reader.pos:reader.pos + 1] != '}':
        return None
    end = reader.pos + 1
    return ElementExpansion(name, subscript, ParameterLength(name, start, end), start, end)


def _read_indirect_element(reader: WordReader, start: int, name: str,
                           quoted: bool) -> Part | None:
    """`${!name[subscript]…}`, with pos at the bracket: the subscripts of an array, or what an
    element names."""
    text, pos = reader.text, reader.pos
    if text[pos:pos + 4] in ('[*]}', '[@]}'):
        reader.pos += 3
        return SubscriptsExpansion(name, text[pos + 1], start, reader.pos + 1)
    reader.pos += 1
    subscript = read_subscript(reader, True)
    if subscript is None or not subscript.parts:
        return None
    part = _read_changed(reader, start, name, quoted)
    if part is None:
        return None
    end = reader.pos + 1
    plain = ParameterExpansion(name, '', None, start, end)
    element = ElementExpansion(name, subscript, plain, start, end)
    return IndirectExpansion(element, part, start, end)


def _read_indirect(reader: WordReader, start: int, quoted: bool) -> Part | None:
    """`${!name}`, perhaps with an operator for the parameter that name's value names."""
    name = reader.read_parameter()
    text, pos = reader.text, reader.pos
    if text[pos:pos + 1] == '[' and name[0] in NAME_START:
        return _read_indirect_element(reader, start, name, quoted)
    if text[pos:pos + 2] in ('*}', '@}') and name[0] in NAME_START:
        reader.pos += 1
        return ParameterChange(name, '!' + text[pos], (), start, reader.pos + 1)
    part = _read_changed(reader, start, name, quoted)
    return None if part is None else IndirectExpansion(name, part, start, reader.pos + 1)


def _read_replacing(reader: WordReader) -> tuple[str, tuple[Word, ...]]:
    """`/pattern/string`, `//pattern/string`, `/#pattern/string`, `/%pattern/string`."""
    operator = '/'
    after = reader.text[reader.pos + 1:reader.pos + 2]
    if after and after in '/#%':
        operator += after
    reader.pos += len(operator)
    slash = ''
    if operator == '//' and reader.text[reader.pos:reader.pos + 1] == '/':
        slash = '/'                     # `${x////_}`: the pattern is a slash
        reader.pos += 1
    pattern = _read_until(reader, '/}', before=slash)
    if reader.text[reader.pos:reader.pos + 1] != '/':
        return operator, (pattern,)
    reader.pos += 1
    return operator, (pattern, _read_until(reader, '}'))


def _read_until(reader: WordReader, closers: str, arithmetic: bool = False,
                before: str = '') -> Word:
    """A word up to one of `closers`; quotes are quotes, inside double-quotes, too.

    In an arithmetic expression a colon in parentheses or behind a `?` is no closer, nor is a
    bracket that closes another.
    """
    start = reader.pos - len(before)
    parts: list[Part] = [Literal(before, start, reader.pos)] if before else []
    depth = conditions = 0
    while True:
        c = reader.text[reader.pos:reader.pos + 1]
        if c == '' and reader.extend():
            continue
        if c == '' or c in closers and not (
                c == ':' and (depth or conditions) or c == ']' and depth):
            break
        if not _read_special(reader, c, parts):
            if arithmetic:
                depth += (c in '([') - (c in ')]')
                conditions += not depth and (c == '?') - (c == ':')
            grow_literal(parts, c, reader.pos, reader.pos + 1)
            reader.pos += 1
    if parts and reader.text[start:start + 1] == '~' and not arithmetic:
        parts = with_tilde(parts)
    return Word(tuple(parts), start, reader.pos)


def _read_special(reader: WordReader, c: str, parts: list[Part]) -> bool:
    """Append the quotes or the expansion that a character at pos begins; false if it is an
    ordinary one."""
    if c == '$':
        reader.read_dollar(parts, False)
    elif c == '"':
        parts.append(reader.read_double_quoted())
    elif c == "'":
        reader.read_single_quoted(parts)
    elif c == '\\':
        reader.read_backslash(parts)
    elif c == '`':
        parts.append(reader.read_backquoted(False))
    else:
        return False
    return True


def read_bracketed(reader: WordReader, start: int) -> Part:
    """`$[expression]`, the older form of `$((expression))`, with pos at the bracket."""
    reader.pos += 1
    inside = read_subscript(reader, True)
    if inside is None:
        reader.fail(reader.unclosed('arithmetic expansion', ']', start))
    return ArithmeticExpansion(inside.parts if inside else (), start, reader.pos)
