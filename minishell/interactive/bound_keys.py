"""What `bind` and ~/.inputrc have said of keys: they put in a text as if it were typed
(macros), have a command run on the line (`bind -x`), or do what other keys do (functions)."""
from __future__ import annotations

import weakref
from asyncio import get_running_loop

from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import (
    emacs_mode,
    has_focus,
    vi_insert_mode,
    vi_navigation_mode,
)
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_bindings import merge_key_bindings
from prompt_toolkit.key_binding.key_processor import KeyPress, KeyPressEvent

from minishell.errors import AssignmentError, ShellError
from minishell.state.attributes import EXPORT
from minishell.syntax.names import decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding.key_bindings import Binding, KeyBindingsBase

    from minishell.interactive.application import LineEditor
    from minishell.state.bindings import Action, Keymap
    from minishell.state.shell import Shell

    Maps = dict[str, Keymap]

MODES = {'emacs': emacs_mode, 'vi-insert': vi_insert_mode, 'vi-command': vi_navigation_mode}
MOST_MACROS = 1_000     # that follow from keys read at once: one may lead to itself
LINE, POINT = 'READLINE_LINE', 'READLINE_POINT'
# Keys that do what functions do which have none by default, or another one there.
KEYS_OF = {
    'history-search-backward': '\x1b[A', 'history-search-forward': '\x1b[B',
    'history-substring-search-backward': '\x1b[A', 'history-substring-search-forward': '\x1b[B',
    'menu-complete': '\t', 'menu-complete-backward': '\x1b[Z', 'complete': '\t',
    'kill-whole-line': '\x05\x15', 'backward-kill-line': '\x18\x7f', 'accept-line': '\r',
    'edit-and-execute-command': '\x18\x05', 'previous-history': '\x1b[A',
    'next-history': '\x1b[B', 'undo': '\x1f', 'exchange-point-and-mark': '\x18\x18',
}


class BoundKeys:
    """The keys that have another meaning than by default, as of the last look."""

    def __init__(self, editor: LineEditor, shell: Shell,
                 others: Callable[[], list[KeyBindingsBase]]) -> None:
        """`others`: the keys that there are besides, the first in rank last."""
        self._editor, self._shell, self._others = editor, shell, others
        self._seen: Maps = {}
        self._keys: KeyBindings | None = None
        self._macros = 0                # since keys were read

    def keys(self) -> KeyBindings | None:
        """What there is of them."""
        return self._keys

    def look(self) -> None:
        """Whether `bind` has said anything new."""
        bindings = self._shell.parts.get('bindings')
        if bindings is None or bindings.keymaps == self._seen:
            return
        from minishell.state.bindings import Bindings
        usual: Maps = Bindings().keymaps
        self._seen = {name: dict(keymap) for name, keymap in bindings.keymaps.items()}
        self._keys = KeyBindings()
        for name, keymap in self._seen.items():
            changed = {keys: action for keys, action in keymap.items()
                       if usual[name].get(keys) != action}
            gone = dict.fromkeys(usual[name].keys() - keymap.keys())
            for keys, action in {**gone, **changed}.items():
                presses = presses_of(keys)
                if not presses:
                    continue
                # One that others begin with waits for them; but not for keys that only the
                # editor has, as those behind `z`.
                alone = not any(other.startswith(keys) for other in keymap if other != keys)
                self._keys.add(*[press.key for press in presses], eager=alone,
                               filter=has_focus(DEFAULT_BUFFER) & MODES[name])(
                    self._handler(action, usual[name]))

    def _handler(self, action: Action | None, usual: Keymap) -> Callable[[KeyPressEvent], None]:
        from minishell.state.bindings import COMMAND, MACRO
        kind, text = action or ('', '')

        def nothing(event: KeyPressEvent) -> None:
            event.app.output.bell()

        def macro(event: KeyPressEvent) -> None:
            if not self._macros:
                get_running_loop().call_soon(self._forget)
            self._macros += 1
            if self._macros < MOST_MACROS:
                event.key_processor.feed_multiple(presses_of(text), first=True)

        def command(event: KeyPressEvent) -> None:
            self._editor.do_outside(lambda shell, line: run_on(shell, line, text))

        def function(event: KeyPressEvent) -> None:
            keys = KEYS_OF.get(text) or next(
                (keys for keys, (_, name) in usual.items() if name == text), '')
            self._do(event, presses_of(keys))
        return macro if kind == MACRO else command if kind == COMMAND else \
            function if text else nothing

    def _forget(self) -> None:
        self._macros = 0

    def _do(self, event: KeyPressEvent, presses: list[KeyPress]) -> None:
        """What keys do that nobody has changed."""
        while presses:
            for length in range(len(presses), 0, -1):
                binding = self._usual([press.key for press in presses[:length]])
                if binding is not None:
                    binding.call(KeyPressEvent(
                        weakref.ref(event.key_processor), event._arg, presses[:length],
                        event.previous_key_sequence, False))
                    break
            presses = presses[length:]

    def _usual(self, keys: list[str]) -> Binding | None:
        found = [each for each in merge_key_bindings(self._others()).get_bindings_for_keys(
            tuple(keys)) if each.filter()]
        return found[-1] if found else None


def presses_of(keys: str) -> list[KeyPress]:
    """The keys that bytes are, or characters; with Meta (128) Esc and the key."""
    presses: list[KeyPress] = []
    parser = Vt100Parser(presses.append)
    for key in keys:
        parser.feed('\x1b' + chr(ord(key) & 0x7f) if '\x80' <= key <= '\xff' else key)
    parser.flush()
    return presses


def run_on(shell: Shell, line: Document, text: str) -> Document:
    """The line as a command leaves it: in READLINE_LINE, the cursor at READLINE_POINT."""
    variables, status = shell.variables, shell.status
    try:
        for name, value in ((LINE, line.text), (POINT, str(line.cursor_position))):
            variables.assign(name, value)
            variables.add_flags(name, EXPORT)
        shell.run_text(text, 'bind')
    except ShellError as error:
        shell.report(error)
    shell.status = status
    changed = variables.get(LINE)
    point = decimal(variables.get(POINT) or '')
    for name in (LINE, POINT):
        try:
            variables.unset(name)
        except AssignmentError:
            pass
    if changed is None:
        return line
    place = line.cursor_position if point is None else point
    return Document(changed, min(place, len(changed)))
