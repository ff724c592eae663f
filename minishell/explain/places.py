"""What stands at one place of a command line, in a sentence or two: for a key of the editor."""
from __future__ import annotations

from minishell.builtins.helping import RESERVED
from minishell.builtins.registry import row_of
from minishell.explain.arguments import said_of
from minishell.explain.commands import Explainer
from minishell.explain.dangers import started
from minishell.explain.descriptors import table_of
from minishell.explain.words import expansion, plain_value, shown, steps
from minishell.run.prompt import in_one_line
from minishell.syntax import nodes
from minishell.syntax.array_nodes import (
    ElementExpansion,
    IndirectExpansion,
    SubscriptsExpansion,
)
from minishell.syntax.spans import spans_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from minishell.state.shell import Shell
    from minishell.syntax.nodes import Node, Word
    from minishell.syntax.partial import Partial
    from minishell.syntax.source import Source

    Place = tuple[Node, Source]

OPERATORS = {
    '|': 'a pipe: what the left side writes the right side reads; both run at once',
    '|&': 'a pipe that standard error goes into, too: 2>&1 |',
    '&&': 'the right side runs only if the status of the left one is 0',
    '||': 'the right side runs only if the status of the left one is not 0',
    ';': 'one command after the other, whatever its status',
    '&': 'what stands before it runs in the background: the shell does not wait for it',
    ';;': 'the end of a branch of case', ';&': 'goes on with the next branch of case',
    ';;&': 'looks for another branch of case whose pattern matches',
    '(': 'a subshell: what it changes is gone behind )', ')': 'the end of a subshell, of '
    'what a function is given, or of a pattern of case', '!': 'turns the status round: 0 '
    'becomes 1, all others 0',
}
WORDS = {
    'then': 'what runs if the status is 0', 'else': 'what runs if it is not',
    'elif': 'asks once more where it is not', 'fi': 'the end of if',
    'do': 'the beginning of each turn', 'done': 'the end of the loop',
    'esac': 'the end of case',
    'in': 'what follows are words, or patterns', '{': 'commands as one, in this shell',
    '}': 'the end of {', '[[': '[[ expression ]]: tests a condition', ']]': 'the end of [[',
    '!': OPERATORS['!'],
}
KINDS = {
    'comment': 'a comment: up to the end of the line', 'continuation': 'the line goes on',
    'quote': 'a quote: what is between two of them is one word',
    'quoted': 'quoted: neither split nor matched with files',
    'escape': 'the character behind \\ stands for itself',
    'delimiter': 'where the here-document ends', 'here-document': 'lines that a command reads',
    'arithmetic': 'an expression: integers, variables without $, operators of C',
    'error': 'this cannot stand here', 'unread': 'behind an error: not looked at',
    'function': 'a function: what it runs comes behind its name',
    'variable': 'the variable that has a word in each turn',
    'alias': 'an alias',
}
WORD_LIKE = ('word', 'quote', 'quoted', 'escape', 'tilde')
PARAMETERS = (nodes.ParameterExpansion, nodes.ParameterLength, nodes.ParameterChange,
              ElementExpansion, IndirectExpansion, SubscriptsExpansion)
WHOLE: dict[str, tuple[type, ...]] = {          # what is named, rather than a part of it
    **dict.fromkeys(('redirection', 'descriptor'), (nodes.Redirection, nodes.HereDocument)),
    **dict.fromkeys(WORD_LIKE, (nodes.Word,)), 'parameter': PARAMETERS,
    'substitution': (nodes.CommandSubstitution, nodes.ProcessSubstitution)}


def said_at(shell: Shell, partial: Partial, cursor: int) -> list[str]:
    """The lines about what stands at an offset, or ends there; none if nothing does."""
    spans = [span for span in spans_of(partial) if span[2] not in ('blank', 'newline')]
    found = [span for span in spans if span[0] <= cursor < span[1]] \
        or [span for span in spans if span[1] == cursor]
    if not found:
        return []
    start, end, kind = found[0]
    text = partial.text[start:end]
    where = [place for place in partial.nodes() if _holds(partial, place, start, end)]
    explainer = Explainer(shell, partial, False)
    said = _lines(explainer, text, kind, where)
    whole = _innermost(where, *WHOLE.get(kind, ()))
    head = text if whole is None else explainer.text(*whole)
    if not said[0][:1] == head[:1] == '-':      # options name themselves
        said = [f'{head}: {said[0]}', *said[1:]]
    return list(map(in_one_line, said))


def _innermost(where: list[Place], *kinds: type) -> Place | None:
    """The innermost node of some kinds, if there is one."""
    return next((place for place in reversed(where) if isinstance(place[0], kinds)), None)


