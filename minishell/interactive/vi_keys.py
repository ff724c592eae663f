"""The keys of vi (`set -o vi`): those of prompt_toolkit, and what a shell's vi has besides
(XCU 3, sh, command line editing): `.`, `_`, `#`, `\\`."""
from __future__ import annotations

from collections import deque

from prompt_toolkit.application.current import get_app
from prompt_toolkit.clipboard import ClipboardData
from prompt_toolkit.filters import vi_navigation_mode
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.bindings.named_commands import get_by_name
from prompt_toolkit.key_binding.bindings.vi import (
    TextObject,
    create_text_object_decorator,
    load_vi_bindings,
)
from prompt_toolkit.key_binding.key_bindings import merge_key_bindings
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.keys import Keys

from minishell.interactive.keys import KillRing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prompt_toolkit.document import Document
    from prompt_toolkit.key_binding.key_bindings import Binding, KeyBindingsBase
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent, KeyProcessor

    from minishell.interactive.application import LineEditor

COMMON, NOWHERE = '"+*', '_'             # the register of all commands, and of none
QUOTES = '"\'`'
NO_CHANGES = frozenset('uUjkGnN+-/?v')         # whatever they do to the text


class Register:
    """The register that a command names, in whose stead it uses what was cut last."""

    def __init__(self) -> None:
        self._name = ''
        self._begun = False             # the command that named it has still to come
        self._ring = deque[ClipboardData]()     # what had been cut before
        self._given = ClipboardData()   # what it has been given for it

    def name(self, name: str) -> None:
        """A command is to use this one."""
        self.give_back()
        ring = get_app().clipboard
        if isinstance(ring, KillRing):
            self._name, self._begun, self._ring = name, True, ring._ring.copy()
            self._given = get_app().vi_state.named_registers.get(
                name.lower(), ClipboardData()) if name not in COMMON else ring.get_data()
            ring.set_data(self._given)

    def is_being_used(self) -> bool:
        """Whether the command goes on; else what it has cut is kept."""
        if self._begun:
            self._begun = False
            return True
        self.give_back()
        return False

    def give_back(self) -> None:
        """What the last command has cut is in the register that it has named."""
        ring, name = get_app().clipboard, self._name
        if name and isinstance(ring, KillRing):
            data, registers = ring.get_data(), get_app().vi_state.named_registers
            ring._ring = self._ring
            if data is self._given or name == NOWHERE:
                pass
            elif name in COMMON:
                ring.set_data(data)
            elif name.isupper() and name.lower() in registers:
                before = registers[name.lower()]
                registers[name.lower()] = ClipboardData(before.text + data.text, before.type)
            else:
                registers[name.lower()] = data
        self._name = ''


class Changes:
    """The keys of the last change, which `.` repeats and `u` undoes whole."""

    def __init__(self, editor: LineEditor, processor: KeyProcessor) -> None:
        self.last: list[KeyPress] = []
        self._editor = editor
        self._keys: list[KeyPress] | None = None    # of the command being typed
        self.register = Register()
        self._text = ''                 # before it
        call = processor._call_handler

        def noting(handler: Binding, key_sequence: list[KeyPress]) -> None:
            if self._keys is not None:
                self._keys += key_sequence
            call(handler, key_sequence)
        processor._call_handler = noting            # type: ignore[method-assign]
        processor.after_key_press += self._note

    def forget(self) -> None:
        """The command being typed gives others, which are noted in its place."""
        if self._keys is not None:
            self._keys.clear()

    def _note(self, processor: KeyProcessor) -> None:
        """A key has been pressed: a command may have ended."""
        state, text = get_app().vi_state, self._editor.line.text
        if state.input_mode != InputMode.NAVIGATION or state.operator_func is not None \
                or processor.arg is not None or processor.key_buffer:
            return                      # it goes on
        if self.register.is_being_used():
            return
        if self._keys and text != self._text and self._command() not in NO_CHANGES:
            self.last = self._keys
            self._join()
        self._keys, self._text = [], text

    def _join(self) -> None:
        """Have what a command has deleted and inserted undone as one."""
        states = self._editor.line._undo_stack
        before = [at for at, state in enumerate(states) if state[0] == self._text]
        if before:
            del states[before[-1] + 1:]

    def _command(self) -> str:
        """The first key behind the count."""
        keys = [press.key for press in self._keys or []]
        return next((key for key in keys if not key.isdigit() or key == '0'), '')


