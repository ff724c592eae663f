"""Hot loops and functions -> Python functions: what has run often is compiled once more.

A loop that has made `Shell.hot` turns, or a function called so often, is written as one
Python function.  Assignments, arithmetic, `test`, lists, `if`, `case` and loops become
straight code (`hot_words.py`); all else calls its closure.  Nothing is assumed that is not
asked when it is run: each command looks at `Shell.plain` (no `set -x`, no function named
like what is inlined, an IFS that splits no word), and what isn't plain is left to the
closure of that command.  So nothing ever has to be taken back.

What it may rely on (`tests/test_hot.py` checks it):
- `shell.variables`, its `values` and `flags`, and `shell.pending` are the same objects after
  whatever it calls: a subshell environment in this process works on copies, and puts them back;
- a variable without `flags` is a plain scalar: its text in `values` is all there is of it;
- whoever changes what `Shell.look_plain` looks at calls that.
What it owes in return: `$_`, kept in `last`, is stored before anything that could see it.
"""
from __future__ import annotations

import sys

from minishell.builtins.registry import (
    BUILTINS,
    CONDITION,
    FAILS,
    JUMPS,
    SUCCEEDS,
    is_special,
)
from minishell.compile.hot_words import FLUSH, Opaque, PythonWriter, is_declaring
from minishell.compile.simple import appended, is_of_text, output_file
from minishell.compile.words import compile_all_fields, may_have_braces, static_parts
from minishell.errors import Break, Continue, RedirectionError, ResourceError
from minishell.expand.splitting import Splitter
from minishell.run.commands import call_function, finish, in_condition
from minishell.run.loops import continued
from minishell.run.utilities import call_builtin, load_builtin
from minishell.state.attributes import READONLY
from minishell.syntax import nodes

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
    values, flags, pending = variables.values, variables.flags, shell.pending
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


