"""Pipelines, background jobs and command substitution: commands as processes.

A *stage* closure `(shell, plumbing) -> Begun` starts one command of a pipeline: spawned if it
is surely an external utility whose words can be expanded here without being noticed, forked
otherwise.
"""
from __future__ import annotations

import posix

from minishell.builtins.registry import BUILTINS, COURSE, WRITES, named
from minishell.codec import encoded
from minishell.compile.simple import (
    compile_arguments,
    compile_assignments,
    compile_specs,
    load_builtins_of,
)
from minishell.errors import AssignmentError, Jump, RedirectionError, ResourceError
from minishell.run.commands import child_environment, dispatch, finish
from minishell.run.pipelines import (
    Plumbing,
    enter_background,
    leave_coprocesses,
    run_last_here,
    start_pipeline,
    status_of,
)
from minishell.run.processes import (
    AT_GATE,
    FORK,
    NONE,
    OPENS,
    SPAWN,
    WATCHED,
    Start,
    find_program,
    fork_child,
    pids_of,
    wait_foreground,
)
from minishell.run.processes import spawn as spawn_path
from minishell.run.subshell import Collected
from minishell.run.utilities import call_builtin, load_builtin
from minishell.state.jobs import Job
from minishell.status import Finished, PipelineStatus, inverted, keeping
from minishell.syntax.nodes import (
    DoubleQuoted,
    HereDocument,
    ParameterExpansion,
    Pipeline,
    RedirectedCommand,
    SimpleCommand,
    Subshell,
    SubstitutingCommand,
    TextNode,
    TildePrefix,
)
from minishell.system.descriptors import close_owned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.compile.compiler import Compiler
    from minishell.run.pipelines import Stage
    from minishell.run.processes import Begun
    from minishell.state.shell import Action, At, Shell
    from minishell.syntax.nodes import AsynchronousList, Command, Part

    Fork = Callable[[Shell, Plumbing, Start], Begun]
    Attempt = Callable[[Shell, Plumbing], Begun | Start]    # or why it must be forked

PRINTING = named(WRITES)
OF_PROCESS = ('BASHPID', 'RANDOM')     # not the same in a child
PIPE_BUF = 4096         # what any empty pipe takes at once, and in one piece


# -- stages ---------------------------------------------------------------------------


UNNOTICED = Start(SPAWN, 'a program whose words expand without being noticed')
PRINTED = Start(NONE, 'what it prints fits into the empty pipe')
MANY_BYTES = Start(FORK, 'what it prints is more than an empty pipe is sure to take')
NO_NAME = Start(FORK, 'what it runs is known only when its words have been expanded')
BUILTIN = Start(FORK, 'a built-in utility changes only its own copy of the shell')
OWN_PATH = Start(FORK, 'it is searched for in a PATH of its own')
NOTICED = Start(FORK, 'expanding its words could change this shell')
COPY = Start(FORK, 'in a pipeline, or behind &, commands of the shell run in copies of it')
TRACED = Start(FORK, 'set -x: the copy tells what it runs')
UNSET = Start(FORK, 'set -u: the copy ends by what is not set')
FUNCTION = Start(FORK, 'a function runs in a copy of the shell')
MISSING = Start(FORK, 'it cannot be started: the copy says why, where its messages go')
UNSPAWNED = Start(FORK, 'in the background it ignores SIGINT before it runs')
NO_MEMORY = Start(FORK, 'its words take more memory than there is: to cost the copy only')


def start_of_stage(node: Command) -> Start:
    """How a command of a pipeline is started, as far as it can be said before it runs: what
    is printed may be too much, a name may be a function's."""
    if type(node) is not SimpleCommand:
        return COPY
    name = node.words[0].literal() if node.words else None
    if name is None:
        return NO_NAME
    parts: list[Part] = [part for word in node.words for part in word.parts]
    if name in PRINTING and not node.assignments and not node.redirections \
            and all(map(is_pure, parts)):
        return PRINTED
    if name in BUILTINS or name in COURSE:
        return BUILTIN
    if any(assignment.name == 'PATH' for assignment in node.assignments):
        return OWN_PATH
    parts += [part for node in node.assignments for part in node.value.parts]
    for redirection in node.redirections:
        parts += (redirection.body if isinstance(redirection, HereDocument)
                  else redirection.target).parts
    return UNNOTICED if all(map(is_pure, parts)) else NOTICED


