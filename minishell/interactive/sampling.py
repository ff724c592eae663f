"""What of a line may be run for a look at its output, and how a sample of its input is had.

Only commands that are known to read and write nothing but their output: the sandbox would stop
the others, but what they would do meanwhile is nobody's wish.
"""
from __future__ import annotations

from minishell.interactive.parsing import parse
from minishell.syntax.nodes import (
    AndOrList,
    AsynchronousList,
    CommandList,
    CoprocessCommand,
    FunctionDefinition,
    MalformedText,
    Pipeline,
    Redirection,
    SelectClause,
    SimpleCommand,
    Word,
)
from minishell.syntax.partial import PIPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell
    from minishell.syntax.nodes import Command, Node
    from minishell.syntax.partial import Partial
    from minishell.syntax.source import Source

SAMPLE = 1 << 16        # bytes of what the first command of a pipeline writes
MOST_TRIED = 8          # shorter beginnings of a pipeline
BUILTINS = frozenset((':', '[', 'cd', 'echo', 'false', 'printf', 'pwd', 'read', 'test', 'true'))
PROGRAMS = frozenset((
    'awk', 'b2sum', 'base32', 'base64', 'basename', 'bunzip2', 'bzcat', 'cat', 'cksum',
    'cmp', 'col', 'colrm', 'column', 'comm', 'cut', 'date', 'df', 'diff', 'dirname', 'du',
    'egrep', 'expand', 'expr', 'factor', 'fgrep', 'file', 'find', 'fmt', 'fold', 'free',
    'gawk', 'getent', 'grep', 'groups', 'gunzip', 'head', 'hexdump', 'hostname', 'iconv',
    'id', 'join', 'jq', 'ls', 'lsblk', 'lscpu', 'lsof', 'lz4cat', 'mawk', 'md5sum', 'nl',
    'nproc', 'numfmt', 'od', 'paste', 'pgrep', 'pidof', 'pr', 'ps', 'pstree', 'readlink',
    'realpath', 'rev', 'rg', 'sed', 'seq', 'sha1sum', 'sha224sum', 'sha256sum', 'sha384sum',
    'sha512sum', 'shuf', 'sort', 'stat', 'strings', 'sum', 'tac', 'tail', 'tr', 'tree',
    'tsort', 'uname', 'unexpand', 'uniq', 'uptime', 'users', 'uuidgen', 'wc', 'who',
    'whoami', 'xmllint', 'xxd', 'xzcat', 'yes', 'yq', 'zcat', 'zgrep', 'zstdcat',
))
# What such a program does more than read, by its options; no word of it may begin so.
WRITING = {'find': ('-delete', '-exec', '-ok', '-fprint', '-fls'), 'sed': ('-i', '--in-place'),
           'sort': ('-o', '--output'), 'tail': ('-f', '-F', '--follow', '--retry'),
           'date': ('-s', '--set'), 'tree': ('-o',), 'yq': ('-i', '--in'), 'gawk': ('-i',),
           'bunzip2': ('',), 'gunzip': ('',)}
STARTING = 'xargs'      # it starts the command that its first operand names, or echo
NULL = '/dev/null'
OF_TEXT = frozenset(('<', '<<<'))
DUPLICATING = frozenset(('<&', '>&'))


class Part:
    """A beginning of what is typed that may be run."""

    __slots__ = ('text', 'tree', 'source', 'stages')

    def __init__(self, text: str, tree: CommandList, source: Source) -> None:
        self.text, self.source = text, source
        self.stages = _stages(tree)
        self.tree = _sampled(tree)


def part_of(shell: Shell, text: str) -> tuple[Part | None, str]:
    """The longest beginning of a text that is a whole pipeline and may be run, or why there is
    none."""
    first = ''
    for end in _ends(shell, text):
        partial = parse(shell, text[:end])
        why = _why_not(shell, partial)
        if not why:
            tree, source = next(partial.nodes())
            assert isinstance(tree, CommandList)
            return Part(text[:end].strip(), tree, source), ''
        first = first or why
    return None, first


def _ends(shell: Shell, text: str) -> list[int]:
    """Where beginnings end: of all of it, and before its pipes, the last one first."""
    pipes = [start for start, _, kind, _, _ in parse(shell, text).tokens if kind in PIPES]
    return [len(text), *pipes[:-MOST_TRIED:-1]]


def _why_not(shell: Shell, partial: Partial) -> str:
    """Why a text may not be run; '' if it may."""
    if partial.errors or partial.openers:
        return 'the line is not whole'
    if not partial.tree.commands:
        return 'there is no command'
    for node, _ in partial.nodes():
        why = _objection(shell, node)
        if why:
            return why
    return ''


def _objection(shell: Shell, node: Node) -> str:
    if isinstance(node, SimpleCommand) and node.words:
        return _command_objection(shell, node)
    if isinstance(node, Redirection):
        target = node.target.literal() or ''
        if not (node.operator in OF_TEXT or target == NULL
                or node.operator in DUPLICATING and target in ('0', '1', '2')):
            return f'{node.operator}: a redirection that may write'
    if isinstance(node, AsynchronousList | CoprocessCommand):
        return 'a command in the background'
    if isinstance(node, FunctionDefinition | SelectClause | MalformedText):
        return 'not only commands that read'
    return ''


def _command_objection(shell: Shell, node: SimpleCommand) -> str:
    words = node.words
    if words[0].literal() == STARTING:
        words = _started(words[1:])
        if not words:
            return ''
    name = words[0].literal()
    if name is None:
        return 'which command it is would have to be worked out'
    if name in shell.functions:
        return f'{name} is a function'
    if name not in BUILTINS and name not in PROGRAMS:
        return f'{name} is none of the commands that are known to read only'
    for word in words[1:]:
        if any(_beginning(word).startswith(option) for option in WRITING.get(name, ())):
            return f'{name} would do more than read'
    return ''


def _started(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The command that `xargs` starts: from the first word on that is neither an option nor
    likely to be the argument of one."""
    for index, word in enumerate(words):
        text = word.literal() or ''
        if not (text[:1] == '-' or text.isdecimal() or text == '{}'):
            return words[index:]
    return ()


def _beginning(word: Word) -> str:
    parts = word.parts
    text = getattr(parts[0], 'text', '') if parts else ''
    return text if isinstance(text, str) else ''


# -- the tree that is run --------------------------------------------------------------------


def _stages(tree: CommandList) -> list[Command]:
    """The commands of the last pipeline."""
    last = _last(tree)
    return list(last.commands) if isinstance(last, Pipeline) else [last]


def _last(tree: CommandList) -> Command:
    last = tree.commands[-1]
    return last.pipelines[-1] if isinstance(last, AndOrList) else last


def _sampled(tree: CommandList) -> CommandList:
    """The same, the first command of the last pipeline being cut short."""
    last = tree.commands[-1]
    if isinstance(last, AndOrList):
        last = AndOrList((*last.pipelines[:-1], _cut(last.pipelines[-1])), last.operators)
    else:
        last = _cut(last)
    return CommandList((*tree.commands[:-1], last))


def _cut(command: Command) -> Command:
    if not isinstance(command, Pipeline) or len(command.commands) < 2:
        return command
    words = tuple([Word(None, -1, -1, text) for text in ('head', '-c', str(SAMPLE))])
    head = SimpleCommand((), words, (), -1)
    return Pipeline((command.commands[0], head, *command.commands[1:]), command.negated,
                    command.pos)
