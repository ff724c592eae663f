"""Commands that destroy more than was likely meant; 0 where ShellCheck has no number for it."""
from __future__ import annotations

import re

from minishell.syntax.nodes import (
    AsynchronousList,
    DoubleQuoted,
    Escaped,
    FunctionDefinition,
    HereDocument,
    Literal,
    ParameterExpansion,
    Pipeline,
    SimpleCommand,
    SingleQuoted,
    TildePrefix,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.syntax.nodes import Node, Part, Word
    from minishell.syntax.source import Source

    Pitfall = tuple[int, Node, Source, str]     # ShellCheck's number, where, what

STARTING = frozenset(('sudo', 'doas', 'command', 'exec', 'nohup', 'nice', 'env', 'busybox'))
TAKING = frozenset(('-u', '-g', '-n'))          # options of theirs that take the next word
SYSTEM = frozenset(('/', '/bin', '/boot', '/dev', '/etc', '/home', '/lib', '/lib64', '/opt',
                    '/proc', '/root', '/sbin', '/srv', '/sys', '/usr', '/usr/bin',
                    '/usr/lib', '/usr/local', '/usr/share', '/var', '/var/lib'))
HOME = '~'
DISK = re.compile(r'/dev/(sd|hd|vd|xvd|nvme|mmcblk|md|dm-|disk/|mapper/).*')
DOWNLOADS, SHELLS = frozenset(('curl', 'wget')), frozenset(('sh', 'bash', 'dash', 'zsh'))
TESTS = frozenset(('-name', '-iname', '-path', '-type', '-size', '-mtime', '-mmin', '-newer',
                   '-empty', '-user', '-perm', '-regex'))       # of find
ALL_PROCESSES = '-1'


def of_words(node: SimpleCommand, source: Source) -> Iterator[Pitfall]:
    """Those that the words of a simple command tell of, also behind sudo and its like."""
    words = started(node)
    texts = [text_of(word.parts) for word in words]
    name = texts[0] if texts else None
    options = [text for text in texts[1:] if text is not None and text[:1] == '-']
    operands = [(word, text) for word, text in zip(words[1:], texts[1:], strict=True)
                if text is None or text[:1] != '-']
    deep = any(option == '--recursive' or option[1:2] != '-' and set(option) & set('rR')
               for option in options)
    if name == 'rm':
        for word, text in operands:
            if deep and text is not None and (place := _place(text)):
                yield 2114, word, source, f'removes all that is in {place}'
            elif text == '*' and len(operands) > 1:
                yield 0, word, source, ('* alone stands for every file here: a blank '
                                        'too many?')
    elif name in ('chmod', 'chown', 'chgrp') and deep:
        for word, text in operands:
            if text is not None and (place := _place(text)) and place != '~':
                yield 0, word, source, f'changes every file in {place}'
    elif name == 'dd':
        for word, text in operands:
            if text is not None and text[:3] == 'of=' and DISK.fullmatch(text[3:]):
                yield 0, word, source, f'overwrites what is on {text[3:]}'
    elif name == 'kill' and len(words) > 2 and texts[-1] == ALL_PROCESSES:
        yield 0, words[-1], source, 'every process that you may send a signal to'
    elif name == 'find' and '-delete' in texts:
        place_of = texts.index('-delete')
        if TESTS.intersection(text for text in texts[place_of:] if text):
            yield 0, words[place_of], source, ('deletes before the tests behind it are made: '
                                               '-delete stands last')


def of_redirections(node: SimpleCommand, source: Source) -> Iterator[Pitfall]:
    """Output to a disk itself."""
    for each in node.redirections:
        if not isinstance(each, HereDocument) and each.operator[:1] == '>':
            target = text_of(each.target.parts)
            if target is not None and DISK.fullmatch(target):
                yield 0, each, source, f'overwrites what is on {target}'


def of_stages(node: Pipeline, source: Source) -> Iterator[Pitfall]:
    """Those of commands side by side: they begin together."""
    stages = [command for command in node.commands if isinstance(command, SimpleCommand)]
    read: set[str] = set()
    for stage in stages:
        words = started(stage)
        read.update(filter(None, [word.literal() for word in words[1:]]))
        read.update(filter(None, [each.target.literal() for each in stage.redirections
                                  if not isinstance(each, HereDocument)
                                  and each.operator == '<']))
    first = stages[0] if stages else None
    for stage in stages[1:]:
        words = started(stage)
        name = words[0].literal() if words else None
        for each in stage.redirections:
            if not isinstance(each, HereDocument) and each.operator in ('>', '>|') \
                    and each.target.literal() in read:
                yield 2094, each, source, (f'{each.target.literal()} is emptied as the '
                                           'pipeline begins, before it is read')
        if first is not None and name in SHELLS and len(words) == 1 \
                and (begins := started(first)) and begins[0].literal() in DOWNLOADS:
            yield 0, words[0], source, ('runs what the server sends, or the part that came '
                                        'before the connection broke')


def of_function(node: FunctionDefinition, source: Source) -> Iterator[Pitfall]:
    """A function that calls itself in processes of its own."""
    for inner in node.body.walk():
        if isinstance(inner, AsynchronousList) or \
                isinstance(inner, Pipeline) and len(inner.commands) > 1:
            for command in inner.walk():
                if isinstance(command, SimpleCommand) and command.words \
                        and command.words[0].literal() == node.name:
                    yield 0, node, source, ('calls itself in processes of its own, ever more '
                                            'of them: a fork bomb')
                    return


def started(node: SimpleCommand) -> tuple[Word, ...]:
    """The words of the command that sudo and its like start, else those of the command."""
    words = node.words
    while words and words[0].literal() in STARTING and len(words) > 1:
        words = words[1:]
        while words and ((text := words[0].literal() or '')[:1] == '-' or '=' in text):
            words = words[2 if text in TAKING else 1:]
    return words


def text_of(parts: tuple[Part, ...]) -> str | None:
    """The text of a word without its quotes, ~ for the home directory, \\* for a quoted *;
    None if it is not known before it is expanded."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, Literal):
            found.append(part.text)
        elif isinstance(part, (Escaped, SingleQuoted)):
            found.append(part.text.replace('*', '\\*'))
        elif isinstance(part, TildePrefix) and not part.user or \
                isinstance(part, ParameterExpansion) and part.parameter == 'HOME' \
                and not part.operator:
            found.append(HOME)
        elif isinstance(part, DoubleQuoted) and (inner := text_of(part.parts)) is not None:
            found.append(inner.replace('*', '\\*'))
        else:
            return None
    return ''.join(found)


def _place(text: str) -> str:
    """A folder that holds far more than one means to touch at once; '' if it is another."""
    folder = text.removesuffix('*').rstrip('/') if text[-1:] in ('*', '/') and '/' in text \
        else text
    folder = folder or '/'
    return 'your home directory' if folder == HOME else folder if folder in SYSTEM else ''
