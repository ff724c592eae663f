"""The git repository around a directory: its branch, and what is under way in it.

Its files are read; git is not run.  A repository may be hostile: nothing of it is executed, no
hook, no filter, no program that its configuration names; what is no ordinary file is not
opened to be waited for, and no more than a branch's name or a commit's is shown.
"""
from __future__ import annotations

import posix

from minishell.state.search import FORMAT, REGULAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.interactive.behind import Use

MOST_BYTES = 1024                       # of a file of one line
LONGEST = 60                            # name of a branch
HEX = frozenset('0123456789abcdef')
HEADS = 'ref: refs/heads/'
UNDER_WAY = (                           # a file that is there meanwhile
    ('rebase-merge', 'rebase'), ('rebase-apply', 'rebase'), ('MERGE_HEAD', 'merge'),
    ('CHERRY_PICK_HEAD', 'cherry-pick'), ('REVERT_HEAD', 'revert'), ('BISECT_LOG', 'bisect'))


def described(folder: str, use: Use, ceilings: Sequence[str] = ()) -> str:
    """The branch, or where there is none the commit, and what is under way: `main`,
    `topic|rebase 2/5`; '' outside of repositories.  May take as long as the files do, each of
    which is read by `use`."""
    def line(path: str) -> str:
        return _line(path, use)
    try:
        place = _find(folder, line, ceilings)
    except (OSError, ValueError):
        return ''
    if not place:
        return ''
    doing = next((word for name, word in UNDER_WAY if _is_there(f'{place}/{name}')), '')
    head = line(f'{place}/HEAD')
    if doing == 'rebase':
        for name in ('rebase-merge', 'rebase-apply'):
            head = line(f'{place}/{name}/head-name').replace('refs', 'ref: refs', 1) or head
            step, last = ('msgnum', 'end') if name == 'rebase-merge' else ('next', 'last')
            numbers = line(f'{place}/{name}/{step}'), line(f'{place}/{name}/{last}')
            if all(number.isdecimal() for number in numbers):
                doing += f' {numbers[0]}/{numbers[1]}'
    if head.startswith(HEADS) and head != HEADS + '.invalid':
        shown = head[len(HEADS):]
        shown = shown[:LONGEST] + '…' * (len(shown) > LONGEST)
    elif len(head) in (40, 64) and set(head) <= HEX:
        shown = head[:8]
    else:
        return ''
    return f'{shown}|{doing}' if doing else shown


def _find(folder: str, line: Callable[[str], str], ceilings: Sequence[str]) -> str:
    """The folder `.git` of the repository that a folder is in, or what a file of this name
    points to; '' if there is none on its file system.  Raises OSError."""
    device = posix.stat(folder).st_dev
    while True:
        path = f'{folder.rstrip("/")}/.git'
        if _is_there(f'{path}/HEAD'):
            return path
        pointer = line(path)
        if pointer.startswith('gitdir: '):
            place = pointer[len('gitdir: '):]
            return place if place[:1] == '/' else f'{folder}/{place}'
        above = folder.rpartition('/')[0] or '/'
        if above == folder or above in ceilings or posix.stat(above).st_dev != device:
            return ''
        folder = above


def _is_there(path: str) -> bool:
    try:
        posix.stat(path)
    except (OSError, ValueError):
        return False
    return True


def _line(path: str, use: Use) -> str:
    """The first line of an ordinary file, if it is text; else ''."""
    try:
        fd = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC | posix.O_NONBLOCK
                        | posix.O_NOCTTY)
        return use(fd, _beginning).partition(b'\n')[0].decode()
    except (OSError, ValueError):
        return ''


def _beginning(fd: int) -> bytes:
    return posix.read(fd, MOST_BYTES) if posix.fstat(fd).st_mode & FORMAT == REGULAR else b''