def compile_stage(node: Command, compiler: Compiler) -> Stage:
    """Stage: start one command as a process of its own, unless it needs none."""
    start, fork = start_of_stage(node), _compile_forked(node, compiler)
    if type(node) is SimpleCommand and start is PRINTED:
        return _printed_or_forked(_compile_printed(node, compiler), fork)
    if type(node) is SimpleCommand and start is UNNOTICED:
        return _spawned_or_forked(_compile_spawned(node, compiler), fork)
    return lambda shell, plumbing: fork(shell, plumbing, start)


def _compile_forked(node: Command, compiler: Compiler) -> Fork:
    """What starts a command in a copy of the shell, and is told why."""
    compiled: Action | None = None
    reading: frozenset[str] | None = None

    def fork(shell: Shell, plumbing: Plumbing, start: Start) -> Begun:
        nonlocal compiled, reading
        if compiled is None:            # here and not in the child, which forgets it
            load_builtins_of(node)
            compiled = compiler.command(node, tail=True)
            if type(node) is not SimpleCommand:
                from minishell.compile.read_ahead import names_of
                reading = names_of(node)
        action, names = compiled, reading

        def run(shell: Shell) -> int:
            shell.substitution = plumbing.substitution
            shell.nesting += plumbing.substitution
            plumbing.connect(shell.events)
            if plumbing.background and plumbing.launch is None:
                enter_background(shell, plumbing.source is not None)
            if not plumbing.substitution:
                leave_coprocesses(shell)
            if names is not None and plumbing.source is not None:
                from minishell.compile.read_ahead import of_pipe
                shell.ahead = of_pipe(shell, names)
            return action(shell)
        return fork_child(shell, run, plumbing.launch, start, (node, compiler.source))
    return fork


def _printed_or_forked(write: Attempt, fork: Fork) -> Stage:
    def run(shell: Shell, plumbing: Plumbing) -> Begun:
        now = BUILTIN
        if plumbing.source is None and plumbing.sink is not None \
                and not plumbing.background \
                and plumbing.launch is None and not plumbing.process:
            begun = _attempted(write, shell, plumbing)
            if not isinstance(begun, Start):
                return begun
            now = begun
        return fork(shell, plumbing, now)
    return run


def _spawned_or_forked(spawn: Attempt, fork: Fork) -> Stage:
    def run(shell: Shell, plumbing: Plumbing) -> Begun:
        launch = plumbing.launch
        if shell.watched:
            now = TRACED
        elif launch is not None and launch.must_fork():
            now = AT_GATE
        elif launch is None and plumbing.background:
            now = UNSPAWNED
        else:
            begun = _attempted(spawn, shell, plumbing)
            if not isinstance(begun, Start):
                return begun
            now = begun
        return fork(shell, plumbing, now)
    return run


def _attempted(attempt: Attempt, shell: Shell, plumbing: Plumbing) -> Begun | Start:
    """What has been begun, or why it must be forked: without memory, too."""
    try:
        return attempt(shell, plumbing)
    except MemoryError:
        return NO_MEMORY


def _compile_spawned(node: SimpleCommand, compiler: Compiler) -> Attempt:
    """Stage that spawns an external utility, or gives why it must be left to a fork."""
    name = str(node.words[0].literal())
    words = compile_arguments(node.words, compiler)
    assignments = compile_assignments(node.assignments, compiler)
    specs = compile_specs(node, compiler)
    at = compiler.at(node)

    def spawn(shell: Shell, plumbing: Plumbing) -> Begun | Start:
        if name in shell.functions:
            return FUNCTION
        if shell.options.nounset:
            return UNSET
        shell.at = at
        path = find_program(shell, name)
        if path is None:
            return MISSING
        if shell.events is not None and shell.events.forks:
            return WATCHED              # where it is has been remembered
        argv: list[str] = []
        for fields in words:
            fields(shell, argv)
        environment = shell.variables.environment()
        if assignments:
            try:
                environment = child_environment(shell, assignments)
            except AssignmentError:
                return MISSING
        actions = plumbing.actions()
        if specs is not None:
            from minishell.run import redirections
            expanded = specs(shell)
            if redirections.may_block(expanded):
                return OPENS
            try:
                actions = redirections.plan(shell, expanded, actions, False)
            except RedirectionError:
                return MISSING
        try:
            return spawn_path(shell, path, argv, environment, actions, plumbing.launch,
                              UNNOTICED, (node, compiler.source))
        except OSError:
            return MISSING
        finally:
            close_owned(actions, shell.events)
    return spawn


