"""Simple commands and conditions -> Python, for `compile/hot.py`: straight code, and the
closure for when it does not apply."""
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
from minishell.compile.hot_arithmetic import DEEPEST_EXPRESSION, Opaque
from minishell.compile.hot_words import FLUSH, PythonWriter, is_declaring
from minishell.compile.operators import BINARY, OF_TEST
from minishell.compile.simple import is_of_text, output_file, plain_operands
from minishell.compile.words import is_one_word, static_parts, static_pattern
from minishell.errors import RedirectionError, ResourceError
from minishell.expand.pattern import compile_pattern
from minishell.expand.splitting import Splitter
from minishell.run.commands import call_function, finish, in_condition
from minishell.run.utilities import call_builtin, load_builtin
from minishell.state.attributes import READONLY
from minishell.syntax.nodes import Conditional, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.compile.compiler import Compiler
    from minishell.state.shell import Shell
    from minishell.syntax import nodes


class CommandWriter(PythonWriter):
    """Writes commands: first whether straight code applies, then that."""

    def __init__(self, compiler: Compiler, shell: Shell, function: bool) -> None:
        super().__init__(compiler, shell)
        self.function = function            # `return` may be one of Python's
        self.loops: list[str] = []          # the variables of the loops' statuses
        self.negations = 0                  # `!` around, within the innermost loop
        self.objects.update(
            in_condition=in_condition, finish=finish, call_builtin=call_builtin,
            call_function=call_function, LOST=(RedirectionError, ResourceError))

    def attempt(self, node: nodes.Command, status: str, condition: bool,
                write: Callable[[], None]) -> None:
        """Straight code for a command, and its closure."""
        self.straight(write, f'{status} = -1', f'{status} < 0',
                      lambda: self.opaque(node, status, condition))

    def straight(self, write: Callable[[], None], before: str, failed: str,
                 closure: Callable[[], None]) -> None:
        """Write straight code, and what calls a closure for when it does not apply."""
        lines, depth = len(self.lines), self.depth
        numbered = set(self.numbered)
        self.add(before)
        self.sealed = False
        self.asked, self.arrays = set(), {}
        try:
            self.require('shell.plain')
            write()
        except Opaque:
            del self.lines[lines:]
            self.depth, self.numbered = depth, numbered
            closure()
            return
        self.depth = depth
        self.add(f'if {failed}:')
        self.depth += 1
        closure()
        self.depth -= 1

    def opaque(self, node: nodes.Command, status: str, condition: bool) -> None:
        """What is left to its closure."""
        action = self.refer(self.compiler.deferred(node))
        self.add(FLUSH)
        self.add(f'{status} = in_condition(shell, {action})' if condition
                 else f'{status} = {action}(shell)')

    def checkpoint(self) -> None:
        """Act on signals."""
        self.add('if pending:')
        self.add('    ' + FLUSH)
        self.add('    shell.run_pending_traps()')

    # -- simple commands ---------------------------------------------------------------

    def simple(self, node: nodes.SimpleCommand, status: str, condition: bool) -> None:
        """Assignments, `test`, built-ins and functions by their names; else the closure."""
        target = output_file(node)
        if not all(map(is_one_word, node.words)) or node.redirections and target is None \
                or node.assignments and node.words and node.words[0].literal() != 'read':
            self.opaque(node, status, condition)
            return

        def write() -> None:
            self.begin(node)
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
        self.add(f'shell.status = {self.loops[-1]} = {self.negations % 2}')
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
        letters, operands = plain_operands(name, node.words[1:])
        if operands:
            self.local(name, letters, operands, status, condition)
            return
        run = self.refer(load_builtin(name))
        words = self.arguments(node.words[1:], is_declaring(name))
        self.add(FLUSH)
        self.deeper(condition)
        self.add(f'{status} = call_builtin(shell, {run}, [{name!r}, {words}], '
                 f'{is_special(name)})')
        self.shallower(condition)

    def local(self, name: str, letters: str, operands: list[tuple[str, Word | None]],
              status: str, condition: bool) -> None:
        """`local x y=text` and its like."""
        from minishell.compile.local_variables import declare_texts
        texts = ['None' if value is None else self.text(value.parts) for _, value in operands]
        self.add(FLUSH)
        self.deeper(condition)
        self.add(f'{status} = {self.refer(declare_texts)}(shell, {name!r}, {letters!r}, '
                 f'{[operand for operand, _ in operands]!r}, ({", ".join(texts)},))')
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

    # -- conditions --------------------------------------------------------------------

    def condition(self, words: Sequence[Word]) -> str:
        """Whether the operands of `test` hold."""
        literals = [word.literal() for word in words]
        if len(words) == 4 and literals[0] == '!' and (
                literals[2] in OF_TEST or literals[2] in ('=', '!=')):
            return f'not ({self.condition(words[1:])})'
        if len(words) == 3 and literals[1] in OF_TEST:
            left, right = self.operand(words[0]), self.operand(words[2])
            return BINARY[OF_TEST[literals[1] or '']].python.format(left, right)
        if len(words) == 3 and literals[1] in ('=', '!='):
            left, right = self.field(words[0]), self.field(words[2])
            if '*shell.positional' in (left, right):
                raise Opaque
            if literals[0] is None and literals[2] is None:
                self.add(f'{(text := self.fresh())} = {left}')
                self.require(f'{text}.isascii()')
                left = text
            return f'{left} {"==" if literals[1] == "=" else "!="} {right}'
        if len(words) == 2 and literals[0] in ('-n', '-z'):
            operand = self.field(words[1])
            if operand == '*shell.positional':
                raise Opaque
            return f"{operand} {'!=' if literals[0] == '-n' else '=='} ''"
        raise Opaque

    def holds(self, node: Conditional, depth: int = 0) -> str:
        """Whether an expression of `[[ … ]]` holds."""
        if depth > DEEPEST_EXPRESSION:
            raise Opaque
        operator = node.operator
        inner = [self.holds(each, depth + 1) for each in node.operands
                 if isinstance(each, Conditional)]
        if inner:
            return f'not ({inner[0]})' if operator == '!' else \
                f"({(' and ' if operator == '&&' else ' or ').join(inner)})"
        words = [each for each in node.operands if isinstance(each, Word)]
        if operator in OF_TEST:
            for word in words:
                if (static_parts(word.parts) or '')[:1] == '0' and word.literal() != '0':
                    raise Opaque            # octal here
            left, right = map(self.operand, words)
            return BINARY[OF_TEST[operator]].python.format(left, right)
        if operator in ('-n', '-z'):
            return f"{self.text(words[0].parts)} {'!=' if operator == '-n' else '=='} ''"
        if operator in ('<', '>'):
            left, right = [self.text(word.parts) for word in words]
            self.require('shell.collation is None')
            return f'{left} {operator} {right}'
        if operator not in ('=', '==', '!='):
            raise Opaque
        text, pattern = self.text(words[0].parts), static_pattern(words[1].parts)
        if pattern is None or '(' in pattern:
            raise Opaque
        self.require('not shell.odd_matching')
        matches = self.refer(compile_pattern(pattern).matches)
        return f"{'not ' if operator == '!=' else ''}{matches}({text})"

    def match(self, word: str, pattern: Word) -> str:
        """Whether a pattern matches the word."""
        text = pattern.literal()
        if text == '*':
            return 'True'
        static = static_parts(pattern.parts)
        if static is not None and static.isalnum() and static.isascii():
            return f'{word} == {static!r}'
        from minishell.compile.patterns import compile_matcher
        if static is None:
            self.add(FLUSH)                 # it may hold `$_`
        return f'{self.refer(compile_matcher(pattern, self.compiler))}(shell, {word})'
