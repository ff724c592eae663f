"""The pages that lead to the lessons: the table of contents, the index, the glossary."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

COURSE = Path(__file__).resolve().parent.parent / 'docs' / 'course'
LESSONS = {int(path.name[:2]): path for path in sorted(COURSE.glob('[0-9]*.md'))}
# What the course's texts call.
PRIMITIVES = re.findall(r'\w+', """
    fork getpid getppid getpgrp setpgid execl execv exit wait waitpid WNOHANG WIFEXITED
    WEXITSTATUS WIFSIGNALED WTERMSIG kill signal sigaction SIG_DFL SIG_IGN sigprocmask
    sigpending sigsuspend pause alarm setitimer sleep siginterrupt EINTR setjmp longjmp
    sigsetjmp siglongjmp pipe dup dup2 close read write EPIPE lseek pread pwrite fsync sync
    mkfifo mknod unlink open O_NDELAY O_RDWR umask flock lockf fcntl sem_open sem_wait sem_post
    sem_close sem_unlink semget semop semctl msgget msgsnd msgrcv msgctl shmget shmat shmdt
    shmctl argv envp environ
""")


def rows(page: str) -> list[list[str]]:
    """The cells of a page's table, without its head."""
    lines = [line for line in (COURSE / page).read_text().splitlines() if line.startswith('|')]
    return [[cell.strip() for cell in line.strip('|').split('|')] for line in lines[2:]]


def linked(cell: str) -> list[int]:
    """The numbers of the lessons that a cell links to; each is that of the page."""
    found = re.findall(r'\[(\d+)\]\(([^)]*)\)', cell)
    for number, name in found:
        assert LESSONS[int(number)].name == name
    assert found
    return [int(number) for number, _ in found]


def quoted(cell: str) -> list[str]:
    return re.findall(r'`([^`]*)`', cell)


def typed(lesson: int) -> str:
    """What a lesson types, and the C and Python programs that it runs."""
    lines = re.findall(r'^\$ (.*)$', LESSONS[lesson].read_text(), re.MULTILINE)
    text = '\n'.join(lines)
    programs = re.findall(r'[\w-]+\.(?:c|py)\b', text)
    return '\n'.join([text, *((COURSE / 'programs' / name).read_text() for name in programs
                              if (COURSE / 'programs' / name).exists())])


def test_all_lessons_are_there() -> None:
    assert list(LESSONS) == list(range(1, 43))
    contents = [number for row in rows('README.md') for number in linked(row[0])]
    assert contents == list(LESSONS)


def test_every_primitive_is_in_the_index() -> None:
    named = {word for row in rows('primitives.md')
             for words in quoted(row[0]) for word in words.split()}
    assert [word for word in PRIMITIVES if word not in named] == []


def is_in(word: str, text: str) -> bool:
    """Whether a word is typed, or several in their order: `( … )`."""
    parts = '.*'.join(re.escape(part) for part in word.split('…'))
    whole = r'(?<![\w-])', r'(?![\w-])'
    return re.search(parts if not word[0].isalnum() else parts.join(whole), text) is not None


@pytest.mark.parametrize('row', rows('primitives.md'), ids=lambda row: row[0].replace('`', ''))
def test_the_index_leads_to_what_is_typed(row: list[str]) -> None:
    """Each lesson has what the row is about, and one at least the first way to do it."""
    texts = [typed(lesson) for lesson in linked(row[2])]
    words = [*quoted(row[0]), *quoted(row[1])]
    assert all(any(is_in(word, text) for word in words) for text in texts)
    assert any(is_in(quoted(row[1])[0], text) for text in texts)


def test_the_glossary_is_in_order_and_leads_to_lessons() -> None:
    table = rows('glossary.md')
    names = [row[0] for row in table]
    assert len(set(names)) == len(names) > 40
    for row in table:
        assert len(row) == 4
        assert all(row)
        linked(row[3])