def _compile_printed(node: SimpleCommand, compiler: Compiler) -> Attempt:
    """Stage for `echo … |` and `printf … |`: what fits the empty pipe is written into it
    before anyone reads, so that no process is needed.  Gives the writer if there is too much,
    or why it must be left to a fork."""
    name = str(node.words[0].literal())
    words = compile_arguments(node.words, compiler)
    at = compiler.at(node)

    def write(shell: Shell, plumbing: Plumbing) -> Begun | Start:
        options = shell.options
        if name in shell.functions:
            return FUNCTION
        if options.nounset or shell.watched or shell.always_fork:
            return BUILTIN
        argv: list[str] = []
        for fields in words:
            fields(shell, argv)
        if name == 'printf' and argv[1:] and argv[1][:1] == '-':
            return BUILTIN              # -v sets a variable, of the child's
        shell.at = at
        outer, shell.out = shell.out, Collected()
        values = shell.variables.values
        last = values.get('_')
        try:
            status = call_builtin(shell, load_builtin(name), argv, False)
            text = shell.out.text()
        finally:
            shell.out = outer
            values['_'] = last or ''
        data = encoded(text)
        if len(data) > PIPE_BUF:
            def run(shell: Shell) -> int:
                plumbing.connect(shell.events)
                shell.out.write(text)
                shell.at_once(shell.out.flush)
                return status
            return fork_child(shell, run, None, MANY_BYTES, (node, compiler.source))
        if data and plumbing.sink is not None:  # the reading end is still ours: no SIGPIPE
            posix.write(plumbing.sink.writing, data)
        if shell.events is not None:
            shell.events.tell('none', start=PRINTED, what=(node, compiler.source))
        return Finished(status)
    return write


def may_start_here(node: Command) -> bool:
    """Whether a pipeline's stages are such that a substitution can start them itself, not
    in a child: programs, and perhaps one that prints before them."""
    if type(node) is not Pipeline or node.negated:
        return False
    return all(
        type(command) is SimpleCommand and command.words
        and (name := command.words[0].literal()) is not None
        and (name in PRINTING and index == 0 or name not in BUILTINS and name not in COURSE)
        and all(is_pure(part) for word in command.words for part in word.parts)
        for index, command in enumerate(node.commands))


def is_pure(part: Part) -> bool:
    """Whether expanding a part changes nothing and cannot fail."""
    if isinstance(part, ParameterExpansion):
        return part.operator in ('', '-', ':-', '+', ':+', '#', '##', '%', '%%') \
            and part.parameter not in OF_PROCESS and (
            part.word is None or all(is_pure(inner) for inner in part.word.parts))
    if isinstance(part, DoubleQuoted):
        return all(is_pure(inner) for inner in part.parts)
    return isinstance(part, (TildePrefix, TextNode))


def tell_first(stages: Sequence[Stage], commands: Sequence[Command],
               compiler: Compiler) -> list[Stage]:
    """Stages of which we run the DEBUG trap here before each that is a simple command, as
    bash does; its ERR trap is not run there."""
    return [stage if (simple := simple_command(command)) is None
            else _told(stage, compiler.at(simple))
            for stage, command in zip(stages, commands, strict=True)]


def _told(stage: Stage, at: At) -> Stage:
    def run(shell: Shell, plumbing: Plumbing) -> Begun:
        from minishell.run.watching import before
        if shell.watched and not before(shell, at):
            return Finished(0)
        staged, shell.traps.staged = shell.traps.staged, at[1]
        try:
            return stage(shell, plumbing)
        finally:
            shell.traps.staged = staged
    return run


def simple_command(command: Command) -> SimpleCommand | None:
    """The simple command that it is, perhaps one with process substitutions."""
    if type(command) is SubstitutingCommand:
        command = command.command
    return command if type(command) is SimpleCommand else None


def _last_named(node: Pipeline) -> Command:
    """What bash says has failed if a pipeline has: the last command with a BASH_COMMAND."""
    for command in reversed(node.commands):
        inner = command.command if type(command) is RedirectedCommand else command
        if type(inner) is Subshell or simple_command(command) is not None:
            return command
    return node


