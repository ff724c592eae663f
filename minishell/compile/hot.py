"""Hot loops and functions -> Python functions: what has run often is compiled once more.

A loop that has made `Shell.hot` turns, or a function called so often, is written as one
Python function.  Assignments, arithmetic, `test`, lists, `if`, `case` and loops become
straight code (`hot_words.py`); all else calls its closure.  Nothing is assumed that is not
asked when it is run: each command looks at `Shell.plain` (no `set -x`, no function named
like what is inlined, an IFS that splits no word), and what isn't plain is left to the
closure of that command.  So nothing ever has to be taken back.

What it may rely on (`tests/test_hot.py` checks it):
- `shell.variables`, its `values`, `others` and `flags`, and `shell.pending` are the same
  objects after whatever it calls: a subshell environment in this process works on copies, and
  puts them back;
- a variable without `flags` is a plain scalar: its text in `values` is all there is of it;
- one whose `flags` are INDEXED or ASSOCIATIVE alone is a plain array: its elements in `others`
  are all there is of it;
- whoever changes what `Shell.look_plain` looks at calls that.
What it owes in return: `$_`, kept in `last`, is stored before anything that could see it.
"""
from __future__ import annotations

from minishell.compile.hot_simple import CommandWriter
from minishell.compile.hot_words import FLUSH
from minishell.compile.numbers import (
    as_command,
    asks_for_line,
    compile_watched_number,
    left_out,
)
from minishell.compile.words import compile_all_fields
from minishell.errors import Break, Continue, Jump
from minishell.run.loops import NoNumber, begin_turn, continued, counting
from minishell.status import inverted, keeping
from minishell.syntax import nodes
from minishell.syntax.names import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from minishell.compile.compiler import Compiler
    from minishell.state.shell import Action, Shell

    Turns = Callable[[Shell, int], int]
    TurnsOver = Callable[[Shell, Iterable[str], int], int]

MOST_NESTED = 40        # levels of indentation around commands
MOST_LOOPS = 4          # nested: each takes four of the twenty blocks that Python allows
LONGEST = 3000          # lines of Python
MOST_CHAINED = 200      # `elif` behind each other: 1,500 overflow a C stack of 256 KB

OPENING = """\
def run({parameters}):
    variables = shell.variables
    values, others, flags = variables.values, variables.others, variables.flags
    pending = shell.pending
    get = values.get
    last = None
"""


# -- entry points -----------------------------------------------------------------------


def compile_hot_turns(node: nodes.WhileClause | nodes.UntilClause, compiler: Compiler,
                      shell: Shell) -> Turns | None:
    """The turns of a loop, going on with the status of the last; None if it can't be had."""
    hot = Hot(compiler, shell)
    return hot.compile(lambda: hot.alone(lambda: hot.turns(node, 'status')),
                       'shell, status', 'status')


def compile_hot_turns_over(node: nodes.ForClause, compiler: Compiler,
                           shell: Shell) -> TurnsOver | None:
    """The turns of a for loop over the values that are left."""
    hot = Hot(compiler, shell)
    return hot.compile(lambda: hot.alone(lambda: hot.turns_over(node, 'words', 'status')),
                       'shell, words, status', 'status')


def compile_hot_function(body: nodes.Command, compiler: Compiler,
                         shell: Shell) -> Action | None:
    """The body of a function."""
    if type(body) not in COMMANDS:
        return None
    hot = Hot(compiler, shell, True)
    return hot.compile(lambda: hot.command(body, 'status', False), 'shell', 'status')


def compile_hot_turns_counted(node: nodes.ArithmeticFor, compiler: Compiler,
                              shell: Shell) -> Turns | None:
    """The turns of `for ((…))` that are left, going on with the status of the last."""
    hot = Hot(compiler, shell)
    return hot.compile(lambda: hot.alone(lambda: hot.turns_counted(node, 'status', True)),
                       'shell, status', 'status')


