"""What the keys of the line editor do, beyond what prompt_toolkit gives them."""
from __future__ import annotations

from prompt_toolkit.application.current import get_app
from prompt_toolkit.buffer import CompletionState
from prompt_toolkit.clipboard import ClipboardData, InMemoryClipboard
from prompt_toolkit.completion import Completion, get_common_complete_suffix
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import (
    Condition,
    emacs_insert_mode,
    emacs_mode,
    has_focus,
    has_selection,
    shift_selection_mode,
    vi_insert_mode,
    vi_navigation_mode,
)
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.bindings.auto_suggest import load_auto_suggest_bindings
from prompt_toolkit.key_binding.bindings.basic import load_basic_bindings
from prompt_toolkit.key_binding.bindings.emacs import (
    load_emacs_bindings,
    load_emacs_shift_selection_bindings,
)
from prompt_toolkit.key_binding.bindings.named_commands import get_by_name
from prompt_toolkit.key_binding.key_bindings import merge_key_bindings
from prompt_toolkit.keys import Keys

from minishell.interactive.parsing import is_whole
from minishell.interactive.replacing import ENDS
from minishell.interactive.screen import visible
from minishell.interactive.word_keys import place, word_keys
from minishell.run.tracing import quoted
from minishell.system.signals import SIGINT, SIGQUIT, SIGTSTP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding.key_bindings import KeyBindingsBase
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

    from minishell.interactive.application import LineEditor
    from minishell.state.shell import Shell

NEWLINE = '\n'
UNDONE = 20             # letters at once
KEYS = ('Tab completes · Up, Ctrl-R what was typed before · Ctrl-_ undo · Alt-/ suggestions · '
        'F1 what is at the cursor · F2 trace · F3 processes · F4 settings')
SIGNALS = (('c-c', SIGINT), ('c-\\', SIGQUIT), ('c-z', SIGTSTP))


# How far keys cut: forwards, or backwards (negative).
CUTS: dict[str, Callable[[Document, int], int | None]] = {
    'c-k': lambda text, count: text.get_start_of_line_position() if count < 0
    else text.get_end_of_line_position() or int(text.current_char == NEWLINE),
    'c-u': lambda text, count: text.get_start_of_line_position() or -1,
    'c-x c-h': lambda text, count: text.get_start_of_line_position(),
    'c-w': lambda text, count: text.find_start_of_previous_word(count, WORD=True)
    or -text.cursor_position,
    'escape c-h': lambda text, count: place(text.text, text.cursor_position, -count)
    - text.cursor_position,
    'escape d': lambda text, count: place(text.text, text.cursor_position, count)
    - text.cursor_position,
}


class KillRing(InMemoryClipboard):
    """What has been cut, the last first."""

    cut_last = False                    # the last key that cuts has cut something

    def join(self, text: str, before: bool) -> None:
        """Put text before or behind what was cut last."""
        last = self._ring[0].text
        self._ring[0] = ClipboardData(text + last if before else last + text)


def cut(event: KeyPressEvent) -> None:
    """Cut; what is cut in a row, by whatever keys, is put back as one."""
    buffer, ring = event.current_buffer, event.app.clipboard
    before = event.key_processor._previous_handler
    keys = ' '.join([press.key for press in event.key_sequence])
    reach = CUTS[keys](buffer.document, event.arg) or 0
    text = buffer.delete(reach) if reach > 0 else buffer.delete_before_cursor(-reach)
    if not isinstance(ring, KillRing) or not text:
        event.app.output.bell()
    elif ring.cut_last and before is not None and before.handler is cut:
        ring.join(text, reach < 0)
    else:
        ring.set_text(text)
    if isinstance(ring, KillRing):
        ring.cut_last = bool(text)


def emacs_keys() -> KeyBindingsBase:
    """The usual keys, those of emacs."""
    return merge_key_bindings([
        load_basic_bindings(), load_emacs_bindings(), load_emacs_shift_selection_bindings()])