# -- pipelines --------------------------------------------------------------------------


def compile_pipeline(node: Pipeline, compiler: Compiler, tail: bool) -> Action:
    """Action: a pipeline (XCU 2.9.2); its status is the last command's, or inverted."""
    negated = node.negated
    if len(node.commands) == 1:
        command = compiler.command(node.commands[0])

        def run_negated(shell: Shell) -> int:
            shell.condition_depth += 1          # `!` hides a failure from set -e
            try:
                return inverted(command(shell))
            except Jump as leave:
                shell.status = leave.negate()
                raise
            finally:
                shell.condition_depth -= 1
        return run_negated
    stages = [compile_stage(command, compiler) for command in node.commands]
    at = compiler.at(_last_named(node))
    last: Action | None = None          # the last command, compiled to be run here
    told: list[Stage] | None = None

    def members() -> list[str]:
        from minishell.syntax.unparse import unparse
        return [unparse(command, one_line=True) for command in node.commands]

    def run(shell: Shell) -> int:
        nonlocal last, told
        shell.at = at
        launch = shell.launch(True)
        started: Sequence[Stage] = stages
        if shell.trapped:
            started = told = told or tell_first(stages, node.commands, compiler)
        if 'lastpipe' in shell.shopts and launch is None:
            if last is None:
                last = compiler.command(node.commands[-1])
            return finished(shell, run_last_here(shell, started[:-1], last))
        try:
            begun = start_pipeline(
                shell, started, False, launch, what=(node, compiler.source))
        except ResourceError as error:
            shell.report(error)
            return finish(shell, error.status)
        statuses = wait_foreground(shell, begun, launch, node, members)
        shell.at = at
        return finished(shell, statuses)

    def finished(shell: Shell, statuses: list[int]) -> int:
        status = status_of(shell, statuses)
        if negated:
            return PipelineStatus(0 if status else 1, statuses)
        return finish(shell, PipelineStatus(status, statuses))

    def run_hidden(shell: Shell) -> int:
        shell.condition_depth += 1      # also in the stages' processes
        try:
            return run(shell)
        finally:
            shell.condition_depth -= 1
    return run_hidden if negated else run


# -- background ---------------------------------------------------------------------------


def _job_named(command: Command) -> str | None:
    """The job that `%1 &` continues."""
    if type(command) is not SimpleCommand or len(command.words) != 1:
        return None
    name = command.words[0].literal()
    return name if name is not None and name[:1] == '%' else None


def compile_asynchronous(node: AsynchronousList, compiler: Compiler, tail: bool) -> Action:
    """Action: start a command and go on (XCU 2.9.3.2)."""
    command = node.command
    commands: Sequence[Command] = (command,)
    if type(command) is Pipeline and not command.negated:
        commands = command.commands
    stages = [compile_stage(stage, compiler) for stage in commands]
    told: list[Stage] | None = None
    text = compiler.source.text[node.pos:node.end - 1].strip()
    at = compiler.at(node)

    def members() -> list[str]:
        from minishell.syntax.unparse import unparse
        return [unparse(stage, one_line=True) for stage in commands]

    named = _job_named(command)

    def run(shell: Shell) -> int:
        nonlocal told
        shell.at = at
        if named and shell.options.monitor:
            return dispatch(shell, ['bg', named], (), (), False)
        shell.signals.handle_children()
        launch = shell.launch(False)
        started: Sequence[Stage] = stages
        if shell.trapped:
            started = told = told or tell_first(stages, commands, compiler)
        try:
            pids = pids_of(start_pipeline(
                shell, started, True, launch, what=(node, compiler.source)))
        except ResourceError as error:
            shell.report(error)
            return finish(shell, error.status)
        if launch is not None:
            launch.release(shell.signals)
        if not pids:                    # the DEBUG trap has left it out
            return 0
        job = shell.jobs.add(Job(
            pids, text, launch.group if launch is not None else 0,
            shell.variables.get('PWD') or '', members if len(pids) > 1 else None))
        shell.last_background = str(pids[-1])
        if shell.interactive:
            from minishell.system.blocking import print_error
            print_error(f'[{job.number}] {pids[-1]}')
        return keeping(shell.status, 0)
    return run
