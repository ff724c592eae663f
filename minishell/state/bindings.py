"""What keys do in the line editor, and its variables, as `bind` keeps them (bash).

A key sequence is a text of bytes: `\\C-x` is its character 24, `\\e` 27.
"""
from __future__ import annotations

from minishell.state.linekeys import EMACS, SAME, VARIABLES, VI_COMMAND, VI_INSERT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

    Action = tuple[str, str]            # one of the three, and a name or a text
    Keymap = dict[str, Action]

FUNCTION, MACRO, COMMAND = 'function', 'macro', 'command'
ESCAPES = {'a': '\a', 'b': '\b', 'd': '\x7f', 'e': '\x1b', 'f': '\f', 'n': '\n', 'r': '\r',
           't': '\t', 'v': '\v'}
NAMED = {'del': '\x7f', 'esc': '\x1b', 'escape': '\x1b', 'lfd': '\n', 'newline': '\n',
         'ret': '\r', 'return': '\r', 'rubout': '\x7f', 'space': ' ', 'spc': ' ', 'tab': '\t'}
OCTAL, HEXADECIMAL = '01234567', '0123456789abcdefABCDEF'
KEYMAPS = {                     # name -> the key map, and what all its sequences begin with
    'emacs': ('emacs', ''), 'emacs-standard': ('emacs', ''), 'emacs-meta': ('emacs', '\x1b'),
    'emacs-ctlx': ('emacs', '\x18'), 'vi': ('vi-command', ''), 'vi-move': ('vi-command', ''),
    'vi-command': ('vi-command', ''), 'vi-insert': ('vi-insert', '')}
SHOWN = {'emacs-standard': 'emacs', 'vi-move': 'vi', 'vi-command': 'vi'}    # by `bind -v`


class Bindings:
    """The key maps, and the variables."""

    __slots__ = ('keymaps', 'settings')

    def __init__(self) -> None:
        self.keymaps = {'emacs': _emacs(), 'vi-insert': _vi_insert(),
                        'vi-command': _table(VI_COMMAND)}
        self.settings = dict(VARIABLES)

    def edit_as(self, mode: str) -> None:
        """Have the keys of vi, or those of emacs."""
        self.settings['editing-mode'] = mode
        self.settings['keymap'] = 'vi-insert' if mode == 'vi' else mode


def bindings_of(shell: Shell) -> Bindings:
    """Those of a shell, made by the first use."""
    found = shell.parts.get('bindings')
    if found is None:
        found = shell.parts['bindings'] = Bindings()
    mode = 'vi' if shell.options.vi else 'emacs' if shell.options.emacs else ''
    if mode and mode != found.settings['editing-mode']:
        found.edit_as(mode)
    return found


def _table(text: str) -> Keymap:
    keymap: Keymap = {}
    name = ''
    for word in text.split():
        if len(word) > 2 and word[-1] == ':' and word[0].islower():
            name = word[:-1]
        else:
            keymap[keys_of(word)] = FUNCTION, SAME.get(name, name)
    return keymap


def _emacs() -> Keymap:
    keymap = _table(EMACS)
    for letter in 'ABCDEFGHIJKLMNOPQRSTUVWXYZ':
        for prefix in ('\x18', '\x1b'):
            if prefix + letter != '\x1bO':      # with which other sequences begin
                keymap.setdefault(prefix + letter, (FUNCTION, 'do-lowercase-version'))
    return _inserting(keymap, 32)


def _vi_insert() -> Keymap:
    return _inserting(_table(VI_INSERT), 1)


def _inserting(keymap: Keymap, first: int) -> Keymap:
    for code in range(first, 256):
        if code not in (0x1b, 0x7f):
            keymap.setdefault(chr(code), (FUNCTION, 'self-insert'))
    return keymap


# -- key sequences as text ------------------------------------------------------------------


def keys_of(text: str) -> str:
    """The keys that text in quotes means."""
    keys: list[str] = []
    pos = 0
    while pos < len(text):
        key, pos = _key_at(text, pos)
        keys.append(key)
    return ''.join(keys)


def _key_at(text: str, pos: int) -> tuple[str, int]:
    c = text[pos]
    following = text[pos + 1:pos + 2]
    if c != '\\' or not following:
        return c, pos + 1
    if text[pos + 2:pos + 3] == '-' and following in 'CM' and pos + 3 < len(text):
        key, end = _key_at(text, pos + 3)
        return (controlled(key) if following == 'C' else chr(ord(key[-1]) | 0x80)), end
    for digits, start, most, base in ((OCTAL, pos + 1, 3, 8), (HEXADECIMAL, pos + 2, 2, 16)):
        end = start
        while end < len(text) and end < start + most and text[end] in digits:
            end += 1
        if end > start and (base == 8 or following == 'x'):
            return chr(int(text[start:end], base) & 0xFF), end
    return ESCAPES.get(following, following), pos + 2


def controlled(key: str) -> str:
    """The key together with Ctrl."""
    return '\x7f' if key == '?' else chr(ord(key[-1].upper()) & 0x1f)


def shown_keys(keys: str) -> str:
    """Keys as text that means them."""
    return ''.join(map(_shown_key, keys))


def _shown_key(key: str) -> str:
    code = ord(key)
    if key == '\x1b':
        return '\\e'
    if key == '\x7f':
        return '\\C-?'
    if code < 32:
        letter = chr(code + 64).lower()
        return '\\C-' + ('\\\\' if letter == '\\' else letter)
    if key in '"\\':
        return '\\' + key
    return f'\\{code:03o}' if 128 <= code < 256 else key
