"""Commands in words: what each is, which processes it takes, what its words become.

Nothing is run, and nothing expanded that could be noticed: command substitutions, arithmetic,
`${x=y}` are described; plain variables are looked up.
"""
from __future__ import annotations

import posix

from minishell.builtins.registry import BEFORE_PATH, BUILTINS, COURSE, SPECIAL, row_of
from minishell.compile.pipelines import start_of_stage
from minishell.explain import arguments, pitfalls
from minishell.explain.compound import COMPOUND
from minishell.explain.descriptors import table_of
from minishell.explain.manual import manual_of
from minishell.explain.switches import OF_UTILITY, STATUSES
from minishell.explain.values import COUNTED, of_one_field
from minishell.explain.words import becomes, changed_by, shown, steps
from minishell.run.processes import AT_GATE, FORK, PROGRAM, SPAWN
from minishell.run.prompt import in_one_line
from minishell.syntax import nodes
from minishell.syntax.partial import parse_partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.explain.manual import Manual
    from minishell.run.processes import Start
    from minishell.state.shell import Shell
    from minishell.syntax.nodes import Command, Node, SimpleCommand, Word
    from minishell.syntax.partial import Partial
    from minishell.syntax.source import Source

CIRCLED = '①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳'
WIDEST = 90             # columns of a command that is shown as it stands
FILE_TYPES = {0o040000: 'a directory', 0o010000: 'a FIFO', 0o020000: 'a device',
              0o060000: 'a device', 0o140000: 'a socket'}
FORMAT = 0o170000
# Programs that run the command in their operands, and in which process.
RUNNERS = {
    'find': 'what follows -exec: in a child of find, for each file (;) or for many at once (+)',
    'timeout': 'the command: in a child of timeout, to which it sends SIGTERM when the time is '
               'over; its status is then 124',
    'xargs': 'the command: in children of xargs, with what it reads as arguments; its status '
             'is 123 if one of them fails',
    'strace': 'the command: in a child of strace, which traces it',
    **dict.fromkeys(('chroot', 'chrt', 'env', 'ionice', 'nice', 'nohup', 'stdbuf', 'taskset'),
                    'the command: in its own place, by exec: the process stays'),
}


def explain(shell: Shell, text: str, verbose: bool) -> tuple[list[str], bool]:
    """The lines that explain a text, and whether it is free of syntax errors."""
    partial = parse_partial(text, None, shell.options.posix, 'extglob' in shell.shopts)
    writer = Explainer(shell, partial, verbose)
    for error in partial.errors[:1]:
        writer.error(error.message, error.pos, error.opened)
    writer.all(partial.tree, partial._source)
    return writer.lines, not partial.errors