class Hot(PythonWriter):
    """The Python of one loop or function."""

    def __init__(self, compiler: Compiler, shell: Shell, function: bool = False) -> None:
        super().__init__(compiler)
        self.shell = shell
        self.function = function            # `return` may be one of Python's
        self.loops: list[str] = []          # the variables of the loops' statuses
        self.chained = 0                    # branches of `case` around: each takes C stack
        self.objects.update(
            in_condition=in_condition, finish=finish, call_builtin=call_builtin,
            call_function=call_function, continued=continued, Break=Break,
            Continue=Continue, LOST=(RedirectionError, ResourceError))

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
        defined: dict[str, Callable[..., int]] = {}
        exec(compile(text, '<hot>', 'exec'), self.objects, defined)
        return defined['run']

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

    def opaque(self, node: nodes.Command, status: str, condition: bool) -> None:
        """What is left to its closure."""
        action = self.refer(self.compiler.deferred(node))
        self.add(FLUSH)
        self.add(f'{status} = in_condition(shell, {action})' if condition
                 else f'{status} = {action}(shell)')

    def list(self, node: nodes.CommandList, status: str, condition: bool) -> None:
        """Commands one after the other; traps run between them."""
        if not node.commands:
            self.add(f'{status} = 0')
        for command in node.commands:
            self.command(command, status, condition)
            self.add(f'shell.status = {status}')
            self.checkpoint()

    def checkpoint(self) -> None:
        """Act on signals."""
        self.add('if pending:')
        self.add('    ' + FLUSH)
        self.add('    shell.run_pending_traps()')

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
        self.command(node.commands[0], status, True)
        self.add(f'{status} = 0 if {status} else 1')

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
            self.add(f'{status} = 0')
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
            self.add(f'shell.line = {self.compiler.line_of(node.pos)}')
            word = self.fresh()
            self.add(f'{word} = {self.text(node.word.parts)}')
            test = 'if'
            for item in node.items:
                matches = ' or '.join([self.match(word, each) for each in item.patterns])
                self.add(f'{test} {matches}:')
                self.depth += 1
                self.list(item.body, status, condition)
                self.depth -= 1
                test = 'elif'
            self.add('else:' if node.items else 'if True:')
            self.add(f'    {status} = 0')
        self.chained += len(node.items)
        self.attempt(node, status, condition, branches)
        self.chained -= len(node.items)

    def arithmetic_command(self, node: nodes.ArithmeticCommand, status: str,
                           condition: bool) -> None:
        """(( … ))"""
        def write() -> None:
            self.add(f'shell.line = {self.compiler.line_of(node.pos)}')
            self.add(f'{status} = 0 if {self.arithmetic(node.parts)} else 1')
            if not condition:
                self.add(f'if {status}: finish(shell, {status})')
        self.attempt(node, status, condition, write)

    # -- loops -------------------------------------------------------------------------

    def while_clause(self, node: nodes.WhileClause, status: str, condition: bool) -> None:
        """while and until."""
        self.loop(node, status, condition, lambda result: self.turns(node, result))

    def for_clause(self, node: nodes.ForClause, status: str, condition: bool) -> None:
        """for … done."""
        def turns(result: str) -> None:
            self.add(f'shell.line = {self.compiler.line_of(node.pos)}')
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
        self.add(f'{result} = 0')
        self.add('shell.loop_depth += 1')
        self.add('try:')
        self.depth += 1
        turns(result)
        self.depth -= 1
        self.add('except Break as leave:')
        self.add(f'    {result} = leave.leave_loop()')
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
        self.add(f'if {decided}: break' if type(node) is nodes.WhileClause
                 else f'if {decided} == 0: break')
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
        word = self.fresh()
        self.add(f'for {word} in {words}:')
        self.add('    try:')
        self.depth += 2
        self.store(node.name, word, 'or not shell.plain', 'assign_turn')
        self.list(node.body, result, False)
        self.depth -= 1
        self.add('except Continue as leave:')
        self.add(f'    {result} = continued(shell, leave)')
        self.depth -= 1
        self.loops.pop()

    # -- simple commands ---------------------------------------------------------------

    def simple(self, node: nodes.SimpleCommand, status: str, condition: bool) -> None:
        """Assignments, `test`, built-ins and functions by their names; else the closure."""
        target = output_file(node)
        if any(map(may_have_braces, node.words)) or node.redirections and target is None \
                or node.assignments and node.words and node.words[0].literal() != 'read':
            self.opaque(node, status, condition)
            return

        def write() -> None:
            self.add(f'shell.line = {self.compiler.line_of(node.pos)}')
            if not node.words:
                self.assignment(node, status)
                return
            name = node.words[0].literal()
            if name is None:
                raise Opaque
            traits = BUILTINS[name].traits if name in BUILTINS else 0
            if traits & CONDITION:
                self.test(node, status)
            elif traits & JUMPS:
                self.jump(node, name)
            elif traits & (SUCCEEDS | FAILS):
                fields = [repr(name), *map(self.field, node.words[1:])]
                if fields[-1][:1] == '*':           # all parameters, or none
                    raise Opaque
                self.add(f'{status} = {1 if traits & FAILS else 0}')
                self.add(f'last = {fields[-1]}')
            elif name == 'read':
                self.read(node, status)
            elif target is not None:
                self.into_file(node, name, target, status)
            elif name in BUILTINS and name != 'exec':       # that is for `dispatch`
                self.builtin(node, name, status, condition)
            elif name in self.shell.functions:
                self.call(node, name, status, condition)
            else:
                raise Opaque
            if not condition and not traits & (JUMPS | SUCCEEDS):
                self.add(f'if {status}: finish(shell, {status})')
        self.attempt(node, status, condition, write)

    def attempt(self, node: nodes.Command, status: str, condition: bool,
                write: Callable[[], None]) -> None:
        """Write straight code, and the closure for when it does not apply."""
        lines, depth = len(self.lines), self.depth
        numbered = set(self.numbered)
        self.add(f'{status} = -1')
        self.sealed = False
        self.asked = set()
        try:
            self.require('shell.plain')
            write()
        except Opaque:
            del self.lines[lines:]
            self.depth, self.numbered = depth, numbered
            self.opaque(node, status, condition)
            return
        self.depth = depth
        self.add(f'if {status} < 0:')
        self.depth += 1
        self.opaque(node, status, condition)
        self.depth -= 1

    def store(self, name: str, text: str, doubt: str = '', method: str = 'assign') -> None:
        """Assign a variable; attributes are the business of the method of Variables."""
        self.add(f'if {name!r} in flags {doubt}:')
        self.add('    ' + FLUSH)            # it may evaluate an expression
        self.add(f'    variables.{method}({name!r}, {text})')
        self.add(f'else: values[{name!r}] = {text}')

    def assignment(self, node: nodes.SimpleCommand, status: str) -> None:
        """One assignment without a command."""
        if len(node.assignments) > 1 or not is_of_text(node.assignments[0]):
            raise Opaque
        name, parts = node.assignments[0].name, node.assignments[0].value.parts
        if node.assignments[0].append and not parts:
            raise Opaque
        if len(parts) == 1 and not node.assignments[0].append \
                and type(parts[0]) is nodes.ArithmeticExpansion:
            number = self.arithmetic(parts[0].parts)
            self.add(f'n_{name} = {number}')
            self.add(f's_{name} = str(n_{name})')
            self.numbered.add(name)
            self.store(name, f's_{name}')
        elif rest := appended(node.assignments[0]):
            text = self.text(rest)
            self.add(f'if {name!r} in flags:')
            self.add('    ' + FLUSH)
            self.add(f'variables.append({name!r}, {text})')
        else:
            text = self.fresh()
            self.add(f'{text} = {self.text(parts)}')
            self.store(name, text)
        self.add("last = ''")
        self.add(f'{status} = 0')

    def test(self, node: nodes.SimpleCommand, status: str) -> None:
        """`[` and `test`."""
        words = node.words[1:]
        if node.words[0].literal() == '[':
            if not words or words[-1].literal() != ']':
                raise Opaque
            words = words[:-1]
        self.add(f'{status} = 0 if {self.condition(words)} else 1')
        self.last(node.words)

    def jump(self, node: nodes.SimpleCommand, name: str) -> None:
        """break, continue and return where they are Python's own."""
        if name == 'return':
            if not self.function or len(node.words) > 2:
                raise Opaque
            status = 'shell.status'
            if len(node.words) == 2:
                status = self.operand(node.words[1])
                self.require(f'0 <= {status} <= 255')
            else:
                self.require('not shell.trap_status')
            self.add(f'return {status}')
            return
        if len(node.words) > 1 or not self.loops:
            raise Opaque
        self.add(f'shell.status = {self.loops[-1]} = 0')
        self.last(node.words)
        if name == 'continue':
            self.checkpoint()
        self.add(name)

    def builtin(self, node: nodes.SimpleCommand, name: str, status: str,
                condition: bool) -> None:
        """A built-in utility."""
        if name == 'command':
            raise Opaque                    # which may declare
        self.require(f'{name!r} not in shell.functions')
        run = self.refer(load_builtin(name))
        words = self.arguments(node.words[1:], is_declaring(name))
        self.add(FLUSH)
        self.deeper(condition)
        self.add(f'{status} = call_builtin(shell, {run}, [{name!r}, {words}], '
                 f'{is_special(name)})')
        self.shallower(condition)

    def into_file(self, node: nodes.SimpleCommand, name: str, target: nodes.Redirection,
                  status: str) -> None:
        """`echo … >file` and the like."""
        self.require(f'{name!r} not in shell.functions')
        from minishell.run.directly import run_into_file
        run, into = self.refer(load_builtin(name)), self.refer(run_into_file)
        words = self.arguments(node.words[1:], False)
        path = self.text(target.target.parts)
        self.add(FLUSH)
        self.add('try:')
        self.add(f'    {status} = {into}(shell, {run}, [{name!r}, {words}], '
                 f'{target.operator!r}, {path})')
        self.lost(status)

    def lost(self, status: str) -> None:
        """Behind a try: what costs the command alone."""
        self.add('except LOST as error:')
        self.add('    shell.report(error)')
        self.add(f'    {status} = error.status')

    def read(self, node: nodes.SimpleCommand, status: str) -> None:
        """read of constant names, perhaps with an IFS of its own."""
        splitter = None
        if node.assignments:
            ifs = static_parts(node.assignments[0].value.parts)
            if len(node.assignments) > 1 or node.assignments[0].name != 'IFS' \
                    or node.assignments[0].append or not is_of_text(node.assignments[0]) \
                    or ifs is None or not ifs.isascii():
                raise Opaque
            splitter = Splitter(ifs)
            self.require(f'not flags["IFS"] & {READONLY}')
        self.require('"read" not in shell.functions')
        words = [word.literal() for word in node.words[1:]]
        load_builtin('read')
        run = sys.modules['minishell.builtins.reading'].prepare_read(words, splitter) \
            if None not in words else None
        if run is None:
            raise Opaque
        self.add(FLUSH)
        self.add(f'{status} = call_builtin(shell, {self.refer(run)}, '
                 f'["read", {words[-1] if words else "read"!r}], False)')

    def deeper(self, condition: bool) -> None:
        """Begin what runs other commands, which `set -e` is to look at, or not."""
        if condition:
            self.add('shell.condition_depth += 1')
            self.add('try:')
            self.depth += 1

    def shallower(self, condition: bool) -> None:
        """End what `deeper` began."""
        if condition:
            self.depth -= 1
            self.add('finally:')
            self.add('    shell.condition_depth -= 1')

    def call(self, node: nodes.SimpleCommand, name: str, status: str,
             condition: bool) -> None:
        """A function."""
        function = self.fresh()
        self.add(f'{function} = shell.functions.get({name!r})')
        self.require(f'{function} is not None')
        words = self.arguments(node.words[1:], False)
        self.add(FLUSH)
        self.deeper(condition)
        self.add('try:')
        self.add(f'    {status} = call_function(shell, {function}, [{name!r}, {words}])')
        self.lost(status)
        self.shallower(condition)


COMMANDS: dict[type, Callable[..., None]] = {
    nodes.SimpleCommand: Hot.simple,
    nodes.AndOrList: Hot.and_or,
    nodes.Pipeline: Hot.negated,
    nodes.BraceGroup: lambda hot, node, *how: hot.list(node.body, *how),
    nodes.IfClause: Hot.if_clause,
    nodes.CaseClause: Hot.case_clause,
    nodes.ArithmeticCommand: Hot.arithmetic_command,
    nodes.WhileClause: Hot.while_clause,
    nodes.UntilClause: Hot.while_clause,
    nodes.ForClause: Hot.for_clause,
}
