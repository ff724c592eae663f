"""Simple commands -> actions (XCU 2.9.1): assignments, words, redirections, dispatch."""
from __future__ import annotations

import sys

from minishell.builtins.registry import (
    BUILTINS,
    CONDITION,
    COURSE,
    DECLARES,
    WRITES,
    is_special,
    named,
)
from minishell.compile.words import (
    compile_all_fields,
    compile_one_fields,
    compile_parts_text,
    compile_text,
    may_have_braces,
)
from minishell.errors import ExpansionError
from minishell.run.commands import Appended, Assigned, dispatch, finish, no_name
from minishell.run.utilities import LOADED, call_builtin, load_builtin
from minishell.syntax.names import assignment_of, is_name
from minishell.syntax.nodes import (
    ArithmeticExpansion,
    ArrayPart,
    DoubleQuoted,
    HereDocument,
    ParameterExpansion,
    Redirection,
    SimpleCommand,
    TextNode,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.compile.compiler import Compiler
    from minishell.compile.words import Fields
    from minishell.run.commands import Assignments
    from minishell.run.redirections import Spec, Specs
    from minishell.state.shell import Action, At, Shell, Text
    from minishell.syntax.nodes import AnyRedirection, Assignment, Node, Part, Word

CONDITIONS = named(CONDITION)
DECLARING = named(DECLARES)
WRITING = named(WRITES)
LOCALS = frozenset(('declare', 'local', 'typeset'))
GIVING = frozenset('aAilnrtux')         # their options that give attributes, and do no more


def load_builtins_of(node: Node) -> None:
    """Import the built-in utilities that a command names, before a fork: what a child
    imports is lost with it, and `$(echo)` in a loop would import echo at every turn."""
    for command in node.walk():
        if type(command) is SimpleCommand and command.words:
            name = command.words[0].literal()
            if name in BUILTINS or name in COURSE:
                load_builtin(name)


# -- compiling ------------------------------------------------------------------------


def compile_simple(node: SimpleCommand, compiler: Compiler, tail: bool = False) -> Action:
    """Action: a simple command.  `tail`: an external utility may replace the process."""
    if len(node.words) > 1:
        for word in node.words[1:]:
            if assignment_of(word) is not None:
                return _compile_both(node, compiler, tail)
    return _compile(node, compiler, tail)


def _compile_both(node: SimpleCommand, compiler: Compiler, tail: bool) -> Action:
    """Action: a command with arguments that look like assignments: `set -k` makes them so."""
    usual = _compile(node, compiler, tail)
    keyed: Action | None = None

    def run(shell: Shell) -> int:
        nonlocal keyed
        if not shell.options.keyword:
            return usual(shell)
        if keyed is None:
            found = [(word, assignment_of(word)) for word in node.words[1:]]
            keyed = _compile(SimpleCommand(
                (*node.assignments, *(assignment for _, assignment in found if assignment)),
                (node.words[0], *(word for word, assignment in found if not assignment)),
                node.redirections, node.pos), compiler, tail)
        return keyed(shell)
    return run


def _compile(node: SimpleCommand, compiler: Compiler, tail: bool) -> Action:
    at = compiler.at(node)
    assignments = compile_assignments(node.assignments, compiler)
    specs = compile_specs(node, compiler)
    if not node.words:
        rest = appended(node.assignments[0]) if len(assignments) == 1 and not specs else ()
        more = (node.assignments[0].name, compile_parts_text(rest, compiler, False)) \
            if rest else None
        compiler.line = 0
        return _compile_no_words(at, assignments, specs, more)
    words = compile_arguments(node.words, compiler)
    plain = not assignments and specs is None
    name = node.words[0].literal()
    letters, named = plain_operands(name, node.words[1:] if plain else ())
    operands = [(operand, None if value is None else compile_text(value, compiler))
                for operand, value in named]
    compiler.line = 0

    if not plain:
        return _compile_surrounded(at, words, assignments, specs, tail,
                                   any(map(_may_assign, node.redirections)))

    watched: Action | None = None

    def run_plain(shell: Shell) -> int:
        nonlocal watched
        if shell.watched:
            if watched is None:
                watched = _compile_surrounded(at, words, (), None, tail)
            return watched(shell)
        shell.at = at
        argv: list[str] = []
        for fields in words:
            fields(shell, argv)
        if not argv:
            return no_name(shell, assignments, [])
        return finish(shell, dispatch(shell, argv, assignments, (), tail))

    def run_empty_possible(shell: Shell) -> int:
        shell.substitution_status = 0
        return run_plain(shell)
    if name in CONDITIONS and (name == 'test' or node.words[-1].literal() == ']'):
        return _compile_condition(name, at, words, run_plain)
    if name in BUILTINS and name != 'exec':
        action = _compile_builtin(name, at, words, run_plain)
        if operands:
            from minishell.compile.local_variables import compile_local
            return compile_local(name, at, letters, operands, action)
        return action
    return run_empty_possible if name is None else run_plain


def compile_specs(node: SimpleCommand, compiler: Compiler) -> Specs | None:
    """The redirections of a command, None if it has none."""
    if not node.redirections:
        return None
    from minishell.compile.redirections import compile_redirections
    return compile_redirections(node.redirections, compiler)


def _may_assign(node: AnyRedirection) -> bool:
    """Whether what a redirection expands may change a variable."""
    word = node.body if isinstance(node, HereDocument) else node.target
    return word.literal() is None and any(
        type(part) is ArithmeticExpansion or isinstance(part, ArrayPart)
        or type(part) is ParameterExpansion and part.operator[-1:] == '='
        for part in word.walk())


def _compile_surrounded(at: At, words: list[Fields], assignments: Assignments,
                        specs: Specs | None, tail: bool, assigning: bool = False) -> Action:
    """Action: a command with assignments or redirections, or watched; `assigning`: the latter
    may change variables, in bash mode those of the child that is an external utility."""
    def run(shell: Shell) -> int:
        if shell.watched:
            from minishell.run.watching import before
            if not before(shell, at):
                return 0
        shell.at = at
        argv: list[str] = []
        shell.substitution_status = 0
        for fields in words:
            fields(shell, argv)
        redirections: list[Spec] = []
        if specs is not None:
            external = argv and argv[0] not in BUILTINS and argv[0] not in shell.functions
            variables = shell.variables.fork() if assigning and external \
                and shell.as_bash('assigning redirections') else None
            last_background = shell.last_background
            try:
                redirections = specs(shell)
                if external and shell.last_background != last_background:
                    _forget_background(shell, last_background)
            except ExpansionError as error:
                # As if expanded in the child: costs an external utility only itself.
                if not external:
                    raise
                shell.report(error)
                return finish(shell, error.status)
            finally:
                if variables is not None:
                    shell.variables.join(variables)
        assigned = _traced(shell, assignments, argv) if shell.watched else assignments
        if not argv:
            return no_name(shell, assigned, redirections)
        return finish(shell, dispatch(shell, argv, assigned, redirections, tail))
    return run


def _forget_background(shell: Shell, before: str | None) -> None:
    """Have `$!` be what it was before redirections with process substitutions, which bash
    expands in the child that is the external utility."""
    shell.last_background = before
    shell.jobs.named = int(before or 0)


def _traced(shell: Shell, assignments: Assignments, argv: list[str]) -> Assignments:
    """The assignments of a command that `set -x` shows, each as it is made."""
    if not shell.options.xtrace or not argv and not assignments:
        return assignments
    from minishell.run.tracing import trace
    return trace(shell, assignments, argv)


def _compile_builtin(name: str, at: At, words: list[Fields], otherwise: Action) -> Action:
    """Action: a built-in utility called by its name, unless a function hides it."""
    special = is_special(name)
    words = words[1:]

    def run(shell: Shell) -> int:
        if name in shell.functions or shell.watched:
            return otherwise(shell)
        shell.at = at
        argv = [name]
        for fields in words:
            fields(shell, argv)
        status = call_builtin(shell, LOADED.get(name) or load_builtin(name), argv, special)
        return finish(shell, status) if status else 0
    return run


def _compile_condition(name: str, at: At, words: list[Fields], otherwise: Action) -> Action:
    """Action: `[` or `test`, the usual conditions without a call of the utility: a loop
    counting with `[` and `$((…))` takes 0.7 of the time."""
    words = words[1:-1] if name == '[' else words[1:]
    last = ']' if name == '[' else ''
    closing = [last] if last else []
    known: Callable[[list[str]], int] | None = None

    def run(shell: Shell) -> int:
        nonlocal known
        if name in shell.functions or shell.watched:
            return otherwise(shell)
        if known is None:
            load_builtin(name)
            known = sys.modules['minishell.builtins.testing'].decide
        shell.at = at
        operands: list[str] = []
        for fields in words:
            fields(shell, operands)
        status = known(operands)
        if status < 0:
            status = call_builtin(shell, load_builtin(name), [name, *operands, *closing], False)
        else:
            shell.variables.values['_'] = last or (operands[-1] if operands else name)
        return finish(shell, status) if status else 0
    return run


def _compile_no_words(at: At, assignments: Assignments, specs: Specs | None,
                      more: tuple[str, Text] | None) -> Action:
    def run(shell: Shell) -> int:
        shell.at = at
        assigned = assignments
        if shell.watched:
            from minishell.run.watching import before
            if not before(shell, at):
                return 0
            assigned = _traced(shell, assignments, [])
        shell.substitution_status = 0
        expanded: list[Spec] = []
        if specs is not None:           # redirected in a subshell environment (XCU 2.9.1.3)
            variables = shell.variables.fork()
            try:
                expanded = specs(shell)
            finally:
                shell.variables.join(variables)
        return no_name(shell, assigned, expanded)

    if more is not None:
        appending, rest = more

        def append(shell: Shell) -> int:
            if shell.watched or shell.options.nounset:
                return run(shell)
            shell.at = at
            shell.substitution_status = 0
            shell.variables.append(appending, rest(shell))
            shell.variables.values['_'] = ''
            return 0
        return append
    if len(assignments) == 1 and specs is None:
        only = assignments[0]
        if type(only) is not Assigned:
            return _compile_only(at, only, run)
        name, text = only.name, only.text

        def run_one(shell: Shell) -> int:
            if shell.watched:
                return run(shell)
            shell.at = at
            shell.substitution_status = 0
            shell.variables.assign(name, text(shell))
            shell.variables.values['_'] = ''
            status = shell.substitution_status
            return finish(shell, status) if status else 0
        return run_one
    return run


def _compile_only(at: At, only: Assigned, traced: Action) -> Action:
    """Action: one assignment of bash's, without a command."""
    def run(shell: Shell) -> int:
        if shell.watched:
            return traced(shell)
        shell.at = at
        shell.substitution_status = 0
        only.store(shell)
        shell.variables.values['_'] = ''
        status = shell.substitution_status
        return finish(shell, status) if status else 0
    return run


def compile_assignments(nodes: Sequence[Assignment], compiler: Compiler) -> Assignments:
    """The assignments before a command, or without one."""
    return [_compile_assignment(node, compiler) for node in nodes]


def _compile_assignment(node: Assignment, compiler: Compiler) -> Assigned:
    if not is_of_text(node):
        from minishell.compile.array_assignments import compile_array_assignment
        return compile_array_assignment(node, compiler)
    text = compile_text(node.value, compiler)
    return Appended(node.name, text) if node.append else Assigned(node.name, text)


def is_of_text(node: Assignment) -> bool:
    """Whether an assignment is no array's."""
    return node.subscript is None and bool(node.value.later or not any(
        isinstance(part, ArrayPart) and part.is_value for part in node.value.parts))


def appended(node: Assignment) -> Sequence[Part]:
    """What `x+=text` or `x=$x…` puts behind the variable's value; none where it is not that,
    or could change the variable itself."""
    if not node.append and node.value.literal() is not None:
        return ()
    parts = node.value.parts
    if node.append:
        return parts if is_of_text(node) else ()
    if not parts or type(parts[0]) is not ParameterExpansion or node.subscript is not None:
        return ()
    first, rest = parts[0], parts[1:]
    if first.parameter != node.name \
            or first.operator and (first.operator != '-' or first.word and first.word.parts):
        return ()
    return rest if all(map(is_plain, rest)) else ()


def is_plain(part: Part) -> bool:
    """Whether nothing depends on how often, or when, a part of a word is expanded."""
    if type(part) is DoubleQuoted:
        return all(map(is_plain, part.parts))
    return type(part) is ParameterExpansion and not part.operator \
        or isinstance(part, TextNode)


def compile_arguments(words: Sequence[Word], compiler: Compiler) -> list[Fields]:
    """The words of a command; behind a declaration utility those that look like
    assignments are expanded like them (XCU 2.9.1.1)."""
    index = 0
    while words[index].literal() == 'command' and index + 1 < len(words):
        index += 1
    if words[index].literal() not in DECLARING:
        return compile_all_fields(words, compiler)
    closures = compile_all_fields(words[:index + 1], compiler)
    for word in words[index + 1:]:
        if may_have_braces(word):
            from minishell.compile.braces import compile_braces
            closures.append(compile_braces(word, compiler, _declaring_unless_made(word)))
        else:
            closures.append(_compile_declaring(word, compiler))
    return closures


def _declaring_unless_made(word: Word) -> Callable[[Word, Compiler], Fields]:
    """How the words are compiled that a word stands for: as in bash those that brace expansion
    has made are split, like `{x,y}=$z`."""
    return lambda made, compiler: _compile_declaring(made, compiler) if made is word \
        else compile_one_fields(made, compiler)


def _compile_declaring(word: Word, compiler: Compiler) -> Fields:
    assignment = assignment_of(word)
    if assignment is None:
        return compile_one_fields(word, compiler)
    if not is_of_text(assignment):
        from minishell.compile.array_assignments import compile_operand
        return compile_operand(assignment, compiler)
    name = assignment.name + ('+=' if assignment.append else '=')
    text = compile_text(assignment.value, compiler)
    return lambda shell, out: out.append(name + text(shell))


def plain_operands(utility: str | None, words: Sequence[Word],
                   ) -> tuple[str, list[tuple[str, Word | None]]]:
    """The operands of `local` and its like as names, and the texts that some of them get; none
    if one of them is something else, or of another utility.  Before them, the letters of
    options that give attributes."""
    letters = ''
    operands: list[tuple[str, Word | None]] = []
    if utility not in LOCALS:
        return letters, operands
    for word in words:
        name = word.literal()
        if name is not None and is_name(name):
            operands.append((name, None))
            continue
        if name is not None and name[0] == '-' and len(name) > 1 and not operands \
                and GIVING.issuperset(name[1:]):
            letters += name[1:]
            continue
        assignment = assignment_of(word)
        if assignment is None or assignment.append or not is_of_text(assignment) \
                or may_have_braces(word):
            return '', []
        operands.append((assignment.name, assignment.value))
    return letters, operands


def output_file(node: SimpleCommand) -> Redirection | None:
    """The one redirection, to a file, of a command that only writes: echo and printf."""
    if len(node.redirections) != 1 or not node.words or node.assignments \
            or node.words[0].literal() not in WRITING:
        return None
    only = node.redirections[0]
    if isinstance(only, Redirection) and only.operator in ('>', '>>', '>|') \
            and only.descriptor in (None, 1) and not may_have_braces(only.target):
        return only
    return None
