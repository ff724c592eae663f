"""Compound commands in words: which of the commands in them run, when and where."""
from __future__ import annotations

from minishell.explain.descriptors import table_of
from minishell.explain.words import shown, steps
from minishell.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.explain.commands import Explainer
    from minishell.syntax.nodes import Node
    from minishell.syntax.source import Source



def _and_or(writer: Explainer, node: nodes.AndOrList, source: Source) -> None:
    titles = ['first', *('&&: only if the status before is 0' if operator == '&&' else
                         '||: only if the status before is not 0'
                         for operator in node.operators)]
    for title, command in zip(titles, node.pipelines, strict=True):
        writer.inside(command, source, title)


def _background(writer: Explainer, node: nodes.AsynchronousList, source: Source) -> None:
    writer.add('&: in the background: the shell forks, says its number and goes on; $! is its '
             'process ID' + ('' if writer.shell.options.monitor else
                             '; it ignores Ctrl-C and reads nothing'))
    writer.inside(node.command, source)


def _subshell(writer: Explainer, node: nodes.Subshell, source: Source) -> None:
    writer.inside(node.body, source, '( ): in a copy of the shell: its variables, directory '
                                     'and traps change nothing here')


def _group(writer: Explainer, node: nodes.BraceGroup, source: Source) -> None:
    writer.inside(node.body, source, '{ }: in this shell')


def _if(writer: Explainer, node: nodes.IfClause, source: Source) -> None:
    for number, (condition, body) in enumerate(node.branches):
        writer.inside(condition, source, 'elif' if number else 'if: its status decides')
        writer.inside(body, source, 'then: where it is 0')
    if node.otherwise is not None:
        writer.inside(node.otherwise, source, 'else')


def _while(writer: Explainer, node: nodes.WhileClause, source: Source) -> None:
    until = isinstance(node, nodes.UntilClause)
    title = 'until' if until else 'while'
    writer.inside(node.condition, source, f'{title}: its status decides before each turn')
    writer.inside(node.body, source, f'do: as long as it is {"not 0" if until else "0"}')


def _for(writer: Explainer, node: nodes.ForClause, source: Source) -> None:
    words = ['"$@"'] if node.words is None else [
        writer.text(word, source) for word in node.words]
    menu = isinstance(node, nodes.SelectClause)
    writer.add(f'{"select: a menu of" if menu else "for: a turn for each field of"} '
             f'{" ".join(words) or "nothing"}; {node.name} has it')
    for word in node.words or ():
        done = steps(word)
        if done:
            writer.expanded(word, source, done)
    writer.inside(node.body, source, 'do')


def _case(writer: Explainer, node: nodes.CaseClause, source: Source) -> None:
    value = writer.becomes(node.word, False)
    writer.add(f'case: the first pattern that matches {writer.text(node.word, source)}'
             + ('' if value is None else f' → {shown(value)}'))
    for item in node.items:
        ends = {';&': ', and goes on with the next branch',
                ';;&': ', and looks for another one'}.get(item.terminator, '')
        writer.inside(item.body, source, ' | '.join(
            writer.text(pattern, source) for pattern in item.patterns) + ends)


def _function(writer: Explainer, node: nodes.FunctionDefinition, source: Source) -> None:
    writer.add(f'{node.name}(): defines a function; this runs when it is called')
    writer.inside(node.body, source)


def _redirected(writer: Explainer, node: nodes.RedirectedCommand, source: Source) -> None:
    table = table_of(writer.standard(), '', writer.output, node.redirections,
                     writer.word_text(source), writer.fifos)
    for step in table.steps:
        writer.pair('', step)
    writer.pair('', table.line() + '  for all commands in it')
    writer.visit(node.command, source)


def _arithmetic_for(writer: Explainer, node: nodes.ArithmeticFor, source: Source) -> None:
    writer.inside(node.body, source, 'for (( )): the first expression once, the second before '
                                   'each turn (0 ends it), the third behind each')


def _timed(writer: Explainer, node: nodes.TimedPipeline, source: Source) -> None:
    writer.add('time: says how long it took, and the processor time of user and system')
    if node.command is not None:
        writer.inside(node.command, source)


def _coprocess(writer: Explainer, node: nodes.CoprocessCommand, source: Source) -> None:
    writer.add('coproc: in the background, a pipe to its input and one from its output: '
             '${COPROC[1]} and ${COPROC[0]}')
    writer.inside(node.command, source)


def _sentence(sentence: str) -> Callable[[Explainer, Node, Source], None]:
    return lambda writer, node, source: writer.add(sentence)


COMPOUND: dict[type, Callable[..., None]] = {
    nodes.AndOrList: _and_or,
    nodes.AsynchronousList: _background,
    nodes.Subshell: _subshell,
    nodes.BraceGroup: _group,
    nodes.IfClause: _if,
    nodes.WhileClause: _while,
    nodes.UntilClause: _while,
    nodes.ForClause: _for,
    nodes.SelectClause: _for,
    nodes.CaseClause: _case,
    nodes.FunctionDefinition: _function,
    nodes.RedirectedCommand: _redirected,
    nodes.ArithmeticFor: _arithmetic_for,
    nodes.TimedPipeline: _timed,
    nodes.CoprocessCommand: _coprocess,
    nodes.SubstitutingCommand: lambda writer, node, source: writer.visit(node.command, source),
    nodes.ConditionalCommand: _sentence('[[ ]]: a condition; its words are not split'),
    nodes.ArithmeticCommand: _sentence('(( )): an expression; 0 is false, all others true'),
    nodes.FileText: _sentence('the text of the file'),
    nodes.MalformedText: _sentence('this is no command'),
}