def vi_keys(editor: LineEditor, processor: KeyProcessor) -> KeyBindingsBase:
    """The keys of vi, which take a third of the start: loaded when asked for."""
    keys = KeyBindings()
    changes = Changes(editor, processor)

    @keys.add('"', Keys.Any, filter=vi_navigation_mode)
    def register(event: KeyPressEvent) -> None:
        """What the next command cuts or puts in is in this one."""
        changes.register.name(event.data)

    @keys.add('r', Keys.Any, filter=vi_navigation_mode)
    def replace(event: KeyPressEvent) -> None:
        """As many letters as there are to be replaced by another one."""
        buffer = event.current_buffer
        count = min(event.arg, len(buffer.document.current_line_after_cursor))
        if event.data.isprintable() and count:
            buffer.insert_text(event.data * count, overwrite=True)
            buffer.cursor_position -= 1
        else:
            event.app.output.bell()

    @keys.add('~', filter=vi_navigation_mode)
    def reverse_case(event: KeyPressEvent) -> None:
        """The letters at the cursor in the other case."""
        buffer = event.current_buffer
        rest = buffer.document.current_line_after_cursor
        buffer.insert_text(rest[:event.arg].swapcase(), overwrite=True)

    for key, by_blanks in (('w', False), ('W', True)):
        @keys.add('c', key, filter=vi_navigation_mode)
        def change(event: KeyPressEvent, big: bool = by_blanks) -> None:
            """`cw` leaves the blanks behind the word, unless it begins at them."""
            buffer, count = event.current_buffer, event.arg
            document = buffer.document
            if not document.current_char.isspace():
                count = document.find_next_word_ending(True, count, big) \
                    or len(document.text_after_cursor)
            event.app.clipboard.set_text(buffer.delete(count))
            event.app.vi_state.input_mode = InputMode.INSERT

    @keys.add('.', filter=vi_navigation_mode)
    def repeat(event: KeyPressEvent) -> None:
        """The last change once more."""
        changes.forget()
        event.key_processor.feed_multiple(changes.last, first=True)

    @keys.add('_', filter=vi_navigation_mode)
    def append_word(event: KeyPressEvent) -> None:
        """The last word of the command before, or the one of a number, behind the cursor."""
        entries = editor.line.history.get_strings()
        words = entries[-1].split() if entries else []
        given = event._arg is not None
        if words and event.arg <= len(words):
            buffer = event.current_buffer
            buffer.cursor_position += bool(buffer.document.current_char)
            buffer.insert_text(' ' + words[event.arg - 1 if given else -1])
            event.app.vi_state.input_mode = InputMode.INSERT

    @keys.add('\\', filter=vi_navigation_mode)
    @keys.add('=', filter=vi_navigation_mode)
    def complete(event: KeyPressEvent) -> None:
        """What Tab does behind the cursor."""
        changes.forget()
        event.key_processor.feed_multiple([KeyPress('a'), KeyPress(Keys.ControlI)], first=True)

    text_object = create_text_object_decorator(keys)
    for quote in QUOTES:
        for around in (False, True):
            @text_object('a' if around else 'i', quote, no_move_handler=True)
            def quoted(event: KeyPressEvent, quote: str = quote, around: bool = around,
                       ) -> TextObject:
                return quoted_text(event.current_buffer.document, quote, around)

    keys.add('#', filter=vi_navigation_mode)(get_by_name('insert-comment'))
    theirs = KeyBindings()
    theirs.bindings.extend(binding for binding in load_vi_bindings().bindings
                           if binding.keys[0] not in ('"', 'r'))
    return merge_key_bindings([theirs, keys])


def quoted_text(document: Document, quote: str, around: bool) -> TextObject:
    """What is between the quotes of the pair that the cursor is in, or before; without it
    nothing."""
    line, column = document.current_line, document.cursor_position_col
    places = [at for at, c in enumerate(line) if c == quote and line[at - 1:at] != '\\']
    for start, end in zip(places[::2], places[1::2], strict=False):
        if column <= end:
            return TextObject(start - column + (not around), end - column + around)
    return TextObject(0)