def own_keys(editor: LineEditor, shell: Shell) -> KeyBindingsBase:
    """Ours, before which the others stand back."""
    keys = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)
    abbreviated = Condition(editor.has_abbreviations)
    empty = Condition(lambda: not get_app().current_buffer.text)

    for key, number in SIGNALS:
        @keys.add(key)
        def press(event: KeyPressEvent, number: int = number) -> None:
            """What the terminal would do, were it not for the editor's modes."""
            editor.signals.press(number)

    @keys.add('enter', filter=typing)
    def enter(event: KeyPressEvent) -> None:
        editor.replace_abbreviation()
        editor.enter()

    for key in ENDS:
        @keys.add(key, filter=typing & abbreviated & (emacs_mode | vi_insert_mode))
        def end_word(event: KeyPressEvent) -> None:
            """A character behind a word, which may be an abbreviation."""
            if not editor.replace_abbreviation():
                event.current_buffer.insert_text(event.data)

    @keys.add('c-@', filter=typing & abbreviated & (emacs_mode | vi_insert_mode))
    def blank(event: KeyPressEvent) -> None:
        """Ctrl-Space: a blank behind a word that stays as it is."""
        event.current_buffer.insert_text(' ')

    for sequence in CUTS:
        keys.add(*sequence.split(), filter=typing & emacs_mode & ~has_selection)(cut)

    @keys.add('c-o', filter=typing & emacs_mode)
    def enter_and_go_on(event: KeyPressEvent) -> None:
        """Run the command; the one that came behind it is the next line."""
        editor.enter(editor.line.newer())

    @keys.add('c-r', filter=typing & ~vi_navigation_mode)
    @keys.add('c-s', filter=typing & ~vi_navigation_mode)
    @keys.add('/', filter=typing & vi_navigation_mode)
    @keys.add('?', filter=typing & vi_navigation_mode)
    def search(event: KeyPressEvent) -> None:
        """The list of what was typed before."""
        editor.open_pager()

    @keys.add('escape', '^', filter=typing & emacs_mode)
    def expand(event: KeyPressEvent) -> None:
        """What `!!` and the like stand for."""
        expand_history(editor, shell)

    @keys.add('c-x', 'c-e', filter=typing & emacs_mode)
    @keys.add('v', filter=typing & vi_navigation_mode)
    def edit(event: KeyPressEvent) -> None:
        """The line in $VISUAL, or $EDITOR."""
        editor.do_outside(in_editor)

    keys.add('c-v', filter=typing & ~vi_navigation_mode)(get_by_name('quoted-insert'))

    @keys.add('escape', 'c-_', filter=typing & emacs_mode, save_before=lambda event: False)
    def redo(event: KeyPressEvent) -> None:
        """What Ctrl-_ has undone."""
        event.current_buffer.redo()

    @keys.add('escape', 'r', filter=typing & emacs_mode, save_before=lambda event: False)
    @keys.add('U', filter=typing & vi_navigation_mode, save_before=lambda event: False)
    def undo_all(event: KeyPressEvent) -> None:
        """The line as it was before it was changed."""
        editor.line.undo_all()

    @keys.add('escape', '<', filter=typing & emacs_mode)
    def oldest(event: KeyPressEvent) -> None:
        """The first command of all."""
        editor.line.to_oldest()

    @keys.add('escape', '>', filter=typing & emacs_mode)
    def typed(event: KeyPressEvent) -> None:
        """Back to what is typed."""
        editor.line.to_typed()

    @keys.add('escape', 'enter', filter=typing & emacs_mode)
    @keys.add('escape', 'c-j', filter=typing & emacs_mode)      # what the terminal makes of it
    def newline(event: KeyPressEvent) -> None:
        """A line more, whatever stands there; where nothing does, what was likely meant by the
        last line, if that was wrong."""
        buffer = event.current_buffer
        buffer.insert_text((not buffer.text and editor.fixed()) or '\n')

    @keys.add('<bracketed-paste>', filter=typing)
    def paste(event: KeyPressEvent) -> None:
        """What is pasted waits for Enter, however many lines it has."""
        text = pasted(event.data)
        if not event.current_buffer.text.strip():
            text = text.removeprefix('$ ')          # copied together with a prompt
        event.current_buffer.insert_text(text)
        if '\n' in text:
            editor.tell(f'{text.count(NEWLINE) + 1} lines pasted: Enter runs them')

    @keys.add('tab', filter=typing)
    def complete(event: KeyPressEvent) -> None:
        """What all candidates have in common; the menu of them, and on in it.  At once: what
        is typed next stands behind it."""
        buffer = event.current_buffer
        if buffer.complete_state is not None:
            buffer.complete_next()
            return
        found = editor.completions(buffer.document)
        common = get_common_complete_suffix(buffer.document, found)
        if len(found) == 1:
            buffer.apply_completion(found[0])
        elif common:
            buffer.insert_text(common)
        elif found:
            buffer.complete_state = CompletionState(buffer.document, found)

    @keys.add('escape', '/', filter=typing & emacs_mode)
    def suggest(event: KeyPressEvent) -> None:
        """The menu of the commands that may be meant, each with the reason."""
        buffer = event.current_buffer
        buffer.cursor_position = len(typed := buffer.text)
        found = [Completion(text[len(typed):], display=text, display_meta=reason)
                 for text, reason in editor.suggestions.ranked(typed)]
        if found:
            buffer.complete_state = CompletionState(buffer.document, found)
        else:
            editor.tell('no command begins so')

    @keys.add('escape', 'o', filter=typing & emacs_mode)
    def switch(event: KeyPressEvent) -> None:
        """Suggestions off, or on again."""
        on = editor.switch('suggestions')
        editor.tell(f'suggestions {"on" if on else "off"}')

    @keys.add('f1', filter=typing)
    def explain(event: KeyPressEvent) -> None:
        """What is at the cursor."""
        editor.explain()

    @keys.add('f2', filter=typing)
    def trace(event: KeyPressEvent) -> None:
        """Run the line, traced."""
        text = editor.line.text
        if text.strip() and is_whole(shell, text):
            editor.line.document = Document(f'trace {quoted(text)}')
            editor.enter()
        else:
            editor.tell('F2 traces a whole command')

    @keys.add('f3', filter=typing)
    def pane(event: KeyPressEvent) -> None:
        """Processes below the prompt, or none any more."""
        editor.pane.switch()

    @keys.add('s-delete', filter=typing)
    def forget(event: KeyPressEvent) -> None:
        """What is recalled or suggested is kept no longer; elsewhere it is Del."""
        text = editor.suggestions.forget(editor.line)
        if text is None:
            editor.line.delete(event.arg)
        else:
            editor.tell(f'forgotten: {visible(text)}')

    @keys.add('f4', filter=typing)
    def settings(event: KeyPressEvent) -> None:
        """The menu of settings."""
        editor.open_menu()

    @keys.add('escape', 'p', filter=typing & emacs_mode)
    @keys.add('f5', filter=typing)
    def preview(event: KeyPressEvent) -> None:
        """What the pipeline so far prints, or nothing any more."""
        editor.preview()

    @keys.add('c-d', filter=typing & empty)
    def end(event: KeyPressEvent) -> None:
        """The end of input."""
        event.app.exit(exception=EOFError())
    return merge_key_bindings([word_keys(editor, shell), plain_keys(),
                               load_auto_suggest_bindings(), keys])