class Explainer:
    """The lines so far, and what they count."""

    def __init__(self, shell: Shell, partial: Partial, verbose: bool) -> None:
        self.shell = shell
        self.partial = partial
        self.verbose = verbose
        self.lines: list[str] = []
        self.depth = 0
        self.processes = self.pipes = 0
        self.job: list[str] = []        # the processes of the command at the top
        self.output = ''                # where standard output goes, '' for the shell's
        self.manuals: dict[str, Manual | None] = {}
        self.changed = changed_by(partial.tree)
        self.single = of_one_field(partial.tree, lambda name: name in COUNTED, ' \t\n')
        self.fifos = {text for node in partial.tree.walk()
                      if isinstance(node, nodes.SimpleCommand) and node.words
                      and node.words[0].literal() == 'mkfifo'
                      for word in node.words[1:] if (text := word.literal())}
        self.defined = {node.name for node in partial.tree.walk()
                        if isinstance(node, nodes.FunctionDefinition)}

    # -- lines --------------------------------------------------------------------------

    def add(self, text: str) -> None:
        """A line, indented as deep as what it is about."""
        self.lines.append('  ' * (self.depth + 1) + in_one_line(text))

    def pair(self, left: str, right: str, width: int = 12) -> None:
        """A line of two columns, below the one before."""
        self.add(f'    {left:<{width}} {right}')

    def text(self, node: Node, source: Source) -> str:
        """The text of a node in one line, cut if it is long."""
        start, end = self.partial.extent(node, source)
        found = ' '.join(self.partial.text[start:end].split())
        return found if len(found) <= WIDEST else found[:WIDEST - 1] + '…'

    def error(self, message: str, pos: int, opened: int) -> None:
        """A syntax error: what, where, and what is open."""
        text = self.partial.text
        start = text.rfind('\n', 0, pos) + 1
        end = text.find('\n', start)
        line = text[start:end if end >= 0 else len(text)]
        self.add(line)
        self.add(' ' * (pos - start) + '^ ' + message)
        if start <= opened < pos:
            self.add(' ' * (opened - start) + '^ opened here')

    # -- lists --------------------------------------------------------------------------

    def all(self, tree: nodes.CommandList, source: Source) -> None:
        """All commands of a text, one after the other."""
        for number, command in enumerate(tree.commands):
            if number:
                self.lines.append('')
            self.processes = self.pipes = 0
            self.job.clear()
            self.head(command, source)
            self.visit(command, source)
            self.ending(command)
            for code, node, where, sentence in pitfalls.of(
                    command, source, self.single, number + 1 == len(tree.commands)):
                known = f' (SC{code})' if code else ''
                self.pair('beware', f'{self.text(node, where)}: {sentence}{known}')

    def head(self, command: Command, source: Source) -> None:
        """The text of a command; under a pipeline the names of its processes and pipes."""
        text = self.text(command, source)
        self.add(text)
        stages = self.stages(command)
        if len(stages) < 2 or text[-1:] == '…':
            return
        base = self.partial.extent(command, source)[0]
        whole = self.partial.text[base:self.partial.extent(command, source)[1]]
        if '\n' in whole or whole != text:
            return
        marks = [' '] * len(text)
        for number, stage in enumerate(stages):
            start, end = self.partial.extent(stage, source)
            label = f'P{number + 1}'
            width = max(end - start, len(label))
            bar = label.center(width - 2, '─') if width > len(label) + 1 else label
            marks[start - base:end - base] = f'└{bar}┘' if len(bar) < width else bar
            if number:
                pipe = text.rfind('|', 0, start - base)
                marks[pipe] = CIRCLED[(number - 1) % 20]
        self.add(''.join(marks).rstrip())

    def stages(self, command: Command) -> Sequence[Command]:
        """The commands of a pipeline, of another command itself."""
        return command.commands if isinstance(command, nodes.Pipeline) else (command,)

    def inside(self, body: Command, source: Source, title: str = '') -> None:
        """Commands within another, a level deeper."""
        if title:
            self.add(title)
        self.depth += 1
        for command in body.commands if isinstance(body, nodes.CommandList) else (body,):
            if not isinstance(command, nodes.SimpleCommand):
                self.add(self.text(command, source))
            self.visit(command, source)
        self.depth -= 1

    # -- commands -----------------------------------------------------------------------

    def visit(self, node: Command, source: Source) -> None:
        """A command, below its own text."""
        VISITS[type(node)](self, node, source)

    def pipeline(self, node: nodes.Pipeline, source: Source) -> None:
        """Commands joined by pipes."""
        if len(node.commands) == 1:
            self.visit(node.commands[0], source)
            self.add('!  turns the status round: 0 becomes 1, all others 0')
            return
        first = self.pipes
        self.pipes += len(node.commands) - 1
        for number, command in enumerate(node.commands):
            before = CIRCLED[(first + number - 1) % 20] if number else ''
            behind = CIRCLED[(first + number) % 20] if number + 1 < len(node.commands) \
                else self.output
            label = self.process()
            start = start_of_stage(command)
            if isinstance(command, nodes.SimpleCommand):
                self.simple(command, source, label, start, before, behind)
            else:
                self.add(f'{label}  {self.text(command, source)}')
                self.pair('', f'{start.how}: {start.why}')
                table = table_of(self.standard(), before, behind, (), self.word_text(source))
                self.pair('', table.line())
                self.depth += 2
                self.visit(command, source)
                self.depth -= 2
        if node.negated:
            self.add('!  turns the status round: 0 becomes 1, all others 0')

    def process(self) -> str:
        """The name of one more process."""
        self.processes += 1
        label = f'P{self.processes}'
        if not self.depth:
            self.job.append(label)
        return label

    def alone(self, node: SimpleCommand, source: Source) -> None:
        """A simple command that is no stage of a pipeline."""
        name = self.name_of(node)
        start = None
        label = 'shell'
        if name is not None and self.is_program(name):
            label = self.process()
            start = AT_GATE if self.shell.options.monitor else PROGRAM
        self.simple(node, source, label, start, '', self.output)

    def simple(self, node: SimpleCommand, source: Source, label: str, start: Start | None,
               before: str, behind: str) -> None:
        """A simple command: what it is, its options, words and descriptors."""
        for assignment in node.assignments:
            value = self.becomes(assignment.value, False)
            said = '' if value is None else f' → {shown(value)}'
            scope = 'for this command only' if node.words else 'a variable of the shell'
            self.add(f'{assignment.name}=…  {scope}{said}')
            for step in steps(assignment.value, False):
                self.pair('', step)
        if node.words:
            name = self.name_of(node)
            title = name if name is not None else self.text(node.words[0], source)
            self.add(f'{label}  {title}  {self.kind(name)}')
            self.arguments(node, source, name)
        if node.redirections or before or behind:
            table = table_of(self.standard(), before, behind, node.redirections,
                             self.word_text(source), self.fifos)
            if self.verbose or node.redirections:
                for step in table.steps:
                    self.pair('', step)
            self.pair('', table.line())
        if start is not None and (self.verbose or start.how != SPAWN):
            self.pair('', f'{start.how}: {start.why}')

    def arguments(self, node: SimpleCommand, source: Source, name: str | None) -> None:
        """Options with what the manual says, and the words that are expanded."""
        values = [self.becomes(word) for word in node.words[1:]]
        words = [each[0] if each else '' for each in values]
        manual = self.manual(name) if name is not None and self.is_program(name) else None
        if name is not None and self.is_utility(name):
            for _, option, sentence in arguments.said_of(
                    self.shell, name, [each[0] if each else None for each in values]):
                self.pair(option, sentence)
        if manual is not None:
            for _, option, found in manual.taken_apart(words):
                argument = f' {found.argument}' if found is not None and found.argument else ''
                self.pair(option + argument, found.sentence if found is not None else
                          'the manual does not say')
        if name in RUNNERS and words and self.is_program(name) \
                and (name != 'find' or '-exec' in words):
            self.pair('runs', RUNNERS[name])
        for word in node.words[1:]:
            done = steps(word)
            if done:
                self.expanded(word, source, done)
            elif manual is not None and (what := self.file(word)):
                self.pair(self.text(word, source), what)

    def becomes(self, word: Word, split: bool = True) -> list[str] | None:
        """What a word becomes, as far as nothing in the text changes it."""
        return becomes(self.shell, word, self.changed, split)

    def expanded(self, word: Word, source: Source, done: list[str]) -> None:
        """What is done with a word, and what it becomes."""
        values = self.becomes(word)
        self.pair(self.text(word, source), '; '.join(done)
                  + ('' if values is None else f' → {shown(values)}'))
        for part in word.walk():
            if isinstance(part, nodes.CommandSubstitution | nodes.ProcessSubstitution):
                outer, self.output = self.output, f'the pipe of {self.text(part, source)[:2]} )'
                self.depth += 2
                self.inside(part.body, part.source, self.text(part, source))
                self.depth -= 2
                self.output = outer
                break                   # what is within it has been said with it

    def file(self, word: Word) -> str:
        """What an operand is if it names a file that is there."""
        name = (self.becomes(word) or [''])[0]
        if not name or name[:1] == '-':
            return ''
        try:
            found = posix.stat(name)
        except (OSError, ValueError):
            return ''
        return FILE_TYPES.get(found.st_mode & FORMAT, f'a file of {found.st_size} bytes')

    # -- names --------------------------------------------------------------------------

    def name_of(self, node: SimpleCommand) -> str | None:
        """The name of a command, if it can be said without running anything."""
        if not node.words:
            return None
        name = node.words[0].literal()
        if name is not None:
            return name
        values = self.becomes(node.words[0])
        return values[0] if values else None

    def is_program(self, name: str) -> bool:
        """Whether a name is neither a function nor a built-in utility."""
        return name not in self.shell.functions and name not in self.defined \
            and not self.is_built_in(name)

    def is_utility(self, name: str) -> bool:
        """Whether a name means a built-in utility, and no function."""
        return self.is_built_in(name) and name not in self.shell.functions \
            and name not in self.defined

    def is_built_in(self, name: str) -> bool:
        """Whether a name means a built-in utility: those of the course stand behind PATH."""
        return name in BUILTINS or name in COURSE and (
            bool(COURSE[name].traits & BEFORE_PATH) or self.shell.search.look(name) is None)

    def kind(self, name: str | None) -> str:
        """What a name is, and what that does."""
        if name is None:
            return 'known only when its words have been expanded'
        shell = self.shell
        if name in shell.known_aliases():
            return f'alias of `{shell.known_aliases()[name]}`'
        if name in shell.functions or name in self.defined:
            return 'a function: it runs in this shell, without a process'
        if self.is_built_in(name):
            row = row_of(name)
            special = 'special ' if row.kind == SPECIAL else ''
            return f'{special}built-in utility: {row.description}'
        path = name if '/' in name else shell.search.look(name)
        if path is None:
            return 'not found in PATH: status 127'
        manual = self.manual(name)
        if manual is None:
            return f'{path}  (there is no manual page for it here)'
        return f'{path}  {manual.summary}'

    def manual(self, name: str) -> Manual | None:
        """The manual page of a program, read once."""
        name = name.rpartition('/')[2]
        if name not in self.manuals:
            self.manuals[name] = manual_of(name, self.shell.variables.get('MANPATH'))
        return self.manuals[name]

    def standard(self) -> str:
        """What standard input, output and error are."""
        return 'tty' if posix.isatty(0) and posix.isatty(1) else "the shell's"

    def word_text(self, source: Source) -> Callable[[Word], str]:
        """What gives the text of words of a source: what they become, if that is plain."""
        def text(word: Word) -> str:
            values = self.becomes(word)
            return values[0] if values else word.literal() or self.text(word, source)
        return text

    # -- what is said of the whole -----------------------------------------------------

    def ending(self, command: Command) -> None:
        """System calls, who gets Ctrl-C, and where the status comes from."""
        processes = ' '.join(self.job)
        monitor = self.shell.options.monitor
        if self.job:
            count, joints = len(self.job), len(self.stages(command)) - 1
            pipes = f'pipe ×{joints}  ' if joints else ''
            if monitor:
                self.pair('shell', f'{pipes}fork ×{count}  setpgid ×{count}  tcsetpgrp: the '
                          f'job has the terminal  wait ×{count}  tcsetpgrp: the shell has it')
                self.pair('Ctrl-C', f'SIGINT from the terminal to the process group of '
                          f'{processes}; the shell is in another one')
            else:
                kinds = [start_of_stage(each).how for each in self.stages(command)] \
                    if isinstance(command, nodes.Pipeline) else [SPAWN]
                started = '  '.join(f'{kind} ×{kinds.count(kind)}' for kind in (SPAWN, FORK)
                                    if kind in kinds)
                self.pair('shell', f'{pipes}{started}  wait ×{count}')
                self.pair('Ctrl-C', f'SIGINT from the terminal to {processes} and the shell, '
                          'which are one process group')
        self.pair('$?', self.status(command))

    def status(self, command: Command) -> str:
        """Where the status comes from."""
        if isinstance(command, nodes.Pipeline):
            count = len(command.commands)
            if count == 1:
                return 'that of the command, turned round'
            said = f'that of P{count}, the last' if not self.shell.options.pipefail else \
                'that of the last one that fails (pipefail), else 0'
            turned = ', turned round by !' if command.negated else ''
            return f'{said}{turned}; PIPESTATUS has ' + ' '.join(
                f'P{number + 1}' for number in range(count))
        if isinstance(command, nodes.AsynchronousList):
            return '0, at once; wait $! gives that of the job'
        if isinstance(command, nodes.SimpleCommand):
            if not command.words:
                return '0, or that of the last command substitution'
            name = self.name_of(command)
            if name is not None and self.is_utility(name):
                return STATUSES.get(name, OF_UTILITY)
            return 'that of the command: 128+n if signal n ends it'
        if isinstance(command, nodes.FunctionDefinition):
            return '0: the function is only defined'
        if isinstance(command, (nodes.WhileClause, nodes.ForClause)):
            return 'that of the last turn; 0 if there is none'
        if isinstance(command, (nodes.IfClause, nodes.CaseClause)):
            return 'that of the branch taken; 0 if none is'
        if isinstance(command, (nodes.ConditionalCommand, nodes.ArithmeticCommand)):
            return '0 if it is true (not zero), 1 if not'
        return 'that of the last command run'


VISITS: dict[type, Callable[..., None]] = {
    **COMPOUND,
    nodes.SimpleCommand: Explainer.alone,
    nodes.Pipeline: Explainer.pipeline,
    nodes.CommandList: Explainer.inside,
}
