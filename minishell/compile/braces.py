"""Words with braces -> closures: brace expansion of bash, unless `set +B` when they run."""
from __future__ import annotations

from minishell.compile.words import compile_text, magic
from minishell.errors import ExpansionError
from minishell.run.redirections import Ambiguous
from minishell.syntax.braces import MOST, TooManyWords, expand_braces
from minishell.syntax.nodes import Literal, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.compile.words import Fields, Text
    from minishell.state.shell import Shell
    from minishell.syntax.source import Source


def compile_braces(word: Word, source: Source, compile_word: Callable[[Word, Source], Fields],
                   ) -> Fields:
    """Fields: the words that a word stands for; taken apart when it is first needed."""
    compiled: list[list[str] | Fields] | None = None
    plain: Fields | None = None

    def run(shell: Shell, out: list[str]) -> None:
        nonlocal compiled, plain
        if not shell.options.braceexpand:
            if plain is None:
                plain = compile_word(word, source)
            plain(shell, out)
            return
        if compiled is None:
            compiled = _compile(word, source, compile_word)
        for piece in compiled:
            if type(piece) is list:
                out += piece
            else:
                piece(shell, out)       # type: ignore[operator]
    return run


def _compile(word: Word, source: Source, compile_word: Callable[[Word, Source], Fields],
             ) -> list[list[str] | Fields]:
    """Constants that follow each other in a list, and closures."""
    compiled: list[list[str] | Fields] = []
    for found in _words(word, source):
        if type(found) is str:
            if not magic(found):
                if not compiled or type(compiled[-1]) is not list:
                    compiled.append([])
                compiled[-1].append(found)      # type: ignore[union-attr]
                continue
            found = _word_of(found, word)
        compiled.append(compile_word(found, source))    # type: ignore[arg-type]
    return compiled


def _words(word: Word, source: Source) -> list[str | Word]:
    try:
        found = expand_braces(word, source.text)
    except TooManyWords:
        raise ExpansionError(f'brace expansion: more than {MOST} words') from None
    return [word] if found is None else found


def _word_of(text: str, word: Word) -> Word:
    return Word((Literal(text),), word.pos, word.end)


def compile_target(word: Word, source: Source) -> Text:
    """Text: the word behind a redirection operator, which may stand for one word only."""
    plain = compile_text(word, source)
    wrong = Ambiguous(source.text[word.pos:word.end])

    def run(shell: Shell) -> str:
        if not shell.options.braceexpand:
            return plain(shell)
        words = _words(word, source)
        if len(words) != 1:
            return wrong
        only = words[0]
        return only if type(only) is str else compile_text(only, source)(shell)  # type: ignore[arg-type]
    return run