def expand_history(editor: LineEditor, shell: Shell) -> None:
    """Replace the history expansions of the line."""
    from minishell.run.expandinglines import expanded
    from minishell.run.historyexpansion import HistoryExpansionError
    history, line = shell.history, editor.line
    if history is None:
        return
    try:
        text = expanded(shell, history, line.text, history.typed())[0]
    except HistoryExpansionError as error:
        editor.tell(str(error))
    else:
        line.document = Document(text)


def in_editor(shell: Shell, line: Document) -> Document:
    """The line as an editor of the user's leaves it."""
    from minishell.interactive.outside import edited
    text = edited(shell, line.text)
    return line if text == line.text else Document(text)


def plain_keys() -> KeyBindingsBase:
    """What keys do that have no meaning of their own."""
    keys = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)
    inserted = 0                        # letters, since the text was kept for undo

    def begins(event: KeyPressEvent) -> bool:
        """Whether undo stops before this letter: twenty are undone at once, as in bash."""
        nonlocal inserted
        inserted = inserted % UNDONE + 1 if event.is_repeat else 1
        return inserted == 1

    @keys.add(Keys.Any, filter=typing & (emacs_insert_mode | vi_insert_mode),
              save_before=begins)
    def insert(event: KeyPressEvent) -> None:
        """A letter."""
        event.current_buffer.insert_text(event.data * event.arg)

    @keys.add('escape', Keys.Any, filter=typing & emacs_mode)
    def unknown(event: KeyPressEvent) -> None:
        """With Alt: no text; any other key behind Esc is what it is without that."""
        last = event.key_sequence[-1]
        if event.current_buffer.selection_state is not None:
            event.current_buffer.exit_selection()
            event.key_processor.feed_multiple(event.key_sequence, first=True)
        elif len(last.key) == 1:
            event.app.output.bell()
        else:
            event.key_processor.feed(last, first=True)

    marked = typing & emacs_mode & has_selection & ~shift_selection_mode

    def behind_mark(event: KeyPressEvent) -> None:
        """What neither moves nor is about the region does what it does without one."""
        event.current_buffer.exit_selection()
        event.key_processor.feed_multiple(event.key_sequence, first=True)
    for key in (Keys.Any, 'c-h', 'delete', 'c-d', 'c-k', 'c-u', 'c-t', 'c-y', 'c-_'):
        keys.add(key, filter=marked)(behind_mark)

    @keys.add('c-x', 'c-x', filter=marked)
    def exchange(event: KeyPressEvent) -> None:
        """The cursor to the other end of the region."""
        buffer = event.current_buffer
        state = buffer.selection_state
        if state is not None:
            buffer.cursor_position, state.original_cursor_position = (
                state.original_cursor_position, buffer.cursor_position)
    return keys


def pasted(text: str) -> str:
    """A pasted text without what a terminal would take for keys, and its last newline."""
    text = text.replace('\r\n', NEWLINE).replace('\r', NEWLINE).rstrip(NEWLINE)
    return ''.join([c for c in text if c >= ' ' and c != '\x7f' or c in '\n\t'])
