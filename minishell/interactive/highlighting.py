"""The colours of what is typed: the spans of the text, by our own parser, and a style each."""
from __future__ import annotations

from prompt_toolkit.layout.processors import (
    AppendAutoSuggestion,
    Transformation,
    TransformationInput,
)
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from minishell.interactive.asking import Asked
from minishell.interactive.parsing import is_known, is_there
from minishell.state.settings import is_on
from minishell.syntax.spans import spans_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from prompt_toolkit.document import Document
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from minishell.explain.marking import Mark
    from minishell.state.shell import Shell
    from minishell.syntax.partial import Partial
    from minishell.syntax.spans import Span

    Parse = Callable[[str], Partial]

COLOURS = {             # the kinds of syntax/spans.py; those of a terminal's own palette
    'comment': 'ansibrightblack', 'operator': 'ansicyan', 'redirection': 'ansicyan',
    'descriptor': 'ansicyan', 'reserved': 'ansimagenta', 'command': 'ansiblue',
    'command.unknown': 'ansired', 'function': 'ansiblue bold', 'alias': 'ansiblue',
    'variable': 'ansigreen', 'assignment': 'ansigreen', 'parameter': 'ansigreen',
    'quote': 'ansiyellow', 'quoted': 'ansiyellow', 'escape': 'ansiyellow bold',
    'tilde': 'ansigreen', 'arithmetic': 'ansigreen', 'substitution': 'ansimagenta',
    'delimiter': 'ansicyan', 'here-document': 'ansiyellow', 'error': 'ansired underline',
    'suggestion': 'ansibrightblack', 'notice': 'ansibrightblack', 'status': 'ansired',
}
MENU = {                # of what Tab has found: the terminal's own paper, the chosen in reverse
    'completion-menu': 'noinherit', 'completion-menu.completion': 'noinherit',
    'completion-menu.completion.current': 'noinherit reverse',
    'completion-menu.meta.completion': 'noinherit',
    'completion-menu.meta.completion.current': 'noinherit reverse',
    'completion-menu.multi-column-meta': 'noinherit',
    'scrollbar.background': 'noinherit', 'scrollbar.button': 'noinherit reverse',
}


LINE_END = '⏎ '         # in what is shown on one line


class ShownSuggestion(AppendAutoSuggestion):
    """The suggestion behind the text, on one line."""

    def apply_transformation(self, ti: TransformationInput) -> Transformation:
        """Append it to the last line."""
        shown = super().apply_transformation(ti)
        return Transformation([
            (fragment[0], fragment[1].replace('\n', LINE_END)) for fragment in shown.fragments])


def style(coloured: bool) -> Style:
    """The style of the editor; without colours (NO_COLOR) a suggestion alone is dim."""
    rules = {f'sh.{kind}': colour for kind, colour in COLOURS.items()} if coloured else {}
    if coloured:
        rules['completion-menu.meta.completion'] = f"noinherit {COLOURS['notice']}"
        rules['scrollbar.button'] = 'noinherit bg:ansibrightblack'
    return Style.from_dict({
        **MENU, **rules, 'sh.chosen': 'reverse', 'sh.marked': 'underline',
        'auto-suggestion': COLOURS['suggestion'] if coloured else 'dim'})


class Highlighter(Lexer):
    """Gives each line of the text its fragments, underlined what is marked; a text that has
    not changed is not parsed again."""

    def __init__(self, shell: Shell, parse: Parse, marks: Callable[[str], list[Mark]],
                 redraw: Callable[[], None]) -> None:
        self._shell = shell
        self._parse = parse
        self._marks = marks
        self._text: str | None = None
        self._spans: list[Span] = []
        self._marked: list[Mark] = []
        self._lines: list[StyleAndTextTuples] = []
        self._commands = Asked(lambda name: int(is_there(shell, name)), redraw)
        self._answers = 0               # that have come late, of what is shown

    def forget(self) -> None:
        """Another line is about to be typed: commands may have come and gone."""
        self._commands.forget()
        self._text = None

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """What stands in a line, by its number."""
        text, marked = document.text, self._marks(document.text)
        if text != self._text:
            self._spans = spans_of(self._parse(text)) if is_on(self._shell, 'highlighting') \
                else [(0, len(text), 'plain')]
        answers = self._commands.late_answers
        if (text, marked, answers) != (self._text, self._marked, self._answers):
            self._text, self._marked, self._answers = text, marked, answers
            self._lines = self._styled(text, with_marks(self._spans, marked))
        lines = self._lines
        return lambda number: lines[number] if number < len(lines) else []

    def invalidation_hash(self) -> Hashable:
        """What is asked before a text is looked at again: the marks come later than it."""
        return (id(self), is_on(self._shell, 'highlighting'), self._commands.late_answers,
                tuple(self._marks(self._text or '')))

    def _styled(self, text: str, spans: list[Span]) -> list[StyleAndTextTuples]:
        lines: list[StyleAndTextTuples] = [[]]
        for begin, end, kinds in spans:
            kind, *marked = kinds.split()
            if kind == 'command' and not self._exists(text[begin:end]):
                kind = 'command.unknown'
            style = ' '.join([f'class:sh.{each}' for each in (kind, *marked)])
            first, *others = text[begin:end].split('\n')
            lines[-1].append((style, first))
            lines += [[(style, line)] for line in others]
        return lines

    def _exists(self, name: str) -> bool:
        """Whether a word names what can be run, or a folder; true as long as that is not
        known, or if EXECIGNORE has a word in it, whose patterns want imports."""
        shell = self._shell
        return is_known(shell, name) or 'EXECIGNORE' in shell.variables.values \
            or self._commands.ask(name) != 0


def with_marks(spans: list[Span], marks: list[Mark]) -> list[Span]:
    """The spans, `marked` what is; cut where a mark begins or ends."""
    if not marks:
        return spans
    found: list[Span] = []
    for begin, end, kind in spans:
        cuts = {begin, end}
        cuts.update(cut for mark in marks for cut in mark[:2] if begin < cut < end)
        places = sorted(cuts)
        for start, stop in zip(places, places[1:], strict=False):
            inside = any(first <= start < last for first, last, _ in marks)
            found.append((start, stop, f'{kind} marked' if inside else kind))
    return found
