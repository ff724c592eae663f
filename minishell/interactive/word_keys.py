"""Keys about words, as bash has them: they move by words, exchange them, change their letters,
and put in what they stand for.

A word is letters and digits, as everywhere in bash's editor; what is expanded is a word of the
shell's.
"""
from __future__ import annotations

from prompt_toolkit.buffer import CompletionState
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import emacs_insert_mode, emacs_mode, has_focus
from prompt_toolkit.key_binding import KeyBindings

from minishell.errors import ShellError
from minishell.syntax.breaking import METACHARACTERS, place_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

    from minishell.interactive.application import LineEditor
    from minishell.state.shell import Shell


def place(text: str, pos: int, count: int) -> int:
    """Where the cursor is behind so many words, or before them (negative)."""
    step = 1 if count > 0 else -1
    for _ in range(abs(count)):
        for letters in (False, True):   # what is between words, then a word
            while 0 <= (at := pos if step > 0 else pos - 1) < len(text) \
                    and text[at].isalnum() == letters:
                pos += step
    return pos


def exchanged(text: str, pos: int, count: int) -> tuple[str, int] | None:
    """The word at or before the cursor put behind so many before it (negative: the other way),
    and where the cursor is then; None where there are no two words."""
    end = place(text, pos, count)
    begin = place(text, end, -1)
    first = place(text, begin, -count)
    first_end = place(text, first, 1)
    if first > begin:
        first, first_end, begin, end = begin, end, first, first_end
    if first == begin or begin < first_end:
        return None
    return (text[:first] + text[begin:end] + text[first_end:begin] + text[first:first_end]
            + text[end:], end)


def capitalized(text: str) -> str:
    """With a capital at the beginning of each word, and no other one."""
    return ''.join([c.lower() if at and text[at - 1].isalnum() else c.upper()
                    for at, c in enumerate(text)])


LETTERS: dict[str, Callable[[str], str]] = {'u': str.upper, 'l': str.lower, 'c': capitalized}


def expanded(shell: Shell, word: str) -> str | None:
    """What a tilde or a pattern in a word stands for, as it is typed; None for nothing."""
    from minishell.builtins.candidates import path_of
    from minishell.interactive.completion import quoted
    try:
        names = [path_of(shell, word)] if word[:1] == '~' else shell.pathnames(word) or []
    except ShellError:
        return None
    text = ' '.join([quoted(name, '') for name in names])
    return text if text and text != word else None


def word_keys(editor: LineEditor, shell: Shell) -> KeyBindings:
    """These keys; those of suggestions outrank them."""
    keys = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)

    for sequence, step in ((('escape', 'f'), 1), (('c-right',), 1),
                           (('escape', 'b'), -1), (('c-left',), -1)):
        @keys.add(*sequence, filter=typing & emacs_mode)
        def move(event: KeyPressEvent, step: int = step) -> None:
            """To the end of a word, or to its beginning."""
            buffer = event.current_buffer
            buffer.cursor_position = place(buffer.text, buffer.cursor_position,
                                           step * event.arg)

    for key in LETTERS:
        @keys.add('escape', key, filter=typing & emacs_insert_mode)
        def change(event: KeyPressEvent, key: str = key) -> None:
            """The letters of words, from the cursor on."""
            buffer = event.current_buffer
            text, pos = buffer.text, buffer.cursor_position
            begin, end = sorted((pos, place(text, pos, event.arg)))
            buffer.text = text[:begin] + LETTERS[key](text[begin:end]) + text[end:]
            buffer.cursor_position = end

    @keys.add('escape', 't', filter=typing & emacs_insert_mode)
    def exchange(event: KeyPressEvent) -> None:
        """The word at the cursor with the one before it."""
        buffer = event.current_buffer
        found = exchanged(buffer.text, buffer.cursor_position, event.arg)
        if found is None:
            event.app.output.bell()
        else:
            buffer.text, buffer.cursor_position = found

    @keys.add('escape', '?', filter=typing & emacs_insert_mode)
    @keys.add('escape', '=', filter=typing & emacs_insert_mode)
    def candidates(event: KeyPressEvent) -> None:
        """The menu of what completes the word, whatever they have in common."""
        buffer = event.current_buffer
        found = editor.completions(buffer.document)
        if found:
            buffer.complete_state = CompletionState(buffer.document, found)
        else:
            event.app.output.bell()

    @keys.add('escape', '*', filter=typing & emacs_insert_mode)
    def all_candidates(event: KeyPressEvent) -> None:
        """All that completes the word, one behind the other."""
        buffer = event.current_buffer
        found = editor.completions(buffer.document)
        if found:
            buffer.delete_before_cursor(-found[0].start_position)
            buffer.insert_text(' '.join([each.text.rstrip(' ') for each in found]) + ' ')
        else:
            event.app.output.bell()

    @keys.add('escape', '&', filter=typing & emacs_insert_mode)
    @keys.add('c-x', '*', filter=typing & emacs_insert_mode)
    def expand(event: KeyPressEvent) -> None:
        """A tilde, or a pattern, replaced by what it stands for."""
        buffer = event.current_buffer
        before = buffer.document.text_before_cursor
        word = before[place_in(before, len(before), METACHARACTERS).start:]
        text = expanded(shell, word)
        if text is None:
            event.app.output.bell()
        else:
            buffer.delete_before_cursor(len(word))
            buffer.insert_text(text)
    return keys
