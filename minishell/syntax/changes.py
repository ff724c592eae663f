"""The parameter expansions that bash adds: `${x/a/b}` `${x:1:2}` `${x^}` `${x@Q}` `${!x}`.

Loaded by the first of them; `syntax/words.py` knows those of XCU 2.6.2 only.
"""
from __future__ import annotations

from minishell.syntax.names import append_literal, with_tilde
from minishell.syntax.nodes import (
    ArithmeticExpansion,
    IndirectExpansion,
    Literal,
    ParameterChange,
    Word,
)
from minishell.syntax.words import DIGITS, NAME_START

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.syntax.nodes import Part
    from minishell.syntax.words import WordReader

TRANSFORMATIONS = frozenset('AEKLQUaku')


def read_change(reader: WordReader, start: int, parameter: str, quoted: bool) -> Part | None:
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
        return _read_element(reader, start, parameter)
    else:
        return None
    return ParameterChange(parameter, operator, words, start)


def _read_element(reader: WordReader, start: int, parameter: str) -> Part | None:
    """`${name[subscript]}`; @ and * stand for all elements."""
    text, pos = reader.text, reader.pos
    if text[pos + 1:pos + 4] in ('@]}', '*]}'):
        reader.pos = pos + 3
        return ParameterChange(parameter, text[pos:pos + 3], (), start)
    reader.pos = pos + 1
    subscript = _read_until(reader, ']}', True)
    if reader.text[reader.pos:reader.pos + 2] != ']}':
        return None
    reader.pos += 1
    return ParameterChange(parameter, '[', (subscript,), start)


def read_length(reader: WordReader, start: int, parameter: str) -> Part | None:
    """`${#name[subscript]}`, with pos behind the name."""
    part = read_change(reader, start, parameter, False)
    if not isinstance(part, ParameterChange) or part.operator[0] != '[':
        return None
    return ParameterChange(parameter, '#' + part.operator, part.words, start)


def _read_indirect(reader: WordReader, start: int, quoted: bool) -> Part | None:
    """`${!name}`, perhaps with an operator for the parameter that name's value names."""
    name = reader.read_parameter()
    text, pos = reader.text, reader.pos
    if text[pos:pos + 4] in ('[*]}', '[@]}'):
        reader.pos += 3
        return ParameterChange(name, '!' + text[pos:pos + 3], (), start)
    if text[pos:pos + 2] in ('*}', '@}') and name[0] in NAME_START:
        reader.pos += 1
        return ParameterChange(name, '!' + text[pos], (), start)
    part = reader.read_changed(start, name, quoted)
    return None if part is None else IndirectExpansion(name, part, start)


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


def read_bracketed(reader: WordReader, start: int) -> Part:
    """`$[expression]`, the older form of `$((expression))`, with pos at the bracket."""
    reader.pos += 1
    inside = _read_until(reader, ']', True)
    if reader.text[reader.pos:reader.pos + 1] != ']':
        raise reader.unclosed('arithmetic expansion', ']', start)
    reader.pos += 1
    return ArithmeticExpansion(inside.parts, start)


def _read_until(reader: WordReader, closers: str, arithmetic: bool = False,
                before: str = '') -> Word:
    """A word up to one of `closers`; quotes are quotes, inside double-quotes, too.

    In an arithmetic expression a colon in parentheses or behind a `?` is no closer.
    """
    start = reader.pos
    parts: list[Part] = [Literal(before)] if before else []
    depth = conditions = 0
    while True:
        c = reader.text[reader.pos:reader.pos + 1]
        if c == '' and reader.extend():
            continue
        if c == '' or c in closers and not (c == ':' and (depth or conditions)):
            break
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
            if arithmetic:
                depth += (c == '(') - (c == ')')
                conditions += (c == '?') - (c == ':' and not depth)
            append_literal(parts, c)
            reader.pos += 1
    if parts and reader.text[start:start + 1] == '~' and not arithmetic:
        parts = with_tilde(parts)
    return Word(tuple(parts), start, reader.pos)
