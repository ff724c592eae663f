"""Which file each descriptor of a command refers to: what dup2 and open do, step by step
(XCU 2.7)."""
from __future__ import annotations

import posix

from minishell.syntax.nodes import HereDocument
from minishell.system.blocking import FIFO, FORMAT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from minishell.syntax.nodes import AnyRedirection, Word

OPENED = {
    '<': '{} opened for reading', '>': '{} created, or emptied if it is there',
    '>|': '{} created, or emptied if it is there (in spite of set -C)',
    '>>': '{} opened for appending, created if it is not there',
    '<>': '{} opened for reading and writing, created if it is not there',
}


def _is_fifo(name: str) -> bool:
    try:
        return posix.stat(name).st_mode & FORMAT == FIFO
    except (OSError, ValueError):
        return False


class Table:
    """What the descriptors refer to, and how it has come to that."""

    def __init__(self, standard: str, fifos: Collection[str] = ()) -> None:
        self.files: dict[str, str] = {'0': standard, '1': standard, '2': standard}
        self.steps: list[str] = []
        self._fifos = fifos             # that are made before

    def connect(self, descriptor: str, file: str) -> None:
        """A pipe's end in the place of a descriptor."""
        self.files[descriptor] = file
        self.steps.append(f'{descriptor} becomes the pipe {file}')

    def redirect(self, node: AnyRedirection, text: Callable[[Word], str]) -> None:
        """One redirection, in its turn; `text` gives that of a word."""
        descriptor = str(node.descriptor) if node.descriptor is not None else ''
        if isinstance(node, HereDocument):
            descriptor = descriptor or '0'
            self.files[descriptor] = f'<<{node.delimiter}'
            self.steps.append(f'{descriptor} reads the lines up to {node.delimiter}'
                              + ('' if node.quoted else ', expanded'))
            return
        operator, target = node.operator, text(node.target)
        descriptor = descriptor or ('0' if operator[0] == '<' else '1')
        if operator in ('&>', '&>>'):
            self._file('1', target, operator[1:])
            self._copy('2', '1')
        elif operator == '<<<':
            self.files[descriptor] = 'a text'
            self.steps.append(f'{descriptor} reads {target} and a newline')
        elif operator in ('<&', '>&') and target == '-':
            self.files.pop(descriptor, None)
            self.steps.append(f'{descriptor} is closed')
        elif operator in ('<&', '>&') and target.rstrip('-').isdecimal():
            self._copy(descriptor, target.rstrip('-'))
            if target[-1] == '-' and target.rstrip('-') != descriptor:
                self.files.pop(target.rstrip('-'), None)
                self.steps.append(f'{target.rstrip("-")} is closed')
        elif operator == '>&' and node.descriptor is None and not target.startswith('$'):
            self._file('1', target, '>')
            self._copy('2', '1')
        elif operator in ('<&', '>&'):
            self.files[descriptor] = f'what {target} is'
            self.steps.append(f'{descriptor} becomes a copy of the descriptor {target}')
        else:
            self._file(descriptor, target, operator)

    def _file(self, descriptor: str, name: str, operator: str) -> None:
        self.files[descriptor] = name
        said = OPENED.get(operator, '{} opened').format(name)
        if operator != '<>' and (name in self._fifos or _is_fifo(name)):
            way, other = ('reading', 'writing') if operator == '<' else ('writing', 'reading')
            said = f'{name} opened for {way}: a FIFO, so it waits until {name} is opened for ' \
                f'{other}, too'
        self.steps.append(f'{descriptor}: {said}')

    def _copy(self, descriptor: str, source: str) -> None:
        file = self.files.get(source)
        if file is None:
            self.steps.append(f'{descriptor} would become a copy of {source}, '
                              'which the shell may not have open')
            self.files[descriptor] = f'what {source} is'
        else:
            self.files[descriptor] = file
            self.steps.append(f'{descriptor} becomes a copy of {source}: {file}')

    def line(self) -> str:
        """The table in one line; < for what is read, > for what is written."""
        return '  '.join(f'{descriptor}{"←" if descriptor == "0" else "→"}{file}'
                         for descriptor, file in sorted(self.files.items()))


def table_of(standard: str, before: str, behind: str, redirections: Sequence[AnyRedirection],
             text: Callable[[Word], str], fifos: Collection[str] = ()) -> Table:
    """The table of a stage: pipes first, then redirections from left to right.  `before` and
    `behind`: the pipes on its sides, '' if none; `fifos`: that the text makes."""
    table = Table(standard, fifos)
    if before:
        table.connect('0', before)
    if behind:
        table.connect('1', behind)
    for node in redirections:
        table.redirect(node, text)
    return table
