"""The colours of what is typed: the spans of the text, by our own parser, and a style each."""
from __future__ import annotations

from prompt_toolkit.layout.processors import (
    AppendAutoSuggestion,
    Transformation,
    TransformationInput,
)
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from minishell.interactive.parsing import is_command
from minishell.syntax.spans import spans_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.document import Document
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from minishell.state.shell import Shell
    from minishell.syntax.partial import Partial

    Parse = Callable[[str], Partial]

COLOURS = {             # the kinds of syntax/spans.py; those of a terminal's own palette
    'comment': 'ansibrightblack', 'operator': 'ansicyan', 'redirection': 'ansicyan',
    'descriptor': 'ansicyan', 'reserved': 'ansimagenta', 'command': 'ansiblue',
    'command.unknown': 'ansired', 'function': 'ansiblue bold', 'alias': 'ansiblue',
    'variable': 'ansigreen', 'assignment': 'ansigreen', 'parameter': 'ansigreen',
    'quote': 'ansiyellow', 'quoted': 'ansiyellow', 'escape': 'ansiyellow bold',
    'tilde': 'ansigreen', 'arithmetic': 'ansigreen', 'substitution': 'ansimagenta',
    'delimiter': 'ansicyan', 'here-document': 'ansiyellow', 'error': 'ansired underline',
    'suggestion': 'ansibrightblack', 'notice': 'ansibrightblack',
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
    return Style.from_dict({
        **rules, 'sh.chosen': 'reverse',
        'auto-suggestion': COLOURS['suggestion'] if coloured else 'dim'})


class Highlighter(Lexer):
    """Gives each line of the text its fragments; a text that has not changed is not parsed
    again."""

    def __init__(self, shell: Shell, parse: Parse) -> None:
        self._shell = shell
        self._parse = parse
        self._text: str | None = None
        self._lines: list[StyleAndTextTuples] = []
        self._known: dict[str, bool] = {}

    def forget(self) -> None:
        """Another line is about to be typed: commands may have come and gone."""
        self._known.clear()
        self._text = None

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """What stands in a line, by its number."""
        if document.text != self._text:
            self._text = document.text
            self._lines = self._styled(document.text)
        lines = self._lines
        return lambda number: lines[number] if number < len(lines) else []

    def _styled(self, text: str) -> list[StyleAndTextTuples]:
        lines: list[StyleAndTextTuples] = [[]]
        for begin, end, kind in spans_of(self._parse(text)):
            if kind == 'command' and not self._exists(text[begin:end]):
                kind = 'command.unknown'
            first, *others = text[begin:end].split('\n')
            lines[-1].append((f'class:sh.{kind}', first))
            lines += [[(f'class:sh.{kind}', line)] for line in others]
        return lines

    def _exists(self, name: str) -> bool:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = is_command(self._shell, name)
        return known
