"""The names of characters for `[.name.]` (XBD 6.1, 9.3.5); loaded by the first of them."""
from __future__ import annotations

CONTROLS = ('NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK'
            ' SYN ETB CAN EM SUB ESC FS GS RS US')
PRINTABLE = (
    'space exclamation-mark quotation-mark number-sign dollar-sign percent-sign ampersand'
    ' apostrophe left-parenthesis right-parenthesis asterisk plus-sign comma hyphen period'
    ' slash zero one two three four five six seven eight nine colon semicolon less-than-sign'
    ' equals-sign greater-than-sign question-mark commercial-at')
NAMES = {
    **{name: chr(code) for code, name in enumerate(CONTROLS.split())},
    **{name: chr(32 + code) for code, name in enumerate(PRINTABLE.split())},
    'alert': '\a', 'backspace': '\b', 'tab': '\t', 'newline': '\n', 'vertical-tab': '\v',
    'form-feed': '\f', 'carriage-return': '\r', 'IS4': '\x1c', 'IS3': '\x1d', 'IS2': '\x1e',
    'IS1': '\x1f', 'DEL': '\x7f', 'hyphen-minus': '-', 'minus': '-', 'dash': '-',
    'full-stop': '.', 'solidus': '/', 'left-square-bracket': '[', 'backslash': '\\',
    'reverse-solidus': '\\', 'right-square-bracket': ']', 'circumflex': '^',
    'circumflex-accent': '^', 'underscore': '_', 'low-line': '_', 'grave-accent': '`',
    'left-brace': '{', 'left-curly-bracket': '{', 'vertical-line': '|', 'right-brace': '}',
    'right-curly-bracket': '}', 'tilde': '~',
}


def character(name: str) -> str:
    """The character of a name; '' if there is none."""
    return NAMES.get(name, '')