class Hot(CommandWriter):
    """The Python of one loop or function."""

    def __init__(self, compiler: Compiler, shell: Shell, function: bool = False) -> None:
        super().__init__(compiler, shell, function)
        self.chained = 0                    # branches of `case` around: each takes C stack
        self.objects.update(
            continued=continued, inverted=inverted, keeping=keeping, begin_turn=begin_turn,
            Break=Break, Continue=Continue, Jump=Jump, NoNumber=NoNumber)

    def compile(self, write: Callable[[], None], parameters: str,
                result: str) -> Callable[..., int] | None:
        """Let `write` write, and Python compile that; None if it can't be done."""
        try:
            write()
            return self.compiled(parameters, result)
        except Exception:       # too deep for Python, or unknown here: there are the closures
            return None

    def compiled(self, parameters: str, result: str) -> Callable[..., int] | None:
        """What has been written as a function; None if it is too long.

        How deep it is has been seen to while writing: Python's compiler takes C stack, and
        its own guard is off where the recursion limit is high (`session.RECURSION_LIMIT`).
        """
        if len(self.lines) > LONGEST:
            return None
        opening = OPENING.format(parameters=parameters)
        for name in sorted(self.numbered):
            opening += f'    s_{name} = UNKNOWN\n'
        text = opening + '\n'.join([*self.lines, f'    return {result}'])
        return self.defined(text)

    # -- commands ----------------------------------------------------------------------

    def alone(self, write: Callable[[], None]) -> None:
        """A loop; a function needs nothing like it, for its call is the last to set `$_`."""
        self.add('try:')
        self.depth += 1
        write()
        self.depth -= 1
        self.add('finally:')
        self.add('    ' + FLUSH)

    def command(self, node: nodes.Command, status: str, condition: bool) -> None:
        """Any command; `condition`: `set -e` does not look at it."""
        write = COMMANDS.get(type(node))
        if write is None or self.depth > MOST_NESTED:
            self.opaque(node, status, condition)
        else:
            write(self, node, status, condition)

    def list(self, node: nodes.CommandList, status: str, condition: bool) -> None:
        """Commands one after the other; traps run between them."""
        if not node.commands:
            self.add(f'{status} = keeping(shell.status, 0)')
        for command in node.commands:
            self.command(command, status, condition)
            self.add(f'shell.status = {status}')
            self.checkpoint()

    def and_or(self, node: nodes.AndOrList, status: str, condition: bool) -> None:
        """&& and ||, left to right."""
        self.command(node.pipelines[0], status, True)
        self.add(f'shell.status = {status}')
        last = len(node.operators) - 1
        for index, operator in enumerate(node.operators):
            self.checkpoint()
            self.add(f'if {status} == 0:' if operator == '&&' else f'if {status}:')
            self.depth += 1
            self.command(node.pipelines[index + 1], status, condition or index < last)
            self.add(f'shell.status = {status}')
            self.depth -= 1

    def negated(self, node: nodes.Pipeline, status: str, condition: bool) -> None:
        """`!` before one command."""
        if len(node.commands) > 1:
            self.opaque(node, status, condition)
            return
        self.negations += 1
        self.add('try:')
        self.depth += 1
        self.command(node.commands[0], status, True)
        self.depth -= 1
        self.add('except Jump as leave:')
        self.add('    shell.status = leave.negate()')
        self.add('    raise')
        self.negations -= 1
        self.add(f'{status} = inverted({status})')

    def if_clause(self, node: nodes.IfClause, status: str, condition: bool) -> None:
        """if … fi; 0 if no branch was taken."""
        depth = self.depth
        if depth + len(node.branches) > MOST_NESTED:
            self.opaque(node, status, condition)
            return
        for test, body in node.branches:
            decided = self.fresh()
            self.list(test, decided, True)
            self.add(f'if {decided} == 0:')
            self.depth += 1
            self.list(body, status, condition)
            self.depth -= 1
            self.add('else:')
            self.depth += 1
        if node.otherwise is None:
            self.add(f'{status} = keeping({decided}, 0)')
        else:
            self.list(node.otherwise, status, condition)
        self.depth = depth

    def case_clause(self, node: nodes.CaseClause, status: str, condition: bool) -> None:
        """case … esac; what falls through is left to the closure."""
        if any(item.terminator != ';;' for item in node.items) \
                or self.chained + len(node.items) > MOST_CHAINED:
            self.opaque(node, status, condition)
            return

        def branches() -> None:
            self.begin(node)
            word, before = self.fresh(), self.fresh()
            self.add(f'{before} = shell.status')
            self.add(f'{word} = {self.text(node.word.parts)}')
            test = 'if'
            tests = [' or '.join([self.match(word, each) for each in item.patterns])
                     for item in node.items]    # what they write first is not between branches
            for item, matches in zip(node.items, tests, strict=True):
                self.add(f'{test} {matches}:')
                self.depth += 1
                self.list(item.body, status, condition)
                self.depth -= 1
                test = 'elif'
            self.add('else:' if node.items else 'if True:')
            self.add(f'    {status} = keeping({before}, 0)')
        self.chained += len(node.items)
        self.attempt(node, status, condition, branches)
        self.chained -= len(node.items)

    def arithmetic_command(self, node: nodes.ArithmeticCommand, status: str,
                           condition: bool) -> None:
        """(( … ))"""
        def write() -> None:
            self.begin(node)
            self.add(f'{status} = 0 if {self.arithmetic(node.parts)} else 1')
            if not condition:
                self.add(f'if {status}: finish(shell, {status})')
        self.attempt(node, status, condition, write)

    def conditional_command(self, node: nodes.ConditionalCommand, status: str,
                            condition: bool) -> None:
        """[[ … ]]"""
        def write() -> None:
            self.begin(node)
            self.add(f'{status} = 0 if {self.holds(node.expression)} else 1')
            if not condition:
                self.add(f'if {status}: finish(shell, {status})')
        self.attempt(node, status, condition, write)

    # -- loops -------------------------------------------------------------------------

    def while_clause(self, node: nodes.WhileClause, status: str, condition: bool) -> None:
        """while and until."""
        self.loop(node, status, condition, lambda result: self.turns(node, result))

    def for_clause(self, node: nodes.ForClause, status: str, condition: bool) -> None:
        """for … done."""
        if not is_name(node.name):
            self.opaque(node, status, condition)
            return

        def turns(result: str) -> None:
            self.begin(node)
            words = self.fresh()
            if node.words is None:
                self.add(f'{words} = shell.positional.copy()')
            else:
                self.add(f'{words} = []')
                self.add(FLUSH)
                for fields in compile_all_fields(node.words, self.compiler):
                    self.add(f'{self.refer(fields)}(shell, {words})')
            self.turns_over(node, words, result)
        self.loop(node, status, condition, turns)

    def loop(self, node: nodes.Command, status: str, condition: bool,
             turns: Callable[[str], None]) -> None:
        """What is around the turns; `break` leaves a loop with status 0."""
        if condition or len(self.loops) >= MOST_LOOPS:
            self.opaque(node, status, condition)
            return
        result = self.fresh()
        self.add(f'{result} = keeping(shell.status, 0)')
        self.add('shell.loop_depth += 1')
        self.add('try:')
        self.depth += 1
        negations, self.negations = self.negations, 0
        turns(result)
        self.negations = negations
        self.depth -= 1
        self.add('except Break as leave:')
        self.add(f'    {result} = leave.leave_loop()')
        if type(node) is nodes.ArithmeticFor:
            self.add('except NoNumber:')
            self.add(f'    {result} = 1')
        self.add('finally:')
        self.add('    shell.loop_depth -= 1')
        self.add(f'{status} = {result}')

    def turns(self, node: nodes.WhileClause | nodes.UntilClause, result: str) -> None:
        """The turns of while or until; `result` has the status before the first."""
        self.loops.append(result)
        self.add('while True:')
        self.add('    try:')
        self.add('        while True:')
        self.depth += 3
        decided = self.fresh()
        self.list(node.condition, decided, True)
        self.add(f'if {decided}:' if type(node) is nodes.WhileClause
                 else f'if {decided} == 0:')
        self.add(f'    {result} = keeping({decided}, {result})')
        self.add('    break')
        self.list(node.body, result, False)
        self.depth -= 2
        self.add('    break')
        self.add('except Continue as leave:')
        self.add(f'    {result} = continued(shell, leave)')
        self.depth -= 1
        self.loops.pop()

    def turns_over(self, node: nodes.ForClause, words: str, result: str) -> None:
        """The turns of for."""
        self.loops.append(result)
        word, at = self.fresh(), self.refer(self.compiler.at(node))
        self.add(f'for {word} in {words}:')
        self.add('    try:')
        self.depth += 2
        self.add(f'if {node.name!r} in flags or not shell.plain:')
        self.add('    ' + FLUSH)
        self.add(f'    if not begin_turn(shell, {at}[1], {at}, {word}): continue')
        self.add(f'else: values[{node.name!r}] = {word}')
        self.list(node.body, result, False)
        self.depth -= 1
        self.add('except Continue as leave:')
        self.add(f'    {result} = continued(shell, leave)')
        self.depth -= 1
        self.loops.pop()

    def arithmetic_for(self, node: nodes.ArithmeticFor, status: str, condition: bool) -> None:
        """for ((…; …; …))."""
        def turns(result: str) -> None:
            self.begin(node)
            self.expression(node, 0)
            self.turns_counted(node, result, False)
        self.loop(node, status, condition, turns)

    def turns_counted(self, node: nodes.ArithmeticFor, result: str, begun: bool) -> None:
        """The turns of `for ((…))`; `begun`: a turn has been made, and its end comes next."""
        self.loops.append(result)
        following = self.fresh()
        self.add(f'{following} = {begun}')
        self.add('while True:')
        self.add('    try:')
        self.add('        while True:')
        self.depth += 3
        self.add(f'if {following}:')
        self.depth += 1
        self.add('pass')
        self.expression(node, 2)
        self.depth -= 1
        self.add(f'{following} = True')
        decided = self.expression(node, 1)
        if decided is not None:
            self.add(f'if not {decided}: break')
        self.list(node.body, result, False)
        self.depth -= 2
        self.add('    break')
        self.add('except Continue as leave:')
        self.add(f'    {result} = continued(shell, leave)')
        self.depth -= 1
        self.loops.pop()

    def expression(self, node: nodes.ArithmeticFor, index: int) -> str | None:
        """One of the three of `for ((…))`: what has its value; None if it is not there."""
        parts = node.expressions[index]
        if not parts:
            self.add(f'if shell.watched: {self.refer(left_out(node, self.compiler))}(shell)')
            return None
        value = self.fresh()
        at = self.compiler.at(node) if asks_for_line(parts) else None
        number = self.refer(counting(compile_watched_number(
            as_command(parts, node.pos), self.compiler), at))
        if at is not None:
            self.add(FLUSH)
            self.add(f'{value} = {number}(shell)')
            return value

        def write() -> None:
            self.add(f'{value} = {self.arithmetic(parts)}')

        def closure() -> None:
            self.add(FLUSH)
            self.add(f'{value} = {number}(shell)')
        self.straight(write, f'{value} = None', f'{value} is None', closure)
        return value

COMMANDS: dict[type, Callable[..., None]] = {
    nodes.SimpleCommand: Hot.simple,
    nodes.AndOrList: Hot.and_or,
    nodes.Pipeline: Hot.negated,
    nodes.BraceGroup: lambda hot, node, *how: hot.list(node.body, *how),
    nodes.IfClause: Hot.if_clause,
    nodes.CaseClause: Hot.case_clause,
    nodes.ArithmeticCommand: Hot.arithmetic_command,
    nodes.ConditionalCommand: Hot.conditional_command,
    nodes.WhileClause: Hot.while_clause,
    nodes.UntilClause: Hot.while_clause,
    nodes.ForClause: Hot.for_clause,
    nodes.ArithmeticFor: Hot.arithmetic_for,
}
