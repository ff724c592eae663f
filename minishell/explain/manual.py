"""What the manual pages say about the options of commands; no command is run for it."""
from __future__ import annotations

import posix
import re
import zlib

from minishell.codec import decoded
from minishell.explain.roff import Page
from minishell.system.blocking import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.explain.roff import Item

FOLDERS = ('/usr/local/share/man', '/usr/share/man', '/usr/local/man', '/usr/man')
SECTIONS = ('1', '8', '6', '1p', '1ssl', '7')
LONGEST = 4_000_000         # bytes of a page that is read
REGULAR, FORMAT = 0o100000, 0o170000        # S_IFREG, S_IFMT
NAMED = re.compile(r'(?<![\w\]=*/-])([-+]{1,2}(?:\[no-?\])?[A-Za-z0-9?@#%$!:.,]'
                   r'[\w.+-]*|--?(?![\w-]))'
                   r'(=\[[-+]\]\w+|\[?=?\[?(?!\))[^\s,|/\]]+\]?)?')
BEHIND = re.compile(r' +(?!or\b)([<\[]?[A-Za-z][\w.:=-]*[>\]]?|<[^>]+>)')  # an argument
# -1 (or --fast) to -9: the first and the last digit.
RANGE = re.compile(r'(?<![\w-])-(\d)(?!\w)(?: *\([^)]*\))? *(?:\.{2,3}|to|through|-) *'
                   r'-?(\d)(?!\w)')
DIGIT = re.compile(r'(?<![\w-])-#(?!\w)')              # stands for any digit
LONG_SENTENCE = 300         # characters: what is longer is cut at a word


class Option:
    """What a page says of an option: a sentence, and the name of its argument ('' if none;
    `optional`: it need not be there)."""

    __slots__ = ('sentence', 'argument', 'optional')

    def __init__(self, sentence: str, argument: str, optional: bool) -> None:
        self.sentence = sentence
        self.argument = argument
        self.optional = optional


class Manual:
    """The page of a command: what it is for, and its options by their names."""

    def __init__(self, path: str, page: Page) -> None:
        self.path = path
        self.summary = page.summary
        self.options: dict[str, Option] = {}
        for item in page.items:
            if item.tag[:1] in ('-', '+', '[') and item.text:
                sentence = first_sentence(item.text)
                for name, argument, optional in names_of(item.tag):
                    said = sentence + opposite(name, item)
                    self.options.setdefault(name, Option(said, argument, optional))
                for digit in digits_of(item.tag):
                    self.options.setdefault(f'-{digit}', Option(sentence, '', False))

    def taken_apart(self, words: list[str]) -> Iterator[tuple[int, str, Option | None]]:
        """The options among the words behind a command's name: the number of the word, the
        option as it stands there, and what is said of it; operands are left out."""
        number = 0
        while number < len(words):
            word = words[number]
            if word == '--':
                return
            if word[:1] != '-' and word[:2] not in self.options or len(word) < 2:
                number += 1
                continue
            taken = 0
            for name, option, rest in self._inside(word):
                yield number, name, option
                taken = int(option is not None and bool(option.argument)
                            and not option.optional and not rest)
            number += 1 + taken

    def _inside(self, word: str) -> Iterator[tuple[str, Option | None, str]]:
        """The options of one word: name, what is said of it, what of the word is behind it."""
        name, equals, value = word.partition('=')
        option = self.options.get(word) or self.options.get(name)
        if option is not None or word[:2] == '--':
            if option is None:                  # perhaps shortened
                found = {known.sentence: known for long, known in self.options.items()
                         if long.startswith(name)}
                option = next(iter(found.values())) if len(found) == 1 else None
            yield name, option, value if equals else ''
            return
        if word[1:].isdecimal() and (len(word) == 2 or not all(
                word[0] + digit in self.options for digit in word[1:])):
            yield word, self._number(word[0]), 'x'
            return
        for place in range(1, len(word)):
            option = self.options.get(word[0] + word[place])
            rest = word[place + 1:]
            yield word[0] + word[place], option, rest
            if option is None or option.argument:
                return


    def _number(self, sign: str) -> Option | None:
        """What is said of a number in the place of options: that of `-NUM`, or of the `-n`
        that takes one."""
        known = self.options.get(sign + 'NUM') or self.options.get('-n')
        return Option(known.sentence, '', False) if known is not None and (
            known.argument or sign + 'NUM' in self.options) else None


