"""The source of manual pages, man(7) and mdoc(7), as far as lists of options need it.

A page becomes *items*: the tags of a list (`-u, --unique`) and the text below them.  What is
formatted is not: the words are what counts.
"""
from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NAMED = {
    'aq': "'", 'cq': "'", 'oq': "'", 'dq': '"', 'lq': '"', 'rq': '"', 'bu': '*', 'em': '--',
    'en': '-', 'hy': '-', 'mi': '-', 'ga': '`', 'ha': '^', 'ti': '~', 'rs': '\\', 'sl': '/',
    'ba': '|', 'bv': '|', 'co': '(C)', 'rg': '(R)', 'tm': '(TM)', '->': '->', '<-': '<-',
    '<=': '<=', '>=': '>=', '!=': '!=', 'mu': 'x', 'at': '@', 'lB': '[', 'rB': ']', 'lC': '{',
    'rC': '}', 'sh': '#', 'Do': '$', 'pl': '+', 'eq': '=', 'L"': '"', 'R"': '"', 'Aq': "'",
    'Tm': '(TM)', '--': '--', 'Lt': '<', 'Gt': '>', 'Le': '<=', 'Ge': '>=', 'Ba': '|',
}
ESCAPE = re.compile(r"""
    \\(?: f(?:\[[^]]*\]|\(..|.)                         # a font
    | s(?:[-+]?\d\d?|\[[-+]?\d+\])                      # a size
    | [mMFkg](?:\[[^]]*\]|\(..|.)                       # a colour, a mark
    | [hvwloZDLbNRSHXx]'[^']*'                          # a motion
    | \*?\[(?P<long>[^]]*)\] | \*?\((?P<two>..) | \*(?P<one>.)
    | (?P<char>.) )""", re.VERBOSE | re.DOTALL)
CHARACTERS = {'-': '-', 'e': '\\', '\\': '\\', ' ': ' ', '~': ' ', '0': ' ', 't': '\t',
              "'": "'", '`': '`', '.': '.', '"': '', 'E': '\\', '_': '_'}
ALTERNATING = {'BR', 'RB', 'BI', 'IB', 'IR', 'RI'}      # fonts in turn, no blanks between
FONTS = {'B', 'I', 'SM', 'SB', 'R', 'CW', 'Li'}
PAGE = re.compile(r'[\w.-]+\(\d\w*\)')      # the name of another page
MARK = '\x01'           # where italics begin, while a tag is being read
ITALIC = re.compile(r'\\f(?:I|2|\[I\]|\(CI)')
ATTACHED = re.compile(rf'(?<![\w-])([-+]\w){MARK}(\w[\w.-]*|<[^>]+>)')
# What stands in a hanging paragraph behind its tag, as help2man has it of what LLVM prints.
BEHIND = re.compile(r'(-.*?)\s+- +(\S.*)')
# Macros whose call ends the text of an item.
BULLETS = {'', '*', 'o', '-', '\u2022', '.'}
ENDING = {'SH', 'SS', 'Sh', 'Ss', 'PP', 'P', 'LP', 'Pp'}


def plain(text: str) -> str:
    """Text without escape sequences."""
    if '\\' not in text:
        return text

    def replaced(match: re.Match[str]) -> str:
        name = match['long'] or match['two'] or match['one']
        if name is not None:
            if name[:1] == 'u' and len(name) > 4:
                try:
                    return chr(int(name[1:], 16))
                except ValueError:
                    return ''
            return NAMED.get(name, '')
        return CHARACTERS.get(match['char'] or '', '')
    return ESCAPE.sub(replaced, text)


def tag_of(text: str) -> str:
    """A tag whose italics are marked: what is written together with an option of one letter is
    its argument (`-kfilename`), and need not be there for all that is known.  A dash is what
    docutils made of two hyphens."""
    text = re.sub(r'(?<!\S)\u2013(?=\w)', '--', text)
    return ' '.join(ATTACHED.sub(r'\1[\2]', text).replace(MARK, '').split())


def arguments(text: str) -> list[str]:
    """The arguments of a request, in double-quotes where they hold blanks."""
    found = []
    for match in re.finditer(r'"((?:[^"]|"")*)"?|((?:\\ |\\[^ ]|[^ \\])+)', text):
        quoted, bare = match.groups()
        found.append(bare if quoted is None else quoted.replace('""', '"'))
    return found


class Item:
    """An item of a list: its tags as one text, and the text below them."""

    __slots__ = ('tag', 'lines')

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.lines: list[str] = []

    @property
    def text(self) -> str:
        """The text in one line."""
        return ' '.join(' '.join(self.lines).split())


class Page:
    """What there is in a page: `summary` behind the names, and the items of its lists."""

    def __init__(self, source: str) -> None:
        self.summary = ''
        self.items: list[Item] = []
        reader = _Mdoc(self) if re.search(r'^\.\s*Dd\b', source, re.MULTILINE) else _Man(self)
        for line in _lines(source):
            reader.take(line)
        reader.end()


