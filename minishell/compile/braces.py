"""Words with braces -> closures: brace expansion of bash, unless `set +B` when they run."""
from __future__ import annotations

from minishell.errors import ExpansionError
from minishell.expand.splitting import may_be_magic
from minishell.syntax.braces import MOST, TooManyWords, expand_braces
from minishell.syntax.nodes import Literal, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.compile.compiler import Compiler
    from minishell.compile.words import Fields
    from minishell.state.shell import Shell

    CompileWord = Callable[[Word, Compiler], Fields]


def compile_braces(word: Word, compiler: Compiler, compile_word: CompileWord) -> Fields:
    """Fields: the words that a word stands for; taken apart when it is first needed."""
    compiled: list[list[str] | Fields] | None = None
    plain: Fields | None = None

    def run(shell: Shell, out: list[str]) -> None:
        nonlocal compiled, plain
        if not shell.options.braceexpand:
            if plain is None:
                plain = compile_word(word, compiler)
            plain(shell, out)
            return
        if compiled is None:
            compiled = _compile(word, compiler, compile_word)
        for piece in compiled:
            if isinstance(piece, list):
                out += piece
            else:
                piece(shell, out)
    return run


def _compile(word: Word, compiler: Compiler,
             compile_word: CompileWord) -> list[list[str] | Fields]:
    """Constants that follow each other in a list, and closures."""
    compiled: list[list[str] | Fields] = []
    for found in words_of(word, compiler):
        if isinstance(found, str):
            if not may_be_magic(found):
                last = compiled[-1] if compiled else None
                if isinstance(last, list):
                    last.append(found)
                else:
                    compiled.append([found])
                continue
            found = _word_of(found, word)
        compiled.append(compile_word(found, compiler))
    return compiled


def words_of(word: Word, compiler: Compiler) -> list[str | Word]:
    """What a word stands for: constants, and words with expansions in them."""
    try:
        found = expand_braces(word, compiler.source.text)
    except TooManyWords:
        raise ExpansionError(f'brace expansion: more than {MOST} words') from None
    return [word] if found is None else found


def _word_of(text: str, word: Word) -> Word:
    return Word((Literal(text),), word.pos, word.end)