def digits_of(tag: str) -> range:
    """The digits that a tag names without writing them all: `-#`, `-1 (or --fast) to -9`."""
    found = RANGE.search(tag)
    if found:
        return range(int(found[1]), int(found[2]) + 1)
    return range(10) if DIGIT.search(tag) else range(0)


def names_of(tag: str) -> Iterator[tuple[str, str, bool]]:
    """The options that a tag names: each with the name of its argument, and whether that may
    be left out."""
    found: list[tuple[str, str]] = []
    for match in NAMED.finditer(tag):
        name, attached = match[1].rstrip('.,:') if len(match[1]) > 2 else match[1], match[2]
        behind = BEHIND.match(tag, match.end())
        argument = attached or (behind[1] if behind else '')
        for each in (name.replace('[no-]', ''), name.replace('[no-]', 'no-')) \
                if '[no-]' in name else (name,):
            found.append((each, argument))
    shared = next((argument for _, argument in reversed(found) if argument), '')
    for name, argument in found:
        given = re.sub(r'\[[-+]\]', '', argument or shared)
        optional = given[:1] == '['
        if optional and len(name) == 2 and not argument:
            given = ''                  # -c, --color[=WHEN]: the short one has none
        yield name, given.strip('[]<>=').lstrip('[='), optional


def opposite(name: str, item: Item) -> str:
    """What the text that -mx and -mno-x share says of the second one alone: `. -mno-x turns
    this off`; '' if this is not of that kind, or not said."""
    other = name.replace('no-', '', 1)
    if other == name or not re.search(rf'(?<![\w-]){re.escape(other)}(?![\w-])', item.tag):
        return ''
    said = re.search(rf'[.;] +((?:The )?{re.escape(name)} [^.;]+)', item.text)
    return f'. {said[1]}' if said else ''


def first_sentence(text: str) -> str:
    """The first sentence of a text."""
    for match in re.finditer(r'[.!?](?=\s+["\'(]?[A-Z=*\u2022]|\s*$)', text):
        before = text[:match.start()]
        if not re.search(r'(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|resp|No)|\b[A-Z])$', before):
            text = text[:match.end()]
            break
    text = text.strip()
    if text[-1:] == '.' and text[-2:-1] not in (' ', '.'):      # not of `starting with .`
        text = text[:-1]
    if len(text) > LONG_SENTENCE:
        text = text[:LONG_SENTENCE].rpartition(' ')[0] + ' ...'
    return text


def manual_of(name: str, folders: str | None = None) -> Manual | None:
    """The page of a command, None if there is none here.  `name` has no slash; `folders`:
    those of MANPATH, between colons, an empty one for the usual ones."""
    path = find(name, folders)
    source = None if path is None else _source(path, 3)
    return None if path is None or source is None else Manual(path, Page(source))


def commands_of(name: str) -> dict[str, str]:
    """The commands that a page lists in the form of its own name: git-add(1) is `add`; with a
    sentence each."""
    path = find(name)
    source = None if path is None else _source(path, 3)
    found: dict[str, str] = {}
    for item in () if source is None else Page(source).items:
        match = re.fullmatch(rf'{re.escape(name)}-(\S+)\(\d\w*\)', item.tag.strip())
        if match:
            found.setdefault(match[1], first_sentence(item.text))
    return found


def find(name: str, folders: str | None = None) -> str | None:
    """Where the page of a command is."""
    if not name or '/' in name or '\0' in name:
        return None
    places = [place for folder in (folders or '').split(':')
              for place in ((folder,) if folder else FOLDERS)]
    for section in SECTIONS:
        for folder in places:
            for end in ('.gz', ''):
                path = f'{folder}/man{section[0]}/{name}.{section}{end}'
                if _is_page(path):
                    return path
    return None


def _is_page(path: str) -> bool:
    try:
        found = posix.stat(path)
    except (OSError, ValueError):
        return False
    return found.st_mode & FORMAT == REGULAR and found.st_size <= LONGEST


def _source(path: str, links: int) -> str | None:
    """The text of a page; it may say to read another one instead."""
    if not _is_page(path):
        return None
    try:
        data = read_file(path)
    except OSError:
        return None
    if data[:2] == b'\x1f\x8b':
        try:
            data = zlib.decompressobj(31).decompress(data, LONGEST)
        except zlib.error:
            return None
    text = decoded(data)
    other = re.match(r'\s*\.so\s+(\S+)', text)
    if other is None:
        return text
    if not links:
        return None
    folder = path.rpartition('/')[0].rpartition('/')[0]
    for end in ('', '.gz'):
        found = _source(f'{folder}/{other[1]}{end}', links - 1)
        if found is not None:
            return found
    return None