def _lines(source: str) -> Iterator[str]:
    """The lines that count: no comments, no definitions of macros, conditions taken as for a
    terminal."""
    skipping = ''                       # the line that ends a definition
    depth = 0                           # of braces in a condition that does not hold
    held = ''
    for line in source.split('\n'):
        if skipping:
            if line.replace(' ', '').startswith(skipping):
                skipping = ''
            continue
        if depth:
            depth += line.count('\\{') - line.count('\\}')
            continue
        line = held + line
        held = ''
        if line.endswith('\\') and not line.endswith('\\\\'):
            held = line[:-1]
            continue
        line = re.sub(r'(?<!\\)(?:\\\\)*\\["#].*', '', line)
        request = re.match(r"[.']\s*(\w+)\s*(.*)", line)
        if request is None:
            if line[:1] not in ("'", '.') or line[:3] in ('...',):
                yield line
            continue
        name, rest = request.groups()
        if name in ('de', 'de1', 'am', 'ig'):
            words = rest.split()
            skipping = '.' + (words[1] if name != 'ig' and len(words) > 1 else
                              words[0] if name == 'ig' and words else '.')
        elif name in ('if', 'ie') and re.match(r'n\s', rest):
            taken = rest[1:].strip().removeprefix('\\{').strip()
            if taken:
                yield taken
        elif name in ('if', 'ie'):
            depth = max(0, rest.count('\\{') - rest.count('\\}'))
        elif name not in ('el', 'ds', 'nr', 'tr', 'hy', 'ad', 'na', 'ne', 'ie', 'so', 'lf'):
            yield line


class _Reader:
    """The state of reading: the item whose text is being read, if any."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.item: Item | None = None
        self.in_name = False

    def begin(self, tag: str) -> None:
        """Begin an item; a tag behind a tag without text shares its text."""
        tag = tag_of(tag)
        if self.item is not None and not self.item.lines and self.page.items:
            self.item.tag += ', ' + tag
            return
        self.item = Item(tag)
        self.page.items.append(self.item)

    def add(self, text: str) -> None:
        """Text where it stands."""
        text = text.replace(MARK, '')
        if self.in_name:
            head, dash, tail = text.partition(' - ')
            if dash and not self.page.summary:
                self.page.summary = tail.strip()
        elif self.item is not None:
            self.item.lines.append(text)

    def end(self) -> None:
        """The end of the page."""


class _Man(_Reader):
    """man(7), as written by hand, by help2man, pod2man, docbook and asciidoctor."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.tag_follows = False        # behind .TP
        self.hanging = False            # behind .HP, until .IP: the tag
        self.bullet = False             # behind .IP with one: perhaps `-u: …`
        self.paragraph: list[str] = []  # since .PP or .sp: a tag, if .RS comes
        self.levels: list[Item | None] = []     # the items around each .RS

    def take(self, line: str) -> None:
        """A line."""
        request = re.match(r"[.']\s*(\w+)\s*(.*)", line)
        if request is None:
            self.text(plain(ITALIC.sub(MARK, line)))
            return
        name, rest = request.groups()
        rest = ITALIC.sub(MARK, rest)
        if name in FONTS:
            words = arguments(rest)
            if words:
                self.text(plain(' '.join(words)))
        elif name in ALTERNATING:
            words = arguments(rest)
            words[1::2] = [MARK * (name[1] == 'I') + word for word in words[1::2]]
            self.text(plain(''.join(words)))
        elif name == 'TP' or name == 'TQ':
            self.close(name == 'TQ')
            self.tag_follows = True
        elif name == 'IP':
            self.indented(arguments(rest))
        elif name == 'HP':
            self.close(False)
            self.hanging = True
            self.begin('')
        elif name in ENDING or name == 'sp':
            self.separate(name, rest)
        elif name in ('RS', 'INDENT'):          # this of docutils
            self.deeper()
        elif name in ('RE', 'UNINDENT'):
            if self.levels:
                self.item = self.levels.pop()
            self.paragraph = []

    def end(self) -> None:
        self.hang()

    def close(self, shared: bool) -> None:
        """End the item, unless the next tag shares its text."""
        self.hang()
        self.paragraph = []
        if not shared and (self.item is None or self.item.lines or not self.item.tag):
            self.item = None

    def hang(self) -> bool:
        """End a hanging paragraph; whether its text is behind its tag, in the same line."""
        found = BEHIND.fullmatch(self.item.tag) if self.hanging and self.item else None
        self.hanging = False
        if found is None or self.item is None:
            return False
        self.item.tag, text = found.groups()
        self.item.lines.append(text)
        return True

    def indented(self, words: list[str]) -> None:
        """.IP: a tag in an argument, or a paragraph that goes on."""
        tag = plain(words[0]) if words else ''
        shared = self.item is not None and not self.item.lines      # and then `-` is an option
        self.bullet = bool(words) and tag.strip() in BULLETS and not (shared and tag == '-')
        if self.hanging:
            if self.hang():
                self.item = None
        elif self.bullet:
            self.close(False)
            self.item = None
        elif tag.strip():
            self.close(False)
            self.begin(tag)
        elif self.item is None and self.paragraph:
            self.begin(' '.join(self.paragraph))
        self.paragraph = []

    def separate(self, name: str, rest: str) -> None:
        """A new section or paragraph."""
        if name in ('SH', 'SS', 'Sh', 'Ss'):
            self.in_name = plain(rest).strip('" ').upper() in ('NAME', 'NOM', 'BEZEICHNUNG')
            self.levels.clear()
        self.hang()
        if name != 'sp' or not self.levels:
            self.item = None if not self.levels else self.item
        self.paragraph = []

    def deeper(self) -> None:
        """.RS: the paragraph before it may have been a tag."""
        self.levels.append(self.item)
        tag = tag_of(' '.join(self.paragraph))
        if tag[:1] in ('-', '+') and len(tag) < 200 or PAGE.fullmatch(tag):
            self.item = None
            self.begin(tag)
        self.paragraph = []

    def text(self, text: str) -> None:
        """Text: of a tag, of an item, of a paragraph."""
        if self.tag_follows:
            if text.strip():
                self.tag_follows = False
                self.begin(text)
        elif self.hanging and self.item is not None:
            self.item.tag = tag_of(f'{self.item.tag} {text}')
        elif self.bullet and text.strip():
            self.bullet = False
            tag, colon, rest = text.partition(': ')
            if tag[:1] == '-' and colon:
                self.begin(tag)
                text = rest
            self.add(text)
        else:
            self.paragraph.append(text)
            self.add(text)