def _holds(partial: Partial, place: Place, start: int, end: int) -> bool:
    first, last = partial.extent(*place)
    return first <= start and end <= last


def _lines(explainer: Explainer, text: str, kind: str, where: list[Place]) -> list[str]:
    if kind == 'command':
        return _command(explainer, text)
    if kind == 'alias':
        return [explainer.kind(text)]
    if kind == 'operator':
        return [OPERATORS.get(text, 'an operator of the condition')]
    if kind in ('redirection', 'descriptor'):
        return _redirection(explainer, where)
    if kind == 'reserved':
        return [WORDS[text]] if text in WORDS else [*_reserved(text)]
    if kind == 'parameter':
        return _parameter(explainer, where)
    if kind == 'substitution' and (place := _innermost(where, *WHOLE[kind])) is not None:
        return [expansion(place[0])]
    if kind == 'assignment':
        return ['an assignment: no blanks around =; what comes behind it is not split']
    if kind in WORD_LIKE:
        said = _word(explainer, where)
        if said:
            return said
    return [KINDS[kind]] if kind in KINDS else ['a word']


def _command(explainer: Explainer, name: str) -> list[str]:
    said = explainer.kind(name)
    shell = explainer.shell
    if explainer.is_built_in(name) and name not in shell.functions \
            and name not in shell.known_aliases():
        return [said, row_of(name).synopsis]
    return [said]


def _reserved(text: str) -> Iterator[str]:
    synopsis, description = RESERVED.get(text, ('', 'a reserved word'))
    yield description
    if synopsis:
        yield synopsis


def _redirection(explainer: Explainer, where: list[Place]) -> list[str]:
    for node, source in reversed(where):
        if isinstance(node, nodes.HereDocument) or \
                isinstance(node, nodes.Redirection) and node.target.parts:
            return table_of(explainer.standard(), '', '', [node],
                            explainer.word_text(source)).steps
    return ['a redirection: what is behind it is missing']


def _parameter(explainer: Explainer, where: list[Place]) -> list[str]:
    place = _innermost(where, *PARAMETERS)
    if place is None:
        return ['a parameter']
    said = expansion(place[0]) or 'a parameter'
    name = getattr(place[0], 'parameter', '')
    shell = explainer.shell
    value = plain_value(shell, name) if name and name not in explainer.changed else None
    if value is None or not isinstance(place[0], nodes.ParameterExpansion):
        return [said]
    is_set = bool(value) or name.isdecimal() or shell.variables.is_set(name)
    return [f'{said} → {shown([value]) if is_set else "not set"}']


def _word(explainer: Explainer, where: list[Place]) -> list[str]:
    """What a word of a command is: an option, a signal, what it expands to, a file."""
    word = next((node for node, _ in reversed(where) if isinstance(node, nodes.Word)), None)
    if word is None:
        return []
    found: list[str] = []
    command = next((node for node, _ in reversed(where)
                    if isinstance(node, nodes.SimpleCommand)), None)
    if command is not None:
        found = _argument(explainer, started(command), word) \
            or _argument(explainer, command.words, word)
    done = steps(word)
    if done:
        values = explainer.becomes(word)
        found.append('; '.join(done) + ('' if values is None else f' → {shown(values)}'))
    what = explainer.file(word)
    if what and not found:
        found.append(what)
    name = command.words[0].literal() if command is not None and command.words else None
    return found or ([f'an argument of {name}'] if name else [])


def _argument(explainer: Explainer, command: Sequence[Word], word: Word) -> list[str]:
    """What is said of an argument of a command, if it is one of its words."""
    number = next((at for at, each in enumerate(command[1:]) if each is word), -1)
    if number < 0:
        return []
    values = [explainer.becomes(each) for each in command]
    name, *words = [each.literal() or (value or [''])[0]
                    for each, value in zip(command, values, strict=True)]
    if explainer.is_utility(name):
        known = [each[0] if each else None for each in values[1:]]
        said = said_of(explainer.shell, name, known)
        return [f'{shown}  {sentence}' if shown[:1] in ('-', '+') else sentence
                for at, shown, sentence in said if at == number]
    if not explainer.is_program(name):
        return []
    manual = explainer.manual(name)
    operand = next((at for at, each in enumerate(words) if each[:1] != '-'), number)
    if operand < number and words[operand].replace('-', '').isalnum() \
            and (page := explainer.manual(f'{name}-{words[operand]}')) is not None:
        manual, words, number = page, words[operand + 1:], number - operand - 1     # of git, …
    return [] if manual is None else [
        ' '.join(filter(None, [letter, option.argument])) + '  ' + option.sentence
        if option is not None else f'{letter}  the manual of {name} does not say'
        for at, letter, option in manual.taken_apart(words) if at == number]
