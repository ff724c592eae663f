"""Whether what a command needs is still there: nothing is suggested whose files are gone.

Only what is plain, of the first command of a line, is looked at, and of commands that make no
files: a line may make what it names later.
"""
from __future__ import annotations

import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

FOLDERS = frozenset(('cd', 'pushd', 'rmdir'))
READERS = frozenset((
    '.', 'bash', 'bat', 'cat', 'cmp', 'comm', 'dash', 'diff', 'du', 'file', 'gunzip', 'head',
    'hexdump', 'ldd', 'less', 'ls', 'md5sum', 'more', 'nl', 'node', 'nm', 'objdump', 'od',
    'perl', 'python', 'python3', 'readelf', 'readlink', 'rm', 'ruby', 'sh', 'sha256sum', 'sort',
    'source', 'stat', 'strings', 'tac', 'tail', 'tree', 'uniq', 'unlink', 'unzip', 'wc', 'xxd',
    'zcat'))
SEPARATORS = frozenset(';|&\n')
SPECIAL = frozenset('"\'\\$`<>(){}*?[]!#=')
GONE = (FileNotFoundError, NotADirectoryError)


def needed(text: str) -> list[str]:
    """The files and folders that a command needs, as it names them."""
    end = next((at for at, c in enumerate(text) if c in SEPARATORS), len(text))
    words: list[str] = []
    read: list[str] = []                # files behind `<`
    pieces = text[:end].replace('<<', '$').replace('< ', '<').split()
    for word in pieces:
        if not SPECIAL.isdisjoint(word[word[0] == '<':]):
            break                       # and what follows may be in quotes
        if word[0] == '<':
            read += filter(None, [word[1:]])
        else:
            words.append(word)
    if not words:
        return read
    name, operands = words[0], [word for word in words[1:] if word[0] not in '-+']
    found = [*read, name] if '/' in name else read
    if name in FOLDERS:
        return found + operands
    return found + [word for word in operands if name in READERS and '/' in word]


def paths(shell: Shell, text: str) -> list[str]:
    """The same as absolute paths, of those that are known."""
    values = shell.variables
    folder, home = values.get('PWD') or '', values.get('HOME') or ''
    found: list[str] = []
    for word in needed(text):
        if word[0] == '~':
            if home and (word + '/')[1] == '/':
                found.append(home + word[1:])
        elif word[0] == '/':
            found.append(word)
        elif folder and not values.get('CDPATH'):
            found.append(f'{folder}/{word}')
    return found


def is_gone(path: str) -> int:
    """Whether there is no such file; not if that cannot be seen."""
    try:
        posix.stat(path)
    except GONE:
        return 1
    except (OSError, ValueError):
        pass
    return 0
