"""The lessons of the course: where their pages are, by what names they are found.

In a checkout the pages are in docs/course; what is installed has them in share/minishell/course
of its prefix (pyproject.toml, data-files), beside lib.
"""
from __future__ import annotations

import posix
from re import search

from minishell.codec import decoded
from minishell.course.common import failed
from minishell.course.objects import Made, place_of
from minishell.course.transcripts import Step, parts_of
from minishell.errors import BuiltinError, UsageError
from minishell.system import sysv
from minishell.system.blocking import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.course.transcripts import Part

PAGES, INSTALLED, PROGRAMS = 'docs/course', 'share/minishell/course', 'programs'
# By what other names, French ones above all, lessons are found.
NAMES: dict[int, tuple[str, ...]] = {
    2: ('tampon',), 3: ('pid',), 4: ('commutation', 'recouvrement'),
    5: ('arguments', 'environnement'), 6: ('statut',), 8: ('zombi',), 9: ('orphelin',),
    11: ('échec',), 12: ('états',), 13: ('segments',), 15: ('tuer',), 16: ('ignorer', 'piéger'),
    18: ('lost', 'perdu'), 19: ('synchrone', 'exception'), 20: ('alarme', 'réveil'),
    21: ('interruption',), 22: ('course-critique',), 23: ('ctrlc', 'terminal'),
    25: ('tube',), 26: ('fermer',), 27: ('dupliquer', 'redirection'), 28: ('enchaînement',),
    29: ('lire', 'écrire'), 32: ('question', 'réponse'), 33: ('tube-nommé',),
    34: ('fichiers-ouverts', 'objets'), 35: ('décalage', 'déplacement'),
    36: ('lock', 'verrou'), 39: ('sem', 'sémaphore'), 40: ('mq', 'file-de-messages'),
    41: ('shm', 'mémoire-partagée', 'segment-partagé'), 42: ('restes', 'nettoyer'),
}
# What the lessons make, by the names that the course's texts have.
OBJECTS = (('queue', '17'), ('queue', '18'), ('segment', '217'), ('segment', '218'),
           ('sem', 'lsinf1252'), ('sem', 'left'), ('sem', 's'))
USES = r'\b(mq|sem|shm|process-sem-\w+|msq\d|p1)\b'     # a typed line that is about such


class Lesson:
    """A page: its number, its name, its title and its parts."""

    __slots__ = ('number', 'name', 'title', '_path')

    def __init__(self, folder: str, file: str) -> None:
        number, _, name = file.removesuffix('.md').partition('-')
        self.number = int(number)
        self.name = name
        self._path = f'{folder}/{file}'
        self.title = self._text().partition('\n')[0].partition('. ')[2].replace('`', '')

    def _text(self) -> str:
        try:
            return decoded(read_file(self._path))
        except OSError as error:
            raise failed(self._path, error) from None

    def parts(self) -> list[Part]:
        """Its parts, in their order."""
        return parts_of(self._text())

    def typed(self) -> list[str]:
        """The lines that are typed."""
        return [part.typed for part in self.parts() if isinstance(part, Step)]

    def names(self) -> tuple[str, ...]:
        """What it is called."""
        return self.name, *NAMES.get(self.number, ())

    def programs(self) -> list[str]:
        """The pathnames of the programs that its lines name."""
        folder = programs()
        words = ' '.join(self.typed())
        return [f'{folder}/{name}' for name in files_in(folder)
                if search(rf'(?<![\w.-]){name.partition(".")[0]}(?![\w-])', words)]

    def objects(self) -> list[Made]:
        """The objects of inter-process communication that it makes, if they are there."""
        if not any(search(USES, line) for line in self.typed()):
            return []
        return [found for kind, text in OBJECTS for found in _there(kind, text)]


def _there(kind: str, text: str) -> list[Made]:
    """An object, if there is one of this name."""
    if not text.isdigit():
        path = place_of(kind, text)
        return [Made(kind, text, '')] if posix.access(path, posix.F_OK) else []
    try:
        return [Made(kind, text, f'@{facts["id"]}') for facts in sysv.table(kind)
                if facts['key'] == int(text)]
    except FileNotFoundError:           # a kernel without them
        return []


def folder_of_pages() -> str:
    """Where the pages are.  Raises BuiltinError if they are nowhere."""
    package = str(__file__).rpartition('/')[0].rpartition('/')[0]
    above = package.rpartition('/')[0]
    places = [f'{above}/{PAGES}']
    while above:
        places.append(f'{above}/{INSTALLED}')
        above = above.rpartition('/')[0]
    for place in places:
        if posix.access(f'{place}/{PROGRAMS}', posix.X_OK):
            return place
    raise BuiltinError(f'no pages of lessons: neither {PAGES} of a checkout nor {INSTALLED} '
                       'of an installation is there', 2)


def programs() -> str:
    """The folder of the lessons' programs.  Raises BuiltinError."""
    return f'{folder_of_pages()}/{PROGRAMS}'


def files_in(folder: str) -> list[str]:
    """The names of a folder's files, sorted; a compiled module's folder is none.  Raises
    BuiltinError."""
    try:
        return sorted(name for name in posix.listdir(folder) if not name.startswith('__'))
    except OSError as error:
        raise failed(folder, error) from None


def lessons() -> list[Lesson]:
    """All lessons, in their order.  Raises BuiltinError."""
    folder = folder_of_pages()
    return [Lesson(folder, file) for file in files_in(folder)
            if file[:2].isdigit() and file.endswith('.md')]


def find(name: str) -> Lesson:
    """The lesson of a number, a name, or the beginning of one.  Raises UsageError."""
    known = lessons()
    wanted = _plain(name)
    for whole in (True, False):
        found = [lesson for lesson in known if whole and str(lesson.number) == wanted or any(
            text == wanted or not whole and wanted and text.startswith(wanted)
            for text in map(_plain, lesson.names()))]
        if len(found) == 1:
            return found[0]
        if found:
            words = ', '.join(f'{lesson.number} {lesson.name}' for lesson in found)
            raise UsageError(f'{name}: more than one lesson: {words}')
    raise UsageError(f'{name}: no such lesson (demo -l lists them)')


def _plain(text: str) -> str:
    """A name as it is compared: small letters without accents."""
    from unicodedata import combining, normalize
    return ''.join(c for c in normalize('NFD', text.casefold()) if not combining(c))