ENCLOSING = {'Op': '[]', 'Dq': '""', 'Qq': '""', 'Sq': "''", 'Pq': '()', 'Aq': '<>',
             'Bq': '[]', 'Brq': '{}', 'Ql': '``'}
SILENT_WORDS = {'Ar', 'Cm', 'Ic', 'Nm', 'Pa', 'Li', 'Sy', 'Em', 'Va', 'Ev', 'Fa', 'Fn', 'Ft',
                'Dv', 'Er', 'Ad', 'An', 'Tn', 'Ux', 'Bx', 'Fx', 'No', 'Do', 'Dc', 'Oo', 'Oc',
                'Po', 'Pc', 'Qo', 'Qc', 'So', 'Sc', 'Ao', 'Ac', 'Bo', 'Bc', 'Nx', 'Ox', 'Lk',
                'Mt', 'Bf', 'Ef', 'Vt', 'St', 'Cd', 'Ms', 'Rs', 'Re', 'D1', 'Dl'}
PUNCTUATION = {'.', ',', ':', ';', ')', ']', '?', '!', '|'}


class _Mdoc(_Reader):
    """mdoc(7), of the BSDs."""

    def take(self, line: str) -> None:
        """A line."""
        request = re.match(r'\.\s*(\w+)\s*(.*)', line)
        if request is None:
            self.add(plain(line))
            return
        name, rest = request.groups()
        if name == 'It':
            if self.item is None or self.item.lines:
                self.item = None
            self.begin(inline(arguments(rest)))
        elif name in ('Sh', 'Ss'):
            self.in_name = rest.strip().upper() == 'NAME'
            self.item = None
        elif name == 'Nd':
            self.page.summary = plain(rest).strip()
        elif name == 'El':
            self.item = None
        elif name not in ('Bl', 'Pp', 'Bd', 'Ed', 'Dd', 'Dt', 'Os', 'Xo', 'Xc', 'Bk', 'Ek'):
            self.add(inline([name, *arguments(rest)]))


def inline(words: list[str]) -> str:
    """The text of a line of mdoc whose words may be macros."""
    pieces: list[str] = []
    closing: list[str] = []
    joined = False                      # Ns: no blank before what follows
    flags = 0
    for number, word in enumerate(words):
        if word in ENCLOSING:
            pieces.append(('' if joined else ' ') + ENCLOSING[word][0])
            closing.append(ENCLOSING[word][1])
            joined = True
        elif word in ('Ns', 'Pf', 'Ap'):
            joined = True
        elif word == 'Fl':
            flags += 1
            if number + 1 == len(words) or words[number + 1] in PUNCTUATION:
                pieces.append(('' if joined else ' ') + '-' * flags)
                flags = 0
        elif word == 'Xr':
            continue
        elif word not in SILENT_WORDS:
            text = '-' * flags + plain(word)
            pieces.append(text if joined or word in PUNCTUATION and not flags else ' ' + text)
            joined, flags = word in ('(', '['), 0
    return (''.join(pieces) + ''.join(reversed(closing))).strip()
