"""The place of an error, shown below its message on a terminal: the line, and a caret.

    echo "a $x"
            ^~
"""
from __future__ import annotations

import posix
import re
from unicodedata import category, east_asian_width

from minishell.errors import AssignmentError, ShellSyntaxError
from minishell.syntax.array_nodes import (
    ArrayElement,
    ElementExpansion,
    IndirectExpansion,
    SubscriptsExpansion,
)
from minishell.syntax.nodes import (
    ArithmeticCommand,
    ArithmeticExpansion,
    ArithmeticFor,
    Assignment,
    CommandList,
    Conditional,
    ParameterChange,
    ParameterExpansion,
    ParameterLength,
    SimpleCommand,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.errors import ShellError
    from minishell.state.shell import Shell
    from minishell.syntax.nodes import Node
    from minishell.syntax.source import Source

    Extent = tuple[int, int]                # from, to behind, in characters of a text

EXPANDED = (ParameterExpansion, ParameterLength, ParameterChange, ElementExpansion,
            SubscriptsExpansion, IndirectExpansion, ArithmeticExpansion, ArithmeticCommand,
            ArithmeticFor, Assignment, ArrayElement, Conditional)
ASSIGNED = (*EXPANDED, Word)
TOKEN = re.compile(r'\w+|;;?&?|&&|\|\||[<>&|]+|.', re.DOTALL)
OF_ARITHMETIC = re.compile(r'\(error token is "(.*)"\)\Z', re.DOTALL)
INDENTED = '    '
NARROW = 40             # the least columns of a terminal that are enough


def point_out(shell: Shell, error: ShellError) -> None:
    """Show where an error is, if standard error is a terminal that has room."""
    try:
        columns = posix.get_terminal_size(2).columns
    except OSError:
        return
    if columns >= NARROW or not columns:
        for line in pointed(shell, error, columns or 80):
            shell.tell(line)


def pointed(shell: Shell, error: ShellError, columns: int) -> list[str]:
    """The lines that show where an error is, none if that is not known."""
    if isinstance(error, ShellSyntaxError):
        first = error.line - error.source.count('\n', 0, error.pos)
        found = TOKEN.match(error.source, error.pos)
        place = (error.pos, found.end()) if found and found.group() != '\n' else None
        opened = TOKEN.match(error.source, error.opened) if error.opened >= 0 else None
        return drawn(error.source, first, place, opened.span() if opened else None, columns)
    _, node, source = shell.at
    if node is None or source is None or node.pos < 0:
        return []
    within = find(error, node, source)
    if within is None:
        return []                       # such as a process that could not be had
    place = within[1].extent(*within[0])
    while source.outer is not None:
        source = source.outer
    return drawn(source.text, source.first_line, place, None, columns)


# -- where it is ------------------------------------------------------------------------


def find(error: ShellError, root: Node, source: Source) -> tuple[Extent, Source] | None:
    """The smallest part of a command that is about what the message begins with."""
    subject = error.message.partition(': ')[0].removeprefix('$')
    kinds = ASSIGNED if isinstance(error, AssignmentError) else EXPANDED
    start, end = (r'(?<!\w)' if subject[:1].isalnum() else '',
                  r'(?!\w)' if subject[-1:].isalnum() else '')
    wanted = re.compile(start + re.escape(subject) + end)
    found: tuple[Extent, Source] | None = None
    for node, around in parts(root, source):
        if not isinstance(node, kinds) or node.pos < 0:
            continue
        text = around.text[node.pos:node.end]
        if wanted.search(text) and (found is None or node.end - node.pos
                                    < found[0][1] - found[0][0]):
            found = token(error.message, node.pos, text), around
    return found


def token(message: str, pos: int, text: str) -> Extent:
    """The token that arithmetic complains of in the text of a part at pos; or all of it."""
    about = OF_ARITHMETIC.search(message)
    at = text.rfind(about.group(1).rstrip()) if about else -1
    if about is None or at < 0:
        return pos, pos + len(text)
    found = TOKEN.match(about.group(1))
    return pos + at, pos + at + (found.end() if found else 1)


def parts(root: Node, source: Source) -> Iterator[tuple[Node, Source]]:
    """The nodes below a command that it expands itself, and what their places refer to."""
    left = [(root, source)]
    while left:
        node, source = left.pop()
        yield node, source
        if isinstance(node, CommandList) or isinstance(node, SimpleCommand) \
                and node is not root:
            continue                    # what is in there has a Shell.at of its own
        inside = getattr(node, 'source', None) or source        # of a here-document
        left += [(each, inside) for each in reversed(node.below())]


# -- lines and carets ---------------------------------------------------------------------


def drawn(text: str, first: int, place: Extent | None, opened: Extent | None,
          columns: int) -> list[str]:
    """The lines of a text, whose first has this number, with marks below what is there: ^~~
    for the place, ~~ for what was opened.  With numbers if there are two of them."""
    marks: dict[int, list[tuple[Extent, str]]] = {}
    for extent, mark in ((opened, '~'), (place, '^')):
        if extent is not None:
            start = text.rfind('\n', 0, extent[0]) + 1
            marks.setdefault(start, []).append((extent, mark))
    shown: list[str] = []
    for start in sorted(marks):
        stop = text.find('\n', start)
        line = text[start:stop if stop >= 0 else len(text)]
        number = first + text.count('\n', 0, start)
        gutter = INDENTED if len(marks) == 1 else f'{number:>4} | '
        below = ' ' * len(line)
        for (begin, end), mark in marks[start]:
            begin, end = begin - start, max(min(end - start, len(line)), begin - start + 1)
            below = below[:begin] + mark + '~' * (end - begin - 1) + below[end:]
        line, below = clipped(line, below, columns - len(gutter) - 1)
        shown += [gutter + ''.join(map(visible, line)),
                  (' ' * (len(gutter) - 2) + '| ' if len(marks) > 1 else gutter)
                  + ''.join(mark * width(sign) for sign, mark in zip(line, below, strict=True)
                            ).rstrip()]
    return shown


def clipped(line: str, below: str, columns: int) -> tuple[str, str]:
    """As much of a line around its marks as there is room for, and the marks."""
    below = below.ljust(len(line))
    line = line.ljust(len(below.rstrip()))
    below = below[:len(line)]
    if sum(map(width, line)) <= columns:
        return line, below
    begin = max(len(below) - len(below.lstrip()) - columns // 3, 0)
    end = begin
    room = columns - 6
    while end < len(line) and room >= width(line[end]):
        room -= width(line[end])
        end += 1
    before, behind = '...' * (begin > 0), '...' * (end < len(line))
    return before + line[begin:end] + behind, \
        ' ' * len(before) + below[begin:end] + ' ' * len(behind)


def visible(sign: str) -> str:
    """A character as it may be shown: no control of the terminal."""
    return ' ' if sign == '\t' else '?' if category(sign) in ('Cc', 'Cs') else sign


def width(sign: str) -> int:
    """The columns of a character."""
    if category(sign) in ('Mn', 'Me', 'Cf'):
        return 0
    return 2 if east_asian_width(sign) in 'WF' else 1
